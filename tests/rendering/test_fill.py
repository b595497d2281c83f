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
        ("{{c1::x::latex}} b [/latex]", "{{c1::x::latex}} b &#91;/latex]"),
        ("{{c1::x::anki:play:q:0}}", "{{c1::x::&#97;nki:play:q:0}}"),
        ("{{c1::x::[type:Back]}}", "{{c1::x::&#91;type:Back]}}"),
        ("{{c1::x::a sound: b}}", "{{c1::x::a sound: b}}"),
    ],
)
def test_a_hint_is_words(text: str, field: str, tmp_path: Path) -> None:
    assert compile_cards(tmp_path, card(text)).errors == 0
    [note] = compile_cards(tmp_path, card(text)).deck.notes  # type: ignore[union-attr]
    assert note.fields[1] == field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('<span title="\\(x\\)">a</span>', '<span title="\\&#40;x\\)">a</span>'),
        ('<span title="{{a}}">a</span>', '<span title="{&#123;a}}">a</span>'),
    ],
)
def test_an_attribute_is_words(text: str, field: str, tmp_path: Path) -> None:
    assert only_note(tmp_path, card(text)).fields[1].startswith(field)


def test_code_in_the_words_of_a_picture_is_its_text(tmp_path: Path) -> None:
    note = only_note(tmp_path, card("![a dot beside `b`](media/dot.png)"))
    assert ' alt="a dot beside b"' in note.fields[1]
