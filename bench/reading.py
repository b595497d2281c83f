"""How long the reader of Markdown takes: for a card, beside Python-Markdown's own, and at worst.

The same passages, with tokens for formulas and code, go through both readers in turn, some rounds
long; what counts is each one's best round. Python-Markdown's own has its tables and sane lists.

Before commit e5d2fb8, Python-Markdown's own reader and a second one that looked after it took three
times as long for a card (2.2, 2.9 and 3.3 in three pairs of runs on the deck's passages, of b6ed13c
and of the commit that says this).

Seconds are the processor's. No test asserts any of them: they differ between machines, the ratios
hardly.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import corpus
from markdown import Markdown
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))
from tests.rendering.comparison import our_html  # noqa: E402  # found from here on
from tests.rendering.passages import Passage, passages  # noqa: E402
from tests.rendering.worst import render_whole, shapes  # noqa: E402

Reader = Callable[[Passage], object]
STOCK = Markdown(
    extensions=[TableExtension(use_align_attribute=True), SaneListExtension()], output_format="html"
)


def stock(passage: Passage) -> str:
    return STOCK.reset().convert(passage.text)


def ours(passage: Passage) -> str:
    return our_html(passage.text, heading=passage.heading)


def best(readers: Sequence[Reader], texts: Sequence[Passage], rounds: int) -> list[float]:
    """The seconds of each reader's best round; they take turns."""
    seconds = [[_timed(reader, texts) for reader in readers] for _ in range(rounds + 1)]
    return [min(one) for one in zip(*seconds[1:], strict=True)]  # the first fills the caches


def _timed(reader: Reader, texts: Sequence[Passage]) -> float:
    started = time.process_time()
    for text in texts:
        reader(text)
    return time.process_time() - started


def _cards(title: str, deck: Path, rounds: int) -> None:
    texts = [*passages(deck)]
    cards = len({one.card for one in texts})
    spent = best((stock, ours), texts, rounds)
    micro = [1e6 * one / cards for one in spent]
    row = f"{title:16}{cards:8,}{len(texts):10,}{micro[0]:10.0f}{micro[1]:8.0f}"
    print(f"{row}{spent[1] / spent[0]:8.2f}")


def _worst(number: int) -> None:
    """The shapes that take longest, each as a whole card."""
    took: dict[str, float] = {}
    for name, text in shapes().items():
        gc.collect()
        started = time.process_time()
        render_whole(text[:-200])
        took[name] = time.process_time() - started
    print(f"\nOf {len(took)} cards of 32 KB that are made to stall, the slowest:")
    for name in sorted(took, key=lambda name: -took[name])[:number]:
        print(f"{name:34}{took[name]:6.2f} s")


def main() -> None:
    options = argparse.ArgumentParser(description="Measure the reader of Markdown, as a ratio.")
    options.add_argument("--cards", type=int, default=500, help="how many cards are made up")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--slowest", type=int, default=8)
    chosen = options.parse_args()
    print(f"{'µs a card':16}{'cards':>8}{'passages':>10}{'stock':>10}{'ours':>8}{'ratio':>8}")
    _cards("content", ROOT / "content", chosen.rounds)
    with tempfile.TemporaryDirectory() as name:
        corpus.write(Path(name), chosen.cards)
        _cards("made up", Path(name), chosen.rounds)
    _worst(chosen.slowest)


if __name__ == "__main__":
    main()
