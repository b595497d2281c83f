"""Strange files, strange bytes, strange names: reported in words, never read, never dropped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.source.limits import MAX_LEDGER
from tests.decks import TOML, card, compile_cards, make_deck, png

GOOD = "# Examples\n\n" + card("An answer.")


def rules(root: Path) -> list[tuple[str, str]]:
    return [(Path(one.place.path).name, one.rule) for one in compile_deck(root).problems]


def test_links_pipes_and_devices_are_refused_unread(tmp_path: Path) -> None:
    outside = tmp_path / "secret.md"
    outside.write_text(GOOD)
    root = make_deck(tmp_path / "deck", {"01-cards.md": GOOD})
    (root / "02-link.md").symlink_to(outside)
    (root / "03-device.md").symlink_to("/dev/zero")
    (root / "04-gone.md").symlink_to(root / "nowhere")
    os.mkfifo(root / "05-pipe.md")
    (root / "06-folder").symlink_to(tmp_path)
    (root / "LICENSE").symlink_to(outside)
    (root / "README.md").symlink_to(outside)
    os.mkfifo(root / "unused.png")
    names = ["02-link.md", "03-device.md", "04-gone.md", "05-pipe.md", "06-folder"]
    names += ["LICENSE", "README.md", "unused.png"]
    assert rules(root) == [(name, "bad-file") for name in names]


@pytest.mark.parametrize("text", ["", " \n\n", "hello\n", "### Why\n\nx\n", "# T\n"])
def test_a_file_without_a_card_is_reported(text: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": GOOD, "02-more.md": text})
    assert ("02-more.md", "no-cards") in rules(root)


@pytest.mark.parametrize(
    "text",
    [
        card("```python\nx = 1") + "\n" + card("```python\ny = 2\n```", card_id="b"),
        "```\ncode\n\n" + card("x") + "\n```\n" + card("y", card_id="b"),
        "<!-- todo\n\n" + card("x") + "\n" + card("y", card_id="b"),
        card("x\n\n<!-- todo") + "\n" + card("y", card_id="b"),
    ],
)
def test_a_card_that_is_swallowed_is_an_error(text: str, tmp_path: Path) -> None:
    assert compile_cards(tmp_path, text).errors


@pytest.mark.parametrize(
    "front", ["---\n# T\n## Q1\n---\n", "---\n# T\n\n> ## x\n+++\nwords: [\n---\n"]
)
def test_a_front_matter_swallows_nothing(front: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": front + GOOD})
    assert ("01-cards.md", "front-matter") in rules(root)


@pytest.mark.parametrize(
    "text",
    [
        "x \ue000999\ue001 y",
        "x &#xe000;999&#xe001; y",
        "x &#57344;0&#57345; y",
        "`x` &#000057344;0&#000057345; y",
        "`x` <b title='&#0000000000057344;9&#x00000000e001;'>y</b>",
        "`x`\n\n<p>&#x000000e000 9&#x000000E001 </p>",
        "`x` ![&#000057344;0](https://x.org '&#000057345;')",
        "&#31;",
        "&#0;",
        "&#x80",
        "&#xD800;",
        "&#x110000;",
        f"&#{'9' * 5000};",
        f"&#x{'0' * 5000}200b;",
        "<b>a&shyb</b>",
        "<b title='&shy'>a</b>",
        "a\ufeffb",
    ],
)
def test_characters_that_tokens_are_made_of_are_refused(text: str, tmp_path: Path) -> None:
    assert {one.rule for one in compile_cards(tmp_path, card(text)).problems} == {"character"}


@pytest.mark.parametrize("end", [r"&\#57345;", r"&\#57345\;"])
@pytest.mark.parametrize(
    "text",
    [
        '`x` [a](https://x.org "%")',
        "`x` [a](https://x.org/%)",
        "`x` [a](<https://x.org/ %>)",
        "`x` [a][b]\n\n[b]: https://x.org/% '%'",
        "`x` ![a % picture](media/dot.png '%')",
        "`x` <https://x.org/%> *%*",
    ],
)
@pytest.mark.parametrize("number", ["0", "9"])
def test_a_backslash_makes_no_entity(text: str, number: str, end: str, tmp_path: Path) -> None:
    r"""On GitHub, ``&\#57344;`` shows as ``&#57344;``; of such characters are the tokens made."""
    compiled = compile_cards(tmp_path, card(text.replace("%", rf"&\#57344;{number}{end}")))
    assert not compiled.errors
    [note] = compiled.notes.values()
    assert note.fields[1].count("<code>x</code>") == 1
    assert note.fields[1].count("x`") == 0
    assert f"&amp;#57344;{number}&amp;#57345;" in note.fields[1]


