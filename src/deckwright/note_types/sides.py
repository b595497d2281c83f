"""What Anki makes of a card: its two sides, from the fields of its note and its template.

This is a port of Anki's own way, for the templates that a note type may have
(:mod:`deckwright.note_types.markup`). Both sides are as Anki's reviewer gets them: a sound plays at
``[anki:play:q:0]``, and the box to type into is at ``[[type:Field]]``.
tests/note_types/test_sides.py compares it with Anki.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from html import unescape
from typing import NamedTuple

from deckwright.model import Note, NoteType
from deckwright.note_types.cards import EMPTY, MARK
from deckwright.note_types.clozes import one_side

_FORMULA = re.compile(r"(\\[(\[])(.*?)(\\[\])])", re.DOTALL)
_HTML = re.compile(
    r"<!--.*?-->|<style.*?>.*?</style>|<script.*?>.*?</script>|<.*?>", re.DOTALL | re.IGNORECASE
)
_READING = re.compile(r" ?([^ >]+?)\[(.+?)\]")
_READINGS = {"furigana": r"<ruby><rb>\1</rb><rt>\2</rt></ruby>", "kana": r"\2", "kanji": r"\1"}
_KNOWN = frozenset({"text", "type", "cloze", "hint", *_READINGS})
"""The filters that are ported."""
_NO_ENTITY = re.compile(r"&(?!(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w*);)")
_SOUND = re.compile(r"\[sound:([^\]]+)\]")
INSTRUCTION = re.compile(
    r"\[(?=/?(?:sound:|latex\]|\$\$?\]|anki:|\[?type:))|data-ordinal=\"\d+\">(?=image-occlusion:)",
    re.IGNORECASE,
)
"""How what Anki would follow begins: of a cloze that begins so, it makes attributes of a tag."""


class Sides(NamedTuple):
    """The two sides of a card, with the names of the sounds that each plays, in order."""

    question: str
    answer: str
    question_sounds: Sequence[str]
    answer_sounds: Sequence[str]


def sides(front: str, back: str, fields: Mapping[str, str], ordinal: int) -> Sides:
    """The two sides of a card that Anki makes of a note.

    Args:
        front: one side of its template.
        back: the other.
        fields: the HTML of the fields by name; what Anki itself puts in, such as ``Deck``, too.
        ordinal: that of the card, from 0.
    """
    question, asked = _with_sounds("".join(_shown(front, fields, ordinal, None)), "q")
    answer, told = _with_sounds("".join(_shown(back, fields, ordinal, question)), "a")
    return Sides(question, answer, asked, told)


def of_card(note: Note, kind: NoteType, ordinal: int) -> Sides | None:
    """The two sides of a card of a note, by its ordinal from 0.

    None where its template asks for what there is not: Anki would show a message instead. Only a
    type that was not compiled here, such as one in a ledger, may have such a template.
    """
    templates = kind.templates[:1] if kind.cloze else kind.templates[ordinal : ordinal + 1]
    if not templates or len(kind.fields) != len(note.fields):
        return None
    [template] = templates
    fields = {
        "Tags": " ".join(note.tags),
        "Type": kind.name,
        "Deck": note.deck,
        "Subdeck": note.deck.rpartition("::")[2],
        "Card": template.name,
        **fields_of(note, kind),
    }
    for mark in MARK.finditer(template.front + template.back):
        is_name = mark["name"] in fields or mark["name"] == "FrontSide" or mark["sign"] == "/"
        if not is_name or not {*_filters(mark)} <= _KNOWN:
            return None
    return sides(template.front, template.back, fields, ordinal)


def fields_of(note: Note, kind: NoteType) -> dict[str, str]:
    """The HTML of a note's fields, by their names."""
    return dict(zip((field.name for field in kind.fields), note.fields, strict=False))


