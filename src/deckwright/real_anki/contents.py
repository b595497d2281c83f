"""What a package and a collection hold: the rows of Anki's tables, and names for people.

``verify`` compares two ``Contents``: what a package sent, and what arrived in a real Anki.
"""

from __future__ import annotations

import errno
import json
import re
import shutil
import sqlite3
import textwrap
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any

from deckwright.apkg.files import scratch_folder
from deckwright.real_anki.scratch import Refused, Scratch

Rows = Callable[[str], Sequence[Sequence[Any]]]
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

    def texts(self, note: NoteRow) -> dict[str, str]:
        """The fields of a note by their names."""
        names = self.types[note.type].fields if note.type in self.types else ()
        return dict(zip(names, composed(note.fields), strict=False))

    def note_name(self, note: int) -> str:
        """A note for people: its field ``Id``, else the start of its first field."""
        if note not in self.notes:
            return f"number {note}"
        row = self.notes[note]
        first = unescape(re.sub(r"<[^>]*>", " ", row.fields[0]))
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
    try:
        with zipfile.ZipFile(package) as zipped, scratch_folder() as folder:
            names = set(zipped.namelist())
            if "collection.anki21b" in names:
                raise NotImplementedError("it is in Anki's newer, compressed format")
            database = "collection.anki21" if "collection.anki21" in names else "collection.anki2"
            copy = folder / "collection"
            with zipped.open(database) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
            media = json.loads(zipped.read("media")) if "media" in names else {}
            checksums = {name: zipped.getinfo(number).CRC for number, name in media.items()}
            with closing(sqlite3.connect(copy)) as connection:
                columns = connection.execute("select models, decks from col").fetchone()
                types, decks = map(json.loads, columns)
                return _contents(
                    lambda sql: connection.execute(sql).fetchall(),
                    {int(id_): one for id_, one in types.items()},
                    {int(id_): one["name"] for id_, one in decks.items()},
                    checksums,
                    {one["name"]: str(one.get("desc", "")) for one in decks.values()},
                )
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno in _SURROUNDINGS:
            raise  # our own folder is at fault, and not the package
        raise Refused(
            f"deckwright cannot look into {package.name}: {error}",
            'build it with deckwright, or export it with "Support older Anki versions"',
        ) from error


def _contents(
    rows: Rows,
    types: Mapping[int, Any],
    decks: Mapping[int, str],
    media: Mapping[str, int],
    pages: Mapping[str, str],
) -> Contents:
    notes = [
        NoteRow(id_, guid, mod, type_, tuple(fields.split("\x1f")), tags)
        for id_, guid, mod, type_, fields, tags in rows(
            "select id, guid, mod, mid, flds, tags from notes order by id"
        )
    ]
    cards = [
        CardRow(id_, note, ordinal, decks.get(deck, ""), due, any(study))
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
        reviews=rows("select count() from revlog")[0][0],
        pages=pages,
    )


def _note_type(row: Mapping[str, Any]) -> NoteTypeRow:
    sides = [template[side] for template in row["tmpls"] for side in ("qfmt", "afmt")]
    loaded = re.findall(r"""(?:\burl\(|\bsrc=|\bhref=)\s*["']?(_[^"')\s>]+)""", row["css"])
    loaded += re.findall(r"""\bsrc=\s*["']?(_[^"'\s>]+)""", " ".join(sides))
    return NoteTypeRow(
        name=row["name"],
        cloze=row["type"] == 1,
        fields=tuple(field["name"] for field in row["flds"]),
        templates=tuple(template["name"] for template in row["tmpls"]),
        assets=frozenset(loaded),
        css=row["css"],
        sides=tuple(sides),
        mod=row["mod"],
    )
