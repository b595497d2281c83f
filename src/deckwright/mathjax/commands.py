"""The commands and environments that Anki's MathJax knows, and what they take.

names.json is made from the engine's own tables, and from what it says of each command alone.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

_MORE = {"genfrac": 6, "of": 1}
"""What takes more than MathJax says of it alone."""
PREAMBLES = frozenset("array alignat alignat* alignedat subarray xalignat xxalignat".split())
"""The environments that take an argument."""

TEXTS = frozenset(
    "text textbf textit textrm textsf texttt textnormal textup mbox hbox fbox framebox".split()
)
"""The commands whose argument MathJax shows letter by letter."""
CHEMISTRY = frozenset({"ce", "pu"})
"""The commands whose argument is mhchem's, which is not TeX."""
LOWER_GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi"
    " pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega".split()
)
UPPER_GREEK = frozenset("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split())
SWITCHES = frozenset(
    "tiny Tiny scriptsize small normalsize large Large LARGE huge Huge color"
    " displaystyle textstyle scriptstyle scriptscriptstyle rm bf it sf tt cal".split()
)
"""The commands that change all that comes after them in their group."""


def known_macro(name: str) -> bool:
    """Whether Anki's MathJax knows a control sequence, given without its backslash."""
    return name in names("macros") or name in ("of", "endtoggle")  # of \root, of \toggle


def known_environment(name: str) -> bool:
    r"""Whether Anki's MathJax knows an environment, ``\begin{name}``."""
    return name in names("environments")


def arguments(name: str) -> int:
    r"""How many arguments a command cannot do without: 2 for ``frac``, 0 for ``alpha``."""
    found: int = _MORE.get(name) or _table()["arguments"].get(name, 0)
    return found


def takes_delimiter(name: str) -> bool:
    r"""Whether a command takes a delimiter, without braces: ``left`` does."""
    return name in names("delimiters")


@cache
def names(kind: str) -> frozenset[str]:
    """All names of a kind: ``macros``, ``environments``, or ``delimiters``, which take one."""
    return frozenset(_table()[kind])


@cache
def _table() -> dict[str, Any]:
    text = (files(__package__) / "names.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
