"""What ``check --fix`` writes, and what it leaves to people."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

import pytest

from deckwright.commands.fixing import mend
from deckwright.compile import Compiled, compile_deck
from deckwright.source.problems import MAX_ALIKE
from tests.decks import TOML, card, make_deck, release
from tests.program import run

CARDS = "01-cards.md"
HEAD = "# Examples\n\n"
HUM = (b"\xff\xf3\x14\xc0" + bytes(20)) * 2
"""A sound of two frames."""


def mended(root: Path, text: str, toml: str = TOML) -> str:
    """A file after --fix; a second time writes nothing."""
    sounds: dict[str, str | bytes] = {"media/hum.mp3": HUM} if "hum.mp3" in text else {}
    path = make_deck(root, {"deck.toml": toml, CARDS: text, **sounds}) / CARDS
    run("check", "--fix", str(root), cwd=root)
    once = path.read_bytes()
    done = run("check", "--fix", str(root), cwd=root)
    assert path.read_bytes() == once
    assert "nothing that --fix can mend" in done.stderr
    return once.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\\(x^2\\)", "$x^2$"),
        ("\\( x^2 \\)", "$x^2$"),
        ("so \\(x\\)2 and", "so $`x`$2 and"),
        ("\\[\nx^2\n\\]", "$$x^2$$"),
        ("A <b>word.", "A <b>word.</b>"),
        ("A <font color=red>word</font>.", "A word."),
        ("<center>A word.</center>", '<div align="center">A word.</div>'),
        (
            '<picture><source srcset="x.png"><img src="media/dot.png" alt="a grey dot"></picture>',
            '<img src="media/dot.png" alt="a grey dot">',
        ),
        ("A word.\n\n### why:\nb", "A word.\n\n### Why\nb"),
        ("A {{C1::word}}.", "A {{c1::word}}."),
        ("A <b>word</b> and <i>two.\n\nMore.", "A <b>word</b> and <i>two.</i>\n\nMore."),
        ("<i>a <b>c</i> d", "<i>a <b>c</b></i> d"),
        ("- a <b>c\n- d", "- a <b>c</b>\n- d"),
        ("| a | b |\n|-|-|\n| <b>c | d |", "| a | b |\n|-|-|\n| <b>c</b> | d |"),
        ("cafe\u0301 and re\u0301sume\u0301", "café and résumé"),
        ("in\u200bvisible\u00ad and&#8203; more", "invisible and more"),
        ("two\u2028lines", "two lines"),
        ("![the word](media/hum.mp3)", "[the word](media/hum.mp3)"),
        ("Listen: ![](media/hum.mp3) twice", "Listen: [hum](media/hum.mp3) twice"),
    ],
)
def test_a_text_is_mended(before: str, after: str, tmp_path: Path) -> None:
    assert mended(tmp_path, HEAD + card(before)) == HEAD + card(after)
    assert compile_deck(tmp_path).deck


@pytest.mark.parametrize(
    "text",
    [
        "A price of \\(5 or \\$5\\)",
        "\\(x $y$\\)",
        "<script>x",
        "A <b>word {{c1::here</b>}}",
        "A private \ue000 sign",
        "<!-- a note -->",
        "{{c1::a",
        "In the shell\n##comment line\nls",
        "- item\n  ##x y",
        "A.\n\n##comment line",
        "A.\n\n<!-- id: b -->",
    ],
)
def test_what_only_a_person_can_mend_is_left(text: str, tmp_path: Path) -> None:
    assert mended(tmp_path, HEAD + card(text)) == HEAD + card(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\nA.", "<!-- id: a-question -->\n\nA."),
        ("<!-- -->\n\nA.", "<!-- id: a-question -->\n\nA."),
        ("<!-- tags: [x] -->\n\nA.", "<!--\nid: a-question\ntags: [x]\n-->\n\nA."),
        ("<!--\ntags: [x]\n-->\n\nA.", "<!--\nid: a-question\ntags: [x]\n-->\n\nA."),
        ("<!-- id my-card -->\n\nA.", "<!-- id: my-card -->\n\nA."),
        ("<!- id: q4 ->\n\nA.", "<!-- id: q4 -->\n\nA."),
        ("<-- id: q4 -->\n\nA.", "<!-- id: q4 -->\n\nA."),
        ("<! -- id: q4 -->\n\nA.", "<!-- id: q4 -->\n\nA."),
        ("<!-- id: q4 --\n\nA.", "<!-- id: q4 -->\n\nA."),
        ("id: q4\n\nA.", "<!-- id: q4 -->\n\nA."),
        ("<!-- id: a -->\n<!-- tags: [x] -->\n\nA.", "<!--\nid: a\ntags: [x]\n-->\n\nA."),
        (
            "<!-- id: a\n\nA.\n\n## B?\n<!-- id: b -->\n\nB.",
            "<!-- id: a -->\n\nA.\n\n## B?\n<!-- id: b -->\n\nB.",
        ),
        ("<!--\nid: a\ntags: #x #y\n-->\n\nA.", "<!--\nid: a\ntags: [x, y]\n-->\n\nA."),
        ("<!--\nid: a\ntags: x y, z\n-->\n\nA.", "<!--\nid: a\ntags: [x-y, z]\n-->\n\nA."),
        ("<!-- id:my-card -->\n\nA.", "<!-- id: my-card -->\n\nA."),
        ("<!-- ID: my-card -->\n\nA.", "<!-- id: my-card -->\n\nA."),
        ("<!-- id = my-card -->\n\nA.", "<!-- id: my-card -->\n\nA."),
        ("<!-- id: My Card -->\n\nA.", "<!-- id: my-card -->\n\nA."),
        ("<!-- id: a tags: [x] -->\n\nA.", "<!--\nid: a\ntags: [x]\n-->\n\nA."),
        ("<!--\nid: a\n\ttags: [x]\n-->\n\nA.", "<!--\nid: a\ntags: [x]\n-->\n\nA."),
        ("<!--\nid: a\ntag: [x]\n-->\n\nA.", "<!--\nid: a\ntags: [x]\n-->\n\nA."),
        ("<!--\nid: a\nTags: x y\n-->\n\nA.", "<!--\nid: a\ntags: [x, y]\n-->\n\nA."),
        ("<!--\nid: a\ntags: x, y\n-->\n\nA.", "<!--\nid: a\ntags: [x, y]\n-->\n\nA."),
        (
            "<!--\nid: a\noff: [long-anser]\n-->\n\nA.",
            "<!--\nid: a\noff: [long-answer]\n-->\n\nA.",
        ),
    ],
)
def test_a_comment_is_mended(before: str, after: str, tmp_path: Path) -> None:
    head = HEAD + "## A question?\n"
    assert mended(tmp_path, head + before + "\n") == head + after + "\n"
    assert not compile_deck(tmp_path).problems


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\ntags: [x]\n", "---\ntags: [x]\n---\n"),
        ("---\ntags: [x]\n\n", "---\ntags: [x]\n---\n\n"),
        ("\n---\ntags: [x]\n---\n", "---\ntags: [x]\n---\n"),
        ("---\nTag: [x]\n---\n", "---\ntags: [x]\n---\n"),
        ("---\ntags x y\n---\n", "---\ntags: [x, y]\n---\n"),
        ("---\ndeck: Examples::a: b\n---\n", '---\ndeck: "Examples::a: b"\n---\n'),
    ],
)
def test_a_front_matter_is_mended(before: str, after: str, tmp_path: Path) -> None:
    text = HEAD + card("A.")
    assert mended(tmp_path, before + text) == after + text
    assert not compile_deck(tmp_path).problems


def test_a_heading_without_a_space_gets_one(tmp_path: Path) -> None:
    text = card("A.\n\n### Why\n\nSo.")
    one, two = text, text.replace("## A", "##A").replace("a-card", "b").replace("?", "??")
    good = two.replace("##A", "## A")
    assert mended(tmp_path, HEAD + one + "\n" + two) == HEAD + one + "\n" + good


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("What is a VAE?", "what-is-a-vae"),
        ("Größe: wie groß?", "grosse-wie-gross"),
        ("Où est l'été?", "ou-est-l-ete"),
        ("$\\alpha$ and {{x}}", "alpha-and-x"),
        ("何ですか", "c-" + sha256("何ですか".encode()).hexdigest()[:8]),
        ("A very long question that has far more than forty signs", None),
        ("x" * 50, "x" * 40),
    ],
)
def test_an_id_is_made_of_the_prompt(prompt: str, name: str | None, tmp_path: Path) -> None:
    name = name or "a-very-long-question-that-has-far-more"
    text = mended(tmp_path, f"{HEAD}## {normalize('NFC', prompt)}\n\nA.\n")
    assert f"\n<!-- id: {name} -->\n" in text


def test_an_id_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    toml = f'{TOML}[retired]\nthree = "wrong"\n'
    text = (
        HEAD
        + card("A.", "Another?", "two")
        + "".join(f"\n## {name}\n\n{name}\n" for name in ("One", "one", "One!", "Two", "Three"))
    )
    after = mended(tmp_path, text, toml)
    for name in ("one", "one-2", "one-3", "two-2", "three-2"):
        assert f"<!-- id: {name} -->" in after


# Released cards

ONE = card("Paris.", "What is the capital of France?", "capital-of-france")
TWO = card("At 100 °C.", "How hot must water be to boil?", "boiling-water")
THREE = "## Which planet is the largest?\n\nJupiter.\n"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    release(make_deck(tmp_path, {CARDS: HEAD + ONE + "\n" + TWO}))
    return tmp_path


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "<!-- capital-of-france -->\n",
        "<!-- id: capital of france -->\n",
        "<!-- id: capital-off-france -->\n",
        "<!-- tags: [] -->\n",
        "<!-- id capital-of-paris -->\n",
    ],
)
def test_a_released_card_gets_its_own_id_back(comment: str, released: Path) -> None:
    spoilt = ONE.replace("<!-- id: capital-of-france -->\n", comment)
    run("check", "--fix", str(released), cwd=released)
    (released / CARDS).write_text(HEAD + spoilt + "\n" + TWO + "\n" + THREE, encoding="utf-8")
    run("check", "--fix", str(released), cwd=released)
    compiled = compile_deck(released)
    assert not compiled.problems
    assert compiled.matches.keys() == {"capital-of-france", "boiling-water"}
    assert compiled.notes.keys() == {*compiled.matches, "which-planet-is-the-largest"}


def test_a_card_that_may_be_a_released_one_gets_no_new_id(released: Path) -> None:
    spoilt = ONE.replace("<!-- id: capital-of-france -->\n", "").replace("Paris.", "It is Paris.")
    text = HEAD + spoilt + "\n" + TWO + "\n" + THREE
    (released / CARDS).write_text(text, encoding="utf-8")
    done = run("check", "--fix", str(released), cwd=released)
    assert "left as it is: it may be a released card in other words [missing-id]" in done.stderr
    after = (released / CARDS).read_text(encoding="utf-8")
    assert after == text.replace(
        "largest?\n", "largest?\n<!-- id: which-planet-is-the-largest -->\n"
    )


def test_a_new_card_gets_an_id_though_a_released_one_is_gone(released: Path) -> None:
    (released / CARDS).write_text(HEAD + TWO + "\n" + THREE, encoding="utf-8")
    done = run("check", "--fix", str(released), cwd=released)
    assert "[id-gone]" in done.stdout
    assert "<!-- id: which-planet-is-the-largest -->" in (released / CARDS).read_text("utf-8")


# Files


def test_a_file_keeps_its_line_ends_its_mark_and_its_mode(tmp_path: Path) -> None:
    text = (HEAD + "## A question?\n\nA <b>word.\n").replace("\n", "\r\n")
    path = make_deck(tmp_path, {CARDS: b"\xef\xbb\xbf" + text.encode()}) / CARDS
    path.chmod(0o640)
    assert run("check", "--fix", cwd=tmp_path).returncode == 0
    good = text.replace("?\r\n", "?\r\n<!-- id: a-question -->\r\n").replace("d.", "d.</b>")
    assert path.read_bytes() == b"\xef\xbb\xbf" + good.encode()
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o640
    assert {one.name for one in tmp_path.iterdir()} == {CARDS, "deck.toml"}


def test_diff_shows_what_would_be_written_and_writes_nothing(tmp_path: Path) -> None:
    text = HEAD + "## A question?\n\n\\(x\\)\n"
    path = make_deck(tmp_path, {CARDS: text}) / CARDS
    done = run("check", "--diff", cwd=tmp_path)
    assert done.stdout == (
        f"--- {CARDS}\n+++ {CARDS}\n@@ -1,5 +1,6 @@\n # Examples\n \n ## A question?\n"
        "+<!-- id: a-question -->\n \n-\\(x\\)\n+$x$\n"
    )
    assert f"{CARDS}: 2 would be mended: 1 math-delimiter, 1 missing-id\n" in done.stderr
    assert path.read_text() == text


def test_fix_says_what_it_wrote_and_what_is_left(tmp_path: Path) -> None:
    text = HEAD + "## A question?\n\nA $word.\n\n## Another?\n\nB.\n"
    make_deck(tmp_path, {CARDS: text})
    done = run("check", "--fix", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{CARDS}: 2 mended: 2 missing-id\n")
    assert "[math-unclosed]" in done.stdout
    assert "[missing-id]" not in done.stdout


def test_fix_of_a_good_deck_writes_nothing(tmp_path: Path) -> None:
    path = make_deck(tmp_path, {CARDS: HEAD + card("A.")}) / CARDS
    before = path.stat()
    done = run("check", "--fix", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_card_without_an_error_is_not_changed_by_what_is_wrong_beside_it(tmp_path: Path) -> None:
    text = HEAD + card("A\u00a0b.") + "\n" + card("\\(x\\)", "Another?", "b")
    make_deck(tmp_path, {CARDS: text})
    note = compile_deck(tmp_path).notes["a-card"]
    run("check", "--fix", cwd=tmp_path)
    assert compile_deck(tmp_path).notes["a-card"] == note


# One file


def test_a_file_of_a_deck_is_checked_alone(tmp_path: Path) -> None:
    deck = make_deck(
        tmp_path / "content",
        {"01-a.md": HEAD + card("A $x."), "02-b.md": "# B\n\n" + card("B $y.", "B?", "b")},
    )
    for name, cwd in (
        ("content/02-b.md", tmp_path),
        ("02-b.md", deck),
        (str(deck / "02-b.md"), tmp_path),
        ("../content/02-b.md", deck),
    ):
        done = run("check", name, cwd=cwd)
        assert done.returncode == 1
        assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [name]
        assert done.stderr.endswith("1 card, 1 error\n")


def test_only_the_files_that_are_named_are_mended(tmp_path: Path) -> None:
    text = "# T\n\n## A question?\n\nA.\n"
    deck = make_deck(tmp_path / "content", {"01-a.md": text, "02-b.md": text, "03-c.md": text})
    run("check", "--fix", "content/01-a.md", "content/03-c.md", cwd=tmp_path)
    changed = [(deck / name).read_text() != text for name in ("01-a.md", "02-b.md", "03-c.md")]
    assert changed == [True, False, True]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["none.md"], "there is no none.md"),
        (["lone.md"], "lone.md is in no deck: there is no deck.toml"),
        (["content", "other"], "name one DECK, or some files of one deck"),
        (["content/01-cards.md", "other/01-cards.md"], "these files are of several decks"),
        (["content/README.md"], "holds no cards"),
    ],
)
def test_what_cannot_be_checked_is_said_in_words(
    args: list[str], words: str, tmp_path: Path
) -> None:
    for name in ("content", "other"):
        make_deck(tmp_path / name, {CARDS: HEAD + card("A."), "README.md": "Hello.\n"})
    (tmp_path / "lone.md").write_text("# T\n")
    done = run("check", *args, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr


def test_json_after_fix_has_what_is_left(tmp_path: Path) -> None:
    make_deck(tmp_path, {CARDS: HEAD + "## A question?\n\nA $x.\n"})
    rows = json.loads(run("check", "--fix", "--format", "json", cwd=tmp_path).stdout)
    assert [(row["rule"], row["card"]) for row in rows] == [("math-unclosed", "a-question")]


def test_more_slips_than_are_named_are_all_mended(tmp_path: Path) -> None:
    slips = MAX_ALIKE + 100
    text = HEAD + "\n".join(card("\\(x\\)", f"Question {n}?", f"q{n}") for n in range(slips))
    make_deck(tmp_path, {CARDS: text})

    def compile_(instead: Mapping[str, str]) -> Compiled:
        return compile_deck(tmp_path, engine=False, budget=None, instead=instead)

    mended = mend(compile_)
    assert not mended.left_out
    assert {path: done.total() for path, done in mended.files.done.items()} == {
        (tmp_path / CARDS).as_posix(): slips
    }
    assert mended.compiled.deck


def test_a_key_in_the_line_of_the_id_is_not_lost(tmp_path: Path) -> None:
    text = HEAD + "## A?\n<!--\nid: one-cardtags: [level::more]\n-->\n\nA.\n"
    path = make_deck(tmp_path, {CARDS: text}) / CARDS
    assert run("check", "--fix", cwd=tmp_path).returncode == 1
    assert path.read_text(encoding="utf-8") == text


def test_a_released_card_is_not_cut_in_two(tmp_path: Path) -> None:
    text = HEAD + card("In C, write a macro.")
    root = make_deck(tmp_path / "content", {CARDS: text})
    release(root)
    text += "\n##Define it\n\nfor a macro.\n"
    (root / CARDS).write_text(text, encoding="utf-8")
    done = run("check", "--fix", cwd=tmp_path)
    assert "a released card would be cut in two" in done.stderr
    assert (root / CARDS).read_text(encoding="utf-8") == text
