"""The cards that a page shows, as its script puts them into frames (``page/frames.js``)."""

from __future__ import annotations

import mimetypes
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Any

from deckwright.model import Media, Note, NoteType
from deckwright.note_types.sides import fields_of, of_card
from deckwright.note_types.typed import expected
from deckwright.preview import fonts
from deckwright.preview.pages import mathjax, read

FORBIDDEN = (
    "script, iframe, frame, object, embed, meta, link, base, form, portal, template, animate, set"
)
"""What no card may bring: the frame and the page's policy would stop it as well."""
MOST_MEDIA = 30_000_000
"""Bytes of pictures and sounds that a page holds itself."""
_MATHS = re.compile(r"\\[(\[]")
_BOX = re.compile(r"\[\[type:[^\]]+\]\]")
"""Where Anki puts a box to type into."""


@dataclass(frozen=True, slots=True)
class Face:
    """A card as Anki renders it."""

    front: str
    back: str
    css: str
    number: int
    """That of its template or cloze, from 1."""
    sounds: Mapping[str, str] = field(default_factory=dict)
    """The names of the files that it plays, by what is in their place: ``[anki:play:q:0]``."""
    typed: str | None = None
    """What a learner is to type, as HTML; empty where Anki shows no box, None where there is none.

    The first box of the question decides, as in Anki's reviewer.
    """


def face_of(note: Note, kind: NoteType, ordinal: int) -> Face | None:
    """A card of a note, by its ordinal from 0; None where Anki could not render it."""
    made = of_card(note, kind, ordinal)
    if made is None:
        return None
    sounds = {
        f"[anki:play:{side}:{number}]": name
        for side, names in (("q", made.question_sounds), ("a", made.answer_sounds))
        for number, name in enumerate(names)
    }
    box = _BOX.search(made.question)
    typed = expected(box[0], fields_of(note, kind), ordinal) if box else None
    return Face(made.question, made.answer, kind.css, ordinal + 1, sounds, typed)


class Gallery:
    """The faces of a page, and what these need to be shown."""

    def __init__(self) -> None:
        self._css: dict[str, int] = {}
        self._texts: list[str] = []

    def row(self, face: Face) -> dict[str, Any]:
        """A card as the page's script wants it."""
        self._texts += (face.front, face.back, *face.sounds.values())
        row = {
            "front": face.front,
            "back": face.back,
            "css": self._css.setdefault(face.css, len(self._css)),
            "number": face.number,
        }
        row |= {"sounds": dict(face.sounds)} if face.sounds else {}
        return row if face.typed is None else row | {"typed": face.typed}

    def scripts(self, *more: str, all_: bool = False) -> Iterator[str]:
        """The texts of a page's scripts, MathJax first; with ``all_``, whether it is needed or not.

        ``more`` are names of files.
        """
        if all_ or any(map(_MATHS.search, self._texts)):
            yield from (read("config.js"), mathjax())
        yield from map(read, ("typed.js", "frames.js", *more))

    def data(self, media: Mapping[str, str], *, all_: bool = False) -> dict[str, Any]:
        """What the script needs besides the rows; ``media`` has addresses by the files' names.

        With ``all_``, it has every font, whether a formula needs it or not.
        """
        return {
            "css": [*self._css],
            "frame": read("frame.css"),
            "forbidden": FORBIDDEN,
            "media": media,
            "fonts": _fonts(fonts.files() if all_ else fonts.families(self._texts)),
        }

    def shown(self, media: Iterable[Media], also: Collection[str] = ()) -> tuple[Media, ...]:
        """Those of some files that the cards show or play, each name once.

        ``also`` are the names of those that are shown beside the cards.
        """
        text = "\n".join(self._texts)
        found = {one.name: one for one in media if one.name in also or escape(one.name) in text}
        return tuple(found.values())


def embedded(media: Sequence[Media]) -> dict[str, str]:
    """The files that fit into a page, as addresses that hold them; the first come first."""
    addresses: dict[str, str] = {}
    room = MOST_MEDIA
    for item in media:
        if len(item.data) <= room:
            room -= len(item.data)
            addresses[item.name] = _data_uri(item)
    return addresses


def _data_uri(item: Media) -> str:
    return f"data:{mime(item.name)};base64,{b64encode(item.data).decode()}"


def mime(name: str) -> str:
    """The type of a file, by its name."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _fonts(families: Iterable[str]) -> dict[str, str]:
    """Some of MathJax's fonts, by family."""
    folder = files(__package__) / "page" / "fonts"
    names = fonts.files()
    return {one: b64encode((folder / names[one]).read_bytes()).decode() for one in families}
