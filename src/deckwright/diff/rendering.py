"""The cards of a difference, before and after, as Anki renders them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from deckwright.diff.difference import Difference
from deckwright.diff.foreign import in_a_worker
from deckwright.diff.story import Story
from deckwright.model import Deck, quiet
from deckwright.preview.cards import Face, face_of
from deckwright.real_anki.cards import shown_cards
from deckwright.real_anki.contents import in_collection
from deckwright.real_anki.scratch import Scratch

MOST = 200
"""So many cards are rendered at most, before and after counted as one."""
MOST_OF_ONE = 3
"""So many cards of one note."""

Cards = Mapping[tuple[str, int], Face]
"""Rendered cards, by the GUID of their note and their ordinal."""


class Chosen(NamedTuple):
    """Which cards to render."""

    cards: tuple[tuple[str, int], ...]
    left_out: int


def chosen(story: Story) -> Chosen:
    """The cards of a story to look at, in its order: not too many in all, nor of one note."""
    groups = [entry.cards for group in story.groups for entry in group.entries]
    some = [card for cards in groups for card in cards[:MOST_OF_ONE]]
    wanted = tuple(dict.fromkeys(some))[:MOST]
    total = len({card for cards in groups for card in cards})
    return Chosen(wanted, total - len(wanted))


def not_at_hand(difference: Difference, story: Story) -> frozenset[str]:
    """The names of the pictures and sounds before that the page would show, and which are lacking.

    A ledger has names only; those that the deck still shows are there.
    """
    shown = {guid for group in story.groups for entry in group.entries for guid, _ in entry.cards}
    names = {name for note in difference.before.notes if note.guid in shown for name in note.media}
    return frozenset(names - {one.name for one in difference.before.media})


def render_both(difference: Difference, story: Story, old: Path | None) -> tuple[Cards, Cards]:
    """The chosen cards before and after; ``old`` is the package that the deck is compared with.

    That may be of any publisher: its templates are for a real Anki to render.

    Raises:
        AnkiMissing: if there is such a package, and Anki cannot be imported.
        Refused: if it does not accept the package.
    """
    wanted = chosen(story).cards
    look = partial(_shown, {guid for guid, _ in wanted})
    before = in_a_worker(old, look) if old else _faces(difference.before, wanted)
    return before, _faces(difference.after, wanted)


def _faces(deck: Deck, wanted: Collection[tuple[str, int]]) -> Cards:
    """Some cards of a deck of ours."""
    notes = {note.guid: note for note in deck.notes}
    types = {kind.kind: kind for kind in deck.types}
    found = {
        (guid, ordinal): face_of(notes[guid], types[notes[guid].kind], ordinal)
        for guid, ordinal in wanted
        if guid in notes and ordinal in notes[guid].ordinals
    }
    return {card: face for card, face in found.items() if face}


def _shown(guids: Collection[str], scratch: Scratch) -> Cards:
    """The cards of some notes of a collection; one that Anki cannot render is left out."""
    got = in_collection(scratch)
    owners = {id_: note.guid for id_, note in got.notes.items() if note.guid in guids}
    cards = [card for card in got.cards.values() if card.note in owners]
    return {
        (owners[card.note], card.ordinal): Face(
            shown.question, shown.answer, shown.css, card.ordinal + 1
        )
        for card, shown in shown_cards(scratch, cards, quiet)
        if not shown.error
    }
