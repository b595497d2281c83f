"""deck.toml: what each key of it may say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

from deckwright.formulas.macros import define
from deckwright.model import DeckInfo, Problem, Required, Rule, Source, Stake
from deckwright.note_types import ANSWER, ID, LABELS, PROMPT, parts
from deckwright.source.card_keys import deck_name_problem, did_you_mean, is_tag
from deckwright.source.toml import Path, key_offsets, nearest, read_what_can_be
from deckwright.source.unicode import FORBIDDEN, entities, forbidden, not_composed

CONFIG = "deck.toml"
"""The name of the file."""

DECK_TOML = Rule(
    "deck-toml",
    "deck.toml is TOML with a `key`, a `name`, and only keys that deckwright knows.",
    stake=Stake.PACKAGE,
)

_TEXTS = ("key", "name", "description", "url", "report", "licence", "tag", "lang")
_REASONS = ("retired", "moved")
_TABLES = (*_REASONS, "macros", "rules", "labels", "required")
_LISTS = {"authors": 'write ["A. Name"]', "decks": 'write ["A deck", "Another::Deck"]'}
_KEYS = (*_TEXTS, *_LISTS, *_TABLES)
_NEEDED = ("key", "name")
ONE, SOME = HOW_MANY = ("one", "some")
"""How many tags of a kind [required] may ask of each card."""
_MOST_REQUIRED, _MOST_WORDS = 10, 50
"""How many parts and kinds of tags it may ask of each card, and how many words of a kind."""
_REQUIRED = {
    "parts": ("is not a list of ### parts", 'write ["Why", "Source"]'),
    "tags": (
        f'does not say "{ONE}", "{SOME}" or ["a", "b"] of each kind',
        f'write {{ level = ["core", "more"], form = "{ONE}", topic = "{SOME}" }}',
    ),
    "references": (
        "is not a file for people, which holds no cards",
        'write the name of one beside deck.toml, such as "REFERENCES.md"',
    ),
}
FOR_PEOPLE = re.compile(
    "(?:AUTHORS|CHANGELOG|CODE_OF_CONDUCT|CONTRIBUTING|GOVERNANCE|LICEN[CS]E|NOTICE|README"
    r"|REFERENCES|SECURITY|SUPPORT)(?:[._-][A-Za-z-]{2,10})?\.md"
)
"""The names of files for people, which hold no cards; README.de.md is one in German."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LANG = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3})?(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(?:-[a-z0-9](?:-[a-z0-9]{2,8})+)*",
    re.IGNORECASE,
)
"""A tag of a language (BCP 47)."""
_MAX_LABEL = 30
_ADDRESS = re.compile(r"https://[^\s\"'<>]+")
_REPORT = re.compile(r"https://[^\s\"'<>{}]*\{id\}[^\s\"'<>{}]*")

MOST = 50
"""How many mistakes are reported."""

Mistake = tuple[Path, str, str]
"""A key, what is wrong with its value, and what to do."""
KEYS = (*_TEXTS, *_LISTS)
"""The keys of the deck as a whole, which are above all tables."""


@dataclass(frozen=True, slots=True)
class DeckToml:
    """What a deck.toml says."""

    info: DeckInfo
    """Without what has a mistake: ``key`` or ``name`` may be empty, which no deck can be."""
    source: Source
    """Its text, with blanks for the lines that cannot be read."""
    problems: list[Problem]


