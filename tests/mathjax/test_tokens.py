"""Tokens and their nesting, for whatever LaTeX."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deckwright.formulas.reader import Reader
from deckwright.mathjax.tokens import nesting, tokens

PIECES = (
    r"{ } [ ] \left \right ( ) . \begin{a} \end{a} \begin{b} \end{b} \begin \end \frac \sqrt"
    r" \text \\ \, \{ \} \tiny \xrightarrow \verb|{| _ ^ & % # x 12 é 𝔼 \ \operatorname * \color"
).split(" ")
SOUP = st.lists(st.sampled_from([*PIECES, " ", "\n"]), max_size=40).map("".join)
latex = SOUP | st.text(max_size=40)


@given(latex)
def test_tokens_together_are_the_formula(tex: str) -> None:
    row = tokens(tex)
    assert "".join(token.text for token in row) == tex
    assert [token.start for token in row] == [
        sum(len(one.text) for one in row[:index]) for index in range(len(row))
    ]


@given(latex)
def test_what_closes_comes_after_what_opens(tex: str) -> None:
    row = tokens(tex)
    found = nesting(row)
    assert all(opening < closing for opening, closing in found.closing.items())
    pairs = sorted(found.closing.items())
    assert all(
        second[0] > first[1] or second[1] < first[1]
        for number, first in enumerate(pairs)
        for second in pairs[number + 1 :]
    )
    opening = sum(token.key in ("{", r"\begin", r"\left") for token in row)
    closing = sum(token.key in ("}", r"\end", r"\right") for token in row)
    assert (found.unclosed is None) == (len(pairs) == opening)
    assert (found.unopened is None) == (len(pairs) == closing)


@given(latex)
def test_a_reader_reads_everything(tex: str) -> None:
    reader = Reader()
    reader.read(tex)
    assert reader.awaits_argument in (True, False)
