"""Which studied cards ask something else, as release, verify and diff say it of real packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.rehearsal import rehearse
from deckwright.releases.rehearsed import asked_otherwise
from tests.decks import release
from tests.program import run
from tests.releases.test_review import DAY, ROWS, T0, write

pytest.importorskip("anki")


def packages(tmp_path: Path, name: str) -> tuple[Path, Path]:
    """The packages before and after an edit that no ledger watched over."""
    row, paths = ROWS[name], []
    for version, cards, time in (("1.0.0", row.before, T0), ("1.1.0", row.after, T0 + DAY)):
        write(tmp_path / version, cards)
        built = release(tmp_path / version, version, time).package
        paths.append(tmp_path / built.name)
        paths[-1].write_bytes(built.data)
    return paths[0], paths[1]


@pytest.mark.anki
@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("a02", ["card 1 of france asked", "card 1 of italy asked"]),
        ("a05", ['"What is French for cat?" ("chat")']),
        ("a08", ['"Paris" ("What is the capital of France?")']),
        ("b03", ['card 1 of w asked "0 °C", and asks "100 °C"']),
        ("report 03", ['card 1 of rivers asked "Nile", and asks "Seine"']),
        ("b02", ["card 1 of powers asked", "card 2 of powers asked"]),
        ("Reverse asks another thing", ["card 2 of elbo asked"]),
        ("b18", []),
        ("f12", []),
        ("b10", []),  # its card asks nothing any more, which other checks say
    ],
)
def test_a_learner_remembers_what_each_card_asked(
    name: str, asks: list[str], tmp_path: Path
) -> None:
    old, new = packages(tmp_path, name)
    [one] = rehearse([old], new)
    found = [*asked_otherwise(one.studied, ())]
    assert len(found) == len(asks), found
    assert all(any(words in what for what in found) for words in asks), found
    assert [*asked_otherwise(one.studied, {studied.guid for studied in one.studied})] == []


def test_verify_and_diff_fail_where_nobody_said_that_it_is_the_same(tmp_path: Path) -> None:
    """Row e15: a reviewer was told "corrected"."""
    old, new = packages(tmp_path, "a05")
    done = run("verify", str(old), str(new), cwd=tmp_path)
    assert done.returncode == 1
    assert "1 studied card would ask something else now" in done.stderr
    done = run("diff", str(tmp_path / "1.1.0"), "--against", str(old), cwd=tmp_path)
    assert done.returncode == 1
    assert "Asks something else (1)" in done.stdout
    assert "Corrected" not in done.stdout


def test_they_pass_and_list_it_where_somebody_said_so(tmp_path: Path) -> None:
    old, _ = packages(tmp_path, "a05")
    deck = tmp_path / "deck"
    row = ROWS["a05"]
    write(deck, row.before)
    release(deck, "1.0.0", T0)
    write(deck, row.after.replace("id: dog", "id: dog\nwas: [dog]"))
    done = run("diff", str(deck), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "its author says that it is the same fact" in done.stdout
    new = release(deck, "1.1.0", T0 + DAY).package
    (tmp_path / new.name).write_bytes(new.data)
    done = run("verify", str(old), new.name, "--deck", str(deck), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
