r"""The macros of a deck, ``[macros]`` in deck.toml: short names for what its formulas repeat.

They are expanded when the deck is built, so that a formula works on every client and nothing
leaks from one card into the next, which MathJax's own definitions do. The place of an expansion,
for every message, is that of the use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from deckwright.formulas.budget import MAX_SIGNS, signs
from deckwright.formulas.parts import Mark, MarkKind, Part, Tex
from deckwright.formulas.policy import TEX_TOO_BIG
from deckwright.formulas.reader import Reader
from deckwright.mathjax.tokens import nesting, tokens
from deckwright.model import ProblemError, Rule

TEX_MACRO = Rule(
    "tex-macro",
    "A macro of the deck has as many arguments as [macros] in deck.toml says.",
)


MAX_EXPANSION = 2000
"""The longest body of a macro, in characters, and the longest formula."""
MAX_MACROS = 40_000
"""How many characters are written out for all macros of a deck, those of an argument each time."""
_ENDLESS = 10 * MAX_EXPANSION
_DEEPEST = 30
"""How deeply the arguments of macros may be nested."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro of a deck: its name without the backslash, and its LaTeX."""

    name: str
    body: str
    """Its LaTeX, in which no other macro of the deck is left."""
    parameters: int
    """How many arguments it takes, ``#1`` up to at most ``#9``."""
    written: str
    """What a person wrote for it: its name and its definition."""
    uses: tuple[str, ...]
    """The names of the macros in that."""


def define(table: Mapping[str, str]) -> tuple[dict[str, Macro], dict[str, str]]:
    """The macros of a table of names and bodies; and what is wrong with the others, by name."""
    macros: dict[str, Macro] = {}
    wrong: dict[str, str] = {}
    uses = {
        name: dict.fromkeys(token.name for token in tokens(body) if token.name in table)
        for name, body in table.items()
    }
    sorter = TopologicalSorter(uses)
    left = MAX_MACROS
    with suppress(CycleError):  # what uses itself never gets ready
        sorter.prepare()
    while ready := sorter.get_ready():
        for name in ready:
            bad = next((used for used in uses[name] if used in wrong), "")
            problem = _problem(name, table[name])
            if not problem and left < 0:
                problem = f"with \\{name}, all macros come to over {MAX_MACROS:,} characters"
            if problem or bad:
                wrong[name] = problem or f"\\{name} uses \\{bad}, which is wrong"
                continue
            expansion = Expansion(macros, MAX_EXPANSION)
            try:
                parts = expansion.expand([Tex(0, table[name])])
            except ProblemError as error:
                wrong[name] = error.problem.what
                continue
            finally:
                left -= expansion.length
            body = "".join(part.text for part in parts if isinstance(part, Tex))
            written = f"{name} {table[name]}"
            count = len(_numbers(table[name]))
            macros[name] = Macro(name, body, count, written, tuple(uses[name]))
        sorter.done(*ready)
    cycles = [name for name in table if name not in macros and name not in wrong]
    return macros, wrong | {name: f"\\{name} uses itself, or a macro that does" for name in cycles}


def _numbers(body: str) -> set[str]:
    """What comes after each ``#`` of a body."""
    return {one.text[1:] for one in filter(_is_parameter, _tokens_of(Tex(0, body)))}


def _problem(name: str, body: str) -> str:
    """What is wrong with a definition by itself; empty where it is fine."""
    if not re.fullmatch("[A-Za-z]+", name):
        return f"{name[:40]!r} cannot be the name of a macro, which is made of letters a to z"
    if not body.strip() or "\n" in body or len(body) > MAX_EXPANSION:
        return f"\\{name} is not one line of up to {MAX_EXPANSION:,} characters"
    numbers = _numbers(body)
    if numbers != {str(number) for number in range(1, len(numbers) + 1)}:
        return f"the arguments of \\{name} are not #1, #2 and so on"
    matched = nesting(tokens(body))
    if matched.unclosed:
        return f"{matched.unclosed.text} in \\{name} never closes"
    if matched.unopened:
        return f"{matched.unopened.text} in \\{name} closes nothing"
    if re.search(r"\{\{c\d+::", body):
        return f"\\{name} has a cloze, which belongs in a card"
    return ""


