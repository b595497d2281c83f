"""Made-up Markdown: ``tidy`` as people write it, ``wild`` lines and ``soup`` of signs.

All chance comes from the ``random()`` of what is passed in, whose numbers no Python changes: the
same seed gives the same text everywhere.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from functools import wraps
from random import Random
from typing import TypeVar

T = TypeVar("T")
Generator = Callable[[Random], str]

WORDS = (
    "a", "the", "x", "word", "snake_case_name", "under_score", "2*3", "n=5", "i<3", "a|b", "Zoë",
    "重要。", "“q”", "…", "€5", "R&D", "C#", "it's", "(b)", "x:", "y,", "z.", "wow!", "-", "1.",
)  # fmt: skip
ESCAPES = (*(f"\\{sign}" for sign in string.punctuation), r"\a", r"\重", r"\\*", r"\ ")
"""All the escapes of CommonMark, and backslashes that escape nothing."""
ENTITIES = ("&amp;", "&lt;", "&copy;", "&nosuch;", "&#35;", "&#x1F600;", "&copy", "&#987654321;")
ADDRESSES = (
    "https://a.org", "http://x.y.", "https://a.org/b_c(d)", "HTTPS://A.org", "ftp://a.b/c",
    "https://a_b.org", "https://a.org/?q=1&copy;", "https://a.org/*b*", "(https://a.org/)",
    "www.a.org", "www.a.org/q?x=1&y=2,", "www.a_b.c", "www.", "xwww.a.org", "http://",
    "m.n@a.org", "m.n@a.org.", "m-n+o@a-b.c_d", "m@n", "mailto:m@a.org", "m@a.b@c.d", "_m@a.org_",
    "<https://a.org>", "<m@a.org>", "<mailto:m@a.org>", "<x:>", "<no address>",
)  # fmt: skip
LINKS = (
    "[t](https://a.org)", "[*t*](u)", "[t](u 'T')", '[t]( <u v> "a \\" b" )', "[t](u (T))",
    "[t](u\\*v(w))", "[t](<u)", "[](u)", "[t] (u)", "[a [b](c) d](e)", "[![p](q)](u)",
    "![p *q*](u.png)", "![p [q](u)](v.png 'T')", "![p\\]](u.png)",
    "[r]", "[R][]", "[w][r]", "![r]", "![w][r]", "[no]", "[w][no]", "[^n]", "[w] [r]", "[r]: u",
)  # fmt: skip
TAGS = (
    "<b>", "</b>", "<br>", "<br/>", "<sub>2</sub>", "<a href='x'>", "<b c", "<b c='d\"'>", "< b>",
    "<!-- c -->", "<!-->", "<!-- c", "<?p ?>", "<!X y>", "<![CDATA[ c ]]>", "<x-y z>", "<1>",
)  # fmt: skip
CODE = ("`c`", "`` c`d ``", "`*c*`", "` c `", "`c", "`a\\`", "`<b>`", "`a\\|b`")
TOKENS = ("\ue0001\ue001", "\ue0002\ue001", "\ue00012\ue001")
"""What replaces a formula, a cloze or code."""
MARKS = ("*", "*", "**", "**", "***", "_", "__", "~", "~~", "~~~", "*_")
HTML = (
    ("<details>", "<summary>a</summary>", "", "b *c*", "", "</details>"),
    ("<div>", "*a*", "</div>"),
    ("<div>", "", "*a*", "", "</div>"),
    ("<b>x</b> y",),
    ("<b>", "*x*", "</b>"),
    ("<img src='a'>",),
    ("<!-- a", "", "*b* -->", "c"),
    ("<pre>a", "", "*b*</pre>", "c"),
    ("<?a", "", "?>"),
    ("</p>", "a"),
)


PIECES: tuple[tuple[float, Sequence[str]], ...] = (
    (0.48, WORDS),
    (0.08, ESCAPES),
    (0.03, ENTITIES),
    (0.07, ADDRESSES),
    (0.05, LINKS),
    (0.02, TAGS),
    (0.04, CODE),
    (0.06, TOKENS),
)
"""What a tidy line is made of, each with its share; the rest is emphasis."""


class _Chance:
    """Decides."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def has(self, share: float) -> bool:
        return self._random.random() < share

    def pick(self, of: Sequence[T]) -> T:
        return of[int(self._random.random() * len(of))]

    def times(self, least: int, most: int) -> range:
        return range(self.pick(range(least, most + 1)))

    def weighed(self, choices: Sequence[tuple[float, T]], rest: T) -> T:
        """One of some choices, each with its share of 1; else the rest."""
        left = self._random.random()
        for share, choice in choices:
            left -= share
            if left < 0:
                return choice
        return rest


