"""06 The balancing act: weights of the KL, rate and distortion, and collapse."""

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
    kl,
    least,
    log_normal,
    near,
    slope,
)


@covers("balance-beta-one", "balance-two-terms")
def test_a_kl_weight_of_at_least_one_bounds_the_evidence_and_a_smaller_one_need_not() -> None:
    x, noise = 1.1, 0.5
    prior, likelihood = log_normal(LINE, 0, 1), log_normal(x, LINE, noise)
    evidence = float(log_normal(x, 0, 1 + noise))

    def objective(q: Array, beta: float) -> float:
        return expectation(q, likelihood) - beta * kl(q, prior)

    qs = [
        log_normal(LINE, mean, variance)
        for mean in np.linspace(-1, 2, 13)
        for variance in (0.1, 1 / 3, 1.0)
    ]
    for beta in (1.0, 1.5, 4.0):
        assert all(objective(q, beta) <= evidence for q in qs)
    assert max(objective(q, 0.5) for q in qs) > evidence + 0.05
    best = log_normal(LINE, x / (1 + noise), noise / (1 + noise))
    assert near(objective(best, 1), evidence, within=1e-8)


@covers("beta-is-noise", "beta-vae-objective")
def test_a_kl_weight_and_a_noisier_decoder_ask_for_the_same_code() -> None:
    noise = np.random.default_rng(0).normal(size=2000)

    def optimum(beta: float, variance: float) -> Array:
        def cost(at: Array) -> float:
            mean, log_sd = at
            error = ((1.5 - np.tanh(mean + math.exp(log_sd) * noise)) ** 2).mean()
            closed_kl = 0.5 * (mean**2 + math.exp(2 * log_sd) - 1 - 2 * log_sd)
            return float(error / (2 * variance) + beta * closed_kl)

        return descend(cost, [0.3, 0.0], rounds=12)

    assert near(optimum(4.0, 0.3), optimum(1.0, 4.0 * 0.3), within=1e-3)
    assert not near(optimum(4.0, 0.3), optimum(1.0, 0.3), within=0.1)


def _toy() -> tuple[Array, Array, Array, Array]:
    """p(x), an encoder, a decoder and a prior of a discrete VAE with five x and four z."""
    rng = np.random.default_rng(0)
    return (
        rng.dirichlet(np.ones(5)),
        rng.dirichlet(np.ones(4), size=5),
        rng.dirichlet(np.ones(5), size=4),
        rng.dirichlet(np.ones(4)),
    )


def _rate_and_distortion(data: Array, encoder: Array, decoder: Array, prior: Array) -> Array:
    rate = sum(share * discrete_kl(q, prior) for share, q in zip(data, encoder, strict=True))
    held = encoder * data[:, None] > 0
    joint = (data[:, None] * encoder)[held]
    return np.array([rate, -np.sum(joint * np.log(decoder.T[held]))])


@covers("rd-definitions")
def test_rate_plus_distortion_is_what_the_posterior_gap_leaves_of_the_evidence() -> None:
    data, encoder, decoder, prior = _toy()
    evidence = prior @ decoder
    posterior = (prior[:, None] * decoder / evidence).T
    gaps = [discrete_kl(q, p) for q, p in zip(encoder, posterior, strict=True)]
    elbo = float(data @ (np.log(evidence) - gaps))
    assert near(_rate_and_distortion(data, encoder, decoder, prior).sum(), -elbo, within=1e-12)


@covers("rd-mi-bounds")
def test_the_information_in_the_code_lies_between_entropy_minus_distortion_and_rate() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        data, encoder, decoder, prior = (
            rng.dirichlet(np.ones(5)),
            rng.dirichlet(np.ones(4), size=5),
            rng.dirichlet(np.ones(5), size=4),
            rng.dirichlet(np.ones(4)),
        )
        rate, distortion = _rate_and_distortion(data, encoder, decoder, prior)
        joint = data[:, None] * encoder
        used = joint.sum(0)
        information = discrete_kl(joint.ravel(), np.outer(data, used).ravel())
        assert entropy(data) - distortion <= information <= rate
        tight = _rate_and_distortion(data, encoder, (joint / used).T, used)
        assert near([tight[0], entropy(data) - tight[1]], information, within=1e-12)


