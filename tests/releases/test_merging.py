"""Two branches that both released are joined: learners of either get the next release whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deckwright.apkg.guids import guid
from deckwright.compile import compile_deck
from deckwright.model import Source
from deckwright.real_anki import quiet, scratch_collection
from deckwright.rehearsal.study import snapshot, study
from deckwright.releases.changelog import to_markdown
from deckwright.releases.ledger import FILE, Ledger, ReleasedNote, from_text, to_text
from deckwright.releases.merging import merge, sides
from deckwright.releases.release import Prepared, intended, prepare
from tests.decks import TOML, card, make_deck, release
from tests.program import run

pytest.importorskip("anki")

ROOT = Path(__file__).parent.parent.parent
DAY = 86_400
T0 = 1_600_000_000
TEXTS = {
    "paris": ("What is the capital of France?", "Paris, on the Seine."),
    "rome": ("What is the capital of Italy?", "Rome, on the Tiber."),
    "terms": ("Two terms", "The {{c1::entropy}} and the {{c2::energy}}."),
}


def source(texts: Mapping[str, tuple[str, str]], **comments: str) -> str:
    """Cards by their ids, with more lines in the comments of some."""
    cards = []
    for name, (prompt, answer) in texts.items():
        comment = f"<!--\nid: {name}\n{comments[name]}\n-->" if name in comments else ""
        written = card(answer, prompt, name)
        cards.append(written.replace(f"<!-- id: {name} -->", comment) if comment else written)
    return "# Examples\n\n" + "\n".join(cards)


@dataclass(frozen=True)
class Branch:
    """A branch of a deck's repository."""

    root: Path

    def writes(
        self, texts: Mapping[str, tuple[str, str]], toml: str = "", css: str = "", **comments: str
    ) -> Branch:
        files = {"01-cards.md": source(texts, **comments), "deck.toml": TOML + toml}
        make_deck(self.root, {**files, **({"style.css": css} if css else {})})
        return self

    def releases(self, version: str, day: int) -> Prepared:
        return release(self.root, version, T0 + day * DAY)

    @property
    def ledger(self) -> Ledger:
        path = self.root / FILE
        read, found = from_text(Source(FILE, path.read_text(encoding="utf-8")))
        assert read, found
        return read

    def merges(self, other: Branch, *args: str, code: int = 0) -> str:
        """Join the ledger of another branch into this one's, and return what is said."""
        before = (self.root / FILE).read_bytes()
        paths = (str(self.root / FILE), str(other.root / FILE))
        done = run("ledger", "merge", *paths, *args, cwd=self.root)
        assert done.returncode == code, done.stderr
        assert not code or (self.root / FILE).read_bytes() == before
        return done.stderr

    def rules(self) -> set[str]:
        return {one.rule for one in compile_deck(self.root).problems}


def branches(root: Path) -> tuple[Prepared, Branch, Branch]:
    """A first release, and the two branches that go on from there."""
    main = Branch(root / "main").writes(TEXTS)
    first = main.releases("1.0.0", 0)
    shutil.copytree(main.root, root / "hotfix")
    return first, main, Branch(root / "hotfix")


def learns(root: Path, *packages: Prepared) -> frozenset[str]:
    """Be a learner of some releases, who studied all after each: nothing is lost.

    They have the last release whole. Returned are the notes that the last import replaced.
    """
    path = root / "sent.apkg"
    last = packages[-1]
    with scratch_collection() as scratch:
        for sent in packages:
            before = snapshot(scratch)
            path.write_bytes(sent.package.data)
            log = scratch.import_package(path)
            got = snapshot(scratch)
            assert {id_: got.cards.get(id_) for id_ in before.cards} == before.cards
            assert not log.conflicting
            # Older versions of Anki stamp what they update with the time of the import, which is
            # that of the release here.
            scratch.set_times(dict.fromkeys(log.updated, sent.ledger.last.time), {})
            study(scratch, quiet)
        now = snapshot(scratch).contents
        for note in last.deck.notes:
            had = now.texts(now.by_guid[note.guid])
            [kind] = [one for one in last.deck.types if one.kind == note.kind]
            sent_texts = dict(zip((field.name for field in kind.fields), note.fields, strict=True))
            assert {**had, "Id": ""} == {**sent_texts, "Id": ""}, note.id
            ordinals = {
                one.ordinal for one in now.cards.values() if one.note == now.by_guid[note.guid].id
            }
            assert ordinals >= {*note.ordinals}
        for kind in last.deck.types:
            if kind.id in now.types:
                assert now.types[kind.id].css == kind.css
        return frozenset(now.note_name(id_) for id_ in log.updated)


