"""A small, strict part of YAML: one mapping of keys to texts or lists of texts, with their places.

Every scalar is text (``no`` is the word "no"), so nothing depends on YAML's implicit types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from deckwright.model import Problem, Rule, Span

LIMIT = 8 * 1024
"""The longest text accepted, in bytes; PyYAML is slow on larger ones."""

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""The ends of lines in YAML 1.1, which has more of them than our sources."""
_TAGS = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, its value (a text, or a tuple of texts), and their offsets in the source."""

    key: str
    key_at: int
    value: str | tuple[str, ...]
    value_at: int
    value_end: int
    items_at: tuple[int, ...] = ()
    """The offsets of a list's items."""


class _RefusedError(Exception):
    """The offset, what is wrong there, and what to do; empty for the general cure."""


def read(span: Span, rule: Rule, fix: str) -> tuple[tuple[Entry, ...], Problem | None]:
    """Read a span as a mapping.

    Args:
        span: the text.
        rule: the rule of the problem.
        fix: the cure of a problem that has no better one.

    Returns:
        The entries, or none and what is wrong with the text.
    """
    text = span.text
    lines = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def at(mark: Any, *, end: bool = False) -> int:
        if not mark:
            return span.start
        start = span.start + lines[min(mark.line, len(lines) - 1)]
        return int(min(start + mark.column, max(span.start, span.end - (not end))))

    try:
        if (size := len(text.encode())) > LIMIT:
            what = f"these {size:,} bytes of YAML are over {LIMIT:,}"
            raise _RefusedError(span.start, what, "keep only the few keys that a card needs")
        if "\t" in text:  # YAML's readers disagree about tabs
            raise _RefusedError(span.start + text.index("\t"), "a tab", "write spaces instead")
        for event in yaml.parse(text, _LOADER):
            if getattr(event, "anchor", None):  # the word would be lost
                what, cure = "anchors (&) and aliases (*) are not read", "quote the & or *"
                raise _RefusedError(at(event.start_mark), what, cure)
        return tuple(_entries(yaml.compose(text, _LOADER), at)), None
    except _RefusedError as refused:
        offset, what, cure = refused.args
        problem = rule.at(offset, what, cure or fix)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        words = getattr(error, "problem", None) or str(error)
        if words.startswith("but found another document"):
            words = "a second YAML document starts here"
        problem = rule.at(at(mark), f"not YAML ({' '.join(words.split())[:120]})", fix)
    return (), problem


def _entries(node: yaml.Node | None, at: Callable[..., int]) -> Iterator[Entry]:
    """The entries of a mapping; none of an empty text."""
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return
    if not isinstance(node, yaml.MappingNode) or node.tag not in _TAGS:
        raise _RefusedError(at(node.start_mark), "no keys and values here", "")
    seen: set[str] = set()
    for key, value in node.value:
        name, key_at = _text(key, at, "a key must be a word", ""), at(key.start_mark)
        if name in seen:
            raise _RefusedError(key_at, f"`{name[:40]}` is here twice", "remove one of the two")
        seen.add(name)
        stretch = at(value.start_mark), at(value.end_mark, end=True)
        if isinstance(value, yaml.SequenceNode) and value.tag in _TAGS:
            what, fix = "a list may hold words only", "write it as [one, two]"
            items = tuple(_text(item, at, what, fix) for item in value.value)
            places = tuple(at(item.start_mark) for item in value.value)
            yield Entry(name, key_at, items, *stretch, places)
        else:
            what = f"the value of `{name[:40]}` is nested too deeply"
            text = _text(value, at, what, "write a text, or a list of texts as [one, two]")
            yield Entry(name, key_at, text, *stretch)


def _text(node: yaml.Node, at: Callable[[Any], int], what: str, fix: str) -> str:
    """The text of a scalar."""
    if node.tag not in _TAGS:  # the rest of the word would be lost
        what, fix = f"the tag {node.tag[:40]} is not read", "remove it, or quote the !"
    elif isinstance(node, yaml.ScalarNode):
        return str(node.value)
    raise _RefusedError(at(node.start_mark), what, fix)
