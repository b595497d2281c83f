"""The blocks of a text, as GitHub reads them, line by line.

This is the first phase of CommonMark 0.31's appendix ("Phase 1: block structure"), with GitHub's
tables (GFM §4.10) and task boxes (GFM §5.3). A line is read in three steps: which open blocks it
goes on with, which blocks it begins, and what is left, which is text. Where GitHub's parser,
cmark-gfm, leaves its specification, it is followed; ``tests/rendering`` holds the two together.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain, repeat, zip_longest
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from deckwright.rendering.inlines import (
    FOOTNOTE,
    MARK,
    TAG,
    TOKEN,
    Target,
    definition,
    label_name,
)
from deckwright.source.limits import MAX_NESTING


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of a link in a text: ``[label]: address "title"``."""

    name: str
    """By which links find it."""
    target: Target
    line: int
    """In which it begins, counted from 1."""
    lines: int
    """How many it has."""


class Line(NamedTuple):
    """A line of a text: which block has its text, and from where on."""

    block: int
    """The number of the line in which that block begins; 0 where the line adds to no block."""
    column: int
    """At which its text begins, behind the marks of quotes and items; counted from 0."""
    kind: str
    """Of the block: p, heading, rule, row, code, fence or html; definition for a line of one."""


class Ended(NamedTuple):
    """What a line ended that begins a card or a part, though GitHub goes on with it."""

    kind: str
    """fence, html or item."""
    first: int
    """The line in which it begins; 0 for an item."""


NOTHING = Line(0, 0, "")
"""A line of no block."""


_STARTS = frozenset(">#-+*_=|:`~<0123456789")
"""What may begin a line that is more than text."""
_HEADING = re.compile(r"(?P<marks>#{1,6})(?: (?P<words>.*))?$")
_RULE = re.compile(r"([-*_]) *(?:\1 *){2,}$")
_UNDERLINE = re.compile(r"(?:=+|-+) *$")
_FENCE = re.compile(r"`{3,}(?=[^`]*$)|~{3,}")
_ITEM = re.compile(r"(?P<sign>[-+*]|(?P<number>\d{1,9})[.)])(?= |$)")
_BOX = re.compile(r"\[[ xX]\] +")
_TICKS = re.compile("`+")
_ALERT = re.compile(
    r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\] *\\?(?:\n(?P<more>.*)|$)", re.IGNORECASE
)
_RULER = re.compile(r"\|? *+:?-++:? *+(?:\| *+:?-++:? *+)*+\|? *+$")
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
        (
            rf"<(?:pre|script|style|textarea)(?:{MARK.pattern})?(?:\s|>|$)",
            rf"</(?:pre|script|style|textarea)(?:{MARK.pattern})?>",
        ),
        (r"<!--", r"-->"),
        (r"<\?", r"\?>"),
        (r"<!(?-i:[A-Z])", r">"),
        (r"<!\[CDATA\[", r"\]\]>"),
        (rf"</?(?:{_BLOCK_TAGS})(?:{MARK.pattern})?(?:\s|/?>|$)", ""),
        (rf"{TAG} *$", ""),
    )
)
"""The seven kinds of HTML block (CommonMark §4.6): what each begins with and the line it ends
with; the last two end at a blank line, and the last begins in no paragraph."""
_HOLDERS = ("text", "quote", "item")
"""The kinds of blocks that hold others; a list holds only items."""


@dataclass(slots=True)
class _Block:
    """A block that may go on."""

    kind: str
    """A container: text (the whole), quote, list or item; or p, rule, table, code, fence, html."""
    element: Element
    sign: str = ""
    """Of a list: the last sign of what its items begin with; another begins another list."""
    width: int = 0
    """Of an item: the indent of its content; of a fence: its own indent."""
    first: int = 0
    """Of a leaf: the line in which it begins."""
    lines: list[str] = field(default_factory=list)
    """Of a leaf: its text."""
    end: re.Pattern[str] | None = None
    """Of a fence or HTML: what its last line holds; HTML without one ends at a blank line."""
    sides: list[str] | None = None
    """Of a table: the side to which each column is aligned. Of a p: set once it was no table."""
    last: int = 0
    """The last line that had something of it."""
    loose: bool = False
    """Of a list: whether a blank line is between its items or in one (CommonMark §5.3)."""
    info: str = ""
    """Of a fence: the language."""
    box: str = ""
    """Of an item: its task box, which is not part of its text."""


