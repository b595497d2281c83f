"""What the engine says of formulas, beside what a real Anki was seen to do with them."""

from __future__ import annotations

import csv
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deckwright.mathjax import engine as engine_module
from deckwright.mathjax import prove as prove_module
from deckwright.mathjax.engine import (
    THREAD_STACK,
    Engine,
    EngineMissing,
    Typeset,
    Verdict,
    identity,
)
from deckwright.mathjax.prove import prove

CORPUS = Path(__file__).parent.parent / "formulas" / "corpus.tsv"
DISAGREE = {
    "L320": "an error of the answer side only, where the label is a second time",
    "L323": "an error of the answer side only, where the label is a second time",
}
"""Where the engine says something else than Anki does, and why."""


def corpus() -> list[dict[str, str]]:
    with CORPUS.open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    assert len(rows) > 200
    return rows


ROWS = corpus()


def formula(row: dict[str, str]) -> Typeset:
    return Typeset(row["tex"].replace("␤", "\n"), row["mode"] == "display")


def status(verdict: Verdict) -> str:
    """A verdict in the words of the corpus."""
    if not verdict.delimited:
        return "raw"
    if verdict.error:
        return "error"
    return "undefined" if verdict.undefined else "ok"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


Ask = Callable[..., Verdict]


@pytest.fixture
def ask(engine: Engine) -> Ask:
    def asked(tex: str, *, display: bool = False) -> Verdict:
        return engine.prove([Typeset(tex, display)])[0]

    return asked


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECKWRIGHT_CACHE", str(tmp_path / "cache"))


# The corpus


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_it_says_of_a_formula_what_anki_does_with_it(row: dict[str, str], engine: Engine) -> None:
    verdict = engine.prove([formula(row)])[0]
    assert (status(verdict) == row["gt_status"]) is (row["id"] not in DISAGREE), verdict
    if row["gt_status"] == "error" and row["id"] not in DISAGREE and verdict.error_id != "Internal":
        assert verdict.error == row["gt_message"]
    if row["gt_status"] == "undefined":
        assert [f"\\{name}" for name in verdict.undefined] == row["gt_message"].split()
    if row["offset_hint"] and verdict.error:
        assert verdict.at == int(row["offset_hint"])
    assert bool(verdict.raw) is ("rawtext" in row["flags"] or row["tex"] == r"\ref{eq1}")
    assert verdict.breaks is ("nolinebreak" in row["flags"] or row["tex"] == r"\newline")


def test_no_formula_leaves_a_trace_in_the_next(engine: Engine) -> None:
    formulas = [formula(row) for row in ROWS]
    forwards = engine.prove(formulas)
    backwards = engine.prove(formulas[::-1])[::-1]
    assert forwards == backwards


@pytest.mark.parametrize(
    "before",
    [
        r"\def\foo{x}",
        r"\newcommand{\foo}{x}",
        r"\let\foo=x",
        r"\DeclareMathOperator{\foo}{foo}",
        r"\DeclarePairedDelimiter\foo{(}{)}",
        r"\Newextarrow{\foo}{5,5}{8594}",
        r"\definecolor{foo}{rgb}{1,0,0}",
        r"\unicode[url(foo)]{x2603}",
        r"\require{physics}",
        r"a \label{foo} \tag{1}",
        r"\begin{align} a",
        r"\mathtoolsset{showonlyrefs}",
    ],
)
def test_neither_macros_nor_fonts_nor_labels_outlive_their_formula(before: str, ask: Ask) -> None:
    after = (r"\foo{a}{b}", r"\color{foo}x", r"\unicode{x2603}", r"\qty(x)", r"\ref{foo}")
    alone = [ask(tex) for tex in after]
    ask(before, display=True)
    assert [ask(tex) for tex in after] == alone


# What a verdict says


def test_a_sound_formula_has_nothing_but_a_width_and_fonts(ask: Ask) -> None:
    verdict = ask(r"\frac{a}{b}")
    assert verdict == Verdict(width=verdict.width, fonts=("I",))
    assert 0.5 < verdict.width < 1


def test_undefined_names_come_in_the_order_of_the_formula_and_once(ask: Ask) -> None:
    assert ask(r"\underset{\two}{\three} \one \two").undefined == ("two", "three", "one")


def test_undefined_names_are_found_beside_an_error_too(ask: Ask) -> None:
    verdict = ask(r"\bm{x} + \frac{\R} + \text{\no $\argmax$} \verb|\no| \ce{\no} \root 3 \of x")
    assert verdict.error_id == ""
    verdict = ask(r"\bm{x} + \text{\no $\argmax$} \verb|\no| \ce{\no} \lvert\| \root 3 \of x_a_b")
    assert verdict.error_id == "DoubleSubscripts"
    assert verdict.undefined == ("bm", "argmax")


def test_positions_are_counted_in_code_points(ask: Ask) -> None:
    assert ask("𝔼𝔼 x_a_b").at == 7
    assert ask("EE x_a_b").at == 7


