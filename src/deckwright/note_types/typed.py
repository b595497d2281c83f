"""What Anki compares with what a learner types into a card.

It is the field itself that the box names, or what its clozes hide, as HTML; Anki makes text of it
when it compares. tests/note_types/test_typed.py compares it with Anki.
"""

from __future__ import annotations

from collections.abc import Mapping

from deckwright.note_types.clozes import all_clozes, all_shown, read_clozes


def expected(box: str, fields: Mapping[str, str], ordinal: int) -> str:
    """What is expected in a box; where that is empty, Anki shows no box.

    Args:
        box: ``[[type:Field]]`` or ``[[type:cloze:Field]]``, as a side of a card has it.
        fields: the HTML of the fields by name.
        ordinal: that of the card, from 0.
    """
    filters, _, name = box.removeprefix("[[type:").removesuffix("]]").rpartition(":")
    if filters != "cloze":
        return fields[name]
    clozes = all_clozes(read_clozes(fields[name]))
    hidden = [all_shown(one.inner) for one in clozes if one.number == ordinal + 1]
    return hidden[0] if len({*hidden}) == 1 else ", ".join(hidden)
