from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

from deckwright import rules
from deckwright.pipeline import Compiled, compile_deck
from deckwright.rules import RULES, Rule
from tests.decks import TOML, card, make_deck, release

GOOD = "# Examples\n\n" + card("An answer.")


def compile_example(root: Path, rule: Rule, example: str | bytes, name: str) -> Compiled:
    if rule.released:
        release(make_deck(root, {"01-cards.md": rule.released}))
    files: dict[str, str | bytes] = {"deck.toml": TOML + rule.toml, "01-cards.md": GOOD}
    return compile_deck(make_deck(root, {**files, name: example}))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_its_bad_example(rule: Rule, tmp_path: Path) -> None:
    compiled = compile_example(tmp_path, rule, rule.bad, rule.bad_file or rule.file)
    found = [one for one in compiled.diagnostics if one.rule == rule.name]
    assert found, [str(one) for one in compiled.diagnostics]
    assert {one.severity for one in found} == {rule.severity}
    assert all(one.what and one.cure for one in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_lets_its_good_example_pass(rule: Rule, tmp_path: Path) -> None:
    compiled = compile_example(tmp_path, rule, rule.good, rule.file)
    assert not compiled.diagnostics, [str(one) for one in compiled.diagnostics]


def test_every_rule_is_listed_once() -> None:
    found = walk_packages(rules.__path__, f"{rules.__name__}.")
    modules = [rules, *(import_module(one.name) for one in found)]
    written = [one for module in modules for one in vars(module).values() if isinstance(one, Rule)]
    assert Counter(RULES) == Counter(written)


def test_rules_have_names_and_texts_of_their_own() -> None:
    assert len(RULES) > 30
    assert len({rule.name for rule in RULES}) == len({rule.doc for rule in RULES}) == len(RULES)
    assert all(rule.doc.endswith(".") for rule in RULES)
