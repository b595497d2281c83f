"""No text of a card's size stalls the reader: it is read as GitHub reads it, or refused before."""

from __future__ import annotations

import pytest

from deckwright.rendering.markdown import TooDeepError
from deckwright.source.limits import MAX_CARD, excess
from tests.fuzz.harness import patience
from tests.rendering.comparison import compare, our_html
from tests.rendering.oddities import explanation
from tests.rendering.worst import render_whole, shapes

SHAPES = shapes()
MOST_REFUSED = 21


def test_the_shapes_are_as_long_as_a_card_may_be() -> None:
    short = [name for name, text in SHAPES.items() if len(text) < MAX_CARD - 200]
    assert short == ["links in links", "lists in lists"]
    assert len(SHAPES) == 121
    assert max(map(len, SHAPES.values())) <= MAX_CARD


@pytest.mark.parametrize("name", [name for name in SHAPES if not name.endswith(" in a card")])
def test_a_text_that_is_made_to_stall_is_read_or_refused(name: str) -> None:
    with patience():
        if not refused(SHAPES[name]):
            compared = compare(SHAPES[name])
            assert compared.agree or explanation(compared), name


@pytest.mark.parametrize("name", SHAPES)
def test_a_card_that_is_made_to_stall_is_rendered_or_refused(name: str) -> None:
    with patience():
        rendered = render_whole(SHAPES[name][:-200])
    assert len(rendered) <= 1


def test_most_of_them_are_read() -> None:
    assert len([text for text in SHAPES.values() if refused(text)]) <= MOST_REFUSED


def refused(text: str) -> bool:
    """Whether a text is too much to be read."""
    if excess(text):
        return True
    try:
        our_html(text)
    except TooDeepError:
        return True
    return False
