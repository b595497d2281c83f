"""Cards on their whole way: made by chance, compiled, through a real Anki, into a browser."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.model import Deck
from deckwright.real_anki import Refused
from tests.decks import TOML, card
from tests.fuzz.test_builds import folder
from tests.rendering.shrink import shrink
from tests.sweep.building import Files, built, in_spite
from tests.sweep.eyes import Eyes
from tests.sweep.frame import Finding, Outcome
from tests.sweep.in_anki import Side, sides
from tests.sweep.material import a_deck
from tests.sweep.on_page import OnPage

TIME = 1_700_000_000
TOGETHER = 40
"""How many sides a page shows at once."""

KNOWN_BAD = {
    "a handler": "<img src='missing.png' onerror='pycmd(1)'>",
    "a picture from elsewhere": "<img src='https://evil.invalid/x.png'>",
    "a picture that is not in the package": "<img src='missing.png'>",
    "a style": "<p style='background: url(https://evil.invalid/y.png)'>x</p>",
    "a style sheet": "<style>@import 'https://evil.invalid/z.css'</style>",
    "a frame": "<iframe srcdoc='<script>parent.pycmd(1)</script>'></iframe>",
    "a link that runs": "<a href='javascript:pycmd(2)'>x</a>",
    "a handler of a click": "<b onclick='alert(1)'>x</b>",
    "a formula that loads": r"\(\style{background: url(https://evil.invalid/t.png)}{x}\)",
    "a formula that runs": r"\(\href{javascript:pycmd(3)}{x}\)",
    "a sound from elsewhere": "[sound:https://evil.invalid/x.mp3]",
    "a sound in a hint": "{{c1::France::sound:x.mp3}}",
    "a voice": "[anki:tts lang=en_US]x[/anki:tts]",
    "a dead button": "[anki:play:q:7]",
    "LaTeX": "[latex]x[/latex]",
    "LaTeX of two hints": "{{c1::a::latex}} b {{c1::c::/latex}}",
    "a box to type into": "[[type:Title]]",
}
"""Fields that no card can have: each is to be seen as bad."""


@dataclass
class Cards:
    """Decks of hostile cards; a case is a card, a batch is a deck."""

    eyes: Eyes
    on_page: OnPage
    name: str = "cards"
    total: int = 40_000
    batch: int = 400

    def control(self) -> Iterator[str]:
        text = "\n".join(
            card("{{c1::x}}", name, f"c{number}") for number, name in enumerate(KNOWN_BAD)
        )
        with folder({"deck.toml": TOML, "01.md": f"# T\n\n{text}"}) as root:
            deck = compile_deck(root, budget=None).deck
            assert deck
            pairs = zip(deck.notes, KNOWN_BAD.values(), strict=True)
            notes = tuple(
                replace(
                    note,
                    fields=tuple(
                        one.replace("{{c1::x}}", f"{{{{c1::x}}}} {bad}") for one in note.fields
                    ),
                )
                for note, bad in pairs
            )
            found = self._looked_at(replace(deck, notes=notes), root)
        for number, name in enumerate(KNOWN_BAD):
            if f"c{number}" not in found:
                yield name
        yield from self.on_page.unseen()

    def attempt(self, cases: Sequence[int], seed: int) -> Outcome:
        """Build the cards of a deck that have no error, and look at them; then at the others."""
        files, cards = a_deck(Random(f"{seed} {cases[0]}"), len(cases))
        outcome = Outcome()
        outcome.counts["cards made"] = len(cards)
        found: dict[str, list[str]] = {}
        for what, make in (("cards built", built), ("cards with errors shown", in_spite)):
            with make(files, cards) as (root, deck):
                if deck is None:
                    continue
                outcome.counts[what] = len(deck.notes)
                try:
                    found |= self._looked_at(deck, root, outcome)
                except Refused as error:
                    outcome.findings.append(Finding(cases[0], f"Anki refuses {what}: {error}", ""))
        kinds: set[str] = set()
        for name, harm in found.items():
            number, text = int(name.removeprefix("c")), ""
            kind = re.sub(r"[\W\d_]+", " ", harm[0])[:30]
            if kind not in kinds:  # one of each kind is made small: that takes many tries
                kinds.add(kind)
                text = shrink_card(cards[number], lambda one: bool(self._harm(files, one)))
                harm = self._harm(files, text) or harm
            outcome.findings.append(Finding(cases[number], "; ".join(harm), text or cards[number]))
        return outcome

    def _harm(self, files: Files, text: str) -> list[str]:
        """What a card does in a deck by itself."""
        found: dict[str, list[str]] = {}
        for make in (built, in_spite):
            with make(files, [text]) as (root, deck), suppress(Refused):
                found |= self._looked_at(deck, root) if deck else {}
        return [one for row in found.values() for one in row]

    def _looked_at(
        self, deck: Deck, root: Path, outcome: Outcome | None = None
    ) -> dict[str, list[str]]:
        """What is wrong with the notes of a deck, in a real Anki and on the page of a deck."""
        found: dict[str, list[str]] = defaultdict(list)
        ids = {note.guid: note.id for note in deck.notes}
        out = root.parent / f"{root.name}-out"
        path = write(package(deck, "dev", TIME), out)
        files = {}
        for item in deck.media:
            files[item.name] = out / item.name
            files[item.name].write_bytes(item.data)
        by_css: dict[str, list[Side]] = defaultdict(list)
        for side in sides(path):
            found[side.note] += side.alive
            by_css[side.css].append(side)
        for css, shown in by_css.items():
            for start in range(0, len(shown), TOGETHER):
                some = shown[start : start + TOGETHER]
                harm = self.eyes.harm([one.html for one in some], css, files)
                for one, what in zip(some, harm, strict=True):
                    found[one.note] += what
            if outcome:
                outcome.counts["sides shown"] += len(shown)
        if outcome:
            outcome.counts["sides on the page"] += 2 * sum(len(one.ordinals) for one in deck.notes)
        for guid, what in self.on_page.harm(deck):
            found[guid] += [f"on the page: {one}" for one in what]
        return {ids[guid]: [*dict.fromkeys(harm)] for guid, harm in found.items() if harm}


def shrink_card(text: str, fails: Callable[[str], bool]) -> str:
    """A card as short as it can be while it still fails; itself, where it does not alone."""
    head, mark, body = text.partition("-->")
    if not fails(text):
        return text
    return head + mark + shrink(body, lambda one: fails(head + mark + one))
