"""What an SVG may hold: shapes, text and colours, by a list of what is allowed.

A drawing is a document like any page: it can hold scripts, load other files, read files of the
machine that opens it, and draw for ever. Whatever is not on the list is refused with its line;
nothing is taken out silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from deckwright.media.effort import MOST_SHAPES, EndlessError, Shape, effort
from deckwright.media.fault import fault
from deckwright.media.pictures import Size, check_sizes
from deckwright.media.style import (
    PROPERTIES,
    fault_in_sheet,
    fault_in_style,
    is_plain,
    references,
)
from deckwright.model import ProblemError, Rule, Stake
from deckwright.source.unicode import FORBIDDEN, not_composed

UNSAFE_SVG = Rule(
    "unsafe-svg",
    "An SVG holds shapes, text and colours. It runs nothing, loads nothing, and points "
    "only to its own parts.",
    stake=Stake.SAFETY,
)


MAX_NESTING = 100
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_NOTES = frozenset(
    [
        "http://creativecommons.org/ns#",
        "http://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/terms/",
        "http://web.resource.org/cc/",
        "http://www.inkscape.org/namespaces/inkscape",
        "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    ]
)
"""Notes of the programs that drew it, which no browser heeds."""
_ELEMENTS = frozenset(
    "svg g defs symbol use title desc metadata style path rect circle ellipse line polyline"
    " polygon text tspan textPath linearGradient radialGradient stop clipPath mask pattern marker"
    "".split()
)
_WORDS = frozenset("id class lang role version baseProfile".split())
"""Attributes of any text."""
_MEASURES = frozenset(
    "clipPathUnits cx cy d dx dy fx fy fr gradientTransform gradientUnits height lengthAdjust"
    " markerHeight markerUnits markerWidth maskContentUnits maskUnits method offset orient"
    " pathLength patternContentUnits patternTransform patternUnits points preserveAspectRatio r"
    " refX refY rotate rx ry side spacing spreadMethod startOffset textLength type viewBox width"
    " x x1 x2 y y1 y2".split()
)
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78}
_PLAIN_FIX = "take it out, or save the drawing as PNG"
_FIXES = {
    "image": "put the picture on the card by itself, or save the drawing as PNG",
    "foreignObject": "turn its words into text of SVG, or save the drawing as PNG",
}


def same_everywhere(data: bytes) -> bytes:
    """The bytes of a drawing with line ends that are the same on every system."""
    return data.replace(b"\r\n", b"\n")


def check_svg(data: bytes) -> bytes:
    """The bytes of a drawing, with line ends that are the same on every system.

    Raises:
        ProblemError: where it is no SVG that can be shown.
        ProblemError: where it holds what is not on the list.
    """
    data = same_everywhere(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise fault("is no SVG in UTF-8", "save it as plain SVG, in UTF-8") from None
    if hidden := FORBIDDEN.search(text.removeprefix("\ufeff")):
        raise fault(
            f"holds the character U+{ord(hidden[0]):04X}, which hides what it is",
            "take it out",
            UNSAFE_SVG,
        )
    if other := not_composed(text):
        raise fault(f"has text of which {other.what}", other.fix)
    drawing = _Drawing()
    try:
        drawing.parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise fault(
            f"is no well-formed SVG ({reason}, in its line {error.lineno})", "save it again"
        ) from None
    if sizes := list(drawing.sizes()):
        check_sizes(sizes)
    drawing.check_effort()
    return data


class _Drawing:
    """What expat tells of a drawing."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("UTF-8", " ")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.root: dict[str, str] = {}
        self.top = Shape()
        self.named: dict[str, Shape] = {}
        self.open: list[tuple[str, Shape]] = [("", self.top)]
        self.sheet: list[str] = []
        self.elements = 0

    def _refuse(self, what: str, fix: str = _PLAIN_FIX) -> ProblemError:
        return fault(f"holds {what} in its line {self.parser.CurrentLineNumber}", fix, UNSAFE_SVG)

    def _declaration(self, _version: str, encoding: str | None, _alone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise self._refuse(f"the encoding {encoding[:20]!r}", "save it in UTF-8")

    def _doctype(self, *_: object) -> None:
        raise self._refuse("a DOCTYPE", "delete all from <!DOCTYPE to its >")

    def _instruction(self, target: str, _data: str) -> None:
        raise self._refuse(f"the instruction <?{target[:40]}", "take it out")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if len(self.open) == 1:
            if (space, tag) != (_SVG, "svg"):
                raise fault(
                    "does not start with an <svg> that browsers know",
                    f'write <svg xmlns="{_SVG}" …>',
                )
            self.root = attributes
        self.elements += 1
        if self.elements > MOST_SHAPES:
            raise self._refuse(f"more than {MOST_SHAPES:,} elements")
        if len(self.open) > MAX_NESTING:
            raise self._refuse(f"more than {MAX_NESTING} elements in each other")
        inside = self.open[-1][0]
        if inside == "style" or not (space in _NOTES or (space == _SVG and tag in _ELEMENTS)):
            raise self._refuse(f"<{tag[:40]}>", _FIXES.get(tag, _PLAIN_FIX))
        shape = Shape()
        self.open[-1][1].inner.append(shape)
        self.open.append((tag if space == _SVG else "", shape))
        for attribute, value in attributes.items():
            if wrong := self._fault(tag, attribute, value):
                raise self._refuse(f"{wrong[:60]!r} in <{tag[:40]}>")
        shape.uses += self._uses(attributes)
        if "id" in attributes:
            self.named.setdefault(attributes["id"], shape)

    def _fault(self, tag: str, attribute: str, value: str) -> str:
        """What may not stand in an attribute; nothing where all may."""
        space, _, name = attribute.rpartition(" ")
        written = f'{name}="{value}"'
        if space in _NOTES or (space == _XML and name in ("space", "lang")):
            return ""
        if name == "href" and space in ("", _XLINK):
            return "" if re.fullmatch(r"#[\w.:-]+", value) and tag != "style" else written
        if space == _XLINK and name in ("type", "title"):
            return ""
        if space:
            return written
        if name == "style":
            return fault_in_style(value)
        if name in _WORDS or name.startswith(("aria-", "data-")):
            return ""
        known = name in _MEASURES or name in PROPERTIES
        return "" if known and is_plain(value) else written

    def _uses(self, attributes: dict[str, str]) -> Iterator[str]:
        for name, value in attributes.items():
            if name in ("href", f"{_XLINK} href"):
                yield value[1:]
            elif "url(" in value.lower():
                yield from references(value)

    def _text(self, text: str) -> None:
        if self.open[-1][0] == "style":
            self.sheet.append(text)

    def _end(self, _name: str) -> None:
        tag, _ = self.open.pop()
        if tag == "style":
            if wrong := fault_in_sheet("".join(self.sheet)):
                raise self._refuse(f"the style {wrong[:60]!r}")
            self.sheet.clear()

    def sizes(self) -> Iterator[Size]:
        """The size that the drawing asks for, in pixels, where it does."""
        given = [self.root[name] for name in ("width", "height") if name in self.root]
        lengths = [_pixels(length) for length in given]
        for length, pixels in zip(given, lengths, strict=True):
            if pixels is None and not length.strip().endswith("%"):
                raise self._refuse(f"the length {length[:60]!r}", "give its size in px")
        if len(lengths) == 2 and None not in lengths:
            yield lengths[0] or 0, lengths[1] or 0
        box = re.split(r"[\s,]+", self.root.get("viewBox", "").strip())
        if len(box) == 4 and any(_pixels(side) == 0 for side in box[2:]):
            yield 0, 0

    def check_effort(self) -> None:
        """Refuse a drawing that never ends."""
        try:
            effort(self.top, self.named)
        except EndlessError:
            raise fault(
                "uses its parts in each other without end",
                "draw less, or save the drawing as PNG",
                UNSAFE_SVG,
            ) from None


def _pixels(length: str) -> float | None:
    found = re.fullmatch(r"\s*\+?(\d*\.?\d+(?:[eE][+-]?\d{1,2})?)\.?\s*([a-z]{0,2})\s*", length)
    return float(found[1]) * _UNITS[found[2]] if found and found[2] in _UNITS else None
