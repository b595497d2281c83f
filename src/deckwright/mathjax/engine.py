"""Formulas in Anki's own MathJax, inside this process: the one door to quickjs.

MathJax is the very file that Anki loads, unmodified, between two of ours: ``stage.js`` is what it
asks of a browser when it starts, ``prover.js`` says what it makes of a formula.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_SCRIPTS = tuple(_HERE / name for name in ("stage.js", "vendor/tex-chtml-full.js", "prover.js"))
_MEMORY_LIMIT = 48 << 20
"""What one context may hold, in bytes; MathJax alone holds 10 MB, a formula seldom 1 MB."""
_TIME_LIMIT = 4.0
"""What one formula may take, in seconds of the whole process, of all its threads together: with
two engines at work half of that, which is 400 times what a formula takes."""
_LONG = 4_000
"""From how many characters a formula gets a context of its own: for what needs much memory, what
went before would decide whether there is enough. No sound card comes near."""
_JS_STACK = 6 << 20
"""How deep JavaScript may call, in bytes."""
THREAD_STACK = 16 << 20
"""The stack, in bytes, that a thread needs to use an engine; macOS gives 512 kB by default."""

_NO_MEMORY = ("InternalError: out of memory", "null", "(Failed obtaining")
"""How quickjs reports it, with less and less memory left for words."""


@dataclass(frozen=True, slots=True, order=True)
class Typeset:
    """A formula as MathJax gets it: LaTeX without its delimiters."""

    tex: str
    display: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Anki's MathJax makes of a formula; the defaults are those of one without fault."""

    error: str = ""
    """Why it does not compile, in MathJax's words."""
    error_id: str = ""
    """MathJax's id of that; ``Internal`` where MathJax itself fails, ``Retry`` where it would
    load an extension, which Anki does not have."""
    at: int | None = None
    """Where MathJax's parser stood then, in code points."""
    delimited: bool = True
    """Whether MathJax finds exactly this formula between the delimiters that Anki uses."""
    undefined: tuple[str, ...] = ()
    """Control sequences that it does not know, without backslash, in order, each once."""
    raw: tuple[str, ...] = ()
    """Texts that show a backslash by mistake, or the ??? of a reference."""
    unsafe: tuple[str, ...] = ()
    """Attributes and elements that could load, run or collide: ``style="…"``, ``mglyph``."""
    empty: bool = False
    """Whether it draws nothing."""
    breaks: bool = False
    """Whether it breaks a line where MathJax 3 ignores that: outside every environment."""
    width: float = 0.0
    """In em of its own font, by MathJax's own metrics; 0 where it cannot be known."""
    fonts: tuple[str, ...] = ()
    """MathJax's letters for the fonts that draw it, besides the main one: ``I`` for its italics;
    ``*`` where they are not known. There may be one too many, never one too few."""
    gave_up: str = ""
    """What it was too much of: ``time``, ``memory`` or ``depth``."""


class EngineMissing(Exception):  # noqa: N818 - it says what is the case, like StopIteration
    """quickjs is not installed, or does not load."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"cannot prove formulas ({error}): pip install quickjs-ng")


def load() -> Any:
    """The module quickjs.

    It starts a thread of its own when it is first imported, and sets the stack of new threads for
    that moment: so it is imported before any engine's thread starts, and only where one is needed.

    Raises:
        EngineMissing: where it is not installed.
    """
    try:
        import quickjs
    except ImportError as error:
        raise EngineMissing(error) from None
    return quickjs


def identity() -> str:
    """A digest of all that a verdict depends on: our scripts, MathJax, quickjs and its limits.

    All of MathJax is read for it: that takes 2 ms, and a digest written down beside the file
    would vouch for a file that is not this one.

    Raises:
        EngineMissing: where quickjs is not installed.
    """
    try:
        engine = version("quickjs-ng")
    except PackageNotFoundError as error:
        raise EngineMissing(error) from None
    total = sha256(f"{engine} {_MEMORY_LIMIT} {_JS_STACK}".encode())
    for script in _SCRIPTS:
        total.update(sha256(script.read_bytes()).digest())
    return total.hexdigest()


class Engine:
    """MathJax in one JavaScript context: to be used, and closed, in the thread that made it.

    Raises:
        EngineMissing: where quickjs cannot be imported.
    """

    def __init__(self) -> None:
        self._start()

    def prove(self, batch: Sequence[Typeset]) -> list[Verdict]:
        """What MathJax makes of each formula; none depends on those before it."""
        return [self._prove(formula) for formula in batch]

    def close(self) -> None:
        """Give its memory back."""
        self._call: Any = None

    def _start(self) -> None:
        quickjs = load()
        context = quickjs.Context()
        context.set_max_stack_size(_JS_STACK)
        context.set_memory_limit(_MEMORY_LIMIT)
        try:
            for script in _SCRIPTS:
                context.eval(script.read_text(encoding="utf-8") + "\n;0")
        except quickjs.JSException as error:  # MathJax itself always runs where it has room
            raise MemoryError(str(error)) from None
        context.set_time_limit(_TIME_LIMIT)
        self._error = quickjs.JSException
        self._call = context.get("prove")
        self._fresh = True

    def _prove(self, formula: Typeset) -> Verdict:
        alone = len(formula.tex) >= _LONG
        if self._call is None or (alone and not self._fresh):
            self._start()
        # ASCII: quickjs takes neither NUL nor half a surrogate pair.
        question = json.dumps({"tex": formula.tex, "display": formula.display})
        try:
            answer = json.loads(self._call(question))
        except self._error as error:
            return self._too_much(formula, str(error))
        self._fresh = False
        if answer.pop("spent") or alone:
            self.close()
        lists = {name: tuple(answer[name]) for name in ("undefined", "raw", "unsafe", "fonts")}
        return replace(Verdict(), **{**answer, **lists})

    def _too_much(self, formula: Typeset, words: str) -> Verdict:
        """The verdict on a formula that hit a limit; the context cannot be trusted any more."""
        fresh = self._fresh
        self.close()
        if "interrupted" in words:
            return Verdict(gave_up="time")
        if "call stack" in words or "stack overflow" in words:
            return Verdict(gave_up="depth")
        if not words.startswith(_NO_MEMORY):
            raise AssertionError(words)  # prover.js itself fails
        # Memory may have gone to the formulas before: only a new context shows.
        return Verdict(gave_up="memory") if fresh else self._prove(formula)
