"""What the workflows of ``.github/`` may say: each rule is a function that names what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_PIN = re.compile(r"[\w.-]+/[\w.-]+(?:/[\w./-]+)?@[0-9a-f]{40}")
_OURS = "$/.github/workflows/"
"""A workflow of the same commit."""
PUBLISHES = frozenset({"deck-release.yml", "release.yml", "publish.yml", "pages.yml"})
"""The files of whose runs somebody trusts what comes out."""
WRITES = {
    ("deck-release.yml", "attest"): {"id-token", "attestations"},
    ("deck-release.yml", "publish"): {"contents"},
    ("release.yml", "deck"): {"contents", "id-token", "attestations"},
    ("publish.yml", "publish"): {"id-token"},
    ("pages.yml", "deploy"): {"pages", "id-token"},
}
"""The jobs that may write, and what."""
TOKENS = {
    ("check.yml", "workflows"),
    ("deck-release.yml", "rehearse"),
    ("deck-release.yml", "publish"),
}
"""The jobs that use the run's own token."""
EVENTS = {"pull_request", "push", "schedule", "workflow_dispatch", "workflow_call"}
_VALUE = re.compile(
    r"inputs\.[\w-]+|matrix\.\w+|needs\.[\w*]+\.(?:result|outputs\.\w+)|steps\.\w+\.outputs\.[\w-]+"
    r"|job\.workflow_\w+|github\.(?:sha|ref|ref_name|token|event_name)"
    r"|github\.event\.(?:pull_request\.(?:base\.sha|number)|repository\.(?:fork|default_branch))"
)
"""What a stranger cannot word: the branch, title and files of a pull request are not in it."""
_PUBLISHERS = {
    "actions/download-artifact",
    "actions/attest",
    "actions/deploy-pages",
    "pypa/gh-action-pypi-publish",
}
_PROGRAMS = re.compile(
    r"\b(make|python\d?|pip|bash|sh|eval|source|git|curl|wget|npm|node|deckwright)\b"
)


@dataclass(frozen=True)
class Workflow:
    """A file, read."""

    name: str
    text: str

    @property
    def data(self) -> dict[Any, Any]:
        found = yaml.safe_load(self.text)
        assert isinstance(found, dict)
        return found

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.data["jobs"]
        return found

    @property
    def events(self) -> Mapping[str, Any]:
        on = self.data[True]  # YAML takes the key "on" for a truth value
        return on if isinstance(on, dict) else dict.fromkeys([on] if isinstance(on, str) else on)

    def steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, job in self.jobs.items():
            for step in job.get("steps", ()):
                yield name, step


def read_all() -> dict[str, Workflow]:
    """All workflows, by the names of their files."""
    return {path.name: Workflow(path.name, path.read_text()) for path in sorted(FOLDER.iterdir())}


def checks_out(job: Mapping[str, Any]) -> bool:
    """Whether a job has the files of a repository."""
    return any("actions/checkout@" in step.get("uses", "") for step in job.get("steps", ()))


def targets() -> set[str]:
    """The targets of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))


# -- Rules: each yields what breaks it -------------------------------------------------------------


def wrong_events(one: Workflow) -> Iterator[str]:
    """Nothing starts with a stranger's code and rights of ours."""
    yield from {*one.events} - EVENTS
    if "pull_request" in one.events and one.name in PUBLISHES:
        yield "a pull request publishes"


def wrong_rights(one: Workflow) -> Iterator[str]:
    """No right at the top; a job may read the contents, and write only what is listed."""
    if one.data.get("permissions") != {}:
        yield "permissions at the top are not {}"
    for name, job in one.jobs.items():
        rights = job.get("permissions", {"nothing said": "write"})
        writes = {right for right, level in rights.items() if level != "read"}
        yield from (f"{name}: {right}" for right in writes - WRITES.get((one.name, name), set()))


