"""Our own deck: no mistake in it, and no note that changed though nobody changed its source."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from deck import cards, compiled, none, sound, wrong

from deckwright.apkg.package import package, write
from deckwright.model import Note
from deckwright.real_anki import verify
from tests.preview.test_cards import by_anki, faces


def test_our_own_deck_has_no_mistake_and_no_warning() -> None:
    found = len(compiled().problems)
    if found:  # each is said by make check, once
        pytest.fail(f"the deck has {found} mistakes: make check names them", pytrace=False)
    deck = compiled().deck
    assert deck
    assert len(deck.notes) == compiled().cards > 100


def test_a_note_that_nobody_changed_has_the_fields_that_learners_have() -> None:
    deck, ledger = sound().deck, sound().ledger
    assert deck and ledger
    released = {one.note.guid: one.note for one in ledger.notes}
    pairs = [(note, released[note.guid]) for note in deck.notes if note.guid in released]
    same = [(note, old) for note, old in pairs if (note.source, note.id) == (old.source, old.id)]
    assert len(same) > 50
    none(
        wrong(
            cards()[note.id],
            f"nobody changed the source of {note.id}, but it is rendered otherwise than in its"
            f" release: {', '.join(name_changed(note, old))}",
            "see whether that is meant: such notes are held back; `make diff` shows them",
        )
        for note, old in same
        if name_changed(note, old)
    )


def name_changed(note: Note, old: Note) -> list[str]:
    """What a note has otherwise, but for its deck, its tags and its time."""
    one, other = plain(note), plain(old)
    return [
        name
        for name in ("kind", "fields", "ordinals", "media")
        if getattr(one, name) != getattr(other, name)
    ]


@pytest.mark.anki
def test_real_anki_imports_every_card(tmp_path: Path) -> None:
    deck = sound().deck
    assert deck
    report = verify(write(package(deck, "dev", 1_700_000_000), tmp_path))
    assert report.failures == ()
    cards = sum(len(note.ordinals) for note in deck.notes)
    counts = report.counts
    assert (counts.notes, counts.cards) == (len(deck.notes), cards)
    assert counts.media == len(deck.media)


@pytest.mark.anki
def test_the_pages_show_each_card_as_anki_does(tmp_path: Path) -> None:
    deck = sound().deck
    assert deck
    assert sorted(faces(deck)) == sorted(by_anki(deck, tmp_path))


def plain(note: Note) -> Note:
    """A note with the drawing that 1.0.0 packaged with its comments."""

    def unnamed(text: str) -> str:
        return re.sub(r"\bkl-directions-[0-9a-f]{16}", "kl-directions", text)

    fields, media = (tuple(map(unnamed, texts)) for texts in (note.fields, note.media))
    return replace(note, fields=fields, media=media)
