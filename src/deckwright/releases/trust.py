"""What a ledger may say: a pull request can write anything into it, with its right digest.

What is in it decides for ever which history a learner's card has, and whether a package replaces
what learners wrote. So everything that follows from something else is derived again: a GUID from
the ids of its note, a mod from the releases.
"""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from pathlib import PurePosixPath

from deckwright.apkg.guids import guid
from deckwright.model import NoteType, Problem, Source
from deckwright.note_types.cards import MOST_CLOZES
from deckwright.releases.ledger import (
    BAD_LEDGER,
    FILE,
    VERSION,
    Ledger,
    Release,
    ReleasedNote,
    git_in,
)
from deckwright.source.card_keys import MAX_DECK_NAME, MAX_TAG, is_id
from deckwright.source.limits import MAX_FIELD, MAX_FILE, MAX_TOML
from deckwright.source.unicode import FORBIDDEN

Doubt = tuple[object, str]
"""A note, note type or release of a ledger, and what cannot be true of it."""

_MOST = 20
"""How many doubts are named."""
_LONG = 255
"""Signs of a name or a GUID; those of other programs have up to 36."""
_DIGEST = re.compile(r"[0-9a-f]{0,64}")
_CARD = re.compile(r"(?P<id>.*?)(?:/[1-9]\d{0,2})?")


def doubtful(ledger: Ledger, source: Source) -> tuple[Problem, ...]:
    """What a ledger says that cannot be true, at its lines."""
    found = chain(_identities(ledger), _times(ledger), _texts(ledger))
    return at_their_lines(source, found, "HEAD")


def at_their_lines(source: Source, found: Iterable[Doubt], revision: str) -> tuple[Problem, ...]:
    """Doubts about a ledger, with the revision that has it as it was."""
    git = git_in(PurePosixPath(source.path).parent.as_posix())
    fix = f"take it back as it was released: `{git} checkout {shlex.quote(revision)} -- {FILE}`"
    if revision == "HEAD":
        fix += f", or a commit before that, which `{git} log --oneline -- {FILE}` lists"
    else:
        fix += ", or the last commit of it that a release made"
    problems = (
        BAD_LEDGER.at(
            source.place(_offset(source, of)), f"the ledger is not to be believed: {what}", fix
        )
        for of, what in islice(found, _MOST)  # each line is looked for
    )
    return tuple(problems)


def _offset(source: Source, of: object) -> int:
    """Where the line of something in a ledger begins; 0 where that is not known."""
    words: dict[str, object] = {}
    if isinstance(of, ReleasedNote):
        words = {"guid": of.note.guid}
    elif isinstance(of, Release):
        words = {"version": of.version}
    elif isinstance(of, NoteType):
        words = {"kind": of.kind, "mod": of.mod}
    written = json.dumps(words, ensure_ascii=False)[1:-1]
    at = source.text.find(written) if words else 0
    return source.text.rfind("\n", 0, max(at, 0)) + 1


def names_of(one: ReleasedNote) -> tuple[str, ...]:
    """All ids that a note had."""
    return one.note.id, *one.aliases


def _identities(ledger: Ledger) -> Iterator[Doubt]:
    """Every GUID is made of an id of its note, and no id means two notes."""
    times = Counter(name for one in ledger.notes for name in names_of(one))
    for one in ledger.notes:
        name = one.note.id
        for wrong in (bad for bad in names_of(one) if not is_id(bad)):
            yield one, f"{wrong[:80]!r} is no id"
        if twice := [name for name in names_of(one) if times[name] > 1]:
            yield one, f"{twice[0]!r} is an id of two notes"
        if not one.imported and one.note.guid not in {
            guid(ledger.key, id_) for id_ in names_of(one)
        }:
            yield one, f"the GUID of {name!r} is made of none of its ids, so it is another note's"


def sent(releases: Iterable[Release]) -> frozenset[tuple[str, int]]:
    """The ids of notes that releases sent, each with the time of the release."""
    return frozenset((name, one.time) for one in releases for name in (*one.added, *one.changed))


def is_sent(one: ReleasedNote, times: frozenset[tuple[str, int]]) -> bool:
    """Whether a release sent a note at the time that is its mod."""
    return any((name, one.note.mod) in times for name in names_of(one))


