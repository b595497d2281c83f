"""The numbers of lists show whole, wherever a list is, and ordinary lists line up."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from anki.collection import Collection
from playwright.sync_api import Browser

from tests.browser import ANDROID_NIGHT, DAY, NIGHT, Reviewer, reviewer
from tests.note_types.test_look import add_note_type, render

MARKERS = Path(__file__).parent / "look" / "_markers.js"
READERS = {
    "phone": (DAY, 390),
    "android": (ANDROID_NIGHT, 390),  # where the page has no margin
    "desk": (NIGHT, 1280),
}


def numbered(start: int, *items: str) -> str:
    """A list as Markdown makes it."""
    begin = "<ol>" if start == 1 else f'<ol start="{start}">'
    return begin + "".join(f"<li>{item}</li>" for item in items) + "</ol>"


def tabled(*cells: str) -> str:
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<div class="table"><table><tbody><tr>{row}</tr></tbody></table></div>'


LONG = "The reactor was two years old when it burned, and its town was emptied on the day after."
LISTS = "".join(
    (
        numbered(1, *"aaaaaaaaaaaa"),
        numbered(0, "a"),
        numbered(8, *"aaa"),
        numbered(9, *"aa"),
        numbered(10, "a"),
        numbered(99, *"aa"),
        numbered(1986, "<p>a</p>", "<p>a</p>"),
        numbered(12_345, "a"),
        numbered(123_456_789, "a"),
        numbered(999_999_998, "<p>a</p><p>a</p>", "<p>a</p>"),
        '<ol><li>a</li><li value="1986">a</li><li>a</li></ol>',
    )
)
HEBREW = LISTS.replace(">a<", ">א<")
NUMBERS = 30
PLACES = {
    "an answer": LISTS,
    "bullets": f"<ul><li>a{LISTS}</li></ul>",
    "three levels": f"<ol><li>a<ul><li>b<ol><li>c{LISTS}</li></ol></li></ul></li></ol>",
    "years": f'<ol start="1986"><li>a{LISTS}</li></ol>',
    "a quote": f"<blockquote>{LISTS}</blockquote>",
    "a table": tabled(LISTS, "a"),
    "a second column": tabled("a", LISTS),
    "right to left": f'<div dir="rtl">{HEBREW}</div>',
    "right to left, a quote": f'<blockquote dir="rtl">{HEBREW}</blockquote>',
    "right to left, bullets": f'<ul dir="rtl"><li>א{HEBREW}</li></ul>',
    "right to left, a table": f'<div dir="rtl">{tabled(HEBREW, "א")}</div>',
}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    opened = Collection(str(tmp_path_factory.mktemp("markers") / "collection.anki2"))
    add_note_type(opened, "basic")
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=READERS)
def anki(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Reviewer]:
    body, width = READERS[request.param]
    with reviewer(chromium, body=body, width=width) as opened:
        opened.evaluate(MARKERS.read_text(encoding="utf-8"))
        yield opened


def show(anki: Reviewer, collection: Collection, back: str, why: str = "") -> None:
    fields = {"Front": "When?", "Back": back, "Why": why, "Id": "markers"}
    [_, answer] = render(collection, fields)
    anki.show(answer.html)


def cut(anki: Reviewer) -> list[str]:
    """The numbers on show that have less ink, or more, than they have by themselves."""
    regions = anki.evaluate("regions()")
    assert len(regions) >= NUMBERS
    picture = base64.b64encode(anki.page.screenshot(full_page=True)).decode()
    boxes = [region[where] for region in regions for where in ("beside", "alone")]
    widths = anki.evaluate(
        "([picture, boxes]) => inkWidths(picture, boxes)",
        [f"data:image/png;base64,{picture}", boxes],
    )
    anki.evaluate("document.querySelectorAll('.probe').forEach((probe) => probe.remove())")
    assert min(widths[1::2]) > 5, "numbers by themselves are not seen"
    return [
        f"{region['number']}.: {width} of {whole}"
        for region, width, whole in zip(regions, widths[::2], widths[1::2], strict=True)
        if abs(width - whole) > 2
    ]


@pytest.mark.browser
@pytest.mark.parametrize("place", PLACES)
def test_numbers_show_whole(anki: Reviewer, collection: Collection, place: str) -> None:
    show(anki, collection, PLACES[place])
    assert cut(anki) == []


@pytest.mark.browser
def test_numbers_show_whole_in_small_print(anki: Reviewer, collection: Collection) -> None:
    show(anki, collection, "1986.", why=LISTS)
    assert cut(anki) == []


@pytest.mark.browser
def test_no_number_makes_the_page_scroll(anki: Reviewer, collection: Collection) -> None:
    show(anki, collection, "".join(PLACES.values()), why=LISTS)
    assert anki.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_the_text_of_ordinary_lists_lines_up(anki: Reviewer, collection: Collection) -> None:
    short = numbered(1, "a", LONG * 3), f"<ul><li>a</li><li>{LONG * 3}</li></ul>"
    show(anki, collection, "".join((*short, numbered(3, "a", LONG * 3), numbered(9, LONG * 3))))
    lefts = [item["lefts"] for items in anki.evaluate("lines()") for item in items]
    assert len(lefts) == 7
    [[left]] = {tuple(each) for each in lefts}
    size, edge = anki.evaluate(
        """[parseFloat(getComputedStyle(document.querySelector("#qa li")).fontSize),
            document.querySelector("#qa ol").getBoundingClientRect().left]"""
    )
    assert left - edge == pytest.approx(1.4 * size, abs=1)


@pytest.mark.browser
def test_the_text_of_twelve_items_lines_up(anki: Reviewer, collection: Collection) -> None:
    show(anki, collection, numbered(1, *"abcdefghijk", LONG * 3))
    [items] = anki.evaluate("lines()")
    assert len(items) == 12
    assert len({left for item in items for left in item["lefts"]}) == 1


@pytest.mark.browser
def test_wide_numbers_leave_loose_lists_loose(anki: Reviewer, collection: Collection) -> None:
    items = "<p>a</p>", "<p>b</p><p>c</p>", "<p>d</p>"
    show(anki, collection, "".join(numbered(start, *items) for start in (1, 9, 1986)))
    tops = [[item["top"] for item in each] for each in anki.evaluate("lines()")]
    steps = [[round(low - high) for high, low in pairwise(each)] for each in tops]
    assert len(steps[0]) == 2
    assert steps == [steps[0]] * 3
