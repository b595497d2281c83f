"""A wrong line of deck.toml costs that line alone, and is named for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.model import Source
from deckwright.source.deck_toml import read_deck_toml
from tests.decks import TOML, card, make_deck, release

MACROS = "[macros]\nE = '\\mathbb{E}'\n"
DECK = 'key = "k"\nname = "N"\n'


def compiled(root: Path, toml: str) -> Compiled:
    """A deck whose only card needs a macro."""
    text = "# T\n\n" + card(r"An $\E$.")
    return compile_deck(make_deck(root, {"deck.toml": toml, "01.md": text}))


@pytest.mark.parametrize(
    ("line", "at", "what"),
    [
        ("description = Hello world", 3, "Invalid value"),
        ('description = "Hello', 3, "Illegal character"),
        ("description = “Hello”", 3, "Invalid value"),
        ("tag = 'x", 3, "invalid character"),
        ('tag = "x" extra', 3, "Expected newline"),
        ('tag "x"', 3, "Expected '='"),
        ("tag: x", 3, "Expected '='"),
        ("some words", 3, "Expected '='"),
        ("tag = 2020-13-45", 3, "not TOML"),
        ('authors = ["A"', 3, "Unclosed array"),
        ('authors = [\n  "A",\n  "B"', 3, "Unclosed array"),
        ('description = """Hello,\nworld', 3, "a text of several lines begins here and never ends"),
        ("description = '''Hello,\nworld", 3, "a text of several lines begins here and never ends"),
        ('description = "C:\\dir"', 3, "Unescaped"),
        ('tag = "x"\ntag = "y"', 4, "for the second time"),
        ('tag = "a\u202eb"', 3, "U+202E"),
        ("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1", 3, "more than 20 parts"),
        ('report = "http://x.org"', 3, "not an address with a place"),
        ("authors = 3", 3, "authors is a list"),
        ('licens = "x"', 3, "unknown key licens"),
        ("zzz = 1", 3, "unknown key zzz"),
        ("<<<<<<< HEAD", 3, "Invalid statement"),
    ],
)
def test_a_wrong_line_costs_nothing_but_itself(
    line: str, at: int, what: str, tmp_path: Path
) -> None:
    found = compiled(tmp_path, f"{DECK}{line}\n{MACROS}")
    [one] = found.problems
    assert one.place.line == at
    assert what in one.what
    assert [*found.notes] == ["a-card"], "the macros are there"
    assert found.deck is None


@pytest.mark.parametrize(
    ("toml", "at", "what"),
    [
        (f"{DECK}[macros\nE = 'e'\n", 3, "end of a table declaration"),
        (f"{DECK}[macro]\nE = 'e'\n", 3, "unknown key macro"),
        (f"{DECK}{MACROS}F = '{{'\n", 5, "in \\F never closes"),
        (f"{DECK}{MACROS}F = 3\n", 5, "F is not a text"),
        (f"{DECK}[macros]\nF = 'f'\n\n[macros]\nE = 'e'\n", 6, "[macros] is here for the second"),
        (f"{DECK}{MACROS}\n[rules]\nno-titel = 'off'\n", 7, "there is no rule or family no-titel"),
        (f"{DECK}{MACROS}\n[labels]\nWy = 'x'\n", 7, "there is no label Wy"),
        (f"nmae = 'N'\nkey = 'k'\n{MACROS}", 1, "unknown key nmae"),
        (f"[macros]\nE = 'e'\n{DECK}", 3, "key and 1 more below [macros]"),
        (f"[retired]\n{DECK}{MACROS}", 2, "key and 1 more below [retired]"),
        (f"[deck]\n{DECK}{MACROS}", 2, "key and 1 more below [deck]"),
        (f"{DECK}{MACROS}\n[rules]\ntag = 'x'\n", 7, "tag below [rules]"),
        (f"{DECK}{MACROS}\n[retired]\ndecks = ['A']\n", 7, "decks below [retired]"),
    ],
)
def test_a_wrong_line_in_a_table_costs_nothing_but_itself(
    toml: str, at: int, what: str, tmp_path: Path
) -> None:
    found = compiled(tmp_path, toml)
    [one] = found.problems
    assert (one.rule, one.place.line) == ("deck-toml", at)
    assert what in one.what
    assert [*found.notes] == ["a-card"]


