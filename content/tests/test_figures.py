"""The deck's figures: light enough for a phone, and the cards quote what was measured.

Drawing them takes torch and some minutes, so that is no test: ``make figures`` draws them, and
``python content/figures/make.py --check`` says whether they still come out the same.
"""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from deck import CONTENT, cards, none, source, wrong

from deckwright.media.svg import clean_svg

FIGURES = CONTENT / "figures"
QUOTES = FIGURES / "quotes.toml"
MEDIA = CONTENT / "media"
MOST_BYTES = 60 * 1024
_DRAWN = """
aggregate-posterior.png blur-mean.png collapse-decoder.png collapse-noise.png
elbo-gap-iwae-masked.png elbo-gap-iwae.png em-gmm.png gradient-variance.png interpolation.png
kl-directions.svg kl-per-unit.png latent-grid.png plates-masked.svg plates.svg posterior-vs-q.png
rate-distortion.png recon-blur.png reparam-graph-masked.svg reparam-graph.svg
""".split()
DRAWN = [name for name in _DRAWN if (MEDIA / name).exists()]
"""The figures that scripts drew, but for those that left the deck with their cards."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _numbers() -> dict[str, float]:
    """Every measurement, by its script and its name."""
    measured = json.loads((FIGURES / "numbers.json").read_text(encoding="utf-8"))
    return {
        f"{script}: {name}": value
        for script, values in measured.items()
        for name, value in values.items()
    }


def _quotes() -> list[tuple[str, str, str]]:
    """Card, the text that it must have, and the measurement."""
    quotes = tomllib.loads(QUOTES.read_text(encoding="utf-8"))
    return [(card, text, name) for card, one in quotes.items() for text, name in one.items()]


def _rounds_to(value: float, shown: str, text: str) -> bool:
    """Whether a number is what it is shown as, as far as it is shown."""
    scale = 100 if f"{shown}%" in text else 1
    decimals = len(shown.partition(".")[2])
    return bool(abs(scale * value - float(shown)) <= 0.5 / 10.0**decimals + 1e-9)


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_light_and_as_wide_as_two_phones_pixels(name: str) -> None:
    data = (MEDIA / name).read_bytes()
    assert len(data) <= MOST_BYTES
    if name.endswith(".svg"):
        assert clean_svg(data)[1]
        assert b'width="780"' in data
    else:
        assert int.from_bytes(data[16:20], "big") == 780
        assert not re.search(rb"tEXt|iTXt|zTXt|tIME", data)


@pytest.mark.parametrize("name", [name for name in DRAWN if name.endswith(".svg")])
def test_words_of_a_drawing_are_at_least_eleven_pixels_on_a_phone(name: str) -> None:
    sizes = re.findall(r'font-size="([\d.]+)"', (MEDIA / name).read_text(encoding="utf-8"))
    assert all(float(size) >= 11 for size in sizes)
    assert sizes or name == "kl-directions.svg", "its words are outlines"


MASKED = {"plates": ">q<tspan", "reparam-graph": "ε"}
"""Drawings that cards ask about, and what they then do not show."""


@pytest.mark.parametrize(
    ("name", "answer"), [one for one in MASKED.items() if f"{one[0]}-masked.svg" in DRAWN]
)
def test_a_masked_drawing_does_not_hold_what_it_asks_for(name: str, answer: str) -> None:
    assert answer in (MEDIA / f"{name}.svg").read_text(encoding="utf-8")
    masked = (MEDIA / f"{name}-masked.svg").read_text(encoding="utf-8")
    assert answer not in masked
    assert ">?<" in masked


def test_a_quoted_number_is_the_measured_one_rounded() -> None:
    numbers = _numbers()
    none(
        wrong(
            cards().get(card, QUOTES),
            f"{text!r} in the card {card} is not what was measured: {numbers.get(name)} ({name})",
            "write the measured number, rounded, in the card and in content/figures/quotes.toml",
            card,
        )
        for card, text, name in _quotes()
        if name not in numbers
        or not (first := NUMBER.search(text))
        or not _rounds_to(numbers[name], first[0], text)
    )


def test_a_card_holds_the_number_that_it_is_said_to_quote() -> None:
    none(
        wrong(
            cards().get(card, QUOTES),
            f"the card {card} does not hold {text!r}, which it is said to quote",
            f"write in content/figures/quotes.toml, under [{card}], how the card has it now",
        )
        for card, text, _ in _quotes()
        if card in cards()
        and not re.search(rf"(?<![\d.]){re.escape(text)}(?!\.?\d)", source(cards()[card]))
    )


def test_every_card_that_is_said_to_quote_is_in_the_deck() -> None:
    gone = dict.fromkeys(card for card, _, _ in _quotes() if card not in cards())
    none(
        wrong(
            QUOTES,
            f"the card {card} is not in the deck",
            f"write its new id instead of [{card}], or remove that with the card",
            card,
        )
        for card in gone
    )


def test_every_number_that_learners_type_is_measured() -> None:
    quoted = {(card, text) for card, text, _ in _quotes()}
    typed = [
        (card, part.span.text.strip())
        for card in cards().values()
        for part in card.parts
        if part.name == "Typed"
    ]
    none(
        wrong(
            card,
            f"nothing in the deck computes {text}, which learners of the card {card.id} type",
            "compute it in content/figures/typed_answers.py, run make figures, and write into"
            f' content/figures/quotes.toml, under [{card.id}]: "{text}" = "typed_answers: …"',
        )
        for card, text in typed
        if NUMBER.fullmatch(text) and (card.id, text) not in quoted
    )
