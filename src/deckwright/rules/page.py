"""The rules in words: a list for a terminal, data for programs, and docs/rules.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from deckwright.model import Severity
from deckwright.rules import FAMILIES, RULES, Rule
from deckwright.rules.rule import EXAMPLE_FILE

_INTRODUCTION = """\
# The rules

<!-- `make docs` writes this page from src/deckwright/rules/: change it there. -->

`make check` holds every card, and all that travels with it, to these rules; each finding ends \
with the name of its rule. `deckwright check --rules` lists them.

A deck may decide how much it minds some of them, in its deck.toml:

```toml
[rules]
{example} = "off"   # or "warning", or "error"
```

It may choose about {switchable}. The others are errors in every deck, as somebody would pay for \
it later; each says why.
"""
_LANGUAGES = {".md": "md", ".toml": "toml", ".css": "css"}
"""The files that people write, and how their examples are coloured."""
_WIDEST = 76
"""A longer line of an example is cut."""
_LONGEST = 12
"""An example with more lines is cut."""


def as_text() -> str:
    """A line for each rule: its name, severity, whether a deck may switch it, and what it asks."""
    width = max(len(rule.name) for rule in RULES)
    return "\n".join(
        f"{family}\n{''.join(_row(rule, width) for rule in rules)}"
        for family, rules in FAMILIES.items()
    )


def as_json() -> str:
    """A list of objects: name, family, severity, switchable, doc."""
    rows = [
        {
            "name": rule.name,
            "family": family,
            "severity": rule.severity,
            "switchable": rule.switchable,
            "doc": rule.doc,
        }
        for family, rules in FAMILIES.items()
        for rule in rules
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def as_markdown() -> str:
    """The page docs/rules.md."""
    switchable = [rule.name for rule in RULES if rule.switchable]
    links = [f"[{name}](#{name})" for name in switchable]
    words = f"{', '.join(links[:-1])} and {links[-1]}"
    blocks = [_INTRODUCTION.format(example=switchable[0], switchable=words)]
    for family, rules in FAMILIES.items():
        blocks.append(f"## {family}\n")
        blocks += [_entry(rule) for rule in rules]
    return "\n".join(blocks)


def first_sentence(text: str) -> str:
    """The first sentence of a rule's text."""
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]


def _row(rule: Rule, width: int) -> str:
    switch = "switchable" if rule.switchable else ""
    return f"  {rule.name:<{width}}  {rule.severity:<7}  {switch:<10}  {first_sentence(rule.doc)}\n"


# An entry of the page


def _entry(rule: Rule) -> str:
    kind = "An error" if rule.severity is Severity.ERROR else "A warning"
    unless = "unless `[rules]` says otherwise" if rule.switchable else ""
    standing = f"*{kind}, {unless}.*" if unless else f"*{kind} in every deck: {rule.stake.value}.*"
    return "\n\n".join([f"### {rule.name}", rule.doc, standing, *_examples(rule)]) + "\n"


def _examples(rule: Rule) -> Iterator[str]:
    """What to write instead of what, and after which release; nothing for files of our own."""
    if rule.bad_file:
        yield f"Call a file `{rule.file}` instead of `{rule.bad_file}`."
        return
    language = _LANGUAGES.get(PurePosixPath(rule.file).suffix)
    if language is None:
        return
    in_cards = rule.file == EXAMPLE_FILE
    texts = [rule.bad, rule.good, *([rule.released] if rule.released and in_cards else [])]
    bad, good, *released = _what_differs([_readable(text) for text in texts])
    for text in released:
        yield f"Once this is released\n\n{_fence(text, language)}"
    write = ("write" if released else "Write") + ("" if in_cards else f" in {rule.file}")
    yield f"{write}\n\n{_fence(good, language)}"
    yield f"instead of\n\n{_fence(bad, language)}"


def _readable(example: str | bytes) -> str:
    """An example as text, with a name for each sign that shows as nothing, or in another."""
    text = example.decode(errors="backslashreplace") if isinstance(example, bytes) else example
    return re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f\u0300-\u036f]", lambda sign: f"‹U+{ord(sign[0]):04X}›", text
    )


def _what_differs(texts: list[str]) -> list[str]:
    """The blocks of some texts without those that all begin and end with.

    Where nothing is left of one, what it lacks is shown in its place: from the heading before on.
    """
    parts = [text.strip("\n").split("\n\n") for text in texts]
    shortest = min(len(blocks) for blocks in parts)
    before = 0
    while before < shortest and len({blocks[before] for blocks in parts}) == 1:
        before += 1
    after = 0
    while after < shortest - before and len({blocks[-1 - after] for blocks in parts}) == 1:
        after += 1
    if before + after == shortest:
        headings = [at for at in range(before) if parts[0][at].startswith("#")]
        before, after = max(headings, default=0), max(after - 1, 0)
    return ["\n\n".join(blocks[before : len(blocks) - after]) for blocks in parts]


def _fence(text: str, language: str) -> str:
    """Text in a fence that is longer than any in it."""
    lines = [_cut(line) for line in text.split("\n")]
    if len(lines) > _LONGEST:
        lines[_LONGEST:] = ["…"]
    ticks = max([2, *(len(run) for run in re.findall("`+", text))]) + 1
    return "\n".join(["`" * ticks + language, *lines, "`" * ticks])


def _cut(line: str) -> str:
    return f"{line[:_WIDEST]}…" if len(line) > _WIDEST else line
