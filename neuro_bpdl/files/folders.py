"""A new folder that is whole or not there."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neuro_bpdl.errors import FolderInUse, InvalidInput, NotWritten
from neuro_bpdl.files.locking import FolderLock
from neuro_bpdl.files.writing import hidden_name, sweep


class NewFolder:
    """A hidden folder, locked, that `publish` gives its name.

    Attributes
    ----------
    path : Path
        Where it is now.
    lock : FolderLock
    """

    def __init__(self, out: Path, argument: str) -> None:
        self.out, self._argument, self.published = out, argument, False
        self._parent = next(folder for folder in out.absolute().parents if folder.exists())
        sweep(self._parent / out.name)
        self.path = hidden_name(self._parent / out.name)
        self.lock = FolderLock(self.path)

    def make(self) -> None:
        """Make it, hidden and locked; `remove` takes away whatever of it there is, wherever a signal has come.

        Raises
        ------
        NotWritten
            The place cannot be written.
        """
        while True:
            try:
                self.path.mkdir()
                self.lock.take()
                return
            except FolderInUse:
                self.path = self.lock.folder = hidden_name(self._parent / self.out.name)  # somebody swept that one
            except (OSError, ValueError, NotWritten) as error:
                raise NotWritten(self.out, error, self._argument) from None

    def publish(self) -> None:
        """Give the folder its name; it stays locked.

        Raises
        ------
        NotWritten
            The place cannot be written.
        InvalidInput
            Somebody has made it meanwhile.
        """
        try:
            self.out.parent.mkdir(parents=True, exist_ok=True)
            self.path.rename(self.out)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR) and os.path.lexists(self.out):
                require_new(self.out, self._argument)
            raise NotWritten(self.out, error, self._argument) from None
        self.path = self.lock.folder = self.out
        self.published = True

    def remove(self) -> None:
        """Take the folder away again, published or not; another's of that name stays."""
        if self.lock.mine or self.path != self.out:
            shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Let the folder go, also where a signal came right after it got its name."""
        if self.lock.held and not self.lock.mine:
            self.lock.folder = self.out
        self.lock.release()


@contextmanager
def new_folder(out: str | Path, argument: str = "out") -> Iterator[NewFolder]:
    """A folder that appears at ``out`` when the block ends well, and nothing otherwise.

    Raises
    ------
    InvalidInput
        ``out`` exists.
    NotWritten
        Its place cannot be written.
    """
    path = Path(out)
    require_new(path, argument)
    folder = NewFolder(path, argument)
    try:
        folder.make()
        yield folder
        if not folder.published:
            folder.publish()
    except OSError as error:
        raise NotWritten(path, error, argument) from None
    finally:
        if folder.published:
            folder.release()
        else:
            folder.remove()


def require_new(path: Path, argument: str = "out", mend: str = "remove it or choose another name") -> None:
    """Refuse a path that exists, or that can't be one.

    Raises
    ------
    InvalidInput
    """
    try:
        exists = os.path.lexists(path)
        os.stat(path)
    except FileNotFoundError:
        exists = os.path.lexists(path)
    except (OSError, ValueError) as error:  # too long, a NUL byte, below a file, a loop of links
        if getattr(error, "errno", None) == errno.ENOTDIR:
            raise InvalidInput(argument, str(path), "a place in a folder", "a part of it is a file") from None
        said = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(argument, str(path), "a name that the system takes", f"{said}: choose another") from None
    if exists:
        raise InvalidInput(argument, str(path), "a name that does not exist yet", mend)


def quoted(path: object) -> str:
    """A path as a shell takes it, for hints that are to be copied."""
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)  # else the shell's word is an option


def next_free(path: Path) -> Path:
    """``path``, or the first of path-2, path-3, … that does not exist."""
    if not path.exists():
        return path
    for number in range(2, 10_000):
        candidate = path.with_name(f"{path.name}-{number}")
        if not candidate.exists():
            return candidate
    raise InvalidInput("--out", str(path), "a new folder", "10000 folders of this name exist: remove some")
