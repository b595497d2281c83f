r"""The macros of a deck, ``[macros]`` in deck.toml: short names for what its formulas repeat.

They are expanded when the deck is built, so that a formula works on every client and nothing
leaks from one card into the next, as MathJax's own definitions do. What an expansion puts there
stands, for every message, at the place of the use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deckwright.formulas.parts import Mark, MarkKind, Tex
from deckwright.formulas.reader import Reader
from deckwright.mathjax.tokens import nesting, tokens
from deckwright.model import ProblemError, Rule

TEX_MACRO = Rule(
    "tex-macro",
    "A macro of the deck has as many arguments as [macros] in deck.toml says.",
)


MAX_EXPANSION = 2000
"""The longest body of a macro, in characters; as long as a formula may be."""
_ENDLESS = 10 * MAX_EXPANSION

_NAME = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro of a deck: its name without the backslash, and what it stands for."""

    name: str
    body: str
    """Its LaTeX, in which no other macro of the deck is left."""
    parameters: int
    """How many arguments it takes, ``#1`` up to at most ``#9``."""


def define(table: Mapping[str, str]) -> tuple[dict[str, Macro], dict[str, str]]:
    """The macros of a table of names and bodies; and what is wrong with those that are none."""
    macros: dict[str, Macro] = {}
    wrong: dict[str, str] = {}

    def settle(name: str, above: tuple[str, ...]) -> None:
        """Define a macro, after those that its body uses."""
        if name in macros or name in wrong:
            return
        if problem := _problem(name, table[name]):
            wrong[name] = problem
            return
        names = (token.name for token in tokens(table[name]))
        for used in dict.fromkeys(one for one in names if one in table):
            if used in (*above, name):
                wrong[name] = f"\\{name} stands for itself"
                return
            settle(used, (*above, name))
            if used in wrong:
                wrong.setdefault(name, f"\\{name} uses \\{used}, which is wrong")
                return
        try:
            parts = Expansion(macros).expand([Tex(0, table[name])])
        except ProblemError as error:
            wrong[name] = error.problem.what
            return
        body = "".join(part.text for part in parts if isinstance(part, Tex))
        macros[name] = Macro(name, body, len(_numbers(table[name])))

    for name in table:
        settle(name, ())
    return macros, wrong


def _pieces(body: str) -> list[str]:
    """A body cut at its parameters, which are every other piece: ``#1``."""
    pieces = [""]
    for token in tokens(body):
        if token.text == "#":
            pieces += ["#", ""]
        elif len(pieces) > 1 and pieces[-2:] == ["#", ""]:
            pieces[-2:] = [f"#{token.text[:1]}", token.text[1:]]
        else:
            pieces[-1] += token.text
    return pieces


def _numbers(body: str) -> set[str]:
    """What stands after each ``#`` of a body."""
    return {piece[1:] for piece in _pieces(body)[1::2]}


def _problem(name: str, body: str) -> str:
    """What is wrong with a definition by itself; empty where it is fine."""
    if not _NAME.fullmatch(name):
        return f"{name[:40]!r} cannot be the name of a macro, which is made of letters a to z"
    if not body.strip() or "\n" in body or len(body) > MAX_EXPANSION:
        return f"\\{name} does not stand for one line of up to {MAX_EXPANSION:,} characters"
    numbers = _numbers(body)
    if numbers != {str(number) for number in range(1, len(numbers) + 1)}:
        return f"the arguments of \\{name} are not #1, #2 and so on"
    matched = nesting(tokens(body))
    if open_ := matched.unclosed or matched.unopened:
        return f"{open_.text} in \\{name} stands alone"
    if "{{" in body and re.search(r"\{\{c\d+::", body):
        return f"\\{name} holds a cloze, which belongs into a card"
    return ""


Part = Tex | Mark


