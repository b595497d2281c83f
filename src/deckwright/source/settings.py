"""The table [rules] of deck.toml: how much this deck minds the rules that it may choose about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from deckwright.model import Place, Problem, Severity, Source
from deckwright.rules import RULES
from deckwright.rules.files import DECK_TOML
from deckwright.source.card_keys import did_you_mean

TABLE = "rules"
OFF = "off"
WORDS = (*Severity, OFF)
"""What a rule may be set to."""
_WORDS = 'write "error", "warning" or "off"'


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deck says of the rules."""

    words: Mapping[str, str] = field(default_factory=dict)
    """One of :data:`WORDS` for the name of each rule that is set."""

    def severity(self, found: Problem) -> Severity | None:
        """How much a finding matters in this deck; None where its rule is off."""
        word = self.words.get(found.rule, found.severity)
        return None if word == OFF else Severity(word)

    def stops(self, found: Iterable[Problem]) -> bool:
        """Whether one of some findings stops the build of this deck."""
        return any(self.severity(one) is Severity.ERROR for one in found)

    def apply(self, found: Iterable[Problem]) -> Iterator[Problem]:
        """Problems with the severity that they have in this deck, without those that are off."""
        for one in found:
            if severity := self.severity(one):
                yield replace(one, severity=severity)


def problems(source: Source, table: object) -> Iterator[Problem]:
    """What is wrong with the table [rules] of a deck.toml."""
    if not isinstance(table, dict):
        fix = f'write [{TABLE}], and below it a line for each rule, as no-title = "off"'
        yield DECK_TOML.at(_place(source, ""), f"{TABLE} is a table", fix)
        return
    by_name = {rule.name: rule for rule in RULES}
    for name, word in table.items():
        place = _place(source, name)
        rule = by_name.get(name)
        if rule is None:
            fix = did_you_mean(name, [*by_name], "deckwright check --rules lists them")
            yield DECK_TOML.at(place, f"there is no rule {name[:40]}", fix)
        elif word not in WORDS:
            yield DECK_TOML.at(place, f"{name} is set to something else than a severity", _WORDS)
        elif word != rule.severity and not rule.switchable:
            what = f"{name} stays an {rule.severity}: {rule.stake.value}"
            yield DECK_TOML.at(place, what, "take this line out, and mend what the rule finds")


def _place(source: Source, name: str) -> Place:
    """Where [rules] sets a rule, or where the table begins."""
    quoted = rf"[\"']?{TABLE}(?![\w-])"
    as_header, as_key = (rf"^[ \t]*{mark}{quoted}" for mark in (r"\[{1,2}[ \t]*", ""))
    table = re.search(as_header, source.text, re.M) or re.search(as_key, source.text, re.M)
    start = table.start() if table else 0
    key = rf"^[^#\n]*?(?P<at>(?<![\w-])[\"']?{re.escape(name)}[\"']?)[ \t]*[=.\]]"
    found = re.compile(key, re.M).search(source.text, start) if name else None
    return source.place(found.start("at") if found else start)
