"""Any history that the rules allow costs a learner nothing; any that costs one is named.

A deck lives through edits and releases on a real folder. The test knows its facts by numbers of
its own, never by id, path, place or text, and remembers what learners were promised of each.
``DECKWRIGHT_EXAMPLES`` is how many histories are tried.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deckwright.compile import Compiled, compile_deck
from deckwright.model import Note, Source
from deckwright.real_anki import scratch_collection
from deckwright.real_anki.contents import NoteRow
from deckwright.real_anki.scratch import ImportLog, Scratch
from deckwright.rehearsal.study import HISTORIES, Snapshot, snapshot
from deckwright.releases.ledger import FILE, from_text, to_text
from deckwright.releases.release import Prepared, prepare

pytest.importorskip("anki")

EXAMPLES = int(os.environ.get("DECKWRIGHT_EXAMPLES", "7"))
FIRST = 1_600_000_000
DAY = 86_400
HOUR = 3_600
TAG, WORDS = "my-own", " (my own words)"
FEW = 9
"""More facts than this are not written, so that every history stays quick."""


# -- A deck, and what its author does --------------------------------------------------------------


@dataclass
class Promise:
    """What learners have of a fact, from the last release that held it."""

    release: int
    id: str
    guid: str
    mod: int
    visible: tuple[object, ...]
    numbers: frozenset[int]
    """Of its cards, which start at 1."""
    used: frozenset[int]
    """Those that it had in any release."""
    epoch: int
    heeded: bool
    """Whether its own id was in `was`, which says nothing any more."""
    title: str
    """Of the file that it was in, which is its deck."""


@dataclass
class Fact:
    """One fact, whatever its card is called, wherever it is."""

    number: int
    id: str
    cloze: bool
    texts: dict[int, str]
    """What is asked for, by the number of the card: clozes, or the answer and the Reverse."""
    asked: int = 0
    typed: bool = False
    epoch: int = 0
    """It is written anew, with other words only, when this rises."""
    wrapped: bool = False
    tags: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    promise: Promise | None = None
    last: str = ""
    """The version of the last release of its deck."""
    retired: dict[int, str] = field(default_factory=dict)
    """The lines under [retired] of its cards, by their numbers."""

    @property
    def visible(self) -> tuple[object, ...]:
        """All that a person wrote and a learner sees."""
        return self.cloze, self.asked, self.typed, self.epoch, tuple(sorted(self.texts.items()))

    @property
    def aliases(self) -> tuple[str, ...]:
        """What `was` must hold, and what was left in it."""
        needed = []
        if self.promise and self.promise.id != self.id:
            needed.append(self.promise.id)
        if self.promise and self.is_said(self.promise):
            heeded = f"@{self.last}" if self.promise.heeded else ""
            needed.append(self.id + heeded)
        return tuple(dict.fromkeys((*self.was, *needed)))

    def is_said(self, promise: Promise) -> bool:
        """Whether its author must say that it is the same: reworded, or a Reverse again."""
        back = 2 in promise.used - promise.numbers and 2 in self.texts
        return promise.epoch != self.epoch or (back and not self.cloze)

    @property
    def source(self) -> str:
        """The card as written."""

        def words(text: str) -> str:
            return " ".join(word + "x" * self.epoch for word in text.split())

        title = words(f"fact{self.number} question{self.asked}")
        gap = "\n" if self.wrapped else " "
        lead = words(f"fact{self.number} says story{self.number}")
        if self.cloze:
            said = [f"{{{{c{n}::{words(text)}}}}}" for n, text in sorted(self.texts.items())]
            parts = ""
        else:
            said = [words(self.texts[1])]
            parts = f"\n### Typed\n\n{words('typed')}\n" if self.typed else ""
            parts += (
                f"\n### Reverse\n\n{words(f'fact{self.number} turned {self.texts[2]}')}\n"
                if 2 in self.texts
                else ""
            )
        comment = f"id: {self.id}\ntags: [{', '.join(self.tags)}]\n"
        comment += f"was: [{', '.join(self.aliases)}]\n" if self.aliases else ""
        return f"## {title}\n<!--\n{comment}-->\n\n{lead}{gap}{gap.join(said)}\n{parts}\n"


@dataclass
class CardFile:
    """A file of cards; where it holds none, it is not on the disk."""

    name: str
    title: str
    facts: list[Fact] = field(default_factory=list)


@dataclass
class Story:
    """A deck's folder and its facts. Its edits are lawful; ``which`` and ``salt`` choose."""

    root: Path
    files: list[CardFile] = field(default_factory=list)
    gone: list[Fact] = field(default_factory=list)
    """Released, and no longer in the deck."""
    retired: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    """Those that files had before."""
    style: int = 0
    key: str = "examples"
    made: int = 0
    """How many facts, ids, files and titles there were: none has a name that was used."""
    releases: int = 0
    guids: dict[str, int] = field(default_factory=dict)
    """The number of the fact that a GUID means, for ever."""
    look: tuple[int, int] = (-1, 0)
    """The style of the last release, and since when note types have it."""

    def __post_init__(self) -> None:
        for number in range(2):
            self.files.append(CardFile(f"0{number}-part.md", f"Part {number}"))
        for which, salt in ((0, 0), (1, 1), (0, 2)):
            self.add(which, salt)

    @property
    def facts(self) -> list[Fact]:
        """Those that are in the deck, in its order."""
        files = sorted(self.files, key=lambda file: file.name)
        return [fact for file in files for fact in file.facts]

    @property
    def time(self) -> int:
        """When the next release is made."""
        return FIRST + self.releases * DAY

    def name(self, stem: str) -> str:
        self.made += 1
        return f"{stem}-{self.made}"

    def pick(self, which: int, *, cloze: bool | None = None) -> Fact | None:
        some = [fact for fact in self.facts if cloze is None or fact.cloze == cloze]
        return some[which % len(some)] if some else None

    def file_of(self, fact: Fact) -> CardFile:
        return next(file for file in self.files if any(fact is one for one in file.facts))

    # Cards

    def add(self, which: int, salt: int) -> None:
        """A new card: with two clozes, or basic, perhaps with a Reverse."""
        if len(self.facts) >= FEW:
            return
        cloze = salt % 2 == 1
        texts = {1: f"one{salt}"}
        if cloze or salt % 3 == 0:
            texts[2] = f"two{salt}"
        fact = Fact(self.made, self.name("card"), cloze, texts)
        file = self.files[which % len(self.files)]
        file.facts.insert(salt % (len(file.facts) + 1), fact)

    def retire(self, which: int, salt: int) -> None:
        """Take a card out, with a reason where learners have it."""
        fact = self.pick(which)
        if fact is None or len(self.facts) == 1:
            return
        self.drop(fact)
        if fact.promise:
            self.retired[fact.promise.id] = f"reason {salt}"
            self.gone.append(fact)

    def drop(self, fact: Fact) -> None:
        file = self.file_of(fact)
        file.facts = [one for one in file.facts if one is not fact]

    def take_back(self, which: int, salt: int) -> None:
        """A retired card returns, perhaps into another file."""
        if self.gone and len(self.facts) < FEW:
            fact = self.gone.pop(which % len(self.gone))
            assert fact.promise
            self.retired.pop(fact.promise.id, None)
            self.files[salt % len(self.files)].facts.append(fact)

    def tidy(self, _which: int, _salt: int) -> None:
        """Forget the reasons that a release has remembered."""
        needed = set()
        for fact in (*self.facts, *self.gone):
            if fact.promise:
                gone = fact.promise.numbers - fact.texts.keys()
                needed |= {f"{fact.promise.id}/{number}" for number in gone}
                if fact.promise.release == self.releases - 1:
                    needed.add(fact.promise.id)
        self.retired = {name: why for name, why in self.retired.items() if name in needed}

    def rename(self, which: int, salt: int) -> None:
        """Another id; what learners know stays in `was`, and older ids may stay, too."""
        if fact := self.pick(which):
            back = fact.promise and fact.promise.id != fact.id and salt % 4 == 0
            fact.was = (*fact.was, fact.id) if salt % 2 else ()
            fact.id = fact.promise.id if back and fact.promise else self.name("card")

    def forget_names(self, which: int, _salt: int) -> None:
        """What is left of `was` goes."""
        if fact := self.pick(which):
            fact.was = ()

    # Texts

    def reword(self, which: int, salt: int) -> None:
        if fact := self.pick(which):
            numbers = sorted(fact.texts)
            number = numbers[salt % len(numbers)]
            fact.texts[number] = f"{fact.texts[number].split()[0]} {salt}"

    def ask_otherwise(self, which: int, salt: int) -> None:
        if fact := self.pick(which):
            fact.asked = salt

    def write_anew(self, which: int, _salt: int) -> None:
        """The same fact in other words: its own id in `was` says so."""
        fact = self.pick(which)
        if fact and (not fact.promise or fact.promise.epoch == fact.epoch):
            fact.epoch += 1

    def wrap(self, which: int, _salt: int) -> None:
        if fact := self.pick(which):
            fact.wrapped = not fact.wrapped

    def retag(self, which: int, salt: int) -> None:
        if fact := self.pick(which):
            fact.tags = tuple(f"tag{number}" for number in range(salt % 3))

    def make_typed(self, which: int, _salt: int) -> None:
        if fact := self.pick(which, cloze=False):
            fact.typed = not fact.typed

    # Clozes, and Reverse

    def add_ordinal(self, which: int, salt: int) -> None:
        """A cloze with a number that was never used, or a Reverse."""
        if fact := self.pick(which):
            used = fact.promise.used if fact.promise else frozenset()
            number = max({*fact.texts, *used}) + 1 if fact.cloze else 2
            if number < 6 and number not in fact.texts:
                fact.texts[number] = f"text{number} {salt}"
                self.retired.pop(fact.retired.pop(number, ""), None)

    def drop_ordinal(self, which: int, salt: int) -> None:
        """One less, with a reason where learners have it."""
        fact = self.pick(which)
        if fact is None or len(fact.texts) == 1:
            return
        numbers = sorted(fact.texts)
        number = numbers[salt % len(numbers)] if fact.cloze else 2
        del fact.texts[number]
        if fact.promise and number in fact.promise.numbers:
            fact.retired[number] = f"{fact.promise.id}/{number}"
            self.retired[fact.retired[number]] = f"reason {salt}"

    # Places

    def reorder(self, which: int, salt: int) -> None:
        if fact := self.pick(which):
            file = self.file_of(fact)
            self.drop(fact)
            file.facts.insert(salt % (len(file.facts) + 1), fact)

    def move(self, which: int, salt: int) -> None:
        if fact := self.pick(which):
            self.drop(fact)
            self.files[salt % len(self.files)].facts.append(fact)

    def rename_file(self, which: int, salt: int) -> None:
        self.files[which % len(self.files)].name = f"{salt}{self.name('file')}.md"

    def retitle(self, which: int, salt: int) -> None:
        """A file's deck gets another name, or one that it had."""
        file = self.files[which % len(self.files)]
        free = sorted({*self.titles} - {one.title for one in self.files})
        new = free[salt % len(free)] if free and salt % 3 == 0 else self.name("Part")
        self.titles.append(file.title)
        file.title = new

    def give_reasons(self) -> None:
        """Say of each deck that all its released facts left that this is meant, this once."""
        stay: dict[str, bool] = {}
        for fact in self.facts:
            if fact.promise and fact.promise.release == self.releases - 1:
                old, new = fact.promise.title, self.file_of(fact).title
                stay[old] = stay.get(old, False) or old == new
        for title in (title for title, stays in stay.items() if not stays):
            self.moved[f"Examples::{title}"] = f"for release {self.releases}"

    def restyle(self, _which: int, salt: int) -> None:
        self.style = salt

    # The disk

    def write(self) -> Compiled:
        """Put the deck on the disk, beside its ledger, and compile it."""
        for path in self.root.glob("*.md"):
            path.unlink()
        toml = f'key = "{self.key}"\nname = "Examples"\n'
        for name, reasons in (("retired", self.retired), ("moved", self.moved)):
            toml += f"[{name}]\n" + "".join(f'"{n}" = "{why}"\n' for n, why in reasons.items())
        (self.root / "deck.toml").write_text(toml)
        (self.root / "style.css").write_text(f".card {{ margin: {self.style / 100}px; }}\n")
        for fact in self.facts:
            fact.last = f"1.{self.releases - 1}.0"
        for file in self.files:
            if file.facts:
                text = f"# {file.title}\n\n" + "".join(fact.source for fact in file.facts)
                (self.root / file.name).write_text(text)
        return compile_deck(self.root)

    def release(self) -> Prepared:
        """Make a release, hold it against every promise, and promise it."""
        self.give_reasons()
        compiled = self.write()
        assert not compiled.problems, "\n".join(map(str, compiled.problems))
        time = self.time
        prepared = prepare(compiled, time, f"1.{self.releases}.0")
        text = to_text(prepared.ledger)
        (self.root / FILE).write_text(text, encoding="utf-8")
        notes = {note.id: note for note in prepared.deck.notes}
        assert len(notes) == len(self.facts)
        for fact in self.facts:
            self.check(fact, notes[fact.id], time)
        assert len({note.guid for note in prepared.deck.notes}) == len(notes)
        assert prepared.ledger.last.time == time
        self.look = self.look if self.style == self.look[0] else (self.style, time)
        assert {kind.mod for kind in prepared.deck.types} == {self.look[1]}
        assert from_text(Source(FILE, text)) == (prepared.ledger, ())
        again = prepare(self.write(), time + 1000 * DAY)
        assert again.package == prepared.package
        assert not replace(again.changes, held=())  # what is held back stays so
        self.releases += 1
        return prepared

    def check(self, fact: Fact, note: Note, time: int) -> None:
        """One note of a release against what learners were promised of it."""
        mod = time
        if fact.promise:
            assert note.guid == fact.promise.guid, f"{fact.id} has another GUID"
            mod = fact.promise.mod if fact.visible == fact.promise.visible else time
        assert self.guids.setdefault(note.guid, fact.number) == fact.number, "a GUID is reused"
        assert note.mod == mod, f"the mod of {fact.id} is {note.mod - mod:+} s off"
        numbers = frozenset(fact.texts)
        assert {ordinal + 1 for ordinal in note.ordinals} == numbers
        used = numbers | (fact.promise.used if fact.promise else frozenset())
        fact.promise = Promise(
            release=self.releases,
            id=fact.id,
            guid=note.guid,
            mod=note.mod,
            visible=fact.visible,
            numbers=numbers,
            used=used,
            epoch=fact.epoch,
            heeded=fact.id in fact.aliases,
            title=self.file_of(fact).title,
        )


