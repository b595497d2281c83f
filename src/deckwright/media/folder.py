"""The pictures and sounds of a deck: inside its folder only, and named by their content.

A name made of the content is what lets a changed picture reach learners at all: Anki never
replaces a file that it has under the same name. So, too, capitals and equal names in two folders
do no harm.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from deckwright.media.kinds import PICTURES, SOUNDS, Kind, checked, suffixes
from deckwright.model import Media, Problem, ProblemError
from deckwright.rules import Rule
from deckwright.rules.media import (
    BAD_PICTURE,
    BAD_SOUND,
    MISSING_IMAGE,
    MISSING_SOUND,
    UNSAFE_SVG,
)
from deckwright.source.inside import NotReadError, TooLargeError, read_inside
from deckwright.source.limits import MAX_MEDIA
from deckwright.source.unicode import FORBIDDEN

MOST_BYTES = 5_000_000
"""The largest file: every learner downloads it, and every phone keeps it."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What a card asks for: a picture or a sound."""

    noun: str
    kinds: tuple[Kind, ...]
    missing: Rule
    bad: Rule
    example: str

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of its files' names."""
        return suffixes(self.kinds)


PICTURE = Sort("picture", PICTURES, MISSING_IMAGE, BAD_PICTURE, "media/curve.png")
SOUND = Sort("sound", SOUNDS, MISSING_SOUND, BAD_SOUND, "media/word.mp3")


Asked = dict[tuple[str, PurePosixPath], Media | None]
"""What cards asked for, by noun and path: a file, or None where it is not fit to ship."""


