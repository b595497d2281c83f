"""What a deck asks of each of its cards, in ``[required]`` of its deck.toml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from deckwright.model import Card, NoteType, Problem, Required, Rule, Severity, Source, Stake
from deckwright.note_types import SOURCE
from deckwright.source.deck_toml import SOME

MISSING_PART = Rule(
    "missing-part",
    "In a deck whose `[required]` lists a part, each card has it whose note type knows it.",
    stake=Stake.STYLE,
)

MISSING_TAG = Rule(
    "missing-tag",
    "In a deck whose `[required]` lists a kind of tags, each card has one of that kind, or some.",
    stake=Stake.STYLE,
)

UNLISTED_WORK = Rule(
    "unlisted-work",
    "In a deck whose `[required]` names a list of works, each one that a `### Source` cites as "
    "`Author (year)` is in it.",
    stake=Stake.STYLE,
)

UNCITED_WORK = Rule(
    "uncited-work",
    "In a deck whose `[required]` names a list of works, a card cites each of them.",
    severity=Severity.WARNING,
)

_SHOWN_TAGS = 6

_YEAR = re.compile(r"\(\[?(\d{4}[a-z]?)(?=[\]),;])")
"""A year in brackets, which may be a link: ``(2014)``, ``([2014](https://…))``."""
_PHRASE = re.compile(r"[^\w ,&.'’-]|(?<![^\W\d_a-z])\. ")
"""What ends a phrase, as names are; not the full stop of an initial."""
_LEAD = re.compile(r"^(?:(?:see|also|after|from|following|based on|as in|in|by|cf)\.? +)+", re.I)
_ET_AL = re.compile(r" et al\.?$")
_BETWEEN = re.compile(r"[,&]|\band\b|\bet al\b")
_ENTRY = re.compile(r"^ {0,3}(?:[-*+]|\d+[.)]) +(?P<text>\S.*)$", re.MULTILINE)
_WIDEST = 200
"""Characters of the names before a year."""


class _Work(NamedTuple):
    """A work that is cited or listed."""

    names: tuple[str, ...]
    """The last words of the names of its authors, in small letters."""
    year: str
    at: int
    """Where its names begin in the text."""
    words: str
    """As it is written."""


def wrong_with_required(
    cards: Sequence[tuple[Card, NoteType]],
    required: Required,
    references: Source | None,
    sources: Iterable[Source],
) -> Iterator[Problem]:
    """What cards lack that their deck asks for; ``references`` is its list of works."""
    for card, kind in cards:
        yield from _missing_parts(card, kind, required.parts)
    tags = Counter(tag for card, _ in cards for tag in card.tags)
    known = {kind: _known(kind, which, tags) for kind, which in required.tags.items()}
    for card, _ in cards:
        yield from _wrong_tags(card, required.tags, known)
    if references:
        yield from _wrong_works([card for card, _ in cards], references, sources)


def _missing_parts(card: Card, kind: NoteType, parts: Iterable[str]) -> Iterator[Problem]:
    has = {part.name for part in card.parts}
    for name in parts:
        if name not in has and kind.field_of(name):
            what = f"this card has no ### {name}, which each card of this deck has"
            yield MISSING_PART.at(card.place, what, f"write ### {name} below its answer, with text")


def _known(kind: str, which: str | Sequence[str], used: Counter[str]) -> tuple[str, ...]:
    """Some tags of a kind: those that may be, or else those that cards have, most of them first."""
    if not isinstance(which, str):
        return tuple(f"{kind}::{word}" for word in which)
    found = (_written(tag, kind) for tag, _ in used.most_common() if _is_of(tag, kind))
    return tuple(islice(found, _SHOWN_TAGS + 1)) or (f"{kind}::a-word",)


def _wrong_tags(
    card: Card, kinds: Mapping[str, str | Sequence[str]], known: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    for kind, which in kinds.items():
        own = [_written(tag, kind) for tag in card.tags if _is_of(tag, kind)]
        wrong = [tag for tag in own if not isinstance(which, str) and tag not in known[kind]]
        if own and not wrong and (which == SOME or len(own) == 1):
            continue
        some = known[kind]
        others = f"{', '.join(some[:_SHOWN_TAGS])}{' …' if some[_SHOWN_TAGS:] else ''}"
        if wrong:
            what, fix = f"this deck has no tag {wrong[0]}", f"write one of {others}"
        elif own:
            what, fix = f"this card has the tags {' and '.join(own)}", "leave one of them"
        else:
            what = f"this card has no tag {kind}::…, which each card of this deck has"
            fix = f"add one of {others} to {_tags_of(card, some[0])}"
        yield MISSING_TAG.at(card.place, what, fix)


def _tags_of(card: Card, tag: str) -> str:
    """Where a card's tags are written, and how, where it has none."""
    comment = card.source.text[card.prompt.end : card.answer.start]
    if re.search(r"^\s*tags\s*:", comment, re.MULTILINE):
        return "the tags in its comment"
    lines = ("<!--", f"id: {card.id}", f'tags: ["{tag}"]', "-->")
    return f"its comment, which has a line for each key: {' / '.join(lines)}"


def _is_of(tag: str, kind: str) -> bool:
    """Whether a tag, which may have the deck's prefix, is of a kind."""
    return f"::{kind}::".casefold() in f"::{tag}".casefold()


def _written(tag: str, kind: str) -> str:
    """A tag as a card has it, without the deck's prefix."""
    return tag[f"::{tag}".casefold().index(f"::{kind}::".casefold()) :]


def _wrong_works(
    cards: Iterable[Card], references: Source, sources: Iterable[Source]
) -> Iterator[Problem]:
    listed = [*_listed(references.text)]
    known = {(name, one.year) for one in listed for name in one.names}
    for card in cards:
        for part in card.parts:
            for one in _cited(part.span.text) if part.name == SOURCE else ():
                if known.isdisjoint((name, one.year) for name in one.names):
                    what = f"{references.path} does not list {one.words}"
                    fix = f"add a line to it: - {one.words}. Title. Where it was published"
                    yield UNLISTED_WORK.at(part.span.place(one.at), what, fix)
    cited = {
        (name, one.year) for source in sources for one in _cited(source.text) for name in one.names
    }
    for one in listed:
        if cited.isdisjoint((name, one.year) for name in one.names):
            what, fix = f"no card cites {one.words}", "cite it under ### Source, or remove it here"
            yield UNCITED_WORK.at(references.place(one.at), what, fix)


def _cited(text: str) -> Iterator[_Work]:
    """The works that a text cites as ``Author (year)``, with any number of authors."""
    for year in _YEAR.finditer(text):
        end = year.start()
        line = text[max(0, end - _WIDEST) : end].rpartition("\n")[2].rstrip(" [")
        names = _from_first_name(_PHRASE.split(_ET_AL.sub("", line))[-1].strip(" ,&"))
        if authors := _last_words(names):
            at = text.rfind(names, 0, end)
            yield _Work(authors, year[1], at, f"{text[at:end].strip()} ({year[1]})")


def _from_first_name(phrase: str) -> str:
    """The end of a phrase, from the first of its parts on that may be a name."""
    parts = phrase.split(", ")
    while parts and not _last_words(parts[0]):
        parts = parts[1:]
    return _LEAD.sub("", ", ".join(parts))


def _listed(text: str) -> Iterator[_Work]:
    """The works of a list, each an item that begins with its first author and has its year."""
    for entry in _ENTRY.finditer(text):
        year = _YEAR.search(entry["text"])
        first = re.split(r",| \(|&| and ", entry["text"], maxsplit=1)[0]
        if year and (names := _last_words(first)[:1]):
            yield _Work(names, year[1], entry.start("text"), f"{first[:_WIDEST]} ({year[1]})")


def _last_words(text: str) -> tuple[str, ...]:
    """The last word of each name in a list of names; initials, numbers and small words are none."""
    words = (name.split()[-1:] for name in _BETWEEN.split(text))
    found = (word.strip(".'’-") for last in words for word in last)
    return tuple(word.casefold() for word in found if len(word) > 1 and word[:1].isupper())
