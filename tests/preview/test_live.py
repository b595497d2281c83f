"""The page that is served while a deck is edited, in a real browser."""

from __future__ import annotations

import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import Seen
from tests.preview.samples import edit, write_sample
from tests.program import started

pytestmark = pytest.mark.browser
BROKEN = ("which lies on the Seine", r"which $\undefinedcommand$")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(deck: Path, port: int, output: Path) -> Iterator[str]:
    """The address of a deck that the program serves."""
    output.mkdir(exist_ok=True)
    address = f"http://127.0.0.1:{port}/"
    args = ("preview", str(deck), "--serve", "--port", str(port), "--edit-url", "code")
    with started(*args, cwd=deck.parent, output=output, env={}) as process:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.is_alive():
            with suppress(OSError), urllib.request.urlopen(address):
                break
            time.sleep(0.05)
        try:
            yield address
        finally:
            process.kill()


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_sample(tmp_path / "deck")


@pytest.fixture
def seen(chromium: Browser, deck: Path, tmp_path: Path) -> Iterator[Seen]:
    with served(deck, free_port(), tmp_path / "output") as address:
        page = Seen(chromium, address, height=600)
        yield page
        assert all(url.startswith(address) for url in page.loaded())
        page.context.close()


def wait_for_card(seen: Seen, words: str) -> None:
    """Wait until the card that is shown has some words."""
    seen.wait(
        f"document.querySelector('iframe').contentDocument.body.innerText.includes({words!r})"
    )


def test_a_change_is_on_the_screen_and_the_place_is_kept(seen: Seen, deck: Path) -> None:
    seen.open("#capital")
    seen.page.fill("#WORDS", "a")
    seen.page.click("text=Question")
    seen.page.evaluate("scrollTo(0, 120)")
    seen.settle()
    top = seen.page.evaluate("scrollY")
    edit(deck, "What is the capital of France?", "Which town is the capital of France?")
    wait_for_card(seen, "Which town")
    assert seen.page.input_value("#WORDS") == "a"
    assert seen.page.evaluate("scrollY") == top
    assert seen.page.evaluate("location.hash") == "#capital"
    assert "Seine" not in seen.inside("d.body.innerText")[0], "it is still the question"
    assert seen.page.inner_text("#capital .prompt") == "Which town is the capital of France?"
    assert seen.said == []


def test_what_did_not_change_is_not_set_anew(seen: Seen, deck: Path) -> None:
    seen.open("#naive-l")
    seen.wait("document.querySelector('#naive-l mjx-container') !== null")
    seen.page.evaluate("document.querySelector('#naive-l mjx-container').dataset.mark = 'old'")
    script = "document.querySelector('iframe').contentDocument.body.firstElementChild.dataset.mark"
    seen.page.evaluate(f"{script} = 'old'")
    edit(deck, "One more than it gets", "One more", "02-other.md")
    seen.wait("!document.getElementById('NEWS').hidden")
    assert seen.page.evaluate("document.querySelector('#naive-l mjx-container').dataset.mark")
    assert seen.page.evaluate(script) == "old"


def test_what_is_taken_back_is_as_it_was(seen: Seen, deck: Path) -> None:
    both = ("Spanish: the dog", "Spanish: a dog")
    for old, new in (both, both[::-1], both):
        edit(deck, old, new)
        seen.wait(f"document.getElementById('dog').innerText.startsWith({new!r})")


def test_where_one_other_card_changed_the_way_there_is_offered(seen: Seen, deck: Path) -> None:
    seen.open("#capital")
    edit(deck, "One more than it gets", "One more", "02-other.md")
    seen.page.click("#NEWS a")
    wait_for_card(seen, "One more:")
    assert not seen.page.is_visible("#STRIP")


