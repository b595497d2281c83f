"""The note types: ours, read from the folders beside this file, and those that a deck brings.

Their shape (fields and templates, in order) is frozen at a deck's first release: Anki refuses
every update of a type whose shape changed. In ours, two fields are kept in reserve for that
reason: a new part of a card takes one over by another name in note_type.toml, and a place in the
templates.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from html import escape
from importlib.resources import files
from typing import Any

from deckwright.apkg.guids import stable_id
from deckwright.model import DeckInfo, Field, NoteType, Template
from deckwright.note_types import cards

KINDS = ("basic", "cloze")
PROMPT, ANSWER, ID = "prompt", "answer", "Id"
"""The parts of a card that have no ``###`` heading of their own."""
SOURCE = "Source"
"""The part that says where to read on."""
LABELS = {"Why": "Why", "Source": "Source", "Report": "Report this card"}
"""The words on our cards, by their names in [labels] of deck.toml."""
RIGHT_TO_LEFT = frozenset(
    "ar arc arz ckb dv fa glk he khw ks lrc mzn nqo pnb prs ps sd syr ug ur yi".split()
)
"""The languages that are written from right to left, if their tag names no other writing."""
_RESERVED = "Reserved"
_REPORT_MARK = "<!-- report -->"
_CARD = '<div class="dw-card"'
"""The element that holds a side of our cards."""
_SCRIPT = re.compile(r"-(?P<name>[a-z]{4})(?=-|\Z)", re.IGNORECASE)
TYPE = "type:"
"""The filter that has a learner type what is in a field, and compares the two."""
_READS_PLAIN = frozenset({"type", "text", "furigana", "kana", "kanji"})
"""Filters that take a field apart as text: they would make tags of what was escaped in it."""
_READINGS = re.compile(r"(?:[^\[\]]|(?<=[^\s\[\]])\[[^\[\]:/]+\])*")
"""A text in which square brackets hold how the word before them is read."""


