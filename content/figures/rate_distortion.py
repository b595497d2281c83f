"""What a nat of rate buys: distortion against rate for eleven weights β of the KL.

VAEs with 16 latents and decoder noise σ = 0.15, measured on the test digits. At β = 1 the line of
constant ELBO, of slope -1, touches the curve. Distortion is shown without its constant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from style import BLUE, GREY, INK, canvas, save_png
from vae import FIXED_SIGMA, PIXELS, digits, trained

BETAS = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
CONSTANT = 0.5 * PIXELS * math.log(2 * math.pi * FIXED_SIGMA**2)
DARK_ORANGE = "#b34e00"


@dataclass(frozen=True)
class Point:
    """One trained model on the plane of rate and distortion, and a digit it reconstructs."""

    beta: float
    rate: float
    distortion: float
    digit: np.ndarray


def measure(beta: float) -> Point:
    """Train, and measure with 20 draws for each test digit."""
    model, test = trained(16, beta, FIXED_SIGMA, epochs=120), digits()[1]
    torch.manual_seed(1)
    draws = [model.terms(test.images) for _ in range(20)]
    distortion = np.mean([one.mean().item() for one, _ in draws])
    digit = model.decode(model.encode(test.example(3, number=1))[0]).numpy()
    return Point(beta, draws[0][1].sum(1).mean().item(), float(distortion) - CONSTANT, digit)


def draw_digits(axes: Axes, points: dict[float, Point]) -> None:
    """Hang a reconstruction on some of the points."""
    for beta, away in ((40.0, (62, 0)), (1.0, (14, 60)), (0.02, (0, 42))):
        point = points[beta]
        image = OffsetImage(
            1 - point.digit.reshape(8, 8).clip(0, 1), zoom=2.6, cmap="gray", interpolation="nearest"
        )
        line = {"arrowstyle": "-", "color": GREY, "lw": 0.7}
        axes.add_artist(
            AnnotationBbox(
                image,
                (point.rate, point.distortion),
                xybox=away,
                boxcoords="offset points",
                pad=0.12,
                arrowprops=line,
            )
        )


def draw(media: Path) -> dict[str, float]:
    """The curve, its tangent at β = 1, and a digit along the way."""
    points = {beta: measure(beta) for beta in BETAS}
    figure, [axes] = canvas(2.9)
    rates = [one.rate for one in points.values()]
    axes.plot(rates, [one.distortion for one in points.values()], "-o", color=BLUE, lw=1.6, ms=3.5)
    at_one = points[1.0]
    total = at_one.rate + at_one.distortion
    ends = np.array([0.0, total - 2])
    axes.plot(ends, total - ends, "--", color=GREY, lw=1.1)
    axes.text(0.5, 4, "same ELBO,\nslope −1", color=GREY)
    for beta in (0.02, 0.1, 0.5, 1.0, 4.0, 16.0, 40.0):
        one = points[beta]
        style = {"color": DARK_ORANGE, "weight": "bold"} if beta == 1 else {"color": INK}
        axes.annotate(
            f"β = {beta:g}",
            (one.rate, one.distortion),
            xytext={0.02: (4, -12), 1.0: (5, 9)}.get(beta, (5, 4)),
            textcoords="offset points",
            ha="right" if beta == 0.02 else "left",
            **style,
        )
    draw_digits(axes, points)
    axes.set(
        xlim=(-1.5, 54),
        ylim=(0, 114),
        xlabel="rate: mean KL, nats",
        ylabel="distortion − constant, nats",
    )
    save_png(figure, media / "rate-distortion.png")
    numbers = {
        f"{name} at β = {one.beta:g}": value
        for one in points.values()
        for name, value in (
            ("rate", one.rate),
            ("−ELBO", one.rate + one.distortion + CONSTANT),
        )
    }
    numbers["β with the highest test ELBO"] = min(
        points.values(), key=lambda one: one.rate + one.distortion
    ).beta
    return numbers
