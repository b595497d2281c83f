"""What HTML reaches a learner: what is left is left as it was, what is not is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckwright.markup import clean, visible_text
from deckwright.model import DeckInfo
from deckwright.note_types import note_types
from tests.decks import card, compile_cards, only_note


def nothing(_src: str) -> str:
    """No picture and no sound is known by any name."""
    return ""


TAGS = st.sampled_from(
    "<p>,</p>,<b>,</b>,<a href='https://x.org'>,<a href=javascript:x>,</a>,<img src=x onerror=y>,"
    "<svg>,</svg>,<math>,<mtext>,<style>,</style>,<script>,</script>,<!--,-->,<![CDATA[,]]>,<table>,"
    "<td>,<select>,<textarea>,<noscript>,<template>,<title>,<details ontoggle=x>,&,&lt;,&amp;lt;,<,"
    ">,\",',=,<mglyph>,<malignmark>,<annotation-xml>,<foreignObject>,<desc>,<form>,</form>,<p/,"
    "<div style=x>,<b and c>".split(",")
)


@given(st.lists(st.one_of(TAGS, st.text(max_size=5)), max_size=20).map("".join))
def test_what_is_cleaned_stays_as_it_is(html: str) -> None:
    cleaned = clean(html, nothing, nothing)
    again = clean(cleaned.html, nothing, nothing)
    assert again.html == cleaned.html
    assert not re.search(r"<(?:script|style|svg|math|img[^>]* on)", cleaned.html)


@given(st.lists(st.one_of(TAGS, st.text(max_size=5)), max_size=20).map("".join))
def test_no_visible_text_is_lost_without_a_word(html: str) -> None:
    cleaned = clean(html, nothing, nothing)
    assert cleaned.complaints or visible_text(html) == visible_text(cleaned.html)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a <script>x</script>", 1, 3, "the tag <script>"),
        ("a\n<b onclick=x>b</b>", 2, 4, "the attribute onclick may not stand in <b>"),
        ('a <b style="x">b</b>', 1, 6, "the attribute style may not stand in <b>"),
        ('a <b id="x">b</b>', 1, 6, "the attribute id may not stand in <b>"),
        ('<a href="javascript:x">b</a>', 1, 10, "the link to 'javascript:x'"),
        ('<a href="http://x.org">b</a>', 1, 10, "the link to 'http://x.org'"),
        ("[b](ftp://x.org)", 1, 5, "the link to 'ftp://x.org'"),
        ("a <iframe></iframe>", 1, 3, "the tag <iframe>"),
        ("a<b and c>d then x<y", 1, 2, "the words after <b would not be shown"),
        ("x <b>y", 1, 3, "<b> never closes"),
    ],
)
def test_what_would_be_taken_out_is_named_at_its_place(
    text: str, line: int, column: int, words: str, tmp_path: Path
) -> None:
    compiled = compile_cards(tmp_path, card(text))
    found = [one for one in compiled.diagnostics if one.rule == "markup"]
    assert (found[0].place.line - 5, found[0].place.column) == (line, column)
    assert words in found[0].what
    assert found[0].cure


@pytest.mark.parametrize(
    "code",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=y>",
        "{{c1::x::y}}",
        "{{Front}}",
        r"\(x\) \[y\] $z$",
        "[sound:x.mp3] [latex]x[/latex] [[type:Front]] [anki:tts]",
        "&lt; &amp;amp; <!-- x -->",
    ],
)
def test_code_about_html_clozes_and_tex_shows_as_it_is(code: str, tmp_path: Path) -> None:
    answer = only_note(tmp_path, card(f"`{code}`\n\n```\n{code}\n```")).fields[1]
    shown = visible_text(answer)
    assert shown.count(re.sub(r"\s", "", code)) == 2
    assert not re.search(r"\[(?:sound:|latex\]|anki:|\[type:)|\{\{|\\[(\[]", answer)


def test_no_template_holds_what_anki_inserts_unescaped() -> None:
    info = DeckInfo("k", "n", report="https://example.org/{id}", tag="t")
    sides = [
        side
        for kind in note_types(info)
        for one in kind.templates
        for side in (one.front, one.back)
    ]
    assert len(sides) > 4
    for side in sides:
        assert not re.search(
            r"\{\{[#^/]?\s*(?:\w+:)*(?:Tags|Deck|Subdeck|Type|Card|CardFlag)\s*\}\}", side
        )


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        ('A style is this.\n\nThen <b style="x">bold</b>.', 8, 9),
        ('This kid is hid.\n\nThen <b id="x">bold</b>.', 8, 9),
        ("One<br>two <b>never closed", 6, 12),
        ("So <a href='https://a.org' href='https://b.org'>x</a>.", 6, 4),
        ("So <b title='a' title='b'>x</b>.", 6, 4),
    ],
)
def test_a_finding_stands_at_its_tag(body: str, line: int, column: int, tmp_path: Path) -> None:
    found = compile_cards(tmp_path, card(body)).diagnostics
    assert ("markup", line, column) in {
        (one.rule, one.place.line, one.place.column) for one in found
    }


@pytest.mark.parametrize("html", ["<![", "a <![x", "<![if x]> b", "<!["])
def test_a_stray_declaration_is_a_finding_and_no_crash(html: str) -> None:
    assert clean(f"<p>{html}</p>", nothing, nothing).complaints
