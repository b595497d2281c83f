"""The lines of a card file: front matter, headings, fences and comments.

What stands in a fence or a comment is no heading. Nothing is read beyond that here: cards are
made of it in :mod:`deckwright.source.cards`; what stands inside a line is for
:mod:`deckwright.rendering.scan`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from deckwright.model import Diagnostic, Source, Span
from deckwright.rules.files import FRONT_MATTER, UNCLOSED_FRONT
from deckwright.rules.text import DIFFERS_ON_GITHUB, UNCLOSED_COMMENT, UNCLOSED_FENCE
from deckwright.source.findings import Findings


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3; deeper ones are part of a card's text."""

    level: int
    start: int
    """Offset of the start of its line."""
    end: int
    """Offset of the end of its line."""
    text: Span


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code, from the start of its first line to the end of its last."""

    start: int
    end: int
    prefix: str
    """What stands before the fence on its first line: indentation, ``>``, a list marker."""
    info: str
    """What is written behind the marks: the language of code, first of all."""
    info_at: int
    lines: tuple[tuple[int, str], ...]
    """Its lines without the prefix, each with its offset."""
    indented: bool = False
    """Whether it is code by its four spaces, without fences."""

    @property
    def marks_at(self) -> int:
        """The offset of its first marks, of which there may be more than three."""
        return self.start + len(self.prefix)

    @property
    def text(self) -> str:
        """The lines between the fences."""
        return "\n".join(line for _, line in self.lines)

    @property
    def filled(self) -> list[int]:
        """The offsets of its lines that hold more than spaces, each of which gets a token."""
        return [at for at, line in self.lines if line.strip(" \t")]


@dataclass(frozen=True, slots=True)
class Comment:
    """An HTML comment, with its marks."""

    start: int
    end: int


@dataclass(frozen=True)
class Outline:
    """The line structure of one file."""

    source: Source
    front: Span | None
    """The YAML between the ``---`` lines at the top."""
    body: int
    """Offset at which the text after the front matter begins."""
    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]

    @cached_property
    def _regions(self) -> list[Fence | Comment]:
        regions: list[Fence | Comment] = [*self.fences, *self.comments]
        return sorted(regions, key=lambda region: region.start)

    def spoilt(self, span: Span) -> bool:
        """Whether something in a stretch of the file never closed, or was misread."""
        last = self.source.place(span.end).line
        return any(
            self.source.place(span.start).line <= found.place.line <= last
            for found in self.diagnostics
        )

    def regions(self, start: int, end: int) -> list[Fence | Comment]:
        """The fences and comments that start in a stretch of the file, in order."""
        first, last = (
            bisect_left(self._regions, offset, key=lambda region: region.start)
            for offset in (start, end)
        )
        return self._regions[first:last]


_LATE_FRONT = re.compile(r"(?:\s+|(?=\+\+\+))(?P<at>---|\+\+\+)[ \t]*\n\s*(?:deck|tags)[ \t]*[:=]")
"""What was meant as a front matter, and is text."""
_FENCE = re.compile(
    r"(?P<prefix>(?:[ \t]*+(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*+[ \t]*+)"
    r"(?P<ticks>`{3,}(?!.*`)|~{3,})(?P<info>.*)"
)
_HEADING = re.compile(
    r"(?P<indent> {0,3})(?P<marks>#{1,6})(?P<space>[ \t]+|$|(?<=##)(?=[^\s#]))"
    r"(?P<text>.*)"
)
_CARD = re.compile(r"^##[ \t](?:(?!<!--\s*+id:).)*+\s*+<!--\s*+id:", re.MULTILINE)
_FULL = re.compile(r"^.", re.MULTILINE)
"""The start of a line that is not empty."""
_TICKS = re.compile("`+")
_MOST_IN_VAIN = 200_000
"""How many lines are read for the ends of fences that have none, before no more are looked for."""


def _without_closing_marks(text: str) -> str:
    """A heading's text without the ``#`` that may close it."""
    text = text.rstrip(" \t")
    words = text.rstrip("#")
    return words.rstrip(" \t") if words != text and words[-1:] in ("", " ", "\t") else text


def without_code(line: str) -> str:
    """A line with its code spans as ``x``; linear in its length, whatever it holds."""
    ends: dict[int, list[int]] = defaultdict(list)
    runs = [*_TICKS.finditer(line)]
    for run in reversed(runs):
        ends[len(run[0])].append(run.end())
    out: list[str] = []
    position = 0
    for run in runs:
        closes = ends[len(run[0])]
        while closes and closes[-1] <= max(run.end(), position):
            closes.pop()
        if run.start() >= position and closes:
            out += (line[position : run.start()], "x" * (closes[-1] - run.start()))
            position = closes[-1]
    return "".join((*out, line[position:]))


