"""What a formula is made of: LaTeX, and the marks of clozes in it."""

from __future__ import annotations

import re
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


def in_dollars(tex: str, *, display: bool = False, following: str = "") -> str:
    """Some LaTeX as a formula in Markdown, before another text; empty where that is not sure."""
    inner = re.fullmatch(r"(\${1,2})([^$]+)\1", tex)
    tex, display = (inner[2].strip(), inner[1] == "$$" or display) if inner else (tex, display)
    if not tex or "$" in tex or re.search(r"\n\s*\n", tex):
        return ""
    if display:
        return f"$$\n{tex}\n$$" if "\n" in tex else f"$${tex}$$"
    return f"$`{tex}`$" if following.isdigit() or "\n" in tex else f"${tex}$"


Part = Tex | Mark
