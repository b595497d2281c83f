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

MOST_CLOZES = 500
"""The cards of higher numbers are those of this one."""
_EMPTY = re.compile(r"(?:\s|</?(?:br|div) ?/?>)*", re.IGNORECASE)
_MARK = re.compile(r"\{\{\s*(?P<sign>[#^/]?)(?P<filters>(?:[^{}:]*:)*)\s*(?P<name>[^{}:]*?)\s*\}\}")
_CLOZE = re.compile(r"\{\{c(\d+)::|\}\}")


def of_templates(fronts: Sequence[str], fields: Mapping[str, str]) -> tuple[int, ...]:
    """The ordinals of the cards of a note with some fields by name; none where Anki asks nothing.

    Of such a note, Anki makes the first card, which it shows as blank.
    """
    filled = {name for name, text in fields.items() if not _EMPTY.fullmatch(text)}
    return tuple(number for number, front in enumerate(fronts) if _shows_a_field(front, filled))


def _shows_a_field(front: str, filled: set[str]) -> bool:
    """Whether a field that is not empty is shown in sections that all are."""
    hidden: list[bool] = []
    """For each section that is open, whether it is left out."""
    for mark in _MARK.finditer(front):
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
    numbers: set[int] = set()
    for text in fields:
        opened: list[int] = []
        for mark in _CLOZE.finditer(text):
            if mark[1]:
                opened.append(int(mark[1]))
            elif opened:  # one that never closes is not a comment
                numbers.add(opened.pop())
    return tuple(sorted({min(number, MOST_CLOZES) - 1 for number in numbers if number}))


def shown(template: str) -> Iterator[tuple[str, str]]:
    """The fields that a side of a template shows, in order, each with its filters."""
    for mark in _MARK.finditer(template):
        if not mark["sign"]:
            yield mark["name"], "".join(mark["filters"].split())
