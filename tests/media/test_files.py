"""Pictures and sounds: only whole ones, only from inside the deck, whatever a card asks for."""

from __future__ import annotations

import os
import random
import socket
import sys
import time
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest

from deckwright.apkg.package import package
from deckwright.commands.report import FORMATS, formatter
from deckwright.compile import Compiled, compile_deck
from deckwright.media.formats import PICTURES, SOUNDS, check
from deckwright.media.library import BAD_PICTURE
from deckwright.source.texts import NotReadError, read_inside
from tests.decks import card, make_deck, png
from tests.media.test_formats import IEND, MP3_FRAME, ihdr, png_of

EXAMPLES = int(os.environ.get("DECKWRIGHT_EXAMPLES", "150"))


def shows(target: str, text: str = "![what it shows]") -> str:
    return "# T\n\n" + card(f"x {text}({target})")


def compile_with(root: Path, source: str, **files: str | bytes) -> Compiled:
    return compile_deck(make_deck(root, {"01-cards.md": source, **files}))


# Files as a whole


def test_a_large_picture_is_reported_unread(tmp_path: Path) -> None:
    huge = tmp_path / "media" / "huge.png"
    huge.parent.mkdir()
    with huge.open("wb") as file:
        file.write(png())
        file.truncate(12_000_000)
    [found] = compile_with(tmp_path, shows("media/huge.png")).problems
    assert (found.rule, found.what) == ("bad-picture", "'huge.png' has more than 5 MB")


def test_a_drawing_is_the_same_with_the_line_ends_of_every_system(tmp_path: Path) -> None:
    figure = (Path(__file__).parent / "samples" / "figure.svg").read_bytes()
    names = set()
    for index, data in enumerate((figure, figure.replace(b"\n", b"\r\n"))):
        files = {"media/figure.svg": data}
        compiled = compile_with(tmp_path / str(index), shows("media/figure.svg"), **files)
        assert compiled.deck
        names |= {media.name for media in compiled.deck.media}
    assert len(names) == 1


# Where a file is

OUTSIDE = [
    "../../../../../../../../etc/passwd",
    "../beside.png",
    "media/../../beside.png",
    "/etc/passwd",
    "/proc/self/environ",
    "/dev/zero",
    "//tracker.invalid/x.png",
    "https://tracker.invalid/x.png",
    "file:///etc/passwd",
    "data:image/png;base64,iVBORw0KGgo=",
    "%2e%2e/beside.png",
    "%2E%2E%2Fbeside.png",
    "%252e%252e%252fbeside.png",
    "..%c0%afbeside.png",
    "media/dot.png%00.md",
    r"..\beside.png",
    r"C:\Windows\win.ini",
    r"\\server\share\x.png",
    "~/.ssh/id_rsa",
    "$HOME/.netrc",
    "img:dot.png",
    ".",
    "media",
    "media/",
    "media/none.png",
    "media/dot.png.",
    "media/dot.png%20",
    "media/DOT.png",
    "Media/dot.png",
    "media/dot.png?raw=true",
    ".git/dot.png",
    "media/.dot.png",
    "media/d&#x2e;&#x2e;",
    "media/&#46;&#46;/&#46;&#46;/beside.png",
]


@pytest.mark.parametrize("target", OUTSIDE)
def test_what_is_not_in_the_deck_is_reported(target: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path / "deck", {"01-cards.md": shows(f"<{target}>")})
    for path in ("../beside.png", ".git/dot.png", "media/.dot.png", "media/dot.png"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(png())
    compiled = compile_deck(root)
    assert compiled.deck is None
    rules = {found.rule for found in compiled.problems}
    assert rules & {"missing-image", "bad-picture"}, compiled.problems


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("a b.png", "a b.png"),
        ("a b.png", "a%20b.png"),
        ("a%20b.png", "a%20b.png"),
        ("[a].png", "[a].png"),
        ("_a.png", "_a.png"),
        ("-rf.png", "-rf.png"),
        ("con.png", "con.png"),
        ("A.PNG", "A.PNG"),
        ("latex-0123.png", "latex-0123.png"),
        (f"{'x' * 200}.png", f"{'x' * 200}.png"),
        ("größe.png", "größe.png"),
        ("größe.png", "gr%C3%B6%C3%9Fe.png"),
        (unicodedata.normalize("NFD", "größe.png"), "größe.png"),
        ("media/x.png", "./media/../media//x.png"),
    ],
)
def test_a_picture_is_found_by_its_name(name: str, target: str, tmp_path: Path) -> None:
    compiled = compile_with(tmp_path, shows(f"<{target}>"), **{name: png()})
    assert compiled.deck, compiled.problems
    [media] = compiled.deck.media
    assert media.name.isascii()
    assert media.name == media.name.lower()
    assert f'src="{media.name}"' in compiled.deck.notes[0].fields[1]


