"""A learner who makes the deck their own: what they edit, and what is left of it after an update.

Each kind of edit is made on notes that the new version changes and on notes that it does not,
spread over the deck, always on the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from deckwright.real_anki.contents import Contents, NoteRow
from deckwright.real_anki.scratch import Scratch
from deckwright.rehearsal.study import Snapshot, snapshot
from deckwright.rehearsal.versions import Expected, Versions, edit_time

if TYPE_CHECKING:
    from deckwright.real_anki.scratch import Collection, NotetypeDict

EACH = 20
"""Edits of one kind on changed notes, and as many on others, in a deck of many notes."""

TAG = "my-own"
WORDS = " (my own words)"
DECK = "My own deck"
PRESET = "My own preset"
CSS_LINE = "\n.my-own { color: teal; }"
FLAG = 3
SUSPENDED = -1
FIELD = "My own field"


class Kind(StrEnum):
    """What learners edit, in words for a table."""

    TAG = "tag"
    TEXT = "text"
    FLAG = "flag"
    SUSPENSION = "suspension"
    DECK = "deck of a card"
    PRESET = "deck preset"
    CSS = "CSS line"
    FIELD = "added field"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a learner, and whether it was still there after the update."""

    kind: Kind
    name: str
    """The note, the note type or the deck."""
    changed: bool
    """Whether the new version changes that note or note type."""
    survived: bool


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """An edit of a note, a note type or a deck, given by its id."""

    kind: Kind
    target: int
    name: str
    changed: bool


# -- Making them -----------------------------------------------------------------------------------


def edit(scratch: Scratch, versions: Versions) -> tuple[PlannedEdit, ...]:
    """Make a learner's edits, at the times of `edit_time`."""
    planned = tuple(_planned(versions, snapshot(scratch).contents))
    targets = {kind: [one.target for one in planned if one.kind == kind] for kind in Kind}

    def make(collection: Collection) -> None:
        for kind, work in _HOW.items():
            if targets[kind]:
                work(collection, targets[kind])

    scratch.run(make)
    _set_times(scratch, versions, targets[Kind.TAG] + targets[Kind.TEXT], targets[Kind.CSS])
    return planned


