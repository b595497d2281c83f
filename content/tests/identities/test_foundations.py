"""01 Foundations: the marginal likelihood, and the two directions of the KL."""

from __future__ import annotations

import math

import numpy as np

from identities.arithmetic import (
    LINE,
    Array,
    covers,
    descend,
    discrete_kl,
    entropy,
    expectation,
    integral,
    kl,
    log_normal,
    near,
)

TWO_HUMPS = np.logaddexp(
    math.log(0.6) + log_normal(LINE, -2, 0.49), math.log(0.4) + log_normal(LINE, 2.2, 0.81)
)


@covers("lvm-joint-factorisation")
def test_drawing_z_and_then_x_gives_the_joint_that_the_product_says() -> None:
    rng = np.random.default_rng(0)
    prior, likelihood = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(4), size=3)
    z = rng.choice(3, size=300_000, p=prior)
    x = (rng.random(len(z))[:, None] > likelihood.cumsum(1)[z]).sum(1)
    counted = np.bincount(4 * z + x, minlength=12).reshape(3, 4) / len(z)
    assert near(counted, likelihood * prior[:, None], within=4e-3)


@covers("lvm-marginal-likelihood")
def test_integrating_z_out_of_a_linear_model_gives_the_gaussian_of_the_sum() -> None:
    for x, w, b, noise in [(1.1, 1.3, 0.2, 0.5), (-2.0, 0.4, 1.0, 2.0)]:
        by_integral = integral(np.exp(log_normal(x, w * LINE + b, noise) + log_normal(LINE, 0, 1)))
        assert near(math.log(by_integral), log_normal(x, b, w * w + noise), within=1e-9)


@covers("lvm-posterior-intractable")
def test_dividing_the_joint_by_the_evidence_gives_a_density_with_the_known_moments() -> None:
    x, w, b, noise = 1.1, 1.3, 0.2, 0.5
    joint = log_normal(x, w * LINE + b, noise) + log_normal(LINE, 0, 1)
    posterior = joint - log_normal(x, b, w * w + noise)
    mean = expectation(posterior, LINE)
    assert near(integral(np.exp(posterior)), 1, within=1e-9)
    assert near(mean, w * (x - b) / (w * w + noise), within=1e-9)
    assert near(expectation(posterior, (LINE - mean) ** 2), noise / (w * w + noise), within=1e-9)


@covers("lvm-naive-mc-fails")
def test_the_variance_of_the_naive_estimate_grows_as_a_power_of_the_dimension() -> None:
    rng = np.random.default_rng(0)
    likelihood = log_normal(1.0, LINE, 0.1)
    prior = log_normal(LINE, 0, 1)
    one = expectation(prior, np.exp(2 * likelihood)) / expectation(prior, np.exp(likelihood)) ** 2
    draws = np.exp(log_normal(1.0, rng.normal(size=(1_000_000, 3)), 0.1).sum(1))
    assert near((draws**2).mean() / draws.mean() ** 2 / one**3, 1, within=0.05)
    assert one**50 > 1e15


@covers("kl-definition")
def test_the_kl_is_positive_zero_for_equals_and_not_symmetric() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        q, p = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
        drawn = rng.choice(6, size=20_000, p=q)
        ratio = np.log(q) - np.log(p)
        error = 5 * ratio[drawn].std() / math.sqrt(len(drawn))
        assert near(ratio[drawn].mean(), discrete_kl(q, p), within=error)
        assert discrete_kl(q, p) > 0 == discrete_kl(q, q)
        assert not near(discrete_kl(q, p), discrete_kl(p, q), within=1e-6)


def _gaussian(at: Array) -> Array:
    return log_normal(LINE, float(at[0]), math.exp(2 * float(at[1])))


@covers("kl-forward-moments")
def test_the_gaussian_nearest_in_forward_kl_has_the_moments_of_p() -> None:
    found = descend(lambda at: kl(TWO_HUMPS, _gaussian(at)), [0.5, 0.0], rounds=8)
    mean = expectation(TWO_HUMPS, LINE)
    spread = math.sqrt(expectation(TWO_HUMPS, (LINE - mean) ** 2))
    assert near([found[0], math.exp(found[1])], [mean, spread], within=1e-4)


@covers("kl-reverse-mode-seeking")
def test_the_gaussian_nearest_in_reverse_kl_sits_on_one_hump() -> None:
    def cost(at: Array) -> float:
        return kl(_gaussian(at), TWO_HUMPS)

    costs = []
    for hump, spread in [(-2.0, 0.7), (2.2, 0.9)]:
        found = descend(cost, [hump, math.log(spread)], rounds=4)
        assert near(found[0], hump, within=0.3)
        on_the_other = np.exp(_gaussian(found)) * (hump * LINE < 0)
        assert integral(on_the_other) < 0.05
        costs.append(cost(found))
    covering = np.array([expectation(TWO_HUMPS, LINE), math.log(2.2)])
    assert min(costs) < cost(covering)


@covers("mle-is-forward-kl")
def test_the_mean_log_likelihood_is_minus_the_forward_kl_minus_the_entropy_of_the_data() -> None:
    rng = np.random.default_rng(0)
    data, model = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(5))
    drawn = rng.choice(5, size=400_000, p=data)
    expected = -discrete_kl(data, model) - entropy(data)
    assert near(np.log(model)[drawn].mean(), expected, within=0.01)
