"""Markdown as GitHub reads it, made into HTML by Python-Markdown.

Two phases of Python-Markdown are replaced, by its own points of extension: one block processor
takes the whole text (:mod:`deckwright.rendering.blocks`), and one tree processor reads what is
in the blocks (:mod:`deckwright.rendering.inlines`). The rest is Python-Markdown's: tabs, the store
of definitions, the stash of raw HTML, the tree and its way to HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from xml.etree.ElementTree import Element, SubElement

from markdown import Extension, Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX, AtomicString

from deckwright.rendering.blocks import BlockReader, Definition, Found
from deckwright.rendering.inlines import MARK, Inlines, Target, literal


class TooDeepError(Exception):
    """The text is nested too deeply."""

    def __init__(self, line: int = 0) -> None:
        """Keep the line with one quote or item too many; 0 for emphasis and all else."""
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text is to GitHub. Lines are counted from 1."""

    html: str
    """Not yet cleaned."""
    definitions: tuple[Definition, ...] = ()
    """Of links, in order; of several of one name the first holds."""
    used: Mapping[str, Target] = field(default_factory=dict)
    """The definitions that its links and pictures use, by name."""
    rows: Mapping[int, int] = field(default_factory=dict)
    """The lines that are rows of tables, each with the number of the table's columns."""
    underlines: tuple[int, ...] = ()
    """The lines of dashes or equals signs that make a heading of the text above."""
    footnotes: Mapping[int, str] = field(default_factory=dict)
    """The lines that define footnotes, each with the name of its own."""
    alerts: tuple[int, ...] = ()
    """The lines in which quotes begin that are alerts."""


def read(
    text: str,
    *,
    heading: bool = False,
    targets: Mapping[str, Target] | None = None,
    sources: Sequence[str] = (),
) -> Reading:
    """Read a text as GitHub does.

    Args:
        text: the Markdown; formulas, code and the marks of clozes are tokens in it.
        heading: whether it is the text of a heading: always one paragraph.
        targets: where links lead that are defined elsewhere in the file, by name.
        sources: the texts that its tokens replace, by number.

    Raises:
        TooDeepError: where more quotes and lists are open than :data:`MAX_NESTING`, or so many
            elements that Python-Markdown's recursion ends.
    """
    if is_plain(text):
        return Reading(f"<p>{text}</p>")
    markdown, blocks, inlines = _markdown()
    markdown.reset()
    markdown.references.update(targets or {})
    blocks.begin(sources, heading=heading)
    inlines.begin(sources)
    try:
        html = markdown.convert(text)
    except RecursionError:
        _markdown.cache_clear()
        raise TooDeepError from None
    found = blocks.found
    if found.too_deep:
        raise TooDeepError(found.too_deep)
    return Reading(
        html,
        tuple(found.definitions),
        {**inlines.used},
        found.rows,
        tuple(found.underlines),
        found.footnotes,
        tuple(found.alerts),
    )


_PLAIN = re.compile(r"(?!\d+[.)])\w(?:[\w\ue000\ue001 .,;:?'\"()/%](?<!_)(?<!://)(?<!(?i:www)\.))*")


def is_plain(text: str) -> bool:
    """Whether a text is one line of words, which Markdown makes a paragraph without changing it."""
    return _PLAIN.fullmatch(text) is not None


# Within Python-Markdown


@cache
def _markdown() -> tuple[Markdown, _Blocks, Inlines]:
    """One instance for all texts: making one costs more than using it."""
    github = _GitHub()
    markdown = Markdown(extensions=[github], output_format="html")
    return markdown, github.blocks, github.inlines


class _GitHub(Extension):
    """Puts our two phases in the place of Python-Markdown's own."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Python-Markdown's name
        """Register them."""
        self.blocks, self.inlines = _Blocks(md.parser), Inlines(md)
        md.preprocessors.deregister("html_block")
        md.preprocessors.register(_WhiteSpace(md), "normalize_whitespace", 30)
        md.parser.blockprocessors.register(self.blocks, "github", 1000)
        md.treeprocessors.register(self.inlines, "inline", 20)
        md.treeprocessors.register(_ForCards(md), "for-cards", 5)


class _WhiteSpace(Preprocessor):
    """Makes spaces of tabs, and leaves lines of spaces as they are, with which an item goes on.

    One space is made of tabs at the ends of lines, before they become those of a hard break. That
    one is left as a task box ends with it, and as it parts a backslash from the line's end.
    """

    def run(self, lines: list[str]) -> list[str]:
        """The lines without tabs, and without what Python-Markdown's own marks are made of."""
        marks = str.maketrans("", "", STX + ETX)
        lines = [
            f"{line.rstrip()} " if line[-1:] == "\t" and line.strip() else line for line in lines
        ]
        return [_with_spaces(line).translate(marks) for line in [*lines, "", ""]]


def _with_spaces(line: str) -> str:
    """A line with spaces for its tabs, for which marks have no width."""
    if "\t" not in line or not MARK.search(line):
        return line.expandtabs(4)
    out, position, column = [], 0, 0
    for mark in (*MARK.finditer(line), None):
        before = column % 4
        part = line[position : mark.start() if mark else None]
        out.append(f"{' ' * before}{part}".expandtabs(4)[before:])
        column += len(out[-1])
        if mark:
            out.append(mark[0])
            position = mark.end()
    return "".join(out)


class _ForCards(Treeprocessor):
    """Makes of a page what fits a card: wide tables scroll, and all headings are small."""

    def run(self, root: Element) -> None:
        """Put each table into a ``<div class="table">``; headings above level 4 become ``<h4>``."""
        for parent in [*root.iter()]:
            for index, child in enumerate(parent):
                if child.tag in ("h1", "h2", "h3"):
                    child.tag = "h4"
                elif child.tag == "table" and parent.get("class") != "table":
                    box = Element("div", {"class": "table"})
                    box.tail, child.tail = child.tail, None
                    parent[index] = box
                    box.append(child)


class _Blocks(BlockProcessor):
    """Takes the whole text, before any other block processor sees it."""

    def begin(self, sources: Sequence[str], *, heading: bool) -> None:
        """Forget the last text; a blank one never comes to :meth:`run`."""
        self.sources, self.heading, self.found = sources, heading, Found()

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002  # Python-Markdown's
        """Whether it wants a block: always."""
        return True

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Read all blocks at once."""
        text = "\n\n".join(blocks)
        blocks.clear()
        if self.heading:
            SubElement(parent, "p").text = text.strip()
            return
        reader = BlockReader(parent, self.sources)
        reader.read(text)
        self.found, markdown = reader.found, self.parser.md
        for one in self.found.definitions:
            markdown.references.setdefault(one.name, one.target)
        for element in self.found.html:
            element.text = AtomicString(markdown.htmlStash.store(element.text or ""))
        for element in self.found.code:
            element.text = AtomicString(literal(element.text or ""))
