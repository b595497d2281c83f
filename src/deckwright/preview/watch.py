"""A deck's folder is watched: when there is something to build."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

QUIET = 0.15
"""So many seconds without a change end a save: an editor writes, renames and removes."""
LONGEST = 2.0
"""After so many seconds, what changes all the time is built all the same."""
_PAUSE = 0.05
_SHARE = 20
"""Seconds between two looks, or so many times what a look takes of a processor if that is more."""


def due(folder: Path, stop: Event) -> Iterator[None]:
    """When a folder is to be read: at once, and after each save, until ``stop`` is set.

    A change while the caller reads leads to one more. Hidden files and folders do not count, as a
    deck has none, nor does what Emacs keeps of an unsaved text. A folder that goes, comes back, or
    is another one under the same name, as a checkout makes it, has changed.

    The files are looked at, by size and time, many times a second: that works on every system and
    on a network, misses nothing, and takes 2 % of a processor for 200 files, 5 % for 5,000 or more.
    """
    root = Path(os.path.abspath(folder))  # noqa: PTH100  # a link stays one
    seen = _look(root)
    first = last = 0.0  # of the changes that wait: long ago, so that the first time is at once
    waiting = True
    while not stop.is_set():
        if waiting and time.monotonic() >= min(last + QUIET, first + LONGEST):
            waiting = False
            yield
        start = time.thread_time()
        found = _look(root)
        pause = max(_PAUSE, _SHARE * (time.thread_time() - start))
        if found != seen:
            seen, last = found, time.monotonic()
            first = first if waiting else last
            waiting = True
        stop.wait(min(pause, QUIET) if waiting else pause)


def _look(root: Path) -> dict[str, tuple[int, ...]]:
    """What lies in a folder, and what becomes another number when it changes; no link is followed.

    What may not be read is left out: the build says so.
    """
    found: dict[str, tuple[int, ...]] = {}
    folders = [str(root)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if _is_passing(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    at = entry.stat(follow_symlinks=False)
                    found[entry.path] = at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns
        except OSError:  # it is gone, or not for us
            continue
    return found


def _is_passing(name: str) -> bool:
    """Whether a file is hidden, or what Emacs keeps of an unsaved text."""
    return name.startswith(".") or (name.startswith("#") and name.endswith("#"))
