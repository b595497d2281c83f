"""Hostile and broken decks: each is refused at its place, or does no harm in the package."""

from __future__ import annotations

import csv
import os
import re
import resource
import shutil
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from deckwright.commands import main
from deckwright.compile import compile_deck
from deckwright.model import DeckInfo, Source
from deckwright.source.cards import parse
from deckwright.source.limits import MAX_FILE
from tests.apkg.test_package import database
from tests.decks import TOML, card, make_deck, png
from tests.program import run

CORPUS = Path(__file__).parent / "hostile"


@dataclass(frozen=True)
class Case:
    """A line of the manifest."""

    file: str
    kind: str
    expected: str
    why: str


with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as manifest:
    CASES = [Case(*row) for row in csv.reader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]

DEVIATIONS = {
    "frontmatter/deck-number.md": (
        "ok",
        "every value is a text, whatever YAML would make of it: a deck may be called 2024",
    ),
    "frontmatter/bad-date.md": (
        "ok",
        "every value is a text, so that no date is read, and 2024-13-45 is a name like any other",
    ),
    "math/ok-in-table.md": (
        "error",
        "GitHub cuts a cell at a bare bar, within a formula too: the place is named, and \\|",
    ),
    **dict.fromkeys(
        (
            "blowup/open-brackets.md",
            "blowup/link-open.md",
            "blowup/tabs.md",
            "blowup/front-brackets.md",
        ),
        ("ok", "our reader of Markdown takes it for the text that it is, and no time"),
    ),
    "html/less-than.md": (
        "error",
        "GitHub reads <b and c> as a tag and hides it from reviewers: the place is named, and &lt;",
    ),
}
"""What becomes of a case instead of what its manifest expects, and why that is better."""
SILENT = {
    "ankisyntax/in-code.md": "code about Anki's marks is meant to be code about them",
    "html/slash-attrs.md": "no tag on GitHub, and none here: text",
    "html/md-link-newline.md": "no link on GitHub, and none here: text",
}
"""The cases of ``safe`` that build without a word about what is in them."""
STORED_AS = {"con_.png": "con.png"}
"""Files that a repository cannot hold under their names."""
SHOWN = {
    "encoding/bom-start.md": ["x"],
    "encoding/bom-then-heading.md": ["F", "A"],
    "encoding/crlf.md": ["line 1\nline 2"],
    "encoding/no-final-newline.md": ["A"],
    "encoding/legit-bidi-zwj.md": ["فارسی: می\u200cخواهم; emoji 👩\u200d🔬; עברית"],
    "frontmatter/missing-deck.md": ["Answer."],
    "frontmatter/deck-number.md": ["Answer."],
    "frontmatter/bad-date.md": ["Answer."],
    "identity/windows-device.md": ["F", "G"],
    "identity/heading-in-fence.md": ["## Not a card\n<!-- id: fake -->"],
    "card/image-only-front.md": ["A"],
    "card/math-only-front.md": [r"\(x^2\)"],
    "card/same-front-twice.md": ["A1", "A2"],
    "card/cloze-unopened.md": ["x}} y"],
    "card/cloze-nested.md": ["{{c1::a {{c2::b}} c}}"],
    "card/mustache.md": ["{{Front}} {{FrontSide}} {{#Back}} {{type:Front}} {{/Back}}"],
    "html/shown-in-code.md": ["<script>alert(1)</script>", "and <img onerror=x>"],
    "math/ok-escaped-dollar.md": [r"$5 and \(x\$y\)"],
    "math/ok-markdown-in-math.md": [r"\(a_1 * b_2 * c_3\) and \(x^*_i\)"],
    "math/ok-matrix.md": [r"\[\begin{pmatrix}a & b \\ c & d\end{pmatrix}\]"],
    "math/ok-chem.md": [r"\(\ce{2H2 + O2 -> 2H2O}\)"],
    "control/minimal.md": ["A"],
    "control/cloze.md": [
        r"{{c1::Paris::city}} is the capital of {{c2::France}}; \({{c1::x}}\) no."
    ],
    "frontmatter/tags-string.md": ["Answer."],
    "control/long-legit.md": [],
    "blowup/open-brackets.md": ["[[[["],
    "blowup/link-open.md": ["[a]([a]("],
    "blowup/tabs.md": ["a"],
    "blowup/front-brackets.md": ["[[[["],
}
"""What is to be read in a package, of the cases that are fine."""


