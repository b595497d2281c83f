"""A difference as one HTML page that needs nothing beside it, with the cards before and after.

The cards are in frames that may run no script. The page's own scripts are named by their hashes
in its policy, which forbids every other script and every request.
"""

from __future__ import annotations

import json
import mimetypes
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from deckwright.diff.difference import Difference
from deckwright.diff.rendering import Cards, Chosen, chosen
from deckwright.diff.story import Entry, Group, Part, Story, story
from deckwright.diff.words import Mark, Piece, shortened
from deckwright.real_anki.scratch import Shown
from deckwright.source.printable import count

MOST_MEDIA = 30_000_000
"""Bytes of pictures; the rest is named instead."""
_LONG = 4_000
"""Characters of a part from where on what stays is shortened."""
_FORBIDDEN = "script, iframe, frame, object, embed, meta, link, base, form, portal, template"
_TAGS = {Mark.OLD: "del", Mark.NEW: "ins"}


class Html(str):
    """Markup that was made here, and is not escaped again."""

    __slots__ = ()


def as_html(difference: Difference, before: Cards, after: Cards) -> str:
    """The page; ``before`` and ``after`` are the cards as real Anki renders them.

    See `deckwright.diff.rendering.render_both`; without cards, the page shows words alone.
    """
    whole = story(difference)
    picked = chosen(whole)
    looks = _Looks(difference, picked if before or after else Chosen((), 0), (before, after))
    groups = _silent(joined(_group(group, looks) for group in whole.groups))
    scripts = {
        "config": read("config.js"),
        "mathjax": _inline(_mathjax()),
        "script": read("script.js"),
    }
    return _filled(
        read("page.html"),
        title=whole.title,
        deck=difference.after.info.name,
        policy=_policy(scripts),
        style=Html(read("style.css")),
        summary=_summary(whole),
        rest=whole.rest,
        groups=groups,
        foot=_foot(looks, picked),
        data=Html(_as_data(looks.data())),
        **{name: Html(text) for name, text in scripts.items()},
    )


def _silent(html: Html) -> Html:
    """The same without a line that is a command to a log that it is printed to."""
    lines = re.sub(r"^(\s*):(?=:)", r"\1&#58;", html, flags=re.MULTILINE)
    lines = lines.replace("##[", "##&#91;")
    return Html("".join(s if s.isprintable() or s in "\n\t" else "&#xfffd;" for s in lines))


def _policy(scripts: Mapping[str, str]) -> str:
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in scripts.values())
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes};"
        " style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def _mathjax() -> str:
    folder = files("deckwright.mathjax") / "vendor"
    return (folder / "tex-chtml-full.js").read_text(encoding="utf-8")


def _inline(script: str) -> str:
    """A script that neither ends its element nor opens a comment in it."""
    return script.replace("</script", "<\\/script").replace("<!--", "\\x3c!--")


def _as_data(data: Any) -> str:
    """JSON that no HTML parser takes for markup."""
    return (
        json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        .replace("<", "\\u003c")
        .replace("##[", "##\\u005b")
    )


# Templates, from the files in page/; what is put into them is escaped


def read(name: str) -> str:
    """A file of the page."""
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")


def part(name: str, /, **values: str) -> Html:
    """A part of the page, by its name in ``parts.html``."""
    return _filled(_parts()[name], **values)


def joined(parts: Iterable[Html]) -> Html:
    """Parts one after the other."""
    return Html("".join(parts))


@cache
def _parts() -> dict[str, str]:
    found = re.split(r"^<!-- (\w+) -->\n", read("parts.html"), flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(found[1::2], found[2::2], strict=True)}


def _filled(template: str, /, **values: str) -> Html:
    """In one pass: a mark inside a value stays as it is."""

    def value(match: re.Match[str]) -> str:
        text = values[match[1].lower()]
        return text if isinstance(text, Html) else escape(text)

    return Html(re.sub("@([A-Z]+)@", value, template))


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
        cards=joined(looks.pairs(entry)),
    )


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


# The cards


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
        self.css: list[str] = []
        self.missing = 0

    def pairs(self, entry: Entry) -> Iterator[Html]:
        """The places of an entry's cards."""
        wanted = [card for card in entry.cards if card in self.chosen]
        for guid, ordinal in wanted:
            sides = [self._side(cards.get((guid, ordinal)), ordinal) for cards in self.sides]
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

    def data(self) -> dict[str, Any]:
        """What the page's script needs."""
        return {
            "cards": self.cards,
            "css": self.css,
            "frame": read("frame.css"),
            "forbidden": _FORBIDDEN,
            "media": self._media(),
            "fonts": _fonts() if self.cards else {},
        }

    def _side(self, shown: Shown | None, ordinal: int) -> dict[str, Any] | None:
        if shown is None:
            return None
        if shown.css not in self.css:
            self.css.append(shown.css)
        return {
            "front": _SOUND.sub("▶", shown.question),
            "back": _SOUND.sub("▶", shown.answer),
            "css": self.css.index(shown.css),
            "number": ordinal + 1,
        }

    def _media(self) -> dict[str, str]:
        sides = [side for row in self.cards for side in (row["before"], row["after"]) if side]
        text = "\n".join(side[key] for side in sides for key in ("front", "back"))
        shown: dict[str, str] = {}
        room = MOST_MEDIA
        for item in (*self.difference.before.media, *self.difference.after.media):
            if item.name in shown or escape(item.name) not in text:
                continue
            room -= len(item.data)
            if room < 0:
                self.missing += 1
            else:
                shown[item.name] = _data_uri(item.name, item.data)
        return shown


_SOUND = re.compile(r"\[anki:play:[qa]:\d+\]")
"""Where Anki puts the button of a sound."""


def _data_uri(name: str, data: bytes) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(data).decode()}"


def _fonts() -> dict[str, str]:
    folder = files(__package__) / "page" / "fonts"
    return {
        family: b64encode((folder / f"MathJax_{name}.woff").read_bytes()).decode()
        for family, name in json.loads(read("fonts.json")).items()
    }


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
