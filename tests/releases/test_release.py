"""``release`` as a maintainer runs it: what it refuses, what it writes, and what a kill leaves.

``DECKWRIGHT_EXAMPLES`` is how many releases are killed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from deckwright.apkg.package import package
from deckwright.apkg.package import write as write_package
from deckwright.compile import compile_deck
from deckwright.media.formats import PICTURES, SOUNDS, suffixes
from deckwright.model import Source, quiet
from deckwright.real_anki import scratch_collection
from deckwright.rehearsal.study import snapshot, study
from deckwright.releases import changelog
from deckwright.releases import release as release_module
from deckwright.releases.changelog import to_markdown
from deckwright.releases.git import uncommitted
from deckwright.releases.ledger import FILE, Ledger, from_text, to_text
from deckwright.releases.release import prepare
from tests.decks import card, make_deck
from tests.decks import release as put_into_ledger
from tests.note_types.own_types import with_types
from tests.program import Before, run, started
from tests.rehearsal.upgrades import patched_json

CHANGELOG = f"content/{changelog.FILE}"
MEDIA = Path(__file__).parent.parent / "media" / "samples"

pytest.importorskip("anki")

KILLS = int(os.environ.get("DECKWRIGHT_EXAMPLES", "8"))
BATCHES = 4
"""The kills are shared out among so many tests, which run beside each other."""
FIRST = 1_600_000_000
LATER = {"SOURCE_DATE_EPOCH": "1700000000"}
ONE = card("Answer one is here.", "Question one?", "one")
TWO = f"{ONE}\n{card('Two {{c1::a}} {{c2::b}}.', 'Title', 'two')}"
GIT = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def write(root: Path, text: str) -> Path:
    make_deck(root / "content", {"01-cards.md": f"# Examples\n\n{text}"})
    return root


def tree(root: Path) -> dict[str, bytes]:
    """Every file of a folder, with its bytes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def ledger_of(root: Path) -> Ledger:
    """The ledger on the disk, which must be whole."""
    text = (root / "content" / FILE).read_text(encoding="utf-8")
    ledger, found = from_text(Source(FILE, text))
    assert ledger, found
    assert to_text(ledger) == text
    return ledger


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A deck that was never released."""
    return write(tmp_path, TWO)


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A released deck with one correction."""
    write(tmp_path, TWO)
    released = put_into_ledger(tmp_path / "content", "1.0.0", FIRST)
    (tmp_path / CHANGELOG).write_text(to_markdown(released.ledger))
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / released.package.name).write_bytes(released.package.data)
    return write(tmp_path, TWO.replace("here", "there"))


def commit(root: Path) -> None:
    """Make a git checkout of a folder, with everything committed."""
    for args in (["init", "-q"], ["add", "--all"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *args], cwd=root, env={**os.environ, **GIT}, check=True)


# -- What it refuses -------------------------------------------------------------------------------


def refused(
    root: Path,
    *args: str,
    code: int = 2,
    env: Mapping[str, str] = MappingProxyType({}),
    before: Before = bool,
) -> str:
    """What a release says that is refused; nothing is written."""
    was = tree(root)
    done = run("release", *args, cwd=root, env=env, before=before)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert tree(root) == was
    return done.stdout + done.stderr


def test_a_deck_with_mistakes_is_not_released(edited: Path) -> None:
    write(edited, TWO.replace("here", "$x"))
    assert "[math-unclosed]" in refused(edited, "1.1.0", code=1)


def test_what_breaks_a_promise_is_not_released(edited: Path) -> None:
    write(edited, ONE)
    assert "[id-gone]" in refused(edited, "2.0.0", code=1)


@pytest.mark.parametrize("version", ["0.9.9", "1.0.0", "1.1", "v1.1.0", "1.1.0-rc1", "next", ""])
def test_a_version_is_three_numbers_and_rises(edited: Path, version: str) -> None:
    assert "Error: " in refused(edited, version)


