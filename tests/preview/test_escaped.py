"""No text of a deck is markup or script in the page: a parser of HTML finds ours alone."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from deckwright.model import (
    DeckInfo,
    Field,
    Media,
    Note,
    NoteType,
    Place,
    Problem,
    Severity,
    Template,
)
from deckwright.note_types import PROMPT
from deckwright.preview import pages
from deckwright.preview.content import Content, Shown
from deckwright.preview.site import Links, Site
from tests.fuzz.harness import fuzz
from tests.preview.scripts import PAGE

MARKERS = (
    '"><x-marker onclick="x">',
    "'><x-marker onclick='x'>",
    "</script><x-marker><script>top.hacked=1</script>",
    "</style></title></textarea><x-marker>",
    "<!--<script><x-marker>-->",
    "]]><x-marker>",
    "&lt;x-marker&gt;",
    "@POLICY@ @DATA@ @SCRIPTS@ @STYLE@",
    "javascript:top.hacked=1",
    r"\(\href{javascript:top.hacked=1}{x}\)",
    r"\u003c/script>\x3cx-marker>",
    "{{Front}} [[type:Front]] [anki:play:q:0] [sound:x.mp3]",
    "__proto__",
    "\u2028\u2029\u202e\x00\x0b",
)
OURS = ("base.css", "site.css")
POLICY = re.compile(
    r"default-src 'none'; script-src(?: 'sha256-[\w+/=]{44}')+; style-src 'unsafe-inline';"
    r" font-src data:; img-src data:(?: 'self')?; media-src data:(?: 'self')?;"
    r"(?: connect-src 'self';)? base-uri 'none'; form-action 'none'"
)
FRAGMENTS = ("cover", "chapters", "strip", "foot")


def marked(text: str) -> tuple[Content, Links]:
    """A deck that has a text in each of its strings."""
    kind = NoteType(
        "basic", 1, text, 0,
        (Field(text, 1, text, parts=(PROMPT,)), Field("B", 2, text), Field("C", 3, text)),
        (Template(text, 1, f"{text}{{{{B}}}}", f"{{{{FrontSide}}}}{{{{B}}}}{text}"),), text,
    )  # fmt: skip
    notes = tuple(
        Shown(
            Note(f"{text}{at}", text, "basic", f"{text}::{text}{at}", (field, field, field),
                 (text, f"{text}2"), (0,), (text,), text),
            kind, Place(f"{text}/{text}.md", 1), (text,), as_of,
        )
        for at, (field, as_of) in enumerate([(text, ""), (f"<b>{text}</b>", text)])
    )  # fmt: skip
    info = DeckInfo(
        text, text, text, url=f"https://{text}", report=f"https://{text}{{id}}", licence=text,
        authors=(text, text), tag=text, lang=text, labels={text: text},
    )  # fmt: skip
    problems = tuple(
        Problem(Place(f"{text}.md", 1, 2), text, severity, text, text, source_line=text, card=text)
        for severity in Severity
    )
    media = {text: Media(text, text.encode())}
    return Content(info, notes, media, problems, text), Links(text, f"https://{text}/{{path}}")


SHIPPED = {
    pages._inline(text)
    for text in (pages.mathjax(), *(one.read_text("utf-8") for one in PAGE.glob("*.js")))
}


def hash_of(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


def elements(node: LexborNode | None) -> Iterator[LexborNode]:
    """All elements in a node."""
    assert node
    yield from (one for one in node.css("*") if one.tag)


def check_tags(tree: LexborHTMLParser) -> None:
    """No element and no handler came of a text, and no address is a script."""
    for element in elements(tree.root):
        assert element.tag != "x-marker"
        for name, value in element.attributes.items():
            assert not name.startswith("on"), element.html
            if name in ("href", "src", "action"):
                assert re.match(r"#|https:|data:image|[^:]*$", value or ""), value


def check_page(site: Site) -> None:
    """Its scripts are those that its policy names and that are shipped; its style is ours."""
    page = str(site.page)
    tree = LexborHTMLParser(page)
    check_tags(tree)
    [policy] = tree.css('meta[http-equiv="Content-Security-Policy"]')
    text = policy.attributes["content"] or ""
    assert POLICY.fullmatch(text), text
    named = re.findall(r"'sha256-([^']+)'", text)
    data, *scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert [hash_of(one) for one in scripts] == named
    assert len(tree.css("script")) == len(scripts) + 1
    assert {*scripts} <= SHIPPED
    [style] = tree.css("style")
    assert style.text().strip() == "".join(map(pages.read, OURS)).strip()
    json.loads(data)


@pytest.mark.parametrize("live", [False, True], ids=["written", "served"])
@pytest.mark.parametrize("text", [*MARKERS, "".join(MARKERS)])
def test_no_text_is_markup_in_the_page(text: str, live: bool) -> None:
    content, links = marked(text)
    site = Site(content, links, live)
    check_page(site)
    state = json.loads(site.state)
    for name in FRAGMENTS:
        check_tags(LexborHTMLParser(f"<body>{state[name]}"))


@fuzz(st.lists(st.sampled_from([*MARKERS, *"<>\"'&/!-=@ \n"]), max_size=8).map("".join), cases=50)
def test_whatever_is_between_no_text_is_markup_in_the_page(text: str) -> None:
    content, links = marked(text)
    check_page(Site(content, links))


def test_no_id_of_the_page_can_be_a_card_s() -> None:
    """A card's id has no capital, and the entries of the list have their cards' ids."""
    content, links = marked("x")
    page = LexborHTMLParser(str(Site(content, links).page))
    ids = [one.attributes["id"] or "" for one in page.css("[id]")]
    own = [one for one in ids if not one.startswith("x")]
    assert len(own) > 40
    assert [one for one in own if one == one.lower()] == []
