"""``deckwright preview``: the deck as a page, to look at its cards and to study them."""

from __future__ import annotations

import os
import re
import sys
import time
import traceback
import webbrowser
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from deckwright.apkg.files import refuse_link, write_atomically
from deckwright.commands.of_a_deck import (
    PROBLEMS,
    compiled_with_progress,
    deck_argument,
    default_deck,
    say,
    summary,
)
from deckwright.commands.terminal import EnvironmentProblem, now, row
from deckwright.compile import Compiled
from deckwright.model import Place, Problem, Severity
from deckwright.preview import server
from deckwright.preview.content import NOTHING, Content, content_of
from deckwright.preview.site import Links, Site
from deckwright.releases.release import prepare
from deckwright.source.deck_toml import CONFIG
from deckwright.source.printable import printable, size

PAGE = "index.html"
OURS = b'<meta name="generator" content="deckwright">'
EDITORS = {
    "code": "vscode://file{file}:{line}",
    "codium": "vscodium://file{file}:{line}",
    "cursor": "cursor://file{file}:{line}",
    "windsurf": "windsurf://file{file}:{line}",
    "zed": "zed://file{file}:{line}",
    "idea": "idea://open?file={file}&line={line}",
    "pycharm": "pycharm://open?file={file}&line={line}",
    "mate": "txmt://open?url=file://{file}&line={line}",
}
"""The addresses by which editors open a file, by the names of their commands."""
_ADDRESS = re.compile(r"(?!(?:javascript|data|vbscript|blob):)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@click.command(
    epilog="""\b
Examples:
  deckwright preview                      write dist/site/index.html, which opens anywhere
  deckwright preview --open               and open it in a browser
  deckwright preview --serve              see each change of a card as soon as it is saved
  deckwright preview --edit-url code      each card links to its line in VS Code
  deckwright preview --edit-url 'https://github.com/OWNER/DECK/edit/main/{path}#L{line}'"""
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
    "--serve", "served", is_flag=True, help="Serve it to this machine, and follow what you edit."
)
@click.option("--port", type=click.IntRange(1, 65535), help="For --serve: 8765, or the next free.")
@click.option(
    "--edit-url",
    metavar="ADDRESS",
    default="",
    help="Where a card is edited, with {path}, {file} (from the root) and {line}, or an editor:"
    f" {', '.join(EDITORS)}. With --serve, that in VISUAL or EDITOR where it is one of these.",
)
@click.option("--open", "opened", is_flag=True, help="Open it in a browser.")
def preview(
    deck: Path | None,
    output_dir: Path,
    served: bool,
    port: int | None,
    edit_url: str,
    opened: bool,
) -> None:
    """Write DECK (default: content) as a page to look at its cards and to study them."""
    root = deck or default_deck()
    edit = _address(edit_url)
    given = click.get_current_context().get_parameter_source("output_dir")
    if port and not served:
        raise click.UsageError("--port is for --serve: give both")
    if served and given is not ParameterSource.DEFAULT:
        raise click.UsageError("--serve writes nothing: give it or -o")
    if served:
        _Live(root, edit or _own_editor(), opened).serve(port)
        return
    compiled = compiled_with_progress(root)
    say(compiled, "text", to_stderr=True)
    path = _written(compiled, root, output_dir, edit)
    if opened:
        webbrowser.open(path.absolute().as_uri())
    if compiled.errors:
        click.echo(summary(compiled), err=True)
        sys.exit(PROBLEMS)


def _address(edit_url: str) -> str:
    """The address of an editor, or the one that is given.

    Raises:
        click.BadParameter: where it is neither, or names no place.
    """
    address = EDITORS.get(edit_url, edit_url)
    marks = {*re.findall(r"\{(\w*)\}", address)}
    wrong = ""
    if address and not _ADDRESS.match(address):
        wrong = f"{edit_url!r} is no address and no editor: write https://…{{path}}, or one of "
        wrong += ", ".join(EDITORS)
    elif unknown := sorted(marks - {"path", "file", "line"}):
        wrong = f"{{{unknown[0]}}} is no part of a place: write {{path}}, {{file}} or {{line}}"
    elif address and not marks & {"path", "file"}:
        wrong = f"{edit_url!r} is the same for each card: write {{path}} or {{file}} into it"
    if wrong:
        raise click.BadParameter(wrong, param_hint="--edit-url")
    return address


def _own_editor() -> str:
    """The address of the editor that VISUAL or EDITOR names; empty where it has none."""
    commands = (os.environ.get(name, "").split() for name in ("VISUAL", "EDITOR"))
    names = (Path(command[0]).stem for command in commands if command)
    return next((EDITORS[name] for name in names if name in EDITORS), "")


