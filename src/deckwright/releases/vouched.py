"""The ledger as the last tag has it, which no pull request can change: what was released stays so.

Of a later release that has no tag yet, only what follows from the ledger itself is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from deckwright.model import NoteType, Place, Problem, Rule, Severity, Source, Stake
from deckwright.releases.elsewhere import tag_names
from deckwright.releases.git import GitError, has_commit, read, tags
from deckwright.releases.ledger import (
    FILE,
    TWO_FACTS,
    Ledger,
    Release,
    ReleasedNote,
    from_text,
    git_in,
)
from deckwright.releases.trust import Doubt, at_their_lines, is_sent, names_of, sent
from deckwright.source.texts import read_text

UNVOUCHED = Rule(
    "unvouched",
    "A tag of git vouches for what follows from nothing in the ledger: for notes that learners "
    "had before this deck, and for each release, where one before it has a tag.",
    severity=Severity.WARNING,
    stake=Stake.HISTORY,
)


def against_last_tag(root: Path, ledger: Ledger) -> tuple[Problem, ...]:
    """What the ledger of a deck has otherwise than that of the last tag, at its lines."""
    tag, then = _last_tag(root, ledger)
    if then is None:
        known = [one.note.id for one in ledger.notes if one.imported]
        return (_unvouched(root, known),) if known else ()
    doubts = [*chain(_history(ledger, then), _notes(ledger, then, tag), _types(ledger, then))]
    source = read_text(root, root / FILE, []) if doubts else None
    found = at_their_lines(source, doubts, tag) if source else ()
    return (*found, *_untagged(root, ledger, tag, then))


def ledger_of(root: Path, base: str) -> bytes:
    """The text of the ledger in a revision; empty where there is none.

    Raises:
        GitError: where there is no such revision, or a ledger in it that cannot be read.
    """
    if not has_commit(root, base):
        raise GitError(f"git knows no revision {base}")
    try:
        text = _text_in(root, base)
    except GitError:
        return b""
    if _parsed(base, text) is None:
        raise GitError(f"the ledger of {base} cannot be read")
    return text


def against_base(root: Path, ledger: Ledger | None, base: str) -> tuple[Problem, ...]:
    """What the ledger of a deck has otherwise than that of the branch which a pull request is for.

    It may be the same, or go on from it by releases. ``base`` is a revision of git; where the deck
    has no ledger there, nothing is asked.

    Raises:
        GitError: where there is no such revision, or a ledger in it that cannot be read.
    """
    text = ledger_of(root, base)
    then = _parsed(base, text) if text else None
    if then is None:  # the deck is new there, or was never released
        return ()
    if ledger is None or ledger.key != then.key:
        what = "is gone" if ledger is None else "is of another deck"
        doubts: list[Doubt] = [(None, f"that of {base} {what}")]
    else:
        doubts = [*_history(ledger, then), *_notes(ledger, then, base), *_types(ledger, then)]
    source = read_text(root, root / FILE, []) if ledger else None
    path = (root / FILE).as_posix()
    return at_their_lines(source or Source(path, ""), doubts, base) if doubts else ()


def untagged(root: Path, ledger: Ledger) -> str:
    """Why nothing but the ledger shows that its last release was made; empty where a tag does.

    Where no release has a tag, none is asked for.
    """
    tag, then = _last_tag(root, ledger)
    found = next(_untagged(root, ledger, tag, then), None) if then else None
    return found.message if found else ""


def _untagged(root: Path, ledger: Ledger, tag: str, then: Ledger) -> Iterator[Problem]:
    known = frozenset(tags(root))
    later = [
        one for one in _later(ledger, then) if not _tagged(root, ledger.key, one.version, known)[1]
    ]
    if later:
        names = " and ".join(one.version for one in later[-3:])
        commit = f"{git_in(root.as_posix())} tag {tag_names(later[-1].version)[0]} COMMIT"
        yield UNVOUCHED.at(
            Place((root / FILE).as_posix()),
            f"no tag of git vouches for {names}, as {tag} does for what was before",
            f"make sure that `release` made it, and tag the commit that brought it: {commit}",
        )


def _unvouched(root: Path, known: list[str]) -> Problem:
    many = f"{len(known):,} notes" if len(known) > 1 else known[0]
    return UNVOUCHED.at(
        Place((root / FILE).as_posix()),
        f"no tag of git vouches for the GUIDs that were imported ({many})",
        "compare the ledger with the one that was released last, and tag each release",
    )


def _last_tag(root: Path, ledger: Ledger) -> tuple[str, Ledger | None]:
    """The last release of a ledger that has a tag, and the ledger there; none where git fails."""
    try:
        known = frozenset(tags(root))
    except GitError:
        return "", None
    found = (_tagged(root, ledger.key, one.version, known) for one in ledger.releases[::-1])
    return next((pair for pair in found if pair[1]), ("", None))


def _tagged(
    root: Path, key: str, version: str, known: Collection[str]
) -> tuple[str, Ledger | None]:
    """The tag of a release, and the ledger there, which has it; none where there is no such tag."""
    for tag in (name for name in tag_names(version) if name in known):
        then = _ledger_of(root, tag)
        if then and then.key == key and version in _versions(then):
            return tag, then
    return "", None


def _ledger_of(root: Path, tag: str) -> Ledger | None:
    try:
        return _parsed(tag, _text_in(root, f"refs/tags/{tag}"))
    except GitError:
        return None


def _text_in(root: Path, revision: str) -> bytes:
    """The ledger's bytes in a revision. Raises `GitError` where there is none."""
    return read(root, f"{revision}:./{FILE}")


