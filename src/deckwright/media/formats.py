"""The formats of pictures and sounds: how each begins, and whether a file of it is whole."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO

from deckwright.media.svg import UNSAFE_SVG, SvgError, clean_svg
from deckwright.model import Problem, Rule

MOST_PIXELS = 25_000_000
"""The most that phones bear."""

_GIT_LFS = b"version https://git-lfs.github.com/spec/"
_BRANDS = rb".{4}ftyp(?:.{4}){0,50}?"
"""The start of a file in the ISO base media format, up to one of its brands."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files."""

    name: str
    """For pictures, Pillow's name of it."""
    suffixes: tuple[str, ...]
    """The endings of its names; the first is what to write."""
    begins: re.Pattern[bytes]
    """Its first bytes."""

    def __str__(self) -> str:
        """The name with its article."""
        spelt = self.name[0] in "MS" and not self.name[1].islower()
        return f"{'an' if self.name[0] in 'AEIO' or spelt else 'a'} {self.name}"


def _format(name: str, suffixes: str, begins: bytes) -> Format:
    return Format(name, tuple(suffixes.split()), re.compile(begins, re.DOTALL))


PICTURES: tuple[Format, ...] = (
    _format("PNG", ".png", rb"\x89PNG\r\n\x1a\n"),
    _format("JPEG", ".jpg .jpeg", rb"\xff\xd8\xff"),
    _format("GIF", ".gif", rb"GIF8[79]a"),
    _format("WebP", ".webp", rb"RIFF.{4}WEBP"),
    _format("AVIF", ".avif", _BRANDS + rb"avi[fs]"),
    _format("SVG", ".svg", rb"(?i:(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE\s+svg|svg)\b)"),
)
SOUNDS: tuple[Format, ...] = (
    _format("MP3", ".mp3", rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]"),
    _format("Opus", ".opus", rb"OggS.{24}OpusHead"),
    _format("Ogg", ".ogg", rb"OggS.{24}(?:OpusHead|\x01vorbis)"),
    _format("M4A", ".m4a", _BRANDS + rb"(?:M4A |M4B |isom|mp4[12])"),
    _format("WAV", ".wav", rb"RIFF.{4}WAVE"),
    _format("FLAC", ".flac", rb"fLaC"),
    _format("WebM", ".webm", rb"\x1aE\xdf\xa3.{1,60}?\x42\x82.{1,2}webm"),
    _format("MP4", ".mp4", rb"(?!.{4}ftypavi[fs])" + _BRANDS + rb"(?:iso[m2-9]|mp4[12]|avc1|M4V )"),
)
_FILMS = frozenset({"WebM", "MP4"})
"""The formats of those that may show something."""
_TO_MP3, _TO_MP4 = (
    "MP3, as with ffmpeg -i word{0} word.mp3",
    "MP4, as with ffmpeg -i word{0} word.mp4",
)
_OTHERS: tuple[tuple[Format, str], ...] = (
    (_format("AIFF", ".aiff .aif .aifc", rb"FORM.{4}AIF[FC]"), _TO_MP3),
    (_format("AAC", ".aac .adts", rb"\xff[\xf0\xf1\xf8\xf9]"), _TO_MP3),
    (_format("WMA", ".wma", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), _TO_MP3),
    (_format("WMV", ".wmv .asf", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), _TO_MP4),
    (_format("CAF", ".caf", rb"caff"), _TO_MP3),
    (_format("Sun AU", ".au .snd", rb"\.snd"), _TO_MP3),
    (_format("AMR", ".amr", rb"#!AMR"), _TO_MP3),
    (_format("Midi", ".mid .midi .kar", rb"MThd"), "MP3: it holds notes, and no sound"),
    (_format("Speex", ".spx", rb"OggS.{24}Speex"), _TO_MP3),
    (_format("Matroska", ".mkv", rb"\x1aE\xdf\xa3"), _TO_MP4),
    (_format("Matroska sound", ".mka", rb"\x1aE\xdf\xa3"), _TO_MP3),
    (_format("AVI", ".avi", rb"RIFF.{4}AVI "), _TO_MP4),
    (_format("QuickTime", ".mov .qt", rb".{4}(?:ftypqt  |moov|wide)"), _TO_MP4),
    (_format("MPEG", ".mpg .mpeg .ts", rb"\x00\x00\x01[\xba\xb3]"), _TO_MP4),
    (_format("3GP", ".3gp .3g2", rb".{4}ftyp3g"), _TO_MP4),
    (_format("Flash", ".flv", rb"FLV\x01"), _TO_MP4),
    (_format("Theora", ".ogv", rb"OggS.{24}\x80theora"), _TO_MP4),
)
"""Sounds and films that not every Anki plays, each with what to convert it to."""
_MEANT = {".oga": ".ogg", ".m4b": ".m4a", ".wave": ".wav", ".weba": ".webm", ".m4v": ".mp4"}
"""Other endings of those that it plays."""
_FILM = re.compile(rb"hdlr.{8}vide|OggS.{24}\x80theora", re.DOTALL)
"""A track of pictures."""
_MORE = re.compile(rb"hdlr.{8}(?:text|sbtl|subt|clcp|hint)", re.DOTALL)
"""A track of something else that a player shows or follows."""


