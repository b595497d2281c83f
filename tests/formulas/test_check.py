"""What is said about formulas: at the exact column, in words, with what to write."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.formulas.parts import Tex
from deckwright.mathjax.tokens import tokens
from deckwright.model import Problem, Severity, Source
from deckwright.rendering.pieces import Formula
from deckwright.rendering.pool import Budget, slowness
from deckwright.rendering.scan import scan
from deckwright.source.cards import ids_in, parse
from deckwright.source.folder import load
from tests.decks import card, compile_cards, make_deck
from tests.fuzz.harness import SHARE
from tests.rendering.golden import SOURCES, deck_of

CONTENT = Path(__file__).parent.parent.parent / "content"


def only(root: Path, body: str) -> Problem:
    [found] = compile_cards(root, card(body)).problems
    return found


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (r"So $a + \undefd$.", 6, 9),
        (r"So $`a + \undefd`$.", 6, 10),
        (r"So $$a + \undefd$$.", 6, 10),
        ("$$\na +\n  \\undefd\n$$", 8, 3),
        ("```math\na +\n  \\undefd\n```", 8, 3),
        ("~~~math\n\\undefd\n~~~", 7, 1),
        (r"𝔼 𝔼 $𝔼 + \undefd$ 𝔼", 6, 10),
        (r"é $\text{é𝔼} + \undefd$", 6, 16),
        ("- One:\n\n    ```math\n    a\n    \\undefd\n    ```", 10, 5),
        ("> So $$a +\n> \\undefd$$", 7, 3),
        ("> ```math\n> \\undefd\n> ```", 7, 3),
        ("| a | b |\n|---|---|\n| $x$ | $\\undefd$ |", 8, 10),
        (r"**So $\undefd$**", 6, 7),
        (r"- $\undefd$", 6, 4),
        (r"[a $\undefd$](https://example.org)", 6, 5),
        (r"So {{c1::$\undefd$}}.", 6, 11),
        (r"So {{c1::$x$::$\undefd$}}.", 6, 16),
        (r"So $x + {{c1::\undefd}}$.", 6, 15),
        (r"So $x + {{c1::y}} + \undefd$.", 6, 21),
        (r"So \$5 and $\undefd$.", 6, 13),
        ("An answer.\n\n### Why\n\nSo $\\undefd$.", 10, 5),
    ],
)
def test_an_error_is_at_its_column(tmp_path: Path, body: str, line: int, column: int) -> None:
    found = only(tmp_path, body)
    assert (found.rule, found.place.line, found.place.column) == ("tex-undefined", line, column)
    assert r"\undefd" in found.what


def test_an_error_in_a_heading_is_at_its_column(tmp_path: Path) -> None:
    [found] = compile_cards(tmp_path, card("An answer.", r"What is $\undefd$?")).problems
    assert (found.place.line, found.place.column) == (3, 13)


@pytest.mark.parametrize(
    ("tex", "at", "what", "fix"),
    [
        (r"\argmax_x f", 0, r"undefined command \argmax", r"\operatorname*{arg\,max}"),
        (r"\bm{x}", 0, r"undefined command \bm", r"\boldsymbol{…}"),
        (r"x \in \R", 6, r"undefined command \R", r"\mathbb{R}"),
        (r"\alhpa", 0, r"undefined command \alhpa", r"\alpha"),
        (r"\frac{a}{b", 8, "{ never closes", "write }"),
        (r"\frac{1}{x_a_b}", 12, "subscript", "_{"),
        (r"\begin{aligned} a", 0, r"\begin{aligned} never closes", r"\end{aligned}"),
        (r"\begin{algned} a \end{algned}", 0, "algned", "aligned"),
        (r"a & b", 2, "&", r"\&"),
        (r"\left( a", 0, r"\left never closes", r"\right"),
        (r"\def\E{x} \E", 0, r"\def", "[macros]"),
        (r"\href{javascript:alert(1)}{x}", 0, "javascript", "https"),
        (r"\text{50\% off}", 8, r"\%", "%"),
        (r"\text{\\}", 6, r"\\", "gathered"),
        (r"x \in {0, 1}", 6, "{0, 1}", r"\{…\}"),
        (r"\mathbf{\mu}", 0, r"\mu", r"\boldsymbol{\mu}"),
        (r"a % b", 2, "%", r"\%"),
        (r"a \\ b", 2, r"\\", "gathered"),
        ("x" * 40, 0, "phone", "aligned"),
    ],
)
def test_a_message_says_what_is_wrong_and_what_to_write(
    tmp_path: Path, tex: str, at: int, what: str, fix: str
) -> None:
    found = only(tmp_path, f"$`{tex}`$")
    assert found.place.column == 3 + at
    assert what in found.what
    assert fix in found.fix


@pytest.mark.parametrize(
    "tex",
    [
        r"x \in \{0, 1\}",
        r"f(x_{1, 2}, {n \choose k})",
        r"1{,}000",
        r"\sum_{i=0, j=1} {a}_{b, c}",
        r"\boldsymbol{\mu} + \mathbf{\Sigma} + \mathbf{x}_\mu",
        r"\text{50% off}",
        r"\begin{gathered} a \\ b \end{gathered}",
        r"\tag{1} x",
        r"\color{red}{x} + \colorbox{yellow}{y} + \fcolorbox{red}{white}{z}",
        r"\href{https://example.org/a?b=c&d}{x} + \href{mailto:a@example.org}{y}",
        r"\verb|\def| + \backslash",
        r"\href{https://example.org/%20a}{x} + \href{HTTPS://example.org/}{y}",
        r"p = {\rm softmax(x, y)}, {\bf x, y}, {\color{red} a, b}",
        r"x = {(a, b)} = {1,000}, \mathcal{N}({\mu, \sigma})",
        r"\begin{matrix} a \\[1em] b \end{matrix} \hspace{2em} \kern-3mu x",
        r"\sum_{\substack{a \\ b}} x",
        r"\text{costs \$5 and $x_i$}",
    ],
)
def test_what_is_meant_so_passes_without_a_word(tmp_path: Path, tex: str) -> None:
    compiled = compile_cards(tmp_path, card(f"$`{tex}`$"))
    assert not compiled.problems, "\n".join(map(str, compiled.problems))


@pytest.mark.parametrize(
    "tex",
    [
        "{" * 31 + "x" + "}" * 31,
        r"\sqrt{" * 500 + "x" + "}" * 500,
        r"\left(" * 40 + "x" + r"\right)" * 40,
        "x+" * 1001,
        r"\text{" * 31 + "x" + "}" * 31,
    ],
)
def test_a_formula_that_would_freeze_anki_is_refused(tmp_path: Path, tex: str) -> None:
    compiled = compile_cards(tmp_path, card(f"$$\n{tex}\n$$"))
    errors = [one.rule for one in compiled.problems if one.severity is Severity.ERROR]
    assert errors == ["tex-too-big"]


@pytest.mark.parametrize(
    "tex",
    [
        r"\left( \frac{a}{\sqrt{b \right)",
        r"\begin{aligned} a &= \frac{\sqrt{b}{c \\ d &= e \end{aligned}",
        r"\left( {{{ \begin{aligned} { \left[ {{",
        "}" * 50 + "{" * 25,
    ],
)
def test_braces_left_open_in_each_other_are_an_error(tmp_path: Path, tex: str) -> None:
    found = compile_cards(tmp_path, card(f"```math\n{tex}\n```")).problems
    assert "tex-error" in {one.rule for one in found}


@pytest.mark.parametrize(
    "tex",
    [
        r"\tiny " * 40 + "x",
        r"\displaystyle " * 31 + "x",
        r"\color{red}" * 31 + "x",
        r"\xrightarrow{" * 7 + "x" + "}" * 7,
        r"\rule{1em}{1000em}",
        r"\raise 1000em x",
        r"\kern-90em x",
        r"\begin{array}{c} a \\[-500pt] b \end{array}",
    ],
)
def test_what_reaches_beyond_its_card_or_takes_seconds_is_refused(tmp_path: Path, tex: str) -> None:
    found = compile_cards(tmp_path, card(f"```math\n{tex}\n```")).problems
    assert [one.rule for one in found] == ["tex-too-big"]


@pytest.mark.parametrize(
    ("tex", "at"),
    [
        (r"\sum_{\substack{a \\ b}} \\ x", 25),
        (r"\begin{matrix} {a \\ b} \\ c \end{matrix}", 18),
        (r"\begin{matrix} \left( a \\ b \right) \end{matrix}", 24),
    ],
)
def test_the_line_break_that_does_nothing_is_the_one_named(
    tmp_path: Path, tex: str, at: int
) -> None:
    [found] = compile_cards(tmp_path, card(f"$`{tex}`$")).problems
    assert (found.rule, found.place.column) == ("tex-line-break", 3 + at)


@pytest.mark.parametrize(
    ("tex", "rule"),
    [
        (r"S = { x \mid x > 0 }", "tex-bare-braces"),
        (r"S = \; {a, b}", "tex-bare-braces"),
        (r"{\bf \mu}", "tex-bold-greek"),
        (r"\bf \mu", "tex-bold-greek"),
    ],
)
def test_what_is_hardly_meant_so_is_warned_of(tmp_path: Path, tex: str, rule: str) -> None:
    [found] = compile_cards(tmp_path, card(f"$`{tex}`$")).problems
    assert (found.rule, found.severity) == (rule, Severity.WARNING)


def test_all_of_several_faults_are_named(tmp_path: Path) -> None:
    body = r"$\bm{x} + \argmax y$, $\def\z{x}$ and $x_a_b + \R$."
    found = compile_cards(tmp_path, card(body)).problems
    assert [(one.rule, one.place.column) for one in found] == [
        ("tex-undefined", 2),
        ("tex-undefined", 11),
        ("tex-forbidden", 24),
        ("tex-error", 43),
        ("tex-undefined", 48),
    ]


def test_a_picture_may_say_a_formula_in_words(tmp_path: Path) -> None:
    assert not compile_cards(tmp_path, card(r"![the $\argmax$](media/dot.png)")).problems


# The deck itself


def formulas(root: Path) -> list[tuple[Source, Formula]]:
    """All formulas of a deck, with the texts of their cards."""
    folder = load(root)
    assert folder.info
    return [
        (one.source, piece)
        for source in folder.sources
        for file in [parse(source, folder.info, ids_in(folder.sources))]
        for one in file.cards
        for span in (one.prompt, one.answer, *(part.span for part in one.parts))
        for piece in scan(file.lines_of(one), span).pieces
        if isinstance(piece, Formula)
    ]


def planting_places(root: Path, share: float) -> dict[Path, list[int]]:
    """An offset in each formula of a deck, between two tokens, by file in their order."""
    places: dict[Path, list[int]] = {}
    for card_text, formula in formulas(root):
        between = [
            card_text.start + part.start + token.start
            for part in formula.parts
            if isinstance(part, Tex)
            for token in tokens(part.text)
        ]
        places.setdefault(Path(card_text.path), []).append(between[int(share * len(between))])
    return {path: sorted(offsets) for path, offsets in places.items()}


@pytest.mark.parametrize(
    ("planted", "share", "after"),
    [
        (r"\undefd ", 0.0, 0),
        (r"\undefd ", 0.4, 0),
        (r"\undefd ", 0.9, 0),
        (r"\def ", 0.5, 0),
        ("}", 0.0, 0),
        ("^_", 0.0, 1),
    ],
)
def test_an_error_planted_in_any_formula_of_our_deck_is_found(
    planted: str, share: float, after: int, tmp_path: Path
) -> None:
    """Each formula of the deck gets one, all at once."""
    root = tmp_path / "content"
    shutil.copytree(CONTENT, root)
    expected: set[tuple[str, int, int]] = set()
    for path, offsets in planting_places(root, share).items():
        text = path.read_text(encoding="utf-8")
        for number, offset in enumerate(offsets):
            at = offset + number * len(planted)
            text = text[:at] + planted + text[at:]
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            expected.add((path.name, line, column + after))
        path.write_text(text, encoding="utf-8")
    errors = {
        (Path(one.place.path).name, one.place.line, one.place.column)
        for one in compile_deck(root).problems
        if one.severity is Severity.ERROR
    }
    if planted == "^_":  # of the two signs, MathJax names the one or the other
        errors |= {(name, line, column + 1) for name, line, column in errors}
    assert len(expected) > 80
    assert expected - errors == set()


def test_a_brace_or_right_that_is_taken_out_of_our_deck_is_missed(tmp_path: Path) -> None:
    """Each of them once, in all cards at the same time: no mistake reaches beyond its card.

    ``make test-all`` takes out every one, ``make test`` every second of a card.
    """
    root = tmp_path / "content"
    shutil.copytree(CONTENT, root)
    whole = {path: path.read_text(encoding="utf-8") for path in root.glob("*.md")}
    closings: dict[tuple[Path, int], list[tuple[int, str]]] = defaultdict(list)
    for card_text, formula in formulas(root):
        path = Path(card_text.path)
        for part in formula.parts:
            if isinstance(part, Tex):
                for token in tokens(part.text):
                    if token.text in ("}", r"\right"):
                        at = card_text.start + part.start + token.start
                        card_number = whole[path].count("\n## ", 0, at)
                        closings[path, card_number].append((at, token.text))
    assert sum(map(len, closings.values())) > 300
    for number in range(0, max(map(len, closings.values())), 1 if SHARE > 1 else 5):
        texts, taken = dict(whole), []
        for (path, _), found in sorted(closings.items(), reverse=True):  # so that offsets hold
            if number < len(found):
                at, sign = found[number]
                texts[path] = texts[path][:at] + texts[path][at + len(sign) :]
                taken.append((path, whole[path].count("\n", 0, at) + 1))
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        lines: dict[str, set[int]] = defaultdict(set)
        for one in compile_deck(root).problems:
            if one.severity is Severity.ERROR:
                lines[one.place.path].add(one.place.line)
        for path, line in taken:
            near = set(range(line - 4, line + 5))
            assert near & lines[path.as_posix()], (path.name, line, number)


# Without the engine

WITHOUT = "import sys; sys.modules['quickjs'] = None; from deckwright.commands import main; main()"
"""The command as it is on a machine where quickjs cannot be installed."""


def run(root: Path, *arguments: str, code: str = WITHOUT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=120, check=False
    )


def test_check_without_the_engine_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DECKWRIGHT_CACHE", str(tmp_path.with_name("cache")))
    make_deck(tmp_path, {"01.md": f"# Examples\n\n{card('$x$')}"})
    done = run(tmp_path, "check", ".")
    assert done.returncode == 2
    assert "pip install quickjs-ng" in done.stderr
    assert "--no-math-check" in done.stderr
    assert "Traceback" not in done.stderr


def test_build_without_the_engine_goes_on_and_says_so(tmp_path: Path) -> None:
    make_deck(tmp_path, {"01.md": f"# Examples\n\n{card('$x$')}"})
    done = run(tmp_path, "build", ".", "--no-math-check")
    assert done.returncode == 0, done.stderr
    assert "not proven" in done.stdout
    assert list(tmp_path.glob("dist/*.apkg"))


def test_what_needs_no_engine_is_found_without_it(tmp_path: Path) -> None:
    body = r"$\argmax x$, $\def\z{x}$, $\frac{a$ and $\text{a \b} + \alpha$."
    make_deck(tmp_path, {"01.md": f"# Examples\n\n{card(body)}"})
    found = compile_deck(tmp_path, engine=False).problems
    assert [(one.rule, one.place.column) for one in found] == [
        ("tex-undefined", 2),
        ("tex-forbidden", 15),
        ("tex-error", 33),
    ]
    assert compile_deck(deck_of(tmp_path / "golden", SOURCES), engine=False).deck


def test_formulas_of_many_clozes_are_looked_at_for_a_limited_time(tmp_path: Path) -> None:
    clozes = "$" + " + ".join(f"{{{{c{n}::x}}}}" for n in range(1, 131)) + "$ "
    cards = "\n".join(card(clozes * 14, f"Question {n}?", f"card-{n}") for n in range(8))
    deck = make_deck(tmp_path, {"01-cards.md": f"# Examples\n\n{cards}"})
    started = time.process_time()
    found = compile_deck(deck, engine=False, budget=Budget(whole=5)).problems
    assert time.process_time() - started < 2 * 5 * slowness()
    [late] = [one for one in found if "formulas were not looked at" in one.what]
    assert late.rule == "too-slow"