def _parsed(name: str, data: bytes) -> Ledger | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return from_text(Source(name, text.replace("\r\n", "\n")))[0]


def _versions(ledger: Ledger) -> dict[str, Release]:
    return {one.version: one for one in ledger.releases}


def _later(now: Ledger, then: Ledger) -> tuple[Release, ...]:
    had = _versions(then)
    return tuple(one for one in now.releases if one.version not in had)


def _history(now: Ledger, then: Ledger) -> Iterator[Doubt]:
    """Every release is there as it was."""
    has = _versions(now)
    for version, one in _versions(then).items():
        if version not in has:
            yield None, f"the release {version} is missing"
        elif has[version] != one:
            yield has[version], f"{version} is not as it was released"


def _notes(now: Ledger, then: Ledger, tag: str) -> Iterator[Doubt]:
    """Every note is there, with its GUID; it is another one only by a release that sent it."""
    later = _Later(_later(now, then))
    for old in then.notes:
        one = now.by_guid.get(old.note.guid)
        if one is None:
            yield now.by_id.get(old.note.id), f"the GUID of {old.note.id!r} is gone"
        elif what := _otherwise(one, old, later, now):
            yield one, f"{what} (since {tag})"
    for one in now.notes:
        is_new = one.note.guid not in then.by_guid
        if is_new and one.imported:
            yield one, f"{one.note.id!r} is said to be imported, and {tag} does not have it"
        elif is_new and not later.releases:
            yield one, f"no release brought {one.note.id!r} (since {tag})"


@dataclass(frozen=True)
class _Later:
    """The releases after the one that has the tag."""

    releases: tuple[Release, ...]

    @cached_property
    def times(self) -> frozenset[tuple[str, int]]:
        return sent(self.releases)

    @cached_property
    def brought(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.times)

    @cached_property
    def retired(self) -> frozenset[str]:
        return frozenset(name for one in self.releases for name in one.retired)


def _otherwise(one: ReleasedNote, old: ReleasedNote, later: _Later, now: Ledger) -> str:
    """What a note is otherwise than it was, though no release made it so; empty where it is not."""
    name = old.note.id
    if not later.releases:
        same = replace(one, heeded=False) == replace(old, heeded=False)
        return "" if same else f"{name!r} is not as it was released"
    if name not in names_of(one) and name not in now.by_id:
        return f"{name!r} lost its id"
    if (one.note.kind, one.imported) != (old.note.kind, old.imported):
        return f"{name!r} has another note type, or was imported since"
    back = one.note.mod < old.note.mod and one.note.tags != old.note.tags
    if one.note.mod != old.note.mod and (back or not is_sent(one, later.times)):
        return f"the mod of {name!r} moved, and no release sent it"
    is_brought = not later.brought.isdisjoint(names_of(one))
    if old.retired and not one.retired and not is_brought:
        return f"{name!r} is no longer retired, and no release brought it back"
    left = not later.retired.isdisjoint(names_of(one)) or one.retired == TWO_FACTS
    if one.retired and not old.retired and not left:
        return f"{name!r} is retired, and no release retired it"
    return ""


def _types(now: Ledger, then: Ledger) -> Iterator[Doubt]:
    """Every note type has its shape, and another look only by a release that sent it."""
    later = _later(now, then)
    olds = {kind.kind: kind for kind in then.types}
    for kind in now.types:
        old = olds.get(kind.kind)
        if old is None:
            continue
        if _shape(kind) != _shape(old) or (not later and kind != old):
            yield kind, f"the note type {kind.name!r} is not as it was released"
        elif kind.mod != old.mod and not any(
            kind.kind in one.types and one.time == kind.mod for one in later
        ):
            yield kind, f"the mod of the note type {kind.name!r} moved, and no release sent it"


def _shape(kind: NoteType) -> tuple[object, ...]:
    """By what Anki knows a note type."""
    fields = [field.id for field in kind.fields]
    return kind.id, kind.cloze, fields, [one.id for one in kind.templates]