class Expansion:
    """Expands the macros in formulas, and remembers which it has met."""

    def __init__(self, macros: Mapping[str, Macro]) -> None:
        """Expand these macros, given by their names."""
        self.macros = macros
        self.used: dict[str, None] = {}

    def expand(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """The parts of a formula, with the macros in it written out.

        Raises:
            ProblemError: where a macro lacks an argument, or grows without end.
        """
        names = {
            name
            for part in parts
            if isinstance(part, Tex)
            for name in re.findall(r"\\([A-Za-z]+)", part.text)
        }
        if names.isdisjoint(self.macros):
            return tuple(parts)
        return tuple(self._expand(list(_atoms(parts))))

    def _expand(self, atoms: list[Part]) -> list[Part]:
        out = _Output()
        index = 0
        while index < len(atoms):
            atom = atoms[index]
            index += 1
            macro = self._macro(atom)
            if macro is None or out.in_text or not isinstance(atom, Tex):
                out.add(atom)
                continue
            self.used[macro.name] = None
            arguments = []
            for _ in range(macro.parameters):
                argument, index = _argument(atoms, index)
                if argument is None:
                    raise _lacks_argument(macro, atom)
                arguments.append(self._expand(argument))
            out.add_macro(atom.start, macro, arguments)
        return out.parts

    def _macro(self, atom: Part) -> Macro | None:
        named = isinstance(atom, Tex) and atom.text[0] == "\\"
        return self.macros.get(atom.text[1:]) if named and isinstance(atom, Tex) else None


def _atoms(parts: Sequence[Part]) -> Iterator[Part]:
    """Parts of a formula, one for each token."""
    for part in parts:
        if isinstance(part, Mark):
            yield part
        else:
            yield from _atoms_of(part)


def _atoms_of(part: Tex) -> Iterator[Tex]:
    """The tokens of some LaTeX; a parameter of the body around, ``#1``, is one."""
    position = 0
    for token in tokens(part.text):
        if token.start >= position:
            sign = re.compile("#[1-9]").match(part.text, token.start)
            position = sign.end() if sign else token.end
            yield part.cut(token.start, position)


def _step(atom: Part) -> int:
    """How much deeper a token leads, into braces and clozes."""
    if isinstance(atom, Mark):
        return {MarkKind.OPEN: 1, MarkKind.CLOSE: -1}.get(atom.kind, 0)
    return {"{": 1, "}": -1}.get(atom.text, 0)


def _argument(atoms: list[Part], index: int) -> tuple[list[Part] | None, int]:
    """The argument at an index, without its braces, and the index after it; None without one.

    An argument is a group in braces, a whole cloze, or a single token.
    """
    while index < len(atoms) and isinstance(space := atoms[index], Tex) and space.text.isspace():
        index += 1
    depth = 0
    for end in range(index, len(atoms)):
        depth += _step(atoms[end])
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


class _Output:
    """Parts of a formula as they come, kept apart where two tokens would become one."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._reader = Reader()
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
        """Whether some LaTeX stands right behind the last in the source, too."""
        last = self.parts[-1] if self.parts else None
        return isinstance(last, Tex) and last.end == part.start and not (last.fixed or part.fixed)

    def _append(self, part: Tex) -> None:
        self._length += len(part.text)
        if self._length > _ENDLESS:
            what = f"macros make this formula longer than {_ENDLESS:,} characters"
            raise ProblemError(TEX_MACRO.at(part.start, what, "nest them less deeply"))
        for token in tokens(part.text):
            self._reader.read(token)
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Tex) and self._continues(part):
            self.parts[-1] = Tex(last.start, last.text + part.text)
        else:
            self.parts.append(part)

    def add_macro(self, use: int, macro: Macro, arguments: list[list[Part]]) -> None:
        """Add what a macro stands for, all of it but its arguments at the place of its use."""
        reader = self._reader
        grouped = reader.in_brackets or (reader.awaits_argument and not reader.awaits_delimiter)
        self.add(Tex(use, "{" * grouped, fixed=True))
        for index, piece in enumerate(_pieces(macro.body)):
            if index % 2:
                self._add_argument(use, arguments[int(piece[1:]) - 1])
            else:
                self.add(Tex(use, piece, fixed=True, macro=macro.name))
        self.add(Tex(use, "}" * grouped, fixed=True))

    def _add_argument(self, use: int, argument: list[Part]) -> None:
        brackets = any(isinstance(part, Tex) and "]" in part.text for part in argument)
        grouped = brackets and self._reader.in_brackets
        self.add(Tex(use, "{" * grouped, fixed=True))
        for part in argument:
            self.add(part)
        self.add(Tex(use, "}" * grouped, fixed=True))
