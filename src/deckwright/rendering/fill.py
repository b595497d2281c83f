r"""From tokens to what Anki understands: ``\(…\)``, ``\[…\]``, ``{{c1::…::hint}}``, code.

All else that Anki would take for its own (``{{``, ``[sound:``, ``\(``) is written so that it
shows and does nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from deckwright.formulas.cloze_sides import AnkiFormula, to_anki
from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.rendering.around import around
from deckwright.rendering.code import cut, highlight, meant
from deckwright.rendering.inert import SOUND, in_tag, inert, without_marks
from deckwright.rendering.inlines import TOKEN, token_of
from deckwright.rendering.pieces import (
    Anchor,
    Code,
    CodeMarks,
    Dollar,
    Fence,
    Formula,
    Opaque,
    Scan,
    fence_of,
)
from deckwright.rendering.tags import VOID
from deckwright.source.lines import Comment

_CODE_BLOCK = re.compile(rf"<pre><code>\s*{TOKEN.pattern}(?:\s*\ue000\1\ue001)*\s*</code></pre>")
"""A block of code, as the reader makes it, in which all tokens are of one piece."""

_HTML_TAG = re.compile(
    r"""<(?P<close>/?)(?P<name>[a-z][a-z0-9]*)(?:\s[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+)?>"""
)
_LINK = re.compile('<a(?P<before>(?: [a-z]+="[^"]*")*?) href="(?P<name>[^"]*)"(?P<after>[^>]*)>')


@dataclass(slots=True)
class Filler:
    """Fills the tokens of one passage, and keeps the offsets of what was wrong."""

    scanned: Scan
    sounds: frozenset[str] = frozenset()
    """The names of files that links play."""
    in_tables: frozenset[int] = frozenset()
    """The tokens in tables, where ``\\|`` is a bar."""
    overlaps: list[int] = field(default_factory=list)
    split: list[tuple[Mark, Mark]] = field(default_factory=list)
    """The marks of clozes that begin in another element than they end, and cannot be moved."""
    in_pictures: list[int] = field(default_factory=list)
    """The clozes in the words of pictures."""
    lost: list[int] = field(default_factory=list)
    misspelt: list[tuple[Fence, str]] = field(default_factory=list)
    """The fences whose language is nearly another, with that."""
    formulas: list[AnkiFormula] = field(default_factory=list)
    """The formulas that learners see."""
    _whole: set[int] = field(default_factory=set)
    """The fences that are one block of code for the reader, too: the numbers of their pieces."""
    _open: list[tuple[Mark, int]] = field(default_factory=list)
    """The clozes that are open, each with the depth of tags at which it opened."""
    _sound: str = ""
    """The sound whose link is open."""

    def fill(self, html: str) -> str:
        """The HTML with each token filled; what it could not show is kept in the lists."""
        html = self._unwrap_fences(html)
        marks = {at: one for at, one in enumerate(self.scanned.pieces) if isinstance(one, Mark)}
        html, self.split = around(html, marks)
        out: list[str] = []
        position, tags = 0, 0
        shown: set[int] = set()
        for match in re.finditer(f"{TOKEN.pattern}|{_HTML_TAG.pattern}", html):
            text = self._guard(html[position : match.start()])
            out.append(text.lstrip() if out[-1:] == ["::"] else text)
            position = match.end()
            if match["name"] is None:
                piece = self.scanned.pieces[int(match[1])]
                if fence_of(piece) and int(match[1]) not in self._whole:
                    continue  # it is lost, and named
                shown.add(int(match[1]))
                filled = self._piece(int(match[1]), tags)
                if filled == "::":
                    out[-1] = re.sub(":$", "&#58;", out[-1].rstrip())
                if filled == "}}" and out[-1].endswith("}"):
                    # Anki ends a cloze at the first two braces that touch.
                    out[-1] = f"{out[-1][:-1]}&#125;"
                out.append(filled)
                continue
            if match["name"] not in VOID:
                tags += -1 if match["close"] else 1
            if self._open and tags < self._open[-1][1]:
                self.overlaps.append(self._open.pop()[0].start)
            out.append(self._tag(match[0], shown))
        out.append(self._guard(html[position:]))
        for index, piece in enumerate(self.scanned.pieces):
            if index not in shown and not isinstance(piece, Dollar | Opaque | Anchor | Comment):
                self.lost.append(piece.start)
        return inert("".join(out))

    def _unwrap_fences(self, html: str) -> str:
        """The HTML with one token for each block of code."""

        def unwrap(block: re.Match[str]) -> str:
            index = int(block[1])
            fence = fence_of(self.scanned.pieces[index])
            if not fence or len(TOKEN.findall(block[0])) < len(fence.filled):
                return block[0]
            self._whole.add(index)
            token = token_of(index)
            return token if isinstance(self.scanned.pieces[index], Fence) else f"<p>{token}</p>"

        return _CODE_BLOCK.sub(unwrap, html) if any(map(fence_of, self.scanned.pieces)) else html

    def _guard(self, html: str) -> str:
        return without_marks(html, in_cloze=bool(self._open))

    def _tag(self, tag: str, shown: set[int]) -> str:
        """A tag; a token in an attribute goes back to its source, or to the words of code.

        A link to a sound becomes its words, and Anki's own tag behind them. The words keep a tag
        around them: else ``{[{](a.mp3)`` were two braces that touch.
        """
        if tag == "</a>" and self._sound:
            name, self._sound = self._sound, ""
            return f"</span> {SOUND}sound:{name}]"
        link = _LINK.fullmatch(tag)
        if link and link["name"] in self.sounds:
            self._sound = link["name"]
            tag = f"<span{link['before']}{link['after']}>"

        def source(match: re.Match[str]) -> str:
            index = int(match[1])
            shown.add(index)
            piece = self.scanned.pieces[index]
            if isinstance(piece, Mark) and tag.startswith("<img"):
                self.in_pictures += [piece.start] if piece.kind is MarkKind.OPEN else []
            elif isinstance(piece, Mark):
                self.overlaps.append(piece.start)
            written = self.scanned.span.source.text[piece.start : piece.end]
            if isinstance(piece, Code):
                in_words = self.in_pictures if tag.startswith("<img") else self.overlaps
                in_words += [m.start for _, m in piece.marks if m.kind is MarkKind.OPEN]
                written = piece.text if tag.startswith("<img") else written
            return escape(written.replace("\\|", "|") if index in self.in_tables else written)

        return in_tag(self._code(TOKEN.sub(source, tag)))

    def _piece(self, index: int, tags: int) -> str:
        piece = self.scanned.pieces[index]
        if isinstance(piece, Mark):
            return self._mark(piece, tags)
        if isinstance(piece, Formula):
            return self._formula(piece)
        if isinstance(piece, Fence):
            return self._fence(piece, tags)
        assert isinstance(piece, Code)
        return f"<code>{self._clozed(escape(piece.text, quote=False), piece.marks, tags)}</code>"

    def _mark(self, mark: Mark, tags: int) -> str:
        if mark.kind is MarkKind.OPEN:
            self._open.append((mark, tags))
        elif mark.kind is MarkKind.CLOSE and self._open:
            opened, depth = self._open.pop()
            if depth != tags:
                self.overlaps.append(opened.start)
        elif self._open and tags != self._open[-1][1]:
            return ":&#58;"  # within an element, which a hint would tear: it is a text
        return _written(mark)

    def _code(self, html: str) -> str:
        """Code shows as it is: Anki takes neither ``{{`` nor ``\\(`` in it for its own."""
        html = re.sub(r"\\([(\[])", lambda sign: f"\\&#{ord(sign[1])};", html)
        return self._guard(html)

    def _clozed(self, html: str, marks: CodeMarks, tags: int) -> str:
        """Code with its clozes; a cloze ends at the first two braces that touch."""
        if not marks:
            return self._code(html)
        out: list[str] = []
        for piece in cut(html, marks):
            if isinstance(piece, str):
                out.append(self._code(piece))
                continue
            if piece.kind is MarkKind.CLOSE and out[-1].endswith("}"):
                out[-1] = f"{out[-1][:-1]}&#125;"
            out.append(self._mark(piece, tags))
        return "".join(out)

    def _fence(self, fence: Fence, tags: int) -> str:
        language = fence.language
        code = highlight(fence.text, language)
        if language and (other := meant(language)):
            self.misspelt.append((fence, other))
        name = re.sub(r"[^a-z0-9+#-]", "", language.lower())
        kind = f' class="language-{name}"' if name else ""
        code = self._clozed(code, fence.marks, tags)
        return f'<pre class="code"><code{kind}>{code}</code></pre>'

    def _formula(self, formula: Formula) -> str:
        laid = to_anki(formula.parts, display=formula.display, in_cloze=bool(self._open))
        self.formulas.append(laid)
        inner = "".join(
            escape(part.text, quote=False) if isinstance(part, Tex) else _written(part)
            for part in laid.parts
        )
        return rf"\[{inner}\]" if laid.display else rf"\({inner}\)"


def _written(mark: Mark) -> str:
    """The mark of a cloze as Anki reads it."""
    if mark.kind is MarkKind.OPEN:
        return f"{{{{c{mark.number}::"
    return "::" if mark.kind is MarkKind.HINT else "}}"
