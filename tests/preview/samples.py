"""A deck with a card of each kind, as the tests of its pages use it."""

from __future__ import annotations

import shutil
import wave
from io import BytesIO
from pathlib import Path

from deckwright.compile import Compiled, compile_deck
from deckwright.preview.content import content_of
from deckwright.preview.site import Links, Site
from tests.decks import png

SAMPLE = Path(__file__).parent / "sample"
NOWHERE = Links()


def beep() -> bytes:
    """A tenth of a second of silence."""
    buffer = BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return buffer.getvalue()


def write_sample(folder: Path) -> Path:
    """Write the deck into a folder that is not there yet."""
    shutil.copytree(SAMPLE, folder)
    (folder / "media").mkdir()
    (folder / "media" / "dot.png").write_bytes(png(90, 60))
    (folder / "media" / "beep.wav").write_bytes(beep())
    return folder


def edit(folder: Path, old: str, new: str, name: str = "01-kinds.md") -> None:
    """Change a file of the deck."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def site_of(compiled: Compiled, folder: Path, links: Links = NOWHERE) -> Path:
    """Write the page of a deck into a folder; its path."""
    site = Site(content_of(compiled), links)
    folder.mkdir(exist_ok=True)
    page = folder / "index.html"
    page.write_text(site.page, encoding="utf-8")
    for name, item in site.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(item.data)
    return page


def sample_site(folder: Path, links: Links = NOWHERE) -> Path:
    """Write the deck and its page into a folder."""
    return site_of(compile_deck(write_sample(folder / "deck")), folder / "site", links)
