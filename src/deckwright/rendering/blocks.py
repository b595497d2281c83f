"""Markdown as GitHub reads it, made into HTML by Python-Markdown.

Two phases of Python-Markdown are replaced, by its own points of extension: one block processor
takes the whole text and reads it line by line, as CommonMark 0.31 says in its appendix ("Phase 1:
block structure"), with GitHub's tables (GFM §4.10) and task boxes (GFM §5.3); one tree processor
reads what stands in the blocks (:mod:`deckwright.rendering.inlines`). The rest is
Python-Markdown's: tabs, the store of definitions, the stash of raw HTML, the tree and its way to
HTML.

A line is read in three steps: which open blocks it goes on with, which blocks it begins, and what
is left, which is text. No other module knows Python-Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, repeat, zip_longest
from xml.etree.ElementTree import Element, SubElement

from markdown import Extension, Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from deckwright.rendering.inlines import (
    FOOTNOTE,
    TAG,
    TOKEN,
    Inlines,
    Target,
    definition,
    label_name,
    literal,
)


class TooDeepError(Exception):
    """The text is nested so deeply that Python-Markdown's recursion ends."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of a link in a text: ``[label]: address "title"``."""

    name: str
    """By which links find it."""
    target: Target
    line: int
    """In which it begins."""
    lines: int
    """How many it has."""


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
    fences: frozenset[int] = frozenset()
    """The lines that begin a fence."""
    underlines: tuple[int, ...] = ()
    """The lines of dashes or equals signs that make a heading of the text above."""
    footnotes: Mapping[int, str] = field(default_factory=dict)
    """The lines that define footnotes, each with the name of its own."""
    alerts: tuple[int, ...] = ()
    """The lines in which quotes begin that are alerts."""
    in_html: frozenset[int] = frozenset()
    """The tokens that stand in blocks of HTML, where no Markdown is read."""


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
        heading: whether it is the text of a heading: one paragraph, whatever it begins with.
        targets: where links lead that are defined elsewhere in the file, by name.
        sources: the texts that its tokens stand for, by number.

    Raises:
        TooDeepError: where Python-Markdown's recursion ends.
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
    return Reading(
        html,
        tuple(found.definitions),
        {**inlines.used},
        found.rows,
        frozenset(found.fences),
        tuple(found.underlines),
        found.footnotes,
        tuple(found.alerts),
        frozenset(found.in_html),
    )


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of an indented block of code."""

    number: int
    """Of the line, counted from 1."""
    text: str
    """What is shown of it: the line without its containers and four spaces."""


def indented_code(text: str) -> list[list[CodeLine]]:
    """The indented blocks of code in a text without tokens (CommonMark §4.4)."""
    if not _MAYBE_INDENTED.search(text):
        return []
    markdown, *_ = _markdown()
    markdown.reset()
    reader = _Reader(Element("div"), markdown, ())
    reader.read(text.expandtabs(4))
    return reader.found.indented


def table_rows(text: str) -> Mapping[int, int]:
    """The lines of a text without tokens that are rows of tables, as :attr:`Reading.rows`."""
    markdown, *_ = _markdown()
    markdown.reset()
    reader = _Reader(Element("div"), markdown, ())
    reader.read(text.expandtabs(4))
    return reader.found.rows


_PLAIN = re.compile(r"(?!\d+[.)])\w(?:[\w\ue000\ue001 .,;:?'\"()/%](?<!_)(?<!://)(?<!(?i:www)\.))*")


def is_plain(text: str) -> bool:
    """Whether a text is one line of words, of which Markdown makes a paragraph as it stands."""
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
        md.preprocessors.register(_TabsAtEnds(md), "tabs-at-ends", 40)
        md.parser.blockprocessors.register(self.blocks, "github", 1000)
        md.treeprocessors.register(self.inlines, "inline", 20)
        md.treeprocessors.register(_ForCards(md), "for-cards", 5)


class _TabsAtEnds(Preprocessor):
    """Makes one space of tabs at the ends of lines, before they become those of a hard break.

    That one is left as a task box ends with it, and as it parts a backslash from the line's end.
    """

    def run(self, lines: list[str]) -> list[str]:
        """The lines without them."""
        return [f"{line.rstrip()} " if line.endswith("\t") else line for line in lines]


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
        self.sources, self.heading, self.found = sources, heading, _Found()

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002  # Python-Markdown's
        """Whether it wants a block: always."""
        return True

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Read all blocks at once."""
        text = "\n\n".join(blocks)
        blocks.clear()
        reader = _Reader(parent, self.parser.md, self.sources)
        self.found = reader.found
        if self.heading:
            SubElement(parent, "p").text = text.strip()
        else:
            reader.read(text)


