"""The ledger: the last release of a deck, in text, one sorted JSON line for each thing.

A build reads it and only ``release`` writes it, so that pull requests never conflict on it;
``merging`` joins those of two branches that both released. It holds what no source says: the GUID
that a note was released with, when its text last changed, what was retired and why. And it holds
the release whole, which can be rebuilt from it.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, is_dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, TypeVar, get_args, get_type_hints

from deckwright.model import Deck, DeckInfo, Media, Note, NoteType, Problem, Rule, Source, Stake
from deckwright.note_types import ID, KINDS, kind

BAD_LEDGER = Rule(
    "bad-ledger",
    "Only `release` writes the ledger, which remembers the released notes.",
    stake=Stake.HISTORY,
)


FILE = "ledger.jsonl"
FORMAT = 2
"""The format that is written; a ledger without a number is of format 1."""
TWO_FACTS = "it meant two facts in two releases"
"""Why a note is retired whose id was released on two branches, with two questions."""
_END_OF_TIME = 253_402_300_800
"""The year 10000, which no calendar of Python's reaches; all our numbers but ids are smaller."""
VERSION = r"\d{1,9}\.\d{1,9}\.\d{1,9}"
_MOST = 1 << 53
"""No number is as large, so that every reader of JSON reads the same."""


@dataclass(frozen=True, slots=True)
class ReleasedNote:
    """A note as it was last released, and what the ledger remembers of it for ever."""

    note: Note
    since: str
    """The version that brought it."""
    aliases: tuple[str, ...] = ()
    """Its ids before renames."""
    gone: tuple[int, ...] = ()
    """The ordinals that it had in an earlier release."""
    retired: str = ""
    """Why it is no longer in the deck; empty where it is."""
    held: bool = False
    """Whether learners have an older text or older tags, held back until its source changes."""
    had: str = ""
    """What learners have of it while it is held back (`releases.changes.digest`); else empty, and
    where the release that held it back did not remember it."""
    heeded: bool = False
    """Whether its own id was in ``was`` at the last release: left there, it says nothing more."""
    forked: bool = False
    """Whether learners have different texts of it, from two branches: the next release sends it."""
    imported: bool = False
    """Whether learners had it before this deck, under a GUID that is made of none of its ids."""


@dataclass(frozen=True, slots=True)
class Release:
    """What a release brought, by the ids of notes: all that its changelog says."""

    version: str
    time: int
    """In seconds since 1970."""
    content: str
    """The content hash of its package."""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    """The note types whose look changed."""
    moved: tuple[tuple[str, ...], ...] = ()
    """The decks that notes left: the old name, the new one and the reason, if one was given.

    Then the ids of the notes, where these are not all that learners have in the old deck.
    """
    same: tuple[str, ...] = ()
    """The notes that its author said to be the same facts, with their own ids in ``was``."""


