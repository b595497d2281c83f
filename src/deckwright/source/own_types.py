"""The note types that a deck brings: the folders in its folder note_types/."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from deckwright.apkg.guids import stable_id
from deckwright.model import NoteType, Place, Problem, Source
from deckwright.note_types import ANSWER, KINDS, PROMPT, Kind, filled_by, kind
from deckwright.note_types.markup import NOTE_TYPE, Allowed, Tags, check
from deckwright.note_types.own import FILE, STYLE, mistakes
from deckwright.source.card_keys import did_you_mean
from deckwright.source.texts import OTHER_FILE, read_text, wrong_with_style
from deckwright.source.toml import key_offsets, nearest, read_toml
from deckwright.source.unicode import forbidden, not_composed

FOLDER = "note_types"
_FOLDERS = re.compile(r"(?!(?-i:note_types)$)note[-_ ]?types?", re.IGNORECASE)
"""Names of folders that were meant for it."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
SUFFIXES = (".toml", ".html", ".css")
"""The endings of the files of a note type; any other file is one like all in the deck's folder."""


@dataclass(frozen=True)
class OwnTypes:
    """The note types of a deck's own."""

    kinds: Mapping[str, Kind | None] = field(default_factory=dict)
    """By the names of their folders; None where one has mistakes."""
    places: Mapping[tuple[str, str, int], Place] = field(default_factory=dict)
    """Where each, and its fields and templates, have their ids: by the note type's key, the word
    for what it is (none for the note type), and the id."""
    files: frozenset[PurePosixPath] = frozenset()
    """The files that they are made of."""
    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def whole(self) -> Mapping[str, Kind]:
        """Those without a mistake, by the names of their folders."""
        return {name: one for name, one in self.kinds.items() if one}

    @property
    def classes(self) -> frozenset[str]:
        """The classes in their templates."""
        return frozenset[str]().union(*(one.classes for one in self.whole.values()))

    @property
    def kinds_of_cards(self) -> Mapping[str, Kind]:
        """All without a mistake that a card may name, ours too."""
        return {name: one for name, one in self.by_name.items() if one}

    @property
    def by_name(self) -> Mapping[str, Kind | None]:
        """All note types that a card may name, ours first."""
        ours = {name: kind(name) for name in KINDS}
        return {**ours, **{name: one for name, one in self.kinds.items() if name not in ours}}


def load(
    root: Path,
    paths: Collection[PurePosixPath],
    key: str,
    tags: Tags,
    released: Sequence[NoteType] = (),
) -> OwnTypes:
    """Read the note types of a deck's folder, whose files are at some paths.

    ``key`` is the deck's, from which missing ids are made; ``tags`` are those that HTML
    may hold; ``released`` are the note types of the last release.
    """
    folders: dict[str, set[str]] = {}
    for path in paths:
        if len(path.parts) == 3 and path.parts[0] == FOLDER and path.suffix in SUFFIXES:
            folders.setdefault(path.parts[1], set()).add(path.name)
    by_id = {one.id: one for one in released if one.kind not in KINDS}
    deck = _Deck(root, key, tags, by_id)
    misnamed = {
        path.parts[:2]
        for path in paths
        if len(path.parts) == 3 and path.name == FILE and _FOLDERS.fullmatch(path.parts[0])
    }
    readers = [_Reader(deck, name, folders[name]) for name in sorted(folders)]
    kinds = {reader.name: reader.read() for reader in readers}
    whole = [(reader, one) for reader in readers if (one := kinds[reader.name])]
    alike = dict(_alike(whole, key))
    kinds |= dict.fromkeys([*alike, *(name for _, name in misnamed)])
    wrong = sorted({folder for folder, _ in misnamed})
    return OwnTypes(
        kinds,
        {name: place for reader, one in whole for name, place in _ids(reader, one)},
        frozenset(
            (
                *(PurePosixPath(FOLDER, name, one) for name in folders for one in folders[name]),
                *(path for path in paths if path.parts[:2] in misnamed),
            )
        ),
        tuple(source for reader in readers for source in reader.sources),
        (
            *(one for reader in readers for one in reader.problems),
            *alike.values(),
            *(_misnamed(root / folder) for folder in wrong),
        ),
    )


def _alike(whole: Sequence[tuple[_Reader, Kind]], key: str) -> Iterator[tuple[str, Problem]]:
    """The note types with an id or a name in Anki that one before has."""
    seen: dict[object, str] = {stable_id(key, name): name for name in KINDS}
    seen |= {kind(name).table["name"].casefold(): name for name in KINDS}
    for reader, one in whole:
        for word, value in (("id", one.table["id"]), ("name", one.table["name"].casefold())):
            if value in seen:
                place = reader.at(word)
                what = f"the note types {seen[value]} and {one.name} have the same {word}"
                fix = f"give this one {'an id' if word == 'id' else 'a name'} of its own"
                yield one.name, NOTE_TYPE.at(place, what, fix)
            seen.setdefault(value, one.name)


def _ids(reader: _Reader, one: Kind) -> Iterator[tuple[tuple[str, str, int], Place]]:
    """The places of the ids of a note type, its fields and its templates."""
    yield (one.key, "", one.table["id"]), reader.at("id")
    for word in ("field", "template"):
        for number, table in enumerate(one.table[f"{word}s"]):
            yield (one.key, word, table["id"]), reader.at(f"{word}s", number, "id")


