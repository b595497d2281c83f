"""Clozes around blocks: their marks go to where an element may begin and end.

Anki puts a ``<span>`` in the place of a cloze. Of ``{{c1::`` in one paragraph and ``}}`` in the
next, only the first would be shown as hidden text; so each mark moves over the tags beside it, and
the span goes around the paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from deckwright.formulas.parts import Mark, MarkKind
from deckwright.rendering.inlines import TOKEN
from deckwright.rendering.tags import VOID

_ITEM = re.compile(
    rf"{TOKEN.pattern}|<(?P<close>/?)(?P<name>[a-z][a-z0-9]*)"
    r"""(?:\s[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+)?>|[^<\ue000]++|.""",
    re.DOTALL,
)
_HOLDS_NO_SPAN = frozenset("table thead tbody tfoot tr colgroup".split())
"""Elements out of which a browser would take the span."""
_MOST = 100
"""So many clozes are moved; a card that has more of them is named as it is."""


@dataclass(eq=False, slots=True)
class _Item:
    """A tag, a text, or the token of a piece; each is one of its own, whatever it says."""

    text: str
    opens: str = ""
    """The name of the element that it opens."""
    closes: str = ""
    """The name of the element that it closes."""
    mark: Mark | None = None

    @property
    def blank(self) -> bool:
        """Whether it is white space."""
        return not self.text.strip()


_Pair = tuple[_Item, _Item]
"""The first and the last mark of a cloze."""


def around(html: str, marks: Mapping[int, Mark]) -> tuple[str, list[tuple[Mark, Mark]]]:
    """HTML whose clozes are as well nested as moving their marks makes them.

    Args:
        html: what the reader of Markdown made, with tokens.
        marks: the marks of clozes by the numbers of their tokens.

    Returns:
        the HTML, and the first and last marks of the clozes that still end in another element.
    """
    if not marks or "<" not in html:
        return html, []
    items = [*_items(html, marks)]
    apart = _apart(items)
    if not apart:
        return html, []
    left = apart[_MOST:]
    for pair in apart[:_MOST]:
        moved = _moved(items, pair)
        items = moved or items
        left += [] if moved else [pair]
    return "".join(item.text for item in items), [
        (one.mark, other.mark) for one, other in left if one.mark and other.mark
    ]


def _items(html: str, marks: Mapping[int, Mark]) -> Iterator[_Item]:
    for found in _ITEM.finditer(html):
        name = found["name"]
        if found[1]:
            yield _Item(found[0], mark=marks.get(int(found[1])))
        elif name and name not in VOID:
            yield _Item(found[0], closes=name) if found["close"] else _Item(found[0], opens=name)
        else:
            yield _Item(found[0])


def _apart(items: list[_Item]) -> list[_Pair]:
    """The marks of the clozes that end in another element, in the order in which they open."""
    opened: list[tuple[_Item, _Item | None]] = []
    stack: list[_Item] = []
    pairs: dict[_Item, _Item] = {}
    for item in items:
        inside = stack[-1] if stack else None
        if item.opens:
            stack.append(item)
        elif item.closes and stack:
            stack.pop()
        elif item.mark and item.mark.kind is MarkKind.OPEN:
            opened.append((item, inside))
            pairs[item] = item  # until it closes, which keeps the order
        elif item.mark and item.mark.kind is MarkKind.CLOSE and opened:
            first, element = opened.pop()
            if element is inside:
                del pairs[first]
            else:
                pairs[first] = item
    return [(one, other) for one, other in pairs.items() if one is not other]


def _path(items: list[_Item], until: _Item) -> list[_Item]:
    """The start tags of the elements around an item."""
    stack: list[_Item] = []
    for item in items:
        if item is until:
            break
        if item.opens:
            stack.append(item)
        elif item.closes and stack:
            stack.pop()
    return stack


def _moved(items: list[_Item], pair: _Pair) -> list[_Item]:
    """The items with a cloze that is well nested; empty where it cannot be."""
    opened, closed = pair
    one, other = (_path(items, mark) for mark in pair)
    common = len([*takewhile(lambda both: both[0] is both[1], zip(one, other, strict=False))])
    while common and one[common - 1].opens in _HOLDS_NO_SPAN:
        common -= 1
    begin, stop = items.index(opened), items.index(closed)
    last = begin + _end_of_hidden(items[begin : stop + 1])
    if any(item.opens or item.closes for item in items[last:stop]):
        last = stop  # what goes over tags is no hint
    start = _outside(items, begin, begin, len(one) - common, forwards=False)
    end = _outside(items, last, stop, len(other) - common, forwards=True)
    if start is None or end is None or start >= end:
        return []
    moved: list[_Item] = []
    for at in range(len(items) + 1):
        moved += [opened] if at == start else []
        moved += items[last : stop + 1] if at == end else []
        moved += items[at : at + 1] if at != begin and not last <= at <= stop else []
    return _without_empty(moved)


def _end_of_hidden(cloze: list[_Item]) -> int:
    """The index in a cloze of the mark of its hint, or else of its last mark."""
    depth = 0
    for at, item in enumerate(cloze):
        kind = item.mark.kind if item.mark else None
        depth += {MarkKind.OPEN: 1, MarkKind.CLOSE: -1}.get(kind, 0) if kind else 0
        if depth == 1 and kind is MarkKind.HINT:
            return at
    return len(cloze) - 1


def _outside(
    items: list[_Item], first: int, last: int, levels: int, *, forwards: bool
) -> int | None:
    """Where some items come to lie outside of so many elements, with nothing else between.

    What opens a cloze goes before start tags, or else behind end tags; what closes one, the
    other way round.
    """
    behind, before = last + 1, first
    for _ in range(levels):
        behind = _next(items, behind, 1)
        before = _next(items, before - 1, -1) + 1
        behind = behind + 1 if 0 <= behind < len(items) and items[behind].closes else len(items) + 1
        before = before - 1 if before and items[before - 1].opens else -1
    if levels == 0:
        return behind if forwards else before
    places = (behind, before) if forwards else (before, behind)
    return next((at for at in places if 0 <= at <= len(items)), None)


def _next(items: list[_Item], at: int, step: int) -> int:
    """The index of the next item that is not blank, from one on."""
    while 0 <= at < len(items) and items[at].blank:
        at += step
    return at


def _without_empty(items: list[_Item]) -> list[_Item]:
    """The items without the paragraphs in which only a mark was."""
    kept: list[_Item] = []
    for item in items:
        if item.closes == "p" and kept and kept[-1].opens == "p":
            kept.pop()
        else:
            kept.append(item)
    return kept