class _Author(_Chance):
    """Writes Markdown as people do, block in block."""

    # Text

    def words(self, depth: int = 0) -> str:
        """A run of text with all that may be in a line."""
        parts = [self._part(depth) for _ in self.times(1, 5)]
        gaps = ("", " ") if self.has(0.3) else (" ",)
        return "".join(part + self.pick(gaps) for part in parts).strip() or "a"

    def _part(self, depth: int) -> str:
        pieces = self.weighed(PIECES, ())
        return self.pick(pieces or WORDS) if pieces or depth > 2 else self._emphasis(depth)

    def _emphasis(self, depth: int) -> str:
        opening = self.pick(MARKS)
        closing = opening if self.has(0.9) else self.pick((*MARKS, ""))
        text = f"{opening}{self.words(depth + 1)}{closing}"
        return f"[{text}](https://a.org)" if self.has(0.1) else text

    def lines(self) -> list[str]:
        """A paragraph, some of whose lines break hard."""
        lines = [self.words() for _ in self.times(1, 3)]
        ends = ("", "", "", " ", "  ", "\\")
        return [line + self.pick(ends) for line in lines[:-1]] + lines[-1:]

    # Blocks

    def blocks(self, depth: int = 0) -> list[str]:
        """The lines of some blocks, most of them with blank lines between."""
        lines: list[str] = []
        for number in self.times(1, 3):
            if number and self.has(0.7):
                lines += [""] * self.pick((1, 1, 1, 2))
            lines += self._block(depth)
        return lines

    def _block(self, depth: int) -> list[str]:
        if depth > 3:
            return self.lines()
        choices: tuple[tuple[float, Callable[[], list[str]]], ...] = (
            (0.29, lambda: self._list(depth)),
            (0.08, lambda: self._quote(depth)),
            (0.08, self._table),
            (0.05, self._fence),
            (0.02, lambda: ["    code", "", "      more"]),
            (0.02, lambda: [self.pick(("---", "***", "* * *", "- - -", "_____"))]),
            (0.02, lambda: [f"{'#' * self.pick((1, 4, 6))} {self.words()}{self.pick(('', ' #'))}"]),
            (0.01, lambda: [*self.lines(), self.pick(("---", "==="))]),
            (0.03, lambda: list(self.pick(HTML))),
            (0.03, lambda: ["[r]: <https://r.org> 'T'"]),
        )
        return self.weighed(choices, self.lines)()

    def _list(self, depth: int) -> list[str]:
        """A list by two, three, four spaces or tabs, or by what GitHub asks; tight or loose."""
        first = self.pick(("-", "-", "*", "+", "1.", "1.", "1)", "3.", "0."))
        step = self.pick((0, 0, 2, 3, 4, 4))  # 0: as far as the item's text, as GitHub asks
        tabs, loose = self.has(0.1), self.has(0.2)
        lines: list[str] = []
        for number in self.times(1, 4):
            marker = self._marker(first, number)
            gap = self.pick((" ", " ", " ", "  ", "   ", "\t"))
            inner = self.blocks(depth + 1) if self.has(0.5) else self.lines()
            box = self.pick(("[ ] ", "[x] ", "[X] ")) if self.has(0.05) else ""
            width = step or len(marker) + (len(gap) if gap != "\t" else 4 - len(marker))
            indent = "" if self.has(0.1) else "\t" if tabs else " " * width
            lines.append(f"{marker}{gap}{box}{inner[0]}")
            lines += [f"{indent}{line}" if line else "" for line in inner[1:]]
            lines += [""] * loose
        return lines

    def _marker(self, first: str, number: int) -> str:
        """What an item begins with; seldom another bullet than those before."""
        if first[0].isdigit():
            return f"{int(first[0]) + number * self.pick((1, 1, 0))}{first[-1]}"
        return self.pick("-*+") if self.has(0.04) else first

    def _quote(self, depth: int) -> list[str]:
        lazy = self.has(0.15)
        return [
            line if lazy and number and line else f"{self.pick(('> ', '> ', '>'))}{line}"
            for number, line in enumerate(self.blocks(depth + 1))
        ]

    def _table(self) -> list[str]:
        columns = self.pick((1, 2, 3))
        bars = self.has(0.7)
        rows = [
            self._cells(columns),
            [self.pick(("---", ":--", "--:", ":-:", "-")) for _ in range(columns)],
            *(self._cells(max(1, columns + self.pick((0, 0, 0, -1, 1)))) for _ in self.times(0, 3)),
        ]
        return [f"| {' | '.join(row)} |" if bars else " | ".join(row) for row in rows]

    def _cells(self, number: int) -> list[str]:
        cells = [self.words() for _ in range(number)]
        return [cell.replace("|", r"\|") if self.has(0.9) else cell for cell in cells]

    def _fence(self) -> list[str]:
        marks = self.pick(("```", "````", "~~~"))
        text = self.pick(((), ("code",), (self.pick(TOKENS), "", "  *a*")))
        return [f"{marks}{self.pick(('', 'python', ' a b'))}", *text, marks]


