"""What HTML may reach a learner: our allow-list, and the one door to nh3.

A card runs in the learner's Anki: a script in a field graded cards by itself, a remote picture
told its owner when they study. So everything passes through ``nh3`` (the Ammonia sanitiser) with
a list of what cards need, and what it would take out is a finding, never a silent loss.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from itertools import chain, zip_longest

import nh3

TAGS = frozenset(
    "p br hr h4 h5 h6 strong b em i u s del ins mark small sub sup kbd samp var code pre span div "
    "blockquote q cite abbr dfn ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr "
    "th td a img figure figcaption ruby rb rt rtc rp wbr bdi bdo details summary tt strike "
    "time".split()
)
VOID = frozenset({"br", "hr", "img", "wbr", "col"})
"""The tags that hold nothing, and so never close."""
_EVERYWHERE = frozenset({"lang", "dir", "title"})
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "align"},
    "td": {"colspan", "rowspan", "class", "align"},
    "th": {"colspan", "rowspan", "scope", "class", "align"},
    "div": {"class", "align"},
    **{tag: {"align"} for tag in ("p", "h4", "h5", "h6")},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
}
_CLASSES = {
    "td": {"left", "center", "right"},
    "th": {"left", "center", "right"},
    "div": {"table"},
}
_CONTENT_LOST = frozenset(
    "script style template noscript iframe object embed svg math title textarea select noembed "
    "noframes xmp plaintext audio video canvas frameset applet form button".split()
)
_VALUES = {
    "width": r"\d{1,4}",
    "height": r"\d{1,4}",
    "colspan": r"\d{1,3}",
    "rowspan": r"\d{1,3}",
    "span": r"\d{1,3}",
    "align": r"left|center|right|justify|top|middle|bottom",
    "start": r"-?\d{1,9}",
    "value": r"-?\d{1,9}",
    "dir": r"ltr|rtl|auto",
    "lang": r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}",
}
_ADDRESS = re.compile(
    r"(?:mailto:(?=\S)|https?://(?P<host>[^/?#]*))[^\x00-\x1f]*", re.IGNORECASE | re.DOTALL
)
"""The address of a mail or a page; a space in it is read as ``%20``, as browsers do."""
_PUBLIC = re.compile(
    r"(?:[\w-]+\.)+(?!(?:local|localhost|localdomain|lan|home|internal|intranet|private|corp|arpa)\b"
    r"(?!-))(?!\d)[\w-]+\.?(?::\d{1,5})?"
)
"""A host that has a name in public: none of the learner's own machine or house, where programs
listen, nor a number, in the many ways of which these can be written, too."""
_LOCAL = re.compile(r"(?![^/?#]*:|//|[#?])[^\x00-\x20][^\x00-\x1f]*")
"""The address of a file beside the card."""
_FIXES = {
    "style": "leave the looks to the deck's style sheet",
    "class": "leave the looks to the deck's style sheet",
    "id": "take it out: ids of two cards would clash",
}
_FLAGS = frozenset(
    "hidden disabled checked inert autofocus async defer controls loop muted autoplay required "
    "readonly selected multiple contenteditable draggable".split()
)
"""Attributes of HTML that need no value."""
_TAG_FIXES = {
    **dict.fromkeys(("h1", "h2", "h3"), "use #### for a heading in an answer"),
    **dict.fromkeys(("audio", "video", "embed"), "link to a sound, as [the word](media/word.mp3)"),
    "math": "write a formula, as $a < b$",
    "svg": "save the drawing as a file, and show it as ![what it shows](media/drawing.svg)",
    "center": 'write <div align="center">',
}
_VALUE_FIXES = {
    **dict.fromkeys(("width", "height"), "write a number of pixels, as 300"),
    **dict.fromkeys(("colspan", "rowspan", "span", "start", "value"), "write a number"),
    "dir": "write ltr, rtl or auto",
    "align": "write left, center or right",
    "lang": "write the code of a language, as en or pt-BR",
}
_OMITTED = frozenset({"tbody", "colgroup"})
"""Tags that HTML puts in where they are left out: nothing is changed by that."""
_ROWS = frozenset({"table", "thead", "tbody", "tfoot", "tr"})
_CELLS = frozenset({"td", "th", "caption", "col", "colgroup"})
_ENDS = {
    "li": frozenset({"li"}),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    **dict.fromkeys(("td", "th"), frozenset({"td", "th", "tr", "tbody", "tfoot"})),
    "tr": frozenset({"tr", "tbody", "tfoot"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"tbody", "tfoot"})),
    "p": frozenset("p div ul ol dl table blockquote pre hr h4 h5 h6 figure details".split()),
    **dict.fromkeys(("rb", "rt", "rp"), frozenset({"rb", "rt", "rtc", "rp"})),
}
"""The tags whose end may be left out in HTML: before which others, besides the end of the one
around."""
_BLOCKS = frozenset("div details blockquote figure dl ul ol table pre".split())
_HOMES = {
    **dict.fromkeys((_ROWS | _CELLS) - {"table"}, "write it into a <table>"),
    **dict.fromkeys(("td", "th"), "write it into a <tr> of a <table>"),
    "a": "close the one link before the next",
}
_BIG_HEADING = re.compile(r"(</?)h[123](?=[\s>])", re.IGNORECASE)
_MAX_PASSES = 4
"""A link in a table in a link takes nh3 two passes; none of 10⁶ fuzzed cases took three."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that may not reach a learner, and how to find it in the source."""

    what: str
    fix: str
    needle: str
    nth: int = 0
    """Which of several occurrences, from 0."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as a card shows it."""

    src: str
    alt: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a file beside the card, as to a sound."""

    href: str
    words: str
    """The text of the link."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """HTML that is safe, what was wrong with it, and the pictures that it asks for."""

    html: str
    complaints: tuple[Complaint, ...]
    pictures: tuple[Picture, ...]
    links: tuple[Link, ...] = ()


_Names = Mapping[tuple[str, str], str]
"""By tag and address, the name in the package."""


def clean(html: str, media_name: Callable[[str], str], sound_name: Callable[[str], str]) -> Cleaned:
    """Clean HTML; the two functions give a file's name in the package, or nothing.

    A link to a sound keeps that name as its address; :mod:`deckwright.rendering.fill` plays it.
    """
    html = re.sub(r"(<pre\b[^>]*>)\n+", r"\1", html)  # of which nh3 takes one in each pass
    html = _BIG_HEADING.sub(r"\1h4", html)  # as those of Markdown are
    if "<img" not in html and _pass(html, {}) == html:
        return Cleaned(html, (), ())  # what the sanitiser leaves as it is needs no second look
    inventory = _take_inventory(html)
    names = {("img", picture.src): media_name(picture.src) for picture in inventory.pictures}
    names |= {("a", link.href): sound_name(link.href) for link in inventory.links}
    result = _pass(html, names)
    known = {(tag, name): name for (tag, _), name in names.items()}
    for _ in range(_MAX_PASSES):
        previous, result = result, _pass(result, known)
        if result == previous:
            break
    else:
        what = "this HTML is another each time that it is read"
        inventory.complaints.append(Complaint(what, "close each tag inside of the one around", "<"))
    complaints: Iterable[Complaint] = inventory.complaints
    if not complaints and all(names.values()):  # else a file that is not there is named anyway
        complaints = _changes(inventory, _take_inventory(result))
    return Cleaned(
        result,
        tuple(dict.fromkeys(complaints)),
        tuple(inventory.pictures),
        tuple(inventory.links),
    )


def _changes(before: _Inventory, after: _Inventory) -> Iterator[Complaint]:
    """What a reader of HTML loses or moves, though each tag may stand in a card: the first."""
    if Counter(before.text) - Counter(after.text):
        first = _first_difference(before.text, after.text)
        what = f"some of the text would be lost, from '{first}' on"
        yield Complaint(what, "write &lt; for a less-than sign, or use `code` or a formula", "<")
        return
    lost = Counter(before.addresses) - Counter(after.addresses)
    for address, number in lost.items():
        what = f"the link to {address[:60]!r} is one that no browser can read"
        fix = "correct the name of its host, or its port"
        yield from (Complaint(what, fix, address[:60], nth) for nth in range(number))
    for at, (written, read) in enumerate(zip_longest(before.steps, after.steps)):
        if written != read:
            missing = Counter(before.steps) - Counter(after.steps)
            rest = before.steps[at:]
            dropped = (step for step in rest if step.sign and step in missing)
            yield _misplaced(next(chain(dropped, filter(_beside_cells, rest)), written or read))
            return


def _beside_cells(step: _Step) -> bool:
    """Whether a step stands in a table but in no cell of it, from where it is moved out."""
    return step.inside in _ROWS and step.name not in _ROWS | _CELLS


def _misplaced(step: _Step) -> Complaint:
    where = f"in <{step.inside}>" if step.inside else "by itself"
    if not step.sign:
        what = f"'{step.name[:20]}' cannot stand {where}: a reader of HTML would move it"
        return Complaint(what, "write it into a cell, or outside of the table", step.name[:20])
    what = f"<{step.name}> cannot stand {where}: a reader of HTML would move it or take it out"
    fix = _HOMES.get(step.name, "close what is open before it, or begin a new paragraph")
    return Complaint(what, fix, f"{step.sign}{step.name}", step.nth)


def visible_text(html: str) -> str:
    """The text that a reader sees, without its white space."""
    return _take_inventory(html).text


def _pass(html: str, names: _Names) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) in (("img", "src"), ("a", "href")) and (tag, value) in names:
            return names[tag, value] or None
        return _kept(tag, attribute, value)

    sanitiser = _sanitiser(keep) if names else _without_pictures()
    return sanitiser.clean(html)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if not _allowed(tag, attribute, value):
        return None
    return value.replace(" ", "%20") if attribute == "href" else value


@cache
def _without_pictures() -> nh3.Cleaner:
    """For all texts without pictures: making one costs more than using it."""
    return _sanitiser(_kept)


def _sanitiser(keep: Callable[[str, str, str], str | None]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(_CONTENT_LOST),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()}
        | {"*": set(_EVERYWHERE)},
        attribute_filter=keep,
        strip_comments=True,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
    )


def _allowed(tag: str, attribute: str, value: str) -> bool:
    if (tag, attribute) == ("img", "src"):
        return False  # a picture has a name, or none
    if attribute in _EVERYWHERE or attribute in _ATTRIBUTES.get(tag, ()):
        if attribute == "class":
            return value in _CLASSES[tag]
        if attribute == "href":
            return _leads_out(value)
        pattern = _VALUES.get(attribute)
        return pattern is None or re.fullmatch(pattern, value) is not None
    return False


def _leads_out(address: str) -> bool:
    """Whether an address is that of a mail or of a page with a public host."""
    found = _ADDRESS.fullmatch(address)
    return found is not None and (found["host"] is None or _is_public(found["host"]))


def _is_public(host: str) -> bool:
    """Whether a host is public, as a browser reads it: a wide letter is a letter like others."""
    signs = unicodedata.normalize("NFKC", host).casefold()
    letters = "".join(sign for sign in signs if unicodedata.category(sign)[0] != "M")
    return _PUBLIC.fullmatch(letters) is not None


def _take_inventory(html: str) -> _Inventory:
    inventory = _Inventory()
    try:
        inventory.feed(html)
        inventory.close()
    except AssertionError:  # how Python before 3.13 reads `<![` where no section follows
        inventory.unknown_decl("[")
    inventory.end_all()
    return inventory


def _unclosed(tag: str, nth: int) -> Complaint:
    fix = f"write </{tag}> after its text, in the same paragraph or cell"
    if tag in _BLOCKS:
        fix = f"write </{tag}> on a line of its own, after its text"
    return Complaint(f"<{tag}> never closes", fix, f"<{tag}", nth)


@dataclass(slots=True, unsafe_hash=True)
class _Step:
    """A tag or a stretch of text, as one comes upon it."""

    sign: str
    """What a tag begins with, ``<`` or ``</``; nothing for text."""
    name: str
    """Of a tag; else the text, without its white space."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Those that keep their value."""
    inside: str = field(default="", compare=False)
    """The tag around it."""
    nth: int = field(default=0, compare=False)


