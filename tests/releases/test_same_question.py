"""Whether a card asks what it asked, on real edits, made-up ones, and attacks.

The deck is our own. ``DECKWRIGHT_EXAMPLES`` is how often each of its notes is edited.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

from deckwright.model import Note, NoteType, Source
from deckwright.releases.ledger import FILE, Ledger, from_text
from deckwright.releases.same_question import Questions, Why
from tests.releases.edits import LAWFUL, Edit, made_up, reworded, translated

ROUNDS = min(20, int(os.environ.get("DECKWRIGHT_EXAMPLES", "1")))
PAIRS = min(150, 25 * ROUNDS)
"""So many pairs of notes are tried."""
HERE = Path(__file__).parent
REAL = HERE / "edits.jsonl"
"""The edits of questions and answers in our own deck's history, as they were rendered."""


@cache
def types() -> Mapping[str, NoteType]:
    return {kind.kind: kind for kind in ledger().types}


@cache
def ledger() -> Ledger:
    path = HERE.parent.parent / "content" / FILE
    read, problems = from_text(Source(FILE, path.read_text(encoding="utf-8")))
    assert read, problems
    return read


@cache
def deck() -> Mapping[str, Note]:
    return {one.note.guid: one.note for one in ledger().notes if not one.retired}


def questions(changed: Mapping[str, Note], olds: Mapping[str, Note] | None = None) -> Questions:
    """Our deck, in which some notes are other ones now."""
    known = deck() if olds is None else olds
    return Questions(known, types(), {**known, **changed}, types())


def changes(note: Note) -> tuple[Why, ...]:
    """What a note of our deck asks otherwise, where it alone was edited."""
    return tuple(change.why for change in questions({note.guid: note}).changes(note.guid))


def rewritten(note: Note, edit: Edit, chance: random.Random) -> Note:
    """A note with an edit of its question, its answer or both; of its text, if it has clozes."""
    fields = [*note.fields]
    which = chance.choice([(0,), (1,), (1,), (0, 1)]) if note.kind == "basic" else (1,)
    for at in which[:1] if edit is translated else which:
        fields[at] = edit(fields[at], chance)
    if note.kind == "basic" and fields[3] and chance.random() < 0.5:
        fields[3] = edit(fields[3], chance)
    return replace(note, fields=tuple(fields))


# -- Lawful edits ----------------------------------------------------------------------------------


