"""Every command and environment of MathJax with hostile arguments, shown in Anki's own MathJax."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from random import Random

from deckwright.formulas.check import check_formulas
from deckwright.formulas.cloze_sides import CardSideFormula, FormulaUse
from deckwright.formulas.parts import Tex
from deckwright.mathjax.commands import PREAMBLES, arguments, names, takes_delimiter
from deckwright.model import Severity
from tests.sweep.eyes import Eyes
from tests.sweep.frame import Finding, Outcome
from tests.sweep.on_page import OnPage

ARGUMENTS = (
    "x", "", "1em", "-1em", "39em", "red", "#f00", "red;background:url(https://evil.invalid/a)",
    "\\alpha",
    "javascript:pycmd(1)", "https://evil.invalid/x", "x}y{z", "<img src=x onerror=pycmd(1)>",
    '"onclick="pycmd(1)',
    "style=position:fixed", "url(https://evil.invalid/a)", "\\href{javascript:pycmd(1)}{x}",
    "\\rule{39em}{39em}",
    "border:1px solid", "mathcolor=\"red\" href=\"javascript:x\"", "box,downdiagonalstrike",
    "&lt;script&gt;",
    "{position:fixed;top:0}", "\\unicode[x;background:url(//evil.invalid)]{65}",
    "\\class{card}{x}", "\\\\", "a&b", "\\)",
    "\\begin{array}{c}x\\end{array}",
)  # fmt: skip
"""What each argument of a command becomes."""
BODIES = (
    "x", "a&b\\\\c&d", "\\href{javascript:pycmd(1)}{x}", "[t]{c}x", "{red;position:fixed}x",
    "\\rule{39em}{39em}&x",
    "\\hline x\\\\[39em]y", "\\tag{<b>x</b>}x",
)  # fmt: skip
"""What each environment holds."""
OTHER = r"\(\frac{a}{b}+\mathbf{x}\in\mathbb{R}\text{ word }\color{red}{y}\sum_{i=1}^n x_i\)"
"""The formula behind each, which looks the same whatever was before."""
TOGETHER = 50
"""How many formulas a page shows at once, each between two others."""

KNOWN_BAD = (
    r"\style{position:fixed}{x}", r"\style{background:url(https://evil.invalid/a)}{x}",
    r"\cssId{x}{y}",
    r"\href{javascript:x}{y}", r"\def\mathbf#1{#1}x", r"\require{bussproofs}\def\frac#1#2{#1}",
    r"\fcolorbox{red;background:url(https://evil.invalid/a)}{white}{x}", r"\let\sum\int",
    r"\smash{\rule{25em}{34em}}", r"\href{https://evil.invalid}{\smash{\lower9em{\rule{9em}{9em}}}}",
)  # fmt: skip
"""Formulas that no card can have: each is to be seen as bad."""


@dataclass
class Formulas:
    """Those that our policy and prover pass; a case is a formula in a line or by itself."""

    eyes: Eyes
    on_page: OnPage
    name: str = "formulas"
    total: int = 0
    batch: int = 250
    _usual: str = ""
    """How the other formula looks in a new page."""

    def __post_init__(self) -> None:
        self.total = len(cases())

    def control(self) -> Iterator[str]:
        for tex, found in zip(KNOWN_BAD, self.wrong(KNOWN_BAD), strict=True):
            if not found:
                yield tex

    def attempt(self, cases_: Sequence[int], seed: int) -> Outcome:  # noqa: ARG002 - all are tried
        some = [(case, cases()[case]) for case in cases_]
        passed = [(case, tex) for (case, tex), fine in zip(some, passes(some), strict=True) if fine]
        outcome = Outcome(Counter({"formulas": len(some), "formulas shown": len(passed)}))
        for start in range(0, len(passed), TOGETHER):
            batch = passed[start : start + TOGETHER]
            for (case, tex), found in zip(batch, self.wrong([t for _, t in batch]), strict=True):
                if found:
                    outcome.findings.append(Finding(case, "; ".join(found), tex))
            shown = [escape(delimited(tex)) for _, tex in batch]
            for (case, tex), found in zip(batch, self.on_page.of_sides(shown), strict=True):
                if found:
                    outcome.findings.append(Finding(case, f"on the page: {'; '.join(found)}", tex))
        return outcome

    def wrong(self, formulas: Sequence[str]) -> list[list[str]]:
        """What each formula does besides being shown."""
        found = self._shown(formulas)
        if any(found) and len(formulas) > 1:  # one may do it to those behind it
            found = [self._shown([tex])[0] for tex in formulas]
        return found

    def _shown(self, formulas: Sequence[str]) -> list[list[str]]:
        """The same of all of them together; what leaves anything behind gets a page of its own."""
        if not self._usual:
            self.eyes.renew()  # without the style of a card that was shown before
            self._usual = self._asked(())[1][0]
        found, looks = self._asked(formulas)
        for own, look in zip((*found, *found[-1:]), looks, strict=False):
            if look != self._usual and "other formulas look otherwise" not in own:
                own.append("other formulas look otherwise")
        found[0] += self.eyes.page.refused
        if any(found):
            self.eyes.renew()
        return found

    def _asked(self, formulas: Sequence[str]) -> tuple[list[list[str]], list[str]]:
        """What each does, and how the formulas behind them look, and one that comes later."""
        page = self.eyes.page
        page.refused.clear()
        ask = "given => wrongWithFormulas(...given)"
        rows = page.evaluate(ask, [[delimited(tex) for tex in formulas], OTHER])
        # Of many, those behind one show what it leaves behind.
        later = page.evaluate(ask, [["x"], OTHER]) if len(formulas) < 2 else []
        return [row["found"] for row in rows], [row["behind"] for row in (*rows, *later)]


def is_display(tex: str) -> bool:
    """Whether a formula is tried on a line of its own."""
    return tex.startswith(r"\begin") or r"\tag" in tex


def delimited(tex: str) -> str:
    """A formula as Anki gives it to MathJax."""
    return f"\\[{tex}\\]" if is_display(tex) else f"\\({tex}\\)"


@cache
def cases() -> tuple[str, ...]:
    """All formulas that are tried, in an order by chance: each batch has some of all kinds."""
    commands = (tex for name in sorted(names("macros")) for tex in of_command(name))
    environments = (tex for name in sorted(names("environments")) for tex in of_environment(name))
    found = [*dict.fromkeys((*commands, *environments))]
    Random(1).shuffle(found)
    return tuple(found)


def of_command(name: str) -> Iterator[str]:
    """A command with each argument in each of its places."""
    number, before = arguments(name), "(" if takes_delimiter(name) else ""
    if not number and name.isalpha():  # a sign like all others
        yield from (f"\\{name}{before}{{{hostile}}}" for hostile in ARGUMENTS[6:12])
        return
    for hostile in ARGUMENTS:
        for at in range(max(1, number)):
            row = ["x"] * max(1, number)
            row[at] = hostile
            yield f"\\{name}{before}" + "".join(f"{{{one}}}" for one in row)
        yield f"\\{name}[{hostile}]{before}" + "{x}" * max(1, number)


def of_environment(name: str) -> Iterator[str]:
    """An environment that holds what is hostile, with what is hostile behind its name."""
    preamble = "{2}" if "alignat" in name else "{c}" if name in PREAMBLES else ""
    for body in BODIES:
        yield f"\\begin{{{name}}}{preamble}{body}\\end{{{name}}}"
    for hostile in ARGUMENTS:
        yield f"\\begin{{{name}}}{{{hostile}}}x\\end{{{name}}}"
        yield f"\\begin{{{name}}}[{hostile}]{preamble}x\\end{{{name}}}"


def passes(formulas: Sequence[tuple[int, str]]) -> list[bool]:
    """Whether our policy and the prover pass each formula."""
    uses = [
        [FormulaUse((CardSideFormula((Tex(0, tex),)),), is_display(tex))] for _, tex in formulas
    ]
    found = check_formulas(uses)
    return [not any(one.severity is Severity.ERROR for one in row) for row in found]
