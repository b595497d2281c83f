"""The way of a deck, from its folder to notes: load, parse, render, and hold against the ledger."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, starmap
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from deckwright.apkg.guids import guid
from deckwright.formulas.macros import define
from deckwright.mathjax.cache import keep_outside
from deckwright.media import take, unused
from deckwright.model import (
    Card,
    Deck,
    DeckInfo,
    Note,
    NoteType,
    Place,
    Problem,
    Progress,
    Severity,
    Source,
    quiet,
)
from deckwright.note_types import note_types
from deckwright.releases.changes import match
from deckwright.releases.continuity import Continuity, never_released
from deckwright.releases.elsewhere import lacking_releases
from deckwright.releases.git import submodules
from deckwright.releases.identity import originals
from deckwright.releases.ledger import Ledger, ReleasedNote
from deckwright.releases.repository import wrong_with_git
from deckwright.releases.vouched import against_base, against_last_tag
from deckwright.rendering.pool import Budget, Limit, Purse
from deckwright.rendering.references import references, unused_definitions
from deckwright.rendering.render import Rendered, Shared
from deckwright.rendering.within_budget import grown, render_all, resolve_all
from deckwright.rules import BY_NAME
from deckwright.rules.deck_toml import Settings, wrong_in_deck_toml
from deckwright.rules.duplicates import duplicates
from deckwright.rules.off import Heads, wrong_off
from deckwright.rules.required import wrong_with_required
from deckwright.rules.writing import Words, wording
from deckwright.source.cards import MISSING_ID, CardFile, parse_all
from deckwright.source.deck_toml import CONFIG
from deckwright.source.folder import Folder, load
from deckwright.source.problems import MAX_ALIKE, in_order, some

_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class Compiled:
    """A deck, where it has no errors, and everything that was found."""

    deck: Deck | None
    whole: Deck
    """The deck of the notes without an error, even while others have some.

    None of those where two cards have one id, and none at all where deck.toml cannot be read: of
    that, GUIDs are made.
    """
    places: Mapping[str, Place]
    """The place of each card, by its id."""
    unnamed: tuple[tuple[Note, Place], ...]
    """What would be the notes of cards that lack nothing but an id, under the offered ones."""
    problems: tuple[Problem, ...]
    """Sorted by place, as severe as the deck's [rules] say; those in cards with the source line."""
    switched_off: int
    """How many more findings there are of rules that are off in this deck."""
    cards: int
    """How many ``##`` headings there are."""
    ledger: Ledger | None
    """The last release; None before the first."""
    matches: Mapping[str, ReleasedNote]
    """The released note that each note is, by the note's id."""
    was: Mapping[str, tuple[str, ...]]
    """The ``was`` of each card that has one, by its id."""
    sources: Mapping[str, Source]
    """The texts of deck.toml and the card files, by their paths."""
    ids_at: Mapping[str, int]
    """The offset of each card's id in its file, by the id."""

    @property
    def notes(self) -> Mapping[str, Note]:
        """The notes of ``whole``, by their ids."""
        return {note.id: note for note in self.whole.notes}

    @property
    def errors(self) -> int:
        """How many of the findings are errors."""
        return sum(found.severity is Severity.ERROR for found in self.problems)


