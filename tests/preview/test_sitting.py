"""A sitting in a real browser: by keyboard, by touch, and what is kept of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deckwright.compile import compile_deck
from tests.browser import Seen
from tests.preview.samples import edit, site_of, write_sample

pytestmark = pytest.mark.browser
STORED = "localStorage.getItem('deckwright progress sampler')"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without formulas, and so without MathJax: each of many pages is open at once."""
    folder = tmp_path_factory.mktemp("sample")
    deck = write_sample(folder / "deck")
    for one in deck.glob("*.md"):
        text = one.read_text(encoding="utf-8")
        one.write_text(re.sub(r"\$+[^$]*\$+", "x", text), encoding="utf-8")
    return site_of(compile_deck(deck), folder / "site")


@pytest.fixture
def seen(chromium: Browser, path: Path) -> Iterator[Seen]:
    """The place to study on a desk; it asked for nothing but itself, and complained of nothing."""
    page = Seen(chromium, path)
    page.open("#/study")
    yield page
    assert {*page.loaded()} == {path.as_uri()}
    assert page.said == []
    page.context.close()


def asked(seen: Seen) -> str:
    """The words of the card that is asked."""
    seen.settle()
    return str(seen.inside("d.body.innerText")[1])


def rate(seen: Seen, rating: int) -> None:
    """Show the answer and rate it, by keys."""
    seen.settle()
    seen.page.keyboard.press("Enter")
    seen.settle()
    seen.page.keyboard.press(str(rating))
    seen.settle()


def kept(seen: Seen) -> dict[str, int]:
    """The ratings that the browser keeps, by the keys of the cards."""
    text = seen.page.evaluate(STORED)
    cards = json.loads(text)["cards"] if text else {}
    return {key: one["rating"] for key, one in cards.items()}


def level(seen: Seen, number: int = 0) -> str:
    """How far a learner is: in the whole deck, or in a chapter from 1."""
    return str(seen.page.locator(".level .words").nth(number).inner_text())


def test_a_whole_sitting_by_keys_alone(seen: Seen) -> None:
    for _ in range(40):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement.id") == "BEGIN":
            break
    seen.page.keyboard.press("Enter")
    assert "capital of France" in asked(seen)
    assert "Seine" not in asked(seen)
    seen.page.keyboard.type("Pariz 1 u")  # in the box, keys are letters
    seen.page.keyboard.press("Enter")
    assert "Seine" in asked(seen)
    assert "Pariz 1 u" in asked(seen)
    seen.page.keyboard.press("Space")  # rates nothing
    seen.page.keyboard.press("1")
    order = []
    while seen.page.is_visible("#ROUND"):
        order.append(asked(seen).split("\n")[0])
        rate(seen, 5)
        assert len(order) < 30
    assert order[3] == "What is the capital of France?"
    assert len(order) == 8
    assert seen.page.inner_text("#SUMMARY_TITLE") == "All known"
    assert seen.page.inner_text("#SUMMARY_WORDS") == (
        "9 answers. You know 100 % of the whole deck."
    )
    assert "What is the capital of France?" in seen.page.inner_text("#HARD")
    assert {*kept(seen).values()} == {5}


def test_a_sitting_by_touch(chromium: Browser, path: Path) -> None:
    seen = Seen(chromium, path, 390, height=844, touch=True)
    seen.page.tap("#TO_STUDY")
    seen.page.select_option("#FROM", label="02 Others")
    seen.page.tap("#BEGIN")
    for rating in (2, 4, 5):
        asked(seen)
        seen.page.tap("#SHOW")
        seen.settle()
        seen.page.tap(f"[data-rating='{rating}']")
        seen.settle()
    assert seen.page.is_visible("#SUMMARY")
    assert kept(seen) == {"cairo/1": 5, "code/1": 4}
    seen.page.tap("#AGAIN")
    assert level(seen, 2) == "90 %, 2 of 2 seen"
    assert seen.said == []
    seen.context.close()


def test_the_lower_a_card_is_rated_the_sooner_it_returns(seen: Seen) -> None:
    seen.page.click("#BEGIN")
    firsts = []
    for rating in (1, 2, 5, 5, 5, 5, 5, 5, 5, 5):
        firsts.append(asked(seen).split("\n")[0])
        rate(seen, rating)
    assert firsts.index("What is the capital of France?", 1) == 4
    assert firsts.count("Spanish: the dog") == 2
    assert firsts.index("Spanish: the dog", 2) > 6


