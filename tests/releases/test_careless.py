"""Whatever an author does to a deck, no review of a learner goes to another question.

An author edits at random, lawfully or not, and takes back what `check` refuses. Learners study
each release in real Anki and remember what each card asked: by words that only the test knows,
never by ids, numbers, places or our own judgement. ``DECKWRIGHT_EXAMPLES`` is how many histories
are tried: five for each.
"""

from __future__ import annotations

import copy
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.real_anki import scratch_collection
from deckwright.real_anki.scratch import Scratch
from deckwright.rehearsal.study import Snapshot, snapshot
from deckwright.releases.ledger import FILE, to_text
from deckwright.releases.release import Prepared, prepare
from tests.decks import TOML, make_deck
from tests.releases.edits import made_up

pytest.importorskip("anki")

HISTORIES = min(1_000, 5 * int(os.environ.get("DECKWRIGHT_EXAMPLES", "2")))
BATCHES = 2 if HISTORIES < 100 else 10
FIRST = 1_600_000_000
DAY = 86_400
ASKS = (
    "What is the capital of {}?",
    "What does {} measure in {}?",
    "Who discovered {} while looking for {}?",
    "Why does {} depend on {}?",
    "Define {}.",
)
ANSWERS = ("{}", "It is {}, because of {}.", "The {} of {}, up to {}.")
LABELS = ("the mean", "the variance", "the mode", "the range")


@dataclass
class Blank:
    """One thing that a cloze text says: what for, and what."""

    label: str
    """A word of its own, by which the question is known."""
    says: str
    number: int
    """0 where it is open."""


@dataclass
class Card:
    """A card as written; ``slot`` names are the questions that learners remember."""

    id: str
    front: str = ""
    back: str = ""
    reverse: str = ""
    title: str = ""
    blanks: list[Blank] = field(default_factory=list)
    was: str = ""

    @property
    def source(self) -> str:
        comment = f"id: {self.id}" + (f"\nwas: [{self.was}]" if self.was else "")
        if not self.blanks:
            more = f"\n### Reverse\n\n{self.reverse}\n" if self.reverse else ""
            return f"## {self.front}\n<!--\n{comment}\n-->\n\n{self.back}\n{more}\n"
        said = (
            f"{one.label} is " + (f"{{{{c{one.number}::{one.says}}}}}" if one.number else one.says)
            for one in self.blanks
        )
        return f"## {self.title}\n<!--\n{comment}\n-->\n\nOf these, {', and '.join(said)}.\n\n"


@dataclass
class Author:
    """A deck, what its words mean, and who edits it."""

    root: Path
    chance: random.Random
    cards: list[Card] = field(default_factory=list)
    meaning: dict[str, str] = field(default_factory=dict)
    """The question that a word belongs to: of all words that the test made up for questions."""
    retired: dict[str, str] = field(default_factory=dict)
    releases: int = 0
    made: int = 0

    def word(self, meaning: str = "") -> str:
        """A word that was never used."""
        while (word := made_up(self.chance) + made_up(self.chance)) in self.meaning:
            pass
        self.meaning[word] = meaning
        return word

    def fact(self) -> Card:
        """A new card with a fact that was never asked."""
        self.made += 1
        name = f"card-{self.made}"
        if self.chance.random() < 0.4:
            labels = self.chance.sample(LABELS, self.chance.randint(2, 3))
            blanks = [
                Blank(f"{label} of {self.word(f'{self.made} {at}')}", self.word(), at)
                for at, label in enumerate(labels, start=1)
            ]
            return Card(name, title=f"About {self.word()}", blanks=blanks)
        front, back = self.chance.choice(ASKS), self.chance.choice(ANSWERS)
        card = Card(
            name,
            front.format(*(self.word(f"{self.made} front") for _ in range(2))),
            back.format(*(self.word() for _ in range(3))),
        )
        if self.chance.random() < 0.3:
            card.reverse = f"What has the {self.word(f'{self.made} back')}?"
        return card

    def some(self, number: int = 1, *, cloze: bool | None = None) -> list[Card]:
        known = [one for one in self.cards if cloze is None or bool(one.blanks) == cloze]
        return self.chance.sample(known, number) if len(known) >= number else []

    def compiled(self) -> Compiled:
        toml = TOML + "[retired]\n" + "".join(f'"{k}" = "{v}"\n' for k, v in self.retired.items())
        text = "# Cards\n\n" + "".join(one.source for one in self.cards)
        make_deck(self.root, {"deck.toml": toml, "01-cards.md": text})
        return compile_deck(self.root)

    def release(self) -> Prepared | None:
        """Release the deck; None where `check` refuses it."""
        compiled = self.compiled()
        if compiled.errors:
            return None
        time = FIRST + self.releases * DAY
        prepared = prepare(compiled, time, f"1.{self.releases}.0")
        (self.root / FILE).write_text(to_text(prepared.ledger), encoding="utf-8")
        self.releases += 1
        for one in self.cards:
            one.was = ""
        return prepared


