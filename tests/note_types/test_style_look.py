"""Whatever a deck's style.css does that check lets pass, a card can be read in a browser."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import pytest
from playwright.sync_api import Browser

from deckwright.model import DeckInfo, Source
from deckwright.note_types import note_types
from deckwright.source.style import wrong_with_covering
from tests.browser import DAY, NIGHT, Reviewer, reviewer
from tests.fuzz.harness import SHARE

INFO = DeckInfo("examples", "Examples", report="https://example.org/{id}")
BASIC = note_types(INFO)[0]
CARD = (
    BASIC.templates[0]
    .back.replace("{{FrontSide}}", BASIC.templates[0].front)
    .replace("{{Front}}", "<p>Which <b>city</b> is the capital?</p>")
    .replace(
        "{{Back}}",
        "<p class='mine'>It is <code>Paris</code>, with <a href='https://x.invalid'>a</a>.</p>",
    )
    .replace("{{Why}}", "<p>As it <em class='mine'>al<b class='also'>ways</b></em> was.</p>")
    .replace("{{Source}}", "A <i>book</i>.")
)
SEEN = """() => ["p", "b", "code", "em", "i", ".dw-label", ".dw-report"].flatMap(name =>
  [...document.querySelectorAll(`#qa ${name}`)].flatMap(element => {
    element.scrollIntoView({ block: "center", inline: "center" });
    const range = document.createRange();
    range.selectNodeContents(element);
    const box = range.getClientRects()[0];
    if (!box || box.width < 4 || box.height < 4) return [`${name} has no room`];
    const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!at || !(element.contains(at) || at.contains(element))) return [`${name} is covered`];
    const style = getComputedStyle(element);
    if (parseFloat(style.fontSize) < 5) return [`${name} is tiny: ${style.fontSize}`];
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      return [`${name} is hidden`];
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const grounds = [];
    for (let up = element; up; up = up.parentElement)
      grounds.unshift(getComputedStyle(up).backgroundColor);
    const pixel = colours => {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(x => x / 255)
        .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    };
    const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
    const [one, two] = [light(pixel(grounds)), light(pixel([...grounds, style.color]))];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    return contrast < 1.3 ? [`${name} is ${style.color} on ${grounds.at(-1)}: ${contrast}`] : [];
  }))"""
"""What of a card cannot be seen, and why."""

NAMES = (
    "* body html .card p a b code em i div span hr h4 td :root .dw-card .dw-prompt .dw-answer"
    " .dw-note .dw-label .dw-report .word .mine .also #qa :not(.word) [class^=dw] .card.nightMode"
    " .night_mode"
).split()
PROPERTIES = (
    "color background background-color --dw-ink --dw-ground --dw-accent --dw-quiet --mine position"
    " display visibility opacity font-size font line-height letter-spacing word-spacing margin"
    " margin-top margin-left padding padding-top text-indent max-width width height max-height"
    " transform clip-path float border outline box-shadow text-shadow text-decoration direction"
    " z-index unicode-bidi white-space vertical-align font-family content filter inset top left"
    " gap border-width text-align word-break zoom columns translate scale mask border-radius"
    " overflow list-style"
).split()
VALUES = (
    "#fff #000 white black #222 #1e1d1b #fffefb #888 teal gold transparent currentcolor inherit"
    " initial unset var(--mine) var(--dw-ground) rgb(0,0,0,.04) #ffffff10 none block inline flex"
    " contents absolute relative fixed static hidden visible 0 1 0.1 1px 3px 0.2em 0.5em 0.9em 1em"
    " 2em 3em 9em 99em -1em -99em 1% 50% 90% 150% 300% 0.01vw 100vw calc(1em-9em) 1.2 3 auto rtl"
    " bidi-override nowrap top serif Wingdings larger smaller x-small solid underline center 3 'x'"
    " break-all linear-gradient(#222,#222) 1px_solid_#fff 2em_solid 0_0_1em_#fff inset_0_0_9em_#000"
).split()


def sheets(chance: random.Random) -> Iterator[str]:
    """Sheets by chance that check lets pass, none of them empty."""

    def passes(text: str) -> bool:
        return next(wrong_with_covering(Source("style.css", text), {"word"}), None) is None

    while True:
        kept = ""
        for _ in range(60):
            names = chance.sample(NAMES, chance.choice((1, 1, 2)))
            name = chance.choice((", ", " ", " > ", " ~ ")).join(names)
            value = chance.choice(VALUES).replace("_", " ")
            rule = f"{name} {{ {chance.choice(PROPERTIES)}: {value} }}\n"
            if chance.random() < 0.1:
                rule = f"@media (width < {chance.choice((1, 9999))}px) {{ {rule.strip()} }}\n"
            kept += rule if passes(kept + rule) else ""
        if kept:
            yield kept


@pytest.fixture(scope="module", params=[DAY, NIGHT], ids=["day", "night"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Reviewer]:
    with reviewer(chromium, body=request.param) as shown:
        yield shown


def unseen(page: Reviewer, sheet: str) -> list[str]:
    page.show(f"<style>{BASIC.css}\n{sheet}</style>{CARD}")
    found: list[str] = page.evaluate(SEEN)
    return found


@pytest.mark.browser
def test_a_card_without_a_style_of_its_own_is_seen(page: Reviewer) -> None:
    assert unseen(page, "") == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "sheet",
    [
        ".dw-report { position: fixed; left: -99em }",
        "p { color: #fffefb; background: #fffefb }",
        ".dw-answer { font-size: 1px }",
        "body { opacity: 0 }",
        ".dw-prompt { position: absolute; inset: 0; height: 999em; background: gold }",
    ],
)
def test_what_hides_a_card_is_seen(sheet: str, page: Reviewer) -> None:
    assert unseen(page, sheet)


@pytest.mark.browser
@pytest.mark.parametrize("formula", [r"\tag{a}", r"\hskip100em x", r"\begin{align}x\end{align}"])
def test_no_formula_ends_the_page(formula: str, page: Reviewer) -> None:
    """Chromium 150 ended it here with ``text-wrap: pretty``, and with ``balance``."""
    page.show(
        f"<style>{BASIC.css}</style>"
        rf"<div class=dw-answer><b><b>\({formula}\)</b><wbr> [a</b></div>"
    )
    assert page.evaluate("document.querySelectorAll('mjx-container').length") == 1


@pytest.mark.browser
def test_a_card_can_be_read_whatever_passes(page: Reviewer) -> None:
    for sheet in islice(sheets(random.Random(16)), int(20 * SHARE)):
        if found := unseen(page, sheet):
            pytest.fail(f"{found[0]} with:\n{smallest(page, sheet)}")


def smallest(page: Reviewer, sheet: str) -> str:
    """The rules of a sheet without which all would be seen."""
    rules = sheet.splitlines(keepends=True)
    for rule in [*rules]:
        fewer = [one for one in rules if one is not rule]
        rules = fewer if unseen(page, "".join(fewer)) else rules
    return "".join(rules)
