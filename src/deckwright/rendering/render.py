"""From a card to a note: the fields as Anki stores them.

Each passage (prompt, answer, part) goes the same way: its pieces are swapped for tokens, Markdown
makes HTML of the rest, the HTML is cleaned, and the tokens become what Anki understands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html import escape, unescape
from itertools import islice
from pathlib import PurePosixPath

from deckwright.formulas.cloze_sides import AnkiFormula, FormulaUse, sides
from deckwright.formulas.macros import Expansion, Macro
from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.media import PICTURE, SOUND, Library, Sort
from deckwright.media.formats import not_played
from deckwright.model import Card, Edit, Note, Problem, ProblemError, Rule, Severity, Span, Stake
from deckwright.note_types import ANSWER, ID, KINDS, PROMPT, TYPE, Kind, kind
from deckwright.rendering.checks import cut_by_tables, entities, in_indented_code, made_by_entities
from deckwright.rendering.direction import directed
from deckwright.rendering.fill import Filler
from deckwright.rendering.github import only_on_github
from deckwright.rendering.html import clean
from deckwright.rendering.inert import followed, inert, without_marks
from deckwright.rendering.inlines import MARK, TOKEN, Target
from deckwright.rendering.markdown import Reading, TooDeepError, read
from deckwright.rendering.needs import as_filled, as_written, without_place
from deckwright.rendering.pieces import CLOZE_BLOCKS, CLOZE_PLACE, Formula, Scan
from deckwright.rendering.placeholders import (
    Woven,
    in_cells,
    mask,
    unwrap,
    with_tokens,
)
from deckwright.rendering.raw import raw
from deckwright.rendering.references import (
    LOST_TEXT,
    NO_REFERENCES,
    TOO_DEEP,
    References,
    sources_of,
    without_definitions,
)
from deckwright.rendering.scan import MATH_DELIMITER, scan
from deckwright.rendering.tags import MARKUP
from deckwright.source.cards import EMPTY_FRONT, EMPTY_PART
from deckwright.source.limits import MAX_FIELD, MAX_NESTING, excess
from deckwright.source.lines import Outline
from deckwright.source.problems import some
from deckwright.source.unicode import FORBIDDEN, described

EMPTY_ANSWER = Rule(
    "empty-answer",
    "A card has an answer under its comment, or a cloze.",
)

TYPED_PLAIN = Rule(
    "typed-plain",
    "What a learner types is one line of text, kept as it is written: Anki compares it sign by "
    "sign.",
)

TYPED_MARKS = Rule(
    "typed-marks",
    "Marks of Markdown around what a learner types are typed, too, and shown with the answer.",
    severity=Severity.WARNING,
)

FIELD_TOO_BIG = Rule(
    "field-too-big",
    "A field has at most 256 KB of HTML. Code in colours grows to many times what was written.",
    stake=Stake.PACKAGE,
)

CODE_LANGUAGE = Rule(
    "code-language",
    "The language after ``` is spelt as Pygments spells it. Code in a misspelt language "
    "would have no colours.",
    severity=Severity.WARNING,
)

CLOZE_OVERLAP = Rule(
    "cloze-overlap",
    "A cloze and the emphasis or link around it are properly nested.",
)


_MOST_ALIKE = 50
"""How many findings of one rule a card has, before they are counted only."""
_MARKED = re.compile(
    r"(?P<mark>\*{1,2}|_{1,2}|`+|\$)(?P<inner>[^*_`$\s](?:[^*_`$]*[^*_`$\s])?)(?P=mark)"
)
_BLANK = re.compile("[\\s\u200b-\u200f\u2060\u2800\ufe00-\ufe0f]+")
"""Characters without a sign that a text may hold beside others."""
_FENCED = re.compile(r"(`{3,}|~{3,})[^\n`]*\n(?P<line>.*?)\n[ \t]*\1", re.DOTALL)
"""A line between the marks of code: for one that Markdown would take for something else."""
_NO_KEY = re.compile(r"(?! |\u3000)\s|[\u061c\u200e\u200f\u2066-\u2069]")
"""Spaces and marks of direction that no keyboard has; the wide space is of Japanese ones."""
_NO_LINE = re.compile(
    r"(?:<(?:[!?]|(?:script|pre|style|textarea)\b)|\[[^\]\n]+\]:|###?(?!#)|`{3}|~{3})",
    re.IGNORECASE,
)
"""The beginning of a line that Markdown takes for more than a line."""
_NOT_READ = re.compile(r"[\n$`*\\<]|\{\{|\]\(")
"""What is no plain text where a filter takes a field apart."""
_BRACKET = re.compile(r"\\[()\[\]]")
_TAG = re.compile('<[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+>')


@dataclass(frozen=True, slots=True)
class Shared:
    """What all cards of a deck have in common."""

    media: Library = field(default_factory=Library)
    """Its pictures and sounds."""
    macros: Mapping[str, Macro] = field(default_factory=dict)
    references: Mapping[str, References] = field(default_factory=dict)
    """The definitions of links in each file, by its path."""
    kinds: Mapping[str, Kind] = field(default_factory=lambda: {one: kind(one) for one in KINDS})
    """The note types by the names that cards have for them."""
    classes: Mapping[str, bool] = field(default_factory=dict)
    """The classes that a card may write, each with whether it sizes text by that around it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a note holds, which is only fit to ship where no problem is an error.

    Places in it are offsets in the text of its card.
    """

    kind: str
    """The kind of its note type."""
    fields: Mapping[str, str]
    """The HTML of each field by name, in the order of the note type."""
    ordinals: tuple[int, ...]
    """The ordinals of its cards in Anki, from 0."""
    media: tuple[str, ...]
    """The names in the package of its pictures and sounds."""
    digest: str
    """Of what a person wrote for it: texts, media, macros, links; not tags."""
    problems: tuple[Problem, ...]
    formulas: tuple[FormulaUse, ...]
    """The formulas that MathJax has to check."""
    pictures: tuple[tuple[str, int], ...] = ()
    """The words for each picture of its fields, as they are written, and where they are."""
    used: frozenset[str] = frozenset()
    """The definitions of links that it uses, by name."""
    asked: frozenset[PurePosixPath] = frozenset()
    """The files that it asks for, fit to ship or not, by their paths in the deck."""

    def note(self, card: Card, guid: str) -> Note:
        """The note that Anki will hold."""
        return Note(
            card.id,
            guid,
            self.kind,
            card.deck,
            tuple(self.fields.values()),
            tuple(sorted(card.tags)),
            self.ordinals,
            self.media,
            self.digest,
        )


def render(card: Card, outline: Outline, shared: Shared) -> Rendered:
    """Render a card to the fields of its note; never raises for content.

    It knows no settings: no problem hides another, however severe a deck takes them. ``outline``
    has the lines of the card alone.
    """
    return _CardRenderer(card, outline, shared).render()


class _CardRenderer:
    def __init__(self, card: Card, outline: Outline, shared: Shared) -> None:
        self.card = card
        self.outline = outline
        self.media = shared.media
        self.kinds = shared.kinds
        self.classes = shared.classes
        self.unclear: set[int] = set()
        """Where the texts begin that were not read as they were meant; why is named."""
        self.macros = Expansion(shared.macros)
        self.references = shared.references.get(card.source.path, NO_REFERENCES)
        self.used: dict[str, Target] = {}
        """The definitions of links that it uses, by name."""
        self.shown: dict[str, str] = {}
        """The names of its pictures and sounds in the package."""
        self.named: dict[tuple[Sort, str], str | Problem] = {}
        """The name in the package of each picture or sound, or why there is none."""
        self.asked: set[PurePosixPath] = set()
        """The paths of those that are in the deck."""
        self.formulas: list[AnkiFormula] = []
        self.pictures: dict[int, tuple[tuple[str, int], ...]] = {}
        """The words for the pictures of each text and where they are, by its start."""
        self.problems: list[Problem] = []

    def render(self) -> Rendered:
        card = self.card
        prompt, answer = (scan(self.outline, span) for span in (card.prompt, card.answer))
        kind = self.kinds[card.type or ("cloze" if answer.has_cloze else "basic")]
        parts = {
            part.name: Scan(part.span, (), ())
            if kind.plain.get(part.name) == TYPE
            else scan(self.outline, part.span)
            for part in card.parts
        }
        self._check_kind(kind, prompt, answer, parts)
        all_parts = {**parts, PROMPT: prompt, ANSWER: answer}
        html = {name: self._part(kind, name, part) for name, part in all_parts.items()}
        html |= self._filled_by_others(kind, html, all_parts)
        blank = {name for name, text in html.items() if not _shows(text)}
        self._name_blank(kind, blank)
        html = {name: text for name, text in html.items() if name not in blank}
        html[ID] = card.id
        fields = {name: _joined(html, filled_by) for name, filled_by in kind.filled_by.items()}
        ordinals = kind.ordinals(fields)
        if kind.own and not self.unclear:
            self.problems += as_filled(kind, card, fields, ordinals)
        first = next(iter(fields))
        if self._too_big(prompt, fields[first]):  # of a prompt and a long ### Question
            fields[first] = ""
        media = tuple(sorted(self.shown))
        for found in islice(followed(kind, card, fields, ordinals, media), 1):
            what = f"fields side by side make {found[:40]!r} on a card, which Anki would follow"
            fix = "put a word before or behind its first sign, or show it in `code`"
            self._add(MARKUP, card.prompt.start, what, fix)
        filled = (part for filled_by in kind.filled_by.values() for part in filled_by)
        starts = (all_parts[part].span.start for part in filled if part in all_parts)
        uses = [
            FormulaUse(sides(formula.parts), formula.display)
            for formula in self.formulas
            if formula.parts
        ]
        return Rendered(
            kind.key,
            fields,
            ordinals or (0,),
            media,
            self._source_digest(),
            some(self.problems, _MOST_ALIKE),
            tuple(uses),
            tuple(one for start in starts for one in self.pictures.get(start, ())),
            frozenset(self.used),
            frozenset(self.asked),
        )

    def _source_digest(self) -> str:
        """A digest of what a person wrote for the note: texts, media, macros, links; not tags."""
        spans = [("", self.card.prompt), ("", self.card.answer)]
        spans += [(part.name, part.span) for part in self.card.parts]
        texts = [(name, without_definitions(self.outline, span)) for name, span in spans]
        written: list[list[object]] = [[name, text.strip()] for name, text in texts]
        written.append([*sorted(self.shown.values())])
        if macros := self.macros.written:
            written.append([*sorted(macros)])
        if self.used:
            written.append([[name, *target] for name, target in sorted(self.used.items())])
        return sha256(json.dumps(written).encode()).hexdigest()[:32]

    def _expanded(self, formula: Formula) -> tuple[Tex | Mark, ...]:
        try:
            return self.macros.within_budget(formula.parts)
        except ProblemError as error:
            self.problems.append(error.problem)
            return ()

    def _add(self, rule: Rule, offset: int, what: str, fix: str) -> None:
        self.problems.append(rule.at(offset, what, fix))

    # What is asked of a card as a whole

    def _check_kind(self, kind: Kind, prompt: Scan, answer: Scan, parts: dict[str, Scan]) -> None:
        self.problems += answer.problems
        for scanned in (prompt, *parts.values()):
            self.problems += scanned.problems
            for mark in scanned.marks:
                if mark.kind is MarkKind.OPEN:
                    where = "a heading" if scanned is prompt else "this part"
                    self._add(
                        CLOZE_PLACE,
                        mark.start,
                        f"a cloze in {where} would be shown as it is",
                        "move it into the text under the heading",
                    )
        self.problems += as_written(kind, self.card, answer)

    def _name_blank(self, kind: Kind, blank: Set[str]) -> None:
        """Name the parts of a card in which nothing can be seen.

        Of a text that was not read as it was meant, nothing is said here.
        """
        card = self.card
        if PROMPT in blank and self._is_clear(card.prompt):
            what = "nothing of this card's question can be seen"
            self._add(EMPTY_FRONT, card.prompt.start, what, "write a question after ##")
        if ANSWER not in kind.all_parts:
            self.problems += [] if ANSWER in blank else [without_place(kind, card)]
        elif ANSWER in blank and self._is_clear(card.answer):
            fix = "write one under its comment"
            fix += "" if kind.own else ", or hide a part of its text as {{c1::…}}"
            self._add(EMPTY_ANSWER, card.prompt.start, "this card has no answer", fix)
        for part in card.parts:
            if part.name in blank and self._is_clear(part.span):
                what = f"### {part.name} shows nothing"
                self._add(EMPTY_PART, part.start, what, "write its text or remove it")

    def _is_clear(self, span: Span) -> bool:
        """Whether a text was read as it was meant."""
        found = self.outline.found_between(span.start, span.end)
        return span.start not in self.unclear and not found

    def _part(self, kind: Kind, name: str, scanned: Scan) -> str:
        """The HTML of a part, as its note type takes it."""
        if name in kind.plain:
            return self._typed(kind, name, scanned.span)
        return self._passage(scanned, inline=name == PROMPT)

    def _typed(self, kind: Kind, name: str, span: Span) -> str:
        """A text that a filter shows, or compares with what is typed."""
        text = span.text.strip()
        start = span.start + span.text.index(text)
        if kind.plain[name] != TYPE:
            self._read_apart(kind, text, start, kind.plain[name])
        elif fenced := _FENCED.fullmatch(text):
            text = fenced["line"].strip()
            self._check_typed(kind, name, text, start + fenced.start("line"))
        elif _NO_LINE.match(text):
            what = "Markdown takes this for something else than a line of text"
            self._add(TYPED_PLAIN, start, what, "put it between two lines of ```")
        else:
            self._check_typed(kind, name, text, start)
            self.problems += _marks_in_typed(text, start)
        return inert(without_marks(escape(text, quote=False), in_cloze=False))

    def _check_typed(self, kind: Kind, name: str, text: str, start: int) -> None:
        """Name what nobody can type, or what is more than text where it is shown."""
        if found := _NO_KEY.search(text):
            sign = found[0]
            what = f"no keyboard has {described(sign)}, and Anki compares it with what is typed"
            fix = "write a plain space" if sign.isspace() else "remove it"
            if sign == "\n":
                what = "a learner can type one line, and here are more"
                fix = "write one of them, or move what explains it to the answer"
            self._add(TYPED_PLAIN, start + found.start(), what, fix)
        elif name in kind.shown_as_html and (found := _BRACKET.search(text)):
            what = f"Anki takes {found[0]} for a formula where a template shows this field as text"
            self._add(TYPED_PLAIN, start + found.start(), what, "show it with type: alone")

    def _read_apart(self, kind: Kind, text: str, start: int, by: str) -> None:
        """Name what a filter that takes a field apart would make something else of."""
        if (at := kind.misreads(text)) is not None:
            what = "square brackets hold how the word before them is read, here, and nothing else"
            fix = "write 漢字[かんじ], or round brackets"
            self._add(TYPED_PLAIN, start + at, what, fix)
        if found := _NOT_READ.search(text):
            what = f"{by} shows this field, which takes one line of plain text only"
            fix = "write the word or number alone, without formulas or Markdown"
            self._add(TYPED_PLAIN, start + found.start(), what, fix)

    def _filled_by_others(
        self, kind: Kind, html: Mapping[str, str], all_parts: Mapping[str, Scan]
    ) -> dict[str, str]:
        """The HTML of the parts that the card leaves empty, and for which another counts."""
        filled: dict[str, str] = {}
        for part, other in kind.stand_ins.items():
            given = all_parts.get(part)
            if given and other in html and not given.span.text.strip():
                text = filled.get(other, html[other])
                # MathJax, which would read the brackets, leaves code alone.
                in_code = other in kind.plain and _BRACKET.search(unescape(text))
                filled[part] = f"<code>{text}</code>" if in_code else text
        return filled

    # One passage

    def _passage(self, scanned: Scan, *, inline: bool = False) -> str:
        """The HTML of a passage, in blocks; nothing where what it holds cannot be read."""
        html = self._read(scanned, inline=inline)
        if html is None:
            self.unclear.add(scanned.span.start)
        return html or ""

    def _read(self, scanned: Scan, *, inline: bool) -> str | None:
        span = scanned.span
        hidden = [*entities(scanned)]
        self.problems += hidden
        if hidden or FORBIDDEN.search(span.text):
            return None  # named already; among them are those that tokens are made of
        if much := excess(mask(scanned)):
            self.problems.append(much.moved(span.start))
            return None
        woven, sources = with_tokens(scanned), sources_of(scanned)
        try:
            reading = read(
                woven.text,
                heading=inline,
                targets=self.references.targets,
                sources=sources,
            )
        except TooDeepError as error:
            at = woven.offset(error.line) if error.line else scanned.first_word
            what = "emphasis is nested too deeply in this text"
            if error.line:
                what = f"more than {MAX_NESTING} lists and quotes are open here"
            self._add(TOO_DEEP, at, what, "write them flatter")
            return None
        self.used |= reading.used
        if self._too_big(scanned, reading.html):
            return None
        cleaned = clean(reading.html, self._file, scanned, self.classes)
        self.problems += cleaned.problems
        self.problems += only_on_github(scanned, woven, reading, self.references)
        self.problems += cut_by_tables(scanned, woven, reading, self.outline)
        self.problems += in_indented_code(scanned)
        self.problems += raw(scanned, inline=inline)
        composed = [*made_by_entities(scanned, cleaned.html)]
        self.problems += composed
        if composed or any(one.rule == MATH_DELIMITER.name for one in cleaned.problems):
            return None
        self.pictures[span.start] = tuple(
            (TOKEN.sub(lambda token: sources[int(token[1])], words), at)
            for words, at in cleaned.pictures
        )
        scanned = self._expand(in_cells(scanned, woven, reading.rows))
        html = directed(self._fill(scanned, woven, cleaned.html, reading))
        if self._too_big(scanned, html):
            return None
        if any(one.rule == MARKUP.name for one in (*scanned.problems, *cleaned.problems)):
            self.unclear.add(span.start)
        return html

    def _expand(self, scanned: Scan) -> Scan:
        """The passage with the deck's macros written out."""
        pieces = [
            replace(piece, parts=self._expanded(piece)) if isinstance(piece, Formula) else piece
            for piece in scanned.pieces
        ]
        return replace(scanned, pieces=tuple(pieces))

    def _too_big(self, scanned: Scan, html: str) -> bool:
        size = len(html.encode())
        if size > MAX_FIELD:
            size = len(MARK.sub("", html).encode())
        if size > MAX_FIELD:
            what = f"this text becomes {size:,} bytes of HTML, over {MAX_FIELD:,}"
            fix = "split the card, or take the language of long code and the tables out"
            self._add(FIELD_TOO_BIG, scanned.first_word, what, fix)
        return size > MAX_FIELD

    def _file(self, tag: str, address: str) -> str | Problem:
        """The name in the package of a picture or of the sound that a link leads to."""
        suffix = PurePosixPath(address).suffix.lower()
        if tag == "img" and suffix in SOUND.suffixes:
            what, fix = "a sound is a link, not a picture", f"write [the word]({address[:60]})"
            return PICTURE.bad.at(0, what, fix)
        if tag == "img":
            return self._media(PICTURE, address)
        if suffix in SOUND.suffixes:
            return self._media(SOUND, address)
        if other := not_played(suffix):
            return SOUND.bad.at(0, f"{address[:60]!r} {other[0]}", other[1])
        what = f"the link to {address[:60]!r} leads to a file that learners do not have"
        picture = "write ![what it shows](…) for a picture"
        fix = "link to an https:// address, or to a sound as media/word.mp3"
        return MARKUP.at(0, what, picture if suffix in PICTURE.suffixes else fix)

    def _media(self, sort: Sort, src: str) -> str | Problem:
        """The name of a picture or sound in the package, or why there is none."""
        if (sort, src) not in self.named:
            self.named[sort, src] = self._looked_up(sort, src)
        return self.named[sort, src]

    def _looked_up(self, sort: Sort, src: str) -> str | Problem:
        path = self.media.find(sort, PurePosixPath(self.outline.source.folder), src)
        if isinstance(path, Problem):
            return path
        self.asked.add(path)
        file = self.media.file(sort, path)
        if isinstance(file, Problem):
            return file
        self.shown[file.name] = file.written
        return file.name

    def _fill(self, scanned: Scan, woven: Woven, html: str, reading: Reading) -> str:
        """Put what Anki understands in the place of each token."""
        in_tables = frozenset(
            number
            for number, piece in enumerate(scanned.pieces)
            if reading.rows and woven.line(piece.start) in reading.rows
        )
        filler = Filler(scanned, frozenset(self.shown), in_tables)
        html = filler.fill(html)
        self.formulas += filler.formulas
        blocks = {
            opened.start: opened.number
            for opened, closed in filler.split
            if closed.start > self.outline.blocks.end(opened.start)
        }
        for offset, number in blocks.items():
            what = f"the cloze c{number} begins or ends in the midst of a block"
            fix = f"put its marks around whole blocks, or close it and open {{{{c{number}:: again"
            self._add(CLOZE_BLOCKS, offset, what, fix)
        overlaps = {*filler.overlaps, *(opened.start for opened, _ in filler.split)}
        for offset in sorted(overlaps - blocks.keys()):
            self._add(
                CLOZE_OVERLAP,
                offset,
                "this cloze and the text around it are not nested",
                "open and close it within the same emphasis, link or cell",
            )
        for offset in filler.in_pictures:
            what = "a cloze in the words of a picture hides nothing"
            self._add(CLOZE_PLACE, offset, what, "put the whole picture into the cloze")
        for offset in filler.lost:
            what = "the text here would not be shown"
            self._add(LOST_TEXT, offset, what, "move it into the text")
        for fence, language in filler.misspelt:
            what = f"Pygments knows no language {fence.language!r}, and gives it no colours"
            fix = f"write {language} if that is meant, or leave it out for plain text"
            self._add(CODE_LANGUAGE, fence.info_at, what, fix)
        return html


def _marks_in_typed(text: str, start: int) -> Iterator[Problem]:
    """The marks of Markdown around a text that is compared with what is typed."""
    if found := _MARKED.fullmatch(text):
        marks = found["mark"]
        what = f"a learner has to type the {marks}, too"
        fix = f"write {found['inner'][:40]} alone"
        edit = Edit(start, start + len(text), found["inner"])
        yield TYPED_MARKS.at(start, what, fix, edit)


def _joined(html: Mapping[str, str], parts: Iterable[str]) -> str:
    """The text of a field that some parts fill, those that a card has."""
    texts = [html[part] for part in parts if part in html]
    return unwrap(texts[0]) if len(texts) == 1 else "\n".join(texts)


def _shows(html: str) -> bool:
    """Whether there is something to see: a picture, or text that is more than spaces."""
    return "<img" in html or bool(_BLANK.sub("", unescape(_TAG.sub("", html))))
