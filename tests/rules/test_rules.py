"""The registry of rules: each tries itself, and a page says what it asks."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from deckwright import rules
from deckwright.model import Rule, Severity, Stake
from deckwright.rules import BY_FAMILY, BY_NAME, FAMILIES, RULES
from tests.program import run
from tests.rules.examples import EXAMPLES, IN_TESTS, PAGE, on_the_page

TEXT = PAGE.read_text(encoding="utf-8")
SOURCE = Path(rules.__file__).parent.parent


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_its_bad_example(rule: Rule, tmp_path: Path) -> None:
    example = EXAMPLES[rule.name]
    compiled = example.compile(tmp_path, example.wrong)
    found = [one for one in compiled.problems if one.rule == rule.name]
    assert found, [str(one) for one in compiled.problems]
    assert {one.severity for one in found} == {rule.severity}
    assert all(one.what and one.fix for one in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_lets_its_good_example_pass(rule: Rule, tmp_path: Path) -> None:
    example = EXAMPLES[rule.name]
    assert example.right != example.wrong
    compiled = example.compile(tmp_path, example.right)
    assert not compiled.problems, [str(one) for one in compiled.problems]


def test_every_rule_is_listed_once() -> None:
    written = [
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r'= Rule\(\s+"([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    ]
    assert Counter(rule.name for rule in RULES) == Counter(written)


def test_rules_have_names_and_texts_of_their_own() -> None:
    assert len(RULES) > 30
    assert len({rule.name for rule in RULES}) == len({rule.doc for rule in RULES}) == len(RULES)
    assert all(rule.doc.endswith(".") for rule in RULES)


def test_the_page_has_each_rule_in_its_family_with_examples_or_a_cure() -> None:
    headings = re.findall(r"^(##) ([A-Z]\w+)$|^(###) ([a-z0-9-]+)$", TEXT, re.MULTILINE)
    listed = [
        pair
        for family, rules in FAMILIES.items()
        for pair in [("##", family), *(("###", rule.name) for rule in rules)]
    ]
    assert [tuple(filter(None, one)) for one in headings] == listed
    shown = {name for name, example in on_the_page(TEXT) if example.wrong and example.right}
    assert shown | IN_TESTS.keys() == {rule.name for rule in RULES}
    assert not shown & IN_TESTS.keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_page_says_what_a_rule_asks_and_whether_a_deck_can_change_it(rule: Rule) -> None:
    kind = "Error" if rule.severity is Severity.ERROR else "Warning"
    every = f"in every deck: otherwise {rule.stake.value}"
    can = "; a deck can change this" if rule.can_be_off else "; a deck can make it an error"
    can = can if rule.switchable else f" {every}"
    entry = f"### {rule.name}\n\n{rule.doc}\n\n*{kind}{can}.*\n\n"
    assert entry in TEXT
    after = TEXT.split(entry)[1].split("\n##")[0]
    assert len(after) > 20, "an example, or what to do"


def test_check_lists_the_rules_by_family_without_a_deck(tmp_path: Path) -> None:
    done = run("check", "--rules", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if line and line[0] != " "] == list(FAMILIES)
    rows = [line.split(maxsplit=2) for line in lines if line.startswith(" ")]
    assert [(name, severity) for name, severity, _ in rows] == [
        (rule.name, rule.severity) for rule in RULES
    ]
    switchable = [name for name, _, words in rows if words.startswith("switchable ")]
    assert switchable == [rule.name for rule in RULES if rule.switchable]
    assert all(words.endswith(".") for _, _, words in rows)


def test_check_lists_the_rules_for_programs(tmp_path: Path) -> None:
    rows = json.loads(run("check", "--rules", "--format", "json", cwd=tmp_path).stdout)
    assert [row["name"] for row in rows] == [rule.name for rule in RULES]
    keys = {"name", "family", "severity", "switchable", "can_be_off", "doc", "page"}
    assert rows[0].keys() == keys
    assert rows[0]["page"] == "docs/rules.md#not-utf8"


@pytest.mark.parametrize("args", [["."], ["--format", "github"]])
def test_the_list_of_rules_is_of_no_deck(args: list[str], tmp_path: Path) -> None:
    done = run("check", "--rules", *args, cwd=tmp_path)
    assert done.returncode == 2
    assert "--rules" in done.stderr


def test_an_error_stays_one_unless_somebody_thought_about_it() -> None:
    rule = Rule("new", "New.")
    assert not rule.switchable
    switchable = {rule.name for rule in RULES if rule.stake is Stake.STYLE}
    required = {"missing-part", "missing-tag", "unlisted-work"}  # the deck itself asks for these
    assert switchable == {"differs-on-github", *required}


def test_safety_continuity_and_formulas_can_never_be_off() -> None:
    harmful = (Stake.SAFETY, Stake.HISTORY, Stake.FORMULA)
    assert not any(rule.can_be_off for rule in RULES if rule.stake in harmful)
    assert not any(rule.can_be_off for rule in FAMILIES["Formulas"])
    assert not any(rule.switchable for rule in FAMILIES["Continuity"])


def test_no_rule_has_the_name_of_a_family() -> None:
    assert not BY_NAME.keys() & BY_FAMILY.keys()
