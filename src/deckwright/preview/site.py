"""A deck as one page: a list of its notes, each card as Anki shows it, and a place to study them.

The list is HTML, and reads without a script. Cards are data, which ``page/frames.js`` puts into a
frame: no text of a card is in the page itself but the prompts, as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from deckwright.apkg.package import DRAFT, is_draft
from deckwright.model import DeckInfo, Media, Place, Problem
from deckwright.note_types import PROMPT
from deckwright.note_types.clozes import all_shown, read_clozes
from deckwright.preview import pages
from deckwright.preview.cards import MOST_MEDIA, Gallery, embedded, face_of
from deckwright.preview.content import Content, Shown
from deckwright.preview.pages import Html, joined
from deckwright.rendering import html_text
from deckwright.rendering.markdown import read as read_markdown
from deckwright.source.printable import count, printable

SCRIPTS = ("page.js", "search.js", "study.js", "browse.js", "sitting.js", "strip.js")
LIVE = "live.js"
MEDIA = "media"
"""The folder of the files that are beside the page, where it does not hold them itself."""
_MOST_WORDS = 4_000
"""Characters of a note that a search looks through."""
_BESIDE = "img-src data: 'self'; media-src data: 'self'"


@dataclass(frozen=True, slots=True)
class Links:
    """Where a site leads to."""

    package: str = ""
    """The name of the package beside the page; empty where there is none."""
    edit: str = ""
    """The address at which a card is edited: ``{path}``, ``{file}`` and ``{line}`` are its place's.

    The path is as it was given, the file is from the root of the disk.
    """
    root: Path = Path()
    """The folder of the deck: places are named from the one around it."""

    def shown(self, place: Place) -> str:
        """A place for people; it does not tell of the folders above the deck's."""
        path = PurePosixPath(place.path)
        around = self.root.absolute().parent.as_posix()
        if path.is_relative_to(around):
            path = path.relative_to(around)
        return f"{path}:{place.line}"

    def to(self, place: Place | None) -> str:
        """The address at which what is at a place is edited; empty where there is none."""
        if not self.edit or place is None:
            return ""
        values = {
            "path": quote(place.path, errors="replace"),
            "file": quote(Path(place.path).absolute().as_posix(), errors="replace"),
            "line": str(place.line),
        }
        return re.sub(r"\{(path|file|line)\}", lambda mark: values[mark[1]], self.edit)


