"""Drawings: an SVG may hold shapes, text and colours, by a list of what is allowed.

A card shows a drawing in an ``<img>``, where browsers run no script and load nothing; but a
learner can open the file by itself, and a drawing can take for ever to draw. Whatever could run,
load or point elsewhere is refused with its line. What only editors read (comments, metadata, the
DOCTYPE, elements and attributes of their own) is not in the packaged copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from deckwright.media.effort import MAX_PATHS, Part, TooMuchError, judge, letters, part
from deckwright.model import Rule, Stake
from deckwright.source.unicode import FORBIDDEN, not_composed

UNSAFE_SVG = Rule(
    "unsafe-svg",
    "An SVG holds shapes, text and colours. It runs nothing, loads nothing, and points "
    "only to its own parts. A browser draws it within two seconds.",
    stake=Stake.SAFETY,
)

MAX_NESTING = 100

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_XHTML = "http://www.w3.org/1999/xhtml"
_ELEMENTS = frozenset(
    "svg g defs symbol use switch title desc style path rect circle ellipse line polyline polygon"
    " text tspan textPath linearGradient radialGradient stop clipPath mask pattern marker".split()
)
_WORDS = frozenset("id class lang role version baseProfile".split())
"""Attributes of any text."""
_DROPPED = frozenset("content requiredFeatures target".split())
"""Attributes that browsers do not need."""
_ATTRIBUTES = frozenset(
    "clipPathUnits cx cy d dx dy fx fy fr gradientTransform gradientUnits height lengthAdjust"
    " markerHeight markerUnits markerWidth maskContentUnits maskUnits method offset orient"
    " pathLength patternContentUnits patternTransform patternUnits points preserveAspectRatio r"
    " refX refY rotate rx ry side spacing spreadMethod startOffset textLength type viewBox width"
    " x x1 x2 y y1 y2".split()
)
_PROPERTIES = frozenset(
    "alignment-baseline background background-color baseline-shift clip-path clip-rule color"
    " color-interpolation color-rendering color-scheme direction display dominant-baseline"
    " enable-background fill fill-opacity fill-rule font font-family font-feature-settings"
    " font-kerning font-size font-size-adjust font-stretch font-style font-variant"
    " font-variant-alternates font-variant-caps font-variant-east-asian font-variant-ligatures"
    " font-variant-numeric font-variant-position font-weight image-rendering inline-size isolation"
    " kerning letter-spacing line-height marker marker-end marker-mid marker-start mask mask-type"
    " mix-blend-mode opacity overflow paint-order pointer-events shape-inside shape-margin"
    " shape-padding shape-rendering solid-color solid-opacity stop-color stop-opacity stroke"
    " stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit"
    " stroke-opacity stroke-width text-align text-anchor text-decoration text-decoration-color"
    " text-decoration-line text-decoration-style text-decoration-thickness text-indent"
    " text-orientation text-rendering text-transform transform transform-box transform-origin"
    " unicode-bidi vector-effect visibility white-space word-spacing writing-mode".split()
)
"""Properties of a style; each may also be an attribute."""

_REFERENCE = r"url\(\s*+(?P<quote>[\"']?)#[\w.:-]++(?P=quote)\s*+\)"
_FUNCTION = (
    r"(?:rgba?|hsla?|matrix|translate[XY]?|scale[XY]?|rotate|skew[XY])\s*+\([\w\s%,.+/-]*+\)"
)
_VAR = rf"var\((?:{_FUNCTION}|[\w\s%,.#-])*+\)"
_PLAIN = re.compile(
    rf"(?:{_FUNCTION}|{_VAR}|light-dark\((?:{_FUNCTION}|{_VAR}|[\w\s%,.#-])*+\)"
    rf"|{_REFERENCE}|\w++(?!\s*+\()|(?!/\*)[\s#%,.+/!-]|\"[\w\s,.&-]*+\"|'[\w\s,.&-]*+')*+",
    re.IGNORECASE,
)
"""A value of whole tokens, without comments or escapes, in which every reader sees the same."""
_POINTS_TO = re.compile(r"url\(\s*+[\"']?#([\w.:-]++)", re.IGNORECASE)
_STYLE_RULE = re.compile(r"\s*+(?P<who>[\w\s.#*,:>+-]++)\{(?P<how>[^{}]*+)\}\s*+")
_MOVES = re.compile(r"(?:^|[;\s])transform\s*:")
_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+(?:[eE][+-]?\d{1,2})?)\.?\s*([a-z]{0,2})\s*")
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78}
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][^;\s]{0,30}")
_UTF_8 = ("utf-8", "utf8", "us-ascii")
_LIKE_ASCII = (*_UTF_8, "ascii", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252")
"""Encodings in which a text of ASCII has the same bytes."""
_FIX = "remove it, or save the drawing as PNG"
_FIXES = {
    "image": "put the picture on the card by itself, or save the drawing as PNG",
    "foreignObject": "turn its words into text of SVG, or save the drawing as PNG",
}


class SvgError(Exception):
    """A drawing that is not fit to ship: what is wrong, what to do, and whether it is unsafe."""

    def __init__(self, what: str, fix: str = _FIX, *, unsafe: bool = False) -> None:
        """Keep what there is to say; the words go on from the file's name."""
        super().__init__(what)
        self.what, self.fix, self.unsafe = what, fix, unsafe


