"""Upgrades, good ones and bad, rehearsed in a real Anki."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import genanki
import pytest

from deckwright.real_anki import quiet, scratch_collection
from deckwright.rehearsal import Kind, Meant, Rehearsal, rehearse
from deckwright.rehearsal.study import moment, study
from deckwright.rehearsal.upgrade import Upgrade, history
from deckwright.rehearsal.versions import versions

pytest.importorskip("anki")

pytestmark = pytest.mark.anki

FIRST = 1_700_000_000
"""The time of the old version."""
LATER = FIRST + 1000
"""The time of the new one."""

BASIC, CLOZE = 1607392319, 1607392320


@dataclass(frozen=True)
class Type:
    """A note type; ``ids`` is whether its fields and templates have ids."""

    id: int
    name: str
    fields: tuple[str, ...]
    templates: dict[str, tuple[str, str]]
    css: str = ".card { color: #123; }"
    mod: int = FIRST
    ids: bool = True
    renamed: dict[str, str] = field(default_factory=dict)


class Model(genanki.Model):  # type: ignore[misc] # genanki has no types
    def __init__(self, made: Type) -> None:
        def parts(names: Any) -> list[dict[str, Any]]:
            return [
                {
                    "name": made.renamed.get(name, name),
                    **({"id": sum(map(ord, name))} if made.ids else {}),
                }
                for name in names
            ]

        templates = parts(made.templates)
        for template, (front, back) in zip(templates, made.templates.values(), strict=True):
            template |= {"qfmt": front, "afmt": back}
        kind = genanki.Model.CLOZE if made.id == CLOZE else genanki.Model.FRONT_BACK
        super().__init__(
            made.id, made.name, parts(made.fields), templates, made.css, model_type=kind
        )
        self.mod = made.mod

    def to_json(self, _time: float, deck_id: int) -> dict[str, Any]:
        return dict(super().to_json(self.mod, deck_id))


@dataclass(frozen=True)
class Card:
    """A note: its fields by name, without its id."""

    fields: dict[str, str]
    type: int = BASIC
    mod: int = FIRST
    guid: str = ""
    tags: tuple[str, ...] = ()
    deck: str = "Latent::01 Foundations"
    cards: tuple[int, ...] | None = None


class Note(genanki.Note):  # type: ignore[misc] # likewise
    def __init__(self, id_: str, card: Card, made: Type, model: Model, due: int) -> None:
        fields = [{"Id": id_, **card.fields}.get(name, "") for name in made.fields]
        super().__init__(
            model, fields, guid=card.guid or f"guid of {id_}", tags=list(card.tags), due=due
        )
        if card.cards is not None:
            self.cards = [genanki.Card(ordinal) for ordinal in card.cards]
        self.mod = card.mod

    def write_to_db(self, cursor: sqlite3.Cursor, _time: float, *rest: object) -> None:
        super().write_to_db(cursor, self.mod, *rest)


@dataclass(frozen=True)
class Version:
    """All of one version: what a scenario changes."""

    types: dict[int, Type]
    notes: dict[str, Card]

    def note(self, id_: str, /, **changes: Any) -> Version:
        """This version with a note changed; ``fields`` are added to its own."""
        fields = {**self.notes[id_].fields, **changes.pop("fields", {})}
        changed = replace(self.notes[id_], fields=fields, **changes)
        return replace(self, notes={**self.notes, id_: changed})

    def all_notes(self, **changes: Any) -> Version:
        notes = {id_: replace(card, **changes) for id_, card in self.notes.items()}
        return replace(self, notes=notes)

    def without(self, id_: str) -> Version:
        return replace(self, notes={name: c for name, c in self.notes.items() if name != id_})

    def type(self, id_: int = BASIC, /, **changes: Any) -> Version:
        changed = replace(self.types[id_], **changes)
        types = {**self.types, id_: changed}
        return replace(self, types=types)

    def write(self, path: Path, time: int) -> Path:
        decks: dict[str, genanki.Deck] = {}
        models = {id_: Model(made) for id_, made in self.types.items()}
        for due, (id_, card) in enumerate(self.notes.items()):
            deck = decks.setdefault(card.deck, genanki.Deck(len(decks) + 100, card.deck))
            deck.add_note(Note(id_, card, self.types[card.type], models[card.type], due))
        genanki.Package(list(decks.values())).write_to_file(path, timestamp=time)
        return path


OLD = Version(
    types={
        BASIC: Type(
            BASIC,
            "Latent basic",
            ("Front", "Back", "Reverse", "Id"),
            {
                "Card": ("{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}"),
                "Reverse": ("{{#Reverse}}{{Reverse}}{{/Reverse}}", "{{Front}}"),
            },
        ),
        CLOZE: Type(
            CLOZE,
            "Latent cloze",
            ("Title", "Text", "Id"),
            {"Cloze": ("{{Title}} {{cloze:Text}}", "{{cloze:Text}}")},
        ),
    },
    notes={
        **{f"term-{n}": Card({"Front": f"Term {n}?", "Back": f"It is {n}."}) for n in range(8)},
        "bound": Card({"Front": "ELBO?", "Back": "A bound", "Reverse": "A bound on what?"}),
        "terms": Card({"Title": "Terms", "Text": "{{c1::KL}} and {{c2::NLL}}"}, CLOZE),
        "steps": Card({"Title": "Steps", "Text": "{{c1::E}}, {{c2::M}}"}, CLOZE),
    },
)
NEW = (
    OLD.note("term-0", fields={"Back": "It is nought."}, mod=LATER)
    .note("term-1", fields={"Back": "It is one."}, mod=LATER)
    .note("terms", fields={"Text": "{{c1::KL}}, {{c2::NLL}}, {{c3::ELBO}}"}, mod=LATER)
    .type(CLOZE, css=".card { color: #345; }", mod=LATER)
)
NEW = replace(NEW, notes={**NEW.notes, "vae": Card({"Front": "VAE?", "Back": "A model"})})


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep temporary files (genanki leaves some) in the test's folder; we leave none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert not list(tmp_path.glob("deckwright-*"))


Try = Callable[..., Rehearsal]


@pytest.fixture
def attempt(tmp_path: Path) -> Try:
    """Rehearse the upgrade from ``OLD`` to a new version."""

    def run(new: Version, old: Version = OLD, **meant: set[str]) -> Rehearsal:
        old_package = old.write(tmp_path / "old.apkg", FIRST)
        new_package = new.write(tmp_path / "new.apkg", LATER)
        chosen = Meant(**{name: frozenset(ids) for name, ids in meant.items()})
        [result] = rehearse([old_package], new_package, chosen)
        return result

    return run


def said(rehearsal: Rehearsal) -> str:
    return "\n".join(failure.what for failure in rehearsal.failures)


# -- good upgrades ---------------------------------------------------------------------------------


def test_a_good_upgrade_costs_no_review_and_keeps_every_edit_on_unchanged_notes(
    attempt: Try,
) -> None:
    result = attempt(NEW)
    assert said(result) == ""
    assert (result.cards, result.new_notes, result.updated_notes) == (14, 1, 3)
    assert result.reviews > result.cards  # some were answered more than once
    kinds = {
        (kind.name, changed): kept == made
        for (kind, changed), (kept, made) in result.survival.items()
    }
    assert kinds == {
        ("TAG", True): False,
        ("TEXT", True): False,
        ("FLAG", True): True,
        ("SUSPENSION", True): True,
        ("DECK", True): True,
        ("CSS", True): False,
        ("FIELD", True): False,
        ("TAG", False): True,
        ("TEXT", False): True,
        ("FLAG", False): True,
        ("SUSPENSION", False): True,
        ("DECK", False): True,
        ("PRESET", False): True,
        ("CSS", False): True,
        ("FIELD", False): True,
    }


def test_learners_with_a_field_of_their_own_are_told_of(attempt: Try) -> None:
    [remark] = attempt(NEW).remarks
    assert remark == (
        "learners who added a field of their own get none of 11 notes updated"
        ' until they tick "merge note types" in the import dialog'
    )


def retire_a_cloze(version: Version) -> Version:
    return version.note("steps", fields={"Text": "{{c1::E}}, M"}, mod=LATER)


GOOD: dict[str, tuple[Version, dict[str, set[str]], str]] = {
    "a renamed deck moves no card": (
        NEW.all_notes(deck="Latent::A"),
        {},
        'the deck "Latent::01 Foundations" is now "Latent::A": 14 cards',
    ),
    "a retired note stays": (
        NEW.without("term-5"),
        {"retired": {"term-5"}},
        'retired notes stay with learners: "term-5"',
    ),
    "a retired cloze says so itself": (retire_a_cloze(NEW), {"retired": {"steps/2"}}, ""),
    "a change is held back": (
        NEW.note("term-5", fields={"Back": "<p>It is 5.</p>"}),
        {"held_back": {"term-5"}},
        "",
    ),
    "new CSS is held back": (NEW.type(css="b {}"), {"held_back": {"Latent basic"}}, ""),
    "a note is sent again": (NEW.note("term-5", mod=LATER), {"resent": {"term-5"}}, ""),
    "a changed tag comes along": (NEW.note("term-5", tags=("new",), mod=LATER), {}, ""),
    "a changed tag is held back": (NEW.note("term-5", tags=("new",)), {}, ""),
    "a field with an id is renamed": (
        NEW.type(
            mod=LATER,
            renamed={"Reverse": "Other way"},
            templates={
                **OLD.types[BASIC].templates,
                "Reverse": ("{{#Other way}}{{Other way}}{{/Other way}}", "{{Front}}"),
            },
        ),
        {},
        "",
    ),
    "a card gains its reverse": (
        NEW.note("term-5", fields={"Reverse": "5?"}, cards=(0, 1), mod=LATER),
        {},
        "",
    ),
    "the new version is one second younger": (
        NEW.note("term-0", mod=FIRST + 1).note("term-1", mod=FIRST + 1),
        {},
        "",
    ),
    "nothing changes": (OLD, {}, ""),
    "there are several decks": (NEW.note("term-0", deck="Zero").note("vae", deck="New"), {}, ""),
}


@pytest.mark.parametrize("scenario", GOOD)
def test_a_good_upgrade_passes_where(attempt: Try, scenario: str) -> None:
    new, meant, remark = GOOD[scenario]
    result = attempt(new, **meant)
    assert said(result) == ""
    assert remark in "\n".join(result.remarks)


# -- bad upgrades ----------------------------------------------------------------------------------


def retyped(version: Version) -> Version:
    """With another id for the basic note type."""
    types = {BASIC + 9: replace(version.types[BASIC], id=BASIC + 9), CLOZE: version.types[CLOZE]}
    notes = {
        id_: replace(card, type=BASIC + 9 if card.type == BASIC else CLOZE)
        for id_, card in version.notes.items()
    }
    return Version(types, notes)


BAD: dict[str, tuple[Version, str]] = {
    "a GUID changes": (
        NEW.note("term-5", guid="another"),
        (
            "these notes have another GUID than before,"
            ' so learners get second copies without history: "term-5"'
        ),
    ),
    "a note disappears": (
        NEW.without("term-5"),
        'missing from the new version, and learners keep the old text for ever: "term-5"',
    ),
    "the id of a note type changes": (
        retyped(NEW),
        (
            "notes have a note type of another id than before, so Anki refuses the update of:"
            ' "bound", "term-0", "term-1" and 6 more'
        ),
    ),
    "a field is added": (
        NEW.type(fields=("Front", "Back", "Reverse", "Id", "Source"), mod=LATER),
        (
            'the fields of the note type "Latent basic" were Front, Back, Reverse, Id'
            " and are Front, Back, Reverse, Id, Source, so Anki refuses the update of"
        ),
    ),
    "a field is removed": (
        NEW.note("bound", cards=(0,)).type(fields=("Front", "Back", "Id"), templates={
            "Card": ("{{Front}}", "{{Back}}"), "Reverse": ("{{Id}}", "{{Front}}")
        }),
        "and are Front, Back, Id, so Anki refuses the update of",
    ),
    "fields are reordered": (
        NEW.type(fields=("Front", "Reverse", "Back", "Id")),
        "and are Front, Reverse, Back, Id, so Anki refuses the update of",
    ),
    "a template is added": (
        NEW.type(templates={**OLD.types[BASIC].templates, "Third": ("{{Back}}", "{{Front}}")}),
        (
            'the templates of the note type "Latent basic" were Card, Reverse and are'
            " Card, Reverse, Third"
        ),
    ),
    "ids of fields disappear and one is renamed": (
        NEW.type(ids=False, renamed={"Reverse": "Other way"}),
        (
            'the fields of the note type "Latent basic" were Front, Back, Reverse, Id and are'
            " Front, Back, Other way, Id"
        ),
    ),
    "a copy of a note type appears": (
        NEW.type(fields=("Front", "Back", "Reverse", "Id", "Source"), mod=LATER),
        "Anki puts a copy of a note type beside the learner's: \"Latent basic+\"",
    ),
    "a note moves to another note type": (
        NEW.note("term-5", type=CLOZE, fields={"Text": "{{c1::5}}"}, mod=LATER),
        'notes have a note type of another id than before, so Anki refuses the update of: "term-5"',
    ),
    "a cloze disappears": (
        retire_a_cloze(NEW),
        (
            "a card that learners have studied is empty: its note has no cloze 2:"
            ' card "Cloze 2" of note "steps"'
        ),
    ),
    "a reverse disappears": (
        NEW.note("bound", fields={"Reverse": ""}, cards=(0,), mod=LATER),
        "a card that learners have studied has a blank front",
    ),
    "every note is stamped with the build time": (
        NEW.all_notes(mod=LATER),
        (
            "although nothing in them changed, with all that learners wrote there:"
            ' "bound", "steps", "term-2" and 5 more'
        ),
    ),
    "tags on unchanged notes are lost": (
        NEW.all_notes(mod=LATER),
        "the learner's own tag is lost although nothing changed there",
    ),
    "text in unchanged notes is lost": (
        NEW.all_notes(mod=LATER),
        "the learner's own text is lost although nothing changed there",
    ),
    "every note type is stamped with the build time": (
        NEW.type(mod=LATER),
        'the learner\'s own CSS line is lost although nothing changed there: "Latent basic"',
    ),
    "a text changes without a later mod": (
        NEW.note("term-5", fields={"Back": "It is five."}),
        (
            "notes have new text, but no later time (mod) than before, so learners never get it:"
            ' "term-5"'
        ),
    ),
    "CSS changes without a later mod": (
        NEW.type(css="b {}"),
        'the new names, templates or CSS of the note type "Latent basic" do not arrive',
    ),
    "a template breaks": (
        NEW.type(
            templates={**OLD.types[BASIC].templates, "Card": ("{{Front}}{{Nope}}", "")}, mod=LATER
        ),
        "a card that learners have studied does not render, its front template has a problem",
    ),
    "two notes share a GUID": (
        NEW.note("vae", guid="twin").note("term-7", guid="twin"),
        "learners have two notes with one GUID",
    ),
    "a second import is no repetition": (
        replace(
            NEW,
            notes={
                **NEW.notes,
                "twin-1": Card({"Front": "1?"}, guid="twin", mod=LATER),
                "twin-2": Card({"Front": "2?"}, guid="twin"),
            },
        ),
        "a second import of the new version changes the collection once more, at notes: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("scenario", BAD)
def test_a_bad_upgrade_fails_in_clear_words_where(attempt: Try, scenario: str) -> None:
    new, what = BAD[scenario]
    result = attempt(new)
    assert what in said(result)
    assert all(failure.fix for failure in result.failures)


def test_an_old_version_without_cards_is_a_failure(attempt: Try) -> None:
    failure = attempt(NEW, replace(OLD, notes={})).failures[0]
    assert failure.what == "no card of old.apkg arrives, so nothing was rehearsed"


def test_a_broken_package_is_a_failure(tmp_path: Path) -> None:
    broken = tmp_path / "broken.apkg"
    broken.write_text("no zip")
    good = OLD.write(tmp_path / "good.apkg", FIRST)
    for old, new in ((broken, good), (good, broken), (good, tmp_path / "none.apkg")):
        [result] = rehearse([old], new)
        assert len(result.failures) == 1
        assert result.old == old


def test_whatever_a_learner_could_lose_on_a_card_is_found(tmp_path: Path) -> None:
    package = OLD.write(tmp_path / "old.apkg", FIRST)
    with scratch_collection() as scratch:
        log = scratch.import_package(package)
        study(scratch, quiet)
        before = moment(scratch)
        answered, suspended, flagged, moved, *_, lost = sorted(before.cards)

        def spoil(collection: Any) -> None:
            collection.sched.suspend_cards([suspended])
            collection.set_user_flag_for_cards(1, [flagged])
            collection.set_deck([moved], 1)
            collection.remove_notes_by_card([lost])

        scratch.answer([(answered, (1,))])
        scratch.run(spoil)
        both = versions(package, package, Meant())
        upgrade = Upgrade(both, scratch, log, before, moment(scratch), (), quiet)
        found = [failure.what for failure in history(upgrade)]
    assert [what.partition(": ")[0] for what in found] == [
        "cards are lost",
        "cards change their reviews",
        "cards change their schedule",
        "cards change their memory",
        "cards change their queue",
        "cards change their flag",
        "cards change their deck",
    ]
    assert found[1] == 'cards change their reviews: card "Card" of note "term-0"'


# -- the learner -----------------------------------------------------------------------------------


def test_the_learner_answers_every_card_with_fsrs_and_gets_every_kind_of_schedule(
    tmp_path: Path,
) -> None:
    with scratch_collection() as scratch:
        scratch.import_package(OLD.write(tmp_path / "old.apkg", FIRST))
        calls: list[tuple[str, int, int]] = []
        study(scratch, lambda *call: calls.append(call))
        cards = moment(scratch).cards.values()
    assert {card.queue for card in cards} == {1, 2}
    assert {card.schedule[0] for card in cards} == {1, 2, 3}  # learning, review, relearning
    assert all(card.reviews for card in cards)
    assert all({"s", "d"} <= dict(card.memory).keys() for card in cards)
    assert calls == [("answering", 0, 14), ("answering", 14, 14)]


def test_every_kind_of_edit_meets_changed_and_unchanged_notes(attempt: Try) -> None:
    made = {(edit.kind, edit.changed) for edit in attempt(NEW).edits}
    notes = (Kind.TAG, Kind.TEXT, Kind.FLAG, Kind.SUSPENSION, Kind.DECK, Kind.FIELD)
    assert {(kind, changed) for kind in notes for changed in (True, False)} < made


def test_several_old_versions_are_rehearsed_one_by_one(tmp_path: Path) -> None:
    olds = [OLD.write(tmp_path / "1.apkg", FIRST), NEW.write(tmp_path / "2.apkg", LATER)]
    calls: list[str] = []
    first, second = rehearse(
        olds,
        NEW.write(tmp_path / "3.apkg", LATER),
        progress=lambda words, _done, _total: calls.append(words),
    )
    assert (first.old, second.old) == tuple(olds)
    assert (said(first), said(second)) == ("", "")
    assert (first.updated_notes, second.updated_notes) == (3, 0)
    assert list(dict.fromkeys(calls)) == [
        "importing the old version",
        "answering",
        "importing the new version",
        "rendering",
    ]
