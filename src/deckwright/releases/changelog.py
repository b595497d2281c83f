"""A deck's CHANGELOG.md, made from the ledger: what each release means for learners."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from deckwright.note_types import PROMPT
from deckwright.releases.ledger import VERSION, Ledger, Release
from deckwright.rendering.html_text import line
from deckwright.source.limits import MAX_CHANGELOG
from deckwright.source.printable import on_github, printable
from deckwright.source.texts import NotReadError, read_inside

FILE = "CHANGELOG.md"
HEAD = "Made by `deckwright release` from the ledger."


def path_for(deck: Path) -> Path:
    """The path of a deck's changelog, in the deck's folder."""
    return deck / FILE


def read(deck: Path) -> str:
    """The text of a deck's changelog; empty where there is none that could be ours."""
    try:
        data = read_inside(deck, PurePosixPath(FILE), MAX_CHANGELOG)
    except NotReadError:
        return ""
    return data.decode(errors="replace")


def versions(text: str) -> tuple[str, ...]:
    """The versions that a changelog of ours lists, oldest first; none of any other text."""
    lines = re.MULTILINE | re.ASCII
    found = re.findall(rf"^## ({VERSION}) \(", text, lines) if HEAD in text else []
    return tuple(found[::-1])


def is_ours(path: Path) -> bool:
    """Whether a release may write this file: it does not exist, or a release wrote it."""
    return not os.path.lexists(path) or HEAD in read(path.parent)


def to_markdown(ledger: Ledger) -> str:
    """The whole changelog, newest release first."""
    head = f"# Changes of {on_github(ledger.name)}\n\n{HEAD}\n"
    return "\n".join([head, *("\n".join(_section(ledger, one)) for one in ledger.releases[::-1])])


def notes_of_last(ledger: Ledger) -> str:
    """What the last release means for learners, for the page on which it is published."""
    return "\n".join(_meaning(ledger, ledger.last))


def _section(ledger: Ledger, release: Release) -> Iterator[str]:
    day = datetime.fromtimestamp(release.time, UTC).date().isoformat()
    yield f"## {release.version} ({day})\n"
    yield from _meaning(ledger, release)


def _meaning(ledger: Ledger, release: Release) -> Iterator[str]:
    if release is ledger.releases[0]:
        number = len(release.added)
        yield f"The first release, with {'one note' if number == 1 else f'{number} notes'}.\n"
        return
    groups = list(_groups(ledger, release)) or ["Nothing changed for learners."]
    yield from (f"{group}\n" for group in groups)


def _groups(ledger: Ledger, release: Release) -> Iterator[str]:
    corrected = "Corrected; your own edits and tags on these notes are replaced"
    for title, names in (
        ("New", release.added),
        (corrected, release.changed),
        ("Held back until their text changes", release.held),
    ):
        if names:
            yield f"**{title}:**\n\n{_list(ledger, names)}"
    if release.types:
        yield "**The look of the cards** changed."
    if release.moved:
        yield (
            "**Moved to another deck.** Your cards stay where they are, and only new ones come to"
            " the new deck. To move yours, too, put the search into Anki's browser, select all"
            " that it finds, and choose *Cards → Change Deck*."
        )
        yield from (_move(ledger, *one) for one in release.moved)
    gone = [name for name in release.retired if _is_gone(ledger, name)]
    if notes := [name for name in gone if "/" not in name]:
        yield f"**Retired:**\n\n{_list(ledger, notes)}"
        yield "They stay in your collection until you delete them." + _search(
            ledger, notes, "finds just these notes"
        )
    if cards := [name for name in gone if "/" in name]:
        yield f"**Retired cards** of notes that stay:\n\n{_list(ledger, cards)}"
        yield "Tools → Empty Cards takes those away that have nothing left to ask." + _search(
            ledger,
            cards,
            "finds them; suspend them, because deleting would take the whole note",
        )


def _move(ledger: Ledger, old: str, new: str, reason: str, *card_ids: str) -> str:
    """A deck that notes left, with the search that finds a learner's cards of them in it."""
    name = re.sub(r"([\\*_])", r"\\\1", old)
    search = " ".join(filter(None, (f'"deck:{name}" -"deck:{name}::*"', ledger.search(card_ids))))
    why = f" ({on_github(reason)})" if reason else ""
    words = f"- {on_github(old)} → {on_github(new)}{why}"
    return words if card_ids and not ledger.search(card_ids) else f"{words}\n\n{_block(search)}"


def _block(search: str) -> str:
    """A search as code; a name of a deck has no backtick, nor has an id."""
    return f"```\n{printable(search)}\n```"


def _search(ledger: Ledger, names: list[str], finds: str) -> str:
    """The search for Anki's browser that finds some notes or cards; empty where there is none."""
    search = ledger.search(names)
    return f" This search in Anki's browser {finds}:\n\n{_block(search)}" if search else ""


def _is_gone(ledger: Ledger, name: str) -> bool:
    """Whether a retired note or card has not come back: a learner should not delete what has."""
    card_id, _, number = name.partition("/")
    released = ledger.find(card_id)
    if released is None or released.retired:
        return True
    return bool(number) and int(number) - 1 not in released.note.ordinals


def _list(ledger: Ledger, names: Iterable[str]) -> str:
    return "\n".join(f"- `{name}`{_words(ledger, name)}" for name in names)


def _words(ledger: Ledger, name: str) -> str:
    """What a note asks, and why it was retired."""
    released = ledger.find(name.partition("/")[0])
    if released is None:
        return ""
    [kind] = [one for one in ledger.types if one.kind == released.note.kind]
    prompt = kind.text(released.note.fields, PROMPT)
    title = on_github(line(prompt))
    return f" {title} ({on_github(released.retired)})" if released.retired else f" {title}"
