"""The parts of deck.toml that need more than itself: [rules], [required], the description."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from deckwright.model import DeckInfo, Problem, Rule, Severity, Source
from deckwright.note_types import ANSWER, ID, PROMPT
from deckwright.rendering.html import clean
from deckwright.rendering.markdown import TooDeepError, read
from deckwright.rules import BY_FAMILY, BY_NAME, FAMILY_OF
from deckwright.rules.off import Heads
from deckwright.source.card_keys import did_you_mean
from deckwright.source.deck_toml import DECK_TOML, MOST
from deckwright.source.limits import MAX_DESCRIPTION, excess
from deckwright.source.toml import Path, key_offsets, nearest

OFF = "off"
WORDS = (*Severity, OFF)
"""What a rule can be set to."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deck says about the rules, and each of its cards for itself alone."""

    words: Mapping[str, object] = field(default_factory=dict)
    """One of :data:`WORDS` by the name of a rule or a family; anything else has no effect."""
    heads: Heads = field(default_factory=Heads)

    def severity(self, found: Problem) -> Severity | None:
        """How much a problem, which has its place, matters in this deck; None where it is off."""
        rule = BY_NAME.get(found.rule)
        if rule is None or not rule.switchable:
            return found.severity
        if rule.can_be_off and rule.name in self.heads.off(found.place):
            return None
        words = (self.words.get(name) for name in (rule.name, FAMILY_OF[rule.name]))
        word = next((one for one in words if one in WORDS), found.severity)
        if word == OFF:
            return None if rule.can_be_off else found.severity
        return Severity(str(word))

    def stops(self, found: Iterable[Problem]) -> bool:
        """Whether one of some problems, which have their places, stops the build of this deck."""
        return any(self.severity(one) is Severity.ERROR for one in found)

    def apply(self, found: Iterable[Problem]) -> Iterator[Problem]:
        """Problems as this deck takes them, each with its card, without those that are off."""
        for one in found:
            if severity := self.severity(one):
                yield replace(one, severity=severity, card=self.heads.card(one.place))


def wrong_in_deck_toml(info: DeckInfo, source: Source, parts: Collection[str]) -> Iterator[Problem]:
    """What is wrong with [rules], [required] and the description.

    ``parts`` are those that cards may have, by their note types.
    """
    offsets = key_offsets(source.text)
    yield from islice(_wrong_rules(info.rules, source, offsets), MOST)
    for name in info.required.parts:
        if name not in parts:
            place = source.place(nearest(offsets, "required", "parts"))
            known = [part for part in parts if part not in (PROMPT, ANSWER, ID)]
            fix = did_you_mean(name, known, f"write one of {', '.join(dict.fromkeys(known))}")
            yield DECK_TOML.at(place, f"no card can have a part {name[:40]}", fix)
    place = source.place(nearest(offsets, "description"))
    for what, fix in _wrong_with_description(info.description):
        yield DECK_TOML.at(place, what, fix)


def _wrong_rules(
    rules: Mapping[str, str], source: Source, offsets: Mapping[Path, int]
) -> Iterator[Problem]:
    for name, word in rules.items():
        place = source.place(nearest(offsets, "rules", name))
        if name not in BY_NAME and name not in BY_FAMILY:
            known = [*BY_NAME, *BY_FAMILY]
            fix = did_you_mean(name, known, "deckwright check --rules lists them")
            yield DECK_TOML.at(place, f"there is no rule or family {name[:40]}", fix)
        elif word not in WORDS:
            what = f"{name} is set to something other than a severity"
            yield DECK_TOML.at(place, what, 'write "error", "warning" or "off"')
        elif name in BY_NAME:
            yield from (DECK_TOML.at(place, *wrong) for wrong in _wrong_rule(BY_NAME[name], word))
        else:
            yield from (DECK_TOML.at(place, *wrong) for wrong in _wrong_family(name, word))


def _wrong_rule(rule: Rule, word: str) -> Iterator[tuple[str, str]]:
    """Why a rule cannot be set to a word, and what to do."""
    if word == OFF and rule.switchable and not rule.can_be_off:
        what = f"{rule.name} can never be off, because otherwise {rule.stake.value}"
        yield what, 'write "warning" or "error"'
    elif word != rule.severity and not rule.switchable:
        kind = "a warning" if rule.severity is Severity.WARNING else "an error"
        what = f"{rule.name} stays {kind}, because otherwise {rule.stake.value}"
        yield what, "remove this line, and mend what the rule finds"


def _wrong_family(name: str, word: str) -> Iterator[tuple[str, str]]:
    """Why a family cannot be set to a word, and what to do."""
    free = [rule for rule in BY_FAMILY[name] if rule.switchable]
    if not free:
        yield f"no rule of the family {name} can be changed", "remove this line"
    elif word == OFF and not any(rule.can_be_off for rule in free):
        yield f"no rule of the family {name} can be off", 'write "warning" or "error"'


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
