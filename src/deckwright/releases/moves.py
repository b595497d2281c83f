"""Notes that go to another deck in Anki than learners have them in: Anki moves no card of theirs.

Decks are compared by what their notes are, whatever the files are called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deckwright.model import Deck, DeckInfo, Note, deck_key
from deckwright.releases.ledger import Ledger, ReleasedNote


@dataclass(frozen=True, slots=True)
class Move:
    """Released notes of one deck in Anki that go to another now."""

    old: str
    new: str
    notes: tuple[Note, ...]
    """As they are now."""
    left: bool
    """Whether no released note stays in the old deck."""
    whole: bool
    """Whether all that learners have in the old deck goes there, and nothing else comes to it."""


def moves(deck: Deck, matches: Mapping[str, ReleasedNote]) -> Iterator[Move]:
    """All moves of a release, in the order of the deck.

    A note that was retired and is back counts for nothing in whether a deck is left.
    """
    groups: dict[str, dict[str, list[tuple[ReleasedNote, Note]]]] = defaultdict(dict)
    for note in deck.notes:
        if released := matches.get(note.id):
            pairs = groups[deck_key(released.note.deck)].setdefault(deck_key(note.deck), [])
            pairs.append((released, note))
    used = {deck_key(note.deck) for note in deck.notes}
    for old, news in groups.items():
        others = [pairs for new, pairs in news.items() if new != old]
        stays = any(not released.retired for released, _ in news.get(old, ()))
        goes = any(not released.retired for pairs in others for released, _ in pairs)
        left = goes and not stays
        for pairs in others:
            released, now = pairs[0]
            notes = tuple(note for _, note in pairs)
            whole = left and len(news) == 1 and old not in used
            yield Move(released.note.deck, now.deck, notes, left, whole)


def reasons(info: DeckInfo, ledger: Ledger) -> Mapping[str, str]:
    """The lines of [moved] that count, by `deck_key`: each counts for one release."""
    lines = ((deck_key(name), reason) for name, reason in info.moved.items())
    return {name: reason for name, reason in lines if not heeded(ledger, name, reason)}


def heeded(ledger: Ledger, name: str, reason: str) -> str:
    """The release that heeded a line of [moved]; empty where none did."""
    return next(
        (
            release.version
            for release in ledger.releases
            for old, _, why, *_ in release.moved
            if (deck_key(old), why) == (deck_key(name), reason)
        ),
        "",
    )
