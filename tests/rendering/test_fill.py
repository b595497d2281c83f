"""What Anki would take for its own is written so that it shows and does nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.decks import card, compile_cards, only_note


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{{c1::ratio: ::hint}}", "{{c1::ratio&#58;::hint}}"),
        ("{{c1::*ratio:*::hint}}", "{{c1::<em>ratio:</em>::hint}}"),
        ("{{c1::$x$:::hint}}", "{{c1::\\(x\\):::hint}}"),
        # Anki shows a hint in brackets
        ("{{c1::x::sound:foo.mp3}}", "{{c1::x::&#115;ound:foo.mp3}}"),
        ("{{c1::x:: Sound:foo.mp3}}", "{{c1::x::&#83;ound:foo.mp3}}"),
        ("{{c1::x::latex}} b [/latex]", "{{c1::x::&#108;atex}} b &#91;/latex]"),
        ("{{c1::x::latex: b}}", "{{c1::x::latex: b}}"),
        (r"{{c1::x::\$}} b {{c1::y::/\$}}", "{{c1::x::&#36;}} b {{c1::y::&#47;$}}"),
        ("{{c1::x::**sound**:y}}", "{{c1::x::<strong>&#115;ound</strong>:y}}"),
        ("{{c1::x::type:Back}}", "{{c1::x::&#116;ype:Back}}"),
        ("{{c1::x::anki:play:q:0}}", "{{c1::x::&#97;nki:play:q:0}}"),
        ("{{c1::x::[type:Back]}}", "{{c1::x::&#91;type:Back]}}"),
        ("{{c1::x::a sound: b}}", "{{c1::x::a sound: b}}"),
        ("{{c1::image-occlusion:rect}}", "{{c1::&#105;mage-occlusion:rect}}"),
        ("{{c1::an image-occlusion:rect}}", "{{c1::an image-occlusion:rect}}"),
        # it takes the marks of clozes out of formulas
        (r"$\text{[{{c1::sound:a}}]}$", r"\(\text{&#91;{{c1::sound:a}}]}\)"),
        (r"$\text{[so{{c1::und:a::b}}]}$", r"\(\text{&#91;so{{c1::und:a::b}}]}\)"),
        (r"$\text{[{{c1::a::type:b}}]}$", r"\(\text{[{{c1::a::&#116;ype:b}}]}\)"),
        (r"$\text{[{{c1::a}}]}$", r"\(\text{[{{c1::a}}]}\)"),
    ],
)
def test_a_hint_is_words(text: str, field: str, tmp_path: Path) -> None:
    assert compile_cards(tmp_path, card(text)).errors == 0
    [note] = compile_cards(tmp_path, card(text)).deck.notes  # type: ignore[union-attr]
    assert note.fields[1] == field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('<span title="[a] b">a</span>', '<span title="&#91;a&#93; b">a</span>'),
        ('<span title="a<b> c">a</span>', '<span title="a&lt;b&gt; c">a</span>'),
        ('<span title="\\(x\\)">a</span>', '<span title="\\&#40;x\\)">a</span>'),
        ('<span title="{{a}}">a</span>', '<span title="{&#123;a}}">a</span>'),
    ],
)
def test_an_attribute_is_words(text: str, field: str, tmp_path: Path) -> None:
    assert only_note(tmp_path, card(text)).fields[1].startswith(field)


def test_code_in_the_words_of_a_picture_is_its_text(tmp_path: Path) -> None:
    note = only_note(tmp_path, card("![a dot beside `b`](media/dot.png)"))
    assert ' alt="a dot beside b"' in note.fields[1]
