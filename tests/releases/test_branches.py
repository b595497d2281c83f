"""Whatever two branches of a deck released, learners of either get the next release whole.

``DECKWRIGHT_EXAMPLES`` is how many pairs of branches are tried. What arrives is worked out by
Anki's own rule, that the later mod wins; that real Anki heeds it, `test_merging` shows.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Severity, Source
from deckwright.releases.ledger import FILE, Ledger, from_text, to_text
from deckwright.releases.merging import merge
from deckwright.releases.release import Prepared
from tests.decks import TOML, make_deck, release

EXAMPLES = int(os.environ.get("DECKWRIGHT_EXAMPLES", "7"))
T0, DAY = 1_600_000_000, 86_400


@dataclass(frozen=True)
class Fact:
    """A card, which the test knows by a name of its own."""

    id: str
    text: str = "base"
    tags: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    clozes: int = 0


@dataclass
class Branch:
    """A branch of a deck, and what it released."""

    root: Path
    name: str
    facts: dict[str, Fact]
    gone: dict[str, Fact] = field(default_factory=dict)
    style: int = 0
    released: list[Prepared] = field(default_factory=list)

    def edit(self, chance: random.Random) -> None:
        """Do one of the things that authors do, lawfully."""
        name = chance.choice(sorted(self.facts))
        fact = self.facts[name]
        number = chance.randrange(1_000_000)
        does = chance.choice("text text text tags rename retire back add style cloze".split())
        if does == "text":
            self.facts[name] = replace(fact, text=f"{self.name} {number}")
        elif does == "tags":
            self.facts[name] = replace(fact, tags=(f"t{number}",))
        elif does == "rename":
            new = f"{self.name}-{number}"
            self.facts[name] = replace(fact, id=new, was=(*fact.was, fact.id))
        elif does == "retire" and fact.id in self.ledger.by_id and len(self.facts) > 3:
            self.gone[name] = self.facts.pop(name)
        elif does == "back" and self.gone:
            back, fact = self.gone.popitem()
            self.facts[back] = fact
        elif does == "add":
            self.facts[f"{self.name}{number}"] = Fact(f"{self.name}-{number}")
        elif does == "style":
            self.style = number
        elif does == "cloze" and 0 < fact.clozes < 4:
            self.facts[name] = replace(fact, clozes=fact.clozes + 1)

    def releases(self, version: str, day: int) -> None:
        cards = []
        for name, fact in sorted(self.facts.items()):
            lists = (("tags", fact.tags), ("was", fact.was))
            comment = "".join(f"{key}: [{', '.join(some)}]\n" for key, some in lists if some)
            numbers = range(1, fact.clozes + 1)
            asked = " ".join(f"{{{{c{number}::part {number} of {name}}}}}" for number in numbers)
            body = f"{asked} {fact.text}" if asked else f"The answer of {name}: {fact.text}."
            head = f"## All about {name}\n<!--\nid: {fact.id}\n{comment}-->"
            cards.append(f"{head}\n\n{body}\n")
        retired = "".join(f'"{one.id}" = "why"\n' for one in self.gone.values())
        style = f".card {{ margin: 1px; }} /* {self.style} */"
        files = {"01.md": "# T\n\n" + "\n".join(cards), "style.css": style}
        make_deck(self.root, {**files, "deck.toml": f"{TOML}[retired]\n{retired}"})
        found = compile_deck(self.root).problems
        assert not [str(one) for one in found if one.severity is Severity.ERROR]
        self.released.append(release(self.root, version, T0 + day * DAY))

    @property
    def ledger(self) -> Ledger:
        return self.released[-1].ledger


FACTS = {f"f{number}": Fact(f"id{number}", clozes=number % 2 * 2) for number in range(5)}


def two_branches(root: Path, chance: random.Random) -> tuple[Branch, Branch]:
    """Two branches with a first release in common, and up to two of their own each."""
    main = Branch(root / "a", "a", dict(FACTS))
    main.releases("1.0.0", 0)
    shutil.copytree(main.root, root / "b")
    hotfix = replace(copy.deepcopy(main), root=root / "b", name="b")
    turns = [main] * chance.randint(1, 2) + [hotfix] * chance.randint(1, 2)
    chance.shuffle(turns)
    for day, one in enumerate(turns, start=1):
        for _ in range(chance.randint(1, 4)):
            one.edit(chance)
        number = len(one.released)
        one.releases(f"1.{number}.0" if one is main else f"1.0.{number}", day)
    return main, hotfix


def merged(main: Branch, hotfix: Branch, joined: Ledger, chance: random.Random) -> Branch:
    """The branch after a merge that keeps the text of either side."""
    both = Branch(main.root, "c", {}, style=chance.choice([main.style, hotfix.style]))
    for name in sorted({*main.facts, *hotfix.facts}):
        sides = [one.facts[name] for one in (main, hotfix) if name in one.facts]
        chance.shuffle(sides)
        kept, other = sides[0], sides[-1]
        known = joined.find(kept.id, [other.id])
        assert known
        if len(sides) == 2 or chance.random() < 0.5:  # as `check` asks for
            was = tuple(sorted({*kept.was, *other.was, other.id, known.note.id} - {kept.id}))
            clozes = max(known.note.ordinals) + 1 if kept.clozes else 0
            both.facts[name] = replace(kept, was=was, clozes=clozes)
    there = {fact.id for fact in both.facts.values()}
    for one in joined.notes:
        if not there & {one.note.id, *one.aliases}:
            both.gone[one.note.guid] = Fact(one.note.id)
    (both.root / FILE).write_text(to_text(joined), encoding="utf-8")
    return both


def lacks(packages: Sequence[Prepared]) -> list[str]:
    """What a learner has otherwise than the last of the releases that they imported."""
    has: dict[str, tuple[int, object]] = {}
    for sent in packages:
        things: list[tuple[str, int, object]] = [
            (note.guid, note.mod, (note.fields[:2], note.ordinals)) for note in sent.deck.notes
        ]
        things += [(kind.kind, kind.mod, kind.css) for kind in sent.deck.types]
        for name, mod, text in things:
            if name not in has or mod > has[name][0]:
                has[name] = (mod, text)
    held = {one.note.guid for one in packages[-1].ledger.notes if one.held}
    return [name for name, _, text in things if name not in held and has[name][1] != text]


@pytest.mark.parametrize("batch", range(5))
def test_learners_of_any_two_branches_get_the_next_release_whole(
    batch: int, tmp_path: Path
) -> None:
    chance = random.Random(batch if "CI" in os.environ else None)
    for number in range(max(EXAMPLES // 5, 1)):
        root = tmp_path / str(number)
        main, hotfix = two_branches(root, chance)
        joined = merge(main.ledger, hotfix.ledger)
        assert joined.ledger, joined.conflicts
        assert from_text(Source(FILE, to_text(joined.ledger))) == (joined.ledger, ())
        both = merged(main, hotfix, joined.ledger, chance)
        both.releases("1.9.0", 9)
        [first, *ours], [_, *theirs] = main.released, hotfix.released
        in_time = sorted([*ours, *theirs], key=lambda one: one.ledger.time)
        for before in ([], [*ours], [*theirs], ours[:1], theirs[:1], in_time, in_time[::-1]):
            assert not lacks([first, *before, both.released[-1]])
            assert not lacks([*before, both.released[-1]])
