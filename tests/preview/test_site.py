"""The page of a deck in a real browser: to look at its cards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser

from deckwright.compile import compile_deck
from deckwright.preview.content import BEFORE, content_of
from deckwright.preview.site import Links, Site
from tests.browser import Seen
from tests.decks import release
from tests.preview.samples import edit, sample_site, site_of, write_sample

pytestmark = pytest.mark.browser
WIDTHS = (390, 1280)
THEMES = ("light", "dark")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_site(tmp_path_factory.mktemp("sample"), Links("sampler-dev.apkg"))


@pytest.fixture
def seen(chromium: Browser, path: Path) -> Iterator[Seen]:
    """The page on a desk; it asked for nothing but itself, and had nothing to complain of."""
    page = Seen(chromium, path)
    yield page
    assert {*page.loaded()} == {path.as_uri()}
    assert page.said == []
    page.context.close()


def prompts(seen: Seen) -> list[str]:
    """The ids of the notes in the list that can be seen."""
    script = (
        "[...document.querySelectorAll('.entries a')].filter(a => a.offsetParent).map(a => a.id)"
    )
    return list(seen.page.evaluate(script))


def card(seen: Seen) -> str:
    """The words of the card that is shown."""
    seen.settle()
    return str(seen.inside("d.body.innerText")[0])


# The list


def test_the_cover_says_what_it_is_and_how_to_get_it(seen: Seen) -> None:
    cover = seen.page.inner_text("#COVER")
    assert "Sampler" in cover
    assert "Cards of every kind, with a link and code." in cover
    assert "6 notes · 8 cards · a draft · CC0-1.0" in cover
    assert seen.page.get_attribute("#COVER .get", "href") == "sampler-dev.apkg"
    assert seen.page.title() == "Sampler – a deck for Anki"


def test_the_list_has_each_note_by_chapter_with_its_formulas_set(seen: Seen) -> None:
    assert prompts(seen) == ["capital", "dog", "gaussian", "naive-l", "cairo", "code"]
    names = seen.page.eval_on_selector_all(".chapter h2", "all => all.map(one => one.innerText)")
    assert names == ["01 Kinds 4", "02 Others 2"]
    seen.wait("document.querySelector('#naive-l mjx-container') !== null")
    assert seen.page.eval_on_selector("#naive-l", "a => /\\\\\\(/.test(a.textContent)") is False
    families = seen.page.evaluate("[...document.fonts].map(one => one.family)")
    assert "MJXTEX-C" in families


def test_the_list_reads_without_a_script(chromium: Browser, path: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    text = page.inner_text("main")
    assert "What is the capital of France?" in text
    assert "Spanish: the dog" in text
    context.close()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("paris", ["capital"]),
        ("NAIVE name", ["naive-l"]),
        ("naïve", ["naive-l"]),
        ("القاهرة", ["cairo"]),
        ("dog perro", ["dog"]),
        ("mean variance", ["gaussian"]),
        ("animal", ["dog"]),
        ("μ", ["gaussian"]),
        ("mu sqrt2pi", ["gaussian"]),
        ("“in”", ["code"]),
        ("nothing of the sort", []),
    ],
)
def test_a_search_finds_words_answers_tags_and_ids(
    seen: Seen, words: str, found: list[str]
) -> None:
    seen.page.keyboard.press("/")
    seen.page.keyboard.type(words)
    assert prompts(seen) == found
    assert seen.page.inner_text("#HITS") == f"{len(found)} of 6 notes"
    assert seen.page.is_visible("#NONE") is (not found)


def test_chapter_and_tag_narrow_the_list_and_all_comes_back(seen: Seen) -> None:
    seen.page.select_option("#CHAPTER", label="02 Others")
    assert prompts(seen) == ["cairo", "code"]
    seen.page.select_option("#TAG", "maths")
    assert prompts(seen) == []
    seen.page.click("#CLEAR")
    assert len(prompts(seen)) == 6


# The card


def test_a_card_is_shown_as_anki_shows_it_on_both_sides(seen: Seen) -> None:
    seen.page.click("#gaussian")
    back = card(seen)
    assert "Moments of a Gaussian" in back
    assert "[a Greek letter]" not in back
    seen.page.click("text=Question")
    assert "[a Greek letter]" in card(seen)
    seen.page.click("text=cloze 2")
    assert "[...]" in card(seen)
    assert seen.page.evaluate("location.hash") == "#gaussian/2"
    assert seen.inside("d.querySelectorAll('mjx-container').length")[0] == 2
    assert seen.inside("[...d.styleSheets].some(s => s.cssRules.length > 50)")[0]


def test_each_card_has_an_address_that_stays(seen: Seen) -> None:
    seen.open("#dog/2")
    seen.page.click("text=Question")
    assert card(seen).startswith("el perro")
    assert seen.page.get_attribute("#dog", "aria-current") == "true"
    assert seen.page.title() == "Spanish: the dog – Sampler – a deck for Anki"
    seen.open("#no-such-card")
    assert "There is no card no-such-card" in seen.page.inner_text("#LOST")


def test_keys_leaf_through_the_cards_that_are_found(seen: Seen) -> None:
    seen.page.fill("#WORDS", "dog")
    seen.page.keyboard.press("Enter")
    hashes = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        seen.page.keyboard.press(key)
        hashes.append(seen.page.evaluate("location.hash"))
    assert hashes == ["#dog/2", "#dog/2", "#dog"]


def test_a_formula_has_its_size_wherever_the_card_was_asked_for(
    chromium: Browser, path: Path
) -> None:
    size = "d.querySelector('mjx-container')?.style.fontSize"
    for width in WIDTHS:
        seen = Seen(chromium, path, width)
        seen.open("#gaussian")
        expected = seen.inside(size)[0]
        seen.page.click("#TO_STUDY")
        seen.page.click("#THEME")
        seen.page.click("#TO_BROWSE")
        seen.page.click("#gaussian")
        seen.settle()
        assert seen.inside(size)[0] == expected
        seen.context.close()


def test_pictures_and_sounds_are_in_the_page(seen: Seen) -> None:
    seen.open("#naive-l")
    assert seen.inside("[...d.images].map(one => one.naturalWidth)")[0] == [90]
    seen.open("#dog")
    seen.wait(
        "document.querySelector('iframe').contentDocument.querySelector('audio').duration > 0"
    )


def test_a_link_in_a_card_opens_a_page_of_its_own(seen: Seen) -> None:
    seen.open("#capital")
    link = seen.inside("[...d.querySelectorAll('a')].map(a => [a.target, a.rel, a.href])")[0]
    assert link == [["_blank", "noopener noreferrer", "https://example.org/report?card=capital"]]


def test_night_is_the_systems_until_it_is_chosen_and_then_stays(
    chromium: Browser, path: Path
) -> None:
    seen = Seen(chromium, path, theme="dark")
    assert seen.inside("d.body.classList.contains('nightMode')")[0]
    seen.page.click("#THEME")
    seen.settle()
    assert not seen.inside("d.body.classList.contains('nightMode')")[0]
    seen.open()
    assert not seen.inside("d.body.classList.contains('nightMode')")[0]
    seen.context.close()


def test_on_a_telephone_a_card_takes_the_place_of_the_list(chromium: Browser, path: Path) -> None:
    seen = Seen(chromium, path, 390, touch=True)
    assert not seen.page.is_visible("#VIEWER")
    seen.page.tap("#code")
    assert "One more than it gets" in card(seen)
    assert not seen.page.is_visible("#LIST")
    seen.page.tap("#BACK")
    assert seen.page.is_visible("#code")
    assert seen.page.evaluate("document.activeElement.id") == "code"
    seen.page.tap("#code")
    seen.page.go_back()
    assert seen.page.is_visible("#LIST")
    seen.context.close()


# For those who cannot see it, or have no mouse


def assert_fits(seen: Seen, width: int) -> None:
    """Neither the page nor a card can be moved sideways."""
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert max(seen.inside("d.documentElement.scrollWidth - d.documentElement.clientWidth")) == 0


def violations(seen: Seen) -> list[str]:
    """What axe finds wrong with a page; a card's frame runs no script, so it is not looked into."""
    seen.page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    found = seen.page.evaluate(
        "axe.run(document, {iframes: false}).then(found => found.violations)"
    )
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_in_any_view_and_nothing_is_wider_than_the_page(
    chromium: Browser, path: Path, width: int, theme: str
) -> None:
    seen = Seen(chromium, path, width, theme, axe=True)
    for place in ("", "#gaussian", "#code"):
        seen.open(place)
        assert violations(seen) == [], place
        assert_fits(seen, width)
    seen.open("#/study")
    assert violations(seen) == []
    seen.page.click("#BEGIN")
    seen.settle()
    assert violations(seen) == []
    seen.page.click("#SHOW")
    seen.settle()
    assert violations(seen) == []
    assert_fits(seen, width)
    seen.page.keyboard.press("1")
    seen.settle()
    seen.page.click("#END")
    assert seen.page.is_visible("#HARD")
    assert violations(seen) == []
    seen.context.close()