def read_deck_toml(source: Source) -> DeckToml:
    """Read a deck.toml; a line that is wrong costs nothing but itself."""
    read = read_what_can_be(source, DECK_TOML)
    offsets = key_offsets(read.source.text)
    problems = read.problems[:MOST]

    def named(path: Path, what: str, fix: str) -> None:
        if len(problems) < MOST:
            place = read.source.place(nearest(offsets, *path))
            problems.append(DECK_TOML.at(place, what, fix))

    table = _with_fallen(read.table, named)
    good: dict[str, Any] = {}
    for key, value in table.items():
        mistakes = [*islice(_mistakes(key, value), MOST)]
        for mistake in mistakes:
            named(*mistake)
        meant = key if key in _KEYS else _meant(key, table)
        if meant != key and not any(_mistakes(meant, value)):
            good[meant] = value
        elif isinstance(value, dict) and key in _TABLES:
            bad = {path[1] for path, _, _ in mistakes if path[1:]}
            good[key] = {name: one for name, one in value.items() if name not in bad}
        elif not mistakes:
            good[key] = tuple(value) if isinstance(value, list) else value
    for key in _NEEDED:
        if key not in {*table, *good, *read.lost}:
            fix = f'add {key} = "…"' + (" and never change it again" if key == "key" else "")
            problems.append(DECK_TOML.at(source.place(0), f"{key} is missing", fix))
    empty = dict.fromkeys(_NEEDED, "")
    asked = good.pop("required", {})
    required = Required(**{**asked, "parts": tuple(asked.get("parts", ()))})
    return DeckToml(DeckInfo(**{**empty, **good}, required=required), read.source, problems)


def _meant(key: str, table: Mapping[str, object]) -> str:
    """The key that a word was meant for, where that is not there; else the word."""
    near = [one for one in get_close_matches(key.lower(), _KEYS, 1, 0.6) if one not in table]
    return near[0] if near else key


def _with_fallen(
    table: Mapping[str, Any], named: Callable[[Path, str, str], None]
) -> dict[str, Any]:
    """The tables, with the keys of the whole deck that were written below a heading."""
    whole = dict(table)
    for heading, inside in table.items():
        if not isinstance(inside, dict):
            continue
        keys = [key for key in (*_TEXTS, *_LISTS) if key in inside and key not in table]
        sure = heading in ("rules", "labels") or {*keys} & {*_NEEDED}
        fallen = [key for key in keys if sure or isinstance(inside[key], list)]
        if not fallen:
            continue
        whole |= {key: inside[key] for key in fallen}
        rest = {key: value for key, value in inside.items() if key not in fallen}
        more = f" and {len(fallen) - 1} more" if fallen[1:] else ""
        what = f"{fallen[0]}{more} below [{heading}]"
        what = f"{what} {'belong' if more else 'belongs'} to that table, and not to the deck"
        fix = f"move [{heading}] with its lines to the end of the file"
        if rest or heading in _TABLES:
            whole[heading] = rest
        else:
            fix = f"remove the line [{heading}]"
            del whole[heading]
        named((heading, next(key for key in inside if key in fallen)), what, fix)
    return whole


def _mistakes(key: str, value: Any) -> Iterator[Mistake]:
    """What is wrong with a key and its value."""
    if key not in _KEYS:
        yield (key,), f"unknown key {key}", did_you_mean(key, _KEYS)
    elif key in _TABLES:
        if not isinstance(value, dict):
            fix = f"write [{key}], and below it a line for each"
            yield (key,), f"{key} is a table", fix
        elif key in _REASONS:
            yield from _wrong_reasons(key, value)
        elif key == "macros":
            yield from _wrong_macros(value)
        elif key == "labels":
            yield from _wrong_labels(value)
        elif key == "required":
            yield from _wrong_required(value)
    elif key in _LISTS and not isinstance(value, list):
        yield (key,), f"{key} is a list of names", _LISTS[key]
    elif key not in _LISTS and not isinstance(value, str):
        yield (key,), f"{key} must be a text", f'write {key} = "…"'
    else:
        texts = value if key in _LISTS else (value,)
        yield from (((key,), *wrong) for text in texts if (wrong := _wrong_text(key, text)))


