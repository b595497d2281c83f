"""From the text of a file to cards: headings, the comments under them, parts.

Each ``##`` heading becomes a card or an error; nothing is dropped in silence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from html import escape
from itertools import islice, pairwise
from pathlib import PurePosixPath
from unicodedata import normalize

from deckwright.model import (
    Card,
    DeckInfo,
    Edit,
    Part,
    Place,
    Problem,
    Rule,
    Severity,
    Source,
    Span,
    Stake,
)
from deckwright.note_types import KINDS, Kind, kind, may_be_empty, parts
from deckwright.rendering.markdown import read
from deckwright.source import unicode
from deckwright.source.card_keys import (
    BAD_COMMENT,
    CARD_KEYS,
    DECK_NAME,
    FRONT_KEYS,
    OTHER_DECK,
    UNKNOWN_TYPE,
    Meta,
    deck_name_problem,
    did_you_mean,
    is_near,
    read_meta,
    slug,
)
from deckwright.source.limits import MAX_CARD
from deckwright.source.lines import (
    DIFFERS_ON_GITHUB,
    HEADING_SPACE,
    Comment,
    Heading,
    Outline,
    outline,
)
from deckwright.source.problems import MAX_ALIKE, Problems

NO_TITLE = Rule(
    "no-title",
    "A file starts with one `#` title, which names its subdeck. Without a title, its cards "
    "go to the deck itself.",
    severity=Severity.WARNING,
)

SECOND_TITLE = Rule(
    "second-title",
    "A file has one `#` title, before the first card: it names the subdeck of the whole file.",
)

MISSING_ID = Rule(
    "missing-id",
    "Each card has its own id in the hidden comment under its heading. Learners' reviews "
    "belong to the id: the text may change, the id may not.",
    stake=Stake.HISTORY,
)

NO_CARDS = Rule(
    "no-cards",
    "A card file holds at least one card, a `##` heading. A file for people, without "
    "cards, has one of a few names, such as README.md.",
)

EMPTY_FRONT = Rule(
    "empty-front",
    "A card asks something: its heading is not empty, and its note type makes at least one "
    "card of it.",
)

UNKNOWN_PART = Rule(
    "unknown-part",
    "A `###` heading names a part of the card: Question, Typed, Reverse, Why or Source; on "
    "a cloze card Why or Source; with a note type of the deck's own, one of its fields. "
    "Headings inside an answer start at `####`.",
)

PART_TWICE = Rule(
    "part-twice",
    "A card has each part once.",
)

EMPTY_PART = Rule(
    "empty-part",
    "A part has text. An empty one is left out; an empty `### Reverse` asks the answer.",
    severity=Severity.WARNING,
)

PART_PLACE = Rule(
    "part-without-card",
    "A part belongs to a card: it comes after a `##` heading.",
)

CARD_TOO_BIG = Rule(
    "card-too-big",
    "A card has at most 32 KB, with its comment and its parts: a screen holds two.",
    stake=Stake.PACKAGE,
)

COMMENT_IN_BODY = Rule(
    "comment-in-body",
    "A comment in the text of a card reaches no learner, and tells deckwright nothing: what does "
    "is right under the heading.",
    severity=Severity.WARNING,
)

LOST_COMMENT = Rule(
    "lost-comment",
    "A comment with the id or another key of a card is right under a heading, and no comment "
    "hides a card.",
)


_CONSEQUENCES = {
    rule.name for rule in (PART_TWICE, PART_PLACE, UNKNOWN_PART, EMPTY_PART, LOST_COMMENT)
}
"""What is found below a heading of a card that is not read as one."""
_NEARLY = re.compile(
    r"\s*(?P<all>(?P<open><[ \t]*!?[ \t]*-*[ \t]*)?id[ \t]*:[ \t]*(?P<id>[a-z0-9]+(?:-+[a-z0-9]+)*)"
    r"[ \t]*-*!?>?)[ \t]*(?=\n|\Z)(?P<more>\s*[^\s#])?"
)
"""What was meant as the comment of a card, without its marks or with others."""
_KEYS = re.compile(rf"^(?:<!--)?\s*({'|'.join(CARD_KEYS)}):", re.MULTILINE)
_NO_CLOSE = re.compile(r"<!--[ \t]*id:[ \t]*[a-z0-9]+(?:-+[a-z0-9]+)*(?P<end>[ \t]*-*!?>?)(?=\n)")
_BEHIND = re.compile(r"[ \t]*(?=\S)")
_SWALLOWED = re.compile(r"^##[ \t](?:(?!<!--).)*+\s*+<!--", re.MULTILINE)


_OTHER_WORDS = {
    **dict.fromkeys("reference ref citation literature link".split(), "Source"),
    **dict.fromkeys("explanation reason because note comment remark".split(), "Why"),
}
"""What a part is called elsewhere, in small letters and without an s at its end."""


@dataclass(frozen=True, slots=True)
class CardHead:
    """The lines of a card, with mistakes or without, and what its comment says about them."""

    first: int
    last: int
    id: str
    """Empty where it has none that can be used."""
    id_at: int
    """The offset of the id in the file."""
    off: tuple[str, ...]
    """The rules that are off in it."""
    off_at: tuple[int, ...]
    """The offsets of their names in the file."""


@dataclass(frozen=True, slots=True)
class CardFile:
    """The cards of one file; a card with an error may be missing, never without a diagnostic."""

    outline: Outline
    cards: tuple[Card, ...]
    deck: str
    """The deck in Anki that they go to."""
    tags: Mapping[str, int]
    """Every tag that is written in it, and the offset where it is first."""
    heads: tuple[CardHead, ...]
    """Of every ``##`` heading of the file, in order."""
    problems: tuple[Problem, ...]

    @property
    def headings(self) -> int:
        """How many ``##`` headings the file has."""
        return len(self.heads)

    @property
    def path(self) -> str:
        """Its path in the folder of the deck."""
        source = self.outline.source
        return (PurePosixPath(source.folder) / PurePosixPath(source.path).name).as_posix()

    def lines_of(self, card: Card) -> Outline:
        """The lines of one of the cards."""
        return self.outline.part(card.source)


