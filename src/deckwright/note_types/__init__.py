"""The two note types, read from the files beside this one.

Their shape (fields and templates, in order) is frozen at a deck's first release: Anki refuses
every update of a type whose shape changed. Two fields are kept in reserve for that reason.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

from deckwright.apkg.guids import stable_id
from deckwright.model import DeckInfo, Field, NoteType, Template

KINDS = ("basic", "cloze")
_REPORT_MARK = "<!-- report -->"


def note_types(info: DeckInfo, style: str = "") -> tuple[NoteType, ...]:
    """The note types of a deck; ``style`` is CSS of its own, put after ours."""
    return tuple(_note_type(kind, info, style) for kind in KINDS)


def _note_type(kind: str, info: DeckInfo, style: str) -> NoteType:
    shared = files(__package__)
    folder = shared / kind
    link = ""
    if info.report:
        snippet = (shared / "report.html").read_text(encoding="utf-8").strip()
        link = snippet.replace("@REPORT@", info.report.replace("{id}", "{{Id}}"))

    def read(name: str) -> str:
        text = (folder / name).read_text(encoding="utf-8")
        return text.replace(_REPORT_MARK, link).strip()

    table = tomllib.loads((folder / "note_type.toml").read_text(encoding="utf-8"))
    fields = tuple(
        Field(id=stable_id(info.key, kind, "field", field.pop("seed", field["name"])), **field)
        for field in table["fields"]
    )
    templates = tuple(
        Template(name, stable_id(info.key, kind, "template", name), read(front), read(back))
        for name, front, back in (
            (template["name"], template["front"], template["back"])
            for template in table["templates"]
        )
    )
    css = (shared / "style.css").read_text(encoding="utf-8").strip()
    return NoteType(
        kind,
        stable_id(info.key, kind),
        f"{info.name} – {table['name']}",
        [field.name for field in fields].index(table["sort"]),
        fields,
        templates,
        "\n\n".join(filter(None, (css, style.strip()))) + "\n",
    )
