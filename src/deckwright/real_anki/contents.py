"""What a package and a collection hold: the rows of Anki's tables, and names for people.

``verify`` compares two ``Contents``: what a package sent, and what arrived in a real Anki.
"""

from __future__ import annotations

import errno
import json
import re
import sqlite3
import textwrap
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from pathlib import Path
from sys import getsizeof
from typing import Any

from deckwright.real_anki.package_file import (
    HostileError,
    PackageFile,
    database,
    opened,
    read_json,
)
from deckwright.real_anki.scratch import Refused, Scratch

Rows = Callable[[str], Iterable[Sequence[Any]]]
"""Gives the rows of a query."""


@dataclass(frozen=True, slots=True)
class NoteTypeRow:
    """The parts of a note type that a learner sees."""

    name: str
    cloze: bool
    fields: tuple[str, ...]
    templates: tuple[str, ...]
    assets: frozenset[str]
    """Names of media, from ``_``, that its templates and CSS load."""
    css: str
    sides: tuple[str, ...]
    """The HTML of its templates, front and back."""
    mod: int


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A row of Anki's table ``notes``."""

    id: int
    guid: str
    mod: int
    type: int
    fields: tuple[str, ...]
    tags: str


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row of Anki's table ``cards``; ``deck`` is empty if there is no such deck."""

    id: int
    note: int
    ordinal: int
    deck: str
    due: int
    studied: bool
    """Whether it was studied: it is not a new, untouched card."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in a collection; decks include parents, not the empty "Default"."""

    notes: int = 0
    cards: int = 0
    decks: int = 0
    media: int = 0


@dataclass(frozen=True)
class Contents:
    """All that a package or a collection holds, notes and cards by their ids."""

    types: Mapping[int, NoteTypeRow]
    notes: Mapping[int, NoteRow]
    cards: Mapping[int, CardRow]
    decks: frozenset[str]
    media: frozenset[str]
    checksums: Mapping[str, int]
    """The CRC-32 of each media file of a package, by its name; 0 in a collection."""
    reviews: int
    pages: Mapping[str, str]
    """What each deck says on its page, by the deck's name."""

    @property
    def counts(self) -> Counts:
        """How much it holds."""
        used = {card.deck for card in self.cards.values()}
        decks = self.decks - ({"Default"} - used)
        return Counts(len(self.notes), len(self.cards), len(decks), len(self.media))

    @cached_property
    def by_guid(self) -> Mapping[str, NoteRow]:
        """The notes by their GUIDs."""
        return {note.guid: note for note in self.notes.values()}

    @property
    def fault(self) -> str:
        """What no package of Anki's has, because a deck cannot be compared with it; else empty."""
        if len(self.by_guid) < len(self.notes):
            return "two of its notes have one GUID"
        if any(not (kind.fields and kind.templates) for kind in self.types.values()):
            return "a note type in it has no field, or no template"
        if any(
            one.type not in self.types or len(one.fields) != len(self.types[one.type].fields)
            for one in self.notes.values()
        ):
            return "a note in it has no note type, or other fields than that"
        times = (
            *(one.mod for one in self.notes.values()),
            *(one.mod for one in self.types.values()),
        )
        ids = (*self.notes, *self.cards, *self.types)
        if min(ids, default=1) < 1 or min(times, default=0) < 0 or max(*ids, *times, 0, 0) >= _MOST:
            return "an id or a time in it is none"
        if any(
            one.note not in self.notes or not 0 <= one.ordinal < _CARDS
            for one in self.cards.values()
        ):
            return "a card in it has no note, or a number that no card has"
        return ""

    def texts(self, note: NoteRow) -> dict[str, str]:
        """The fields of a note by their names."""
        names = self.types[note.type].fields if note.type in self.types else ()
        return dict(zip(names, composed(note.fields), strict=False))

    def note_name(self, note: int) -> str:
        """A note for people: its field ``Id``, else the start of its first field."""
        if note not in self.notes:
            return f"number {note}"
        row = self.notes[note]
        first = unescape(seen(row.fields[0], " "))
        return (
            self.texts(row).get("Id")
            or textwrap.shorten(first, 60, placeholder=" …")
            or f"number {note}"
        )

    def template_name(self, card: CardRow) -> str:
        """The name of a card's template; for a cloze card with the cloze's number."""
        note_type = self.types.get(self.notes[card.note].type) if card.note in self.notes else None
        if note_type and note_type.cloze:
            return f"{note_type.templates[0]} {card.ordinal + 1}"
        if note_type and card.ordinal < len(note_type.templates):
            return note_type.templates[card.ordinal]
        return f"number {card.ordinal + 1}"

    def card_name(self, card: CardRow) -> str:
        """A card for people: its template and its note."""
        return f'card "{self.template_name(card)}" of note "{self.note_name(card.note)}"'


MAX_HELD = 128 << 20
"""Bytes of memory for what a package holds."""
_ROW = 200
"""Bytes that a row takes besides its values."""
_MOST = 1 << 53
"""More than any time, and than the ids that every client of Anki keeps."""
_CARDS = 1 << 16
"""More than the cards of any note."""
_EXPORT = 'build it with deckwright, or export it with "Support older Anki versions"'


class NewerFormat(Refused):
    """A package is in the format that only Anki reads."""


_HIDDEN = re.compile(r"<!--|<(?:style|script)\b", re.IGNORECASE)
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, sqlite3.Error, OSError, EOFError),  # damaged
    *(LookupError, ValueError, TypeError, AttributeError),  # laid out otherwise
    *(RuntimeError, NotImplementedError),  # encrypted, or compressed in a way of its own
)
"""What reading a foreign file can raise."""
_SURROUNDINGS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM),
    *(errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM),
}
"""The errors of the disk and of the system, which are not the package's."""


