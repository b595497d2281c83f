"""Code in colours: the one door to Pygments.

Colours never change what code says. A lexer may swallow a line, move words or go on for ever;
what it makes is read back, and where that is not the code, the code is shown without colours.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from html import escape, unescape
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

from deckwright.formulas.parts import Mark

if TYPE_CHECKING:
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexer import Lexer

MAX_COLOURED = 3_000
"""The longest code that is coloured, in characters: some lexers take seconds for 8,000."""

_MOST_TOKENS = 4
"""Tokens for each character; no lexer that comes to an end was seen to make more than two."""
_TAG = re.compile("<[^<>]*>")
_PIECE = re.compile("(?P<tag><[^<>]*>)|&[^;]*;|(?P<text>[^<&]+)")


_ALSO = dict(
    pair.split("=")
    for pair in (
        "assembly=nasm batchfile=bat bats=bash conf=ini hack=php java-properties=properties "
        "jinja2=jinja jruby=ruby jsonc=json node=javascript nvim=vim opencl=c "
        "osascript=applescript pandoc=markdown perl-6=perl6 pgsql=plpgsql plaintext=text "
        "plsql=sql povray=pov rmarkdown=markdown roff=groff shell-script=bash "
        "shellsession=console troff=groff viml=vim vimscript=vim wasm=wast webassembly=wast "
        "xaml=xml"
    ).split()
)
"""What GitHub calls languages that Pygments knows by another name alone."""


def highlight(code: str, language: str) -> str:
    """Code as HTML with Pygments' classes, without them where it does not know the language."""
    lexer = _lexer(language) if language else None
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


def cut(html: str, marks: Iterable[tuple[int, Mark]]) -> Iterator[str | Mark]:
    """The HTML of code, cut by marks at indexes of its text; no tag is open where it is cut."""
    left = deque(marks)
    opened, at = "", 0
    for token in _PIECE.finditer(html):
        piece = token[0]
        if not token["tag"]:
            end, done = at + (len(piece) if token["text"] else 1), 0
            while left and left[0][0] < end:
                index, mark = left.popleft()
                yield f"{piece[done : index - at]}{'</span>' if opened else ''}"
                yield mark
                yield opened
                done = index - at
            yield piece[done:]
            at = end
            continue
        while left and left[0][0] == at and not opened:
            yield left.popleft()[1]
        opened = "" if piece == "</span>" else piece
        yield piece
    yield from (mark for _, mark in left)


@cache
def meant(language: str) -> str:
    """The language that was meant by a name that is nearly its own; empty where there is none.

    A name that is like no other is not a slip: its code is shown plain, as on GitHub.
    """
    from pygments.lexers import get_all_lexers

    if not 4 < len(language) < 30 or _lexer(language):
        return ""
    known = (name for _, names, *_ in get_all_lexers(plugins=False) for name in names)
    names = sorted(name for name in known if name[0] == language[0].lower())
    return next(iter(get_close_matches(language.lower(), names, n=1, cutoff=0.8)), "")


@cache
def _lexer(language: str) -> Lexer | None:
    """The lexer of a language, for all its code: making one costs more than using it."""
    # Imported here: only decks with coloured code should pay for it (40 ms).
    from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
    from pygments.util import ClassNotFound

    with suppress(ClassNotFound):
        return get_lexer_by_name(_ALSO.get(language.lower(), language))
    with suppress(ClassNotFound):  # GitHub knows it by the ending of its files, too: kt
        return get_lexer_for_filename(f"x.{language.lower()}")
    return None


@cache
def _formatter() -> HtmlFormatter[str]:
    """The formatter of all code."""
    from pygments.formatters.html import HtmlFormatter

    return HtmlFormatter(nowrap=True)
