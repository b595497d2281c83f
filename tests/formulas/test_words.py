r"""What is said about formulas, asked of the very MathJax that Anki has.

``python -m tests.formulas.test_words`` writes names.json anew.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import quickjs

from deckwright.formulas import words
from deckwright.formulas.analysis import Analysis
from deckwright.formulas.policy import forbidden
from deckwright.mathjax import commands
from deckwright.mathjax.engine import Engine, Typeset, Verdict
from tests.formulas.corpus import rows

OURS = Path(words.__file__).parent.parent
NAMES = OURS / "mathjax" / "names.json"
MATHJAX = (OURS / "mathjax" / "vendor" / "tex-chtml-full.js").read_text(encoding="utf-8")
HINTS: dict[str, Any] = tomllib.loads(
    (OURS / "formulas" / "hints.toml").read_text(encoding="utf-8")
)
BLOCKS = HINTS["environments"]
ERRORS: dict[str, dict[str, str]] = tomllib.loads(
    (OURS / "formulas" / "errors.toml").read_text(encoding="utf-8")
)

# The packages are Anki's: see prover.js. A delimiter is known as a macro by its name in the
# table of delimiters, which holds the backslash; what has none there is no control sequence.
WALK = r"""
JSON.stringify((() => {
  const { TeX } = MathJax._.input.tex_ts;
  const { packages: all } = MathJax.config.tex;
  const packages = all.filter((one) => one !== "textmacros" && one !== "noerrors");
  const { handlers } = new TeX({ packages: [...packages, "mathtools", "mhchem"] }).parseOptions;
  const { DelimiterMap } = MathJax._.input.tex.SymbolMap;
  const names = (kind, pick) => [...handlers.get(kind)._configuration].flatMap(({ item }) =>
    [...(item.map?.keys() ?? [])].filter((name) => pick(item, name)).map((name) =>
      item instanceof DelimiterMap ? name.slice(1) : name));
  const control = (item, name) => !(item instanceof DelimiterMap) || /^\\./.test(name);
  return { macros: names("macro", control), environments: names("environment", () => true) };
})())
"""


def names_of_mathjax() -> dict[str, Any]:
    """What Anki's MathJax knows, read off its own tables; and what its commands take."""
    context = quickjs.Context()
    context.set_max_stack_size(6 << 20)
    for script in ((OURS / "mathjax" / "stage.js").read_text(encoding="utf-8"), MATHJAX):
        context.eval(script + "\n;0")
    found: dict[str, list[str]] = json.loads(context.eval(WALK))
    names = {kind: sorted(set(found[kind])) for kind in found}
    counted = {name: arguments_of(name) for name in names["macros"] if name not in OTHERS}
    needed = {name: number for name, number in counted.items() if number}
    by_id = zip(names["macros"], prove(*(f"\\{name}" for name in names["macros"])), strict=True)
    delimiters = [name for name, one in by_id if one.error_id == "MissingOrUnrecognizedDelim"]
    return {"arguments": needed, "delimiters": delimiters, **names}


OTHERS = {"begin", "end", "toggle", "verb"}
"""What takes more than arguments in braces."""


def arguments_of(name: str) -> int:
    """How many arguments a command asks for, one after the other."""
    written = f"\\{name}"
    for number in range(10):
        if prove(written)[0].error_id != "MissingArgFor":
            return number
        tries = [written + one for one in ("{x}", "{1em}", "{2}", "{red}")]
        written = next(
            (one for one in tries if prove(one)[0].error_id in ("", "MissingArgFor")), tries[0]
        )
    raise AssertionError(name)


def as_json(names: dict[str, Any]) -> str:
    return json.dumps(names, indent=1, sort_keys=True) + "\n"


@cache
def engine() -> Engine:
    return Engine()


def prove(*formulas: str) -> list[Verdict]:
    return engine().prove([Typeset(one, display=True) for one in formulas])


def named(text: str) -> Iterator[str]:
    """The names of the control sequences in a text."""
    return (one[1] for one in re.finditer(r"\\([A-Za-z]+|.)", text))


