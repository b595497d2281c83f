"""The page of this deck: every card, by day and by night, on a telephone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from deck import cards, none, sound, wrong
from playwright.sync_api import Browser

from deckwright.model import Problem
from tests.browser import Seen
from tests.preview.samples import site_of

pytestmark = pytest.mark.browser
LARGEST = 3_000_000
"""Bytes of the page: it is to open on a telephone."""
LOOK = """async ([start, end]) => {
    const found = [];
    const frame = cardFrames.make("Each card");
    const loaded = new Promise((resolve) => frame.whenLoaded(resolve));
    const stage = document.createElement("div");
    stage.className = "stage";
    stage.append(frame.element);
    document.getElementById("MAIN").append(stage);
    await loaded;
    for (const note of cardFrames.data.notes.slice(start, end)) {
        for (const card of note.cards) {
            for (const back of [false, true]) {
                stage.style.width = "";
                await frame.show(card, { back });
                const inside = frame.inside();
                const page = inside.documentElement;
                const wrong = [];
                for (const width of [390, 1280]) {
                    stage.style.width = `${width + 2}px`; // with the border
                    for (const night of [false, true]) {
                        inside.body.classList.toggle("nightMode", night);
                        inside.body.classList.toggle("night_mode", night);
                        if (page.scrollWidth <= page.clientWidth) continue;
                        wrong.push(`is wider than ${width} px ${night ? "by night" : "by day"}`);
                    }
                }
                if (inside.querySelector("mjx-merror")) wrong.push("has a formula that fails");
                if (/\\\\[([]/.test(inside.body.innerText)) wrong.push("shows a formula as LaTeX");
                if (inside.querySelector(".not-here")) wrong.push("lacks a picture");
                found.push([note.id, `${card.name}, ${back ? "back" : "front"}`, wrong]);
            }
        }
    }
    stage.remove();
    return found;
}"""


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_of(sound(), tmp_path_factory.mktemp("site"))


def test_every_card_is_set_and_fits(chromium: Browser, page: Path) -> None:
    seen = Seen(chromium, page, 1400)
    notes = seen.page.evaluate("cardFrames.data.notes.length")
    found = [one for at in range(0, notes, 20) for one in seen.page.evaluate(LOOK, [at, at + 20])]
    deck = sound().deck
    assert deck
    assert len(found) == 2 * sum(len(note.ordinals) for note in deck.notes)
    none(problems(found))
    assert seen.loaded() == [page.as_uri()]
    assert seen.said == []
    seen.context.close()


def problems(found: list[tuple[str, str, list[str]]]) -> Iterator[Problem]:
    """What is wrong with cards of the page."""
    for name, side, words in found:
        for one in words:
            what = f"{name} ({side}) {one} on the site"
            yield wrong(cards()[name], what, "look at it with `make preview`")


def test_the_list_is_set_and_fits_a_telephone(chromium: Browser, page: Path) -> None:
    seen = Seen(chromium, page, 390)
    seen.page.evaluate(
        "Promise.all([...document.querySelectorAll('.prompt')].map(cardFrames.typeset))"
    )
    assert seen.page.evaluate("document.querySelectorAll('.prompt mjx-container').length") > 50
    assert seen.page.evaluate("document.querySelector('.prompt mjx-merror')") is None
    wide = "[...document.querySelectorAll('.entries li')].filter(one => one.scrollWidth > 390)"
    assert seen.page.evaluate(f"{wide}.map(one => one.innerText)") == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 390
    seen.context.close()


def test_the_page_is_small_enough_for_a_telephone(page: Path) -> None:
    size = page.stat().st_size
    assert size < LARGEST, f"the page has {size:,} bytes: make its pictures smaller"
