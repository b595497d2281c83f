"""The key ``off`` of a card: the rules that it may break, for that card alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from deckwright.model import Edit, Place, Problem, Rule, Severity
from deckwright.source.card_keys import did_you_mean, nearest_to
from deckwright.source.cards import CardFile, CardHead

BAD_OFF = Rule(
    "bad-off",
    "The key `off` of a card lists rules that may be off. They are off for that card alone.",
    severity=Severity.WARNING,
)


class Heads:
    """The cards of some files, found by a place in them."""

    def __init__(self, files: Iterable[CardFile] = ()) -> None:
        self._of_file: dict[str, Sequence[CardHead]] = {
            file.outline.source.path: file.heads for file in files
        }

    def at(self, place: Place) -> CardHead | None:
        """The card in whose lines a place is."""
        heads = self._of_file.get(place.path, ())
        before = bisect_right(heads, place.line, key=lambda head: head.first)
        return heads[before - 1] if before and place.line <= heads[before - 1].last else None

    def card(self, place: Place) -> str:
        """The id of the card in whose lines a place is; empty where there is none."""
        head = self.at(place)
        return head.id if head else ""

    def off(self, place: Place) -> Collection[str]:
        """What a card lists as off, in whose lines a place is."""
        head = self.at(place)
        return head.off if head else ()


def wrong_off(files: Iterable[CardFile], rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """What cards list as off that is not a rule, or one that stays."""
    free = [name for name, rule in rules.items() if rule.can_be_off]
    for file in files:
        source = file.outline.source
        for head in file.heads:
            for name, at in zip(head.off, head.off_at, strict=True):
                if name in free:
                    continue
                rule = rules.get(name)
                what = f"there is no rule {name[:40]}"
                fix = did_you_mean(name, free, "deckwright check --rules lists them")
                near = nearest_to(name, free, 0.8)
                is_there = source.text.startswith(name, at)
                edits = [Edit(at, at + len(name), near)] if near and is_there and not rule else []
                if rule:
                    what = f"{name} can never be off, because otherwise {rule.stake.value}"
                    fix = "take it out of `off`, and mend what the rule finds"
                one = BAD_OFF.at(at, what, fix, *edits)
                yield one.placed(source)
