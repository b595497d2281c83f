"""What a text has of other tools' languages, which do nothing here: learners would see the signs.

Code, formulas and addresses are not looked at. Each finding says what to write, and has the edit
that writes it where that is mechanical.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from deckwright.formulas.parts import MarkKind
from deckwright.model import Edit, Problem, Rule, Severity
from deckwright.rendering.latex import Found, latex
from deckwright.rendering.pieces import CLOZE_BLOCKS, CLOZE_NUMBER, Scan
from deckwright.rendering.placeholders import words
from deckwright.rendering.scan import CLOZE_LOOKALIKE
from deckwright.source.lines import UNCLOSED_COMMENT

OTHER_SYNTAX = Rule(
    "other-syntax",
    "The marks of other programs do nothing here, and learners would see them: those of Anki, "
    "Obsidian, Mochi, Pandoc, Org and others.",
    severity=Severity.WARNING,
)

MERGE_CONFLICT = Rule(
    "merge-conflict",
    "No mark of a merge that git could not finish is left in a text.",
)

NUMBER_AS_LIST = Rule(
    "number-as-list",
    "A text that is one item or one quote does not begin with a number: Markdown takes the sign "
    "or the number before it for its own, and `- 40 °C` is forty degrees in the plus.",
    severity=Severity.WARNING,
)


_DELIMITED = re.compile(r"(?<!\\)\\(?:\([^\n]{1,500}?\\\)|\[.{1,2000}?\\\])", re.DOTALL)


def raw(scanned: Scan, *, inline: bool = False) -> Iterator[Problem]:
    """All that learners would see of other languages than Markdown; of two that overlap, one.

    A text is ``inline`` in a heading, where there are no lists and no lines.
    """
    start, taken = scanned.span.start, bytearray(len(scanned.span.text) + 1)
    for found in _DELIMITED.finditer(scanned.span.text):  # the scan names these
        taken[found.start() : found.end()] = b"\1" * len(found[0])
    for at, end, problem in _all(scanned, inline=inline):
        if taken.find(1, at, end) < 0:
            taken[at:end] = b"\1" * (end - at)
            yield problem.moved(start)


def _all(scanned: Scan, *, inline: bool) -> Iterator[Found]:
    text = scanned.span.text
    shown = words(scanned)
    yield from latex(scanned, shown)
    yield from _other_clozes(shown, text)
    yield from _marks_of_blocks(scanned)
    yield from _endless_comments(shown)
    yield from _stray_ends(shown, scanned)
    yield from _of_others(shown, text)
    if inline:
        return
    yield from _conflicts(shown)
    yield from _between_sides(shown)
    yield from _number_as_list(text)


# Marks


@dataclass(frozen=True)
class _Marks:
    """Marks of another tool."""

    pattern: re.Pattern[str]
    what: str
    """What is said of them, behind them."""
    fix: str
    write: Callable[[re.Match[str], str], str] | None = None
    """What to write, given what was found among the words, and the text itself there."""
    is_around: bool = False
    """Whether there may be code and formulas between them."""


def _around(before: str, after: str) -> Callable[[re.Match[str], str], str]:
    def write(found: re.Match[str], text: str) -> str:
        begin, end = (at - found.start() for at in found.span("inner"))
        return f"{before}{text[begin:end]}{after}"

    return write


def _address(name: str) -> str:
    return f"<{name}>" if re.search(r"[\s()]", name) else name


def _sound(found: re.Match[str], _text: str) -> str:
    name = found["inner"].strip()
    return f"[{PurePosixPath(name).stem}]({_address(name)})"


def _picture(found: re.Match[str], _text: str) -> str:
    name = found["inner"].partition("|")[0].strip()
    return f"![{PurePosixPath(name).stem}]({_address(name)})"


def _spaced(found: re.Match[str], _text: str) -> str:
    picture = "!" if found[0].startswith("!") else ""
    return f"{picture}[{found['words']}](<{found['inner']}>)"


def _page(found: re.Match[str], _text: str) -> str:
    name, _, shown = found["inner"].partition("|")
    return (shown or name.rpartition("#")[2] or name).strip()


def _ruby(found: re.Match[str], _text: str) -> str:
    return f"<ruby>{found['base']}<rt>{found['reading']}</rt></ruby>"


_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KANA = "\u3041-\u309f\u30a0-\u30ff"
_SUFFIXES = r"(?:png|jpe?g|gif|webp|avif|svg|bmp)"
_SOUNDS = r"mp3|ogg|opus|m4a|wav|flac|mp4|webm"
_DOES_NOTHING = "does nothing here, and is shown as it is"
_MARKS = (
    _Marks(
        re.compile(r"\[sound:(?P<inner>[^\]\n]{1,200})\]", re.I),
        "is Anki's way to a sound: here it plays nothing",
        "link to the file, as [the word](media/word.mp3)",
        _sound,
    ),
    _Marks(
        re.compile(r"\[\[type:[^\]\n]{0,200}\]\]|\[type:[^\]\n]{0,200}\]|\[/?anki:[^\]\n]{0,200}\]|\[/?latex\]|"
                   r"\[/?\${1,2}\]", re.I),
        _DOES_NOTHING,
        "remove it, or show it in `code`",
    ),
    _Marks(
        re.compile(r"\{:[^\n{}]*\}(?=\s|\Z)|(?<=\))\{(?=[^\n{}]*[.#=])[^\n{}]*+\}"
                   r"|(?<=\0)\{(?:[:.#]|\w+=)[^\n{}]*+\}"),
        _DOES_NOTHING,
        "remove it: the looks of cards are in style.css",
    ),
    _Marks(
        re.compile(
            r"!?\[(?P<words>[^\[\]\n]*)\]"
            rf"\((?P<inner>(?=[^()\n]* )[^()\n<>=]*\.(?:{_SUFFIXES}|{_SOUNDS}))\)",
            re.I,
        ),
        "leads nowhere, because there is a space in the name of the file",
        "write the name between < and >",
        _spaced,
    ),
    _Marks(
        re.compile(rf"!\[[^\[\]\n]*\]\([^()\n<>]*\.{_SUFFIXES} +=\d*x?\d*\)", re.I),
        "is no picture here, because of the size behind its name",
        'write <img src="media/map.png" alt="what it shows" width="100">',
    ),
    _Marks(
        re.compile(rf"!\[\[(?P<inner>[^\[\]\n]+?\.{_SUFFIXES}(?:\|[^\[\]\n]*)?)\]\]", re.I),
        "is Obsidian's way to a picture: here it shows none",
        "write ![what it shows](picture.png)",
        _picture,
    ),
    _Marks(
        re.compile(r"!\[\[(?P<inner>[^\[\]\n]+)\]\]"),
        "embeds nothing here",
        "write what it shows, or link to a file of the deck",
    ),
    _Marks(
        re.compile(r"(?<![\[!])\[\[(?=[^\W\d])(?P<inner>[^\[\]\n:]+)\]\](?![\[(:])"),
        "is a link in a wiki, and leads nowhere here",
        "write its words alone, or [words](https://…)",
        _page,
    ),
    _Marks(
        re.compile(r"(?<![=\w<>!])==(?=[^\s=])(?P<inner>[^=\n&|<>]+?)(?<=[^\s=])==(?![=\w])"),
        "marks nothing here",
        "write <mark>…</mark>",
        _around("<mark>", "</mark>"),
        is_around=True,
    ),
    _Marks(
        re.compile(r"(?<!\^)\^\^(?=[^\s^])(?P<inner>[^^\n]+?)\^\^(?!\^)"),
        "marks nothing here",
        "write <mark>…</mark>",
        _around("<mark>", "</mark>"),
        is_around=True,
    ),
    _Marks(
        re.compile(r"(?<=[^\W_])(?<!~)~(?P<inner>[\w+−-]{1,6})~(?!~)"),
        "strikes a text out on GitHub, and lowers nothing",
        "write <sub>…</sub>",
        _around("<sub>", "</sub>"),
        is_around=True,
    ),
    _Marks(
        re.compile(r"(?<=[^\W_])(?<!\^)\^(?P<inner>[\w+−-]{1,6})\^(?![\w^(])"),
        "raises nothing here",
        "write <sup>…</sup>",
        _around("<sup>", "</sup>"),
        is_around=True,
    ),
    _Marks(
        re.compile(r"(?<![%\w])%%(?:(?=[^\s%])(?:[^%]|%(?!%))*(?<=\S)|\s(?:[^%]|%(?!%))*(?<=\s))%%(?!%)"
                   r"|^%%.*", re.M),
        "is a comment in Obsidian: here it is shown",
        "remove it",
    ),
    _Marks(
        re.compile(r"^[ \t]*:{3,}[ \t]*(?:\{[^\n]*|[A-Za-z][\w -]*)?$", re.M),
        "is the edge of a block for other tools: here it is shown",
        "remove the line",
    ),
    _Marks(
        re.compile(
            rf"(?<![{_HAN}])(?P<base>[{_HAN}]{{1,20}})"
            rf"\[(?P<reading>[{_KANA}ー]+|(?!\d)[^\W\d_ ]+)\](?![(\[:])"
        ),
        "is how other tools write a reading above a word: here the brackets are shown",
        "write <ruby>東京<rt>とうきょう</rt></ruby>",
        _ruby,
    ),
    _Marks(
        re.compile(rf"\{{(?P<base>[{_HAN}{_KANA}]{{1,20}})\|(?P<reading>[^{{}}|\n]{{1,60}})\}}"),
        "is how other tools write a reading above a word: here the braces are shown",
        "write <ruby>東京<rt>とうきょう</rt></ruby>",
        _ruby,
    ),
    _Marks(
        re.compile(r"^[ \t]*(?:#\+\w+(?::.*|[ \t].*)?|\.\. [a-z-]+::.*)$|:math:", re.M | re.I),
        "is a line of Org or reStructuredText, and shown as it is",
        "write it in Markdown",
    ),
    _Marks(
        re.compile(r"(?<=[\w.?!)])[ \t]{0,3}(?<!:):{2,3}(?=[ \t]+\S)"),
        "parts a question from its answer in other tools: here both are shown at once",
        "write the question as a heading ##, and its answer below",
    ),
    _Marks(
        re.compile(
            r"^(?:[*_]{1,2})?(?:Q|Question|Front|Frage|Pregunta)(?:[*_]{1,2})?:(?=\s|\*|_).*", re.M
        ),
        "begins a question in other tools: here it is part of the answer",
        "write the question as a heading ##, and its answer below, without Q: and A:",
    ),
    _Marks(
        re.compile(r"^\?{1,2}[ \t]*$", re.M),
        "parts a question from its answer in Obsidian: here both are shown at once",
        "write the question as a heading ##, and its answer below",
    ),
    _Marks(
        re.compile(r"^[ \t]*#[^\W\d_][\w/-]*(?:[ \t]+#[^\W\d_][\w/-]*)*[ \t]*$", re.M),
        "is a tag in other tools: here it is a text",
        "write tags: […] into the comment under the heading",
    ),
    _Marks(
        re.compile(r"(?<=\s)\^(?=[a-z0-9-]*\d)[a-z0-9-]{4,}[ \t]*$", re.M),
        "is the name of a block in Obsidian: here it is shown",
        "remove it",
    ),
    _Marks(
        re.compile(r"\[(?P<name>b|i|u|s|center|quote|url|img|size|color)(?:=[^\]\n]{0,200})?\](?![(\[:])"
                   r"[^\n]{0,500}?\[/(?P=name)\]", re.I),
        "is BBCode, and shown as it is",
        "write **…**, *…* or HTML",
    ),
)  # fmt: skip


def _of_others(shown: str, text: str) -> Iterator[Found]:
    for one in _MARKS:
        for found in one.pattern.finditer(shown):
            begin, end = found.span()
            written = text[begin:end]
            edits = []
            if one.write and (written == found[0] or one.is_around):
                edits.append(Edit(begin, end, one.write(found, written)))
            what = f"'{written.strip()[:40]}' {one.what}"
            yield begin, end, OTHER_SYNTAX.at(begin, what, one.fix, *edits)


# Clozes, conflicts, sides, lists

_OTHER_CLOZE = re.compile(
    r"(?<![{\w\\])(?P<round>\(\(?)?(?(round)|(?:\{|\[\[?|<|\uff5b{1,2}))"
    r"[ ]?[cC](?P<number>\d{1,3})(?:::|\uff1a\uff1a)(?P<inner>[^\n{}\[\]\0]{1,300}?)"
    r"(?(round)\)\)?|(?:\}\}?|\]\]?|>|\uff5d{1,2}))"
)
_MOST_INDENT = 8
_BLOCK = re.compile(r"(?P<mark>[-+*>|]|\d{1,9}[.)])(?=[ \t]|(?<=\|))")
_STRAY = re.compile(r"(?<!\})\}\}(?!\})")
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_RULE = re.compile(r"^ {0,3}-{3,}[ \t]*$", re.MULTILINE)
_FIRST = re.compile(r"\s*(?P<mark>\d{1,9}(?=[.)])|[-+*>])(?P<sign>[.)]?)[ \t]+(?P<next>\S+)")
_ANOTHER = re.compile(r"^[ \t]*(?:[-+*>]|\d{1,9}[.)])(?:[ \t]|$)|\n[ \t]*\n(?! )", re.MULTILINE)


def _other_clozes(shown: str, text: str) -> Iterator[Found]:
    """Clozes between other braces than Anki's."""
    for found in _OTHER_CLOZE.finditer(shown):
        begin, end = found.span()
        inner = text[slice(*found.span("inner"))]
        edit = Edit(begin, end, f"{{{{c{int(found['number'])}::{inner}}}}}")
        what = f"{text[begin:end][:40]} is no cloze"
        fix = "write {{c1::…}}, between two braces on each side"
        yield begin, end, CLOZE_NUMBER.at(begin, what, fix, edit)