@dataclass(frozen=True, slots=True)
class _Section:
    """A title or a prompt, and the text under it up to the next."""

    heading: Heading
    parts: tuple[Heading, ...]
    """The ``###`` headings under it."""
    comment: Comment | None
    """The comment that is the first thing under a prompt."""
    end: int


def parse(
    source: Source,
    info: DeckInfo,
    taken: set[str],
    kinds: Mapping[str, Kind | None] | None = None,
) -> CardFile:
    """Read the cards of a file.

    ``taken`` are ids that a card without one is not offered; those that are offered are added.
    ``kinds`` are the note types by name, None for one with mistakes; without them, ours.
    """
    ours = {name: kind(name) for name in KINDS}
    return _Parser(source, info, taken, ours if kinds is None else kinds).parse()


def parse_all(
    sources: Iterable[Source],
    info: DeckInfo,
    kinds: Mapping[str, Kind | None],
    within: Callable[[Place], AbstractContextManager[None]] = lambda _: nullcontext(),
    taken: Iterable[str] = (),
) -> list[CardFile]:
    """Read the cards of all files of a deck; no two are offered the same id, or one of ``taken``.

    Each is read ``within`` a limit, which knows its place, and left out where that ends it.
    """
    sources, files = [*sources], []
    taken = ids_in(sources).union(taken)
    for source in sources:
        with within(source.place(0)):
            files.append(parse(source, info, taken, kinds))
    return files


def ids_in(sources: Iterable[Source]) -> set[str]:
    """What looks like an id in some files, before they are read."""
    pattern = re.compile(r"\bid:\s*([a-z0-9-]+)")
    return {found[1] for source in sources for found in pattern.finditer(source.text)}


def _is_plain(title: str) -> bool:
    """Whether a title shows as it is written: no mark of Markdown is in it, no tag, no entity."""
    shown = read(title, heading=True).html.removeprefix("<p>").removesuffix("</p>")
    return shown.split() == escape(title, quote=False).split()


