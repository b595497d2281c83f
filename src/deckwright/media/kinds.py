"""The kinds of files that travel with cards: the name, first bytes and checks of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deckwright.media import pictures, sounds
from deckwright.media.boxes import brands
from deckwright.media.fault import fault
from deckwright.media.svg import check_svg, same_everywhere

_GIT_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file."""

    name: str
    suffixes: tuple[str, ...]
    """The endings of its names; the first is what to write."""
    matches: Callable[[bytes], object]
    """Whether the first bytes are those of this kind."""
    check: Callable[[bytes], bytes]
    """The bytes to ship; raises ProblemError where they are not fit to."""


def _dots(sizes: Callable[[bytes], Iterator[pictures.Size]]) -> Callable[[bytes], bytes]:
    def check(data: bytes) -> bytes:
        pictures.check_sizes(sizes(data))
        return data

    return check


def _sound(follow: Callable[[bytes], None]) -> Callable[[bytes], bytes]:
    def check(data: bytes) -> bytes:
        follow(data)
        return data

    return check


_SVG = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE\s+svg|svg)\b", re.IGNORECASE)

PICTURES: tuple[Kind, ...] = (
    Kind("PNG", (".png",), lambda data: data[:8] == b"\x89PNG\r\n\x1a\n", _dots(pictures.png)),
    Kind("JPEG", (".jpg", ".jpeg"), lambda data: data[:3] == b"\xff\xd8\xff", _dots(pictures.jpeg)),
    Kind("GIF", (".gif",), lambda data: data[:6] in (b"GIF87a", b"GIF89a"), _dots(pictures.gif)),
    Kind(
        "WebP",
        (".webp",),
        lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
        _dots(pictures.webp),
    ),
    Kind("AVIF", (".avif",), lambda data: {b"avif", b"avis"} & brands(data), _dots(pictures.avif)),
    Kind("SVG", (".svg",), _SVG.match, check_svg),
)
SOUNDS: tuple[Kind, ...] = (
    Kind(
        "MP3",
        (".mp3",),
        lambda data: data[:3] == b"ID3" or sounds.mp3_frame(data, 0),
        _sound(sounds.mp3),
    ),
    Kind("Opus", (".opus",), lambda data: data[28:36] == b"OpusHead", _sound(sounds.ogg)),
    Kind("Ogg", (".ogg",), lambda data: data[:4] == b"OggS", _sound(sounds.ogg)),
    Kind(
        "M4A",
        (".m4a",),
        lambda data: {b"M4A ", b"M4B ", b"isom", b"mp41", b"mp42"} & brands(data),
        _sound(sounds.m4a),
    ),
)


def suffixes(kinds: tuple[Kind, ...]) -> tuple[str, ...]:
    """The endings of some kinds, each kind's usual one first."""
    return tuple(suffix for kind in kinds for suffix in kind.suffixes)


def checked(kind: Kind, data: bytes) -> bytes:
    """The bytes to ship of a file whose name says that it is of a kind.

    Raises:
        ProblemError: where it is not, or may not be shipped.
    """
    if not data:
        raise fault("is empty", "put the file itself there")
    if data.startswith(_GIT_LFS):
        raise fault(
            "is a pointer of Git LFS, not the file itself", "run git lfs pull, and build again"
        )
    if kind.name != "SVG" and not kind.matches(data):
        other = next((one for one in (*PICTURES, *SOUNDS) if one.matches(data)), None)
        if other is None:
            raise fault(
                f"is not what its name says: its first bytes are not those of {a(kind)}",
                f"save it as {kind.name}",
            )
        raise fault(
            f"is {a(other)} under the name of {a(kind)}",
            f"give it the ending {other.suffixes[0]}, here too",
        )
    return kind.check(data)


def as_shipped(kind: Kind, data: bytes) -> bytes:
    """The bytes to ship of a file that was checked."""
    return same_everywhere(data) if kind.name == "SVG" else data


def a(kind: Kind) -> str:
    """A kind with its article."""
    return f"{'an' if kind.name[0] in 'AEIOMS' else 'a'} {kind.name}"
