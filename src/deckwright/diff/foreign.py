"""Packages in the format that only Anki reads: in a process that takes no more than it may.

What is in their databases cannot be looked at before Anki opens them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from deckwright.apkg.files import scratch_folder
from deckwright.real_anki.package_file import MAX_PACKAGE
from deckwright.real_anki.scratch import Refused, Scratch, scratch_collection
from deckwright.rendering.pool import Budget, Lost, Purse, work_through

if sys.platform != "win32":
    import resource

Result = TypeVar("Result")
_BUDGET = Budget(seconds=30, memory=600 << 20)
"""Anki reserves more memory than it uses."""
_WHOLE = 60
"""Seconds of a processor."""


def in_a_worker(path: Path, look: Callable[[Scratch], Result]) -> Result:
    """What a function makes of a scratch collection into which Anki imported a package.

    Raises:
        Refused: where Anki does not accept it, or it takes too much.
        AnkiMissing: where Anki cannot be imported.
    """
    with scratch_folder() as folder:
        job = partial(_imported, path, look, folder)
        [found] = work_through(job, 1, _BUDGET, Purse(_WHOLE), lambda _: None).values()
    if isinstance(found, Lost):
        raise Refused(f"{path.name} {found.what or 'takes too long'}", "name another package")
    return found


def _imported(path: Path, look: Callable[[Scratch], Result], folder: Path, _: int) -> Result:
    tempfile.tempdir = str(folder)  # which is gone afterwards, whatever becomes of this process
    if sys.platform != "win32":
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        most = MAX_PACKAGE if hard == resource.RLIM_INFINITY else min(MAX_PACKAGE, hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    with scratch_collection() as scratch:
        scratch.import_package(path)
        return look(scratch)
