"""The blocks of a text as it was written: which line belongs to which, and where its words begin.

The reader that makes the HTML (:mod:`deckwright.rendering.blocks`) reads it here before formulas,
code and clozes are taken out of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from xml.etree.ElementTree import Element

from deckwright.rendering.blocks import NOTHING, BlockReader, Definition, Ended, Line


@dataclass(frozen=True)
class Structure:
    """The blocks of a text as it was written; lines are counted from 1."""

    text: str
    lines: Sequence[Line]
    rows: Mapping[int, int]
    """The lines that are rows of tables, each with the number of the table's columns."""
    definitions: Sequence[Definition]
    """Of links, in order; of several of one name the first holds."""
    footnotes: Mapping[int, str]
    """The lines that define footnotes, each with the name of its own."""
    fences: Mapping[int, int]
    """The lines that begin a fence, each with the line of its closing marks; 0 for none."""
    ended: Mapping[int, Ended]
    """What the headings of a card file ended."""
    too_deep: int
    """The first line that would begin one more quote or item than may be open; 0 for none."""

    def part(self, start: int, end: int) -> Structure:
        """The blocks between two indices; at the first a line starts, and no block is open."""
        first, last = self.line(start), self.line(end)
        above = first - 1
        lines = [
            line._replace(block=line.block - above) if line.block else line
            for line in self.lines[above:last]
        ]
        if self.starts[last - 1] == end < len(self.text):
            lines[-1] = NOTHING  # the heading of the next card
        numbers = range(first, last + 1)
        begin, after = (
            bisect(self.definitions, number, key=lambda one: one.line)
            for bisect, number in ((bisect_left, first), (bisect_right, last))
        )
        definitions = self.definitions[begin:after]
        fences = {one: self.fences[one] for one in numbers if one in self.fences}
        return Structure(
            self.text[start:end],
            lines,
            {one - above: self.rows[one] for one in numbers if one in self.rows},
            [replace(one, line=one.line - above) for one in definitions],
            {one - above: self.footnotes[one] for one in numbers if one in self.footnotes},
            {one - above: close and close - above for one, close in fences.items()},
            {},
            0,
        )

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins: an index."""
        return [0, *(newline.end() for newline in re.finditer("\n", self.text))]

    @cached_property
    def _ends(self) -> list[int]:
        """Where a block ends before the next line: the indices of newlines."""
        return [
            self.starts[index + 1] - 1
            for index, (line, following) in enumerate(pairwise(self.lines))
            if line.block != following.block
        ]

    def line(self, at: int) -> int:
        """The number of the line that has an index."""
        return bisect_right(self.starts, at)

    def end(self, at: int) -> int:
        """Where the block of an index ends: the index of a newline, or of the text's end."""
        index = bisect_left(self._ends, at)
        return self._ends[index] if index < len(self._ends) else len(self.text)

    def content(self, number: int) -> tuple[int, str]:
        """Where the text of a line begins behind the marks of its containers, and that text.

        Of a tab that reaches over that column, spaces are left, and the index is behind it.
        """
        start, column = self.starts[number - 1], self.lines[number - 1].column
        end = self.text.find("\n", start)
        written = self.text[start : end if end >= 0 else None]
        index, width = column, column
        if "\t" in written[:column]:
            index = width = 0
            while width < column:
                width += 4 - width % 4 if written[index] == "\t" else 1
                index += 1
        return start + index, " " * (width - column) + written[index:]


def structure(
    text: str,
    *,
    headings: AbstractSet[int] = frozenset(),
    cards: AbstractSet[int] = frozenset(),
) -> Structure:
    """Read the blocks of a text; some of its lines may begin cards (:class:`BlockReader`)."""
    reader = BlockReader(Element("div"), raw=True, headings=headings, cards=cards)
    reader.read(text.expandtabs(4))
    found = reader.found
    return Structure(
        text,
        found.lines,
        found.rows,
        found.definitions,
        found.footnotes,
        found.fences,
        found.ended,
        found.too_deep,
    )
