"""08 Priors and regularisation: the aggregate posterior, and what the average KL is made of."""

from __future__ import annotations

import math

import numpy as np

from identities.arithmetic import Array, covers, discrete_kl, log_normal, near

SIDE = np.linspace(-8, 8, 641)
STEP = float(SIDE[1] - SIDE[0])


def _plane(mean: Array, sd: Array) -> Array:
    """The probabilities of the cells of a grid under a Gaussian with a diagonal covariance."""
    first, second = (
        np.exp(log_normal(SIDE, mean[at], sd[at] ** 2)) * STEP for at in range(len(mean))
    )
    return np.outer(first, second)


def _codes() -> tuple[list[Array], Array, Array]:
    """q(z|x_n) of six data points, their average, and the prior, in the plane."""
    rng = np.random.default_rng(0)
    means, sds = 1.5 * rng.normal(size=(6, 2)), rng.uniform(0.2, 0.8, size=(6, 2))
    codes = [_plane(mean, sd) for mean, sd in zip(means, sds, strict=True)]
    return codes, np.mean(codes, axis=0), _plane(np.zeros(2), np.ones(2))


def _mean_kl(codes: list[Array], to: Array) -> float:
    return float(np.mean([discrete_kl(code, to) for code in codes]))


@covers("aggregate-posterior", "vampprior")
def test_codes_of_random_data_points_fall_as_the_average_of_the_encoders_gaussians_says() -> None:
    rng = np.random.default_rng(0)
    means, sds = np.array([-1.0, 0.5, 2.0]), np.array([0.3, 1.0, 0.5])
    n = rng.integers(0, 3, size=1_000_000)
    z = means[n] + sds[n] * rng.normal(size=len(n))
    average = np.mean(
        [np.exp(log_normal(SIDE, m, s**2)) for m, s in zip(means, sds, strict=True)], 0
    )
    for bound in (-1.0, 0.5, 2.0):
        assert near((z <= bound).mean(), average[bound >= SIDE].sum() * STEP, within=0.01)


@covers("elbo-surgery", "surgery-mi-cap")
def test_the_average_kl_is_index_code_information_plus_the_kl_of_the_aggregate() -> None:
    codes, aggregate, prior = _codes()
    joint = np.stack([code.ravel() for code in codes]) / 6
    product = np.outer(np.full(6, 1 / 6), aggregate.ravel())
    information = discrete_kl(joint.ravel(), product.ravel())
    assert near(_mean_kl(codes, prior), information + discrete_kl(aggregate, prior), within=1e-4)
    assert 0 < information <= math.log(6)


@covers("surgery-mi-cap")
def test_index_code_information_reaches_log_n_when_codes_do_not_overlap() -> None:
    apart = [_plane(np.array([-4.0 + 2 * n, 0.0]), np.full(2, 0.1)) for n in range(5)]
    joint = np.stack([np.maximum(one.ravel(), 1e-300) for one in apart]) / 5
    product = np.outer(np.full(5, 1 / 5), joint.sum(0))
    assert near(discrete_kl(joint.ravel(), product.ravel()), math.log(5), within=1e-6)


@covers("optimal-prior")
def test_no_other_prior_costs_the_codes_less_than_their_aggregate() -> None:
    codes, aggregate, prior = _codes()
    best = _mean_kl(codes, aggregate)
    rng = np.random.default_rng(0)
    for _ in range(10):
        tilted = aggregate * np.exp(0.1 * rng.normal(size=aggregate.shape))
        assert _mean_kl(codes, tilted / tilted.sum()) > best
    assert _mean_kl(codes, prior) > best


@covers("tc-decomposition")
def test_the_average_kl_is_information_plus_total_correlation_plus_the_kls_of_the_dimensions() -> (
    None
):
    codes, aggregate, prior = _codes()
    margins = aggregate.sum(1), aggregate.sum(0)
    information = _mean_kl(codes, aggregate)
    correlation = discrete_kl(aggregate, np.outer(*margins))
    normal = np.exp(log_normal(SIDE, 0, 1)) * STEP
    dimensions = sum(discrete_kl(margin, normal) for margin in margins)
    assert near(_mean_kl(codes, prior), information + correlation + dimensions, within=1e-4)
    assert correlation > 0.01


@covers("aggregate-moment-check")
def test_mean_variance_plus_variance_of_means_is_the_variance_of_all_codes() -> None:
    rng = np.random.default_rng(0)
    means, variances = rng.normal(0, 0.8, size=500_000), rng.uniform(0.1, 0.62, size=500_000)
    z = rng.normal(means, np.sqrt(variances))
    assert near(variances.mean() + means.var(), z.var(), within=0.01)
    assert near(z.var(), 1, within=0.01)


@covers("disentangle-impossible")
def test_a_rotation_leaves_the_prior_and_the_data_as_they_are_and_mixes_the_factors() -> None:
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    z = rng.normal(size=(200_000, 2))
    assert near(np.cov((z @ turn).T), np.eye(2), within=0.01)
    assert near(log_normal(z @ turn, 0, 1).sum(1), log_normal(z, 0, 1).sum(1), within=1e-9)
    assert np.abs(np.corrcoef((z @ turn)[:, 0], z[:, 1])[0, 1]) > 0.1
