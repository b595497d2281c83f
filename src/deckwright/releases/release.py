"""A release: what it asks for, what it makes, and the order in which it writes.

The ledger is the commit point: it is replaced in one step, and the changelog is made from it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deckwright.apkg import files
from deckwright.apkg.package import UNRELEASED, Package, content_hash, package, page, write
from deckwright.compile import Compiled
from deckwright.model import Deck, Note, NoteType, deck_key
from deckwright.note_types import ID
from deckwright.rehearsal.versions import Intended
from deckwright.releases import changelog, ledger
from deckwright.releases.changelog import to_markdown
from deckwright.releases.changes import Changes, compare, digest, keep_released, stamp
from deckwright.releases.ledger import Ledger, Release, ReleasedNote
from deckwright.releases.moves import moves, reasons
from deckwright.source import folder
from deckwright.source.limits import MAX_LEDGER

_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def parse_version(version: str) -> tuple[int, int, int] | None:
    """A version as numbers that can be compared; None where it is not of the form 1.2.3."""
    match = _SEMVER.fullmatch(version)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def version_of(deck: Deck, released: Ledger | None) -> str:
    """The version of a build: that of the release that the deck equals, else one with +dev."""
    if released is None:
        return UNRELEASED
    last = released.last
    same = not _is_forked(deck, released) and content_hash(deck, last.version) == last.content
    return last.version if same else f"{last.version}+{UNRELEASED}"


def _is_forked(deck: Deck, released: Ledger) -> bool:
    """Whether learners of two branches wait for one text of something in the deck."""
    guids = {note.guid for note in deck.notes}
    notes = (one.note.guid for one in released.notes if one.forked)
    return not guids.isdisjoint(notes) or any(
        one.kind in released.forked_types for one in deck.types
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A build or a release, ready to be written."""

    deck: Deck
    """With its mods settled."""
    changes: Changes
    package: Package
    ledger: Ledger
    """As it will be once this is released."""


class ReleaseError(Exception):
    """Why a release is refused; the text says what to do instead."""


def is_released(compiled: Compiled, version: str, written: str) -> bool:
    """Whether a version is the last release, and only its changelog is to be written.

    Either the deck equals that release, or the changelog shows that the release was interrupted.
    """
    last = compiled.ledger
    if last is None or compiled.deck is None or version != last.last.version:
        return False
    settled = keep_released(compiled.deck, compiled.matches)
    return version == version_of(settled, last) or written != to_markdown(last)


def intended(prepared: Prepared) -> Intended:
    """What a release does on purpose, for its rehearsal from the last one."""
    changes = prepared.changes
    sent = {change.after.guid for change in changes.changed if not change.fields}
    types = {change.after.name for change in changes.types if not change.parts}
    return replace(intended_so_far(prepared), resent=frozenset(sent | types))


def intended_so_far(prepared: Prepared) -> Intended:
    """What all releases of a deck did on purpose, for a rehearsal from any older one."""
    notes = prepared.ledger.notes
    gone = {f"{one.note.guid}/{ordinal + 1}" for one in notes for ordinal in one.gone}
    return Intended(
        retired=frozenset({*gone, *(one.note.guid for one in notes if one.retired)}),
        held_back=frozenset(one.note.guid for one in notes if one.held),
        id_places={kind.id: _id_place(kind) for kind in prepared.ledger.types},
        sent=_sent(prepared.ledger),
    )


def _sent(ledger: Ledger) -> Mapping[str, frozenset[int]]:
    """When notes, by GUID, and note types, by name, were sent to learners.

    The last release of the ledger may not be one yet, but a build at any time since the one before.
    """
    names = {kind.kind: kind.name for kind in ledger.types}
    *past, last = ledger.releases
    after = past[-1].time + 1 if past else last.time
    times: dict[str, set[int]] = {}
    for one, time in (*((one, one.time) for one in past), (last, after)):
        found = (ledger.find(card_id) for card_id in one.changed)
        guids = [released.note.guid for released in found if released]
        for name in (*guids, *(names[kind] for kind in one.types if kind in names)):
            times.setdefault(name, set()).add(time)
    return {name: frozenset(when) for name, when in times.items()}


def _id_place(kind: NoteType) -> int:
    """Which field of a note type holds a card's id; -1 where none does."""
    return next((at for at, field in enumerate(kind.fields) if ID in field.parts), -1)


def prepare(
    compiled: Compiled,
    time: int,
    version: str = "",
    resend: Collection[str] = (),
    hold: Collection[str] = (),
) -> Prepared:
    """Settle mods, version and package of a deck without errors.

    ``time`` is that of the build, in seconds since 1970. ``version`` is that of a release; without
    it, a deck that equals the last release is that release, at its time; any other is not one.
    """
    assert compiled.deck is not None
    before = compiled.ledger
    deck = keep_released(compiled.deck, compiled.matches)
    changes = compare(deck, before, compiled.matches, resend, hold)
    time = max(time, 1)  # a mod of 0 means none
    if before and time <= before.time:
        time = before.time + 1  # the clock went backwards; a mod may not
    if not version:
        version = version_of(deck, before)
        if before and version == before.last.version:
            time = before.last.time
    deck = stamp(deck, changes, before, time)
    following = _next_ledger(compiled, deck, changes, version, time)
    return Prepared(deck, changes, package(deck, version, time), following)