def other(card_id: str, answer: str, prompt: str = "") -> dict[str, tuple[str, str]]:
    """The texts with one that is different."""
    return {**TEXTS, card_id: (prompt or TEXTS[card_id][0], answer)}


@pytest.mark.anki
def test_d01_a_hotfix_beside_a_release_reaches_learners_of_both(tmp_path: Path) -> None:
    first, main, hotfix = branches(tmp_path)
    new = other("paris", "Paris, since 987.") | {"oslo": ("The capital of Norway?", "Oslo.")}
    released = main.writes(new).releases("1.1.0", 1)
    fixed = hotfix.writes(other("rome", "Rome, since 1871.")).releases("1.0.1", 2)
    said = main.merges(hotfix)
    assert "1.0.0, 1.0.1, 1.1.0" in said
    assert not any(one.forked for one in main.ledger.notes)
    both = {**new, "rome": ("What is the capital of Italy?", "Rome, since 1871.")}
    following = main.writes(both).releases("1.2.0", 3)
    assert learns(tmp_path, first, released, following) == {"rome"}
    assert learns(tmp_path, first, fixed, following) == {"paris"}
    assert learns(tmp_path, first, following) == {"paris", "rome"}


@pytest.mark.anki
@pytest.mark.parametrize("kept", ["main", "hotfix", "neither"])
def test_d02_g04_what_both_branches_changed_is_sent_whatever_the_merge_keeps(
    kept: str, tmp_path: Path
) -> None:
    first, main, hotfix = branches(tmp_path)
    texts = {
        name: other("paris", f"Paris, as {name} says.") for name in ("main", "hotfix", "neither")
    }
    colours = zip(texts, ("red", "blue", "green"), strict=False)
    css = {name: f".card {{ color: {colour}; }}" for name, colour in colours}
    released = main.writes(texts["main"], css=css["main"]).releases("1.1.0", 1)
    fixed = hotfix.writes(texts["hotfix"], css=css["hotfix"]).releases("1.0.1", 2)
    assert "(paris)" in main.merges(hotfix)
    assert [one.note.id for one in main.ledger.notes if one.forked] == ["paris"]
    assert main.ledger.forked_types == {"basic", "cloze"}
    main.writes(texts[kept], css=css[kept])
    compiled = compile_deck(main.root)
    assert "+dev" in prepare(compiled, T0 + 3 * DAY).package.name
    following = prepare(compiled, T0 + 3 * DAY, "1.2.0")
    assert "basic" in following.ledger.last.types
    assert bool(intended(following).resent) == (kept == "hotfix")
    assert learns(tmp_path, first, released, following) == {"paris"}
    assert learns(tmp_path, first, fixed, following) == {"paris"}
    assert not any(one.forked for one in following.ledger.notes)
    assert not following.ledger.forked_types


