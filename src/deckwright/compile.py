"""The way of a deck, from its folder to notes: load, parse, render, and hold against the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path, PurePosixPath

from deckwright.apkg.guids import guid
from deckwright.formulas.macros import define
from deckwright.media import Library, take, unused
from deckwright.model import (
    Card,
    Deck,
    DeckInfo,
    Media,
    Note,
    Place,
    Problem,
    Progress,
    Severity,
    Source,
    Span,
    quiet,
)
from deckwright.note_types import note_types
from deckwright.releases.changes import match
from deckwright.releases.continuity import Continuity
from deckwright.releases.ledger import FILE as LEDGER
from deckwright.releases.ledger import Ledger, ReleasedNote
from deckwright.rendering.pool import Budget
from deckwright.rendering.references import References, references, unused_definitions
from deckwright.rendering.render import Rendered, Shared
from deckwright.rendering.within_budget import Job, render_all, resolve_all
from deckwright.rules.continuity import BAD_RETIRED
from deckwright.rules.duplicates import duplicates
from deckwright.rules.files import FILE_TOO_BIG
from deckwright.rules.wording import wording
from deckwright.source.cards import CardFile, ids_in, parse
from deckwright.source.folder import CONFIG, load
from deckwright.source.limits import MAX_MEDIA
from deckwright.source.lines import Outline
from deckwright.source.problems import MAX_ALIKE, some
from deckwright.source.settings import Settings

_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class Compiled:
    """A deck, where it has no errors, and everything that was found."""

    deck: Deck | None
    notes: Mapping[str, Note]
    """The notes without an error, by id, even while others have some."""
    places: Mapping[str, Place]
    """Where each card stands, by its id."""
    problems: tuple[Problem, ...]
    """Sorted by place, each with its source line, as severe as the deck's [rules] say."""
    switched_off: int
    """How many more findings there are of rules that are off in this deck."""
    cards: int
    """How many ``##`` headings there are."""
    ledger: Ledger | None
    """The last release; None before the first."""
    matches: Mapping[str, ReleasedNote]
    """The released note that each note is, by the note's id."""
    files: Mapping[str, str]
    """The deck in Anki that each card file goes to, by the file's path in the folder."""

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
) -> Compiled:
    """Compile a deck's folder; reads only.

    Without the engine, formulas are not proven in MathJax: only what they are made of is looked
    at, which finds less. Without a budget, cards are rendered in this process, however long that
    takes; otherwise the budget is for a deck of a single file, and grows with what is more.

    Raises:
        NoDeckError: where there is no deck.toml in it.
        EngineMissing: where the engine is not installed.
    """
    folder = load(root)
    info = folder.info or DeckInfo(key="", name="")
    settings = Settings(info.rules)

    taken = ids_in(folder.sources)
    kinds = folder.own.by_name
    files = [parse(source, info, taken, kinds) for source in folder.sources]
    cards = [card for file in files for card in file.cards]
    matches = match(cards, folder.ledger)

    links = {file.outline.source.path: _references(file) for file in files}
    library = resolve_all(folder, progress, budget)
    whole_kinds = {name: one for name, one in kinds.items() if one}
    shared = Shared(library, define(info.macros)[0], links, whole_kinds)
    job = Job(_with_guids(files, info, matches), shared)
    rendered, lost = render_all(job, progress, budget, engine=engine)
    asked = frozenset[PurePosixPath]().union(*(one.asked for one in rendered))
    media, unfit = _taken(root, library, asked)
    notes = tuple(one.note for one in rendered)
    types = note_types(info, folder.style, folder.own.whole.values())
    deck = Deck(info, types, notes, media)
    whole = {one.note.id: one.note for one in rendered if not settings.stops(one.problems)}

    found = {
        *folder.problems,
        *chain.from_iterable(file.problems for file in files),
        *some(duplicates(files), MAX_ALIKE),
        *wording(
            ((card, whole[card.id]) for card in cards if card.id in whole),
            {one.kind: one for one in deck.types},
        ),
        *chain.from_iterable(one.problems for one in rendered),
        *chain.from_iterable(one.problems for one in links.values()),
        *chain.from_iterable(_unused(file, links, rendered) for file in files),
        *lost,
        *unfit,
    }
    unclear = [source.text for source in folder.sources] if settings.stops(found) else []
    found |= {*unused(root, folder.others, asked, unclear)}

    headings = sum(file.headings for file in files)
    decks = {_path_in(root, file): file.deck for file in files}
    if folder.ledger and folder.info:
        continuity = Continuity(
            deck=deck,
            cards={card.id: card for card in cards},
            files=decks,
            ledger=folder.ledger,
            matches=matches,
            config=Place((root / CONFIG).as_posix()),
            broken=frozenset(note.id for note in deck.notes if note.id not in whole),
            complete=headings == len(rendered) and len(files) == folder.files,
            type_places=folder.own.places,
            types_complete=len(folder.own.whole) == len(folder.own.kinds),
        )
        found |= {*some(continuity.breaches(), MAX_ALIKE)}
    elif info.retired and not (root / LEDGER).exists():
        found |= {*_never_released(root, info)}

    heeded = _in_order(settings.apply(found), (*folder.sources, *folder.own.sources))
    usable = None if settings.stops(found) else deck
    off = len(found) - len(heeded)
    places = {card.id: card.place for card in cards}
    return Compiled(usable, whole, places, heeded, off, headings, folder.ledger, matches, decks)


