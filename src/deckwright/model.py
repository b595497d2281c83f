"""The nouns of deckwright: frozen values, which import nothing else of ours.

Lines and columns are counted from 1, columns in Unicode code points, as editors show them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from functools import cached_property
from unicodedata import normalize


class Severity(StrEnum):
    """How much a finding matters: an error stops the build, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A path as the user wrote it, a line and a column."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


NOWHERE = Place("")


@dataclass(frozen=True, order=True, slots=True)
class Edit:
    """A change of a text: what is from ``start`` up to ``end`` becomes ``text``.

    The offsets count code points of the text that was read, without a byte order mark and with
    single newlines; of the whole file, where the problem has its place.
    """

    start: int
    end: int
    text: str

    def moved(self, by: int) -> Edit:
        """The same change of a text that has more before it."""
        return Edit(self.start + by, self.end + by, self.text)


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it.

    A stage that reads a text gives the offset, and the caller that knows the file sets the place,
    once.
    """

    place: Place
    rule: str
    """The name of the rule that it breaks; empty where only the caller knows."""
    severity: Severity
    what: str
    fix: str
    source_line: str = ""
    """The source line at the place, for the caret; empty where there is none."""
    at: int = 0
    """The offset, until the place is set."""
    card: str = ""
    """The id of the card that it is in; empty where it is in none, or in one without an id."""
    edits: tuple[Edit, ...] = ()
    """What ``check --fix`` writes for it, all of them or none; empty where a person has to."""

    def moved(self, by: int) -> Problem:
        """The problem in a text that has more before it."""
        edits = tuple(edit.moved(by) for edit in self.edits)
        return replace(self, at=self.at + by, edits=edits)

    def placed(self, source: Source) -> Problem:
        """The problem at its place in a file; as it is where it has one."""
        if self.place != NOWHERE:
            return self
        return replace(self.moved(source.start), place=source.place(self.at), at=0)

    @property
    def message(self) -> str:
        """What is wrong and what to do, in one line."""
        return f"{self.what}: {self.fix}"

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.rule}]"


class Stake(Enum):
    """What would happen where a rule is broken: why a deck cannot soften an error."""

    HISTORY = "learners would lose reviews"
    SAFETY = "learners or reviewers could be harmed"
    PACKAGE = "the deck could not be built or imported"
    CONTENT = "a card would not be what its author wrote"
    FORMULA = "a formula would not be read as its author meant it"
    STYLE = "every card is whole and right without it"


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule; it is beside the check that finds what breaks it."""

    name: str
    doc: str
    """What the rule asks, and why; docs/rules.md begins its entry with it."""
    severity: Severity = Severity.ERROR
    stake: Stake = Stake.CONTENT
    """Why a deck cannot soften this error; with STYLE, it can."""

    @property
    def switchable(self) -> bool:
        """Whether [rules] in deck.toml can make it an error or a warning.

        A deck can switch warnings, because they never stop a build, but those about histories and
        safety; and the errors that leave every card whole and right (``Stake.STYLE``).
        """
        is_free = self.stake not in (Stake.HISTORY, Stake.SAFETY)
        return (self.severity is Severity.WARNING and is_free) or self.stake is Stake.STYLE

    @property
    def can_be_off(self) -> bool:
        """Whether a deck, or a card for itself alone, can switch it off."""
        return self.switchable and self.stake is not Stake.FORMULA

    def at(self, where: Place | int, what: str, fix: str, *edits: Edit) -> Problem:
        """A problem under this rule: at its place, or at an offset of the text that was read.

        ``edits`` are what ``check --fix`` writes, in offsets like ``where``; of the whole file
        where that is a place.
        """
        place, offset = (where, 0) if isinstance(where, Place) else (NOWHERE, where)
        return Problem(place, self.name, self.severity, what, fix, at=offset, edits=edits)


class ProblemError(Exception):
    """Why something cannot be read or taken."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """The text of one file or of a card in it, decoded, with line ends as a single newline."""

    path: str
    """As the user would write it, with slashes."""
    text: str
    folder: str = ""
    """Its folder, from the deck's; pictures are named from there."""
    start: int = 0
    """The offset in the file at which the text begins, at the start of a line."""
    above: int = 0
    """How many lines of the file are above it."""

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(newline.end() for newline in re.finditer("\n", self.text))]

    def place(self, offset: int) -> Place:
        """The place of a character in the file, given by its offset in the text in code points."""
        line = bisect_right(self._starts, offset)
        return Place(self.path, self.above + line, offset - self._starts[line - 1] + 1)

    def part(self, start: int, end: int) -> Source:
        """The text from the start of a line up to an offset, which knows where it is from."""
        above = self.place(start).line - 1
        return Source(self.path, self.text[start:end], self.folder, self.start + start, above)

    def offset(self, line: int) -> int:
        """The offset of the first character of a line, counted from 1."""
        return self._starts[min(line, len(self._starts)) - 1]

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its newline."""
        start = self.offset(number)
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source, from ``start`` up to ``end``."""

    source: Source = field(repr=False)
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters of the span."""
        return self.source.text[self.start : self.end]

    def place(self, offset: int = 0) -> Place:
        """The place of the character at an offset from the start of the span."""
        return self.source.place(self.start + offset)


@dataclass(frozen=True, slots=True)
class Required:
    """What a deck asks of each of its cards."""

    parts: tuple[str, ...] = ()
    """The ``###`` parts that it has, where its note type knows them."""
    tags: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """How many tags it has of a kind, such as ``level`` for ``level::…``: ``one`` or ``some``, or
    the words of which it is one.
    """
    references: str = ""
    """The file that lists each work which a ``### Source`` cites, by its path in the deck."""


