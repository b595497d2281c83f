r"""What MathJax gets of a formula: as Anki stores it, and as each side of each card shows it.

A cloze inside a formula is LaTeX that Anki replaces before MathJax reads it: by ``[...]`` or the
hint on the question of its own card, by the hidden text everywhere else. Each of these has to be a
formula. How Anki replaces: ``rslib/src/cloze.rs``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.formulas.reader import Reader
from deckwright.mathjax.tokens import nesting, tokens

Part = Tex | Mark


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

    def locate(self, index: int) -> tuple[int, str]:
        """The offset in the source of a character of the LaTeX, and the macro that it is of."""
        for part in self.parts:
            if index < len(part.text):
                return part.offset(index), part.macro
            index -= len(part.text)
        last = self.parts[-1]
        return last.offset(len(last.text)), last.macro


_NO_CLOZE = re.compile(r"\{(?=\{c\d+::)")
"""What Anki takes for a cloze in LaTeX that has none: the braces of ``\\{{c9::x}\\}``."""
_CLOZE_END = re.compile(r"\}(?=\})|:(?=:)")
"""What Anki takes for the end of a cloze, or for its hint."""


def lay(parts: Sequence[Part], *, display: bool, in_cloze: bool) -> Laid:
    """Write a formula so that Anki finds the marks of clozes, and them alone.

    Anki ends a cloze at the first two braces that touch and hints after the first two colons, in
    LaTeX too; and what it puts in a cloze's place has to stay one thing, as the author meant it.
    """
    stripped = list(_stripped(parts))
    if not in_cloze and not any(isinstance(part, Mark) for part in stripped):
        tex = (part for part in stripped if isinstance(part, Tex))
        return Laid(tuple(chain.from_iterable(_apart(part, _NO_CLOZE) for part in tex)), display)
    layer = _Layer(int(in_cloze))
    for index, part in enumerate(stripped):
        if isinstance(part, Tex):
            layer.add(part)
            continue
        following, after = [*stripped[index + 1 : index + 3], None, None][:2]
        hidden = following if isinstance(following, Tex) else None
        grouped = layer.mark(part, hidden.text if hidden else "")
        ends = isinstance(after, Mark) and after.kind is not MarkKind.OPEN
        if grouped and hidden and ends and _is_group(hidden.text):
            stripped[index + 1] = hidden.cut(1, len(hidden.text) - 1)  # or a text shows its braces
    return Laid(tuple(layer.parts), display)


class _Layer:
    """Lays out the parts of a formula with clozes, one after the other."""

    def __init__(self, depth: int) -> None:
        self.parts: list[Part] = []
        self._depth = depth
        """How many clozes are open, here and around the formula."""
        self._reader = Reader()
        self._closings: list[str] = []
        """What closes the group around each cloze that is open here."""
        self._hinted: list[bool] = []
        """Whether each has come to its hint, which stands beside the formula."""

    def add(self, part: Tex) -> None:
        """Add LaTeX of the author's."""
        if isinstance(self.parts[-1] if self.parts else None, Mark) and not any(self._hinted):
            self._glue(part.start, self._reader.separator(part.text))
        for piece in _cloze_safe(part, self._end()) if self._depth else _apart(part, _NO_CLOZE):
            self._append(piece)

    def mark(self, mark: Mark, following: str) -> bool:
        """Add a mark, and whether there are braces around it; the LaTeX ``following`` is next."""
        before = ""
        if mark.kind is MarkKind.OPEN:
            before, after = self._around(following)
            self._glue(mark.start, before)
            self._closings.append(after)
            self._hinted.append(False)
            self._depth += 1
        elif self._end() == {MarkKind.CLOSE: "}", MarkKind.HINT: ":"}[mark.kind]:
            self._glue(mark.start, " ")
        self.parts.append(mark)
        if mark.kind is MarkKind.HINT:
            self._hinted[-1] = True
        elif mark.kind is MarkKind.CLOSE:
            self._depth -= 1
            self._hinted.pop()
            self._glue(mark.start, self._closings.pop())
        return before == "{"

    def _around(self, hidden: str) -> tuple[str, str]:
        """What to write before and after a cloze that hides LaTeX which starts so."""
        reader = self._reader
        starts_script = hidden.lstrip()[:1] in ("_", "^", "'")
        if reader.in_text or reader.awaits_delimiter or any(self._hinted):
            return "", ""
        if reader.in_brackets or (reader.awaits_argument and not starts_script):
            return "{", "}"
        return reader.separator("[") or reader.separator(hidden), ""

    def _glue(self, at: int, text: str) -> None:
        if text:
            self._append(Tex(at, text, fixed=True))

    def _append(self, part: Tex) -> None:
        self.parts.append(part)
        if not any(self._hinted):
            for token in tokens(part.text):
                self._reader.read(token)

    def _end(self) -> str:
        """The last character, where that is no mark but the end of a cloze."""
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Tex):
            return last.text[-1:]
        return "}" if last and last.kind is MarkKind.CLOSE else ""


def _is_group(tex: str) -> bool:
    """Whether some LaTeX is one group in braces, and nothing else."""
    row = tokens(tex)
    return row[0].text == "{" and nesting(row).closing.get(0) == len(row) - 1


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
            yield replace(part, start=start, text=text)
        else:
            yield part


def _cloze_safe(part: Tex, end: str) -> Iterator[Tex]:
    """LaTeX for the inside of a cloze, in which no two braces and no two colons touch."""
    if end == part.text[:1] and end in ("}", ":"):
        yield Tex(part.start, " ", fixed=True)
    yield from _apart(part, _CLOZE_END)


def _apart(part: Tex, touching_signs: re.Pattern[str]) -> Iterator[Tex]:
    """LaTeX with a space after each match, where Anki must not read two signs as one."""
    position = 0
    for touching in touching_signs.finditer(part.text):
        yield part.cut(position, touching.end())
        position = touching.end()
        yield Tex(part.offset(position), " ", fixed=True)
    if position < len(part.text):
        yield part.cut(position, len(part.text))


def sides(parts: Sequence[Part]) -> tuple[Side, ...]:
    """Each formula that learners see of one: with nothing hidden, then with one cloze each."""
    numbers = sorted({part.number for part in parts if isinstance(part, Mark)})
    return tuple(Side(tuple(_shown(parts, hidden)), hidden) for hidden in (0, *numbers))


@dataclass(frozen=True, slots=True)
class Claim:
    """A formula of a card, which MathJax is to read on all its sides."""

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
