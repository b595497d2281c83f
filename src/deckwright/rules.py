"""Every rule that content can break, by name: what it asks and why.

A finding is a :class:`~deckwright.model.Diagnostic` made by ``RULE.at(place, what, cure)``.
To add a rule, write it here with a bad and a good example, add it to :data:`RULES`, and call
``at`` where the problem is seen; the tests try both examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from deckwright.model import Diagnostic, Place, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule."""

    name: str
    doc: str
    """What the rule asks, and why, in plain words."""
    bad: str | bytes
    """A file that breaks this rule."""
    good: str | bytes
    """The same file, mended."""
    file: str = "01-cards.md"
    """The name of the file that the examples are."""
    bad_file: str = ""
    """The name of the bad one, where that is what is bad."""
    severity: Severity = Severity.ERROR
    released: str = ""
    """The cards as they were released before, for a rule that compares."""

    def at(self, place: Place, what: str, cure: str) -> Diagnostic:
        """A finding of this rule."""
        return Diagnostic(place, self.name, self.severity, what, cure)


def _card(body: str, comment: str = "<!-- id: a-card -->", prompt: str = "A question?") -> str:
    return f"# Examples\n\n## {prompt}\n{comment}\n\n{body}\n"


_GOOD = _card("An answer.")
_TOML = 'key = "examples"\nname = "Examples"\n'


def _ledger(types: str = "") -> str:
    text = (
        '{"row": "deck", "key": "examples", "name": "Examples"}\n' + types + '{"row": "release",'
        ' "version": "1.0.0", "time": 1600000000, "content": ""}\n'
    )
    return f'{text}{{"row": "end", "sha256": "{sha256(text.encode()).hexdigest()}"}}\n'


# Files

NOT_UTF8 = Rule(
    "not-utf8",
    "Card files and deck.toml are UTF-8, with or without a byte order mark.",
    bad=_card("Füße").encode("latin-1"),
    good=_card("Füße"),
)
BAD_FILE = Rule(
    "bad-file",
    "Card files end in .md, and the files of a deck are regular files: a link, a pipe or a device "
    "could bring anything in, or never end.",
    bad=_GOOD,
    good=_card("Another answer.", "<!-- id: another-card -->"),
    bad_file="02-more.MD",
    file="02-more.md",
)
BAD_STYLE = Rule(
    "bad-style",
    "style.css is CSS that loads nothing: it becomes a part of every card.",
    bad="</style><script>",
    good=".card { font-size: 20px; }",
    file="style.css",
)
CHARACTER = Rule(
    "character",
    "Control, private-use and direction-override characters, written out or as an entity, show "
    "as nothing, hide text from a reviewer, or break the package.",
    bad=_card("An \x07 answer."),
    good=_GOOD,
)
DECK_TOML = Rule(
    "deck-toml",
    "deck.toml is TOML with `key` and `name`, and none but the known keys.",
    bad=_TOML + 'nmae = "x"\n',
    good=_TOML,
    file="deck.toml",
)
NO_CARDS = Rule(
    "no-cards",
    "A card file holds at least one card, a `##` heading; a file without one was probably meant "
    "to hold some. Files for people have one of a few names, such as README.md.",
    bad="# Examples\n\nSome text.\n",
    good=_GOOD,
)
FRONT_MATTER = Rule(
    "front-matter",
    "The front matter is YAML between two `---` lines, one key a line: `deck` and `tags`.",
    bad="---\ndeck: a: b\n---\n" + _GOOD,
    good='---\ndeck: "a: b"\n---\n' + _GOOD,
)
UNCLOSED_FRONT = Rule(
    "unclosed-front-matter",
    "The front matter ends with a line `---`; without it, the whole file would be YAML.",
    bad="---\ntags: [x]\n" + _GOOD,
    good="---\ntags: [x]\n---\n" + _GOOD,
)
DECK_NAME = Rule(
    "deck-name",
    "A deck's name has at most eight levels, joined by `::`, none empty; `Default` is the "
    "learner's own.",
    bad="---\ndeck: 'a::::b'\n---\n" + _GOOD,
    good="---\ndeck: 'a::b'\n---\n" + _GOOD,
)
NO_TITLE = Rule(
    "no-title",
    "A file starts with one `#` title, which names its subdeck. Without it, its cards go "
    "to the deck itself.",
    bad="## A question?\n<!-- id: a-card -->\n\nAn answer.\n",
    good=_GOOD,
    severity=Severity.WARNING,
)
SECOND_TITLE = Rule(
    "second-title",
    "A file has one `#` title, before the first card: it names the subdeck of the whole file.",
    bad=_GOOD + "\n# More\n",
    good=_GOOD,
)

# Cards

