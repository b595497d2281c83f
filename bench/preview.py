"""How the page of ``deckwright preview`` feels: until it is seen, for a key, a card and a scroll.

A deck of made-up cards and that of content/ are each written as a site and opened from the disk in
a Chromium, in turn, and before each a page of a single word: what that takes is the browser's. By
the clock, the best of some runs, as a browser is several processes; ``--slower 4`` makes its
processor about that of a telephone. The ratios are to the first column. Then each deck is served,
a card of it is edited, and the time from the save to the screen is measured: median and worst.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import corpus

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))
from tests.browser import find_chromium, launch  # noqa: E402  # found from here on

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPT = Path(__file__).parent / "_preview.js"
WORD = "<!doctype html><meta charset=utf-8><title>A word</title><p>word"
KEYS = {"content": "gradient of the elbo", "made up": "eigenvalue manifolds"}
"""What is typed into the search."""
CARDS = 20
SAVES = 7
STEPS = 100

Row = Mapping[str, float]


def write(deck: Path, folder: Path) -> Path:
    """Write the site of a deck into a folder; its page."""
    command = (sys.executable, "-m", "deckwright", "preview", str(deck), "-o", str(folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return folder / "index.html"


def opened(browser: Browser, page: Path, slower: float, *asked: tuple[str, Any]) -> list[Any]:
    """What a page says of itself, in a browser that has seen none before."""
    context = browser.new_context(viewport={"width": 1280, "height": 844})
    try:
        tab = context.new_page()
        if slower > 1:
            rate = {"rate": slower}
            context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", rate)
        tab.add_init_script(path=SCRIPT)
        tab.goto(page.as_uri())
        return [tab.evaluate(f"given => measured.{name}(given)", given) for name, given in asked]
    finally:
        context.close()


def word(browser: Browser, page: Path, slower: float) -> Row:
    """The same of a page of a word, which only has to be painted."""
    [paints] = opened(browser, page, slower, ("paints", None))
    return dict(paints)


def site(browser: Browser, page: Path, slower: float, keys: str) -> Row:
    """All that is measured of a site, in milliseconds."""
    start, typed, cards, scroll = opened(
        browser,
        page,
        slower,
        ("opened", None),
        ("keys", keys),
        ("cards", CARDS),
        ("scroll", STEPS),
    )
    return {
        **start,
        f"a key of {len(keys)}, median": median(typed),
        "  worst": max(typed),
        f"a card of {CARDS}, median": median(cards),
        "  worst card": max(cards),
        f"scroll, {STEPS} steps: longest": scroll["step"],
        "  longest task, from 50 on": scroll["task"],
    }


def saves(browser: Browser, deck: Path, folder: Path) -> list[float]:
    """From a saved card until it is on the screen of a page that is served, in milliseconds."""
    shutil.copytree(deck, folder)
    chapter = sorted(folder.glob("*.md"))[0]
    text = chapter.read_text(encoding="utf-8")
    command = (sys.executable, "-m", "deckwright", "preview", str(folder), "--serve")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        address = next(word for line in server.stderr for word in line.split() if "://" in word)
        context = browser.new_context(viewport={"width": 1280, "height": 844})
        tab = context.new_page()
        tab.add_init_script(path=SCRIPT)
        tab.goto(address)
        took = []
        for number in range(SAVES):
            words = f"Edit {number}"
            saved = time.time() * 1000
            chapter.write_text(text.replace("\n## ", f"\n## {words} ", 1), encoding="utf-8")
            took.append(tab.evaluate("words => measured.shows(words)", words) - saved)
        context.close()
        server.terminate()
    return took


def best(rows: Sequence[Row]) -> Row:
    """The least of each figure."""
    return {name: min(row[name] for row in rows) for name in rows[0]}


def table(measured: Mapping[str, Row]) -> Iterator[str]:
    """Lines of a table; the ratios are to the first column that has the figure."""
    yield f"{'ms':32}" + "".join(f"{name:>12}{'':8}" for name in measured)
    for figure in dict.fromkeys(one for row in measured.values() for one in row):
        line, base = f"{figure:32}", 0.0
        for row in measured.values():
            value = row.get(figure)
            base = base or value or 0.0
            line += f"{'':20}" if value is None else f"{value:12.1f}{_ratio(value, base)}"
        yield line.rstrip()


def _ratio(value: float, base: float) -> str:
    return f" ×{value / base:<6.2f}" if base else f"{'':8}"


def sizes(page: Path) -> str:
    """The bytes of a page, also as a server would send them."""
    data = page.read_bytes()
    return f"{len(data) / 1e6:.2f} MB, {len(gzip.compress(data, 6)) / 1e6:.2f} MB compressed"


def main() -> None:
    options = argparse.ArgumentParser(description="Measure the page of deckwright preview.")
    options.add_argument("--cards", type=int, default=1000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--slower", type=float, default=1.0, help="4 is about a telephone")
    chosen = options.parse_args()
    chromium = find_chromium()
    if not chromium:
        print("The page is not measured: there is no Chromium on this machine.")
        return
    with tempfile.TemporaryDirectory() as name, launch(chromium) as browser:
        folder = Path(name)
        (folder / "word.html").write_text(WORD, encoding="utf-8")
        corpus.write(folder / "made up", chosen.cards)
        pages = {
            "content": write(ROOT / "content", folder / "site of content"),
            "made up": write(folder / "made up", folder / "site of made up"),
        }
        rounds: list[dict[str, Row]] = []
        for _ in range(chosen.runs):
            row = {"a word": word(browser, folder / "word.html", chosen.slower)}
            for deck, page in pages.items():
                row[deck] = site(browser, page, chosen.slower, KEYS[deck])
            rounds.append(row)
        print(f"Best of {chosen.runs} runs; {chosen.cards:,} cards are made up")
        print(*table({deck: best([one[deck] for one in rounds]) for deck in rounds[0]}), sep="\n")
        for deck, page in pages.items():
            print(f"{deck}: {sizes(page)}")
        corpus.write(folder / "200 cards", 200)
        for served in (ROOT / "content", folder / "200 cards"):
            took = saves(browser, served, folder / f"served {served.name}")
            print(
                f"{served.name}, from a save to the screen: {median(took):.0f} ms, {max(took):.0f}"
            )


if __name__ == "__main__":
    main()
