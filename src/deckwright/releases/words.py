"""The words of a card, for those who compare cards: what they are, and how much each says."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from deckwright.model import by_content
from deckwright.source.card_keys import SMALL_WORDS

Words = frozenset[str]

PICTURE = "picture_"
"""How the word for a picture begins."""

_TAG = re.compile(r"<(?!img\b)[^<>]*>", re.IGNORECASE)
_PICTURE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_VALUE = re.compile(r'\b(src|alt)="([^"]*)"', re.IGNORECASE)
# Of scripts without spaces between words, each sign is a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|[^\w\s.,;:?!()]")
_SLIGHT = 0.15
"""The weight of a small word or a sign."""
_MANY = 5_000
"""More pairs of words than this are not searched for one that was corrected."""


def plain(html: str) -> str:
    """The text of HTML, with its clozes, and with a word for each picture."""
    return unescape(_TAG.sub(" ", _PICTURE.sub(_picture, by_content(html))))


def _picture(tag: re.Match[str]) -> str:
    """A picture by its words and its name."""
    values = {name.lower(): value for name, value in _VALUE.findall(tag[0])}
    name = values.get("src", "")
    return f" {values.get('alt', '')} {PICTURE}{re.sub('[^a-z0-9]', '_', name)} "


def tokens(text: str) -> list[str]:
    """The words and signs of a text, in order."""
    return _WORD.findall(text.casefold())


def weight(word: str) -> float:
    """How much a word says, however rare it is: 1, less for signs, and more for a picture."""
    if word.startswith(PICTURE):
        return 3.0
    letter = len(word) == 1 and word.isascii() and not word.isdigit()
    return _SLIGHT if letter or word in SMALL_WORDS or not re.search(r"\w", word) else 1.0


def is_label(word: str) -> bool:
    """Whether a word can name a thing: a letter can, a sign or a small word cannot."""
    return word not in SMALL_WORDS and re.search(r"\w", word) is not None


def kept(
    old: Words,
    new: Words,
    weigh: Callable[[str], float] = weight,
    *,
    corrected: bool = True,
) -> tuple[float, float, float]:
    """The weight of the words that stay, go and come; a word that is ``corrected`` stays."""
    lost, gained = old - new, new - old
    stays = sum(map(weigh, old & new))
    if corrected and len(lost) * len(gained) <= _MANY:
        for word in sorted(lost):
            if same := next((one for one in sorted(gained) if is_corrected(word, one)), ""):
                lost, gained = lost - {word}, gained - {same}
                stays += (weigh(word) + weigh(same)) / 2
    return stays, sum(map(weigh, lost)), sum(map(weigh, gained))


def share(stays: float, goes: float, comes: float) -> float:
    """How alike two texts are, from 0 to 1, by the weight of what stays, goes and comes."""
    return stays / (stays + goes + comes) if stays + goes + comes else 1.0


def is_corrected(word: str, other: str) -> bool:
    """Whether two words are one, misspelt or in another form: ``Frence`` and ``France``.

    They begin alike, and two letters changed places or one is another, missing or too much; or
    all but their ends is the same.
    """
    shorter, longer = sorted((word, other), key=len)
    if len(longer) < 4 or word[0] != other[0] or not (word.isalpha() and other.isalpha()):
        return False
    head = alike_at_start(word, other)
    if head >= max(4, 0.7 * len(longer)):
        return True
    tail = min(alike_at_start(word[::-1], other[::-1]), len(shorter) - head)
    one, two = (text[head : len(text) - tail] for text in (word, other))
    return max(len(one), len(two)) <= 1 or (len(one) == 2 and one == two[::-1])


def alike_at_start(one: str, other: str) -> int:
    """How many signs two words have in common at their start."""
    both = zip(one, other, strict=False)
    return next(
        (at for at, pair in enumerate(both) if pair[0] != pair[1]), min(len(one), len(other))
    )
