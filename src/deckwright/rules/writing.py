"""The rules of writing: what makes a card hard to learn, though nothing in it is wrong.

They are warnings, as each has its exceptions, and as a deck may have a style of its own. The
lengths and numbers are those of the authors of *Latent Variable Models*, who measured their own.
"""

from __future__ import annotations

from deckwright.model import Severity
from deckwright.rules.rule import Rule, example_card

MAX_QUESTION = 250
"""Characters of a question; a command of LaTeX that shows something counts as one."""
MAX_ANSWER = 230
MAX_ITEMS = 2
"""Items of a list in an answer."""
MAX_CLOZES = 4
"""Cloze numbers of a note."""
MIN_ALT = 12
"""Characters of an alternative text."""

_FIRST = example_card("The encoder.", prompt="What does the KL term of a VAE pull to the prior?")

LONG_QUESTION = Rule(
    "long-question",
    f"A question has at most {MAX_QUESTION} characters: whoever reads more at every review "
    "recalls the look of the card, not its fact.",
    bad=example_card("An answer.", prompt="Why, " + "in so many words, " * 14 + "is it so?"),
    good=example_card("An answer.", prompt="Why is it so?"),
    severity=Severity.WARNING,
)
LONG_ANSWER = Rule(
    "long-answer",
    f"An answer has at most {MAX_ANSWER} characters, and so has what a cloze hides: one fact that "
    "one recalls as a whole, or not. What explains it goes to `### Why`.",
    bad=example_card("It is so. " + "And there is more to it. " * 10),
    good=example_card("It is so.\n\n### Why\n\n" + "And there is more to it. " * 10),
    severity=Severity.WARNING,
)
LONG_LIST = Rule(
    "long-list",
    f"A list in an answer has at most {MAX_ITEMS} items: of three, one is forgotten each time, and "
    "the card is never learnt. A cloze for each item asks for them one by one.",
    bad=example_card("- Red\n- Green\n- Blue"),
    good=example_card("- {{c1::Red}}\n- {{c2::Green}}\n- {{c3::Blue}}"),
    severity=Severity.WARNING,
)
MANY_CLOZES = Rule(
    "many-clozes",
    f"A cloze card has at most {MAX_CLOZES} numbers: each is a card, and with many of them the one "
    "gives the other away.",
    bad=example_card(" ".join(f"{{{{c{number}::word}}}}" for number in range(1, 6))),
    good=example_card(" ".join(f"{{{{c{number}::word}}}}" for number in range(1, 4))),
    severity=Severity.WARNING,
)
ANSWER_SHOWN = Rule(
    "answer-shown",
    "What a card asks for does not stand in its question, nor what a cloze hides in the text "
    "around it. A choice between two, with `or`, may name both.",
    bad=example_card("A random walk.", prompt="What is a random walk?"),
    good=example_card("A sum of independent steps.", prompt="What is a random walk?"),
    severity=Severity.WARNING,
)
ALIKE = Rule(
    "alike",
    "No two cards ask nearly the same: a learner would study one fact twice, or mix two up.",
    bad=_FIRST
    + "\n## In a VAE, what does the KL term pull to the prior?\n<!-- id: b -->\n\nThat.\n",
    good=_FIRST + "\n## In a VAE, how is the KL term computed?\n<!-- id: b -->\n\nThat.\n",
    severity=Severity.WARNING,
)
NO_SOURCE = Rule(
    "no-source",
    "In a deck that gives sources, each card says under `### Source` where to read on.",
    bad=example_card("An answer.\n\n### Source\n\nA book (2020), §1")
    + "\n## Another question?\n<!-- id: another -->\n\nAnother answer.\n",
    good=example_card("An answer.\n\n### Source\n\nA book (2020), §1")
    + "\n## Another question?\n<!-- id: another -->\n\nAnother answer.\n\n### Source\n\nIts §2\n",
    severity=Severity.WARNING,
)
THIN_ALT = Rule(
    "thin-alt",
    f"The alternative text of a picture says what it shows, in {MIN_ALT} characters at least, "
    "without telling the answer: a learner who cannot see it has only these words.",
    bad=example_card("An answer. ![a dot](media/dot.png)"),
    good=example_card("An answer. ![A grey dot on white](media/dot.png)"),
    severity=Severity.WARNING,
)

RULES: tuple[Rule, ...] = (
    LONG_QUESTION,
    LONG_ANSWER,
    LONG_LIST,
    MANY_CLOZES,
    ANSWER_SHOWN,
    ALIKE,
    NO_SOURCE,
    THIN_ALT,
)
