"""Note types of a deck's own from release to release: what must stay, and what is free."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.model import Severity, Source
from deckwright.releases.changelog import to_markdown
from deckwright.releases.ledger import FILE, from_text, to_text
from deckwright.releases.release import prepare
from tests.decks import make_deck, release
from tests.note_types.own_types import of_type, with_types

FOLDER = "note_types/vocabulary"
TOML = f"{FOLDER}/note_type.toml"
T1 = 1_600_086_400
Change = tuple[str, str, str]

WORD = '[[fields]]\nname = "Word"\nid = 11\npart = "prompt"\n\n'
MEANING = '[[fields]]\nname = "Meaning"\nid = 12\npart = "answer"\n\n'
LAST = "search = false\n"
SECOND = '[[templates]]\nname = "Say"\nid = 22\nfront = "say.front.html"\nback = "say.back.html"\n'
FIRST = (
    '[[templates]]\nname = "Understand"\nid = 21\nfront = "understand.front.html"\n'
    'back = "understand.back.html"\n\n'
)


def rewritten(root: Path, *changes: Change, **more: str | bytes) -> Compiled:
    """The deck after some changes of its files."""
    for name, old, new in changes:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new), encoding="utf-8")
    for name, content in more.items():
        (root / name).write_text(str(content), encoding="utf-8")
    return compile_deck(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A deck with one release."""
    release(make_deck(tmp_path, with_types()))
    return tmp_path


def test_the_ledger_remembers_the_note_types_whole(root: Path) -> None:
    text = (root / FILE).read_text(encoding="utf-8")
    ledger, found = from_text(Source(FILE, text))
    assert not found and ledger
    assert to_text(ledger) == text
    assert [one.kind for one in ledger.types] == ["4501", "4502", "basic", "cloze"]
    own = ledger.types[0]
    assert [field.parts for field in own.fields][:2] == [("prompt",), ("answer",)]
    assert [one.cloze for one in ledger.types] == [False, True, False, True]
    assert '"vocabulary"' not in text  # the folder's name is free


def test_nothing_changes_with_the_name_of_a_folder(root: Path) -> None:
    before = prepare(compile_deck(root), T1)
    (root / FOLDER).rename(root / "note_types" / "words")
    after = prepare(rewritten(root, ("01-words.md", "type: vocabulary", "type: words")), T1)
    assert not after.changes
    assert after.package == before.package
    assert after.package.name == "examples-1.0.0.apkg"


SHAPES: dict[str, tuple[list[Change], str]] = {
    "an added field": (
        [(TOML, LAST, f'{LAST}\n[[fields]]\nname = "More"\nid = 99\n')], "More is new",
    ),
    "a removed field": (
        [(TOML, '[[fields]]\nname = "Reserved 1"\nid = 16\ncollapsed = true\n' + LAST, "")],
        "Reserved 1 is gone",
    ),
    "fields in another order": (
        [(TOML, WORD + MEANING, MEANING + WORD)], "the order of its fields",
    ),
    "another id of a field": ([(TOML, "id = 12\n", "id = 99\n")], "the id of the field Meaning"),
    "an added template": (
        [(TOML, SECOND, f'{SECOND}\n{SECOND}'.replace("22", "99", 1).replace('"Say"', '"S"', 1)
          .replace('"say.front.html"', '"more.html"', 1))], "is new",
    ),
    "a removed template": ([(TOML, SECOND, "")], "Say is gone"),
    "templates in another order": (
        [(TOML, FIRST + SECOND, SECOND + "\n" + FIRST)], "the order of its templates",
    ),
    "another id of a template": ([(TOML, "id = 22\n", "id = 9\n")], "the id of the template Say"),
    "another id of the type": ([(TOML, "id = 4501", "id = 99")], "was 4501 in every release"),
    "a part that goes to another field": (
        [(TOML, 'part = "prompt"', 'part = "X"'), (TOML, 'part = "answer"', 'part = "prompt"'),
         (TOML, 'part = "X"', 'part = "answer"')], "the part prompt",
    ),
    "templates that swap their questions": (
        [(TOML, '"say.front.html"', '"x"'), (TOML, '"understand.front.html"', '"say.front.html"'),
         (TOML, '"x"', '"understand.front.html"')], "asks what Say asked",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_released_note_type_keeps_its_shape(name: str, root: Path) -> None:
    changes, what = SHAPES[name]
    (root / FOLDER / "more.html").write_text("<p>{{Reverse}} </p>x")
    compiled = rewritten(root, *changes)
    found = [one for one in compiled.problems if one.severity is Severity.ERROR]
    assert {one.rule for one in found} - {"lost-text"} == {"shape-changed"}, [*map(str, found)]
    found = [one for one in found if one.rule != "lost-text"]
    assert any(what in one.what for one in found), [*map(str, compiled.problems)]
    assert {Path(one.place.path).relative_to(root).as_posix() for one in found} == {TOML}
    assert all(one.fix for one in found)


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        ("id = 12\n", "", "write id = 12"),
        ('name = "Meaning"\nid = 12\n', 'name = "Sense"\n', "write id = 12"),
        ('name = "Reserved 1"\nid = 16\n', 'name = "Notes"\n', "write id = 16"),
        ("id = 22\n", "", "write id = 22"),
        ("id = 12\n", "id = 99\n", "write id = 12"),
        ("id = 12\n", "id = 11\n", "write id = 12"),
        ("id = 4501\n", "", "write id = 4501"),
    ],
)
def test_an_id_that_is_gone_is_the_released_one(old: str, new: str, fix: str, root: Path) -> None:
    [found] = [one for one in rewritten(root, (TOML, old, new)).problems if "id" in one.what]
    assert found.fix.startswith(fix)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("id = 12\n", "id = 99\n", 12),
        ("id = 22\n", "id = 9\n", 42),
        ("id = 4501\n", "id = 99\n", 2),
        (LAST, f'{LAST}\n[[fields]]\nname = "More"\nid = 99\n', 36),
        (WORD + MEANING, MEANING + WORD, 7),
    ],
)
def test_what_changed_is_named_at_its_line(old: str, new: str, line: int, root: Path) -> None:
    found = [one for one in rewritten(root, (TOML, old, new)).problems if one.rule != "lost-text"]
    assert [(one.rule, one.place.line) for one in found] == [("shape-changed", line)]


