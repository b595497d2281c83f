"""GitHub's own parser of Markdown, and what two readers of one text must have in common.

cmark-gfm is the parser that github.com runs. What github.com does after it is left out: formulas,
emoji, alerts, mentions, footnotes, and its filter of HTML (ours is nh3, which is stricter).
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from cmarkgfm import _cmark, cmark

EXTENSIONS = ("table", "autolink", "strikethrough", "tasklist")
"""What GitHub adds to CommonMark, but for ``tagfilter``."""
OPTIONS = cmark.Options.CMARK_OPT_UNSAFE
"""HTML stays; footnotes are off."""

_LIBRARY = ctypes.CDLL(_cmark.__file__)
"""The library itself, as its Python never frees what it has read: 20 KB for a page of text."""

_TO_BRACKETS = str.maketrans("\ue000\ue001", "⸨⸩")
_TO_TOKENS = str.maketrans("⸨⸩", "\ue000\ue001")

_ATTRIBUTE = r"\s+[A-Za-z_:][\w.:-]*+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?"
_PIECE = re.compile(
    r"(?P<comment><!--|-->)"
    rf"|<(?P<close>/?)(?P<tag>[A-Za-z][A-Za-z0-9-]*+)(?P<attributes>(?:{_ATTRIBUTE})*+)\s*/?>"
    r"|(?P<less><)"
    r"|(?P<text>(?:[^<-]++|-(?!->))+)"
)
_NAMED = re.compile(r"(?P<name>[^\s=]+)(?:\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"']+))?")
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HIGH = re.compile(r"\Ah[123]\Z")
_CODE = ["<pre>", "<code>"]
_BOX = re.compile(r"(?P<box>[☐☑])(?: |$)")

SHOWN, RAW = "‹", "«"
"""A ``<`` that is shown, and one of raw HTML that begins no tag: unlike the ``<`` of a tag."""
_UNSEEN = frozenset(("tbody", "thead"))
_BLOCK = re.compile(
    r"</?(?:blockquote|br|details|div|h[1-6]|hr|li|ol|p|pre|summary|table|td|th|tr|ul)[ >]"
)
"""Beside these no white space is seen."""
_OPENS_AN_ITEM = frozenset("h4 p table td th tr".split())
"""What may be between an item's start and its first word."""


def footnotes(text: str) -> int:
    """How often GitHub's parser refers to a footnote."""
    return _read(text, OPTIONS | cmark.Options.CMARK_OPT_FOOTNOTES).count("data-footnote-ref>")


def github(text: str, *, heading: bool = False) -> str:
    """What GitHub makes of a text, or of the text of one heading, which is one paragraph.

    A token is passed in punctuation's brackets: it replaces a formula, code or a cloze, whose
    first and last signs are punctuation, while private-use characters are letters to cmark-gfm.
    """
    source = text.translate(_TO_BRACKETS)
    html = _read(f"#### {source}\n" if heading else source)
    if heading:
        html = html.replace("<h4>", "<p>", 1).replace("</h4>", "</p>", 1)
    return html.translate(_TO_TOKENS)


def _read(text: str, options: int = OPTIONS) -> str:
    cmark.core_extensions_ensure_registered()
    parser = cmark.parser_new(options)
    for name in EXTENSIONS:
        cmark.parser_attach_syntax_extension(parser, cmark.find_syntax_extension(name))
    cmark.parser_feed(parser, text)
    tree = cmark.parser_finish(parser)
    html = _cmark.lib.cmark_render_html(tree, options, cmark.parser_get_syntax_extensions(parser))
    try:
        return bytes(_cmark.ffi.string(html)).decode()
    finally:
        cmark.parser_free(parser)
        for free, what in ((_LIBRARY.cmark_node_free, tree), (_LIBRARY.free, html)):
            free(ctypes.c_void_p(int(_cmark.ffi.cast("uintptr_t", what))))


