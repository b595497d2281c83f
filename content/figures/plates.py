"""The VAE as two graphical models: generation solid, inference dashed, and what is shared.

The masked twin hides the name of the distribution that the dashed arrow stands for.
"""

from __future__ import annotations

from pathlib import Path

from drawing import (
    GREY,
    SHADE,
    Pen,
    arrow,
    conditional,
    page,
    plate,
    random_node,
    symbol,
    words,
)

DASHED = Pen(dashes="5 4")
HIDDEN, SEEN = 72, 160  # the heights of z and x


def generation(left: float) -> list[str]:
    """From z, by θ, to x."""
    middle = left + 100
    return [
        words(middle, 20, "Generative model"),
        plate(left + 48, 34, 128, 164, "N"),
        random_node(middle - 16, HIDDEN, "z"),
        random_node(middle - 16, SEEN, "x", SHADE),
        arrow(f"M{middle - 16} {HIDDEN + 20}V{SEEN - 21}"),
        symbol(left + 18, SEEN + 6, "θ"),
        arrow(f"M{left + 27} {SEEN}H{middle - 37}"),
        symbol(middle + 28, 121, conditional("p", "θ", "x", "z"), size=16),
    ]


def inference(left: float, name: str) -> list[str]:
    """From x, by φ, to z."""
    middle = left + 100
    return [
        words(middle, 20, "Inference model"),
        plate(left + 48, 34, 128, 164, "N"),
        random_node(middle - 16, HIDDEN, "z"),
        random_node(middle - 16, SEEN, "x", SHADE),
        arrow(f"M{middle - 16} {SEEN - 20}V{HIDDEN + 21}", DASHED),
        symbol(left + 18, HIDDEN + 6, "φ"),
        arrow(f"M{left + 27} {HIDDEN}H{middle - 37}", DASHED),
        symbol(middle + 28, 121, name, size=16),
    ]


def diagram(name: str) -> str:
    """Both models side by side."""
    notes = ["shaded: observed · open: latent", "plate: one copy for each of N data points"]
    below = [words(195, 222 + 17 * line, text, GREY, 11.5) for line, text in enumerate(notes)]
    title = "A variational autoencoder in plate notation"
    return page(250, title, [*generation(0), *inference(195, name), *below])


def draw(media: Path) -> dict[str, float]:
    """The diagram with its labels, and the one that asks for one."""
    names = {"plates": conditional("q", "φ", "z", "x"), "plates-masked": "?"}
    for file, name in names.items():
        (media / f"{file}.svg").write_text(diagram(name), encoding="utf-8")
    return {}
