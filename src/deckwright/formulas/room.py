r"""The room that a formula takes on a card: how much, and that it stays within it.

What takes no room (``\smash``, ``\rlap``) or moves back (``\hspace{-1em}``) is drawn over what is
beside the formula. A little of that is good typesetting; a lot hides the answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from deckwright.formulas.analysis import Analysis
from deckwright.formulas.arguments import Found, lengths
from deckwright.mathjax.commands import CHEMISTRY, LOWER_GREEK, UPPER_GREEK
from deckwright.mathjax.tokens import Token

MAX_EM = 40
"""What the lengths of a formula come to at most, in em: two pages of a phone."""
MAX_BACK = 6
"""What the spaces that move back come to at most, in em."""
MAX_OVER = 16
"""How many signs may take no room together; a letter or digit counts as half of one."""
_OVER_DEEP = 2
"""How deeply braces may be nested in what takes no height: each level may be a fraction."""
_CHEMISTRY_DEEP = 4
r"""The same in ``\ce``, which gives no height to some scripts."""
_OVER_EM = 1
"""What the lengths in what takes no room come to at most."""

_LARGER = frozenset("large Large LARGE huge Huge".split())
_LARGEST = 2.5
r"""How much larger a length of 1em is under ``\Huge``."""
_BACK = {"!": 0.167, "negthinspace": 0.167, "negmedspace": 0.223, "negthickspace": 0.278}
_SIDEWAYS = frozenset("moveleft moveright skew".split())
"""What moves its argument, and not what comes after it."""
_LAPS = frozenset(
    "llap rlap mathllap mathrlap mathclap crampedllap crampedrlap crampedclap clap textllap"
    " textrlap textclap".split()
)
_BOXES = frozenset({"framebox", "mathmakebox"})
"""What takes another width than its content where an option says so."""
_ROWS = frozenset(
    "begin matrix array pmatrix cases eqalign displaylines eqalignno leqalignno".split()
)
_LINES = frozenset({"\\", "newline", "cr", "substack", "crampedsubstack"})
_BARS = frozenset("above abovewithdelims genfrac".split())
_BAR = 8
"""How much higher than its bar MathJax makes a fraction, and a little more."""
_ARROWS = frozenset({"minCDarrowwidth", "minCDarrowheight"})
_DOWN = re.compile(r"@([VA])(.*?)\1(.*?)\1", re.DOTALL)
"""An arrow up or down in a diagram, and the words on its sides, which take no width."""
_LETTER = re.compile(r"[ -~\n]")
_WIDE = frozenset("quad qquad enspace hfil hfill hfilll".split())
_PAINTED = frozenset("color textcolor colorbox fcolorbox cellcolor rowcolor columncolor".split())
_UNFOLDS = frozenset({"toggle", "mathtip", "texttip"})
_COVERING = _WIDE | _PAINTED | _UNFOLDS | _LARGER
_UNSEEN = frozenset("phantom hphantom vphantom strut mathstrut xmathstrut".split())
_LETTERS = LOWER_GREEK | UPPER_GREEK
_BLANK = _ROWS | _LINES | _WIDE | {*": > ; space nobreakspace".split(), " "}
_NO_SIGN = re.compile("~|\\s\\s|[^\\S \\n]|[\u2800\u3164\u115f\u1160\uffa0\u200b-\u200f\u2060]")
"""Spaces that have a width of their own, and signs that show nothing."""
ADDRESS = re.compile(r"(?:https://|mailto:)[^\s\"'<>`\\]+", re.IGNORECASE)
"""Where a formula may lead to."""


def sizes(formula: Analysis) -> Iterator[Found]:
    """Lengths that come to more than a card has room for."""
    total = 0.0
    factor = _factor(formula)
    for token, em in lengths(formula):
        total += abs(em) * factor * _times(formula, token)
        if total > MAX_EM:
            what = f"with this {token.text}, the lengths of this formula come to {total:.0f}em"
            yield token.start, what, f"keep their sum below {MAX_EM}em"
            return


def _times(formula: Analysis, token: Token) -> int:
    """How often a length is in the height or width of the formula."""
    if token.name in _BARS:
        return _BAR
    if token.name in _ARROWS:
        return max(1, formula.tex.count("@"))
    if token.environment == "spreadlines":
        return 1 + sum(one.name in _LINES for one in formula.row)
    return 1


def _factor(formula: Analysis) -> float:
    """How much larger than written a length may be."""
    return _LARGEST if any(token.name in _LARGER for token in formula.row) else 1


def out_of_the_box(formula: Analysis) -> Iterator[Found]:
    """What would be drawn over what is beside the formula."""
    yield from _moved_back(formula)
    high = _ROWS | _LINES
    for index, token in enumerate(formula.row):
        if token.name == "smash":
            yield from _over(formula, index, _content(formula, index), high, _OVER_DEEP)
        elif token.name in _LAPS or (token.name in _BOXES and formula.option_at(index) != index):
            yield from _over(formula, index, _content(formula, index), _ROWS)
        elif token.name in CHEMISTRY:
            inside = _content(formula, index)
            yield from _over(formula, index, inside, high, _CHEMISTRY_DEEP, math.inf)
        elif token.environment in ("numcases", "subnumcases") and token.name == "begin":
            yield from _over(formula, index, formula.argument(index), high, _OVER_DEEP)
        elif token.environment == "empheq" and token.name == "begin":
            option = formula.row[index : formula.option_at(index)]
            yield from _over(formula, index, option[1:], high, _OVER_DEEP)
    for label in _DOWN.finditer(formula.tex if r"\begin{CD}" in formula.tex else ""):
        if max(map(len, label.groups())) > 2 * MAX_OVER:
            fix = "write it into a cell beside the arrow"
            yield label.start(), "the words at this arrow stick out of the diagram", fix


def _moved_back(formula: Analysis) -> Iterator[Found]:
    total = 0.0
    factor = _factor(formula)
    moves = [(token, em) for token, em in lengths(formula)]
    moves += [(token, -_BACK[token.name]) for token in formula.row if token.name in _BACK]
    for token, em in sorted(moves):
        total += factor * abs(em) if em < 0 or token.name in _SIDEWAYS else 0
        if total > MAX_BACK:
            what = f"with this {token.text}, the formula moves back by {total:.1f}em"
            yield token.start, what, f"keep the sum of negative spaces below {MAX_BACK}em"
            return


def _over(
    formula: Analysis,
    index: int,
    inside: Sequence[Token],
    bad: frozenset[str],
    depth: float = math.inf,
    most: float = MAX_OVER,
) -> Iterator[Found]:
    """What is wrong with some tokens to which a command gives no height or no width."""
    token = formula.row[index]
    wrong = next((one.text for one in inside if one.name in bad | _COVERING), "")
    starts = {one.start for one in inside}
    if sum(abs(em) for one, em in lengths(formula) if one.start in starts) > _OVER_EM:
        wrong = f"lengths of more than {_OVER_EM}em"
    if _depth(inside) > depth:
        wrong = f"more than {depth} levels of braces"
    if sum((_LETTER.fullmatch(one.text) and 0.5) or 1 for one in inside) > most:
        wrong = f"more than {most} signs"
    if wrong:
        what = f"{token.text} has {wrong}, and gives no room to that"
        yield token.start, what, f"write it outside of {token.text}, where it covers nothing"


def links(formula: Analysis) -> Iterator[Found]:
    r"""Links that lead elsewhere than to the web, or that cannot be seen."""
    places = [index for index, token in enumerate(formula.row) if token.name == "href"]
    if not places:
        return
    hiding = _PAINTED | _UNFOLDS | _UNSEEN | _LAPS | _BOXES | _LARGER | {"smash"}
    hidden = [token for token in formula.row if token.name in hiding]
    hidden += [token for token, _ in lengths(formula)]
    if hidden:
        what = rf"{hidden[0].text} could hide where \href leads from"
        fix = rf"take {hidden[0].text} out, or write the link outside of the formula"
        yield hidden[0].start, what, fix
    for index in places:
        yield from _link(formula, index)


def _link(formula: Analysis, index: int) -> Iterator[Found]:
    at = formula.row[index].start
    address = "".join(one.text for one in formula.argument(index))
    if not ADDRESS.fullmatch(address):
        fix = "link to https:// or mailto: only, or write a link outside of the formula"
        yield at, f"\\href leads to {address[:40]!r}", fix
    shown = formula.argument(formula.argument_at(index)[2])
    blank = any(one.name in _BLANK or _NO_SIGN.search(one.text) for one in shown)
    if blank or not any(one.text.isalnum() or one.name in _LETTERS for one in shown):
        fix = r"write \href{https://…}{words}, without spaces and lines of their own"
        yield at, r"\href leads from what shows little or nothing", fix


def _content(formula: Analysis, index: int) -> tuple[Token, ...]:
    """The tokens of the argument of a command, after its options."""
    while (after := formula.option_at(index)) != index:
        index = after
    return formula.argument(index)


def _depth(row: Sequence[Token]) -> int:
    """How deeply braces are nested in some tokens."""
    steps = ({"{": 1, "}": -1}.get(token.text, 0) for token in row)
    return max(accumulate(steps), default=0)
