"""Whole builds: whatever is in a deck's folder, there is a deck, or errors at places in it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from deckwright.commands.report import FORMATS, formatter
from deckwright.compile import Compiled, compile_deck
from deckwright.formulas.policy import FORBIDDEN
from deckwright.mathjax.tokens import tokens
from deckwright.model import Severity
from deckwright.releases.ledger import FILE, to_text
from deckwright.releases.release import prepare
from deckwright.source.folder import NoDeckError
from tests.decks import TOML, png
from tests.fuzz.harness import fuzz
from tests.fuzz.material import BODIES, CARDS, ROOT, SPECIAL, spoil
from tests.fuzz.test_html import safe
from tests.note_types.own_types import with_types

CONFIGS = (TOML, (ROOT / "content" / "deck.toml").read_text(encoding="utf-8"))
MORE = (
    "[macros]\nE = '\\mathbb{E}'\n",
    "[rules]\nmath-wide = 'off'\n",
    "[retired]\none = 'x'\n",
    "[moved]\n'a' = 'b'\n",
    "tag = 'x::y'\n",
    "report = 'https://x.org/{id}'\n",
)
STYLES = ("", ".card { color: red }\n", "@import 'x';", "a { background: url(http://x.org) }", "<")
SEEDS = st.integers(0, (1 << 32) - 1)
FEW = st.sampled_from((0, 1, 1, 2, 3, 6))


@contextmanager
def folder(files: dict[str, str | bytes]) -> Iterator[Path]:
    """A deck's folder, for as long as it is looked at."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        for path, content in files.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
            file = Path(name, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        yield Path(name)


def a_deck(edits: int, chance: random.Random) -> dict[str, str | bytes]:
    """The files of a deck: real cards, with some edits; seldom, edits of what is around them."""
    count = chance.randrange(1, 4)
    chosen = [spoil(one, chance, edits) for one in chance.sample(CARDS, count)]
    cut = chance.randrange(1, count + 1)
    config = chance.choice(CONFIGS) + "".join(chance.sample(MORE, chance.choice((0, 0, 1, 2))))
    files: dict[str, str | bytes] = {
        "deck.toml": config if chance.random() < 0.8 else spoil(config, chance, edits),
        "media/dot.png": png(),
        "01-a.md": "# A\n\n" + "\n".join(chosen[:cut]),
    }
    if chosen[cut:]:
        front = chance.choice(("", "---\ntags: [a]\n---\n", "---\ndeck: B\n---\n", "---\n"))
        files["b/02 é.md"] = f"{front}# B\n\n" + "\n".join(chosen[cut:])
    if chance.random() < 0.1:
        files["style.css"] = chance.choice(STYLES)
    if chance.random() < 0.1:
        data = str(files["01-a.md"]).encode("utf-8", "replace")
        at = chance.randrange(len(data))
        files["01-a.md"] = data[:at] + bytes([chance.randrange(256)]) + data[at:]
    return files


def looked_at(root: Path) -> Compiled | None:
    """Compile a folder, and look at everything that must be so whatever is in it."""
    try:
        compiled = compile_deck(root, engine=False, budget=None)
    except NoDeckError:
        assert not (root / "deck.toml").is_file()
        return None
    for one in compiled.problems:
        path = Path(one.place.path)
        lines = path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
        assert path.is_relative_to(root)
        assert 1 <= one.place.line <= len(lines), one
        assert 1 <= one.place.column <= len(lines[one.place.line - 1]) + 1, one
    errors = any(one.severity is Severity.ERROR for one in compiled.problems)
    assert errors == (compiled.deck is None)
    if compiled.deck:
        assert len(compiled.deck.notes) == compiled.cards
    places = {(one.place.path, one.place.line, one.severity) for one in compiled.problems}
    number = {"text": len(compiled.problems), "github": len(places)}
    for name in FORMATS:
        lines = formatter(name, view="full")(compiled.problems).splitlines()
        assert len(lines) == number.get(name, len(lines))
        assert name == "github" or not any(line.strip().startswith("::") for line in lines)
        assert name == "github" or not any("##[" in line for line in lines)
    return compiled


def harmless(compiled: Compiled) -> None:
    """What learners get of a deck: only safe HTML, only known pictures, no forbidden LaTeX."""
    assert compiled.deck
    pictures = frozenset(media.name for media in compiled.deck.media)
    for note in compiled.deck.notes:
        for text in (*note.fields[:-3],):
            for side in sides_of(text):
                tree = safe(side, pictures)
                shown = tree.text() or ""
                for formula in re.finditer(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", shown, re.DOTALL):
                    names = {token.name for token in tokens(formula[1] or formula[2] or "")}
                    assert not names & FORBIDDEN.keys(), text


def sides_of(text: str) -> Iterator[str]:
    """A field as it is stored, and as Anki shows it with each cloze hidden and with none."""
    yield text
    for number in {0, *(int(found) for found in re.findall(r"\{\{c(\d+)::", text))}:
        shown, cloze = text, re.compile(r"\{\{c(\d+)::((?:(?!\{\{c\d+::|\}\}).)*)\}\}", re.DOTALL)
        while (found := cloze.search(shown)) is not None:
            words, _, hint = found[2].partition("::")
            inner = f"[{hint or '...'}]" if int(found[1]) == number else words
            shown = shown[: found.start()] + inner + shown[found.end() :]
        yield shown


@fuzz(FEW, SEEDS, cases=750)
def test_a_folder_is_a_deck_or_has_errors_at_their_places(edits: int, number: int) -> None:
    with folder(a_deck(edits, random.Random(number))) as root:
        compiled = looked_at(root)
        if compiled and compiled.deck:
            harmless(compiled)
            prepared = prepare(compiled, 1_700_000_000)
            assert prepared.package.data


@fuzz(FEW, SEEDS, cases=180)
def test_a_folder_with_note_types_is_a_deck_or_has_errors_at_their_places(
    edits: int, number: int
) -> None:
    chance = random.Random(number)
    files = with_types()
    for name in chance.sample(sorted(files), 2):
        files[name] = spoil(str(files[name]), chance, edits)
    with folder({"deck.toml": TOML, **files}) as root:
        compiled = looked_at(root)
        if compiled and compiled.deck:
            assert prepare(compiled, 1_700_000_000).package.data


@fuzz(FEW, FEW, SEEDS, cases=180)
def test_a_released_folder_that_is_edited_is_a_deck_or_has_errors(
    edits: int, later: int, number: int
) -> None:
    chance = random.Random(number)
    with folder(a_deck(edits // 3, chance)) as root:
        first = looked_at(root)
        if first is None or first.deck is None:
            return
        ledger = prepare(first, 1_600_000_000, "1.0.0").ledger
        (root / FILE).write_bytes(to_text(ledger).encode())
        for path in root.rglob("*.md"):
            data = path.read_bytes().decode("utf-8", "replace")
            path.write_bytes(spoil(data, chance, later).encode("utf-8", "replace"))
        second = looked_at(root)
        if second and second.deck:
            harmless(second)
            guids = {note.note.guid for note in ledger.notes}
            assert guids <= {note.guid for note in second.deck.notes} | {
                one.note.guid for one in ledger.notes if one.note.id in second.deck.info.retired
            }
            prepare(second, 1_700_000_000)


@fuzz(FEW, SEEDS, cases=750)
def test_the_words_of_a_card_without_findings_are_in_its_note(edits: int, number: int) -> None:
    chance = random.Random(number)
    body = spoil(chance.choice(BODIES), chance, edits) if edits else chance.choice(SPECIAL)
    words = []
    for count in range(chance.randrange(1, 5)):
        gaps = [found.start() for found in re.finditer(r"\s|\Z", body)]
        at = chance.choice(gaps)
        words.append(f"zq{count}zq")
        body = f"{body[:at]} {words[-1]} {body[at:]}"
    text = f"# A\n\n## Title\n<!-- id: one -->\n\n{body}\n"
    with folder({"deck.toml": TOML, "media/dot.png": png(), "01-a.md": text}) as root:
        compiled = looked_at(root)
        if compiled and compiled.deck and not compiled.problems:
            harmless(compiled)
            shown = Counter(re.findall(r"zq\dzq", "\n".join(_shown(compiled))))
            assert shown == Counter(words), text


def _shown(compiled: Compiled) -> Iterator[str]:
    assert compiled.deck
    for note in compiled.deck.notes:
        yield from note.fields