def _misnamed(folder: Path) -> Problem:
    what = f"the folder of note types is called {FOLDER}, not {folder.name[:40]}"
    return NOTE_TYPE.at(Place(folder.as_posix()), what, "rename it")


def _meant(word: str, known: Sequence[str]) -> str:
    """A fix for a word that is not known; Reading is not meant for Meaning."""
    return did_you_mean(word, known, near=0.75)


@dataclass(frozen=True, slots=True)
class _Deck:
    """What a note type is read against."""

    root: Path
    key: str
    tags: Tags
    released: Mapping[int, NoteType]
    """The note types of the last release, by their ids."""


class _Reader:
    """Reads one note type: its note_type.toml, then the files that this names."""

    def __init__(self, deck: _Deck, name: str, files: Collection[str]) -> None:
        self.deck, self.name, self.files = deck, name, files
        self.folder = deck.root / FOLDER / name
        self.place = Place((self.folder / FILE).as_posix())
        self.sources: list[Source] = []
        self.offsets: Mapping[tuple[str | int, ...], int] = {}
        self.problems: list[Problem] = []

    def at(self, *path: str | int) -> Place:
        """The place of a key of note_type.toml."""
        return self.sources[0].place(nearest(self.offsets, *path))

    def _add(self, place: Place, what: str, fix: str) -> None:
        self.problems.append(NOTE_TYPE.at(place, what, fix))

    def read(self) -> Kind | None:
        """The note type; None where something is wrong with it."""
        if self.name in KINDS or not _NAME.fullmatch(self.name):
            what = f"{self.name[:40]!r} cannot be a note type of your own"
            fix = "rename its folder: a to z, 0 to 9 and hyphens, and not basic or cloze"
            self._add(self.place, what, fix)
            return None
        if FILE not in self.files:
            fix = "write one, or move these files to where they belong"
            self._add(self.place, f"the note type {self.name} has no {FILE}", fix)
            return None
        source = self._text(FILE)
        table, found = read_toml(source, NOTE_TYPE) if source else (None, [])
        self.problems += found
        if source is None or table is None:
            return None
        id_ = table.get("id")
        called = f" – {table.get('name')}"
        named = (one for one in self.deck.released.values() if one.name.endswith(called))
        released = self.deck.released.get(id_) if type(id_) is int else next(named, None)
        self.offsets = key_offsets(source.text)
        seed = (self.deck.key, self.name)
        self.problems += mistakes(table, seed, self.at, _meant, released)
        if self.problems:
            return None
        sides = self._sides(table)
        style = self._text(STYLE) if STYLE in self.files else None
        one = Kind(self.name, table, sides, style.text if style else "", own=True)
        self.problems += wrong_with_style(style, one.classes) if style else ()
        self.problems += () if self.problems else self._unseen(one)
        fine = not self.problems
        self.problems += self._unused({FILE, STYLE, *sides})
        return one if fine else None

    def _text(self, name: str) -> Source | None:
        """A file of the folder; None where it cannot be read."""
        source = read_text(self.deck.root, self.folder / name, self.problems)
        if source:
            self.sources.append(source)
            if name != FILE:  # in which the reader of TOML finds the same
                bad = (*forbidden(source.text), not_composed(source.text))
                self.problems += (one.placed(source) for one in bad if one)
        return source

    def _sides(self, table: Mapping[str, Any]) -> dict[str, str]:
        """The HTML of the templates, by the names of the files."""
        fields = {one["name"]: filled_by(one) for one in table["fields"]}
        clozes = [name for name, parts in fields.items() if ANSWER in parts and table.get("cloze")]
        filled = [name for name, parts in fields.items() if {PROMPT, ANSWER} & {*parts}]
        allowed = Allowed(
            self.deck.tags, fields, clozes, filled, lambda name: _meant(name[:60], [*fields])
        )
        read: dict[str, Source | None] = {}
        fronts: dict[str, str] = {}
        for number, template in enumerate(table["templates"]):
            for side in ("front", "back"):
                name = template[side]
                if name not in self.files:
                    place = self.at("templates", number, side)
                    names = sorted(one for one in self.files if one.endswith(".html"))
                    fix = did_you_mean(name, names, f"write it into {FOLDER}/{self.name}/")
                    self._add(place, f"there is no file {name} beside {FILE}", fix)
                    read[name] = None
                elif name not in read:
                    read[name] = self._text(name)
                if html := read[name]:
                    self.problems += check(html, allowed, back=side == "back")
            front = read[template["front"]]
            text = front.text.strip() if front else ""
            if text in fronts:
                place = self.at("templates", number, "front")
                what = f"{template['name']} and {fronts[text]} have the same front"
                self._add(place, what, "let each ask something else: Anki refuses two that do not")
            if text:
                fronts[text] = template["name"]
        return {name: html.text if html else "" for name, html in read.items()}

    def _unseen(self, one: Kind) -> Iterator[Problem]:
        """The fields that are filled in every card, and that no template shows."""
        for number, name in enumerate(one.filled_by):
            if {PROMPT, ANSWER} & {part for part, shown in one.unseen.items() if shown == name}:
                place = self.at("fields", number, "name")
                fix = f"write {{{{{name}}}}} into a template"
                yield NOTE_TYPE.at(place, f"no template shows the field {name}", fix)

    def _unused(self, used: Collection[str]) -> Iterator[Problem]:
        for name in sorted({*self.files} - {*used}):
            place = Place((self.folder / name).as_posix())
            what = f"no template of {self.name} uses {name[:60]}"
            yield OTHER_FILE.at(place, what, "name it under [[templates]], or remove it")
