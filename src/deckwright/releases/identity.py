"""Whether each card is what was released under its id: its fact, its note type, its questions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deckwright.model import Card, Note, NoteType, Place, Problem, Rule, Stake
from deckwright.releases.facts import said, side_by_side
from deckwright.releases.ledger import Ledger, ReleasedNote
from deckwright.releases.same_question import Change, Questions, Why
from deckwright.releases.shapes import called

ID_REUSED = Rule(
    "id-reused",
    "An id means one fact for ever. With another fact, a learner's history of the old card "
    "would become the history of the new one.",
    stake=Stake.HISTORY,
)

KIND_CHANGED = Rule(
    "kind-changed",
    "A released card keeps its note type, ours or the deck's own: Anki refuses every later "
    "update of a note whose note type changed.",
    stake=Stake.HISTORY,
)

ORDINAL_GONE = Rule(
    "ordinal-gone",
    "A released cloze number or Reverse stays. Otherwise the learner's card would stay and "
    'show "No cloze found" at every review.',
    stake=Stake.HISTORY,
)

ORDINAL_MOVED = Rule(
    "ordinal-moved",
    "A cloze keeps its number. Otherwise a learner's history of it would go to another question.",
    stake=Stake.HISTORY,
)


_RAW_CLOZE = re.compile(r"\{&#123;c\d+::")
"""The mark of a cloze in a released field that is shown as it is."""


@dataclass(frozen=True)
class Identity:
    """The cards of a deck, and what was released under their ids."""

    cards: Mapping[str, Card]
    """The cards as written, by id."""
    ledger: Ledger
    matches: Mapping[str, ReleasedNote]
    """The released note that each card is, by the card's id."""
    questions: Questions
    retired: Container[str]
    """The names under [retired] in deck.toml."""

    def at(self, card_id: str) -> Place:
        """The place of a card's id."""
        card = self.cards[card_id]
        return card.source.place(card.id_at)

    def _type(self, note: Note) -> NoteType:
        return self.questions.types[note.kind]

    def _old_type(self, note: Note) -> NoteType:
        return self.questions.old_types[note.kind]

    def breaches(self, note: Note, other: str, *, is_compared: bool) -> Iterator[Problem]:
        """What is wrong with a note; ``other`` is the first card that claims to be the old one.

        Where its note type has another shape, or two cards claim to be it, it is not compared.
        """
        released = self.matches[note.id]
        old, at = released.note, self.at(note.id)
        if claim := self._false_claim(note, old, other):
            yield ID_REUSED.at(at, *claim)
        if old.kind != note.kind:
            if not claim:
                yield from self._kind(note, old)
        elif is_compared:
            changes = () if self._is_said(note) else self.questions.changes(note.guid)
            for change in () if claim else changes:
                if not change.number:
                    yield ID_REUSED.at(at, *self._other(note, old, change))
            yield from self._ordinals(note, released, [one for one in changes if one.number])

    def _kind(self, note: Note, old: Note) -> Iterator[Problem]:
        """What is wrong where a card has another note type than it was released with."""
        # Where the old note type is gone or has mistakes, that is the problem.
        if old.kind in self.questions.types:
            before, now = called(self._old_type(old)), called(self._type(note))
            fix = f"give it an id of its own, without `was`, and put {old.id} under [retired]"
            fix += " in deck.toml"
            if any(map(_RAW_CLOZE.search, old.fields)):
                fix = (
                    "learners see the marks of its clozes until now: to keep that, write `literal`"
                    f" behind the language of its code; or {fix}"
                )
            yield KIND_CHANGED.at(
                self.at(note.id),
                f"{note.id} was released as a {before} card and is a {now} card now: Anki"
                " would refuse this and every later update of it",
                fix,
            )

    def _false_claim(self, note: Note, old: Note, other: str) -> tuple[str, str] | None:
        """Why a card cannot be a released one, and the cure; ``other`` is the first to claim it."""
        was = self.cards[note.id].was
        if other != note.id:
            return (
                f"{note.id} and {other} both claim to be the released card {old.id}",
                "give one of them an id of its own, without `was`",
            )
        alias = self.ledger.by_alias.get(note.id)
        if alias and (alias.note.guid != old.guid or old.id not in was):
            owner = alias.note.id
            return (
                f"{note.id} is a former id of the card {owner}, whose history it would take",
                f"write an id that was never used; if it is that card, write was: [{owner}]",
            )
        if stolen := next((one for one in was if one in self.ledger.by_id and one != old.id), ""):
            return (
                f"`was` says that {note.id} was {stolen}, but it was released as a card of its own",
                f"take {stolen} out of `was`, or give this card an id that was never released",
            )
        return None

    def _is_said(self, note: Note) -> bool:
        """Whether a card says, for the next release, that it is the same fact."""
        return self.ledger.is_same(note.id, self.cards[note.id].was)

    def _say(self, note: Note) -> str:
        """What to write where a note is the same fact all the same."""
        card = self.cards[note.id]
        if note.id not in card.was:
            return (
                f"write {with_was(card, note.id)} (its own id), which counts for the next release"
            )
        others = [name for name in card.was if name.partition("@")[0] != note.id]
        names = (*others, f"{note.id}@{self.ledger.last.version}")
        return f"write was: [{', '.join(names)}], because a release has heeded {note.id} already"

    def _other(self, note: Note, old: Note, change: Change) -> tuple[str, str]:
        """What a note asks that was released with another fact, and what to do."""
        asked, asks = side_by_side(said(old, self._old_type(old)), said(note, self._type(note)))
        what = f"{note.id} asked {asked}, and asks {asks}"
        fix = f"give this card an id of its own, and take {old.id} back or retire it"
        if change.why is Why.TAKEN:
            other = self.ledger.by_guid[change.other].note.id
            what = f"{what}, as the released card {other} did"
            fix = f"give each text the id that it had: this is the text of {other}"
        elif change.why is Why.GIVEN:
            other = self.questions.news[change.other].id
            what = f"{what}, while {other} asks what it asked"
            fix = f"give the id {old.id} to {other} again, and this card an id of its own"
        elif change.why is Why.EXCHANGED:
            what = f"{what}: question and answer changed places"
        return (
            f"{what}: a learner's history of one question would go to another",
            f"{fix}; if it is the same fact, {self._say(note)}",
        )

    def _ordinals(
        self, note: Note, released: ReleasedNote, changes: Sequence[Change]
    ) -> Iterator[Problem]:
        """What is wrong with the cards of a note."""
        yield from self._moved(note, released, changes)
        moved = {one.number for one in changes}
        old, kind = released.note, self._type(note)
        for ordinal in old.ordinals:
            name = f"{old.id}/{ordinal + 1}"
            is_gone = ordinal not in note.ordinals and ordinal + 1 not in moved
            if is_gone and name not in self.retired:
                card, shows = f"cloze c{ordinal + 1}", f'"No cloze {ordinal + 1} found"'
                if not kind.cloze:
                    names = dict(enumerate(one.name for one in kind.templates))
                    card, shows = names.get(ordinal, f"card {ordinal + 1}"), "a blank front"
                yield ORDINAL_GONE.at(
                    self.at(note.id),
                    f"the {card} of {note.id} is gone: learners keep its card, which shows {shows}",
                    f'take it back; if it is meant, put "{name}" = "the reason" under [retired] in'
                    " deck.toml",
                )
        back = {*released.gone} & {*note.ordinals}
        for ordinal in sorted(back) if not self._is_said(note) else ():
            free = "take the next free number" if kind.cloze else "make it a card of its own"
            yield ORDINAL_MOVED.at(
                self.at(note.id),
                f"card {ordinal + 1} of {note.id} was retired: learners who kept it would be"
                " asked something else under its history",
                f"{free}; if it is the same question, {self._say(note)}",
            )

    def _moved(
        self, note: Note, released: ReleasedNote, changes: Sequence[Change]
    ) -> Iterator[Problem]:
        """The cards of a note that ask what another one asked, or something new: one problem."""
        if changes:
            old, kind = released.note, self._type(note)
            words = "; ".join(self._move(note, old, one) for one in changes)
            free = max({*note.ordinals, *old.ordinals, *released.gone}) + 2
            fix = "; ".join(_numbers_again(old, note, changes, free if kind.cloze else 0))
            yield ORDINAL_MOVED.at(
                self.at(note.id),
                f"in {note.id}, {words}: learners' history of one question would go to another",
                f"{fix}; if each card asks what it asked, {self._say(note)}",
            )

    def _move(self, note: Note, old: Note, change: Change) -> str:
        """What became of the question of a card."""
        number = change.number
        asked = said(old, self._old_type(old), number)
        if change.to:
            return f"card {change.to} asks what card {number} asked ({asked})"
        asked, asks = side_by_side(asked, said(note, self._type(note), number))
        return f"card {number} asked {asked}, and asks {asks}"