@dataclass(slots=True)
class Found:
    """What is known of a text besides its tree. Lines are counted from 1."""

    definitions: list[Definition] = field(default_factory=list)
    """Of links, in order; of several of one name the first holds."""
    rows: dict[int, int] = field(default_factory=dict)
    """The lines that are rows of tables, each with the number of the table's columns; 0 for a line
    of text right above one: cmark-gfm takes ``\\|`` for a bar there, too."""
    fences: dict[int, int] = field(default_factory=dict)
    """The lines that begin a fence, each with the line of its closing marks; 0 for none."""
    ended: dict[int, Ended] = field(default_factory=dict)
    """What lines that begin a card or a part ended."""
    underlines: list[int] = field(default_factory=list)
    """The lines of dashes or equals signs that make a heading of the text above."""
    footnotes: dict[int, str] = field(default_factory=dict)
    """The lines that define footnotes, each with the name of its own."""
    alerts: list[int] = field(default_factory=list)
    """The lines in which quotes begin that are alerts."""
    lines: list[Line] = field(default_factory=list)
    """All lines."""
    too_deep: int = 0
    """The first line that would begin one more quote or item than may be open; 0 for none."""
    html: list[Element] = field(default_factory=list)
    """The elements whose text is HTML as it was written. They have no tag: only it is written."""
    code: list[Element] = field(default_factory=list)
    """The elements whose text is code."""


