"""The rules of formulas."""

from __future__ import annotations

from deckwright.rules.rule import Rule, example_card

MATH_UNCLOSED = Rule(
    "math-unclosed",
    r"A formula that opens with $ closes in the same block; a dollar sign is written `\$`.",
    bad=example_card("The formula $x is open."),
    good=example_card("The formula $x$ is closed."),
)
MATH_EMPTY = Rule(
    "math-empty",
    "A formula is not empty.",
    bad=example_card("The formula $$ $$ is empty."),
    good=example_card("The formula $x$ is not."),
)
MATH_DELIMITER = Rule(
    "math-delimiter",
    r"Formulas stand between dollars: GitHub and Markdown take the backslashes of `\(…\)` away.",
    bad=example_card(r"The formula \(x\)."),
    good=example_card("The formula $x$."),
)

RULES: tuple[Rule, ...] = (
    MATH_UNCLOSED,
    MATH_EMPTY,
    MATH_DELIMITER,
)
