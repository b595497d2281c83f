"""What Anki compares with what is typed: our port beside Anki itself, over many texts."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from deckwright.note_types.sides import sides
from deckwright.note_types.typed import expected
from deckwright.real_anki.scratch import scratch_collection
from tests.fuzz.harness import SHARE
from tests.note_types.test_sides import MARKS, PARTS, text

if TYPE_CHECKING:
    from anki.collection import Collection

TEXTS = 5_000
ORDINALS = (0, 1, 2)
CLOZES = (
    ("no cloze", ""),
    ("{{c2::another}}", ""),
    ("{{c1::one}} {{c1::two}}", "one, two"),
    ("{{c1::same}} {{c2::other}} {{c1::same}}", "same"),
    ("{{c1::one}} {{c1::two}} {{c1::one}}", "one, two, one"),
    ("{{c1::word::hint}}", "word"),
    ("{{c1::outer {{c2::inner}}}}", "outer inner"),
    ("{{c1::outer {{c1::inner}}}}", "outer inner, inner"),
    ("{{c1::<b>a</b> &amp; [sound:a.mp3]}}", "<b>a</b> &amp; [sound:a.mp3]"),
    ("{{c1::}} {{c1::}}", ""),
)


@pytest.mark.parametrize(("field", "hidden"), CLOZES)
def test_a_box_for_clozes_expects_what_they_hide(field: str, hidden: str) -> None:
    assert expected("[[type:cloze:Word]]", {"Word": field}, 0) == hidden


@pytest.mark.parametrize("mark", ["{{type:Word}}", "{{type:cloze:Word}}", "{{ type:Word }}"])
def test_the_box_of_a_card_is_read(mark: str) -> None:
    fields = {"Word": "{{c1::hidden}}", "More words": "another"}
    whole = "hidden" if "cloze" in mark else fields["Word"]
    assert expected(sides(mark, "", fields, 0).question, fields, 0) == whole


def test_a_box_without_clozes_expects_the_whole_field() -> None:
    fields = {"Word": "{{c1::one}} <b>two</b>", "More words": ""}
    assert expected("[[type:Word]]", fields, 0) == fields["Word"]
    assert expected("[[type:More words]]", fields, 0) == ""


@pytest.mark.anki
def test_clozes_expect_what_anki_would() -> None:
    random = Random("typed clozes")
    texts = [text(random, (*PARTS, *MARKS * 4)) for _ in range(int(TEXTS * SHARE))]

    def by_anki(collection: Collection) -> list[str]:
        return [
            collection.extract_cloze_for_typing(one, ordinal + 1)
            for one in texts
            for ordinal in ORDINALS
        ]

    with scratch_collection() as anki:
        theirs = anki.run(by_anki)
    ours = [
        expected("[[type:cloze:Word]]", {"Word": one}, ordinal)
        for one in texts
        for ordinal in ORDINALS
    ]
    assert ours == theirs
    assert sum(", " in one for one in ours) > len(ours) / 200
