"""What a card asks and answers: in words to be compared, and for people."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain

from deckwright.model import Note, NoteType
from deckwright.note_types.cards import shown
from deckwright.releases.words import Words, alike_at_start, plain, tokens
from deckwright.rendering import html_text
from deckwright.rendering.clozes import hidden_texts
from deckwright.source.card_keys import SMALL_WORDS
from deckwright.source.limits import MAX_CARD

LONGEST = 100
"""The letters of a question that a message shows."""

_MARKS = re.compile(r"\{\{c\d+::|(?:::[^{}]*)?\}\}")


@dataclass(frozen=True, slots=True)
class Fact:
    """What a card asks and what it answers, in words; of a cloze note, of all its cards."""

    question: Words
    """What the front shows; of a cloze note, what no cloze hides."""
    answer: Words
    """The first field that the back alone shows; of a cloze note, what its clozes hide."""
    rest: Words = frozenset()
    """What a cloze note shows besides, which its text, of a sentence at times, is too short for."""
    cloze: bool = False
    order: tuple[str, ...] = ()
    """The question's words and signs in order, without small words."""

    @property
    def exchanged(self) -> Fact:
        """Its answer as a question."""
        return Fact(self.answer, self.question)


def fact(note: Note, kind: NoteType, ordinal: int = 0) -> Fact:
    """What a card of a note asks; of a cloze note, what all of them ask."""
    if kind.cloze:
        text, rest = texts_of(note, kind)
        hidden = _words(" ".join(chain.from_iterable(hidden_texts(text).values())))
        return Fact(_words(text) - hidden, hidden, _words(rest), cloze=True)
    question, answer = texts_of(note, kind, ordinal)
    order = tuple(word for word in tokens(plain(question)) if word not in SMALL_WORDS)
    return Fact(_words(question), _words(answer), order=order)


def said(note: Note, kind: NoteType, number: int = 0) -> str:
    """What a card asks and answers, for people; 0 is for all cards of a note."""
    question, answer = texts_of(note, kind, max(number, 1) - 1)
    if not kind.cloze:
        return f'"{_line(question)}" ("{_line(answer)}")'
    return f'"{_line("; ".join(hidden_texts(question).get(number, ())) if number else question)}"'


def side_by_side(old: str, new: str) -> tuple[str, str]:
    """Two texts, where they are long shortened to what is around their first difference."""
    start = max(0, alike_at_start(old, new) - LONGEST // 4)
    return _shortened(old, start), _shortened(new, start)


def _shortened(text: str, start: int) -> str:
    if len(text) <= LONGEST:
        return text
    cut = text[start : start + LONGEST]
    return ("…" if start else "") + cut + ("…" if start + LONGEST < len(text) else "")


def _line(html: str) -> str:
    return html_text.line(_MARKS.sub("", html), longest=MAX_CARD)


def texts_of(note: Note, kind: NoteType, ordinal: int = 0) -> tuple[str, str]:
    """The question of a card, and its answer; the cloze text of a note, and what is around it."""
    texts = dict(zip((field.name for field in kind.fields), note.fields, strict=False))
    template = kind.templates[0 if kind.cloze else ordinal]
    front = {name: by for name, by in shown(template.front) if not by.startswith("type:")}
    back = [name for name, by in shown(template.back) if not by.startswith("type:")]
    if kind.cloze:
        first = [name for name, by in front.items() if by == "cloze:"]
        second = [*dict.fromkeys(name for name in (*front, *back) if name not in first)]
    else:
        first = [*front]
        second = [name for name in back if name not in front and name in texts][:1]
        second += [name for name, by in shown(template.front) if by.startswith("type:")]
    both = (" ".join(texts.get(name, "") for name in names) for names in (first, second))
    question, answer = both
    return question, answer


def _words(html: str) -> Words:
    """The words of a text; a number counts as often as it is there, as in 2 + 2."""
    found = tokens(plain(_MARKS.sub(" ", html)))
    numbers = (word for word in found if word.isdigit())
    again = (f"{word} {n}" for word, times in Counter(numbers).items() for n in range(1, times))
    return frozenset((*found, *again))
