import pytest

from deckwright.model import Source, Span
from deckwright.source.card_keys import BAD_COMMENT
from deckwright.source.strict_yaml import LIMIT, read


def span(text: str) -> Span:
    source = Source("cards.md", f"# Title\n<!--{text}-->")
    return Span(source, 12, 12 + len(text))


def test_scalars_are_texts_whatever_they_look_like() -> None:
    values = {
        entry.key: entry.value
        for entry in read(span("a: no\nb: 010\nc: 2026-01-01\nd:\n"), BAD_COMMENT, "fix")[0]
    }
    assert values == {"a": "no", "b": "010", "c": "2026-01-01", "d": ""}


@pytest.mark.parametrize("value", ["no", "'a b'", "[x, 'y']", "two words"])
def test_a_value_knows_where_it_ends(value: str) -> None:
    text = f"a: {value}\nb: c"
    [entry, last], _ = read(span(text), BAD_COMMENT, "fix")
    assert span(text).source.text[entry.value_at : entry.value_end] == value
    assert span(text).source.text[last.value_at : last.value_end] == "c"


def test_lists_of_texts_know_where_their_items_stand() -> None:
    [entry], _ = read(span("tags: [x, 'a::b']"), BAD_COMMENT, "fix")
    assert entry.value == ("x", "a::b")
    assert [span("").source.place(at).column for at in entry.items_at] == [12, 15]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("- a", 2, 5, "no keys and values"),
        ("just words", 2, 5, "no keys and values"),
        ("a: b: c", 2, 9, "not YAML"),
        ("a: &x b", 2, 8, "anchors"),
        ("a: *x", 2, 8, "anchors"),
        ("a: !x [b]", 2, 8, "the tag !x"),
        ("a: !x", 2, 8, "the tag !x"),
        ("a: 1\nb: 2\na: 3", 4, 1, "twice"),
        ("a: [[b]]", 2, 9, "words only"),
        ("a: {b: c}", 2, 8, "too deeply"),
        ("!!python/object:os.x {a: b}", 2, 5, "no keys and values"),
        ("? [a]\n: b", 2, 7, "a key must be a word"),
        ("a: b\n\tc: d", 3, 1, "a tab"),
        ("a: 'b", 2, 10, "not YAML"),
        ("a: b\n---\nc: d", 3, 1, "second"),
        ("---\n---\n", 3, 1, "second"),
        ("\u2028\u2028- a", 2, 7, "no keys and values"),
        ("\x85\r- a", 2, 7, "no keys and values"),
        ("[" * 4000, 2, 5, "not YAML"),
        ("- " * 4000, 2, 5, "no keys and values"),
        ("a: " + "x" * LIMIT, 2, 5, "over 8,192"),
        ('a: "\\ud800"', 2, 12, "not YAML"),
    ],
)
def test_what_is_not_ours_is_refused_at_its_place(
    text: str, line: int, column: int, words: str
) -> None:
    entries, problem = read(span(text), BAD_COMMENT, "fix")
    assert problem
    assert not entries
    assert words in problem.what
    place = span(text).source.place(problem.at)
    # libyaml and PyYAML's own scanner differ by a column where a text ends too early.
    assert place.line == line
    assert abs(place.column - column) <= 1
