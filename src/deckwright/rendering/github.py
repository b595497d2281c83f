"""What only github.com shows, and a card cannot: named, with what to write instead.

Everything else of GitHub's Markdown is read as it is (:mod:`deckwright.rendering.blocks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deckwright.outline import Fence
from deckwright.pieces import Piece

DIAGRAMS = frozenset({"mermaid", "geojson", "topojson", "stl"})
"""The languages of fences of which GitHub draws something."""

_FOOTNOTE = re.compile(r"(?<!\\)(?:\\\\)*+(?P<at>\[\^[^\]\[\s]++\])")
_ALERT = re.compile(
    r"^ {0,3}> ?(?P<at>\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\])[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_EMOJI = re.compile(r"(?<![\w:\\]):[a-z0-9_+-]+:(?![\w:])")


@dataclass(frozen=True, slots=True)
class OnlyThere:
    """Something that only github.com shows, and where it begins in a passage."""

    offset: int
    what: str
    cure: str


def only_there(masked: str) -> Iterator[OnlyThere]:
    """What only github.com shows of a text.

    ``masked`` is the text with each sign of a formula, of code or of a cloze's mark as an x, and
    of a fence's lines as a space, so that offsets hold.
    """
    for footnote in _FOOTNOTE.finditer(masked):
        what = "GitHub makes a footnote of this, at the end of the whole file"
        cure = r"put the note into ### Why or into the text, or write \[ for a bracket"
        yield OnlyThere(footnote.start("at"), what, cure)
    for alert in _ALERT.finditer(masked):
        what = "GitHub shows an alert here, a card the letters"
        cure = "write a plain quote that begins with a word, as > **Note:** …"
        yield OnlyThere(alert.start("at"), what, cure)
    for name in _EMOJI.finditer(masked):
        if sign := _emoji(name[0]):
            what = f"GitHub shows {sign} for this, a card the letters"
            yield OnlyThere(name.start(), what, f"write {sign} itself, or the letters as `code`")


def diagrams(pieces: tuple[Piece, ...]) -> Iterator[OnlyThere]:
    """The fences of which GitHub draws something; offsets are those of the source."""
    for piece in pieces:
        if isinstance(piece, Fence) and (words := piece.info.split()) and words[0] in DIAGRAMS:
            what = f"GitHub draws this {words[0]}, a card shows its source"
            cure = "save the drawing as a picture and show it as ![what it shows](…)"
            yield OnlyThere(piece.info_at, what, cure)


def _emoji(name: str) -> str:
    """The emoji that GitHub shows for a name with its colons; empty where there is none."""
    # Imported here, as hardly a deck has such a name: the table takes 20 ms to load.
    from emoji import emojize

    sign = emojize(name, language="alias")
    return "" if sign == name else sign
