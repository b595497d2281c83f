"""The sanitiser, judged by another reader of HTML than those that it is made of.

``nh3`` is built on html5ever and our own judgement on a few patterns; the judge is Lexbor
(``selectolax``), a third reader, which parses as browsers do.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from deckwright.model import Problem
from deckwright.rendering.html import clean
from deckwright.rendering.tags import MARKUP
from tests.fuzz.harness import fuzz
from tests.fuzz.material import SPECIAL, soup
from tests.test_hostile import ADDRESS

SAFE = frozenset(
    "p br hr h4 h5 h6 strong b em i u s del ins mark small sub sup kbd samp var code pre span div "
    "blockquote q cite abbr dfn ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr "
    "th td a img figure figcaption ruby rb rt rtc rp wbr bdi bdo details summary tt strike "
    "time".split()
)
"""The tags that a learner may get: written down once more, as a list that can be read."""
ATTRIBUTES = frozenset(
    "lang dir title href src alt width height colspan rowspan scope class start type reversed "
    "value span open align valign size noshade clear compact "
    "datetime nowrap".split()
)
_CLASSES = re.compile(r"left|center|right|table|code|language-[a-z0-9+#-]*|[a-z]{1,3}[0-9a-z]?|")
HTML = (
    *SPECIAL,
    *(f"<{tag}>" for tag in sorted(SAFE)),
    *(f"</{tag}>" for tag in sorted(SAFE)),
    *("<script>", "<style>", "<title>", "<textarea>", "<template>", "<svg>", "<math>", "<mtext>"),
    *("<select>", "<noscript>", "<iframe>", "<xmp>", "<plaintext>", "<form>", "<button>", "<body>"),
    *("</svg>", "</math>", "</style>", "</script>", "</title>", "<foreignObject>", "<mglyph>"),
    *("<annotation-xml encoding='text/html'>", "<desc>", "<frameset>", "<object>", "<meta x>"),
    *("<img src=x onerror=y>", "<img src=dot.png alt=a>", "<a href=' javascript:x'>", "<a href="),
    *("<a href=https://x.org onclick=y>", "<p style=a>", "<p id=a>", "<td class=left>", "<b/>"),
    *("<a href='data:text/html,x'>", "<td colspan=9999999>", "<ol start=-5>", "<details open>"),
    *("<a href=word.mp3>", "<a href=word.mp3 onclick=y>", "<a href=other.mp3>"),
    *("<!doctype html>", "<![CDATA[", "]]>", "<?x", "?>", "<!-", "--!>", "<a\x00b>", "&#x3c;"),
    *("&#60;script&#62;", "&lt", "&notit;", "&#0;", "&#xd800;", "=", "/", "/>", "<", "a<b", " on"),
)


def safe(
    html: str, pictures: frozenset[str], sounds: frozenset[str] = frozenset()
) -> LexborHTMLParser:
    """Nothing in some HTML could run, load or change anything; as the judge read it."""
    tree = LexborHTMLParser(html, is_fragment=True)
    for node in tree.css("*"):
        assert node.tag in SAFE, html
        for name, value in node.attributes.items():
            assert name in ATTRIBUTES, html
            if name == "href":
                assert re.match(ADDRESS, str(value)) or value in sounds, html
            elif name == "src":
                assert value in pictures, html
            elif name == "class":
                assert all(_CLASSES.fullmatch(one) for one in str(value).split(" ")), html
    if tree.root is not None:
        kinds = {str(node.tag) for node in tree.root.traverse(include_text=True)}
        assert not {kind for kind in kinds if kind.startswith(("-", "!"))} - {"-text"}, html
    return tree


def words(html: str) -> str:
    """The text that the judge sees, without its white space."""
    return "".join((LexborHTMLParser(html, is_fragment=True).text() or "").split())


def without_marks(html: str) -> str:
    """The HTML as it is where it has no tokens and no marks: no source can hold their signs."""
    return re.sub("[\ue000-\ue003]", "", html)


PACKED = {"dot.png": f"dot-{'1' * 16}.png", "word.mp3": f"word-{'2' * 16}.mp3"}
"""The files of the deck, with their names in the package."""


def file(tag: str, address: str) -> str | Problem:
    """Whether one of them is meant, by either name."""
    known = "dot.png" if tag == "img" else "word.mp3"
    if address in (known, PACKED[known]):
        return PACKED[known]
    return MARKUP.at(0, "there is no such file", "remove it")


@fuzz(st.one_of(soup(HTML, 20), soup(HTML, 5)).map(without_marks), cases=1_800)
def test_what_the_sanitiser_leaves_is_safe_for_another_reader(html: str) -> None:
    cleaned = clean(html, file)
    safe(cleaned.html, frozenset({PACKED["dot.png"]}), frozenset({PACKED["word.mp3"]}))
    assert clean(cleaned.html, file).html == cleaned.html
    if not cleaned.problems:  # else it is in no package
        assert sorted(words(cleaned.html)) == sorted(words(html.replace("\x00", "")))