Edit = Callable[[Story, int, int], None]

EDITS: tuple[Edit, ...] = (
    Story.add,
    Story.retire,
    Story.take_back,
    Story.tidy,
    Story.rename,
    Story.forget_names,
    Story.reword,
    Story.ask_otherwise,
    Story.write_anew,
    Story.wrap,
    Story.retag,
    Story.make_typed,
    Story.add_ordinal,
    Story.drop_ordinal,
    Story.reorder,
    Story.move,
    Story.rename_file,
    Story.retitle,
    Story.restyle,
)


@dataclass(frozen=True)
class Chapter:
    """Some edits, then a release, which a learner imports or skips."""

    edits: tuple[tuple[Edit, int, int], ...]
    imported: bool

    def happen(self, story: Story) -> Prepared:
        for edit, which, salt in self.edits:
            edit(story, which, salt)
        return story.release()


NUMBERS = st.integers(0, 9)
CHAPTERS = st.lists(
    st.builds(
        Chapter,
        st.lists(st.tuples(st.sampled_from(EDITS), NUMBERS, NUMBERS), max_size=8).map(tuple),
        st.sampled_from((True, True, True, False)),
    ),
    min_size=2,
    max_size=4,
)
tried = settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="DECKWRIGHT_EXAMPLES" not in os.environ,  # chance is for those who ask for more
    database=None,
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def story() -> Iterator[Story]:
    with TemporaryDirectory() as folder:
        yield Story(Path(folder))


