"""Two histories of one deck, joined: what was promised on both branches holds from now on.

Learners of each branch have its texts. A note that changed on one side keeps that side's text and
mod, which is later than the other's. One that changed on both is *forked*: the next release sends
it with a new mod, whatever its text will be, and so it reaches learners of either branch.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from deckwright.model import Note, NoteType
from deckwright.note_types import ID, PROMPT
from deckwright.releases.changes import other_looks
from deckwright.releases.ledger import TWO_FACTS, Ledger, Release, ReleasedNote
from deckwright.releases.same_question import asks_the_same
from deckwright.rendering.html_text import line


@dataclass(frozen=True, slots=True)
class Merged:
    """Two ledgers in one, or why they cannot be."""

    ledger: Ledger | None
    """None where there is a conflict."""
    conflicts: tuple[str, ...] = ()
    """What nothing but a person can decide, each with what to do."""


def merge(ours: Ledger, theirs: Ledger, retired: Collection[str] = ()) -> Merged:
    """Join two ledgers of one deck.

    ``retired`` are ids that mean two facts: neither keeps the id, so that each learner keeps the
    card that they have.
    """
    if ours.key != theirs.key:
        what = f"the keys differ ({ours.key!r} and {theirs.key!r}): these are two decks"
        return Merged(None, (f"{what}, with a ledger each",))
    history = _History(ours, theirs, frozenset(retired))
    if conflicts := (*history.conflicts(), *_double_ids(history.notes)):
        return Merged(None, conflicts)
    return Merged(history.ledger())


_MARKER = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?")


def sides(text: str) -> tuple[str, str] | None:
    """The two sides of a text in which git left its conflict markers; None where it has none.

    Lines that git could join are in both.
    """
    lines: tuple[list[str], list[str]] = ([], [])
    into: tuple[int, ...] = (0, 1)
    marks = ""
    for one in text.splitlines(keepends=True):
        if marker := _MARKER.fullmatch(one.rstrip("\n")):
            marks += marker[1][0]
            into = {"<": (0,), "|": (), "=": (1,), ">": (0, 1)}[marker[1][0]]
        else:
            for side in into:
                lines[side].append(one)
    is_whole = re.fullmatch(r"(?:<\|?=>)+", marks)
    return ("".join(lines[0]), "".join(lines[1])) if is_whole else None


@dataclass(frozen=True)
class _Side:
    """One of two ledgers, and what it did that the other does not know."""

    ledger: Ledger
    own: tuple[Release, ...]

    @cached_property
    def by_guid(self) -> Mapping[str, ReleasedNote]:
        return {one.note.guid: one for one in self.ledger.notes}

    @cached_property
    def types(self) -> Mapping[str, NoteType]:
        return {one.kind: one for one in self.ledger.types}

    @cached_property
    def _changed(self) -> frozenset[str]:
        return frozenset(name for one in self.own for name in (*one.added, *one.changed))

    @cached_property
    def _retired(self) -> frozenset[str]:
        return frozenset(name for one in self.own for name in one.retired)

    @cached_property
    def _renamed(self) -> frozenset[str]:
        return frozenset(name.rpartition(" ")[2] for one in self.own for name in one.renamed)

    def changed(self, one: ReleasedNote) -> bool:
        """Whether it sent a text of a note to learners."""
        return not self._changed.isdisjoint(_names(one))

    def changed_look(self, kind: str) -> bool:
        """Whether it sent a look of a note type to learners."""
        return any(kind in one.types for one in self.own)

    def retired(self, one: ReleasedNote, end: str = "") -> bool:
        """Whether it retired a note, or the card of it whose name has this end: ``/2``."""
        return any(f"{name}{end}" in self._retired for name in _names(one))

    def renamed(self, one: ReleasedNote) -> bool:
        """Whether it gave a note the id that it has there."""
        return one.note.id in self._renamed


def _names(one: ReleasedNote) -> Iterator[str]:
    """All ids that a note had."""
    yield one.note.id
    yield from one.aliases


@dataclass(frozen=True)
class _History:
    """Two ledgers of one deck beside each other."""

    our_ledger: Ledger
    their_ledger: Ledger
    given_up: frozenset[str]
    """Ids that mean two facts."""

    @cached_property
    def common(self) -> frozenset[str]:
        """The versions of the releases that both sides know."""
        both = {*self.our_ledger.releases} & {*self.their_ledger.releases}
        return frozenset(one.version for one in both)

    def _side(self, ledger: Ledger) -> _Side:
        return _Side(ledger, tuple(r for r in ledger.releases if r.version not in self.common))

    @cached_property
    def ours(self) -> _Side:
        return self._side(self.our_ledger)

    @cached_property
    def theirs(self) -> _Side:
        return self._side(self.their_ledger)

    @cached_property
    def newer(self) -> tuple[_Side, _Side]:
        """The sides, first the one with the higher version."""
        last = [_numbers(side.ledger.last) for side in (self.ours, self.theirs)]
        return (self.ours, self.theirs) if last[0] >= last[1] else (self.theirs, self.ours)

    # What a person has to decide

    def conflicts(self) -> Iterator[str]:
        """What cannot be joined."""
        ours = {one.version: one for one in self.ours.own}
        for other in self.theirs.own:
            if other.version in ours:
                yield (
                    f"{other.version} was released on both sides, with other content: keep the"
                    " ledger of the one that was published, and release the other side's changes"
                    " once more, as a new version"
                )
        for kind in self.ours.types.keys() & self.theirs.types.keys():
            if _shape(self.ours.types[kind]) != _shape(self.theirs.types[kind]):
                name = self.ours.types[kind].name
                yield (
                    f"the note type {name} has other fields or templates on the two sides: keep"
                    " one side's ledger, and give the other side's note type another id"
                )
        two_facts = {
            mine.note.id: (mine.note, yours.note)
            for mine, yours in self._pairs()
            if not self._is_one_fact(mine, yours)
        }
        for name, (mine, yours) in two_facts.items():
            if name not in self.given_up:
                asked = (_asks(mine, self.ours.types), _asks(yours, self.theirs.types))
                yield (
                    f"both sides released a card {name}, and they ask two things ({asked[0]!r} and"
                    f" {asked[1]!r}): give both new ids in the deck, and merge with --retire {name}"
                )
        for name in sorted(self.given_up - two_facts.keys()):
            yield f"--retire {name}: this is no card that both sides released with other questions"

    def _pairs(self) -> Iterator[tuple[ReleasedNote, ReleasedNote]]:
        """The notes that both sides have."""
        for guid, one in self.ours.by_guid.items():
            if other := self.theirs.by_guid.get(guid):
                yield one, other

    def _is_one_fact(self, one: ReleasedNote, other: ReleasedNote) -> bool:
        """Whether a note is the same on both sides: it was released before, or reads the same."""
        if one.since in self.common or other.since in self.common or one.note == other.note:
            return True
        kind = one.note.kind
        return kind == other.note.kind and asks_the_same(
            one.note, other.note, self.ours.types[kind]
        )

    # What can be joined

    def ledger(self) -> Ledger:
        """The ledger of both."""
        newer, older = self.newer
        releases = {one.version: one for one in (*older.ledger.releases, *newer.ledger.releases)}
        ids = {one.note.id for one in self.notes}
        types = [*self._types()]
        return Ledger(
            key=newer.ledger.key,
            name=newer.ledger.name,
            page=newer.ledger.page,
            notes=tuple(
                replace(one, aliases=tuple(sorted({*one.aliases} - ids))) for one in self.notes
            ),
            types=tuple(kind for kind, _ in types),
            releases=tuple(sorted(releases.values(), key=_numbers)),
            forked_types=frozenset(kind.kind for kind, forked in types if forked),
        )

    @cached_property
    def notes(self) -> tuple[ReleasedNote, ...]:
        """All notes, in the order of the newer deck."""
        newer, older = self.newer
        more = (one for one in older.ledger.notes if one.note.guid not in newer.by_guid)
        both = (self._note(one) for one in (*newer.ledger.notes, *more))
        return tuple(both)

    def _note(self, one: ReleasedNote) -> ReleasedNote:
        ours, theirs = (side.by_guid.get(one.note.guid) for side in (self.ours, self.theirs))
        if ours is None or theirs is None or ours == theirs:
            return one
        changed = self.ours.changed(ours), self.theirs.changed(theirs)
        if changed[0] != changed[1]:
            kept, other = (ours, theirs) if changed[0] else (theirs, ours)
        else:  # what was held back has the mod of the text before it
            last = max(ours, theirs, key=lambda one: (one.note.mod, one.held))
            kept, other = (last, theirs if last is ours else ours)
        ordinals = self._ordinals(ours, theirs)
        differ = self._text(ours.note) != self._text(theirs.note)
        alone = changed[0] != changed[1]
        mods = (ours.note.mod, theirs.note.mod)
        forked = differ and not alone and (changed[0] or not (ours.held or theirs.held))
        named = self._named(ours, theirs, kept)
        was_live = {*ours.gone, *theirs.gone, *ours.note.ordinals, *theirs.note.ordinals}
        return ReleasedNote(
            replace(
                kept.note,
                id=named.id,
                fields=self._with_id(kept.note, named),
                ordinals=ordinals,
                mod=max(mods) if differ or alone else min(mods),
            ),
            since=ours.since if ours.since in self.common else theirs.since,
            aliases=tuple(sorted({*_names(ours), *_names(theirs)} - {named.id})),
            gone=tuple(sorted(was_live - {*ordinals})),
            retired=self._retired(ours, theirs),
            held=kept.held,
            heeded=ours.heeded or theirs.heeded,
            imported=ours.imported or theirs.imported,
            forked=forked or kept.forked or (not alone and other.forked),
        )

    def _text(self, note: Note) -> tuple[object, ...]:
        """What learners have of a note, but for its id."""
        return self._with_id(note, replace(note, fields=())), note.tags, note.ordinals

    def _with_id(self, note: Note, named: Note) -> tuple[str, ...]:
        """The fields of a note, with the id of another version of it."""
        kind = (self.ours.types.get(note.kind) or self.theirs.types[note.kind]).fields
        both = zip(kind, note.fields, strict=False)
        ids = dict(zip(kind, named.fields, strict=False))
        return tuple(ids.get(field, "") if ID in field.parts else text for field, text in both)

    def _named(self, ours: ReleasedNote, theirs: ReleasedNote, kept: ReleasedNote) -> Note:
        """The side's note whose id goes on: that of a rename, else of the text that is kept."""
        renamed = self.ours.renamed(ours), self.theirs.renamed(theirs)
        if renamed[0] == renamed[1]:
            return kept.note
        return ours.note if renamed[0] else theirs.note

    def _ordinals(self, ours: ReleasedNote, theirs: ReleasedNote) -> tuple[int, ...]:
        """The cards of a note that learners of either side have, and that no side retired."""

        def retired(number: int) -> bool:
            for side, one in ((self.ours, ours), (self.theirs, theirs)):
                if number in one.gone and side.retired(one, f"/{number + 1}"):
                    return True
            return False

        either = {*ours.note.ordinals, *theirs.note.ordinals}
        return tuple(sorted(number for number in either if not retired(number)))

    def _retired(self, ours: ReleasedNote, theirs: ReleasedNote) -> str:
        """Why a note is retired; a correction or a return on the other side outweighs that."""
        if not self._is_one_fact(ours, theirs):
            return TWO_FACTS
        for one, side, other, others in (
            (ours, self.ours, theirs, self.theirs),
            (theirs, self.theirs, ours, self.ours),
        ):
            if one.retired and not other.retired:
                stays = side.retired(one) and not others.changed(other)
                return one.retired if stays else ""
        return ours.retired or theirs.retired

    def _types(self) -> Iterator[tuple[NoteType, bool]]:
        """All note types, each with whether learners have two looks of it."""
        for kind in sorted({*self.ours.types, *self.theirs.types}):
            ours, theirs = self.ours.types.get(kind), self.theirs.types.get(kind)
            forked = [kind in side.ledger.forked_types for side in (self.ours, self.theirs)]
            if not ours or not theirs:
                yield (ours or theirs), any(forked)  # type: ignore[misc]  # one of them is there
                continue
            changed = self.ours.changed_look(kind), self.theirs.changed_look(kind)
            alone, differ = changed[0] != changed[1], bool(other_looks(ours, theirs))
            kept = ours if (changed[0] if alone else ours.mod >= theirs.mod) else theirs
            mods = (ours.mod, theirs.mod)
            mod = max(mods) if differ or alone else min(mods)
            mine = forked[0] if kept is ours else forked[1]
            yield replace(kept, mod=mod), (mine if alone else differ or any(forked))


def _numbers(release: Release) -> tuple[int, ...]:
    """A version that can be compared."""
    return tuple(map(int, release.version.split(".")))


def _shape(kind: NoteType) -> tuple[object, ...]:
    """By what Anki knows a note type."""
    return (
        kind.id,
        kind.cloze,
        [field.id for field in kind.fields],
        [one.id for one in kind.templates],
    )


def _asks(note: Note, types: Mapping[str, NoteType]) -> str:
    return line(types[note.kind].text(note.fields, PROMPT), 60)


def _double_ids(notes: Iterable[ReleasedNote]) -> Iterator[str]:
    """Ids that two notes have, as one side renamed a card and the other wrote a new one."""
    for name, times in Counter(one.note.id for one in notes).items():
        if times > 1:
            yield (
                f"{name} is two cards, because one side renamed a card to it: on one of the two"
                " branches, rename its card once more with `was`, release that, and merge again"
            )
