"""A link to a sound, and what real Anki plays of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deckwright.apkg.package import package, write
from deckwright.compile import Compiled, compile_deck
from deckwright.rendering import html_text
from tests.decks import card, make_deck, only_note

SAMPLES = Path(__file__).parent / "samples"


def compile_sounds(root: Path, text: str) -> Compiled:
    """A deck with sounds and films, each with a name of its own."""
    names = {"word": "a.mp3", "why": "a.ogg", "hint": "a.opus", "rev": "a.m4a"}
    names |= {"click": "a.wav", "pure": "a.flac", "film": "film.mp4", "moving": "film.webm"}
    files: dict[str, str | bytes] = {
        f"media/{name}{Path(file).suffix}": SAMPLES.joinpath(file).read_bytes()
        for name, file in names.items()
    }
    files = {name: data for name, data in files.items() if name in text}
    return compile_deck(make_deck(root, {"01-cards.md": f"# T\n\n{text}", **files}))


def field(root: Path, body: str) -> str:
    """The answer of a card as Anki stores it, with the hash of each sound taken out."""
    compiled = compile_sounds(root, card(body))
    assert compiled.deck, compiled.problems
    assert {one.rule for one in compiled.problems} <= {"other-syntax"}
    [note] = compiled.deck.notes
    answer = note.fields[1]
    for media in compiled.deck.media:
        answer = answer.replace(media.name, re.sub("-[0-9a-f]{16}", "", media.name))
    return answer


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("[say it](media/word.mp3)", "<span>say it</span> [sound:word.mp3]"),
        ("a [*b*](<media/word.mp3>), c", "a <span><em>b</em></span> [sound:word.mp3], c"),
        ('[a](media/word.mp3 "b")', '<span title="b">a</span> [sound:word.mp3]'),
        ('<a href="media/word.mp3">a</a>', "<span>a</span> [sound:word.mp3]"),
        (
            "[`a`](media/word.mp3) [$x$](media/word.mp3)",
            r"<span><code>a</code></span> [sound:word.mp3] <span>\(x\)</span> [sound:word.mp3]",
        ),
        (
            "[a](media/word.mp3) [b](https://example.org/x.mp3)",
            '<span>a</span> [sound:word.mp3] <a href="https://example.org/x.mp3">b</a>',
        ),
        (
            "[a](media/word.mp3) [sound:x.mp3] `[sound:y.mp3]`",
            "<span>a</span> [sound:word.mp3] &#91;sound:x.mp3] <code>&#91;sound:y.mp3]</code>",
        ),
        ("{{c1::[a](media/word.mp3)}}", "{{c1::<span>a</span> [sound:word.mp3]}}"),
        ("{{c1::a::[b](media/hint.opus)}}", "{{c1::a::<span>b</span> [sound:hint.opus]}}"),
        (
            "[a](media/rev.m4a) [b](media/why.ogg)",
            "<span>a</span> [sound:rev.m4a] <span>b</span> [sound:why.ogg]",
        ),
        ("{[{c1::a](media/word.mp3)", "{<span>{c1::a</span> [sound:word.mp3]"),
        (r"\\[(a)](media/word.mp3)", r"\<span>(a)</span> [sound:word.mp3]"),
        (r"`[a](media/word.mp3)` \[a](b.mp3)", "<code>[a](media/word.mp3)</code> [a](b.mp3)"),
    ],
)
def test_a_link_to_a_sound_plays_it_behind_its_words(
    body: str, answer: str, tmp_path: Path
) -> None:
    if body.startswith("`"):
        assert only_note(tmp_path, card(body)).fields[1] == answer
    else:
        assert field(tmp_path, body) == answer


@pytest.mark.parametrize(
    ("body", "rule", "what"),
    [
        ("[a](media/none.mp3)", "missing-sound", "there is no sound"),
        ("[a](../word.mp3)", "missing-sound", "not inside the deck"),
        ("[a](/etc/x.mp3)", "missing-sound", "not inside the deck"),
        ("[](media/word.mp3)", "bad-sound", "no words"),
        ("[{{c1::a}}](media/word.mp3)", "bad-sound", "hidden"),
        ("![a](media/word.mp3)", "bad-picture", "not a picture"),
        ("[a](media/x.png)", "markup", "learners do not have"),
        ("[a](notes.md)", "markup", "learners do not have"),
        ("[a](media/x.exe)", "markup", "learners do not have"),
        ("[a](media/x.aiff)", "bad-sound", "is an AIFF, which not every Anki plays"),
        ("[a](media/x.AVI)", "bad-sound", "is an AVI, which not every Anki plays"),
        ("[a](media/x.oga)", "bad-sound", "ends in .oga"),
        ("[a](media/x.wav)", "missing-sound", "there is no sound"),
        ("[a](#top)", "markup", "no page of the web"),
        ("[a](//example.org/x.mp3)", "markup", "no page of the web"),
        ("[a](ftp://example.org/x.mp3)", "markup", "no page of the web"),
        ("[a](file:x.mp3)", "markup", "no page of the web"),
        ("[a](javascript:x.mp3)", "markup", "no page of the web"),
        ('<audio src="media/word.mp3"></audio>', "markup", "<audio>"),
    ],
)
def test_any_other_link_is_reported_at_its_place(
    body: str, rule: str, what: str, tmp_path: Path
) -> None:
    compiled = compile_sounds(tmp_path, card(body))
    [found] = [one for one in compiled.problems if one.rule == rule]
    assert what in found.what
    assert found.place.line > 3
    assert compiled.deck is None


def test_a_change_of_a_sound_is_read_as_one() -> None:
    html = "say <b>it</b> [sound:word-0.mp3] &#91;sound:x.mp3]"
    assert html_text.line(html) == "say it [sound] [sound:x.mp3]"
    assert html_text.sources(html) == ("word-0.mp3",)
    assert html_text.words(html) != html_text.words(html.replace("-0", "-1"))


BASIC = """## Say [it](media/word.mp3)
<!-- id: basic -->

