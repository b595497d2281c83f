"""Everything that ``verify`` checks: each check is a generator of failures."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from deckwright.model import Progress, deck_key
from deckwright.real_anki.cards import Failure, faulty_cards
from deckwright.real_anki.contents import Contents, composed, in_collection
from deckwright.real_anki.scratch import ImportLog, Refused, Scratch, plain

PLAIN_NAME = "give it a name of plain letters and digits, unlike any other in more than case"


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks compare: what the package sent, and what the scratch collection got."""

    package: Path
    sent: Contents
    got: Contents
    log: ImportLog
    scratch: Scratch
    progress: Progress


Check = Callable[[Subject], Iterator[Failure]]
Checked = TypeVar("Checked")


def failures(
    checks: Iterable[Callable[[Checked], Iterator[Failure]]], subject: Checked, progress: Progress
) -> Iterator[Failure]:
    """What checks find; one that Anki gives up in is a failure, too."""
    for check in checks:
        words = check.__name__.replace("_", " ")
        progress(words, 0, 1)
        try:
            yield from check(subject)
        except Refused as error:
            yield Failure(f"Anki gave up ({words}): {error}", error.fix)
        progress(words, 1, 1)


def import_log(subject: Subject) -> Iterator[Failure]:
    """Every note of the package is new to an empty collection, and there is one at least."""
    log, name = subject.log, subject.sent.note_name
    if not log.found:
        yield Failure("the package holds no note", "add a card to the deck")
    outcomes = (
        (log.updated, "replaces another note", "give each note a GUID of its own"),
        (log.duplicate, "is taken for another note", "give each note a GUID of its own"),
        (log.first_field_match, "is taken for another note", "give each note a GUID of its own"),
        (log.conflicting, "conflicts with a note type", "keep the note on its note type"),
        (log.missing_notetype, "has no note type", "put its note type into the package"),
        (log.missing_deck, "has no deck", "put its deck into the package"),
        (log.empty_first_field, "has an empty first field", "fill its first field"),
    )
    for notes, what, fix in outcomes:
        for note in notes:
            yield Failure(f'note "{name(note)}" {what}', fix)


def guids(subject: Subject) -> Iterator[Failure]:
    """No two notes share a GUID: one of them would never be updated again."""
    owners = defaultdict(list)
    for note in subject.sent.notes.values():
        owners[note.guid].append(subject.sent.note_name(note.id))
    for guid, names in owners.items():
        if len(names) > 1:
            listed = ", ".join(f'"{name}"' for name in names)
            yield Failure(
                f"the notes {listed} share the GUID {guid}: Anki keeps each, updates only one",
                "give each note a GUID of its own",
            )


def note_types(subject: Subject) -> Iterator[Failure]:
    """Note types, their fields and templates arrive under their names."""
    used = {note.type for note in subject.sent.notes.values()}
    for id_ in sorted(used & subject.sent.types.keys()):
        sent, got = subject.sent.types[id_], subject.got.types.get(id_)
        if got is None:
            yield Failure(f'the note type "{sent.name}" does not arrive', "give it another id")
            continue
        for part in ("name", "cloze", "fields", "templates", "assets"):
            before, after = getattr(sent, part), getattr(got, part)
            if before != after:
                yield Failure(
                    f'Anki changes the {part} of the note type "{sent.name}":'
                    f" {before!r} becomes {after!r}",
                    "choose names that are unique, and that no note type of Anki has",
                )


def fields(subject: Subject) -> Iterator[Failure]:
    """The text of every field arrives as it was sent (Anki itself composes accents: NFC)."""
    for id_, sent in subject.sent.notes.items():
        got = subject.got.notes.get(id_)
        name = subject.sent.note_name(id_)
        if got is None:
            yield Failure(f'note "{name}" does not arrive', "build the package again")
        elif composed(sent.fields) != got.fields:
            yield Failure(
                f'Anki changes the text of note "{name}" as it imports it',
                "refer to media by the plain names of their files; leave control characters out",
            )


def decks(subject: Subject) -> Iterator[Failure]:
    """Every card arrives once, in the deck it was sent to, and none in Anki's "Default"."""
    for id_, sent in subject.sent.cards.items():
        got = subject.got.cards.get(id_)
        name = subject.sent.card_name(sent)
        if got is None:
            yield Failure(
                f"{name} does not arrive", "give it a note, and each card of a note another ordinal"
            )
        elif got.deck == "Default":
            yield Failure(
                f'{name} lands in the deck "Default", among the learner\'s own cards',
                "put it into a deck of the package, by an id other than 1",
            )
        elif not sent.deck:
            yield Failure(f"{name} is in a deck that the package lacks", "put its deck in as well")
        elif deck_key(got.deck) != deck_key(sent.deck):
            yield Failure(
                f'{name} lands in the deck "{got.deck}" instead of "{sent.deck}"',
                "name a deck of the package, without empty parts or line breaks",
            )


def scheduling(subject: Subject) -> Iterator[Failure]:
    """The package holds only new cards, and no reviews."""
    fix = "build the package from the content alone, never export it from a collection in use"
    if subject.sent.reviews:
        yield Failure(f"the package holds {subject.sent.reviews} reviews", fix)
    for card in subject.sent.cards.values():
        if card.studied:
            yield Failure(f"{subject.sent.card_name(card)} is not new: it has a schedule", fix)


