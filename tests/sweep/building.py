"""Decks of cards made by chance: of those that build, and of the others in spite of errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deckwright.compile import compile_deck
from deckwright.formulas.check import check_formulas
from deckwright.formulas.macros import define
from deckwright.media import resolve, take
from deckwright.model import Deck, Media, Note, Severity
from deckwright.note_types import note_types
from deckwright.rendering.render import Shared
from deckwright.rules import FAMILIES
from deckwright.source.folder import load
from deckwright.source.tree import walk
from tests.decks import make_deck
from tests.fuzz.test_builds import folder
from tests.test_hostile_look import rendered_anyway

Files = Mapping[str, str | bytes]
ROUNDS = 5
"""How often what has errors is taken out of a deck: one card may hide those of another."""
ONE_WALL = {one.name for one in FAMILIES["Formulas"]} | {"character", "field-too-big"}
"""The rules that alone keep out what MathJax would do, and what breaks a package."""


@contextmanager
def built(files: Files, cards: Sequence[str]) -> Iterator[tuple[Path, Deck | None]]:
    """The deck of those of some cards that build; None where none does."""
    with folder({}) as parent:
        root = parent / "content"
        cards, deck = list(cards), None
        for _ in range(ROUNDS):
            make_deck(root, {**files, "01.md": "# T\n\n" + "\n".join(cards)})
            compiled = compile_deck(root, budget=None)
            deck = compiled.deck
            if deck or not cards:
                break
            errors = [one for one in compiled.problems if one.severity is Severity.ERROR]
            cards = [*_without(cards, {one.place.line for one in errors})]
        yield root, deck


def _without(cards: Sequence[str], lines: set[int]) -> Iterator[str]:
    """The cards that are not in some lines of the file."""
    at = 3
    for one in cards:
        after = at + one.count("\n") + 1
        if not lines & {*range(at, after)}:
            yield one
        at = after


@contextmanager
def in_spite(files: Files, cards: Sequence[str]) -> Iterator[tuple[Path, Deck | None]]:
    """The deck of those of some cards that have errors, as far as these are not the only wall."""
    with folder({}) as parent:
        root = make_deck(parent / "content", {**files, "01.md": "# T\n\n" + "\n".join(cards)})
        read = load(root)
        assert read.info
        macros = define(read.info.macros)[0]
        shared = Shared(resolve(root, walk(root)), macros, kinds=read.own.kinds_of_cards)
        notes: dict[str, Note] = {}
        media: dict[str, Media] = {}
        for card, one in rendered_anyway(root, shared):
            policy = check_formulas([one.formulas], macros, engine=False)[0]
            found = (*one.problems, *policy)
            errors = {each.rule for each in found if each.severity is Severity.ERROR}
            if errors and one.ordinals and not errors & ONE_WALL:
                notes[card.id] = one.note(card, card.id)
                media |= {sent.name: sent for sent in take(root, shared.media, one.asked)[0]}
        types = note_types(read.info, read.style, read.own.whole.values())
        whole = Deck(read.info, types, (*notes.values(),), (*media.values(),))
        yield root, whole if notes else None
