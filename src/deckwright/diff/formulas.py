r"""Formulas as GitHub sets them: ``\(x^2\)`` in a field is ``$`x^2`$`` in its Markdown.

GitHub's MathJax 3.2 knows fewer commands than Anki's, and puts an error in the place of a formula
that it refuses. What it refuses here is read off its own script, the element ``math-renderer``.
"""

from __future__ import annotations

import re

from deckwright.formulas.policy import FORBIDDEN, MAX_LENGTH
from deckwright.mathjax.commands import TEXTS, known_environment, known_macro
from deckwright.mathjax.tokens import nesting, tokens
from deckwright.source.printable import in_markdown, on_github, printable

START, END, _CLOZE_END = "\ue010", "\ue011", "\ue012"
"""Around a formula; before the hint and the end of a cloze in it. Of Unicode's private use."""
FORMULA = f"{START}[^{START}{END}]*{END}"
"""The pattern of a formula between its marks."""
_MARKS = str.maketrans("", "", START + END + _CLOZE_END)
_FORMULA = re.compile(
    r"\\\((?:\\\\|(?!\\[()]).)*+\\\)|\\\[(?:\\\\\[?|(?!\\[\[\]]).)*+\\\]", re.DOTALL
)
"""As ``html_text`` finds them, but for one that begins in another."""
_CLOZE = re.compile(r"\{\{(c\d+)::((?:(?!::|\}\}).)*+)(::(?:(?!\{\{c\d|\}\}).)*+)?\}\}", re.DOTALL)
_INSIDE = rf"(?:(?!\{{\{{c\d)[^{_CLOZE_END}])*+"
_MARKED_CLOZE = re.compile(
    rf"\{{\{{(c\d+)::({_INSIDE})(?:{_CLOZE_END}::{_INSIDE})?{_CLOZE_END}\}}\}}"
)
_OPERATOR = {r"\operatorname*{": r"\mathop{\rm ", r"\operatorname{": r"\mathrm{"}
"""What GitHub takes instead."""
_BANNED = tuple(
    "DeclareMathOperator DeclarePairedDelimiters renewtagform newtagform colorbox fcolorbox"
    " hphantom vphantom phantom operatorname Newextarrow definecolor mathchoice unicode"
    " mmlToken".split()
)
"""No command may begin so."""
_UNKNOWN = FORBIDDEN.keys() | frozenset("href toggle mathtip texttip verb".split())
"""What is in packages that GitHub does not load, or must not be in a formula here."""
_COLOURS = frozenset("color textcolor cellcolor rowcolor columncolor".split())
"""What can hide a part of a formula from the reviewer."""
_ODD_TEXT = re.compile(rf"\\(?:{'|'.join(TEXTS)})(?![A-Za-z])(?!\s*\{{[^{{}}\\_^#&%$~]*\}})")
"""A text that holds more than words: GitHub's MathJax reads commands in it, Anki's does not."""
_MOST = 100
"""Braces in one formula: once GitHub's limit, now a tenth of it."""
MOST = 1_500
"""Formulas and braces that are set; after 2,000 on a page, GitHub sets no formula of it."""


def marked(html: str) -> str:
    """The HTML of a field with marks around each formula, which its words keep."""
    return _FORMULA.sub(_with_marks, html.translate(_MARKS))


def unmarked(text: str) -> str:
    """A text without marks."""
    return text.translate(_MARKS)


class Formulas:
    """The formulas of one page: so many are set, the others are shown as they are written."""

    def __init__(self) -> None:
        self.left = MOST
        self.unset = 0
        """How many did not fit on the page."""

    def set_in(self, text: str) -> str:
        """Markdown, in which formulas are between marks, as GitHub is to get it."""
        return re.sub(FORMULA, lambda found: self._written(found[0]), text)

    def _written(self, formula: str) -> str:
        tex = _for_github(formula)
        cost = 1 + tex.count("{")
        if not tex or cost > min(self.left, _MOST):
            self.unset += self.left < cost <= _MOST
            return on_github(unmarked(formula))
        self.left -= cost
        return f"$`{tex}`$"


def _with_marks(formula: re.Match[str]) -> str:
    def ended(cloze: re.Match[str]) -> str:
        hint = f"{_CLOZE_END}{cloze[3]}" if cloze[3] else ""
        return f"{{{{{cloze[1]}::{cloze[2]}{hint}{_CLOZE_END}}}}}"

    return f"{START}{_CLOZE.sub(ended, formula[0])}{END}"


def _for_github(formula: str) -> str:
    """The LaTeX of a formula, with a name under what each cloze hides; empty if it is unfit."""
    text = formula[1:-1]
    display = text.startswith("$$")
    tex = text.strip("$") if text.count("$") == (4 if display else 2) else ""
    tex = _MARKED_CLOZE.sub(_named, tex)
    for name, instead in _OPERATOR.items():
        tex = tex.replace(name, instead)
    tex = re.sub(r"[<&](?=\S)", r"\g<0> ", tex)  # GitHub reads it as HTML once more
    return (rf"\displaystyle {tex}" if display else tex) if _is_fit(tex) else ""


def _named(cloze: re.Match[str]) -> str:
    """What a cloze hides, with its name below; rows of a formula are one thing then."""
    name, hidden = cloze.groups()
    if re.search(r"&|\\\\", hidden):
        hidden = rf"\begin{{aligned}}{hidden}\end{{aligned}}"
    return rf"{{\underbrace{{{hidden}}}_{{{name}}}}}"


def _is_fit(tex: str) -> bool:
    """Whether GitHub sets a formula, and nothing else comes of it."""
    row = tokens(tex[: MAX_LENGTH + 1])
    nested = nesting(row)
    return (
        0 < len(tex) <= MAX_LENGTH
        and "`" not in tex
        and all(one.text != "%" for one in row)
        and tex == printable(tex)
        and on_github(tex) == in_markdown(tex)
        and not (nested.unclosed or nested.unopened or _ODD_TEXT.search(tex))
        and all(
            known_environment(one.environment) if one.environment else _is_known(one.name)
            for one in row
            if one.name
        )
    )


def _is_known(name: str) -> bool:
    bad = name in _UNKNOWN or name in _COLOURS or name.startswith(_BANNED)
    return known_macro(name) and not bad
