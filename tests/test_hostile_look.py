"""What hostile cards do in a browser, in the markup that Anki shows: nothing.

Cards that do not build are rendered in spite of their errors, so that what is refused is harmless
besides: two walls protect a learner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.media import resolve, take
from deckwright.model import Card, Deck, DeckInfo, Media, Note
from deckwright.note_types import note_types
from deckwright.real_anki import rendered
from deckwright.rendering.render import Rendered, Shared, render
from deckwright.source.cards import parse
from deckwright.source.folder import load
from deckwright.source.tree import walk
from tests.browser import Reviewer, reviewer
from tests.test_hostile import CASES, Case, deck_of

SHOWN = [case for case in CASES if case.kind in ("html", "math", "ankisyntax")]
SCRIPT = Path(__file__).parent / "note_types" / "look" / "_harm.js"
BY_MATHJAX = frozenset(
    f"math/{name}.md" for name in "href mmltoken bbox unicode-font let href-in-cloze".split()
)
"""The cases in which MathJax itself would do the harm: their formulas must not get so far."""


class Watched:
    """A reviewer that shows what a card does besides being shown."""

    def __init__(self, page: Reviewer) -> None:
        self.page = page
        self.home = page.page.url
        page.page.add_script_tag(path=SCRIPT)

    def harm(self, card: str) -> list[str]:
        """What a side of a card runs, loads, or could set off."""
        self.page.refused.clear()
        harm: list[str] = self.page.evaluate("card => harmOf(card)", card)
        gone = [self.page.page.url] if self.page.page.url != self.home else []
        return [*harm, *self.page.refused, *gone]


@pytest.fixture(scope="module")
def watched(chromium: Browser) -> Iterator[Watched]:
    with reviewer(chromium) as page:
        yield Watched(page)


KNOWN_BAD = {
    "a handler": ("<img src='data:,x' onerror='pycmd(1)'>", "pycmd()"),
    "a picture from elsewhere": ("<img src='https://tracker.invalid/x.png'>", "https://tracker"),
    "a background from elsewhere": (
        "<p style='background: url(https://tracker.invalid/y.png)'>x</p>",
        "https://tracker.invalid/y.png",
    ),
    "a style sheet": ("<style>@import 'https://tracker.invalid/z.css'</style>", "<style>"),
    "a frame": ("<iframe srcdoc='<script>parent.pycmd(1)</script>'></iframe>", "<iframe"),
    "a link that runs": ("<a href='javascript:pycmd(2)'>x</a>", "javascript:"),
    "a handler of a click": ("<b onclick='alert(1)'>x</b>", "alert()"),
    "a formula that loads": (
        r"\(\style{background: url(https://tracker.invalid/t.png)}{x}\)",
        "https://tracker.invalid/t.png",
    ),
    "a formula that runs": (r"\(\href{javascript:pycmd(3)}{x}\)", "javascript:"),
}


@pytest.mark.browser
@pytest.mark.parametrize(("card", "seen"), KNOWN_BAD.values(), ids=KNOWN_BAD)
def test_what_is_dangerous_is_seen(card: str, seen: str, watched: Watched) -> None:
    card = card.replace("data:,x", "missing.png")
    assert any(seen in one for one in watched.harm(card))


@pytest.mark.browser
def test_what_is_harmless_is_left_alone(watched: Watched) -> None:
    card = r"<p>\(x^2\), <a href='https://example.org'>x</a>, <code>&lt;b onclick&gt;</code></p>"
    assert watched.harm(card) == []


@dataclass(frozen=True)
class Shown:
    """The sides of a case's cards, as real Anki renders them, and the files they show."""

    sides: Mapping[str, list[str]]
    files: Mapping[str, Path]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """All cases in one package, those with errors too."""
    root = tmp_path_factory.mktemp("hostile")
    notes: list[Note] = []
    media: dict[str, Media] = {}
    for index, case in enumerate(SHOWN):
        deck = deck_of(case, root / str(index))
        shared = Shared(resolve(deck, walk(deck)))
        for card, one in rendered_anyway(deck, shared):
            note = one.note(card, "")
            notes.append(replace(note, deck=f"Examples::{index}", guid=f"{index} {note.id}"))
            media |= {sent.name: sent for sent in take(deck, shared.media, one.asked)[0]}
    info = DeckInfo("examples", "Examples")
    everything = Deck(info, note_types(info), tuple(notes), tuple(media.values()))
    path = write(package(everything, "dev", 1_700_000_000), root / "out")
    sides: dict[str, list[str]] = defaultdict(list)
    for side in rendered(path):
        sides[SHOWN[int(side.deck.rpartition("::")[2])].file] += [side.question, side.answer]
    for name, file in media.items():
        (root / name).write_bytes(file.data)
    return Shown(sides, {name: root / name for name in media})


def rendered_anyway(root: Path, shared: Shared) -> Iterator[tuple[Card, Rendered]]:
    """The cards of a deck, those with errors too."""
    folder = load(root)
    assert folder.info
    for source in folder.sources:
        file = parse(source, folder.info, set())
        for card in file.cards:
            yield card, render(card, file.lines_of(card), shared)


@pytest.mark.browser
@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.file)
def test_a_hostile_card_runs_nothing_and_asks_for_nothing(
    case: Case, shown: Shown, watched: Watched, tmp_path: Path
) -> None:
    watched.page.files = shown.files
    harm = [harm for side in shown.sides[case.file] for harm in watched.harm(side)]
    assert bool(harm) == (case.file in BY_MATHJAX), harm
    if harm:
        found = compile_deck(deck_of(case, tmp_path / "content")).problems
        assert "tex-forbidden" in {one.rule for one in found}


def test_every_case_is_shown(shown: Shown) -> None:
    assert [case.file for case in SHOWN if len(shown.sides[case.file]) < 2] == []
