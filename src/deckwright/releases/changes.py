"""What a release would change: the deck as it is, compared with the last release.

One comparison serves the build, ``diff`` and the changelog, and settles the mods. An update
replaces a learner's whole note, with their edits and tags in it, and Anki delivers it only where
the package's mod is later than theirs. So a note's mod moves only where a person changed its
source. A note that only renders differently (a newer Markdown) or only has other tags is *held
back* under the old mod.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from deckwright.model import Card, Deck, Field, Note, NoteType, by_content, deck_key
from deckwright.note_types import ID
from deckwright.note_types.cards import shown
from deckwright.releases.ledger import Ledger, ReleasedNote


@dataclass(frozen=True, slots=True)
class NoteChange:
    """A note that was released and is no longer the same."""

    before: ReleasedNote
    after: Note
    fields: tuple[str, ...]
    """The names of the fields that differ."""
    tags: bool = False
    """Whether its tags differ."""
    ordinals: tuple[int, ...] = ()
    """The ordinals of its new cards."""


@dataclass(frozen=True, slots=True)
class TypeChange:
    """A note type whose markup changed: templates or CSS."""

    before: NoteType
    after: NoteType
    parts: tuple[str, ...]
    """What differs: ``name``, ``css``, ``fields``, ``sort``, or the name of a template.

    Nothing, where it is only sent again because two branches had different looks of it.
    """


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that a release would change for learners, and what it would hold back."""

    added: tuple[Note, ...] = ()
    changed: tuple[NoteChange, ...] = ()
    """Delivered: the mod moves."""
    held: tuple[NoteChange, ...] = ()
    """Held back: the mod stays, because no person changed the source."""
    retired: tuple[ReleasedNote, ...] = ()
    returned: tuple[Note, ...] = ()
    """Once retired, and back."""
    renamed: tuple[NoteChange, ...] = ()
    """With another id; not a change for learners."""
    moved: tuple[NoteChange, ...] = ()
    """In another deck; the cards that learners have stay where they are."""
    types: tuple[TypeChange, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


def match(cards: Collection[Card], ledger: Ledger | None) -> Mapping[str, ReleasedNote]:
    """The released note that each card is, by the card's id."""
    if ledger is None:
        return {}
    found = ((card.id, ledger.find(card.id, card.was)) for card in cards)
    return {card_id: released for card_id, released in found if released}


def keep_released(deck: Deck, matches: Mapping[str, ReleasedNote]) -> Deck:
    """The deck, with the released text where a reader would see no difference.

    A paragraph with other line breaks has not changed: it replaces no learner's note. Neither has
    a picture whose file got another name, which new learners get under that name.
    """
    layouts = _layouts(deck)

    def keep(note: Note) -> Note:
        released = matches.get(note.id)
        if released is None or released.note.kind != note.kind:
            return note
        layout = layouts[note.kind]
        if _note_change(released, note, layout).fields:
            return note
        both = zip(layout.names, released.note.fields, note.fields, strict=True)
        return replace(
            note,
            fields=tuple(
                old if name != layout.id and old != new and _shown(old) == _shown(new) else new
                for name, old, new in both
            ),
        )

    return replace(deck, notes=tuple(keep(note) for note in deck.notes))


def compare(
    deck: Deck,
    ledger: Ledger | None,
    matches: Mapping[str, ReleasedNote],
    resend: Collection[str] = (),
    hold: Collection[str] = (),
) -> Changes:
    """Compare a deck with its last release.

    ``resend`` names notes (or ``all``) whose update is delivered instead of held back, and
    ``hold`` those that are held back although a person changed their source. A note by its own
    name counts before ``all``.
    """
    if ledger is None:
        return Changes(added=deck.notes)
    layouts = _layouts(deck)
    known = [(matches[note.id], note) for note in deck.notes if note.id in matches]
    pairs = [_note_change(before, after, layouts[after.kind]) for before, after in known]
    waiting = [
        pair
        for pair in pairs
        if (pair.fields or pair.tags or _has_to_be_sent(pair.before))
        and not _is_back(pair, layouts[pair.after.kind])
    ]
    sent = {pair.after.id for pair in waiting if _is_delivered(pair, resend, hold)}
    present = {before.note.guid for before, _ in known}
    return Changes(
        added=tuple(note for note in deck.notes if note.id not in matches),
        changed=tuple(pair for pair in waiting if pair.after.id in sent),
        held=tuple(pair for pair in waiting if pair.after.id not in sent),
        retired=tuple(
            one for one in ledger.notes if not one.retired and one.note.guid not in present
        ),
        returned=tuple(after for before, after in known if before.retired),
        renamed=tuple(pair for pair in pairs if pair.before.note.id != pair.after.id),
        moved=tuple(pair for pair in pairs if _is_moved(pair)),
        types=tuple(_type_changes(deck.types, ledger.types, ledger.forked_types)),
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """The fields of a note type."""

    names: tuple[str, ...]
    id: str
    """The one with a card's id: a rename is not a new text."""
    typed: frozenset[str]
    """Those that a learner types, in which every sign counts."""

    def looks(self, name: str, text: str) -> str:
        """What counts in the text of a field."""
        return text if name in self.typed else by_content(_shown(text))

    def differ(self, name: str, old: str, new: str) -> bool:
        """Whether the texts of a field differ for a learner; most are the same to the letter."""
        return name != self.id and old != new and self.looks(name, old) != self.looks(name, new)


def _layouts(deck: Deck) -> dict[str, _Layout]:
    return {kind.kind: _layout(kind) for kind in deck.types}


def _layout(kind: NoteType) -> _Layout:
    sides = (side for one in kind.templates for side in (one.front, one.back))
    fields = (field for side in sides for field in shown(side))
    typed = frozenset(name for name, filters in fields if filters.startswith("type:"))
    return _Layout(tuple(field.name for field in kind.fields), kind.field_of(ID), typed)


def digest(note: Note, kind: NoteType) -> str:
    """What a learner has of a note: its fields, however they are laid out, and its tags."""
    return _digest(note, _layout(kind))


def _digest(note: Note, layout: _Layout) -> str:
    named = zip(layout.names, note.fields, strict=True)
    fields = [layout.looks(name, text) for name, text in named if name != layout.id]
    return sha256(json.dumps([fields, note.tags]).encode()).hexdigest()[:32]


def _is_back(change: NoteChange, layout: _Layout) -> bool:
    """Whether only tags were held back, and are what learners have again.

    Those who began in between keep the others: no reason to replace what all learners wrote.
    """
    before = change.before
    return (
        bool(before.had)
        and not before.forked
        and not change.fields
        and before.had == _digest(change.after, layout)
    )


def _note_change(before: ReleasedNote, after: Note, layout: _Layout) -> NoteChange:
    names = layout.names
    old = dict(zip(names, before.note.fields, strict=False))
    new = dict(zip(names, after.fields, strict=True))

    return NoteChange(
        before,
        after,
        tuple(name for name in names if layout.differ(name, old.get(name, ""), new[name])),
        before.note.tags != after.tags,
        tuple(number for number in after.ordinals if number not in before.note.ordinals),
    )


def _shown(field: str) -> str:
    """A field as a browser shows it, with any white space as one space."""
    return field if "<pre" in field else re.sub(r"[ \t\n\r\f]+", " ", field).strip()


def _has_to_be_sent(released: ReleasedNote) -> bool:
    """Whether learners have another text of a note than its last one."""
    return released.held or released.forked


def _is_delivered(change: NoteChange, resend: Collection[str], hold: Collection[str]) -> bool:
    name = change.after.id
    if change.before.forked:
        return True
    if name in resend or name in hold:
        return name in resend
    if "all" in hold and not change.ordinals:  # a new card would come without its text
        return False
    if "all" in resend:
        return True
    return bool(change.fields) and change.before.note.source != change.after.source


MANY = 20
"""Fewer corrections than this are looked at one by one."""


def replaces_most(changed: int, known: int) -> bool:
    """Whether corrections replace most of the notes that learners have."""
    return changed >= MANY and 2 * changed > known


def _is_moved(change: NoteChange) -> bool:
    return deck_key(change.before.note.deck) != deck_key(change.after.deck)


def _type_changes(
    after: tuple[NoteType, ...], before: tuple[NoteType, ...], forked: Collection[str]
) -> Iterator[TypeChange]:
    olds = {kind.kind: kind for kind in before}
    for new in after:
        old = olds.get(new.kind)
        if old is None:
            continue
        parts = other_looks(old, new)
        if parts or new.kind in forked:
            yield TypeChange(old, new, parts)


def other_looks(old: NoteType, new: NoteType) -> tuple[str, ...]:
    """What of a note type looks otherwise than before, as a `TypeChange` names it."""
    parts = [name for name in ("name", "css", "sort") if getattr(old, name) != getattr(new, name)]
    if [*map(_looks, old.fields)] != [*map(_looks, new.fields)]:
        parts.append("fields")
    sides = {one.name: (one.front, one.back) for one in old.templates}
    parts += [one.name for one in new.templates if sides.get(one.name) != (one.front, one.back)]
    return tuple(parts)


def _looks(field: Field) -> tuple[object, ...]:
    """What a learner sees of a field."""
    return field.name, field.description, field.collapsed, field.search


def stamp(deck: Deck, changes: Changes, ledger: Ledger | None, time: int) -> Deck:
    """The deck with its mods settled; one that moves becomes ``time``, the time of this build."""
    notes = {one.note.guid: one.note.mod for one in ledger.notes} if ledger else {}
    types = {kind.kind: kind.mod for kind in ledger.types} if ledger else {}
    notes |= {change.after.guid: time for change in changes.changed}
    types |= {change.after.kind: time for change in changes.types}
    return replace(
        deck,
        notes=tuple(replace(note, mod=notes.get(note.guid, time)) for note in deck.notes),
        types=tuple(replace(kind, mod=types.get(kind.kind, time)) for kind in deck.types),
    )