@pytest.mark.parametrize(
    "answer", ["---", "&nbsp;", "<span></span>", "\u200e", "\u2800", "<b title='> x'></b>"]
)
def test_an_answer_that_shows_nothing_is_empty(answer: str, tmp_path: Path) -> None:
    compiled = compile_cards(tmp_path, card(answer))
    assert "empty-answer" in {one.rule for one in compiled.problems}


@pytest.mark.parametrize("name", ["Question", "Reverse", "Why", "Source"])
@pytest.mark.parametrize(
    "text", ["***", "&nbsp;", "- ", "> ", "| |\n|---|\n| |", "[x]: https://x.org"]
)
def test_a_part_that_shows_nothing_is_empty(name: str, text: str, tmp_path: Path) -> None:
    link = "[x]: https://x.org" if text[0] != "[" else ""
    cards = card(f"An [answer][x].\n\n{link}\n\n### {name}\n\n{text}\n\n### Typed\n\nb")
    [found] = compile_cards(tmp_path, cards).problems
    assert (found.rule, found.place.line, found.place.column) == ("empty-part", 10, 1)


@pytest.mark.parametrize("prompt", ["&nbsp;", "<b></b>", "\u200e"])
def test_a_prompt_that_shows_nothing_is_empty(prompt: str, tmp_path: Path) -> None:
    compiled = compile_cards(tmp_path, card("x", prompt=prompt))
    assert "empty-front" in {one.rule for one in compiled.problems}


@pytest.mark.parametrize(
    "line",
    [
        'key = "../../x"',
        'key = "a\\u0000b"',
        f"authors = {'1' * 5000}",
        r'authors = ["A\nB"]',
        'decks = "Verbs"',
        'decks = ["A::::B"]',
        "decks = [1]",
        f'name = "{"::".join("abcdefghijklmnop")}"',
        'name = "a::::b"',
        'name = "  "',
        'name = "Default::x"',
        'name = "a\\u202eb"',
        'report = "https://x.org/{id}{{#zz}}"',
        'report = "https://x.org/"',
        'url = "http://x.org"',
        "tag = 'a b'",
        'description = "a &#00000008238; b"',
        'licence = "a&ZeroWidthSpace;b"',
        'authors = ["a&shyb"]',
    ],
)
def test_deck_toml_is_held_to_what_anki_bears(line: str, tmp_path: Path) -> None:
    key = line.partition(" ")[0]
    kept = "".join(f"{one}\n" for one in TOML.splitlines() if not one.startswith(key))
    root = make_deck(tmp_path, {"deck.toml": kept + line + "\n", "01-cards.md": GOOD})
    found = [one for one in compile_deck(root).problems if one.rule == "deck-toml"]
    assert found
    assert len(found) == 1


