"""Reading TOML: deck.toml, and the note_type.toml of a deck's own note types.

A note type is read whole or not at all. Of deck.toml, what cannot be read costs its line alone: it
is blanked out, named, and the rest is read again.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
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


MOST_REPAIRS = 20
"""So many lines of a file may be blanked out; each is a reading of the rest."""
_STATEMENT = re.compile(
    rf"^[ \t]*+(?:(?P<heading>\[\[?[ \t]*+(?P<table>{_NAME})[^\n]*+)|(?P<key>{_DOTTED})[ \t]*+=)",
    re.MULTILINE,
)
"""What looks like the start of a key or a table."""
_KEY = re.compile(rf"[ \t]*+(?P<key>{_NAME})")
_LONG = re.compile(r'"""|\'\'\'')
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""Where the reader of TOML says that a mistake is."""
_TWICE = re.compile(r"Cannot (?:declare|mutate|overwrite)")


@dataclass(slots=True)
class Readable:
    """What of a file of TOML can be read."""

    source: Source
    """The file, with blanks for what cannot, line by line."""
    table: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    """The keys whose lines were blanked out."""


@dataclass(frozen=True, slots=True)
class _Repair:
    """A way to make a text one of TOML, or nearer to one."""

    text: str
    at: int
    """Where what it takes out begins."""
    again: tuple[str, str] | None = None
    """The name of a table that is there twice, and the one that it has now."""
    endless: bool = False
    """Whether that is a text of several lines that never ends."""


def read_what_can_be(source: Source, rule: Rule) -> Readable:
    """Read a file of TOML line by line, where it cannot be read as a whole."""
    text, lost = source.text, set[str]()
    hidden = [*islice(forbidden(text), MOST_REPAIRS)]
    if composed := not_composed(text):
        hidden.append(composed)
    found = [one.placed(source) for one in hidden]
    deep = [*_DEEP_KEY.finditer(text)][:MOST_REPAIRS]
    for key in deep:
        what, fix = f"a key of more than {MAX_KEY} parts", "write one of a single word"
        found.append(rule.at(source.place(key.start("key")), what, fix))
    for at in (*(one.at for one in hidden), *(key.start("key") for key in deep)):
        text = _blanked(text, at, at, lost)
    if composed:  # the first is named
        lines = text.split("\n")
        wrong = {number for number, line in enumerate(lines) if not_composed(line)}
        lost |= {key for number in wrong for key in _keys(lines[number])}
        text = "\n".join(
            " " * len(line) if number in wrong else line for number, line in enumerate(lines)
        )
    again: list[tuple[str, str]] = []
    for left in range(MOST_REPAIRS, -1, -1):
        try:
            table = tomllib.loads(text)
            break
        except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError
            if isinstance(error, RecursionError) or not left:
                lost |= {name for line in text.splitlines() for name in _keys(line)}
                return Readable(source, {}, [*found, _not_toml(source, error, rule)], lost)
            repair = _repair(text, error)
            found.append(_named(source, error, repair, rule))
            lost |= _keys(text[repair.at :].partition("\n")[0])
            text = repair.text
            again += [repair.again] if repair.again else []
    for name, other in again:
        more = table.pop(other, None)
        first = table.get(name)
        if isinstance(more, dict) and isinstance(first, dict):
            table[name] = {**more, **first}
    return Readable(Source(source.path, text, source.folder), table, found, lost)


def _keys(line: str) -> set[str]:
    """The key that a line may have been meant for."""
    found = _KEY.match(line)
    return {found["key"].strip("\"'")} if found else set()


def _blanked(text: str, start: int, end: int, lost: set[str] | None = None) -> str:
    """A text without the lines from one offset to another, of the same length."""
    first = text.rfind("\n", 0, start) + 1
    last = _line_end(text, end)
    if lost is not None:
        lost |= _keys(text[first:last])
    return text[:first] + re.sub(r"[^\n]", " ", text[first:last]) + text[last:]


def _repair(text: str, error: Exception) -> _Repair:
    """The way of a few after which most of a text can be read."""
    end = _offset(text, error)
    marks = [*_LONG.finditer(text, 0, _line_end(text, end))]
    if len(marks) % 2:
        return _without_text(text, text.rfind("\n", 0, marks[-1].start()) + 1)
    best, most = _Repair(_blanked(text, end, end), text.rfind("\n", 0, end) + 1), -1
    others = [*_repairs(text, error, end)]
    # A heading is mended, because its lines would fall into the table before it.
    is_heading = text[best.at :].lstrip(" \t").startswith("[")
    for repair in (*others, best) if is_heading else (best, *others):
        try:
            tomllib.loads(repair.text)
            return repair
        except RecursionError:
            continue
        except ValueError as other:
            reached = _offset(repair.text, other)
        if reached > most:
            best, most = repair, reached
    return best


def _repairs(text: str, error: Exception, end: int) -> Iterator[_Repair]:
    """Ways to read on behind an error at an offset: without what holds it, or what is before."""
    before = [*_STATEMENT.finditer(text, 0, _line_end(text, end))][-2:]
    for one in reversed(before):
        last = end if one is before[-1] else before[-1].start() - 1
        if one["heading"] and one is before[-1]:
            yield from _as_heading(text, one, twice=bool(_TWICE.search(str(error))))
        yield _Repair(_blanked(text, one.start(), max(one.start(), last)), one.start())


def _without_text(text: str, start: int) -> _Repair:
    """A text without the one of several lines that begins in a line and never ends."""
    following = _STATEMENT.search(text, _line_end(text, start))
    last = following.start() - 1 if following else len(text)
    return _Repair(_blanked(text, start, max(start, last)), start, endless=True)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _as_heading(text: str, one: re.Match[str], *, twice: bool) -> Iterator[_Repair]:
    """The heading of a table as it was meant; one that is there twice under another name."""
    name = one["table"].strip("\"'")
    start, end = one.start("heading"), one.end("heading")
    if not twice:
        yield _Repair(f"{text[:start]}[{one['table']}]{text[end:]}", start)
    else:
        other = next(
            f"again-{number}"
            for number in range(MOST_REPAIRS + 1)
            if f"[again-{number}]" not in text
        )
        yield _Repair(f"{text[:start]}[{other}]{text[end:]}", start, (name, other))


def _offset(text: str, error: Exception) -> int:
    """Where a text is no TOML; its end, where only that shows it."""
    at = _AT.search(str(error))
    if not at or not at[1]:
        return len(text.rstrip())
    lines = text.split("\n")
    return min(sum(len(line) + 1 for line in lines[: int(at[1]) - 1]), len(text))


def _named(source: Source, error: Exception, repair: _Repair, rule: Rule) -> Problem:
    """What is wrong with the part of a text that is not read, at its place."""
    found = _not_toml(source, error, rule)
    place = source.place(_of_line(source, repair))
    if repair.again:
        name = repair.again[0]
        return rule.at(place, f"[{name}] is here for the second time", "join the two tables")
    if repair.endless:
        what = "a text of several lines begins here and never ends"
        return rule.at(place, what, 'write """ behind its last line, as before its first')
    if _TWICE.search(str(error)):
        what = "this key is here for the second time, or a table has its name"
        return rule.at(place, what, "remove one of the two")
    return found if found.place.line == place.line else rule.at(place, found.what, found.fix)


def _of_line(source: Source, repair: _Repair) -> int:
    line = repair.text.count("\n", 0, repair.at) + 1
    start = source.offset(line)
    text = source.line(line)
    return start + len(text) - len(text.lstrip())


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
    at = _AT.search(message)
    if at and at[1]:
        place = Place(source.path, int(at[1]), int(at[2]))
    else:
        place = source.place(len(source.text.rstrip())) if at else source.place(0)
    what = message[: at.start()] if at else message
    fix = 'write key = "value", and quote every text'
    if "Unescaped '\\'" in what:
        fix = "put a text that holds a backslash between single quotes, as E = '\\mathbb{E}'"
    elif "end of a table declaration" in what:
        fix = "close the name of the table with ], as in [rules]"
    elif source.line(place.line).lstrip().startswith("\\"):
        fix = "write the name of a command without its backslash, as E = '\\mathbb{E}'"
    return rule.at(place, f"not TOML ({what[:100]})", fix)
