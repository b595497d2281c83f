"""LaTeX as a row of tokens, cut as MathJax cuts it: a control sequence or a single character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"\\(?P<pair>begin|end)\s*\{(?P<environment>[^{}]*)\}"
    r"|(?P<verbatim>\\verb\*?\s*(?P<bar>[^A-Za-z\s*])(?:(?!(?P=bar)).)*(?P=bar))"
    r"|\\(?P<name>[A-Za-z]+|.|\Z)|\s+|.",
    re.DOTALL,
)
_CLOSES = {"}": "{", r"\end": r"\begin", r"\right": r"\left"}
_OPENS = frozenset(_CLOSES.values())


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
    r"""How the braces, environments and ``\left…\right`` of a formula stand in each other."""

    closing: dict[int, int]
    """For each opening token that closes, the index of its closing one, both in the row."""
    unclosed: Token | None
    """What opens and never closes; None where all is closed."""
    unopened: Token | None
    """What closes and was never opened."""
    deepest: int
    """How many were open at most."""


def nesting(row: Sequence[Token]) -> Nesting:
    r"""Match what opens with what closes.

    Where two do not match, as in ``\begin{a} { \end{a}``, the inner one is what never closes.
    """
    closing: dict[int, int] = {}
    stack: list[int] = []
    unclosed = unopened = None
    deepest = 0
    for index, token in enumerate(row):
        if token.key in _OPENS:
            stack.append(index)
            deepest = max(deepest, len(stack))
        elif opening := _CLOSES.get(token.key):
            while stack and row[stack[-1]].key != opening:
                if not any(row[one].key == opening for one in stack):
                    break
                unclosed = unclosed or row[stack.pop()]
            if stack and row[stack[-1]].key == opening:
                closing[stack.pop()] = index
            else:
                unopened = unopened or token
    if stack and unclosed is None:
        unclosed = row[stack[-1]]
    return Nesting(closing, unclosed, unopened, deepest)
