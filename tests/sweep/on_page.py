"""What sides of cards do in the page of ``deckwright preview``: many at a time, else one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, Request
from playwright.sync_api import Error as PlaywrightError

from deckwright.model import Deck, DeckInfo, Note
from deckwright.note_types import note_types
from deckwright.preview.cards import embedded
from deckwright.preview.content import Content, Shown
from deckwright.preview.site import Site

SCRIPTS = (
    Path(__file__).parent.parent / "preview" / "_watch.js",
    Path(__file__).parent / "_on_page.js",
)
TOGETHER = 40
"""How many sides the frame shows at once."""
KNOWN_BAD = {
    "a handler": "<img src='data:image/png;base64,x' onerror='parent.pycmd(1)'>",
    "a handler of a click": "<b onclick='alert(1)'>x</b>",
    "a picture from elsewhere": "<img src='https://evil.invalid/x.png'>",
    "a picture beside the page": "<img src='missing.png'>",
    "a style": "<p style='background: url(https://evil.invalid/y.png)'>x</p>",
    "a style sheet": "<style>@import 'https://evil.invalid/z.css'</style>",
    "a style of a class": "<style>b { background: url(https://evil.invalid/a) }</style><b>x</b>",
    "a frame": "<iframe srcdoc='<script>parent.pycmd(1)</script>'></iframe>",
    "a script": "<script>parent.pycmd(1)</script>",
    "a refresh": "<meta http-equiv=refresh content='9;url=https://evil.invalid/'>",
    "a base": "<base href='https://evil.invalid/'>",
    "a link that runs": "<a href='javascript:parent.pycmd(2)' target=_blank>x</a>",
    "a link to a file": "<a href='file:///etc/hosts' target=_blank rel=noopener>x</a>",
    "a link in the frame": "<a href='https://evil.invalid/'>x</a>",
    "a link that knows who opened it": "<a href='https://evil.invalid/' target=_blank>x</a>",
    "a link of a drawing": "<svg><a xlink:href='https://evil.invalid/'><text>x</text></a></svg>",
    "a name of the document": "<img name=body src='data:image/png;base64,x'>",
    "a form": "<form action='https://evil.invalid/'><button>x</button></form>",
    "a formula that loads": r"\(\style{background: url(https://evil.invalid/t.png)}{x}\)",
    "a formula that runs": r"\(\href{javascript:parent.pycmd(3)}{x}\)",
    "a formula with an id": r"\(\cssId{VIEWER}{x}\)",
    "a formula that is not typeset": r"<p class=mathjax_ignore>\(x\)</p>",
    "a side that takes the next one in": "<textarea>",
}
"""HTML that no card can have: each is to be seen as bad where nothing of the page stops it."""


def of_deck(deck: Deck) -> Content:
    """A deck as a page shows it."""
    types = {one.kind: one for one in deck.types}
    media = {one.name: one for one in deck.media}
    return Content(deck.info, tuple(Shown(one, types[one.kind]) for one in deck.notes), media)


class OnPage:
    """A page of a deck that becomes that of one deck after the other, and sees what cards do."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._did: list[str] = []
        self._open()

    def _open(self) -> None:
        """Begin with a new page, of a deck that has a formula: so it has MathJax."""
        info = DeckInfo("sweep", "Sweep")
        basic = note_types(info)[0]
        note = Note("x", "x", basic.kind, info.name, (r"\(x\)",) * len(basic.fields), (), (0,))
        context = self._browser.new_context()
        self._page = context.new_page()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "index.html"
            path.write_text(Site(Content(info, (Shown(note, basic),))).page, encoding="utf-8")
            self._page.goto(path.as_uri())
        self._home = path.as_uri()
        for script in SCRIPTS:
            self._page.evaluate(script.read_text(encoding="utf-8"))
        self._page.on("request", self._asked)
        self._page.on("dialog", lambda one: self._did.append(f"a dialog: {one.message}"))
        self._page.on("console", lambda one: self._did.append(one.text))
        self._page.on("pageerror", lambda one: self._did.append(str(one)))
        self._page.on("download", lambda one: self._did.append(f"a download: {one.url}"))
        context.on("page", self._opened)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self._did.append(f"asks for {request.url}")

    def _opened(self, page: Page) -> None:
        self._did.append("a new window")
        page.close()

    def close(self) -> None:
        """Let the page go."""
        self._page.context.close()

    def harm(self, deck: Deck) -> Iterator[tuple[str, list[str]]]:
        """What the notes of a deck do, in its list and as cards, by their GUIDs."""
        state = json.loads(Site(of_deck(deck), live=True).state)
        state["data"]["media"] = embedded(deck.media)
        for harm in self._ask("state => onPage.become(state)", state):
            yield deck.notes[0].guid, [f"in the list: {harm}"]
        guids = {note.id: note.guid for note in deck.notes}
        sides = [
            (guids[note["id"]], card[side], card["css"], card.get("typed", ""))
            for note in state["data"]["notes"]
            for card in note["cards"]
            for side in ("front", "back")
        ]
        for css in sorted({side[2] for side in sides}):
            mine = [side for side in sides if side[2] == css]
            for start in range(0, len(mine), TOGETHER):
                some = mine[start : start + TOGETHER]
                found = self.of_sides([one[1] for one in some], css)
                yield from ((one[0], harm) for one, harm in zip(some, found, strict=True) if harm)
        compared = self._page.evaluate("all => onPage.compared(all)", [one[3] for one in sides])
        yield from ((one[0], harm) for one, harm in zip(sides, compared, strict=True) if harm)

    def of_sides(
        self, sides: Sequence[str], css: int = 0, *, walls: bool = True
    ) -> list[list[str]]:
        """What each side does; without ``walls``, nothing of the page takes anything out of it."""
        each, together = self._shown(sides, css, walls)
        if not together and not any(each):
            return each
        if len(sides) == 1:
            return [[*(each[0] if each else ()), *together]]
        alone = [self.of_sides([one], css, walls=walls)[0] for one in sides]
        if not any(alone):
            alone[0].extend(f"(together with others) {one}" for one in together)
        return alone

    def _shown(
        self, sides: Sequence[str], css: int, walls: bool
    ) -> tuple[list[list[str]], list[str]]:
        given = [list(sides), css, {"walls": walls}]
        found = self._ask("given => onPage.harm(...given)", given)
        if isinstance(found, list):
            return [], found
        return found["each"], [*found["together"], *self._new()]

    def _ask(self, script: str, given: Any) -> Any:
        """What a script finds, or in a list that the page is gone."""
        try:
            found = self._page.evaluate(script, given)
        except PlaywrightError as error:  # the page is gone
            self.close()
            self._open()
            return [f"breaks the page: {error.message[:80]}"]
        if self._page.url.partition("#")[0] != self._home:
            return [f"moves the page to {self._page.url}"]
        return found

    def _new(self) -> list[str]:
        """What was done since this was last asked."""
        did, self._did = self._did, []
        return did

    def unseen(self) -> Iterator[str]:
        """The known-bad cards that are not seen."""
        for name, html in KNOWN_BAD.items():
            if not any(self.of_sides([html, "x"], walls=False)):
                yield f"{name} (on the page)"