def _planned(versions: Versions, contents: Contents) -> Iterator[PlannedEdit]:
    """The edits of a learner on what the old version brought."""
    kinds = (Kind.TAG, Kind.TEXT, Kind.FLAG, Kind.SUSPENSION, Kind.DECK)
    for notes, changed in _notes(versions, contents):
        step = max(len(kinds), len(notes) // EACH)
        for place, kind in enumerate(kinds):
            for note in notes[place % max(len(notes), 1) :: step]:
                yield PlannedEdit(kind, note.id, contents.note_name(note.id), changed)
    for card in tuple(contents.cards.values())[:1]:
        yield PlannedEdit(Kind.PRESET, card.id, card.deck, changed=False)
    for id_ in versions.types:
        expected = versions.expected_of_type(id_)
        if expected != Expected.EITHER:
            changed = expected == Expected.CHANGED
            yield PlannedEdit(Kind.CSS, id_, contents.types[id_].name, changed)


def _notes(versions: Versions, contents: Contents) -> Iterator[tuple[list[NoteRow], bool]]:
    """The notes that the new version changes, and those that it does not."""
    for one in (Expected.CHANGED, Expected.SAME):
        notes = [note for note in contents.notes.values() if versions.expected[note.guid] == one]
        yield notes, one == Expected.CHANGED


def _set_times(
    scratch: Scratch, versions: Versions, notes: Sequence[int], types: Sequence[int]
) -> None:
    """Put edits of notes and note types at the times of `edit_time`: Anki only knows "now"."""
    old, new = versions.old, versions.new
    guids = {id_: note.guid for id_, note in snapshot(scratch).contents.notes.items()}
    scratch.set_times(
        {id_: edit_time(old.by_guid[guids[id_]], new.by_guid.get(guids[id_])) for id_ in notes},
        {id_: edit_time(old.types[id_], new.types.get(id_)) for id_ in types},
    )


def _tag(collection: Collection, notes: Sequence[Any]) -> None:
    collection.tags.bulk_add(notes, TAG)


def _write(collection: Collection, notes: Sequence[Any]) -> None:
    for id_ in notes:
        note = collection.get_note(id_)
        # Neither the first field, which is the question, nor the id.
        name = next((name for name in note.keys()[1:] if name != "Id"), note.keys()[0])
        note[name] += WORDS
        collection.update_note(note)


def _cards(collection: Collection, notes: Sequence[Any]) -> list[Any]:
    return [collection.card_ids_of_note(note)[0] for note in notes]


def _flag(collection: Collection, notes: Sequence[Any]) -> None:
    collection.set_user_flag_for_cards(FLAG, _cards(collection, notes))


def _suspend(collection: Collection, notes: Sequence[Any]) -> None:
    collection.sched.suspend_cards(_cards(collection, notes))


def _move(collection: Collection, notes: Sequence[Any]) -> None:
    deck = collection.decks.add_normal_deck_with_name(DECK).id
    collection.set_deck(_cards(collection, notes), deck)


def _choose_preset(collection: Collection, cards: Sequence[Any]) -> None:
    preset = collection.decks.add_config(PRESET)
    for card in cards:
        deck = collection.decks.get(collection.get_card(card).did)
        assert deck
        collection.decks.set_config_id_for_deck_dict(deck, preset["id"])


def _style(collection: Collection, types: Sequence[Any]) -> None:
    for id_ in types:
        note_type = _note_type(collection, id_)
        note_type["css"] += CSS_LINE
        collection.models.update_dict(note_type)


_HOW: dict[Kind, Callable[[Collection, Sequence[Any]], None]] = {
    Kind.TAG: _tag,
    Kind.TEXT: _write,
    Kind.FLAG: _flag,
    Kind.SUSPENSION: _suspend,
    Kind.PRESET: _choose_preset,  # before a card is moved: it is one of our decks
    Kind.DECK: _move,
    Kind.CSS: _style,
}


def add_field(scratch: Scratch, versions: Versions) -> tuple[PlannedEdit, ...]:
    """Add a field to every note type of the old version, and write in it on some notes.

    Adding a field makes Anki put the time "now" on every note of the type.
    """
    contents = snapshot(scratch).contents
    planned = tuple(
        PlannedEdit(Kind.FIELD, note.id, contents.note_name(note.id), changed)
        for notes, changed in _notes(versions, contents)
        for note in notes[:: max(1, len(notes) // EACH)]
    )

    def add(collection: Collection) -> None:
        for id_ in versions.types:
            note_type = _note_type(collection, id_)
            collection.models.add_field(note_type, collection.models.new_field(FIELD))
            collection.models.update_dict(note_type)
        notes: list[Any] = [one.target for one in planned]
        for note in map(collection.get_note, notes):
            note[FIELD] = FIELD
            collection.update_note(note)

    scratch.run(add)
    _set_times(scratch, versions, tuple(contents.notes), versions.types)
    return planned


def _note_type(collection: Collection, id_: Any) -> NotetypeDict:
    note_type = collection.models.get(id_)
    assert note_type
    return note_type


# -- Looking what is left of them ------------------------------------------------------------------


def survivors(scratch: Scratch, planned: Sequence[PlannedEdit]) -> tuple[Edit, ...]:
    """The edits, each with whether it is there."""
    now = snapshot(scratch)
    return tuple(
        Edit(one.kind, one.name, one.changed, _survived(scratch, now, one)) for one in planned
    )


def _survived(scratch: Scratch, now: Snapshot, one: PlannedEdit) -> bool:
    if one.kind == Kind.CSS:
        return CSS_LINE in now.contents.types[one.target].css
    if one.kind == Kind.PRESET:
        return scratch.run(lambda collection: _preset(collection, one.name)) == PRESET
    if one.target not in now.contents.notes:
        return False
    note = now.contents.notes[one.target]
    if one.kind == Kind.TAG:
        return TAG in note.tags.split()
    if one.kind == Kind.TEXT:
        return any(text.endswith(WORDS) for text in note.fields)
    if one.kind == Kind.FIELD:
        return FIELD in now.contents.texts(note).values()
    cards = (card for card in now.contents.cards.values() if card.note == note.id)
    first = min(cards, key=lambda card: card.ordinal)
    return {
        Kind.FLAG: now.cards[first.id].flag == FLAG,
        Kind.SUSPENSION: now.cards[first.id].queue == SUSPENDED,
        Kind.DECK: first.deck == DECK,
    }[one.kind]


def _preset(collection: Collection, deck: str) -> str:
    id_ = collection.decks.id_for_name(deck)
    return str(collection.decks.config_dict_for_deck_id(id_)["name"]) if id_ else ""
