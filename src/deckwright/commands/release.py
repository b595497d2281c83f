"""``deckwright release``: the only verb that writes the ledger."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import click

from deckwright.commands.in_anki import rehearse_in_scratch
from deckwright.commands.of_a_deck import (
    compiled_deck,
    deck_argument,
    default_deck,
    describe,
    output_option,
    warn_of_many,
)
from deckwright.commands.terminal import EnvironmentProblem, now, row
from deckwright.releases import changelog, ledger
from deckwright.releases import published as last_package
from deckwright.releases.guards import check_clock, check_clone, check_package, check_release
from deckwright.releases.release import (
    ReleaseError,
    commit,
    is_released,
    ledger_file,
    prepare,
    write_changelog,
)
from deckwright.releases.vouched import untagged
from deckwright.source.printable import printable


@click.command(
    epilog="""\b
Examples:
  deckwright release 1.2.0 --dry-run
  deckwright release 1.2.0 --resend elbo-gap --resend elbo-two-terms
  deckwright release 1.2.0 --hold all        learners keep their notes, with their edits
A version is MAJOR.MINOR.PATCH; MAJOR rises where learners must do something themselves."""
)
@click.argument("version")
@deck_argument
@click.option(
    "--resend",
    multiple=True,
    metavar="ID",
    help="Deliver this note though its source did not change; `all` for every one held back.",
)
@click.option(
    "--hold",
    multiple=True,
    metavar="ID",
    help="Do not deliver this correction yet; `all` for every one that brings no new card.",
)
@click.option(
    "--published",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The last published package, where it is not in the folder for the package.",
)
@click.option("--dry-run", is_flag=True, help="Do all, but write nothing.")
@output_option
def release(
    version: str,
    deck: Path | None,
    resend: tuple[str, ...],
    hold: tuple[str, ...],
    published: Path | None,
    dry_run: bool,
    output_dir: Path,
) -> None:
    """Release DECK (default: content) as VERSION.

    Rehearses the upgrade in a real Anki, then writes the package, the ledger and the changelog.
    """
    try:
        packages = _Packages(published, output_dir)
        _release(version, deck or default_deck(), _Sent(resend, hold), dry_run, packages)
    except ReleaseError as error:
        raise EnvironmentProblem(str(error)) from None


class _Sent(NamedTuple):
    """The ids of notes, or ``all``, about which the maintainer decides."""

    resend: tuple[str, ...]
    hold: tuple[str, ...]


class _Packages(NamedTuple):
    """The last one that was published, if one is named, and the folder for the new one."""

    published: Path | None
    folder: Path


def _release(version: str, root: Path, sent: _Sent, dry_run: bool, packages: _Packages) -> None:
    released = now()
    compiled = compiled_deck(root)
    if not any(sent) and is_released(compiled, version, changelog.read(root)):
        if not dry_run:
            assert compiled.ledger
            write_changelog(root, compiled.ledger)
        words = "would be" if dry_run else "is"
        click.echo(f"{version} is released already; its changelog {words} written anew")
        return
    check_clock(released, int(time.time()), compiled.ledger)
    check_release(compiled, version, *sent)
    check_clone(root, compiled, version)
    prepared = prepare(compiled, released, version, *sent)
    ledger_file(prepared)  # before anybody waits for the rehearsal
    check_package(prepared, packages.folder)
    last = last_package.find(compiled.ledger, packages.folder, packages.published)
    if last and compiled.ledger:
        last_package.check(last, compiled.ledger, prepared)
    elif compiled.ledger and (what := untagged(root, compiled.ledger)):
        raise ReleaseError(f"{what}; or name its package with --published")
    describe(compiled, prepared)
    warn_of_many(compiled, prepared)
    # One second after the last release at least, which may be ahead of the clock by a moment:
    # "Check Database" takes back a mod of the future.
    time.sleep(max(0.0, prepared.ledger.time - time.time()))
    rehearse_in_scratch(compiled, prepared, last)
    if dry_run:
        lines = changelog.to_markdown(prepared.ledger).splitlines()
        click.echo("\n" + "\n".join(map(printable, lines)) + "\n")
        click.echo("Nothing was written: this was a dry run.")
        return
    package, written = commit(root, compiled, prepared, packages.folder)
    row("package", package)
    row("released", f"commit {root / ledger.FILE} and {written}, publish the package")
