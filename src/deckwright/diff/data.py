"""A difference for programs: one JSON object, whose keys stay as they are."""

from __future__ import annotations

from typing import Any

from deckwright.diff.difference import Difference, LostCards
from deckwright.diff.story import story
from deckwright.model import Note
from deckwright.releases.changes import NoteChange, TypeChange
from deckwright.releases.ledger import ReleasedNote
from deckwright.source.printable import in_json

FORMAT = 1
"""Rises where a key goes or changes its meaning; new keys may come at any time."""


def as_json(difference: Difference) -> str:
    """All of a difference; ordinals count from 1, like those of ``{{c1::…}}`` and ``card:1``."""
    changes = difference.changes
    groups = story(difference).groups
    data = {
        "format": FORMAT,
        "against": difference.against,
        "deck": difference.after.info.key,
        "summary": {group.key: len(group.entries) for group in groups},
        "unchanged": difference.unchanged,
        "meaning": {group.key: group.sentence for group in groups},
        "search": {group.key: group.search for group in groups if group.search},
        "added": [_note(difference, one) for one in changes.added],
        "otherwise": [_change(difference, one) for one in difference.otherwise.values()],
        "changed": [_change(difference, one) for one in difference.corrected],
        "held": [_change(difference, one) for one in difference.held],
        "refused": [_name(one) for one in difference.refused],
        "sent_again": [_name(one) for one in difference.sent_again],
        "retired": [_retired(difference, one) for one in changes.retired],
        "returned": [_name(one) for one in changes.returned],
        "lost": [_lost(one) for one in difference.lost],
        "renamed": [{**_name(one.after), "was": one.before.note.id} for one in difference.renamed],
        "moved": [_moved(one) for one in difference.moved],
        "page": {"before": difference.page, "after": difference.page_now or difference.page},
        "types": [_type(one) for one in changes.types],
    }
    return f"{in_json(data)}\n"


def _name(note: Note) -> dict[str, Any]:
    return {"id": note.id, "guid": note.guid}


def _note(difference: Difference, note: Note) -> dict[str, Any]:
    return {
        **_name(note),
        "type": note.kind,
        "deck": note.deck,
        "tags": note.tags,
        "cards": [number + 1 for number in note.ordinals],
        "fields": difference.fields(note),
    }


def _change(difference: Difference, change: NoteChange) -> dict[str, Any]:
    after = difference.fields(change.after)
    before = dict(zip(after, change.before.note.fields, strict=False))
    row: dict[str, Any] = {
        **_name(change.after),
        "fields": {
            name: {"before": before.get(name, ""), "after": after[name]} for name in change.fields
        },
        "new_cards": [number + 1 for number in change.ordinals],
    }
    if change.tags:
        row["tags"] = {"before": change.before.note.tags, "after": change.after.tags}
    return row


def _retired(difference: Difference, one: ReleasedNote) -> dict[str, Any]:
    reason = difference.after.info.retired.get(one.note.id) or one.retired
    return {**_name(one.note), "reason": reason}


def _lost(one: LostCards) -> dict[str, Any]:
    return {**_name(one.after), "cards": [number + 1 for number in one.ordinals]}


def _moved(change: NoteChange) -> dict[str, Any]:
    decks = {"before": change.before.note.deck, "after": change.after.deck}
    return {**_name(change.after), "deck": decks}


def _type(change: TypeChange) -> dict[str, Any]:
    return {"type": change.after.kind, "name": change.after.name, "parts": change.parts}
