"""``python -m tests.fuzz.slow MINUTES``: a search for the decks that take longest to check.

A shape is some pieces of text, repeated in turn, in runs or at random, in one of many places of a
deck. Each is tried at an eighth and a quarter of what its place may hold; where that grows into
seconds, at all of it. The slowest are changed a little and tried again. What is measured is
processor time of the whole check, with its workers, in a process of its own.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import math
import os
import pstats
import resource
import shutil
import signal
import sys
import time
import traceback
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from deckwright.commands.report import formatter
from deckwright.compile import compile_deck
from tests.decks import make_deck, release
from tests.fuzz.material import SPECIAL
from tests.fuzz.slow_places import PLACES, Files
from tests.fuzz.test_html import HTML
from tests.rendering.worst import _IN_CARDS, _REPEATED

PROMISE = 10.0
"""Seconds of a processor that any file may take."""
MOST = 30.0
"""When a measurement ends."""
START = 0.05
"""Seconds that a check takes of a deck of one card."""
WORTH = 4.0
"""From how many seconds on, as far as smaller ones show, a shape is tried at its full size."""
WAYS = ("in turn", "in runs", "at random")
EACH = (31_000, 15_000, 4_000, 1_000, 300, 60)
"""How long the text of one card may be."""

_FALLING = "".join(
    sorted(
        {unicodedata.combining(chr(n)): chr(n) for n in range(0x300, 0x1E000)}.values(),
        key=unicodedata.combining,
        reverse=True,
    )[:-1]
)
"""A mark of each combining class, in the order that composing has to turn round."""
WORDS = (
    "a ", "word ", "words ", "or ", "whether ", "the ", "is ", "a b ", "w@n ", "x@n y@n ", "a, ",
    "A", "a", "x", "é", "日本", "ا", "😀", "👩\u200d🔬", "\u200d", "\ufe0f", "\u0301", "\u0323",
    "\u0345",
    _FALLING, _FALLING[::-1], _FALLING[:20], f"{_FALLING[:18]}a", "\u2067", "\u2069", "\u200f",
    "אב ",
    "가", "\u1100\u1161", "\u0f73", "Å", "\u212b", "ﬃ", "İ", "ß", "¼", "_", "-", "'", ".", "... ",
    "? ",
    "{{c@n::w}} ", "{{c1::w@n}} ", "{{c1::w::h@n}} ", "{{c1::", "{{c2::", "::", "}}", "}} ", ":::",
    "{{c1::{{c2::w}} v}} ", "[@n]: b\n", "[w@n][w@n] ", "[^@n] ", "[^@n]: b\n\n", "[a@n](b@n) ",
    "![words of a picture](media/dot.png) ", "![w@n](media/dot.png)\n", "<ul><li>a</li></ul>",
    "<li>",
    "<pre>", "</pre>", "<img>", "</ul>", "<ol>", "<pre>a</pre>", "\\(x\\) ", "$x_@n$ ",
    "$\\frac{a}{b}$ ",
    "$a$", "$$\nx\n$$\n", "\\frac{", "\\sqrt", "\\text{a}", "\\begin{", "\\left(", "{", "}", "{}",
    "\\\\",
    "tags: ", "k@n: v\n", "[a, ", "'a', ", "? ", "- - ", "{a: ", "'", '"', "!x ", "&a ", "*a ",
    "a@n, ",
    "\\m@n ", "#1", "##1", "@n = 'x'\n", "[a@n]\n", "a.", "a@n.b = 1\n", "[[a]]\n", "1, ",
    "\\u0041",
    ".a { color: red }\n", "a,", "/*", "*/", "@media x {", "{{#Word}}", "{{/Word}}", "{{Word}}",
    "{{^Word}}",
    "<g>", "</g>", "<path d='M0 0'/>", "<path d='", "M0 0 ", "'/>", "<text>a</text>",
    "<use href='#a'/>",
    "<g id='a@n'>", "style='fill:red' ", "fill:url(#a);", "<a:b>", "<!-- a -->", "<style>",
    ".a{}", "</style>",
    "## Q@n?\n<!-- id: b@n -->\n\nA\n\n", "## Q\n", "<!-- id: b@n -->\n", "### Why\n\n", "---\n",
    "\n\n", "\n", "  \n",
    "| a ", "|-", "|\n", "> ", ">", "* ", "1. ", "    ", "\t", "```\n", "~~~\n", "``", "`", "\\",
    "&#x41;",
    "&amp;", "&notin;", "&#8203;", "&", "https://a.b/c ", "www.a.b ", "a@b.c ", ":smile: ",
    "==a== ", "~a~ ",
    "$$", "\\[", "\\]", "\\(", "[[type:a]]", "[sound:a] ", "{{a}} ", "{{a", "%%", "[x] ", "[ ] ",
    "{: .a}\n",
)  # fmt: skip
"""What the rules of writing look at, and what other readers than Markdown's do; ``@n`` counts."""
VOCABULARY = tuple(
    dict.fromkeys(
        (
            *WORDS * 2,
            *SPECIAL,
            *HTML,
            *(one for row in (*_REPEATED.values(), *_IN_CARDS.values()) for one in row if one),
        )
    )
)