Edit = Callable[[Author], None]


def swap(text: str, old: str, new: str) -> str:
    return re.sub(rf"\b{re.escape(old)}\b", new, text)


# -- Lawful edits ----------------------------------------------------------------------------------


def misspell(author: Author) -> None:
    """A word of a question gets one letter less, and means what it meant."""
    for card in author.some(cloze=False):
        words = [one for one in re.findall(r"\w+", card.front) if author.meaning.get(one)]
        for word in words[:1]:
            new = word[:3] + word[4:]
            author.meaning.setdefault(new, author.meaning[word])
            card.front = swap(card.front, word, new)


def reword(author: Author) -> None:
    for card in author.some(cloze=False):
        card.front = swap(
            card.front, author.chance.choice(("What", "Who", "Why", "does")), "Say what"
        )


def explain(author: Author) -> None:
    for card in author.some(cloze=False):
        card.back += f" See {author.word()} and {author.word()}."


def correct(author: Author) -> None:
    for card in author.some(cloze=False):
        card.back = author.chance.choice(ANSWERS).format(*(author.word() for _ in range(3)))


def correct_a_blank(author: Author) -> None:
    for card in author.some(cloze=True):
        author.chance.choice(card.blanks).says = author.word()


def exchange_answers(author: Author) -> None:
    """Two answers were in each other's place."""
    for card in author.some(cloze=True):
        if len(card.blanks) > 1:
            one, other = author.chance.sample(card.blanks, 2)
            one.says, other.says = other.says, one.says


def reorder_blanks(author: Author) -> None:
    for card in author.some(cloze=True):
        author.chance.shuffle(card.blanks)


def add(author: Author) -> None:
    author.cards.insert(author.chance.randint(0, len(author.cards)), author.fact())


def retire(author: Author) -> None:
    if len(author.cards) > 4:
        for card in author.some():
            author.cards.remove(card)
            author.retired[card.id] = "no longer asked"


def rename(author: Author) -> None:
    for card in author.some():
        author.made += 1
        card.was, card.id = card.was or card.id, f"card-{author.made}"


def reorder(author: Author) -> None:
    author.chance.shuffle(author.cards)


# -- Careless ones ---------------------------------------------------------------------------------


def swap_ids(author: Author) -> None:
    one, other = author.some(2)
    one.id, other.id = other.id, one.id


def turn_ids(author: Author) -> None:
    cards = author.some(3)
    names = [card.id for card in cards]
    for card, name in zip(cards, names[1:] + names[:1], strict=True):
        card.id = name


def shift_ids(author: Author) -> None:
    names = [card.id for card in author.cards]
    for card, name in zip(author.cards, [*names[1:], "card-0"], strict=True):
        card.id = name


def write_another_fact(author: Author) -> None:
    for card in author.some():
        place = author.cards.index(card)
        author.cards[place] = author.fact()
        author.cards[place].id = card.id


def ask_of_another_thing(author: Author) -> None:
    """The same sentence, of something else, with its own answer."""
    for card in author.some(cloze=False):
        author.made += 1
        for word in re.findall(r"\w+", card.front):
            if author.meaning.get(word):
                card.front = swap(card.front, word, author.word(f"{author.made} front"))
        card.back = author.chance.choice(ANSWERS).format(*(author.word() for _ in range(3)))


def copy_and_edit(author: Author) -> None:
    """A card is copied; the original gets the new id, and the edited copy keeps the old one."""
    for card in author.some(cloze=False):
        original = copy.deepcopy(card)
        author.made += 1
        original.id = f"card-{author.made}"
        author.cards.insert(author.cards.index(card) + 1, original)
        new = author.fact()
        card.front, card.back = new.front or "Define it.", new.back or author.word()


def copy_without_id(author: Author) -> None:
    for card in author.some(cloze=False):
        edited = copy.deepcopy(card)
        author.made += 1
        for word in re.findall(r"\w+", edited.front):
            if author.meaning.get(word):
                edited.front = swap(edited.front, word, author.word(f"{author.made} front"))
        author.cards.insert(author.cards.index(card), edited)


def exchange_sides(author: Author) -> None:
    for card in author.some(cloze=False):
        card.front, card.back = card.back, card.front


def renumber(author: Author) -> None:
    for card in author.some(cloze=True):
        numbers = [one.number for one in card.blanks]
        author.chance.shuffle(numbers)
        for one, number in zip(card.blanks, numbers, strict=True):
            one.number = number


def drop_and_renumber(author: Author) -> None:
    for card in author.some(cloze=True):
        if len(card.blanks) > 1:
            del card.blanks[0]
            for number, one in enumerate(card.blanks, start=1):
                one.number = number


def put_in_front(author: Author) -> None:
    for card in author.some(cloze=True):
        author.made += 1
        label = f"the sum of {author.word(f'{author.made} 1')}"
        card.blanks.insert(0, Blank(label, author.word(), 0))
        for number, one in enumerate(card.blanks, start=1):
            one.number = number