def compile_deck(
    root: Path,
    progress: Progress = quiet,
    *,
    engine: bool = True,
    budget: Budget | None = _BUDGET,
    instead: Mapping[str, str] = MappingProxyType({}),
    base: str = "",
) -> Compiled:
    """Compile a deck's folder; reads only.

    ``instead`` has other texts than the disk for some of its files, by their paths. ``base`` is a
    revision of git from whose ledger that of the deck may only go on by releases.

    Without the engine, formulas are not proven in MathJax: only what they are made of is looked
    at, which finds less. Without a budget, cards are rendered in this process, however long that
    takes; otherwise the budget is for a deck of a single file, and grows with what is more.

    Raises:
        NoDeckError: where there is no deck.toml in it.
        EngineMissing: where the engine is not installed.
        CacheInsideError: where the deck could bring its own proofs.
        GitError: where the base is no revision, or its ledger cannot be read.
    """
    start = time.process_time()
    folder = load(root, instead)
    purse = Purse(grown(budget, folder.sources).whole if budget else math.inf, start)
    if engine:
        keep_outside(root)
    info = folder.settings
    limit = Limit(purse, budget.seconds if budget else math.inf)
    used = {*info.retired, *(_ids_of(folder.ledger) if folder.ledger else ())}
    files = parse_all(folder.sources, info, folder.own.by_name, limit.on_file, used)
    cards = [card for file in files for card in file.cards]
    settings = Settings(info.rules, Heads(files))

    library = resolve_all(folder, progress, budget)
    links = {file.outline.source.path: references(file.outline) for file in files}
    kinds = folder.own.kinds_of_cards
    shared = Shared(library, define(info.macros)[0], links, kinds, folder.classes)
    lines = [(card, file.lines_of(card)) for file in files for card in file.cards]
    types = note_types(info, folder.style, folder.own.whole.values())
    words = Words({one.kind: one for one in types})
    proven, lost = render_all(lines, shared, words, progress, budget, purse, engine=engine)
    rendered = [(card, one) for card, one, _ in proven]
    asked = frozenset[PurePosixPath]().union(*(one.asked for _, one in rendered))
    media, unfit = take(root, library, asked)

    named = [(card, one) for card, one in rendered if card.named]
    matches = match([card for card in cards if card.named], folder.ledger)
    notes = tuple(one.note(card, _guid(card, info, matches)) for card, one in named)
    deck = Deck(info, types, notes, media)
    pairs = zip((card for card, _ in named), notes, strict=True)
    kept = originals(pairs, folder.ledger, types)

    found = {
        *_wrong_with_folder(folder, types),
        *chain.from_iterable(file.problems for file in files),
        *some(duplicates(files, kept), MAX_ALIKE),
        *wrong_off(files, BY_NAME),
        *some(chain.from_iterable(starmap(_placed, rendered)), MAX_ALIKE),
        *wording([(card, worded) for card, _, worded in proven], info.required.parts),
        *some(_lacking(folder, rendered, words.types), MAX_ALIKE),
        *unused_definitions(files, links, ((card, one.used) for card, one in rendered)),
        *lost,
        *unfit,
        *limit.problems,
    }
    has_errors = any(one.severity is Severity.ERROR for one in found)
    unclear = [source.text for source in folder.sources] if has_errors else []
    found |= {*unused(root, folder.others, asked, unclear)}
    of_files = [*settings.apply(chain.from_iterable(file.problems for file in files))]
    broken = {one.card for one in of_files if one.severity is Severity.ERROR}
    whole = _whole(named, settings) - broken
    found |= _against_ledger(folder, deck, files, matches, whole, limit)
    found |= {*_against_others(folder, base)}

    texts = (*folder.sources, *folder.own.sources, *filter(None, (folder.references,)))
    heeded = in_order(settings.apply(found), texts)
    return Compiled(
        deck=None if settings.stops(found) else deck,
        whole=replace(deck, notes=tuple(n for n in notes if folder.info and n.id in whole)),
        unnamed=tuple(_unnamed(rendered, of_files, settings)) if folder.info else (),
        places={card.id: card.place for card in reversed(cards) if card.named},
        problems=heeded,
        switched_off=len(found) - len(heeded),
        cards=sum(file.headings for file in files),
        ledger=folder.ledger,
        matches=matches,
        was={card.id: card.was for card in cards if card.was and card.named},
        sources={one.path: one for one in (folder.config, *folder.sources) if one},
        ids_at={head.id: head.id_at for file in files for head in file.heads if head.id},
    )


def _ids_of(ledger: Ledger) -> Iterator[str]:
    """The ids that cards had in any release."""
    for one in ledger.notes:
        yield one.note.id
        yield from one.aliases


