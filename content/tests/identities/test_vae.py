"""04 The VAE model and 05 Reparameterisation and training."""

from __future__ import annotations

import math

import numpy as np

from identities.arithmetic import (
    LINE,
    Array,
    covers,
    expectation,
    integral,
    kl,
    least,
    log_normal,
    near,
    slope,
)


@covers("vae-encoder-gaussian", "vae-prior-standard", "vae-prior-identity")
def test_a_gaussian_with_a_diagonal_covariance_is_a_product_of_gaussians_of_one_coordinate() -> (
    None
):
    rng = np.random.default_rng(0)
    for variances in (rng.uniform(0.2, 3, size=4), np.ones(4)):
        z, mean = rng.normal(size=4), rng.normal(size=4)
        covariance = np.diag(variances)
        square = (z - mean) @ np.linalg.inv(covariance) @ (z - mean)
        joint = -0.5 * (square + np.linalg.slogdet(2 * math.pi * covariance)[1])
        assert near(joint, log_normal(z, mean, variances).sum(), within=1e-10)


@covers("vae-why-logvar")
def test_half_the_log_variance_exponentiated_is_the_standard_deviation_of_what_is_drawn() -> None:
    noise = np.random.default_rng(0).normal(size=1_000_000)
    for log_variance in (-3.0, 0.7):
        drawn = math.exp(0.5 * log_variance) * noise
        assert near(math.log(drawn.var()), log_variance, within=0.01)


@covers("reparam-gaussian", "reparam-graph")
def test_shifted_and_scaled_noise_falls_below_every_bound_as_often_as_the_gaussian() -> None:
    mean, sd = 0.7, 1.6
    z = mean + sd * np.random.default_rng(0).normal(size=1_000_000)
    for bound in (-1.0, 0.7, 2.0):
        density = np.exp(log_normal(LINE, mean, sd**2))
        assert near((z <= bound).mean(), integral(density * (bound >= LINE)), within=3e-3)


def _f(z: Array) -> Array:
    return np.asarray(np.sin(z) + z**2)


def _slope_of_f(z: Array) -> Array:
    return np.asarray(np.cos(z) + 2 * z)


@covers("reparam-gradient-swap", "score-function", "score-vs-reparam")
def test_both_gradient_estimators_have_the_true_gradient_as_their_mean() -> None:
    noise = log_normal(LINE, 0, 1)
    for mean, sd in [(1.0, 1.0), (-0.4, 0.7)]:
        q = log_normal(LINE, mean, sd**2)

        def mean_of_f(at: float, variance: float = sd**2) -> float:
            return expectation(log_normal(LINE, at, variance), _f(LINE))

        true = slope(mean_of_f, mean)
        score = expectation(q, _f(LINE) * (LINE - mean) / sd**2)
        assert near(score, true, within=1e-6)
        assert near(expectation(noise, _slope_of_f(mean + sd * LINE)), true, within=1e-6)


@covers("score-vs-reparam")
def test_the_score_function_has_variance_30_where_the_reparameterised_gradient_has_4() -> None:
    noise = log_normal(LINE, 0, 1)
    score, path = (1 + LINE) ** 2 * LINE, 2 * (1 + LINE)
    variances = [expectation(noise, (one - 2) ** 2) for one in (score, path)]
    assert near(variances, [30, 4], within=1e-6)
    drawn = np.random.default_rng(0).normal(size=2_000_000)
    assert near(((1 + drawn) ** 2 * drawn).var(), 30, within=0.6)


@covers("kl-gauss-closed-form", "kl-gauss-derive", "kl-numeric-shift")
def test_the_kl_of_a_gaussian_to_the_standard_normal_has_its_closed_form() -> None:
    prior = log_normal(LINE, 0, 1)
    for mean, sd in [(0.7, 0.3), (-1.5, 2.0), (2.0, 1.0)]:
        q = log_normal(LINE, mean, sd**2)
        log_pi = -0.5 * math.log(2 * math.pi)
        assert near(expectation(q, prior), log_pi - 0.5 * (mean**2 + sd**2), within=1e-8)
        assert near(expectation(q, q), log_pi - 0.5 * (1 + math.log(sd**2)), within=1e-8)
        assert near(kl(q, prior), 0.5 * (mean**2 + sd**2 - 1 - math.log(sd**2)), within=1e-8)
    assert near(kl(log_normal(LINE, 2, 1), prior), 2, within=1e-8)


@covers("kl-gauss-closed-form")
def test_the_kl_of_a_diagonal_gaussian_is_the_sum_over_its_coordinates() -> None:
    rng = np.random.default_rng(0)
    mean, sd = rng.normal(size=3), rng.uniform(0.4, 1.6, size=3)
    z = mean + sd * rng.normal(size=(1_000_000, 3))
    drawn = (log_normal(z, mean, sd**2) - log_normal(z, 0, 1)).sum(1).mean()
    assert near(drawn, 0.5 * (mean**2 + sd**2 - 1 - np.log(sd**2)).sum(), within=0.01)


@covers("kl-gauss-general")
def test_the_kl_of_two_gaussians_has_its_closed_form() -> None:
    for m1, s1, m2, s2 in [(0.3, 0.8, -1.0, 1.7), (-2.0, 1.5, 0.0, 0.6)]:
        closed = math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5
        assert near(kl(log_normal(LINE, m1, s1**2), log_normal(LINE, m2, s2**2)), closed, 1e-8)


@covers("sgvb-analytic-kl")
def test_the_closed_form_of_the_kl_gives_the_same_elbo_with_less_noise() -> None:
    mean, sd, noise_of_x = 0.5, 0.6, 4.0
    z = mean + sd * np.random.default_rng(0).normal(size=500_000)
    likelihood = log_normal(1.0, z, noise_of_x)
    closed = likelihood - 0.5 * (mean**2 + sd**2 - 1 - math.log(sd**2))
    sampled = likelihood + log_normal(z, 0, 1) - log_normal(z, mean, sd**2)
    assert near(closed.mean(), sampled.mean(), within=5e-3)
    assert closed.std() < 0.8 * sampled.std()


def _loss(log_variance: float, error_share: float, kl_weight: float) -> float:
    """A loss of one latent whose squared error is that of a draw, scaled."""
    variance = math.exp(log_variance)
    error = 64 * (0.2 + variance)
    return error_share * error + kl_weight * 0.5 * (variance - 1 - log_variance)


@covers("loss-reduction-bug")
def test_a_mean_over_pixels_trains_the_code_of_a_kl_weight_of_as_many_pixels() -> None:
    silent = least(lambda at: _loss(at, 1 / 64, 1), -8, 2)
    spoken = least(lambda at: _loss(at, 1, 64), -8, 2)
    intended = least(lambda at: _loss(at, 1, 1), -8, 2)
    assert near(silent, spoken, within=1e-6)
    assert abs(silent - intended) > 1
