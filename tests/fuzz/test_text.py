"""Scanner, clozes, parser and YAML: any text is read, or refused at a place that is in it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import yaml
from hypothesis import strategies as st

from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.model import DeckInfo, Problem, Severity, Source, Span
from deckwright.rendering.clozes import Sign, Token, hidden_texts, matched
from deckwright.rendering.pieces import Anchor, Formula
from deckwright.rendering.scan import scan
from deckwright.source.card_keys import BAD_COMMENT
from deckwright.source.cards import parse
from deckwright.source.lines import outline
from deckwright.source.strict_yaml import Entry, read
from deckwright.source.unicode import FORBIDDEN
from tests.fuzz.harness import fuzz
from tests.fuzz.material import SPECIAL, anything, bodies, soup

INFO = DeckInfo(key="fuzz", name="Fuzz", tag="fuzz")


def in_place(found: Iterable[Problem], source: Source) -> None:
    """Every problem is inside the file, and says something."""
    lines = source.text.split("\n")
    for one in found:
        assert one.place.path == source.path
        assert 1 <= one.place.line <= len(lines), one
        assert 1 <= one.place.column <= len(lines[one.place.line - 1]) + 1, one
        assert one.what.strip(), one
        assert one.fix.strip(), one


def balanced(marks: Iterable[Mark]) -> None:
    """Marks open and close like brackets, each with the number that it opened with."""
    stack: list[Mark] = []
    hinted: list[bool] = []
    for mark in marks:
        if mark.kind is MarkKind.OPEN:
            stack.append(mark)
            hinted.append(False)
        else:
            assert stack[-1].number == mark.number
            if mark.kind is MarkKind.HINT:
                assert not hinted[-1]
                hinted[-1] = True
            else:
                stack.pop()
                hinted.pop()
    assert not stack


@fuzz(anything, cases=1_200)
def test_the_scanner_finds_pieces_in_their_order(text: str) -> None:
    source = Source("a.md", text)
    scanned = scan(outline(source), Span(source, 0, len(text)))
    in_place((one.placed(source) for one in scanned.problems), source)
    for piece in scanned.pieces:
        assert 0 <= piece.start <= piece.end <= len(text)
        assert piece.start < piece.end or isinstance(piece, Anchor)
    for before, after in pairwise(scanned.pieces):
        assert before.end <= after.start
    balanced(piece for piece in scanned.pieces if isinstance(piece, Mark))
    for piece in scanned.pieces:
        if isinstance(piece, Formula):
            balanced(part for part in piece.parts if isinstance(part, Mark))
            for part in piece.parts:
                if isinstance(part, Tex):
                    end = part.start + len(part.text)
                    assert text[part.start : end] == part.text or piece.fence
                assert piece.start <= part.start <= piece.end


@fuzz(
    st.lists(st.tuples(st.sampled_from(list(Sign)), st.integers(0, 2), st.integers(1, 3))),
    cases=1_200,
)
def test_clozes_are_balanced(signs: list[tuple[Sign, int, int]]) -> None:
    tokens, at = [], 0
    for sign, gap, number in signs:
        at += gap
        width = {Sign.OPEN: 6, Sign.COLONS: 2}.get(sign, 1)
        tokens.append(Token(sign, at, at + width, number if sign is Sign.OPEN else 0))
        at += width
    marks, unclosed = matched(tokens)
    assert [mark.start for mark in marks] == sorted(mark.start for mark in marks)
    balanced(marks)
    opened = sum(sign is Sign.OPEN for sign, _, _ in signs)
    closed = sum(mark.kind is MarkKind.CLOSE for mark in marks)
    assert opened == closed + len(unclosed)


@fuzz(anything, cases=1_200)
def test_every_heading_is_a_card_or_an_error(text: str) -> None:
    source = Source("a.md", text)
    file = parse(source, INFO, set())
    in_place(file.problems, source)
    heads = [one.start for one in file.outline.headings if one.level == 2]
    assert len(heads) == file.headings
    ends = [*heads[1:], len(text) + 1]
    cards = {card.source.start: card for card in file.cards}
    errors = [one.place.line for one in file.problems if one.severity is Severity.ERROR]
    for start, end in zip(heads, ends, strict=False):
        is_card = start in cards
        first, last = source.place(start).line, source.place(end - 1).line
        assert is_card or any(first <= line <= last for line in errors), text[start:end]
    assert len(cards) <= file.headings
    for card in (card for card in file.cards if card.named):
        assert card.source.text[card.id_at :].lstrip("'\"").startswith(card.id) or "\\" in text


YAML = (
    *SPECIAL,
    *("id: ", "tags: ", "deck: ", "was: ", "[", "]", ", ", "a", "b-c", "\n", "\n  ", "- ", ": "),
    *('"', "'", "|\n", ">\n", "no", "010", "~", "\\ud800", "...", "%YAML 1.1\n", "\x85", "\u2029"),
)


@fuzz(st.one_of(soup(YAML, 14), st.text(max_size=30)), cases=1_500)
def test_yaml_is_read_as_any_yaml_or_refused_at_its_place(text: str) -> None:
    source = Source("a.md", f"# T\n<!--{text}-->")
    span = Span(source, 8, 8 + len(text))
    entries, problem = read(span, BAD_COMMENT, "fix")
    if problem:
        assert span.start <= problem.at <= span.end
        assert problem.what.strip()
        return
    if not FORBIDDEN.search(text):  # no card may hold these, whatever YAML makes of them
        meant = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        assert {one.key: _plain(one) for one in entries} == (meant or {})
    for one in entries:
        for offset in (one.key_at, one.value_at, *one.items_at):
            assert span.start <= offset <= span.end


def _plain(entry: Entry) -> str | list[str]:
    return entry.value if isinstance(entry.value, str) else list(entry.value)


@fuzz(bodies, cases=600)
def test_what_a_cloze_hides_is_reported_from_any_text(text: str) -> None:
    for number, texts in hidden_texts(text).items():
        assert f"{{{{c{number}::" in text or "{{c0" in text
        assert texts
