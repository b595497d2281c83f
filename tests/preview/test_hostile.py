"""What is hostile, opened in the page: nothing runs, nothing is asked for, and the page is whole.

The hostile decks of the tests are shown in spite of their errors, and the worst of texts is put
where no deck that is compiled could have it: the page is a wall of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Request

from deckwright.media import resolve, take
from deckwright.model import DeckInfo, Media, Note, Place, Problem, Severity
from deckwright.note_types import note_types
from deckwright.preview.content import Content, Shown
from deckwright.preview.server import Build, Server, bound
from deckwright.preview.site import Links, Site
from deckwright.rendering.render import Shared
from deckwright.source.folder import load
from deckwright.source.tree import walk
from tests.browser import Seen, trap
from tests.decks import png
from tests.fuzz.harness import SHARE
from tests.test_hostile import CASES, deck_of
from tests.test_hostile_look import BY_MATHJAX, rendered_anyway

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
WATCH = (HERE / "_watch.js").read_text(encoding="utf-8")
IDS = "[...document.querySelectorAll('.entries a')].filter(a => a.offsetParent).map(a => a.id)"
NOWHERE = Links()


class Watched(Seen):
    """A page that notes what is run, what is asked for and what else is opened."""

    def __init__(
        self, browser: Browser, path: Path | str, content: Content, **options: Any
    ) -> None:
        self.content = content
        self.opened: list[str] = []
        self.refused: set[str] = set()
        self.home = path.as_uri() if isinstance(path, Path) else path
        super().__init__(browser, path, **options)
        self.context.on("page", lambda page: self.opened.append(page.url))
        self.page.on("download", lambda download: self.opened.append(download.url))
        self.page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        if request.failure == "csp":
            self.refused.add(request.url)

    def open(self, place: str = "") -> None:
        super().open(place)
        self.page.evaluate(WATCH)

    def all_cards(self) -> dict[str, list[str]]:
        """What each card does when it is shown and touched, by its address."""
        notes = self.content.notes
        cards = [f"{one.note.id}/{each + 1}" for one in notes for each in one.note.ordinals]
        found: dict[str, list[str]] = self.page.evaluate("cards => watch.allCards(cards)", cards)
        return found

    def check_calm(self) -> None:
        """Nothing was run, asked for or opened, and the page is where it was."""
        assert self.page.evaluate("[window.hacked ?? null, ...watch.ran]") == [None]
        assert {*self.loaded()} - self.refused == {self.home}
        assert self.opened == []
        frames = {one.url.partition("#")[0] for one in self.page.frames}
        assert frames == {self.home, "about:srcdoc"}

    def check_whole(self) -> None:
        """Each note is in the list, each can be searched, and there is something to study."""
        self.open("#/")
        ids = [one.note.id for one in self.content.notes]
        assert sorted(self.page.evaluate(IDS)) == sorted(ids)
        self.page.fill("#WORDS", ids[-1])
        assert ids[-1] in self.page.evaluate(IDS)
        self.page.fill("#WORDS", "")
        self.page.click("#TO_STUDY")
        self.page.click("#BEGIN")
        self.settle()
        self.page.click("#SHOW")
        assert self.page.locator("#RATE").is_visible()


def written(content: Content, folder: Path, links: Links = NOWHERE) -> Path:
    path = folder / "index.html"
    path.write_text(Site(content, links).page, encoding="utf-8")
    return path


# The hostile decks of the tests


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The cards of all hostile decks, and what is wrong with them."""
    root = tmp_path_factory.mktemp("hostile")
    shown: list[Shown] = []
    problems: list[Problem] = []
    media: dict[str, Media] = {}
    for number, case in enumerate(CASES[:: 1 if SHARE > 1 else 2]):
        deck = deck_of(case, root / str(number))
        read = load(deck)
        assert read.info
        shared = Shared(resolve(deck, walk(deck)), kinds=read.own.kinds_of_cards)
        types = {
            one.kind: one for one in note_types(read.info, read.style, read.own.whole.values())
        }
        problems += read.problems
        for card, one in rendered_anyway(deck, shared):
            note = one.note(card, "")
            note = replace(note, id=f"{note.id}-{number}-{len(shown)}")
            shown.append(Shown(note, types[note.kind], card.place))
            problems += [each.placed(card.source) for each in one.problems]
            media |= {sent.name: sent for sent in take(deck, shared.media, one.asked)[0]}
    assert len(shown) > (300 if SHARE > 1 else 150)
    return Content(DeckInfo("hostile", "Hostile"), tuple(shown), media, tuple(problems), "1")


