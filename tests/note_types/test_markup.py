"""Note types of a deck's own that are broken, or that would harm a learner: each is refused."""

from __future__ import annotations

import os
import re
from pathlib import Path
from random import Random
from time import process_time

import pytest
from selectolax.lexbor import LexborHTMLParser

from deckwright.compile import compile_deck
from deckwright.model import Severity, Source
from deckwright.note_types.markup import Allowed, Tags, check
from deckwright.rendering.tags import PARENTS, TAGS, VOID
from tests.decks import make_deck
from tests.fuzz.harness import SHARE
from tests.note_types.own_types import FILES, UNDERSTAND, with_types

FOLDER = "note_types/vocabulary"
TOML, STYLE = f"{FOLDER}/note_type.toml", f"{FOLDER}/style.css"
FRONT, BEHIND = f"{FOLDER}/understand.front.html", f"{FOLDER}/understand.back.html"
GAP, GAP_BACK = "note_types/passage/front.html", "note_types/passage/back.html"
PASSAGE = "note_types/passage/note_type.toml"
Found = list[tuple[str, str, int, int]]


def found_in(root: Path, *changes: tuple[str, str, str], **more: str | bytes) -> Found:
    """The errors of a deck, each with its rule, file, line and column."""
    return reported(make_deck(root, with_types(*changes, **more)))


def in_templates(root: Path, *changes: tuple[str, str, str]) -> Found:
    """The same without what cards say in a field that no template shows any more."""
    return [one for one in found_in(root, *changes) if one[0] != "lost-text"]


def reported(root: Path) -> Found:
    return [
        (
            one.rule,
            Path(one.place.path).relative_to(root).as_posix(),
            one.place.line,
            one.place.column,
        )
        for one in compile_deck(root).problems
        if one.severity is Severity.ERROR and one.what and one.fix
    ]


TOMLS = {
    "no name": ('name = "Vocabulary"\n', "", 1),
    "no id": ("id = 4501\n", "", 1),
    "no id of a field": ("id = 12\n", "", 10),
    "no id of a template": ("id = 22\n", "", 40),
    "an id that is text": ("id = 4501", 'id = "4501"', 2),
    "an id that is a truth": ("id = 4501", "id = true", 2),
    "an id that is a fraction": ("id = 12", "id = 1.2", 12),
    "an id of 0": ("id = 4501", "id = 0", 2),
    "an id below 0": ("id = 13", "id = -13", 17),
    "an id that JSON cannot hold": ("id = 21", "id = 9007199254740992", 36),
    "the id of another field": ("id = 12", "id = 11", 12),
    "the id of another template": ("id = 22", "id = 21", 42),
    "the id of another note type": ("id = 4501", "id = 4502", 2),
    "the name of another field": ('name = "Meaning"', 'name = "word"', 11),
    "the name of another template": ('name = "Say"', 'name = "Understand"', 41),
    "an unknown key": ('sort = "Word"', 'sort = "Word"\nsrot = "x"', 4),
    "an unknown key of a field": ("id = 12\n", "id = 12\nseed = 1\n", 13),
    "an unknown key of a template": ("id = 22\n", "id = 22\ndid = 1\n", 43),
    "a truth for a text": ('name = "Meaning"', "name = true", 11),
    "a text for a truth": ("collapsed = true", 'collapsed = "yes"', 31),
    "a sort that is no field": ('sort = "Word"', 'sort = "Wort"', 3),
    "a part that is nearly one": ('part = "answer"', 'part = "anwser"', 13),
    "a part with a large letter": ('part = "answer"', 'part = "Answer"', 13),
    "a number for a part": ('part = "answer"', "part = 3", 13),
    "a part of nothing": ('part = "answer"', 'part = ["answer", "a\\nb"]', 13),
    "a part that fills two fields": ("id = 13\n", 'id = 13\npart = "answer"\n', 18),
    "no prompt": ('part = "prompt"', 'part = "Written"', 5),
    "an id in company": ('name = "Id"', 'name = "Id"\npart = ["Id", "More"]', 26),
    "a field of Anki's": ('name = "Meaning"', 'name = "FrontSide"', 11),
    "a field with braces": ('name = "Meaning"', 'name = "{{Word}}"', 11),
    "a field with a filter": ('name = "Meaning"', 'name = "text:Word"', 11),
    "a field of a section": ('name = "Meaning"', 'name = "#Word"', 11),
    "an empty field": ('name = "Meaning"', 'name = ""', 11),
    "a name of a note type with a quote": ('name = "Vocabulary"', "name = 'a\"b'", 1),
    "a template with a tag": ('name = "Say"', 'name = "<b>Say"', 41),
    "a description that hides": ('id = 12\n', 'id = 12\ndescription = "\\u202e"\n', 13),
    "a file elsewhere": ('"say.front.html"', '"../passage/front.html"', 43),
    "a file at the root": ('"say.front.html"', '"/etc/passwd"', 43),
    "a file of another sort": ('"say.front.html"', '"note_type.toml"', 43),
    "a file that is not there": ('"say.front.html"', '"sat.front.html"', 43),
    "two fronts that are one": ('"say.front.html"', '"understand.front.html"', 43),
    "a description of two lines": ("id = 12\n", 'id = 12\ndescription = "a\\nb"\n', 13),
    "not TOML": ("id = 4501", "id = ", 2),
}  # fmt: skip