So.

### Why
As [heard](media/why.ogg).

### Reverse
The [reverse](media/rev.m4a)
"""
CLOZES = """## Clozes
<!-- id: clozes -->

A {{c1::[word](media/word.mp3)}} and {{c2::another::[hint](media/hint.opus)}}.
"""
FILMS = """## A [click](media/click.wav)
<!-- id: films -->

A [film](media/film.mp4), [another](media/moving.webm) and a [tone](media/pure.flac).

## Which word is like a [click](media/click.wav)?
<!-- id: typed -->

This [word](media/word.mp3).

### Typed
word
"""


@pytest.mark.anki
def test_real_anki_plays_each_sound_where_it_belongs(tmp_path: Path) -> None:
    pytest.importorskip("anki")
    from deckwright.real_anki import scratch_collection, verify

    compiled = compile_sounds(tmp_path / "deck", f"{BASIC}\n{CLOZES}\n{FILMS}")
    assert compiled.deck, compiled.problems
    path = write(package(compiled.deck, "dev", 1_700_000_000), tmp_path)
    report = verify(path)
    assert report.failures == ()
    assert report.counts.media == 8

    def played(collection: object) -> list[list[list[str]]]:
        outputs = [
            collection.get_card(card_id).render_output()  # type: ignore[attr-defined]
            for card_id in sorted(collection.find_cards(""))  # type: ignore[attr-defined]
        ]
        return [
            [[tag.filename.split("-")[0] for tag in tags] for tags in sides]
            for sides in ((one.question_av_tags, one.answer_av_tags) for one in outputs)
        ]

    with scratch_collection() as scratch:
        scratch.import_package(path)
        heard = scratch.run(played)
    assert heard == [
        [["word"], ["why"]],
        [["rev"], ["word", "why"]],
        [[], ["word"]],
        [["word", "hint"], ["word"]],
        [["click"], ["film", "moving", "pure"]],
        [["click"], ["word"]],
    ]
