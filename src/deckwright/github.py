"""What GitHub reads otherwise than Python-Markdown: a card must look the same in review and study.

Two readers are compared: Python-Markdown, which makes the card, and markdown-it, which reads
CommonMark with GitHub's tables and strikethrough. Whatever they read differently is found, at the
first place where they part; the usual causes are named with their cure, by the checks in
:data:`CAUSES`. What only github.com itself does (footnotes, alerts, bare addresses) is among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import zip_longest
from urllib.parse import unquote

from markdown_it import MarkdownIt

from deckwright.markup import VOID

_Check = Callable[[str], Iterator["Difference"]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the two part, given by its offset in the passage."""

    offset: int
    what: str
    cure: str


def refused(masked: str) -> tuple[Difference, ...]:
    """What stands in no card, as only github.com reads it, or as it hides what is looked for.

    ``masked`` is the passage with each character of a formula, code span or cloze mark as ``x``,
    and of a fence's lines as spaces, so that offsets hold.
    """
    return _first_in_each_line(REFUSED, masked)


def causes(masked: str) -> tuple[Difference, ...]:
    """The usual causes of a difference that stand in a passage, masked likewise."""
    return _first_in_each_line(CAUSES, masked)


def parting(markdown: str, html: str) -> tuple[str, ...]:
    """The texts up to where GitHub's reading parts from some HTML; none where it does not.

    ``html`` is what Python-Markdown made of the Markdown.
    """
    shown = _github().render(_swap(markdown, _TOKEN_SIGNS, _PUNCTUATION))
    shown = _swap(shown, _PUNCTUATION, _TOKEN_SIGNS)
    if _spelt_alike(shown) == _spelt_alike(html):
        return ()
    theirs, ours = _structure(shown), _structure(html)
    if theirs == ours:
        return ()
    pairs = zip_longest(theirs, ours, fillvalue="")
    at = next(index for index, (one, other) in enumerate(pairs) if one != other)
    before = [text for text in theirs[:at] if not text.startswith("<")]
    after = [text for text in theirs[at:] if not text.startswith("<")]
    return (*before, *after[:1]) or ("",)


def _first_in_each_line(checks: tuple[_Check, ...], masked: str) -> tuple[Difference, ...]:
    found: dict[int, Difference] = {}
    for check in checks:
        for one in check(masked):
            found.setdefault(masked.count("\n", 0, one.offset), one)
    return tuple(found[line] for line in sorted(found))


@cache
def _github() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


# A token stands for what begins and ends with punctuation, $ or ` or {{, on which GitHub's reading
# of emphasis hangs. For Python-Markdown its private-use characters do as well as any.
_TOKEN_SIGNS, _PUNCTUATION = "\ue000\ue001", "⸨⸩"


def _swap(text: str, old: str, new: str) -> str:
    """Text with each of some signs replaced; str.translate takes ten times as long."""
    for one, other in zip(old, new, strict=True):
        text = text.replace(one, other)
    return text


def _spelt_alike(html: str) -> str:
    """HTML without what two writers of it spell differently; mostly enough to tell it is equal."""
    html = html.replace(" />", ">").replace("&quot;", '"').replace("\n", " ")
    return html.replace("> ", ">").replace(" <", "<").strip()


# What a reader sees


_ATTRIBUTES = ("href", "src", "alt", "start", "title")


