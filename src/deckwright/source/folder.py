"""From a folder to text: deck.toml and the card files, decoded."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from deckwright.model import DeckInfo, Place, Problem, Severity, Source
from deckwright.note_types.markup import Tags
from deckwright.releases import ledger
from deckwright.releases.ledger import Ledger
from deckwright.releases.trust import doubtful
from deckwright.rendering.tags import CLASS, PARENTS, TAGS, VOID
from deckwright.source import own_types
from deckwright.source.cards import NO_CARDS
from deckwright.source.deck_toml import CONFIG, DECK_TOML, FOR_PEOPLE, read_deck_toml
from deckwright.source.own_types import OwnTypes
from deckwright.source.texts import STYLE, classes_in, read_text, refuse, wrong_with_style
from deckwright.source.toml import key_offsets, nearest
from deckwright.source.tree import Tree, walk
from deckwright.source.unicode import hidden, not_composed

LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE")
FOLDERS = ("figures", "tests")
"""Folders for the scripts that make pictures."""

_CARDS = re.compile(r"\.(?:md|markdown)[. ]*$", re.IGNORECASE)
"""The end of a name that was meant for cards."""


class NoDeckError(Exception):
    """The folder is not a deck: a mistake in the call, not in the content."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What a deck's folder holds."""

    root: Path
    info: DeckInfo | None
    """None where deck.toml names no deck."""
    config: Source | None
    """The text of deck.toml, with blanks for the lines that cannot be read."""
    sources: tuple[Source, ...]
    files: int
    """How many card files there are, those that cannot be read included."""
    style: str
    """The CSS of the deck; empty where it has an error."""
    ledger: Ledger | None
    """The last release; None before the first, or where the ledger cannot be read."""
    has_ledger: bool
    """Whether there is a ledger, read or not."""
    problems: tuple[Problem, ...]
    others: tuple[PurePosixPath, ...] = ()
    """All other files, by their paths from the folder: pictures, sounds, and what is neither."""
    tree: Tree = field(default_factory=Tree)
    """All that is in it."""
    classes: Mapping[str, bool] = field(default_factory=dict)
    """The classes that its cards may write, each with whether it sizes text by that around it."""
    settings: DeckInfo = field(default_factory=lambda: DeckInfo("", ""))
    """What deck.toml says, even where it names no deck."""
    own: OwnTypes = field(default_factory=OwnTypes)
    """The note types that the deck brings."""
    references: Source | None = None
    """The list of works that its cards may cite, where [required] names one."""


def load(root: Path, instead: Mapping[str, str] = MappingProxyType({})) -> Folder:
    """Read a deck's folder; ``instead`` has other texts of some of its files, by their paths.

    An empty text of the ledger means that there is none.

    Raises:
        NoDeckError: where there is no deck.toml.
    """
    if not os.path.lexists(root / CONFIG):
        raise NoDeckError(
            f"there is no {CONFIG} in {root}: name a deck's folder, as in: deckwright check content"
        )
    problems: list[Problem] = []
    config = _with(instead, read_text(root, root / CONFIG, problems))
    read = read_deck_toml(config) if config else None
    settings = read.info if read else DeckInfo("", "")
    info = settings if settings.key and settings.name else None
    problems += read.problems if read else ()
    tree = walk(root)
    paths, others = _files(root, tree, problems)
    texts = (_with(instead, read_text(root, path, problems)) for path in paths)
    sources = [source for source in texts if source]
    if not sources and not problems:
        problems.append(
            NO_CARDS.at(
                Place((root / CONFIG).as_posix()),
                "this deck has no card file",
                "write cards into a file beside it, for example 01-first.md",
            )
        )
    style = read_text(root, root / STYLE, problems) if os.path.lexists(root / STYLE) else None
    last = _ledger(root, problems, instead)
    key, released = info.key if info else "", last.types if last else ()
    own = own_types.load(root, others, key, Tags(TAGS, VOID, PARENTS), released)
    wrong = wrong_with_style(style, own.classes) if style else ()
    problems += wrong
    references = _references(root, settings.required.references, config, problems)
    return Folder(
        root,
        info,
        read.source if read else None,
        tuple(sources),
        files=len(paths),
        style=style.text if style and not any(map(_is_error, wrong)) else "",
        ledger=last,
        has_ledger=_has_ledger(root, instead),
        problems=(*problems, *own.problems),
        others=tuple(path for path in others if path not in own.files),
        tree=tree,
        classes=_classes(style, own),
        settings=settings,
        own=own,
        references=references,
    )


def _references(
    root: Path, name: str, config: Source | None, problems: list[Problem]
) -> Source | None:
    """The list of works that deck.toml names; None where it names none, or none that is there."""
    if not name or not config:
        return None
    if os.path.lexists(root / name):
        return read_text(root, root / name, problems)
    place = config.place(nearest(key_offsets(config.text), "required", "references"))
    fix = "write it, a line for each work, or change [required]"
    problems.append(DECK_TOML.at(place, f"there is no {name} beside {CONFIG}", fix))
    return None


def _with(instead: Mapping[str, str], source: Source | None) -> Source | None:
    """A file, with the other text that it has."""
    text = instead.get(source.path) if source else None
    return source if source is None or text is None else replace(source, text=text)


def _is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR


def _classes(style: Source | None, own: OwnTypes) -> Mapping[str, bool]:
    """The classes of cards: those of the style sheet that no template has, whose rules may hide."""
    found = classes_in(style.text) if style else {}
    free = (name for name in found if CLASS.fullmatch(name) and name not in own.classes)
    return {name: found[name] for name in free}


def _ledger(root: Path, problems: list[Problem], instead: Mapping[str, str]) -> Ledger | None:
    path = root / ledger.FILE
    name = path.as_posix()
    if name in instead:
        source = Source(name, instead[name]) if instead[name] else None
    else:
        source = read_text(root, path, problems) if os.path.lexists(path) else None
    if source is None:
        return None
    read, found = ledger.from_text(source)
    doubts = doubtful(read, source) if read else ()
    problems += (*found, *doubts)
    return None if doubts else read


def _has_ledger(root: Path, instead: Mapping[str, str]) -> bool:
    path = root / ledger.FILE
    return bool(instead.get(path.as_posix(), os.path.lexists(path)))


def ledger_in(root: Path) -> Ledger | None:
    """The last release of a deck; None before the first, or where it cannot be read."""
    return _ledger(root, [], {})


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
                refuse(path, "is not a regular file", problems)
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

    It is looked at as the disk has it, not as the locale decodes its bytes.
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
