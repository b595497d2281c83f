"""Single cards as real Anki renders them, and what is wrong with each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from deckwright.model import Progress, quiet
from deckwright.real_anki.contents import CardRow, Contents, in_collection, in_package, seen
from deckwright.real_anki.followed import faults
from deckwright.real_anki.scratch import (
    AnkiMessages,
    Refused,
    Scratch,
    Shown,
    plain,
    scratch_collection,
)

BATCH = 200
"""Cards rendered between two calls of the progress function."""

BLANK = "fill the fields of its front, or leave the card out"
TEMPLATE = "correct the template or the field"

SHOWN = re.compile(r"<(?:img|svg|audio|video|object|input|canvas)\b|\[anki:", re.IGNORECASE)
"""What can be seen or heard of a card without being text."""

UNREPLACED = re.compile(r"\{\{(?:c\d+::|[#^/]?(?:[\w-]+:)*(?P<field>[^{}:]+)\}\})")
"""A cloze, or the place of a field, that Anki left in the text of a card."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing a learner should not get: what it is, in plain words, and what to do about it."""

    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class RenderedCard:
    """A card as Anki renders it; ``note`` is the field ``Id``, else the start of the first field.

    Where the learner types, the question holds ``[[type:…]]``: Anki's reviewer puts the box there.
    """

    note: str
    deck: str
    template: str
    question: str
    answer: str
    css: str


def rendered(package: Path) -> Iterator[RenderedCard]:
    """Give each card of a package as real Anki renders it, deck by deck in order of study.

    The scratch collection lives until the iterator is used up or closed.
    Raises `Refused` if Anki does not accept the package or a card, `AnkiMissing` without Anki.
    """
    with scratch_collection() as scratch:
        in_package(package)  # a look before Anki opens it
        scratch.import_package(package)
        got = in_collection(scratch)
        cards = sorted(got.cards.values(), key=lambda card: card.deck)
        for card, shown in shown_cards(scratch, cards, quiet):
            if shown.error:
                raise Refused(f"{got.card_name(card)} does not render: {shown.error}")
            name, template = got.note_name(card.note), got.template_name(card)
            yield RenderedCard(name, card.deck, template, shown.question, shown.answer, shown.css)


def shown_cards(
    scratch: Scratch, cards: Sequence[CardRow], progress: Progress
) -> Iterator[tuple[CardRow, Shown]]:
    """Give each card with what Anki makes of it, a batch at a time."""
    for start in range(0, len(cards), BATCH):
        progress("rendering", start, len(cards))
        batch = cards[start : start + BATCH]
        yield from zip(batch, scratch.render([card.id for card in batch]), strict=True)
    progress("rendering", len(cards), len(cards))


def faulty_cards(
    scratch: Scratch,
    cards: Sequence[CardRow],
    got: Contents,
    progress: Progress,
    media: Set[str] | None = None,
) -> Iterator[tuple[CardRow, Failure]]:
    """What is wrong with cards as Anki renders them, each failure with its card.

    What they play and show is looked at where ``media`` says which files came with them.
    """
    messages = scratch.messages()
    report = scratch.run(lambda collection: collection.get_empty_cards())
    empty = {card for note in report.notes for card in note.card_ids}
    for card, shown in shown_cards(scratch, cards, progress):
        if shown.error:
            yield card, Failure(f"does not render: {shown.error}", "give it a template")
        elif card.id in empty or shown.answer.startswith(f"<div>{messages.blank}<br>"):
            yield card, _empty(card, got)
        else:
            for failure in (*_unrendered(shown, messages), *_unreplaced(shown, got, card)):
                yield card, failure
            if media is not None:
                for what, fix in faults(shown, _template(card, got), media):
                    yield card, Failure(what, fix)


def _template(card: CardRow, got: Contents) -> str:
    """Both sides of the template that makes a card."""
    note_type = got.types[got.notes[card.note].type]
    first = 0 if note_type.cloze else 2 * card.ordinal
    return "".join(note_type.sides[first : first + 2])


def _empty(card: CardRow, got: Contents) -> Failure:
    if not got.types[got.notes[card.note].type].cloze:
        return Failure("has a blank front", BLANK)
    number = card.ordinal + 1
    return Failure(
        f"is empty: its note has no cloze {number}",
        f"write {{{{c{number}::…}}}} in the note, or leave the card out",
    )


def _unrendered(shown: Shown, messages: AnkiMessages) -> Iterator[Failure]:
    for side, problem in (("front", messages.front_problem), ("back", messages.back_problem)):
        if shown.question.startswith(problem):
            error = plain(unescape(shown.question.split("<br>")[1]))
            yield Failure(f"does not render, its {side} template has a problem: {error}", TEMPLATE)
            return
    if not _visible(shown.question):
        yield Failure("has a blank front", BLANK)
    if messages.no_latex in shown.question + shown.answer:
        yield Failure(
            "holds [latex], which Anki renders only with a setting",
            r"write formulas as \(…\) or \[…\]",
        )


def _unreplaced(shown: Shown, got: Contents, card: CardRow) -> Iterator[Failure]:
    note = got.notes[card.note]
    text = seen(f"{shown.question}\n{shown.answer}")
    found = {match[0]: match["field"] for match in UNREPLACED.finditer(text)}
    for left, field in found.items():
        if field is None:
            yield Failure(f"shows the cloze {left}…}}}} as raw text", "make it a cloze card")
        elif field in got.types[note.type].fields and left not in "\n".join(note.fields):
            yield Failure(f"shows {left} instead of the field", TEMPLATE)


def _visible(html: str) -> bool:
    return bool(SHOWN.search(html)) or bool(unescape(seen(html)).strip())
