"""What the verbs that compile a deck have in common."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import click

from deckwright.commands.report import VIEWS, formatter
from deckwright.commands.terminal import (
    EnvironmentProblem,
    colours,
    on_terminal,
    progress,
    row,
)
from deckwright.compile import Compiled, compile_deck
from deckwright.mathjax.cache import CacheInsideError
from deckwright.mathjax.engine import EngineMissing
from deckwright.releases.changes import replaces_most
from deckwright.releases.git import GitError
from deckwright.releases.release import Prepared
from deckwright.rendering.pool import Budget
from deckwright.source.deck_toml import CONFIG
from deckwright.source.folder import NoDeckError
from deckwright.source.limits import PATIENCE
from deckwright.source.printable import count, size

PROBLEMS = 1
"""The exit code for mistakes in the content; click's own, for wrong usage, is 2."""

SHOWN_RETURNS = 10
"""How many cards are named that were retired and are back."""

deck_argument = click.argument(
    "deck", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False
)
output_option = click.option(
    "-o",
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dist"),
    show_default=True,
    help="The folder for the package.",
)


def default_deck() -> Path:
    """``content``, or else the current folder where that is a deck."""
    content = Path("content")
    return Path() if not (content / CONFIG).is_file() and Path(CONFIG).is_file() else content


def compiled_deck(
    root: Path, *, engine: bool = True, instead: Mapping[str, str] = MappingProxyType({})
) -> Compiled:
    """Compile a deck, and say what was found in it on stderr; end the program at errors."""
    compiled = compiled_with_progress(root, engine=engine, instead=instead)
    say(compiled, "text", to_stderr=True)
    if compiled.errors:
        click.echo(summary(compiled), err=True)
        sys.exit(PROBLEMS)
    return compiled


def compiled_with_progress(
    root: Path,
    *,
    engine: bool = True,
    instead: Mapping[str, str] = MappingProxyType({}),
    base: str = "",
) -> Compiled:
    """Compile a deck; ``instead`` and ``base`` are those of `compile_deck`.

    Raises:
        EnvironmentProblem: where there is none, no engine or safe cache for its formulas, or no
            base.
    """
    try:
        with progress() as show:
            budget = Budget().times(_patience())
            return compile_deck(
                root, show, engine=engine, budget=budget, instead=instead, base=base
            )
    except EngineMissing as error:
        raise EnvironmentProblem(
            f"{error}; where that cannot be installed, `deckwright build --no-math-check` at least"
            " builds the deck"
        ) from None
    except (NoDeckError, CacheInsideError, GitError) as error:
        raise EnvironmentProblem(str(error)) from None


def _patience() -> float:
    """How many times as long as usual the work on a deck may take.

    Raises:
        EnvironmentProblem: where that is set to anything else than a number from 1 to 1,000.
    """
    value = os.environ.get(PATIENCE, "") or "1"
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value) or not 1 <= float(value) <= 1000:
        raise EnvironmentProblem(f"{PATIENCE} is {value!r}: set it to a number from 1 to 1000")
    return float(value)


def say(compiled: Compiled, format_: str, *, to_stderr: bool, view: str = VIEWS[0]) -> None:
    """Print what was found in a deck."""
    coloured = colours(to_stderr=to_stderr)
    excerpt = on_terminal(to_stderr=to_stderr)
    word = formatter(format_, excerpt=excerpt, colour=coloured, view=view)
    click.echo(word(compiled.problems), nl=False, color=coloured, err=to_stderr)


def summary(compiled: Compiled) -> str:
    """How many cards there are, and how much was found in them."""
    warnings = len(compiled.problems) - compiled.errors
    counts = [count(compiled.errors, "error")] if compiled.errors else []
    counts += [count(warnings, "warning")] if warnings else []
    words = f"{count(compiled.cards, 'card')}, {' and '.join(counts) or 'no mistake'}"
    off = compiled.switched_off
    return f"{words} ({count(off, 'finding')} switched off)" if off else words


def warn_of_many(compiled: Compiled, prepared: Prepared) -> None:
    """Say on stderr where a release replaces most of what learners have."""
    changed = len(prepared.changes.changed)
    known = sum(not one.retired for one in compiled.ledger.notes) if compiled.ledger else 0
    if replaces_most(changed, known):
        click.echo(
            f"warning: this replaces {changed:,} of the {known:,} notes that learners have, with"
            " their own edits and tags on them: if only the form changed, add --hold all",
            err=True,
        )


def describe(compiled: Compiled, prepared: Prepared) -> None:
    """Print what a person wants to know of a package."""
    deck, changes = prepared.deck, prepared.changes
    row("notes", len(deck.notes))
    row("cards", sum(len(note.ordinals) for note in deck.notes))
    row("decks", len({note.deck for note in deck.notes} | {deck.info.name}))
    row("media", len(deck.media))
    row("size", size(len(prepared.package.data)))
    if compiled.ledger:
        numbers = (
            (len(changes.added), "new"),
            (len(changes.changed), "corrected"),
            (len(changes.held), "held back"),
            (len(changes.retired), "retired"),
            (len(changes.returned), "back again"),
            (len(changes.renamed), "renamed"),
            (len(changes.moved), "moved"),
            (len(changes.types), "note type" if len(changes.types) == 1 else "note types"),
        )
        words = ", ".join(f"{number:,} {kind}" for number, kind in numbers if number)
        row("changes", f"{words or 'none'} since {compiled.ledger.last.version}")
        if changes.held:
            row("", "held back: learners who have these notes keep them as they are")
        for note in changes.returned[:SHOWN_RETURNS]:
            old = compiled.matches[note.id]
            version = compiled.ledger.retired_in(old)
            row("", f"back again: {note.id}, retired in {version} as {old.retired!r}")
    row("content", f"sha256 {prepared.package.content_hash}")
