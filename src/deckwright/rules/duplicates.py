"""Checks that need the whole deck: duplicate ids, prompts, tags and deck names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from deckwright.model import Card, Problem, Rule, Severity, Stake
from deckwright.source.card_keys import BAD_TAG, DECK_NAME
from deckwright.source.cards import CardFile

DUPLICATE_ID = Rule(
    "duplicate-id",
    "No two cards of a deck have the same id: Anki would keep only one of them.",
    stake=Stake.HISTORY,
)

SAME_PROMPT = Rule(
    "same-prompt",
    "No two cards ask the same question: a learner could not tell which answer is meant.",
    severity=Severity.WARNING,
)


def duplicates(files: Sequence[CardFile], originals: Mapping[str, Card]) -> Iterator[Problem]:
    """What is wrong with cards and files beside each other.

    ``originals`` are the cards that keep the ids they share with others, by id; where there is
    none, the first does.
    """
    cards = [card for file in files for card in file.cards]
    yield from _duplicates(cards, originals)
    yield from _same_prompts(cards)
    yield from _tag_clashes(files)
    yield from _deck_clashes(files)


def _duplicates(cards: Sequence[Card], originals: Mapping[str, Card]) -> Iterator[Problem]:
    owners = dict(originals)
    for card in cards:
        if (other := owners.setdefault(card.id, card)) is not card:
            released = ", which was released under it" if card.id in originals else ""
            yield DUPLICATE_ID.at(
                card.place,
                f"the id {card.id} is taken by the card at {other.place}{released}",
                "give this card an id of its own, and leave that one's as it is",
            )


def _same_prompts(cards: Sequence[Card]) -> Iterator[Problem]:
    """Cards with the same front; the title of a cloze card does not ask."""
    first: dict[str, Card] = {}
    for card in cards:
        if "{{c" in card.answer.text:
            continue
        more = "".join(part.span.text for part in card.parts if part.name == "Question")
        front = " ".join(f"{card.prompt.text} {more}".split())
        if (other := first.setdefault(front, card)).id != card.id:
            yield SAME_PROMPT.at(
                card.place,
                f"the card {other.id} at {other.place} asks the same",
                "say what this one asks for besides, or join the two",
            )


def _tag_clashes(files: Sequence[CardFile]) -> Iterator[Problem]:
    """Tags, or levels of tags, that differ in capitals only: for Anki they are one."""
    first: dict[str, str] = {}
    for file in files:
        for tag, at in file.tags.items():
            levels = tag.split("::")
            for number in range(1, len(levels) + 1):
                name = "::".join(levels[:number])
                if (other := first.setdefault(name.casefold(), name)) != name:
                    what = f"the tag {name} differs from {other} in capitals only"
                    yield BAD_TAG.at(file.outline.source.place(at), what, "write both alike")
                    break


def _deck_clashes(files: Sequence[CardFile]) -> Iterator[Problem]:
    """Decks whose names differ in capitals only are one deck for Anki."""
    first: dict[str, CardFile] = {}
    for file in files:
        other = first.setdefault(file.deck.casefold(), file)
        if other.deck != file.deck:
            yield DECK_NAME.at(
                file.outline.source.place(file.outline.body),
                f"the deck {file.deck!r} differs from {other.deck!r} in capitals only",
                "write both alike",
            )
