"""The blocks of a text as it was written: which line belongs to which, and where its words begin.

The same reader makes the HTML (:mod:`deckwright.rendering.blocks`), so that what is found in a
text before it is rendered and what is shown of it are one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from xml.etree.ElementTree import Element

from deckwright.rendering.blocks import BlockReader, Definition, Ended, Line


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
        """The index of the first word of a line, and its text from where that begins in its block.

        Tabs before the word are spaces in that text.
        """
        start, column = self.starts[number - 1], self.lines[number - 1].column
        end = self.text.find("\n", start)
        written = self.text[start : end if end >= 0 else None]
        if "\t" not in written:
            words = written[column:].lstrip(" ")
            return start + len(written) - len(words), written[column:]
        expanded = written.expandtabs(4)[column:]
        words = expanded.lstrip(" ")
        index = _index(written, column + len(expanded) - len(words))
        return start + index, " " * (len(expanded) - len(words)) + written[index:]


def structure(
    text: str,
    *,
    formulas: bool = True,
    headings: AbstractSet[int] = frozenset(),
    cards: AbstractSet[int] = frozenset(),
) -> Structure:
    """Read the blocks of a text in which formulas stand as they were written.

    Args:
        text: the text.
        formulas: whether a formula goes before what GitHub would read: a line within ``$$ … $$``
            begins no block then.
        headings: the lines that look like headings of cards and parts; they end what they stand
            in, save what shows them as code.
        cards: those of them that begin a card for sure, and end a fence as well.
    """
    reader = BlockReader(Element("div"), raw=True)
    reader.formulas, reader.headings, reader.cards = formulas, headings, cards
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


def _index(line: str, column: int) -> int:
    """The index of the character in a column, counted from 0; tabs go to each fourth column."""
    width = 0
    for index, sign in enumerate(line):
        if width >= column:
            return index
        width += 4 - width % 4 if sign == "\t" else 1
    return len(line)