def wrong_pins(one: Workflow) -> Iterator[str]:
    """Each action is a commit, with its version in a comment."""
    seen = {str(step["uses"]) for _, step in one.steps() if "uses" in step}
    for line in re.findall(r"^.*\buses:.*$", one.text, re.MULTILINE):
        used, _, comment = line.partition("uses:")[2].strip().partition(" ")
        seen.discard(used)
        if used.startswith(_OURS):
            continue
        if not _PIN.fullmatch(used) or not re.fullmatch(r"# v\d+\.\d+\.\d+", comment):
            yield used
    yield from seen  # written in another way than on a line of its own


def wrong_credentials(one: Workflow) -> Iterator[str]:
    """No token is left behind in a checkout, and none but the run's own is used at all."""
    for name, step in one.steps():
        if "actions/checkout@" in step.get("uses", ""):
            if step.get("with", {}).get("persist-credentials") is not False:
                yield f"{name}: a checkout keeps its token"
            if step["with"].get("submodules") or step["with"].get("lfs"):
                yield f"{name}: a checkout fetches more than the repository"
    yield from re.findall(r"\bsecrets\b", one.text)
    for name, job in one.jobs.items():
        if "github.token" in str(job) and (one.name, name) not in TOKENS:
            yield f"{name}: a token that nobody listed"


def wrong_caches(one: Workflow) -> Iterator[str]:
    """Nothing that is published was in reach of another run."""
    if one.name in PUBLISHES:
        if one.data.get("cache-mode") != "none":
            yield "cache-mode is not none"
        yield from re.findall(r"actions/cache\S*|\bcache\b[\"']? *:.*", one.text)
        yield from (
            name for name, job in one.jobs.items() if job.get("cache-mode", "none") != "none"
        )


def wrong_runs(one: Workflow) -> Iterator[str]:
    """What runs in a checkout is a target of the Makefile, so that it also runs here."""
    known = targets()
    for name, step in one.steps():
        run = step.get("run", "")
        if _EXPRESSION.search(run):
            yield f"{name}: an expression in a shell: {run}"
        if run and checks_out(one.jobs[name]) and run != "bash .ci/run":
            program, *asked = run.split()
            if program != "make" or not asked or not known.issuperset(asked):
                yield f"{name}: {run}"


def wrong_values(one: Workflow) -> Iterator[str]:
    """No title, branch or file of a pull request is in any expression: make would read it."""
    for expression in _EXPRESSION.findall(one.text):
        words = re.sub(r"'[^']*'", "", expression)
        for name in re.findall(r"[a-z_]+\.[\w.*-]+|\w+\[", words):
            if not _VALUE.fullmatch(name):
                yield expression


def wrong_publishers(one: Workflow) -> Iterator[str]:
    """A job with a right to write runs no code of a repository, and no program that fetches any."""
    for name, job in one.jobs.items():
        if not any(level == "write" for level in job.get("permissions", {}).values()):
            continue
        for step in job.get("steps", ()):
            if "uses" in step and step["uses"].partition("@")[0] not in _PUBLISHERS:
                yield f"{name} may write, and uses {step['uses']}"
            yield from (
                f"{name} may write, and runs {it}" for it in _PROGRAMS.findall(step.get("run", ""))
            )


def wrong_limits(one: Workflow) -> Iterator[str]:
    """Each job ends, on a machine that is named with its version, and fails with its steps."""
    for where in (*one.jobs.items(), *one.steps()):
        for key in {"continue-on-error", "container", "services", "shell"} & {*where[1]}:
            yield f"{where[0]} has {key}"
    for name, job in one.jobs.items():
        if "uses" not in job:
            if "timeout-minutes" not in job:
                yield f"{name} has no timeout"
            if "latest" in str(job["runs-on"]) or "self-hosted" in str(job["runs-on"]):
                yield f"{name} runs on {job['runs-on']}"
    if "workflow_call" not in one.events and "concurrency" not in one.data:
        yield "two runs may be at it at once"


RULES = (
    wrong_events,
    wrong_rights,
    wrong_pins,
    wrong_credentials,
    wrong_caches,
    wrong_runs,
    wrong_values,
    wrong_publishers,
    wrong_limits,
)
