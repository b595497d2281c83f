"""How long work tells how far it is: the one who asked decides whether that is shown."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there are."""


def quiet(_words: str, _done: int, _total: int) -> None:
    """Show nothing."""
