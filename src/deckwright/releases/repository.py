"""The repository that a deck is in, and what of git's own files a deck may bring: hardly any.

Git obeys what it finds in a folder: a repository below a deck would bring a configuration that runs
programs, or cards that no reviewer of the deck saw; attributes hide a change, or change the bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from deckwright.media.formats import PICTURES, SOUNDS, suffixes
from deckwright.model import Place, Problem, Rule, Source, Stake
from deckwright.source.deck_toml import CONFIG
from deckwright.source.texts import BAD_FILE, read_text

GIT_IN_DECK = Rule(
    "git-in-deck",
    "A deck's folder holds no repository, no submodule and no attributes of git; those at the "
    "repository's root hide no change of the deck, and change none of its bytes.",
    stake=Stake.SAFETY,
)


GIT = ".git"
ATTRIBUTES = ".gitattributes"
_OTHERS = (".gitmodules", ".lfsconfig")
_BARE = {"objects", "refs", "commondir"}
"""What a repository without a work tree has beside its HEAD."""
_SEEN = frozenset((*suffixes((*PICTURES, *SOUNDS)), ".pdf")) - {".svg"}
"""Of files whose change no reviewer could read anyway."""
_TEXT = ".md .toml .css .html .jsonl .svg .py .txt .yml .yaml".split()
_LINE = re.compile(
    r'[ \t\r]*+(?!#)(?P<pattern>"(?:\\.|[^"\\])*+"(?=[ \t\r]|$)|[^ \t\r]++)(?P<attributes>.*+)'
)
_HARMLESS = re.compile(
    r"text=auto|eol=lf|diff|merge(?:=(?:union|text|binary|deckwright-ledger))?|export-ignore"
    r"|(?:whitespace|linguist-(?:documentation|detectable))(?:=[\w,-]+)?|linguist-language=\S+"
    r"|linguist-[\w-]+=false|![\w-]+|-(?!diff$|crlf$)[\w-]+"
)
"""What neither hides a change nor has other bytes checked out than those that were reviewed."""


def repository_of(folder: Path) -> Path | None:
    """The top of the work tree that a folder is in; None where it is in none.

    It is looked for above the deck first, so that nothing in a deck's folder can pass for it. A
    home that is kept in git is not the repository of all that is in it.
    """
    here = folder.resolve()
    lines = (here, *here.parents)
    decks = [at for at, one in enumerate(lines) if (one / CONFIG).is_file()]
    deck = decks[-1] if decks else 0
    order = (*lines[deck + 1 :], *lines[deck::-1]) if decks else lines
    tops = [one for one in order if os.path.lexists(one / GIT)]
    home = Path(os.path.expanduser("~")).resolve()  # noqa: PTH111  # Path.home() may fail
    return next((one for one in tops if one != home), tops[0] if tops else None)


def wrong_with_git(root: Path, submodules: Iterable[str]) -> Iterator[Problem]:
    """What a deck's folder has of git, and what the attributes at the repository's root hide.

    ``submodules`` are those of git's index, of which there may be nothing on the disk.
    """
    here, top = root.resolve(), repository_of(root)
    if link := _link_to(root):
        what = f"{link.as_posix()} is a link: git has no ledger under this name"
        yield GIT_IN_DECK.at(Place((root / CONFIG).as_posix()), what, "put the folder itself there")
    missing = (root / name / GIT for name in submodules)
    yield from (_repository(path) for path in missing if not os.path.lexists(path))
    seen: set[str] = set()
    for folder, folders, files in os.walk(root):
        if Path(folder) == root:
            if GIT in (*folders, *files) and top != here:
                yield _repository(root / GIT)
            folders[:] = [name for name in folders if name != GIT]
            files = [name for name in files if name != GIT]
        seen.update(Path(name).suffix.lower() for name in files)
        yield from _in_folder(Path(folder), [*folders, *files], top in (here, None), root)
        folders[:] = [name for name in folders if name.lower() != GIT]
    above = here.parents[: here.parents.index(top)] if top and top != here else ()
    for one in above:
        if os.path.lexists(one / ATTRIBUTES):
            yield _attributes(_as_written(root, one / ATTRIBUTES))
    problems: list[Problem] = []
    path = _as_written(root, (top or here) / ATTRIBUTES)
    source = read_text(path.parent, path, problems) if os.path.lexists(path) else None
    yield from problems
    if source:
        yield from _wrong_attributes(source, here.relative_to(top or here).parts, seen)


def _link_to(root: Path) -> Path | None:
    """A link on the way to a deck, as it is written, from its repository into it again.

    git would be asked for another folder than the one that was named.
    """
    top = repository_of(root)
    written = Path(os.path.abspath(root))  # noqa: PTH100 - a link stays one
    return next(
        (
            one
            for one in (written, *written.parents)
            if one.is_symlink() and top in (one.parent.resolve(), *one.parent.resolve().parents)
        ),
        None,
    )


def _in_folder(folder: Path, names: list[str], may_have: bool, root: Path) -> Iterator[Problem]:
    """What one folder holds; ``may_have`` says whether attributes may be in the deck's own."""
    lower = {name.lower() for name in names}
    if "head" in lower and not lower.isdisjoint(_BARE):
        yield _repository(folder / "HEAD")
    is_hidden = any(part.startswith(".") for part in folder.relative_to(root).parts)
    for name in sorted(names):
        path = folder / name
        if name.lower() == GIT:
            yield _repository(path)
        elif name.lower() == ATTRIBUTES and not (may_have and folder == root):
            yield _attributes(path)
        elif name.lower() in _OTHERS:
            what = f"{name} brings files into a clone that are not in this repository"
            yield GIT_IN_DECK.at(Place(path.as_posix()), what, "put the files themselves there")
        elif name.startswith(".") and path.is_symlink() and not is_hidden and not _is_lock(path):
            fix = "put the file itself there, or remove it"
            yield BAD_FILE.at(Place(path.as_posix()), f"{name} is a symbolic link", fix)


