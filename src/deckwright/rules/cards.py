"""The rules of cards: their ids, comments and parts."""

from __future__ import annotations

from deckwright.model import Severity
from deckwright.rules.rule import EXAMPLE, Rule, Stake, example_card

MISSING_ID = Rule(
    "missing-id",
    "Each card has an id of its own in the hidden comment under its heading. A learner's history "
    "hangs on it: text may change, the id may not.",
    bad="# Examples\n\n## A question?\n\nAn answer.\n",
    good=EXAMPLE,
    stake=Stake.HISTORY,
)
BAD_ID = Rule(
    "bad-id",
    "An id is made of a to z, 0 to 9 and hyphens, starts with a letter or digit, and has at most "
    "64 characters.",
    bad=example_card("An answer.", "<!-- id: A card -->"),
    good=EXAMPLE,
    stake=Stake.HISTORY,
)
DUPLICATE_ID = Rule(
    "duplicate-id",
    "No two cards of a deck share an id: Anki would keep only one of them.",
    bad=EXAMPLE + "\n## Another?\n<!-- id: a-card -->\n\nAnother answer.\n",
    good=EXAMPLE + "\n## Another?\n<!-- id: another-card -->\n\nAnother answer.\n",
    stake=Stake.HISTORY,
)
BAD_COMMENT = Rule(
    "bad-comment",
    "The comment under a heading is YAML, one key a line.",
    bad=example_card("An answer.", "<!-- id: a-card tags: [x] -->"),
    good=example_card("An answer.", "<!--\nid: a-card\ntags: [x]\n-->"),
    stake=Stake.HISTORY,
)
UNKNOWN_KEY = Rule(
    "unknown-key",
    "Only known keys stand in a front matter (`deck`, `tags`, `type`) and in a comment (`id`, "
    "`tags`, `was`, `type`): a misspelt one would be lost.",
    bad=example_card("An answer.", "<!--\nid: a-card\ntag: [x]\n-->"),
    good=example_card("An answer.", "<!--\nid: a-card\ntags: [x]\n-->"),
)
TAGS_LIST = Rule(
    "tags-list",
    "Tags are a list, even a single one.",
    bad=example_card("An answer.", "<!--\nid: a-card\ntags: x y\n-->"),
    good=example_card("An answer.", "<!--\nid: a-card\ntags: [x, y]\n-->"),
)
BAD_TAG = Rule(
    "bad-tag",
    "A tag is made of letters, digits and `-_.+/`, with `::` between levels. Anki cuts tags at "
    "spaces, and keeps `leech` and `marked` for the learner.",
    bad=example_card("An answer.", "<!--\nid: a-card\ntags: [two words]\n-->"),
    good=example_card("An answer.", "<!--\nid: a-card\ntags: [two-words]\n-->"),
)
EMPTY_FRONT = Rule(
    "empty-front",
    "A card asks something: its heading is not empty, and Anki makes a card of it, as its note "
    "type has it.",
    bad=example_card("An answer.", prompt=""),
    good=EXAMPLE,
)
EMPTY_ANSWER = Rule(
    "empty-answer",
    "A card has an answer under its comment, or a cloze.",
    bad=example_card(""),
    good=EXAMPLE,
)
UNKNOWN_TYPE = Rule(
    "unknown-type",
    "The note type that a card or a file names is `basic`, `cloze` or one of the deck's own, in "
    "its folder note_types/.",
    bad=example_card("An answer.", "<!--\nid: a-card\ntype: basik\n-->"),
    good=example_card("An answer.", "<!--\nid: a-card\ntype: basic\n-->"),
)
UNKNOWN_PART = Rule(
    "unknown-part",
    "A `###` heading names a part of the card: Question, Typed, Reverse, Why or Source; on a "
    "cloze card Why or Source; on one of a note type of the deck's own, what that says. Headings "
    "inside an answer start at `####`.",
    bad=example_card("An answer.\n\n### Because\n\nA reason."),
    good=example_card("An answer.\n\n### Why\n\nA reason."),
)
PART_TWICE = Rule(
    "part-twice",
    "Each part stands once in a card.",
    bad=example_card("An answer.\n\n### Why\n\nOne.\n\n### Why\n\nTwo."),
    good=example_card("An answer.\n\n### Why\n\nOne.\n\nTwo."),
)
EMPTY_PART = Rule(
    "empty-part",
    "A part that is there has text; leave its heading out otherwise.",
    bad=example_card("An answer.\n\n### Why"),
    good=EXAMPLE,
    stake=Stake.STYLE,
)
PART_PLACE = Rule(
    "part-without-card",
    "A part belongs to a card: it stands below a `##` heading.",
    bad="# Examples\n\n### Why\n\nA reason.\n\n" + EXAMPLE.removeprefix("# Examples\n\n"),
    good=EXAMPLE,
)
CARD_TOO_BIG = Rule(
    "card-too-big",
    "A card has at most 32 KB, with its comment and its parts: a screen holds two.",
    bad=example_card("A long answer. " * 2_500),
    good=example_card("A short answer."),
    stake=Stake.PACKAGE,
)
FIELD_TOO_BIG = Rule(
    "field-too-big",
    "What becomes of a part of a card is at most 256 KB of HTML: code in colours grows to many "
    "times what was written.",
    bad=example_card("\n\n".join(["```python\n" + "a=b+c;" * 490 + "\n```"] * 5)),
    good=example_card("\n\n".join(["```\n" + "a=b+c;" * 490 + "\n```"] * 5)),
    stake=Stake.PACKAGE,
)
TOO_SLOW = Rule(
    "too-slow",
    "A card is rendered in two seconds of a processor and 128 MB: a hundred times what it needs. "
    "All cards of a file have twelve seconds together, and its formulas four, besides 50 ms for "
    "each that was never proven, of which it has 3,000 at most. A deck has that for each 256 KB.",
    bad=example_card("```autohotkey\n" + " \n" * 1_490 + "x\n```"),
    good=example_card("```\n" + " \n" * 1_490 + "x\n```"),
    stake=Stake.SAFETY,
)
SAME_PROMPT = Rule(
    "same-prompt",
    "No two cards ask the same: a learner could not tell which of the answers is meant.",
    bad=EXAMPLE + "\n## A question?\n<!-- id: another-card -->\n\nAnother answer.\n",
    good=EXAMPLE + "\n## Another?\n<!-- id: another-card -->\n\nAnother answer.\n",
    severity=Severity.WARNING,
)
TYPED_PLAIN = Rule(
    "typed-plain",
    "What a learner is to type is one line of plain text: Anki compares it letter by letter.",
    bad=example_card("An answer.\n\n### Typed\n\n$x$"),
    good=example_card("An answer.\n\n### Typed\n\nx"),
)

RULES: tuple[Rule, ...] = (
    MISSING_ID,
    BAD_ID,
    DUPLICATE_ID,
    BAD_COMMENT,
    UNKNOWN_KEY,
    TAGS_LIST,
    BAD_TAG,
    EMPTY_FRONT,
    EMPTY_ANSWER,
    UNKNOWN_TYPE,
    UNKNOWN_PART,
    PART_TWICE,
    EMPTY_PART,
    PART_PLACE,
    TYPED_PLAIN,
    CARD_TOO_BIG,
    FIELD_TOO_BIG,
    TOO_SLOW,
    SAME_PROMPT,
)