def environments_in(text: str) -> set[str]:
    return set(re.findall(r"\\(?:begin|end)\{([^{}…]*)\}", text))


# Names


def test_the_names_are_those_that_the_engine_knows() -> None:
    names = names_of_mathjax()
    assert NAMES.read_text(encoding="utf-8") == as_json(names), __doc__
    assert len(names["macros"]) > 1000
    assert len(names["environments"]) > 60


def test_no_known_name_is_undefined_to_the_engine() -> None:
    macros = json.loads(NAMES.read_text(encoding="utf-8"))["macros"]
    verdicts = prove(*(f"\\{name} " for name in macros))
    wrong = [one for one, verdict in zip(macros, verdicts, strict=True) if one in verdict.undefined]
    assert not wrong


def test_no_known_environment_is_unknown_to_the_engine() -> None:
    blocks = json.loads(NAMES.read_text(encoding="utf-8"))["environments"]
    verdicts = prove(*(f"\\begin{{{name}}}{{align}} x \\end{{{name}}}" for name in blocks))
    ids = dict(zip(blocks, (verdict.error_id for verdict in verdicts), strict=True))
    assert "UnknownEnv" not in ids.values(), ids


def test_names_are_known_without_their_backslash() -> None:
    assert all(map(commands.known_macro, ["frac", "{", ",", "\\", "lVert", "require", "of"]))
    assert not any(map(commands.known_macro, ["bm", "\\frac", "(", "", "align", "/"]))
    assert commands.known_environment("align*")
    assert not commands.known_environment("tikzpicture")


# Hints


NAMED = [*HINTS["write"], *HINTS["define"]]
PREFIXED = [
    *(f"{one}{rest}" for one in HINTS["letters"] for rest in ("x", "X", "mu")),
    *(f"{one}X" for one in HINTS["capitals"]),
]


@pytest.mark.parametrize("name", [*NAMED, *PREFIXED])
def test_each_cure_of_an_undefined_name_compiles_in_the_engine(name: str) -> None:
    fix = words.undefined(name)
    assert fix.startswith("write "), fix
    written = fix.removeprefix("write ").split(", or define ")[0].replace("…", "x")
    [verdict] = prove(written)
    assert not (verdict.error or verdict.undefined or verdict.raw or verdict.unsafe), verdict


def test_no_replacement_is_forbidden_in_a_card() -> None:
    for table in ("write", "define", "letters", "capitals", "say"):
        for name, found in HINTS[table].items():
            assert not [*forbidden(Analysis(found))], (name, found)


def test_each_hinted_name_is_unknown_to_the_engine() -> None:
    names = [*HINTS["write"], *HINTS["define"], *HINTS["say"]]
    verdicts = prove(*(f"\\{name} x" for name in names))
    wrong = [
        one for one, verdict in zip(names, verdicts, strict=True) if one not in verdict.undefined
    ]
    assert not wrong
    assert not [*filter(commands.known_macro, names)]
    assert len(names) == len(set(names))
    assert len(names) > 150


def test_names_to_define_are_names_a_macro_can_have() -> None:
    assert all(name.isalpha() and name.isascii() for name in HINTS["define"])


def test_each_environment_with_a_hint_is_unknown_to_the_engine() -> None:
    verdicts = prove(*(f"\\begin{{{name}}} x \\end{{{name}}}" for name in BLOCKS))
    assert {verdict.error_id for verdict in verdicts} == {"UnknownEnv"}
    assert not [*filter(commands.known_environment, BLOCKS)]


def test_cures_in_words_name_only_what_the_engine_knows() -> None:
    for name, text in {**HINTS["say"], **BLOCKS}.items():
        assert all(map(commands.known_macro, named(text))), (name, text)
        assert environments_in(text) <= {
            name,
            *json.loads(NAMES.read_text(encoding="utf-8"))["environments"],
        }


