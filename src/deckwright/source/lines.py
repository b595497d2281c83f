"""The lines of a card file: front matter, headings and comments.

The blocks are GitHub's (:mod:`deckwright.rendering.structure`): what is in code is neither a
heading nor a comment. Cards are made of it in :mod:`deckwright.source.cards`; what is inside a
line is for :mod:`deckwright.rendering.scan`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deckwright.model import Edit, Problem, Rule, Source, Span, Stake
from deckwright.rendering.blocks import without_closing_marks, without_code
from deckwright.rendering.structure import Structure, structure
from deckwright.source.problems import Problems

FRONT_MATTER = Rule(
    "front-matter",
    "The front matter is YAML between two `---` lines, one key a line: `deck`, `tags` and `type`.",
)

UNCLOSED_FRONT = Rule(
    "unclosed-front-matter",
    "The front matter ends with a line `---`. Without it, the whole file would be YAML.",
)

UNCLOSED_COMMENT = Rule(
    "unclosed-comment",
    "A comment ends with `-->`. Without it, the rest of the file would be hidden.",
)

UNCLOSED_FENCE = Rule(
    "unclosed-fence",
    "A code fence that opens also closes. Without its end, every card after it would be code.",
)

HEADING_SPACE = Rule(
    "heading-space",
    "A heading has a space between its `##` and its words. Without it they are text, and the card "
    "is lost.",
)

DIFFERS_ON_GITHUB = Rule(
    "differs-on-github",
    "Markdown is read as GitHub reads it, so that a reviewer sees what a learner will see. "
    "What only github.com can show (footnotes, alerts, names of emoji, diagrams) is "
    "written in another way. So is what GitHub's reader breaks: a formula that a table "
    "cell cuts, a line of a formula that begins a list, a heading inside a list item or "
    "right under HTML.",
    stake=Stake.STYLE,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3; deeper ones are part of a card's text."""

    level: int
    start: int
    """Offset of the start of its line."""
    end: int
    """Offset of the end of its line."""
    text: Span


@dataclass(frozen=True, slots=True)
class Comment:
    """An HTML comment, with its marks."""

    start: int
    end: int


@dataclass(frozen=True)
class Outline:
    """The line structure of one file."""

    source: Source
    front: Span | None
    """The YAML between the ``---`` lines at the top."""
    body: int
    """Offset at which the text after the front matter begins."""
    blocks: Structure
    """The blocks of that text."""
    headings: tuple[Heading, ...]
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]
    defines_links: bool
    """Whether the file has definitions of links, which hold for all of it."""

    def part(self, source: Source) -> Outline:
        """The lines of a card, without its headings."""
        start, end = source.start, source.start + len(source.text)
        comments = (
            Comment(one.start - start, one.end - start) for one in self.comments_in(start, end)
        )
        problems = (one.moved(-start) for one in self.found_between(start, end))
        return Outline(
            source,
            None,
            0,
            self.blocks.part(start - self.body, end - self.body),
            (),
            tuple(comments),
            tuple(problems),
            self.defines_links,
        )

    def found_between(self, start: int, end: int) -> list[Problem]:
        """What was found in the lines of a stretch of the file."""
        start = self.source.text.rfind("\n", 0, start) + 1
        return [found for found in self.problems if start <= found.at < end]

    def comments_in(self, start: int, end: int) -> Sequence[Comment]:
        """The comments that start in a stretch of the file, in order."""
        first, last = (
            bisect_left(self.comments, offset, key=lambda comment: comment.start)
            for offset in (start, end)
        )
        return self.comments[first:last]


_LATE_FRONT = re.compile(r"(?:\s+|(?=\+\+\+))(?P<at>---|\+\+\+)[ \t]*\n\s*(?:deck|tags)[ \t]*[:=]")
"""What was meant as a front matter, and is text."""
_KEYS = re.compile(r"(?:\n(?:deck|tags|type)[ \t]*:.*|\n[ \t]*-[ \t].*)+(?=\n[ \t]*(?:\n|#))")
"""The lines of a front matter, where a title or nothing comes after them."""
_HEADING = re.compile(r"^ {0,3}(?P<marks>#{1,3})(?:[ \t]+|$)(?P<text>.*)", re.MULTILINE)
_NEARLY = re.compile(r"^[ \t]*(?P<marks>#{2,3})(?!#)(?P<space>[ \t]?)(?=[^ \t\n])", re.MULTILINE)
"""What may have been meant as the heading of a card or a part."""
_ID = re.compile(r"\s*+<!--\s*+id:")
"""The comments under headings of cards."""
_MARKS = re.compile(r"^[ \t]*(?P<marks>`{3,}(?!.*`)|~{3,})(?P<info>.*)", re.MULTILINE)
"""What looks like the first line of a fence."""
_OTHER_HTML = re.compile(r"[ \t]*<(?:[!?]|(?i:pre|script|style|textarea)\b)")
"""HTML in which marks of fences are letters that were meant as such."""