def _numbers_again(old: Note, new: Note, changes: Sequence[Change], free: int) -> Iterator[str]:
    """What to do about cards that ask something else; ``free`` is a new number for a cloze."""
    sign = "c" if free else "card "
    if moved := [one.number for one in changes if one.to]:
        yield f"give each question its number again ({', '.join(f'{sign}{n}' for n in moved)})"
    for one in changes:
        if not one.to:
            asked = f"let {sign}{one.number} ask again what it asked"
            yield f'{asked}, or put "{old.id}/{one.number}" = "the reason" under [retired]'
    fresh = {*new.ordinals} - {one.to - 1 for one in changes}
    if free and any(one.number - 1 in fresh for one in changes):
        yield f"what is new takes c{free}"


def with_was(card: Card, name: str) -> str:
    """The key `was` of a card with one name more."""
    return f"was: [{', '.join((*card.was, name))}]"


def originals(
    cards: Iterable[tuple[Card, Note]], ledger: Ledger | None, types: Iterable[NoteType]
) -> Mapping[str, Card]:
    """Of cards that share a released id, the one that is most like what was released under it."""
    copies: defaultdict[str, list[tuple[Card, Note]]] = defaultdict(list)
    for card, note in cards:
        copies[card.id].append((card, note))
    twice = [found for found in copies.values() if len(found) > 1]
    if not ledger or not twice:
        return {}
    kinds = {one.kind: one for one in types}
    questions = Questions.of(ledger, (), kinds)
    found = {}
    for same in twice:
        name = same[0][0].id
        if released := ledger.find(name):
            notes = [note for _, note in same]
            found[name] = same[questions.closest(released.note, notes)][0]
    return found