def expected(case: Case) -> str:
    return DEVIATIONS.get(case.file, (case.expected,))[0]


def test_the_corpus_is_whole() -> None:
    assert len(CASES) > 200
    listed = {case.file for case in CASES}
    files = {
        path.relative_to(CORPUS).as_posix() for path in CORPUS.glob("*/*") if path.suffix == ".md"
    }
    folders = {
        f"{path.relative_to(CORPUS).as_posix()}/" for path in CORPUS.glob("*/*") if path.is_dir()
    }
    assert files | folders == listed
    attributes = (CORPUS / ".gitattributes").read_text(encoding="utf-8")
    assert re.search(r"^\* -text", attributes, re.MULTILINE)
    assert (CORPUS / "encoding" / "crlf.md").read_bytes().count(b"\r\n") > 5


def test_the_tables_are_about_cases_that_there_are() -> None:
    by_file = {case.file: case for case in CASES}
    assert DEVIATIONS.keys() | SILENT.keys() | SHOWN.keys() <= by_file.keys()
    assert all(by_file[name].expected != now for name, (now, _) in DEVIATIONS.items())
    assert all(expected(by_file[name]) == "safe" for name in SILENT)
    fine = {case.file for case in CASES if expected(case) == "ok" and case.kind != "media"}
    assert fine == SHOWN.keys()


DECKS = '["Demo", "5", "2024-13-45"]'
"""Where the cases put their cards."""


def deck_of(case: Case, root: Path) -> Path:
    """A case as a deck, with what it needs and does not bring."""
    source = CORPUS / case.file
    if source.is_dir():
        shutil.copytree(source, root)
        for stored, name in STORED_AS.items():
            for path in root.rglob(stored):
                path.rename(path.with_name(name))
    else:
        root.mkdir(parents=True)
        shutil.copy(source, root)
        if b"](img/a.png)" in source.read_bytes():
            (root / "img").mkdir()
            (root / "img" / "a.png").write_bytes(png())
    if not (root / "deck.toml").exists():
        (root / "deck.toml").write_text(f"{TOML}decks = {DECKS}\n", encoding="utf-8")
    return root


@dataclass(frozen=True)
class Done:
    """How a build ended."""

    exit: int
    output: str
    package: Path

    def places(self, severity: str) -> list[tuple[str, int]]:
        """The files and lines of the findings of a severity."""
        found = re.findall(
            rf"^(.+?):(\d+):\d+: {severity}: .+: .+ \[[a-z0-9-]+\]$", self.output, re.MULTILINE
        )
        return [(path, int(line)) for path, line in found]


OLD = b"an older package"


