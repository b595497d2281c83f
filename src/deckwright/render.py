"""From a card to a note: the fields as Anki stores them.

Each passage (prompt, answer, part) goes the same way: its pieces are swapped for tokens, Markdown
makes HTML of the rest, the HTML is cleaned, and the tokens become what Anki understands.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html import escape, unescape
from pathlib import PurePosixPath

from deckwright import characters, github
from deckwright.characters import FORBIDDEN
from deckwright.fill import TOKEN, Filler, inert
from deckwright.findings import some
from deckwright.limits import MAX_FIELD, excess
from deckwright.markdown import TooDeepError, is_plain, to_html
from deckwright.markup import Complaint, Link, Picture, clean, visible_text
from deckwright.media import PICTURE, SOUND, MediaError, MediaFolder, Sort
from deckwright.model import Card, Diagnostic, Note, Span
from deckwright.outline import Outline
from deckwright.passage import (
    GUARD,
    code_in_tables,
    extra_cells,
    find,
    mask,
    offset_of,
    pieces_in,
    unwrap,
    with_tokens,
)
from deckwright.pieces import Code, Formula, Mark, MarkKind, Opaque, Piece, Scan, Tex
from deckwright.rules import Rule
from deckwright.rules.cards import (
    EMPTY_ANSWER,
    EMPTY_FRONT,
    FIELD_TOO_BIG,
    TYPED_PLAIN,
    UNKNOWN_PART,
)
from deckwright.rules.clozes import CLOZE_OVERLAP, CLOZE_PLACE
from deckwright.rules.files import CHARACTER, NOT_NFC
from deckwright.rules.formulas import MATH_DELIMITER, TEX_MACRO
from deckwright.rules.media import BAD_SOUND, IMAGE_ALT
from deckwright.rules.text import (
    CODE_LANGUAGE,
    DIFFERS_ON_GITHUB,
    INDENTED_CODE,
    LOST_TEXT,
    MARKUP,
    OTHER_SYNTAX,
    TOO_DEEP,
)
from deckwright.scan import scan
from deckwright.settings import Settings
from deckwright.tex.macros import Expansion, Macro, MacroError
from deckwright.tex.sides import Claim, Laid, sides

_MOST_ALIKE = 50
"""How many findings of one rule a card has, before they are counted only."""
_DEFINITION = re.compile(
    r"^(?:[ >]|[-*+][ ]|\d{1,9}[.)][ ])*+"
    r"(?P<at>\[(?:[^\[\]\\\n]|\\[^\n]|\n(?![ \t>]*\n))*+\]:)",
    re.MULTILINE,
)
"""Where a link or a footnote is defined; its label may go over lines."""
_OTHER_SYNTAX = re.compile(
    r"\[(?:sound:|/?latex\]|/?\$?\$\]|/?anki:|\[type:)|\{:[^\n{}]*\}(?=\s|\Z)"
    r"|(?<=\))\{[^\n{}]*[.#=][^\n{}]*\}",
    re.IGNORECASE,
)
_BLANK = "[\u200b-\u200f\u2060\u2800\ufe00-\ufe0f]"
"""Characters without a sign that a text may hold beside others."""
_TOKENS = re.compile("\ue000[0-9]*\ue001?")
_CLOZE_ONLY_PARTS = ("Why", "Source")


@dataclass(frozen=True, slots=True)
class Shared:
    """What all cards of a deck have in common."""

    media: MediaFolder
    macros: Mapping[str, Macro] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A note, which is only fit to ship where none of what was found is an error."""

    note: Note
    diagnostics: tuple[Diagnostic, ...]
    formulas: tuple[Claim, ...]
    """What MathJax is to read; only it can tell whether these have errors."""


def render(card: Card, outline: Outline, guid: str, shared: Shared) -> Rendered:
    """Render a card to the note that Anki will hold; never raises for content.

    By the settings it knows what stops the build anyway: of what follows from that, nothing is
    said, but a finding that stops nothing hides no other.
    """
    return _CardRenderer(card, outline, shared).render(guid)


