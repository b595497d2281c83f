"""Texts that are made to stall a reader of cards: one shape each, as long as a card may be."""

from __future__ import annotations

from deckwright.media import resolve
from deckwright.model import DeckInfo, Source
from deckwright.note_types import note_types
from deckwright.rendering.references import references
from deckwright.rendering.render import Rendered, Shared, render
from deckwright.rules.writing import Words, wording
from deckwright.source.cards import parse
from deckwright.source.limits import MAX_CARD
from deckwright.source.tree import walk
from tests.rendering.passages import DECK

_MEDIA = resolve(DECK, walk(DECK))
TYPES = {one.kind: one for one in note_types(DeckInfo("examples", "Examples"))}

_REPEATED: dict[str, tuple[str, ...]] = {
    # Emphasis: many runs that open, close, or might do both
    "runs that open and close": ("*a ",),
    "runs of two lengths": ("**a *b ",),
    "runs within words": ("a**b",),
    "runs that only close": ("a_ ",),
    "runs of two signs": ("*a_ ",),
    "runs of three and two": ("a***b__c",),
    "strikethrough that only opens": ("~a ",),
    "strikethrough of two lengths": ("~~a ~b",),
    "runs side by side": ("~*",),
    "runs beside tokens": ("\ue0001\ue001*",),
    # Links and pictures
    "brackets that open": ("[",),
    "brackets that close": ("]",),
    "links": ("[a](b) ",),
    "links that never close": ("[a](",),
    "links with open parentheses": ("[a]((((",),
    "pictures that never close": ("![a",),
    "titles that never close": ('[a](b "',),
    "labels with a backslash": ("[a\\",),
    "labels of escapes": ("[\\]",),
    "a label of 32 KB": ("[", "", "]"),
    "references": ("[a][b]",),
    "definitions": ("[a]: b\n",),
    "definitions without an address": ("[a]:\n",),
    "definitions with open titles": ('[a]: b "\n',),
    # Code
    "runs of two backticks and one": ("`a``b",),
    "lone backticks": ("` ",),
    # HTML
    "angle brackets": ("<",),
    "tags that never close": ("<a ",),
    "attributes that never end": ("<a b=c ",),
    "comments at the start": ("<!--",),
    "comments": ("a <!-- b ",),
    "processing instructions": ("a <?",),
    "CDATA": ("a <![CDATA[",),
    "declarations": ("a <!A ",),
    "autolinks that never close": ("<a:",),
    "mail links that never close": ("<a@",),
    # Bare addresses
    "addresses": ("http://a ",),
    "addresses with an underscore": ("http://_",),
    "addresses in emphasis": ("*http://a_",),
    "an address and parentheses": (")", "http://a"),
    "an address and semicolons": (";", "http://a"),
    "an address and entities": ("&a;", "http://a"),
    "an address and question marks": ("?", "http://a"),
    "addresses without a scheme": ("www.",),
    "at signs": ("a@",),
    "a mail address of dots": ("a.", "", "@b.c"),
    "a mail address of one word": ("a", "", "@b.c"),
    "mail addresses in each other": ("a@b.",),
    "mail addresses": ("a@b.c ",),
    "a mail address that is none": ("a.b@", "", "x"),
    # Escapes, entities, lines
    "ampersands": ("&",),
    "entities": ("&a;",),
    "escapes": ("\\*",),
    "backslashes": ("\\",),
    "hard breaks": ("a  \n",),
    "lines": ("a\n",),
    "spaces": (" ", "a"),
    # Containers
    "quotes": ("> a\n",),
    "a deep quote and lines": ("a\n", "> " * 90 + "a\n"),
    "a deep quote and lazy lines": ("b\n", "> " * 50 + "a\n"),
    "items": ("- a\n",),
    "empty items": ("-\n\n",),
    "numbered items": ("1. a\n",),
    "items in items": ("* * * a\n",),
    "items in items, dashes": ("- - - a\n",),
    "lists in one line": ("1) 1. ",),
    # Leaves
    "bars": ("|",),
    "lines of bars": ("|\n",),
    "a ruler": ("|-", "a\n"),
    "colons of a ruler": (":-|",),
    "a table of 20 columns": ("|a" * 20 + "\n", "|a" * 20 + "\n" + "|-" * 20 + "\n"),
    "underlined headings": ("a\n-\n",),
    "headings": ("# a\n",),
    "a heading that closes": ("#", "# a "),
    "a heading that may close": ("# ", "# "),
    "blocks of HTML": ("<div>\n",),
    "blocks of HTML and blank lines": ("<div>\n\n",),
    "fences": ("```\n",),
    "indented code": ("    a\n",),
    "a ruler and spaces": (" ", "a\n-", "x"),
    "bars and spaces": (" ", "a\n|", "x"),
    "a rule": ("* ",),
    "a rule with tabs": ("*\t",),
}
"""What is repeated, and what is before and behind all of it."""


