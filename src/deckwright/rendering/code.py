"""Code in colours: the one door to Pygments.

Colours never change what code says. A lexer may swallow a line, move words or go on for ever;
what it makes is read back, and where that is not the code, the code is shown without colours.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexer import Lexer

MAX_COLOURED = 3_000
"""The longest code that is coloured, in characters: some lexers take seconds for 8,000."""

_MOST_TOKENS = 4
"""Tokens for each character; no lexer that comes to an end was seen to make more than two."""
_TAG = re.compile("<[^>]*>")


def highlight(code: str, language: str) -> str | None:
    """Code as HTML with Pygments' classes; None where it does not know the language."""
    lexer = _lexer(language) if language else None
    if language and lexer is None:
        return None
    coloured = in_colours(code, lexer) if lexer and len(code) <= MAX_COLOURED else None
    return escape(code, quote=False) if coloured is None else coloured


def in_colours(code: str, lexer: Lexer) -> str | None:
    """Code as HTML with the classes of a lexer's tokens; None where that shows another text."""
    # Lexers mean lines that end, and their own way in (get_tokens) drops and changes characters.
    text = f"{code}\n"
    tokens = islice(lexer.get_tokens_unprocessed(text), _MOST_TOKENS * len(text))
    file = StringIO()
    _formatter().format(((kind, value) for _, kind, value in tokens), file)
    html = file.getvalue().removesuffix("\n")
    return html if unescape(_TAG.sub("", html)) == code else None


@cache
def _lexer(language: str) -> Lexer | None:
    """The lexer of a language, for all its code: making one costs more than using it."""
    # Imported here, as only decks with coloured code should pay for it (40 ms).
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


@cache
def _formatter() -> HtmlFormatter[str]:
    """The formatter of all code."""
    from pygments.formatters.html import HtmlFormatter

    return HtmlFormatter(nowrap=True)