def _wrong_text(key: str, text: object) -> tuple[str, str] | None:
    """What is wrong with the value of a key, or with one of its list, and what to do."""
    if not isinstance(text, str):
        return f"{key} holds something else than texts", _LISTS[key]
    if key in _NEEDED and not text:
        return f"{key} is empty", f'write {key} = "…"'
    if key == "key" and not _KEY.fullmatch(text):
        return f"{text[:40]!r} is not a valid key", "use letters, digits and - _ ."
    if key in ("name", "decks") and (what := deck_name_problem(text)):
        return what, "use plain words"
    if key == "tag" and text and not is_tag(text):
        return f"{text!r} is not a valid tag", "use letters, digits, - and _"
    if key == "report" and text and not _REPORT.fullmatch(text):
        what = "report is not an address with a place for the card's id"
        return what, "write an https:// address with {id} in it"
    if key == "url" and text and not _ADDRESS.fullmatch(text):
        return "url is not an https:// address", "write the whole address"
    if key == "lang" and text and not _LANG.fullmatch(text):
        what = f"{text[:40]!r} is not the tag of a language"
        return what, "write its code, for example de, pt-BR or zh-Hant"
    if key != "description" and "\n" in text:
        return f"{key} has several lines", "write it in one"
    if found := next(forbidden(text), None) or not_composed(text):
        return f"an escape in {key}: {found.what}", found.fix
    found = next(entities(text), None)
    return (f"in {key}, {found.what}", found.fix) if found else None


def _wrong_reasons(table: str, reasons: Mapping[str, object]) -> Iterator[Mistake]:
    for name, reason in reasons.items():
        plain = isinstance(reason, str) and not FORBIDDEN.search(name + reason)
        if not plain or not str(reason).strip() or "\n" in str(reason):
            what = f"{name[:40]!r} has no reason, or not one of plain text in one line"
            yield (table, name), what, "say in a few words why"


def _wrong_labels(labels: Mapping[str, object]) -> Iterator[Mistake]:
    taken = {part.casefold(): part for part in parts()}
    for name, text in labels.items():
        fix = f'write {name} = "a word or two"'
        if name not in LABELS:
            what = f"there is no label {name[:40]}"
            yield ("labels", name), what, did_you_mean(name, [*LABELS])
        elif not isinstance(text, str) or not text.strip() or text != " ".join(text.split()):
            yield ("labels", name), f"the label {name} is not a text of one line", fix
        elif len(text) > _MAX_LABEL or "\\" in text or FORBIDDEN.search(text):
            what = f"the label {name} has more than {_MAX_LABEL} characters, or a backslash"
            yield ("labels", name), what, fix
        elif name != "Report" and (other := taken.get(text.casefold(), name)) != name:
            what = f"the label {name} is that of {other}, too, and ### {text} would be either"
            yield ("labels", name), what, "choose another word for one of them"
        elif name != "Report":
            taken[text.casefold()] = name


def _wrong_required(required: Mapping[str, object]) -> Iterator[Mistake]:
    for name, value in required.items():
        path = ("required", name)
        if name not in _REQUIRED:
            yield path, f"[required] has no {name[:40]}", did_you_mean(name, [*_REQUIRED])
        elif not _is_required(name, value):
            what, fix = _REQUIRED[name]
            yield path, f"{name} {what}", fix


def _is_required(name: str, value: object) -> bool:
    """Whether a key of [required] has a value of its kind."""
    if name == "parts":
        names = value if isinstance(value, list) else [None]
        known = all(isinstance(one, str) and one not in (PROMPT, ANSWER, ID) for one in names)
        return known and len(names) <= _MOST_REQUIRED
    if name == "tags":
        kinds = value.items() if isinstance(value, dict) else [("", None)]
        few = len(kinds) <= _MOST_REQUIRED
        return few and all(is_tag(kind) and _says_which(which) for kind, which in kinds)
    return isinstance(value, str) and bool(FOR_PEOPLE.fullmatch(value))


def _says_which(which: object) -> bool:
    """Whether this says how many tags of a kind there are, or which."""
    if isinstance(which, list):
        return 0 < len(which) <= _MOST_WORDS and all(
            isinstance(one, str) and is_tag(one) for one in which
        )
    return which in HOW_MANY


def _wrong_macros(macros: Mapping[str, object]) -> Iterator[Mistake]:
    texts = {name: body for name, body in macros.items() if isinstance(body, str)}
    wrong = {name: f"{name} is not a text" for name in macros.keys() - texts.keys()}
    for name, what in {**wrong, **define(texts)[1]}.items():
        fix = r"write it as E = '\mathbb{E}', or norm = '\lVert #1 \rVert'"
        yield ("macros", name), what, fix