def test_equal_names_in_two_folders_and_in_capitals_are_two_pictures(tmp_path: Path) -> None:
    files = {"a/x.png": png(1), "b/x.png": png(2), "b/X.png": png(3), "c/x.png": png(1)}
    links = " ".join(f"![one]({name})" for name in files)
    compiled = compile_with(tmp_path, "# T\n\n" + card(links), **files)
    assert compiled.deck, compiled.problems
    assert len(compiled.deck.media) == 3


def test_two_names_that_are_one_on_other_systems_are_reported(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "ö.png") for form in ("NFC", "NFD")]
    compiled = compile_with(tmp_path, shows("ö.png"), **{name: png() for name in names})
    assert "missing-image" in {found.rule for found in compiled.problems}


# What a file is


@contextmanager
def opened() -> Iterator[list[str]]:
    """The last parts of all paths that are opened meanwhile."""
    names: list[str] = []
    _LISTENERS.append(names)
    try:
        yield names
    finally:
        _LISTENERS.remove(names)


_LISTENERS: list[list[str]] = []


def _listen(event: str, values: tuple[object, ...]) -> None:
    if event == "open" and _LISTENERS:
        for names in _LISTENERS:
            names.append(Path(os.fsdecode(str(values[0]))).name)


sys.addaudithook(_listen)


