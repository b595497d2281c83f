"""The story of a difference: groups of notes, each with what it means for learners, in words.

Every format writes this one story; none has words of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from importlib.resources import files

from deckwright.diff.difference import Difference, LostCards
from deckwright.diff.files import FilePair, file_pairs
from deckwright.diff.formulas import marked
from deckwright.diff.words import Mark, Piece, line_changes, whole, word_changes
from deckwright.model import Note, Template
from deckwright.note_types import ID
from deckwright.releases.changes import NoteChange, TypeChange, replaces_most
from deckwright.releases.ledger import Ledger, ReleasedNote
from deckwright.rendering import html_text
from deckwright.source.printable import count

_NAMEABLE = re.compile(r"[A-Za-z0-9.-]{1,64}(?:/\d+)?")
"""What Anki's search takes without quotes."""
MARKUP_ONLY = "reads the same; its markup changes"
_PAGE_UNKNOWN = "the ledger does not say what it said"
UNSEEN = "reads the same; a picture or the address of a link changes"


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of one field of a note, of its tags, or of one side of a template."""

    name: str
    pieces: tuple[Piece, ...]
    remark: str = ""
    code: bool = False
    """Whether each piece is a line of code."""
    changed: bool = True
    """Whether it is a comparison, not one text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One note, or one note type."""

    id: str
    asks: str
    """The HTML of its first field."""
    facts: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    cards: tuple[tuple[str, int], ...] = ()
    """The cards to look at, by GUID and ordinal."""
    files: tuple[FilePair, ...] = ()
    """The pictures and sounds that change."""

    @property
    def title(self) -> str:
        """How its first field reads, in one line."""
        return html_text.line(self.asks)


@dataclass(frozen=True, slots=True)
class Group:
    """Notes to which the same happens."""

    key: str
    title: str
    gist: str
    """What it means for learners, in a few words."""
    sentence: str
    entries: tuple[Entry, ...]
    search: str = ""
    """What to paste into Anki's browser."""


@dataclass(frozen=True, slots=True)
class Story:
    """All groups that are not empty, and what remains as it is."""

    title: str
    groups: tuple[Group, ...]
    rest: str


def story(difference: Difference, *, fine: bool = True) -> Story:
    """The story of a difference; ``fine`` shows changes inside words and formulas, too.

    Else, each formula is whole, and between marks (see `deckwright.diff.formulas`).
    """
    changes = difference.changes
    entries: dict[str, Iterable[Entry]] = {
        "refused": (_plain(difference, note) for note in difference.refused),
        "otherwise": (_otherwise(difference, one, fine) for one in difference.otherwise.values()),
        "changed": (_changed(difference, one, fine) for one in difference.corrected),
        "added": (_alone(difference, note, fine) for note in changes.added),
        "returned": (_plain(difference, note) for note in changes.returned),
        "retired": (_retired(difference, one) for one in changes.retired),
        "lost": (_lost(difference, one) for one in difference.lost),
        "types": _types(difference),
        "page": _page(difference, fine),
        "sent_again": (_plain(difference, note) for note in difference.sent_again),
        "held": (_held(difference, one, fine) for one in difference.held),
        "moved": (_moved(one) for one in difference.moved),
        "renamed": (_renamed(one) for one in difference.renamed),
    }
    groups = (_group(difference, key, tuple(entries[key])) for key in _meaning())
    title = "What the first release brings to learners"
    if difference.against:
        title = f"What changes for learners since {difference.against}"
    return Story(title, tuple(one for one in groups if one.entries), _rest(difference))


def _group(difference: Difference, key: str, entries: tuple[Entry, ...]) -> Group:
    words = _meaning()[key]
    search = _search(difference, key)
    sentence = words["sentence"] if search else words.get("unnamed", words["sentence"])
    if "many" in words and replaces_most(len(entries), len(difference.before.notes)):
        sentence = f"{sentence} {words['many']}"
    return Group(key, words["title"], words["gist"], sentence, entries, search)


