"""``kill -9`` of a build at any moment. Those of releases are in ``releases/test_release.py``.

``DECKWRIGHT_EXAMPLES`` is how many builds are killed.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.scene import Scene, built, whole
from tests.program import started

KILLS = int(os.environ.get("DECKWRIGHT_EXAMPLES", "8"))
BATCHES = 4
"""The kills are shared out among so many tests, which run beside each other."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a kill is Unix's SIGKILL here")


def kill_a_build(place: Scene, chance: random.Random, seconds: float) -> bool:
    """Kill a build anywhere, or right where it writes; whether it was done before."""
    dist = place.work / "dist"
    with started("build", cwd=place.work, output=place.root, env=place.env) as process:
        if chance.random() < 0.3:
            time.sleep(chance.uniform(0, seconds))
        else:
            while process.exitcode is None and not [*dist.glob(".*.tmp")]:
                time.sleep(0.0002)
            time.sleep(chance.uniform(0, 0.003))
        process.kill()
        process.join()
        return process.exitcode == 0


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_killed_build_leaves_the_old_package_or_the_new(
    batch: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(batch if "CI" in os.environ else None)
    start = built(tmp_path / "start")
    before = start.tree()
    undisturbed = start.copy("undisturbed")
    started = time.monotonic()
    assert undisturbed.run("build").returncode == 0
    seconds = time.monotonic() - started
    new = undisturbed.tree()
    states: Counter[str] = Counter()
    for _ in range(max(KILLS // BATCHES, 1)):
        place = start.copy("trial")
        finished = kill_a_build(place, chance, seconds)
        state = whole(before, new, place.tree())
        states["finished" if finished else state] += 1
        assert state == "new" or not finished
        done = place.run("build")
        assert done.returncode == 0, done.stderr
        assert place.tree() == new
        place.nothing_is_left()
    for state, number in states.items():
        record_property(state, number)