def test_what_is_shown_is_said_and_the_focus_is_at_hand(seen: Seen) -> None:
    seen.page.select_option("#FROM", label="02 Others")
    seen.page.click("#BEGIN")
    asked(seen)
    assert seen.page.inner_text("#LIVE") == "A question. 0 of 2 cards are known."
    assert seen.page.evaluate("document.activeElement.id") == "SHOW"
    seen.page.keyboard.press("Space")
    asked(seen)
    assert seen.page.inner_text("#LIVE").startswith("The answer is shown.")
    assert seen.page.evaluate("document.activeElement.localName") == "iframe"
    assert seen.inside("d.activeElement.className")[1] == "dw-answer"
    seen.page.keyboard.press("Space")
    assert kept(seen) == {}
    seen.page.keyboard.press("2")
    assert kept(seen) == {"cairo/1": 2}


def test_a_rating_can_be_taken_back(seen: Seen) -> None:
    seen.page.click("#BEGIN")
    first = asked(seen)
    rate(seen, 5)
    rate(seen, 1)
    seen.page.keyboard.press("u")
    seen.settle()
    assert kept(seen) == {"capital/1": 5}
    seen.page.click("#UNDO")
    assert asked(seen) == first
    assert kept(seen) == {}
    assert seen.page.is_disabled("#UNDO")


def test_progress_survives_loading_anew(seen: Seen) -> None:
    seen.page.click("#BEGIN")
    rate(seen, 4)
    seen.open("#/study")
    assert level(seen) == "10 %, 1 of 8 seen"


def test_progress_survives_a_new_version_by_id(chromium: Browser, tmp_path: Path) -> None:
    deck = write_sample(tmp_path / "deck")
    page = site_of(compile_deck(deck), tmp_path / "site")
    seen = Seen(chromium, page)
    seen.open("#/study")
    seen.page.click("#BEGIN")
    rate(seen, 4)
    rate(seen, 2)
    edit(deck, "id: capital -->", "id: capital-of-france\nwas: [capital]\n-->")
    edit(deck, "Spanish: the dog", "Spanish: a dog")
    site_of(compile_deck(deck), tmp_path / "site")
    seen.open("#/study")
    assert level(seen) == "15 %, 2 of 8 seen"
    seen.page.click("#BEGIN")
    assert "capital" in asked(seen)
    rate(seen, 5)
    assert kept(seen) == {"capital-of-france/1": 5, "dog/1": 2}
    seen.context.close()


def test_progress_is_saved_as_a_file_loaded_and_forgotten(seen: Seen, tmp_path: Path) -> None:
    seen.page.click("#BEGIN")
    rate(seen, 3)
    seen.page.click("#END")
    seen.page.click("#AGAIN")
    with seen.page.expect_download() as found:
        seen.page.click("#EXPORT")
    assert found.value.suggested_filename == "sampler-progress.json"
    found.value.save_as(tmp_path / "mine.json")
    seen.page.click("#RESET")
    assert level(seen) == "8 new"
    assert kept(seen) == {}
    seen.page.set_input_files("#IMPORT", tmp_path / "mine.json")
    seen.wait("document.getElementById('SAID').textContent.startsWith('Loaded')")
    assert seen.page.inner_text("#SAID") == "Loaded the ratings of 1 card."
    assert kept(seen) == {"capital/1": 3}
    assert level(seen, 1) == "10 %, 1 of 6 seen"
    assert seen.said.pop().startswith("Forget all progress"), "it asks first"


def test_a_file_of_another_deck_is_refused_in_words(seen: Seen, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"format": 1, "deck": "chemistry", "cards": {}}')
    seen.page.set_input_files("#IMPORT", other)
    seen.wait("document.getElementById('SAID').textContent !== ''")
    assert "another deck" in seen.page.inner_text("#SAID")


