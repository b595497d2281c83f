"""The pictures of a deck: found inside its folder only, and named by their content.

A name made of the content is what lets a changed picture reach learners at all: Anki never
replaces a file that it has under the same name.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from deckwright.model import Media

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")


class MediaError(Exception):
    """A picture that cannot be taken; the text says why, ``cure`` what to do."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.cure = cure


class MediaFolder:
    """Reads the pictures that cards ask for, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._taken: dict[str, Media] = {}
        self._names: dict[Path, frozenset[str]] = {}

    @property
    def taken(self) -> tuple[Media, ...]:
        """What was asked for so far, sorted by name, without repetition."""
        by_name = {media.name: media for media in self._taken.values()}
        return tuple(by_name[name] for name in sorted(by_name))

    def take(self, folder: PurePosixPath, src: str) -> Media:
        """Read the picture that a card in a folder of the deck names as ``src``.

        Raises:
            MediaError: where it is no picture inside the deck.
        """
        if not src:
            raise MediaError("a picture without a file", "write its file in the parentheses")
        relative = self._relative(folder, src)
        key = str(relative)
        if key not in self._taken:
            data = self._read(relative)
            self._taken[key] = Media(_name(relative, data), data)
        return self._taken[key]

    def _relative(self, folder: PurePosixPath, src: str) -> PurePosixPath:
        """The path of a picture from the deck's folder, decoded as GitHub decodes it."""
        outside = MediaError(
            f"the picture {src[:60]!r} is not inside the deck",
            "put it into media/ and name it from there, as media/curve.png",
        )
        for name in dict.fromkeys((src, unquote(src))):
            if re.search(r"[\x00-\x1f\\:]|^[/~]|^//", name):
                raise outside
            parts: list[str] = list(folder.parts)
            for part in PurePosixPath(name).parts:
                if part != "..":
                    parts.append(part)
                elif parts:
                    parts.pop()
                else:
                    raise outside
            found = PurePosixPath(*parts)
            if self._exists(found):
                return found
        raise MediaError(
            f"there is no picture {src[:60]!r}",
            "check its name, capitals too, from the folder of this file" + self._nearly(found),
        )

    def _exists(self, relative: PurePosixPath) -> bool:
        """Whether a file is there under just this name, on every file system alike."""
        folder = self.root
        for part in relative.parts:
            if part not in self._names_in(folder):
                return False
            folder = folder / part
        return bool(relative.parts)

    def _names_in(self, folder: Path) -> frozenset[str]:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(entry.name for entry in folder.iterdir())
            except OSError:  # no folder, or one that may not be read
                self._names[folder] = frozenset()
        return self._names[folder]

    def _nearly(self, relative: PurePosixPath) -> str:
        folder = self.root.joinpath(*relative.parts[:-1])
        for name in sorted(self._names_in(folder)):
            if name.casefold() == relative.name.casefold():
                return f": {name} is there"
        return ""

    def _read(self, relative: PurePosixPath) -> bytes:
        if relative.suffix.lower() not in SUFFIXES:
            raise MediaError(
                f"{relative.name[:60]!r} is no picture that Anki shows everywhere",
                f"use one of {', '.join(SUFFIXES)}",
            )
        path = self.root
        for part in relative.parts:
            path = path / part
            if stat.S_ISLNK(path.lstat().st_mode):
                raise MediaError(f"{part[:60]!r} is a symbolic link", "put the file itself there")
        if not stat.S_ISREG(path.lstat().st_mode):
            raise MediaError(f"{relative.name[:60]!r} is no regular file", "put a picture there")
        data = path.read_bytes()
        if not data:
            raise MediaError(f"{relative.name[:60]!r} is empty", "put the picture there")
        return data


def _name(relative: PurePosixPath, data: bytes) -> str:
    """A name that every system can hold, that never clashes, and that changes with the content."""
    plain = unicodedata.normalize("NFKD", relative.stem).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].removeprefix("latex-") or "picture"
    return f"{stem}-{sha256(data).hexdigest()[:16]}{relative.suffix.lower()}"
