"""What is written: each file in one step, scratch folders, and what killed runs left of both.

Whoever writes holds a lock on it, which ends with the process, however that ends. So what nobody
holds is left over, and can go; what another run is using never does, whatever the clocks say.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, which lets nobody delete a file that is open
    fcntl = None  # type: ignore[assignment]

_SCRATCH = "deckwright-scratch-"
_MARK = ".in-use"
"""The file in a scratch folder that says it is ours, and is locked while it is used."""
_PATIENCE = 10.0
"""For how many seconds a run waits for another that writes into the same folder."""
_OURS: set[tuple[int, int]] = set()
"""The folders in which this process is alone, by device and number."""
_CHANCE = "[a-z0-9_]{8}"
"""What ``tempfile`` makes names of."""


def replace(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file in one step: whoever looks sees the old one or the new one, whole.

    What is not durable may be torn where the machine itself goes down.
    """
    handle, temporary = _temporary(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())
            if fcntl:
                temporary.replace(path)  # while it is locked, so that nobody sweeps it
        if not fcntl:
            temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _temporary(path: Path) -> tuple[int, Path]:
    """A new file beside another, open and locked."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        _lock(handle)
        if os.path.lexists(name):  # nobody swept it before it was locked
            return handle, Path(name)
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder that is thrown away, and sweep those that killed runs left."""
    _sweep_scratch()
    folder, handle = _scratch()
    try:
        yield folder
    finally:
        if not fcntl:
            os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)
        if fcntl:
            os.close(handle)


def _scratch() -> tuple[Path, int]:
    """A new folder and its mark, open and locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_SCRATCH))
        try:
            handle = os.open(folder / _MARK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:  # swept as an empty one
            continue
        _lock(handle)
        if (folder / _MARK).exists():
            return folder, handle
        os.close(handle)


def _lock(handle: int) -> None:
    """Lock a file of ours, where the file system can; where not, nothing on it is ever swept."""
    if fcntl:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Let nobody else who asks for the same write into a folder meanwhile; without a trace in it.

    Where the file system knows no locks, nobody waits; and for a run that stands still, not long.
    Who has a folder may ask for it again.
    """
    found = folder.stat()
    if (found.st_dev, found.st_ino) in _OURS:
        yield
        return
    handle = os.open(folder, os.O_RDONLY) if fcntl else -1
    try:
        _OURS.add((found.st_dev, found.st_ino))
        patience = time.monotonic() + _PATIENCE
        while not _lock_now(handle) and time.monotonic() < patience:
            time.sleep(0.02)
        yield
    finally:
        _OURS.discard((found.st_dev, found.st_ino))
        if fcntl:
            os.close(handle)


def _lock_now(handle: int) -> bool:
    """Lock a file, unless another process has; true also where the file system cannot."""
    if fcntl:
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
    return True


# Sweeping


def sweep(folder: Path, *names: str) -> None:
    """Take away what killed runs left in a folder of files with these names (``*.apkg``).

    Only what nobody is writing, and whatever the disk allows: this is never a reason to stop.
    """
    wanted = [re.escape(name).replace(r"\*", ".+") for name in names]
    ours = re.compile(rf"\.(?:{'|'.join(wanted)})\.{_CHANCE}\.tmp")
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            if ours.fullmatch(entry.name):
                with _held(entry) as left:
                    if left:
                        entry.unlink()


def _sweep_scratch() -> None:
    with contextlib.suppress(OSError):
        for entry in sorted(Path(tempfile.gettempdir()).iterdir()):
            if re.fullmatch(_SCRATCH + _CHANCE, entry.name):
                _sweep_folder(entry)


def _sweep_folder(folder: Path) -> None:
    """Take a scratch folder away that nobody uses, if we made it."""
    with contextlib.suppress(OSError):
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or (
            hasattr(os, "getuid") and found.st_uid != os.getuid()
        ):
            return
        if not os.path.lexists(folder / _MARK):
            folder.rmdir()  # which only takes an empty one: killed before it was marked
            return
        with _held(folder / _MARK) as left:
            if left:
                if not fcntl:
                    (folder / _MARK).unlink()  # fails while another process has it open
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Whether a file of ours is left over; as long as we look at it, nobody takes it."""
    if not fcntl:
        yield path.is_file()
        return
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield stat.S_ISREG(os.fstat(handle).st_mode)
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)
