"""Every rule that content can break, by name: what it asks and why.

A finding is a :class:`~deckwright.model.Diagnostic` made by ``RULE.at(place, what, cure)``.
To add a rule, write it in the module of its family with a bad and a good example, add it to the
``RULES`` at the end of that module, and call ``at`` where the problem is seen; the tests try both
examples.
"""

from __future__ import annotations

from deckwright.rules import cards, clozes, continuity, files, formulas, text
from deckwright.rules.rule import Rule

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    *files.RULES,
    *cards.RULES,
    *text.RULES,
    *clozes.RULES,
    *formulas.RULES,
    *continuity.RULES,
)
"""All rules, family by family."""
