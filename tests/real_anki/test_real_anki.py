"""Packages made by genanki, each with one fault, imported into a real Anki."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import genanki
import pytest

from deckwright.real_anki import (
    AnkiMissing,
    Counts,
    Failure,
    Refused,
    RenderedCard,
    Report,
    rendered,
    scratch_collection,
    verify,
)
from deckwright.real_anki.contents import seen
from tests.fuzz.harness import patience

pytest.importorskip("anki")

pytestmark = pytest.mark.anki

WHEN = 1_700_000_000


def model(front: str = "{{Front}}", back: str = "{{Back}}", **options: Any) -> genanki.Model:
    options.setdefault("fields", ["Front", "Back", "Id"])
    options["fields"] = [{"name": name} for name in options["fields"]]
    template = {"name": "Card", "qfmt": front, "afmt": back}
    return genanki.Model(
        1607392319, options.pop("name", "deck basic"), templates=[template], **options
    )


BASIC = model("{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}", css=".card { color: #123; }")
CLOZE = genanki.Model(
    1607392320,
    "deck cloze",
    fields=[{"name": "Title"}, {"name": "Text"}, {"name": "Id"}],
    templates=[{"name": "Cloze", "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}"}],
    model_type=genanki.Model.CLOZE,
)


class Note(genanki.Note):  # type: ignore[misc] # genanki has no types
    def __init__(self, fields: str, kind: genanki.Model = BASIC, **options: Any) -> None:
        ordinals = options.pop("cards", None)
        parts = fields.split("|")
        options.setdefault("guid", f"guid of {parts[2]}")
        super().__init__(model=kind, fields=parts, **options)
        if ordinals is not None:
            self.cards = [genanki.Card(ordinal) for ordinal in ordinals]


Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep temporary files (genanki leaves some) in the test's folder; we leave none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert not list(tmp_path.glob("deckwright-*"))


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a package of notes; ``sql`` is run on its database."""

    def write(
        *notes: Note, media: dict[str, bytes] | None = None, sql: str = "", deck: int = 1234567
    ) -> Path:
        files = []
        for name, data in (media or {}).items():
            files.append(tmp_path / name)
            files[-1].write_bytes(data)
        full = genanki.Deck(deck, "Latent::01 Foundations")
        for place, note in enumerate(notes):
            note.due = note.due or place
            full.add_note(note)
        package = tmp_path / "deck.apkg"
        genanki.Package(full, files).write_to_file(package, timestamp=WHEN)
        if sql:
            rewrite(package, sql)
        return package

    return write


def rewrite(package: Path, sql: str) -> None:
    with zipfile.ZipFile(package) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    database = package.with_suffix(".db")
    database.write_bytes(parts["collection.anki2"])
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(sql)
    parts["collection.anki2"] = database.read_bytes()
    with zipfile.ZipFile(package, "w") as zipped:
        for name, data in parts.items():
            zipped.writestr(name, data)


def elbo() -> Note:
    return Note("What is the ELBO?|A <b>bound</b>.|elbo")


def terms() -> Note:
    return Note("Terms|{{c1::Reconstruction}} and {{c2::KL}}|terms", CLOZE)


def only(report: Report) -> Failure:
    assert len(report.failures) == 1, [failure.what for failure in report.failures]
    return report.failures[0]


# -- a good package --------------------------------------------------------------------------------


def test_a_good_package_passes_and_is_counted(make: Make) -> None:
    picture = Note('<img src="vae.png">|A VAE.|vae')
    report = verify(make(elbo(), terms(), picture, media={"vae.png": b"png"}))
    assert report.failures == ()
    assert report.counts == Counts(notes=3, cards=4, decks=2, media=1)
    assert report.anki_version[:2].isdigit()


def test_what_a_template_has_is_no_fault_of_a_note(make: Make) -> None:
    boxes = model("{{Front}} {{type:Back}}", "{{FrontSide}} {{type:nc:Back}} [[type:Front]]")
    sound = Note("[sound:a.mp3]|<img src='a b.png'> <a href=https://example.org>a</a>|a", boxes)
    cloze = Note("T|{{c1::a}} [latex] b|b", CLOZE, cards=[0])
    media = {"a.mp3": b"a", "a b.png": b"b"}
    assert verify(make(sound, cloze, media=media)).failures == ()


def test_progress_comes_in_order_and_ends_complete(make: Make) -> None:
    calls: list[tuple[str, int, int]] = []
    package = make(*(Note(f"q{number}|a|id-{number}") for number in range(450)))
    verify(package, lambda *call: calls.append(call))
    assert calls[0] == ("importing", 0, 1)
    assert calls[-1] == ("check database", 1, 1)
    assert [call for call in calls if call[0] == "rendering"] == [
        ("rendering", done, 450) for done in (0, 200, 400, 450)
    ]