class _CardRenderer:
    def __init__(self, card: Card, outline: Outline, shared: Shared) -> None:
        self.card = card
        self.outline = outline
        self.media = shared.media
        self.settings = shared.settings
        self.macros = Expansion(shared.macros)
        self.shown: dict[str, None] = {}
        """The names of its pictures and sounds in the package."""
        self.formulas: list[Laid] = []
        self.diagnostics: list[Diagnostic] = []

    def render(self, guid: str) -> Rendered:
        card = self.card
        prompt, answer = self._scan(card.prompt), self._scan(card.answer)
        parts = {part.name: self._scan(part.span) for part in card.parts}
        cloze = answer.has_cloze
        self._check_kind(cloze, prompt, answer, parts)
        html = {name: self._passage(part) for name, part in parts.items() if name != "Typed"}
        title = self._passage(prompt, inline=True)
        body = self._passage(answer)
        self._check_shown(title, body)
        common = (unwrap(html.get("Why", "")), unwrap(html.get("Source", "")), card.id, "", "")
        fields: tuple[str, ...]
        if cloze:
            fields = (unwrap(title), unwrap(body), *common)
            ordinals = tuple(number - 1 for number in answer.numbers)
        else:
            front = f"{title}\n{html['Question']}" if "Question" in html else unwrap(title)
            front = "" if self._too_big(prompt, front) else front
            typed = self._typed(parts["Typed"].span) if "Typed" in parts else ""
            fields = (front, unwrap(body), typed, unwrap(html.get("Reverse", "")), *common)
            ordinals = (0, 1) if "Reverse" in html else (0,)
        shown = tuple(sorted(self.shown))
        note = Note(
            card.id,
            guid,
            "cloze" if cloze else "basic",
            card.deck,
            fields,
            tuple(sorted(card.tags)),
            ordinals,
            shown,
            _source_digest(card, shown, self.macros),
        )
        source = card.prompt.source
        claims = [
            Claim(source, sides(formula.parts), formula.display)
            for formula in self.formulas
            if formula.parts
        ]
        return Rendered(note, some(self.diagnostics, _MOST_ALIKE), tuple(claims))

    def _scan(self, span: Span) -> Scan:
        """The pieces of a passage, with the deck's macros written out."""
        scanned = scan(self.outline, span)
        pieces = [
            replace(piece, parts=self._expanded(piece)) if isinstance(piece, Formula) else piece
            for piece in scanned.pieces
        ]
        if "|" in span.text and (codes := set(code_in_tables(scanned))):
            pieces = [self._cell_code(piece) if piece in codes else piece for piece in pieces]
        return replace(scanned, pieces=tuple(pieces))

    def _cell_code(self, code: Piece) -> Piece:
        """Code in a cell, in which a bar is written as ``\\|`` so that GitHub does not cut it."""
        assert isinstance(code, Code)
        source = self.card.prompt.source.text
        if bare := re.compile(r"(?<!\\)\|").search(source, code.start, code.end):
            what = "GitHub cuts the cell at this |, also within code"
            self._add(DIFFERS_ON_GITHUB, bare.start(), what, r"write \| for it: only | is shown")
        return replace(code, text=code.text.replace("\\|", "|"))

    def _expanded(self, formula: Formula) -> tuple[Tex | Mark, ...]:
        try:
            return self.macros.expand(formula.parts)
        except MacroError as error:
            self._add(TEX_MACRO, error.offset, error.what, error.cure)
            return ()

    def _add(self, rule: Rule, offset: int, what: str, cure: str) -> None:
        self.diagnostics.append(rule.at(self.card.prompt.source.place(offset), what, cure))

    # What is asked of a card as a whole

    def _check_kind(self, cloze: bool, prompt: Scan, answer: Scan, parts: dict[str, Scan]) -> None:
        self.diagnostics += answer.diagnostics
        for scanned in (prompt, *parts.values()):
            self.diagnostics += scanned.diagnostics
            for mark in scanned.marks:
                if mark.kind is MarkKind.OPEN:
                    where = "a heading" if scanned is prompt else "this part"
                    self._add(
                        CLOZE_PLACE,
                        mark.start,
                        f"a cloze in {where} would be shown as it is",
                        "move it into the text under the heading",
                    )
        for part in self.card.parts:
            if cloze and part.name not in _CLOZE_ONLY_PARTS:
                what = f"a cloze card has no part {part.name}"
                cure = "take it out, or write the card without clozes"
                self.diagnostics.append(UNKNOWN_PART.at(part.place, what, cure))

    def _check_shown(self, title: str, body: str) -> None:
        """A card asks and answers something that can be seen."""
        start = self.card.prompt.start
        broken = self.settings.stops(self.diagnostics)
        broken = broken or bool(FORBIDDEN.search(self.card.prompt.text + self.card.answer.text))
        if not broken and not _shows(title):
            what = "this card asks nothing that can be seen"
            self._add(EMPTY_FRONT, start, what, "write a question after ##")
        if not broken and not _shows(body):
            cure = "write one under its comment, or hide a part of its text as {{c1::…}}"
            self._add(EMPTY_ANSWER, start, "this card has no answer", cure)

    def _typed(self, span: Span) -> str:
        text = span.text.strip()
        start = span.start + span.text.index(text)
        if "\n" in text or re.search(r"[$`*\\<]|\{\{|\]\(", text):
            self._add(
                TYPED_PLAIN,
                start,
                "a learner can type one line of plain text only",
                "write the word or number alone, without formulas or Markdown",
            )
        return inert(escape(text, quote=False))

    # One passage

    def _passage(self, scanned: Scan, *, inline: bool = False) -> str:
        """The HTML of a passage, in blocks."""
        span = scanned.span
        if FORBIDDEN.search(span.text) or self._entities(scanned):
            return ""  # named already; among them are those that tokens are made of
        if much := excess(mask(scanned)):
            self._add(much.rule, span.start + much.offset, much.what, much.cure)
            return ""
        text = with_tokens(scanned)
        text = f"{GUARD}{text.strip()}" if inline else text.strip("\n")
        try:
            html = to_html(text)
        except TooDeepError:
            what = "lists, quotes or emphasis are nested too deeply in this text"
            self._add(TOO_DEEP, self._start(scanned), what, "write them flatter")
            return ""
        if self._too_big(scanned, html):
            return ""
        cleaned = clean(
            html.replace(GUARD, ""),
            lambda src: self._media_name(PICTURE, src),
            lambda href: self._media_name(SOUND, href),
        )
        before = len(self.diagnostics)
        defines = bool(_DEFINITION.search(mask(scanned)))  # a finding, from which others follow
        unwritten = None if defines else self._complain(scanned, cleaned.complaints)
        placed = len(self.diagnostics) > before
        if not inline:
            self._not_as_written(scanned, html)
        self._raw_code(scanned)
        self._differences(scanned, text, html, inline=inline, spoilt=placed)
        if unwritten and not self.settings.stops(self.diagnostics[before:]):
            self._add(MARKUP, self._start(scanned), unwritten.what, unwritten.cure)
        self._check_pictures(scanned, cleaned.pictures)
        self._check_links(scanned, () if defines else cleaned.links)
        if self._hides(scanned, cleaned.html):
            return ""
        html = self._fill(scanned, cleaned.html)
        return "" if self._too_big(scanned, html) else html

    def _complain(self, scanned: Scan, complaints: tuple[Complaint, ...]) -> Complaint | None:
        """Name what may not reach a learner, and give back the first that nobody wrote.

        That is what Markdown made of something else, as tags that overlap of ``*a **b*``.
        """
        unwritten: list[Complaint] = []
        for one in complaints:
            at = find(scanned, one.needle, one.nth)
            if TOKEN.search(one.needle):
                at = scanned.span.start + offset_of(scanned, (one.needle,))
            if at is None:
                unwritten.append(one)
            else:
                self._add(MARKUP, at, _TOKENS.sub("…", one.what), one.cure)
        return unwritten[0] if unwritten else None

    def _too_big(self, scanned: Scan, html: str) -> bool:
        size = len(html.encode())
        if size > MAX_FIELD:
            what = f"this text becomes {size:,} bytes of HTML, over {MAX_FIELD:,}"
            cure = "split the card, or take the language of long code and the tables out"
            self._add(FIELD_TOO_BIG, self._start(scanned), what, cure)
        return size > MAX_FIELD

    def _start(self, scanned: Scan) -> int:
        """The offset of the first word of a passage."""
        text = scanned.span.text
        return scanned.span.start + len(text) - len(text.lstrip())

    def _check_pictures(self, scanned: Scan, pictures: tuple[Picture, ...]) -> None:
        seen: Counter[str] = Counter()
        for picture in pictures:
            needle = picture.src or "![" if "![" in scanned.span.text else "<img"
            at = find(scanned, needle, seen[picture.src]) or self._start(scanned)
            seen[picture.src] += 1
            if isinstance(problem := self._media(PICTURE, picture.src), MediaError):
                self._add(problem.rule, at, problem.what, problem.cure)
            if not picture.alt.strip():
                what = "a picture without an alternative text"
                cure = "say between the brackets what it shows, as ![a rising curve](…)"
                self._add(IMAGE_ALT, at, what, cure)

    def _check_links(self, scanned: Scan, links: tuple[Link, ...]) -> None:
        """Links to files beside the card: sounds, with words, as no cloze cuts them."""
        seen: Counter[str] = Counter()
        for link in links:
            at = find(scanned, link.href, seen[link.href]) or self._start(scanned)
            seen[link.href] += 1
            suffix = PurePosixPath(link.href).suffix.lower()
            if suffix not in SOUND.suffixes:
                what = f"the link to {link.href[:60]!r} leads to a file that learners do not have"
                picture = "write ![what it shows](…) for a picture"
                cure = "link to an https:// address, or to a sound as media/word.mp3"
                self._add(MARKUP, at, what, picture if suffix in PICTURE.suffixes else cure)
            elif isinstance(problem := self._media(SOUND, link.href), MediaError):
                self._add(problem.rule, at, problem.what, problem.cure)
            elif not link.words.strip():
                cure = "say between the brackets what is heard, as [the word](…)"
                self._add(BAD_SOUND, at, "a link to a sound has no words", cure)
            elif any(isinstance(piece, Mark) for piece in pieces_in(scanned, link.words)):
                what = "this sound would be heard while a part of its words is hidden"
                cure = "put the whole link into the cloze, or the cloze out of the link"
                self._add(BAD_SOUND, at, what, cure)

    def _media(self, sort: Sort, src: str) -> str | MediaError:
        """The name of a picture or sound in the package, or why there is none."""
        try:
            folder = PurePosixPath(self.outline.source.folder)
            name = self.media.take(sort, folder, src).name
        except MediaError as error:
            return error
        self.shown[name] = None
        return name

    def _differences(
        self, scanned: Scan, markdown: str, html: str, *, inline: bool, spoilt: bool
    ) -> None:
        """What GitHub reads otherwise: by its usual causes, else where the two readers part."""
        masked = mask(scanned)
        # A prompt stands in a heading: what starts a line elsewhere does nothing there.
        prefix = "x" * inline
        found = github.refused(prefix + masked)
        spoilt = spoilt or is_plain(markdown)  # in which nothing can differ
        spoilt = spoilt or self.settings.stops(scanned.diagnostics)
        spoilt = spoilt or self.outline.spoilt(scanned.span) or bool(_DEFINITION.search(masked))
        if not found and not spoilt and (parting := github.parting(markdown, html)):
            found = github.causes(prefix + masked) or (
                github.Difference(
                    offset_of(scanned, parting) + inline,
                    "GitHub and Python-Markdown read this differently",
                    "write it more plainly: a blank line between blocks, four spaces for each"
                    " level of a list, no marks within words",
                ),
            )
        start = scanned.span.start - inline
        for one in found:
            self._add(DIFFERS_ON_GITHUB, start + one.offset, one.what, one.cure)

    def _not_as_written(self, scanned: Scan, html: str) -> None:
        """What no reader shows as it was meant: definitions, and blocks of four spaces."""
        start = scanned.span.start
        for definition in _DEFINITION.finditer(mask(scanned)):
            self._add(
                LOST_TEXT,
                start + definition.start("at"),
                "the definition of a link or a footnote is shown to nobody",
                r"write [words](https://…), put a note into the text, or write \[ for a bracket",
            )
        for other in _OTHER_SYNTAX.finditer(mask(scanned)):
            what = f"{other[0].strip()[:40]} does nothing here, and is shown as it is"
            self._add(
                OTHER_SYNTAX, start + other.start(), what, "take it out, or show it in `code`"
            )
        for offset in extra_cells(mask(scanned)):
            what = "this cell stands behind the last column of its table, and is shown to nobody"
            cure = r"give the first row as many cells, or write \| for a sign"
            self._add(LOST_TEXT, start + offset, what, cure)
        code = re.search("<pre><code>([^<]*)", html)
        if code and "<pre" not in mask(scanned):
            # Fences are tokens by now: this is what Markdown makes of four spaces.
            self._add(
                INDENTED_CODE,
                start + offset_of(scanned, (unescape(code[1]),)),
                "an indented block is code, in which no formula or cloze is looked for",
                "put code between ``` lines, or take the spaces out",
            )

    def _entities(self, scanned: Scan) -> bool:
        """Name entities for characters that no text needs; whether there is one."""
        found = [*characters.entities(mask(scanned))]
        for one in found:
            self._add(CHARACTER, scanned.span.start + one.offset, one.what, one.cure)
        return bool(found)

    def _hides(self, scanned: Scan, html: str) -> bool:
        """Name what only entities together made; whether there is such a character."""
        written = scanned.span.text
        if "&" not in written or characters.hidden(written) or characters.not_composed(written):
            return False  # made by no entity, or named already
        text = TOKEN.sub("", html)
        found = next(characters.forbidden(text), None)
        rule, found = (CHARACTER, found) if found else (NOT_NFC, characters.not_composed(text))
        if found:
            at = scanned.span.start + characters.first_entity(mask(scanned))
            self._add(rule, at, f"by an entity, {found.what}", found.cure)
        return found is not None

    def _media_name(self, sort: Sort, src: str) -> str:
        if sort is SOUND and PurePosixPath(src).suffix.lower() not in sort.suffixes:
            return ""  # some other link
        name = self._media(sort, src)
        return name if isinstance(name, str) else ""

    def _raw_code(self, scanned: Scan) -> None:
        """Name formulas and backticks in tags of code, where nobody reads them as such."""
        inside = ""
        for piece in scanned.pieces:
            if isinstance(piece, Opaque):
                written = self.card.prompt.source.text[piece.start : piece.end]
                tag = re.match(r"<(/?)(code|pre)\b", written)
                inside = ("" if tag[1] else tag[2]) if tag else inside
            elif inside and isinstance(piece, Formula | Code):
                what = f"this stands in <{inside}>, in which its marks are shown"
                cure = "write the code between `backticks`, without the tag"
                self._add(MARKUP, piece.start, what, cure)

    def _fill(self, scanned: Scan, html: str) -> str:
        """Put what Anki understands in the place of each token."""
        filler = Filler(scanned, frozenset(self.shown))
        html = filler.fill(html)
        self.formulas += filler.formulas
        for offset in filler.overlaps:
            self._add(
                CLOZE_OVERLAP,
                offset,
                "this cloze and the text around it are not nested",
                "open and close it within the same emphasis, link or cell",
            )
        for offset in filler.lost:
            what = "what stands here would not be shown"
            self._add(LOST_TEXT, offset, what, "move it into the text")
        for offset in filler.delimiters:
            self._add(
                MATH_DELIMITER,
                offset,
                r"Anki takes \( \) \[ \] in a text for a formula",
                "write a formula as $…$, or show the signs in `code`",
            )
        for fence, language in filler.unknown_languages:
            self._add(
                CODE_LANGUAGE,
                fence.info_at,
                f"Pygments knows no language {language[:30]!r}",
                "correct it, or leave it out for plain text",
            )
        return "" if filler.delimiters else html


def _source_digest(card: Card, shown: tuple[str, ...], macros: Expansion) -> str:
    """A digest of what a person wrote for a note: its texts, media and macros, not its tags."""
    texts = [("", card.prompt.text), ("", card.answer.text)]
    texts += [(part.name, part.span.text) for part in card.parts]
    written = [[name, text.strip()] for name, text in texts] + [list(shown)]
    if macros.used:
        written.append([f"{name} {macros.macros[name].body}" for name in sorted(macros.used)])
    return sha256(json.dumps(written).encode()).hexdigest()[:32]


def _shows(html: str) -> bool:
    """Whether there is something to see: a picture, or text that is more than spaces."""
    return "<img" in html or bool(re.sub(_BLANK, "", visible_text(html)))
