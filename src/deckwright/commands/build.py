"""``deckwright build``: make the package."""

from __future__ import annotations

import time
from pathlib import Path

import click

from deckwright.apkg.package import DRAFT, is_draft, write
from deckwright.commands.in_anki import rehearse_release, verify_package
from deckwright.commands.of_a_deck import (
    compiled_deck,
    deck_argument,
    default_deck,
    describe,
    output_option,
)
from deckwright.commands.terminal import now, row
from deckwright.releases.release import prepare


@click.command(
    epilog="""\b
Examples:
  deckwright build
  deckwright build content --output-dir ../decks --verify"""
)
@deck_argument
@output_option
@click.option("--verify", "verified", is_flag=True, help="Then look at it in a real Anki.")
@click.option(
    "--no-math-check",
    "unproven",
    is_flag=True,
    help="Do not prove formulas in MathJax, where its engine cannot be installed.",
)
def build(deck: Path | None, output_dir: Path, verified: bool, unproven: bool) -> None:
    """Check DECK (default: content) and make its Anki package."""
    started = time.monotonic()
    built = now()
    compiled = compiled_deck(deck or default_deck(), engine=not unproven)
    prepared = prepare(compiled, built)
    path = write(prepared.package, output_dir)
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
