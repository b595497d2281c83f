"""A fixed share of each sweep; ``make sweep`` tries all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser

from tests.browser import reviewer
from tests.fuzz.harness import SHARE
from tests.sweep.cards import KNOWN_BAD, Cards
from tests.sweep.eyes import Eyes
from tests.sweep.formulas import Formulas
from tests.sweep.frame import BlindError, Finding, Outcome, Part, Sweep, swept
from tests.sweep.html import Html
from tests.sweep.on_page import OnPage

pytestmark = [pytest.mark.browser]
SEED = 1


@pytest.fixture(scope="module")
def eyes(chromium: Browser) -> Iterator[Eyes]:
    with reviewer(chromium) as page:
        yield Eyes(page)


@pytest.fixture(scope="module")
def on_page(chromium: Browser) -> Iterator[OnPage]:
    page = OnPage(chromium)
    yield page
    page.close()


def share(sweep: Sweep, most: int) -> Part:
    """The part in which about so many cases are tried; more of them in ``make test-all``."""
    sweep.batch = min(sweep.batch, most)
    return Part(1, max(1, round(sweep.total / (most * SHARE / 0.4))))


def tried(outcome: Outcome, record: Callable[[str, object], None]) -> None:
    """Nothing was found, and the cases got as far as they should."""
    for what, number in outcome.counts.items():
        record(what, number)
    assert outcome.findings == []
    assert min(outcome.counts.values()) > 0


@pytest.mark.anki
def test_hostile_cards_are_harmless_in_anki_and_in_a_browser(
    eyes: Eyes, on_page: OnPage, record_property: Callable[[str, object], None]
) -> None:
    cards = Cards(eyes, on_page)
    tried(swept(cards, share(cards, 75), SEED), record_property)


def test_formulas_are_harmless_in_anki_s_mathjax(
    eyes: Eyes, on_page: OnPage, record_property: Callable[[str, object], None]
) -> None:
    formulas = Formulas(eyes, on_page)
    tried(swept(formulas, share(formulas, 50), SEED), record_property)


def test_html_is_harmless_for_two_more_readers(
    eyes: Eyes, record_property: Callable[[str, object], None]
) -> None:
    html = Html(eyes)
    tried(swept(html, share(html, 500), SEED), record_property)


@pytest.mark.anki
def test_a_sweep_that_sees_nothing_says_so(
    eyes: Eyes, on_page: OnPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.sweep.cards.KNOWN_BAD", {**KNOWN_BAD, "nothing": "words"})
    with pytest.raises(BlindError, match=r"cards does not see: nothing$"):
        swept(Cards(eyes, on_page), Part(), SEED)


class _Even:
    """A sweep in which every even number is bad."""

    name, total, batch = "even", 10, 3

    def control(self) -> Iterator[str]:
        yield from ()

    def attempt(self, cases: Sequence[int], seed: int) -> Outcome:
        found = [Finding(case, "even", str(seed)) for case in cases if case % 2 == 0]
        outcome = Outcome(findings=found)
        outcome.counts["numbers"] = len(cases)
        return outcome


def test_the_parts_of_a_sweep_are_all_of_it() -> None:
    parts = [swept(_Even(), Part(number, 3), SEED) for number in (1, 2, 3)]
    assert sum(one.counts["numbers"] for one in parts) == 10
    assert sorted(found.case for one in parts for found in one.findings) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("text", ["0/3", "4/3"])
def test_a_part_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Part.read(text)
