"""Where the time goes: deckwright beside the script that one would write first.

Whole processes first, each in a fresh interpreter and in turn (A B C A B C), so that a machine
that slows down slows all of them; then the stages of one build. Seconds are the processor's, as
other work on the machine stretches these least; they differ between machines, the ratios hardly.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from statistics import median

import corpus

HERE = Path(__file__).resolve().parent
STAGES = {
    "reading files": ("source.folder.load",),
    "cards and comments": ("source.cards.parse",),
    "formulas and clozes": ("rendering.scan.scan",),
    "Markdown": ("rendering.markdown.read",),
    "sanitising": ("rendering.html.clean",),
    "colours of code": ("rendering.code.highlight",),
    "packaging": ("apkg.package.package",),
}
"""The functions of deckwright that make up each stage; none of them calls another."""


@dataclass(frozen=True)
class Run:
    """What one process took."""

    seconds: float
    megabytes: float
    """The most memory that it held."""


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a command to its end; ends the program where it fails."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{' '.join(command)}\n{output.read().decode()}")
    # Linux counts kilobytes, macOS bytes.
    return Run(
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3),
    )


def alternate(commands: Mapping[str, Sequence[str]], runs: int, folder: Path) -> dict[str, Run]:
    """The medians of some commands, run in turn."""
    # A cache of bytecode for this run alone: as after an installation, whatever the environment.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    rounds = [
        {name: run(command, environment) for name, command in commands.items()}
        for _ in range(runs + 1)
    ][1:]  # the first fills the caches
    return {
        name: Run(
            median(one[name].seconds for one in rounds),
            median(one[name].megabytes for one in rounds),
        )
        for name in commands
    }


def processes(deck: Path, folder: Path) -> dict[str, Sequence[str]]:
    """What is measured on a deck; the yardstick first."""
    deckwright = (sys.executable, "-m", "deckwright")
    return {
        "naive": (sys.executable, str(HERE / "naive.py"), str(deck), str(folder / "naive.apkg")),
        "build": (*deckwright, "build", str(deck), "-o", str(folder / "dist")),
        "check": (*deckwright, "check", str(deck)),
    }


def table(measured: Mapping[str, Run]) -> Iterator[str]:
    """Lines of a table; the ratios are to the first row."""
    yardstick = next(iter(measured.values()))
    yield f"{'':12}{'seconds':>10}{'ratio':>8}{'peak MB':>10}"
    for name, one in measured.items():
        ratio = one.seconds / yardstick.seconds
        yield f"{name:12}{one.seconds:10.2f}{ratio:8.2f}{one.megabytes:10.0f}"


def stages(deck: Path) -> dict[str, float]:
    """The seconds of each stage of one build in this process, and of all the rest."""
    # Imported after the processes, whose peaks of memory start at ours.
    compiler = import_module("deckwright.compile")
    packer = import_module("deckwright.apkg.package")
    spent = dict.fromkeys(STAGES, 0.0)
    for stage, names in STAGES.items():
        for name in names:
            _time(name, stage, spent)
    started = time.process_time()
    packer.package(compiler.compile_deck(deck, budget=None).deck, "dev", 0)
    total = time.process_time() - started
    return {**spent, "the rest": total - sum(spent.values())}


def _time(name: str, stage: str, spent: dict[str, float]) -> None:
    """Add up what a function takes, wherever deckwright calls it from."""
    module, _, attribute = name.rpartition(".")
    function = getattr(import_module(f"deckwright.{module}"), attribute)

    @wraps(function)
    def timed(*values: object, **named: object) -> object:
        started = time.process_time()
        try:
            return function(*values, **named)
        finally:
            spent[stage] += time.process_time() - started

    for owner in [one for name, one in sys.modules.items() if name.startswith("deckwright")]:
        for bound, value in list(vars(owner).items()):
            if value is function:
                setattr(owner, bound, timed)


def main() -> None:
    options = argparse.ArgumentParser(description="Measure where the time goes, as ratios.")
    options.add_argument("--cards", type=int, default=2000)
    options.add_argument("--per-file", type=int, default=50)
    options.add_argument("--runs", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus.write(folder / "one", 1)
        corpus.write(folder / "many", chosen.cards, chosen.per_file)
        starts = processes(folder / "one", folder)
        starts["--version"] = (sys.executable, "-m", "deckwright", "--version")
        starts["python"] = (sys.executable, "-c", "")
        print(f"Medians of {chosen.runs} runs\n\n{chosen.cards:,} cards")
        print(*table(alternate(processes(folder / "many", folder), chosen.runs, folder)), sep="\n")
        print("\nOne card: what it takes to start")
        print(*table(alternate(starts, max(chosen.runs, 9), folder)), sep="\n")
        print(f"\nStages of one build of {chosen.cards:,} cards, in one process")
        spent = stages(folder / "many")
        for stage, seconds in spent.items():
            print(f"{stage:20}{seconds:8.2f} s{seconds / sum(spent.values()):6.0%}")


if __name__ == "__main__":
    main()
