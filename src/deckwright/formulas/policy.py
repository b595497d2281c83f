r"""What LaTeX may do on a learner's machine, and what renders but hardly as it was meant.

All of this is read off the tokens of what MathJax will get, and needs no engine. What MathJax
itself refuses is for :mod:`deckwright.formulas.check`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from deckwright.mathjax.commands import LOWER_GREEK, SWITCHES, TEXTS
from deckwright.mathjax.tokens import Nesting, Token, nesting, tokens
from deckwright.model import Problem, Rule, Severity, Stake

TEX_FORBIDDEN = Rule(
    "tex-forbidden",
    r"A formula defines nothing, loads nothing, labels nothing and runs nothing. `\def`, "
    r"`\newcommand`, `\require`, `\label`, `\style`, `\class`, `\cssId`, `\bbox`, "
    r"`\unicode`, `\mmlToken`, and `\href` to other than https and mailto reach into other "
    "cards, or out of Anki.",
    stake=Stake.SAFETY,
)

TEX_TOO_BIG = Rule(
    "tex-too-big",
    "A formula has at most 2,000 characters and 30 levels of braces: Anki's reviewer "
    "freezes on deeper ones.",
    stake=Stake.SAFETY,
)

TEX_BARE_BRACES = Rule(
    "tex-bare-braces",
    r"The braces of a set are written `\{` and `\}`: bare ones only group, and are not "
    "shown.",
    severity=Severity.WARNING,
)

TEX_BOLD_GREEK = Rule(
    "tex-bold-greek",
    r"Small Greek letters become bold with `\boldsymbol`: `\mathbf` leaves them thin.",
    severity=Severity.WARNING,
)

TEX_COMMENT = Rule(
    "tex-comment",
    r"A percent sign in a formula is written `\%`. A bare one starts a comment, which hides "
    "the rest of its line.",
    severity=Severity.WARNING,
)


MAX_LENGTH = 2000
"""The longest formula, in characters."""
MAX_DEPTH = 30
"""How deeply braces and environments may be nested; at 120, Anki's reviewer freezes."""

_DEFINED = "define it in [macros] of deck.toml, for the whole deck"
_NUMBERED = r"number it with \tag{1}, and refer to it in words"
FORBIDDEN = {
    **dict.fromkeys(
        "def let newcommand renewcommand newenvironment renewenvironment DeclareMathOperator"
        " DeclarePairedDelimiter DeclarePairedDelimiters DeclarePairedDelimiterX"
        " DeclarePairedDelimitersX DeclarePairedDelimiterXPP DeclarePairedDelimitersXPP"
        " Newextarrow newtagform renewtagform usetagform mathtoolsset definecolor".split(),
        ("would change every card that is shown after it", _DEFINED),
    ),
    "require": (
        "would load a package for every card that is shown after it",
        "leave it out: what Anki has is there already",
    ),
    **dict.fromkeys(("label", "ref", "eqref"), ("breaks on the answer side", _NUMBERED)),
    **dict.fromkeys(
        ("class", "style", "cssId"),
        ("can change or load anything", r"leave it out, or colour with \color{…}"),
    ),
    "bbox": ("can load anything", r"write \boxed{…}, or \colorbox{…}{…}"),
    "unicode": ("can load fonts", "write the character itself"),
    "mmlToken": ("can load anything", r"write \mathrm{…} or \text{…}"),
}
"""The control sequences that no card may use: what is wrong with each, and what to do.

Seen in Anki 26.9: they leak into later cards, run code or load trackers.
"""
ADDRESS = re.compile(r"https://[^\s\"'<>`\\]|mailto:[^\s\"'<>`\\]", re.IGNORECASE)
"""How an address starts that a formula may lead to; prover.js looks at the whole of it."""
MAX_EM = 40
"""The longest length in a formula, in em: twice as wide as a phone, more than its height."""
_EM = {
    "em": 1,
    "ex": 0.43,
    "mu": 0.056,
    "px": 0.063,
    "pt": 0.1,
    "pc": 1.2,
    "in": 7.2,
    "cm": 2.8,
    "mm": 0.28,
}
"""The units of TeX in em, for a font of 10pt."""
_LENGTH = re.compile(rf"(-?(?:\d+\.?\d*|\.\d+))\s*({'|'.join(_EM)})(?![A-Za-z])")
_SPACES = frozenset(", : ; ! > quad qquad".split())
_NO_SET = re.compile(r"\(.*\)|\d{1,3}(?:,\d{3})+", re.DOTALL)
"""What is in braces with a comma and is one thing: a pair, a number."""
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
        start = index + 1
        while start < len(self.row) and self.row[start].is_space:
            start += 1
        if start == len(self.row) or self.row[start].text != "{":
            return self.row[start : start + 1]
        return self.row[start + 1 : self.nesting.closing.get(start, len(self.row))]

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