def test_a_package_that_anki_does_not_have_would_have_to_be_loaded(ask: Ask) -> None:
    assert ask(r"\require{nowhere}").error_id == "Retry"
    assert ask(r"\require{mhchem} x").error_id == ""


def test_a_formula_that_mathjax_finds_otherwise_is_not_delimited(ask: Ask) -> None:
    assert not ask(r"a \) b").delimited
    assert not ask(r"{a").delimited
    assert ask(r"a \] b").delimited
    assert not ask(r"a \] b", display=True).delimited


def test_a_backslash_that_is_meant_is_not_raw(ask: Ask) -> None:
    sound = r"\verb|\alpha| \backslash \textbackslash \setminus \text{what???}"
    assert ask(sound).raw == ()
    assert ask(r"\text{a \alpha} \texttt{\beta}").raw == (r"a \alpha", r"\beta")
    assert ask(r"\ref{nowhere}").raw == ("???",)


@pytest.mark.parametrize(
    ("tex", "what"),
    [
        (r"\fcolorbox{red;background:url(https://e.vil)}{white}{x}", "style="),
        (r"\style{color:red}{x}", "style="),
        (r"\bbox[border:2px solid red]{x}", "style="),
        (r"\class{x}{x}", 'class="x"'),
        (r"\cssId{answer}{x}", 'id="answer"'),
        (r"\href{javascript:alert(1)}{x}", "href="),
        (r"\href{ javascript:alert(1)}{x}", "href="),
        (r"\href{https://x.org/\"onclick=\"x}{x}", "href="),
        (r"\href{#answer}{x}", "href="),
        (r"\color{url(https://e.vil)}x", "mathcolor="),
        (r"\textcolor{red;x:y}{x}", "mathcolor="),
        (r"\colorbox{red;x:y}{x}", "mathbackground="),
        (r"\enclose{circle}[mathcolor=red;x:y]{x}", "mathcolor="),
        (r"\enclose{circle}[data-padding=1;x:y]{x}", "data-padding="),
        (r"\mmlToken{mi}[style='color:red']{x}", "style="),
        (r"\mmlToken{mi}[background='url(x)']{x}", "background="),
        (r"\mmlToken{mi}[fontfamily='x;y:z']{x}", "fontfamily="),
        (r"\mmlToken{mglyph}[src='https://e.vil/x.png']{x}", "mglyph"),
        (r"\unicode[x;background:url(y)]{x41}", "fontfamily="),
    ],
)
def test_what_could_load_run_or_collide_is_unsafe(tex: str, what: str, ask: Ask) -> None:
    verdict = ask(tex)
    assert any(one.startswith(what) for one in verdict.unsafe), verdict


@pytest.mark.parametrize(
    "tex",
    [
        r"\fcolorbox{red}{#eee}{x}",
        r"\color[rgb]{1,0,0}x \textcolor{rebeccapurple}{y} \colorbox{yellow}{z}",
        r"\color[RGB]{1,2,3}x \color[gray]{0.5}y",
        r"\href{https://example.org/a?b=c#d}{x} \href{mailto:a@b.org}{y}",
        r"\begin{align} a \tag{1} \end{align}",
        r"\overbracket[2pt]{x} \underbracket{y} \degree \set{x|y} \Set{x|y}",
        r"\enclose{circle,horizontalstrike}[mathcolor=red, data-padding=2]{x}",
        r"\cancel{x} \boxed{x} \fbox{x} \bbox[5px,yellow]{x} \phantom{x} \rule{1em}{1ex}",
        r"\begin{array}{|c:c|}\hline a & b \\ \hdashline c & d\end{array}",
        r"\ce{A <=>[x][y] B} \pu{1.2e3 kJ//mol} \mathtip{a}{b} \toggle{a}{b}\endtoggle",
        r"\begin{prooftree}\AxiomC{$A$}\UnaryInfC{$B$}\end{prooftree}",
        r"\begin{CD} A @>f>> B \\ @VVgV @VVhV \\ C @>>k> D \end{CD}",
        r"\begin{empheq}[left=\empheqlbrace]{align} a&=b \end{empheq}",
    ],
)
def test_what_mathjax_writes_of_itself_is_safe(tex: str, ask: Ask) -> None:
    verdict = ask(tex, display=True)
    assert (verdict.error, verdict.unsafe) == ("", ()), verdict


@pytest.mark.parametrize("tex", ["", " ", "{}", "{{} {}}", r"\quad\,", r"\text{ }", r"\phantom{x}"])
def test_what_draws_nothing_is_empty(tex: str, ask: Ask) -> None:
    assert ask(tex).empty


@pytest.mark.parametrize(
    "tex", [r"\rule{1em}{1em}", r"\frac{}{}", r"\sqrt{}", r"\boxed{}", "1", "√"]
)
def test_what_draws_only_lines_is_not_empty(tex: str, ask: Ask) -> None:
    assert not ask(tex).empty


def test_only_line_breaks_outside_environments_are_ignored(ask: Ask) -> None:
    assert ask(r"a \\ b").breaks
    assert ask(r"{a \newline b}").breaks
    assert not ask(r"\begin{aligned} a \\ b \end{aligned} \substack{a \\ b}").breaks


