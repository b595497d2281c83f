"""No name of a file and no text of a card can give a log an order, or move a terminal's cursor."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.decks import TOML, card, make_deck, release
from tests.faults.scene import Scene, scene
from tests.program import run

NAMES = (
    "::error file=a,line=1::forged.md",
    "::set-output name=x::y.md",
    "##[error]forged.md",
    "a\n::error::forged.md",
    "a\r::error::forged.md",
    "a\x1b[31mred\x1b[0m.md",
    "a%0A::error::forged.md",
    "a,line=9,title=x::y.md",
    "a\u202egpj.md",
    "a\u2028::error::x.md",
    " ::warning::x.md",
)
TEXT = """::error::x

## ::error file=x::y

::error::z $x

### ##[error]forged

### \x1b[2J::warning::a
::stop-commands::x
"""
CODE = "\n\n```\n::error::code {0}\n::set-output name=x::y\n```\n"
CONTROLS = {*map(chr, range(32)), *map(chr, range(127, 160)), "\u2028", "\u2029", "\u202e"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such names on Windows")


@pytest.fixture
def odd(tmp_path: Path) -> Scene:
    """A deck of files with the oddest names, run from inside it, so that they start the lines."""
    place = scene(tmp_path / "x", "# T\n")
    make_deck(place.work, {"deck.toml": TOML, **dict.fromkeys(NAMES, TEXT)})
    (place.work / os.fsdecode(b"\xff::error::x.md")).write_text(TEXT)
    (place.work / "::error::dir").symlink_to(place.work)
    (place.work / "content" / "deck.toml").unlink()
    return place


def harmless(output: str) -> None:
    """No line of it is an order for GitHub, and it holds no control characters."""
    for line in output.split("\n"):
        assert not line.strip().startswith("::"), line
        assert "##[" not in line
        assert not CONTROLS & {*line}, ascii(line)


def test_findings_as_text_cannot_be_forged(odd: Scene) -> None:
    done = odd.run("check")
    assert done.returncode == 1
    assert done.stdout.count("\n") > len(NAMES)
    harmless(done.stdout)
    harmless(done.stderr)


def test_findings_as_json_are_data_with_the_real_names(odd: Scene) -> None:
    done = odd.run("check", "--format", "json")
    harmless(done.stdout)
    assert {*NAMES, "\udcff::error::x.md"} <= {row["path"] for row in json.loads(done.stdout)}


def test_annotations_are_one_order_a_line_and_ours(odd: Scene) -> None:
    findings = json.loads(odd.run("check", "--format", "json").stdout)
    done = odd.run("check", "--format", "github")
    lines = done.stdout.splitlines()
    places = {(one["path"], one["line"], one["severity"]) for one in findings}
    assert len(lines) == len(places) == done.stdout.count("\n")
    assert sum(line.count("%0A") + 1 for line in lines) == len(findings)
    for line in lines:
        head, _, message = line.removeprefix("::").partition("::")
        kind, _, properties = head.partition(" ")
        assert kind in ("error", "warning")
        keys = [one.partition("=")[0] for one in properties.split(",")]
        assert keys == ["file", "line", "col", "title"], line
        assert message
        assert "##[" not in line
        assert not CONTROLS & {*line}


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "html"])
def test_what_a_release_would_change_cannot_be_forged(format_: str, tmp_path: Path) -> None:
    place = scene(tmp_path / "x", "")
    orders = "Words\n\n::error::{0}\n\n::warning file=a::{0} ##[error]{0}"
    text = f"# T\n\n{card(orders + CODE, '::error::{0}?', 'a')}{card(orders, 'Another?', 'b')}"
    (place.work / "content" / "01-cards.md").unlink()
    make_deck(place.work / "content", {"::error::x.md": text.replace("{0}", "1")})
    release(place.work / "content")
    make_deck(place.work / "content", {"::error::x.md": text.replace("{0}", "2")})
    done = place.run("diff", "--format", format_)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" in done.stdout
    for line in done.stdout.split("\n"):
        assert not line.strip().startswith("::"), line
        assert "##[" not in line
        assert not CONTROLS & {*line}, ascii(line)


def test_the_changelog_of_a_dry_run_cannot_be_forged(tmp_path: Path) -> None:
    place = scene(tmp_path / "x", "")
    content = place.work / "content"
    release(make_deck(content, {"01-cards.md": f"# T\n\n{card('x')}{card('y', 'Q?', 'q')}"}))
    reason = '[retired]\nq = "::error::forged ##[error]x"\n'
    make_deck(content, {"01-cards.md": f"# T\n\n{card('x')}", "deck.toml": f"{TOML}\n{reason}"})
    done = place.run("release", "2.0.0", "--dry-run")
    assert "forged" in done.stdout, done.stdout + done.stderr
    harmless(done.stdout)


def test_a_packages_name_and_the_disks_words_cannot_be_forged(odd: Scene) -> None:
    for args in (
        ("check", "::error::none"),
        ("check", "content"),
        ("build", "content\n::error::x"),
        ("verify", "a\n::error::forged.md"),
        ("build", "-o", "a\n::error::forged.md"),
    ):
        done = odd.run(*args)
        assert done.returncode in (1, 2), done.stdout
        assert "Traceback" not in done.stderr
        harmless(done.stderr)
        harmless(done.stdout)


@pytest.mark.parametrize(
    "verb", [("check", "."), ("ledger", "merge"), ("no verb",), ("diff", "-x")]
)
def test_an_argument_cannot_forge_what_is_said_of_it(verb: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*verb, "\x1b]0;title\x07\n::error::x", cwd=tmp_path)
    assert done.returncode == 2
    harmless(done.stderr)


def test_a_build_into_an_odd_folder_prints_its_name_in_one_line(tmp_path: Path) -> None:
    place = scene(tmp_path / "x", "# T\n\n## Q\n<!-- id: q -->\n\nAn answer.\n")
    done = place.run("build", "-o", "out\n::error::x")
    assert done.returncode == 0, done.stderr
    harmless(done.stdout)
