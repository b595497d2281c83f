"""Drawings: what draws passes, what runs, loads, hides or never ends is named."""

from __future__ import annotations

import time
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from deckwright.media.formats import PICTURES, check
from deckwright.media.library import BAD_PICTURE
from deckwright.model import Problem

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
FIGURE = Path(__file__).parent / "samples" / "figure.svg"


def checked(data: bytes) -> bytes | Problem:
    return check(data, PICTURES[-1], BAD_PICTURE)


def drawing(inner: str, more: str = "") -> bytes:
    return f"<svg {SVG} {more}>{inner}</svg>".encode()


def test_a_figure_of_matplotlib_passes() -> None:
    figure = FIGURE.read_bytes()
    assert b"xlink:href" in figure
    assert b"<style" in figure
    assert b"url(#" in figure
    found = checked(figure)
    assert isinstance(found, bytes)
    assert checked(found) == found


EDITORS = sorted((Path(__file__).parent / "drawings").glob("*.svg"))


@pytest.mark.parametrize("path", EDITORS, ids=lambda path: path.stem)
def test_what_editors_export_passes_without_what_only_they_read(path: Path) -> None:
    found = checked(path.read_bytes())
    assert isinstance(found, bytes), found
    for word in (b"<!", b"metadata", b"inkscape", b"sodipodi", b"rdkit", b"content=", b"foreign"):
        assert word not in found.replace(b"-inkscape-", b""), word
    assert checked(found) == found, "a copy of the copy is the same"


@pytest.mark.browser
@pytest.mark.parametrize("path", EDITORS, ids=lambda path: path.stem)
def test_the_packaged_copy_looks_the_same(path: Path, chromium: Browser, tmp_path: Path) -> None:
    found = checked(path.read_bytes())
    assert isinstance(found, bytes)
    (tmp_path / "copy.svg").write_bytes(found)
    page = chromium.new_page(viewport={"width": 600, "height": 500})
    try:
        shots = []
        for file in (path, tmp_path / "copy.svg"):
            page.set_content("<img>")
            data = b64encode(file.read_bytes()).decode()
            page.evaluate(
                "data => { const one = document.querySelector('img');"
                " one.src = 'data:image/svg+xml;base64,' + data; return one.decode() }",
                data,
            )
            shots.append(page.screenshot())
        if path.stem != "drawio":  # whose words are HTML in the original
            assert shots[0] == shots[1]
        assert len(set(Image.open(BytesIO(shots[1])).convert("L").tobytes())) > 2, "something shows"
    finally:
        page.close()


