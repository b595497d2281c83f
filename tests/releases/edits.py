"""Edits as authors make them, of the HTML of a field: each leaves the fact what it was.

Words are made up, so that no dictionary is needed: a rewording or a translation shares no word
with what it replaces.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Edit = Callable[[str, random.Random], str]

_TOKENS = re.compile(
    r"(<[^>]*>|\\\(.*?\\\)|\\\[.*?\\\]|\{\{c\d+::|::[^{}]*\}\}|\}\}|[A-Za-z]{2,}|\s+|.)", re.DOTALL
)
_WORD = re.compile(r"[A-Za-z]{3,}")
_SENTENCE_END = re.compile(r"(?<=[.?!:;])(\s+|(?=<))")


def made_up(chance: random.Random) -> str:
    """A word that is in no language."""
    syllables = range(chance.randint(2, 4))
    return "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in syllables)


def misspelt_before(html: str, chance: random.Random) -> str:
    """One or two words with a letter wrong, missing, twice, or in the wrong place."""
    parts = _TOKENS.findall(html)
    long = [at for at, part in enumerate(parts) if _WORD.fullmatch(part) and len(part) > 4]
    for at in chance.sample(long, min(len(long), chance.randint(1, 2))):
        word = parts[at]
        place = chance.randint(1, len(word) - 2)
        head, tail = word[:place], word[place + 1 :]
        parts[at] = chance.choice(
            (
                head + tail,
                head + word[place] * 2 + tail,
                head + tail[0] + word[place] + tail[1:],
                head + chance.choice("aeiorst") + tail,
            )
        )
    return "".join(parts)


def reworded(html: str, chance: random.Random) -> str:
    """Up to three other words, at most a third of all."""
    parts = _TOKENS.findall(html)
    words = [at for at, part in enumerate(parts) if _WORD.fullmatch(part)]
    most = min(len(words), chance.randint(1, 3), max(1, len(words) // 3))
    for at in chance.sample(words, most):
        parts[at] = made_up(chance)
    return "".join(parts)


def translated(html: str, chance: random.Random) -> str:
    """A sentence in another language, its formulas as they are."""
    sentences = _SENTENCE_END.split(html)
    full = [
        at for at, one in enumerate(sentences) if len(_WORD.findall(re.sub("<[^>]*>", "", one))) > 1
    ]
    if full:
        at = chance.choice(full)
        parts = _TOKENS.findall(sentences[at])
        sentences[at] = "".join(made_up(chance) if _WORD.fullmatch(one) else one for one in parts)
    return "".join(sentences)


def formulas_rewritten(html: str, chance: random.Random) -> str:
    """The same formulas in other LaTeX."""
    tall = chance.random() < 0.3

    def rewrite(match: re.Match[str]) -> str:
        tex = match[0].replace(r"\mathbb{E}", r"\operatorname{E}").replace(r"\mid", "|")
        tex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1)/(\2)", tex)
        tex = re.sub(r"(\w)\^2", r"{\1}^{2}", tex)
        return tex.replace("(", r"\left(").replace(")", r"\right)") if tall else tex

    return re.sub(r"\\\(.*?\\\)|\\\[.*?\\\]", rewrite, html, flags=re.DOTALL)


def widened(html: str, chance: random.Random) -> str:
    """A sentence more."""
    return f"{html} {' '.join(made_up(chance) for _ in range(chance.randint(4, 14)))}."


def shortened(html: str, chance: random.Random) -> str:
    """A sentence less, of four or more."""
    sentences = _SENTENCE_END.split(html)
    plain = [at for at, one in enumerate(sentences) if len(one) > 8 and not re.search("<|{{c", one)]
    if len(sentences) > 3 and plain:
        sentences[chance.choice(plain)] = ""
    return "".join(sentences)


def numbers_corrected(html: str, chance: random.Random) -> str:
    """Other numbers, but for those of clozes and in the names of pictures."""
    if "<img" in html:
        return html
    return re.sub(
        r"(?<!\{\{c)(?<!\d)\d+", lambda found: str(int(found[0]) + chance.randint(1, 9)), html
    )


LAWFUL: tuple[Edit, ...] = (
    misspelt_before,
    reworded,
    translated,
    formulas_rewritten,
    widened,
    shortened,
    numbers_corrected,
)
