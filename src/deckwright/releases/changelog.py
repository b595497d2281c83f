"""A deck's CHANGELOG.md, made from the ledger: what each release means for learners."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from deckwright.note_types import PROMPT
from deckwright.releases.ledger import Ledger, Release
from deckwright.rendering.html_text import line

FILE = "CHANGELOG.md"
HEAD = "Made by `deckwright release` from the ledger."


def path_for(deck: Path) -> Path:
    """The changelog of a deck, in its folder: one repository may hold several decks."""
    return deck / FILE


def read(deck: Path) -> str:
    """The changelog of a deck's folder; empty where there is none."""
    path = path_for(deck)
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def is_ours(path: Path) -> bool:
    """Whether a file may be replaced: it is not there, or was made by us."""
    return not path.exists() or HEAD in path.read_text(encoding="utf-8", errors="replace")


def to_markdown(ledger: Ledger) -> str:
    """The whole changelog, newest release first."""
    head = f"# Changes of {ledger.name}\n\n{HEAD}\n"
    return "\n".join([head, *("\n".join(_section(ledger, one)) for one in ledger.releases[::-1])])


def _section(ledger: Ledger, release: Release) -> Iterator[str]:
    day = datetime.fromtimestamp(release.time, UTC).date().isoformat()
    yield f"## {release.version} ({day})\n"
    if release is ledger.releases[0]:
        yield f"The first release, with {_notes(len(release.added))}.\n"
        return
    groups = list(_groups(ledger, release))
    for group in groups:
        yield f"{group}\n"
    if not groups:
        yield "Nothing changed for learners.\n"


def _groups(ledger: Ledger, release: Release) -> Iterator[str]:
    gone = [name for name in release.retired if _is_gone(ledger, name)]
    cards = [name for name in gone if "/" in name]
    notes = [name for name in gone if "/" not in name]
    kinds = (
        ("New", release.added),
        ("Corrected; your own edits and tags on these notes are replaced", release.changed),
        ("Held back until their text changes", release.held),
    )
    for words, names in kinds:
        if names:
            yield f"**{words}:**\n\n{_list(ledger, names)}"
    if release.types:
        yield "**The look of the cards** changed."
    if notes:
        yield f"**Retired:**\n\n{_list(ledger, notes)}"
        stay = "They stay in your collection until you delete them."
        search = ledger.search(notes)
        finds = f" This search in Anki's browser finds just these notes:\n\n```\n{search}\n```"
        yield stay + (finds if search else "")
    if cards:
        yield f"**Retired cards** of notes that stay:\n\n{_list(ledger, cards)}"
        empty = "Tools → Empty Cards takes those away that have nothing left to ask."
        search = ledger.search(cards)
        finds = (
            " This search in Anki's browser finds them; suspend them, because deleting would"
            f" take the whole note:\n\n```\n{search}\n```"
        )
        yield empty + (finds if search else "")


def _is_gone(ledger: Ledger, name: str) -> bool:
    """Whether what was retired still is: a learner should not delete what came back."""
    card_id, _, number = name.partition("/")
    released = ledger.find(card_id)
    if released is None or not number:
        return released is None or bool(released.retired)
    return bool(released.retired) or int(number) - 1 not in released.note.ordinals


def _list(ledger: Ledger, names: Iterable[str]) -> str:
    return "\n".join(f"- `{name}`{_words(ledger, name)}" for name in names)


def _words(ledger: Ledger, name: str) -> str:
    """What a note asks, and why it was retired."""
    released = ledger.find(name.partition("/")[0])
    if released is None:
        return ""
    kinds = {kind.kind: kind for kind in ledger.types}
    prompt = kinds[released.note.kind].text(released.note.fields, PROMPT)
    title = re.sub(r"([\\`*_<>\[\]|~])", r"\\\1", line(prompt))
    reason = f" ({released.retired})" if released.retired else ""
    return f" {title}{reason}"


def _notes(number: int) -> str:
    return "one note" if number == 1 else f"{number} notes"
