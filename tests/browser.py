"""The one door of the tests to a browser: a Chromium, and a page as Anki's reviewer shows it.

Nothing here reaches the network: a page gets the files it is given, and every other request is
refused and remembered. Its text has fonts of ours, whatever the machine has.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, Route

HERE = Path(__file__).parent
SHELL = HERE / "note_types" / "look" / "_reviewer.html"
OURS = HERE.parent / "src" / "deckwright"
MATHJAX = OURS / "mathjax" / "vendor" / "tex-chtml-full.js"
FONTS = OURS / "preview" / "page" / "fonts"
"""MathJax's own, for formulas and, in the shell, for text."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DAY = "card card1"
NIGHT = "card card1 nightMode night_mode"
ANDROID_NIGHT = "card card1 night_mode"

ORIGIN = "http://card.invalid"


def find_chromium() -> Path | None:
    """The browser that CHROMIUM names, else the first known one on this machine."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    found = filter(None, (*map(shutil.which, NAMES), *filter(os.path.exists, MAC_APPS)))
    return next(map(Path, found), None)


def require_chromium() -> Path:
    """The browser; without one, skip the test, except in CI, where it has to be there."""
    if path := find_chromium():
        return path
    reason = "no Chromium on this machine: install one, or name it in CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def launch(path: Path) -> Iterator[Browser]:
    """A browser, closed in the end."""
    from playwright.sync_api import sync_playwright  # tests without a browser need no Playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser: Playwright wants one at a time in a process."""
    with launch(require_chromium()) as browser:
        yield browser


def card_page(card: str, *, body: str = DAY) -> str:
    """The HTML page that Anki would show for a side of a card, the card's style included."""
    shell = SHELL.read_text(encoding="utf-8")
    return shell.replace("@BODY@", body).replace("@CARD@", card)


@dataclass
class Reviewer:
    """Anki's reviewer: one page, into which one side of a card after the other is put."""

    page: Page
    files: Mapping[str, Path]
    refused: list[str] = field(default_factory=list)
    """The requests that would have left the machine."""

    def open(self, *, body: str) -> None:
        """Load the empty page, its fonts, and MathJax into it."""
        empty = card_page("", body=body)
        self.page.route("**/*", lambda route: self._answer(route, empty))
        self.page.goto(f"{ORIGIN}/")
        self.page.evaluate("Promise.all([...document.fonts].map(font => font.load()))")
        self.page.add_script_tag(path=MATHJAX)
        self.page.evaluate("MathJax.startup.promise")

    def show(self, card: str) -> None:
        """Show a side of a card, and wait for its formulas and pictures."""
        self.page.evaluate(
            """async card => {
                const qa = document.getElementById("qa");
                MathJax.startup.document.clear();
                qa.innerHTML = card;
                await Promise.all([...qa.querySelectorAll("img")].map(img => img.decode()));
                await MathJax.typesetPromise([qa]);
                scrollTo(0, 0);
            }""",
            card,
        )

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """What a script in the page returns."""
        return self.page.evaluate(script, argument)

    def _answer(self, route: Route, empty: str) -> None:
        url = route.request.url
        path = unquote(urlsplit(url).path).removeprefix("/")
        font = FONTS / path.rpartition("/")[2]
        if not url.startswith(f"{ORIGIN}/"):
            self.refused.append(url)
            route.abort()
        elif not path:
            route.fulfill(body=empty, content_type="text/html")
        elif path in self.files:
            route.fulfill(path=self.files[path])
        elif path.startswith("mathjax/") and font.is_file():
            route.fulfill(path=font)
        else:
            self.refused.append(url)
            route.abort()


@contextmanager
def reviewer(
    browser: Browser,
    *,
    body: str = DAY,
    width: int = 390,
    files: Mapping[str, Path] | None = None,
) -> Iterator[Reviewer]:
    """A reviewer of a width, by day or by night, that knows the deck's files by name."""
    context = browser.new_context(viewport={"width": width, "height": 844})
    try:
        opened = Reviewer(context.new_page(), files or {})
        opened.open(body=body)
        yield opened
    finally:
        context.close()


class Seen:
    """A page of ours, opened from the disk, and all that it tried to load or to say."""

    def __init__(
        self,
        browser: Browser,
        path: Path | str,
        width: int = 1280,
        theme: str = "light",
        *,
        height: int = 900,
        touch: bool = False,
        axe: bool = False,
    ) -> None:
        """Open a file or an address; ``axe`` lets a test's script run in it, against its policy."""
        self.requests: list[str] = []
        self.said: list[str] = []
        scheme: Any = theme
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=touch,
            bypass_csp=axe,
            reduced_motion="reduce",
        )
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._answer)
        self.address = path if isinstance(path, str) else path.as_uri()
        self.open()

    def open(self, place: str = "") -> None:
        """Load the page, perhaps at a place in it."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}{place}")
        self.settle()

    def settle(self) -> None:
        """Wait until every card in sight is typeset as wanted."""
        self.wait(
            "(all => all.length && all.every(one => one.dataset.done === one.dataset.wanted))"
            "([...document.querySelectorAll('iframe')])"
        )

    def wait(self, script: str) -> None:
        """Wait until a script is true of the page; Playwright's own way breaks its policy."""
        from playwright.sync_api import Error

        end = time.monotonic() + 20
        is_true = False
        while not is_true:
            assert time.monotonic() < end, f"never true: {script}"
            self.page.wait_for_timeout(20)
            with suppress(Error):  # the page is being loaded anew
                is_true = bool(self.page.evaluate(script))

    def loaded(self) -> list[str]:
        """The addresses of all requests that were not for the page's own data."""
        return [url for url in self.requests if not url.startswith(("data:", "about:"))]

    def inside(self, script: str) -> list[Any]:
        """What a script finds in the document ``d`` of each card."""
        frames = "[...document.querySelectorAll('iframe')].map(one => one.contentDocument)"
        return list(self.page.evaluate(f"{frames}.map(d => {script})"))

    def _answer(self, dialog: Dialog) -> None:
        self.said.append(dialog.message)
        dialog.accept()


@contextmanager
def trap() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and what is asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()
