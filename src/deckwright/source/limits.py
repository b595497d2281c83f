"""How much a deck may hold: far more than people study, and less than what stalls its readers.

Each limit is looked at before the code that would stall or run out of memory beyond it. The
times are of Python-Markdown 3.11 and nh3 0.3, on one core.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from deckwright.model import Problem, Rule, Stake

TOO_MUCH_MARKUP = Rule(
    "too-much-markup",
    "A text has at most a thousand `<` signs and ten thousand table cells, not counting "
    "code and formulas. With more, its readers would stall.",
    stake=Stake.PACKAGE,
)

TOO_SLOW = Rule(
    "too-slow",
    "A card renders within two seconds of processor time and 128 MB, a hundred times what "
    "it needs. All work on a file of cards takes ten seconds at most.",
    stake=Stake.SAFETY,
)


PATIENCE = "DECKWRIGHT_PATIENCE"
"""The environment's variable for how many times as long everything may take."""
MAX_FILE = 256 << 10
"""Bytes of a card file: 2,500 small cards, which take 2 s on two cores. Any is done within 10 s."""
MAX_TOML = 64 << 10
"""Bytes of deck.toml: a description of some pages, and hundreds of macros and retired cards."""
MAX_KEY = 20
"""Parts of a key in deck.toml: Python's reader takes 1.6 GB for one of 20,000."""
MAX_DESCRIPTION = 8 << 10
"""Bytes of a deck's description."""
MAX_LEDGER = 1 << 30
"""Bytes of ledger.jsonl: 100,000 notes of 10 KB; one of our own deck takes 985 bytes."""
MAX_CHANGELOG = 64 << 20
"""Bytes of CHANGELOG.md: 100,000 notes in each of five releases."""
MAX_MEDIA = 200 << 20
"""Bytes of all pictures and sounds of a deck: a package is made in memory."""
MAX_CARD = 32 << 10
"""Bytes of a card's source: a screen holds 2 KB."""
MAX_FIELD = 256 << 10
"""Bytes of a field: 8 KB of a table become 2.4 MB of HTML, code in colours becomes 24-fold."""
MAX_TAGS = 1_000
"""How many ``<`` a text may have: each may begin a comment or an instruction that is looked for up
to the text's end, 3 s for the 10,000 of a card. It is also how many tags may be open at most."""
MAX_CELLS = 10_000
"""Cells of a text's tables: each row gets all columns, so that a card has room for 500 by 10,000,
which take more than 30 s and 800 MB."""
MAX_NESTING = 100
"""How many lists and quotes may be open: Python-Markdown's recursion ends between 300 and 500, and
each line of a text is held against all that are open."""

_TABLE = re.compile(r"^[^|\n]*+\|.*+(?:\n[ \t>]*+[^\s>].*+)++", re.MULTILINE)
_FIX = "split the card, or show this as code or as a picture"


def excess(masked: str) -> Problem | None:
    """What of a passage would stall its readers; ``masked`` is it without code and formulas."""
    return next((found for check in _CHECKS for found in check(masked)), None)


def _tags(masked: str) -> Iterator[Problem]:
    if masked.count("<") > MAX_TAGS:
        at = next(islice(re.finditer("<", masked), MAX_TAGS, None)).start()
        what = f"this text has more than {MAX_TAGS:,} of the sign <"
        yield TOO_MUCH_MARKUP.at(at, what, _FIX)


def _cells(masked: str) -> Iterator[Problem]:
    """Counts as if each stretch without a blank line were a table, as wide as its widest line."""
    cells = 0
    for stretch in _TABLE.finditer(masked):
        lines = stretch[0].split("\n")
        cells += len(lines) * max(line.count("|") for line in lines)
        if cells > MAX_CELLS:
            at = masked.index("|", stretch.start())
            what = f"this text has room for more than {MAX_CELLS:,} cells of tables"
            yield TOO_MUCH_MARKUP.at(at, what, _FIX)
            return


_CHECKS: tuple[Callable[[str], Iterator[Problem]], ...] = (_tags, _cells)
