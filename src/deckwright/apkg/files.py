"""Writing: a file in one step, one process at a time in a folder, and scratch folders."""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 10.0
"""How many seconds a run waits for another one in the same folder."""
_HELD: set[tuple[int, int]] = set()
"""The folders that this process holds, by device and number."""


def write_atomically(
    path: Path, data: bytes, *, durable: bool = True, keep_mode: bool = False
) -> None:
    """Write a file in one step: a reader sees the old one or the new one, whole.

    Without ``durable``, it may be torn where the machine itself goes down. With ``keep_mode``, who
    may read and write the old one may do so with the new one.
    """
    mode = stat.S_IMODE(path.stat().st_mode) if keep_mode else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def refuse_link(path: Path) -> None:
    """Refuse a place to write that is a link, or behind one inside a repository or this folder.

    A pull request may bring links, which would lead out of it.

    Raises:
        OSError: with what to do instead.
    """
    place = Path(os.path.abspath(path))  # noqa: PTH100  # the links are not to be followed
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  # Path.home() may fail
    starts = [
        at
        for at, one in enumerate(place.parents)
        if one.name and (one == Path.cwd() or (one != home and os.path.lexists(one / ".git")))
    ]
    for one in (place, *place.parents)[: max(starts, default=0) + 1]:
        if one.is_symlink():
            what = "it is a symbolic link: remove it, or name the place where it leads"
            raise OSError(errno.ELOOP, what, str(one))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder that is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="deckwright-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on a folder.

    It is re-entrant, leaves no file, and ends with the process. It gives up waiting after some
    seconds, and does nothing where the file system has no locks.
    """
    found = folder.stat()
    key = (found.st_dev, found.st_ino)
    if not fcntl or key in _HELD:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _HELD.add(key)
        until = time.monotonic() + PATIENCE
        while not _locked(handle) and time.monotonic() < until:
            time.sleep(0.02)
        yield
    finally:
        _HELD.discard(key)
        os.close(handle)


def _locked(handle: int) -> bool:
    """Lock a folder, unless another process has; true also where the file system cannot."""
    with suppress(OSError):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def sweep(folder: Path, *names: str) -> None:
    """Remove the temporary files of killed runs for files with these names (``*.apkg``).

    It is called by a process that is alone in the folder, and never a reason to stop.
    """
    wanted = "|".join(re.escape(name).replace(r"\*", ".+") for name in names)
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if re.fullmatch(rf"\.(?:{wanted})\.[a-z0-9_]{{8}}\.tmp", path.name):
                path.unlink()