def test_no_edit_in_the_history_of_our_deck_is_refused() -> None:
    rows = [json.loads(line) for line in REAL.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 36
    for row in rows:
        old, new = (
            Note(row["id"], row["id"], row["kind"], "", tuple(row[side]), (), ())
            for side in ("before", "after")
        )
        others = {guid: note for guid, note in deck().items() if note.id != row["id"]}
        asked = questions({old.guid: new}, {**others, old.guid: old})
        assert not asked.changes(old.guid), row["id"]


def test_at_most_one_lawful_edit_in_a_hundred_is_refused() -> None:
    chance = random.Random(15)
    made = refused = 0
    for edit in LAWFUL:
        for _ in range(ROUNDS):
            news = {guid: rewritten(note, edit, chance) for guid, note in deck().items()}
            asked = questions(news)
            edited = [guid for guid, note in news.items() if note.fields != deck()[guid].fields]
            made += len(edited)
            refused += sum(bool(asked.changes(guid)) for guid in edited)
    assert made > 600 * ROUNDS
    assert refused <= made / 100, f"{refused} of {made}"


# -- Another fact under an id ----------------------------------------------------------------------


def with_text_of(note: Note, other: Note, *more: str) -> Note:
    """A note that has the text of another one, with a word more in each field."""
    pairs = [*zip(other.fields, more, strict=False)]
    fields = tuple(f"{text} {word}" for text, word in pairs) + other.fields[len(pairs) :]
    return replace(note, fields=fields, ordinals=other.ordinals)


def pairs() -> Iterator[tuple[Note, Note]]:
    notes = sorted(deck().values(), key=lambda note: note.id)
    yield from ((one, other) for one, other in combinations(notes, 2) if one.kind == other.kind)


def test_two_ids_that_changed_places_are_found_though_words_came() -> None:
    chance = random.Random(15)
    for one, other in chance.sample([*pairs()], PAIRS):
        first = with_text_of(one, other, made_up(chance), made_up(chance))
        second = with_text_of(other, one, made_up(chance), made_up(chance))
        asked = questions({one.guid: first, other.guid: second})
        assert [change.other for change in asked.changes(one.guid)] == [other.guid]
        assert [change.other for change in asked.changes(other.guid)] == [one.guid]


def test_a_new_fact_under_an_old_id_is_found() -> None:
    """The fact is another one of our deck, which the deck did not have yet."""
    chance = random.Random(15)
    missed = []
    for one, other in chance.sample([*pairs()], PAIRS):
        olds = {guid: note for guid, note in deck().items() if guid != other.guid}
        asked = questions({one.guid: with_text_of(one, other)}, olds)
        if not asked.changes(one.guid):
            missed.append((one.id, other.id))
    assert len(missed) <= 1, missed


def test_a_question_that_became_the_answer_is_found() -> None:
    for note in [*deck().values()][:: 1 if ROUNDS > 1 else 4]:
        if note.kind == "basic":
            front, back, *rest = note.fields
            assert changes(replace(note, fields=(back, front, *rest))) == (Why.EXCHANGED,)


def test_a_copy_that_took_the_id_of_its_original_is_found() -> None:
    """Where its words are hardly other ones, it can be a correction beside a copy as well."""
    chance = random.Random(15)
    for note in [*deck().values()][::9]:
        copy = replace(note, guid="a new one", id="copy")
        fields = [*note.fields]
        for at in (0, 1):
            fields[at] = " ".join(
                made_up(chance) if chance.random() < 0.4 else word
                for word in re.sub("<[^>]*>", " ", fields[at]).split()
            )
        asked = questions({note.guid: replace(note, fields=tuple(fields)), copy.guid: copy})
        found = asked.changes(note.guid)
        if note.kind == "basic":
            assert [one.why for one in found] == [Why.GIVEN], note.id
            assert found[0].other == copy.guid


def test_three_thousand_ids_that_moved_by_one_are_found() -> None:
    """Row e10: all of one kind, "What is … in French?", each with a rare word or two."""
    chance = random.Random(15)
    words = [(made_up(chance) + made_up(chance), made_up(chance) + str(n)) for n in range(3_000)]
    kind = types()["basic"]
    rest = ("",) * (len(kind.fields) - 2)
    olds = {
        str(n): Note(
            f"w-{n}", str(n), "basic", "", (f"What is {one} in French?", two, *rest), (), (0,)
        )
        for n, (one, two) in enumerate(words)
    }
    news = {str(n): replace(olds[str(n)], fields=olds[str(n - 1)].fields) for n in range(1, 3_000)}
    asked = Questions(olds, types(), {**olds, **news}, types())
    found = [asked.changes(guid) for guid in news]
    assert all([one.why for one in change] == [Why.TAKEN] for change in found)
    assert [change[0].other for change in found] == [str(n) for n in range(2_999)]


def test_swapped_numbers_of_clozes_are_found() -> None:
    """In our own deck there are 86 pairs."""
    swapped = 0
    for note in [*deck().values()][:: 1 if ROUNDS > 1 else 3]:
        numbers = sorted({int(n) for n in re.findall(r"\{\{c(\d+)::", note.fields[1])})
        for one, other in combinations(numbers, 2):
            goal = {one: other, other: one}
            text = re.sub(
                r"\{\{c(\d+)::",
                lambda mark, goal=goal: f"{{{{c{goal.get(int(mark[1]), int(mark[1]))}::",  # type: ignore[misc]
                note.fields[1],
            )
            new = replace(note, fields=(note.fields[0], text, *note.fields[2:]))
            found = {(one.number, one.to) for one in questions({note.guid: new}).changes(note.guid)}
            assert {(one, other), (other, one)} <= found, note.id
            swapped += 1
    assert swapped == 86 if ROUNDS > 1 else swapped > 20


def test_a_card_is_known_again_only_by_its_question_and_its_answer() -> None:
    note = next(note for note in deck().values() if note.kind == "basic")
    gone = {note.guid: note}
    front, back, *rest = note.fields
    chance = random.Random(15)
    again = {
        "same": replace(note, guid="same", fields=(f"<b>{front}</b>", back, *rest)),
        "edited": replace(note, guid="edited", fields=(reworded(front, chance), back, *rest)),
        "question": replace(note, guid="question", fields=(front, "Something else.", *rest)),
        "answer": replace(note, guid="answer", fields=("What else?", back, *rest)),
    }
    asked = Questions(dict(deck()), types(), again, types())
    assert {guid: bool(asked.again(guid, gone)) for guid in again} == {
        "same": True,
        "edited": True,
        "question": False,
        "answer": False,
    }
