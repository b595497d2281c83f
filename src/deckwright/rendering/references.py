"""The definitions of links, ``[label]: address``: on GitHub they hold for the whole file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from deckwright.characters import FORBIDDEN
from deckwright.limits import MAX_CARD, excess
from deckwright.model import Diagnostic, Source, Span
from deckwright.outline import Outline
from deckwright.passage import Woven, mask, with_tokens
from deckwright.pieces import Scan
from deckwright.rendering.inlines import TOKEN, Target
from deckwright.rendering.markdown import Reading, TooDeepError, read
from deckwright.rules.text import LOST_TEXT
from deckwright.scan import scan


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition, and where it stands in its file."""

    name: str
    target: Target
    start: int
    """The offset of its bracket."""
    end: int
    """The offset of the end of its last line."""


@dataclass(frozen=True)
class References:
    """The definitions of a file, in order."""

    defined: tuple[Defined, ...] = ()
    used: frozenset[str] = frozenset()
    """The names that the file's prose uses, before its first card."""
    footnotes: frozenset[str] = frozenset()
    """The names of footnotes that the file defines, each with its ``^``."""

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """Where each name leads: of several definitions, the first holds."""
        return {one.name: one.target for one in reversed(self.defined)}

    def without(self, span: Span) -> str:
        """The text of a stretch of the file without the definitions in it."""
        text, end = span.source.text, span.end
        kept: list[str] = []
        for one in reversed(self.defined):
            if span.start <= one.start < end:
                kept.append(text[one.end : end])
                end = one.start
        return "".join((text[span.start : end], *reversed(kept)))


NO_REFERENCES = References()


def references(outline: Outline, texts: Iterable[Span], prose: Span) -> References:
    """The definitions in the texts of a file's cards and in its prose."""
    if "]:" not in outline.source.text:
        return NO_REFERENCES
    defined: list[Defined] = []
    footnotes: set[str] = set()
    for span in (prose, *texts):
        if "]:" in span.text:
            reading, woven = _read(outline, span, {})
            defined += _defined(outline, span, reading, woven)
            footnotes.update(reading.footnotes.values())
    defined.sort(key=lambda one: one.start)
    found = References(tuple(defined), footnotes=frozenset(footnotes))
    reading, _ = _read(outline, prose, found.targets)
    return replace(found, used=frozenset(reading.used))


def _defined(outline: Outline, span: Span, reading: Reading, woven: Woven) -> Iterator[Defined]:
    """The definitions in a stretch of a file."""
    text, sources = span.source.text, sources_of(scan(outline, span))
    for one in reading.definitions:
        start = text.index("[", woven.offset(one.line))
        end = text.find("\n", woven.offset(one.line + one.lines - 1))
        target = Target(*(TOKEN.sub(lambda token: sources[int(token[1])], it) for it in one.target))
        yield Defined(one.name, target, start, len(text) if end < 0 else end)


def _read(outline: Outline, span: Span, targets: Mapping[str, Target]) -> tuple[Reading, Woven]:
    """A stretch of a file as GitHub reads it; nothing where the card that it is of cannot be."""
    scanned = scan(outline, span)
    woven = with_tokens(scanned)
    too_long = span.end - span.start > MAX_CARD  # as only prose may be
    if not too_long and not FORBIDDEN.search(span.text) and not excess(mask(scanned)):
        with suppress(TooDeepError):
            return read(woven.text, targets=targets, sources=sources_of(scanned)), woven
    return Reading(""), woven


def sources_of(scanned: Scan) -> Sequence[str]:
    """What each token of a passage stands for."""
    text = scanned.span.source.text
    return [text[piece.start : piece.end] for piece in scanned.pieces]


def unused_definitions(
    references: References, used: frozenset[str], source: Source
) -> Iterator[Diagnostic]:
    """Definitions that no link of the file uses, which no reader would see."""
    lines: dict[str, int] = {}
    for one in references.defined:
        label = one.name[:40]
        line = source.place(one.start).line
        if one.name not in used | references.used:
            what = f"nothing uses the definition of [{label}], and nobody sees it"
            cure = f"link to it as [words][{label}], take it out, or write \\[ for a bracket"
            yield LOST_TEXT.at(source.place(one.start), what, cure)
        elif (first := lines.setdefault(one.name, line)) != line:
            what = f"[{label}] is defined in line {first} already, and only that counts"
            yield LOST_TEXT.at(source.place(one.start), what, "take one out, or rename it")