def test_what_was_forked_is_released_by_the_real_command(tmp_path: Path) -> None:
    _, main, hotfix = branches(tmp_path)
    main.writes(other("paris", "Paris, as main says."), css=".card { color: red; }")
    main.releases("1.1.0", 1)
    hotfix.writes(other("paris", "Paris, as the hotfix says."), css=".card { color: blue; }")
    hotfix.releases("1.0.1", 2)
    main.merges(hotfix)
    main.writes(other("paris", "Paris, as the hotfix says."), css=".card { color: blue; }")
    done = run("release", "1.2.0", ".", cwd=main.root, env={"SOURCE_DATE_EPOCH": str(T0 + 3 * DAY)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "`paris`" in to_markdown(main.ledger)


@pytest.mark.parametrize("into", ["main", "hotfix"])
def test_d03_one_id_for_two_facts_is_a_conflict_until_it_is_retired(
    into: str, tmp_path: Path
) -> None:
    first, main, hotfix = branches(tmp_path)
    oslo = {"north": ("What is the capital of Norway?", "Oslo.")}
    riga = {"north": ("Where does the Daugava end?", "In the Gulf near Riga.")}
    released = main.writes({**TEXTS, **oslo}).releases("1.1.0", 1)
    fixed = hotfix.writes({**TEXTS, **riga}).releases("1.0.1", 2)
    ours, theirs = (main, hotfix) if into == "main" else (hotfix, main)
    said = ours.merges(theirs, code=1)
    assert "north" in said
    assert "capital of Norway" in said
    assert "Daugava" in said
    assert "--retire paris" in ours.merges(theirs, "--retire", "north", "--retire", "paris", code=1)
    ours.merges(theirs, "--retire", "north")
    new = {"oslo": oslo["north"], "riga": riga["north"]}
    following = ours.writes({**TEXTS, **new}).releases("1.2.0", 3)
    assert not ours.rules()
    assert not learns(tmp_path, first, released, following)
    assert not learns(tmp_path, first, fixed, following)


def test_d03_one_new_card_on_both_branches_is_one_card(tmp_path: Path) -> None:
    first, main, hotfix = branches(tmp_path)
    oslo = {"north": ("What is the capital of Norway?", "Oslo.")}
    released = main.writes({**TEXTS, **oslo}).releases("1.1.0", 1)
    better = {"north": ("What is the capital of Norway?", "It is Oslo.")}
    fixed = hotfix.writes({**TEXTS, **better}).releases("1.0.1", 2)
    main.merges(hotfix)
    assert main.ledger.by_id["north"].since == "1.0.1"
    following = main.releases("1.2.0", 3)
    assert learns(tmp_path, first, released, following) == {"north"}
    assert learns(tmp_path, first, fixed, following) == {"north"}


@pytest.mark.parametrize("into", ["main", "hotfix"])
def test_d04_a_rename_on_one_branch_is_one_on_both(into: str, tmp_path: Path) -> None:
    first, main, hotfix = branches(tmp_path)
    released = main.writes(other("paris", "Paris, since 987.")).releases("1.1.0", 1)
    renamed = {**TEXTS, "city": TEXTS["paris"]}
    del renamed["paris"]
    fixed = hotfix.writes(renamed, city="was: [paris]").releases("1.0.1", 2)
    ours, theirs = (main, hotfix) if into == "main" else (hotfix, main)
    ours.merges(theirs)
    both = {**renamed, "city": (TEXTS["paris"][0], "Paris, since 987.")}
    ours.writes(both)  # `was` may be gone already
    assert not ours.rules()
    following = ours.releases("1.2.0", 3)
    learns(tmp_path, first, released, following)
    assert learns(tmp_path, first, fixed, following) == {"city"}


# -- What is remembered ----------------------------------------------------------------------------


def test_an_older_ledger_adds_nothing_and_takes_nothing(tmp_path: Path) -> None:
    _, main, old = branches(tmp_path)
    renamed = {"lutetia": TEXTS["paris"], "terms": ("Two terms", "The {{c1::entropy}}.")}
    toml = '[retired]\nrome = "trivial"\n"terms/2" = "too hard"\n'
    main.writes(renamed, toml, lutetia="was: [paris]").releases("1.1.0", 1)
    main.writes({**renamed, "rome": TEXTS["rome"]}, '[retired]\n"terms/2" = "too hard"\n')
    main.releases("1.2.0", 2)
    for one, two in ((main, old), (old, main), (main, main)):
        assert merge(one.ledger, two.ledger).ledger == main.ledger


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("text", "toml", "live"),
    [
        (TEXTS, "", False),
        (other("rome", "Rome, since 1871."), "", True),
        (other("paris", "Paris, since 987."), "", False),
    ],
    ids=["unchanged", "corrected", "another corrected"],
)
def test_what_one_side_retired_is_retired_unless_the_other_changed_it(
    swapped: bool, text: dict[str, tuple[str, str]], toml: str, live: bool, tmp_path: Path
) -> None:
    _, main, hotfix = branches(tmp_path)
    kept = {name: one for name, one in TEXTS.items() if name != "rome"}
    main.writes(kept, '[retired]\nrome = "trivial"\n').releases("1.1.0", 1)
    hotfix.writes(text, toml).releases("1.0.1", 2)
    ours, theirs = (hotfix, main) if swapped else (main, hotfix)
    ours.merges(theirs)
    assert ours.ledger.by_id["rome"].retired == ("" if live else "trivial")


def test_a_card_that_came_back_on_one_side_stays(tmp_path: Path) -> None:
    _, main, _ = branches(tmp_path)
    kept = {name: one for name, one in TEXTS.items() if name != "rome"}
    main.writes(kept, '[retired]\nrome = "trivial"\n').releases("1.1.0", 1)
    other_branch = Branch(Path(shutil.copytree(main.root, tmp_path / "other")))
    main.writes(TEXTS).releases("1.2.0", 2)
    other_branch.writes(
        {**kept, "paris": ("The capital of France?", "Paris.")}, '[retired]\nrome = "x"\n'
    )
    other_branch.releases("1.1.1", 3)
    main.merges(other_branch)
    assert not main.ledger.by_id["rome"].retired


@pytest.mark.parametrize("into", ["main", "hotfix"])
def test_cards_of_a_note_that_learners_of_either_side_have_are_watched(
    into: str, tmp_path: Path
) -> None:
    _, main, hotfix = branches(tmp_path)
    three = other("terms", "The {{c1::entropy}}, the {{c2::energy}} and {{c3::heat}}.")
    main.writes(three).releases("1.1.0", 1)
    fewer = other("terms", "The {{c1::entropy}} and the energy.")
    hotfix.writes(fewer, '[retired]\n"terms/2" = "too hard"\n').releases("1.0.1", 2)
    ours, theirs = (main, hotfix) if into == "main" else (hotfix, main)
    ours.merges(theirs)
    note = ours.ledger.by_id["terms"]
    assert (note.note.ordinals, note.gone, note.forked) == ((0, 2), (1,), True)
    assert "ordinal-gone" in ours.writes(fewer).rules()


def test_tags_of_one_branch_stay_held_back(tmp_path: Path) -> None:
    first, main, hotfix = branches(tmp_path)
    main.writes(other("paris", "Paris, since 987.")).releases("1.1.0", 1)
    fixed = hotfix.writes(TEXTS, rome="tags: [new]").releases("1.0.1", 2)
    assert [one.after.id for one in fixed.changes.held] == ["rome"]
    main.merges(hotfix)
    rome = main.ledger.by_id["rome"]
    assert (rome.held, rome.forked, rome.note.tags) == (True, False, ("new",))
    following = main.writes(other("paris", "Paris, since 987."), rome="tags: [new]")
    assert learns(tmp_path, first, fixed, following.releases("1.2.0", 3)) == {"paris"}


def test_a_correction_that_both_branches_took_is_sent_to_nobody_twice(tmp_path: Path) -> None:
    first, main, hotfix = branches(tmp_path)
    better = other("paris", "Paris, since 987.")
    released = main.writes(better).releases("1.1.0", 1)
    fixed = hotfix.writes(better).releases("1.0.1", 2)
    main.merges(hotfix)
    following = main.releases("1.2.0", 3)
    assert learns(tmp_path, first, released, following) == set()
    assert learns(tmp_path, first, fixed, following) == set()


def test_a_hotfix_that_is_later_than_the_last_version_sets_the_clock(tmp_path: Path) -> None:
    first, main, hotfix = branches(tmp_path)
    main.writes(other("paris", "Paris, since 987.")).releases("1.1.0", 1)
    fixed = hotfix.writes(other("rome", "Roma.")).releases("1.0.1", 9)
    main.merges(hotfix)
    following = main.writes(other("rome", "Rome, since 1871.")).releases("1.2.0", 5)
    assert learns(tmp_path, first, fixed, following) >= {"rome"}


def test_merging_again_as_the_branches_go_on_loses_nothing(tmp_path: Path) -> None:
    first, main, hotfix = branches(tmp_path)
    main.writes(other("paris", "Paris 1.1.")).releases("1.1.0", 1)
    hotfix.writes(other("paris", "Paris 1.0.1.")).releases("1.0.1", 2)
    main.merges(hotfix)
    fixed = hotfix.writes(other("paris", "Paris 1.0.2.")).releases("1.0.2", 3)
    main.merges(hotfix)
    assert main.ledger.by_id["paris"].forked
    following = main.writes(other("paris", "Paris 1.1.")).releases("1.2.0", 4)
    assert learns(tmp_path, first, fixed, following) == {"paris"}
    main.merges(hotfix)
    assert main.ledger == following.ledger


# -- Conflicts -------------------------------------------------------------------------------------


def test_one_version_with_two_contents_is_a_conflict(tmp_path: Path) -> None:
    _, main, hotfix = branches(tmp_path)
    main.writes(other("paris", "Paris, since 987.")).releases("1.1.0", 1)
    hotfix.writes(other("rome", "Roma.")).releases("1.1.0", 2)
    assert "1.1.0 was released on both sides" in main.merges(hotfix, code=1)


def test_two_decks_are_no_branches_of_one(tmp_path: Path) -> None:
    _, main, hotfix = branches(tmp_path)
    notes = tuple(
        replace(one, note=replace(one.note, guid=guid("other", one.note.id)))
        for one in hotfix.ledger.notes
    )
    ledger = replace(hotfix.ledger, key="other", notes=notes)
    (hotfix.root / FILE).write_text(to_text(ledger), encoding="utf-8")
    assert "'examples' and 'other'" in main.merges(hotfix, code=1)


def test_a_new_card_under_an_id_that_the_other_branch_renamed_to_is_a_conflict(
    tmp_path: Path,
) -> None:
    first, main, hotfix = branches(tmp_path)
    renamed = {"city": TEXTS["paris"], "rome": TEXTS["rome"], "terms": TEXTS["terms"]}
    hotfix.writes(renamed, city="was: [paris]").releases("1.0.1", 1)
    new = {**TEXTS, "city": ("What is a city?", "A large town.")}
    main.writes(new).releases("1.1.0", 2)
    assert "city is two cards" in main.merges(hotfix, code=1)
    again = {"france": TEXTS["paris"], "rome": TEXTS["rome"], "terms": TEXTS["terms"]}
    fixed = hotfix.writes(again, france="was: [city]").releases("1.0.2", 3)
    main.merges(hotfix)
    main.writes({**again, "city": new["city"]}, france="was: [paris]")
    assert not main.rules()
    learns(tmp_path, first, fixed, main.releases("1.2.0", 4))


def test_a_note_type_of_another_shape_is_a_conflict(tmp_path: Path) -> None:
    _, main, hotfix = branches(tmp_path)
    ledger = hotfix.ledger
    types = tuple(replace(one, id=one.id + 1) for one in ledger.types)
    said = merge(main.ledger, replace(ledger, types=types))
    assert said.ledger is None
    assert all("note type" in one for one in said.conflicts)


# -- Git -------------------------------------------------------------------------------------------


def git(root: Path, *args: str, code: int = 0) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    done = subprocess.run(["git", *who, *args], cwd=root, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def repository(root: Path) -> Branch:
    """A repository whose branches ``main`` (checked out) and ``hotfix`` both released."""
    deck = Branch(root / "content").writes(TEXTS)
    git(root, "init", "-q", "-b", "main")

    def commit(version: str, day: int) -> None:
        deck.releases(version, day)
        git(root, "add", "--all")
        git(root, "commit", "-q", "-m", version)

    commit("1.0.0", 0)
    git(root, "checkout", "-q", "-b", "hotfix")
    deck.writes(other("paris", "Paris, as the hotfix says."))
    commit("1.0.1", 2)
    git(root, "checkout", "-q", "main")
    deck.writes({**other("rome", "Rome, as main says."), "oslo": ("Norway?", "Oslo.")})
    commit("1.1.0", 1)
    return deck


VERSIONS = ["1.0.0", "1.0.1", "1.1.0"]


def versions(ledger: Ledger) -> list[str]:
    return [one.version for one in ledger.releases]


def test_d01_a_file_in_which_git_left_its_markers_is_joined(tmp_path: Path) -> None:
    deck = repository(tmp_path)
    git(tmp_path, "merge", "-q", "hotfix", code=1)
    path = deck.root / FILE
    assert "<<<<<<<" in path.read_text(encoding="utf-8")
    done = run("ledger", "merge", f"content/{FILE}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert versions(deck.ledger) == VERSIONS
    joined = deck.ledger
    path.write_bytes(b"")
    revisions = (f"HEAD:content/{FILE}", f"hotfix:content/{FILE}")
    done = run("ledger", "merge", *revisions, "-o", f"content/{FILE}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert deck.ledger == joined


@pytest.fixture
def registered(tmp_path: Path) -> Branch:
    """Such a repository whose git has our merge driver, as `make setup` registers it."""
    deck = repository(tmp_path)
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    makefile = ("make", "-f", str(ROOT / "Makefile"), "-o", ".venv/deck", "setup")
    command = [*makefile, f"BIN={Path(sys.executable).parent}"]
    subprocess.run(command, cwd=tmp_path, check=True)
    return deck


def test_git_joins_the_ledgers_of_two_branches_by_itself(registered: Branch) -> None:
    root = registered.root.parent
    git(root, "merge", "hotfix", "-m", "merge")
    assert versions(registered.ledger) == VERSIONS
    assert not registered.rules()
    assert not git(root, "status", "--porcelain", "--untracked-files=no")
    done = run("release", "1.1.0", cwd=root)
    assert (done.returncode, "changelog is written anew" in done.stdout) == (0, True)


def test_git_names_the_conflict_that_our_driver_finds(registered: Branch) -> None:
    root, before = registered.root.parent, registered.ledger
    git(root, "checkout", "-q", "hotfix")
    registered.releases("1.1.0", 9)
    git(root, "commit", "-q", "--all", "-m", "1.1.0")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "hotfix", code=1)
    assert registered.ledger == before
    assert git(root, "ls-files", "--unmerged", f"content/{FILE}")


def test_the_ledger_of_a_revision_is_found_from_anywhere(tmp_path: Path) -> None:
    deck = repository(tmp_path)
    for folder, name in ((deck.root, FILE), (tmp_path.parent, f"{tmp_path.name}/content/{FILE}")):
        git(tmp_path, "checkout", "-q", ".")
        done = run("ledger", "merge", name, "hotfix", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert versions(deck.ledger) == VERSIONS


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((FILE,), "no conflict markers"),
        (("nowhere",), "is no file"),
        ((FILE, "nowhere"), "nowhere is neither a file nor in git"),
        ((FILE, "--", "-x:y"), "hyphen"),
        (("main:x", FILE, "-o", "y"), "main:x is neither"),
        ((FILE, "01-cards.md"), "bad"),
        ((FILE, "latin"), "not UTF-8"),
    ],
)
def test_a_wrong_call_is_one_line(args: Sequence[str], words: str, tmp_path: Path) -> None:
    deck = repository(tmp_path)
    (deck.root / "latin").write_bytes(b"\xff")
    before = (deck.root / FILE).read_bytes()
    done = run("ledger", "merge", *args, cwd=deck.root)
    assert done.returncode == 2
    assert words in done.stderr.replace("is damaged", "bad")
    assert "Traceback" not in done.stderr
    assert (deck.root / FILE).read_bytes() == before


def test_half_of_the_markers_are_not_enough() -> None:
    ours, theirs = "a\nb\n", "a\nc\n"
    whole = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n"
    assert sides(whole) == (ours, theirs)
    assert sides(whole.replace("=======\n", "||||||| 1\nbase\n=======\n")) == (ours, theirs)
    for line in whole.splitlines(keepends=True):
        if line[0] in "<=>":
            assert sides(whole.replace(line, "")) is None
    assert sides("a\n") is None


def test_a_forked_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    ledger = Branch(tmp_path).writes(TEXTS).releases("1.0.0", 0).ledger
    forked: tuple[ReleasedNote, ...] = tuple(replace(one, forked=True) for one in ledger.notes)
    ledger = replace(ledger, notes=forked, forked_types=frozenset({"basic"}))
    assert from_text(Source(FILE, to_text(ledger))) == (ledger, ())


def test_a09_an_own_id_that_the_hotfix_heeded_is_left_over_after_the_merge(tmp_path: Path) -> None:
    """The release with the highest version knows nothing of it."""
    _, main, hotfix = branches(tmp_path)
    main.writes(other("rome", "Rome, since 1871.")).releases("1.1.0", 1)
    hotfix.writes(other("paris", "Lutetia.", "Which town rules the French?"), paris="was: [paris]")
    hotfix.releases("1.0.1", 2)
    main.merges(hotfix)
    hamlet = other("paris", "Shakespeare.", "Who wrote Hamlet?")
    main.writes(hamlet, paris="was: [paris]")
    assert main.rules() == {"id-reused"}
    main.writes(hamlet, paris="was: [paris@1.1.0]")
    assert main.rules() == set()
