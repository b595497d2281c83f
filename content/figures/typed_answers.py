"""The numbers that learners type, or that a card states without a figure.

None comes from the formula that the card teaches: minima are searched for, expectations drawn.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import optimize


def mean_field_variance(correlation: float = 0.9) -> float:
    """The variance of the factorised Gaussian with the least KL(q‖p) to a correlated one."""
    precision = np.linalg.inv(np.array([[1, correlation], [correlation, 1]]))

    def divergence(log_variance: np.ndarray) -> float:
        trace = np.trace(precision @ np.diag(np.exp(log_variance)))
        return 0.5 * (trace - log_variance.sum())

    return float(np.exp(optimize.minimize(divergence, [0, 0], tol=1e-12).x[0]))


def shift_kl(shift: float = 2.0) -> float:
    """KL(N(shift, 1)‖N(0, 1)) by quadrature."""
    z = np.linspace(-12, 14, 20_001)
    density = np.exp(-0.5 * (z - shift) ** 2) / np.sqrt(2 * np.pi)
    return float(np.sum(density * 0.5 * (z**2 - (z - shift) ** 2)) * (z[1] - z[0]))


def implied_variance() -> float:
    """The variance at which a Gaussian's -log density rises as fast as the squared error."""

    def mismatch(variance: float) -> float:
        rise = (3.0**2 - 1.0**2) / (2 * variance)
        return rise - (3.0**2 - 1.0**2)

    return float(optimize.brentq(mismatch, 0.01, 10))


def norms(dimensions: int = 100) -> tuple[float, float, float]:
    """Mean and sd of ‖z‖ for draws of N(0, I), and the mean norm of the middle of two."""
    one, other = np.random.default_rng(0).normal(size=(2, 50_000, dimensions))
    length = np.linalg.norm(one, axis=1)
    middle = np.linalg.norm((one + other) / 2, axis=1)
    return float(length.mean()), float(length.std()), float(middle.mean())


def mixture_loss(dimensions: int = 1000) -> float:
    """The most nats that a model loses by being right one time in a hundred, and else noise."""
    x = np.random.default_rng(0).normal(size=(1000, dimensions))
    right = -0.5 * (x**2).sum(1)
    noise = -0.5 * (x**2 / 25).sum(1) - dimensions * np.log(5)
    return float((right - np.logaddexp(np.log(0.01) + right, np.log(0.99) + noise)).max())


def index_entropy(points: int = 60_000) -> float:
    """The entropy of a uniform choice, in nats."""
    share = np.full(points, 1 / points)
    return float(-(share * np.log(share)).sum())


def draw(_media: Path) -> dict[str, float]:
    """No figure; only numbers."""
    length, spread, middle = norms()
    return {
        "mean-field variance at correlation 0.9": mean_field_variance(),
        "KL of a shift by 2": shift_kl(),
        "variance that the bare squared error assumes": implied_variance(),
        "sd that the bare squared error assumes": implied_variance() ** 0.5,
        "norm in 100 dimensions": length,
        "spread of the norm in 100 dimensions": spread,
        "norm of the midpoint in 100 dimensions": middle,
        "nats lost by a 1% mixture": mixture_loss(),
        "entropy of the index of 60,000 data points": index_entropy(),
    }
