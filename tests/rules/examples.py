"""The examples of the rules: those of docs/rules.md, and a few that are bytes or very long."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from deckwright.compile import Compiled, compile_deck
from deckwright.releases.changelog import HEAD
from tests.decks import TOML, card, make_deck, release

PAGE = Path(__file__).parent.parent.parent / "docs" / "rules.md"
CARDS = "01-cards.md"
_HEADING = re.compile(r"^### ([a-z0-9-]+)$", re.MULTILINE)
_FENCE = re.compile(
    r"^(?P<ticks>`{3,})\w+ (?P<word>wrong|right|released|also)(?: (?P<file>\S+))?\n"
    r"(?P<text>.*?)\n?^(?P=ticks)$",
    re.MULTILINE | re.DOTALL,
)

Files = dict[str, str | bytes]


@dataclass
class Example:
    """What breaks a rule, and the same mended; each a few files of a deck."""

    wrong: Files = field(default_factory=dict)
    right: Files = field(default_factory=dict)
    released: Files = field(default_factory=dict)
    """What was released before."""
    also: Files = field(default_factory=dict)
    """Files that both have."""

    def compile(self, root: Path, files: Files, toml: str = "") -> Compiled:
        """A deck of the example's files, with one good card where they hold none."""
        good: Files = {"deck.toml": TOML + toml, CARDS: _file(card("An answer."))}
        if self.released:
            release(make_deck(root, {**good, **self.released}))
        also = dict(self.also)
        if "deck.toml" in also:
            also["deck.toml"] = f"{also['deck.toml']!s}{toml}"
        return compile_deck(make_deck(root, {**good, **also, **files}))


def _file(text: str) -> str:
    """A card file of an example, which may be only the body of a card, or whole cards."""
    if not re.search(r"^(?:# |## |---$)", text, re.MULTILINE):
        text = card(text)
    return text if text.startswith(("# ", "---\n")) else f"# Examples\n\n{text}"


def on_the_page(page: str) -> Iterator[tuple[str, Example]]:
    """The examples of a page of rules, by the names of their rules."""
    _, *parts = _HEADING.split(page)
    for rule, entry in zip(parts[::2], parts[1::2], strict=True):
        example = Example()
        for fence in _FENCE.finditer(entry):
            text = fence["text"] if fence["file"] else _file(fence["text"])
            getattr(example, fence["word"])[fence["file"] or CARDS] = text + "\n"
        yield rule, example


def _cards(wrong: str, right: str = "An answer.", **also: str | bytes) -> Example:
    files = {name.replace("_", "/", 1).replace("_", "."): data for name, data in also.items()}
    return Example({CARDS: _file(wrong)}, {CARDS: _file(right)}, also=files)


def _ledger(rows: str = "") -> Files:
    """A ledger of one release, with these rows of note types."""
    text = (
        '{"row": "deck", "key": "examples", "name": "Examples"}\n' + rows + '{"row": "release",'
        ' "version": "1.0.0", "time": 1600000000, "content": ""}\n'
    )
    end = sha256(text.encode()).hexdigest()
    return {"ledger.jsonl": f'{text}{{"row": "end", "sha256": "{end}"}}\n'}


def _changelog(*versions: str) -> Files:
    sections = "\n".join(f"## {version} (2020-09-13)\n" for version in versions)
    return {"CHANGELOG.md": f"# Changes of Examples\n\n{HEAD}\n\n{sections}"}


_DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)
_HUM = (b"\xff\xf3\x14\xc0" + bytes(20)) * 2
_BASIC = (
    '{"row": "type", "kind": "basic", "id": 1, "name": "Basic", "sort": 0, "fields": [],'
    ' "templates": [], "css": "", "mod": 1600000000}\n'
)
_IMPORTED = (
    '{"row": "note", "id": "old", "guid": "of-another-program", "kind": "77", "deck": "Old",'
    ' "fields": ["x"], "tags": [], "ordinals": [], "since": "1.0.0", "aliases": [], "gone": [],'
    ' "retired": "no longer true", "held": false, "imported": true, "place": 0}\n'
    '{"row": "type", "kind": "77", "id": 77, "name": "Old", "sort": 0, "fields": [{"name": "F",'
    ' "id": 1, "description": ""}], "css": "", "mod": 1600000000, "templates": [{"name": "C",'
    ' "id": 1, "front": "{{F}}", "back": "{{F}}"}]}\n'
)
_FEMININE = ".feminine { color: #b3261e }"
_KATZE = card('<span class="feminine">die</span> Katze')
_CODE = "a=b+c;" * 490
_MORE = "And there is more to it. " * 10
_LINES = " \n" * 1_490

IN_TESTS: Mapping[str, Example] = {
    "not-utf8": Example({CARDS: _file("Füße").encode("latin-1")}, {CARDS: _file("Füße")}),
    "bad-file": Example({"02.MD": _file("x")}, {"02.md": _file(card("b", "Another?", "b"))}),
    "file-too-big": _cards("More and more. " * 20_000),
    "not-nfc": _cards("A cafe\u0301.", "A café."),
    "card-too-big": _cards("A long answer. " * 2_500),
    "field-too-big": _cards(
        "\n\n".join([f"```python\n{_CODE}\n```"] * 5), "\n\n".join([f"```\n{_CODE}\n```"] * 5)
    ),
    "too-slow": _cards(f"```autohotkey\n{_LINES}x\n```", f"```\n{_LINES}x\n```"),
    "too-deep": _cards("> " * 400 + "x", "> x"),
    "too-much-markup": _cards("a < b; " * 1_100, f"```\n{'a < b; ' * 1_100}\n```"),
    "bad-picture": Example(
        {"media/dot.png": _DOT[:40]},
        {"media/dot.png": _DOT},
        also={CARDS: _file("![a single dot](media/dot.png)")},
    ),
    "bad-sound": Example(
        {"media/word.mp3": b"#EXTM3U\nhttps://example.org/\n"},
        {"media/word.mp3": _HUM},
        also={CARDS: _file("Listen: [the word](media/word.mp3)")},
    ),
    "unused-file": _cards("An answer.", "![a single dot](media/dot.png)", media_dot_png=_DOT),
    "other-file": Example({"notes.txt": "Some words.\n"}, {"README.md": "Some words.\n"}),
    "cloze-deep": _cards(*("{{c1::" * depth + "x" + "}}" * depth for depth in (4, 3))),
    "tex-too-big": _cards(f"The formula ${'{' * 31}x{'}' * 31}$.", "The formula ${{x}}$."),
    "tex-wide": _cards(
        f"$$\n{'aaaaa + ' * 9}b\n$$", "$$\n\\begin{aligned}\n&a + b \\\\\n&+ c\n\\end{aligned}\n$$"
    ),
    "release-elsewhere": Example(_changelog("1.1.0", "1.0.0"), _changelog("1.0.0"), also=_ledger()),
    "unvouched": Example(_ledger(_IMPORTED), _ledger()),
    "bad-ledger": Example({"ledger.jsonl": "{}\n"}, _ledger()),
    "shape-changed": Example(_ledger(_BASIC), _ledger()),
    "class-gone": Example(
        {"style.css": ".left-over { color: #b3261e }"},
        {"style.css": _FEMININE},
        {"style.css": _FEMININE, CARDS: _file(_KATZE)},
        {CARDS: _file(_KATZE)},
    ),
    "long-question": _cards(
        card("An answer.", "Why, " + "in so many words, " * 14 + "is it so?"),
        card("An answer.", "Why is it so?"),
    ),
    "long-answer": _cards(f"It is so. {_MORE}", f"It is so.\n\n### Why\n\n{_MORE}"),
}
"""Examples that a page cannot show."""

EXAMPLES: Mapping[str, Example] = {**dict(on_the_page(PAGE.read_text("utf-8"))), **IN_TESTS}
