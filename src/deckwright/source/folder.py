"""From a folder to text: deck.toml and the card files, decoded."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from deckwright.formulas.macros import define
from deckwright.model import DeckInfo, Place, Problem, Source
from deckwright.note_types.markup import Tags
from deckwright.releases import ledger
from deckwright.releases.ledger import Ledger
from deckwright.rendering.html import clean
from deckwright.rendering.markdown import TooDeepError, read
from deckwright.rendering.tags import PARENTS, TAGS, VOID
from deckwright.rules.files import DECK_TOML, NO_CARDS
from deckwright.source import own_types, settings
from deckwright.source.card_keys import deck_name_problem, did_you_mean, is_tag
from deckwright.source.limits import MAX_DESCRIPTION, excess
from deckwright.source.own_types import OwnTypes
from deckwright.source.texts import read_text, refuse, wrong_with_style
from deckwright.source.toml import read_toml
from deckwright.source.tree import Tree, walk
from deckwright.source.unicode import FORBIDDEN, forbidden, hidden, not_composed

CONFIG = "deck.toml"
STYLE = "style.css"
FOR_PEOPLE = re.compile(
    "(?:AUTHORS|CHANGELOG|CODE_OF_CONDUCT|CONTRIBUTING|GOVERNANCE|LICEN[CS]E|NOTICE|README"
    r"|REFERENCES|SECURITY|SUPPORT)(?:[._-][A-Za-z-]{2,10})?\.md"
)
"""The names of files for people, which hold no cards; README.de.md is one in German."""
LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE")
FOLDERS = ("figures", "tests")
"""Folders for the scripts that make pictures."""

_CARDS = re.compile(r"\.(?:md|markdown)[. ]*$", re.IGNORECASE)
"""The end of a name that was meant for cards."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"https://[^\s\"'<>]+")
_REPORT = re.compile(r"https://[^\s\"'<>{}]*\{id\}[^\s\"'<>{}]*")
_MOST_ERRORS = 50
"""How many mistakes in deck.toml are told: each takes a look through all of it."""
_TEXT_KEYS = ("key", "name", "description", "url", "report", "licence", "tag")
_REASONS = ("retired", "moved")
_TABLE_KEYS = (*_REASONS, "macros")
_KEYS = (*_TEXT_KEYS, "authors", *_TABLE_KEYS, settings.TABLE)


class NoDeckError(Exception):
    """The folder is no deck: a mistake in the call, not in the content."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What a deck's folder holds."""

    root: Path
    info: DeckInfo | None
    """None where deck.toml cannot be used."""
    sources: tuple[Source, ...]
    files: int
    """How many card files there are, those that cannot be read included."""
    style: str
    ledger: Ledger | None
    """The last release; None before the first, or where the ledger cannot be read."""
    has_ledger: bool
    """Whether there is a ledger, read or not."""
    problems: tuple[Problem, ...]
    others: tuple[PurePosixPath, ...] = ()
    """All other files, by their paths from the folder: pictures, sounds, and what is none."""
    tree: Tree = field(default_factory=Tree)
    """All that is in it."""
    own: OwnTypes = field(default_factory=OwnTypes)
    """The note types that the deck brings."""


def load(root: Path) -> Folder:
    """Read a deck's folder.

    Raises:
        NoDeckError: where there is no deck.toml.
    """
    if not os.path.lexists(root / CONFIG):
        raise NoDeckError(
            f"there is no {CONFIG} in {root}: name a deck's folder, as deckwright check content"
        )
    problems: list[Problem] = []
    info = _info(root / CONFIG, problems)
    tree = walk(root)
    paths, others = _files(root, tree, problems)
    sources = [source for path in paths if (source := read_text(root, path, problems))]
    if not sources and not problems:
        problems.append(
            NO_CARDS.at(
                Place((root / CONFIG).as_posix()),
                "this deck has no card file",
                "write cards into a file beside it, as 01-first.md",
            )
        )
    style = read_text(root, root / STYLE, problems) if os.path.lexists(root / STYLE) else None
    problems += wrong_with_style(style) if style else ()
    last = _ledger(root, problems)
    key, released = info.key if info else "", last.types if last else ()
    own = own_types.load(root, others, key, Tags(TAGS, VOID, PARENTS), released)
    return Folder(
        root,
        info,
        tuple(sources),
        files=len(paths),
        style=style.text if style else "",
        ledger=last,
        has_ledger=os.path.lexists(root / ledger.FILE),
        problems=(*problems, *own.problems),
        others=tuple(path for path in others if path not in own.files),
        tree=tree,
        own=own,
    )


