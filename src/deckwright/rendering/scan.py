r"""Finds code, formulas, clozes and tags in the text of a card.

The scan runs before Markdown, which would spoil all of these (Markdown takes ``_``, ``*`` and
``\\`` inside formulas for its own, and the known extensions find formulas in prices, in code and
in addresses). Each piece is later swapped for a token that Markdown leaves alone.

Formulas follow pandoc's rules: no space inside the dollars, no digit after the closing one, no
blank line within; and braces count, so that ``$\text{for $x$}$`` is one formula. A formula, a
code span and a cloze each end within their block.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, groupby, pairwise
from operator import itemgetter

from deckwright.formulas.parts import MATH_EMPTY, Mark, MarkKind, Tex, in_dollars
from deckwright.model import Edit, Problem, Rule, Severity, Span
from deckwright.rendering.clozes import (
    MAX_DEPTH,
    Sign,
    Token,
    cut,
    in_hint,
    matched,
    too_deep,
)
from deckwright.rendering.inlines import ATTRIBUTE, AUTOLINK, BARE, ESCAPE, TAG_NAME, has_host
from deckwright.rendering.pieces import (
    CLOZE_EMPTY,
    CLOZE_NUMBER,
    CLOZE_PLACE,
    CLOZE_UNCLOSED,
    Anchor,
    Code,
    CodeMarks,
    Dollar,
    Fence,
    Formula,
    Opaque,
    Piece,
    Scan,
)
from deckwright.rendering.tags import MARKUP
from deckwright.source.lines import DIFFERS_ON_GITHUB, Comment, Outline

CLOZE_LOOKALIKE = Rule(
    "cloze-lookalike",
    "Double braces without a number are shown as they are. In a card with clozes they are "
    "an error.",
    severity=Severity.WARNING,
)

CLOZE_DEEP = Rule(
    "cloze-deep",
    "Clozes are nested at most three deep: Anki 24.11 reads no deeper, and shows the braces.",
)

MATH_UNCLOSED = Rule(
    "math-unclosed",
    r"A formula that opens with $ closes in the same block. A dollar sign is written `\$`.",
)

MATH_DELIMITER = Rule(
    "math-delimiter",
    r"A formula is between dollars: Markdown removes the backslashes of `\(…\)`.",
)

MATH_HTML = Rule(
    "math-html",
    "A formula contains no HTML: MathJax would show its letters.",
)


MAX_CLOZE = 100
"""The highest cloze number: Anki makes one card of each number, up to 500."""
MAX_FORMULA = 2000
"""The longest formula in a line, in characters: how far a closing ``$`` is looked for."""
_MOST_IN_VAIN = 1_000_000
"""How many characters are read for dollars that close nothing, before no more are looked for."""

_BAR = re.compile(r"(?<!\\)\|")
_MAYBE_APART = re.compile(r"^[-+*>.)\d \t]*(?: {4}|\t|```|~~~)|\]:", re.MULTILINE)
"""What may begin code or a definition."""
_FENCE_MARKS = re.compile(r"(?:`+|~+)[ \t]*(?P<info>.*)")
_CLOZE = r"\{\{c(?P<number>[0-9]{1,12})::"
_NEARLY_CLOZE = r"(?P<nearly>\{\{[ \t]*+(?:[cC][ \t]*+[\d,]*+|\d++)[ \t]*+::?)"
_SIGNS = r"[^\x00-\x20()]*+"
_GAP = r"[ \t]*+(?:\n[ \t]*+)?+"
_TARGET = (  # a link's address
    rf"\]\({_GAP}<?(?P<address>(?<=<)[^<>\n]*+>|(?<!<){_SIGNS}(?:\({_SIGNS}\){_SIGNS})*+)"
    rf"(?:(?=\s){_GAP}(?:\"[^\"\n]*+\"|'[^'\n]*+'))?+{_GAP}\)"
)
_TOKEN = re.compile(
    rf"(?P<escape>{ESCAPE})|(?P<ticks>`+)|</?(?P<tag>{TAG_NAME})(?:{ATTRIBUTE})*+\s*+/?>"
    rf"|<(?P<auto>(?a:{AUTOLINK}))>|(?P<less><)"
    rf"|(?P<target>{_TARGET})|(?P<dollar>\$)|(?P<bare>(?a:{BARE}))"
    r"|(?P<bracket>[\[\]])|(?P<backslash>&(?:#0*+92|#[xX]0*+5[cC]|bsol)(?![0-9a-fA-F]))"
    rf"|{_CLOZE}|{_NEARLY_CLOZE}|(?P<brace>[{{}}])|(?P<colons>::)"
)
_HTML_TAG = re.compile(r"</?(?P<tag>[A-Za-z][^\s/<>\"']*+)(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+>")
"""A tag as a browser reads it."""
_BEGUN = re.compile(r"<(?:[/!?]|(?=[A-Za-z]))[A-Za-z]*+")
"""What begins a tag for a browser, or else something that it does not show."""
_ASIDE = re.compile(r"<(?:(?P<instruction>\?)|!(?P<data>\[CDATA\[)|(?P<declaration>![A-Z]+\s))")
"""What hides itself on GitHub, besides comments (CommonMark §6.6)."""
_ASIDE_ENDS = {"instruction": "?>", "data": "]]>", "declaration": ">"}
_ITEM = re.compile(r"(?:[-+*]|[0-9]{1,9}[.)])[ \t]+\Z")
"""What is before a task box."""
_MOST_BEFORE = 16
"""How many characters it has: nine digits, a sign, four spaces, and some to see what they are."""
_TEX = re.compile(
    r"\\[A-Za-z]|(?<!\[)\^|_|="
    r"|(?<=\\\()[ ]?[A-Za-z0-9]{1,2}(?:[ ]?[-+*/<>,|!'()][ ]?[A-Za-z0-9]{0,2})*[ ]?(?=\\\))"
)
"""What a formula in ``\\(…\\)`` or ``\\[…\\]`` has, and a text in escaped brackets has not."""
_ADDRESS_END = re.compile(r"[\s<]|::|\{\{|(?P<open>\{)|(?P<close>\})", re.ASCII)
_TEX_TOKEN = re.compile(
    rf"\\.|{_CLOZE}|{_NEARLY_CLOZE}|(?P<brace>[{{}}])|(?P<colons>::)", re.DOTALL
)
_CODE_TOKEN = re.compile(
    rf"{_CLOZE}|(?P<nearly>\{{\{{[ \t]*+[cC][ \t]*+\d++[ \t]*+::)"
    r"|(?P<brace>[{}])|(?P<colons>(?!))"
)
"""In code, where ``::`` is code and begins no hint."""
_BLANK_LINE = re.compile(r"\n[ \t>]*+\n")
_TEX_END = re.compile(r"\\[^\n]|[{}$\n]")
_TAG_IN_TEX = re.compile(
    r"</[A-Za-z]|<!--|<(?:br|img|su[bp]|span|div|em|strong|code|pre|kbd|mark|small|script|style|svg)"
    r"\b[^<>]*>"
)


def scan(outline: Outline, span: Span) -> Scan:
    """Find the pieces in a stretch of a file; linear in its length, never raises for content."""
    return _Scanner(outline, span).scan()


class _Scanner:
    def __init__(self, outline: Outline, span: Span) -> None:
        self.outline = outline
        self.span = span
        self.text = span.source.text
        self.end = span.end
        self.blocks, self.body = outline.blocks, outline.body
        self.ticks: dict[int, list[int]] = defaultdict(list)
        for run in re.compile("`+").finditer(self.text, span.start, span.end):
            self.ticks[len(run[0])].append(run.start())
        self.pieces: list[Piece] = []
        self.tokens: list[Token] = []
        self.problems: list[Problem] = []
        self.brackets: list[int] = []
        """The offsets of open brackets."""
        self.linked = False
        """Whether a link has closed since the last ``[``: none goes around it, for cmark-gfm."""
        self.closed = -1
        """The offset behind the brackets that closed last, and were no link by their address."""
        self.escaped: set[int] = set()
        """The offsets behind escaped exclamation marks."""
        self.nexts: dict[str, int] = {}
        """Where some signs are next."""
        self.broken_before = 0
        self.no_formula_before = 0
        self.in_vain = 0

    def scan(self) -> Scan:
        position = self.span.start
        for region in self._regions():
            if region.start < position:  # a comment's marks inside a formula
                continue
            position = self._inline(position, region.start)
            if position > region.start:
                continue
            if isinstance(region, Opaque):
                self._opaque(region.start, region.end)
            elif isinstance(region, Fence) and region.info.split()[:1] == ["math"]:
                self._math_fence(region)
            elif isinstance(region, Fence):
                self.pieces.append(self._code_block(region))
            else:
                self.pieces.append(region)
            position = region.end
        self._inline(position, self.end)
        marks = self._match(self.tokens)
        self._lookalikes(marks)
        pieces = tuple(sorted((*self.pieces, *marks), key=lambda piece: piece.start))
        all_marks = [*Scan(self.span, pieces, ()).marks]
        if inner := in_hint(all_marks):
            what = "a cloze is in a hint, of which Anki shows what is before it"
            fix = "write the hint without a cloze, or close the one around it before this"
            self.problems.append(CLOZE_PLACE.at(inner.start, what, fix))
        if deep := too_deep(all_marks):
            what = f"this cloze is inside {MAX_DEPTH} others"
            fix = "close some before it: not every Anki reads deeper"
            self.problems.append(CLOZE_DEEP.at(deep.start, what, fix))
        return Scan(self.span, pieces, tuple(self.problems))

    def _lookalikes(self, marks: list[Mark]) -> None:
        """Double braces that are not a cloze, though they may have been meant as one."""
        is_cloze = bool(marks) or any(
            isinstance(part, Mark)
            for piece in self.pieces
            if isinstance(piece, Formula)
            for part in piece.parts
        )
        starts = [mark.start for mark in marks]
        steps = {MarkKind.OPEN: 1, MarkKind.CLOSE: -1}
        depths = [*accumulate(steps.get(mark.kind, 0) for mark in marks)]
        closing = 0  # the next }}, which is looked for once, however many braces are before it
        for one, other in pairwise(self.tokens):
            doubled = one.sign is other.sign is Sign.LEFT and one.end == other.start
            if not doubled:
                continue
            end = self._block_end(one.start)
            before = bisect_right(starts, one.start)
            if closing < other.end:
                closing = self.text.find("}}", other.end, self.end)
                closing = self.end if closing < 0 else closing
            if closing + len("}}") > end or (before and depths[before - 1]):
                continue
            rule = CLOZE_NUMBER if is_cloze else CLOZE_LOOKALIKE
            self.problems.append(
                rule.at(
                    one.start,
                    "{{…}} without a cloze number is shown as it is",
                    "write {{c1::…}} for a cloze, or `{{…}}` to show the braces",
                )
            )

    # Blocks

    def _regions(self) -> list[Fence | Comment | Opaque]:
        """What is not text: fences, comments, code of four spaces and definitions of links."""
        regions: list[Fence | Comment | Opaque] = [
            *self.outline.comments_in(self.span.start, self.span.end)
        ]
        text = self.span.text
        if "\n" in text and _MAYBE_APART.search(text):
            regions += self._apart()
        return sorted(regions, key=lambda region: region.start)

    def _apart(self) -> Iterator[Fence | Opaque]:
        """The code and the definitions of links in the passage."""
        lines = self.blocks.lines
        first, last = map(self._number, (self.span.start, self.end))
        for (_, kind), numbers in groupby(
            range(first, last + 1), lambda number: (lines[number - 1].block, lines[number - 1].kind)
        ):
            if kind == "definition":
                for at, text in map(self._line, numbers):
                    end = self._line_end(at)
                    yield Opaque(end - len(text.lstrip(" \t")), end)
            elif kind == "code":
                code = [self._line(number) for number in numbers]
                while not code[-1][1].strip(" \t"):
                    code.pop()  # a blank line behind it
                begin = self._line_end(code[0][0]) - len(code[0][1].lstrip(" \t"))
                end = self._line_end(code[-1][0])
                yield Fence(begin, end, "", begin, tuple(code), indented=True)
            elif kind == "fence":
                yield from self._fence([*numbers])

    def _fence(self, numbers: list[int]) -> Iterator[Fence | Opaque]:
        """The fence in some lines; of one that is open and blank, which is named, its first."""
        at, first = self._line(numbers[0])
        closes = self.blocks.fences[numbers[0]]
        code = [self._line(number) for number in numbers[1:] if number != closes]
        if not closes and not any(line.strip(" \t") for _, line in code):
            yield Opaque(at, self._line_end(at))
            return
        marks = _FENCE_MARKS.match(first)
        assert marks
        info = marks["info"].rstrip(" \t")
        end = self._line_end(self._line(numbers[-1])[0])
        yield Fence(at, end, info, at + marks.start("info"), tuple(code))

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at, self.end)
        return end if end >= 0 else self.end

    def _number(self, at: int) -> int:
        """The number of a line in the reading of the file."""
        return self.blocks.line(at - self.body)

    def _line(self, number: int) -> tuple[int, str]:
        """Where the text of a line begins in its block, and that text."""
        at, text = self.blocks.content(number)
        return self.body + at, text

    def _lines(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """The lines of a text within one block, each with its offset and its newline.

        What quotes and items put before them is left out.
        """
        newline = self.text.find("\n", start, end)
        if newline < 0:
            yield start, self.text[start:end]
            return
        yield start, self.text[start : newline + 1]
        first, last = map(self._number, (newline, end))
        for number in range(first + 1, last + 1):
            at, _ = self._line(number)
            newline = self.text.find("\n", at, end)
            yield at, self.text[at : newline + 1 if newline >= 0 else end]

    def _in_html(self, at: int) -> bool:
        """Whether an offset is in a block of HTML, in which GitHub reads no Markdown."""
        if "<" not in self.span.text or "\n" not in self.span.text:
            return False
        return self.blocks.lines[self._number(at) - 1].kind == "html"

    def _block_end(self, position: int) -> int:
        return min(self.body + self.blocks.end(position - self.body), self.end)

    def _inline(self, position: int, end: int) -> int:
        """Read text up to an offset; the offset reached."""
        while position < end and (token := _TOKEN.search(self.text, position, end)):
            position = token.end()
            if token["escape"]:
                if not self._in_html(token.start()):
                    self._escape(token.start())
                else:
                    self._anchor_at(token.start())
                    position -= token["escape"] == "\\<"  # a tag there, all the same
            elif token["backslash"]:
                self._anchor_at(token.start())
            elif token["ticks"]:
                if not self._in_html(token.start()):
                    position = self._code(token.start(), token.end())
            elif token["tag"] or token["auto"] or token["less"]:
                position = self._less(token)
            elif token["target"]:
                position = self._target(token)
            elif token["bracket"] == "[":
                self.brackets.append(token.start())
                self.linked &= self._is_picture(token.start())
            elif token["bracket"] and self._in_brackets(token.start()):
                self._anchor_reference(self.brackets.pop())
                self.closed = token.end()
            elif token["bare"]:
                position = self._address(token)
            elif token["dollar"]:
                position = self._formula(token.start())
            else:
                self._cloze_token(token, self.tokens)
        return max(position, end)

    def _escape(self, at: int) -> None:
        escaped = self.text[at + 1]
        if escaped == "\\":
            self._anchor_at(at)
        elif escaped == "!":
            self.escaped.add(at + 2)
        elif escaped == "$":
            self.pieces.append(Dollar(at, at + 2))
        elif escaped in "([":
            close, write, sign = (
                (r"\)", "$…$", "(") if escaped == "(" else (r"\]", "$$…$$", "&#91;")
            )
            end = self.text.find(close, at + 2, self._block_end(at))
            if end >= 0 and _TEX.search(self.text, at + 2, end + 2):
                what = rf"\{escaped}…{close} is Anki's own mark of a formula, not Markdown"
                fix = f"write {write}, or {sign} for a bracket in a text"
                tex, after = self.text[at + 2 : end].strip(), self.text[end + 2 : end + 3]
                formula = in_dollars(tex, display=escaped == "[", following=after)
                edits = [Edit(at, end + 2, formula)] if formula and "`" not in tex else []
                self.problems.append(MATH_DELIMITER.at(at, what, fix, *edits))

    # Tags and links

    def _less(self, token: re.Match[str]) -> int:
        """Read what ``<`` begins, a tag or an address; the offset after it."""
        start, end = token.span()
        block_end = self._block_end(start)
        in_html = self._in_html(start)
        if token["tag"] and end <= block_end:
            return self._tag(start, token.end("tag"), end)
        if token["auto"] and not in_html:
            self.pieces.append(Anchor(start, start + 1, start + 1))
            self._opaque(start, end)
            return end
        if in_html and (tag := _HTML_TAG.match(self.text, start, block_end)):
            return self._tag(start, tag.end("tag"), tag.end())
        if aside := _ASIDE.match(self.text, start, block_end):
            kind = aside.lastgroup or ""
            close = self._next(_ASIDE_ENDS[kind], aside.end()) + len(_ASIDE_ENDS[kind])
            if close <= block_end:
                return self._aside(start, close)
        if in_html and (begun := _BEGUN.match(self.text, start, block_end)):
            if self.broken_before <= start:  # one that never ends has the rest of the block
                if not self.text.startswith("<!--", start):  # which the reader of lines names
                    what = f"{begun[0]} begins a tag here that has no end"
                    self.problems.append(MARKUP.at(start, what, "write &lt; for a less-than sign"))
                self.broken_before = block_end
            self.pieces.append(Comment(start, start + 1))  # without its sign, the rest is text
        return start + 1

    def _tag(self, start: int, name_end: int, end: int) -> int:
        """Leave a tag to Markdown, with a mark behind its name; the offset after it."""
        self._opaque(start, end)
        anchor = Anchor(name_end, start, end, in_tag=True)
        self.pieces[-1:] = (Opaque(start, name_end), anchor, Opaque(name_end, end))
        return end

    def _aside(self, start: int, end: int) -> int:
        """Name what would not be shown, and leave it out; the offset after it."""
        what = "a <!…> declaration in the text of a card"
        if self.text.startswith("<?", start):
            what = "a <?…> instruction"
        self.problems.append(MARKUP.at(start, what, "remove it"))
        self.pieces.append(Comment(start, end))
        return end

    def _next(self, sign: str, start: int) -> int:
        """Where a sign is next, or else the passage's end; linear, however often it is asked."""
        if self.nexts.get(sign, -1) < start:
            found = self.text.find(sign, start, self.end)
            self.nexts[sign] = found if found >= 0 else self.end
        return self.nexts[sign]

    def _target(self, token: re.Match[str]) -> int:
        """Leave the address of a link to Markdown, if it is one; the offset after it."""
        start, end = token.span()
        whole = "\n" not in token[0] or end <= self._block_end(start)
        if not whole or not self._link(start, token):
            return start + 1
        self._opaque(start, end)
        return end

    def _link(self, at: int, target: re.Match[str]) -> bool:
        """Close a bracket before an address; whether it is that of a link or a picture."""
        if not self._in_brackets(at):
            return False
        opened = self.brackets.pop()
        picture = self._is_picture(opened)
        if self.linked and not picture:
            return False
        self.linked |= not picture
        place = target.start("address") if target["address"].strip(">") else at
        self._anchor(opened, place)
        return True

    def _is_picture(self, bracket: int) -> bool:
        return self.text.startswith("!", bracket - 1) and bracket not in self.escaped

    def _anchor_at(self, at: int) -> None:
        self.pieces.append(Anchor(at, at, at))

    def _anchor_reference(self, opened: int) -> None:
        """Put a mark before brackets that may be a link by its definition.

        None is put before what may be a task box, an alert or a footnote.
        """
        following = self.text[opened + 1 : opened + 3]
        if self.outline.defines_links and following[:1] not in ("!", "^"):
            before = self.text[max(self.span.start, opened - _MOST_BEFORE) : opened]
            if following not in ("x]", "X]", " ]") or not _ITEM.search(before):
                self._anchor(opened, opened)

    def _anchor(self, opened: int, place: int) -> None:
        """Put a mark before brackets, unless others end there, which may go on with them."""
        if opened != self.closed or not self.outline.defines_links:
            self.pieces.append(Anchor(opened - self._is_picture(opened), place, place))

    def _in_brackets(self, at: int) -> bool:
        """Whether a bracket is open at an offset, in its block and cell."""
        if not self.brackets:
            return False
        opened = self.brackets[-1]
        if self.blocks.rows and self.blocks.rows.get(self._number(opened)):
            return not _BAR.search(self.text, opened, at) and at <= self._block_end(opened)
        return at <= self._block_end(opened)

    def _address(self, token: re.Match[str]) -> int:
        """Leave a bare address to Markdown, as far as it goes or a cloze; the offset after it."""
        start, end = token.span()
        if not has_host(token) or self._in_brackets(start):
            return token.start("host")
        braces = 0
        for sign in _ADDRESS_END.finditer(self.text, end, self.end):
            braces += bool(sign["open"]) - bool(sign["close"])
            outside = braces < 0 and self.text.startswith("}}", sign.start())
            if outside or not (sign["open"] or sign["close"]):
                end = sign.start()
                break
            braces = max(braces, 0)
        else:
            end = self.end
        self._anchor_at(start)
        self.pieces.append(Opaque(start, end))
        return end

    def _opaque(self, start: int, end: int) -> None:
        self.pieces.append(Opaque(start, end))
        if cloze := re.compile(_CLOZE).search(self.text, start, end):
            self.problems.append(
                CLOZE_PLACE.at(
                    cloze.start(),
                    "a cloze inside a tag or an address hides nothing",
                    "put it into the text",
                )
            )

    def _code(self, start: int, after: int) -> int:
        """Read a code span; the offset after it, or after its backticks where none closes it."""
        runs = self.ticks[after - start]
        index = bisect_right(runs, start)
        if index == len(runs):
            return after
        close = runs[index]
        if self.text.find("\n", after, close) >= 0 and close > self._block_end(start):
            return after
        lines = ((at, line) for at, line in self._lines(after, close) if line)
        rows = [(at + len(line), line.replace("\n", " ")) for at, line in lines]
        code = "".join(line for _, line in rows)
        if code.startswith(" ") and code.endswith(" ") and code.strip():
            rows[0] = (rows[0][0], rows[0][1][1:])
            rows[-1] = (rows[-1][0] - 1, rows[-1][1][:-1])
        end = close + after - start
        self.pieces.append(Code(start, end, *self._with_clozes(rows)))
        return end

    def _code_block(self, fence: Fence) -> Fence:
        """A block of code with its clozes, unless it shows their marks."""
        rows = [(self._line_end(at) + 1, f"{line}\n") for at, line in fence.lines]
        text, marks = self._with_clozes(rows, literal=fence.literal)
        return replace(fence, text=text.removesuffix("\n"), marks=marks)

    def _with_clozes(
        self, rows: Sequence[tuple[int, str]], *, literal: bool = False
    ) -> tuple[str, CodeMarks]:
        """Code without the marks of its clozes, and these.

        Args:
            rows: each line with the offset at which it ends: tabs before it may be longer there.
            literal: whether the marks are left in it.
        """
        tokens: list[Token] = []
        ends = [*accumulate(len(line) for _, line in rows)]
        text = "".join(line for _, line in rows)
        if literal or "{{" not in text:
            return text, ()
        for end, line in rows:
            for token in _CODE_TOKEN.finditer(line):
                self._cloze_token(token, tokens, end - len(line))
        marks: list[tuple[int, Mark]] = []
        shown: list[str] = []
        position, cut = 0, 0
        for mark in self._match(tokens, breaks=False):
            row = bisect_right(rows, mark.start, key=itemgetter(0))
            index = ends[row] - (rows[row][0] - mark.start)
            shown.append(text[position:index])
            marks.append((index - cut, mark))
            cut += mark.end - mark.start
            position = index + mark.end - mark.start
        return "".join((*shown, text[position:])), tuple(marks)

    # Formulas

    def _formula(self, at: int) -> int:
        """Read a formula; the offset after it, or after its dollars where there is none."""
        text = self.text
        if at < self.no_formula_before:
            return at + 1
        if text.startswith("$$", at):
            return self._display(at)
        if text.startswith("$`", at):
            close = text.find("`$", at + 2, self._block_end(at))
            if close >= 0:
                return self._add_formula(at, at + 2, close, close + 2)
        close = self._closing_dollar(at)
        if close:
            return self._add_formula(at, at + 1, close, close + 1)
        if self.in_vain > _MOST_IN_VAIN:
            self._unclosed(at, "$", self.end)
        elif not text[at + 1 : at + 2].isdigit():  # $5 is money
            self._unclosed(at, "$", self._block_end(at))
        return at + 1

    def _closing_dollar(self, at: int) -> int:
        """The offset of the dollar that closes the one at an offset; 0 where there is none."""
        end = min(self.end, at + MAX_FORMULA)
        if self.text[at + 1 : at + 2].isspace() or self.in_vain > _MOST_IN_VAIN:
            return 0
        for balanced in (True, False):
            depth = 0
            for token in _TEX_END.finditer(self.text, at + 1, end):
                sign, index = token[0], token.start()
                if sign == "\n" and index >= self._block_end(at):
                    end = index
                    break
                if sign == "{":
                    depth += 1
                elif sign == "}":
                    depth -= 1
                    if depth < 0 and self.text.startswith("}}", index):
                        return 0  # the cloze around it ends first
                elif sign == "$" and (depth <= 0 or not balanced):
                    before, after = self.text[index - 1], self.text[index + 1 : index + 2]
                    if before.isspace() or after.isdigit() or index == at + 1:
                        return 0
                    return index
            self.in_vain += end - at
        return 0

    def _display(self, at: int) -> int:
        end = self._block_end(at)
        for token in re.compile(r"\\.|\$\$", re.DOTALL).finditer(self.text, at + 2, end):
            if token[0] == "$$":
                return self._add_formula(at, at + 2, token.start(), token.end(), display=True)
        later = self.text.find("$$", end, self.end)  # in another block: it was meant
        if later < 0 or _BLANK_LINE.search(self.text, end, later):
            self._unclosed(at, "$$", end if later < 0 else later + 2)
            return at + 2
        what = (
            "GitHub begins a list, quote, fence, heading, table or rule here, and ends the formula"
        )
        fix = "write the formula in a ```math fence, or begin the line with another sign"
        self.problems.append(DIFFERS_ON_GITHUB.at(end + 1, what, fix))
        self.no_formula_before = later + 2
        return at + 2

    def _unclosed(self, at: int, mark: str, end: int) -> None:
        self.no_formula_before = end
        fix = rf"close it with {mark}, no space inside the dollars, no digit behind, or write \$"
        if mark == "$$":
            fix = "close it with $$ in the same paragraph, item or cell"
        self.problems.append(
            MATH_UNCLOSED.at(at, f"the formula that {mark} opens here never closes", fix)
        )

    def _add_formula(
        self, start: int, inner: int, inner_end: int, end: int, *, display: bool = False
    ) -> int:
        lines = list(self._lines(inner, inner_end))
        formula = Formula(start, end, display, self._tex(lines))
        self._finish_formula(formula)
        if self.text[inner - 1] == "$":
            self._inner_dollars(formula)
        return end

    def _math_fence(self, fence: Fence) -> None:
        lines = [(at, f"{self.text[at : self._line_end(at)]}\n") for at, _ in fence.lines]
        self._finish_formula(Formula(fence.start, fence.end, True, self._tex(lines), fence))

    def _finish_formula(self, formula: Formula) -> None:
        self.pieces.append(formula)
        if not formula.tex.strip():
            self.problems.append(
                MATH_EMPTY.at(
                    formula.start,
                    "this formula is empty",
                    r"write the formula, or \$ for a dollar sign",
                )
            )

        for part in formula.parts:
            if isinstance(part, Tex) and (tag := _TAG_IN_TEX.search(part.text)):
                at = part.start + tag.start()
                fix = r"write it in LaTeX, for example x_1 or \textbf{…}, or put < and / apart"
                what = f"{tag[0][:40]} is HTML, and MathJax shows its letters"
                self.problems.append(MATH_HTML.at(at, what, fix))
                return

    def _inner_dollars(self, formula: Formula) -> None:
        """Dollars between dollars belong in braces, as in a text; others were not meant."""
        depth = 0
        for part in formula.parts:
            if isinstance(part, Mark):
                continue
            for token in _TEX_END.finditer(part.text):
                depth += {"{": 1, "}": -1}.get(token[0], 0)
                if token[0] == "$" and depth <= 0:
                    self.problems.append(
                        MATH_UNCLOSED.at(
                            part.start + token.start(),
                            "an unescaped $ inside a formula",
                            r"write \$ for a dollar sign, or close the formula before it",
                        )
                    )
                    return

    def _tex(self, lines: list[tuple[int, str]]) -> tuple[Tex | Mark, ...]:
        """The LaTeX of some lines, cut at the marks of clozes."""
        tokens: list[Token] = []
        for at, line in lines:
            for token in _TEX_TOKEN.finditer(self.text, at, at + len(line)):
                self._cloze_token(token, tokens)
        marks = self._match(tokens, breaks=False)
        return tuple(cut(lines, marks))

    # Clozes

    def _cloze_token(self, token: re.Match[str], tokens: list[Token], before: int = 0) -> None:
        """Take in a sign of clozes; ``before`` is the offset of the text that was searched."""
        start, end = (before + at for at in token.span())
        if token["number"]:
            number = int(token["number"])
            if 1 <= number <= MAX_CLOZE:
                tokens.append(Token(Sign.OPEN, start, end, number))
            else:
                self._bad_number(start, f"a cloze cannot have the number {number}")
        elif token["nearly"]:
            what, small = f"{token[0]} opens no cloze", token[0].replace("C", "c")
            if re.fullmatch(r"\{\{c\d+::", small):
                edit = Edit(start, end, small)
                self.problems.append(CLOZE_NUMBER.at(start, what, "write it with a small c", edit))
            else:
                self._bad_number(start, what)
        elif token["brace"]:
            tokens.append(Token(Sign.LEFT if token[0] == "{" else Sign.RIGHT, start, end))
        elif token["colons"]:
            tokens.append(Token(Sign.COLONS, start, end))

    def _bad_number(self, at: int, what: str) -> None:
        self.problems.append(
            CLOZE_NUMBER.at(
                at,
                what,
                f"write {{{{c1::…}}}} with a number from 1 to {MAX_CLOZE}",
            )
        )

    def _match(self, tokens: list[Token], *, breaks: bool = True) -> list[Mark]:
        """The marks of the clozes in a list of tokens.

        They are looked for in each block, and where one never closes there, over all of them.
        """
        marks: list[Mark] = []
        before = len(self.problems)
        blocks: dict[int, list[Token]] = defaultdict(list)
        for token in tokens:
            blocks[self._block_end(token.start) if breaks else 0].append(token)
        for block in blocks.values():
            if not any(token.sign is Sign.OPEN for token in block):
                continue
            found, unclosed = matched(block)
            if unclosed and breaks:
                breaks = False
                over_all, still = matched(tokens)
                if not still:
                    del self.problems[before:]
                    self.problems += self._empty_clozes(over_all)
                    return over_all
            marks += found
            self.problems += [self._unclosed_cloze(mark) for mark in unclosed]
            self.problems += self._empty_clozes(found)
        return marks

    def _unclosed_cloze(self, mark: Mark) -> Problem:
        return CLOZE_UNCLOSED.at(
            mark.start, f"the cloze c{mark.number} never closes", "write }} after the hidden text"
        )

    def _empty_clozes(self, marks: list[Mark]) -> Iterator[Problem]:
        for mark, following in pairwise(marks):
            if (
                mark.kind is MarkKind.OPEN
                and following.kind is not MarkKind.OPEN
                and not self.text[mark.end : following.start].strip()
            ):
                yield CLOZE_EMPTY.at(
                    mark.start,
                    f"the cloze c{mark.number} hides nothing",
                    "put the hidden text after ::",
                )
