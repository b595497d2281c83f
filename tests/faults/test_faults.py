"""A fault at the n-th write to the disk, for each n: the old or the new is there, whole.

``DECKWRIGHT_FAULTS=all`` tries each n in each way; without, a share of them is tried.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from deckwright.releases.changelog import FILE as CHANGELOG
from deckwright.releases.ledger import FILE as LEDGER
from tests.faults.inject import break_at
from tests.faults.scene import Scene, built, released, whole

ALL = os.environ.get("DECKWRIGHT_FAULTS") == "all"
HOW = ("error", "kill", "torn")
Record = Callable[[str, object], None]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a kill is Unix's SIGKILL here")


def numbers(how: str, step: int) -> Iterator[int]:
    """Which writes fail, without an end: all, or every so many, other ones for each way."""
    return count(1) if ALL else count(1 + HOW.index(how) * step // len(HOW), step)


def faulty(place: Scene, number: int, how: str, *args: str) -> bool:
    """Run with a fault; whether it was reached. There is never a traceback."""
    done = place.run(*args, before=partial(break_at, number, how, str(place.root)))
    reached = bool((place.root / "reached").read_bytes()) or done.returncode < 0
    assert "Traceback" not in done.stderr, done.stderr
    if not reached:
        assert done.returncode == 0, done.stderr
    elif how == "error":
        # A formula cache that cannot be written costs time, and nothing else.
        assert done.returncode in (0, 2), done.stderr
        assert done.returncode == 0 or "No space left on device" in done.stderr
    return reached


@pytest.mark.parametrize("how", HOW)
def test_a_build_that_fails_at_its_nth_write_leaves_the_old_or_the_new(
    how: str, tmp_path: Path, record_property: Record
) -> None:
    start = built(tmp_path / "start")
    before = start.tree()
    undisturbed = start.copy("undisturbed")
    assert undisturbed.run("build").returncode == 0
    new = undisturbed.tree()
    states: Counter[str] = Counter()
    for number in numbers(how, 4):
        place = start.copy("trial")
        if not faulty(place, number, how, "build"):
            break
        states[whole(before, new, place.tree())] += 1
        done = place.run("build")
        assert done.returncode == 0, done.stderr
        assert place.tree() == new
        place.nothing_is_left()
    assert number > 10
    record_property("tried", states.total())
    for state, times in states.items():
        record_property(state, times)


@pytest.mark.parametrize("how", HOW)
def test_a_release_that_fails_at_its_nth_write_leaves_the_old_or_the_new(
    how: str, tmp_path: Path, record_property: Record
) -> None:
    pytest.importorskip("anki")
    start = released(tmp_path / "start")
    before = start.tree()
    undisturbed = start.copy("undisturbed")
    assert undisturbed.run("release", "1.1.0").returncode == 0
    new = undisturbed.tree()
    states: Counter[str] = Counter()
    for number in numbers(how, 30):
        place = start.copy("trial")
        if not faulty(place, number, how, "release", "1.1.0"):
            break
        now = place.tree()
        states[whole(before, new, now)] += 1
        if now[f"content/{LEDGER}"] != before[f"content/{LEDGER}"]:  # which is the release
            assert now["dist/examples-1.1.0.apkg"] == new["dist/examples-1.1.0.apkg"]
        else:
            assert now[f"content/{CHANGELOG}"] == before[f"content/{CHANGELOG}"]
        done = place.run("release", "1.1.0")
        assert done.returncode == 0, done.stderr
        assert place.tree() == new
        place.nothing_is_left()
    assert number > 20
    record_property("tried", states.total())
    for state, times in states.items():
        record_property(state, times)
