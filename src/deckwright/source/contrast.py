"""Whether the texts of a card can be read in the colours that a style sheet gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from tinycss2.color4 import parse_color

if TYPE_CHECKING:
    from deckwright.source.style import StyleRule

_LEAST = 1.5
"""The contrast of a text to its ground, by WCAG's formula: 1 where nothing is seen, 21 at most."""
_DAY, _NIGHT = 0, 1
_IS_INK = re.compile("color|--dw-(?:ink|quiet|accent|code-[a-z]+)")
_IS_GROUND = re.compile("background(?:-color)?|--dw-(?:ground|tint|under|mark|good|bad|missed)")
_IS_LINE = re.compile("--dw-(?:line|shade)")
_OURS = re.compile(r"(--dw-[a-z-]+):\s*(#[0-9a-f]+);")
_NO_COLOUR = frozenset("inherit unset revert revert-layer initial none".split())
_MOST = 24
"""How many colours a sheet may have; of more, too many would be held against each other."""
_FEW = 8
"""In so many places a sheet may give a variable its value."""
_DEEPEST = 4
"""So many variables may be in each other."""
_NESTED = 6
"""So many elements of a card may be in each other, and their grounds upon each other."""

_Colour = tuple[float, float, float, float]
"""Red, green, blue and how opaque it is, from 0 to 1."""


def unreadable(rules: Sequence[StyleRule], our_sheet: str) -> Iterator[tuple[Any, str]]:
    """The declarations in whose colours a text, or one on that ground, could not be read."""
    for mode in (_DAY, _NIGHT):
        colours = _Colours(rules, mode, _usual(our_sheet, mode))
        for rule in rules:
            if any(mode in one.modes and not one.own for one in rule.subjects):
                yield from colours.wrong(rule)


def is_of_ours(name: str) -> bool:
    """Whether a variable is a colour of our own sheet."""
    return bool(_IS_INK.fullmatch(name) or _IS_GROUND.fullmatch(name) or _IS_LINE.fullmatch(name))


def _usual(our_sheet: str, mode: int) -> dict[str, list[Any]]:
    """The colours of our own sheet, which names those of the day first."""
    found: dict[str, list[Any]] = {}
    for name, value in _OURS.findall(our_sheet):
        found[name] = [value] if mode == _NIGHT else found.get(name, [value])
    return found


