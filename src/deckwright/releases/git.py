"""The only module that calls git: what is not committed, and what revisions hold."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

from deckwright.media.formats import PICTURES, SOUNDS, suffixes
from deckwright.releases import ledger
from deckwright.source import own_types
from deckwright.source.deck_toml import CONFIG
from deckwright.source.folder import STYLE
from deckwright.source.limits import MAX_LEDGER

_STATUS = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ".")
_IGNORED = (
    "ls-files",
    "--others",
    "--ignored",
    "--exclude-standard",
    "--full-name",
    "-z",
    "--",
    ".",
)
_HIDDEN = re.compile(r"(?:^|/)\.")
_LEFT_BEHIND = re.compile(r"(?:^|/)\.[^/]+\.tmp$")
"""What a killed write leaves."""
_NAMES = "|".join(map(re.escape, (CONFIG, STYLE, ledger.FILE)))
_ENDS = "|".join(map(re.escape, (".md", *suffixes((*PICTURES, *SOUNDS)))))
_OF_TYPES = "|".join(map(re.escape, own_types.SUFFIXES))
_OURS = re.compile(
    rf"(?:^|/)(?:{_NAMES}|[^/]+(?:{_ENDS})|{own_types.FOLDER}/[^/]+/[^/]+(?:{_OF_TYPES}))$",
    re.IGNORECASE,
)
"""What a build reads."""


_PLAIN = ("--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""Git writes nothing, and runs no program that a repository's configuration names."""
_OFFLINE = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
"""Nor does it fetch what a repository lacks; and its messages are those that we know."""


class GitError(Exception):
    """What git says where it fails."""


