"""The one door to Python-Markdown, and to Pygments for the colours of code.

Code, formulas and clozes never reach Markdown: they pass through it as tokens (see
:mod:`deckwright.render`), so none of its rules can touch them. Of its extensions only tables
and sane lists are on, which read as GitHub reads them; language guessing, ids, footnotes and
attribute lists stay off (a guess stalls on small inputs, the others let a card do harm).
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexer import Lexer

PLAIN_PUNCTUATION = " .,;:?'\"()/%"
"""What may stand in a line that Markdown would leave as it is."""

_PLAIN = re.compile(
    rf"\ue002?(?!\d+[.)])\w(?:[\w\ue000\ue001{re.escape(PLAIN_PUNCTUATION)}](?<!_))*"
)


class TooDeepError(Exception):
    """The text is nested so deeply that Markdown gives up."""


class _Tables(Treeprocessor):
    """Puts each table into a ``<div class="table">``, which scrolls where it is too wide."""

    def run(self, root: Element) -> None:
        for parent in list(root.iter()):
            for index, child in enumerate(parent):
                if child.tag == "table" and parent.get("class") != "table":
                    box = Element("div", {"class": "table"})
                    box.tail, child.tail = child.tail, None
                    parent[index] = box
                    box.append(child)
        for cell in root.iter():
            if cell.tag in ("td", "th") and "align" in cell.attrib:
                cell.set("class", cell.attrib.pop("align"))


@cache
def _markdown() -> Markdown:
    """One instance for all texts: making one costs more than using it."""
    markdown = Markdown(
        extensions=[TableExtension(use_align_attribute=True), SaneListExtension()],
        output_format="html",
    )
    markdown.treeprocessors.register(_Tables(markdown), "deckwright-tables", 5)
    return markdown


def is_plain(text: str) -> bool:
    """Whether every reader of Markdown makes one paragraph of it, as it stands."""
    return _PLAIN.fullmatch(text) is not None


def to_html(text: str) -> str:
    """Markdown to HTML, not yet cleaned.

    Raises:
        TooDeepError: where Python-Markdown's recursion ends.
    """
    if is_plain(text):
        return f"<p>{text}</p>"
    try:
        return _markdown().reset().convert(text)
    except RecursionError:
        _markdown.cache_clear()
        raise TooDeepError from None


MAX_COLOURED = 3_000
"""The longest code that is coloured, in characters: some lexers take seconds for 8,000."""


def _known(language: str) -> bool:
    return not language or _colouring(language)[0] is not None


def highlight(code: str, language: str) -> str | None:
    """Code as HTML with Pygments' classes; None where it does not know the language."""
    if not language or len(code) > MAX_COLOURED:
        return escape(code, quote=False) if _known(language) else None
    # Imported here, as only decks with coloured code should pay for it (40 ms).
    from pygments import highlight as colour

    lexer, formatter = _colouring(language)
    return str(colour(code, lexer, formatter)).rstrip("\n") if lexer else None


@cache
def _colouring(language: str) -> tuple[Lexer | None, HtmlFormatter[str]]:
    """The lexer of a language and the formatter; making them costs more than using them."""
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        lexer = None
    return lexer, HtmlFormatter(nowrap=True)
