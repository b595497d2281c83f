"""No text of a card's size stalls the reader: it is read as GitHub reads it, or refused before."""

from __future__ import annotations

import pytest

from deckwright.limits import MAX_CARD, excess
from tests.fuzz.harness import patience
from tests.rendering.comparison import compare
from tests.rendering.oddities import explanation
from tests.rendering.worst import shapes

SHAPES = shapes()
MOST_REFUSED = 17


def test_the_shapes_are_as_long_as_a_card_may_be() -> None:
    assert len(SHAPES) == 85
    assert len([text for text in SHAPES.values() if len(text) > MAX_CARD - 200]) == 83
    assert max(map(len, SHAPES.values())) <= MAX_CARD


@pytest.mark.parametrize("name", SHAPES)
def test_a_text_that_is_made_to_stall_is_read_or_refused(name: str) -> None:
    if not excess(SHAPES[name]):
        with patience():
            compared = compare(SHAPES[name])
        assert compared.agree or explanation(compared), name


def test_most_of_them_are_read() -> None:
    assert len([text for text in SHAPES.values() if excess(text)]) <= MOST_REFUSED
