"""Reading a file of a deck's folder: a regular one, reached through real folders only.

A link, a device or a pipe in a pull request could bring any file of the machine into a package,
or never end. So each part of a path is looked at before anything is opened, and opened from the
folder that was looked at: nobody can swap one for a link in between.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without waiting: a pipe that nobody writes to would hold the build for ever."""
_FOLDER = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_DIRECTORY", 0)
_BY_HANDLE = bool(_NO_FOLLOW) and {os.open, os.stat} <= os.supports_dir_fd
"""Whether a file can be opened from the handle of its folder: everywhere but on Windows."""


class NotReadError(Exception):
    """A file that is not read; the text says of it why, as "is a symbolic link"."""


class TooLargeError(NotReadError):
    """A file with more bytes than are wanted."""


def read_inside(root: Path, relative: PurePosixPath, most: int | None = None) -> bytes:
    """The bytes of a regular file below a folder, which is followed wherever it is itself.

    Raises:
        NotReadError: where it is no regular file, or a part of its path no real folder.
        TooLargeError: where it has more than ``most`` bytes.
    """
    if relative.is_absolute() or ".." in relative.parts or not relative.parts:
        raise NotReadError("is not inside the deck")
    try:
        return _read(_open(root, relative.parts), most)
    except (OSError, ValueError) as error:
        raise NotReadError(f"cannot be read ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else ""
    return strerror or "its name is none that a system can hold"


def _open(root: Path, parts: tuple[str, ...]) -> int:
    if not _BY_HANDLE:
        return _open_by_path(root, parts)
    folder = os.open(root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for part in parts[:-1]:
            _look(os.stat(part, dir_fd=folder, follow_symlinks=False), folder=True)
            inner = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        _look(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False))
        return os.open(parts[-1], _FILE, dir_fd=folder)
    finally:
        os.close(folder)


def _open_by_path(root: Path, parts: tuple[str, ...]) -> int:
    """The same with paths, where there are no handles of folders."""
    path = root
    for part in parts[:-1]:
        path = path / part
        _look(path.lstat(), folder=True)
    path = path / parts[-1]
    seen = path.lstat()
    _look(seen)
    handle = os.open(path, _FILE)
    if not os.path.samestat(seen, os.fstat(handle)):
        os.close(handle)
        raise NotReadError("was another file a moment ago")
    return handle


def _look(found: os.stat_result, *, folder: bool = False) -> None:
    """Refuse what is not a folder, or not a regular file."""
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFLNK:
        raise NotReadError("is a symbolic link" if not folder else "lies behind a symbolic link")
    if folder and kind != stat.S_IFDIR:
        raise NotReadError("does not lie in a folder")
    if not folder and kind == stat.S_IFDIR:
        raise NotReadError("is a folder")
    if not folder and kind != stat.S_IFREG:
        raise NotReadError("is no regular file")


def _read(handle: int, most: int | None) -> bytes:
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        _look(found)
        if most is None:
            return file.read()
        data = file.read(most + 1) if found.st_size <= most else b""
        if found.st_size > most or len(data) > most:
            size = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most >> 10} KB"
            raise TooLargeError(f"has more than {size}")
        return data