def test_progress_of_a_newer_page_is_not_written_over(seen: Seen) -> None:
    newer = '{"format": 2, "deck": "sampler", "cards": {}}'
    seen.page.evaluate(f"localStorage.setItem('deckwright progress sampler', '{newer}')")
    seen.open("#/study")
    seen.page.click("#BEGIN")
    rate(seen, 3)
    assert seen.page.evaluate(STORED) == newer
    assert "newer version" in seen.page.inner_text("#SAID")


def test_two_tabs_lose_nothing_of_each_other(seen: Seen) -> None:
    seen.page.click("#BEGIN")
    rate(seen, 3)
    other = seen.context.new_page()
    other.goto(f"{seen.address}#/study")
    other.select_option("#FROM", label="02 Others")
    other.click("#BEGIN")
    other.keyboard.press("Space")
    other.wait_for_selector("#RATE")
    other.keyboard.press("2")
    other.close()
    rate(seen, 4)
    assert kept(seen) == {"capital/1": 3, "cairo/1": 2, "dog/1": 4}


def test_undo_takes_back_nothing_that_another_tab_said(seen: Seen) -> None:
    seen.page.click("#BEGIN")
    rate(seen, 2)
    text = seen.page.evaluate(STORED)
    newer = json.loads(text)
    newer["cards"]["capital/1"] = {"rating": 5, "at": 4e12, "times": 2}
    seen.page.evaluate(
        "text => localStorage.setItem('deckwright progress sampler', text)", json.dumps(newer)
    )
    seen.page.keyboard.press("u")
    seen.settle()
    assert kept(seen) == {"capital/1": 5}


def test_what_another_tab_forgot_stays_forgotten(seen: Seen) -> None:
    seen.page.click("#BEGIN")
    rate(seen, 3)
    seen.page.evaluate("localStorage.removeItem('deckwright progress sampler')")
    rate(seen, 4)
    assert kept(seen) == {"dog/1": 4}


def test_where_a_browser_keeps_nothing_it_says_so(chromium: Browser, path: Path) -> None:
    seen = Seen(chromium, path)
    seen.page.add_init_script("delete Storage.prototype.setItem")
    seen.open("#/study")
    seen.page.click("#BEGIN")
    rate(seen, 3)
    assert "keeps nothing" in seen.page.inner_text("#SAID")
    rate(seen, 4)
    seen.page.keyboard.press("u")
    rate(seen, 5)
    seen.page.click("#END")
    assert seen.page.inner_text("#SUMMARY_WORDS").startswith("2 answers")
    seen.page.click("#AGAIN")
    assert level(seen) == "20 %, 2 of 8 seen"
    seen.context.close()


def test_the_last_rating_of_all_can_be_taken_back(seen: Seen) -> None:
    seen.page.select_option("#FROM", label="02 Others")
    seen.page.click("#BEGIN")
    rate(seen, 5)
    rate(seen, 4)
    assert seen.page.is_visible("#SUMMARY")
    seen.page.keyboard.press("u")
    assert "f" in asked(seen)
    assert kept(seen) == {"cairo/1": 5}


def test_what_is_typed_stays_when_the_theme_changes(seen: Seen) -> None:
    seen.page.click("#BEGIN")
    asked(seen)
    seen.page.keyboard.type("Par")
    seen.page.click("#THEME")
    asked(seen)
    assert seen.inside("d.querySelector('input')?.value")[1] == "Par"


def test_a_tap_on_the_card_shows_the_answer(chromium: Browser, path: Path) -> None:
    seen = Seen(chromium, path, 390, touch=True)
    seen.open("#/study")
    seen.page.tap("#BEGIN")
    asked(seen)
    seen.page.touchscreen.tap(200, 200)
    assert "Seine" in asked(seen)
    seen.context.close()


def test_it_says_that_this_is_not_ankis_progress(seen: Seen) -> None:
    words = seen.page.inner_text("#START")
    assert "It is not Anki’s, and moves nowhere: this page is for trying the deck." in words


def test_the_cards_of_a_search_can_be_studied(seen: Seen) -> None:
    seen.page.click("#TO_BROWSE")
    seen.page.fill("#WORDS", "maths")
    seen.page.click("#TO_STUDY")
    seen.page.select_option("#FROM", "found")
    seen.page.check("input[name=most][value='']")
    seen.page.click("#BEGIN")
    assert "Moments of a Gaussian" in asked(seen)
    assert seen.page.inner_text("#COUNT") == "0 of 3"
