"""What makes a card hard to learn is a warning, at its place, and a deck may turn it off."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.rules import FAMILIES
from tests.decks import TOML, card, compile_cards, make_deck, png

WRITING = {rule.name for rule in FAMILIES["Writing"]}


def found(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    """The rules of writing that some cards break, with the lines."""
    compiled = compile_cards(tmp_path, text)
    assert compiled.deck
    return [(one.rule, one.place.line) for one in compiled.problems if one.rule in WRITING]


def question(prompt: str, body: str = "An answer.", card_id: str = "a-card") -> str:
    return card(body, prompt=prompt, card_id=card_id)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (question("x" * 250), []),
        (question("x" * 251), [("long-question", 3)]),
        (question("Why?", "x\n\n### Question\n\n" + "y" * 250), [("long-question", 3)]),
        (question("Why?", "x" * 230), []),
        (question("Why?", "x" * 231), [("long-answer", 6)]),
        (question("Why?", "$" + r"\theta\mathrm{x}" * 115 + "$"), []),
        (question("Why?", "$" + r"\theta\mathrm{x}" * 115 + "y$"), [("long-answer", 6)]),
        (question("Why?", "```\n" + "x = 1\n" * 100 + "```"), []),
        (question("T", "One {{c1::" + "x" * 231 + "}}."), [("long-answer", 6), ]),
        (question("Why?", "- a\n- b"), []),
        (question("Why?", "- a\n- b\n- c"), [("long-list", 6)]),
        (question("Why?", "1. a\n2. b\n3. c"), [("long-list", 6)]),
        (question("T", "{{c1::a}} {{c2::b}} {{c3::c}} {{c4::d}}"), []),
        (question("T", "{{c1::a}} {{c2::b}} {{c3::c}} {{c4::d}} {{c5::e}}"), [("many-clozes", 6)]),
        (question("What is a random walk?", "A random walk."), [("answer-shown", 3)]),
        (question("Is it a tree or a graph?", "A graph."), []),
        (question("What is a tree?", "A connected graph."), []),
        (question("What follows from $x = y$?", "$x = y$"), []),
        (question("The encoder", "It is the {{c1::encoder}}."), [("answer-shown", 3)]),
        (question("T", "The {{c1::encoder}} is a {{c1::encoder}}."), []),
        (question("T", "The {{c1::encoder::what}} is a net, an encoder."), [("answer-shown", 3)]),
        (question("Why?", "Yes. ![dot](media/dot.png)"), [("thin-alt", 6)]),
        (question("Why?", "A grey dot. ![Here a grey dot](media/dot.png)"), [("thin-alt", 6)]),
        (question("Why?", "Red light. ![A round grey dot](media/dot.png)"), []),
    ],
)  # fmt: skip
def test_a_card_that_is_hard_to_learn_is_reported(
    text: str, rules: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert found(tmp_path, text) == rules


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("What does the KL term pull?", "In a VAE, what does the KL term pull?", True),
        ("In a VAE, what does the KL term pull?", "What does the KL term pull in a VAE?", True),
        ("Why are samples of a VAE blurry?", "Why is a sample of a VAE blurry?", True),
        ("What is the capital of France?", "What is the capital of Spain?", False),
        (
            "In which year was the battle of Hastings?",
            "In which year was the battle of Ulm?",
            False,
        ),
        ("Which law minimises $D(q, p)$ exactly?", "Which law minimises $D(p, q)$ exactly?", False),
        (
            "What fails if the KL weight is too low?",
            "What fails if the KL weight is too high?",
            False,
        ),
        (
            "What fails in training if the KL weight of a VAE is too low?",
            "What fails early in training if the KL weight of a VAE is too low?",
            True,
        ),
        ("Why so?", "Why is it so?", False),
    ],
)
def test_questions_in_nearly_the_same_words_are_reported(
    one: str, other: str, alike: bool, tmp_path: Path
) -> None:
    text = question(one, "First.", "one") + "\n" + question(other, "Second.", "two")
    assert found(tmp_path, text) == [("alike", 8)] * alike


def test_a_source_is_missing_only_where_others_give_theirs(tmp_path: Path) -> None:
    without = question("Why?", "An answer.", "one")
    sourced = question("Whence?", "There.\n\n### Source\n\nA book", "two")
    assert found(tmp_path, without) == []
    assert found(tmp_path, without + "\n" + sourced) == [("no-source", 3)]


def test_a_card_with_an_error_is_judged_by_its_words_too(tmp_path: Path) -> None:
    broken = question("What is a random walk?", "A random walk. <b>")
    found = {one.rule for one in compile_cards(tmp_path, broken).problems}
    assert found == {"markup", "answer-shown"}


@pytest.mark.parametrize("severity", ["error", "warning", "off"])
def test_what_the_deck_says_of_a_rule_hides_no_other_problem(severity: str, tmp_path: Path) -> None:
    cards = f"# T\n\n{card('long ' * 60 + '![](a.png)')}"
    toml = f'{TOML}[rules]\nimage-alt = "{severity}"\n'
    root = make_deck(tmp_path, {"01-cards.md": cards, "a.png": png(), "deck.toml": toml})
    found = {one.rule for one in compile_deck(root, engine=False).problems}
    assert found == {"long-answer"} | ({"image-alt"} if severity != "off" else set())


def test_a_tag_of_a_picture_without_words_is_named_once(tmp_path: Path) -> None:
    cards = "# T\n\n" + card('<img lang=en title="alt= x" src=a.png>')
    toml = f'{TOML}[rules]\nimage-alt = "warning"\n'
    root = make_deck(tmp_path, {"01-cards.md": cards, "a.png": png(), "deck.toml": toml})
    assert [one.rule for one in compile_deck(root, engine=False).problems] == ["image-alt"]
