"""What was typed beside what was expected: our port beside Anki itself, over many pairs."""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape
from html.entities import name2codepoint
from random import Random
from typing import TYPE_CHECKING
from unicodedata import category, normalize

import pytest
from hypothesis import strategies as st

from deckwright.real_anki.scratch import scratch_collection
from tests.fuzz.harness import SHARE, fuzz
from tests.preview.scripts import Scripts

if TYPE_CHECKING:
    from anki.collection import Collection

PAIRS, LONG = 10_000, 25
GOOD, BAD, MISSED = (f"<span class=type{name}>" for name in ("Good", "Bad", "Missed"))
GAP = f"{MISSED}-</span>"
ARROW = "<br><span id=typearrow>&darr;</span><br>"
PIECES = (
    *"ab c\n\t-'\">", "  ", "é", "e\u0301", "\u0301", "\u05bc", "漢", "字", "が", "か\u3099", "다",
    "\u1103\u1161", "😀", "👨‍👩‍👧", "א", "שִׁ", "مرحبا", "ß", "ﬁ", "İ", "\u212b", "\x85", "\ufeff",
    "\u200b", "\u3000", "\xa0", "\r\n", "\u2028",
    "&lt;", "&amp;", "&nbsp;", "&quot;", "&#91;", "&#x5d;", "&#X5d;", "&foo;", "&", "&#xd800;",
    "&#1114112;", "&eacute;", "&lang;",
    "<b>", "</b>", "<br>", "<BR />", "<br\x85>", "<div>", "</DIV>", '<p class="a">', "<",
    "<!-- x", "-->", "<style>x</style>", "<\u017fcript>x</script>", "<script", "</script>",
    "[sound:a.mp3]", "[sound:", "]", "[sound:]",
)  # fmt: skip
SHOWN = (
    ("", "", ""),
    ("<div>123</div>", "", "123"),
    ("&lt;b&gt; &amp; '", "<b> & '", f"{GOOD}&lt;b&gt; &amp; &#x27;</span>"),
    ("one<br>two", "one two", f"{GOOD}one two</span>"),
    ("[sound:a.mp3]été", "e\u0301te\u0301", f"{GOOD}été</span>"),
    ("", "<i>", f"{BAD}&lt;i&gt;</span>{ARROW}"),
    ("ab", "b", f"{GAP}{GOOD}b</span>{ARROW}{MISSED}a</span>{GOOD}b</span>"),
    ("a", "xa", f"{BAD}x</span>{GOOD}a</span>{ARROW}{GOOD}a</span>"),
    ("😀b", "😁b", f"{BAD}😁</span>{GOOD}b</span>{ARROW}{MISSED}😀</span>{GOOD}b</span>"),
    ("x\u0301", "x", f"{GOOD}x</span>{GAP}{ARROW}{GOOD}x</span>{MISSED}\xa0\u0301</span>"),
)  # fmt: skip


@cache
def typed() -> Scripts:
    return Scripts("typed.js")


def compare(expected: str, given: str) -> str:
    html = typed().call("typed.compare", expected, given)
    assert isinstance(html, str)
    return html


@pytest.mark.parametrize(("expected", "given", "inner"), SHOWN)
def test_each_part_of_an_answer_is_marked(expected: str, given: str, inner: str) -> None:
    assert compare(expected, given) == f"<code id=typeans>{inner}</code>"


def test_each_entity_that_anki_knows_is_read() -> None:
    for name, number in name2codepoint.items():
        sign = " " if name == "nbsp" else chr(number)
        assert unescape(compare(f"a&{name};b", "")) == f"<code id=typeans>a{sign}b</code>", name


texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=12).map("".join)
plain = texts.map(lambda text: re.sub(r"[\[<&]", "", text))


