"""What MathJax gets of a formula with clozes is what real Anki gives it, on every side."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.media import resolve
from deckwright.real_anki import rendered
from deckwright.rendering.render import Shared, render
from deckwright.source.cards import ids_in, parse
from deckwright.source.folder import load
from tests.decks import compile_cards, make_deck

FORMULAS = {
    "plain": r"$x = {{c1::y}} + 1$",
    "hint": r"$x = {{c1::y::a number}} + 1$",
    "two": r"$x = {{c1::y}} + {{c2::z::\text{big}}}$",
    "same": r"$x = {{c1::y}} + {{c1::z}}$",
    "nested": r"$x = {{c1::a + {{c2::b}}}}$",
    "nested-same": r"$x = {{c1::a + {{c1::b}} + c}} + d$",
    "nested-hints": r"$x = {{c1::a + {{c2::b::inner}}::outer}}$",
    "braces": r"$x = {{c1::\frac{a}{b_{c_{d}}}}}$",
    "colons": r"$x {{c1::y \colon\colon z :: w}}$",
    "macro": r"$\log{{c1::x}} + \frac{{c2::a}}{{c3::b}}$",
    "script": r"$x_{{c1::i}}^{{c2::n}}$",
    "script-group": r"$x_{ {{c1::i}} }$",
    "first": r"${{c1::x}} y$",
    "last": r"$y {{c1::x}}$",
    "touching": r"${{c1::x}}{{c2::y}}$",
    "less": r"${{c1::x < y}} \land a > b \& c$",
    "around": r"{{c1::so $\frac{a}{{b}}$ and $c$}} but $d_{e_{f}}$",
    "display": "$$\n\\begin{aligned}\na &= {{c1::b}} \\\\ {{c2::c}} &= d\n\\end{aligned}\n$$",
    "brackets": r"$\sqrt[3]{{c1::x}} [{{c2::y}}]$",
    "limits": r"$\sum{{c1::_{i=1}^{n}}} x_i + \lim{{c2::_{n \to \infty}}} f$",
    "prime": r"$\mathcal{L}{{c1::'}} + \sigma{{c2::^2}}$",
    "index": r"$\sqrt[{{c1::3}}]{x}$",
    "starred": r"$\operatorname*{{c1::argmax}}_x f$",
    "words": r"$\log{{c1::x}} + {{c2::\alpha}}b$",
    "delimiter": r"$\big{{c1::(}} x \big)$",
    "in-text": r"$x \text{ if {{c1::true}}}$",
    "row": "$$\n\\begin{aligned}{{c1::a}} &= b \\\\{{c2::-c}} &= d\n\\end{aligned}\n$$",
    "maths-in-text": r"$\text{for $\frac{{c1::1}}{2}$ and $x^{{c2::2}}$}$",
    "braced-text": r"$\text{{c1::{if }}} x_{{c2::{i}}}$",
    "products": r"$\ce{A ->{{c1::B}}}$",
    "on-the-arrow": r"$\ce{A ->[{{c1::heat}}] B}$",
    "genfrac": r"$\genfrac{(}{)}{0pt}{}{n}{{c1::{k}}} + \root 3 \of{{c2::x}}$",
    "enclosed": r"$\underbracket[1pt][2pt]{{c1::x}}$",
    "quoted": "> ```math\n> a = {{c1::b}}\n> + c\n> ```",
}

pytestmark = pytest.mark.anki


def shown(html: str) -> list[str]:
    """The formulas of a rendered side, as the browser gets them."""
    found = re.findall(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", html, re.DOTALL)
    return [unescape(inline or display) for inline, display in found]


def test_each_side_is_as_anki_renders_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"{name}.md": f"# {name}\n\n## The formula {name}\n<!-- id: {name} -->\n\n{text}\n"
        for name, text in FORMULAS.items()
    }
    root = make_deck(tmp_path / "deck", files)
    compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    path = write(package(compiled.deck, "dev", 1_700_000_000), tmp_path / "out")
    cards = list(rendered(path))
    assert len(cards) > len(FORMULAS)
    folder = load(root)
    assert folder.info
    for source in folder.sources:
        file = parse(source, folder.info, ids_in(folder.sources))
        [card] = file.cards
        laid = render(card, file.lines_of(card), Shared(resolve(root, folder.tree))).formulas
        for one in (one for one in cards if one.note == card.id):
            number = int(one.template.removeprefix("Cloze "))
            by_side = [{side.hidden: side.tex for side in part.sides} for part in laid]
            answer = [formula[0] for formula in by_side]
            assert shown(one.answer)[-len(answer) :] == answer, card.id
            if card.id != "around":  # there, the cloze hides the formulas whole
                question = [formula.get(number, formula[0]) for formula in by_side]
                assert shown(one.question) == question, card.id


@pytest.mark.parametrize(
    ("body", "column", "rule", "words"),
    [
        (r"So $\left( x {{c1::\right)}}$.", 4 + 1, "tex-error", "c1 is hidden"),
        (r"So $x {{c1::^2}}^3$.", 17, "tex-error", ""),
        (r"So $\frac{{{c1::a}}}{\undefd}$.", 22, "tex-undefined", ""),
        (r"So $x = {{c1::y::\undefd}}$.", 18, "tex-undefined", "c1 is hidden"),
        (r"So $x = {{c1::y + {{c2::z::\undefd}}}}$.", 28, "tex-undefined", "c2 is hidden"),
        (r"So $\mathrm{re}\re{{c1::quire{x}}}$.", 16, "tex-undefined", ""),
    ],
)
def test_a_fault_of_one_side_is_named_once_at_its_place(
    tmp_path: Path, body: str, column: int, rule: str, words: str
) -> None:
    compiled = compile_cards(tmp_path, f"## A formula\n<!-- id: a-card -->\n\n{body}\n")
    [found] = compiled.problems
    assert (found.rule, found.place.line, found.place.column) == (rule, 6, column)
    assert found.what.endswith(words)


def test_a_command_that_only_a_side_puts_together_is_forbidden(tmp_path: Path) -> None:
    body = r"So $\re{{c1::quire{x}}}$."
    compiled = compile_cards(tmp_path, f"## A formula\n<!-- id: a-card -->\n\n{body}\n")
    assert compiled.deck is None


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        (r"\sum{{c1::_i}} x", r"\sum[...] x"),
        (r"\frac{{c1::a}}{{c2::b}}", r"\frac{[...]}{b}"),
        (r"\sqrt[{{c1::3}}]{x}", r"\sqrt[{[...]}]{x}"),
        (r"\operatorname*{{c1::argmax}}_x", r"\operatorname*{[...]}_x"),
        (r"\text{for $\frac{{c1::1}}{2}$}", r"\text{for $\frac{[...]}{2}$}"),
        (r"\text{ if {{c1::true}}}", r"\text{ if [...]}"),
        (r"\text{{c1::{if }}} x", r"\text{[...]} x"),
        (r"\ce{A ->{{c1::B}}}", r"\ce{A -> [...]}"),
        (r"\ce{A ->[{{c1::heat}}] B}", r"\ce{A ->[{[...]}] B}"),
        (r"\genfrac{(}{)}{0pt}{}{n}{{c1::k}}", r"\genfrac{(}{)}{0pt}{}{n}{[...]}"),
        (r"\root 3 \of{{c1::x}}", r"\root 3 \of{[...]}"),
        (r"\underbracket[1pt][2pt]{{c1::x}}", r"\underbracket[1pt][2pt]{[...]}"),
        (r"\begin{aligned}{{c1::a}}\end{aligned}", r"\begin{aligned}{}[...]\end{aligned}"),
        (r"\begin{matrix}a \\{{c1::-b}}\end{matrix}", r"\begin{matrix}a \\ [...]\end{matrix}"),
    ],
)
def test_what_hides_a_cloze_is_where_the_cloze_stood(
    tmp_path: Path, written: str, hidden: str
) -> None:
    root = make_deck(
        tmp_path, {"01.md": f"# 01\n\n## A formula\n<!-- id: a -->\n\n$`{written}`$\n"}
    )
    folder = load(root)
    assert folder.info
    [source] = folder.sources
    file = parse(source, folder.info, set())
    [formula] = render(
        file.cards[0], file.lines_of(file.cards[0]), Shared(resolve(root, folder.tree))
    ).formulas
    assert {side.hidden: side.tex for side in formula.sides}[1] == hidden
