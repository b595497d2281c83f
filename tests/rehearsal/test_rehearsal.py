"""The rehearsal of an upgrade in a real Anki. What it says of bad ones is in ``test_updates``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from deckwright.model import Deck, Template
from deckwright.real_anki import quiet, scratch_collection
from deckwright.rehearsal import Intended, Kind, Rehearsal, rehearse
from deckwright.rehearsal.study import snapshot, study
from deckwright.rehearsal.upgrade import Upgrade, history
from deckwright.rehearsal.versions import versions
from tests.decks import card, make_deck, release
from tests.rehearsal.upgrades import (
    T0,
    T1,
    T2,
    Change,
    all_of,
    packed,
    rehearsed,
    said,
    with_note,
    with_text,
    with_type,
)

pytest.importorskip("anki")

pytestmark = pytest.mark.anki

CARDS = "# Examples\n\n" + "\n".join(
    [
        *(card(f"It is {n}.", f"Term {n}?", f"term-{n}") for n in range(8)),
        card("A bound.\n\n### Reverse\nA bound on what?", "ELBO?", "bound"),
        card("{{c1::KL}} and {{c2::NLL}}", "Terms", "terms"),
        card("{{c1::E}}, {{c2::M}}", "Steps", "steps"),
    ]
)
CARDS_NOW = 14


@dataclass(frozen=True)
class Decks:
    """A deck, and a later one with three corrections, a new note and new CSS for clozes."""

    old: Deck
    new: Deck


@pytest.fixture(scope="module")
def decks(tmp_path_factory: pytest.TempPathFactory) -> Decks:
    later = CARDS + "\n" + card("A model.", "VAE?", "vae")
    for now, then in (("is 0", "is nought"), ("is 1", "is one"), (" and ", ", {{c3::ELBO}}, ")):
        later = later.replace(now, then)
    root = tmp_path_factory.mktemp("deck")
    old = release(make_deck(root, {"01-cards.md": CARDS}), "1.0.0", T0).deck
    new = release(make_deck(root, {"01-cards.md": later}), "1.1.0", T1).deck
    return Decks(old, with_type("cloze", css=".card { color: #345; }", mod=T1)(new))


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep temporary files in the test's folder; we leave none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert not list(tmp_path.glob("deckwright-*"))


Try = Callable[..., Rehearsal]


@pytest.fixture
def attempt(tmp_path: Path, decks: Decks) -> Try:
    """Rehearse the upgrade to the new deck, which was changed."""

    def run(*changes: Change, **intended: set[str]) -> Rehearsal:
        new = packed(all_of(*changes)(decks.new), T1)
        sets: dict[str, Any] = {name: frozenset(ids) for name, ids in intended.items()}
        chosen = Intended(**sets)
        return rehearsed(tmp_path, packed(decks.old, T0), new, chosen)

    return run


def test_a_good_upgrade_costs_no_review_and_keeps_every_edit_on_unchanged_notes(
    attempt: Try,
) -> None:
    result = attempt()
    assert said(result) == ""
    assert (result.cards, result.new_notes, result.updated_notes) == (CARDS_NOW, 1, 3)
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


def with_reverse(fields: tuple[str, ...]) -> tuple[str, ...]:
    return (*fields[:3], "5?", *fields[4:])


GOOD: dict[str, tuple[Change, dict[str, set[str]]]] = {
    "a cloze is retired": (
        with_text("steps", "{{c2::M}}", "M", ordinals=(0,), mod=T1),
        {"retired": {"steps/2"}},
    ),
    "new CSS is held back": (with_type("basic", css="b {}"), {"held_back": {"Examples – Basic"}}),
    "a note is sent again": (with_note("term-5", mod=T1), {"resent": {"term-5"}}),
    "a card gains its reverse": (
        with_note("term-5", fields=with_reverse, ordinals=(0, 1), mod=T1),
        {},
    ),
    "the new version is one second younger": (
        all_of(with_note("term-0", mod=T0 + 1), with_note("term-1", mod=T0 + 1)),
        {},
    ),
    "there are several decks": (
        all_of(with_note("term-0", deck="Zero"), with_note("vae", deck="New")),
        {},
    ),
}


@pytest.mark.parametrize("scenario", GOOD)
def test_a_good_upgrade_passes_where(attempt: Try, scenario: str) -> None:
    change, intended = GOOD[scenario]
    assert said(attempt(change, **intended)) == ""


def test_a_template_that_breaks_is_named(attempt: Try) -> None:
    def broken(templates: tuple[Template, ...]) -> tuple[Template, ...]:
        first, *others = templates
        return (replace(first, front=first.front + "{{Nope}}"), *others)

    words = "a card that learners have studied does not render, its front template has a problem"
    assert words in said(attempt(with_type("basic", templates=broken, mod=T1)))


def test_a_second_import_that_is_no_repetition_is_named(attempt: Try) -> None:
    def twins(deck: Deck) -> Deck:
        [note] = [one for one in deck.notes if one.id == "vae"]
        new = (replace(note, id=f"twin-{n}", guid="twin", mod=mod) for n, mod in ((1, T1), (2, T0)))
        return replace(deck, notes=(*deck.notes, *new))

    words = "a second import of the new version changes the collection once more, at notes: "
    assert words in said(attempt(twins))


def test_two_notes_that_share_a_guid_are_named(attempt: Try) -> None:
    twins = all_of(with_note("vae", guid="twin"), with_note("term-7", guid="twin"))
    assert "learners have two notes with one GUID" in said(attempt(twins))


def test_an_old_version_without_cards_is_a_failure(tmp_path: Path, decks: Decks) -> None:
    empty = packed(replace(decks.old, notes=()), T0)
    failure = rehearsed(tmp_path, empty, packed(decks.new)).failures[0]
    assert failure.what == "no card of old.apkg arrives, so nothing was rehearsed"


def written(path: Path, deck: Deck, time: int) -> Path:
    path.write_bytes(packed(deck, time))
    return path


def test_a_broken_package_is_a_failure(tmp_path: Path, decks: Decks) -> None:
    broken = tmp_path / "broken.apkg"
    broken.write_text("no zip")
    good = written(tmp_path / "good.apkg", decks.old, T0)
    for old, new in ((broken, good), (good, broken), (good, tmp_path / "none.apkg")):
        [result] = rehearse([old], new)
        assert len(result.failures) == 1
        assert result.old == old


def test_whatever_a_learner_could_lose_on_a_card_is_found(tmp_path: Path, decks: Decks) -> None:
    package = written(tmp_path / "old.apkg", decks.old, T0)
    with scratch_collection() as scratch:
        log = scratch.import_package(package)
        study(scratch, quiet)
        before = snapshot(scratch)
        answered, suspended, flagged, moved, *_, lost = sorted(before.cards)

        def spoil(collection: Any) -> None:
            collection.sched.suspend_cards([suspended])
            collection.set_user_flag_for_cards(1, [flagged])
            collection.set_deck([moved], 1)
            collection.remove_notes_by_card([lost])

        scratch.answer([(answered, (1,))])
        scratch.run(spoil)
        both = versions(package, package, Intended())
        upgrade = Upgrade(both, scratch, log, before, snapshot(scratch), (), quiet)
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


# -- The learner -----------------------------------------------------------------------------------


def test_the_learner_answers_every_card_with_fsrs_and_gets_every_kind_of_schedule(
    tmp_path: Path, decks: Decks
) -> None:
    with scratch_collection() as scratch:
        scratch.import_package(written(tmp_path / "old.apkg", decks.old, T0))
        calls: list[tuple[str, int, int]] = []
        study(scratch, lambda *call: calls.append(call))
        cards = snapshot(scratch).cards.values()
    assert {card.queue for card in cards} == {1, 2}
    assert {card.schedule[0] for card in cards} == {1, 2, 3}  # learning, review, relearning
    assert all(card.reviews for card in cards)
    assert all({"s", "d"} <= dict(card.memory).keys() for card in cards)
    assert calls == [("answering", 0, CARDS_NOW), ("answering", CARDS_NOW, CARDS_NOW)]


def test_every_kind_of_edit_meets_changed_and_unchanged_notes(attempt: Try) -> None:
    made = {(edit.kind, edit.changed) for edit in attempt().edits}
    notes = (Kind.TAG, Kind.TEXT, Kind.FLAG, Kind.SUSPENSION, Kind.DECK, Kind.FIELD)
    assert {(kind, changed) for kind in notes for changed in (True, False)} < made


def test_a_note_that_another_old_version_had_otherwise_is_sent_again(
    tmp_path: Path, decks: Decks
) -> None:
    """Rows d10 and d11, of packages alone: a text or CSS that went back, tags that were resent."""
    text = with_text("term-5", "is 5", "is five", mod=T1)
    tags = with_note("term-6", tags=("held",))
    css = with_type("basic", css=".card { color: red; }", mod=T1)
    between = all_of(text, tags, css)(decks.old)
    again = all_of(
        with_note("term-5", mod=T2),
        with_note("term-6", tags=("held",), mod=T2),
        with_type("basic", mod=T2),
    )
    olds = [
        written(tmp_path / "1.apkg", decks.old, T0),
        written(tmp_path / "2.apkg", between, T1),
        written(tmp_path / "damaged.apkg", between, T1),
    ]
    olds[2].write_text("no zip")
    new = written(tmp_path / "3.apkg", again(decks.old), T2)
    first, second, damaged = rehearse(olds, new)
    assert (said(first), said(second)) == ("", "")
    assert len(damaged.failures) == 1
    [alone] = rehearse(olds[:1], new)
    assert 'nothing in them changed, with all that learners wrote there: "term-5"' in said(alone)
    assert "the learner's own CSS line is lost although nothing changed there" in said(alone)
    for_nothing = written(
        tmp_path / "4.apkg", with_note("term-5", mod=T2 + 9)(again(decks.old)), T2
    )
    _, second, _, third = rehearse([*olds, new], for_nothing)
    assert said(second) == ""
    words = "nothing in them changed, with all that learners wrote there"
    assert f'{words}: "term-5"' in said(third)


def test_several_old_versions_are_rehearsed_one_by_one(tmp_path: Path, decks: Decks) -> None:
    olds = [
        written(tmp_path / "1.apkg", decks.old, T0),
        written(tmp_path / "2.apkg", decks.new, T1),
    ]
    calls: list[str] = []
    first, second = rehearse(
        olds,
        written(tmp_path / "3.apkg", decks.new, T1),
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
