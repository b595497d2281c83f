r"""What is wrong with a formula that MathJax refuses, and what to write instead.

``names.json`` has the names that Anki's MathJax knows, ``hints.toml`` what to write for names that
people bring from elsewhere, and ``errors.toml`` MathJax's errors in plain words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from deckwright.formulas.policy import FORBIDDEN
from deckwright.mathjax.commands import (
    LOWER_GREEK,
    UPPER_GREEK,
    arguments,
    known_environment,
    names,
)

_ALIKE = 0.75
"""How alike two names are at least, of 1, for the one to be meant by the other."""
_ALIKE_HINT = 0.8
"""The same for a name that has a hint."""
_SHOWN = 60
"""The longest stretch that is shown of what an author wrote, or of what MathJax says."""


def undefined(name: str, macros: Collection[str] = ()) -> str:
    """What to write instead of a control sequence that is not known: the fix.

    ``name`` and ``macros``, the deck's own, are without their backslashes.
    """
    hints = _hints()
    if name in hints:
        return hints[name]
    if not re.fullmatch("[A-Za-z]+", name):
        shown = f": {name}" if name.strip() and name.isprintable() else ""
        return f"take the backslash out{shown}"
    if known_environment(name):
        return f"write \\begin{{{name}}} … \\end{{{name}}}"
    return _prefixed(name) or _meant(name, frozenset(macros))


def environment(name: str) -> str:
    """What to write instead of an environment that is not known: the fix."""
    near = _did_you_mean(_near(name, names("environments")))
    return str(
        _table("hints")["environments"].get(name) or near or _table("errors")["UnknownEnv"]["fix"]
    )


def mathjax(error_id: str, message: str) -> tuple[str, str]:
    """What is wrong and what to do, where MathJax gives up with this error."""
    key = "Mhchem" if error_id.startswith("Mhchem") else error_id
    row = _table("errors").get(message) or _table("errors").get(key)
    values = _values(row.get("says", ""), message) if row else None
    if row is None or values is None:
        said = message[:_SHOWN].rstrip(".")
        return f"MathJax says: {said}", "correct the command that begins here, or leave it out"
    what, fix = (_fill(row[key], values) for key in ("what", "fix"))
    if error_id == "UnknownEnv":
        fix = environment(values[0])
    elif error_id == "UndefinedControlSequence":
        fix = undefined(values[0].removeprefix("\\"))
    elif error_id == "MissingArgFor" and values:
        fix = f"write {values[0][:_SHOWN]}{'{…}' * max(1, arguments(values[0][1:]))}"
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


@cache
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _hints() -> Mapping[str, str]:
    """The fix for each name of hints.toml."""
    table = _table("hints")
    define = "write {}, or define {} in [macros] of deck.toml"
    written = {name: f"write {found}" for name, found in table["write"].items()}
    defined = {name: define.format(found, name) for name, found in table["define"].items()}
    return {**written, **defined, **table["say"]}


def _prefixed(name: str) -> str:
    r"""The fix for a name such as ``\bx`` or ``\hatmu``; empty where it is not such a name."""
    table = _table("hints")
    for prefix, found in table["letters"].items():
        if name.startswith(prefix) and name.removeprefix(prefix) in LOWER_GREEK | UPPER_GREEK:
            bold = found.replace(r"\mathbf", r"\boldsymbol")
            return f"write {bold.replace('…', chr(92) + name.removeprefix(prefix))}"
    prefix, letter = name[:-1], name[-1]
    if prefix.endswith(letter):
        return ""  # more likely a letter typed twice
    found = table["letters"].get(prefix) or (letter.isupper() and table["capitals"].get(prefix))
    return f"write {found.replace('…', letter)}" if found else ""


@lru_cache(1024)
def _meant(name: str, macros: frozenset[str]) -> str:
    """The fix for a name that is nearly a known one, or nearly one that has a hint."""
    known = {one for one in names("macros") if one.isalpha()} - FORBIDDEN.keys() | macros
    if near := _near(name, known):
        return _did_you_mean([f"\\{one}" for one in near])
    near = _near(name, [one for one in _hints() if len(one) > 3], _ALIKE_HINT)
    return _hints()[near[0]] if near else str(_table("errors")["UndefinedControlSequence"]["fix"])


def _near(name: str, known: Collection[str], alike: float = _ALIKE) -> list[str]:
    """At most two names that are like another one and start with its letter, best first."""
    start = name[:1].casefold()
    likely = sorted(one for one in known if one[:1].casefold() == start)
    same = [one for one in likely if one.casefold() == name.casefold()]
    return same[:2] or get_close_matches(name, likely, 2, alike)


def _did_you_mean(near: list[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else ""
