from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deckwright.commands import VERBS
from tests.decks import TOML, card, make_deck, release
from tests.program import run

ROOT = Path(__file__).parent.parent.parent
GOOD = "# Examples\n\n" + card("An answer.")
BAD = "# Examples\n\n" + card("An $answer.") + "\n## No id\n\nx\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    make_deck(tmp_path / "content", {"01-cards.md": GOOD})
    return tmp_path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    make_deck(tmp_path / "content", {"01-cards.md": BAD})
    return tmp_path


def test_check_of_a_good_deck_says_so(good: Path) -> None:
    done = run("check", cwd=good)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 card, no mistake\n")


def test_check_names_every_mistake_with_place_rule_and_cure(bad: Path) -> None:
    done = run("check", cwd=bad)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert [line.split(" ")[0] for line in lines] == [
        "content/01-cards.md:6:4:",
        "content/01-cards.md:8:1:",
    ]
    assert re.fullmatch(r"\S+ error: .+: .+ \[math-unclosed\]", lines[0])
    assert re.fullmatch(r"\S+ error: .+: .+ <!-- id: no-id --> .+ \[missing-id\]", lines[1])
    assert done.stderr == (
        "More about a rule: deckwright check --rules math-unclosed, or docs/rules.md#NAME\n"
        "2 cards, 2 errors\n"
    )


def test_json_is_for_programs(bad: Path) -> None:
    done = run("check", "--format", "json", cwd=bad)
    rows = json.loads(done.stdout)
    assert [(row["path"], row["line"], row["column"], row["rule"]) for row in rows] == [
        ("content/01-cards.md", 6, 4, "math-unclosed"),
        ("content/01-cards.md", 8, 1, "missing-id"),
    ]
    assert json.loads(run("check", "--format", "json", cwd=ROOT).stdout) == []


def test_json_has_the_edits_of_a_problem(tmp_path: Path) -> None:
    text = "\ufeff# T\r\n\r\n## A\r\n<!--\r\nid: a\r\ntags: x y\r\n-->\r\n\r\nA.\r\n"
    make_deck(tmp_path / "content", {"01-cards.md": text})
    [row] = json.loads(run("check", "--format", "json", cwd=tmp_path).stdout)
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    start = plain.index("x y")
    assert row["edits"] == [{"start": start, "end": start + 3, "text": "[x, y]"}]


def test_annotations_are_for_github_and_cannot_be_forged(tmp_path: Path) -> None:
    text = "# T\n\n## A\n<!-- id: a -->\n\nx\n\n### ::error title=x::y\n"
    make_deck(tmp_path / "content", {"a,b:c\n::warning::z.md": text})
    done = run("check", "--format", "github", cwd=tmp_path)
    assert done.returncode == 1
    assert all(
        line.startswith("::error file=content/a%2Cb%3Ac") for line in done.stdout.splitlines()
    )


def test_annotations_of_one_line_are_one_and_the_first_of_each_rule_come_first(
    tmp_path: Path,
) -> None:
    cards = "".join(f"## Question {n}?\n\n<b>A{n}\n\n" for n in range(12))
    toml = f'{TOML}\n[required]\nparts = ["Why"]\n'
    make_deck(tmp_path, {"deck.toml": toml, "01-cards.md": f"# T\n\n{cards}"})
    done = run("check", ".", "--format", "github", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert len(lines) == 24
    for line in lines[:2]:
        assert "line=3," in line or "line=5," in line
    assert (
        "title=missing-id%2C missing-part::this card has no id: put <!-- id: question-0 -->"
        in lines[0]
    )
    assert "%0Athis card has no ### Why" in lines[0]


def test_build_makes_a_package_and_says_what_is_in_it(good: Path) -> None:
    done = run("build", cwd=good, env={"SOURCE_DATE_EPOCH": "1700000000"})
    assert done.returncode == 0, done.stderr
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    names = {"notes", "cards", "decks", "media", "size", "content", "draft", "time", "package"}
    assert rows.keys() == names
    assert (rows["notes"], rows["cards"], rows["decks"]) == ("1", "1", "2")
    assert (good / rows["package"]).is_file()


def test_a_build_that_is_no_release_says_what_studying_it_costs(good: Path) -> None:
    words = "    draft  A draft, to be studied in a profile of its own: "
    assert words in run("build", cwd=good).stdout
    release(good / "content")
    assert "draft" not in run("build", cwd=good).stdout
    path = good / "content" / "01-cards.md"
    path.write_text(path.read_text(encoding="utf-8") + "\nA further line.\n", encoding="utf-8")
    assert words in run("build", cwd=good).stdout


def test_a_bad_deck_costs_no_package_that_was_there(good: Path) -> None:
    run("build", cwd=good)
    path = good / "dist" / "examples-dev.apkg"
    before = path.read_bytes()
    make_deck(good / "content", {"01-cards.md": BAD})
    assert run("build", cwd=good).returncode == 1
    assert path.read_bytes() == before


def test_the_same_input_gives_the_same_bytes_from_anywhere(good: Path, tmp_path: Path) -> None:
    files = []
    for number, (zone, seed) in enumerate([("UTC", "1"), ("Asia/Tokyo", "2")]):
        out = tmp_path / f"out{number}"
        env = {"SOURCE_DATE_EPOCH": "1700000000", "TZ": zone, "PYTHONHASHSEED": seed, "LANG": "C"}
        done = run("build", str(good / "content"), "-o", str(out), cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        files.append((out / "examples-dev.apkg").read_bytes())
    assert files[0] == files[1]


def test_crlf_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    hashes = set()
    for number, data in enumerate(
        [GOOD.encode(), b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode()]
    ):
        folder = tmp_path / str(number)
        make_deck(folder / "content", {"01-cards.md": data})
        done = run("build", cwd=folder)
        hashes.add(re.search(r"sha256 (\w+)", done.stdout)[1])  # type: ignore[index]
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["check", "nowhere"], "nowhere"),
        (["check"], "deck.toml"),
        (["check", "--format", "xml"], "xml"),
        (["check", "--quiet", "--full"], "exclude each other"),
        (["frobnicate"], "frobnicate"),
        (["verify", "none.apkg"], "does not exist"),
    ],
)
def test_a_wrong_call_is_reported_in_words(args: list[str], words: str, tmp_path: Path) -> None:
    done = run(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_source_date_epoch_is_reported(good: Path) -> None:
    done = run("build", cwd=good, env={"SOURCE_DATE_EPOCH": "yesterday"})
    assert done.returncode == 2
    assert "seconds since 1970" in done.stderr


def test_an_output_folder_that_is_a_file_is_reported(good: Path) -> None:
    (good / "dist").write_text("a file")
    done = run("build", cwd=good)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_verify_shows_what_a_real_anki_says(good: Path) -> None:
    done = run("build", "--verify", cwd=good)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Anki [\d.]+ imports 1 note and renders 1 card in 2 decks", done.stdout)
    broken = good / "broken.apkg"
    broken.write_bytes(b"no zip")
    done = run("verify", "broken.apkg", cwd=good)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [[], *([verb] for verb in VERBS), ["ledger", "merge"]])
