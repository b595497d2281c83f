"""One Gaussian fitted to two humps, once by each direction of the KL divergence.

KL(p‖q) covers all the mass and ends at p's own moments; KL(q‖p) sits on one hump, and which one
depends on where it starts. Integrals are sums on a fine grid, fits are numerical.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import optimize
from style import BLUE, GREY, INK, VERMILION, canvas, save_svg

Z = np.linspace(-9, 9, 5001)
STEP = Z[1] - Z[0]


def normal(mean: float, sd: float) -> np.ndarray:
    """A Gaussian density on the grid."""
    return np.exp(-0.5 * ((Z - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))


P = 0.6 * normal(-2, 0.7) + 0.4 * normal(2.2, 0.9)


def kl(one: np.ndarray, other: np.ndarray) -> float:
    """KL(one‖other) by quadrature."""
    inside = one > 1e-12
    ratio = np.log(one[inside]) - np.log(np.maximum(other[inside], 1e-300))
    return float(np.sum(one[inside] * ratio) * STEP)


def fit(divergence: Callable[[np.ndarray], float], start: float) -> tuple[float, float, float]:
    """Mean and sd of the Gaussian with the least divergence near a start, and that divergence."""
    best = optimize.minimize(
        lambda at: divergence(normal(at[0], np.exp(at[1]))),
        [start, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-10},
    )
    return float(best.x[0]), float(np.exp(best.x[1])), float(best.fun)


def draw(media: Path) -> dict[str, float]:
    """Two panels: covers mass, and seeks a mode."""
    forward = fit(lambda q: kl(P, q), 0.0)
    left, right = fit(lambda q: kl(q, P), -2.0), fit(lambda q: kl(q, P), 2.0)
    figure, (covers, seeks) = canvas(1.95, columns=2, sharey=True)
    thin = slice(None, None, 40)
    for axes in (covers, seeks):
        axes.fill_between(Z[thin], P[thin], color="#e5e7eb", lw=0)
        axes.plot(Z[thin], P[thin], color=GREY, lw=1)
        axes.set(xlim=(-6, 6.5), ylim=(0, 0.66), yticks=[], xticks=[])
        axes.set_xlabel("$z$", labelpad=1)
        axes.spines.left.set_visible(False)
    covers.set_title("least KL$(p\\,\\|\\,q)$:\ncovers all the mass")
    covers.plot(Z[thin], normal(*forward[:2])[thin], color=BLUE, lw=2)
    covers.text(0.6, 0.2, "fit $q$", color=BLUE)
    covers.text(-3.3, 0.385, "target $p$", color=GREY, ha="center")
    seeks.set_title("least KL$(q\\,\\|\\,p)$:\nseeks one mode")
    seeks.plot(Z[thin], normal(*left[:2])[thin], color=VERMILION, lw=2)
    seeks.plot(Z[thin], normal(*right[:2])[thin], color=VERMILION, lw=1.4, ls=(0, (3, 1.5)))
    seeks.text(-2, 0.6, f"KL {left[2]:.2f}", color=INK, ha="center")
    seeks.text(2.2, 0.48, f"or KL {right[2]:.2f}", color=INK, ha="center")
    save_svg(figure, media / "kl-directions.svg")
    mean = float(np.sum(P * Z) * STEP)
    return {
        "mean of p": mean,
        "sd of p": float(np.sqrt(np.sum(P * (Z - mean) ** 2) * STEP)),
        "mean of the forward fit": forward[0],
        "sd of the forward fit": forward[1],
        "KL of the reverse fit on the left": left[2],
        "KL of the reverse fit on the right": right[2],
    }
