"""How long formulas take to prove: cold, from the cache, and one by one.

Each figure comes from a fresh process. The formulas are those of the tests that Anki typesets,
with other letters in each round, so that no two are the same.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from deckwright.mathjax.engine import THREAD_STACK, Engine, Typeset
from deckwright.mathjax.prove import prove

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parent / "tests" / "formulas" / "corpus.tsv"
LETTER = re.compile(r"(?<![\\A-Za-z])[a-z](?![A-Za-z0-9])")


@dataclass(frozen=True)
class Run:
    """What one process took, and the milliseconds that it measured itself."""

    seconds: float
    processor: float
    megabytes: float
    inside: float


def formulas(path: Path, number: int) -> list[Typeset]:
    """So many different formulas, or as many as there can be."""
    with path.open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    sound = [row for row in rows if row["gt_status"] == "ok" and not row["flags"]]
    found = dict.fromkeys(
        Typeset(_changed(row["tex"].replace("␤", "\n"), by), row["mode"] == "display")
        for by in range(26)
        for row in sound
    )
    return list(found)[:number]


def _changed(tex: str, by: int) -> str:
    """A formula with every letter that stands alone moved on in the alphabet."""
    return LETTER.sub(lambda letter: chr((ord(letter[0]) - ord("a") + by) % 26 + ord("a")), tex)


def run(what: str, options: argparse.Namespace, cache: str) -> Run:
    """Measure one thing in a fresh process."""
    arguments = ("--inside", what, "--number", str(options.number), "--corpus", options.corpus)
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            (sys.executable, str(HERE / "formulas.py"), *arguments),
            stdout=output,
            env={**os.environ, "DECKWRIGHT_CACHE": cache},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{what} failed")
        output.seek(0)
        inside = float(json.load(output))
    # Linux counts kilobytes, macOS bytes.
    peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak, inside)


def inside(what: str, wanted: list[Typeset]) -> float:
    """Milliseconds of ``prove``, of the start of an engine, or of a formula (the median)."""
    took: list[float] = []

    def timed() -> None:
        started = time.perf_counter()
        if what == "prove":
            prove(wanted)
            took.append(time.perf_counter() - started)
            return
        engine = Engine()
        took.append(time.perf_counter() - started)
        for formula in wanted if what == "formula" else ():
            started = time.perf_counter()
            engine.prove([formula])
            took.append(time.perf_counter() - started)
        engine.close()

    threading.stack_size(THREAD_STACK)
    thread = threading.Thread(target=timed)
    thread.start()
    thread.join()
    return 1e3 * median(took[1:] or took)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--number", type=int, default=1000)
    options.add_argument("--corpus", default=str(CORPUS))
    options.add_argument("--inside", choices=("prove", "engine", "formula"))
    chosen = options.parse_args()
    wanted = formulas(Path(chosen.corpus), chosen.number)
    if chosen.inside:
        print(inside(chosen.inside, wanted))
        return
    with tempfile.TemporaryDirectory() as cache:
        runs = {
            "cold": run("prove", chosen, cache),
            "warm": run("prove", chosen, cache),
            "one engine": run("engine", chosen, cache),
            "a formula": run("formula", chosen, cache),
        }
    print(f"{len(wanted):,} formulas\n")
    print(f"{'':12}{'seconds':>10}{'processor':>11}{'peak MB':>9}{'measured ms':>13}")
    for name, one in runs.items():
        print(
            f"{name:12}{one.seconds:10.2f}{one.processor:11.2f}"
            f"{one.megabytes:9.0f}{one.inside:13.1f}"
        )


if __name__ == "__main__":
    main()
