r"""The arguments of commands that become attributes or lengths, as MathJax reads them.

MathJax takes them as they are written, and puts most of them into attributes and styles unread:
``\fcolorbox{red;background:url(…)}``. So each has to be of a form that is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from deckwright.formulas.analysis import Analysis
from deckwright.mathjax.tokens import Token

_UNITS = {
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
_NUMBER = r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)"
_SIZE = rf"{_NUMBER}\s*(?:em|ex|mu|px|pt|pc|in|cm|mm)"
_THIN = r"(?:\d(?:\.\d*)?\s*(?:px|pt)|0?\.\d+\s*(?:em|ex))"
_COLOUR = r"(?:#?[A-Za-z\d_-]+|(?:rgb|hsl)a?\([\d\s.,%]*\))"

_LENGTH = rf"\s*(?:\{{\s*{_SIZE}\s*\}}|{_SIZE})"
_LENGTH_OPTION = rf"(?:\s*\[\s*(?:{_SIZE}\s*)?\]|(?!\s*\[))"
_WORD_OPTION = r"(?:\s*\[\s*(?:\\?[A-Za-z|: ]*)\s*\]|(?!\s*\[))"
_PAINT = rf"\s*(?:\{{\s*{_COLOUR}\s*\}}|[A-Za-z\d])"
_MIXED = rf"(?:\s*\[\s*[A-Za-z]*\s*\])?\s*(?:\{{\s*(?:{_COLOUR}|[\d\s.,]*)\s*\}}|[A-Za-z\d])"
_KEY = (
    rf"\s*(?:(?:math)?(?:color|background)\s*=\s*{_COLOUR}"
    rf"|data-(?:padding|thickness)\s*=\s*{_THIN})\s*"
)
_KEYS = rf"(?:\s*\[(?:{_KEY},)*(?:{_KEY})?\]|(?!\s*\[))"
_DELIMITER = r"\s*(?:\{(?:[^{}\\]|\\.)*\}|\\(?:[A-Za-z]+|.)|[^\s{}\\])"
_INTEGER = r"\s*(?:\{\s*-?\d{1,2}\s*\}|\d)"

_A_COLOUR = "write a colour as {red}, {#c00000} or [rgb]{1, 0, 0}"
_A_KEY = r"leave [ ] out, or write [color=red] or [data-thickness=2px]"
_A_LENGTH = "write a length as 1em or 3pt"
_A_WORD = "write one word or letter in [ ], or {} before a [ that is to be seen"
_NO_WIDTH = "leave the width out: MathJax lets longer lines stick out of it"
_A_NUMBER = "write a number of one or two digits"


Found = tuple[int, str, str]
"""The offset in a formula, what is wrong there, and what to do."""


class _Form(NamedTuple):
    """What a command takes: its arguments up to the last that matters here."""

    pattern: re.Pattern[str]
    fix: str = ""
    """What to do where they are of another form; empty where MathJax itself refuses that."""


def _forms(*rows: tuple[str, str, str]) -> dict[str, _Form]:
    return {
        name: _Form(re.compile(pattern, re.DOTALL), fix)
        for names, pattern, fix in rows
        for name in names.split()
    }


_COMMANDS = _forms(
    ("color textcolor cellcolor rowcolor columncolor", _MIXED, _A_COLOUR),
    ("colorbox", _PAINT, _A_COLOUR),
    ("fcolorbox", _PAINT * 2, _A_COLOUR),
    ("cancel bcancel xcancel cancelto", _KEYS, _A_KEY),
    ("enclose", rf"\s*\{{[a-z,\s]*\}}{_KEYS}", _A_KEY),
    ("rule", rf"{_LENGTH_OPTION}(?:{_LENGTH}{_LENGTH})?", _A_LENGTH),
    ("framebox mathmakebox", rf"{_LENGTH_OPTION}{_WORD_OPTION}", _A_LENGTH),
    ("overbracket underbracket", _LENGTH_OPTION * 2, _A_LENGTH),
    ("shoveleft shoveright", _LENGTH_OPTION, _A_LENGTH),
    ("genfrac", rf"{_DELIMITER * 2}\s*(?:\{{\s*(?:{_SIZE}|0)?\s*\}}|0)", _A_LENGTH),
    ("smash mathllap mathrlap mathclap", _WORD_OPTION, _A_WORD),
    ("crampedllap crampedrlap crampedclap cramped", _WORD_OPTION, _A_WORD),
    ("skew uproot leftroot", _INTEGER, _A_NUMBER),
    ("MoveEqLeft", r"(?:\s*\[\s*\d{1,2}\s*\]|(?!\s*\[))", _A_NUMBER),
    ("xmathstrut", r"(?:\s*\[\s*[-+]?[\d.]+\s*\])?\s*(?:\{\s*[-+]?[\d.]+\s*\}|\d)", _A_NUMBER),
    ("raise lower moveleft moveright hskip hspace kern mskip mspace mkern above", _LENGTH, ""),
    ("minCDarrowwidth minCDarrowheight", _LENGTH, ""),
    ("abovewithdelims", _DELIMITER * 2 + _LENGTH, ""),
    ("Rule Space", _LENGTH * 3, ""),
    ("\\ newline", rf"\*?\[\s*{_SIZE}\s*\]", ""),
)
_ENVIRONMENTS = _forms(
    ("array aligned gathered lgathered rgathered", _WORD_OPTION, _A_WORD),
    ("matrix* pmatrix* bmatrix* Bmatrix* vmatrix* Vmatrix* smallmatrix*", _WORD_OPTION, _A_WORD),
    ("psmallmatrix bsmallmatrix Bsmallmatrix vsmallmatrix Vsmallmatrix", _WORD_OPTION, _A_WORD),
    ("psmallmatrix* bsmallmatrix* Bsmallmatrix*", _WORD_OPTION, _A_WORD),
    ("vsmallmatrix* Vsmallmatrix*", _WORD_OPTION, _A_WORD),
    ("multlined", r"(?:\s*\[\s*[cbt]?\s*\])?(?!\s*\[)", _NO_WIDTH),
    ("alignat alignat* alignedat", _WORD_OPTION + _INTEGER, _A_NUMBER),
    ("xalignat xalignat* xxalignat", _INTEGER, _A_NUMBER),
    ("empheq", r"(?!.*\{alignat\*?=\d{3})", _A_NUMBER),
    ("spreadlines", _LENGTH, ""),
)
_FOUND = re.compile(rf"({_NUMBER})\s*({'|'.join(_UNITS)})|({_NUMBER})")
_BARE = {"skew": 1 / 18, "uproot": 1 / 15, "leftroot": 1 / 15, "MoveEqLeft": 1, "xmathstrut": 1}
"""The commands whose lengths are bare numbers, and one of each in em."""


def _form(token: Token) -> _Form | None:
    if token.environment:
        return _ENVIRONMENTS.get(token.environment) if token.name == "begin" else None
    return _COMMANDS.get(token.name)


def misshapen(formula: Analysis) -> Iterator[Found]:
    """The commands whose arguments are not of a form that is listed."""
    for token in formula.row:
        form = _form(token)
        if form and form.fix and not form.pattern.match(formula.tex, token.end):
            said = formula.tex[token.end : token.end + 30]
            yield token.start, f"{token.text} cannot have {said!r}", form.fix


@lru_cache(1)
def lengths(formula: Analysis) -> tuple[tuple[Token, float], ...]:
    """The lengths of a formula in em, each with the command that it is of."""
    return tuple(_lengths(formula))


def _lengths(formula: Analysis) -> Iterator[tuple[Token, float]]:
    for token in formula.row:
        form = _form(token)
        found = form.pattern.match(formula.tex, token.end) if form else None
        for size, unit, bare in _FOUND.findall(found[0] if found else ""):
            each = _UNITS[unit] if unit else _BARE.get(token.name, 0)
            yield token, float((size or bare).replace(",", ".")) * each
