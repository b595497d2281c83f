"""The note types, read from the folders beside this file: fields, templates, looks.

Their shape (fields and templates, in order) is frozen at a deck's first release: Anki refuses
every update of a type whose shape changed. Two fields are kept in reserve for that reason: a new
part of a card takes one over by another name in note_type.toml, and a place in the templates.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from deckwright.apkg.guids import stable_id
from deckwright.model import DeckInfo, Field, Note, NoteType, Template
from deckwright.note_types import cards

KINDS = ("basic", "cloze")
PROMPT, ANSWER, ID = "prompt", "answer", "Id"
"""The parts of a card that have no ``###`` heading of their own."""
_RESERVED = "Reserved"
_REPORT_MARK = "<!-- report -->"


@dataclass(frozen=True)
class Kind:
    """A note type as its folder has it: which part of a card fills which field."""

    name: str
    table: Mapping[str, Any]
    """What its note_type.toml says."""

    @cached_property
    def filled_by(self) -> tuple[tuple[str, ...], ...]:
        """Which parts fill each field, in order; a field without ``part`` is filled by its name."""
        return tuple(self._parts(field) for field in self.table["fields"])

    def _parts(self, field: Mapping[str, Any]) -> tuple[str, ...]:
        name = field["name"]
        parts = field.get("part", "" if name.startswith(_RESERVED) else name)
        return tuple(parts) if isinstance(parts, list) else tuple(filter(None, [parts]))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The ``###`` headings that a card of it may have."""
        all_parts = (part for parts in self.filled_by for part in parts)
        return tuple(part for part in all_parts if part not in (PROMPT, ANSWER, ID))

    def text(self, fields: Sequence[str], part: str) -> str:
        """The text of the field that a part fills; nothing where none does."""
        for text, parts in zip(fields, self.filled_by, strict=False):
            if part in parts:
                return text
        return ""

    def ordinals(self, fields: Sequence[str]) -> tuple[int, ...]:
        """Which cards Anki makes of a note with some fields, by their ordinals from 0."""
        if self.table.get("cloze"):
            return cards.of_clozes(fields)
        names = [field["name"] for field in self.table["fields"]]
        return cards.of_templates(self._fronts, dict(zip(names, fields, strict=True)))

    @cached_property
    def _fronts(self) -> tuple[str, ...]:
        return tuple(self.read(template["front"]) for template in self.table["templates"])

    def read(self, name: str) -> str:
        """A file of its folder."""
        return (files(__package__) / self.name / name).read_text(encoding="utf-8")


@cache
def kind(name: str) -> Kind:
    """A note type of ours by its name."""
    text = (files(__package__) / name / "note_type.toml").read_text(encoding="utf-8")
    return Kind(name, MappingProxyType(tomllib.loads(text)))


def text(note: Note, part: str) -> str:
    """The text of a note that a part of its card filled; of another's type, as if it were basic."""
    return kind(note.kind if note.kind in KINDS else "basic").text(note.fields, part)


@cache
def parts() -> tuple[str, ...]:
    """Every ``###`` heading that a card may have."""
    return tuple(dict.fromkeys(part for name in KINDS for part in kind(name).parts))


def note_types(info: DeckInfo, style: str = "") -> tuple[NoteType, ...]:
    """The note types of a deck; ``style`` is CSS of its own, put after ours."""
    return tuple(note_type(kind(name), info, style) for name in KINDS)


def note_type(ours: Kind, info: DeckInfo, style: str = "") -> NoteType:
    """A note type as a deck has it: with ids of its own, its address for reports and its style."""
    shared, table = files(__package__), ours.table
    link = ""
    if info.report:
        snippet = (shared / "report.html").read_text(encoding="utf-8").strip()
        link = snippet.replace("@REPORT@", info.report.replace("{id}", "{{Id}}"))

    def read(name: str) -> str:
        return ours.read(name).replace(_REPORT_MARK, link).strip()

    fields = tuple(
        Field(
            field["name"],
            stable_id(info.key, ours.name, "field", field.get("seed", field["name"])),
            field["description"],
            field.get("collapsed", False),
            field.get("search", True),
        )
        for field in table["fields"]
    )
    templates = tuple(
        Template(
            template["name"],
            stable_id(info.key, ours.name, "template", template["name"]),
            read(template["front"]),
            read(template["back"]),
        )
        for template in table["templates"]
    )
    css = (shared / "style.css").read_text(encoding="utf-8").strip()
    return NoteType(
        ours.name,
        stable_id(info.key, ours.name),
        f"{info.name} – {table['name']}",
        [field.name for field in fields].index(table["sort"]),
        fields,
        templates,
        "\n\n".join(filter(None, (css, style.strip()))) + "\n",
    )
