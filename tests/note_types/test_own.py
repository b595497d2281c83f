"""Note types of a deck's own in a real Anki: the cards they make, and an update of them."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.note_types.own import MAX_ID
from deckwright.real_anki import rendered, verify
from deckwright.real_anki.contents import in_collection
from deckwright.real_anki.scratch import scratch_collection
from deckwright.rehearsal import rehearse
from deckwright.releases.release import Prepared, intended, prepare
from tests.decks import make_deck, release
from tests.note_types.own_types import BACK, CARDS, SAY, UNDERSTAND, of_type, with_types
from tests.program import run

if TYPE_CHECKING:
    from anki.collection import Collection

pytestmark = pytest.mark.anki

FOLDER = "note_types/vocabulary"
T0 = 1_600_000_000
DAY = 86_400


def build(root: Path) -> Path:
    compiled = compile_deck(root)
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return write(package(compiled.deck, "dev", T0), root.parent / "out")


def text(html: str) -> str:
    """What a reader sees."""
    html = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_anki_makes_the_cards_that_we_say_and_shows_their_fields(tmp_path: Path) -> None:
    path = build(make_deck(tmp_path / "deck", with_types()))
    assert verify(path).failures == ()
    shown = {(one.note, one.template): one for one in rendered(path)}
    assert {key: (text(one.question), text(one.answer)) for key, one in shown.items()} == {
        ("dog", "Understand"): ("犬", "犬 A dog."),
        ("japan", "Understand"): ("日本 にほん", "日本 にほん Japan , the country."),
        ("japan", "Say"): ("Say: the country", "Say: the country 日本"),
        ("A cat", "Gap 1"): (
            "The [...] sat on the mat .",
            "The cat sat on the mat . From elsewhere",
        ),
        ("A cat", "Gap 3"): (
            "The cat sat on the [where?] .",
            "The cat sat on the mat . From elsewhere",
        ),
        ("ours", "Card"): ("A question of our own?", "A question of our own? An answer."),
    }
    assert ".word { font-size: 2em; }" in shown["dog", "Understand"].css
    assert ".word" not in shown["ours", "Card"].css


@pytest.mark.parametrize("special", ["Tags", "Type", "Deck", "Subdeck", "Card"])
def test_a_front_may_show_what_anki_says_of_a_card(special: str, tmp_path: Path) -> None:
    name = "note_types/vocabulary/understand.front.html"
    shown = f"{{{{Word}}}} {{{{{special}}}}} {{{{furigana:Spoken}}}} "
    files = with_types(**{name: shown})
    assert verify(build(make_deck(tmp_path / "deck", files))).failures == ()


def test_every_filter_shows_a_plain_text_as_it_is_written(tmp_path: Path) -> None:
    filters = "text kana kanji furigana hint hint:kana hint:kanji hint:furigana".split()
    front = "".join(f"<p>{{{{{name}:Spoken}}}}</p>\n" for name in filters)
    spoken = "&lt;script&gt;x&lt;/script&gt; &#91;sound:a.mp3&#93; \"a\" > 'b' 日本[にほん]"
    card = of_type("vocabulary", f"A word.\n\n### Spoken\n\n{spoken}", "日本", "word")
    files = with_types(
        (f"{FOLDER}/understand.front.html", UNDERSTAND, f"<p>{{{{Word}}}}</p>\n{front}"),
        **{"01-words.md": f"# W\n\n{card}"},
    )
    [shown] = rendered(build(make_deck(tmp_path / "deck", files)))
    html = re.sub(r"<style>.*?</style>", "", shown.question, flags=re.DOTALL)
    assert not re.search(r"<script|\[sound|\[anki|onerror", html)
    written = "&lt;script&gt;x&lt;/script&gt; &#91;sound:a.mp3&#93; \"a\" > 'b'"
    shown_text = unescape(re.sub(r"<[^>]*>", "", html))
    assert shown_text.count(written) == len(filters) - 1
    assert shown_text.count(unescape(written)) == 1  # `text:` takes one escape away


def test_no_text_of_two_fields_becomes_one_instruction(tmp_path: Path) -> None:
    front = "<p>{{Word}} ({{Meaning}} )</p><p>{{Word}}<b>{{Meaning}}</b></p>"
    card = of_type("vocabulary", "sound:a.mp3] latex]", r"x [", "word")
    files = with_types(
        (f"{FOLDER}/understand.front.html", UNDERSTAND, front),
        **{"01-words.md": f"# W\n\n{card}"},
    )
    [shown] = rendered(build(make_deck(tmp_path / "deck", files)))
    assert "[anki:" not in shown.question
    assert "x [" in shown.question


def ids_of(collection: Collection) -> list[tuple[int, list[int | None], list[int | None]]]:
    return [
        (kind["id"], [one["id"] for one in kind["flds"]], [one["id"] for one in kind["tmpls"]])
        for kind in collection.models.all()
        if "Vocabulary" in kind["name"]
    ]


def test_anki_keeps_the_largest_and_the_smallest_id(tmp_path: Path) -> None:
    toml = f"{FOLDER}/note_type.toml"
    changes = [
        (toml, "id = 4501", f"id = {MAX_ID - 1}"),
        (toml, "id = 11\n", f"id = {MAX_ID - 1}\n"),
        (toml, "id = 12\n", "id = 1\n"),
        (toml, "id = 21\n", f"id = {MAX_ID - 1}\n"),
        (toml, "id = 22\n", "id = 1\n"),
    ]
    path = build(make_deck(tmp_path / "deck", with_types(*changes)))
    assert verify(path).failures == ()
    with scratch_collection() as scratch:
        scratch.import_package(path)
        most = MAX_ID - 1
        assert scratch.run(ids_of) == [(most, [most, 1, 13, 14, 15, 16], [most, 1])]


# An update


HINT = ('name = "Reserved 1"', 'name = "Hint"')
LATER = (
    CARDS.replace("type: vocabulary", "type: words").replace("A dog.", "A dog, an animal.")
    + "\n"
    + of_type("words", "A cat.\n\n### Hint\n\nIt purrs.", "猫", "neko")
)


def second() -> dict[str, str | bytes]:
    """The next release: another folder, a field taken over, other templates and CSS, a new card."""
    files = with_types(
        (f"{FOLDER}/note_type.toml", *HINT),
        (f"{FOLDER}/note_type.toml", 'name = "Say"', 'name = "Speak"'),
        (
            f"{FOLDER}/understand.back.html",
            BACK,
            f"{BACK}{{{{#Hint}}}}<p>{{{{Hint}}}}</p>{{{{/Hint}}}}\n",
        ),
        (f"{FOLDER}/say.front.html", SAY, SAY.replace("Say:", "Tell me:")),
        (f"{FOLDER}/style.css", "2em", "3em"),
        **{"01-words.md": LATER},
    )
    return {name.replace(FOLDER, "note_types/words"): text for name, text in files.items()}


def two_releases(root: Path) -> tuple[Prepared, Prepared]:
    """The deck's first release, and the next one, not yet in its ledger."""
    first = release(make_deck(root, with_types()), "1.0.0", T0)
    for path in sorted((root / FOLDER).iterdir()):
        path.unlink()
    (root / FOLDER).rmdir()
    compiled = compile_deck(make_deck(root, second()))
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return first, prepare(compiled, T0 + DAY, "1.1.0")


