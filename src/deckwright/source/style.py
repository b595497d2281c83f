"""What a deck's style.css may do to what is not its own: nothing that covers, hides or fixes it.

Its own is what has a class of the deck's, and what is inside of that. Everything else on a card
(text, answer, the link "Report this card") keeps its place, a size that can be read and a colour
that differs from its ground. CSS has a thousand ways to do harm, so what is allowed is listed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

import tinycss2

from deckwright.model import Problem, Source
from deckwright.source.contrast import is_of_ours, unreadable
from deckwright.source.texts import COVERING_STYLE

MOST = 20
"""How many mistakes are reported."""
_DEEPEST = 8
"""How deep rules may be nested."""
_MOST_SUBJECTS = 40
"""How many different things a rule may be for: each is held against each of its declarations."""
_FIX = "keep to fonts, colours, borders and small spaces, or give what it is for a class of its own"
_TELL_APART = "choose a colour that can be told from its ground, by day and at night"

_OURS = re.compile("(?:dw-|mjx|cloze|card|night|type|replay|sound|drawing).*", re.IGNORECASE)
"""Classes that no template can make its own."""
_PAGE = re.compile(r"\.card(?:\.(?:nightMode|night_mode))?")
"""What selects the card as a whole, as our own sheet does, and no other."""
_NIGHT = re.compile("night_?-?mode", re.IGNORECASE)
_SIZES = ("dimension", "percentage")
_GROUPS = ("media", "supports", "container", "layer")
_SYMBOLS = re.compile("wing|webd|symbol|dingbat|emoji|marlett|icon", re.IGNORECASE)
"""Fonts that show a letter as something else."""
_STRIKING = ("line-through", "overline", "blink")
_REVERSING = ("bidi-override", "isolate-override")

_EM = {"em": 1.0, "rem": 1.0, "lh": 1.5, "ex": 0.5, "ch": 0.5, "px": 1 / 16, "pt": 1 / 12}
_EM |= {"pc": 1.0, "in": 6.0, "cm": 2.36, "mm": 0.236}
"""What a unit is in letters of 16 pixels."""

_COLOURING = re.compile("rgba?|hsla?|var|(?:repeating-)?(?:linear|radial|conic)-gradient")
"""The functions that give colours."""
_PLAIN_COLOUR = re.compile("rgba?|hsla?")
_COLOURED = re.compile("background(?:-color)?|color")
_SIZED = re.compile("font(?:-size)?")
_WORDS = re.compile(
    "font-(?:family|style|weight|stretch|width|kerning|optical-sizing|feature-settings|synthesis)"
    "|font-variant(?:-caps|-ligatures|-numeric|-position|-alternates|-east-asian)?"
    "|text-(?:align|align-last|justify|transform|rendering|wrap-mode)"
    "|text-decoration-(?:line|style|color|skip-ink)|text-underline-position|(?:caret|accent)-color"
    "|white-space(?:-collapse)?|word-break|word-wrap|overflow-wrap|hyphens|line-break|direction"
    "|unicode-bidi|tab-size|list-style(?:-type|-position)?|table-layout|caption-side|empty-cells"
    "|border-collapse|border(?:-top|-right|-bottom|-left)?-(?:style|color)|outline-(?:style|color)"
    "|image-rendering|orphans|widows|hanging-punctuation|(?:page-)?break-(?:before|after|inside)"
    "|-webkit-font-smoothing|-moz-osx-font-smoothing|vertical-align"
)
"""Properties whose words and colours do no harm."""
_SIDE = r"(?:-(?:top|right|bottom|left|(?:block|inline)(?:-start|-end)?))?"
_LENGTHS: Mapping[re.Pattern[str], tuple[float, float, float]] = {
    re.compile(pattern): lengths
    for pattern, lengths in {
        rf"padding{_SIDE}": (0, 0.4, 2),
        rf"margin{_SIDE}": (0, 0.6, 3),
        rf"border{_SIDE}(?:-width)?": (0, 0.3, 0.6),
        r"outline(?:-width|-offset)?": (0, 0.2, 0.2),
        r"border-(?:(?:top|bottom)-(?:left|right)-)?radius|border-spacing": (0, 2, 2),
        r"(?:row-|column-)?gap": (0, 2, 2),
        r"text-decoration(?:-thickness)?|text-underline-offset": (0, 0.4, 0.4),
        r"text-indent": (0, 3, 3),
        r"letter-spacing": (-0.06, 0.5, 0.5),
        r"word-spacing": (-0.1, 1, 1),
        r"box-shadow": (-0.2, 0.25, 0.6),
    }.items()
}
"""The least length of a property and the most, in letters: of what is part of a line, and of what
is a block. The first covers its neighbours, where it is large."""
_OWN = re.compile(
    "(?:min-|max-)?(?:width|inline-size)|min-(?:height|block-size)|flex(?:-[a-z]+)?|order|float"
    "|(?:align|justify|place)-(?:items|content|self)|clear|columns|column-[a-z-]+|object-fit"
    "|grid-(?:template-columns|template-areas|auto-flow|area|column|row)|display|visibility"
    "|opacity|content|quotes|cursor|(?:-webkit-)?user-select|transition(?:-[a-z-]+)?|aspect-ratio"
    "|overflow(?:-x|-y)?|text-overflow|counter-[a-z]+|background-(?:image|size|position|repeat)"
)
"""What lays out, and may hide, what is a deck's own."""
_BLOCKS = frozenset(
    "body html :root p pre table td th tr ul ol li dl dd dt blockquote figure figcaption caption "
    "hr h4 h5 h6 details summary img .card .table .code".split()
)
_LAID_OUT = frozenset(
    "block inline-block flow-root table inline-table flex inline-flex grid inline-grid".split()
)
"""Ways to be shown that keep room for themselves."""
_MANY = ("", "*", "div", "span")
"""What may be in each other many times."""
_SMALLEST, _LARGEST = 0.35, 4.0
"""All that a sheet may make of the size of a text, rule by rule."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a selector is for."""

    own: bool
    """Whether that is inside of what has a class of the deck's own."""
    modes: tuple[int, ...]
    """When it counts: 0 by day, 1 at night."""
    name: str
    """Its element, or its class with the dot; empty where it is known by something else."""
    surely: bool
    """Whether that is the card as a whole, wherever it is shown."""

    @property
    def page(self) -> bool:
        """Whether it is the card as a whole."""
        return self.name in (".card", "body", "html", ":root")

    @property
    def block(self) -> bool:
        """Whether it has a line of its own."""
        return self.name in _BLOCKS or self.name.startswith(".dw-")