def suffixes(formats: tuple[Format, ...]) -> tuple[str, ...]:
    """The endings of some formats, each format's usual one first."""
    return tuple(suffix for one in formats for suffix in one.suffixes)


def not_played(suffix: str) -> tuple[str, str] | None:
    """What to say of a sound or film that has another ending, and what to do; None of the rest."""
    if suffix in _MEANT:
        return f"ends in {suffix}", f"rename it to end in {_MEANT[suffix]}"
    for one, converted in _OTHERS:
        if suffix in one.suffixes:
            return f"is {one}, which not every Anki plays", f"convert it to {converted}".format(
                suffix
            )
    return None


def packaged(data: bytes, one: Format) -> bytes:
    """The bytes to ship of a file that was checked.

    Raises:
        SvgError: where it changed since, and is not fit any more.
    """
    return clean_svg(data)[0] if one.name == "SVG" else data


def check(data: bytes, one: Format, rule: Rule) -> bytes | Problem:
    """The bytes to ship of a file whose name says that it has a format, or why it is not fit.

    The words of the problem go on from the file's name: "is cut off".
    """
    if not data:
        return rule.at(0, "is empty", "put the file itself there")
    if data.startswith(_GIT_LFS):
        what = "is a pointer of Git LFS, not the file itself"
        return rule.at(0, what, "run git lfs pull, and build again")
    if one.name == "SVG":
        return _drawing(data, rule)
    if not one.begins.match(data):
        other = next((two for two in (*PICTURES, *SOUNDS) if two.begins.match(data)), None)
        if other:
            fix = f"give it the ending {other.suffixes[0]}, here too"
            return rule.at(0, f"is {other} under the name of {one}", fix)
        for two, converted in _OTHERS:
            if two.begins.match(data):
                what = f"is {two} under the name of {one}, and not every Anki plays that"
                return rule.at(0, what, f"convert it to {converted}".format(two.suffixes[0]))
        what = f"is not what its name says: its first bytes are not those of {one}"
        return rule.at(0, what, f"save it as {one.name}")
    wrong = _wrong_with_picture(data, one) if one in PICTURES else _wrong_with_sound(data, one)
    return rule.at(0, *wrong) if wrong else data


def _drawing(data: bytes, rule: Rule) -> bytes | Problem:
    """The packaged copy of a drawing, or why it is not fit."""
    try:
        copy, sizes = clean_svg(data)
    except SvgError as error:
        return (UNSAFE_SVG if error.unsafe else rule).at(0, error.what, error.fix)
    wrong = next((found for size in sizes if (found := _wrong_with_size(*size))), None)
    return rule.at(0, *wrong) if wrong else copy


def _wrong_with_size(width: float, height: float) -> tuple[str, str] | None:
    if width <= 0 or height <= 0:
        return "has no width or no height", "save it with the size it has"
    if width * height > MOST_PIXELS:
        most, its = MOST_PIXELS / 1e6, width * height / 1e6
        return f"has {its:,.0f} megapixels, and phones bear at most {most:.0f}", "make it smaller"
    return None


def _wrong_with_picture(data: bytes, one: Format) -> tuple[str, str] | None:
    """What is wrong with a picture, which is decoded whole, and what to do."""
    from PIL import Image  # only decks with pictures pay for it (20 ms)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if one.name == "PNG":
                with Image.open(BytesIO(data), formats=[one.name]) as image:
                    image.verify()  # its checksums
            with Image.open(BytesIO(data), formats=[one.name]) as image:
                if wrong := _wrong_with_size(*image.size):
                    return wrong
                if one.name == "JPEG":
                    image.draft("L", (1, 1))  # an eighth of it: much faster
                    image.load()  # not the second picture that some phones put behind it
                    return None
                for number in range(getattr(image, "n_frames", 1)):
                    image.seek(number)
                    if wrong := _wrong_with_size(*image.size):
                        return wrong
                    image.load()
        except MemoryError:
            raise
        except Exception:  # Pillow's plugins raise of all kinds
            return "is damaged or cut off", "save it again from the program that made it"
    if one.name == "GIF" and not data.rstrip(b"\0\r\n").endswith(b";"):
        return "is cut off: its end is missing", "copy or save the whole file again"
    return None


def _wrong_with_sound(data: bytes, one: Format) -> tuple[str, str] | None:
    """What a player, which looks at the content, would play instead of a sound."""
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) > at + 10:  # a tag, and its size in 4 × 7 bits
        size = sum(byte << 7 * place for place, byte in enumerate(data[at + 9 : at + 5 : -1]))
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    if one.name == "MP3" and not (data[at : at + 1] == b"\xff" and one.begins.match(data, at)):
        return "holds no MP3 sound", "save it as MP3 again"
    if one.name not in ("MP3", *_FILMS) and _FILM.search(data):
        fix = "give it the ending .mp4, here too" if one.name == "M4A" else "convert it to MP4"
        return f"is a film under the name of {one}", f"{fix}, or save the sound alone"
    if one.name not in ("MP3", *_FILMS) and _MORE.search(data):
        return "holds something else than sound, such as subtitles", "save the sound alone"
    return None
