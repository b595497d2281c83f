"""The page of a difference: cards, pictures and sounds before and after, in a real browser."""

from __future__ import annotations

import json
import re
import wave
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser

from deckwright.diff import (
    Difference,
    as_html,
    render_both,
    story,
)
from deckwright.diff.files import file_pairs, stem
from deckwright.diff.rendering import MOST, chosen
from deckwright.preview.cards import Face
from tests.browser import Seen, trap
from tests.decks import TOML, card, make_deck
from tests.diff.examples import (
    corrected,
    example_difference,
)
from tests.preview.test_site import violations
from tests.program import run
from tests.releases.repositories import Repository, git


def cards_of(difference: Difference, *texts: str) -> dict[tuple[str, int], Face]:
    notes = difference.after.notes
    return {(one.guid, 0): Face(text, text, "", 1) for one, text in zip(notes, texts, strict=False)}


def test_the_page_shows_so_many_cards_and_says_how_many_it_leaves_out() -> None:
    difference = corrected(*((f"old {n}", f"new {n}") for n in range(MOST + 50)))
    assert len(chosen(story(difference)).cards) == MOST
    cards = cards_of(difference, *["text"] * (MOST + 50))
    page = as_html(difference, cards, cards)
    assert page.count('data-card="') == MOST
    assert f"{MOST} cards are shown; 50 more change, but are left out here." in page


def test_without_cards_the_page_has_the_words_and_says_so() -> None:
    page = as_html(corrected(("old", "new")), {}, {})
    assert "<del>old</del> <ins>new</ins>" in page
    assert "The cards themselves are not shown: they were not rendered." in page


def test_no_field_text_becomes_markup_in_the_page() -> None:
    text = "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; @POLICY@ \"'"
    cards = {("guid of card-0", 0): Face("</script><!--<script>", "", "</style>", 1)}
    page = as_html(corrected(("calm", text)), cards, cards)
    assert len(LexborHTMLParser(page).css("script")) == page.count("</script>") == 4
    assert "&lt;script&gt;alert(1)&lt;/script&gt; @POLICY@" in page


# Small


def test_a_page_without_formulas_has_neither_mathjax_nor_a_font() -> None:
    difference = corrected(("old", "new"))
    before, after = (cards_of(difference, one) for one in ("old, for $5", "new"))
    page = as_html(difference, before, after)
    assert "MathJax_" not in page
    assert '"fonts":{}' in page
    assert len(page) < 60_000


def test_a_page_with_formulas_has_only_the_fonts_that_they_need() -> None:
    difference = corrected(("old", "new"))
    before, after = (cards_of(difference, one) for one in (r"\(x\)", r"\(\mathbb{R}\)"))
    page = as_html(difference, before, after)
    [data] = LexborHTMLParser(page).css("#DATA")
    fonts = json.loads(data.text())["fonts"]
    assert {*fonts} == {"MJXZERO", "MJXTEX", "MJXTEX-I", "MJXTEX-A"}


# In a browser


BROWSER = pytest.mark.browser


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Difference:
    return example_difference(tmp_path_factory.mktemp("rich"))


