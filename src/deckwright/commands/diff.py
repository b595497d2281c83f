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
from deckwright.releases.earlier_files import earlier_files
from deckwright.releases.git import GitError
from deckwright.releases.ledger import FILE
from deckwright.releases.rehearsed import said_same
from deckwright.releases.release import Prepared, prepare
from deckwright.releases.vouched import ledger_of
from deckwright.source.folder import ledger_in
from deckwright.source.printable import on_github, printable


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
    "--base",
    metavar="REVISION",
    default="",
    help="The last release of that branch, to which a pull request goes, whatever this one has.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(differences.FORMATS),
    default="text",
    help="For a terminal, for a pull request, as a page with rendered cards, or for programs.",
)
def diff(deck: Path | None, against: Path | None, base: str, format_: str) -> None:
    """Show what a release of DECK (default: content) would change for learners."""
    if base and against:
        raise click.UsageError("--base and --against exclude each other: give one of them")
    root = deck or default_deck()
    compiled = compiled_deck(root, instead=_ledger_of(root, base) if base else {})
    try:
        difference = _difference(compiled, prepare(compiled, now()), against)
        if format_ == "html":
            words = _page(root, compiled, difference, against)
        else:
            words = _in_words(difference, format_)
    except (AnkiMissing, Refused) as error:
        raise EnvironmentProblem(str(error)) from None
    if base and (new := _own_releases(root, compiled)):
        note = f"This branch holds {new}, which {base} does not; here is what that changes."
        words = (
            f"> [!IMPORTANT]\n> {on_github(note)}\n\n{words}" if format_ == "markdown" else words
        )
        click.echo(printable(note), err=True)
    click.echo(words, nl=False, color=colours())
    if difference.unsaid:
        sys.exit(PROBLEMS)


def _ledger_of(root: Path, base: str) -> dict[str, str]:
    """The ledger of a revision, in the place of the deck's own.

    Raises:
        EnvironmentProblem: where there is no such revision.
    """
    try:
        text = ledger_of(root, base).decode("utf-8-sig").replace("\r\n", "\n")
    except GitError as error:
        raise EnvironmentProblem(str(error)) from None
    return {(root / FILE).as_posix(): text}


def _own_releases(root: Path, compiled: Compiled) -> str:
    """The releases that a deck's own ledger has besides; empty where there is none."""
    own = ledger_in(root)
    known = {one.version for one in compiled.ledger.releases} if compiled.ledger else set()
    new = [one.version for one in own.releases if one.version not in known] if own else []
    return f"{'the release' if len(new) == 1 else 'releases'} {', '.join(new)}" if new else ""


def _difference(
    compiled: Compiled, prepared: Prepared, against: Path | None
) -> differences.Difference:
    if against:
        return differences.since_package(prepared.deck, against, prepared.ledger)
    same = said_same(prepared.ledger, compiled.ledger.time if compiled.ledger else 0)
    return differences.since_release(prepared.deck, prepared.changes, compiled.ledger, same)


def _page(
    root: Path, compiled: Compiled, difference: differences.Difference, against: Path | None
) -> str:
    whole = differences.story(difference)
    if compiled.ledger and not against:
        lacking = differences.not_at_hand(difference, whole)
        found = earlier_files(root, compiled.ledger, lacking) if lacking else ()
        difference = difference.with_files(found)
    return differences.as_html(difference, *differences.render_both(difference, whole, against))


def _in_words(difference: differences.Difference, format_: str) -> str:
    if format_ == "markdown":
        return differences.as_markdown(difference)
    if format_ == "json":
        return differences.as_json(difference)
    return differences.as_text(difference, colour=colours())
