"""The passages of a deck, as they are handed to the reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deckwright.model import DeckInfo
from deckwright.rendering.placeholders import with_tokens
from deckwright.rendering.scan import scan
from deckwright.source.cards import ids_in, parse
from deckwright.source.folder import load

DECK = Path(__file__).parent.parent.parent / "content"


@dataclass(frozen=True)
class Passage:
    """A prompt, an answer or another part of a card, with tokens for its formulas and code."""

    card: str
    """The card's id."""
    text: str
    heading: bool
    """Whether it is a prompt."""


def passages(deck: Path) -> Iterator[Passage]:
    """All passages of a deck that become HTML, in order."""
    folder = load(deck)
    info = folder.info or DeckInfo(key="", name="")
    taken = ids_in(folder.sources)
    for file in (parse(source, info, taken) for source in folder.sources):
        for card in file.cards:
            spans = [card.prompt, card.answer]
            spans += [part.span for part in card.parts if part.name != "Typed"]
            for span in spans:
                heading = span is card.prompt
                text = with_tokens(scan(file.lines_of(card), span)).text
                text = text.strip() if heading else text.strip("\n")
                if text:
                    yield Passage(card.id, text, heading)
