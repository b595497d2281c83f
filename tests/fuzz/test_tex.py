"""TeX: tokens join to the text, macros come to an end, and offsets lie in the source."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from deckwright.formulas.analysis import Analysis
from deckwright.formulas.check import guess
from deckwright.formulas.cloze_sides import sides, to_anki
from deckwright.formulas.macros import Expansion, define
from deckwright.formulas.parts import Mark, Tex
from deckwright.formulas.policy import FORBIDDEN, look
from deckwright.mathjax.tokens import nesting, tokens
from deckwright.model import ProblemError, Source, Span
from deckwright.rendering.pieces import Formula
from deckwright.rendering.scan import scan
from deckwright.source.lines import outline
from tests.fuzz.harness import fuzz
from tests.fuzz.material import formulas, soup

BODY = (
    *("\\a", "\\b", "\\c", "\\d", "#1", "#2", "#", "{", "}", "_", "^", "x", " ", "\\frac", "\\hat"),
    *("\\", "\\\\", "\\text{", "\\def", "de", "f", "\\mathbb{E}", "\\left(", "\\right)", "%", "{{"),
    *("\\begin{a}", "\\end{a}", "\\verb|", "|", "##", "{{c1::", "}}", "\\#", "1", "\\{"),
)
TABLES = st.dictionaries(st.sampled_from("a b c d de D".split()), soup(BODY, 8), max_size=4)


@fuzz(formulas, cases=1_200)
def test_tokens_are_all_of_a_formula(tex: str) -> None:
    row = tokens(tex)
    assert "".join(token.text for token in row) == tex
    matched = nesting(row)
    for opening, closing in matched.closing.items():
        assert 0 <= opening < closing < len(row)
    for found in (*look(Analysis(tex)), *guess(Analysis(tex), ("ELBO",))):
        assert 0 <= found.at <= len(tex)
        assert found.what.strip()
        assert found.fix.strip()


@fuzz(TABLES, soup(BODY, 20), cases=1_500)
def test_macros_come_to_an_end_and_leave_nothing_of_theirs(table: dict[str, str], tex: str) -> None:
    macros, wrong = define(table)
    assert macros.keys() | wrong.keys() == table.keys()
    assert not macros.keys() & wrong.keys()
    try:
        parts = Expansion(macros).expand([Tex(7, tex)])
    except ProblemError as error:
        assert 7 <= error.problem.at <= 7 + len(tex)
        return
    for part in parts:
        assert isinstance(part, Tex)
        assert 7 <= part.start <= 7 + len(tex)
    text = "".join(part.text for part in parts if isinstance(part, Tex))
    formula = Analysis(text)
    names = {token.name for token in formula.row}
    shown = {token.name for token in formula.in_texts()}  # letter by letter, as in \verb
    assert r"\verb" in text or not macros.keys() & (names - shown), text
    written = set(re.findall(r"\\([A-Za-z]+)", " ".join((tex, *table.values()))))
    assert names & FORBIDDEN.keys() <= written, "what is forbidden came about by joining"


@fuzz(formulas, st.booleans(), TABLES, cases=1_200)
def test_what_is_on_a_side_is_found_in_the_source(
    tex: str, in_cloze: bool, table: dict[str, str]
) -> None:
    text = f"```math\n{tex}\n```\n"
    source = Source("a.md", text)
    for piece in scan(outline(source), Span(source, 0, len(text))).pieces:
        if not isinstance(piece, Formula):
            continue
        try:
            parts = Expansion(define(table)[0]).expand(piece.parts)
        except ProblemError as error:
            assert 0 <= error.problem.at <= len(text)
            continue
        laid = to_anki(parts, display=piece.display, in_cloze=in_cloze)
        shown = sides(laid.parts) if laid.parts else ()
        assert not laid.parts or len(shown) == 1 + len(
            {one.number for one in parts if isinstance(one, Mark)}
        )
        for side in shown:
            for index in range(len(side.tex) + 1):
                assert 0 <= side.locate(index)[0] <= len(text)


@fuzz(formulas, cases=900)
def test_anki_finds_the_clozes_of_a_formula_and_no_others(tex: str) -> None:
    text = f"```math\n{tex}\n```\n"
    source = Source("a.md", text)
    scanned = scan(outline(source), Span(source, 0, len(text)))
    for piece in scanned.pieces if not scanned.problems else ():
        if isinstance(piece, Formula) and any(isinstance(part, Mark) for part in piece.parts):
            laid = to_anki(piece.parts, display=True, in_cloze=False)
            stored = "".join(
                part.text if isinstance(part, Tex) else _written(part) for part in laid.parts
            )
            marks = [_written(part) for part in laid.parts if isinstance(part, Mark)]
            assert _anki(stored) == [mark for mark in marks if mark != "::"]


def _written(mark: Mark) -> str:
    return {"OPEN": f"{{{{c{mark.number}::", "HINT": "::", "CLOSE": "}}"}[mark.kind.name]


def _anki(text: str) -> list[str]:
    """The marks that Anki finds in a field, read as rslib/src/cloze.rs reads them."""
    found: list[str] = []
    depth = 0
    for sign in re.finditer(r"\{\{c\d+::|\}\}", text):
        depth += 1 if sign[0] != "}}" else -1
        if depth >= 0:
            found.append(sign[0])
        depth = max(depth, 0)
    return found
