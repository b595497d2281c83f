"""What a site shows of a deck: each note as it is, or else as it last was without an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from deckwright.compile import Compiled
from deckwright.model import DeckInfo, Media, Note, NoteType, Place, Problem, Severity
from deckwright.releases.changes import keep_released
from deckwright.releases.ledger import Ledger
from deckwright.releases.release import version_of
from deckwright.source.texts import STYLE

BEFORE = "as it was before"
NAMELESS = "without an id, which it needs"


@dataclass(frozen=True, slots=True)
class Shown:
    """A note on the site."""

    note: Note
    kind: NoteType
    place: Place | None = None
    """Where it is written; None where that is not known."""
    was: tuple[str, ...] = ()
    """Its ids before renames."""
    as_of: str = ""
    """Where it is not as it is written now: as of when it is."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a site shows of a deck."""

    info: DeckInfo
    notes: tuple[Shown, ...] = ()
    media: Mapping[str, Media] = field(default_factory=dict)
    """The files that they show, by their names."""
    problems: tuple[Problem, ...] = ()
    version: str = ""
    missing: int = 0
    """How many cards have an error and no state without one, and so are not shown."""

    @property
    def cards(self) -> int:
        """How many cards the notes make."""
        return sum(len(one.note.ordinals) for one in self.notes)

    @property
    def errors(self) -> int:
        """How many of the problems are errors."""
        return sum(one.severity is Severity.ERROR for one in self.problems)


NOTHING = Content(DeckInfo("", ""))


def content_of(compiled: Compiled, before: Content = NOTHING) -> Content:
    """What there is to see of a deck.

    A note with an error is shown as in ``before``, the state of the site before its last change,
    or else as it was released; a card without an id as it is. While style.css has an error, cards
    look as before.
    """
    whole = compiled.whole
    types = {kind.kind: kind for kind in _dressed(compiled, before)}
    renamed = {} if compiled.ledger is None else _aliases(compiled.ledger)
    shown = {
        note.id: Shown(
            note,
            types[note.kind],
            compiled.places.get(note.id),
            _others(note.id, *compiled.was.get(note.id, ()), *renamed.get(note.guid, ())),
        )
        for note in whole.notes
    }
    unnamed = (Shown(note, types[note.kind], at, (), NAMELESS) for note, at in compiled.unnamed)
    for one in (*unnamed, *_kept(compiled, before), *_released(compiled)):
        shown.setdefault(one.note.id, one)
    return Content(
        info=whole.info if whole.info.key and whole.info.name else before.info,
        notes=tuple(sorted(shown.values(), key=_order)),
        media=_media(shown.values(), before, whole.media),
        problems=compiled.problems,
        version=_version(compiled),
        missing=max(0, compiled.cards - len(shown)),
    )


def _others(name: str, *names: str) -> tuple[str, ...]:
    """Names that are not the first, each once."""
    return tuple(one for one in dict.fromkeys(names) if one != name)


def _media(shown: Iterable[Shown], before: Content, now: Iterable[Media]) -> Mapping[str, Media]:
    """The files that some notes show, as far as they are or were at hand."""
    known = {**before.media, **{item.name: item for item in now}}
    names = {name for one in shown for name in one.note.media}
    return {name: item for name, item in known.items() if name in names}


def _dressed(compiled: Compiled, before: Content) -> Iterator[NoteType]:
    """The note types, with the CSS that they had where that of the deck has an error now."""
    errors = (one for one in compiled.problems if one.severity is Severity.ERROR)
    old: dict[str, NoteType] = {}
    if any(PurePosixPath(one.place.path).name == STYLE for one in errors):
        old = {kind.kind: kind for kind in (compiled.ledger.types if compiled.ledger else ())}
        old |= {one.kind.kind: one.kind for one in before.notes}
    for kind in compiled.whole.types:
        yield replace(kind, css=old[kind.kind].css) if kind.kind in old else kind


def _order(one: Shown) -> tuple[bool, tuple[str, ...], int]:
    """That of the deck; what has no place comes last."""
    path, line = (one.place.path, one.place.line) if one.place else ("", 0)
    return one.place is None, PurePosixPath(path).parts, line


def _aliases(ledger: Ledger) -> Mapping[str, tuple[str, ...]]:
    return {one.note.guid: (one.note.id, *one.aliases) for one in ledger.notes}


def _kept(compiled: Compiled, before: Content) -> Iterator[Shown]:
    """The notes of an earlier state that have an error now, or of whose file no card is read."""
    broken = {one.place.path for one in compiled.problems if one.severity is Severity.ERROR}
    broken -= {place.path for place in compiled.places.values()}
    for one in before.notes:
        there = compiled.places.get(one.note.id)
        if there or (one.place and one.place.path in broken):
            yield replace(one, place=there or one.place, as_of=one.as_of or BEFORE)


def _released(compiled: Compiled) -> Iterator[Shown]:
    """The notes as they were released, of cards that are written."""
    ledger = compiled.ledger
    if not ledger:
        return
    types = {kind.kind: kind for kind in ledger.types}
    for name, place in compiled.places.items():
        old = ledger.find(name, compiled.was.get(name, ()))
        if old and old.note.kind in types:
            note = replace(old.note, id=name)
            as_of = f"as released in {ledger.last.version}"
            was = _others(name, old.note.id, *old.aliases)
            yield Shown(note, types[old.note.kind], place, was, as_of)


def _version(compiled: Compiled) -> str:
    """The version that a package of it would have; of a deck with errors, of what it goes on."""
    if compiled.deck:
        return version_of(keep_released(compiled.deck, compiled.matches), compiled.ledger)
    return f"{compiled.ledger.last.version}+dev" if compiled.ledger else "dev"
