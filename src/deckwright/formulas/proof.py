"""What MathJax's verdict on a formula comes to: findings, each where its cause stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from deckwright.formulas import words
from deckwright.formulas.parts import MATH_EMPTY
from deckwright.formulas.policy import TEX_FORBIDDEN, TEX_TOO_BIG, Analysis, forbidden
from deckwright.mathjax.commands import known_macro
from deckwright.mathjax.engine import Verdict
from deckwright.mathjax.tokens import Token
from deckwright.model import Problem, Rule, Severity

TEX_ERROR = Rule(
    "tex-error",
    "Anki's MathJax can read every formula on every side of every card. Where it cannot, a "
    "learner sees raw LaTeX.",
)

TEX_UNDEFINED = Rule(
    "tex-undefined",
    "Anki's MathJax knows every command. It shows the name of an unknown one in red.",
)

TEX_RAW = Rule(
    "tex-raw",
    "No part of a formula shows as raw LaTeX: MathJax finds where the formula ends, and "
    r"`\text` contains no commands, which MathJax does not read there.",
)

TEX_LINE_BREAK = Rule(
    "tex-line-break",
    r"A line break is inside an environment: elsewhere MathJax ignores `\\`.",
    severity=Severity.WARNING,
)

TEX_WIDE = Rule(
    "tex-wide",
    "A formula fits on a phone of 390 pixels. A learner has to scroll a wider one sideways.",
    severity=Severity.WARNING,
)


PHONE = 13.7
"""How wide a formula may be on a phone, in em of its own font.

Of 390 pixels a card leaves 341 to its text of 19, and MathJax sets its font 1.19 times as large
as that on iOS and Android, 1.31 times on a plain Linux: it matches the height of small letters.
"""

_RAW_FIXES = {
    **{rf"\{sign}": f"write {sign} without a backslash" for sign in "%&#_"},
    **{rf"\{name}": rf"write \{name} in the place of \text" for name in ("textbf", "textit")},
    r"\emph": r"write \textit in the place of \text",
    r"\\": r"break the line in an environment, as \begin{gathered}…\end{gathered}",
}


def judge(formula: Analysis, verdict: Verdict, macros: Collection[str]) -> Iterator[Problem]:
    """What MathJax's verdict on a formula comes to."""
    named = any(forbidden(formula))
    yield from _undefined(formula, verdict.undefined, macros)
    if verdict.gave_up:
        what = f"this formula takes MathJax too much {verdict.gave_up}"
        yield TEX_TOO_BIG.at(0, what, "split it, or nest it less deeply")
    elif verdict.error:
        yield _error(formula, verdict)
    elif not verdict.delimited:
        yield _endless(formula)
    elif verdict.empty and not named and not _shows_little(formula, verdict):
        fix = r"write the formula, or \$ for a dollar sign"
        yield MATH_EMPTY.at(0, "this formula shows nothing", fix)
    for text in verdict.raw if not named else ():
        yield _raw(formula, text)
    for attribute in verdict.unsafe if not named else ():
        what = f"this formula sets {attribute[:60]}"
        yield TEX_FORBIDDEN.at(0, what, "leave out what sets it")
    if verdict.breaks:
        yield _line_break(formula)
    if verdict.width > PHONE:
        more = max(1, round(100 * (verdict.width / PHONE - 1)))
        what = f"this formula is {more} % wider than a phone"
        fix = r"break it into lines, as \begin{aligned}…\\…\end{aligned} in a $$ formula"
        yield TEX_WIDE.at(0, what, fix)


def _shows_little(formula: Analysis, verdict: Verdict) -> bool:
    """Whether nothing is drawn for a reason that is named elsewhere, or is a tag in a line."""
    return verdict.breaks or not formula.tex.strip() or r"\tag" in formula.tex


def _undefined(
    formula: Analysis, names: Collection[str], macros: Collection[str]
) -> Iterator[Problem]:
    for token in formula.row:
        if token.name in names and not token.environment:
            what = f"undefined command {token.text}"
            yield TEX_UNDEFINED.at(token.start, what, words.undefined(token.name, macros))


