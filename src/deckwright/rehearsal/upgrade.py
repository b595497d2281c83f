"""Everything that a rehearsal checks after an upgrade: each check is a generator of failures.

One cause often concerns many notes: a failure names the first of them, and how many follow.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from deckwright.model import Progress, deck_key
from deckwright.real_anki.cards import Failure, faulty_cards
from deckwright.real_anki.contents import Contents
from deckwright.real_anki.scratch import ImportLog, Scratch
from deckwright.rehearsal.learner import Edit
from deckwright.rehearsal.study import CardState, Snapshot
from deckwright.rehearsal.versions import Expected, Versions

NAMED = 3
"""Notes or cards that a failure names."""

SHAPE = (
    "keep the ids of note types, and the number and order of their fields and templates, for ever;"
    " rename a reserved field where you need another"
)
GUIDS = "keep the GUID of every note for ever, as the ledger does"
LOST = "do not release this version: report it, with both packages, to deckwright"


@dataclass(frozen=True)
class Upgrade:
    """A learner's collection, before and after the new version was imported."""

    versions: Versions
    scratch: Scratch
    log: ImportLog
    before: Snapshot
    after: Snapshot
    edits: tuple[Edit, ...]
    progress: Progress

    @cached_property
    def conflicting(self) -> frozenset[str]:
        """The GUIDs of notes that Anki refused: it names them by the package's ids."""
        notes = self.versions.new.notes
        return frozenset(notes[id_].guid for id_ in self.log.conflicting if id_ in notes)


Check = Callable[[Upgrade], Iterator[Failure]]


def listed(names: Iterable[str]) -> str:
    """The first of some names, and how many more there are."""
    known = sorted(dict.fromkeys(names))
    more = f" and {len(known) - NAMED:,} more" if len(known) > NAMED else ""
    return ", ".join(known[:NAMED]) + more


def _notes(what: str, names: Iterable[str], fix: str) -> Iterator[Failure]:
    """At most one failure, about notes (or note types) given by their bare names."""
    yield from _cards(what, (f'"{name}"' for name in names), fix)


def _cards(what: str, names: Iterable[str], fix: str) -> Iterator[Failure]:
    """At most one failure, about cards given by `Contents.card_name`."""
    known = tuple(names)
    if known:
        yield Failure(f"{what}: {listed(known)}", fix)


def something_to_lose(upgrade: Upgrade) -> Iterator[Failure]:
    """The learner had cards: else nothing was rehearsed."""
    if not upgrade.before.cards:
        name = upgrade.versions.old_package.name
        yield Failure(
            f"no card of {name} arrives, so nothing was rehearsed", "name a released package"
        )


def gone_notes(upgrade: Upgrade) -> Iterator[Failure]:
    """Every note of the old version is in the new one, under its GUID, unless it is retired."""
    versions = upgrade.versions
    new_names = {versions.new.note_name(id_) for id_ in versions.new.notes}
    gone: defaultdict[bool, list[str]] = defaultdict(list)
    for guid, note in versions.old.by_guid.items():
        if versions.expected[guid] == Expected.GONE and not versions.is_retired(guid):
            name = versions.old.note_name(note.id)
            gone[name in new_names].append(name)
    yield from _notes(
        "these notes have another GUID than before, so learners get second copies without history",
        gone[True],
        GUIDS,
    )
    yield from _notes(
        "these notes are missing from the new version, and learners keep the old text for ever",
        gone[False],
        "put them back, or retire their ids on purpose",
    )


def second_copies(upgrade: Upgrade) -> Iterator[Failure]:
    """No learner has a note twice: neither by its GUID, nor by its field ``Id``."""
    contents = upgrade.after.contents
    guids = Counter(note.guid for note in contents.notes.values())
    twice = [guid for guid, times in guids.items() if times > 1]
    yield from _notes("learners have two notes with one GUID", twice, GUIDS)
    before, after = _ids(upgrade.before.contents), _ids(contents)
    more = [name for name, times in after.items() if times > max(1, before[name])]
    yield from _notes("learners now have two notes of one Id", more, GUIDS)


