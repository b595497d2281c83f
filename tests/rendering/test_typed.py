"""What a learner types: any one line, kept as it is, and compared right by a real Anki."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anki.collection import Collection

from deckwright.compile import compile_deck
from tests.decks import TOML, card, compile_cards, make_deck, only_note

LINES = [
    "Paris", "ls *.txt", "a <= b", r"C:\Windows", "Net::HTTP.get(uri)", "{{x}}", "{{c1::x}}",
    "{{", "}}", "[sound:x.mp3]", "[latex]x[/latex]", "[[type:Typed]]", "[$]x[/$]", "$HOME", "$$",
    "`a` b", "&", "&amp;", "&nbsp;", "&#65;", "<b>", "<br>", "a<b>c", "a  b", r"\(x\)", r"\[x\]",
    "\\", "**bold** b", "- x", "> x", "1. x", "---", "a | b", "#include <stdio.h>", "#!/bin/sh",
    "[a](b)", "![a](b)", "<div>", "~~x~~", "a\u3000b", "שלום", "نیم\u200cفاصله", "é", "👍🏽", "'\"",
]  # fmt: skip
FENCED = ["# apt update", "## x", "<!-- x -->", "<script>", "<pre>", "[a]: https://x.org", "```"]


@pytest.fixture(scope="module")
def anki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    collection = Collection(str(tmp_path_factory.mktemp("anki") / "a.anki2"))
    yield collection
    collection.close()


def assert_compared_right(anki: Collection, field: str, typed: str) -> None:
    """A real Anki finds what is typed right, and the same with one sign more wrong."""
    marks = ("typeBad", "typeMissed", "typearrow")
    assert not any(mark in anki.compare_answer(field, typed) for mark in marks)
    assert any(mark in anki.compare_answer(field, f"{typed}x") for mark in marks)


@pytest.mark.parametrize("line", LINES)
def test_any_line_is_kept_as_it_is_and_compared_right(
    line: str, anki: Collection, tmp_path: Path
) -> None:
    note = only_note(tmp_path, card(f"An answer.\n\n### Typed\n{line}\n\n### Why\nBecause."))
    assert_compared_right(anki, note.fields[2], line)


@pytest.mark.parametrize("marks", ["```", "~~~~"])
@pytest.mark.parametrize("line", FENCED)
def test_a_line_that_markdown_takes_for_more_is_written_as_code(
    line: str, marks: str, anki: Collection, tmp_path: Path
) -> None:
    marks = "````" if line == marks else marks
    typed = f"### Typed\n{marks}\n{line}\n{marks}\n\n### Why\nBecause."
    note = only_note(tmp_path, card(f"An answer.\n\n{typed}"))
    assert_compared_right(anki, note.fields[2], line)


@pytest.mark.parametrize("line", FENCED)
def test_without_that_its_place_and_the_cure_are_named(line: str, tmp_path: Path) -> None:
    text = card(f"An answer.\n\n### Typed\n{line}\n")
    found = compile_cards(tmp_path, text).problems
    if line == "## x":  # is a card, and nothing else
        assert {"missing-id", "empty-part"} <= {one.rule for one in found}
    else:
        [named] = (one for one in found if one.fix.endswith("between two lines of ```"))
        assert (named.place.line, named.place.column) == (9, 1)


@pytest.mark.parametrize(
    ("line", "column", "name", "cure"),
    [
        ("a\u00a0b", 2, "NO-BREAK SPACE", "a b"),
        ("a\tb", 2, "U+0009", "a b"),
        ("10\u202fkg", 3, "NARROW NO-BREAK SPACE", "10 kg"),
        ("\u200fשלום", 1, "RIGHT-TO-LEFT MARK", "שלום"),
        ("x\ny", 2, "one line", "x"),
    ],
)
def test_what_no_keyboard_has_is_refused(
    line: str, column: int, name: str, cure: str, tmp_path: Path
) -> None:
    text = card(f"An answer.\n\n### Typed\n{line}")
    [found] = compile_cards(tmp_path / "wrong", text).problems
    assert (found.rule, found.place.line, found.place.column) == ("typed-plain", 9, column)
    assert name in found.what
    only_note(tmp_path / "right", text.replace(line, cure))


def test_code_to_type_is_one_line_too(tmp_path: Path) -> None:
    [found] = compile_cards(tmp_path, card("a\n\n### Typed\n```\nx\ny\n```")).problems
    assert (found.rule, found.place.line, found.place.column) == ("typed-plain", 10, 2)
    assert "one line" in found.what


# A lone part


@pytest.mark.parametrize("line", LINES)
def test_a_lone_typed_part_is_the_answer(line: str, tmp_path: Path) -> None:
    note = only_note(tmp_path, card(f"### Typed\n{line}"))
    assert note.fields[1].removeprefix("<code>").removesuffix("</code>") == note.fields[2]
    assert note.ordinals == (0,)


@pytest.mark.parametrize("line", [r"\(x\)", r"a \[ b"])
def test_what_mathjax_would_read_is_code_there(line: str, tmp_path: Path) -> None:
    assert only_note(tmp_path, card(f"### Typed\n{line}")).fields[1] == f"<code>{line}</code>"


def test_an_answer_that_shows_nothing_is_no_lone_typed_part(tmp_path: Path) -> None:
    [found] = compile_cards(tmp_path, card("&nbsp;\n\n### Typed\nx")).problems
    assert found.rule == "empty-answer"


@pytest.mark.parametrize("answer", ["Nairobi, **on** $x$.", "- one\n- two", "### Typed\nNairobi"])
@pytest.mark.parametrize("after", ["", "\n\n### Why\nIt is so."])
def test_an_empty_reverse_asks_the_answer(answer: str, after: str, tmp_path: Path) -> None:
    note = only_note(tmp_path, card(f"{answer}\n\n### Reverse{after}"))
    assert note.fields[3] == note.fields[1] != ""
    assert note.ordinals == (0, 1)


def test_a_card_without_an_answer_has_none_to_ask(tmp_path: Path) -> None:
    found = compile_cards(tmp_path, card("### Reverse")).problems
    assert [one.rule for one in found] == ["empty-answer", "empty-part"]


def test_a_cloze_card_has_no_reverse(tmp_path: Path) -> None:
    found = compile_cards(tmp_path, card("{{c1::x}}\n\n### Reverse")).problems
    assert "unknown-part" in {one.rule for one in found}


# Note types of a deck's own


def own_type(front: str) -> dict[str, str | bytes]:
    toml = """name = "Spelling"\nid = 1\nsort = "Word"\n