def filled_by(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts that fill a field of a note_type.toml; one without ``part`` by its own name."""
    name = table["name"]
    parts = table.get("part", "" if name.startswith(_RESERVED) else name)
    return tuple(parts) if isinstance(parts, list) else tuple(filter(None, [parts]))


@dataclass(frozen=True)
class Kind:
    """A note type as its folder has it: which part of a card fills which field."""

    name: str
    """That of its folder, by which cards name it."""
    table: Mapping[str, Any]
    """What its note_type.toml says."""
    sides: Mapping[str, str] = field(repr=False)
    """The HTML of its templates, by the names of the files."""
    style: str = field(default="", repr=False)
    """CSS of its own."""
    own: bool = False
    """Whether it is one of the deck's own, whose ids are written in its note_type.toml."""

    @property
    def key(self) -> str:
        """What its notes call it: for a deck's own its id, because its folder may be renamed."""
        return str(self.table["id"]) if self.own else self.name

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes in its templates."""
        written = re.findall(r'class="([^"]*)"', "\n".join(self.sides.values()))
        return frozenset(name for names in written for name in names.split())

    @property
    def cloze(self) -> bool:
        """Whether its notes make a card for each of their clozes."""
        return bool(self.table.get("cloze"))

    @cached_property
    def filled_by(self) -> Mapping[str, tuple[str, ...]]:
        """Which parts fill each field, by the field's name, in order."""
        return {field["name"]: filled_by(field) for field in self.table["fields"]}

    @cached_property
    def all_parts(self) -> tuple[str, ...]:
        """All parts that fill a field."""
        return tuple(part for parts in self.filled_by.values() for part in parts)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The ``###`` headings that a card of it may have."""
        return tuple(part for part in self.all_parts if part not in (PROMPT, ANSWER, ID))

    @cached_property
    def plain(self) -> Mapping[str, str]:
        """The parts that are one line of plain text, each with the filter that asks for it."""
        names: dict[str, str] = {}
        for template in self.table["templates"]:
            for side in ("front", "back"):
                for name, filters in cards.shown(self.sides[template[side]]):
                    by = next((f"{one}:" for one in filters.split(":") if one in _READS_PLAIN), "")
                    if by and "cloze:" not in filters and names.get(name, TYPE) == TYPE:
                        names[name] = by  # of several, one that takes the field apart
        return {part: by for name, by in names.items() for part in self.filled_by.get(name, ())}

    @cached_property
    def shown_as_html(self) -> frozenset[str]:
        """The parts whose field some side shows as it is, formulas and all."""
        shown = (one for side in self.sides.values() for one in cards.shown(side))
        names = {name for name, filters in shown if not _READS_PLAIN & {*filters.split(":")}}
        return frozenset(part for name in names for part in self.filled_by.get(name, ()))

    @cached_property
    def stand_ins(self) -> Mapping[str, str]:
        """The part that fills the field of another where that one is empty, by the other's name."""
        with_one = (one for one in self.table["fields"] if "empty" in one)
        return {part: one["empty"] for one in with_one for part in filled_by(one)}

    @cached_property
    def unseen(self) -> Mapping[str, str]:
        """The parts whose field no template shows, each with the field's name.

        What a deck sorts by need not be shown, nor does the id.
        """
        seen = {name for side in self.sides.values() for name, _ in cards.shown(side)}
        return {
            part: name
            for name, parts in self.filled_by.items()
            for part in parts
            if name not in seen and name != self.table["sort"] and part != ID
        }

    def misreads(self, text: str) -> int | None:
        """Where a filter of Anki could make more of a plain text than how a word is read."""
        found = _READINGS.match(text)
        end = found.end() if found and self.own else len(text)
        return end if end < len(text) else None

    def ordinals(self, fields: Mapping[str, str]) -> tuple[int, ...]:
        """Which cards Anki makes of a note with some fields; none where it would be a blank one."""
        if self.cloze:
            return cards.of_clozes(fields.values())
        fronts = [self.sides[template["front"]] for template in self.table["templates"]]
        return cards.of_templates(fronts, fields)


@cache
def kind(name: str) -> Kind:
    """A note type of ours by its name."""
    folder = files(__package__) / name
    table = tomllib.loads((folder / "note_type.toml").read_text(encoding="utf-8"))
    names = {one[side] for one in table["templates"] for side in ("front", "back")}
    sides = {side: (folder / side).read_text(encoding="utf-8") for side in names}
    return Kind(name, table, sides)


@cache
def may_be_empty() -> frozenset[str]:
    """The ``###`` headings of our types that say something without a text under them."""
    return frozenset(part for name in KINDS for part in kind(name).stand_ins)


@cache
def parts() -> tuple[str, ...]:
    """Every ``###`` heading that a card of our types may have."""
    return tuple(dict.fromkeys(part for name in KINDS for part in kind(name).parts))


def note_types(info: DeckInfo, style: str = "", own: Iterable[Kind] = ()) -> tuple[NoteType, ...]:
    """The note types of a deck, ours first; ``style`` is CSS of its own, put after ours."""
    kinds = [*map(kind, KINDS), *sorted(own, key=lambda one: one.key)]
    return tuple(note_type(one, info, style) for one in kinds)


def note_type(kind: Kind, info: DeckInfo, style: str = "") -> NoteType:
    """A note type as a deck has it: with its ids, its address for reports and its style."""
    shared, table = files(__package__), kind.table
    link = _report_link(kind, info)

    def id_of(sort: str, one: Mapping[str, Any]) -> int:
        if kind.own:
            return int(one["id"])
        return stable_id(info.key, kind.name, sort, one.get("seed", one["name"]))

    language = _language(info.lang)

    def front(name: str) -> str:
        html = kind.sides[name].strip()
        if not kind.own:
            html = html.replace(_CARD, f"{_CARD}{language}")
            return _labelled(html.replace(_REPORT_MARK, link), info).strip()
        return f"<div{language}>\n{html}\n</div>" if language else html

    def back(name: str) -> str:
        return "\n".join(filter(None, (front(name), link))) if kind.own else front(name)

    css = (shared / "style.css").read_text(encoding="utf-8")
    sheets = (css, style, kind.style)
    fields = tuple(
        Field(
            one["name"],
            id_of("field", one),
            one.get("description", ""),
            one.get("collapsed", False),
            one.get("search", True),
            filled_by(one),
        )
        for one in table["fields"]
    )
    return NoteType(
        kind.key,
        table["id"] if kind.own else stable_id(info.key, kind.name),
        f"{info.name} – {table['name']}",
        [field.name for field in fields].index(table["sort"]),
        fields,
        tuple(
            Template(one["name"], id_of("template", one), front(one["front"]), back(one["back"]))
            for one in table["templates"]
        ),
        "\n\n".join(filter(None, (sheet.strip() for sheet in sheets))) + "\n",
        cloze=kind.cloze,
    )


def _report_link(kind: Kind, info: DeckInfo) -> str:
    """The link "report this card"; empty without an address, or a field for the card's id."""
    names = (one["name"] for one in kind.table["fields"] if ID in filled_by(one))
    name = next(names, "")
    if not info.report or not name:
        return ""
    snippet = (files(__package__) / "report.html").read_text(encoding="utf-8").strip()
    address = info.report.replace("{id}", f"{{{{{name}}}}}")
    return _labelled(snippet, info).replace("@REPORT@", address)


def _labelled(html: str, info: DeckInfo) -> str:
    """Some HTML of ours with the deck's own words, in which Anki finds nothing to do."""
    for name, usual in LABELS.items():
        words = escape(info.labels.get(name, usual))
        words = words.replace("{", "&#123;").replace("[", "&#91;")
        html = html.replace(f"<!-- {name} -->", words)
    return html


def _language(lang: str) -> str:
    """The attributes of what is in a language; empty where none is named."""
    if not lang:
        return ""
    script = _SCRIPT.search(lang)
    turned = lang.split("-")[0].lower() in RIGHT_TO_LEFT
    if script:
        turned = script["name"].lower() in ("arab", "hebr", "syrc", "thaa", "nkoo")
    return f' lang="{lang}"' + (' dir="rtl"' if turned else "")
