"""A learner who makes the deck their own: what they edit, and what is left of it after an update.

Each kind of edit is made on notes that the new version changes and on notes that it does not,
spread over the deck, always on the same ones.
"""

from __future__ import annotations

from collections import defaultdict
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
class Wish:
    """An edit yet to be made on a note, a note type or a deck, given by its id."""

    kind: Kind
    target: int
    name: str
    changed: bool


def _wishes(versions: Versions, contents: Contents) -> Iterator[Wish]:
    """The edits of a learner on what the old version brought."""
    for fate in (Expected.CHANGED, Expected.SAME):
        notes = [note for note in contents.notes.values() if versions.expected[note.guid] == fate]
        for kind, note in _spread(notes):
            yield Wish(kind, note.id, contents.note_name(note.id), fate == Expected.CHANGED)
    for card in tuple(contents.cards.values())[:1]:
        yield Wish(Kind.PRESET, card.id, card.deck, changed=False)
    for id_ in versions.types:
        changed = versions.expected_of_type(id_) == Expected.CHANGED
        yield Wish(Kind.CSS, id_, contents.types[id_].name, changed)


def _spread(notes: Sequence[NoteRow]) -> Iterator[tuple[Kind, NoteRow]]:
    kinds = (Kind.TAG, Kind.TEXT, Kind.FLAG, Kind.SUSPENSION, Kind.DECK)
    step = max(len(kinds), len(notes) // EACH)
    for place, kind in enumerate(kinds):
        for note in notes[place % max(len(notes), 1) :: step]:
            yield kind, note


# -- Making them -----------------------------------------------------------------------------------


def edit(scratch: Scratch, versions: Versions) -> tuple[Wish, ...]:
    """Make a learner's edits, at the times of `edit_time`."""
    wanted = tuple(_wishes(versions, snapshot(scratch).contents))
    targets: defaultdict[Kind, list[int]] = defaultdict(list)
    for wish in wanted:
        targets[wish.kind].append(wish.target)
    for kind, work in _HOW.items():
        if targets[kind]:
            _make(scratch, work, targets[kind])
    _set_times(scratch, versions, targets[Kind.TAG] + targets[Kind.TEXT], targets[Kind.CSS])
    return wanted


def _make(
    scratch: Scratch, work: Callable[[Collection, Sequence[int]], None], targets: Sequence[int]
) -> None:
    scratch.run(lambda collection: work(collection, targets))


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
        note[_field(note.keys())] += WORDS
        collection.update_note(note)


def _field(names: Sequence[str]) -> str:
    """The field a learner writes in: neither the first, which is the question, nor the id."""
    return next((name for name in names[1:] if name != "Id"), names[0])


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


# -- Looking what is left of them ------------------------------------------------------------------


def survivors(scratch: Scratch, wanted: Sequence[Wish]) -> tuple[Edit, ...]:
    """The edits, each with whether it is there."""
    now = snapshot(scratch)
    return tuple(
        Edit(wish.kind, wish.name, wish.changed, _there(scratch, now, wish)) for wish in wanted
    )


def _there(scratch: Scratch, now: Snapshot, wish: Wish) -> bool:
    if wish.kind == Kind.CSS:
        return CSS_LINE in now.contents.types[wish.target].css
    if wish.kind == Kind.PRESET:
        return _preset_there(scratch, wish.name)
    if wish.target not in now.contents.notes:
        return False
    note = now.contents.notes[wish.target]
    if wish.kind == Kind.TAG:
        return TAG in note.tags.split()
    if wish.kind == Kind.TEXT:
        return any(text.endswith(WORDS) for text in note.fields)
    if wish.kind == Kind.FIELD:
        return FIELD in now.contents.texts(note).values()
    return _on_card(now, wish)


def _on_card(now: Snapshot, wish: Wish) -> bool:
    cards = [card for card in now.contents.cards.values() if card.note == wish.target]
    first = min(cards, key=lambda card: card.ordinal)
    state = now.cards[first.id]
    return {
        Kind.FLAG: state.flag == FLAG,
        Kind.SUSPENSION: state.queue == SUSPENDED,
        Kind.DECK: first.deck == DECK,
    }[wish.kind]


def _preset_there(scratch: Scratch, deck: str) -> bool:
    def chosen(collection: Collection) -> bool:
        id_ = collection.decks.id_for_name(deck)
        return bool(id_ and collection.decks.config_dict_for_deck_id(id_)["name"] == PRESET)

    return scratch.run(chosen)


# -- A field of their own --------------------------------------------------------------------------


def add_field(scratch: Scratch, versions: Versions) -> tuple[Wish, ...]:
    """Add a field to every note type of the old version, and write in it on some notes.

    Adding a field makes Anki put the time "now" on every note of the type.
    """
    contents = snapshot(scratch).contents
    wanted = tuple(_field_wishes(versions, contents))
    notes = [wish.target for wish in wanted]

    def add(collection: Collection) -> None:
        for id_ in versions.types:
            note_type = _note_type(collection, id_)
            collection.models.add_field(note_type, collection.models.new_field(FIELD))
            collection.models.update_dict(note_type)
        _fill(collection, notes)

    scratch.run(add)
    _set_times(scratch, versions, tuple(contents.notes), versions.types)
    return wanted


def _field_wishes(versions: Versions, contents: Contents) -> Iterator[Wish]:
    for fate in (Expected.CHANGED, Expected.SAME):
        notes = [note for note in contents.notes.values() if versions.expected[note.guid] == fate]
        for note in notes[:: max(1, len(notes) // EACH)]:
            name = contents.note_name(note.id)
            yield Wish(Kind.FIELD, note.id, name, fate == Expected.CHANGED)


def _fill(collection: Collection, notes: Sequence[Any]) -> None:
    for id_ in notes:
        note = collection.get_note(id_)
        note[FIELD] = FIELD
        collection.update_note(note)


def _note_type(collection: Collection, id_: Any) -> NotetypeDict:
    note_type = collection.models.get(id_)
    assert note_type
    return note_type