@dataclass(frozen=True)
class Shape:
    """A text of any length, and where in a deck it is."""

    place: str
    pieces: tuple[str, ...]
    way: str = WAYS[0]
    each: int = EACH[0]

    def files(self, size: int) -> Files:
        """The deck of such a size."""
        make, _ = PLACES[self.place]
        numbers = Counter[str]()
        return make(lambda length: self._text(max(0, length), numbers), size, self.each)

    def _text(self, length: int, numbers: Counter[str]) -> str:
        row = b"".join(one.encode("utf-8", "replace") for one in self._row(length, numbers))
        return row[:length].decode("utf-8", "ignore")

    def _row(self, length: int, numbers: Counter[str]) -> Iterator[str]:
        chance = Random(repr(self.pieces))
        share = length // len(self.pieces)
        left, at = length, 0
        while left > 0:
            if self.way == "in turn":
                one = self.pieces[at % len(self.pieces)]
            elif self.way == "in runs":
                done = (length - left) // max(1, share)
                one = self.pieces[min(done, len(self.pieces) - 1)]
            else:
                one = chance.choice(self.pieces)
            if "@n" in one:
                numbers[one] += 1
                one = one.replace("@n", str(numbers[one]))
            left -= max(1, len(one.encode("utf-8", "replace")))
            at += 1
            yield one


SEEDS = (
    *(
        Shape("answer", (one,))
        for one in (_FALLING, "{{c1::ab cd}} ", "a ", "[", "{{c1::w::h@n}} ", "東", "[url=", "[$]")
    ),
    Shape("answer", ("![some words of a text](media/dot.png)", "{{c1::ab cd}} "), "in runs"),
    Shape("beside a cloze", ("::",)),
    Shape("in a hint", ("::",)),
    Shape("in a cloze", (":", "a::")),
    Shape("answer", ("{{c1::", "}}"), "in runs"),
    Shape("answer", ("<ul>", "<li>", "</ul>"), "in runs"),
    Shape("prompt", ("word ", "w@n "), "at random", 60),
    Shape("prompt", ("word ", "words ", "a b ", "x "), "at random", 60),
    Shape("prompt", ("w@n ",), "in turn", 60),
    Shape("title", (_FALLING,)),
    *(Shape(place, (_FALLING,)) for place in ("tags", "description", "drawing", "style.css")),
    Shape("macros", ("\\m@n",)),
    Shape("other words in the ledger", ("w@n ", "word ")),
    Shape("fields of the ledger", ("{{c1::w@n}} ",)),
)
"""Shapes that are known to be slow, or were."""


@dataclass(frozen=True)
class Measured:
    """What the check of a deck took."""

    seconds: float
    """Of a processor, with the workers."""
    main: float
    """The part of the main process."""
    rules: dict[str, int]
    """How often each rule was named."""
    failure: str = ""
    """How the check ended where it did not end by itself."""