def test_what_is_resent_must_have_been_released(edited: Path) -> None:
    assert "--resend none" in refused(edited, "1.1.0", "--resend", "none")


def test_a_checkout_with_uncommitted_changes_is_not_released(edited: Path) -> None:
    commit(edited)
    write(edited, TWO.replace("here", "elsewhere"))
    said = refused(edited, "1.1.0")
    assert "content/01-cards.md" in said
    assert "commit" in said
    write(edited, TWO.replace("here", "there"))
    (edited / "content" / "02-new.md").write_text("# New\n\n" + card("x", "New?", "new"))
    assert "content/02-new.md" in refused(edited, "1.1.0")
    (edited / "content" / "02-new.md").unlink()
    (edited / "notes.txt").write_text("outside the deck")
    done = run("release", "1.1.0", cwd=edited)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["note_type.toml", "side.html", "style.css"])
def test_a_note_type_that_git_ignores_stops_a_release(name: str, edited: Path) -> None:
    (edited / ".gitignore").write_text(f"{name}\n")
    commit(edited)
    path = edited / "content" / "note_types" / "own" / name
    path.parent.mkdir(parents=True)
    path.write_text("x")
    assert uncommitted(edited / "content") == (f"content/note_types/own/{name}",)


def test_what_a_killed_release_left_behind_is_no_change_of_the_deck(edited: Path) -> None:
    commit(edited)
    (edited / "content" / f".{FILE}.abcdefgh.tmp").write_text('{"row": "de')
    done = run("release", "1.1.0", cwd=edited)
    assert done.returncode == 0, done.stderr


def test_a_deck_whose_ledger_is_lost_is_not_released_as_a_new_one(edited: Path) -> None:
    (edited / "content" / FILE).unlink()
    commit(edited)
    assert "take the ledger back from where it was" in refused(edited, "1.1.0")


def test_without_anki_nothing_is_released(edited: Path, tmp_path: Path) -> None:
    stub = tmp_path / "stub" / "anki" / "__init__.py"
    stub.parent.mkdir(parents=True)
    stub.write_text('raise ImportError("no such thing here")\n')
    path = os.pathsep.join(filter(None, (str(stub.parent.parent), os.environ.get("PYTHONPATH"))))
    before = tree(edited)
    done = subprocess.run(
        [sys.executable, "-m", "deckwright", "release", "1.1.0"],
        cwd=edited,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, tree(edited)) == (2, before)
    assert "pip install 'deckwright[anki]'" in done.stderr


HOUR = 3_600
YEAR = 365 * 24 * HOUR


@pytest.mark.parametrize("day", [0, 315_532_800, 1_136_073_599])
def test_d09_a_release_from_before_there_was_an_anki_is_refused(day: int, fresh: Path) -> None:
    said = refused(fresh, "1.0.0", env={"SOURCE_DATE_EPOCH": str(day)})
    assert "before there was an Anki: set the clock right, or unset SOURCE_DATE_EPOCH" in said


@pytest.mark.parametrize("ahead", [HOUR, YEAR])
def test_e01_g02_a_release_from_the_future_is_refused(ahead: int, fresh: Path) -> None:
    env = {"SOURCE_DATE_EPOCH": str(int(time.time()) + ahead)}
    said = refused(fresh, "1.0.0", env=env)
    assert "this release would be dated 2" in said
    assert "and the clock says 2" in said


@pytest.mark.parametrize("ahead", [HOUR, YEAR])
def test_e01_g02_a_last_release_from_the_future_is_refused_in_words_about_clocks(
    ahead: int, fresh: Path
) -> None:
    put_into_ledger(fresh / "content", "1.0.0", int(time.time()) + ahead)
    write(fresh, TWO.replace("here", "there"))
    said = refused(fresh, "1.1.0")
    assert "the last release is dated 2" in said
    assert "learners get the next one only after that time" in said


