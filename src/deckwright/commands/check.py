"""``deckwright check``: name every mistake, write nothing."""

from __future__ import annotations

import re
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
from deckwright.rules import FAMILIES, RULES
from deckwright.source.printable import in_json


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
    compiled = compiled_with_progress(deck or default_deck())
    say(compiled, format_, to_stderr=False)
    click.echo(summary(compiled), err=True)
    if compiled.errors:
        sys.exit(PROBLEMS)


def _list_rules(deck: Path | None, format_: str) -> None:
    """Print all rules, which are the same for every deck."""
    if deck or format_ == "github":
        raise click.UsageError("--rules takes no DECK, and no --format but text or json")
    if format_ == "json":
        keys = ("name", "severity", "switchable", "doc")
        rows = [
            {"family": family, **{key: getattr(rule, key) for key in keys}}
            for family, rules in FAMILIES.items()
            for rule in rules
        ]
        click.echo(in_json(rows))
        return
    width = max(len(rule.name) for rule in RULES)
    for family, rules in FAMILIES.items():
        click.echo(family)
        for rule in rules:
            switch = "switchable" if rule.switchable else ""
            sentence = re.split(r"(?<=\.)\s", rule.doc, maxsplit=1)[0]
            click.echo(f"  {rule.name:<{width}}  {rule.severity:<7}  {switch:<10}  {sentence}")
        click.echo()
