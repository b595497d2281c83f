"""``deckwright ledger``: what can be done to a ledger besides a release."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath

import click

from deckwright.apkg.files import refuse_link, write_atomically
from deckwright.commands.of_a_deck import PROBLEMS
from deckwright.commands.terminal import EnvironmentProblem
from deckwright.model import Source
from deckwright.releases.git import GitError, read
from deckwright.releases.ledger import Ledger, from_text, to_text
from deckwright.releases.merging import merge as join
from deckwright.releases.merging import sides
from deckwright.releases.trust import doubtful
from deckwright.source.limits import MAX_LEDGER
from deckwright.source.printable import count, printable
from deckwright.source.texts import NotReadError, read_inside


@click.group(
    epilog="""\b
Examples:
  deckwright ledger merge content/ledger.jsonl origin/hotfix
  deckwright ledger merge content/ledger.jsonl      with git's conflict markers in it"""
)
def ledger() -> None:
    """Join the histories of two branches."""


@ledger.command(
    epilog="""\b
Examples:
  deckwright ledger merge content/ledger.jsonl origin/hotfix
  deckwright ledger merge HEAD^1:content/ledger.jsonl HEAD^2:content/ledger.jsonl -o both.jsonl
  deckwright ledger merge content/ledger.jsonl
As git's merge driver, which `make setup` registers: deckwright ledger merge %A %B
Exit codes: 0 joined, 1 a conflict, 2 wrong usage or environment."""
)
@click.argument("ours")
@click.argument("theirs", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; without it, OURS.",
)
@click.option(
    "--retire",
    multiple=True,
    metavar="ID",
    help="An id that both sides gave to different cards: it is retired, and both get new ids.",
)
def merge(ours: str, theirs: str | None, output: Path | None, retire: tuple[str, ...]) -> None:
    """Join the ledgers OURS and THEIRS, so that learners of both get the next release.

    Each is a path or REVISION:PATH; THEIRS may be a REVISION alone, for OURS as it is there. OURS
    alone is a file in which git left its conflict markers.
    """
    path = output or Path(ours)
    if output is None and (path.is_dir() or not os.path.lexists(path)):
        raise click.UsageError(f"{ours} is no file: name the one to write with -o")
    refuse_link(path)
    if theirs is None:
        both = _sides(ours)
    else:
        both = (_ledger(ours, _text(ours)), _ledger(theirs, _text(theirs, beside=ours)))
    merged = join(*both, retire)
    for what in merged.conflicts:
        click.echo(printable(f"conflict: {what}"), err=True)
    if merged.ledger is None:
        words = f"{count(len(merged.conflicts), 'conflict')}, and {ours} is as it was"
        click.echo(printable(words), err=True)
        sys.exit(PROBLEMS)
    text = to_text(merged.ledger)
    _believed(ours, merged.ledger, Source(ours, text))
    write_atomically(path, text.encode())
    _describe(merged.ledger)


def _describe(merged: Ledger) -> None:
    versions = ", ".join(one.version for one in merged.releases[-5:])
    more = "… " if len(merged.releases) > 5 else ""
    click.echo(f"joined: the ledger has the releases {more}{versions}", err=True)
    forked = [one.note.id for one in merged.notes if one.forked and not one.retired]
    if forked:
        some = ", ".join(forked[:5]) + (" …" if len(forked) > 5 else "")
        words = f"{count(len(forked), 'note')} changed on both sides ({some})"
        click.echo(printable(f"{words}: the next release sends what is in the deck then"), err=True)
    last = merged.last.version
    click.echo(f"`deckwright release {last}` writes the changelog anew", err=True)


def _text(name: str, beside: str = "") -> str:
    """The text of a file, or of one in a revision of git."""
    path, where = Path(name), Path(beside)
    try:
        if os.path.lexists(path) and not path.is_dir():
            data = read_inside(path.parent, PurePosixPath(path.name), MAX_LEDGER)
        elif ":" in name or not where.is_file():
            data = read(Path(), name)
        else:
            data = read(where.parent, f"{name}:./{where.name}")
    except NotReadError as error:
        raise EnvironmentProblem(f"{name} {error}") from None
    except GitError as error:
        raise EnvironmentProblem(f"{name} is neither a file nor in git: {error}") from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise EnvironmentProblem(f"{name} is not UTF-8, and so no ledger") from None


def _ledger(name: str, text: str, *, signed: bool = True) -> Ledger:
    source = Source(name, text)
    read, found = from_text(source, signed=signed)
    if found:
        raise EnvironmentProblem(f"{name}: {found[0].message}")
    assert read
    if signed:  # in a part of one that git joined, there may be rows of both
        _believed(name, read, source)
    return read


def _believed(name: str, ledger: Ledger, source: Source) -> None:
    """Refuse a ledger that says what no release writes."""
    if found := doubtful(ledger, source):
        raise EnvironmentProblem(f"{name}: {found[0].message}")


def _sides(name: str) -> tuple[Ledger, Ledger]:
    """Both sides of a ledger in which git left its conflict markers."""
    both = sides(_text(name))
    if both is None:
        raise EnvironmentProblem(
            f"{name} has no conflict markers of git, or not all of them: name both sides, for"
            " example HEAD^1:content/ledger.jsonl HEAD^2:content/ledger.jsonl"
        )
    ours, theirs = (_ledger(name, text, signed=False) for text in both)
    return ours, theirs
