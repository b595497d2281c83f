"""The examples of the specifications of Markdown: what to read, without what comes of it.

``python -m tests.rendering.examples COMMONMARK GFM EXTENSIONS REGRESSION`` rewrites
``examples.txt`` from files in the format of the specifications, ``spec.txt``: the first is
CommonMark's, the others are those in ``test/`` of cmark-gfm.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "examples.txt"
SOURCES = ("CommonMark", "GFM", "extensions", "regression")
"""What the examples are from: two specifications, and two files of tests of cmark-gfm."""
MARK = "§ "
"""What the line before each example begins with."""

_EXAMPLE = re.compile(
    r"^#{1,6} +(?P<section>.*)$"
    r"|^(?P<fence>`{32}) example.*\n(?P<text>(?:.*\n)*?)\.\n(?:.*\n)*?(?P=fence)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Example:
    """A text in one specification or in several."""

    names: tuple[str, ...]
    """Where it is: for example ``GFM 198``."""
    section: str
    text: str

    def __str__(self) -> str:
        return f"{', '.join(self.names)}: {self.section}"


def examples() -> tuple[Example, ...]:
    """All examples, each text once."""
    head, *parts = re.split(f"^{MARK}", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert head.strip()
    return tuple(_example(part) for part in parts)


def _example(part: str) -> Example:
    title, _, text = part.partition("\n")
    names, _, section = title.partition(": ")
    return Example(tuple(names.split(", ")), section, text.replace("→", "\t"))


def _in_spec(source: str, text: str) -> Iterator[Example]:
    """The examples of a specification, numbered as there."""
    section, number = "", 0
    for found in _EXAMPLE.finditer(text):
        if found["section"]:
            section = found["section"]
        else:
            number += 1
            yield Example((f"{source} {number}",), section, found["text"])


def _write(paths: list[str]) -> None:
    texts: dict[str, list[Example]] = defaultdict(list)
    for source, path in zip(SOURCES, paths, strict=True):
        for example in _in_spec(source, Path(path).read_text(encoding="utf-8")):
            texts[example.text].append(example)
    assert not any(re.search(f"^{MARK}", text, re.MULTILINE) for text in texts)
    head = FILE.read_text(encoding="utf-8").partition(f"\n{MARK}")[0]
    parts = [
        f"{MARK}{Example(tuple(name for one in same for name in one.names), same[0].section, '')}"
        f"\n{text}"
        for text, same in texts.items()
    ]
    FILE.write_text(f"{head}\n{''.join(parts)}", encoding="utf-8")


if __name__ == "__main__":
    _write(sys.argv[1:])
