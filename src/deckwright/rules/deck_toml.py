"""The parts of deck.toml that need more than itself: [rules] and the description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from deckwright.model import DeckInfo, Problem, Severity, Source
from deckwright.rendering.html import clean
from deckwright.rendering.markdown import TooDeepError, read
from deckwright.rules import RULES
from deckwright.source.card_keys import did_you_mean
from deckwright.source.deck_toml import DECK_TOML, MOST
from deckwright.source.limits import MAX_DESCRIPTION, excess
from deckwright.source.toml import Path, key_offsets, nearest

OFF = "off"
WORDS = (*Severity, OFF)
"""What a rule can be set to."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deck says about the rules."""

    words: Mapping[str, object] = field(default_factory=dict)
    """One of :data:`WORDS` by the name of a rule; anything else has no effect."""

    def severity(self, found: Problem) -> Severity | None:
        """How much a problem matters in this deck; None where its rule is off."""
        word = self.words.get(found.rule)
        if word not in WORDS or not _BY_NAME[found.rule].switchable:
            return found.severity
        return None if word == OFF else Severity(str(word))

    def stops(self, found: Iterable[Problem]) -> bool:
        """Whether one of some problems stops the build of this deck."""
        return any(self.severity(one) is Severity.ERROR for one in found)

    def apply(self, found: Iterable[Problem]) -> Iterator[Problem]:
        """Problems with the severity that they have in this deck, without those that are off."""
        for one in found:
            if severity := self.severity(one):
                yield replace(one, severity=severity)


def wrong_in_deck_toml(info: DeckInfo, source: Source) -> Iterator[Problem]:
    """What is wrong with [rules] and with the description."""
    offsets = key_offsets(source.text)
    yield from islice(_wrong_rules(info.rules, source, offsets), MOST)
    place = source.place(nearest(offsets, "description"))
    for what, fix in _wrong_with_description(info.description):
        yield DECK_TOML.at(place, what, fix)


def _wrong_rules(
    rules: Mapping[str, str], source: Source, offsets: Mapping[Path, int]
) -> Iterator[Problem]:
    for name, word in rules.items():
        place, rule = source.place(nearest(offsets, "rules", name)), _BY_NAME.get(name)
        if rule is None:
            fix = did_you_mean(name, [*_BY_NAME], "deckwright check --rules lists them")
            yield DECK_TOML.at(place, f"there is no rule {name[:40]}", fix)
        elif word not in WORDS:
            what = f"{name} is set to something else than a severity"
            yield DECK_TOML.at(place, what, 'write "error", "warning" or "off"')
        elif word != rule.severity and not rule.switchable:
            kind = "a warning" if rule.severity is Severity.WARNING else "an error"
            what = f"{name} stays {kind}, because otherwise {rule.stake.value}"
            yield DECK_TOML.at(place, what, "remove this line, and mend what the rule finds")


_BY_NAME = {rule.name: rule for rule in RULES}


def _wrong_with_description(text: str) -> Iterator[tuple[str, str]]:
    """What Anki, which reads the description as Markdown, would not show, and what to do."""
    if (size := len(text.encode())) > MAX_DESCRIPTION:
        what = f"the description has {size:,} bytes, over {MAX_DESCRIPTION:,}"
        yield what, "write what matters, and link to the rest"
    elif much := excess(text):
        yield f"in the description, {much.what}", much.fix
    else:
        try:
            found = clean(read(text).html, _no_file).problems
        except TooDeepError:
            yield "the description is nested too deeply", "write it flatter"
        else:
            yield from ((f"in the description, {one.what}", one.fix) for one in found[:1])


def _no_file(_tag: str, _address: str) -> Problem:
    what = "a description cannot show a picture or link to a file of the deck"
    return DECK_TOML.at(0, what, "remove it, or link to an https:// address")
