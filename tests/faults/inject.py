"""Run deckwright with a fault at the n-th time that it writes to the disk.

Not imported but run, as ``python tests/faults/inject.py N HOW FOLDER ARGUMENTS…``. What counts is
what reaches the disk below a folder: opening a file to write, writing, fsync, chmod, renaming and
making a folder. HOW is ``error`` (the disk is full), ``kill``, or ``torn`` (half of a write, then
killed). Where the fault is not reached, the exit code is that of the run; where it is an error,
the file ``reached`` in the folder says so.
"""

from __future__ import annotations

import errno
import io
import os
import runpy
import signal
import sys
from typing import Any

NUMBER, HOW, FOLDER = int(sys.argv[1]), sys.argv[2], os.path.realpath(sys.argv[3])
REACHED = os.open(f"{FOLDER}/reached", os.O_WRONLY | os.O_CREAT)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
count = 0


def due() -> bool:
    """Count; whether this is the n-th time."""
    global count
    count += 1
    return count == NUMBER


def fail() -> None:
    """The fault."""
    if HOW != "error":
        os.kill(os.getpid(), signal.SIGKILL)
    os.write(REACHED, b"yes")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def watch(event: str, args: tuple[Any, ...]) -> None:
    """Python tells of what it is about to do (docs.python.org/3/library/audit_events.html)."""
    if event == "open":
        path, _, flags = args
        watched = not isinstance(path, int) and bool((flags or 0) & WRITES)
    else:
        watched = event in ("os.mkdir", "os.rename", "os.chmod")
        path = args[0] if watched else ""
    if watched and os.path.realpath(os.fsdecode(path)).startswith(FOLDER) and due():
        fail()


class Disk(io.FileIO):
    """A file that may be full."""

    def write(self, data: Any) -> int:
        """Write, or not, or half of it."""
        if due():
            if HOW == "torn":
                super().write(bytes(data)[: len(data) // 2])
            fail()
        return super().write(data)


def fsync(handle: int) -> None:
    """Wait for the disk, or learn that it is full."""
    if due():
        fail()
    real_fsync(handle)


def fdopen(handle: int, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
    """Open what ``tempfile`` made; the only way in which we write."""
    if mode == "wb":
        return io.BufferedWriter(Disk(handle, "wb"))
    return real_fdopen(handle, mode, *args, **kwargs)


real_fsync, real_fdopen = os.fsync, os.fdopen
vars(os).update(fsync=fsync, fdopen=fdopen)
sys.addaudithook(watch)
sys.argv = ["deckwright", *sys.argv[4:]]
sys.path.pop(0)
runpy.run_module("deckwright", run_name="__main__")