class _Inventory(HTMLParser):
    """Everything that stands in some HTML: pictures, visible text, and what may not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.complaints: list[Complaint] = []
        self.pictures: list[Picture] = []
        self.links: list[Link] = []
        self._link: tuple[str, int] | None = None
        """The local link that is open, and how many pieces of text came before it."""
        self.open: list[tuple[str, int]] = []
        """The tags that are not closed yet, each with how many of its name came before."""
        self.steps: list[_Step] = []
        """What stands in it, one after the other."""
        self.addresses: list[str] = []
        """Where its links lead, but to files beside the card."""
        self._ended_paragraphs = 0
        """How many ended before another block, so that their own end is still to come."""
        self._seen: Counter[str] = Counter()

    @property
    def text(self) -> str:
        """The visible text, without its white space."""
        return "".join(step.name for step in self.steps if not step.sign)

    def _step(self, sign: str, name: str, attrs: Iterable[tuple[str, str | None]] = ()) -> None:
        if name in _OMITTED:
            return
        kept = ((key, value or "") for key, value in attrs if key not in ("src", "href"))
        inside = self.open[-1][0] if self.open else ""
        nth = self._seen[name] if sign == "<" else 0
        self.steps.append(_Step(sign, name, tuple(sorted(kept)), inside, nth))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        nth = self._seen[tag]
        if tag not in TAGS:
            what = f"the tag <{tag}> may not stand in a card"
            self.complaints.append(Complaint(what, _tag_fix(tag), f"<{tag}", nth))
        elif attrs and all(_is_word(tag, *one) for one in attrs):
            what = f"the words after <{tag} would not be shown, as it opens a tag"
            fix = "write &lt; for a less-than sign, or a formula as $a < b$"
            self.complaints.append(Complaint(what, fix, f"<{tag}", nth))
            self._seen[f"in vain {tag}"] += 1
        else:
            self._end_before(tag)
            self.complaints += self._attribute_complaints(tag, attrs)
            self._step("<", tag, attrs)
            hrefs = (value or "" for name, value in attrs if name == "href")
            self.addresses += (href.replace(" ", "%20") for href in hrefs if _leads_out(href))
            if tag not in VOID:
                self.open.append((tag, nth))
        self._seen[tag] += 1
        if tag == "img":
            values = dict(attrs)
            self.pictures.append(Picture(values.get("src") or "", values.get("alt") or ""))

    def _attribute_complaints(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> Iterator[Complaint]:
        names = Counter(name for name, _ in attrs) if len(attrs) > 1 else {}
        for name in (name for name, number in names.items() if number > 1):
            what = f"the attribute {name} stands twice in <{tag}>, and only one would be read"
            yield Complaint(what, "take one out", f"<{tag}", self._seen[tag])
        for name, value in attrs:
            nth = self._seen[f"{name}="]
            self._seen[f"{name}="] += value is not None
            if (tag, name) == ("img", "src") or _allowed(tag, name, value or ""):
                continue
            if (tag, name) == ("a", "href") and _LOCAL.fullmatch(value or ""):
                self._link = (value or "", len(self.steps))
            elif name == "href":
                address = (value or "")[:60]
                nth = self._seen[address]
                self._seen[address] += 1
                what, fix = _address_complaint(value or "")
                yield Complaint(what, fix, address or "]()", nth)
            elif name in _VALUE_FIXES and name in _ATTRIBUTES.get(tag, _EVERYWHERE):
                what = f"{value or ''!r} is no value for the attribute {name} of <{tag}>"
                yield Complaint(what, _VALUE_FIXES[name], name, nth)
            else:
                what = f"the attribute {name} may not stand in <{tag}>"
                yield Complaint(what, _FIXES.get(name, "take it out"), name, nth)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note ``<br />``; for HTML, the slash of ``<b />`` closes nothing."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag, and those left open inside it."""
        if tag == "a" and self._link:
            href, before = self._link
            words = (step.name for step in self.steps[before:] if not step.sign)
            self.links.append(Link(href, "".join(words)))
            self._link = None
        nth = self._seen[f"/{tag}"]
        self._seen[f"/{tag}"] += 1
        if not any(name == tag for name, _ in self.open):
            if tag == "p" and self._ended_paragraphs:  # a reader of HTML makes an empty one of it
                self._ended_paragraphs -= 1
                self._step("<", tag)
                self._step("</", tag)
            elif self._seen[f"in vain {tag}"]:  # its start is a finding already
                self._seen[f"in vain {tag}"] -= 1
            elif tag in TAGS:
                what = f"</{tag}> closes nothing"
                self.complaints.append(Complaint(what, "take it out", f"</{tag}", nth))
            return
        while (inner := self.open.pop())[0] != tag:
            if inner[0] in _ENDS:
                self._step("</", inner[0])
                continue
            self.complaints.append(_unclosed(*inner))
            self._seen[f"in vain {inner[0]}"] += 1
        self._step("</", tag)

    def end_all(self) -> None:
        """End what is still open, as the end of the text does."""
        while self.open:
            opened = self.open.pop()
            if opened[0] in _ENDS:
                self._step("</", opened[0])
            else:
                self.complaints.append(_unclosed(*opened))

    def _end_before(self, tag: str) -> None:
        """End the tags whose end may be left out before another."""
        while self.open and tag in _ENDS.get(self.open[-1][0], ()):
            ended = self.open.pop()[0]
            self._step("</", ended)
            self._ended_paragraphs += ended == "p"

    def handle_data(self, data: str) -> None:
        """Note visible text."""
        text = "".join(data.split())
        if text and self.steps and not self.steps[-1].sign:
            self.steps[-1] = replace(self.steps[-1], name=self.steps[-1].name + text)
        elif text:
            self._step("", text)

    def handle_comment(self, data: str) -> None:
        """Note a comment."""
        self.complaints.append(
            Complaint("a comment in the text of a card", "take it out", f"<!{data[:1]}")
        )

    def handle_decl(self, decl: str) -> None:
        """Note a declaration."""
        what = "a <!…> declaration in the text of a card"
        self.complaints.append(Complaint(what, "take it out", f"<!{decl[:1]}"))

    def handle_pi(self, data: str) -> None:
        """Note a processing instruction."""
        self.complaints.append(Complaint("a <?…> instruction", "take it out", f"<?{data[:1]}"))

    def unknown_decl(self, data: str) -> None:
        """Note a CDATA section."""
        self.handle_decl(data)


def _is_word(tag: str, name: str, value: str | None) -> bool:
    """Whether what HTML takes for an attribute was written as a word."""
    return value is None and name not in _FLAGS and not _allowed(tag, name, "")


def _address_complaint(address: str) -> tuple[str, str]:
    """What is wrong with an address, and what to write instead."""
    if not address:
        return "this link has no address", "write one in the parentheses, or take the link out"
    shown = repr(address[:60])
    found = _ADDRESS.match(address)
    if not found:
        what = f"the link to {shown} goes to no page of the web and to no mail address"
        return what, "link to an https:// address, or write this one as `code`"
    if found["host"] is None or _is_public(found["host"]):
        return f"the address {shown} holds the end of a line", "take it out"
    what = f"the link to {shown} goes to no public host by its name"
    return what, "link to one, as https://example.org, or write this address as `code`"


def _tag_fix(tag: str) -> str:
    return _TAG_FIXES.get(tag, "take it out, or write it in `code` to show it")


def _first_difference(before: str, after: str) -> str:
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        if old != new:
            return before[index : index + 20]
    return before[len(after) :][:20]
