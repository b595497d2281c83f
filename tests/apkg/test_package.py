from __future__ import annotations

import errno
import json
import os
import re
import sqlite3
import stat
import zipfile
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from deckwright import note_types
from deckwright.apkg import files as disk
from deckwright.apkg.guids import guid, stable_id
from deckwright.apkg.package import package, page, write
from deckwright.compile import compile_deck
from deckwright.model import Deck
from tests.decks import card, make_deck

CLOZE = card("{{c3::c}} {{c1::a}}", card_id="clozes")
PICTURE = card("![a dot](media/dot.png)", card_id="picture")
TIME = 1_700_000_000


@pytest.fixture
def deck(tmp_path: Path) -> Deck:
    files: dict[str, str | bytes] = {
        "deck.toml": 'key = "examples"\nname = "Examples"\ntag = "ex"\n'
        'description = "**Words**"\nurl = "https://example.org"\n'
        'report = "https://example.org/new?id={id}"\n',
        "01-a.md": "---\ntags: [x]\n---\n# 01 A\n\n" + card("An answer.") + CLOZE,
        "02-b.md": "# 02 B\n\n" + PICTURE,
    }
    compiled = compile_deck(make_deck(tmp_path / "deck", files))
    assert compiled.deck, compiled.problems
    return compiled.deck


def database(data: bytes) -> sqlite3.Connection:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(archive.read("collection.anki2"))
    return connection


def test_equal_input_gives_equal_bytes(deck: Deck) -> None:
    assert package(deck, "dev", TIME).data == package(deck, "dev", TIME).data


def test_another_time_changes_the_bytes_but_not_the_content_hash(deck: Deck) -> None:
    first, second = package(deck, "dev", TIME), package(deck, "dev", TIME + 1)
    assert first.data != second.data
    assert first.content_hash == second.content_hash


def test_the_archive_is_deflated_and_knows_no_clock_or_machine(deck: Deck) -> None:
    with zipfile.ZipFile(BytesIO(package(deck, "dev", TIME).data)) as archive:
        assert archive.testzip() is None
        assert [info.filename for info in archive.infolist()] == ["collection.anki2", "media", "0"]
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_DEFLATED
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.external_attr >> 16) == (3, 0o644)


def test_media_are_named_by_their_content(deck: Deck) -> None:
    with zipfile.ZipFile(BytesIO(package(deck, "dev", TIME).data)) as archive:
        [name] = json.loads(archive.read("media")).values()
    assert re.fullmatch(r"dot-[0-9a-f]{16}\.png", name)
    with closing(database(package(deck, "dev", TIME).data)) as connection:
        fields = connection.execute("SELECT flds FROM notes ORDER BY id DESC").fetchone()[0]
    assert f'src="{name}"' in fields


def test_rows_are_ours(deck: Deck) -> None:
    with closing(database(package(deck, "dev", TIME).data)) as connection:
        rows = connection.execute("SELECT guid, mod, tags FROM notes ORDER BY id").fetchall()
        cards = connection.execute("SELECT ord, due, mod FROM cards ORDER BY id").fetchall()
    ids = ("a-card", "clozes", "picture")
    assert [row[0] for row in rows] == [guid("examples", name) for name in ids]
    assert {row[1] for row in rows} == {TIME}
    assert [row[2] for row in rows] == [" ex::x ", " ex::x ", "  "]
    assert [(number, due) for number, due, _ in cards] == [(0, 0), (0, 1), (2, 1), (0, 2)]


def test_note_types_have_fixed_ids_everywhere(deck: Deck) -> None:
    with closing(database(package(deck, "dev", TIME).data)) as connection:
        models = json.loads(connection.execute("SELECT models FROM col").fetchone()[0])
    assert set(models) == {str(stable_id("examples", kind)) for kind in ("basic", "cloze")}
    ids = [part["id"] for model in models.values() for part in model["flds"] + model["tmpls"]]
    assert len(set(ids)) == len(ids) == 9 + 2 + 7 + 1
    assert all(1 << 52 <= number < 1 << 53 for number in ids)
    assert {model["mod"] for model in models.values()} == {TIME}


def test_the_deck_page_shows_description_version_and_address(deck: Deck) -> None:
    with closing(database(package(deck, "1.2.0", TIME).data)) as connection:
        decks = json.loads(connection.execute("SELECT decks FROM col").fetchone()[0])
    [root] = [row for row in decks.values() if row["name"] == "Examples"]
    assert root["md"] is True
    assert root["desc"] == "**Words**\n\nVersion 1.2.0 <https://example.org>"


def test_authors_and_licence_are_no_markdown_on_the_deck_page(deck: Deck) -> None:
    info = replace(deck.info, authors=("[Update](https://evil.invalid)",), licence="**free**")
    assert page(info).endswith(r"\*\*free\*\*, by \[Update\](https://evil.invalid)")


@pytest.mark.parametrize("version", ["dev", "1.2.0+dev"])
def test_the_deck_page_of_a_draft_says_what_studying_it_costs(version: str, deck: Deck) -> None:
    with closing(database(package(deck, version, TIME).data)) as connection:
        text = connection.execute("SELECT decks FROM col").fetchone()[0]
    assert "A draft, to be studied in a profile of its own: " in text


def test_the_report_link_is_made_by_the_template(deck: Deck) -> None:
    with closing(database(package(deck, "dev", TIME).data)) as connection:
        models = json.loads(connection.execute("SELECT models FROM col").fetchone()[0])
        fields = [row[0] for row in connection.execute("SELECT flds FROM notes")]
    backs = [template["afmt"] for model in models.values() for template in model["tmpls"]]
    assert all("https://example.org/new?id={{Id}}" in back for back in backs)
    assert not any("example.org" in text for text in fields)


def test_nothing_that_a_template_shows_is_unescaped() -> None:
    folder = Path(note_types.__file__).parent
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) >= 7
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\{\{(?:Tags|Deck|Subdeck|CardFlag)\}\}|<script|https?:", text), path


def test_the_package_and_its_hashes_are_all_that_is_written(deck: Deck, tmp_path: Path) -> None:
    out = tmp_path / "out"
    finished = package(deck, "dev", TIME)
    path = write(finished, out)
    write(finished, out)
    assert sorted(item.name for item in out.iterdir()) == [
        "examples-dev.apkg",
        "examples-dev.apkg.sha256",
    ]
    comment, line = path.with_name(f"{path.name}.sha256").read_text().splitlines()
    assert comment == f"# content {finished.content_hash}"
    assert line == f"{sha256(path.read_bytes()).hexdigest()}  {path.name}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~disk._umask()


def test_a_failed_write_leaves_the_old_file_and_no_other(
    deck: Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(package(deck, "dev", TIME), tmp_path)
    before = path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(package(deck, "dev", TIME + 1), tmp_path)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".*"))