def structure(html: str, *, tabs: bool = False) -> list[str]:
    """What a reader sees of some HTML: its tags and texts in order, equal where nothing differs.

    Tags count with all their attributes: addresses, titles, start numbers, the sides of columns.
    So do the paragraphs of a loose list. Evened out is what is written in two ways and seen in one:

    - white space: runs of it are one space, and beside a block there is none. In a block of code
      all of it counts, but at the ends of lines; with ``tabs``, if the text has some, only where
      words and lines end, as our tabs are spaces by then, and none at the ends of a code span;
    - control characters, which show nothing;
    - ``&quot;`` and ``"``, ``%20`` and a space in an address, ``<br />`` and ``<br>``;
    - ``align="left"`` and ``class="left"`` of a cell, and the ``<div class="table">`` around one;
    - ``<thead>`` and ``<tbody>``, as ``<th>`` and ``<td>`` say the same;
    - the level of a heading, but for 4 to 6: those above are the cards' own;
    - the language of code, which our scanner takes away before;
    - bold in bold, where cmark-gfm writes one where nothing is between;
    - a box to tick, which GitHub writes before the paragraph of its item and we in it, as ☐ or ☑.

    Raw HTML is taken as raw text, tag by tag: what never closes swallows nothing.
    """
    html = html.replace('<div class="table">', "")
    html = re.sub(r"</table>\s*</div>", "</table>", html)
    return _Events(tabs=tabs).read(html)


class _Events:
    """Collects what is seen."""

    def __init__(self, *, tabs: bool) -> None:
        self.tabs = tabs
        self.events: list[str] = []
        self.strong = 0
        self.item: int | None = None
        """Which event began the item whose first word is still to come."""

    def read(self, html: str) -> list[str]:
        for piece in _PIECE.finditer(html):
            if piece["tag"]:
                self._tag(
                    _HIGH.sub("h4", piece["tag"].lower()), closes=bool(piece["close"]), piece=piece
                )
            elif piece["text"]:
                text = _CONTROL.sub("", unescape(piece["text"]))
                self._text(text.replace("<", SHOWN))
            else:
                self._text(piece[0].replace("<", RAW))
        return [event for event in self._without_spaces() if event]

    def _tag(self, tag: str, *, closes: bool, piece: re.Match[str]) -> None:
        if tag == "strong":
            self.strong += -1 if closes else 1
            if self.strong > (not closes):  # in another
                return
        if tag in _UNSEEN:
            return
        attributes = dict(_attributes(tag, piece["attributes"]))
        if tag == "input" and "disabled" in attributes and self.item is not None:
            self._text("☑ " if "checked" in attributes else "☐ ")
            return
        shown = "".join(f" {name}={value}" for name, value in sorted(attributes.items()))
        self.events.append(f"</{tag}>" if closes else f"<{tag}{shown}>")
        if tag == "li":
            self.item = None if closes else len(self.events) - 1
        elif tag not in _OPENS_AN_ITEM:
            self.item = None

    def _text(self, text: str) -> None:
        if self.events[-2:] == _CODE or self.events[-3:-1] == _CODE:
            self._append(text)
            return
        text = _SPACE.sub(" ", text)
        if self.item is not None and text.strip():
            if box := _BOX.match(text):
                self.events[self.item] = f"<li {box['box']}>"
                text = text[box.end() :]
            self.item = None
        self._append(text)

    def _append(self, text: str) -> None:
        if self.events and not _is_tag(self.events[-1]):
            self.events[-1] += text
        else:
            self.events.append(text)

    def _without_spaces(self) -> Iterator[str]:
        """The events, without the white space that no browser shows."""
        events = [*self.events, "<p>"]  # is behind the last one, and before the first
        for index, event in enumerate(self.events):
            if _is_tag(event):
                yield event
            elif events[max(index - 2, 0) : index] == _CODE:
                lines = (line.rstrip(" \t") for line in event.split("\n"))
                lines = (" ".join(line.split()) for line in lines) if self.tabs else lines
                yield "\n".join(lines).rstrip("\n")
            else:
                before, after = events[index - 1], events[index + 1]
                code = self.tabs and before == "<code>"
                text = event.lstrip(" ") if code or _BLOCK.match(before) else event
                yield text.rstrip(" ") if code or _BLOCK.match(after) else text


def _is_tag(event: str) -> bool:
    return event.startswith("<")


def _attributes(tag: str, written: str) -> Iterator[tuple[str, str]]:
    """The attributes of a tag that are seen, as a browser understands them."""
    if tag == "ol" and "start" not in written:
        yield "start", "1"
    for attribute in _NAMED.finditer(written):
        name = attribute["name"].lower()
        value = attribute["value"] or ""
        value = _SPACE.sub(" ", unescape(value[1:-1] if value[:1] in ("'", '"') else value))
        if name in ("href", "src"):
            value = unquote(value).translate(_TO_TOKENS)
        if tag in ("td", "th") and name in ("align", "class"):
            name = "side"
        if (value or name != "title") and (tag, name) != ("code", "class"):
            yield name, value