def _git(folder: Path, *args: str, given: bytes = b"") -> bytes | None:
    """What git prints; None where there is no git, or no repository.

    Raises:
        GitError: in git's own words, where it fails in a repository.
    """
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run(  # noqa: S603 - a fixed command, found by its name
        [program, *_PLAIN, "-C", str(folder), *args],
        input=given,
        capture_output=True,
        env={**os.environ, **_OFFLINE},
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        if "not a git repository" in said:
            return None
        raise GitError(said or f"git {args[0]} failed")
    return done.stdout


def read(folder: Path, name: str) -> bytes:
    """The bytes of a file in a revision: ``REVISION:PATH``, or ``REVISION:./PATH`` in a folder.

    Raises:
        GitError: where there is none.
    """
    if name.startswith("-"):
        raise GitError(f"{name} begins with a hyphen")
    data = _git(folder, "cat-file", "blob", name)
    if data is None:
        raise GitError("there is no repository, or no git")
    return data


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit that has a name, and what it has of the files of a folder that were asked for."""

    name: str
    """A branch, a tag or the stash; for a commit of the history, the start of its hash."""
    files: Mapping[str, bytes | None]
    """The files that it has; None where one has the same bytes as on the disk."""
    is_past: bool = False
    """Whether this branch had the file that its history was asked for as it is there."""


_REFS = ("refs/heads", "refs/remotes", "refs/tags", "refs/stash")


def tags(folder: Path) -> tuple[str, ...]:
    """The names of all tags. Raises `GitError` where git fails."""
    said = _git(folder, "for-each-ref", "--format=%(refname)", "refs/tags") or b""
    names = said.decode(errors="replace").splitlines()
    return tuple(name.removeprefix("refs/tags/") for name in names)


def revisions(
    folder: Path, files: Iterable[str], known: Iterable[str] = (), *, history_of: str = ""
) -> tuple[Revision, ...]:
    """Files of a folder in all branches, tags and the stash, but for tags that are ``known``.

    With ``history_of`` a file, also in the commits of this branch that changed it. Commits with the
    same files are one revision; those without any are left out, and there is none outside a
    repository.

    Raises:
        GitError: in git's own words, where git fails in a repository.
    """
    if not _may_be_in_repository(folder):
        return ()
    form = "--format=%(objectname) %(refname) %(refname:short)"
    refs = (_git(folder, "for-each-ref", form, *_REFS) or b"").decode(errors="replace")
    skipped = {f"refs/tags/{tag}" for tag in known}
    commits: dict[str, str] = {}
    for line in refs.splitlines():
        commit, ref, name = line.split(" ", 2)
        is_another_name = ref.startswith("refs/remotes/") and ref.endswith("/HEAD")
        if ref not in skipped and not is_another_name:
            commits.setdefault(commit, ref if name.startswith("-") else name)
        if ref == "refs/stash":
            commits.setdefault("refs/stash^3", "stash^3")  # what was not tracked
    past = _history(folder, history_of) if history_of and commits else []
    commits = {**{commit: commit[:12] for commit in past}, **commits}
    found = _files_of(folder, commits, tuple(files))
    had = {found.get(commit, {}).get(history_of) for commit in past} - {None}
    names = {tuple(blobs.items()): commits[commit] for commit, blobs in found.items()}
    blobs = {blob for blobs in found.values() for blob in blobs.values()}
    texts = _texts(folder, blobs - {_blob(folder / name) for name in files})
    return tuple(
        Revision(
            name,
            {file: texts.get(blob) for file, blob in blobs},
            dict(blobs).get(history_of) in had,
        )
        for blobs, name in names.items()
    )


def _may_be_in_repository(folder: Path) -> bool:
    """Whether it is worth to ask git."""
    here = folder.resolve()
    return "GIT_DIR" in os.environ or any((one / ".git").exists() for one in (here, *here.parents))


def _history(folder: Path, name: str) -> list[str]:
    """The commits that lead to this one and changed a file, the newest first."""
    try:
        said = _git(folder, "rev-list", "--full-history", "HEAD", "--", f"./{name}") or b""
    except GitError:  # there is no commit yet
        return []
    return said.decode().split()


def _files_of(
    folder: Path, commits: Iterable[str], files: tuple[str, ...]
) -> dict[str, dict[str, str]]:
    """The files of a folder that some commits have, each with the name of its blob."""
    asked = [(commit, name) for commit in commits for name in files]
    specs = "".join(f"{commit}:./{name}\n" for commit, name in asked)
    said = (_git(folder, "cat-file", "--batch-check", given=specs.encode()) or b"").splitlines()
    of: dict[str, dict[str, str]] = {}
    for (commit, name), line in zip(asked, said, strict=False):
        blob, _, kind = line.decode(errors="replace").partition(" ")
        if kind.startswith("blob ") and int(kind.removeprefix("blob ")) <= MAX_LEDGER:
            of.setdefault(commit, {})[name] = blob
    return of


def _blob(path: Path) -> str:
    """The name that git gives to a file's bytes; empty where there is no file."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _texts(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of some blobs, by their names."""
    wanted = sorted(names)
    if not wanted:
        return {}
    given = "".join(f"{name}\n" for name in wanted).encode()
    said = _git(folder, "cat-file", "--batch", given=given) or b""
    found = {}
    start = 0
    for name in wanted:
        end = said.index(b"\n", start)
        size = int(said[start:end].rpartition(b" ")[2])
        found[name] = said[end + 1 : end + 1 + size]
        start = end + 1 + size + 1
    return found


def uncommitted(folder: Path) -> tuple[str, ...]:
    """The files of a folder that are not committed as they are; none outside a checkout.

    Of what git ignores, only the files that a build reads count.

    Raises:
        GitError: in git's own words, where git fails in a checkout.
    """
    changed = [record[3:] for record in _records(folder, *_STATUS)]
    ignored = _records(folder, *_IGNORED)
    read = [name for name in ignored if _OURS.search(name) and not _HIDDEN.search(name)]
    return tuple(name for name in (*changed, *read) if not _LEFT_BEHIND.search(name))


def _records(folder: Path, *args: str) -> list[str]:
    said = _git(folder, *args) or b""
    return [record for record in said.decode(errors="replace").split("\0") if record]