@dataclass(frozen=True, slots=True)
class StyleRule:
    """A rule of a sheet."""

    subjects: tuple[Subject, ...]
    declarations: tuple[Any, ...]
    always: bool = True
    """Whether it counts on each device."""


def classes_of(css: str) -> Mapping[str, bool]:
    """The classes that a style sheet is for, each with whether it sizes text by that around it."""
    sheet = tinycss2.parse_stylesheet(css, True, True)
    found = dict.fromkeys(_named(sheet, 0), False)
    for rule in _rules(sheet, frozenset(), (), 0):
        if isinstance(rule, StyleRule):
            sizes = any(
                _SIZED.fullmatch(one.lower_name) and any(map(_share, one.value))
                for one in rule.declarations
            )
            found |= dict.fromkeys((one.name[1:] for one in rule.subjects if sizes), True)
    return {name: found[name] for name in sorted(found)}


def _named(nodes: Iterable[Any], depth: int) -> Iterator[str]:
    """The classes in the selectors among some nodes and in what they hold."""
    for node in nodes:
        if depth > _DEEPEST or node.type not in ("qualified-rule", "at-rule"):
            continue
        before = ""
        for token in _tokens(node.prelude) if node.type == "qualified-rule" else ():
            value = str(getattr(token, "value", ""))
            if token.type == "ident" and before == ".":
                yield value
            before = value
        if node.content is not None:
            yield from _named(_inside(node.content), depth + 1)


