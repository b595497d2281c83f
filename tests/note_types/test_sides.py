"""What Anki makes of a card: our port beside Anki itself, over many templates and texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from deckwright.note_types.sides import Sides, sides
from deckwright.real_anki.scratch import scratch_collection
from tests.fuzz.harness import SHARE

if TYPE_CHECKING:
    from anki.collection import Collection

FIELDS = ("Word", "More words")
SPECIAL = {"Tags": "a::b c", "Deck": "Default", "Subdeck": "Default", "Card": "one"}
WORDS = (
    "a",
    "dog",
    " ",
    "\n",
    "é",
    "漢[かん]",
    " 字[じ]",
    "x[y",
    "]",
    "[",
    "'",
    '"',
    "😀",
    ">",
    ":",
)
PARTS = (
    *WORDS, *WORDS, "&lt;", "&amp;", "&nbsp;", "&#91;", "<b>", "</b>", "<br>", "<div></div>",
    '<i title="a&gt;b">', "</i>", "[sound:a.mp3]", "[sound:a&amp;b.ogg]", "[sound:]", "[sound:x",
    r"\(", r"\)", r"\[", r"\]", "$x$", "::", "}}", "{{", "{", "}", "[anki:play:q:0]",
    "[[type:Word]]",
)  # fmt: skip
MARKS = ("{{c1::", "{{c2::", "{{c1::", "{{c3::", "{{c1::", "}}", "}}", "}}", "::", "{{c70000::")
PIECES = (
    "{{Word}}", "{{ More words }}", "{{text:Word}}", "{{hint:Word}}", "{{furigana:More words}}",
    "{{kana:Word}}", "{{kanji:Word}}", "{{hint:furigana:Word}}", "{{hint:kana:More words}}",
    "{{type:Word}}", "{{Tags}}", "{{Deck}}", "{{Subdeck}}", "{{Card}}", "{{Type}}", "<p>a</p>",
    " ", "\n",
)  # fmt: skip
CLOZES = ("{{cloze:Word}}", "{{type:cloze:Word}}", "{{Word}}", "{{More words}}", "<hr>")
DEFAULT: Any = 1
"""The deck of that name."""
CASES = 60
NOTES = 25


def text(random: Random, parts: Sequence[str]) -> str:
    """A text in which three clozes are open at most: older versions of Anki read no more."""
    out: list[str] = []
    opened = 0
    for part in random.choices(parts, k=random.choice((0, 1, 3, 8, 20))):
        if part in MARKS[:5] and opened == 3:
            continue
        opened = max(0, opened + (part in MARKS[:5]) - (part == "}}"))
        out.append(part)
    return "".join(out)


def template(random: Random, pieces: Sequence[str], depth: int = 0) -> str:
    out = []
    for _ in range(random.randint(1, 4)):
        if depth < 2 and random.random() < 0.3:
            name, sign = random.choice(FIELDS), random.choice("#^")
            inner = template(random, pieces, depth + 1)
            out.append(f"{{{{{sign}{name}}}}}{inner}{{{{/{name}}}}}")
        else:
            out.append(random.choice(pieces))
    return "".join(out)


def cases(number: int) -> Iterator[tuple[bool, str, str, list[dict[str, str]]]]:
    """Whether it is a cloze type, its two templates, and the fields of notes."""
    random = Random("two sides")
    for case in range(number):
        cloze = case % 2 == 0
        pieces, parts = (CLOZES, (*PARTS, *MARKS * 4)) if cloze else (PIECES, PARTS)
        fields = [{name: text(random, parts) for name in FIELDS} for _ in range(NOTES)]
        front = template(random, pieces) + ("{{cloze:Word}}" if cloze else "{{Word}}")
        back = template(random, (*pieces, "{{FrontSide}}")) + "{{FrontSide}}{{Word}}"
        yield cloze, front, back + ("{{cloze:Word}}" if cloze else ""), fields


def by_anki(
    collection: Collection, cloze: bool, front: str, back: str, notes: list[dict[str, str]]
) -> list[tuple[Mapping[str, str], int, Sides]]:
    """The cards that Anki makes of some notes and does not call empty: fields, ordinal, sides."""
    models = collection.models
    kind = models.new(f"kind {len(models.all_names_and_ids())}")
    kind["type"] = int(cloze)
    for name in FIELDS:
        models.add_field(kind, models.new_field(name))
    one = models.new_template("one")
    one["qfmt"], one["afmt"] = front, back
    models.add_template(kind, one)
    models.add_dict(kind)
    added = models.by_name(kind["name"])
    assert added
    found: list[tuple[Mapping[str, str], int, Sides]] = []
    for fields in notes:
        note = collection.new_note(added)
        note.tags = SPECIAL["Tags"].split()
        for name, value in fields.items():
            note[name] = value
        collection.add_note(note, DEFAULT)
        stored = {**dict(note.items()), **SPECIAL, "Type": kind["name"]}
        for card in note.cards():
            output = card.render_output()
            if "docs.ankiweb.net" in output.question_text:
                continue  # Anki calls it empty
            sounds = [
                tuple(tag.filename for tag in tags)  # type: ignore[union-attr]
                for tags in (output.question_av_tags, output.answer_av_tags)
            ]
            made = Sides(output.question_text, output.answer_text, *sounds)
            found.append((stored, card.ord, made))
    return found


def alike(made: Sides) -> tuple[object, ...]:
    """Sides without what differs between versions of Anki, and the ids of hints.

    These Anki makes by a hash that Python lacks. Newer versions do not let a hint be dragged, and
    keep what is behind the last slash of the name of a sound.
    """
    texts = [
        re.sub(r"hint[0-9a-f]{16}|(?<=;\") draggable=false", "", one)
        for one in (*made[:2], *made[2], "", *made[3])
    ]
    return (*texts[:2], *(one.rpartition("/")[2] for one in texts[2:]))


@pytest.mark.anki
def test_the_sides_of_a_card_are_those_that_anki_makes() -> None:
    compared = 0
    with scratch_collection() as anki:
        for cloze, front, back, notes in cases(int(CASES * SHARE)):
            made = partial(by_anki, cloze=cloze, front=front, back=back, notes=notes)
            for fields, ordinal, expected in anki.run(made):
                got = sides(front, back, fields, ordinal)
                assert alike(got) == alike(expected), (front, back, fields, ordinal)
                compared += 1
    assert compared > CASES * SHARE * NOTES / 4