def test_cards_are_rendered_as_anki_shows_them(make: Make) -> None:
    first, second, third = rendered(make(elbo(), terms()))
    assert first == RenderedCard(
        note="elbo",
        deck="Latent::01 Foundations",
        template="Card",
        question="What is the ELBO?",
        answer="What is the ELBO?<hr id=answer>A <b>bound</b>.",
        css=".card { color: #123; }",
    )
    assert (second.template, third.template) == ("Cloze 1", "Cloze 2")
    assert "[...]</span> and" in second.question


def test_rendering_that_is_given_up_leaves_nothing_behind(make: Make) -> None:
    cards = rendered(make(elbo(), terms()))
    assert next(cards).note == "elbo"
    cards.close()  # type: ignore[attr-defined] # it is a generator


def test_rendering_a_foreign_file_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.apkg"
    foreign.write_text("no zip")
    with pytest.raises(Refused, match=r"deckwright cannot look into foreign\.apkg"):
        next(rendered(foreign))


def run_bare(program: str, package: Path, *options: str) -> tuple[int, str, str]:
    """Run a program in a Python of its own, without a HOME."""
    done = subprocess.run(
        [sys.executable, *options, "-c", program, package],
        env={"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": tempfile.gettempdir()},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_nothing_is_printed_and_nothing_warned_of_without_a_home(make: Make) -> None:
    program = (
        "import sys, pathlib, deckwright.real_anki as v;"
        "assert not v.verify(pathlib.Path(sys.argv[1])).failures"
    )
    package = make(*(Note(f"q{number}|a|id-{number}") for number in range(3000)))
    assert run_bare(program, package, "-W", "error") == (0, "", "")


def test_rendering_that_a_program_leaves_open_ends_without_a_word(make: Make) -> None:
    program = (
        "import sys, pathlib, deckwright.real_anki as v;"
        "cards = v.rendered(pathlib.Path(sys.argv[1])); print(next(cards).note)"
    )
    assert run_bare(program, make(elbo(), terms())) == (0, "elbo\n", "")


def test_two_runs_at_once_do_not_disturb_each_other(make: Make) -> None:
    package = make(elbo(), terms())
    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(verify, [package] * 4))
    assert {report.counts.cards for report in reports} == {3}
    assert [failure for report in reports for failure in report.failures] == []


def test_without_anki_the_module_imports_and_says_what_to_install(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import sys; sys.modules['anki'] = None; import deckwright.real_anki"
    subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=True
    )
    package = make(elbo())
    monkeypatch.setitem(sys.modules, "anki.collection", None)
    with pytest.raises(AnkiMissing, match=r"pip install 'deckwright\[anki\]'"):
        verify(package)


def test_a_package_is_imported_as_ankis_dialog_does_it_by_default(make: Make) -> None:
    def presets(collection: Any) -> Any:
        return collection._backend.get_import_anki_package_presets()

    with scratch_collection() as scratch:
        before = scratch.run(presets)
        scratch.import_package(make(elbo()))
        assert scratch.run(presets) == before  # Anki remembers the last import's


# -- files that are no packages --------------------------------------------------------------------


def test_a_missing_file_is_a_failure(tmp_path: Path) -> None:
    assert "there is no file" in only(verify(tmp_path / "none.apkg")).what


def test_a_truncated_package_is_a_failure(make: Make) -> None:
    package = make(elbo())
    package.write_bytes(package.read_bytes()[:-500])
    failure = only(verify(package))
    assert failure.what.startswith("deckwright cannot look into deck.apkg: ")
    assert failure.fix.startswith("build it with deckwright")


def test_a_zip_that_is_no_package_is_a_failure(tmp_path: Path) -> None:
    package = tmp_path / "other.apkg"
    with zipfile.ZipFile(package, "w") as zipped:
        zipped.writestr("hello.txt", "hello")
    assert only(verify(package)).what.startswith("deckwright cannot look into other.apkg: ")


def test_a_damaged_database_is_a_failure(make: Make) -> None:
    package = make(elbo())
    with zipfile.ZipFile(package) as zipped:
        database = zipped.read("collection.anki2")
    with zipfile.ZipFile(package, "w") as zipped:
        zipped.writestr("collection.anki2", database[:3000])
    assert only(verify(package)).what.startswith("deckwright cannot look into deck.apkg: ")


def test_a_package_in_ankis_compressed_format_is_a_failure(make: Make, tmp_path: Path) -> None:
    from anki.collection import ExportAnkiPackageOptions

    modern = tmp_path / "modern.apkg"
    with scratch_collection() as scratch:
        scratch.import_package(make(elbo()))
        scratch.run(
            lambda collection: collection.export_anki_package(
                out_path=str(modern), options=ExportAnkiPackageOptions(), limit=None
            )
        )
    failure = only(verify(modern))
    assert "newer, compressed format" in failure.what
    assert "Support older Anki versions" in failure.fix


