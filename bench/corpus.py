"""A deck of made-up STEM cards to measure with: the same cards for the same numbers, everywhere.

``python bench/corpus.py FOLDER CARDS`` writes it. The words mean nothing, but what costs time has
the shares of a real deck, as :data:`SHARES` tells: some 640 bytes a card, formulas in two of
three. Rules about words are off in it: they are tried, and ``deckwright check`` has nothing to say.
"""

from __future__ import annotations

import argparse
import random
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

SHARES = {
    "cloze": 0.15,
    "picture": 0.05,
    "table": 0.08,
    "code": 0.12,
    "list": 0.3,
    "display": 0.15,
    "why": 0.35,
    "source": 0.6,
}
"""Which part of the cards has what."""
_OF_WORDS = "alike answer-shown long-answer long-list long-question no-source same-prompt".split()
"""The rules that words without a meaning break."""
PICTURE_SIDE = 64
"""In pixels; noise does not compress, so a picture has some 12 kB."""

_NOUNS = (
    "eigenvalue manifold integral gradient tensor kernel lattice graph enzyme ribosome membrane "
    "orbital isotope catalyst polymer capacitor transistor pipeline scheduler semaphore automaton "
    "grammar estimator likelihood posterior variance martingale functor spectrum resonance torque "
    "viscosity plasma photon boson synapse hormone genome allele basis subspace topology geodesic"
).split()
_ADJECTIVES = (
    "compact convex continuous uniform bounded linear stochastic discrete orthogonal symmetric "
    "reversible adiabatic elastic covalent recursive asymptotic greedy unbiased sparse irreducible "
    "harmonic singular isotropic homogeneous"
).split()
_VERBS = (
    "satisfies bounds determines preserves minimises decomposes generates induces approximates "
    "dominates contradicts regularises"
).split()
_OPENINGS = ("", "", "", "therefore ", "however, ", "by contrast ", "for example, ", "formally, ")
_TAGS = "analysis algebra physics::qm chemistry biology::cell cs::algorithms statistics".split()
_PROMPTS = (
    "What does it mean for a {adjective} {noun} to be {other}?",
    "State the {noun} theorem for {adjective} systems.",
    "Why is every {adjective} {noun} also {other}?",
    "When does {formula} hold for the {noun}?",
    "How does a {adjective} {noun} become {other}?",
)
_FORMULAS = (
    r"x_{i}^{2}",
    r"\mathbb{R}^{n}",
    r"O(n \log n)",
    r"\lVert x \rVert_{2} < \epsilon",
    r"\nabla \cdot \mathbf{E} = \rho / \varepsilon_0",
    r"P(A \mid B)",
    r"x \in A_{*}",
    r"\hat{\theta}_{\mathrm{ML}}",
    r"\frac{\partial u}{\partial t}",
    r"\Delta G = \Delta H - T \Delta S",
    r"\sigma_x \sigma_p \ge \hbar / 2",
    r"f(x) = \sum_{k=0}^{\infty} a_k x^k",
)
_DISPLAYS = (
    r"\int_{-\infty}^{\infty} e^{-x^2} \, dx = \sqrt{\pi}",
    "\\begin{aligned}\n  a &= b + c \\\\\n  d &= e_{1} * f^{*} * g\n\\end{aligned}",
    r"A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"\hat{\beta} = (X^{\top} X)^{-1} X^{\top} y",
    "\\begin{cases} x^2 & x < 0 \\\\\n  \\sin x & x \\ge 0 \\end{cases}",
)
_CODE = (
    ("python", "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a"),
    (
        "c",
        "int ones(unsigned x) {\n    int n = 0;\n    for (; x; x &= x - 1) n++;\n    return n;\n}",
    ),
    ("sql", "SELECT dept, COUNT(*) AS n\nFROM emp\nGROUP BY dept HAVING COUNT(*) > 3;"),
    ("bash", 'for f in *.md; do\n  wc -w "$f"\ndone'),
)


