"""The cards of this deck, and how its tests say what is wrong with one of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from deckwright.commands.report import as_github
from deckwright.compile import Compiled, compile_deck
from deckwright.model import Card, Place, Problem, Severity, Span
from deckwright.rendering.pieces import Formula
from deckwright.rendering.scan import scan
from deckwright.source.cards import parse
from deckwright.source.folder import load
from deckwright.source.lines import Outline

CONTENT = Path(__file__).parent.parent


@cache
def compiled() -> Compiled:
    """The deck, as the compiler has it."""
    return compile_deck(Path(os.path.relpath(CONTENT)))


def sound() -> Compiled:
    """The deck, where it has no mistake; what needs all cards is left out where it has."""
    if compiled().errors:
        pytest.skip("the deck has mistakes: make check names them")
    return compiled()


@cache
def parsed() -> tuple[tuple[Outline, Card], ...]:
    """Each card, with the lines that it is in."""
    folder = load(CONTENT)
    assert folder.info
    files = (parse(source, folder.info, set()) for source in folder.sources)
    return tuple((file.lines_of(card), card) for file in files for card in file.cards)


@cache
def cards() -> dict[str, Card]:
    """The cards, by their ids."""
    return {card.id: card for _, card in parsed()}


def formulas(outline: Outline, span: Span) -> list[str]:
    """The LaTeX of the formulas in a part of a card."""
    return [piece.tex for piece in scan(outline, span).pieces if isinstance(piece, Formula)]


def wrong(where: Card | Path, what: str, fix: str, word: str = "") -> Problem:
    """A problem at a card, or in a file of the deck's at the line that begins with a word."""
    place = where.place if isinstance(where, Card) else Place(where.as_posix(), _line(where, word))
    name = where.id if isinstance(where, Card) else ""
    path = os.path.relpath(place.path)
    return Problem(
        Place(path, place.line, place.column), "check-deck", Severity.ERROR, what, fix, card=name
    )


def _line(path: Path, word: str) -> int:
    """The number of the first line of a file that begins with a word, or with it in brackets."""
    lines = path.read_text(encoding="utf-8").splitlines() if word else []
    found = (n for n, line in enumerate(lines, 1) if re.match(rf"\[?{re.escape(word)}\b", line))
    return next(found, 1)


def none(problems: Iterable[Problem]) -> None:
    """Fail with some problems, one a line; on GitHub as annotations, too."""
    found = sorted(problems)
    if found and os.environ.get("GITHUB_ACTIONS"):
        print(as_github(found))  # noqa: T201 - of a test that fails, pytest shows what it printed
    if found:
        lines = (f"{one.place}: error: {one.message}" for one in found)
        pytest.fail("\n".join(lines), pytrace=False)


def source(card: Card) -> str:
    """All that an author wrote for a card, from its question on."""
    end = max(card.answer.end, *(part.span.end for part in card.parts))
    return card.source.text[card.prompt.start : end]