@fuzz(texts, texts, cases=700)
def test_nothing_that_was_typed_or_expected_is_markup(expected: str, given: str) -> None:
    html = compare(expected, given)
    ours = rf"</?code(?: id=typeans)?>|{GOOD}|{BAD}|{MISSED}|{re.escape(ARROW)}|</span>"
    text = re.sub(ours, "", html)
    assert not re.search(r"[<>\"']|&(?!(?:amp|lt|gt|quot|#x27);)", text)


@fuzz(plain, plain, cases=700)
def test_the_two_lines_are_what_was_typed_and_what_was_expected(expected: str, given: str) -> None:
    html = compare(expected, given)
    above, arrow, below = html.partition(ARROW)
    if arrow:
        assert said(above, GOOD, BAD) == spaced(given)
        assert said(below, GOOD, MISSED) == spaced(re.sub("\n+", " ", expected).strip())


def said(html: str, *kinds: str) -> str:
    """The text of some spans, without what parts a mark from the span before it."""
    found = re.findall(rf"(?:{'|'.join(kinds)})(.*?)</span>", html, re.DOTALL)
    return spaced("".join(unescape(one) for one in found))


def spaced(text: str) -> str:
    return re.sub(r"[\s\ufeff\x1c-\x1f]", "", normalize("NFC", text))


def pairs(number: int, long: int) -> list[tuple[str, str]]:
    """What is expected, and what is typed: something else, nearly that, or just that."""
    random = Random("typed answers")
    found = []
    for _ in range(number):
        expected = random.choices(PIECES, k=random.choice((0, 1, 3, 8, 20, 60)))
        given = random.choices(PIECES, k=random.choice((0, 1, 3, 8, 20)))
        if expected and random.random() < 0.5:
            given = [*expected]
            for _ in range(random.choice((0, 1, 3))):
                given[random.randrange(len(given))] = random.choice(PIECES)
        found.append(("".join(expected), "".join(given)))
    for _ in range(long):
        letters = random.choices("abcdefghijklmnop "[-random.choice((4, 17)) :], k=500)
        given = [*letters[random.randrange(99) :]]
        for _ in range(20):
            given[random.randrange(len(given))] = random.choice("abcé")
        found.append(("".join(letters), "".join(given)))
    return found


def escaped(html: str) -> str:
    """HTML of Anki 24.11, in which a right answer is not escaped, as later ones have it."""
    right = re.fullmatch(rf"(<code id=typeans>{GOOD})(.*)(</span></code>)", html, re.DOTALL)
    if not right or ARROW in html:
        return html
    return f"{right[1]}{escape(right[2])}{right[3]}"


@pytest.mark.anki
def test_an_answer_is_shown_as_anki_shows_it() -> None:
    tried = pairs(int(PAIRS * SHARE), int(LONG * SHARE))

    def by_anki(collection: Collection) -> list[str]:
        return [collection.compare_answer(*pair) for pair in tried]

    with scratch_collection() as anki:
        theirs = anki.run(by_anki)
        old = anki.version == "24.11"
    for pair, html in zip(tried, theirs, strict=True):
        assert compare(*pair) == (escaped(html) if old else html), pair
    assert sum(ARROW in html for html in theirs) > len(tried) / 4


@pytest.mark.anki
def test_a_mark_is_parted_from_the_span_before_it_as_in_anki() -> None:
    """Anki knows the marks of Unicode 10; it does not part those that came later."""
    marks = [chr(number) for number in range(0x2_0000) if category(chr(number))[0] == "M"]
    tried = [(f"n{mark}", f"m{mark}") for mark in marks if normalize("NFC", mark) == mark]

    def by_anki(collection: Collection) -> list[str]:
        return [collection.compare_answer(*pair) for pair in tried]

    with scratch_collection() as anki:
        theirs = anki.run(by_anki)
    parted = [(pair, html) for pair, html in zip(tried, theirs, strict=True) if "\xa0" in html]
    assert len(parted) > 0.8 * len(tried)
    for pair, html in parted:
        assert compare(*pair) == html, pair
