"""What HTML a card may hold: which tags, with which attributes, and where links may lead.

A card runs in the learner's Anki: a script in a field graded cards by itself, and a remote picture
told its owner when they study. So there is a list of what cards need, and all else is a problem.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from html import unescape

from deckwright.model import Problem, Rule, Stake

MARKUP = Rule(
    "markup",
    "Only harmless HTML reaches a learner: no script, handler, style, frame or remote "
    "picture. A link goes to a web page (by the public name of its host), a mail address, "
    "or a sound of the deck.",
    stake=Stake.SAFETY,
)


TAGS = frozenset(
    "p br hr h4 h5 h6 strong b em i u s del ins mark small sub sup kbd samp var code pre span div "
    "blockquote q cite abbr dfn ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr "
    "th td a img figure figcaption ruby rb rt rtc rp wbr bdi bdo details summary tt strike "
    "time".split()
)
VOID = frozenset({"br", "hr", "img", "wbr", "col"})
"""The tags that hold nothing, and so never close."""
PARENTS = {
    **dict.fromkeys(("td", "th"), frozenset({"tr"})),
    "tr": frozenset({"table", "thead", "tbody", "tfoot"}),
    **dict.fromkeys(("thead", "tbody", "tfoot", "caption", "colgroup"), frozenset({"table"})),
    "col": frozenset({"table", "colgroup"}),
}
"""The tags that may be around the tags of a table."""
EVERYWHERE = frozenset({"class", "lang", "dir", "title"})
"""The attributes that any tag may have."""
_CELL = frozenset("colspan rowspan align valign width height nowrap".split())
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "align"},
    "table": {"align", "width"},
    **{tag: {"align", "valign"} for tag in ("thead", "tbody", "tfoot", "tr")},
    "td": _CELL,
    "th": _CELL | {"scope"},
    "div": {"align"},
    **{tag: {"align"} for tag in ("p", "h4", "h5", "h6", "caption")},
    "hr": {"align", "width", "size", "noshade"},
    "br": {"clear"},
    "ol": {"start", "type", "reversed", "compact"},
    **{tag: {"compact"} for tag in ("ul", "dl")},
    "li": {"value"},
    **{tag: {"span", "width", "align", "valign"} for tag in ("col", "colgroup")},
    **{tag: {"datetime"} for tag in ("time", "del", "ins")},
    "details": {"open"},
}
_LEFT_OUT = {
    "img": {"border"},
    "table": {"border", "cellpadding", "cellspacing"},
}
"""Attributes that do no harm, and are the business of the style sheet."""
_SMALLER = {"h1": "h4", "h2": "h4", "h3": "h4"}
"""Headings in a card are small, as those of Markdown are."""
_CLASSES = {
    "td": {"left", "center", "right"},
    "th": {"left", "center", "right"},
    "div": {"table"},
}
"""What the reader of Markdown makes, and a card may write."""
CLASS = re.compile(r"(?!dw-|mjx|cloze|night|card\Z)[a-z][a-z0-9-]*+")
"""The name of a class that a deck may define for its cards: none of ours and of Anki's."""
_LENGTH = (r"\d{1,4}(?:\.\d{1,3})?%?", "write a number of pixels or a share, as 300 or 50%")
_NUMBER = (r"\d{1,3}", "write a number")
_SIGNED = (r"-?\d{1,9}", "write a number")
_VALUES = {
    **dict.fromkeys(("width", "height"), _LENGTH),
    **dict.fromkeys(("colspan", "rowspan", "span", "size"), _NUMBER),
    **dict.fromkeys(("start", "value"), _SIGNED),
    "align": (r"left|center|right|justify|top|middle|bottom", "write left, center or right"),
    "valign": (r"top|middle|bottom|baseline", "write top, middle, bottom or baseline"),
    "clear": (r"left|right|all|both|none", "write left, right or all"),
    "dir": (r"ltr|rtl|auto", "write ltr, rtl or auto"),
    "lang": (
        r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}",
        "write the code of a language, for example en or pt-BR",
    ),
}
"""What the value of an attribute may be, and what to write where it is another."""
_FLAGS = frozenset(
    "hidden disabled checked inert autofocus async defer controls loop muted autoplay required "
    "readonly selected multiple contenteditable draggable compact nowrap noshade".split()
)
"""Attributes of HTML that need no value."""
_ADDRESS = re.compile(
    r"(?:mailto:(?=\S)|https?://(?P<host>[^/?#]*))[^\x00-\x1f]*", re.IGNORECASE | re.DOTALL
)
"""The address of a mail or a page; a space in it is read as ``%20``, as browsers do."""
_PUBLIC = re.compile(
    r"(?:[\w-]+\.)+(?!(?:local|localhost|localdomain|lan|home|internal|intranet|private|corp|arpa)\b"
    r"(?!-))(?!\d)[\w-]+\.?(?::\d{1,5})?"
)
"""A host that has a name in public: none of the learner's own machine or house, where programs
listen, nor a number, in all the ways in which these can be written."""
_LOCAL = re.compile(r"(?![^/?#]*:|//|[#?])[^\x00-\x20][^\x00-\x1f]*")
"""The address of a file beside the card."""