def test_a_cloze_type_stays_one(root: Path) -> None:
    toml = "note_types/passage/note_type.toml"
    changes = [
        (toml, "cloze = true\n", ""),
        ("note_types/passage/front.html", "cloze:", ""),
        ("note_types/passage/back.html", "cloze:", ""),
    ]
    found = [one for one in rewritten(root, *changes).problems if one.rule == "shape-changed"]
    assert ["each cloze" in one.what for one in found] == [True]


def test_a_released_note_type_is_not_taken_away_while_it_has_notes(root: Path) -> None:
    for path in (root / "note_types/passage").iterdir():
        path.unlink()
    changes = [("01-words.md", "type: passage", "type: cloze")]
    compiled = rewritten(root, *changes)
    assert [one.rule for one in compiled.problems] == ["shape-changed"]
    [found] = compiled.problems
    assert "Passage is gone" in found.what and "id = 4502" in found.fix


def test_a_note_type_may_go_when_its_notes_are_retired(root: Path) -> None:
    for path in (root / "note_types/passage").iterdir():
        path.unlink()
    cat = of_type("passage", "The {{c1::cat}} sat on the {{c3::mat::where?}}.", "A cat", "cat")
    toml = (root / "deck.toml").read_text(encoding="utf-8")
    compiled = rewritten(
        root,
        ("01-words.md", cat, ""),
        **{"deck.toml": f'{toml}[retired]\ncat = "it was wrong"\n'},
    )
    assert not compiled.problems, [*map(str, compiled.problems)]
    later = release(root, "1.1.0", T1)
    assert [one.kind for one in later.ledger.types][-1] == "4502"
    assert "`cat` A cat (it was wrong)" in to_markdown(later.ledger)
    assert "This search" not in to_markdown(later.ledger)  # Passage has no field for an id
    assert not compile_deck(root).problems


def test_a_search_names_the_field_with_the_id(root: Path) -> None:
    toml = (root / "deck.toml").read_text(encoding="utf-8")
    dog = of_type("vocabulary", "A dog.", "犬", "dog")
    assert not rewritten(
        root,
        ("01-words.md", dog, ""),
        (TOML, 'name = "Id"\n', 'name = "My key"\npart = "Id"\n'),
        **{"deck.toml": f'{toml}[retired]\ndog = "it was wrong"\n'},
    ).problems
    text = to_markdown(release(root, "1.1.0", T1).ledger)
    assert '("My key:dog")' in text


def test_a_note_keeps_its_note_type(root: Path) -> None:
    dog = of_type("vocabulary", "A dog.", "犬", "dog")
    compiled = rewritten(root, ("01-words.md", dog, dog.replace("vocabulary", "basic")))
    [found] = compiled.problems
    assert found.rule == "kind-changed"
    assert "released as a Vocabulary card and is a basic card" in found.what


def test_a_card_of_a_template_does_not_go_unnoticed(root: Path) -> None:
    compiled = rewritten(root, ("01-words.md", "\n\n### Reverse\n\nthe *country*", ""))
    [found] = compiled.problems
    assert found.rule == "ordinal-gone"
    assert "the Say of japan is gone" in found.what


def test_names_templates_and_reserved_fields_are_free(root: Path) -> None:
    compiled = rewritten(
        root,
        (TOML, 'name = "Reserved 1"', 'name = "Hint"'),
        (TOML, 'name = "Meaning"', 'name = "Sense"'),
        (TOML, 'sort = "Word"', 'sort = "Sense"'),
        (f"{FOLDER}/understand.back.html", "{{Meaning}}", "{{Sense}}"),
    )
    assert not compiled.problems, [*map(str, compiled.problems)]
    prepared = prepare(compiled, T1)
    assert [one.after.kind for one in prepared.changes.types] == ["4501"]
    assert not replace(prepared.changes, types=())
    assert {one.kind: one.mod for one in prepared.deck.types if one.mod == T1} == {"4501": T1}


@pytest.mark.parametrize(
    "change",
    [
        (f"{FOLDER}/style.css", "2em", "3em"),
        (TOML, "search = false", "search = true"),
        (TOML, 'description = "What', 'description = "That'),
    ],
)
def test_an_untouched_note_type_keeps_its_mod(change: Change, root: Path) -> None:
    prepared = prepare(rewritten(root, change), T1)
    assert [one.kind for one in prepared.deck.types if one.mod == T1] == ["4501"]


def test_a_broken_note_type_makes_nothing_else_seem_gone(root: Path) -> None:
    compiled = rewritten(root, (TOML, 'sort = "Word"', "sort = 3"))
    assert [one.rule for one in compiled.problems] == ["note-type"]