def test_an_error_is_named_and_gone_when_it_is_mended(seen: Seen, deck: Path) -> None:
    seen.open("#capital")
    edit(deck, *BROKEN)
    seen.wait("!document.getElementById('STRIP').hidden")
    strip = seen.page.inner_text("#STRIP")
    assert "1 error" in strip
    assert "01-kinds.md:6:" in strip
    assert "undefinedcommand" in strip
    address = seen.page.get_attribute("#STRIP .place a", "href") or ""
    assert address.startswith("vscode://file/")
    assert address.endswith("/01-kinds.md:6")
    wait_for_card(seen, "which lies on the Seine")
    assert "as it was before" in seen.page.inner_text("#AS_OF")
    edit(deck, "One more than it gets", "One less", "02-other.md")
    seen.page.click("#code")
    wait_for_card(seen, "One less")
    edit(deck, *BROKEN[::-1])
    seen.wait("document.getElementById('STRIP').hidden")
    seen.page.click("#capital")
    wait_for_card(seen, "which lies on the Seine")
    assert not seen.page.is_visible("#AS_OF")
    assert seen.page.evaluate("document.querySelector('#capital .remark')") is None


def test_what_is_hidden_comes_back_with_the_next_build(seen: Seen, deck: Path) -> None:
    edit(deck, *BROKEN)
    seen.page.click("#HIDE")
    assert not seen.page.is_visible("#STRIP")
    edit(deck, "One more than it gets", "One less", "02-other.md")
    seen.wait("!document.getElementById('STRIP').hidden")


def test_a_style_with_an_error_changes_no_card(seen: Seen, deck: Path) -> None:
    colour = "getComputedStyle(document.querySelector('iframe').contentDocument.body).color"
    (deck / "style.css").write_text(".card { color: rgb(1, 2, 3) }")
    seen.wait(f"{colour} === 'rgb(1, 2, 3)'")
    (deck / "style.css").write_text(".card { color: rgb(4, 5, 6); background: url(x) }")
    seen.wait("!document.getElementById('STRIP').hidden")
    assert seen.page.evaluate(colour) == "rgb(1, 2, 3)"


def test_a_card_without_an_id_is_shown_while_it_is_written(seen: Seen, deck: Path) -> None:
    path = deck / "01-kinds.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n## A new card?\n\nYes, $x$\n")
    seen.wait("document.getElementById('a-new-card') !== null")
    seen.page.click("#a-new-card")
    wait_for_card(seen, "A new card?")
    assert "without an id" in seen.page.inner_text("#AS_OF")


def test_the_address_decides_what_is_shown_when_ids_change(seen: Seen, deck: Path) -> None:
    seen.open("#capital")
    edit(deck, "id: capital -->", "id: paris -->")
    seen.wait("document.getElementById('capital') === null")
    assert "may have been retired" in seen.page.inner_text("#LOST")
    edit(deck, "id: paris -->", "id: capital -->")
    seen.wait("document.getElementById('LOST').hidden")
    wait_for_card(seen, "capital of France")


def test_cards_come_and_go(seen: Seen, deck: Path) -> None:
    seen.open("#code")
    (deck / "02-other.md").unlink()
    seen.wait("document.querySelectorAll('.entries a').length === 4")
    wait_for_card(seen, "capital of France")
    (deck / "03.md").write_text("# 03 New\n\n## New?\n<!-- id: new -->\n\nYes $x^2$\n")
    seen.wait("document.querySelectorAll('.entries a').length === 5")
    seen.page.click("#new")
    wait_for_card(seen, "New?")
    assert seen.inside("d.querySelectorAll('mjx-container').length")[0] == 1


def test_a_deck_that_is_gone_for_a_while_is_shown_as_it_was(seen: Seen, deck: Path) -> None:
    text = (deck / "deck.toml").read_text(encoding="utf-8")
    (deck / "deck.toml").unlink()
    seen.wait("!document.getElementById('STRIP').hidden")
    assert "deck.toml" in seen.page.inner_text("#STRIP")
    assert seen.page.is_visible("#capital")
    (deck / "deck.toml").write_text(text, encoding="utf-8")
    seen.wait("document.getElementById('STRIP').hidden")


def test_a_sitting_goes_on_while_the_deck_is_edited(seen: Seen, deck: Path) -> None:
    seen.open("#/study")
    seen.page.click("#BEGIN")
    seen.settle()
    seen.page.keyboard.press("Enter")
    edit(deck, "Spanish: the dog", "Spanish: a dog")
    seen.wait("document.getElementById('dog').innerText.includes('a dog')")
    seen.page.keyboard.press("5")
    seen.settle()
    assert "a dog" in seen.inside("d.body.innerText")[1]


