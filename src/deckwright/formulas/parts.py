"""What a formula is made of: LaTeX, and the marks of clozes in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from deckwright.model import Rule

MATH_EMPTY = Rule(
    "math-empty",
    "A formula is not empty.",
)


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
    """A stretch of LaTeX, and its place in the source."""

    start: int
    text: str
    fixed: bool = False
    """Whether all of it is at that one offset, which is so for the body of a macro."""

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


Part = Tex | Mark
