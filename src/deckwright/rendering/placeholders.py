"""One passage of a card (a prompt, an answer, a part) on its way through Markdown.

Its pieces are swapped for tokens, which Markdown leaves alone. Tags and links get marks, by which
what is found in the HTML is named at its place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.rendering.inlines import mark_of, token_of
from deckwright.rendering.pieces import (
    Anchor,
    Code,
    Dollar,
    Fence,
    Formula,
    Opaque,
    Piece,
    Scan,
    fence_of,
)
from deckwright.source.lines import Comment, Outline

_CONTAINERS = re.compile(r"(?:[ >]|[-*+][ ]|\d{1,9}[.)][ ])*+")
_CODE_TAG = re.compile(r"<(?P<close>/?)(?P<name>code|pre|tt)\b", re.IGNORECASE)
_BAR = re.compile(r"(?<!\\)\|")


def unwrap(html: str) -> str:
    """A text of one paragraph without its ``<p>``."""
    html = html.strip()
    inner = html.removeprefix("<p>").removesuffix("</p>")
    if len(inner) == len(html) - len("<p></p>") and "<p>" not in inner and "</p>" not in inner:
        return inner
    return html


@lru_cache(maxsize=8)
def mask(scanned: Scan) -> str:
    """The passage with all but its Markdown blanked, each character in its place."""
    text = list(scanned.span.text)
    start = scanned.span.start

    def cover(begin: int, end: int, sign: str) -> None:
        for index in range(begin - start, end - start):
            if text[index] != "\n":
                text[index] = sign

    for piece in scanned.pieces:
        if (fence := fence_of(piece)) and not fence.indented:
            first = scanned.span.source.text.find("\n", piece.start)
            cover(fence.info_at, first, "x")
            cover(first, piece.end, " ")
        elif fence or isinstance(piece, Comment):
            cover(piece.start, piece.end, " ")
        elif not isinstance(piece, Opaque | Anchor):
            cover(piece.start, piece.end, "x")
    return "".join(text)


@lru_cache(maxsize=8)
def words(scanned: Scan) -> str:
    """The masked text, with zeros for tags, addresses, clozes' marks and what is in code tags."""
    text, start, code = [*mask(scanned)], scanned.span.start, -1
    for piece in scanned.pieces:
        if not isinstance(piece, Opaque | Mark):
            continue
        begin, end = piece.start - start, piece.end - start
        tag = _CODE_TAG.match(scanned.span.text, begin, end)
        if tag and not tag["close"] and code < 0:
            code = begin
        elif tag and tag["close"] and code >= 0:
            begin, code = code, -1
        text[begin:end] = "\0" * (end - begin)
    return "".join(text)


# Tokens


@dataclass(frozen=True, slots=True)
class Woven:
    """A passage as Markdown sees it: with a token for each piece that it may not see."""

    text: str
    lines: tuple[int, ...]
    """Where each of its lines begins in the source: an offset."""

    def offset(self, line: int) -> int:
        """Where the text of a line begins in the source; lines are counted from 1."""
        return self.lines[line - 1]

    def line(self, offset: int) -> int:
        """The line of an offset in the source."""
        return max(bisect_right(self.lines, offset), 1)


def with_tokens(scanned: Scan) -> Woven:
    """The passage's Markdown, with a token for each piece that Markdown may not see.

    The marks of fences stay, with a token in each line between them, so that the reader judges
    where a block of code begins and ends.
    """
    text, position = scanned.span.source.text, scanned.span.start
    out: list[str] = []
    lines = [position]

    def copy(start: int, end: int) -> None:
        out.append(text[start:end])
        lines.extend(newline.end() for newline in re.compile("\n").finditer(text, start, end))

    for index, piece in enumerate(scanned.pieces):
        copy(position, piece.start)
        position = piece.end
        token = token_of(index)
        if isinstance(piece, Dollar):
            out.append("$")
        elif isinstance(piece, Opaque):
            copy(piece.start, piece.end)
        elif isinstance(piece, Anchor):
            out.append(mark_of(index))
        elif fence := fence_of(piece):
            position = fence.start
            for at, sign in _lines_of(fence, text, token):
                copy(position, at)
                out.append(sign)
                position = at if sign.endswith("\n") else _line_end(text, at, fence.end)
                lines.extend([at] * sign.count("\n"))
            copy(position, fence.end)
            position = fence.end
        elif not isinstance(piece, Comment):
            out.append(token)
    copy(position, scanned.span.end)
    woven = "".join(out)
    blank = len(woven) - len(woven.lstrip("\n"))
    return Woven(woven.strip("\n"), tuple(lines[blank:]))


