"""Reading one file of a deck's folder: a regular one, inside it, of limited size.

A link, a device or a pipe in a pull request could bring any file of the machine into a package, or
never end.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from deckwright.model import Place, Problem, Rule, Severity, Source, Stake
from deckwright.releases import ledger
from deckwright.source.limits import MAX_FILE, MAX_LEDGER, MAX_TOML
from deckwright.source.unicode import FORBIDDEN

STYLE = "style.css"
"""The name of a deck's style sheet, and of a note type's."""

NOT_UTF8 = Rule(
    "not-utf8",
    "Card files and deck.toml are UTF-8, with or without a byte order mark.",
    stake=Stake.PACKAGE,
)

BAD_FILE = Rule(
    "bad-file",
    "Card files end in .md, and every file of a deck is a regular file. A link, a pipe or "
    "a device could bring anything in, or never end.",
    stake=Stake.SAFETY,
)

FILE_TOO_BIG = Rule(
    "file-too-big",
    "A card file has at most 256 KB: room for 2,500 small cards.",
    stake=Stake.PACKAGE,
)

BAD_STYLE = Rule(
    "bad-style",
    "A style.css, of the deck or of one of its note types, is CSS that loads nothing: it "
    "becomes part of every card.",
    stake=Stake.SAFETY,
)

COVERING_STYLE = Rule(
    "covering-style",
    "The deck's style.css covers, hides and fixes nothing but what has a class of the deck's own; "
    "fonts, colours, borders and small spaces may change everywhere.",
    stake=Stake.SAFETY,
)

OTHER_FILE = Rule(
    "other-file",
    "The deck's folder holds only the deck: card files, deck.toml, note types, pictures, "
    "sounds, and scripts in figures/ and tests/. A file for people has one of a few names, "
    "such as README.md.",
    severity=Severity.WARNING,
)


_MOST = {ledger.FILE: MAX_LEDGER, **dict.fromkeys((".toml", ".html", ".css"), MAX_TOML)}
_FIXES = {ledger.FILE: "restore it as the last release wrote it"}
_FIXES |= dict.fromkeys((".toml", ".html", ".css"), "make it shorter")
_NOT_STYLE = re.compile(
    rf"</|<!|\\|@import|(?:url|src|image|image-set)\(|{FORBIDDEN.pattern}", re.IGNORECASE
)
"""What may load something or end the sheet; a backslash can spell any of it otherwise."""


class NotReadError(Exception):
    """A file that is not read; the text says why: "is a symbolic link"."""


class TooLargeError(NotReadError):
    """A file with too many bytes."""


def read_inside(root: Path, relative: PurePosixPath, most: int) -> bytes:
    """The bytes of a regular file below a folder, which may itself be a link.

    Raises:
        NotReadError: where it is not a regular file, or a part of its path not a real folder.
        TooLargeError: where it has more than ``most`` bytes.
    """
    if relative.is_absolute() or ".." in relative.parts or not relative.parts:
        raise NotReadError("is not inside the deck")
    path = root / relative
    try:
        for folder in (path, *path.parents[: len(relative.parts) - 1]):
            if folder.is_symlink():
                raise NotReadError(f"is {'behind ' if folder != path else ''}a symbolic link")
        found = path.lstat()
        if stat.S_ISDIR(found.st_mode):
            raise NotReadError("is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise NotReadError("is not a regular file")
        if found.st_size > most:
            size = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most >> 10} KB"
            raise TooLargeError(f"has more than {size}")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else ""
        reason = reason or "its name is not valid on this system"
        raise NotReadError(f"cannot be read ({reason})") from None


def refuse(path: Path, what: str, problems: list[Problem], fix: str = "") -> None:
    """Name a file that is not read, and why."""
    fix = fix or "put the file itself there, or remove it"
    problems.append(BAD_FILE.at(Place(path.as_posix()), f"{path.name} {what}", fix))


def read_text(root: Path, path: Path, problems: list[Problem]) -> Source | None:
    """A file's text without byte order mark, with single newlines; None where it is not UTF-8."""
    most = _MOST.get(path.name) or _MOST.get(path.suffix, MAX_FILE)
    try:
        data = read_inside(root, PurePosixPath(path.relative_to(root).as_posix()), most)
    except TooLargeError as error:
        what = f"{path.name} {error}"
        fix = _FIXES.get(path.name) or _FIXES.get(path.suffix, "split it into several")
        problems.append(FILE_TOO_BIG.at(Place(path.as_posix()), what, fix))
        return None
    except NotReadError as error:
        refuse(path, str(error), problems)
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        problems.append(
            NOT_UTF8.at(
                Place(path.as_posix(), line, column),
                f"the byte 0x{data[error.start]:02x} is not UTF-8",
                "save the file as UTF-8",
            )
        )
        return None
    folder = path.parent.relative_to(root).as_posix()
    return Source(path.as_posix(), text.replace("\r\n", "\n"), "" if folder == "." else folder)


def classes_in(style: str) -> Mapping[str, bool]:
    """The classes of a style sheet, each with whether it sizes text by that around it."""
    if "." not in style:
        return {}
    from deckwright.source.style import classes_of  # a parser, which few decks need

    return classes_of(style)


def wrong_with_style(source: Source, own: Collection[str]) -> list[Problem]:
    """What of a style sheet could load something, end the sheet, or cover what is not its own.

    Its ``own`` are the classes of the deck's templates.
    """
    if bad := _NOT_STYLE.search(source.text):
        what = f"a style sheet may not contain {bad[0]!r}"
        fix = "remove it: a style sheet loads no file, and fonts are those of the system"
        if not re.search(r"@import|\(", bad[0]):
            fix = "remove it, or write the sign itself"
        return [BAD_STYLE.at(source.place(bad.start()), what, fix)]
    from deckwright.source.style import wrong_with_covering  # a parser, which few decks need

    return [*wrong_with_covering(source, own)]
