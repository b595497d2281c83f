r"""What MathJax gets of a formula: as Anki stores it, and as each side of each card shows it.

A cloze inside a formula is LaTeX that Anki replaces before MathJax reads it: by ``[...]`` or the
hint on the question of its own card, by the hidden text everywhere else. Each of these has to be a
formula. How Anki replaces: ``rslib/src/cloze.rs``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deckwright.formulas.parts import Mark, MarkKind, Part, Tex
from deckwright.formulas.reader import Reader
from deckwright.mathjax.tokens import nesting, tokens


@dataclass(frozen=True, slots=True)
class AnkiFormula:
    """A formula as Anki stores it: LaTeX and the marks of clozes, between its delimiters."""

    parts: tuple[Part, ...]
    display: bool


@dataclass(frozen=True, slots=True)
class CardSideFormula:
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


@dataclass(frozen=True, slots=True)
class FormulaUse:
    """A formula of a card, which MathJax is to read on all its sides."""

    sides: tuple[CardSideFormula, ...]
    display: bool


_NO_CLOZE = re.compile(r"\{(?=\{c\d+::)")
"""What Anki takes for a cloze in LaTeX that has none: the braces of ``\\{{c9::x}\\}``."""
_IN_CLOZE = re.compile(r"\}(?=\})|:(?=:)|\{(?=\{c\d+\Z)")
"""What Anki takes for the end of a cloze, for its hint, or with ``::`` after it for a cloze."""
_WORDS = re.compile(r"[^\\^_{}$~]*[^\W\d_][^\\^_{}$~]*")
"""A hint that holds letters and no LaTeX."""


def to_anki(parts: Sequence[Part], *, display: bool, in_cloze: bool) -> AnkiFormula:
    """A formula written so that Anki finds the marks of clozes, and them alone.

    Anki ends a cloze at the first two braces that touch and hints after the first two colons, in
    LaTeX too; and what it puts in a cloze's place has to stay one thing, which the author meant.
    """
    stripped = _stripped(parts)
    writer = _Writer(int(in_cloze))
    for index, part in enumerate(stripped):
        following, after = [*stripped[index + 1 : index + 3], None, None][:2]
        if isinstance(part, Tex):
            is_hint = (
                index and _is(stripped[index - 1], MarkKind.HINT) and _is(following, MarkKind.CLOSE)
            )
            (writer.hint if is_hint else writer.add)(part)
            continue
        hidden = following if isinstance(following, Tex) else None
        in_braces = writer.mark(part, hidden.text if hidden else "")
        ends = isinstance(after, Mark) and after.kind is not MarkKind.OPEN
        if in_braces and hidden and ends and _is_group(hidden.text):
            stripped[index + 1] = hidden.cut(1, len(hidden.text) - 1)  # or a text shows its braces
    return AnkiFormula(tuple(writer.parts), display)


class _Writer:
    """Writes the parts of a formula with clozes, one after the other."""

    def __init__(self, depth: int) -> None:
        self.parts: list[Part] = []
        self._depth = depth
        """How many clozes are open, here and around the formula."""
        self._reader = Reader()
        self._closings: list[str] = []
        """What closes the group around each cloze that is open here."""
        self._hinted: list[bool] = []
        """Whether each has come to its hint, which is not part of the formula around it."""

    def add(self, part: Tex) -> None:
        """Add LaTeX of the author's; inside a cloze no two braces and no two colons touch."""
        if isinstance(self.parts[-1] if self.parts else None, Mark) and not any(self._hinted):
            self._insert(part.start, self._reader.separator(part.text))
        if self._depth and part.text[:1] in ("}", ":") and part.text[:1] == self._end():
            self._insert(part.start, " ")
        position = 0
        for touching in (_IN_CLOZE if self._depth else _NO_CLOZE).finditer(part.text):
            self._append(part.cut(position, touching.end()))
            position = touching.end()
            self._insert(part.offset(position), " ")
        if position < len(part.text):
            self._append(part.cut(position, len(part.text)))

    def hint(self, part: Tex) -> None:
        """Add a hint: words are a text in the formula, LaTeX is LaTeX."""
        if self._reader.in_text or not _WORDS.fullmatch(part.text):
            self.add(part)
            return
        self._insert(part.start, r"\text{")
        position = 0
        for sign in re.finditer("[%#&]", part.text):
            self.add(part.cut(position, sign.start()))
            self._insert(part.offset(sign.start()), "\\")
            position = sign.start()
        self.add(part.cut(position, len(part.text)))
        self._insert(part.end, "}")

    def mark(self, mark: Mark, following: str) -> bool:
        """Add a mark, and whether there are braces around it; the LaTeX ``following`` is next."""
        before = ""
        if mark.kind is MarkKind.OPEN:
            before, after = self._around(following)
            self._insert(mark.start, before)
            self._closings.append(after)
            self._hinted.append(False)
            self._depth += 1
        elif self._end() == {MarkKind.CLOSE: "}", MarkKind.HINT: ":"}[mark.kind]:
            self._insert(mark.start, " ")
        self.parts.append(mark)
        if mark.kind is MarkKind.HINT:
            self._hinted[-1] = True
        elif mark.kind is MarkKind.CLOSE:
            self._depth -= 1
            self._hinted.pop()
            self._insert(mark.start, self._closings.pop())
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

    def _insert(self, at: int, text: str) -> None:
        if text:
            self._append(Tex(at, text, fixed=True))

    def _append(self, part: Tex) -> None:
        self.parts.append(part)
        if not any(self._hinted):
            self._reader.read(part.text)

    def _end(self) -> str:
        """The last character, where that is not a mark but the end of a cloze."""
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Tex):
            return last.text[-1:]
        return "}" if last and last.kind is MarkKind.CLOSE else ""


def _is(part: Part | None, kind: MarkKind) -> bool:
    """Whether a part is a mark of a kind."""
    return isinstance(part, Mark) and part.kind is kind


def _is_group(tex: str) -> bool:
    """Whether some LaTeX is one group in braces, and nothing else."""
    row = tokens(tex)
    return row[0].text == "{" and nesting(row).closing.get(0) == len(row) - 1


def _stripped(parts: Sequence[Part]) -> list[Part]:
    """The parts without the line breaks around a formula."""
    stripped = list(parts)
    if stripped and isinstance(first := stripped[0], Tex):
        length = len(first.text)
        stripped[0] = first.cut(length - len(first.text.lstrip("\n")), length)
    if stripped and isinstance(last := stripped[-1], Tex):
        stripped[-1] = last.cut(0, len(last.text.rstrip("\n")))
    return stripped


def sides(parts: Sequence[Part]) -> tuple[CardSideFormula, ...]:
    """Each formula that learners see of one: with nothing hidden, then with one cloze each."""
    numbers = sorted({part.number for part in parts if isinstance(part, Mark)})
    return tuple(CardSideFormula(tuple(_shown(parts, one)), one) for one in (0, *numbers))


@dataclass(slots=True)
class _Open:
    """A cloze that is open."""

    start: int
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
            stack.append(_Open(part.start, part.number == hidden and not hiding))
        elif stack and part.kind is MarkKind.HINT:
            stack[-1].hint = []
        elif stack and part.kind is MarkKind.CLOSE:
            closed = stack.pop()
            if closed.hides:
                yield Tex(closed.start, "[", fixed=True)
                yield from closed.hint or [Tex(closed.start, "...", fixed=True)]
                yield Tex(closed.start, "]", fixed=True)