@pytest.fixture(scope="module")
def rich_page(rich: Difference, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "diff.html"
    before, after = render_both(rich, story(rich), None)
    path.write_text(as_html(rich, before, after), encoding="utf-8")
    return path


@BROWSER
@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
def test_the_page_is_whole_at_every_width_and_asks_for_nothing(
    chromium: Browser, rich_page: Path, width: int, theme: str
) -> None:
    seen = Seen(chromium, rich_page, width, theme, height=6000)
    assert_whole(seen, night=theme == "dark")
    backs = seen.inside("d.body.textContent")
    seen.page.click("text=Night" if theme == "light" else "text=Light")
    seen.page.click("text=Fronts")
    seen.settle()
    assert seen.inside("d.body.textContent") != backs
    assert_whole(seen, night=theme == "light")
    assert seen.loaded() == [rich_page.as_uri()], "it asked for more than itself"
    assert not seen.said
    seen.page.context.close()


def assert_whole(seen: Seen, *, night: bool) -> None:
    """Nothing is wider than the page, or than its frame, and all is in one theme."""
    width = seen.page.viewport_size["width"] if seen.page.viewport_size else 0
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    assert seen.page.evaluate("document.documentElement.dataset.theme === 'night'") == night
    wide = "d.documentElement.scrollWidth - d.documentElement.clientWidth"
    assert max(seen.inside(wide)) == 0, "a card is wider than its frame"
    assert set(seen.inside("d.body.classList.contains('nightMode')")) == {night}


@BROWSER
def test_formulas_are_typeset_with_mathjaxs_own_fonts(chromium: Browser, rich_page: Path) -> None:
    seen = Seen(chromium, rich_page, height=6000)
    assert sum(seen.inside("d.querySelectorAll('mjx-container').length")) > 20
    assert not any(seen.inside(r"/\\\(|\\\[/.test(d.body.textContent)"))
    fonts = {one for fonts in seen.inside("[...d.fonts].map(f => f.family)") for one in fonts}
    assert {"MJXTEX", "MJXTEX-I", "MJXTEX-C"} <= fonts
    assert set(seen.inside("[...d.fonts].every(f => f.status === 'loaded')")) == {True}
    pictures = seen.inside("[...d.images].map(i => i.complete && i.naturalWidth)")
    assert 90 in [one for some in pictures for one in some]
    seen.page.context.close()


ATTACK = r"""
<script>top.hacked = 1; alert(1)</script><img src=x onerror="top.hacked = 2">
<svg onload="top.hacked = 3"></svg><iframe srcdoc="<script>top.hacked = 4</script>"></iframe>
<meta http-equiv="refresh" content="0;url=http://evil.invalid/refresh"><base href="http://evil.invalid/">
<link rel="stylesheet" href="http://evil.invalid/a.css"><style>@import "http://evil.invalid/b.css";
body { background: url(http://evil.invalid/c.png); position: fixed }</style>
<img src="http://evil.invalid/d.png"><video src="http://evil.invalid/e.mp4" autoplay></video>
<form action="http://evil.invalid/f"><input autofocus onfocus="top.hacked = 5"></form>
<a id="go" href="javascript:top.hacked = 6">go</a> \(\href{javascript:top.hacked=7}{x}\)
\(\style{background:url(http://evil.invalid/g.png)}{y}\) \(\require{evil}\)
"""


@BROWSER
def test_a_hostile_card_runs_no_script_and_loads_nothing(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    with trap() as (evil, asked):
        difference = corrected(("old", "new"), ("a", "b"))
        cards = cards_of(difference, ATTACK.replace("http://evil.invalid/", evil), r"calm \(x\)")
        css = f".card {{ background: url({evil}h) }} </style><script>top.hacked=8</script>"
        before = {key: replace(shown, css=css) for key, shown in cards.items()}
        path.write_text(as_html(difference, before, cards), encoding="utf-8")
        seen = Seen(chromium, path, height=6000)
        for frame in seen.page.frames[1:]:
            for link in frame.query_selector_all("a"):
                link.evaluate("link => link.click()")
        seen.page.wait_for_timeout(300)
        assert seen.page.evaluate("window.hacked") is None
        assert not asked
        assert {frame.url for frame in seen.page.frames} == {path.as_uri(), "about:srcdoc"}
        assert seen.inside("d.querySelectorAll('mjx-container').length")[-1] == 1
        seen.page.context.close()


@pytest.mark.browser
def test_what_a_card_defines_is_not_there_for_the_next(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    difference = corrected(("old", "new"))
    pages = (r"\(\def\alpha{x} \renewcommand{\beta}{x} \let\gamma=x\)", r"\(\alpha\beta\gamma\)")
    before, after = (cards_of(difference, page) for page in pages)
    path.write_text(as_html(difference, before, after), encoding="utf-8")
    seen = Seen(chromium, path, height=6000)
    signs = "[...d.querySelectorAll('mjx-c')].map(c => c.className)"
    assert [len(one) for one in seen.inside(signs)][-1] == 3
    assert not {"mjx-c1D465 TEX-I"} & {*seen.inside(signs)[-1]}
    seen.page.context.close()


# Pictures and sounds


def picture(width: int, height: int, colour: str) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height), colour).save(data, "PNG")
    return data.getvalue()


def sound(byte: bytes) -> bytes:
    data = BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(byte * 800)
    return data.getvalue()


def drawing(colour: str) -> bytes:
    text = f"""<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">
    <!-- which no learner gets --><rect width="40" height="40" fill="{colour}"/></svg>"""
    return text.encode()


def shows(name: str, *files: str) -> str:
    pictures = " ".join(f"![a picture to look at](media/{one})" for one in files)
    return card(f"{pictures}\n\nIt is so.", f"What is {name}, as drawn?", name)


def changed_deck(root: Path) -> Repository:
    """A deck that was released in git, and of which pictures and a sound changed since."""
    one = Repository(root)
    one.begins()
    cards = [
        shows("gap", "gap.png"),
        shows("plates", "plates.svg"),
        shows("width", "narrow.png", "kept.png"),
        card("[the tone](media/tone.wav)", "How does it sound?", "tone"),
        shows("gone", "gone.png"),
    ]
    before: dict[str, str | bytes] = {
        "01-cards.md": "# Examples\n\n" + "\n".join(cards),
        "media/gap.png": picture(640, 400, "red"),
        "media/plates.svg": drawing("black"),
        "media/narrow.png": picture(200, 100, "red"),
        "media/kept.png": picture(50, 50, "grey"),
        "media/tone.wav": sound(b"\x10"),
        "media/gone.png": picture(120, 80, "red"),
    }
    make_deck(one.deck, before)
    one.commits().publishes("1.0.0", tag="deck-")
    cards[2] = shows("width", "wide.png", "kept.png")
    for name in ("narrow", "gone"):
        (one.deck / "media" / f"{name}.png").unlink()
    after: dict[str, str | bytes] = {
        "deck.toml": f'{TOML}[retired]\ngone = "it was wrong"\n',
        "01-cards.md": "# Examples\n\n" + "\n".join(cards[:4]),
        "media/gap.png": picture(640, 400, "blue"),
        "media/plates.svg": drawing("blue"),
        "media/wide.png": picture(400, 100, "blue"),
        "media/tone.wav": sound(b"\x70"),
    }
    make_deck(one.deck, after)
    return one


def page_of(one: Repository, *options: str) -> Path:
    done = run("diff", "content", "--format", "html", *options, cwd=one.root)
    assert done.returncode == 0, done.stderr
    path = one.root / "changes.html"
    path.write_text(done.stdout, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(changed_deck(tmp_path_factory.mktemp("changed")))


def shown(seen: Seen) -> list[dict[str, Any]]:
    """The pictures of a page, outside of cards, each with what is said of it."""
    seen.wait("[...document.querySelectorAll('.paper img')].every(one => one.style.width)")
    script = """[...document.querySelectorAll(".side .paper img")].map(one => ({
        said: one.closest(".side").querySelector("h4").textContent,
        alt: one.alt, scale: one.getBoundingClientRect().width / one.naturalWidth,
        ground: getComputedStyle(one).backgroundColor}))"""
    return list(seen.page.evaluate(script))


@BROWSER
@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_pictures_are_side_by_side_at_one_scale(
    chromium: Browser, changed: Path, width: int, theme: str
) -> None:
    seen = Seen(chromium, changed, width, theme, height=9000)
    pictures = shown(seen)
    assert [one["alt"] for one in pictures] == [
        *("Before: gap", "After: gap", "Before: plates", "After: plates"),
        *("Before: narrow", "After: wide"),
    ]
    assert re.fullmatch(r"Before · 640 × 400, \d kB", pictures[0]["said"])
    assert re.fullmatch(r"After · 400 × 100, \d+ bytes", pictures[5]["said"])
    for before, after in zip(pictures[::2], pictures[1::2], strict=True):
        assert before["scale"] == pytest.approx(after["scale"], rel=0.01)
        assert before["scale"] <= 1.01
    assert {one["ground"] for one in pictures} == {"rgb(255, 255, 255)"}
    assert_whole(seen, night=theme == "dark")
    assert seen.loaded() == [changed.as_uri()], "it asked for more than itself"
    assert not seen.said
    seen.context.close()


@BROWSER
def test_what_differs_between_pictures_of_one_size_is_a_fold_away(
    chromium: Browser, changed: Path
) -> None:
    seen = Seen(chromium, changed, height=9000)
    shown(seen)
    names = "[...document.querySelectorAll('.compared:has(.differs) b')].map(b => b.textContent)"
    assert seen.page.evaluate(names) == ["gap", "plates"]
    seen.page.focus(".differs summary")
    seen.page.keyboard.press("Enter")
    with Image.open(BytesIO(seen.page.locator(".is-both").first.screenshot())) as image:
        assert image.convert("RGB").getpixel((100, 100)) == (255, 0, 255)
    seen.context.close()


@BROWSER
def test_sounds_have_a_player_each_and_cards_show_what_they_showed(
    chromium: Browser, changed: Path
) -> None:
    seen = Seen(chromium, changed, height=9000)
    sounds = "[...document.querySelectorAll('.compared audio')].map(a => [a.ariaLabel, a.src])"
    (first, old), (second, new) = seen.page.evaluate(sounds)
    assert (first, second) == ("Before: tone", "After: tone")
    assert old != new
    assert old.startswith("data:audio/")
    assert not any(seen.inside("d.querySelectorAll('.not-here').length"))
    widths = seen.inside("[...d.images].map(one => one.naturalWidth)")
    assert [120] in widths, "the retired card shows its picture"
    seen.context.close()


@BROWSER
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(chromium: Browser, changed: Path, width: int, theme: str) -> None:
    seen = Seen(chromium, changed, width, theme, height=9000, axe=True)
    shown(seen)
    seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert violations(seen) == []
    seen.page.click("text=Fronts")
    seen.settle()
    assert violations(seen) == []
    seen.context.close()


@BROWSER
def test_axe_finds_nothing_where_all_kinds_of_changes_are(
    chromium: Browser, rich_page: Path
) -> None:
    seen = Seen(chromium, rich_page, height=6000, axe=True)
    assert violations(seen) == []
    seen.context.close()


@BROWSER
def test_on_a_telephone_its_switches_are_large_and_by_keys_one_sees_where_one_is(
    chromium: Browser, changed: Path
) -> None:
    seen = Seen(chromium, changed, 390, height=9000, touch=True)
    shown(seen)
    script = """[...document.querySelectorAll("button, summary")]
        .map(one => one.getBoundingClientRect()).map(one => [one.width, one.height])"""
    sizes = seen.page.evaluate(script)
    assert len(sizes) == 6
    assert min(min(one) for one in sizes) >= 44
    for wanted in ("button", "summary"):
        outline = ""
        for _ in range(40):
            seen.page.keyboard.press("Tab")
            if seen.page.evaluate(f"document.activeElement.matches('{wanted}')"):
                outline = seen.page.evaluate("getComputedStyle(document.activeElement).outline")
                break
        assert "solid 2px" in outline, wanted
    seen.context.close()


def test_without_git_the_page_says_how_to_see_the_old_pictures(tmp_path: Path) -> None:
    one = changed_deck(tmp_path)
    (tmp_path / ".git").rename(tmp_path / "elsewhere")
    page = page_of(one).read_text(encoding="utf-8")
    assert page.count("The old picture is not at hand.") == 3
    assert page.count("The old sound is not at hand.") == 1
    assert "deckwright diff --against OLD.apkg --format html" in page


@pytest.mark.anki
def test_against_a_package_the_pictures_are_those_in_it(tmp_path: Path) -> None:
    one = changed_deck(tmp_path)
    git(one.root, "stash", "-q")
    assert run("build", "content", cwd=one.root).returncode == 0
    git(one.root, "stash", "pop", "-q")
    (tmp_path / ".git").rename(tmp_path / "elsewhere")
    [package] = (tmp_path / "dist").glob("*.apkg")
    page = page_of(one, "--against", str(package)).read_text(encoding="utf-8")
    assert page.count('<div class="side" data-file="') == 8
    assert "not at hand" not in page


def test_a_picture_that_is_in_no_package_is_said_to_be_missing() -> None:
    difference = corrected(('<img src="a.png">', '<img src="b.png">'))
    page = as_html(replace(difference, is_of_packages=True), {}, {})
    assert "The package does not have this picture." in page


def test_of_a_note_with_very_many_pictures_some_are_shown() -> None:
    old, new = ("".join(f'<img src="{x}{n}.png">' for n in range(50)) for x in "ab")
    page = as_html(corrected((old, new)), {}, {})
    assert page.count('<figure class="compared') == 20
    assert "30 more files change, not shown here." in page


# Which became which


def name(stem: str, content: int = 0) -> str:
    return f"{stem}-{content:016x}.png"


def test_files_are_paired_by_their_names_and_then_by_their_order() -> None:
    olds = [name(one, at) for at, one in enumerate("abcd")]
    news = [name(one, at) for at, one in enumerate("ycz", 10)]
    found = [(stem(one.before), stem(one.after)) for one in file_pairs(olds, news)]
    assert found == [("c", "c"), ("a", "y"), ("b", "z"), ("d", "")]
    assert file_pairs(news, olds)[-1].after == name("d", 3)


def test_what_is_still_there_is_no_change_whatever_it_is_called() -> None:
    assert file_pairs([name("a", 1), name("b", 2)], [name("another", 2), name("a", 1)]) == ()


def test_no_picture_becomes_a_sound() -> None:
    pairs = file_pairs(["a-0000000000000000.png"], ["a-1111111111111111.mp3"])
    assert [(one.noun, one.stems) for one in pairs] == [("picture", ("a",)), ("sound", ("a",))]
