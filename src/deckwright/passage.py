"""One passage of a card (a prompt, an answer, a part) on its way through Markdown.

Its pieces are swapped for tokens, which Markdown leaves alone; what was found in the HTML is
looked for in the source again, so that it can be named at its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from html.entities import html5
from itertools import pairwise

from deckwright.fill import TOKEN
from deckwright.outline import Comment, Fence
from deckwright.pieces import Code, Dollar, Opaque, Piece, Scan

GUARD = "\ue002"
"""Stands before a prompt, so that Markdown takes "1. …" or "- …" there for no list."""

_ADDRESS = r"(?:\]\(\s*<?|(?:href|src)\s*=\s*[\"']?|<)"
_LINE = re.compile(r"^(?:[ >]|[-*+][ ]|\d{1,9}[.)][ ])*+(?P<row>.*)", re.MULTILINE)
_RULER = re.compile(r"(?=.*\|)\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*")


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
        if fence := _fence_of(piece):
            first = scanned.span.source.text.find("\n", piece.start)
            cover(piece.start + len(fence.prefix) + 3, first, "x")
            cover(first, piece.end, " ")
        elif isinstance(piece, Comment):
            cover(piece.start, piece.end, " ")
        elif not isinstance(piece, Opaque):
            cover(piece.start, piece.end, "x")
    return "".join(text)


def extra_cells(masked: str) -> Iterator[int]:
    """The offsets of what stands in a table behind its last column, which no reader shows.

    Takes a masked passage, in which each ``|`` is one between cells.
    """
    for start, cells, columns in _rows(masked):
        extra = [at for at, text in cells[columns:] if text.strip()]
        yield from (start + at for at in extra[:1])


def code_in_tables(scanned: Scan) -> Iterator[Code]:
    """The spans of code that stand in rows of tables, where ``\\|`` is written for a bar."""
    masked, start = mask(scanned), scanned.span.start
    rows = [(start + at, start + masked.find("\n", at)) for at, _, _ in _rows(f"{masked}\n")]
    for piece in scanned.pieces:
        if isinstance(piece, Code) and any(at <= piece.start < end for at, end in rows):
            yield piece


def _rows(masked: str) -> Iterator[tuple[int, list[tuple[int, str]], int]]:
    """The rows of tables: where each starts, its cells, and the number of columns."""
    columns = 0
    above: tuple[int, list[tuple[int, str]]] = (0, [])
    for line in _LINE.finditer(masked):
        start = line.end() - len(line["row"])
        cells = _cells(line["row"])
        if not line["row"].strip() or "|" not in line["row"]:
            columns = 0
        elif not columns and _RULER.fullmatch(line["row"]):
            columns = len(cells) if len(cells) == len(above[1]) else 0
            if columns:
                yield (*above, columns)
        elif columns:
            yield start, cells, columns
        above = start, cells


def _cells(row: str) -> list[tuple[int, str]]:
    """The cells of a row of a table, each with its offset in it."""
    bars = [sign.start() for sign in re.finditer(r"\\.|\|", row) if sign[0] == "|"]
    cells = [(one + 1, row[one + 1 : other]) for one, other in pairwise([-1, *bars, len(row)])]
    first = int(row.startswith("|"))
    last = len(cells) - (len(cells) > 1 and not cells[-1][1].strip())
    return cells[first:last]


def _fence_of(piece: Piece) -> Fence | None:
    """The fence that a piece is made of: code, or a ``math`` block."""
    return piece if isinstance(piece, Fence) else getattr(piece, "fence", None)


def with_tokens(scanned: Scan) -> str:
    """The passage's Markdown, with a token for each piece that Markdown may not see."""
    out: list[str] = []
    text, position = scanned.span.source.text, scanned.span.start
    for index, piece in enumerate(scanned.pieces):
        out.append(text[position : piece.start])
        token = f"\ue000{index}\ue001"
        if isinstance(piece, Dollar):
            out.append("$")
        elif isinstance(piece, Opaque):
            out.append(text[piece.start : piece.end])
        elif fence := _fence_of(piece):
            quote = fence.prefix.rstrip() if ">" in fence.prefix else ""
            blank = "" if re.search(r"[-+*.)]", fence.prefix) else f"{quote}\n"
            out.append(f"{blank}{fence.prefix}{token}\n{quote}")
        elif not isinstance(piece, Comment):
            out.append(token)
        position = piece.end
    out.append(text[position : scanned.span.end])
    return "".join(out)


def find(scanned: Scan, needle: str, nth: int = 0) -> int | None:
    """The offset of the n-th occurrence (from 0) of a text in a passage, outside of code.

    An attribute's name is looked for before a ``=``, an address first where a link has one.
    """
    if not needle:
        return None
    masked = mask(scanned).casefold()
    whole = "(?![a-z0-9])" if needle.startswith("<") and needle[-1:].isalnum() else ""
    patterns = [rf"(?<![\w-]){needle.casefold()}(?=\s*=)"] if needle.isalpha() else []
    for variant in dict.fromkeys((needle, escape(needle), needle.replace(" ", "%20"))):
        patterns += [re.escape(variant.casefold()) + whole] if variant else []
    patterns.append(_as_entities(needle.casefold()))
    if needle[0] != "<":
        patterns = [*(f"{_ADDRESS}({one})" for one in patterns), *patterns]
    for pattern in patterns:
        found = [one.start(one.re.groups) for one in re.finditer(pattern, masked)]
        if found:
            return scanned.span.start + found[min(nth, len(found) - 1)]
    return None


def _as_entities(text: str) -> str:
    """A pattern for a text, any of whose signs may be written as an entity, its spaces as tabs."""
    signs = (
        r"\s+|%20"
        if sign == " "
        else "|".join(
            (re.escape(sign), f"&#0*{ord(sign)};?", f"&#x0*{ord(sign):x};?", *_names(sign))
        )
        for sign in " ".join(text.split())
    )
    return "".join(f"(?:{sign})" for sign in signs)


def _names(sign: str) -> list[str]:
    return [f"&{name.casefold()}" for name, meant in html5.items() if meant == sign]


def pieces_in(scanned: Scan, text: str) -> list[Piece]:
    """The pieces that stand in a text for which Markdown has seen their tokens."""
    return [scanned.pieces[int(index)] for index in TOKEN.findall(text)]


def offset_of(scanned: Scan, texts: tuple[str, ...]) -> int:
    """The offset in a passage of the last of its rendered texts, which may hold tokens."""
    source, start = scanned.span.text, scanned.span.start
    position = len(source) - len(source.lstrip())
    cursor = 0
    for text in texts:
        first = True
        for part in re.finditer(rf"{TOKEN.pattern}|\w+", text):
            if part[1]:
                piece = scanned.pieces[int(part[1])]
                at, end = piece.start - start, piece.end - start
            else:
                at = source.find(part[0], cursor)
                end = at + len(part[0])
            if at >= cursor:
                cursor = end
                position = at if first else position
                first = False
    return position
