"""Rehearsing an upgrade: a learner who has studied the old version imports the new one.

The way of a rehearsal::

    old package ─ import ─ study ─ edit ─▶ before
    new package ─ import with the options a learner gets ─▶ after
    before and after ─ checks (``upgrade``) ─▶ failures, remarks, and which edits survived

and once more for a learner who gave our note types a field of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deckwright.model import Progress, deck_key, quiet
from deckwright.real_anki.cards import Failure
from deckwright.real_anki.checks import failures as checked
from deckwright.real_anki.contents import Contents, in_package
from deckwright.real_anki.scratch import Refused, Scratch, scratch_collection
from deckwright.rehearsal.learner import WORDS, Edit, Kind, add_field, edit, survivors
from deckwright.rehearsal.study import Studied, snapshot, studied, study
from deckwright.rehearsal.upgrade import CHECKS, Upgrade, listed
from deckwright.rehearsal.versions import NOTHING_INTENDED, Expected, Intended, Versions, versions


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What became of a learner's collection when the new version came."""

    anki_version: str
    old: Path
    cards: int = 0
    """Cards of the old version, every one of them answered before the upgrade."""
    reviews: int = 0
    new_notes: int = 0
    updated_notes: int = 0
    edits: tuple[Edit, ...] = ()
    time: int = 0
    """When the old version last changed a note, in seconds since 1970."""
    studied: tuple[Studied, ...] = ()
    """What the notes asked that were studied, and what they ask now: others judge it."""
    remarks: tuple[str, ...] = ()
    """What learners will notice, although it is right."""
    failures: tuple[Failure, ...] = ()

    @property
    def survival(self) -> dict[tuple[Kind, bool], tuple[int, int]]:
        """By kind of edit and whether it was on something that changed: survived, and made."""
        made = Counter((edit.kind, edit.changed) for edit in self.edits)
        left = Counter((edit.kind, edit.changed) for edit in self.edits if edit.survived)
        return {row: (left[row], made[row]) for row in made}


def rehearse(
    olds: Sequence[Path],
    new: Path,
    intended: Intended = NOTHING_INTENDED,
    progress: Progress = quiet,
) -> tuple[Rehearsal, ...]:
    """Rehearse the upgrade from each old version to the new one, in real Anki.

    Each old version knows of the others: a text that was changed and taken back is sent again.
    The learner edits right after the old version's time, not at that of the clock: see
    `deckwright.rehearsal.versions.edit_time`. A broken file is a failure. Raises `AnkiMissing` if
    `anki` cannot be imported.
    """
    others = tuple(_readable(olds)) if len(olds) > 1 else ()
    return tuple(_rehearse(old, new, intended, others, progress) for old in olds)


def _readable(packages: Sequence[Path]) -> Iterator[Contents]:
    """The contents of packages; one that cannot be read is named by its own rehearsal."""
    for path in packages:
        with suppress(Refused):
            yield in_package(path)


def _rehearse(
    old: Path, new: Path, intended: Intended, others: tuple[Contents, ...], progress: Progress
) -> Rehearsal:
    with scratch_collection() as scratch:
        try:
            both = versions(old, new, intended, others)
            upgrade = _upgraded(scratch, both, progress, own_field=False)
            failures = (*checked(CHECKS, upgrade, quiet), *_again(upgrade))
            known = {failure.what for failure in failures}
            own_edits, own_failures = _with_own_field(upgrade, known)
            remarks = (*_moved_decks(upgrade), *_staying(upgrade), *_without_merging(upgrade))
        except Refused as error:
            return Rehearsal(scratch.version, old, failures=(Failure(str(error), error.fix),))
    return Rehearsal(
        anki_version=scratch.version,
        old=old,
        cards=len(upgrade.before.cards),
        reviews=upgrade.before.contents.reviews,
        new_notes=len(upgrade.log.new),
        updated_notes=len(upgrade.log.updated),
        edits=upgrade.edits + own_edits,
        studied=tuple(studied(upgrade.before.contents, upgrade.after.contents, WORDS)),
        time=max((note.mod for note in both.old.notes.values()), default=0),
        remarks=remarks,
        failures=failures + own_failures,
    )


