"""The deck's own macros: expanded as TeX would, at the place of their use."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from deckwright.compile import Compiled, compile_deck
from deckwright.formulas.macros import MAX_EXPANSION, MAX_MACROS, Expansion, define
from deckwright.formulas.parts import Tex
from deckwright.model import ProblemError
from tests.decks import TOML, card, make_deck, release

MACROS = r"""
[macros]
E = "\\mathbb{E}"
norm = "\\lVert #1 \\rVert"
KL = "D_{\\mathrm{KL}}(#1 \\Vert #2)"
eps = "\\varepsilon"
vecnorm = "\\norm{\\vec #1}"
twice = "#1#1"
oops = "\\undefd"
first = "#1 #2"
"""


def compile_with(root: Path, body: str, macros: str = MACROS) -> Compiled:
    files: dict[str, str | bytes] = {
        "deck.toml": TOML + macros,
        "01-cards.md": f"# Examples\n\n{card(body)}",
    }
    return compile_deck(make_deck(root, files))


def back(compiled: Compiled) -> str:
    assert compiled.deck, "\n".join(map(str, compiled.problems))
    return compiled.deck.notes[0].fields[1]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (r"\E[X]", r"\mathbb{E}[X]"),
        (r"\E X", r"\mathbb{E} X"),
        (r"\E_q \E", r"\mathbb{E}_q \mathbb{E}"),
        (r"x^\E", r"x^{\mathbb{E}}"),
        (r"\hat\eps y", r"\hat{\varepsilon} y"),
        (r"\frac\E\eps", r"\frac{\mathbb{E}}{\varepsilon}"),
        (r"\norm{a+b}", r"\lVert a+b \rVert"),
        (r"\norm x", r"\lVert x \rVert"),
        (r"\norm\eps", r"\lVert \varepsilon \rVert"),
        (r"\norm{\norm{x}}", r"\lVert \lVert x \rVert \rVert"),
        (r"\KL{q}{p}", r"D_{\mathrm{KL}}(q \Vert p)"),
        (r"\KL qp", r"D_{\mathrm{KL}}(q \Vert p)"),
        (r"\vecnorm x", r"\lVert \vec x \rVert"),
        (r"\twice\alpha y", r"\alpha\alpha y"),
        (r"\twice{\alpha}y", r"\alpha\alpha y"),
        (r"\text{an \E}", r"\text{an \E}"),
        (r"\verb|\E|", r"\verb|\E|"),
        (r"\cancel\norm{x}", r"\cancel{\lVert x \rVert}"),
        (r"\textcolor{red}\norm{x}", r"\textcolor{red}{\lVert x \rVert}"),
        (r"\mathop\E_x", r"\mathop{\mathbb{E}}_x"),
        (r"\left\lang x", r"\left\langle x"),
        (r"\sqrt[\eps]{x}", r"\sqrt[{\varepsilon}]{x}"),
        (r"\operatorname*\E", r"\operatorname*{\mathbb{E}}"),
        (r"\log\E", r"\log\mathbb{E}"),
        (r"\text{for $x \in \E$}", r"\text{for $x \in \mathbb{E}$}"),
        (r"\begin{aligned}\iv{i}\end{aligned}", r"\begin{aligned}{}[i]\end{aligned}"),
        (r"a \\\iv{i}", r"a \\ [i]"),
        (r"\rt{\rt{x}}", r"\sqrt[{\sqrt[x]{x}}]{x}"),
        (r"\root 3\of\norm{x}", r"\root 3\of{\lVert x \rVert}"),
        (r"\sum_i\E", r"\sum_i\mathbb{E}"),
        (r"\frac{a^{b^{c}}}\E", r"\frac{a^{b^{c}}}{\mathbb{E}}"),
        (r"\Eta", r"\Eta"),
        (r"\\E", r"\\E"),
    ],
)
def test_a_macro_is_written_out(written: str, stored: str) -> None:
    macros, wrong = define(
        {
            "E": r"\mathbb{E}",
            "norm": r"\lVert #1 \rVert",
            "KL": r"D_{\mathrm{KL}}(#1 \Vert #2)",
            "eps": r"\varepsilon",
            "vecnorm": r"\norm{\vec #1}",
            "twice": "#1#1",
            "lang": r"\langle",
            "iv": "[#1]",
            "rt": r"\sqrt[#1]{x}",
        }
    )
    assert not wrong
    parts = Expansion(macros).expand([Tex(0, written)])
    assert "".join(part.text for part in parts if isinstance(part, Tex)) == stored


def test_two_letters_do_not_grow_into_a_command() -> None:
    macros, _ = define({"hats": r"\hat#1"})
    parts = Expansion(macros).expand([Tex(0, r"\hats x")])
    assert "".join(part.text for part in parts if isinstance(part, Tex)) == r"\hat x"


def test_a_deck_with_macros_has_none_in_its_package(tmp_path: Path) -> None:
    compiled = compile_with(tmp_path, r"$\E[\norm{x}]$")
    assert back(compiled) == r"\(\mathbb{E}[\lVert x \rVert]\)"


def test_a_macro_may_hold_a_cloze_in_its_argument(tmp_path: Path) -> None:
    compiled = compile_with(tmp_path, r"$\norm{{c1::x}} + \KL{{{c2::q}}}{p}$")
    assert back(compiled) == (r"\(\lVert {{c1::x}} \rVert + D_{\mathrm{KL}}({{c2::q}} \Vert p)\)")


def test_an_error_in_an_expansion_points_at_the_use(tmp_path: Path) -> None:
    [found] = compile_with(tmp_path, r"So $x + \oops + y$.").problems
    assert (found.rule, found.place.line, found.place.column) == ("tex-undefined", 6, 9)


def test_what_follows_a_macro_keeps_its_place(tmp_path: Path) -> None:
    [found] = compile_with(tmp_path, r"So $\norm{\undefd x} + \E$.").problems
    assert (found.rule, found.place.line, found.place.column) == ("tex-undefined", 6, 11)


def test_a_missing_argument_is_named_at_the_use(tmp_path: Path) -> None:
    [found] = compile_with(tmp_path, r"So $x + \norm$.").problems
    assert (found.rule, found.place.column) == ("tex-macro", 9)
    assert found.fix == r"write \norm{…}"


def test_macros_do_not_grow_without_end(tmp_path: Path) -> None:
    nested = "\\twice{" * 40 + "x" + "}" * 40
    [found] = compile_with(tmp_path, f"${nested}$").problems
    assert found.rule == "tex-macro"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"a1 = '\alpha'", "cannot be the name"),
        (r"'' = '\alpha'", "cannot be the name"),
        (r"a = '\b'" + "\n" + r"b = '\a'", "uses itself"),
        (r"a = '\a x'", "uses itself"),
        (r"a = '\frac{x'", "never closes"),
        (r"a = 'x}'", "closes nothing"),
        (r"a = '#2'", "not #1, #2"),
        (r"a = '#'", "not #1, #2"),
        (r"a = ''", "one line"),
        (r"a = '{{c1::x}}'", "a cloze"),
        (r"a = 3", "not a text"),
        (rf"a = '{'x' * 2001}'", "one line"),
    ],
)
def test_a_wrong_definition_is_named_in_its_line(tmp_path: Path, line: str, words: str) -> None:
    compiled = compile_with(tmp_path, "An answer.", f"\n[macros]\n{line}\n")
    assert compiled.deck is None
    assert {one.rule for one in compiled.problems} == {"deck-toml"}
    assert words in " ".join(one.what for one in compiled.problems)
    assert min(one.place.line for one in compiled.problems) >= 4


def test_a_changed_macro_is_a_correction_of_the_cards_that_use_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "deck.toml": TOML + MACROS,
        "01-cards.md": "# Examples\n\n" + card(r"$\E[X]$") + card("$x$", "Another?", "other"),
    }
    make_deck(tmp_path, files)
    release(tmp_path)
    toml = (TOML + MACROS).replace(r"\\mathbb{E}", r"\\operatorname{E}")
    (tmp_path / "deck.toml").write_text(toml, encoding="utf-8")
    prepared = release(tmp_path, "1.1.0", 1_700_000_000)
    assert {note.id: note.mod for note in prepared.deck.notes} == {
        "a-card": 1_700_000_000,
        "other": 1_600_000_000,
    }


def test_a_parameter_that_is_another_macros_argument_stays_one_thing() -> None:
    macros, wrong = define({"b": r"#1\d", "a": r"\b#1"})
    assert not wrong
    assert macros["a"].body == r"#1\d"


def test_a_chain_of_macros_has_no_length_and_nested_arguments_have_a_depth() -> None:
    names = [f"{'x' * (n // 26)}{chr(97 + n % 26)}A" for n in range(1500)]
    table = {names[0]: "x"} | {one: f"\\{before}" for before, one in pairwise(names)}
    macros, wrong = define(dict(reversed(table.items())))
    assert not wrong
    assert macros[names[-1]].body == "x"
    with pytest.raises(ProblemError, match="nested more than 30 deep"):
        Expansion(define({"f": "(#1)"})[0]).expand([Tex(0, r"\f{" * 2000 + "x" + "}" * 2000)])


def test_a_macro_that_leads_to_itself_spoils_only_those_that_use_it() -> None:
    macros, wrong = define({"a": r"\b", "b": r"\a", "c": r"\a", "d": "x", "e": r"\d\f", "f": "#2"})
    assert macros.keys() == {"d"}
    assert wrong["c"] == r"\c uses itself, or a macro that does"
    assert wrong["e"] == r"\e uses \f, which is wrong"


def letters(number: int) -> str:
    return "m" + "".join(chr(97 + int(digit)) for digit in str(number))


CHAIN = {letters(0): "x"} | {letters(n): f"\\{letters(n - 1)}" for n in range(1, 5000)}
TABLES = {
    "a chain": CHAIN,
    "long ones in all others": {"t": "x" * 1990} | {letters(n): "\\t" * 9 for n in range(2000)},
    "all of them in all others": {letters(n): "x" for n in range(900)}
    | {"t": "".join(f"\\{letters(n)}" for n in range(400))}
    | {f"z{letters(n)}": "\\t" for n in range(3000)},
    "doubling": {"d": "#1#1"} | {letters(n): "\\d{" * 28 + "x" + "}" * 28 for n in range(400)},
    "nesting": {"i": "#1"} | {letters(n): "\\i{" * 29 + "x" * 1800 + "}" * 29 for n in range(30)},
    "never closing": {letters(n): "{" * 1990 for n in range(30)},
    "a circle": {letters(n): f"\\{letters((n + 1) % 4000)}" for n in range(4000)},
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_macros_that_fit_into_deck_toml_take_long(table: dict[str, str]) -> None:
    started = time.process_time()
    macros, wrong = define(table)
    assert time.process_time() - started < 4
    assert macros.keys() | wrong.keys() == table.keys()
    assert sum(len(one.body) for one in macros.values()) <= MAX_MACROS + MAX_EXPANSION


def test_a_macro_in_a_macro_is_written_for_the_card_too() -> None:
    macros, _ = define({"a": "x", "b": r"\a+\a", "c": r"\b", "d": "y"})
    used = Expansion(macros)
    used.expand([Tex(0, r"\c")])
    assert used.written == {r"c \b", r"b \a+\a", "a x"}


MATRIX = f"\n[macros]\nA = '\\begin{{matrix}}{'1&' * 400}\\end{{matrix}}'\n"


@pytest.mark.parametrize(
    ("body", "line", "fix"),
    [
        ("$\\A$ " * 9, 6, r"use \A less often, or split the card"),
        ("$\\A$ " * 6 + "\n\n### Why\n\n" + "$\\A$ " * 6, 6, r"use \A less often"),
        ("\n".join([f"${'x+' * 900}$"] * 4), 9, "use fewer formulas"),
        ("\n".join(f"${'日' * 1800}$" for _ in range(1)), 6, "use fewer formulas"),
        (f"${'{' * 9}\\pmb{{" * 8 + "x" * 90 + "}" * 80 + "$", 6, "use fewer formulas"),
        ("$\\LaTeX$ " * 400, 6, "use fewer formulas"),
    ],
)
def test_the_formulas_of_a_card_add_up(tmp_path: Path, body: str, line: int, fix: str) -> None:
    compiled = compile_with(tmp_path, body, MATRIX)
    found = [one for one in compiled.problems if "of the card" in one.what]
    assert [(one.rule, one.place.line) for one in found] == [("tex-too-big", line)]
    assert fix in found[0].fix


def test_a_screen_of_formulas_is_far_from_the_limit(tmp_path: Path) -> None:
    body = "\n\n".join([r"$$\sum_{i=1}^n \frac{x_i - \mu}{\sigma} = \E[X]$$"] * 60)
    found = compile_with(tmp_path, body).problems
    assert {one.rule for one in found} == {"long-answer"}
