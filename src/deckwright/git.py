"""The one door to git: whether a deck's folder holds anything that is not committed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def uncommitted(folder: Path) -> tuple[str, ...]:
    """The files in a folder with changes that are not committed; none outside a checkout."""
    program = shutil.which("git")
    if program is None:
        return ()
    done = subprocess.run(  # noqa: S603 - a fixed command, found by its name
        [program, "-C", str(folder), "status", "--porcelain", "-z", "--", "."],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        return ()  # no checkout
    return tuple(line[3:] for line in done.stdout.split("\0") if line)