def make_strange(path: Path, strange: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if strange == "pipe":
        os.mkfifo(path)
    elif strange == "socket":
        here = Path.cwd()
        os.chdir(path.parent)  # its path may be too long for a socket
        try:
            socket.socket(socket.AF_UNIX).bind(path.name)
        finally:
            os.chdir(here)
    elif strange == "folder":
        path.mkdir()
    else:
        path.symlink_to({"loop": path.name, "gone": "nowhere"}.get(strange, strange))


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize(
    "strange",
    ["pipe", "socket", "folder", "/dev/zero", "loop", "gone", "../real.png", "/etc/passwd"],
)
@pytest.mark.parametrize("name", ["odd.png", "odd.mp3"])
def test_only_regular_files_are_opened(name: str, strange: str, tmp_path: Path) -> None:
    make_strange(tmp_path / "media" / name, strange)
    (tmp_path / "real.png").write_bytes(png())
    text = "[a word]" if name.endswith("mp3") else "![what it shows]"
    with opened() as names:
        compiled = compile_with(tmp_path, shows(f"media/{name}", text))
    rule = "bad-sound" if name.endswith("mp3") else "bad-picture"
    assert (rule, 6) in {(found.rule, found.place.line) for found in compiled.problems}
    assert "01-cards.md" in names
    assert name not in names
    assert "real.png" not in names


@pytest.mark.parametrize("inner", ["secret.png", "sub/secret.png"])
def test_nothing_behind_a_link_to_a_folder_is_opened_or_listed(inner: str, tmp_path: Path) -> None:
    make_deck(tmp_path / "outside", {"secret.png": png(), "sub/secret.png": png()})
    root = make_deck(tmp_path / "deck", {"01-cards.md": shows(f"media/{inner.upper()}")})
    (root / "media").symlink_to(tmp_path / "outside")
    with opened() as names:
        found = compile_deck(root).problems
    assert {one.rule for one in found} == {"bad-file", "missing-image"}
    assert "secret.png" not in names
    assert not any("secret" in one.message for one in found)


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", ""])
def test_a_way_out_is_never_read(path: str, tmp_path: Path) -> None:
    with pytest.raises(NotReadError):
        read_inside(tmp_path, PurePosixPath(path), 99)


# What no card uses


def test_files_that_no_card_uses_are_reported_one_by_one(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "media/used.png": png(),
        "media/unused.png": png(),
        "word.mp3": MP3_FRAME,
        "notes.txt": "",
        "media/raw.psd": "",
        ".env": "",
        ".cache/x.png": png(),
        "LICENSE": "",
        "README.md": "",
        "style.css": "",
        "figures/curve.py": "",
        "figures/data/curve.csv": "",
    }
    compiled = compile_with(tmp_path, shows("media/used.png"), **files)
    found = [(Path(one.place.path).name, one.rule) for one in compiled.problems]
    assert found == [
        ("raw.psd", "other-file"),
        ("unused.png", "unused-file"),
        ("notes.txt", "other-file"),
        ("word.mp3", "unused-file"),
    ]
    assert compiled.deck
    assert [media.data for media in compiled.deck.media] == [png()]


def test_a_file_that_a_broken_card_names_is_not_called_unused(tmp_path: Path) -> None:
    source = shows("media/used.png") + "\n## No id\n\n![a grey square](media/other%20one.png)\n"
    names = ("media/used.png", "media/other one.png", "media/unused.png")
    compiled = compile_with(tmp_path, source, **{name: png() for name in names})
    found = [(Path(one.place.path).name, one.rule) for one in compiled.problems]
    assert found == [("01-cards.md", "missing-id"), ("unused.png", "unused-file")]


def test_a_folder_of_thousands_of_files_takes_little_time(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": shows("media/9.png"), "media/9.png": png()})
    for number in range(10, 5000):
        (root / "media" / f"{number}.png").touch()
    started = time.process_time()
    compiled = compile_deck(root)
    assert time.process_time() - started < 2
    assert len(compiled.problems) == 4990


def test_a_name_that_no_terminal_can_show_is_reported(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": "# T\n\n" + card("x")})
    (root / "a\n::error::b\u202e.txt").touch()
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.txt")).touch()
    found = compile_deck(root).problems
    assert {one.rule for one in found} == {"other-file"}
    for name in FORMATS:
        words = formatter(name)(found)
        words.encode()
        assert "\n::error::b" not in words
        assert "\u202e" not in words


# Whatever a card asks for

CANARY = "canary-7b1e"
PIECES = (
    *(
        ".. . / // \\ %2e%2e %2E. .%2e %252e%252e %2f %5c %00 ~ $HOME file: file:// C: ? # ; * |"
    ).split(),
    *("media dot.png DOT.png beside.png secret.mp3 deck HOME .env .git config .git/config").split(),
    *(
        "link.png linked link.mp3 etc passwd proc self environ &#46;&#46; &sol; &colon; a%20b"
    ).split(),
    *(
        "../beside.png ../secret.mp3 ../../beside.png %2e%2e/beside.png ../deck/media/dot.png"
    ).split(),
    *(" ", "\u00e9", "e\u0301", "\u200b", "\uff0e\uff0e", "\u2215", "\u202e", "\x00", "\x7f"),
)
FORMS = (
    "![x](<{}>)",
    "![x]({})",
    "[x](<{}>)",
    "[x]({})",
    '<img src="{}" alt="x">',
    '<a href="{}">x</a>',
    "![x][y]\n\n[y]: {}",
)


def plant(root: Path) -> tuple[Path, Path]:
    """A home and a deck in it, with secrets wherever a path might lead."""
    secret = png_of(ihdr(1, 1), (b"tEXt", CANARY.encode()), (b"IDAT", png()[41:51]), IEND)
    sound = MP3_FRAME + b"TAG" + CANARY.encode()
    home, deck = root / "HOME", root / "HOME" / "deck"
    for folder in (root, home, deck, deck / "media"):
        is_outside = folder in (root, home)
        hidden = folder / (".git" if is_outside else ".kept")  # one of git's refuses the whole deck
        hidden.mkdir(parents=True)
        for path in (folder / ".env", hidden / "config", folder / ".ssh", folder / ".netrc"):
            path.write_text(CANARY)
        (hidden / "x.png").write_bytes(secret)
        if is_outside:
            (folder / "beside.png").write_bytes(secret)
            (folder / "secret.mp3").write_bytes(sound)
    (deck / "media" / "dot.png").write_bytes(png())
    (deck / "word.mp3").write_bytes(MP3_FRAME)
    return home, deck


LINKS = {"linked": "..", "link.png": "../beside.png", "link.mp3": "../secret.mp3"}


def test_what_lies_beside_the_deck_could_be_shipped(tmp_path: Path) -> None:
    home, _ = plant(tmp_path)
    for name, one in (("beside.png", PICTURES[0]), ("secret.mp3", SOUNDS[0])):
        assert check((home / name).read_bytes(), one, BAD_PICTURE) == (home / name).read_bytes()


def test_no_path_brings_out_what_lies_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, deck = plant(tmp_path)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SECRET", CANARY)
    chance = random.Random(5)
    built = 0
    for number in range(EXAMPLES):
        linked = number % 20 == 5  # a link refuses the whole deck, so only now and then
        for name, target in LINKS.items() if linked else ():
            (deck / name).symlink_to(target)
        path = "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
        path = chance.choice(("", "", f"{home}/", "media/", "../")) + path
        if number % 10 == 0:
            path = "./" * chance.randint(0, 2) + chance.choice(("media/dot.png", "word.mp3"))
        body = chance.choice(FORMS).format(path)
        with opened() as names:
            compiled = compile_deck(make_deck(deck, {"01-cards.md": "# T\n\n" + card(f"x {body}")}))
        for name in LINKS:
            (deck / name).unlink(missing_ok=True)
        assert not {"beside.png", "secret.mp3", "config", ".env", "link.png"} & set(names), body
        said = "".join(formatter(name, excerpt=True)(compiled.problems) for name in FORMATS)
        assert CANARY not in said, body
        if compiled.deck:
            built += 1
            finished = package(compiled.deck, "dev", 1_700_000_000)
            with zipfile.ZipFile(BytesIO(finished.data)) as zipped:
                inside = b"".join(zipped.read(name) for name in zipped.namelist())
            assert CANARY.encode() not in inside, body
    assert built > EXAMPLES // 100
    assert CANARY not in "".join(capsys.readouterr())