@cache
def _meaning() -> dict[str, dict[str, str]]:
    """Title, gist and sentence of each group, in the order of the story.

    The sentence ``unnamed`` is for a group whose search has nothing to name its notes by, and
    ``many`` is said, too, where most notes are in the group.
    """
    text = (files(__package__) / "meaning.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _rest(difference: Difference) -> str:
    number = difference.unchanged
    if not number:
        return ""
    others = (difference.sent_again, difference.refused, difference.page_now)
    if not difference.changes and not any(others):
        return f"Nothing changes for learners; unchanged: {count(number, 'note')}."
    return (
        f"Unchanged: {count(number, 'note')}. Learners keep these as they are, with their own"
        " edits and tags."
    )


# Entries


def _plain(difference: Difference, note: Note) -> Entry:
    return Entry(note.id, _first(difference, note), (note.deck,))


def _changed(difference: Difference, change: NoteChange, fine: bool) -> Entry:
    note = change.after
    new = (f"new card: {difference.card_name(note, number)}" for number in change.ordinals)
    parts = tuple(_parts(difference, change, fine))
    first = _first(difference, note, change.fields)
    return Entry(note.id, first, tuple(new), parts, _cards(note), _files(difference, change))


def _otherwise(difference: Difference, change: NoteChange, fine: bool) -> Entry:
    entry = _changed(difference, change, fine)
    is_said = change.after.guid in difference.same
    fact = "its author says that it is the same fact" if is_said else "its id is that of another"
    return replace(entry, facts=(fact, *entry.facts))


def _held(difference: Difference, change: NoteChange, fine: bool) -> Entry:
    entry = _changed(difference, change, fine)
    return replace(entry, facts=(_reason(change), *entry.facts))


def _reason(change: NoteChange) -> str:
    if not change.fields:
        return "only the tags changed" if change.tags else "held back in an earlier release"
    if not change.before.note.source:
        return "no newer than what learners have"
    tags = " and the tags" if change.tags else ""
    return f"only the rendering{tags} changed"


def _alone(difference: Difference, note: Note, fine: bool) -> Entry:
    parts = tuple(
        Part(name, whole(_words(text, fine)), changed=False)
        for name, text in difference.fields(note).items()
        if text and name != "Id"
    )
    facts = (note.deck, count(len(note.ordinals), "card"))
    return Entry(note.id, _first(difference, note), facts, parts, _cards(note))


def _retired(difference: Difference, one: ReleasedNote) -> Entry:
    note = one.note
    reason = difference.after.info.retired.get(note.id) or one.retired
    facts = (reason,) if reason else ()
    return Entry(note.id, _first(difference, note), facts, (), _cards(note))


def _lost(difference: Difference, one: LostCards) -> Entry:
    old = one.before.note
    names = [f"card {number + 1} ({difference.card_name(old, number)})" for number in one.ordinals]
    reasons = {difference.after.info.retired.get(f"{old.id}/{n + 1}") for n in one.ordinals}
    facts = (*names, *sorted(filter(None, reasons)))
    return Entry(one.after.id, _first(difference, one.after), facts)


def _moved(change: NoteChange) -> Entry:
    return Entry(change.after.id, "", (f"{change.before.note.deck} → {change.after.deck}",))


def _renamed(change: NoteChange) -> Entry:
    return Entry(change.after.id, "", (f"was {change.before.note.id}",))


def _types(difference: Difference) -> Iterator[Entry]:
    """Note types whose markup changed; one entry for those that changed alike."""
    alike: dict[tuple[Part, ...], list[TypeChange]] = {}
    for change in difference.changes.types:
        alike.setdefault(tuple(_sides(change)), []).append(change)
    for parts, changes in alike.items():
        samples = [card for one in changes for card in _sample(difference, one.after.kind)]
        yield Entry(", ".join(one.after.name for one in changes), "", (), parts, tuple(samples))


def _page(difference: Difference, fine: bool) -> Iterator[Entry]:
    """What the deck says of itself, word by word."""
    now, before = difference.page_now, difference.page
    if now is None or (not now and before is None):
        return
    info = difference.after.info
    texts = (escape(text).replace("\n", "<br>") for text in (before or "", now))
    pieces = word_changes(*(_words(text, fine) for text in texts), fine=fine)
    facts = () if before is not None or not difference.against else (_PAGE_UNKNOWN,)
    yield Entry(info.key, escape(info.name), facts, (Part("text", pieces),))


def _sides(change: TypeChange) -> Iterator[Part]:
    olds = {template.name: template for template in change.before.templates}
    same = len(change.before.templates) == len(change.after.templates)
    for number, template in enumerate(change.after.templates):
        if template.name not in change.parts:
            continue
        in_its_place = change.before.templates[number] if same else Template("", 0, "", "")
        old = olds.get(template.name, in_its_place)
        pairs = {"front": (old.front, template.front), "back": (old.back, template.back)}
        for side, (before, after) in pairs.items():
            if before != after:
                yield Part(f"{template.name}, {side}", line_changes(before, after), code=True)
    if "css" in change.parts:
        yield Part("CSS", line_changes(change.before.css, change.after.css), code=True)


def _sample(difference: Difference, kind: str) -> tuple[tuple[str, int], ...]:
    """A card of a note type that both sides have, if possible with the same text."""
    changed = {one.after.guid for one in (*difference.changes.changed, *difference.changes.held)}
    known = {note.guid for note in difference.before.notes}
    notes = [one for one in difference.after.notes if one.kind == kind and one.guid in known]
    best = min(notes, key=lambda note: note.guid in changed, default=None)
    return _cards(best)[:1] if best else ()


def _first(difference: Difference, note: Note, changed: Container[str] = ()) -> str:
    """A note's first field; nothing where that is among those that changed."""
    id_ = difference.types[note.kind].field_of(ID)
    shown = ((name, text) for name, text in difference.fields(note).items() if text and name != id_)
    name, text = next(shown, ("", ""))
    return "" if name in changed else text


def _cards(note: Note) -> tuple[tuple[str, int], ...]:
    return tuple((note.guid, ordinal) for ordinal in note.ordinals)


def _files(difference: Difference, change: NoteChange) -> tuple[FilePair, ...]:
    """What becomes of the pictures and sounds of the fields that changed."""
    sides = (
        dict(zip(difference.field_names(change.after.kind), fields, strict=False))
        for fields in (change.before.note.fields, change.after.fields)
    )
    before, after = (
        [one for name in change.fields for one in html_text.sources(side.get(name, ""))]
        for side in sides
    )
    return file_pairs(before, after)


# Parts


def _words(html: str, fine: bool) -> tuple[html_text.Token, ...]:
    return html_text.words(html if fine else marked(html), addresses=True)


def _parts(difference: Difference, change: NoteChange, fine: bool) -> Iterator[Part]:
    after = difference.fields(change.after)
    before = dict(zip(after, change.before.note.fields, strict=False))
    for name in change.fields:
        old, new = before.get(name, ""), after[name]
        olds, news = _words(old, fine), _words(new, fine)
        pieces = word_changes(olds, news, fine=fine)
        remark = "" if [*map(str, olds)] != [*map(str, news)] else UNSEEN
        if all(piece.mark is Mark.SAME for piece in pieces):
            remark = MARKUP_ONLY
            pieces = word_changes(html_text.tags(old), html_text.tags(new), fine=False)
        yield Part(name, pieces, remark)
    if change.tags:
        sides = (" ".join(note.tags) for note in (change.before.note, change.after))
        yield Part("tags", word_changes(*map(html_text.tags, sides), fine=False))


# The search


def _search(difference: Difference, key: str) -> str:
    """What finds the retired notes, or the lost cards, in Anki's browser."""
    if key == "retired":
        known: Sequence[ReleasedNote] = difference.changes.retired
        names = [one.note.id for one in known]
    elif key == "lost":
        known = [one.before for one in difference.lost]
        names = [f"{one.before.note.id}/{n + 1}" for one in difference.lost for n in one.ordinals]
    else:
        return ""
    info, types = difference.after.info, difference.before.types
    with_id = [kind for kind in types if kind.field_of(ID)]
    found = [name for name in names if _NAMEABLE.fullmatch(name)] if with_id else []
    ledger = Ledger(info.key, info.name, tuple(known), tuple(with_id), ())
    return ledger.search(found) if found else ""