# Lines


_STARTS = frozenset(">#-+*_=|:`~<0123456789")
"""What may begin a line that is more than text."""
_MAYBE_INDENTED = re.compile(r"^(?:[ >]|[-+*][ \t]|\d{1,9}[.)][ \t])*(?: {4}|\t)", re.MULTILINE)
_HEADING = re.compile(r"(?P<marks>#{1,6})(?: (?P<words>.*))?$")
_RULE = re.compile(r"([-*_]) *(?:\1 *){2,}$")
_UNDERLINE = re.compile(r"(?:=+|-+) *$")
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_ITEM = re.compile(r"(?P<sign>[-+*]|(?P<number>\d{1,9})[.)])(?= |$)")
_BOX = re.compile(r"\[[ xX]\] +")
_ALERT = re.compile(
    r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\] *\\?(?:\n(?P<more>.*)|$)", re.IGNORECASE
)
_RULER = re.compile(r"\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")
_BAR = re.compile(r"(?<!\\)\|")
_SIDES = {(True, False): "left", (False, True): "right", (True, True): "center"}
_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details"
    "|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head"
    "|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p"
    "|param|section|source|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_HTML = tuple(
    (re.compile(start, re.IGNORECASE), re.compile(end, re.IGNORECASE) if end else None)
    for start, end in (
        (r"<(?:pre|script|style|textarea)(?:\s|>|$)", r"</(?:pre|script|style|textarea)>"),
        (r"<!--", r"-->"),
        (r"<\?", r"\?>"),
        (r"<!(?-i:[A-Z])", r">"),
        (r"<!\[CDATA\[", r"\]\]>"),
        (rf"</?(?:{_BLOCK_TAGS})(?:\s|/?>|$)", ""),
        (rf"{TAG} *$", ""),
    )
)
"""The seven kinds of HTML block (CommonMark §4.6): what each begins with and the line it ends
with; the last two end at a blank line, and the last begins in no paragraph."""
_HOLDERS = ("text", "quote", "item")
"""The kinds of blocks that others stand in; between a list and its items stands nothing."""


@dataclass(slots=True)
class _Block:
    """A block that may go on."""

    kind: str
    """A container: text (the whole), quote, list or item; or p, rule, table, code, fence, html."""
    element: Element
    sign: str = ""
    """Of a list: the last sign of what its items begin with; another begins another list."""
    width: int = 0
    """Of an item: how far its content stands in; of a fence: how far it stands in itself."""
    first: int = 0
    """Of a leaf: the line in which it begins."""
    lines: list[str] = field(default_factory=list)
    """Of a leaf: its text."""
    end: re.Pattern[str] | None = None
    """Of a fence or HTML: what its last line holds; HTML without one ends at a blank line."""
    sides: list[str] | None = None
    """Of a table: the side that each column's text stands at. Of a p: set once it was no table."""
    last: int = 0
    """The last line that had something of it."""
    loose: bool = False
    """Of a list: whether a blank line stands between its items or in one (CommonMark §5.3)."""
    code: list[CodeLine] = field(default_factory=list)
    """Of indented code: its lines."""
    box: str = ""
    """Of an item: its task box, which is no part of its text."""


@dataclass(slots=True)
class _Found:
    """What is to be known of a text besides its tree; see :class:`Reading`."""

    definitions: list[Definition] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)
    fences: list[int] = field(default_factory=list)
    underlines: list[int] = field(default_factory=list)
    footnotes: dict[int, str] = field(default_factory=dict)
    alerts: list[int] = field(default_factory=list)
    in_html: set[int] = field(default_factory=set)
    indented: list[list[CodeLine]] = field(default_factory=list)


