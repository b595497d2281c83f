"""A text that disagrees, made as short as it can be while it still does."""

from __future__ import annotations

from collections.abc import Callable


def shrink(text: str, fails: Callable[[str], bool]) -> str:
    """The text with all cut out of it that it can fail without.

    Ever smaller pieces are tried: halves first, single characters last, then all over again until
    nothing more can go.
    """
    before = ""
    while text != before:
        before = text
        size = max(len(text) // 2, 1)
        while size:
            position = 0
            while position < len(text):
                shorter = text[:position] + text[position + size :]
                if fails(shorter):
                    text = shorter
                else:
                    position += size
            size //= 2
    return text