def test_d09_a_release_long_before_the_last_one_is_refused(edited: Path) -> None:
    said = refused(edited, "1.1.0", env={"SOURCE_DATE_EPOCH": str(FIRST - 30 * HOUR)})
    assert "the last release is dated 2020-09-13 12:26 UTC" in said
    done = run("release", "1.1.0", cwd=edited, env={"SOURCE_DATE_EPOCH": str(FIRST - HOUR)})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("day", ["0", "315532800"])
def test_d09_what_is_built_long_ago_takes_nothing_from_a_learner(day: str, fresh: Path) -> None:
    """An unreleased package of a build shell: what is released later arrives, and no review goes.

    Its older times make it easier to replace than any other unreleased package.
    """
    env = {"SOURCE_DATE_EPOCH": day}
    assert run("build", cwd=fresh, env=env).returncode == 0
    dev = fresh / "dist" / "examples-dev.apkg"
    data = dev.read_bytes()
    assert run("build", cwd=fresh, env=env).returncode == 0
    assert dev.read_bytes() == data
    write(fresh, TWO.replace("here", "there"))
    assert run("release", "1.0.0", cwd=fresh, env=LATER).returncode == 0
    with scratch_collection() as scratch:
        scratch.import_package(dev)
        study(scratch, quiet)
        before = snapshot(scratch).cards
        log = scratch.import_package(fresh / "dist" / "examples-1.0.0.apkg")
        after = snapshot(scratch)
    assert (after.cards, len(log.updated)) == (before, 2)
    assert any("there" in text for note in after.contents.notes.values() for text in note.fields)


def test_a_release_that_would_cost_learners_something_in_real_anki_is_not_written(
    edited: Path,
) -> None:
    """The package that was published has another field than the ledger says.

    No rule looks at that, but Anki would refuse every update.
    """
    path = edited / "dist" / "examples-1.0.0.apkg"

    def change(kind: dict[str, Any]) -> None:
        kind["flds"][0]["id"] = 5

    path.write_bytes(patched_json(path.read_bytes(), "models", change))
    assert "so Anki refuses the update of" in refused(edited, "1.1.0", code=1)


def let_ledgers_be_small() -> None:
    vars(release_module)["MAX_LEDGER"] = 2_000


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_ledger_that_could_not_be_read_again_is_not_written(
    more: list[str], edited: Path
) -> None:
    """Row g01: the release was written, and no later build could read its ledger."""
    said = refused(edited, "1.1.0", *more, before=let_ledgers_be_small)
    assert "and 2,000 can be read: put new cards into another deck" in said


# -- What it writes --------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_shows_the_changelog(edited: Path) -> None:
    before = tree(edited)
    done = run("release", "1.1.0", "--dry-run", cwd=edited, env=LATER)
    assert done.returncode == 0, done.stderr
    assert "## 1.1.0 (2023-11-14)" in done.stdout
    assert "`one`" in done.stdout
    assert "Nothing was written" in done.stdout
    assert tree(edited) == before


def test_a_dry_run_of_the_last_release_writes_nothing_either(edited: Path) -> None:
    write(edited, TWO)
    (edited / CHANGELOG).unlink()
    before = tree(edited)
    assert run("release", "1.0.0", "--dry-run", cwd=edited).returncode == 0
    assert tree(edited) == before


def test_a_release_writes_package_ledger_and_changelog_and_can_be_built_again(fresh: Path) -> None:
    before = tree(fresh)
    done = run("release", "1.0.0", cwd=fresh, env=LATER)
    assert done.returncode == 0, done.stderr
    after = tree(fresh)
    package = "dist/examples-1.0.0.apkg"
    new = {f"content/{FILE}", CHANGELOG, package, f"{package}.sha256"}
    assert after.keys() - before.keys() == new
    assert after.items() >= before.items()
    assert [one.version for one in ledger_of(fresh).releases] == ["1.0.0"]
    assert after[CHANGELOG].decode() == to_markdown(ledger_of(fresh))
    built = run("build", cwd=fresh, env={"SOURCE_DATE_EPOCH": "1800000000"})
    assert built.returncode == 0, built.stderr
    assert tree(fresh) == after


