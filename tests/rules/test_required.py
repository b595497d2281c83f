"""What a deck asks of each of its cards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from tests.decks import TOML, card, make_deck, release
from tests.note_types.own_types import FILES

TAGS = 'tags = { level = "one", topic = "some" }'
WORKS = 'references = "REFERENCES.md"'
LIST = """\
# References

- Kingma, D. P. & Welling, M. (2014). Auto-Encoding Variational Bayes.
- van den Oord, A. (2017). Neural Discrete Representation Learning.
1. World Health Organization (2020a). A report.
"""


def compiled(
    root: Path, required: str, text: str, files: Mapping[str, str | bytes] | None = None
) -> Compiled:
    toml = f"{TOML}\n[required]\n{required}\n"
    return compile_deck(make_deck(root, {"deck.toml": toml, "01.md": text, **(files or {})}))


def tagged(*tags: str) -> str:
    comment = f"<!--\nid: a-card\ntags: [{', '.join(tags)}]\n-->"
    return f"# T\n\n## A question?\n{comment}\n\nAn answer.\n"


def cites(root: Path, source: str) -> list[str]:
    """What is said of the works that one card cites; the list has some more."""
    found = compiled(
        root, WORKS, f"# T\n\n{card('A.')}\n### Source\n{source}\n", {"REFERENCES.md": LIST}
    )
    return [one.message for one in found.problems if one.rule == "unlisted-work"]


def test_a_deck_that_requires_nothing_asks_nothing(tmp_path: Path) -> None:
    assert not compiled(tmp_path, "", f"# T\n\n{card('An answer.')}").problems


def test_each_card_without_a_part_is_named_at_its_line(tmp_path: Path) -> None:
    text = f"# T\n\n{card('An answer.')}\n### Why\nSo.\n\n{card('{{c1::Two}}.', 'Title', 'two')}"
    found = compiled(tmp_path, 'parts = ["Why"]', text)
    [one] = found.problems
    assert (one.rule, one.card, one.place.line, one.severity) == (
        "missing-part",
        "two",
        11,
        "error",
    )


def test_a_card_whose_note_type_has_no_such_part_lacks_nothing(tmp_path: Path) -> None:
    text = "# T\n\n## el perro\n<!--\nid: dog\ntype: vocabulary\n-->\n\nthe dog\n"
    assert not compiled(tmp_path / "a", 'parts = ["Source"]', text, FILES).problems
    [found] = compiled(tmp_path / "b", 'parts = ["Spoken"]', text, FILES).problems
    assert found.rule == "missing-part"


def test_a_card_without_an_error_is_whole_though_it_lacks_a_part(tmp_path: Path) -> None:
    found = compiled(tmp_path, 'parts = ["Why"]', f"# T\n\n{card('An answer.')}")
    assert found.deck is None
    assert [*found.notes] == ["a-card"]


def test_a_deck_softens_what_it_requires_and_a_card_goes_without(tmp_path: Path) -> None:
    soft = 'parts = ["Why"]\n\n[rules]\nrequired = "warning"'
    assert compiled(tmp_path / "a", soft, f"# T\n\n{card('An answer.')}").deck
    alone = card("An answer.").replace(
        "<!-- id: a-card -->", "<!--\nid: a-card\noff: [missing-part]\n-->"
    )
    assert not compiled(tmp_path / "b", 'parts = ["Why"]', f"# T\n\n{alone}").problems


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (["level::core", "topic::vae", "topic::em"], []),
        (["topic::vae"], ["no tag level::…, which each card of this deck has: add one of level::"]),
        (["level::core", "level::more", "topic::em"], ["the tags level::core and level::more"]),
        (["level::core"], ["no tag topic::…"]),
        (["level", "topic::em"], ["no tag level::…"]),
    ],
)
def test_tags_of_a_kind_are_one_or_some(tags: list[str], words: list[str], tmp_path: Path) -> None:
    for prefix in ("", 'tag = "lvm"\n'):
        toml = f"{TOML}{prefix}\n[required]\n{TAGS}\n"
        files: dict[str, str | bytes] = {"deck.toml": toml, "01.md": tagged(*tags)}
        found = compile_deck(make_deck(tmp_path / (prefix and "lvm"), files)).problems
        assert len(found) == len(words)
        for one, word in zip(found, words, strict=True):
            assert (one.rule, word in one.message) == ("missing-tag", True), one.message


def test_the_tags_that_other_cards_have_are_offered(tmp_path: Path) -> None:
    others = "".join(
        f"## Question {number}?\n<!--\nid: c{number}\ntags: [level::{word}]\n-->\n\nA{number}.\n\n"
        for number, word in enumerate(["core", "more", "core"])
    )
    toml = f'{TOML}tag = "lvm"\n\n[required]\ntags = {{ level = "one" }}\n'
    text = f"# T\n\n{others}{card('An answer.')}"
    [found] = compile_deck(make_deck(tmp_path, {"deck.toml": toml, "01.md": text})).problems
    assert found.message == (
        "this card has no tag level::…, which each card of this deck has: add one of"
        " level::core, level::more to its comment, which has a line for each key:"
        ' <!-- / id: a-card / tags: ["level::core"] / -->'
    )


def test_a_kind_of_tags_may_have_a_list_of_words(tmp_path: Path) -> None:
    toml = 'tags = { level = ["core", "more"] }'
    assert not compiled(tmp_path / "a", toml, tagged("level::more")).problems
    [found] = compiled(tmp_path / "b", toml, tagged("level::basic")).problems
    words = "this deck has no tag level::basic: write one of level::core, level::more"
    assert (found.rule, found.message) == ("missing-tag", words)
    [found] = compiled(tmp_path / "c", toml, tagged("topic::x")).problems
    assert found.message.endswith("add one of level::core, level::more to the tags in its comment")


def test_a_heading_in_code_is_no_part(tmp_path: Path) -> None:
    text = f"# T\n\n{card('```text' + chr(10) + '### Why' + chr(10) + 'x' + chr(10) + '```')}"
    found = compiled(tmp_path, 'parts = ["Why"]', text).problems
    assert [one.rule for one in found] == ["missing-part"]


@pytest.mark.parametrize(
    "source",
    [
        "Kingma & Welling (2014), §3, eq. 9",
        "See also Kingma and Welling ([2014](https://example.org/a)).",
        "Own derivation, after Kingma & Welling (2014)",
        "van den Oord et al. (2017), §2. World Health Organization (2020a)",
        "Own derivation.",
        "Proved in 2013 (and again later).",
        "[Kingma & Welling (2014)](https://example.org/b)",
        "Kingma & Welling [(2014)](https://example.org/b)",
        "Kingma, D. P. & Welling, M. (2014), §2.3",
        "Section 3 (2014 version); Appendix B (1999)",
    ],
)
def test_what_is_listed_may_be_cited_in_many_ways(source: str, tmp_path: Path) -> None:
    assert cites(tmp_path, source) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Kingma & Welling (2013), §3", "Kingma & Welling (2013)"),
        ("Kingma & Welling (2014); see Higgins et al. (2017), §2", "Higgins et al. (2017)"),
        ("Own figure, from de la Cruz-O'Neil ([2017](https://x.org))", "de la Cruz-O'Neil (2017)"),
        ("Bishop (2006), §9.4. Ōe (1999a)", "Bishop (2006)"),
    ],
)
def test_what_is_cited_and_not_listed_is_named(source: str, words: str, tmp_path: Path) -> None:
    found = cites(tmp_path, source)
    assert f"REFERENCES.md does not list {words}: add a line to it: - {words}." in found[0]
    assert len(found) == 1 + source.count("Ōe")


def test_what_no_card_cites_is_named_in_the_list(tmp_path: Path) -> None:
    text = f"# T\n\n{card('A.')}\n### Source\nKingma & Welling (2014); van den Oord (2017)\n"
    [found] = compiled(tmp_path, WORKS, text, {"REFERENCES.md": LIST}).problems
    assert (found.rule, found.place.line, found.severity) == ("uncited-work", 5, "warning")
    assert found.source_line == "1. World Health Organization (2020a). A report."


def test_a_source_that_the_deck_requires_is_asked_for_once(tmp_path: Path) -> None:
    one = f"{card('An answer.')}\n### Source\nA book.\n\n{card('B.', 'B?', 'b')}"
    assert [p.rule for p in compiled(tmp_path / "a", "", f"# T\n\n{one}").problems] == ["no-source"]
    found = compiled(tmp_path / "b", 'parts = ["Source"]', f"# T\n\n{one}").problems
    assert [p.rule for p in found] == ["missing-part"]


@pytest.mark.parametrize(
    ("required", "words"),
    [
        ('parts = "Why"', "parts is not a list of ### parts"),
        ('parts = ["Wy"]', "no card can have a part Wy: did you mean Why?"),
        ('parts = ["prompt"]', "parts is not a list of ### parts"),
        ("parts = [" + '"Why", ' * 11 + "]", "parts is not a list of ### parts"),
        ('parts = ["(a|a)+z"]', "no card can have a part (a|a)+z: write one of"),
        ("tags = {" + ",".join(f'a{n}="one"' for n in range(11)) + "}", "does not say"),
        ('tags = ["level"]', 'does not say "one", "some" or ["a", "b"] of each kind'),
        ('tags = { level = "two" }', 'does not say "one", "some" or ["a", "b"] of each kind'),
        ("tags = { level = [] }", 'does not say "one", "some" or ["a", "b"] of each kind'),
        ('tags = { "a b" = "one" }', 'does not say "one", "some" or ["a", "b"] of each kind'),
        ('references = "../REFERENCES.md"', "not a file for people"),
        ('references = "01.md"', "not a file for people"),
        ('references = "NOTICE.md"', "there is no NOTICE.md beside deck.toml"),
        ('part = ["Why"]', "[required] has no part: did you mean parts?"),
    ],
)
def test_a_mistake_in_the_table_is_named_at_its_line(
    required: str, words: str, tmp_path: Path
) -> None:
    found = compiled(tmp_path, required, f"# T\n\n{card('An answer.')}").problems
    assert [(one.rule, one.place.line) for one in found] == [("deck-toml", 5)]
    assert words in found[0].message


def test_a_line_of_the_table_that_is_wrong_costs_that_line(tmp_path: Path) -> None:
    found = compiled(tmp_path, 'tags = 1\nparts = ["Why"]', f"# T\n\n{card('A.')}").problems
    assert [one.rule for one in found] == ["missing-part", "deck-toml"]


def test_a_card_without_an_id_is_told_all_at_once(tmp_path: Path) -> None:
    text = "# T\n\n## A question?\n\nAn $\\argmax x$, and \\(y\\).\n"
    found = compiled(tmp_path, 'parts = ["Why"]', text)
    rules = ["missing-id", "missing-part", "tex-undefined", "math-delimiter"]
    assert [one.rule for one in found.problems] == rules
    assert (found.cards, found.notes, found.places) == (1, {}, {})


def test_a_released_card_whose_id_was_lost_is_not_taken_for_another(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01.md": f"# T\n\n{card('An answer.')}"})
    release(root)
    make_deck(root, {"01.md": "# T\n\n## A question?\n\nAn answer.\n"})
    found = compile_deck(root)
    assert [one.rule for one in found.problems] == ["missing-id"]
    assert not found.matches