def clean_svg(data: bytes) -> tuple[bytes, list[tuple[float, float]]]:
    """The packaged copy of a drawing, and the sizes in pixels that it asks for.

    It is the drawing itself, with line ends that are the same on every system, where editors left
    nothing in it.

    Raises:
        SvgError: where it is not an SVG, or holds what is not on the list.
    """
    data = data.replace(b"\r\n", b"\n")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise SvgError("is not an SVG in UTF-8", "save it as plain SVG, in UTF-8") from None
    if hidden := FORBIDDEN.search(text.removeprefix("\ufeff")):
        what = f"holds the character U+{ord(hidden[0]):04X}, which hides what it is"
        raise SvgError(what, "remove it", unsafe=True)
    if other := not_composed(text):
        raise SvgError(f"has a text that is not NFC: {other.what}", other.fix)
    if "<!DOCTYPE" in text and (entity := _ENTITY.search(text)):
        raise SvgError(f"holds the entity {entity[0]}", "write the letter itself", unsafe=True)
    drawing = _Drawing(text.isascii())
    try:
        drawing.parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        what = f"is not a well-formed SVG ({reason}, in its line {error.lineno})"
        raise SvgError(what, "save it again") from None
    try:
        judge(drawing.top, drawing.named, drawing.sheets)
    except TooMuchError as error:
        fix = "draw less (fewer points, letters, dashes, patterns), or save the drawing as PNG"
        raise SvgError(str(error), fix, unsafe=True) from None
    return "".join(drawing.copy).encode() if drawing.dropped else data, [*drawing.sizes()]


