"""How long a browser draws a drawing: by its corners, letters, dashes and what it uses.

All numbers are of Chromium, in microseconds of one slow core for a picture that is 800 pixels wide,
measured with drawings of one kind each, and rounded up where they varied. A part takes a time of
its own, and one that grows with the length of its lines on the screen, which is that of its numbers
times the scales around it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

MOST = 4_000_000
"""What a drawing may take: two seconds of a usual machine, four of a slow one."""
MAX_PATHS = 1_000_000
"""How many characters of path data a drawing may have, each of which is read here."""
MAX_USES = 200
"""How many elements may be in or use each other in a row."""

_WIDTH = 800
_SHAPE, _CORNER, _LETTER, _DASH, _PIXEL = 40, 10, 50, 8, 0.6
_MOST_RULES = 10_000
"""Of style sheets; each is read here."""
_MOST_DASHES = 1_000_000
"""Of one shape; a browser draws no more of them."""
_PAINT = {"clip-path": 500, "fill": 2_000, "stroke": 2_000, "mask": 3_500}
"""What a reference costs by where it is, besides what is in it: a gradient, pattern, mask."""
_LAYER = 1_300
"""A layer of its own, for opacity and mixing."""
_RULE, _LONG_RULE = 0.3, 2
"""To look for a rule of a style sheet at an element; where it has several parts."""

_LEAVES = frozenset("path rect circle ellipse line polyline polygon text tspan textPath".split())
_WITH_MARKERS = frozenset("path line polyline polygon".split())
_TEXTS = frozenset("text tspan textPath".split())
_MARKERS = frozenset("marker marker-start marker-mid marker-end".split())
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_COMMAND = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_POINTS_TO = re.compile(r"url\(\s*+[\"']?#([\w.:-]++)", re.IGNORECASE)
_TRANSFORM = re.compile(r"(matrix|scale[XY]?|skew[XY])\(([^()]*)\)", re.IGNORECASE)
_DASHES = re.compile(r"(?:[\d.eE+-]+(?:px|pt|mm)?[\s,]*)+")


class TooMuchError(Exception):
    """A drawing that would take a browser too long; why."""


@dataclass(slots=True)
class Part:
    """An element of a drawing, with the ones in it."""

    tag: str = ""
    inner: list[Part] = field(default_factory=list)
    uses: list[tuple[str, float]] = field(default_factory=list)
    """The ids of those that it uses, and how often."""
    own: float = 0
    """The time for itself."""
    length: float = 0
    """How long its lines are, in its own units."""
    corners: int = 0
    dash: float | None = None
    """How long its dashes and gaps are together; 0 where that is not known."""
    width: float = 0
    """That of its lines, where it says so."""
    scale: float = 1
    """How much larger what is in it is drawn."""
    box: float = 0
    """The width of its viewBox."""
    whole: tuple[float, float] | None = None
    """The time for all that is in it, and the length of that, where they are known."""
    counting: bool = False
    replaced: bool = False
    """Whether the copy leaves out an element in it for which there should be another."""


def part(tag: str, attributes: Mapping[str, str]) -> Part:
    """An element by its attributes, without what is in it."""
    given = {**attributes, **_style(attributes.get("style", ""))}
    one = Part(tag, own=_SHAPE, scale=_scale(given))
    one.box = _box(tag, attributes)
    if tag == "marker" and one.box:
        one.scale *= (_first(attributes.get("markerWidth", "")) or 3) / one.box
    one.corners, one.length = _outline(tag, attributes)
    one.dash = _dash(given)
    one.width = _first(given.get("stroke-width", ""))
    layered = tag not in _LEAVES and "opacity" in given
    if layered or "mix-blend-mode" in given or "isolation" in given:
        one.own += _LAYER
    for name, value in given.items():
        if name.rpartition(" ")[2] == "href":
            one.uses.append((value[1:], 1))
            continue
        times = one.corners + 2 if name in _MARKERS else 1
        for found in _POINTS_TO.findall(value) if name != "style" else ():
            one.uses.append((found, times))
            one.own += _PAINT.get(name, 0)
    return one


def letters(one: Part, text: str) -> None:
    """Count the letters of a text in an element."""
    one.own += _LETTER * len(text) if one.tag in _TEXTS else 0


def judge(top: Part, named: Mapping[str, Part], sheets: Sequence[str]) -> None:
    """Make sure that a browser draws all of it in time.

    Raises:
        TooMuchError: where it does not, or where parts use each other without end.
    """
    if sum(sheet.count("}") for sheet in sheets) > _MOST_RULES:
        raise TooMuchError("has too many rules of style")
    _Drawing(top, named, sheets).judge()


class _Drawing:
    """A drawing, of which everything is known."""

    def __init__(self, top: Part, named: Mapping[str, Part], sheets: Sequence[str]) -> None:
        self._top = top
        self._named = named
        self._parts = [*_all(top)]
        self._rules = [rule.partition("{") for sheet in sheets for rule in sheet.split("}")]
        self._sheet = [_style(how) for _, _, how in self._rules]
        around = [one for one in self._parts if one.tag not in _LEAVES]
        # What is said of a group or in a style sheet may be meant for any shape, used anywhere.
        dashes = [one.dash for one in around] + [_dash(given) for given in self._sheet]
        self._dash = min((one for one in dashes if one is not None), default=None)
        widths = [one.width for one in around]
        widths += [_first(given.get("stroke-width", "")) for given in self._sheet]
        self._width = max(widths, default=1)
        self._markers = [use for one in around for use in one.uses if self._tag(use[0]) == "marker"]
        self._widest = max(1, self._width, *(one.width for one in self._parts))
        self._root = top.inner[0]
        self._view = self._root.box or _WIDTH
        self._pixel = _WIDTH / self._view
        """How many pixels a unit of the drawing has."""

    def _tag(self, name: str) -> str:
        found = self._named.get(name)
        return found.tag if found else ""

    def judge(self) -> None:
        """Raise where it takes too long."""
        own, length = self._whole(self._top, 0)
        total = own + length * self._pixel * _PIXEL + self._matching()
        if not total <= MOST:  # it may be no number
            raise TooMuchError("is too much to draw")

    def _matching(self) -> float:
        """The time to find the rules of style sheets for all elements."""
        names = [name.strip() for who, _, _ in self._rules for name in who.split(",")]
        each = (_LONG_RULE if re.search(r"[\s>+:]", one) else _RULE for one in names)
        return len(self._parts) * sum(each)

    def _whole(self, one: Part, depth: int) -> tuple[float, float]:
        """The time for an element with all that is in it and that it uses, and the length."""
        if one.counting or depth > MAX_USES:
            raise TooMuchError("uses its parts in each other without end")
        if one.whole is None:
            one.counting = True
            own, length = one.own + self._lines(one), one.length
            more = [(name, 1.0 * one.corners) for name, _ in self._markers]
            uses = [*one.uses, *(more if one.tag in _WITH_MARKERS else ())]
            parts = [(inner, 1.0) for inner in one.inner]
            parts += [(self._named[name], times) for name, times in uses if name in self._named]
            for inner, times in parts:
                its_own, its_length = self._whole(inner, depth + 1)
                own += times * its_own
                length += times * its_length
                if own > MOST:
                    raise TooMuchError("is too much to draw")
            one.whole = own, length * one.scale * self._fitted(one)
            one.counting = False
        return one.whole

    def _lines(self, one: Part) -> float:
        """The time for the corners and dashes of a shape."""
        if one.tag not in _LEAVES:
            return 0
        dash = self._dash if one.dash is None else one.dash
        dashes = 0.0
        if dash is not None and one.corners:
            dashes = min(_MOST_DASHES, one.length / dash if dash else _MOST_DASHES)
        wide = min(_WIDTH, max(one.width, self._width) * self._pixel)
        return one.corners * (_CORNER + wide * 0.3) + dashes * _DASH

    def _fitted(self, one: Part) -> float:
        """How much larger what is in it may be drawn to fill its place."""
        if one.tag == "marker":
            return self._widest
        fits = one.box and one is not self._root
        return max(1, self._view / one.box) if fits else 1


def _all(one: Part) -> Iterator[Part]:
    waiting = [one]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.inner


def _style(declarations: str) -> dict[str, str]:
    pairs = (one.partition(":") for one in declarations.split(";"))
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _first(value: str) -> float:
    found = _NUMBER.search(value)
    return min(abs(float(found[0])), 1e9) if found else 0


def _box(tag: str, attributes: Mapping[str, str]) -> float:
    numbers = _NUMBER.findall(attributes.get("viewBox", ""))
    if len(numbers) == 4:
        return abs(float(numbers[2]))
    width = attributes.get("width", "") if tag == "svg" else ""
    return 0 if "%" in width else _first(width)


def _scale(given: Mapping[str, str]) -> float:
    scale = 1.0
    for name in ("transform", "patternTransform"):
        for kind, inside in _TRANSFORM.findall(given.get(name, "")):
            numbers = [abs(float(one)) for one in _NUMBER.findall(inside)]
            if kind.lower().startswith("skew"):
                numbers = [1 + abs(math.tan(math.radians(one))) for one in numbers]
            elif kind.lower() == "matrix" and len(numbers) == 6:
                numbers = [numbers[0] + numbers[2], numbers[1] + numbers[3]]
            scale *= max(numbers, default=1)
    units = ("patternContentUnits", "clipPathUnits", "maskContentUnits")
    if any(given.get(name) == "objectBoundingBox" for name in units):
        scale *= _WIDTH
    return min(scale, 1e9)


def _dash(given: Mapping[str, str]) -> float | None:
    value = given.get("stroke-dasharray", "none").strip()
    if value in ("none", "", "0", "inherit"):
        return None
    if "pathLength" in given or not _DASHES.fullmatch(value):
        return 0
    return sum(abs(float(one)) for one in _NUMBER.findall(value))


def _outline(tag: str, attributes: Mapping[str, str]) -> tuple[int, float]:
    """How many corners a shape has, and how long it is."""
    if tag == "path":
        return _path(attributes.get("d", ""))
    if tag in ("polyline", "polygon"):
        numbers = [float(one) for one in _NUMBER.findall(attributes.get("points", ""))]
        return len(numbers) // 2, _between(numbers)
    sizes = {"rect": "width height", "circle": "r r r r", "ellipse": "rx ry", "line": "x1 y1 x2 y2"}
    if tag not in sizes:
        return 0, 0
    return 4, sum(2 * _first(attributes.get(name, "")) for name in sizes[tag].split())


def _between(numbers: list[float]) -> float:
    """The length of a line through points, at least."""
    ways = (numbers[::2], numbers[1::2])
    return sum(abs(after - before) for way in ways for before, after in pairwise(way))


def _path(data: str) -> tuple[int, float]:
    corners, length = 0, 0.0
    at = (0.0, 0.0)
    for command, inside in _COMMAND.findall(data):
        numbers = [float(one) for one in _NUMBER.findall(inside)]
        corners += max(1, len(numbers) // 2)
        if command in "Aa":
            length += 4 * sum(map(abs, numbers))
            at = (numbers[-2], numbers[-1]) if len(numbers) > 1 and command == "A" else at
        elif command.islower():
            length += sum(map(abs, numbers))
        elif command in "HV":
            length += 2 * sum(map(abs, numbers)) + sum(map(abs, at))
        elif numbers:
            length += _between([*at, *numbers])
            at = (numbers[-2], numbers[-1]) if len(numbers) > 1 else at
    return corners, length