@pytest.mark.parametrize("line", ['key = "a b"', "key = k", 'key = ""', "key = 3", "key: k"])
def test_a_wrong_key_costs_the_macros_nothing(line: str, tmp_path: Path) -> None:
    found = compiled(tmp_path, f'{line}\nname = "N"\n{MACROS}')
    assert [(one.rule, one.place.line) for one in found.problems] == [("deck-toml", 1)]
    assert not found.notes, "without a key, no note has a GUID"


def test_what_is_retired_at_the_top_is_retired(tmp_path: Path) -> None:
    text = f"# T\n\n{card('a')}\n{card('b', 'B?', 'old')}"
    release(make_deck(tmp_path, {"deck.toml": TOML, "01.md": text}))
    toml = f'[retired]\nold = "it was wrong"\n{TOML}tag = ""\n'
    make_deck(tmp_path, {"deck.toml": toml, "01.md": f"# T\n\n{card('a')}"})
    [one] = compile_deck(tmp_path).problems
    assert (one.place.line, one.fix) == (3, "move [retired] with its lines to the end of the file")
    assert one.what.startswith("key and 2 more below [retired] belong to that table")
    make_deck(tmp_path, {"deck.toml": f'{TOML}tag = ""\n[retired]\nold = "it was wrong"\n'})
    assert not compile_deck(tmp_path).problems


@pytest.mark.parametrize("is_released", [False, True])
def test_a_key_of_the_deck_below_retired_is_no_card(is_released: bool, tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"deck.toml": TOML, "01.md": f"# T\n\n{card('a')}"})
    if is_released:
        release(root)
    make_deck(root, {"deck.toml": f'{TOML}[retired]\ntag = "x"\n'})
    [one] = compile_deck(root).problems
    assert one.message.startswith("tag is below [retired], and so is taken for a card: move")


@pytest.mark.parametrize(
    ("key", "meant"),
    [("licens", "licence"), ("Key", "key"), ("author", "authors"), ("retierd", "retired"),
     ("macro", "macros"), ("label", "labels"), ("langauge", "lang"), ("reports", "report")],
)  # fmt: skip
def test_an_unknown_key_suggests_the_nearest(key: str, meant: str) -> None:
    toml = f'{DECK}{key} = "x"\n'
    found = read_deck_toml(Source("deck.toml", toml)).problems
    assert f"did you mean {meant}?" in [one.fix for one in found]


def test_a_file_that_is_no_toml_is_named_line_by_line_and_no_further(tmp_path: Path) -> None:
    toml = "".join(f"some words {number}\n" for number in range(90)) + DECK
    found = compiled(tmp_path, toml).problems
    assert 10 < len([one for one in found if one.rule == "deck-toml"]) < 30
    assert not [one for one in found if "missing" in one.what]


def test_lines_keep_their_places_where_others_are_left_out() -> None:
    toml = f"tag: x\n{DECK}[macros\nE = 3\n\n[rules]\nx = 1\n"
    read = read_deck_toml(Source("deck.toml", toml))
    assert [(one.place.line, one.place.column) for one in read.problems] == [(1, 4), (4, 8), (5, 1)]
    assert (read.info.key, read.info.name) == ("k", "N")


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("[rules", "close the name of the table with ], as in [rules]"),
        (r"\R = 'x'", "write the name of a command without its backslash"),
    ],
)
def test_a_slip_of_toml_has_a_cure_of_its_own(line: str, fix: str, tmp_path: Path) -> None:
    [one] = compiled(tmp_path, f"{DECK}{MACROS}{line}\n").problems
    assert one.fix.startswith(fix)
