"""Our reader makes of a text what GitHub's own parser makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from tests.fuzz.harness import SHARE
from tests.rendering.comparison import compare
from tests.rendering.examples import SOURCES, Example, examples
from tests.rendering.generate import GENERATORS
from tests.rendering.github import github, structure
from tests.rendering.oddities import ODDITIES, Oddity, differs, explanation
from tests.rendering.passages import DECK, passages
from tests.rendering.shrink import shrink

KNOWN: dict[str, str] = {}
"""The examples that we read differently, by one of their names, each with the reason."""
GENERATED = 2_500
"""How many texts of each kind are made up."""
LEAST = {"tidy": 0.99, "wild": 0.99, "soup": 0.99}
"""Which part of them is read alike; the rest is explained, one by one, by an oddity."""


# Examples


def test_the_examples_are_all_there() -> None:
    names = [name.split()[0] for example in examples() for name in example.names]
    assert Counter(names) == dict(zip(SOURCES, (652, 673, 28, 19), strict=True))


@pytest.mark.parametrize("example", examples(), ids=str)
def test_an_example_is_read_as_github_reads_it(example: Example) -> None:
    compared = compare(example.text)
    if known := [KNOWN[name] for name in example.names if name in KNOWN]:
        assert not compared.agree, f"no more known: {known[0]}"
    else:
        assert compared.agree, compared


def test_what_is_known_is_an_example() -> None:
    assert set(KNOWN) <= {name for example in examples() for name in example.names}


# Our deck


def test_our_deck_is_read_as_github_reads_it() -> None:
    found = [*passages(DECK)]
    assert len(found) > 400
    compared = [compare(one.text, heading=one.heading) for one in found]
    wrong = [f"{one.card}: {it}" for one, it in zip(found, compared, strict=True) if not it.agree]
    assert not wrong, "\n".join(wrong)


# Made-up texts


@pytest.mark.parametrize("kind", GENERATORS)
def test_made_up_texts_are_read_as_github_reads_them(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    random = Random(f"deckwright {kind}")
    texts = [GENERATORS[kind](random) for _ in range(max(1, int(GENERATED * SHARE)))]
    different = [found for found in map(compare, texts) if not found.agree]
    unexplained = [found.text for found in different if not explanation(found)]
    if unexplained:
        pytest.fail(_shortest(unexplained))
    record_property(f"{kind} texts", len(texts))
    record_property(f"{kind} texts read alike", len(texts) - len(different))
    assert len(different) <= len(texts) * (1 - LEAST[kind])


def _shortest(texts: list[str]) -> str:
    """Some texts that are read differently, made small, with what both make of them."""
    few = {shrink(text, differs) for text in texts[:5]}
    return f"{len(texts)} differ\n" + "\n".join(str(compare(text)) for text in few)


def test_the_same_numbers_give_the_same_text() -> None:
    for generator in GENERATORS.values():
        assert generator(Random(7)) == generator(Random(7))


def test_a_text_that_fails_is_made_as_short_as_it_can_be() -> None:
    assert shrink("abcdefghij" * 5, lambda text: "b" in text and "h" in text) in ("bh", "hb")


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda oddity: oddity.name)
def test_an_oddity_is_still_one_and_explains_itself(oddity: Oddity) -> None:
    found = compare(oddity.example)
    assert not found.agree
    assert explanation(found) is oddity


@pytest.mark.parametrize("one", ODDITIES, ids=lambda oddity: oddity.name)
@pytest.mark.parametrize("other", ODDITIES, ids=lambda oddity: oddity.name)
def test_an_oddity_does_not_explain_another(one: Oddity, other: Oddity) -> None:
    if one is not other:
        assert not one.explains(compare(other.example))
        assert not explanation(compare(f"{one.example}\n\n# and\n\n{other.example}"))


@pytest.mark.parametrize(
    "text",
    [
        "1.\n   \n   a",
        "1.\n  \n   a",
        "-\n  \n\n  a",
        "-\n  \n  \n\n  a",
        "-\n  \n  \n  \n  \n  a",
        "-\n\t\n  a",
        "- \n    \n\n   b",
        "- [a]: b\n\n\n\n  c",
        "- a\n  \t\n  b",
    ],
)
def test_lines_of_spaces_are_read_as_github_reads_them(text: str) -> None:
    compared = compare(text)
    assert compared.agree, compared


# What is compared


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>a</p>", "<p>b</p>"),
        ("<ul><li>a</li></ul>", "<ul><li><p>a</p></li></ul>"),
        ("<ol><li>a</li></ol>", '<ol start="2"><li>a</li></ol>'),
        ("<ol><li>a</li></ol>", "<ul><li>a</li></ul>"),
        ("<h4>a</h4>", "<h5>a</h5>"),
        ('<td align="left">a</td>', '<td align="right">a</td>'),
        ("<td>a</td>", "<th>a</th>"),
        ('<a href="b">a</a>', '<a href="c">a</a>'),
        ('<a href="b">a</a>', '<a href="b" title="c">a</a>'),
        ('<img src="b" alt="a">', '<img src="b" alt="c">'),
        ("<p><em>a</em> <em>b</em></p>", "<p><em>a</em><em>b</em></p>"),
        ("<p>a<br>b</p>", "<p>a\nb</p>"),
        ("<p>a\u00a0</p>", "<p>a</p>"),
        ("<p><b></p>", "<p>&lt;b&gt;</p>"),
        ("<p><b</p>", "<p>&lt;b</p>"),
        ("<p>&amp;lt;</p>", "<p>&lt;</p>"),
        ("<pre><code>a\n  b\n</code></pre>", "<pre><code>a\nb\n</code></pre>"),
        ("<ul><li>☐ a</li></ul>", "<ul><li>☑ a</li></ul>"),
        ("<!-- a --><p>b</p>", "<!-- c --><p>b</p>"),
    ],
)
def test_what_a_reader_can_see_counts(one: str, other: str) -> None:
    assert structure(one) != structure(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>a</p>\n<p>b  c</p>", "<p>\na</p><p>b c </p>"),
        ("<p>a<br />\nb</p>", "<p>a<br>b</p>"),
        ('<p>"</p>', "<p>&quot;</p>"),
        ('<a href="a%20b&amp;c">x</a>', '<a href="a b&c">x</a>'),
        ('<a title="a" href="b">x</a>', '<a href="b" title="a">x</a>'),
        ('<table><tr><td align="left">a</td></tr></table>',
         '<div class="table"><table>\n<tr><td class="left">a</td></tr></table>\n</div>'),
        ("<table><thead><tr><th>a</th></tr></thead></table>", "<table><tr><th>a</th></tr></table>"),
        ('<pre><code class="language-c">a\n</code></pre>', "<pre><code>a</code></pre>"),
        ("<h1>a</h1>", "<h4>a</h4>"),
        ("<strong>a <strong>b</strong></strong>", "<strong>a b</strong>"),
        ('<ul><li><input type="checkbox" disabled="" /> <p>a</p></li></ul>',
         "<ul><li><p>☐ a</p></li></ul>"),
    ],
)  # fmt: skip
def test_what_only_is_written_differently_does_not_count(one: str, other: str) -> None:
    assert structure(one) == structure(other)


def test_the_oracle_is_github_with_its_extensions() -> None:
    html = github("| ~~a~~ |\n|---|\n| www.b.org |\n\n- [x] c <b>d</b>\n")
    for part in ("<th><del>a</del></th>", '<a href="http://www.b.org">', "checked", "<b>d</b>"):
        assert part in html
    assert structure(github("1. a", heading=True)) == ["<p>", "1. a", "</p>"]
