r"""What MathJax gets of a formula: as Anki stores it, and as each side of each card shows it.

A cloze inside a formula is LaTeX that Anki replaces before MathJax reads it: by ``[...]`` or the
hint on the question of its own card, by the hidden text everywhere else. Each of these has to be a
formula. How Anki replaces: ``rslib/src/cloze.rs``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from deckwright.model import Source
from deckwright.pieces import Mark, MarkKind, Tex

Part = Tex | Mark

_LAST = 80
"""How much of what stands before a cloze is looked at, in characters."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A formula as Anki stores it: LaTeX and the marks of clozes, between its delimiters."""

    parts: tuple[Part, ...]
    display: bool


@dataclass(frozen=True, slots=True)
class Side:
    """A formula as a side of a card shows it."""

    parts: tuple[Tex, ...]
    hidden: int = 0
    """The number of the cloze that is hidden on this side; 0 where none is."""

    @property
    def tex(self) -> str:
        """What MathJax gets, without the delimiters."""
        return "".join(part.text for part in self.parts)

    def offset(self, index: int) -> int:
        """The offset in the source of a character of the LaTeX, or of the end of it."""
        ends = list(accumulate(len(part.text) for part in self.parts))
        for part, end in zip(self.parts, ends, strict=True):
            if index < end:
                return part.offset(index - end + len(part.text))
        last = self.parts[-1] if self.parts else Tex(0, "")
        return last.offset(len(last.text))


def lay(parts: Sequence[Part], *, display: bool, in_cloze: bool) -> Laid:
    """Write a formula so that Anki finds the marks of clozes, and them alone.

    Anki ends a cloze at the first two braces that touch and hints after the first two colons, in
    LaTeX too; and what it puts in a cloze's place has to stay one thing, as the author meant it.
    """
    out: list[Part] = []
    before = ""
    depth = int(in_cloze)
    grouped: list[bool] = []

    def add(part: Tex) -> None:
        nonlocal before
        out.append(part)
        before = (before + part.text)[-_LAST:]

    for part in _stripped(parts):
        if isinstance(part, Tex):
            for piece in _cloze_safe(part, before) if depth else [part]:
                add(piece)
            continue
        if part.kind is MarkKind.OPEN:
            depth += 1
            group = _needs_group(before)
            grouped.append(group)
            if group or _needs_end(before):
                add(Tex(part.start, "{" if group else "{}", fixed=True))
        if before[-1:] == {MarkKind.CLOSE: "}", MarkKind.HINT: ":"}.get(part.kind):
            add(Tex(part.start, " ", fixed=True))
        out.append(part)
        before = ""
        if part.kind is MarkKind.CLOSE:
            depth -= 1
            before = "}"
            if grouped.pop():
                add(Tex(part.start, "}", fixed=True))
    return Laid(tuple(out), display)


def _stripped(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts without the line breaks around a formula."""
    for index, part in enumerate(parts):
        if isinstance(part, Tex):
            text, start = part.text, part.start
            if index == 0:
                text = text.lstrip("\n")
                start = part.offset(len(part.text) - len(text))
            if index == len(parts) - 1:
                text = text.rstrip("\n")
            part = Tex(start, text, part.fixed)
        yield part


def _needs_group(before: str) -> bool:
    """Whether a cloze is an argument here, which only a group keeps one thing."""
    return bool(re.search(r"[_^]\s*$|(?<!\\)[}\]]$|\\[A-Za-z]+$", before))


def _needs_end(before: str) -> bool:
    r"""Whether ``[...]`` would be read as the length that ``\\`` may be followed by."""
    return bool(re.search(r"(?:^|[^\\])(?:\\\\)+\s*$", before))


def _cloze_safe(part: Tex, before: str) -> Iterator[Tex]:
    """LaTeX for the inside of a cloze, in which no two braces and no two colons touch."""
    position = 0
    if before and before[-1] == part.text[:1] and before[-1] in "}:":
        yield Tex(part.start, " ", fixed=True)
    for touching in re.finditer(r"\}(?=\})|:(?=:)", part.text):
        yield Tex(part.offset(position), part.text[position : touching.end()], part.fixed)
        position = touching.end()
        yield Tex(part.offset(position), " ", fixed=True)
    if position < len(part.text):
        yield Tex(part.offset(position), part.text[position:], part.fixed)


def sides(parts: Sequence[Part]) -> tuple[Side, ...]:
    """Each formula that learners see of one: with nothing hidden, then with one cloze each."""
    numbers = sorted({part.number for part in parts if isinstance(part, Mark)})
    return tuple(Side(tuple(_shown(parts, hidden)), hidden) for hidden in (0, *numbers))


@dataclass(frozen=True, slots=True)
class Claim:
    """A formula of a card, which MathJax is to read on all its sides."""

    source: Source
    sides: tuple[Side, ...]
    display: bool


@dataclass(slots=True)
class _Open:
    """A cloze that is open."""

    mark: Mark
    hides: bool
    hint: list[Tex] | None = None


def _shown(parts: Sequence[Part], hidden: int) -> Iterator[Tex]:
    stack: list[_Open] = []
    for part in parts:
        hiding = next((one for one in stack if one.hides), None)
        if isinstance(part, Tex):
            if hiding and stack[-1] is hiding and hiding.hint is not None:
                hiding.hint.append(part)
            elif not hiding and all(one.hint is None for one in stack):
                yield part
        elif part.kind is MarkKind.OPEN:
            stack.append(_Open(part, part.number == hidden and not hiding))
        elif stack and part.kind is MarkKind.HINT:
            stack[-1].hint = []
        elif stack and part.kind is MarkKind.CLOSE:
            closed = stack.pop()
            if closed.hides:
                yield Tex(closed.mark.start, "[", fixed=True)
                yield from closed.hint or [Tex(closed.mark.start, "...", fixed=True)]
                yield Tex(closed.mark.start, "]", fixed=True)