def commit(
    root: Path, compiled: Compiled, prepared: Prepared, output_folder: Path
) -> tuple[Path, Path]:
    """Write the package, the ledger (which is the release) and the changelog, in this order.

    Returns the paths of the package and of the changelog.

    Raises:
        ReleaseError: where the ledger was written since the deck was compiled, or could not be
            read again.
    """
    data = ledger_file(prepared)
    with files.alone_in(root):
        if folder.ledger_in(root) != compiled.ledger:
            raise ReleaseError(f"{root / ledger.FILE} was written meanwhile: release again")
        path = write(prepared.package, output_folder)
        files.write_atomically(root / ledger.FILE, data)
        return path, write_changelog(root, prepared.ledger)


def ledger_file(prepared: Prepared) -> bytes:
    """The ledger of a release, as it will be written.

    Raises:
        ReleaseError: where no build could read it: a release would be the last one.
    """
    data = ledger.to_bytes(prepared.ledger)
    if len(data) > MAX_LEDGER:
        raise ReleaseError(
            f"the ledger would have {len(data):,} bytes, and {MAX_LEDGER:,} can be read:"
            " put new cards into another deck, with a key of its own"
        )
    return data


def write_changelog(root: Path, released: Ledger) -> Path:
    """Write the changelog, and return its path."""
    path = changelog.path_for(root)
    with files.alone_in(root):
        files.sweep(root, ledger.FILE, changelog.FILE)
        files.write_atomically(path, to_markdown(released).encode())
    return path


def _next_ledger(
    compiled: Compiled, deck: Deck, changes: Changes, version: str, time: int
) -> Ledger:
    before = compiled.ledger
    present = {note.guid for note in deck.notes}
    held = {change.after.id for change in changes.held}
    types = {kind.kind: kind for kind in deck.types}
    notes = [
        replace(
            _released(note, compiled, version),
            held=note.id in held,
            had=_had(compiled.matches[note.id], types[note.kind]) if note.id in held else "",
        )
        for note in deck.notes
    ]
    notes += [
        replace(old, retired=old.retired or deck.info.retired[old.note.id])
        for old in (before.notes if before else ())
        if old.note.guid not in present
    ]
    needed = {one.note.kind for one in notes} - {kind.kind for kind in deck.types}
    old_types = [kind for kind in (before.types if before else ()) if kind.kind in needed]
    release = Release(
        version,
        time,
        content_hash(deck, version),
        added=tuple(sorted(note.id for note in (*changes.added, *changes.returned))),
        changed=tuple(sorted(change.after.id for change in changes.changed)),
        renamed=tuple(sorted(f"{one.before.note.id} {one.after.id}" for one in changes.renamed)),
        retired=tuple(
            sorted((*_gone_cards(compiled, deck), *(n.note.id for n in changes.retired)))
        ),
        held=tuple(sorted(change.after.id for change in changes.held)),
        types=tuple(sorted(change.after.kind for change in changes.types)),
        same=tuple(
            sorted(
                name for name, was in compiled.was.items() if before and before.is_same(name, was)
            )
        ),
        moved=tuple(_moved(compiled, deck)),
    )
    return Ledger(
        key=deck.info.key,
        name=deck.info.name,
        notes=tuple(notes),
        types=(*deck.types, *old_types),
        releases=(*(before.releases if before else ()), release),
        forked_types=frozenset(one.kind for one in old_types)
        & (before.forked_types if before else frozenset()),
        page=page(deck.info),
    )


def _moved(compiled: Compiled, deck: Deck) -> Iterator[tuple[str, ...]]:
    """What the ledger remembers of the decks that notes left, with the lines of [moved]."""
    given = reasons(deck.info, compiled.ledger) if compiled.ledger else {}
    for move in moves(deck, compiled.matches):
        ids = () if move.whole else (note.id for note in move.notes)
        yield move.old, move.new, given.get(deck_key(move.old), ""), *ids


def _gone_cards(compiled: Compiled, deck: Deck) -> Iterator[str]:
    """The cards of notes that stay, as ``id/N``."""
    for note in deck.notes:
        if old := compiled.matches.get(note.id):
            gone = {*old.note.ordinals} - {*note.ordinals}
            yield from (f"{note.id}/{ordinal + 1}" for ordinal in gone)


def _had(old: ReleasedNote, kind: NoteType) -> str:
    """What learners have of a note that is held back, now or since an earlier release."""
    return old.had if old.held else digest(old.note, kind)


def _released(note: Note, compiled: Compiled, version: str) -> ReleasedNote:
    old = compiled.matches.get(note.id)
    heeded = note.id in compiled.was.get(note.id, ())
    if old is None:
        return ReleasedNote(note, since=version, heeded=heeded)
    aliases = {*old.aliases, old.note.id} - {note.id}
    gone = {*old.gone, *old.note.ordinals} - {*note.ordinals}
    return ReleasedNote(
        note,
        old.since,
        tuple(sorted(aliases)),
        tuple(sorted(gone)),
        heeded=heeded,
        imported=old.imported,
    )
