"""A learner's study: Anki itself answers every card, and what that leaves on each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from deckwright.model import Progress
from deckwright.real_anki.contents import Contents, NoteTypeRow, in_collection
from deckwright.real_anki.scratch import Scratch

BATCH = 200
"""Cards answered between two calls of the progress function."""

Grade = Literal[1, 2, 3, 4]

HISTORIES: tuple[tuple[Grade, ...], ...] = ((3,), (4,), (1,), (3, 3), (4, 1), (2, 3, 3))
"""The grades that cards get in turn; they end in learning, in review or in relearning."""


@dataclass(frozen=True, slots=True)
class CardState:
    """All that a learner has on a card. Messages use the names of these fields."""

    reviews: tuple[tuple[Any, ...], ...]
    """Its rows of ``revlog``."""
    schedule: tuple[int, ...]
    """Type, due, interval, ease, repetitions, lapses, steps left, and those of a filtered deck."""
    memory: tuple[tuple[str, Any], ...]
    """FSRS's stability ``s`` and difficulty ``d``, and what else Anki keeps beside them."""
    queue: int
    """-1 if it is suspended."""
    flag: int
    deck: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A collection as it was at one time."""

    contents: Contents
    cards: Mapping[int, CardState]


@dataclass(frozen=True, slots=True)
class Studied:
    """A note whose cards a learner studied, and what it is after the update."""

    guid: str
    name: str
    type: NoteTypeRow
    before: tuple[str, ...]
    """Its fields when they studied it."""
    after: tuple[str, ...]
    ordinals: tuple[int, ...]
    """Those of its cards."""


def studied(before: Contents, after: Contents, own: str) -> Iterator[Studied]:
    """The notes of a learner whose note type has the same shape after the update.

    ``own`` are the words that the learner wrote, which nobody published.
    """

    def published(fields: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text.removesuffix(own) for text in fields)

    ordinals: defaultdict[int, list[int]] = defaultdict(list)
    for card in before.cards.values():
        ordinals[card.note].append(card.ordinal)
    for id_, note in before.notes.items():
        now = after.notes.get(id_)
        if now and now.type == note.type and len(now.fields) == len(note.fields):
            numbers = tuple(sorted(ordinals[id_]))
            name, kind = after.note_name(id_), after.types[now.type]
            texts = published(note.fields), published(now.fields)
            yield Studied(note.guid, name, kind, *texts, numbers)


def snapshot(scratch: Scratch) -> Snapshot:
    """A collection as it is now."""
    reviews = defaultdict(list)
    for card, *review in scratch.rows(
        "select cid, id, ease, ivl, lastIvl, factor, time, type from revlog order by id"
    ):
        reviews[card].append(tuple(review))
    cards = {
        card: CardState(
            tuple(reviews[card]), tuple(schedule), _memory(data), queue, flags & 0b111, deck
        )
        for card, queue, flags, deck, data, *schedule in scratch.rows(
            "select id, queue, flags, did, data,"
            " type, due, ivl, factor, reps, lapses, left, odue, odid from cards"
        )
    }
    return Snapshot(in_collection(scratch), cards)


def _memory(data: str) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(json.loads(data or "{}").items()))


def study(scratch: Scratch, progress: Progress) -> None:
    """Turn FSRS on and answer every card, some of them more than once."""
    scratch.run(lambda collection: collection.set_config("fsrs", True))
    cards = [card for (card,) in scratch.rows("select id from cards order by id")]
    answers = [(card, HISTORIES[place % len(HISTORIES)]) for place, card in enumerate(cards)]
    for start in range(0, len(answers), BATCH):
        progress("answering", start, len(answers))
        scratch.answer(answers[start : start + BATCH])
    progress("answering", len(answers), len(answers))
