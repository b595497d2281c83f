"""Which of MathJax's fonts some cards need: a page embeds no others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape

from deckwright.mathjax.engine import EngineMissing, Typeset, Verdict
from deckwright.mathjax.prove import prove
from deckwright.preview.pages import read

_SECONDS = 10.0
"""How long formulas may be proven anew, in seconds of a processor: those of a deck that was just
compiled are in the cache."""
_ANY = "*"
"""Any font, for all that is known."""
_TAG = "\0"
"""Where a tag begins, or ends: no text of a page has this character."""
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_FORMULA = re.compile(
    r"\\(?:\((?P<inline>[^\\]*(?:\\[^)][^\\]*)*)\\\)"
    r"|\[(?P<display>[^\\]*(?:\\[^]][^\\]*)*)\\\]"
    r"|[(\[])"
)
"""A formula as MathJax finds it, but for braces, or only where one begins."""


@cache
def files() -> dict[str, str]:
    """The file of each of MathJax's fonts, by the family that it has in MathJax's style sheet."""
    return {
        family: f"MathJax_{name}.woff" for family, name in json.loads(read("fonts.json")).items()
    }


def families(html_texts: Iterable[str]) -> tuple[str, ...]:
    """The families of MathJax's fonts that some HTML may ask for; none where it has no formula.

    There may be one too many, but none is missing. MathJax itself names them, in the engine: where
    it cannot, because the engine is not installed or gave a formula up, these are all families.
    """
    found = {one for html in html_texts for one in _formulas(html)}
    if not found:
        return ()
    letters = _ANY if None in found else _letters(one for one in found if one)
    needed = {"MJXZERO", "MJXTEX", *(f"MJXTEX-{letter}" for letter in letters)}
    return tuple(family for family in files() if family in needed or _ANY in letters)


def _formulas(html: str) -> Iterator[Typeset | None]:
    """The formulas in a text; None, at the end, where there may be others than can be read here.

    MathJax looks for them in the texts between tags; only a line's end may be in one.
    """
    text = unescape(_BREAK.sub("\n", html).replace("<", _TAG).replace(">", _TAG))
    for match in _FORMULA.finditer(text):
        tex = match["inline"] if match["display"] is None else match["display"]
        if tex is None or _TAG in tex:
            yield None
            return
        yield Typeset(tex, match["display"] is not None)


def _letters(formulas: Iterable[Typeset]) -> frozenset[str]:
    """MathJax's letters of the fonts that draw some formulas."""
    wanted = frozenset(formulas)
    try:
        verdicts = prove(wanted, seconds=_SECONDS)
    except (EngineMissing, MemoryError):
        return frozenset(_ANY)
    if wanted - verdicts.keys() or any(map(_is_unclear, verdicts.values())):
        return frozenset(_ANY)
    return frozenset(letter for one in verdicts.values() for letter in one.fonts)


def _is_unclear(verdict: Verdict) -> bool:
    """Whether MathJax may make something else of it on a page, or a style chooses its fonts."""
    return bool(verdict.gave_up or verdict.unsafe or not verdict.delimited)
