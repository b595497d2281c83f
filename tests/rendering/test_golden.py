from __future__ import annotations

from pathlib import Path

import pytest

from tests.rendering.golden import SOURCES, fields_of


def test_there_are_golden_pairs() -> None:
    assert len(SOURCES) >= 50
    expected = {path.stem for path in SOURCES[0].parent.glob("*.html")}
    assert expected == {path.stem for path in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_golden_source_gives_its_fields(source: Path) -> None:
    expected = source.with_suffix(".html").read_text(encoding="utf-8")
    assert fields_of(source) == expected, "if this is meant: make golden, and read the diff"
