"""The scripts: all are linted, and each name in them has an owner and a use.

A linter reads one file at a time. Classic scripts share their names with those of the same page,
and take more from the browser, so what it says of names is looked at here, of all scripts together.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DENO = Path(sys.executable).parent / "deno"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
AS_IT_IS = re.findall(r"^AS_IT_IS := (.*)$", MAKEFILE, re.MULTILINE)[0].split()
SCRIPTS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("src", "tests", "bench")
    for path in sorted((ROOT / folder).rglob("*.js"))
    if not any(path.is_relative_to(ROOT / one) for one in AS_IT_IS)
]
OF_A_BROWSER = set(
    "CSS EventSource HTMLAnchorElement HTMLImageElement IntersectionObserver"
    " KeyboardEvent MathJax MutationObserver Node NodeFilter OffscreenCanvas Option"
    " PerformanceObserver PopStateEvent ResizeObserver cancelAnimationFrame document"
    " getComputedStyle history innerHeight innerWidth matchMedia requestAnimationFrame"
    " requestIdleCallback scrollBy scrollTo scrollX scrollY".split()
)
"""What deno does not have, and a page of ours does. No more than is used, or may well be: ``name``,
``event`` and the like are names of a browser too, and in a script of ours they are mistakes."""


def text_of(script: str) -> str:
    return (ROOT / script).read_text(encoding="utf-8")


def shared(script: str) -> set[str]:
    """The names that a script gives to the others: formatted, what it declares is at the margin."""
    declares = r"(?:async )?(?:const|let|var|class|function)\*? "
    gives = r".*\b(?:window|globalThis)\.(?=\w+ =)"
    return {*re.findall(rf"^(?:{declares}|{gives})([\w$]+)", text_of(script), re.MULTILINE)}


def said(rule: str, scripts: list[str], folder: Path) -> set[tuple[str, str]]:
    """The names of which deno says something by a rule, each with its script."""
    options = ("--no-config", "--json", "--rules-tags=", f"--rules-include={rule}")
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
        (os.path.relpath(one["filename"].removeprefix("file://"), ROOT), name.strip("`"))
        for one in found["diagnostics"]
        if one["code"] == rule
        for name in [one["message"].split()[0]]
    }


def test_no_script_uses_a_name_that_nothing_has(tmp_path: Path) -> None:
    ours = {name for script in SCRIPTS for name in shared(script)}
    assert {"STAGE", "harmOfMany"} <= ours
    found = said("no-undef", SCRIPTS, tmp_path)
    assert {one for one in found if one[1] not in ours | OF_A_BROWSER} == set()


def test_no_name_is_unused_in_its_script_and_in_all_that_share_it(tmp_path: Path) -> None:
    found = said("no-unused-vars", SCRIPTS, tmp_path)
    assert ("tests/note_types/look/_measure.js", "measure") in found  # a test of Python's calls it
    for script, name in found:
        assert name in shared(script), (script, name)
        calling = [one for one in SCRIPTS if one != script]
        calling += [str(one) for one in Path(ROOT, "tests").rglob("*.py")]
        assert any(re.search(rf"\b{name}\b", text_of(one)) for one in calling), (script, name)


def test_what_is_wrong_with_a_name_is_seen(tmp_path: Path) -> None:
    script = tmp_path / "a.js"
    script.write_text("const found = (one) => docment.body + document.title;\n")
    named = {
        rule: {name for _, name in said(rule, [str(script)], tmp_path)}
        for rule in ("no-undef", "no-unused-vars")
    }
    assert named == {"no-undef": {"docment", "document"}, "no-unused-vars": {"found", "one"}}


@pytest.mark.parametrize("script", [one for one in SCRIPTS if one.startswith("src/")])
def test_a_script_of_ours_is_strict(script: str) -> None:
    assert re.match(r'(?://.*\n)*"use strict";\n', text_of(script))


def test_no_two_scripts_of_our_pages_share_the_same_name() -> None:
    """A page with two constants of one name would not run the second script at all."""
    ours = [one for one in SCRIPTS if "/page/" in one]
    counted = Counter(name for script in ours for name in shared(script))
    assert [name for name, number in counted.items() if number > 1] == []


def test_every_script_and_style_is_linted_or_said_to_stay_as_it_is() -> None:
    assert len(SCRIPTS) > 8
    assert all((ROOT / one).is_dir() for one in AS_IT_IS)
    make = ("make", "--silent", "--dry-run", "format")
    listed = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {*re.findall(r"\S+\.js\b", listed)} == {*SCRIPTS}
    assert "src/deckwright/diff/page/style.css" in re.findall(r"\S+\.css\b", listed)
