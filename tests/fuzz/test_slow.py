"""No deck takes long to check: shapes that were slow, and some by chance.

All is processor time, and compared with that of plain words of the same length. ``make slow``
searches for shapes that are worse.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from random import Random

import pytest

from deckwright.source.limits import MAX_FILE
from tests.fuzz.harness import SHARE
from tests.fuzz.slow import SEEDS, Measured, Shape, first, taken
from tests.fuzz.slow_places import PLACES, Files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fork")
PLAIN = Shape("answer", ("word ",))
TIMES = 60
"""How many times as long as plain words anything may take; the worst known takes thirty."""
GROWTH = 3.2
"""How many times as long twice the text may take, once the start is taken off; a square is 4."""
NOISE = 0.15
"""Seconds in which no growth is seen."""
LONG = 4.0


@cache
def plain(part: float) -> Measured:
    return taken(PLAIN, part)


def fair(shape: Shape, part: float) -> None:
    """A shape takes not much longer than plain words, and twice of it about twice as long.

    What else runs on the machine only adds to it: of three times, the best one counts.
    """
    for _ in range(2):
        with suppress(AssertionError):
            return _fair(shape, part)
    return _fair(shape, part)


def _fair(shape: Shape, part: float) -> None:
    half, whole = (taken(shape, one, LONG) for one in (part / 2, part))
    assert not whole.failure, shape
    assert whole.seconds < TIMES * plain(part).seconds, shape
    start = plain(part).seconds
    assert whole.seconds - start < GROWTH * max(NOISE, half.seconds - start), shape


@pytest.mark.parametrize(
    "shape",
    SEEDS if SHARE > 1 else SEEDS[::3],
    ids=lambda one: f"{one.place} {one.pieces[0][:12]!a}",
)
def test_what_was_slow_is_not(shape: Shape) -> None:
    fair(shape, 1 / 8)


def test_what_chance_makes_is_not_slow() -> None:
    chance = Random(1)
    for _ in range(int(5 * SHARE)):
        fair(first(chance), 1 / 16)


UNLIMITED = {"drawing", "fields of the ledger", "description"}
"""Places in files that may have more than this, and than what is in the place itself."""


@pytest.mark.parametrize("pieces", [("a ",), ("w@n ", "é"), ("日本",)])
def test_a_text_is_as_long_as_its_place_allows(pieces: tuple[str, ...]) -> None:
    for place, (_, most) in PLACES.items():
        files = Shape(place, pieces).files(most)
        largest = max(len(one.encode() if isinstance(one, str) else one) for one in files.values())
        assert most * 0.8 < largest <= most or place in UNLIMITED, place


class _Cube(Shape):
    """A shape that is an eighth as long at half its size."""

    def files(self, size: int) -> Files:
        return super().files(64 * size**3 // MAX_FILE**2)


def test_what_takes_ever_more_of_the_time_is_seen() -> None:
    with pytest.raises(AssertionError):
        fair(_Cube("prompt", ("<a>",), each=60), 3 / 16)
