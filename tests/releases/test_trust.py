"""A ledger that a pull request wrote: what does not follow from something else is not believed."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from deckwright.apkg.guids import guid
from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.model import Problem
from deckwright.releases.ledger import FILE, to_text
from tests.decks import card, make_deck
from tests.decks import release as put_into_ledger
from tests.fuzz.test_ledgers import _edit as spoil_value
from tests.program import run
from tests.releases.repositories import DAY, T0, WHO, Repository, git

CASES = int(float(os.environ.get("DECKWRIGHT_FUZZ", "0.4")) * 100)
Rows = list[dict[str, Any]]
Edit = Callable[[Rows], object]

FIRST = card("One.", "First question?", "one")
OTHERS = f"{card('Two {{c1::a}}.', 'Second', 'two')}\n{card('3', 'Third question?', 'three')}"
CARDS = f"{FIRST}\n{OTHERS}"


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    """A deck of three cards, released twice: the second release corrected one."""
    root = make_deck(tmp_path / "content", {"01-cards.md": f"# T\n\n{CARDS}"})
    put_into_ledger(root, "1.0.0", T0)
    make_deck(root, {"01-cards.md": f"# T\n\n{CARDS.replace('One.', 'One, indeed.')}"})
    put_into_ledger(root, "1.1.0", T0 + DAY)
    return root


def edit(root: Path, change: Edit) -> None:
    """Change the rows of a ledger, and sign it anew."""
    path = root / FILE
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:-1]]
    change(rows)
    body = "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)
    end = {"row": "end", "sha256": sha256(body.encode()).hexdigest()}
    path.write_text(body + json.dumps(end, sort_keys=True) + "\n", encoding="utf-8")


def note(rows: Rows, card_id: str) -> dict[str, Any]:
    return next(row for row in rows if row["row"] == "note" and row["id"] == card_id)


def release(rows: Rows, version: str) -> dict[str, Any]:
    return next(row for row in rows if row["row"] == "release" and row["version"] == version)


def kind(rows: Rows) -> dict[str, Any]:
    return next(row for row in rows if row["row"] == "type" and row["kind"] == "basic")


def swap(rows: Rows) -> None:
    one, other = note(rows, "one"), note(rows, "three")
    one["guid"], other["guid"] = other["guid"], one["guid"]


def swap_with_names(rows: Rows) -> None:
    """As if each had been renamed from the other."""
    swap(rows)
    note(rows, "one")["aliases"], note(rows, "three")["aliases"] = ["three"], ["one"]


def touch(rows: Rows) -> None:
    """As if all had changed yesterday."""
    for row in rows:
        if row["row"] in ("note", "type"):
            row["mod"] = T0 + 5


def of_note(**values: Any) -> Edit:
    return lambda rows: note(rows, "one").update(values)


def of_release(**values: Any) -> Edit:
    return lambda rows: release(rows, "1.1.0").update(values)


def of_type(**values: Any) -> Edit:
    return lambda rows: kind(rows).update(values)


ESC = "\x1b]0;owned\x07"
LIES: dict[str, Edit] = {
    "swapped GUIDs": swap,
    "swapped GUIDs and names": swap_with_names,
    "a foreign GUID": of_note(guid="abcdefghij"),
    "the GUID of another key": of_note(guid=guid("other", "one")),
    "mods of yesterday": touch,
    "a mod of a release that did not send it": lambda rows: note(rows, "three").update(
        mod=T0 + DAY
    ),
    "an older mod": of_note(mod=T0 - 1),
    "a mod of nothing": of_note(mod=0),
    "a type's mod": of_type(mod=T0 + 5),
    "an id that is none": of_note(id="One\n# x"),
    "an alias with a command": of_note(aliases=[ESC]),
    "an alias with Markdown": of_note(aliases=["[x](https://evil.invalid)"]),
    "an alias of two": lambda rows: [
        note(rows, name).update(aliases=["old"]) for name in ("one", "three")
    ],
    "the id of another as an alias": of_note(aliases=["three"]),
    "a name with a line break": of_release(added=["x\n## 9.9.9 (2020-01-01)"]),
    "a name with a command": of_release(changed=["one", ESC]),
    "a retired card of no number": of_release(retired=["one/0"]),
    "a retired name": of_release(retired=["a b"]),
    "a renamed name": of_release(renamed=["a b c"]),
    "a held name": of_release(held=["::add-mask::x"]),
    "a same name": of_release(same=["`x`"]),
    "a type with a command": of_release(types=[ESC]),
    "a moved deck": of_release(moved=[["Old", f"New{ESC}", "why"]]),
    "a reason of two lines": of_release(moved=[["Old", "New", "a\nb"]]),
    "a content": of_release(content="x](y)"),
    "a reason": of_note(retired=f"gone {ESC}"),
    "a deck": of_note(deck=f"D{ESC}"),
    "a long deck": of_note(deck="D" * 300),
    "a tag": of_note(tags=["\u202egat"]),
    "a picture elsewhere": of_note(media=["../../x.png"]),
    "a digest": of_note(source="x" * 32),
    "what learners had": of_note(had="[x]"),
    "a version": of_note(since="1.0.0\n"),
    "a field with a separator": lambda rows: note(rows, "one")["fields"].__setitem__(1, "a\x1fb"),
    "a token of ours": lambda rows: note(rows, "one")["fields"].__setitem__(1, "\ue0000\ue001"),
    "a huge field": lambda rows: note(rows, "one")["fields"].__setitem__(1, "x" * 300_000),
    "a huge number of a card": lambda rows: note(rows, "two").update(ordinals=[0, 99_999]),
    "cards that are gone": of_note(gone=[10**9]),
    "a type's name": of_type(name=ESC),
    "a type's field to sort by": of_type(sort=99),
    "huge CSS": of_type(css="a{}" * 100_000),
    "the name of the deck": lambda rows: rows[0].update(name=ESC),
    "versions out of order": lambda rows: rows.append(rows.pop(-2)),
    "a version twice": lambda rows: rows.append(rows[-1]),
}


def bad(root: Path) -> list[Problem]:
    return [one for one in compile_deck(root).problems if one.rule == "bad-ledger"]


def test_lawful_ledgers_are_believed(deck: Path) -> None:
    assert not compile_deck(deck).problems
    edit(deck, lambda rows: rows)
    assert not compile_deck(deck).problems


@pytest.mark.parametrize("name", LIES)
def test_what_no_release_writes_is_refused_at_its_line(name: str, deck: Path) -> None:
    edit(deck, LIES[name])
    found = bad(deck)
    assert found and {one.rule for one in compile_deck(deck).problems} == {"bad-ledger"}
    assert all("\x1b" not in str(one) and "\n" not in str(one) for one in found)


def test_the_line_is_that_of_the_note(deck: Path) -> None:
    edit(deck, swap)
    lines = (deck / FILE).read_text(encoding="utf-8").splitlines()
    assert [json.loads(lines[one.place.line - 1])["id"] for one in bad(deck)] == ["one", "three"]


@pytest.mark.parametrize("name", ["swapped GUIDs", "an alias with a command"])
def test_a_ledger_that_is_not_believed_is_merged_with_none(name: str, deck: Path) -> None:
    shutil.copy(deck / FILE, deck / "other.jsonl")
    edit(deck, LIES[name])
    for args in ((FILE, "other.jsonl"), ("other.jsonl", FILE)):
        done = run("ledger", "merge", *args, cwd=deck)
        assert done.returncode == 2
        assert "not to be believed" in done.stderr and "\x1b" not in done.stderr


def _spoil(chance: random.Random, rows: Rows) -> None:
    spoil_value(chance.choice(rows), chance)


def test_whatever_a_ledger_says_check_has_only_words_for_it(deck: Path) -> None:
    """Values are replaced by chance, and the digest is right."""
    text = (deck / FILE).read_text(encoding="utf-8")
    refused = 0
    for number in range(CASES):
        chance = random.Random(number)
        (deck / FILE).write_text(text, encoding="utf-8")
        edit(deck, partial(_spoil, chance))
        refused += bool(bad(deck))
    assert CASES // 2 < refused <= CASES


# -- The last tag ----------------------------------------------------------------------------------


@pytest.fixture
def tagged(deck: Path) -> Repository:
    """That deck in a repository with a tag for its last release."""
    one = Repository(deck.parent)
    git(one.root, "init", "-q", "-b", "main")
    one.commits("1.1.0")
    git(one.root, *WHO, "tag", "-a", "v1.1.0", "-m", "x")
    return one


def resend(rows: Rows) -> None:
    """As if the last release had sent all, so that the next package replaces every note."""
    release(rows, "1.1.0")["changed"] = ["one", "three", "two"]
    for name in ("one", "two", "three"):
        note(rows, name)["mod"] = T0 + DAY


def later(change: Edit) -> Edit:
    """The same, in a release that nobody made."""

    def make(rows: Rows) -> None:
        new = {"added": [], "changed": [], "retired": [], "version": "1.2.0", "time": T0 + 2 * DAY}
        rows.append({**release(rows, "1.1.0"), **new})
        change(rows)

    return make


def drop(rows: Rows) -> None:
    rows.remove(note(rows, "three"))
    for row in rows:
        if row["row"] == "release":
            row["added"] = [name for name in row["added"] if name != "three"]


def take_over(rows: Rows) -> None:
    """One card gets the GUID of another, which has one of its own now."""
    one, other = note(rows, "one"), note(rows, "three")
    one["guid"], one["aliases"] = other["guid"], ["three"]
    rows.remove(other)


FORGED: dict[str, Edit] = {
    "all sent": resend,
    "a text": lambda rows: note(rows, "one")["fields"].__setitem__(1, "<p>another</p>"),
    "an alias": of_note(aliases=["new"]),
    "a retirement": of_note(retired="because"),
    "a card that is gone": of_note(gone=[1]),
    "a source": of_note(source="0" * 32),
    "a release's time": lambda rows: [
        release(rows, "1.1.0").update(time=T0 + 9),
        note(rows, "one").update(mod=T0 + 9),
    ],
    "a release's list": of_release(added=["four"]),
    "an import": of_note(imported=True),
    "an import with a GUID": of_note(imported=True, guid="abcdefghij"),
    "a note that is gone": drop,
    "a GUID that was taken over": take_over,
    "the look of a type": of_type(css="a {}"),
    "the shape of a type": lambda rows: kind(rows)["fields"][0].update(id=5),
    "a later text": later(lambda rows: note(rows, "three").update(mod=T0)),
    "a later mod": later(resend),
    "a later retirement": later(of_note(retired="because")),
    "a later import": later(of_note(imported=True, guid="abcdefghij")),
    "a later shape": later(lambda rows: kind(rows)["fields"][0].update(id=5)),
    "a later look": later(of_type(mod=T0 + DAY)),
    "a later loss": later(drop),
}
HARMLESS = {"a later text"}
"""What is as the tag has it, but for a release that sent nothing."""


@pytest.mark.parametrize("name", FORGED)
def test_what_the_last_tag_has_otherwise_is_refused_with_a_cure_that_works(
    name: str, tagged: Repository
) -> None:
    edit(tagged.deck, FORGED[name])
    tagged.commits("a pull request")
    found = bad(tagged.deck)
    assert bool(found) is (name not in HARMLESS)
    if found:
        assert run("release", "2.0.0", cwd=tagged.root).returncode == 1
        tagged.obeys(found[0].message)
        assert not bad(tagged.deck)


@pytest.fixture
def pulled(tagged: Repository) -> Repository:
    """A branch for a pull request, in a repository that never tagged a release."""
    git(tagged.root, "tag", "-d", *git(tagged.root, "tag").split())
    return tagged.on("mine", "-b")


def against_main(one: Repository) -> list[Problem]:
    found = compile_deck(one.deck, base="main").problems
    return [problem for problem in found if problem.rule == "bad-ledger"]


@pytest.mark.parametrize("name", FORGED)
def test_what_the_base_of_a_pull_request_has_otherwise_is_refused(
    name: str, pulled: Repository
) -> None:
    assert not against_main(pulled)
    edit(pulled.deck, FORGED[name])
    found = against_main(pulled.commits("a pull request"))
    assert bool(found) is (name not in HARMLESS)
    if found:
        pulled.obeys(found[0].message)
        assert not against_main(pulled)


def test_a_release_may_go_on_from_the_base_of_a_pull_request(pulled: Repository) -> None:
    text = CARDS.replace("One.", "One, at last.")
    make_deck(pulled.deck, {"01-cards.md": f"# T\n\n{text}\n{card('4', 'Fourth?', 'four')}"})
    put_into_ledger(pulled.deck, "1.2.0", T0 + 2 * DAY)
    assert not against_main(pulled)
    done = run("check", "--base", "main", "content", cwd=pulled.root)
    assert done.returncode == 0, done.stdout


def test_a_pull_request_takes_no_ledger_away(pulled: Repository) -> None:
    (pulled.deck / FILE).unlink()
    done = run("check", "--base", "main", "content", cwd=pulled.root)
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if "[bad-ledger]" in line]
    assert "that of main is gone" in line
    pulled.obeys(line)
    assert not against_main(pulled)


def test_a_pull_request_brings_no_ledger_of_another_deck(pulled: Repository) -> None:
    toml = (pulled.deck / "deck.toml").read_text()
    (pulled.deck / FILE).unlink()
    (pulled.deck / "deck.toml").write_text(toml.replace('"examples"', '"other"'))
    put_into_ledger(pulled.deck, "1.2.0", T0 + 2 * DAY)
    [found] = against_main(pulled)
    assert "that of main is of another deck" in found.message


def test_a_base_without_a_ledger_asks_nothing_and_one_that_is_none_is_named(
    pulled: Repository, tmp_path: Path
) -> None:
    first = git(pulled.root, "rev-list", "--max-parents=0", "HEAD").strip()
    (pulled.root / "content" / FILE).rename(tmp_path / "ledger")
    git(pulled.root, "checkout", "-q", "--orphan", "new")
    pulled.commits("a deck that was never released")
    (tmp_path / "ledger").rename(pulled.root / "content" / FILE)
    assert not compile_deck(pulled.deck, base="new").errors
    assert compile_deck(pulled.deck, base=first).ledger
    for base in ("nowhere", "--help", "main:content"):
        done = run("check", f"--base={base}", "content", cwd=pulled.root)
        assert (done.returncode, done.stderr) == (2, f"Error: git knows no revision {base}\n")


def test_a_ledger_that_goes_on_from_the_last_tag_is_believed(tagged: Repository) -> None:
    text = CARDS.replace("One.", "One, at last.").replace("'Third", "'The third")
    more = card("4", "Fourth question?", "four")
    make_deck(tagged.deck, {"01-cards.md": f"# T\n\n{text}\n{more}"})
    put_into_ledger(tagged.deck, "1.2.0", T0 + 2 * DAY)
    assert [one.rule for one in compile_deck(tagged.deck).problems] == ["unvouched"]
    edit(tagged.deck, lambda rows: note(rows, "four").update(guid=guid("examples", "one-more")))
    assert bad(tagged.deck)


def test_a_release_that_only_the_ledger_knows_of_is_named_and_none_follows_it(
    tagged: Repository, tmp_path: Path
) -> None:
    published = publish(tagged, tmp_path / "published")

    def send_all(rows: Rows) -> None:
        release(rows, "1.2.0")["changed"] = ["one", "three", "two"]
        for name in ("one", "two", "three"):
            note(rows, name)["mod"] = T0 + 2 * DAY

    edit(tagged.deck, later(send_all))
    tagged.commits("a pull request")
    problems = compile_deck(tagged.deck).problems
    [found] = [one for one in problems if one.rule == "unvouched"]
    assert {one.severity for one in problems} == {"warning"}, problems
    assert found.message == (
        "no tag of git vouches for 1.2.0, as v1.1.0 does for what was before: make sure that"
        f" `release` made it, and tag the commit that brought it: git -C {tagged.deck} tag"
        " deck-1.2.0 COMMIT"
    )
    refused = run("release", "1.3.0", str(tagged.deck), "--dry-run", cwd=tmp_path)
    assert refused.returncode == 2
    assert "no tag of git vouches for 1.2.0" in refused.stderr
    done = ("release", "1.3.0", str(tagged.deck), "--dry-run", "--published", str(published))
    assert "and the ledger differ" in run(*done, cwd=tmp_path).stderr
    git(tagged.root, *WHO, "tag", "-a", "deck-1.2.0", "-m", "x")
    assert not compile_deck(tagged.deck).problems


def test_the_tag_of_another_deck_says_nothing(tagged: Repository) -> None:
    toml = (tagged.deck / "deck.toml").read_text()
    (tagged.deck / FILE).unlink()
    (tagged.deck / "deck.toml").write_text(toml.replace('"examples"', '"other"'))
    put_into_ledger(tagged.deck, "1.1.0", T0 + DAY)
    assert not bad(tagged.deck)


def imported(deck: Path) -> None:
    """Let learners have had a note before, as an import writes it."""
    edit(deck, of_note(imported=True, guid="a-foreign-guid"))


def test_an_imported_note_is_believed_where_the_last_tag_has_it(tmp_path: Path) -> None:
    one = Repository(tmp_path).begins()
    make_deck(one.deck, {"01-cards.md": f"# T\n\n{CARDS}"})
    put_into_ledger(one.deck, "1.0.0", T0)
    imported(one.deck)
    assert [found.rule for found in compile_deck(one.deck).problems] == ["unvouched"]
    one.commits()
    git(one.root, "tag", "v1.0.0")
    assert not compile_deck(one.deck).problems
    make_deck(one.deck, {"01-cards.md": f"# T\n\n{CARDS.replace('One.', 'One, indeed.')}"})
    put_into_ledger(one.deck, "1.1.0", T0 + DAY)
    assert [found.rule for found in compile_deck(one.deck).problems] == ["unvouched"]
    [mine] = [row for row in one.ledger.notes if row.note.id == "one"]
    assert mine.imported and mine.note.guid == "a-foreign-guid"
    assert '"imported": true' in to_text(one.ledger)
    assert to_text(one.ledger).count("imported") == 1


# -- The published package -------------------------------------------------------------------------


def publish(one: Repository, folder: Path) -> Path:
    """The package of the last release, as it was published."""
    compiled = compile_deck(one.deck)
    assert compiled.deck and compiled.ledger
    last = compiled.ledger.last
    return write(package(compiled.ledger.deck(compiled.deck.info), last.version, last.time), folder)


UNLIKE: dict[str, tuple[Edit, str]] = {
    "all sent": (resend, "has another time in the ledger"),
    "a text": (FORGED["a text"], "reads otherwise in the ledger"),
    "a type sent": (
        lambda rows: [of_release(types=["basic"])(rows), of_type(mod=T0 + DAY)(rows)],
        "has another time in the ledger",
    ),
    "a note that is gone": (drop, "no note in the ledger has the GUID of"),
}


@pytest.mark.parametrize("name", UNLIKE)
@pytest.mark.parametrize("named", [True, False])
def test_a_release_stops_where_the_published_package_and_the_ledger_differ(
    name: str, named: bool, tagged: Repository, tmp_path: Path
) -> None:
    pytest.importorskip("anki")
    git(tagged.root, "tag", "-d", "v1.1.0")
    old = publish(tagged, tmp_path / "downloads" if named else tagged.root / "dist")
    text = CARDS.replace("One.", "One, indeed.")
    (tagged.deck / "01-cards.md").write_text(f"# T\n\n{text}\n{card('4', 'Fourth?', 'four')}")
    change, words = UNLIKE[name]
    edit(tagged.deck, change)
    (tagged.root / ".gitignore").write_text("/dist\n/downloads\n")
    tagged.commits()
    args = ("--published", str(old)) if named else ()
    done = run("release", "1.2.0", *args, cwd=tagged.root)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr and old.name in done.stderr
    assert not (tagged.root / "dist" / "examples-1.2.0.apkg").exists()


def test_a_release_is_rehearsed_from_the_published_package_after_a_merge_too(
    tagged: Repository,
) -> None:
    pytest.importorskip("anki")
    (tagged.root / ".gitignore").write_text("/dist\n")
    tagged.commits().on("hotfix", "-b")
    cards = CARDS.replace("One.", "One, indeed.")
    fixed = cards.replace("3", "Three.")
    (tagged.deck / "01-cards.md").write_text(f"# T\n\n{fixed}")
    tagged.publishes("1.1.1", 2).on("main")
    more = card("4", "Fourth?", "four")
    (tagged.deck / "01-cards.md").write_text(f"# T\n\n{cards}\n{more}")
    tagged.publishes("1.2.0", 3)
    publish(tagged, tagged.root / "dist")
    tagged.obeys(f"x: deckwright ledger merge content/{FILE} hotfix")
    (tagged.deck / "01-cards.md").write_text(f"# T\n\n{fixed}\n{more}")
    tagged.commits()
    said = tagged.releases("1.3.0")
    assert said.count("rehearsed") == 2


def test_what_is_no_package_stops_a_release(tagged: Repository, tmp_path: Path) -> None:
    pytest.importorskip("anki")
    (tagged.deck / "01-cards.md").write_text(f"# T\n\n{CARDS}\n{card('4', 'Fourth?', 'four')}")
    tagged.commits()
    (tmp_path / "old.apkg").write_bytes(b"no")
    done = run("release", "1.2.0", "--published", str(tmp_path / "old.apkg"), cwd=tagged.root)
    assert done.returncode == 2
    assert "old.apkg" in done.stderr and "Traceback" not in done.stderr
