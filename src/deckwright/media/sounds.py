"""Whether a file is a sound, and nothing but a sound.

Anki hands it to a player that looks at the content, not at the name: a list of addresses behind
an ID3 tag, or a film in an MP4, would be played just as well.
"""

from __future__ import annotations

from struct import unpack_from

from deckwright.media.boxes import MAX_PARTS, inner_boxes, top_boxes
from deckwright.media.fault import cut_off, damaged, fault, nothing_behind, too_many_parts

_MP3_RATES = (44_100, 48_000, 32_000)
_MP3_KILOBITS = (
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
)
_MP3_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
"""What may stand behind the last frame."""
OGG_CODECS = (b"\x01vorbis", b"OpusHead")


def mp3(data: bytes) -> None:
    """Follow an MP3 from frame to frame, from behind its ID3 tags.

    Raises:
        ProblemError: where anything else stands in it.
    """
    at, frames = 0, 0
    while data[at : at + 3] == b"ID3":
        if at + 10 > len(data):
            raise cut_off()
        size = sum(
            (byte & 0x7F) << 7 * (3 - index) for index, byte in enumerate(data[at + 6 : at + 10])
        )
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    promised = _mp3_frames(data[at : at + 64])
    while length := mp3_frame(data, at):
        at, frames = at + length, frames + 1
    if not frames:
        raise fault("holds no MP3 sound", "save it as MP3 again")
    if frames < promised or (frames == 1 and at > len(data)):
        raise cut_off()
    if at < len(data) and not data.startswith(_MP3_TAGS, at):
        nothing_behind(data, at)


def _mp3_frames(first: bytes) -> int:
    """How many frames an MP3 says in its first one that it has; 0 where it does not."""
    at = max(first.find(b"Xing"), first.find(b"Info"))
    if at < 0 or len(first) < at + 12 or not first[at + 7] & 1:
        return 0
    return int.from_bytes(first[at + 8 : at + 12], "big")


def mp3_frame(data: bytes, at: int) -> int:
    """The length of the frame at an offset; 0 where there is none."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return 0
    version, bits, rate = data[at + 1] >> 3 & 3, data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or not 1 <= bits <= 14 or rate == 3:
        return 0
    full = version == 3
    kilobits = _MP3_KILOBITS[full][bits - 1]
    hertz = _MP3_RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    return (144 if full else 72) * kilobits * 1000 // hertz + (data[at + 2] >> 1 & 1)


def ogg(data: bytes) -> None:
    """Follow an Ogg from page to page; each stream in it is Vorbis or Opus.

    Raises:
        ProblemError: where it is cut off, or holds anything else.
    """
    at, ended = 0, False
    for _ in range(MAX_PARTS):
        if data[at : at + 4] != b"OggS":
            nothing_behind(data, at)
            if not ended:
                raise cut_off()
            return
        if at + 27 > len(data) or at + 27 + data[at + 26] > len(data):
            raise cut_off()
        start = at + 27 + data[at + 26]
        end = start + sum(data[at + 27 : start])
        if end > len(data):
            raise cut_off()
        if data[at + 5] & 2 and not data.startswith(OGG_CODECS, start):
            raise fault("holds something else than Vorbis or Opus", "save the sound alone, as MP3")
        at, ended = end, bool(data[at + 5] & 4)
    raise too_many_parts()


def m4a(data: bytes) -> None:
    """Look at the tracks of an MP4: each is a sound, and lies in the file itself.

    Raises:
        ProblemError: where it is cut off, or holds anything else.
    """
    boxes = list(top_boxes(data))
    tracks = [
        track
        for kind, start, end in boxes
        if kind == b"moov"
        for track in inner_boxes(data, start, end, b"trak", b"mdia")
    ]
    if not tracks or all(kind != b"mdat" for kind, _, _ in boxes):
        raise damaged()
    for track in tracks:
        kinds = [data[start + 8 : start + 12] for start, _ in inner_boxes(data, *track, b"hdlr")]
        if kinds != [b"soun"]:
            raise fault(
                "holds something else than sound, as a film or chapters", "save the sound alone"
            )
        for start, end in inner_boxes(data, *track, b"minf", b"dinf", b"dref"):
            for place, place_end in inner_boxes(data, start + 8, end, b"url "):
                if place_end - place < 4 or not unpack_from(">I", data, place)[0] & 1:
                    raise fault("points to a sound elsewhere", "save it as one file")
            if len(list(inner_boxes(data, start + 8, end, b"urn "))):
                raise fault("points to a sound elsewhere", "save it as one file")
