"""A deck's own note type: what its note_type.toml may say, and what must be in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from unicodedata import category, is_normalized

from deckwright.apkg.guids import stable_id
from deckwright.model import NoteType, Place, Problem
from deckwright.note_types import ANSWER, ID, PROMPT, filled_by
from deckwright.note_types.markup import MOST, NOTE_TYPE, SPECIAL

FILE, STYLE = "note_type.toml", "style.css"
MAX_ID = 1 << 53
"""Every reader of JSON reads a smaller number the same."""
MAX_FIELDS = 50
"""How many fields or templates a note type has."""

_FILE = re.compile(r"[a-z0-9][a-z0-9._-]{0,58}\.html")
_MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of note_type.toml."""

    type: type
    needed: bool = True
    example: str = '"…"'


_TYPE = {
    "name": _Key(str, example='"Vocabulary"'),
    "id": _Key(int),
    "sort": _Key(str, example='"Word", the field that Anki\'s browser sorts by'),
    "cloze": _Key(bool, needed=False, example="true"),
    "fields": _Key(list),
    "templates": _Key(list),
}
_FIELD = {
    "name": _Key(str),
    "id": _Key(int),
    "part": _Key(object, needed=False),
    "description": _Key(str, needed=False),
    "collapsed": _Key(bool, needed=False, example="true"),
    "search": _Key(bool, needed=False, example="false"),
}
_TEMPLATE = {
    "name": _Key(str),
    "id": _Key(int),
    "front": _Key(str, example='"card.front.html"'),
    "back": _Key(str, example='"card.back.html"'),
}
_WORDS = {str: "a text", int: "a whole number", bool: "true or false"}


def mistakes(
    table: Mapping[str, Any],
    seed: tuple[str, str],
    place: Callable[..., Place],
    meant: Callable[[str, Sequence[str]], str],
    released: NoteType | None = None,
) -> tuple[Problem, ...]:
    """What is wrong with a note_type.toml, in the order of its lines.

    Args:
        table: what the file says.
        seed: the deck's key and the name of the folder; missing ids are made from them.
        place: gives the place of a key, which is named by the tables around it and itself.
        meant: words a fix for an unknown word; its second argument are the known ones.
        released: the note type with this id in the last release.
    """
    checker = _Checker(table, seed, place, meant, released)
    checker.check()
    return tuple(sorted(checker.problems))


