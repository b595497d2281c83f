"""The pieces of the text of a card, found by :mod:`deckwright.rendering.scan`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deckwright.formulas.parts import Mark, Tex
from deckwright.model import Problem, Rule, Span
from deckwright.source.lines import Comment

CLOZE_NUMBER = Rule(
    "cloze-number",
    "A cloze opens with `{{c1::`, a small c and a number from 1 to 100.",
)

CLOZE_UNCLOSED = Rule(
    "cloze-unclosed",
    "A cloze that opens also closes, with `}}`.",
)

CLOZE_BLOCKS = Rule(
    "cloze-blocks",
    "A cloze's marks are in one block, such as a paragraph, or around whole blocks or list items.",
)

CLOZE_EMPTY = Rule(
    "cloze-empty",
    "A cloze hides something.",
)

CLOZE_PLACE = Rule(
    "cloze-place",
    "Clozes are in the body of a cloze card, and not in a hint. Its heading, Why and Source are "
    "shown as they are.",
)


_CLOZE_RULES = {rule.name for rule in (CLOZE_NUMBER, CLOZE_UNCLOSED, CLOZE_EMPTY)}


LITERAL = "literal"
"""Is written behind the language of a fence that shows the marks of clozes as they are."""
CodeMarks = tuple[tuple[int, Mark], ...]
"""The marks of clozes in code, each with its index in the code, which is without them."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code, between fences or by its four spaces."""

    start: int
    """The offset of its first marks, or else of its first word."""
    end: int
    """The offset of the end of its last line."""
    info: str
    """What is written behind the marks: the language of code, first of all."""
    info_at: int
    lines: tuple[tuple[int, str], ...]
    """Its lines as code, each with its offset: of its first word in one with tabs before that."""
    indented: bool = False
    """Whether it is code by its four spaces, without fences."""
    text: str = ""
    """The code that learners see: its lines without the marks of clozes."""
    marks: CodeMarks = ()

    @property
    def language(self) -> str:
        """The language of the code; empty where none is written."""
        return next((word for word in self.info.split()[:1] if word != LITERAL), "")

    @property
    def literal(self) -> bool:
        """Whether the marks of clozes in it are shown as they are."""
        return LITERAL in self.info.split()

    @property
    def filled(self) -> list[int]:
        """The offsets of its lines that hold more than spaces; each gets a token."""
        return [at for at, line in self.lines if line.strip(" \t")]


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
    """The code that learners see, without the marks of clozes."""
    marks: CodeMarks = ()


@dataclass(frozen=True, slots=True)
class Dollar:
    r"""An escaped dollar sign, ``\$``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """An HTML tag, an address: text that is left to Markdown as it is."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a mark is put that leads back to the place of a tag, a link, a picture, an address."""

    start: int
    at: int
    """The offset that problems are named at."""
    then: int
    """The offset from which the text goes on."""
    in_tag: bool = False

    @property
    def end(self) -> int:
        """The same as where it starts."""
        return self.start


Piece = Mark | Formula | Code | Dollar | Opaque | Anchor | Fence | Comment


def fence_of(piece: Piece) -> Fence | None:
    """The block of code that a piece is, or that a formula is written in."""
    return piece if isinstance(piece, Fence) else getattr(piece, "fence", None)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """The pieces of a passage, in order; the text between them is Markdown."""

    span: Span
    pieces: tuple[Piece, ...]
    problems: tuple[Problem, ...]

    @property
    def first_word(self) -> int:
        """The offset of the first word."""
        text = self.span.text
        return self.span.start + len(text) - len(text.lstrip())

    @property
    def has_cloze(self) -> bool:
        """Whether there is a cloze, or what was meant as one."""
        return bool(self.numbers) or any(d.rule in _CLOZE_RULES for d in self.problems)

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
            elif isinstance(piece, Code | Fence):
                yield from (mark for _, mark in piece.marks)