def test_widths_add_up_and_count_what_mathjax_has_no_font_for(ask: Ask) -> None:
    assert ask(r"\text{中文}").width == 2
    assert ask("x" * 20).width == pytest.approx(20 * ask("x").width)
    bare, tagged = ask("x", display=True), ask(r"x \tag{1}", display=True)
    assert tagged.width > bare.width + 2 * 1.278  # a "(1)" on each side, as it stays centred


# Limits

HOSTILE = {
    "braces": "{" * 10_000 + "x" + "}" * 10_000,
    "open": "{" * 10_000,
    "long": "x+" * 50_000,
    "half a pair": "x\ud800y",
    "half a name": "\\\ud835",
    "nul": "a\0b",
    "line separator": "a\u2028b \\verb|\u2029|",
    "emoji": r"😀 \text{👩‍👩‍👧} \😀",
    "bomb": r"\def\x{\x\x}\x",
    "backslashes": "\\" * 3_001,
    "dimension": r"\kern1000000000000000000000em \rule{99999em}{99999em}",
}


@pytest.mark.parametrize("tex", HOSTILE.values(), ids=HOSTILE)
def test_nothing_brings_it_down(tex: str, ask: Ask) -> None:
    verdict = ask(tex)
    assert verdict.gave_up in ("", "depth", "memory", "time")
    assert ask("x") == Verdict(width=0.572, fonts=("I",))


def test_what_a_card_may_hold_is_never_too_much(ask: Ask) -> None:
    for opening, closing in ((r"\frac{1}{", "}"), (r"\left(", r"\right)"), (r"x_{", "}")):
        assert not ask(opening * 30 + "x" + closing * 30).gave_up
    assert not ask((r"\frac{a}{b}+" * 200)[:2_000]).gave_up


def test_time_ends_and_the_engine_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_TIME_LIMIT", 0.1)
    impatient = Engine()
    slow = Typeset(r"\ce{" + "A->[x]" * 150 + "}", display=False)
    first, second = impatient.prove([slow, Typeset("x", display=False)])
    assert first == Verdict(gave_up="time")
    assert second == Verdict(width=0.572, fonts=("I",))


def test_too_little_memory_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_MEMORY_LIMIT", 24 << 20)
    tight = Engine()
    assert tight.prove([Typeset("x+" * 10_000, display=True)]) == [Verdict(gave_up="memory")]
    assert tight.prove([Typeset("x", display=True)]) == [Verdict(width=0.572, fonts=("I",))]


def test_without_quickjs_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "quickjs", None)
    with pytest.raises(EngineMissing, match="pip install quickjs-ng"):
        Engine()


def test_its_identity_is_that_of_its_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = identity()
    assert before == identity()
    script = tmp_path / "prover.js"
    script.write_text("")
    monkeypatch.setattr(engine_module, "_SCRIPTS", (*engine_module._SCRIPTS[:-1], script))
    assert identity() != before


# Many formulas


def test_verdicts_are_the_same_for_any_order_number_of_threads_and_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    formulas = [formula(row) for row in ROWS if "leak" not in row["flags"]]
    alone = prove(formulas)
    assert list(alone) == sorted(set(formulas))
    assert prove(reversed(formulas)) == alone  # from the cache
    monkeypatch.setenv("DECKWRIGHT_CACHE", str(tmp_path / "other"))
    monkeypatch.setattr(prove_module, "_WORTH_AN_ENGINE", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(3), raising=False)
    assert prove(reversed(formulas)) == alone  # on three threads


def test_progress_comes_from_the_calling_thread_and_only_for_what_is_new() -> None:
    seen: list[tuple[object, ...]] = []

    def progress(*values: object) -> None:
        seen.append((threading.current_thread(), *values))

    formulas = [Typeset(f"x_{{{n}}}", display=False) for n in range(40)]
    prove(formulas, progress)
    here = threading.current_thread()
    assert seen == [(here, "Proving formulas", done, 40) for done in (0, 16, 32)]
    prove(formulas, progress)
    assert len(seen) == 3


def test_what_is_known_needs_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    known = prove([Typeset("x", display=False)])
    monkeypatch.setitem(sys.modules, "quickjs", None)
    assert prove([Typeset("x", display=False)]) == known
    assert prove([]) == {}
    with pytest.raises(EngineMissing):
        prove([Typeset("y", display=False)])


def test_what_took_too_long_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Typeset(r"\ce{" + "A->[x]" * 150 + "}", display=False)
    with monkeypatch.context() as patch:
        patch.setattr(engine_module, "_TIME_LIMIT", 0.05)
        assert prove([slow])[slow].gave_up == "time"
    assert prove([slow])[slow].gave_up == ""


def test_whoever_stops_waiting_leaves_no_thread_behind() -> None:
    def stop(_words: str, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        prove([Typeset(f"x_{{{n}}}", display=False) for n in range(200)], stop)
    assert threading.active_count() <= before + 1  # quickjs keeps one of its own
    assert threading.stack_size() != THREAD_STACK
