"""What the documents say is tried."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from click import Context, Group

from deckwright import __version__
from deckwright.commands import main
from deckwright.commands.fixing import mend
from deckwright.compile import compile_deck
from deckwright.model import DeckInfo, Rule, Severity, Source
from deckwright.note_types import parts
from deckwright.releases.changelog import is_ours
from deckwright.rules import duplicates
from deckwright.source import cards as card_files
from deckwright.source.card_keys import CARD_KEYS, FRONT_KEYS
from deckwright.source.deck_toml import _KEYS
from tests.decks import card, make_deck, png

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
FORMAT = ROOT / "docs" / "format.md"


def examples() -> list[tuple[str, str]]:
    """The card examples of all documents, each with the document's name."""
    pattern = re.compile(r"^(`{3,})markdown\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
    return [
        (path.name, found[2])
        for path in DOCS
        for found in pattern.finditer(path.read_text(encoding="utf-8"))
    ]


def test_there_are_examples_in_the_documents() -> None:
    assert len(examples()) >= 6


def own_type() -> dict[str, str | bytes]:
    """The files of the note type that the format shows, by their paths in a deck."""
    pattern = re.compile(r"^`(note_types/\S+)`\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return {found[1]: found[2] for found in pattern.finditer(FORMAT.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("name", "text"), examples())
def test_the_examples_in_the_documents_are_cards(name: str, text: str, tmp_path: Path) -> None:
    if not re.search("^# ", text, re.MULTILINE):
        text = f"# {name}\n\n{text}"
    toml = 'key = "examples"\nname = "Latent Variable Models"\n'
    files: dict[str, str | bytes] = {"deck.toml": toml, **own_type(), "01-example.md": text}
    compiled = compile_deck(make_deck(tmp_path, files))
    assert not compiled.problems, "\n".join(map(str, compiled.problems))
    assert compiled.cards == len(re.findall(r"^## ", text, re.MULTILINE))


def marks_of_others() -> list[str]:
    """What the format says that --fix writes otherwise."""
    text = FORMAT.read_text(encoding="utf-8")
    table = text.partition("| instead of | from | write |")[2].partition("\n\n")[0]
    cells = [re.split(r"(?<!\\)\|", row)[1] for row in table.splitlines()[2:]]
    codes = [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]
    return [code.replace("\\|", "|") for code in codes if "…" not in code]


@pytest.mark.parametrize("written", marks_of_others())
def test_what_the_format_says_of_other_tools_is_mended(written: str, tmp_path: Path) -> None:
    sound = (ROOT / "tests" / "media" / "samples" / "a.mp3").read_bytes()
    make_deck(tmp_path, {"01.md": f"# T\n\n{card(written)}", "dog.mp3": sound, "map.png": png()})
    mended = mend(lambda instead: compile_deck(tmp_path, instead=instead))
    assert mended.files.changed
    left = {one.rule for one in mended.compiled.problems}
    assert left <= {"unused-file", "thin-alt", "image-alt", "markup"}
    assert mended.compiled.deck


def test_the_note_type_of_the_format_makes_the_cards_that_it_says(tmp_path: Path) -> None:
    assert len(own_type()) == 6
    [text] = [text for _, text in examples() if "type: vocabulary" in text]
    compiled = compile_deck(make_deck(tmp_path, {**own_type(), "01-a.md": f"# A\n\n{text}"}))
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    [note] = compiled.deck.notes
    assert note.ordinals == (0, 1)


def test_the_deck_toml_of_the_format_is_one(tmp_path: Path) -> None:
    [toml, _] = re.findall(r"```toml\n(.*?)```", FORMAT.read_text(encoding="utf-8"), re.DOTALL)
    toml = toml.replace("https://…{id}", "https://example.org/{id}").replace(
        "https://…", "https://example.org"
    )
    [(_, text)] = [one for one in examples() if one[0] == "README.md"]
    assert "[required]" in toml.partition("[retired]")[0]
    toml = toml.partition("[required]")[0]
    files: dict[str, str | bytes] = {"deck.toml": toml, "01-example.md": "# T\n\n" + text}
    assert not compile_deck(make_deck(tmp_path, files)).problems


def test_what_the_format_requires_can_be_required(tmp_path: Path) -> None:
    [toml, _] = re.findall(r"```toml\n(.*?)```", FORMAT.read_text(encoding="utf-8"), re.DOTALL)
    toml = 'key = "a"\nname = "A"\n' + toml[toml.index("[required]") : toml.index("[retired]")]
    [(_, text)] = [one for one in examples() if one[0] == "README.md"]
    files: dict[str, str | bytes] = {"deck.toml": toml, "01-example.md": "# T\n\n" + text}
    compiled = compile_deck(make_deck(tmp_path, {**files, "REFERENCES.md": "# References\n"}))
    assert {one.rule for one in compiled.problems} == {"missing-tag", "unlisted-work"}


def test_the_format_names_every_key_and_part() -> None:
    text = FORMAT.read_text(encoding="utf-8")
    for word in (*_KEYS, *FRONT_KEYS, *CARD_KEYS, *parts()):
        assert re.search(rf"\b{word}\b", text), word


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCS:
        code = re.findall(r"^```sh\n(.*?)^```|`([^`\n]+)`", path.read_text(), re.DOTALL | re.M)
        named = set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join("".join(pair) for pair in code)))
        assert named <= targets, path


