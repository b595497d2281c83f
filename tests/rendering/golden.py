"""The golden pairs: a card, or a few, and the fields they give. ``make golden`` rewrites these.

A source is the text under a heading, or whole cards with headings of their own.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from deckwright.compile import compile_deck
from deckwright.model import Note, NoteType
from tests.decks import card, make_deck

SOURCES = sorted(Path(__file__).parent.joinpath("golden").glob("*.md"))
SAMPLES = Path(__file__).parent.parent / "media" / "samples"
PROMPT = "A question?"


def fields_of(source: Path) -> str:
    """What learners get of a source: each note, and its fields that are not empty, by name."""
    text = source.read_text(encoding="utf-8")
    if not text.startswith(("## ", "---\n")):
        text = card(text, PROMPT)
    if not text.startswith("---\n"):
        text = f"# Examples\n\n{text}"
    with TemporaryDirectory() as folder:
        sound = SAMPLES.joinpath("a.mp3").read_bytes()
        media = {"media/word.mp3": sound} if "media/word.mp3" in text else {}
        compiled = compile_deck(make_deck(Path(folder), {"01-golden.md": text, **media}))
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    kinds = {one.kind: one for one in compiled.deck.types}
    return "\n".join(shown(note, kinds[note.kind]) for note in compiled.deck.notes)


def shown(note: Note, kind: NoteType) -> str:
    """A note: its kind, its cards and its tags, then its fields as Anki gets them."""
    numbers = ", ".join(str(number + 1) for number in note.ordinals)
    about = [note.kind, f"{'cards' if len(note.ordinals) > 1 else 'card'} {numbers}", *note.tags]
    lines = [f"<!-- {', '.join(about)} -->"]
    for field, text in zip(kind.fields, note.fields, strict=True):
        if text and text != PROMPT and field.name != "Id":
            lines += [f"<!-- {field.name} -->", text]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for path in SOURCES:
        path.with_suffix(".html").write_text(fields_of(path), encoding="utf-8")