@pytest.mark.parametrize("name", TOMLS)
def test_a_mistake_in_note_type_toml_is_named(name: str, tmp_path: Path) -> None:
    old, new, line = TOMLS[name]
    found = found_in(tmp_path, (TOML, old, new))
    assert [one[:3] for one in found] == [("note-type", TOML, line)]


FRONTS = {
    "a script": "<script>alert(1)</script>",
    "a script in capitals": "<SCRIPT>alert(1)</SCRIPT>",
    "a frame": '<iframe src="https://example.org"></iframe>',
    "a form": "<form></form>",
    "a box to type in": "<input>",
    "an object": "<object></object>",
    "a drawing": "<svg></svg>",
    "formulas of HTML": "<math></math>",
    "a style sheet": "<style>p {}</style>",
    "a link to a sheet": '<link rel="stylesheet">',
    "a base": '<base href="https://example.org">',
    "a picture from elsewhere": '<img src="https://example.org/x.png">',
    "a picture of the learner's": '<img src="paste-1.png">',
    "a link": '<a href="https://example.org">x</a>',
    "a link that runs": '<a href="javascript:alert(1)">x</a>',
    "a handler": '<div onclick="alert(1)">x</div>',
    "a handler behind a class": '<div class="a" onclick="alert(1)">x</div>',
    "a handler without quotes": "<div onclick=alert(1)>x</div>",
    "a handler behind a slash": "<div/onclick=alert(1)>x</div>",
    "a handler behind another space": "<div\u00a0onclick=alert(1)>x</div>",
    "a style": '<div style="position: fixed">x</div>',
    "an id": '<div id="qa">x</div>',
    "the id of the answer elsewhere": '<div id="answer">x</div>',
    "a name": '<a name="x">x</a>',
    "a class of ours": '<div class="dw-card">x</div>',
    "a class of Anki's": '<div class="card">x</div>',
    "a class of clozes": '<div class="b cloze">x</div>',
    "a class of the night": '<div class="nightMode">x</div>',
    "a class of MathJax": '<div class="mjx-math">x</div>',
    "two classes": '<div class="a" class="b">x</div>',
    "a class without an end": '<div class="a>x</div>',
    "attributes of an end": '<div>x</div class="a">',
    "a comment": "<!-- x -->",
    "a comment that closes early": "<!--><script>-->",
    "a declaration": "<!DOCTYPE html>",
    "an instruction": "<?php ?>",
    "CDATA": "<![CDATA[x]]>",
    "a tag without an end": "<div",
    "a field in a tag": "<div {{Word}}>x</div>",
    "a field in an attribute": '<div class="{{Word}}">x</div>',
    "a field as a tag": "<{{Word}}>",
    "a section in a tag": '<div {{#Word}}class="a"{{/Word}}>x</div>',
    "an unknown field": "{{Wort}}",
    "a field of a cloze": "{{cloze:Word}}",
    "the front in itself": "{{FrontSide}}",
    "speech": "{{tts en_US:Word}}",
    "the voices": "{{tts-voices:}}",
    "an unknown filter": "{{x:Word}}",
    "a filter of nothing": "{{text:}}",
    "filters that Anki would take apart": "{{text:cloze:Word}}",
    "a filter of Anki's own": "{{text:Deck}}",
    "raw HTML of another language": "{{{Word}}}",
    "a remark of another language": "{{! x }}",
    "a part of another language": "{{> x }}",
    "other delimiters": "{{=<% %>=}}",
    "a section that is open": "{{#Spoken}}x",
    "a section that was never open": "x{{/Spoken}}",
    "sections that overlap": "{{#Spoken}}{{^Reverse}}x{{/Spoken}}{{/Reverse}}",
    "a section of no field": "{{#Tags}}x{{/Tags}}",
    "a section of a cloze": "{{#c1}}x{{/c1}}",
    "a sound": "[sound:a.mp3]",
    "LaTeX": "[latex]x[/latex]",
    "LaTeX in signs": "[$]x[/$]",
    "speech of Anki's": "[anki:tts lang=en]x[/anki:tts]",
    "a box": "[[type:Word]]",
    "a formula": r"\(x\)",
    "a formula around a field": r"\({{Word}}\)",
    "a backslash as an entity": "&bsol;(x)",
    "a backslash by its number": "&#92;(x)",
    "half an entity": "&{{Word}}",
    "a text right behind a field": "{{Word}}: x",
    "a bracket right behind a field": "{{Word}}({{Meaning}})",
    "two fields in a row": "{{Word}}{{Meaning}}",
    "a line break alone between two fields": "{{Word}}<br>{{Meaning}}",
    "a section alone between two fields": "{{Word}}{{#Spoken}} x{{/Spoken}}(",
    "an entity right behind a field": "{{Word}}&#91;",
    "a control character": "<p>\u0007{{Word}}</p>",
    "a character that hides": "<p>\u202e{{Word}}</p>",
}