def test_no_cure_is_empty_and_none_ends_with_a_full_stop() -> None:
    names = [*HINTS["write"], *HINTS["define"], *HINTS["say"], *"qwk", "zzzzzz", "alpa", "$", "\t"]
    fixes = [words.undefined(name) for name in names]
    fixes += [words.environment(name) for name in (*BLOCKS, "zzz", "")]
    fixes += [row[key] for row in ERRORS.values() for key in ("what", "fix")]
    for fix in fixes:
        assert fix.strip() == fix != ""
        assert not re.search(r"(?<!\w\\right)(?<!\\left)\.$|\n", fix), fix
        assert len(fix) <= 100, fix


@pytest.mark.parametrize(
    ("name", "fix"),
    {
        "bm": r"write \boldsymbol{…}",
        "E": r"write \mathbb{E}, or define E in [macros] of deck.toml",
        "argmax": r"write \operatorname*{arg\,max}, or define argmax in [macros] of deck.toml",
        "1": "take the backslash out: 1",
        "usepackage": "remove it: a card cannot load packages",
        "aligned": r"write \begin{aligned} … \end{aligned}",
        "cL": r"write \mathcal{L}",
        "mathbbR": r"write \mathbb{R}",
        "vx": r"write \mathbf{x}",
        "dt": r"write \mathrm{d}t",
        "bmu": r"write \boldsymbol{\mu}",
        "vtheta": r"write \boldsymbol{\theta}",
        "hatSigma": r"write \hat{\Sigma}",
        "dtheta": r"write \mathrm{d}\theta",
        "mathbff": r"did you mean \mathbfsf or \mathbf?",
        "argmaxx": r"write \operatorname*{arg\,max}, or define argmax in [macros] of deck.toml",
        "indicatr": r"write \mathbf{1}, or define indicator in [macros] of deck.toml",
        "?": "take the backslash out: ?",
        "é": "take the backslash out: é",
        "\t": "take the backslash out",
        "": "take the backslash out",
    }.items(),
)
def test_what_people_write_out_of_habit_has_a_hint(name: str, fix: str) -> None:
    assert words.undefined(name) == fix


# Names nearby


@pytest.mark.parametrize(
    ("name", "near"),
    {
        "righttarrow": r"\rightarrow or \Rrightarrow",
        "RightArrow": r"\Rightarrow or \rightarrow",
        "lamda": r"\lambda",
        "aplha": r"\alpha",
        "ALPHA": r"\alpha",
        "simga": r"\sigma or \sim",
        "farc": r"\frac",
        "sqr": r"\sqrt",
        "parital": r"\partial",
        "nalba": r"\nabla",
        "boldSymbol": r"\boldsymbol",
        "operatoname": r"\operatorname",
        "textbff": r"\textbf or \textsf",
        "exits": r"\exists",
        "Left": r"\left",
        "summ": r"\sum",
        "alphax": r"\alpha",
        "cdotx": r"\cdot or \cdots",
        "fracx": r"\frac",
    }.items(),
)
def test_a_misspelt_name_finds_the_one_that_was_meant(name: str, near: str) -> None:
    assert words.undefined(name) == f"did you mean {near}?"


def test_a_macro_of_the_deck_is_found_too() -> None:
    assert words.undefined("Posteriro", ["Posterior"]) == r"did you mean \Posterior?"
    assert words.undefined("posterior", ["Posterior"]) == r"did you mean \Posterior?"
    assert words.undefined("E", ["EE"]) == words.undefined("E")


def test_what_is_near_nothing_is_to_be_written_out_or_defined() -> None:
    fix = "Anki's MathJax does not know it: write it out, or define it in [macros] of deck.toml"
    for name in ("q", "zzzzzz", "foo", "attentionpooling", "w" * 5000):
        assert words.undefined(name) == fix


@pytest.mark.parametrize(
    ("name", "fix"),
    {
        "algin": "did you mean align?",
        "Aligned": "did you mean aligned?",
        "alinged": "did you mean aligned or alignedat?",
        "pmatirx": "did you mean pmatrix or pmatrix*?",
        "case": "did you mean cases or cases*?",
        "tabular": r"write \begin{array} … \end{array}",
        "tikzpicture": "draw it as a picture, and show that with ![…](…)",
        "zzz": "write aligned, cases, array or a matrix, such as pmatrix",
    }.items(),
)
def test_an_unknown_environment_has_a_cure(name: str, fix: str) -> None:
    assert words.environment(name) == fix


