"""A corpus of formulas: ``check`` agrees with what real Anki does with each.

Real Anki imports all of them in one deck and renders them; a real browser typesets them with
Anki's own MathJax, configured as Anki does; and what it makes of each is held against ``check``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.mathjax.engine import Typeset
from deckwright.mathjax.prove import prove
from deckwright.mathjax.tokens import tokens
from deckwright.media import resolve
from deckwright.model import Deck, Place, Problem, Severity
from deckwright.note_types import note_types
from deckwright.real_anki import rendered
from deckwright.rendering.render import Shared, render
from deckwright.source.cards import ids_in, parse
from deckwright.source.folder import load
from tests.browser import reviewer
from tests.decks import make_deck
from tests.formulas.corpus import Row, rows

ROWS = rows()
STRICTER = {
    "V079": r"\unicode may load fonts: forbidden, though Anki renders it",
    "V118": r"\bbox may load anything through its style: forbidden, though Anki renders it",
    "L330": r"\mmlToken may make any element: forbidden, though Anki renders it",
}
"""Where ``check`` finds an error in what Anki renders, and why."""
SHOWN = {"tex-error", "tex-undefined", "tex-raw"}
"""The rules that say what a learner would see; the others say what we do not want."""


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus as a deck: a file for each formula."""
    files: dict[str, str | bytes] = {f"{row.id}.md": f"# {row.id}\n\n{row.card}" for row in ROWS}
    return make_deck(tmp_path_factory.mktemp("corpus"), files)


@pytest.fixture(scope="module")
def found(deck: Path) -> dict[str, list[Problem]]:
    """What ``check`` finds in each formula."""
    by_row: dict[str, list[Problem]] = defaultdict(list)
    for one in compile_deck(deck).problems:
        by_row[Path(one.place.path).stem].append(one)
    return by_row


def errors(found: dict[str, list[Problem]], row: Row) -> list[Problem]:
    return [one for one in found[row.id] if one.severity is Severity.ERROR]


def test_the_corpus_is_there() -> None:
    assert len(ROWS) > 200
    assert sum(row.bad for row in ROWS) > 100


def test_every_bad_formula_is_caught(found: dict[str, list[Problem]]) -> None:
    assert [row.id for row in ROWS if row.bad and not errors(found, row)] == []


def test_every_good_formula_passes_but_those_that_we_forbid(
    found: dict[str, list[Problem]],
) -> None:
    refused = {row.id: errors(found, row) for row in ROWS if not row.bad and errors(found, row)}
    assert refused.keys() == STRICTER.keys()
    assert {one.rule for bad in refused.values() for one in bad} == {"tex-forbidden"}


def test_line_breaks_that_do_nothing_are_warned_of(found: dict[str, list[Problem]]) -> None:
    flagged = [row for row in ROWS if "nolinebreak" in row.flags]
    assert flagged
    for row in flagged:
        assert "tex-line-break" in {one.rule for one in found[row.id]}, row.id


def test_every_undefined_command_is_named(found: dict[str, list[Problem]]) -> None:
    several = [row for row in ROWS if row.id in ("I135", "I159", "I304", "I308")]
    for row in several:
        assert len([one for one in found[row.id] if one.rule == "tex-undefined"]) == 2


def offset_in(row: Row, place: Place) -> int:
    """The offset in a formula of a place in its card."""
    lines = row.tex.split("\n")
    line = place.line - (7 if row.display else 6)
    return sum(len(one) + 1 for one in lines[:line]) + place.column - (1 if row.display else 3)


def offending(row: Row) -> range:
    """The token at which MathJax gave up; ``\\right)`` is one to a reader.

    MathJax notices only at the end that something never closed: then it is what opened.
    """
    assert row.offset is not None
    read = [token for token in tokens(row.tex) if not token.is_space]
    if row.offset == 0 or row.status == "undefined":
        [token] = [one for one in read if one.start == row.offset]
    elif opening := {"I193": r"\begin", "L374": r"\begin", "I286": r"\left"}.get(row.id):
        token = [one for one in read if one.key == opening][-1]
    elif row.status == "raw":
        token = [one for one in read if one.text == "{"][-1]
    else:
        read = [one for one in read if one.start < row.offset]
        token = read[-1]
        if len(read) > 1 and read[-2].name in ("left", "right", "middle"):
            return range(read[-2].start, token.end)
    return range(token.start, token.end)