MISSING_ID = Rule(
    "missing-id",
    "Each card has an id of its own in the hidden comment under its heading. A learner's history "
    "hangs on it: text may change, the id may not.",
    bad="# Examples\n\n## A question?\n\nAn answer.\n",
    good=_GOOD,
)
BAD_ID = Rule(
    "bad-id",
    "An id is made of a to z, 0 to 9 and hyphens, starts with a letter or digit, and has at most "
    "64 characters.",
    bad=_card("An answer.", "<!-- id: A card -->"),
    good=_GOOD,
)
DUPLICATE_ID = Rule(
    "duplicate-id",
    "No two cards of a deck share an id: Anki would keep only one of them.",
    bad=_GOOD + "\n## Another?\n<!-- id: a-card -->\n\nAnother answer.\n",
    good=_GOOD + "\n## Another?\n<!-- id: another-card -->\n\nAnother answer.\n",
)
BAD_COMMENT = Rule(
    "bad-comment",
    "The comment under a heading is YAML, one key a line.",
    bad=_card("An answer.", "<!-- id: a-card tags: [x] -->"),
    good=_card("An answer.", "<!--\nid: a-card\ntags: [x]\n-->"),
)
UNKNOWN_KEY = Rule(
    "unknown-key",
    "Only known keys stand in a front matter (`deck`, `tags`) and in a comment (`id`, `tags`): a "
    "misspelt one would be lost.",
    bad=_card("An answer.", "<!--\nid: a-card\ntag: [x]\n-->"),
    good=_card("An answer.", "<!--\nid: a-card\ntags: [x]\n-->"),
)
TAGS_LIST = Rule(
    "tags-list",
    "Tags are a list, even a single one.",
    bad=_card("An answer.", "<!--\nid: a-card\ntags: x y\n-->"),
    good=_card("An answer.", "<!--\nid: a-card\ntags: [x, y]\n-->"),
)
BAD_TAG = Rule(
    "bad-tag",
    "A tag is made of letters, digits and `-_.+/`, with `::` between levels. Anki cuts tags at "
    "spaces, and keeps `leech` and `marked` for the learner.",
    bad=_card("An answer.", "<!--\nid: a-card\ntags: [two words]\n-->"),
    good=_card("An answer.", "<!--\nid: a-card\ntags: [two-words]\n-->"),
)
EMPTY_FRONT = Rule(
    "empty-front",
    "A card asks something: its heading is not empty.",
    bad=_card("An answer.", prompt=""),
    good=_GOOD,
)
EMPTY_ANSWER = Rule(
    "empty-answer",
    "A card has an answer under its comment, or a cloze.",
    bad=_card(""),
    good=_GOOD,
)
UNKNOWN_PART = Rule(
    "unknown-part",
    "A `###` heading names a part of the card: Question, Typed, Reverse, Why or Source; on a "
    "cloze card Why or Source. Headings inside an answer start at `####`.",
    bad=_card("An answer.\n\n### Because\n\nA reason."),
    good=_card("An answer.\n\n### Why\n\nA reason."),
)
PART_TWICE = Rule(
    "part-twice",
    "Each part stands once in a card.",
    bad=_card("An answer.\n\n### Why\n\nOne.\n\n### Why\n\nTwo."),
    good=_card("An answer.\n\n### Why\n\nOne.\n\nTwo."),
)
EMPTY_PART = Rule(
    "empty-part",
    "A part that is there has text; leave its heading out otherwise.",
    bad=_card("An answer.\n\n### Why"),
    good=_GOOD,
)
PART_PLACE = Rule(
    "part-without-card",
    "A part belongs to a card: it stands below a `##` heading.",
    bad="# Examples\n\n### Why\n\nA reason.\n\n" + _GOOD.removeprefix("# Examples\n\n"),
    good=_GOOD,
)
TYPED_PLAIN = Rule(
    "typed-plain",
    "What a learner is to type is one line of plain text: Anki compares it letter by letter.",
    bad=_card("An answer.\n\n### Typed\n\n$x$"),
    good=_card("An answer.\n\n### Typed\n\nx"),
)
COMMENT_IN_BODY = Rule(
    "comment-in-body",
    "An HTML comment stands only right under a card's heading: elsewhere it would be lost.",
    bad=_card("An answer. <!-- to do -->"),
    good=_GOOD,
)
UNCLOSED_COMMENT = Rule(
    "unclosed-comment",
    "A comment ends with `-->`; without it, the rest of the file would be hidden.",
    bad=_card("An answer.", "<!-- id: a-card"),
    good=_GOOD,
)
UNCLOSED_FENCE = Rule(
    "unclosed-fence",
    "A fence that opens closes: it would swallow every card after it.",
    bad=_card("```python\nx = 1\n"),
    good=_card("```python\nx = 1\n```"),
)
DIFFERS_ON_GITHUB = Rule(
    "differs-on-github",
    "What GitHub and Python-Markdown read differently is written in the way that both read "
    "alike, so that a reviewer sees what a learner will.",
    bad=_card("Two kinds:\n- one\n- two"),
    good=_card("Two kinds:\n\n- one\n- two"),
)
CODE_LANGUAGE = Rule(
    "code-language",
    "The word after ``` is a language that Pygments can colour, or nothing.",
    bad=_card("```pyhton\nx = 1\n```"),
    good=_card("```python\nx = 1\n```"),
    severity=Severity.WARNING,
)
MARKUP = Rule(
    "markup",
    "Only harmless HTML reaches a learner: no script, handler, style, frame or remote picture; "
    "links go to https or mailto. What would be taken out is named instead.",
    bad=_card("An <script>answer</script>."),
    good=_GOOD,
)
TOO_DEEP = Rule(
    "too-deep",
    "Lists and quotes are not nested without end: Markdown gives up on them.",
    bad=_card("> " * 400 + "x"),
    good=_card("> x"),
)
LOST_TEXT = Rule(
    "lost-text",
    "Every word of a card is shown. A formula, code or cloze in a place that is not shown, such "
    "as a link's definition, would be lost.",
    bad=_card("An answer.\n\n[a]:\n`code`"),
    good=_card("An answer.\n\n`code`"),
)

