"""Markdown: any text is read as GitHub's own parser reads it, but for known oddities."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.fuzz.harness import fuzz
from tests.rendering.comparison import compare
from tests.rendering.generate import Generator, soup, tidy, wild
from tests.rendering.oddities import differs
from tests.rendering.shrink import shrink


def _made_by(generator: Generator) -> SearchStrategy[str]:
    """Texts drawn as one number each; what fails is made small by ``shrink``."""
    return st.integers(0, (1 << 64) - 1).map(lambda number: generator(Random(number)))


def read_alike(text: str) -> None:
    """Fails with the shortest text that differs, and what both make of it."""
    if differs(text):
        raise AssertionError(str(compare(shrink(text, differs))))


@fuzz(_made_by(tidy), cases=300)
def test_tidy_markdown_is_read_alike(text: str) -> None:
    read_alike(text)


@fuzz(_made_by(wild), cases=300)
def test_wild_markdown_is_read_alike(text: str) -> None:
    read_alike(text)


@fuzz(_made_by(soup), cases=300)
def test_soup_is_read_alike(text: str) -> None:
    read_alike(text)
