"""02 EM and linear-Gaussian models, where everything is exact."""

from __future__ import annotations

import math

import numpy as np

from identities.arithmetic import Array, covers, discrete_kl, log_normal, near

RNG_SEED = 0


def _two_groups() -> Array:
    rng = np.random.default_rng(RNG_SEED)
    return np.concatenate([rng.normal(-2, 0.7, 200), rng.normal(1.5, 1.0, 300)])


def _joint(x: Array, weights: Array, means: Array, variances: Array) -> Array:
    return np.asarray(np.log(weights) + log_normal(x[:, None], means, variances))


def _expected_log_joint(
    x: Array, shares: Array, weights: Array, means: Array, covariances: Array
) -> float:
    """Q of a mixture of Gaussians in the plane."""
    total = 0.0
    for share, weight, mean, covariance in zip(shares.T, weights, means, covariances, strict=True):
        away = x - mean
        squared = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
        norm = np.linalg.slogdet(2 * math.pi * covariance)[1]
        total += float(share @ (math.log(weight) - 0.5 * (squared + norm)))
    return total


@covers("em-decomposition")
def test_evidence_is_bound_plus_kl_for_any_q() -> None:
    rng = np.random.default_rng(RNG_SEED)
    for _ in range(20):
        joint = rng.random(5) * 0.1
        q = rng.dirichlet(np.ones(5))
        bound = float(np.sum(q * np.log(joint / q)))
        evidence = joint.sum()
        assert near(bound + discrete_kl(q, joint / evidence), math.log(evidence), within=1e-12)


@covers("em-two-steps", "em-monotone")
def test_each_e_step_touches_the_likelihood_and_no_iteration_lowers_it() -> None:
    x = _two_groups()
    weights, means, variances = np.array([0.5, 0.5]), np.array([-1.0, 1.0]), np.ones(2)
    before = -math.inf
    for _ in range(60):
        joint = _joint(x, weights, means, variances)
        likelihood = float(np.log(np.exp(joint).sum(1)).sum())
        shares = np.exp(joint) / np.exp(joint).sum(1, keepdims=True)
        assert near((shares * (joint - np.log(shares))).sum(), likelihood, within=1e-8)
        assert likelihood >= before - 1e-9
        before, counts = likelihood, shares.sum(0)
        weights, means = counts / len(x), (shares * x[:, None]).sum(0) / counts
        variances = (shares * (x[:, None] - means) ** 2).sum(0) / counts
    assert near(means, [-2, 1.5], within=0.25)
    assert near(weights, [0.4, 0.6], within=0.05)


@covers("gmm-responsibility")
def test_responsibilities_are_the_share_of_each_component_among_draws_near_x() -> None:
    rng = np.random.default_rng(RNG_SEED)
    weights, means, sds = np.array([0.3, 0.7]), np.array([-1.0, 1.0]), np.array([1.0, 0.6])
    component = rng.choice(2, size=2_000_000, p=weights)
    draws = rng.normal(means[component], sds[component])
    for x in (-0.3, 0.1, 0.6):
        beside = component[np.abs(draws - x) < 0.02]
        density = weights * np.exp(log_normal(x, means, sds**2))
        assert near((beside == 1).mean(), density[1] / density.sum(), within=0.015)


