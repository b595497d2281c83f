"""What ``check --fix`` writes: edits of a text, and of the bytes of its file.

A file keeps its byte order mark and its line ends: where an edit brings a new line, it ends as most
lines of the file do.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from itertools import pairwise

from deckwright.model import Edit, Problem


def together(problems: Iterable[Problem]) -> list[Problem]:
    """Of some problems, those whose edits can be written in one go: all of a problem's, or none.

    Where two meet, the first one counts.
    """
    chosen: list[Problem] = []
    taken: dict[str, list[Edit]] = {}
    for one in problems:
        others = taken.setdefault(one.place.path, [])
        if one.edits and not any(_meets(edit, others) for edit in one.edits):
            for edit in one.edits:
                insort(others, edit)
            chosen.append(one)
    return chosen


def _meets(edit: Edit, others: Sequence[Edit]) -> bool:
    """Whether an edit touches one of some sorted ones, so that their order would count."""
    at = bisect_left(others, edit)
    near = (*others[max(0, at - 1) : at], edit, *others[at : at + 1])
    return any(before.end >= after.start for before, after in pairwise(near))


def written(data: bytes, edits: Iterable[Edit]) -> bytes:
    """A file with some edits of its text in it; they do not meet."""
    mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    text = data.removeprefix(mark).decode()
    pieces = text.split("\r\n")
    ends = []
    """The offsets of the line ends of two characters, where these count as one."""
    at = 0
    for piece in pieces[:-1]:
        ends.append(at + len(piece))
        at += len(piece) + 1
    newline = "\r\n" if 2 * len(ends) > text.count("\n") else "\n"

    def in_file(offset: int) -> int:
        return offset + bisect_left(ends, offset)

    better: list[str] = []
    done = 0
    for edit in sorted(edits):
        better += text[done : in_file(edit.start)], edit.text.replace("\n", newline)
        done = in_file(edit.end)
    return mark + "".join((*better, text[done:])).encode()


def text_of(data: bytes) -> str:
    """The text of a file, as it is read: without byte order mark, with single newlines."""
    return data.decode("utf-8-sig").replace("\r\n", "\n")
