"""The only module that calls git: what is not committed, and what revisions hold."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path, PurePosixPath
from threading import Timer

from deckwright.media.formats import PICTURES, SOUNDS, suffixes
from deckwright.releases import ledger
from deckwright.releases.repository import repository_of
from deckwright.source import own_types
from deckwright.source.deck_toml import CONFIG
from deckwright.source.limits import MAX_LEDGER
from deckwright.source.texts import STYLE, NotReadError, read_inside

_UNTRACKED = ("ls-files", "--others", "--exclude-standard", "-z", "--")
_IGNORED = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--")
_GITLINK = "160000 "
"""The mode of a submodule."""
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


_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.sshCommand": "false",
    "core.askPass": "",
    "credential.helper": "",
    "protocol.allow": "never",
    "submodule.recurse": "false",
}
"""Git runs no program that a configuration names, and asks no other machine for anything."""
_PLAIN = (
    *("--no-pager", "--no-optional-locks", "--no-replace-objects"),
    *(word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")),
)
_SURROUNDINGS = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
"""The same in words of its environment; and its messages are those that we know."""
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH")
"""What others may say of git: where it is, and whom the user trusts; never which repository."""


class GitError(Exception):
    """What git says where it fails."""


def _git(top: Path, *args: str, given: bytes = b"") -> bytes | None:
    """What git prints at the top of a work tree; None where there is no git, or no repository.

    Raises:
        GitError: in git's own words, where it fails in a repository.
    """
    call = _call(top, args)
    if call is None:
        return None
    done = subprocess.run(  # noqa: S603 - a fixed command, found by its name
        call.command, input=given, capture_output=True, env=call.env, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        if "not a git repository" in said:
            return None
        raise GitError(said or f"git {args[0]} failed")
    return done.stdout


@dataclass(frozen=True, slots=True)
class _Call:
    """How git is called."""

    command: list[str]
    env: dict[str, str]


def _call(top: Path, args: Iterable[str]) -> _Call | None:
    """A call of git at the top of a work tree; None where there is no git."""
    paths = [one for one in os.get_exec_path() if Path(one).is_absolute()]
    program = shutil.which("git", path=os.pathsep.join(paths))
    if program is None or not Path(program).is_absolute():
        return None
    others = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT
    }
    ceiling = {"GIT_CEILING_DIRECTORIES": str(top.parent), "PATH": os.pathsep.join(paths)}
    command = [program, *_PLAIN, "-C", str(top), *args]
    return _Call(command, {**others, **_SURROUNDINGS, **ceiling})


@dataclass(frozen=True, slots=True)
class _Inside:
    """A folder in a work tree."""

    top: Path
    path: str
    """The folder as git writes it; empty for the top itself."""

    def file(self, name: str) -> str:
        """A file of the folder, as git writes it."""
        return f"{self.path}/{name}" if self.path else name


def _inside(folder: Path) -> _Inside | None:
    """Where a folder is in its repository; None where it is in none."""
    top = repository_of(folder)
    if top is None:
        return None
    path = folder.resolve().relative_to(top).as_posix()
    return _Inside(top, "" if path == "." else path)


def read(folder: Path, name: str) -> bytes:
    """The bytes of a file in a revision: ``REVISION:PATH``, or ``REVISION:./PATH`` in a folder.

    Raises:
        GitError: where there is none.
    """
    if name.startswith("-"):
        raise GitError(f"{name} begins with a hyphen")
    here = _inside(folder)
    revision, colon, path = name.partition(":")
    if here and path.startswith(("./", "../")):
        path = posixpath.normpath(here.file(path))
    data = _git(here.top, "cat-file", "blob", f"{revision}{colon}{path}") if here else None
    if data is None:
        raise GitError("there is no repository, or no git")
    return data


def has_commit(folder: Path, revision: str) -> bool:
    """Whether a revision, such as a branch or a hash, is a commit of the repository."""
    here = _inside(folder)
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return bool(here and _git(here.top, *asked))
    except GitError:
        return False


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
    here = _inside(folder)
    asked = ("for-each-ref", "--format=%(refname)", "refs/tags")
    said = (_git(here.top, *asked) if here else None) or b""
    names = said.decode(errors="replace").splitlines()
    return tuple(name.removeprefix("refs/tags/") for name in names)


def revisions(
    folder: Path,
    files: Iterable[str],
    known: Iterable[str] = (),
    *,
    history_of: str = "",
    only_tags: bool = False,
) -> tuple[Revision, ...]:
    """Files of a folder in all branches, tags and the stash, but for tags that are ``known``.

    With ``only_tags``, in tags alone; with ``history_of`` a file, also in the commits of this
    branch that changed it. Commits with the same files are one revision; those without any are left
    out, and there is none outside a repository.

    Raises:
        GitError: in git's own words, where git fails in a repository.
    """
    here = _inside(folder)
    if here is None:
        return ()
    form = "--format=%(objectname) %(refname) %(refname:short)"
    asked = ("refs/tags",) if only_tags else _REFS
    refs = (_git(here.top, "for-each-ref", form, *asked) or b"").decode(errors="replace")
    skipped = {f"refs/tags/{tag}" for tag in known}
    commits: dict[str, str] = {}
    for line in refs.splitlines():
        commit, ref, name = line.split(" ", 2)
        is_another_name = ref.startswith("refs/remotes/") and ref.endswith("/HEAD")
        if ref not in skipped and not is_another_name:
            commits.setdefault(commit, ref if name.startswith("-") else name)
        if ref == "refs/stash":
            commits.setdefault("refs/stash^3", "stash^3")  # what was not tracked
    past = _history(here, history_of) if history_of and commits else []
    commits = {**{commit: commit[:12] for commit in past}, **commits}
    found = _files_of(here, commits, tuple(files))
    had = {found.get(commit, {}).get(history_of) for commit in past} - {None}
    names = {tuple(blobs.items()): commits[commit] for commit, blobs in found.items()}
    blobs = {blob for blobs in found.values() for blob in blobs.values()}
    texts = _texts(here.top, blobs - {_blob(folder / name) for name in files})
    return tuple(
        Revision(
            name,
            {file: texts.get(blob) for file, blob in blobs},
            dict(blobs).get(history_of) in had,
        )
        for blobs, name in names.items()
    )


def _history(here: _Inside, name: str) -> list[str]:
    """The commits that lead to this one and changed a file, the newest first."""
    try:
        asked = ("rev-list", "--full-history", "HEAD", "--", here.file(name))
        said = _git(here.top, *asked) or b""
    except GitError:  # there is no commit yet
        return []
    return said.decode().split()


def _files_of(
    here: _Inside, commits: Iterable[str], files: tuple[str, ...]
) -> dict[str, dict[str, str]]:
    """The files of a folder that some commits have, each with the name of its blob."""
    asked = [(commit, name) for commit in commits for name in files]
    specs = "".join(f"{commit}:{here.file(name)}\n" for commit, name in asked)
    said = (_git(here.top, "cat-file", "--batch-check", given=specs.encode()) or b"").splitlines()
    of: dict[str, dict[str, str]] = {}
    for (commit, name), line in zip(asked, said, strict=False):
        blob, _, kind = line.decode(errors="replace").partition(" ")
        if kind.startswith("blob ") and int(kind.removeprefix("blob ")) <= MAX_LEDGER:
            of.setdefault(commit, {})[name] = blob
    return of


def _blob(path: Path) -> str:
    """The name that git gives to a file's bytes; empty where there is no file."""
    try:
        data = read_inside(path.parent, PurePosixPath(path.name), MAX_LEDGER)
    except NotReadError:
        return ""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _texts(top: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of some blobs, by their names."""
    wanted = sorted(names)
    if not wanted:
        return {}
    given = "".join(f"{name}\n" for name in wanted).encode()
    return _batch(_git(top, "cat-file", "--batch", given=given) or b"", wanted)


def _batch(said: bytes, wanted: Iterable[str]) -> dict[str, bytes]:
    """The bytes of some blobs, by their names, as git prints them one after the other."""
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

    Of what git ignores, only the files that a build reads count. What is on the disk is read here:
    git would run the filters that attributes name.

    Raises:
        GitError: in git's own words, where git fails in a checkout.
    """
    here = _inside(folder)
    if here is None or _git(here.top, "rev-parse") is None:
        return ()
    path = here.path or "."
    index = (
        record.partition("\t")[2]
        for record in _records(here.top, "ls-files", "-s", "-z", "--", path)
    )
    committed = {**dict.fromkeys(index, ""), **_committed(here)}
    changed = [name for name, blob in committed.items() if not _is_as(here.top / name, blob)]
    untracked = _records(here.top, *_UNTRACKED, path)
    ignored = _records(here.top, *_IGNORED, path)
    read = [name for name in ignored if _OURS.search(name) and not _HIDDEN.search(name)]
    names = sorted({*changed, *untracked, *read})
    return tuple(name for name in names if not _LEFT_BEHIND.search(name))


def _committed(here: _Inside) -> dict[str, str]:
    """The files of a folder in the last commit, each with the name of its blob."""
    try:
        found = _records(here.top, "ls-tree", "-r", "-z", "HEAD", "--", here.path or ".")
    except GitError:  # there is no commit yet
        return {}
    both = (record.split("\t", 1) for record in found)
    return {name: words.split()[2] for words, name in both}


def _is_as(path: Path, blob: str) -> bool:
    """Whether a file has the bytes of a blob; Windows may have other line ends on the disk."""
    try:
        data = read_inside(path.parent, PurePosixPath(path.name), MAX_LEDGER)
    except NotReadError:
        return False
    kind = sha256 if len(blob) == len(sha256().hexdigest()) else sha1
    plain = data.replace(b"\r\n", b"\n")
    both = (b"blob %d\0" % len(one) + one for one in (data, plain))
    return any(kind(one, usedforsecurity=False).hexdigest() == blob for one in both)


def submodules(folder: Path) -> tuple[str, ...]:
    """The folders below a deck's that are other repositories' commits in the index of its own.

    There are none where git fails: `uncommitted` says so, before a release.
    """
    here = _inside(folder)
    try:
        found = _records(here.top, "ls-files", "-s", "-z", "--", here.path or ".") if here else []
    except GitError:
        return ()
    names = (record.partition("\t")[2] for record in found if record.startswith(_GITLINK))
    return tuple(posixpath.relpath(name, here.path or ".") for name in names if here)


def _records(top: Path, *args: str) -> list[str]:
    said = _git(top, *args) or b""
    return [record for record in said.decode(errors="surrogateescape").split("\0") if record]


# The past, which may be anybody's


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a folder in some commit."""

    id: str
    """What git calls its bytes."""
    path: PurePosixPath
    """From the folder."""
    size: int


_LISTED = re.compile(
    r"100(?:644|755) blob (?P<id>[0-9a-f]+) +(?P<size>\d+)\t(?P<path>.*)", re.DOTALL
)
_MOST_LISTED = 20_000_000
"""Bytes of a list of files: some 200,000 files."""


class Past:
    """What earlier commits have of a folder, as far as it is read within some seconds.

    It is for histories that are not trusted, and for what can be done without: where git fails, or
    takes too long, or has too much to say, less is found.
    """

    def __init__(self, folder: Path, seconds: float) -> None:
        """The seconds are counted from now."""
        self._here = _inside(folder)
        self._until = time.monotonic() + seconds

    def commits(self, name: str, most: int) -> tuple[str, ...]:
        """The last commits on the way to this one that changed a file, the newest first."""
        if self._here is None:
            return ()
        asked = ("rev-list", f"--max-count={most}", "--full-history", "HEAD", "--")
        said = self._said(_MOST_LISTED, *asked, self._here.file(name))
        return tuple(said.decode(errors="replace").split())

    def files(self, revision: str) -> Iterator[Blob]:
        """The files of the folder in a commit; no link, and nothing of a submodule."""
        if self._here is None or revision.startswith("-"):
            return
        asked = ("ls-tree", "-r", "-l", "-z", revision, "--", self._here.path or ".")
        said = self._said(_MOST_LISTED, *asked).decode(errors="surrogateescape")
        for match in map(_LISTED.fullmatch, said.split("\0")):
            if match:
                path = PurePosixPath(match["path"]).relative_to(self._here.path)
                yield Blob(match["id"], path, int(match["size"]))

    def read(self, blobs: Iterable[Blob]) -> dict[str, bytes]:
        """The bytes of some files, by what git calls them; none where one of them is missing."""
        sizes = {one.id: one.size for one in blobs}
        if not sizes:
            return {}
        given = "".join(f"{one}\n" for one in sizes).encode()
        most = sum(sizes.values()) + 100 * len(sizes)
        said = self._said(most, "cat-file", "--batch", given=given)
        try:
            return _batch(said, sizes)
        except ValueError:
            return {}

    def _said(self, most: int, *args: str, given: bytes = b"") -> bytes:
        """What git prints; nothing where it fails, or takes too long, or prints more bytes."""
        call = _call(self._here.top, args) if self._here else None
        seconds = self._until - time.monotonic()
        if call is None or seconds <= 0:
            return b""
        with tempfile.TemporaryFile() as asked:
            asked.write(given)
            asked.seek(0)
            with subprocess.Popen(  # noqa: S603 - a fixed command, found by its name
                call.command,
                env=call.env,
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as git:
                end = Timer(seconds, git.kill)
                end.start()
                try:
                    said = git.stdout.read(most + 1) if git.stdout else b""
                    if len(said) > most:
                        git.kill()
                    git.wait()
                except BaseException:
                    git.kill()
                    raise
                finally:
                    end.cancel()
        return said if git.returncode == 0 and len(said) <= most else b""
