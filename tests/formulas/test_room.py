"""A formula stays in its room, and its arguments are what they are for: by its tokens alone."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession

from deckwright.formulas.analysis import Analysis
from deckwright.formulas.budget import MAX_SIGNS, signs
from deckwright.formulas.parts import Tex
from deckwright.formulas.policy import look
from deckwright.mathjax.commands import names
from deckwright.mathjax.engine import Engine, Typeset
from deckwright.model import Severity
from tests.browser import reviewer
from tests.fuzz.harness import SHARE

SCRIPT = Path(__file__).parent / "_overflow.js"
HOSTILE = "red;background:url(https://evil.invalid/a)"


def refused(tex: str) -> list[str]:
    """What the policy alone says of a formula."""
    return [one.what for one in look(Analysis(tex)) if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "tex",
    [
        r"\color{H}{x}",
        r"\color[rgb]{H}{x}",
        r"\color[H]{red}{x}",
        r"\textcolor{H}{x}",
        r"\textcolor[named]{H}{x}",
        r"\colorbox{H}{x}",
        r"\fcolorbox{H}{white}{x}",
        r"\fcolorbox{white}{H}{x}",
        "\\fcolorbox %\n{H}{white}{x}",
        r"\begin{array}{c}\cellcolor{H}x\end{array}",
        r"\begin{array}{c}\rowcolor[gray]{H}x\end{array}",
        r"\begin{array}{c}\columncolor{H}x\end{array}",
        r"\cancel[color=H]{x}",
        r"\bcancel[background=H]{x}",
        r"\xcancel[H]{x}",
        r"\cancelto[mathcolor={H}]{a}{x}",
        r"\enclose{H}{x}",
        r"\enclose{box}[mathbackground=H]{x}",
        r"\enclose{box}[data-padding=99em]{x}",
        r"\enclose{updiagonalstrike}[data-thickness=20em]{x}",
        r"\rule[H]{1em}{1em}",
        r"\framebox[H]{x}",
        r"\framebox[9999]{x}",
        r"\mathmakebox[infinity]{x}",
        r"\overbracket[H]{x}",
        r"\underbracket[1em][H]{x}",
        r"\genfrac(){H}{}{a}{b}",
        r"\genfrac(){9999}{}{a}{b}",
        r"\smash[H]{x}",
        r"\mathllap[H]{x}",
        r"\cramped[H]{x}",
        r"\skew{9999}{\hat}{x}",
        r"\sqrt[\uproot{9999}a]{x}",
        r"\MoveEqLeft[9999]x",
        r"\xmathstrut[H]{0.1}",
        r"\begin{array}[H]{c}x\end{array}",
        r"\begin{aligned}[H]x\end{aligned}",
        r"\begin{pmatrix*}[H]x\end{pmatrix*}",
        r"\begin{multlined}[H]x\end{multlined}",
        r"\begin{multline}\shoveleft[H]{x}\end{multline}",
        r"\begin{alignat}{99999999}x\end{alignat}",
        r"\begin{empheq}{alignat=99999999}x\end{empheq}",
        r"\href{https://a.invalid/ x}{x}",
        r"\href{https://a.invalid/\"x}{x}",
        r"\href{javascript:x}{x}",
        r"\text{\verb|}\href{javascript:alert(1)}{x}|}",
        r"\smash[\verb|]{x}\href{javascript:alert(1)}{x}|",
        r"\text{\verb|$\def\x y$|}",
    ],
)
def test_what_is_no_argument_of_its_kind_is_refused_without_mathjax(tex: str) -> None:
    assert refused(tex.replace("H", HOSTILE))


USUAL = [
    r"\color{red}{x} \color{#c00000}x \color[rgb]{1,0,0}x \color[RGB]{255, 0, 0}x \color r x",
    r"\textcolor{blue}{x} \color{rgb(255, 0, 0)}{x} \color[HTML]{FF00FF}x \color{}x",
    r"\colorbox{yellow}{x} \fcolorbox{#abc}{white}{$x$}",
    r"\begin{array}{c|c}\hline\rowcolor{yellow}a&b\\\cellcolor[gray]{0.5}b\end{array}",
    r"\cancel{x} \cancel[color=red]{x} \enclose{circle,box}[mathcolor=blue]{x} \cancelto{0}{x}",
    r"\enclose{updiagonalstrike}[data-thickness=2px, color=red]{x}",
    r"\genfrac{[}{]}{0pt}{}{a}{b} \genfrac\{\}{}{0}{a}{b} {a \above 1pt b}",
    r"\hspace{-1em} \!\!\! \mkern-3mu \skew{4}\hat{A} \raise2ex{x} \rule[-1pt]{1em}{0.5pt}",
    r"\framebox[4em][c]{x} \underbracket[0.5pt][3pt]{x} \overbracket{x} \mathmakebox[2em]{x}",
    r"\sqrt[3]{x} \sqrt[\leftroot{-2}\uproot{2}\beta]{k} \sqrt[[x]]{y}",
    r"\verb|x[0]| \verb+a_b+ \verb|\def|",
    r"\begin{pmatrix*}[r] -1 \\ 2 \end{pmatrix*} \begin{aligned}[t] a \\ b\end{aligned}",
    r"\begin{alignat}{2}a&=b&c&=d\end{alignat}",
    r"\begin{empheq}[left=\empheqlbrace]{align}x&=1\\y&=2\end{empheq}",
    r"\begin{numcases}{|x|=}x&if\\-x&else\end{numcases}",
    r"\begin{aligned}\MoveEqLeft x\\&=y\\[1em]&=z\\[-2pt]&=w\end{aligned}",
    r"\smash{b} \smash[b]{\sum} \smash{\frac{x_{i}}{y}} \smash{\big(} \mathllap[\scriptstyle]{x}",
    r"\mathrlap{\text{by the induction hypothesis}} \rlap{/}{D} \llap{x}",
    r"\sum_{\mathclap{\substack{1\le i\le n\\ i\neq j}}} x + \underset{\mathclap{i \ge 1}}{\max}",
    r"\ce{CO2 + C -> 2 CO} \ce{SO4^2-} \ce{^{227}_{90}Th+} \ce{A <=>[{high}][{low}] B}",
    r"\ce{Zn^2+ <=>[+ 2OH-][+ 2H+] $\underset{\text{Hydroxid}}{\ce{Zn(OH)2 v}}$}",
    r"\begin{CD}A @>f>> B\\@V{\pi_1}VV @VVgV\\C @>>h> D\end{CD}",
    r"\begin{prooftree}\AxiomC{a}\RightLabel{$\to$I}\UnaryInfC{b}\end{prooftree}",
    r"\href{https://example.org/a?b=c&d}{x^2} \href{mailto:a@b.c}{\text{two words}}",
    r"\href{https://example.org/%20a}{\alpha}\,x \quad y",
    r"\phantom{x} \vphantom{\sum} \hphantom{x} \strut \mathstrut \text{100 cm and 40 in}",
]


@pytest.mark.parametrize("tex", USUAL)
def test_what_authors_write_stays_allowed(tex: str) -> None:
    assert not refused(tex)


@pytest.mark.parametrize(
    "tex",
    [
        r"\rule{25em}{16em}",
        r"\rule{25 em}{ 16,5em}",
        r"\Huge\rule{9em}{9em}",
        r"{a\above3em b}{c\above3em d}",
        r"\genfrac{}{}{6em}{}{a}{b}",
        r"\begin{array}{c}a\\[21em]b\\*[21em]c\end{array}",
        r"\minCDarrowheight{14em}\begin{CD}A\\@VVV\\B\\@VVV\\C\\@VVV\\D\end{CD}",
        r"\begin{spreadlines}{9em}\begin{aligned}a\\b\\c\\d\\e\end{aligned}\end{spreadlines}",
        r"\xmathstrut{41}",
        r"\kern9em\hskip9em\hspace{9em}\mkern170mu\mspace{90mu}\mskip9mu",
        r"\raise21em{x}\raise{21em}{x}",
    ],
)
def test_lengths_add_up(tex: str) -> None:
    assert any("come to" in what for what in refused(tex))


HIDDEN = [
    r"\smash{\rlap{\lower30em{\phantom{\rule{39em}{39em}}}}}",
    r"\phantom{x}",
    r"x \phantom{x}",
    r"\color{white}{\text{word}}",
    r"\colorbox{white}{word}",
    r"\rule{1em}{1em}",
    r"\quad\quad\quad",
    r"x\ \ \ \ \ ",
    r"\text{x          y}",
    r"x~~~~~",
    "\u3164",
    r"{}",
    r"\strut",
    r"\begin{array}{c}x\\\\\\\\\end{array}",
    r"\mathrlap{x}",
    r"\hspace{9em}x",
    r"\Huge x",
    r"\toggle{x}{y}\endtoggle",
    r"\text{x" + "\u00a0" * 9 + "}",
]


@pytest.mark.parametrize("tex", HIDDEN)
def test_no_link_leads_from_what_cannot_be_seen(tex: str) -> None:
    assert refused(rf"\href{{https://example.org}}{{{tex}}}")
    assert r"\color" not in tex or refused(r"\color{white}{\href{https://a.org}{x}}")


ATTEMPTS = [
    r"\smash{\lower30em{\blacksquare}}",
    r"\lower30em{\smash{\blacksquare}}",
    r"\smash{\rule{25em}{34em}}",
    r"\color{white}{\smash{\rule{19em}{19em}}}",
    r"\smash{\dfrac{\dfrac{\dfrac{■}{■}}{■}}{\dfrac{\dfrac{■}{■}}{■}}}",
    r"\smash{\begin{array}{c}■\\■\\■\\■\\■\\■\\■\\■\\■\end{array}}",
    r"\smash{\substack{■\\■\\■\\■\\■\\■\\■\\■\\■}}",
    r"\smash{\matrix{■\cr■\cr■\cr■\cr■\cr■}}",
    r"\smash[b]{\Huge\dfrac{\dfrac{■}{■}}{■}}",
    r"\smash{\boxed{\boxed{\boxed{\boxed{\boxed{■}}}}}}",
    r"\smash{\ce{A_{$\dfrac{\dfrac{\dfrac{■}{■}}{■}}{■}$}}}",
    r"\smash{\fcolorbox{red}{red}{$\dfrac{\dfrac{a}{b}}{c}$}}",
    r"\rlap{\lower30em{\blacksquare}}",
    r"\rlap{\kern30em\blacksquare}",
    r"\mathrlap{" + "■" * 40 + "}",
    r"\mathrlap{\qquad\qquad\qquad\qquad\qquad■}",
    r"\llap{\text{" + "■" * 40 + "}}",
    r"\mathclap{\colorbox{red}{a long text of words}}",
    r"\textrlap{" + "word " * 20 + "}",
    r"\framebox[0pt]{" + "■" * 40 + "}",
    r"\mathmakebox[0pt][r]{" + "■" * 40 + "}",
    r"\hspace{-30em}\rule{30em}{1em}",
    r"\rule{20em}{1em}\kern-20em",
    r"\moveleft30em{\blacksquare}",
    r"\moveright30em{\blacksquare}",
    r"\moveleft-30em{\blacksquare}",
    r"\!" * 400 + "■",
    r"\negthickspace" * 100 + "■",
    r"\skew{99}{\hat}{x}\skew{99}{\hat}{x}\skew{99}{\hat}{x}",
    r"\begin{multlined}[1em]" + "■" * 40 + r"\\■\end{multlined}",
    r"\begin{multlined}\shoveleft[-20em]{■}\\■\end{multlined}",
    r"\enclose{updiagonalstrike}[data-thickness=20em]{x}",
    r"\enclose{longdiv}[data-thickness=20em]{x}",
    r"\cancel[data-thickness=9pt]{x}",
    r"\begin{empheq}[left={\rule{1em}{15em}}]{align}x\end{empheq}",
    r"\begin{numcases}{\rule{1em}{15em}}x&y\end{numcases}",
    r"\begin{numcases}{\begin{array}{c}■\\■\\■\\■\\■\\■\\■\end{array}}x&y\end{numcases}",
    r"\begin{CD}A @V{" + "■" * 40 + r"}VV B\\C@>>>D\end{CD}",
    r"\ce{A_{$\rule{1em}{15em}$}}",
    r"\ce{^{1}_{$\rule{1em}{15em}$}A}",
    r"\ce{A_{$\begin{array}{c}■\\■\\■\\■\\■\\■\\■\end{array}$}}",
    r"\raise20em{\blacksquare}",
    r"\lower20em{\blacksquare}",
    r"\raise+20em{\blacksquare}",
    r"\vcenter{\rule{1em}{30em}}",
    r"\rule[-20em]{1em}{1em}",
    r"\Rule{1em}{20em}{-10em}",
    r"\begin{array}[b]{c}\rule{1em}{15em}\\\rule{1em}{15em}\end{array}",
    r"\begin{array}{c}a\\[-30em]b\\c\end{array}",
    r"\begin{spreadlines}{-10em}\begin{aligned}a\\b\\c\end{aligned}\end{spreadlines}",
    r"\overbracket[4em][15em]{x}",
    r"\root{\rule{1em}{15em}}\of{x}",
    r"\sqrt[\uproot{-99}\leftroot{-99}x]{y}",
    r"\overset{\rule{1em}{15em}}{x}_{\rule{1em}{15em}}",
    r"\sideset{^{\rule{1em}{15em}}}{}\sum",
    r"\cancelto{\rule{1em}{15em}}{x}",
    r"\pmb{\rule{9em}{9em}}\centernot{\rule{9em}{9em}}",
    r"\begin{prooftree}\AxiomC{a}\RightLabel{$\rule{9em}{9em}$}\UnaryInfC{b}\end{prooftree}",
    r"\begin{align}x\tag{$\rule{1em}{15em}$}\end{align}",
    r"\begin{array}{c}\hline\hdashline\Huge x\\\hline\end{array}",
    r"\boxed{\rule{9em}{9em}}\fcolorbox{red}{blue}{$\rule{1em}{9em}$}",
]
ABOVE_OR_BELOW, ASIDE = 3, 23
"""How far a formula may reach beyond its room, in em: a line or two, or on its own line."""


@pytest.mark.browser
def test_what_passes_stays_in_its_room(chromium: Browser) -> None:
    passing = [tex for tex in (*ATTEMPTS, *USUAL) if not refused(tex)]
    assert 10 < len(passing) - len(USUAL) < 30, "what stays in its room passes, too"
    delimited = [rf"\({tex}\)" for tex in passing] + [rf"\[{tex}\]" for tex in passing]
    with reviewer(chromium) as page:
        page.page.add_script_tag(path=SCRIPT)
        page.show("".join(f"<p>a {escape(tex, quote=False)} b</p>" for tex in delimited))
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        found = page.evaluate("overflows()")
    assert len(found) == len(delimited)
    for tex, (above, right, below, left) in zip(
        delimited, (one["beyond"] for one in found), strict=True
    ):
        assert max(above, below) <= ABOVE_OR_BELOW, tex
        assert max(left, right) <= ASIDE or tex.startswith(r"\["), tex


FORMS = (
    r"\X{H}{H}{H}{H}",
    r"\X[H]{a}{b}{c}",
    r"\X{a}[H]{b}",
    r"\X{a}{H}{b}",
    r"\X{a}{b}{H}{0}{c}{d}",
    r"\begin{array}{c}\X[H]{red}x\end{array}",
    r"\begin{array}{c}\X{H}{a}x\end{array}",
)
ENVIRONMENTS = (r"\begin{X}[H]{c}a&b\end{X}", r"\begin{X}{H}a&b\end{X}", r"\begin{X}[c][H]b\end{X}")


def test_what_mathjax_would_put_into_an_attribute_is_refused_by_the_policy_alone() -> None:
    formulas = [
        form.replace("X", name).replace("H", HOSTILE)
        for kind, forms in (("macros", FORMS), ("environments", ENVIRONMENTS))
        for form in forms
        for name in sorted(names(kind))
    ]
    passing = [tex for tex in formulas[:: 1 if SHARE > 1 else 20] if not refused(tex)]
    verdicts = Engine().prove([Typeset(tex, display=True) for tex in passing])
    assert len(passing) > 100
    assert [tex for tex, one in zip(passing, verdicts, strict=True) if one.unsafe] == []


@pytest.mark.browser
def test_as_many_formulas_as_a_card_may_have_are_set_in_seconds(chromium: Browser) -> None:
    row, fractions = "x" * 1900, r"\begin{matrix}" + r"\frac{1}{2}&" * 140 + r"\end{matrix}"
    with reviewer(chromium) as page:
        session = page.page.context.new_cdp_session(page.page)
        session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        session.send("Performance.enable")
        for tex in (row, fractions, r"\LaTeX " * 90, r"\overbracket{" * 5 + "x" * 90 + "}" * 5):
            times = MAX_SIGNS // signs([Tex(0, tex)])
            page.show("")
            before = processor_time(session)
            page.show(f"<p>\\[{escape(tex, quote=False)}\\]</p>" * times)
            assert times
            assert processor_time(session) - before < 10, tex[:40]


def processor_time(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")
