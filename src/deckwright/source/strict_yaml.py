"""A small, strict part of YAML: one mapping of keys to texts or lists of texts.

Every scalar is text (``no`` is the word "no"), so nothing depends on YAML's implicit types.
Anchors, aliases, merge keys, tags, duplicate keys and deeper nesting are refused: they have no
use in a card, and each has been used to stall or to run code in a build.
PyYAML's event stream is read without its recursive composer, so depth cannot exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from deckwright.model import ProblemError, Span
from deckwright.rules import Rule

LIMIT = 8 * 1024
"""The longest text accepted, in bytes; PyYAML is slow on what is larger."""

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML 1.1, which is more than in our sources."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, its value (a text, or a tuple of texts) and where the two stand."""

    key: str
    key_at: int
    """Offset of the key in the source."""
    value: str | tuple[str, ...]
    value_at: int
    """Offset of the value in the source."""
    items_at: tuple[int, ...] = ()
    """Offsets of a list's items in the source."""


def read(span: Span, rule: Rule, fix: str) -> tuple[Entry, ...]:
    """Read a span as a mapping.

    Args:
        span: the span.
        rule: the one that is broken where it is none.
        fix: what to do where only the whole form of a line can be told.

    Raises:
        ProblemError: with the offset in the source.
    """
    reader = _Reader(span, rule, fix)
    text = span.text
    if (size := len(text.encode())) > LIMIT:
        what = f"these {size:,} bytes of YAML are over {LIMIT:,}"
        raise reader.refused(span.start, what, "keep to the few keys that a card needs")
    if "\t" in text:  # of which YAML's readers think differently
        at = span.start + text.index("\t")
        raise reader.refused(at, "a tab, where spaces belong", "write spaces in its place")
    try:
        return reader.mapping(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = reader.offset(mark.line, mark.column) if mark else span.start
        raise reader.refused(at, f"not YAML ({_plain(error.problem or 'unreadable')})") from None
    except yaml.YAMLError as error:
        raise reader.refused(span.start, f"not YAML ({_plain(str(error))})") from None


def _plain(problem: str) -> str:
    return " ".join(problem.split())[:120]


class _Reader:
    def __init__(self, span: Span, rule: Rule, fix: str) -> None:
        self.span = span
        self.rule = rule
        self.fix = fix
        self.lines = [0, *(found.end() for found in _LINE_BREAK.finditer(span.text))]

    def refused(self, offset: int, what: str, fix: str = "") -> ProblemError:
        """Why this is not the YAML that we read."""
        return ProblemError(self.rule.at(offset, what, fix or self.fix))

    def offset(self, line: int, column: int) -> int:
        """The offset in the source of a mark's line and column (from 0)."""
        start = self.span.start + self.lines[min(line, len(self.lines) - 1)]
        return min(start + column, max(self.span.start, self.span.end - 1))

    def at(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return self.offset(mark.line, mark.column) if mark else self.span.start

    def mapping(self, events: Iterator[yaml.Event]) -> tuple[Entry, ...]:
        next(events)  # the start of the stream
        document = next(events)
        if isinstance(document, yaml.StreamEndEvent):
            return ()
        self._refuse_extras(event := next(events))
        if isinstance(event, yaml.ScalarEvent) and not event.value:
            return self._ended(events, ())
        if not isinstance(event, yaml.MappingStartEvent):
            raise self.refused(self.at(event), "no keys and values here")
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            entry = self._entry(event, events)
            if entry.key in entries:
                what = f"`{entry.key[:40]}` stands here twice"
                raise self.refused(entry.key_at, what, "take one of the two out")
            entries[entry.key] = entry
        return self._ended(events, tuple(entries.values()))

    def _ended(self, events: Iterator[yaml.Event], entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """What was read, where nothing stands behind it."""
        next(events)  # the end of the document
        if isinstance(event := next(events), yaml.DocumentStartEvent):
            what, fix = "a second YAML document starts here", "take its line --- out"
            raise self.refused(self.at(event), what, fix)
        return entries

    def _entry(self, key: yaml.Event, events: Iterator[yaml.Event]) -> Entry:
        self._refuse_extras(key)
        if not isinstance(key, yaml.ScalarEvent):
            raise self.refused(self.at(key), "a key must be a word")
        if key.value == "<<":
            what, fix = "merge keys are not read", "write each key and its value out"
            raise self.refused(self.at(key), what, fix)
        value = next(events)
        self._refuse_extras(value)
        key_at, value_at = self.at(key), self.at(value)
        if isinstance(value, yaml.ScalarEvent):
            return Entry(key.value, key_at, value.value, value_at)
        if isinstance(value, yaml.SequenceStartEvent):
            items = tuple(self._items(events))
            texts, places = tuple(text for text, _ in items), tuple(at for _, at in items)
            return Entry(key.value, key_at, texts, value_at, places)
        what = f"the value of `{key.value[:40]}` is nested too deeply"
        raise self.refused(value_at, what, "write a text, or a list of texts as [one, two]")

    def _items(self, events: Iterator[yaml.Event]) -> Iterator[tuple[str, int]]:
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            self._refuse_extras(item)
            if not isinstance(item, yaml.ScalarEvent):
                what = "a list may hold words only"
                raise self.refused(self.at(item), what, "write it as [one, two]")
            yield item.value, self.at(item)

    def _refuse_extras(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            what = "anchors (&) and aliases (*) are not read"
            raise self.refused(self.at(event), what, "write the value out, or quote the & or *")
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            what = f"the tag {tag[:40]} is not read"
            raise self.refused(self.at(event), what, "take it out, or quote the !")
