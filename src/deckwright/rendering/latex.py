"""LaTeX that is in no formula, which learners would see as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright.formulas.parts import in_dollars
from deckwright.formulas.words import undefined
from deckwright.mathjax.commands import known_environment, known_macro
from deckwright.model import Edit, Problem, Rule
from deckwright.rendering.pieces import Code, Fence, Scan
from deckwright.source.lines import Comment

TEX_OUTSIDE = Rule(
    "tex-outside",
    r"LaTeX is between dollars: elsewhere, learners see `\frac` and its braces as they are.",
)

Found = tuple[int, int, Problem]
"""Where something begins and ends in a text, and what is wrong with it."""

_GROUP = r"\{(?:[^{}\n]|\{(?:[^{}\n]|\{[^{}\n]*+\})*+\})*+\}"
_ATOM = (
    rf"\\(?:[A-Za-z]++\*?|[,;:!{{}}|%&#_ ])|{_GROUP}"
    rf"|[\^_](?:\\[A-Za-z]++|[A-Za-z0-9]|{_GROUP})"
)
_GLUE = r"[ ]?(?:[-+=<>/*()\[\]|!']|\d++(?:\.\d++)?+|(?<![A-Za-z])[A-Za-z](?![A-Za-z]))"
_COMMAND = re.compile(r"(?<![\\:/~.])(?<![A-Za-z_][A-Za-z_])\\(?P<name>[A-Za-z]{2,})(?![A-Za-z])")
"""None in a path, as those of Windows are written."""
_SCRIPT = re.compile(rf"(?<=[\w)\]])[\^_](?:{_GROUP})")
_RUN = re.compile(rf"(?:{_ATOM})(?:(?:{_GLUE})*+[ ]?(?:{_ATOM}))*+")
_ENVIRONMENT = re.compile(r"(?<!\\)\\begin\{(?P<name>[A-Za-z]+\*?)\}")
_DOUBLED = re.compile(
    r"\\\\(?:\((?P<line>[^\n]{1,500}?)\\\\\)|\[(?P<block>.{1,2000}?)\\\\\])", re.DOTALL
)
_OF_ANKI = re.compile(
    r"\[(?P<mark>\${1,2}|latex)\](?P<tex>.{0,2000}?)\[/(?P=mark)\]", re.DOTALL | re.IGNORECASE
)
_TEXT_MARKS = {
    **dict.fromkeys(("emph", "textit"), ("*", "*")),
    "textbf": ("**", "**"),
    "texttt": ("`", "`"),
    "underline": ("<u>", "</u>"),
}
"""What Markdown writes for LaTeX about texts."""
_OF_TEXT = re.compile(rf"\\(?P<name>{'|'.join(_TEXT_MARKS)})\{{(?P<inner>[^{{}}\\\n]+)\}}")
_MAYBE_LATEX = re.compile(r"\\[\\A-Za-z]|[\^_]\{|\[[$lL]")
_ALONE = frozenset("equation equation* displaymath math".split())
"""The environments that say no more than the dollars around them."""


def latex(scanned: Scan, shown: str) -> Iterator[Found]:
    """The LaTeX of a text; ``shown`` are its words, without code, formulas and addresses."""
    text = scanned.span.text
    if not _MAYBE_LATEX.search(text):
        return
    found = [*_anki_formulas(scanned), *_outside(shown, text)]
    for at, end, what, formula in sorted(found, key=lambda one: (one[0], -one[1])):
        fix = "put it between dollars, as $x^2$, or in a block between $$ and $$"
        fix = fix if formula[:1] in ("", "$") else f"write {formula[:40]}"
        edits = [Edit(at, end, formula)] if formula else []
        yield at, end, TEX_OUTSIDE.at(at, what, fix, *edits)


def _anki_formulas(scanned: Scan) -> Iterator[tuple[int, int, str, str]]:
    """What is between Anki's own marks, in which the scan may have found a formula."""
    text, start = scanned.span.text, scanned.span.start
    if "[/" not in text:
        return
    hidden = [piece for piece in scanned.pieces if isinstance(piece, Code | Fence | Comment)]
    for found in _OF_ANKI.finditer(text):
        at = start + found.start()
        if any(piece.start <= at < piece.end for piece in hidden):
            continue
        what = f"[{found['mark']}] is Anki's own mark of LaTeX, and shown as it is"
        formula = in_dollars(found["tex"].strip(), display=found["mark"] == "$$")
        yield found.start(), found.end(), what, formula


def _outside(shown: str, text: str) -> Iterator[tuple[int, int, str, str]]:
    """Where LaTeX begins and ends, what is wrong with it, and the formula if that is sure."""
    for found in _DOUBLED.finditer(shown):
        what = rf"{found[0][:3]} is shown as {found[0][1:3]}, and no formula"
        tex = text[found.start(found.lastgroup or 0) : found.end(found.lastgroup or 0)].strip()
        yield found.start(), found.end(), what, in_dollars(tex, display=found[0][2] == "[")
    for found in _ENVIRONMENT.finditer(shown):
        closing = f"\\end{{{found['name']}}}"
        end = shown.find(closing, found.end())
        stop = end + len(closing) if end >= 0 else found.end()
        inner = found.end(), end
        cut = inner if found["name"] in _ALONE else (found.start(), stop)
        formula = in_dollars(text[slice(*cut)].strip(), display=True) if end >= 0 else ""
        yield found.start(), stop, f"{found[0]} is in no formula", formula
    for found in _OF_TEXT.finditer(shown):
        mark = _TEXT_MARKS[found["name"]]
        begin, end = found.span("inner")
        written = f"{mark[0]}{text[begin:end]}{mark[1]}"
        yield found.start(), found.end(), f"\\{found['name']} is LaTeX in no formula", written
    for found in (*_COMMAND.finditer(shown), *_SCRIPT.finditer(shown)):
        name = found.groupdict().get("name") or ""
        if name and not (_is_latex(name) or shown.startswith("{", found.end())):
            continue
        if _OF_TEXT.match(shown, found.start()):
            continue
        run = _RUN.match(shown, found.start())
        end = run.end() if run else found.end()
        begin = found.start() if name else _word(shown, found.start())
        what = f"{text[found.start() : found.end()][:40]} is LaTeX in no formula"
        yield begin, end, what, in_dollars(text[begin:end], following=text[end : end + 1])


def _is_latex(name: str) -> bool:
    return known_macro(name) or known_environment(name) or bool(undefined(name).startswith("write"))


def _word(text: str, end: int) -> int:
    """Where the word begins that ends at an index."""
    found = re.compile(r"[\w)\]]+\Z").search(text, max(0, end - 40), end)
    return found.start() if found else end
