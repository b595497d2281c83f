"""What a card, as Anki renders it, plays, shows or asks for that it should not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from html import unescape
from html.parser import HTMLParser

from deckwright.real_anki.scratch import Shown

_BOX = re.compile(r"\[\[type:.+?\]\]")
_PLAY = re.compile(r"\[anki:[^\]]*\]?", re.IGNORECASE)
_LATEX = re.compile(r"<img class=latex alt=\"([^\"]{0,40})")
_SHAPE = re.compile(r" data-shape=\"|<div class=\"cloze[a-z-]*\" data-ordinal=\"[^\"]*\" data-")
_LOADED = ("src", "srcset", "data", "poster", "background")
"""The attributes that load a file; ``href`` does so but in a link."""
_MAY_LOAD = re.compile(rf"\b(?:{'|'.join(_LOADED)}|href)\s*=", re.IGNORECASE)
_DISARM = "write [ as &#91; where it is meant as a bracket"


def faults(shown: Shown, template: str, media: Set[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a card, and what to do about it.

    Args:
        shown: what Anki makes of it.
        template: both sides of its template.
        media: the names of the files that came with it.
    """
    yield from _played(shown, media)
    boxes = {*_boxes(template)}
    for box in sorted({*_BOX.findall(shown.question + shown.answer)} - boxes):
        yield f"asks to type, by {box[:60]}, and its template does not", _DISARM
    for side in (shown.question, shown.answer):
        if latex := _LATEX.search(side):
            what = f"shows LaTeX of Anki's own, {unescape(latex[1])!r}"
            yield what, r"write formulas as \(…\) or \[…\]"
        if _SHAPE.search(side) and "image-occlusion" not in template:
            what = "has a cloze that Anki takes for a shape over a picture"
            yield what, "write image-occlusion&#58; where these words are meant"
        for name in _loaded(side) if _MAY_LOAD.search(side) else ():
            if name not in media:
                what = f"loads {name[:60]!r}, which is no file of the package"
                yield what, "put the file into the package under exactly this name"


def _played(shown: Shown, media: Set[str]) -> Iterator[tuple[str, str]]:
    for one in dict.fromkeys(shown.played):
        if not one.startswith("[sound:"):
            yield f"makes the learner's device speak, by {one[:60]}", _DISARM
        elif (name := unescape(one[7:-1])) not in media:
            yield f"plays {name[:60]!r}, which is no file of the package", _DISARM
    buttons = {*_PLAY.findall(shown.question + shown.answer)}
    for button in sorted(buttons.difference(shown.buttons)):
        yield f"holds {button[:60]}, which plays nothing", _DISARM


def _boxes(template: str) -> Iterator[str]:
    """The boxes to type into that a template has."""
    yield from _BOX.findall(template)
    for filters, name in re.findall(r"\{\{\s*([^{}]*:)([^{}:]*?)\s*\}\}", template):
        if filters.startswith("type:"):
            kept = filters if filters in ("type:cloze:", "type:nc:") else "type:"
            yield f"[[{kept}{name}]]"


def _loaded(html: str) -> list[str]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [*dict.fromkeys(reader.names)]


class _Reader(HTMLParser):
    """Keeps the names of files that some HTML loads."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for attribute, value in attrs:
            loads = attribute in _LOADED or (attribute.endswith("href") and tag != "a")
            if loads and value and not value.startswith(("#", "data:")):
                self.names.append(value.strip())