def _ledger(root: Path, problems: list[Problem]) -> Ledger | None:
    path = root / ledger.FILE
    source = read_text(root, path, problems) if os.path.lexists(path) else None
    if source is None:
        return None
    read, found = ledger.from_text(source)
    problems += found
    return read


def ledger_in(root: Path) -> Ledger | None:
    """The last release of a deck; None before the first, or where it cannot be read."""
    return _ledger(root, [])


def _files(
    root: Path, tree: Tree, problems: list[Problem]
) -> tuple[list[Path], list[PurePosixPath]]:
    """The card files of a deck, sorted by their path, and its other files."""
    cards: list[Path] = []
    others: list[PurePosixPath] = []
    for inside in tree.paths():
        path, name = root / inside, inside.name
        if inside in tree.names:
            if what := _bad_name(name):
                refuse(path, what, problems, "rename it, with plain letters")
        elif inside in tree.linked_folders:
            refuse(path, "is a link to a folder", problems)
        elif inside.as_posix() in (CONFIG, STYLE, ledger.FILE):
            continue
        elif FOR_PEOPLE.fullmatch(name) or _is_known(inside.parent, name):
            if not stat.S_ISREG(path.lstat().st_mode):
                refuse(path, "is no regular file", problems)
        elif not _CARDS.search(name):
            others.append(inside)
        elif what := _bad_name(name):
            refuse(path, what, problems, "rename it, with plain letters")
        elif not name.endswith(".md"):
            refuse(path, "does not end in .md", problems, "rename it to end in .md")
        else:
            cards.append(path)
    return sorted(cards, key=lambda path: path.relative_to(root).parts), others


def _bad_name(name: str) -> str:
    """What is wrong with the name of a file or folder; empty where nothing is.

    It is looked at as the disk has it, whatever the locale made of its bytes.
    """
    name = os.fsencode(name).decode("utf-8", "surrogateescape")
    if bad := hidden(name, "\t\n"):
        return f"has {bad} in its name"
    return "has a name that is not in the form NFC" if not_composed(name) else ""


def _is_known(folder: PurePosixPath, name: str) -> bool:
    """Whether a file that is neither card nor picture belongs to a deck."""
    if not folder.parts:
        return name.startswith(LICENCES)
    return folder.parts[0] in FOLDERS


def _info(path: Path, problems: list[Problem]) -> DeckInfo | None:
    source = read_text(path.parent, path, problems)
    if source is None:
        return None
    table, found = read_toml(source, DECK_TOML)
    if table is not None:
        found += islice(_key_errors(source, table), _MOST_ERRORS)
    problems += found
    if table is None or found:
        return None
    table["authors"] = tuple(table.get("authors", ()))
    return DeckInfo(**table)


def _key_errors(source: Source, table: dict[str, object]) -> Iterator[Problem]:
    for key, value in table.items():
        place = _key_place(source, key)
        if key not in _KEYS:
            yield DECK_TOML.at(place, f"unknown key {key}", did_you_mean(key, _KEYS))
        elif key == "authors":
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                yield DECK_TOML.at(place, "authors is a list of names", 'write ["A. Name"]')
        elif key == settings.TABLE:
            yield from settings.problems(source, value)
        elif key in _TABLE_KEYS:
            if not isinstance(value, dict) or not all(
                isinstance(one, str) for one in value.values()
            ):
                yield DECK_TOML.at(place, f"[{key}] holds texts", 'write name = "…" below it')
            elif key in _REASONS:
                yield from _reason_errors(source, key, value)
            else:
                yield from _macro_errors(source, value)
        elif not isinstance(value, str):
            yield DECK_TOML.at(place, f"{key} is a text", f'write {key} = "…"')
    for key in ("key", "name"):
        if key not in table:
            fix = f'add {key} = "…"' + (" and never change it again" if key == "key" else "")
            yield DECK_TOML.at(source.place(0), f"{key} is missing", fix)
        elif table[key] == "":
            yield DECK_TOML.at(_key_place(source, key), f"{key} is empty", f'write {key} = "…"')
    bad = [*_value_errors(source, table)]
    yield from bad
    for key, value in table.items():
        for text in _texts(value):
            found = next(forbidden(text), None) or not_composed(text)
            if found and (place := _key_place(source, key)) not in {one.place for one in bad}:
                yield DECK_TOML.at(place, f"by an escape in {key}, {found.what}", found.fix)
    yield from _description_errors(source, table.get("description"))


