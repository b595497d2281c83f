"""The last package that was published, and the ledger that says what is in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from deckwright.apkg.files import scratch_folder
from deckwright.apkg.package import package, write
from deckwright.model import by_content
from deckwright.real_anki.contents import Contents, NoteRow, in_package
from deckwright.real_anki.scratch import Refused
from deckwright.releases.ledger import FILE, Ledger
from deckwright.releases.release import Prepared, ReleaseError
from deckwright.releases.trust import is_sent, sent


def find(ledger: Ledger | None, folder: Path, given: Path | None) -> Path | None:
    """The package that was published last: the one that is named, else the one that was made."""
    if given or ledger is None:
        return given
    path = folder / f"{ledger.key}-{ledger.last.version}.apkg"
    return path if os.path.lexists(path) else None


def rebuilt(ledger: Ledger, prepared: Prepared, folder: Path) -> Path:
    """The last release, made of the ledger once more."""
    last = ledger.last
    old = ledger.deck(prepared.deck.info, prepared.deck.media)
    return write(package(old, last.version, last.time), folder)


def check(path: Path, ledger: Ledger, prepared: Prepared) -> None:
    """Check that the ledger says what the package holds that learners have.

    Raises:
        ReleaseError: with the first difference, and what to do.
    """
    with scratch_folder() as folder:
        try:
            theirs, ours = in_package(path), in_package(rebuilt(ledger, prepared, folder))
        except Refused as error:
            raise ReleaseError(f"{error}: name the package of {ledger.last.version}") from None
    what = theirs.fault or next(_differences(theirs, ours, ledger), "")
    if what:
        raise ReleaseError(
            f"{path} and the ledger differ: {what}. If this package was published, take {FILE} back"
            " as its release wrote it; if another one was, name that one with --published"
        )


def _differences(theirs: Contents, ours: Contents, ledger: Ledger) -> Iterator[str]:
    """What a package holds that its ledger does not say.

    A ledger that was joined with that of another branch may say of a note what a release there
    sent; then it has another text.
    """
    times = sent(ledger.releases[:-1])
    for guid, note in theirs.by_guid.items():
        name, known = theirs.note_name(note.id), ledger.by_guid.get(guid)
        if known is None:
            yield f"no note in the ledger has the GUID of {name!r}"
        elif mine := ours.by_guid.get(guid):
            same = _reads(mine) == _reads(note)
            if mine.mod == note.mod and not same:
                yield f"{name!r} reads otherwise in the ledger"
            elif mine.mod != note.mod and not known.forked:
                joined = is_sent(known, times) and (not same or mine.mod < note.mod)
                if not joined:
                    yield f"{name!r} has another time in the ledger"
    for id_, kind in theirs.types.items():
        mine_type = ours.types.get(id_, kind)
        if mine_type.mod > kind.mod and replace(mine_type, mod=kind.mod) == kind:
            yield f"the note type {kind.name!r} has another time in the ledger"


def _reads(note: NoteRow) -> tuple[object, ...]:
    return note.type, tuple(map(by_content, note.fields)), {*note.tags.split()}
