"""[labels] and lang in deck.toml: a deck's cards speak its language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deckwright.apkg.package import package, write
from deckwright.compile import Compiled, compile_deck
from deckwright.model import DeckInfo
from deckwright.note_types import note_types
from tests.browser import reviewer
from tests.decks import TOML, card, make_deck, release
from tests.rendering.test_typed import own_type

GERMAN = """lang = "de"
report = "https://example.org/?card={id}"

[labels]
Why = "Warum"
Source = "Quelle"
Report = "Fehler melden"
"""


def compiled(
    root: Path, text: str = "", toml: str = GERMAN, files: Mapping[str, str | bytes] | None = None
) -> Compiled:
    cards = f"# Karten\n\n{text or card('Blau.')}"
    given: dict[str, str | bytes] = {"deck.toml": TOML + toml, "01-a.md": cards}
    return compile_deck(make_deck(root, {**given, **(files or {})}))


def html(deck: Compiled) -> str:
    """All templates of a deck."""
    assert deck.deck, deck.problems
    sides = (side for one in deck.deck.types for side in one.templates)
    return "\n".join(f"{one.front}\n{one.back}" for one in sides)


def test_the_cards_have_the_words_and_the_language_of_the_deck(tmp_path: Path) -> None:
    shown = html(compiled(tmp_path))
    assert shown.count('<div class="dw-label">Warum</div>') == 3
    assert shown.count('<div class="dw-label">Quelle</div>') == 3
    assert shown.count(">Fehler melden</a>") == 3
    assert "Why</div>" not in shown
    assert "Report this card" not in shown
    assert shown.count("dw-card") == shown.count('<div class="dw-card" lang="de">') == 6


def test_without_them_they_speak_english_and_name_no_language(tmp_path: Path) -> None:
    shown = html(compiled(tmp_path, toml='report = "https://example.org/{id}"\n'))
    assert shown.count('<div class="dw-label">Why</div>') == 3
    assert shown.count(">Report this card</a>") == 3
    assert " lang=" not in shown
    assert "<!--" not in shown


@pytest.mark.parametrize("why", ["Warum", "Why"])
@pytest.mark.parametrize("source", ["Quelle", "Source"])
def test_a_part_may_have_either_name(why: str, source: str, tmp_path: Path) -> None:
    text = card(f"Blau.\n\n### {why}\nLicht.\n\n### {source}\nEin Buch.")
    deck = compiled(tmp_path, text)
    assert not deck.problems
    [note] = deck.notes.values()
    assert note.fields[4:6] == ("Licht.", "Ein Buch.")
    usual = text.replace("Warum", "Why").replace("Quelle", "Source")
    assert compiled(tmp_path / "usual", usual).notes["a-card"] == note


@pytest.mark.parametrize(
    ("parts", "line", "rule", "what"),
    [
        ("### Warum\na\n\n### Why\nb", 11, "part-twice", "### Why is twice"),
        ("### Why\na\n\n### Warum\nb", 11, "part-twice", "once as ### Why"),
        ("### Waru\na", 8, "unknown-part", "did you mean Warum?"),
        ("### Quele\na", 8, "unknown-part", "did you mean Quelle?"),
        ("### Fehler melden\na", 8, "unknown-part", "is not a part"),
        ("### Warum", 8, "empty-part", "### Warum is empty"),
    ],
)
def test_a_mistake_in_them_is_named_by_the_word_that_is_written(
    parts: str, line: int, rule: str, what: str, tmp_path: Path
) -> None:
    [found] = compiled(tmp_path, card(f"Blau.\n\n{parts}")).problems
    assert (found.rule, found.place.line) == (rule, line)
    assert what in found.message


@pytest.mark.parametrize(
    ("toml", "line", "what"),
    [
        ('lang = "de_DE"', 3, "for example de, pt-BR"),
        ('lang = "German language"', 3, "for example de, pt-BR"),
        ('lang = "de\\"><script>"', 3, "for example de, pt-BR"),
        ("lang = 3", 3, "lang must be a text"),
        ('labels = "Warum"', 3, "labels is a table"),
        ('[labels]\nWarum = "Why"', 4, "there is no label Warum"),
        ('[labels]\nSorce = "Quelle"', 4, "did you mean Source?"),
        ('[labels]\nWhy = ""', 4, "not a text of one line"),
        ("[labels]\nWhy = 1", 4, "not a text of one line"),
        ('[labels]\nWhy = "a\\nb"', 4, "not a text of one line"),
        (f'[labels]\nWhy = "{"W" * 31}"', 4, "more than 30"),
        ("[labels]\nWhy = '\\(x\\)'", 4, "a backslash"),
        ('[labels]\nWhy = "Source"', 4, "is that of Source"),
        ('[labels]\nWhy = "Typed"', 4, "is that of Typed"),
        ('[labels]\nWhy = "Info"\nSource = "info"', 5, "is that of Why"),
    ],
)
def test_a_wrong_value_is_named_at_its_line(
    toml: str, line: int, what: str, tmp_path: Path
) -> None:
    [found] = compiled(tmp_path, toml=toml).problems
    assert (found.rule, found.place.line) == ("deck-toml", line)
    assert what in found.message


@pytest.mark.parametrize(
    "label", ["{{Back}}", "{{/Why}}", "<b>&", "[sound:x]", '">', "<!-- Why -->"]
)
def test_a_label_is_text_and_no_template(label: str, tmp_path: Path) -> None:
    deck = compiled(tmp_path, toml=f"[labels]\nWhy = '{label}'\nSource = 'Quelle'")
    shown = html(deck)
    plain = html(compiled(tmp_path / "plain", toml="[labels]\nWhy = 'W'\nSource = 'Quelle'"))
    for sign in ("{{", "<", "[", '"'):
        assert shown.count(sign) == plain.count(sign)


@pytest.mark.parametrize(
    ("lang", "turned"),
    [("he", True), ("ar-EG", True), ("fa", True), ("de", False), ("az-Arab", True), ("ku", False),
     ("ks-Deva", False), ("zh-Hant-TW", False), ("HE", True)],
)  # fmt: skip
def test_a_language_turns_the_card_around_where_it_is_written_so(lang: str, turned: bool) -> None:
    [basic, _] = note_types(DeckInfo("a", "A", lang=lang))
    assert f'lang="{lang}"' in basic.templates[0].front
    assert ('dir="rtl"' in basic.templates[0].front) == turned


def test_a_note_type_of_the_decks_own_speaks_its_language_too(tmp_path: Path) -> None:
    files = own_type("{{type:Spelt}}")
    shown = html(compiled(tmp_path, files=files))
    assert '<div lang="de">\n{{Word}} {{type:Spelt}}\n</div>' in shown
    plain = html(compiled(tmp_path / "plain", toml="", files=files))
    assert "{{Word}} {{type:Spelt}}\n{{Meaning}}" in plain


def test_a_change_of_words_comes_to_learners_as_a_look(tmp_path: Path) -> None:
    make_deck(tmp_path, {"deck.toml": TOML, "01-a.md": f"# Karten\n\n{card('Blau.')}"})
    release(tmp_path)
    deck = compiled(tmp_path, toml='[labels]\nWhy = "Warum"\n')
    assert not deck.problems
    assert deck.ledger
    assert deck.deck
    changed = [one for one in deck.deck.types if one.templates != deck.ledger.types[0].templates]
    assert len(changed) == 2
    later = release(tmp_path, "1.1.0", 1_700_000_000)
    assert {one.mod for one in later.ledger.types} == {1_700_000_000}


@pytest.mark.anki
def test_real_anki_takes_the_package(tmp_path: Path) -> None:
    pytest.importorskip("anki")
    from deckwright.real_anki import verify

    deck = compiled(tmp_path / "deck", toml=GERMAN.replace("Warum", "{{Warum}} & so"))
    assert deck.deck, deck.problems
    report = verify(write(package(deck.deck, "dev", 1_700_000_000), tmp_path))
    assert report.failures == ()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_label_covers_no_text(width: int, chromium: Browser, tmp_path: Path) -> None:
    deck = compiled(tmp_path, toml='[labels]\nWhy = "Begründung und Erläuterung"\nSource = "Q"\n')
    assert deck.deck
    basic = deck.deck.types[0]
    back = basic.templates[0].back.replace("{{FrontSide}}", "")
    back = back.replace("{{Why}}", "Weil es so ist.").replace("{{Source}}", "Ein Buch.")
    boxes = """() => [...document.querySelectorAll(".dw-note > *")].map(one => {
      const range = document.createRange();
      range.selectNodeContents(one);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return [left, right, top, bottom]; })"""
    with reviewer(chromium, width=width) as page:
        page.show(f"<style>{basic.css}</style>{back}")
        found = page.evaluate(boxes)
    for label, text in (found[:2], found[2:]):
        assert label[1] + 8 < text[0] or label[3] <= text[2] + 1


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "hyphens"), [("", "manual"), ("de", "auto")])
def test_a_long_word_breaks_where_its_language_breaks_it(
    lang: str, hyphens: str, chromium: Browser
) -> None:
    [basic, _] = note_types(DeckInfo("a", "A", lang=lang))
    front = basic.templates[0].front.replace("{{Front}}", "Donaudampfschiff <code>a</code>")
    with reviewer(chromium) as page:
        page.show(f"<style>{basic.css}</style>{front}")
        style = "name => getComputedStyle(document.querySelector(name)).hyphens"
        assert page.evaluate(style, ".dw-prompt") == hyphens
        assert page.evaluate(style, "code") == "manual"


def test_a_word_of_another_language_leads_to_the_labels(tmp_path: Path) -> None:
    [found] = compiled(tmp_path, card("Blau.\n\n### Warum\nLicht."), toml="").problems
    assert found.rule == "unknown-part"
    assert "under [labels]" in found.fix
