r"""Clozes are matched by their braces: ``{{c1::\frac{1}{2}}}`` ends at its own ``}}``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.note_types.clozes import all_clozes, all_shown, read_clozes

MAX_DEPTH = 3
"""How many clozes may be open at once: Anki 24.11 reads no more, and shows the braces of others."""


class Sign(Enum):
    """A sign that matters for matching clozes."""

    OPEN = auto()
    LEFT = auto()
    RIGHT = auto()
    COLONS = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A sign and its offset; an opening one with its number."""

    sign: Sign
    start: int
    end: int
    number: int = 0


@dataclass(slots=True)
class _Frame:
    """A cloze that is open."""

    mark: Mark
    depth: int = 0
    hint: Mark | None = None


def matched(tokens: list[Token]) -> tuple[list[Mark], list[Mark]]:
    """The marks of the closed clozes in some text, in order, and of those left open.

    Braces are counted, ``{{c1::{1, {2}}}}``, unless there is one too many for that.
    """
    found, unclosed = _matched(tokens, count_braces=True)
    return _matched(tokens, count_braces=False) if unclosed else (found, unclosed)


def _matched(tokens: list[Token], *, count_braces: bool) -> tuple[list[Mark], list[Mark]]:
    marks: list[Mark] = []
    stack: list[_Frame] = []
    skip = -1
    for index, token in enumerate(tokens):
        if index == skip:
            continue
        if token.sign is Sign.OPEN:
            stack.append(_Frame(Mark(token.start, token.end, MarkKind.OPEN, token.number)))
            marks.append(stack[-1].mark)
            continue
        if not stack:
            continue
        frame = stack[-1]
        if token.sign is Sign.LEFT:
            frame.depth += count_braces
        elif token.sign is Sign.COLONS and not frame.depth and not frame.hint:
            frame.hint = Mark(token.start, token.end, MarkKind.HINT, frame.mark.number)
            marks.append(frame.hint)
        elif token.sign is Sign.RIGHT and frame.depth:
            frame.depth -= 1
        elif token.sign is Sign.RIGHT and _touches(tokens, index):
            skip = index + 1
            stack.pop()
            marks.append(Mark(token.start, token.end + 1, MarkKind.CLOSE, frame.mark.number))
    left = {mark for frame in stack for mark in (frame.mark, frame.hint)}
    return [mark for mark in marks if mark not in left], [frame.mark for frame in stack]


def _touches(tokens: list[Token], index: int) -> bool:
    """Whether the token after a closing brace is one that touches it."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return (
        following is not None
        and following.sign is Sign.RIGHT
        and following.start == tokens[index].end
    )


def too_deep(marks: Iterable[Mark]) -> Mark | None:
    """The first mark that opens one cloze more than Anki can follow."""
    depth = 0
    for mark in marks:
        depth += {MarkKind.OPEN: 1, MarkKind.CLOSE: -1}.get(mark.kind, 0)
        if depth > MAX_DEPTH:
            return mark
    return None


def in_hint(marks: Iterable[Mark]) -> Mark | None:
    """The first mark that opens a cloze in a hint, which ends there for Anki."""
    hinted: list[bool] = []
    for mark in marks:
        if mark.kind is MarkKind.OPEN:
            if any(hinted):
                return mark
            hinted.append(False)
        elif mark.kind is MarkKind.HINT:
            hinted[-1] = True
        else:
            hinted.pop()
    return None


def cut(lines: Iterable[tuple[int, str]], marks: list[Mark]) -> Iterator[Tex | Mark]:
    """Lines of LaTeX, cut at the marks in them."""
    remaining = iter(marks)
    mark = next(remaining, None)
    for at, line in lines:
        position = at
        while mark and mark.start < at + len(line):
            if mark.start > position:
                yield Tex(position, line[position - at : mark.start - at])
            yield mark
            position = mark.end
            mark = next(remaining, None)
        if position < at + len(line):
            yield Tex(position, line[position - at :])


def hidden_texts(field: str) -> dict[int, tuple[str, ...]]:
    """What each cloze of a field hides, by its number, read as Anki reads it."""
    found: dict[int, list[str]] = {}
    for cloze in all_clozes(read_clozes(field)):
        hidden = " ".join(all_shown(cloze.inner).split())
        found.setdefault(cloze.number, []).append(hidden)
    return {number: tuple(texts) for number, texts in found.items()}