def _with_guids(
    files: Iterable[CardFile], info: DeckInfo, matches: Mapping[str, ReleasedNote]
) -> list[tuple[Card, Outline, str]]:
    """The cards of all files, each with its file and the GUID of its note.

    That is the released one, and only for a new note what its id gives.
    """
    return [
        (card, file.lines_of(card), released.note.guid if released else guid(info.key, card.id))
        for file in files
        for card in file.cards
        for released in [matches.get(card.id)]
    ]


def _references(file: CardFile) -> References:
    """The definitions of links in a file."""
    source = file.outline.source
    first = next((one.start for one in file.outline.headings if one.level == 2), len(source.text))
    return references(file.outline, Span(source, file.outline.body, first))


def _unused(
    file: CardFile, links: Mapping[str, References], rendered: Iterable[Rendered]
) -> Iterator[Problem]:
    """The definitions of links that nothing in a file uses, where all of its cards were read."""
    source = file.outline.source
    defined = links[source.path]
    if not defined.defined:
        return
    ids = {card.id for card in file.cards}
    mine = [one for one in rendered if one.note.id in ids]
    if len(mine) == file.headings:
        used = frozenset().union(*(one.used for one in mine))
        yield from some(unused_definitions(defined, used, source), MAX_ALIKE)


def _path_in(root: Path, file: CardFile) -> str:
    return PurePosixPath(file.outline.source.path).relative_to(root.as_posix()).as_posix()


def _taken(
    root: Path, library: Library, asked: frozenset[PurePosixPath]
) -> tuple[tuple[Media, ...], list[Problem]]:
    """The files that cards ask for, and what keeps them out of a package."""
    if library.size(asked) > MAX_MEDIA:
        what = f"the pictures and sounds of this deck have over {MAX_MEDIA >> 20} MB together"
        fix = "make them smaller, or make two decks of it"
        return (), [FILE_TOO_BIG.at(Place((root / CONFIG).as_posix()), what, fix)]
    return take(root, library, asked)


def _never_released(root: Path, info: DeckInfo) -> Iterator[Problem]:
    for name in info.retired:
        yield BAD_RETIRED.at(
            Place((root / CONFIG).as_posix()),
            f"{name} was never released, like everything in this deck",
            "take it out of [retired]",
        )


def _in_order(problems: Iterable[Problem], sources: tuple[Source, ...]) -> tuple[Problem, ...]:
    """Problems, sorted, each with its source line."""
    lines = {source.path: source for source in sources}

    @cache  # so that a long line with many findings is held once
    def line(path: str, number: int) -> str:
        return lines[path].line(number)

    return tuple(
        replace(found, source_line=line(found.place.path, found.place.line))
        if found.place.path in lines
        else found
        for found in sorted(problems)
    )
