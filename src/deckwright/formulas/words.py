r"""What is said about a formula that MathJax refuses: what is wrong, and what to write instead.

The names that Anki's MathJax knows are in ``names.json``, taken from the engine itself. What people
write out of habit and it does not know is in ``hints.toml``, with what to write for it. What
MathJax says when it gives up is in :mod:`deckwright.formulas.errors`, in plain words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, NamedTuple

from deckwright.formulas.errors import ARGUMENTS, ERRORS, MISPLACED, NO_ENVIRONMENT, UNKNOWN
from deckwright.formulas.policy import FORBIDDEN
from deckwright.mathjax.commands import (
    LOWER_GREEK,
    UPPER_GREEK,
    arguments,
    known_environment,
    names,
    takes_delimiter,
)

_GREEK = LOWER_GREEK | UPPER_GREEK
EVERYDAY = _GREEK | frozenset(
    "ell hbar partial nabla infty emptyset varnothing aleph Re Im prime angle triangle "
    "le leq ge geq ne neq ll gg sim simeq approx equiv cong propto in notin ni subset subseteq "
    "supset supseteq subsetneq mid nmid parallel perp vdash models prec succ preceq succeq "
    "triangleq coloneqq to gets mapsto rightarrow leftarrow leftrightarrow Rightarrow Leftarrow "
    "Leftrightarrow longrightarrow longleftarrow Longrightarrow longmapsto uparrow downarrow "
    "hookrightarrow xrightarrow xleftarrow implies impliedby iff rightharpoonup rightleftharpoons "
    "forall exists nexists neg lnot land lor wedge vee cup cap setminus oplus ominus otimes odot "
    "therefore because pm mp times div cdot ast star circ bullet dagger top bot square checkmark "
    "sum prod int iint iiint oint bigcup bigcap bigoplus bigotimes bigwedge bigvee coprod lim "
    "limsup liminf sup inf max min arg det dim ker deg gcd exp ln log lg sin cos tan cot sec csc "
    "arcsin arccos arctan sinh cosh tanh Pr bmod pmod mod frac dfrac tfrac cfrac binom sqrt "
    "overline underline overbrace underbrace overset underset stackrel hat widehat bar tilde "
    "widetilde vec dot ddot check breve acute grave mathring overrightarrow mathbb mathcal mathbf "
    "mathrm mathit mathsf mathtt mathfrak mathscr boldsymbol pmb text textbf textit textrm texttt "
    "operatorname left right middle big Big bigg Bigg bigl bigr Bigl Bigr lvert rvert lVert rVert "
    "vert Vert langle rangle lfloor rfloor lceil rceil lbrace rbrace begin end substack limits "
    "nolimits displaystyle textstyle quad qquad ldots cdots vdots ddots dots boxed color textcolor "
    "cancel tag not phantom ce bra ket braket set".split()
)
"""The names that most formulas are made of: among names equally near, one of these was meant."""
_EVERYDAY_BLOCKS = frozenset("align aligned array bmatrix cases gather matrix pmatrix".split())
_OTHERWISE = "write this part of the formula in another way"
_SHOWN = 60
"""So much is shown of what an author wrote, or MathJax says."""
_MOST = 3
"""So many names are offered at most."""
_SLIP = 0.5
"""The distance of a wrong case or a doubled letter; of any other wrong letter, 1."""
_GROWN_TOGETHER = 0.7
"""How far a name and a letter that grew together are from being written apart."""
_ALIKE = 0.2
"""Names that differ by no more in how near they are count as equally near."""


class _Hints(NamedTuple):
    """What hints.toml says."""

    names: Mapping[str, str]
    """The fix for a name."""
    letters: Mapping[str, str]
    """What to write for a prefix and a letter, by the prefix and ``A`` or ``x``."""
    greek: Mapping[str, str]
    """What to write for a prefix and a Greek letter, by the prefix."""
    environments: Mapping[str, str]
    """The fix for an environment."""


def undefined(name: str, macros: Collection[str] = ()) -> str:
    """What to write instead of a control sequence that is not known: the fix.

    ``name`` and ``macros``, the deck's own, are without their backslashes.
    """
    hints = _hints()
    if name in hints.names:
        return hints.names[name]
    if not re.fullmatch("[A-Za-z]+", name):
        shown = f": {name}" if name.strip() and name.isprintable() else ""
        return f"take the backslash out{shown}"
    if known_environment(name):
        return f"write \\begin{{{name}}} … \\end{{{name}}}"
    if found := _prefixed(name):
        return f"write {found}"
    if near := _near_macros(name, frozenset(macros)):
        return _did_you_mean(near)
    if near := _near_hints(name):
        return hints.names[near[0]]
    return UNKNOWN


def environment(name: str) -> str:
    """What to write instead of an environment that is not known: the fix."""
    if name in _hints().environments:
        return _hints().environments[name]
    near = _nearest(_distances(name, names("environments"), _EVERYDAY_BLOCKS))
    return _did_you_mean(near) if near else NO_ENVIRONMENT


def mathjax(error_id: str, message: str) -> tuple[str, str]:
    """What is wrong and what to do, where MathJax gives up with this error."""
    row = ERRORS.get("Mhchem" if error_id.startswith("Mhchem") else error_id)
    values = _values(row[0], message) if row else None
    if row is None or values is None:
        return f"MathJax says: {message[:_SHOWN].rstrip('.')}", _OTHERWISE
    _, what, fix = row
    first = values[0] if values else ""
    if error_id == "Misplaced":
        what, fix = MISPLACED.get(first, (what, fix))
    what, fix = _fill(what, values), _fill(fix, values)
    if error_id == "UnknownEnv":
        fix = environment(first)
    elif error_id == "UndefinedControlSequence":
        fix = undefined(first.removeprefix("\\"))
    elif error_id == "MissingArgFor" and first in ARGUMENTS:
        fix = f"write {first}{ARGUMENTS[first]}"
    return what, fix


def _values(template: str, message: str) -> tuple[str, ...] | None:
    """What MathJax put into its message; None where the message is another one."""
    if not template:
        return ()
    pattern = re.escape(template).replace("'", "['\"]")
    found = re.fullmatch(re.sub(r"%\d", "(.*?)", pattern), message, re.DOTALL)
    return found.groups() if found else None


def _fill(text: str, values: tuple[str, ...]) -> str:
    return re.sub(r"%(\d)", lambda number: values[int(number[1]) - 1][:_SHOWN], text)


# Names


@cache
def _hints() -> _Hints:
    text = (files(__package__) / "hints.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    define = "write {}, or define {} in [macros] of deck.toml"
    block = r"write \begin{{{0}}} … \end{{{0}}}"
    fixes = {name: f"write {found}" for name, found in table["write"].items()}
    fixes |= {name: define.format(found, name) for name, found in table["define"].items()}
    blocks = {name: block.format(found) for name, found in table["environments"]["write"].items()}
    blocks |= table["environments"]["say"]
    return _Hints(fixes | table["say"], table["letters"], table["greek"], blocks)


def _prefixed(name: str) -> str:
    r"""What to write for a name such as ``\bx`` or ``\hatmu``; empty where it is no such name."""
    for prefix, found in _hints().greek.items():
        if name.startswith(prefix) and name.removeprefix(prefix) in _GREEK:
            return found.replace("…", f"\\{name.removeprefix(prefix)}")
    prefix, letter = name[:-1], name[-1]
    if prefix.endswith(letter):
        return ""  # more likely a letter typed twice
    found = _hints().letters.get(prefix + ("A" if letter.isupper() else "x"), "")
    return found.replace("…", letter)


def _did_you_mean(near: list[str]) -> str:
    *others, last = near
    return f"did you mean {', '.join(others)} or {last}?" if others else f"did you mean {last}?"


@lru_cache(1024)
def _near_macros(name: str, macros: frozenset[str]) -> list[str]:
    """What was probably meant by a name, with its backslash, best first."""
    everyday = EVERYDAY | macros
    known = {one for one in names("macros") if one.isalpha()} - FORBIDDEN.keys() | macros
    found = {f"\\{one}": far for one, far in _distances(name, known, everyday).items()}
    for one, rest in _grown_together(name, everyday, macros):
        found[f"\\{one} {rest}"] = _GROWN_TOGETHER
    return _nearest(found)


@lru_cache(1024)
def _near_hints(name: str) -> list[str]:
    r"""Which name with a hint was probably meant by one such as ``\argmaxx``."""
    known = [one for one in _hints().names if len(one) > 3]
    return _nearest(_distances(name, known, known))


def _grown_together(
    name: str, everyday: frozenset[str], macros: frozenset[str]
) -> Iterator[tuple[str, str]]:
    r"""The ways to read a name as a known one and what follows it, such as ``\alpha x``."""
    for end in range(len(name) - 1, 0, -1):
        one, rest = name[:end], name[end:]
        if one not in everyday or _takes_more(one) or (end == 1 and one not in macros):
            continue
        if len(rest) == 1:
            yield one, rest
        elif rest in everyday and end > 2:
            yield one, f"\\{rest}"


def _takes_more(name: str) -> bool:
    """Whether a command is not complete with a letter after it, or wants it in braces."""
    return (
        bool(arguments(name))
        or takes_delimiter(name)
        or name in ("begin", "end", "limits", "nolimits")
    )


def _distances(name: str, known: Collection[str], everyday: Collection[str]) -> dict[str, float]:
    """How far the known names near a name are from it; one that is not everyday is farther."""
    limit = _SLIP if len(name) < 3 else 1 if len(name) < 6 else 1.5 if len(name) < 8 else 2
    letters = _letters(name)
    found = {}
    for one in known:
        if abs(len(one) - len(name)) > 2 * limit or len(letters ^ _letters(one)) > 2 * limit:
            continue  # too far for sure
        far = _SLIP if one.casefold() == name.casefold() else _distance(name, one)
        if far <= limit:
            found[one] = far if one in everyday else far + _SLIP
    return found


@cache
def _letters(name: str) -> frozenset[str]:
    return frozenset(name.casefold())


def _nearest(found: Mapping[str, float]) -> list[str]:
    best = min(found.values(), default=0)
    near = [one for one, far in found.items() if far <= best + _ALIKE]
    return sorted(near, key=lambda one: (found[one], one.casefold(), one))[:_MOST]


def _distance(one: str, other: str) -> float:
    """How many slips of the finger lie between two names; two letters swapped are one."""
    rows = [[0.0, *accumulate(_cost(other, j) for j in range(len(other)))]]
    for i, letter in enumerate(one):
        row = [rows[-1][0] + _cost(one, i)]
        for j, wanted in enumerate(other):
            far = min(
                rows[-1][j + 1] + _cost(one, i),
                row[j] + _cost(other, j),
                rows[-1][j] + _change(letter, wanted),
            )
            if i and j and one[i - 1] == wanted and letter == other[j - 1]:
                far = min(far, rows[-2][j - 1] + 1)
            row.append(far)
        rows.append(row)
    return rows[-1][-1]


def _cost(word: str, index: int) -> float:
    """What a letter too many or too few costs; less where the one before is the same."""
    return _SLIP if index and word[index - 1] == word[index] else 1


def _change(letter: str, wanted: str) -> float:
    if letter == wanted:
        return 0
    return _SLIP if letter.casefold() == wanted.casefold() else 1