def wrong_with_covering(source: Source, own: Collection[str]) -> Iterator[Problem]:
    """What of a style sheet could cover, hide or fix what has none of its ``own`` classes."""
    classes = frozenset(name for name in own if not _OURS.fullmatch(name))
    yield from islice(_wrong(source, classes), MOST)


def _wrong(source: Source, classes: frozenset[str]) -> Iterator[Problem]:
    def at(node: Any, what: str, fix: str = _FIX) -> Problem:
        offset = source.offset(node.source_line) + node.source_column - 1
        return COVERING_STYLE.at(source.place(offset), what, fix)

    rules: list[StyleRule] = []
    for found in _rules(tinycss2.parse_stylesheet(source.text, True, True), classes, (), 0):
        if isinstance(found, StyleRule):
            rules.append(found)
        else:
            yield at(*found)
    for rule in rules:
        for one in rule.declarations:
            for what in {_harm(one, rule, subject): None for subject in rule.subjects}:
                if what:
                    yield at(one, f"{one.name}: {what}")
    smallest, largest = 1.0, 1.0
    for one, size in _relative_sizes(rules):
        smallest, largest = smallest * min(size, 1), largest * max(size, 1)
        if smallest < _SMALLEST or largest > _LARGEST:
            yield at(one, f"{one.name}: with the sizes above, too much comes of it")
    for one, what in unreadable(rules, our_sheet()):
        yield at(one, f"{one.name}: {what}", _TELL_APART)


def _rules(
    nodes: Iterable[Any], classes: frozenset[str], parents: tuple[Subject, ...], depth: int
) -> Iterator[StyleRule | tuple[Any, str]]:
    """The rules among some nodes and in what groups them, and what is none."""
    for node in nodes:
        if node.type == "error":
            yield node, f"this is no CSS that all browsers read alike ({node.message})"
        elif depth > _DEEPEST:
            yield node, "rules are nested too deeply"
        elif node.type == "at-rule":
            if node.lower_at_keyword == "charset":
                continue  # of which a sheet within a page takes no notice
            if node.lower_at_keyword in _GROUPS and node.content is not None:
                inside = _inside(node.content)
                if parents:
                    yield StyleRule(parents, _declarations(inside), always=False)
                for found in _rules(_others(inside), classes, parents, depth + 1):
                    if isinstance(found, StyleRule):
                        yield replace(found, always=False)
                    else:
                        yield found
            else:
                yield node, f"@{node.at_keyword[:20]} may bring in anything"
        elif node.type == "qualified-rule":
            inside = _inside(node.content)
            subjects = tuple(dict.fromkeys(_subjects(node.prelude, classes, parents)))
            if len(subjects) > _MOST_SUBJECTS:
                yield node, "this is for too many things at once"
                continue
            yield StyleRule(subjects, _declarations(inside))
            yield from _rules(_others(inside), classes, subjects, depth + 1)


def _inside(content: Any) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_blocks_contents(content, True, True)
    return nodes


