"""How far the ELBO falls short, and why: two gaps as bars, and the IWAE bound as it climbs.

Means over 120 test digits of a 2-D VAE whose log p(x) is known by quadrature. Left: the ELBO with
the encoder's q, with the best diagonal Gaussian for each image, and log p(x). Right: the bound L_K
with K draws from the encoder's q. The masked twin asks for the names of the two gaps.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from exact import IMAGES, bounds
from matplotlib.axes import Axes
from style import BLUE, INK, ORANGE, VERMILION, canvas, save_png
from vae import digits, trained

SAMPLES = (1, 2, 5, 10, 50, 100, 500, 1000, 5000)


@torch.no_grad()
def iwae(samples: int) -> float:
    """The mean bound L_K over the images, from at least 2,000 draws for each."""
    known, model, x = bounds(), trained(2), digits()[1].images[:IMAGES]
    sd = torch.exp(0.5 * known.log_variance)[:, None]
    values = []
    for _ in range(max(1, 2000 // samples)):
        noise = torch.randn(IMAGES, samples, 2)
        z = known.mean[:, None] + sd * noise
        log_prior_over_q = 0.5 * (noise**2).sum(-1) - 0.5 * (z**2).sum(-1) + sd.log().sum(-1)
        log_weights = model.log_likelihood(x[:, None], z) + log_prior_over_q
        values.append((torch.logsumexp(log_weights, 1) - math.log(samples)).mean().item())
    return float(np.mean(values))


def draw_bars(axes: Axes, heights: list[float], names: tuple[str, str]) -> None:
    """Three bars and the two gaps between them."""
    low = math.floor(min(heights) - 1)
    axes.bar(range(3), heights, color=(VERMILION, ORANGE, BLUE), width=0.74)
    for at, (height, colour) in enumerate(zip(heights, ("white", INK, "white"), strict=True)):
        axes.text(at, low + 0.2, f"{height:.2f}", ha="center", color=colour, weight="bold")
    arrow = {"arrowstyle": "<->", "color": INK, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (0.31, heights[0]), (0.31, heights[1]), arrowprops=arrow)
    axes.text(0.22, sum(heights[:2]) / 2, names[0], ha="right", va="center", linespacing=1.25)
    axes.annotate("", (1.5, heights[1] - 0.1), (1.5, heights[2] + 0.1), arrowprops=arrow)
    axes.text(1.5, heights[2] + 0.35, names[1], ha="center", va="bottom", linespacing=1.25)
    axes.set_xticks(range(3), ["ELBO,\nencoder", "ELBO,\nbest $q^{*}$", "exact\n$\\log p(x)$"])
    axes.set(xlim=(-1.15, 2.45), ylim=(low, max(heights) + 1.9), yticks=[])
    axes.spines.left.set_visible(False)
    axes.set_title(f"nats per image (bars from {low:.0f})", loc="left")


def draw_climb(axes: Axes, climb: list[float], top: float) -> None:
    """L_K against K, under log p(x)."""
    axes.semilogx(SAMPLES, climb, "-o", color="#b34e00", ms=3, lw=1.5)
    axes.axhline(top, color=BLUE, ls="--", lw=1.3)
    axes.text(1, top - 0.12, "exact $\\log p(x)$", color=BLUE, va="top")
    axes.text(20, climb[2], "IWAE bound\n$\\mathcal{L}_K$", color="#b34e00", va="top")
    axes.set(
        xlabel="samples $K$", xticks=[1, 10, 100, 1000], xticklabels=["1", "10", "100", "1000"]
    )
    axes.minorticks_off()


def draw(media: Path) -> dict[str, float]:
    """The picture with its labels, and the one that asks for them."""
    known = bounds()
    amortised, best, evidence = (
        one.mean().item() for one in (known.elbo, known.best_elbo, known.log_evidence)
    )
    torch.manual_seed(0)
    climb = [iwae(samples) for samples in SAMPLES]
    gaps = best - amortised, evidence - best
    labels = {
        "elbo-gap-iwae": ("amortisation\ngap", "approximation gap"),
        "elbo-gap-iwae-masked": ("?", "?"),
    }
    for name, names in labels.items():
        figure, (bars, line) = canvas(2.3, columns=2, width_ratios=(1.35, 1))
        with_sizes = f"{names[0]}\n{gaps[0]:.2f}", f"{names[1]}\n{gaps[1]:.2f}"
        draw_bars(bars, [amortised, best, evidence], with_sizes)
        draw_climb(line, climb, evidence)
        for label in bars.texts:
            label.set_in_layout(False)  # so that both pictures have their bars in one place
        save_png(figure, media / f"{name}.png")
    return {
        "ELBO of the encoder": amortised,
        "ELBO of the best q": best,
        "log p(x)": evidence,
        "amortisation gap": gaps[0],
        "amortisation gap, median": (known.best_elbo - known.elbo).median().item(),
        "approximation gap": gaps[1],
        "whole gap": evidence - amortised,
        "IWAE bound with 5000 samples": climb[-1],
    }
