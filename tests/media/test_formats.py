"""What is in a picture or a sound: its name says what it is, and it is whole."""

from __future__ import annotations

import random
import struct
from io import BytesIO
from pathlib import Path, PurePosixPath
from zlib import compress, crc32

import pytest
from PIL import Image

from deckwright.media.formats import PICTURES, SOUNDS, Format, check, not_played, suffixes
from deckwright.media.library import BAD_PICTURE
from deckwright.model import Problem
from tests.decks import png

SAMPLES = sorted(Path(__file__).parent.joinpath("samples").iterdir())
GOOD_SAMPLES = [path for path in SAMPLES if path.name != "film.m4a"]
NOT_PLAYED = {
    ".aiff": b"FORM\0\0\0\x12AIFFCOMM", ".aac": b"\xff\xf1\x60\x40", ".caf": b"caff\0\1",
    ".wma": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ".au": b".snd\0\0", ".amr": b"#!AMR\n",
    ".mid": b"MThd\0\0", ".avi": b"RIFF\0\0\0\0AVI LIST", ".mov": b"\0\0\0\x14ftypqt  \0",
    ".mkv": b"\x1aE\xdf\xa3\xa3\x42\x82\x88matroska", ".mpg": b"\0\0\1\xba", ".flv": b"FLV\1",
    ".3gp": b"\0\0\0\x14ftyp3gp4", ".spx": b"OggS\0\2" + bytes(22) + b"Speex   ",
    ".ogv": b"OggS\0\2" + bytes(22) + b"\x80theora",
}  # fmt: skip
GOOD_PICTURES = [path for path in GOOD_SAMPLES if path.suffix in suffixes(PICTURES)]
FORMATS = {suffix: one for one in (*PICTURES, *SOUNDS) for suffix in one.suffixes}


def wrong(data: bytes, name: str) -> str:
    """What is wrong with some bytes; empty where they are fit to ship."""
    found = check(data, FORMATS[PurePosixPath(name).suffix], BAD_PICTURE)
    if isinstance(found, Problem):
        assert found.fix
        return found.what
    return ""


def saved(size: tuple[int, int], format_: str, frames: int = 1, mode: str = "RGB") -> bytes:
    pictures = [Image.new(mode, size, number) for number in range(frames)]
    file = BytesIO()
    pictures[0].save(file, format_, save_all=frames > 1, append_images=pictures[1:])
    return file.getvalue()


def test_pillow_reads_each_format_of_pictures() -> None:
    Image.init()
    assert {one.name.upper() for one in PICTURES} - {"SVG"} <= Image.OPEN.keys()


def test_there_is_a_sample_of_each_format() -> None:
    assert {path.suffix for path in GOOD_SAMPLES} == set(suffixes((*PICTURES, *SOUNDS))) - {".jpeg"}


@pytest.mark.parametrize("path", GOOD_SAMPLES, ids=lambda path: path.name)
def test_what_common_programs_write_is_taken_as_it_is(path: Path) -> None:
    data = path.read_bytes()
    copy = check(data, FORMATS[path.suffix], BAD_PICTURE)
    assert copy == data or (path.suffix == ".svg" and isinstance(copy, bytes))


@pytest.mark.parametrize(
    ("mode", "format_"),
    [
        ("CMYK", "JPEG"),
        ("I;16", "PNG"),
        ("1", "PNG"),
        ("LA", "PNG"),
        ("P", "GIF"),
        ("RGBA", "WebP"),
    ],
)
def test_pictures_of_every_kind_of_colours_are_taken(mode: str, format_: str) -> None:
    assert not wrong(saved((40, 30), format_, mode=mode), f"x.{format_.lower()[:4]}")


