"""A difference: two decks, and what a learner of the one would get with the other."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from deckwright.apkg.package import content_hash, page
from deckwright.model import Deck, Media, Note, NoteType
from deckwright.releases.changes import Changes, NoteChange
from deckwright.releases.ledger import Ledger, ReleasedNote
from deckwright.releases.same_question import Questions


@dataclass(frozen=True, slots=True)
class LostCards:
    """Cards that a note no longer has."""

    before: ReleasedNote
    after: Note
    ordinals: tuple[int, ...]


@dataclass(frozen=True)
class Difference:
    """What is shown: the changes, and the decks on both sides of them."""

    changes: Changes
    before: Deck
    after: Deck
    against: str
    """What it is compared with: ``release 1.2.0``, or an old package's file name."""
    same: Container[str] = ()
    """The GUIDs of notes whose author said that they are the same fact."""
    page: str | None = None
    """What the deck's page said before; None where that is not known."""
    is_of_packages: bool = False
    """Whether it is compared with a package: all that learners have of it is at hand."""

    @cached_property
    def page_now(self) -> str | None:
        """What the deck's page says now; None where that is what it said."""
        now = page(self.after.info)
        return None if now == self.page else now

    @cached_property
    def corrected(self) -> tuple[NoteChange, ...]:
        """Those of the changed notes that Anki accepts, and whose cards ask what they asked."""
        changed = self._accepted(self.changes.changed)
        return tuple(one for one in changed if one.after.guid not in self.otherwise)

    @cached_property
    def otherwise(self) -> Mapping[str, NoteChange]:
        """The changed notes of which cards ask something else, by GUID."""
        questions = Questions(
            {note.guid: note for note in self.before.notes},
            {one.kind: one for one in self.before.types},
            {note.guid: note for note in self.after.notes},
            {one.kind: one for one in self.after.types},
        )
        changed = self._accepted(self.changes.changed)
        olds = {old.guid for old, _ in self._pairs}
        return {
            one.after.guid: one
            for one in changed
            if one.after.guid in olds and questions.changes(one.after.guid)
        }

    @property
    def unsaid(self) -> int:
        """How many of them nobody said to be the same fact."""
        return sum(guid not in self.same for guid in self.otherwise)

    @cached_property
    def held(self) -> tuple[NoteChange, ...]:
        """Those that are held back, and that Anki would accept."""
        return self._accepted(self.changes.held)

    @cached_property
    def moved(self) -> tuple[NoteChange, ...]:
        """Those that go to another deck, and that Anki would accept."""
        return self._accepted(self.changes.moved)

    @cached_property
    def renamed(self) -> tuple[NoteChange, ...]:
        """Those that had another id, where they had one at all."""
        known = (one for one in self.changes.renamed if one.before.note.id != one.before.note.guid)
        return self._accepted(known)

    @cached_property
    def refused(self) -> tuple[Note, ...]:
        """The notes whose note type is another, or of another shape: Anki leaves them alone."""
        return tuple(note for note in self.after.notes if note.guid in self._refused)

    @cached_property
    def sent_again(self) -> tuple[Note, ...]:
        """The notes that are the same, but newer: delivered for nothing."""
        return tuple(note for old, note in self._same if note.mod > old.mod > 0)

    @cached_property
    def unchanged(self) -> int:
        """How many notes a learner has and keeps as they are, with the edits made to them."""
        return len(self._same) - len(self.sent_again)

    @cached_property
    def lost(self) -> tuple[LostCards, ...]:
        """The cards that notes no longer have."""
        released = {
            one.after.guid: one.before
            for one in (*self.changes.changed, *self.changes.held, *self.changes.renamed)
        }
        found = []
        for old, note in self._pairs:
            gone = tuple(sorted({*old.ordinals} - {*note.ordinals}))
            if gone and note.guid not in self._refused:
                before = released.get(note.guid, ReleasedNote(old, ""))
                found.append(LostCards(before, note, gone))
        return tuple(found)

    def with_files(self, files: Iterable[Media]) -> Difference:
        """The same with pictures and sounds of the deck before that were found elsewhere."""
        return replace(self, before=replace(self.before, media=(*self.before.media, *files)))

    def fields(self, note: Note) -> dict[str, str]:
        """The fields of a note by their names."""
        return dict(zip(self.field_names(note.kind), note.fields, strict=False))

    def field_names(self, kind: str) -> tuple[str, ...]:
        """The names of a note type's fields."""
        return tuple(field.name for field in self.types[kind].fields)

    @cached_property
    def types(self) -> Mapping[str, NoteType]:
        """The note types on both sides by their kinds."""
        return {one.kind: one for one in (*self.before.types, *self.after.types)}

    def card_name(self, note: Note, ordinal: int) -> str:
        """A card for people."""
        return self.types[note.kind].card_name(ordinal)

    def is_cloze(self, note: Note) -> bool:
        """Whether a note makes a card for each of its clozes."""
        return self.types[note.kind].cloze

    @cached_property
    def _pairs(self) -> tuple[tuple[Note, Note], ...]:
        """The notes on both sides, old and new."""
        olds = {note.guid: note for note in self.before.notes}
        return tuple((olds[note.guid], note) for note in self.after.notes if note.guid in olds)

    @cached_property
    def _same(self) -> tuple[tuple[Note, Note], ...]:
        """The notes on both sides that did not change and that Anki accepts."""
        changed = {one.after.guid for one in (*self.changes.changed, *self.changes.held)}
        others = changed | self._refused
        return tuple((old, note) for old, note in self._pairs if note.guid not in others)

    def _accepted(self, changes: Iterable[NoteChange]) -> tuple[NoteChange, ...]:
        return tuple(one for one in changes if one.after.guid not in self._refused)

    @cached_property
    def _refused(self) -> frozenset[str]:
        """By GUID; Anki takes a note type for the same by its id and shape: names are free."""
        olds, news = (
            {kind.kind: (kind.id, len(kind.fields), len(kind.templates)) for kind in deck.types}
            for deck in (self.before, self.after)
        )
        return frozenset(
            note.guid for old, note in self._pairs if olds.get(old.kind) != news.get(note.kind)
        )


def since_release(
    deck: Deck, changes: Changes, ledger: Ledger | None, same: Container[str] = ()
) -> Difference:
    """The difference of a deck to its last release; without one, all of it is new."""
    if ledger is None:
        before = Deck(deck.info, deck.types, (), ())
        return Difference(changes, before, deck, "")
    before = ledger.deck(deck.info, deck.media)
    version = ledger.last.version
    said = ledger.page
    if said is None and content_hash(before, version) == ledger.last.content:
        said = page(deck.info)  # the release remembered the hash of all, this text included
    return Difference(changes, before, deck, f"release {version}", same, said)
