"""The reparameterisation trick as two graphs: where the gradient stops, and how it gets through.

Circles are random, boxes are not. The masked twin hides the node that the trick adds, and the
words that would give it away.
"""

from __future__ import annotations

from pathlib import Path

from drawing import (
    BLUE,
    PALE,
    TINT,
    VERMILION,
    Pen,
    arrow,
    cross,
    fixed_node,
    page,
    random_node,
    symbol,
    words,
)

TOP, MIDDLE, BOTTOM = 58, 132, 206  # the heights of f, of z, and of what z is made from


def original() -> list[str]:
    """z is drawn, and the gradient stops there."""
    return [
        words(97, 22, "Original"),
        fixed_node(97, TOP, "f"),
        random_node(97, MIDDLE, "z", TINT),
        fixed_node(52, BOTTOM, "φ"),
        fixed_node(142, BOTTOM, "x"),
        arrow("M97 112V75"),
        arrow("M62 190L84 150"),
        arrow("M132 190L110 150"),
        arrow("M75 62C40 72 34 104 58 119", Pen(VERMILION, "5 3")),
        cross(69, 125),
        words(97, 244, "z is a random draw:", size=11.5),
        words(97, 260, "no gradient gets through", VERMILION, 11.5),
    ]


def reparameterised(noise: str) -> list[str]:
    """z follows from φ, x and noise, and the gradient reaches φ."""
    known = noise != "?"
    formula = "z = μ + σ ⊙ ε" if known else "z = μ + σ ⊙ ?"
    return [
        words(292, 22, "Reparameterised"),
        fixed_node(292, TOP, "f"),
        fixed_node(292, MIDDLE, "z"),
        fixed_node(232, BOTTOM, "φ"),
        fixed_node(292, BOTTOM, "x"),
        random_node(352, BOTTOM, noise, TINT),
        arrow("M292 116V75"),
        arrow("M243 190L278 149"),
        arrow("M292 190V149"),
        arrow("M339 191L307 149"),
        arrow("M270 66C246 90 234 130 230 187", Pen(BLUE, "5 3", 2.2)),
        words(228, 58, "gradient", BLUE, 11.5),
        symbol(292, 246, formula, size=14.5),
        words(292, 262, "the gradient reaches φ", BLUE, 11.5),
    ]


def diagram(noise: str) -> str:
    """Both graphs side by side."""
    line = f'<path d="M195 34V232" stroke="{PALE}"/>'
    title = "The reparameterisation trick as two computation graphs"
    return page(272, title, [*original(), line, *reparameterised(noise)])


def draw(media: Path) -> dict[str, float]:
    """The graphs with their labels, and the ones that ask for one."""
    for file, noise in {"reparam-graph": "ε", "reparam-graph-masked": "?"}.items():
        (media / f"{file}.svg").write_text(diagram(noise), encoding="utf-8")
    return {}
