"""What fuzzed texts are made of: the real decks of this repository, cut and spoilt; and soup."""

from __future__ import annotations

import random
import re
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.formulas.corpus import rows
from tests.rendering.golden import SOURCES, file_of

ROOT = Path(__file__).parent.parent.parent
LONGEST = 1_500
"""How much of a real file is taken at a time, in characters."""

SPECIAL = (
    "\n", "\n\n", " ", "  ", "    ", "\t", "\\", "\\\\", "$", "$$", "`", "``", "```\n", "~~~\n",
    "{", "}", "{{", "}}", "{{c1::", "{{c2::", "{{c1:", "{{c0::", "{{c999::", "::", ":", "<", ">",
    "<!--", "-->", "<!-- id: x -->", "#", "## ", "### ", "#### ", "### Why\n", "### Typed\n",
    "### Reverse\n", "---\n", "- ", "* ", "1. ", "> ", "|", "|-|-|\n", "[", "]", "](", "](https://",
    "![", "![a](media/dot.png)", "&", "&#", "&lt;", "&#123;", "&#x1f;", "&nbsp;", "&#91;", '"', "'",
    "*", "**", "_", "__", "~~", "<b>", "</b>", "<br>", "<script>", "</script>", "<td>", "<table>",
    "<style>", "<svg>", "<math>", "<a href='https://x.org'>", "</a>", "<p>", "</p>", "<li>",
    "<pre>", "\\(", "\\)", "\\[", "\\]", "[sound:a.mp3]", "[latex]", "[[type:Back]]", "%",
    "{{Front}}", "<![", "<![CDATA[x]]>", "| a | b |\n", "<?",
    "\\frac{a}{b}", "\\text{", "\\begin{align}", "\\end{align}", "\\def\\a{b}",
    "\\href{javascript:x}",
    "\\require{x}", "\\verb|", "\\left(", "\\right)", "#1", "é", "日本", "\u0301", "😀", "\u200b",
    "\u00a0", "\x00", "\x1b", "\x1f", "\u2028", "\u202e", "\ue000", "\ue0000\ue001", "\ufeff", "\r",
    "id: x", "tags: [a, b]", "was: [y]", "&a", "*a", "!!t ", "? ", "<<: ", "[^1]", "[^1]: x\n",
    "[r]: https://x.org\n", "https://x.org", "<https://x.org>", "mailto:a@b.c", "5", "$5", "a",
    "x_1",
)  # fmt: skip
"""Signs that mean something to one of the readers, and some that mean something to none."""


def _files() -> tuple[str, ...]:
    """The golden sources and the deck."""
    deck = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("content/*.md"))]
    golden = [*map(file_of, SOURCES)]
    assert len(deck) > 5 and len(golden) > 5
    return (*deck, *golden)


FILES = _files()
CARDS = tuple(
    card
    for text in FILES
    for card in re.split(r"^(?=## )", text, flags=re.MULTILINE)
    if card.startswith("## ")
)
"""Every card of them, as written."""
BODIES = tuple(card.partition("-->")[2].strip() for card in CARDS)
FORMULAS = tuple(
    dict.fromkeys(
        (
            *(found[1] for text in FILES for found in re.finditer(r"\$`?(\S[^$`]*)`?\$", text)),
            *(row.tex for row in rows()),
        )
    )
)
assert len(FORMULAS) > 100


def spoil(text: str, chance: random.Random, edits: int) -> str:
    """Cut, swap, double and insert: what an author, or somebody ill-disposed, may do to a text."""
    for _ in range(edits):
        start, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        end = min(end, start + chance.choice((0, 1, 1, 2, 5, 30, 200)))
        before, middle, after = text[:start], text[start:end], text[end:]
        match chance.randrange(5):
            case 0:
                text = before + after
            case 1:
                text = before + middle * 2 + after
            case 2:
                text = after + middle + before if len(text) < 300 else before + middle[::-1] + after
            case _:
                text = before + chance.choice(SPECIAL) + after
    return text


def _spoilt(texts: tuple[str, ...], most: int) -> SearchStrategy[str]:
    """Real texts, each with some edits by chance.

    Drawn as a few numbers and not sign by sign: ten times as many cases in the same time. Few edits
    are the small case, to which a failure shrinks.
    """

    def make(index: int, edits: int, number: int) -> str:
        text = texts[index]
        chance = random.Random(number)
        if len(text) > LONGEST:
            start = chance.randrange(len(text) - LONGEST)
            text = text[start : start + LONGEST]
        return spoil(text, chance, edits)

    numbers = st.integers(0, (1 << 32) - 1)
    return st.builds(make, st.integers(0, len(texts) - 1), st.integers(0, most), numbers)


def soup(pieces: tuple[str, ...] = SPECIAL, most: int = 40) -> SearchStrategy[str]:
    """Signs in any order."""
    return st.lists(st.sampled_from(pieces), max_size=most).map("".join)


files = _spoilt(FILES, 12)
cards = _spoilt(CARDS, 8)
bodies = st.one_of(_spoilt(BODIES, 8), soup())
formulas = st.one_of(_spoilt(FORMULAS, 6), soup(most=20))
anything = st.one_of(files, cards, soup(), st.text(max_size=60))
