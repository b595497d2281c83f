"""Pictures and sounds are resolved before a card is rendered; what is shipped was checked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path, PurePosixPath

import pytest

from deckwright.compile import compile_deck
from deckwright.media import files
from deckwright.media.library import PICTURE, Checked, Library
from deckwright.media.library import SOUND as A_SOUND
from deckwright.model import Problem, quiet
from deckwright.rendering.pool import Budget
from deckwright.rendering.render import Rendered, Shared, render
from deckwright.rendering.within_budget import resolve_all
from deckwright.source.cards import parse
from deckwright.source.folder import load
from deckwright.source.tree import walk
from tests.decks import card, make_deck, png
from tests.media.test_files import opened

SAMPLES = Path(__file__).parent / "samples"
SOUND = (SAMPLES / "a.mp3").read_bytes()
SLOW = (
    b'<svg xmlns="http://www.w3.org/2000/svg">'
    + b"<circle cx='1' cy='2' style='fill:none'/>" * 50_000
    + b"</svg>"
)
"""Takes a second or more: each of its styles is read."""
HUNGRY = SLOW.replace(b"</svg>", b"<g/>" * 700_000 + b"</svg>")
"""Takes four times as long, in the 5 MB that a file may have."""
unix = pytest.mark.skipif(sys.platform == "win32", reason="the processor's time is Unix's")
linux = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")


def shows(*names: str) -> str:
    """A file of cards, each shows a picture."""
    cards = (card(f"![a grey square]({name})", f"{name}?", f"c{n}") for n, name in enumerate(names))
    return "# T\n\n" + "".join(cards)


def rendered(root: Path, media: Library, meanwhile: Callable[[], object]) -> list[Rendered]:
    """The cards of a deck, rendered after something happened to its folder."""
    folder = load(root)
    assert folder.info
    parsed = [parse(source, folder.info, set()) for source in folder.sources]
    meanwhile()
    shared = Shared(media)
    return [render(one, file.lines_of(one), shared) for file in parsed for one in file.cards]


# A library is a value


TARGETS = (
    *("media/dot.png", "media/DOT.png", "media/bad.png", "media/none.png", "a%20b.png", "01.md"),
    *("linked/dot.png", "link.png", "media", "folder.png", "../x.png", ".x.png", "word.mp3"),
    "figures/curve.svg",
)


def test_nothing_is_read_while_cards_are_rendered(tmp_path: Path) -> None:
    root = make_deck(
        tmp_path / "deck",
        {
            "01.md": shows(*TARGETS),
            "media/dot.png": png(),
            "media/bad.png": b"MZ",
            "a b.png": png(2),
            "word.mp3": SOUND,
            "folder.png/x.txt": "",
            "figures/curve.svg": (SAMPLES / "figure.svg").read_bytes(),
        },
    )
    (root / "linked").symlink_to("media")
    (root / "link.png").symlink_to("media/dot.png")
    media = files.resolve(root, walk(root))
    before = rendered(root, media, lambda: None)
    with opened() as names:

        def lose() -> None:
            shutil.rmtree(root)
            names.clear()

        after = rendered(root, media, lose)
    assert names == []
    assert after == before
    assert [len(one.media) for one in before] == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    asked = [[path.as_posix() for path in one.asked] for one in before]
    there = {
        *("media/dot.png", "media/bad.png", "a b.png", "01.md", "link.png", "media", "folder.png"),
        "figures/curve.svg",
    }
    assert {path for paths in asked for path in paths} == there
    assert all(len(one.problems) == (not one.media) for one in before)


def test_a_picture_may_lie_beside_the_script_that_makes_it(tmp_path: Path) -> None:
    names = ("figures/curve.png", "LICENSE.png")
    pictures = dict.fromkeys(names, png())
    compiled = compile_deck(make_deck(tmp_path, {"01.md": shows(*names), **pictures}))
    assert compiled.deck, compiled.problems
    assert {one.name.rpartition("-")[0] for one in compiled.deck.media} == {"curve", "license"}


def test_a_file_has_one_name_as_a_picture_and_none_as_a_sound(tmp_path: Path) -> None:
    media = files.resolve(make_deck(tmp_path, {"dot.png": png()}), walk(tmp_path))
    path = media.find(PICTURE, PurePosixPath(), "dot.png")
    assert path == PurePosixPath("dot.png")
    file = media.file(PICTURE, path)
    assert isinstance(file, Checked)
    assert file.name == file.written == f"dot-{sha256(png()).hexdigest()[:16]}.png"
    refused = media.file(A_SOUND, path)
    assert isinstance(refused, Problem)
    assert refused.what == "'dot.png' is not a sound that every Anki shows"


# What takes too much


@unix
def test_a_slow_drawing_is_named_where_it_is_shown_and_takes_no_other_with_it(
    tmp_path: Path,
) -> None:
    names = ("media/before.png", "media/slow.svg", "media/unused.svg", "media/zlast.png")
    deck = {"01.md": shows(*names[:2], *names[3:], "./media/slow.svg")}
    media = {name: SLOW if name.endswith("svg") else png() for name in names}
    root = make_deck(tmp_path, deck | media)
    budget = Budget(seconds=0.2)
    compiled = compile_deck(root, budget=budget)
    found = [(one.rule, one.place.line, one.message) for one in compiled.problems]
    words = "checking 'slow.svg' takes more than 0.2 seconds or 512 MB: save it again, in a "
    assert found == [
        ("bad-picture", 10, f"{words}plainer form"),
        ("bad-picture", 18, f"{words}plainer form"),
        ("unused-file", 1, "no card uses unused.svg: use it, or move it out of the deck's folder"),
    ]
    assert compiled.deck is None
    assert [note.media[0][:-21] for note in compiled.notes.values()] == ["before", "zlast"]
    library = resolve_all(load(root), quiet, budget)
    fit = [path.name for path, one in library.files.items() if isinstance(one, Checked)]
    assert fit == ["before.png", "zlast.png"]


@unix
def test_where_the_time_for_all_files_is_up_those_that_are_left_are_named(tmp_path: Path) -> None:
    names = [f"{number}.svg" for number in range(6)]
    root = make_deck(tmp_path, {"01.md": shows(*names)} | dict.fromkeys(names, SLOW))
    compiled = compile_deck(root, budget=Budget(seconds=0.2, media=0.3))
    whats = [one.what for one in compiled.problems if one.rule == "bad-picture"]
    assert len(whats) == 6
    assert "'5.svg' was not checked, because the time for this deck was up" in whats


@unix
def test_files_that_a_card_names_are_checked_before_all_others(tmp_path: Path) -> None:
    names = ("z last.png", "z%20also.png", "zzz.PNG", "zé.png")
    unused = {f"{number}.svg": SLOW for number in range(6)}
    pictures = " ".join(f"![a grey square](<{name}>)" for name in names)
    text = "# T\n\n" + card(pictures)
    root = make_deck(tmp_path, {"01.md": text, "z also.png": png(), **unused})
    for name in (names[0], *names[2:]):
        (root / name).write_bytes(png())
    compiled = compile_deck(root, budget=Budget(media=0.3))
    assert {one.rule for one in compiled.problems} == {"unused-file"}
    assert compiled.deck


@linux
def test_a_file_that_kills_who_checks_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(root: Path, path: PurePosixPath) -> Checked | Problem:
        if path.name == "deadly.mp3":
            os.kill(os.getpid(), signal.SIGKILL)
        return sound(root, path)

    sound = files._check
    monkeypatch.setattr(files, "_check", check)
    names = ("deadly.mp3", "word.mp3")
    text = "# T\n\n" + "".join(card(f"[a word]({name})", f"{name}?", name[:4]) for name in names)
    root = make_deck(tmp_path, {"01.md": text} | dict.fromkeys(names, SOUND))
    compiled = compile_deck(root)
    [found] = compiled.problems
    assert (found.rule, found.place.line) == ("bad-sound", 6)
    assert found.what.startswith("checking 'deadly.mp3' ends the program that renders it")
    assert [*compiled.notes] == ["word"]


@linux
def test_a_hungry_drawing_is_named_too(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01.md": shows("big.svg", "dot.png"), "big.svg": HUNGRY})
    (root / "dot.png").write_bytes(png())
    program = (  # in a process of its own, as the memory that another no longer uses would do
        "import sys; from pathlib import Path; from deckwright.compile import compile_deck;"
        "from deckwright.rendering.pool import Budget;"
        "compiled = compile_deck(Path(sys.argv[1]), budget=Budget(memory=16 << 20));"
        "print(*(one.what for one in compiled.problems))"
    )
    command = [sys.executable, "-c", program, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    what = "checking 'big.svg' takes more than 2 seconds or 64 MB\n"
    assert (done.stdout, done.stderr) == (what, "")


# What is shipped


def test_only_what_cards_show_is_read_to_be_shipped(tmp_path: Path) -> None:
    unused: dict[str, str | bytes] = {"unused.png": png(2), "broken.svg": "<svg", "a.mp3": SOUND}
    root = make_deck(tmp_path, {"01.md": shows("used.png"), "used.png": png(), **unused})
    with opened() as names:
        compiled = compile_deck(root, budget=Budget(method="fork"))
    assert compiled.deck
    assert [one.data for one in compiled.deck.media] == [png()]
    assert {"used.png", *unused} & {*names} == {"used.png"}
    found = {(Path(one.place.path).name, one.rule) for one in compiled.problems}
    assert found == {(name, "unused-file") for name in unused}


def _delete(path: Path) -> None:
    path.unlink()


def _link(path: Path) -> None:
    path.rename(path.with_name("other.png"))
    path.symlink_to("other.png")


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(6_000_000)


@pytest.mark.parametrize(
    "change", [lambda path: path.write_bytes(png(2)), _delete, _link, _grow, Path.touch]
)
@pytest.mark.parametrize("budget", [None, Budget()], ids=["here", "workers"])
def test_a_file_that_changed_since_it_was_checked_is_not_shipped(
    budget: Budget | None,
    change: Callable[[Path], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = make_deck(tmp_path, {"01.md": shows("dot.png", "same.png")})
    for name in ("dot.png", "same.png"):
        (root / name).write_bytes(png(1 if name == "dot.png" else 3))

    def swapped(*given: object) -> Library:
        found = resolve_all(*given)  # type: ignore[arg-type]
        change(root / "dot.png")
        return found

    monkeypatch.setattr("deckwright.compile.resolve_all", swapped)
    compiled = compile_deck(root, budget=budget)
    if change is Path.touch:  # the content is as it was
        assert compiled.deck
        assert [one.data for one in compiled.deck.media] == [png(1), png(3)]
        return
    [found] = [one for one in compiled.problems if one.rule == "bad-picture"]
    assert found.place.path == (root / "dot.png").as_posix()
    assert found.message == "dot.png changed while the deck was read: build it again"
    assert compiled.deck is None


def test_a_drawing_with_other_line_ends_is_what_was_checked(tmp_path: Path) -> None:
    drawing = (SAMPLES / "figure.svg").read_bytes()
    crlf = drawing.replace(b"\n", b"\r\n")
    compiled = compile_deck(make_deck(tmp_path, {"01.md": shows("a.svg"), "a.svg": crlf}))
    assert compiled.deck, compiled.problems
    [media] = compiled.deck.media
    assert b"\r" not in media.data
    assert media.name == f"a-{sha256(media.data).hexdigest()[:16]}.svg"


def test_too_much_is_known_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckwright.media.files.MAX_MEDIA", 2 * len(png()))
    names = [f"{number}.png" for number in range(4)]
    same = {name: png() for name in names}
    root = make_deck(tmp_path, {"01.md": shows("0.png", "1.png"), **same})
    assert compile_deck(root).errors == 0
    (root / "01.md").write_text(shows(*names), encoding="utf-8")
    with opened() as read:
        compiled = compile_deck(root)
    assert [one.rule for one in compiled.problems] == ["file-too-big"]
    assert not {*names} & {*read}
