"""The pictures of the pages in docs/: ``make screenshots`` takes them anew from content/.

They show the fonts of the machine that they are taken on, so no test compares them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from deckwright.compile import Compiled, compile_deck
from tests.browser import Seen, launch, require_chromium
from tests.preview.samples import edit, site_of

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DESK, PHONE = (1280, 800), (390, 800)
GAP = 24
"""Pixels between two pictures that are one."""
COLOURS = 128


@contextmanager
def opened(
    browser: Browser, page: Path, place: str, size: tuple[int, int], theme: str
) -> Iterator[Seen]:
    """The page of a size and a theme, at a place."""
    seen = Seen(browser, page, size[0], theme, height=size[1])
    seen.open(place)
    yield seen
    seen.context.close()


def taken(seen: Seen) -> Image.Image:
    """What is in sight."""
    seen.settle()
    seen.page.wait_for_timeout(300)  # until the formulas in sight are set
    return Image.open(BytesIO(seen.page.screenshot()))


def browse(browser: Browser, page: Path) -> Image.Image:
    """The list and a card, on a desk."""
    with opened(browser, page, "#elbo-gap", DESK, "light") as seen:
        seen.page.evaluate("scrollTo(0, document.querySelector('.bar').offsetTop)")
        return taken(seen)


def study(browser: Browser, page: Path) -> Image.Image:
    """A question and its answer, on a telephone, by day and by night."""
    both = []
    for theme, answered in (("light", False), ("dark", True)):
        with opened(browser, page, "#/study", PHONE, theme) as seen:
            seen.page.select_option("#FROM", label="04 The VAE model")
            seen.page.click("#BEGIN")
            if answered:
                seen.settle()
                seen.page.keyboard.press("Space")
            both.append(taken(seen))
    return beside(both)


def errors(browser: Browser, page: Path) -> Image.Image:
    """A card with a mistake, as it was before, and what the mistake is."""
    with opened(browser, page, "#vae-why-logvar", DESK, "dark") as seen:
        seen.page.evaluate("scrollTo(0, document.querySelector('.bar').offsetTop)")
        return taken(seen)


def beside(pictures: list[Image.Image]) -> Image.Image:
    """Pictures of one height, one beside the other."""
    width = sum(one.width for one in pictures) + GAP * (len(pictures) - 1)
    whole = Image.new("RGB", (width, pictures[0].height), "#c9c4ba")
    at = 0
    for one in pictures:
        whole.paste(one, (at, 0))
        at += one.width + GAP
    return whole


def with_a_mistake(folder: Path) -> Path:
    """The page of the deck with a formula that fails."""
    deck = folder / "content"
    shutil.copytree(ROOT / "content", deck)
    edit(
        deck,
        r"Any real output is then valid",
        r"Any $\reals$ output is then valid",
        "04-vae-model.md",
    )
    return site_of(compiled_in(folder), folder / "broken")


def compiled_in(folder: Path) -> Compiled:
    """The deck content/ of a folder, which is in no place that the pictures could show."""
    os.chdir(folder)
    return compile_deck(Path("content"))


def main() -> None:
    with tempfile.TemporaryDirectory() as name, launch(require_chromium()) as browser:
        folder = Path(name)
        page = site_of(compiled_in(ROOT), folder / "site")
        broken = with_a_mistake(folder)
        pictures: dict[str, tuple[Callable[[Browser, Path], Image.Image], Path]] = {
            "preview": (browse, page),
            "study": (study, page),
            "mistake": (errors, broken),
        }
        for title, (take, shown) in pictures.items():
            picture = take(browser, shown).convert("RGB").quantize(COLOURS)
            path = DOCS / f"{title}.png"
            picture.save(path, optimize=True)
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
