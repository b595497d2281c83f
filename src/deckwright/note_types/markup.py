"""The templates of a deck's own note types: a strict grammar of what they may hold.

A template runs in the learner's Anki, around texts that were made safe without it. So it is made of
listed tags, plain text and the replacements of Anki, and of nothing else: no attribute but a class,
no address, no script. Behind a field comes a space or a tag, so that no text goes on what
a field began, such as ``[sound`` or a backslash before ``(``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from deckwright.model import Problem, Rule, Source, Stake

NOTE_TYPE = Rule(
    "note-type",
    "A note type of the deck's own is a folder in note_types/ with a note_type.toml. It "
    "names the fields and the templates, each with an id that never changes. Templates "
    "hold plain HTML and fields, because they run in learners' Anki.",
    stake=Stake.SAFETY,
)


SPECIAL = frozenset({"FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card"})
"""What Anki itself puts in."""
FILTERS = frozenset(
    {
        "",
        "text:",
        "type:",
        "cloze:",
        "type:cloze:",
        "hint:",
        "furigana:",
        "kana:",
        "kanji:",
        "hint:furigana:",
        "hint:kana:",
        "hint:kanji:",
    }
)
MOST = 50
"""How many mistakes of a file are named."""
_DEEPEST = 100
"""How many elements may be open at once."""
CLOZES = frozenset({"cloze:", "type:cloze:"})

_TOKEN = re.compile(
    r"(?P<replacement>\{\{\s*+(?P<sign>[#^/]?)(?P<filters>(?:[a-z]+:)*)"
    r"(?P<name>(?!(?<=:)\s)[^{}<>:]+)\}\})"
    r"|(?P<tag><(?P<end>/?)(?P<element>[a-z][a-z0-9]*)(?P<attributes>(?:[ \t\n][^<>{}&]*)?/?)>)"
    r"|(?P<entity>&(?:amp|lt|gt|quot|nbsp|#91|#93);)"
    r"|(?P<other>&(?:#[xX]?[0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<text>[^<>&{}\[\]\\]+)"
)
_ATTRIBUTE = re.compile(r"[ \t\n]+(?P<name>[a-z]+)(?:=\"(?P<value>[^\"]*)\")?(?=[ \t\n]|/?\Z)")
_SPACES = " \t\n"
_CLASS = re.compile(r"(?!dw-|mjx|cloze|card|night)[a-z][a-z0-9-]*")
_RAW = re.compile(r"<(script|style)\b.*?(?:</\1[ \t\n]*>|\Z)", re.IGNORECASE | re.DOTALL)
_IN_LISTS = {
    "li": frozenset({"ul", "ol"}),
    **dict.fromkeys(("dt", "dd"), frozenset({"dl", "div"})),
}
"""The tags that hold the items of lists."""
_SEE_THROUGH = frozenset({"br", "wbr"})
"""Tags over which MathJax reads on."""
_WRONG = {
    "<": ("< begins no tag that a template may hold", "write &lt; for the sign itself"),
    ">": ("> ends no tag here", "write &gt; for the sign itself"),
    "&": ("& begins none of the entities of a template", "write &amp; for the sign itself"),
    "[": ("[ could make an instruction to Anki of a field", "write &#91; for the sign itself"),
    "]": ("] could make an instruction to Anki of a field", "write &#93; for the sign itself"),
    "\\": ("a backslash could make a formula of a field", "remove it"),
    "{": ("{ begins no replacement that Anki knows", "write {{Field}}, {{#Field}} or {{/Field}}"),
    "}": ("} ends no replacement", "write {{Field}}, {{#Field}} or {{/Field}}"),
}
_COMMENT = ("a comment in a template reaches every learner", "remove it")


class Tags(NamedTuple):
    """The tags of HTML."""

    known: Collection[str]
    """Those that a text may hold."""
    void: Collection[str]
    """Those that hold nothing, and so never close."""
    parents: Mapping[str, Collection[str]]
    """The tags that may be around those of a table."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the templates of a note type may hold."""

    tags: Tags
    fields: Collection[str]
    clozes: Collection[str]
    """The fields that have clozes; none where it is not a cloze type."""
    filled: Collection[str]
    """The fields that are filled in every note."""
    meant: Callable[[str], str]
    """A fix for the name of a field that there is not."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A section that is open."""

    name: str
    start: int
    behind_field: bool
    """Whether a field is right before it."""


def check(source: Source, allowed: Allowed, *, back: bool) -> tuple[Problem, ...]:
    """What is wrong with one side of a template."""
    checker = _Checker(source.text, allowed, back)
    checker.read()
    return tuple(one.placed(source) for one in checker.problems)


