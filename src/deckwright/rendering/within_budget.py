"""All cards of a deck, rendered and proven within a budget.

A card that takes too much is named at its place, and takes none of the others with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from deckwright.formulas.check import check_formulas
from deckwright.media import Asked
from deckwright.model import Card, Problem, Progress
from deckwright.rendering.pool import Budget, Lost, work_through
from deckwright.rendering.render import Rendered, Shared, render
from deckwright.rules.cards import TOO_SLOW
from deckwright.source.limits import MAX_FILE
from deckwright.source.lines import Outline

_BATCH_CARDS = 64
_BATCH_SIZE = 16 << 10
"""Characters of a batch: 10 ms of work to 0.1 s; a card that is longer is one by itself."""
_FIX = "make it shorter, or split it"


@dataclass(frozen=True, slots=True)
class Job:
    """The cards of a deck, each with its lines and GUID, and what they share."""

    cards: Sequence[tuple[Card, Outline, str]]
    shared: Shared

    def __call__(self, number: int) -> tuple[Rendered, Asked]:
        """A card as a note, and the files that it is the first to ask for."""
        return render(*self.cards[number], self.shared), self.shared.media.hand_over()


def render_all(
    job: Job, progress: Progress, budget: Budget | None, *, engine: bool
) -> tuple[list[Rendered], list[Problem]]:
    """Every card as a note, with what is wrong with it at its place; and what is missing.

    The budget is for one file of cards, and grows with what is more. Without one, all is done in
    this process, for as long as it takes.

    Raises:
        EngineMissing: where the engine is wanted, and not installed.
    """
    if budget:
        size = sum(len(card.source.text) for card, _, _ in job.cards)
        budget = budget.times(max(1, size / MAX_FILE))
    cards, rendered, lost = _render(job, progress, budget)
    claims, macros = [one.formulas for one in rendered], job.shared.macros
    seconds, most = (budget.proofs, budget.formulas) if budget else (math.inf, None)
    proofs = check_formulas(claims, macros, progress, engine=engine, seconds=seconds, most=most)
    proven = []
    for card, one, found in zip(cards, rendered, proofs, strict=True):
        placed = (problem.placed(card.source) for problem in (*one.problems, *found))
        proven.append(replace(one, problems=tuple(placed)))
    return proven, lost


def _render(
    job: Job, progress: Progress, budget: Budget | None
) -> tuple[list[Card], list[Rendered], list[Problem]]:
    """The cards that came through, each as a note, and the others; formulas are not proven yet."""
    total = len(job.cards)
    if budget is None:
        cards = [card for card, _, _ in job.cards]
        return cards, [render(*card, job.shared) for card in job.cards], []
    results = work_through(
        job, _batches(job.cards), budget, lambda done: progress("Rendering", done, total)
    )
    cards, rendered, lost = [], [], []
    for number, (card, _, _) in enumerate(job.cards):
        match results[number]:
            case Lost(what):
                lost.append((card, what))
            case one, asked:
                job.shared.media.receive(asked)
                cards.append(card)
                rendered.append(one)
    return cards, rendered, [*_told(lost)]


def _batches(cards: Sequence[tuple[Card, Outline, str]]) -> Iterator[range]:
    """Cards in a row that are rendered by one worker."""
    start = size = 0
    for number, (card, _, _) in enumerate(cards):
        spans = (card.prompt, card.answer, *(part.span for part in card.parts))
        length = sum(span.end - span.start for span in spans)
        if size + length > _BATCH_SIZE or number - start >= _BATCH_CARDS:
            yield range(start, number)
            start, size = number, 0
        size += length
    yield range(start, len(cards))


def _told(lost: Sequence[tuple[Card, str]]) -> Iterator[Problem]:
    """Each card that took too much, and the first of those whose turn never came."""
    for card, what in lost:
        if what:
            yield TOO_SLOW.at(card.place, f"this card {what}", _FIX)
    if waiting := [card for card, what in lost if not what]:
        what = f"{len(waiting):,} cards were not looked at, as the time for this deck was up"
        fix = "mend the slow ones first, or split the file"
        yield TOO_SLOW.at(waiting[0].place, what, fix)
