"""What real Anki does with an update: the table of our notes on Anki, row by row.

A learner has studied a release of a small deck, and written on every note a second later. Then
comes the next one: by our own tool, or by a careless one that breaks a rule of Anki's. What they
have afterwards is what these tests state; and that our own tool refuses, repairs or names each way
to hurt them. What learners do in Anki itself happens now, long after all releases.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from deckwright.apkg.package import package
from deckwright.compile import compile_deck
from deckwright.model import Deck, DeckInfo, Media, NoteType, Severity
from deckwright.note_types import note_types
from deckwright.real_anki import quiet, scratch_collection, verify
from deckwright.real_anki.contents import CardRow, NoteRow, in_package
from deckwright.real_anki.scratch import ImportLog, Scratch, Shown, plain
from deckwright.rehearsal.study import CardState, Snapshot, snapshot, study
from deckwright.releases.release import Prepared, intended, prepare
from deckwright.rendering import code as code_module
from tests.decks import TOML, card, make_deck, png, release
from tests.rehearsal.upgrades import (
    NINE,
    RED,
    T0,
    T1,
    T2,
    Change,
    all_of,
    note_of,
    packed,
    patched,
    patched_json,
    rehearsed,
    renamed,
    renamed_fields,
    said,
    with_all,
    with_fields,
    with_look,
    with_note,
    with_templates,
    with_text,
    with_type,
    without,
    without_ids,
)

pytest.importorskip("anki")
pytestmark = pytest.mark.anki

CARDS = "\n".join(
    [
        "# Examples\n",
        "## What bounds the evidence?\n<!--\nid: one\ntags: [elbo]\n-->\n\nThe ELBO, from blow.\n",
        card(
            "A latent variable.\n\n### Reverse\nWhat does a VAE infer?",
            "What is never observed?",
            "two",
        ),
        card("The {{c1::entropy}} and the {{c2::energy}}.", "Free energy", "terms"),
        card("![a dot](media/dot.png)", "Which picture?", "picture"),
        card("```python\nx = 1\n```", "Which code?", "code"),
    ]
)
FIX = ("from blow", "from below")
"""A correction of the card ``one``."""
NEW_CARD = "\n" + card("A model.", "What is a VAE?", "vae")
OLD_IDS = frozenset("one two terms picture code".split())
BASIC_IDS = OLD_IDS - {"terms"}
TAG, WORDS = "my-own", "my own words"


# -- Those who write the deck ----------------------------------------------------------------------


@dataclass(frozen=True)
class Author:
    """Someone with the sources of a deck, and its ledger."""

    root: Path

    def rewrites(self, *changes: tuple[str, str], more: str = "", toml: str = "") -> Author:
        """Change the cards, and add to them and to deck.toml."""
        for name, edits, end in (("01-cards.md", changes, more), ("deck.toml", (), toml)):
            path = self.root / name
            text = path.read_text(encoding="utf-8")
            for old, new in edits:
                assert old in text
                text = text.replace(old, new)
            path.write_text(text + end, encoding="utf-8")
        return self

    def refused(self) -> set[str]:
        """The rules of the errors that ``check`` finds."""
        compiled = compile_deck(self.root)
        assert (compiled.deck is None) == bool(compiled.errors)
        return {one.rule for one in compiled.problems if one.severity is Severity.ERROR}

    def prepares(self, version: str = "1.1.0", time: int = T1, resend: str = "") -> Prepared:
        """The next release, not yet in the ledger."""
        compiled = compile_deck(self.root)
        assert compiled.deck, "\n".join(map(str, compiled.problems))
        return prepare(compiled, time, version, resend.split())

    def releases(self, version: str = "1.1.0", time: int = T1) -> Prepared:
        """The next release, in the ledger."""
        return release(self.root, version, time)


def write_deck(root: Path) -> Author:
    return Author(make_deck(root, {"01-cards.md": CARDS}))


@pytest.fixture
def author(tmp_path: Path) -> Author:
    """The author of a deck whose first release is in its ledger."""
    author = write_deck(tmp_path / "deck")
    author.releases("1.0.0", T0)
    return author


@dataclass(frozen=True)
class Releases:
    """Two releases of a deck by our own tool: ``new`` corrects a note and adds another."""

    old: Prepared
    new: Prepared


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    author = write_deck(tmp_path_factory.mktemp("deck"))
    old = author.releases("1.0.0", T0)
    return Releases(old, author.rewrites(FIX, more=NEW_CARD).prepares())


# -- The learner -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Got:
    """What Anki says of an import, by the ids of our cards."""

    new: frozenset[str]
    updated: frozenset[str]
    duplicate: frozenset[str]
    conflicting: frozenset[str]


@dataclass(frozen=True)
class Learner:
    """Someone with a collection in real Anki."""

    scratch: Scratch
    folder: Path

    def gets(self, data: bytes, *, merge: bool = False, always: bool = False) -> Got:
        """Import a package; whatever it holds, no card they have is touched."""
        path = self.folder / "sent.apkg"
        path.write_bytes(data)
        before = self.cards()
        log = (
            always_imported(self.scratch, path)
            if always
            else self.scratch.import_package(path, merge=merge)
        )
        after = self.cards()
        assert {id_: after.get(id_) for id_ in before} == before
        got = self.now().contents
        names = {**names_in(path), **{id_: got.note_name(id_) for id_ in got.notes}}
        outcomes = (log.new, log.updated, log.duplicate, log.conflicting)
        return Got(*(frozenset(names[id_] for id_ in ids) for ids in outcomes))

    def now(self) -> Snapshot:
        return snapshot(self.scratch)

    def cards(self) -> Mapping[int, CardState]:
        """Reviews, schedule, memory, queue, flag and deck of every card."""
        return self.now().cards

    def notes(self, card_id: str) -> list[NoteRow]:
        """All notes of an id, oldest first: more than one are too many."""
        got = self.now().contents
        return [note for note in got.notes.values() if got.note_name(note.id) == card_id]

    def note(self, card_id: str) -> NoteRow:
        [found] = self.notes(card_id)
        return found

    def reads(self, card_id: str, name: str = "Back") -> str:
        """A field of a note."""
        return self.now().contents.texts(self.note(card_id))[name]

    def cards_of(self, note: NoteRow) -> list[CardRow]:
        cards = [c for c in self.now().contents.cards.values() if c.note == note.id]
        return sorted(cards, key=lambda one: one.ordinal)

    def card(self, card_id: str, ordinal: int = 0) -> CardRow:
        return self.cards_of(self.note(card_id))[ordinal]

    def sees(self, card_id: str, ordinal: int = 0) -> Shown:
        """A card as Anki renders it."""
        [shown] = self.scratch.render([self.card(card_id, ordinal).id])
        return replace(shown, question=plain(shown.question))

    def reviews(self, card_id: str, ordinal: int = 0) -> int:
        return len(self.cards()[self.card(card_id, ordinal).id].reviews)

    def does(self, work: Callable[[Any], Any]) -> Any:
        """Do something in Anki, now."""
        return self.scratch.run(work)

    def types(self) -> set[str]:
        """Their note types, without Anki's own, by what follows the deck's name."""
        names = (kind.name for kind in self.now().contents.types.values())
        return {name.partition(" – ")[2] for name in names if " – " in name}

    def css(self, kind: str = "Basic") -> str:
        types = self.now().contents.types.values()
        [css] = (one.css for one in types if one.name == f"Examples – {kind}")
        return css

    def media(self, name: str) -> bytes | None:
        path = Path(self.does(lambda collection: collection.media.dir()), name)
        return path.read_bytes() if path.exists() else None

    def decks(self) -> dict[str, str]:
        """Names of decks, and what they say of themselves."""

        def described(collection: Any) -> dict[str, str]:
            names = [deck.name for deck in collection.decks.all_names_and_ids()]
            return {name: collection.decks.by_name(name)["desc"] for name in names}

        result: dict[str, str] = self.does(described)
        return result

    def finds(self, search: str) -> int:
        return len(self.does(lambda collection: collection.find_notes(search)))

    def writes(self, *card_ids: str, at: int = 0) -> None:
        """Write words and a tag of their own on notes: now, or at another time."""
        notes = [self.note(card_id).id for card_id in card_ids]

        def write(collection: Any) -> None:
            for note in notes:
                row = collection.get_note(note)
                row["Why"] += WORDS
                row.tags.append(TAG)
                collection.update_note(row)

        self.does(write)
        if at:
            self.scratch.set_times(dict.fromkeys(notes, at), {})

    def tags(self, card_id: str, tag: str = TAG) -> None:
        note = self.note(card_id).id
        self.does(lambda collection: collection.tags.bulk_add([note], tag))

    def own(self) -> set[str]:
        """The notes that still have all that they wrote."""
        got = self.now().contents
        return {
            got.note_name(note.id)
            for note in got.notes.values()
            if TAG in note.tags.split() and any(WORDS in text for text in note.fields)
        }


def always_imported(scratch: Scratch, path: Path) -> ImportLog:
    """Import a package with "Update notes: Always"."""
    from anki import import_export_pb2 as pb

    request = pb.ImportAnkiPackageRequest(
        package_path=str(path),
        options=pb.ImportAnkiPackageOptions(
            update_notes=pb.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_ALWAYS
        ),
    )
    log = scratch.run(lambda collection: collection.import_anki_package(request)).log
    outcomes = (name for name in ImportLog.__slots__ if name != "found")
    ids = {name: tuple(note.id.nid for note in getattr(log, name)) for name in outcomes}
    return ImportLog(found=log.found_notes, **ids)


def names_in(path: Path) -> dict[int, str]:
    contents = in_package(path)
    return {id_: contents.note_name(id_) for id_ in contents.notes}


@pytest.fixture(autouse=True)
def _temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep scratch collections in memory, where there is such a folder; none may be left."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield
        assert not list(Path(folder).glob("deckwright-*"))


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Learner]:
    """A learner with an empty collection."""
    with scratch_collection() as scratch:
        yield Learner(scratch, tmp_path)


@pytest.fixture
def learner(newcomer: Learner, releases: Releases) -> Learner:
    """A learner of the first release: every card answered, words of their own on every note.

    They flagged, suspended and moved a card, too.
    """
    newcomer.gets(releases.old.package.data)
    study(newcomer.scratch, quiet)
    settle(newcomer)
    newcomer.writes(*sorted(OLD_IDS), at=T0 + 1)
    assert newcomer.own() == OLD_IDS
    return newcomer


def settle(learner: Learner) -> None:
    flagged, suspended, moved = (learner.card(name).id for name in ("one", "code", "picture"))

    def work(collection: Any) -> None:
        collection.set_user_flag_for_cards(2, [flagged])
        collection.sched.suspend_cards([suspended])
        collection.set_deck([moved], collection.decks.id("My own deck"))

    learner.does(work)


def stamps_now(scratch: Scratch) -> bool:
    """Whether this Anki puts the time of the import on a note that it updates."""
    return tuple(map(int, scratch.version.split(".")[:2])) <= (24, 11)


# -- What a careless tool does to learners ---------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A package made of our second release, and what a learner of the first gets of it.

    Whatever is not said is as in the first row, the update that our own tool makes.
    """

    change: Change
    updated: frozenset[str] = frozenset({"one"})
    """The notes that Anki updates: exactly these lose what the learner wrote in them."""
    new: frozenset[str] = frozenset({"vae"})
    conflicting: frozenset[str] = frozenset()
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Fields that the learner has."""
    shows: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """What is on the fronts of cards."""
    clones: frozenset[str] = frozenset()
    """Note types that appear."""
    restyled: bool = False
    """Whether `with_look` is delivered."""
    twice: str = ""
    """A note that the learner gets a second copy of, without history."""
    says: tuple[str, ...] = ()
    """What our rehearsal says; nothing where the update is good."""
    package: Callable[[bytes], bytes] = bytes


def ids(words: str) -> frozenset[str]:
    return frozenset(words.split())


FIXED = {("one", "Back"): "The ELBO, from below."}
UNFIXED = {("one", "Back"): "The ELBO, from blow."}
REFUSED: dict[str, Any] = {
    "updated": frozenset(),
    "conflicting": BASIC_IDS,
    "clones": ids("Basic+"),
    "texts": UNFIXED,
}

ROWS: dict[str, Row] = {
    "a corrected text with a newer mod is delivered": Row(lambda deck: deck, texts=FIXED),
    "a corrected text with the same mod is not delivered": Row(
        with_note("one", mod=T0),
        updated=frozenset(),
        texts=UNFIXED,
        says=('new text, but no later time (mod) than before, so learners never get it: "one"',),
    ),
    "every note stamped with the build time loses what learners wrote": Row(
        with_all(T1),
        updated=OLD_IDS,
        texts=FIXED,
        says=(
            (
                "replaced although nothing in them changed, with all that learners wrote there:"
                ' "code", "picture", "terms" and 1 more'
            ),
            "the learner's own tag is lost although nothing changed there",
            "the learner's own text is lost although nothing changed there",
            "the learner's own CSS line is lost although nothing changed there: \"Examples – ",
        ),
    ),
    "a changed GUID leaves the old note and adds an unreviewed copy": Row(
        with_note("one", guid="another"),
        updated=frozenset(),
        new=ids("one vae"),
        twice="one",
        says=('another GUID than before, so learners get second copies without history: "one"',),
    ),
    "a removed note stays": Row(
        without("two"),
        texts={("two", "Back"): "A latent variable."},
        says=('missing from the new version, and learners keep the old text for ever: "two"',),
    ),
    "new CSS and templates with a newer mod are delivered": Row(
        with_look(T1), texts=FIXED, restyled=True
    ),
    "new CSS and templates with the same mod are not delivered": Row(
        with_look(T0),
        texts=FIXED,
        says=('the new names, templates or CSS of the note type "Examples – Basic" do not arrive',),
    ),
    "an added field makes every note conflict": Row(
        with_fields(*NINE, 9),
        **REFUSED,
        says=(
            'the fields of the note type "Examples – Basic" were Front, Back, ',
            ", Reserved 1, Reserved 2, Extra, so Anki refuses the update of",
        ),
    ),
    "a removed field makes every note conflict": Row(
        with_fields(*NINE[:-1]),
        **REFUSED,
        says=(", Id, Reserved 1, so Anki refuses the update of",),
    ),
    "reordered fields make every note conflict": Row(
        with_fields(*NINE[:-2], 8, 7),
        **REFUSED,
        says=(", Reserved 2, Reserved 1, so Anki refuses the update of",),
    ),
    "an added template makes every note conflict": Row(
        with_templates(0, 1, 2),
        **REFUSED,
        says=(
            (
                'the templates of the note type "Examples – Basic" were Card, Reverse and are'
                " Card, Reverse, Third, so Anki refuses the update of"
            ),
        ),
    ),
    "a removed template makes every note conflict": Row(
        with_templates(0),
        **REFUSED,
        says=("so Anki refuses the update of",),
    ),
    "reordered templates make every note conflict": Row(
        with_templates(1, 0),
        **REFUSED,
        says=("so Anki refuses the update of",),
    ),
    "a renamed field and template, with ids, are a clean update": Row(
        renamed, texts={**FIXED, ("two", "Hint"): ""}
    ),
    "a renamed field and template, without ids, make every note conflict": Row(
        renamed, **REFUSED, says=("so Anki refuses the update of",), package=without_ids
    ),
    "names without ids are enough as long as they stay": Row(
        lambda deck: deck, texts=FIXED, package=without_ids
    ),
    "another id of a note type makes every note conflict": Row(
        with_type("basic", id=99),
        **REFUSED,
        says=("a note type of another id than before, so Anki refuses the update of",),
    ),
    "a note moved to another note type conflicts": Row(
        with_note(
            "two",
            kind="cloze",
            fields=("Title", "{{c1::Text}}", "", "", "two", "", ""),
            ordinals=(0,),
            mod=T1,
        ),
        conflicting=ids("two"),
        texts={**FIXED, ("two", "Back"): "A latent variable."},
        says=("a note type of another id than before, so Anki refuses the update of",),
    ),
    "a cloze that is gone leaves a card without a question": Row(
        all_of(
            with_text("terms", "{{c1::entropy}}", "entropy"),
            with_note("terms", ordinals=(1,), mod=T1),
        ),
        updated=ids("one terms"),
        shows={("terms", 0): "No cloze 1 found on card."},
        says=(
            (
                "a card that learners have studied is empty: its note has no cloze 1:"
                ' card "Cloze 1" of note "terms"'
            ),
        ),
    ),
    "swapped cloze numbers put a history to another question": Row(
        with_note(
            "terms",
            fields=lambda fields: (
                fields[0],
                "<p>The {{c2::entropy}} and the {{c1::energy}}.</p>",
                *fields[2:],
            ),
            mod=T1,
        ),
        updated=ids("one terms"),
        shows={
            ("terms", 0): 'entropy</span> and the <span class="cloze" data-cloze="energy"',
            ("terms", 1): 'The <span class="cloze" data-cloze="entropy"',
        },
    ),
    "an emptied second template leaves a blank card": Row(
        with_text("two", "What does a VAE infer?", "", ordinals=(0,), mod=T1),
        updated=ids("one two"),
        shows={("two", 1): "The front of this card is blank"},
        says=("a card that learners have studied has a blank front",),
    ),
    "changed tags with a newer mod wipe what learners wrote": Row(
        with_note("two", tags=("changed",), mod=T1), updated=ids("one two"), texts=FIXED
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_with_an_update_by_a_careless_tool(name: str, learner: Learner, releases: Releases) -> None:
    row = ROWS[name]
    types = learner.types()
    got = learner.gets(row.package(packed(row.change(releases.new.deck))))
    assert (got.updated, got.new, got.conflicting) == (row.updated, row.new, row.conflicting)
    assert learner.own() == OLD_IDS - row.updated
    for (card_id, part), text in row.texts.items():
        assert text in learner.reads(card_id, part)
    for (card_id, ordinal), text in row.shows.items():
        assert text in learner.sees(card_id, ordinal).question
        assert learner.reviews(card_id, ordinal)
    assert learner.types() - types == row.clones
    look = learner.sees("code")
    assert ("Restyled" in look.question, RED in look.css) == (row.restyled, row.restyled)
    for card_id in OLD_IDS | row.new:
        assert len(learner.notes(card_id)) == 1 + (card_id == row.twice)
    if row.twice:
        old, copy = learner.notes(row.twice)
        assert {card.studied for card in learner.cards_of(old)} == {True}
        assert {card.studied for card in learner.cards_of(copy)} == {False}
        assert "from blow" in old.fields[1]
        assert "from below" in copy.fields[1]


@pytest.mark.parametrize("name", ROWS)
def test_our_rehearsal_judges(name: str, tmp_path: Path, releases: Releases) -> None:
    row = ROWS[name]
    new = row.package(packed(row.change(releases.new.deck)))
    result = rehearsed(tmp_path, releases.old.package.data, new)
    for words in row.says:
        assert words in said(result)
    assert bool(result.failures) == bool(row.says)
    assert all(failure.fix for failure in result.failures)
    for kind in row.clones:
        copy = f'Anki puts a copy of a note type beside the learner\'s: "Examples – {kind}"'
        assert copy in said(result)


def test_an_equal_mod_is_never_delivered_not_even_with_always(
    learner: Learner, releases: Releases
) -> None:
    learner.scratch.set_times({learner.note("one").id: T0}, {})
    got = learner.gets(packed(with_note("one", mod=T0)(releases.new.deck)), always=True)
    assert got.updated == OLD_IDS - {"one"}  # of these, the learner's mods differ
    assert "from blow" in learner.reads("one")


def test_a_missing_card_is_added_even_where_its_note_is_skipped(
    learner: Learner, releases: Releases
) -> None:
    third = with_text("terms", " and ", " {{c3::and}} ", ordinals=(0, 1, 2), mod=T0)
    assert learner.gets(packed(third(releases.new.deck))).updated == {"one"}
    cards = learner.cards_of(learner.note("terms"))
    assert [one.studied for one in cards] == [True, True, False]
    assert "c3" not in learner.reads("terms", "Text")
    assert "No cloze 3 found" in learner.sees("terms", 2).question


def test_of_two_notes_with_one_guid_one_is_never_updated_again(
    newcomer: Learner, tmp_path: Path, releases: Releases
) -> None:
    deck = releases.old.deck
    twins = with_note("two", guid=note_of(deck, "one").guid)
    assert newcomer.gets(packed(twins(deck))).new == OLD_IDS
    fix = all_of(
        twins,
        with_text("one", "from blow", "from below", mod=T2),
        with_text("two", "A latent", "Some latent", mod=T2),
    )
    got = newcomer.gets(packed(fix(deck), T2))
    assert len(got.updated) == 1
    stale = [note for name in ("one", "two") for note in newcomer.notes(name) if note.mod < T2]
    assert len(stale) == 1
    words = said(rehearsed(tmp_path, releases.old.package.data, packed(twins(deck))))
    assert "another GUID than before" in words
    (tmp_path / "twins.apkg").write_bytes(packed(twins(deck)))
    assert "share the GUID" in "".join(
        failure.what for failure in verify(tmp_path / "twins.apkg").failures
    )


def test_the_same_guid_on_another_note_type_conflicts(
    newcomer: Learner, releases: Releases
) -> None:
    other = replace(
        releases.old.deck,
        types=tuple(
            replace(kind, id=kind.id + 1, name=f"Adopted {kind.kind}")
            for kind in releases.old.deck.types
        ),
    )
    newcomer.gets(packed(other, T0))
    got = newcomer.gets(releases.new.package.data)
    assert (got.new, got.updated) == (ids("vae"), ids(""))
    assert got.conflicting == OLD_IDS
    assert "from blow" in newcomer.reads("one")


def test_a_changed_shape_makes_a_clone_even_without_new_notes_which_stays_when_it_is_taken_back(
    learner: Learner, releases: Releases
) -> None:
    good = releases.new.deck
    bad = with_fields(*NINE, 9)
    assert learner.gets(packed(bad(without("vae")(good)))).conflicting == BASIC_IDS
    assert learner.types() == {"Basic", "Basic+", "Cloze"}
    assert learner.gets(packed(bad(good))).new == {"vae"}
    back = learner.gets(packed(with_note("vae", mod=T2)(good), T2))
    assert (back.updated, back.conflicting) == (ids("one"), ids("vae"))
    assert learner.types() == {"Basic", "Basic+", "Cloze"}


# -- Decks and their descriptions ------------------------------------------------------------------


def test_in_a_renamed_deck_only_new_notes_arrive(author: Author, learner: Learner) -> None:
    author.rewrites(("# Examples", "# Samples"), more=NEW_CARD)
    assert author.refused() == {"deck-renamed"}
    new = author.rewrites(toml='[moved]\n"Examples::Examples" = "a better name"\n').prepares()
    got = learner.gets(new.package.data)
    assert (got.new, got.updated) == (ids("vae"), ids(""))
    assert learner.card("vae").deck == "Examples::Samples"
    assert {learner.card(name).deck for name in OLD_IDS - {"picture"}} == {"Examples::Examples"}
    assert learner.card("picture").deck == "My own deck"


def test_our_rehearsal_remarks_on_a_renamed_deck(
    author: Author, tmp_path: Path, releases: Releases
) -> None:
    author.rewrites(
        ("# Examples", "# Samples"), toml='[moved]\n"Examples::Examples" = "a better name"\n'
    )
    new = author.prepares()
    result = rehearsed(tmp_path, releases.old.package.data, new.package.data, intended(new))
    assert said(result) == ""
    words = '7 cards go from the deck "Examples::Examples" to "Examples::Samples"'
    assert words in result.remarks[0]


def test_decks_match_by_name_whatever_their_ids(learner: Learner, releases: Releases) -> None:
    def renumber(deck: dict[str, Any]) -> None:
        deck["id"] += 7

    def move(connection: sqlite3.Connection) -> None:
        connection.execute("update cards set did = did + 7")

    before = set(learner.decks())
    data = patched(patched_json(releases.new.package.data, "decks", renumber), move)
    learner.gets(data)
    assert set(learner.decks()) == before
    assert learner.card("vae").deck == "Examples::Examples"


def test_the_deck_of_id_1_is_the_default_one(newcomer: Learner, releases: Releases) -> None:
    def move(connection: sqlite3.Connection) -> None:
        connection.execute("update cards set did = 1")

    newcomer.gets(patched(releases.new.package.data, move))
    assert {one.deck for one in newcomer.now().contents.cards.values()} == {"Default"}


def test_a_description_is_overwritten_and_never_cleared(
    learner: Learner, releases: Releases
) -> None:
    def describe(text: str) -> bytes:
        def change(deck: dict[str, Any]) -> None:
            deck["desc"] = text

        return patched_json(releases.new.package.data, "decks", change)

    def write(collection: Any) -> None:
        deck = collection.decks.by_name("Examples")
        deck["desc"] = "The learner's"
        collection.decks.update_dict(deck)

    assert "Version 1.0.0" in learner.decks()["Examples"]
    learner.does(write)
    learner.gets(releases.new.package.data)
    assert "Version 1.1.0" in learner.decks()["Examples"]
    learner.gets(describe("Another"))
    learner.gets(describe(""))
    assert learner.decks()["Examples"] == "Another"


@pytest.mark.parametrize(
    ("name", "decks", "shown"),
    [
        ("Samples", "Examples::One Examples::Two", {"Examples"}),  # row c07b: another name
        ("Lessons", "Other::One other::Two Third", {"Other", "Third"}),  # row f03
        ("Lessons", "Other::One lessons::Two", {"Lessons"}),
        ("Lessons", "Other::One Lessons", {"Lessons"}),
    ],
)
def test_the_description_arrives_whatever_decks_the_cards_go_to(
    name: str, decks: str, shown: set[str], newcomer: Learner
) -> None:
    toml = f'key = "examples"\nname = "{name}"\ndecks = ["Examples", "Other", "Third"]\n'
    files: dict[str, str | bytes] = {"deck.toml": toml}
    for number, deck in enumerate(decks.split()):
        front = f"---\ndeck: '{deck}'\n---\n# Cards {number}\n\n"
        files[f"{number}.md"] = front + card("An answer.", f"Question {number}?", f"id-{number}")
    root = make_deck(newcomer.folder / "deck", files)
    for version, time in (("1.0.0", T0), ("1.1.0", T1)):
        newcomer.gets(release(root, version, time).package.data)
        assert not verify(newcomer.folder / "sent.apkg").failures
        got = newcomer.decks()
        assert {deck.title() for deck, text in got.items() if f"Version {version}" in text} == shown
        assert not [deck for deck, text in got.items() if text and deck.title() not in shown]


# -- Media -----------------------------------------------------------------------------------------


def test_media_under_the_same_name_arrive_only_with_a_newer_note_and_renamed(
    learner: Learner, releases: Releases
) -> None:
    deck = releases.new.deck
    [old] = deck.media
    other = replace(deck, media=(Media(old.name, png(2)),))
    assert learner.gets(packed(other)).updated == {"one"}
    assert learner.media(old.name) == old.data
    assert old.name in learner.reads("picture")
    got = learner.gets(packed(with_note("picture", mod=T1)(other)))
    assert got.updated == {"picture"}
    assert learner.media(old.name) == old.data
    text = learner.reads("picture")
    assert old.name not in text
    assert learner.media(text.partition('src="')[2].partition('"')[0]) == png(2)


@pytest.mark.parametrize("name", ["dot", "_logo"])
def test_our_rehearsal_finds_other_bytes_under_the_same_name(
    name: str, tmp_path: Path, releases: Releases
) -> None:
    def with_media(deck: Deck, data: bytes) -> bytes:
        if name == "dot":
            return packed(replace(deck, media=(Media(deck.media[0].name, data),)))
        styled = with_type("basic", css=".x { background: url(_logo.png); }", mod=T0)(deck)
        return packed(replace(styled, media=(*deck.media, Media("_logo.png", data))))

    result = rehearsed(
        tmp_path, with_media(releases.old.deck, png(1)), with_media(releases.new.deck, png(2))
    )
    assert "under the same name" in said(result)


def test_our_media_are_named_by_their_bytes_and_arrive(author: Author, learner: Learner) -> None:
    (author.root / "media/dot.png").write_bytes(png(2))
    new = author.prepares()
    [media] = new.deck.media
    got = learner.gets(new.package.data)
    assert got.updated == {"picture"}
    assert learner.media(media.name) == png(2)
    assert media.name in learner.reads("picture")


def test_an_asset_of_a_template_is_never_overwritten_and_needs_its_underscore(
    newcomer: Learner, releases: Releases
) -> None:
    def styled(deck: Deck, data: bytes, mod: int) -> bytes:
        assets = (Media("_logo.png", data), Media("logo.png", data))
        css = "".join(f".{one.name[:-4]} {{ background: url({one.name}); }}" for one in assets)
        media = replace(deck, media=(*deck.media, *assets))
        return packed(with_type("basic", css=css, mod=mod)(media), mod)

    newcomer.gets(styled(releases.old.deck, b"first", T0))
    assert newcomer.media("_logo.png") == b"first"
    assert newcomer.media("logo.png") is None
    got = newcomer.gets(styled(with_all(T1)(releases.new.deck), b"second", T1))
    assert got.updated == OLD_IDS
    assert newcomer.media("_logo.png") == b"first"
    assert "url(_logo.png)" in newcomer.css()


# -- What learners do in the meantime --------------------------------------------------------------


def mark_as_leech(learner: Learner) -> None:
    """Fail the card until Anki itself tags its note."""
    card_id = learner.card("one").id

    def strict(collection: Any) -> None:
        config = collection.decks.config_dict_for_deck_id(collection.get_card(card_id).did)
        config["lapse"]["leechFails"] = 1
        collection.decks.update_config(config)

    learner.does(strict)
    learner.scratch.answer([(card_id, (4, 1, 4, 1, 4, 1))])
    assert "leech" in learner.note("one").tags


LATER: dict[str, Callable[[Learner], None]] = {
    "edited it": lambda learner: learner.writes("one"),
    "tagged it": lambda learner: learner.tags("one", "hard"),
    "marked it": lambda learner: learner.tags("one", "marked"),
    "failed it until it was a leech": mark_as_leech,
}


@pytest.mark.parametrize("what", LATER)
def test_a_correction_and_every_later_one_is_blocked_where_the_learner(
    what: str, learner: Learner, releases: Releases
) -> None:
    LATER[what](learner)
    tags = learner.note("one").tags
    assert learner.note("one").mod > T2
    for time in (T1, T2):
        fix = packed(with_note("one", mod=time)(releases.new.deck), time)
        got = learner.gets(fix)
        assert got.updated == set()
        assert "one" in got.duplicate
        assert "from blow" in learner.reads("one")
        assert learner.note("one").tags == tags
    learner.gets(fix, always=True)
    assert "from below" in learner.reads("one")
    assert learner.note("one").tags.split() == ["elbo"]
    assert WORDS not in learner.reads("one", "Why")


def test_a_new_card_of_a_note_that_was_tagged_later_is_blank_until_always(
    author: Author, learner: Learner
) -> None:
    """Row b17: a cloze and a Reverse more."""
    learner.tags("terms", "hard")
    learner.tags("one", "hard")
    new = author.rewrites(
        (" and the ", " {{c3::minus}} the "),
        ("from blow.", "from blow.\n\n### Reverse\nWhat does the ELBO bound?"),
    ).prepares()
    assert learner.gets(new.package.data).updated == set()
    assert "No cloze 3 found" in learner.sees("terms", 2).question
    assert "The front of this card is blank" in learner.sees("one", 1).question
    learner.gets(new.package.data, always=True)
    assert "[...]" in learner.sees("terms", 2).question
    assert "What does the ELBO bound?" in learner.sees("one", 1).question


def test_a_card_that_the_learner_deleted_comes_back_and_so_does_the_old_name_of_a_deck(
    author: Author, learner: Learner
) -> None:
    """Rows d19 and e07."""
    one = learner.note("one").id

    def change(collection: Any) -> None:
        collection.remove_notes([one])
        collection.decks.rename(collection.decks.id("Examples"), "Mine")

    learner.does(change)
    new = author.rewrites(more=NEW_CARD).prepares()
    assert learner.gets(new.package.data).new == {"one", "vae"}
    assert learner.card("vae").deck == "Examples::Examples"
    assert learner.card("two").deck == "Mine::Examples"


def bumped(learner: Learner, work: Callable[[Any], Any]) -> bool:
    """Whether something makes a note newer than the package it came from."""
    note = learner.note("one").id
    learner.scratch.set_times({note: T0}, {})
    learner.does(work)
    return learner.note("one").mod != T0


def test_a_draft_that_was_studied_stays_and_comes_twice(author: Author, learner: Learner) -> None:
    """Row d12: a correction that is given up, and a new card that gets another id."""
    draft = author.rewrites(("from blow", "from above"), more=NEW_CARD).prepares("", T1)
    learner.gets(draft.package.data)
    for deck in ("Examples", "Default"):
        shown = "A draft, to be studied in a profile of its own: " in learner.decks()[deck]
        assert shown == (deck == "Examples")
    author.rewrites(("from above", "from blow"), ("id: vae", "id: model"))
    released = author.prepares("1.1.0", T2)
    assert learner.gets(released.package.data).new == {"model"}
    assert "from above" in learner.reads("one")
    assert learner.reads("vae") == learner.reads("model")
    assert "A draft" not in learner.decks()["Examples"]


def test_only_edits_and_tags_make_a_note_newer(learner: Learner) -> None:
    def edit(collection: Any) -> None:
        row = collection.get_note(note)
        row["Why"] = "Because."
        collection.update_note(row)

    note, card_id = learner.note("one").id, learner.card("one").id
    acts: dict[str, Callable[[Any], Any]] = {
        "edit": edit,
        "tag": lambda col: col.tags.bulk_add([note], "new"),
        "mark": lambda col: col.tags.bulk_add([note], "marked"),
        "flag": lambda col: col.set_user_flag_for_cards(4, [card_id]),
        "suspend": lambda col: col.sched.suspend_cards([card_id]),
        "unsuspend": lambda col: col.sched.unsuspend_cards([card_id]),
        "bury": lambda col: col.sched.bury_cards([card_id]),
        "unbury": lambda col: col.sched.unbury_cards([card_id]),
        "move": lambda col: col.set_deck([card_id], col.decks.id("Elsewhere")),
        "reschedule": lambda col: col.sched.set_due_date([card_id], "3"),
        "forget": lambda col: col.sched.schedule_cards_as_new([card_id]),
    }
    made_newer = {name for name, act in acts.items() if bumped(learner, act)}
    assert made_newer == {"edit", "tag", "mark"}
    learner.scratch.set_times({note: T0}, {})
    learner.scratch.answer([(card_id, (3, 3))])
    assert learner.note("one").mod == T0


def test_css_that_the_learner_changed_later_stays_and_notes_are_delivered(
    learner: Learner, releases: Releases
) -> None:
    def restyle(collection: Any) -> None:
        kind = collection.models.by_name("Examples – Basic")
        kind["css"] += "/* mine */"
        collection.models.update_dict(kind)

    learner.does(restyle)
    got = learner.gets(packed(with_look(T1)(releases.new.deck)))
    assert got.updated == {"one"}
    assert RED not in learner.css()
    assert learner.css().endswith("/* mine */")


def add_field(collection: Any) -> None:
    kind = collection.models.by_name("Examples – Basic")
    collection.models.add_field(kind, collection.models.new_field("Mine"))
    collection.models.update_dict(kind)


def add_template(collection: Any) -> None:
    kind = collection.models.by_name("Examples – Basic")
    template = collection.models.new_template("Mine")
    template |= {"qfmt": "{{Back}}", "afmt": "{{Front}}"}
    collection.models.add_template(kind, template)
    collection.models.update_dict(kind)


@pytest.mark.parametrize("add", [add_field, add_template])
def test_a_field_or_template_of_the_learners_own_blocks_every_update_until_they_merge(
    add: Callable[[Any], None], learner: Learner, releases: Releases
) -> None:
    learner.does(add)
    basic = [note.id for note in map(learner.note, sorted(BASIC_IDS))]
    stamped = {learner.note(card_id).mod > T2 for card_id in BASIC_IDS}
    assert stamped == {add is add_field}  # which blocks what was released before, even merged
    learner.scratch.set_times(dict.fromkeys(basic, T0 + 1), {})
    for time in (T1, T2):
        fix = with_note("one", mod=time)(releases.new.deck)
        got = learner.gets(packed(fix, time))
        assert got.conflicting == BASIC_IDS
        assert got.updated == set()
        assert {"Basic", "Basic+"} <= learner.types()
        assert "from blow" in learner.reads("one")
    schema = learner.scratch.rows("select scm from col")
    got = learner.gets(packed(fix, T2), merge=True)
    assert (got.conflicting, got.updated) == (ids(""), ids("one"))
    assert "from below" in learner.reads("one")
    assert learner.scratch.rows("select scm from col") != schema  # a full sync
    assert learner.types() == {"Basic", "Cloze"}


def test_a_learner_with_a_field_of_their_own_is_remarked_on(
    tmp_path: Path, releases: Releases
) -> None:
    result = rehearsed(tmp_path, releases.old.package.data, releases.new.package.data)
    assert said(result) == ""
    assert (result.updated_notes, result.new_notes) == (1, 1)
    assert result.remarks[-1] == (
        "learners who added a field of their own get none of 5 notes updated"
        ' until they tick "merge note types" in the import dialog'
    )


def test_an_update_has_the_time_of_the_package_or_in_old_anki_that_of_the_import(
    learner: Learner, releases: Releases
) -> None:
    learner.gets(releases.new.package.data)
    now = stamps_now(learner.scratch)
    assert learner.note("vae").mod == T1
    assert (learner.note("one").mod > T2) == now
    assert now or learner.note("one").mod == T1
    fix = all_of(
        with_text("one", "below", "far below", mod=T2),
        with_text("vae", "A model", "A good model", mod=T2),
    )
    got = learner.gets(packed(fix(releases.new.deck), T2))
    # A correction dated before an old Anki imported the last one never arrives.
    assert got.updated == ({"vae"} if now else {"one", "vae"})


def test_a_search_by_id_alone_finds_notes_of_other_decks(
    learner: Learner, tmp_path: Path, releases: Releases
) -> None:
    other = make_deck(
        tmp_path / "other",
        {"01-cards.md": CARDS, "deck.toml": TOML.replace("Examples", "Others").replace("ex", "ot")},
    )
    learner.gets(release(other).package.data)
    assert learner.finds("Id:one") == 2
    assert learner.finds(releases.new.ledger.search(["one"])) == 1


# -- What our own tool does ------------------------------------------------------------------------


ANSWER = "\n\nA latent variable.\n\n### Reverse\nWhat does a VAE infer?\n"

SHAPES: dict[str, Change] = {
    "an added field": with_fields(*NINE, 9),
    "another id": with_type("basic", id=99),
}
"""Of a note type of ours. What else a shape is, the tests of a deck's own types show."""