@dataclass(slots=True)
class _Checker:
    text: str
    allowed: Allowed
    back: bool
    problems: list[Problem] = field(default_factory=list)
    shows: bool = False
    """Whether a field is shown."""
    hides: bool = False
    """Whether a field is shown with its clozes."""
    sure: bool = False
    """Whether a field that is always filled is shown in no section."""
    special: re.Match[str] | None = None
    """The first thing that Anki itself puts in."""
    sections: list[_Section] = field(default_factory=list)
    """The sections that are open."""
    elements: list[tuple[str, int, int]] = field(default_factory=list)
    """The elements that are open: tag, offset, and in how many sections."""
    too_deep: bool = False
    named: Counter[str] = field(default_factory=Counter)
    """The elements that were closed too late, or are still to be."""

    def _add(self, at: int, what: str, fix: str) -> None:
        self.problems.append(NOTE_TYPE.at(at, what, fix))

    def read(self) -> None:
        at, behind_field = 0, False
        while at < len(self.text) and len(self.problems) < MOST:
            if raw := _RAW.match(self.text, at):
                what = f"<{raw[1].lower()}> is not allowed in a template"
                style = raw[1].lower() == "style"
                self._add(at, what, "write it into style.css" if style else "remove it")
                at = raw.end()
                continue
            token = _TOKEN.match(self.text, at)
            if token is None:
                self._add(at, *self._why_not(at))
                return  # what follows could be read in any way
            if behind_field and not _sets_apart(token):
                what = "the text right behind a field would be read together with its end"
                self._add(at, what, "put a space there, or the field into a tag, as <span>")
            if token["sign"]:
                behind_field |= self._section(token, behind_field)
            elif token["replacement"]:
                self._replacement(token, in_section=bool(self.sections))
                behind_field = True
            elif token["tag"]:
                self._tag(token)
                self._nest(token)
            elif token["other"]:
                self._add(at, *_no_entity(token["other"]))
            if not token["sign"] and not token["replacement"]:
                behind_field &= token["element"] in _SEE_THROUGH
            at = token.end()
        self._end_elements(0)
        for one in self.sections:
            what, fix = f"the section of {one.name} is not closed", f"write {{{{/{one.name}}}}}"
            self._add(one.start, what, fix)
        if self.problems:
            return
        if not self.back and not self.shows:
            what = "this front shows no field, and Anki makes no card of it"
            self._add(0, what, "show one, as {{Field}}")
        elif self.allowed.clozes and not self.hides:
            name = sorted(self.allowed.clozes)[0]
            what = "a side of a cloze type shows its clozes, and this one does not"
            self._add(0, what, f"write {{{{cloze:{name}}}}}")
        elif self.special and not (self.back or self.sure or self.allowed.clozes):
            what = f"whether {self.special[0]} alone makes a card hangs on the version of Anki"
            fix = "show a field that is always filled, too, outside of every section"
            self._add(self.special.start(), what, fix)

    def _why_not(self, at: int) -> tuple[str, str]:
        if self.text.startswith("<!--", at):
            return _COMMENT
        if inside := re.compile(r"<[^<>]*\{\{").match(self.text, at):
            return f"a replacement is inside the tag {inside[0][:20]!r}", "move it out of the tag"
        if spoken := re.compile(r"\{\{\s*tts\b[^{}]*\}\}").match(self.text, at):
            what = f"{spoken[0][:40]} asks the learner's device to speak"
            return what, "remove it: a sound is a file that a card links to"
        if spaced := re.compile(r"\{\{[^{}<>]*\}\}").match(self.text, at):
            whole = ":".join(one.strip() for one in spaced[0].split(":"))
            if whole != spaced[0] and _TOKEN.match(whole):
                return f"Anki finds no field in {spaced[0][:40]!r}", "take out the spaces at :"
        return _WRONG[self.text[at]]

    def _nest(self, token: re.Match[str]) -> None:
        """Open or close an element, within the section in which it is."""
        element, depth = token["element"], len(self.sections)
        homes = {**self.allowed.tags.parents, **_IN_LISTS}.get(element)
        around = self.elements[-1][0] if self.elements else ""
        if homes and around not in homes and not token["end"]:
            known = " or ".join(f"<{one}>" for one in sorted(homes))
            self._add(token.start(), f"<{element}> is not in a {known}", "write it into one")
        if element in self.allowed.tags.void:
            return
        if not token["end"]:
            if len(self.elements) < _DEEPEST:
                self.elements.append((element, token.start(), depth))
            elif not self.too_deep:
                self.too_deep = True
                what = f"more than {_DEEPEST} elements are open here"
                self._add(token.start(), what, "close some of them before")
        elif element in [one for one, _, deep in self.elements if deep == depth]:
            while (last := self.elements.pop())[0] != element:
                what = f"<{last[0]}> is open where </{element}> ends the one around it"
                self._add(last[1], what, f"write </{last[0]}> before it")
                self.named[last[0]] += 1
        elif self.named[element]:
            self.named[element] -= 1  # it came too late, which is named
        else:
            what = f"</{element}> closes nothing that is open right here"
            self._add(token.start(), what, "close each tag in the one and in the section around it")

    def _end_elements(self, depth: int) -> None:
        """Name the elements that are open in more sections than some."""
        while self.elements and self.elements[-1][2] >= depth:
            element, start, _ = self.elements.pop()
            where = "in its section" if depth else "in this file"
            self._add(start, f"<{element}> never closes {where}", f"write </{element}>")

    def _section(self, token: re.Match[str], behind_field: bool) -> bool:
        """Open or close a section; whether a field is before it, without it."""
        name, start, opened = token["name"].strip(), token.start(), self.sections
        if token["sign"] == "/" and opened and opened[-1].name not in self.allowed.fields:
            return opened.pop().behind_field  # its start is named
        unknown = token["filters"] or name not in self.allowed.fields
        if unknown:
            what = f"a section asks whether a field is filled, and {name[:40]!r} is not a field"
            self._add(start, what, self.allowed.meant(name))
        if token["sign"] != "/":
            opened.append(_Section(name, start, behind_field))
            return False
        if not unknown and (not opened or opened[-1].name != name):
            meant = f"{{{{/{opened[-1].name}}}}}" if opened else "{{#…}} before it, or remove it"
            self._add(start, f"{{{{/{name}}}}} closes no section that is open", f"write {meant}")
        self._end_elements(len(opened) or 1)
        return opened.pop().behind_field if opened else False

    def _replacement(self, token: re.Match[str], *, in_section: bool) -> None:
        name, filters, start = token["name"].strip(), token["filters"], token.start()
        if name in SPECIAL and not filters:
            self.special = self.special or token
            if name == "FrontSide" and not self.back:
                self._add(start, "a front cannot show itself", "write {{FrontSide}} in the back")
        elif name not in self.allowed.fields:
            what = f"there is no field {name[:40]!r}"
            self._add(start, what, self.allowed.meant(name))
        elif filters not in FILTERS:
            what = f"the filters {filters[:40]!r} are none that a template may use"
            known = ", ".join(sorted(FILTERS - {""}))
            self._add(start, what, f"there are {known}")
        elif filters in CLOZES and name not in self.allowed.clozes:
            what = f"the field {name} has no clozes"
            fix = "they belong in the field of the answer, where note_type.toml says cloze = true"
            self._add(start, what, fix)
        else:
            self.shows = True
            self.hides |= filters in CLOZES
            self.sure |= name in self.allowed.filled and not in_section

    def _tag(self, token: re.Match[str]) -> None:
        element, start = token["element"], token.start()
        if element not in self.allowed.tags.known:
            if token["end"]:
                return  # its start is named, or that it has none
            what = f"<{element[:20]}> is not allowed in a template"
            self._add(start, what, "write <div>, <span>, <b>, <ruby> and the like")
            return
        at, rest = token.start("attributes"), token["attributes"].rstrip(_SPACES)
        seen: set[str] = set()
        place = 0
        while place < len(rest) and rest[place:].strip(_SPACES) not in ("", "/"):
            found = _ATTRIBUTE.match(rest, place)
            name, value = (found["name"], found["value"] or "") if found else ("", "")
            if not found or token["end"] or name in seen or not _may_have(element, name, value):
                what = (
                    f"a tag in a template has a class and nothing else, not {rest.strip()[:40]!r}"
                )
                what = f"{value[:40]!r} is not a class of yours" if name == "class" else what
                fix = 'write class="a-name": a to z, 0 to 9 and -, not dw-, mjx, cloze, card, night'
                self._add(at + place, what, fix)
                return
            seen.add(name)
            place = found.end()


def _no_entity(entity: str) -> tuple[str, str]:
    """What is wrong with an entity that a template does not hold, and what to write instead."""
    sign = unescape(entity)
    what = f"{entity} is not an entity that a template may have"
    if sign and sign[0] in "<>&[]":
        return what, _WRONG[sign[0]][1]
    if sign and sign.isprintable() and sign not in ("\\", "{", "}", " "):
        return what, f"write {sign} itself"
    return what, "remove it"


def _may_have(element: str, name: str, value: str) -> bool:
    """Whether an element may have an attribute."""
    if name == "class":
        return bool(value.split()) and all(_CLASS.fullmatch(one) for one in value.split())
    return (element, name, value) == ("hr", "id", "answer")


def _sets_apart(token: re.Match[str]) -> bool:
    """Whether something may be right behind a field, or lets what is behind it be there."""
    return bool(token["tag"] or token["sign"] or (token["text"] and token["text"][0].isspace()))
