"""What a real Anki says of a package, and of the upgrade to it, for the verbs that ask it."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator
from pathlib import Path

import click

from deckwright.apkg.files import scratch_folder
from deckwright.apkg.package import write
from deckwright.commands.of_a_deck import PROBLEMS
from deckwright.commands.terminal import EnvironmentProblem, progress, row
from deckwright.compile import Compiled
from deckwright.real_anki import AnkiMissing
from deckwright.real_anki import verify as import_and_check
from deckwright.rehearsal import Intended, Rehearsal, rehearse
from deckwright.releases.ledger import Ledger
from deckwright.releases.published import rebuilt
from deckwright.releases.rehearsed import asked_otherwise, said_same
from deckwright.releases.release import Prepared, intended
from deckwright.source.printable import count, printable

SHOWN_FAILURES = 50
"""How many failures of a package are printed; the rest is counted."""


def verify_package(path: Path) -> None:
    """Print what a real Anki says of a package; end the program where that is bad."""
    try:
        with progress() as show:
            report = import_and_check(path, show)
    except AnkiMissing as error:
        raise EnvironmentProblem(str(error)) from None
    _fail(path, report.anki_version, [f"{one.what}: {one.fix}" for one in report.failures])
    counts = report.counts
    row(
        "verified",
        f"Anki {report.anki_version} imports {count(counts.notes, 'note')} and renders "
        f"{count(counts.cards, 'card')} in {count(counts.decks, 'deck')}, without a problem",
    )


def rehearse_upgrade(
    olds: list[Path], new: Path, on_purpose: Intended, ledger: Ledger | None = None
) -> None:
    """Print how upgrades went in a real Anki; end the program where a learner lost something.

    The ledger knows of which notes the authors said that they are the same fact.
    """
    with progress() as show:
        rehearsals = rehearse(olds, new, on_purpose, show)
    for one in rehearsals:
        failures = [f"{bad.what}: {bad.fix}" for bad in one.failures]
        same = said_same(ledger, one.time) if ledger else frozenset[str]()
        _fail(one.old, one.anki_version, [*failures, *_other_questions(one, same)])
        row(
            "rehearsed",
            f"{one.old.name} → {new.name}: {count(one.cards, 'studied card')} kept,"
            f" {count(one.updated_notes, 'note')} updated, {one.new_notes:,} new",
        )
        if one.survival:
            words = "what a learner changes, and still has after the update"
            row("", f"{words} (Anki replaces whole what we change):")
        for (kind, changed), (left, made) in sorted(one.survival.items()):
            on = "something we changed" if changed else "something we did not change"
            row("", f"{left} of {made}: {kind}, on {on}")
        for remark in one.remarks:
            row("", remark)
        for words in asked_otherwise(one.studied, ()):
            row("", f"{words}; its author says that it is the same fact")


def _other_questions(one: Rehearsal, same: Container[str]) -> Iterator[str]:
    """The cards that ask something else than when the learner studied them."""
    found = [*asked_otherwise(one.studied, same)]
    yield from found
    if found:
        cards = count(len(found), "studied card")
        yield (
            f"{cards} would ask something else now: give each fact an id of its own; where it is"
            " the same fact, its card says so with its own id in `was`, and --deck names its deck"
        )


def rehearse_release(
    compiled: Compiled, prepared: Prepared, new: Path, published: Path | None = None
) -> None:
    """Rehearse the upgrade from the last release, rebuilt from the ledger, without a download.

    Where the package that was published is at hand and is another one, from that, too.
    """
    if compiled.ledger is None:
        return
    with scratch_folder() as folder:
        olds = [rebuilt(compiled.ledger, prepared, folder)]
        if published and published.read_bytes() != olds[0].read_bytes():
            olds.insert(0, published)
        rehearse_upgrade(olds, new, intended(prepared), prepared.ledger)


def rehearse_in_scratch(
    compiled: Compiled, prepared: Prepared, published: Path | None = None
) -> None:
    """Verify a package that is not written yet, and rehearse the upgrade to it."""
    with scratch_folder() as folder:
        path = write(prepared.package, folder)
        verify_package(path)
        rehearse_release(compiled, prepared, path, published)


def _fail(path: Path, anki: str, failures: list[str]) -> None:
    for words in failures[:SHOWN_FAILURES]:
        click.echo(printable(f"{path}: {words}"), err=True)
    if failures:
        click.echo(f"Anki {anki}: {count(len(failures), 'problem')}", err=True)
        sys.exit(PROBLEMS)
