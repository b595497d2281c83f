"""The files of a deck's pictures and sounds: each is checked, and those that cards show are read.

A file is read twice: once in a process that can be killed, to see whether it is fit to ship, and
once to ship it. What is shipped is what was checked, by its hash.

A name made of the content is what lets a changed picture reach learners at all: Anki never
replaces a file that it has under the same name. So, too, capitals and equal names in two folders
do no harm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from deckwright.media.formats import Format, check, packaged
from deckwright.media.library import PICTURE, SOUND, Checked, Library, Sort, sort_of
from deckwright.media.svg import SvgError
from deckwright.model import Media, Place, Problem
from deckwright.source.deck_toml import CONFIG
from deckwright.source.limits import MAX_MEDIA
from deckwright.source.texts import FILE_TOO_BIG, NotReadError, TooLargeError, read_inside
from deckwright.source.tree import Tree

MOST_BYTES = 5_000_000
"""The largest file: every learner downloads it, and every phone keeps it."""
_SUFFIX = re.compile(
    "|".join(re.escape(suffix) for sort in (PICTURE, SOUND) for suffix in sort.suffixes),
    re.IGNORECASE,
)
_CONTENT = re.compile(r"(?<=-)[0-9a-f]{16}(?=\.[a-z0-9]+$)")
"""What a name in a package says of the content."""
_LETTERS = 20
"""How many letters of a name are enough to think of a file."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is a picture or a sound in a folder by its name, even where it is a link or a folder."""

    root: Path
    paths: Sequence[PurePosixPath]

    def __call__(self, number: int) -> Checked | Problem:
        """One of them, checked."""
        return _check(self.root, self.paths[number])


def candidates(root: Path, tree: Tree, texts: Iterable[str] = ()) -> Candidates:
    """What is to be checked of a folder; first what the texts of its cards seem to name.

    That is an order and no choice, for where the time is up before the last: a text can name a
    file in more ways than are seen here.
    """
    named = {end for text in texts for end in _ends(text)}
    found = (path for path in tree.paths() if sort_of(path))
    return Candidates(
        root, tuple(sorted(found, key=lambda path: [*_ends(path.name)][-1] not in named))
    )


def _ends(text: str) -> Iterator[str]:
    """The last letters of each name of a picture or sound that a text may hold."""
    for suffix in _SUFFIX.finditer(text):
        before = text[max(0, suffix.start() - _LETTERS) : suffix.start()]
        yield re.split(r"%[0-9A-Fa-f]{2}|\W", before)[-1] + suffix[0]


def resolve(root: Path, tree: Tree) -> Library:
    """The library of a deck's folder, checked in this process for as long as that takes."""
    files = candidates(root, tree)
    return Library.of(tree, {path: files(number) for number, path in enumerate(files.paths)})


def take(
    root: Path, library: Library, asked: Iterable[PurePosixPath]
) -> tuple[tuple[Media, ...], list[Problem]]:
    """The files that cards asked for, sorted by name, each content once; and why some are not here.

    They are too many for a package, or have changed since they were checked.
    """
    if library.size(asked) > MAX_MEDIA:
        what = f"the pictures and sounds of this deck have over {MAX_MEDIA >> 20} MB together"
        fix = "make them smaller, or make two decks of it"
        return (), [FILE_TOO_BIG.at(Place((root / CONFIG).as_posix()), what, fix)]
    media: dict[str, Media] = {}
    changed = []
    for path in sorted(asked):
        one, sort = library.files.get(path), sort_of(path)
        if not isinstance(one, Checked) or not sort or one.name in media:
            continue
        try:
            data = packaged(read_inside(root, path, MOST_BYTES), _format(sort, path))
        except (NotReadError, SvgError):
            data = None
        if data is not None and sha256(data).hexdigest() == one.digest:
            media[one.name] = Media(one.name, data)
        else:
            what = f"{path.name[:60]} changed while the deck was read"
            changed.append(sort.bad.at(Place((root / path).as_posix()), what, "build it again"))
    return tuple(media[name] for name in sorted(media)), changed


def in_package(path: PurePosixPath, data: bytes) -> Media:
    """A picture or sound of a deck under the name that it has in a package, with just these bytes.

    The path is that of one by its name.
    """
    sort = sort_of(path)
    assert sort
    return Media(_name(sort, path, sha256(data).hexdigest()), data)


def cleaned(path: PurePosixPath, data: bytes) -> Media | None:
    """The same as it is shipped today: of a drawing, a copy; None where it is not fit."""
    sort = sort_of(path)
    assert sort
    try:
        return in_package(path, packaged(data, _format(sort, path)))
    except SvgError:
        return None


def unnumbered(name: str) -> str:
    """The name of a file in a package, without what it says of the content: ``stem-.png``."""
    return _CONTENT.sub("", name)


def unnumbered_of(path: PurePosixPath) -> str:
    """The same of a file of a deck, whatever is in it; empty where it cannot be shipped."""
    sort = sort_of(path)
    return _written(sort, path, "") if sort else ""


def _check(root: Path, path: PurePosixPath) -> Checked | Problem:
    sort = sort_of(path)
    assert sort
    name = repr(path.name[:60])
    try:
        raw = read_inside(root, path, MOST_BYTES)
    except TooLargeError as error:
        fix = "make it smaller: learners download it, and phones keep it"
        return sort.bad.at(0, f"{name} {error}", fix)
    except NotReadError as error:
        return sort.bad.at(0, f"{name} {error}", f"put the {sort.noun} itself there")
    data = check(raw, _format(sort, path), sort.bad)
    if isinstance(data, Problem):
        return replace(data, what=f"{name} {data.what}")
    digest = sha256(data).hexdigest()
    if path.suffix.lower() == ".svg":
        raw = raw.replace(b"\r\n", b"\n")
    written = _written(sort, path, sha256(raw).hexdigest())
    return Checked(_name(sort, path, digest), len(data), digest, written)


def _format(sort: Sort, path: PurePosixPath) -> Format:
    return next(one for one in sort.formats if path.suffix.lower() in one.suffixes)


def _name(sort: Sort, path: PurePosixPath, digest: str) -> str:
    """A name that every system can hold, that never clashes, and that changes with the content."""
    return _written(sort, path, digest)


def _written(sort: Sort, path: PurePosixPath, digest: str) -> str:
    """What a person chose, as ledgers hold digests of it: so it never becomes another one."""
    plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].removeprefix("latex-") or sort.noun
    return f"{stem}-{digest[:16]}{path.suffix.lower()}"
