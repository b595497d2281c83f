"""Which cards Anki makes of a note, by the rule of Anki itself.

A template makes a card if its front shows at least one field that is not empty, inside sections
``{{#Field}}`` and ``{{^Field}}`` only where these are shown. Text alone makes none. A cloze note
makes a card for each number in any of its fields. tests/note_types/test_cards.py compares it with
Anki. Whether ``{{Deck}}`` and a field in a comment count depends on Anki's version: no front of
ours relies on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from deckwright.note_types.clozes import all_clozes, read_clozes

MOST_CLOZES = 500
"""The cards of higher numbers are those of this one."""
EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)
MARK = re.compile(r"\{\{\s*(?P<sign>[#^/]?)(?P<filters>(?:[^{}:]*:)*)\s*(?P<name>[^{}:]*?)\s*\}\}")


def of_templates(fronts: Sequence[str], fields: Mapping[str, str]) -> tuple[int, ...]:
    """The ordinals of the cards of a note with some fields by name; none where Anki asks nothing.

    Of such a note, Anki makes the first card, which it shows as blank.
    """
    filled = {name for name, text in fields.items() if not EMPTY.fullmatch(text)}
    return tuple(number for number, front in enumerate(fronts) if _shows_a_field(front, filled))


def _shows_a_field(front: str, filled: set[str]) -> bool:
    """Whether a field that is not empty is shown in sections that all are."""
    hidden: list[bool] = []
    """For each section that is open, whether it is left out."""
    for mark in MARK.finditer(front):
        has = mark["name"] in filled
        if mark["sign"] == "/":
            del hidden[-1:]
        elif mark["sign"]:
            hidden.append(has == (mark["sign"] == "^"))
        elif has and not any(hidden):
            return True
    return False


def of_clozes(fields: Iterable[str]) -> tuple[int, ...]:
    """The ordinals of the cards of a cloze note with some fields; none where it has no cloze."""
    numbers = {cloze.number for text in fields for cloze in all_clozes(read_clozes(text))}
    return tuple(sorted({min(number, MOST_CLOZES) - 1 for number in numbers if number}))


def shown(template: str) -> Iterator[tuple[str, str]]:
    """The fields that a side of a template shows, in order, each with its filters."""
    for mark in MARK.finditer(template):
        if not mark["sign"]:
            yield mark["name"], "".join(mark["filters"].split())