def outline(source: Source) -> Outline:
    """Read the line structure of a file; linear in its length, never raises for content."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.problems = Problems()
        self.front, self.body = self._front_matter()
        self.above = source.place(self.body).line - 1
        """The number of lines above the body."""
        likely = _HEADING.finditer(self.text, self.body)
        self.headings = {self._number(one.start()): one for one in likely}
        """What looks like the heading of a card or a part, by its line."""
        cards = {
            number
            for number, one in self.headings.items()
            if len(one["marks"]) == 2 and _ID.match(self.text, one.end())
        }
        self.blocks = structure(self.text[self.body :], headings=self.headings.keys(), cards=cards)

    def read(self) -> Outline:
        headings = [
            self._heading(number, one)
            for number, one in self.headings.items()
            if self.blocks.lines[number - 1].kind not in ("fence", "html")
        ]
        comments = [*self._comments()]
        self._no_headings()
        self._fences()
        self._fences_in_html()
        return Outline(
            self.source,
            self.front,
            self.body,
            self.blocks,
            tuple(headings),
            tuple(comments),
            tuple(self.problems),
            bool(self.blocks.definitions),
        )

    def _add(self, rule: Rule, offset: int, what: str, fix: str) -> None:
        self.problems.append(rule.at(offset, what, fix))

    def _number(self, offset: int) -> int:
        """The line of the body with the character at an offset, counted from 1."""
        return self.source.place(offset).line - self.above

    def _front_matter(self) -> tuple[Span | None, int]:
        newline = self.text.find("\n")
        first = newline if newline >= 0 else len(self.text)
        if late := _LATE_FRONT.match(self.text):
            what = "this front matter is not read: it does not start the file with a line ---"
            at = late.start("at")
            edits = [Edit(0, at, "")] if late["at"] == "---" else []
            self.problems.append(FRONT_MATTER.at(at, what, "begin the file with ---", *edits))
        if self.text[:first].rstrip() != "---":
            return None, 0
        close = re.compile(r"^---[ \t]*$", re.MULTILINE).search(self.text, first)
        if not close:
            what = "the front matter that starts here never ends"
            fix = "put a line --- after its last key"
            keys = _KEYS.match(self.text, first)
            edits = [Edit(keys.end(), keys.end(), "\n---")] if keys else []
            self.problems.append(UNCLOSED_FRONT.at(0, what, fix, *edits))
            return None, first
        return Span(self.source, first + 1, close.start()), close.end()

    # Headings

    def _heading(self, number: int, match: re.Match[str]) -> Heading:
        words = without_closing_marks(match["text"])
        text = Span(self.source, match.start("text"), match.start("text") + len(words))
        ended = self.blocks.ended.get(number)
        if ended and ended.kind == "html":
            at = self.body + self.blocks.starts[ended.first - 1]
            what = "for GitHub, this HTML goes on over the heading below it"
            fix = "close what is open in it, and put a blank line behind; or write &#35; for a sign"
            self._add(DIFFERS_ON_GITHUB, at, what, fix)
        elif ended and ended.kind == "item":
            self._in_an_item(match)
        return Heading(len(match["marks"]), match.start(), match.end(), text)

    def _no_headings(self) -> None:
        """Report what looks like the heading of a card or a part, and is not."""
        for one in _NEARLY.finditer(self.text, self.body):
            number, marks = self._number(one.start()), one["marks"]
            kind = self.blocks.lines[number - 1].kind
            if kind == "p" and not one["space"]:
                what = "this is text, not a heading, because no space follows the #"
                fix = f"put a space after {marks}, or write \\# for the sign"
                start, end = one.span("marks")
                edits = [Edit(end, end, " ")] if self._begins_a_card(one) else []
                self.problems.append(HEADING_SPACE.at(start, what, fix, *edits))
            elif kind == "heading" and number not in self.headings:
                self._in_an_item(one)

    def _begins_a_card(self, line: re.Match[str]) -> bool:
        """Whether a line is a heading beyond doubt: a comment of a shell is none."""
        above = self.text[: line.start()].rstrip(" \t").rpartition("\n")[0].rpartition("\n")[2]
        is_apart = not above.strip() or bool(_HEADING.match(above))
        is_at_start = line.start("marks") == line.start()
        return is_apart and is_at_start and not self.text[line.end()].islower()

    def _in_an_item(self, heading: re.Match[str]) -> None:
        what = "GitHub shows this heading inside the list item above it"
        fix = f"begin its line with {heading['marks']}, or write #### for a heading in the item"
        self._add(DIFFERS_ON_GITHUB, heading.start("marks"), what, fix)

    # Comments

    def _comments(self) -> Iterator[Comment]:
        """The comments that are none in code, in order; each ends in the block that it begins in.

        What never ends is hidden to the block's end in HTML, and is letters elsewhere.
        """
        end, block, masked = self.body, 0, ""
        for opening in re.compile("<!--").finditer(self.text, self.body):
            at = opening.start()
            line = self.blocks.lines[self._number(at) - 1]
            if at < end or line.kind in ("fence", "code"):
                continue
            if line.kind != "html" and self._is_escaped(at):
                continue
            if line.block != block:
                block, masked = line.block, self._block(line.block)
                masked = masked if line.kind == "html" else without_code(masked)
            start = self._start(block)
            closes = self.text.find("-->", at + len("<!"), start + len(masked))
            if masked[at - start] != "<" or (closes < 0 and line.kind != "html"):
                continue
            if closes < 0:
                what = "the comment <!-- that opens here never closes"
                self._add(UNCLOSED_COMMENT, at, what, "write --> after its last line")
                end = start + len(masked)
                continue
            end = closes + len("-->")
            yield Comment(at, end)

    def _is_escaped(self, at: int) -> bool:
        """Whether an odd number of backslashes is before an offset."""
        first = at
        while self.text[first - 1 : first] == "\\":
            first -= 1
        return (at - first) % 2 == 1

    def _start(self, number: int) -> int:
        """The offset at which a line starts; of the text's end for the line behind its last."""
        starts = self.blocks.starts
        return self.body + starts[number - 1] if number <= len(starts) else len(self.text)

    def _after(self, block: int) -> int:
        """The line behind the last one of the block that begins in a line."""
        lines, after = self.blocks.lines, block + 1
        while after <= len(lines) and lines[after - 1].block == block:
            after += 1
        return after

    def _block(self, block: int) -> str:
        return self.text[self._start(block) : self._start(self._after(block))]

    # Fences

    def _fences(self) -> None:
        """Name the fences that no marks close."""
        cards = {ended.first: number for number, ended in self.blocks.ended.items()}
        early: set[str] = set()
        """The marks of fences that ended before their own came, which then open others."""
        for first in (first for first, last in self.blocks.fences.items() if not last):
            at, line = self.blocks.content(first)
            found = _MARKS.match(line)
            assert found
            marks = found["marks"]
            if marks in early and not found["info"].strip():
                early.remove(marks)
                continue
            early.add(marks)
            after = self._after(first)
            while after <= len(self.blocks.lines) and not self.blocks.lines[after - 1].kind:
                after += 1  # blank
            if first in cards:
                card = self.source.place(self._start(cards[first])).line
                what = f"this fence swallows the card in line {card}"
                fix = "close it before the card, or show Markdown in a fence ```md"
                self._add(UNCLOSED_FENCE, self.body + at, what, fix)
            elif after <= len(self.blocks.lines) and after not in self.headings:
                outside = self.body + self.blocks.content(after)[0]
                what = "GitHub ends the fence before this line, which leaves its list item or quote"
                fix = "indent the line like the fence, or close the fence before it"
                self._add(DIFFERS_ON_GITHUB, outside, what, fix)
            else:
                what = f"the fence {marks} that opens here never closes"
                fix = f"put a line {marks} after the code, indented like this one"
                self._add(UNCLOSED_FENCE, self.body + at, what, fix)

    def _fences_in_html(self) -> None:
        """Name the first marks of a fence in each block of HTML, where they are letters."""
        named: set[int] = set()
        for found in _MARKS.finditer(self.text, self.body):
            line = self.blocks.lines[self._number(found.start("marks")) - 1]
            if line.kind != "html" or line.block in named:
                continue
            named.add(line.block)
            if not _OTHER_HTML.match(self.text, self._start(line.block)):
                what = "GitHub reads no fence here, because the HTML above goes on to a blank line"
                self._add(
                    DIFFERS_ON_GITHUB, found.start("marks"), what, "put a blank line before it"
                )