@tried
@given(CHAPTERS)
def test_no_lawful_history_breaks_a_promise_of_the_ledger(chapters: list[Chapter]) -> None:
    with story() as tale:
        tale.release()
        for chapter in chapters:
            chapter.happen(tale)


# -- What the rules name ---------------------------------------------------------------------------


def drop_without_reason(tale: Story) -> str:
    tale.drop(released(tale)[0])
    return "id-gone"


def rename_without_was(tale: Story) -> str:
    fact = released(tale)[-1]
    fact.id, fact.promise, fact.was = "renamed", None, ()
    return "id-gone"


def swap_clozes(tale: Story) -> str:
    for fact in released(tale):
        if fact.cloze and len(fact.texts) > 1:
            first, second = sorted(fact.texts)[:2]
            texts = fact.texts
            if texts[first] != texts[second]:
                texts[first], texts[second] = texts[second], texts[first]
                return "ordinal-moved"
    return ""


def drop_a_cloze(tale: Story) -> str:
    for fact in released(tale):
        if len(fact.texts) > 1 and not any(name.startswith(f"{fact.id}/") for name in tale.retired):
            del fact.texts[max(fact.texts)]
            return "ordinal-gone"
    return ""


def change_the_kind(tale: Story) -> str:
    fact = released(tale)[0]
    fact.cloze = not fact.cloze
    fact.texts.setdefault(1, "one")
    return "kind-changed"


