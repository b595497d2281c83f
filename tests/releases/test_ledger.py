from __future__ import annotations

import re
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cmarkgfm import github_flavored_markdown_to_html

from deckwright.apkg import package as package_module
from deckwright.compile import Compiled, compile_deck
from deckwright.model import Source
from deckwright.releases.changelog import to_markdown
from deckwright.releases.guards import check_release
from deckwright.releases.ledger import FILE, from_text, to_text
from deckwright.releases.release import Prepared, ReleaseError, is_released, prepare
from deckwright.rendering import code as code_module
from tests.decks import TOML, card, make_deck, release

DAY = 86_400
FIRST = 1_600_000_000
ONE = card("Answer one is here.", "Question one?", "one")
TWO = f"{ONE}\n{card('Two {{c1::a}} {{c2::b}}.', 'Title', 'two')}"


def deck(root: Path, text: str = TWO, **files: str) -> Path:
    extra: Mapping[str, str] = {name.replace("_", "."): content for name, content in files.items()}
    return make_deck(root, {"01-cards.md": f"# Examples\n\n{text}", **extra})


def build(root: Path, time: int = FIRST + DAY) -> Prepared:
    return prepare(sound(root), time)


def sound(root: Path) -> Compiled:
    compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return compiled


def mods(prepared: Prepared) -> dict[str, int]:
    return {note.id: note.mod for note in prepared.deck.notes}


def retire(root: Path, **reasons: str) -> None:
    lines = "".join(f'"{name.replace("_", "/")}" = "{why}"\n' for name, why in reasons.items())
    path = root / "deck.toml"
    path.write_text(path.read_text().split("[retired]")[0] + "[retired]\n" + lines)


def test_a_ledger_is_read_as_it_was_written(tmp_path: Path) -> None:
    ledger = release(deck(tmp_path)).ledger
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    read, found = from_text(Source(FILE, text))
    assert not found
    assert read == ledger
    assert to_text(ledger) == text
    notes = [line for line in text.splitlines() if '"row": "note"' in line]
    assert notes == sorted(notes, key=lambda line: line.partition('"id": ')[2])


def test_a_ledger_is_read_in_little_more_memory_than_it_holds(tmp_path: Path) -> None:
    """Row g01: of a hundred thousand notes; here some thousand, of Latin letters."""
    ledger = release(deck(tmp_path)).ledger
    [one, _] = ledger.notes
    text = "long " * 2_000
    notes = tuple(
        replace(one, note=replace(one.note, id=f"n{number}", guid=f"g{number}", fields=fields))
        for number in range(1_000)
        for fields in [(one.note.fields[0], f"{text}{number}", *one.note.fields[2:])]
    )
    large = to_text(replace(ledger, notes=notes))
    source = Source(FILE, large)
    tracemalloc.start()
    read, found = from_text(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read is not None and not found
    assert peak < 1.5 * len(large)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"version": "1.0.0"', '"version": "../../1.0.0"'),
        ('"version": "1.0.0"', '"version": 1'),
        ('"retired": ""', '"retired": 5'),
        ('"retired": ""', '"retired": {}'),
        ('"retired": ""', '"retired": "\\ud800"'),
        ('"time": 1600000000', '"time": 999999999999'),
        ('"time": 1600000000', '"time": -1'),
        ('"kind": "basic", "media"', '"kind": "other", "media"'),
        ('"kind": "basic", "media"', '"kind": ["basic"], "media"'),
        ('"id": "one"', '"id": "two"'),
        ('"held": false, ', ""),
        ('"held": false, ', '"held": false, "more": 1, '),
        ('"row": "note"', '"row": ["note"]'),
        ('"moved": []', '"moved": [["Old"]]'),
    ],
)
def test_whoever_signs_a_ledger_anew_is_not_believed(old: str, new: str, tmp_path: Path) -> None:
    """A pull request may write any ledger with its right digest; builds must bear to read it."""
    release(deck(tmp_path))
    path = tmp_path / FILE
    body = "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1])
    assert old in body
    body = body.replace(old, new, 1)
    digest = sha256(body.encode()).hexdigest()
    path.write_text(f'{body}{{"row": "end", "sha256": "{digest}"}}\n', encoding="utf-8")
    assert [one.rule for one in compile_deck(tmp_path).problems] == ["bad-ledger"]


def test_the_order_of_note_types_in_a_ledger_means_nothing(tmp_path: Path) -> None:
    release(deck(tmp_path))
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    types = [line for line in text.splitlines(keepends=True) if '"row": "type"' in line]
    others = [line for line in text.splitlines(keepends=True)[:-1] if line not in types]
    body = "".join((*reversed(types), *others))
    digest = sha256(body.encode()).hexdigest()
    read, _ = from_text(Source(FILE, f'{body}{{"row": "end", "sha256": "{digest}"}}\n'))
    assert len(types) == 2
    assert read is not None
    assert to_text(read) == text