@pytest.mark.parametrize(
    "inner",
    [
        "<title>c</title><desc>d</desc><circle cx='4' cy='4' r='3' fill='red'/>",
        "<path d='M0 0L1,1z' style='fill:none;stroke:#000;stroke-width:2px'/>",
        "<style>*{stroke-linejoin: round; stroke-linecap: butt}</style>",
        "<style type='text/css'><![CDATA[.a > text:first-child, #b{fill:rgb(1, 2, 3)}]]></style>",
        "<defs><g id='a'/></defs><use href='#a' x='5'/><use xlink:href='#a'/>",
        "<radialGradient id='g'><stop offset='5%' stop-color='red'/></radialGradient>",
        "<g id='g'/><rect fill='url(#g)' style=\"stroke: url('#g')\" width='9' height='9'/>",
        "<text font-family=\"'DejaVu Sans', serif\" transform='rotate(-90 1.5e-3,2)'>5 µm</text>",
        "<g style=\"-inkscape-font-specification:'Sans, Normal'\"/>",
        "<text xml:space='preserve'>&lt;script&gt; &amp; &#233;</text>",
    ],
)
def test_what_draws_passes(inner: str) -> None:
    data = drawing(inner, 'width="10cm" height="50%" viewBox="0 0 9 9"')
    assert checked(data) == data


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<g><script href='x.js'/></g>",
        "<h:script xmlns:h='http://www.w3.org/1999/xhtml'>alert(1)</h:script>",
        "<foreignObject><p>x</p></foreignObject>",
        "<switch><foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject></switch>",
        "<switch><a href='javascript:alert(1)'><text>x</text></a></switch>",
        "<switch><a><text>x</text></a><text>y</text></switch>",
        "<rect requiredExtensions='urn:no' width='9' height='9'/>",
        "<g style='--m: url(#a)'/>",
        "<image href='https://tracker.invalid/x.png'/>",
        "<image href='data:image/png;base64,AAAA'/>",
        "<feImage href='#a'/>",
        "<a href='https://example.org'><text>x</text></a>",
        "<a href='javascript:alert(1)'/>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onclick' to='x'/>",
        "<animateTransform/>",
        "<handler/>",
        "<iframe/>",
        "<g onload='alert(1)'/>",
        "<g ONLOAD='alert(1)'/>",
        "<g xml:base='https://tracker.invalid/'/>",
        "<use href='https://tracker.invalid/x.svg#a'/>",
        "<use xlink:href='//tracker.invalid/x.svg#a'/>",
        "<use href='x.svg#a'/>",
        "<use href='data:image/svg+xml,x#a'/>",
        "<use href=' #a'/>",
        "<path fill='url(https://tracker.invalid/)'/>",
        "<path fill='url( //tracker.invalid/#a)'/>",
        "<path fill='UrL(x)'/>",
        "<path fill='u\\72l(x)'/>",
        "<path fill='image-set(\"x\" 1x)'/>",
        "<path cursor='url(#a)'/>",
        "<path style='fill: url(x)'/>",
        "<path style='fill: u/**/rl(x)'/>",
        "<path style='fill: \\75rl(x)'/>",
        "<path style='fill:red;behavior:url(#a)'/>",
        "<path style='fill: expression(alert(1))'/>",
        "<path style='-moz-binding: url(#a)'/>",
        "<path style='font-family: \"a;b\"'/>",
        "<style>@import url(https://tracker.invalid/x.css);</style>",
        "<style>@font-face{font-family:x;src:url(x)}</style>",
        "<style>a{fill:url(https://tracker.invalid/)}</style>",
        "<style>a{fill:red}@import 'x';</style>",
        "<style>a[href^='x']{fill:red}</style>",
        "<style>/* */@import 'x';/* */</style>",
        '<style>a{font-family:"/*"}@import "x";b{font-family:"*/"}</style>',
        "<style><g>@import 'x'</g></style>",
        "<style href='#a'/>",
        "<?xml-stylesheet href='x.css'?>",
        "<text>\u202egnp</text>",
        "<text>&#x202e;gnp</text>",
        "<text>a&#8238;gnp</text>",
        "<g id='&#x202e;'/>",
        "<title>&#xfdd0;</title>",
        "<style>g{transform:scale(1000)}</style>",
        "<style>g ~ rect{fill:red}</style>",
        "<style>g:has(rect){fill:red}</style>",
    ],
)
def test_what_does_more_than_draw_is_refused(inner: str) -> None:
    found = checked(drawing(inner))
    assert isinstance(found, Problem)
    assert found.fix


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1"]
)
def test_only_utf_8_is_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><svg {SVG}><text>é</text></svg>'
    data = text.encode(encoding)
    for one in (data, data.removeprefix(b"\xff\xfe"), text.encode()):
        assert isinstance(checked(one), Problem)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg>",
        b"<svg></svg>",
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        drawing("<g>"),
        drawing("&nbsp;"),
        drawing("\x00"),
        drawing("") + drawing(""),
        drawing("", 'width="0" height="5"'),
        drawing("", 'viewBox="0 0 0 0"'),
        drawing("", 'width="99999" height="99999"'),
        drawing("", 'a="1" a="2"'),
        b"\x1f\x8b\x08\x00",
        b'<!DOCTYPE svg SYSTEM "https://tracker.invalid/x.dtd">' + drawing("<text>&x;</text>"),
        b'<!DOCTYPE svg SYSTEM "https://tracker.invalid/x.dtd">' + drawing("<g fill='&x;red'/>"),
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + drawing("&x;"),
        b'<!DOCTYPE svg [<!ENTITY % x SYSTEM "https://tracker.invalid/"> %x;]>' + drawing(""),
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + drawing("&b;"),
    ],
)
def test_what_is_no_drawing_is_reported(data: bytes) -> None:
    found = checked(data)
    assert isinstance(found, Problem)
    assert found.fix


