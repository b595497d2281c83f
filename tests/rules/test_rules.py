"""The registry of rules: each tries itself, and is told of wherever a person looks."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

from deckwright import rules
from deckwright.compile import Compiled, compile_deck
from deckwright.model import Severity
from deckwright.rules import FAMILIES, RULES, Rule, Stake
from deckwright.rules import page as rulebook
from tests.commands.test_commands import run
from tests.decks import TOML, card, make_deck, release

PAGE = Path(__file__).parent.parent.parent / "docs" / "rules.md"
GOOD = "# Examples\n\n" + card("An answer.")


def compile_example(root: Path, rule: Rule, example: str | bytes, name: str) -> Compiled:
    if rule.released:
        release(make_deck(root, {"01-cards.md": rule.released}))
    files: dict[str, str | bytes] = {"deck.toml": TOML + rule.toml, "01-cards.md": GOOD}
    files |= dict(rule.beside)
    return compile_deck(make_deck(root, {**files, name: example}))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_its_bad_example(rule: Rule, tmp_path: Path) -> None:
    compiled = compile_example(tmp_path, rule, rule.bad, rule.bad_file or rule.file)
    found = [one for one in compiled.problems if one.rule == rule.name]
    assert found, [str(one) for one in compiled.problems]
    assert {one.severity for one in found} == {rule.severity}
    assert all(one.what and one.fix for one in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_lets_its_good_example_pass(rule: Rule, tmp_path: Path) -> None:
    compiled = compile_example(tmp_path, rule, rule.good, rule.file)
    assert not compiled.problems, [str(one) for one in compiled.problems]


def test_every_rule_is_listed_once() -> None:
    found = walk_packages(rules.__path__, f"{rules.__name__}.")
    modules = [rules, *(import_module(one.name) for one in found)]
    lists = [module for module in modules if hasattr(module, "RULES")]
    written = [one for module in lists for one in vars(module).values() if isinstance(one, Rule)]
    assert Counter(RULES) == Counter(written)


def test_rules_have_names_and_texts_of_their_own() -> None:
    assert len(RULES) > 30
    assert len({rule.name for rule in RULES}) == len({rule.doc for rule in RULES}) == len(RULES)
    assert all(rule.doc.endswith(".") for rule in RULES)


def test_the_page_of_the_rules_is_what_make_docs_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == rulebook.as_markdown(), "make docs mends this"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_page_says_what_a_rule_asks_and_whether_a_deck_may_choose(rule: Rule) -> None:
    kind = "An error" if rule.severity is Severity.ERROR else "A warning"
    may = ", unless `[rules]` says otherwise" if rule.switchable else " in every deck: "
    why = "" if rule.switchable else rule.stake.value
    entry = f"### {rule.name}\n\n{rule.doc}\n\n*{kind}{may}{why}.*\n"
    assert entry in PAGE.read_text(encoding="utf-8")


def test_examples_show_what_differs_and_no_more() -> None:
    lines = rulebook.as_markdown().splitlines()
    assert max(len(line) for line in lines if not line.startswith("It may choose")) < 400
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", "".join(lines))
    for rule in RULES:
        examples = [one for one in rulebook._examples(rule) if "\n" in one]
        texts = [one.split("\n\n", 1)[1] for one in examples]
        none = rule.bad_file or Path(rule.file).suffix not in rulebook._LANGUAGES
        assert len(texts) == (0 if none else 2 + bool(rule.released and rule.file.endswith(".md")))
        assert all(len(text.splitlines()) > 2 for text in texts), rule.name
        assert not texts or texts[-1] != texts[-2], rule.name


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["a\n\nb\n\nc\n", "a\n\nd\n\nc\n"], ["b", "d"]),
        (["# a\n\n## b\n\nc\n\nd", "# a\n\n## b\n\nc"], ["## b\n\nc\n\nd", "## b\n\nc"]),
        (["b\n\nc", "# a\n\nb\n\nc"], ["b", "# a\n\nb"]),
        (["a\n\na", "a\n\na\n\na"], ["a\n\na", "a\n\na\n\na"]),
    ],
)
def test_what_is_missing_is_shown_in_its_place(texts: list[str], shown: list[str]) -> None:
    assert rulebook._what_differs(texts) == shown


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
    assert rows[0].keys() == {"name", "family", "severity", "switchable", "doc"}


@pytest.mark.parametrize("args", [["."], ["--format", "github"]])
def test_the_list_of_rules_is_of_no_deck(args: list[str], tmp_path: Path) -> None:
    done = run("check", "--rules", *args, cwd=tmp_path)
    assert done.returncode == 2
    assert "--rules" in done.stderr


def test_an_error_stays_one_unless_somebody_thought_about_it() -> None:
    rule = Rule("new", "New.", bad="", good="")
    assert not rule.switchable
    switchable = {rule.name for rule in RULES if rule.stake is Stake.STYLE}
    assert switchable == {"differs-on-github", "empty-part", "image-alt"}


if __name__ == "__main__":
    PAGE.write_text(rulebook.as_markdown(), encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "at"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 | gone |", (8, 10)),
        ("> a | b\n> --|--\n> 1 | 2 | gone", (8, 10)),
        ("- | a | b |\n  |---|---|\n  | 1 | 2 | gone |", (8, 12)),
        ("| a | b |\n|---|---|\n| $x|y$ | `2\\|3` |", None),
        ("| a | b |\n|---|---|\n| 1 \\| 2 | 3 |  |", None),
        ("| a | b |\n|---|---|\n| 1 | 2 | \\", (8, 10)),
    ],
)
def test_a_cell_behind_the_last_column_is_lost_text(
    table: str, at: tuple[int, int] | None, tmp_path: Path
) -> None:
    text = f"# T\n\n## Q\n<!-- id: q -->\n\n{table}\n"
    found = compile_deck(make_deck(tmp_path, {"01.md": text})).problems
    lost = [(one.place.line, one.place.column) for one in found if one.rule == "lost-text"]
    assert lost == ([at] if at else [])
