r"""Reads LaTeX token by token, and knows what the next one would be to MathJax.

That decides what has to be written around what Anki or a macro puts in a place: after ``\hat``
and ``_`` it is an argument, which only braces keep one thing; after ``\log`` it is not.
"""

from __future__ import annotations

from dataclasses import dataclass

from deckwright.tex.commands import TEXTS, arguments, preamble, takes_delimiter
from deckwright.tex.tokens import Token


@dataclass(slots=True)
class _Group:
    """A group that is open."""

    sign: str
    r"""What opened it: ``{``, ``[`` before an optional argument, or nothing for the formula."""
    is_text: bool
    """Whether MathJax shows it letter by letter."""
    awaited: int = 0
    """How many arguments the last command in it still takes."""


class Reader:
    """Follows a formula."""

    def __init__(self) -> None:
        self._groups = [_Group("", is_text=False)]
        self._last = Token(-1, "")
        self._spaced = False
        """Whether spaces came after the last token."""

    @property
    def awaits_argument(self) -> bool:
        """Whether the next token is an argument."""
        return self._groups[-1].awaited > 0

    @property
    def awaits_delimiter(self) -> bool:
        r"""Whether the next token is a delimiter, as after ``\left``."""
        return takes_delimiter(self._last.name)

    @property
    def in_brackets(self) -> bool:
        r"""Whether a ``]`` would end an optional argument, as in ``\sqrt[3]{x}``."""
        return self._groups[-1].sign == "["

    @property
    def in_text(self) -> bool:
        r"""Whether commands are shown letter by letter here, as in ``\text{…}``."""
        return self._groups[-1].is_text

    @property
    def after_word(self) -> bool:
        r"""Whether a letter here would become a part of the command before, as after ``\log``."""
        return not self._spaced and bool(self._last.name) and self._last.text[-1:].isalpha()

    @property
    def after_break(self) -> bool:
        r"""Whether a ``[`` here would be the length after ``\\``."""
        return not self._spaced and self._last.name == "\\"

    @property
    def after_begin(self) -> bool:
        r"""Whether a ``[`` here would be the option of an environment."""
        return self._last.name == "begin"

    def read(self, token: Token) -> None:
        """Go on by one token."""
        if token.is_space:
            self._spaced = True
            return
        group = self._groups[-1]
        if token.text == "{":
            is_text = group.is_text or self._last.name in TEXTS
            self._groups.append(_Group("{", is_text))
        elif token.text == "[" and self._takes_option(group):
            self._groups.append(_Group("[", group.is_text))
        elif token.text == "}":
            self._close()
        elif token.text == "]" and group.sign == "[":
            self._groups.pop()
        elif not (token.text == "*" and self._last.name and group.awaited):
            self._count(group, token)
        self._last = token
        self._spaced = False

    def _takes_option(self, group: _Group) -> bool:
        return group.awaited > 0 and (bool(self._last.name) or self._last.text == "*")

    def _close(self) -> None:
        while self._groups[-1].sign == "[":
            self._groups.pop()
        if len(self._groups) > 1:
            self._groups.pop()
        self._groups[-1].awaited = max(0, self._groups[-1].awaited - 1)

    def _count(self, group: _Group, token: Token) -> None:
        if token.text in "_^":
            group.awaited = 1
        elif needed := preamble(token.environment) or arguments(token.name):
            group.awaited = needed
        else:
            group.awaited = max(0, group.awaited - 1)
