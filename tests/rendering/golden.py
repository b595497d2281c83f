"""The golden pairs: a card, or a few, and the fields they give. ``make golden`` rewrites these.

A source is the text under a heading, or whole cards with headings of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from deckwright.compile import compile_deck
from deckwright.model import Note, NoteType
from tests.decks import card, make_deck

SOURCES = sorted(Path(__file__).parent.joinpath("golden").glob("*.md"))
SOUND = Path(__file__).parent.parent / "media" / "samples" / "a.mp3"


def prompt_of(source: Path) -> str:
    """The heading of a source that has none."""
    return f"{source.stem.replace('-', ' ').capitalize()}?"


def file_of(source: Path) -> str:
    """A source as a file of cards."""
    text = source.read_text(encoding="utf-8")
    if not text.startswith(("## ", "---\n")):
        text = card(text, prompt_of(source), source.stem)
    return text if text.startswith("---\n") else f"# Examples\n\n{text}"


def deck_of(root: Path, sources: Iterable[Path]) -> Path:
    """A deck of sources, with the files that they show."""
    files: dict[str, str | bytes] = {source.name: file_of(source) for source in sources}
    if any("media/word.mp3" in str(text) for text in files.values()):
        files["media/word.mp3"] = SOUND.read_bytes()
    return make_deck(root, files)


def fields_of(source: Path) -> str:
    """What learners get of a source: each note, and its fields that are not empty, by name."""
    with TemporaryDirectory() as folder:
        compiled = compile_deck(deck_of(Path(folder), [source]))
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    kinds = {one.kind: one for one in compiled.deck.types}
    prompt = prompt_of(source)
    return "\n".join(shown(note, kinds[note.kind], prompt) for note in compiled.deck.notes)


def shown(note: Note, kind: NoteType, prompt: str) -> str:
    """A note: its kind, its cards and its tags, then its fields as Anki gets them."""
    numbers = ", ".join(str(number + 1) for number in note.ordinals)
    about = [note.kind, f"{'cards' if len(note.ordinals) > 1 else 'card'} {numbers}", *note.tags]
    lines = [f"<!-- {', '.join(about)} -->"]
    for field, text in zip(kind.fields, note.fields, strict=True):
        if text and text != prompt and field.name != "Id":
            lines += [f"<!-- {field.name} -->", text]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for path in SOURCES:
        path.with_suffix(".html").write_text(fields_of(path), encoding="utf-8")
