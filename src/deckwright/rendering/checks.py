"""What a text would show otherwise than its author meant, and Markdown reads without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from deckwright.model import Problem, Rule, Severity
from deckwright.rendering.inlines import OURS, TOKEN
from deckwright.rendering.markdown import Reading
from deckwright.rendering.pieces import Fence, Scan, fence_of
from deckwright.rendering.placeholders import Woven, cut_cells, extra_cells, mask
from deckwright.rendering.references import LOST_TEXT
from deckwright.source import unicode
from deckwright.source.lines import DIFFERS_ON_GITHUB, Outline

INDENTED_CODE = Rule(
    "indented-code",
    "Lines indented by four spaces are code, as on GitHub, and a formula in them shows as "
    "raw text.",
    severity=Severity.WARNING,
)


_MAYBE_FORMULA = re.compile(
    r"(?<!\\)\$\$|(?<![\w$\\])\$(?=[^\s$])(?=[^$\n]*[\\^_{}])[^$\n]*+(?<=\S)\$(?!\d)"
)


def entities(scanned: Scan) -> Iterator[Problem]:
    """The entities for characters that no text needs."""
    start = scanned.span.start
    return (one.moved(start) for one in unicode.entities(mask(scanned)))


def made_by_entities(scanned: Scan, html: str) -> Iterator[Problem]:
    """What only several entities together make of a text; its HTML shows it.

    Such may be a token, of which each line of a block of code has one, and all else one.
    """
    fences = [fence_of(piece) for piece in scanned.pieces]
    left = [max(1, len(fence.filled)) if fence else 1 for fence in fences]

    def take(token: re.Match[str]) -> str:
        number = int(token[1])
        if number >= len(left) or not left[number]:
            return token[0]
        left[number] -= 1
        return ""

    text = TOKEN.sub(take, html)
    written = scanned.span.text
    if not OURS.search(text) and (
        "&" not in written or unicode.hidden(written) or unicode.not_composed(written)
    ):
        return  # made by no entity, or named already
    if found := next(unicode.forbidden(text), None) or unicode.not_composed(text):
        at = scanned.span.start + unicode.first_entity(mask(scanned))
        yield replace(found, at=at, what=f"by an entity, {found.what}", edits=())


def cut_by_tables(
    scanned: Scan, woven: Woven, reading: Reading, outline: Outline
) -> Iterator[Problem]:
    """What a table cuts or does not show."""
    for offset in extra_cells(scanned, woven, reading.rows):
        what = "this row has more cells than its table, and this one is not shown"
        fix = r"give the first row and its dashes as many cells, or write \| for the sign |"
        yield LOST_TEXT.at(offset, what, fix)
    for offset in cut_cells(scanned, woven, reading.rows, outline):
        what = "GitHub cuts the cell at this |, also within code, a formula or a cloze"
        yield DIFFERS_ON_GITHUB.at(offset, what, r"write it as \|, which is shown as |")


def in_indented_code(scanned: Scan) -> Iterator[Problem]:
    """Formulas in code of four spaces."""
    for piece in scanned.pieces:
        if isinstance(piece, Fence) and piece.indented:
            yield from _in_indented_code(piece, scanned.span.source.text)


def _in_indented_code(block: Fence, text: str) -> Iterator[Problem]:
    for at, line in block.lines:
        end = text.find("\n", at, block.end)
        start = (end if end >= 0 else block.end) - len(line)  # with any tabs before it
        if formula := _MAYBE_FORMULA.search(line):
            what = "a block of four spaces is code, in which a formula is shown as it is"
            fix = "remove the four spaces, or put code between ``` lines"
            yield INDENTED_CODE.at(start + formula.start(), what, fix)
