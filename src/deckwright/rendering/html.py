"""The HTML of a text, made fit for learners: each tag judged where it was written.

The tags of a card reach Markdown's HTML with a mark, which leads back to their place
(:mod:`deckwright.rendering.placeholders`). They are judged there one by one
(:mod:`deckwright.rendering.tags`) and written anew, well nested
(:mod:`deckwright.rendering.nesting`). Then ``nh3``, the Ammonia
sanitiser, is the net: what it would still change is a problem, never a silent loss.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from html import escape, unescape
from itertools import zip_longest
from types import MappingProxyType

import nh3

from deckwright.model import Problem
from deckwright.rendering.inlines import MARK
from deckwright.rendering.nesting import File, Walk
from deckwright.rendering.pieces import Anchor, Scan
from deckwright.rendering.tags import (
    ATTRIBUTES,
    EVERYWHERE,
    MARKUP,
    TAGS,
    Attribute,
    allows,
    leads_out,
    read_tag,
)

_CONTENT_LOST = frozenset(
    "script style template noscript iframe object embed svg math title textarea select noembed "
    "noframes xmp plaintext audio video canvas frameset applet form button".split()
)
_OMITTED = frozenset({"tbody", "colgroup"})
"""Tags that HTML puts in where they are left out: nothing is changed by that."""
_PACKED = re.compile(r"[a-z0-9-]+-[0-9a-f]{16}\.[a-z0-9]+")
"""The name of a picture or sound in a package (:mod:`deckwright.media.files`)."""
_MAX_PASSES = 4
"""A link in a table in a link takes nh3 two passes; none of 10⁶ fuzzed cases took three."""
_JUDGED = re.compile(rf"{MARK.pattern}|<(?:a|img)\b|[\\]|&(?:#|bsol)")
"""What may need a look, though Markdown alone made it."""
_TAG = re.compile(r"<(/?)([a-z][^\s/<>]*+)((?:[^<>\"]|\"[^\"]*+\")*+)>")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """HTML that is safe, and what is wrong with what it was made of, by offsets in its source."""

    html: str
    problems: tuple[Problem, ...]
    pictures: tuple[tuple[str, int], ...] = ()
    """The words for each of its pictures, which may hold tokens, and where they are."""


def clean(
    html: str,
    file: File,
    scanned: Scan | None = None,
    classes: Mapping[str, bool] = MappingProxyType({}),
) -> Cleaned:
    """Judge and clean the HTML of a text.

    A link to a sound keeps the name of its file as its address; :mod:`deckwright.rendering.fill`
    plays it.

    Args:
        html: what the reader of Markdown made, with marks.
        file: finds pictures and sounds.
        scanned: the text, to whose pieces marks and tokens lead; without it, there are none.
        classes: those of the deck, each with whether it sizes text by that around it.
    """
    if scanned and not _JUDGED.search(html):
        return _netted(html, scanned, [])  # Markdown alone made it
    walk = Walk(file, scanned, _is_readable, classes)
    cleaned = _netted(walk.through(html), scanned, walk.problems)
    for _ in range(_MAX_PASSES if cleaned.problems else 0):  # the net moves what is badly nested
        again = Walk(lambda _tag, address: address, scanned, _is_readable, classes)
        written = again.through(cleaned.html)
        before, cleaned = cleaned, _netted(written, scanned, [*cleaned.problems])
        if cleaned.html == before.html:
            break
    return replace(cleaned, pictures=tuple(walk.pictures))


# The net


def _netted(html: str, scanned: Scan | None, problems: list[Problem]) -> Cleaned:
    """What the sanitiser leaves; if it changes anything that was thought right, that is named."""
    sanitiser = _sanitiser()
    result, before = sanitiser.clean(html), html
    for _ in range(_MAX_PASSES):
        if result == before:
            break
        before, result = result, sanitiser.clean(result)
    if not problems and (result != before or (result != html and _said(html) != _said(result))):
        both = zip_longest(_said(html), _said(result), fillvalue="")
        first = next((one or other for one, other in both if one != other), "")
        shown = f"<{first[0]}{first[1]}>" if isinstance(first, tuple) else repr(str(first)[:20])
        what = f"a reader of HTML would move or drop {shown}"
        fix = "close each tag inside of the one around it, or write it in Markdown"
        problems = [MARKUP.at(_first_tag(scanned) if scanned else 0, what, fix)]
    return Cleaned(result, tuple(problems))


def _first_tag(scanned: Scan) -> int:
    """The offset of the first tag of a text, or else of its first word."""
    tags = (piece.at for piece in scanned.pieces if isinstance(piece, Anchor) and piece.in_tag)
    return next(tags, scanned.first_word)


def _said(html: str) -> list[object]:
    """What some HTML says: its tags, their attributes, and the text between, without spaces."""
    said: list[object] = []
    text: list[str] = []
    position = 0
    for tag in _TAG.finditer(html):
        text.append(html[position : tag.start()])
        position = tag.end()
        if tag[2] in _OMITTED:
            continue
        attributes = read_tag(tag[0], tag[2]).attributes
        said.append("".join(unescape("".join(text)).split()))
        said.append((tag[1], tag[2], *((one.name, one.value or "") for one in attributes)))
        text.clear()
    said.append("".join(unescape("".join([*text, html[position:]])).split()))
    return said


@cache
def _sanitiser() -> nh3.Cleaner:
    """For all texts: making one costs more than using it."""
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(_CONTENT_LOST),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()} | {"*": set(EVERYWHERE)},
        attribute_filter=_kept,
        strip_comments=True,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
    )


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) in (("img", "src"), ("a", "href")):
        packed = _PACKED.fullmatch(value) is not None
        return value if packed or (tag == "a" and leads_out(value)) else None
    return value if allows(tag, Attribute(attribute, value, 0, 0), None) else None


@lru_cache(maxsize=1000)
def _is_readable(address: str) -> bool:
    """Whether the sanitiser, which reads an address as browsers do, leaves it in a link."""
    return " href=" in _sanitiser().clean(f'<a href="{escape(address)}">x</a>')
