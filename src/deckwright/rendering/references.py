"""The definitions of links, ``[label]: address``: on GitHub they hold for the whole file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from deckwright.model import Card, Problem, Rule, Source, Span, Stake
from deckwright.rendering.inlines import Target, label_name
from deckwright.rendering.pieces import Scan
from deckwright.source.cards import CardFile
from deckwright.source.limits import MAX_NESTING
from deckwright.source.lines import Outline
from deckwright.source.problems import MAX_ALIKE, some
from deckwright.source.unicode import entities

TOO_DEEP = Rule(
    "too-deep",
    "Lists and quotes are nested at most a hundred deep.",
    stake=Stake.PACKAGE,
)

LOST_TEXT = Rule(
    "lost-text",
    "A learner sees every word of a card. Text in a place that is not shown, such as an "
    "unused link definition, would be lost.",
)


_NAME = re.compile(r"\\.|\[(?P<label>(?:\\.|[^\[\]\\]){1,999}+)\]", re.DOTALL)
"""What may be the label of a link, or else an escape, which begins none."""
_ALMOST_CARD = re.compile(
    r"^[ \t]*(?:(?:>|[-*+]|\d+[.)])[ \t]*)*(?P<at>\\?#{2}[ \t]+\S|\uff03{2}|<h2\b)"
    r"|^(?P<line>\S.*\n-{3,})[ \t]*$|(?P<cloze>\{\{c\d+::)",
    re.MULTILINE | re.IGNORECASE,
)
"""What a reader may take for a card that is none: in a quote, an item, HTML, or underlined."""


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition, and its place in its file."""

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
    """The names in brackets in the file's prose, before its first card."""
    footnotes: frozenset[str] = frozenset()
    """The names of footnotes that the file defines, each with its ``^``."""
    problems: tuple[Problem, ...] = ()
    """What of its prose was not read."""

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """Where each name leads: of several definitions, the first holds."""
        return {one.name: one.target for one in reversed(self.defined)}


NO_REFERENCES = References()


def references(outline: Outline) -> References:
    """The definitions in a file, but for those with entities for characters of no text."""
    source = outline.source
    first = next((one.start for one in outline.headings if one.level == 2), None)
    lost = tuple(_lost_cards(source, outline.body, first)) if first else ()
    if "]:" not in source.text:
        return References(problems=lost) if lost else NO_REFERENCES
    prose = Span(source, outline.body, len(source.text) if first is None else first)
    blocks = outline.blocks
    hidden = {one: [*_hidden(one, source.text)] for one in _defined(outline)}
    defined = tuple(one for one, found in hidden.items() if not found)
    deep = outline.body + blocks.starts[blocks.too_deep - 1] if blocks.too_deep else prose.end
    # What is in a card is named where that is read.
    problems = [one for found in hidden.values() for one in found if one.at < prose.end]
    problems += [_unread(deep)] if deep < prose.end else []
    used = frozenset(_names(prose, {one.start for one in hidden}))
    placed = (*lost, *(one.placed(source) for one in problems))
    return References(defined, used, frozenset(blocks.footnotes.values()), placed)


def _lost_cards(source: Source, start: int, first: int) -> Iterator[Problem]:
    """What was meant as a card above the first one, where text is for those who read the source."""
    for found in _ALMOST_CARD.finditer(source.text, start, first):
        if not _in_fence(source.text, start, found.start()):
            what = "this is above the first card, and learners see nothing of it"
            fix = "begin a card with ## at the start of a line"
            yield LOST_TEXT.at(found.start(found.lastgroup or 0), what, fix).placed(source)


def _in_fence(text: str, start: int, at: int) -> bool:
    """Whether an offset of a prose is in code between fences."""
    return len(re.findall(r"^ {0,3}(?:```|~~~)", text[start:at], re.MULTILINE)) % 2 == 1


def _hidden(one: Defined, text: str) -> Iterator[Problem]:
    """The entities in a definition for characters that have no place in a deck."""
    found = entities(text[one.start : one.end])
    return (problem.moved(one.start) for problem in found)


def without_definitions(outline: Outline, span: Span) -> str:
    """The text of a stretch of a card without the definitions in it, and their blank lines.

    So it is the same text wherever in the file they are.
    """
    text, end = span.source.text, span.end
    kept: list[str] = []
    for one in reversed([*_defined(outline)]):
        if span.start <= one.start < end:
            kept.append(text[one.end : end])
            end = one.start
    kept.append(text[span.start : end])
    if len(kept) == 1:
        return kept[0]
    parts = (part.lstrip("\n").rstrip() for part in reversed(kept))
    return "\n\n".join(filter(None, parts))


def _defined(outline: Outline) -> Iterator[Defined]:
    """The definitions in a file, in order."""
    text, blocks = outline.source.text, outline.blocks
    for one in blocks.definitions:
        start = outline.body + blocks.content(one.line)[0]
        end = text.find("\n", outline.body + blocks.starts[one.line + one.lines - 2])
        yield Defined(one.name, one.target, start, len(text) if end < 0 else end)


def _names(prose: Span, defined: AbstractSet[int]) -> Iterator[str]:
    """The names in brackets in a text: each may be that of a link, but where it is defined."""
    for found in _NAME.finditer(prose.text):
        if found["label"] and prose.start + found.start() not in defined:
            yield label_name(found["label"])


def _unread(at: int) -> Problem:
    """The problem of prose that is too deep to be read, from a line on."""
    what = f"more than {MAX_NESTING} lists and quotes are open here, and no link is defined in more"
    return TOO_DEEP.at(at, what, "write them flatter")


def sources_of(scanned: Scan) -> Sequence[str]:
    """The text that each token of a passage replaces."""
    text = scanned.span.source.text
    return [text[piece.start : piece.end] for piece in scanned.pieces]


def unused_definitions(
    files: Iterable[CardFile],
    links: Mapping[str, References],
    used: Iterable[tuple[Card, frozenset[str]]],
) -> Iterator[Problem]:
    """What is wrong with the definitions and the prose of each file whose cards were all read.

    ``links`` are the definitions by the path of their file, ``used`` the names of those that each
    card uses.
    """
    of_file: dict[str, list[frozenset[str]]] = defaultdict(list)
    for card, names in used:
        of_file[card.source.path].append(names)
    for file in files:
        source, defined = file.outline.source, links[file.outline.source.path]
        yield from defined.problems
        if defined.defined and len(of_file[source.path]) == file.headings:
            names = frozenset[str]().union(*of_file[source.path])
            yield from some(_unused(defined, names, source), MAX_ALIKE)


def _unused(references: References, used: frozenset[str], source: Source) -> Iterator[Problem]:
    """Definitions that no link of the file uses, which no reader would see."""
    lines: dict[str, int] = {}
    for one in references.defined:
        label = one.name[:40]
        line = source.place(one.start).line
        if one.name not in used and one.name not in references.used:
            what = f"nothing uses the definition of [{label}], so it is not shown"
            fix = f"link to it as [words][{label}], remove it, or write \\[ for a bracket"
            yield LOST_TEXT.at(one.start, what, fix).placed(source)
        elif (first := lines.setdefault(one.name, line)) != line:
            what = f"[{label}] is defined in line {first} already, and only that counts"
            yield LOST_TEXT.at(one.start, what, "remove one, or rename it").placed(source)