def _description_errors(source: Source, description: object) -> Iterator[Problem]:
    """What of a deck's description Anki, which reads it as Markdown, would not show."""
    if not isinstance(description, str):
        return
    place = _key_place(source, "description")
    if (size := len(description.encode())) > MAX_DESCRIPTION:
        what = f"the description has {size:,} bytes, over {MAX_DESCRIPTION:,}"
        yield DECK_TOML.at(place, what, "write what matters, and link to the rest")
        return
    if much := excess(description):
        yield DECK_TOML.at(place, f"in the description, {much.what}", much.fix)
        return
    try:
        html = read(description).html
    except TooDeepError:
        yield DECK_TOML.at(place, "the description is nested too deeply", "write it flatter")
        return
    for found in clean(html, _no_file).problems[:1]:
        yield DECK_TOML.at(place, f"in the description, {found.what}", found.fix)


def _no_file(_tag: str, _address: str) -> Problem:
    what = "there can be no picture and no link to a file of the deck"
    return DECK_TOML.at(0, what, "take it out, or link to an https:// address")


def _texts(value: object) -> Iterator[str]:
    """The texts of a value of deck.toml, those of its list or table too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for text in pair if isinstance(text, str))
    elif isinstance(value, list):
        yield from (text for text in value if isinstance(text, str))


def _reason_errors(source: Source, table: str, reasons: dict[str, str]) -> Iterator[Problem]:
    for name, reason in reasons.items():
        if not reason.strip() or "\n" in reason or FORBIDDEN.search(name + reason):
            what = f"{name[:40]!r} has no reason, or not one of plain text in one line"
            yield DECK_TOML.at(_key_place(source, name, table), what, "say in a few words why")


def _macro_errors(source: Source, macros: dict[str, str]) -> Iterator[Problem]:
    for name, what in define(macros)[1].items():
        fix = r"write it as E = '\mathbb{E}', or norm = '\lVert #1 \rVert'"
        yield DECK_TOML.at(_key_place(source, name, "macros"), what, fix)


def _value_errors(source: Source, table: dict[str, object]) -> Iterator[Problem]:
    key, name, tag, report, url = (
        table.get(one, "") for one in ("key", "name", "tag", "report", "url")
    )
    if isinstance(key, str) and key and not _KEY.fullmatch(key):
        place = _key_place(source, "key")
        yield DECK_TOML.at(place, f"{key[:40]!r} is no key", "use letters, digits and - _ .")
    if isinstance(name, str) and name and (what := deck_name_problem(name)):
        yield DECK_TOML.at(_key_place(source, "name"), what, "use plain words")
    if isinstance(tag, str) and tag and not is_tag(tag):
        place = _key_place(source, "tag")
        yield DECK_TOML.at(place, f"{tag!r} is no tag", "use letters, digits, - and _")
    if isinstance(report, str) and report and not _REPORT.fullmatch(report):
        yield DECK_TOML.at(
            _key_place(source, "report"),
            "report is no address with a place for the card's id",
            "write an https:// address with {id} in it",
        )
    if isinstance(url, str) and url and not _ADDRESS.fullmatch(url):
        place = _key_place(source, "url")
        yield DECK_TOML.at(place, "url is no https:// address", "write the whole address")


def _key_place(source: Source, key: str, table: str = "") -> Place:
    """Where a key stands, after the heading of its table."""
    heading = re.search(rf"^[ \t]*\[[ \t]*{table}[ \t]*\]", source.text, re.MULTILINE)
    start = heading.end() if heading else 0
    line = re.compile(rf"^[ \t]*\[*[\"']?{re.escape(key)}(?=[\"'\s.=\]])", re.MULTILINE)
    found = line.search(source.text, start)
    return source.place(found.start() if found else start)