@dataclass(slots=True)
class _Checker:
    table: Mapping[str, Any]
    seed: tuple[str, str]
    place: Callable[..., Place]
    meant: Callable[[str, Sequence[str]], str]
    released: NoteType | None
    problems: list[Problem] = field(default_factory=list)

    def _add(self, at: Place, what: str, fix: str) -> None:
        self.problems.append(NOTE_TYPE.at(at, what, fix))

    def _at(self, key: str, table: str = "", number: int = 0) -> Place:
        """The place of a key, or of the table that lacks it."""
        return self.place(*((table, number) if table else ()), *((key,) if key else ()))

    def check(self) -> None:
        self._keys(self.table, _TYPE, "")
        fields = self._tables("fields", _FIELD)
        templates = self._tables("templates", _TEMPLATE)
        if self.problems:
            return  # what follows takes each value for what it should be
        self._names(fields, "fields")
        self._names(templates, "templates")
        self._parts(fields)
        self._files(templates)
        names = [one["name"] for one in fields]
        if self.table["sort"] not in names:
            what = f"there is no field {self.table['sort'][:40]!r} to sort by"
            self._add(self._at("sort"), what, self.meant(self.table["sort"], names))
        if not _is_name(self.table["name"]):
            self._no_name(self._at("name"), self.table["name"])
        if self.table.get("cloze") and len(templates) > 1:
            what = "a cloze type has one template, which makes a card of each cloze"
            self._add(self._at("", "templates", 1), what, "remove the others")

    # Keys and values

    def _tables(self, name: str, keys: Mapping[str, _Key]) -> list[Mapping[str, Any]]:
        tables = self.table.get(name)
        if not isinstance(tables, list):
            return []  # named already
        if not 0 < len(tables) <= MAX_FIELDS or not all(isinstance(one, dict) for one in tables):
            what = f"a note type has 1 to {MAX_FIELDS} {name}, each under a [[{name}]] of its own"
            self._add(self._at(name), what, f"write [[{name}]], and the keys below it")
            return []
        for number, one in enumerate(tables):
            self._keys(one, keys, name, number)
        return tables

    def _keys(
        self, table: Mapping[str, Any], keys: Mapping[str, _Key], place: str, number: int = 0
    ) -> None:
        for name, value in table.items():
            if len(self.problems) >= MOST:
                return
            if name not in keys:
                at = self._at(name, place, number)
                self._add(at, f"unknown key {name[:40]!r}", self.meant(name, [*keys]))
            elif keys[name].type in _WORDS and type(value) is not keys[name].type:
                what = f"{name} is {_WORDS[keys[name].type]}"
                example = self._id_for(table, place) if name == "id" else keys[name].example
                self._add(self._at(name, place, number), what, f"write {name} = {example}")
            elif keys[name].type is list and not isinstance(value, list):
                what = f"{name} are tables, each under a [[{name}]] of its own"
                self._add(self._at(name, name), what, f"write [[{name}]]")
            elif name == "id" and not 0 < value < MAX_ID:
                what = f"an id is a whole number from 1 to {MAX_ID - 1}"
                fix = f"write id = {self._id_for(table, place)}"
                self._add(self._at(name, place, number), what, fix)
        for name, known in keys.items():
            if known.needed and name not in table:
                at = self._at("", place, number)
                if known.type is list:
                    self._add(at, f"there are no [[{name}]]", f"write [[{name}]] and its keys")
                elif name == "id":
                    self._add(at, "id is missing", self._id_fix(table, place))
                else:
                    fields = self.table.get("fields")
                    first = fields[0] if isinstance(fields, list) and fields else None
                    example = known.example
                    if name == "sort" and isinstance(first, dict) and "name" in first:
                        example = f'"{first["name"]}", the field that Anki\'s browser sorts by'
                    self._add(at, f"{name} is missing", f"write {name} = {example}")

    def _id_for(self, table: Mapping[str, Any], place: str) -> int:
        """An id: the released one, by the name or else by the place; or as ours would have it."""
        if self.released and place:
            parts = self.released.fields if place == "fields" else self.released.templates
            tables = [one for one in self.table[place] if isinstance(one, dict)]
            number = next((n for n, one in enumerate(tables) if one is table), len(parts))
            used = {one.get("id") for one in tables}
            known = [one.id for one in parts if one.name == table.get("name")]
            known += [one.id for one in parts[number : number + 1]]
            if left := [one for one in known if one not in used]:
                return left[0]
        if self.released and not place:
            return self.released.id
        names = (place.removesuffix("s"), str(table.get("name"))) if place else ()
        return stable_id(*self.seed, *names)

    def _id_fix(self, table: Mapping[str, Any], place: str) -> str:
        if not self.seed[0] or (place and not isinstance(table.get("name"), str)):
            first = "give it a name" if self.seed[0] else "mend deck.toml"
            return f"{first} first: the next check says which to write"
        return f"write id = {self._id_for(table, place)}, and never change it again"

    # What they say

    def _no_name(self, at: Place, name: str) -> None:
        what = f"templates and searches could not name {name[:40]!r}"
        self._add(at, what, "use letters, digits, spaces and hyphens")

    def _names(self, tables: Sequence[Mapping[str, Any]], place: str) -> None:
        seen: dict[str | int, int] = {}
        for number, one in enumerate(tables):
            name, id_ = one["name"], one["id"]
            if not _is_name(name):
                self._no_name(self._at("name", place, number), name)
            elif place == "fields" and name in SPECIAL:
                what = f"{name} is what Anki itself puts into a template"
                self._add(self._at("name", place, number), what, "choose another name")
            for key, value in (("name", name.casefold()), ("id", id_)):
                if value in seen:
                    other = tables[seen[value]]["name"]
                    what = f"{name[:40]} has the same {key} as {other}"
                    fix = "give this one a name of its own"
                    fix = self._id_fix(one, place) if key == "id" else fix
                    self._add(self._at(key, place, number), what, fix)
                seen.setdefault(value, number)
            if not one.get("description", "").isprintable():
                what = f"the description of {name} is not one line of plain text"
                at = self._at("description", place, number)
                self._add(at, what, "write what belongs into the field, in a few words")

    def _parts(self, fields: Sequence[Mapping[str, Any]]) -> None:
        seen: dict[str, str] = {}
        for number, one in enumerate(fields):
            at = self._at("part" if "part" in one else "name", "fields", number)
            part = one.get("part", "")
            parts = part if isinstance(part, list) else [part]
            if not all(isinstance(text, str) and (not text or _is_name(text)) for text in parts):
                what = "part is the name of a part, or a list of them"
                fix = 'write "prompt", "answer", "Id" or the name of a ### heading'
                self._add(at, what, fix)
                continue
            filled = filled_by(one)
            for name in filled:
                if meant := _nearly(name):
                    what = f"{name!r} is not a part of a card, but {meant!r} is"
                    self._add(at, what, f'write part = "{meant}"')
                if name in seen:
                    what = f"the part {name} fills two fields, {seen[name]} and {one['name']}"
                    self._add(at, what, "let it fill one of them, and call the other Reserved")
                seen[name] = one["name"]
            if ID in filled and len(filled) > 1:
                self._add(at, "the field of the id holds nothing else", f'write part = "{ID}"')
            if not number and not filled:
                what = "the first field is empty in every note, which Anki takes for a mistake"
                self._add(at, what, 'let a part fill it: part = "prompt"')
        needed = (PROMPT, ANSWER) if self.table.get("cloze") else (PROMPT,)
        for name in needed:
            if name not in seen:
                where = "heading" if name == PROMPT else "text with the clozes"
                what = f"no field is filled by the {name}, so the {where} of a card would be lost"
                self._add(self._at("", "fields"), what, f'write part = "{name}" in one')

    def _files(self, templates: Sequence[Mapping[str, Any]]) -> None:
        for number, one in enumerate(templates):
            for side in ("front", "back"):
                if not _FILE.fullmatch(one[side]):
                    what = f"{one[side][:40]!r} is not a file of HTML in this folder"
                    fix = f'write {side} = "card.{side}.html": a to z, 0 to 9 and . - _'
                    self._add(self._at(side, "templates", number), what, fix)


def _nearly(name: str) -> str:
    """The part without a heading of its own that a name was meant for; empty for a heading.

    A heading of a card begins with a large letter, as a rule.
    """
    if name in (PROMPT, ANSWER, ID):
        return ""
    alike = {PROMPT: PROMPT, ANSWER: ANSWER, ID.casefold(): ID}
    if name.casefold() in alike:
        return alike[name.casefold()]
    return next(iter(get_close_matches(name, (PROMPT, ANSWER), 1, 0.8)), "")


def _is_name(text: str) -> bool:
    """Whether templates and searches can name a field or a template so, in any writing."""
    return (
        0 < len(text) <= _MAX_NAME
        and text == " ".join(text.split())
        and is_normalized("NFC", text)
        and text[0].isalnum()
        and all(sign.isalnum() or sign in " -_" or category(sign)[0] == "M" for sign in text)
    )
