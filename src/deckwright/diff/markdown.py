"""A difference as the summary of a pull request's checks, in GitHub's Markdown.

The text of fields is not trusted: every sign that means something in Markdown or HTML is escaped,
and neither a mention nor a reference to an issue comes out of it. Formulas are set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from deckwright.diff.difference import Difference
from deckwright.diff.formulas import END, FORMULA, Formulas, marked, unmarked
from deckwright.diff.story import Entry, Group, Part, Story, story
from deckwright.diff.words import GAP, Mark, Piece, shortened, whole
from deckwright.rendering import html_text
from deckwright.rendering.html_text import LINE_END
from deckwright.source.printable import count, on_github, printable

LIMIT = 250_000
"""Bytes: more than a person reads, and a quarter of what GitHub takes of one step."""
_LONGEST = 1_500
"""Characters that go, come or stay in one part; of more, it is said how many they are."""
_LONG = 600
"""Characters of a part from where on what stays is shortened."""
_LEGEND = (
    "~~This goes~~ and **this comes**; with formulas, **[-** ~~this~~ **-]** and **{+ this +}**."
)
_LONGEST_SEARCH = 8_000
_TOO_LONG = "The search is too long for this summary: deckwright diff prints it."
_TOO_MANY = "Some formulas are shown as they are written: GitHub sets no more on a page.\n"
_SIGNS = {Mark.SAME: " ", Mark.OLD: "-", Mark.NEW: "+"}
_KEPT = re.compile(rf"{FORMULA}|\{{\{{c\d+::")
"""What needs no escape here: a formula, the start of a cloze."""
_CLOZE = re.compile(rf"({_KEPT.pattern}|(?:::(?:(?!::|\}}\}}).)*+)?\}}\}})")
"""That, or the hint and the end of a cloze."""
_BREAK, _NO_WORD = "\\\n", "⏎"


def as_markdown(difference: Difference) -> str:
    """A difference in words for a pull request; what does not fit is counted."""
    told = story(difference, fine=False)
    frames = [_frame(group) for group in told.groups]
    head = "".join(_head(told))
    left = (
        LIMIT
        - _size(head + _TOO_MANY)
        - sum(_size(start) + _size(end) + 60 for start, end in frames)
    )
    texts = [head]
    formulas = Formulas()
    for place, (group, (start, end)) in enumerate(zip(told.groups, frames, strict=True)):
        body = _fitting(group, left // (len(frames) - place), formulas)
        left -= _size(body)
        texts.append(f"{start}{body}{end}")
    if formulas.unset:
        texts.append(_TOO_MANY)
    return "".join(texts)


def _head(told: Story) -> Iterator[str]:
    yield f"### {on_github(told.title)}\n\n"
    if told.groups:
        yield "| | Notes | For learners |\n|---|--:|---|\n"
        for group in told.groups:
            yield f"| **{group.title}** | {len(group.entries):,} | {group.gist} |\n"
        yield "\n"
    if told.rest:
        yield f"{told.rest}\n\n"
    parts = (part for group in told.groups for entry in group.entries for part in entry.parts)
    if any(part.changed and not part.code for part in parts):
        yield f"{_LEGEND}\n\n"


def _frame(group: Group) -> tuple[str, str]:
    """What is before and after the entries of a group."""
    opened = f"<details>\n<summary>{group.title} ({len(group.entries):,})</summary>\n\n"
    short = len(group.search) <= _LONGEST_SEARCH
    search = _fenced("", [printable(group.search) if short else _TOO_LONG]) if group.search else ""
    return f"{opened}{group.sentence}\n\n{search}", "\n</details>\n\n"


def _fitting(group: Group, budget: int, formulas: Formulas) -> str:
    """As many entries as fit, and how many do not."""
    texts: list[str] = []
    for entry in group.entries:
        text = formulas.set_in("".join(_entry(entry)))
        budget -= _size(text)
        if budget < 0:
            left = len(group.entries) - len(texts)
            texts.append(f"\n… and {left:,} more, which do not fit into this summary.\n")
            break
        texts.append(text)
    return "".join(texts)


def _entry(entry: Entry) -> Iterator[str]:
    facts = "; ".join(entry.facts)
    yield f"- **{on_github(entry.id)}**{' · ' + on_github(facts) if facts else ''}"
    if entry.asks and all(part.changed for part in entry.parts):
        question = html_text.words(marked(entry.asks), addresses=True)
        yield f"{_BREAK}  {_pieces(whole(question), '  ')}"
    yield "\n"
    for part in entry.parts:
        yield from _code(part) if part.code else _part(part)


def _part(part: Part) -> Iterator[str]:
    remark = f"({part.remark}) " if part.remark else ""
    long = sum(len(piece.text) for piece in part.pieces) > _LONG and part.changed
    text = _pieces(shortened(part.pieces, 20) if long else part.pieces, "    ")
    yield f"  - {on_github(part.name)}: {remark}{text}\n"


def _code(part: Part) -> Iterator[str]:
    lines = [f"{_sign(piece)} {printable(piece.text)}" for piece in part.pieces]
    yield f"  - {on_github(part.name)}\n\n"
    yield _fenced("    ", _limited(lines), "diff")


def _sign(piece: Piece) -> str:
    return " " if piece.text == GAP else _SIGNS[piece.mark]


def _pieces(pieces: Sequence[Piece], indent: str) -> str:
    """Pieces in one paragraph, each mark with its words and none around a space."""
    shown: list[str] = []
    room = dict.fromkeys(Mark, _LONGEST)  # a long text that goes hides none that comes
    for piece in pieces:
        text = piece.text[: max(0, room[piece.mark])]
        room[piece.mark] -= len(piece.text)
        if piece.mark is not Mark.SAME and not piece.text.strip():
            text = _NO_WORD + text.lstrip(" ")
        write = _MARKS.get(piece.mark, _plain if len(pieces) > 1 else _with_clozes)
        shown.append(LINE_END.join(map(write, text.split(LINE_END))))
    if left := -sum(min(one, 0) for one in room.values()):
        shown.append(f"{GAP} and {count(left, 'more character')}, which do not fit here")
    lines = (re.sub(" +", " ", line).strip() for line in " ".join(shown).split(LINE_END))
    return f"{_BREAK}{indent}".join(filter(None, lines))


def _around(mark: str, start: str, end: str, line: str) -> str:
    """Words in their marks; what holds a formula between a start and an end, too."""
    texts = re.split(rf"(\(*{FORMULA}[.,;:!?)]*)", line)
    words = [_plain(text).strip() for text in texts]
    words[::2] = (f"{mark}{one}{mark}" if one else "" for one in words[::2])
    return " ".join([f"**{start}**", *words, f"**{end}**"] if texts[1:] else words)


_MARKS = {
    Mark.OLD: partial(_around, "~~", r"\[-", r"-\]"),
    Mark.NEW: partial(_around, "**", "{+", "+}"),
}
"""How what goes and comes is marked; GitHub neither strikes a formula nor makes it bold."""


def _with_clozes(line: str) -> str:
    """A text in which nothing changes, with what its clozes hide in bold."""
    shown: list[str] = []
    is_hidden = False
    for text in _CLOZE.split(line):
        if _KEPT.fullmatch(text):
            is_hidden |= text.startswith("{")
            shown.append(text)
        elif is_hidden and text.endswith("}}"):
            is_hidden = False
            shown.append(f"::{_plain(hint)}}}}}" if (hint := text[2:-2]) else text)
        elif is_hidden:
            shown.append(re.sub(r"\S(?:.*\S)?", r"**\g<0>**", _plain(text)))
        else:
            shown.append(_plain(text))
    return _apart("".join(shown))


def _plain(text: str) -> str:
    """Words as they are, and formulas between their marks."""
    texts = re.split(f"({FORMULA})", text)
    texts[::2] = map(_escaped, texts[::2])
    return _apart("".join(texts))


def _apart(text: str) -> str:
    """A text with no letter, dollar or formula right before a formula: GitHub would not set it."""
    return re.sub(rf"(?<=[^\W_]|[{END}$])(?={FORMULA})", " ", text)


def _escaped(text: str) -> str:
    """Words with a space where there is one around them."""
    words = on_github(unmarked(text).strip())
    start, end = (" " if text[at : at + 1 or None].isspace() else "" for at in (0, -1))
    return f"{start}{words}{end}"


def _limited(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    room = _LONGEST
    for line in lines:
        room -= len(line)
        if room < 0:
            return [*kept, f"  … and {len(lines) - len(kept):,} more lines"]
        kept.append(line)
    return kept


def _fenced(indent: str, lines: Sequence[str], language: str = "") -> str:
    """Lines as code, in a fence that none of them closes."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    body = "".join(f"{indent}{line}\n" for line in lines)
    return f"{indent}{fence}{language}\n{body}{indent}{fence}\n\n"


def _size(text: str) -> int:
    return len(text.encode())
