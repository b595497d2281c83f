"""Each block of a card runs in its own direction, measured in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection
from playwright.sync_api import Browser

from deckwright.note_types import KINDS, kind
from tests.browser import DAY, NIGHT, Reviewer, reviewer
from tests.decks import card, only_note
from tests.note_types.test_look import Side, add_note_type, render

MEASURE = """() => {
  window.find = word => {
    let found;
    const walk = document.createTreeWalker(document.getElementById("qa"), NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode()); ) {
      if (node.parentElement.closest("style, mjx-assistive-mml")) continue;
      for (let at = -1; (at = node.data.indexOf(word, at + 1)) >= 0; )
        if (!found || !/[\\p{L}0-9]/u.test(word)) {  // of signs, the last
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          found = [node.parentElement, range.getBoundingClientRect()];
        }
    }
    if (!found) throw new Error(`nowhere: ${word}`);
    return found;
  };
}"""
ORDER = (
    "words => words.map(word => [find(word)[1].x, word]).sort((a, b) => b[0] - a[0]).map(x => x[1])"
)
"""Some words of one line, from the right to the left."""
SPACE = """([word, block]) => {
  const [element, at] = find(word);
  const box = element.closest(block).getBoundingClientRect();
  const style = getComputedStyle(element.closest(block));
  return [
    at.left - box.left - parseFloat(style.paddingLeft),
    box.right - at.right - parseFloat(style.paddingRight),
  ].map(Math.round);
}"""
"""How much room is left and right of a word in its block."""


@pytest.fixture(scope="module")
def anki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    collection = Collection(str(tmp_path_factory.mktemp("anki") / "a.anki2"))
    for one in KINDS:
        add_note_type(collection, one)
    yield collection
    collection.close()


@pytest.fixture(scope="module", params=[(DAY, 390), (NIGHT, 1280)], ids=["phone", "desk-at-night"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Reviewer]:
    body, width = request.param
    with reviewer(chromium, body=body, width=width) as shown:
        shown.evaluate(MEASURE)
        yield shown


def sides(anki: Collection, root: Path, body: str, prompt: str = "?!") -> list[Side]:
    """The sides of the cards that real Anki makes of a card."""
    note = only_note(root, card(body, prompt))
    fields = dict(zip(kind(note.kind).filled_by, note.fields, strict=True))
    return render(anki, {name: text for name, text in fields.items() if text})


def room(page: Reviewer, word: str, block: str) -> list[Any]:
    found: list[Any] = page.evaluate(SPACE, [word, block])
    return found


SENTENCES = [
    ("هي باريس (Paris) هنا.", ["هي", "باريس", "Paris", "هنا", "."]),
    ("זאת פריז (Paris), ולא ליון.", ["זאת", "פריז", "Paris", "ולא", "."]),
    ("پایتخت فرانسه Paris است؟", ["پایتخت", "Paris", "است", "؟"]),
    ("יש 25 מעלות, ו-VAE הוא מודל!", ["יש", "25", "מעלות", "VAE", "מודל", "!"]),
    ("הנוסחה $x^2$ היא 4.", ["הנוסחה", "היא", "4", "."]),
    ("הפקודה `ls -a` מציגה.", ["הפקודה", "ls -a", "מציגה", "."]),
]


@pytest.mark.browser
@pytest.mark.parametrize(("text", "words"), SENTENCES)
@pytest.mark.parametrize("where", ["answer", "prompt", "why", "list", "quote", "cell", "heading"])
def test_a_sentence_runs_from_right_to_left_wherever_it_is(
    where: str, text: str, words: list[str], page: Reviewer, anki: Collection, tmp_path: Path
) -> None:
    form = {
        "answer": "English first.\n\n%", "why": "English.\n\n### Why\n%", "list": "- %\n- b",
        "quote": "> %", "cell": "| % | b |\n|---|---|\n| c | d |", "heading": "#### %\n\ntext",
    }  # fmt: skip
    body = form.get(where, "English.").replace("%", text)
    [_, back] = sides(anki, tmp_path, body, text if where == "prompt" else "Which?")
    page.show(back.html)
    assert page.evaluate(ORDER, words) == words
    block = {"prompt": "div", "why": "div", "list": "li", "quote": "p", "cell": "th"}
    left, right = room(page, words[0], block.get(where, "h4" if where == "heading" else "p"))
    assert right in (0, 1) and left > right


@pytest.mark.browser
def test_english_between_right_to_left_blocks_runs_from_the_left(
    page: Reviewer, anki: Collection, tmp_path: Path
) -> None:
    body = "שלום, עולם.\n\nHello (שלום), world.\n\n- אחת.\n\n1. One."
    [_, back] = sides(anki, tmp_path, body, "Which?")
    page.show(back.html)
    assert page.evaluate(ORDER, ["Hello", "world"]) == ["world", "Hello"]
    assert room(page, "Hello", "p")[0] == 0
    assert room(page, "One", "li")[0] == 0
    assert room(page, "אחת", "li")[1] == 0
    padding = "name => { const s = getComputedStyle(document.querySelector(`.dw-answer ${name}`));"
    padding += " return [parseInt(s.paddingLeft), parseInt(s.paddingRight)]; }"
    assert page.evaluate(padding, "ul")[0] == page.evaluate(padding, "ol")[1] == 0
    assert page.evaluate(padding, "ul")[1] > 20 < page.evaluate(padding, "ol")[0]


@pytest.mark.browser
def test_marks_lines_and_columns_are_on_the_side_where_lines_begin(
    page: Reviewer, anki: Collection, tmp_path: Path
) -> None:
    body = "1. אחת\n   - שתיים\n2. Three\n\n> ציטוט\n\n| שם | Value |\n|---|---|\n| א | 5 |"
    [_, back] = sides(anki, tmp_path, body, "Which?")
    page.show(back.html)
    line = "() => { const s = getComputedStyle(document.querySelector('blockquote'));"
    assert page.evaluate(line + " return [s.borderLeftWidth, s.borderRightWidth]; }") == [
        "0px",
        "3px",
    ]
    assert page.evaluate(ORDER, ["שם", "Value"]) == ["שם", "Value"]
    assert page.evaluate(ORDER, ["אחת", "שתיים"]) == ["אחת", "שתיים"], "the inner list is indented"
    assert room(page, "Three", "li")[1] == 0, "an item is beside its mark"
    assert room(page, "אחת", "li")[1] == 0


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("يقع في القاهرة نهر {{c1::النيل}} (Nile).", ["يقع", "نهر", "%", "Nile", "."]),
        ("{{c1::הנילוס}} (Nile) זורם.", ["%", "Nile", "זורם", "."]),
        ("{{c1::הנילוס::river}} is a river, כן.", ["%", "is a river", "כן", "."]),
        ("{{c1::Nile}} - הנהר הארוך.", None),
        ("נהר {{c1::5}} אחד, {{c2::שני}}.", ["נהר", "%", "אחד", "."]),
    ],
)
@pytest.mark.parametrize("form", ["%", "- %\n- %", "| % |\n|---|\n| x |", "> %"])
def test_a_cloze_leaves_the_direction_as_it_is_hidden_and_shown(
    form: str, text: str, words: list[str] | None, page: Reviewer, anki: Collection, tmp_path: Path
) -> None:
    front, back, *_ = sides(anki, tmp_path, form.replace("%", text), "Which?")
    seen = []
    for side in (front, back):
        page.show(side.html)
        gap = page.evaluate("() => document.querySelector('.cloze').textContent")
        order = [gap if word == "%" else word for word in words or ["%", "הנהר", "."]]
        seen.append([order.index(word) for word in page.evaluate(ORDER, order)])
        assert not words or page.evaluate(ORDER, order) == order, side.name
    assert seen[0] == seen[1], "turning the card over moves a word to the other side"


@pytest.mark.browser
def test_letters_of_arabic_join_over_the_ends_of_a_cloze(
    page: Reviewer, anki: Collection, tmp_path: Path
) -> None:
    _, back, *_ = sides(anki, tmp_path, "يك{{c1::تبو}}ن\n\n<b>يكتبون</b>", "Which?")
    page.show(back.html)
    width = """name => { const range = document.createRange();
      range.selectNodeContents(document.querySelector(name));
      const all = [...range.getClientRects()];
      return Math.max(...all.map(x => x.right)) - Math.min(...all.map(x => x.left)); }"""
    page.evaluate("() => document.querySelector('.cloze').style.fontWeight = 'inherit'")
    page.evaluate("() => document.querySelector('p b').style.fontWeight = 'inherit'")
    whole = page.evaluate(width, "p b")
    assert page.evaluate(width, ".dw-answer p") == pytest.approx(whole, abs=0.5)


@pytest.mark.browser
def test_an_app_that_runs_from_right_to_left_turns_no_english_card(
    page: Reviewer, anki: Collection, tmp_path: Path
) -> None:
    body = "One, two.\n\n- three\n\n> four\n\n### Why\nSix."
    [_, back] = sides(anki, tmp_path, body, "Which?")
    where = "() => ['One', 'three', 'four', 'Six', 'Why'].map(word => find(word)[1].x)"
    page.show(back.html)
    before = page.evaluate(where)
    page.evaluate("() => document.documentElement.dir = 'rtl'")
    try:
        page.show(back.html)
        assert page.evaluate(where) == before
    finally:
        page.evaluate("() => document.documentElement.dir = ''")


@pytest.mark.browser
def test_what_is_typed_runs_in_its_own_direction(
    page: Reviewer, anki: Collection, tmp_path: Path
) -> None:
    front, back = sides(anki, tmp_path, "x\n\n### Typed\nשלום, עולם.", "Which?")
    page.show(front.html)
    style = "() => { const s = getComputedStyle(document.querySelector('#typeans'));"
    assert page.evaluate(style + " return [s.unicodeBidi, s.textAlign]; }") == [
        "plaintext",
        "start",
    ]
    page.show(back.html)
    assert page.evaluate(ORDER, ["שלום", "עולם"]) == ["שלום", "עולם"]


def test_a_tooltip_is_set_apart_from_the_direction_of_its_word(tmp_path: Path) -> None:
    note = only_note(tmp_path, card('<abbr title="שפה, (HTML).">HTML</abbr> is.'))
    assert 'title="\u2068שפה, (HTML).\u2069"' in note.fields[1]


@pytest.mark.parametrize(
    "body", ["One *two*.\n\n- three\n\n> four", '<abbr title="x">y</abbr>', "{{c1::a}} b\n\n- c"]
)
def test_a_text_from_the_left_stays_as_it_is(body: str, tmp_path: Path) -> None:
    text = "".join(only_note(tmp_path, card(body)).fields)
    assert "dir=" not in text
    assert "\u2068" not in text


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ('<div dir="rtl">\n\n- a\n- ב\n\n</div>', '<ul>\n<li dir="rtl">a</li>'),
        ('<div dir="rtl">\n\nVAE הוא מודל.\n\n</div>', '<p dir="rtl">VAE'),
        ('<div dir="auto">\n\nVAE הוא מודל.\n\n</div>', "<p>VAE"),
        ('<div dir="rtl">\n\na <i>b</i>\n\n</div>', '<p dir="rtl">a <i>b</i></p>'),
        ('<ul dir="ltr"><li>ב</li></ul>', '<ul dir="ltr">'),
        ("- a\n  - ב", '<ul dir="rtl">'),
        ("- `ab` ב", '<ul dir="rtl">'),
        ("- $x$ ב", '<ul dir="rtl">'),
        ("- {{c1::ב::hint}} a", '<li dir="rtl">'),
        ("- a {{c1::ב}}", '<li dir="ltr">'),
        ("- (1) ב", '<ul dir="rtl">'),
    ],
)
def test_what_a_style_cannot_find_is_written(body: str, html: str, tmp_path: Path) -> None:
    assert html in only_note(tmp_path, card(body)).fields[1]
