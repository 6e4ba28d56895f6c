"""Who owns a folder: a lock file that the system lets go when its owner dies.

The lock is ``flock`` on ``.lock`` in the folder, so that ``kill -9`` leaves it
free. The file says who holds it, for the message; and whoever is about to
write looks whether the file is still its own, because a folder can be removed
and made again while a stopped process sleeps. Where a file system has no
``flock``, the owner's process number and start time decide.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
import time
from contextlib import suppress
from pathlib import Path

from neuro_bpdl.errors import CheckpointError, FolderInUse, NotWritten

try:
    import fcntl
except ImportError:  # not a POSIX system: the record in the file decides alone
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"
_NO_FLOCK = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
_DYING = 2.0  # seconds: children of a killed owner end a moment after it
_TIDYING = 0.3  # seconds: who only tidies up has it for a moment


class FolderLock:
    """The lock on one folder; `take` it, `require` it before every write, `release` it.

    Parameters
    ----------
    folder : Path
        May be renamed while the lock is held: set `folder` to the new name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._descriptor = -1
        self._record = ""

    @property
    def held(self) -> bool:
        """Whether `take` succeeded and `release` has not been called."""
        return self._descriptor >= 0

    def take(self) -> None:
        """Lock the folder, or say who has it.

        Raises
        ------
        FolderInUse
            Another process, or another part of this one, owns the folder.
        NotWritten
            No file can be written there.
        """
        began = time.monotonic()
        while not self._try():
            holder = _holder(self.folder)
            if time.monotonic() - began > (_TIDYING if holder.alive else _DYING):
                raise FolderInUse(
                    f"{self.folder}: is in use by {holder.text}; wait until it has ended, or end it"
                    + (f" (kill {holder.pid}; it is stopped: kill -CONT {holder.pid} lets it go on)"
                       if holder.stopped else f" (kill {holder.pid})" if holder.pid else "")
                )  # fmt: skip
            time.sleep(0.02)

    @property
    def mine(self) -> bool:
        """Whether the folder of that name is still the one that was locked."""
        try:
            return self.held and (self.folder / LOCK).read_text(encoding="utf-8") == self._record
        except (OSError, ValueError):
            return False

    def require(self) -> None:
        """Refuse to go on once somebody else has made or taken the folder.

        Raises
        ------
        CheckpointError
        """
        if not self.mine:
            raise CheckpointError(
                f"{self.folder}: is not this training's any more (removed, or another one went on with it); "
                "this one stops and has changed nothing in it"
            )

    def release(self) -> None:
        """Let the folder go; nothing stays in it. Harmless when repeated."""
        if not self.held:
            return
        with suppress(OSError):
            if _same(self._descriptor, self.folder / LOCK):
                os.unlink(self.folder / LOCK)
        os.close(self._descriptor)
        self._descriptor = -1

    def _try(self) -> bool:
        try:
            descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise NotWritten(self.folder, error) from None
        if not (_locked(descriptor, self.folder) and _same(descriptor, self.folder / LOCK)):
            os.close(descriptor)
            return False
        self._record = json.dumps({
            "pid": os.getpid(), "started": _started(os.getpid()), "host": socket.gethostname(),
            "token": secrets.token_hex(8),
        })  # fmt: skip
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, self._record.encode("utf-8"), 0)
        except OSError as error:
            os.unlink(self.folder / LOCK)
            os.close(descriptor)
            raise NotWritten(self.folder, error) from None
        self._descriptor = descriptor
        return True


def take_if_free(folder: Path) -> FolderLock | None:
    """The lock on a folder that nobody uses, or None."""
    lock = FolderLock(folder)
    try:
        return lock if lock._try() else None
    except NotWritten:
        return None


def flocked(descriptor: int) -> bool:
    """Lock an open file for this process without waiting; True too where there are no such locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _NO_FLOCK
    return True


def _locked(descriptor: int, folder: Path) -> bool:
    """Whether the open lock file is ours now."""
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError as error:
            if error.errno not in _NO_FLOCK:
                return False
    return not _holder(folder).alive


def _same(descriptor: int, path: Path) -> bool:
    """Whether an open file still has that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False


class _Holder:
    """Who a lock file says holds it."""

    def __init__(self, pid: int = 0, started: str = "", host: str = "") -> None:
        self.pid, self._host = pid, host
        self._here = host == socket.gethostname()
        self.alive = bool(pid) and (not self._here or (bool(started) and _started(pid) == started))
        self.stopped = self.alive and self._here and _state(pid) == "T"

    @property
    def text(self) -> str:
        """For a message."""
        where = "" if self._here or not self._host else f" on {self._host}"
        return f"process {self.pid}{where}" if self.pid else "another process"


def _holder(folder: Path) -> _Holder:
    try:
        record = json.loads((folder / LOCK).read_bytes())
        return _Holder(int(record["pid"]), str(record["started"]), str(record["host"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return _Holder()


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot: tells it from a later one of the same number."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def _state(pid: int) -> str:
    fields = _stat(pid)
    return fields[0].upper() if fields else ""


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