def test_a_tree_that_equals_the_ledger_builds_the_release_again_for_ever(tmp_path: Path) -> None:
    released = release(deck(tmp_path), "1.2.0")
    for later in (1, 365 * DAY):
        again = build(tmp_path, FIRST + later)
        assert again.package == released.package
        assert again.package.name == "examples-1.2.0.apkg"
        assert not again.changes


def test_anything_else_builds_an_unreleased_version(tmp_path: Path) -> None:
    assert build(deck(tmp_path)).package.name == "examples-dev.apkg"
    release(tmp_path, "1.2.0")
    deck(tmp_path, TWO.replace("here", "there"))
    assert build(tmp_path).package.name == "examples-1.2.0+dev.apkg"


def test_a_mod_moves_where_a_person_changed_the_source_and_only_there(tmp_path: Path) -> None:
    release(deck(tmp_path))
    deck(tmp_path, TWO.replace("here", "there"))
    later = build(tmp_path)
    assert mods(later) == {"one": FIRST + DAY, "two": FIRST}
    [change] = later.changes.changed
    assert (change.after.id, change.fields, change.tags) == ("one", ("Back",), False)
    assert {kind.mod for kind in later.deck.types} == {FIRST}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Answer one", "Answer\none"),  # wrapped anew
        ("<!-- id: one -->", "<!--\nid: one\ntags: [new]\n-->"),
    ],
)
def test_what_no_learner_would_see_moves_no_mod(tmp_path: Path, old: str, new: str) -> None:
    release(deck(tmp_path))
    deck(tmp_path, TWO.replace(old, new))
    assert set(mods(build(tmp_path)).values()) == {FIRST}


def test_a_note_that_only_renders_otherwise_is_held_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = card("```python\nx = 1\n```", "Code?", "code")
    release(deck(tmp_path, TWO + "\n" + code))
    from pygments.formatters.html import HtmlFormatter

    monkeypatch.setattr(code_module, "_formatter", code_module._formatter.__wrapped__)
    monkeypatch.setattr(HtmlFormatter, "_get_css_class", lambda _self, kind: f"newer-{kind}")
    later = build(tmp_path)
    assert [change.after.id for change in later.changes.held] == ["code"]
    assert not later.changes.changed
    assert set(mods(later).values()) == {FIRST}
    assert later.package.name == "examples-1.0.0+dev.apkg"


def test_resend_delivers_what_would_be_held_back(tmp_path: Path) -> None:
    release(deck(tmp_path))
    deck(tmp_path, TWO.replace("<!-- id: one -->", "<!--\nid: one\ntags: [new]\n-->"))
    compiled = sound(tmp_path)
    held = prepare(compiled, FIRST + DAY, "1.0.1")
    assert [change.after.id for change in held.changes.held] == ["one"]
    for names in (["one"], ["all"]):
        sent = prepare(compiled, FIRST + DAY, "1.0.1", names)
        assert mods(sent) == {"one": FIRST + DAY, "two": FIRST}
    with pytest.raises(ReleaseError, match="no released card"):
        check_release(compiled, "1.0.1", ["none"])


def test_a_mod_is_later_than_the_ledger_even_where_the_clock_went_backwards(
    tmp_path: Path,
) -> None:
    release(deck(tmp_path))
    deck(tmp_path, TWO.replace("here", "there"))
    assert mods(build(tmp_path, FIRST - DAY)) == {"one": FIRST + 1, "two": FIRST}


def test_a_note_type_has_a_mod_of_its_own(tmp_path: Path) -> None:
    release(deck(tmp_path))
    later = build(deck(tmp_path, style_css=".card { color: red; }"))
    assert {kind.mod for kind in later.deck.types} == {FIRST + DAY}
    assert set(mods(later).values()) == {FIRST}
    assert [(change.after.kind, change.parts) for change in later.changes.types] == [
        ("basic", ("css",)),
        ("cloze", ("css",)),
    ]


def test_a_renamed_card_keeps_its_guid_and_was_may_stay_or_go(tmp_path: Path) -> None:
    first = release(deck(tmp_path))
    renamed = TWO.replace("<!-- id: one -->", "<!--\nid: uno\nwas: [one]\n-->")
    second = release(deck(tmp_path, renamed), "1.1.0", FIRST + DAY)
    assert second.deck.notes[0].guid == first.deck.notes[0].guid
    assert [pair.after.id for pair in second.changes.renamed] == ["uno"]
    assert mods(second) == {"uno": FIRST, "two": FIRST}
    assert not build(tmp_path).changes
    deck(tmp_path, renamed.replace("was: [one]\n", ""))
    assert not build(tmp_path).changes


