"""A difference for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import click

from deckwright.diff.difference import Difference
from deckwright.diff.story import Entry, Group, Part, Story, story
from deckwright.diff.words import GAP, Mark, Piece, shortened
from deckwright.rendering.html_text import LINE_END
from deckwright.source.printable import printable

_WIDTH = 96
_MARKS = {Mark.OLD: ("[-", "-]", "red"), Mark.NEW: ("{+", "+}", "green")}
_SIGNS = {Mark.SAME: " ", Mark.OLD: "-", Mark.NEW: "+"}
_NO_WORD = "⏎"


def as_text(difference: Difference, *, colour: bool) -> str:
    """A difference in words for a terminal; without colour, changes are in brackets."""
    lines = list(_lines(story(difference), colour))
    return "".join(f"{line}".rstrip() + "\n" for line in lines)


def _lines(whole: Story, colour: bool) -> Iterator[str]:
    yield _style(printable(whole.title), colour, bold=True)
    yield ""
    width = max((len(f"{len(group.entries):,}") for group in whole.groups), default=1)
    titles = max((len(group.title) for group in whole.groups), default=1)
    for group in whole.groups:
        number = f"{len(group.entries):,}"
        yield f"  {number:>{width}}  {group.title.lower():<{titles}}  {group.gist}"
    if whole.groups and whole.rest:
        yield ""
    yield from textwrap.wrap(whole.rest, _WIDTH)
    for group in whole.groups:
        yield ""
        yield ""
        yield from _group(group, colour)


def _group(group: Group, colour: bool) -> Iterator[str]:
    yield _style(f"{group.title} ({len(group.entries):,})", colour, bold=True)
    yield from textwrap.wrap(group.sentence, _WIDTH)
    if group.search:
        yield ""
        yield f"  {printable(group.search)}"
    yield ""
    brief = not any(part.changed for entry in group.entries for part in entry.parts)
    for place, entry in enumerate(group.entries):
        if place and not brief:
            yield ""
        yield from _entry(entry, colour)


def _entry(entry: Entry, colour: bool) -> Iterator[str]:
    facts = "; ".join(entry.facts)
    head = _style(printable(entry.id), colour, bold=True)
    yield "  " + "  ".join(filter(None, (head, printable(facts))))
    changed = [part for part in entry.parts if part.changed]
    if entry.title and not changed:
        yield f"    {_style(printable(entry.title), colour, dim=True)}"
    width = max((len(part.name) for part in changed if not part.code), default=0)
    for part in changed:
        yield from _code(part, colour) if part.code else _part(part, width, colour)


def _part(part: Part, width: int, colour: bool) -> Iterator[str]:
    indent = " " * (4 + width + 2)
    remark = _style(f"({part.remark}) ", colour, dim=True) if part.remark else ""
    text = "".join(_piece(piece, colour) for piece in shortened(part.pieces))
    first, *rest = text.split(LINE_END)
    yield f"    {printable(part.name):<{width}}  {remark}{first}"
    yield from (f"{indent}{line.lstrip()}" for line in rest)


def _piece(piece: Piece, colour: bool) -> str:
    lines = piece.text.split(LINE_END)
    if piece.mark is Mark.SAME:
        return LINE_END.join(map(printable, lines))
    if not piece.text.strip():
        lines = [_NO_WORD, *lines[1:]]
    return LINE_END.join(_marked(printable(line), piece.mark, colour) for line in lines)


def _marked(text: str, mark: Mark, colour: bool) -> str:
    start, end, name = _MARKS[mark]
    if not text:
        return ""
    if not colour:
        return f"{start}{text}{end}"
    how = {"underline": True} if mark is Mark.NEW else {"strikethrough": True}
    return _style(text, colour, fg=name, **how)


def _code(part: Part, colour: bool) -> Iterator[str]:
    yield f"    {printable(part.name)}"
    for piece in part.pieces:
        sign = " " if piece.text == GAP else _SIGNS[piece.mark]
        line = f"      {sign} {printable(piece.text)}"
        known = _MARKS.get(piece.mark)
        yield _style(line, colour, fg=known[2]) if known else line


def _style(text: str, colour: bool, **how: Any) -> str:
    return click.style(text, **how) if colour else text
