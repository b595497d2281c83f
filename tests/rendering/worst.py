"""Texts that are made to stall a reader of Markdown: one shape each, as long as a card may be."""

from __future__ import annotations

from deckwright.limits import MAX_CARD

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
    "a rule": ("* ",),
    "a rule with tabs": ("*\t",),
}
"""What is repeated, and what stands before and behind all of it."""


def _filled(piece: str, before: str = "", after: str = "") -> str:
    return before + piece * ((MAX_CARD - len(before) - len(after)) // len(piece)) + after


def shapes() -> dict[str, str]:
    """The texts by their names."""
    texts = {name: _filled(*pieces) for name, pieces in _REPEATED.items()}
    half = MAX_CARD // 2
    return texts | {
        "emphasis in emphasis": "*a **a " * (half // 7) + " a** a*" * (half // 7),
        "links in links": "[" * 1000 + "a" + "](b)" * 1000,
        "runs of all lengths": "".join("e" + "`" * length for length in range(1, 255)),
        "lists in lists": "".join("  " * depth + "- a\n" for depth in range(90)),
    }
