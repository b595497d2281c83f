"""Whole cards, parts and all: each is what GitHub shows of its file, or something is named.

:mod:`tests.rendering.test_whole_way` takes passages; here a file is read from its first line, with
lines that look like fences, headings and comments wherever they may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest

from deckwright import note_types
from deckwright.model import DeckInfo, Source
from deckwright.rendering.html import clean
from deckwright.rendering.references import references, unused_definitions
from deckwright.rendering.render import Shared, render
from deckwright.source.cards import parse
from tests.fuzz.harness import SHARE
from tests.rendering.comparison import agree
from tests.rendering.github import github, structure
from tests.rendering.shrink import shrink

TYPES = {one.kind: one for one in note_types.note_types(DeckInfo("examples", "Examples"))}
GENERATED = 3_000
LEAST = 0.1
"""Which part of the cards is compared: in all others something is named."""
FILE = "# Title\n\n## A question?\n<!-- id: a-card -->\n\n{}\n"
STARTS = ("", "", "", " ", "  ", "   ", "    ", "     ", "- ", "1. ", "> ", "-   ", ">     ", "\t")
LINES = (
    "", "", "", "", "word", "word", "word {{c1::hidden}} word", "word $x^2$ word",
    "```", "```", "```", "````", "~~~", "``` text", "#### Heading", "### Why", "### Source",
    "<!-- aside -->", "word <!-- aside --> word", "`<!-- code -->`", "<div>", "</div>", "<pre>",
    "</pre>", "word <b>bold</b>", "***", "[label]: https://example.org", "[words][label]", "`code`",
    "| a | b |", "|---|---|", "* item", "## No", "### Reverse", "$$", "x $$y", "$x$$y$ word",
    "`a", "b`", "<!-- a", "b -->",
)  # fmt: skip
_BLOCK = re.compile("<(?:p|ul|ol|pre|blockquote|h[1-6]|hr|div)\\b")


def made_up(random: Random) -> str:
    """The text of a card below its comment."""
    lines = (random.choice(STARTS) + random.choice(LINES) for _ in range(random.randint(2, 9)))
    return "\n".join(["An answer.", *lines])


def ours(text: str) -> str | None:
    """The HTML of a card below its question, or nothing where a mistake is named."""
    source = Source("01.md", FILE.format(text))
    file = parse(source, DeckInfo(key="", name="A deck"), set())
    links = {source.path: references(file.outline)}
    shared = Shared(references=links)
    rendered = [(card, render(card, file.lines_of(card), shared)) for card in file.cards]
    unused = [*unused_definitions([file], links, ((card, one.used) for card, one in rendered))]
    if file.problems or any(one.problems for _, one in rendered) or unused:
        return None
    [(card, one)] = rendered
    if re.search(r"\\\[(?:(?!\\\]).)*[`:]", "".join(one.fields.values()), re.DOTALL):
        return None  # GitHub's parser knows no formulas, and reads Markdown in them
    names = (note_types.ANSWER, *(part.name for part in card.parts))
    shown = {name: one.fields[TYPES[one.kind].field_of(name)] for name in names}
    parts = (
        f"<h3>{part.name}</h3>\n{_in_full(shown[part.name]) if part.span.text.strip() else ''}"
        for part in card.parts  # an empty Reverse asks the answer
    )
    return "\n".join((_in_full(shown[note_types.ANSWER]), *parts))


def _in_full(field: str) -> str:
    """The HTML of a field, with the paragraph, code and formulas as GitHub writes them."""
    html = re.sub(r"\\\[|\\\]", "$$", re.sub(r"\\[()]", "$", field))
    html = html.replace('<pre class="code">', "<pre>").replace("{&#123;", "{{")
    return html if _BLOCK.match(html) else f"<p>{html}</p>"


def theirs(text: str) -> str:
    """The same by GitHub's parser."""
    html = github(FILE.format(text)).partition("<!-- id: a-card -->\n")[2]
    return clean(html, lambda _tag, address: address).html  # as a browser reads what a tag ends


def differs(text: str) -> bool:
    """Whether nothing is named, and yet GitHub shows something else: not by the reader alone."""
    shown, tabs = ours(text), "\t" in text
    if shown is None or _seen(shown, tabs=tabs) == _seen(theirs(text), tabs=tabs):
        return False
    return agree(text)


def _seen(html: str, *, tabs: bool) -> list[str]:
    """The structure of some HTML; spaces at the ends of a formula do not count."""
    return structure(re.sub(r"\s*\$\$\s*", "$$", html), tabs=tabs)


def test_a_card_shows_what_github_shows_of_its_file(
    record_property: Callable[[str, object], None],
) -> None:
    random = Random("whole cards")
    texts = [made_up(random) for _ in range(int(GENERATED * SHARE))]
    if wrong := [text for text in texts if differs(text)]:
        few = {shrink(text, differs) for text in wrong[:5]}
        lines = (f"{one!r}\n  GitHub: {theirs(one)}\n  we:     {ours(one)}" for one in few)
        pytest.fail(f"{len(wrong)} differ\n" + "\n".join(lines))
    compared = sum(ours(text) is not None for text in texts)
    record_property("whole cards", compared)
    assert compared >= len(texts) * LEAST
