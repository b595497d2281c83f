"""A deck's folder is watched: when there is something to build."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from watchfiles import watch

QUIET = 0.15
"""So many seconds without a change end a save: an editor writes, renames and removes."""
LONGEST = 2.0
"""After so many seconds, what changes all the time is built all the same."""
_TICK = 25
"""Milliseconds between two looks at what the system has said."""

_Identity = tuple[int, ...] | None
_UNKNOWN: _Identity = ()


def due(folder: Path, stop: Event) -> Iterator[None]:
    """When a folder is to be read: at once, and after each save, until ``stop`` is set.

    A change while the caller reads leads to one more. Hidden files and folders do not count, as a
    deck has none, nor does what Emacs keeps of an unsaved text. A folder that goes, comes back, or
    is another one under the same name, as a checkout makes it, has changed.

    The system says what changes, inotify on Linux and FSEvents on macOS. Where it cannot watch as
    many folders, or may not read one, files are compared every 0.3 seconds instead; on a network
    file system, which says nothing of what others change, ``WATCHFILES_FORCE_POLLING=1`` in the
    environment asks for that (and ``WATCHFILES_POLL_DELAY_MS`` for how often); a file that changes
    twice within a second is then seen once. 5,000 pictures are nothing to either. A symbolic link
    to a folder is watched with all that is behind it, though a deck refuses it; the folder itself
    may be one.
    """
    first = last = 0.0  # of the changes that wait: long ago, so that the first time is at once
    waiting = True
    for changed in _ticks(Path(os.path.abspath(folder)), stop):  # noqa: PTH100  # a link stays one
        now = time.monotonic()
        if changed:
            first, last = first if waiting else now, now
            waiting = True
        if waiting and (now - last >= QUIET or now - first >= LONGEST):
            waiting = False
            yield


def _ticks(root: Path, stop: Event) -> Iterator[bool]:
    """Whether anything has changed since the last time, asked many times a second."""
    known = _identity(root)
    poll = None  # as the library decides
    while not stop.is_set():
        here = _identity(root)
        try:
            for changes in _watch(root, stop, poll=poll):
                # The first time is after the watch has begun: what it missed is read then.
                yield here != known or any(_counts(root, path) for path in changes)
                known = here
                if str(root) in changes or _identity(root) != here:
                    known = _UNKNOWN  # perhaps it is there again, even with the same number
                    break
        except FileNotFoundError:
            yield known is not None
            known = None
            stop.wait(QUIET)
        except (OSError, RuntimeError):  # it watches too much, or met a name that it cannot read
            poll, known = True, _UNKNOWN
            stop.wait(1)


def _watch(root: Path, stop: Event, *, poll: bool | None) -> Iterator[set[str]]:
    """The paths that changed, and many times a second none."""
    for changes in watch(
        root,
        watch_filter=None,
        debounce=_TICK,
        step=_TICK,
        rust_timeout=2 * _TICK,
        yield_on_timeout=True,
        stop_event=stop,
        force_polling=poll,
        ignore_permission_denied=False,
    ):
        yield {path for _, path in changes}


def _identity(root: Path) -> _Identity:
    """Which folder it is, of all that may have this name; None where there is none."""
    try:
        found = root.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _counts(root: Path, path: str) -> bool:
    """Whether a deck is another one when this has changed."""
    parts = Path(path).relative_to(root).parts if Path(path).is_relative_to(root) else ()
    unsaved = bool(parts) and parts[-1].startswith("#") and parts[-1].endswith("#")
    return not unsaved and not any(part.startswith(".") for part in parts)
