"""``deckwright check``: name every mistake, write nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deckwright.commands.of_a_deck import (
    PROBLEMS,
    compiled_with_progress,
    deck_argument,
    default_deck,
    say,
    summary,
)
from deckwright.commands.report import FORMATS
from deckwright.commands.terminal import environment
from deckwright.rules import page


@click.command(
    epilog="""\b
Examples:
  deckwright check
  deckwright check content --format json
  deckwright check --rules           every rule, and whether deck.toml may switch it off"""
)
@deck_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    help="How to word what is found: for people, for programs, or as annotations on GitHub.",
)
@click.option("--rules", is_flag=True, help="List all rules instead; with --format json as data.")
def check(deck: Path | None, format_: str, rules: bool) -> None:
    """Name every mistake in DECK (default: content) and write nothing."""
    if rules:
        _list_rules(deck, format_)
        return
    with environment():
        compiled = compiled_with_progress(deck or default_deck())
        say(compiled, format_, to_stderr=False)
    click.echo(summary(compiled), err=True)
    if compiled.errors:
        sys.exit(PROBLEMS)


def _list_rules(deck: Path | None, format_: str) -> None:
    """Print all rules, which are the same for every deck."""
    if deck or format_ == "github":
        raise click.UsageError("--rules takes no DECK, and no --format but text or json")
    click.echo(page.as_json() if format_ == "json" else page.as_text(), nl=False)