class BlockReader:
    """Reads a text line by line, with a stack of the blocks that are open."""

    def __init__(
        self,
        root: Element,
        sources: Sequence[str] = (),
        *,
        raw: bool = False,
        headings: AbstractSet[int] = frozenset(),
        cards: AbstractSet[int] = frozenset(),
    ) -> None:
        """Read into an element.

        Args:
            root: the element.
            sources: what the tokens in the text replace, by number.
            raw: whether it holds formulas, code and clozes as they were written; no cells of
                tables are made then.
            headings: the lines that look like headings of cards and parts; they end the block
                around them, unless it shows them as code.
            cards: those of them that begin a card for sure, and end a fence as well.
        """
        self.sources = sources
        self.raw = raw
        self.headings = headings
        self.cards = cards
        self.found = Found()
        self.open = [_Block("text", root)]
        self.number = 0
        """Of the line."""
        self.line = ""

    def read(self, text: str) -> None:
        """Add what a text holds to the tree; tabs in it are spaces already."""
        blanks = 0
        for self.number, self.line in enumerate(text.split("\n"), start=1):
            self.found.lines.append(NOTHING)
            blanks = 0 if self.line.strip(" ") else blanks + 1
            top = self.open[-1]
            may_end = top.kind == "item" and not len(top.element)
            if blanks > 2 and not may_end:  # many of them would each go through a deep list
                self._one_more_blank()
                continue
            if self.number in self.headings:
                self._end_before_heading()
            depth, quoted, rest = self._go_on(self.line)
            if depth:
                self._begin(depth, rest)
            if not self._counts_as_blank(rest):
                quoted = len(self.open)
            for block in self.open[:quoted]:
                block.last = self.number
        self._close_to(0)

    def _end_before_heading(self) -> None:
        """End what is open before a line that begins a card or a part, and note what goes on.

        Code stays as it is, and HTML that ends with a mark of its own, unless a card begins; what
        shows Markdown, and comments, stay even then.
        """
        block, sure = self.open[-1], self.number in self.cards
        if block.kind == "fence" and (not sure or block.info.lower() in ("md", "markdown")):
            return
        if (
            block.kind == "html"
            and block.end
            and (not sure or block.lines[0].lstrip(" ").startswith("<!--"))
        ):
            return
        indent = len(self.line) - len(self.line.lstrip(" "))
        if block.kind == "fence" or [one.kind for one in self.open[1:]] == ["html"]:
            self.found.ended[self.number] = Ended(block.kind, block.first)
        elif len(self.open) > 2 and 0 < self.open[2].width <= indent:  # of the outermost item
            self.found.ended[self.number] = Ended("item", 0)
        self._close_to(1)

    def _one_more_blank(self) -> None:
        """Read a blank line behind two others, with which all goes on that is still open."""
        top = self.open[-1]
        if top.kind in ("code", "fence", "html"):
            widths = (block.width for block in self.open if block.kind == "item")
            rest = self.line[sum(widths) :] if self.line else ""
            self._takes(top, rest)
        if not self._counts_as_blank(""):
            for block in self.open:
                block.last = self.number

    def _note(self, block: int, kind: str, text: str) -> None:
        """Note which block has the rest of this line."""
        self.found.lines[-1] = Line(block, len(self.line) - len(text), kind)

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
                if indent < block.width and (text or not len(block.element)):
                    return depth, quoted, line
                line = line[block.width :]
            elif block.kind in ("p", "table") and not text:
                return depth, quoted, line
            elif block.kind in ("code", "fence", "html"):
                return 0 if self._takes(block, line) else depth, quoted, line
        return len(self.open), quoted, line

    def _takes(self, block: _Block, line: str) -> bool:
        """Whether code or HTML takes a line, behind the marks of its containers, as it is."""
        text = line.lstrip(" ")
        indent, end = len(line) - len(text), False
        if block.kind == "code":  # §4.4
            taken = indent > 3 or not text
            line = line[4:]
        elif block.kind == "html":  # §4.6
            taken = bool(text or block.end)
            end = bool(block.end and block.end.search(text))
        else:  # §4.5
            assert block.end
            taken = True
            end = indent < 4 and bool(block.end.match(text))
            line = line[min(indent, block.width) :]
        if taken:
            self._note(block.first, block.kind, line)
        if taken and not (end and block.kind == "fence"):
            block.lines.append(line)
        if end and block.kind == "fence":
            self.found.fences[block.first] = self.number
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
                self._add(depth, "code", "pre").lines.append(rest[4:])
                self._note(self.number, "code", rest[4:])
                return
            if indent > 3 or text[0] not in _STARTS or self._is_too_deep(text):
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

    def _is_too_deep(self, text: str) -> bool:
        """Whether a line would begin a quote or an item within too many, and so is only text."""
        if len(self.open) <= MAX_NESTING or not (text[0] == ">" or _ITEM.match(text)):
            return False
        deep = sum(block.kind in ("quote", "item") for block in self.open) >= MAX_NESTING
        if deep and not self.found.too_deep:
            self.found.too_deep = self.number
        return deep

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
        box = _BOX.match(content) if self.line.lstrip(" ") == text and spaces < 5 else None
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
            written = text
            if self.sources:
                written = TOKEN.sub(lambda token: self.sources[int(token[1])], text)
            ticked = "[x]" in written or "[X]" in written  # anywhere in the line, for cmark-gfm
            self.open[-1].box = "☑ " if ticked else "☐ "
            return content[box.end() :]
        return after[spaces:]

    def _leaf(self, depth: int, text: str, indent: int, *, in_text: bool) -> bool:
        """Begin a block that holds no others, where a line does; whether it does."""
        block = self.open[-1]
        if heading := _HEADING.match(text):  # §4.2
            words = without_closing_marks((heading["words"] or "").strip(" "))
            SubElement(self._place(depth), f"h{len(heading['marks'])}").text = words
            self._note(self.number, "heading", text)
        elif fence := _FENCE.match(text):  # §4.5
            self.found.fences[self.number] = 0
            block = self._add(depth, "fence", "pre")
            block.width, block.end = indent, re.compile(rf"{fence[0][0]}{{{len(fence[0])},}} *$")
            block.info = text[len(fence[0]) :].strip(" ").partition(" ")[0]
            self._note(self.number, "fence", text)
        elif html := next((one for one in _HTML[: 7 - in_text] if one[0].match(text)), None):
            block = self._add(depth, "html", "")
            block.end = html[1]
            self._takes(block, " " * indent + text)
        elif in_text and _UNDERLINE.match(text):  # §4.3
            if not self._without_definitions(block):
                return False
            block.element.tag = "h1" if text[0] == "=" else "h2"
            self.found.underlines.append(self.number)
            self._note(self.number, "rule", text)
            self._close_to(depth - 1)
        elif _RULE.match(text):  # §4.1
            self._add(depth, "rule", "hr")
            self._note(self.number, "rule", text)
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
        elif block.kind == "table" and depth == len(self.open) and (cells := _cells(text)):
            self._row(block, cells, self.number, "tbody", "td")
            self._note(self.number, "row", text)
        else:
            # Outside of its containers (§5.1, laziness), cmark-gfm leaves the indentation.
            text = rest if block.kind == "p" and depth < len(self.open) else text
            block = block if block.kind == "p" else self._add(depth, "p", "p")
            block.lines.append(text)
            self._note(block.first, "p", text)

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
            self.found.rows |= dict.fromkeys(
                range(self.number - len(block.lines), self.number - 1), 0
            )
        else:
            del self.open[-1].element[-1]
        table = _Block("table", SubElement(self.open[-1].element, "table"))
        table.sides = [_SIDES.get((one[0] == ":", one[-1] == ":"), "") for one in columns]
        self.open.append(table)
        self._row(table, head, self.number - 1, "thead", "th")
        self.found.lines[-2] = self.found.lines[-2]._replace(block=self.number - 1, kind="row")
        self._note(self.number, "row", text)
        return True

    def _row(self, table: _Block, cells: list[str], number: int, part: str, tag: str) -> None:
        """Add a row: as many cells as the table has columns."""
        assert table.sides is not None
        self.found.rows[number] = len(table.sides)
        if self.raw:
            return
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

        Python-Markdown writes only the content of an element without a tag.
        """
        element = block.element
        if block.kind == "list" and not block.loose:
            for item in element:
                _tighten(item)
        elif block.kind == "p" and not self._without_definitions(block):
            del self.open[-1].element[-1]
        elif block.kind == "p":
            element.text = "\n".join(block.lines).rstrip(" ")
        elif block.kind == "quote" and not self.open[1:] and _is_alert(element):
            self.found.alerts.append(block.first)
        elif block.box:
            first = element[0] if len(element) and element[0].tag == "p" else element
            first.text = block.box + (first.text or "")
        elif block.kind == "html":
            element.tag = None  # type: ignore[assignment]
            element.text = "\n".join([*block.lines, ""])
            self.found.html.append(element)
        elif block.kind in ("code", "fence"):
            code = SubElement(element, "code")
            code.text = "\n".join([*block.lines, ""])
            self.found.code.append(code)

    def _renumber(self, first: int, number: int, kind: str) -> None:
        """Make a block of its own of some lines."""
        for index in range(first - 1, first - 1 + number):
            self.found.lines[index] = self.found.lines[index]._replace(block=first, kind=kind)

    def _without_definitions(self, block: _Block) -> bool:
        """Take the definitions of links from a paragraph's start (§4.7); whether text is left."""
        if block.lines and block.lines[0].startswith("["):
            text, at = "\n".join(block.lines), 0
            while found := definition(text, at):
                label, target, end = found
                if self.sources and TOKEN.search(text, at, end):
                    break  # the scanner leaves definitions as they are: as written, this is not one
                name = label_name(label, self.sources)
                lines = text.count("\n", at, end) + (end == len(text))
                self.found.definitions.append(Definition(name, target, block.first, lines))
                self._renumber(block.first, lines, "definition")
                block.first += lines
                at = end
            block.lines = text[at:].split("\n") if at < len(text) else []
            self._renumber(block.first, len(block.lines), "p")
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


def without_closing_marks(words: str) -> str:
    """The words of a heading without the marks that may close it (§4.2)."""
    words = words.rstrip(" \t")
    rest = words.rstrip("#")
    return rest.rstrip(" \t") if rest.endswith((" ", "\t")) or not rest else words


def _cells(row: str) -> list[str]:
    """The cells of a row; ``\\|`` in one is a bar (GFM §4.10)."""
    cells = _BAR.split(row.rstrip(" "))
    cells = cells[not cells[0] : len(cells) - (len(cells) > 1 and not cells[-1])]
    return [cell.replace("\\|", "|").strip(" ") for cell in cells]


def without_code(line: str) -> str:
    """A line with its code spans as ``x``; linear in its length."""
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