def _marks_of_blocks(scanned: Scan) -> Iterator[Found]:
    """Clozes whose first line would begin a list, a quote or a table, were it not for the mark."""
    text, start = scanned.span.text, scanned.span.start
    for mark, end in pairwise(scanned.marks):
        if mark.kind is not MarkKind.OPEN or end.kind is MarkKind.OPEN:
            continue
        at, begin, stop = (offset - start for offset in (mark.start, mark.end, end.start))
        first = _BLOCK.match(text, begin)
        if not first or text[max(0, at - _MOST_INDENT) : at].rpartition("\n")[2].strip():
            continue
        second = text[begin:stop].partition("\n")[2].lstrip()
        sign = first["mark"][0]
        if second[:1].isdigit() if sign.isdigit() else second.startswith(sign):
            what = f"{first['mark']} behind the mark of a cloze begins no list, quote or table"
            fix = f"put {{{{c{mark.number}::}}}} and its end on lines of their own"
            edits = (Edit(here, here, "\n\n") for here in (begin, stop))
            yield at, begin, CLOZE_BLOCKS.at(at, what, fix, *edits)


def _endless_comments(shown: str) -> Iterator[Found]:
    at = shown.find("<!--")
    if at >= 0:
        what, fix = (
            "a comment begins here and never ends, so learners see it",
            "write --> behind it",
        )
        yield at, at + 4, UNCLOSED_COMMENT.at(at, what, fix)


