"""No text of a card's size stalls the reader: it is read as GitHub reads it, or refused before."""

from __future__ import annotations

import pytest

from deckwright.model import DeckInfo, Source
from deckwright.rendering.markdown import TooDeepError
from deckwright.rendering.references import references, unused_definitions
from deckwright.source.cards import parse
from deckwright.source.limits import MAX_CARD, MAX_FILE, excess
from deckwright.source.lines import outline
from deckwright.source.problems import MAX_ALIKE
from tests.fuzz.harness import patience
from tests.rendering.comparison import compare
from tests.rendering.oddities import explanation
from tests.rendering.worst import render_whole, shapes

SHAPES = shapes()
REFUSED = {
    "angle brackets",
    "tags that never close",
    "attributes that never end",
    "comments",
    "processing instructions",
    "CDATA",
    "declarations",
    "autolinks that never close",
    "mail links that never close",
    "lists in one line",
    "lines of bars",
    "a table of 20 columns",
    "blocks of HTML",
    "blocks of HTML and blank lines",
    "tags that a card may not have in a card",
    "attributes that a card may not have in a card",
    "HTML before a heading in a card",
    "items and blank lines in a card",
}
"""The shapes that are too much for a card; all others are read."""
UNLIKE = {
    "many pictures in a card",
    "many links to files in a card",
    "many addresses in a card",
    "pictures beside clozes in a card",
    "links in links",
    "lists in lists",
}
"""The shapes that are shorter, as no piece of theirs is repeated to the end."""
PROSE = {
    "words": "Some words. ",
    "labels with a backslash": "[a\\",
    "brackets": "[a] ",
    "definitions": "[a]: b\n",
    "open titles": '[a]: b "\n',
    "backslashes before brackets": "\\(",
    "dollars": "$$ ",
    "double braces": "{{a",
    "backticks": "`a``b",
    "items": "- a\n",
    "quotes": "> ",
    "blank lines": "\n",
}
"""What may be in a file of 256 KB before its first card."""


def test_the_shapes_are_as_long_as_a_card_may_be() -> None:
    short = [name for name, text in SHAPES.items() if len(text) < MAX_CARD - 200]
    assert set(short) == UNLIKE
    assert len(SHAPES) == 134
    assert max(map(len, SHAPES.values())) <= MAX_CARD


@pytest.mark.parametrize("name", [name for name in SHAPES if not name.endswith(" in a card")])
def test_a_text_that_is_made_to_stall_is_read_or_refused(name: str) -> None:
    text = SHAPES[name]
    with patience():
        if excess(text):
            assert name in {*REFUSED, "comments at the start"}
            return
        try:
            compared = compare(text)
        except TooDeepError:
            assert name in REFUSED
            return
    assert compared.agree or explanation(compared), name


@pytest.mark.parametrize("name", SHAPES)
def test_a_card_that_is_made_to_stall_is_rendered_or_refused(name: str) -> None:
    with patience():
        rendered = render_whole(SHAPES[name][:-200])
    rules = {problem.rule for one in rendered for problem in one.problems}
    assert bool(rules & {"too-deep", "too-much-markup"}) == (name in REFUSED)


@pytest.mark.parametrize("name", PROSE)
def test_the_definitions_of_a_whole_file_are_read_or_it_is_named(name: str) -> None:
    first = "- " * 99 + "a\n"
    length = MAX_FILE - len(first) - 100
    text = first + PROSE[name] * (length // len(PROSE[name])) + "\n\n[last]: https://x.org\n\n"
    source = Source("01.md", text)
    with patience():
        found = references(outline(source))
    assert "last" in found.targets


def test_definitions_that_nobody_uses_are_named_in_no_time() -> None:
    text = "".join(f"[a{number}]: x\n" for number in range(20_000))
    source = Source("01.md", f"{text}\n## A question?\n<!-- id: a-card -->\n\nAn answer.\n")
    file = parse(source, DeckInfo(key="", name="A deck"), set())
    with patience():
        links = {source.path: references(file.outline)}
        used = [(card, frozenset({"a7"})) for card in file.cards]
        unused = [*unused_definitions([file], links, used)]
    assert len(unused) == MAX_ALIKE
    assert f"at least {20_000 - 1 - MAX_ALIKE:,} more" in unused[-1].what
