"""Releases that the ledger does not know of: what was published counts, not what lies here.

A tag, another branch, the stash or the changelog may tell of a release that this ledger lacks: it
was not merged, not committed, taken back or lost. Learners have it nevertheless.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deckwright.model import Place, Problem, Rule, Severity, Stake
from deckwright.releases import changelog, ledger
from deckwright.releases.git import GitError, Revision, revisions
from deckwright.releases.ledger import Ledger
from deckwright.source.deck_toml import CONFIG

RELEASE_ELSEWHERE = Rule(
    "release-elsewhere",
    "The ledger lists every release of the deck, those of tags and other branches, too. "
    "Learners of one that it lacks would keep its texts for ever.",
    severity=Severity.WARNING,
    stake=Stake.HISTORY,
)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A release of this deck that its ledger lacks."""

    version: str
    where: str
    """The branch, tag or commit that tells of it; empty where the changelog beside it does."""
    has_ledger: bool = True
    """Whether there is a ledger with it."""
    differs: bool = False
    """Whether the ledger has a release of this version, with other content."""
    is_past: bool = False
    """Whether it was known on this branch before: so it is no release of a later line."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version, so that it can be compared."""
        return tuple(map(int, self.version.split(".")))


def tag_names(version: str) -> tuple[str, ...]:
    """How the tag of a release may be called; ``deckwright-1.2.0`` is one of the tool's own."""
    return f"deck-{version}", f"v{version}", version


def elsewhere(
    root: Path,
    key: str,
    known: Ledger | None,
    *,
    thorough: bool = False,
    only_tags: bool = False,
) -> tuple[Lacking, ...]:
    """The releases of a deck that its ledger lacks, by their versions.

    ``thorough`` looks into the history of this branch, too, and ``only_tags`` at tags alone.

    Raises:
        GitError: in git's own words, where git fails in a repository.
    """
    had = {one.version: one.content for one in known.releases} if known else {}
    files = (ledger.FILE, changelog.FILE)
    tags = [tag for version in had for tag in tag_names(version)]
    found = revisions(
        root, files, tags, history_of=ledger.FILE if thorough else "", only_tags=only_tags
    )
    lacking = [
        Lacking(version, "", has_ledger=False, is_past=True)
        for version in changelog.versions(changelog.read(root))
        if version not in had
    ]
    for one in found:
        for version, content in _releases(one, key):
            if version not in had or (content and content != had[version]):
                has_ledger, differs = ledger.FILE in one.files, version in had
                lacking.append(Lacking(version, one.name, has_ledger, differs, one.is_past))
    return tuple(sorted(lacking, key=lambda one: one.numbers))


def _releases(one: Revision, key: str) -> Iterator[tuple[str, str]]:
    """The releases of a deck that a revision tells of, each with its content where it is known.

    Files that are the same on the disk tell nothing new.
    """
    if ledger.FILE in one.files:
        yield from ledger.releases_in(one.files[ledger.FILE] or b"", key)
    else:
        text = (one.files.get(changelog.FILE) or b"").decode(errors="replace")
        yield from ((version, "") for version in changelog.versions(text))


def lacking_releases(
    root: Path, key: str, known: Ledger | None, *, only_tags: bool = False
) -> Iterator[Problem]:
    """A warning where the ledger lacks releases; none where git fails, or it is of another deck.

    With ``only_tags``, those of tags: other branches may hold releases that nobody merged yet.
    """
    if known and known.key != key:
        return
    try:
        found = elsewhere(root, key, known, only_tags=only_tags)
    except GitError:
        return
    if found:
        what, fix = in_words(root, found, known)
        name = ledger.FILE if known else CONFIG
        yield RELEASE_ELSEWHERE.at(Place((root / name).as_posix()), what, fix)


def in_words(root: Path, found: Iterable[Lacking], known: Ledger | None) -> tuple[str, str]:
    """What the ledger lacks, and the command that mends it, from where the user is."""
    lacking = tuple(found)
    best = _best(lacking)
    versions = [*dict.fromkeys(one.version for one in lacking)]
    names = ", ".join(versions[:5]) + (" …" if len(versions) > 5 else "")
    where = best.where or (root / changelog.FILE).as_posix()
    was = "was" if len(versions) == 1 else "were"
    path, git = (root / ledger.FILE).as_posix(), ledger.git_in(root.as_posix())
    if best.differs:
        what = f"{names} {was} released with other content, too ({where})"
    elif known:
        what = f"{names} {was} released ({where}), and this ledger lacks that"
    else:
        what = f"{names} {was} released ({where}), and {path} is gone"
    what += ": learners who have it would keep its texts, or get this deck as a new one"
    rev = shlex.quote(best.where)
    if not best.has_ledger:
        fix = f"take the ledger back from where it was: {git} log --all --oneline -- {ledger.FILE}"
        return what, f"{fix} lists the commits that have one"
    take = f"{git} checkout {rev} -- {ledger.FILE}"
    if best.differs:
        return what, f"keep the ledger of the one that was published; if it is that one: {take}"
    if known:
        return what, f"join the two: deckwright ledger merge {shlex.quote(path)} {rev}"
    return what, f"take it back: {take}"


def _best(lacking: tuple[Lacking, ...]) -> Lacking:
    """The place that mends most: one whose ledger has most of what is lacking."""

    def has(where: str) -> int:
        return sum(one.where == where for one in lacking)

    return max(lacking, key=lambda one: (one.has_ledger, not one.differs, has(one.where)))
