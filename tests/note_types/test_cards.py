"""Which cards a note makes: our port of Anki's rule beside Anki itself, over many templates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from deckwright.note_types.cards import MOST_CLOZES, of_clozes, of_templates
from deckwright.real_anki.scratch import scratch_collection
from tests.fuzz.harness import SHARE

if TYPE_CHECKING:
    from anki.collection import Collection

FIELDS = ("A", "B c")
TEXTS = ("", "", " ", "<br>", "<div></div>\n<BR />", "&nbsp;", "x", "<b></b>", "<div>", "0")
SHOWN = ("{{A}}", "{{text:A}}", "{{ B c }}", "{{hint:furigana:B c}}", "x",
         "{{FrontSide}}", "{{type:A}}", "\n")  # fmt: skip
SECTIONS = FIELDS
NUMBER = 400
FIRST = (0,)
"""What Anki makes of a note that asks nothing."""
DEFAULT: Any = 1
"""The deck of that name."""


def template(random: Random, depth: int = 0) -> str:
    """The front of a template, whose sections close."""
    pieces = []
    for _ in range(random.randint(1, 3)):
        if depth < 3 and random.random() < 0.5:
            name, sign = random.choice(SECTIONS), random.choice("#^")
            pieces.append(f"{{{{{sign}{name}}}}}{template(random, depth + 1)}{{{{/{name}}}}}")
        else:
            pieces.append(random.choice(SHOWN))
    return "".join(pieces)


def cases(number: int) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Fronts and fields."""
    random = Random("which cards")
    for _ in range(number):
        fields = {name: random.choice(TEXTS) for name in FIELDS}
        yield [template(random) for _ in range(3)], fields


def by_anki(
    collection: Collection, fronts: list[str], fields: dict[str, str]
) -> tuple[int, ...] | None:
    """The ordinals of the cards that Anki makes; nothing where it refuses the templates."""
    from anki.errors import AnkiException

    models = collection.models
    kind = models.new(f"kind {len(models.all_names_and_ids())}")
    for name in fields:
        models.add_field(kind, models.new_field(name))
    for number, front in enumerate(fronts):
        one = models.new_template(f"card {number}")
        one["qfmt"], one["afmt"] = front, f"{{{{A}}}} {number}"
        models.add_template(kind, one)
    try:
        models.add_dict(kind)
    except AnkiException:
        return None
    added = models.by_name(kind["name"])
    assert added
    note = collection.new_note(added)
    for name, text in fields.items():
        note[name] = text
    collection.add_note(note, DEFAULT)
    return tuple(sorted({card.ord for card in note.cards()}))


@pytest.mark.anki
def test_a_template_makes_a_card_where_anki_makes_one() -> None:
    compared = 0
    with scratch_collection() as anki:
        for fronts, fields in cases(int(NUMBER * SHARE)):
            expected = anki.run(partial(by_anki, fronts=fronts, fields=fields))
            if expected is not None:
                compared += 1
                assert (of_templates(fronts, fields) or FIRST) == expected, (fronts, fields)
    assert compared > NUMBER * SHARE / 2


@pytest.mark.anki
def test_a_cloze_makes_a_card_where_anki_makes_one() -> None:
    texts = (
        "{{c1::a}}", "{{c2::{{c3::b}}::h}} {{c5::", "{{c0::a}}", "{{c501::a}} {{c9999::b}}",
        "{{c01::a}}", "{{C4::a}}", "{{c1:a}}", "no", r"\({{c7::x}}\)",
    )  # fmt: skip
    with scratch_collection() as anki:
        for text in texts:
            for fields in ((text, ""), ("a", text), (text, "{{c8::b}}")):
                expected = anki.run(partial(by_clozes, fields=fields))
                assert (of_clozes(fields) or FIRST) == expected, fields


def by_clozes(collection: Collection, fields: tuple[str, str]) -> tuple[int, ...]:
    kind = collection.models.by_name("Cloze")
    assert kind
    note = collection.new_note(kind)
    note.fields = [*fields]
    collection.add_note(note, DEFAULT)
    return tuple(sorted({card.ord for card in note.cards()}))


def test_more_clozes_than_anki_counts_are_those_of_the_last() -> None:
    assert of_clozes(["{{c1::a}} {{c600::b}} {{c700::c}}"]) == (0, MOST_CLOZES - 1)