[[fields]]\nname = "Word"\nid = 2\npart = "prompt"\n
[[fields]]\nname = "Meaning"\nid = 3\npart = "answer"\n
[[fields]]\nname = "Spelt"\nid = 4\n
[[templates]]\nname = "Spell"\nid = 5\nfront = "f.html"\nback = "b.html"\n"""
    files = {"note_type.toml": toml, "f.html": f"{{{{Word}}}} {front}", "b.html": "{{Meaning}}"}
    return {f"note_types/spelling/{name}": text for name, text in files.items()}


@pytest.mark.parametrize(
    ("front", "line", "what"),
    [
        ("{{type:Spelt}}", r"`a` \(x\) <b>", ""),
        ("{{type:Spelt}} {{Spelt}}", "`a` <b>", ""),
        ("{{type:Spelt}} {{Spelt}}", r"a \(x\)", r"takes \( for a formula"),
        ("{{type:Spelt}} {{text:Spelt}}", "<b>", "text: shows this field"),
        ("{{text:Spelt}} {{type:Spelt}}", "<b>", "text: shows this field"),
    ],
)
def test_a_typed_field_of_an_own_type_is_any_line_where_that_does_no_harm(
    front: str, line: str, what: str, tmp_path: Path
) -> None:
    source = card(f"x\n\n### Spelt\n{line}").replace("-card", "-card\ntype: spelling")
    source = source.replace("<!-- id", "<!--\nid").replace("spelling -->", "spelling\n-->")
    files = {"deck.toml": TOML, "01-a.md": f"# A\n\n{source}", **own_type(front)}
    found = compile_deck(make_deck(tmp_path, files)).problems
    assert [what in one.what for one in found] == ([True] if what else []), found
