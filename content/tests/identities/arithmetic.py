"""What the checks compute with: integrals, searches for a minimum, and which note is checked."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from types import FunctionType
from typing import cast

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Check = Callable[[], None]

LINE: Array = np.linspace(-30, 30, 60_001)
"""A grid on which the sum of a smooth density is its integral to ten digits."""

covered: dict[str, list[FunctionType]] = defaultdict(list)
"""The ids of the notes whose formulas are checked, and their checks."""


def covers(*notes: str) -> Callable[[Check], Check]:
    """Say which notes of the deck a check is about."""

    def mark(check: Check) -> Check:
        for note in notes:
            covered[note].append(cast(FunctionType, check))
        return check

    return mark


def near(one: object, other: object, within: float) -> bool:
    """Whether two numbers, or two arrays of them, differ by no more than that."""
    return bool(np.max(np.abs(np.asarray(one, float) - np.asarray(other, float))) <= within)


def integral(values: Array) -> float:
    """The integral of a function given on the grid."""
    return float(np.trapezoid(values, LINE))


def log_normal(x: Array | float, mean: Array | float, variance: Array | float) -> Array:
    """The log-density of a Gaussian."""
    x, mean, variance = np.asarray(x), np.asarray(mean), np.asarray(variance)
    return np.asarray(-0.5 * ((x - mean) ** 2 / variance + np.log(2 * math.pi * variance)))


def expectation(log_density: Array, values: Array) -> float:
    """E[values] under a density on the grid."""
    return integral(np.exp(log_density) * values)


def kl(log_q: Array, log_p: Array) -> float:
    """KL(q‖p) of two densities on the grid, by its definition."""
    return expectation(log_q, log_q - log_p)


def discrete_kl(q: Array, p: Array) -> float:
    """KL(q‖p) of two tables of probabilities."""
    held = q > 0
    return float(np.sum(q[held] * (np.log(q[held]) - np.log(p[held]))))


def entropy(q: Array) -> float:
    """The entropy of a table of probabilities."""
    return float(-np.sum(q[q > 0] * np.log(q[q > 0])))


def log_mean_exp(log_values: Array, axis: int) -> Array:
    """log of the mean of exp, safe from overflow."""
    return np.asarray(np.logaddexp.reduce(log_values, axis=axis) - math.log(log_values.shape[axis]))


def least(cost: Callable[[float], float], low: float, high: float) -> float:
    """Where a cost with one valley is least, by golden-section search."""
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    while high - low > 1e-9:
        if cost(left) < cost(right):
            high, right = right, left
            left = high - ratio * (high - low)
        else:
            low, left = left, right
            right = low + ratio * (high - low)
    return (low + high) / 2


def descend(cost: Callable[[Array], float], start: list[float], rounds: int = 60) -> Array:
    """Where a smooth cost is least, by searching along one coordinate after the other."""
    point = np.array(start, float)
    for _ in range(rounds):
        for at in range(len(point)):

            def along(value: float, at: int = at) -> float:
                moved = point.copy()
                moved[at] = value
                return cost(moved)

            point[at] = least(along, point[at] - 3, point[at] + 3)
    return point


def jacobian(function: Callable[[Array], Array], at: Array, step: float = 1e-6) -> Array:
    """The matrix of derivatives, by central differences."""
    moves = step * np.eye(len(at))
    columns = [(function(at + move) - function(at - move)) / (2 * step) for move in moves]
    return np.stack(columns, axis=1)


def slope(function: Callable[[float], float], at: float, step: float = 1e-4) -> float:
    """The derivative, by a central difference."""
    return (function(at + step) - function(at - step)) / (2 * step)