def measured(root: Path, most: float = MOST) -> Measured:
    """Check a deck in a process of its own, which ends after so many seconds."""
    result = root.parent / f"{root.name}.json"
    result.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _check(root, result, most)
    _, status, used = os.wait4(child, 0)
    seconds = used.ru_utime + used.ru_stime
    found = json.loads(result.read_bytes()) if result.is_file() else {}
    failure = "" if found else f"ended with {status}"
    result.unlink(missing_ok=True)
    return Measured(seconds, found.get("main", seconds), found.get("rules", {}), failure)


def _check(root: Path, result: Path, most: float) -> None:
    """Do in a child what ``deckwright check`` does, and leave what it took."""
    try:
        os.environ["DECKWRIGHT_CACHE"] = str(root.parent / f"{root.name}.cache")
        resource.setrlimit(resource.RLIMIT_CPU, (int(most), resource.RLIM_INFINITY))
        compiled = compile_deck(root)
        formatter("text")(compiled.problems)
        used = resource.getrusage(resource.RUSAGE_SELF)
        rules = Counter(one.rule for one in compiled.problems)
        result.write_text(json.dumps({"main": used.ru_utime + used.ru_stime, "rules": rules}))
    except BaseException:
        traceback.print_exc()
    finally:
        shutil.rmtree(root.parent / f"{root.name}.cache", ignore_errors=True)
        os._exit(0)


def written(files: Files, root: Path) -> Path:
    """A deck on disk; one with a file ``before.md`` is released with that first."""
    files = dict(files)
    before = files.pop("before.md", None)
    if before:
        make_deck(root, {**files, "01-cards.md": before})
        child = os.fork()
        if not child:
            with suppress(BaseException):
                resource.setrlimit(resource.RLIMIT_CPU, (int(MOST), resource.RLIM_INFINITY))
                release(root)
            os._exit(0)
        os.waitpid(child, 0)
    return make_deck(root, files)


def taken(shape: Shape, part: float = 1.0, most: float = MOST) -> Measured:
    """What a shape takes at a part of its full size, for so many seconds at most."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        size = int(PLACES[shape.place][1] * part)
        return measured(written(shape.files(size), Path(name, "deck")), most)


@dataclass(frozen=True)
class Found:
    """A shape, and what it took."""

    shape: Shape
    part: float
    """The largest part of its full size that was tried."""
    took: Measured
    growth: float
    """How many times as long it takes for twice the text."""

    @property
    def seconds(self) -> float:
        """At its full size, measured or foreseen."""
        doublings = math.log2(1 / self.part)
        return self.took.seconds * float(max(1.0, self.growth) ** doublings)


def tried(shape: Shape) -> Found:
    """Measure a shape, at its full size only where that looks long, and no longer than needed."""
    eighth = taken(shape, 1 / 8)
    found = Found(shape, 1 / 8, eighth, 1.0)
    if eighth.seconds > PROMISE:
        return found
    quarter = taken(shape, 1 / 4)
    growth = max(0.01, quarter.seconds - START) / max(0.01, eighth.seconds - START)
    found = Found(shape, 1 / 4, quarter, growth)
    if not 0.3 < quarter.seconds < PROMISE or found.seconds < WORTH:
        return found
    return Found(shape, 1, taken(shape), growth)


def first(chance: Random) -> Shape:
    """A new shape."""
    pieces = tuple(chance.choices(VOCABULARY, k=chance.choice((1, 1, 2, 2, 3))))
    way, each = chance.choice(WAYS), chance.choice(EACH)
    return Shape(chance.choice([*PLACES]), pieces, way, each)


def changed(shape: Shape, chance: Random) -> Shape:
    """A shape a little different."""
    pieces = [*shape.pieces]
    at = chance.randrange(len(pieces))
    match chance.randrange(6):
        case 0:
            pieces.insert(at, chance.choice(VOCABULARY))
        case 1 if len(pieces) > 1:
            del pieces[at]
        case 2:
            pieces[at] = pieces[at] * chance.choice((2, 8, 64))
        case 3:
            return replace(shape, way=chance.choice(WAYS), each=chance.choice(EACH))
        case 4:
            return replace(shape, place=chance.choice([*PLACES]))
        case _:
            pieces[at] = chance.choice(VOCABULARY)
    return replace(shape, pieces=tuple(pieces)[:6])


def search(minutes: float, chance: Random, report: Callable[[Found], None]) -> list[Found]:
    """The slowest shapes of each place, found within some minutes."""
    until = time.monotonic() + minutes * 60
    best: dict[str, list[Found]] = {place: [] for place in PLACES}
    seen: set[Shape] = set()
    waiting = [*SEEDS[::-1]]
    while time.monotonic() < until:
        slowest = sorted((one for row in best.values() for one in row), key=lambda o: -o.seconds)
        known = chance.choice(slowest[: chance.choice((10, 100))]) if slowest else None
        shape = changed(known.shape, chance) if known and chance.random() < 0.5 else first(chance)
        shape = waiting.pop() if waiting else shape
        if shape in seen:
            continue
        seen.add(shape)
        found = tried(shape)
        row = best[shape.place]
        if found.seconds > WORTH or len(row) < 5 or found.seconds > row[-1].seconds:
            row.append(found)
            row.sort(key=lambda one: -one.seconds)
            del row[5:]
            report(found)
    return sorted((one for row in best.values() for one in row), key=lambda one: -one.seconds)


def where(root: Path, seconds: float = 2 * MOST) -> list[str]:
    """The functions of ours in which the check of a deck spends most, all in one process."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    profile = cProfile.Profile()
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    with suppress(KeyboardInterrupt):
        profile.runcall(compile_deck, root, budget=None)
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)
    stats: Any = pstats.Stats(profile)
    rows = []
    for function, (_, _, own, _, callers) in stats.stats.items():
        rows.append((own, _called(function)))
        if function[0] == "~":  # a function of Python's own is as slow as it is called
            rows[-1:] = [
                (times[2], f"{function[2]} in {_called(one)}") for one, times in callers.items()
            ]
    return [f"{own:6.1f} s: {words}" for own, words in sorted(rows, reverse=True)[:5]]


