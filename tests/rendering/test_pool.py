"""Work that is killed when it takes too much: it is named, all else is as it was."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import re
import runpy
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.model import Place, Problem, Source
from deckwright.rendering.pool import Budget, Lost, Purse, slowness, work_through
from deckwright.rendering.tags import MARKUP
from tests.decks import card, make_deck, png, release
from tests.program import run
from tests.rendering.golden import SOURCES, deck_of
from tests.rules.examples import EXAMPLES

TOO_SLOW = str(EXAMPLES["too-slow"].wrong["01-cards.md"])
CONTENT = Path(__file__).parent.parent.parent / "content"
SLOW = "```autohotkey\n" + " \n" * 400 + "x\n```"
"""Takes half a second or more: this lexer reads blank lines again and again."""
WRONG = card("<script>x</script>", "Wrong?", "wrong")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the processor's time is Unix's")


def found(compiled: Compiled) -> list[tuple[str, int]]:
    return [(one.rule, one.place.line) for one in compiled.problems]


# -- Cards -----------------------------------------------------------------------------------------


def test_a_slow_card_is_named_at_its_place_beside_the_errors_of_all_others(tmp_path: Path) -> None:
    cards = [card(f"Answer {n}.", f"Question {n}?", f"c{n}") for n in range(40)]
    cards[20] = card(SLOW, "Slow?", "slow")
    root = make_deck(tmp_path, {"01-cards.md": "# T\n\n" + "".join((*cards, WRONG))})
    compiled = compile_deck(root, budget=Budget(seconds=0.15))
    text = (root / "01-cards.md").read_text()
    lines = [text[: text.index(words)].count("\n") + 1 for words in ("## Slow?", "<script>")]
    assert found(compiled) == [("too-slow", lines[0]), ("markup", lines[1])]
    assert compiled.deck is None
    assert compiled.problems[0].message == (
        "this card takes more than 0.15 seconds or 128 MB: make it shorter, or split it"
    )
    assert ("markup", lines[1]) in found(compile_deck(root))
    assert "too-slow" not in {rule for rule, _ in found(compile_deck(root))}


def test_where_the_time_for_a_deck_is_up_the_rest_is_counted(tmp_path: Path) -> None:
    cards = [
        card(SLOW, f"Question {n}?", f"c{n}") for n in range(40)
    ]  # some seconds on any machine
    root = make_deck(tmp_path, {"01-cards.md": "# T\n\n" + "".join(cards)})
    compiled = compile_deck(root, budget=Budget(whole=0.5))
    words = " ".join(one.message for one in compiled.problems)
    assert re.search(r"\d cards were not looked at", words)
    assert compiled.deck is None


def test_a_run_with_a_card_that_would_take_for_ever_ends_in_time_with_exit_1(
    tmp_path: Path,
) -> None:
    text = TOO_SLOW + "\n" + WRONG
    make_deck(tmp_path / "content", {"01-cards.md": text})
    done = run("check", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "2 cards, 2 errors")
    assert "01-cards.md:3:4: error: this card takes more than 2 seconds or 128 MB" in done.stdout
    assert "[markup]" in done.stdout


def test_many_findings_in_a_card_are_counted(tmp_path: Path) -> None:
    cards = "".join(card("<ul>" * 25, f"Question {n}?", f"c{n}") for n in range(80))
    compiled = compile_deck(make_deck(tmp_path, {"01-cards.md": "# T\n\n" + cards}))
    found = [one for one in compiled.problems if one.rule == "markup"]
    assert len(found) == 1_000
    assert sum("(and at least 5 more like it)" in one.message for one in found) >= 49
    assert any("(and at least 600 more like it)" in one.message for one in found)
    assert compiled.notes == {}


def test_a_card_that_takes_long_to_compare_with_its_release_is_named(tmp_path: Path) -> None:
    slow = "{{c1::An}} answer. " + "a " * 900
    fine = card("{{c1::An}} answer.", "Fine", "fine")
    root = make_deck(tmp_path, {"01-cards.md": "# T\n\n" + card(slow, "Many", "many") + fine})
    release(root)
    other = card(slow.replace("a a", "a b"), "Many", "many")
    (root / "01-cards.md").write_text("# T\n\n" + other + fine)
    budget = Budget(seconds=0.4)
    found = [one for one in compile_deck(root, budget=budget).problems if one.rule == "too-slow"]
    assert [one.place.line for one in found] == [4]
    assert found[0].message == (
        "comparing this card with the last release takes more than 0.4 seconds: make it shorter,"
        " or split it"
    )


@pytest.mark.parametrize(("value", "fits"), [("2.5", True), ("0", False), ("x", False)])
def test_patience_is_a_number(value: str, fits: bool, tmp_path: Path) -> None:
    make_deck(tmp_path / "content", {"01-cards.md": "# T\n\n" + card("An answer.")})
    done = run("check", cwd=tmp_path, env={"DECKWRIGHT_PATIENCE": value})
    assert done.returncode == (0 if fits else 2)
    assert fits or f"DECKWRIGHT_PATIENCE is '{value}': set it to a number" in done.stderr


def test_a_slow_machine_has_more_time() -> None:
    assert slowness() >= 1
    assert Purse(2).left() == pytest.approx(2 * slowness(), abs=0.1)
    purse = Purse(2)
    purse.take(1)
    assert purse.left(0.5) == pytest.approx(slowness() - 1, abs=0.1)


def heeding_all_signals() -> None:
    """Undo what a shell ignores for all that it starts, as under nohup."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_no_worker_outlives_a_run_that_is_killed(end: signal.Signals, tmp_path: Path) -> None:
    cards = [card(SLOW, f"Question {n}?", f"c{n}") for n in range(8)]
    make_deck(tmp_path / "content", {"01-cards.md": "# T\n\n" + "".join(cards)})
    command = [sys.executable, "-m", "deckwright", "check"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, preexec_fn=heeding_all_signals
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not children.read_text().split():
            time.sleep(0.02)
        process.send_signal(end)
        # Who holds the other end of this pipe is a worker: until it ends, so does this not.
        process.communicate(timeout=60)
    assert process.returncode == -end


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_mistake_in_a_card(closed: str, tmp_path: Path) -> None:
    make_deck(tmp_path / "content", {"01-cards.md": "# T\n\n" + card("An answer.")})
    command = f'exec "$0" -m deckwright check {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable], cwd=tmp_path, timeout=60)
    assert done.returncode == 0


def test_workers_that_are_killed_are_reported_in_plain_words(tmp_path: Path) -> None:
    make_deck(tmp_path / "content", {"01-cards.md": TOO_SLOW + "\n" + WRONG})
    command = [sys.executable, "-m", "deckwright", "check"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            process.kill()
            pytest.skip("no list of a process's children here")
        while process.poll() is None:
            with suppress(OSError):  # where one ends by itself meanwhile
                for child in children.read_text().split():
                    os.kill(int(child), signal.SIGKILL)
            time.sleep(0.05)
        out, err = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in out + err
    assert "this card ends the program that renders it: make it shorter" in out


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_however_workers_start_the_deck_is_the_same(method: str, tmp_path: Path) -> None:
    picture = card("![a dot](dot.png) and $x$", "Picture?", "picture")
    sources = {f"{n}.md": f"# T{n}\n\n{picture.replace('picture', f'p{n}')}" for n in range(2)}
    root = make_deck(tmp_path / "two", {**sources, "dot.png": png()})
    for folder in (root, deck_of(tmp_path / "golden", SOURCES)):
        made = compile_deck(folder, budget=Budget(method=method))
        assert made.deck
        assert made == compile_deck(folder, budget=None)


@pytest.mark.parametrize("door", ["build.py", "src/deckwright/__main__.py"])
def test_a_worker_that_reads_the_door_again_does_not_go_through_it(door: str) -> None:
    runpy.run_path(str(CONTENT.parent / door), run_name="__mp_main__")


# -- Any work --------------------------------------------------------------------------------------


class Job:
    """Doubles numbers, but for those that do something else."""

    def __init__(self, folder: Path, **odd: str) -> None:
        self.folder, self.odd = folder, odd

    def __call__(self, number: int) -> int:
        match self.odd.get(f"n{number}"):
            case "hang":
                while True:
                    pass
            case "hang in C":
                sum(range(10**12))
            case "eat":
                _ = [bytes(1 << 20) for _ in range(1_000)]
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "die once" if not (self.folder / str(number)).exists():
                (self.folder / str(number)).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            case "raise":
                raise ValueError("a mistake of ours")
        return 2 * number


def work(job: Job, items: int) -> dict[int, int | Lost]:
    return work_through(job, items, Budget(seconds=0.2), Purse(60), lambda _: None)


def test_what_is_lost_of_a_batch_is_the_item_that_blew_it(tmp_path: Path) -> None:
    job = Job(tmp_path, n3="hang", n17="die", n18="eat", n35="hang in C")
    results = work(job, 40)
    lost = {number: one.what for number, one in results.items() if isinstance(one, Lost)}
    too_much = "takes more than 0.2 seconds or 128 MB"
    assert lost == {
        3: too_much,
        17: "ends the program that renders it",
        18: too_much,
        35: "ends the program that renders it",
    }
    assert results.keys() == {*range(40)}
    assert all(one == 2 * number for number, one in results.items() if number not in lost)


def test_items_that_end_their_processes_take_no_more_than_the_time_for_all(tmp_path: Path) -> None:
    job = Job(tmp_path, **{f"n{number}": "hang in C" for number in range(40)})
    results = work_through(job, 40, Budget(seconds=0.2), Purse(1), lambda _: None)
    assert results.keys() == {*range(40)}
    assert Lost("") in results.values()


def test_an_item_that_is_killed_once_is_tried_again(tmp_path: Path) -> None:
    assert work(Job(tmp_path, n30="die once"), 40) == {number: 2 * number for number in range(40)}


def test_a_mistake_of_ours_is_raised_with_the_place_where_it_was_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a mistake of ours") as raised:
        work(Job(tmp_path, n3="raise"), 5)
    assert "in __call__" in str(raised.value.__cause__)


def test_no_worker_is_left(tmp_path: Path) -> None:
    work(Job(tmp_path, n1="hang"), 6)
    assert multiprocessing.active_children() == []


def test_a_budget_grows_with_the_deck_and_stays_what_it_is_for_a_batch() -> None:
    budget = Budget().times(3)
    assert (budget.seconds, budget.whole) == (Budget().seconds, 3 * Budget().whole)


def test_a_problem_gets_its_place_behind_a_worker_too() -> None:
    source = Source("01-cards.md", "# T\n\nab")
    problem: Problem = pickle.loads(pickle.dumps(MARKUP.at(6, "what", "fix")))
    assert problem.placed(source).place == Place("01-cards.md", 3, 2)
    assert problem.placed(source).placed(Source("other.md", "")).place.path == "01-cards.md"


def test_a_file_that_takes_more_time_than_there_is_is_named(tmp_path: Path) -> None:
    cards = "".join(card("An answer.", f"Question {n}?", f"c{n}") for n in range(500))
    root = make_deck(tmp_path, {"01-cards.md": "# T\n\n" + cards})
    compiled = compile_deck(root, budget=Budget(whole=1e-9))
    assert found(compiled) == [("too-slow", 1)]
    assert "reading this file takes more time than there is" in compiled.problems[0].message
    assert compiled.deck is None
