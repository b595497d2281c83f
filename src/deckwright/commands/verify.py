"""``deckwright verify``: what a real Anki makes of packages."""

from __future__ import annotations

from pathlib import Path

import click

from deckwright.commands.in_anki import rehearse_upgrade, verify_package
from deckwright.commands.of_a_deck import compiled_deck
from deckwright.commands.terminal import now
from deckwright.rehearsal.versions import NOTHING_INTENDED
from deckwright.releases.release import intended_so_far, prepare


@click.command(
    epilog="""\b
Examples:
  deckwright verify dist/latent-variable-models-dev.apkg
  deckwright verify old.apkg older.apkg new.apkg
  deckwright verify old.apkg new.apkg --deck content     knows what was retired on purpose"""
)
@click.argument(
    "packages",
    nargs=-1,
    required=True,
    metavar="[OLD]... NEW",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
)
@click.option(
    "--deck",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The deck that NEW was built from, whose ledger says what was retired or held back.",
)
def verify(packages: tuple[Path, ...], deck: Path | None) -> None:
    """Import the package NEW into a scratch real Anki and look at every card.

    With OLD packages, rehearse the upgrade from each: a learner who has studied all of it and
    edited some imports NEW, and must not lose a review.
    """
    *olds, new = packages
    verify_package(new)
    if olds:
        if deck:
            prepared = prepare(compiled_deck(deck), now())
            rehearse_upgrade(olds, new, intended_so_far(prepared), prepared.ledger)
        else:
            rehearse_upgrade(olds, new, NOTHING_INTENDED)