def test_a_retired_card_comes_back_under_its_guid(tmp_path: Path) -> None:
    first = release(deck(tmp_path))
    deck(tmp_path, TWO.partition("\n## ")[0])
    retire(tmp_path, two="wrong")
    second = release(tmp_path, "1.1.0", FIRST + DAY)
    assert [one.note.id for one in second.changes.retired] == ["two"]
    assert [one.retired for one in second.ledger.notes] == ["", "wrong"]
    assert second.ledger.search(second.ledger.last.retired).endswith("(Id:two)")
    deck(tmp_path, deck_toml='key = "examples"\nname = "Examples"\n')
    third = build(tmp_path, FIRST + 2 * DAY)
    assert [note.id for note in third.changes.returned] == ["two"]
    assert "Id:two" in to_markdown(second.ledger)
    assert "Id:two" not in to_markdown(third.ledger)
    assert third.deck.notes[1].guid == first.deck.notes[1].guid


def test_a_retired_cloze_is_named_with_its_card(tmp_path: Path) -> None:
    release(deck(tmp_path))
    deck(tmp_path, TWO.replace("{{c2::b}}", "b"))
    retire(tmp_path, two_2="trivial")
    second = release(tmp_path, "1.1.0", FIRST + DAY)
    assert second.ledger.last.retired == ("two/2",)
    assert second.ledger.by_id["two"].gone == (1,)
    assert "(Id:two card:2)" in to_markdown(second.ledger)


def test_the_ledger_rebuilds_the_release(tmp_path: Path) -> None:
    picture = card("![a dot](media/dot.png)", "Picture?", "picture")
    released = release(deck(tmp_path, TWO + "\n" + picture))
    last = released.ledger.last
    old = released.ledger.deck(released.deck.info, released.deck.media)
    rebuilt = package_module.package(old, last.version, last.time)
    assert {note.guid for note in old.notes} == {note.guid for note in released.deck.notes}
    assert len(rebuilt.data) == pytest.approx(len(released.package.data), rel=0.02)


def test_a_version_is_three_numbers_and_rises(tmp_path: Path) -> None:
    release(deck(tmp_path), "1.2.0")
    compiled = sound(tmp_path)
    for version in ("1.2.1", "1.10.0", "2.0.0"):
        check_release(compiled, version, [])
    for version in ("1.2.0", "1.1.9", "1.2", "v1.3.0", "1.3.0-beta", "01.3.0"):
        with pytest.raises(ReleaseError):
            check_release(compiled, version, [])
    assert is_released(compiled, "1.2.0", "")
    assert not is_released(compiled, "1.2.1", "")


def test_a_damaged_ledger_is_named_and_never_taken_for_none(tmp_path: Path) -> None:
    release(deck(tmp_path))
    path = tmp_path / FILE
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for damage in (lines[:-1], [*lines[:1], lines[1][:40] + "\n", *lines[2:]], [], ["[1]\n"]):
        path.write_text("".join(damage), encoding="utf-8")
        compiled = compile_deck(tmp_path)
        assert [one.rule for one in compiled.problems if one.rule == "bad-ledger"]
        assert compiled.deck is None


def test_every_release_is_in_the_changelog_for_learners(tmp_path: Path) -> None:
    release(deck(tmp_path), "1.0.0")
    deck(tmp_path, TWO.replace("here", "there") + "\n" + card("Three.", "Three?", "three"))
    text = to_markdown(release(tmp_path, "1.1.0", FIRST + DAY).ledger)
    assert text.index("## 1.1.0 (2020-09-14)") < text.index("## 1.0.0 (2020-09-13)")
    assert "`three`" in text
    assert "`one`" in text


def test_no_name_title_or_reason_is_markdown_in_the_changelog(tmp_path: Path) -> None:
    toml = 'key = "examples"\nname = "Examples [Update](https://evil.invalid) @octocat"\n'
    stays = card("Two.", "Two?", "two")
    release(deck(tmp_path, stays + card("One.", r"\@octocat \`a\`?", "one"), deck_toml=toml))
    reason = "wrong) [Update](https://evil.invalid) ![p](p) <img> @octocat #1"
    deck(tmp_path, stays, deck_toml=f'{toml}[retired]\none = "{reason}"\n')
    text = to_markdown(release(tmp_path, "1.1.0", FIRST + DAY).ledger)
    assert text.count("Update") == 2 and text.count("octocat") >= 3
    html = github_flavored_markdown_to_html(text)
    assert not re.search(r"<(?:a|img)\b|@(?=\w)|(?<!&)#(?=\d)", html)


