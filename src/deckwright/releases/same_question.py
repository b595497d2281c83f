"""Whether a card still asks what it asked; everything that needs to know it asks this module.

A learner's history belongs to a question and its answer. Both are compared word by word: a word
counts on the side where it is, and the more, the rarer it is in the deck. So a card is the same
one through a correction, a rewording or a translated sentence, and another one where its words
are those of another card, or where its question and its answer are both other ones. The blanks of
a cloze note are followed through its text (``blanks``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain
from math import log

from deckwright.model import Note, NoteType
from deckwright.releases.blanks import moved_questions
from deckwright.releases.facts import Fact, fact, texts_of
from deckwright.releases.ledger import Ledger
from deckwright.releases.words import (
    Words,
    kept,
    share,
    weight,
)

KEPT = 0.85
"""From this likeness on, a question or an answer was only corrected."""
ALIKE = 0.5
"""From this likeness on, a card is taken for another one whose words it has."""
UNLIKE = 0.3
"""Below this likeness, a card asks something else. Of 33 edits in the history of our own deck,
the least like has 0.48; of 5,086 pairs of its notes, the most like has 0.45."""
NO_ANSWER = 0.55
"""The same where little of the answer is left, and words of the question are other ones."""
MARGIN = 0.05
"""By how much more a card must be like another one than like itself."""

NO_HIDDEN = 0.4
"""That of a cloze note, of which more is compared."""
LITTLE = 0.3
"""Below this likeness, an answer is another one."""
LONG = 1.8
"""The weight of an answer that by itself shows which card it is; "Paris" does not."""
NO_WORD = 0.1
"""Below this likeness, no word that says something is left."""
NEGATIONS = frozenset(["not", "no", "never", "except", "least"])
"""A word that turns a question into its opposite."""
SOME = 0.3
"""The weight of a word that says something."""

_INDEXED = 6
"""By so many of its rarest words a card is found again."""
_CROWD = 60
"""Cards that share a word with more others than this are not found by it."""


class Why(StrEnum):
    """Why a card asks something else than it did."""

    ANOTHER = "another"
    """Its question and its answer are other ones."""
    EXCHANGED = "exchanged"
    """Its question and its answer changed places."""
    TAKEN = "taken"
    """It has the text of another released note."""
    GIVEN = "given"
    """Another note has its text now."""
    MOVED = "moved"
    """Another card of its note asks its question."""
    OPENED = "opened"
    """What it hid is open, and it hides something else."""


@dataclass(frozen=True, slots=True)
class Change:
    """A card that asks something else than it did."""

    why: Why
    number: int = 0
    """The card of its note, from 1; 0 for all of them."""
    other: str = ""
    """The GUID of the other note."""
    to: int = 0
    """The card of the same note that asks its question now."""


def asks_the_same(old: Note, new: Note, kind: NoteType) -> bool:
    """Whether two notes of one note type, with one GUID, ask the same, as far as they show it."""
    types = {kind.kind: kind}
    return not Questions({old.guid: old}, types, {old.guid: new}, types).changes(old.guid)


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How alike two cards are, from 0 to 1."""

    question: float
    answer: float
    whole: float
    asks_otherwise: bool
    """Whether words of the question gave way to others."""
    widened: bool
    """Whether hardly a word went."""