# MathJax's own words


def messages_of_mathjax() -> dict[str, set[str]]:
    """The messages in MathJax's source by their ids, with ``%1`` and ``%2``."""
    string = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
    found: dict[str, set[str]] = {}
    for one in re.finditer(rf"(?:new [\w$.]+\(|[:{{,]\w+:\[)\"([A-Z]\w+)\",({string})", MATHJAX):
        if one[0].startswith("new") or one[1].startswith(("Missing", "Extra")):
            found.setdefault(one[1], set()).add(re.sub(r"\\(.)", r"\1", one[2][1:-1]))
    return found


def test_each_error_is_one_of_mathjax_in_its_own_words() -> None:
    messages = messages_of_mathjax()
    assert len(messages) > 90
    for error_id, row in ERRORS.items():
        if "says" in row:
            assert row["says"] in messages[error_id], error_id
            numbers = re.findall(r"%(\d)", row["says"])
            assert [*dict.fromkeys(numbers)] == sorted(set(numbers)), error_id
        elif " " in error_id:
            argument = error_id.split()[-1]
            assert {"says": error_id.replace(argument, "%1")}.items() <= ERRORS[
                "Misplaced" if error_id.startswith("Misplaced") else "MissingArgFor"
            ].items()


def test_words_use_only_what_mathjax_names() -> None:
    for error_id, row in ERRORS.items():
        named = set(re.findall(r"%\d", row.get("says", "")))
        assert set(re.findall(r"%\d", row["what"] + row["fix"])) <= named, error_id


TRIED: dict[str, tuple[str, str]] = {
    r"\frac{a}{b}}": (
        "a } closes nothing, or something that is not complete",
        r"remove it, write \} to show it, or add what is missing before it",
    ),
    r"\frac{a}": (r"\frac has too few arguments", r"write \frac{…}{…}"),
    r"\sqrt": (r"\sqrt has too few arguments", r"write \sqrt{…}"),
    r"\begin": (r"\begin does not name an environment", r"write \begin{aligned} … \end{aligned}"),
    r"\sqrt[3": (r"the [ after \sqrt is never closed", "add its ], or write {[} to show it"),
    "x^": ("nothing comes after ^ or _", "write it in braces: x^{…} or x_{…}"),
    "x_^2": ("a ^ or _ comes right after a _", "use braces: x_{…}^{…}"),
    "x_a_b": ("one thing has two subscripts", "use braces: x_{a_b} or {x_a}_b"),
    "x^a^b": ("one thing has two superscripts", "use braces: x^{a^b} or {x^a}^b"),
    "x^2'": ("a prime comes after a superscript", "write it first, f'^{2}, or use braces: {f^2}'"),
    r"\left( a": (r"a \left has no \right", r"close it with \right), or \right. for nothing"),
    r"a \right)": (
        r"a \right has no \left in its braces or cell",
        r"open it there with \left(, or \left. for nothing",
    ),
    r"\left x \right)": (
        r"\left has no delimiter after it",
        r"write one without braces: \left) or \left\}, or \left. for nothing",
    ),
    r"a \middle| b": (
        r"\middle is outside of \left … \right",
        r"put it between them, or write \mid",
    ),
    "a &= b": (
        "& is where there are no columns",
        r"put it into an aligned block, outside of \left … \right, or write \& for the sign",
    ),
    r"\hline": (
        r"\hline is not at the start of a row",
        r"put it right after \begin{array}{…} or \\",
    ),
    r"a \cr b": (
        r"\cr is where there are no rows and columns",
        r"put it into an environment: \begin{array}{cc} … \end{array}",
    ),
    r"\begin{algin} a \end{algin}": (
        "Anki's MathJax does not know the environment algin",
        "did you mean align?",
    ),
    r"\begin{empheq}{foo} a \end{empheq}": (
        "Anki's MathJax does not know the environment foo",
        "write aligned, cases, array or a matrix, such as pmatrix",
    ),
    r"\begin{align} a \end{aligned}": (
        r"\begin{align} is closed by \end{aligned}",
        r"write \end{align}",
    ),
    r"\begin{align} a": (r"\begin{align} never ends", r"write \end{align} after its last line"),
    r"a \end{align}": (
        r"\end{align} ends what never began",
        r"remove it, or write \begin{align} before",
    ),
    "a # b": ("a bare # means nothing in a formula", r"write \#"),
    r"a \over b \over c": (
        r"\over is twice in one pair of braces",
        r"write \frac{…}{…} or \binom{…}{…}, or give each its own: {a \over b}",
    ),
    r"\text{a $b}": (
        r"a $ in a \text{…} is never closed",
        r"close it with another $, or write \$ for the sign",
    ),
    r"\color[HTML]{ff0000}x": (
        "Anki's MathJax does not know the colour model HTML",
        r"write the colour without it: \color{#c00000} or \color{red}",
    ),
    r"\color[RGB]{300,0,0}x": (
        "MathJax says: Color values for the RGB model must be between 0 and 255",
        "correct the command that begins here, or leave it out",
    ),
    r"\ce{A\bond{x}B}": (
        r"MathJax cannot read this \ce or \pu",
        r"write it as mhchem does: \ce{2H2 + O2 -> 2H2O}, \bond{=} or \pu{1.2 mol//L}",
    ),
    r"\prescript{a}{b}{X}": (
        "MathJax itself fails on this formula",
        r"write it in another way; \prescript, for one, never works",
    ),
}


