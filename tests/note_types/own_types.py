"""A deck with two note types of its own: one with two templates, and one with clozes."""

from __future__ import annotations

from tests.decks import card

VOCABULARY = """\
name = "Vocabulary"
id = 4501
sort = "Word"

[[fields]]
name = "Word"
id = 11
part = "prompt"

[[fields]]
name = "Meaning"
id = 12
part = "answer"

[[fields]]
name = "Spoken"
id = 13

[[fields]]
name = "Reverse"
id = 14
description = "What is asked for the word; without it, there is no second card"

[[fields]]
name = "Id"
id = 15

[[fields]]
name = "Reserved 1"
id = 16
collapsed = true
search = false

[[templates]]
name = "Understand"
id = 21
front = "understand.front.html"
back = "understand.back.html"

[[templates]]
name = "Say"
id = 22
front = "say.front.html"
back = "say.back.html"
"""
PASSAGE = """\
name = "Passage"
id = 4502
sort = "Title"
cloze = true

[[fields]]
name = "Title"
id = 1
part = "prompt"

[[fields]]
name = "Text"
id = 2
part = "answer"

[[fields]]
name = "Where"
id = 3

[[templates]]
name = "Gap"
id = 1
front = "front.html"
back = "back.html"
"""
UNDERSTAND = """\
<div class="word">{{Word}}</div>
{{#Spoken}}<div class="spoken">{{kana:Spoken}}</div>{{/Spoken}}
"""
SAY = "{{#Reverse}}\n<p>Say: <b>{{Reverse}}</b></p>\n{{/Reverse}}\n"
BACK = '{{FrontSide}}\n<hr id="answer">\n'
FILES: dict[str, str | bytes] = {
    "note_types/vocabulary/note_type.toml": VOCABULARY,
    "note_types/vocabulary/understand.front.html": UNDERSTAND,
    "note_types/vocabulary/understand.back.html": f"{BACK}<div>{{{{Meaning}}}}</div>\n",
    "note_types/vocabulary/say.front.html": SAY,
    "note_types/vocabulary/say.back.html": f"{BACK}<div>{{{{Word}}}}</div>\n",
    "note_types/vocabulary/style.css": ".word { font-size: 2em; }\n",
    "note_types/passage/note_type.toml": PASSAGE,
    "note_types/passage/front.html": "<div>{{cloze:Text}}</div>\n",
    "note_types/passage/back.html": (
        "<div>{{cloze:Text}}</div>\n{{#Where}}<p>{{hint:Where}}</p>{{/Where}}\n"
        "{{^Where}}<p>From elsewhere</p>{{/Where}}\n"
    ),
}


def of_type(name: str, body: str, prompt: str, card_id: str) -> str:
    """The source of a card of a note type."""
    return card(body, prompt, card_id).replace(
        f"<!-- id: {card_id} -->", (f"<!--\nid: {card_id}\ntype: {name}\n-->")
    )


CARDS = "# Words\n\n" + "\n".join(
    [
        of_type("vocabulary", "A dog.", "犬", "dog"),
        of_type(
            "vocabulary",
            "**Japan**, the country.\n\n### Spoken\n\n日本[にほん]\n\n### Reverse\n\nthe *country*",
            "日本",
            "japan",
        ),
        of_type("passage", "The {{c1::cat}} sat on the {{c3::mat::where?}}.", "A cat", "cat"),
        card("An answer.", "A question of our own?", "ours"),
    ]
)


def with_types(*changes: tuple[str, str, str], **more: str | bytes) -> dict[str, str | bytes]:
    """The files of the deck, changed: in the file of a name, one text for another."""
    files: dict[str, str | bytes] = {**FILES, "01-words.md": CARDS, **more}
    for name, old, new in changes:
        text = files[name]
        assert isinstance(text, str) and old in text, (name, old)
        files[name] = text.replace(old, new)
    return files