_ADDRESS_BEFORE_TOKEN = re.compile(r"((?://|www\.)[^\s<]*?)(?=\ue000)", re.ASCII)


def _apart(generator: Generator) -> Generator:
    """Puts a space between a bare address and a token behind it.

    Only the mark of a cloze can be there, which ends an address: github.com knows no clozes,
    and reads on.
    """

    @wraps(generator)
    def apart(random: Random) -> str:
        return _ADDRESS_BEFORE_TOKEN.sub(r"\1 ", generator(random))

    return apart


@_apart
def tidy(random: Random) -> str:
    """A text as somebody may write it: blocks in blocks, most of them well-formed."""
    return "\n".join(_Author(random).blocks())


PREFIXES = (
    "", "", "", " ", "  ", "   ", "    ", "     ", "\t", " \t", "> ", ">", "- ", "-", "* ", "+ ",
    "1. ", "2. ", "1) ", "10. ", "-   ", "-     ", "-\t", "1.\t",
)  # fmt: skip
LINES = (
    "", "a", "a  ", "a\\", "*b*", "**c", "d**", "_a_b_", "~~a~~", "`x", "x`", "---", "===", "- - -",
    "***", "| a | b |", "|---|---|", "a | b", "--- | :-:", "|", "a|", ":-", "|a", "\\|b", "#### h",
    "####", "# h #", "```", "~~~", "``` x", "<div>", "</div>", "<b>", "</b>", "<!-- c -->", "<!--",
    "-->", "<?", "?>", "<pre>", "</pre>", "[r]: /u", "[r]: <u> 'T'", "[r]:", "[r]", "'T'", "[a](b",
    "c)", "![x]", "1. ", "- ", "- [x] t", "[ ] ", "[x]", "https://a.org", "m@a.org", "&amp;",
    "\ue0001\ue001", "+", "1)", "-",
)  # fmt: skip


@_apart
def wild(random: Random) -> str:
    """Lines thrown together: prefixes of containers, and beginnings of blocks behind them."""
    chance = _Chance(random)
    lines = []
    for _ in chance.times(1, 8):
        prefixes = [chance.pick(PREFIXES) for _ in range(chance.pick((0, 1, 1, 1, 2, 2, 3)))]
        words = [chance.pick(LINES) for _ in range(chance.pick((1, 1, 1, 2, 3)))]
        lines.append("".join(prefixes) + " ".join(words))
    return "\n".join(lines)


SIGNS = (
    *"**__~~[[]]()`!<>&\\'\"", " ", " ", "\n", "a", "b", ".", "é", "。", "\u00a0", "  \n", "\\\n",
    "](", "](u)", "[r]", "**", "__", "~~", "``", "![", "<b>", "</b>", "<!--", "-->", "&amp;", "&#",
    "@", "m@a.org", "http://a", "www.a", "://", "|", "#", "-", "/", ":", ";", "?", "=", *TOKENS,
)  # fmt: skip


@_apart
def soup(random: Random) -> str:
    """Signs in any order, in one paragraph or a few, and sometimes the definition of a link."""
    chance = _Chance(random)
    text = "".join(chance.pick(SIGNS) for _ in chance.times(2, 24))
    return f"{text}\n\n[r]: /u 'T'" if chance.has(0.3) else text


GENERATORS: dict[str, Generator] = {"tidy": tidy, "wild": wild, "soup": soup}
