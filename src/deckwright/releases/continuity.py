"""What the last release promised: rules that compare the deck with its ledger.

Learners keep what was released, for years and out of reach. Each problem says what a change
would cost them, what probably happened, and how to say that it is meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from deckwright.model import (
    Card,
    Deck,
    DeckInfo,
    Note,
    NoteType,
    Place,
    Problem,
    Rule,
    Stake,
    deck_key,
)
from deckwright.releases.ledger import FILE, TWO_FACTS, Ledger, ReleasedNote, git_in
from deckwright.releases.moves import Move, heeded, moves, reasons
from deckwright.releases.same_question import Change, Questions, Why, said, side_by_side
from deckwright.releases.shapes import Shapes, called
from deckwright.source.card_keys import did_you_mean

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
    "A deck in Anki keeps its released cards, or [moved] in deck.toml says why not. Learners' "
    "cards would stay in the old deck, and new ones come to the new deck.",
    stake=Stake.HISTORY,
)

KEY_CHANGED = Rule(
    "key-changed",
    "The key of a released deck stays. With another key, every card would come again as a "
    "new one, beside the learner's.",
    stake=Stake.HISTORY,
)


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

    @cached_property
    def _questions(self) -> Questions:
        """What the notes asked and ask now, those left out that have mistakes of their own."""
        whole = (note for note in self.deck.notes if note.id not in self.broken)
        return Questions.of(self.ledger, whole, self._types)

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
        yield from self._copies()
        yield from self._retired()
        shapes = Shapes(self.deck, self.ledger, self.config, self.type_places, self.types_complete)
        broken = [*shapes.breaches()]
        yield from (problem for _, problem in broken)
        reshaped = {kind for kind, _ in broken}
        if self.complete:
            yield from self._decks()
        taken: dict[str, str] = {}
        for note in self.deck.notes:
            released = self.matches.get(note.id)
            if released is None or note.id in self.broken:
                continue
            other = taken.setdefault(released.note.guid, note.id)
            is_reshaped = note.kind in reshaped
            yield from self._identity(note, released, other, is_reshaped=is_reshaped)
            if released.note.kind == note.kind and not is_reshaped:
                yield from self._ordinals(note, released)

    def _at(self, card_id: str) -> Place:
        card = self.cards[card_id]
        return card.source.place(card.id_at)

    def _gone(self) -> Iterator[Problem]:
        present = {released.note.guid for released in self.matches.values()}
        again = {old: new for new, old in self._again.items()}
        for released in self.ledger.notes:
            old = released.note
            if released.retired or old.guid in present or old.id in self.deck.info.retired:
                continue
            place = self._file_of(old)
            fix = f"take it back; if it has another id now, add {old.id} to the `was` of that card"
            if old.guid in again:
                card = self.cards[self._questions.news[again[old.guid]].id]
                place = self._at(card.id)
                fix = f"did you rename it to {card.id}? Then write {_was(card, old.id)}"
            yield ID_GONE.at(
                place,
                f"the released card {old.id} is gone: learners keep it, without any correction",
                f'{fix}; if it is meant, put {old.id} = "the reason" under [retired] in deck.toml',
            )

    def _copies(self) -> Iterator[Problem]:
        """New cards that are retired ones again."""
        for new, old in self._again.items():
            released = self.ledger.by_guid[old]
            name, card = released.note.id, self.cards[self._questions.news[new].id]
            reason = self.deck.info.retired.get(name) or released.retired
            if reason not in ("", TWO_FACTS) and not re.search(
                rf"(?<![a-z0-9-]){card.id}(?![a-z0-9-])", reason
            ):
                back = (
                    f" and take {name} out of [retired]" if name in self.deck.info.retired else ""
                )
                yield ID_GONE.at(
                    self._at(card.id),
                    f"{card.id} asks what the retired card {name} asked: learners get it as a new"
                    " card, beside their old one and without its history",
                    f"write {_was(card, name)}{back}; if they should start anew, put"
                    f' {name} = "replaced by {card.id}" under [retired] in deck.toml',
                )

    @cached_property
    def _again(self) -> Mapping[str, str]:
        """The new cards that say what a card said that is not in the deck, by their GUIDs."""
        present = {released.note.guid for released in self.matches.values()}
        gone = {guid for guid in self._questions.olds if guid not in present}
        new = (note.guid for note in self.deck.notes if note.id not in self.matches)
        found = {
            guid: self._questions.again(guid, gone)
            for guid in (new if gone else ())
            if guid in self._questions.news
        }
        return {guid: old for guid, old in found.items() if old}

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
            elif number and (found := self._retired_card(released, number)):
                what, fix = found
            if what:
                yield BAD_RETIRED.at(self.config, what, fix)

    def _retired_card(self, released: ReleasedNote, number: str) -> tuple[str, str] | None:
        """What is wrong with retiring a single card of a note, and the cure."""
        card_id = released.note.id
        ordinal = int(number) - 1 if number.isdecimal() and len(number) < 4 else -1
        if ordinal not in (*released.note.ordinals, *released.gone):
            fix = f"write {card_id}/2 where the second card of {card_id} is gone"
            return f"{card_id}/{number} was never released", fix
        now = self._by_guid.get(released.note.guid)
        if now and ordinal in now.ordinals:
            return f"{card_id}/{number} is retired, but still in the deck", "remove one of the two"
        return None

    @cached_property
    def _by_guid(self) -> Mapping[str, Note]:
        """The notes of the deck."""
        return {note.guid: note for note in self.deck.notes}

    def _decks(self) -> Iterator[Problem]:
        """A deck in which no released card stays."""
        given = reasons(self.deck.info, self.ledger)
        left: dict[str, list[Move]] = {}
        for move in moves(self.deck, self.matches):
            if move.left and deck_key(move.old) not in given:
                left.setdefault(move.old, []).append(move)
        for old, there in left.items():
            news = " and ".join(repr(move.new) for move in there)
            fix = f'put "{old}" = "the reason" under [moved] in deck.toml'
            if used := self._used_line(old):
                fix = f"give {old!r} a new reason under [moved]: the old one was for {used}"
            yield DECK_RENAMED.at(
                Place(self.cards[there[0].notes[0].id].source.path),
                f"the released cards of the deck {old!r} go to {news} now: learners keep theirs in"
                " the old one, and only new notes come to the new",
                f"take the name back; if it is meant, {fix}",
            )

    def _used_line(self, deck: str) -> str:
        """The release that a line of [moved] about a deck was for; empty where there is none."""
        lines = self.deck.info.moved.items()
        return next(
            (
                heeded(self.ledger, name, why)
                for name, why in lines
                if deck_key(name) == deck_key(deck)
            ),
            "",
        )

    def _identity(
        self, note: Note, released: ReleasedNote, other: str, *, is_reshaped: bool
    ) -> Iterator[Problem]:
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
        elif not is_reshaped:
            for change in self._changes(note):
                if not change.number:
                    yield ID_REUSED.at(at, *self._other(note, released, change))

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

    def _changes(self, note: Note) -> tuple[Change, ...]:
        """What the cards of a note ask otherwise; nothing where their author says so."""
        return () if self._is_said(note) else self._questions.changes(note.guid)

    def _is_said(self, note: Note) -> bool:
        """Whether a card says, for the next release, that it is the same fact."""
        return self.ledger.is_same(note.id, self.cards[note.id].was)

    def _say(self, note: Note) -> str:
        """What to write where a note is the same fact all the same."""
        card = self.cards[note.id]
        if note.id not in card.was:
            return f"write {_was(card, note.id)}"
        others = [name for name in card.was if name.partition("@")[0] != note.id]
        names = (*others, f"{note.id}@{self.ledger.last.version}")
        return f"write was: [{', '.join(names)}], because a release has heeded {note.id} already"

    def _other(self, note: Note, released: ReleasedNote, change: Change) -> tuple[str, str]:
        """What a note asks that was released with another fact, and what to do."""
        old = released.note
        asked, asks = side_by_side(
            said(old, self._old_types[old.kind]), said(note, self._types[note.kind])
        )
        what = f"{note.id} asked {asked}, and asks {asks}"
        fix = f"give this card an id of its own, and take {old.id} back or retire it"
        if change.why is Why.TAKEN:
            other = self.ledger.by_guid[change.other].note.id
            what = f"{what}, as the released card {other} did"
            fix = f"give each text the id that it had: this is the text of {other}"
        elif change.why is Why.GIVEN:
            other = self._questions.news[change.other].id
            what = f"{what}, while {other} asks what it asked"
            fix = f"give the id {old.id} to {other} again, and this card an id of its own"
        elif change.why is Why.EXCHANGED:
            what = f"{what}: question and answer changed places"
        return (
            f"{what}: a learner's history of one question would go to another",
            f"{fix}; if it is the same fact, {self._say(note)}",
        )

    def _ordinals(self, note: Note, released: ReleasedNote) -> Iterator[Problem]:
        """What is wrong with the cards of a note."""
        changes = {one.number: one for one in self._changes(note) if one.number}
        yield from self._moved(note, released, [*changes.values()])
        old, kind = released.note, self._types[note.kind]
        for ordinal in old.ordinals:
            name = f"{old.id}/{ordinal + 1}"
            is_gone = ordinal not in note.ordinals and ordinal + 1 not in changes
            if is_gone and name not in self.deck.info.retired:
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
        back = {*released.gone} & {*note.ordinals}
        for ordinal in sorted(back) if not self._is_said(note) else ():
            free = "take the next free number" if kind.cloze else "make it a card of its own"
            yield ORDINAL_MOVED.at(
                self._at(note.id),
                f"card {ordinal + 1} of {note.id} was retired: learners who kept it would be"
                " asked something else under its history",
                f"{free}; if it is the same question, {self._say(note)}",
            )

    def _moved(
        self, note: Note, released: ReleasedNote, changes: Sequence[Change]
    ) -> Iterator[Problem]:
        """The cards of a note that ask what another one asked, or something new: one problem."""
        if changes:
            old, kind = released.note, self._types[note.kind]
            words = "; ".join(self._move(note, old, one) for one in changes)
            free = max({*note.ordinals, *old.ordinals, *released.gone}) + 2
            fix = "; ".join(_numbers_again(old, changes, free if kind.cloze else 0))
            yield ORDINAL_MOVED.at(
                self._at(note.id),
                f"in {note.id}, {words}: learners' history of one question would go to another",
                f"{fix}; if each card asks what it asked, {self._say(note)}",
            )

    def _move(self, note: Note, old: Note, change: Change) -> str:
        """What became of the question of a card."""
        number = change.number
        asked = said(old, self._old_types[old.kind], number)
        if change.to:
            return f"card {change.to} asks what card {number} asked ({asked})"
        asked, asks = side_by_side(asked, said(note, self._types[note.kind], number))
        return f"card {number} asked {asked}, and asks {asks}"


def _numbers_again(old: Note, changes: Sequence[Change], free: int) -> Iterator[str]:
    """What to do about cards that ask something else; ``free`` is a new number for a cloze."""
    sign = "c" if free else "card "
    if moved := [one.number for one in changes if one.to]:
        yield f"give each question its number again ({', '.join(f'{sign}{n}' for n in moved)})"
    for one in changes:
        if not one.to:
            asked = f"let {sign}{one.number} ask again what it asked"
            yield f'{asked}, or put "{old.id}/{one.number}" = "the reason" under [retired]'
    if free:
        yield f"what is new takes c{free}"


def _was(card: Card, name: str) -> str:
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
