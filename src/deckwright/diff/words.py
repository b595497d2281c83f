"""Word by word: what stays, what goes and what comes between two texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, product

from deckwright.rendering.html_text import LINE_END, Token

_LONG = 2_000
"""From so many words on, difflib may take its short cuts."""
_ALIKE = 0.5
"""Two words that share less are shown as another word, not as a corrected one."""
_MOST_PAIRS = 400
"""More words than this are not compared each with each."""
_CHAFF = re.compile(r"[^\W\d_]{1,3}")
"""A word that says so little that, alone between two changes, it is shown as part of them."""
_PARTS = re.compile(r"\\[A-Za-z]+|\w+|\s+|.", re.DOTALL)
"""The parts of a word or a formula: TeX commands, words, signs."""

GAP = "…"


class Mark(StrEnum):
    """What becomes of a piece of text."""

    SAME = "same"
    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stays, goes or comes."""

    mark: Mark
    text: str


def whole(tokens: Sequence[Token], mark: Mark = Mark.SAME) -> tuple[Piece, ...]:
    """A text in which nothing is compared."""
    return (Piece(mark, _joined(tokens)),) if tokens else ()


def word_changes(
    old: Sequence[Token], new: Sequence[Token], *, fine: bool = True
) -> tuple[Piece, ...]:
    """The pieces of two texts in reading order; ``fine`` looks into words and formulas, too."""
    runs: list[list[Piece]] = []
    for same, olds, news in _steps(old, new):
        if same:
            runs.append([Piece(Mark.SAME, _joined(news))])
        else:
            runs += _inside(olds, news) if fine else _replaced(olds, news)
    return _merged(_spaced(runs))


def line_changes(old: str, new: str) -> tuple[Piece, ...]:
    """The lines of two texts, one piece a line, with two lines that stay around each change."""
    before, after = old.splitlines(), new.splitlines()
    pieces: list[Piece] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(2):
        if pieces:
            pieces.append(Piece(Mark.SAME, GAP))
        for what, old_start, old_end, new_start, new_end in group:
            if what == "equal":
                pieces += [Piece(Mark.SAME, line) for line in after[new_start:new_end]]
            else:
                pieces += [Piece(Mark.OLD, line) for line in before[old_start:old_end]]
                pieces += [Piece(Mark.NEW, line) for line in after[new_start:new_end]]
    return tuple(pieces)


def shortened(pieces: Sequence[Piece], around: int = 8) -> tuple[Piece, ...]:
    """The pieces with so many words that stay around each change, and a gap for the rest."""
    last = len(pieces) - 1
    return tuple(
        Piece(piece.mark, _cut(piece.text, around if at else 0, around if at < last else 0))
        if piece.mark is Mark.SAME
        else piece
        for at, piece in enumerate(pieces)
    )


def _cut(text: str, head: int, tail: int) -> str:
    words = re.findall(r"\S+|\s+", text)
    if len(words) <= 2 * (head + tail) + 8:
        return text
    start, end = "".join(words[: 2 * head]), "".join(words[len(words) - 2 * tail :])
    return f"{start.rstrip()}{' ' if head else ''}{GAP}{' ' if tail else ''}{end.lstrip()}"


Step = tuple[bool, Sequence[Token], Sequence[Token]]
"""Whether it stays, the old words and the new ones."""


def _steps(old: Sequence[Token], new: Sequence[Token]) -> Iterator[Step]:
    """The comparison without chaff: few signs that stay belong to the changes around them."""
    matcher = SequenceMatcher(
        None, [one.key for one in old], [one.key for one in new], len(old) + len(new) > _LONG
    )
    codes = matcher.get_opcodes()
    flags = [
        what == "equal"
        and not (0 < at < len(codes) - 1 and _CHAFF.fullmatch(_joined(new[start:end])))
        for at, (what, _, _, start, end) in enumerate(codes)
    ]
    for same, group in groupby(zip(flags, codes, strict=True), key=lambda pair: pair[0]):
        found = [code for _, code in group]
        yield same, old[found[0][1] : found[-1][2]], new[found[0][3] : found[-1][4]]


def _inside(olds: Sequence[Token], news: Sequence[Token]) -> list[list[Piece]]:
    """Runs in which each word that became a similar one shows what changed inside it."""
    runs: list[list[Piece]] = []
    old_at = new_at = 0
    for old, new in (*_pairs(olds, news), (len(olds), len(news))):
        runs += _replaced(olds[old_at:old], news[new_at:new])
        if old < len(olds):
            runs.append(_compared(olds[old].text, news[new].text))
        old_at, new_at = old + 1, new + 1
    return runs


def _pairs(olds: Sequence[Token], news: Sequence[Token]) -> list[tuple[int, int]]:
    """The places of similar words, in order, alike as a whole as can be."""
    if len(olds) * len(news) > _MOST_PAIRS:
        return []
    best: dict[tuple[int, int], tuple[float, list[tuple[int, int]]]] = {}
    nothing: tuple[float, list[tuple[int, int]]] = (0.0, [])
    for old, new in product(range(len(olds)), range(len(news))):
        likeness = _likeness(olds[old].text, news[new].text)
        before, pairs = best.get((old - 1, new - 1), nothing)
        options = [best.get((old - 1, new), nothing), best.get((old, new - 1), nothing)]
        if likeness >= _ALIKE:
            options.append((before + likeness, [*pairs, (old, new)]))
        best[old, new] = max(options, key=lambda option: option[0])
    return best.get((len(olds) - 1, len(news) - 1), nothing)[1]


def _likeness(old: str, new: str) -> float:
    """How much two words share; nothing where they read the same."""
    if old == new:
        return 0.0
    parts = _PARTS.findall(old), _PARTS.findall(new)
    blocks = SequenceMatcher(None, *parts, autojunk=False).get_matching_blocks()
    shared = sum(len("".join(parts[0][block.a : block.a + block.size])) for block in blocks)
    return 2 * shared / (len(old) + len(new))


def _compared(old: str, new: str) -> list[Piece]:
    """The parts of two similar words."""
    olds, news = _PARTS.findall(old), _PARTS.findall(new)
    pieces = []
    for what, *ends in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        before, after = "".join(olds[ends[0] : ends[1]]), "".join(news[ends[2] : ends[3]])
        if what == "equal":
            pieces.append(Piece(Mark.SAME, before))
        else:
            pieces += [Piece(Mark.OLD, before), Piece(Mark.NEW, after)]
    return [piece for piece in pieces if piece.text]


def _replaced(olds: Sequence[Token], news: Sequence[Token]) -> list[list[Piece]]:
    marked = ((Mark.OLD, olds), (Mark.NEW, news))
    return [[Piece(mark, _joined(tokens))] for mark, tokens in marked if tokens]


def _joined(tokens: Iterable[Token]) -> str:
    return (
        " ".join(token.text for token in tokens)
        .replace(f" {LINE_END}", LINE_END)
        .replace(f"{LINE_END} ", LINE_END)
    )


def _spaced(runs: Iterable[list[Piece]]) -> Iterator[Piece]:
    """The runs with a space between them, but where a line ends that stays."""
    before = Piece(Mark.SAME, LINE_END)
    for run in runs:
        ends = (before.mark is Mark.SAME and before.text.endswith(LINE_END)) or (
            run[0].mark is Mark.SAME and run[0].text.startswith(LINE_END)
        )
        if not ends:
            yield Piece(Mark.SAME, " ")
        yield from run
        before = run[-1]


def _merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    return tuple(
        Piece(mark, "".join(piece.text for piece in group))
        for mark, group in groupby(pieces, key=lambda piece: piece.mark)
    )