def outline(source: Source) -> Outline:
    """Read the line structure of a file; linear in its length, never raises for content."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.headings: list[Heading] = []
        self.fences: list[Fence] = []
        self.comments: list[Comment] = []
        self.diagnostics = Findings()
        self.unclosed: dict[tuple[str, int, int], int] = {}
        """The kinds of fences of which none closes, and up to which offset."""
        self.in_vain = 0
        self.no_comment_ends = False

    def read(self) -> Outline:
        front, body = self._front_matter()
        position = body
        while line := _FULL.search(self.text, position):
            position = self._line(line.start())
        return Outline(
            self.source,
            front,
            body,
            tuple(self.headings),
            tuple(self.fences),
            tuple(self.comments),
            tuple(self.diagnostics),
        )

    def _line_end(self, start: int) -> int:
        end = self.text.find("\n", start)
        return len(self.text) if end < 0 else end

    def _front_matter(self) -> tuple[Span | None, int]:
        first = self._line_end(0)
        if late := _LATE_FRONT.match(self.text):
            what = "this front matter is not read: it does not start the file with a line ---"
            place = self.source.place(late.start("at"))
            self.diagnostics.append(FRONT_MATTER.at(place, what, "begin the file with ---"))
        if self.text[:first].rstrip() != "---":
            return None, 0
        close = re.compile(r"^---[ \t]*$", re.MULTILINE).search(self.text, first)
        if not close:
            self.diagnostics.append(
                UNCLOSED_FRONT.at(
                    self.source.place(0),
                    "the front matter that starts here never ends",
                    "put a line --- after its last key",
                )
            )
            return None, first
        return Span(self.source, first + 1, close.start()), close.end()

    def _line(self, start: int) -> int:
        """Read what starts on the line at an offset; the offset of the next line to read."""
        end = self._line_end(start)
        line = self.text[start:end]
        if (fence := _FENCE.match(line)) and (after := self._fence(start, end, fence)):
            return after
        if heading := _HEADING.match(line):
            self._heading(start, end, heading)
        elif "<!--" in line and not self.no_comment_ends:
            return self._comments(start, end, line)
        return end + 1

    def _heading(self, start: int, end: int, match: re.Match[str]) -> None:
        level = len(match["marks"])
        if level > 3:
            return
        words = _without_closing_marks(match["text"])
        text_at = start + match.start("text")
        text = Span(self.source, text_at, text_at + len(words))
        self.headings.append(Heading(level, start, end, text))
        place = self.source.place(start)
        if not match["space"] and words:
            self.diagnostics.append(
                DIFFERS_ON_GITHUB.at(
                    place,
                    "GitHub reads text here, as no space follows the #",
                    f"put a space after {match['marks']}",
                )
            )

    def _fence(self, start: int, end: int, match: re.Match[str]) -> int:
        """Read a fence; the offset after it, or 0 where it never closes."""
        lines: list[tuple[int, str]] = []
        quotes = match["prefix"].count(">")
        indent = len(match["prefix"].rpartition(">")[2].removeprefix(" " if quotes else ""))
        ticks = match["ticks"]
        kind = (ticks, quotes, indent)
        if start < self.unclosed.get(kind, 0) or self.in_vain > _MOST_IN_VAIN:
            return 0  # it did not close from further up either
        close = re.compile(rf" {{0,3}}{ticks[0]}{{{len(ticks)},}}[ \t]*$")
        at = end
        for at, line in self._inner_lines(end + 1, quotes, indent):
            if close.match(line):
                fence = Fence(
                    start,
                    at + len(line),
                    match["prefix"],
                    match["info"].strip(),
                    end - len(match["info"].lstrip(" \t")),
                    tuple(lines),
                )
                self.fences.append(fence)
                self._swallowed(fence)
                return fence.end + 1
            lines.append((at, line))
        self.unclosed[kind] = at
        self.in_vain += len(lines)
        self.diagnostics.append(
            UNCLOSED_FENCE.at(
                self.source.place(start + match.start("ticks")),
                f"the fence {ticks} that opens here never closes",
                f"put a line {ticks} after the code, indented like this one",
            )
        )
        return 0

    def _swallowed(self, fence: Fence) -> None:
        """A card inside a fence: one before it was not closed, unless Markdown is shown."""
        card = _CARD.search(self.text, fence.start, fence.end)
        if card and fence.info.split()[:1] not in (["md"], ["markdown"]):
            self.diagnostics.append(
                UNCLOSED_FENCE.at(
                    self.source.place(fence.start),
                    f"this fence swallows the card in line {self.source.place(card.start()).line}",
                    "close it before the card, or show Markdown in a fence ```md",
                )
            )

    def _inner_lines(self, start: int, quotes: int, indent: int) -> Iterator[tuple[int, str]]:
        """The lines of a fence without its prefix, until its block quote ends."""
        prefix = re.compile(rf"(?:[ \t]*>[ ]?){{{quotes}}}" if quotes else "")
        while start < len(self.text):
            end = self._line_end(start)
            line = self.text[start:end]
            quoted = prefix.match(line)
            if not quoted:
                return
            skip = quoted.end()
            skip += min(indent, len(line) - skip - len(line[skip:].lstrip(" \t")))
            yield start + skip, line[skip:]
            start = end + 1

    def _comments(self, start: int, end: int, line: str) -> int:
        """Read the comments that start on a line; the offset of the next line to read."""
        masked = without_code(line)
        at = masked.find("<!--")
        while at >= 0:
            opens = start + at
            closes = self.text.find("-->", opens + 2)
            if closes < 0:
                self.no_comment_ends = True
                self.diagnostics.append(
                    UNCLOSED_COMMENT.at(
                        self.source.place(opens),
                        "the comment <!-- that opens here never closes",
                        "write --> after its last line",
                    )
                )
                break
            if not masked[:at].endswith("\\"):
                self.comments.append(Comment(opens, closes + 3))
            if closes >= end:
                return self._line_end(closes) + 1
            at = masked.find("<!--", closes + 3 - start)
        return end + 1
