"""The formulas of a deck, proven on every side of every card that shows them."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from deckwright.formulas import words
from deckwright.formulas.analysis import Analysis
from deckwright.formulas.cloze_sides import FormulaUse
from deckwright.formulas.parts import MATH_EMPTY
from deckwright.formulas.policy import (
    MAX_DEPTH,
    MAX_LENGTH,
    TEX_FORBIDDEN,
    TEX_TOO_BIG,
    forbidden,
    look,
)
from deckwright.mathjax.commands import known_macro
from deckwright.mathjax.engine import Typeset, Verdict
from deckwright.mathjax.prove import prove
from deckwright.mathjax.tokens import Token
from deckwright.model import Problem, Progress, Rule, Severity, Stake, quiet
from deckwright.source.limits import PATIENCE, TOO_SLOW

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
    stake=Stake.FORMULA,
)

TEX_WIDE = Rule(
    "tex-wide",
    "A formula fits on a phone of 390 pixels. A learner has to scroll a wider one sideways.",
    severity=Severity.WARNING,
    stake=Stake.FORMULA,
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
    r"\\": r"break the line in an environment: \begin{gathered}…\end{gathered}",
}


_READING, _PROVING = 0.3, 0.8
"""The shares of the time after which formulas are not read, and not proven, any more."""
_GO_ON = f"run it again, as what is proven is remembered, or give it more: {PATIENCE}=5"


def check_formulas(
    cards: Sequence[Sequence[FormulaUse]],
    macros: Collection[str] = (),
    progress: Progress = quiet,
    *,
    engine: bool = True,
    seconds: float = math.inf,
) -> list[list[Problem]]:
    """What is wrong with the formulas of each card, each problem at its offset in the card.

    ``macros`` are the names of the deck's own, for suggestions. Without the engine, this is what
    the LaTeX itself shows. One problem says how many formulas are not proven, where that would
    take more than so many seconds of a processor.

    Raises:
        EngineMissing: where the engine is wanted and not installed.
    """
    start = time.process_time()
    clock = _Clock(start + _READING * seconds)
    asked = [(number, use, [*_typesets(use)]) for number, use in clock.in_time(cards)]
    wanted = [typeset for _, _, typesets in asked for typeset in typesets]
    left = start + _PROVING * seconds - time.process_time()
    verdicts = prove(wanted, progress, left) if engine else None
    found: list[list[Problem]] = [[] for _ in cards]
    again = _Clock(start + seconds)
    for number, use in again.in_time(cards):
        found[number] += _problems(use, verdicts, macros)
    unproven = [
        (number, use)
        for number, use, typesets in asked
        if verdicts is not None and any(one not in verdicts for one in typesets)
    ]
    for late, done, fix in (
        (clock.left or again.left, "looked at", "use fewer formulas and clozes in each file"),
        (unproven, "proven", _GO_ON),
    ):
        for number, use in late[:1]:
            offset, _ = use.sides[0].locate(0)
            what = f"{len(late):,} formulas were not {done}: the time for this deck was up"
            found[number].append(TOO_SLOW.at(offset, what, fix))
    return found


class _Clock:
    """Lets formulas through up to a time of this process, and keeps those that come later.

    A formula is looked at as each side of its card shows it, so that many clozes are much to do.
    """

    def __init__(self, until: float) -> None:
        self._until = until
        self.left: list[tuple[int, FormulaUse]] = []

    def in_time(self, cards: Sequence[Sequence[FormulaUse]]) -> Iterator[tuple[int, FormulaUse]]:
        """Each formula with the number of its card, while there is time."""
        for number, card in enumerate(cards):
            for use in card:
                if time.process_time() < self._until:
                    yield number, use
                else:
                    self.left.append((number, use))


def _typesets(use: FormulaUse) -> Iterator[Typeset]:
    """What MathJax is asked of a formula; nothing that is too big for it."""
    return (Typeset(side.tex, use.display) for side in use.sides if _fits(side.tex))


def _fits(tex: str) -> bool:
    shallow = sum(map(tex.count, ("{", r"\begin", r"\left"))) <= MAX_DEPTH
    return len(tex) <= MAX_LENGTH and (shallow or Analysis(tex).nesting.deepest <= MAX_DEPTH)


def _problems(
    use: FormulaUse, verdicts: Mapping[Typeset, Verdict] | None, macros: Collection[str]
) -> Iterator[Problem]:
    """What is wrong with a formula; what is wrong with nothing hidden is named once."""
    named: set[tuple[str, int]] = set()
    for side in use.sides:
        formula = Analysis(side.tex)
        problems = [*look(formula)]
        if verdicts is None:
            problems += guess(formula, macros)
        elif verdict := verdicts.get(Typeset(side.tex, use.display)):
            problems += judge(formula, verdict, macros)
        for one in problems:
            offset, macro = side.locate(one.at)
            if side.hidden and (one.rule, offset) in named:
                continue
            named.add((one.rule, offset))
            where = f" in \\{macro} of deck.toml" if macro else ""
            where += f", where c{side.hidden} is hidden" if side.hidden else ""
            yield replace(one, at=offset, what=one.what + where, edits=())


def judge(formula: Analysis, verdict: Verdict, macros: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a formula by MathJax's verdict on it."""
    for token in formula.row:
        if token.name in verdict.undefined and not token.environment:
            yield _undefined(token, macros)
    if verdict.gave_up:
        what = f"this formula takes MathJax too much {verdict.gave_up}"
        yield TEX_TOO_BIG.at(0, what, "split it, or nest it less deeply")
    elif verdict.error:
        yield _error(formula, verdict)
    elif not verdict.delimited:
        yield _endless(formula)
    if not any(forbidden(formula)):
        yield from _unseen(formula, verdict)
    if verdict.breaks:
        yield _line_break(formula)
    if verdict.width > PHONE:
        more = max(1, round(100 * (verdict.width / PHONE - 1)))
        what = f"this formula is {more} % wider than a phone"
        fix = r"break it into lines: \begin{aligned}…\\…\end{aligned} in a $$ formula"
        yield TEX_WIDE.at(0, what, fix)


