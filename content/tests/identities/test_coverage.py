"""Every formula of the deck is checked, or a reason is given why it needs no check."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

from deck import cards, formulas, none, parsed, wrong

import identities
from identities.arithmetic import covered

HERE = Path(__file__).parent
UNCHECKED = HERE / "unchecked.toml"


def _checked() -> set[str]:
    """The notes that some check names, once all checks are imported."""
    for module in pkgutil.iter_modules(identities.__path__, f"{identities.__name__}."):
        importlib.import_module(module.name)
    return set(covered)


def _unchecked() -> dict[str, str]:
    """The notes that need no check, with the reasons."""
    tables = tomllib.loads(UNCHECKED.read_text(encoding="utf-8")).values()
    return {note: reason for table in tables for note, reason in table.items()}


def _in_line(texs: list[str]) -> str:
    """Formulas in one line, the first of them."""
    return "; ".join(" ".join(tex.split()) for tex in texs)[:120]


def _states_something(tex: str) -> bool:
    """Whether a formula says that two things are equal, or one at most the other."""
    outside_indices = re.sub(r"[_^]\{[^{}]*\}", "", tex)
    return bool(re.search(r"=|\\le\b|\\ge\b|\\leq\b|\\geq\b|\\approx\b", outside_indices))


def test_every_note_with_a_formula_in_its_answer_has_a_check_or_a_reason() -> None:
    known = _checked() | _unchecked().keys()
    stated = {
        card.id: [tex for tex in formulas(outline, card.answer) if _states_something(tex)]
        for outline, card in parsed()
    }
    assert sum(map(bool, stated.values())) >= 20
    none(
        wrong(
            cards()[note],
            f"no arithmetic checks what the card {note} states: {_in_line(texs)}",
            "compute it in two ways in content/tests/identities/test_….py, or say why it needs no"
            f' check in content/tests/identities/unchecked.toml: {note} = "…"',
        )
        for note, texs in stated.items()
        if texs and note not in known
    )


def test_every_note_that_is_checked_or_excused_is_in_the_deck() -> None:
    gone = (_checked() | _unchecked().keys()) - cards().keys()
    none(
        wrong(
            UNCHECKED if note in _unchecked() else Path(covered[note][0].__code__.co_filename),
            f"the card {note}, which is named here, is not in the deck",
            "give it the card's new id, or remove it with the card",
            note,
        )
        for note in gone
    )


def test_no_note_is_both_checked_and_excused() -> None:
    none(
        wrong(UNCHECKED, f"{note} has a check", "remove its line here", note)
        for note in _checked() & _unchecked().keys()
    )
