from __future__ import annotations

import pytest

from deckwright.model import Edit, Place, Problem, Rule
from deckwright.source.fix import text_of, together, written

RULE = Rule("a-rule", "A rule.")
PLACE = Place("a.md")


def problem(*edits: Edit) -> Problem:
    return RULE.at(PLACE, "what", "fix", *edits)


@pytest.mark.parametrize(
    ("data", "edits", "after"),
    [
        (b"a b c", [Edit(2, 3, "x"), Edit(4, 5, "")], b"a x "),
        (b"a\r\nb\r\nc\r\n", [Edit(2, 3, "x\ny")], b"a\r\nx\r\ny\r\nc\r\n"),
        (b"\xef\xbb\xbfa\r\nb", [Edit(0, 1, "x"), Edit(2, 2, "y")], b"\xef\xbb\xbfx\r\nyb"),
        (b"a\r\nb\nc\nd", [Edit(1, 1, "\nx"), Edit(6, 7, "y")], b"a\nx\r\nb\nc\ny"),
        (b"a\r\n", [Edit(1, 2, "")], b"a"),
        ("é\r\n日本\r\n".encode(), [Edit(3, 4, "木")], "é\r\n日木\r\n".encode()),
    ],
)
def test_edits_keep_what_is_around_them(data: bytes, edits: list[Edit], after: bytes) -> None:
    assert written(data, edits) == after


def test_the_text_of_a_file_is_what_edits_count_in() -> None:
    assert text_of(b"\xef\xbb\xbfa\r\nb\n") == "a\nb\n"


def test_of_edits_that_meet_the_first_is_written() -> None:
    one, two = problem(Edit(0, 4, "x")), problem(Edit(3, 5, "y"))
    far, none = problem(Edit(7, 8, "z")), problem()
    assert together([one, two, far, none]) == [one, far]


def test_edits_of_one_problem_are_written_together_or_not_at_all() -> None:
    pair, inside = problem(Edit(0, 1, ""), Edit(5, 6, "")), problem(Edit(5, 6, "x"))
    assert together([inside, pair]) == [inside]
    assert together([pair, inside]) == [pair]


def test_edits_of_two_files_do_not_meet() -> None:
    there = RULE.at(Place("b.md"), "what", "fix", Edit(0, 1, ""))
    assert together([problem(Edit(0, 1, "")), there]) != [there]