def _ids(contents: Contents) -> Counter[str]:
    texts = map(contents.texts, contents.notes.values())
    return Counter(fields["Id"] for fields in texts if fields.get("Id"))


def conflicts(upgrade: Upgrade) -> Iterator[Failure]:
    """Anki refuses no note because of its note type."""
    versions, refused = upgrade.versions, upgrade.conflicting
    causes = defaultdict(list)
    for guid in refused:
        note = versions.new.by_guid[guid]
        causes[_cause(versions, guid)].append(versions.new.note_name(note.id))
    for cause, names in sorted(causes.items()):
        yield from _notes(f"{cause}, so Anki refuses the update of", names, SHAPE)


def _cause(versions: Versions, guid: str) -> str:
    new = versions.new.by_guid[guid]
    old = versions.old.by_guid.get(guid, new)
    new_type, old_type = versions.new.types[new.type], versions.old.types.get(old.type)
    if old.type != new.type:
        return "notes have a note type of another id than before"
    if old_type is None:
        return f'the note type "{new_type.name}" is unlike the one learners have'
    for part in ("fields", "templates"):
        before, after = getattr(old_type, part), getattr(new_type, part)
        if before != after:
            return (
                f'the {part} of the note type "{new_type.name}" were'
                f" {', '.join(before)} and are {', '.join(after)}"
            )
    return f'ids of fields or templates of the note type "{new_type.name}" changed'


def clones(upgrade: Upgrade) -> Iterator[Failure]:
    """No note type appears a second time beside the learner's own."""
    before, after = upgrade.before.contents.types, upgrade.after.contents.types
    names = {note_type.name for note_type in before.values()}
    clones = (
        note_type.name
        for id_, note_type in after.items()
        if id_ not in before and note_type.name.rstrip("+") in names
    )
    yield from _notes("Anki puts a copy of a note type beside the learner's", clones, SHAPE)


def history(upgrade: Upgrade) -> Iterator[Failure]:
    """Every card keeps its reviews, schedule, FSRS memory, queue, flag and deck, exactly."""
    before, after = upgrade.before, upgrade.after
    name = before.contents.card_name
    lost = before.cards.keys() - after.cards.keys()
    yield from _cards("cards are lost", (name(before.contents.cards[id_]) for id_ in lost), LOST)
    for part in CardState.__slots__:
        changed = (
            name(before.contents.cards[id_])
            for id_, state in before.cards.items()
            if id_ in after.cards and getattr(state, part) != getattr(after.cards[id_], part)
        )
        yield from _cards(f"cards change their {part}", changed, LOST)


def delivery(upgrade: Upgrade) -> Iterator[Failure]:
    """Every changed note that Anki does not refuse has its new text."""
    versions, contents = upgrade.versions, upgrade.after.contents
    late: list[str] = []
    other: list[str] = []
    for guid, old in versions.old.by_guid.items():
        if versions.expected[guid] != Expected.CHANGED or guid in upgrade.conflicting:
            continue
        new = versions.new.by_guid[guid]
        got = contents.texts(contents.by_guid[guid])
        if any(got.get(name) != text for name, text in versions.new.texts(new).items()):
            (late if new.mod <= old.mod else other).append(versions.new.note_name(new.id))
    yield from _notes(
        "notes have new text, but no later time (mod) than before, so learners never get it",
        late,
        "move the mod of each note that changes, or say that it is held back",
    )
    yield from _notes(
        "the new text of notes does not arrive as it was sent",
        other,
        "give changed media files new names; else report it to deckwright",
    )


def spared_notes(upgrade: Upgrade) -> Iterator[Failure]:
    """No note is replaced in which nothing changed: learners would lose what they wrote in it."""
    contents, versions = upgrade.after.contents, upgrade.versions
    updated = {contents.notes[id_].guid for id_ in upgrade.log.updated if id_ in contents.notes}
    replaced = (
        versions.new.note_name(versions.new.by_guid[guid].id)
        for guid in updated & versions.old.by_guid.keys()
        if versions.expected[guid] == Expected.SAME
    )
    yield from _notes(
        "notes are replaced although nothing in them changed, with all that learners wrote there",
        replaced,
        "give a new mod only to notes that changed, never one build time to all",
    )