@pytest.mark.parametrize(
    "inner",
    [
        "<g>" * 101 + "</g>" * 101,
        "<g/>" * 100_001,
        "<g id='a'><use href='#a'/></g>",
        "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>",
        "<pattern id='p'><rect fill='url(#p)'/></pattern>",
        "<g id='a0'/>"
        + "".join(f"<g id='a{n}'>{f'''<use href='#a{n - 1}'/>''' * 10}</g>" for n in range(1, 11)),
        "<g id='a0'/>"
        + "".join(f"<g id='a{n}'><use href='#a{n - 1}'/></g>" for n in range(1, 500))
        + "<use href='#a499'/>",
        "".join(
            f"<pattern id='p{n}'>{f'''<rect style='fill:url(#p{n + 1})'/>''' * 10}</pattern>"
            for n in range(10)
        ),
    ],
)
def test_a_drawing_without_end_is_refused(inner: str) -> None:
    assert isinstance(checked(drawing(inner)), Problem)


def points(number: int, step: float = 7) -> str:
    """A line to and fro over the whole drawing."""
    return " ".join(f"{n * step % 400:.1f},{n * step * 3 % 300:.1f}" for n in range(number))


def wave(number: int) -> str:
    """A line as a plot has it."""
    return " ".join(f"{n * 400 / number:.2f},{150 + 40 * (n * 7919 % 5)}" for n in range(number))


