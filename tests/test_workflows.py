"""The workflows: what they may do, and that each of their steps also runs here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from deckwright.compile import compile_deck
from deckwright.releases.ledger import FILE
from tests.decks import TOML, card, make_deck
from tests.releases.repositories import DAY, T0, Repository, git
from tests.workflows import PUBLISHES, ROOT, RULES, Workflow, checks_out, read_all, wrong_shape

WORKFLOWS = read_all()
BASE = T0 + 100 * DAY

# -- What they say ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKFLOWS)
@pytest.mark.parametrize("rule", RULES)
def test_a_workflow_breaks_no_rule(name: str, rule: Callable[[Workflow], Any]) -> None:
    assert [*rule(WORKFLOWS[name])] == []


SOUND = """
on: pull_request
permissions: {}
concurrency: x
jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: {persist-credentials: false}
      - run: make check
"""
BAD = {
    "wrong_events": ("on: pull_request", "on: [pull_request_target]"),
    "wrong_rights": ("{contents: read}", "{contents: write}"),
    "wrong_pins": ("@3d3c42e5aac5ba805825da76410c181273ba90b1 #", "@v7 #"),
    "wrong_credentials": ("persist-credentials: false", "fetch-depth: 0"),
    "wrong_runs": ("make check", "python build.py"),
    "wrong_values": ("make check", "make check\n        env: {DECK: '${{ github.head_ref }}'}"),
    "wrong_publishers": ("{contents: read}", "{id-token: write}"),
    "wrong_limits": ("timeout-minutes: 5", "name: x"),
}
MORE_BAD = [
    ("wrong_rights", "permissions: {}", "permissions: read-all"),
    ("wrong_rights", "    permissions: {contents: read}\n", ""),
    ("wrong_pins", " # v7.0.1", ""),
    ("wrong_runs", "make check", 'echo "${{ github.head_ref }}"'),
    ("wrong_runs", "make check", "make no-such-target"),
    ("wrong_runs", "make check", "make check; curl x"),
    ("wrong_credentials", "make check", "make check\n        env: {A: '${{ secrets.A }}'}"),
    ("wrong_credentials", "make check", "make check\n        env: {A: '${{ toJSON(secrets) }}'}"),
    ("wrong_credentials", "make check", "make check\n        env: {A: '${{ github.token }}'}"),
    ("wrong_events", "on: pull_request", "on: [push, discussion]"),
    ("wrong_pins", "- uses: actions/checkout@", '- "uses" : actions/checkout@'),
    ("wrong_values", "make check", "make check\n        env: {A: '${{ github.event[x] }}'}"),
    ("wrong_limits", "run: make check", "run: make check\n        continue-on-error: true"),
    ("wrong_limits", "run: make check", "run: make check\n        shell: python {0}"),
    ("wrong_values", "make check", "make check\n        env: {DECK: '${{ GITHUB.HEAD_REF }}'}"),
    ("wrong_values", "make check", "make check\n        if: github.head_ref == 'x'"),
    ("wrong_values", "make check", "make check\n        env: {A: \"${{ '}}' && github.token }}\"}"),
    ("wrong_shape", "make check", "make check\n        working-directory: deck"),
    ("wrong_shape", "make check", "make check\n        env: {MAKEFILES: ../deck/evil.mk}"),
    ("wrong_shape", "make check", "make check\n        env: {BASH_ENV: ../deck/evil}"),
    ("wrong_shape", "timeout-minutes: 5", "defaults: {run: {shell: 'python {0}'}}"),
    ("wrong_shape", "timeout-minutes: 5", "defaults: {run: {working-directory: ../deck}}"),
    ("wrong_shape", "timeout-minutes: 5", "environment: release"),
    ("wrong_shape", "persist-credentials: false", "repository: evil/deckwright"),
    ("wrong_shape", "persist-credentials: false", "ref: main"),
    ("wrong_shape", "actions/checkout@", "evil/checkout@"),
    ("wrong_shape", "ubuntu-24.04", "my-machine"),
    ("wrong_shape", "on: pull_request", "on: {push: {branches: ['**']}}"),
    ("wrong_shape", "    steps:\n", "    uses: evil/x/.github/workflows/x.yml@main\n    steps:\n"),
    ("wrong_limits", "ubuntu-24.04", "ubuntu-latest"),
    ("wrong_limits", "concurrency: x\n", ""),
]


@pytest.mark.parametrize(
    ("rule", "old", "new"), [*((rule, *pair) for rule, pair in BAD.items()), *MORE_BAD]
)
def test_each_rule_sees_what_breaks_it(rule: str, old: str, new: str) -> None:
    [check] = [one for one in RULES if one.__name__ == rule]
    assert SOUND.count(old) == 1
    assert [*check(Workflow("x.yml", SOUND))] == []
    assert [*check(Workflow("x.yml", SOUND.replace(old, new)))]


@pytest.mark.parametrize(
    "more", ["", "cache-mode: none\nx: {cache: pip}\n", 'cache-mode: none\nx: {"cache" : pip}\n']
)
def test_a_cache_in_what_publishes_is_seen(more: str) -> None:
    [check] = [one for one in RULES if one.__name__ == "wrong_caches"]
    assert [*check(Workflow("pages.yml", SOUND + more))]
    assert not [*check(Workflow("pages.yml", f"{SOUND}cache-mode: none\n"))]


@pytest.mark.parametrize("step", ["run: git clone x && make -C x", "run: curl x | sh"])
def test_a_program_in_a_job_that_may_write_is_seen(step: str) -> None:
    [check] = [one for one in RULES if one.__name__ == "wrong_publishers"]
    text = SOUND.replace("{contents: read}", "{id-token: write}")
    text = re.sub(r"      - uses.*\n.*\n", "", text)
    assert [*check(Workflow("x.yml", text.replace("run: make check", step)))]


def test_an_action_is_the_same_commit_wherever_it_is_used() -> None:
    used: dict[str, set[str]] = {}
    for one in WORKFLOWS.values():
        for name, pin in re.findall(r"uses: ([\w/-]+)@(\w{40} # \S+)", one.text):
            used.setdefault(name, set()).add(pin)
    assert {name: pins for name, pins in used.items() if len(pins) > 1} == {}


def test_the_workflows_for_another_deck_are_as_sound(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(name: .*?)^```", text, re.DOTALL | re.MULTILINE)
    check, release = (one.replace("@COMMIT", f"@{40 * 'a'}") for one in found)
    both = (Workflow("check.yml", check), Workflow("release.yml", release))
    for one in both:
        assert len(one.text.splitlines()) <= 12
        broken = [what for rule in RULES if rule is not wrong_shape for what in rule(one)]
        assert broken == ["two runs may be at it at once"]
        name, _, _ = one.jobs["deck"]["uses"].partition("@")
        called = WORKFLOWS[name.rpartition("/")[2]].events["workflow_call"]["inputs"]
        assert one.jobs["deck"]["with"].keys() <= called.keys()
        path = tmp_path / one.name
        path.write_text(one.text)
        schema = ("--builtin-schema", "vendor.github-workflows", str(path))
        program = Path(sys.executable).with_name("check-jsonschema")
        subprocess.run([program, *schema], check=True, capture_output=True)


def test_one_check_needs_all_jobs_and_fails_with_any(tmp_path: Path) -> None:
    jobs = WORKFLOWS["check.yml"].jobs
    last = jobs["passed"]
    assert {*last["needs"]} == jobs.keys() - {"passed"}
    [step] = last["steps"]
    for results, code in (("success success", 0), ("success failure", 1), ("skipped success", 1)):
        done = bash(step["run"], tmp_path, {"RESULTS": results})
        assert done.returncode == code, done.stdout


def test_the_judge_is_the_compiler_of_the_base() -> None:
    given = WORKFLOWS["check.yml"].jobs["judge"]["with"]
    base = "${{ github.event.pull_request.base.sha || github.sha }}"
    assert (given["compiler"], given["base"]) == (base, base)
    steps = WORKFLOWS["deck-check.yml"].jobs["cards"]["steps"]
    [tool] = [one for one in steps if one.get("with", {}).get("path") == "tool"]
    assert tool["with"]["ref"] == "${{ inputs.compiler || job.workflow_sha }}"
    assert WORKFLOWS["deck-check.yml"].jobs["cards"]["env"]["BASE"] == "${{ inputs.base }}"


def test_what_publishes_waits_for_everything_that_compares() -> None:
    jobs = WORKFLOWS["deck-release.yml"].jobs
    assert {*jobs["attest"]["needs"]} == {"build", "again", "rehearse"}
    assert "attest" in jobs["publish"]["needs"]
    assert jobs["publish"]["environment"] == "release"
    for name in ("attest", "publish"):
        assert not checks_out(jobs[name])
    assert {"deck-release.yml", "release.yml", "pages.yml"} <= PUBLISHES & WORKFLOWS.keys()


def test_every_owner_rule_names_something_that_can_be_there() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines()
    paths = [line.split()[0] for line in lines if line and not line.startswith("#")]
    for path in ("/.github/", "/content/ledger.jsonl", "/src/", "/Makefile"):
        assert path in paths
    later = {"/content/style.css", "/content/note_types/"}  # a deck may have them
    for path in {*paths} - later:
        assert [*ROOT.glob(path.strip("/"))], path


# -- What they do ----------------------------------------------------------------------------------


def bash(
    command: str, folder: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a step as the service does."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={**outer, "SOURCE_DATE_EPOCH": str(BASE), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Runner:
    """A machine of the service: a workspace, and what its expressions stand for."""

    work: Path
    values: dict[str, str]

    def job(self, file: str, name: str) -> list[subprocess.CompletedProcess[str]]:
        """Run the steps of a job that are commands, up to the first that fails."""
        job = WORKFLOWS[file].jobs[name]
        folder = job.get("defaults", {}).get("run", {}).get("working-directory", ".")
        done: list[subprocess.CompletedProcess[str]] = []
        for step in job["steps"]:
            if "run" in step and not (done and done[-1].returncode):
                env = {**job.get("env", {}), **step.get("env", {})}
                filled = {key: self._filled(str(value)) for key, value in env.items()}
                github = {
                    "GITHUB_ACTIONS": "true",
                    "GITHUB_REPOSITORY": "me/deck",
                    "GITHUB_STEP_SUMMARY": str(self.work / "summary.md"),
                    "PATH": f"{self.work / 'bin'}{os.pathsep}{os.environ['PATH']}",
                }
                done.append(bash(step["run"], self.work / folder, {**github, **filled}))
        return done

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: self.values[found[1]], text)

    def passes(self, file: str, name: str) -> str:
        """Run a job that must pass, and return what it printed."""
        done = self.job(file, name)
        for one in done:
            assert one.returncode == 0, one.stdout + one.stderr
        return "".join(one.stdout + one.stderr for one in done)


def tool_in(folder: Path) -> None:
    """A checkout of the tool, with the environment that is set up already, and is left as it is."""
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "locks", folder / "locks")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for path in (*folder.iterdir(), *(folder / "locks").iterdir()):
        os.utime(path, (0, 0))  # or make would install what is newer than the environment
    for name in (".venv", ".ci", "src", "build.py"):
        (folder / name).symlink_to(ROOT / name)


@pytest.fixture(params=["content"])
def runner(tmp_path: Path, request: pytest.FixtureRequest) -> Runner:
    """A deck of another repository that was released once, checked out beside the tool."""
    tool_in(tmp_path / "tool")
    one = Repository(tmp_path / "deck")
    if request.param == ".":
        one.deck = one.root
    one.begins()
    (one.root / ".gitignore").write_text("/dist\n")
    one.writes("and nothing else").publishes("1.0.0", tag="v")
    return Runner(
        tmp_path,
        {
            "inputs.deck": request.param,
            "inputs.package && 'github' || 'text'": "github",
            "inputs.base": git(one.root, "rev-parse", "HEAD").strip(),
            "github.ref_name": "v1.0.0",
            "github.token": "a token",
            "github.event.repository.default_branch": "main",
            "matrix.compared": "bytes",
            "job.workflow_repository": "we/deckwright",
            "job.workflow_file_path": ".github/workflows/deck-release.yml",
        },
    )


def deck_of(runner: Runner) -> Repository:
    one = Repository(runner.work / "deck")
    one.deck = one.root / runner.values["inputs.deck"]
    return one


ANYWHERE = pytest.mark.parametrize("runner", [".", "content"], indirect=True)
"""The deck is the repository, or a folder of it."""


NEW = card("The capital of France is {{c1::Paris}}, with $x = 1$.", "The capital", "capital")


@ANYWHERE
@pytest.mark.anki
def test_an_honest_pull_request_passes_and_is_shown(runner: Runner) -> None:
    deck_of(runner).on("mine", "-b").writes("and that alone", NEW).commits()
    runner.passes("deck-check.yml", "cards")
    summary = (runner.work / "summary.md").read_text(encoding="utf-8")
    assert "**capital**" in summary
    assert "$`x = 1`$" in summary
    assert {path.suffix for path in (runner.work / "out").iterdir()} >= {".apkg", ".html"}


def test_a_card_without_an_id_is_named_on_its_line_with_the_id_to_paste(runner: Runner) -> None:
    deck_of(runner).on("mine", "-b").writes("x", "## Why?\n\nSo.\n").commits()
    [done] = runner.job("deck-check.yml", "cards")
    assert done.returncode == 2  # of make
    assert "::error file=content/01-cards.md,line=8,col=1,title=missing-id::" in done.stdout
    assert "<!-- id: why -->" in done.stdout


@pytest.mark.anki
def test_a_release_by_pull_request_passes(runner: Runner) -> None:
    deck_of(runner).on("mine", "-b").writes("and that alone", NEW).puts("1.1.0", 1).commits()
    runner.passes("deck-check.yml", "cards")


# -- A hostile pull request ------------------------------------------------------------------------

TRAP = "touch ran"
TRAPS = {
    "Makefile": f"check deck summary:\n\t{TRAP}\n.venv/deck:\n\t{TRAP}\n",
    "GNUmakefile": f"check:\n\t{TRAP}\n",
    "build.py": "open('ran', 'w')\n",
    "conftest.py": "open('ran', 'w')\n",
    "sitecustomize.py": "open('ran', 'w')\n",
    "usercustomize.py": "open('ran', 'w')\n",
    "click.py": "open('ran', 'w')\n",
    "deckwright/__init__.py": "open('ran', 'w')\n",
    "src/deckwright/__init__.py": "open('ran', 'w')\n",
    ".venv/bin/deckwright": f"#!/bin/sh\n{TRAP}\n",
    ".venv/bin/python": f"#!/bin/sh\n{TRAP}\n",
    ".pythonrc": "open('ran', 'w')\n",
    "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'x'\nbackend-path = ['.']\n",
    "setup.py": "open('ran', 'w')\n",
    ".env": "PYTHONSTARTUP=sitecustomize.py\n",
    "content/tests/conftest.py": "open('ran', 'w')\n",
    "content/figures/make.py": "open('ran', 'w')\n",
}


def test_nothing_that_a_pull_request_brings_is_run(runner: Runner) -> None:
    one = deck_of(runner).on("mine", "-b").writes("x")
    for name, text in TRAPS.items():
        path = one.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    one.commits()
    runner.job("deck-check.yml", "cards")
    assert not [*runner.work.rglob("ran")]
    assert (runner.work / "out").exists()  # it was built all the same


@pytest.mark.parametrize("target", ["release-files", "same-release", "earlier", "summary"])
def test_no_target_empties_what_a_link_leads_to(target: str, runner: Runner) -> None:
    kept = runner.work / "kept"
    for name in ("release", "again", "earlier"):
        (kept / name).mkdir(parents=True)
        (kept / name / "file").touch()
    (runner.work / "deck" / "dist").symlink_to(kept)
    done = bash(f"make {target}", runner.work / "tool", {"IN": "../deck", "TAG": "v1.0.0"})
    assert (done.returncode, "is a link" in done.stdout) == (2, True)
    assert len([*kept.rglob("file")]) == 3


@pytest.mark.anki
@pytest.mark.parametrize("link", ["dist/changes.md", "dist/changes.html", "dist"])
def test_a_link_in_a_pull_request_leads_no_output_out_of_it(link: str, runner: Runner) -> None:
    one = deck_of(runner).on("mine", "-b").writes("x")
    (one.root / ".gitignore").unlink()
    path = one.root / link
    path.parent.mkdir(exist_ok=True)
    target = runner.work / "tool" / "target"
    target.mkdir() if link == "dist" else target.write_text("as it was")
    path.symlink_to(target)
    one.commits()
    runner.job("deck-check.yml", "cards")
    assert not [*target.iterdir()] if link == "dist" else target.read_text() == "as it was"
    done = bash("make summary", runner.work / "tool", {"IN": "../deck", "DECK": "content"})
    assert done.returncode == (2 if link == "dist" else 0)


def forged(one: Repository) -> None:
    path = one.deck / FILE
    path.write_text(path.read_text(encoding="utf-8").replace("nothing else", "something"))


def link(one: Repository) -> None:
    (one.deck / "02-more.md").symlink_to("/etc/hostname")


def submodule(one: Repository) -> None:
    head = git(one.root, "rev-parse", "HEAD").strip()
    git(one.root, "update-index", "--add", "--cacheinfo", f"160000,{head},content/sub")


def bare(one: Repository) -> None:
    make_deck(one.deck, {"HEAD": "ref: refs/heads/main\n", "config": "[core]\n", "refs/x": ""})
    (one.deck / "objects").mkdir()


HOSTILE: dict[str, tuple[Callable[[Repository], object], str]] = {
    "a forged ledger": (forged, "bad-ledger"),
    "no ledger": (lambda one: (one.deck / FILE).unlink(), "bad-ledger"),
    "a link": (link, "bad-file"),
    "a submodule": (submodule, "git-in-deck"),
    "a bare repository": (bare, "git-in-deck"),
    "attributes": (
        lambda one: make_deck(one.deck, {"sub/.gitattributes": "* -diff"}),
        "git-in-deck",
    ),
    "another key": (
        lambda one: make_deck(one.deck, {"deck.toml": TOML.replace("examples", "other")}),
        "key-changed",
    ),
    "a script": (lambda one: one.writes("<script>x</script>"), "markup"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_hostile_pull_request_brings_is_named(name: str, runner: Runner) -> None:
    change, rule = HOSTILE[name]
    one = deck_of(runner).on("mine", "-b")
    git(one.root, "tag", "-d", "v1.0.0")  # the base alone vouches
    change(one)
    if name != "a submodule":
        git(one.root, "add", "--all")
    git(one.root, "-c", "user.name=x", "-c", "user.email=x@y.org", "commit", "-q", "-m", "x")
    [done] = runner.job("deck-check.yml", "cards")
    assert done.returncode == 2  # of make
    assert f"title={rule}::" in done.stdout


# -- A release -------------------------------------------------------------------------------------

GH = """#!/bin/sh
# Stands for the service: what was published is in the folder "published".
echo "$@" >>"{0}/gh.log"
case "$1 $2" in
  "release list") ls "{0}/published" ;;
  "api --paginate")
    if command -v jq >/dev/null; then jq -r "$5" "{0}/releases.json"
    else cd "{0}/published" && ls -d */*.apkg | sed "s,/.*,,"; fi ;;
  "release download") cp "{0}/published/$3"/*.apkg "$9" ;;
esac
"""


@pytest.fixture
def releasing(runner: Runner) -> Runner:
    """The same at its second release, with the first one published."""
    one = deck_of(runner)
    folder = runner.work / "bin"
    folder.mkdir()
    (folder / "gh").write_text(GH.format(runner.work))
    (folder / "gh").chmod(0o755)
    for tag in ("v0.9.0", "v1.0.0", "v1.2.0", "other-1.0.0"):  # the first one without a package
        (runner.work / "published" / tag).mkdir(parents=True)
    (runner.work / "published" / "other-1.0.0" / "other.apkg").touch()
    (runner.work / "published" / "v1.2.0" / "later.apkg").touch()  # of which a hotfix knows nothing
    said = {"v0.9.0": "SHA256SUMS", "v1.0.0": "examples-1.0.0.apkg", "other-1.0.0": "other.apkg"}
    said["v1.2.0"] = "later.apkg"
    rows = [
        {"tag_name": tag, "draft": False, "assets": [{"name": one}]} for tag, one in said.items()
    ]
    (runner.work / "releases.json").write_text(json.dumps(rows))
    at = {"IN": "../deck", "OUT": "../out", "DECK": runner.values["inputs.deck"]}
    done = bash("make release-files", runner.work / "tool", {**at, "TAG": "v1.0.0"})
    assert done.returncode == 0, done.stderr
    [package] = (runner.work / "out" / "release").glob("*.apkg")
    shutil.copy(package, runner.work / "published" / "v1.0.0")
    one.writes("and that alone", NEW).publishes("1.1.0", 1)
    git(one.root, "update-ref", "refs/remotes/origin/main", "HEAD")
    runner.values["github.ref_name"] = "v1.1.0"
    return runner


@pytest.mark.anki
def test_a_release_in_a_pull_request_hides_no_change_from_its_reviewers(runner: Runner) -> None:
    deck_of(runner).on("mine", "-b").writes("HOSTILE WORDS", NEW).puts("1.1.0", 1).commits()
    runner.passes("deck-check.yml", "cards")
    summary = (runner.work / "summary.md").read_text(encoding="utf-8")
    assert "This branch holds the release 1.1.0, which " in summary.splitlines()[1]
    assert "**HOSTILE WORDS.**" in summary
    assert "**capital**" in summary


def test_a_deck_that_became_a_link_is_refused(runner: Runner) -> None:
    one = deck_of(runner).on("mine", "-b")
    (one.root / "content").rename(one.root / "content2")
    (one.root / "content").symlink_to("content2")
    forged(one)
    one.commits()
    [done] = runner.job("deck-check.yml", "cards")
    assert (done.returncode, "title=git-in-deck" in done.stdout) == (2, True)


@ANYWHERE
@pytest.mark.anki
def test_a_release_is_built_twice_rehearsed_and_published(releasing: Runner) -> None:
    deck, out = releasing.work / "deck", releasing.work / "out"
    releasing.passes("deck-release.yml", "build")
    files = {path.name for path in (out / "release").iterdir()}
    assert files == {"examples-1.1.0.apkg", "SHA256SUMS", "notes.md"}
    notes = (out / "release" / "notes.md").read_text(encoding="utf-8")
    assert "`capital` The capital" in notes
    verify = (
        "gh attestation verify examples-1.1.0.apkg --repo me/deck --source-ref refs/tags/v1.1.0"
        " --signer-workflow we/deckwright/"
    )
    assert verify in notes
    sums = ["sha256sum", "--check", "SHA256SUMS"]
    subprocess.run(sums, cwd=out / "release", check=True, capture_output=True)

    another = Runner(releasing.work / "another", releasing.values)
    tool_in(another.work / "tool")
    shutil.copytree(deck, another.work / "deck", symlinks=True)
    shutil.copytree(out / "release", another.work / "out" / "release")
    again = Runner(releasing.work, releasing.values)
    assert "the bytes of ../out/release can be made again" in again.passes(
        "deck-release.yml", "again"
    )

    said = releasing.passes("deck-release.yml", "rehearse")
    assert "examples-1.0.0.apkg → examples-1.1.0.apkg" in said
    assert [path.name for path in (out / "earlier").iterdir()] == ["examples-1.0.0.apkg"]

    (releasing.work / "release").symlink_to(out / "release")
    releasing.passes("deck-release.yml", "publish")
    last = (releasing.work / "gh.log").read_text().splitlines()[-1]
    assert last == (
        "release create v1.1.0 release/examples-1.1.0.apkg release/SHA256SUMS --repo me/deck"
        " --verify-tag --latest=false --title v1.1.0 --notes-file release/notes.md"
    )
    shutil.rmtree(releasing.work / "published" / "v1.2.0")
    releasing.passes("deck-release.yml", "publish")
    assert "--latest=true" in (releasing.work / "gh.log").read_text().splitlines()[-1]


def test_a_tag_beside_the_main_branch_releases_nothing(releasing: Runner) -> None:
    git(releasing.work / "deck", "update-ref", "refs/remotes/origin/main", "HEAD^")
    [done] = releasing.job("deck-release.yml", "build")
    assert (done.returncode, "is not on the branch main" in done.stdout) == (2, True)


@pytest.mark.parametrize(
    "tag",
    ["v1.0.0", "v1.2.0", "v2.0.0-v1.1.0", "v", "v$(touch ran)1.0.0", "v1.1.0;touch ran"],
)
def test_a_tag_of_another_tree_releases_nothing(tag: str, releasing: Runner) -> None:
    releasing.values["github.ref_name"] = tag
    done = releasing.job("deck-release.yml", "build")[-1]
    assert done.returncode == 2
    assert not (releasing.work / "out" / "release").exists()
    assert not [*releasing.work.rglob("ran")]


def _other_package(folder: Path) -> None:
    [package] = folder.glob("*.apkg")
    package.write_bytes(package.read_bytes() + b"x")


def _other_sums(folder: Path) -> None:
    [package] = folder.glob("*.apkg")
    content, _ = (folder / "SHA256SUMS").read_text().splitlines()
    digest = sha256(package.read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{content}\n{digest}  {package.name}\n")


def _other_content(folder: Path) -> None:
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text().replace("# content ", "# content 0"))


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ([_other_package], {"bytes": "has another package", "content": "has another package"}),
        ([_other_package, _other_sums], {"bytes": "has other bytes", "content": ""}),
        ([_other_content], {"bytes": "has other content", "content": "has other content"}),
        ([lambda folder: next(folder.glob("*.apkg")).unlink()], {"bytes": "has not the one"}),
    ],
)
def test_another_package_than_the_first_is_not_released(
    spoilt: list[Callable[[Path], None]], said: dict[str, str], releasing: Runner
) -> None:
    at = {"IN": "../deck", "OUT": "../out", "TAG": "v1.1.0"}
    bash("make release-files", releasing.work / "tool", at)
    for one in spoilt:
        one(releasing.work / "out" / "release")
    for compared, words in said.items():
        env = {**at, "COMPARED": compared}
        done = bash("make same-release", releasing.work / "tool", env)
        assert (done.returncode, words in done.stderr) == (2 if words else 0, True), done.stderr


@pytest.mark.parametrize(("name", "target"), [("BASE", "check"), ("TAG", "same-release")])
def test_make_reads_nothing_that_comes_from_outside(name: str, target: str, runner: Runner) -> None:
    env = {"IN": "../deck", name: "$(shell touch ran)`touch ran`$$(touch ran)"}
    assert bash(f"make {target}", runner.work / "tool", env).returncode == 2
    assert not [*runner.work.rglob("ran")]


def test_a_first_release_has_none_to_be_rehearsed_from(runner: Runner) -> None:
    done = bash("make rehearse", runner.work / "tool", {"IN": "../deck", "OUT": "../out"})
    assert (done.returncode, "no earlier release" in done.stdout) == (0, True)


# -- A release that was made long ago --------------------------------------------------------------


def test_a_release_is_found_by_its_row_where_it_has_no_tag(tmp_path: Path) -> None:
    one = Repository(tmp_path).begins().writes("a").publishes("1.0.0", tag="")
    first = git(tmp_path, "rev-parse", "HEAD").strip()
    one.writes("b").commits()
    one.publishes("1.1.0", 1, tag="deck-").writes("c").commits()
    git(tmp_path, "checkout", "-q", "-b", "evil", first)
    git(tmp_path, "tag", "1.1.0")  # of what was never merged
    git(tmp_path, "checkout", "-q", "main")
    script = (ROOT / ".ci" / "reproduce.py").read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "reproduce", "__file__": str(tmp_path / ".ci" / "x.py")}
    exec(compile(script, "reproduce.py", "exec"), names)  # in another repository
    assert names["commit_of"]("1.0.0") == first
    assert names["commit_of"]("1.1.0") == "deck-1.1.0"
    assert names["commit_of"]("2.0.0") == ""
    assert names["main"]("2.0.0") == 2


def test_the_issue_form_asks_for_the_card_by_the_name_that_reports_fill_in(tmp_path: Path) -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/card.yml").read_text(encoding="utf-8"))
    assert form["body"][0]["id"] == "card"
    text = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    [report] = re.findall('^report = "https:.*template=card.yml&card={id}"$', text, re.MULTILINE)
    files: dict[str, str | bytes] = {"deck.toml": f"{TOML}{report}\n"}
    found = compile_deck(make_deck(tmp_path, {**files, "01.md": f"# T\n\n{card('A.')}"}))
    assert found.deck
    assert found.deck.info.report
