"""Every rule that content can break, by name: what it asks and why.

A problem is a :class:`~deckwright.model.Problem` made by ``RULE.at(place, what, fix)``.
To add a rule, write it in the module of its family with a bad and a good example, add it to the
``RULES`` at the end of that module, and call ``at`` where the problem is seen; the tests try both
examples, and ``make docs`` puts it into docs/rules.md. CONTRIBUTING.md shows one from end to end.

Which rules may a deck switch, by ``[rules]`` in its deck.toml? All warnings, as they never stop a
build; and those errors without which every card is still whole and right, so that only its looks
or its source are the worse (``Stake.STYLE``). An error stays one where somebody would pay for it
later: learners with their histories, anybody with their safety, the maintainer with a package that
Anki does not take, or the author with a card that says something else. In doubt it stays one: that
is the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from deckwright.rules import cards, clozes, continuity, files, formulas, media, text, writing
from deckwright.rules.rule import Rule, Stake

__all__ = ["FAMILIES", "RULES", "Rule", "Stake"]

FAMILIES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "Files": files.RULES,
        "Cards": cards.RULES,
        "Text": text.RULES,
        "Media": media.RULES,
        "Clozes": clozes.RULES,
        "Formulas": formulas.RULES,
        "Continuity": continuity.RULES,
        "Writing": writing.RULES,
    }
)
"""The rules of each family, by its heading."""

RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES.values() for rule in family)
"""All rules, family by family."""
