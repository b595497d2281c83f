"""The sides of a package's cards in a real Anki, and what Anki itself would do with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckwright.real_anki import scratch_collection
from deckwright.real_anki.contents import in_collection, in_package

_TYPED = re.compile(r"\[\[type:.*?\]\]", re.DOTALL)
_IN_TEMPLATE = re.compile(r"\{\{(?:\w+:)*type:(?:\w+:)*([^{}:]+)\}\}")
_PLAY = re.compile(r"\[anki:play:[qa]:\d+\]")
_OWN = re.compile(r"\[(?:sound:|latex\]|/latex\]|\$\$?\]|/\$\$?\]|anki:)", re.IGNORECASE)


@dataclass(frozen=True)
class Side:
    """A side of a card as Anki renders it."""

    note: str
    """The GUID of its note."""
    html: str
    css: str
    alive: tuple[str, ...]
    """What Anki would play, draw or ask for that no file of the package and no template is."""


def sides(package: Path) -> Iterator[Side]:
    """Each side of each card of a package.

    Raises:
        Refused: where Anki does not take the package.
    """
    media = in_package(package).media
    with scratch_collection() as scratch:
        scratch.import_package(package)
        got = in_collection(scratch)
        no_latex = scratch.messages().no_latex

        def render(collection: Any) -> list[Any]:
            return [collection.get_card(one).render_output() for one in got.cards]

        rows = zip(got.cards.values(), scratch.run(render), strict=True)
        for card, output in rows:
            note = got.notes[card.note]
            template = " ".join(got.types[note.type].sides)
            typed = Counter(_IN_TEMPLATE.findall(template))
            tags = {"q": output.question_av_tags, "a": output.answer_av_tags}
            for html, mine in (
                (output.question_text, {"q": tags["q"]}),
                (output.answer_text, tags),
            ):
                alive = (*_played(html, mine, media), *_asked(html, typed, no_latex))
                yield Side(note.guid, html, output.css, alive)


def _played(html: str, tags: Mapping[str, Any], media: frozenset[str]) -> Iterator[str]:
    """The sounds and voices that no file of the package is, and buttons that play no sound."""
    buttons = {f"[anki:play:{side}:{at}]" for side in tags for at in range(len(tags[side]))}
    for tag in (one for row in tags.values() for one in row):
        if getattr(tag, "filename", None) not in media:
            yield f"Anki plays {tag!r}"
    for button, number in Counter(_PLAY.findall(html)).items():
        if button not in buttons or number > 1:
            yield f"a button {button} that nothing made"


def _asked(html: str, typed: Counter[str], no_latex: str) -> Iterator[str]:
    """Boxes to type into that no template has, LaTeX, and what else Anki would follow."""
    if no_latex in html or "class=latex" in html:
        yield "Anki makes a picture of LaTeX"
    for box, number in Counter(_TYPED.findall(html)).items():
        name = box.removeprefix("[[type:").removesuffix("]]").rpartition(":")[2]
        if number > typed[name]:
            yield f"a box {box} that no template has"
    for found in _OWN.finditer(_PLAY.sub("", html)):
        yield f"left for Anki to follow: {found[0]}"