def case_of(address: str) -> str:
    """The hostile deck of a card, by its address in the page."""
    number = int(address.partition("/")[0].rsplit("-", 2)[1])
    return CASES[:: 1 if SHARE > 1 else 2][number].file


def test_the_hostile_decks_do_nothing(
    chromium: Browser, everything: Content, tmp_path: Path
) -> None:
    """Where MathJax itself would load something, the page's policy is what refuses it."""
    seen = Watched(chromium, written(everything, tmp_path), everything)
    found = seen.all_cards()
    assert {case_of(one) for one in found} <= BY_MATHJAX, found
    assert seen.refused == {"https://tracker.invalid/"}
    sitting = seen.page.evaluate("watch.aSitting()")
    assert sitting["asked"] == everything.cards
    assert {one for one in sitting["found"] if "tracker.invalid" not in one} == set()
    seen.check_calm()
    assert {one for one in seen.said if "Content Security Policy" not in one} == set()
    seen.check_whole()
    seen.context.close()


# The worst that a card could hold


def worst(name: str, evil: str) -> list[str]:
    """The lines of a file of what no deck can have, with the address of a server that listens."""
    text = (HERE / f"hostile_{name}.txt").read_text(encoding="utf-8")
    run = "top.hacked=1;parent.pycmd(1);alert(1)"
    return text.replace("@EVIL@", evil).replace("@RUN@", run).splitlines()


def notes_of(texts: Sequence[str], css: Sequence[str] = ("",)) -> Content:
    """A note with each text in each of its fields; style sheets in turn."""
    info = DeckInfo("examples", "Examples")
    [basic] = (one for one in note_types(info) if one.kind == "basic")
    kinds = [replace(basic, css=basic.css + one) for one in css]
    shown = [
        Shown(
            Note(f"n{at}", f"g{at}", "basic", info.name, (text,) * len(basic.fields), (), (0, 1)),
            kinds[at % len(kinds)],
        )
        for at, text in enumerate(texts)
    ]
    return Content(info, tuple(shown), {"dot.png": Media("dot.png", png())}, version="1")


LINK = "<p>x</p><a href='https://example.org'>y</a>"


@pytest.mark.parametrize("what", ["cards", "styles"])
def test_the_page_is_a_wall_of_its_own(chromium: Browser, tmp_path: Path, what: str) -> None:
    """Against HTML and style sheets that no deck can have."""
    with trap() as (evil, asked):
        texts = worst(what, evil)
        content = notes_of(texts) if what == "cards" else notes_of([LINK] * len(texts), texts)
        seen = Watched(chromium, written(content, tmp_path), content)
        harm = {one for row in seen.all_cards().values() for one in row}
        assert {one for one in harm if one[0] == "<" and " style=" not in one} == set()
        assert seen.page.evaluate("watch.aSitting()")["asked"] == content.cards
        seen.page.evaluate("watch.ran.length = 0")  # what the policy refused
        seen.check_calm()
        assert {one for one in seen.said if "Content Security Policy" not in one} == set()
        seen.check_whole()
        assert asked == []
        seen.context.close()