def _declarations(nodes: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(node for node in nodes if node.type == "declaration")


def _others(nodes: Iterable[Any]) -> list[Any]:
    return [node for node in nodes if node.type != "declaration"]


# Selectors


def _subjects(
    prelude: Sequence[Any], classes: frozenset[str], parents: tuple[Subject, ...]
) -> Iterator[Subject]:
    """What each of some selectors, with commas between them, is for."""
    selector: list[Any] = []
    for token in (*prelude, None):
        if token is None or (token.type == "literal" and token.value == ","):
            yield _subject(selector, classes, parents)
            selector = []
        else:
            selector.append(token)


def _subject(
    selector: Sequence[Any], classes: frozenset[str], parents: tuple[Subject, ...]
) -> Subject:
    """What a selector is for: nothing within ``:not()`` and its kin makes that a deck's own."""
    inherits = bool(parents) and all(parent.own for parent in parents)
    own = inherits and not any(getattr(one, "value", "") == "&" for one in _tokens(selector))
    night, name, written, before = any(one.modes == (1,) for one in parents), "", "", ""
    for token in selector:
        value = str(getattr(token, "value", ""))
        if token.type == "ident" and before == ".":
            own |= value in classes
            night |= bool(_NIGHT.search(value))
            name = name if _NIGHT.search(value) else f".{value}"
        elif token.type == "ident":
            name = f":{token.lower_value}" if before == ":" else token.lower_value
        elif value in ("+", "~"):
            own = False  # what comes after a deck's own is not
        elif value == "&":
            own |= inherits
        elif token.type != "whitespace" and value not in (".", ":", ">"):
            name = ""
        written, before = f"{written}{value or '?'}", value
    surely = bool(_PAGE.fullmatch(written.strip())) and not parents
    # At night, our own sheet paints the card as a whole once more.
    modes = (1,) if night else (0,) if surely else (0, 1)
    return Subject(own, modes, name, surely)


@cache
def our_sheet() -> str:
    """The style sheet of our own note types."""
    return (files("deckwright.note_types") / "style.css").read_text(encoding="utf-8")


# Declarations


def _harm(one: Any, rule: StyleRule, subject: Subject) -> str:
    """What a declaration could do to what it is for; empty where it does no harm."""
    name, tokens = one.lower_name, [*_tokens(one.value)]
    words = {token.lower_value for token in tokens if token.type == "ident"}
    calls = {token.lower_name for token in tokens if token.type == "function"}
    lengths = [
        token.value / 5 if token.type == "percentage" else _length(token)  # a card has 20 letters
        for token in one.value
        if token.type in _SIZES
    ]
    if name.startswith("--"):
        is_colour = not name.startswith("--dw-") or is_of_ours(name)
        return "" if is_colour else "this variable of ours is no colour"
    if subject.own and _OWN.fullmatch(name):
        return ""
    if _COLOURED.fullmatch(name):
        return "" if all(map(_COLOURING.fullmatch, calls)) else "no colour is given by this"
    if not all(map(_PLAIN_COLOUR.fullmatch, calls)):
        return "what a function gives is not known here"
    if _WORDS.fullmatch(name):
        return _wrong_words(name, tokens, words)
    if _SIZED.fullmatch(name):
        return _wrong_size(tokens, subject)
    if name == "line-height":
        fits = all(1 <= token.value <= 3 for token in tokens if token.type == "number")
        return "" if fits and not lengths else "write a number from 1 to 3, without a unit"
    for pattern, (least, in_line, alone) in _LENGTHS.items():
        if pattern.fullmatch(name):
            most = alone if subject.block or _is_block(rule) else in_line
            most *= 2 if subject.own else 1
            fits = all(least <= length <= most for length in lengths)
            fits &= words.isdisjoint(("inset", *_STRIKING))
            return "" if fits else f"lengths are from {least} to {most} em here"
    if name == "position":
        return "" if words <= {"static", "relative"} else "nothing leaves its place on a card"
    if name in ("max-width", "max-height", "width") and subject.name == "img":
        return "" if _is_wide(one.value, 4) else "this is too small"
    if name == "max-width" and subject.name in (".card", ".dw-card", "table"):
        return "" if _is_wide(one.value, 20) else "this is too narrow"
    if name.startswith("text-wrap"):
        return "with some values of it, Chromium ends the page of a card with a wide formula"
    return "this may cover, hide or move what others wrote"


def _is_block(rule: StyleRule) -> bool:
    """Whether a rule itself says that what it is for has room of its own."""
    shown = [one.value for one in rule.declarations if one.lower_name == "display"]
    words = {token.lower_value for value in shown for token in value if token.type == "ident"}
    return bool(words) and words <= _LAID_OUT


def _wrong_words(name: str, tokens: Sequence[Any], words: set[str]) -> str:
    strings = [token.value for token in tokens if token.type == "string"]
    sizes = [token for token in tokens if token.type in _SIZES or token.type == "number"]
    if name == "font-family":
        named = " ".join((*strings, *words))
        return "a font of symbols shows letters as something else" * bool(_SYMBOLS.search(named))
    if strings and name != "font-feature-settings":
        return "a style sheet adds no words to a card"
    if words & {*_REVERSING}:
        return "this reverses texts"
    if words & {*_STRIKING}:
        return "this strikes a text out"
    if name in ("font-weight", "font-stretch", "font-width"):
        fits = all(50 <= token.value <= 1000 and token.type != "dimension" for token in sizes)
    else:
        fits = all(0 <= token.value <= 16 and token.type == "number" for token in sizes)
    return "" if fits else "write a word, or another number"


def _wrong_size(tokens: Sequence[Any], subject: Subject) -> str:
    """What is wrong with the size of a font, and the height of lines that ``font`` may give."""
    least, most = (0.5, 3.0) if subject.own else (0.75, 2.0)
    if subject.name in ("rt", "sub", "sup"):
        least = 0.45
    if subject.name in _MANY and not subject.own:
        least, most = 0.95, 1.1
    named = " ".join(str(token.value) for token in tokens if token.type in ("string", "ident"))
    if _SYMBOLS.search(named):
        return "a font of symbols shows letters as something else"
    if subject.name in _MANY and re.search(r"\b(?:smaller|larger)\b", named):
        return "this could be in itself, again and again"
    signs = [getattr(token, "value", "") for token in tokens]
    end = signs.index("/") if "/" in signs else len(signs)
    heights = [token for token in tokens[end + 1 :] if token.type in (*_SIZES, "number")]
    fits = all(token.type == "number" and 1 <= token.value <= 3 for token in heights)
    for token in tokens[:end]:
        if token.type == "number":
            fits &= 100 <= token.value <= 1000  # a weight
        elif token.type in _SIZES:
            fits &= least <= _length(token) <= most
    return "" if fits else f"text has {least} to {most} times its usual size"


def _relative_sizes(rules: Sequence[StyleRule]) -> Iterator[tuple[Any, float]]:
    """The sizes of text, of what is not a deck's own, which are shares of those around it."""
    for rule in rules:
        within = sum(not subject.own for subject in rule.subjects)  # each may be in the one before
        for one in rule.declarations if within else ():
            if _SIZED.fullmatch(one.lower_name):
                sizes = (size for token in one.value if (size := _share(token)))
                yield from ((one, size**within) for size in sizes)


def _share(token: Any) -> float | None:
    """The size of a text as a share of that around it; None where a token gives none."""
    if token.type == "ident":
        return {"smaller": 1 / 1.2, "larger": 1.2}.get(token.lower_value)
    is_share = token.type == "dimension" and token.lower_unit in ("em", "ex", "ch", "lh")
    return _length(token) if token.type == "percentage" or is_share else None


def _is_wide(tokens: Sequence[Any], least: float) -> bool:
    """Whether some widths leave room for a text, or a picture."""
    sizes = [one for one in tokens if one.type in _SIZES or one.type == "number"]
    return all(
        token.value >= 50 if token.type == "percentage" else _length(token) >= least
        for token in sizes
    )


def _length(token: Any) -> float:
    """A length in letters; a share of 100 % is one; what has another unit fits nowhere."""
    if token.type == "number":
        return 0.0 if token.value == 0 else float("inf")
    if token.type == "percentage":
        return float(token.value) / 100
    return float(token.value) * _EM.get(token.lower_unit, float("inf"))


def _tokens(nodes: Sequence[Any]) -> Iterator[Any]:
    """The tokens of a value, those in functions and blocks too."""
    left = [*nodes][::-1]
    while left:
        node = left.pop()
        inside = getattr(node, "arguments", None) or getattr(node, "content", None)
        left += [*(inside or ())][::-1]
        yield node
