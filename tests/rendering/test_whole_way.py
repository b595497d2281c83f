"""What a card's text comes to, scanner and all, is what GitHub shows of it.

:mod:`tests.rendering.test_github` holds the reader against GitHub's parser. Here, the code and the
definitions of links are taken out of the text before it, and put back behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from random import Random

import pytest

from deckwright.model import Source, Span
from deckwright.rendering.fill import Filler
from deckwright.rendering.inlines import MARK
from deckwright.rendering.markdown import read
from deckwright.rendering.placeholders import cut_cells, in_cells, with_tokens
from deckwright.rendering.references import sources_of
from deckwright.rendering.scan import scan
from deckwright.source.lines import outline
from tests.fuzz.harness import SHARE
from tests.rendering.comparison import agree
from tests.rendering.generate import GENERATORS, TOKENS
from tests.rendering.github import github, structure
from tests.rendering.shrink import shrink

GENERATED = 1_500
"""How many texts of each kind are made up."""
LEAST = {"tidy": 0.5, "wild": 0.5, "soup": 0.75}
"""Which part of them is compared: has nothing that is named as a mistake on its way."""


def whole(text: str) -> str | None:
    """The HTML of a text, or nothing where a mistake in it is named on the way."""
    source = Source("cards.md", f"{text}\n")
    lines = outline(source)
    scanned = scan(lines, Span(source, 0, len(source.text)))
    if (
        re.search("<[?!]", text)
        or lines.problems
        or lines.comments
        or lines.front
        or scanned.problems
    ):
        return None
    woven = with_tokens(scanned)
    reading = read(woven.text, sources=sources_of(scanned))
    filler = Filler(in_cells(scanned, woven, reading.rows))
    html = filler.fill(MARK.sub("", reading.html))
    bars = [*cut_cells(scanned, woven, reading.rows, lines)]
    named = (filler.overlaps, filler.lost, re.search(r"\\[()\[\]]", unescape(reading.html)), bars)
    return None if any(named) else html.replace('<pre class="code">', "<pre>")


def differs(text: str) -> bool:
    """Whether the reader by itself is right, and the whole way wrong."""
    html = whole(text)
    if html is None or not agree(text):
        return False
    return structure(html, tabs="\t" in text) != structure(github(text), tabs="\t" in text)


@pytest.mark.parametrize("kind", GENERATORS)
def test_made_up_texts_come_out_as_github_shows_them(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    random = Random(f"whole {kind}")
    number = max(1, int(GENERATED * SHARE))
    texts = [in_full(GENERATORS[kind](random)) for _ in range(number)]
    if wrong := [text for text in texts if differs(text)]:
        few = {shrink(text, differs) for text in wrong[:8]}
        pytest.fail(f"{len(wrong)} differ\n" + "\n".join(map(shown, few)))
    compared = sum(whole(text) is not None for text in texts)
    record_property(f"{kind} texts the whole way", compared)
    assert compared >= number * LEAST[kind]


def in_full(text: str) -> str:
    """A text with code where a token would stand for some, without formulas and colours.

    Nor does it have an attribute that nh3, which is left out here, would write otherwise.
    """
    for token in TOKENS:
        text = text.replace(token, "`c`")
    text = re.sub("(?m)(`{3,}|~{3,}) *[A-Za-z]+$", r"\\1", text)
    return text.replace("$", "€").replace("'d\"'", "'d'")


def shown(text: str) -> str:
    """A text, and what GitHub and we make of it."""
    return (
        f"{text!r}\n  GitHub: {structure(github(text))}\n  we:     {structure(whole(text) or '')}"
    )