def _stray_ends(shown: str, scanned: Scan) -> Iterator[Found]:
    """Two braces in a text with clozes that close none of them."""
    if "}}" not in shown or not scanned.numbers:
        return
    for found in _STRAY.finditer(shown):
        before = shown[: found.end()]
        if before.count("}") > before.count("{") + 1:
            fix = "write {{c1:: where the hidden text begins, or remove them"
            yield *found.span(), CLOZE_LOOKALIKE.at(found.start(), "}} closes no cloze", fix)


def _conflicts(shown: str) -> Iterator[Found]:
    for found in _CONFLICT.finditer(shown):
        what = f"git left {found[0][:40]} here, where two versions did not fit together"
        fix = "choose what is right, and remove the lines of <, = and > signs"
        yield *found.span(), MERGE_CONFLICT.at(found.start(), what, fix)


def _between_sides(shown: str) -> Iterator[Found]:
    """The one line of dashes of a text, which other tools take for its middle."""
    lines = [*_RULE.finditer(shown)] if "---" in shown else []
    alone = len(lines) == 1 and re.search(r"\n[ \t]*\n\Z", shown[: lines[0].start()])
    if alone and shown[: lines[0].start()].strip() and shown[lines[0].end() :].strip():
        what = "a line of dashes parts a question from its answer in other tools: here, learners"
        what += " see what is above and below it at once"
        fix = "put what is above it into the heading or ### Question; for a line, write ***"
        yield *lines[0].span(), OTHER_SYNTAX.at(lines[0].start(), what, fix)


def _number_as_list(text: str) -> Iterator[Found]:
    """What Markdown makes of a text that begins with a number or its sign."""
    first = _FIRST.match(text)
    if not first or _ANOTHER.search(text.rstrip(), first.end()):
        return
    mark, (start, end) = first["mark"], first.span("mark")
    if mark.isdigit():
        what = f"{mark}{first['sign']} is the number of a list for Markdown"
        fix, edit = f"write {mark}\\{first['sign']} for a number", Edit(end, end, "\\")
        yield start, end, NUMBER_AS_LIST.at(start, what, fix, edit)
    elif first["next"].lstrip("+-\u2212$.,")[:1].isdigit():
        kind = "a quote" if mark == ">" else "a list"
        what = f"{mark} begins {kind} for Markdown, and learners see the number without it"
        fix = f"write \\{mark} {first['next'][:20]}{' or − as a sign' * (mark == '-')}"
        yield start, end, NUMBER_AS_LIST.at(start, what, fix, Edit(start, start, "\\"))
