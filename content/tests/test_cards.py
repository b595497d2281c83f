"""Our own deck: no mistake in it, and no note that changed though nobody changed its source."""

from __future__ import annotations

import re
from dataclasses import replace

from deck import CONTENT, none

from deckwright.compile import compile_deck
from deckwright.model import Note


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


def plain(note: Note) -> Note:
    """A note without its time, and with the drawing that 1.0.0 packaged with its comments."""

    def unnamed(text: str) -> str:
        return re.sub(r"\bkl-directions-[0-9a-f]{16}", "kl-directions", text)

    fields, media = (tuple(map(unnamed, texts)) for texts in (note.fields, note.media))
    return replace(note, mod=0, fields=fields, media=media)
