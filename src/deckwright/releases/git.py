"""The only module that calls git: what is not committed, and what revisions hold."""

from __future__ import annotations

import os
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


_PLAIN = ("--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""Git writes nothing, and runs no program that a repository's configuration names."""
_OFFLINE = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
"""Nor does it fetch what a repository lacks; and its messages are those that we know."""


class GitError(Exception):
    """What git says where it fails."""


def _git(folder: Path, *args: str, given: bytes = b"") -> bytes | None:
    """What git prints; None where there is no git, or no repository.

    Raises:
        GitError: in git's own words, where it fails in a repository.
    """
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run(  # noqa: S603 - a fixed command, found by its name
        [program, *_PLAIN, "-C", str(folder), *args],
        input=given,
        capture_output=True,
        env={**os.environ, **_OFFLINE},
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        if "not a git repository" in said:
            return None
        raise GitError(said or f"git {args[0]} failed")
    return done.stdout


def read(folder: Path, name: str) -> bytes:
    """The bytes of a file in a revision: ``REVISION:PATH``, or ``REVISION:./PATH`` in a folder.

    Raises:
        GitError: where there is none.
    """
    if name.startswith("-"):
        raise GitError(f"{name} begins with a hyphen")
    data = _git(folder, "cat-file", "blob", name)
    if data is None:
        raise GitError("there is no repository, or no git")
    return data


def uncommitted(folder: Path) -> tuple[str, ...]:
    """The files of a folder that are not committed as they are; none outside a checkout.

    Of what git ignores, only the files that a build reads count.

    Raises:
        GitError: in git's own words, where git fails in a checkout.
    """
    said = _git(folder, *_STATUS) or b""
    records = [record for record in said.decode(errors="replace").split("\0") if record]
    return tuple(
        record[3:]
        for record in records
        if not _LEFT_BEHIND.search(record) and (not record.startswith("!!") or _OURS.search(record))
    )