def instructions(made: Sides, template: str, files: Sequence[str]) -> Iterator[str]:
    """What Anki would follow on the sides of a card that its template has not.

    ``files`` are the names of the sounds that its note plays.
    """
    sounds = {"q": made.question_sounds, "a": made.answer_sounds}
    yield from (f"[sound:{one}]" for names in sounds.values() for one in names if one not in files)
    plays = {f"[anki:play:{side}:{at}]" for side in sounds for at in range(len(sounds[side]))}
    boxes = {_box(mark["name"], _filters(mark)) for mark in MARK.finditer(template)}
    for html in made[:2]:
        end = 0
        for found in INSTRUCTION.finditer(html):
            whole = html[found.start() : html.find("]", found.start()) + 1]
            if f"{whole}]" in boxes:
                end = found.start() + len(whole)  # there is a second bracket in it
            elif whole not in plays and found.start() >= end:
                yield whole or found[0]


def _shown(
    template: str, fields: Mapping[str, str], ordinal: int, question: str | None
) -> Iterator[str]:
    """The pieces of a side; of a front, there is no question before it."""
    left_out: list[bool] = []
    position = 0
    for mark in MARK.finditer(template):
        if not any(left_out):
            yield template[position : mark.start()]
        position = mark.end()
        if mark["sign"] == "/":
            del left_out[-1:]
        elif mark["sign"]:
            is_filled = not EMPTY.fullmatch(fields[mark["name"]])
            left_out.append(is_filled == (mark["sign"] == "^"))
        elif any(left_out):
            continue
        elif mark["name"] == "FrontSide":
            yield question or ""
        else:
            yield _filtered(mark, fields, ordinal, is_question=question is None)
    yield template[position:]


def _filters(mark: re.Match[str]) -> list[str]:
    return mark["filters"].replace(" ", "").split(":")[:-1]


def _box(name: str, filters: Sequence[str]) -> str:
    return f"[[{':'.join((*filters[:2], name))}]]" if filters[:1] == ["type"] else ""


def _filtered(
    mark: re.Match[str], fields: Mapping[str, str], ordinal: int, *, is_question: bool
) -> str:
    """A field as its filters make it, the last of which comes first."""
    name, filters = mark["name"], _filters(mark)
    if box := _box(name, filters):
        return box
    text = fields[name]
    for one in reversed(filters):
        if one == "text":
            text = _decoded(_HTML.sub("", text))
        elif one == "cloze":
            text = one_side(text, ordinal + 1, question=is_question)
            text = _FORMULA.sub(lambda found: found[1] + _HTML.sub("", found[2]) + found[3], text)
        elif one == "hint":
            text = _behind_a_click(name, text)
        else:
            text = _read(text.replace("&nbsp;", " "), _READINGS[one])
    return text


def _read(text: str, pattern: str) -> str:
    """A text with the readings of its words as one filter shows them; no sound is a reading."""
    return _READING.sub(
        lambda one: one[0] if one[2].startswith("sound:") else one.expand(pattern), text
    )


def _behind_a_click(name: str, text: str) -> str:
    if not text.strip():
        return text
    id_ = f"hint{sha256(f'{text}{name}'.encode()).hexdigest()[:16]}"
    return f"""
<a class=hint href="#"
onclick="this.style.display='none';
document.getElementById('{id_}').style.display='block';
return false;" draggable=false>
{name}</a>
<div id="{id_}" class=hint style="display: none">{text}</div>
"""


def _with_sounds(html: str, side: str) -> tuple[str, tuple[str, ...]]:
    """A side with the places of its sounds, and their names."""
    names: list[str] = []

    def place(sound: re.Match[str]) -> str:
        names.append(_decoded(sound[1]))
        return f"[anki:play:{side}:{len(names) - 1}]"

    return _SOUND.sub(place, html), tuple(names)


def _decoded(text: str) -> str:
    """A text with its entities as signs; as it is with an ampersand that begins none."""
    if "&" not in text or _NO_ENTITY.search(text):
        return text
    return unescape(text).replace("\xa0", " ")