@pytest.mark.parametrize(
    "title", ["::".join("abcdefghijklmnop"), 'A::"B"', "a <img src=x>", "A::::B", "::A"]
)
def test_a_title_that_is_no_deck_name_is_reported(title: str, tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": f"# {title}\n\n{card('x')}"})
    [found] = compile_deck(root).problems
    assert (found.rule, found.place.line, found.place.column) == ("deck-name", 1, 3)


@pytest.mark.parametrize(
    ("deck", "is_own"),
    [
        ("Examples", True),
        ("Examples::Verbs::A", True),
        ("EXAMPLES::Verbs", True),
        ("Spanish::Verbs", True),
        ("spanish::verbs::Irregular", True),
        ("Spanish", False),
        ("Spanish::Verbs2", False),
        ("Examples2", False),
        ("Verbs::Examples", False),
    ],
)
def test_cards_go_to_decks_of_the_deck_or_to_listed_ones(
    deck: str, is_own: bool, tmp_path: Path
) -> None:
    toml = 'key = "k"\nname = "Examples"\ndecks = ["Spanish::Verbs"]\n'
    front = f"---\ntags: [a]\ndeck: {deck}\n---\n"
    found = compile_deck(make_deck(tmp_path, {"deck.toml": toml, "01.md": front + GOOD})).problems
    assert [(one.rule, one.place.line, one.place.column) for one in found] == (
        [] if is_own else [("other-deck", 3, 7)]
    )


def test_a_folder_that_may_not_be_read_is_not_skipped(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": GOOD, "sub/02-more.md": GOOD})

    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    with pytest.MonkeyPatch.context() as patch:  # root may read any folder, so the call is stopped
        scan = os.scandir
        patch.setattr(
            os, "scandir", lambda path: refuse(path) if "sub" in str(path) else scan(path)
        )
        with pytest.raises(PermissionError):
            compile_deck(root)


def test_a_long_line_is_read_in_no_time(tmp_path: Path) -> None:
    text = card("word " * 40_000 + "\n\n" + "word " * 1000) + "\n## a" + " " * 50_000 + "b\n"
    assert compile_cards(tmp_path, text).cards == 2


@pytest.mark.parametrize(
    "style",
    [
        '.card{background:image-set("https://example.org/x.png" 1x)}',
        r".card{background:u\72l(https://example.org/x.png)}",
        r'@\69mport "https://example.org/x.css";',
        ".card{background:url(x.png)}",
        "</style><script>",
    ],
)
def test_a_style_sheet_loads_nothing_however_it_is_spelt(style: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"style.css": style, "01.md": f"# T\n\n{card('x')}"}
    found = compile_deck(make_deck(tmp_path, files)).problems
    assert {one.rule for one in found} - {"unused-file"} == {"bad-style"}


@pytest.mark.parametrize(
    "name",
    ["README.md", "README.de.md", "CODE_OF_CONDUCT.md", "SUPPORT.md", "LICENCE.md", ".hidden.md"],
)
def test_a_file_for_people_holds_no_cards(name: str, tmp_path: Path) -> None:
    assert rules(make_deck(tmp_path, {"01-cards.md": GOOD, name: "# For people\n"})) == []


def test_a_ledger_has_a_size_that_is_looked_at_first(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": GOOD})
    with (root / "ledger.jsonl").open("wb") as file:
        file.truncate(MAX_LEDGER + 1)
    (found,) = compile_deck(root).problems
    assert (found.rule, "last release" in found.fix) == ("file-too-big", True)


def test_deck_toml_is_in_the_composed_form(tmp_path: Path) -> None:
    root = make_deck(tmp_path, {"01-cards.md": GOOD})
    with (root / "deck.toml").open("a", encoding="utf-8") as file:
        file.write('description = "cafe\u0301"\n')
    (found,) = compile_deck(root).problems
    assert (found.rule, found.place.line) == ("not-nfc", TOML.count("\n") + 1)
    assert "U+00E9" in found.fix


@pytest.mark.parametrize(
    ("toml", "rule"),
    [
        ("# a \u202e comment", "character"),
        ('url = "https://x.org/\u202e"', "character"),
        ('name = "a\\nb"', "deck-toml"),
        ('licence = "e\\u0301"', "deck-toml"),
        ('description = "<script>x</script>"', "deck-toml"),
        ('description = "![p](https://e.org/x.png)"', "deck-toml"),
        ('description = "A **bold** [link](https://e.org), and 1 &lt; 2"', None),
    ],
)
def test_deck_toml_is_held_to_what_cards_are(toml: str, rule: str | None, tmp_path: Path) -> None:
    base = 'key = "examples"\n' if toml.startswith("name") else TOML
    compiled = compile_deck(make_deck(tmp_path, {"deck.toml": f"{base}{toml}\n", "01.md": GOOD}))
    assert [one.rule for one in compiled.problems] == [rule] * (rule is not None)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("a." * 25_000 + "b = 1", "more than 20 parts"),
        ("\"a\" . 'b'." * 20 + "c = 1", "more than 20 parts"),
        ("a" * 65_000 + " = 1", "unknown key"),
        ("".join(f"a{n} = 1\n" for n in range(6_000)), "unknown key a0"),
        ("[rules]\n" + "".join(f"a{n} = 1\n" for n in range(6_000)), "a0"),
        ('description = "' + "x" * 9_000 + '"', "over 8,192"),
        ('description = "' + "a < b " * 1_200 + '"', "more than 1,000 of the sign <"),
        ("# " + "x" * 70_000, "more than"),
    ],
)
def test_a_deck_toml_of_any_size_is_read_in_no_time(toml: str, words: str, tmp_path: Path) -> None:
    found = compile_deck(make_deck(tmp_path, {"deck.toml": f"{TOML}{toml}\n"})).problems
    assert words in " ".join(one.what for one in found)
    assert len(found) <= 51


def test_pictures_have_a_size_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckwright.media.files.MAX_MEDIA", 100)
    files: dict[str, str | bytes] = {f"{n}.png": png(n, n) for n in (1, 2)}
    text = "".join(card(f"![a grey square]({n}.png)", f"{n}?", f"c{n}") for n in (1, 2))
    found = compile_deck(make_deck(tmp_path, {**files, "01.md": f"# T\n\n{text}"})).problems
    assert [(one.rule, one.what[:22]) for one in found] == [
        ("file-too-big", "the pictures and sound")
    ]


@pytest.mark.parametrize("folder", ["d\u202e", "e\u0301", "d\n"])
def test_a_folder_has_a_plain_name(folder: str, tmp_path: Path) -> None:
    assert rules(make_deck(tmp_path, {f"{folder}/01.md": GOOD})) == [(folder, "bad-file")]


@pytest.mark.parametrize(
    ("front", "rule"),
    [
        ("\n---\ndeck: x\n---\n", "front-matter"),
        ('+++\ndeck = "x"\n+++\n', "front-matter"),
        ("---\ndeck: x\n...\ntags: [y]\n---\n", "front-matter"),
        ('---\ndeck: "a\\tb"\n---\n', "deck-name"),
        ("---\ndeck: |-\n  a\n  b\n---\n", "deck-name"),
    ],
)
def test_a_front_matter_is_not_ignored(front: str, rule: str, tmp_path: Path) -> None:
    assert rule in {name for _, name in rules(make_deck(tmp_path, {"01.md": front + GOOD}))}


def test_the_first_key_may_are_beside_the_mark_of_the_comment(tmp_path: Path) -> None:
    text = "# T\n\n## Why?\n<!-- id: a\ntags: [x]\n-->\n\nAn answer.\n"
    compiled = compile_deck(make_deck(tmp_path, {"01.md": text}))
    assert compiled.deck
    assert (compiled.deck.notes[0].id, compiled.deck.notes[0].tags) == ("a", ("x",))


@pytest.mark.parametrize("title", ["T &amp; U", "*T*", r"a\_b", "`T`"])
def test_a_title_is_plain_text(title: str, tmp_path: Path) -> None:
    found = rules(make_deck(tmp_path, {"01.md": GOOD.replace("# Examples", f"# {title}", 1)}))
    assert found == [("01.md", "deck-name")]


def test_a_letter_that_has_another_form_is_named_without_what_follows_it(tmp_path: Path) -> None:
    (found,) = compile_deck(make_deck(tmp_path, {"01.md": f"# T\n\n{card(chr(0x212B))}"})).problems
    assert "U+000A" not in found.what + found.fix


@pytest.mark.parametrize(
    ("tag", "fine"),
    [
        ("हिन्दी", True),
        ("עִבְרִית", True),
        ("می\u200cخواهم", True),
        ("topic::élan-vital_2", True),
        ("a b", False),
        ("\u0301a", False),
        ("a::", False),
        ("a;b", False),
        ("#", False),
        ("none", False),
        ("x" * 101, False),
    ],
)
def test_tags_are_words_of_any_writing(tag: str, fine: bool, tmp_path: Path) -> None:
    text = f'---\ntags: ["{tag}"]\n---\n{GOOD}'
    assert rules(make_deck(tmp_path, {"01.md": text})) == [("01.md", "bad-tag")] * (not fine)


def test_a_front_of_two_parts_is_held_to_the_size_of_a_field(tmp_path: Path) -> None:
    prompt, code = "`a` " * 4_500, "```python\n" + "a=b+c;" * 490 + "\n```\n\n"
    for front in (card("x", prompt=prompt), card(f"x\n\n### Question\n{code * 3}")):
        assert compile_cards(tmp_path, front).errors == 0
    both = compile_cards(tmp_path, card(f"x\n\n### Question\n{code * 3}", prompt=prompt))
    assert "field-too-big" in [one.rule for one in both.problems]


def test_a_style_sheet_may_compare_in_a_comment(tmp_path: Path) -> None:
    style = "/* a < b */ .card > p { margin: 0 }"
    files: dict[str, str | bytes] = {"style.css": style, "01.md": f"# T\n\n{card('x')}"}
    assert compile_deck(make_deck(tmp_path, files)).deck


@pytest.mark.parametrize(
    "piled",
    [
        "a" + "\u0315\u0300" * 30_000,
        "a" + "\u302c" * 15_000 + "\u3099" * 15_000,
        "a\u200d\u200d\u200d\u200db",
    ],
)
def test_piles_of_marks_are_refused_at_once(piled: str, tmp_path: Path) -> None:
    found = compile_deck(make_deck(tmp_path, {"01.md": f"# T\n\n{card(piled)}"})).problems
    assert "character" in {one.rule for one in found}


def test_the_ledger_of_a_hundred_thousand_notes_may_be_read() -> None:
    ledger = Path(__file__).parent.parent.parent / "content" / "ledger.jsonl"
    notes = ledger.read_text(encoding="utf-8").count('"row": "note"')
    assert 100_000 * ledger.stat().st_size / notes < MAX_LEDGER


def test_only_notes_that_are_whole_and_alone_are_kept_beside_errors(tmp_path: Path) -> None:
    cards = (
        card("One.", "One?", "one")
        + card("Two <b>.", "Two?", "one")
        + card("An answer.", "Three?", "t")
    )
    compiled = compile_cards(tmp_path / "twice", cards)
    assert [*compiled.notes] == ["t"]
    assert compiled.places["one"].line == 3
    root = make_deck(tmp_path / "toml", {"a.md": f"# T\n\n{card('x')}"})
    (root / "deck.toml").write_text("foo = 1\n")
    assert compile_deck(root, engine=False).notes == {}