def build(root: Path) -> Done:
    """Build a deck as a person would, where an older package is."""
    out = root.parent / "dist"
    out.mkdir(exist_ok=True)
    package = out / "examples-dev.apkg"
    package.write_bytes(OLD)
    done = CliRunner().invoke(main, ["build", str(root), "--output-dir", str(out)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.output, package)


def check_error(done: Done, root: Path) -> None:
    """It ended with a message at a line that there is, and left the older package alone."""
    assert done.exit == 1, done.output
    assert "Traceback" not in done.output
    places = done.places("error")
    assert places, done.output
    for path, line in places:
        assert Path(path).is_relative_to(root)
        text = Path(path).read_bytes().replace(b"\r\n", b"\n") if Path(path).is_file() else b""
        assert 1 <= line <= text.count(b"\n") + 1, (path, line)
    assert done.package.read_bytes() == OLD
    assert [*done.package.parent.iterdir()] == [done.package]


# What a package holds


HARMLESS = set(
    "p br hr h4 h5 h6 strong b em i u s del ins mark small sub sup kbd samp var code pre span div "
    "blockquote q cite abbr dfn ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr "
    "th td a img figure figcaption ruby rb rt rtc rp wbr bdi bdo details summary".split()
)
ATTRIBUTES = set(
    "href src alt title lang dir width height colspan rowspan scope class start type reversed "
    "value span open".split()
)
ALIVE = re.compile(r"\[/?(?:sound:|latex\]|\$\$?\]|anki:)|\[\[type:|\{\{(?!c\d+::)", re.IGNORECASE)
"""What Anki would take for its own in a field, wherever it is."""


ADDRESS = r"(?:mailto:|https?://(?!\d|\[)(?:[^./@]+\.)+(?!local)(?:[^\W\d]|-))\S*$"
"""Where a link of a card may lead: to no program on the learner's own machine."""


class Field(HTMLParser):
    """A field, read by another parser than the one that cleaned it."""

    def __init__(self, html: str, media: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.media = media
        self.text = ""
        self.harm: list[str] = [f"alive: {one[0]}" for one in ALIVE.finditer(html)]
        self.pictures = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += "\n" * (tag in ("p", "br", "td", "pre"))
        if tag not in HARMLESS:
            self.harm.append(f"<{tag}>")
        for name, value in attrs:
            address = value or ""
            self.pictures += (tag, name) == ("img", "src")
            if name not in ATTRIBUTES:
                self.harm.append(f"<{tag} {name}>")
            if name == "href" and not re.match(ADDRESS, address):
                self.harm.append(f"{name}={address}")
            if name == "src" and address not in self.media:
                self.harm.append(f"{name}={address}")
            if name == "class" and not re.fullmatch(r"(?:language-)?[a-z0-9+#-]*", address):
                self.harm.append(f"{name}={address}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.harm.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.harm.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.harm.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.harm.append(f"<![{data}]>")


def fields_of(package: Path) -> list[Field]:
    """All fields of a package."""
    data = package.read_bytes()
    rows = database(data).execute("SELECT flds FROM notes").fetchall()
    assert rows
    media = set(re.findall(r'"([^"/]+\.[a-z0-9]+)"', media_list(package)))
    return [Field(html, media) for [fields] in rows for html in fields.split("\x1f")]


def media_list(package: Path) -> str:
    from zipfile import ZipFile

    with ZipFile(package) as archive:
        return archive.read("media").decode()


def check_built(done: Done, root: Path) -> list[Field]:
    """It made a package in which nothing is dangerous, and every card is there."""
    assert done.exit == 0, done.output
    assert done.package.read_bytes() != OLD
    fields = fields_of(done.package)
    assert [harm for field in fields for harm in field.harm] == []
    sources = b"".join(path.read_bytes() for path in root.rglob("*.md"))
    if b"Sentinel answer." in sources:
        assert "Sentinel answer." in [field.text.strip() for field in fields]
    return fields


def check_ok(case: Case, fields: list[Field], root: Path) -> None:
    texts = [field.text for field in fields]
    for words in SHOWN.get(case.file, ()):
        assert any(words in text for text in texts), (words, texts)
    sources = b"".join(path.read_bytes() for path in root.rglob("*.md"))
    pictures = len(re.findall(rb"!\[[^\]]*\]\(", sources)) if case.kind != "control" else 0
    assert sum(field.pictures for field in fields) == pictures


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.file,
        )
        for case in CASES
        if case.kind != "blowup"
    ],
)
def test_a_case_becomes_what_is_expected(case: Case, tmp_path: Path) -> None:
    root = deck_of(case, tmp_path / "content")
    done = build(root)
    if expected(case) == "error" or (expected(case) == "safe" and done.exit):
        check_error(done, root)
        return
    fields = check_built(done, root)
    if expected(case) == "ok":
        check_ok(case, fields, root)
    else:
        messages = [line for line in done.output.splitlines() if "no-title" not in line]
        warned = any(": warning: " in line for line in messages)
        assert warned == (case.file not in SILENT), done.output