@pytest.mark.parametrize("name", FRONTS)
def test_what_a_template_may_not_hold_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    found = found_in(tmp_path, (FRONT, UNDERSTAND, f"<p>{{{{Word}}}}</p>\n<hr>\n{FRONTS[name]}"))
    rule = "character" if name.startswith(("a control", "a character")) else "note-type"
    assert (rule, FRONT, 3) in [one[:3] for one in found]
    assert {one[1] for one in found} == {FRONT}


FINE = (
    '<div class="a b-2">{{Word}}</div>',
    "<p>{{Word}} {{Meaning}}</p>",
    "<p>{{ Word }}</p><br/><wbr><hr />",
    "<p>{{Word}}</p><p>{{ furigana:Spoken }}</p>{{ #Spoken }}x{{ /Spoken }}",
    "<table>{{#Word}}<tr><td>{{Word}}</td></tr>{{/Word}}</table><ul><li>x</li></ul>",
    "<p>({{Word}} )</p> &#91;&amp;&lt;&gt;&quot;&nbsp;&#93;",
    "<ruby>{{Word}}<rt>{{Spoken}}</rt></ruby>",
    "{{#Word}}{{^Reverse}}<p>{{Word}}</p>{{/Reverse}}<p>{{hint:Meaning}}</p>{{/Word}}",
    "<p>{{Word}}</p><p>{{Tags}}</p><p>{{Type}}</p><p>{{Deck}}</p><p>{{Subdeck}}</p><p>{{Card}}</p>",
    "<p>{{Word}}</p>{{#Spoken}}<p>{{type:Spoken}}</p>{{/Spoken}}",
    "<p>{{Word}}</p><p>{{furigana:Spoken}}</p><p>{{kanji:Spoken}}</p><p>{{text:Spoken}}</p>",
    "<details><summary>{{Word}}</summary>{{hint:kana:Spoken}}</details>",
)


@pytest.mark.parametrize("text", FINE)
def test_what_a_template_may_hold_passes(text: str, tmp_path: Path) -> None:
    assert in_templates(tmp_path, (FRONT, UNDERSTAND, text)) == []


def test_a_front_shows_a_field(tmp_path: Path) -> None:
    for text in ("<p>What?</p>", "<p>{{Deck}}</p>", "{{#Word}}<p>What?</p>{{/Word}}", ""):
        assert found_in(tmp_path, (FRONT, UNDERSTAND, text)) == [("note-type", FRONT, 1, 1)]


