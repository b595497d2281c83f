"""EM for a mixture of three Gaussians from a bad start: the log-likelihood never falls.

350 generated points; full covariances. At iteration 8 one component still lies over two groups.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Ellipse
from style import BLUE, GREEN, INK, VERMILION, WIDTH, bare, plt, save_png

ITERATIONS = 60
SHOWN = (0, 8, 60)
COLOURS = (BLUE, VERMILION, GREEN)


def points() -> np.ndarray:
    """Three groups of points in the plane."""
    rng = np.random.default_rng(3)
    groups = (
        ([-2, -0.5], [[0.6, 0.45], [0.45, 0.8]], 150),
        ([1.2, 1.2], [[0.9, -0.5], [-0.5, 0.6]], 120),
        ([1.8, -2], [[0.35, 0], [0, 0.35]], 80),
    )
    return np.vstack([rng.multivariate_normal(*group) for group in groups])


def log_joint(
    x: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray
) -> np.ndarray:
    """log π_k + log N(x_n | μ_k, Σ_k), a row for each point."""
    columns = []
    for weight, mean, covariance in zip(weights, means, covariances, strict=True):
        away = x - mean
        squared = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
        norm = np.linalg.slogdet(covariance)[1] + 2 * np.log(2 * np.pi)
        columns.append(np.log(weight) - 0.5 * (squared + norm))
    return np.stack(columns, 1)


def draw_state(
    axes: Axes,
    x: np.ndarray,
    means: np.ndarray,
    covariances: np.ndarray,
    responsibilities: np.ndarray,
) -> None:
    """Points in the mixed colours of their components, and an ellipse of two sd for each."""
    mixed = responsibilities @ np.array([to_rgb(one) for one in COLOURS])
    axes.scatter(*x.T, s=3, c=np.clip(mixed, 0, 1), lw=0)
    for mean, covariance, colour in zip(means, covariances, COLOURS, strict=True):
        (small, large), directions = np.linalg.eigh(covariance)
        angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1]))
        size = 4 * np.sqrt(large), 4 * np.sqrt(small)
        axes.add_patch(Ellipse(mean, *size, angle=angle, fill=False, ec=colour, lw=1.6))
        axes.plot(*mean, "x", color=colour, mew=1.6, ms=5)
    axes.set(xlim=(-4.4, 4.2), ylim=(-4.5, 4.7), aspect="equal")
    bare(axes)


def draw(media: Path) -> dict[str, float]:
    """Start, iteration 8 and 60, and the curve of the log-likelihood under them."""
    x = points()
    weights = np.ones(3) / 3
    means = np.array([[-0.5, 2.5], [0.0, 2.0], [0.5, 2.5]])
    covariances = np.array([np.eye(2)] * 3)
    figure = plt.figure(figsize=(WIDTH, 2.75))
    grid = figure.add_gridspec(2, 3, height_ratios=(1.25, 1))
    log_likelihoods = []
    for iteration in range(ITERATIONS + 1):
        joint = log_joint(x, weights, means, covariances)
        evidence = np.logaddexp.reduce(joint, axis=1)
        log_likelihoods.append(float(evidence.sum()))
        responsibilities = np.exp(joint - evidence[:, None])
        if iteration in SHOWN:
            axes = figure.add_subplot(grid[0, SHOWN.index(iteration)])
            draw_state(axes, x, means, covariances, responsibilities)
            axes.set_title(f"iteration {iteration}" if iteration else "start")
        counts = responsibilities.sum(0)
        weights = counts / len(x)
        means = (responsibilities.T @ x) / counts[:, None]
        covariances = np.array(
            [
                ((share[:, None] * (x - mean)).T @ (x - mean)) / count
                for share, mean, count in zip(responsibilities.T, means, counts, strict=True)
            ]
        )
    curve = figure.add_subplot(grid[1, :])
    curve.plot(log_likelihoods, color=INK, lw=1.6)
    for iteration in SHOWN:
        curve.plot(iteration, log_likelihoods[iteration], "o", color=INK, ms=4)
    curve.set(xlabel="EM iteration", ylabel="log-likelihood", xticks=[0, 8, 20, 40, 60])
    curve.text(20, -2150, "it rises or stays,\nbut never falls")
    save_png(figure, media / "em-gmm.png", colours=96)
    return {
        "log-likelihood at the start": log_likelihoods[0],
        "log-likelihood at the end": log_likelihoods[-1],
        "iterations that lowered it": float((np.diff(log_likelihoods) < -1e-6).sum()),
    }