def test_every_command_has_help_with_examples(command: list[str], tmp_path: Path) -> None:
    done = run(*command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert "deckwright" in done.stdout


def test_build_py_is_the_same_door(tmp_path: Path) -> None:
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    content = str(ROOT / "content")
    for args in (["check", content], ["build", content, "-o", str(tmp_path)]):
        command = [sys.executable, str(ROOT / "build.py"), *args]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("*.apkg"))


def test_colours_and_carets_are_for_terminals_only(bad: Path) -> None:
    if sys.platform == "win32":
        pytest.fail("pseudo-terminals are needed here")
    import pty

    def on_terminal(**env: str) -> str:
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "deckwright", "check"],
            cwd=bad,
            env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **env},
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        chunks = []
        while True:
            try:
                chunk = os.read(leader, 4096)
            except OSError:  # Linux says so where the other end is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
        os.close(leader)
        assert process.wait() == 1
        return b"".join(chunks).decode()

    shown = on_terminal()
    assert "\x1b[31m" in shown
    assert re.search(r"\n {4}An \$answer\.\r?\n {4}   .*\^", shown)
    plain = on_terminal(NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert re.search(r"\n {4}   \^", plain)
    assert "\x1b" not in run("check", cwd=bad).stdout


# What is shown of many problems

MANY = "# Examples\n\n" + "".join(f"## Question {n}?\n\nA.\n\n" for n in range(300))


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A first contribution: the same mistake three hundred times, and another one at its end."""
    make_deck(tmp_path, {"01-a.md": MANY, "02-b.md": "# B\n\n## B?\n\nB.\n" + card("An $x.")})
    return tmp_path


def test_of_a_rule_that_is_broken_many_times_the_first_are_shown(many: Path) -> None:
    lines = run("check", cwd=many).stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:5]] == ["01-a.md"] * 5
    assert "[math-unclosed]" in lines[5]
    assert lines[6:] == ["… and 296 more like it, in 2 files [missing-id]"]


def test_a_few_are_all_shown(tmp_path: Path) -> None:
    text = "# Examples\n\n" + "".join(f"## Question {n}?\n\nA.\n\n" for n in range(6))
    make_deck(tmp_path, {"01-a.md": text})
    assert run("check", cwd=tmp_path).stdout.count("[missing-id]") == 6


def test_the_full_view_shows_all(many: Path) -> None:
    lines = run("check", "--full", cwd=many).stdout.splitlines()
    assert len(lines) == 302
    assert not any(line.startswith("…") for line in lines)


def test_the_quiet_view_counts(many: Path) -> None:
    done = run("check", "--quiet", cwd=many)
    assert done.returncode == 1
    assert done.stdout == "301 errors [missing-id]\n1 error [math-unclosed]\n"
    assert done.stderr == "302 cards, 302 errors\n"


def test_programs_get_everything(many: Path) -> None:
    assert len(json.loads(run("check", "--format", "json", cwd=many).stdout)) == 302


def test_check_says_which_rules_the_deck_can_change(tmp_path: Path) -> None:
    make_deck(tmp_path, {"01-a.md": card("![](media/dot.png) $x")})
    lines = run("check", cwd=tmp_path).stderr.splitlines()
    assert lines[1] == "deck.toml can change, under [rules]: image-alt, no-title"


def test_one_rule_is_shown_in_full(tmp_path: Path) -> None:
    done = run("check", "--rules", "long-answer", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("long-answer (Writing)\n\nAn answer has at most")
    assert "under [rules]" in done.stdout
    assert "off: [long-answer]" in done.stdout
    assert "docs/rules.md#long-answer" in done.stdout
    done = run("check", "--rules", "markup", cwd=tmp_path)
    assert "An error in every deck: otherwise learners or reviewers could be harmed." in done.stdout
    done = run("check", "--rules", "tex-wide", cwd=tmp_path)
    assert "never off" in done.stdout
    done = run("check", "--rules", "long-anser", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean long-answer?" in done.stderr
