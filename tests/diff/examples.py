"""Differences to look at: of the decks in ``before`` and ``after``, and of notes made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from deckwright.apkg.package import page
from deckwright.compile import Compiled, compile_deck
from deckwright.diff import (
    Difference,
    since_release,
)
from deckwright.model import Deck, DeckInfo, Note
from deckwright.note_types import note_types
from deckwright.releases import ledger
from deckwright.releases.changes import Changes, NoteChange
from deckwright.releases.ledger import Ledger, ReleasedNote
from deckwright.releases.release import Prepared, prepare
from tests.decks import make_deck, png, release

HERE = Path(__file__).parent
INFO = DeckInfo("examples", "Examples")
TYPES = note_types(INFO)
NOW = 1_700_000_000
PICTURES: dict[str, str | bytes] = {"media/dot.png": png(40, 20), "media/wide.png": png(90, 20)}


def sources(name: str) -> dict[str, str | bytes]:
    folder = HERE / name
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def example(root: Path) -> tuple[Prepared, Compiled, Prepared]:
    """The deck in ``before``, released, and the one in ``after``, ready to be."""
    old = release(make_deck(root, {**sources("before"), **PICTURES}))
    file = root / ledger.FILE
    file.write_text(ledger.to_text(rendered_otherwise(old.ledger)), encoding="utf-8")
    compiled = compile_deck(make_deck(root, sources("after")))
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return old, compiled, prepare(compiled, NOW)


def rendered_otherwise(released: Ledger) -> Ledger:
    """The release as an older Markdown would have rendered it."""

    def older(one: ReleasedNote) -> ReleasedNote:
        texts = tuple(text.replace("<em>after</em>", "<i>after</i>") for text in one.note.fields)
        return replace(one, note=replace(one.note, fields=texts))

    older_ones = tuple(older(one) for one in released.notes)
    assert older_ones != released.notes
    return replace(released, notes=older_ones)


def example_difference(root: Path) -> Difference:
    _, compiled, new = example(root)
    return since_release(new.deck, new.changes, compiled.ledger)


def note(back: str, card_id: str = "a-card", **more: Any) -> Note:
    fields = ("A question?", back, "", "", "", "", card_id, "", "")
    made = Note(card_id, f"guid of {card_id}", "basic", "Examples", fields, (), (0,))
    return replace(made, **more)


def corrected(*pairs: tuple[str, str]) -> Difference:
    """A difference of notes whose field ``Back`` was corrected."""
    olds = tuple(note(old, f"card-{at}") for at, (old, _) in enumerate(pairs))
    news = tuple(note(new, f"card-{at}") for at, (_, new) in enumerate(pairs))
    changes = tuple(
        NoteChange(ReleasedNote(old, "1.0.0"), new, ("Back",))
        for old, new in zip(olds, news, strict=True)
    )
    before, after = (Deck(INFO, TYPES, notes, ()) for notes in (olds, news))
    return Difference(Changes(changed=changes), before, after, "release 1.0.0", page=page(INFO))
