"""Characters that have no place in a deck, and how to name them.

They show as nothing, turn the text around behind a reviewer's back, or break the package. Text
that runs from right to left needs none of them: its letters know their direction, and marks
(U+200E, U+200F), joiners (U+200C, U+200D) and isolates that close are left to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import unescape

from deckwright.model import Edit, Problem, Rule, Stake

CHARACTER = Rule(
    "character",
    "A text has no characters that are invisible or that hide text from a reviewer: "
    "control, private-use, zero-width and direction-override characters, written out or as "
    "an entity. Accents, joiners and isolates are fine where a writing system needs them.",
    stake=Stake.SAFETY,
)

NOT_NFC = Rule(
    "not-nfc",
    "Text is in Unicode's composed form, NFC, as editors write it. An é made of two "
    "characters looks like any other, but no search finds it and no typed answer matches "
    "it.",
)


FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028-\u202e\u2060-\u2065"
    "\u206a-\u206f\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e00ff\U000e01f0-\U0010ffff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    + "".join(chr((plane << 16) + end) for plane in range(1, 14) for end in (0xFFFE, 0xFFFF))
    + "]"
)
"""Control, direction-override, zero-width, private-use and other characters without a sign."""
_FORBIDDEN_RUN = re.compile(f"{FORBIDDEN.pattern}+")
_MOST_PILED = 20
_MAYBE_PILED = re.compile(f"[\u0300-\U0010ffff]{{{_MOST_PILED + 1},}}")
_UNSEEN = re.compile("[\u200c-\u200f\ufe00-\ufe0f\U000e0100-\U000e01ef]{4}")
"""Piles of marks, and invisible marks: no writing system has so many in a row."""
_IDLE = re.compile(
    r"[\u200c\u200d\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef](?<![^\0-\u024f].)"
    r"(?:(?<=[\u200c\u200d])(?![^\0-\u024f])|(?<![\u200c\u200d])(?<![0-9#*©®].))"
)
"""Joiners between letters that never join, and variants of what has none."""
_MARKS = "\u061c\u200e\u200f"
_TURNING = re.compile(f"[{_MARKS}]")
_WITH_MARKS = re.compile(f"^.*[{_MARKS}].*$", re.MULTILINE)
_RIGHT_TO_LEFT = ("R", "AL")
"""The classes of Unicode's bidirectional algorithm for letters of Hebrew, Arabic and their kin."""
_ISOLATES = re.compile("[\u2066-\u2069]")
_WITH_ISOLATES = re.compile("^.*[\u2066-\u2069].*$", re.MULTILINE)
_CLOSES = "\u2069"
_ENTITY = re.compile(
    r"&(?:#(?:[xX]0*(?P<hex>[0-9a-fA-F]++)|0*(?P<decimal>[0-9]++));?|[A-Za-z][A-Za-z0-9]*+;?)"
)
"""A reference to a character: browsers read any number of digits, and some without the ``;``."""
_KINDS = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Co": "a private-use character",
}
_FIXES = {
    "\r": "save the file with the line ends of Unix, or of Windows",
    "\x00": "save the file as UTF-8",
    "\xad": "remove it, or write <wbr> where a long word may break",
    "\ufffd": "write the letter that was lost here",
}


def described(character: str) -> str:
    """The number of a character and its name, because it is invisible."""
    kind = _KINDS.get(unicodedata.category(character), "no character")
    return f"U+{ord(character):04X} ({unicodedata.name(character, kind)})"


def forbidden(text: str) -> Iterator[Problem]:
    """The characters that no text may have, and isolates that are not balanced in their line."""
    for match in _FORBIDDEN_RUN.finditer(text):
        first, more = match[0][0], len(match[0]) - 1
        what = f"the character {described(first)} is not allowed in a deck"
        what += f" ({more} more right after it)" if more > 0 else ""
        fix = _FIXES.get(first, "remove it")
        yield CHARACTER.at(match.start(), what, fix, *_without(match[0], match.start()))
    for match in _IDLE.finditer(text):
        what = f"{described(match[0])} is invisible and does nothing here"
        yield CHARACTER.at(match.start(), what, "remove it", Edit(*match.span(), ""))
    if _TURNING.search(text):  # few texts hold any
        yield from _without_need(text)
    if (piled := _piled(text)) >= 0:
        what = f"too many marks like {described(text[piled])} in a row"
        yield CHARACTER.at(piled, what, "remove them")
    if _ISOLATES.search(text):  # few texts hold any
        yield from _unbalanced(text)


def _piled(text: str) -> int:
    """The offset of the first pile of marks, or of invisible ones; -1 where there is none.

    Marks that are piled up take minutes to compose.
    """
    for run in _MAYBE_PILED.finditer(text):
        marks = 0
        for at, sign in enumerate(run[0], run.start()):
            marks = marks + 1 if unicodedata.combining(sign) else 0
            if marks > _MOST_PILED:
                return at - _MOST_PILED
    unseen = _UNSEEN.search(text)
    return unseen.start() if unseen else -1


