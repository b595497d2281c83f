"""Draw the deck's figures, and write down the numbers that its cards quote.

    python content/figures/make.py                  all of them, into content/media/
    python content/figures/make.py em_gmm blur_mean some of them
    python content/figures/make.py --check          draw all elsewhere; compare numbers and sizes

Every script here has a function ``draw`` that writes its figures into a folder and gives the
numbers that it measured. They go into numbers.json; quotes.toml says which card quotes which.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
MEDIA = HERE.parent / "media"
NUMBERS = HERE / "numbers.json"
SCRIPTS = (
    "plates",
    "reparam_graph",
    "typed_answers",
    "kl_directions",
    "em_gmm",
    "gradient_variance",
    "blur_mean",
    "collapse_noise",
    "collapse_decoder",
    "recon_blur",
    "latent_grid",
    "interpolation",
    "posterior_vs_q",
    "elbo_gap_iwae",
    "kl_per_unit",
    "aggregate_posterior",
    "rate_distortion",
)
MOST_BYTES = 60 * 1024

# One thread: two that wait for each other on a busy machine take ten times as long. It must be
# said before the scripts import NumPy and torch.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

Numbers = dict[str, dict[str, float]]


def draw(scripts: list[str], media: Path) -> Numbers:
    """Run the scripts one by one, and say how long each took."""
    numbers: Numbers = {}
    for count, script in enumerate(scripts, 1):
        print(f"{count:2}/{len(scripts)} {script:20}", end=" ", flush=True)
        start = time.monotonic()
        measured = importlib.import_module(script).draw(media)
        numbers[script] = {name: float(f"{value:.4g}") for name, value in measured.items()}
        print(f"{time.monotonic() - start:6.1f} s", flush=True)
    return numbers


def differences(old: Numbers, new: Numbers) -> list[str]:
    """Which numbers are not the same; another machine's arithmetic may move them a little."""
    found = []
    for script in sorted(old.keys() | new.keys()):
        before, after = old.get(script, {}), new.get(script, {})
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, math.nan), after.get(name, math.nan)
            if not math.isclose(one, other, rel_tol=0.05, abs_tol=0.02):
                found.append(f"{script}, {name}: was {one:g}, is {other:g}")
    return found


def too_big(media: Path) -> list[str]:
    """Which figures a phone should not have to fetch."""
    return [
        f"{path.name}: {path.stat().st_size / 1024:.0f} KB, more than {MOST_BYTES // 1024}"
        for path in sorted(media.iterdir())
        if path.stat().st_size > MOST_BYTES
    ]


def check() -> list[str]:
    """Draw everything in a folder of its own, and compare with what is kept."""
    with tempfile.TemporaryDirectory() as folder:
        media = Path(folder)
        found = differences(json.loads(NUMBERS.read_text("utf-8")), draw(list(SCRIPTS), media))
        drawn = {path.name for path in media.iterdir()}
        missing = [f"{name}: not in content/media/" for name in sorted(drawn - _kept())]
        return found + too_big(media) + missing


def _kept() -> set[str]:
    return {path.name for path in MEDIA.iterdir()}


def write(scripts: list[str]) -> list[str]:
    """Draw into the deck, and keep the numbers of the scripts that did not run."""
    MEDIA.mkdir(exist_ok=True)
    kept: Numbers = json.loads(NUMBERS.read_text("utf-8")) if NUMBERS.exists() else {}
    numbers = {**kept, **draw(scripts, MEDIA)}
    ordered = {script: numbers[script] for script in SCRIPTS if numbers.get(script)}
    NUMBERS.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return too_big(MEDIA)


def main() -> int:
    """Draw, and name what is wrong."""
    parser = argparse.ArgumentParser(description="Draw the deck's figures.")
    parser.add_argument("scripts", nargs="*", metavar="script", help="all where none is named")
    parser.add_argument("--check", action="store_true", help="compare, and change nothing")
    options = parser.parse_args()
    if unknown := sorted(set(options.scripts) - set(SCRIPTS)):
        parser.error(f"there is no {unknown[0]}; the scripts are {', '.join(SCRIPTS)}")
    start = time.monotonic()
    faults = check() if options.check else write(options.scripts or list(SCRIPTS))
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    print(f"{time.monotonic() - start:.0f} seconds in all")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