def test_reordered_cards_and_moved_files_keep_guids_and_mods(tmp_path: Path) -> None:
    first = release(deck(tmp_path))
    one, _, two = TWO.partition("\n## ")
    deck(tmp_path, f"## {two}\n{one}")
    second = build(tmp_path)
    assert mods(second) == {"one": FIRST, "two": FIRST}
    assert {n.guid for n in second.deck.notes} == {n.guid for n in first.deck.notes}
    (tmp_path / "01-cards.md").rename(tmp_path / "07-others.md")
    assert mods(build(tmp_path)) == {"one": FIRST, "two": FIRST}


def test_moved_decks_are_reported(tmp_path: Path) -> None:
    first = release(deck(tmp_path))
    make_deck(tmp_path, {"01-cards.md": "# Others\n\n" + TWO})
    assert compile_deck(tmp_path).deck is None
    path = tmp_path / "deck.toml"
    path.write_text(path.read_text() + '[moved]\n"Examples::Examples" = "a better name"\n')
    later = build(tmp_path)
    assert [pair.after.deck for pair in later.changes.moved] == ["Examples::Others"] * 2
    assert mods(later) == mods(first)


def test_an_old_ledger_of_another_key_is_no_ledger_of_this_deck(tmp_path: Path) -> None:
    release(deck(tmp_path, deck_toml=TOML.replace('"examples"', '"other"')))
    deck(tmp_path)
    assert [one.rule for one in compile_deck(tmp_path).problems] == ["key-changed"]


def rules(root: Path) -> set[str]:
    return {one.rule for one in compile_deck(root).problems}


def test_a_paragraph_wrapped_anew_ships_as_it_was_released(tmp_path: Path) -> None:
    released = release(deck(tmp_path), "1.0.0")
    deck(tmp_path, TWO.replace("Answer one", "Answer\none"))
    again = build(tmp_path)
    assert not again.changes
    assert again.package == released.package


def test_what_an_earlier_release_held_back_can_still_be_resent(tmp_path: Path) -> None:
    release(deck(tmp_path))
    deck(tmp_path, TWO.replace("<!-- id: one -->", "<!--\nid: one\ntags: [new]\n-->"))
    release(tmp_path, "1.1.0", FIRST + DAY)
    compiled = sound(tmp_path)
    assert [one.after.id for one in build(tmp_path).changes.held] == ["one"]
    check_release(compiled, "1.2.0", ["one"])
    sent = prepare(compiled, FIRST + 2 * DAY, "1.2.0", ["one"])
    assert mods(sent) == {"one": FIRST + 2 * DAY, "two": FIRST}
    (tmp_path / FILE).write_text(to_text(sent.ledger), encoding="utf-8")
    assert not build(tmp_path).changes


APPLES = card("They are red.", "What colour are apples?", "apples")
LEMONS = card("They taste sour.", "How do lemons taste?", "lemons")


def was(source: str, card_id: str, *names: str, now: str = "") -> str:
    """A card with ids that it had before, and perhaps another one now."""
    comment = f"<!--\nid: {now or card_id}\nwas: [{', '.join(names)}]\n-->"
    return source.replace(f"<!-- id: {card_id} -->", comment)


@pytest.mark.parametrize(
    "cards",
    [
        # two cards exchange their ids, with and without `was`
        (APPLES.replace("id: apples", "id: lemons"), LEMONS.replace("id: lemons", "id: apples")),
        (was(APPLES, "apples", "apples", now="lemons"), was(LEMONS, "lemons", now="apples")),
        # another fact that shares the small words of a question
        (card("The 100 degrees.", "What is the boiling point of water?", "apples"), LEMONS),
        # a `was` that names a card which is still there
        (APPLES, was(LEMONS, "lemons", "apples")),
    ],
)
def test_a_history_never_goes_to_another_fact(cards: tuple[str, str], tmp_path: Path) -> None:
    release(deck(tmp_path, f"{APPLES}\n{LEMONS}"))
    deck(tmp_path, "\n".join(cards))
    assert rules(tmp_path) == {"id-reused"}


@pytest.mark.parametrize("body", ["$-$", "![a round grey dot](media/dot.png)", "平均値です"])
def test_a_card_without_words_is_the_same_fact_as_itself(body: str, tmp_path: Path) -> None:
    release(deck(tmp_path, card(body, "$+$")))
    assert not rules(tmp_path)
    deck(tmp_path, card(f"{body} .", "$+$"))
    assert not rules(tmp_path)