def _wrong_with_folder(folder: Folder, types: Sequence[NoteType]) -> Iterator[Problem]:
    """What is wrong besides the cards: files, settings, and what git makes of the folder."""
    yield from folder.problems
    yield from some(wrong_with_git(folder.root, submodules(folder.root)), MAX_ALIKE)
    if folder.config:
        parts = [part for one in types for field in one.fields for part in field.parts]
        yield from wrong_in_deck_toml(folder.settings, folder.config, parts)


def _lacking(
    folder: Folder, rendered: Sequence[tuple[Card, Rendered]], types: Mapping[str, NoteType]
) -> Iterator[Problem]:
    """What cards lack of what deck.toml requires of each."""
    cards = [(card, types[one.kind]) for card, one in rendered]
    required = folder.settings.required
    return wrong_with_required(cards, required, folder.references, folder.sources)


def _placed(card: Card, rendered: Rendered) -> Iterator[Problem]:
    """What was found in a card, placed in its file."""
    return (one.placed(card.source) for one in rendered.problems)


def _whole(rendered: Sequence[tuple[Card, Rendered]], settings: Settings) -> frozenset[str]:
    """The ids of the cards without an error, except those of several cards."""
    ids = Counter(card.id for card, _ in rendered)
    whole = (card.id for card, one in rendered if not settings.stops(_placed(card, one)))
    return frozenset(name for name in whole if ids[name] == 1)


def _unnamed(
    rendered: Sequence[tuple[Card, Rendered]], of_files: Iterable[Problem], settings: Settings
) -> Iterator[tuple[Note, Place]]:
    """The notes of cards that lack nothing but an id; their GUIDs are empty."""
    others = [one for one in of_files if one.severity is Severity.ERROR and not one.card]
    wrong = [one.place for one in others if one.rule != MISSING_ID.name]
    for card, one in rendered:
        if not card.named and not settings.stops(_placed(card, one)):
            first = card.place.line
            last = first + card.source.text.count("\n")
            if not any(at.path == card.place.path and first <= at.line <= last for at in wrong):
                yield one.note(card, ""), card.place


def _guid(card: Card, info: DeckInfo, matches: Mapping[str, ReleasedNote]) -> str:
    """The GUID of a card's note: the released one, and only for a new note what its id gives."""
    released = matches.get(card.id)
    return released.note.guid if released else guid(info.key, card.id)


def _against_ledger(
    folder: Folder,
    deck: Deck,
    files: Sequence[CardFile],
    matches: Mapping[str, ReleasedNote],
    whole: frozenset[str],
    limit: Limit,
) -> set[Problem]:
    """What a release of the deck would break, or what it says of one that never was."""
    config = Place((folder.root / CONFIG).as_posix())
    if not folder.has_ledger:
        return {*never_released(deck.info, config)}
    if not folder.ledger or not folder.info:
        return set()
    continuity = Continuity(
        deck=deck,
        cards={card.id: card for file in files for card in file.cards if card.named},
        ledger=folder.ledger,
        matches=matches,
        config=config,
        broken=frozenset(note.id for note in deck.notes if note.id not in whole),
        complete=sum(file.headings for file in files) == len(deck.notes)
        and len(files) == folder.files,
        type_places=folder.own.places,
        types_complete=len(folder.own.whole) == len(folder.own.kinds),
        classes=(*folder.classes, *folder.own.classes),
        limit=limit,
    )
    return {*some(continuity.breaches(), MAX_ALIKE), *against_last_tag(folder.root, folder.ledger)}


def _against_others(folder: Folder, base: str) -> Iterator[Problem]:
    """What tags, other branches and the base of a pull request say of the ledger.

    A pull request is for its base: what other branches would release is not released yet.
    """
    if folder.has_ledger and not folder.ledger:
        return
    if folder.info:
        key, only_tags = folder.info.key, bool(base)
        yield from lacking_releases(folder.root, key, folder.ledger, only_tags=only_tags)
    if base:
        yield from against_base(folder.root, folder.ledger, base)
