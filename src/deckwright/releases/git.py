"""The only module that calls git: it finds the uncommitted files of a deck."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from deckwright.media.formats import PICTURES, SOUNDS, suffixes
from deckwright.releases import ledger
from deckwright.source import own_types
from deckwright.source.deck_toml import CONFIG
from deckwright.source.folder import STYLE

_STATUS = (
    *("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"),
    *("--ignored=matching", "--", "."),
)
_LEFT_BEHIND = re.compile(r"(?:^|/)\.[^/]+\.tmp$")
"""What a killed write leaves."""
_NAMES = "|".join(map(re.escape, (CONFIG, STYLE, ledger.FILE)))
_ENDS = "|".join(map(re.escape, (".md", *suffixes((*PICTURES, *SOUNDS)))))
_OF_TYPES = "|".join(map(re.escape, own_types.SUFFIXES))
_OURS = re.compile(
    rf"(?:^|/)(?:{_NAMES}|[^/]+(?:{_ENDS})|{own_types.FOLDER}/[^/]+/[^/]+(?:{_OF_TYPES}))$",
    re.IGNORECASE,
)
"""What a build reads."""


class GitError(Exception):
    """What git says where it fails."""


def uncommitted(folder: Path) -> tuple[str, ...]:
    """The files of a folder that are not committed as they are; none outside a checkout.

    Of what git ignores, only the files that a build reads count.

    Raises:
        GitError: in git's own words, where git fails in a checkout.
    """
    program = shutil.which("git")
    if program is None:
        return ()
    done = subprocess.run(  # noqa: S603 - a fixed command, found by its name
        [program, "--no-optional-locks", "-C", str(folder), *_STATUS],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        if "not a git repository" in done.stderr:
            return ()
        raise GitError(done.stderr.strip() or "git status failed")
    records = [record for record in done.stdout.split("\0") if record]
    return tuple(
        record[3:]
        for record in records
        if not _LEFT_BEHIND.search(record) and (not record.startswith("!!") or _OURS.search(record))
    )