@dataclass(frozen=True)
class Ledger:
    """The last release of a deck."""

    key: str
    name: str
    notes: tuple[ReleasedNote, ...]
    types: tuple[NoteType, ...]
    releases: tuple[Release, ...]
    """All of them, by their versions."""
    forked_types: frozenset[str] = frozenset()
    """The kinds whose look differs between two branches: the next release sends them."""
    page: str | None = None
    """What the deck's page said (`apkg.package.page`); None where the release did not remember."""

    @property
    def last(self) -> Release:
        """The release with the highest version."""
        return self.releases[-1]

    @property
    def time(self) -> int:
        """When the deck was last released, in seconds since 1970: a hotfix may be the latest."""
        return max(one.time for one in self.releases)

    @cached_property
    def by_id(self) -> Mapping[str, ReleasedNote]:
        """The notes by their ids."""
        return {released.note.id: released for released in self.notes}

    @cached_property
    def by_guid(self) -> Mapping[str, ReleasedNote]:
        """The notes by their GUIDs."""
        return {released.note.guid: released for released in self.notes}

    @cached_property
    def by_alias(self) -> Mapping[str, ReleasedNote]:
        """The notes by their ids before renames."""
        return {alias: released for released in self.notes for alias in released.aliases}

    def find(self, card_id: str, was: Iterable[str] = ()) -> ReleasedNote | None:
        """The released note that a card is, by its id or by one that it had before."""
        names = (card_id, *was)
        for index in (self.by_id, self.by_alias):
            for name in names:
                if name in index:
                    return index[name]
        return None

    def is_same(self, card_id: str, was: Collection[str]) -> bool:
        """Whether a card's ``was`` says, for the next release, that it is the same fact as before.

        It says so by the card's own id, which counts once: where it was there at the last release,
        it is left over, and only with that release's version (``id@1.2.0``) does it count anew.
        """
        released = self.find(card_id, was)
        is_new = card_id in was and released is not None and not released.heeded
        return is_new or f"{card_id}@{self.last.version}" in was

    def retired_in(self, released: ReleasedNote) -> str:
        """The version that last retired a note; empty where none did."""
        names = {released.note.id, *released.aliases}
        found = (one.version for one in self.releases[::-1] if not names.isdisjoint(one.retired))
        return next(found, "")

    def search(self, names: Iterable[str]) -> str:
        """The search for Anki's browser that finds just these notes (``id``) and cards (``id/N``).

        A learner may have a note under an id that it had before. A note whose type has no field
        for its id cannot be found; the search is empty where that is so of all.
        """
        fields = {kind.kind: kind.field_of(ID) for kind in self.types}
        types = " OR ".join(f"mid:{kind.id}" for kind in self.types if fields[kind.kind])
        terms: list[str] = []
        for name in names:
            card_id, _, number = name.partition("/")
            known = self.find(card_id)
            field = fields.get(known.note.kind, "") if known else ID
            ids = [card_id, *(known.aliases if known else ())] if field else []
            found = [f'"{field}:{one}"' if " " in field else f"{field}:{one}" for one in ids]
            terms += [f"({one} card:{number})" if number else one for one in found]
        return f"({types}) ({' OR '.join(terms)})" if terms else ""

    def deck(self, info: DeckInfo, media: Iterable[Media] = ()) -> Deck:
        """The last release as a deck, with those of its media that are at hand."""
        notes = tuple(released.note for released in self.notes if not released.retired)
        names = {name for note in notes for name in note.media}
        kept = tuple(item for item in media if item.name in names)
        return Deck(info, self.types, notes, kept)


# Text


def to_text(ledger: Ledger) -> str:
    """The text of the ledger's file: sorted lines, which change only with what they hold."""
    return to_bytes(ledger).decode()


def to_bytes(ledger: Ledger) -> bytes:
    """The ledger's file; its text in memory can be twice or four times as large."""
    data = bytearray()
    for line in _to_lines(ledger):
        data += line.encode()
    data += _line("end", {"sha256": sha256(data).hexdigest()}).encode()
    return bytes(data)


def _to_lines(ledger: Ledger) -> Iterator[str]:
    """All lines but the last; their kinds are in the order of the alphabet."""
    page = {} if ledger.page is None else {"page": ledger.page}
    yield _line("deck", {"format": FORMAT, "key": ledger.key, "name": ledger.name, **page})
    for place, one in sorted(enumerate(ledger.notes), key=lambda pair: pair[1].note.id):
        yield _line("note", _note_row(one, place))
    for one_type in sorted(ledger.types, key=lambda one: one.kind):
        yield _line("type", _type_row(one_type, one_type.kind in ledger.forked_types))
    for release in ledger.releases:
        yield _line("release", _row(release))


def _line(kind: str, row: dict[str, Any]) -> str:
    return json.dumps({"row": kind, **row}, ensure_ascii=False, sort_keys=True) + "\n"


def _row(value: Note | ReleasedNote | Release) -> dict[str, Any]:
    """What a value is made of, by name, without a copy of it."""
    return {name: getattr(value, name) for name in value.__slots__}


def _note_row(released: ReleasedNote, place: int) -> dict[str, Any]:
    row = _row(released)
    if not released.imported:  # as it was written before there were any
        del row["imported"]
    return {**_row(row.pop("note")), **row, "place": place}


def _type_row(one: NoteType, forked: bool) -> dict[str, Any]:
    """A note type; of ours, it is known which parts fill its fields, and whether it has clozes."""
    row = asdict(one) | ({"forked": True} if forked else {})
    if one.kind in KINDS:
        del row["cloze"]
        for field in row["fields"]:
            del field["parts"]
    return row


