"""No words of a card become an instruction to Anki, wherever they come together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from deckwright.apkg.package import package, write
from deckwright.compile import compile_deck
from deckwright.model import Card, Deck, NoteType, Source, Span
from deckwright.note_types import kind
from deckwright.note_types.sides import Sides, sides
from deckwright.real_anki.contents import CardRow, in_collection
from deckwright.real_anki.scratch import Scratch, Shown, scratch_collection
from deckwright.rendering.inert import followed, in_tag, inert
from tests.decks import card, make_deck
from tests.fuzz.harness import SHARE

HOSTILE = (
    "{{c1::France::sound:https://evil.invalid/x.mp3}}",
    r"$\text{[{{c1::sound:../../../etc/hostname}}]}$ {{c2::b}}",
    r"$\text{[so{{c1::und:{{c2::a}}}}]}$",
    r"$\text{[so{{c1::und:a::b}}]}$ {{c2::c}}",
    r"$\text{[{{c1::a::type:Title}}]}$",
    "{{c1::a::latex}} b {{c1::c::/latex}}",
    r"{{c1::a::\$}} b {{c1::c::/\$}}",
    r"{{c1::a::\$\$}} b {{c1::c::/\$\$}}",
    r"{{c1::a::anki:tts lang=en\_US}} b {{c1::c::/anki:tts}}",
    r"{{c1::a::anki:tts lang=en\_US]b[/anki:tts}}",
    "{{c1::a::[type:Title]}}",
    '{{c1::image-occlusion:rect:left=1" onclick="alert(1)}}',
    r'$\text{{{c1::image-occlusion:rect:left=1" onclick="alert(1)}}}$',
    r"$\text{[sound:{{c1::a}}}$ <abbr title=']<img src=x onerror=alert(1)>'>b</abbr>",
    "[{{c1::sound:a}}] [<b>{{c1::anki:play:q:0}}</b>] &lsqb;sound:a] &#x5b;latex]a[/latex]",
    "{{c1::a `[sound:b]`::`sound:b`}}",
)
PIECES = (
    *("[", "]", "[", "[[", "]]", "/", ":", " ", "a", "\n\n", "**", "*", "`", "<b>", "</b>"),
    *("sound:x.mp3", "so", "und:x.mp3", "latex", "type:", "Title", "anki:", "tts lang=en"),
    *("play:q:0", r"\$", "image-occlusion:", 'rect:left=1" onclick="a', "&lsqb;", "&#91;"),
    *("{{c1::", "{{c1::", "{{c2::", "{{c1::", "}}", "}}", "}}", "::", "::", "}}"),
    *(r"$\text{", "}$", r"$\text{[", "]}$", '<i title="[sound:', '">', "</i>", "<br>"),
)
RANDOM = 1_500


def made_up(number: int) -> Iterator[str]:
    random = Random("instructions")
    for _ in range(number):
        yield "{{c1::b}} " + "".join(random.choices(PIECES, k=random.randint(2, 12)))


def deck_of(root: Path, texts: list[str]) -> Deck:
    """A deck of the cards that may be built among some with these texts."""
    cards = {f"c-{at}": card(text, f"Card {at}?", f"c-{at}") for at, text in enumerate(texts)}
    for chosen in ([*cards], None):
        names = chosen or compile_deck(root, engine=False, budget=None).notes
        files: dict[str, list[str]] = {
            f"{at:02}.md": ["# A\n"] for at in range(-(-len(texts) // 500))
        }
        for name in names:
            files[f"{int(name[2:]) // 500:02}.md"].append(cards[name])
        make_deck(root, {name: "\n".join(one) for name, one in files.items()})
    deck = compile_deck(root, engine=False, budget=None).deck
    assert deck
    return deck


def in_anki(scratch: Scratch, deck: Deck, folder: Path) -> Iterator[tuple[str, CardRow, Shown]]:
    """The cards of a deck with the ids of their notes, as Anki shows them."""
    scratch.import_package(write(package(deck, "1.0.0", 1_600_000_000), folder))
    got = in_collection(scratch)
    ids = {note.guid: note.id for note in deck.notes}
    cards = [*got.cards.values()]
    for one, shown in zip(cards, scratch.render([one.id for one in cards]), strict=True):
        yield ids[got.notes[one.note].guid], one, shown


def by_us(deck: Deck, types: dict[str, NoteType], name: str, ordinal: int) -> Sides:
    note = next(note for note in deck.notes if note.id == name)
    kind = types[note.kind]
    fields = dict(zip((one.name for one in kind.fields), note.fields, strict=True))
    template = kind.templates[0 if kind.cloze else ordinal]
    return sides(template.front, template.back, fields, ordinal)


@pytest.mark.anki
@pytest.mark.parametrize("random", [False, True], ids=["what was tried", "at random"])
def test_anki_follows_nothing_that_a_card_says(random: bool, tmp_path: Path) -> None:
    texts = [*made_up(int(RANDOM * SHARE))] if random else [*HOSTILE]
    deck = deck_of(tmp_path / "deck", texts)
    assert len(deck.notes) >= len(texts) * (0.1 if random else 1)
    types = {one.kind: one for one in deck.types}
    with scratch_collection() as scratch:
        for name, one, shown in in_anki(scratch, deck, tmp_path):
            text = texts[int(name.removeprefix("c-"))]
            html = shown.question + shown.answer
            assert not re.search(r"\[(?:anki|sound):|class=latex|\[\[type:|data-shape", html), text
            made = by_us(deck, types, name, one.ordinal)
            assert made == Sides(shown.question, shown.answer, (), ()), text


def test_an_attribute_has_no_bracket_whatever_the_sanitiser_leaves() -> None:
    """The sanitiser nh3 left ``<`` as it is until 0.3.7, and Anki cuts up to the next ``]``."""
    tag = '<abbr title="a]<img src=x>" lang="en">'
    assert in_tag(tag) == '<abbr title="a&#93;&lt;img src=x&gt;" lang="en">'


def test_what_would_be_followed_all_the_same_is_named() -> None:
    source = Source("01.md", "a")
    span = Span(source, 0, 1)
    one = Card("a", 0, (), "Deck", (), span, span, ())
    fields = dict.fromkeys(("Title", "Text", "Why", "Source", "Id"), "")

    def found(text: str) -> list[str]:
        return [*followed(kind("cloze"), one, {**fields, "Text": text}, (0,), ("a.mp3",))]

    assert not found("{{c1::a}} [sound:a.mp3] latex")
    for text in (
        "{{c1::a}} [sound:b.mp3]",
        "{{c1::a::sound:b.mp3}}",
        "{{c1::a::latex}}",
        r"\(\text{[so{{c1::und:b}}]}\)",
        "{{c1::a}} [[type:Title]]",
        "{{c1::a}} [anki:tts lang=en]b[/anki:tts]",
        "{{c1::a}} [anki:play:q:0]",
        "{{c1::image-occlusion:rect:left=1}}",
    ):
        assert found(text), text
        assert not found(inert(text)), text
