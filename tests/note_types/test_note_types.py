"""Note types are data: what fills a field is in note_type.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.model import DeckInfo
from deckwright.note_types import ANSWER, ID, PROMPT, Kind, kind, note_type, parts
from tests.decks import card, compile_cards, only_note

INFO = DeckInfo("examples", "Examples")


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("basic", ("Question", "Typed", "Reverse", "Why", "Source")),
        ("cloze", ("Why", "Source")),
    ],
)
def test_the_parts_of_a_card_are_those_of_its_fields(name: str, headings: tuple[str, ...]) -> None:
    assert kind(name).parts == headings
    assert set(headings) <= set(parts())


def test_each_field_is_filled_by_its_part(tmp_path: Path) -> None:
    text = "An answer.\n\n### Source\n\nA book.\n\n### Typed\n\n3\n\n### Question\n\nMore?\n\n"
    note = only_note(tmp_path / "basic", card(f"{text}### Why\n\nSo.\n\n### Reverse\n\nBack?"))
    basic = note_type(kind("basic"), INFO)
    names = (*kind("basic").parts, PROMPT, ANSWER, ID)
    shown = {part: basic.text(note.fields, part) for part in names}
    assert shown == {
        "Question": "<p>A question?</p>\n<p>More?</p>",
        PROMPT: "<p>A question?</p>\n<p>More?</p>",
        ANSWER: "An answer.",
        "Typed": "3",
        "Reverse": "Back?",
        "Why": "So.",
        "Source": "A book.",
        ID: "a-card",
    }
    assert note.ordinals == (0, 1)
    note = only_note(tmp_path / "cloze", card("{{c2::An}} {{c4::answer}}.\n\n### Why\n\nSo."))
    cloze = note_type(kind("cloze"), INFO)
    assert [cloze.text(note.fields, part) for part in (PROMPT, ANSWER, "Why", "Source")] == [
        "A question?",
        "{{c2::An}} {{c4::answer}}.",
        "So.",
        "",
    ]
    assert note.ordinals == (1, 3)


def test_a_reserved_field_is_no_part(tmp_path: Path) -> None:
    compiled = compile_cards(tmp_path, card("An answer.\n\n### Reserved 1\n\na"))
    assert [one.rule for one in compiled.problems] == ["unknown-part"]


@pytest.mark.parametrize("name", ["basic", "cloze"])
def test_a_new_part_takes_over_a_reserved_field_and_costs_nobody_anything(name: str) -> None:
    ours = kind(name)
    reserved = next(one["name"] for one in ours.table["fields"] if "Reserved" in one["name"])
    fields = [
        {**field, "name": "Mnemonic"} if field["name"] == reserved else field
        for field in ours.table["fields"]
    ]
    new = Kind(name, {**ours.table, "fields": fields}, ours.sides)
    assert new.parts == (*ours.parts, "Mnemonic")
    before, after = note_type(ours, INFO), note_type(new, INFO)
    assert [one.id for one in after.fields] == [one.id for one in before.fields]
    assert (after.id, after.sort) == (before.id, before.sort)
    assert [one.id for one in after.templates] == [one.id for one in before.templates]
