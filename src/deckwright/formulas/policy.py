r"""What LaTeX may do on a learner's machine, and what renders but hardly as it was meant.

All of this is read off the tokens of what MathJax will get, and needs no engine. What MathJax
itself refuses is for :mod:`deckwright.formulas.check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice

from deckwright.formulas.analysis import Analysis
from deckwright.formulas.arguments import misshapen
from deckwright.formulas.room import links, out_of_the_box, sizes
from deckwright.mathjax.commands import LOWER_GREEK, SWITCHES, TEXTS
from deckwright.mathjax.tokens import Token
from deckwright.model import Problem, Rule, Severity, Stake

TEX_FORBIDDEN = Rule(
    "tex-forbidden",
    r"A formula defines nothing, loads nothing, labels nothing and runs nothing. `\def`, "
    r"`\newcommand`, `\require`, `\label`, `\style`, `\class`, `\cssId`, `\bbox`, "
    r"`\unicode`, `\mmlToken`, and `\href` to other than https and mailto reach into other "
    "cards, or out of Anki. An argument is what it is for: a colour is `red`, a length `1em`. What "
    "takes no room is small, and a link leads from words that can be seen.",
    stake=Stake.SAFETY,
)

TEX_TOO_BIG = Rule(
    "tex-too-big",
    "A formula has at most 2,000 characters and 30 levels of braces: Anki's reviewer "
    "freezes on deeper ones. Its lengths come to at most 40em. All formulas of a card have at "
    "most 6,000 signs, with macros written out.",
    stake=Stake.SAFETY,
)

TEX_BARE_BRACES = Rule(
    "tex-bare-braces",
    r"The braces of a set are written `\{` and `\}`: bare ones only group, and are not "
    "shown.",
    severity=Severity.WARNING,
    stake=Stake.FORMULA,
)

TEX_BOLD_GREEK = Rule(
    "tex-bold-greek",
    r"Small Greek letters become bold with `\boldsymbol`: `\mathbf` leaves them thin.",
    severity=Severity.WARNING,
    stake=Stake.FORMULA,
)

TEX_COMMENT = Rule(
    "tex-comment",
    r"A percent sign in a formula is written `\%`. A bare one starts a comment, which hides "
    "the rest of its line.",
    severity=Severity.WARNING,
    stake=Stake.FORMULA,
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
_ENDS_ELSEWHERE = re.compile(r"[{}$]|\].*\\|\\.*\]", re.DOTALL)
"""What MathJax may take for the end of a text or an option that a ``\verb|…|`` is in."""
_NO_SET = re.compile(r"\(.*\)|\d{1,3}(?:,\d{3})+", re.DOTALL)
"""What is in braces with a comma and is one thing: a pair, a number."""


def too_big(formula: Analysis) -> Iterator[Problem]:
    """Formulas that a reviewer would freeze on, or that take more than a page."""
    if len(formula.tex) > MAX_LENGTH:
        what = f"this formula has {len(formula.tex):,} characters, more than {MAX_LENGTH:,}"
        yield TEX_TOO_BIG.at(0, what, "split it")
    elif formula.nesting.deepest > MAX_DEPTH:
        what = f"this formula is nested {formula.nesting.deepest} deep, more than {MAX_DEPTH}"
        yield TEX_TOO_BIG.at(0, what, "name its inner parts, and write them apart")
    else:
        yield from (TEX_TOO_BIG.at(*one) for one in sizes(formula))


def forbidden(formula: Analysis) -> Iterator[Problem]:
    """What leaks, runs or loads something, or covers something else."""
    for token in formula.row:
        if token.name in FORBIDDEN:
            what, fix = FORBIDDEN[token.name]
            yield TEX_FORBIDDEN.at(token.start, f"\\{token.name} {what}", fix)
        elif token.name == "verb" and _ENDS_ELSEWHERE.search(token.text, len(r"\verb")):
            what = r"MathJax may end this \verb before its last sign"
            fix = "write the code in `…`, outside of the formula"
            yield TEX_FORBIDDEN.at(token.start, what, fix)
    for at, what, fix in chain(misshapen(formula), links(formula), out_of_the_box(formula)):
        yield TEX_FORBIDDEN.at(at, what, fix)


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
    """What is wrong with a formula, as far as its tokens show; of one too big, that alone."""
    if big := [*too_big(formula)]:
        yield from big
        return
    for check in (forbidden, bare_braces, bold_greek, comments):
        yield from check(formula)
