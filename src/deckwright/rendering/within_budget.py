"""A deck's files checked, its cards rendered and their formulas proven, within a budget.

What takes too much is named, and takes nothing else with it: a card at its place, a picture or a
sound where a card shows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from deckwright.formulas.check import check_formulas
from deckwright.media import SOUND, Library, resolve
from deckwright.media.files import candidates
from deckwright.media.library import BAD_PICTURE, BAD_SOUND, Checked, sort_of
from deckwright.model import Card, Problem, Progress, Source
from deckwright.rendering.pool import Budget, Lost, work_through
from deckwright.rendering.render import Rendered, Shared, render
from deckwright.source.folder import Folder
from deckwright.source.limits import MAX_FILE, TOO_SLOW
from deckwright.source.lines import Outline

_DECODED = 4
"""How much more memory the check of a picture gets: it is decoded, with four bytes for each of 25
million pixels, and a few such canvases for a moving one."""
_FIX = "make it shorter, or split it"


@dataclass(frozen=True, slots=True)
class _Job:
    """Renders one of some cards, each given with its lines."""

    cards: Sequence[tuple[Card, Outline]]
    shared: Shared

    def __call__(self, number: int) -> Rendered:
        return render(*self.cards[number], self.shared)


def resolve_all(folder: Folder, progress: Progress, budget: Budget | None) -> Library:
    """The library of a deck's folder, with each picture and sound checked.

    The budget grows with the deck's texts, as that of its cards does. Without one, all is done in
    this process, for as long as it takes.
    """
    if budget is None:
        return resolve(folder.root, folder.tree)
    files = candidates(folder.root, folder.tree, (source.text for source in folder.sources))
    total = len(files.paths)
    results = work_through(
        files,
        total,
        replace(_grown(budget, folder.sources), memory=_DECODED * budget.memory),
        lambda done: progress("Checking pictures and sounds", done, total),
    )
    judged = {path: _judged(path, results[number]) for number, path in enumerate(files.paths)}
    return Library.of(folder.tree, judged)


def _grown(budget: Budget, sources: Iterable[Source]) -> Budget:
    """The budget of a deck with these files of cards."""
    return budget.times(max(1, sum(len(source.text) for source in sources) / MAX_FILE))


def _judged(path: PurePosixPath, result: Checked | Problem | Lost) -> Checked | Problem:
    """What was found of a file, or that it took too much."""
    if not isinstance(result, Lost):
        return result
    name, rule = repr(path.name[:60]), BAD_SOUND if sort_of(path) is SOUND else BAD_PICTURE
    if result.what:
        return rule.at(0, f"checking {name} {result.what}", "save it again, in a plainer form")
    what = f"{name} was not checked, because the time for this deck was up"
    return rule.at(0, what, "make the pictures and sounds of this deck fewer or smaller")


def render_all(
    cards: Sequence[tuple[Card, Outline]],
    shared: Shared,
    progress: Progress,
    budget: Budget | None,
    *,
    engine: bool,
) -> tuple[list[tuple[Card, Rendered]], list[Problem]]:
    """Every card, given with its lines, with its problems; and the problems of cards that are lost.

    The budget is for one file of cards, and grows with what is more. Without one, all is done in
    this process, for as long as it takes.

    Raises:
        EngineMissing: where the engine is wanted, and not installed.
    """
    if budget:
        budget = _grown(budget, [card.source for card, _ in cards])
    rendered, lost = _render(cards, shared, progress, budget)
    uses = [one.formulas for _, one in rendered]
    seconds, most = (budget.proofs, budget.formulas) if budget else (math.inf, None)
    proofs = check_formulas(
        uses, shared.macros, progress, engine=engine, seconds=seconds, most=most
    )
    proven = []
    for (card, one), found in zip(rendered, proofs, strict=True):
        placed = (problem.placed(card.source) for problem in (*one.problems, *found))
        proven.append((card, replace(one, problems=tuple(placed))))
    return proven, lost


def _render(
    cards: Sequence[tuple[Card, Outline]],
    shared: Shared,
    progress: Progress,
    budget: Budget | None,
) -> tuple[list[tuple[Card, Rendered]], list[Problem]]:
    """The cards that came through, and what is wrong with the others; no formula is proven yet."""
    job = _Job(cards, shared)
    if budget is None:
        return [(card, job(number)) for number, (card, _) in enumerate(cards)], []
    total = len(cards)
    results = work_through(job, total, budget, lambda done: progress("Rendering", done, total))
    rendered, lost = [], []
    for number, (card, _) in enumerate(cards):
        match results[number]:
            case Lost(what):
                lost.append((card, what))
            case one:
                rendered.append((card, one))
    return rendered, [*_lost(lost)]


def _lost(lost: Sequence[tuple[Card, str]]) -> Iterator[Problem]:
    """Each card that took too much, and the first of those whose turn never came."""
    for card, what in lost:
        if what:
            yield TOO_SLOW.at(card.place, f"this card {what}", _FIX)
    if waiting := [card for card, what in lost if not what]:
        what = f"{len(waiting):,} cards were not looked at: the time for this deck was up"
        fix = "mend the slow ones first, or split the file"
        yield TOO_SLOW.at(waiting[0].place, what, fix)
