"""``python -m tests.fuzz MINUTES [TARGET]``: all targets by chance, in turn, on every core.

Prints how many cases each target tried and passed. What fails is made small, printed, and kept in
``.hypothesis``, where the next run tries it first.
"""

from __future__ import annotations

import importlib
import json
import secrets
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from threading import Thread

from deckwright.mathjax.prove import cores
from tests.fuzz.harness import CASES, TARGETS

SLICE = 4.0
"""For how many seconds one target is tried before the next."""
FIRST, MOST = 100, 4_000
"""How many cases the first slice of a target has, and any at most."""
GRACE = 120.0
"""How many seconds a worker may need to end its last slice."""


def _load() -> None:
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(f"tests.fuzz.{path.stem}")


def _worker(deadline: float, wanted: str) -> None:
    """Try targets until a time; say in lines of JSON what is tried, and what came of it."""
    _load()
    numbers = {name: FIRST for name in sorted(TARGETS) if wanted in name}
    while numbers and time.time() < deadline:
        for name in list(numbers):
            print(json.dumps({"start": name}), flush=True)
            before, started = CASES[name], time.monotonic()
            failure = ""
            try:
                TARGETS[name].run(numbers[name], secrets.randbits(64))
            except Exception:
                failure = traceback.format_exc(limit=-6)
            spent = time.monotonic() - started
            row = {"target": name, "cases": CASES[name] - before, "failure": failure}
            print(json.dumps(row), flush=True)
            if failure:  # it would be found again and again
                del numbers[name]
            elif time.time() >= deadline:
                break
            else:
                numbers[name] = int(min(MOST, max(20, numbers[name] * SLICE / spent)))


class _Watch:
    """Reads what a worker says."""

    def __init__(self, minutes: float, wanted: str) -> None:
        command = [sys.executable, "-m", "tests.fuzz", "--worker"]
        self.process = subprocess.Popen(
            [*command, str(time.time() + minutes * 60), wanted], stdout=subprocess.PIPE, text=True
        )
        self.cases: Counter[str] = Counter()
        self.failures: list[tuple[str, str]] = []
        self.trying = ""
        self.thread = Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            row = json.loads(line)
            self.trying = row.get("start", "")
            if "target" in row:
                self.cases[row["target"]] += row["cases"]
                if row["failure"]:
                    self.failures.append((row["target"], row["failure"]))

    def end(self, seconds: float) -> None:
        """Wait for the worker; one that crashes or does not end is a failure too."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.failures.append((self.trying, "does not end"))
        else:
            if code:
                self.failures.append((self.trying, f"ended its process with {code}"))
        self.thread.join()


def _fuzz(minutes: float, wanted: str) -> int:
    watches = [_Watch(minutes, wanted) for _ in range(cores())]
    deadline = time.monotonic() + minutes * 60 + GRACE
    for watch in watches:
        watch.end(max(1.0, deadline - time.monotonic()))
    total = sum((watch.cases for watch in watches), Counter())
    failures = [failure for watch in watches for failure in watch.failures]
    for name, words in failures:
        print(f"\n--- {name} ---\n{words}")
    for name in sorted(total):
        print(f"{total[name]:>12,}  {name}")
    print(f"{total.total():>12,}  cases in {minutes:g} minutes on {cores()} cores,", end=" ")
    print(f"{len(failures) or 'no'} failure{'s' * (len(failures) != 1)}")
    return 1 if failures or not total else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        _worker(float(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(_fuzz(float(sys.argv[1]), *sys.argv[2:3] or [""]))