def test_on_a_telephone_all_that_one_taps_is_large_enough(chromium: Browser, path: Path) -> None:
    seen = Seen(chromium, path, 390, touch=True)
    small = """[...document.querySelectorAll("button, a, select, input, summary")]
        .filter(one => one.checkVisibility({visibilityProperty: true}))
        .filter(one => !one.closest(".skip, p:not(.row, .about)"))
        .map(one => [one.closest("label") ?? one, one])
        .filter(([box]) => box.getBoundingClientRect().height < 44
            || box.getBoundingClientRect().width < 44)
        .map(([, one]) => one.outerHTML.slice(0, 90))"""
    for place in ("", "#gaussian", "#/study"):
        seen.open(place)
        assert seen.page.evaluate(small) == [], place
    seen.page.tap("#BEGIN")
    assert seen.page.evaluate(small) == []
    seen.page.tap("#SHOW")
    assert seen.page.evaluate(small) == []
    seen.context.close()


def test_the_focus_is_always_seen(seen: Seen) -> None:
    for _ in range(20):
        seen.page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        where = seen.page.evaluate("document.activeElement.outerHTML.slice(0, 60)")
        if where.startswith("<iframe"):
            continue  # the browser's own
        assert seen.page.evaluate(f"{style}.outlineStyle") != "none", where