class _Reader:
    """Reads a text line by line, with a stack of the blocks that are open."""

    def __init__(self, root: Element, markdown: Markdown, sources: Sequence[str]) -> None:
        self.markdown = markdown
        self.sources = sources
        self.found = _Found()
        self.open = [_Block("text", root)]
        self.number = 0
        """Of the line."""
        self.line = ""
        """Without its indentation."""

    def read(self, text: str) -> None:
        """Add what a text holds to the tree; tabs in it are spaces already."""
        for self.number, line in enumerate(text.split("\n"), start=1):
            self.line = line.lstrip(" ")
            depth, quoted, rest = self._go_on(line)
            if depth:
                self._begin(depth, rest)
            if not self._counts_as_blank(rest):
                quoted = len(self.open)
            for block in self.open[:quoted]:
                block.last = self.number
        self._close_to(0)

    def _counts_as_blank(self, rest: str) -> bool:
        """Whether a line parts what is above it from what is below (for §5.3), as cmark-gfm has it.

        It counts no blank line in a fence or behind a rule, and the rule of a table's columns as
        one, until a row comes.
        """
        top = self.open[-1]
        if top.kind in ("fence", "rule"):
            return False
        return not rest.strip(" ") or (top.kind == "table" and len(top.element) < 2)

    # First: which open blocks a line goes on with

    def _go_on(self, line: str) -> tuple[int, int, str]:
        """How many open blocks a line goes on with, up to which the last quote is, and its rest.

        None (0) where a leaf has taken it whole.
        """
        quoted = 0
        for depth, block in enumerate(self.open):
            text = line.lstrip(" ")
            indent = len(line) - len(text)
            if block.kind == "quote":  # §5.1
                if indent > 3 or not text.startswith(">"):
                    return depth, quoted, line
                line, quoted = text[1:].removeprefix(" "), depth + 1
            elif block.kind == "item":  # §5.2; an empty item ends with its first blank line
                if (indent < block.width) if text else not len(block.element):
                    return depth, quoted, line
                line = line[block.width :]
            elif block.kind in ("p", "table") and not text:
                return depth, quoted, line
            elif block.kind in ("code", "fence", "html"):
                return 0 if self._takes(block, line, text, indent) else depth, quoted, line
        return len(self.open), quoted, line

    def _takes(self, block: _Block, line: str, text: str, indent: int) -> bool:
        """Whether code or HTML takes a line as it is; text is the line without indentation."""
        end = False
        if block.kind == "code":  # §4.4
            taken = indent > 3 or not text
            line = line[4:]
            block.code += [CodeLine(self.number, line)] if taken else []
        elif block.kind == "html":  # §4.6
            taken = bool(text or block.end)
            end = bool(block.end and block.end.search(text))
        else:  # §4.5
            assert block.end
            taken = True
            end = indent < 4 and bool(block.end.match(text))
            line = line[min(indent, block.width) :]
        if taken and not (end and block.kind == "fence"):
            block.lines.append(line)
        if end:
            self._close_to(len(self.open) - 1)
        return taken

    # Second: which blocks it begins

    def _begin(self, depth: int, rest: str) -> None:
        """Begin the blocks that a line begins within the outermost ones; its rest is text."""
        while text := rest.lstrip(" "):
            indent, last = len(rest) - len(text), self.open[-1].kind
            in_text = last == "p" and depth == len(self.open)
            if indent > 3 and last != "p":
                code = self._add(depth, "code", "pre")
                code.lines.append(rest[4:])
                code.code.append(CodeLine(self.number, rest[4:]))
                return
            if indent > 3 or text[0] not in _STARTS:
                break
            if text[0] == ">":
                self._add(depth, "quote", "blockquote")
                rest = text[1:].removeprefix(" ")
            elif (content := self._item(depth, text, indent, in_text=in_text)) is not None:
                rest = content
                if self.open[-1].box:  # behind it, cmark-gfm begins no block
                    depth = len(self.open)
                    break
            elif self._leaf(depth, text, indent, in_text=in_text):
                return
            else:
                break
            depth = len(self.open)
        self._text(depth, rest)

    def _item(self, depth: int, text: str, indent: int, *, in_text: bool) -> str | None:
        """Begin an item, where a line does (§5.2); what is left of the line."""
        match = _ITEM.match(text)
        if not match or _RULE.match(text):
            return None
        after = text[match.end() :]
        content = after.lstrip(" ")
        start = int(match["number"] or 1)
        if in_text and (start != 1 or not content):
            return None  # what may not interrupt a paragraph
        spaces = len(after) - len(content) if content else 1
        box = _BOX.match(content) if self.line == text and spaces < 5 else None
        spaces = spaces if spaces < 5 else 1  # the rest is indented code
        self._close_to(depth)
        if self.open[-1].sign != match["sign"][-1]:
            new = self._add(depth, "list", "ol" if match["number"] else "ul")
            new.sign, new.last = match["sign"][-1], self.number
            if start != 1:
                new.element.set("start", str(start))
        items = self.open[-1]
        items.loose |= self.number - items.last > 1
        width = indent + match.end() + spaces
        self.open.append(_Block("item", SubElement(items.element, "li"), width=width))
        if box:  # GFM §5.3
            ticked = "[x]" in text or "[X]" in text  # anywhere in the line, for cmark-gfm
            self.open[-1].box = "☑ " if ticked else "☐ "
            return content[box.end() :]
        return after[spaces:]

    def _leaf(self, depth: int, text: str, indent: int, *, in_text: bool) -> bool:
        """Begin a block that holds no others, where a line does; whether it does."""
        block = self.open[-1]
        if heading := _HEADING.match(text):  # §4.2
            words = _without_closing_marks((heading["words"] or "").strip(" "))
            SubElement(self._place(depth), f"h{len(heading['marks'])}").text = words
        elif fence := _FENCE.match(text):  # §4.5
            self.found.fences.append(self.number)
            block = self._add(depth, "fence", "pre")
            block.width, block.end = indent, re.compile(rf"{fence[0][0]}{{{len(fence[0])},}} *$")
        elif html := next((one for one in _HTML[: 7 - in_text] if one[0].match(text)), None):
            block = self._add(depth, "html", "")
            block.end = html[1]
            self._takes(block, " " * indent + text, text, indent)
        elif in_text and _UNDERLINE.match(text):  # §4.3
            if not self._without_definitions(block):
                return False
            block.element.tag = "h1" if text[0] == "=" else "h2"
            self.found.underlines.append(self.number)
            self._close_to(depth - 1)
        elif _RULE.match(text):  # §4.1
            self._add(depth, "rule", "hr")
        else:
            return in_text and self._table(block, text)
        return True

    # Third: its text

    def _text(self, depth: int, rest: str) -> None:
        """Add text to the paragraph that is open, to a table, or as a new paragraph."""
        block, text = self.open[-1], rest.lstrip(" ")
        if len(rest) - len(text) < 4 and (footnote := FOOTNOTE.match(text)):
            self.found.footnotes[self.number] = label_name(footnote["label"], self.sources)
        if not text:
            self._close_to(depth)
        elif block.kind == "p":
            # Outside of its containers (§5.1, laziness), cmark-gfm leaves the indentation.
            block.lines.append(text if depth == len(self.open) else rest)
        elif block.kind == "table" and depth == len(self.open) and (cells := _cells(text)):
            self._row(block, cells, self.number, "tbody", "td")
        else:
            self._add(depth, "p", "p").lines.append(text)

    def _table(self, block: _Block, text: str) -> bool:
        """Make a table of the last line of a paragraph, where this line rules its columns."""
        if block.sides is not None or not block.lines or not _RULER.match(text):
            return False
        head, columns = _cells(block.lines[-1]), _cells(text)
        block.sides = []  # cmark-gfm tries no other line of the paragraph
        if len(head) != len(columns):
            return False
        self.open.pop()
        if above := block.lines[:-1]:  # cmark-gfm reads these no more: they define no links
            block.element.text = "\n".join(above).replace("\\|", "|")
        else:
            self.open[-1].element.remove(block.element)
        table = _Block("table", SubElement(self.open[-1].element, "table"))
        table.sides = [_SIDES.get((one[0] == ":", one[-1] == ":"), "") for one in columns]
        self.open.append(table)
        self._row(table, head, self.number - 1, "thead", "th")
        return True

    def _row(self, table: _Block, cells: list[str], number: int, part: str, tag: str) -> None:
        """Add a row: as many cells as the table has columns."""
        assert table.sides is not None
        self.found.rows[number] = len(table.sides)
        if not len(table.element) or table.element[-1].tag != part:
            SubElement(table.element, part)
        row = SubElement(table.element[-1], "tr")
        for text, side in zip(chain(cells, repeat("")), table.sides, strict=False):
            SubElement(row, tag, {"class": side} if side else {}).text = text

    # The stack of open blocks

    def _add(self, depth: int, kind: str, tag: str) -> _Block:
        """Open a block within the outermost ones."""
        element = SubElement(self._place(depth), tag)
        self.open.append(_Block(kind, element, first=self.number))
        return self.open[-1]

    def _place(self, depth: int) -> Element:
        """Where a new block goes: into the innermost of the outer blocks that holds others."""
        self._close_to(depth)
        while (top := self.open[-1]).kind not in _HOLDERS:
            self._close_to(len(self.open) - 1)
        if top.kind == "item" and len(top.element):
            self.open[-2].loose |= self.number - top.last > 1
        return top.element

    def _close_to(self, depth: int) -> None:
        """Close all open blocks but the outermost ones."""
        while len(self.open) > depth:
            self._close(self.open.pop())

    def _close(self, block: _Block) -> None:
        """Write what a block holds into the tree.

        An element without a tag is one of which Python-Markdown writes the content alone.
        """
        element = block.element
        if block.kind == "list" and not block.loose:
            for item in element:
                _tighten(item)
        elif block.kind == "p" and not self._without_definitions(block):
            self.open[-1].element.remove(element)
        elif block.kind == "p":
            element.text = "\n".join(block.lines).rstrip(" ")
        elif block.kind == "quote" and not self.open[1:] and _is_alert(element):
            self.found.alerts.append(block.first)
        elif block.box:
            first = element[0] if len(element) and element[0].tag == "p" else element
            first.text = block.box + (first.text or "")
        elif block.kind == "html":
            html = "\n".join([*block.lines, ""])
            self.found.in_html.update(int(number) for number in TOKEN.findall(html))
            element.tag = None  # type: ignore[assignment]
            element.text = AtomicString(self.markdown.htmlStash.store(html))
        elif block.kind in ("code", "fence"):
            code = literal("\n".join(block.lines))
            SubElement(element, "code").text = AtomicString(f"{code}\n")
            if block.kind == "code":
                self.found.indented.append([*_without_blank_end(block.code)])

    def _without_definitions(self, block: _Block) -> bool:
        """Take the definitions of links from a paragraph's start (§4.7); whether text is left."""
        if block.lines and block.lines[0].startswith("["):
            text, at = "\n".join(block.lines), 0
            while found := definition(text, at):
                label, target, end = found
                name = label_name(label, self.sources)
                lines = text.count("\n", at, end) + (end == len(text))
                self.found.definitions.append(Definition(name, target, block.first, lines))
                self.markdown.references.setdefault(name, target)
                block.first += lines
                at = end
            block.lines = text[at:].split("\n") if at < len(text) else []
        return bool(block.lines)