def _times(ledger: Ledger) -> Iterator[Doubt]:
    """Every mod is the time of a release that sent the note; versions rise."""
    times = sent(ledger.releases)
    for one in ledger.notes:
        if not one.imported and not is_sent(one, times):
            yield one, f"no release sent {one.note.id!r} at the time that is its mod"
    releases = {one.time for one in ledger.releases}
    for kind in ledger.types:
        if kind.mod not in releases:
            yield kind, f"there was no release at the time that is the mod of {kind.name[:80]!r}"
    for before, after in pairwise(ledger.releases):
        if _numbers(before) >= _numbers(after):
            yield after, f"{after.version} does not come after {before.version}"


def _numbers(release: Release) -> tuple[int, ...]:
    return tuple(map(int, release.version.split(".")))


def _texts(ledger: Ledger) -> Iterator[Doubt]:
    """Every text is printable and of limited length, and every name is one."""
    if not _is_plain(ledger.name, MAX_DECK_NAME) or not _is_plain(ledger.key, _LONG):
        yield None, "its name or its key is no plain text"
    kinds = {kind.kind: kind for kind in ledger.types}
    for one in ledger.notes:
        if not (_is_plain_note(one) and _has_cards(one, kinds[one.note.kind])):
            yield one, f"{one.note.id[:80]!r} holds what no release writes"
    for one_type in ledger.types:
        if not _is_plain_type(one_type):
            yield one_type, f"the note type {one_type.name[:80]!r} holds what no release writes"
    for release in ledger.releases:
        if not _is_plain_release(release):
            yield release, f"{release.version} has names that no release writes"


def _is_plain(text: str, most: int) -> bool:
    """Whether a text is of one line, and shows all that it is."""
    return len(text) <= most and "\n" not in text and not FORBIDDEN.search(text)


def _is_plain_note(one: ReleasedNote) -> bool:
    note = one.note
    return (
        all(_is_plain(text, _LONG) for text in (note.guid, *note.media))
        and not any("/" in name for name in note.media)
        and _is_plain(note.deck, MAX_DECK_NAME)
        and all(_is_plain(tag, MAX_TAG) for tag in note.tags)
        and _is_plain(one.retired, MAX_TOML)
        and all(len(text) <= MAX_FIELD and not FORBIDDEN.search(text) for text in note.fields)
        and len(one.gone) + len(note.ordinals) <= 2 * MOST_CLOZES
        and bool(re.fullmatch(VERSION, one.since, re.ASCII))
        and all(_DIGEST.fullmatch(text) for text in (note.source, one.had))
    )


def _has_cards(one: ReleasedNote, kind: NoteType) -> bool:
    """Whether a note's type can make the cards that the note has, or had."""
    most = MOST_CLOZES if kind.cloze else len(kind.templates)
    return bool(kind.templates) and max((*one.note.ordinals, *one.gone), default=0) < most


def _is_plain_type(kind: NoteType) -> bool:
    fields = (field.name for field in kind.fields)
    names = (kind.kind, kind.name, *fields, *(one.name for one in kind.templates))
    sides = (side for one in kind.templates for side in (one.front, one.back))
    return (
        all(_is_plain(name, _LONG) for name in names)
        and all(_is_plain(field.description, MAX_TOML) for field in kind.fields)
        and all(_is_plain(part, _LONG) for field in kind.fields for part in field.parts)
        and all(len(text) <= MAX_FILE and not FORBIDDEN.search(text) for text in (kind.css, *sides))
        and kind.sort < max(len(kind.fields), 1)
    )


def _is_plain_release(one: Release) -> bool:
    cards = (_CARD.fullmatch(name) for name in one.retired)
    return (
        all(map(is_id, (*one.added, *one.changed, *one.held)))
        and all(is_id(name.partition("@")[0]) for name in one.same)
        and all(card and is_id(card["id"]) for card in cards)
        and all(
            len(pair) == 2 and all(map(is_id, pair))
            for pair in (name.split(" ") for name in one.renamed)
        )
        and all(_is_plain(kind, _LONG) for kind in one.types)
        and all(
            _is_plain(old, MAX_DECK_NAME)
            and _is_plain(new, MAX_DECK_NAME)
            and _is_plain(why, MAX_TOML)
            and all(map(is_id, ids))
            for old, new, why, *ids in one.moved
        )
        and bool(_DIGEST.fullmatch(one.content))
    )
