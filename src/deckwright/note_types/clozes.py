"""The clozes of a field as Anki reads them, which knows no more than ``{{c1::``, ``::``, ``}}``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape

_SIGN = re.compile(r"\{\{c(\d+)::|\}\}", re.ASCII)
_MOST_OPEN = 10
"""How many clozes may be open at once: the marks of others are dropped."""
_MOST = 0xFFFF
"""The largest number of a cloze: a greater one makes none."""


@dataclass(slots=True)
class Cloze:
    """A cloze, with what it hides: texts and other clozes."""

    number: int
    inner: list[str | Cloze] = field(default_factory=list)
    hint: str = "..."


def read_clozes(text: str) -> list[str | Cloze]:
    """The texts and clozes of a field, in order; one that never closes is lost with its text."""
    outer: list[str | Cloze] = []
    opened: list[Cloze] = []
    position = 0

    def add(end: int) -> None:
        if position < end and opened:
            shown, colons, hint = text[position:end].partition("::")
            opened[-1].inner.append(shown)
            opened[-1].hint = hint if colons else opened[-1].hint
        elif position < end:
            outer.append(text[position:end])

    for sign in _SIGN.finditer(text):
        if sign[1] and int(sign[1][-9:]) > _MOST:
            continue
        add(sign.start())
        position = sign.end()
        if sign[1] and len(opened) < _MOST_OPEN:
            opened.append(Cloze(int(sign[1])))
        elif not sign[1] and opened:
            closed = opened.pop()
            (opened[-1].inner if opened else outer).append(closed)
        elif not sign[1]:
            outer.append(sign[0])
    add(len(text))
    return outer


def all_clozes(nodes: Iterable[str | Cloze]) -> Iterator[Cloze]:
    """The clozes among some nodes and in each other."""
    for node in nodes:
        if isinstance(node, Cloze):
            yield node
            yield from all_clozes(node.inner)


def all_shown(nodes: Iterable[str | Cloze]) -> str:
    """A text with nothing hidden, without any mark."""
    return "".join(node if isinstance(node, str) else all_shown(node.inner) for node in nodes)


def one_side(text: str, number: int, *, question: bool) -> str:
    """A field on a side of the card of a cloze; empty where it has no cloze of that number."""
    nodes = read_clozes(text)
    if not any(cloze.number == number for cloze in all_clozes(nodes)):
        return ""
    return "".join(_shown(nodes, number, question=question))


def _shown(nodes: Iterable[str | Cloze], number: int, *, question: bool) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
            continue
        inner = "".join(_shown(node.inner, number, question=question))
        ordinal = f'data-ordinal="{node.number}"'
        if node.number != number:
            yield f'<span class="cloze-inactive" {ordinal}>{inner}</span>'
        elif question:
            hidden = _in_attribute(inner)
            yield f'<span class="cloze" data-cloze="{hidden}" {ordinal}>[{node.hint}]</span>'
        else:
            yield f'<span class="cloze" {ordinal}>{inner}</span>'


def _in_attribute(text: str) -> str:
    """A text as Anki writes it into an attribute: each sign below U+0100 but letters and digits."""
    return re.sub(
        r"[^A-Za-z0-9\u0100-\U0010ffff]",
        lambda sign: escape(sign[0]) if sign[0] in "&<>\"'" else f"&#x{ord(sign[0]):02X};",
        text,
    )
