"""``deckwright preview`` as a person runs it: what it writes, what it refuses, where it leads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from deckwright.preview.cards import MOST_MEDIA
from tests.preview.samples import edit, write_sample
from tests.program import run


@pytest.fixture(autouse=True)
def deck(tmp_path: Path) -> Path:
    return write_sample(tmp_path / "deck")


def data(page: Path) -> dict[str, object]:
    """What the scripts of a page read."""
    text = page.read_text(encoding="utf-8")
    found = re.search(r'id="DATA">(.*?)</script>', text)
    assert found
    return dict(json.loads(found[1]))


def test_the_page_and_the_package_are_written(tmp_path: Path) -> None:
    done = run("preview", "deck", cwd=tmp_path)
    assert done.returncode == 0
    site = tmp_path / "dist" / "site"
    assert {one.name for one in site.iterdir()} == {"index.html", "sampler-dev.apkg"}
    assert re.search(r"notes +6\n +cards +8\n +size .*\n +page +dist/site/index.html", done.stdout)
    assert 'href="sampler-dev.apkg"' in (site / "index.html").read_text(encoding="utf-8")
    assert (site / "index.html").stat().st_size < MOST_MEDIA


def test_a_deck_with_an_address_leads_there(deck: Path, tmp_path: Path) -> None:
    edit(deck, 'licence = "CC0-1.0"', 'url = "https://example.org/deck"', "deck.toml")
    assert run("preview", "deck", "-o", "site", cwd=tmp_path).returncode == 0
    assert [one.name for one in (tmp_path / "site").iterdir()] == ["index.html"]
    assert 'href="https://example.org/deck"' in (tmp_path / "site" / "index.html").read_text()


def test_a_deck_with_errors_is_shown_and_said(deck: Path, tmp_path: Path) -> None:
    edit(deck, "which lies on the Seine", r"$\undefinedcommand$")
    done = run("preview", "deck", cwd=tmp_path)
    assert done.returncode == 1
    assert "deck/01-kinds.md:6:" in done.stderr
    assert "6 cards, 1 error" in done.stderr
    page = tmp_path / "dist" / "site" / "index.html"
    assert "1 error" in page.read_text(encoding="utf-8")
    assert [one.name for one in page.parent.iterdir()] == ["index.html"]


def test_in_the_decks_own_folder_the_page_is_no_part_of_it(deck: Path) -> None:
    assert run("preview", cwd=deck).returncode == 0
    assert (deck / "dist" / "site" / "index.html").is_file()
    assert "no mistake" in run("check", cwd=deck).stderr
    done = run("preview", "-o", ".", cwd=deck)
    assert (done.returncode, "part of it" in done.stderr) == (2, True)


def test_a_page_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    other = tmp_path / "other" / "index.html"
    other.parent.mkdir()
    other.write_text("mine")
    done = run("preview", "deck", "-o", "other", cwd=tmp_path)
    assert (done.returncode, other.read_text()) == (2, "mine")
    assert "is not a page of deckwright" in done.stderr
    for _ in range(2):
        assert run("preview", "deck", "-o", "site", cwd=tmp_path).returncode == 0


def test_where_there_is_nothing_to_show_the_page_stays(deck: Path, tmp_path: Path) -> None:
    page = tmp_path / "dist" / "site" / "index.html"
    run("preview", "deck", cwd=tmp_path)
    before = page.read_bytes()
    edit(deck, 'name = "Sampler"', 'name = ""', "deck.toml")
    done = run("preview", "deck", cwd=tmp_path)
    assert (done.returncode, page.read_bytes()) == (2, before)
    assert "nothing to show" in done.stderr


def test_a_link_for_the_media_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").symlink_to(tmp_path / "outside" / "index.html")
    done = run("preview", "deck", "-o", "site", cwd=tmp_path)
    assert done.returncode == 2
    assert not [*(tmp_path / "outside").iterdir()]


def test_a_package_of_an_older_version_does_not_stay(tmp_path: Path) -> None:
    site = tmp_path / "dist" / "site"
    site.mkdir(parents=True)
    for name in ("sampler-0.9.0.apkg", "sampler-other.apkg", "other-1.0.0.apkg"):
        (site / name).write_bytes(b"PK")
    run("preview", "deck", cwd=tmp_path)
    names = {one.name for one in site.glob("*.apkg")}
    assert names == {"sampler-dev.apkg", "sampler-other.apkg", "other-1.0.0.apkg"}


def test_a_page_that_leads_to_no_place_tells_of_none(deck: Path, tmp_path: Path) -> None:
    run("preview", str(deck), "-o", "site", cwd=tmp_path)
    assert str(tmp_path) not in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_an_editor_or_an_address_is_where_a_card_is_edited(deck: Path, tmp_path: Path) -> None:
    page = tmp_path / "dist" / "site" / "index.html"
    for given, expected in (
        ("code", f"vscode://file{deck.as_posix()}/01-kinds.md:3"),
        ("https://example.org/{path}#L{line}", "https://example.org/deck/01-kinds.md#L3"),
    ):
        assert run("preview", "deck", "--edit-url", given, cwd=tmp_path).returncode == 0
        notes = data(page)["notes"]
        assert isinstance(notes, list)
        assert (notes[0]["edit"], notes[0]["place"]) == (expected, "deck/01-kinds.md:3")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--edit-url", "emacs"], "no address and no editor"),
        (["--edit-url", "javascript:alert('{path}')"], "no address and no editor"),
        (["--edit-url", "https://example.org/{nope}"], "{nope} is no part of a place"),
        (["--edit-url", "https://example.org/"], "the same for each card"),
        (["--port", "8000"], "--port is for --serve"),
        (["--serve", "-o", "site"], "--serve writes nothing"),
    ],
)
def test_a_wrong_call_is_reported_in_words(args: list[str], words: str, tmp_path: Path) -> None:
    done = run("preview", "deck", *args, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "dist").exists()