VIEW = 'viewBox="0 0 400 300" width="800" height="600"'
FULL = "width='400' height='300'"
MARKER = "<marker id='m'><circle r='2'/></marker>"
CIRCLE = "<circle r='99' fill='#fff'/>"
SLOW = {
    "markers": f"{MARKER}<polyline marker-mid='url(#m)' points='{points(20_000)}'/>",
    "markers of a style": f"{MARKER}<polyline style='marker:url(#m)' points='{points(20_000)}'/>",
    "markers of a group": f"{MARKER}<g marker-end='url(#m)'>"
    f"<polyline points='{points(20_000)}'/></g>",
    "markers of what is used": f"{MARKER}<defs><path id='p' d='M{points(20_000)}'/></defs>"
    "<use href='#p' marker-mid='url(#m)'/>",
    "large markers": "<marker id='m' overflow='visible'><circle r='900'/></marker>"
    f"<polyline marker-mid='url(#m)' points='{points(900)}'/>",
    "lines": f"<polyline fill='none' stroke='red' points='{points(40_000, 160.1)}'/>",
    "far curves": f"<path stroke='red' d='M0 0{'C400 300 0 300 400 0' * 9_000}'/>",
    "far curves made large": "<g transform='scale(1e4)'><path stroke='red' d='M0 0"
    f"{'C.04 .03 0 .03 .04 0' * 9_000}'/></g>",
    "curves made large by a use": f"<defs><path id='p' d='M0 0{'C.04 .03 0 .03 .04 0' * 9_000}'/>"
    "</defs><use href='#p' transform='matrix(9999 0 0 9999 0 0)'/>",
    "wide lines": "<path stroke='red' stroke-width='1000000' d='M1 1L2 2 3 1'/>" * 9_000,
    "wide lines of a group": "<g stroke-width='1000000' stroke='red'>"
    + "<path d='M1 1L2 2 3 1'/>" * 9_000
    + "</g>",
    "wide lines of a style": "<style>path{stroke:red;stroke-width:1000000}</style>"
    + "<path d='M1 1L2 2 3 1'/>" * 9_000,
    "letters": f"<text>{'a' * 100_000}</text>",
    "letters of spans": "<text>" + "<tspan>abcdefghij</tspan>" * 10_000 + "</text>",
    "letters on a path": "<path id='p' d='M0 0L9 9'/>"
    f"<text><textPath href='#p'>{'a' * 100_000}</textPath></text>",
    "letters that are used": f"<text id='t'>{'a' * 1_000}</text>" + "<use href='#t'/>" * 100,
    "clips": f"<clipPath id='c'>{CIRCLE * 50}</clipPath>"
    + f"<rect clip-path='url(#c)' {FULL}/>" * 2_000,
    "masks": f"<mask id='c'>{CIRCLE}</mask>" + f"<rect mask='url(#c)' {FULL}/>" * 2_000,
    "patterns": f"<pattern id='c' width='.1' height='.1'>{CIRCLE}</pattern>"
    + f"<rect fill='url(#c)' {FULL}/>" * 2_000,
    "gradients": "<linearGradient id='c'><stop/><stop offset='1'/></linearGradient>"
    + f"<rect style='fill:url(#c)' {FULL}/>" * 2_000,
    "stops": "<linearGradient id='c'>" + "<stop/>" * 110_000 + "</linearGradient>",
    "layers": f"<g opacity='.5'><rect {FULL}/><rect {FULL}/></g>" * 3_000,
    "mixing": f"<rect style='mix-blend-mode:multiply' {FULL}/>" * 3_000,
    "dashes": "<path stroke='red' stroke-dasharray='.001' d='M0 0L400 300'/>" * 99,
    "dashes of a group": "<g stroke='red' stroke-dasharray='.001'>"
    + f"<rect {FULL}/>" * 99
    + "</g>",
    "dashes of a style": "<style>.a{stroke-dasharray:.001}</style>" + f"<rect {FULL}/>" * 99,
    "dashes in per cent": "<circle r='300' stroke-dasharray='.0001%'/>" * 99,
    "dashes by a length": "<circle r='300' stroke-dasharray='9' pathLength='9e9'/>" * 99,
    "rules": "<style>" + "g g{fill:red}" * 2_000 + "</style>" + "<g/>" * 2_000,
    "no number": "<circle r='1e999'/>",
}


@pytest.mark.parametrize("inner", SLOW.values(), ids=SLOW)
def test_a_drawing_that_a_browser_draws_for_long_is_refused(inner: str) -> None:
    found = checked(drawing(inner, VIEW))
    assert isinstance(found, Problem)
    assert "too much to draw" in found.what


GLYPH = "M 34 66 Q 24 70 24 55 L 12 3 Q 20 -10 34 -1 z" * 3
USUAL = {
    "a plot of a noisy line": f"<path d='M{wave(10_000)}' style='fill:none;stroke:#1f77b4;"
    "stroke-width:1.5;stroke-dasharray:5.55,2.4'/>",
    "points of matplotlib": "<defs><path id='m' d='M0 3C.8 3 1.5 2.7 2.1 2.1z'/>"
    "<clipPath id='p'><rect x='57' y='41' width='257' height='201'/></clipPath></defs>"
    + "<g clip-path='url(#p)'><use xlink:href='#m' x='99' y='99'/></g>"
    * 1_500,
    "words of matplotlib": f"<defs><path id='D' d='{GLYPH}' transform='scale(0.015625)'/></defs>"
    + "<g transform='translate(9 9) scale(0.1 -0.1)'><use xlink:href='#D'/></g>" * 3_000,
    "a sheet of Illustrator": "<style>.st0{fill:none;stroke:#000;stroke-dasharray:4,4}"
    + "".join(f".st{n}{{fill:red;stroke-width:2}}" for n in range(1, 60))
    + "</style>"
    + "<path class='st0' d='M12.3,4.5c1,2,3,4,5,6l7,8'/>" * 2_000,
    "a graph of arrows": "<marker id='a' viewBox='0 0 10 10' refX='5' markerWidth='6'"
    " orient='auto'><path d='M0 0L10 5L0 10z'/></marker>"
    + "<path d='M10,20C90,20 90,80 160,80' stroke='#000' marker-end='url(#a)'/>"
    * 300,
    "an icon with gradients": "<linearGradient id='g'><stop/><stop offset='1'/></linearGradient>"
    + "<path fill='url(#g)' d='M10 20C9 20 9 8 16 8z' opacity='.5'/>" * 500,
    "a map": f"<path d='M{wave(200)}z' fill='#eee' stroke='#999'/>" * 100,
    "a page of words": "<text x='9' y='20' font-size='12'>A line of words, as it is</text>" * 900,
}