@pytest.mark.parametrize("path", GOOD_PICTURES, ids=lambda path: path.name)
def test_a_picture_that_is_cut_is_refused(path: Path) -> None:
    data = path.read_bytes().rstrip()
    for tenth in range(10):
        assert wrong(data[: len(data) * tenth // 10], path.name), tenth


@pytest.mark.parametrize("path", GOOD_SAMPLES, ids=lambda path: path.name)
def test_damage_never_ends_in_a_traceback(path: Path) -> None:
    data, chance = path.read_bytes(), random.Random(path.name)
    for _ in range(100):
        spoilt = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        wrong(bytes(spoilt), path.name)


@pytest.mark.parametrize("name", [f"x{suffix}" for suffix in FORMATS if suffix != ".svg"])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_name_says_what_a_file_is(name: str, path: Path) -> None:
    same = {path.suffix, PurePosixPath(name).suffix}
    if len(same) == 1 or same in ({".jpg", ".jpeg"}, {".ogg", ".opus"}):
        return  # Opus in an Ogg is an Ogg too
    if (path.suffix, name) == (".m4a", "x.mp4"):
        return  # an MP4 may hold sound alone
    assert " under the name of " in wrong(path.read_bytes(), name)


@pytest.mark.parametrize("suffix", NOT_PLAYED)
@pytest.mark.parametrize("name", ["x.wav", "x.mp3", "x.mp4"])
def test_what_not_every_anki_plays_is_named_with_what_to_convert_it_to(
    suffix: str, name: str
) -> None:
    found = check(NOT_PLAYED[suffix], FORMATS[PurePosixPath(name).suffix], BAD_PICTURE)
    by_name = not_played(suffix)
    assert isinstance(found, Problem)
    assert by_name
    assert found.fix == by_name[1]
    assert found.fix.startswith(("convert it to MP3", "convert it to MP4"))
    assert by_name[0].split(",")[0] in found.what


@pytest.mark.parametrize(("suffix", "meant"), [(".oga", ".ogg"), (".m4v", ".mp4"), (".x", "")])
def test_another_ending_of_what_is_played_is_renamed(suffix: str, meant: str) -> None:
    found = not_played(suffix)
    assert (found[1] if found else "") == (f"rename it to end in {meant}" if meant else "")


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def ihdr(width: int, height: int) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)


IDAT, IEND = (b"IDAT", compress(bytes(2))), (b"IEND", b"")
GIF_OF = b"GIF89a%b\0\0\0;"
MP3_FRAME = b"\xff\xf3\x14\xc0" + bytes(20)
OGG = b"OggS\0\2" + bytes(22) + b"\1vorbis" + bytes(22)
FILM = (Path(__file__).parent / "samples" / "film.m4a").read_bytes()
PLAYLIST = b"#EXTM3U\nhttps://example.org/"


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("x.png", b"", "empty"),
        ("x.png", b"MZ" + bytes(64), "not what its name says"),
        ("x.png", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        ("x.mp3", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        ("x.png", png_of(ihdr(5001, 5000), IDAT, IEND), "megapixels"),
        ("x.png", png_of(ihdr(2**30, 2**30), IDAT, IEND), "damaged"),
        ("x.png", png_of(ihdr(0, 5), IDAT, IEND), "damaged"),
        ("x.png", png_of(IDAT, IEND), "damaged"),
        ("x.png", png(9, 9).replace(b"IDAT", b"IDaT"), "damaged"),
        ("x.gif", GIF_OF % struct.pack("<HH", 40_000, 40_000), "damaged"),
        ("x.gif", GIF_OF % struct.pack("<HH", 0, 9), "damaged"),
        ("x.gif", saved((40, 30), "GIF")[:-1], "cut off"),
        ("x.gif", saved((5_001, 5_000), "GIF"), "megapixels"),
        ("x.webp", saved((5_001, 5_000), "WebP"), "megapixels"),
        ("x.jpg", saved((5_001, 5_000), "JPEG"), "megapixels"),
        ("x.jpg", b"\xff\xd8\xff\xd9", "damaged"),
        ("x.webp", b"RIFF\4\0\0\0WEBP", "damaged"),
        ("x.avif", struct.pack(">I4s4sI", 16, b"ftyp", b"avif", 0), "damaged"),
        ("x.mp3", b"ID3\4\0\0\0\0\0\0" + PLAYLIST, "no MP3"),
        ("x.mp3", b"ID3\4\0\0\0\0\0\4abcdID3\4\0\0\0\0\0\0" + PLAYLIST, "no MP3"),
        ("x.mp3", b"ID3", "no MP3"),
        ("x.mp3", PLAYLIST, "not what its name says"),
        ("x.ogg", b"<html><body>Not found", "not what its name says"),
        ("x.ogg", b"OggS\0\2" + bytes(22) + b"\x80theora", "is a Theora under the name of an Ogg"),
        ("x.m4a", FILM.replace(b"vide", b"text"), "subtitles"),
        ("x.m4a", FILM, "film"),
        ("x.ogg", OGG + b"OggS\0\2" + bytes(22) + b"\x80theora", "film"),
        ("x.png", png_of(ihdr(9, 9), (b"IDAT", b"garbage"), IEND), "damaged"),
    ],
)
def test_what_is_not_fit_to_ship_is_refused(name: str, data: bytes, what: str) -> None:
    assert what in wrong(data, name)


def test_every_picture_of_a_moving_one_is_looked_at() -> None:
    for format_ in ("GIF", "WebP", "AVIF"):
        data = saved((64, 48), format_, frames=5)
        assert not wrong(data, f"x.{format_.lower()}")
        assert wrong(data[: len(data) - 40], f"x.{format_.lower()}")


def test_a_jpeg_with_a_second_picture_behind_it_is_taken() -> None:
    assert not wrong(saved((64, 48), "MPO", frames=2), "x.jpg")


def test_a_frame_larger_than_the_canvas_is_measured() -> None:
    data = saved((1, 1), "GIF", frames=2, mode="P")
    at = data.rindex(b"\x2c")
    huge = data[: at + 5] + struct.pack("<HH", 9000, 9000) + data[at + 9 :]
    assert wrong(huge, "x.gif")


def test_a_format_is_named_with_its_article() -> None:
    names = [str(one) for one in (*PICTURES, *SOUNDS) if isinstance(one, Format)]
    assert names[:3] == ["a PNG", "a JPEG", "a GIF"]
    assert {"an AVIF", "an SVG", "an MP3", "an MP4", "a WAV", "a FLAC", "a WebM"} < {*names}
