"""What a rehearsed upgrade means: which cards that a learner studied ask something else now."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from deckwright.model import Field, Note, NoteType, Template
from deckwright.note_types.cards import of_clozes
from deckwright.real_anki.contents import NoteTypeRow
from deckwright.rehearsal.study import Studied
from deckwright.releases.facts import said, side_by_side
from deckwright.releases.ledger import Ledger
from deckwright.releases.same_question import Questions


def asked_otherwise(studied: Sequence[Studied], same: Container[str]) -> Iterator[str]:
    """The cards that ask something else than when they were studied, in words.

    ``same`` are the GUIDs of notes whose author said that they are the same fact.
    """
    types = {one.type.name: _note_type(one.type) for one in studied}
    questions = Questions(
        {one.guid: _note(one, one.before) for one in studied},
        types,
        {one.guid: _note(one, one.after) for one in studied},
        types,
    )
    for one in studied:
        if one.guid not in same:
            numbers = {change.number for change in questions.changes(one.guid)}
            for ordinal in _asking(one):
                if numbers & {0, ordinal + 1}:
                    yield _in_words(one, types[one.type.name], ordinal + 1)


def _asking(one: Studied) -> Iterator[int]:
    """The ordinals of the studied cards that ask something still."""
    left = of_clozes(one.after) if one.type.cloze else one.ordinals
    yield from (ordinal for ordinal in one.ordinals if ordinal in left)


def _in_words(one: Studied, kind: NoteType, number: int) -> str:
    both = (said(_note(one, text), kind, number) for text in (one.before, one.after))
    asked, asks = side_by_side(*both)
    return f"card {number} of {one.name} asked {asked}, and asks {asks}"


def said_same(ledger: Ledger, since: int) -> frozenset[str]:
    """The GUIDs of the notes whose authors said, since a time, that they are the same fact."""
    names = (name for one in ledger.releases if one.time > since for name in one.same)
    found = (ledger.find(name) for name in names)
    return frozenset(released.note.guid for released in found if released)


def _note(one: Studied, fields: tuple[str, ...]) -> Note:
    return Note(one.name, one.guid, one.type.name, "", fields, (), one.ordinals)


def _note_type(row: NoteTypeRow) -> NoteType:
    """A note type as far as a collection knows it."""
    sides = zip(row.templates, row.sides[::2], row.sides[1::2], strict=True)
    return NoteType(
        row.name,
        0,
        row.name,
        0,
        tuple(Field(name, 0, "") for name in row.fields),
        tuple(Template(name, 0, front, back) for name, front, back in sides),
        row.css,
        cloze=row.cloze,
    )