class _Colours:
    """The colours that a card has by day or at night."""

    def __init__(
        self, rules: Sequence[StyleRule], mode: int, usual: Mapping[str, list[Any]]
    ) -> None:
        surely: dict[str, list[Any]] = {}
        of_night: dict[str, list[Any]] = {}
        perhaps: dict[str, list[Any]] = {}
        for rule in rules:
            for one in rule.declarations:
                if name := self._name(rule, one, mode):
                    sure = rule.always and all(subject.surely for subject in rule.subjects)
                    is_sure = sure and _is_one(one.value)  # what is none is not heeded
                    is_of_night = all(subject.modes == (_NIGHT,) for subject in rule.subjects)
                    values = (of_night if is_of_night else surely) if is_sure else perhaps
                    values.setdefault(name, []).append(one.value)
        known = {**usual, **surely, **(of_night if mode == _NIGHT else {})}
        self.values = {
            name: [*known.get(name, []), *perhaps.get(name, [])] for name in {**known, **perhaps}
        }
        self._variables: dict[str, set[_Colour | None]] = {}
        for name, colours in usual.items():
            if not self._colours(self.values[name]):  # none, inherit and the like
                self.values[name] = colours
        self._page = self._colours(self.values["--dw-ground"])
        if len(self._page) > _FEW:
            self._page = {None}
        self._opaque: dict[frozenset[_Colour | None], set[_Colour]] = {}
        """What is seen of some grounds, upon that of the card."""
        ours = [one for one in rules if any(mode in s.modes and not s.own for s in one.subjects)]
        inks = [ink.value for one in ours if not _grounds(one) for ink in _inks(one)]
        grounds = [ground.value for one in ours for ground in _grounds(one)]
        self._links = self._colours([*self.values["--dw-quiet"], *self.values["--dw-accent"]])
        self._inks = self._links | self._colours([*self.values["--dw-ink"], *inks])
        """Those of what has no ground of its own."""
        self._grounds = self._page | self._colours(grounds)

    def _name(self, rule: StyleRule, one: Any, mode: int) -> str:
        """The variable that a declaration gives a value, if any; one of ours for the card."""
        name: str = one.lower_name
        counts = any(mode in subject.modes for subject in rule.subjects)
        is_for_page = counts and any(subject.page for subject in rule.subjects)
        if name.startswith("--dw-") and not counts:
            return ""
        if name == "color" and is_for_page:
            return "--dw-ink"
        if name in ("background", "background-color") and is_for_page:
            return "--dw-ground"
        return str(one.name) if name.startswith("--") else ""

    def wrong(self, rule: StyleRule) -> Iterator[tuple[Any, str]]:
        """The declarations of a rule that make something unreadable."""
        inks, grounds = _inks(rule), _grounds(rule)
        for one in (*inks, *grounds):
            words = {token.lower_value for token in one.value if token.type == "ident"}
            is_one = _is_one(one.value) or one.lower_name == "background"
            if not is_one or not (self._colours([one.value]) or (words and words <= _NO_COLOUR)):
                yield one, "this is no colour"
        own = self._colours(ground.value for ground in grounds)
        for one in inks:
            if what := self._alike(self._colours([one.value]), own or self._grounds):
                yield one, what
        written = self._colours(ink.value for ink in inks)
        if written and any(subject.page for subject in rule.subjects):
            written |= self._links
        for one in grounds:
            # A variable may have no value where it is asked for: then the text is as around it.
            texts = written if written and not any(map(_asks, inks)) else written | self._inks
            if what := self._alike(texts, self._colours([one.value])):
                yield one, what

    def _alike(self, inks: set[_Colour | None], grounds: set[_Colour | None]) -> str:
        """What is wrong, where any of some texts cannot be told from any of some grounds."""
        if None in (*inks, *grounds, *self._page):
            return "this colour is not known: write it as #rrggbb"
        key = frozenset(grounds)
        if key not in self._opaque:
            self._opaque[key] = {
                _over(one, page)
                for ground in grounds
                for page in self._page
                if ground and page
                for one in (ground, (*ground[:3], 1 - (1 - ground[3]) ** _NESTED))
            }
        opaque = self._opaque[key]
        pairs = ((_over(ink, one), one) for ink in inks if ink for one in opaque)
        alike = any(_contrast(*pair) < _LEAST for pair in pairs)
        return "a text could not be told from its ground" if alike else ""

    def _colours(self, values: Iterable[Any]) -> set[_Colour | None]:
        """The colours in some values; None is among them where one is not known."""
        found: set[_Colour | None] = set()
        for value in values:
            found.update(self._in(value, 0))
            if len(found) > _MOST:
                return {None}
        return found

    def _variable(self, name: str, depth: int) -> set[_Colour | None]:
        """The colours of a variable; None is among them where one is not clear."""
        if name not in self._variables:
            self._variables[name] = {None}
            values = self.values.get(name, [])
            if 0 < len(values) <= _FEW and depth < _DEEPEST:
                self._variables[name] = {one for value in values for one in self._in(value, depth)}
        return self._variables[name]

    def _in(self, value: Any, depth: int) -> Iterator[_Colour | None]:
        if isinstance(value, str):
            yield _parsed(value)
            return
        for token in value:
            is_function = token.type == "function"
            if is_function and token.lower_name == "var":
                names = [str(one.value) for one in token.arguments if one.type == "ident"]
                alone = len(names) == 1 == len([*token.arguments])
                yield from self._variable(names[0], depth + 1) if alone else [None]
            elif is_function and "gradient" in token.lower_name:
                yield from self._in(token.arguments, depth + 1) if depth < 3 else [None]
            elif is_function or token.type == "hash":
                yield _parsed(token)
            elif token.type == "ident" and parse_color(token) is not None:
                yield from () if token.lower_value in _NO_COLOUR else [_parsed(token)]


def _is_one(value: Iterable[Any]) -> bool:
    """Whether a value is one token, as a colour is."""
    return len([token for token in value if token.type != "whitespace"]) == 1


def _parsed(value: Any) -> _Colour | None:
    """A colour of CSS; None where it is none, or in a space that is not known."""
    found = parse_color(value)
    if found is None or isinstance(found, str):
        return None
    try:
        red, green, blue = found.to("srgb").coordinates
    except NotImplementedError:
        return None
    return (red, green, blue, found.alpha)


def _over(colour: _Colour, ground: _Colour) -> _Colour:
    """What a colour that may be transparent shows on an opaque ground."""
    *upper, alpha = colour
    red, green, blue = (
        one * alpha + other * (1 - alpha) for one, other in zip(upper, ground, strict=False)
    )
    return (red, green, blue, 1)


def _asks(one: Any) -> bool:
    return any(token.type == "function" and token.lower_name == "var" for token in one.value)


def _inks(rule: StyleRule) -> list[Any]:
    return [one for one in rule.declarations if _IS_INK.fullmatch(one.lower_name)]


def _grounds(rule: StyleRule) -> list[Any]:
    return [one for one in rule.declarations if _IS_GROUND.fullmatch(one.lower_name)]


@cache
def _contrast(one: _Colour, other: _Colour) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: _Colour) -> float:
    """How light a colour is, by WCAG 2."""
    linear = [
        one / 12.92 if one <= 0.04045 else ((max(one, 0) + 0.055) / 1.055) ** 2.4
        for one in colour[:3]
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