PLAIN_TAGS = {
    **dict.fromkeys(
        "font big nobr picture source article section main header footer nav".split(), ("", "")
    ),
    "center": ('<div align="center">', "</div>"),
}
"""Tags that are not allowed and do no harm, and what may be in the place of their two marks."""
_TAG_FIXES = {
    **dict.fromkeys(("audio", "embed"), "link to a sound, as [the word](media/word.mp3)"),
    "video": "link to a film, as [what it shows](media/film.mp4)",
    "math": "write a formula, as $a < b$",
    "svg": "save the drawing as a file, and show it as ![what it shows](media/drawing.svg)",
    "center": 'write <div align="center">',
}
_FIXES = {
    "style": 'define a class in style.css, as .name { … }, and write class="name"',
    "id": "remove it: ids of two cards would clash",
}

_ATTRIBUTE = re.compile(
    r"(?P<name>[^\s\"'<>/=]++)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s\"'<>]++)))?"
)
_REFERENCE = re.compile(
    r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[A-Za-z][A-Za-z0-9]*+(?:;|(?![=A-Za-z0-9])))"
)
"""A character reference in an attribute, where ``&copy=`` is not one (HTML §13.2.5.73)."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute as it is written in a tag."""

    name: str
    """In small letters."""
    value: str | None
    at: int
    """The offset of its name in the tag."""
    value_at: int
    """The offset of its value."""


@dataclass(frozen=True, slots=True)
class Tag:
    """The start of an element."""

    name: str
    attributes: tuple[Attribute, ...]

    def as_placed(self, written: Tag) -> Tag:
        """The same, its attributes where they are in the tag as it is written.

        Where it has other ones there, as in a tag of several lines in a quote, they are at its
        start.
        """
        same = [one.name for one in self.attributes] == [one.name for one in written.attributes]
        if not same:
            placed = [replace(one, at=0, value_at=0) for one in self.attributes]
        else:
            both = zip(self.attributes, written.attributes, strict=True)
            placed = [replace(one, at=other.at, value_at=other.value_at) for one, other in both]
        return replace(self, attributes=tuple(placed))

    def get(self, name: str) -> Attribute | None:
        """An attribute by its name; of several, the first."""
        return next((one for one in self.attributes if one.name == name), None)


def name_of(written: str) -> str:
    """The name of a tag as a card has it."""
    name = written.lower()
    return _SMALLER.get(name, name)


def read_tag(written: str, name: str) -> Tag:
    """A tag, with or without its ``<``, as a browser reads it.

    Args:
        written: the whole tag.
        name: its name as it is written there.
    """
    start = written.index(name) + len(name)
    return Tag(name_of(name), tuple(_attributes(written, start)))


def _attributes(written: str, start: int) -> Iterator[Attribute]:
    for found in _ATTRIBUTE.finditer(written, start):
        kind = next((one for one in ("double", "single", "bare") if found[one] is not None), "")
        value = _REFERENCE.sub(lambda one: unescape(one[0]), found[kind]) if kind else None
        yield Attribute(found["name"].lower(), value, found.start(), found.start(kind or "name"))


def problems_of(tag: Tag, at: int, classes: Collection[str] = ()) -> Iterator[Problem]:
    """What is wrong with the start of an element, but for the addresses that it holds.

    ``at`` is the offset of the tag, ``classes`` are those of the deck. Where its name is not
    allowed, that is all.
    """
    if tag.name not in TAGS:
        fix = _TAG_FIXES.get(tag.name, "remove it, or write it in `code` to show it")
        yield MARKUP.at(at, f"the tag <{tag.name}> is not allowed in a card", fix)
        return
    if has_only_words(tag):
        what = f"the words after <{tag.name} would not be shown, because it opens a tag"
        yield MARKUP.at(at, what, "write &lt; for a less-than sign, or a formula as $a < b$")
        return
    names = Counter(one.name for one in tag.attributes)
    for name in (name for name, number in names.items() if number > 1):
        what = f"the attribute {name} is twice in <{tag.name}>, and only one would be read"
        yield MARKUP.at(at, what, "remove one")
    for one in tag.attributes:
        known = (("img", "src"), ("a", "href"))
        if (tag.name, one.name) in known or allows(tag.name, one, classes):
            continue
        if one.name in _LEFT_OUT.get(tag.name, ()):
            continue
        if one.name == "class":
            yield from _wrong_classes(tag.name, one, at, classes)
            continue
        what = f"the attribute {one.name} is not allowed in <{tag.name}>"
        fix = _FIXES.get(one.name, "remove it")
        if one.name == "href":
            fix = "link to it with <a>"
        elif one.name in _VALUES and _may_have(tag.name, one.name):
            what = (
                f"{one.value or ''!r} is not a value for the attribute {one.name} of <{tag.name}>"
            )
            _, fix = _VALUES[one.name]
        yield MARKUP.at(at + one.at, what, fix)


