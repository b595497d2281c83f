r"""Reads LaTeX token by token, and knows what the next one would be to MathJax.

That decides what has to be written around what Anki or a macro puts in a place: after ``\hat``
and ``_`` it is an argument, which only braces keep one thing; after ``\log`` it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deckwright.mathjax.commands import CHEMISTRY, PREAMBLES, TEXTS, arguments, takes_delimiter
from deckwright.mathjax.tokens import Token, tokens

_Kind = Literal["maths", "text", "chemistry"]
"""How MathJax reads what is in a group."""


@dataclass(slots=True)
class _Group:
    """A group that is open."""

    sign: str
    r"""What opened it: ``{``, ``[`` before an option, ``$`` in a text, nothing for the formula."""
    kind: _Kind
    awaited: int = 0
    """How many arguments the last command in it still takes."""


class Reader:
    """Follows a formula."""

    def __init__(self) -> None:
        self._groups = [_Group("", "maths")]
        self._last = Token(-1, "")
        self._spaced = False
        """Whether spaces came after the last token."""

    @property
    def awaits_argument(self) -> bool:
        """Whether the next token is an argument."""
        return self._groups[-1].awaited > 0

    @property
    def awaits_delimiter(self) -> bool:
        r"""Whether the next token is a delimiter, which is so after ``\left``."""
        return takes_delimiter(self._last.name)

    @property
    def in_brackets(self) -> bool:
        r"""Whether a ``]`` would end an optional argument: that of ``\sqrt[3]{x}``."""
        return self._groups[-1].sign == "["

    @property
    def in_text(self) -> bool:
        r"""Whether commands are shown letter by letter here: in ``\text{…}``."""
        return self._groups[-1].kind == "text"

    def separator(self, following: str) -> str:
        r"""What to write before some LaTeX, so that it stays apart from what is there.

        A letter would go on the name of a command, a ``[`` would be an option or a length.
        """
        sign = following[:1]
        if self._last.name == "begin":
            return "{}" if sign == "[" else ""
        after_arrow = self._groups[-1].kind == "chemistry" and self._last.text == ">"
        joined = (
            (sign.isalpha() and self._last.name and self._last.text[-1].isalpha())
            or (sign in ("[", "*") and self._last.name == "\\")
            or (sign == "[" and after_arrow)
        )
        return " " if joined and not self._spaced else ""

    def read(self, tex: str) -> None:
        """Go on by some LaTeX."""
        for token in tokens(tex):
            self._spaced = token.is_space
            if not token.is_space:
                self._read(token)
                self._last = token

    def _read(self, token: Token) -> None:
        group = self._groups[-1]
        if token.text == "{":
            self._groups.append(_Group("{", self._kind_of_group(group)))
        elif token.text == "[" and self._takes_option(group):
            self._groups.append(_Group("[", group.kind))
        elif token.text == "}":
            self._close()
        elif token.text == "$" and group.kind == "text":
            self._groups.append(_Group("$", "maths"))
        elif (token.text, group.sign) in (("]", "["), ("$", "$")):
            self._groups.pop()
        elif not (token.text == "*" and self._last.name and group.awaited):
            needed = token.text in "_^" or token.environment in PREAMBLES
            group.awaited = int(needed) or arguments(token.name) or max(0, group.awaited - 1)

    def _kind_of_group(self, around: _Group) -> _Kind:
        if self._last.name in TEXTS:
            return "text"
        return "chemistry" if self._last.name in CHEMISTRY else around.kind

    def _takes_option(self, group: _Group) -> bool:
        if group.kind == "chemistry":
            return self._last.text == ">"
        return group.awaited > 0 and (bool(self._last.name) or self._last.text in ("*", "]"))

    def _close(self) -> None:
        while self._groups[-1].sign in ("[", "$"):
            self._groups.pop()
        if len(self._groups) > 1:
            self._groups.pop()
        self._groups[-1].awaited = max(0, self._groups[-1].awaited - 1)