@dataclass(frozen=True, slots=True)
class DeckInfo:
    """What deck.toml says of the deck."""

    key: str
    """The seed of every GUID and id; never changed once released."""
    name: str
    description: str = ""
    """Markdown, shown on the deck's page in Anki."""
    url: str = ""
    report: str = ""
    """The address of "report this card", with ``{id}`` in the place of the card's id."""
    licence: str = ""
    authors: tuple[str, ...] = ()
    decks: tuple[str, ...] = ()
    """Other decks of a learner's that cards may go to, or to decks below them."""
    tag: str = ""
    """The prefix of every tag."""
    lang: str = ""
    """The language of its cards, a tag of BCP 47 such as ``de`` or ``pt-BR``."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The words on its cards, by what they are in English: Why, Source, Report."""
    retired: Mapping[str, str] = field(default_factory=dict)
    """What is no longer in the deck, and why: ids, and ``id/N`` for the N-th card of a note."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Decks in Anki that all released cards left, and why."""
    macros: Mapping[str, str] = field(default_factory=dict)
    """The LaTeX of the deck's own commands, by their names without backslash."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """Rules that are an error, a warning or off in this deck, other than everywhere."""
    required: Required = field(default_factory=Required)

    def may_fill(self, deck: str) -> bool:
        """Whether cards may go to a deck in Anki: this one, one of ``decks``, or one below."""
        own = (deck_key(name) for name in (self.name, *self.decks))
        return any(f"{deck_key(deck)}::".startswith(f"{name}::") for name in own)


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of a card."""

    name: str
    start: int
    """The offset of its heading."""
    span: Span


@dataclass(frozen=True, slots=True)
class Card:
    """One card as written: the source of one note. All offsets are those of its own text."""

    id: str
    id_at: int
    """The offset of the id."""
    was: tuple[str, ...]
    """Its ids before renames."""
    deck: str
    tags: tuple[str, ...]
    prompt: Span
    answer: Span
    parts: tuple[Part, ...]
    type: str = ""
    """The name of its note type; empty where its clozes decide."""
    named: bool = True
    """Whether its id is written: else it is one that is offered, and there is no note of it."""

    @property
    def source(self) -> Source:
        """Its text, from its heading on: offsets and spans are counted in it."""
        return self.prompt.source

    @property
    def place(self) -> Place:
        """Where its prompt starts."""
        return self.prompt.place()


@dataclass(frozen=True, slots=True)
class Media:
    """A file that travels in the package, under a name made of its content."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a note type."""

    name: str
    id: int
    description: str
    """What Anki's editor shows in the empty field."""
    collapsed: bool = False
    search: bool = True
    parts: tuple[str, ...] = ()
    """The parts of a card that fill it."""


@dataclass(frozen=True, slots=True)
class Template:
    """A card template: the HTML of the two sides of one card."""

    name: str
    id: int
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """A note type; by their ids, Anki knows it, its fields and its templates again."""

    kind: str
    """What its notes call it: ``basic`` or ``cloze``, or the id of a deck's own, in digits."""
    id: int
    name: str
    sort: int
    """The index of the field that Anki's browser sorts by."""
    fields: tuple[Field, ...]
    templates: tuple[Template, ...]
    css: str
    mod: int = 0
    """When its markup last changed, in seconds since 1970; 0 where that is not settled yet."""
    cloze: bool = False
    """Whether a note makes a card for each of its clozes, not for each template."""

    def card_name(self, ordinal: int) -> str:
        """A card for people: the name of its template, or the number of its cloze."""
        if self.cloze:
            return f"cloze {ordinal + 1}"
        return self.templates[min(ordinal, len(self.templates) - 1)].name

    def field_of(self, part: str) -> str:
        """The name of the field that a part fills; empty where none is."""
        return next((field.name for field in self.fields if part in field.parts), "")

    def text(self, fields: Sequence[str], part: str) -> str:
        """The text of the field that a part fills; empty where none is."""
        both = zip(self.fields, fields, strict=False)
        return next((text for field, text in both if part in field.parts), "")


@dataclass(frozen=True, slots=True)
class Note:
    """A note as Anki stores it; the order of the fields is its note type's."""

    id: str
    guid: str
    kind: str
    """The kind of its note type."""
    deck: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    ordinals: tuple[int, ...]
    """The ordinals of its cards, from 0."""
    media: tuple[str, ...] = ()
    """The names of the files its fields show."""
    source: str = ""
    """A digest of what a person wrote for it."""
    mod: int = 0
    """When its source last changed, in seconds since 1970; 0 where that is not settled yet."""


_STEM = re.compile(r'(src="|\[sound:)[a-z0-9-]+-(?=[0-9a-f]{16}\.)')
"""What a name in a package has of the name of its file."""


def by_content(field: str) -> str:
    """A field with its pictures and sounds by what they hold, whatever their files are called."""
    return _STEM.sub(r"\1", field)


def deck_key(name: str) -> str:
    """The name of a deck in Anki as Anki compares it: capitals make no other deck."""
    return normalize("NFC", name).casefold()


@dataclass(frozen=True, slots=True)
class Deck:
    """A whole deck, rendered: what a package is made of."""

    info: DeckInfo
    types: tuple[NoteType, ...]
    notes: tuple[Note, ...]
    media: tuple[Media, ...]


Progress = Callable[[str, int, int], None]
"""Reports how far long work is: what is being done, how many are done, how many there are."""


def quiet(_words: str, _done: int, _total: int) -> None:
    """Show nothing of it."""