def seen(html: str, between: str = "") -> str:
    """Some HTML without its tags, comments, styles and scripts; entities stay as they are.

    Each sign is looked at a few times at most, whatever the text of a stranger looks like.
    """
    parts, at = [], 0
    while (start := html.find("<", at)) >= 0:
        parts.append(html[at:start])
        hidden = _HIDDEN.match(html, start)
        ends = {"<!--": "-->", "<style": "</style", "<script": "</script"}
        end = _lower(html).find(ends[hidden[0].lower()], start) if hidden else start
        at = html.find(">", end + 1) + 1 if end >= 0 else 0
        if not at:
            return between.join(parts)  # what never ends hides the rest
    return between.join((*parts, html[at:]))


@lru_cache(maxsize=1)
def _lower(html: str) -> str:
    return html.lower()


def composed(texts: Sequence[str]) -> tuple[str, ...]:
    """Texts as Anki stores them: it composes accents (NFC)."""
    return tuple(unicodedata.normalize("NFC", text) for text in texts)


def in_collection(scratch: Scratch) -> Contents:
    """What a scratch collection holds. Raises `Refused` if Anki cannot read it."""
    types = {row["id"]: row for row in scratch.note_types()}
    decks = {deck.id: deck.name for deck in scratch.run(lambda col: col.decks.all_names_and_ids())}
    media = Path(scratch.run(lambda collection: collection.media.dir()))
    files = {path.name: 0 for path in media.iterdir()}
    found = scratch.run(lambda collection: collection.decks.all())
    pages = {one["name"]: one.get("desc", "") for one in found}
    return _contents(scratch.rows, types, decks, files, pages)


def in_package(package: Path) -> Contents:
    """What a package holds, read without Anki.

    Reads Anki's older formats (schema 11 in ``collection.anki2`` or ``.anki21``), as genanki
    writes them. Raises `Refused` for any other file.
    """
    if not package.exists():
        raise Refused(f"there is no file {package}", "build it first, or correct the path")
    try:
        with opened(package) as file:
            if file.database is None:
                what = f"deckwright cannot look into {package.name}: it is in Anki's newer,"
                raise NewerFormat(f"{what} compressed format", _EXPORT)
            with database(file.database) as connection:
                columns = connection.execute("select models, decks from col").fetchone()
                types, decks = map(json.loads, columns)
                return _contents(
                    lambda sql: _held(connection.execute(sql)),
                    {int(id_): one for id_, one in types.items()},
                    {int(id_): _text(one["name"]) for id_, one in decks.items()},
                    {name: file.zipped.getinfo(at).CRC for at, name in media_of(file).items()},
                    {one["name"]: _text(one.get("desc", "")) for one in decks.values()},
                )
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno in _SURROUNDINGS:
            raise  # our own folder is at fault, and not the package
        raise Refused(
            f"deckwright cannot look into {package.name}: {error}",
            _EXPORT,
        ) from error


def media_of(file: PackageFile) -> dict[str, str]:
    """The names of a package's media, by their names in the archive.

    Raises:
        ValueError: where that is laid out otherwise than Anki does it.
    """
    if "media" not in file.zipped.namelist():
        return {}
    return {at: _text(name) for at, name in json.loads(read_json(file.zipped, "media")).items()}


def _held(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Rows, as long as they fit into memory."""
    held = 0
    for row in rows:
        held += sum(map(getsizeof, row)) + _ROW
        if held > MAX_HELD:
            raise HostileError(f"it would take more than {MAX_HELD >> 20} MB of memory")
        yield row


def _text(value: object) -> str:
    if type(value) is not str:
        raise HostileError("it has something else where a text should be")
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise HostileError("it has something else where a number should be")
    return value


def _contents(
    rows: Rows,
    types: Mapping[int, Any],
    decks: Mapping[int, str],
    media: Mapping[str, int],
    pages: Mapping[str, str],
) -> Contents:
    notes = [
        NoteRow(
            *(_number(id_), _text(guid), _number(mod), _number(type_)),
            *(tuple(_text(fields).split("\x1f")), _text(tags)),
        )
        for id_, guid, mod, type_, fields, tags in rows(
            "select id, guid, mod, mid, flds, tags from notes order by id"
        )
    ]
    cards = [
        CardRow(
            *(_number(id_), _number(note), _number(ordinal)),
            *(decks.get(deck, ""), _number(due), any(study)),
        )
        for id_, note, ordinal, deck, due, *study in rows(
            "select id, nid, ord, did, due, type, queue, reps, lapses, ivl, odid from cards"
            " order by due, ord, id"
        )
    ]
    return Contents(
        types={id_: _note_type(row) for id_, row in types.items()},
        notes={note.id: note for note in notes},
        cards={card.id: card for card in cards},
        decks=frozenset(decks.values()),
        media=frozenset(media),
        checksums=media,
        reviews=sum(number for [number] in rows("select count() from revlog")),
        pages=pages,
    )


def _note_type(row: Mapping[str, Any]) -> NoteTypeRow:
    sides = [_text(template[side]) for template in row["tmpls"] for side in ("qfmt", "afmt")]
    loaded = re.findall(r"""(?:\burl\(|\bsrc=|\bhref=)\s*["']?(_[^"')\s>]+)""", row["css"])
    loaded += re.findall(r"""\bsrc=\s*["']?(_[^"'\s>]+)""", " ".join(sides))
    return NoteTypeRow(
        name=_text(row["name"]),
        cloze=row["type"] == 1,
        fields=tuple(_text(field["name"]) for field in row["flds"]),
        templates=tuple(_text(template["name"]) for template in row["tmpls"]),
        assets=frozenset(loaded),
        css=_text(row["css"]),
        sides=tuple(sides),
        mod=_number(row["mod"]),
    )