# Clozes

CLOZE_NUMBER = Rule(
    "cloze-number",
    "A cloze opens with `{{c1::`, a small c and a number from 1 to 100.",
    bad=_card("The {{c::answer}} is hidden."),
    good=_card("The {{c1::answer}} is hidden."),
)
CLOZE_LOOKALIKE = Rule(
    "cloze-lookalike",
    "Double braces without a number are shown as they are; in a card with clozes they are an "
    "error.",
    bad=_card("The {{answer}} is shown."),
    good=_card("The `{{answer}}` is shown."),
    severity=Severity.WARNING,
)
CLOZE_UNCLOSED = Rule(
    "cloze-unclosed",
    "A cloze that opens closes with `}}`.",
    bad=_card("The {{c1::answer."),
    good=_card("The {{c1::answer}}."),
)
CLOZE_BLOCKS = Rule(
    "cloze-blocks",
    "A cloze stays within one block: one paragraph, list item or table cell.",
    bad=_card("The {{c1::answer\n\nis}} long."),
    good=_card("The {{c1::answer}}\n\n{{c1::is}} long."),
)
CLOZE_EMPTY = Rule(
    "cloze-empty",
    "A cloze hides something.",
    bad=_card("The {{c1::}}."),
    good=_card("The {{c1::answer}}."),
)
CLOZE_OVERLAP = Rule(
    "cloze-overlap",
    "A cloze and the emphasis or link around it are properly nested.",
    bad=_card("**The {{c1::an**swer}}."),
    good=_card("**The** {{c1::**an**swer}}."),
)
CLOZE_PLACE = Rule(
    "cloze-place",
    "Clozes stand in the body of a card, never in its heading or its Why and Source, which are "
    "shown as they are.",
    bad=_card("An {{c1::answer}}.", prompt="A {{c1::question}}"),
    good=_card("An {{c1::answer}}."),
)

# Formulas

MATH_UNCLOSED = Rule(
    "math-unclosed",
    r"A formula that opens with $ closes in the same block; a dollar sign is written `\$`.",
    bad=_card("The formula $x is open."),
    good=_card("The formula $x$ is closed."),
)
MATH_EMPTY = Rule(
    "math-empty",
    "A formula is not empty.",
    bad=_card("The formula $$ $$ is empty."),
    good=_card("The formula $x$ is not."),
)
MATH_DELIMITER = Rule(
    "math-delimiter",
    r"Formulas stand between dollars: GitHub and Markdown take the backslashes of `\(…\)` away.",
    bad=_card(r"The formula \(x\)."),
    good=_card("The formula $x$."),
)

# Pictures

MISSING_IMAGE = Rule(
    "missing-image",
    "A picture is a file inside the deck's folder, named relative to the card's file, with the "
    "same capitals.",
    bad=_card("![a curve](media/none.png)"),
    good=_GOOD,
)
IMAGE_ALT = Rule(
    "image-alt",
    "A picture has an alternative text, for those who cannot see it: `![what it shows](…)`.",
    bad=_card("![](media/dot.png)"),
    good=_card("![a single dot](media/dot.png)"),
)

# Continuity: what the last release promised to those who learn from it

