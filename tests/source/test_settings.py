"""[rules] in deck.toml: a deck may choose how much it minds a rule, where no card is the worse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.model import Rule, Severity
from deckwright.rules import RULES
from tests.decks import TOML, card, make_deck, release
from tests.program import run
from tests.rules.examples import EXAMPLES

SWITCHABLE = [rule for rule in RULES if rule.switchable]
CAN_BE_OFF = [rule for rule in RULES if rule.can_be_off]
GOOD = "# Examples\n\n" + card("An answer.")


def with_rules(root: Path, rules: str, text: str | bytes = GOOD, name: str = "01-cards.md") -> Path:
    return make_deck(root, {"deck.toml": f"{TOML}\n{rules}\n", name: text})


def breaking(root: Path, rule: Rule, word: str) -> Compiled:
    """A deck that breaks a rule, and sets it."""
    example = EXAMPLES[rule.name]
    return example.compile(root, example.wrong, f'\n[rules]\n{rule.name} = "{word}"\n')


def found(compiled: Compiled) -> list[tuple[str, Severity]]:
    return [(one.rule, one.severity) for one in compiled.problems]


@pytest.mark.parametrize("rule", SWITCHABLE, ids=lambda rule: rule.name)
@pytest.mark.parametrize("word", ["error", "warning"])
def test_a_switchable_rule_is_as_severe_as_the_deck_says(
    rule: Rule, word: str, tmp_path: Path
) -> None:
    compiled = breaking(tmp_path, rule, word)
    assert found(compiled) == [(rule.name, Severity(word))]
    assert (compiled.deck is None) == (word == "error") == bool(compiled.errors)
    assert compiled.switched_off == 0


@pytest.mark.parametrize("rule", CAN_BE_OFF, ids=lambda rule: rule.name)
def test_a_rule_that_is_off_finds_nothing_but_is_counted(rule: Rule, tmp_path: Path) -> None:
    compiled = breaking(tmp_path, rule, "off")
    assert compiled.problems == ()
    assert compiled.deck
    assert compiled.switched_off == 1


def test_a_rule_that_is_off_leaves_the_others_on(tmp_path: Path) -> None:
    text = "# T\n\n" + card("one :x:\n\n![](media/dot.png)")
    compiled = compile_deck(with_rules(tmp_path, '[rules]\nimage-alt = "off"', text))
    assert found(compiled) == [("differs-on-github", Severity.ERROR)]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("An answer.\n\n### Why\n\n### Source\n\nA book.", ("An answer.", "", "A book.")),
        ("one[^1]\n\n[^1]: two", ("<p>one[^1]</p>\n<p>[^1]: two</p>", "", "")),
        ("a :tada: c", ("a :tada: c", "", "")),
    ],
)
def test_the_note_is_whole_where_a_rule_is_off(
    text: str, fields: tuple[str, ...], tmp_path: Path
) -> None:
    rules = '[rules]\nempty-part = "off"\ndiffers-on-github = "off"'
    compiled = compile_deck(with_rules(tmp_path, rules, "# T\n\n" + card(text)))
    assert compiled.deck, compiled.problems
    [note] = compiled.deck.notes
    assert (note.fields[1], *note.fields[4:6]) == fields


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("one :x:\n\n<script>x</script>", "markup"),
        ("a :tada:\n\n- [c]: words", "lost-text"),
        ("> [!NOTE]\n> a\n\n![](media/none.png)", "missing-image"),
    ],
)
def test_what_costs_a_card_something_is_found_beside_a_finding_that_is_off(
    text: str, rule: str, tmp_path: Path
) -> None:
    rules = '[rules]\ndiffers-on-github = "off"\nimage-alt = "off"'
    compiled = compile_deck(with_rules(tmp_path, rules, "# T\n\n" + card(text)))
    assert (rule, Severity.ERROR) in found(compiled)
    assert compiled.deck is None


def test_a_part_that_shows_nothing_makes_no_card(tmp_path: Path) -> None:
    text = "# T\n\n" + card("a\n\n### Reverse\n\n***\n\n### Why\n\n&nbsp;")
    compiled = compile_deck(with_rules(tmp_path, '[rules]\nempty-part = "off"', text))
    assert compiled.deck
    [note] = compiled.deck.notes
    assert (note.ordinals, *note.fields[2:5]) == ((0,), "", "", "")


def test_an_empty_answer_is_found_beside_a_finding_that_is_off(tmp_path: Path) -> None:
    text = "# T\n\n" + card("\u2800", prompt="a :tada:")
    compiled = compile_deck(with_rules(tmp_path, '[rules]\ndiffers-on-github = "off"', text))
    assert found(compiled) == [("empty-answer", Severity.ERROR)]


def test_histories_are_watched_over_in_a_card_with_a_finding_that_is_off(tmp_path: Path) -> None:
    rules = '[rules]\ndiffers-on-github = "warning"'
    release(with_rules(tmp_path, rules, "# T\n\n" + card("{{c1::One}} and {{c2::two}}.")))
    compiled = compile_deck(
        with_rules(tmp_path, rules, "# T\n\n" + card("{{c1::One}} and :tada:."))
    )
    assert {rule for rule, _ in found(compiled)} == {"differs-on-github", "ordinal-gone"}


@pytest.mark.parametrize(
    ("rules", "line", "column", "words"),
    [
        ('[rules]\nno-titel = "off"', 5, 1, "did you mean no-title?"),
        ('[rules]\nzzz = "off"', 5, 1, "check --rules"),
        ('[rules]\nno-title = "on"', 5, 1, '"error", "warning" or "off"'),
        ("[rules]\nno-title = false", 5, 1, '"error", "warning" or "off"'),
        ('[rules]\nno-title = ["off"]', 5, 1, '"error", "warning" or "off"'),
        ('[rules]\n  "markup" = "off"', 5, 3, "harmed"),
        ('[rules]\nWriting = "off"', 5, 1, "did you mean writing?"),
        ('[rules]\nwriting = "on"', 5, 1, '"error", "warning" or "off"'),
        ('[rules]\ncontinuity = "warning"', 5, 1, "no rule of the family continuity"),
        ('[rules]\nformulas = "off"', 5, 1, "can be off"),
        ('[rules]\ntex-wide = "off"', 5, 1, "tex-wide can never be off"),
        ('[rules] # id-gone = 1\nid-gone = "warning"', 5, 1, "reviews"),
        ('[retired]\nmarkup = "x"\n\n[rules]\nmarkup = "off"', 8, 1, "harmed"),
        ('[rules.no-title]\nx = "off"', 4, 8, '"error", "warning" or "off"'),
        ("[[rules]]", 4, 1, "rules is a table"),
    ],
)
def test_a_wrong_line_in_rules_is_reported_at_its_place(
    rules: str, line: int, column: int, words: str, tmp_path: Path
) -> None:
    compiled = compile_deck(with_rules(tmp_path, rules))
    [one] = [one for one in compiled.problems if one.rule == "deck-toml"]
    assert (one.place.line, one.place.column) == (line, column), one
    assert words in one.message


@pytest.mark.parametrize(
    ("top", "column"),
    [
        ('rules = "off"\n', 1),
        ('rules.zzz = "off"\n', 7),
        ('rules = { no-title = "off", zzz = "off" }\n', 29),
    ],
)
def test_rules_in_one_line_are_read_too(top: str, column: int, tmp_path: Path) -> None:
    compiled = compile_deck(make_deck(tmp_path, {"deck.toml": top + TOML, "01-cards.md": GOOD}))
    [one] = compiled.problems
    assert (one.rule, one.place.line, one.place.column) == ("deck-toml", 1, column)


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if not rule.switchable], ids=lambda rule: rule.name
)
def test_an_error_that_costs_somebody_something_stays_one(rule: Rule, tmp_path: Path) -> None:
    for word in {"off", "warning", "error"} - {rule.severity.value}:
        compiled = compile_deck(with_rules(tmp_path, f'[rules]\n{rule.name} = "{word}"'))
        [one] = compiled.problems
        assert one.rule == "deck-toml"
        assert rule.stake.value in one.what
    assert compile_deck(with_rules(tmp_path, f'[rules]\n{rule.name} = "{rule.severity}"')).deck


def test_check_counts_what_is_switched_off(tmp_path: Path) -> None:
    text = "# T\n\n" + card("one :x:\n\n![](media/dot.png)")
    with_rules(tmp_path / "content", '[rules]\nimage-alt = "off"', text)
    done = run("check", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith("\n1 card, 1 error (1 finding switched off)\n")
    rules = '[rules]\nimage-alt = "off"\ndiffers-on-github = "off"'
    with_rules(tmp_path / "content", rules, text)
    done = run("check", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "1 card, no mistake (2 findings switched off)\n"


def test_programs_and_builds_see_the_severity_of_the_deck(tmp_path: Path) -> None:
    rules = '[rules]\nimage-alt = "warning"'
    with_rules(tmp_path / "content", rules, "# T\n\n" + card("![](media/dot.png)"))
    [row] = json.loads(run("check", "--format", "json", cwd=tmp_path).stdout)
    assert (row["rule"], row["severity"]) == ("image-alt", "warning")
    assert run("check", "--format", "github", cwd=tmp_path).stdout.startswith("::warning ")
    assert run("build", cwd=tmp_path).returncode == 0
    assert list(tmp_path.glob("dist/*.apkg"))


def test_a_note_without_an_error_is_there_while_others_have_some(tmp_path: Path) -> None:
    text = card("An answer.") + "\n" + card("<script>x</script>", "Another?", "b")
    compiled = compile_deck(with_rules(tmp_path, "", f"# T\n\n{text}"))
    assert compiled.deck is None
    assert [*compiled.notes] == ["a-card"]
    assert compiled.notes["a-card"].fields[1] == "An answer."
    assert {name: place.line for name, place in compiled.places.items()} == {"a-card": 3, "b": 8}


FAMILIES_OF_WARNINGS = ["cards", "text", "media", "writing"]
TWO = "# T\n\n" + card("![](media/dot.png)") + card("- a\n- b\n- c", "Another question?", "b")


def test_a_family_is_set_as_a_whole(tmp_path: Path) -> None:
    assert found(compile_deck(with_rules(tmp_path, "", TWO))) == [
        ("image-alt", Severity.WARNING),
        ("long-list", Severity.WARNING),
    ]
    compiled = compile_deck(with_rules(tmp_path, '[rules]\nwriting = "error"', TWO))
    assert found(compiled) == [("image-alt", Severity.WARNING), ("long-list", Severity.ERROR)]
    assert compiled.deck is None
    compiled = compile_deck(with_rules(tmp_path, '[rules]\nwriting = "off"', TWO))
    assert found(compiled) == [("image-alt", Severity.WARNING)]
    assert compiled.switched_off == 1


@pytest.mark.parametrize("rules", [["writing", "long-list"], ["long-list", "writing"]])
def test_the_line_of_a_rule_counts_more_than_that_of_its_family(
    rules: list[str], tmp_path: Path
) -> None:
    words = {"writing": "off", "long-list": "error"}
    toml = "\n".join(["[rules]", *(f'{name} = "{words[name]}"' for name in rules)])
    assert ("long-list", Severity.ERROR) in found(compile_deck(with_rules(tmp_path, toml, TWO)))


@pytest.mark.parametrize("family", FAMILIES_OF_WARNINGS)
def test_a_family_changes_nothing_that_a_deck_cannot_change(family: str, tmp_path: Path) -> None:
    text = "# T\n\n" + card("![](media/none.png)\n\n<script>x</script>")
    compiled = compile_deck(with_rules(tmp_path, f'[rules]\n{family} = "off"', text))
    assert {("markup", Severity.ERROR), ("missing-image", Severity.ERROR)} <= {*found(compiled)}
    assert "deck-toml" not in {rule for rule, _ in found(compiled)}


def test_what_is_off_in_a_card_is_off_for_that_card_alone(tmp_path: Path) -> None:
    items = "- a\n- b\n- c"
    off = "## One?\n<!--\nid: one\noff: [long-list, image-alt]\n-->\n\n" + items
    text = f"# T\n\n{off}\n\n![](media/dot.png)\n\n" + card(items, "Two?", "two")
    compiled = compile_deck(with_rules(tmp_path, '[rules]\nwriting = "error"', text))
    assert [(one.rule, one.card) for one in compiled.problems] == [("long-list", "two")]
    assert compiled.switched_off == 2
    assert compiled.notes.keys() == {"one", "two"}


def test_a_card_with_an_error_that_is_off_in_it_is_built(tmp_path: Path) -> None:
    text = "# T\n\n" + card("a :tada:").replace("-->", "\noff: [differs-on-github]\n-->")
    compiled = compile_deck(with_rules(tmp_path, "", text))
    assert compiled.deck, compiled.problems
    assert compiled.notes


def test_findings_between_cards_are_off_in_the_card_that_has_them(tmp_path: Path) -> None:
    second = card("B.", "A question?", "b").replace("-->", "\noff: [same-prompt]\n-->")
    compiled = compile_deck(with_rules(tmp_path, "", "# T\n\n" + card("A.") + second))
    assert (compiled.problems, compiled.switched_off) == ((), 1)


def test_a_note_is_the_same_whatever_is_off_in_its_card(tmp_path: Path) -> None:
    plain = "# T\n\n" + card("A.")
    compiled = [
        compile_deck(with_rules(tmp_path, "", text))
        for text in (plain, plain.replace("-->", "\noff: long-list\n-->"))
    ]
    assert compiled[0].notes == compiled[1].notes
    assert not compiled[1].problems


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("long-anser", "did you mean long-answer?"),
        ("quux", "deckwright check --rules lists them"),
        ("markup", "can never be off, because otherwise learners"),
        ("missing-id", "would lose reviews"),
        ("tex-wide", "can never be off"),
    ],
)
def test_what_is_not_a_rule_that_can_be_off_is_named_at_its_place(
    name: str, words: str, tmp_path: Path
) -> None:
    text = "# T\n\n" + card("A.").replace("-->", f"\noff: [long-list, {name}]\n-->")
    [one] = compile_deck(with_rules(tmp_path, "", text)).problems
    assert (one.rule, one.severity, one.card) == ("bad-off", Severity.WARNING, "a-card")
    assert (one.place.line, one.place.column) == (5, 18)
    assert words in one.message
    assert [edit.text for edit in one.edits] == (["long-answer"] if "anser" in name else [])
