"""The golden pairs: card sources and the fields they give. ``make golden`` rewrites the fields."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from deckwright.compile import compile_deck
from tests.decks import make_deck

SOURCES = sorted(Path(__file__).parent.joinpath("golden").glob("*.md"))


def fields_of(source: Path) -> str:
    """The notes of a source as readable JSON: the fields that are not empty, by name."""
    with TemporaryDirectory() as folder:
        root = make_deck(Path(folder), {"01-golden.md": source.read_bytes()})
        compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    rows = []
    for note in compiled.deck.notes:
        [kind] = [one for one in compiled.deck.types if one.kind == note.kind]
        names = [field.name for field in kind.fields]
        shown = {name: text for name, text in zip(names, note.fields, strict=True) if text}
        rows.append(
            {
                "type": note.kind,
                "deck": note.deck,
                "tags": note.tags,
                "ordinals": note.ordinals,
                "media": note.media,
                "guid": note.guid,
                "fields": {name: text.split("\n") for name, text in shown.items()},
            }
        )
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for path in SOURCES:
        path.with_suffix(".json").write_text(fields_of(path), encoding="utf-8")