# -- packages with one fault -----------------------------------------------------------------------

SQL_FAULTS = {
    "a suspended card is no new card": (
        "update cards set queue = -1",
        'card "Card" of note "elbo" is not new: it has a schedule',
    ),
    "reviews in a package are somebody's": (
        "insert into revlog select id, id, 0, 3, 1, 0, 2500, 9, 0 from cards",
        "the package holds 1 reviews",
    ),
    "a place beyond Anki's range": (
        "update cards set due = 2000000",
        '"Check Database" reports: Found 1 new card with a due number',
    ),
    "a card whose deck is not in the package": (
        "update cards set did = 99",
        'card "Card" of note "elbo" is in a deck that the package lacks',
    ),
    "a card without its note does not arrive": (
        "update cards set nid = 99",
        "does not arrive",
    ),
    "a card of a template that is not there": (
        "update cards set ord = 7",
        'card "number 8" of note "elbo" does not render',
    ),
    "a note from the future": (
        "update notes set mod = 9999999999",
        '"Check Database" rewrites note "elbo"',
    ),
}


@pytest.mark.parametrize("fault", SQL_FAULTS)
def test_a_fault_in_the_tables_is_found(make: Make, fault: str) -> None:
    sql, what = SQL_FAULTS[fault]
    found = [failure.what for failure in verify(make(elbo(), sql=sql)).failures]
    assert any(what in text for text in found), found


NOTE_FAULTS: dict[str, tuple[Callable[[], Note], str]] = {
    "an empty front": (
        lambda: Note("|A|blank", cards=[0]),
        'card "Card" of note "blank" has a blank front',
    ),
    "a front that shows nothing": (
        lambda: Note("<p><!-- a --> </p>|A|unseen"),
        'card "Card" of note "unseen" has a blank front',
    ),
    "a cloze card whose number is not in the note": (
        lambda: Note("T|{{c1::a}}|gone", CLOZE, cards=[0, 1]),
        'card "Cloze 2" of note "gone" is empty: its note has no cloze 2',
    ),
    "a cloze on a basic card": (
        lambda: Note("{{c1::a}}|A|cloze-on-basic"),
        'card "Card" of note "cloze-on-basic" shows the cloze {{c1::…}} as raw text',
    ),
    "a front template with a field that does not exist": (
        lambda: Note("Q|A|t", model("{{Front}}{{Nope}}")),
        "its front template has a problem: Found '{{Nope}}', but there is no field called 'Nope'",
    ),
    "a back template that does not close a condition": (
        lambda: Note("Q|A|t", model(back="{{#Back}}{{Back}}")),
        'card "Card" of note "t" does not render, its back template has a problem',
    ),
    "a formula in Anki's old LaTeX": (
        lambda: Note("[latex]x[/latex]|A|old"),
        'card "Card" of note "old" holds [latex]',
    ),
    "LaTeX that hints make": (
        lambda: Note("T|{{c1::a::latex}} b {{c1::c::/latex}}|hints", CLOZE, cards=[0]),
        "shows LaTeX of Anki's own, ' b '",
    ),
    "a sound that is an address": (
        lambda: Note("Q|[sound:https://evil.invalid/x.mp3]|s"),
        "plays 'https://evil.invalid/x.mp3', which is no file of the package",
    ),
    "a sound that a formula puts together": (
        lambda: Note(r"T|\(\text{[{{c1::sound:../x.mp3}}]}\) {{c2::b}}|f", CLOZE),
        'card "Cloze 2" of note "f" plays \'../x.mp3\', which is no file of the package',
    ),
    "words that are spoken": (
        lambda: Note("Q|[anki:tts lang=en_US]Hello[/anki:tts]|tts"),
        "makes the learner's device speak, by [anki:tts lang=en_US]",
    ),
    "a button that plays nothing": (
        lambda: Note("Q|[anki:play:q:0]|b"),
        "holds [anki:play:q:0], which plays nothing",
    ),
    "a box to type into": (
        lambda: Note("Q|[[type:Front]]|b", model(back="{{type:Back}} {{Back}}")),
        "asks to type, by [[type:Front]], and its template does not",
    ),
    "a shape over no picture": (
        lambda: Note('T|{{c1::image-occlusion:rect:left=1" onclick="a}}|o', CLOZE, cards=[0]),
        "has a cloze that Anki takes for a shape over a picture",
    ),
    "a picture from elsewhere": (
        lambda: Note("Q|<img alt='>' srcset=//evil.invalid/a.png>|p"),
        "loads '//evil.invalid/a.png', which is no file of the package",
    ),
    "a picture of a template": (
        lambda: Note("Q|A|p", model(back='{{Back}}<img src="{{Front}}.png">')),
        "loads 'Q.png', which is no file of the package",
    ),
    "a picture that is not there": (
        lambda: Note('<img src="a b.png">|A|pic'),
        'the media file "a b.png" is missing or empty: used by note "pic"',
    ),
    "a font of the note type that is not there": (
        lambda: Note("Q|A|f", model(css="@font-face { src: url(_f.woff2) }")),
        'the media file "_f.woff2" is missing: used by the note type "deck basic"',
    ),
    "a note type named as one of Anki's": (
        lambda: Note("Q|A|n", model(name="Basic")),
        'Anki changes the name of the note type "Basic"',
    ),
    "two fields of one name": (
        lambda: Note("Q|A|n", model(fields=["Front", "Back", "Back"])),
        "('Front', 'Back', 'Back') becomes ('Front', 'Back', 'Back+')",
    ),
}