def test_a_release_is_built_again_with_its_notes_or_nothing_is(edited: Path) -> None:
    again = ("build", "--released", "1.0.0", "-o", "release")
    done = run(*again, cwd=edited)
    assert done.returncode == 2
    assert "this deck is not as 1.0.0 was released: `deckwright diff` shows" in done.stderr
    assert not (edited / "release").exists()
    put_into_ledger(edited / "content", "1.1.0", FIRST + 1000)
    done = run(*again, cwd=edited)
    assert "the last release in this ledger is 1.1.0, and not 1.0.0" in done.stderr
    done = run("build", "--released", "1.1.0", "-o", "release", cwd=edited)
    assert done.returncode == 0, done.stderr
    name = "examples-1.1.0.apkg"
    assert {*tree(edited / "release")} == {name, f"{name}.sha256", "notes.md"}
    notes = (edited / "release" / "notes.md").read_text(encoding="utf-8")
    assert notes.startswith("**Corrected; your own edits and tags on these notes are replaced:**")


def test_what_was_never_released_is_no_release(fresh: Path) -> None:
    done = run("build", "--released", "1.0.0", cwd=fresh)
    assert (done.returncode, "this deck has no release" in done.stderr) == (2, True)


def test_the_same_version_again_writes_the_changelog_and_nothing_else(edited: Path) -> None:
    assert run("release", "1.1.0", cwd=edited, env=LATER).returncode == 0
    after = tree(edited)
    (edited / CHANGELOG).write_text("half of a chan")
    done = run("release", "1.1.0", cwd=edited)
    assert (done.returncode, "released already" in done.stdout) == (0, True)
    assert tree(edited) == after


def test_what_was_held_back_can_be_resent_by_a_later_release(edited: Path) -> None:
    write(edited, TWO.replace("<!-- id: one -->", "<!--\nid: one\ntags: [new]\n-->"))
    assert put_into_ledger(edited / "content", "1.0.1", FIRST + 1000).changes.held
    done = run("release", "1.0.2", "--resend", "one", cwd=edited, env=LATER)
    assert done.returncode == 0, done.stderr
    mods = {one.note.id: one.note.mod for one in ledger_of(edited).notes}
    assert mods == {"one": int(LATER["SOURCE_DATE_EPOCH"]), "two": FIRST}


RENAMES = {"one card (a21)": ["ours"], "a whole deck (e03, f10)": ["ours", "dog", "japan", "cat"]}


def write_own_types(root: Path, *renamed: str) -> Path:
    """A deck with note types of its own: the field for the id has another name, or there is none.

    Some of its cards are renamed, and nothing else.
    """
    field = ("note_types/vocabulary/note_type.toml", 'name = "Id"', 'name = "Code"\npart = "Id"')
    files = with_types(field)
    text = str(files["01-words.md"])
    for name in renamed:
        comment = f"id: {name}-2\nwas: [{name}]\n"
        text = text.replace(f"id: {name}\n", comment)
        text = text.replace(f"<!-- id: {name} -->", f"<!--\n{comment}-->")
    make_deck(root / "content", {**files, "01-words.md": text})
    return root


@pytest.mark.parametrize("names", RENAMES.values(), ids=RENAMES)
def test_a_rename_and_nothing_else_is_released(names: list[str], tmp_path: Path) -> None:
    root = write_own_types(tmp_path)
    old = write_package(put_into_ledger(root / "content", "1.0.0", FIRST).package, root / "dist")
    write_own_types(root, *names)
    new = "dist/examples-1.1.0.apkg"
    for args in (
        ("build", "--verify"),
        ("release", "1.1.0"),
        ("verify", str(old), new, "--deck", "content"),
        *([("verify", str(old), new)] if names == ["ours"] else []),  # it knows the name Id alone
    ):
        done = run(*args, cwd=root, env=LATER)
        assert done.returncode == 0, (args, done.stdout + done.stderr)
        assert "0 notes updated, 0 new" in done.stdout
    assert {one.note.mod for one in ledger_of(root).notes} == {FIRST}


