"""Pictures and sounds that a release had and the deck has no more, found again in git.

The ledger has only their names. A name is made of the content: so a file is the right one wherever
it is found, and the history need not be trusted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from deckwright.media.files import (
    MOST_BYTES,
    cleaned,
    in_package,
    unnumbered,
    unnumbered_of,
)
from deckwright.model import Media
from deckwright.releases.elsewhere import tag_names
from deckwright.releases.git import Blob, GitError, Past, tags
from deckwright.releases.ledger import FILE, Ledger
from deckwright.rendering.pool import Budget, Lost, Purse, work_through

_SECONDS = 4.0
"""How long git is asked, and how long drawings are cleaned."""
_COMMITS = 20
_BYTES = 50_000_000
"""So many are read at most: more than a page can hold."""


def earlier_files(
    root: Path, ledger: Ledger, names: Collection[str], seconds: float = _SECONDS
) -> tuple[Media, ...]:
    """Those of some files of releases that git still has, by their names in the package.

    It looks where the deck was released last, then before; for a few seconds, and not at all of it.
    """
    missing = {name for name in names if unnumbered(name) != name}
    past, purse = Past(root, seconds), Purse(seconds)
    found: list[Media] = []
    tried: set[str] = set()
    room = _BYTES
    for commit in islice(_commits(root, ledger, past), _COMMITS):
        if not missing:
            break
        plain = {unnumbered(name) for name in missing}
        blobs = [*_within(room, (one for one in past.files(commit) if _may_be(one, plain, tried)))]
        room -= sum(one.size for one in blobs)
        tried.update(one.id for one in blobs)
        made = [*_shipped(blobs, missing, past, purse)]
        found += made
        missing -= {one.name for one in made}
    return tuple({one.name: one for one in found}.values())


def _commits(root: Path, ledger: Ledger, past: Past) -> Iterator[str]:
    """Where releases were made: by their tags and then, where these have none, by the ledger."""
    try:
        known = frozenset(tags(root))
    except GitError:
        return
    for one in reversed(ledger.releases):
        yield from (f"refs/tags/{tag}" for tag in tag_names(one.version) if tag in known)
    yield from past.commits(FILE, _COMMITS)


def _may_be(blob: Blob, plain: Collection[str], tried: Collection[str]) -> bool:
    is_new = blob.id not in tried and blob.size <= MOST_BYTES
    return is_new and unnumbered_of(blob.path) in plain


def _within(room: int, blobs: Iterator[Blob]) -> Iterator[Blob]:
    """The first of some files that have room."""
    for one in blobs:
        room -= one.size
        if room < 0:
            return
        yield one


def _shipped(
    blobs: Sequence[Blob], missing: Collection[str], past: Past, purse: Purse
) -> Iterator[Media]:
    """Those of some files that are missing: as they are, or a drawing as it is shipped today.

    A drawing is cleaned in a process that can be ended.
    """
    data = past.read(blobs)
    files = [(one.path, data[one.id]) for one in blobs if one.id in data]
    drawings = []
    for path, raw in files:
        one = in_package(path, raw)
        if one.name in missing:  # also a drawing of a release that took it as it was
            yield one
        elif path.suffix.lower() == ".svg":
            drawings.append((path, raw))
    if drawings:
        results = work_through(_Clean(drawings), len(drawings), Budget(), purse, lambda _: None)
        made = (one for one in results.values() if one and not isinstance(one, Lost))
        yield from (one for one in made if one.name in missing)


@dataclass(frozen=True, slots=True)
class _Clean:
    """Makes of a drawing what is shipped."""

    files: Sequence[tuple[PurePosixPath, bytes]]

    def __call__(self, number: int) -> Media | None:
        return cleaned(*self.files[number])
