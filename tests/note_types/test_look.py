"""The cards look right: readable by day and by night, on a telephone and on a desk.

Real Anki fills our templates with the fields in look/*.html, and a real browser lays them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anki.collection import Collection
from anki.decks import DeckId
from playwright.sync_api import Browser
from pygments.token import STANDARD_TYPES

from deckwright.model import DeckInfo
from deckwright.note_types import KINDS, note_types
from tests.browser import ANDROID_NIGHT, DAY, NIGHT, reviewer

if TYPE_CHECKING:
    from anki.cards import Card  # imported before anki.collection, it fails

HERE = Path(__file__).parent / "look"
NOTE_TYPES = HERE.parents[2] / "src" / "deckwright" / "note_types"
SAMPLES = sorted(path for path in HERE.glob("*.html") if not path.name.startswith("_"))
MEASURE = HERE / "_measure.js"
FILES = {"wide.svg": HERE / "wide.svg"}
SHIPPED = sorted(path for end in ("css", "html") for path in NOTE_TYPES.glob(f"**/*.{end}"))
BODIES = {"day": DAY, "night": NIGHT, "android-night": ANDROID_NIGHT}
WIDTHS = {"phone": 390, "desk": 1280}
CONTRAST = 4.5
SMALLEST = 13.0


@dataclass(frozen=True)
class Side:
    """One side of one card, as Anki hands it to its reviewer."""

    name: str
    html: str


@dataclass(frozen=True)
class Seen:
    """What the browser made of a side: lists of findings by kind."""

    name: str
    found: dict[str, list[Any]]


# What Anki shows


def fields_of(sample: Path) -> dict[str, str]:
    """The fields of a sample: each is below its name in a comment."""
    parts = re.split(r"^<!-- ([\w ]+) -->\n", sample.read_text(encoding="utf-8"), flags=re.M)
    return {
        name: text.rstrip("\n") for name, text in zip(parts[1::2], parts[2::2], strict=True)
    } | {"Id": sample.stem}


def every_token() -> dict[str, str]:
    """A card with every class that Pygments may write."""
    spans = [f'<span class="{token}">{token}</span>' for token in STANDARD_TYPES.values() if token]
    return {
        "Front": "Which colours does code have?",
        "Back": f'<pre class="code"><code>{" ".join(spans)}</code></pre>',
        "Id": "every-token",
    }


def add_note_type(collection: Collection, kind: str) -> None:
    """Make a note type of ours in a collection, which has a Basic and a Cloze of its own."""
    info = DeckInfo("look", "Look", report="https://example.org/report?id={id}")
    [ours] = [one for one in note_types(info) if one.kind == kind]
    models = collection.models
    made = models.new(f"Our {kind}")
    made["type"] = KINDS.index(kind)
    made["css"] = ours.css
    for field in ours.fields:
        models.add_field(made, models.new_field(field.name))
    for template in ours.templates:
        card = models.new_template(template.name)
        card["qfmt"], card["afmt"] = template.front, template.back
        models.add_template(made, card)
    models.add_dict(made)


def sides_of(collection: Collection, card: Card, name: str) -> Iterator[Side]:
    """Both sides of a card, the box to type in and the comparison made as Anki makes them."""
    output = card.render_output()
    style = f"<style>{output.css}</style>"
    box = '<center><input type="text" id="typeans" style="font-family: Arial; font-size: 20px" '
    box += 'value="inference gab"></center>'
    compared = collection.compare_answer(card.note().values()[2], "inferrence ga")
    compared = f'<div style="font-family: Arial; font-size: 20px">{compared}</div>'
    typed = re.compile(r"\[\[type:.+?\]\]")
    yield Side(f"{name} front", style + typed.sub(lambda _: box, output.question_text))
    answer, rule = output.answer_text, "<hr id=answer>"
    if typed.search(answer) and rule in answer:  # as Anki moves it before what is compared
        answer, compared = answer.replace(rule, ""), f"{rule}{compared}"
    yield Side(f"{name} back", style + typed.sub(lambda _: compared, answer))


def render(collection: Collection, fields: dict[str, str]) -> list[Side]:
    """Every side of every card that Anki makes of a note."""
    made = collection.models.by_name("Our cloze" if "Text" in fields else "Our basic")
    assert made
    note = collection.new_note(made)
    for name, text in fields.items():
        note[name] = text
    collection.add_note(note, DeckId(1))
    return [
        side
        for card in note.cards()
        for side in sides_of(collection, card, f"{fields['Id']}/{card.ord + 1}")
    ]


@pytest.fixture(scope="session")
def sides(tmp_path_factory: pytest.TempPathFactory) -> list[Side]:
    """Every side of every sample."""
    collection = Collection(str(tmp_path_factory.mktemp("look") / "collection.anki2"))
    try:
        for kind in KINDS:
            add_note_type(collection, kind)
        notes = [*map(fields_of, SAMPLES), every_token()]
        return [side for fields in notes for side in render(collection, fields)]
    finally:
        collection.close()


# What the browser makes of it


@pytest.fixture(scope="session", params=BODIES)
def body(request: pytest.FixtureRequest) -> str:
    return BODIES[request.param]


@pytest.fixture(scope="session", params=WIDTHS)
def width(request: pytest.FixtureRequest) -> int:
    return WIDTHS[request.param]


@pytest.fixture(scope="session")
def seen(chromium: Browser, body: str, width: int, sides: list[Side]) -> list[Seen]:
    """What _measure.js finds on every side, in one reviewer, as a learner goes through them."""
    found = []
    with reviewer(chromium, body=body, width=width, files=FILES) as anki:
        anki.evaluate(MEASURE.read_text(encoding="utf-8"))
        for side in sides:
            anki.show(side.html)
            found.append(Seen(side.name, anki.evaluate("measure()")))
        assert anki.refused == [], "a card asked for more than it brings"
    return found


def each(seen: list[Seen], what: str) -> list[tuple[str, Any]]:
    """All findings of a kind, each with the name of its side."""
    findings = [(side.name, one) for side in seen for one in side.found[what]]
    assert findings, f"the samples have no {what}"
    return findings


@pytest.mark.browser
def test_every_text_is_out_from_its_ground(seen: list[Seen]) -> None:
    inks = each(seen, "inks")
    texts = {ink["text"] for _, ink in inks}
    assert {"inference gab", "[...]", "[a distance]", "Report this card", "Why", "kn"} <= texts
    assert [ink for ink in inks if ink[1]["contrast"] < CONTRAST] == []


@pytest.mark.browser
def test_the_ground_is_ours_whatever_the_app_paints(seen: list[Seen]) -> None:
    grounds = [ground for _, ground in each(seen, "grounds")]
    assert [ground for ground in grounds if ground["page"] != ground["ours"]] == []


@pytest.mark.browser
def test_no_text_is_too_small_to_read(seen: list[Seen]) -> None:
    texts = [ink for ink in each(seen, "inks") if not ink[1]["maths"]]
    assert [text for text in texts if text[1]["size"] < SMALLEST] == []


@pytest.mark.browser
def test_no_page_scrolls_sideways(seen: list[Seen], width: int) -> None:
    assert [side for side in each(seen, "pageWidths") if side[1] > width] == []


@pytest.mark.browser
def test_what_is_too_wide_scrolls_by_itself(seen: list[Seen]) -> None:
    assert {kind for _, kind in each(seen, "scrollers")} == {"MathJax", "table", "code"}


@pytest.mark.browser
def test_no_formula_fails(seen: list[Seen]) -> None:
    assert [formula for formula in each(seen, "formulas") if formula[1]] == []


@pytest.mark.browser
def test_pictures_fit_and_lie_on_white_at_night(seen: list[Seen], body: str) -> None:
    ground = "rgba(0, 0, 0, 0)" if body == DAY else "rgb(255, 255, 255)"
    for name, picture in each(seen, "pictures"):
        assert picture["width"] <= picture["room"], name
        assert picture["shape"] == pytest.approx(3, abs=0.05), name
        assert picture["ground"] == ground, name


@pytest.mark.browser
def test_turning_a_card_over_moves_nothing(seen: list[Seen]) -> None:
    prompts = [prompt for _, prompt in each(seen, "prompts")]
    assert len(prompts) == len(seen)
    assert prompts[::2] == prompts[1::2]


@pytest.mark.browser
def test_one_rule_is_between_the_question_and_what_answers_it(
    chromium: Browser, sides: list[Side]
) -> None:
    """With a box to type in, the comparison comes below the rule."""
    order = """() => [...document.querySelectorAll("#answer, .dw-prompt, #typeans, .dw-answer")]
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map(one => one.id || one.className)"""
    backs = [side for side in sides if side.name.endswith(" back") and '"dw-prompt"' in side.html]
    with reviewer(chromium, files=FILES) as anki:
        for side in backs:
            anki.show(side.html)
            typed = ["typeans"] if "id=typeans" in side.html else []
            assert anki.evaluate(order) == ["dw-prompt", "answer", *typed, "dw-answer"], side.name
    assert sum("id=typeans" in side.html for side in backs) == 1


@pytest.mark.browser
def test_only_the_asked_cloze_is_marked(seen: list[Seen]) -> None:
    gaps = each(seen, "gaps")
    assert {gap["asked"] for _, gap in gaps} == {True, False}
    assert [gap for gap in gaps if gap[1]["marked"] != gap[1]["asked"]] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_card_needs_nothing_but_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    forbidden = r"<script|@import|url\(|https?:|@media \(prefers|{{(?:Tags|Deck|Subdeck)}}"
    assert re.findall(forbidden, text) == []
