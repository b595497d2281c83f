"""Text in which nothing is an instruction to Anki, wherever it comes together.

Anki writes a hint in brackets, and takes the tags out of a formula, those of its clozes too. So
``[sound:x]`` may come of a hint, or of brackets and words that clozes part.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from deckwright.model import Card
from deckwright.note_types import Kind
from deckwright.note_types.clozes import all_clozes, read_clozes
from deckwright.note_types.sides import INSTRUCTION, instructions, sides

SOUND = "\ue004"
"""Is written for the bracket of a sound that is to play, which no text holds."""

_SIGN = re.compile(
    r"(?P<open>\{\{c\d+::(?P<shape>(?=image-occlusion:))?)|(?P<close>\}\})|(?P<hint>::)|<[^<>]*>",
    re.IGNORECASE,
)
_VALUE = re.compile(r'"[^"]*"')
_IN_VALUES = str.maketrans({"<": "&lt;", ">": "&gt;", "[": "&#91;", "]": "&#93;"})

_MAYBE = re.compile(r"sound:|latex|anki:|type:|occlusion:|\$", re.IGNORECASE)
"""Is in each instruction, without tags and the marks of clozes."""
_MARKUP = re.compile(r"<[^<>]*>|\{\{c\d+::|\}\}")
_MOST_LOOKED_AT = 5
"""So many cards of a note are looked at, those with a suspicious hint first."""

Piece = tuple[int, str]
"""A text and its offset in a field."""


def without_marks(html: str, *, in_cloze: bool) -> str:
    """Text without what Anki takes for a field, or for the mark of a cloze."""
    html = html.replace("{{", "{&#123;")
    return html.replace("}}", "}&#125;").replace("::", ":&#58;") if in_cloze else html


def in_tag(tag: str) -> str:
    """A tag whose attributes hold no bracket, whatever the sanitiser leaves there."""
    return _VALUE.sub(lambda value: value[0].translate(_IN_VALUES), tag)


def inert(html: str) -> str:
    """A field in which only sounds, formulas and clozes that are meant are any.

    One sign of each instruction becomes an entity, which shows as that sign.
    """
    if "{{c" not in html:
        return INSTRUCTION.sub("&#91;", html).replace(SOUND, "[")
    out: list[str] = []
    position = 0
    for offset in sorted({*_offsets(html)}):
        out += (html[position:offset], f"&#{ord(html[offset])};")
        position = offset + 1
    return "".join((*out, html[position:])).replace(SOUND, "[")


def _offsets(html: str) -> Iterator[int]:
    """The offsets of one sign in each instruction that a side of a card would have."""
    shown: list[Piece] = []
    hints: list[list[Piece]] = []
    current, depth, position = shown, 0, 0
    for sign in (*_SIGN.finditer(html), None):
        if sign and sign["hint"] and (not depth or current is not shown):
            continue
        current.append((position, html[position : sign.start() if sign else None]))
        position = sign.end() if sign else len(html)
        if sign and sign["hint"]:
            current = []
            hints.append(current)
        elif sign and (sign["open"] or sign["close"]):
            current = shown
            depth = depth + 1 if sign["open"] else max(0, depth - 1)
            if sign["shape"] is not None:
                yield position
    yield from _found(shown)
    for hint in hints:
        yield from _found([(-1, "["), *hint, (-1, "]")])


def _found(pieces: Sequence[Piece]) -> Iterator[int]:
    """The offset of the first sign of each instruction in some texts; Anki's bracket is at -1."""
    text = "".join(text for _, text in pieces)
    ends = [*accumulate(len(text) for _, text in pieces)]
    for found in INSTRUCTION.finditer(text):
        at = found.start() + (pieces[0][0] < 0 and not found.start())
        piece = bisect_right(ends, at)
        yield pieces[piece][0] + len(pieces[piece][1]) - (ends[piece] - at)


def followed(
    kind: Kind,
    card: Card,
    fields: Mapping[str, str],
    ordinals: Sequence[int],
    sounds: Sequence[str],
) -> Iterator[str]:
    """What Anki would follow on the sides of a note's cards, besides its sounds.

    It is the net behind :func:`inert`: what it finds, that has missed.
    """
    if not any(_MAYBE.search(_MARKUP.sub("", text)) for text in (*fields.values(), card.deck)):
        return
    added = {"Deck": card.deck, "Subdeck": card.deck.rpartition("::")[2], "Card": ""}
    texts = {**added, "Tags": " ".join(card.tags), "Type": kind.table["name"], **fields}
    chosen = ordinals
    if kind.cloze:
        clozes = (cloze for text in fields.values() for cloze in all_clozes(read_clozes(text)))
        hinted = {cloze.number - 1 for cloze in clozes if _MAYBE.search(cloze.hint)}
        chosen = [*sorted(hinted.intersection(ordinals)), *ordinals][:_MOST_LOOKED_AT]
    for ordinal in chosen:
        template = kind.table["templates"][0 if kind.cloze else ordinal]
        front, back = (kind.sides[template[side]] for side in ("front", "back"))
        made = sides(front, back, texts, ordinal)
        yield from instructions(made, f"{front}{back}", sounds)
