"""A formula cut into tokens, and what of it belongs together."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from deckwright.mathjax.commands import TEXTS
from deckwright.mathjax.tokens import Nesting, Token, nesting, tokens

_SPACES = frozenset(", : ; ! > quad qquad".split())
_BEFORE_A_SET = frozenset(
    "in notin ni subset subseteq supset supseteq cup cap setminus times to coloneqq".split()
)


@dataclass(frozen=True)
class Analysis:
    """A formula as MathJax gets it, cut into tokens."""

    tex: str

    @cached_property
    def row(self) -> tuple[Token, ...]:
        """Its tokens."""
        return tokens(self.tex)

    @cached_property
    def nesting(self) -> Nesting:
        """How they are nested."""
        return nesting(self.row)

    def argument(self, index: int) -> tuple[Token, ...]:
        """The tokens of the argument after the token at an index, without braces."""
        return self.row[slice(*self.argument_at(index)[:2])]

    def argument_at(self, index: int) -> tuple[int, int, int]:
        """Where the argument after a token begins, where it ends, and the last token of it."""
        start = self._seen(index + 1)
        if start >= len(self.row) or self.row[start].text != "{":
            return start, start + 1, start
        end = self.nesting.closing.get(start, len(self.row))
        return start + 1, end, end

    def option_at(self, index: int) -> int:
        """The last token of the option ``[…]`` after a token; that token where it has none."""
        at = self._seen(index + 1)
        if at >= len(self.row) or self.row[at].text != "[":
            return index
        while at < len(self.row) and self.row[at].text != "]":
            at = self.nesting.closing.get(at, at) + 1
        return min(at, len(self.row) - 1)

    def _seen(self, index: int) -> int:
        """The index of the first token from one on that is no space."""
        while index < len(self.row) and self.row[index].is_space:
            index += 1
        return index

    def rest(self, index: int) -> tuple[Token, ...]:
        """What is between a token and the end of its group."""
        ends = (close for opening, close in self.nesting.closing.items() if opening < index < close)
        return self.row[index + 1 : min(ends, default=len(self.row))]

    def follows_relation(self, index: int) -> bool:
        """Whether a group comes right after what may come before a set, or is the first thing."""
        before = self.row[:index]
        while before and (before[-1].is_space or before[-1].name in _SPACES):
            before = before[:-1]
        return not before or before[-1].name in _BEFORE_A_SET or before[-1].text == "="

    def in_texts(self) -> Iterator[Token]:
        r"""The tokens that MathJax shows letter by letter: those in ``\text{…}``."""
        return self.arguments_of(TEXTS)

    def arguments_of(self, names: Collection[str]) -> Iterator[Token]:
        """The tokens of the first arguments of some commands."""
        for index, token in enumerate(self.row):
            if token.name in names:
                yield from self.argument(index)