def _wrong_classes(
    tag: str, attribute: Attribute, at: int, classes: Collection[str]
) -> Iterator[Problem]:
    """What is wrong with the classes that a card writes."""
    value = attribute.value or ""
    if not value.split():
        yield MARKUP.at(at + attribute.at, "this attribute names no class", "remove it")
    for found in re.finditer(r"\S+", value):
        name = found[0]
        if _is_class(tag, name, classes):
            continue
        place = at + attribute.value_at + (found.start() if attribute.value_at else 0)
        what = f"no style.css of this deck has the class {name[:40]}"
        near = get_close_matches(name.lower(), classes, 1)
        fix = f"did you mean {near[0]}? Else define .{name[:40]} in style.css" if near else ""
        if not CLASS.fullmatch(name):
            what = f"{name[:40]!r} is not a name for a class of the deck's own"
            fix = fix.partition(" Else")[0] or (
                "write a to z, 0 to 9 and -, and not dw-, mjx, cloze, card or night, and define it "
                "in style.css"
            )
        yield MARKUP.at(place, what, fix or f"define .{name[:40]} in style.css")


def has_only_words(tag: Tag) -> bool:
    """Whether what HTML takes for the attributes of a tag was written as words."""
    return bool(tag.attributes) and all(
        one.value is None and one.name not in _FLAGS and not allows(tag.name, one)
        for one in tag.attributes
    )


def allows(tag: str, attribute: Attribute, classes: Collection[str] | None = ()) -> bool:
    """Whether a tag may have an attribute with its value; not asked of addresses.

    ``classes`` are those of the deck; None where they are not known.
    """
    name, value = attribute.name, attribute.value or ""
    if not _may_have(tag, name):
        return False
    if name == "class":
        names = value.split()
        return bool(names) and all(_is_class(tag, one, classes) for one in names)
    return name not in _VALUES or re.fullmatch(_VALUES[name][0], value) is not None


def _is_class(tag: str, name: str, classes: Collection[str] | None) -> bool:
    if name in _CLASSES.get(tag, ()):
        return True
    return bool(CLASS.fullmatch(name)) and (classes is None or name in classes)


def _may_have(tag: str, name: str) -> bool:
    return name in EVERYWHERE or name in ATTRIBUTES.get(tag, ())


# Addresses


def is_local(address: str) -> bool:
    """Whether an address is that of a file beside the card."""
    return _LOCAL.fullmatch(address) is not None


@lru_cache(maxsize=1000)
def leads_out(address: str) -> bool:
    """Whether an address is that of a mail or of a page with a public host."""
    found = _ADDRESS.fullmatch(address)
    return found is not None and (found["host"] is None or _is_public(found["host"]))


def _is_public(host: str) -> bool:
    """Whether a host is public, as a browser reads it: a wide letter is a letter like others."""
    signs = unicodedata.normalize("NFKC", host).casefold()
    letters = "".join(sign for sign in signs if unicodedata.category(sign)[0] != "M")
    return _PUBLIC.fullmatch(letters) is not None


def bad_address(address: str, at: int) -> Problem:
    """What is wrong with an address that does not lead out, and what to write instead."""
    if not address:
        fix = "write one in the parentheses, or remove the link"
        return MARKUP.at(at, "this link has no address", fix)
    shown = repr(address[:60])
    found = _ADDRESS.match(address)
    if not found:
        what = f"the link to {shown} goes to no page of the web and to no mail address"
        return MARKUP.at(at, what, "link to an https:// address, or write this one as `code`")
    if found["host"] is None or _is_public(found["host"]):
        return MARKUP.at(at, f"the address {shown} holds the end of a line", "remove it")
    what = f"the link to {shown} goes to no public host by its name"
    fix = "link to one, for example https://example.org, or write this address as `code`"
    return MARKUP.at(at, what, fix)
