"""Our packages in a real Anki: what a learner gets."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.real_anki import RenderedCard, rendered, verify
from tests.decks import card, make_deck
from tests.rendering.golden import SOURCES, deck_of

pytestmark = pytest.mark.anki


def build(root: Path, out: Path) -> Path:
    compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return write(package(compiled.deck, "dev", 1_700_000_000), out)


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of all golden sources."""
    root = tmp_path_factory.mktemp("golden")
    return build(deck_of(root / "deck", SOURCES), root / "out")


@pytest.fixture(scope="module")
def cards(golden: Path) -> dict[tuple[str, str], RenderedCard]:
    return {(shown.note, shown.template): shown for shown in rendered(golden)}


def text(html: str) -> str:
    """What a reader sees, without white space at its ends."""
    html = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def test_real_anki_imports_the_golden_cards_without_a_problem(golden: Path) -> None:
    report = verify(golden)
    assert report.failures == ()
    assert report.counts.notes == len(SOURCES) + 2  # two of them are of two cards
    assert report.counts.media == 2


def test_a_cloze_inside_a_formula_is_hidden_and_shown(
    cards: dict[tuple[str, str], RenderedCard],
) -> None:
    first, second = (cards["cloze-in-a-formula", f"Cloze {number}"] for number in (1, 2))
    assert r"\(\mathcal{L}_{\theta} = [...] - D_{\mathrm{KL} }\)" in text(first.question)
    assert r"= \mathbb{E}_{q_{\phi} }  - D_{\mathrm{KL} }\)" in text(first.answer)
    assert r"- [\text{a distance} ]\)" in text(second.question)


def test_nested_clozes_and_code_in_clozes_show_what_was_written(
    cards: dict[tuple[str, str], RenderedCard],
) -> None:
    assert "[...] and {1, {2}}." in text(cards["cloze-nested", "Cloze 1"].question)
    assert "a bold [...] one and {1, {2}}." in text(cards["cloze-nested", "Cloze 2"].question)
    assert "a bold nested one and {1, {2}}." in text(cards["cloze-nested", "Cloze 3"].answer)
    assert "std::map<K, {{V}}> and" in text(cards["cloze-around-code", "Cloze 1"].answer)
    assert "and [b]." in text(cards["cloze-around-code", "Cloze 3"].question)


def test_a_reverse_card_asks_for_the_prompt(cards: dict[tuple[str, str], RenderedCard]) -> None:
    reverse = cards["parts-all", "Reverse"]
    assert "Which is before four?" in text(reverse.question)
    assert "Parts all?" not in text(reverse.question)
    assert "Parts all?" in text(reverse.answer)
    assert "[[type:Typed]]" in cards["parts-all", "Card"].question


def test_what_anki_could_take_for_its_own_is_shown_as_text(
    cards: dict[tuple[str, str], RenderedCard],
) -> None:
    inert = cards["what-anki-would-take-for-its-own", "Card"].answer
    shown = r"[sound:a.mp3], [latex] x, [$]x[/$], [[type:Back]], {{Front}}, {{/x}}, \(x\),"
    assert f"{shown}\n{{{{Front}}}} and [anki:play:q:0]." in text(inert)
    code = cards["fence-with-marks-of-anki", "Card"].answer
    assert r"\(not maths\) [sound:none.mp3] {{c1::no cloze}}" in text(code)
    for mark in ("[sound", "[[type", "[anki", "[$]", "[latex]"):
        assert mark not in inert + code


def test_why_and_source_are_on_the_back_only(cards: dict[tuple[str, str], RenderedCard]) -> None:
    shown = cards["part-why-and-source", "Card"]
    assert "Any real number" not in shown.question
    assert "Any real number" in shown.answer
    assert "Kingma & Welling (2014), §3" in text(shown.answer)


def test_new_cards_come_in_the_order_of_the_sources(tmp_path: Path) -> None:
    names = [f"card-{number}" for number in (3, 1, 2)]
    text = "# T\n\n" + "\n".join(card("x", card_id=name) for name in names)
    path = build(make_deck(tmp_path / "deck", {"01-cards.md": text}), tmp_path)
    assert [shown.note for shown in rendered(path)] == names
    assert verify(path).failures == ()
