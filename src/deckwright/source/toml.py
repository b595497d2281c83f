"""Reading TOML: deck.toml, and the note_type.toml of a deck's own note types."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from deckwright.model import Place, Problem, Source
from deckwright.rules import Rule
from deckwright.source.limits import MAX_KEY
from deckwright.source.unicode import forbidden, not_composed

_DEEP_KEY = re.compile(rf"""(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MAX_KEY}}}""")


def read_toml(source: Source, rule: Rule) -> tuple[dict[str, Any] | None, list[Problem]]:
    """What a file of TOML says; None, and what is wrong with it, where it cannot be read."""
    found = [bad.placed(source) for bad in forbidden(source.text)]
    if other := not_composed(source.text):
        found.append(other.placed(source))
    if deep := _DEEP_KEY.search(source.text):
        what, fix = f"a key of more than {MAX_KEY} parts", "write one of a single word"
        return None, [*found, rule.at(source.place(deep.start()), what, fix)]
    try:
        table = tomllib.loads(source.text)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError
        return None, [*found, _not_toml(source, error, rule)]
    return (None if found else table), found


def _not_toml(source: Source, error: Exception, rule: Rule) -> Problem:
    message = str(error) or "nested too deeply"
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if at and at[1]:
        place = Place(source.path, int(at[1]), int(at[2]))
    else:
        place = source.place(len(source.text.rstrip())) if at else source.place(0)
    what = message[: at.start()] if at else message
    fix = 'write key = "value", and quote every text'
    return rule.at(place, f"not TOML ({what[:100]})", fix)