def test_a_note_that_was_renamed_and_then_retired_is_no_loss(tmp_path: Path) -> None:
    root = write_own_types(tmp_path)
    old = write_package(put_into_ledger(root / "content", "1.0.0", FIRST).package, root / "dist")
    write_own_types(root, "dog", "cat")
    put_into_ledger(root / "content", "1.1.0", FIRST + 1000)
    path = root / "content" / "01-words.md"
    cards = path.read_text(encoding="utf-8").split("\n## ")
    kept = [one for one in cards if "was: [" not in one]
    path.write_text("\n## ".join(kept), encoding="utf-8")
    with (root / "content" / "deck.toml").open("a") as config:
        config.write('[retired]\ndog-2 = "wrong"\ncat-2 = "wrong"\n')
    new = put_into_ledger(root / "content", "1.2.0", FIRST + 2000).package
    args = ("verify", str(old), str(write_package(new, root / "dist")), "--deck", "content")
    done = run(*args, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "retired notes stay with learners" in done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Deep nets\n", "# Deep Nets\n"),
        ("---\ndeck: Examples::Maß\n---\n# A\n", "---\ndeck: Examples::MASS\n---\n# A\n"),
    ],
    ids=["a title", "a deck in front matter"],
)
def test_other_capitals_make_no_other_deck(old: str, new: str, tmp_path: Path) -> None:
    """Row c06: also a new card of that deck arrives, in the deck that learners have."""
    make_deck(tmp_path / "content", {"01-cards.md": f"{old}\n{TWO}"})
    put_into_ledger(tmp_path / "content", "1.0.0", FIRST)
    more = card("Three of them.", "How many?", "three")
    make_deck(tmp_path / "content", {"01-cards.md": f"{new}\n{TWO}\n{more}"})
    done = run("release", "1.1.0", cwd=tmp_path, env=LATER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 new since" in done.stdout
    assert "moved" not in done.stdout
    assert "is now" not in done.stdout
    assert not done.stderr


def test_what_was_resent_or_went_back_is_not_replaced_for_nothing(tmp_path: Path) -> None:
    """Rows c09, d10 and d11: four releases, rehearsed from each of the older ones at once."""
    root, red = tmp_path / "content", ".card { color: red; }\n"
    tagged = TWO.replace("<!-- id: one -->", "<!--\nid: one\ntags: [new]\n-->")
    steps: list[tuple[str, str, tuple[str, ...]]] = [
        (f"{TWO}\n{card('Three of them.', 'How many?', 'three')}", "", ()),
        (f"{tagged}\n{card('Four of them.', 'How many?', 'three')}", red, ()),
        (f"{tagged}\n{card('Three of them.', 'How many?', 'three')}", "", ("one",)),
        (f"{TWO}\n{card('Three of them.', 'How many?', 'three')}", "", ("one",)),
    ]
    packages = []
    for number, (text, style, resend) in enumerate(steps):
        write(tmp_path, text)
        (root / "style.css").write_text(style)
        time = FIRST + 1000 * number
        released = put_into_ledger(root, f"1.{number}.0", time, resend=resend)
        packages.append(str(write_package(released.package, tmp_path / "dist")))
    for deck in ((), ("--deck", "content")):
        done = run("verify", *packages, *deck, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("rehearsed") == 3
    one_by_one = run("verify", packages[0], packages[2], "--deck", "content", cwd=tmp_path)
    assert one_by_one.returncode == 0, one_by_one.stderr
    write(tmp_path, f"{TWO}\n{card('Four of them.', 'How many?', 'three')}")
    assert run("build", cwd=tmp_path).returncode == 0
    draft = "dist/examples-1.3.0+dev.apkg"
    done = run("verify", packages[1], draft, "--deck", "content", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    alone = run("verify", packages[0], packages[2], cwd=tmp_path)
    assert "nothing in them changed, with all that learners wrote there" in alone.stderr


def test_a_note_that_is_replaced_for_nothing_fails_even_where_the_ledger_is_at_hand(
    edited: Path,
) -> None:
    write(edited, TWO)
    compiled = compile_deck(edited / "content")
    deck = prepare(compiled, FIRST).deck
    notes = tuple(replace(note, mod=FIRST + 5) for note in deck.notes)
    careless = package(replace(deck, notes=notes), "1.0.0", FIRST)
    path = write_package(careless, edited / "careless")
    args = ("verify", "dist/examples-1.0.0.apkg", str(path), "--deck", "content")
    assert "nothing in them changed" in run(*args, cwd=edited).stderr


def test_a_card_that_was_retired_and_is_back_is_named_with_the_reason(fresh: Path) -> None:
    """Row e13: a stale branch brought it back, and nothing said so."""
    root = fresh / "content"
    put_into_ledger(root, "1.0.0", FIRST)
    write(fresh, ONE)
    with (root / "deck.toml").open("a") as toml:
        toml.write('[retired]\ntwo = "plainly wrong"\n')
    put_into_ledger(root, "1.1.0", FIRST + 1000)
    put_into_ledger(root, "1.1.1", FIRST + 2000)
    write(fresh, TWO)
    done = run("build", cwd=fresh)
    assert "           back again: two, retired in 1.1.0 as 'plainly wrong'\n" in done.stdout


# -- What a kill leaves ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Killed:
    """A release that was killed, and the folder as it was before."""

    root: Path
    before: dict[str, bytes]
    finished: bool
    """It was done before the kill came."""


def kill_a_release(root: Path, chance: random.Random, seconds: float) -> Killed:
    """Kill a release with all its processes: anywhere, or right where it writes."""
    before = tree(root)
    outside = root.parent  # where Anki's scratch folder outlives it, too
    with started(
        *("release", "1.1.0"),
        cwd=root,
        output=outside,
        env={"TMPDIR": str(outside)},
        before=os.setsid,
    ) as process:
        if chance.random() < 0.3:
            time.sleep(chance.uniform(0, seconds))
        else:
            while process.exitcode is None and len([*(root / "dist").iterdir()]) < 2:
                time.sleep(0.0002)
            time.sleep(chance.uniform(0, 0.02))
        finished = process.exitcode is not None
        if not finished:
            process.kill()
            with suppress(ProcessLookupError):  # it has no group yet, or none any more
                os.killpg(process.pid or 0, signal.SIGKILL)
    return Killed(root, before, finished)


def state_after(killed: Killed) -> str:
    """The old state or the new, as the ledger says. All that is on the disk is whole."""
    root, before, after = killed.root, killed.before, tree(killed.root)
    new = after[f"content/{FILE}"] != before[f"content/{FILE}"]
    ledger = ledger_of(root)
    assert ledger.last.version == ("1.1.0" if new else "1.0.0")
    markdown = to_markdown(ledger).encode()
    assert after[CHANGELOG] in ((markdown, before[CHANGELOG]) if new else (markdown,))
    known = {"dist/examples-1.1.0.apkg", "dist/examples-1.1.0.apkg.sha256"}
    for name in after.keys() - before.keys() - known:
        assert Path(name).name.startswith(".")
        assert name.endswith(".tmp")
    for name in before.keys() - {CHANGELOG, f"content/{FILE}"}:
        assert after[name] == before[name]
    package = root / "dist" / "examples-1.1.0.apkg"
    if package.exists():
        with zipfile.ZipFile(package) as archive:
            assert archive.testzip() is None
    built = build(root)
    assert built[0] == ("examples-1.1.0.apkg" if new else "examples-1.0.0+dev.apkg")
    assert not new or built[1] == package.read_bytes()
    if new and after[CHANGELOG] != markdown:
        return "new, without its changelog"
    return "new" if new else "old"


def build(root: Path) -> tuple[str, bytes]:
    """The name and the bytes of what ``build`` makes."""
    package = prepare(compile_deck(root / "content"), 1_900_000_000).package
    return package.name, package.data


def finish(root: Path) -> None:
    """The same command again does or finishes the work."""
    done = run("release", "1.1.0", cwd=root)
    assert done.returncode == 0, done.stderr
    ledger = ledger_of(root)
    assert [one.version for one in ledger.releases] == ["1.0.0", "1.1.0"]
    assert (root / CHANGELOG).read_text(encoding="utf-8") == to_markdown(ledger)
    name, data = build(root)
    assert name == "examples-1.1.0.apkg"
    assert (root / "dist" / name).read_bytes() == data


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are those of Unix")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_killed_release_leaves_the_old_state_or_the_new(
    batch: int, edited: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(batch if "CI" in os.environ else None)
    started = time.monotonic()
    trial = shutil.copytree(edited, edited.parent / f"{edited.name}-trial")
    finish(trial)
    seconds = time.monotonic() - started
    states: Counter[str] = Counter()
    for _ in range(max(KILLS // BATCHES, 1)):
        shutil.rmtree(trial)
        killed = kill_a_release(Path(shutil.copytree(edited, trial)), chance, seconds)
        states["finished" if killed.finished else state_after(killed)] += 1
        finish(trial)
    for state, number in states.items():
        record_property(state, number)  # to be read in a report: --junit-xml


def test_two_decks_of_one_repository_are_released_beside_each_other(tmp_path: Path) -> None:
    """Rows d13 and d14: the repository has a changelog of its own, too, and `dist/` is shared."""
    decks = {"one": tmp_path / "decks" / "one", "two": tmp_path / "decks" / "two"}
    own = "# What changed in this repository\n"
    (tmp_path / changelog.FILE).write_text(own, encoding="utf-8")
    for name, root in decks.items():
        toml = f'key = "{name}"\nname = "Deck {name}"\n'
        make_deck(root, {"deck.toml": toml, "01-cards.md": f"# Cards\n\n{TWO}"})
    commit(tmp_path)
    for version, word in (("1.0.0", "here"), ("1.1.0", "there")):
        for name, root in decks.items():
            (root / "01-cards.md").write_text(f"# Cards\n\n{TWO.replace('here', word)}")
            commit(tmp_path)
            done = run("release", version, f"decks/{name}", cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            commit(tmp_path)
    for name, root in decks.items():
        written = (root / changelog.FILE).read_text(encoding="utf-8")
        assert written.startswith(f"# Changes of Deck {name}\n")
        heads = [line.split()[1] for line in written.splitlines() if line.startswith("## ")]
        assert heads == ["1.1.0", "1.0.0"]
    assert (tmp_path / changelog.FILE).read_text(encoding="utf-8") == own
    built = {f"{name}-{version}.apkg" for name in decks for version in ("1.0.0", "1.1.0")}
    assert {path.name for path in (tmp_path / "dist").glob("*.apkg")} == built


@pytest.mark.parametrize("rule", ["*{suffix}", "media/", "/content/media"])
@pytest.mark.parametrize("suffix", [*suffixes((*PICTURES, *SOUNDS)), ".MP3"])
def test_d16_what_cards_show_and_git_ignores_is_not_committed(
    suffix: str, rule: str, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {"01.md": "# T\n", f"media/a{suffix}": b"x", ".venv/b.md": "x"}
    make_deck(tmp_path / "content", files)
    (tmp_path / ".gitignore").write_text(f"{rule.format(suffix=suffix)}\n.venv/\n")
    commit(tmp_path)
    assert uncommitted(tmp_path / "content") == (f"content/media/a{suffix}",)


def test_d16_a_sound_that_git_ignores_is_not_released(edited: Path) -> None:
    write(edited, TWO.replace("here", "there, as [a word](media/word.mp3)"))
    (edited / "content" / "media").mkdir(exist_ok=True)
    (edited / "content" / "media" / "word.mp3").write_bytes((MEDIA / "a.mp3").read_bytes())
    (edited / ".gitignore").write_text("*.mp3\n")
    commit(edited)
    assert "media/word.mp3" in refused(edited, "1.1.0")
