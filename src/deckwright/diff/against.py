"""Any package as the release that it once was, so that a deck can be compared with it by GUID."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from deckwright.apkg.package import page_in
from deckwright.diff.difference import Difference
from deckwright.diff.foreign import in_a_worker
from deckwright.model import Deck, Field, Media, Note, NoteType, Template, deck_key
from deckwright.note_types import ID
from deckwright.real_anki.contents import (
    UNREADABLE,
    Contents,
    NewerFormat,
    NoteTypeRow,
    in_collection,
    in_package,
    media_of,
)
from deckwright.real_anki.package_file import opened
from deckwright.real_anki.scratch import Refused, Scratch
from deckwright.releases.changes import Changes, NoteChange, compare
from deckwright.releases.ledger import Ledger, Release, ReleasedNote
from deckwright.releases.rehearsed import said_same
from deckwright.rendering import html_text


def release_of_package(path: Path, types: Iterable[NoteType] = ()) -> Ledger:
    """A package of any publisher, of any of Anki's formats, as a last release.

    A note's id is its field ``Id``, else its GUID. A note type is of the same kind as that of
    ``types`` with its id, else of a kind of its own.

    Raises:
        Refused: if it cannot be read.
        AnkiMissing: if only Anki can read it, and cannot be imported.
    """
    return _ledger(path.name, _contents(path), types)


def match_by_guid(deck: Deck, old: Ledger) -> Mapping[str, ReleasedNote]:
    """The old note that each note of a deck is, by the id of the deck's.

    The old fields are laid out as the deck's note types have them: by their order where the note
    type is the same, else by their names. Tags that are the same in another order are in the same
    one.
    """
    olds = {one.note.guid: one for one in old.notes}
    names_of = {kind.kind: [field.name for field in kind.fields] for kind in deck.types}
    old_names = {kind.kind: [field.name for field in kind.fields] for kind in old.types}
    matches = {}
    for note in deck.notes:
        if one := olds.get(note.guid):
            fields, names = one.note.fields, names_of[note.kind]
            if one.note.kind != note.kind or len(fields) != len(names):
                was = dict(zip(old_names[one.note.kind], fields, strict=False))
                fields = tuple(was.get(name, "") for name in names)
            same = {*one.note.tags} == {*note.tags}
            tags = note.tags if same else one.note.tags
            matches[note.id] = replace(one, note=replace(one.note, fields=fields, tags=tags))
    return matches


def since_package(deck: Deck, path: Path, history: Ledger | None = None) -> Difference:
    """The difference of a deck to an old package; its history knows what its authors said since.

    The deck's mods should be settled: what Anki delivers, they alone decide. A note without one
    counts as new today. Raises as `release_of_package` does.
    """
    contents = _contents(path)
    ledger = _ledger(path.name, contents, deck.types)
    changes = _by_mods(compare(deck, ledger, match_by_guid(deck, ledger)))
    shown = {name for one in ledger.notes for name in one.note.media}
    before = ledger.deck(deck.info, _media(path, shown & contents.media))
    same = said_same(history, ledger.last.time) if history else frozenset[str]()
    pages = {deck_key(name): text for name, text in contents.pages.items()}
    said = pages.get(deck_key(deck.info.name))
    page = None if said is None else page_in(said)
    return Difference(changes, before, deck, path.name, same, page, is_of_packages=True)


def _by_mods(changes: Changes) -> Changes:
    """A package knows no sources: delivered is what is newer and reads otherwise."""
    pairs = (*changes.changed, *changes.held)
    newer: list[NoteChange] = []
    held: list[NoteChange] = []
    for one in pairs:
        is_newer = not one.after.mod or one.after.mod > one.before.note.mod
        (newer if is_newer else held).append(one)
    return replace(changes, changed=tuple(newer), held=tuple(held))


# The ledger


def _ledger(name: str, contents: Contents, types: Iterable[NoteType]) -> Ledger:
    kinds = {kind.id: kind for kind in types}
    olds = {id_: _note_type(id_, row, kinds.get(id_)) for id_, row in contents.types.items()}
    ordinals: dict[int, list[int]] = {}
    decks: dict[int, str] = {}
    for card in contents.cards.values():
        ordinals.setdefault(card.note, []).append(card.ordinal)
        decks.setdefault(card.note, card.deck)
    notes = []
    for row in contents.notes.values():
        named = contents.texts(row)
        type_ = olds[row.type]
        note = Note(
            id=html_text.line(named.get(type_.field_of(ID), "")) or row.guid,
            guid=row.guid,
            kind=type_.kind,
            deck=decks.get(row.id, ""),
            fields=tuple(named.values()),
            tags=tuple(row.tags.split()),
            ordinals=tuple(sorted({*ordinals.get(row.id, [])})),
            media=tuple(sorted({one for text in row.fields for one in html_text.sources(text)})),
            mod=row.mod,
        )
        notes.append(ReleasedNote(note, since=""))
    notes.sort(key=lambda one: one.note.id)
    used = {one.note.kind for one in notes}
    kept = tuple(kind for kind in olds.values() if kind.kind in used)
    release = Release("", max((row.mod for row in contents.notes.values()), default=0), "")
    return Ledger("", name, tuple(notes), kept, (release,))


def _note_type(id_: int, row: NoteTypeRow, ours: NoteType | None) -> NoteType:
    # A package says nothing of a field's settings and part: these are those of the deck's own.
    own = ours.fields if ours else (Field(ID, 0, "", parts=(ID,)),)
    known = {field.name: field for field in own}
    fields = tuple(replace(known.get(name, Field(name, 0, "")), id=0) for name in row.fields)
    sides = zip(row.templates, row.sides[::2], row.sides[1::2], strict=True)
    templates = tuple(Template(name, 0, front, back) for name, front, back in sides)
    kind = ours.kind if ours else f"{'cloze' if row.cloze else 'basic'} {id_}"
    return NoteType(kind, id_, row.name, 0, fields, templates, row.css, row.mod, row.cloze)


# Reading


def _contents(path: Path) -> Contents:
    try:
        contents = in_package(path)
    except NewerFormat:
        contents = in_a_worker(path, in_collection)
    if contents.fault:
        raise Refused(f"{path.name} cannot be compared: {contents.fault}", "name another package")
    return contents


def _media(path: Path, names: set[str]) -> tuple[Media, ...]:
    """Files of a package, as far as it has them."""
    if not names:
        return ()
    try:
        with opened(path) as file:
            if file.database is None:
                return in_a_worker(path, partial(_files, names))
            index = media_of(file).items()
            found = [Media(name, file.zipped.read(at)) for at, name in index if name in names]
    except UNREADABLE:
        return ()
    return tuple(sorted(found, key=lambda item: item.name))


def _files(names: set[str], scratch: Scratch) -> tuple[Media, ...]:
    folder = Path(scratch.run(lambda collection: collection.media.dir()))
    paths = sorted(path for path in folder.iterdir() if path.name in names)
    return tuple(Media(path.name, path.read_bytes()) for path in paths)