def test_what_is_as_high_as_its_window_makes_it_no_higher(
    chromium: Browser, tmp_path: Path
) -> None:
    content = notes_of(["x"], [".dw-card { min-height: 110vh }"])
    seen = Watched(chromium, written(content, tmp_path), content)
    seen.page.wait_for_timeout(300)
    assert seen.page.evaluate("document.querySelector('#STAGE iframe').offsetHeight") < 1000
    seen.context.close()


def test_a_prompt_covers_nothing_and_leads_nowhere(chromium: Browser, tmp_path: Path) -> None:
    """Even if MathJax got what no formula may have."""
    texts = (
        "x",
        r"\(\style{position:fixed;inset:0;background:red}{x}\)",
        r"\(\href{https://example.org}{\cssId{VIEWER}{y}} \smash{\rule[-40em]{80em}{80em}}\)",
        "z",
    )
    content = notes_of(texts)
    seen = Watched(chromium, written(content, tmp_path), content)
    seen.wait("document.querySelectorAll('#CHAPTERS mjx-container').length === 2")
    assert seen.page.evaluate("watch.armed(CHAPTERS).filter(one => !one.startsWith('<a '))") == []
    links = seen.page.evaluate("[...CHAPTERS.querySelectorAll('a')].map(a => a.id)")
    assert links == ["n0", "n1", "n2", "n3"]
    for at in (0, 3):  # Playwright clicks what nothing covers
        seen.page.click(f"#n{at}", timeout=2_000)
        assert seen.page.evaluate("location.hash") == f"#n{at}"
    seen.page.click("#THEME", timeout=2_000)
    seen.context.close()


def test_text_about_anki_s_marks_is_text_as_in_anki(chromium: Browser, tmp_path: Path) -> None:
    texts = ("[[type:Front]] [anki:play:q:0]", "x")
    inert = [one.replace("[[", "[&#91;").replace("[a", "&#91;a") for one in texts]
    content = notes_of([*inert, rf"<code>{inert[0]}</code> \(\text{{{inert[0]}}}\)"])
    seen = Watched(chromium, written(content, tmp_path), content)
    for place in ("#n0", "#n2"):
        seen.open(place)
        answer = seen.page.frame_locator("#STAGE iframe").locator(".dw-answer")
        assert texts[0] in answer.inner_text()
        assert answer.locator(".not-here, input").count() == 0
    seen.context.close()


# The worst of names, of addresses and of what is kept


IDS_LIKE = (
    "constructor prototype tostring valueof hasownproperty __proto__ page browse session strip "
    "search study typed cardframes mathjax watch top parent self name status location history "
    "document length 0 1 typeans answer data main list card -1"
).split()
"""Ids that are names of other things; not all are lawful."""


def test_an_id_is_a_name_like_any_other(chromium: Browser, tmp_path: Path) -> None:
    content = notes_of(IDS_LIKE)
    notes = zip(content.notes, IDS_LIKE, strict=True)
    renamed = tuple(replace(one, note=replace(one.note, id=name)) for one, name in notes)
    content = replace(content, notes=renamed)
    seen = Watched(chromium, written(content, tmp_path), content)
    for name in IDS_LIKE:
        seen.page.click(f"[id='{name}']")
        assert seen.page.evaluate("id => browse.shows(id)", name)
    assert seen.page.evaluate("watch.aSitting()")["asked"] == content.cards
    seen.check_calm()
    seen.check_whole()
    assert seen.said == []
    seen.context.close()


HASHES = (
    "#%E0%A4%A", "#%", "#%00", "#<img src=x onerror=top.hacked=1>", "#//evil.invalid/", "#/study/x",
    "#javascript:top.hacked=1", "#constructor", "#__proto__/1", "#n0/", "#n0/99999999999999999999",
    "#n0/-1", "#DATA", "#LIST", "#\u202e", "##", "#" + "x/" * 5_000, "#:~:text=x",
)  # fmt: skip


