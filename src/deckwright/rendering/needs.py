"""What a note type needs of a card, and what it has no place for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from deckwright.formulas.parts import MarkKind
from deckwright.model import Card, Problem
from deckwright.note_types import Kind
from deckwright.rendering.pieces import CLOZE_PLACE, Scan
from deckwright.rendering.references import LOST_TEXT
from deckwright.source.cards import EMPTY_FRONT, UNKNOWN_PART


def as_written(kind: Kind, card: Card, answer: Scan) -> Iterator[Problem]:
    """Clozes and parts that are missing, or that the note type does not have."""
    first = next((mark for mark in answer.marks if mark.kind is MarkKind.OPEN), None)
    if first and not kind.cloze:
        what = f"a cloze in a {kind.name} card would be shown as it is"
        fix = "remove it, or give the card a note type with clozes"
        yield CLOZE_PLACE.at(first.start, what, fix)
    elif kind.cloze and not answer.has_cloze:
        what = f"this {kind.name} card has no cloze, and so no question"
        fix = "hide a part of its text as {{c1::…}}, or give the card another note type"
        yield EMPTY_FRONT.at(card.prompt.start, what, fix)
    for part in card.parts:
        if kind.own and (name := kind.unseen.get(part.name)):
            what = f"no template of {kind.name} shows the field {name}, and so this part is lost"
            yield LOST_TEXT.at(part.start, what, f"write {{{{{name}}}}} into one, or remove it")
        if part.name not in kind.parts:
            what = f"a {kind.name} card has no part {part.name}"
            fix = "remove it, or write the card without clozes"
            yield UNKNOWN_PART.at(part.start, what, fix)


def without_place(kind: Kind, card: Card) -> Problem:
    """The text under the heading of a card, where no field takes it."""
    text = card.answer.text
    what = f"a {kind.name} card has no place for a text right under its heading"
    fix = f"move it to {_listed(kind.parts)}" if kind.parts else "remove it"
    fix += ', or write part = "answer" for a field in note_type.toml'
    return LOST_TEXT.at(card.answer.start + len(text) - len(text.lstrip()), what, fix)


def as_filled(
    kind: Kind, card: Card, fields: Mapping[str, str], ordinals: Sequence[int]
) -> Iterator[Problem]:
    """A first field that is empty, and a note that Anki would make no card of."""
    first = next(iter(fields))
    if not fields[first]:
        what = f"the first field of a {kind.name} card, {first}, is empty"
        yield EMPTY_FRONT.at(card.prompt.start, what, f"write {_listed(kind.filled_by[first])}")
    elif not ordinals and not kind.cloze:
        what = f"Anki would make no card of this: each front of {kind.name} would be blank"
        yield EMPTY_FRONT.at(card.prompt.start, what, f"write {_listed(kind.parts)}")


def _listed(parts: Iterable[str]) -> str:
    """Parts as they are written in a card."""
    return " or ".join(f"### {one}" for one in parts)