def edits_on_unchanged(upgrade: Upgrade) -> Iterator[Failure]:
    """What learners edit in notes and note types that did not change is still there."""
    lost = defaultdict(list)
    for edit in upgrade.edits:
        if not edit.changed and not edit.survived:
            lost[edit.kind].append(edit.name)
    for kind, names in lost.items():
        yield from _notes(
            f"the learner's own {kind} is lost although nothing changed there",
            names,
            "give a new mod only to notes and note types that changed",
        )


def note_types(upgrade: Upgrade) -> Iterator[Failure]:
    """Changed names, templates and CSS arrive, where Anki refuses no note."""
    versions = upgrade.versions
    if upgrade.conflicting:
        return
    for id_ in versions.types:
        if versions.expected_of_type(id_) != Expected.CHANGED:
            continue
        got, new = upgrade.after.contents.types[id_], versions.new.types[id_]
        if (got.css, got.sides) != (new.css, new.sides) or not set(new.fields) <= set(got.fields):
            yield Failure(
                f'the new names, templates or CSS of the note type "{new.name}" do not arrive',
                "move the mod of each note type that changes, or say that it is held back",
            )


def new_cards(upgrade: Upgrade) -> Iterator[Failure]:
    """Every card of a note that Anki takes is there; what learners lacked is new, in our deck."""
    contents, had = upgrade.after.contents, upgrade.before.contents.cards
    there = {
        (contents.notes[card.note].guid, card.ordinal): card for card in contents.cards.values()
    }
    absent, studied, elsewhere = [], [], []
    for place, sent in upgrade.versions.new_cards.items():
        got, name = there.get(place), upgrade.versions.new.card_name(sent)
        if got is None and place[0] not in upgrade.conflicting:
            absent.append(name)
        elif got and got.id not in had and got.studied:
            studied.append(name)
        elif got and got.id not in had and deck_key(got.deck) != deck_key(sent.deck):
            elsewhere.append(name)
    fix = "put each new card into a deck of the package, as a new card"
    yield from _cards("cards of the new version do not arrive", absent, fix)
    yield from _cards("cards of the new version arrive with a schedule", studied, fix)
    yield from _cards("cards of the new version arrive in another deck", elsewhere, fix)


def rendering(upgrade: Upgrade) -> Iterator[Failure]:
    """Every card that learners had shows a question and an answer, unless it is retired."""
    versions, got = upgrade.versions, upgrade.after.contents
    cards = [
        card
        for id_, card in got.cards.items()
        if id_ in upgrade.before.contents.cards
        and not versions.is_retired(got.notes[card.note].guid, card.ordinal)
    ]
    found = defaultdict(list)
    for card, failure in faulty_cards(upgrade.scratch, cards, got, upgrade.progress):
        found[failure.what].append(got.card_name(card))
    for what, names in found.items():
        yield from _cards(
            f"a card that learners have studied {what}",
            names,
            'keep what makes the card, or retire it on purpose as "id/N"',
        )


def media(upgrade: Upgrade) -> Iterator[Failure]:
    """A file that changed has another name: under the same one, learners keep the old bytes."""
    old, new = upgrade.versions.old.checksums, upgrade.versions.new.checksums
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield Failure(
                f'the media file "{name}" has other bytes under the same name: learners keep those'
                " they have",
                "give it another name, as deckwright does by its content",
            )


CHECKS: tuple[Check, ...] = (
    something_to_lose,
    gone_notes,
    second_copies,
    conflicts,
    clones,
    history,
    delivery,
    spared_notes,
    edits_on_unchanged,
    note_types,
    new_cards,
    media,
    rendering,
)
"""All checks, in this order; none changes the collection."""
