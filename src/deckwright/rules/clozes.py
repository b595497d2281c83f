"""The rules of clozes."""

from __future__ import annotations

from deckwright.model import Severity
from deckwright.rules.rule import Rule, example_card

CLOZE_NUMBER = Rule(
    "cloze-number",
    "A cloze opens with `{{c1::`, a small c and a number from 1 to 100.",
    bad=example_card("The {{c::answer}} is hidden."),
    good=example_card("The {{c1::answer}} is hidden."),
)
CLOZE_LOOKALIKE = Rule(
    "cloze-lookalike",
    "Double braces without a number are shown as they are; in a card with clozes they are an "
    "error.",
    bad=example_card("The {{answer}} is shown."),
    good=example_card("The `{{answer}}` is shown."),
    severity=Severity.WARNING,
)
CLOZE_UNCLOSED = Rule(
    "cloze-unclosed",
    "A cloze that opens closes with `}}`.",
    bad=example_card("The {{c1::answer."),
    good=example_card("The {{c1::answer}}."),
)
CLOZE_BLOCKS = Rule(
    "cloze-blocks",
    "A cloze stays within one block: one paragraph, list item or table cell.",
    bad=example_card("The {{c1::answer\n\nis}} long."),
    good=example_card("The {{c1::answer}}\n\n{{c1::is}} long."),
)
CLOZE_EMPTY = Rule(
    "cloze-empty",
    "A cloze hides something.",
    bad=example_card("The {{c1::}}."),
    good=example_card("The {{c1::answer}}."),
)
CLOZE_OVERLAP = Rule(
    "cloze-overlap",
    "A cloze and the emphasis or link around it are properly nested.",
    bad=example_card("**The {{c1::an**swer}}."),
    good=example_card("**The** {{c1::**an**swer}}."),
)
CLOZE_DEEP = Rule(
    "cloze-deep",
    "Clozes stand in each other at most ten deep: Anki reads no deeper, and shows the braces.",
    bad=example_card("The " + "{{c1::" * 11 + "answer" + "}}" * 11 + "."),
    good=example_card("The " + "{{c1::" * 10 + "answer" + "}}" * 10 + "."),
)
CLOZE_PLACE = Rule(
    "cloze-place",
    "Clozes stand in the body of a cloze card, never in its heading or its Why and Source, which "
    "are shown as they are.",
    bad=example_card("An {{c1::answer}}.", prompt="A {{c1::question}}"),
    good=example_card("An {{c1::answer}}."),
)

RULES: tuple[Rule, ...] = (
    CLOZE_NUMBER,
    CLOZE_LOOKALIKE,
    CLOZE_UNCLOSED,
    CLOZE_BLOCKS,
    CLOZE_EMPTY,
    CLOZE_OVERLAP,
    CLOZE_DEEP,
    CLOZE_PLACE,
)
