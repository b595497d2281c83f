"""What only github.com shows, and a card cannot: named, with what to write instead.

Everything else of GitHub's Markdown is read as it is (:mod:`deckwright.rendering.blocks`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.resources import files

from deckwright.model import Edit, Problem
from deckwright.rendering.inlines import Target, label_name
from deckwright.rendering.markdown import Reading
from deckwright.rendering.pieces import Fence, Piece, Scan
from deckwright.rendering.placeholders import Woven, words
from deckwright.rendering.references import References
from deckwright.source.lines import DIFFERS_ON_GITHUB

DIAGRAMS = frozenset({"mermaid", "geojson", "topojson", "stl"})
"""The languages of fences that GitHub draws."""

_FOOTNOTE = re.compile(
    r"(?<!\\)(?:\\\\)*+(?P<at>\[(?P<label>\^[^\]\[\s\0]++)\])(?:\[(?P<other>[^\]\[\0]++)\])?"
)
_EMOJI = re.compile(
    r":(?P<name>[a-z0-9_+-]+):"
    r"|(?:https?|ftp)://[^\s<]*|www\.[^\s<]*"  # bare addresses, in which GitHub shows letters
    r"|!\[[^\[\]\0]*(?:\0|\]\[)"  # and so it does in the words of a picture
)


def only_on_github(
    scanned: Scan, woven: Woven, reading: Reading, references: References
) -> Iterator[Problem]:
    """What only github.com shows of a text."""
    text = scanned.span.source.text

    def at(line: int, pattern: str) -> int:
        found = re.compile(pattern).search(text, woven.offset(line))
        assert found
        return found.start()

    yield from _emoji(scanned)
    yield from _diagrams(scanned.pieces)
    yield from _footnotes(scanned, references.footnotes, references.targets)
    yield from (_footnote(at(line, r"\[\^")) for line in reading.footnotes)
    yield from (_alert(at(line, r"\[!"), text) for line in reading.alerts)
    yield from (_underline(text, at(line, "[-=]")) for line in reading.underlines)


def _footnotes(
    scanned: Scan, names: AbstractSet[str], targets: Mapping[str, Target]
) -> Iterator[Problem]:
    """Where a text refers to a footnote.

    Args:
        scanned: the text.
        names: the footnotes that its file defines: others are letters to GitHub.
        targets: where links lead; as words of a link, a footnote's name is not one.
    """
    for found in _FOOTNOTE.finditer(words(scanned)) if names else ():
        is_link = found["other"] and label_name(found["other"]) in targets
        if label_name(found["label"]) in names and not is_link:
            yield _footnote(scanned.span.start + found.start("at"))


def _footnote(offset: int) -> Problem:
    """A footnote, or what refers to one."""
    what = "GitHub makes a footnote of this, at the end of the whole file"
    fix = r"put the note into ### Why or into the text, or write \[ for a bracket"
    return DIFFERS_ON_GITHUB.at(offset, what, fix)


def _alert(offset: int, text: str) -> Problem:
    """A quote that is an alert, by the mark at an offset of a text."""
    what = "GitHub shows an alert here, a card the letters"
    word = text[offset + len("[!") : text.index("]", offset)].capitalize()
    return DIFFERS_ON_GITHUB.at(
        offset, what, f"write a plain quote that begins with a word, as > **{word}:** …"
    )


def _underline(text: str, offset: int) -> Problem:
    """A line under a text that makes a heading of it."""
    if text[offset] == "=":
        what = "a line of = signs under a text makes a heading of it"
        return DIFFERS_ON_GITHUB.at(offset, what, "write #### before the text for a heading")
    what = "a line of dashes under a text makes a heading of it"
    fix = "put a blank line between them for a rule, or write #### for a heading"
    return DIFFERS_ON_GITHUB.at(offset, what, fix)


def _emoji(scanned: Scan) -> Iterator[Problem]:
    """The names in a text for which GitHub shows emoji; not even a backslash keeps it from that."""
    for found in _EMOJI.finditer(words(scanned)) if ":" in scanned.span.text else ():
        sign = signs().get(found["name"]) if found["name"] else None
        if sign is None:
            continue
        what = f"GitHub shows {sign or 'a picture'} for {found[0]}, a card the letters"
        fix = f"write {sign or 'what it means'}, or the letters as `code`"
        begin, end = (scanned.span.start + at for at in found.span())
        edits = [Edit(begin, end, sign)] if sign else []
        yield DIFFERS_ON_GITHUB.at(begin, what, fix, *edits)


@cache
def signs() -> Mapping[str, str]:
    """The signs that GitHub shows, by their names; empty where a card cannot hold one."""
    path = files(__package__) / "emoji" / "names.json"
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return names


def _diagrams(pieces: tuple[Piece, ...]) -> Iterator[Problem]:
    """The fences that GitHub draws; offsets are those of the source."""
    for piece in pieces:
        if isinstance(piece, Fence) and (words := piece.info.split()) and words[0] in DIAGRAMS:
            what = f"GitHub draws this {words[0]}, a card shows its source"
            fix = "save the drawing as a picture and show it as ![what it shows](…)"
            yield DIFFERS_ON_GITHUB.at(piece.info_at, what, fix)
