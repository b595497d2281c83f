"""The definitions of links, ``[label]: address``: on GitHub they hold for the whole file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from deckwright.model import Diagnostic, Source, Span
from deckwright.rendering.blocks import Structure, structure
from deckwright.rendering.inlines import Target
from deckwright.rendering.markdown import TooDeepError, read
from deckwright.rendering.pieces import Scan
from deckwright.rendering.placeholders import mask, with_tokens
from deckwright.rendering.scan import scan
from deckwright.rules.text import LOST_TEXT
from deckwright.source.limits import MAX_CARD, excess
from deckwright.source.lines import Outline
from deckwright.source.unicode import FORBIDDEN


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
        """The text of a stretch of the file without the definitions in it, and their blank lines.

        So it is the same text wherever in the file they stand.
        """
        text, end = span.source.text, span.end
        kept: list[str] = []
        for one in reversed(self.defined):
            if span.start <= one.start < end:
                kept.append(text[one.end : end])
                end = one.start
        kept.append(text[span.start : end])
        if len(kept) == 1:
            return kept[0]
        return "\n\n".join(stripped for part in reversed(kept) if (stripped := part.strip("\n")))


NO_REFERENCES = References()


def references(outline: Outline, texts: Iterable[Span], prose: Span) -> References:
    """The definitions in the texts of a file's cards and in its prose, however long that is."""
    if "]:" not in outline.source.text:
        return NO_REFERENCES
    defined: list[Defined] = []
    footnotes: set[str] = set()
    for span in (prose, *texts):
        if "]:" in span.text:
            found = structure(span.text)
            defined += _defined(span, found)
            footnotes.update(found.footnotes.values())
    defined.sort(key=lambda one: one.start)
    targets = {one.name: one.target for one in reversed(defined)}
    return References(tuple(defined), _used(outline, prose, targets), frozenset(footnotes))


def _defined(span: Span, found: Structure) -> Iterator[Defined]:
    """The definitions in a stretch of a file."""
    text = span.source.text
    for one in found.definitions:
        start = span.start + found.content(one.line)[0]
        end = text.find("\n", span.start + found.starts[one.line + one.lines - 2])
        yield Defined(one.name, one.target, start, len(text) if end < 0 else end)


def _used(outline: Outline, prose: Span, targets: Mapping[str, Target]) -> frozenset[str]:
    """The names that prose uses; all of them, where it is too much to be read."""
    scanned = scan(outline, prose)
    too_long = prose.end - prose.start > MAX_CARD
    if not too_long and not FORBIDDEN.search(prose.text) and not excess(mask(scanned)):
        with suppress(TooDeepError):
            text = with_tokens(scanned).text
            return frozenset(read(text, targets=targets, sources=sources_of(scanned)).used)
    return frozenset(targets)


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
