"""Text made fit to be printed."""

from __future__ import annotations

from collections.abc import Iterable


def printable(text: Iterable[str]) -> str:
    r"""Text that moves no terminal's cursor, changes no colours, and gives no log an order.

    GitHub takes a line that starts with ``::`` for a command, and ``##[`` anywhere in one
    (``ActionCommand.cs`` of its runner): one sign of each is written as ``\u…``.
    """
    plain = "".join(
        " " if sign == "\t" else sign if sign.isprintable() else f"\\u{ord(sign):04x}"
        for sign in text
    )
    plain = plain.replace("##[", r"##\u005b")
    start = len(plain) - len(plain.lstrip())
    return (
        plain[:start] + r"\u003a" + plain[start + 1 :] if plain.startswith("::", start) else plain
    )


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 card``, ``2 cards``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
