"""Our own deck: no mistake in it, and no note that changed though nobody changed its source."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from deck import CONTENT, none

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.model import Note
from deckwright.real_anki import verify


def test_our_own_deck_has_no_mistake_and_no_warning() -> None:
    compiled = compile_deck(CONTENT)
    none(compiled.problems)
    assert compiled.deck
    assert len(compiled.deck.notes) == compiled.cards > 100


def test_a_note_that_nobody_changed_has_the_fields_that_learners_have() -> None:
    compiled = compile_deck(CONTENT)
    assert compiled.deck and compiled.ledger
    released = {one.note.guid: one.note for one in compiled.ledger.notes}
    pairs = [(note, released[note.guid]) for note in compiled.deck.notes if note.guid in released]
    same = [(note, old) for note, old in pairs if note.source == old.source]
    assert len(same) > 100
    assert [plain(note) for note, _ in same] == [plain(old) for _, old in same]


@pytest.mark.anki
def test_real_anki_imports_every_card(tmp_path: Path) -> None:
    deck = compile_deck(CONTENT).deck
    assert deck
    report = verify(write(package(deck, "dev", 1_700_000_000), tmp_path))
    assert report.failures == ()
    cards = sum(len(note.ordinals) for note in deck.notes)
    counts = report.counts
    assert (counts.notes, counts.cards) == (len(deck.notes), cards)
    assert counts.media == len(deck.media)


def plain(note: Note) -> Note:
    """A note without its time, and with the drawing that 1.0.0 packaged with its comments."""

    def unnamed(text: str) -> str:
        return re.sub(r"\bkl-directions-[0-9a-f]{16}", "kl-directions", text)

    fields, media = (tuple(map(unnamed, texts)) for texts in (note.fields, note.media))
    return replace(note, mod=0, fields=fields, media=media)
