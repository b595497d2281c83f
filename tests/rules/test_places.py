"""A chapter in which each thing is broken at a line and a column that are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Place
from tests.decks import TOML, make_deck

CHAPTER = Path(__file__).parent / "chapter.md"
FILE = "04-vae-model.md"
ID = "<!--\nid: vae-prior-identity\n"
ANSWER = "The approximate posterior $q_\\phi(z \\mid x)$, not the prior.\n"


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """A deck of that chapter."""
    return make_deck(tmp_path / "deck", {FILE: CHAPTER.read_text(encoding="utf-8")})


@pytest.fixture
def chapters(chapter: Path) -> Path:
    """A deck of several files, each with the cards of the chapter under ids of their own."""
    text = (chapter / FILE).read_text(encoding="utf-8")
    more = {f"0{n}-more.md": text.replace("id: vae-", f"id: vae-{n}-") for n in (5, 6)}
    return make_deck(chapter, {"deck.toml": TOML, **more})


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert text.count(old) == 1, old
        return text.replace(old, new)

    return change


def in_answer(text: str) -> Callable[[str], str]:
    """Put a text in the place of one answer."""
    return swap(ANSWER, text)


@pytest.mark.parametrize(
    ("change", "needle", "rule"),
    [
        (swap(ID, "<!--\ntags: [x]\n-->\n<!--\n"), "<!--\ntags: [x]", "missing-id"),
        (swap("id: vae-encoder-gaussian", "id: vae-fuzzy-code"), "## A VAE", "duplicate-id"),
        (swap("id: vae-encoder-gaussian", "id: VAE Gaussian"), "VAE Gaussian", "bad-id"),
        (swap(ID, ID + "tgas: [x]\n"), "tgas", "unknown-key"),
        (swap(ID, ID + "a: b: c\n"), ": c\n", "bad-comment"),
        (in_answer("An answer.\n\n### Wy\nx\n"), "### Wy", "unknown-part"),
        (swap(ID + "tags: [", ID + "tags: x # ["), "x # [", "tags-list"),
        (swap(ID + "tags: [", ID + "tags: [a b, "), "a b, ", "bad-tag"),
        (in_answer("\n"), "## A VAE gives", "empty-answer"),
        (in_answer("A {{c::cloze}}.\n"), "{{c::", "cloze-number"),
        (in_answer("A {{c1::cloze\n\nof two}} blocks.\n"), "{{c1::cloze", "cloze-blocks"),
        (in_answer("A {{c1::cloze.\n"), "{{c1::cloze", "cloze-unclosed"),
        (swap("## A VAE gives", "## A {{c1::VAE}} gives"), "{{c1::VAE}} gives", "cloze-place"),
        (in_answer("An $x that is open.\n"), "$x that", "math-unclosed"),
        (in_answer("An $x $ y$ too many.\n"), "$x $", "math-unclosed"),
        (in_answer("An \\(x\\) of Anki.\n"), "\\(x\\)", "math-delimiter"),
        (in_answer("![x](media/none.png)\n"), "media/none.png", "missing-image"),
        (in_answer("![x](../README.md)\n"), "../README.md", "missing-image"),
        (in_answer("![](media/none.png)\n"), "media/none.png", "image-alt"),
        (in_answer("An answer.\n\n# Another\n"), "# Another", "second-title"),
        (in_answer("An <!-- hidden --> answer.\n"), "<!-- hidden", "comment-in-body"),
        (in_answer("A note[^1].\n\n[^1]: b\n"), "[^1].", "differs-on-github"),
        (in_answer("A :tada:\n"), ":tada:", "differs-on-github"),
        (in_answer("| a | b |\n|---|---|\n| $|x|$ | y |\n"), "|x|$", "differs-on-github"),
        (in_answer("An answer.\n\n[a]: https://x.org\n"), "[a]:", "lost-text"),
        (in_answer("An answer.\n\n##No space\n"), "##No", "heading-space"),
        (in_answer("Title\n---\n"), "---\n\n### Why\nMixing", "differs-on-github"),
        (in_answer("1. x\n\n   ```\n   y\n z\n   ```\n"), "z\n   ```", "differs-on-github"),
        (in_answer("```python\nx = 1\n"), "```python", "unclosed-fence"),
        (in_answer("An <script>x</script>.\n"), "<script>", "markup"),
        (in_answer("An answer\x08.\n"), "\x08", "character"),
        (swap("\n---\n# 04", "\n]\n---\n# 04"), "]\n---\n# 04", "front-matter"),
        (swap("# 04 The VAE model\n", "# 04 The VAE model\n\n## \n"), "## \n", "empty-front"),
    ],
)  # fmt: skip
def test_each_broken_thing_is_found_at_its_line_and_column(
    chapter: Path, change: Callable[[str], str], needle: str, rule: str
) -> None:
    path = chapter / FILE
    text = change(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    at = text.index(needle)
    column = at - text.rfind("\n", 0, at)
    if rule in ("duplicate-id", "empty-answer"):
        column += len("## ")  # at the text of the prompt
    compiled = compile_deck(chapter)
    found = [one.place for one in compiled.problems if one.rule == rule]
    place = Place(path.as_posix(), text.count("\n", 0, at) + 1, column)
    assert place in found, "\n".join(map(str, compiled.problems))


def test_bytes_that_are_no_utf8_are_found(chapter: Path) -> None:
    path = chapter / FILE
    path.write_bytes(path.read_bytes().replace(b"# 04 The VAE", b"# 04 \xe4 The VAE"))
    [found] = compile_deck(chapter).problems
    assert (found.rule, found.place.line, found.place.column) == ("not-utf8", 4, 6)


def test_bad_toml_is_found_at_its_line(chapter: Path) -> None:
    (chapter / "deck.toml").write_text('key = "a"\nname = b\n')
    [found] = compile_deck(chapter).problems
    assert (found.rule, found.place.line) == ("deck-toml", 2)


def test_all_mistakes_of_all_files_are_reported_in_one_run_in_order(chapters: Path) -> None:
    files = sorted(chapters.glob("[0-9]*.md"))
    for path in files:
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "\n## One $x\n\n{{c1::a\n", encoding="utf-8")
    compiled = compile_deck(chapters)
    places = [one.place for one in compiled.problems]
    assert places == sorted(places)
    assert len({place.path for place in places}) == len(files) == 3
    assert all(one.source_line for one in compiled.problems)


def test_every_heading_is_a_card_or_an_error(chapter: Path) -> None:
    before = compile_deck(chapter)
    assert before.cards == 3
    path = chapter / FILE
    text = path.read_text(encoding="utf-8").replace("id: vae-fuzzy-code", "no id")
    path.write_text(
        text + "\n```\n## in a fence\n```\n<!--\n## in a comment\n-->\n", encoding="utf-8"
    )
    compiled = compile_deck(chapter)
    assert compiled.cards == before.cards
    assert {one.rule for one in compiled.problems} == {"bad-comment", "comment-in-body"}