def _unseen(formula: Analysis, verdict: Verdict) -> Iterator[Problem]:
    """What a formula shows and should not, or does not show at all."""
    fine = verdict.delimited and not verdict.gave_up and not verdict.error
    # A line break is named by itself, and \tag shows nothing in a line.
    elsewhere = verdict.breaks or not formula.tex.strip() or r"\tag" in formula.tex
    if verdict.empty and fine and not elsewhere:
        fix = r"write the formula, or \$ for a dollar sign"
        yield MATH_EMPTY.at(0, "this formula shows nothing", fix)
    for text in verdict.raw:
        yield _raw(formula, text)
    for attribute in verdict.unsafe:
        what = f"this formula sets {attribute[:60]}"
        yield TEX_FORBIDDEN.at(0, what, "leave out what sets it")


def _undefined(token: Token, macros: Collection[str]) -> Problem:
    said = f"Undefined control sequence {token.text}"
    what, _ = words.mathjax("UndefinedControlSequence", said)
    return TEX_UNDEFINED.at(token.start, what, words.undefined(token.name, macros))


def _error(formula: Analysis, verdict: Verdict) -> Problem:
    """A compile error, at the place of the parser, or at what opened and never closed."""
    if unclosed := formula.nesting.unclosed:
        return _unclosed(unclosed)
    what, fix = words.mathjax(verdict.error_id, verdict.error)
    token = _last_read(formula.row, verdict)
    return TEX_ERROR.at(token.start if token else 0, what, fix)


def _last_read(row: tuple[Token, ...], verdict: Verdict) -> Token | None:
    r"""The token at which MathJax gave up: the last that it read, ``\right)`` being one."""
    at = 1 if verdict.at is None else verdict.at
    if verdict.error_id.startswith("Double"):  # raised before or after the second script is read
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
    if formula.nesting.unclosed:
        return _unclosed(formula.nesting.unclosed)
    last = formula.row[-1]
    if last.key == "\\":
        fix = r"remove it, or write \backslash for the sign"
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
    fix = _RAW_FIXES.get(token.text, r"close the text before it: \text{…} is for words alone")
    return TEX_RAW.at(token.start, f"{token.text} is shown letter by letter", fix)


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
    fix = r"put the lines into an environment: \begin{gathered}…\end{gathered}"
    return TEX_LINE_BREAK.at(at, r"\\ breaks no line here", fix)


def guess(formula: Analysis, macros: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a formula as far as its names and braces show, without MathJax."""
    texts = {token.start for token in formula.in_texts()}
    for token in formula.row if not any(forbidden(formula)) else ():
        if token.name and not known_macro(token.name) and token.start not in texts:
            yield _undefined(token, macros)
    nesting = formula.nesting
    if nesting.unclosed:
        yield _unclosed(nesting.unclosed)
    elif nesting.unopened:
        what = f"{nesting.unopened.text} closes what was never opened"
        yield TEX_ERROR.at(nesting.unopened.start, what, "remove it")
