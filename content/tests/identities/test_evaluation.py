"""11 Evaluation, and 12 conditional models and applications."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from identities.arithmetic import Array, covers, discrete_kl, entropy, log_normal, near


@covers("eval-bits-per-dim")
def test_dividing_bytes_by_256_hides_eight_bits_of_each_dimension() -> None:
    rng = np.random.default_rng(0)
    bytes_ = rng.normal(128, 30, size=(200_000, 3))

    def bits(data: Array, mean: float, sd: float) -> float:
        return float(-log_normal(data, mean, sd**2).sum(1).mean() / (3 * math.log(2)))

    assert near(bits(bytes_, 128, 30), bits(bytes_ / 256, 0.5, 30 / 256) + 8, within=1e-9)
    uniform = np.full(256, 1 / 256)
    assert near(entropy(uniform) / math.log(2), 8, within=1e-9)


@covers("eval-dequantisation")
def test_with_uniform_noise_the_density_bounds_the_probability_of_the_pixel() -> None:
    cell = np.linspace(2, 3, 10_001)
    for mean, variance, loss in [(2.2, 0.5, 0.1), (2.9, 0.01, 30), (5.0, 1.0, 1), (2.5, 400, 1e-5)]:
        density = np.exp(log_normal(cell, mean, variance))
        noisy = np.trapezoid(np.log(density), cell)
        gaussian = NormalDist(mean, math.sqrt(variance))
        assert 0 < math.log(gaussian.cdf(3) - gaussian.cdf(2)) - noisy < loss


@covers("eval-likelihood-vs-samples")
def test_a_model_that_is_right_one_time_in_a_hundred_loses_at_most_log_100_nats() -> None:
    rng = np.random.default_rng(0)
    for dimensions in (1, 1000):
        x = rng.normal(size=(500, dimensions))
        right = log_normal(x, 0, 1).sum(1)
        noise = log_normal(x, 0, 25.0).sum(1)
        mixed = np.logaddexp(math.log(0.01) + right, math.log(0.99) + noise)
        assert (right - mixed).max() <= math.log(100) + 1e-9
    assert near((right - mixed).mean(), 4.605, within=1e-3)


@covers("eval-fid")
def test_the_fid_of_two_gaussians_is_their_squared_wasserstein_distance() -> None:
    ranks = (np.arange(20_000) + 0.5) / 20_000
    quantiles = np.array([NormalDist().inv_cdf(rank) for rank in ranks])
    for m1, s1, m2, s2 in [(0.0, 1.0, 0.7, 2.0), (1.0, 0.5, -1.0, 0.5)]:
        moved = ((m1 + s1 * quantiles - m2 - s2 * quantiles) ** 2).mean()
        root = math.sqrt(s1**2 * s2**2)
        assert near(moved, (m1 - m2) ** 2 + s1**2 + s2**2 - 2 * root, within=5e-3)


@covers("eval-fid")
def test_the_trace_of_fid_is_what_the_best_linear_transport_of_two_gaussians_costs() -> None:
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(2, 3, 3))
    real, generated = (root @ root.T for root in roots)

    def square_root(matrix: Array) -> Array:
        values, vectors = np.linalg.eig(matrix)
        return np.asarray((vectors * np.sqrt(values)) @ np.linalg.inv(vectors)).real

    card = np.trace(real + generated - 2 * square_root(real @ generated))
    half = square_root(real)
    inner = np.linalg.inv(half) @ square_root(half @ generated @ half) @ np.linalg.inv(half)
    assert near(inner @ real @ inner.T, generated, within=1e-8)
    difference = np.eye(3) - inner
    assert near(np.trace(difference @ real @ difference.T), card, within=1e-8)


@covers("eval-elbo-comparison")
def test_a_worse_model_can_have_the_higher_elbo() -> None:
    better, poor_q = 0.5, discrete_kl(np.array([0.9, 0.1]), np.array([0.1, 0.9]))
    assert math.log(better) > math.log(0.4)
    assert math.log(better) - poor_q < math.log(0.4)


@covers("cvae-objective")
def test_the_bound_of_a_cvae_misses_the_conditional_likelihood_by_the_kl_to_the_posterior() -> None:
    rng = np.random.default_rng(0)
    prior, likelihood = rng.dirichlet(np.ones(4), size=3), rng.random((3, 4))  # for each x, by z
    for x in range(3):
        q = rng.dirichlet(np.ones(4))
        bound = q @ np.log(likelihood[x]) - discrete_kl(q, prior[x])
        evidence = prior[x] @ likelihood[x]
        posterior = prior[x] * likelihood[x] / evidence
        assert near(bound + discrete_kl(q, posterior), math.log(evidence), within=1e-12)


@covers("latent-norm-highdim")
def test_draws_in_100_dimensions_are_about_10_long_and_their_midpoints_about_7() -> None:
    one, other = np.random.default_rng(0).normal(size=(2, 50_000, 100))
    lengths = np.linalg.norm(one, axis=1)
    assert near([lengths.mean(), lengths.std()], [10, math.sqrt(0.5)], within=0.03)
    assert near(np.linalg.norm((one + other) / 2, axis=1).mean(), math.sqrt(50), within=0.03)
