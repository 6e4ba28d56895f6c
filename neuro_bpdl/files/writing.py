"""Bytes in their place: whole, on the disk, with the permissions that the user's umask says, or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from neuro_bpdl.errors import NotWritten
from neuro_bpdl.files.locking import flocked, take_if_free

_LONGEST = 200  # bytes of a name that a temporary one may repeat: file systems allow 255


def write_bytes(path: Path, content: bytes, owned: Callable[[], None] | None = None) -> None:
    """Replace ``path`` by a file with ``content``, or leave it as it was.

    Parameters
    ----------
    owned : callable, optional
        Raises when the folder is not the caller's any more. It is asked once
        everything is ready, and what follows is done in the folder that was
        open by then, whatever has its name meanwhile: a process that sleeps
        between any two steps cannot write into a folder that was made anew.

    Raises
    ------
    NotWritten
        The place cannot be written, or has no room.
    """
    sweep(path)
    folder, descriptor = -1, -1
    names: list[str] = []
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        descriptor = _new_file(path, folder, names)
        _write_all(descriptor, content)
        os.fsync(descriptor)
        if owned is not None:
            owned()
        os.replace(names[-1], path.name, src_dir_fd=folder, dst_dir_fd=folder)
        with suppress(OSError):  # the rename lasts through a power cut, where folders can be synchronised
            os.fsync(folder)
    except (OSError, ValueError) as error:
        raise NotWritten(path, error) from None
    finally:
        for name in names:
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)
        for opened in (descriptor, folder):
            if opened >= 0:
                os.close(opened)


def write_text(path: Path, text: str, owned: Callable[[], None] | None = None) -> None:
    """`write_bytes` of UTF-8."""
    write_bytes(path, text.encode("utf-8"), owned)


def hidden_name(path: Path) -> Path:
    """A new name beside ``path`` that `sweep` knows as temporary."""
    return path.with_name(f".{_stem(path)}.{secrets.token_hex(4)}")


def sweep(path: Path) -> int:
    """Remove what killed processes left of writing ``path`` (files and folders); return how many.

    What a living process writes just now is locked, and stays.
    """
    return _swept(path.parent, re.escape(_stem(path)))


def sweep_all(folder: Path) -> int:
    """The same for whatever was being written in ``folder``, under any name."""
    return _swept(folder, ".+")


def _swept(folder: Path, stem: str) -> int:
    pattern = re.compile(rf"\.{stem}\.[0-9a-z_]{{8}}\Z")
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if pattern.match(entry.name)]
    except (OSError, ValueError):
        return 0
    return sum(_removed(leftover) for leftover in found)


def _stem(path: Path) -> str:
    raw = os.fsencode(path.name)
    return path.name if len(raw) <= _LONGEST else hashlib.sha256(raw).hexdigest()[:16]


def _new_file(path: Path, folder: int, names: list[str]) -> int:
    """A locked temporary file in an open folder, for ``path``; ``open`` applies the umask.

    Its name is told before it is there: a signal may come before this returns.
    """
    while True:
        names.append(hidden_name(path).name)
        descriptor = os.open(names[-1], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder)
        if flocked(descriptor) and _is_there(names[-1], folder):
            return descriptor
        os.close(descriptor)  # somebody swept it between those two lines


def _is_there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _removed(leftover: Path) -> bool:
    if leftover.is_dir() and not leftover.is_symlink():
        lock = take_if_free(leftover)
        if lock is None:
            return False
        shutil.rmtree(leftover, ignore_errors=True)
        lock.release()
        return True
    try:
        descriptor = os.open(leftover, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if flocked(descriptor):
            os.unlink(leftover)
            return True
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return False
