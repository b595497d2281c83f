"""Our own deck on a telephone: real Anki fills every card, a real browser lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deck import cards, none, sound, wrong
from playwright.sync_api import Browser

from deckwright.apkg.package import package, write
from deckwright.real_anki import rendered
from tests.browser import DAY, NIGHT, reviewer
from tests.note_types.test_look import CONTRAST, MEASURE

PHONE = 390
CURE = "break what is long in two, or write less: dist/changes.html of make summary shows the card"


@dataclass(frozen=True)
class Built:
    """The deck as a learner has it: the sides of its cards by name, and its pictures."""

    sides: dict[str, str]
    files: dict[str, Path]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("content")
    deck = sound().deck
    assert deck
    finished = write(package(deck, "dev", 1_700_000_000), root)
    sides = {}
    for card in rendered(finished):
        name = f"{card.note} {card.template}"
        style = f"<style>{card.css}</style>"
        sides[f"{name} front"] = style + card.question
        sides[f"{name} back"] = style + card.answer
    files = {}
    for media in deck.media:
        files[media.name] = root / media.name
        files[media.name].write_bytes(media.data)
    assert len(sides) >= 400
    assert len(files) >= 16
    return Built(sides, files)


@pytest.mark.browser
def test_every_card_fits_a_telephone_by_day_and_by_night_and_every_formula_is_drawn(
    built: Built, chromium: Browser
) -> None:
    bad: list[tuple[str, str, Any]] = []
    formulas = pictures = 0
    with reviewer(chromium, width=PHONE, files=built.files) as anki:
        anki.evaluate(MEASURE.read_text(encoding="utf-8"))
        for name, html in built.sides.items():
            anki.show(html)
            by_day, found = (
                anki.evaluate("body => { document.body.className = body; return measure(); }", body)
                for body in (DAY, NIGHT)
            )
            inks = [*by_day["inks"], *found["inks"]]
            formulas += len(found["formulas"])
            pictures += len(found["pictures"])
            bad += [(name, "MathJax cannot set a formula", one) for one in found["formulas"] if one]
            widths = (*by_day["pageWidths"], *found["pageWidths"])
            bad += [
                (name, "the page is wider than a telephone", one) for one in widths if one > PHONE
            ]
            bad += [
                (name, "something is too wide for a telephone", one) for one in found["scrollers"]
            ]
            bad += [
                (name, "a picture is too narrow or too wide", one)
                for one in found["pictures"]
                if not PHONE / 2 < one["width"] <= one["room"]
            ]
            pale = [one for one in inks if one["contrast"] < CONTRAST]
            bad += [(name, "a text has too little contrast with its ground", one) for one in pale]
        assert anki.refused == []
    assert formulas > 1_000
    assert pictures > 20
    none(
        wrong(cards()[name.split()[0]], f"in {name}, {what}: {one}", CURE)
        for name, what, one in bad
    )