@pytest.mark.parametrize("special", ["Deck", "Tags", "Card", "Type", "Subdeck"])
def test_what_anki_puts_in_decides_nothing_about_cards(special: str, tmp_path: Path) -> None:
    sections = f"{{{{#Spoken}}}}<b>{{{{Word}}}}</b>{{{{/Spoken}}}}<p>{{{{{special}}}}}</p>"
    found = in_templates(tmp_path, (FRONT, UNDERSTAND, sections))
    assert [one[:3] for one in found] == [("note-type", FRONT, 1)]
    assert in_templates(tmp_path, (FRONT, UNDERSTAND, f"<p>{{{{Word}}}}</p>{sections}")) == []


def test_each_side_of_a_cloze_type_shows_its_clozes(tmp_path: Path) -> None:
    gap = "<div>{{cloze:Text}}</div>"
    for name in (GAP, GAP_BACK):
        assert ("note-type", name, 1, 1) in found_in(tmp_path, (name, gap, "<div>{{Text}}</div>"))
        found = found_in(tmp_path, (name, gap, "<p>{{cloze:Title}}</p>"))
        assert ("note-type", name, 1, 4) in found
        typed = (name, gap, "<p>{{type:cloze:Text}}</p>")
        assert found_in(tmp_path, typed) == []


def test_a_cloze_type_has_one_template_and_a_field_for_its_clozes(tmp_path: Path) -> None:
    more = '\n[[templates]]\nname = "B"\nid = 2\nfront = "front.html"\nback = "back.html"\n'
    found = found_in(tmp_path, (PASSAGE, 'back = "back.html"\n', f'back = "back.html"\n{more}'))
    assert found == [("note-type", PASSAGE, 26, 1)]
    found = found_in(tmp_path, (PASSAGE, 'part = "answer"\n', ""))
    assert found == [("note-type", PASSAGE, 6, 1)]
    assert ("note-type", GAP, 1, 6) in found_in(tmp_path, (PASSAGE, "cloze = true\n", ""))


SHEETS = (
    "@import 'x.css';",
    ".a { background: url(x.png); }",
    ".a { background: url(https://example.org/x); }",
    ".a { background: image-set('x.png' 1x); }",
    "</style><script>",
    "<!-- x -->",
    ".a { content: '\\75rl'; }",
)


@pytest.mark.parametrize("css", SHEETS)
def test_a_sheet_of_a_note_type_loads_nothing(css: str, tmp_path: Path) -> None:
    found = found_in(tmp_path, **{STYLE: f".b {{}}\n{css}\n"})
    assert [one[:3] for one in found] == [("bad-style", STYLE, 2)]


@pytest.mark.parametrize("name", ["basic", "cloze", "Vocabulary", "1st", "a_b", "ä"])
def test_a_folder_that_cannot_be_a_note_type_of_a_decks_own(name: str, tmp_path: Path) -> None:
    mine = {path: text for path, text in FILES.items() if path.startswith(FOLDER)}
    files = {path.replace(FOLDER, f"note_types/{name}"): text for path, text in mine.items()}
    root = make_deck(tmp_path, {**files, "01-a.md": "# A\n\n## Q?\n<!-- id: a -->\n\nA.\n"})
    assert reported(root) == [("note-type", f"note_types/{name}/note_type.toml", 1, 1)]


def test_a_folder_without_a_note_type_toml_is_named(tmp_path: Path) -> None:
    files = with_types()
    del files[TOML]
    found = reported(make_deck(tmp_path, files))
    assert found == [("note-type", TOML, 1, 1)]


def test_a_file_that_no_template_uses_is_named(tmp_path: Path) -> None:
    root = make_deck(tmp_path, with_types(**{f"{FOLDER}/old.html": "<p>", "note_types/x.html": ""}))
    found = [(one.rule, one.severity) for one in compile_deck(root).problems]
    assert found == [("other-file", "warning")] * 2


def test_a_file_that_is_no_file_or_too_large_or_not_text_is_refused(tmp_path: Path) -> None:
    for number, (name, rule) in enumerate(
        [(FRONT, "bad-file"), (TOML, "bad-file"), (STYLE, "bad-file")]
    ):
        root = make_deck(tmp_path / f"{number}", with_types())
        secret = tmp_path / "secret"
        secret.write_text("<p>{{Word}}</p>")
        (root / name).unlink()
        (root / name).symlink_to(secret)
        assert [one[:2] for one in reported(root)] == [(rule, name)]
    for name in (FRONT, TOML):
        assert ("file-too-big", name) in [
            one[:2] for one in found_in(tmp_path / "big", **{name: " " * 70_000})
        ]
    found = found_in(tmp_path / "latin", **{FRONT: b"<p>\xfc{{Word}}</p>"})
    assert found == [("not-utf8", FRONT, 1, 4)]


