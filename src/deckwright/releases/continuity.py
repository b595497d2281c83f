"""What the last release promised: rules that compare the deck with its ledger.

Learners keep what was released, for years and out of reach. Each problem says what a change
would cost them, what probably happened, and how to say that it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from pathlib import PurePosixPath

from deckwright.model import Card, Deck, DeckInfo, Note, NoteType, Place, Problem, Rule, Stake
from deckwright.note_types import ANSWER, ID, KINDS, PROMPT
from deckwright.note_types.cards import shown
from deckwright.releases.ledger import FILE, Ledger, ReleasedNote, git_in
from deckwright.releases.shapes import Shapes, called
from deckwright.rendering.clozes import hidden_texts
from deckwright.source.card_keys import SMALL_WORDS, did_you_mean

BAD_RETIRED = Rule(
    "bad-retired",
    "Everything under [retired] in deck.toml was released and is no longer in the deck.",
    stake=Stake.HISTORY,
)

ID_GONE = Rule(
    "id-gone",
    "A released card stays in the deck under its id, is renamed with `was`, or is retired "
    "in deck.toml. Learners keep it for ever, without corrections, and a copy under "
    "another id starts at zero.",
    stake=Stake.HISTORY,
)

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

DECK_RENAMED = Rule(
    "deck-renamed",
    "A file's cards stay in their deck in Anki. Otherwise learners' cards would stay in "
    "the old deck, and new ones come to the new deck.",
    stake=Stake.HISTORY,
)

KEY_CHANGED = Rule(
    "key-changed",
    "The key of a released deck stays. With another key, every card would come again as a "
    "new one, beside the learner's.",
    stake=Stake.HISTORY,
)


ALIKE = 0.5
"""The share of common words from which a new card is taken for a gone one, renamed."""
ALIKE_AT_ALL = 0.1
"""The share of common words below which a card says something else."""


def never_released(info: DeckInfo, config: Place) -> Iterator[Problem]:
    """What a deck without a ledger retires; ``config`` is the place of deck.toml."""
    for name in info.retired:
        what = f"{name} was never released, like everything in this deck"
        yield BAD_RETIRED.at(config, what, "remove it from [retired]")


@dataclass(frozen=True)
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
    """The cards that have mistakes of their own, which are left out here."""
    complete: bool
    """Whether every heading is a card: else one that cannot be read would count as gone."""
    type_places: Mapping[tuple[str, str, int], Place] = field(default_factory=dict)
    """Where the deck's own note types, their fields and templates have their ids."""
    types_complete: bool = True
    """Whether every note type can be read."""

    @cached_property
    def _types(self) -> Mapping[str, NoteType]:
        """The note types of the deck, by kind."""
        return {one.kind: one for one in self.deck.types}

    @cached_property
    def _old_types(self) -> Mapping[str, NoteType]:
        """Those of the last release."""
        return {one.kind: one for one in self.ledger.types}

    def _words(self, note: Note, types: Mapping[str, NoteType]) -> frozenset[str]:
        """The words of what a note says."""
        return _in_words(" ".join(self._fact(note, types)))

    def _fact(self, note: Note, types: Mapping[str, NoteType]) -> tuple[str, ...]:
        """What a note says: question and answer, title and text, or all of a deck's own type."""
        kind = types[note.kind]
        if kind.kind in KINDS:
            return kind.text(note.fields, PROMPT), kind.text(note.fields, ANSWER)
        both = zip(kind.fields, note.fields, strict=False)
        return tuple(text for field, text in both if text and ID not in field.parts)

    def breaches(self) -> Iterator[Problem]:
        """Everything that would cost learners something."""
        if self.deck.info.key != self.ledger.key:
            git = git_in(PurePosixPath(self.config.path).parent.as_posix())
            yield KEY_CHANGED.at(
                self.config,
                f"the key was {self.ledger.key!r} in every release: under another one each card"
                " comes to learners as a new one, and their history stays with the old",
                f'write key = "{self.ledger.key}"; a fork that is a deck of its own begins without'
                f" ledger and changelog: {git} rm --ignore-unmatch {FILE} CHANGELOG.md",
            )
            return
        if self.complete:
            yield from self._gone()
        yield from self._retired()
        shapes = Shapes(self.deck, self.ledger, self.config, self.type_places, self.types_complete)
        broken = [*shapes.breaches()]
        yield from (problem for _, problem in broken)
        reshaped = {kind for kind, _ in broken}
        yield from self._decks()
        taken: dict[str, str] = {}
        for note in self.deck.notes:
            released = self.matches.get(note.id)
            if released is None or note.id in self.broken:
                continue
            other = taken.setdefault(released.note.guid, note.id)
            yield from self._identity(note, released, other)
            if released.note.kind == note.kind and note.kind not in reshaped:
                yield from self._ordinals(note, released)

    def _at(self, card_id: str) -> Place:
        card = self.cards[card_id]
        return card.source.place(card.id_at)

    def _gone(self) -> Iterator[Problem]:
        present = {released.note.guid for released in self.matches.values()}
        new = (note for note in self.deck.notes if note.id not in self.matches)
        added = {note.id: self._words(note, self._types) for note in new}
        holders: dict[str, list[str]] = {}
        for name, words in added.items():
            for word in words:
                holders.setdefault(word, []).append(name)
        for released in self.ledger.notes:
            old = released.note
            if released.retired or old.guid in present or old.id in self.deck.info.retired:
                continue
            mine = self._words(old, self._old_types)
            rare = sorted(mine & holders.keys(), key=lambda word: (len(holders[word]), word))[:5]
            near = {name for word in rare for name in holders[word][:100]}
            alike = max(sorted(near), key=lambda name: _likeness(mine, added[name]), default="")
            place, fix = self._file_of(old), "take it back"
            if alike and _likeness(mine, added[alike]) >= ALIKE:
                place = self._at(alike)
                fix = f"did you rename it to {alike}? Then add was: [{old.id}] to its comment"
            yield ID_GONE.at(
                place,
                f"the released card {old.id} is gone: learners keep it, without any correction",
                f'{fix}; if it is meant, put {old.id} = "the reason" under [retired] in deck.toml',
            )

    def _file_of(self, note: Note) -> Place:
        """The file of a released note's deck, or deck.toml where that is gone."""
        sources = {card.deck: card.source.path for card in self.cards.values()}
        return Place(sources.get(note.deck, self.config.path))

    def _retired(self) -> Iterator[Problem]:
        for name in self.deck.info.retired:
            card_id, _, number = name.partition("/")
            released = self.ledger.find(card_id)
            what = ""
            if released is None:
                what = f"{name} was never released"
                fix = did_you_mean(card_id, [*self.ledger.by_id])
            elif not number and card_id in self.cards:
                what, fix = f"{name} is retired, but still in the deck", "remove one of the two"
            elif number:
                what = self._retired_card(released, number)
                fix = f"write {card_id}/2 where the second card of {card_id} is gone"
            if what:
                yield BAD_RETIRED.at(self.config, what, fix)

    def _retired_card(self, released: ReleasedNote, number: str) -> str:
        """What is wrong with retiring a single card of a note; empty where nothing is."""
        name = f"{released.note.id}/{number}"
        ordinal = int(number) - 1 if number.isdecimal() and len(number) < 4 else -1
        if ordinal not in (*released.note.ordinals, *released.gone):
            return f"{name} was never released"
        now = next((one for one in self.deck.notes if one.guid == released.note.guid), None)
        # A Reverse that comes back asks for the same prompt; a number may be another question.
        if now and self._types[now.kind].cloze and ordinal in now.ordinals:
            return f"{name} is retired, but still in the deck"
        return ""

    def _decks(self) -> Iterator[Problem]:
        """A file that goes to another deck, where nothing goes to the old one any more."""
        paths = {card.deck: card.source.path for card in self.cards.values()}
        for path, old in self.ledger.files.items():
            new = self.files.get(path, old)
            if old in (new, *self.files.values(), *self.deck.info.moved) or new not in paths:
                continue
            yield DECK_RENAMED.at(
                Place(paths[new]),
                f"the deck {old!r} of this file becomes {new!r}: cards that learners have stay in"
                " the old one, and only new notes come to the new",
                f'take the name back; if it is meant, put "{old}" = "the reason" under [moved] in'
                " deck.toml",
            )

    def _identity(self, note: Note, released: ReleasedNote, other: str) -> Iterator[Problem]:
        """What is wrong where a card is not what was released under its id."""
        old, at = released.note, self._at(note.id)
        if claim := self._false_claim(note, old, other):
            what, fix = claim
            yield ID_REUSED.at(at, what, fix)
        elif old.kind != note.kind:
            if old.kind not in self._types:
                return  # the problem is that the note type is gone, or has mistakes
            before, now = called(self._old_types[old.kind]), called(self._types[note.kind])
            yield KIND_CHANGED.at(
                at,
                f"{note.id} was released as a {before} card and is a {now} card now: Anki"
                " would refuse this and every later update of it",
                f"give it an id of its own, without `was`, and put {old.id} under [retired] in"
                " deck.toml",
            )
        elif note.id not in self.cards[note.id].was and not self._same_fact(note, released):
            yield ID_REUSED.at(
                at,
                f"{note.id} was released with quite another text: a learner's history of the old"
                " card would become that of this one",
                f"give the new card an id of its own; if it is the same fact, write"
                f" was: [{note.id}]",
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

    def _same_fact(self, note: Note, released: ReleasedNote) -> bool:
        """Whether a note has enough of its old words, and not the text of another old note."""
        old = released.note
        fact = self._fact(note, self._types)
        if self._fact(old, self._old_types) == fact:
            return True
        own = _likeness(self._words(old, self._old_types), self._words(note, self._types))
        if own < (ALIKE_AT_ALL if not released.retired else ALIKE / 2):
            return False
        return own >= ALIKE or self._owners.get(fact, {old.guid}) == {old.guid}

    @cached_property
    def _owners(self) -> Mapping[tuple[str, ...], set[str]]:
        """The GUIDs of the released notes that say a thing, by what they say."""
        owners: dict[tuple[str, ...], set[str]] = {}
        for one in self.ledger.notes:
            owners.setdefault(self._fact(one.note, self._old_types), set()).add(one.note.guid)
        return owners

    def _ordinals(self, note: Note, released: ReleasedNote) -> Iterator[Problem]:
        old = released.note
        kind = self._types[note.kind]
        for ordinal in old.ordinals:
            name = f"{old.id}/{ordinal + 1}"
            if ordinal not in note.ordinals and name not in self.deck.info.retired:
                card, shows = f"cloze c{ordinal + 1}", f'"No cloze {ordinal + 1} found"'
                if not kind.cloze:
                    names = dict(enumerate(one.name for one in kind.templates))
                    card, shows = names.get(ordinal, f"card {ordinal + 1}"), "a blank front"
                yield ORDINAL_GONE.at(
                    self._at(note.id),
                    f"the {card} of {note.id} is gone: learners keep its card, which shows {shows}",
                    f'take it back; if it is meant, put "{name}" = "the reason" under [retired] in'
                    " deck.toml",
                )
        for ordinal in note.ordinals if kind.cloze else ():
            if ordinal in released.gone and note.id not in self.cards[note.id].was:
                yield ORDINAL_MOVED.at(
                    self._at(note.id),
                    f"card {ordinal + 1} of {note.id} was retired: learners who kept it would be"
                    " asked something else under its history",
                    "take the next free number; if it is the same question, write"
                    f" was: [{note.id}]",
                )
        if note.id not in self.cards[note.id].was:
            yield from self._moved(note, old)

    def _moved(self, note: Note, old: Note) -> Iterator[Problem]:
        """What is wrong where a card of a note now has the text that another had."""
        before = _answers(old, self._old_types[old.kind])
        after = _answers(note, self._types[note.kind])
        for number, words in before.items():
            best = max(after, key=lambda one: _likeness(words, after[one]), default=number)
            if (
                best != number
                and number in after
                and _likeness(words, after[best]) > ALIKE
                and _likeness(words, after[number]) < ALIKE
                and _likeness(before.get(best, frozenset()), after[best]) < ALIKE
            ):
                yield ORDINAL_MOVED.at(
                    self._at(note.id),
                    f"card {best} of {note.id} now asks what card {number} asked: learners' history"
                    " of one question would go to another",
                    "give each question the number that it had, and new ones a new number; if it"
                    f" is meant, write was: [{note.id}]",
                )


def _answers(note: Note, kind: NoteType) -> dict[int, frozenset[str]]:
    """The words that each card of a note asks for, by its number from 1."""
    if kind.cloze:
        hidden = hidden_texts(kind.text(note.fields, ANSWER))
        return {number: _in_words(" ".join(texts)) for number, texts in hidden.items()}
    if len(note.ordinals) < 2:
        return {}
    fields = dict(zip((field.name for field in kind.fields), note.fields, strict=False))
    return {
        number: _in_words(
            " ".join(fields.get(name, "") for name, by in shown(one.front) if by != "type:")
        )
        for number, one in enumerate(kind.templates, start=1)
        if number - 1 in note.ordinals
    }


def _in_words(html: str) -> frozenset[str]:
    """The words of HTML, formulas and pictures included, without the small ones."""
    text = unescape(re.sub(r"<(?!img)[^>]*>|\{\{c\d+::|\}\}", " ", html)).casefold()
    # Of scripts without spaces between words, each sign is a word.
    words = re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|[^\w\s.,;:?!()]+", text)
    return frozenset(words) - SMALL_WORDS or frozenset(words)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of common words, from 0 to 1."""
    return len(one & other) / len(one | other) if one | other else 1.0