def test_a_retired_cloze_number_is_not_used_again(tmp_path: Path) -> None:
    release(deck(tmp_path))
    deck(tmp_path, TWO.replace("{{c2::b}}", "b"))
    retire(tmp_path, two_2="trivial")
    release(tmp_path, "1.1.0", FIRST + DAY)
    deck(tmp_path, TWO.replace("{{c2::b}}", "{{c2::Berlin}}"))
    retire(tmp_path)
    assert rules(tmp_path) == {"ordinal-moved"}


@pytest.mark.parametrize("name", ["two_9", "two_0", "two_2", "one_x", "none"])
def test_what_is_retired_was_released_and_is_gone(name: str, tmp_path: Path) -> None:
    release(deck(tmp_path))
    retire(tmp_path, **{name: "why"})
    assert rules(tmp_path) == {"bad-retired"}


@pytest.mark.parametrize("again", ["What comes first?", "Which letter is next?"])
def test_a_line_that_is_left_over_while_its_reverse_is_back_is_named(
    again: str, tmp_path: Path
) -> None:
    """Row b14: else the next removal of that card would not be named."""
    both = f"{ONE}\n### Reverse\n\nWhat comes first?\n"
    release(deck(tmp_path, both))
    deck(tmp_path, ONE)
    retire(tmp_path, one_2="trivial")
    release(tmp_path, "1.1.0", FIRST + DAY)
    deck(tmp_path, both.replace("What comes first?", again))
    retire(tmp_path, one_2="trivial")
    moved, found = compile_deck(tmp_path).problems
    assert found.rule == "bad-retired"
    assert found.message == "one/2 is retired, but still in the deck: remove one of the two"
    assert moved.rule == "ordinal-moved"
    assert "make it a card of its own; if it is the same question, write was: [one]" in moved.fix


def test_the_only_card_of_a_note_is_not_retired_while_it_is_there(tmp_path: Path) -> None:
    """Row e12."""
    release(deck(tmp_path))
    retire(tmp_path, one_1="wrong")
    [found] = compile_deck(tmp_path).problems
    assert "one/1 is retired, but still in the deck" in found.message


@pytest.mark.parametrize("reason", ["", "  ", "a\\nb", "a\\u2028b"])
def test_a_reason_is_plain_text_in_one_line(reason: str, tmp_path: Path) -> None:
    release(deck(tmp_path))
    deck(tmp_path, ONE)
    retire(tmp_path, two=reason)
    assert "deck-toml" in rules(tmp_path)


def test_a_renamed_deck_can_be_released(tmp_path: Path) -> None:
    release(deck(tmp_path))
    toml = 'key = "examples"\nname = "Samples"\n[moved]\n"Examples::Examples" = "better"\n'
    later = build(deck(tmp_path, deck_toml=toml))
    assert {kind.mod for kind in later.deck.types} == {FIRST + DAY}


def test_a_deck_whose_cards_are_all_retired_is_not_left(tmp_path: Path) -> None:
    release(
        make_deck(tmp_path, {"01-cards.md": f"# A\n\n{APPLES}", "02-more.md": f"# B\n\n{LEMONS}"})
    )
    make_deck(tmp_path, {"02-more.md": "# C\n\n" + card("x", "A new one?", "new")})
    retire(tmp_path, lemons="wrong")
    assert not rules(tmp_path)


def test_a_former_id_is_for_its_own_card_only(tmp_path: Path) -> None:
    release(deck(tmp_path, f"{APPLES}\n{LEMONS}"))
    renamed = APPLES.replace("<!-- id: apples -->", "<!--\nid: fruit\nwas: [apples]\n-->")
    release(deck(tmp_path, f"{renamed}\n{LEMONS}"), "1.1.0", FIRST + DAY)
    back = APPLES.replace("<!-- id: apples -->", "<!--\nid: apples\nwas: [fruit]\n-->")
    assert not rules(deck(tmp_path, f"{back}\n{LEMONS}"))
    other = LEMONS.replace("<!-- id: lemons -->", "<!--\nid: apples\nwas: [lemons]\n-->")
    assert "id-reused" in rules(deck(tmp_path, f"{renamed}\n{other}"))


def test_the_ledger_knows_the_order_of_the_deck(tmp_path: Path) -> None:
    ledger = release(deck(tmp_path, f"{LEMONS}\n{APPLES}")).ledger
    read, _ = from_text(Source(FILE, to_text(ledger)))
    assert read
    assert [one.note.id for one in read.notes] == ["lemons", "apples"]
