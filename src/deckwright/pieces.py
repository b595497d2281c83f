"""The pieces that stand in the text of a card, found by :mod:`deckwright.scan`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from deckwright.model import Diagnostic, Span
from deckwright.outline import Comment, Fence
from deckwright.rules.clozes import CLOZE_BLOCKS, CLOZE_EMPTY, CLOZE_NUMBER, CLOZE_UNCLOSED

_CLOZE_RULES = {rule.name for rule in (CLOZE_NUMBER, CLOZE_UNCLOSED, CLOZE_BLOCKS, CLOZE_EMPTY)}


class MarkKind(Enum):
    """What a cloze mark does."""

    OPEN = auto()
    HINT = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a cloze: ``{{c1::``, ``::`` before its hint, or ``}}``."""

    start: int
    end: int
    kind: MarkKind
    number: int


@dataclass(frozen=True, slots=True)
class Tex:
    """A stretch of LaTeX, and where it stands in the source."""

    start: int
    text: str
    fixed: bool = False
    """Whether all of it stands at that one offset, as what a macro stands for does."""

    macro: str = ""
    """The macro of the deck that brought it in, by its name."""

    def offset(self, index: int) -> int:
        """The offset in the source of one of its characters."""
        return self.start if self.fixed else self.start + index

    @property
    def end(self) -> int:
        """The offset in the source after it."""
        return self.offset(len(self.text))

    def cut(self, start: int, end: int) -> Tex:
        """A stretch of it."""
        return replace(self, start=self.offset(start), text=self.text[start:end])


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: its LaTeX, and the clozes inside it."""

    start: int
    end: int
    display: bool
    parts: tuple[Tex | Mark, ...]
    fence: Fence | None = None
    """The ``math`` fence that it is written in."""

    @property
    def tex(self) -> str:
        """The LaTeX without the marks of clozes."""
        return "".join(part.text for part in self.parts if isinstance(part, Tex))


@dataclass(frozen=True, slots=True)
class Code:
    """A code span."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Dollar:
    r"""An escaped dollar sign, ``\$``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """An HTML tag, an address: text that is left to Markdown as it stands."""

    start: int
    end: int


Piece = Mark | Formula | Code | Dollar | Opaque | Fence | Comment


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """The pieces of a passage, in order; the text between them is Markdown."""

    span: Span
    pieces: tuple[Piece, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_cloze(self) -> bool:
        """Whether there is a cloze, or what was meant as one."""
        return bool(self.numbers) or any(d.rule in _CLOZE_RULES for d in self.diagnostics)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The cloze numbers, sorted."""
        return tuple(sorted({mark.number for mark in self.marks}))

    @property
    def marks(self) -> Iterator[Mark]:
        """The marks of all clozes, those inside formulas too."""
        for piece in self.pieces:
            if isinstance(piece, Mark):
                yield piece
            elif isinstance(piece, Formula):
                yield from (part for part in piece.parts if isinstance(part, Mark))
