"""``make wheel-check``: the wheel in dist/, installed alone, checks and builds content/.

With the name of a tag, such as ``deckwright-0.2.0``, the wheel has to be of that version, and
CHANGELOG.md has to have an entry for it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet")
LOCKED = (
    "--require-hashes",
    "--only-binary",
    ":all:",
    "--requirement",
    str(ROOT / "locks/deck.txt"),
)


def run(folder: Path, *command: str | Path) -> str:
    """What a program prints that runs in a folder, and fails with what it says."""
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env={**alone, "PYTHONSAFEPATH": "1", "DECKWRIGHT_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def wheel() -> Path:
    """The wheel in dist/; ends the program where there is not just one with its sdist."""
    wheels, sdists = ([*ROOT.glob(f"dist/deckwright-*{end}")] for end in (".whl", ".tar.gz"))
    if len(wheels) != 1 or len(sdists) != 1:
        sys.exit("dist/ has not one wheel and one sdist: run make wheel")
    return wheels[0]


def wrong_with(tag: str, version: str) -> str:
    """Why a version may not be released under a tag; empty where it may."""
    if tag != f"deckwright-{version}":
        return f"the tag is {tag}, and the wheel is of {version}: tag deckwright-{version}"
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^## {re.escape(version)}\b", changes, re.MULTILINE):
        return f"CHANGELOG.md has no entry ## {version}: write what changed"
    return ""


def missing(path: Path, root: Path) -> list[str]:
    """What the last commit has in src/, and the wheel not so; and the licences that it lacks."""
    tracked = run(root, "git", "ls-tree", "-r", "--name-only", "HEAD", "src").splitlines()
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        [metadata] = [name for name in names if name.endswith(".dist-info/METADATA")]
        text = archive.read(metadata).decode()
        inside = {f"src/{name}": archive.read(name) for name in names}
    licences = re.findall(r"^License-File: (.+)$", text, re.MULTILINE)
    beside = metadata.rpartition("/")[0]
    wanted = {f"src/{beside}/licenses/{name}" for name in ("LICENSE", "NOTICE", *licences)}
    wanted |= {name for name in tracked if inside.get(name) != blob(root, name)}
    lacking = (name for name in wanted if name in tracked or name not in inside)
    return sorted(name.removeprefix("src/") for name in lacking)


def blob(root: Path, name: str) -> bytes:
    """A file of the last commit, whatever git's attributes would make of it."""
    command = ["git", "-C", str(root), "cat-file", "blob", f"HEAD:{name}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def main(tag: str) -> None:
    """Install the wheel, and do with it what the first lines of the README do."""
    path = wheel()
    version = path.name.split("-")[1]
    if tag and (what := wrong_with(tag, version)):
        sys.exit(what)
    if lacks := missing(path, ROOT):
        sys.exit(f"the wheel lacks {', '.join(lacks)}: see [tool.setuptools] in pyproject.toml")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "content", folder / "content")
        venv.create(folder / "venv", with_pip=True)
        python, ours = (folder / "venv" / "bin" / one for one in ("python", "deckwright"))
        run(folder, python, *PIP, *LOCKED)
        run(folder, python, *PIP, "--no-deps", path)
        said = run(folder, ours, "--version").split()[-1]
        if said != version:
            sys.exit(f"deckwright --version says {said}, and the wheel is of {version}")
        run(folder, ours, "check", "content")
        print(run(folder, ours, "build", "content", "--verify"), end="")
    print(f"{path.name} works alone")


if __name__ == "__main__":
    main(*sys.argv[1:2] or [""])
