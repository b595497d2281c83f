"""Upgrades by careless tools, which make packages that ours never would; and their rehearsal."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import reduce
from io import BytesIO
from pathlib import Path
from typing import Any

from deckwright.apkg.package import package
from deckwright.model import Deck, Field, Note, Template
from deckwright.rehearsal import Intended, Rehearsal, rehearse

DAY = 86_400
T0 = 1_600_000_000
"""The first release."""
T1 = T0 + DAY
"""The second."""
T2 = T1 + DAY
"""The third."""
RED = ".card { color: red; }"

Change = Callable[[Deck], Deck]


def packed(deck: Deck, time: int = T1) -> bytes:
    return package(deck, "1.1.0", time).data


def note_of(deck: Deck, card_id: str) -> Note:
    [found] = (note for note in deck.notes if note.id == card_id)
    return found


def changed(thing: Any, changes: Mapping[str, Any]) -> Any:
    """A value with changes; one that is a function is of the old value."""
    values = {
        name: value(getattr(thing, name)) if callable(value) else value
        for name, value in changes.items()
    }
    return replace(thing, **values)


def with_note(card_id: str, /, **changes: Any) -> Change:
    """Change a note."""

    def change(deck: Deck) -> Deck:
        old = note_of(deck, card_id)
        notes = (changed(one, changes) if one is old else one for one in deck.notes)
        return replace(deck, notes=tuple(notes))

    return change


def with_text(card_id: str, old: str, new: str, **changes: Any) -> Change:
    """Change the text of a note, wherever it is in its fields."""

    def rewritten(fields: tuple[str, ...]) -> tuple[str, ...]:
        assert any(old in text for text in fields)
        return tuple(text.replace(old, new) for text in fields)

    return with_note(card_id, fields=rewritten, **changes)


def with_type(kind: str, /, **changes: Any) -> Change:
    """Change a note type."""
    return lambda deck: replace(
        deck,
        types=tuple(changed(one, changes) if one.kind == kind else one for one in deck.types),
    )


def with_all(mod: int) -> Change:
    """One time for every note and note type: genanki's default."""
    return lambda deck: replace(
        deck,
        notes=tuple(replace(note, mod=mod) for note in deck.notes),
        types=tuple(replace(kind, mod=mod) for kind in deck.types),
    )


def without(card_id: str) -> Change:
    return lambda deck: replace(
        deck, notes=tuple(note for note in deck.notes if note.id != card_id)
    )


def all_of(*changes: Change) -> Change:
    return lambda deck: reduce(lambda now, change: change(now), changes, deck)


NINE = tuple(range(9))
"""The places of the fields of a basic note."""


def with_basic(**changes: Any) -> Change:
    """Change every basic note."""
    return lambda deck: replace(
        deck,
        notes=tuple(changed(one, changes) if one.kind == "basic" else one for one in deck.notes),
    )


def picked(places: Sequence[int], more: Any) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Some of the parts of a thing by their places; the last place is that of one more."""
    return lambda parts: tuple((*parts, more)[place] for place in places)


def with_fields(*places: int) -> Change:
    """The fields of basic notes by their old places; the place 9 is a new, empty one."""
    kind = with_type("basic", fields=picked(places, Field("Extra", 99, "")), mod=T1)
    return all_of(kind, with_basic(fields=picked(places, "")))


def with_templates(*places: int) -> Change:
    """The templates of basic notes by their old places; the place 2 is a new one."""
    third = Template("Third", 99, "{{Source}}", "{{Front}}")
    kind = with_type("basic", templates=picked(places, third), mod=T1)
    return all_of(kind, with_basic(ordinals=lambda old: tuple(n for n in old if n < len(places))))


def with_look(mod: int) -> Change:
    """Other CSS and other fronts of basic notes."""

    def restyled(templates: tuple[Template, ...]) -> tuple[Template, ...]:
        return tuple(replace(one, front=f"Restyled {one.front}") for one in templates)

    return with_type("basic", css=RED, templates=restyled, mod=mod)


def renamed_fields(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(replace(f, name="Hint") if f.name == "Reserved 1" else f for f in fields)


def renamed_templates(templates: tuple[Template, ...]) -> tuple[Template, ...]:
    return tuple(replace(t, name="Back") if t.name == "Reverse" else t for t in templates)


renamed = with_type("basic", fields=renamed_fields, templates=renamed_templates, mod=T1)
"""A field and a template of the basic note type get new names."""


def patched(data: bytes, change: Callable[[sqlite3.Connection], None]) -> bytes:
    """A package whose database was changed."""
    with zipfile.ZipFile(BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(parts["collection.anki2"])
        change(connection)
        connection.commit()
        parts["collection.anki2"] = connection.serialize()
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return buffer.getvalue()


def patched_json(data: bytes, column: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A package with each of its note types (``models``) or ``decks`` changed."""

    def write(connection: sqlite3.Connection) -> None:
        [[text]] = connection.execute(f"select {column} from col")
        items = json.loads(text)
        for item in items.values():
            change(item)
        connection.execute(f"update col set {column} = ?", [json.dumps(items)])

    return patched(data, write)


def without_ids(data: bytes) -> bytes:
    """A package whose fields and templates have names alone."""

    def strip(model: dict[str, Any]) -> None:
        for part in (*model["flds"], *model["tmpls"]):
            del part["id"]

    return patched_json(data, "models", strip)


def rehearsed(tmp_path: Path, old: bytes, new: bytes, purpose: Intended | None = None) -> Rehearsal:
    paths = [tmp_path / "old.apkg", tmp_path / "new.apkg"]
    for path, data in zip(paths, (old, new), strict=True):
        path.write_bytes(data)
    [result] = rehearse(paths[:1], paths[1], purpose or Intended())
    return result


def said(result: Rehearsal) -> str:
    return "\n".join(failure.what for failure in result.failures)
