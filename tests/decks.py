"""Small decks for the tests, written as real files."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection
from pathlib import Path

from deckwright.compile import Compiled, compile_deck
from deckwright.model import Note
from deckwright.releases.ledger import FILE, to_text
from deckwright.releases.release import Prepared, prepare

TOML = 'key = "examples"\nname = "Examples"\n'


def png(width: int = 1, height: int = 1) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    signature = b"\x89PNG\r\n\x1a\n"
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return signature + b"".join(parts)


def card(body: str, prompt: str = "A question?", card_id: str = "a-card") -> str:
    """The source of one card."""
    return f"## {prompt}\n<!-- id: {card_id} -->\n\n{body}\n"


def make_deck(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write a deck; ``deck.toml``, and the one picture where a card shows it, are there anyway."""
    given: dict[str, str | bytes] = {"deck.toml": TOML, **files}
    if any("media/dot.png" in str(content) for content in files.values()):
        given = {"media/dot.png": png(), **given}
    for name, content in given.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def compile_cards(root: Path, text: str) -> Compiled:
    """Compile a deck of one file, with a title before its cards."""
    return compile_deck(make_deck(root, {"01-cards.md": f"# Examples\n\n{text}"}))


def only_note(root: Path, text: str) -> Note:
    """The note of a deck of one card, which has no problem."""
    compiled = compile_cards(root, text)
    assert not compiled.problems, "\n".join(map(str, compiled.problems))
    assert compiled.deck
    [note] = compiled.deck.notes
    return note


def release(
    root: Path, version: str = "1.0.0", time: int = 1_600_000_000, **options: Collection[str]
) -> Prepared:
    """Put a deck into its ledger, as a release does, without a rehearsal."""
    compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    prepared = prepare(compiled, time, version, **options)
    (root / FILE).write_text(to_text(prepared.ledger), encoding="utf-8")
    return prepared
