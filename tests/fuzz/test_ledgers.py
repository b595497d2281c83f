"""The ledger: read as it was written, or not at all."""

from __future__ import annotations

import copy
import json
import random
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st

from deckwright.model import Field, Note, NoteType, Source, Template
from deckwright.note_types import KINDS
from deckwright.note_types import kind as kind_of
from deckwright.releases.changelog import to_markdown
from deckwright.releases.ledger import Ledger, Release, ReleasedNote, from_text, to_text
from tests.fuzz.harness import fuzz
from tests.fuzz.material import spoil
from tests.fuzz.test_text import in_place

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.sampled_from("one two three four a-b".split())
NUMBERS = st.integers(0, 1 << 31)


def _some(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=most).map(tuple)


NOTES = st.builds(
    Note,
    id=NAMES,
    guid=TEXTS,
    kind=st.sampled_from(("4501", "basic", "cloze")),
    deck=TEXTS,
    fields=st.tuples(TEXTS, TEXTS),
    tags=_some(TEXTS),
    ordinals=st.sampled_from(((), (0,))),
    media=_some(TEXTS),
    source=TEXTS,
    mod=NUMBERS,
)


def _field(parts: st.SearchStrategy[tuple[str, ...]]) -> st.SearchStrategy[Field]:
    return st.builds(Field, TEXTS, NUMBERS, TEXTS, st.booleans(), st.booleans(), parts)


def _kind(kind: str) -> st.SearchStrategy[NoteType]:
    """A note type; of ours, the parts that fill fields, and whether it has clozes, are known."""
    ours = kind in KINDS
    filled = [*kind_of(kind).filled_by.values()][:2] if ours else []
    fields = [_field(st.just(parts)) for parts in filled] or [_field(_some(TEXTS))] * 2
    return st.builds(
        NoteType,
        kind=st.just(kind),
        id=NUMBERS,
        name=TEXTS,
        sort=st.integers(0, 1),
        fields=st.tuples(*fields),
        templates=st.tuples(st.builds(Template, TEXTS, NUMBERS, TEXTS, TEXTS)),
        css=TEXTS,
        mod=NUMBERS,
        cloze=st.just(kind == "cloze") if ours else st.booleans(),
    )


RELEASES = st.builds(
    Release,
    version=st.sampled_from(("1.0.0", "1.1.0", "2.0.0")),
    time=NUMBERS,
    content=TEXTS,
    **{name: _some(NAMES) for name in ("added", "changed", "retired", "held")},
    moved=_some(st.lists(TEXTS, min_size=3, max_size=5).map(tuple)),
)
LEDGERS = st.builds(
    Ledger,
    key=TEXTS,
    name=TEXTS,
    notes=st.lists(
        st.builds(
            ReleasedNote, NOTES, TEXTS, _some(NAMES), _some(st.integers(0, 9)), TEXTS, had=TEXTS
        ),
        max_size=3,
        unique_by=(lambda one: one.note.id, lambda one: one.note.guid),
    ).map(tuple),
    types=st.tuples(_kind("4501"), _kind("basic"), _kind("cloze")),
    releases=st.lists(RELEASES, min_size=1, max_size=2).map(tuple),
)


@fuzz(LEDGERS, cases=450)
def test_a_ledger_is_read_as_it_was_written(ledger: Ledger) -> None:
    text = to_text(ledger)
    read, found = from_text(Source("ledger.jsonl", text))
    assert not found
    assert read == ledger
    assert to_text(read) == text


EXAMPLE = to_text(
    Ledger(
        "k",
        "Name",
        (
            ReleasedNote(Note("one", "g", "basic", "D", ("é",), ("t",), (0,)), "1.0.0"),
            ReleasedNote(Note("two", "h", "cloze", "D", ("{{c1::x}}",), (), (0, 1)), "1.0.0"),
        ),
        (
            NoteType("basic", 5, "B", 0, (Field("F", 1, ""),), (Template("T", 1, "a", "b"),), "c"),
            NoteType("cloze", 6, "C", 0, (Field("F", 2, ""),), (Template("T", 2, "a", "b"),), "c"),
        ),
        (Release("1.0.0", 1_600_000_000, "c", ("one", "two")),),
    )
)
assert from_text(Source("ledger.jsonl", EXAMPLE))[0]
SEEDS = st.integers(0, (1 << 32) - 1)


@fuzz(st.integers(1, 4), SEEDS, cases=900)
def test_a_spoilt_ledger_is_refused(edits: int, number: int) -> None:
    text = spoil(EXAMPLE, random.Random(number), edits)
    source = Source("ledger.jsonl", text)
    read, found = from_text(source)
    in_place(found, source)
    if text == EXAMPLE or text == EXAMPLE.removesuffix("\n"):
        assert read
    else:
        assert read is None
        assert found


VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        "x",
        "\ud800",
        [],
        {},
        ["x"],
        [1],
        [None],
        [[]],
        {"a": 1},
    ),
)


@fuzz(st.integers(1, 3), SEEDS, cases=900)
def test_a_ledger_that_somebody_signed_anew_is_whole_or_refused(edits: int, number: int) -> None:
    """Whoever edits it may write its digest too: what is read has all that the rest counts on."""
    chance = random.Random(number)
    rows = [json.loads(line) for line in EXAMPLE.splitlines()[:-1]]
    for _ in range(edits):
        _edit(chance.choice(rows), chance)
    chance.choice((lambda: None, lambda: rows.pop(chance.randrange(len(rows)))))()
    body = "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)
    end = {"row": "end", "sha256": sha256(body.encode()).hexdigest()}
    source = Source("ledger.jsonl", body + json.dumps(end, sort_keys=True) + "\n")
    read, found = from_text(source)
    in_place(found, source)
    assert (read is None) == bool(found)
    if read is not None:
        again = to_text(read)
        assert from_text(Source("ledger.jsonl", again))[0] == read
        kept = [json.loads(line) for line in again.splitlines()]
        for row in rows:  # it may lack what has a default; whatever it has is read as raw text
            row.pop("place", None)
            assert any(_within(row, one) for one in kept), row
        to_markdown(read)
        assert all(one.note.fields for one in read.notes)


def _edit(row: Any, chance: random.Random) -> None:
    """Put another value somewhere into a row, or take one away."""
    while isinstance(row, dict | list) and row:
        key = chance.choice(sorted(row) if isinstance(row, dict) else range(len(row)))
        if not isinstance(row[key], dict | list) or not row[key] or chance.random() < 0.3:
            if chance.random() < 0.2:
                del row[key]
            else:
                row[key] = copy.deepcopy(chance.choice(VALUES))
            return
        row = row[key]


def _within(part: Any, whole: Any) -> bool:
    """Whether something has all of a value just as it is, and perhaps more keys."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(part[key], whole[key]) for key in part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_within, part, whole))
    return type(part) is type(whole) and bool(part == whole)
