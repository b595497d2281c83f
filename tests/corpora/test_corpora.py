"""Of the cards that people have, few have an error, and after ``check --fix`` only wrong ones.

docs/format.md states the bounds; they are those of the project, not what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deckwright.commands.fixing import mend
from deckwright.compile import Compiled, compile_deck
from deckwright.model import Severity
from tests.corpora import EACH, STYLES, Corpus, corpus
from tests.decks import make_deck

BEFORE, AFTER = 0.10, 0.02
"""The share of all cards that may have an error."""


def with_errors(compiled: Compiled) -> set[str]:
    """The ids of the cards that have an error."""
    return {one.card for one in compiled.problems if one.severity is Severity.ERROR}


def tried(root: Path, one: Corpus) -> tuple[set[str], set[str]]:
    """The cards with an error, before and after."""
    make_deck(root, one.files)

    def compiled(instead: Mapping[str, str]) -> Compiled:
        return compile_deck(root, instead=instead)

    return with_errors(compiled({})), with_errors(mend(compiled).compiled)


def test_few_cards_that_people_have_are_refused(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assert len(STYLES) == 11
    found = {style: tried(tmp_path / style, corpus(style)) for style in STYLES}
    before, after = (sum(len(both[at]) for both in found.values()) for at in (0, 1))
    record_property("cards", EACH * len(STYLES))
    record_property("with an error", before)
    record_property("after --fix", after)
    assert before <= BEFORE * EACH * len(STYLES)
    assert after <= AFTER * EACH * len(STYLES)
    for style, (_, left) in found.items():
        assert left == corpus(style).wrong, style


@pytest.mark.parametrize("style", STYLES)
def test_a_style_has_many_kinds_of_texts(style: str) -> None:
    text = str(corpus(style).files["01-cards.md"])
    assert text.count("\n## ") == EACH
    assert len({part.partition("-->")[2] for part in text.split("\n## ")}) > EACH / 10
