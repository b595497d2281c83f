"""What HTML reaches a learner: what is left is left as it was, what is not is named."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckwright.model import DeckInfo, Problem
from deckwright.note_types import note_types
from deckwright.rendering.html import Cleaned, clean
from deckwright.rendering.tags import MARKUP
from tests.decks import card, compile_cards, only_note


def nothing(_tag: str, _address: str) -> Problem:
    """No picture and no sound is known by any name."""
    return MARKUP.at(0, "there is no such file", "remove it")


def visible_text(html: str) -> str:
    """The text of well-formed HTML, without its white space."""
    return "".join(unescape(re.sub("<[^<>]*>", "", html)).split())


TAGS = st.sampled_from(
    "<p>,</p>,<b>,</b>,<a href='https://x.org'>,<a href=javascript:x>,</a>,<img src=x onerror=y>,"
    "<svg>,</svg>,<math>,<mtext>,<style>,</style>,<script>,</script>,<!--,-->,<![CDATA[,]]>,<table>,"
    "<td>,<select>,<textarea>,<noscript>,<template>,<title>,<details ontoggle=x>,&,&lt;,&amp;lt;,<,"
    ">,\",',=,<mglyph>,<malignmark>,<annotation-xml>,<foreignObject>,<desc>,<form>,</form>,<p/,"
    "<div style=x>,<b and c>".split(",")
)


@given(st.lists(st.one_of(TAGS, st.text(max_size=5)), max_size=20).map("".join))
def test_what_is_cleaned_stays_as_it_is(html: str) -> None:
    cleaned = clean(html, nothing)
    again = clean(cleaned.html, nothing)
    assert again.html == cleaned.html
    assert not re.search(r"<(?:script|style|svg|math|img[^>]* on)", cleaned.html)


@pytest.mark.parametrize(
    ("html", "misplaced"),
    [
        ("<p>a <td>b</td></p>", "<td> cannot be in <p>"),
        ("<table><td>x</td></table>", "<td> cannot be in <table>"),
        ("<table>x<tr><td>y</td></tr></table>", "'x' cannot be in <table>"),
        ("a<table><tr><td>y</td>x</tr></table>", "'x' cannot be in <tr>"),
        ("<table><b>x</b><tr><td>y</td></tr></table>", "<b> cannot be in <table>"),
        ("<p>z <div>x</div></p></p>", "</p> closes nothing"),
        ("<h4>a <h5>b</h5></h4>", "<h5> cannot be in <h4>"),
        ("<li>a<li>b</li></li>", "</li> closes nothing"),
        (
            "<a href='https://a.org'>x<a href='https://b.org'>y</a></a>",
            "<a> cannot be in <a>",
        ),
        ("<col>", "<col> cannot be by itself"),
    ],
)
def test_what_a_reader_of_html_would_move_is_named(html: str, misplaced: str) -> None:
    cleaned = clean(html, nothing)
    assert [one.what.partition(":")[0] for one in cleaned.problems] == [misplaced]


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>x</td></tr></table>",
        "<table><col><thead><tr><th>x</th></tr></thead><tr><td>y</td></tr></table>",
        "<ul>x<li>y</li></ul>",
        "<details open><summary>s</summary>x<br/>y</details>",
        "<ruby>a<rp>(</rp><rt>b</rt></ruby>",
        "a &lt; b &amp; c",
    ],
)
def test_what_html_lets_be_left_out_is_no_change(html: str) -> None:
    assert clean(html, nothing).problems == ()


def test_html_that_takes_two_passes_is_settled() -> None:
    once = "<a href='https://x.org'><table>x<a href='https://x.org'>"
    cleaned = clean(once, nothing)
    assert cleaned.problems
    assert nh3.clean(once) != nh3.clean(nh3.clean(once))
    assert clean(cleaned.html, nothing) == Cleaned(cleaned.html, ())


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a <script>x</script>", 1, 3, "the tag <script>"),
        ("a\n<b onclick=x>b</b>", 2, 4, "the attribute onclick is not allowed in <b>"),
        ('a <b style="x">b</b>', 1, 6, "the attribute style is not allowed in <b>"),
        ('a <b id="x">b</b>', 1, 6, "the attribute id is not allowed in <b>"),
        ('<a href="javascript:x">b</a>', 1, 10, "the link to 'javascript:x'"),
        ('<a href="http://localhost:8765">b</a>', 1, 10, "the link to 'http://localhost:8765'"),
        ("see http://127.0.0.1/x", 1, 5, "the link to 'http://127.0.0.1/x'"),
        ("[b](http://nas.local/)", 1, 5, "the link to 'http://nas.local/'"),
        ("[b](https://nas.local.:80/)", 1, 5, "to no public host by its name"),
        ("[b](https://nas.ｌｏｃａｌ)", 1, 5, "to no public host by its name"),
        ("[b](https://localhost)", 1, 5, "to no public host by its name"),
        ("<https://127.0.0.1/x>", 1, 2, "to no public host by its name"),
        ("[b](https://[::1]/)", 1, 5, "to no public host by its name"),
        ("[b](https://10.1)", 1, 5, "to no public host by its name"),
        ("[b](https://localhost\\a.e.org)", 1, 5, "to no public host by its name"),
        ("see https://localhost:`80`", 1, 5, "the link to 'https://localhost:`80`' goes"),
        ("a\n\n[b](https://h.org:PORT/)", 3, 5, "to no public host by its name"),
        ("a\n\n[b](https://h.org:99999/)", 3, 5, "no browser can read"),
        ("[b](https://h.org) [b](https://xn--.org)", 1, 24, "no browser can read"),
        ("[b](http://a@localhost.x.org/)", 1, 5, "the link to 'http://a@localhost.x.org/'"),
        ("[b](ftp://x.org)", 1, 5, "the link to 'ftp://x.org'"),
        ("[b](java&#115;cript:x)", 1, 5, "the link to 'javascript:x'"),
        ("[b](VBScript:x)", 1, 5, "the link to 'VBScript:x'"),
        ("[b](data:text/html,x)", 1, 5, "the link to 'data:text/html,x'"),
        ("<b title=x lang='50%'>b</b>", 1, 12, "'50%' is not a value for the attribute lang"),
        ("a <td>$x$</td>", 1, 3, "<td> cannot be in <p>"),
        ("<table><tr><td>$x$</td>$y$</tr></table>", 1, 24, "'…' cannot be in <tr>"),
        ("a <center>x</center>", 1, 3, "the tag <center>"),
        ("<b lang=en>x</b>\n\n<b lang=zh_CN>y</b>", 3, 4, "'zh_CN' is not a value"),
        ("<b>a</b>\n\nb</b>", 3, 2, "</b> closes nothing"),
        ("<b>a</b>\n\n<b lang=en lang=fr>x</b>", 3, 1, "lang is twice"),
        ("<b>ok</b>\n\nif a <b and c> d", 3, 6, "the words after <b"),
        ("[ftp://e.org](https://e.org)\n\n[x](ftp://e.org)", 3, 5, "'ftp://e.org'"),
        ("<a href='https://e.org/a\nb'>x</a>", 1, 10, "holds the end of a line"),
        ("<p hidden>x</p>", 1, 4, "the attribute hidden"),
        ("a\n\nb [c]() d", 3, 5, "no address"),
        ("<table>\n <tr>\n\n    <td>b</td>\n </tr>\n</table>", 4, 5, "make code of this HTML"),
        ("    a\n\n<table>\n<tr>\n\n    <td>b</td>\n</tr></table>", 6, 5, "make code of this"),
        ("<b>one\n\ntwo</b>", 1, 1, "<b> never closes"),
        ("<!DOCTYPE html>", 1, 1, "declaration"),
        ("<code>$x$</code>", 1, 7, "this formula is in <code>"),
        ("<pre>\n$x$</pre>", 2, 1, "this formula is in <pre>"),
        ("a <iframe></iframe>", 1, 3, "the tag <iframe>"),
        ("a<b and c>d then x<y", 1, 2, "the words after <b would not be shown"),
        ("x <b>y", 1, 3, "<b> never closes"),
        ("> a\n> <b style=x>c</b>", 2, 6, "the attribute style"),
        ("> a\n> <i\n> style=y>d</i>", 2, 3, "the attribute style"),
        ("|a|b|\n|-|-|\n|<b lang=en>c</b>|<i id=y>d</i>|", 3, 22, "the attribute id"),
        ("x [x][r] y\n\n[r]: gone.txt", 1, 3, "the link to 'gone.txt'"),
        ("gone.txt [b](gone.txt)", 1, 14, "the link to 'gone.txt'"),
        ("**[b](<a b.txt>)**", 1, 8, "the link to 'a b.txt'"),
        ("<div>\n<b>b</b> <a href=x?a=b>c</a>\n</div>", 2, 18, "the link to 'x?a=b'"),
        ('<div>a</div>\n<div class="x', 2, 1, "<div begins a tag here that has no end"),
        ("<div>\\<b>c</div>", 1, 7, "<b> never closes"),
        ("*a <b>c* d</b>", 1, 4, "<b> never closes"),
        ("**a <b>c** d**</b>", 1, 5, "<b> never closes"),
        ("<b>*a</b>*", 1, 6, "</b> ends within <em>, which Markdown made"),
        ("a <?php x ?> b", 1, 3, "a <?…> instruction"),
        ("a <!X y> c", 1, 3, "a <!…> declaration"),
        ("a </script> b", 1, 3, "the tag </script> is not allowed in a card"),
        ("<p>a <i>b <div>c</div></i></p>", 1, 11, "<div> cannot be in <p>"),
        ("<table><tr><td>a</td></tr>\n\nb\n\n</table>", 3, 1, "<p> cannot be in <table>"),
        ("<i>x</i> <ul><li><b>x<li>y</b></ul>", 1, 1, "would move or drop <li>"),
        ("*a <em>b* c", 1, 4, "<em> never closes"),
        ("*a <em>b* c</em>", 1, 4, "<em> never closes"),
        ("~~a <del>b~~ c", 1, 5, "<del> never closes"),
        ("|a|b|\n|-|-|\n|[x | ](<b>)|", 3, 9, "<b> never closes"),
        ("[a [b](https://e.org) ![a grey dot](dot.png) c](<b>) x", 1, 49, "<b> never closes"),
        (
            "[a [b](https://e.org) ![a grey dot](dot.png) c](ftp://x) x",
            1,
            49,
            "the link to 'ftp://x'",
        ),
        ("a [x] b\n\n[x]: javascript:y", 1, 3, "the link to 'javascript:y'"),
        ("a ][b](http://localhost/)", 1, 8, "the link to 'http://localhost/'"),
        ("a [x][b](javascript:y)", 1, 10, "the link to 'javascript:y'"),
        ("|a [|b|\n|-|-|\n|c [|http://localhost/x|", 3, 6, "the link to 'http://localhost/x'"),
        ("|a|\n|-|\n|<td>y</td>|", 3, 2, "<td> cannot be in <td>"),
        ("|a|\n|-|\n|<tr>|", 3, 2, "<tr> cannot be in <td>"),
        ('<a href="ht\ttps://e.org">x</a>', 1, 10, "the link to 'ht"),
        ('|a \\| b <a title="\\|" href="javascript:x">y</a>|\n|-|', 1, 29, "'javascript:x'"),
        (
            "<a href='https://e.org'><b>x [y](https://e.org)</b></a>",
            1,
            34,
            "<a> cannot be in <a>",
        ),
        ("<dl compact=x y=z><dt>x</dl>", 1, 15, "the attribute y"),
        (
            "<table><tr><td lang=zh_CN>x</table>",
            1,
            16,
            "'zh_CN' is not a value for the attribute lang",
        ),
        ("<img dir=up alt='a grey dot here' src=media/dot.png>", 1, 6, "'up' is not a value"),
    ],
)
def test_what_would_be_taken_out_is_named_at_its_place(
    text: str, line: int, column: int, words: str, tmp_path: Path
) -> None:
    compiled = compile_cards(tmp_path, card(text))
    found = [one for one in compiled.problems if one.rule == "markup"]
    assert not [one for one in compiled.problems if "read this differently" in one.what]
    assert (found[0].place.line - 5, found[0].place.column) == (line, column)
    assert words in found[0].what
    assert found[0].fix
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("a*https://e.org* c", 'a<em><a href="https://e.org">https://e.org</a></em> c'),
        ("*www.e.org*", '<em><a href="http://www.e.org">www.e.org</a></em>'),
        ("a*[b](https://e.org)*c", 'a*<a href="https://e.org">b</a>*c'),
        ("_[b][r]_\n\n[r]: https://e.org", '<em><a href="https://e.org">b</a></em>'),
        ("[r][c](https://e.org) [r]\n\n[r]: https://e.org", '[r]<a href="https://e.org">c</a>'),
        ("\\![b](https://e.org)", '!<a href="https://e.org">b</a>'),
        ("www.e.org&amp;<https://e.org>", "www.e.org</a>&amp;<a"),
        ("- [x] a [x]\n\n[x]: https://e.org", "<ul><li>☑ a <a"),
        ("- [ ]\ta [y]\n\n[y]: https://e.org", "<ul><li>☐ a <a"),
        ("<pre><b>a</b>\tb</pre>", "<pre><b>a</b>   b</pre>"),
        ("[<b>b</b>]\n\n[<b>b</b>]: https://e.org", '<a href="https://e.org"><b>b</b></a>'),
        (
            "[a](https://e.org?b&copy=1) <a href='https://e.org?b&copy=1'>c</a>",
            '<a href="https://e.org?b&amp;copy=1">a</a> <a href="https://e.org?b&amp;copy=1">c</a>',
        ),
        ("<B>x</B> <BR/> <p>a</p> b", "<p><b>x</b> <br> </p><p>a</p> b"),
    ],
)
def test_what_leads_back_to_a_place_changes_nothing(text: str, field: str, tmp_path: Path) -> None:
    assert field in only_note(tmp_path, card(text)).fields[1].replace("\n", "")


def test_each_of_several_alike_is_named(tmp_path: Path) -> None:
    text = '<b style="x">y</b>\n\n<i style="y">z</i>\n\n<b style="z">q</b>'
    found = compile_cards(tmp_path, card(text)).problems
    assert [(one.place.line, one.place.column) for one in found] == [(6, 4), (8, 4), (10, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "[m](mailto:me@a.org)",
        "<me@a.org>",
        "[www.e.org](https://www.e.org)",
        "[see a@b.org](https://e.org)",
        "[a](http://E.org:8080/@me?b#c) and https://x.local.org./",
        "[a](https://пример.рф/ä) and <https://ไทย.ไทย>",
        "<pre><code>x = 1\n</code></pre>",
        "<pre>\n\n\n\n\n\na</pre>",
        "a <code>{{c1::x}}</code>",
        "<p align=center>a</p>\n\n<div align='right'>b</div>",
        "<tt>a</tt> <strike>b</strike> <time>1986</time>",
        '<h2 align="center">a</h2>',
        "text <details><summary>a</summary>b</details>",
        "An answer: <ul><li>x</li></ul>",
        "a<hr>b",
        # tags whose end may be left out
        "<ul><li>a<li>b</ul>",
        "<p>a<p>b\n\n<div><p>c</div>",
        "<table><tr><td>a<td>b<tr><th>c</table>",
        "<dl><dt>a<dd>b<dt>c<dd>d</dl>",
        "<ul>\n<li>a\n\n- b\n\n<li>c\n</ul>",
        "<ruby>a<rt>b</ruby>",
        # attributes that lay out a text
        "<table border=1 width='50%'><tr valign=top><td nowrap width=30>a</table>",
        "<dl compact><dt>a<dd>b</dl> <br clear=all> <hr noshade size=1>",
    ],
)
def test_what_does_no_harm_may_stand(text: str, tmp_path: Path) -> None:
    assert compile_cards(tmp_path, card(text)).problems == ()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](<https://e.org/a b>)", '<a href="https://e.org/a%20b">a</a>'),
        ("[a]\n\n[a]: <https://e.org/a b>", '<a href="https://e.org/a%20b">a</a>'),
        ("<a href='https://e.org/a b'>a</a>", '<a href="https://e.org/a%20b">a</a>'),
        ("<H2 lang=en>a</H2>", '<h4 lang="en">a</h4>'),
        ("<table border=1><tr><td>a</table>", "<table><tbody><tr><td>a</td></tr></tbody></table>"),
    ],
)
def test_what_a_browser_would_mend_is_mended(text: str, html: str, tmp_path: Path) -> None:
    assert only_note(tmp_path, card(text)).fields[1] == html


@pytest.mark.parametrize("gap", ["<wbr>", "<wbr title='x'>", "<br>", ""])
@pytest.mark.parametrize("sign", ["(", "["])
def test_no_formula_comes_about_where_anki_joins_texts(gap: str, sign: str, tmp_path: Path) -> None:
    text = f"x &#92;{gap}{sign}&#92;href{{javascript:alert(1)}}{{y}}&#92;{gap}{sign}"
    rules = {one.rule for one in compile_cards(tmp_path, card(text)).problems}
    assert rules == (set() if gap == "<br>" else {"math-delimiter"})


@pytest.mark.parametrize(
    "code",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=y>",
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
def test_a_finding_is_at_its_tag(body: str, line: int, column: int, tmp_path: Path) -> None:
    found = compile_cards(tmp_path, card(body)).problems
    assert ("markup", line, column) in {
        (one.rule, one.place.line, one.place.column) for one in found
    }


@pytest.mark.parametrize("html", ["<![", "a <![x", "<![if x]> b", "<!["])
def test_a_stray_declaration_is_a_finding_and_no_crash(html: str) -> None:
    assert clean(f"<p>{html}</p>", nothing).problems


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("at http://localhost:8000", "at `http://localhost:8000`"),
        ("at http://localhost:`8000`", "at `http://localhost:8000`"),
        ("[a](https://127.0.0.1)", "[a](https://example.org)"),
        ("at ftp://e.org", "at `ftp://e.org`"),
        ("[a](https://e.org:99999/)", "[a](https://e.org:9999/)"),
    ],
)
def test_each_cure_of_an_address_is_accepted(text: str, fix: str, tmp_path: Path) -> None:
    [*rules] = {one.rule for one in compile_cards(tmp_path / "bad", card(text)).problems}
    assert rules in (["markup"], ["cloze-overlap"])
    assert not compile_cards(tmp_path / "good", card(fix)).problems


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{{c1::https://e.org}}", '{{c1::<a href="https://e.org">https://e.org</a>}}'),
        ("{{c1::at www.e.org::a}}", '{{c1::at <a href="http://www.e.org">www.e.org</a>::a}}'),
        ("https://e.org/{{c1::a}}", '<a href="https://e.org/">https://e.org/</a>{{c1::a}}'),
        ("{{c1::https://e.org/{a}}}", '{{c1::<a href="https://e.org/{a}">https://e.org/{a}</a>}}'),
    ],
)
def test_the_mark_of_a_cloze_ends_a_bare_address(text: str, field: str, tmp_path: Path) -> None:
    assert only_note(tmp_path, card(text)).fields[1] == field