def lengths(formula: Analysis) -> Iterator[Problem]:
    """Lengths that move or stretch a part of a formula off its card."""
    for length in _LENGTH.finditer(formula.tex):
        if abs(float(length[1])) * _EM[length[2]] > MAX_EM:
            what = f"{length[0]} reaches beyond the card"
            fix = f"keep lengths below {MAX_EM}em"
            yield TEX_TOO_BIG.at(length.start(), what, fix)


def too_big(formula: Analysis) -> Iterator[Problem]:
    """Formulas that a reviewer would freeze on."""
    if len(formula.tex) > MAX_LENGTH:
        what = f"this formula has {len(formula.tex):,} characters, more than {MAX_LENGTH:,}"
        yield TEX_TOO_BIG.at(0, what, "split it")
    elif formula.nesting.deepest > MAX_DEPTH:
        what = f"this formula is nested {formula.nesting.deepest} deep, more than {MAX_DEPTH}"
        yield TEX_TOO_BIG.at(0, what, "name its inner parts, and write them apart")


def forbidden(formula: Analysis) -> Iterator[Problem]:
    """Control sequences that leak, run or load something."""
    for index, token in enumerate(formula.row):
        if token.name in FORBIDDEN:
            what, fix = FORBIDDEN[token.name]
            yield TEX_FORBIDDEN.at(token.start, f"\\{token.name} {what}", fix)
        elif token.name == "href":
            address = "".join(one.text for one in formula.argument(index))
            if not ADDRESS.match(address):
                what = f"\\href leads to {address[:40]!r}"
                fix = "link to https:// or mailto: only, or write a link outside of the formula"
                yield TEX_FORBIDDEN.at(token.start, what, fix)


def bare_braces(formula: Analysis) -> Iterator[Problem]:
    """Braces that were to be seen: those of ``x \\in {0,1}``."""
    for index, close in formula.nesting.closing.items():
        if formula.row[index].text != "{" or not formula.follows_relation(index):
            continue
        inside = formula.row[index + 1 : close]
        written = "".join(one.text for one in inside).strip()
        top = [one for one in _top(inside) if not one.is_space]
        if not top or top[0].name in SWITCHES or _NO_SET.fullmatch(written):
            continue
        if len(top) > 1 and any(one.text in (",", ":", r"\mid") for one in top):
            what = f"the braces of {{{written[:30]}}} are not shown"
            yield TEX_BARE_BRACES.at(formula.row[index].start, what, r"write \{…\}")


def _top(row: tuple[Token, ...]) -> Iterator[Token]:
    """The tokens outside of all braces."""
    depth = 0
    for token in row:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0:
            yield token


def bold_greek(formula: Analysis) -> Iterator[Problem]:
    r"""``\mathbf{\mu}`` and ``\bf \mu``, which stay as thin as ``\mu``."""
    for index, token in enumerate(formula.row):
        if token.name not in ("mathbf", "bf"):
            continue
        bold = formula.argument(index) if token.name == "mathbf" else formula.rest(index)
        for letter in bold:
            if letter.name in LOWER_GREEK or "\u03b1" <= letter.text <= "\u03c9":
                what = f"{token.text} leaves {letter.text} thin"
                fix = f"write \\boldsymbol{{{letter.text}}}"
                yield TEX_BOLD_GREEK.at(token.start, what, fix)
                break


def comments(formula: Analysis) -> Iterator[Problem]:
    """A ``%`` that hides the rest of its line."""
    literal = {one.start for one in formula.arguments_of({*TEXTS, "href"})}
    signs = (one.start for one in formula.row if one.text == "%" and one.start not in literal)
    for at in islice(signs, 1):
        fix = r"write \% for the sign, or take the comment out"
        yield TEX_COMMENT.at(at, "% hides the rest of its line", fix)


def look(formula: Analysis) -> Iterator[Problem]:
    """What is wrong with a formula, as far as its tokens show."""
    for check in (too_big, lengths, forbidden, bare_braces, bold_greek, comments):
        yield from check(formula)