def order(subject: Subject) -> Iterator[Failure]:
    """New cards come in the order of the package, deck by deck; two notes never share a place."""
    decks = defaultdict(list)
    for card in subject.got.cards.values():
        decks[card.deck].append(card)
    places = {card: place for place, card in enumerate(subject.sent.cards)}
    for deck, got in sorted(decks.items()):
        sent = [places[card.id] for card in got if card.id in places]
        if sent != sorted(sent):
            yield Failure(
                f'Anki changes the order of the new cards in "{deck}"',
                "number the notes from 0 up, in the order of the files",
            )
        ties = [(a, b) for a, b in pairwise(got) if a.due == b.due and a.note != b.note]
        if ties:
            first, second = (subject.got.card_name(card) for card in ties[0])
            yield Failure(
                f'new cards in "{deck}" have no order: {first} and {second} are both number'
                f" {ties[0][0].due}, and {len(ties) - 1} more pairs share a number",
                "number the notes from 0 up, in the order of the files",
            )


def cards(subject: Subject) -> Iterator[Failure]:
    """Every card renders, and plays, shows and asks only what its package and template have."""
    got, cards, progress = subject.got, list(subject.got.cards.values()), subject.progress
    for card, failure in faulty_cards(subject.scratch, cards, got, progress, got.media):
        yield Failure(f"{got.card_name(card)} {failure.what}", failure.fix)


def media(subject: Subject) -> Iterator[Failure]:
    """Every media file arrives under its name and is used; none is missing."""
    got, sent = subject.got, subject.sent.media
    check = subject.scratch.run(lambda collection: collection.media.check())
    for file in sorted(check.missing):
        notes = check.missing_media_notes
        users = [note for note in notes if _uses(got, note, file)] or notes
        listed = ", ".join(f'"{got.note_name(note)}"' for note in users)
        yield Failure(
            f'the media file "{file}" is missing or empty: used by note {listed}',
            "put the file into the package under exactly this name",
        )
    for note_type in got.types.values():
        for file in sorted(note_type.assets - got.media):
            yield Failure(
                f'the media file "{file}" is missing: used by the note type "{note_type.name}"',
                "put the file into the package under exactly this name",
            )
    for file in sorted((sent - got.media) | set(check.unused)):
        renamed = [name for name in got.media - sent if _letters(name) == _letters(file)]
        if renamed:
            yield Failure(f'Anki renames the media file "{file}" to "{renamed[0]}"', PLAIN_NAME)
        else:
            yield Failure(
                f'no card uses the media file "{file}", so Anki leaves it out',
                "use it in a card, or remove it from the package",
            )
    for first, second in pairwise(sorted(sent, key=lambda name: (name.casefold(), name))):
        if first.casefold() == second.casefold():
            yield Failure(
                f'the media files "{first}" and "{second}" are one file on Windows and macOS',
                PLAIN_NAME,
            )


def second_import(subject: Subject) -> Iterator[Failure]:
    """The same package, imported once more, changes nothing."""
    log = subject.scratch.import_package(subject.package)
    outcomes = (
        (log.new, "adds, once more,"),
        (log.updated, "updates"),
        (log.conflicting, "does not know the note type of"),
    )
    fix = "keep ids and names of fields and templates unique, and GUIDs fixed"
    for notes, what in outcomes:
        for note in notes:
            name = subject.got.note_name(note)
            yield Failure(f'a second import of the package {what} note "{name}"', fix)
    again = in_collection(subject.scratch)
    for part in ("notes", "cards", "types", "decks"):
        more = len(getattr(again, part)) - len(getattr(subject.got, part))
        if more:
            yield Failure(f"a second import of the package adds {more} {part}", fix)


def check_database(subject: Subject) -> Iterator[Failure]:
    """Anki's own "Check Database" finds nothing to report, to add or to rewrite."""
    before = in_collection(subject.scratch)
    text, good = subject.scratch.run(lambda collection: collection.fix_integrity())
    after = in_collection(subject.scratch)
    if not good:
        found = plain("; ".join(text.splitlines()[:-1]) or text)
        yield Failure(
            f'Anki\'s "Check Database" reports: {found}', "build the package again with deckwright"
        )
    for id_ in sorted(after.cards.keys() - before.cards.keys()):
        yield Failure(
            f'the package lacks {after.card_name(after.cards[id_])}: "Check Database" adds it',
            "put into the package each card that its note makes",
        )
    for id_ in sorted(before.notes.keys() & after.notes.keys()):
        if before.notes[id_] != after.notes[id_]:
            yield Failure(
                f'"Check Database" rewrites note "{before.note_name(id_)}"',
                "leave out times in the future, and give each note the fields of its type",
            )


CHECKS: tuple[Check, ...] = (
    import_log,
    guids,
    note_types,
    fields,
    decks,
    scheduling,
    order,
    cards,
    media,
    second_import,
    check_database,
)
"""All checks, in this order: the last three change the scratch collection."""


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", name)))


def _uses(contents: Contents, note: int, file: str) -> bool:
    text = "\n".join(contents.notes[note].fields) if note in contents.notes else ""
    return file in text or file in unquote(unescape(text))