class _Author:
    """Writes cards; all chance comes from ``random()``, whose numbers no Python changes."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def has(self, share: float) -> bool:
        return self._random.random() < share

    def pick(self, of: Sequence[T]) -> T:
        return of[int(self._random.random() * len(of))]

    def times(self, least: int, most: int) -> range:
        return range(self.pick(range(least, most + 1)))

    def card(self, number: int) -> str:
        """A card, from its prompt to its last part."""
        tags = ", ".join(sorted({f'"{self.pick(_TAGS)}"' for _ in self.times(1, 3)}))
        blocks = [f"## {self.prompt()}\n<!--\nid: {card_id(number)}\ntags: [{tags}]\n-->"]
        blocks += self.answer(number)
        if self.has(SHARES["why"]):
            blocks.append(f"### Why\n{self.sentence()}")
        if self.has(SHARES["source"]):
            blocks.append(f"### Source\nDoe & Roe ({self.pick(range(1950, 2025))}), §{number % 9}")
        return "\n\n".join(blocks)

    def prompt(self) -> str:
        return self.pick(_PROMPTS).format(
            adjective=self.pick(_ADJECTIVES),
            noun=self.pick(_NOUNS),
            other=self.pick(_ADJECTIVES),
            formula=f"${self.pick(_FORMULAS)}$",
        )

    def answer(self, number: int) -> Iterator[str]:
        if self.has(SHARES["cloze"]):
            for cloze in self.times(1, 3):
                hidden = f"{{{{c{cloze + 1}::{self.pick(_ADJECTIVES)} {self.pick(_NOUNS)}}}}}"
                yield f"The {self.pick(_NOUNS)} is a {hidden} and obeys ${self.pick(_FORMULAS)}$."
        for _ in self.times(1, 3):
            yield self.paragraph()
        if self.has(SHARES["display"]):
            yield f"$$\n{self.pick(_DISPLAYS)}\n$$"
        if self.has(SHARES["list"]):
            yield "\n".join(self.items())
        if self.has(SHARES["table"]):
            yield "\n".join(("| Quantity | Symbol |", "|---|---|", *self.rows()))
        if self.has(SHARES["code"]):
            language, code = self.pick(_CODE)
            yield f"```{language}\n{code}\n```"
        if self.has(SHARES["picture"]):
            yield f"![A {self.pick(_ADJECTIVES)} {self.pick(_NOUNS)}]({picture(number)})"

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in self.times(1, 4))

    def sentence(self) -> str:
        text = self.pick(_OPENINGS) + self.clause()
        if self.has(0.35):
            text += f", while {self.clause()}"
        return f"{text[0].upper()}{text[1:]}."

    def clause(self) -> str:
        verb = self.pick(_VERBS)
        text = f"the {self.pick(_ADJECTIVES)} {self.pick(_NOUNS)} {verb} the {self.pick(_NOUNS)}"
        if self.has(0.06):
            text += f" ${self.pick(_FORMULAS)}$"
        if self.has(0.2):
            text += f" of **{self.pick(_ADJECTIVES)} {self.pick(_NOUNS)}**"
        if self.has(0.1):
            text += f" (*{self.pick(_ADJECTIVES)}*)"
        if self.has(0.05):
            text += f" via `{self.pick(_NOUNS)}_{self.pick(_NOUNS)}()`"
        return text

    def items(self) -> Iterator[str]:
        mark = self.pick(("-", "-", "1."))
        for _ in self.times(2, 4):
            yield f"{mark} {self.clause()}"
            if self.has(0.1):
                yield f"    {mark} {self.clause()}"

    def rows(self) -> Iterator[str]:
        for _ in self.times(2, 4):
            yield f"| {self.pick(_ADJECTIVES)} {self.pick(_NOUNS)} | ${self.pick(_FORMULAS)}$ |"

    def png(self) -> bytes:
        """A picture of noise."""
        row = 1 + 3 * PICTURE_SIDE
        pixels = bytearray(self._random.randbytes(row * PICTURE_SIDE))
        pixels[::row] = bytes(PICTURE_SIDE)  # each row starts with the number of its filter
        header = struct.pack(">IIBBBBB", PICTURE_SIDE, PICTURE_SIDE, 8, 2, 0, 0, 0)
        chunks = (b"IHDR", header), (b"IDAT", zlib.compress(pixels, 1)), (b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )


def card_id(number: int) -> str:
    return f"card-{number:06}"


def picture(number: int) -> str:
    """The address of a card's picture."""
    return f"media/{number:06}.png"


def write(folder: Path, cards: int, per_file: int = 50, seed: int = 7) -> None:
    """Write a deck of so many cards into a folder, which need not exist."""
    author = _Author(seed)
    (folder / "media").mkdir(parents=True, exist_ok=True)
    toml = 'key = "bench"\nname = "Bench"\ntag = "bench"\ndescription = "Made-up cards."\n[rules]\n'
    toml += "".join(f'{rule} = "off"\n' for rule in _OF_WORDS)
    (folder / "deck.toml").write_text(toml, encoding="utf-8")
    for first in range(0, cards, per_file):
        file = f"{first // per_file + 1:04}"
        blocks = [f"# {file} {author.pick(_NOUNS).title()}"]
        for number in range(first, min(first + per_file, cards)):
            blocks.append(author.card(number))
            if picture(number) in blocks[-1]:
                (folder / picture(number)).write_bytes(author.png())
        text = "\n\n".join(blocks) + "\n"
        (folder / f"{file}.md").write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    options = argparse.ArgumentParser(description="Write a deck of made-up cards.")
    options.add_argument("folder", type=Path)
    options.add_argument("cards", type=int)
    options.add_argument("--per-file", type=int, default=50)
    chosen = options.parse_args()
    write(chosen.folder, chosen.cards, chosen.per_file)


if __name__ == "__main__":
    main()
