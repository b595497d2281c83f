"""The formulas of a deck, proven on every side of every card that shows them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from deckwright.formulas.cloze_sides import Claim
from deckwright.formulas.policy import MAX_DEPTH, MAX_LENGTH, Analysis, look
from deckwright.formulas.proof import guess, judge
from deckwright.mathjax.engine import Typeset, Verdict
from deckwright.mathjax.prove import prove
from deckwright.model import Problem, Progress, quiet
from deckwright.source.limits import TOO_SLOW


def check_formulas(
    cards: Sequence[Sequence[Claim]],
    macros: Collection[str] = (),
    progress: Progress = quiet,
    *,
    engine: bool = True,
    seconds: float = math.inf,
    most: int | None = None,
) -> list[list[Problem]]:
    """What is wrong with the formulas of each card, each finding at its offset in the card.

    ``macros`` are the names of the deck's own, for suggestions. Without the engine, this is what
    the LaTeX itself tells. What is not proven after so many seconds, or of more new formulas than
    ``most``, is told, once.

    Raises:
        EngineMissing: where the engine is wanted and not installed.
    """
    claims = [claim for card in cards for claim in card]
    asked = (typeset for claim in claims for typeset in _typesets(claim))
    verdicts = prove(asked, progress, seconds, most) if engine else None
    found = [
        [found for claim in card for found in _problems(claim, verdicts, macros)] for card in cards
    ]
    if verdicts is not None:
        _name_unproven(cards, verdicts, found)
    return found


def _name_unproven(
    cards: Sequence[Sequence[Claim]],
    verdicts: Mapping[Typeset, Verdict],
    found: Sequence[list[Problem]],
) -> None:
    """Tell of the first formula for which there was no time, and how many more there are."""
    unproven = [
        (number, claim)
        for number, card in enumerate(cards)
        for claim in card
        if any(one not in verdicts for one in _typesets(claim))
    ]
    for number, claim in unproven[:1]:
        offset, _ = claim.sides[0].locate(0)
        what = f"{len(unproven):,} formulas were not proven, as the time for this deck was up"
        fix = "run it again: what is proven is remembered"
        found[number].append(TOO_SLOW.at(offset, what, fix))


def _typesets(claim: Claim) -> Iterator[Typeset]:
    """What MathJax is asked of a formula; nothing that is too big for it."""
    for side in claim.sides:
        if _fits(side.tex):
            yield Typeset(side.tex, claim.display)


def _fits(tex: str) -> bool:
    opening = sum(map(tex.count, ("{", r"\begin", r"\left")))
    deepest = opening if opening <= MAX_DEPTH else Analysis(tex).nesting.deepest
    return len(tex) <= MAX_LENGTH and deepest <= MAX_DEPTH


def _problems(
    claim: Claim, verdicts: Mapping[Typeset, Verdict] | None, macros: Collection[str]
) -> Iterator[Problem]:
    """What is wrong with a formula; what is wrong with nothing hidden is told once."""
    told: set[tuple[str, int]] = set()
    for side in claim.sides:
        formula = Analysis(side.tex)
        findings = [*look(formula)]
        if verdicts is None:
            findings += guess(formula, macros)
        elif verdict := verdicts.get(Typeset(side.tex, claim.display)):
            findings += judge(formula, verdict, macros)
        for found in findings:
            offset, macro = side.locate(found.at)
            if side.hidden and (found.rule, offset) in told:
                continue
            told.add((found.rule, offset))
            where = f" in \\{macro} of deck.toml" if macro else ""
            where += f", where c{side.hidden} is hidden" if side.hidden else ""
            yield replace(found, at=offset, what=found.what + where)