_IN_CARDS: dict[str, tuple[str, ...]] = {
    "pictures without words": ("![](a.png)",),
    "pictures of one file": ("![a dot](media/dot.png)\n\n",),
    "links to files": ("[a](a.mp3)",),
    "a link to a file of 32 KB": ("x", "[a](", ".mp3)"),
    "references to a bad link": ("[a] ", "[a]: b\n\n"),
    "links to one's own machine": ("http://localhost ",),
    "ports that are none": ("https://a.b:99999/ ",),
    "tags that a card may not have": ("<font>a</font> ",),
    "attributes that a card may not have": ("<b style=a>a</b> ",),
    "formulas": ("$x$ ",),
    "dollars": ("$",),
    "dollars that close nothing": ("$a ",),
    "display formulas": ("$$\nx\n$$\n\n",),
    "a display formula of 32 KB": ("- a\n", "$$\n", "$$"),
    "a formula in four spaces": ("_", "a\n\n    $"),
    "dollars in four spaces": ("$_", "a\n\n    "),
    "clozes": ("{{c1::a}} ",),
    "clozes with hints": ("{{c1::a::b}}",),
    "clozes that never close": ("{{c1::",),
    "double braces": ("{{a}} ",),
    "clozes in rows": ("|{{c1::a}}|\n", "|a|\n|-|\n"),
    "code in rows": ("|`a\\|b`|\n", "|a|\n|-|\n"),
    "an attribute list": (".", "(a){"),
    "attribute lists": ("{:a ",),
    "marks of Anki": ("[sound:a] ",),
    "backslashes before brackets": ("\\\\(",),
    "emoji": (":smile: ",),
    "footnotes": ("[^a] ", "[^a]: b\n\n"),
    "definitions of footnotes": ("[^a]: b\n\n",),
    "code and languages": ("```c\nint a;\n```\n",),
    "HTML before a heading": ("<div>\n", "", "### Why"),
    "comments": ("<!-- a -->",),
    "items and blank lines": ("\n", "- " * 8_000 + "a\n"),
    "code in items and blank lines": ("\n", "- " * 99 + "    a", "a"),
    "a fence in items and blank lines": ("\n", "- " * 99 + "```\n", "a"),
    "a rule in items and blank lines": ("\n", "- " * 99 + "***\n", "a"),
    "items and lines of spaces": (" \n", "- " * 99 + "a\n", "a"),
    "an entity in a link to a file of 32 KB": ("x", "[a](&#97;", ".mp3)"),
    "an entity in a picture of 32 KB": ("x", "![](&#97;", ".png)"),
    "braces": ("{",),
    "display formulas in one paragraph": ("^\n$$\n",),
    "colons and a cloze": ("::", "{{c1::a}} "),
    "entities for what no text needs": ("&#8203;",),
}
"""The same of what a card has beside its Markdown."""


def render_whole(text: str) -> list[Rendered]:
    """Everything that is done with the text of a card but for the proof of its formulas."""
    source = Source("01.md", f"# Title\n\n## A question?\n<!-- id: a-card -->\n\n{text}\n")
    file = parse(source, DeckInfo(key="", name="A deck"), set())
    links = references(file.outline)
    shared = Shared(_MEDIA, references={source.path: links})
    rendered = [render(card, file.lines_of(card), shared) for card in file.cards]
    words = Words(TYPES)
    read = [(card, words(card, one)) for card, one in zip(file.cards, rendered, strict=True)]
    for _ in wording(read):
        pass
    return rendered


def _filled(piece: str, before: str = "", after: str = "") -> str:
    return before + piece * ((MAX_CARD - len(before) - len(after)) // len(piece)) + after


def shapes() -> dict[str, str]:
    """The texts by their names."""
    repeated = _REPEATED | {f"{name} in a card": it for name, it in _IN_CARDS.items()}
    texts = {name: _filled(*pieces) for name, pieces in repeated.items()}
    half = MAX_CARD // 2
    many = range(1_700)
    return texts | {
        "many pictures in a card": "".join(f"![](a{n}.png) " for n in many),
        "many links to files in a card": "".join(f"[a](a{n}.mp3) " for n in many),
        "many addresses in a card": "".join(f"[a](x:&#97;{n}) " for n in many),
        "pictures beside clozes in a card": (
            "![some words of a text](media/dot.png)" * 400 + "{{c1::ab cd}} " * 1_200
        ),
        "emphasis in emphasis": "*a **a " * (half // 7) + " a** a*" * (half // 7),
        "links in links": "[" * 1000 + "a" + "](b)" * 1000,
        "runs of all lengths": "".join("e" + "`" * length for length in range(1, 255)),
        "lists in lists": "".join("  " * depth + "- a\n" for depth in range(90)),
    }
