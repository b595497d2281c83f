"""What becomes of the blanks of a cloze text: which number asks now for what another one asked.

Both texts are read as sequences of words, each with the numbers of the clozes that hide it, and
aligned. A blank is the same one where it hides the same words, or where it is in the same place
and only its answer was corrected. Where its words are open now, or hidden under another number,
its number asks something else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from deckwright.releases.words import Words, is_label, kept, plain, share, tokens, weight

SAME = 0.3
"""The share of common words from which two blanks are one."""
CLEARLY = 0.2
"""By how much more a blank is another one than itself."""
FEW = 1
"""So many other words turn a question into another one; more are another wording."""
MOST = 0.5
"""The share of a blank's words that decides where they are now."""

_MARK = re.compile(r"\{\{c(\d+)::|::|\}\}")
_LONG = 2_000
"""From so many words on, difflib may take its short cuts."""
_BLANK = "\0"


def moved_questions(old: str, new: str) -> Iterator[tuple[int, int]]:
    """The numbers of a cloze text that ask something else now, in order, each with its goal.

    That is the number that asks its question now; 0 where what it hid is open.
    """
    both = _Both(_Text.of(old), _Text.of(new))
    for number in both.old.numbers:
        if (goal := both.goal(number)) is not None:
            yield number, goal


@dataclass(frozen=True)
class _Text:
    """The words of a text, each with the numbers that hide it, and its blanks between them."""

    words: tuple[str, ...]
    under: tuple[tuple[int, ...], ...]
    frame: tuple[str, ...]
    """What is open, with a sign for each blank."""
    blanks: tuple[int, ...]
    """The numbers of the blanks, in order."""

    @classmethod
    def of(cls, html: str) -> _Text:
        words: list[str] = []
        under: list[tuple[int, ...]] = []
        frame: list[str] = []
        blanks: list[int] = []
        stack: list[int] = []
        hints = 0
        text = plain(html)
        at = 0
        for mark in (*_MARK.finditer(text), None):
            found = tokens(text[at : mark.start() if mark else len(text)])
            if not hints:
                words += found
                under += [tuple(stack)] * len(found)
                frame += [] if stack else found
            at = mark.end() if mark else at
            if mark and mark[1]:
                stack.append(int(mark[1]))
                frame.append(_BLANK)
                blanks.append(stack[-1])
            elif mark and stack and mark[0] == "}}":
                hints = hints if hints < len(stack) else 0
                stack.pop()
            elif mark and stack and not hints:
                hints = len(stack)
        return cls(tuple(words), tuple(under), tuple(frame), tuple(blanks))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        return tuple(sorted({number for found in self.under for number in found}))

    @cached_property
    def places(self) -> dict[int, list[int]]:
        """The places of the words that each number hides."""
        found: dict[int, list[int]] = defaultdict(list)
        for place, numbers in enumerate(self.under):
            for number in {*numbers}:
                found[number].append(place)
        return found

    def around(self, number: int) -> tuple[Words, Words]:
        """The nearest two words that say something, on both sides of a number's blanks."""
        places = zip(_places(self.frame), self.blanks, strict=True)
        mine = [place for place, one in places if one == number]
        says = [at for at, word in enumerate(self.frame) if word != _BLANK and weight(word) >= 1]
        left = (at for place in mine for at in [one for one in says if one < place][-2:])
        right = (at for place in mine for at in [one for one in says if one > place][:2])
        return (
            frozenset(self.frame[at] for at in left),
            frozenset(self.frame[at] for at in right),
        )

    def clause(self, number: int) -> Words:
        """The open words around a number's blanks, up to the next blank on either side."""
        found: set[str] = set()
        for place, one in zip(_places(self.frame), self.blanks, strict=True):
            if one == number:
                before = self.frame[:place][::-1]
                for words in (before, self.frame[place + 1 :]):
                    end = words.index(_BLANK) if _BLANK in words else len(words)
                    found.update(word for word in words[:end] if weight(word) >= 1)
        return frozenset(found)

    def words_of(self, number: int) -> Words:
        return frozenset(self.words[place] for place in self.places.get(number, ()))

    def weigh(self, places: Iterable[int]) -> float:
        return sum(weight(self.words[place]) for place in places)


