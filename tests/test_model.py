from __future__ import annotations

from pathlib import Path

from deckwright.model import Edit, Place, Rule, Source
from tests.decks import card, compile_cards

RULE = Rule("a-rule", "A rule.")


def test_an_edit_of_a_part_of_a_file_is_placed_in_the_file() -> None:
    file = Source("cards.md", "# T\n\n## A\n\nx == y\n")
    part = file.part(5, len(file.text))
    at = part.text.index("==")
    problem = RULE.at(at, "what", "fix", Edit(at, at + 2, "="))
    placed = problem.placed(part)
    assert (placed.place, placed.at) == (Place("cards.md", 5, 3), 0)
    [edit] = placed.edits
    assert file.text[edit.start : edit.end] == "=="
    assert placed.placed(file) is placed


def test_edits_move_with_their_problem() -> None:
    problem = RULE.at(3, "what", "fix", Edit(3, 5, "x"), Edit(7, 7, "y"))
    moved = problem.moved(10)
    assert (moved.at, moved.edits) == (13, (Edit(13, 15, "x"), Edit(17, 17, "y")))


def test_the_edit_of_a_second_card_is_counted_in_its_file(tmp_path: Path) -> None:
    second = "## B?\n<!--\nid: b\ntags: x, y-é\n-->\n\nB.\n"
    text = f"# Examples\n\n{card('A.')}\n{second}"
    compiled = compile_cards(tmp_path, f"{card('A.')}\n{second}")
    [problem] = compiled.problems
    [edit] = problem.edits
    assert text[edit.start : edit.end] == "x, y-é"
    assert edit.text == "[x, y-é]"
