"""The scripts: all are linted, and no name in one is without an owner.

A classic script takes names from the browser and from the scripts before it, of which a linter
that reads one file at a time knows nothing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DENO = Path(sys.executable).parent / "deno"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
AS_IT_IS = re.findall(r"^AS_IT_IS := (.*)$", MAKEFILE, re.MULTILINE)[0].split()
SCRIPTS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("src", "tests")
    for path in sorted((ROOT / folder).rglob("*.js"))
    if not any(path.is_relative_to(ROOT / one) for one in AS_IT_IS)
]
OF_A_BROWSER = set(
    "CSS DOMParser EventSource IntersectionObserver MathJax MutationObserver Node NodeFilter"
    " OffscreenCanvas ResizeObserver cancelAnimationFrame document getComputedStyle history"
    " innerHeight innerWidth matchMedia requestAnimationFrame requestIdleCallback scrollTo".split()
)
"""What deno does not have, and a page of ours does. No more than is used, or may well be: ``name``,
``event`` and the like are names of a browser too, and in a script of ours they are mistakes."""


def shared(script: str) -> set[str]:
    """The names that a script gives to the others: formatted, what it declares is at the margin."""
    text = (ROOT / script).read_text(encoding="utf-8")
    words = (
        r"^(?:(?:async )?(?:const|let|var|class|function)\*? |.*\b(?:window|globalThis)\.(?=\w+ =))"
    )
    return {*re.findall(rf"{words}([\w$]+)", text, re.MULTILINE)}


def undefined(scripts: list[str], folder: Path) -> set[tuple[str, str]]:
    """The names that each script uses and that deno does not have."""
    options = ("--no-config", "--json", "--rules-tags=", "--rules-include=no-undef")
    done = subprocess.run(
        [DENO, "lint", *options, *scripts],
        cwd=ROOT,
        env={**os.environ, "DENO_DIR": str(folder), "DENO_NO_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)
    assert found["errors"] == []
    return {
        (Path(one["filename"]).name, one["message"].removesuffix(" is not defined"))
        for one in found["diagnostics"]
        if one["code"] == "no-undef"
    }


def test_no_script_uses_a_name_that_nothing_has(tmp_path: Path) -> None:
    ours = {name for script in SCRIPTS for name in shared(script)}
    assert {"STAGE", "harmOfMany"} <= ours
    found = undefined(SCRIPTS, tmp_path)
    assert {one for one in found if one[1] not in ours | OF_A_BROWSER} == set()


def test_a_name_that_nothing_has_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("const found = () => docment.body + document.title;\n")
    assert undefined([str(tmp_path / "a.js")], tmp_path) == {
        ("a.js", "docment"),
        ("a.js", "document"),
    }


@pytest.mark.parametrize("script", [one for one in SCRIPTS if one.startswith("src/")])
def test_a_script_of_ours_shares_one_name_at_most_and_is_strict(script: str) -> None:
    text = (ROOT / script).read_text(encoding="utf-8")
    assert re.match(r'(?://.*\n)*"use strict";\n', text)
    is_a_browser = script.endswith("mathjax/stage.js")  # and has its names
    assert len(shared(script)) <= 1 or is_a_browser, shared(script)


def test_every_script_and_style_is_linted_or_said_to_stay_as_it_is() -> None:
    assert len(SCRIPTS) > 8
    assert all((ROOT / one).is_dir() for one in AS_IT_IS)
    make = ("make", "--silent", "--dry-run", "format")
    listed = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {*re.findall(r"\S+\.js\b", listed)} == {*SCRIPTS}
    assert "src/deckwright/diff/page/style.css" in re.findall(r"\S+\.css\b", listed)