@pytest.mark.parametrize("fault", NOTE_FAULTS)
def test_a_fault_in_a_note_is_found(make: Make, fault: str) -> None:
    note, what = NOTE_FAULTS[fault]
    found = [failure.what for failure in verify(make(elbo(), note())).failures]
    assert any(what in text for text in found), found


def test_a_package_without_notes_is_a_failure(make: Make) -> None:
    report = verify(make())
    assert only(report).what == "the package holds no note"
    assert report.counts == Counts()


def test_two_notes_with_one_guid_are_found(make: Make) -> None:
    failure = only(verify(make(elbo(), Note("Q|A|twin", guid="guid of elbo"))))
    assert failure.what.startswith('the notes "elbo", "twin" share the GUID guid of elbo')


def test_a_second_import_that_changes_something_is_found(make: Make) -> None:
    later = "update notes set mod = mod + 9 where id = (select min(id) from notes)"
    report = verify(make(elbo(), Note("Q|A|twin", guid="guid of elbo"), sql=later))
    twins, again = report.failures
    assert "share the GUID" in twins.what
    assert again.what.startswith("a second import of the package updates note")


def test_a_card_in_ankis_own_deck_is_found(make: Make) -> None:
    failure = only(verify(make(elbo(), deck=1)))
    assert failure.what.startswith('card "Card" of note "elbo" lands in the deck "Default"')


def test_new_cards_without_an_order_are_found(make: Make) -> None:
    failure = only(verify(make(elbo(), Note("Q|A|b"), sql="update cards set due = 0")))
    assert failure.what.startswith('new cards in "Latent::01 Foundations" have no order')


def test_a_card_that_the_package_lacks_is_found(make: Make) -> None:
    failure = only(verify(make(Note("T|{{c1::a}} {{c2::b}}|terms", CLOZE, cards=[0]))))
    assert failure.what.startswith('the package lacks card "Cloze 2" of note "terms"')


def test_media_that_no_card_uses_is_found(make: Make) -> None:
    failure = only(verify(make(elbo(), media={"spare.png": b"png"})))
    assert failure.what == 'no card uses the media file "spare.png", so Anki leaves it out'


@pytest.mark.parametrize("name", ["schro\u0308dinger.png", "a^b.png"])
def test_media_that_anki_renames_is_found(make: Make, name: str) -> None:
    report = verify(make(Note(f'<img src="{name}">|A|m'), media={name: b"1"}))
    failure = report.failures[-1]
    assert failure.what.startswith(f'Anki renames the media file "{name}" to "')


def test_media_whose_names_differ_only_in_case_are_found(make: Make) -> None:
    note = Note('<img src="a.png"><img src="A.png">|A|case')
    found = [
        failure.what
        for failure in verify(make(note, media={"a.png": b"1", "A.png": b"2"})).failures
    ]
    assert 'the media files "A.png" and "a.png" are one file on Windows and macOS' in found


def test_a_note_without_an_id_is_named_by_the_start_of_its_first_field(make: Make) -> None:
    note = Note("<b>What</b> &amp; why?| |", model("{{Back}}"), guid="x", cards=[0])
    assert 'of note "What & why?" has a blank front' in only(verify(make(note))).what


@pytest.mark.parametrize(
    "text",
    [
        "<" * 200_000,
        "<!--" * 50_000,
        "<style>" * 30_000,
        "<script></script>" * 9_000,
        "<a " * 60_000,
    ],
)
def test_what_never_ends_takes_no_time(text: str) -> None:
    with patience():
        assert seen(f"shown {text}") == "shown "


def test_what_is_seen_of_html_is_its_text() -> None:
    html = "a<!-- > -->b<style>c</style >d<SCRIPT>e</script>f<b title='g'>h</b>&amp;"
    assert seen(html) == "abdfh&amp;"
    assert seen("<p>a</p><p>b</p>", " ").split() == ["a", "b"]
