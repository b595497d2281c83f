r"""The scanner's table of nasty cases: `‹…›` a formula, `«…»` a display formula, `⟦…⟧` code,
`⟪1:…⟫` a cloze, `∷` before its hint."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.model import Source, Span
from deckwright.rendering.pieces import Anchor, Code, Dollar, Formula, Scan
from deckwright.rendering.scan import scan
from deckwright.source.lines import outline


def scanned(text: str) -> Scan:
    source = Source("cards.md", text)
    return scan(outline(source), Span(source, 0, len(text)))


def sign(mark: Mark) -> str:
    return {MarkKind.OPEN: f"⟪{mark.number}:", MarkKind.HINT: "∷", MarkKind.CLOSE: "⟫"}[mark.kind]


def drawn(text: str) -> str:
    """The text with its pieces drawn."""
    out, position = [], 0
    for piece in scanned(text).pieces:
        out.append(text[position : piece.start])
        position = piece.end
        if isinstance(piece, Formula):
            inner = "".join(p.text if isinstance(p, Tex) else sign(p) for p in piece.parts)
            out.append(f"«{inner}»" if piece.display else f"‹{inner}›")
        elif isinstance(piece, Code):
            out.append(f"⟦{piece.text}⟧")
        elif isinstance(piece, Dollar):
            out.append("＄")
        elif isinstance(piece, Mark):
            out.append(sign(piece))
        else:
            out.append(text[piece.start : piece.end])
    return "".join([*out, text[position:]])


@pytest.mark.parametrize(
    ("text", "drawing"),
    [
        # what pymdownx.arithmatex and python-markdown-math get wrong
        ("$20,000 and USD$30", "$20,000 and USD$30"),
        ("| $p(x|z)$ | b |", "| ‹p(x|z)› | b |"),
        (r"$\text{for $x$ in $S$}$", r"‹\text{for $x$ in $S$}›"),
        ("Foo:\n$$\na\n$$\nbar", "Foo:\n«\na\n»\nbar"),
        ("[a](https://x.org/$z$) $z$", "[a](https://x.org/$z$) ‹z›"),
        ("<https://x.org/$z$>", "<https://x.org/$z$>"),
        # the four forms
        ("a $x$ b $`y`$ c $$z$$ d", "a ‹x› b ‹y› c «z» d"),
        ("```math\nx\n```", "«x\n»"),
        ("```math numbered\nx\n```", "«x\n»"),
        ("```mathematica\nx\n```", "```mathematica\nx\n```"),
        ("> ```math\n> x\n> ```", "> «x\n»"),
        ("> $$\n> x\n> y\n> $$", "> «\nx\ny\n»"),
        # dollars that are none
        (r"\$5 and $x\$y$", r"＄5 and ‹x\$y›"),
        ("$5 and $x$", "$5 and ‹x›"),
        ("`$x$` and ``a`$b$``", "⟦$x$⟧ and ⟦a`$b$⟧"),
        ("```\n$x$\n```\n$y$", "```\n$x$\n```\n‹y›"),
        (r"\\$x$", r"\\‹x›"),
        ('<a title="$x$">$y$</a>', '<a title="$x$">‹y›</a>'),
        ("<!-- $x$ --> $y$", "<!-- $x$ --> ‹y›"),
        # blocks end what is open
        ("a `x\n- b` c", "a `x\n- b` c"),
        ("a `x\n\nb` c", "a `x\n\nb` c"),
        ("a `x\n---\nb` c", "a `x\n---\nb` c"),
        ("#### a `x\nb` c", "#### a `x\nb` c"),
        ("a `x\n> b` c", "a `x\n> b` c"),
        ("- `x\n  b` c", "- ⟦x b⟧ c"),
        ("1986. `x\nb` c", "1986. ⟦x b⟧ c"),
        ("a `x\n2. b` c", "a ⟦x 2. b⟧ c"),
        ("a `x\n+b` c", "a ⟦x +b⟧ c"),
        ("a\n|-\n`x\nb` c", "a\n|-\n`x\nb` c"),
        ("a\n<div>`x\ny`</div>\n`b`", "a\n<div>`x\ny`</div>\n`b`"),
        ("a <b>`x`</b>", "a <b>⟦x⟧</b>"),
        # of a quote, only its own marks are left out
        ("> `x\n> > y` c", "> `x\n> > y` c"),
        ("> `x\n> y` c", "> ⟦x y⟧ c"),
        ("> $$\n> a > b\n> $$", "> «\na > b\n»"),
        ("> $$\n>b\n> $$", "> «\nb\n»"),
        # a display formula ends within its block
        ("$$\na\nb\n= c\n$$", "«\na\nb\n= c\n»"),
        ("- $$\n  a\n  | b\n  $$", "- «\na\n| b\n»"),
        ("$x$$y$ and\n- `a\n- b`", "‹x›‹y› and\n- `a\n- b`"),
        ("$x$$y$ of:\n~~~\n$a$ `b`\n~~~", "‹x›‹y› of:\n~~~\n$a$ `b`\n~~~"),
        ("$`x`$$`y`$\n> q $a\n> b$", "‹x›‹y›\n> q ‹a\nb›"),
        ("https://x.org/$$ x\n- `a\n- b`", "https://x.org/$$ x\n- `a\n- b`"),
        # nor does a tag or an address go over the end of its block
        ('x <b\n\nc="$x$"> `y`', 'x <b\n\nc="‹x›"> ⟦y⟧'),
        ("[a](\n>$x$)", "[a](\n>‹x›)"),
        ("`$$` and\n- `$$` x", "⟦$$⟧ and\n- ⟦$$⟧ x"),
        # the definition of a link, and what only looks like one
        ("[a]: x '$y$'\n\n$z$", "[a]: x '$y$'\n\n‹z›"),
        ("[a]:\n`x`\n'$y$'\n\n$z$", "[a]:\n`x`\n'$y$'\n\n‹z›"),
        ("> [a]: `x`\n\n$z$", "> [a]: `x`\n\n‹z›"),
        ("[a]: $x$ b", "[a]: ‹x› b"),
        ("b\n[a]: `x`", "b\n[a]: ⟦x⟧"),
        # addresses
        ("a https://x.org/$y$ $z$", "a https://x.org/$y$ ‹z›"),
        ("(www.x.org/`y`) `z`", "(www.x.org/`y`) ⟦z⟧"),
        ("a://`y` www.`z`", "a://⟦y⟧ www.`z`"),
        ("\\http://a`y`", "\\http://a`y`"),
        ("http://a_http://b`y`", "http://a_http://b`y`"),
        ("<`@_>`c`", "<⟦@_>⟧c`"),
        ("<`a@b.c>`d`", "<`a@b.c>⟦d⟧"),
        (">  > ```\n>  > $x$\n>  > ```", ">  > ```\n>  > $x$\n>  > ```"),
        ("> + > ```math\n>   > x\n>   > ```", "> + > «x\n»"),
        ("[http://x`y`](u)", "[http://x⟦y⟧](u)"),
        ("{{c1::https://x.org::y}}", "⟪1:https://x.org∷y⟫"),
        ("{{c1::https://x.org/{a}}} b", "⟪1:https://x.org/{a}⟫ b"),
        ("{{c1::{https://x.org/a}}} b", "⟪1:{https://x.org/a}⟫ b"),
        (r"\[words\] \(some\) \[^1\] \[x\] $y$", r"\[words\] \(some\) \[^1\] \[x\] ‹y›"),
        ("<div>\n\\$5\n\\(x\\)\n</div>", "<div>\n\\$5\n\\(x\\)\n</div>"),
        ("]0,1]($n$)", "]0,1](‹n›)"),
        ("[a](`u`\n'`t`') `b`", "[a](`u`\n'`t`') ⟦b⟧"),
        # clozes
        ("{{c1::a::b}} c", "⟪1:a∷b⟫ c"),
        ("{{c1::a}} {{c2::b}}", "⟪1:a⟫ ⟪2:b⟫"),
        ("{{c1::a {{c2::b}} c}}", "⟪1:a ⟪2:b⟫ c⟫"),
        ("{{c1::{1, {2}}}}", "⟪1:{1, {2}}⟫"),
        ("{{c1::one { only}} b", "⟪1:one { only⟫ b"),
        ("{{c1::$x$}}", "⟪1:‹x›⟫"),
        (r"{{c1::$\frac{1}{2}$::half}}", r"⟪1:‹\frac{1}{2}›∷half⟫"),
        (r"${{c1::\mathbb{E}}} = {{c2::a_{b}::h}}$", r"‹⟪1:\mathbb{E}⟫ = ⟪2:a_{b}∷h⟫›"),
        (r"$\{ {{c1::\{x\}}} \}$", r"‹\{ ⟪1:\{x\}⟫ \}›"),
        ("{{c1::`a::b}}`}}", "⟪1:⟦a::b}}⟧⟫"),
        ("`{{c1::a}}` b", "⟦a⟧ b"),
        ("{{c1::a\n\nb}}", "⟪1:a\n\nb⟫"),
        ("- {{c1::a\n- {{c2::b}} c}}", "- ⟪1:a\n- ⟪2:b⟫ c⟫"),
        ("```\n{{c1::a}}\n```", "```\n{{c1::a}}\n```"),
        ("x}} y", "x}} y"),
        (r"\{\{c1::a}}", r"\{\{c1::a}}"),
        ("{{c1::a\nb}}", "⟪1:a\nb⟫"),
    ],
)
def test_pieces_are_found_where_they_are(text: str, drawing: str) -> None:
    assert drawn(text) == drawing
    assert not scanned(text).problems


@pytest.mark.parametrize(
    ("text", "rule", "column"),
    [
        ("a $x b", "math-unclosed", 3),
        ("a $$x b", "math-unclosed", 3),
        ("a $$x\n\ny$$ b", "math-unclosed", 3),
        ("- a $$x\n- b$$", "differs-on-github", 1),
        ("> a $$x\n- b$$", "differs-on-github", 1),
        ("$$\na\n- b\n+ c\n$$", "differs-on-github", 1),
        ("a $b $ c$", "math-unclosed", 3),
        ("a $b\n> c$5", "math-unclosed", 3),
        ("a | b\n--|--\n$c\nd$5 | e", "math-unclosed", 1),
        ("{{c1::$x}} and y$", "math-unclosed", 7),
        ("$$a $b$ c$$", "math-unclosed", 5),
        ("a $$ $$ b", "math-empty", 3),
        (r"a \(x\) b", "math-delimiter", 3),
        (r"a \[x^2\] b", "math-delimiter", 3),
        (r"a \(\alpha\) b", "math-delimiter", 3),
        (r"a \[n = 1\] b", "math-delimiter", 3),
        ("a {{c::x}}", "cloze-number", 3),
        ("a {{C1::x}}", "cloze-number", 3),
        ("a {{ c1::x}}", "cloze-number", 3),
        ("a {{c1 ::x}}", "cloze-number", 3),
        ("a {{c1:x}}", "cloze-number", 3),
        ("a {{c1,2::x}}", "cloze-number", 3),
        ("a {{1::x}}", "cloze-number", 3),
        ("a {{c0::x}}", "cloze-number", 3),
        ("a {{c101::x}}", "cloze-number", 3),
        ("a ${{c::x}}$", "cloze-number", 4),
        ("a {{x}} {{c1::y}}", "cloze-number", 3),
        ("a {{x}} b", "cloze-lookalike", 3),
        ("a {{c1::x", "cloze-unclosed", 3),
        ("a {{c1::x} b", "cloze-unclosed", 3),
        ("a ${{c1::x$ b", "cloze-unclosed", 4),
        ("[a]: {{c1::x}}\n\nb", "cloze-place", 6),
        ("a {{c1::}}", "cloze-empty", 3),
        ("a {{c1::::hint}}", "cloze-empty", 3),
        ('<b title="{{c1::x}}">y</b>', "cloze-place", 11),
        ("{{c1::a::b {{c2::x}} c}}", "cloze-place", 12),
        ("{{c1::a::{{c2::x}}}}", "cloze-place", 10),
        ("{{c1::a::$x {{c2::y}}$}}", "cloze-place", 13),
        ("$x {{c1::a::b {{c2::y}}}}$", "cloze-place", 15),
    ],
)
def test_what_is_wrong_is_found_at_its_column(text: str, rule: str, column: int) -> None:
    found = [
        (one.rule, one.placed(Source("cards.md", text)).place.column)
        for one in scanned(text).problems
    ]
    assert found[:1] == [(rule, column)]
    assert len(found) == 1


FRAGMENTS = st.sampled_from(
    r"$ $$ ` `` ``` $` `$ { } {{ }} {{c1:: {{c2:: :: \ \$ \( \) \\ a b1 _ * ~ > - # | <b> </b> <a"
    r" <!-- --> [ ] ]( ) \n \n\n [x]: ```math ~~~ 1. &#31; 5".replace(r"\n", "\n").split(" ")
)


@given(st.lists(FRAGMENTS, max_size=40).map(" ".join) | st.lists(FRAGMENTS).map("".join))
def test_pieces_are_in_order_and_inside_and_every_cloze_closes(text: str) -> None:
    result = scanned(text)
    position = 0
    for piece in result.pieces:
        assert position <= piece.start <= piece.end <= len(text)
        assert piece.start < piece.end or isinstance(piece, Anchor)
        position = piece.end
        if isinstance(piece, Formula):
            for part in piece.parts:
                if isinstance(part, Tex):
                    assert text.startswith(part.text.rstrip("\n"), part.start)
    if not result.problems:
        kinds = [mark.kind for mark in result.marks]
        assert kinds.count(MarkKind.OPEN) == kinds.count(MarkKind.CLOSE)


@given(st.text("a$`{}:c1\\ \n", max_size=60))
def test_any_text_is_scanned_without_a_crash(text: str) -> None:
    scanned(text)


def test_a_formula_keeps_the_place_of_each_of_its_lines() -> None:
    text = "1. item\n\n    > $$\n    > a\n    > {{c1::b}}\n    > $$\n"
    [formula] = [piece for piece in scanned(text).pieces if isinstance(piece, Formula)]
    source = Source("cards.md", text)
    places = [
        (source.place(part.start).line, source.place(part.start).column) for part in formula.parts
    ]
    assert places[1:4] == [(4, 7), (5, 7), (5, 13)]
    assert re.sub(r"\s", "", formula.tex) == "ab"


def test_what_never_closes_leaves_no_mark_of_its_hint() -> None:
    assert drawn("{{c1::a::b") == "{{c1::a::b"
    assert drawn("{{c1::a::b {{c2::c::d}}") == "{{c1::a::b ⟪2:c∷d⟫"
