"""The corpus of formulas with what real Anki does with each, and the deck that is made of it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "corpus.tsv"
BAD_FLAGS = {"leak", "unsafe", "label", "rawtext", "empty"}
"""What Anki renders, and no learner should get."""


@dataclass(frozen=True)
class Row:
    """A formula of the corpus."""

    id: str
    display: bool
    tex: str
    status: str
    """What Anki does with it: ``ok``, ``error``, ``undefined`` or ``raw``."""
    flags: frozenset[str]
    offset: int | None
    """Where MathJax's parser was when it gave up, in code points."""

    @property
    def bad(self) -> bool:
        """Whether no learner should get it."""
        return self.status != "ok" or bool(self.flags & BAD_FLAGS)

    @property
    def markdown(self) -> str:
        """How an author writes it: in the forms in which it is shown."""
        return f"```math\n{self.tex}\n```" if self.display else f"$`{self.tex}`$"

    @property
    def card(self) -> str:
        """A card of it; its formula starts in the sixth line, after three characters if inline."""
        return f"## Formula {self.id}\n<!-- id: {self.id.lower()} -->\n\n{self.markdown}\n"


def rows() -> tuple[Row, ...]:
    """All rows; line breaks are stored as ``␤``."""
    with FILE.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(
        Row(
            id=row["id"],
            display=row["mode"] == "display",
            tex=row["tex"].replace("␤", "\n"),
            status=row["gt_status"],
            flags=frozenset(row["flags"].split()),
            offset=int(row["offset_hint"]) if row["offset_hint"] else None,
        )
        for row in table
    )