@pytest.mark.parametrize("tex", TRIED)
def test_an_error_is_said_in_plain_words(tex: str) -> None:
    [verdict] = prove(tex)
    assert words.mathjax(verdict.error_id, verdict.error) == TRIED[tex]


def test_the_arguments_that_are_offered_are_enough() -> None:
    tried = 0
    for name in json.loads(NAMES.read_text(encoding="utf-8"))["arguments"]:
        [verdict] = prove(f"\\{name}")
        fix = words.mathjax(verdict.error_id, verdict.error)[1]
        if verdict.error_id == "MissingArgFor" and fix.startswith("write "):
            [again] = prove(fix.removeprefix("write ").replace("…", "x"))
            assert again.error_id != "MissingArgFor", fix
            tried += 1
    assert tried > 100


def test_an_error_nobody_knows_is_said_in_the_words_of_mathjax() -> None:
    otherwise = "correct the command that begins here, or leave it out"
    assert words.mathjax("Novel", "It is new.") == ("MathJax says: It is new", otherwise)
    assert words.mathjax("MissingArgFor", "Other words") == ("MathJax says: Other words", otherwise)


def test_what_an_author_wrote_cannot_fill_the_words() -> None:
    what, fix = words.mathjax("EnvBadEnd", r"\begin{%2} ended with \end{" + "x" * 999 + "}")
    assert what.startswith(r"\begin{%2} is closed by")
    assert fix == r"write \end{%2}"
    assert len(what) < 100


def test_every_error_of_the_corpus_has_its_words() -> None:
    texts = [row.tex for row in rows() if row.status in ("error", "raw")]
    assert len(texts) > 50
    said = [
        (tex, words.mathjax(verdict.error_id, verdict.error)[0])
        for tex, verdict in zip(texts, prove(*texts), strict=True)
        if verdict.error
    ]
    assert len(said) > 50
    assert not [one for one in said if one[1].startswith("MathJax says")]


def test_every_undefined_name_of_the_corpus_has_a_cure_of_its_own() -> None:
    names = {
        name
        for verdict in prove(*(row.tex for row in rows() if row.status == "undefined"))
        for name in verdict.undefined
    }
    assert len(names) > 25
    general = words.undefined("zzzzzz")
    assert {name for name in names if words.undefined(name) == general} == {"undefd"}


if __name__ == "__main__":
    NAMES.write_text(as_json(names_of_mathjax()), encoding="utf-8")
