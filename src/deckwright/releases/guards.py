"""What stops a release before anything is written: its time, its version, what was published."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deckwright.apkg import files
from deckwright.apkg.package import write
from deckwright.compile import Compiled
from deckwright.real_anki.contents import in_package
from deckwright.real_anki.scratch import Refused
from deckwright.releases import changelog, ledger
from deckwright.releases.changes import compare, keep_released
from deckwright.releases.elsewhere import elsewhere, in_words, tag_names
from deckwright.releases.git import GitError, read, tags, uncommitted
from deckwright.releases.ledger import Ledger
from deckwright.releases.release import Prepared, ReleaseError, parse_version

_ANKI_BEGAN = 1_136_073_600
"""The year 2006: no note of Anki is older."""
_DAY = 86_400
_MOMENT = 2
"""How many seconds a release may be ahead of the clock: so long the release waits."""


def check_clock(time: int, clock: int, last: Ledger | None) -> None:
    """Check the time of a release: by the machine's clock, and by the last release.

    A learner's own edits are as old as their clock says. Beside them, a correction from long ago
    would never arrive, and one from the future would replace them at each import.

    Raises:
        ReleaseError: with what to do instead.
    """
    right = "set the clock right, or unset SOURCE_DATE_EPOCH, which some shells set"
    if time < _ANKI_BEGAN:
        raise ReleaseError(
            f"this release would be dated {_stamp(time)}, before there was an Anki: {right}"
        )
    if time > clock + _MOMENT:
        raise ReleaseError(
            f"this release would be dated {_stamp(time)}, and the clock says {_stamp(clock)}:"
            f" {right}"
        )
    if last is None:
        return
    dated = f"the last release is dated {_stamp(last.time)}"
    if last.time > time + _DAY and time < clock - _DAY:
        raise ReleaseError(f"{dated}, and this one would be dated {_stamp(time)}: {right}")
    if last.time >= clock + _MOMENT:
        raise ReleaseError(
            f"{dated}, and the clock says {_stamp(clock)}: set the clock right; where it was wrong"
            " at the last release, learners get the next one only after that time"
        )


def _stamp(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M UTC")


def check_release(
    compiled: Compiled,
    version: str,
    resend: Collection[str],
    hold: Collection[str] = (),
) -> None:
    """Check that the version rises, and what is to be resent or held back.

    Raises:
        ReleaseError: with what to do instead.
    """
    numbers = parse_version(version)
    if numbers is None:
        raise ReleaseError(f"{version!r} is not a version: write three numbers, for example 1.2.0")
    last = compiled.ledger.last.version if compiled.ledger else "0.0.0"
    if numbers <= (parse_version(last) or (0, 0, 0)):
        raise ReleaseError(f"{version} does not rise: the last release is {last}")
    for name in hold:
        if name in resend:
            raise ReleaseError(f"--hold {name} and --resend {name} contradict each other")
    assert compiled.deck is not None
    deck = keep_released(compiled.deck, compiled.matches)
    changes = compare(deck, compiled.ledger, compiled.matches)
    held = {one.after.id for one in changes.held}
    for name in resend:
        if name not in held and name != "all":
            raise ReleaseError(f"--resend {name}: no released card with this id is held back")
    if "all" in resend:
        changes = compare(deck, compiled.ledger, compiled.matches, ["all"])
    sent = {one.after.id: one for one in changes.changed}
    for name in hold:
        if name not in sent and name != "all":
            raise ReleaseError(f"--hold {name}: no released card with this id is corrected")
        if name in sent and sent[name].before.forked:
            raise ReleaseError(f"--hold {name}: two branches released it, and it must be sent")
        if name in sent and sent[name].ordinals:
            raise ReleaseError(
                f"--hold {name}: it has a new card, which would come to learners without its text"
            )


def check_clone(root: Path, compiled: Compiled, version: str) -> None:
    """Check that no release is missing in the ledger, and that all is committed.

    Raises:
        ReleaseError: with what to do instead. Learners of a release that the ledger lacks would
            keep its texts, or get the deck as a new one.
    """
    path = changelog.path_for(root)
    try:
        _check_published(root, compiled, version)
        if not changelog.is_ours(path):
            raise ReleaseError(
                f"{path} is not a changelog of ours: move it away, because a release replaces it"
            )
        changed = uncommitted(root)
    except GitError as error:
        # A partial clone lacks old ledgers, and git would get them from anywhere.
        names = f"{ledger.FILE} {changelog.FILE}"
        get = f"{ledger.git_in(root.as_posix())} log --patch --all -- {names}"
        fix = f": get what this clone lacks: {get}" if "promisor" in str(error) else ""
        raise ReleaseError(f"git: {error}{fix}") from None
    if changed:
        more = " …" if len(changed) > 3 else ""
        has_ledger = any(Path(name).name == ledger.FILE for name in changed)
        fix = "commit them, the ledger too" if has_ledger else "commit or stash them first"
        raise ReleaseError(
            f"there are changes in {root} that are not committed ({', '.join(changed[:3])}{more}):"
            f" {fix}"
        )


def _check_published(root: Path, compiled: Compiled, version: str) -> None:
    """Check that the ledger has every release before this one, and that this one is new.

    A hotfix of an older line need not know of the later ones, on branches of their own.
    """
    assert compiled.deck is not None
    key = compiled.deck.info.key
    found = elsewhere(root, key, compiled.ledger, thorough=True)
    numbers = parse_version(version) or ()
    older = [one for one in found if one.is_past or one.numbers <= numbers]
    if older:
        what, fix = in_words(root, older, compiled.ledger)
        raise ReleaseError(f"{what}: {fix}")
    if tag := next((tag for tag in tag_names(version) if _is_of(root, tag, key)), ""):
        raise ReleaseError(
            f"the tag {tag} says that {version} was released, and no ledger has that: commit the"
            " ledger of that release, or take the next version; if nothing was published, remove"
            f" the tag: {ledger.git_in(root.as_posix())} tag -d {tag}"
        )


def _is_of(root: Path, tag: str, key: str) -> bool:
    """Whether there is a tag, and its ledger, if any, is not of another deck: that of a fork."""
    if tag not in tags(root):
        return False
    try:
        data = read(root, f"refs/tags/{tag}:./{ledger.FILE}")
    except GitError:
        return True
    return ledger.key_in(data) in ("", key)


def check_package(prepared: Prepared, output_folder: Path) -> None:
    """Check that no other package of this version is where this one goes.

    A release that was killed leaves the same one.

    Raises:
        ReleaseError: with what to do instead.
        OSError: where the folder is a link.
    """
    files.refuse_link(output_folder)
    path = output_folder / prepared.package.name
    if not os.path.lexists(path):
        return
    with files.scratch_folder() as folder:
        try:
            same = _without_times(path) == _without_times(write(prepared.package, folder))
        except Refused:
            same = False
    if not same:
        raise ReleaseError(
            f"{path} is another package of this version: if it was published, release the next"
            " version; if not, remove it"
        )


def _without_times(path: Path) -> tuple[object, ...]:
    """All that a package holds, but for when that changed."""
    held = in_package(path)
    guids = {id_: note.guid for id_, note in held.notes.items()}
    notes = ((one.guid, one.type, one.fields, one.tags) for one in held.notes.values())
    cards = ((guids.get(one.note, ""), one.ordinal, one.deck) for one in held.cards.values())
    types = {id_: replace(kind, mod=0) for id_, kind in held.types.items()}
    return sorted(notes), sorted(cards), types, held.checksums
