"""What the last release promised: rules that compare the deck with its ledger.

Learners keep what was released, for years and out of reach. Each of these findings says what a
change would cost them, what it probably is, and how to say that it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from deckwright.clozes import hidden_texts
from deckwright.ledger import Ledger, ReleasedNote
from deckwright.meta import did_you_mean
from deckwright.model import Card, Deck, Diagnostic, Note, NoteType, Place
from deckwright.rules import (
    BAD_RETIRED,
    DECK_RENAMED,
    ID_GONE,
    ID_REUSED,
    KEY_CHANGED,
    KIND_CHANGED,
    ORDINAL_GONE,
    ORDINAL_MOVED,
    SHAPE_CHANGED,
)

ALIKE = 0.5
"""The share of common words from which a new card is taken for a gone one, renamed."""
_FIRST_FIELDS = {"basic": 2, "cloze": 2}
"""How many fields hold the fact itself: question and answer, or title and text."""


@dataclass(frozen=True, slots=True)
class Continuity:
    """A deck as it is, and as it was released."""

    deck: Deck
    cards: Mapping[str, Card]
    """The cards as written, by id."""
    files: Mapping[str, str]
    """The deck in Anki that each card file goes to, by the file's path in the folder."""
    ledger: Ledger
    matches: Mapping[str, ReleasedNote]
    """The released note that each card is, by the card's id."""
    config: Place
    """Where deck.toml is."""
    broken: frozenset[str]
    """The cards that have mistakes of their own, of which nothing is said here."""
    complete: bool
    """Whether every heading is a card: else one that cannot be read would count as gone."""

    def breaches(self) -> Iterator[Diagnostic]:
        """Everything that would cost learners something."""
        if self.deck.info.key != self.ledger.key:
            yield KEY_CHANGED.at(
                self.config,
                f"the key was {self.ledger.key!r} in every release: under another one each card"
                " comes to learners as a new one, and their history stays with the old",
                f'write key = "{self.ledger.key}"; a fork that is a deck of its own deletes'
                " ledger.jsonl",
            )
            return
        if self.complete:
            yield from self._gone()
        yield from self._retired()
        yield from self._shapes()
        yield from self._decks()
        taken: dict[str, str] = {}
        for note in self.deck.notes:
            released = self.matches.get(note.id)
            if released is None or note.id in self.broken:
                continue
            yield from self._identity(note, released, taken)
            if released.note.kind == note.kind:
                yield from self._ordinals(note, released)

    def _at(self, note: Note) -> Place:
        card = self.cards[note.id]
        return card.prompt.source.place(card.id_at)

    def _gone(self) -> Iterator[Diagnostic]:
        present = {released.note.guid for released in self.matches.values()}
        added = [note for note in self.deck.notes if note.id not in self.matches]
        words = {note.id: _words(note) for note in added}
        for released in self.ledger.notes:
            old = released.note
            if released.retired or old.guid in present or old.id in self.deck.info.retired:
                continue
            mine = _words(old)
            alike = max(added, key=lambda note: _likeness(mine, words[note.id]), default=None)
            if alike and _likeness(mine, words[alike.id]) >= ALIKE:
                place = self._at(alike)
                cure = f"did you rename it to {alike.id}? Then add was: [{old.id}] to its comment"
            else:
                place = self._file_of(old)
                cure = "take it back"
            yield ID_GONE.at(
                place,
                f"the released card {old.id} is gone: learners keep it, without any correction",
                f'{cure}; if it is meant, put {old.id} = "the reason" under [retired] in deck.toml',
            )

    def _file_of(self, note: Note) -> Place:
        """The file that a note's deck came from, as far as it is still there."""
        sources = {card.deck: card.prompt.source.path for card in self.cards.values()}
        return Place(sources.get(note.deck, self.config.path))

    def _retired(self) -> Iterator[Diagnostic]:
        for name in self.deck.info.retired:
            card_id, _, number = name.partition("/")
            known = self.ledger.find(card_id)
            what = ""
            if known is None:
                what = f"{name} was never released"
                cure = did_you_mean(card_id, [*self.ledger.by_id])
            elif not number and card_id in self.cards:
                what, cure = f"{name} is retired, but still in the deck", "take one of the two out"
            elif number and not number.isdecimal():
                what, cure = f"{name} names no card", f"write {card_id}/2 for its second card"
            if what:
                yield BAD_RETIRED.at(self.config, what, cure)

    def _shapes(self) -> Iterator[Diagnostic]:
        olds = {kind.kind: kind for kind in self.ledger.types}
        for kind in self.deck.types:
            old = olds.get(kind.kind)
            if old and _shape(kind) != _shape(old):
                yield SHAPE_CHANGED.at(
                    self.config,
                    f"the fields or templates of the note type {kind.kind} changed: Anki would"
                    " deliver nothing any more",
                    "take the note type back as it was released, and use a reserved field",
                )

    def _decks(self) -> Iterator[Diagnostic]:
        current = set(self.files.values())
        for path, old in self.ledger.files.items():
            new = self.files.get(path)
            if new is None or new == old or old in current or old in self.deck.info.moved:
                continue
            source = next(card.prompt.source for card in self.cards.values() if card.deck == new)
            yield DECK_RENAMED.at(
                source.place(0),
                f"the deck {old!r} of this file becomes {new!r}: cards that learners have stay in"
                " the old one, and only new notes come to the new",
                f'take the name back; if it is meant, put "{old}" = "the reason" under [moved] in'
                " deck.toml",
            )

    def _identity(
        self, note: Note, released: ReleasedNote, taken: dict[str, str]
    ) -> Iterator[Diagnostic]:
        old = released.note
        other = taken.setdefault(old.guid, note.id)
        if other != note.id:
            yield ID_REUSED.at(
                self._at(note),
                f"{note.id} and {other} both claim to be the released card {old.id}",
                "give one of them an id of its own, without `was`",
            )
        elif released.note.id != note.id and note.id in released.aliases:
            yield ID_REUSED.at(
                self._at(note),
                f"{note.id} is a former id of the card {old.id}, whose history it would take",
                f"write id: {old.id}, or an id that was never used",
            )
        elif old.kind != note.kind:
            yield KIND_CHANGED.at(
                self._at(note),
                f"{note.id} was released as a {old.kind} card and is a {note.kind} card now: Anki"
                " would refuse this and every later update of it",
                f"give it an id of its own, and put {old.id} under [retired] in deck.toml",
            )
        elif note.id not in self.cards[note.id].was and not _likeness(_words(old), _words(note)):
            yield ID_REUSED.at(
                self._at(note),
                f"{note.id} was released with another text, of which no word is left: a learner's"
                " history of the old card would become that of this one",
                f"give the new card an id of its own; if it is the same fact, write"
                f" was: [{note.id}]",
            )

    def _ordinals(self, note: Note, released: ReleasedNote) -> Iterator[Diagnostic]:
        old = released.note
        for ordinal in old.ordinals:
            name = f"{old.id}/{ordinal + 1}"
            if ordinal not in note.ordinals and name not in self.deck.info.retired:
                card = f"cloze c{ordinal + 1}" if note.kind == "cloze" else "Reverse"
                shows = (
                    f'"No cloze {ordinal + 1} found"' if note.kind == "cloze" else "a blank front"
                )
                yield ORDINAL_GONE.at(
                    self._at(note),
                    f"the {card} of {note.id} is gone: learners keep its card, which shows {shows}",
                    f'take it back; if it is meant, put "{name}" = "the reason" under [retired] in'
                    " deck.toml",
                )
        if note.kind == "cloze":
            yield from self._swapped(note, old)

    def _swapped(self, note: Note, old: Note) -> Iterator[Diagnostic]:
        before, after = hidden_texts(old.fields[1]), hidden_texts(note.fields[1])
        for number, text in before.items():
            now = next((other for other, new in after.items() if new == text), number)
            if now != number and after.get(number) != text and before.get(now) != text:
                yield ORDINAL_MOVED.at(
                    self._at(note),
                    f"what c{number} hid in {note.id} is hidden by c{now} now: the history of one"
                    " question would go to another",
                    f"write it as c{number} again, and give new clozes new numbers",
                )


def _shape(kind: NoteType) -> tuple[object, ...]:
    """What Anki knows a note type again by."""
    fields, templates = ([part.id for part in parts] for parts in (kind.fields, kind.templates))
    return kind.id, fields, templates


def _words(note: Note) -> frozenset[str]:
    """The words of a note's question and answer."""
    html = " ".join(note.fields[: _FIRST_FIELDS[note.kind]])
    text = unescape(re.sub(r"<[^>]*>|\{\{c\d+::", " ", html))
    return frozenset(re.findall(r"\w+", text.casefold()))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of common words, from 0 to 1."""
    return len(one & other) / (len(one | other) or 1)