def open_a_blank(author: Author) -> None:
    """Its number goes to what was open, or to a new thing."""
    for card in author.some(cloze=True):
        one = author.chance.choice(card.blanks)
        author.made += 1
        label = f"the sum of {author.word(f'{author.made} 1')}"
        card.blanks.append(Blank(label, author.word(), one.number))
        one.number = 0


def turn_reverse(author: Author) -> None:
    for card in author.some(cloze=False):
        if card.reverse:
            author.made += 1
            card.reverse = f"Where is {author.word(f'{author.made} back')}?"


def rename_without_was(author: Author) -> None:
    for card in author.some():
        author.made += 1
        card.id = f"card-{author.made}"


def claim(author: Author) -> None:
    one, other = author.some(2)
    one.was = other.id


LAWFUL: tuple[Edit, ...] = (
    misspell,
    reword,
    explain,
    correct,
    correct_a_blank,
    exchange_answers,
    reorder_blanks,
    add,
    retire,
    rename,
    reorder,
)
CARELESS: tuple[Edit, ...] = (
    swap_ids,
    turn_ids,
    shift_ids,
    write_another_fact,
    ask_of_another_thing,
    copy_and_edit,
    copy_without_id,
    exchange_sides,
    renumber,
    drop_and_renumber,
    put_in_front,
    open_a_blank,
    turn_reverse,
    rename_without_was,
    claim,
)


# -- The learner -----------------------------------------------------------------------------------


@dataclass
class Learner:
    """Someone who studies every card, and remembers what it asked."""

    scratch: Scratch
    folder: Path
    asked: dict[int, str] = field(default_factory=dict)
    """The question of each studied card."""

    def take(self, prepared: Prepared, meaning: dict[str, str]) -> dict[int, tuple[str, str]]:
        """Import a release; the cards that ask something else, then and now."""
        path = self.folder / prepared.package.name
        path.write_bytes(prepared.package.data)
        before = snapshot(self.scratch)
        self.scratch.import_package(path)
        after = snapshot(self.scratch)
        assert all(after.cards[card] == state for card, state in before.cards.items())
        asks = dict(self._questions(after, meaning))
        other = {
            card: (self.asked[card], question)
            for card, question in asks.items()
            if self.asked.get(card, question) != question and question
        }
        fresh = [card for card, state in after.cards.items() if not state.reviews]
        self.scratch.answer([(card, (3,)) for card in fresh])
        self.asked = {**asks, **self.asked}
        return other

    def _questions(self, after: Snapshot, meaning: dict[str, str]) -> Iterator[tuple[int, str]]:
        """The question that each card asks, known by its words; empty where it asks none."""
        contents = after.contents
        for card in contents.cards.values():
            texts = contents.texts(contents.notes[card.note])
            if "Text" in texts:
                place = texts["Text"].find(f"{{{{c{card.ordinal + 1}::")
                words = texts["Text"][: max(place, 0)]
            else:
                words = texts["Reverse" if card.ordinal else "Front"]
            found = [meaning[word] for word in re.findall(r"\w+", words) if word in meaning]
            known = [one for one in found if one]
            yield card.id, known[-1] if known else ("?" if found else "")


@contextmanager
def world(seed: int) -> Iterator[tuple[Author, Learner]]:
    with TemporaryDirectory() as deck, TemporaryDirectory() as folder, scratch_collection() as anki:
        author = Author(Path(deck), random.Random(seed))
        author.cards = [author.fact() for _ in range(author.chance.randint(4, 9))]
        yield author, Learner(anki, Path(folder))


def attempt(author: Author, edits: list[Edit]) -> tuple[Author, Prepared | None]:
    """Edit a deck and release it; as it was where `check` refuses that."""
    tried = copy.deepcopy(author)
    for edit in edits:
        edit(tried)
    prepared = tried.release()
    return (tried if prepared else author), prepared


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_careless_history_leads_a_review_to_another_question(batch: int) -> None:
    lawful: Counter[str] = Counter()
    for seed in range(batch, HISTORIES, BATCHES):
        with world(seed) as (author, learner):
            first = author.release()
            assert first
            assert not learner.take(first, author.meaning)
            for _ in range(3):
                is_lawful = author.chance.random() < 0.3
                kinds = LAWFUL if is_lawful else (*LAWFUL, *CARELESS, *CARELESS)
                edits = author.chance.choices(kinds, k=author.chance.randint(1, 2))
                author, prepared = attempt(author, edits)
                names = ", ".join(edit.__name__ for edit in edits)
                if prepared:
                    other = learner.take(prepared, author.meaning)
                    assert not other, f"history {seed}: {names} lead to {other}"
                if is_lawful:
                    lawful["refused" if prepared is None else "released"] += 1
    assert lawful["refused"] <= 1 + lawful["released"] / 50, lawful
