"""What counts as a correction, and what is held back."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.formulas import macros as macros_module
from deckwright.media import files as media_module
from deckwright.releases.changelog import to_markdown
from deckwright.releases.guards import check_release
from deckwright.releases.ledger import FILE, to_text
from deckwright.releases.release import Prepared, ReleaseError, intended, prepare
from tests.decks import TOML, card, make_deck, png, release
from tests.program import run
from tests.rehearsal.upgrades import rehearsed, said

pytest.importorskip("anki")

DAY = 86_400
FIRST = 1_600_000_000


def built(root: Path, number: int = 1) -> Prepared:
    compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return prepare(compiled, FIRST + number * DAY)


def ids(prepared: Prepared) -> tuple[list[str], list[str]]:
    """The cards that are corrected, and those that are held back."""
    changes = prepared.changes
    return [one.after.id for one in changes.changed], [one.after.id for one in changes.held]


# -- What is no correction -------------------------------------------------------------------------


SOUND = (Path(__file__).parent.parent / "media" / "samples" / "a.mp3").read_bytes()


@pytest.mark.anki
@pytest.mark.parametrize(
    ("old", "new", "data"),
    [("dot.png", "round.png", png(3)), ("word.mp3", "spoken.mp3", SOUND)],
    ids=["a picture", "a sound"],
)
def test_a_file_that_only_got_another_name_is_no_correction(
    old: str, new: str, data: bytes, tmp_path: Path
) -> None:
    body = f"One ![a dot](media/{old})" if old.endswith("png") else f"[a word](media/{old})"
    root = make_deck(tmp_path / "x", {"01.md": f"# T\n\n{card(body)}", f"media/{old}": data})
    first = release(root)
    (root / "media" / old).rename(root / "media" / new)
    text = (root / "01.md").read_text(encoding="utf-8").replace(old, new)
    (root / "01.md").write_text(text, encoding="utf-8")
    later = built(root)
    assert not later.changes
    [note], [sent] = later.deck.notes, later.deck.media
    assert (note.mod, note.media) == (FIRST, (sent.name,))
    assert sent.name in "".join(note.fields)
    assert sent.name != first.deck.media[0].name
    result = rehearsed(tmp_path, first.package.data, later.package.data, intended(later))
    assert (said(result), result.updated_notes) == ("", 0)
    released = release(root, "1.1.0", FIRST + DAY)
    assert built(root, 2).package == released.package
    (root / "media" / new).write_bytes(png(4) if old.endswith("png") else SOUND + SOUND)
    assert ids(built(root, 2)) == (["a-card"], [])


MACROS = r"""
[macros]
E = "\\mathbb{E}"
Eq = "\\E_{q}"
"""
FORMULA = r"The bound is $\Eq[x]$ and $\E[y]$."


@pytest.mark.parametrize(
    ("toml", "formula"),
    [
        (MACROS, r"The bound is $\mathbb{E}_{q}[x]$ and $\E[y]$."),
        (MACROS.replace(r"\\E_", r"\\mathbb{E}_"), FORMULA),
        (
            MACROS.replace("E =", "Ex =").replace(r"\\E_", r"\\Ex_"),
            FORMULA.replace(r"\E[", r"\Ex["),
        ),
    ],
    ids=["inlined in a card", "inlined in another macro", "renamed"],
)
def test_a_macro_that_leads_to_the_same_formula_is_no_correction(
    toml: str, formula: str, tmp_path: Path
) -> None:
    release(make_deck(tmp_path, {"deck.toml": TOML + MACROS, "01.md": f"# T\n\n{card(FORMULA)}"}))
    make_deck(tmp_path, {"deck.toml": TOML + toml, "01.md": f"# T\n\n{card(formula)}"})
    assert not built(tmp_path).changes


def test_a_macro_inside_another_that_says_something_else_is_a_correction(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"01.md": f"# T\n\n{card(FORMULA)}"}
    release(make_deck(tmp_path, {"deck.toml": TOML + MACROS, **files}))
    other = MACROS.replace(r"\\mathbb{E}", r"\\mathrm{E}")
    make_deck(tmp_path, {"deck.toml": TOML + other, **files})
    assert ids(built(tmp_path)) == (["a-card"], [])


def test_a_macro_that_a_later_tool_expands_otherwise_is_held_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, str | bytes] = {"01.md": f"# T\n\n{card(FORMULA)}"}
    release(make_deck(tmp_path, {"deck.toml": TOML + MACROS, **files}))
    add = macros_module._Output._add_fixed

    def spaced(self: macros_module._Output, use: int, text: str, *more: str) -> None:
        add(self, use, f" {text} " if text.strip() else text, *more)

    monkeypatch.setattr(macros_module._Output, "_add_fixed", spaced)
    assert ids(built(tmp_path)) == ([], ["a-card"])


def test_a_file_that_a_later_tool_names_otherwise_is_no_correction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(make_deck(tmp_path, {"01.md": f"# T\n\n{card('One ![a dot](media/dot.png)')}"}))
    name = media_module._name
    monkeypatch.setattr(media_module, "_name", lambda *given: f"our-{name(*given)}")
    assert not built(tmp_path).changes
    monkeypatch.setattr(media_module, "_name", lambda *given: f"x-{name(*given)[-20:]}")
    assert not built(tmp_path).changes
    monkeypatch.setattr(media_module, "_name", lambda *_: f"dot-{'0' * 16}.png")
    assert ids(built(tmp_path)) == ([], ["a-card"])


def test_what_a_ledger_holds_of_a_source_is_the_same_for_ever(tmp_path: Path) -> None:
    """Else a later tool that renders otherwise would send every note once more."""
    link = "[home]: https://example.org 'A home'\n"
    body = f"One ![a dot](media/dot.png), {FORMULA.replace('Eq', 'E')} and a [home].\n\n{link}"
    text = f"# T\n\n{card(body)}\n### Why\n\nBecause.\n"
    make_deck(tmp_path, {"deck.toml": TOML + MACROS, "01.md": text})
    [note] = built(tmp_path).deck.notes
    assert note.source == "5e227c9460c39da7eb4e3703cdafc9d7"


# -- What a maintainer holds back ------------------------------------------------------------------


IDS = [f"n{number}" for number in range(30)]
MANY = [card(f'The "answer" {one}.', f"Question {one}?", one) for one in IDS]
CLOZE = card('{{c1::One}} and "two".', "Numbers", "numbers")


def write(root: Path, cards: list[str]) -> Path:
    make_deck(root / "content", {"01.md": "# T\n\n" + "\n".join(cards)})
    return root


def formatted(cards: list[str]) -> list[str]:
    return [re.sub(r'"(\w+)"', r"“\1”", one) for one in cards]


@pytest.fixture
def formatted_deck(tmp_path: Path) -> Path:
    """A released deck of many notes, after a formatter went over its sources (row f05)."""
    release(write(tmp_path, [*MANY, CLOZE]) / "content", "1.0.0", FIRST)
    cloze = CLOZE.replace('"two"', "{{c2::two}}")
    return write(tmp_path, [*formatted(MANY), cloze])


@pytest.mark.anki
def test_a_release_that_replaces_most_notes_warns_and_can_hold_them_back(
    formatted_deck: Path,
) -> None:
    words = "replaces 31 of the 31 notes that learners have, with their own edits and tags on them"
    done = run("release", "1.1.0", "--dry-run", cwd=formatted_deck)
    assert done.returncode == 0, done.stderr
    assert f"warning: this {words}: if only the form changed, add --hold all" in done.stderr
    diff = run("diff", cwd=formatted_deck).stdout
    assert '"release --hold all" keeps the learners\' own' in " ".join(diff.split())
    done = run("release", "1.1.0", "--hold", "all", cwd=formatted_deck)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "1 corrected, 30 held back since 1.0.0" in done.stdout
    assert "1 note updated" in done.stdout
    text = (formatted_deck / "content" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "**Held back until their text changes:**" in text
    root = formatted_deck / "content"
    later = built(root, 9_000)
    assert (later.package.name, ids(later)) == ("examples-1.1.0.apkg", ([], IDS))
    write(formatted_deck, [MANY[0].replace("answer", "reply"), *formatted(MANY[1:])])
    with (root / "deck.toml").open("a") as toml:
        toml.write('[retired]\nnumbers = "too easy"\n')
    later = built(root, 9_000)
    assert ids(later) == (["n0"], IDS[1:])
    assert "warning" not in run("release", "1.2.0", "--dry-run", cwd=formatted_deck).stderr


def test_single_notes_are_held_back_and_sent_beside_all(formatted_deck: Path) -> None:
    compiled = compile_deck(formatted_deck / "content")
    everyone = {*IDS, "numbers"}

    def sent(**options: list[str]) -> set[str]:
        check_release(compiled, "1.1.0", options.get("resend", []), options["hold"])
        changes = prepare(compiled, FIRST + DAY, "1.1.0", **options).changes
        changed, held = ({one.after.id for one in some} for some in (changes.changed, changes.held))
        assert changed | held == everyone
        return changed

    assert sent(hold=["n3", "n4"]) == everyone - {"n3", "n4"}
    assert sent(hold=["all"]) == {"numbers"}
    assert sent(hold=["n3"], resend=["all"]) == everyone - {"n3"}


@pytest.mark.parametrize(
    ("hold", "resend", "words"),
    [
        (["none"], [], "no released card with this id is corrected"),
        (["numbers"], [], "it has a new card, which would come to learners without its text"),
        (["all"], ["all"], "contradict each other"),
        (["tagged"], ["tagged"], "contradict each other"),
        (["tagged"], [], "no released card with this id is corrected"),
    ],
)
def test_what_is_held_back_would_be_sent(
    hold: list[str], resend: list[str], words: str, tmp_path: Path
) -> None:
    tagged = card("Tagged.", "Which?", "tagged")
    release(write(tmp_path, [tagged, CLOZE]) / "content")
    tagged = tagged.replace("<!-- id: tagged -->", "<!--\nid: tagged\ntags: [new]\n-->")
    write(tmp_path, [tagged, CLOZE.replace('"two"', "{{c2::two}}")])
    compiled = compile_deck(tmp_path / "content")
    with pytest.raises(ReleaseError, match=words):
        check_release(compiled, "1.1.0", resend, hold)
    check_release(compiled, "1.1.0", ["tagged"], ["all"])
    assert ids(prepare(compiled, FIRST + DAY, "1.1.0", ["tagged"], ["all"])) == (
        ["tagged", "numbers"],
        [],
    )
    check_release(compiled, "1.1.0", ["all"], ["tagged"])


# -- What is no longer held back -------------------------------------------------------------------


def tagged(root: Path, *tags: str, body: str = "It is so on every single day.") -> Path:
    text = card(body, "Is it?", "one")
    comment = f"<!--\nid: one\ntags: [{', '.join(tags)}]\n-->"
    return make_deck(root, {"01.md": "# T\n\n" + text.replace("<!-- id: one -->", comment)})


def test_tags_that_are_again_what_learners_have_are_held_back_no_more(tmp_path: Path) -> None:
    """Row d10: they were held back for ever, and resending them replaced what learners wrote."""
    release(tagged(tmp_path, "old"))
    for number, tags in enumerate((["new"], ["newer", "new"]), start=1):
        assert release(
            tagged(tmp_path, *tags), f"1.{number}.0", FIRST + number * DAY
        ).ledger.last.held == ("one",)
    tagged(tmp_path, "old")
    compiled = compile_deck(tmp_path)
    with pytest.raises(ReleaseError, match="no released card with this id is held back"):
        check_release(compiled, "1.3.0", ["one"])
    back = release(tmp_path, "1.3.0", FIRST + 3 * DAY, resend=["all"])
    assert not back.changes
    assert [note.mod for note in back.deck.notes] == [FIRST]
    assert "Nothing changed for learners" in to_markdown(back.ledger).split("\n## ")[1]
    assert not built(tmp_path, 4).changes
    assert ids(built(tagged(tmp_path, "new"), 4)) == ([], ["one"])


def test_a_text_that_was_held_back_and_is_taken_back_is_sent(tmp_path: Path) -> None:
    """Those who began with the release in between have the other text."""
    release(tagged(tmp_path, "old"))
    release(
        tagged(tmp_path, "old", body="It is so on every single night."),
        "1.1.0",
        FIRST + DAY,
        hold=["all"],
    )
    assert ids(built(tagged(tmp_path, "old"), 2)) == (["one"], [])
    assert ids(built(tagged(tmp_path, "new", body="It is so on every single night."), 2)) == (
        [],
        ["one"],
    )


def test_what_a_ledger_of_the_first_format_holds_back_stays_so(tmp_path: Path) -> None:
    release(tagged(tmp_path, "old"))
    ledger = release(tagged(tmp_path, "new"), "1.1.0", FIRST + DAY).ledger
    notes = tuple(replace(one, had="") for one in ledger.notes)
    (tmp_path / FILE).write_text(to_text(replace(ledger, notes=notes)), encoding="utf-8")
    assert ids(built(tagged(tmp_path, "old"), 2)) == ([], ["one"])
