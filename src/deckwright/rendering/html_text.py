r"""The HTML of a field as a person reads it: words, formulas as LaTeX, pictures by name, sounds.

What is hidden but counts (a picture's file, a link's address) travels with its word between two
private signs: it decides whether the word is the same, and is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from deckwright.note_types.clozes import all_shown, read_clozes

LINE_END = "\n"


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is shown, and what it is compared by."""

    text: str
    key: str

    def __str__(self) -> str:
        return self.text


_SPACE, _OPEN, _CLOSE, _WHOLE = "\ue000", "\ue001", "\ue002", "\ue003"
"""A space within a word; around what is hidden; around a formula of the card. Of Unicode's private
use, not in any deck."""
_PRIVATE = str.maketrans("", "", _SPACE + _OPEN + _CLOSE + _WHOLE)
_LOOSE = re.compile(r"\\(?=[(\[])")
_JOINER = "\u2060"
"""Has no width, and nothing breaks at it."""
_HIDDEN = re.compile(f"{_OPEN}.*?{_CLOSE}")
_LINK = re.compile(f"{_OPEN}((?:https?:|mailto:)[^{_CLOSE}]*){_CLOSE}")
"""Where a link goes, hidden behind its last word."""
_OPENS = re.compile(r"\\[(\[]")
_CLOSES = {r"\(": r"\)", r"\[": r"\]"}
_BLOCKS = frozenset(
    "address article blockquote caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 "
    "li ol p pre section summary table tbody tfoot thead tr ul".split()
)
_CELLS = frozenset(["td", "th"])
_CODE = frozenset(["code", "pre"])
"""What MathJax leaves alone."""
_RULE = "———"
_SOUND = re.compile(r"\[sound:([^\]\"<>&]*)\]")
"""Anki's tag of a sound; one that is shown as text has its bracket written ``&#91;``."""
_NO_TAG = re.compile(r"<(?![A-Za-z/!][^<>]*>)")
"""What begins no tag: the parser would look for its end again and again."""
_SAFE = {"} }": "}}", ": :": "::"}
"""How formulas in clozes are kept from ending them, and what their authors wrote."""


def words(html: str, *, addresses: bool = False) -> tuple[Token, ...]:
    """The words of a field, one after the other; a line end is a word of its own.

    With ``addresses``, the last word of a link shows where that goes.
    """
    found: list[Token] = []
    for line in _text(html).split(LINE_END):
        if not line.strip():
            continue
        if found:
            found.append(Token(LINE_END, LINE_END))
        for word in line.split():
            kept = _LINK.sub(_shown_address, word) if addresses else word
            shown = _HIDDEN.sub("", kept).replace(_SPACE, " ")
            found.append(Token(shown, word))
    return tuple(found)


def _shown_address(link: re.Match[str]) -> str:
    """Where a link goes, where its words do not say so."""
    return "" if link.string[: link.start()].endswith(link[1]) else f" ({link[1]})"


def line(html: str, longest: int = 90) -> str:
    """The start of a field in one line."""
    text = " ".join(token.text for token in words(html) if token.text != LINE_END)
    return text if len(text) <= longest else f"{text[: longest - 2].rstrip()} …"


def title(html: str) -> str:
    r"""A field in one line, with nothing hidden; its formulas stay ``\(…\)``.

    Of these, the text has no others: what is no formula on the card, such as code about one, would
    become one where tags are left out.
    """
    text = "".join(_read(all_shown(read_clozes(html))).parts)
    text = " ".join(_HIDDEN.sub("", text).replace(_SPACE, " ").split())
    pieces = text.split(_WHOLE)
    pieces[::2] = [_LOOSE.sub(rf"\g<0>{_JOINER}", piece) for piece in pieces[::2]]
    return "".join(pieces)


def sources(html: str) -> tuple[str, ...]:
    """The names of the files that a field shows or plays."""
    return tuple(_read(html).files)


def tags(html: str) -> tuple[Token, ...]:
    """The words of the HTML itself, its tags included: for changes that no word shows."""
    parts = re.findall(r"<[^<>]*>|[^<\s]+|<", html)
    return tuple(Token(part, part) for part in parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.files: list[str] = []
        self._links: list[str] = []
        self._pre = 0
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS or tag == "br":
            self.parts.append(LINE_END)
        if tag == "li":
            self.parts.append("• ")
        elif tag == "hr":
            self.parts.append(f"{LINE_END}{_RULE}{LINE_END}")
        elif tag == "img":
            self._picture(values)
        elif tag == "audio":
            self.files.append(values.get("src", ""))
            self.parts.append("[sound]" + _hidden(values.get("src", "")))
        elif tag == "a":
            self._links.append(values.get("href", ""))
        elif tag == "pre":
            self._pre += 1
        self._code += tag in _CODE

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append(LINE_END)
        if tag in _CELLS:
            self.parts.append(" | ")
        elif tag == "a" and self._links:
            self.parts.append(_hidden(self._links.pop()))
        elif tag == "pre":
            self._pre = max(0, self._pre - 1)
        self._code = max(0, self._code - (tag in _CODE))

    def handle_data(self, data: str) -> None:
        data = data.translate(_PRIVATE)
        if not self._code:
            data = "".join(_with_formulas(data, lambda _, whole: f"{_WHOLE}{whole}{_WHOLE}"))
        self.parts.append(data if self._pre else re.sub(r"\s+", " ", data))

    def _picture(self, values: dict[str, str]) -> None:
        source = values.get("src", "")
        self.files.append(source)
        name = " ".join(values.get("alt", "").split()) or source
        shown = f"[picture: {name.translate(_PRIVATE)}]".replace(" ", _SPACE)
        self.parts.append(shown + _hidden(source))


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(_SOUND.sub(r'<audio src="\1">', _NO_TAG.sub("&lt;", html)))
    reader.close()
    return reader


def _hidden(value: str) -> str:
    kept = re.sub(r"\s+", _SPACE, value.translate(_PRIVATE))
    return f"{_OPEN}{kept}{_CLOSE}"


def _text(html: str) -> str:
    text = "".join(_read(html).parts).replace(_WHOLE, "")
    text = re.sub(r" \|\s*(?=\n|$)", "", text)
    return "".join(_with_formulas(text, _formula))


def _with_formulas(text: str, made: Callable[[str, str], str]) -> Iterator[str]:
    """A text with something made of each formula, in one walk, however many never end.

    It is made of the two signs that open the formula, and of all of it.
    """
    end = 0
    closes = dict(_CLOSES)
    for opens in _OPENS.finditer(text):
        if opens.start() < end or opens[0] not in closes:
            continue
        at = text.find(closes[opens[0]], opens.end())
        if at < 0:
            del closes[opens[0]]
            continue
        yield text[end : opens.start()]
        end = at + len(closes[opens[0]])
        yield made(opens[0], text[opens.start() : end])
    yield text[end:]


def _formula(opens: str, whole: str) -> str:
    """A formula as its author writes it, as one word."""
    sign = "$" if opens == r"\(" else "$$"
    tex = " ".join(whole[2:-2].split())
    for safe, written in _SAFE.items():
        tex = tex.replace(safe, written)
    return f"{sign}{tex}{sign}".replace(" ", _SPACE)
