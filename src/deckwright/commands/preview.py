"""``deckwright preview``: the deck as pages, to look at and to study."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import click

from deckwright.apkg.files import refuse_link, write_atomically
from deckwright.commands.of_a_deck import (
    PROBLEMS,
    compiled_with_progress,
    deck_argument,
    default_deck,
    say,
    summary,
)
from deckwright.commands.terminal import now, row, size
from deckwright.compile import Compiled
from deckwright.preview.content import content_of
from deckwright.preview.site import Links, Site
from deckwright.releases.release import prepare

PAGE = "index.html"


@click.command(
    epilog="""\b
Examples:
  deckwright preview                               write dist/site/index.html, which opens anywhere
  deckwright preview --open                        and open it in a browser
  deckwright preview --edit-url vscode://file/{file}:{line}"""
)
@deck_argument
@click.option(
    "-o",
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dist/site"),
    show_default=True,
    help="The folder for the page.",
)
@click.option(
    "--edit-url",
    metavar="ADDRESS",
    default="",
    help="Where a card is edited: {path}, {file} (from the root) and {line} are its place's.",
)
@click.option("--open", "opened", is_flag=True, help="Open it in a browser.")
def preview(deck: Path | None, output_dir: Path, edit_url: str, opened: bool) -> None:
    """Write DECK (default: content) as a page to look at its cards and to study them."""
    compiled = compiled_with_progress(deck or default_deck())
    say(compiled, "text", to_stderr=True)
    path = _written(compiled, output_dir, edit_url)
    if opened:
        webbrowser.open(path.absolute().as_uri())
    if compiled.errors:
        click.echo(summary(compiled), err=True)
        sys.exit(PROBLEMS)


def _written(compiled: Compiled, folder: Path, edit_url: str) -> Path:
    """The page of a deck in a folder, with what is beside it; what cards have errors stay out."""
    made = prepare(compiled, now()).package if compiled.deck else None
    content = content_of(compiled)
    beside = made if made and not content.info.url else None
    site = Site(content, Links(beside.name if beside else "", edit_url))
    refuse_link(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, item in site.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, item.data)
    if beside:
        write_atomically(folder / beside.name, beside.data)
    page = folder / PAGE
    data = site.page.encode()
    write_atomically(page, data)
    row("notes", len(content.notes))
    row("cards", content.cards)
    row("size", size(len(data)))
    row("page", page)
    return page
