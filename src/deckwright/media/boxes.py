"""The boxes that AVIF pictures and MP4 sounds are made of (ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

from deckwright.media.fault import cut_off, damaged, too_many_parts

MAX_PARTS = 100_000
"""How many pieces a file may be made of; honest ones of 5 MB have some ten thousand."""


def brands(data: bytes) -> frozenset[bytes]:
    """What such a file says that it is; nothing for any other file."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(unpack_from(">I", data, 0)[0], 400)
    return frozenset(data[at : at + 4] for at in (8, *range(16, end - 3, 4)))


def top_boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each box of a file, and where its content starts and ends."""
    return _boxes(data, 0, len(data), whole=True)


def inner_boxes(data: bytes, start: int, end: int, *path: bytes) -> Iterator[tuple[int, int]]:
    """Where the content of the boxes with these kinds, each inside the one before, stands."""
    kind, *rest = path
    for found, inner, inner_end in _boxes(data, start, end):
        if found == kind:
            if rest:
                yield from inner_boxes(data, inner, inner_end, *rest)
            else:
                yield inner, inner_end


def _boxes(
    data: bytes, at: int, end: int, *, whole: bool = False
) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(MAX_PARTS):
        if at >= end:
            return
        if at + 8 > end:
            raise cut_off() if whole else damaged()
        length, kind = unpack_from(">I4s", data, at)
        start = at + 8
        if length == 1 and at + 16 <= end:
            length, start = unpack_from(">Q", data, start)[0], at + 16
        elif length == 0:
            length = end - at
        if at + length < start:
            raise damaged()
        if at + length > end:
            raise cut_off() if whole else damaged()
        yield kind, start, at + length
        at += length
    raise too_many_parts()
