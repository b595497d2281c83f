"""Every formula of the deck is checked, or a reason is given why it needs no check."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import identities
from deckwright.model import Card, Span
from deckwright.rendering.pieces import Formula
from deckwright.rendering.scan import scan
from deckwright.source.cards import parse
from deckwright.source.folder import load
from deckwright.source.lines import Outline
from identities.arithmetic import covered

HERE = Path(__file__).parent
CONTENT = HERE.parent.parent


def _checked() -> set[str]:
    """The notes that some check names, once all checks are imported."""
    for module in pkgutil.iter_modules(identities.__path__, f"{identities.__name__}."):
        importlib.import_module(module.name)
    return set(covered)


def _unchecked() -> dict[str, str]:
    """The notes that need no check, with the reasons."""
    text = (HERE / "unchecked.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text).values()
    return {note: reason for table in tables for note, reason in table.items()}


def _cards() -> Iterator[tuple[Outline, Card]]:
    folder = load(CONTENT)
    assert folder.info
    for source in folder.sources:
        file = parse(source, folder.info, set())
        for card in file.cards:
            yield file.lines_of(card), card


def _tex(outline: Outline, span: Span) -> list[str]:
    return [piece.tex for piece in scan(outline, span).pieces if isinstance(piece, Formula)]


def _states_something(tex: str) -> bool:
    """Whether a formula says that two things are equal, or one at most the other."""
    outside_indices = re.sub(r"[_^]\{[^{}]*\}", "", tex)
    return bool(re.search(r"=|\\le\b|\\ge\b|\\leq\b|\\geq\b|\\approx\b", outside_indices))


def test_every_note_with_a_formula_in_its_answer_has_a_check_or_a_reason() -> None:
    answers = {card.id: _tex(outline, card.answer) for outline, card in _cards()}
    assert len(answers) >= 20
    formulas = {note for note, texs in answers.items() if any(map(_states_something, texs))}
    assert formulas
    without = sorted(formulas - _checked() - _unchecked().keys())
    assert not without, "check these, or say in unchecked.toml why not:\n" + "\n".join(
        f"{note}: {'; '.join(answers[note])}" for note in without
    )


def test_every_note_that_is_checked_or_excused_is_in_the_deck() -> None:
    notes = {card.id for _, card in _cards()}
    assert sorted(_checked() - notes) == []
    assert sorted(_unchecked().keys() - notes) == []


def test_no_note_is_both_checked_and_excused() -> None:
    assert sorted(_checked() & _unchecked().keys()) == []
