"""How the tags of a text are nested: each is judged where it was written, and written anew.

The result is HTML with whole tags, in small letters, each closed in the one around it,
so that every reader of HTML takes it for the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape, unescape
from pathlib import PurePosixPath

from deckwright.formulas.parts import Mark
from deckwright.media.library import BAD_SOUND, SOUND
from deckwright.model import Edit, Problem, Rule, Severity
from deckwright.rendering.inlines import MARK, TOKEN
from deckwright.rendering.pieces import Anchor, Formula, Piece, Scan, fence_of
from deckwright.rendering.scan import MATH_DELIMITER
from deckwright.rendering.tags import (
    MARKUP,
    PARENTS,
    PLAIN_TAGS,
    TAGS,
    VOID,
    Tag,
    allows,
    bad_address,
    has_only_words,
    is_local,
    leads_out,
    name_of,
    problems_of,
    read_tag,
)

IMAGE_ALT = Rule(
    "image-alt",
    "A picture has an alternative text, for those who cannot see it: `![what it shows](…)`.",
    severity=Severity.WARNING,
)


_LONGEST_ALT = 500
_PICTURE = re.compile(r"!\[(?P<words>[^\[\]\n]*)\]\(<?\Z")
"""The beginning of a picture in Markdown, up to its address."""
_ENDS = {
    "li": frozenset({"li"}),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    **dict.fromkeys(("td", "th"), frozenset({"td", "th", "tr", "tbody", "tfoot"})),
    "tr": frozenset({"tr", "tbody", "tfoot"}),
    "colgroup": frozenset({"colgroup", "thead", "tbody", "tfoot", "tr"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"tbody", "tfoot"})),
    "p": frozenset("p div ul ol dl table blockquote pre hr h4 h5 h6 figure details".split()),
    **dict.fromkeys(("rb", "rt", "rp"), frozenset({"rb", "rt", "rtc", "rp"})),
}
"""The tags whose end may be left out in HTML: before which others, besides the end of the one
around."""
_FRAMES = frozenset({"table", "thead", "tbody", "tfoot", "tr", "colgroup"})
"""The tags of a table that hold only other tags of a table."""
_HEADINGS = frozenset({"h4", "h5", "h6"})
_EMPHASIS = frozenset({"em", "strong", "del", "a"})
_BLOCKS = frozenset("div details blockquote figure dl ul ol table pre".split())
_HOMES = {
    **dict.fromkeys(PARENTS, "write it into a <table>"),
    **dict.fromkeys(("td", "th"), "write it into a <tr> of a <table>"),
    "a": "close the one link before the next",
}
_SPACES = " \t\n\f\r"
"""What counts as space in HTML: a no-break space is text."""

_PART = re.compile(
    rf"(?P<token>{TOKEN.pattern})|(?P<mark>{MARK.pattern})"
    rf"|<(?P<close>/?)(?P<name>[A-Za-z][^\s/<>\ue002]*+)(?P<tag_mark>{MARK.pattern})?"
    r"(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+>"
    r"|(?P<aside><!--.*?-->|<[!?][^<>]*+>)|<[/!?]?(?=[A-Za-z/!?])[A-Za-z]*+",
    re.DOTALL,
)
"""What is more than text: tokens, marks, whole tags, what hides itself, and ``<`` of no tag.