def reuse_an_id(tale: Story) -> str:
    fact = released(tale)[0]
    fact.epoch, fact.promise, fact.was = fact.epoch + 1, None, ()
    return "id-reused"


def reuse_the_id_of_a_retired_fact(tale: Story) -> str:
    if not tale.gone or tale.gone[0].promise is None:
        return ""
    old = tale.gone[0].promise
    tale.retired.pop(old.id, None)
    tale.files[0].facts.append(Fact(999, old.id, tale.gone[0].cloze, {1: "other"}, epoch=7))
    return "id-reused"


def take_the_former_id_of_another(tale: Story) -> str:
    fact = released(tale)[0]
    former, fact.id = fact.id, tale.name("card")
    tale.release()
    tale.files[0].facts.append(Fact(999, former, fact.cloze, {1: "other"}, epoch=7))
    return "id-reused"


def rename_a_deck(tale: Story) -> str:
    tale.file_of(tale.facts[0]).title = "Another title"
    return "deck-renamed"


def change_the_key(tale: Story) -> str:
    tale.key = "others"
    return "key-changed"


def retire_what_stays(tale: Story) -> str:
    tale.retired[tale.facts[0].id] = "a reason"
    return "bad-retired"


BREACHES: tuple[Callable[[Story], str], ...] = (
    drop_without_reason,
    rename_without_was,
    swap_clozes,
    drop_a_cloze,
    change_the_kind,
    reuse_an_id,
    reuse_the_id_of_a_retired_fact,
    take_the_former_id_of_another,
    rename_a_deck,
    change_the_key,
    retire_what_stays,
)


