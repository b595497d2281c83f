"""LaTeX as a row of tokens, cut as MathJax cuts it: a control sequence or a single character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from deckwright.mathjax.commands import SWITCHES

_TOKEN = re.compile(
    r"\\(?P<pair>begin|end)\s*\{(?P<environment>[^{}]*)\}"
    r"|(?P<verbatim>\\verb\*?\s*(?P<bar>[^A-Za-z\s*])(?:(?!(?P=bar)).)*(?P=bar))"
    r"|\\(?P<name>[A-Za-z]+|.|\Z)|\s+|.",
    re.DOTALL,
)
_CLOSES = {"}": "{", r"\end": r"\begin", r"\right": r"\left"}
_OPENS = frozenset(_CLOSES.values())
STRETCHED = re.compile(r"x[A-Za-z]*(?:arrow|harpoon|mapsto|equal|tofrom)[A-Za-z]*")
"""The names of arrows that are as long as what is on them."""
ARROW = 5
"""How many levels something on an arrow counts for: it takes MathJax twice the time, each."""


class Token(NamedTuple):
    r"""A control sequence, a character, or a run of spaces.

    ``\begin{align}``, ``\end{align}`` and ``\verb|…|`` are one token each.
    """

    start: int
    """The index of its first character in the formula."""
    text: str
    name: str = ""
    r"""The name of a control sequence, without its backslash: ``frac``, ``begin``, ``,``."""
    environment: str = ""

    @property
    def end(self) -> int:
        """The index after its last character."""
        return self.start + len(self.text)

    @property
    def is_space(self) -> bool:
        """Whether MathJax skips it in maths."""
        return self.text.isspace()

    @property
    def key(self) -> str:
        r"""What it is apart from an environment's name: ``{``, ``\begin``, ``\left``."""
        return f"\\{self.name}" if self.name else self.text


def tokens(tex: str) -> tuple[Token, ...]:
    """The tokens of a formula; together they are all of it."""
    return tuple(
        Token(
            match.start(),
            match[0],
            match["pair"] or match["name"] or ("verb" if match["verbatim"] else ""),
            match["environment"] or "",
        )
        for match in _TOKEN.finditer(tex)
    )


class Nesting(NamedTuple):
    r"""How the braces, environments and ``\left…\right`` of a formula are nested."""

    closing: dict[int, int]
    """For each opening token that closes, the index of its closing one, both in the row."""
    unclosed: Token | None
    """What opens and never closes; None where all is closed."""
    unopened: Token | None
    """What closes and was never opened."""
    deepest: int
    """How many were open at most, with what weighs more than a brace (see :func:`nesting`)."""


@dataclass(slots=True)
class _Open:
    """Something that is open."""

    index: int
    key: str
    depth: int
    """How deep in the formula its content is; a switch in it makes the rest of it deeper."""


def nesting(row: Sequence[Token]) -> Nesting:
    r"""Match what opens with what closes.

    Of two that do not match, the inner one never closes: the brace of ``\begin{a} { \end{a}``.
    A switch such as ``\tiny`` nests all that comes after it; and MathJax measures what is on an
    arrow such as ``\xrightarrow`` twice, so that each one there counts as :data:`ARROW` levels.
    """
    closing: dict[int, int] = {}
    stack = [_Open(-1, "", 0)]
    unclosed = unopened = None
    deepest = 0
    for index, token in enumerate(row):
        if token.key in _OPENS:
            weight = ARROW if _on_an_arrow(row, index) else 1
            stack.append(_Open(index, token.key, stack[-1].depth + weight))
        elif token.name in SWITCHES:
            stack[-1].depth += 1
        elif opening := _CLOSES.get(token.key):
            if all(one.key != opening for one in stack):
                unopened = unopened or token
                continue
            while stack[-1].key != opening:
                inner = row[stack.pop().index]
                unclosed = unclosed or inner
            closing[stack.pop().index] = index
        deepest = max(deepest, stack[-1].depth)
    if len(stack) > 1 and unclosed is None:
        unclosed = row[stack[-1].index]
    return Nesting(closing, unclosed, unopened, deepest)


def _on_an_arrow(row: Sequence[Token], index: int) -> bool:
    """Whether a group is above or below a stretched arrow."""
    before = [one for one in row[max(0, index - 2) : index] if not one.is_space]
    return bool(before) and bool(STRETCHED.fullmatch(before[-1].name))
