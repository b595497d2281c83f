"""Our own deck, and a copy of it in which each thing is broken at a line that is known."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Note, Place

CONTENT = Path(__file__).parent.parent
CHAPTERS = sorted(CONTENT.glob("[0-9]*.md"))
FILE = "04-vae-model.md"
ID = "<!--\nid: vae-prior-identity\n"
ANSWER = "The approximate posterior $q_\\phi(z \\mid x)$, not the prior.\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(CONTENT, tmp_path / "content")


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """A copy with one chapter only, as each is compiled many times."""
    others = [path.name for path in CHAPTERS if path.name != FILE]
    ignore = shutil.ignore_patterns(*others, "figures")
    return shutil.copytree(CONTENT, tmp_path / "content", ignore=ignore)


def test_our_own_deck_has_no_mistake_and_no_warning() -> None:
    compiled = compile_deck(CONTENT)
    assert not compiled.problems, "\n".join(map(str, compiled.problems))
    assert compiled.deck
    assert len(compiled.deck.notes) == compiled.cards >= 129
    assert sum(len(note.ordinals) for note in compiled.deck.notes) >= 200


def test_a_note_that_nobody_changed_has_the_fields_that_learners_have() -> None:
    compiled = compile_deck(CONTENT)
    assert compiled.deck and compiled.ledger
    released = {one.note.guid: one.note for one in compiled.ledger.notes}
    pairs = [(note, released[note.guid]) for note in compiled.deck.notes if note.guid in released]
    same = [(note, old) for note, old in pairs if note.source == old.source]
    assert len(same) > 100
    assert [plain(note) for note, _ in same] == [plain(old) for _, old in same]


def plain(note: Note) -> Note:
    """A note without its time, and with the drawing that 1.0.0 packaged with its comments."""

    def unnamed(text: str) -> str:
        return re.sub(r"\bkl-directions-[0-9a-f]{16}", "kl-directions", text)

    fields, media = (tuple(map(unnamed, texts)) for texts in (note.fields, note.media))
    return replace(note, mod=0, fields=fields, media=media)


def test_every_note_has_a_reason_a_source_a_topic_and_one_level() -> None:
    deck = compile_deck(CONTENT).deck
    assert deck
    for note in deck.notes:
        levels = [tag for tag in note.tags if tag.startswith("lvm::level::")]
        assert len(levels) == 1, f"{note.id}: give it one tag level::…"
        topics = [tag for tag in note.tags if tag.startswith("lvm::topic::")]
        assert topics, f"{note.id}: give it a tag topic::…"
    for path in CHAPTERS:
        cards = path.read_text(encoding="utf-8").split("\n## ")[1:]
        for card in cards:
            for part in ("Why", "Source"):
                assert f"\n### {part}\n" in card, f"{path.name}: {card[:60]!r} has no ### {part}"


def test_every_work_cited_is_listed_and_every_work_listed_is_cited() -> None:
    references = (CONTENT / "REFERENCES.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- (?:van den )?([\w-]+),.*? \((\d{4})\)", references, re.MULTILINE)
    works = r"([\w-]+)(?:, \w[\w ]*)*(?: & [\w-]+| et al\.)? \((\d{4})\)"
    cited = set()
    for path in CHAPTERS:
        for source in path.read_text(encoding="utf-8").split("\n### Source\n")[1:]:
            cited |= set(re.findall(works, source.split("\n\n")[0]))
    assert len(listed) == len(set(listed))
    assert cited == set(listed)


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
        (swap("id: vae-encoder-gaussian", "id: vae-fuzzy-code"), "## Which", "duplicate-id"),
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
    assert compiled.errors


def test_bytes_that_are_no_utf8_are_found(copy: Path) -> None:
    path = copy / FILE
    data = path.read_bytes().replace(b"Prose", b"Prose")
    path.write_bytes(data.replace(b"# 04 The VAE", b"# 04 \xe4 The VAE"))
    problems = compile_deck(copy).problems
    [found] = [one for one in problems if one.rule != "unused-file"]  # the chapter's pictures
    assert (found.rule, found.place.line, found.place.column) == ("not-utf8", 4, 6)


def test_bad_toml_is_found_at_its_line(copy: Path) -> None:
    path = copy / "deck.toml"
    path.write_text('key = "a"\nname = b\n')
    [found] = compile_deck(copy).problems
    assert (found.rule, found.place.line) == ("deck-toml", 2)


def test_all_mistakes_of_all_files_are_reported_in_one_run_in_order(copy: Path) -> None:
    for path in sorted(copy.glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "\n## One $x\n\n{{c1::a\n", encoding="utf-8")
    compiled = compile_deck(copy)
    places = [one.place for one in compiled.problems]
    assert places == sorted(places)
    assert len({place.path for place in places}) == len(CHAPTERS)
    assert all(one.source_line for one in compiled.problems)


def test_every_heading_is_a_card_or_an_error(copy: Path) -> None:
    path = copy / FILE
    text = path.read_text(encoding="utf-8").replace("id: vae-fuzzy-code", "no id")
    path.write_text(
        text + "\n```\n## in a fence\n```\n<!--\n## in a comment\n-->\n", encoding="utf-8"
    )
    compiled = compile_deck(copy)
    assert compiled.cards == compile_deck(CONTENT).cards
    assert {one.rule for one in compiled.problems} == {"bad-comment", "comment-in-body"}
