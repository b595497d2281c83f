"""What a rule is, and what the examples of the rules are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from deckwright.model import NOWHERE, Place, Problem, Severity

EXAMPLE_FILE = "01-cards.md"
"""The file of the examples, unless a rule is about another."""


class Stake(Enum):
    """What is at stake where a rule is broken: the reason why an error stays one."""

    HISTORY = "learners' histories hang on it"
    SAFETY = "it keeps learners and reviewers safe"
    PACKAGE = "without it, the deck could not be built or imported"
    CONTENT = "without it, a card would not be what its author wrote"
    STYLE = "every card is whole and right without it"


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule."""

    name: str
    doc: str
    """What the rule asks, and why, in plain words."""
    bad: str | bytes
    """A file that breaks this rule."""
    good: str | bytes
    """The same file, mended."""
    file: str = EXAMPLE_FILE
    """The name of the file that the examples are."""
    bad_file: str = ""
    """The name of the bad one, where that is what is bad."""
    severity: Severity = Severity.ERROR
    beside: tuple[tuple[str, str | bytes], ...] = ()
    """Names and contents of other files of the deck, where the examples need some."""
    toml: str = ""
    """What deck.toml holds besides, for both examples."""
    released: str = ""
    """The cards as they were released before, for a rule that compares."""
    stake: Stake = Stake.CONTENT
    """Why an error may not be softened; with STYLE, it may."""

    @property
    def switchable(self) -> bool:
        """Whether [rules] in deck.toml may make it an error, a warning, or switch it off."""
        return self.stake is Stake.STYLE or self.severity is Severity.WARNING

    def at(self, where: Place | int, what: str, fix: str) -> Problem:
        """A problem under this rule: at its place, or at an offset of the text that was read."""
        place, offset = (where, 0) if isinstance(where, Place) else (NOWHERE, where)
        return Problem(place, self.name, self.severity, what, fix, at=offset)


def example_card(
    body: str, comment: str = "<!-- id: a-card -->", prompt: str = "A question?"
) -> str:
    """A card file with one card."""
    return f"# Examples\n\n## {prompt}\n{comment}\n\n{body}\n"


EXAMPLE = example_card("An answer.")
"""A card file without a fault."""
EXAMPLE_TOML = 'key = "examples"\nname = "Examples"\n'
"""A deck.toml without a fault."""


def example_ledger(types: str = "") -> str:
    """A ledger of one release, with these rows of note types."""
    text = (
        '{"row": "deck", "key": "examples", "name": "Examples"}\n' + types + '{"row": "release",'
        ' "version": "1.0.0", "time": 1600000000, "content": ""}\n'
    )
    return f'{text}{{"row": "end", "sha256": "{sha256(text.encode()).hexdigest()}"}}\n'