def _error(formula: Analysis, verdict: Verdict) -> Problem:
    """A compile error, where the parser stood, or at what opened and never closed."""
    if unclosed := formula.nesting.unclosed:
        return _unclosed(unclosed)
    what, fix = words.mathjax(verdict.error_id, verdict.error)
    token = _stood(formula.row, verdict)
    return TEX_ERROR.at(token.start if token else 0, what, fix)


def _stood(row: tuple[Token, ...], verdict: Verdict) -> Token | None:
    r"""The token at which MathJax gave up: the last that it read, ``\right)`` being one."""
    at = 1 if verdict.at is None else verdict.at
    if verdict.error_id.startswith("Double"):  # told before or after the second script is read
        at += any(token.start == at and token.text in "^_'" for token in row)
    read = [token for token in row if token.start < at and not token.is_space]
    if len(read) > 1 and read[-2].name in ("left", "right", "middle"):
        return read[-2]
    return read[-1] if read else None


def _unclosed(token: Token) -> Problem:
    closing = {"{": "}", r"\left": r"\right) or \right."}.get(token.key, "")
    closing = closing or rf"\end{{{token.environment}}}"
    return TEX_ERROR.at(token.start, f"{token.text} never closes", f"write {closing}")


def _endless(formula: Analysis) -> Problem:
    """Why MathJax does not find the end of a formula that it can read."""
    nesting = formula.nesting
    if nesting.unclosed:
        return _unclosed(nesting.unclosed)
    last = formula.row[-1]
    if last.key == "\\":
        fix = r"take it out, or write \backslash for the sign"
        return TEX_RAW.at(last.start, "a backslash ends this formula", fix)
    inner = re.search(r"\\[()\[\]]", formula.tex)
    what = "MathJax does not find the end of this formula, and shows it raw"
    fix = r"take \( \) \[ \] and unmatched braces out of it"
    return TEX_RAW.at(inner.start() if inner else 0, what, fix)


def _raw(formula: Analysis, text: str) -> Problem:
    """A command in a text, where MathJax shows it letter by letter."""
    shown = [found[0] for found in re.finditer(r"\\(?:[A-Za-z]+|.)", text)]
    inside = [token for token in formula.in_texts() if token.name]
    token = next((one for one in inside if one.text in (*shown, r"\\")), formula.row[0])
    fix = _RAW_FIXES.get(token.text, r"close the text before it: \text{…} holds words alone")
    return TEX_RAW.at(token.start, f"{token.text} shows as it stands here", fix)


def _line_break(formula: Analysis) -> Problem:
    """A line break outside of every environment."""
    around: list[str] = []
    at = 0
    for token, before in zip(formula.row, (None, *formula.row), strict=False):
        if token.key in ("{", r"\begin", r"\left"):
            in_substack = before is not None and before.name == "substack"
            around.append(r"\begin" if in_substack else token.key)
        elif token.key in ("}", r"\end", r"\right") and around:
            around.pop()
        elif token.name in ("\\", "newline") and around[-1:] != [r"\begin"]:
            at = token.start
            break
    fix = r"put the lines into an environment, as \begin{gathered}…\end{gathered}"
    return TEX_LINE_BREAK.at(at, r"\\ breaks no line here", fix)


def guess(formula: Analysis, macros: Collection[str]) -> Iterator[Problem]:
    """What can be said of a formula without MathJax: its names and braces."""
    texts = {token.start for token in formula.in_texts()}
    for token in formula.row if not any(forbidden(formula)) else ():
        known = not token.name or known_macro(token.name) or token.start in texts
        if not known:
            what = f"undefined command {token.text}"
            yield TEX_UNDEFINED.at(token.start, what, words.undefined(token.name, macros))
    nesting = formula.nesting
    if nesting.unclosed:
        yield _unclosed(nesting.unclosed)
    elif nesting.unopened:
        what = f"{nesting.unopened.text} closes what was never opened"
        yield TEX_ERROR.at(nesting.unopened.start, what, "take it out")
