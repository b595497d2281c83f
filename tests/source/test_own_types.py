"""Note types of a deck's own: what they may hold, and which mistakes are named where."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.model import Note, Problem
from tests.decks import card, make_deck
from tests.note_types.own_types import UNDERSTAND, of_type, with_types

TOML = "note_types/vocabulary/note_type.toml"
FRONT = "note_types/vocabulary/understand.front.html"
BACK = "note_types/vocabulary/understand.back.html"
STYLE = "note_types/vocabulary/style.css"
GAP = "note_types/passage/front.html"


def compiled_with(root: Path, *changes: tuple[str, str, str], **more: str | bytes) -> Compiled:
    return compile_deck(make_deck(root, with_types(*changes, **more)))


def notes_of(compiled: Compiled) -> dict[str, Note]:
    assert not compiled.problems, "\n".join(map(str, compiled.problems))
    assert compiled.deck
    return {note.id: note for note in compiled.deck.notes}


def cards_of_type(root: Path, *cards: str) -> list[Problem]:
    """The problems of a deck with these cards."""
    text = "# Words\n\n" + "\n".join(cards)
    return [*compiled_with(root, **{"01-words.md": text}).problems]


def test_fields_are_filled_by_their_parts_and_make_the_cards_of_their_templates(
    tmp_path: Path,
) -> None:
    compiled = compiled_with(tmp_path)
    notes = notes_of(compiled)
    assert {name: (note.kind, note.ordinals) for name, note in notes.items()} == {
        "dog": ("4501", (0,)),
        "japan": ("4501", (0, 1)),
        "cat": ("4502", (0, 2)),
        "ours": ("basic", (0,)),
    }
    assert notes["japan"].fields == (
        "日本", "<strong>Japan</strong>, the country.", "日本[にほん]", "the <em>country</em>",
        "japan", "",
    )  # fmt: skip
    assert compiled.deck
    types = {one.kind: one for one in compiled.deck.types}
    assert [*types] == ["basic", "cloze", "4501", "4502"]
    own = types["4501"]
    assert (own.id, own.name, own.sort, own.cloze) == (4501, "Examples – Vocabulary", 0, False)
    assert [(field.id, field.parts) for field in own.fields] == [
        (11, ("prompt",)), (12, ("answer",)), (13, ("Spoken",)), (14, ("Reverse",)),
        (15, ("Id",)), (16, ()),
    ]  # fmt: skip
    assert (own.fields[5].collapsed, own.fields[5].search) == (True, False)
    assert [one.id for one in own.templates] == [21, 22]
    assert own.css.endswith("\n\n.word { font-size: 2em; }\n")
    assert types["4502"].cloze
    assert types["4502"].css == types["basic"].css


def test_a_file_says_the_note_type_of_all_its_cards_and_a_card_its_own(tmp_path: Path) -> None:
    head = "---\ntype: vocabulary\n---\n# Words\n\n"
    text = head + card("A dog.", "犬", "dog") + of_type("basic", "An answer.", "Why?", "why")
    notes = notes_of(compiled_with(tmp_path, **{"01-words.md": text}))
    assert {name: note.kind for name, note in notes.items()} == {"dog": "4501", "why": "basic"}


def test_our_own_note_types_may_be_named(tmp_path: Path) -> None:
    cards = of_type("basic", "An answer.", "Why?", "a") + of_type("cloze", "A {{c1::b}}.", "T", "b")
    notes = notes_of(compiled_with(tmp_path, **{"01-words.md": "# Words\n\n" + cards}))
    assert [note.kind for note in notes.values()] == ["basic", "cloze"]


def test_a_note_type_without_notes_is_fine(tmp_path: Path) -> None:
    text = "# Words\n\n" + card("An answer.")
    assert len(notes_of(compiled_with(tmp_path, **{"01-words.md": text}))) == 1


def test_the_link_for_reports_is_on_the_back_where_a_field_has_the_id(tmp_path: Path) -> None:
    toml = 'key = "examples"\nname = "Examples"\nreport = "https://example.org/{id}"\n'
    compiled = compiled_with(tmp_path, **{"deck.toml": toml})
    assert compiled.deck
    backs = {one.kind: one.templates[0].back for one in compiled.deck.types}
    assert 'href="https://example.org/{{Id}}"' in backs["4501"]
    assert "example.org" not in backs["4502"]  # Passage has no field for it


CARDS_WITH_MISTAKES = {
    "an unknown note type": (
        of_type("vocabluary", "A dog.", "犬", "dog"),
        "unknown-type", 6, "did you mean vocabulary?",
    ),
    "a list of note types": (
        of_type("[vocabulary]", "A dog.", "犬", "dog"), "unknown-type", 6, "write type: basic",
    ),
    "a part of another note type": (
        of_type("vocabulary", "A dog.\n\n### Why\n\nSo.", "犬", "dog"),
        "unknown-part", 11, "there is Spoken and Reverse",
    ),
    "a cloze in a type without clozes": (
        of_type("vocabulary", "A {{c1::dog}}.", "犬", "dog"), "cloze-place", 9, "clozes",
    ),
    "a cloze in a basic card": (
        of_type("basic", "A {{c1::dog}}.", "What?", "dog"), "cloze-place", 9, "clozes",
    ),
    "no cloze in a cloze card": (
        of_type("cloze", "A dog.", "What?", "dog"), "empty-front", 3, "{{c1::…}}",
    ),
    "no cloze in a type with clozes": (
        of_type("passage", "A dog.", "What?", "dog"), "empty-front", 3, "{{c1::…}}",
    ),
    "double braces for a cloze": (
        of_type("cloze", "A {{dog}}.", "What?", "dog"),
        "empty-front",
        3,
        "{{c1::…}}",
    ),
    "no answer": (of_type("vocabulary", "", "犬", "dog"), "empty-answer", 3, "write one"),
    "a formula that filters take apart": (
        of_type("vocabulary", "A dog.\n\n### Spoken\n\n$x$", "犬", "dog"),
        "typed-plain", 13, "without formulas",
    ),
    "HTML that filters would make of text": (
        of_type("vocabulary", "A dog.\n\n### Spoken\n\n<b>inu</b>", "犬", "dog"),
        "typed-plain", 13, "without formulas",
    ),
    "a sound that filters would make": (
        of_type("vocabulary", "A dog.\n\n### Spoken\n\n[[x]sound:a.mp3]", "犬", "dog"),
        "typed-plain", 13, "漢字[かんじ]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CARDS_WITH_MISTAKES)
def test_a_mistake_in_a_card_is_named(name: str, tmp_path: Path) -> None:
    text, rule, line, fix = CARDS_WITH_MISTAKES[name]
    [found] = [one for one in cards_of_type(tmp_path, text) if one.rule != "cloze-lookalike"]
    assert (found.rule, found.place.line) == (rule, line), str(found)
    assert fix in found.fix


NO_ANSWER = (TOML, 'part = "answer"', 'part = "Meaning"')


def test_a_text_that_no_field_takes_is_not_lost(tmp_path: Path) -> None:
    cards = {"01-words.md": "# W\n\n" + of_type("vocabulary", "A dog.", "犬", "dog")}
    [found] = compiled_with(tmp_path, NO_ANSWER, **cards).problems
    assert (found.rule, found.place.line) == ("lost-text", 9)
    assert "### Meaning or ### Spoken" in found.fix
    assert 'part = "answer"' in found.fix
    body = "### Meaning\n\nA dog."
    cards = {"01-words.md": "# W\n\n" + of_type("vocabulary", body, "犬", "dog")}
    assert notes_of(compiled_with(tmp_path, NO_ANSWER, **cards))["dog"].fields[1] == "A dog."


def test_a_note_of_which_anki_makes_no_card_is_an_error(tmp_path: Path) -> None:
    only_reverse = (FRONT, UNDERSTAND, "{{#Spoken}}<p>{{Word}}</p>{{/Spoken}}")
    cards = {"01-words.md": "# W\n\n" + of_type("vocabulary", "A dog.", "犬", "dog")}
    [found] = compiled_with(tmp_path, only_reverse, **cards).problems
    assert (found.rule, found.place.line) == ("empty-front", 3)
    assert "### Spoken or ### Reverse" in found.fix


def test_an_empty_first_field_is_an_error(tmp_path: Path) -> None:
    first = [
        (TOML, 'part = "prompt"', 'part = "Written"'),
        (TOML, "id = 13\n", 'id = 13\npart = "prompt"\n'),
    ]
    cards = {"01-words.md": "# W\n\n" + of_type("vocabulary", "A dog.", "inu", "dog")}
    [found] = compiled_with(tmp_path, *first, **cards).problems
    assert (found.rule, found.place.line) == ("empty-front", 3)
    assert "### Written" in found.fix


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [("a $x$", 3, "kana: shows"), ("日本[にほん] [x]", 9, "square brackets")],
)
def test_what_is_not_plain_is_named_at_its_place(
    text: str, column: int, what: str, tmp_path: Path
) -> None:
    body = f"A dog.\n\n### Spoken\n\n{text}"
    [found] = cards_of_type(tmp_path, of_type("vocabulary", body, "犬", "dog"))
    assert (found.rule, found.place.line, found.place.column) == ("typed-plain", 13, column)
    assert what in found.what


def test_an_answer_that_no_template_shows_is_named_once_at_its_field(tmp_path: Path) -> None:
    [found] = compiled_with(tmp_path, (BACK, "{{Meaning}}", "{{Spoken}}")).problems
    assert (found.rule, found.place.line) == ("note-type", 11)
    assert "no template shows the field Meaning" in found.what


def test_a_renamed_field_is_listed_where_no_word_is_near(tmp_path: Path) -> None:
    [found] = compiled_with(tmp_path, (FRONT, "kana:Spoken", "kana:Weaning")).problems
    assert "did you mean Meaning?" in found.fix
    [found] = compiled_with(tmp_path, (FRONT, "kana:Spoken", "kana:Reading")).problems
    assert found.fix.startswith("there is Word, Meaning")


def test_an_id_that_two_fields_have_is_reported_with_another(tmp_path: Path) -> None:
    [found] = compiled_with(tmp_path, (TOML, "id = 12\n", "id = 11\n")).problems
    assert found.fix.startswith("write id = ") and "= 11," not in found.fix


@pytest.mark.parametrize("name", ["note-types", "Note_types", "notetype"])
def test_a_folder_of_note_types_by_another_name_is_reported_once(name: str, tmp_path: Path) -> None:
    files = {path.replace("note_types", name): text for path, text in with_types().items()}
    [found] = compile_deck(make_deck(tmp_path, files)).problems
    assert (found.rule, Path(found.place.path).name) == ("note-type", name)
    assert "is called note_types" in found.what


def test_a_folder_that_is_no_note_type_is_reported_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        path.replace("vocabulary", "Vocabulary"): str(text).replace(": vocabulary", ": Vocabulary")
        for path, text in with_types().items()
    }
    [found] = compile_deck(make_deck(tmp_path, files)).problems
    assert found.rule == "note-type" and found.fix.startswith("rename its folder")