BAD_LEDGER = Rule(
    "bad-ledger",
    "The ledger is written by `release` alone: it remembers which note is which.",
    bad="{}\n",
    good=_ledger(),
    file="ledger.jsonl",
)
BAD_RETIRED = Rule(
    "bad-retired",
    "What stands under [retired] in deck.toml was released and is no longer in the deck.",
    bad=_TOML + '[retired]\na-card = "wrong"\n',
    good=_TOML,
    file="deck.toml",
)
ID_GONE = Rule(
    "id-gone",
    "A released card stays in the deck under its id, is renamed with `was`, or is retired in "
    "deck.toml. Learners keep it for ever, without corrections, and a copy under another id "
    "starts at zero.",
    released=_GOOD,
    bad=_card("An answer.", "<!-- id: another -->"),
    good=_card("An answer.", "<!--\nid: another\nwas: [a-card]\n-->"),
)
ID_REUSED = Rule(
    "id-reused",
    "An id means one fact for ever: a learner's history of the old card would become that of the "
    "new one.",
    released=_card("Paris.", prompt="What is the capital of France?"),
    bad=_card("It boils at 100 °C.", prompt="How hot must water be?"),
    good=_card("It is Paris.", prompt="What is the capital of France?"),
)
KIND_CHANGED = Rule(
    "kind-changed",
    "A released card stays a basic card or a cloze card: Anki refuses every later update of a "
    "note whose note type changed.",
    released=_GOOD,
    bad=_card("An {{c1::answer}}."),
    good=_card("An answer, reworded."),
)
SHAPE_CHANGED = Rule(
    "shape-changed",
    "The fields and templates of a note type are frozen: where they change, Anki delivers nothing "
    "any more and makes a copy of the type for new notes.",
    bad=_ledger(
        '{"row": "type", "kind": "basic", "id": 1, "name": "Basic", "sort": 0, "fields": [],'
        ' "templates": [], "css": "", "mod": 1}\n'
    ),
    good=_ledger(),
    file="ledger.jsonl",
)
ORDINAL_GONE = Rule(
    "ordinal-gone",
    "A released cloze number or Reverse stays: the learner's card would stay too, and show "
    '"No cloze found" at every review.',
    released=_card("One {{c1::a}} and two {{c2::b}}."),
    bad=_card("One {{c1::a}} and two b."),
    good=_card("One {{c1::a}} and {{c3::two}} {{c2::b}}."),
)
ORDINAL_MOVED = Rule(
    "ordinal-moved",
    "A cloze keeps its number: a learner's history of it would go to another question.",
    released=_card("One {{c1::apple}} and two {{c2::pears}}."),
    bad=_card("One {{c2::apple}} and two {{c1::pears}}."),
    good=_card("Two {{c2::pears}} and one {{c1::apple}}."),
)
DECK_RENAMED = Rule(
    "deck-renamed",
    "A file's cards stay in their deck: learners' cards would stay in the old one, and new ones "
    "come to the new.",
    released=_GOOD,
    bad=_GOOD.replace("# Examples", "# Samples"),
    good=_GOOD,
)
KEY_CHANGED = Rule(
    "key-changed",
    "The key of a released deck stays: from another, every card would come as a new one, beside "
    "the one that learners have.",
    released=_GOOD,
    bad=_TOML.replace('"examples"', '"other"'),
    good=_TOML,
    file="deck.toml",
)

RULES: tuple[Rule, ...] = (
    NOT_UTF8,
    BAD_FILE,
    BAD_STYLE,
    CHARACTER,
    DECK_TOML,
    NO_CARDS,
    FRONT_MATTER,
    UNCLOSED_FRONT,
    DECK_NAME,
    NO_TITLE,
    SECOND_TITLE,
    MISSING_ID,
    BAD_ID,
    DUPLICATE_ID,
    BAD_COMMENT,
    UNKNOWN_KEY,
    TAGS_LIST,
    BAD_TAG,
    EMPTY_FRONT,
    EMPTY_ANSWER,
    UNKNOWN_PART,
    PART_TWICE,
    EMPTY_PART,
    PART_PLACE,
    TYPED_PLAIN,
    COMMENT_IN_BODY,
    UNCLOSED_COMMENT,
    UNCLOSED_FENCE,
    DIFFERS_ON_GITHUB,
    CODE_LANGUAGE,
    MARKUP,
    TOO_DEEP,
    LOST_TEXT,
    CLOZE_NUMBER,
    CLOZE_LOOKALIKE,
    CLOZE_UNCLOSED,
    CLOZE_BLOCKS,
    CLOZE_EMPTY,
    CLOZE_OVERLAP,
    CLOZE_PLACE,
    MATH_UNCLOSED,
    MATH_EMPTY,
    MATH_DELIMITER,
    MISSING_IMAGE,
    IMAGE_ALT,
    BAD_LEDGER,
    BAD_RETIRED,
    ID_GONE,
    ID_REUSED,
    KIND_CHANGED,
    SHAPE_CHANGED,
    ORDINAL_GONE,
    ORDINAL_MOVED,
    DECK_RENAMED,
    KEY_CHANGED,
)
"""All rules, in the order above."""
