r"""What stands inside the text of a card: code, formulas, clozes, tags.

The scan runs before Markdown, which would spoil all of these (Markdown takes ``_``, ``*`` and
``\\`` inside formulas for its own, and the known extensions find formulas in prices, in code and
in addresses). Each piece is later swapped for a token that Markdown leaves alone.

Formulas follow pandoc's rules: no space inside the dollars, no digit after the closing one, no
blank line within; and braces count, so that ``$\text{for $x$}$`` is one formula. A formula, a
code span and a cloze each end within their block.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, pairwise

from deckwright.clozes import MAX_DEPTH, Sign, Token, cut, match_block, too_deep
from deckwright.model import Diagnostic, Span
from deckwright.outline import Fence, Outline
from deckwright.pieces import (
    Code,
    Dollar,
    Formula,
    Mark,
    MarkKind,
    Opaque,
    Piece,
    Scan,
    Tex,
)
from deckwright.rendering.blocks import indented_code
from deckwright.rules.clozes import (
    CLOZE_BLOCKS,
    CLOZE_DEEP,
    CLOZE_EMPTY,
    CLOZE_LOOKALIKE,
    CLOZE_NUMBER,
    CLOZE_PLACE,
    CLOZE_UNCLOSED,
)
from deckwright.rules.formulas import MATH_DELIMITER, MATH_EMPTY, MATH_HTML, MATH_UNCLOSED

MAX_CLOZE = 100
"""The highest cloze number: Anki makes one card of each number, up to 500."""
MAX_FORMULA = 2000
"""The longest formula in a line, in characters: how far a closing ``$`` is looked for."""
_MOST_IN_VAIN = 1_000_000
"""How many characters are read for dollars that close nothing, before no more are looked for."""

_BREAK = re.compile(r"\n(?=[ \t>]*(?:\n|\Z|[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\||`{3}|~{3}))")
_CLOZE = r"\{\{c(?P<number>[0-9]{1,12})::"
_NEARLY_CLOZE = r"(?P<nearly>\{\{[ \t]*+(?:[cC][ \t]*+[\d,]*+|\d++)[ \t]*+::?)"
_NAME = r"[A-Za-z][A-Za-z0-9-]*+"
_ATTRIBUTE = r"""\s++[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++))?+"""
_OPAQUE = (
    rf"</?{_NAME}(?:{_ATTRIBUTE})*+\s*+/?>"  # a tag
    r"|<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+>|<[^\s<>@]++@[^\s<>@]++>"  # an autolink
    r"|\]\([ \t]*+(?:<[^<>\n]*+>|[^\s()]*+(?:\([^\s()]*+\)[^\s()]*+)*+)"  # a link's address
    r"(?:[ \t]++(?:\"[^\"\n]*+\"|'[^'\n]*+'))?+[ \t]*+\)"
    r"|(?m:^ {0,3}\[[^\]\n]++\]:.*$)"  # a reference definition
)
_TOKEN = re.compile(
    rf"(?P<escape>\\[^\n])|(?P<ticks>`+)|(?P<opaque>{_OPAQUE})|(?P<dollar>\$)"
    rf"|{_CLOZE}|{_NEARLY_CLOZE}|(?P<brace>[{{}}])|(?P<colons>::)"
)
_TEX_TOKEN = re.compile(
    rf"\\.|{_CLOZE}|{_NEARLY_CLOZE}|(?P<brace>[{{}}])|(?P<colons>::)", re.DOTALL
)
_TEX_END = re.compile(r"\\.|[{}$]", re.DOTALL)
_TAG_IN_TEX = re.compile(
    r"</[A-Za-z]|<!--|<(?:br|img|su[bp]|span|div|em|strong|code|pre|kbd|mark|small|script|style|svg)"
    r"\b[^<>]*>"
)
_QUOTE_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)+")


def scan(outline: Outline, span: Span) -> Scan:
    """Find the pieces in a stretch of a file; linear in its length, never raises for content."""
    return _Scanner(outline, span).scan()


def _indented(span: Span) -> Iterator[Fence]:
    """The blocks of code in a text that are marked by four spaces alone."""
    text = span.text
    starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
    for block in indented_code(text):
        lines = []
        for line in block:
            start = starts[line.number - 1]
            end = starts[line.number] - 1 if line.number < len(starts) else len(text)
            written = text[start:end]
            shown = line.text.lstrip(" ")
            index = _index(written, len(written.expandtabs(4)) - len(shown))
            spaces = line.text[: len(line.text) - len(shown)]
            lines.append((span.start + start + index, spaces + written[index:]))
        (first, _), (last, words) = lines[0], lines[-1]
        end = last + len(words.lstrip(" "))
        yield Fence(first, end, "", "", first, tuple(lines), indented=True)


def _index(line: str, column: int) -> int:
    """The index of the character in a column, counted from 0; tabs go to each fourth column."""
    width = 0
    for index, sign in enumerate(line):
        if width >= column:
            return index
        width += 4 - width % 4 if sign == "\t" else 1
    return len(line)


class _Scanner:
    def __init__(self, outline: Outline, span: Span) -> None:
        self.span = span
        self.text = span.source.text
        self.end = span.end
        self.regions = sorted(
            (*outline.regions(span.start, span.end), *_indented(span)), key=lambda one: one.start
        )
        self.breaks = [match.start() for match in _BREAK.finditer(self.text, span.start, span.end)]
        self.ticks: dict[int, list[int]] = defaultdict(list)
        for run in re.compile("`+").finditer(self.text, span.start, span.end):
            self.ticks[len(run[0])].append(run.start())
        self.pieces: list[Piece] = []
        self.tokens: list[Token] = []
        self.diagnostics: list[Diagnostic] = []
        self.no_formula_before = 0
        self.in_vain = 0

    def scan(self) -> Scan:
        position = self.span.start
        for region in self.regions:
            if region.start < position:  # a comment's marks inside a formula or a tag
                continue
            position = self._inline(position, region.start)
            if position > region.start:
                continue
            if isinstance(region, Fence) and region.info == "math":
                self._math_fence(region)
            else:
                self.pieces.append(region)
            position = region.end
        self._inline(position, self.end)
        marks = self._match(self.tokens)
        self._lookalikes(marks)
        pieces = tuple(sorted((*self.pieces, *marks), key=lambda piece: piece.start))
        if deep := too_deep(Scan(self.span, pieces, ()).marks):
            what = f"this cloze stands in {MAX_DEPTH} others"
            cure = "close some before it: Anki reads no deeper"
            self.diagnostics.append(CLOZE_DEEP.at(self.span.source.place(deep.start), what, cure))
        return Scan(self.span, pieces, tuple(self.diagnostics))

    def _lookalikes(self, marks: list[Mark]) -> None:
        """Double braces that are no cloze, though they may have been meant as one."""
        is_cloze = bool(marks) or any(
            isinstance(part, Mark)
            for piece in self.pieces
            if isinstance(piece, Formula)
            for part in piece.parts
        )
        starts = [mark.start for mark in marks]
        steps = {MarkKind.OPEN: 1, MarkKind.CLOSE: -1}
        depths = [*accumulate(steps.get(mark.kind, 0) for mark in marks)]
        for one, other in pairwise(self.tokens):
            doubled = one.sign is other.sign is Sign.LEFT and one.end == other.start
            if not doubled:
                continue
            end = self._block_end(one.start)
            before = bisect_right(starts, one.start)
            if self.text.find("}}", other.end, end) < 0 or (before and depths[before - 1]):
                continue
            rule = CLOZE_NUMBER if is_cloze else CLOZE_LOOKALIKE
            self.diagnostics.append(
                rule.at(
                    self.span.source.place(one.start),
                    "{{ without a number hides nothing",
                    "write {{c1::…}} for a cloze, or `{{…}}` to show the braces",
                )
            )

    def _block_end(self, position: int) -> int:
        index = bisect_left(self.breaks, position)
        return self.breaks[index] if index < len(self.breaks) else self.end

    def _inline(self, position: int, end: int) -> int:
        """Read text up to an offset; the offset reached."""
        while position < end and (token := _TOKEN.search(self.text, position, end)):
            position = token.end()
            if token["escape"]:
                self._escape(token.start())
            elif token["ticks"]:
                position = self._code(token.start(), token.end())
            elif token["opaque"]:
                self._opaque(token.start(), token.end())
            elif token["dollar"]:
                position = self._formula(token.start())
            else:
                self._cloze_token(token, self.tokens)
        return max(position, end)

    def _escape(self, at: int) -> None:
        escaped = self.text[at + 1]
        if escaped == "$":
            self.pieces.append(Dollar(at, at + 2))
        elif escaped in "([":
            close = {"(": r"\)", "[": r"\]"}[escaped]
            if self.text.find(close, at + 2, self._block_end(at)) >= 0:
                write = "$$…$$" if escaped == "[" else "$…$"
                self.diagnostics.append(
                    MATH_DELIMITER.at(
                        self.span.source.place(at),
                        rf"\{escaped}…{close} is Anki's own mark of a formula, not Markdown",
                        f"write {write}",
                    )
                )

    def _opaque(self, start: int, end: int) -> None:
        self.pieces.append(Opaque(start, end))
        if cloze := re.compile(_CLOZE).search(self.text, start, end):
            self.diagnostics.append(
                CLOZE_PLACE.at(
                    self.span.source.place(cloze.start()),
                    "a cloze inside a tag or an address hides nothing",
                    "put it into the text",
                )
            )

    def _code(self, start: int, after: int) -> int:
        """Read a code span; the offset after it, or after its backticks where none closes it."""
        runs = self.ticks[after - start]
        index = bisect_right(runs, start)
        if index == len(runs) or runs[index] >= self._block_end(start):
            return after
        close = runs[index]
        code = self.text[after:close].replace("\n", " ")
        if code.startswith(" ") and code.endswith(" ") and code.strip():
            code = code[1:-1]
        end = close + after - start
        self.pieces.append(Code(start, end, code))
        return end

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
        end = min(self._block_end(at), at + MAX_FORMULA)
        if self.text[at + 1 : at + 2].isspace() or self.in_vain > _MOST_IN_VAIN:
            return 0
        for balanced in (True, False):
            depth = 0
            for token in _TEX_END.finditer(self.text, at + 1, end):
                sign, index = token[0], token.start()
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
        blank = re.compile(r"\n[ \t>]*(?=\n|\Z)").search(self.text, at, self.end)
        end = blank.start() if blank else self.end
        for token in re.compile(r"\\.|\$\$", re.DOTALL).finditer(self.text, at + 2, end):
            if token[0] == "$$":
                return self._add_formula(at, at + 2, token.start(), token.end(), display=True)
        self._unclosed(at, "$$", end)
        later = self.text.find("$$", end, self.end)  # after the blank line: it was meant
        return at + 2 if later < 0 else later + 2

    def _unclosed(self, at: int, mark: str, end: int) -> None:
        self.no_formula_before = end
        cure = rf"close it with {mark}, no space before and no digit after, or write \$"
        if mark == "$$":
            cure = "close it with $$ before the next blank line"
        self.diagnostics.append(
            MATH_UNCLOSED.at(
                self.span.source.place(at), f"the formula that {mark} opens here never closes", cure
            )
        )

    def _add_formula(
        self, start: int, inner: int, inner_end: int, end: int, *, display: bool = False
    ) -> int:
        lines = list(self._unquoted(inner, inner_end))
        formula = Formula(start, end, display, self._tex(lines))
        self._finish_formula(formula)
        if self.text[inner - 1] == "$":
            self._inner_dollars(formula)
        return end

    def _math_fence(self, fence: Fence) -> None:
        lines = [(at, f"{line}\n") for at, line in fence.lines]
        self._finish_formula(Formula(fence.start, fence.end, True, self._tex(lines), fence))

    def _finish_formula(self, formula: Formula) -> None:
        self.pieces.append(formula)
        if not formula.tex.strip():
            self.diagnostics.append(
                MATH_EMPTY.at(
                    self.span.source.place(formula.start),
                    "this formula is empty",
                    r"write the formula, or \$ for a dollar sign",
                )
            )

        for part in formula.parts:
            if isinstance(part, Tex) and (tag := _TAG_IN_TEX.search(part.text)):
                place = self.span.source.place(part.start + tag.start())
                cure = r"write it in LaTeX, as x_1 or \textbf{…}, or put < and / apart"
                what = f"{tag[0][:40]} is HTML, of which MathJax shows the letters"
                self.diagnostics.append(MATH_HTML.at(place, what, cure))
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
                    self.diagnostics.append(
                        MATH_UNCLOSED.at(
                            self.span.source.place(part.start + token.start()),
                            "a $ stands unescaped inside a formula",
                            r"write \$ for a dollar sign, or close the formula before it",
                        )
                    )
                    return

    def _unquoted(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """The lines of a stretch, without the ``>`` of a block quote from the second on."""
        at = start
        for line in self.text[start:end].splitlines(keepends=True):
            quote = _QUOTE_PREFIX.match(line) if at > start else None
            skip = quote.end() if quote else 0
            yield at + skip, line[skip:]
            at += len(line)

    def _tex(self, lines: list[tuple[int, str]]) -> tuple[Tex | Mark, ...]:
        """The LaTeX of some lines, cut where the marks of clozes stand."""
        tokens: list[Token] = []
        for at, line in lines:
            for token in _TEX_TOKEN.finditer(self.text, at, at + len(line)):
                self._cloze_token(token, tokens)
        marks = self._match(tokens, breaks=False)
        return tuple(cut(lines, marks))

    # Clozes

    def _cloze_token(self, token: re.Match[str], tokens: list[Token]) -> None:
        start, end = token.span()
        if token["number"]:
            number = int(token["number"])
            if 1 <= number <= MAX_CLOZE:
                tokens.append(Token(Sign.OPEN, start, end, number))
            else:
                self._bad_number(start, f"a cloze cannot have the number {number}")
        elif token["nearly"]:
            self._bad_number(start, f"{token[0]} opens no cloze")
        elif token["brace"]:
            tokens.append(Token(Sign.LEFT if token[0] == "{" else Sign.RIGHT, start, end))
        elif token["colons"]:
            tokens.append(Token(Sign.COLONS, start, end))

    def _bad_number(self, at: int, what: str) -> None:
        self.diagnostics.append(
            CLOZE_NUMBER.at(
                self.span.source.place(at),
                what,
                f"write {{{{c1::…}}}} with a number from 1 to {MAX_CLOZE}",
            )
        )

    def _match(self, tokens: list[Token], *, breaks: bool = True) -> list[Mark]:
        """The marks of the clozes in a list of tokens, block by block."""
        marks: list[Mark] = []
        blocks: dict[int, list[Token]] = defaultdict(list)
        for token in tokens:
            blocks[bisect_left(self.breaks, token.start) if breaks else 0].append(token)
        for block in blocks.values():
            if not any(token.sign is Sign.OPEN for token in block):
                continue
            found, unclosed = match_block(block, count_braces=True)
            if unclosed:
                found, unclosed = match_block(block, count_braces=False)
            marks += found
            self.diagnostics += [self._unclosed_cloze(mark) for mark in unclosed]
            self.diagnostics += self._empty_clozes(found)
        return marks

    def _unclosed_cloze(self, mark: Mark) -> Diagnostic:
        place = self.span.source.place(mark.start)
        after = self._block_end(mark.end)
        opening, closing = (self.text.find(sign, after, self.end) for sign in ("{{", "}}"))
        if closing >= 0 and not 0 <= opening < closing:
            return CLOZE_BLOCKS.at(
                place,
                f"the cloze c{mark.number} spans several blocks",
                f"close it before the blank line or list item, and open {{{{c{mark.number}::"
                " again in the next",
            )
        return CLOZE_UNCLOSED.at(
            place, f"the cloze c{mark.number} never closes", "write }} after the hidden text"
        )

    def _empty_clozes(self, marks: list[Mark]) -> Iterator[Diagnostic]:
        for mark, following in pairwise(marks):
            if (
                mark.kind is MarkKind.OPEN
                and following.kind is not MarkKind.OPEN
                and not self.text[mark.end : following.start].strip()
            ):
                yield CLOZE_EMPTY.at(
                    self.span.source.place(mark.start),
                    f"the cloze c{mark.number} hides nothing",
                    "put the hidden text after ::",
                )