def test_every_command_of_the_security_page_can_be_run() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") == 4]
    promises = [row for row in rows if not row.startswith("| promise |")]
    assert len(promises) > 10
    for row in promises:
        _, why, commands = [cell.strip() for cell in row.strip("|").split("|")]
        assert why, row
        for command in commands.split("; "):
            assert re.fullmatch(
                r"`(make [a-z-]+( MINUTES=\d+)?|\.venv/bin/pytest( tests/\S+)+)`", command
            )
        for path in re.findall(r"tests/[^ `]+", commands):
            assert (ROOT / path).exists(), path


def test_the_readme_fits_on_a_screen_and_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 45
    assert "make deck" in text
    assert "make test" in text


def test_links_between_documents_lead_somewhere() -> None:
    for path in DOCS:
        text = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"`[^`\n]+`", "", text)
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)\)", text):
            if target.startswith("../../issues/"):  # a page of the repository on GitHub
                continue
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_rule_that_contributing_adds_is_a_rule_that_works() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?ms)^    ```python\n(.*?)^    ```$", text)
    rule_block, call_block = (textwrap.dedent(block) for block in blocks)
    names = {**vars(duplicates), "Severity": Severity, "re": re}
    exec(rule_block, names)
    rule = names["UNFINISHED"]
    assert isinstance(rule, Rule)
    for answer, places in (("An answer. TODO: a source", [(6, 12)]), ("An answer.", [])):
        source = Source("01.md", f"# T\n\n{card(answer)}")
        file = card_files.parse(source, DeckInfo("examples", "Examples"), set())
        found = list(names["_unfinished"](list(file.cards)))
        assert [(one.place.line, one.place.column) for one in found] == places
        assert {one.rule for one in found} <= {"unfinished"}
    assert call_block.strip() == "yield from _unfinished(cards)"
    assert "    yield from _duplicates(cards, originals)\n" in Path(duplicates.__file__).read_text(
        encoding="utf-8"
    )


def test_the_map_of_the_code_leads_to_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = text.partition("### Where things are\n")[2]
    rows = re.findall(r"^\| (?!…|--).* \| (.*) \|$", text, re.MULTILINE)
    assert len(rows) == 10
    source = ROOT / "src" / "deckwright"
    for row in rows:
        folder = source
        for name in re.findall(r"`([\w./]+\.(?:py|toml|css)|[\w/]+/)`", row):
            path = next((at / name for at in (folder, source, ROOT) if (at / name).exists()), None)
            assert path, f"{name} in {row}"
            folder = path if path.is_dir() else folder


def test_every_verb_is_in_the_help() -> None:
    assert isinstance(main, Group)
    verbs = {"build", "check", "diff", "ledger", "preview", "release", "verify"}
    assert set(main.list_commands(Context(main))) == verbs


def test_the_budgets_of_the_tests_add_up_to_no_more_than_their_heading() -> None:
    text = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    [minutes] = re.findall(r"in under (\d+) minutes on two cores", text)
    rows = [line.split("|") for line in text.splitlines() if line.endswith(" min |")]
    assert len(rows) > 8
    assert sum(float(row[4].removesuffix(" min ")) for row in rows) <= int(minutes)


def test_the_tool_and_its_deck_have_changelogs_of_their_own() -> None:
    ours, deck = (ROOT / name for name in ("CHANGELOG.md", "content/CHANGELOG.md"))
    assert f"## {__version__}" in ours.read_text(encoding="utf-8")
    assert not is_ours(ours)
    assert is_ours(deck)
    assert "# Changes of Latent Variable Models" in deck.read_text(encoding="utf-8")
