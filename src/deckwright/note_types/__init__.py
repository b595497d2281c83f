"""The two note types, read from the files beside this one.

Their shape (fields and templates, in order) is frozen at a deck's first release: Anki refuses
every update of a type whose shape changed. Two fields are kept in reserve for that reason.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files

KINDS = ("basic", "cloze")
_REPORT_MARK = "<!-- report -->"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a note type."""

    name: str
    description: str
    """What Anki's editor shows in the empty field."""
    collapsed: bool = False
    search: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """A card template: the HTML of the two sides of one card."""

    name: str
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """A note type as it stands in its folder."""

    kind: str
    name: str
    sort: int
    """The index of the field that Anki's browser sorts by."""
    fields: tuple[Field, ...]
    templates: tuple[Template, ...]
    css: str


def note_type(kind: str, report: str = "", style: str = "") -> NoteType:
    """Read a note type.

    ``report`` is the address of "report this card", with ``{id}`` for the card's id; ``style``
    is CSS of the deck's own, put after ours.
    """
    assert kind in KINDS, kind
    shared = files(__package__)
    folder = shared / kind

    def read(name: str) -> str:
        text = (folder / name).read_text(encoding="utf-8")
        return text.replace(_REPORT_MARK, link).strip()

    link = ""
    if report:
        snippet = (shared / "report.html").read_text(encoding="utf-8").strip()
        link = snippet.replace("@REPORT@", report.replace("{id}", "{{Id}}"))
    table = tomllib.loads((folder / "note_type.toml").read_text(encoding="utf-8"))
    fields = tuple(Field(**field) for field in table["fields"])
    css = (shared / "style.css").read_text(encoding="utf-8").strip()
    return NoteType(
        kind,
        table["name"],
        [field.name for field in fields].index(table["sort"]),
        fields,
        tuple(
            Template(template["name"], read(template["front"]), read(template["back"]))
            for template in table["templates"]
        ),
        "\n\n".join(filter(None, (css, style.strip()))) + "\n",
    )