def test_a_pipe_in_the_place_of_a_template_is_refused(tmp_path: Path) -> None:
    root = make_deck(tmp_path, with_types())
    (root / FRONT).unlink()
    os.mkfifo(root / FRONT)
    assert [one[:2] for one in reported(root)] == [("bad-file", FRONT)]


def test_a_folder_of_note_types_behind_a_link_is_refused(tmp_path: Path) -> None:
    other = make_deck(tmp_path / "other", with_types())
    files = {name: text for name, text in with_types().items() if name not in FILES}
    root = make_deck(tmp_path / "deck", files)
    (root / "note_types").symlink_to(other / "note_types")
    found = reported(root)
    assert ("bad-file", "note_types") in [one[:2] for one in found]
    assert compile_deck(root).deck is None


def test_one_broken_note_type_hides_no_other_and_no_card(tmp_path: Path) -> None:
    bad = "## Broken?\n<!-- id: broken -->\n\nAn $answer.\n"
    found = found_in(tmp_path, (TOML, "id = 4501", "id = 0"), **{"02-more.md": f"# More\n\n{bad}"})
    assert [one[:3] for one in found] == [
        ("math-unclosed", "02-more.md", 6),
        ("note-type", TOML, 2),
    ]


@pytest.mark.parametrize(
    "name",
    ["A [sound:a.mp3]", "A [latex]x", r"A \(x\)", "A &#92;(x&#92;)", "A &bsol;(x)", "A [[type:x]]"],
)
def test_the_name_of_a_deck_which_a_template_may_show_is_plain_text(
    name: str, tmp_path: Path
) -> None:
    head = f"---\ndeck: '{name}'\n---\n# A\n\n## Q?\n<!-- id: a -->\n\nA.\n"
    assert [one[0] for one in found_in(tmp_path, **{"01-words.md": head})] == ["deck-name"]


PIECES = (
    *("<div>", "</div>", "<div ", "<b>", "</b>", "<script>", "</script>", "<img ", "<br>", "<hr "),
    *(
        "/>",
        ">",
        "<",
        "class=",
        '"a"',
        '"dw-a"',
        '"',
        "'",
        " ",
        "\n",
        "\f",
        "\xa0",
        "/",
        "=",
        "id=",
    ),
    *('"answer"', "onclick=x", "href=", "javascript:x", "style=x", "{{Word}}", "{{text:Spoken}}"),
    *(
        "{{#Word}}",
        "{{/Word}}",
        "{{",
        "}}",
        "<!--",
        "-->",
        "<!",
        "<?",
        "&",
        "&lt;",
        "&#91;",
        "&#92;",
    ),
    *("\\", "(", "[", "sound:", "x", "\x00", "<a", "<svg"),
)


def test_what_passes_holds_nothing_else_for_another_reader_of_html() -> None:
    random = Random("templates")
    passed = 0
    allowed = Allowed(Tags(TAGS, VOID, PARENTS), ("Word", "Spoken"), (), ("Word",), lambda _: "")
    for _ in range(int(60_000 * SHARE)):
        text = "".join(random.choice(PIECES) for _ in range(random.randint(1, 7)))
        text = f"{{{{Word}}}} {text}"
        if check(Source("x.html", text), allowed, back=True):
            continue
        passed += 1
        shown = text.replace("{{Word}}", "w").replace("{{text:Spoken}}", "s")
        for node in LexborHTMLParser(f"<body>{shown}</body>").css("body *"):
            assert node.tag in TAGS, text
            for name, value in node.attributes.items():
                good = name == "class" or (node.tag, name, value) == ("hr", "id", "answer")
                assert good, text
        assert not re.search(r"[\\\[]|<!|<\?|&(?!lt;|#91;)", text), text
    assert passed > 1_000 * SHARE


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("<div>{{Word}}", 1),
        ("<p>{{Word}}</p></div>", 16),
        ("<b><i>{{Word}}</b></i>", 4),
        ("<p>{{Word}}</p>{{#Spoken}}<b>{{/Spoken}}", 27),
        ("<p>{{#Spoken}}</p>{{/Spoken}}{{Word}}</p>", 15),
        ("<details><summary>{{Word}} </summary><br>", 1),
        ("<p>{{Word}}</p><b>{{#Spoken}}</b>{{/Spoken}}</b>", 30),
        ("<p>{{Word}}</p><table><td>x</td></table>", 23),
        ("<p>{{Word}}</p><tr></tr>", 16),
        ("<ul><li>{{Word}}</li></ul><li>x</li>", 27),
    ],
)
def test_tags_of_a_template_are_nested(text: str, column: int, tmp_path: Path) -> None:
    found = in_templates(tmp_path, (FRONT, UNDERSTAND, text))
    assert found == [("note-type", FRONT, 1, column)]