class MediaFolder:
    """Reads the files that cards ask for, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._asked: dict[tuple[str, PurePosixPath], Media | Problem] = {}
        self._received: dict[str, Media] = {}
        self.size = 0
        """How many bytes were received."""
        self._paths: set[PurePosixPath] = set()
        self._handed: set[tuple[str, PurePosixPath]] = set()
        self._names: dict[Path, dict[str, list[str]]] = {}

    @property
    def taken(self) -> tuple[Media, ...]:
        """What was taken so far, sorted by name, without repetition."""
        by_name = {one.name: one for one in self._asked.values() if isinstance(one, Media)}
        by_name |= self._received
        return tuple(by_name[name] for name in sorted(by_name))

    @property
    def asked(self) -> frozenset[PurePosixPath]:
        """The files that cards asked for so far, fit or not, by their paths in the folder."""
        return frozenset({path for _, path in self._asked} | self._paths)

    def hand_over(self) -> Asked:
        """What was asked for since the last time, to be kept elsewhere; here the names will do."""
        new = {key: found for key, found in self._asked.items() if key not in self._handed}
        self._handed |= new.keys()
        media = {key: found for key, found in new.items() if isinstance(found, Media)}
        self._asked |= {key: Media(found.name, b"") for key, found in media.items()}
        return {key: media.get(key) for key in new}

    def receive(self, asked: Asked) -> None:
        """Keep what another folder handed over: two may have read a file while it changed."""
        self._paths |= {path for _, path in asked}
        for found in filter(None, asked.values()):
            if found.name not in self._received:
                self.size += len(found.data)
            if self.size <= MAX_MEDIA:  # beyond that there is no package, and memory would end
                self._received[found.name] = found

    def take(self, sort: Sort, folder: PurePosixPath, src: str) -> Media:
        """Read the picture or sound that a card in a folder of the deck names as ``src``.

        Raises:
            ProblemError: where it is none inside the deck, or not fit to ship.
        """
        if not src:
            what = f"a {sort.noun} without a file"
            raise _refused(sort.missing, what, "write its file in the parentheses")
        relative = self._relative(sort, folder, src)
        key = (sort.noun, relative)
        if key not in self._asked:
            try:
                self._asked[key] = self._read(sort, relative)
            except ProblemError as error:
                self._asked[key] = error.problem
        found = self._asked[key]
        if isinstance(found, Problem):
            raise ProblemError(found)
        return found

    def _relative(self, sort: Sort, folder: PurePosixPath, src: str) -> PurePosixPath:
        """The path of a file from the deck's folder, decoded as GitHub decodes it."""
        path = folder
        for name in dict.fromkeys((src, unquote(src))):
            inside = _inside(folder, unicodedata.normalize("NFC", name))
            if inside is None:
                raise _refused(
                    sort.missing,
                    f"the {sort.noun} {src[:60]!r} is not inside the deck",
                    f"put it into media/ and name it from there, as {sort.example}",
                )
            path = inside
            if any(part.startswith(".") for part in path.parts):
                what = f"{src[:60]!r} is hidden, and what is hidden stays out of the deck"
                raise _refused(sort.missing, what, "give it a name without a dot before it")
            if found := self._find(sort, path):
                return found
        raise _refused(
            sort.missing,
            f"there is no {sort.noun} {src[:60]!r}",
            "check its name, capitals too, from the folder of this file" + self._nearly(sort, path),
        )

    def _find(self, sort: Sort, path: PurePosixPath) -> PurePosixPath | None:
        """The path under which a file is there by just this name, on every system alike.

        Systems that write é as two characters have the same names as those that write it as one.
        """
        found = PurePosixPath()
        for part in path.parts:
            if found.parts and (self.root / found).is_symlink():
                what = f"{path.name[:60]!r} lies behind a symbolic link"
                raise _refused(sort.missing, what, f"put the {sort.noun} into a real folder")
            names = self._names_in(self.root / found).get(part, [])
            if len(names) > 1:
                what = f"there are two files {part[:60]!r}, which are one on other systems"
                raise _refused(sort.missing, what, "give one of them another name")
            if not names:
                return None
            found = found / names[0]
        return found if path.parts else None

    def _names_in(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._names:
            names: dict[str, list[str]] = {}
            with suppress(OSError, ValueError):  # no folder, or one that may not be read
                for entry in folder.iterdir():
                    names.setdefault(unicodedata.normalize("NFC", entry.name), []).append(
                        entry.name
                    )
            self._names[folder] = names
        return self._names[folder]

    def _nearly(self, sort: Sort, path: PurePosixPath) -> str:
        folder = self._find(sort, path.parent) if len(path.parts) > 1 else PurePosixPath()
        if folder is not None:
            for names in self._names_in(self.root / folder).values():
                if names[0].casefold() == path.name.casefold():
                    return f": {names[0]} is there"
        return ""

    def _read(self, sort: Sort, relative: PurePosixPath) -> Media:
        name = repr(relative.name[:60])
        suffix = relative.suffix.lower()
        kind = next((one for one in sort.kinds if suffix in one.suffixes), None)
        if kind is None:
            raise _refused(
                sort.bad,
                f"{name} is no {sort.noun} that Anki knows everywhere",
                f"use one of {', '.join(sort.suffixes)}",
            )
        try:
            data = checked(kind, read_inside(self.root, relative, MOST_BYTES))
        except TooLargeError as error:
            fix = "make it smaller: learners download it, and phones keep it"
            raise _refused(sort.bad, f"{name} {error}", fix) from None
        except NotReadError as error:
            fix = f"put the {sort.noun} itself there"
            raise _refused(sort.bad, f"{name} {error}", fix) from None
        except ProblemError as error:
            rule = UNSAFE_SVG if error.problem.rule else sort.bad
            raise _refused(rule, f"{name} {error.problem.what}", error.problem.fix) from None
        return Media(_name(sort, relative, data), data)


def _refused(rule: Rule, what: str, fix: str) -> ProblemError:
    return ProblemError(rule.at(0, what, fix))


def _inside(folder: PurePosixPath, name: str) -> PurePosixPath | None:
    """The path that a name in a folder leads to, without ``..``; None where it leads out."""
    if re.search(r"[\\:]|^[/~]", name) or FORBIDDEN.search(name):
        return None
    parts: list[str] = list(folder.parts)
    for part in PurePosixPath(name).parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return None
    return PurePosixPath(*parts)


def _name(sort: Sort, relative: PurePosixPath, data: bytes) -> str:
    """A name that every system can hold, that never clashes, and that changes with the content."""
    plain = unicodedata.normalize("NFKD", relative.stem).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].removeprefix("latex-") or sort.noun
    return f"{stem}-{sha256(data).hexdigest()[:16]}{relative.suffix.lower()}"