# What is wrong


BROKEN = ("Paris, which lies on the Seine", r"Paris $\undefinedcommand$")


def test_a_note_without_an_error_is_shown_while_others_have_some(
    chromium: Browser, tmp_path: Path
) -> None:
    deck = write_sample(tmp_path / "deck")
    edit(deck, *BROKEN)
    seen = Seen(chromium, site_of(compile_deck(deck), tmp_path / "site"))
    assert prompts(seen) == ["dog", "gaussian", "naive-l", "cairo", "code"]
    strip = seen.page.inner_text("#STRIP")
    assert "1 error" in strip
    assert re.search(r"deck/01-kinds\.md:6:\d+ error: .*undefinedcommand.*tex-undefined", strip)
    seen.page.keyboard.press("Escape")
    assert not seen.page.is_visible("#STRIP")
    seen.context.close()


def test_the_strip_is_never_over_the_card(chromium: Browser, tmp_path: Path) -> None:
    deck = write_sample(tmp_path / "deck")
    edit(deck, *BROKEN)
    page = site_of(compile_deck(deck), tmp_path / "site")
    for width in WIDTHS:
        seen = Seen(chromium, page, width)
        seen.open("#code")
        seen.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        bottom = "document.querySelector('#ABOUT').getBoundingClientRect().bottom"
        top = "document.querySelector('#STRIP').getBoundingClientRect().top"
        assert seen.page.evaluate(f"{bottom} <= {top}")
        seen.context.close()


def test_a_released_note_with_an_error_is_shown_as_released(
    chromium: Browser, tmp_path: Path
) -> None:
    deck = write_sample(tmp_path / "deck")
    release(deck, "1.0.0")
    edit(deck, *BROKEN)
    seen = Seen(chromium, site_of(compile_deck(deck), tmp_path / "site"))
    assert "which lies on the Seine" in card(seen)
    assert seen.page.inner_text("#AS_OF") == (
        "This note has an error: it is shown as released in 1.0.0."
    )
    seen.context.close()


