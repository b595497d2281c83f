"""Notes that go to another deck: what check says, and what learners are told and can do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Source
from deckwright.real_anki import scratch_collection
from deckwright.real_anki.contents import in_collection
from deckwright.real_anki.scratch import Scratch
from deckwright.releases.changelog import to_markdown
from deckwright.releases.ledger import FILE, from_text, to_text
from deckwright.releases.release import Prepared
from tests.decks import TOML, card, make_deck, release

FIRST = 1_600_000_000
DAY = 86_400
A, B, C, D = (card(f"{word} one.", f"Which {word}?", word) for word in ("red", "wet", "old", "sad"))


def write(root: Path, files: dict[str, str], *moved: str) -> Path:
    """A deck of just these files, each with a title and cards; and its lines under [moved]."""
    for path in root.glob("*.md"):
        path.unlink()
    lines = "".join(f'"Examples::{name}" = "{name} was wrong"\n' for name in moved)
    texts = {name: f"# {text}" for name, text in files.items()}
    return make_deck(root, {"deck.toml": f"{TOML}[moved]\n{lines}", **texts})


def said(root: Path) -> list[str]:
    """What check says, and of which file."""
    found = compile_deck(root).problems
    assert {one.rule for one in found} <= {"deck-renamed"}, found
    return [f"{Path(one.place.path).name}: {one.message}" for one in found]


def released(root: Path, number: int = 0) -> Prepared:
    return release(root, f"1.{number}.0", FIRST + number * DAY)


TWO_FILES = {"01.md": f"Intro\n\n{A}\n{B}", "02.md": f"Depth\n\n{C}\n{D}"}
LEFT = {
    "a file and its title are renumbered (c01)": (
        {"01.md": f"Start\n\n{card('New.', 'New?', 'new')}", "02.md": f"Intro 2\n\n{A}\n{B}"}
        | {"03.md": TWO_FILES["02.md"]},
        ["Intro"],
    ),
    "files move to another folder and get other titles (f11)": (
        {"x/01.md": f"Intro 2\n\n{A}\n{B}", "x/02.md": f"Depth 2\n\n{C}\n{D}"},
        ["Intro", "Depth"],
    ),
    "two files become one (c04)": ({"01.md": f"Both\n\n{A}\n{B}\n{C}\n{D}"}, ["Intro", "Depth"]),
    "one file goes into the other": ({"02.md": f"Depth\n\n{A}\n{B}\n{C}\n{D}"}, ["Intro"]),
    "titles are exchanged (c03)": (
        {"01.md": f"Depth\n\n{A}\n{B}", "02.md": f"Intro\n\n{C}\n{D}"},
        ["Intro", "Depth"],
    ),
    "a file is cut in two under new titles (c16)": (
        {"01.md": f"Start\n\n{A}", "03.md": f"Next\n\n{B}", "02.md": TWO_FILES["02.md"]},
        ["Intro"],
    ),
    "the title alone (c02)": (
        {"01.md": f"Start\n\n{A}\n{B}", "02.md": TWO_FILES["02.md"]},
        ["Intro"],
    ),
    "a new card takes the place of all others": (
        {"01.md": f"Intro\n\n{card('New.', 'New?', 'new')}", "02.md": f"Depth\n\n{A}{B}{C}{D}"},
        ["Intro"],
    ),
}


@pytest.mark.parametrize(("files", "decks"), LEFT.values(), ids=LEFT)
def test_a_deck_that_all_its_released_cards_leave_is_named(
    files: dict[str, str], decks: list[str], tmp_path: Path
) -> None:
    released(write(tmp_path, TWO_FILES))
    for path in (tmp_path / "x").glob("*"):
        path.unlink()
    found = said(write(tmp_path, files))
    assert len(found) == len(decks)
    for deck in decks:
        words = f"the released cards of the deck 'Examples::{deck}' go to 'Examples::"
        [one] = (one for one in found if words in one)
        assert f'put "Examples::{deck}" = "the reason" under [moved]' in one
    assert not said(write(tmp_path, files, *decks))


STAYS = {
    "one of two files of a deck goes elsewhere (c05)": (
        {"01.md": f"Intro\n\n{A}", "02.md": f"Intro\n\n{B}"},
        {"01.md": f"Intro\n\n{A}", "02.md": f"Depth\n\n{B}"},
    ),
    "one card of a file goes to another (c15)": (
        TWO_FILES,
        {"01.md": f"Intro\n\n{A}", "02.md": f"Depth\n\n{B}\n{C}\n{D}"},
    ),
    "a file gets another name (c13)": (
        TWO_FILES,
        {"07.md": TWO_FILES["01.md"], "02.md": TWO_FILES["02.md"]},
    ),
    "a deck gets other capitals (c06)": (
        {"01.md": f"Intro\n\n{A}\n{B}"},
        {"01.md": f"INTRO\n\n{A}\n{B}"},
    ),
}


@pytest.mark.parametrize(("before", "after"), STAYS.values(), ids=STAYS)
def test_a_deck_in_which_a_released_card_stays_is_not_left(
    before: dict[str, str], after: dict[str, str], tmp_path: Path
) -> None:
    released(write(tmp_path, before))
    assert not said(write(tmp_path, after))


def test_a_line_of_moved_counts_for_one_release(tmp_path: Path) -> None:
    """Row c14: Intro → Start → Intro → Third, with the first line left over."""
    decks = [{"01.md": f"{title}\n\n{A}"} for title in ("Intro", "Start", "Intro", "Third")]
    lines: list[str] = []
    for number, files in enumerate(decks[:3]):
        write(tmp_path, files, *lines)
        if number:
            assert said(tmp_path)
            lines.append(("Intro", "Start")[number - 1])
        assert not said(write(tmp_path, files, *lines))
        released(tmp_path, number)
        assert not said(tmp_path)
    [found] = said(write(tmp_path, decks[3], *lines))
    assert "give 'Examples::Intro' a new reason under [moved]: the old one was for 1.1.0" in found
    path = tmp_path / "deck.toml"
    path.write_text(path.read_text().replace("Intro was wrong", "once more"))
    assert not said(tmp_path)
    assert released(tmp_path, 3).ledger.last.moved == (
        ("Examples::Intro", "Examples::Third", "once more"),
    )


def test_a_card_that_was_retired_and_is_back_elsewhere_leaves_no_deck(tmp_path: Path) -> None:
    released(write(tmp_path, TWO_FILES))
    retired = '[retired]\nred = "wrong"\nwet = "wrong"\n'
    write(tmp_path, {"02.md": TWO_FILES["02.md"]})
    make_deck(tmp_path, {"deck.toml": TOML + retired})
    released(tmp_path, 1)
    assert not said(write(tmp_path, {"02.md": f"Depth\n\n{A}\n{C}\n{D}"}))


def test_a_deck_is_not_left_while_its_cards_cannot_be_read(tmp_path: Path) -> None:
    released(write(tmp_path, {"01.md": f"Intro\n\n{A}\n{B}", "02.md": f"Depth\n\n{C}"}))
    write(tmp_path, {"01.md": f"Intro\n\n## {A}", "02.md": f"Depth\n\n{B}\n{C}"})
    (tmp_path / "01.md").write_bytes(b"\xff")
    assert "deck-renamed" not in {one.rule for one in compile_deck(tmp_path).problems}


def test_a_ledger_of_the_first_format_is_read_without_its_files(tmp_path: Path) -> None:
    ledger = released(write(tmp_path, TWO_FILES)).ledger
    text = to_text(ledger)
    assert '"row": "file"' not in text
    first, *rest, _ = text.splitlines(keepends=True)
    head = {**json.loads(first)}
    del head["format"]
    row = {"row": "file", "path": "01.md", "deck": "Examples::Intro"}
    body = "".join((json.dumps(head) + "\n", json.dumps(row) + "\n", *rest))
    body = re.sub(r', "(?:heeded|forked)": false|, "moved": \[\]', "", body)
    body += f'{{"row": "end", "sha256": "{sha256(body.encode()).hexdigest()}"}}\n'
    (tmp_path / FILE).write_text(body, encoding="utf-8")
    assert from_text(Source(FILE, body)) == (ledger, ())
    assert not said(tmp_path)


# -- What learners are told, and can do ------------------------------------------------------------


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    pytest.importorskip("anki")
    with scratch_collection() as found:
        yield found


def take(scratch: Scratch, folder: Path, prepared: Prepared) -> None:
    path = folder / prepared.package.name
    path.write_bytes(prepared.package.data)
    scratch.import_package(path)


def do_as_told(scratch: Scratch, changelog: str) -> None:
    """Move cards as the newest release of a changelog says."""
    section = changelog.split("\n## ")[1]
    told = re.findall(r"- .* → (.*?)(?: \(.*\))?\n\n```\n(.*)\n```", section)
    assert told, section

    def move(collection: Any) -> None:
        for deck, search in told:
            collection.set_deck(collection.find_cards(search), collection.decks.id(deck))

    scratch.run(move)


def decks_of(scratch: Scratch) -> dict[str, str]:
    got = in_collection(scratch)
    return {got.note_name(one.note): one.deck for one in got.cards.values()}


@pytest.mark.anki
@pytest.mark.parametrize(
    ("files", "decks"),
    [*LEFT.values(), *((after, []) for before, after in STAYS.values() if before is TWO_FILES)],
    ids=[*LEFT, *(name for name, (before, _) in STAYS.items() if before is TWO_FILES)],
)
def test_what_the_changelog_tells_brings_each_card_into_its_new_deck(
    files: dict[str, str], decks: list[str], tmp_path: Path, scratch: Scratch
) -> None:
    root = tmp_path / "deck"
    take(scratch, tmp_path, released(write(root, TWO_FILES)))
    new = released(write(root, files, *decks), 1)
    take(scratch, tmp_path, new)
    text = to_markdown(new.ledger)
    for deck in decks:
        assert re.search(rf"- Examples::{deck} → Examples::[\w ]+ \({deck} was wrong\)\n", text)
    if new.changes.moved:
        assert "Your cards stay where they are" in text
        do_as_told(scratch, text)
    else:
        assert "Nothing changed for learners" in text
    assert decks_of(scratch) == {note.id: note.deck for note in new.deck.notes}


@pytest.mark.anki
def test_a_deck_is_found_whatever_signs_are_in_its_name(tmp_path: Path, scratch: Scratch) -> None:
    front = """---\ndeck: 'Examples::A b _c_ (d) e*'\n---\n"""
    root = make_deck(tmp_path / "deck", {"01.md": f"{front}# A\n\n{A}", "02.md": f"# Axb\n\n{B}"})
    take(scratch, tmp_path, released(root))
    lines = """[moved]\n'Examples::A b _c_ (d) e*' = "odd"\n"""
    make_deck(root, {"01.md": f"# Plain\n\n{A}", "deck.toml": TOML + lines})
    new = released(root, 1)
    take(scratch, tmp_path, new)
    do_as_told(scratch, to_markdown(new.ledger))
    assert decks_of(scratch) == {"red": "Examples::Plain", "wet": "Examples::Axb"}
