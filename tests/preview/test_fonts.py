"""The fonts that a page embeds are those that a real browser draws its formulas with."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from deckwright.compile import compile_deck
from deckwright.mathjax.commands import TEXTS, arguments, names, takes_delimiter
from deckwright.note_types.sides import of_card
from deckwright.preview import fonts
from deckwright.preview.fonts import families, files
from tests.browser import FONTS, reviewer
from tests.formulas.corpus import rows
from tests.fuzz.harness import SHARE
from tests.rendering.golden import SOURCES, deck_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
ALL = tuple(files())
LEAVES = re.compile(
    r"def|let|(?:re)?new|provide|require|declare|mathtoolsset|usetag", re.IGNORECASE
)
"""Commands after which those of other formulas mean something else."""
FONT = re.compile(
    "(?:math|sym)(?:bb|bf|cal|frak|it|normal|rm|scr|sf|tt|up).*"
    "|[Bb]bb?.*|bf|boldsymbol|cal|frak|it|mit|oldstyle|operatorname|pmb|rm|scr|sf|tt"
    f"|{'|'.join(TEXTS)}"
)
LETTERS = r"aB1\alpha\Gamma\infty"
TOGETHER = 40
"""How many texts are typeset at once."""


def delimited(tex: str) -> Iterator[str]:
    """A formula in a line, and by itself, as HTML."""
    yield f"<p>\\({escape(tex, quote=False)}\\)</p>"
    yield f"<p>\\[{escape(tex, quote=False)}\\]</p>"


def corpus() -> Iterator[str]:
    for tex in share((row.tex for row in rows() if not row.bad), 2):
        yield from delimited(tex)


def deck() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        found = compile_deck(deck_of(Path(folder), SOURCES)).deck
    assert found
    kinds = {one.kind: one for one in found.types}
    for note in found.notes:
        for ordinal in note.ordinals:
            made = of_card(note, kinds[note.kind], ordinal)
            assert made
            yield from (made.question, made.answer)


def rare() -> Iterator[str]:
    """What leads to a font that few formulas need, or to none that can be known."""
    for line in (HERE / "fonts.txt").read_text(encoding="utf-8").splitlines():
        yield from delimited(line)


def each_font() -> Iterator[str]:
    """The commands for another font with letters of all kinds, also in bold, and as a switch."""
    for name in share(filter(FONT.fullmatch, names("macros")), 2):
        for tex in (of_command(name), rf"\boldsymbol{{{of_command(name)}}}", rf"\{name} {LETTERS}"):
            yield from delimited(tex)


def each_command() -> Iterator[str]:
    """The other commands; a share of them in ``make test``."""
    others = (one for one in names("macros") if not FONT.fullmatch(one) and not LEAVES.match(one))
    for name in share(others, 20):
        yield from delimited(of_command(name))


def share(found: Iterable[str], parts: int) -> list[str]:
    """Some of them, evenly spread: all in ``make test-all``."""
    return sorted(found)[:: max(1, round(parts / SHARE))]


def of_command(name: str) -> str:
    delimiter = "(" if takes_delimiter(name) else ""
    return f"\\{name}{delimiter}" + f"{{{LETTERS}}}" * max(1, arguments(name))


def each_environment() -> Iterator[str]:
    for name in share(names("environments"), 2):
        argument = "{cc}" if "array" in name else "{2}" if "at" in name else ""
        yield from delimited(
            rf"\begin{{{name}}}{argument}x&y\\\frac{{\frac ab}}{{c}}\end{{{name}}}"
        )


@pytest.mark.browser
@pytest.mark.parametrize("source", [corpus, deck, rare, each_font, each_command, each_environment])
def test_no_font_is_missing_that_a_browser_asks_for(
    source: Callable[[], Iterator[str]],
    chromium: Browser,
    record_property: Callable[[str, object], None],
) -> None:
    texts = [*dict.fromkeys(source())]
    families(texts)  # proven all together, and found in the cache from here on
    counted: Counter[str] = Counter()
    with reviewer(chromium) as page:
        page.page.add_script_tag(path=HERE / "_fonts.js")
        for start in range(0, len(texts), TOGETHER):
            some = texts[start : start + TOGETHER]
            for text, asked in zip(some, page.evaluate("fontsOf", some), strict=True):
                named = families([text])
                assert {*asked} & {*ALL} <= {*named}, text
                counted.update(texts=1, asked=len(asked), named=len(named), every=named == ALL)
    assert counted["asked"] > counted["texts"] / 2
    for what, number in counted.items():
        record_property(what, number)


def test_a_text_without_a_formula_needs_no_font() -> None:
    assert families([]) == ()
    assert families(["<p>(x) [y] $z$ \\frac</p>", '<img alt="x">']) == ()


def test_only_what_is_needed_is_named() -> None:
    assert families(["\\(1\\)"]) == ("MJXZERO", "MJXTEX")
    assert families(["<p>\\(x &lt; 1\\)</p>"]) == ("MJXZERO", "MJXTEX", "MJXTEX-I")
    assert families([r"\(1\)", r"\[\mathfrak{g}\]"]) == ("MJXZERO", "MJXTEX", "MJXTEX-FR")
    assert families([r"\(1\\\mathfrak{g}<br>2\)"]) == ("MJXZERO", "MJXTEX", "MJXTEX-FR")
    assert families(["&#92;(\\mathtt{x}&bsol;)"]) == ("MJXZERO", "MJXTEX", "MJXTEX-T")


@pytest.mark.parametrize(
    "text",
    [
        r"\(\frac{1\)",
        r"\(1 <b>2</b>\)",
        r"\(1 <!-- 2 -->\)",
        r'<img alt="\("> \(\mathfrak{g}\)',
        r"\(1 + 1",
        r"\(\text{\(1\)} \mathfrak{g}\)",
        r"\(\class{TEX-FR}{x}\)",
        r"\(\unicode[MJXTEX-FR]{65}\)",
        r"\(\require{nothing}\)",
    ],
)
def test_what_is_not_plain_may_need_any_font(text: str) -> None:
    assert families([r"\(1\)", text]) == ALL


def test_without_an_engine_any_font_may_be_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "quickjs", None)
    assert families([r"\(1 + 2 + 3 + 4 + 5\)"]) == ALL
    assert families(["no formula"]) == ()


def test_a_formula_that_takes_too_long_may_need_any_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_SECONDS", 0.0)
    assert families([r"\(1 + 2 + 3 + 4 + 6\)"]) == ALL


def test_each_family_has_its_file() -> None:
    assert len(ALL) == 22
    assert {one.name for one in FONTS.glob("*.woff")} >= {*files().values()}