def test_errors_are_at_the_offending_token(found: dict[str, list[Problem]]) -> None:
    placed = [row for row in ROWS if row.offset is not None and row.bad]
    assert len(placed) >= 80
    wrong = {}
    for row in placed:
        offsets = [offset_in(row, one.place) for one in errors(found, row)]
        if not any(offset in offending(row) for offset in offsets):
            wrong[row.id] = (row.tex, offending(row), offsets)
    assert wrong == {}


@pytest.fixture(scope="module")
def shown(deck: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The answer of each formula's card, as real Anki renders it."""
    folder = load(deck)
    assert folder.info
    shared = Shared(resolve(deck, folder.tree))
    taken = ids_in(folder.sources)
    files = [parse(source, folder.info, taken) for source in folder.sources]
    # What has errors is not built; here it has to be, to see that they are some.
    notes = tuple(
        render(card, file.lines_of(card), shared).note(card, f"guid-{card.id}")
        for file in files
        for card in file.cards
    )
    everything = Deck(folder.info, note_types(folder.info), notes, ())
    path = write(package(everything, "dev", 1_700_000_000), tmp_path_factory.mktemp("out"))
    return {card.note.upper(): card.answer for card in rendered(path)}


@dataclass(frozen=True)
class Seen:
    """What a browser makes of a formula."""

    status: str
    """In the words of the corpus."""
    raw_text: bool
    """Whether a command shows letter by letter inside of it."""
    width: float
    """In em of MathJax's font."""
    own_letters: bool
    """Whether MathJax's fonts have all of its letters."""


@pytest.fixture(scope="module")
def seen(shown: dict[str, str], chromium: Browser) -> dict[str, Seen]:
    """What a real browser makes of the cards, with Anki's MathJax and configuration."""
    script = (Path(__file__).parent / "_typeset.js").read_text(encoding="utf-8")
    results = {}
    leaking = [row for row in ROWS if row.flags & {"leak", "label"}]
    harmless = [row for row in ROWS if row not in leaking]
    for group in (harmless, *([row] for row in leaking)):
        # What a formula defines would reach into the next ones of its page.
        with reviewer(chromium, width=1280) as page:
            for row in group:
                page.show(shown[row.id])
                results[row.id] = Seen(**page.evaluate(script))
    return results


@pytest.mark.browser
def test_the_browser_does_what_the_corpus_says(seen: dict[str, Seen]) -> None:
    """The corpus records real Anki: so the browser may replace it."""
    differing = {row.id: seen[row.id] for row in ROWS if seen[row.id].status != row.status}
    # A label is defined twice only on the answer side, where the question shows it first.
    assert differing.keys() == {"L320", "L323"}


@pytest.mark.browser
def test_check_agrees_with_what_anki_shows(
    seen: dict[str, Seen], found: dict[str, list[Problem]]
) -> None:
    other = {}
    for row in ROWS:
        rules = {one.rule for one in errors(found, row)}
        shown_bad = seen[row.id].status != "ok" or seen[row.id].raw_text
        if bool(rules & SHOWN) != shown_bad:
            other[row.id] = rules
        if seen[row.id].status == "undefined":
            assert "tex-undefined" in rules, row
    assert other == {}


@pytest.mark.browser
def test_widths_are_those_in_the_browser(seen: dict[str, Seen]) -> None:
    shown = [row for row in ROWS if seen[row.id].status == "ok" and not row.bad]
    # Letters that MathJax's fonts lack are as wide as the machine's fonts make them: only guessed.
    own = [row for row in shown if seen[row.id].own_letters]
    assert 90 < len(own) < len(shown)
    verdicts = prove(Typeset(row.tex, row.display) for row in own)
    off = {
        row.id: (row.tex, seen[row.id].width, verdicts[Typeset(row.tex, row.display)].width)
        for row in own
        if abs(verdicts[Typeset(row.tex, row.display)].width - seen[row.id].width)
        > max(0.3, 0.05 * seen[row.id].width)
    }
    assert off == {}
