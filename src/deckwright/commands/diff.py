"""``deckwright diff``: what a release would change for learners."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deckwright import diff as differences
from deckwright.commands.of_a_deck import PROBLEMS, compiled_deck, deck_argument, default_deck
from deckwright.commands.terminal import EnvironmentProblem, colours, now
from deckwright.compile import Compiled
from deckwright.real_anki import AnkiMissing, Refused
from deckwright.releases.rehearsed import said_same
from deckwright.releases.release import Prepared, prepare


@click.command(
    epilog="""\b
Examples:
  deckwright diff                                  against the last release
  deckwright diff --against old.apkg               against any package, of any publisher
  deckwright diff --format html >changes.html      with the cards side by side"""
)
@deck_argument
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="An older package, instead of the last release.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(differences.FORMATS),
    default="text",
    help="For a terminal, for a pull request, as a page with rendered cards, or for programs.",
)
def diff(deck: Path | None, against: Path | None, format_: str) -> None:
    """Show what a release of DECK (default: content) would change for learners."""
    compiled = compiled_deck(deck or default_deck())
    try:
        difference = _difference(compiled, prepare(compiled, now()), against)
        words = _in_words(difference, against, format_)
    except (AnkiMissing, Refused) as error:
        raise EnvironmentProblem(str(error)) from None
    click.echo(words, nl=False, color=colours())
    if difference.unsaid:
        sys.exit(PROBLEMS)


def _difference(
    compiled: Compiled, prepared: Prepared, against: Path | None
) -> differences.Difference:
    if against:
        return differences.since_package(prepared.deck, against, prepared.ledger)
    same = said_same(prepared.ledger, compiled.ledger.time if compiled.ledger else 0)
    return differences.since_release(prepared.deck, prepared.changes, compiled.ledger, same)


def _in_words(difference: differences.Difference, against: Path | None, format_: str) -> str:
    if format_ == "html":
        cards = differences.render_both(difference, differences.story(difference), against)
        return differences.as_html(difference, *cards)
    if format_ == "markdown":
        return differences.as_markdown(difference)
    if format_ == "json":
        return differences.as_json(difference)
    return differences.as_text(difference, colour=colours())