class _Drawing:
    """Reads a drawing, and writes what browsers need of it."""

    def __init__(self, ascii_only: bool) -> None:
        self.parser = expat.ParserCreate("UTF-8", " ")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.SkippedEntityHandler = self._entity
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.CommentHandler = self._comment
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.ascii_only = ascii_only
        self.root: dict[str, str] = {}
        self.top = Part()
        self.named: dict[str, Part] = {}
        self.open: list[tuple[str, Part]] = [("", self.top)]
        self.paths = 0
        """How many characters of path data there are."""
        self.sheet: list[str] = []
        self.sheets: list[str] = []
        self.copy: list[str] = []
        self.dropped = False
        self.skipped = 0
        """How many elements are open that the copy leaves out."""

    def _refused(self, what: str, fix: str = _FIX) -> SvgError:
        what = f"holds {what} in its line {self.parser.CurrentLineNumber}"
        return SvgError(what, fix, unsafe=True)

    def _declaration(self, _version: str, encoding: str | None, _alone: int) -> None:
        if encoding and encoding.lower() not in (_LIKE_ASCII if self.ascii_only else _UTF_8):
            raise self._refused(f"the encoding {encoding[:20]!r}", "save it in UTF-8")

    def _doctype(
        self, _name: str, _system: str | None, _public: str | None, has_more: bool
    ) -> None:
        if has_more:
            raise self._refused("a DOCTYPE with declarations", "delete all from <!DOCTYPE to ]>")
        self.dropped = True

    def _entity(self, *_: object) -> None:
        raise self._refused("an entity", "delete all from <!DOCTYPE to ]>")

    def _instruction(self, target: str, _data: str) -> None:
        raise self._refused(f"the instruction <?{target[:40]}", "remove it")

    def _comment(self, _text: str) -> None:
        self.dropped = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        parent, shape = self.open[-1]
        if len(self.open) == 1:
            if (space, tag) != (_SVG, "svg"):
                what = "does not start with an <svg> that browsers know"
                raise SvgError(what, f'write <svg xmlns="{_SVG}" …>')
            self.root = attributes
        if len(self.open) + self.skipped > MAX_NESTING:
            raise self._refused(f"more than {MAX_NESTING} elements in each other")
        if self.skipped or self._is_dropped(space, tag):
            shape.replaced |= parent == "switch" and not self.skipped
            self.skipped += 1
            self.dropped = True
            return
        if parent == "style" or space != _SVG or tag not in _ELEMENTS:
            raise self._refused(f"<{tag[:40]}>", _FIXES.get(tag, _FIX))
        if hidden := FORBIDDEN.search("".join(attributes.values())):
            raise self._refused(f"the character U+{ord(hidden[0]):04X}")
        self.paths += len(attributes.get("d", "")) + len(attributes.get("points", ""))
        if self.paths > MAX_PATHS:
            raise self._refused(f"more than {MAX_PATHS:,} characters of paths, up to <{tag}>")
        inner = part(tag, attributes)
        shape.inner.append(inner)
        self.open.append((tag, inner))
        if "id" in attributes:
            self.named.setdefault(attributes["id"], inner)
        kept = [one for pair in attributes.items() if (one := self._attribute(tag, *pair))]
        if len(self.open) == 2:
            kept[:0] = [f'xmlns="{_SVG}"', f'xmlns:xlink="{_XLINK}"']
        self.copy.append(f"<{' '.join((tag, *kept))}>")

    def _is_dropped(self, space: str, tag: str) -> bool:
        """Whether the copy leaves an element out: what is not SVG, and what has a fallback."""
        parent, shape = self.open[-1]
        if parent == "style":
            return False
        if parent == "switch" and space == _SVG and tag in ("foreignObject", "a"):
            # draw.io writes its text twice, the second time as SVG; its link comes last.
            return tag == "foreignObject" or bool(shape.inner)
        return tag == "metadata" if space == _SVG else space not in ("", _XHTML)

    def _attribute(self, tag: str, attribute: str, value: str) -> str:
        """An attribute as the copy has it; empty where it is left out."""
        space, _, name = attribute.rpartition(" ")
        if space not in ("", _XML, _XLINK) or (space == _XLINK and name != "href"):
            self.dropped = True
            return ""
        if not space and name in _DROPPED:
            self.dropped = True
            return ""
        if name == "href":
            fine = bool(re.fullmatch(r"#[\w.:-]+", value)) and tag != "style"
        elif space:
            fine = name in ("space", "lang")
        elif name == "style":
            fine = not _wrong_with_style(value)
        elif name in _WORDS or name.startswith(("aria-", "data-")):
            fine = True
        else:
            fine = name in _ATTRIBUTES | _PROPERTIES and bool(_PLAIN.fullmatch(value))
        if not fine:
            wrong = (name == "style" and _wrong_with_style(value)) or f'{name}="{value}"'
            raise self._refused(f"{wrong[:60]!r} in <{tag[:40]}>")
        prefix = {_XML: "xml:", _XLINK: "xlink:"}.get(space, "")
        return f"{prefix}{name}={quoteattr(value)}"

    def _text(self, text: str) -> None:
        if self.skipped:
            return
        if hidden := FORBIDDEN.search(text):
            raise self._refused(f"the character U+{ord(hidden[0]):04X}", "remove it")
        if self.open[-1][0] == "style":
            self.sheet.append(text)
        letters(self.open[-1][1], text)
        self.copy.append(escape(text))

    def _end(self, _name: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        tag, shape = self.open.pop()
        if shape.replaced and not shape.inner:
            raise self._refused(
                "a <foreignObject> or <a> without a fallback", _FIXES["foreignObject"]
            )
        self.copy.append(f"</{tag}>")
        if tag == "style":
            if wrong := _wrong_with_sheet("".join(self.sheet)):
                raise self._refused(f"the style {wrong[:60]!r}")
            self.sheets.append("".join(self.sheet))
            self.sheet.clear()

    def sizes(self) -> Iterator[tuple[float, float]]:
        """The size that the drawing asks for, in pixels, where it does."""
        given = [self.root[name] for name in ("width", "height") if name in self.root]
        lengths = [_pixels(length) for length in given]
        for length, pixels in zip(given, lengths, strict=True):
            if pixels is None and not length.strip().endswith("%"):
                raise SvgError(f"has the length {length[:60]!r}", "give its size in px")
        if len(lengths) == 2 and None not in lengths:
            yield lengths[0] or 0, lengths[1] or 0
        box = re.split(r"[\s,]+", self.root.get("viewBox", "").strip())
        if len(box) == 4 and any(_pixels(side) == 0 for side in box[2:]):
            yield 0, 0


def _wrong_with_style(declarations: str) -> str:
    """What a ``style`` attribute may not hold; empty where all is fine."""
    for one in declarations.split(";"):
        name, colon, value = (part.strip() for part in one.partition(":"))
        name = name.lower()
        known = name in _PROPERTIES or name.startswith("-inkscape-")
        known |= name.startswith("--") and "url(" not in value.lower()  # var() would hide its use
        if (name or colon) and not (known and _PLAIN.fullmatch(value)):
            return f"{name}: {value}" if known else name or one
    return ""


def _wrong_with_sheet(sheet: str) -> str:
    """What a ``<style>`` element may not hold; empty where all is fine."""
    sheet, at = sheet.strip(), 0
    while at < len(sheet):
        rule = _STYLE_RULE.match(sheet, at)
        if rule is None:
            return sheet[at:]
        if _POINTS_TO.search(rule["how"]):
            return f"{rule['who'].strip()} with url(#…)"
        if _MOVES.search(rule["how"]):
            return f"{rule['who'].strip()} with a transform"
        if wrong := _wrong_with_style(rule["how"]):
            return wrong
        at = rule.end()
    return ""


def _pixels(length: str) -> float | None:
    found = _LENGTH.fullmatch(length)
    return float(found[1]) * _UNITS[found[2]] if found and found[2] in _UNITS else None
