"""Random HTML and Markdown through our reader and sanitiser, read by two other readers of HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from deckwright.model import DeckInfo, Source
from deckwright.rendering.html import clean
from deckwright.rendering.render import Shared, render
from deckwright.source.cards import parse
from tests.fuzz.material import BODIES, SPECIAL, spoil
from tests.fuzz.test_html import ATTRIBUTES, HTML, PACKED, SAFE, file, safe, without_marks
from tests.rendering.shrink import shrink
from tests.sweep.eyes import Eyes
from tests.sweep.frame import Finding, Outcome

PICTURES, SOUNDS = frozenset({PACKED["dot.png"]}), frozenset({PACKED["word.mp3"]})
SHOWN = 20
"""One text of so many is read by the browser, too: it takes ten times as long."""
KNOWN_BAD = (
    "<script>x</script>", "<img src=x onerror=y>", "<a href=javascript:x>y</a>", "<p style=a>x</p>",
    "<svg><style><img src=x onerror=y>", "<math><mtext><table><mglyph><style><img src=x onerror=y>",
    "<b id=a>x</b>", "<img src=other.png>", "<!-- x -->",
)  # fmt: skip


@dataclass
class Html:
    """Texts of signs, tags and real cards; three of four through the sanitiser alone."""

    eyes: Eyes
    name: str = "html"
    total: int = 1_000_000
    batch: int = 2_000

    def control(self) -> Iterator[str]:
        for html in KNOWN_BAD:
            if not wrong(html):
                yield html
        for html, seen in zip(KNOWN_BAD, self._seen(KNOWN_BAD), strict=True):
            if not seen and not html.startswith("<!--"):
                yield f"{html} (in the browser)"

    def attempt(self, cases: Sequence[int], seed: int) -> Outcome:
        outcome = Outcome()
        chance = Random(f"{seed} {cases[0]}")
        shown: list[tuple[int, str]] = []
        for case in cases:
            make = rendered if case % 4 == 0 else cleaned
            text = a_text(chance)
            for html in make(text):
                outcome.counts["texts read by Lexbor"] += 1
                if what := wrong(html):
                    smallest = shrink(text, partial(_is_wrong, make))
                    outcome.findings.append(Finding(case, what, smallest))
                elif case % SHOWN < 2:
                    shown.append((case, html))
            if make is cleaned and (what := changes(text)):
                smallest = shrink(text, lambda one: bool(changes(one)))
                outcome.findings.append(Finding(case, what, smallest))
        for (case, html), seen in zip(shown, self._seen([one for _, one in shown]), strict=True):
            outcome.counts["texts read by Chromium"] += 1
            if seen:
                outcome.findings.append(Finding(case, f"the browser finds {seen}", html))
        return outcome

    def _seen(self, texts: Sequence[str]) -> list[list[str]]:
        """The elements, attributes and addresses off the list that a browser makes of texts."""
        lists = [[*SAFE], [*ATTRIBUTES], [*PICTURES], [*SOUNDS]]
        found: list[list[str]] = self.eyes.page.evaluate(
            "given => offTheList(...given)", [list(texts), *lists]
        )
        return found


def a_text(chance: Random) -> str:
    """Signs and tags in any order, or a real card, spoilt."""
    if chance.random() < 0.2:
        text = spoil(chance.choice(BODIES), chance, chance.choice((1, 3, 8)))
        pieces = chance.choices(HTML, k=chance.randrange(6))
        return without_marks(spoil(text + "".join(pieces), chance, 2))
    row = chance.choice((HTML, HTML, (*HTML, *SPECIAL)))
    return without_marks("".join(chance.choices(row, k=chance.choice((3, 6, 12, 25)))))


def cleaned(text: str) -> list[str]:
    """What the sanitiser leaves."""
    return [clean(text, file).html]


def changes(text: str) -> str:
    """What is wrong where the sanitiser would change its own work, if that may ship."""
    once = clean(text, file)
    fine = once.problems or clean(once.html, file).html == once.html
    return "" if fine else "changes when it is read twice"


def rendered(text: str) -> list[str]:
    """The fields of the cards of a text, with errors or without."""
    source = Source("01.md", f"# T\n\n## Q?\n<!-- id: a -->\n\n{text}\n")
    parsed = parse(source, DeckInfo(key="", name="A deck"), set())
    fields: list[str] = []
    for card in parsed.cards:
        fields += render(card, parsed.lines_of(card), Shared()).fields.values()
    return fields


def _is_wrong(make: Callable[[str], list[str]], text: str) -> bool:
    return any(map(wrong, make(text)))


def wrong(html: str) -> str:
    """What the second reader finds; empty where all is on the list."""
    try:
        safe(html, PICTURES, SOUNDS)
    except AssertionError as error:
        return f"not safe for Lexbor: {error}"[:300]
    return ""