Of a card, the scanner has named the last two, and left them out.
"""
_MADE = re.compile(
    r"<(?:p|br|hr|h[4-6]|em|strong|del|code|pre|blockquote|ul|li|table|thead|tbody|tr"
    r"|(?:td|th|div)(?: class=\"[a-z]+\")?|ol(?: start=\"[0-9]+\")?)>"
)
"""The start of an element that Markdown makes, but for links and pictures."""
_DELIMITER = re.compile(r"\\([()\[\]])")
"""What MathJax takes for the start or the end of a formula in a text."""

File = Callable[[str, str], str | Problem]
"""The name in the package of the picture (``img``) or sound (``a``) with an address, or what is
wrong with it, still without a place."""


@dataclass(slots=True)
class _Element:
    """An element that is open."""

    name: str
    at: int
    """The offset of its tag."""
    is_written: bool
    """Whether its tag is in the source; else Markdown made it."""
    classes: tuple[str, ...] = ()
    is_named: bool = False
    """Whether something in it that may not be there has been reported."""


@dataclass(slots=True)
class _Sound:
    """A link to a sound that is open."""

    at: int
    words: str = ""
    is_cut: bool = False
    """Whether a cloze begins or ends in its words."""


class Walk:
    """Goes through the HTML of a text once; names what is wrong and writes the rest anew."""

    def __init__(
        self,
        file: File,
        scanned: Scan | None,
        is_readable: Callable[[str], bool],
        classes: Mapping[str, bool],
    ) -> None:
        """Begin before a text.

        Args:
            file: finds pictures and sounds.
            scanned: the text, to whose pieces marks and tokens lead; without it, there are none.
            is_readable: whether browsers can read the address of a page.
            classes: those of the deck, each with whether it sizes text by that around it.
        """
        self.classes = classes
        self.file = file
        self.is_readable = is_readable
        self.pieces: tuple[Piece, ...] = scanned.pieces if scanned else ()
        self.source = scanned.span.source.text if scanned else ""
        self.end = scanned.span.end if scanned else 0
        self.reached = scanned.span.start if scanned else 0
        """The offset up to which the source has been met."""
        self.words = self.reached
        """The offset of the words of a picture whose mark came last."""
        self.problems: list[Problem] = []
        self.pictures: list[tuple[str, int]] = []
        """The words for each picture, and where they are."""
        self.out: list[str] = []
        self.open: list[_Element] = []
        self.count: Counter[tuple[str, bool]] = Counter()
        """How many of a name are open that are written, and that are not."""
        self.forgiven: Counter[str] = Counter()
        """The end tags that are still to come of elements which have ended, or never began."""
        self.sound: _Sound | None = None
        self.backslash: int | None = None
        """The offset of a backslash, where one was shown last."""
        self.in_formula = False
        """Whether the last delimiter of MathJax's in the text was one that opens a formula."""

    def through(self, html: str) -> str:
        """The HTML, written anew: each tag whole, in small letters, and closed."""
        position = 0
        for part in _PART.finditer(html):
            self._text(html[position : part.start()])
            position = part.end()
            if part["token"]:
                self._token(int(part["token"][1:-1]), part["token"])
            elif part["mark"]:
                self._reach(part["mark"])
            elif part["name"] and part["close"]:
                self._end(name_of(part["name"]), self._reach(part["tag_mark"]))
            elif part["name"]:
                self._start(part)
            elif part["aside"]:
                self._aside(part["aside"])
            else:
                what = f"{part[0]} begins a tag here that has no end"
                self._name(self._here(), what, "write &lt; for a less-than sign")
                self.out.append(escape(part[0], quote=False))
        self._text(html[position:])
        while self.open:
            self._close_last()
        return "".join(self.out)

    def _reach(self, mark: str | None) -> int | None:
        """The offset that a mark leads to, if there is one; from there it goes on."""
        if mark is None:
            return None
        anchor = self.pieces[int(mark[1:-1])]
        assert isinstance(anchor, Anchor)
        self.reached = anchor.then
        self.words = anchor.start + len("![") if not anchor.in_tag else anchor.at
        return anchor.at

    def _here(self) -> int:
        """The offset of what Markdown made, which has no mark of its own: behind the last."""
        while self.reached < self.end and self.source[self.reached].isspace():
            self.reached += 1
        return min(self.reached, max(self.end - 1, 0))

    def _name(self, at: int, what: str, fix: str) -> None:
        self.problems.append(MARKUP.at(at, what, fix))

    # Text

    def _text(self, text: str) -> None:
        if not text:
            return
        if self.out and self.out[-1].startswith("<pre"):
            text = text.lstrip("\n")  # a reader of HTML removes one each time
        if text.strip(_SPACES):
            self._check_place(unescape(text).strip(_SPACES)[:20])
        if self.sound:
            self.sound.words += text
        self._check_delimiters(unescape(text))
        self.out.append(text.replace("<", "&lt;"))

    def _check_delimiters(self, text: str) -> None:
        """Name what MathJax would take for a formula; it reads on over ``<wbr>``."""
        before = "" if self.backslash is None else "\\"
        for found in _DELIMITER.findall(before + text):
            if not (self.in_formula and found in ")]"):  # a pair of them is named once
                what = r"Anki takes \( \) \[ \] in a text for a formula"
                fix = "write a formula as $…$, or show the signs in `code`"
                at = self._here() if self.backslash is None else self.backslash
                self.problems.append(MATH_DELIMITER.at(at, what, fix))
            self.in_formula = found in "(["
            self.backslash = None
        self.backslash = self._here() if text.endswith("\\") else None

    def _token(self, number: int, token: str) -> None:
        piece = self.pieces[number]
        self.reached = max(self.reached, piece.end)
        self.backslash = None
        self._check_place("…", piece.start)
        code = next((one.name for one in self.open if one.name in ("code", "pre")), "")
        if code and isinstance(piece, Formula) and not piece.fence:
            what = f"this formula is in <{code}>, which shows it as raw text"
            self._name(piece.start, what, "write the code between `backticks`, without the tag")
        if self.sound:
            self.sound.words += "" if isinstance(piece, Mark) else token
            self.sound.is_cut |= isinstance(piece, Mark)
        self.out.append(token)

    def _check_place(self, text: str, at: int | None = None) -> None:
        """Name text between the cells of a table."""
        if self.open and self.open[-1].name in _FRAMES and not self.open[-1].is_named:
            self.open[-1].is_named = True
            what = f"'{text}' cannot be in <{self.open[-1].name}>: a reader of HTML would move it"
            at = self._here() if at is None else at
            self._name(at, what, "write it into a cell, or outside of the table")

    def _aside(self, written: str) -> None:
        """Name what is not shown, and leave it out."""
        kind = "comment" if written.startswith("<!--") else "<!…> declaration"
        what = "a <?…> instruction" if written[1] == "?" else f"a {kind} in the text of a card"
        self._name(self._here(), what, "remove it")

    # Tags

    def _start(self, part: re.Match[str]) -> None:
        marked = self._reach(part["tag_mark"])
        at = self._here() if marked is None else marked
        if self.pieces and marked is None and _MADE.fullmatch(part[0]):
            self._begin(part["name"], part[0], at, is_written=False)
            return
        if marked is None:
            tag = _read_made(part[0], part["name"])
        else:
            tag = read_tag(MARK.sub("", part[0]), part["name"])
            tag = tag.as_placed(read_tag(self.source[at : self.reached], part["name"]))
        found = problems_of(tag, at, self.classes)
        if tag.name in PLAIN_TAGS:
            edits = (*_without_tag(self.source, tag.name, at),)
            found = (replace(one, edits=edits) for one in found)
        self.problems += found
        if tag.name not in TAGS or has_only_words(tag):
            self.forgiven[tag.name] += 1
            return
        attributes = dict(self._attributes(tag, at))
        classes = tuple(attributes.get("class", "").split())
        self._check_sizes(tag, classes, at)
        shown = (f' {name}="{escape(value)}"' for name, value in attributes.items())
        anew = f"<{tag.name}{''.join(shown)}>"
        is_written = marked is not None or tag.name not in ("a", "img")
        is_written = is_written and bool(self.pieces)
        self._begin(tag.name, anew, at, is_written=is_written, classes=classes)

    def _check_sizes(self, tag: Tag, classes: Sequence[str], at: int) -> None:
        """Name a class that would size a text again and again."""
        sizing = [one for one in classes if self.classes.get(one)]
        for name in sizing:
            written = tag.get("class")
            if written and any(name in one.classes for one in self.open):
                what = f"the class {name} is in itself, and sizes its text anew each time"
                self._name(at + written.at, what, "write it once, around all that it is for")

    def _begin(
        self, name: str, written: str, at: int, *, is_written: bool, classes: tuple[str, ...] = ()
    ) -> None:
        """Begin an element."""
        self.backslash = self.backslash if name == "wbr" else None
        self._end_before(name, is_written=is_written)
        self._check_parent(name, at)
        self.out.append(written)
        if name not in VOID:
            self.open.append(_Element(name, at, is_written=is_written, classes=classes))
            self.count[name, is_written] += 1

    def _attributes(self, tag: Tag, at: int) -> Iterator[tuple[str, str]]:
        """The attributes of a tag as learners get them."""
        seen: set[str] = set()
        for one in tag.attributes:
            if one.name in seen:
                continue
            seen.add(one.name)
            place = at + one.value_at
            if (tag.name, one.name) == ("img", "src"):
                found = self.file("img", one.value or "")
                if isinstance(found, Problem):
                    found = replace(found, edits=(*_as_sound(self.source, place, one.value or ""),))
                yield from self._address("src", found, place)
            elif (tag.name, one.name) == ("a", "href"):
                yield from self._link(one.value or "", place)
            elif allows(tag.name, one, self.classes):
                is_class = one.name == "class"
                yield one.name, " ".join((one.value or "").split()) if is_class else one.value or ""
        if tag.name == "img":
            src, alt = tag.get("src"), tag.get("alt")
            place = at + src.value_at if src else at
            words = at + alt.value_at if alt and alt.value_at else self.words
            self.pictures.append(((alt.value or "") if alt else "", words))
            if src is None:
                yield from self._address("src", self.file("img", ""), place)
            if not alt or not (alt.value or "").strip():
                fix = "say between the brackets what it shows, as ![a rising curve](…)"
                what = "a picture without an alternative text"
                self.problems.append(IMAGE_ALT.at(place, what, fix))

    def _address(self, name: str, found: str | Problem, at: int) -> Iterator[tuple[str, str]]:
        if isinstance(found, Problem):
            self.problems.append(found.moved(at))
        else:
            yield name, found

    def _link(self, address: str, at: int) -> Iterator[tuple[str, str]]:
        """The address of a link, if it leads to a page, a mail or a sound."""
        if leads_out(address):
            address = address.replace(" ", "%20")
            if self.is_readable(address):
                yield "href", address
            else:
                what = f"the link to {address[:60]!r} is one that no browser can read"
                self._name(at, what, "correct the name of its host, or its port")
        elif not is_local(address):
            self.problems.append(bad_address(address, at))
        else:
            found = self.file("a", address)
            if not isinstance(found, Problem):
                self.sound = _Sound(at)
            yield from self._address("href", found, at)

    def _check_parent(self, name: str, at: int) -> None:
        """Report a tag that a reader of HTML would move."""
        around = self.open[-1] if self.open else None
        parent, fits = around.name if around else "", True
        if name in PARENTS:
            fits = parent in PARENTS[name]
        elif parent in _FRAMES:
            fits = False
        elif name in _ENDS["p"] and self._has_open("p"):
            parent, fits = "p" if self.count["p", True] else parent, False
        elif name in _HEADINGS:
            fits = parent not in _HEADINGS
        elif name == "a" and self._has_open("a"):
            parent, fits = "a", False
        if fits or (around and around.is_named):
            return
        if around and parent in _FRAMES:
            around.is_named = True
        fences = filter(None, map(fence_of, self.pieces))
        if name == "pre" and any(one.indented and one.start == at for one in fences):
            what = "behind the blank line, four spaces make code of this HTML"
            self._name(at, what, "take out the blank line or the four spaces")
            return
        where = f"in <{parent}>" if parent else "by itself"
        what = f"<{name}> cannot be {where}: a reader of HTML would move or remove it"
        fix = "close what is open before it, or begin a new paragraph"
        self._name(at, what, _HOMES.get(name, fix))

    def _has_open(self, name: str) -> bool:
        return bool(self.count[name, True] or self.count[name, False])

    def _end_before(self, name: str, *, is_written: bool) -> None:
        """End the elements whose end may be left out before a tag.

        A tag of the source ends no cell of Markdown's.
        """
        while self.open and name in _ENDS.get((last := self.open[-1]).name, ()):
            if is_written and not last.is_written and last.name not in ("p", "li"):
                return
            made = bool(self.pieces) and not last.is_written
            self.forgiven[last.name] += made or last.name == "p"
            self._close_last()

    def _end(self, name: str, at: int | None) -> None:
        """End an element and those that are open in it; a tag of the source ends one of its own."""
        self.backslash = None
        if name == "br":
            self.out.append("<br>")  # as browsers read it
            return
        is_written = at is not None
        if name == "p" and not self.count[name, is_written]:
            is_written = False
        if not self.count[name, is_written]:
            if self.forgiven[name]:
                self.forgiven[name] -= 1
            else:
                self._name(self._here() if at is None else at, *_ends_nothing(name))
            return
        while (inner := self.open[-1]).name != name or inner.is_written != is_written:
            if at is not None and not inner.is_written and inner.name not in _ENDS:
                what = f"</{name}> ends within <{inner.name}>, which Markdown made"
                self._name(
                    at, what, "write it before or behind what is emphasised, linked or listed"
                )
            self.forgiven[inner.name] += 1
            within = name if at is not None or name in _EMPHASIS else ""
            self._close_last(within, made=at is None, before=at)
        self.forgiven[name] += at is not None and not is_written
        self._pop()
        if name == "a" and self.sound:
            self._check_words(self.sound)
            self.sound = None

    def _close_last(
        self, within: str = "", *, made: bool = False, before: int | None = None
    ) -> None:
        """Close the innermost element, which has no end of its own where it should.

        ``within`` is the name of the element that ends before it does, which Markdown may have
        made; ``before`` is where the tag begins that ends it.
        """
        last = self._pop()
        if last.name not in _ENDS and last.is_written:
            fix = f"write </{last.name}> after its text, in the same paragraph or cell"
            if within and made:
                fix = f"write </{last.name}> before what is emphasised or linked around it ends"
            elif within:
                fix = f"write </{last.name}> before the </{within}> around it, and not behind"
            elif last.name in _BLOCKS:
                fix = f"write </{last.name}> on a line of its own, after its text"
            end = self._end_of_block(last.at) if before is None else before
            edits = [Edit(end, end, f"</{last.name}>")] if last.name not in _BLOCKS else []
            self.problems.append(MARKUP.at(last.at, f"<{last.name}> never closes", fix, *edits))

    def _end_of_block(self, start: int) -> int:
        """The end of the line or paragraph in which an element has to end, as far as is known."""
        inner = next((one.name for one in reversed(self.open) if not one.is_written), "p")
        ends = {"td": r"[ \t]*(?:(?<!\\)\||\n)", "th": r"[ \t]*(?:(?<!\\)\||\n)"}
        end = re.compile(ends.get(inner, r"\s*\n[ \t>]*(?:\n|[-*+] |\d+[.)] |$)"))
        found = end.search(self.source, start, self.end)
        rest = self.source[start : self.end]
        return found.start() if found else start + len(rest.rstrip())

    def _pop(self) -> _Element:
        last = self.open.pop()
        self.count[last.name, last.is_written] -= 1
        self.out.append(f"</{last.name}>")
        return last

    def _check_words(self, sound: _Sound) -> None:
        """Name a sound without words, or one that is heard while its words are hidden."""
        if not sound.words.strip():
            fix = "say between the brackets what is heard, as [the word](…)"
            self.problems.append(BAD_SOUND.at(sound.at, "a link to a sound has no words", fix))
        elif sound.is_cut:
            what = "this sound would be heard while a part of its words is hidden"
            fix = "put the whole link into the cloze, or the cloze out of the link"
            self.problems.append(BAD_SOUND.at(sound.at, what, fix))


