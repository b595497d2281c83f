"""The way of a deck, from its folder to notes: load, parse, render, and look at the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deckwright.load import load
from deckwright.media import MediaFolder
from deckwright.model import Card, Deck, DeckInfo, Diagnostic, Note, Severity, Source
from deckwright.note_types import note_types
from deckwright.package import guid
from deckwright.parse import parse
from deckwright.progress import Progress, quiet
from deckwright.render import render
from deckwright.rules import DUPLICATE_ID


@dataclass(frozen=True, slots=True)
class Compiled:
    """A deck, where it has no errors, and everything that was found."""

    deck: Deck | None
    diagnostics: tuple[Diagnostic, ...]
    """Sorted by place, each with its source line."""
    cards: int
    """How many ``##`` headings there are."""

    @property
    def errors(self) -> int:
        """How many of the findings are errors."""
        return sum(found.severity is Severity.ERROR for found in self.diagnostics)


def compile_deck(root: Path, progress: Progress = quiet) -> Compiled:
    """Compile a deck's folder; reads only.

    Raises:
        NoDeckError: where there is no deck.toml in it.
    """
    folder = load(root)
    info = folder.info or DeckInfo(key="", name="")
    files = [parse(source, info.name, info.tag) for source in folder.sources]
    cards = [(file, card) for file in files for card in file.cards]
    media = MediaFolder(root)
    diagnostics = [*folder.diagnostics, *(found for file in files for found in file.diagnostics)]
    diagnostics += _duplicates([card for _, card in cards])
    notes: list[Note] = []
    for done, (file, card) in enumerate(cards):
        if done % 100 == 0:
            progress("Rendering", done, len(cards))
        rendered = render(card, file.outline, media, guid(info.key, card.id))
        notes.append(rendered.note)
        diagnostics += rendered.diagnostics
    found = _in_order(diagnostics, folder.sources)
    compiled = Compiled(None, found, sum(file.headings for file in files))
    if compiled.errors:
        return compiled
    types = note_types(info, folder.style)
    return replace(compiled, deck=Deck(info, types, tuple(notes), media.taken))


def _duplicates(cards: list[Card]) -> Iterator[Diagnostic]:
    first: dict[str, Card] = {}
    for card in cards:
        if (other := first.setdefault(card.id, card)) is not card:
            yield DUPLICATE_ID.at(
                card.place,
                f"the id {card.id} is taken by the card at {other.place}",
                "give this card an id of its own, and leave the older card's as it is",
            )


def _in_order(diagnostics: list[Diagnostic], sources: tuple[Source, ...]) -> tuple[Diagnostic, ...]:
    """Findings without repetition, sorted, each with its source line."""
    lines = {source.path: source for source in sources}
    return tuple(
        replace(found, source_line=lines[found.place.path].line(found.place.line))
        if found.place.path in lines
        else found
        for found in sorted(set(diagnostics))
    )