def test_an_update_of_own_note_types_keeps_every_schedule_and_arrives(tmp_path: Path) -> None:
    old, new = two_releases(tmp_path / "deck")
    changes = new.changes
    assert [note.id for note in changes.added] == ["neko"]
    assert [one.after.id for one in changes.changed] == ["dog"]
    assert [(one.after.kind, one.parts) for one in changes.types] == [
        ("4501", ("css", "fields", "Understand", "Speak"))
    ]
    assert {one.kind: one.mod for one in new.deck.types} == {
        "basic": T0, "cloze": T0, "4501": T0 + DAY, "4502": T0,
    }  # fmt: skip
    paths = [write(one.package, tmp_path / name) for one, name in ((old, "old"), (new, "new"))]
    [result] = rehearse(paths[:1], paths[1], intended(new))
    assert result.failures == ()
    assert (result.cards, result.new_notes, result.updated_notes) == (6, 1, 1)
    with scratch_collection() as scratch:
        scratch.import_package(paths[0])
        scratch.import_package(paths[1])
        got = in_collection(scratch)
        by_name = {got.note_name(one): note for one, note in got.notes.items()}
        assert got.texts(by_name["neko"])["Hint"] == "It purrs."
        assert got.texts(by_name["dog"])["Meaning"] == "A dog, an animal."
        assert {one.name for one in got.types.values()} >= {
            "Examples – Vocabulary", "Examples – Passage",
        }  # fmt: skip
        assert not [one.name for one in got.types.values() if one.name.endswith("+")]
        japan = [one for one in got.cards.values() if one.note == by_name["japan"].id]
        names = sorted(got.template_name(one) for one in japan)
        assert names == ["Speak", "Understand"]


def test_all_verbs_work_with_note_types_of_a_decks_own(tmp_path: Path) -> None:
    root = tmp_path / "content"
    old, _ = two_releases(root)
    first = write(old.package, tmp_path)
    done = run("check", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
    done = run("build", "--verify", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = (tmp_path / "dist").glob("*.apkg")
    done = run("verify", first.name, str(built), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for options in ([], ["--against", first.name]):
        for form in ("text", "markdown", "json", "html"):
            done = run("diff", *options, "--format", form, cwd=tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "neko" in done.stdout or form == "html"
            assert "japan" not in done.stdout or form in ("json", "html")
