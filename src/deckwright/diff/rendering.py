"""The cards of a difference as real Anki renders them, before and after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from deckwright.apkg.files import scratch_folder
from deckwright.apkg.package import package, write
from deckwright.diff.difference import Difference
from deckwright.diff.foreign import in_a_worker
from deckwright.diff.story import Story
from deckwright.model import Deck, quiet
from deckwright.real_anki.cards import shown_cards
from deckwright.real_anki.contents import in_collection
from deckwright.real_anki.scratch import Scratch, Shown, scratch_collection

MOST = 200
"""So many cards are rendered at most, before and after counted as one."""
MOST_OF_ONE = 3
"""So many cards of one note."""
_TIME = 1_600_000_000

Cards = Mapping[tuple[str, int], Shown]
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


def render_both(difference: Difference, story: Story, old: Path | None) -> tuple[Cards, Cards]:
    """The chosen cards before and after; ``old`` is the package that the deck is compared with.

    Raises:
        AnkiMissing: if Anki cannot be imported.
        Refused: if it does not accept one of the decks.
    """
    guids = {guid for guid, _ in chosen(story).cards}
    look = partial(_shown, guids)
    before = in_a_worker(old, look) if old else cards_of_deck(difference.before, guids)
    return before, cards_of_deck(difference.after, guids)


def cards_of_deck(deck: Deck, guids: Collection[str]) -> Cards:
    """The cards of some notes of a deck."""
    notes = tuple(note for note in deck.notes if note.guid in guids)
    if not notes:
        return {}
    part = package(replace(deck, notes=notes, media=()), "diff", _TIME)
    with scratch_folder() as folder:
        return cards_of_package(write(part, folder), guids)


def cards_of_package(path: Path, guids: Collection[str]) -> Cards:
    """The cards of some notes of a package; a card that Anki cannot render is left out."""
    with scratch_collection() as scratch:
        scratch.import_package(path)
        return _shown(guids, scratch)


def _shown(guids: Collection[str], scratch: Scratch) -> Cards:
    got = in_collection(scratch)
    owners = {id_: note.guid for id_, note in got.notes.items() if note.guid in guids}
    cards = [card for card in got.cards.values() if card.note in owners]
    return {
        (owners[card.note], card.ordinal): shown
        for card, shown in shown_cards(scratch, cards, quiet)
        if not shown.error
    }
