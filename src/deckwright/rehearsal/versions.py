"""Two versions of a package, and what should become of each note of the old one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from deckwright.model import by_content
from deckwright.real_anki.contents import (
    CardRow,
    Contents,
    NoteRow,
    NoteTypeRow,
    composed,
    in_package,
)
from deckwright.real_anki.scratch import Refused


@dataclass(frozen=True, slots=True)
class Intended:
    """What a release does on purpose: all else must be an accident.

    A note goes by its GUID, or by its name in messages, which is its field ``Id``.
    """

    retired: frozenset[str] = frozenset()
    """Notes, or ``note/N`` for a single card: N from 1, as in ``{{c1::…}}`` and in ``card:1``."""
    held_back: frozenset[str] = frozenset()
    """Notes, or names of note types, whose change learners should not get yet."""
    resent: frozenset[str] = frozenset()
    """Notes, or names of note types, that learners get again though nothing changed in them."""
    id_places: Mapping[int, int] = field(default_factory=dict)
    """Which field holds a card's id, by the id of the note type; -1 where none does.

    In a note type that is not here, it is the one called ``Id``.
    """
    sent: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """When releases sent notes, or note types by their names, on purpose.

    A text that went back to what it was is sent to all who have an older version.
    """


ID = "Id"
"""The field that holds a card's id, where nothing else is known."""
NOTHING_INTENDED = Intended()


class Expected(StrEnum):
    """What should become of a note of the old version."""

    CHANGED = "changed"
    """Its text changed: learners should get the new one."""
    SAME = "unchanged"
    """It is the same in both: learners should keep theirs, with all they wrote in it."""
    EITHER = "either"
    """Held back, sent again, or only its tags changed: either outcome is correct."""
    GONE = "gone"


@dataclass(frozen=True)
class Versions:
    """An old and a new version, as their packages hold them."""

    old_package: Path
    new_package: Path
    old: Contents
    new: Contents
    intended: Intended
    others: tuple[Contents, ...] = ()
    """All old versions at hand: what was changed in one and taken back is sent again."""

    @cached_property
    def expected(self) -> dict[str, Expected]:
        """What becomes of each note of the old version, by GUID."""
        return {guid: self._expected(guid) for guid in self.old.by_guid}

    def _expected(self, guid: str) -> Expected:
        old, new = self.old.by_guid[guid], self.new.by_guid.get(guid)
        if new is None:
            return Expected.GONE
        names = {guid, self.old.note_name(old.id), self.new.note_name(new.id)}
        if names & self.intended.resent:
            return Expected.CHANGED
        if names & self.intended.held_back:
            return Expected.EITHER
        if self._says(self.old, old) != self._says(self.new, new):
            return Expected.CHANGED
        if self._tags(old) != self._tags(new) or self._is_sent_again(old, new):
            return Expected.EITHER
        return Expected.SAME

    def _is_sent_again(self, old: NoteRow, new: NoteRow) -> bool:
        """Whether a note has to be sent to learners who have the same, because others have not."""
        if _is_between(self.intended.sent.get(new.guid, ()), old, new):
            return True
        there = ((one, one.by_guid.get(new.guid)) for one in self.others)
        return any(
            note
            and old.mod <= note.mod < new.mod
            and (self._says(one, note), self._tags(note))
            != (self._says(self.new, new), self._tags(new))
            for one, note in there
        )

    def _tags(self, note: NoteRow) -> set[str]:
        return {*note.tags.split()}

    def _says(self, contents: Contents, note: NoteRow) -> tuple[str, ...]:
        """The fields of a note without its id: a card or a picture that is renamed is the same."""
        names = contents.types[note.type].fields if note.type in contents.types else ()
        by_name = names.index(ID) if ID in names else -1
        place = self.intended.id_places.get(note.type, by_name)
        fields = enumerate(composed(note.fields))
        return tuple(by_content(text) for at, text in fields if at != place)

    def expected_of_type(self, id_: int) -> Expected:
        """What becomes of a note type of the old version: its names, templates and CSS."""
        old, new = self.old.types[id_], self.new.types.get(id_)
        if new is None:
            return Expected.GONE
        if {old.name, new.name} & self.intended.resent:
            return Expected.CHANGED
        if {old.name, new.name} & self.intended.held_back:
            return Expected.EITHER
        if replace(old, mod=0) != replace(new, mod=0):
            return Expected.CHANGED
        there = (one.types.get(id_) for one in self.others)
        again = _is_between(self.intended.sent.get(new.name, ()), old, new) or any(
            kind and old.mod <= kind.mod < new.mod and replace(kind, mod=new.mod) != new
            for kind in there
        )
        return Expected.EITHER if again else Expected.SAME

    def is_retired(self, guid: str, ordinal: int | None = None) -> bool:
        """Whether a note, or one of its cards, was given up on purpose."""
        owners = ((self.old, self.old.by_guid.get(guid)), (self.new, self.new.by_guid.get(guid)))
        names = {guid, *(contents.note_name(note.id) for contents, note in owners if note)}
        if ordinal is not None:  # the card, or the whole note
            names |= {f"{name}/{ordinal + 1}" for name in names}
        return bool(names & self.intended.retired)

    @cached_property
    def types(self) -> tuple[int, ...]:
        """The note types that notes of the old version have."""
        used = {note.type for note in self.old.notes.values()}
        return tuple(sorted(used & self.old.types.keys()))

    @cached_property
    def new_cards(self) -> dict[tuple[str, int], CardRow]:
        """The cards of the new version by GUID and ordinal."""
        notes = self.new.notes
        cards = (card for card in self.new.cards.values() if card.note in notes)
        return {(notes[card.note].guid, card.ordinal): card for card in cards}


def versions(
    old: Path, new: Path, intended: Intended, others: tuple[Contents, ...] = ()
) -> Versions:
    """Read two packages.

    Raises:
        Refused: where one cannot be read, or no learner can have studied the old one.
    """
    before = in_package(old)
    if before.fault:
        raise Refused(f"{old.name} cannot be compared: {before.fault}", "name a released package")
    return Versions(old, new, before, in_package(new), intended, others)


def _is_between(
    times: Iterable[int], old: NoteRow | NoteTypeRow, new: NoteRow | NoteTypeRow
) -> bool:
    """Whether one of some times came after the old mod, and up to the new one."""
    return any(old.mod < time <= new.mod for time in times)


def edit_time(old: NoteRow | NoteTypeRow, new: NoteRow | NoteTypeRow | None) -> int:
    """When the learner edits something: the second after the old version's time.

    This learner is the easiest to hurt: a mod that moves without need overwrites this edit, and
    an edit that is later than the new version keeps it out anyway (anki-facts §1). Where the new
    version is one second younger there is no room between the two: then, at the old one's time.
    """
    return old.mod if new and new.mod == old.mod + 1 else old.mod + 1
