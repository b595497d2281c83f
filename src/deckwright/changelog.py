"""CHANGELOG.md, made from the ledger: what each release means for those who learn from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from deckwright.ledger import Ledger, Release

FILE = "CHANGELOG.md"


def to_markdown(ledger: Ledger) -> str:
    """The whole changelog, newest release first."""
    head = f"# Changes of {ledger.name}\n\nMade by `deckwright release` from the ledger.\n"
    return "\n".join([head, *("\n".join(_section(ledger, one)) for one in ledger.releases[::-1])])


def browser_search(ledger: Ledger, retired: Iterable[str]) -> str:
    """The search for Anki's browser that finds just these notes (``id``) and cards (``id/N``).

    A learner may have a note under an id that it had before.
    """
    types = " OR ".join(f"mid:{kind.id}" for kind in ledger.types)
    terms = []
    for name in retired:
        card_id, _, number = name.partition("/")
        known = ledger.find(card_id)
        names = [card_id, *(known.aliases if known else ())]
        terms += [f"(Id:{one} card:{number})" if number else f"Id:{one}" for one in names]
    return f"({types}) ({' OR '.join(terms)})"


def _section(ledger: Ledger, release: Release) -> Iterator[str]:
    day = datetime.fromtimestamp(release.time, UTC).date().isoformat()
    yield f"## {release.version} ({day})\n"
    first = release is ledger.releases[0]
    if first:
        yield f"The first release, with {_notes(len(release.added))}.\n"
    lines = [] if first else list(_lines(ledger, release))
    if not first and not lines:
        yield "Nothing changed for learners.\n"
    for line in lines:
        yield f"{line}\n"
    if release.retired:
        yield (
            "What was retired stays in your collection until you delete it. This search in"
            " Anki's browser finds it:\n"
        )
        yield f"```\n{browser_search(ledger, release.retired)}\n```\n"


def _lines(ledger: Ledger, release: Release) -> Iterator[str]:
    kinds = (
        ("New", release.added),
        ("Corrected (your own edits of these notes are replaced)", release.changed),
        ("Renamed, which changes nothing for you", release.renamed),
        ("Held back until their text changes", release.held),
    )
    for words, names in kinds:
        if names:
            yield f"- **{words}:** {', '.join(f'`{name}`' for name in names)}"
    for name in release.retired:
        known = ledger.find(name)
        reason = f" ({known.retired})" if known and known.retired else ""
        yield f"- **Retired:** `{name}`{reason}"
    if release.types:
        yield "- **The look of the cards** changed."


def _notes(number: int) -> str:
    return "one note" if number == 1 else f"{number} notes"
