"""The rules of files: what a deck's folder holds, and what stands around the cards."""

from __future__ import annotations

from deckwright.model import Severity
from deckwright.rules.rule import EXAMPLE, EXAMPLE_TOML, Rule, Stake, example_card

NOT_UTF8 = Rule(
    "not-utf8",
    "Card files and deck.toml are UTF-8, with or without a byte order mark.",
    bad=example_card("Füße").encode("latin-1"),
    good=example_card("Füße"),
    stake=Stake.PACKAGE,
)
BAD_FILE = Rule(
    "bad-file",
    "Card files end in .md, and the files of a deck are regular files: a link, a pipe or a device "
    "could bring anything in, or never end.",
    bad=EXAMPLE,
    good=example_card("Another answer.", "<!-- id: another-card -->", "Another question?"),
    bad_file="02-more.MD",
    file="02-more.md",
    stake=Stake.SAFETY,
)
FILE_TOO_BIG = Rule(
    "file-too-big",
    "A file of cards has at most 256 KB, which is room for 2,500 small cards.",
    bad=EXAMPLE + "\n" + "More and more. " * 20_000 + "\n",
    good=EXAMPLE,
    stake=Stake.PACKAGE,
)
BAD_STYLE = Rule(
    "bad-style",
    "style.css, of a deck or of a note type of its own, is CSS that loads nothing: it becomes a "
    "part of every card.",
    bad="</style><script>",
    good=".card { font-size: 20px; }",
    file="style.css",
    stake=Stake.SAFETY,
)
CHARACTER = Rule(
    "character",
    "Control, private-use, zero-width and direction-override characters, written out or as an "
    "entity, show as nothing, hide text from a reviewer, or break the package. Marks and joiners "
    "may stand where their writing needs them, and isolates that close in their line.",
    bad=example_card("An \x07 answer."),
    good=EXAMPLE,
    stake=Stake.SAFETY,
)
NOT_NFC = Rule(
    "not-nfc",
    "A file is in Unicode's composed form, NFC, as editors write it: an é of two characters looks "
    "like any other, but no search finds it, and no typed answer matches it.",
    bad=example_card("A cafe\u0301."),
    good=example_card("A café."),
)
DECK_TOML = Rule(
    "deck-toml",
    "deck.toml is TOML with `key` and `name`, and none but the known keys.",
    bad=EXAMPLE_TOML + 'nmae = "x"\n',
    good=EXAMPLE_TOML,
    file="deck.toml",
    stake=Stake.PACKAGE,
)
_TYPE_TOML = """\
name = "Vocabulary"
id = 4711
sort = "Word"

[[fields]]
name = "Word"
id = 1
part = "prompt"

[[fields]]
name = "Meaning"
id = 2
part = "answer"

[[templates]]
name = "Meaning"
id = 1
front = "front.html"
back = "back.html"
"""
_TYPE_FILES = (
    ("note_types/vocabulary/front.html", "<div>{{Word}}</div>\n"),
    (
        "note_types/vocabulary/back.html",
        '{{FrontSide}}\n<hr id="answer">\n<div>{{Meaning}}</div>\n',
    ),
)
NOTE_TYPE = Rule(
    "note-type",
    "A note type of a deck's own is a folder in note_types/ with a note_type.toml, which names its "
    "fields and its templates, each with an id that never changes. Templates hold plain HTML and "
    "fields of the note type: they run in learners' Anki.",
    bad=_TYPE_TOML.replace('id = 2\npart = "answer"', 'part = "answer"'),
    good=_TYPE_TOML,
    file="note_types/vocabulary/note_type.toml",
    beside=_TYPE_FILES,
    stake=Stake.SAFETY,
)
NO_CARDS = Rule(
    "no-cards",
    "A card file holds at least one card, a `##` heading; a file without one was probably meant "
    "to hold some. Files for people have one of a few names, such as README.md.",
    bad="# Examples\n\nSome text.\n",
    good=EXAMPLE,
)
FRONT_MATTER = Rule(
    "front-matter",
    "The front matter is YAML between two `---` lines, one key a line: `deck`, `tags` and `type`.",
    bad="---\ndeck: a: b\n---\n" + EXAMPLE,
    good='---\ndeck: "a: b"\n---\n' + EXAMPLE,
)
UNCLOSED_FRONT = Rule(
    "unclosed-front-matter",
    "The front matter ends with a line `---`; without it, the whole file would be YAML.",
    bad="---\ntags: [x]\n" + EXAMPLE,
    good="---\ntags: [x]\n---\n" + EXAMPLE,
)
DECK_NAME = Rule(
    "deck-name",
    "A deck's name has at most eight levels, joined by `::`, none empty; `Default` is the "
    "learner's own.",
    bad="---\ndeck: 'a::::b'\n---\n" + EXAMPLE,
    good="---\ndeck: 'a::b'\n---\n" + EXAMPLE,
    stake=Stake.PACKAGE,
)
NO_TITLE = Rule(
    "no-title",
    "A file starts with one `#` title, which names its subdeck. Without it, its cards go "
    "to the deck itself.",
    bad="## A question?\n<!-- id: a-card -->\n\nAn answer.\n",
    good=EXAMPLE,
    severity=Severity.WARNING,
)
SECOND_TITLE = Rule(
    "second-title",
    "A file has one `#` title, before the first card: it names the subdeck of the whole file.",
    bad=EXAMPLE + "\n# More\n",
    good=EXAMPLE,
)

RULES: tuple[Rule, ...] = (
    NOT_UTF8,
    BAD_FILE,
    FILE_TOO_BIG,
    BAD_STYLE,
    CHARACTER,
    NOT_NFC,
    DECK_TOML,
    NOTE_TYPE,
    NO_CARDS,
    FRONT_MATTER,
    UNCLOSED_FRONT,
    DECK_NAME,
    NO_TITLE,
    SECOND_TITLE,
)
