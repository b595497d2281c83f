"""The command line of the sweeps: what they reach on stderr, a table at the end on stdout."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from tests.browser import find_chromium, launch, reviewer
from tests.sweep.cards import Cards
from tests.sweep.eyes import Eyes
from tests.sweep.formulas import Formulas
from tests.sweep.frame import BlindError, Outcome, Part, Sweep, swept
from tests.sweep.html import Html
from tests.sweep.on_page import OnPage

NAMES = ("cards", "formulas", "html")


@contextmanager
def sweeps() -> Iterator[tuple[Sweep, ...]]:
    """All sweeps, with a browser that they share."""
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium on this machine: install one, or name it in CHROMIUM")
    with launch(path) as browser, reviewer(browser) as page:
        eyes = Eyes(page)
        on_page = OnPage(browser)
        yield Cards(eyes, on_page), Formulas(eyes, on_page), Html(eyes)


def _sweep(one: Sweep, asked: argparse.Namespace) -> Outcome:
    def report(outcome: Outcome, seconds: float) -> None:
        words = ", ".join(f"{number:,} {what}" for what, number in outcome.counts.items())
        findings = f"{len(outcome.findings)} findings"
        print(f"{one.name}: {words}, {findings}, {seconds:.0f} s", file=sys.stderr, flush=True)

    outcome = swept(one, asked.part, asked.seed, asked.minutes, report)
    for found in outcome.findings:
        again = f"python -m tests.sweep {one.name} --seed {asked.seed} --case {found.case}"
        print(f"\n--- {found.what} ({again})\n{found.text}\n", file=sys.stderr)
    return outcome


def _again(one: Sweep, asked: argparse.Namespace) -> Outcome:
    """Try the batch of a single case."""
    start = asked.case - asked.case % one.batch
    return one.attempt(range(start, min(start + one.batch, one.total)), asked.seed)


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.sweep", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SWEEP", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--seed", type=int, default=1, help="another number, other cases")
    parser.add_argument("--part", type=Part.read, default=Part(), help="3/10 is the third tenth")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="for each, at most")
    parser.add_argument("--case", type=int, help="the batch of one case, of one sweep")
    asked = parser.parse_args()
    if unknown := {*asked.names} - {*NAMES}:
        parser.error(f"no sweep {' '.join(unknown)}: there is {', '.join(NAMES)}")
    failed = False
    with TemporaryDirectory() as cache, sweeps() as all_:
        os.environ["DECKWRIGHT_CACHE"] = cache
        for one in all_:
            if asked.names and one.name not in asked.names:
                continue
            try:
                outcome = _again(one, asked) if asked.case is not None else _sweep(one, asked)
            except BlindError as error:
                print(error, file=sys.stderr)
                return 1
            for what, number in (*outcome.counts.items(), ("findings", len(outcome.findings))):
                print(f"{number:>12,}  {what}" + (f" ({one.name})" if what == "findings" else ""))
            if asked.case is not None:
                print(*outcome.findings, sep="\n")
            failed |= bool(outcome.findings)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