@dataclass(frozen=True)
class _Both:
    """A text as it was, and as it is."""

    old: _Text
    new: _Text

    def goal(self, number: int) -> int | None:
        """Where the question of a number is now; 0 is in the open, None where it is unchanged."""
        others = [(self._same(number, one), one) for one in self.new.numbers if one != number]
        best, other = max(others, key=lambda pair: (pair[0], -pair[1]), default=(0.0, 0))
        if number not in self.new.numbers:
            return self._heir(number, best, other)
        if self._is_among_others(number) and (place := self._placed.get(number)):
            return place  # another number has its place
        own = self._same(number, number)
        if own and self._covered(number) >= 1 - CLEARLY and own >= best - CLEARLY:
            return None  # it only hides more
        if self._begins(number, other) and best >= max(own, SAME):
            return other  # it was split, and a new number has its beginning
        if own >= SAME and own >= best - CLEARLY:
            return None  # it hides what it hid
        if best >= SAME and not self._corrected(number, other):
            return other  # another number hides that, in the same place
        if self._opened(number) >= MOST:
            return 0
        alike = {one: self._alike(number, one) for one in self.new.numbers}
        near = max(alike, key=lambda one: (alike[one], one == number))
        if alike[near] >= MOST and alike[near] > alike[number] + CLEARLY:
            return None if self._corrected(number, near) else near  # the same, somewhere else
        if self._taken(number) or self._has_another(number):
            return 0
        # Its answer is another one: that is a correction only where its question stays.
        is_left_behind = self._is_among_others(number) and self._is_open_about(number)
        is_answered_anew = alike[number] < SAME and own < SAME
        return 0 if is_answered_anew and (is_left_behind or self._is_asked_anew(number)) else None

    def _heir(self, number: int, best: float, other: int) -> int | None:
        """Which number asks what a number asked that is gone."""
        if best < MOST:
            alike = {one: self._alike(number, one) for one in self.new.numbers}
            other = max(alike, key=lambda one: (alike[one], -one), default=0)
            best = alike.get(other, 0.0)
        is_joined = other in self.old.numbers and self._covered(other) >= 1 - CLEARLY
        return other if best >= MOST and not is_joined else None

    @cached_property
    def _pairs(self) -> tuple[tuple[int, int], ...]:
        """The places of the words that stay."""
        return tuple(_aligned(self.old.words, self.new.words))

    def _common(self, number: int, other: int) -> float:
        """The weight of the words that a number hid and another one hides now."""
        stay = (
            a for a, b in self._pairs if number in self.old.under[a] and other in self.new.under[b]
        )
        return self.old.weigh(stay)

    def _same(self, number: int, other: int) -> float:
        both = self._common(number, other)
        return both / (
            self.old.weigh(self.old.places[number]) + self.new.weigh(self.new.places[other]) - both
        )

    def _covered(self, number: int) -> float:
        """The share of a number's words that it hides still."""
        return self._common(number, number) / self.old.weigh(self.old.places[number])

    def _opened(self, number: int) -> float:
        """The share of a number's words that are open now."""
        stay = (a for a, b in self._pairs if number in self.old.under[a] and not self.new.under[b])
        mine = self.old.places[number]
        here = self.old.weigh(stay) / self.old.weigh(mine)
        came = {*self.new.frame} - {*self.old.frame}
        elsewhere = [place for place in mine if self.old.words[place] in came]
        return max(here, self.old.weigh(elsewhere) / self.old.weigh(mine))

    def _taken(self, number: int) -> bool:
        """Whether a number hides now what was open, or what another one hid, somewhere else."""
        stay = [
            b
            for a, b in self._pairs
            if number in self.new.under[b] and number not in self.old.under[a]
        ]
        share_ = self.new.weigh(stay) / self.new.weigh(self.new.places[number])
        return share_ >= MOST and not self._in_place(number)

    def _has_another(self, number: int) -> bool:
        """Whether a number hides now what another one hid."""
        others = (one for one in self.old.numbers if one != number)
        return any(
            self._same(one, number) >= MOST and not self._corrected(one, number) for one in others
        )

    def _begins(self, number: int, other: int) -> bool:
        """Whether a new number hides the first word of an old one."""
        first = self.old.places[number][0]
        return other not in self.old.numbers and any(
            a == first and other in self.new.under[b] for a, b in self._pairs
        )

    def _alike(self, number: int, other: int) -> float:
        return share(*kept(self.old.words_of(number), self.new.words_of(other)))

    @cached_property
    def _frames(self) -> tuple[tuple[int, int], ...]:
        """The places in both frames that belong together."""
        return tuple(_aligned(self.old.frame, self.new.frame, replaced=True))

    @cached_property
    def _blanks(self) -> tuple[tuple[int, int], ...]:
        """The numbers of the blanks that are in the same place."""
        olds, news = (
            dict(zip(_places(one.frame), one.blanks, strict=True)) for one in (self.old, self.new)
        )
        return tuple((olds[a], news[b]) for a, b in self._frames if a in olds and b in news)

    def _is_among_others(self, number: int) -> bool:
        """Whether none of the words around a blank is around it still, on the same side."""
        before, after = self.old.around(number), self.new.around(number)
        return all(one.isdisjoint(other) for one, other in zip(before, after, strict=True))

    def _is_asked_anew(self, number: int) -> bool:
        """Whether few words gave way to others around a blank, in a text that stays."""
        before, after = self.old.clause(number), self.new.clause(number)
        lost = {word for word in self.old.frame if weight(word) >= 1} - {*self.new.frame}
        if len(lost) > FEW:
            return False
        most = min(len(before - after), len(after - before))
        return 0 < most <= FEW and len(before & after) >= most

    def _is_open_about(self, number: int) -> bool:
        """Whether the words that were around a blank are in the text still."""
        words = frozenset[str]().union(*self.old.around(number))
        return bool(words) and words <= {*self.new.frame}

    @cached_property
    def _placed(self) -> dict[int, int]:
        """The numbers whose blank has another one now, beside the same word that says something."""
        equal = {(a, b) for a, b in self._frames if self.old.frame[a] == self.new.frame[b]}
        olds, news = (
            dict(zip(_places(one.frame), one.blanks, strict=True)) for one in (self.old, self.new)
        )
        found = {
            olds[a]: news[b]
            for a, b in equal
            if a in olds and any(self._is_labelled(a, b, step, equal) for step in (-1, 1))
        }
        known = self.old.numbers  # a new number has a part of what one hid
        return {number: to for number, to in found.items() if number != to and to in known}

    def _is_labelled(self, a: int, b: int, step: int, equal: set[tuple[int, int]]) -> bool:
        """Whether the words on one side of a blank stay, up to one that says something."""
        while (a := a + step, b := b + step) in equal and self.old.frame[a] != _BLANK:
            if weight(self.old.frame[a]) >= 1:
                return True
        return False

    def _in_place(self, number: int) -> bool:
        return (number, number) in self._blanks

    def _corrected(self, number: int, other: int) -> bool:
        """Whether two answers changed places in a text that says what each is asked for.

        That is so where the blanks are where they were, and a word between them stays.
        """
        if not (self._in_place(number) and self._in_place(other)):
            return False
        places = dict(zip(self.new.blanks, _places(self.new.frame), strict=True))
        low, high = sorted((places[number], places[other]))
        kept_ = {b for a, b in self._frames if self.old.frame[a] == self.new.frame[b]}
        return any(
            is_label(self.new.frame[place])
            for place in range(low, high)
            if place in kept_ and self.new.frame[place] != _BLANK
        )


def _places(frame: tuple[str, ...]) -> list[int]:
    return [place for place, word in enumerate(frame) if word == _BLANK]


def _aligned(
    old: tuple[str, ...], new: tuple[str, ...], *, replaced: bool = False
) -> Iterator[tuple[int, int]]:
    """The places of what stays, and on request of the blanks that were replaced in order."""
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > _LONG)
    for what, a, a_end, b, b_end in matcher.get_opcodes():
        if what == "equal":
            yield from zip(range(a, a_end), range(b, b_end), strict=True)
        elif replaced:
            olds = (place for place in range(a, a_end) if old[place] == _BLANK)
            news = (place for place in range(b, b_end) if new[place] == _BLANK)
            yield from zip(olds, news, strict=False)