class _Structure(HTMLParser):
    """HTML as a list of tags and texts: equal where a reader sees no difference."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[str] = []
        self._items = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._items += tag == "li"
        if self._silent(tag):
            return
        values = {
            name: unquote(value) if value and name in ("href", "src") else value
            for name, value in attrs
        }
        if tag == "ol":
            values.setdefault("start", "1")
        shown = "".join(f" {name}={values[name]}" for name in _ATTRIBUTES if name in values)
        align = (values.get("style") or "").removeprefix("text-align:")
        align = align or (values.get("class") or "" if tag in ("td", "th") else "")
        self.events.append(f"<{tag}{shown}{' ' * bool(align)}{align}>")

    def handle_endtag(self, tag: str) -> None:
        self._items -= tag == "li"
        if not self._silent(tag) and tag not in VOID:
            self.events.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text:
            return
        if self.events and not self.events[-1].startswith("<"):
            self.events[-1] += f" {text}"
        else:
            self.events.append(text)

    def _silent(self, tag: str) -> bool:
        """Whether a tag makes no difference: a loose item's paragraph, a table's body."""
        return tag in ("tbody", "thead", "div") or (tag == "p" and self._items > 0)


def _structure(html: str) -> list[str]:
    # Which of two emphases is the outer one, nobody sees.
    html = html.replace("<em><strong>", "<strong><em>").replace("</strong></em>", "</em></strong>")
    parser = _Structure()
    parser.feed(html)
    parser.close()
    events = parser.events
    lone = [
        index
        for index in range(len(events) - 2)
        if events[index] == "<p>"
        and events[index + 1].startswith("<img")
        and events[index + 2] == "</p>"
    ]
    for index in reversed(lone):  # a picture alone is a paragraph for one of the two only
        events[index : index + 3] = [events[index + 1]]
    return events


# The usual causes

_ITEM = r"(?:[-*+]|\d{1,9}[.)])"


def _each(pattern: str, what: str, cure: str) -> _Check:
    """A check that reports each match of a pattern, where its group ``at`` or itself begins."""
    compiled = re.compile(pattern, re.MULTILINE)

    def check(masked: str) -> Iterator[Difference]:
        for match in compiled.finditer(masked):
            at = match.start("at") if "at" in compiled.groupindex else match.start()
            yield Difference(at, what, cure)

    return check


def _list_after_text(masked: str) -> Iterator[Difference]:
    """A list that starts right under a line of a paragraph."""
    offset, in_text = 0, False
    for line in masked.splitlines(keepends=True):
        item = re.match(rf"(?P<indent>[ >]*){_ITEM}[ \t]+\S", line)
        if item and in_text and item["indent"].strip(" ") == "":
            yield Difference(
                offset + item.end("indent"),
                "GitHub starts a list here, Python-Markdown goes on with the paragraph",
                "put a blank line before the list",
            )
        stripped = line.strip()
        # What is indented may belong to an item, where a list needs no blank line.
        in_text = bool(stripped) and not item and not line.startswith((" ", "\t", ">", "|", "#"))
        in_text = in_text and not re.match(r"```|~~~|<", stripped)
        offset += len(line)


def _shallow_nesting(masked: str) -> Iterator[Difference]:
    """What belongs to a list item on GitHub, but for Python-Markdown ends the list."""
    offset, in_list, blank = 0, False, False
    for line in masked.splitlines(keepends=True):
        indent = len(line) - len(line.lstrip(" "))
        text = line.strip()
        item = re.match(rf"{_ITEM}[ \t]", line.lstrip(" "))
        if in_list and indent % 4 and text and (item or blank or text.startswith("```")):
            yield Difference(
                offset + indent,
                "GitHub takes this for a part of the list item, Python-Markdown does not",
                "indent it by four spaces for each level",
            )
        if text:
            in_list = bool(item) or (in_list and (indent > 0 or not blank))
        blank = not text
        offset += len(line)


def _parted_html(masked: str) -> Iterator[Difference]:
    """A block of HTML with a blank line in it, after which GitHub reads Markdown again."""
    for block in re.finditer(
        r"^<(?P<tag>details|div|dl|figure|ol|table|ul)\b", masked, re.MULTILINE
    ):
        tag = block["tag"]
        inside = masked[block.start() : max(masked.find(f"</{tag}>", block.end()), 0)]
        if "\n\n" in inside:
            yield Difference(
                block.start(),
                f"after a blank line in <{tag}> GitHub reads Markdown, Python-Markdown HTML",
                "write all of it in HTML without blank lines, or in Markdown without the tag",
            )


CAUSES: tuple[_Check, ...] = (
    _list_after_text,
    _shallow_nesting,
    _parted_html,
    _each(
        r"^[ >]*(?P<at>\d{1,9}\))[ \t]",
        "GitHub starts a list here, Python-Markdown does not know `1)`",
        "write `1.`",
    ),
    _each(
        r"~~(?=\S)[^~\n]+~~",
        "GitHub strikes this through, Python-Markdown shows the ~~",
        r"write <del>…</del>, or \~ for a plain ~",
    ),
    _each(
        r"^(?P<at>#{1,6})(?![#\s])",
        "GitHub reads text here, Python-Markdown a heading",
        r"put a space after the #, or write \# for a plain one",
    ),
    _each(
        r"^ {1,3}(?P<at>#{1,6})(?=\s)",
        "GitHub reads a heading here, Python-Markdown does not",
        "start the heading in the first column",
    ),
    _each(
        r"^(?=[^\n]*\S)[^|\n]*+\|?+[^|\n]*+\n(?P<at>[ ]*\|)[^\n]*\n[ ]*\|?[ ]*:?-",
        "GitHub starts a table here, Python-Markdown goes on with the paragraph",
        "put a blank line before the table",
    ),
    _each(
        r"(?P<at>\\)$(?=\n\s*\S)",
        "GitHub breaks the line here, Python-Markdown shows the backslash",
        "end the line with two spaces, or start a new paragraph",
    ),
)
"""Where the readers part, what it usually is; of two in a line, the first of these is named."""

_ADDRESSES = (
    _each(
        r"(?<![<(\[\"'=:/\w])(?<!\]: )(?P<at>https?://[^\s<>]++)",
        "GitHub makes a link of a bare address, Python-Markdown text",
        "write <https://…> or [words](https://…)",
    ),
    _each(
        r"(?<![<\w/@.+-])(?P<at>www\.\w|[\w.+-]++@[\w-]++\.\w)",
        "GitHub makes a link of this, Python-Markdown text",
        "write <name@example.org> or [words](https://…)",
    ),
)
_LINKED = re.compile(
    r"\[[^\[\]]*+\]\([^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+\)|<[^<>\s]++>"
    r"|<a\s[^<>]*+>[^<]*+</a>"
)
"""A link as both read it: with its words, in angle brackets, or in HTML."""


def _addresses(masked: str) -> Iterator[Difference]:
    """Addresses that only GitHub makes links of."""
    plain = _LINKED.sub(lambda link: "x" * len(link[0]), masked)
    for check in _ADDRESSES:
        yield from check(plain)


REFUSED: tuple[_Check, ...] = (
    _each(
        r"^(?:-|[^\S\n])*+[^\s|>-][^\n|]*+\n(?P<at> {0,3}(?:-{2,}|=+)[ \t]*$)",
        "a line of dashes under a text makes it a heading",
        "put a blank line between them, or write #### for a heading",
    ),
    _each(r"^ *(?P<at>\t)", "tabs are read differently", "indent with spaces"),
    _addresses,
    _each(
        r"(?<![\w~\\])~[^\s~](?:[^~\n]*[^\s~])?~(?![\w~])",
        "GitHub strikes this through, Python-Markdown shows the ~",
        r"write \~ for a plain ~",
    ),
    _each(
        r"(?<![\w:]):[a-z][a-z0-9_+-]*:(?![\w:])",
        "GitHub shows an emoji for this, Python-Markdown text",
        r"write the sign itself, or \: for a plain colon",
    ),
    _each(
        r"\[\^[^\]\s]+\](?!:)",
        "GitHub reads a footnote, Python-Markdown text",
        "put the note into ### Why or the text",
    ),
    _each(
        r"^[ >]*[-*+] (?P<at>\[[ xX]\]) ",
        "GitHub shows a box to tick, Python-Markdown text",
        "take the brackets out",
    ),
    _each(
        r"^ {0,3}> ?(?P<at>\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\])",
        "GitHub shows an alert, Python-Markdown text",
        "write a plain quote",
    ),
)
"""What is refused though the two readers agree."""
