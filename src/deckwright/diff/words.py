"""Word by word: what stays, what goes and what comes between two texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import groupby, zip_longest

from deckwright.diff.formulas import FORMULA
from deckwright.rendering.html_text import LINE_END, Token

_MOST_PAIRS = 50_000
"""So many pairs of equal words are looked at; of a text with more, only both ends are compared."""
_ALIKE = 0.5
"""Two words that share less of their parts are shown as another word, not as a corrected one."""
_CHAFF = re.compile(r"[^\W\d_]{1,3}")
"""A word that says so little that, alone between two changes, it is shown as part of them."""
_PARTS = re.compile(r"\\[A-Za-z]+|\w+|\s+|.", re.DOTALL)
"""The parts of a word or a formula: TeX commands, words, signs."""
_WORDS = re.compile(rf"(?:{FORMULA}|\S)+|\s+")
"""Words and the spaces between them; a formula between marks is in one word."""
_NOTHING = Token("", "")

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


def whole(tokens: Sequence[Token]) -> tuple[Piece, ...]:
    """A text in which nothing is compared."""
    return (Piece(Mark.SAME, _joined(tokens)),) if tokens else ()


def word_changes(
    old: Sequence[Token], new: Sequence[Token], *, fine: bool = True
) -> tuple[Piece, ...]:
    """The pieces of two texts in reading order; ``fine`` looks into words and formulas, too."""
    runs: list[list[Piece]] = []
    for same, olds, news in _steps(old, new):
        if same:
            runs.append([Piece(Mark.SAME, _joined(news))])
        else:
            pairs = zip_longest(olds, news, fillvalue=_NOTHING)
            for alike, group in groupby(pairs, lambda pair: fine and _alike(*pair)):
                found = [*group]
                runs += map(_inside, found) if alike else _replaced(found)
    pieces = groupby(_spaced(runs), key=lambda piece: piece.mark)
    return tuple(Piece(mark, "".join(piece.text for piece in group)) for mark, group in pieces)


def line_changes(old: str, new: str) -> tuple[Piece, ...]:
    """The lines of two texts, one piece a line, with two lines that stay around each change."""
    before, after = old.splitlines(), new.splitlines()
    pieces: list[Piece] = []
    for group in _matcher(before, after).get_grouped_opcodes(2):
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
    words = _WORDS.findall(text)
    if len(words) <= 2 * (head + tail) + 8:
        return text
    start, end = "".join(words[: 2 * head]), "".join(words[len(words) - 2 * tail :])
    return f"{start.rstrip()}{' ' if head else ''}{GAP}{' ' if tail else ''}{end.lstrip()}"


def _steps(
    old: Sequence[Token], new: Sequence[Token]
) -> Iterator[tuple[bool, Sequence[Token], Sequence[Token]]]:
    """Whether some words stay, the old ones and the new ones; chaff belongs to the changes."""
    keys = [one.key for one in old], [one.key for one in new]
    codes = _matcher(*keys).get_opcodes()

    def stays(at: int) -> bool:
        what, _, _, start, end = codes[at]
        inside = 0 < at < len(codes) - 1
        return what == "equal" and not (inside and _CHAFF.fullmatch(_joined(new[start:end])))

    for same, group in groupby(range(len(codes)), key=stays):
        found = [codes[at] for at in group]
        yield same, old[found[0][1] : found[-1][2]], new[found[0][3] : found[-1][4]]


def _matcher(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    """What compares two texts; where they hold too many equal words, both ends alone."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    counts = Counter(old)
    if sum(counts[word] for word in new) > _MOST_PAIRS:
        shorter = min(len(old), len(new))
        pairs = zip(old, new, strict=False)
        start = next((at for at, (one, other) in enumerate(pairs) if one != other), shorter)
        rest = shorter - start
        pairs = zip(reversed(old), reversed(new), strict=False)
        alike = next((at for at, (one, other) in enumerate(pairs) if one != other), rest)
        end = min(alike, rest)
        blocks = [(0, 0, start), (len(old) - end, len(new) - end, end), (len(old), len(new), 0)]
        found = [Match(*block) for block in blocks]
        matcher.matching_blocks = found  # type: ignore[attr-defined]  # which it finds itself, else
    return matcher


def _alike(old: Token, new: Token) -> bool:
    """Whether one word is a correction of another, and reads otherwise."""
    ratio = _matcher(_PARTS.findall(old.text), _PARTS.findall(new.text)).ratio()
    return old.text != new.text and ratio >= _ALIKE


def _inside(pair: tuple[Token, Token]) -> list[Piece]:
    """The parts of two words that are alike."""
    olds, news = (_PARTS.findall(one.text) for one in pair)
    pieces = []
    for what, *ends in _matcher(olds, news).get_opcodes():
        before, after = "".join(olds[ends[0] : ends[1]]), "".join(news[ends[2] : ends[3]])
        if what == "equal":
            pieces.append(Piece(Mark.SAME, before))
        else:
            pieces += [Piece(Mark.OLD, before), Piece(Mark.NEW, after)]
    return [piece for piece in pieces if piece.text]


def _replaced(pairs: Sequence[tuple[Token, Token]]) -> list[list[Piece]]:
    texts = (_joined(one for one in row if one is not _NOTHING) for row in zip(*pairs, strict=True))
    marked = zip((Mark.OLD, Mark.NEW), texts, strict=True)
    return [[Piece(mark, text)] for mark, text in marked if text]


def _joined(tokens: Iterable[Token]) -> str:
    return re.sub(f" ?{LINE_END} ?", LINE_END, " ".join(token.text for token in tokens))


def _spaced(runs: Iterable[list[Piece]]) -> Iterator[Piece]:
    """The runs with a space between them, but where a line ends that stays."""
    before = Piece(Mark.SAME, LINE_END)
    for run in runs:
        left, right = (before.mark, before.text[-1:]), (run[0].mark, run[0].text[:1])
        if (Mark.SAME, LINE_END) not in (left, right):
            yield Piece(Mark.SAME, " ")
        yield from run
        before = run[-1]
