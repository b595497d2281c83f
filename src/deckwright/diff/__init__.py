"""What a release would change for learners, in words.

The way of a difference::

    Changes ─▶ difference   with both decks beside it: ``since_release``, ``since_package``
                   │ word by word (``words``), on fields as people read them (``readable``)
                 story       groups of notes, each with what it means for learners
                   │
    text, markdown, data (JSON), html (with the cards that ``rendering`` gets from real Anki)
"""

from __future__ import annotations

from deckwright.diff.against import match_by_guid, release_of_package, since_package
from deckwright.diff.data import as_json
from deckwright.diff.difference import Difference, since_release
from deckwright.diff.html import as_html
from deckwright.diff.markdown import as_markdown
from deckwright.diff.rendering import Cards, not_at_hand, render_both
from deckwright.diff.story import story
from deckwright.diff.text import as_text

FORMATS = ("text", "markdown", "html", "json")

__all__ = [
    "FORMATS",
    "Cards",
    "Difference",
    "as_html",
    "as_json",
    "as_markdown",
    "as_text",
    "match_by_guid",
    "not_at_hand",
    "release_of_package",
    "render_both",
    "since_package",
    "since_release",
    "story",
]