@dataclass(frozen=True)
class Questions:
    """What the notes of a deck asked and what they ask now, by their GUIDs."""

    olds: Mapping[str, Note]
    old_types: Mapping[str, NoteType]
    news: Mapping[str, Note]
    types: Mapping[str, NoteType]
    """The note types by kind."""

    @classmethod
    def of(cls, ledger: Ledger, notes: Iterable[Note], types: Mapping[str, NoteType]) -> Questions:
        """What the notes of the last release asked, and what some notes ask."""
        olds = {released.note.guid: released.note for released in ledger.notes}
        old_types = {one.kind: one for one in ledger.types}
        return cls(olds, old_types, {note.guid: note for note in notes}, types)

    def changes(self, guid: str) -> tuple[Change, ...]:
        """What the cards of a note ask otherwise; none where its note type is another one."""
        old, new = self.olds[guid], self.news[guid]
        if old.fields == new.fields or old.kind != new.kind:
            return ()
        if not self._reads_the_same(old, new) and (change := self._other(guid)):
            return (change,)
        if self.types[new.kind].cloze:
            return tuple(self._blanks(old, new))
        return tuple(self._cards(old, new))

    def again(self, guid: str, gone: Collection[str]) -> str:
        """The GUID of the note that a new one is again, of some that are gone; empty where none.

        Both its question and its answer are those of the old one.
        """
        new, kind = self._new[guid], self.news[guid].kind
        found = {one: self._likeness(self._old[one], new) for one in self._near(new, old=True)}
        same = {
            one: like.whole
            for one, like in found.items()
            if one in gone
            and self.olds[one].kind == kind
            and min(like.question, like.answer, like.whole) >= ALIKE
        }
        return max(same, key=lambda one: (same[one], one), default="")

    def closest(self, old: Note, notes: Sequence[Note]) -> int:
        """The place of the note that is most like an old one; the first of several."""
        asked = self._old[old.guid]

        def like(place: int) -> float:
            note = notes[place]
            one = fact(note, self.types[note.kind])
            return self._likeness(asked, one).whole if note.kind == old.kind else -1

        return max(range(len(notes)), key=like)

    def _reads_the_same(self, old: Note, new: Note) -> bool:
        """Whether no word came or went that says something: the deck need not be looked at."""
        one, other = fact(old, self.old_types[old.kind]), fact(new, self.types[new.kind])
        sides = ((one.question, other.question), (one.answer, other.answer))
        return all(max(kept(*side)[1:]) < SOME for side in sides)

    # A whole note

    def _other(self, guid: str) -> Change | None:
        """What a note asks otherwise as a whole."""
        old, new = self._old[guid], self._new[guid]
        own = self._likeness(old, new)
        is_answered_anew = own.answer < LITTLE
        if is_answered_anew and old.cloze and self._is_filled_anew(guid):
            return Change(Why.ANOTHER)
        if is_answered_anew and not old.cloze and not own.widened and old.order != new.order:
            return self._elsewhere(guid, own) or Change(Why.ANOTHER)
        if own.question >= KEPT and not own.asks_otherwise and self._asking[old.question] == 1:
            return None
        if change := self._elsewhere(guid, own):
            return change
        enough = NO_HIDDEN if old.cloze else NO_ANSWER
        if is_answered_anew and own.asks_otherwise and own.whole < enough:
            return Change(Why.ANOTHER)
        is_long = sum(map(self._weigh, old.answer & new.answer)) >= LONG
        is_same_answer = is_long and own.answer >= KEPT and own.whole >= UNLIKE / 2
        if own.whole < UNLIKE and not own.widened and not is_same_answer:
            return Change(Why.ANOTHER)
        return None

    def _elsewhere(self, guid: str, own: _Likeness) -> Change | None:
        """Where the text of a note is from, or where its own is now; None where it is its own."""
        old, new = self._old[guid], self._new[guid]
        least = max(ALIKE, own.whole + MARGIN)
        if not own.widened and (other := self._owner(guid, least)):
            return Change(Why.TAKEN, other=other)
        if other := self._heir(guid, least):
            return Change(Why.GIVEN, other=other)
        if not old.cloze and self._likeness(old.exchanged, new).whole >= least:
            return Change(Why.EXCHANGED)
        return None

    def _is_filled_anew(self, guid: str) -> bool:
        """Whether each of several clozes hides another thing, in a text that stays."""
        old, new = self._old[guid], self._new[guid]
        several = len(self.olds[guid].ordinals) > 1 < len(self.news[guid].ordinals)
        open_too = share(*kept(old.question, new.question)) >= ALIKE
        return several and open_too and old.answer.isdisjoint(new.answer)

    def _owner(self, guid: str, least: float) -> str:
        """The released note whose text a note has now; empty where there is none."""
        new = self._new[guid]
        found = {
            one: self._likeness(self._old[one], new).whole for one in self._near(new, old=True)
        }
        return _best(found, least, guid)

    def _heir(self, guid: str, least: float) -> str:
        """The note that has the text of a released one now; empty where there is none.

        One that was as like it before has not got it from there.
        """
        old = self._old[guid]
        found = {
            one: self._likeness(old, self._new[one]).whole
            for one in self._near(old, old=False)
            if one not in self._old or self._likeness(old, self._old[one]).whole < least - MARGIN
        }
        return _best(found, least, guid)

    # The cards of a note

    def _blanks(self, old: Note, new: Note) -> Iterator[Change]:
        texts = (texts_of(one, self.types[one.kind])[0] for one in (old, new))
        for number, to in moved_questions(*texts):
            if number - 1 in old.ordinals:
                yield Change(Why.MOVED if to else Why.OPENED, number, to=to)

    def _cards(self, old: Note, new: Note) -> Iterator[Change]:
        """Cards of a note that ask what another one asked, and second ones that ask anew."""
        kind = self.types[new.kind]
        before = {ordinal: fact(old, kind, ordinal) for ordinal in old.ordinals}
        after = {ordinal: fact(new, kind, ordinal) for ordinal in new.ordinals}
        for ordinal in sorted(before.keys() & after.keys()) if len(before) > 1 else ():
            asked = before[ordinal]
            own = self._likeness(asked, after[ordinal])
            like = {str(one): self._likeness(asked, after[one]).whole for one in after}
            if to := _best(like, max(ALIKE, own.whole + MARGIN), but=str(ordinal)):
                yield Change(Why.MOVED, ordinal + 1, to=int(to) + 1)
            elif ordinal and own.question < NO_WORD and own.asks_otherwise:
                yield Change(Why.ANOTHER, ordinal + 1)

    # Likeness

    @cached_property
    def _old(self) -> Mapping[str, Fact]:
        return {guid: fact(note, self.old_types[note.kind]) for guid, note in self.olds.items()}

    @cached_property
    def _new(self) -> Mapping[str, Fact]:
        return {
            guid: self._old[guid]
            if guid in self.olds and self.olds[guid].fields == note.fields
            else fact(note, self.types[note.kind])
            for guid, note in self.news.items()
        }

    @cached_property
    def _asking(self) -> Counter[Words]:
        """How many released notes have just these words in their question."""
        return Counter(one.question for one in self._old.values())

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        """The weight of each word: the less, the more notes have it."""
        words: defaultdict[str, set[str]] = defaultdict(set)
        for guid, one in chain(self._old.items(), self._new.items()):
            words[guid].update(one.question, one.answer, one.rest)
        notes = 1 + len(words)
        known = Counter(chain.from_iterable(words.values()))
        return {
            word: weight(word) * log(notes / number) / log(notes) for word, number in known.items()
        }

    def _likeness(self, old: Fact, new: Fact) -> _Likeness:
        answer = kept(old.answer, new.answer, self._weigh)
        # Beside another answer, "horse" is not how "house" is spelt.
        corrected = share(*answer) >= NO_WORD
        question = kept(old.question, new.question, self._weigh, corrected=corrected)
        more = kept(old.rest, new.rest, self._weigh)
        if old.cloze:  # a word that is hidden now, or no longer, is there all the same
            text = kept(old.question | old.answer, new.question | new.answer, self._weigh)
            sides = [text, more]
        else:
            sides = [question, answer]
        stays, goes, comes = map(sum, zip(*sides, strict=True))
        return _Likeness(
            share(*question),
            share(*answer),
            share(stays, goes, comes),
            asks_otherwise=min(question[1:]) > SOME
            or not NEGATIONS.isdisjoint(old.question ^ new.question),
            widened=goes <= (stays + goes) / 10,
        )

    def _weigh(self, word: str) -> float:
        return self._weights.get(word, weight(word))

    def _near(self, one: Fact, *, old: bool) -> tuple[str, ...]:
        """The notes that share rare words with one, on the same side."""
        index = self._old_index if old else self._new_index
        known = sorted(
            (word for word in _sided(one) if word in index), key=lambda w: (len(index[w]), w)
        )
        found = chain.from_iterable(
            index[word] for word in known[:_INDEXED] if len(index[word]) <= _CROWD
        )
        return tuple(sorted({*found}))

    @cached_property
    def _old_index(self) -> Mapping[tuple[int, str], list[str]]:
        return _index(self._old)

    @cached_property
    def _new_index(self) -> Mapping[tuple[int, str], list[str]]:
        return _index(self._new)


def _sided(one: Fact) -> Iterator[tuple[int, str]]:
    """The words of a card, each with its side; those of a cloze note are on one."""
    yield from ((0, word) for word in one.question)
    yield from ((0 if one.cloze else 1, word) for word in one.answer)


def _index(facts: Mapping[str, Fact]) -> Mapping[tuple[int, str], list[str]]:
    """The notes that have each word."""
    found: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for guid, one in facts.items():
        for word in {*_sided(one)}:
            found[word].append(guid)
    return found


def _best(found: Mapping[str, float], least: float, but: str) -> str:
    """The note that is most alike, and alike enough; empty where there is none."""
    others = {guid: like for guid, like in found.items() if guid != but and like >= least}
    return max(others, key=lambda guid: (others[guid], guid), default="")