def _is_lock(path: Path) -> bool:
    """Whether a link is Emacs's own, beside a file that is being written: it leads nowhere."""
    return path.name.startswith(".#") and not path.exists()


def _repository(path: Path) -> Problem:
    what = f"{path.parent.as_posix()} is a repository of its own, or a submodule"
    fix = "put the files themselves there, and remove what git keeps of it"
    return GIT_IN_DECK.at(Place(path.as_posix()), f"{what}: git would obey it", fix)


def _attributes(path: Path) -> Problem:
    what = f"{ATTRIBUTES} below the root of the repository can hide a change of the deck"
    fix = f"remove it, or put its lines into {ATTRIBUTES} at the root"
    return GIT_IN_DECK.at(Place(path.as_posix()), what, fix)


def _as_written(root: Path, path: Path) -> Path:
    """A path as a user writes it who wrote that of the deck."""
    return path if root.is_absolute() else Path(os.path.relpath(path))


def _wrong_attributes(source: Source, inside: tuple[str, ...], seen: set[str]) -> Iterator[Problem]:
    """The lines that hide a change of the deck, or change its bytes."""
    offset = 0
    for line in source.text.split("\n"):
        found = _LINE.match(line)
        if found and _may_match(found["pattern"], inside, seen):
            suffix = PurePosixPath(found["pattern"].strip('"')).suffix.lower()
            for name in found["attributes"].split():
                if not _is_harmless(name, suffix):
                    what = f"{name[:40]} can hide a change of the deck's files, or change them"
                    fix = "remove it, or keep it to files outside the deck"
                    yield GIT_IN_DECK.at(source.place(offset + found.start("pattern")), what, fix)
        offset += len(line) + 1


def _is_harmless(name: str, suffix: str) -> bool:
    if name in ("binary", "-diff"):
        return suffix in _SEEN
    if name == "text":
        return suffix in _TEXT
    return bool(_HARMLESS.fullmatch(name))


def _may_match(pattern: str, inside: tuple[str, ...], seen: set[str]) -> bool:
    """Whether a pattern may be of a file in the deck; it is said of a few more, never of less."""
    if pattern.startswith("[attr]") or not re.fullmatch(r"[\w.*/-]+", pattern, re.ASCII):
        return True
    *folders, name = pattern.removeprefix("/").lower().split("/")
    suffix = PurePosixPath(name).suffix
    if suffix and "*" not in suffix and suffix not in {*_SEEN, *_TEXT, *seen}:
        return False
    for wanted, part in zip(folders, inside, strict=False):
        if "**" in wanted:
            return True
        if "*" not in wanted and wanted != part.lower():
            return False
    return "/" not in pattern or len(folders) >= len(inside) or "**" in (*folders, name)