def _as_sound(source: str, at: int, address: str) -> Iterator[Edit]:
    """What makes a link of a picture whose file is a sound, counted from its address."""
    file = PurePosixPath(address)
    before = _PICTURE.search(source, max(0, at - _LONGEST_ALT), at)
    if before and file.suffix.lower() in SOUND.suffixes:
        words = before["words"] if before["words"].strip() else file.stem
        yield Edit(before.start() - at, before.end("words") - at, f"[{words}")


def _without_tag(source: str, name: str, at: int) -> Iterator[Edit]:
    """What takes a tag away and leaves what is in it, or writes it as a reader knows it."""
    begin, end = PLAIN_TAGS[name]
    first = re.compile("<[^<>]*>").match(source, at)
    last = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(source, at)
    if first:
        yield Edit(first.start(), first.end(), begin)
        if last:
            yield Edit(last.start(), last.end(), end)


def _ends_nothing(name: str) -> tuple[str, str]:
    """What is wrong with an end tag without an element, and what to do."""
    if name in TAGS:
        return f"</{name}> closes nothing", "remove it"
    return f"the tag </{name}> is not allowed in a card", "remove it"


@lru_cache(maxsize=256)
def _read_made(written: str, name: str) -> Tag:
    """A link or a picture that Markdown made: all of it is where it begins in the source."""
    return read_tag(MARK.sub("", written), name).as_placed(Tag(name, ()))