def use_types(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Have a later deckwright whose note types differ."""

    def theirs(info: DeckInfo, style: str, _own: object) -> tuple[NoteType, ...]:
        return change(Deck(info, note_types(info, style), (), ())).types

    monkeypatch.setattr("deckwright.compile.note_types", theirs)


@pytest.mark.parametrize("name", SHAPES)
def test_check_refuses_a_note_type_with(
    name: str, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_types(monkeypatch, SHAPES[name])
    assert author.refused() == {"shape-changed"}


def test_a_renamed_reserved_field_is_no_change_of_shape_and_arrives(
    author: Author, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_types(monkeypatch, renamed)
    new = author.prepares()
    assert [change.after.kind for change in new.changes.types] == ["basic"]
    got = learner.gets(new.package.data)
    assert (got.updated, got.conflicting) == (ids(""), ids(""))
    assert learner.reads("two", "Hint") == ""


def test_a_renamed_field_alone_moves_the_mod_of_its_note_type(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_types(monkeypatch, with_type("basic", fields=renamed_fields))
    new = author.prepares()
    assert {kind.kind: kind.mod for kind in new.deck.types} == {"basic": T1, "cloze": T0}


def mods(prepared: Prepared) -> dict[str, int]:
    return {note.id: note.mod for note in prepared.deck.notes}


def test_one_changed_card_updates_one_note_and_keeps_every_edit_elsewhere(
    author: Author, learner: Learner, tmp_path: Path, releases: Releases
) -> None:
    new = author.rewrites(FIX).prepares()
    assert mods(new) == {**dict.fromkeys(OLD_IDS, T0), "one": T1}
    got = learner.gets(new.package.data)
    assert got == Got(frozenset(), frozenset({"one"}), OLD_IDS - {"one"}, frozenset())
    assert "from below" in learner.reads("one")
    assert learner.own() == OLD_IDS - {"one"}
    ledger = releases.old.ledger
    rebuilt = package(ledger.deck(releases.old.deck.info, releases.old.deck.media), "1.0.0", T0)
    result = rehearsed(tmp_path, rebuilt.data, new.package.data, intended(new))
    assert (said(result), result.updated_notes, result.new_notes) == ("", 1, 0)
    elsewhere = [
        left == made for (_, changed), (left, made) in result.survival.items() if not changed
    ]
    assert elsewhere and all(elsewhere)


def newer_pygments(monkeypatch: pytest.MonkeyPatch) -> None:
    from pygments.formatters.html import HtmlFormatter

    monkeypatch.setattr(code_module, "_formatter", code_module._formatter.__wrapped__)
    monkeypatch.setattr(HtmlFormatter, "_get_css_class", lambda _self, kind: f"newer-{kind}")


@pytest.mark.parametrize("what", ["a tag is edited", "Pygments is upgraded"])
def test_no_note_is_updated_where(
    what: str,
    author: Author,
    learner: Learner,
    tmp_path: Path,
    releases: Releases,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, changed = "one", ("tags: [elbo]", "tags: [bound]")
    if what == "Pygments is upgraded":
        held, changed = "code", ("x", "x")
        newer_pygments(monkeypatch)
    new = author.rewrites(changed).prepares()
    assert [change.after.id for change in new.changes.held] == [held]
    assert set(mods(new).values()) == {T0}
    result = rehearsed(tmp_path, releases.old.package.data, new.package.data, intended(new))
    assert (said(result), result.updated_notes) == ("", 0)
    assert learner.gets(new.package.data).updated == set()
    assert learner.own() == OLD_IDS
    resent = author.prepares(resend=held)
    assert learner.gets(resent.package.data).updated == {held}
    assert learner.own() == OLD_IDS - {held}


def test_a_renamed_card_keeps_its_history(author: Author, learner: Learner) -> None:
    new = author.rewrites(("<!-- id: two -->", "<!--\nid: too\nwas: [two]\n-->")).prepares()
    assert learner.gets(new.package.data).new == set()


def test_a_retired_note_stays_and_one_search_finds_it(
    author: Author, learner: Learner, tmp_path: Path, releases: Releases
) -> None:
    gone = "## What is never observed?\n<!-- id: two -->" + ANSWER
    author.rewrites((gone, ""), toml='[retired]\ntwo = "too easy"\n')
    new = author.releases()
    got = learner.gets(new.package.data)
    assert (got.new, got.updated) == (ids(""), ids(""))
    assert learner.reads("two") == "A latent variable." and learner.reviews("two", 1)
    assert learner.finds(new.ledger.search(new.ledger.last.retired)) == 1
    result = rehearsed(tmp_path, releases.old.package.data, new.package.data, intended(new))
    assert said(result) == ""
    assert 'retired notes stay with learners: "two"' in result.remarks


def test_a_new_cloze_comes_as_a_new_card(author: Author, learner: Learner) -> None:
    new = author.rewrites((" and the ", " {{c3::minus}} the ")).prepares()
    assert learner.gets(new.package.data).updated == {"terms"}
    cards = learner.cards_of(learner.note("terms"))
    assert [one.studied for one in cards] == [True, True, False]
    assert "[...]" in learner.sees("terms", 2).question


def test_new_css_moves_the_mod_of_note_types_alone_and_arrives(
    author: Author, learner: Learner
) -> None:
    (author.root / "style.css").write_text(RED)
    new = author.prepares()
    assert {kind.mod for kind in new.deck.types} == {T1}
    assert learner.gets(new.package.data).updated == set()
    assert {RED in learner.css(kind) for kind in ("Basic", "Cloze")} == {True}
    assert learner.own() == OLD_IDS