class Expansion:
    """Expands the macros in formulas, and remembers which it has met."""

    def __init__(self, macros: Mapping[str, Macro], longest: int = _ENDLESS) -> None:
        """Expand these macros, given by their names, to so many characters at most."""
        self.macros = macros
        self.longest = longest
        self.left = MAX_SIGNS
        """How many signs MathJax may still set."""
        self.length = 0
        """How many characters were written out, those of an argument each time."""
        self.used: dict[str, None] = {}

    @property
    def written(self) -> frozenset[str]:
        """What a person wrote for the macros that were met, and for those in them."""
        found = dict(self.used)
        names = [*found]
        while names:
            more = [one for one in self.macros[names.pop()].uses if one not in found]
            found |= dict.fromkeys(more)
            names += more
        return frozenset(self.macros[name].written for name in found)

    def within_budget(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """The parts of a formula with its macros written out, while the budget of a card lasts.

        Raises:
            ProblemError: where it does not, and where a macro cannot be written out.
        """
        if self.left < 0:
            return ()  # named already
        expanded = self.expand(parts)
        self.left -= signs(expanded)
        if self.left >= 0:
            return expanded
        what = f"with this formula, those of the card have over {MAX_SIGNS:,} signs"
        names = [one.macro for one in expanded if isinstance(one, Tex) and one.macro]
        fix = "split the card, or use fewer formulas"
        if names:
            fix = f"use \\{max(names, key=names.count)} less often, or split the card"
            what += " with macros written out"
        raise ProblemError(TEX_TOO_BIG.at(expanded[0].start, what, fix))

    def expand(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """The parts of a formula, with the macros in it written out.

        Raises:
            ProblemError: where a macro lacks an argument, or grows without end.
        """
        latex = (part.text for part in parts if isinstance(part, Tex))
        names = {name for text in latex for name in re.findall(r"\\([A-Za-z]+)", text)}
        if names.isdisjoint(self.macros):
            return tuple(parts)
        atoms: list[Part] = []
        for part in parts:
            atoms += [part] if isinstance(part, Mark) else _tokens_of(part)
        return tuple(self._expand(atoms))

    def _expand(self, atoms: list[Part], depth: int = 0) -> list[Part]:
        out = _Output(self)
        index = 0
        while index < len(atoms):
            atom = atoms[index]
            index += 1
            command = atom.text if isinstance(atom, Tex) and atom.text[0] == "\\" else ""
            macro = self.macros.get(command[1:])
            if macro is None or out.in_text or isinstance(atom, Mark):
                out.add(atom)
                continue
            self.used[macro.name] = None
            arguments = []
            for _ in range(macro.parameters):
                argument, index = _argument(atoms, index)
                if argument is None:
                    raise _lacks_argument(macro, atom)
                if depth == _DEEPEST:
                    what = f"macros are nested more than {_DEEPEST} deep"
                    raise ProblemError(TEX_MACRO.at(atom.start, what, "nest them less deeply"))
                arguments.append(self._expand(argument, depth + 1))
            out.add_macro(atom.start, macro, arguments)
        return out.parts


def _tokens_of(part: Tex) -> Iterator[Tex]:
    """The tokens of some LaTeX; a parameter of a body, ``#1``, is one."""
    position = 0
    for token in tokens(part.text):
        if token.start >= position:
            sign = re.compile("#[1-9]").match(part.text, token.start)
            position = sign.end() if sign else token.end
            yield part.cut(token.start, position)


def _argument(atoms: list[Part], index: int) -> tuple[list[Part] | None, int]:
    """The argument at an index, without its braces, and the index after it; None without one.

    An argument is a group in braces, a whole cloze, or a single token.
    """
    while index < len(atoms) and isinstance(space := atoms[index], Tex) and space.text.isspace():
        index += 1
    steps = {"{": 1, "}": -1, MarkKind.OPEN: 1, MarkKind.CLOSE: -1}
    depth = 0
    for end in range(index, len(atoms)):
        atom = atoms[end]
        depth += steps.get(atom.text if isinstance(atom, Tex) else atom.kind, 0)
        if depth < 0:
            break
        if depth == 0:
            argument = atoms[index : end + 1]
            first = argument[0]
            braced = isinstance(first, Tex) and first.text == "{"
            return (argument[1:-1] if braced else argument), end + 1
    return None, index


def _lacks_argument(macro: Macro, use: Tex) -> ProblemError:
    number = "an argument" if macro.parameters == 1 else f"{macro.parameters} arguments"
    fix = f"write \\{macro.name}{'{…}' * macro.parameters}"
    return ProblemError(TEX_MACRO.at(use.start, f"\\{macro.name} takes {number}", fix))


def _is_parameter(token: Tex) -> bool:
    return token.text[0] == "#"


class _Output:
    """Parts of a formula as they come, kept apart where two tokens would become one."""

    def __init__(self, expansion: Expansion) -> None:
        self.parts: list[Part] = []
        self._reader = Reader()
        self._expansion = expansion
        self._length = 0

    @property
    def in_text(self) -> bool:
        """Whether commands are shown letter by letter here."""
        return self._reader.in_text

    def add(self, part: Part) -> None:
        """Add a part."""
        if isinstance(part, Mark):
            self.parts.append(part)
        elif part.text:
            if not self._continues(part) and (between := self._reader.separator(part.text)):
                self._append(Tex(part.start, between, fixed=True))
            self._append(part)

    def _continues(self, part: Tex) -> bool:
        """Whether some LaTeX comes right after the last in the source, too."""
        last = self.parts[-1] if self.parts else None
        return isinstance(last, Tex) and last.end == part.start and not (last.fixed or part.fixed)

    def _append(self, part: Tex) -> None:
        self._length += len(part.text)
        self._expansion.length += len(part.text)
        if self._length > self._expansion.longest:
            most = self._expansion.longest
            what = f"macros make this formula longer than {most:,} characters"
            raise ProblemError(TEX_MACRO.at(part.start, what, "nest them less deeply"))
        self._reader.read(part.text)
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Tex) and self._continues(part):
            self.parts[-1] = Tex(last.start, last.text + part.text)
        else:
            self.parts.append(part)

    def add_macro(self, use: int, macro: Macro, arguments: list[list[Part]]) -> None:
        """Add the body of a macro, all of it but its arguments at the place of its use."""
        reader = self._reader
        in_braces = reader.in_brackets or (reader.awaits_argument and not reader.awaits_delimiter)
        self._add_fixed(use, "{" * in_braces)
        for is_parameter, row in groupby(_tokens_of(Tex(0, macro.body)), _is_parameter):
            if is_parameter:
                for one in row:
                    self._add_argument(use, arguments[int(one.text[1:]) - 1])
            else:
                self._add_fixed(use, "".join(one.text for one in row), macro.name)
        self._add_fixed(use, "}" * in_braces)

    def _add_argument(self, use: int, argument: list[Part]) -> None:
        brackets = any(isinstance(part, Tex) and "]" in part.text for part in argument)
        in_braces = brackets and self._reader.in_brackets
        self._add_fixed(use, "{" * in_braces)
        for part in argument:
            self.add(part)
        self._add_fixed(use, "}" * in_braces)

    def _add_fixed(self, use: int, text: str, macro: str = "") -> None:
        self.add(Tex(use, text, fixed=True, macro=macro))
