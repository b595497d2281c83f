"""A token stands for one piece of a text, wherever in its HTML it comes from."""

from __future__ import annotations

import pytest

from deckwright.model import Source, Span
from deckwright.rendering.checks import made_by_entities
from deckwright.rendering.inlines import token_of
from deckwright.rendering.scan import scan
from deckwright.source.lines import outline


@pytest.mark.parametrize(
    ("html", "is_fine"),
    [
        (f"<p>{token_of(0)} <b>{token_of(1)}</b></p>", True),
        (f"<pre>{token_of(2)}\n{token_of(2)}</pre>", True),
        (f"{token_of(0)} {token_of(0)}", False),
        (f'{token_of(0)} <b title="{token_of(0)}"></b>', False),
        (f"<pre>{token_of(2)}\n{token_of(2)}</pre>{token_of(2)}", False),
        (token_of(3), False),
        ("\ue0000", False),
        ("\ue002\ue003", False),
        ("\ue004", False),
    ],
)
def test_a_token_from_nowhere_is_named(html: str, is_fine: bool) -> None:
    source = Source("01.md", "`a` $b$\n\n```\nc\n\nd\n```\n")
    scanned = scan(outline(source), Span(source, 0, len(source.text)))
    assert len(scanned.pieces) == 3
    found = [*made_by_entities(scanned, html)]
    assert [one.rule for one in found] == ([] if is_fine else ["character"])
