"""What a deck's style.css may do to what is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Source
from deckwright.source.style import wrong_with_covering
from tests.decks import card, make_deck
from tests.note_types.own_types import FILES

HARMFUL = {
    "a link over the page": "a { position: fixed; inset: 0; opacity: 0 }",
    "the report link over the page": ".dw-report { position: absolute; top: 0; height: 100vh }",
    "sticky": "p { position: sticky; top: 0 }",
    "words before the card": '.dw-card::before { content: "Wrong!"; position: absolute }',
    "words alone": '.dw-answer::after { content: " not" }',
    "words of a list": 'ol { list-style-type: "not true " }',
    "no answer": ".dw-answer { display: none }",
    "no report link": ".card .dw-report { visibility: hidden }",
    "no answer, spelt otherwise": "[class$=answer] { display: none !important }",
    "all but a class": "body :not(.word) { display: none }",
    "what comes after a class": ".word ~ * { display: none }",
    "what is beside a class": ".word + p { opacity: 0 }",
    "a class in is()": ":is(.word, .dw-answer) { display: none }",
    "one of two": ".word, .dw-answer { display: none }",
    "what has it": ".dw-card:has(.word) { display: none }",
    "opaque not at all": ".dw-notes { opacity: 0.01 }",
    "clipped": ".dw-answer { clip-path: inset(50%) }",
    "moved": ".dw-answer { transform: translateX(-9999px) }",
    "moved by a margin": ".dw-answer { margin-left: -9999px }",
    "moved up over the prompt": ".dw-answer { margin-top: -3em }",
    "moved far": ".dw-answer { margin-left: 90em }",
    "moved by a variable": ":root { --x: -99em } .dw-answer { margin-left: var(--x) }",
    "moved by a sum": ".dw-answer { margin-left: calc(0px - 9999px) }",
    "moved by an indent": ".dw-answer { text-indent: -9999px }",
    "moved while it stays": ".dw-answer { position: relative; left: -9999px }",
    "lines that end the page": ".word { text-wrap: pretty }",
    "tiny": ".dw-answer { font-size: 0 }",
    "tiny by a unit": ".dw-answer { font-size: 0.01vw }",
    "tiny by a shorthand": ".dw-answer { font: 1px serif }",
    "tiny letters by steps": "* { font-size: 50% }",
    "zoomed": ".dw-answer { zoom: 0.01 }",
    "lines upon each other": ".dw-answer { line-height: 0 }",
    "lines upon each other by a length": ".dw-card { line-height: 2px }",
    "letters upon each other": ".dw-answer { letter-spacing: -1em }",
    "no height": ".dw-answer { max-height: 0; overflow: hidden }",
    "no width": ".dw-answer { max-width: 1px }",
    "pictures without a size": "img { max-width: 1px }",
    "transparent": ".dw-answer { color: transparent }",
    "white on white": ".dw-answer { color: #fff }",
    "white on white by a variable": ".card { --a: white } p { color: var(--a) }",
    "our variable": ".card { --dw-ink: #fefefe }",
    "our ground": ".card { --dw-ground: #222 }",
    "black on black at night": ".card.nightMode { background: #ddd }",
    "black by day and at night": "p { color: #111 }",
    "ink as ground": "p { background-color: #24221f }",
    "a ground of a gradient": ".dw-answer { background: linear-gradient(#24221f, #24221f) }",
    "the colour of the text as ground": ".dw-label { background-color: currentcolor }",
    "a colour that is inherited": "p { color: inherit; background: #24221f }",
    "grounds upon each other": "* { color: teal } div { background: #ffffff10 }",
    "a width as an indent": "p { text-indent: 150% }",
    "all shown": "* { display: block }",
    "no colour by a mistake": ".card { background: #222 1 1 } p { color: #fff }",
    "colours of each other": "p { color: #123456; background: #123457 }",
    "a colour that is not known": "p { color: oklch(100% 0 0) }",
    "hardly a colour": "p { color: rgb(0 0 0 / 3%) }",
    "ground of links": ".card { background: #1a5a9e; color: #fff }",
    "a shadow over all": "p { box-shadow: 0 0 0 9999px white }",
    "an outline over all": "p { outline: 9999px solid white }",
    "a border over all": "span { border: 99em solid }",
    "padding over all": "span { padding: 99em; background: #fff }",
    "mixed": ".dw-answer { mix-blend-mode: difference }",
    "a filter": ".dw-answer { filter: opacity(0) }",
    "a mask": ".dw-answer { mask: none }",
    "an animation": "@keyframes x { to { opacity: 0 } } p { animation: x 0s forwards }",
    "a font of its own": "@font-face { font-family: x; src: local('Wingdings') }",
    "a font of symbols": ".dw-answer { font-family: 'Wingdings 3' }",
    "reversed": ".dw-answer { unicode-bidi: bidi-override; direction: rtl }",
    "letters as dots": ".dw-answer { -webkit-text-security: disc }",
    "all at once": ".dw-answer { all: unset; display: contents }",
    "within a query": "@media screen { @supports (color: red) { .dw-answer { display: none } } }",
    "nested": ".card { .dw-answer { display: none } }",
    "nested beside a class": ".word { & ~ .dw-answer { display: none } }",
    "nested in a class, outside of it": ".word { .dw-card:has(&) { display: none } }",
    "an end that is missing": ".word { color: red } } .dw-answer { display: none }",
    "a class of Anki's": ".mobile { display: none }",
    "a class of ours": ".cloze { display: none }",
    "a class of code": ".code .kd { display: none }",
    "rules too deep": "@media all {" * 9 + "p { color: red }" + "}" * 9,
    "a ground that never comes": (
        "@media (width < 1px) { .card { background: #222 } } p { color: #fff }"
    ),
    "a card in a card": ".card .card { background: #222 } p { color: #fff }",
    "a night for one": ".card { --a: #222 } .nightMode .word { --a: #fff } a { color: var(--a) }",
    "many stops": f"p {{ background: linear-gradient({'#fff,' * 40} #24221f) }}",
    "many grounds": "".join(f".card {{ background: #ffff{n:02x} }}" for n in range(99)),
    "a variable in a variable": ".card { --a: var(--b); --b: white } p { color: var(--a) }",
    "variables in each other": (
        f".card {{ --a: {'var(--b) ' * 8}; --b: {'var(--c) ' * 8}; --c: {'#222 ' * 60} }}"
        + "p { color: var(--a) }" * 300
    ),
    "a variable of itself": ".card { --a: var(--a) } p { color: var(--a) }",
    "lines that cover their neighbours": "b { padding: 2em; background: #fffefb }",
    "a frame over its neighbours": "a { outline: 1em solid white }",
    "a block in a line": "p { display: inline; padding: 2em }",
    "rows without a height": ".word { display: grid; grid-template-rows: 0 }",
    "small by steps": (
        ".card, .dw-card, .dw-answer, p { font-size: 0.8em } .dw-answer p { font: 0.75em x }"
        " code { font-size: 0.75em } h4 { font-size: 0.8em }"
    ),
    "a class of MathJax's": ".MathJax { display: none }",
    "a class of a language": ".language-python { display: none }",
    "a class of the desktop's": ".isLin .dw-report, .isMac .dw-report { display: none }",
    "words of a variable": (
        ".card { --t: 'It is not: ' } .dw-answer p { list-style: inside var(--t) }"
    ),
    "few words of a list": ".dw-answer li { list-style: inside 'not ' }",
    "shown as a list": ".dw-answer p { display: list-item }",
    "symbols by a variable": ".card { --f: Wingdings } .dw-answer { font-family: var(--f) }",
    "symbols by a variable of ours": ".card { --dw-mono: Wingdings }",
    "reversed by a variable": ".card { --b: bidi-override } p { unicode-bidi: var(--b) }",
    "moved by an alignment": ".card { --v: -9999px } b { vertical-align: var(--v) }",
    "moved by a share": "b { vertical-align: -99999% }",
    "a variable of ours that is no colour": ".card li { --dw-first: none }",
    "the ground of another": "html { background: #222; color: #eee } p { color: #fff }",
    "variables of another": ":root { --dw-ground: #222; --dw-ink: #eee } p { color: #fff }",
    "a rule that no browser takes": (
        ".card, a:foo(x) { background: #222; color: #eee } p { color: #fff }"
    ),
    "a variable that is not there": (
        ".zzz { --x: #222 } p { background: #fffefb; color: var(--x, #fffefb) }"
    ),
    "a variable in other capitals": (
        ".card { --y: #222 } p { background: #fffefb; color: var(--Y, #fffefb) }"
    ),
    "struck out": "p { text-decoration: line-through 0.4em #fffefb }",
    "struck out by its parts": "p { text-decoration-line: line-through }",
    "smaller in itself": "* { font-size: smaller }",
    "narrower in itself": "* { max-width: 50% }",
    "lines far from each other": ".dw-answer { font: 1em/1000 serif }",
    "gradients in gradients": f".card {{ background: {'gradient(' * 6000}red{')' * 6000} }}",
    "too many at once": ",".join(f"h{n}" for n in range(60)) + " { color: #c33 }",
    "another kind of rule": "@page { margin: 0 }",
}
LAWFUL = {
    "fonts": ".card { font-family: Georgia, 'Noto Serif', serif; font-size: 22px }",
    "the font at once": ".card { font: italic 500 1.1em/1.6 serif }",
    "sizes": ".dw-notes { font-size: 0.9em } code { font-size: 90% } h4 { font-size: larger }",
    "colours by day and at night": (
        ".card { color: #222; background: #fafafa }\n"
        ".card.nightMode, .card.night_mode { color: #eee; background: rgb(10 10 10) }"
    ),
    "a colour for both": "strong { color: #c33 } .cloze { color: hsl(140 60% 40%) }",
    "our variables": ".card { --dw-accent: teal } .card.nightMode { --dw-accent: aquamarine }",
    "variables of its own": (
        ".card { --mine: #06c } .card.nightMode { --mine: #8cf } a { color: var(--mine) }"
    ),
    "a ground": "blockquote { background: #0881; border-left: 3px solid teal; padding: 0 1em }",
    "both": "mark { color: black; background: gold }",
    "spaces": "p { margin: 1em 0; text-indent: 1em } .card li { margin-block: 0.3em }",
    "words": "p { hyphens: auto; text-align: justify; letter-spacing: -0.01em }",
    "tables": "table { border-collapse: collapse } td { border: 1px solid #888; padding: 4px 8px }",
    "widths": ".dw-card { max-width: 50rem } img { max-width: 60%; max-height: 300px }",
    "a weight and a height": "h4 { font: 600 1.1em / 1.4 serif } b { vertical-align: baseline }",
    "centred": ".dw-prompt { text-align: center }",
    "right to left": ".card { direction: rtl; unicode-bidi: plaintext }",
    "shadows": "img { box-shadow: 0 2px 6px #0004; border-radius: 8px }",
    "a class of its own": (
        ".word { position: relative; display: flex; width: 3px; opacity: 0.5; font-size: 2em }\n"
        ".word::before { content: 'noun '; color: #777 } .word td > b { display: none }"
    ),
    "nested in its own": ".word { &:hover { visibility: hidden } b { color: white } }",
    "queries": "@media (max-width: 20em) { .dw-card { padding: 0 } }",
    "as it was": ".cloze { color: inherit; background: none; font-weight: normal }",
    "a comment": "/* a < b */ .card > p { margin: 0 }",
}


def found(style: str) -> list[str]:
    """What is wrong with a sheet of a deck whose templates have the class ``word``."""
    return [str(one) for one in wrong_with_covering(Source("style.css", style), {"word"})]


@pytest.mark.parametrize("style", HARMFUL.values(), ids=HARMFUL)
def test_a_style_covers_hides_and_fixes_nothing_of_ours(style: str) -> None:
    problems = found(style)
    assert problems
    assert all("[covering-style]" in one for one in problems), problems


@pytest.mark.parametrize("style", LAWFUL.values(), ids=LAWFUL)
def test_a_style_may_give_fonts_colours_borders_and_spaces(style: str) -> None:
    assert found(style) == []


def test_each_mistake_has_its_place(tmp_path: Path) -> None:
    style = ".card { color: #222 }\n.dw-answer {\n  color: #333;\n  display: none }\n"
    files: dict[str, str | bytes] = {"style.css": style, "01.md": f"# T\n\n{card('x')}"}
    [at_night, hidden] = map(str, compile_deck(make_deck(tmp_path, files)).problems)
    assert "style.css:3:3: error: color: a text could not be told" in at_night
    assert "style.css:4:3: error: display: this may cover, hide or move" in hidden


def test_a_class_is_a_decks_own_where_its_templates_have_it(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {**FILES, "01-words.md": f"# T\n\n{card('x')}"})
    sheets = (root / "style.css", root / "note_types" / "vocabulary" / "style.css")
    for sheet in sheets:
        sheet.write_text(".word { visibility: hidden }\n")
        assert not compile_deck(root).problems
        sheet.write_text(".words { visibility: hidden }\na { position: fixed }\n")
        rules = [one.rule for one in compile_deck(root).problems if one.place.path.endswith("css")]
        assert rules == ["covering-style", "covering-style"]
        sheet.write_text(".word { color: teal }\n")
