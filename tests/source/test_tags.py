"""Tags that Anki takes: it keeps them as they are, and finds them again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anki.collection import Collection, SearchNode
from anki.decks import DeckId

from deckwright.compile import compile_deck
from deckwright.source.card_keys import is_tag, plain_tag
from tests.decks import card, make_deck, only_note

TAKEN = [
    "C#", "C++", "#AK::x", "#AK_Step1::^Systems::Cardio", "!Later", "A&P", "a/b", "a,b", "a=b",
    "Parkinson's", "(a)", "100%", "$100", "a?", "a@b", "~a", "a|b", "-a", "_a", ".NET", "a..b",
    "😀", "👩\u200d👩\u200d👧", "🏳️\u200d🌈::👍🏽", "α→β", "№1", "«a»", "„a“", "a–b", "日本語",
    "हिन्दी",
]  # fmt: skip
REFUSED = {
    "a b": "a-b", "a::": "a", "::a": "a", "a::::b": "a::b", "a:b": "a::b", " a": "a",
    'a"b': "ab", "[sound:x]": "sound::x", "<b>": "b", "{{x}}": "x", "a\\b": "ab", "a*b": "ab",
    "&lt;": "&lt", "a\u00a0b": "a-b", "a\u3000b": "a-b", "`a`": "a", "e\u0301": "é",
}  # fmt: skip


@pytest.fixture(scope="module")
def anki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    collection = Collection(str(tmp_path_factory.mktemp("anki") / "a.anki2"))
    yield collection
    collection.close()


def in_anki(anki: Collection, tag: str) -> tuple[list[str], bool]:
    """What Anki keeps of a tag, and whether it finds that again."""
    model = anki.models.by_name("Basic")
    assert model
    note = anki.new_note(model)
    note["Front"], note.tags = tag, [tag]
    anki.add_note(note, DeckId(1))
    kept = list(anki.get_note(note.id).tags)
    by_name = anki.find_notes(anki.build_search_string(SearchNode(tag=tag)))
    typed = anki.find_notes(f'"tag:{tag}"')
    anki.remove_notes([note.id])
    return kept, [*by_name] == [*typed] == [note.id]


@pytest.mark.parametrize("tag", TAKEN)
def test_a_tag_is_kept_and_found_again(tag: str, anki: Collection, tmp_path: Path) -> None:
    text = card("An answer.").replace("<!-- id", "<!--\nid")
    text = text.replace(" -->", f'\ntags: ["{tag}"]\n-->')
    assert only_note(tmp_path, text).tags == (tag,)
    assert in_anki(anki, tag) == ([tag], True)


@pytest.mark.parametrize(("tag", "cure"), REFUSED.items())
def test_what_is_no_tag_has_a_cure_that_is_one(tag: str, cure: str, anki: Collection) -> None:
    assert not is_tag(tag)
    assert plain_tag(tag) == cure
    assert is_tag(cure)
    assert in_anki(anki, cure) == ([cure], True)


@pytest.mark.parametrize("tag", ["", "#", "???", "\u0301a", "x" * 101])
def test_what_holds_no_word_is_no_tag(tag: str) -> None:
    assert not is_tag(tag)


@pytest.mark.parametrize(
    ("tags", "line", "fix"),
    [
        ("[#AK::x]", 6, 'put #AK::x into quotes, as "#AK::x"'),
        ("[a, #b]", 6, 'put #b into quotes, as "#b"'),
        ("\n  - a\n  - #b", 8, 'put #b into quotes, as "#b"'),
        ("[!x]", 6, 'put !x into quotes, as "!x"'),
        ("[&x]", 6, 'put &x into quotes, as "&x"'),
        ("[a b]", 6, "write a-b, "),
        ("[none]", 6, "choose another word"),
    ],
)
def test_a_wrong_tag_is_named_at_its_place(tags: str, line: int, fix: str, tmp_path: Path) -> None:
    text = card("An answer.").replace("<!-- id", "<!--\nid").replace(" -->", f"\ntags: {tags}\n-->")
    [found] = compile_deck(make_deck(tmp_path, {"01.md": f"# A\n\n{text}"})).problems
    assert found.place.line == line
    assert found.fix.startswith(fix)
