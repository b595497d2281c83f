"""Classes in cards: those that the deck's style.css defines, which hide and cover nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.source.style import classes_of
from tests.decks import TOML, card, make_deck, release
from tests.rendering.test_typed import own_type

STYLE = """.masculine { color: #0b57d0 }
.nightMode .masculine { color: #8ab4f8 }
@media (min-width: 30em) { .tone-1, b.tone-2 { text-decoration: underline; .inner { color: red } } }
.big { font-size: 1.5em }
.large { font-size: 24px }
.dw-answer.x_y, .card, .clozed, .mjx, .nightly { font-style: italic }
"""
KATZE = card('<span class="feminine">die</span> Katze', card_id="katze")
FEMININE = ".feminine { color: #b3261e }"


def compiled(root: Path, body: str, style: str = STYLE, **files: str | bytes) -> Compiled:
    cards = f"# Examples\n\n{body if body.startswith('## ') else card(body)}"
    given = {"01-a.md": cards, "style.css": style, **files}
    return compile_deck(make_deck(root, given))


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ('<span class="masculine">der</span> Hund', '<span class="masculine">der</span> Hund'),
        ('<b  CLASS = " tone-1\n tone-2 ">a</b>', '<b class="tone-1 tone-2">a</b>'),
        ("*<i class=inner>a</i>*", '<em><i class="inner">a</i></em>'),
        ("{{c1::<u class='tone-1'>a</u>}} b", '{{c1::<u class="tone-1">a</u>}} b'),
        ('| <i class="big">x</i> |\n|--|', '<th><i class="big">x</i></th>'),
        ('<div class="tone-1">\n\n- a\n\n</div>', '<div class="tone-1">'),
        ('![A grey dot on it](media/dot.png)<br class="big">a', '<br class="big">a'),
        ('<a class="big" href="https://x.org">a</a>', '<a class="big" href="https://x.org">a</a>'),
        ('<i class="large">a <b class="large">b</b></i>', '<b class="large">b</b>'),
        ('<table>\n<tr><td class="left big">a</td></tr></table>', '<td class="left big">a</td>'),
    ],
)
def test_a_class_of_the_style_sheet_reaches_learners(body: str, html: str, tmp_path: Path) -> None:
    deck = compiled(tmp_path, body)
    assert not deck.problems
    [note] = deck.notes.values()
    assert html in note.fields[1]


@pytest.mark.parametrize(
    ("name", "what", "fix"),
    [
        ("masculin", "no style.css of this deck has", "did you mean masculine? Else define"),
        ("zzz", "no style.css of this deck has", "define .zzz in style.css"),
        ("Masculine", "is not a name for a class", "did you mean masculine?"),
        ("x_y", "is not a name for a class", "define it in style.css"),
        ("dw-answer", "is not a name for a class", "and not dw-"),
        ("card", "is not a name for a class", "and not dw-"),
        ("clozed", "is not a name for a class", "and not dw-"),
        ("mjx", "is not a name for a class", "and not dw-"),
        ("nightly", "is not a name for a class", "and not dw-"),
    ],
)
def test_any_other_class_is_named_at_its_place_with_a_cure(
    name: str, what: str, fix: str, tmp_path: Path
) -> None:
    [found] = compiled(tmp_path / "a", f'A <b class="big {name}">word</b>.').problems
    assert (found.rule, found.place.line, found.place.column) == ("markup", 6, 17)
    assert what in found.what
    assert fix in found.fix
    if found.fix.startswith("define ."):
        more = f"{STYLE}.{name} {{ color: #0b57d0 }}"
        body = f'A <b class="big {name}">word</b>.'
        assert not compiled(tmp_path / "b", body, more).problems


def test_a_style_is_refused_with_the_cure_to_define_a_class(tmp_path: Path) -> None:
    [found] = compiled(tmp_path, '<span style="color: blue">der</span> Hund').problems
    assert "define a class in style.css" in found.fix


def test_a_class_that_sizes_text_is_not_within_itself(tmp_path: Path) -> None:
    body = '<div class="big">a <b>b <i class="big">c</i></b></div>'
    [found] = compiled(tmp_path, body).problems
    assert (found.rule, found.place.column) == ("markup", 28)


def test_a_class_of_a_template_is_not_one_of_cards(tmp_path: Path) -> None:
    """What it is for, a style sheet may hide."""
    style = ".word { display: none } .note { font-style: italic }"
    files = own_type('<b class="word">{{type:Spelt}}</b>')
    deck = compiled(
        tmp_path,
        '<b class="word">a</b> <b class="note">b</b>',
        style,
        **{"deck.toml": TOML, **files},
    )
    [found] = deck.problems
    assert (found.rule, found.place.column) == ("markup", 11)


@pytest.mark.parametrize(
    "how",
    [
        "display: none", "visibility: hidden", "opacity: 0", "position: absolute", "float: left",
        "font-size: 0", "font-size: 9em", "color: transparent", "color: white", "margin: -2em",
        "transform: scale(9)", "z-index: 9", "width: 0", "max-height: 0", "overflow: hidden",
        "clip-path: inset(50%)", "text-indent: -99em", "text-decoration: line-through",
        "box-shadow: 0 0 0 99em black", "filter: blur(9px)", "letter-spacing: -1em",
        "pointer-events: none", "content: 'x'", "unicode-bidi: bidi-override",
    ],
)  # fmt: skip
@pytest.mark.parametrize("selector", [".word", "span.word", ".word b", ".word::after"])
def test_a_class_of_cards_hides_and_covers_nothing(selector: str, how: str, tmp_path: Path) -> None:
    deck = compiled(tmp_path, '<span class="word">a</span>', f"{selector} {{ {how} }}")
    assert {one.rule for one in deck.problems} == {"covering-style"}


def test_the_classes_of_a_sheet_are_found_wherever_they_are() -> None:
    found = classes_of(STYLE + "@import 'x.css'; .a > .b:not(.c)::after {} '.no' {} /* .nor */")
    assert {*found} >= {"masculine", "tone-1", "tone-2", "inner", "big", "large", "a", "b", "c"}
    assert not {"no", "nor", "css"} & {*found}
    assert [name for name, sizes in found.items() if sizes] == ["big"]


# What was released


def released(root: Path, text: str = KATZE) -> Path:
    files: dict[str, str | bytes] = {"01-a.md": f"# A\n\n{text}", "style.css": FEMININE}
    release(make_deck(root, files))
    return root


def test_a_class_that_released_cards_use_stays(tmp_path: Path) -> None:
    root = released(tmp_path)
    (root / "style.css").write_text(".other { color: #b3261e }")
    rules = {one.rule: one for one in compile_deck(root).problems}
    assert rules.keys() == {"class-gone", "markup"}
    assert rules["class-gone"].place.path.endswith("style.css")
    assert "learners have in katze" in rules["class-gone"].what
    (root / "style.css").unlink()
    assert "class-gone" in {one.rule for one in compile_deck(root).problems}
    (root / "style.css").write_text(FEMININE)
    assert not compile_deck(root).problems


def test_a_retired_card_keeps_its_class(tmp_path: Path) -> None:
    root = released(tmp_path)
    files = {"01-a.md": f"# A\n\n{card('b', 'C?', 'c')}", "style.css": ".b { color: #b3261e }"}
    toml = f'{TOML}[retired]\nkatze = "too easy"\n'
    make_deck(root, {**files, "deck.toml": toml})
    assert [one.rule for one in compile_deck(root).problems] == ["class-gone"]


def test_a_class_goes_with_the_last_card_that_comes_without_it(tmp_path: Path) -> None:
    root = released(tmp_path)
    make_deck(root, {"01-a.md": f"# A\n\n{card('die Katze', card_id='katze')}", "style.css": " "})
    assert not compile_deck(root).errors


def test_classes_that_markdown_makes_are_not_missed(tmp_path: Path) -> None:
    body = '```python\nimport this\n```\n\n| a |\n|:-:|\n| b |\n\nThe text class="x" is none.'
    root = released(tmp_path, card(body))
    make_deck(root, {"01-a.md": f"# A\n\n{card('c', 'D?', 'd')}", "style.css": " "})
    assert "class-gone" not in {one.rule for one in compile_deck(root).problems}
