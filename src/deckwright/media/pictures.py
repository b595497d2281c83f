"""The sizes of pictures of dots, read from their structure without decoding one of them.

Each reader walks its file to the end, so that it also tells whether the file is whole, and gives
every size in it: a decoder makes room for each. A library that reads headers alone (imagesize)
would answer for neither, and opens addresses when it is handed a text.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from zlib import crc32

from deckwright.media.boxes import MAX_PARTS, inner_boxes, top_boxes
from deckwright.media.fault import cut_off, damaged, fault, nothing_behind, too_many_parts

Size = tuple[float, float]
"""Width and height in pixels."""
MOST_PIXELS = 25_000_000

_MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd8])", re.DOTALL)
"""A mark of a JPEG that has a meaning; compressed data holds the others for reasons of its own."""
_FRAME_MARKS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def check_sizes(sizes: Iterable[Size]) -> None:
    """Hold the sizes in a picture against the limit.

    Raises:
        ProblemError: where there is no size, nothing to see, or too much of it.
    """
    found = list(sizes)
    if not found:
        raise fault("holds no picture", "save it again from the program that made it")
    for width, height in found:
        if width <= 0 or height <= 0:
            raise fault("has no width or no height", "save it with the size it has")
        if width * height > MOST_PIXELS:
            raise fault(
                f"has {width * height / 1e6:,.0f} megapixels, and {MOST_PIXELS // 1_000_000} are"
                " the most that phones bear",
                "make it smaller",
            )


def png(data: bytes) -> Iterator[Size]:
    """The size of a PNG, whose chunks are held against their check sums."""
    view, at, shows = memoryview(data), 8, False
    for _ in range(MAX_PARTS):
        if at + 12 > len(data):
            raise cut_off()
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise cut_off()
        if crc32(view[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise damaged()
        if at == 8:
            if kind != b"IHDR" or length != 13:
                raise damaged()
            yield struct.unpack_from(">II", data, at + 8)
        shows = shows or kind == b"IDAT"
        at = end
        if kind == b"IEND":
            if not shows:
                raise damaged()
            return nothing_behind(data, end)
    raise too_many_parts()


def jpeg(data: bytes) -> Iterator[Size]:
    """The size of a JPEG, from its frame header; the marks are followed to the last."""
    at, shows = 2, False
    for _ in range(MAX_PARTS):
        mark = _MARKER.search(data, at)
        if mark is None:
            raise cut_off()
        kind, at = mark[1][0], mark.end()
        if kind == 0xD9:
            if not shows:
                raise damaged()
            return nothing_behind(data, at)
        if at + 2 > len(data):
            raise cut_off()
        length = struct.unpack_from(">H", data, at)[0]
        if at + length > len(data):
            raise cut_off()
        if kind in _FRAME_MARKS:
            if length < 8:
                raise damaged()
            height, width = struct.unpack_from(">HH", data, at + 3)
            yield width, height
        shows = shows or kind == 0xDA
        at += max(length, 2)
    raise too_many_parts()


def gif(data: bytes) -> Iterator[Size]:
    """The sizes of a GIF: that of the whole, and of each of its pictures."""
    try:
        yield struct.unpack_from("<HH", data, 6)
        at = 13 + _colours(data[10])
        for _ in range(MAX_PARTS):
            kind = data[at]
            if kind == 0x3B:
                return nothing_behind(data, at + 1)
            if kind == 0x2C:
                yield struct.unpack_from("<HH", data, at + 5)
                at = _after_blocks(data, at + 11 + _colours(data[at + 9]))
            elif kind == 0x21:
                at = _after_blocks(data, at + 2)
            else:
                raise damaged()
    except (IndexError, struct.error):
        raise cut_off() from None
    raise too_many_parts()


def _colours(flags: int) -> int:
    """How many bytes a table of colours takes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    """The offset behind the data of one part of a GIF: blocks of up to 255 bytes, and a zero."""
    for _ in range(MAX_PARTS):
        length = data[at]
        at += 1 + length
        if length == 0:
            return at
    raise too_many_parts()


def webp(data: bytes) -> Iterator[Size]:
    """The sizes of a WebP: that of the whole, and of each of its pictures."""
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise cut_off()
    nothing_behind(data, end)
    try:
        yield from _webp_chunks(data, 12, end)
    except (IndexError, struct.error):
        raise damaged() from None


def _webp_chunks(data: bytes, at: int, end: int, *, frame: bool = False) -> Iterator[Size]:
    shows = False
    for _ in range(MAX_PARTS):
        if at >= end:
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        start, at = at + 8, at + 8 + length + length % 2
        if start + length > end:
            raise damaged()
        if kind == b"VP8X":
            yield _three(data, start + 4) + 1, _three(data, start + 7) + 1
        elif kind == b"ANMF" and not frame:
            shows = True
            yield _three(data, start + 6) + 1, _three(data, start + 9) + 1
            yield from _webp_chunks(data, start + 16, start + length, frame=True)
        elif kind == b"VP8 ":
            shows = True
            width, height = struct.unpack_from("<HH", data, start + 6)
            yield width & 0x3FFF, height & 0x3FFF
        elif kind == b"VP8L":
            shows = True
            bits = struct.unpack_from("<I", data, start + 1)[0]
            yield (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        raise too_many_parts()
    if not shows:
        raise damaged()


def _three(data: bytes, at: int) -> int:
    """A number of three bytes."""
    return data[at] | data[at + 1] << 8 | data[at + 2] << 16


def avif(data: bytes) -> Iterator[Size]:
    """The sizes in an AVIF: those of all its items, of which a grid is the largest."""
    has_data = False
    for kind, start, end in top_boxes(data):
        has_data = has_data or kind == b"mdat"
        if kind != b"meta":
            continue
        # Before the boxes in it, this box has a version and flags, as the size has.
        has_data = has_data or any(inner_boxes(data, start + 4, end, b"idat"))
        for inside in inner_boxes(data, start + 4, end, b"iprp", b"ipco"):
            for size, size_end in inner_boxes(data, *inside, b"ispe"):
                if size_end - size < 12:
                    raise damaged()
                yield struct.unpack_from(">II", data, size + 4)
    if not has_data:
        raise cut_off()
