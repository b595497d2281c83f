"""From notes to an .apkg file: the only module that imports genanki.

genanki knows Anki's tables; what it leaves to chance is set here: GUIDs, the ordinals and the
order of cards, a mod of its own for each note, ids for note types, fields and templates, and
the archive itself, which is the same to the byte for the same input.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import genanki

from deckwright.apkg.files import alone_in, refuse_link, sweep, write_atomically
from deckwright.apkg.guids import stable_id
from deckwright.model import Deck, DeckInfo, Media, Note, NoteType, deck_key
from deckwright.note_types import KINDS
from deckwright.note_types.cards import shown
from deckwright.source.printable import in_markdown

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold: the archive carries no clock."""
_DEFLATE_LEVEL = 6
UNRELEASED = "dev"
"""The version of a deck before its first release."""
DRAFT = (
    "A draft, to be studied in a profile of its own: a text or a card that is not released as it is"
    " here may stay with you for ever, or come to you twice."
)
"""What it costs to study a package that is not a release."""
_VERSION = re.compile(r"(?:Version \S+|Unreleased version)(?: (?=<)|$)")
_SQLITE_VERSION_BYTES = slice(96, 100)
"""Where a database's header names the SQLite that wrote it (sqlite.org/fileformat2.html)."""


@dataclass(frozen=True, slots=True)
class Package:
    """A finished package."""

    name: str
    """The file's name."""
    data: bytes
    content_hash: str
    """SHA-256 over rows and media, in hexadecimal: the same on every platform and at any time."""


def package(deck: Deck, version: str, time: int) -> Package:
    """Make the package of a deck.

    ``time`` is in seconds since 1970: the mod of every note and note type that has none yet.
    """
    description = _description(deck.info, version)
    return Package(
        f"{deck.info.key}-{version}.apkg",
        _archive(_collection(deck, description, time), deck.media),
        content_hash(deck, version),
    )


def is_draft(version: str) -> bool:
    """Whether a version is that of a build, and not of a release."""
    return version == UNRELEASED or version.endswith(f"+{UNRELEASED}")


