"""What a released note type must keep: its fields and templates, in order, and what they ask.

Anki refuses every update of a note type of another shape, and makes a copy of it for new notes.
It knows fields and templates by their ids, so their names are free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deckwright.model import Deck, Field, NoteType, Place, Problem, Rule, Stake, Template
from deckwright.note_types import KINDS
from deckwright.note_types.cards import shown
from deckwright.releases.ledger import Ledger

SHAPE_CHANGED = Rule(
    "shape-changed",
    "The fields and templates of a released note type never change, and neither do the ids "
    "in a note_type.toml. Otherwise Anki delivers no more updates, and makes a copy of the "
    "note type for new notes.",
    stake=Stake.HISTORY,
)


_COST = "Anki would deliver nothing any more"


@dataclass(frozen=True, slots=True)
class Shapes:
    """The note types of a deck, and those that it was released with."""

    deck: Deck
    ledger: Ledger
    config: Place
    """Where deck.toml is."""
    places: Mapping[tuple[str, str, int], Place]
    """Where the deck's own note types, their fields and templates have their ids: by the kind of
    the note type, ``field``, ``template`` or nothing, and the id."""
    complete: bool
    """Whether every note type can be read; only then can one be gone."""

    def breaches(self) -> Iterator[tuple[str, Problem]]:
        """Everything that would cost learners something, each with its note type's kind."""
        olds = {one.kind: one for one in self.ledger.types}
        for new in self.deck.types:
            if not (old := olds.pop(new.kind, None)):
                continue
            for one, what, fix in _changes(old, new):
                what = f"the note type {called(new)} changed, {what}: {_COST}"
                fix = fix or "take the note type back as it was released, and use a reserved field"
                yield new.kind, SHAPE_CHANGED.at(self._place(new, *one), what, fix)
            for one, what, fix in _moves(old, new):
                yield new.kind, SHAPE_CHANGED.at(self._place(new, *one), what, fix)
        if self.complete:
            retired = self.deck.info.retired
            live = (one for one in self.ledger.notes if not one.retired)
            used = {one.note.kind for one in live if one.note.id not in retired}
            yield from ((kind, self._gone(old)) for kind, old in olds.items() if kind in used)

    def _place(self, kind: NoteType, word: str, id_: int) -> Place:
        """Where a field or a template is, or else its note type."""
        at = self.places.get((kind.kind, "", kind.id), self.config)
        return self.places.get((kind.kind, word, id_), at)

    def _gone(self, old: NoteType) -> Problem:
        """A released note type is not in the deck, or has another id there."""
        same = next((new for new in self.deck.types if called(new) == called(old)), None)
        if same and (at := self.places.get((same.kind, "", same.id))):
            what = f"the id of the note type {called(old)} was {old.id} in every release"
            place, fix = at, f"write id = {old.id}"
        else:
            what = f"the note type {called(old)} is gone, and learners have notes of it"
            place, fix = self.config, f"take its folder back, with id = {old.id} in note_type.toml"
        return SHAPE_CHANGED.at(place, f"{what}: {_COST} for their notes", fix)


def called(kind: NoteType) -> str:
    """A note type for people: ours by its kind, a deck's own by its name."""
    return kind.kind if kind.kind in KINDS else kind.name.rpartition(" – ")[2]


_What = tuple[str, int]
"""A field or a template: the word for it, and its id."""


def _changes(old: NoteType, new: NoteType) -> Iterator[tuple[_What, str, str]]:
    """What makes it another note type for Anki, and how to mend that where it is only an id."""
    if old.id != new.id:
        yield ("", new.id), "its id", ""
    if old.cloze != new.cloze:
        yield ("", new.id), "whether a note makes a card for each cloze", ""
    yield from _differ("field", old.fields, new.fields)
    yield from _differ("template", old.templates, new.templates)


def _differ(
    word: str, olds: Sequence[Field | Template], news: Sequence[Field | Template]
) -> Iterator[tuple[_What, str, str]]:
    before, after = [one.id for one in olds], [one.id for one in news]
    if before == after:
        return
    both = [(old, new) for old, new in zip(olds, news, strict=False) if old.id != new.id]
    other = [(old, new) for old, new in both if old.id in after or new.id in before]
    if len(olds) == len(news) and not other:
        for old, new in both:
            what = f"the id of the {word} {new.name} was {old.id}"
            yield (word, new.id), what, f"write id = {old.id} in it"
        return
    gone = [one.name for one in olds if one.id not in after]
    added = [one.name for one in news if one.id not in before]
    moved = [two for one, two in zip(before, after, strict=False) if one != two]
    at = next((one for one in after if one not in before), moved[0] if moved else 0)
    if gone or added:
        signs = [*(f"{name} is gone" for name in gone), *(f"{name} is new" for name in added)]
        yield (word, at), f"its {word}s ({', '.join(signs)})", ""
    else:
        yield (word, at), f"the order of its {word}s", ""


def _moves(old: NoteType, new: NoteType) -> Iterator[tuple[_What, str, str]]:
    """What would go to another field or card than learners have, and how to mend that."""
    names = {field.id: field.name for field in new.fields}
    filled = {part: field.id for field in new.fields for part in field.parts}
    for field in old.fields:
        for part in field.parts:
            if (now := filled.get(part, field.id)) != field.id and field.id in names:
                what = (
                    f"the part {part} of the note type {called(new)} filled the field"
                    f" {names[field.id]}, and fills {names[now]} now: the notes that learners have"
                    " would ask something else, or stay as they are"
                )
                yield ("field", now), what, f"let it fill {names[field.id]} again"
    asked = {one.id: _asked(old, one) for one in old.templates}
    for one in new.templates:
        asks = _asked(new, one)
        others = [other.name for other in old.templates if asked[other.id] == asks]
        if asked.get(one.id, asks) != asks and others:
            what = (
                f"the template {one.name} of the note type {called(new)} asks what {others[0]}"
                " asked: the history of one question would go to another"
            )
            yield ("template", one.id), what, "let each template ask what it asked"


def _asked(kind: NoteType, template: Template) -> tuple[int, ...]:
    """The fields that a front shows, by their ids."""
    ids = {field.name: field.id for field in kind.fields}
    return tuple(ids[name] for name, _ in shown(template.front) if name in ids)
