"""``python -m tests.rendering.agreement [NUMBER] [DECK…]``: how often we read as GitHub reads.

Prints the table of ``docs/format.md``: of the specifications' examples, of our deck's passages (or
those of other decks), and of so many made-up texts of each kind; another number gives other texts.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.rendering.comparison import compare
from tests.rendering.examples import SOURCES, examples
from tests.rendering.generate import GENERATORS
from tests.rendering.oddities import explanation
from tests.rendering.passages import DECK, passages

NUMBER = 10_000
TITLES = dict(
    zip(
        SOURCES,
        (
            "examples of CommonMark 0.31.2",
            "examples of GitHub Flavored Markdown 0.29",
            "tests of GitHub's extensions",
            "tests of GitHub's parser",
        ),
        strict=True,
    )
)
KINDS = {
    "tidy": "made-up texts, as people write them",
    "wild": "made-up texts, lines thrown together",
    "soup": "made-up texts, signs thrown together",
}


@dataclass(frozen=True)
class Agreement:
    """How often both readers agree on something, and on how much of the rest by an oddity."""

    title: str
    alike: int
    explained: int
    of: int

    def __str__(self) -> str:
        share = 100 * self.alike / max(self.of, 1)
        return f"| {self.title} | {self.of:,} | {self.alike:,} | {share:.2f} % | {self.explained} |"


def agreement(title: str, texts: Iterable[tuple[str, bool]]) -> Agreement:
    """How often both agree on some texts, each with whether it is one of a heading."""
    found = Counter(_kind(text, heading=heading) for text, heading in texts)
    return Agreement(title, found["alike"], found["explained"], found.total())


def _kind(text: str, *, heading: bool) -> str:
    found = compare(text, heading=heading)
    if found.agree:
        return "alike"
    return "explained" if explanation(found) else "different"


def _made_up(kind: str, number: int) -> Iterator[tuple[str, bool]]:
    random = Random(f"{number} {kind}")
    return ((GENERATORS[kind](random), False) for _ in range(number))


def agreements(number: int, decks: Iterable[Path]) -> Iterator[Agreement]:
    """All that is measured."""
    for source, title in TITLES.items():
        texts = (
            (one.text, False)
            for one in examples()
            for name in one.names
            if name.startswith(f"{source} ")
        )
        yield agreement(title, texts)
    for deck in decks:
        title = "passages of our deck" if deck == DECK else f"passages of {deck.name}"
        yield agreement(title, ((one.text, one.heading) for one in passages(deck)))
    for kind, title in KINDS.items():
        yield agreement(title, _made_up(kind, number))


def main(arguments: list[str]) -> None:
    number = int(arguments[0]) if arguments else NUMBER
    decks = [Path(name) for name in arguments[1:]] or [DECK]
    print("| texts | number | read alike | | a known oddity |\n|---|--:|--:|--:|--:|")
    for one in agreements(number, decks):
        print(one, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
