r"""A prompt in one line has the formulas of its card, and no others."""

from __future__ import annotations

import pytest

from deckwright.rendering.html_text import title

FORMULAS = {
    r"a \(x\) b": r"a \(x\) b",
    r"\(a {{c1::b}} \)": r"\(a b \)",
    r"\[a \\[2pt] b\] <b>c</b>": r"\[a \\[2pt] b\] c",
    r"<b>\(x\)</b>\[y\]": r"\(x\)\[y\]",
}
TEXTS = {
    r"<code>\(x\)</code>": "\\\u2060(x\\)",
    r"<code>\(<b>x</b>\)</code> \(y\)": "\\\u2060(x\\) \\(y\\)",
    r"<pre>\[x\]</pre>": "\\\u2060[x\\]",
    r"\<b></b>(x\<b></b>)": "\\\u2060(x\\)",
    r"\(x <code>\)</code>": "\\\u2060(x \\)",
    r"\(x": "\\\u2060(x",
}


@pytest.mark.parametrize("html", FORMULAS)
def test_a_formula_stays(html: str) -> None:
    assert title(html) == FORMULAS[html]


@pytest.mark.parametrize("html", TEXTS)
def test_what_is_no_formula_on_the_card_becomes_none(html: str) -> None:
    assert title(html) == TEXTS[html]