def _called(function: tuple[str, int, str]) -> str:
    path, number, name = function
    short = path.rpartition("deckwright/")[2] if "deckwright/" in path else Path(path).name
    return f"{short}:{number} {name}"


def line(found: Found) -> str:
    """A found shape in a line."""
    took, shape = found.took, found.shape
    size = "" if found.part == 1 else f" for 1/{1 / found.part:.0f}"
    rules = ", ".join(f"{name} {number}" for name, number in took.rules.items())
    pieces = [one if len(one) < 60 else f"{one[:40]}…({len(one)})" for one in shape.pieces]
    return (
        f"{took.seconds:6.1f} s{size} ({took.main:.1f} main) {took.failure or f'[{rules}]'},"
        f" x{found.growth:.1f}: {shape.place}, {shape.way}, {shape.each}: {pieces!r}"
    )


def kept(found: Iterable[Found], folder: Path) -> None:
    """Write the decks of some shapes down."""
    for number, one in enumerate(found):
        root = folder / f"{number:02d}-{one.shape.place.replace(' ', '-')}"
        shutil.rmtree(root, ignore_errors=True)
        written(one.shape.files(PLACES[one.shape.place][1]), root)
        (folder / f"{root.name}.json").write_text(json.dumps(asdict(one), ensure_ascii=False))


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.fuzz.slow", description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=10.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", type=Path, help="a folder for the slowest decks")
    parser.add_argument("--where", type=Path, help="a deck: where its time goes")
    asked = parser.parse_args()
    if asked.where:
        print("\n".join(where(asked.where)))
        return 0
    seed = int(time.time()) if asked.seed is None else asked.seed
    print(f"seed {seed}", file=sys.stderr)

    def report(found: Found) -> None:
        if found.seconds > WORTH:
            print(line(found), file=sys.stderr, flush=True)

    found = search(asked.minutes, Random(seed), report)
    print(*map(line, found[:40]), sep="\n")
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        kept(found[:20], asked.keep)
    return int(any(one.seconds > PROMISE for one in found))


if __name__ == "__main__":
    sys.exit(main())
