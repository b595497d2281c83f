"""The pictures and sounds of a deck: a value, which reads no disk.

So what a card becomes depends on values alone, and no card waits for a file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePosixPath
from urllib.parse import unquote

from deckwright.media.formats import PICTURES, SOUNDS, Format, suffixes
from deckwright.model import Problem, Rule, Stake
from deckwright.source.tree import Tree
from deckwright.source.unicode import FORBIDDEN

MISSING_IMAGE = Rule(
    "missing-image",
    "A picture is a file inside the deck's folder, named relative to the card's file, with "
    "the same capitals.",
)

BAD_PICTURE = Rule(
    "bad-picture",
    "A picture is a whole PNG, JPEG, GIF, WebP, AVIF or SVG, as its name says, of at most "
    "5 MB and 25 megapixels.",
    stake=Stake.SAFETY,
)

MISSING_SOUND = Rule(
    "missing-sound",
    "A link to a sound names a file inside the deck's folder, relative to the card's file, "
    "with the same capitals.",
)

BAD_SOUND = Rule(
    "bad-sound",
    "A sound is an MP3, Ogg, Opus, M4A, WAV or FLAC, and a film an MP4 or WebM, as its name says, "
    "of at most 5 MB. Its link has words, and a cloze hides both or neither.",
    stake=Stake.SAFETY,
)


@dataclass(frozen=True, slots=True)
class Sort:
    """What a card asks for: a picture or a sound."""

    noun: str
    formats: tuple[Format, ...]
    missing: Rule
    bad: Rule
    example: str

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of its files' names."""
        return suffixes(self.formats)


PICTURE = Sort("picture", PICTURES, MISSING_IMAGE, BAD_PICTURE, "media/curve.png")
SOUND = Sort("sound", SOUNDS, MISSING_SOUND, BAD_SOUND, "media/word.mp3")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is fit to ship."""

    name: str
    """Its name in the package, made of its content."""
    size: int
    """How many bytes are shipped."""
    digest: str
    """SHA-256 of these bytes, in hexadecimal."""
    written: str
    """A name made of the content of the file itself: what a person chose."""


@dataclass(frozen=True, slots=True)
class Library:
    """Where the pictures and sounds of a deck are, and what they are called in the package."""

    files: Mapping[PurePosixPath, Checked | Problem] = field(default_factory=dict)
    """Each file that is one by its name, by its path in the deck, or why it is not fit to ship."""
    names: Mapping[PurePosixPath, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """What each folder of the deck holds: names as they are on the disk, by their form NFC."""
    links: frozenset[PurePosixPath] = frozenset()
    """The symbolic links of the deck."""

    @classmethod
    def of(cls, tree: Tree, files: Mapping[PurePosixPath, Checked | Problem]) -> Library:
        """The library of a folder whose pictures and sounds were checked."""
        names: dict[PurePosixPath, dict[str, tuple[str, ...]]] = {}
        for folder, inside in tree.names.items():
            composed = names.setdefault(folder, {})
            for name in inside:
                key = unicodedata.normalize("NFC", name)
                composed[key] = (*composed.get(key, ()), name)
        return cls(files, names, tree.links)

    def find(self, sort: Sort, folder: PurePosixPath, src: str) -> PurePosixPath | Problem:
        """The path in the deck of what a card in one of its folders calls ``src``.

        The name is decoded as GitHub decodes it.
        """
        if not src:
            what = f"a {sort.noun} without a file"
            return sort.missing.at(0, what, "write its file in the parentheses")
        path = folder
        for name in dict.fromkeys((unquote(src), src)):
            inside = _inside(folder, unicodedata.normalize("NFC", name))
            if inside is None:
                what = f"the {sort.noun} {src[:60]!r} is not inside the deck"
                fix = f"put it into media/ and name it from there: {sort.example}"
                return sort.missing.at(0, what, fix)
            path = inside
            if any(part.startswith(".") for part in path.parts):
                what = f"{src[:60]!r} is hidden, and hidden files are not in the deck"
                return sort.missing.at(0, what, "give it a name without a dot before it")
            if found := self._at(sort, path):
                return found
        fix = "check its name, capitals too, from the folder of this file"
        what = f"there is no {sort.noun} {src[:60]!r}"
        return sort.missing.at(0, what, fix + self._nearly(sort, path))

    def file(self, sort: Sort, path: PurePosixPath) -> Checked | Problem:
        """A file that was found, or why it is not fit to ship."""
        if path.suffix.lower() not in sort.suffixes:
            what = f"{path.name[:60]!r} is not a {sort.noun} that every Anki shows"
            fix = f"use one of {', '.join(sort.suffixes)}"
            if sort_of(path) is SOUND:
                fix = f"write a sound or a film as a link, [its words]({path.name})"
            return sort.bad.at(0, what, fix)
        return self.files[path]

    def size(self, paths: Iterable[PurePosixPath]) -> int:
        """How many bytes some files have in a package, where each content is once."""
        found = (self.files.get(path) for path in paths)
        return sum({one.name: one.size for one in found if isinstance(one, Checked)}.values())

    def _at(self, sort: Sort, path: PurePosixPath) -> PurePosixPath | Problem | None:
        """The path under which a file is there by just this name, on every system alike.

        Systems that write é as two characters have the same names as those that write it as one.
        """
        found = PurePosixPath()
        for part in path.parts:
            if found in self.links:
                what = f"{path.name[:60]!r} is behind a symbolic link"
                return sort.missing.at(0, what, f"put the {sort.noun} into a real folder")
            names = self.names.get(found, {}).get(part, ())
            if len(names) > 1:
                what = f"there are two files {part[:60]!r}, which are one on other systems"
                return sort.missing.at(0, what, "give one of them another name")
            if not names:
                return None
            found = found / names[0]
        return found if path.parts else None

    def _nearly(self, sort: Sort, path: PurePosixPath) -> str:
        """What to add where there is a file with other capitals; nothing where there is none."""
        folder = self._at(sort, path.parent) if len(path.parts) > 1 else PurePosixPath()
        if isinstance(folder, PurePosixPath):
            for name in chain.from_iterable(self.names.get(folder, {}).values()):
                if name.casefold() == path.name.casefold():
                    return f": {name} is there"
        return ""


def sort_of(path: PurePosixPath) -> Sort | None:
    """What a file is by its name: a picture, a sound, or neither."""
    suffix = path.suffix.lower()
    return next((sort for sort in (PICTURE, SOUND) if suffix in sort.suffixes), None)


def _inside(folder: PurePosixPath, name: str) -> PurePosixPath | None:
    """The path that a name in a folder leads to, without ``..``; None where it leads out."""
    if re.search(r"[\\:]|^[/~]|/\.?$", name) or FORBIDDEN.search(name):
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
