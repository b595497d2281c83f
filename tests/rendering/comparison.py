"""Our reader beside GitHub's own, on one text."""

from __future__ import annotations

from dataclasses import dataclass

from deckwright.rendering.markdown import read
from tests.rendering.github import github, structure


@dataclass(frozen=True)
class Comparison:
    """What GitHub and we make of a text, as tags and texts."""

    text: str
    theirs: list[str]
    ours: list[str]

    @property
    def agree(self) -> bool:
        return self.theirs == self.ours

    def __str__(self) -> str:
        return f"{self.text!r}\n  GitHub: {self.theirs}\n  we:     {self.ours}"


def our_html(text: str, *, heading: bool = False) -> str:
    """What we make of a text, or of the text of one heading."""
    return read(text, heading=heading).html


def compare(text: str, *, heading: bool = False) -> Comparison:
    """What both make of a text, or of the text of one heading."""
    theirs, ours = (
        structure(html, tabs="\t" in text)
        for html in (github(text, heading=heading), our_html(text, heading=heading))
    )
    return Comparison(text, theirs, ours)


def agree(text: str) -> bool:
    """Whether both make the same of a text."""
    return compare(text).agree