def test_a_note_with_an_error_stays_as_it_was_in_the_state_before(tmp_path: Path) -> None:
    deck = write_sample(tmp_path / "deck")
    first = content_of(compile_deck(deck))
    edit(deck, *BROKEN)
    second = content_of(compile_deck(deck), first)
    [one] = [one for one in second.notes if one.as_of]
    assert (one.note, one.as_of) == (first.notes[0].note, BEFORE)
    assert [one.note.id for one in second.notes] == [one.note.id for one in first.notes]
    (deck / "01-kinds.md").write_bytes(b"\xff\xfe\x00 no text")
    third = content_of(compile_deck(deck), second)
    assert {one.note.id for one in third.notes if one.as_of} == {
        one.note.id for one in first.notes if one.place and one.place.path.endswith("01-kinds.md")
    }
    assert [one.note.id for one in third.notes] == [one.note.id for one in first.notes]
    (deck / "01-kinds.md").unlink()
    fourth = content_of(compile_deck(deck), third)
    assert [one.note.id for one in fourth.notes] == ["cairo", "code"]


def test_a_formula_in_the_list_has_words(seen: Seen) -> None:
    label = seen.page.get_attribute("#naive-l", "aria-label")
    assert label == "What does mathcal{L} stand for?"
    assert seen.page.get_attribute("#capital", "aria-label") is None


def test_a_card_that_is_gone_is_gone_whatever_is_wrong_with_others(tmp_path: Path) -> None:
    deck = write_sample(tmp_path / "deck")
    first = content_of(compile_deck(deck))
    edit(deck, *BROKEN)
    edit(deck, "id: dog\n", "id: hound\n")
    second = content_of(compile_deck(deck), first)
    assert [one.note.id for one in second.notes] == [
        "capital", "hound", "gaussian", "naive-l", "cairo", "code",
    ]  # fmt: skip


def test_a_note_that_is_renamed_and_broken_keeps_its_names(tmp_path: Path) -> None:
    deck = write_sample(tmp_path / "deck")
    release(deck)
    edit(deck, *BROKEN)
    edit(deck, "id: capital -->", "id: paris\nwas: [capital]\n-->")
    [one] = [one for one in content_of(compile_deck(deck)).notes if one.as_of]
    assert (one.note.id, one.was) == ("paris", ("capital",))


def test_a_card_that_was_never_sound_is_counted(tmp_path: Path) -> None:
    deck = write_sample(tmp_path / "deck")
    edit(deck, *BROKEN)
    page = Site(content_of(compile_deck(deck))).page
    assert "1 error: 1 card cannot be shown" in page


# What the page is made of


def test_a_page_has_only_the_scripts_and_fonts_that_it_needs(tmp_path: Path) -> None:
    deck = tmp_path / "deck"
    deck.mkdir()
    (deck / "deck.toml").write_text('key = "plain"\nname = "Plain"\n')
    (deck / "01.md").write_text("# Plain\n\n## A question?\n<!-- id: one -->\n\nAn answer\n")
    page = Site(content_of(compile_deck(deck))).page
    assert len(page) < 120_000
    assert '"fonts":{}' in page


def test_more_media_than_a_page_holds_are_beside_it(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckwright.preview.site.MOST_MEDIA", 10)
    path = sample_site(tmp_path)
    assert len([*(path.parent / "media").iterdir()]) == 2
    seen = Seen(chromium, path)
    seen.open("#naive-l")
    assert seen.inside("[...d.images].map(one => one.naturalWidth)")[0] == [90]
    assert seen.said == []
    seen.context.close()


@pytest.mark.parametrize(
    ("edit_url", "address"),
    [
        ("https://x.org/edit/{path}#L{line}", r"https://x\.org/edit/.*/01-kinds\.md#L3"),
        ("vscode://file{file}:{line}", r"vscode://file/.*/01-kinds\.md:3"),
    ],
)
def test_a_card_links_to_its_line(tmp_path: Path, edit_url: str, address: str) -> None:
    compiled = compile_deck(write_sample(tmp_path / "a deck"))
    site = Site(content_of(compiled), Links(edit=edit_url))
    note = json.loads(site.state)["data"]["notes"][0]
    assert re.fullmatch(address, note["edit"])
    assert " " not in note["edit"]