def _read_type(row: dict[str, Any]) -> tuple[NoteType, bool]:
    """A note type, and whether two branches have different looks of it."""
    forked = _typed(row.pop("forked", False), bool)
    one = _value(NoteType, row)
    if one.kind not in KINDS:
        return one, forked
    ours = kind(one.kind)
    parts = (*ours.filled_by.values(), *[()] * len(one.fields))
    both = zip(one.fields, parts, strict=False)
    fields = tuple(replace(field, parts=filled) for field, filled in both)
    return replace(one, fields=fields, cloze=ours.cloze), forked


def from_text(source: Source, *, signed: bool = True) -> tuple[Ledger | None, tuple[Problem, ...]]:
    """Read a ledger; None, and what is wrong with it, where `release` did not write it.

    Where it is not ``signed``, as git joined lines of two ledgers in it, its digest says nothing.
    """
    text = source.text
    end = text.rfind("\n", 0, len(text) - 1) + 1
    digest = sha256()
    for line in _lines(text, end):
        digest.update(line.encode())
    if signed and text[end:].rstrip("\n") != _line("end", {"sha256": digest.hexdigest()}).strip():
        return None, (_damaged(source, end),)
    if found := _too_new(source, next(_lines(text, end), "")):
        return None, (found,)
    rows: dict[str, list[Any]] = {kind: [] for kind in _READERS}
    for number, line in enumerate(_lines(text, end), start=1):
        try:
            row = json.loads(line)
            kind = row.pop("row")
            rows[kind].append(_READERS[kind](row))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None, (_damaged(source, source.offset(number)),)
    ledger = _joined(rows)
    return (ledger, ()) if ledger else (None, (_damaged(source, 0),))


def _lines(text: str, end: int) -> Iterator[str]:
    """The lines of a text up to a place, one at a time: a ledger can take much of the memory."""
    start = 0
    while start < end:
        stop = text.index("\n", start) + 1
        yield text[start:stop]
        start = stop


def releases_in(data: bytes, key: str) -> Iterator[tuple[str, str]]:
    """The versions and contents of the releases in a ledger of a key, whole or damaged."""
    for line in data.splitlines():
        is_deck = b'"row": "deck"' in line
        if not is_deck and b'"row": "release"' not in line:
            continue
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            row = json.loads(line)
            if is_deck and row["key"] != key:
                return
            if not is_deck and re.fullmatch(VERSION, row["version"], re.ASCII):
                yield row["version"], str(row["content"])


def key_in(data: bytes) -> str:
    """The key of the deck that a ledger is of, whole or damaged; empty where it says none."""
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        return str(json.loads(data.split(b"\n", 1)[0])["key"])
    return ""


def git_in(folder: str) -> str:
    """The command that runs git in a folder."""
    return "git" if folder == "." else f"git -C {shlex.quote(folder)}"


def _joined(rows: Mapping[str, list[Any]]) -> Ledger | None:
    """The ledger that some rows make; None where they do not agree."""
    if len(rows["deck"]) != 1 or not rows["release"]:
        return None
    [(key, name, page)] = rows["deck"]
    notes = tuple(note for _, note in sorted(rows["note"], key=lambda pair: pair[0]))
    types = tuple(sorted((one for one, _ in rows["type"]), key=lambda one: one.kind))  # as written
    forked = frozenset(one.kind for one, is_forked in rows["type"] if is_forked)
    ledger = Ledger(key, name, notes, types, tuple(rows["release"]), forked, page)
    return ledger if _agrees(ledger) else None


def _agrees(ledger: Ledger) -> bool:
    """Whether its notes are of its note types, and each thing is in it once."""
    types = {kind.kind: kind for kind in ledger.types}
    guids = {released.note.guid for released in ledger.notes}
    return (
        len(types) == len(ledger.types)
        and len(guids) == len(ledger.by_id) == len(ledger.notes)
        and all(
            (kind := types.get(released.note.kind)) is not None
            and 0 < len(released.note.fields) == len(kind.fields)
            and (kind.cloze or {*released.note.ordinals} <= {*range(len(kind.templates))})
            for released in ledger.notes
        )
    )