def test_a_workflow_command_in_a_card_is_none_in_the_annotations() -> None:
    root = CORPUS / "tree" / "workflow-command"
    done = CliRunner().invoke(main, ["check", str(root), "--format", "github"])
    assert done.exit_code
    lines = done.output.splitlines()
    assert [line for line in lines if re.match("::(?!error |warning )", line)] == []


# What would stall


MEMORY = 1 << 30
SECONDS = 10


def limit() -> None:
    """Give a process no more memory than an input may take."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.kind == "blowup"], ids=lambda case: case.file
)
def test_a_text_that_would_stall_its_readers_is_refused_at_its_place_or_read_in_time(
    case: Case, tmp_path: Path
) -> None:
    root = deck_of(case, tmp_path / "content")
    done = run("build", root.name, cwd=root.parent, before=limit, patience=SECONDS)
    if expected(case) == "ok":
        assert done.returncode == 0, done.stderr
        [package] = root.parent.glob("dist/*.apkg")
        check_ok(case, fields_of(package), root)
        return
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (1, False), done.stderr
    assert re.search(r"^content/[a-z-]+\.md:\d+:\d+: error: ", done.stderr, re.MULTILINE)
    assert not (root.parent / "dist").exists()


# What a repository cannot hold


GOOD = "# Examples\n\n" + card("An answer.")
NFD = "e\u0301"


def link_to(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "a link to a file": link_to("01-cards.md"),
    "a link to a folder": link_to("."),
    "a link to nothing": link_to("nowhere.md"),
    "a link to itself": link_to("02-strange.md"),
    "a link out of the deck": link_to("../outside.md"),
    "a link to a device": link_to("/dev/zero"),
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
}


@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_regular_file_is_refused_unread(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    (tmp_path / "outside.md").write_text("## A secret\n<!-- id: secret -->\n\nA secret.\n")
    root = make_deck(tmp_path / "content", {"01-cards.md": GOOD})
    make(root / "02-strange.md")
    done = build(root)
    if make is Path.mkdir:
        assert done.exit == 0  # a folder may be called anything
    else:
        check_error(done, root)
        assert "secret" not in done.output


def test_a_device_is_refused_unread(tmp_path: Path) -> None:
    root = make_deck(tmp_path / "content", {"01-cards.md": GOOD})
    try:
        os.mknod(root / "02-zero.md", 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root may make a device")
    check_error(build(root), root)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("02-a\nb.md", "U+000A (a control character)"),
        ("02-\x1b[31mred.md", "U+001B (a control character)"),
        ("02-\u202edm.exe.md", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("02-\u2066open.md", "U+2066 (LEFT-TO-RIGHT ISOLATE)"),
        (f"02-caf{NFD}.md", "NFC"),
        ("02-more.md.", "does not end in .md"),
        ("02-more.md ", "does not end in .md"),
        ("02-more.MarkDown", "does not end in .md"),
    ],
)
def test_a_strange_name_is_refused_with_its_reason(name: str, words: str, tmp_path: Path) -> None:
    more = "# More\n\n" + card("x", "Another?", "b")
    root = make_deck(tmp_path / "content", {"01-cards.md": GOOD, name: more})
    done = CliRunner().invoke(main, ["check", str(root)])
    assert done.exit_code == 1
    assert words in done.output
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output


def test_quotes_and_letters_of_all_scripts_may_are_in_a_name(tmp_path: Path) -> None:
    names = ["02-\"quoted\" 'twice'.md", "03-Füße.md", "04-עברית.md", "05-日本.md", "06-a::b%20.md"]
    files: dict[str, str | bytes] = {
        name: f"# {index}\n\n" + card("x", f"{index}?", f"c{index}")
        for index, name in enumerate(names)
    }
    root = make_deck(tmp_path / "content", {"01-cards.md": GOOD, **files})
    assert build(root).exit == 0


BROKEN: dict[str, tuple[bytes, str]] = {
    "UTF-16": (GOOD.encode("utf-16"), "not-utf8"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "character"),
    "Latin-1": (GOOD.replace("An", "Án").encode("latin-1"), "not-utf8"),
    "line ends of an old Mac": (GOOD.replace("\n", "\r").encode(), "character"),
    "NFD": (GOOD.replace("An", f"Caf{NFD}").encode(), "not-nfc"),
    "a second comment": (GOOD.replace("-->", "-->\n<!-- id: b -->").encode(), "lost-comment"),
    "a comment that never ends": (GOOD.replace("-->", "").encode(), "unclosed-comment"),
    "a comment after the answer": (
        b"# T\n\n## Q\n\nAn answer.\n\n<!-- id: a -->\n",
        "missing-id",
    ),
    "a list as an id": (GOOD.replace("a-card", "[a, b]").encode(), "bad-id"),
    "a mapping as an id": (GOOD.replace("a-card", "{a: b}").encode(), "bad-comment"),
}


@pytest.mark.parametrize(("data", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_at_its_place(data: bytes, rule: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path / "content", {"01-cards.md": data})
    done = build(root)
    check_error(done, root)
    assert f"[{rule}]" in done.output


# Characters


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\u200bb", "U+200B (ZERO WIDTH SPACE)"),
        ("a\u2060b", "U+2060 (WORD JOINER)"),
        ("a\xadb", "U+00AD (SOFT HYPHEN)"),
        ("a\u202eb", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("a\U000e0041b", "U+E0041 (TAG LATIN CAPITAL LETTER A)"),
        ("a\x1bb", "U+001B (a control character)"),
        ("a\ue000b", "U+E000 (a private-use character)"),
        ("a\u3164b", "U+3164 (HANGUL FILLER)"),
        ("a\u2067b", "U+2067 (RIGHT-TO-LEFT ISOLATE) never closes"),
        ("a\u2069b", "U+2069 (POP DIRECTIONAL ISOLATE) closes nothing"),
        ("a\u2067b\nc\u2069d", "never closes in its line"),
        ("a&#x202E;b", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("a&#8238b", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("a&ZeroWidthSpace;b", "U+200B (ZERO WIDTH SPACE)"),
        ("a&shy;b", "U+00AD (SOFT HYPHEN)"),
        ("a&#xD800;b", "U+D800 (half of a surrogate pair)"),
        ("a&#x110000;b", "U+10FFFF"),
        ("a&#x2067;b", "U+2067 (RIGHT-TO-LEFT ISOLATE) never closes"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e007f",
            "(TAG LATIN SMALL LETTER G) is not allowed in",
        ),
        ("a\u200db", "U+200D (ZERO WIDTH JOINER) is invisible and does nothing here"),
        ("a&zwnj;b", "U+200C (ZERO WIDTH NON-JOINER) is invisible and does nothing here"),
        ("b\ufe0f", "U+FE0F (VARIATION SELECTOR-16) is invisible and does nothing here"),
        ("abc\u200f!", "U+200F (RIGHT-TO-LEFT MARK) does nothing in a line that runs from left"),
        ("b\u180b", "U+180B (MONGOLIAN FREE VARIATION SELECTOR ONE) is invisible and does nothing"),
        ("b\u200e.", "U+200E (LEFT-TO-RIGHT MARK) does nothing in a line that runs from left"),
        ("e&#769;", "COMBINING ACUTE ACCENT"),
        (f"caf{NFD}", "U+0065 (LATIN SMALL LETTER E) and U+0301 (COMBINING ACUTE ACCENT)"),
        ("\u2126", "write U+03A9 (GREEK CAPITAL LETTER OMEGA)"),
    ],
)
def test_a_character_that_hides_is_refused_by_its_name_and_place(
    text: str, words: str, tmp_path: Path
) -> None:
    compiled = compile_deck(make_deck(tmp_path, {"01-cards.md": "# T\n\n" + card(text)}))
    found = [one for one in compiled.problems if one.rule in ("character", "not-nfc")]
    assert words in " ".join(one.message for one in found)
    assert {one.place.line for one in found} <= {6, 7}
    assert found[0].place.column == (
        4
        if text.startswith(("caf", "abc"))
        else 2
        if len(text) > 1 and text[0] in "abe\U0001f3f4"
        else 1
    )


@pytest.mark.parametrize(
    "text",
    [
        "فارسی: می\u200cخواهم, 👩\u200d🔬, 🏳\ufe0f\u200d🌈",
        "עִבְרִית \u200f(a)\u200e, \u2067שלום\u2069 \u2066abc\u2069",
        "\u2067א \u2066b\u2069 ג\u2069",
        "א&rlm;b, می&zwnj;خ, &#x2067;ד&#x2069;",
        "❤\ufe0f 1\ufe0f\u20e3 क्\u200dष ∩\ufe00 𝐱",
        "葛\U000e0100城 and 辻\U000e0101",
        "Tiếng Việt, Ελληνικά, हिन्दी, 한국어, 日本語",
    ],
)
def test_text_of_every_script_stays_as_it_is(text: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path / "content", {"01-cards.md": "# T\n\n" + card(text)})
    fields = check_built(build(root), root)
    assert unescape(text) in [field.text.strip() for field in fields]


@pytest.mark.parametrize("formula", [r"$\{{c9::{z}}\}$", r"$a\{{c999::{z}}\} b$"])
def test_an_escaped_brace_before_a_group_opens_no_cloze(formula: str, tmp_path: Path) -> None:
    text = "# T\n\n" + card(f"A {{{{c1::cloze}}}} and {formula}")
    compiled = compile_deck(make_deck(tmp_path / "content", {"01-cards.md": text}))
    assert compiled.deck
    [note] = compiled.deck.notes
    assert re.findall(r"\{\{c(\d+)::", note.fields[1]) == ["1"]


@pytest.mark.parametrize(
    "front",
    [
        r'deck: "a\x1fb"',
        r'deck: "a\u202eb"',
        r'deck: "a\u200bb"',
        r'deck: "a\u2066b"',
        r'deck: "a\uE000b"',
        r'deck: "a\ud800b"',
        r'deck: "a\ud83d\ude00b"',
        r'tags: ["a\u202eb"]',
        r'tags: ["a\u200bb"]',
        r'tags: ["a\0b"]',
    ],
)
def test_no_escape_brings_a_character_in_behind_yaml(front: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path / "content", {"01-cards.md": f"---\n{front}\n---\n{GOOD}"})
    done = build(root)
    check_error(done, root)
    assert {line for _, line in done.places("error")} == {2}


# Limits


def card_of(body: str) -> dict[str, str | bytes]:
    return {"01-cards.md": "# T\n\n" + card(body)}


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("word " * 6_500, None),
        ("word " * 6_600, "card-too-big"),
        ("[ " * 16_000, None),
        ("` " * 16_000, None),
        ("a < b " * 1_000, None),
        ("a < b " * 1_001, "too-much-markup"),
        ("```\n" + "[<|\n" * 3_000 + "```", None),
        ("a\n" * 16_000, None),
        ("|a" * 99 + "|\n" + "|-" * 99 + "|\n" + "|a\n" * 98, None),
        ("|a" * 99 + "|\n" + "|-" * 99 + "|\n" + "|a\n" * 99, "too-much-markup"),
        ("|a" * 99 + "|\n" + "|-" * 99 + "|\n\n" + "a|b\n\n" * 999, None),
        ("> " * 100 + "x", None),
        ("> " * 101 + "x", "too-deep"),
        ("- " * 101 + "x", "too-deep"),
        ("1. " * 101 + "x", "too-deep"),
        (" " * 404 + "x", None),
        ("<b>" * 500 + "x" + "</b>" * 500, None),
        ("<b>" * 501 + "x" + "</b>" * 501, "too-much-markup"),
        ("<b>x</b><br>" * 120, None),
        ("{{c1::" * 3 + "x" + "}}" * 3, None),
        ("{{c1::" * 4 + "x" + "}}" * 4, "cloze-deep"),
        ("{{c100::x}}", None),
        ("{{c101::x}}", "cloze-number"),
        ("\n\n".join(["```python\n" + "a=b+c;" * 490 + "\n```"] * 3), None),
        ("\n\n".join(["```python\n" + "a=b+c;" * 490 + "\n```"] * 4), "field-too-big"),
    ],
)
def test_a_limit_is_where_it_is_said_to_be(body: str, rule: str | None, tmp_path: Path) -> None:
    found = {one.rule for one in compile_deck(make_deck(tmp_path, card_of(body))).problems}
    limits = {
        "card-too-big",
        "field-too-big",
        "too-much-markup",
        "too-deep",
        "cloze-deep",
        "cloze-number",
    }
    assert found & limits == ({rule} if rule else set())


def test_a_deck_has_eight_levels(tmp_path: Path) -> None:
    for levels, exit_code in ((8, 0), (9, 1)):
        name = "::".join(("Examples", *"bcdefghi"[: levels - 1]))
        root = make_deck(
            tmp_path / str(levels) / "content", {"01-cards.md": f"---\ndeck: {name}\n---\n{GOOD}"}
        )
        assert build(root).exit == exit_code


def test_yaml_ends_at_8_kb(tmp_path: Path) -> None:
    for letter, count in (("x", 8_192), ("日", 2_731)):
        root = make_deck(tmp_path, {"01-cards.md": f"---\ntags: [{letter * count}]\n---\n{GOOD}"})
        assert "over 8,192" in " ".join(one.what for one in compile_deck(root).problems)


def test_a_line_of_200_kb_is_refused(tmp_path: Path) -> None:
    root = make_deck(tmp_path / "content", card_of("word " * 40_000))
    done = run("build", root.name, cwd=root.parent, before=limit, patience=SECONDS)
    assert done.returncode == 1
    assert re.search(r"01-cards\.md:3:1: error: this card has 200,0\d\d bytes", done.stderr)


def test_a_file_has_at_most_256_kb(tmp_path: Path) -> None:
    root = make_deck(tmp_path / "content", {"01-cards.md": GOOD + "x\n" * (MAX_FILE // 2)})
    done = run("build", root.name, cwd=root.parent, before=limit, patience=SECONDS)
    assert (done.returncode, "[file-too-big]" in done.stderr) == (1, True)
    assert "01-cards.md has more than 256 KB: split it into several" in done.stderr


def test_2_500_cards_in_one_file_are_read_one_by_one() -> None:
    text = "".join(card(f"An answer, {n}.", f"A question, {n}?", f"c{n}") for n in range(2_500))
    source = Source("01-cards.md", f"# T\n\n{text}")
    assert len(source.text) < MAX_FILE
    file = parse(source, DeckInfo("examples", "Examples"), set())
    assert (len(file.cards), file.headings, file.problems) == (2_500, 2_500, ())


WORST = {
    "brackets": "[" * 1_000 + "]" * 1_000,
    "pictures": "![a](b.png) " * 999,
    "links": "[a](" * 1_000,
    "tags": "<a " * 1_000,
    "sections": "<![CDATA[" * 1_000,
    "unknown tags": "<x>" * 100 + "</x>" * 100,
    "backticks": "``b\\" * 500,
    "emphasis": "*a*" * 10_000,
    "prices": "$5{" * 10_000,
    "formulas": "${" * 15_000,
    "spaces": "x" + " " * 30_000 + "y",
    "a fence that is none": "```\n##" + " " * 30_000 + "\n```",
    "an open cloze": "{{c" + " " * 30_000,
    "clozes": "{{c1::" * 5_000,
    "lookalikes": "{{a}}{{c1::b}}" * 2_000,
    "entities": "&#1;" * 8_000,
    "an address": "https://" + "x" * 30_000 + "</a>",
    "headings": "a\n=\n" * 499,
    "a table": "|a" * 50 + "|\n" + "|-" * 50 + "|\n" + "|\n" * 990,
    "quotes in quotes": ("> " * 100 + "x\n") * 100,
    "lists in lists": "".join(" " * 4 * depth + "- x\n" for depth in range(100)),
}


@pytest.mark.parametrize("body", WORST.values(), ids=WORST)
def test_the_worst_that_the_limits_let_through_takes_no_time(body: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path, card_of(body))
    start = time.process_time()
    compile_deck(root)
    assert time.process_time() - start < SECONDS / 2
