r"""How cards are worded: what makes one hard to learn, by the rules of writing.

What is measured is what a learner sees: of a formula, each letter and each sign, as ``\theta`` is
one; of a cloze, its text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import pairwise

from deckwright.model import Card, NoteType, Place, Problem, Rule, Severity
from deckwright.note_types import ANSWER, PROMPT, SOURCE
from deckwright.note_types.clozes import read_clozes
from deckwright.rendering.clozes import hidden_texts
from deckwright.rendering.html_text import words
from deckwright.rendering.render import Rendered
from deckwright.source.card_keys import SMALL_WORDS

MAX_QUESTION = 250
"""Characters of a question; a command of LaTeX that shows something counts as one."""
MAX_ANSWER = 230
MAX_ITEMS = 2
"""Items of a list in an answer."""
MAX_CLOZES = 4
"""Cloze numbers of a note."""
MIN_ALT = 12
"""Characters of an alternative text."""

LONG_QUESTION = Rule(
    "long-question",
    f"A question has at most {MAX_QUESTION} characters. Longer ones are recognised by their "
    "look, not read.",
    severity=Severity.WARNING,
)

LONG_ANSWER = Rule(
    "long-answer",
    f"An answer has at most {MAX_ANSWER} characters, and so has what a cloze hides: one "
    "fact that is recalled as a whole, or not. Explanations go to `### Why`.",
    severity=Severity.WARNING,
)

LONG_LIST = Rule(
    "long-list",
    f"A list in an answer has at most {MAX_ITEMS} items: of three, one is forgotten each "
    "time. A cloze for each item asks for them one by one.",
    severity=Severity.WARNING,
)

MANY_CLOZES = Rule(
    "many-clozes",
    f"A cloze card has at most {MAX_CLOZES} numbers: each is a card, and many of them give "
    "each other away.",
    severity=Severity.WARNING,
)

ANSWER_SHOWN = Rule(
    "answer-shown",
    "A question does not contain its answer, and the text around a cloze does not contain "
    "what it hides. A choice between two, with `or`, may name both.",
    severity=Severity.WARNING,
)

ALIKE = Rule(
    "alike",
    "No two cards ask nearly the same: a learner would study one fact twice, or mix two up.",
    severity=Severity.WARNING,
)

NO_SOURCE = Rule(
    "no-source",
    "In a deck that gives sources, each card says under `### Source` where to read on.",
    severity=Severity.WARNING,
)

THIN_ALT = Rule(
    "thin-alt",
    f"The alternative text of a picture says what it shows, in {MIN_ALT} characters at "
    "least, and does not give away the answer. A learner who cannot see the picture has "
    "only these words.",
    severity=Severity.WARNING,
)

_CLOZE = re.compile(r"\{\{c\d+::|(?P<text>[^{}]++)(?P<close>\}\})?+|\}\}")
"""The marks of clozes, and whole stretches of text between braces, which may end in a hint."""
_FORMULA = re.compile(r"\\[(\[](.*?)\\[)\]]", re.DOTALL)
_UNSEEN = re.compile(
    r"\\(?:begin|end)\s*\{[^{}]*\}|\\(?:left|right|[bB]igg?[lrm]?|math(?:rm|cal|bb|sf|bf|it|frak)|"
    r"operatorname|text|limits|displaystyle|quad|qquad|d?frac|sqrt)(?![A-Za-z])\*?"
    r"|\\[,;:! \\]|[{}&\s]"
)
"""What of a formula shows no sign of its own."""
_SIGN = re.compile(r"\\[A-Za-z]+|\\?\S")
_LIST = re.compile(r"<(?P<kind>[ou]l)\b[^>]*>(?:(?!</?[ou]l\b).)*</(?P=kind)>", re.DOTALL)
_NOT_READ = re.compile(r"<img\b[^>]*>|<pre\b[^>]*>.*?</pre>", re.DOTALL)
"""What is looked at rather than read: pictures, and blocks of code."""
_EITHER = frozenset({"or", "whether", "versus", "vs"})
_LIKENESS = 0.6
"""The share of pairs of words that two questions have in common, from which on they are alike."""
_MOST_WITH = 20
"""A pair of words that more cards have says nothing, and would make the search quadratic."""


@dataclass(frozen=True, slots=True)
class Worded:
    """What is known of the words of a card."""

    problems: tuple[Problem, ...]
    asks: tuple[str, ...]
    """The words of its question, in small letters, a formula as one."""
    has_source: bool | None
    """None where its note type has no room for one."""


@dataclass(frozen=True, slots=True)
class Words:
    """Looks at the words of one card, as it is rendered; ``types`` are by kind."""

    types: Mapping[str, NoteType]

    def __call__(self, card: Card, rendered: Rendered) -> Worded:
        """What is known of the words of a card."""
        one = _Read(card, rendered, self.types[rendered.kind])
        problems = (*_lengths(one), *_shown(one), *_alternatives(one))
        gives = any(part.name == SOURCE for part in card.parts)
        takes = gives or one.type.field_of(SOURCE)
        return Worded(problems, one.asks, gives if takes else None)


def wording(
    cards: Sequence[tuple[Card, Worded]], required: Collection[str] = ()
) -> Iterator[Problem]:
    """What could be worded better in some cards, and between them.

    Which parts are ``required`` of each card is another rule's.
    """
    with_sources = SOURCE not in required and any(one.has_source for _, one in cards)
    for card, one in cards:
        yield from one.problems
        if with_sources and one.has_source is False:
            what, fix = "this card gives no source", "say under ### Source where to read on"
            yield NO_SOURCE.at(card.place, what, fix)
    yield from _alike(cards)


@dataclass(frozen=True)
class _Read:
    """A card as a learner meets it, in HTML."""

    card: Card
    rendered: Rendered
    type: NoteType

    @property
    def is_cloze(self) -> bool:
        return self.type.cloze

    def text(self, part: str) -> str:
        """The text of the field that a part fills."""
        return self.rendered.fields.get(self.type.field_of(part), "")

    @property
    def question(self) -> str:
        """What asks; of a cloze card, its text."""
        return self.text(ANSWER if self.is_cloze else PROMPT)

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """What is asked for, each a field or what one cloze hides."""
        if not self.is_cloze:
            return (self.text(ANSWER),)
        return tuple(text for texts in hidden_texts(self.question).values() for text in texts)

    @cached_property
    def sought(self) -> tuple[tuple[str, ...], ...]:
        """The words of each answer."""
        return tuple(map(_words, self.answers))

    @cached_property
    def asks(self) -> tuple[str, ...]:
        """The words of the question, in small letters, a formula as one."""
        return _words(self.question)


def _lengths(one: _Read) -> Iterator[Problem]:
    if (length := _length(one.question)) > MAX_QUESTION:
        what = f"this question has {length} characters, over {MAX_QUESTION}"
        yield LONG_QUESTION.at(one.card.place, what, "ask for one thing, in fewer words")
    longest = max(map(_length, one.answers), default=0)
    if longest > MAX_ANSWER:
        what = f"this answer has {longest} characters, over {MAX_ANSWER}"
        yield LONG_ANSWER.at(_answer(one), what, "move what explains it to ### Why, or split it")
    lists = (found[0].count("<li") for html in one.answers for found in _LIST.finditer(html))
    if (items := max(lists, default=0)) > MAX_ITEMS:
        what = f"this answer is a list of {items}"
        yield LONG_LIST.at(_answer(one), what, "ask for each item by a card or a cloze of its own")
    if one.is_cloze and len(one.rendered.ordinals) > MAX_CLOZES:
        what = f"this card has {len(one.rendered.ordinals)} cloze numbers, over {MAX_CLOZES}"
        yield MANY_CLOZES.at(_answer(one), what, "split it, or hide two things under one number")


def _shown(one: _Read) -> Iterator[Problem]:
    """The answers that the question already shows."""
    if _EITHER & set(one.asks):
        return
    front = one.question
    if one.is_cloze:  # without the clozes: two may hide the same text
        front = f"{one.text(PROMPT)} . {_without_clozes(front)}"
    shown = _in_line(_words(front))
    for sought in one.sought:
        telling = any(
            len(word) > 3 and word[0] != "$" and word not in SMALL_WORDS for word in sought
        )
        if telling and _in_line(sought) in shown:
            what = f"the question contains the answer, {' '.join(sought)[:40]!r}"
            fix = "ask without it, or ask for something else"
            yield ANSWER_SHOWN.at(one.card.place, what, fix)
            return


def _alternatives(one: _Read) -> Iterator[Problem]:
    """Alternative texts that say too little, or too much."""
    answers = [_in_line(words) for words in one.sought if len(words) > 1]
    for alt, at in one.rendered.pictures:
        shown = _in_line(_words(alt)) if answers else ""
        if not alt.strip():
            continue  # named already
        if len(alt.strip()) < MIN_ALT:
            what = f"the alternative text {alt.strip()!r} hardly says what the picture shows"
            fix = f"describe it in {MIN_ALT} characters or more"
            yield THIN_ALT.at(one.card.source.place(at), what, fix)
        elif any(answer in shown for answer in answers):
            what = "this alternative text contains the answer"
            fix = "say what the picture shows, no more"
            yield THIN_ALT.at(one.card.source.place(at), what, fix)


def _alike(cards: Sequence[tuple[Card, Worded]]) -> Iterator[Problem]:
    """Cards that ask nearly the same as one before: in the same words, or most pairs of them.

    Small words are left out. Each pair leads to the cards that have it, so that no
    card is held against all others.
    """
    with_words: dict[frozenset[str], int] = {}
    with_pair: dict[frozenset[str], list[int]] = defaultdict(list)
    seen: list[tuple[frozenset[frozenset[str]], frozenset[str]]] = []
    for number, (card, one) in enumerate(cards):
        telling = [word.removesuffix("s") for word in one.asks if word not in SMALL_WORDS]
        own, bag = frozenset(map(frozenset, pairwise(telling))), frozenset(telling)
        shared = Counter(other for pair in own for other in with_pair[pair])
        near = [
            other
            for other, both in shared.most_common(3)
            if both >= _LIKENESS * len(own | seen[other][0])
            # One word for another is a contrast: of too little and too much, of two countries.
            and not len(bag - seen[other][1]) == len(seen[other][1] - bag) == 1
        ]
        same = with_words.setdefault(bag, number)
        near += [same] if same != number and len(telling) > 2 else []
        if near and cards[near[0]][1].asks != one.asks:  # the same words are another finding
            first = cards[near[0]][0]
            what = f"this asks nearly the same as {first.id} at {first.place}"
            yield ALIKE.at(card.place, what, "say what differs, or join the two")
        seen.append((own, bag))
        for pair in own:
            if len(with_pair[pair]) < _MOST_WITH:
                with_pair[pair].append(number)


def _answer(one: _Read) -> Place:
    """The place of the first word of the answer."""
    span = one.card.answer
    return span.place(len(span.text) - len(span.text.lstrip()))


def _without_clozes(html: str) -> str:
    """A field with what its clozes hide taken out."""
    return "".join(node if isinstance(node, str) else " . " for node in read_clozes(html))


def _uncovered(html: str) -> str:
    """A field without the marks of its clozes and their hints."""

    def shown(found: re.Match[str]) -> str:
        text = found["text"] or ""
        return text.partition("::")[0] if found["close"] else text

    return _CLOZE.sub(shown, html)


def _length(html: str) -> int:
    """The number of characters that a learner sees of a field."""
    seen = _NOT_READ.sub("", _uncovered(html))
    signs = sum(
        len(_SIGN.findall(_UNSEEN.sub(" ", unescape(found[1]))))
        for found in _FORMULA.finditer(seen)
    )
    text = unescape(re.sub(r"<[^<>]*>", "", _FORMULA.sub("", seen)))
    return signs + len(" ".join(text.split()))


def _words(html: str) -> tuple[str, ...]:
    """The words of a field in small letters; a formula is one, a sign of punctuation none."""
    found: list[str] = []
    for token in words(_NOT_READ.sub("", _uncovered(html))):
        formula = token.text.startswith("$")
        found += [token.text] if formula else re.findall(r"[^\W_]+", token.text.casefold())
    return tuple(found)


def _in_line(words: Sequence[str]) -> str:
    """Some words in a line: it is part of that of a text with these words in a row."""
    return f" {' '.join(words)} "
