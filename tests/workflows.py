"""What the workflows of ``.github/`` may say: each rule is a function that names what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
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
EXPRESSIONS = frozenset(
    {
        "always()",
        "github.event.pull_request.base.sha",
        "github.event.pull_request.base.sha || github.sha",
        "github.event.pull_request.number || github.ref",
        "github.event.repository.default_branch",
        "github.event_name == 'pull_request'",
        "github.ref",
        "github.ref == 'refs/heads/main' && !github.event.repository.fork",
        "github.ref_name",
        "github.token",
        "inputs.base",
        "inputs.compiler || job.workflow_sha",
        "inputs.deck",
        "inputs.package",
        "inputs.package && 'github' || 'text'",
        "job.workflow_file_path",
        "job.workflow_repository",
        "job.workflow_sha",
        "join(needs.*.result, ' ')",
        "matrix.compared",
        "matrix.python",
        "matrix.runner",
        "needs.build.outputs.artifact",
        "steps.deployment.outputs.page_url",
        "steps.upload.outputs.artifact-id",
    }
)
"""All that is put in, whole: no branch, title or file of a pull request, which a stranger words."""
STARTS: Mapping[str, Mapping[str, Any]] = {
    "check.yml": {"push": {"branches": ["main"]}},
    "release.yml": {"push": {"tags": ["deck-[0-9]+.[0-9]+.[0-9]+"]}},
    "publish.yml": {"push": {"tags": ["deckwright-[0-9]+.[0-9]+.[0-9]+"]}},
    "pages.yml": {"push": {"branches": ["main"], "paths": ["content/ledger.jsonl"]}},
}
"""The branches and tags whose pushes start a workflow; any other starts by its callers alone."""
CALLS = {
    ("check.yml", "cards"): "deck-check.yml",
    ("check.yml", "judge"): "deck-check.yml",
    ("release.yml", "deck"): "deck-release.yml",
}
ENVIRONMENTS = {
    ("deck-release.yml", "attest"): "release",
    ("deck-release.yml", "publish"): "release",
    ("publish.yml", "publish"): "pypi",
    ("pages.yml", "deploy"): "github-pages",
}
"""The environments that a job which may write waits for."""
TAKES = {
    "actions/checkout": {"persist-credentials", "repository", "ref", "path", "fetch-depth"},
    "actions/setup-python": {"python-version"},
    "actions/upload-artifact": {
        *{"name", "path", "archive", "if-no-files-found"},
        *{"retention-days", "compression-level"},
    },
    "actions/download-artifact": {"artifact-ids", "path"},
    "actions/attest": {"subject-path"},
    "actions/upload-pages-artifact": {"path"},
    "actions/deploy-pages": set[str](),
    "pypa/gh-action-pypi-publish": {"print-hash"},
}
"""The actions, and what each may be told."""
CHECKED_OUT = {
    "repository": {"${{ job.workflow_repository }}"},
    "ref": {"${{ job.workflow_sha }}", "${{ inputs.compiler || job.workflow_sha }}"},
}
"""What is checked out besides the commit that a run is of."""
NAMES = frozenset(
    "IN OUT DECK BASE FORMAT TAG MAIN SIGNER COMPARED GH_TOKEN TZ LC_ALL RESULTS".split()
)
"""The variables of steps: none that make, a shell or Python takes orders from."""
MACHINES = {"ubuntu-24.04", "macos-15", "${{ matrix.runner }}"}
FOLDERS = {"tool", "another/tool"}
"""Where steps run: in a checkout of the tool, and never in that of a deck."""
OF_A_JOB = frozenset(
    "name if needs runs-on timeout-minutes permissions environment strategy defaults env outputs"
    " steps uses with".split()
)
OF_A_STEP = frozenset("name id if uses with run env".split())
SCRIPTS = {
    ("check.yml", "passed"): "96a2d2eea00e9b9a",
    ("deck-release.yml", "publish"): "3c8c806ddc3e0e69",
}
"""The digests of what jobs run that check nothing out: a change of it is looked at twice."""
_PUBLISHERS = {
    "actions/download-artifact",
    "actions/attest",
    "actions/deploy-pages",
    "pypa/gh-action-pypi-publish",
}


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
    assert {path.suffix for path in FOLDER.iterdir()} == {".yml"}  # or a linter would not see it
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
    """Only listed expressions are put in, whole."""
    for part in one.text.split("${{")[1:]:
        if (found := part.partition("}}")[0].strip()) not in EXPRESSIONS:
            yield found
    yield from (found for found in re.findall(r"\bif: (?!\$\{\{)\S.*", one.text))


def wrong_shape(one: Workflow) -> Iterator[str]:
    """Jobs and steps have listed keys, actions, places and variables, and nothing else."""
    starts = {event: said for event, said in one.events.items() if event == "push"}
    if starts != STARTS.get(one.name, {}):
        yield f"starts by {starts}"
    for name, job in one.jobs.items():
        at = (one.name, name)
        yield from (f"{name}: {key}" for key in job.keys() - OF_A_JOB)
        if job.get("uses", "") != (f"{_OURS}{CALLS[at]}" if at in CALLS else ""):
            yield f"{name}: calls {job.get('uses')}"
        environment = job.get("environment", "")
        named = environment if isinstance(environment, str) else environment["name"]
        if named != ENVIRONMENTS.get(at, ""):
            yield f"{name}: the environment {named!r}"
        if "steps" in job and job["runs-on"] not in MACHINES:
            yield f"{name}: runs on {job['runs-on']}"
        run = job.get("defaults", {"run": {}})
        folder = run["run"].get("working-directory", "tool")
        if [*run] != ["run"] or {*run["run"]} - {"working-directory"} or folder not in FOLDERS:
            yield f"{name}: {run}"
        for env in (job.get("env", {}), *(step.get("env", {}) for step in job.get("steps", ()))):
            yield from (f"{name}: the variable {it}" for it in env.keys() - NAMES)
        for step in job.get("steps", ()):
            yield from (f"{name}: {what}" for what in _wrong_step(step))


def _wrong_step(step: Mapping[str, Any]) -> Iterator[str]:
    yield from step.keys() - OF_A_STEP
    action = step.get("uses", "").partition("@")[0]
    if action and action not in TAKES:
        yield action
    told = step.get("with", {})
    yield from (f"{action}: {key}" for key in told.keys() - TAKES.get(action, set()))
    for key, allowed in CHECKED_OUT.items():
        if key in told and told[key] not in allowed:
            yield f"{action}: {key}: {told[key]}"


def wrong_publishers(one: Workflow) -> Iterator[str]:
    """A job with a right to write runs no code of a repository, and no script that is not known."""
    for name, job in one.jobs.items():
        if not checks_out(job):
            script = "".join(step.get("run", "") for step in job.get("steps", ()))
            digest = sha256(script.encode()).hexdigest()[:16] if script else ""
            if digest != SCRIPTS.get((one.name, name), ""):
                yield f"{name} runs another script than the one that was looked at: {digest}"
        if any(level == "write" for level in job.get("permissions", {}).values()):
            for step in job.get("steps", ()):
                if "uses" in step and step["uses"].partition("@")[0] not in _PUBLISHERS:
                    yield f"{name} may write, and uses {step['uses']}"


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
    wrong_shape,
    wrong_publishers,
    wrong_limits,
)
