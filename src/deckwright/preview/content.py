"""What a site shows of a deck: each note as it is, or else as it last was without an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from deckwright.compile import Compiled
from deckwright.model import DeckInfo, Media, Note, NoteType, Place, Problem, Severity
from deckwright.releases.changes import keep_released
from deckwright.releases.ledger import Ledger
from deckwright.releases.release import version_of

BEFORE = "as before your last change"


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
    """The files at hand, by their names; with those of earlier states, which may still be shown."""
    problems: tuple[Problem, ...] = ()
    version: str = ""

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
    or else as it was released.
    """
    whole = compiled.whole
    types = {kind.kind: kind for kind in whole.types}
    renamed = {} if compiled.ledger is None else _aliases(compiled.ledger)
    shown = {
        note.id: Shown(
            note,
            types[note.kind],
            compiled.places.get(note.id),
            tuple(dict.fromkeys((*compiled.was.get(note.id, ()), *renamed.get(note.guid, ())))),
        )
        for note in whole.notes
    }
    for one in (*_kept(compiled, before), *_released(compiled)):
        shown.setdefault(one.note.id, one)
    return Content(
        info=whole.info,
        notes=tuple(_in_order(shown, compiled.places)),
        media={**before.media, **{item.name: item for item in whole.media}},
        problems=compiled.problems,
        version=_version(compiled),
    )


def _aliases(ledger: Ledger) -> Mapping[str, tuple[str, ...]]:
    return {one.note.guid: (one.note.id, *one.aliases) for one in ledger.notes}


def _kept(compiled: Compiled, before: Content) -> Iterator[Shown]:
    """The notes of an earlier state that have an error now, or whose file cannot be read."""
    broken = {one.place.path for one in compiled.problems if one.severity is Severity.ERROR}
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
            yield Shown(note, types[old.note.kind], place, old.aliases, as_of)


def _in_order(shown: Mapping[str, Shown], places: Mapping[str, Place]) -> list[Shown]:
    """In the order of the deck; `Compiled.places` has the last card first."""
    order = {name: number for number, name in enumerate(reversed([*places]))}
    return sorted(shown.values(), key=lambda one: order.get(one.note.id, len(order)))


def _version(compiled: Compiled) -> str:
    """The version that a package of it would have; of a deck with errors, of what it goes on."""
    if compiled.deck:
        return version_of(keep_released(compiled.deck, compiled.matches), compiled.ledger)
    return f"{compiled.ledger.last.version}+dev" if compiled.ledger else "dev"
