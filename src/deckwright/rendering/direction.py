"""In which direction the blocks of a text run, where it has letters that run from right to left.

A paragraph finds its own direction by its first letter, as the style sheet of the note types says.
What that cannot do is written into the field: the side of a list's marks, of a quote's line and of
a table's first column; the direction of a text whose first letter a cloze hides on one side; and
that of a tooltip. Where its author gave a direction, all that is in it has that. A text without
such letters, and without a direction of its author's, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from unicodedata import bidirectional

from deckwright.rendering.tags import VOID

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_CONTAINERS = frozenset("ul ol dl blockquote table details div".split())
"""What has something on the side where its lines begin: marks, a line, the first column."""
_BLOCKS = frozenset("p li h4 h5 h6 td th dt dd summary figcaption caption".split())
_ASIDE = frozenset({"code", "pre", "kbd", "samp", "tt"})
"""What always runs from left to right, and so says nothing about the text around it."""
_PART = re.compile(
    r"\\\(.*?\\\)|\\\[.*?\\\]|\[sound:[^\]]*\]"
    r"|<(?P<close>/?)(?P<name>[a-z][a-z0-9]*)(?P<rest>[^<>]*)>"
    r"|(?P<open>\{\{c\d+::)|(?P<end>\}\})|(?P<hint>::)",
    re.DOTALL,
)
_DIR = re.compile(r' dir="([a-z]+)"')
_GIVEN = re.compile(rf"<[^<>]*{_DIR.pattern}")
_TITLE = re.compile(r' title="([^"]+)"')
_ISOLATED = "\u2068{}\u2069"
"""A text whose first letter says how it runs, whatever is around it (Unicode's FSI and PDI)."""


@dataclass(slots=True)
class _Element:
    name: str
    at: int
    """Where its start is among the pieces."""
    around: _Element | None
    given: str = ""
    """The direction that its author gave it."""
    first: str = ""
    """The direction of its first letter."""
    mixed: bool = False
    """Whether it has letters that run from right to left."""
    hides: bool = False
    """Whether a cloze is in it."""
    runs: str = ""
    """The direction that what it holds has without one of its own; empty where nothing says it."""


def directed(html: str) -> str:
    """The HTML of a field, filled, with the directions that a style sheet cannot find."""
    if not _RIGHT_TO_LEFT.search(html) and not _GIVEN.search(html):
        return html
    reader = _Reader()
    reader.read(html)
    for element in reader.elements:
        way, start = _way(element), reader.pieces[element.at]
        if way and not _DIR.search(start):
            reader.pieces[element.at] = f'{start[:-1]} dir="{way}">'
    return "".join(reader.pieces)


def _way(element: _Element) -> str:
    """The direction to write; empty where none is needed. What is around it was asked before."""
    around = element.around.runs if element.around else ""
    element.runs = element.given or around
    if element.given:
        return ""
    if element.around and element.around.given:
        element.given = element.around.given
        return element.given if element.name in _BLOCKS or element.name == "div" else ""
    if element.name in _CONTAINERS and element.first not in ("", around):
        element.runs = element.first
        return element.first
    if element.name in _BLOCKS and element.hides and element.mixed:
        # The mark of an item is on the side of its list.
        return element.first if element.name != "li" or element.first == around else ""
    return ""


class _Reader:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.elements: list[_Element] = []
        self.inner: _Element | None = None
        self.aside = 0
        """How many elements are open whose text says nothing."""
        self.clozes: list[bool] = []
        """The clozes that are open, each with whether its hint has begun."""

    def read(self, html: str) -> None:
        """Read a field into pieces, with its elements."""
        position = 0
        for part in _PART.finditer(html):
            self._text(html[position : part.start()])
            position = part.end()
            written = part[0]
            if part["open"]:
                self.clozes.append(False)
                for element in self._open():
                    element.hides = True
            elif part["end"]:
                del self.clozes[-1:]
            elif part["hint"] and self.clozes:
                self.clozes[-1] = True
            elif part["name"]:
                written = _TITLE.sub(lambda one: f' title="{_ISOLATED.format(one[1])}"', written)
                self._tag(part)
            self.pieces.append(written)
        self._text(html[position:])

    def _open(self) -> Iterator[_Element]:
        """The elements that are open, from within."""
        element = self.inner
        while element:
            yield element
            element = element.around

    def _tag(self, tag: re.Match[str]) -> None:
        name = tag["name"]
        if name in VOID:
            return
        if name in _ASIDE:
            self.aside += -1 if tag["close"] else 1
        if tag["close"]:
            self.inner = self.inner.around if self.inner else None
            return
        given = _DIR.search(tag["rest"])
        way = given[1].replace("auto", "") if given else ""
        self.inner = _Element(name, len(self.pieces), self.inner, way)
        self.elements.append(self.inner)

    def _text(self, text: str) -> None:
        self.pieces.append(text)
        if self.aside or any(self.clozes):
            return
        shown = unescape(text)
        first = next((_STRONG[way] for way in map(bidirectional, shown) if way in _STRONG), "")
        mixed = bool(_RIGHT_TO_LEFT.search(shown))
        for element in self._open() if first else ():
            element.first = element.first or first
            element.mixed |= mixed
            if element.given:
                return  # what has a direction says nothing about the text around it
