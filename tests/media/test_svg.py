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