@dataclass(frozen=True)
class Site:
    """The page of a deck, and what is beside it."""

    content: Content
    links: Links = field(default_factory=Links)
    live: bool = False
    """Whether it is served, and becomes the next one while it is open."""
    build: int = 0
    """The number of what is served."""

    @cached_property
    def page(self) -> Html:
        """The page, whole."""
        return pages.whole_page(
            pages.read("site.html"),
            [*self._gallery.scripts(*SCRIPTS, *([LIVE] if self.live else []), all_=self.live)],
            self._data,
            policy=self._policy,
            style=Html(pages.read("base.css") + pages.read("site.css")),
            title=self._title,
            gist=self._gist,
            get=self._get,
            lang=self.content.info.lang or "en",
            **self._parts,
        )

    @cached_property
    def state(self) -> str:
        """What an open page needs to become this one: JSON."""
        return pages.as_data(
            {**self._parts, "title": self._title, "data": self._data, "get": self._get}
        )

    @cached_property
    def files(self) -> Mapping[str, Media]:
        """The pictures and sounds beside the page, by their paths from there."""
        return {f"{MEDIA}/{one.name}": one for one in self._media} if self._is_beside else {}

    # The parts

    @cached_property
    def _parts(self) -> dict[str, Html]:
        return {
            "cover": self._cover,
            "chapters": pages.silent(self._chapters),
            "strip": self._strip,
            "foot": self._foot,
        }

    @cached_property
    def _cover(self) -> Html:
        info, content = self.content.info, self.content
        facts = (
            count(len(content.notes), "note"),
            count(content.cards, "card"),
            "a draft" if is_draft(content.version) else f"version {content.version}",
            info.licence,
        )
        is_offered = is_draft(content.version) and self._get
        return _part(
            "cover",
            name=info.name,
            gist=self._gist,
            facts=" · ".join(filter(None, facts)),
            get=self._get,
            draft=_part("draft", text=DRAFT) if is_offered else Html(),
            how=_part("how"),
        )

    @property
    def _title(self) -> str:
        return f"{self.content.info.name} – a deck for Anki"

    @cached_property
    def _gist(self) -> str:
        """The first paragraph of the description, as text."""
        first = self.content.info.description.strip().split("\n\n")[0]
        return html_text.title(read_markdown(first).html) if first else ""

    @property
    def _get(self) -> Html:
        if self.content.info.url:
            return _part("link", address=self.content.info.url)
        return _part("package", address=quote(self.links.package)) if self.links.package else Html()

    @cached_property
    def _foot(self) -> Html:
        by = ", ".join(self.content.info.authors)
        return pages.filled("@TEXT@", text=f"By {by}." if by else "")

    @cached_property
    def _chapters(self) -> Html:
        return joined(
            _part(
                "chapter",
                name=name,
                number=f"{len(notes):,}",
                entries=joined(_entry(one) for one in notes),
            )
            for name, notes in self._by_chapter.items()
        )

    @cached_property
    def _by_chapter(self) -> Mapping[str, Sequence[Shown]]:
        chapters: dict[str, list[Shown]] = {}
        for one in self.content.notes:
            chapters.setdefault(_chapter(one, self.content.info), []).append(one)
        return chapters

    @cached_property
    def _strip(self) -> Html:
        """What is wrong: for those who write the cards, not for who comes to study them."""
        problems = self.content.problems
        if not problems or not (self.live or self.content.errors):
            return Html()
        warnings = len(problems) - self.content.errors
        counts = [count(self.content.errors, "error")] if self.content.errors else []
        counts += [count(warnings, "warning")] if warnings else []
        missing = count(self.content.missing, "card")
        unseen = f": {missing} cannot be shown" if self.content.missing else ""
        rows = joined(self._problem(one) for one in problems)
        return _part("strip", summary=" and ".join(counts) + unseen, problems=rows)

    def _problem(self, one: Problem) -> Html:
        address, place = self.links.to(one.place), printable(str(one.place))
        return _part(
            "problem",
            severity=one.severity.value,
            place=_part("link_to", address=address, text=place) if address else place,
            what=printable(one.what),
            fix=printable(one.fix),
            rule=one.rule,
        )

    # The data

    @cached_property
    def _gallery(self) -> Gallery:
        return self._rows[0]

    @cached_property
    def _rows(self) -> tuple[Gallery, list[dict[str, Any]]]:
        gallery = Gallery()
        names = [*self._by_chapter]
        rows = [
            self._row(one, chapter, gallery)
            for chapter, name in enumerate(names)
            for one in self._by_chapter[name]
        ]
        return gallery, rows

    def _row(self, one: Shown, chapter: int, gallery: Gallery) -> dict[str, Any]:
        note, kind = one.note, one.kind
        is_for_authors = self.live or self.links.edit
        faces = ((number, face_of(note, kind, number)) for number in note.ordinals)
        return {
            "id": note.id,
            "was": one.was,
            "chapter": chapter,
            "tags": [tag.removeprefix(f"{self.content.info.tag}::") for tag in note.tags],
            "words": _words(one),
            "place": printable(self.links.shown(one.place)) if one.place and is_for_authors else "",
            "edit": self.links.to(one.place),
            "asOf": one.as_of,
            "cards": [
                {"name": kind.card_name(number), **gallery.row(face)}
                for number, face in faces
                if face
            ],
        }

    @cached_property
    def _data(self) -> dict[str, Any]:
        gallery, rows = self._rows
        beside = {one.name: f"{MEDIA}/{quote(one.name)}" for one in self._media}
        return {
            "deck": self.content.info.key,
            "lang": self.content.info.lang or "en",
            "build": self.build,
            "chapters": [*self._by_chapter],
            "notes": rows,
            **gallery.data(beside if self._is_beside else embedded(self._media), all_=self.live),
        }

    @cached_property
    def _media(self) -> tuple[Media, ...]:
        return self._gallery.shown(self.content.media.values())

    @cached_property
    def _is_beside(self) -> bool:
        return self.live or sum(len(one.data) for one in self._media) > MOST_MEDIA

    @property
    def _policy(self) -> str:
        return "; ".join(
            filter(
                None,
                (
                    _BESIDE if self._is_beside else pages.INSIDE,
                    "connect-src 'self'" if self.live else "",
                ),
            )
        )


def _part(name: str, /, **values: str) -> Html:
    """A part of the page, by its name in ``parts.html``."""
    return pages.filled(pages.parts("parts.html")[name], **values)


def _entry(one: Shown) -> Html:
    cards = len(one.note.ordinals)
    remarks = [count(cards, "card")] if cards > 1 else []
    remarks += [one.as_of] if one.as_of else []
    prompt = _prompt(one)
    # A screen reader finds no words in the formulas of a link.
    spoken = re.sub(r"\\[()\[\]]?", "", prompt)
    return _part(
        "entry",
        id=one.note.id,
        prompt=prompt,
        said=_part("said", text=", ".join((spoken, *remarks))) if spoken != prompt else Html(),
        remark=_part("remark", text=", ".join(remarks)) if remarks else Html(),
    )


def _prompt(one: Shown) -> str:
    """What a note asks, or its first words, in one line; a picture is named where it is all."""
    texts = (one.kind.text(one.note.fields, PROMPT), *one.note.fields)
    lines = [*filter(None, map(html_text.title, texts)), one.note.id]
    return re.sub(r"\[picture: [^\]]*\] ?", "", lines[0]).strip() or lines[0]


def _words(one: Shown) -> str:
    """What a search finds a note by."""
    fields = " ".join(all_shown(read_clozes(text)) for text in one.note.fields)
    return f"{one.note.id} {html_text.line(fields, _MOST_WORDS)}"


def _chapter(one: Shown, info: DeckInfo) -> str:
    """The subdeck that a note is in, without the name of the deck."""
    name = one.note.deck.removeprefix(f"{info.name}::")
    return " › ".join(name.split("::"))
