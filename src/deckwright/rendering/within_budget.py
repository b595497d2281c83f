"""A deck's files checked, its cards rendered and their formulas proven, within a budget.

What takes too much is named, and takes nothing else with it: a card at its place, a picture or a
sound where a card shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from deckwright.formulas.check import check_formulas
from deckwright.media import SOUND, Library, resolve
from deckwright.media.files import candidates
from deckwright.media.library import BAD_PICTURE, BAD_SOUND, Checked, sort_of
from deckwright.model import Card, Problem, Progress, Source
from deckwright.rendering.pool import Budget, Lost, Purse, work_through
from deckwright.rendering.render import Rendered, Shared, render
from deckwright.source.folder import Folder
from deckwright.source.limits import MAX_FILE, TOO_SLOW
from deckwright.source.lines import Outline
from deckwright.source.problems import MAX_OF_A_CARD, some

_DECODED = 4
"""How much more memory the check of a picture gets: it is decoded, with four bytes for each of 25
million pixels, and a few such canvases for a moving one."""
_FIX = "make it shorter, or split it"


Look = TypeVar("Look")

_RENDERING, _PROVING = 0.6, 0.9
"""The shares of the time after which no card is rendered and no formula proven any more."""


@dataclass(frozen=True, slots=True)
class _Job(Generic[Look]):
    """Renders one of some cards, each given with its lines, and looks at what came of it."""

    cards: Sequence[tuple[Card, Outline]]
    shared: Shared
    look: Callable[[Card, Rendered], Look]

    def __call__(self, number: int) -> tuple[Rendered, Look]:
        card, lines = self.cards[number]
        rendered = render(card, lines, self.shared)
        few = some(rendered.problems, MAX_OF_A_CARD)
        return replace(rendered, problems=few), self.look(card, rendered)


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
        replace(budget, memory=_DECODED * budget.memory),
        Purse(grown(budget, folder.sources).media),
        lambda done: progress("Checking pictures and sounds", done, total),
    )
    judged = {path: _judged(path, results[number]) for number, path in enumerate(files.paths)}
    return Library.of(folder.tree, judged)


def grown(budget: Budget, sources: Iterable[Source]) -> Budget:
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
    look: Callable[[Card, Rendered], Look],
    progress: Progress,
    budget: Budget | None,
    purse: Purse,
    *,
    engine: bool,
) -> tuple[list[tuple[Card, Rendered, Look]], list[Problem]]:
    """Every card, given with its lines, with its problems and a look at it; and those of lost ones.

    The problems of a card have offsets in its source.

    The budget is for one file of cards, and grows with what is more. Without one, all is done in
    this process, for as long as it takes.

    Raises:
        EngineMissing: where the engine is wanted, and not installed.
    """
    rendered, lost = _render(_Job(cards, shared, look), progress, budget, purse)
    uses = [one.formulas for _, one, _ in rendered]
    seconds = purse.left(_PROVING)
    proofs = check_formulas(uses, shared.macros, progress, engine=engine, seconds=seconds)
    proven = [
        (card, replace(one, problems=(*one.problems, *found)), seen)
        for (card, one, seen), found in zip(rendered, proofs, strict=True)
    ]
    return proven, lost


def _render(
    job: _Job[Look], progress: Progress, budget: Budget | None, purse: Purse
) -> tuple[list[tuple[Card, Rendered, Look]], list[Problem]]:
    """The cards that came through, and what is wrong with the others; no formula is proven yet."""
    total = len(job.cards)
    if budget is None:
        return [(card, *job(number)) for number, (card, _) in enumerate(job.cards)], []

    def report(done: int) -> None:
        progress("Rendering", done, total)

    results = work_through(job, total, budget, purse, report, _RENDERING)
    rendered, lost = [], []
    for number, (card, _) in enumerate(job.cards):
        match results[number]:
            case Lost(what):
                lost.append((card, what))
            case one:
                rendered.append((card, *one))
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
