"""The same gradient by two estimators: both are centred on the truth, one is far noisier.

The gradient is that of E[z²] in μ for z ~ N(μ, 1) at μ = 1, which is 2. A single draw has
variance 30 with the score function and 4 reparameterised (exact values); the histograms are of
40,000 means of 20 draws each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from style import BLUE, INK, VERMILION, canvas, save_png

DRAWS = 20


def draw(media: Path) -> dict[str, float]:
    """Two histograms over each other, and a line at the true gradient."""
    noise = np.random.default_rng(0).normal(size=(40_000, DRAWS))
    z = 1 + noise
    path, score = (2 * z).mean(1), (z**2 * noise).mean(1)
    figure, [axes] = canvas(2.1)
    bins = np.linspace(-1.5, 7, 100)
    axes.hist(score, bins, density=True, color=VERMILION, alpha=0.6)
    axes.hist(path, bins, density=True, color=BLUE, alpha=0.65)
    axes.axvline(2, color=INK, lw=1.2, ls="--")
    axes.text(2.12, 1.0, "true gradient: 2")
    axes.text(2.85, 0.5, "reparameterised\nvariance 4 per draw", color=BLUE)
    axes.text(4.3, 0.13, "score function\nvariance 30 per draw", color="#a34700")
    axes.set(yticks=[], xlim=(-1.5, 7), ylim=(0, 1.08))
    axes.set_xlabel("gradient, estimated from 20 draws")
    axes.spines.left.set_visible(False)
    save_png(figure, media / "gradient-variance.png", colours=48)
    return {
        "mean, reparameterised": path.mean(),
        "mean, score function": score.mean(),
        "variance per draw, reparameterised": DRAWS * path.var(),
        "variance per draw, score function": DRAWS * score.var(),
    }
