"""Clozes around blocks and in code hide what is between their marks, as Anki shows their cards."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from deckwright.note_types.clozes import one_side
from tests.decks import card, compile_cards, make_deck, only_note, release

FENCE = "```python\nfor x in y:\n    pass\n```"
TABLE = "| a | b |\n|---|---|\n| c | d |"


def hidden(html: str, number: int) -> tuple[str, str]:
    """What the question of a cloze shows besides its place, and what its answer marks."""
    question = LexborHTMLParser(one_side(html, number, question=True), is_fragment=True)
    answer = LexborHTMLParser(one_side(html, number, question=False), is_fragment=True)
    marked = " ".join(one.text() for one in answer.css(".cloze"))
    return " ".join(question.text().split()), " ".join(marked.split())


@pytest.mark.parametrize(
    ("text", "question", "marked"),
    [
        ("a {{c1::b c}} d", "a [...] d", "b c"),
        # around blocks
        ("{{c1::One.\n\nTwo.}}\n\nThree.", "[...] Three.", "One. Two."),
        ("{{c1::One.\n\nTwo.::a hint}}", "[a hint]", "One. Two."),
        ("{{c1::\n- a\n- b\n}}", "[...]", "a b"),
        ("{{c1::\n\n- a\n- b\n\n}}", "[...]", "a b"),
        ("- {{c1::a\n- b}}\n- c", "[...] c", "a b"),
        ("- a\n- {{c1::b\n  - c}}\n- d", "a [...] d", "b c"),
        ("1. {{c1::a\n\n   b\n2. c}}", "[...]", "a b c"),
        ("> {{c1::a\n>\n> b}}", "[...]", "a b"),
        ("{{c1::a\n\n> b}}", "[...]", "a b"),
        (f"{{{{c1::\n{FENCE}\n}}}}", "[...]", "for x in y: pass"),
        (f"Code:\n\n{{{{c1::\n\n{TABLE}\n\n}}}}", "Code: [...]", "a b c d"),
        (f"Code: {{{{c1::\n\n{FENCE}\n\n}}}} and more", "Code: [...] and more", "for x in y: pass"),
        ("{{c1::{{c2::a\n\nb}}\n\nc}}", "[...]", "a b c"),
        ("| {{c1::a | b |\n|---|---|\n| c | d}} |", "[...]", "a b c d"),
        ("**{{c1::a** b}} c", "[...] c", "a b"),
        ("a {{c1::*b}}* c", "a [...] c", "b"),
        ("{{c1::#### a\n\nb}}", "[...]", "#### a b"),
        ("{{c1::**std::vector**}} c", "[...] c", "std::vector"),
        ("{{c1::[a :: b](https://x.org)}} c", "[...] c", "a :: b"),
        ("{{c1::<s>a::b</s>::*hint*}} c", "[...] c", "a::b::hint"),
        ("{{c1::*a*::*b*}} c", "[b] c", "a"),
        # in code
        ("`x = {{c1::a::b}} + 1`", "x = [...] + 1", "a::b"),
        ("``{{c1::`x`}}``", "[...]", "`x`"),
        ("` {{c1::x}} `", "[...]", "x"),
        ("a {{c2::b `{{c1::c}} d`}}", "a b [...] d", "c"),
        ("```\n{{c1::a\nb}} c\n```", "[...] c", "a b"),
        ("> ```\n> {{c1::a\n> b}} c\n> ```", "[...] c", "a b"),
        ("- ```py\n  {{c1::def}} f():\n  \tpr{{c2::int()}}\n  ```", "[...] f(): print()", "def"),
        ("    a {{c1::b}}", "a [...]", "b"),
        ("```c\n{{c1::int a[] = {1, {2}}}};\n```", "[...];", "int a[] = {1, {2}}"),
        ("```c\nint a[] = {{c1::{1}}};\n```", "int a[] = [...];", "{1}"),
        ("```\n{{c1::}{}}\n```", "[...]", "}{"),
        ("```js\n`${ {{c1::x}} }`\n```", "`${ [...] }`", "x"),
        ("```\n<b>&amp;{{c1::<i>}}\n```", "<b>&amp;[...]", "<i>"),
        ("| a |\n|---|\n| `x \\| {{c1::y \\| z}}` |", "a x | [...]", "y | z"),
    ],
)
def test_a_cloze_hides_what_is_between_its_marks(
    text: str, question: str, marked: str, tmp_path: Path
) -> None:
    note = only_note(tmp_path, card(text))
    assert note.kind == "cloze"
    assert hidden(note.fields[1], 1) == (question, marked)


@pytest.mark.parametrize(
    ("text", "rule", "column"),
    [
        ("It is {{c1::one\n\ntwo}} three", "cloze-blocks", 7),
        ("a {{c1::x\n- y\n- z}}", "cloze-blocks", 3),
        ("- {{c1::a\n- b}} c", "cloze-blocks", 3),
        ("a {{c1::*b}} c*", "cloze-overlap", 3),
        ("| a | {{c1::b |\n|---|---|\n| c | d}} |", "cloze-blocks", 7),
        ("a {{c1::b\n\nc::d\n\ne}} f", "cloze-blocks", 3),
        # a mark that makes no card
        ("`{{c1::a`", "cloze-unclosed", 2),
        ("`{{c1::a` b}}", "cloze-unclosed", 2),
        ("`{{c0::a}}`", "cloze-number", 2),
        ("`{{C1::a}}`", "cloze-number", 2),
        ("`{{c1::}}`", "cloze-empty", 2),
        ("![a `{{c1::b}}`](media/dot.png)", "cloze-place", 6),
    ],
)
def test_a_mark_that_makes_no_card_is_named(
    text: str, rule: str, column: int, tmp_path: Path
) -> None:
    errors = [one for one in compile_cards(tmp_path, card(text)).problems if one.rule != "alike"]
    assert (errors[0].rule, errors[0].place.column) == (rule, column)


@pytest.mark.parametrize("info", ["text literal", "literal", "python  literal x"])
def test_a_literal_fence_shows_the_marks(info: str, tmp_path: Path) -> None:
    note = only_note(tmp_path, card(f"```{info}\n{{{{c1::a}}}}\n```"))
    assert note.kind == "basic"
    shown = LexborHTMLParser(note.fields[1], is_fragment=True).text()
    assert shown.strip() == "{{c1::a}}"


def test_marks_in_the_code_of_a_heading_are_named(tmp_path: Path) -> None:
    text = card("An answer.", "What does `{{c1::x}}` do?")
    [problem] = compile_cards(tmp_path, text).problems
    assert (problem.rule, problem.place.line) == ("cloze-place", 3)
    shown = card("An answer.", r"What does <code>\{\{c1::x}}</code> do?")
    assert compile_cards(tmp_path, shown).problems == ()


def test_a_released_card_that_showed_raw_marks_is_told_why_it_changes(tmp_path: Path) -> None:
    text = "```text literal\n{{c1::a}}\n```"
    root = make_deck(tmp_path, {"01-cards.md": f"# Examples\n\n{card(text)}"})
    release(root)
    [problem] = compile_cards(root, card(text.replace(" literal", ""))).problems
    assert problem.rule == "kind-changed"
    assert "write `literal` behind the language of its code" in problem.fix
