"""``make reproduce VERSION=1.0.0``: a release, built again from its commit and with its own tools.

Its content hash has to be the one that the ledger of today has for it. Needs the history of git.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEDGER = "content/ledger.jsonl"
_OF_THIS_RUN = re.compile("MAKE.*|MFLAGS|IN|DECK|BASE|TAG|VERSION|SOURCE_DATE_EPOCH|GITHUB_.*")
"""What tells make, or the build, of something else than the tree that is built again."""


def git(*args: str) -> str:
    """What git prints at the root of the repository."""
    command = ["git", "-C", str(ROOT), *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def releases(ledger: str) -> list[tuple[str, str]]:
    """The releases of a ledger, oldest first: the version of each, and its content hash."""
    rows = (json.loads(line) for line in ledger.splitlines())
    return [(row["version"], row["content"]) for row in rows if row["row"] == "release"]


def commits(version: str) -> Iterator[str]:
    """The commits that may have made a release: its tag, then whatever wrote its row.

    Only what this branch came from is built, as nobody reviewed anything else.
    """
    merged = {*git("tag", "--merged", "HEAD").split()}
    yield from (tag for tag in (f"deck-{version}", f"v{version}", version) if tag in merged)
    yield from git("log", "--format=%H", "--reverse", "--", LEDGER).split()


def commit_of(version: str) -> str:
    """The first of them whose ledger ends with the release; empty where there is none."""
    for commit in commits(version):
        try:
            last = releases(git("show", f"{commit}:{LEDGER}"))[-1:]
        except (
            subprocess.CalledProcessError,
            ValueError,
            KeyError,
        ):  # another format, or no ledger
            continue
        if last and last[0][0] == version:
            return commit
    return ""


def built(commit: str, version: str, folder: Path) -> tuple[str, str]:
    """The content hash and the bytes' of the package that a commit builds, by its own Makefile."""
    tree = folder / "deckwright"
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", ROOT, tree], check=True)
    subprocess.run(["git", "-C", tree, "checkout", "--quiet", "--detach", commit], check=True)
    outer = {key: value for key, value in os.environ.items() if not _OF_THIS_RUN.fullmatch(key)}
    if subprocess.run(["make", "deck"], cwd=tree, env=outer, check=False).returncode:
        sys.exit(f"make deck fails in {commit}")
    path = next(tree.glob(f"dist/*-{version}.apkg.sha256"), None)
    if not path:
        names = ", ".join(sorted(one.name for one in tree.glob("dist/*.apkg")))
        sys.exit(f"{commit} is not just the release {version}: it builds {names}")
    found = re.match(r"# content (\w+)\n", path.read_text(encoding="utf-8"))
    if not found:
        sys.exit(f"{commit} says of its package what nobody here can read: {path.name}")
    return found[1], sha256(path.with_suffix("").read_bytes()).hexdigest()


def main(version: str) -> int:
    """Build a release again, and say whether it has the content that the ledger has."""
    known = dict(releases((ROOT / LEDGER).read_text(encoding="utf-8")))
    if version not in known:
        print(f"the ledger has no release {version!r}: it has {', '.join(known)}")
        return 2
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        print("this clone has no history: git fetch --unshallow --tags")
        return 2
    commit = commit_of(version)
    if not commit:
        print(f"no commit here has a ledger that ends with {version}: git fetch --tags")
        return 2
    print(f"building {version} from {git('log', '-1', '--format=%h (%s)', commit).strip()}")
    with tempfile.TemporaryDirectory() as folder:
        content, digest = built(commit, version, Path(folder))
    print(f"released  content {known[version]}")
    print(f"built     content {content}, package sha256 {digest}")
    print("the same" if content == known[version] else "NOT the same")
    return 0 if content == known[version] else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or [""]))
