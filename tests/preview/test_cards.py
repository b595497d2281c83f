"""The cards of our pages are those that Anki shows: our port beside Anki itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.model import Deck
from deckwright.preview.cards import face_of
from deckwright.real_anki import rendered
from tests.preview.samples import write_sample
from tests.rendering.golden import SOURCES, deck_of

Side = tuple[str, str, str]


def faces(deck: Deck) -> Iterator[Side]:
    """Both sides of each card, and its CSS, as our pages have them."""
    kinds = {kind.kind: kind for kind in deck.types}
    for note in deck.notes:
        for ordinal in note.ordinals:
            face = face_of(note, kinds[note.kind], ordinal)
            assert face, (note.id, ordinal)
            yield alike(face.front), alike(face.back), face.css


def by_anki(deck: Deck, folder: Path) -> Iterator[Side]:
    """The same, as real Anki has them."""
    for card in rendered(write(package(deck, "dev", 1_700_000_000), folder)):
        yield alike(card.question), alike(card.answer), card.css


def alike(html: str) -> str:
    """A side without what differs between versions of Anki, and the ids of hints."""
    return re.sub(r'hint[0-9a-f]{16}|(?<=;") draggable=false', "", html)


@pytest.mark.anki
@pytest.mark.parametrize("make", [partial(deck_of, sources=SOURCES), write_sample])
def test_each_card_is_as_anki_shows_it(make: Callable[[Path], Path], tmp_path: Path) -> None:
    compiled = compile_deck(make(tmp_path / "deck"))
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    assert sorted(faces(compiled.deck)) == sorted(by_anki(compiled.deck, tmp_path))