def _upgraded(scratch: Scratch, both: Versions, progress: Progress, *, own_field: bool) -> Upgrade:
    """Be the learner of the old version, then import the new one."""
    progress("importing the old version", 0, 1)
    scratch.import_package(both.old_package)
    progress("importing the old version", 1, 1)
    study(scratch, progress)
    edits = add_field(scratch, both) if own_field else edit(scratch, both)
    before = snapshot(scratch)
    progress("importing the new version", 0, 1)
    log = scratch.import_package(both.new_package, merge=own_field)
    progress("importing the new version", 1, 1)
    after, survived = snapshot(scratch), survivors(scratch, edits)
    return Upgrade(both, scratch, log, before, after, survived, progress)


def _again(upgrade: Upgrade) -> Iterator[Failure]:
    """The new version, imported once more, changes nothing."""
    log = upgrade.scratch.import_package(upgrade.versions.new_package)
    again = snapshot(upgrade.scratch)
    if log.new or log.updated or again != upgrade.after:
        names = (f'"{again.contents.note_name(id_)}"' for id_ in (*log.new, *log.updated))
        yield Failure(
            "a second import of the new version changes the collection once more,"
            f" at notes: {listed(names) or 'none'}",
            "let no mod be in the future, and no two notes share a GUID",
        )


# -- A field of the learner's own ------------------------------------------------------------------


def _with_own_field(
    upgrade: Upgrade, known: Container[str]
) -> tuple[tuple[Edit, ...], tuple[Failure, ...]]:
    """The edits and failures of a learner with a field of their own and "merge note types" ticked.

    Failures that are known without it are left out. Where note types conflict anyway, merging
    would hide that: then there are none.
    """
    if upgrade.conflicting:
        return (), ()
    edits: tuple[Edit, ...] = ()
    with scratch_collection() as scratch:
        try:
            merged = _upgraded(scratch, upgrade.versions, upgrade.progress, own_field=True)
            edits, found = merged.edits, [*checked(CHECKS, merged, quiet)]
        except Refused as error:
            found = [Failure(str(error), error.fix)]
    words = 'with a field of their own and "merge note types" ticked'
    more = (one for one in found if one.what not in known)
    return edits, tuple(Failure(f"{words}: {one.what}", one.fix) for one in more)


def _without_merging(upgrade: Upgrade) -> Iterator[str]:
    """What such a learner does not get without ticking it."""
    both = upgrade.versions
    if upgrade.conflicting:
        return
    with scratch_collection() as scratch:
        scratch.import_package(both.old_package)
        add_field(scratch, both)
        log = scratch.import_package(both.new_package)
    if log.conflicting:
        yield (
            f"learners who added a field of their own get none of {len(log.conflicting):,} notes"
            ' updated until they tick "merge note types" in the import dialog'
        )


# -- What learners will notice ---------------------------------------------------------------------


def _moved_decks(upgrade: Upgrade) -> Iterator[str]:
    both = upgrade.versions
    moved: Counter[tuple[str, str]] = Counter()
    for card in both.old.cards.values():
        new = both.new_cards.get((both.old.notes[card.note].guid, card.ordinal))
        if new and deck_key(new.deck) != deck_key(card.deck):
            moved[card.deck, new.deck] += 1
    for (before, after), cards in sorted(moved.items()):
        yield (
            f'{cards:,} cards go from the deck "{before}" to "{after}": learners keep theirs where'
            " they are, and only new ones come to the new deck"
        )


def _staying(upgrade: Upgrade) -> Iterator[str]:
    both = upgrade.versions
    names = [
        f'"{both.old.note_name(note.id)}"'
        for guid, note in both.old.by_guid.items()
        if both.expected[guid] == Expected.GONE and both.is_retired(guid)
    ]
    if names:
        yield f"retired notes stay with learners: {listed(names)}"