def test_an_address_that_leads_nowhere_shows_the_list(chromium: Browser, tmp_path: Path) -> None:
    content = notes_of(["x", "y"])
    seen = Watched(chromium, written(content, tmp_path), content)
    for at, one in enumerate(HASHES):
        if at < 3:
            seen.open(one)
            assert seen.page.evaluate("browse.shows('n0')")
        else:
            seen.page.evaluate("one => { location.hash = one; }", one)
            seen.page.wait_for_timeout(20)
        assert seen.page.evaluate(IDS) == ["n0", "n1"]
    seen.check_calm()
    seen.check_whole()
    assert seen.said == []
    seen.context.close()


PROGRESS = (
    "", "null", "[]", '"x"', "1e999", "{", "[" * 100_000, '{"__proto__": {"format": 1}}',
    '{"format": 1, "deck": "examples", "cards": {"__proto__": {"rating": 1}}}',
    '{"format": 1, "deck": "examples", "cards": {"<img src=x onerror=top.hacked=1>/1": {}}}',
    '{"format": 1, "deck": "examples", "cards": {"n0/1": {"rating": "<b>", "at": 1e999}}}',
    '{"format": "1", "deck": "<script>top.hacked=1</script>", "cards": []}',
    '{"format": 1e9, "deck": "examples", "cards": {}}', "\0\ud83d" * 100,
)  # fmt: skip


KEPT = "deckwright progress examples"
ANOTHER_TAB = """([key, newValue]) => {
    localStorage.setItem(key, newValue);
    dispatchEvent(new StorageEvent("storage", { key, newValue }));
}"""


def test_progress_that_somebody_else_wrote_is_text(chromium: Browser, tmp_path: Path) -> None:
    """In a file, and in the browser: all pages that are files may write there."""
    content = notes_of(["x", "y"])
    seen = Watched(chromium, written(content, tmp_path), content)
    seen.open("#/study")
    for text in PROGRESS:
        data = text.encode(errors="replace")
        file = FilePayload(name="x.json", mimeType="application/json", buffer=data)
        seen.page.evaluate("SAID.textContent = ''")
        seen.page.set_input_files("#IMPORT", file)
        seen.wait("SAID.textContent !== ''")
        assert seen.page.inner_text(".level .words") == "4 new"
    for text in PROGRESS:
        seen.page.evaluate(ANOTHER_TAB, [KEPT, text])
        assert seen.page.inner_text(".level .words") == "4 new"
    seen.page.evaluate("localStorage.setItem('deckwright theme', '><b>')")
    seen.open("#/study")
    seen.check_calm()
    seen.check_whole()
    assert seen.said == []
    seen.context.close()


# The page that is served


def test_a_page_becomes_a_hostile_one_and_does_nothing(chromium: Browser) -> None:
    """Its list, its strip and its cards are those of a state that it is sent."""
    with trap() as (evil, asked), bound(0) as server:
        calm, hostile = notes_of(["x"]), notes_of(worst("cards", evil), worst("styles", evil))
        text = " ".join(worst("cards", evil)[:3])
        problem = Problem(Place(text), text, Severity.ERROR, text, text)
        hostile = replace(
            hostile,
            problems=(problem,),
            info=replace(hostile.info, name=text, description=text, authors=(text,), licence=text),
        )
        publish(server, 1, calm)
        seen = Watched(chromium, server.address, hostile)
        publish(server, 2, hostile)
        seen.wait("cardFrames.data.build === 2")
        seen.page.evaluate(WATCH)
        assert seen.page.locator("img, svg, [onerror], [onload], [srcset]").count() == 0
        seen.all_cards()
        seen.page.evaluate("watch.ran.length = 0")
        assert seen.page.evaluate("window.hacked ?? null") is None
        assert asked == []
        assert seen.opened == []
        seen.context.close()


def publish(server: Server, number: int, content: Content) -> None:
    site = Site(content, live=True, build=number)
    server.publish(number, Build(site.page, site.state))
