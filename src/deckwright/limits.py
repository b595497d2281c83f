"""How much a deck may hold: far more than anybody studies, and less than its readers choke on.

Each limit is looked at before the code that would stall or run out of memory beyond it. The
times are of Python-Markdown 3.11 and nh3 0.3, on one core.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from deckwright.rules import Rule
from deckwright.rules.text import TOO_DEEP, TOO_MUCH_MARKUP

MAX_FILE = 256 << 10
"""Bytes of a card file or style.css: 2,500 small cards, which take 2 s on two cores.
Any file must be done within 10 s, whatever is in it."""
MAX_TOML = 64 << 10
"""Bytes of deck.toml: a description of some pages, and hundreds of macros and retired cards."""
MAX_KEY = 20
"""Parts of a key in deck.toml: Python's reader takes 1.6 GB for one of 20,000."""
MAX_DESCRIPTION = 8 << 10
"""Bytes of a deck's description."""
MAX_LEDGER = 16 << 20
"""Bytes of ledger.jsonl: a note takes some 400, and its old forms stay."""
MAX_MEDIA = 200 << 20
"""Bytes of all pictures and sounds of a deck: a package is made in memory."""
MAX_CARD = 32 << 10
"""Bytes of a card's source: a screen holds 2 KB."""
MAX_FIELD = 256 << 10
"""Bytes of a field: 8 KB of a table become 2.4 MB of HTML, code in colours becomes 24-fold."""
MAX_SIGNS = 1_000
"""How many ``[``, ``<`` and lone backticks stand in a text: 8,000 take 8 s, 1,000 0.1 s."""
MAX_LINES = 1_000
"""Lines of a text, but for code and formulas: 12,000 lines of headings take 7 s, 1,000 0.1 s."""
MAX_COLUMNS = 50
"""Columns of a table: Python-Markdown gives each row all of them, 500 by 16,000 take 24 s."""
MAX_NESTING = 100
"""How many lists, quotes or tags may be open: Python-Markdown's recursion ends at some hundreds,
and nh3 takes 8 s for 50,000 tags."""

_SIGNS = "[<`"
_MARK = r"(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))"
_NESTING = re.compile(rf"^(?=.*\S)(?P<indent>[ \t]*+)(?P<marks>(?:{_MARK}[ \t]*+)*+)", re.MULTILINE)
_LINE = re.compile(r"^[^\S\n]*+\S.*", re.MULTILINE)
_TAG = re.compile(r"<(?P<close>/?)(?!(?i:br|hr|img|wbr|col)\b)[A-Za-z]")
_CURE = "split the card, or show this as code or as a picture"


@dataclass(frozen=True, slots=True)
class Excess:
    """What is too much in a text, and the offset from which on."""

    rule: Rule
    offset: int
    what: str
    cure: str


def excess(masked: str) -> Excess | None:
    """What of a passage would stall its readers; ``masked`` is it without code and formulas."""
    return next((found for check in _CHECKS for found in check(masked)), None)


def _signs(masked: str) -> Iterator[Excess]:
    for sign in _SIGNS:
        if masked.count(sign) > MAX_SIGNS:
            signs = re.finditer(re.escape(sign), masked)
            at = next(islice(signs, MAX_SIGNS, None)).start()
            what = f"this text has more than {MAX_SIGNS:,} of the sign {sign}"
            yield Excess(TOO_MUCH_MARKUP, at, what, _CURE)


def _lines(masked: str) -> Iterator[Excess]:
    for number, line in enumerate(_LINE.finditer(masked)):
        if number >= MAX_LINES:
            what = f"this text has more than {MAX_LINES:,} lines"
            yield Excess(TOO_MUCH_MARKUP, line.start(), what, _CURE)
        if line[0].count("|") > MAX_COLUMNS:
            what = f"this line has more than {MAX_COLUMNS} of the sign |"
            yield Excess(TOO_MUCH_MARKUP, line.start(), what, _CURE)


def _nesting(masked: str) -> Iterator[Excess]:
    for line in _NESTING.finditer(masked):
        depth = len(re.findall(_MARK, line["marks"])) + len(line["indent"]) // 4
        if depth > MAX_NESTING:
            what = f"more than {MAX_NESTING} lists or quotes are open here"
            yield Excess(TOO_DEEP, line.start(), what, "write them flatter")


def _open_tags(masked: str) -> Iterator[Excess]:
    depth = 0
    for tag in _TAG.finditer(masked):
        depth = max(depth - 1, 0) if tag["close"] else depth + 1
        if depth > MAX_NESTING:
            what = f"more than {MAX_NESTING} tags are open here"
            yield Excess(TOO_DEEP, tag.start(), what, "write it flatter, or close the tags")


_CHECKS: tuple[Callable[[str], Iterator[Excess]], ...] = (_signs, _lines, _nesting, _open_tags)