def _lines_of(fence: Fence, text: str, token: str) -> Iterator[tuple[int, str]]:
    """Where the text of each line of a block of code begins, and what is written for it.

    Code that is all blank gets a line for its token, before the closing marks.
    """
    if not fence.indented:  # the word behind the opening marks is not the reader's business
        yield fence.info_at, ""
    for at, line in fence.lines:
        yield at, token if line.strip(" \t") else ""
    if not fence.filled:
        last = text.rfind("\n", 0, fence.end) + 1
        marks = re.compile("[`~]").search(text, last)
        assert marks
        yield last, f"{text[last : marks.start()]}{token}\n"


def _line_end(text: str, at: int, end: int) -> int:
    newline = text.find("\n", at, end)
    return end if newline < 0 else newline


# Tables


def extra_cells(scanned: Scan, woven: Woven, rows: Mapping[int, int]) -> Iterator[int]:
    """The offsets of text behind the last column of a table, which no reader shows."""
    if not rows:
        return
    masked, start = mask(scanned), scanned.span.start
    ends = (*woven.lines[1:], scanned.span.end)
    for line, columns in rows.items():
        if not columns:
            continue
        begin, end = woven.offset(line) - start, ends[line - 1] - start
        containers = _CONTAINERS.match(masked, begin, end)
        assert containers
        row = masked[containers.end() : end].rstrip("\n")
        extra = [at for at, text in _cells(row)[columns:] if text.strip()]
        yield from (start + containers.end() + at for at in extra[:1])


def _cells(row: str) -> list[tuple[int, str]]:
    """The cells of a row of a table, each with its offset in it."""
    bars = [bar.start() for bar in _BAR.finditer(row)]
    cells = [(one + 1, row[one + 1 : other]) for one, other in pairwise([-1, *bars, len(row)])]
    first = int(row.startswith("|"))
    last = len(cells) - (len(cells) > 1 and not cells[-1][1].strip())
    return cells[first:last]


def in_cells(scanned: Scan, woven: Woven, rows: Mapping[int, int]) -> Scan:
    """The passage with ``\\|`` as one bar in the code and formulas of its tables."""
    if not rows:
        return scanned
    pieces = [
        _in_cell(piece) if woven.line(piece.start) in rows else piece for piece in scanned.pieces
    ]
    return replace(scanned, pieces=tuple(pieces))


def _in_cell(piece: Piece) -> Piece:
    if isinstance(piece, Code):
        marks = tuple((at - piece.text.count("\\|", 0, at), mark) for at, mark in piece.marks)
        return replace(piece, text=piece.text.replace("\\|", "|"), marks=marks)
    if isinstance(piece, Formula):
        return replace(piece, parts=tuple(_without_escapes(piece.parts)))
    return piece


def _without_escapes(parts: tuple[Tex | Mark, ...]) -> Iterator[Tex | Mark]:
    """The parts of a formula, cut so that each bar is at its place without its backslash."""
    for part in parts:
        if isinstance(part, Mark):
            yield part
            continue
        position = 0
        for escape_ in re.finditer(r"\\\|", part.text):
            if escape_.start() > position:
                yield part.cut(position, escape_.start())
            position = escape_.start() + 1
        yield part.cut(position, len(part.text))


def cut_cells(
    scanned: Scan, woven: Woven, rows: Mapping[int, int], outline: Outline
) -> Iterator[int]:
    """The bare bars at which GitHub cuts a cell within code, a formula or a cloze.

    ``rows`` are those of the text with tokens, in which such bars are none; to GitHub they may
    make a row of another line, or none of it.
    """
    text = scanned.span.source.text
    known = [found.start() for found in _BAR.finditer(text)]
    first = ((end, _next(known, begin)) for begin, end in _joined(scanned))
    bars = {at for end, found in first for at in found if at < end}
    raw = outline.blocks
    for at in sorted(bars):
        if raw.rows.get(raw.line(at - outline.body)) or rows.get(woven.line(at)):
            yield at


def _next(known: Sequence[int], begin: int) -> Sequence[int]:
    """The first of some sorted offsets from one on, if there is one."""
    place = bisect_left(known, begin)
    return known[place : place + 1]


def _joined(scanned: Scan) -> Iterator[tuple[int, int]]:
    """Where what a bar would part begins and ends: each code span, formula and cloze."""
    opened: list[int] = []
    for piece in scanned.pieces:
        if isinstance(piece, Code | Formula):
            yield piece.start, piece.end
        elif isinstance(piece, Mark) and piece.kind is MarkKind.OPEN:
            opened.append(piece.start)
        elif isinstance(piece, Mark) and piece.kind is MarkKind.CLOSE and opened:
            start = opened.pop()
            if "\n" not in scanned.span.source.text[start : piece.end]:  # else around rows
                yield start, piece.end
