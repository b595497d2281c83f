"""A difference as one HTML page that needs nothing beside it, with the cards before and after.

The cards are in frames that may run no script. The page's own scripts are named by their hashes
in its policy, which forbids every other script and every request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from deckwright.diff.difference import Difference
from deckwright.diff.files import FilePair, stem
from deckwright.diff.rendering import Cards, Chosen, chosen
from deckwright.diff.story import Entry, Group, Part, Story, story
from deckwright.diff.words import Mark, Piece, shortened
from deckwright.preview import pages
from deckwright.preview.cards import Face, Gallery, embedded
from deckwright.preview.pages import Html, joined
from deckwright.source.printable import count, size

_LONG = 4_000
"""Characters of a part from where on what stays is shortened."""
_MOST_FILES = 20
"""So many pictures and sounds of one note."""
_TAGS = {Mark.OLD: "del", Mark.NEW: "ins"}


def as_html(difference: Difference, before: Cards, after: Cards) -> str:
    """The page; ``before`` and ``after`` are the cards as Anki renders them.

    See `deckwright.diff.rendering.render_both`; without cards, the page shows words alone.
    """
    whole = story(difference)
    picked = chosen(whole)
    looks = _Looks(difference, picked if before or after else Chosen((), 0), (before, after))
    groups = pages.silent(joined(_group(group, looks) for group in whole.groups))
    data = looks.data()
    return pages.whole_page(
        pages.read("page.html", __package__),
        (*looks.gallery.scripts(), pages.read("script.js", __package__)),
        data,
        title=whole.title,
        deck=difference.after.info.name,
        style=Html(pages.read("base.css") + pages.read("style.css", __package__)),
        summary=_summary(whole),
        rest=whole.rest,
        groups=groups,
        foot=_foot(looks, picked),
    )


def part(name: str, /, **values: str) -> Html:
    """A part of the page, by its name in ``parts.html``."""
    return pages.filled(pages.parts("parts.html", __package__)[name], **values)


# The list


def _summary(whole: Story) -> Html:
    rows = joined(
        part("row", key=one.key, number=f"{len(one.entries):,}", name=one.title, gist=one.gist)
        for one in whole.groups
    )
    return part("summary", rows=rows) if rows else rows


def _group(group: Group, looks: _Looks) -> Html:
    return part(
        "group",
        key=group.key,
        name=group.title,
        number=f"{len(group.entries):,}",
        sentence=group.sentence,
        search=part("search", search=group.search) if group.search else "",
        entries=joined(_entry(entry, looks) for entry in group.entries),
    )


def _entry(entry: Entry, looks: _Looks) -> Html:
    changed = any(one.changed for one in entry.parts)
    shown = joined(_part(one) for one in entry.parts)
    return part(
        "entry",
        id=entry.id,
        facts=joined(part("fact", fact=fact) for fact in entry.facts),
        title=part("title", title=entry.title) if entry.title and not changed else "",
        parts=part("parts", parts=shown) if changed and shown else "",
        files=joined(_files(entry, looks)),
        cards=joined(looks.pairs(entry)),
    )


def _files(entry: Entry, looks: _Looks) -> Iterator[Html]:
    """What becomes of the pictures and sounds of a note, each beside what it was."""
    for pair in entry.files[:_MOST_FILES]:
        yield looks.compared(pair)
    if (more := len(entry.files) - _MOST_FILES) > 0:
        verb = "changes" if more == 1 else "change"
        yield part("more", text=f"{count(more, 'more file')} {verb}, not shown here.")


def _part(one: Part) -> Html:
    if one.code:
        lines = Html("\n".join(_piece(piece) for piece in one.pieces))
        return part("code", name=one.name, text=lines)
    long = sum(len(piece.text) for piece in one.pieces) > _LONG
    pieces = shortened(one.pieces, 30) if long else one.pieces
    remark = part("remark", remark=one.remark) if one.remark else ""
    return part("part", name=one.name, remark=remark, text=joined(map(_piece, pieces)))


def _piece(piece: Piece) -> Html:
    tag = _TAGS.get(piece.mark)
    text = escape(piece.text if piece.text.strip() else piece.text.replace("\n", "⏎\n"))
    return Html(f"<{tag}>{text}</{tag}>" if tag else text)


# The cards, pictures and sounds


class _Looks:
    """The cards that the page shows, gathered while its list is written."""

    def __init__(self, difference: Difference, picked: Chosen, sides: tuple[Cards, Cards]) -> None:
        self.sides = sides
        self.chosen = frozenset(picked.cards)
        self.difference = difference
        olds, news = (
            {note.guid: note for note in deck.notes}
            for deck in (difference.before, difference.after)
        )
        self.notes = olds | news
        self.both = olds.keys() & news.keys()
        self.cards: list[dict[str, Any]] = []
        self.gallery = Gallery()
        self.sizes = [
            {one.name: len(one.data) for one in deck.media}
            for deck in (difference.before, difference.after)
        ]
        self.files: set[str] = set()
        self.missing = 0

    def pairs(self, entry: Entry) -> Iterator[Html]:
        """The places of an entry's cards."""
        wanted = [card for card in entry.cards if card in self.chosen]
        for guid, ordinal in wanted:
            sides = [self._side(cards.get((guid, ordinal))) for cards in self.sides]
            if not any(sides):
                continue
            note = self.notes[guid]
            name = self.difference.card_name(note, ordinal)
            full = f"{note.id}, {name}"
            alone = guid not in self.both
            row = {"name": full, "alone": alone, "before": sides[0], "after": sides[1]}
            self.cards.append(row)
            shown = "" if len(entry.cards) == 1 else name
            shown = shown if note.id == entry.id else full
            yield part("pair", card=str(len(self.cards) - 1), name=shown)
        if wanted and len(wanted) < len(entry.cards):
            more = count(len(entry.cards) - len(wanted), "more card")
            yield part("more", text=f"This note has {more}, not shown here.")

    def compared(self, pair: FilePair) -> Html:
        """A picture or a sound before and after, or what there is of it."""
        self.files |= {pair.before, pair.after}
        is_alone = not (pair.before and pair.after)
        labels = ("Removed", "Added") if is_alone else ("Before", "After")
        sides = zip(labels, (pair.before, pair.after), self.sizes, strict=True)
        return part(
            "compared",
            kind=" is-alone" if is_alone else "",
            noun=pair.noun.capitalize(),
            name=" → ".join(pair.stems),
            sides=joined(self._file(pair, *side) for side in sides if side[1]),
        )

    def _file(self, pair: FilePair, label: str, name: str, sizes: Mapping[str, int]) -> Html:
        if name in sizes:
            alt = f"{label}: {stem(name)}"
            return part("file", label=label, file=name, alt=alt, size=size(sizes[name]))
        words = "nopackage" if self.difference.is_of_packages else "nofile"
        return part(words, label=label, noun=pair.noun)

    def data(self) -> dict[str, Any]:
        """What the page's script needs."""
        both = (*self.difference.after.media, *self.difference.before.media)
        shown = self.gallery.shown(both, self.files)
        media = embedded(shown)
        self.missing = len(shown) - len(media)
        return {"cards": self.cards, **self.gallery.data(media)}

    def _side(self, face: Face | None) -> Mapping[str, Any] | None:
        return self.gallery.row(face) if face else None


def _foot(looks: _Looks, picked: Chosen) -> str:
    said = []
    if not looks.cards and picked.cards:
        said.append("The cards themselves are not shown: they were not rendered.")
    elif picked.left_out:
        shown = count(len(looks.cards), "card")
        said.append(f"{shown} are shown; {picked.left_out:,} more change, but are left out here.")
    if looks.missing:
        said.append(f"{count(looks.missing, 'picture')} did not fit into this page.")
    return " ".join(said)
