"""Reading TOML: deck.toml, and the note_type.toml of a deck's own note types."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from deckwright.model import Place, Problem, Rule, Source
from deckwright.source.limits import MAX_KEY
from deckwright.source.unicode import forbidden, not_composed

Path = tuple[str | int, ...]
"""The names of a key and of the tables around it; a number where a table is one of several."""

_NAME = r"""(?:[\w-]++|"(?:\\.|[^"\\\n])*+"|'[^'\n]*+')"""
_DOT = r"[ \t]*+\.[ \t]*+"
_DEEP_KEY = re.compile(
    rf"(?:^[ \t]*+\[{{0,2}}|[{{,])[ \t]*+(?P<key>(?:{_NAME}{_DOT}){{{MAX_KEY}}})", re.MULTILINE
)
_DOTTED = rf"(?<![\w-]){_NAME}(?:{_DOT}{_NAME})*+"
_TOKEN = re.compile(
    rf'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|\#[^\n]*+'
    rf"|^[ \t]*+(?P<open>\[\[?)[ \t]*+(?P<table>{_DOTTED})[ \t]*+\]"
    rf"|(?P<first>^[ \t]*+)?+(?P<key>{_DOTTED})[ \t]*+=|{_NAME}",
    re.MULTILINE | re.DOTALL,
)
"""Headings and keys; strings and comments, so that what is in them is not taken for one."""


def read_toml(source: Source, rule: Rule) -> tuple[dict[str, Any] | None, list[Problem]]:
    """What a file of TOML says; None, and what is wrong with it, where it cannot be read."""
    found = [bad.placed(source) for bad in forbidden(source.text)]
    if other := not_composed(source.text):
        found.append(other.placed(source))
    if deep := _DEEP_KEY.search(source.text):
        what, fix = f"a key of more than {MAX_KEY} parts", "write one of a single word"
        return None, [*found, rule.at(source.place(deep.start("key")), what, fix)]
    try:
        table = tomllib.loads(source.text)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError
        return None, [*found, _not_toml(source, error, rule)]
    return (None if found else table), found


def key_offsets(text: str) -> dict[Path, int]:
    """Where each key and the heading of each table begins in a text that is TOML."""
    found: dict[Path, int] = {}
    number: Counter[Path] = Counter()
    table: Path = ()
    key: Path = ()
    for token in _TOKEN.finditer(text):
        if token["table"]:
            table = key = _add(found, (), token["table"], token.start("table"))
            if len(table) == 1:
                found[table] = min(found[table], token.start("open"))
            if token["open"] == "[[":
                number[key] += 1
                table = (*key, number[key] - 1)
                found[table] = token.start("open")
        elif token["key"]:
            in_line = token["first"] is None  # in a table that is written in one line
            path = _add(found, key if in_line else table, token["key"], token.start("key"))
            key = key if in_line else path
    return found


def _add(found: dict[Path, int], path: Path, dotted: str, start: int) -> Path:
    """Add each name of a dotted key or heading, below a table; its path."""
    for name in re.finditer(_NAME, dotted):
        path = (*path, name[0].strip("\"'"))
        found.setdefault(path, start + name.start())
    return path


def nearest(offsets: Mapping[Path, int], *path: str | int) -> int:
    """The offset of a key, or of the nearest table around it that is written."""
    while path and path not in offsets:
        path = path[:-1]
    return offsets.get(path, 0)


def _not_toml(source: Source, error: Exception, rule: Rule) -> Problem:
    message = str(error) or "nested too deeply"
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if at and at[1]:
        place = Place(source.path, int(at[1]), int(at[2]))
    else:
        place = source.place(len(source.text.rstrip())) if at else source.place(0)
    what = message[: at.start()] if at else message
    fix = 'write key = "value", and quote every text'
    return rule.at(place, f"not TOML ({what[:100]})", fix)