@covers("rd-same-elbo")
def test_a_useless_and_a_perfect_code_can_have_the_same_elbo() -> None:
    data = np.array([0.5, 0.25, 0.25])
    useless = _rate_and_distortion(
        data, np.full((3, 3), 1 / 3), np.tile(data, (3, 1)), np.ones(3) / 3
    )
    perfect = _rate_and_distortion(data, np.eye(3), np.eye(3) + 1e-300, data)
    assert near(useless.sum(), perfect.sum(), within=1e-12)
    assert near([useless[0], perfect[1]], 0, within=1e-12)
    assert perfect[0] > 1


@covers("rd-slope")
def test_the_rate_distortion_curve_falls_with_slope_minus_beta() -> None:
    weight, spread = 2.0, 5.0  # p(x|z) = N(2z, 1), E[x²] = 5, q(z|x) = N(ax, t²)

    def trained(beta: float) -> tuple[float, float]:
        def parts(at: Array) -> tuple[float, float]:
            a, log_t2 = at
            t2 = math.exp(log_t2)
            distortion = 0.5 * ((1 - weight * a) ** 2 * spread + weight**2 * t2)
            return 0.5 * (a * a * spread + t2 - 1 - log_t2), distortion

        best = descend(lambda at: parts(at)[1] + beta * parts(at)[0], [0.3, -1.0], rounds=4)
        assert near(best[0], weight / (weight**2 + beta), within=1e-6)
        assert near(math.exp(best[1]), beta / (weight**2 + beta), within=1e-6)
        return parts(best)

    for beta in (0.5, 1.0, 3.0):
        (r0, d0), (r1, d1) = trained(beta * 1.01), trained(beta / 1.01)
        assert near((d1 - d0) / (r1 - r0) / -beta, 1, within=0.01)


@covers("collapse-linear-rule", "collapse-dont-blame-elbo", "collapse-definition")
def test_maximum_likelihood_with_fixed_noise_drops_directions_below_it_and_prices_the_rest() -> (
    None
):
    noise = 1.0
    for eigenvalue in (5.0, 2.0, 0.8, 0.3):

        def cost(scale: float, eigenvalue: float = eigenvalue) -> float:
            total = scale**2 + noise
            return math.log(total) + eigenvalue / total

        scale = abs(least(cost, 0, 10))
        gain = scale / (scale**2 + noise)  # of the exact posterior mean
        x = math.sqrt(eigenvalue) * np.random.default_rng(0).normal(size=400_000)
        variance = noise / (scale**2 + noise)
        drawn = 0.5 * ((gain * x) ** 2 + variance - 1 - math.log(variance)).mean()
        foretold = 0.5 * math.log(eigenvalue / noise) if eigenvalue > noise else 0
        assert near(drawn, foretold, within=5e-3)
        assert (scale < 1e-3) == (eigenvalue <= noise)


@covers("active-units")
def test_the_means_of_a_collapsed_unit_do_not_vary_and_those_of_an_active_one_do() -> None:
    x = np.random.default_rng(0).normal(size=200_000)
    for scale, active in [(1.5, True), (0.01, False)]:
        means = np.sqrt(1 + scale**2) * x * scale / (scale**2 + 1)
        by_total_variance = 1 - 1 / (scale**2 + 1)
        assert near(means.var(), by_total_variance, within=5e-3)
        assert (means.var() > 0.01) == active


@covers("free-bits")
def test_below_its_free_bits_a_unit_is_not_pushed_and_above_it_is() -> None:
    def charged(mean: float) -> float:
        batch = [kl(log_normal(LINE, sign * mean, 1.0), log_normal(LINE, 0, 1)) for sign in (-1, 1)]
        return max(0.5, sum(batch) / 2)

    assert charged(0.9) == charged(0.1) == 0.5
    assert near(slope(charged, 0.9), 0, within=1e-9)
    assert near(slope(charged, 1.5), 1.5, within=1e-6)


@covers("bits-back")
def test_sending_z_and_x_and_getting_the_choice_of_z_back_costs_minus_the_elbo() -> None:
    _, encoder, decoder, prior = _toy()
    rng = np.random.default_rng(0)
    for x in range(5):
        z = rng.choice(4, size=400_000, p=encoder[x])
        net = (-np.log(prior[z]) - np.log(decoder[z, x]) + np.log(encoder[x, z])).mean()
        evidence = prior @ decoder[:, x]
        gap = discrete_kl(encoder[x], prior * decoder[:, x] / evidence)
        assert near(net, gap - math.log(evidence), within=0.02)