def test_a_sitting_goes_on_with_cards_that_are_renamed_or_gone(seen: Seen, deck: Path) -> None:
    seen.open("#/study")
    seen.page.click("#BEGIN")
    seen.settle()
    edit(deck, "id: capital -->", "id: paris\nwas: [capital]\n-->")
    seen.wait("document.getElementById('paris') !== null")
    assert "capital of France" in seen.inside("d.body.innerText")[1]
    text = (deck / "01-kinds.md").read_text(encoding="utf-8")
    (deck / "01-kinds.md").write_text(f"# 01 Kinds\n\n## Spa{text.partition('## Spa')[2]}")
    seen.wait("document.getElementById('paris') === null")
    seen.settle()
    assert "Spanish" in seen.inside("d.body.innerText")[1]
    assert seen.page.inner_text("#COUNT") == "0 of 7"


def test_a_card_that_a_note_no_longer_has_stops_nothing(seen: Seen, deck: Path) -> None:
    seen.open("#gaussian/2")
    edit(deck, "{{c2::variance $\\sigma^2$}}", "variance $\\sigma^2$")
    seen.wait("document.getElementById('CARDS').hidden")
    edit(deck, *BROKEN)
    seen.wait("!document.getElementById('STRIP').hidden")
    assert seen.said == []


def test_another_deck_at_the_same_address_has_its_own_progress(
    chromium: Browser, deck: Path, tmp_path: Path
) -> None:
    port = free_port()
    with served(deck, port, tmp_path / "output") as address:
        seen = Seen(chromium, address)
    edit(deck, 'key = "sampler"', 'key = "another"', "deck.toml")
    with served(deck, port, tmp_path / "output"):
        seen.wait("cardFrames.data.deck === 'another'")
        seen.page.click("#TO_STUDY")
        seen.page.click("#BEGIN")
        seen.page.keyboard.press("Enter")
        seen.settle()
        seen.page.keyboard.press("4")
        seen.settle()
        assert seen.page.evaluate("localStorage.getItem('deckwright progress another')")
    seen.context.close()


def test_a_filter_stays_with_its_chapter(seen: Seen, deck: Path) -> None:
    seen.page.select_option("#CHAPTER", label="02 Others")
    (deck / "00.md").write_text("# 00 First\n\n## New?\n<!-- id: new -->\n\nYes\n")
    seen.wait("document.getElementById('new') !== null")
    assert seen.page.evaluate("document.getElementById('CHAPTER').selectedOptions[0].text") == (
        "02 Others"
    )
    assert not seen.page.is_visible("#new")


def test_a_deck_whose_name_is_broken_keeps_it(seen: Seen, deck: Path) -> None:
    edit(deck, 'name = "Sampler"', 'name = ""', "deck.toml")
    seen.wait("!document.getElementById('STRIP').hidden")
    assert seen.page.inner_text("h1") == "Sampler"
    assert seen.page.title().endswith("Sampler – a deck for Anki")
    edit(deck, 'name = ""', 'name = "Samples"', "deck.toml")
    seen.wait("document.title.endsWith('Samples – a deck for Anki')")


def test_the_package_is_to_be_had(seen: Seen) -> None:
    with seen.page.expect_download() as found:
        seen.page.click("#COVER .get")
    assert found.value.suggested_filename == "sampler-dev.apkg"
    assert Path(found.value.path()).read_bytes().startswith(b"PK")


def test_a_page_whose_server_is_gone_says_so_and_goes_on_with_the_next(
    chromium: Browser, deck: Path, tmp_path: Path
) -> None:
    port = free_port()
    with served(deck, port, tmp_path / "output") as address:
        seen = Seen(chromium, address)
        seen.open("#capital")
    seen.wait("!document.getElementById('NEWS').hidden")
    assert "not running" in seen.page.inner_text("#NEWS")
    edit(deck, "What is the capital of France?", "Which town is the capital of France?")
    with served(deck, port, tmp_path / "output"):
        wait_for_card(seen, "Which town")
        assert "not running" not in seen.page.inner_text("#STRIP")
    seen.context.close()
