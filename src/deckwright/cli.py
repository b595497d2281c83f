"""The commands: the only place with a clock, printing and exit codes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from deckwright import __version__
from deckwright.load import CONFIG, NoDeckError
from deckwright.pipeline import Compiled, compile_deck
from deckwright.progress import Progress
from deckwright.report import FORMATS, formatter

PROBLEMS = 1
"""The exit code for mistakes in the content; wrong usage or environment is 2, as click's."""


class Environment(click.ClickException):
    """Something outside the content is wrong: the call, the disk, an installation."""

    exit_code = 2


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  deckwright check                 name every mistake in content/
  deckwright build                 make dist/NAME.apkg from content/
  deckwright build --verify        and look at every card of it in a real Anki
Exit codes: 0 fine, 1 mistakes in the content, 2 wrong usage or environment.""",
)
@click.version_option(__version__, prog_name="deckwright")
def main() -> None:
    """Compile Markdown cards with LaTeX into an Anki package."""


def _default_deck() -> Path:
    """``content``, or else the current folder where that is a deck."""
    content = Path("content")
    return Path() if not (content / CONFIG).is_file() and Path(CONFIG).is_file() else content


_deck = click.argument(
    "deck", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False
)
_format = click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    help="How to word what is found: for people, for programs, or as annotations on GitHub.",
)


@main.command(
    epilog="""\b
Examples:
  deckwright check
  deckwright check content --format json"""
)
@_deck
@_format
def check(deck: Path | None, format_: str) -> None:
    """Name every mistake in DECK (default: content) and write nothing."""
    with _environment():
        compiled = _compile(deck or _default_deck(), format_)
    words = f"{_count(compiled.cards, 'card')}, {_findings(compiled)}"
    click.echo(words, err=format_ != "text")


@main.command(
    epilog="""\b
Examples:
  deckwright build
  deckwright build content --output-dir /tmp/decks --verify"""
)
@_deck
@click.option(
    "-o",
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dist"),
    show_default=True,
    help="The folder for the package.",
)
@click.option("--verify", "verified", is_flag=True, help="Then look at it in a real Anki.")
@_format
def build(deck: Path | None, output_dir: Path, verified: bool, format_: str) -> None:
    """Check DECK (default: content) and make its Anki package."""
    started = time.monotonic()
    with _environment():
        now = _source_date_epoch() or int(time.time())
        compiled = _compile(deck or _default_deck(), format_)
        assert compiled.deck is not None
        from deckwright.package import UNRELEASED, package, write

        finished = package(compiled.deck, UNRELEASED, now)
        path = write(finished, output_dir)
    notes = compiled.deck.notes
    _row("notes", len(notes))
    _row("cards", sum(len(note.ordinals) for note in notes))
    _row("decks", len({note.deck for note in notes} | {compiled.deck.info.name}))
    _row("media", len(compiled.deck.media))
    _row("size", _size(len(finished.data)))
    _row("content", f"sha256 {finished.content_hash}")
    if verified:
        _verify(path)
    _row("time", f"{time.monotonic() - started:.1f} s")
    _row("package", path)


@main.command(
    epilog="""\b
Example:
  deckwright verify dist/latent-variable-models-dev.apkg"""
)
@click.argument("new", type=click.Path(path_type=Path, dir_okay=False))
def verify(new: Path) -> None:
    """Import the package NEW into a scratch real Anki and look at every card."""
    with _environment():
        _verify(new)


def _verify(path: Path) -> None:
    from deckwright.verify import AnkiMissing
    from deckwright.verify import verify as look

    try:
        with _progress() as progress:
            report = look(path, progress)
    except AnkiMissing as error:
        raise Environment(str(error)) from None
    for failure in report.failures:
        click.echo(f"{path}: {failure.what}: {failure.cure}", err=True)
    if report.failures:
        click.echo(f"Anki {report.anki_version}: {_count(len(report.failures), 'problem')}")
        sys.exit(PROBLEMS)
    counts = report.counts
    _row(
        "verified",
        f"Anki {report.anki_version} imports {_count(counts.notes, 'note')} and renders "
        f"{_count(counts.cards, 'card')} in {_count(counts.decks, 'deck')}, without a problem",
    )


def _compile(root: Path, format_: str) -> Compiled:
    """Compile a deck and print what was found; ends the program where there are errors."""
    try:
        with _progress() as progress:
            compiled = compile_deck(root, progress)
    except NoDeckError as error:
        raise Environment(str(error)) from None
    terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    words = formatter(format_, colour=terminal)(compiled.diagnostics)
    click.echo(words, nl=False, color=terminal)
    if compiled.errors:
        click.echo(f"{_count(compiled.cards, 'card')}, {_findings(compiled)}", err=True)
        sys.exit(PROBLEMS)
    return compiled


def _findings(compiled: Compiled) -> str:
    warnings = len(compiled.diagnostics) - compiled.errors
    counts = [_count(compiled.errors, "error")] if compiled.errors else []
    counts += [_count(warnings, "warning")] if warnings else []
    return " and ".join(counts) or "no mistake"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB" if number >= 1e6 else f"{number / 1e3:.0f} kB"


def _row(name: str, value: object) -> None:
    click.echo(f"{name:>9}  {value:,}" if isinstance(value, int) else f"{name:>9}  {value}")


def _source_date_epoch() -> int | None:
    """The build's time where the environment sets one (reproducible-builds.org)."""
    value = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not value:
        return None
    if not value.isdecimal() or int(value) >= 1 << 32:
        raise Environment(f"SOURCE_DATE_EPOCH is {value!r}: set it to seconds since 1970")
    return int(value)


@contextmanager
def _environment() -> Iterator[None]:
    """Turns a failure of the disk into one line."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Environment(f"{where}{error.strerror or error}") from None


@contextmanager
def _progress() -> Iterator[Progress]:
    """A line on the terminal that tells how far a long step is; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _words, _done, _total: None
        return
    started = time.monotonic()
    shown = False

    def show(words: str, done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - started > 0.5:
            shown = True
            click.echo(f"\r\033[K{words} {done:,} of {total:,}", nl=False, err=True)

    try:
        yield show
    finally:
        if shown:
            click.echo("\r\033[K", nl=False, err=True)