def _is_alert(quote: Element) -> bool:
    """Whether GitHub shows a quote as an alert: by its first line, if something comes after it."""
    first = quote[0] if len(quote) else quote
    mark = _ALERT.match(first.text or "") if first.tag == "p" else None
    return bool(mark and (mark["more"] or len(quote) > 1))


def _tighten(item: Element) -> None:
    """Write the paragraphs of an item without their tags (§5.3)."""
    for paragraph, following in zip_longest(item, item[1:]):
        if paragraph.tag == "p":
            paragraph.tag = None
            if following is not None and following.tag is None:  # HTML, which may be words
                paragraph.tail = "\n"


def _without_blank_end(lines: list[CodeLine]) -> Iterator[CodeLine]:
    """Lines up to the last that holds something."""
    last = max((at for at, line in enumerate(lines) if line.text.strip(" ")), default=-1)
    yield from lines[: last + 1]


def _without_closing_marks(words: str) -> str:
    """The words of a heading without the marks that may close it (§4.2)."""
    rest = words.rstrip("#")
    return rest.rstrip(" ") if rest.endswith(" ") or not rest else words


def _cells(row: str) -> list[str]:
    """The cells of a row; ``\\|`` in one is a bar (GFM §4.10)."""
    cells = _BAR.split(row.rstrip(" "))
    cells = cells[not cells[0] : len(cells) - (len(cells) > 1 and not cells[-1])]
    return [cell.replace("\\|", "|").strip(" ") for cell in cells]