class _Parser:
    def __init__(
        self,
        source: Source,
        info: DeckInfo,
        taken: set[str],
        kinds: Mapping[str, Kind | None],
    ) -> None:
        self.source = source
        self.kinds = kinds
        self.info = info
        self.taken = taken
        self.outline = outline(source)
        self.problems = Problems()
        self.problems += _characters(source)
        self.problems += self.outline.problems
        self.offers: Counter[str] = Counter()
        self.tags: dict[str, int] = {}
        self.offered: dict[int, str] = {}
        """The ids that are offered to cards without one, by where these begin."""
        self.heads: list[CardHead] = []

    def parse(self) -> CardFile:
        front = self._front()
        sections = tuple(self._sections())
        self._titles([section.heading for section in sections])
        self._parts_without_card(sections)
        deck = front.deck or self._default_deck(sections)
        if self.info.name and not self.info.may_fill(deck):
            what = f"the deck {front.deck[:60]!r} is not part of {self.info.name!r}"
            fix = f"write {self.info.name}::…, or list it in deck.toml: decks = […]"
            self._add(OTHER_DECK, front.deck_at, what, fix)
        prompts = [section for section in sections if section.heading.level == 2]
        cards = [card for prompt in prompts if (card := self._card(prompt, deck, front))]
        self._stray_comments(prompts)
        causes = self._without_consequences(prompts)
        found = tuple(one.placed(self.source) for one in causes)
        return CardFile(self.outline, tuple(cards), deck, self.tags, tuple(self.heads), found)

    def _without_consequences(self, prompts: Sequence[_Section]) -> Iterator[Problem]:
        """The problems, without what follows from a heading that is text for want of a space."""
        lost = sorted(one.at for one in self.problems if one.rule == HEADING_SPACE.name)
        starts = [one.heading.start for one in prompts]
        for one in self.problems:
            before = bisect_right(lost, one.at)
            is_below = before and bisect_right(starts, lost[before - 1]) == bisect_right(
                starts, one.at
            )
            is_of_file = one.rule == NO_CARDS.name and lost
            if not is_of_file and not (is_below and one.rule in _CONSEQUENCES):
                yield one

    def _default_deck(self, sections: tuple[_Section, ...]) -> str:
        """The whole deck's name and the file's title."""
        title = next((one.heading for one in sections if one.heading.level == 1), None)
        if title is None or not self.info.name:
            return self.info.name
        name = normalize("NFC", f"{self.info.name}::{title.text.text}")  # as Anki does
        if title.text.text and (what := deck_name_problem(name)):
            fix = "write a title of plain words, or name the deck in the front matter"
            self._add(DECK_NAME, title.text.start, what, fix)
        elif not _is_plain(title.text.text):
            what = "Anki shows the name of a deck as it is written, marks and all"
            fix = "write a title without marks, or name the deck in the front matter"
            self._add(DECK_NAME, title.text.start, what, fix)
        return name

    def _sections(self) -> Iterator[_Section]:
        """The stretches of the file from one title or prompt to the next."""
        headings = self.outline.headings
        starts = [index for index, heading in enumerate(headings) if heading.level < 3]
        for index, following in pairwise([*starts, len(headings)]):
            last = following == len(headings)
            end = len(self.source.text) if last else headings[following].start
            heading = headings[index]
            comment = self._comment_under(heading, end) if heading.level == 2 else None
            yield _Section(heading, headings[index + 1 : following], comment, end)

    def _place(self, offset: int) -> Place:
        return self.source.place(offset)

    def _add(self, rule: Rule, offset: int, what: str, fix: str) -> None:
        self.problems.append(rule.at(offset, what, fix))

    # Front matter and headings

    def _front(self) -> Meta:
        if not self.outline.front:
            return Meta()
        meta, found = read_meta(self.outline.front, FRONT_KEYS, self.info.tag)
        self.problems += found
        self._note_tags(meta)
        self._check_type(meta)
        return meta

    def _check_type(self, meta: Meta) -> None:
        if meta.type and meta.type not in self.kinds:
            what = f"there is no note type {meta.type[:40]!r}"
            fix = did_you_mean(meta.type, [*self.kinds])
            self._add(UNKNOWN_TYPE, meta.type_at, what, fix)

    def _note_tags(self, meta: Meta) -> None:
        for tag, at in zip(meta.tags, meta.tags_at, strict=True):
            self.tags.setdefault(tag, at)

    def _titles(self, headings: list[Heading]) -> None:
        titles = [heading for heading in headings if heading.level == 1]
        prompts = [heading for heading in headings if heading.level == 2]
        if not prompts:
            self._add(
                NO_CARDS,
                0,
                "this file holds no card",
                "write each card under a heading ## of its own; a file for people is a README.md",
            )
        elif not titles:
            self._add(
                NO_TITLE,
                prompts[0].start,
                "this file has no title",
                "put a line # with the name of its subdeck before the first card",
            )
        elif titles[0].start > prompts[0].start:
            self._add(
                SECOND_TITLE,
                titles[0].start,
                "the title comes after the first card",
                "move it to the top of the file, or make it a card (##)",
            )
        elif not titles[0].text.text:
            self._add(
                SECOND_TITLE, titles[0].start, "the title is empty", "name the subdeck after #"
            )
        typed = {
            under.start
            for one, under in pairwise(self.outline.headings)
            if one.text.text in kind("basic").plain
            and not self.source.text[one.end : under.start].strip()
        }
        for title in titles[1:]:
            what = f"a second title, after the one in line {self._place(titles[0].start).line}"
            fix = "make it a card (##) or a part (###), or move its cards to another file"
            if title.start in typed:
                fix = "put a line that a learner types between two lines of ```"
            self._add(SECOND_TITLE, title.start, what, fix)

    def _parts_without_card(self, sections: tuple[_Section, ...]) -> None:
        first = sections[0].heading.start if sections else len(self.source.text)
        homeless = [heading for heading in self.outline.headings if heading.start < first]
        for section in sections:
            if section.heading.level == 1:
                homeless += section.parts
        for heading in homeless:
            self._add(
                PART_PLACE,
                heading.start,
                f"### {heading.text.text} belongs to no card",
                "put it below a card, or make it a card (##)",
            )

    # Cards

    def _card(self, section: _Section, deck: str, front: Meta) -> Card | None:
        prompt, comment = section.heading, section.comment
        if not prompt.text.text or prompt.text.text.startswith("<!--"):
            self._add(EMPTY_FRONT, prompt.start, "this card has no question", "write one after ##")
        meta = self._card_meta(prompt, comment)
        self.heads.append(self._head(section, meta))
        behind = _BEHIND.match(self.source.text, comment.end) if comment else None
        if behind:
            what = "GitHub reads no Markdown in the line of a comment"
            self._add(DIFFERS_ON_GITHUB, behind.end(), what, "begin the text in the line below")
        body = comment.end if comment else prompt.end
        end = section.parts[0].start if section.parts else section.end
        name = meta.type or front.type
        kind = self.kinds.get(name)
        parts = [*self._parts(section, name, kind)]
        card_id = meta.id or self.offered.get(prompt.start, "")
        if not card_id or self._too_big(section) or (name and kind is None):
            return None
        tags = tuple(dict.fromkeys((*front.tags, *meta.tags)))
        source = self.source.part(prompt.start, section.end)

        def own(start: int, end: int) -> Span:
            return Span(source, start - source.start, end - source.start)

        return Card(
            card_id,
            meta.id_at - source.start if meta.id else 0,
            meta.was,
            deck,
            tags,
            own(prompt.text.start, prompt.text.end),
            own(body, end),
            tuple(
                Part(part.name, part.start - source.start, own(part.span.start, part.span.end))
                for part in parts
            ),
            name,
            named=bool(meta.id),
        )

    def _head(self, section: _Section, meta: Meta) -> CardHead:
        first = self._place(section.heading.start).line
        last = self._place(max(section.heading.start, section.end - 1)).line
        return CardHead(first, last, meta.id, meta.id_at, meta.off, meta.off_at)

    def _too_big(self, section: _Section) -> bool:
        start = section.heading.start
        size = len(self.source.text[start : section.end].encode())
        if size > MAX_CARD:
            what = f"this card has {size:,} bytes, over {MAX_CARD:,}"
            self._add(CARD_TOO_BIG, start, what, "ask for one fact: split it into several cards")
        return size > MAX_CARD

    def _comment_under(self, prompt: Heading, end: int) -> Comment | None:
        """The comment that is the first thing under a heading."""
        for comment in self.outline.comments_in(prompt.end, end)[:1]:
            between = self.source.text[prompt.end : comment.start]
            return None if between.strip() else comment
        return None

    def _card_meta(self, prompt: Heading, comment: Comment | None) -> Meta:
        meta = Meta()
        found: tuple[Problem, ...] = ()
        if comment and (card := _SWALLOWED.search(self.source.text, comment.start, comment.end)):
            found = (self._swallowing(comment.start, card.start()),)
            self.problems += found
        elif comment:
            inner = Span(self.source, comment.start + len("<!--"), comment.end - len("-->"))
            meta, found = read_meta(inner, CARD_KEYS, self.info.tag)
            self.problems += found
            self._note_tags(meta)
            self._check_type(meta)
        if comment is None and (stray := self.outline.comments_in(prompt.start, prompt.end)):
            what = "this comment is in the line of the heading"
            self._add(BAD_COMMENT, stray[0].start, what, "put it into the line below")
        elif comment is None and (nearly := self._nearly(prompt)):
            good = f"<!-- id: {nearly['id']} -->"
            what, at = "this looks like the comment of the card", nearly.start("all")
            edit = Edit(*nearly.span("all"), good)
            self.problems.append(BAD_COMMENT.at(at, what, f"write {good}", edit))
        elif not meta.id and not found:
            offer = self._offer(prompt.text.text)
            fix = f"put <!-- id: {offer} --> in the line under its ##"
            if comment:
                fix = f"write the line id: {offer} into its comment"
            at = comment.start if comment else prompt.start
            edits = self._with_id(prompt, comment, offer) if prompt.text.text else ()
            self.offered[prompt.start] = offer
            self.problems.append(MISSING_ID.at(at, "this card has no id", fix, *edits))
        return meta

    def _nearly(self, prompt: Heading) -> re.Match[str] | None:
        """What is first under a heading, where it was meant as the comment."""
        found = _NEARLY.match(self.source.text, prompt.end)
        return found if found and (found["open"] or found["more"]) else None

    def _swallowing(self, at: int, card: int) -> Problem:
        """A comment without its end, which another one's ends."""
        lines = self._place(at).line, self._place(card).line
        what = (
            f"the comment of line {lines[0]} has no -->, and swallows the card in line {lines[1]}"
        )
        found = _NO_CLOSE.match(self.source.text, at)
        edits = [Edit(*found.span("end"), " -->")] if found else []
        return LOST_COMMENT.at(at, what, "write --> after its last key", *edits)

    def _joined(self, prompt: _Section | None, comment: Comment) -> Iterator[Edit]:
        """What puts the keys of a second comment into the first."""
        if prompt is None or (first := prompt.comment) is None:
            return
        one, two = (self.source.text[it.start : it.end] for it in (first, comment))
        between = self.source.text[first.end : comment.start].strip()
        if not between and not {*_KEYS.findall(one)} & {*_KEYS.findall(two)}:
            texts = (text[len("<!--") : -len("-->")].strip() for text in (one, two))
            yield Edit(first.start, comment.end, "<!--\n{}\n{}\n-->".format(*texts))

    def _with_id(self, prompt: Heading, comment: Comment | None, name: str) -> Iterator[Edit]:
        """What gives a card an id."""
        if comment is None:
            yield Edit(prompt.end, prompt.end, f"\n<!-- id: {name} -->")
            return
        start, end = comment.start + len("<!--"), comment.end - len("-->")
        written = self.source.text[start:end]
        if not written.strip():
            yield Edit(start, end, f" id: {name} ")
        elif written.startswith("\n"):
            yield Edit(start, start, f"\nid: {name}")
        else:
            yield Edit(start, end, f"\nid: {name}\n{written.strip()}\n")

    def _offer(self, text: str) -> str:
        """An id for a card without one, which no other card has."""
        name = offer = slug(text)
        while offer in self.taken:
            self.offers[name] += 1
            offer = f"{name}-{self.offers[name] + 1}"
        self.taken.add(offer)
        return offer

    def _parts(self, section: _Section, name_of_type: str, kind: Kind | None) -> Iterator[Part]:
        """The parts of a card, counted in the file."""
        known = kind.parts if kind else parts()
        labels = self.info.labels.items()
        own = {word: part for part, word in labels if part in known and word not in known}
        """The parts by the deck's own words for them."""
        free = bool(name_of_type) and kind is None
        """Whether the note type is not known, and so neither are its parts."""
        seen: set[str] = set()
        ends = [*(heading.start for heading in section.parts[1:]), section.end]
        for heading, until in zip(section.parts, ends, strict=False):
            written = heading.text.text
            name = own.get(written, written)
            span = Span(self.source, heading.end, until)
            if name not in known and not free:
                meant = _OTHER_WORDS.get(name.casefold().rstrip(" s:"), "")
                fix = did_you_mean(meant if meant in known else name, (*known, *own))
                more = "a heading in an answer starts at ####"
                if fix.startswith("there is") and not own and not name_of_type:
                    more += "; deck.toml can give Why and Source other words under [labels]"
                fix = f"{fix} ({more})"
                of = f"{name_of_type} card" if name_of_type else "card"
                what, plain = f"### {name} is not a part of a {of}", name.rstrip(" :").casefold()
                near = [one for one in (*known, *own) if is_near(plain, one.casefold())]
                span = heading.text
                edits = [Edit(span.start, span.end, near[0])] if len(near) == 1 else []
                self.problems.append(UNKNOWN_PART.at(heading.start, what, fix, *edits))
            elif name in seen:
                what = f"### {written} is twice in this card"
                what += f", once as ### {name}" if written != name else ""
                self._add(PART_TWICE, heading.start, what, "join the two")
            elif not span.text.strip() and name not in (kind.stand_ins if kind else may_be_empty()):
                fix = "write its text or remove it"
                self._add(EMPTY_PART, heading.start, f"### {written} is empty", fix)
            else:
                yield Part(name, heading.start, span)
            seen.add(name)

    def _stray_comments(self, prompts: list[_Section]) -> None:
        """Comments that are not right under a heading; those in the prose above are free."""
        first = prompts[0].heading.start if prompts else len(self.source.text)
        known = {prompt.comment for prompt in prompts}
        for prompt in prompts:
            known |= {*self.outline.comments_in(prompt.heading.start, prompt.heading.end)}
        for comment in self.outline.comments:
            if comment in known:
                continue
            text = self.source.text[comment.start : comment.end]
            rule = LOST_COMMENT
            edits: tuple[Edit, ...] = ()
            if _SWALLOWED.search(text):
                what = "this comment swallows the card below it"
                fix = "close it with --> before the next ##"
            elif re.match(r"<!--\s*id:", text):
                what = "this comment has the id of a card, but no card"
                fix = "put it right under a heading ##"
            elif comment.start < first:
                continue
            elif key := _KEYS.match(text):
                above = [one for one in prompts if one.heading.start < comment.start]
                what = f"this comment has the key `{key[1]}` of a card, and is not read"
                fix = "put its lines into the comment with the id, right under the heading ##"
                edits = tuple(self._joined(above[-1], comment))
            else:
                rule = COMMENT_IN_BODY
                what = "a comment in the text of a card"
                fix = "remove it, or move it above the first card"
            self.problems.append(rule.at(comment.start, what, fix, *edits))


def _characters(source: Source) -> Iterator[Problem]:
    yield from islice(unicode.forbidden(source.text), MAX_ALIKE + 1)
    if other := unicode.not_composed(source.text):
        yield other