def test_a_misspelt_section_is_named_once(tmp_path: Path) -> None:
    text = "<p>{{Word}}</p>{{#Spokn}}<p>{{Spoken}}</p>{{/Spoken}}"
    found = in_templates(tmp_path, (FRONT, UNDERSTAND, text))
    assert found == [("note-type", FRONT, 1, 16)]
    text = "<p>{{Word}}</p>{{#Spoken}}<p>{{Spoken}}</p>{{/Spokn}}"
    found = in_templates(tmp_path, (FRONT, UNDERSTAND, text))
    assert found == [("note-type", FRONT, 1, 44)]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("a &mdash; b", "write — itself"),
        ("it&#39;s", "write ' itself"),
        ("a &#x200b;b", "remove it"),
        ("a &shy;b", "remove it"),
        ("a &bsol;b", "remove it"),
        ("a &#x1f;b", "remove it"),
        ("a &#65535;b", "remove it"),
        ("a &lbrack;b", "write &#91; for the sign itself"),
        ("a &nosuch; b", "write &amp; for the sign itself"),
        ("{{furigana: Spoken}}", "take out the spaces at :"),
        ("{{tts ja_JP:Word}}", "remove it: a sound is a file that a card links to"),
        ("<script>if (a < b) { c(); }</script>", "remove it"),
        ("<style>.a { color: red }</style>", "write it into style.css"),
        ("<iframe></iframe>", "write <div>, <span>, <b>, <ruby> and the like"),
    ],
)
def test_what_a_template_may_not_hold_is_named_once(text: str, fix: str, tmp_path: Path) -> None:
    changed = (FRONT, UNDERSTAND, f"<p>{{{{Word}}}}</p>{{{{Spoken}}}}\n{text}")
    [found] = compile_deck(make_deck(tmp_path, with_types(changed))).problems
    assert (found.rule, found.place.line, found.fix) == ("note-type", 2, fix)


def test_elements_in_each_other_are_few(tmp_path: Path) -> None:
    deep = "<b>" * 9_000 + "</i></b>" * 4_000
    changed = (FRONT, UNDERSTAND, f"{UNDERSTAND}{deep}")
    problems = compile_deck(make_deck(tmp_path, with_types(changed))).problems
    assert sum("more than 100 elements are open here" in one.what for one in problems) == 1


@pytest.mark.parametrize("text", ["{{" + " " * 60_000, "{{" + ":" * 60_000, "{{x" + " " * 60_000])
def test_a_replacement_without_an_end_takes_no_time(text: str) -> None:
    allowed = Allowed(Tags(TAGS, VOID, PARENTS), ("Word",), (), ("Word",), lambda _: "")
    start = process_time()
    for end in ("", ":", "}}"):
        assert check(Source("x.html", text + end), allowed, back=True)
    assert process_time() - start < 5


def test_a_template_with_several_entities_is_reported_all(tmp_path: Path) -> None:
    found = in_templates(tmp_path, (FRONT, UNDERSTAND, "{{Word}} &mdash; a &ndash; b"))
    assert [one[3] for one in found] == [10, 20]


def test_what_no_template_shows_is_named_where_a_card_says_it(tmp_path: Path) -> None:
    changed = (FRONT, UNDERSTAND, "<p>{{Word}}</p>")
    assert found_in(tmp_path, changed) == [("lost-text", "01-words.md", 19, 1)]