def write(finished: Package, folder: Path) -> Path:
    """Write a package and its hashes into a folder, each in one step, and return its path.

    The hashes are for ``sha256sum --check``, with the content hash in a comment.

    Raises:
        OSError: where it cannot be written, or the folder is a link.
    """
    refuse_link(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / finished.name
    digest = sha256(finished.data).hexdigest()
    hashes = f"# content {finished.content_hash}\n{digest}  {finished.name}\n"
    with alone_in(folder):  # so that two builds at once leave the package and the hashes of one
        sweep(folder, "*.apkg", "*.apkg.sha256")
        write_atomically(path, finished.data)
        write_atomically(path.with_name(f"{finished.name}.sha256"), hashes.encode())
    return path


def page(info: DeckInfo) -> str:
    """What a deck says on its page in Anki, whatever its version: Markdown."""
    return page_in(_description(info, UNRELEASED))


def page_in(description: str) -> str:
    """What the page of a package says besides its version, as `page` does."""
    parts = (_VERSION.sub("", part) for part in description.split("\n\n") if part != DRAFT)
    return "\n\n".join(filter(None, parts))


def _description(info: DeckInfo, version: str) -> str:
    """What Anki shows on the deck's page, as Markdown."""
    label = "Unreleased version" if version == UNRELEASED else f"Version {version}"
    address = f"<{info.url}>" if info.url else ""
    by = f"by {', '.join(info.authors)}" if info.authors else ""
    rights = in_markdown(", ".join(filter(None, (info.licence, by))))
    draft = DRAFT if is_draft(version) else ""
    parts = (info.description.strip(), f"{label} {address}".strip(), draft, rights)
    return "\n\n".join(filter(None, parts))


# The collection


class _Note(genanki.Note):  # type: ignore[misc]
    """A note that genanki takes as it is: our GUID, our cards, our mod."""

    def __init__(self, note: Note, model: genanki.Model, due: int, mod: int) -> None:
        super().__init__(model, list(note.fields), guid=note.guid, tags=list(note.tags), due=due)
        self.cards = [genanki.Card(ordinal) for ordinal in note.ordinals]
        self._mod = mod

    def write_to_db(self, cursor: sqlite3.Cursor, _time: float, *rest: object) -> None:
        super().write_to_db(cursor, self._mod, *rest)

    def _check_invalid_html_tags_in_fields(self) -> None:
        """Nothing: the fields went through our allow-list."""


class _Deck(genanki.Deck):  # type: ignore[misc]
    def to_json(self) -> dict[str, Any]:
        """As genanki's, with a description that Anki reads as Markdown."""
        return {**super().to_json(), "md": True}


class _Model(genanki.Model):  # type: ignore[misc]
    def __init__(self, kind: NoteType, mod: int) -> None:
        fields = [
            {
                "name": field.name,
                "id": field.id,
                "description": field.description,
                "collapsed": field.collapsed,
                "excludeFromSearch": not field.search,
            }
            for field in kind.fields
        ]
        templates = [
            {"name": one.name, "id": one.id, "qfmt": one.front, "afmt": one.back}
            for one in kind.templates
        ]
        super().__init__(
            kind.id,
            kind.name,
            fields,
            templates,
            css=kind.css,
            model_type=genanki.Model.CLOZE if kind.cloze else genanki.Model.FRONT_BACK,
            sort_field_index=kind.sort,
        )
        self._kind = kind
        self._mod = mod

    @property
    def _req(self) -> list[list[object]]:
        """Which fields a template needs, which Anki works out anew; genanki knows no filters."""
        if self._kind.kind in KINDS:
            return list(super()._req)
        names = [field.name for field in self._kind.fields]
        return [
            [
                number,
                "any",
                sorted({names.index(name) for name, _ in shown(one.front) if name in names}),
            ]
            for number, one in enumerate(self._kind.templates)
        ]

    def to_json(self, _time: float, deck_id: int) -> dict[str, Any]:
        """As genanki's, with our own mod."""
        return dict(super().to_json(self._mod, deck_id))


def _collection(deck: Deck, description: str, time: int) -> bytes:
    """The SQLite database of a package, as bytes."""
    models = {kind.kind: _Model(kind, kind.mod or time) for kind in deck.types}
    decks: dict[str, _Deck] = {}
    described = (deck.info.name, *_described(deck))
    for name in dict.fromkeys((deck.info.name, *(note.deck for note in deck.notes), *described)):
        words = description if name in described else ""
        decks[name] = _Deck(stable_id(deck.info.key, "deck", name), name, words)
    root = decks[deck.info.name]
    for due, note in enumerate(deck.notes):
        decks[note.deck].add_note(_Note(note, models[note.kind], due, note.mod or time))
    for model in models.values():
        root.add_model(model)
    with sqlite3.connect(":memory:") as connection:
        ids = itertools.count(max(time * 1000, 1))  # Anki cannot bear an id of 0
        genanki.Package(list(decks.values())).write_to_db(connection.cursor(), time, ids)
        connection.execute("UPDATE col SET crt = 0, mod = ?, scm = ?", (time * 1000, time * 1000))
        connection.commit()
        connection.execute("VACUUM")
        data = bytearray(connection.serialize())
    connection.close()
    data[_SQLITE_VERSION_BYTES] = bytes(4)
    return bytes(data)


def _described(deck: Deck) -> Iterator[str]:
    """The top-level decks that cards go to, where none goes to the deck of the name or below it.

    Anki imports a deck only with a card in it or below it, and a description only with its deck.
    """
    own = f"{deck_key(deck.info.name)}::"
    names = dict.fromkeys(note.deck for note in deck.notes)
    if not any(f"{deck_key(name)}::".startswith(own) for name in names):
        tops = {deck_key(top): top for top in (name.split("::")[0] for name in names)}
        yield from tops.values()


# The archive


def _archive(collection: bytes, media: Sequence[Media]) -> bytes:
    """The zip of a package: sorted, deflated, without clock, owner or machine."""
    index = {str(number): item.name for number, item in enumerate(media)}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, "collection.anki2", collection)
        _add(archive, "media", json.dumps(index, sort_keys=True).encode())
        for number, item in enumerate(media):
            _add(archive, str(number), item.data)
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _ZIP_TIME)
    info.create_system = 3  # as on Unix, on every system
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data, compresslevel=_DEFLATE_LEVEL)


# The content hash


def content_hash(deck: Deck, version: str) -> str:
    """A hash of what a learner gets: all rows without their clocks, and the media."""
    total = sha256()
    for row in _rows(deck, _description(deck.info, version)):
        total.update(json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return total.hexdigest()


def _rows(deck: Deck, description: str) -> Iterator[object]:
    yield ["deck", deck.info.name, description]
    for kind in deck.types:
        yield ["note type", _type_row(kind)]
    for note in deck.notes:
        yield [note.guid, note.kind, note.deck, note.tags, note.ordinals, note.fields]
    for item in deck.media:
        yield [item.name, sha256(item.data).hexdigest()]


def _type_row(kind: NoteType) -> dict[str, Any]:
    """What a learner gets of a note type; its templates show whether it has clozes."""
    row = {**asdict(kind), "mod": None}
    del row["cloze"]
    for field in row["fields"]:
        del field["parts"]
    return row
