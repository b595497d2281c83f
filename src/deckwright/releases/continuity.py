"""What the last release promised: rules that compare the deck with its ledger.

Learners keep what was released, for years and out of reach. Each problem says what a change
would cost them, what probably happened, and how to say that it is meant.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from deckwright.model import (
    Card,
    Deck,
    DeckInfo,
    Note,
    Place,
    Problem,
    Rule,
    Stake,
    deck_key,
)
from deckwright.releases.identity import Identity, with_was
from deckwright.releases.ledger import FILE, TWO_FACTS, Ledger, ReleasedNote, git_in
from deckwright.releases.moves import Move, heeded, moves, reasons
from deckwright.releases.same_question import Questions
from deckwright.releases.shapes import Shapes
from deckwright.rendering.pool import Limit, Purse
from deckwright.source.card_keys import did_you_mean
from deckwright.source.deck_toml import KEYS
from deckwright.source.texts import STYLE

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

CLASS_GONE = Rule(
    "class-gone",
    "A class that released cards use stays in style.css: learners keep a retired card with its "
    "text, which would lose its look.",
)


_CODE = re.compile(r'<pre class="code">.*?</pre>', re.DOTALL)
_CLASSES = re.compile(r'<[a-z][a-z0-9]* [^<>]*?\bclass="([^"]*)"')
_NOT_OF_DECKS = frozenset({"left", "center", "right", "table"})
"""Classes of what Markdown makes; code has others."""
_FALLEN = (
    "{} is below [retired], and so is taken for a card",
    "move [retired] with its lines to the end of the file",
)
"""What is wrong with a key of the deck's that is written there, and what to do."""
_COMPARING = "comparing this card with the last release"


def never_released(info: DeckInfo, config: Place) -> Iterator[Problem]:
    """What a deck without a ledger retires; ``config`` is the place of deck.toml."""
    for name in info.retired:
        what, fix = (
            "{} was never released, like everything in this deck",
            "remove it from [retired]",
        )
        what, fix = _FALLEN if name in KEYS else (what, fix)
        yield BAD_RETIRED.at(config, what.format(name), fix)


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
    classes: Collection[str] = ()
    """The classes that style.css and the templates of the deck have."""
    limit: Limit = field(default_factory=lambda: Limit(Purse(math.inf), math.inf))
    """Ends what takes too long."""

    @cached_property
    def _questions(self) -> Questions:
        """What the notes asked and ask now, those left out that have mistakes of their own."""
        whole = (note for note in self.deck.notes if note.id not in self.broken)
        return Questions.of(self.ledger, whole, {one.kind: one for one in self.deck.types})

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
        yield from self._classes()
        shapes = Shapes(self.deck, self.ledger, self.config, self.type_places, self.types_complete)
        broken = [*shapes.breaches()]
        yield from (problem for _, problem in broken)
        reshaped = {kind for kind, _ in broken}
        if self.complete:
            yield from self._decks()
        taken: dict[str, str] = {}
        claims = Counter(released.note.guid for released in self.matches.values())
        for note in self.deck.notes:
            released = self.matches.get(note.id)
            if released is None or note.id in self.broken:
                continue
            other = taken.setdefault(released.note.guid, note.id)
            alone = claims[released.note.guid] == 1 and note.kind not in reshaped
            found: list[Problem] = []
            with self.limit.on(self._identity.at(note.id), _COMPARING):
                found += self._identity.breaches(note, other, is_compared=alone)
            yield from found
        yield from self.limit.problems

    @cached_property
    def _identity(self) -> Identity:
        return Identity(
            self.cards, self.ledger, self.matches, self._questions, self.deck.info.retired
        )

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
                place = self._identity.at(card.id)
                fix = f"did you rename it to {card.id}? Then write {with_was(card, old.id)}"
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
                    self._identity.at(card.id),
                    f"{card.id} asks what the retired card {name} asked: learners get it as a new"
                    " card, beside their old one and without its history",
                    f"write {with_was(card, name)}{back}; if they should start anew, put"
                    f' {name} = "replaced by {card.id}" under [retired] in deck.toml',
                )

    @cached_property
    def _again(self) -> Mapping[str, str]:
        """The new cards that say what a card said that is not in the deck, by their GUIDs."""
        present = {released.note.guid for released in self.matches.values()}
        gone = {guid for guid in self._questions.olds if guid not in present}
        new = (note.guid for note in self.deck.notes if note.id not in self.matches)
        found: dict[str, str] = {}
        for guid in new if gone else ():
            if note := self._questions.news.get(guid):
                with self.limit.on(self._identity.at(note.id), _COMPARING):
                    found[guid] = self._questions.again(guid, gone)
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
                what, fix = _FALLEN if name in KEYS else (what, fix)
                what = what.format(name)
            elif not number and card_id in self.cards:
                what, fix = f"{name} is retired, but still in the deck", "remove one of the two"
            elif number and (found := self._retired_card(name, released)):
                what, fix = found
            if what:
                yield BAD_RETIRED.at(self.config, what, fix)

    def _retired_card(self, name: str, released: ReleasedNote) -> tuple[str, str] | None:
        """What is wrong with retiring a single card of a note, and the cure."""
        card_id, _, number = name.partition("/")
        ordinal = int(number) - 1 if number.isdecimal() and len(number) < 4 else -1
        if ordinal not in (*released.note.ordinals, *released.gone):
            fix = f"write {card_id}/2 where the second card of {card_id} is gone"
            return f"{name} was never released", fix
        now = self._by_guid.get(released.note.guid)
        if now and ordinal in now.ordinals:
            return f"{name} is retired, but still in the deck", "remove one of the two"
        return None

    def _classes(self) -> Iterator[Problem]:
        """The classes that are gone, of released cards that do not come with another text now."""
        known = {*self.classes, *_NOT_OF_DECKS}
        sent = {note.guid for note in self.deck.notes if note.id not in self.broken}
        users: dict[str, list[str]] = {}
        for note in (one.note for one in self.ledger.notes if one.note.guid not in sent):
            html = _CODE.sub("", "".join(note.fields))
            for name in {name for names in _CLASSES.findall(html) for name in names.split()}:
                users.setdefault(name, []).append(note.id)
        style = Place((PurePosixPath(self.config.path).parent / STYLE).as_posix())
        for name, ids in sorted(users.items()):
            if name not in known:
                more = f" and {len(ids) - 1} more" if ids[1:] else ""
                what = f"the class {name} is gone, which learners have in {ids[0]}{more}"
                yield CLASS_GONE.at(style, what, f"define .{name} in {STYLE} as before")

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
