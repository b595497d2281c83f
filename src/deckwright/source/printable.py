"""Text that is not trusted, made fit for where it goes: one function for each target.

HTML is the standard library's ``html.escape``; GitHub's annotations are `commands.report`'s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_IN_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~$&]|^[-+=#:]|^(?P<number>\d{1,9})(?=[.)])")
"""What Markdown reads as more than a sign: anywhere, or where a line starts."""
_APART = "\u200b"
"""An invisible space: with it, GitHub links nothing and notifies no person."""
_LINKED = re.compile(
    r"[@#]|gh-(?=\d)|:(?=//)|www(?=\.)|(?:mailto|xmpp)(?=:)|[0-9a-f]{6}(?=[0-9a-f])",
    re.IGNORECASE,
)
"""What GitHub links besides: mentions, issues, addresses, commits."""


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


def in_json(data: object) -> str:
    """JSON whose text is as harmless; for a program that reads it, it is the same."""
    text = json.dumps(data, ensure_ascii=False, indent=2).replace("##[", r"##\u005b")
    return "".join(
        sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text
    )


def in_markdown(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    plain = printable(text).lstrip()
    return _IN_MARKDOWN.sub(lambda one: f"{one[0]}\\" if one["number"] else rf"\{one[0]}", plain)


def on_github(text: str) -> str:
    """Text that Markdown shows as it is, and of which GitHub makes no link and no mention."""
    return _LINKED.sub(rf"\g<0>{_APART}", in_markdown(text))


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 card``, ``2 cards``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(number: int) -> str:
    """A number of bytes for people."""
    if number < 1000:
        return count(number, "byte")
    return f"{number / 1e6:.1f} MB" if number >= 1e6 else f"{number / 1e3:.0f} kB"
