"""What lies in a deck's folder and in no card."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from deckwright.media.formats import PICTURES, SOUNDS, suffixes
from deckwright.model import Place, Problem, Rule, Severity
from deckwright.source.texts import BAD_FILE, OTHER_FILE

UNUSED_FILE = Rule(
    "unused-file",
    "A card uses each picture and sound in the deck's folder: an unused file is not in the "
    "package.",
    severity=Severity.WARNING,
)


_SUFFIXES = frozenset(suffixes((*PICTURES, *SOUNDS)))


def unused(
    root: Path,
    others: Collection[PurePosixPath],
    asked: Collection[PurePosixPath],
    unclear: Collection[str] = (),
) -> Iterator[Problem]:
    """A warning for each file that no card asked for, an error where it is not a regular file.

    A folder ``dist`` that holds nothing but packages, and a page in ``dist/site``, is what a build
    and a preview in the folder wrote.

    ``unclear`` are the texts of a deck that has errors: a card that could not be read may ask for
    what they name, so that is left for the next check.
    """
    built = [path for path in others if path.parts[0] == "dist"]
    if all(map(_is_made, built)):
        others = [path for path in others if path not in built]
    for path in others:
        names = {path.name, quote(path.name, errors="replace")}
        if path in asked or any(name in text for text in unclear for name in names):
            continue
        place = Place((root / path).as_posix())
        name = path.name[:60]
        if not stat.S_ISREG((root / path).lstat().st_mode):
            what = f"{name} is not a regular file"
            yield BAD_FILE.at(place, what, "put the file itself there, or remove it")
        elif path.suffix.lower() in _SUFFIXES:
            what = f"no card uses {name}"
            yield UNUSED_FILE.at(place, what, "use it, or move it out of the deck's folder")
        else:
            yield OTHER_FILE.at(
                place,
                f"{name} is not part of the deck",
                "move it out of the deck's folder, or into figures/ where it makes pictures",
            )


def _is_made(path: PurePosixPath) -> bool:
    """Whether a file in ``dist`` may be one that we wrote."""
    is_package = path.suffix == ".apkg" and len(path.parts) == 2
    page = path.parts[2:] if path.parts[1:2] == ("site",) else ()
    is_site = page == ("index.html",) or (len(page) == 1 and path.suffix == ".apkg")
    return is_package or is_site or (len(page) == 2 and page[0] == "media")