def _without_need(text: str) -> Iterator[Problem]:
    """Marks of direction in lines that run from left to right anyway."""
    for line in _WITH_MARKS.finditer(text):
        signs = {*line[0]} - {*_MARKS}
        if not any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in signs):
            for match in _TURNING.finditer(line[0]):
                what = f"{described(match[0])} does nothing in a line that runs from left to right"
                at = line.start() + match.start()
                yield CHARACTER.at(at, what, "remove it", Edit(at, at + 1, ""))


def _unbalanced(text: str) -> Iterator[Problem]:
    """Isolates hold a stretch that runs the other way; one left open turns what comes after it."""
    for line in _WITH_ISOLATES.finditer(text):
        stack: list[int] = []
        for match in _ISOLATES.finditer(line[0]):
            at = line.start() + match.start()
            if match[0] != _CLOSES:
                stack.append(at)
            elif stack:
                stack.pop()
            else:
                what = f"{described(match[0])} closes nothing in its line"
                yield CHARACTER.at(at, what, "remove it", Edit(at, at + 1, ""))
        for at in stack:
            what = f"{described(text[at])} never closes in its line"
            yield CHARACTER.at(at, what, "write U+2069 after the stretch that it opens")


def entities(text: str) -> Iterator[Problem]:
    """The entities for characters that no text may have."""
    for entity in _ENTITY.finditer(text):
        if bad := FORBIDDEN.search(_meant(entity)):
            what = f"{entity[0][:40]} is {described(bad[0])}, which is not allowed in a deck"
            can_go = unicodedata.category(bad[0]) == "Cf"
            edits = [Edit(*entity.span(), "")] if can_go else []
            yield CHARACTER.at(entity.start(), what, "remove it", *edits)


def _meant(entity: re.Match[str]) -> str:
    """The character of an entity; a number is the character of that number, as nh3 reads it."""
    if not (digits := entity["hex"] or entity["decimal"]):
        return unescape(entity[0])
    code = int(digits[:8], 16 if entity["hex"] else 10)  # more digits are out of range as well
    return chr(min(code, 0x10FFFF))  # the last one has no place in a deck either


def first_entity(text: str) -> int:
    """The offset of the first entity in a text, or of the text where there is none."""
    found = _ENTITY.search(text)
    return found.start() if found else len(text) - len(text.lstrip())


def not_composed(text: str) -> Problem | None:
    """The first place of a text that is not in Unicode's composed form, NFC."""
    if _piled(text) >= 0 or unicodedata.is_normalized("NFC", text):
        return None  # marks in a pile are named already, and would take minutes to compose
    offset = 0
    for line in text.splitlines(keepends=True):
        if not unicodedata.is_normalized("NFC", line):
            break
        offset += len(line)
    composed = unicodedata.normalize("NFC", line)
    pairs = enumerate(zip(line, composed, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), len(composed))
    end = at + 1
    while end < len(line) and not _stands_alone(line[end - 1], line[end]):
        end += 1
    found = line[at:end]
    better = unicodedata.normalize("NFC", found)
    names = " and ".join(map(described, found[:3]))
    write = " and ".join(map(described, better[:3]))
    verb = "are" if len(found) > 1 else "is"
    what = f"{names} {verb} not in Unicode's composed form, NFC"
    fix = f"write {write}, or save the whole file as NFC"
    return NOT_NFC.at(offset + at, what, fix, *_composed(text))


def _composed(text: str) -> Iterator[Edit]:
    """What composes the lines of a text."""
    start = 0
    for line in text.split("\n"):
        if not unicodedata.is_normalized("NFC", line):
            yield Edit(start, start + len(line), unicodedata.normalize("NFC", line))
        start += len(line) + 1


def _without(run: str, at: int) -> Iterator[Edit]:
    """What takes invisible characters out of a text, where that takes nothing else from it."""
    if all(unicodedata.category(sign) == "Cf" for sign in run):
        yield Edit(at, at + len(run), "")
    elif all(sign in "\u2028\u2029" for sign in run):
        yield Edit(at, at + len(run), " ")


def _stands_alone(before: str, character: str) -> bool:
    """Whether a character is the start of another letter than the one before it."""
    alone = unicodedata.normalize("NFC", before) + character
    joined = unicodedata.normalize("NFC", before + character) != alone
    return not (joined or unicodedata.combining(character))


def hidden(text: str, more: str = "") -> str:
    """A description of a character that a text may not have, or of one of ``more``; else empty."""
    found = next(forbidden(text), None)
    bad = text[found.at] if found else next((sign for sign in more if sign in text), "")
    return described(bad) if bad else ""
