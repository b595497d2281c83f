from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from tests.decks import card, compile_cards, make_deck

ANSWER = "A.\n\n### Why\n\nSo."


@pytest.mark.parametrize("heading", ["##b", "###Why", "##\u00a0b"])
def test_a_heading_without_a_space_is_named_at_its_place(heading: str, tmp_path: Path) -> None:
    [one] = compile_cards(tmp_path, card(f"a\n\n{heading}")).problems
    assert (one.rule, one.place.line, one.place.column) == ("heading-space", 8, 1)
    marks = heading.rstrip("b\u00a0Why")
    assert one.fix == f"put a space after {marks}, or write \\# for the sign"


@pytest.mark.parametrize(
    "text",
    [
        card(ANSWER) + "\n" + card(ANSWER, "B?", "b").replace("## ", "##", 1),
        card(ANSWER, "B?", "b").replace("## ", "##", 1) + "\n" + card(ANSWER),
        card("A.").replace("## ", "##"),
        card("A.") + "\n" + card("A.\n\n### Because\n\nSo.", "B?", "b").replace("## ", "##", 1),
    ],
)
def test_one_slip_is_one_problem(text: str, tmp_path: Path) -> None:
    assert [one.rule for one in compile_cards(tmp_path, text).problems] == ["heading-space"]


def test_what_is_wrong_above_and_below_such_a_card_is_named(tmp_path: Path) -> None:
    part = "### Because\n\nSo.\n\n"
    lost = card(f"B.\n\n{part}", "B?", "b").replace("## B?", "##B?")
    text = card(f"A.\n\n{part}") + lost + card(f"C.\n\n{part}", "C?", "c")
    rules = [one.rule for one in compile_cards(tmp_path, text).problems]
    assert rules == ["unknown-part", "heading-space", "unknown-part"]


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("typed: true", "remove it, and write a part ### Typed"),
        ("reverse: true", "remove it, and write a part ### Reverse"),
        ("as: y", "did you mean was?"),
    ],
)
def test_a_key_that_is_not_known_is_not_guessed(line: str, fix: str, tmp_path: Path) -> None:
    text = card("A.").replace("<!-- ", "<!--\n").replace(" -->", f"\n{line}\n-->")
    [one] = compile_cards(tmp_path, text).problems
    assert (one.rule, one.fix, one.edits) == ("unknown-key", fix, ())


def test_the_packages_of_a_build_in_the_folder_are_known(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"dist/a.apkg": b"x", "01.md": "# T\n\n" + card("A.")}
    assert not compile_deck(make_deck(tmp_path, files)).problems