def released(tale: Story) -> list[Fact]:
    """The facts of a deck that has not changed since its release."""
    return [fact for fact in tale.facts if fact.promise]


@tried
@given(CHAPTERS)
def test_whatever_would_cost_learners_something_is_found_by_the_rule_of_its_name(
    chapters: list[Chapter],
) -> None:
    with story() as tale:
        tale.add(0, 5)
        tale.release()
        for chapter in chapters[:2]:
            chapter.happen(tale)
        ledger = (tale.root / FILE).read_text(encoding="utf-8")
        for one in BREACHES:
            worse = copy.deepcopy(tale)
            if rule := one(worse):
                found = {diagnostic.rule for diagnostic in worse.write().problems}
                assert rule in found, f"{one.__name__}: {found}"
            (tale.root / FILE).write_text(ledger, encoding="utf-8")


# -- A learner -------------------------------------------------------------------------------------


@dataclass
class Learner:
    """Someone who imports releases into real Anki, studies all of it, and edits some."""

    scratch: Scratch
    folder: Path
    mods: dict[str, int] = field(default_factory=dict)
    """The mod of each note as it was last sent to them, by GUID."""
    edited: dict[str, int] = field(default_factory=dict)
    """The mod that a note had when they tagged it and wrote in it, by GUID."""

    def take(self, prepared: Prepared) -> None:
        """Import a release and look at everything they had, and have now."""
        package = self.folder / prepared.package.name
        package.write_bytes(prepared.package.data)
        before = snapshot(self.scratch)
        log = self.scratch.import_package(package)
        after = snapshot(self.scratch)
        notes = {note.guid: note for note in prepared.deck.notes}
        self.nothing_is_lost(before, after)
        self.all_arrived(log, after, notes)
        for guid, note in notes.items():
            self.text_is_right(note, after.contents.by_guid[guid])
        self.mods |= {guid: note.mod for guid, note in notes.items()}
        self.study(after)
        self.edit(after, prepared.ledger.last.time)

    def nothing_is_lost(self, before: Snapshot, after: Snapshot) -> None:
        for card, state in before.cards.items():
            assert after.cards[card] == state, before.contents.card_name(
                before.contents.cards[card]
            )
        assert after.contents.reviews == before.contents.reviews
        assert before.contents.notes.keys() <= after.contents.notes.keys()

    def all_arrived(self, log: ImportLog, after: Snapshot, notes: dict[str, Note]) -> None:
        refused = (log.conflicting, log.first_field_match, log.missing_notetype)
        assert not any((*refused, log.missing_deck, log.empty_first_field)), log
        contents = after.contents
        guids = [note.guid for note in contents.notes.values()]
        assert len(guids) == len(set(guids)) == len(self.mods.keys() | notes.keys())
        ids = [contents.texts(note)["Id"] for note in contents.notes.values()]
        assert len(set(ids)) == len(ids)
        assert {contents.notes[id_].guid for id_ in log.new} == notes.keys() - self.mods.keys()
        due = {guid for guid in notes.keys() & self.mods if notes[guid].mod > self.mods[guid]}
        assert {contents.notes[id_].guid for id_ in log.updated} == due
        there = {(contents.notes[c.note].guid, c.ordinal) for c in contents.cards.values()}
        assert there >= {(guid, number) for guid, note in notes.items() for number in note.ordinals}

    def text_is_right(self, note: Note, got: NoteRow) -> None:
        """The newest text; but on a note that did not change since, the learner's own."""
        own = self.edited.get(note.guid) == note.mod
        assert (TAG in got.tags.split()) == own, note.id
        if not own:
            self.edited.pop(note.guid, None)
        for place, (text, theirs) in enumerate(zip(note.fields, got.fields, strict=True)):
            if text == note.id:  # an id alone is no reason to replace a note
                continue
            words = WORDS if own and place == 1 else ""
            assert " ".join(theirs.split()) == " ".join(text.split()) + words, note.id

    def study(self, after: Snapshot) -> None:
        fresh = [card for card, state in after.cards.items() if not state.reviews]
        self.scratch.answer([(card, HISTORIES[card % len(HISTORIES)]) for card in fresh])

    def edit(self, after: Snapshot, time: int) -> None:
        """Tag every third note and write in it, at a time after this release, before the next."""
        notes = [n for n in after.contents.notes.values() if n.guid not in self.edited]
        chosen = [note for note in notes if sum(note.guid.encode()) % 3 == 0]

        def work(collection: Any) -> None:
            for row in chosen:
                note = collection.get_note(row.id)
                note.fields[1] += WORDS
                note.tags.append(TAG)
                collection.update_note(note)
            collection.db.execute("update notes set mod = ?", time + HOUR)

        self.scratch.run(work)
        self.edited |= {note.guid: self.mods[note.guid] for note in chosen}


@tried
@given(CHAPTERS)
def test_no_lawful_history_costs_a_learner_anything_in_real_anki(chapters: list[Chapter]) -> None:
    with story() as tale, scratch_collection() as scratch, TemporaryDirectory() as folder:
        scratch.run(lambda collection: collection.set_config("fsrs", True))
        learner = Learner(scratch, Path(folder))
        learner.take(tale.release())
        for chapter in chapters:
            prepared = chapter.happen(tale)
            if chapter.imported:
                learner.take(prepared)