def _package_name(content: Content) -> str:
    """The name of the package beside the page; empty where a deck has an address of its own."""
    return "" if content.info.url else f"{content.info.key}-{content.version}.apkg"


def _refuse_strange(root: Path, folder: Path) -> None:
    """Refuse to write over another page, or into a deck, which would be part of it."""
    page, deck, inside = folder / PAGE, root.resolve(), folder.resolve()
    if os.path.lexists(page) and not (page.is_file() and OURS in page.read_bytes()[:4096]):
        raise EnvironmentProblem(f"{page} is not a page of deckwright: name another folder with -o")
    if inside.is_relative_to(deck) and not inside.is_relative_to(deck / "dist" / "site"):
        raise EnvironmentProblem(
            f"{folder} is in the deck, and what is there would be part of it: name another folder"
            " with -o, such as dist/site"
        )


def _written(compiled: Compiled, root: Path, folder: Path, edit: str) -> Path:
    """The page of a deck in a folder, with what is beside it.

    Raises:
        EnvironmentProblem: where the folder has a page that is not ours, or belongs to the deck.
    """
    refuse_link(folder)
    _refuse_strange(root, folder)
    content = content_of(compiled)
    name = _package_name(content) if compiled.deck else ""
    site = Site(content, Links(name, edit, root))
    files = {path: item.data for path, item in site.files.items()}
    if name:
        files[name] = prepare(compiled, now()).package.data
    if not content.notes and content.errors:
        raise EnvironmentProblem(
            f"there is nothing to show: mend the errors; {folder} stays as it is"
        )
    data = site.page.encode(errors="replace")
    for path, content_ in (*files.items(), (PAGE, data)):
        file = folder / path
        refuse_link(file.parent)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, content_)
    _remove_older(folder, content.info.key, name)
    row("notes", len(content.notes))
    row("cards", content.cards)
    row("size", size(len(data)))
    row("page", folder / PAGE)
    return folder / PAGE


def _remove_older(folder: Path, key: str, name: str) -> None:
    """Remove the packages that earlier versions of the page led to."""
    ours = re.compile(rf"{re.escape(key)}-(?:\d+\.\d+\.\d+(?:\+dev)?|dev)\.apkg")
    for path in folder.glob("*.apkg"):
        if ours.fullmatch(path.name) and path.name != name:
            path.unlink()


class _Live:
    """A deck that is served while it is edited."""

    def __init__(self, root: Path, edit: str, opened: bool) -> None:
        self._root = root
        self._edit = edit
        self._opened = opened
        self._content = NOTHING
        self._found: Compiled | str = ""
        self._address = ""

    def serve(self, port: int | None) -> None:
        """Serve it until Ctrl-C.

        Raises:
            EnvironmentProblem: where no port is free.
        """
        try:
            server.serve(self._build, self._root, port, ready=self._ready, built=self._built)
        except server.PortError as error:
            raise EnvironmentProblem(str(error)) from None
        except KeyboardInterrupt:
            click.echo("", err=True)

    def _ready(self, address: str) -> None:
        self._address = address
        if self._opened:
            webbrowser.open(address)

    def _build(self, number: int) -> server.Build:
        package = None
        try:
            compiled = compiled_with_progress(self._root)
        except EnvironmentProblem as error:
            if self._content is NOTHING:
                raise
            self._found = error.format_message()
            self._content = replace(self._content, problems=(_problem(self._root, self._found),))
        else:
            self._found = compiled
            self._content = content_of(compiled, self._content)
            if compiled.deck and (name := _package_name(self._content)):
                package = server.Package(name, lambda: prepare(compiled, now()).package.data)
        links = Links(package.name if package else "", self._edit, self._root)
        site = Site(self._content, links, live=True, build=number)
        files = {path: item.data for path, item in site.files.items()}
        return server.Build(site.page, site.state, package, files)

    def _built(self, build: server.Build | Exception) -> None:
        if isinstance(build, Exception):  # the page stays as it is, and the next save is tried
            words = "".join(traceback.format_exception(build)).rstrip()
        elif isinstance(self._found, Compiled):
            say(self._found, "text", to_stderr=True)
            words = summary(self._found)
        else:
            words = printable(self._found)
        clock = time.strftime("%H:%M:%S")
        click.echo(f"{clock}  {words}  {self._address}  (Ctrl-C ends it)", err=True)


def _problem(root: Path, words: str) -> Problem:
    """Why a deck that was there cannot be read."""
    what, _, fix = words.partition(": ")
    place = Place((root / CONFIG).as_posix())
    return Problem(place, "", Severity.ERROR, what, fix or "what is shown is as it was before")
