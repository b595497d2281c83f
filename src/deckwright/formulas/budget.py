r"""How much the formulas of a card take to set, in signs.

One takes a browser 0.02 ms in ordinary formulas, 0.2 ms in a row of two thousand.

A side of a card shows its whole answer at once, and the question above it, so that the formulas of
a card add up; and macros are short where they are used, not where they are set.
"""

from __future__ import annotations

from collections.abc import Sequence

from deckwright.formulas.parts import Part, Tex
from deckwright.mathjax.commands import arguments
from deckwright.mathjax.tokens import STRETCHED, Token, tokens

MAX_SIGNS = 6_000
"""The most that the formulas of a card come to: a screen of formulas has 500."""
_TWICE = frozenset(
    "overbracket underbracket centernot pmb adjustlimits Aboxed sideset vdotswithin"
    " shortvdotswithin".split()
)
"""The commands that MathJax sets twice, with all in their arguments; so it does long arrows."""
_HEAVY = {
    **dict.fromkeys("TeX LaTeX tripledash longrightleftharpoons longRightleftharpoons".split(), 16),
    **dict.fromkeys("longLeftrightharpoons longleftrightarrows centernot".split(), 16),
    **dict.fromkeys("iff implies impliedby pmod mod bmod pod binom tbinom dbinom".split(), 4),
    "begin": 4,
}
"""Commands of many signs."""
_OWN_FONT = 4
"""What a sign counts that MathJax's fonts lack: the browser has to measure it."""


def signs(parts: Sequence[Part]) -> int:
    """What MathJax has to set of a formula, with all of its clozes and hints."""
    total, weights, twice = 0, [1], [0]
    for token in tokens("".join(part.text for part in parts if isinstance(part, Tex))):
        total += _weight(token) * weights[-1]
        if token.text == "{":
            weights.append(weights[-1] * (2 if twice[-1] else 1))
            twice[-1] -= bool(twice[-1])
            twice.append(0)
        elif token.text == "}" and len(weights) > 1:
            weights.pop()
            twice.pop()
        elif token.name in _TWICE or STRETCHED.fullmatch(token.name):
            twice[-1] = max(1, arguments(token.name))
    return total


def _weight(token: Token) -> int:
    if token.is_space:
        return 0
    return _HEAVY.get(token.name, 1 if token.text.isascii() else _OWN_FONT)
