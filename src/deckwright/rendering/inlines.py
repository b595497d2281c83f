r"""The text within a block, as GitHub reads it: emphasis, links, pictures, code, escapes.

This is CommonMark 0.31, chapter 6, by the algorithm of its appendix ("An algorithm for parsing
nested emphasis and links"), with the strikethrough (§6.5) and the bare addresses (§6.9) of GitHub
Flavored Markdown. Where GitHub's parser, cmark-gfm, leaves its specification, it is followed;
``tests/rendering`` holds the two together.

Formulas, code and the marks of clozes come here as tokens, which count as punctuation: each
replaces a text that begins and ends with ``$``, a backtick or a brace.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.entities import html5
from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, HTML_PLACEHOLDER_RE, AtomicString

TOKEN = re.compile("\ue000([0-9]{1,6})\ue001")
"""Replaces a piece of a text: its number between private-use characters, which no source holds."""
MARK = re.compile("\ue002[0-9]{1,6}\ue003")
"""Leads back to a place in the source, and is nothing itself: in a tag behind its name, or before a
link, picture or address."""
OURS = re.compile("[\ue000-\ue004]")
"""What these, and :data:`deckwright.rendering.inert.SOUND`, are made of."""


class Target(NamedTuple):
    """Where a link leads or which picture is shown, and the title that it has."""

    address: str
    title: str = ""


ESCAPE = r"\\[!-/:-@\[-`{-~]"
ATTRIBUTE = r"\s+[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++))?"
TAG_NAME = r"[A-Za-z][A-Za-z0-9-]*+"
_MARKED = rf"{TAG_NAME}(?:{MARK.pattern})?+"
TAG = rf"<(?:{_MARKED}(?:{ATTRIBUTE})*+\s*+/?|/{_MARKED}\s*+)>"
"""An opening or closing tag (CommonMark §6.6)."""

BARE = (
    r"(?:(?<![A-Za-z])(?i:https?|ftp)://(?=[^\s!-/:-@\[-`{-~])|(?<![^\s*_~(\ue003])www\.(?!\Z))"
    r"(?P<host>(?:\\?[\w.-])*)"
)
"""How a bare address begins, up to the end of its host (GFM §6.9): at a word's start, after a space
or one of ``*_~(``."""

_HOST_PART = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
AUTOLINK = (
    r"[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+"
    rf"|(?P<mail>[\w.!#$%&'*+/=?^`{{|}}~-]++@{_HOST_PART}(?:\.{_HOST_PART})*+)"
)
"""What is a link in ``<>`` (CommonMark §6.5)."""
_ENTITY_NAME, _ENTITY_NUMBER = "[A-Za-z][A-Za-z0-9]{1,31}", r"#(?:\d{1,8}|[xX][0-9A-Fa-f]{1,8})"
_ESCAPED = re.compile(
    rf"\\(?P<sign>[!-/:-@\[-`{{-~])|&(?!(?:{_ENTITY_NAME}|{_ENTITY_NUMBER});)", re.ASCII
)
"""A sign behind a backslash, and an ampersand that begins no entity, also without backslashes."""
_SPECIAL = re.compile(r"[\\`*_~<&\[\]!\n]|(?:https?|ftp)://|www\.", re.IGNORECASE)
"""What may be more than a text."""
_PART = re.compile(
    rf"(?P<escape>{ESCAPE})"  # §2.4
    r"|(?P<line_end>\\?\n *)"  # §6.7, §6.8
    r"|(?P<run>\*+|_+|~+)"  # §6.2
    r"|(?P<open>!\[(?!\^)|\[)|(?P<close>\])"  # §6.3, §6.4; `![^` opens a footnote on GitHub
    r"|(?P<ticks>`+)"  # §6.1
    rf"|(?P<entity>&(?:(?P<name>{_ENTITY_NAME})|{_ENTITY_NUMBER});)"
    r"|(?P<ampersand>&)"  # §2.5
    rf"|<(?P<link>{AUTOLINK})>"  # §6.5
    rf"|(?P<html>{TAG}|<!---?>|<!--(?:[^-]|-[^-]|--[^>])*+-->|<\?(?s:.*?)\?>"  # §6.6
    r"|<![A-Z]+\s[^>]*>|<!\[CDATA\[(?s:.*?)\]\]>)"
    rf"|(?P<bare>{BARE})",  # GFM §6.9
    re.ASCII,
)
_TICKS = re.compile("`+")
_LABEL = re.compile(rf"\[(?P<label>(?:{ESCAPE}|[^\[\]]){{0,999}}+)\]")
FOOTNOTE = re.compile(r"\[(?P<label>\^[^\]\s]+)\]:")
"""What defines a footnote on github.com, and so no link."""
_INSIDE_BRACKETS = re.compile(r"<((?:\\(?s:.)|[^<>\n\\])*+)>")
_TITLE = re.compile(rf"\"(?:{ESCAPE}|[^\"])*+\"|'(?:{ESCAPE}|[^'])*+'|\((?:{ESCAPE}|[^()])*+\)")
_SPACES = re.compile(r"[ \t\n]*")
_LINE_REST = re.compile(r" *(?:\n|\Z)")
_ADDRESS_END = re.compile("[\\s<\ue000\ue002]", re.ASCII)
"""What ends a bare address: the mark of a cloze does, too."""
_NAMED_ENTITY = re.compile(r"&[A-Za-z]+;")
_MAIL_SIGNS = frozenset(string.ascii_letters + string.digits + ".+-_")
_MAIL_HOST = re.compile(r"[\w-]*+(?:\.[A-Za-z0-9][\w-]*+)++(?<=[A-Za-z])(?!@)", re.ASCII)
_MOST_EXPANDED = 100_000
"""How many characters the definitions of links may bring into a text, for cmark-gfm."""
_MOST_PARENTHESES = 32
"""How deep parentheses may be nested in an address, for cmark-gfm."""


def token_of(number: int) -> str:
    """The token of a piece."""
    return f"\ue000{number}\ue001"


def mark_of(number: int) -> str:
    """The mark of a piece."""
    return f"\ue002{number}\ue003"


def literal(text: str) -> str:
    """Text in which Python-Markdown takes no ``&`` for the start of an entity."""
    return text.replace("&", f"{AMP_SUBSTITUTE}amp;")


def label_name(label: str, sources: Sequence[str] = ()) -> str:
    """The name by which a label finds its definition (§4.7): alike but for case and spaces.

    ``sources`` are the texts that tokens replace: a label is compared as it was written.
    """
    written = TOKEN.sub(lambda token: sources[int(token[1])], label) if sources else label
    written = MARK.sub("", written)
    return " ".join(written.split()).casefold()


# Addresses and definitions


def definition(text: str, at: int) -> tuple[str, Target, int] | None:
    """The definition of a link at an offset (§4.7): label, target, offset after it."""
    label = _LABEL.match(text, at) if not FOOTNOTE.match(text, at) else None
    if not label or not text.startswith(":", label.end()) or not label["label"].strip():
        return None
    start = _after_spaces(text, label.end() + 1)
    found = _address(text, start)
    if not found or found[1] == start:
        return None
    address, end = found
    between = _after_spaces(text, end)
    title = _TITLE.match(text, between) if between > end else None
    if title and (rest := _LINE_REST.match(text, title.end())):
        return label["label"], Target(address, _unescaped(title[0][1:-1])), rest.end()
    rest = _LINE_REST.match(text, end)
    return (label["label"], Target(address), rest.end()) if rest else None


def _inline_target(text: str, at: int) -> tuple[Target, int] | None:
    """The target in the parentheses after the words of a link (§6.3), and the offset after."""
    if not text.startswith("(", at):
        return None
    address, end = _address(text, _after_spaces(text, at + 1)) or ("", at + 1)
    between = _after_spaces(text, end)
    title = _TITLE.match(text, between) if between > end else None
    end = _after_spaces(text, title.end()) if title else between
    if not text.startswith(")", end):
        return None
    return Target(address, _unescaped(title[0][1:-1]) if title else ""), end + 1


def _address(text: str, at: int) -> tuple[str, int] | None:
    """The address that begins at an offset (§6.3, link destination), and the offset after it."""
    if inside := _INSIDE_BRACKETS.match(text, at):
        return _unescaped(inside[1]), inside.end()
    if text.startswith("<", at):
        return None
    depth, end = 0, at
    while end < len(text) and text[end] > " ":
        sign = text[end]
        if sign == "\\" and re.match(ESCAPE, text[end : end + 2]):
            end += 1
        elif sign == "(":
            depth += 1
            if depth > _MOST_PARENTHESES:
                return None
        elif sign == ")":
            if not depth:
                break
            depth -= 1
        end += 1
    return _unescaped(text[at:end]), end  # cmark-gfm minds no parenthesis that stays open


def _after_spaces(text: str, at: int) -> int:
    spaces = _SPACES.match(text, at)
    assert spaces
    return spaces.end()


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: literal(found["sign"] or "&"), text)


def has_host(part: re.Match[str]) -> bool:
    """Whether a match of :data:`BARE` has the host of a bare address (GFM §6.9)."""
    text, (begin, end) = part.string, part.span("host")
    host = text[begin : min(end, len(text) - 1)]  # cmark-gfm leaves the last sign out
    if not text.startswith("www.", part.start()) and any(_kind(text[begin : begin + 1] or "\n")):
        return False
    return not any("_" in label for label in host.split(".")[-2:])


# The parts of a text


class Inlines(Treeprocessor):
    """Reads the text of each block, in the place of Python-Markdown's own inline patterns."""

    sources: Sequence[str] = ()
    """The texts that the tokens replace."""

    def __init__(self, markdown: Markdown) -> None:
        super().__init__(markdown)
        self.used: dict[str, Target] = {}
        """The definitions that links and pictures have used, by name."""
        self.expanded = 0
        """How many characters these have brought in."""

    def run(self, root: Element) -> None:
        """Read every text that holds more than words."""
        for element in [*root.iter()]:
            text = element.text
            if (
                text
                and not isinstance(text, AtomicString)
                and ("@" in text or _SPECIAL.search(text))
            ):
                built = _Text(text, self).tree()
                element.text, element[:] = built.text, list(built)

    def begin(self, sources: Sequence[str]) -> None:
        """Forget the last text."""
        self.sources, self.expanded = sources, 0
        self.used.clear()

    def target(self, label: str) -> Target | None:
        """What a label is defined to lead to."""
        name = label_name(label, self.sources)
        if not name or name not in self.md.references:
            return None
        target = Target(*self.md.references[name])
        self.expanded += len(target.address) + len(target.title)
        if self.expanded > _MOST_EXPANDED:
            return None
        self.used[name] = target
        return target

    def stash(self, html: str) -> str:
        """A placeholder for raw HTML, which Python-Markdown puts back."""
        return self.md.htmlStash.store(html)

    def unstash(self, text: str) -> str:
        """A text with its raw HTML put back."""
        stored = self.md.htmlStash.rawHtmlBlocks
        return HTML_PLACEHOLDER_RE.sub(lambda at: str(stored[int(at[1])]), text)


@dataclass(slots=True, eq=False)
class _Mark:
    """A part of a text that is shown as it is, unless elements begin behind it or end before it."""

    text: str
    at: int
    """Its offset."""
    starts: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    """The elements that begin behind it, the innermost first."""
    ends: list[str] = field(default_factory=list)
    """The tags of the elements that end before it, the innermost first."""


@dataclass(slots=True, eq=False)
class _Run(_Mark):
    """A delimiter run: some ``*``, ``_`` or ``~`` in a row. Its text gets shorter with each use."""

    can_open: bool = False
    can_close: bool = False
    length: int = 0
    """How many signs it had at first."""

    def may_open_for(self, closer: _Run) -> bool:
        """Whether emphasis may go from here to another run (§6.2, rules 9, 10: of three)."""
        if not self.can_open or self.text[0] != closer.text[0]:
            return False
        both = closer.can_open or self.can_close
        return not both or closer.length % 3 == 0 or (self.length + closer.length) % 3 != 0


@dataclass(slots=True, eq=False)
class _Bracket(_Mark):
    """An opening ``[`` or ``![``."""

    runs: int = 0
    """How many runs are open before it."""


_Step = tuple[str, str, Mapping[str, str]]
"""A text, code, the start or the end of an element: its kind, text or tag, and attributes."""


class _Text:
    """One text, read from left to right with a stack of brackets and a list of runs."""

    def __init__(self, text: str, inlines: Inlines) -> None:
        self.text = text
        self.inlines = inlines
        self.nodes: list[str | Element | _Mark] = []
        self.runs: list[_Run] = []
        self.brackets: list[_Bracket] = []
        self.linked = False
        """Whether a link has closed since the last ``[``: none goes around it, for cmark-gfm."""
        self.no_code: set[int] = set()
        """Numbers of backticks that no more such run follows."""

    def tree(self) -> Element:
        """A paragraph of what was read."""
        self._read()
        self._pair(0)
        tree, in_link = TreeBuilder(), False
        tree.start("p", {})
        for kind, steps in groupby(self._steps(), key=lambda step: step[0]):
            if kind in ("text", "code"):
                text = "".join(text for _, text, _ in steps)
                _write(tree, text, mails=kind == "text" and not in_link)
                continue
            for _, tag, attributes in steps:
                if kind == "start":
                    tree.start(tag, dict(attributes))
                else:
                    tree.end(tag)
                in_link = kind == "start" if tag == "a" else in_link
        tree.end("p")
        root = tree.close()
        for picture in [*root.iter("img")]:
            self._describe(picture)
        return root

    def _describe(self, picture: Element) -> None:
        """Make what was read in the brackets of a picture its alternative text (§6.4)."""
        for line_break in picture.iter("br"):
            line_break.text = "\n"
        picture.set("alt", self.inlines.unstash("".join(picture.itertext())))
        picture.text, picture[:] = None, []

    def _steps(self) -> Iterator[_Step]:
        for node in self.nodes:
            if isinstance(node, str):
                yield "text", node, {}
            elif isinstance(node, Element):
                yield "start", node.tag, node.attrib
                yield "code", node.text or "", {}
                yield "end", node.tag, {}
            else:
                yield from (("end", tag, {}) for tag in node.ends)
                yield "text", node.text, {}
                yield from (("start", tag, attributes) for tag, attributes in reversed(node.starts))

    def _read(self) -> None:
        """Cut the text into nodes."""
        text, shown, position = self.text, 0, 0
        while special := _SPECIAL.search(text, position):
            part = _PART.match(text, special.start())
            position = part.end() if part else special.start() + 1
            if not part or not part.lastgroup:
                continue
            self.nodes.append(text[shown : part.start()])
            shown = position = self._part(part)
        self.nodes.append(text[shown:])

    def _part(self, part: re.Match[str]) -> int:
        """Add the node of a part; the offset after it."""
        match part.lastgroup:
            case "run":
                self._run(part)
            case "open":
                self.brackets.append(_Bracket(part[0], part.start(), runs=len(self.runs)))
                self.nodes.append(self.brackets[-1])
                self.linked &= part[0] == "!["
            case "close":
                return self._close(part.end())
            case "ticks":
                return self._code(part)
            case "bare":
                return self._bare(part)
            case "line_end":
                self._line_end(part)
            case _:
                self.nodes.append(self._node(part))
        return part.end()

    def _node(self, part: re.Match[str]) -> str | Element:
        """What is read at once: an escape, an entity, an address in ``<>``, a tag."""
        match part.lastgroup:
            case "escape" | "ampersand":
                return literal(part[0][-1])
            case "entity":
                known = not part["name"] or f"{part['name']};" in html5
                return part[0] if known else literal(part[0])
            case "link":
                return _link("mailto:" if part["mail"] else "", part["link"])
            case _:
                return self.inlines.stash(part[0])

    def _line_end(self, part: re.Match[str]) -> None:
        """Break the line after a backslash or two spaces (§6.7); else it goes on (§6.8)."""
        before = self.nodes[-1]
        assert isinstance(before, str)
        self.nodes[-1] = before.rstrip(" ")
        hard = part[0][0] == "\\" or before.endswith("  ")
        self.nodes.append(Element("br") if hard else "\n")

    def _code(self, ticks: re.Match[str]) -> int:
        """Read a code span (§6.1); the offset after it, or after ticks that open none."""
        length = len(ticks[0])
        if length not in self.no_code:
            for run in _TICKS.finditer(self.text, ticks.end()):
                if len(run[0]) == length:
                    code = self.text[ticks.end() : run.start()].replace("\n", " ")
                    node = Element("code")
                    node.text = literal(code[1:-1] if re.match(r" .*[^ ].* $", code) else code)
                    self.nodes.append(node)
                    return run.end()
            self.no_code.add(length)
        self.nodes.append(ticks[0])
        return ticks.end()

    def _bare(self, part: re.Match[str]) -> int:
        """Make a link of a bare address (GFM §6.9); the offset after it."""
        begin, end = part.span("host")
        if self.brackets or not has_host(part):
            self.nodes.append(self.text[part.start() : begin])
            return begin
        rest = _ADDRESS_END.search(self.text, end)
        address = _trimmed(self.text[part.start() : rest.start() if rest else None])
        self.nodes.append(_link("http://" if part[0].startswith("www.") else "", address))
        return part.start() + len(address)

    def _run(self, part: re.Match[str]) -> None:
        """Add a run, which opens or closes emphasis by what is beside it (§6.2: flanking)."""
        sign = part[0][0]
        before, after = part.start() - 1, part.end()
        past = "" if sign == "~" else "~"  # cmark-gfm looks past the signs of strikethrough
        while before >= 0 and self.text[before] in ("\ue003", past):
            mark = self.text[before] == "\ue003"
            before = (self.text.rindex("\ue002", 0, before) if mark else before) - 1
        while self.text[after : after + 1] in ("\ue002", past) and after < len(self.text):
            after = (self.text.index("\ue003", after) if self.text[after] != "~" else after) + 1
        space_before, sign_before = _kind(self.text[before] if before >= 0 else "\n")
        space_after, sign_after = _kind(self.text[after : after + 1] or "\n")
        left = not space_after and (not sign_after or space_before or sign_before)
        right = not space_before and (not sign_before or space_after or sign_after)
        if sign == "_":
            left, right = left and (not right or sign_before), right and (not left or sign_after)
        length = len(part[0])
        run = _Run(part[0], part.start(), can_open=left, can_close=right, length=length)
        self.nodes.append(run)
        if (left or right) and (sign != "~" or length < 3):
            self.runs.append(run)

    # Links

    def _close(self, end: int) -> int:
        """Make a link or a picture of some brackets, if they are one; the offset after it.

        ``end`` is the offset after the closing bracket. Emphasis in its words is paired first, as
        brackets bind more tightly.
        """
        close = _Mark("]", end - 1)
        self.nodes.append(close)
        if not self.brackets:
            return end
        bracket = self.brackets.pop()
        picture = bracket.text == "!["
        if (self.linked and not picture) or not (found := self._target(bracket, end)):
            return end
        target, end = found
        self._pair(bracket.runs)
        tag, source = ("img", "src") if picture else ("a", "href")
        titled = {"title": target.title} if target.title else {}
        bracket.starts.append((tag, {source: target.address, **titled}))
        close.ends.append(tag)
        bracket.text = close.text = ""
        self.linked |= not picture
        return end

    def _target(self, bracket: _Bracket, end: int) -> tuple[Target, int] | None:
        """Where brackets lead: by what follows them, or by their own words; the offset after it."""
        if found := _inline_target(self.text, end):
            return found
        label = _LABEL.match(self.text, end)
        after = label.end() if label else end
        if not label or not label["label"]:  # collapsed, or a shortcut: the words are the label
            label = _LABEL.match(self.text, bracket.at + len(bracket.text) - 1)
            if not label or label.end() != end:
                return None  # the words hold brackets of their own
        target = self.inlines.target(label["label"])
        return (target, after) if target else None

    # Emphasis

    def _pair(self, first: int) -> None:
        """Make emphasis of the open runs from one on (the appendix's *process emphasis*)."""
        runs, index = self.runs[first:], 0
        del self.runs[first:]
        bottoms: dict[tuple[str, int], int] = {}
        """By the kind of a closing run, as cmark-gfm knows them: before which no run opens."""
        while index < len(runs):
            closer = runs[index]
            kind = closer.text[0], closer.length % 3
            at = self._opener(runs, index, bottoms.get(kind, 0)) if closer.can_close else -1
            if at < 0:
                if closer.can_close:
                    bottoms[kind] = closer.at
                index += 1
                continue
            index = self._emphasise(runs, at, index)

    @staticmethod
    def _opener(runs: list[_Run], index: int, bottom: int) -> int:
        """The nearest run before one that opens for it; -1 where there is none."""
        for at in range(index - 1, -1, -1):
            if runs[at].at < bottom:
                break
            if runs[at].may_open_for(runs[index]):
                return at
        return -1

    @staticmethod
    def _emphasise(runs: list[_Run], at: int, index: int) -> int:
        """Make one element between two runs, and drop the runs between; where to go on."""
        opener, closer = runs[at], runs[index]
        if closer.text[0] == "~":
            if opener.length != closer.length:  # GFM §6.5: neither ever closes
                del runs[at : index + 1]
                return at
            tag, size = "del", closer.length
        else:
            size = min(len(opener.text), len(closer.text), 2)
            tag = "strong" if size == 2 else "em"
        opener.starts.append((tag, {}))
        closer.ends.append(tag)
        opener.text, closer.text = opener.text[size:], closer.text[size:]
        kept = at + bool(opener.text)
        del runs[kept : index + (not closer.text)]
        return kept


@cache
def _kind(character: str) -> tuple[bool, bool]:
    """Whether a character is a space, and whether it is punctuation.

    For cmark-gfm all of ASCII's signs are punctuation, but none of Unicode's symbols (€, →).
    """
    known = character in string.punctuation or character in "\ue000\ue001"
    return character.isspace(), known or unicodedata.category(character)[0] == "P"


def _link(scheme: str, text: str) -> Element:
    link = Element("a", href=literal(scheme + text))
    link.text = literal(text)
    return link


def _trimmed(address: str) -> str:
    """A bare address without the last signs that belong to the text around it (GFM §6.9)."""
    end, surplus = len(address), address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
        elif last == ";" and _NAMED_ENTITY.fullmatch(address, address.rfind("&", 0, end), end):
            end = address.rfind("&", 0, end) + 1
        elif last not in "?!.,:;*_~'\"":
            break
        end -= 1
    return address[:end]


def _write(tree: TreeBuilder, text: str, *, mails: bool) -> None:
    """Write a text, in which each bare mail address is a link (GFM §6.9)."""
    position = 0
    for start, address in _mails(text) if mails and "@" in text else ():
        tree.data(text[position:start])
        tree.start("a", {"href": f"mailto:{address}"})
        position = text.index(address, start) + len(address)
        tree.data(text[start:position])
        tree.end("a")
    tree.data(text[position:])


def _mails(text: str) -> Iterator[tuple[int, str]]:
    """Where bare mail addresses begin, a ``mailto:`` before them included, and what they are.

    They are looked for from each @ back and on, as cmark-gfm does; so it takes no more time for a
    long text without one.
    """
    end, at = 0, text.find("@")
    while at >= 0:
        begin = at
        while begin > end and text[begin - 1] in _MAIL_SIGNS:
            begin -= 1
        host = _MAIL_HOST.match(text, at + 1) if begin < at else None
        if host:
            start = begin - len("mailto:")
            plain = start < end or not text.startswith("mailto:", start)
            if not plain and start > end and text[start - 1].isascii():
                plain = text[start - 1].isalnum()
            yield begin if plain else start, text[begin : host.end()]
        end = host.end() if host else at + 1
        at = text.find("@", end)