@pytest.mark.parametrize("inner", USUAL.values(), ids=USUAL)
def test_a_large_drawing_of_the_usual_kind_passes(inner: str) -> None:
    assert isinstance(checked(drawing(inner, VIEW)), bytes)


NEARLY = {
    "markers": f"{MARKER}<polyline marker-mid='url(#m)' points='{points(15_000)}'/>",
    "lines": f"<polyline fill='none' stroke='red' points='{points(8_000, 160.1)}'/>",
    "curves": f"<path stroke='red' fill='none' d='M0 0{'C400 300 0 300 400 0' * 1_500}'/>",
    "wide lines": "<path stroke='red' stroke-width='1000000' d='M1 1L2 2 3 1'/>" * 3_500,
    "letters": f"<text>{'a' * 75_000}</text>",
    "letters on a path": "<path id='p' d='M0 0L9 9'/>"
    f"<text><textPath href='#p'>{'a' * 75_000}</textPath></text>",
    "masks": f"<mask id='c'>{CIRCLE}</mask>" + f"<rect mask='url(#c)' {FULL}/>" * 600,
    "gradients": "<radialGradient id='c'><stop/><stop offset='1'/></radialGradient>"
    + f"<rect style='fill:url(#c)' {FULL}/>" * 900,
    "dashes": "<path stroke='red' stroke-dasharray='.1' d='M0 0L400 300'/>" * 50,
    "layers": f"<g opacity='.5'><rect {FULL}/><rect {FULL}/></g>" * 700,
}


@pytest.mark.browser
@pytest.mark.parametrize("inner", NEARLY.values(), ids=NEARLY)
def test_what_nearly_is_too_much_is_drawn_in_seconds(inner: str, chromium: Browser) -> None:
    data = drawing(inner, VIEW)
    assert checked(data) == data
    page = chromium.new_page(viewport={"width": 820, "height": 640})
    page.set_default_timeout(20_000)
    try:
        page.set_content("<img width=800>")
        page.evaluate(
            "data => { const one = document.querySelector('img');"
            " one.src = 'data:image/svg+xml;base64,' + data; return one.decode() }",
            b64encode(data).decode(),
        )
        page.screenshot(timeout=20_000)
    finally:
        page.close()


@pytest.mark.parametrize(
    "inner",
    [
        f"<path d='{'M 1 2 ' * 800_000}'/>",
        f"<g style='{'fill:a;' * 700_000}'/>",
        f"<g style='fill:{'rgb(' * 1_000_000}'/>",
        f"<g style='fill:{'a ' * 2_000_000}('/>",
        f"<g fill='{'url( ' * 900_000}'/>",
        f"<style>{'a ' * 2_000_000}</style>",
        f"<style>{'a{}' * 1_500_000}</style>",
        "<g " + " ".join(f"data-{n}='x'" for n in range(300_000)) + "/>",
    ],
    ids=["path", "style", "functions", "words", "urls", "selector", "rules", "attributes"],
)
def test_the_largest_drawing_takes_little_time(inner: str) -> None:
    started = time.process_time()
    checked(drawing(inner))
    assert time.process_time() - started < 10
