"""Decks in the style of those that people have, a hundred cards each.

Only the frame is ours, as a script would convert it: a heading, an id, the text below. Each file
has texts after public decks of one kind, parted by lines of a section sign, in which ``@1`` and
``@2`` are a country and its capital; they are taken in turn. The one that begins with ``WRONG`` has
a mistake that only a person can mend, and is in its deck once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from tests.decks import card, png

HERE = Path(__file__).parent
STYLES = sorted(path.stem for path in HERE.glob("*.txt"))
EACH = 100
SOUND = HERE.parent / "media" / "samples" / "a.mp3"
PAIRS = [
    pair.split("=")
    for pair in (
        "France=Paris Spain=Madrid Japan=Tokyo Kenya=Nairobi Peru=Lima Norway=Oslo Cuba=Havana"
        " Egypt=Cairo Ghana=Accra Nepal=Kathmandu Iran=Tehran Iraq=Baghdad Chile=Santiago"
        " Fiji=Suva Laos=Vientiane Mali=Bamako Malta=Valletta Niger=Niamey Oman=Muscat"
        " Qatar=Doha Rwanda=Kigali Samoa=Apia Togo=Lomé Yemen=Sanaa Latvia=Riga"
    ).split()
]


@dataclass(frozen=True)
class Corpus:
    """A deck of one style."""

    files: dict[str, str | bytes]
    wrong: frozenset[str]
    """The ids of its cards with a mistake."""


def corpus(style: str) -> Corpus:
    """The deck of a style."""
    rows = (HERE / f"{style}.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n§\n")
    wrong = [row.removeprefix("WRONG ") for row in rows if row.startswith("WRONG ")]
    fine = cycle(row for row in rows if not row.startswith("WRONG "))
    texts = [*wrong, *(next(fine) for _ in range(EACH - len(wrong)))]
    cards = "\n".join(_cards(texts))
    sound = SOUND.read_bytes()
    media: dict[str, str | bytes] = {
        **dict.fromkeys(("media/flag.png", "flag.png"), png()),
        **dict.fromkeys(("media/word.mp3", "word.mp3"), sound),
    }
    toml = f'key = "{style}"\nname = "{style}"\n'
    files: dict[str, str | bytes] = {"deck.toml": toml, "01-cards.md": f"# Cards\n\n{cards}"}
    return Corpus({**files, **media}, frozenset(f"card-{number}" for number in range(len(wrong))))


def _cards(texts: list[str]) -> Iterator[str]:
    for number, (text, (country, capital)) in enumerate(zip(texts, cycle(PAIRS), strict=False)):
        body = text.replace("@1", country).replace("@2", capital)
        yield card(body, f"What of {country}, number {number}?", f"card-{number}")
