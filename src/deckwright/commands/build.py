"""``deckwright build``: make the package."""

from __future__ import annotations

import time
from pathlib import Path

import click

from deckwright.apkg.files import write_atomically
from deckwright.apkg.package import DRAFT, is_draft, write
from deckwright.commands.in_anki import rehearse_release, verify_package
from deckwright.commands.of_a_deck import (
    compiled_deck,
    deck_argument,
    default_deck,
    describe,
    output_option,
)
from deckwright.commands.terminal import EnvironmentProblem, now, row
from deckwright.compile import Compiled
from deckwright.releases.changelog import notes_of_last
from deckwright.releases.ledger import Ledger
from deckwright.releases.release import Prepared, prepare

NOTES = "notes.md"
"""What a release means for learners, beside its package."""


@click.command(
    epilog="""\b
Examples:
  deckwright build
  deckwright build content --output-dir ../decks --verify
  deckwright build --released 1.2.0 -o release     that release again or nothing, and notes.md"""
)
@deck_argument
@output_option
@click.option("--verify", "verified", is_flag=True, help="Then look at it in a real Anki.")
@click.option(
    "--released",
    metavar="VERSION",
    help="Build this release again, with notes.md about it; refuse what is not just that.",
)
@click.option(
    "--no-math-check",
    "unproven",
    is_flag=True,
    help="Do not prove formulas in MathJax, where its engine cannot be installed.",
)
def build(
    deck: Path | None, output_dir: Path, verified: bool, released: str | None, unproven: bool
) -> None:
    """Check DECK (default: content) and make its Anki package."""
    started = time.monotonic()
    built = now()
    compiled = compiled_deck(deck or default_deck(), engine=not unproven)
    prepared = prepare(compiled, built)
    last = None if released is None else _released(compiled, prepared, released)
    path = write(prepared.package, output_dir)
    if last:
        notes = notes_of_last(last)
        write_atomically(output_dir / NOTES, notes.encode())
    describe(compiled, prepared)
    if verified:
        verify_package(path)
        rehearse_release(compiled, prepared, path)
    if unproven:
        row("formulas", "not proven in MathJax, as --no-math-check asks")
    if is_draft(prepared.ledger.last.version):
        row("draft", DRAFT)
    row("time", f"{time.monotonic() - started:.1f} s")
    row("package", path)


def _released(compiled: Compiled, prepared: Prepared, version: str) -> Ledger:
    """The ledger of a tree that is just the release which it is said to be.

    Raises:
        EnvironmentProblem: where it is another one, or none.
    """
    ledger = compiled.ledger
    if not ledger:
        raise EnvironmentProblem(
            f"this deck has no release, and so not {version}: it has no ledger"
        )
    if ledger.last.version != version:
        raise EnvironmentProblem(
            f"the last release in this ledger is {ledger.last.version}, and not {version}"
        )
    if prepared.ledger.last.version != version:
        raise EnvironmentProblem(
            f"this deck is not as {version} was released: `deckwright diff` shows what changed"
        )
    return ledger
