"""Problems by the thousand: the first of each kind, and how many more there are.

A text that is broken all over breaks one rule all over. People do not read the ten thousandth,
and ten thousand of them take more memory than the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from deckwright.model import Problem, Source

MAX_ALIKE = 1_000
"""How many findings of one rule a file may have, before they are counted only."""
MAX_OF_A_CARD = 20
"""The same for one card."""


class Problems:
    """Problems in the order in which they were made; of each rule, some and the number of more."""

    def __init__(self, most: int = MAX_ALIKE) -> None:
        self._most = most
        self._kept: dict[Problem, None] = {}
        self._last: dict[str, Problem] = {}
        self._count: Counter[str] = Counter()

    def append(self, one: Problem) -> None:
        """Add a finding; a second time, it is the same."""
        if one in self._kept:
            return
        self._count[one.rule] += 1
        if self._count[one.rule] <= self._most:
            self._kept[one] = None
            self._last[one.rule] = one

    def __iadd__(self, more: Iterable[Problem]) -> Problems:
        """Add some findings."""
        for one in more:
            self.append(one)
        return self

    def __iter__(self) -> Iterator[Problem]:
        """What was kept; the last of a rule says how many more there were."""
        for one in self._kept:
            more = self._count[one.rule] - self._most
            if more > 0 and one is self._last[one.rule]:
                yield replace(one, what=f"{one.what} (and at least {more:,} more like it)")
            else:
                yield one


def in_order(problems: Iterable[Problem], sources: Iterable[Source]) -> tuple[Problem, ...]:
    """Problems, sorted, each with its source line."""
    texts = {source.path: source for source in sources}

    @cache  # so that a long line with many problems is held once
    def line(path: str, number: int) -> str:
        return texts[path].line(number)

    return tuple(
        replace(found, source_line=line(found.place.path, found.place.line))
        if found.place.path in texts
        else found
        for found in sorted(problems)
    )


def some(found: Iterable[Problem], most: int) -> tuple[Problem, ...]:
    """Of each rule's findings the first ones; the last of these says how many more there are."""
    kept = Problems(most)
    kept += found
    return tuple(kept)