@covers("gmm-mstep")
def test_the_m_step_of_a_mixture_is_where_the_expected_log_joint_is_largest() -> None:
    rng = np.random.default_rng(RNG_SEED)
    x = rng.normal(size=(200, 2)) @ np.array([[1.0, 0.4], [0.0, 0.8]])
    shares = rng.dirichlet(np.ones(3), size=len(x))
    counts = shares.sum(0)
    weights, means = counts / len(x), shares.T @ x / counts[:, None]
    covariances = np.stack(
        [
            sum(s * np.outer(row - mean, row - mean) for s, row in zip(share, x, strict=True))
            / share.sum()
            for share, mean in zip(shares.T, means, strict=True)
        ]
    )

    def moved(step: float, tilt: Array, shift: Array, bend: Array) -> float:
        """The expected log-joint some way from the answer of the M-step."""
        others = weights * np.exp(step * tilt)
        turned = np.eye(2) + step * bend
        around = turned @ covariances @ turned.transpose(0, 2, 1)
        return _expected_log_joint(x, shares, others / others.sum(), means + step * shift, around)

    still = [np.zeros(3), np.zeros((3, 2)), np.zeros((3, 2, 2))]
    for kind in [0, 1, 2] * 10:
        way = [rng.normal(size=one.shape) if at == kind else one for at, one in enumerate(still)]
        assert near((moved(1e-4, *way) - moved(-1e-4, *way)) / 2e-4, 0, within=1e-3)
        assert moved(0.05, *way) < moved(0.0, *way) > moved(-0.05, *way)


@covers("gmm-kmeans-limit")
def test_shrinking_the_shared_covariance_makes_responsibilities_one_hot_on_the_nearest_mean() -> (
    None
):
    rng = np.random.default_rng(RNG_SEED)
    x, means = rng.normal(size=(50, 2)), rng.normal(size=(3, 2))
    distance = ((x[:, None] - means) ** 2).sum(-1)
    score = -distance / (2 * 1e-6)
    shares = np.exp(score - score.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    nearest = np.linalg.norm(x[:, None] - means, axis=-1).argmin(1)
    assert near(shares, np.eye(3)[nearest], within=1e-6)


def _ppca() -> tuple[Array, Array, float]:
    rng = np.random.default_rng(3)
    return rng.normal(size=(5, 2)) * 1.5, rng.normal(size=5), 0.6


@covers("ppca-model")
def test_draws_of_ppca_have_the_mean_and_the_covariance_of_its_marginal() -> None:
    w, mean, noise = _ppca()
    rng = np.random.default_rng(RNG_SEED)
    x = (
        rng.normal(size=(400_000, 2)) @ w.T
        + mean
        + math.sqrt(noise) * rng.normal(size=(400_000, 5))
    )
    assert near(x.mean(0), mean, within=0.03)
    assert near(np.cov(x.T), w @ w.T + noise * np.eye(5), within=0.08)


@covers("ppca-posterior")
def test_the_posterior_of_ppca_is_the_joint_gaussian_conditioned_on_x() -> None:
    w, mean, noise = _ppca()
    x = np.random.default_rng(RNG_SEED).normal(size=5)
    m = w.T @ w + noise * np.eye(2)
    gain = w.T @ np.linalg.inv(w @ w.T + noise * np.eye(5))
    assert near(np.linalg.solve(m, w.T @ (x - mean)), gain @ (x - mean), within=1e-10)
    assert near(noise * np.linalg.inv(m), np.eye(2) - gain @ w, within=1e-10)


@covers("ppca-ml-noise", "ppca-rotation")
def test_no_nearby_ppca_is_likelier_than_the_closed_form_and_its_rotations_are_as_likely() -> None:
    rng = np.random.default_rng(RNG_SEED)
    root = rng.normal(size=(5, 5))
    data = root @ root.T
    values, vectors = np.linalg.eigh(data)
    values, vectors = values[::-1], vectors[:, ::-1]
    noise = float(values[2:].mean())
    w = vectors[:, :2] * np.sqrt(values[:2] - noise)

    def cost(w: Array, noise: float) -> float:
        covariance = w @ w.T + noise * np.eye(5)
        return float(np.linalg.slogdet(covariance)[1] + np.trace(np.linalg.inv(covariance) @ data))

    best = cost(w, noise)
    for _ in range(200):
        other = cost(w + 0.02 * rng.normal(size=w.shape), noise * math.exp(0.02 * rng.normal()))
        assert other > best
    assert cost(w, noise * 1.05) > best < cost(w, noise / 1.05)
    turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    assert near(cost(w @ turn, noise), best, within=1e-9)
    assert not near(w @ turn, w, within=0.1)