def _too_new(source: Source, first: str) -> Problem | None:
    """What is wrong where a later deckwright wrote the ledger."""
    written = re.search(r'"format": (\d{1,9})[,}]', first)
    if written and int(written[1]) > FORMAT:
        what = f"the ledger has the format {written[1]}, and this deckwright reads up to {FORMAT}"
        return BAD_LEDGER.at(source.place(0), what, "install the deckwright that released last")
    return None


def _damaged(source: Source, offset: int) -> Problem:
    what = "the ledger is damaged: it is not as `release` wrote it"
    if re.search(r"^<{7}(?: |$)", source.text, re.MULTILINE):
        what = "git left the ledgers of two branches in this file"
        fix = f"join them: deckwright ledger merge {shlex.quote(source.path)}"
        return BAD_LEDGER.at(source.place(offset), what, fix)
    git = git_in(PurePosixPath(source.path).parent.as_posix())
    fix = (
        f"take it back as it was committed, `{git} checkout HEAD -- {FILE}`; where that is damaged"
        f" too, `{git} log --oneline -- {FILE}` lists older commits to name instead of HEAD"
    )
    return BAD_LEDGER.at(source.place(offset), what, fix)


# Rows, checked in full


_Value = TypeVar("_Value")


def _value(kind: type[_Value], row: dict[str, Any]) -> _Value:
    """A value of ours from a row that has what it is made of, and nothing else.

    Raises:
        ValueError: where anything is not of its type, or unknown.
        TypeError: where anything is missing that has no default.
    """
    hints: Mapping[str, Any] = _hints(kind)  # type: ignore[arg-type]  # types can be hashed
    return kind(**{name: _typed(value, hints.get(name)) for name, value in row.items()})


@cache
def _hints(kind: Hashable) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _typed(value: Any, hint: Any) -> Any:
    """A text, a number, a truth, or a tuple of them, where a value is what the hint says."""
    if hint is str and type(value) is str:
        value.encode()  # JSON can hold half a character
        return value
    if hint is bool and type(value) is bool:
        return value
    if hint is int and type(value) is int and 0 <= value < _MOST:
        return value
    if items := get_args(hint):
        if type(value) is list:
            return tuple(_typed(one, items[0]) for one in value)
    elif isinstance(hint, type) and is_dataclass(hint) and type(value) is dict:
        return _value(hint, value)
    raise ValueError(value)


def _read_texts(row: dict[str, Any], *names: str) -> tuple[str, ...]:
    """The texts of a row that has just these names."""
    if row.keys() != {*names}:
        raise ValueError(row)
    return tuple(_typed(row[name], str) for name in names)


def _read_note(row: dict[str, Any]) -> tuple[int, ReleasedNote]:
    """A note, and its place in the order of the deck."""
    place = _typed(row.pop("place"), int)
    memory = {name: row.pop(name) for name in _MEMORY}
    memory |= {name: row.pop(name) for name in _SINCE_2 if name in row}
    released = _value(ReleasedNote, {**memory, "note": row})
    if released.note.mod >= _END_OF_TIME:
        raise ValueError(released.note.mod)
    return place, released


_MEMORY = ("since", "aliases", "gone", "retired", "held")
"""What a row says of a released note, besides the note."""
_SINCE_2 = ("had", "heeded", "forked", "imported")
"""What it says since the format 2, or not at all."""


def _read_deck(row: dict[str, Any]) -> tuple[str, str, str | None]:
    """The key, the name and the page of the deck; the format was looked at before."""
    if _typed(row.pop("format", 1), int) not in range(1, FORMAT + 1):
        raise ValueError(row)
    page = _typed(row.pop("page"), str) if "page" in row else None
    key, name = _read_texts(row, "key", "name")
    return key, name, page


def _read_release(row: dict[str, Any]) -> Release:
    """A release, whose version becomes the name of a file."""
    release = _value(Release, row)
    if not re.fullmatch(VERSION, release.version, re.ASCII):
        raise ValueError(release.version)
    if release.time >= _END_OF_TIME or any(len(one) < 3 for one in release.moved):
        raise ValueError(row)
    return release


_READERS: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "deck": _read_deck,
    "file": lambda row: _read_texts(row, "path", "deck"),  # of format 1, which says nothing now
    "note": _read_note,
    "type": _read_type,
    "release": _read_release,
}
