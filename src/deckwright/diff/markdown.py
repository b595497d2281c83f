"""A difference as a comment on a pull request, in GitHub's Markdown.

The text of fields is not trusted: every sign that means something in Markdown or HTML is escaped,
and neither a mention nor a reference to an issue comes out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deckwright.diff.difference import Difference
from deckwright.diff.story import Entry, Group, Story, story
from deckwright.diff.words import GAP, Mark, Piece, shortened
from deckwright.rendering.html_text import LINE_END
from deckwright.source.printable import count, on_github, printable

LIMIT = 60_000
"""Bytes; GitHub takes 65,536 characters, and a caller may add some words."""
_LONGEST = 1_500
"""Characters that go, come or stay in one part; of more, it is said how many they are."""
_LONGEST_SEARCH = 8_000
_TOO_LONG = "The search is too long for this comment: deckwright diff prints it."
_SIGNS = {Mark.SAME: " ", Mark.OLD: "-", Mark.NEW: "+"}
_MARKS = {Mark.OLD: "~~", Mark.NEW: "**"}


def as_markdown(difference: Difference) -> str:
    """A difference in words for a pull request; what does not fit is counted."""
    whole = story(difference, fine=False)
    frames = [_frame(group) for group in whole.groups]
    head = "".join(_head(whole))
    left = LIMIT - _size(head) - sum(_size(start) + _size(end) + 60 for start, end in frames)
    texts = [head]
    for place, (group, (start, end)) in enumerate(zip(whole.groups, frames, strict=True)):
        body = _fitting(group, left // (len(frames) - place))
        left -= _size(body)
        texts.append(f"{start}{body}{end}")
    return "".join(texts)


def _head(whole: Story) -> Iterator[str]:
    yield f"### {on_github(whole.title)}\n\n"
    if whole.groups:
        yield "| | Notes | For learners |\n|---|--:|---|\n"
        for group in whole.groups:
            yield f"| **{group.title}** | {len(group.entries):,} | {group.gist} |\n"
        yield "\n"
    if whole.rest:
        yield f"{whole.rest}\n\n"


def _frame(group: Group) -> tuple[str, str]:
    """What is before and after the entries of a group."""
    opened = f"<details>\n<summary>{group.title} ({len(group.entries):,})</summary>\n\n"
    short = len(group.search) <= _LONGEST_SEARCH
    search = _fenced("", [printable(group.search) if short else _TOO_LONG]) if group.search else ""
    return f"{opened}{group.sentence}\n\n{search}", "\n</details>\n\n"


def _fitting(group: Group, budget: int) -> str:
    """As many entries as fit, and how many do not."""
    texts: list[str] = []
    for entry in group.entries:
        text = "".join(_entry(entry))
        budget -= _size(text)
        if budget < 0:
            left = len(group.entries) - len(texts)
            texts.append(f"\n… and {left:,} more, which do not fit into this comment.\n")
            break
        texts.append(text)
    return "".join(texts)


def _entry(entry: Entry) -> Iterator[str]:
    facts = "; ".join(entry.facts)
    yield f"- **{on_github(entry.id)}**{' · ' + on_github(facts) if facts else ''}\n"
    if entry.title and not any(part.changed for part in entry.parts):
        yield f"  {on_github(entry.title)}\n"
    for part in entry.parts:
        if part.code:
            lines = [f"{_sign(piece)} {printable(piece.text)}" for piece in part.pieces]
            yield f"  - {on_github(part.name)}\n\n"
            yield _fenced("    ", _limited(lines), "diff")
        elif part.changed:
            remark = f"({part.remark}) " if part.remark else ""
            yield f"  - {on_github(part.name)}: {remark}{_pieces(shortened(part.pieces))}\n"


def _sign(piece: Piece) -> str:
    return " " if piece.text == GAP else _SIGNS[piece.mark]


def _pieces(pieces: Sequence[Piece]) -> str:
    """Pieces in one paragraph, each mark with its words and none around a space."""
    shown: list[str] = []
    room = dict.fromkeys(Mark, _LONGEST)  # a long text that goes hides none that comes
    for piece in pieces:
        text = piece.text[: max(0, room[piece.mark])]
        room[piece.mark] -= len(piece.text)
        words = on_github(re.sub(f" ?{LINE_END} ?", " ⏎ ", text).strip())
        if words:
            mark = _MARKS.get(piece.mark, "")
            shown.append(f"{mark}{words}{mark}")
    if left := -sum(min(one, 0) for one in room.values()):
        shown.append(f"{GAP} and {count(left, 'more character')}, which do not fit here")
    return " ".join(shown)


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
