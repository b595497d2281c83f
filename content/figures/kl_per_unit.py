"""Which of 16 latent units a trained VAE uses: the mean KL of each on the test digits, sorted.

Two clear groups: active units, and collapsed ones whose q(z_j|x) is the prior for every image.
The statistic A_u = Var[mean of q(z_u|x)] > 0.01 picks the same units.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from style import BLUE, VERMILION, canvas, save_png
from vae import digits, kl_to_prior, trained

UNITS = 16


def draw(media: Path) -> dict[str, float]:
    """Bars, tallest first."""
    mean, log_variance = trained(UNITS, epochs=400).encode(digits()[1].images)
    kl = np.sort(kl_to_prior(mean, log_variance).mean(0).numpy())[::-1]
    active = int((kl > 0.05).sum())
    figure, [axes] = canvas(2.1)
    colours = [BLUE] * active + [VERMILION] * (UNITS - active)
    axes.bar(range(1, UNITS + 1), kl, color=colours)
    axes.set(xticks=range(1, UNITS + 1), xlabel="latent unit, sorted by KL", ylabel="mean KL, nats")
    axes.text(active - 3.4, kl[0] * 0.93, f"{active} active units", color=BLUE)
    words = f"{UNITS - active} collapsed:\n$q(z_j|x)\\approx p(z_j)$\nfor every $x$"
    axes.text(active + 0.7, kl[0] * 0.2, words, color="#b34e00")
    save_png(figure, media / "kl-per-unit.png", colours=48)
    return {
        "active units by KL": active,
        "active units by A_u > 0.01": int((mean.var(0) > 0.01).sum()),
        "units": UNITS,
        "largest KL": float(kl[0]),
        "smallest KL of an active unit": float(kl[active - 1]),
        "largest KL of a collapsed unit": float(kl[active]),
    }
