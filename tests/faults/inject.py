"""A fault at the n-th time that a run of deckwright writes to the disk.

What counts is what reaches the disk below a folder: opening a file to write, writing, fsync,
chmod, renaming and making a folder. How it fails is ``error`` (the disk is full), ``kill``, or
``torn`` (half of a write, then killed). Where an error is reached, the file ``reached`` in the
folder says so.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Fault:
    """What happens to the process in which it is set up."""

    def __init__(self, number: int, how: str, folder: str) -> None:
        self.number, self.how, self.folder = number, how, os.path.realpath(folder)
        self.reached = os.open(f"{self.folder}/reached", os.O_WRONLY | os.O_CREAT)
        self.count = 0

    def due(self) -> bool:
        """Count; whether this is the n-th time."""
        self.count += 1
        return self.count == self.number

    def fail(self) -> None:
        """The fault."""
        if self.how != "error":
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(self.reached, b"yes")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def watch(self, event: str, args: tuple[Any, ...]) -> None:
        """Python reports what it is about to do (docs.python.org/3/library/audit_events.html)."""
        if event == "open":
            path, _, flags = args
            watched = not isinstance(path, int) and bool((flags or 0) & WRITES)
        else:
            watched = event in ("os.mkdir", "os.rename", "os.chmod")
            path = args[0] if watched else ""
        if watched and os.path.realpath(os.fsdecode(path)).startswith(self.folder) and self.due():
            self.fail()


def break_at(number: int, how: str, folder: str) -> None:
    """Have this process fail at its n-th write below a folder."""
    fault = Fault(number, how, folder)
    real_fsync, real_fdopen = os.fsync, os.fdopen

    class Disk(io.FileIO):
        """A file that may be full."""

        def write(self, data: Any) -> int:
            """Write, or not, or half of it."""
            if fault.due():
                if how == "torn":
                    super().write(bytes(data)[: len(data) // 2])
                fault.fail()
            return super().write(data)

    def fsync(handle: int) -> None:
        """Wait for the disk, or learn that it is full."""
        if fault.due():
            fault.fail()
        real_fsync(handle)

    def fdopen(handle: int, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """Open what ``tempfile`` made; the only way in which we write."""
        if mode == "wb":
            return io.BufferedWriter(Disk(handle, "wb"))
        return real_fdopen(handle, mode, *args, **kwargs)

    vars(os).update(fsync=fsync, fdopen=fdopen)
    sys.addaudithook(fault.watch)
