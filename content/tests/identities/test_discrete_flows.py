"""09 Discrete latents, and 10 flows, hierarchies and diffusion."""

from __future__ import annotations

import math

import numpy as np

from identities.arithmetic import (
    LINE,
    Array,
    covers,
    discrete_kl,
    entropy,
    integral,
    jacobian,
    kl,
    log_normal,
    near,
)

PI = np.array([0.1, 0.2, 0.7])


@covers("gumbel-max", "discrete-no-reparam")
def test_the_largest_of_log_probabilities_plus_gumbel_noise_is_a_draw_of_the_categorical() -> None:
    noise = np.random.default_rng(0).gumbel(size=(1_000_000, 3))
    drawn = (np.log(PI) + noise).argmax(1)
    assert near(np.bincount(drawn) / len(drawn), PI, within=2e-3)
    moved = (np.log(PI) + 1e-9 + noise[:1000]).argmax(1)
    assert np.array_equal(moved, drawn[:1000])


@covers("gumbel-softmax")
def test_the_softmax_of_the_same_is_one_hot_when_cold_and_uniform_when_hot() -> None:
    score = np.log(PI) + np.random.default_rng(0).gumbel(size=(50_000, 3))

    def softmax(temperature: float) -> Array:
        power = np.exp((score - score.max(1, keepdims=True)) / temperature)
        return np.asarray(power / power.sum(1, keepdims=True))

    cold = softmax(1e-4)
    assert near(np.sort(cold, 1)[:, 1:].mean(0), [0, 1], within=1e-3)
    assert near(cold.mean(0), PI, within=0.01)
    assert near(softmax(1e4), 1 / 3, within=1e-2)


@covers("vqvae-quantise")
def test_the_nearest_codebook_vector_is_the_one_of_the_highest_posterior_of_a_gaussian_mixture() -> (  # noqa: E501 (a sentence)
    None
):
    rng = np.random.default_rng(0)
    outputs, codebook = rng.normal(size=(100, 4)), rng.normal(size=(8, 4))
    nearest = np.linalg.norm(outputs[:, None] - codebook, axis=-1).argmin(1)
    likeliest = log_normal(outputs[:, None], codebook, 0.5).sum(-1).argmax(1)
    assert np.array_equal(nearest, likeliest)


@covers("vqvae-kl")
def test_a_certain_code_under_a_uniform_prior_costs_log_k() -> None:
    for codes in (2, 512):
        q, uniform = np.eye(codes)[0], np.full(codes, 1 / codes)
        assert near(discrete_kl(q, uniform), math.log(codes), within=1e-12)
    soft = np.array([0.5, 0.3, 0.2])
    assert near(discrete_kl(soft, np.full(3, 1 / 3)), math.log(3) - entropy(soft), within=1e-12)


@covers("flow-change-of-variables")
def test_the_density_of_a_warped_gaussian_holds_as_much_as_the_gaussian_between_the_bounds() -> (
    None
):
    stretched = np.sinh(LINE / 10) * 10  # z = f(ε), invertible and not linear
    log_slope = np.log(np.cosh(LINE / 10))
    log_q = log_normal(LINE, 0, 1) - log_slope
    for low, high in [(-1.0, 0.5), (0.0, 2.0)]:
        inside = (stretched >= 10 * math.sinh(low / 10)) & (stretched <= 10 * math.sinh(high / 10))
        mass = np.trapezoid(np.exp(log_q[inside]), stretched[inside])
        gaussian = 0.5 * (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2)))
        assert near(mass, gaussian, within=1e-3)


@covers("iaf-logdet")
def test_the_log_determinant_of_an_autoregressive_step_is_the_sum_of_its_log_scales() -> None:
    rng = np.random.default_rng(0)
    lower, z = np.tril(rng.normal(size=(4, 4)), -1), rng.normal(size=4)

    def scale(at: Array) -> Array:
        return np.asarray(np.exp(np.tanh(lower @ at)))

    matrix = jacobian(lambda at: lower @ at + scale(at) * at, z)
    assert near(np.triu(matrix, 1), 0, within=1e-9)
    assert near(np.log(abs(np.linalg.det(matrix))), np.log(scale(z)).sum(), within=1e-6)


@covers("hvae-elbo")
def test_the_kl_of_a_hierarchy_is_the_sum_of_the_expected_kls_of_its_layers() -> None:
    rng = np.random.default_rng(0)
    q, p = rng.dirichlet(np.ones(12)).reshape(3, 4), rng.dirichlet(np.ones(12)).reshape(3, 4)
    top_q, top_p = q.sum(1), p.sum(1)
    below = [discrete_kl(a / a.sum(), b / b.sum()) for a, b in zip(q, p, strict=True)]
    assert near(discrete_kl(top_q, top_p) + top_q @ below, discrete_kl(q, p), within=1e-12)


@covers("ladder-merge")
def test_merging_by_precision_is_the_normalised_product_of_two_gaussians() -> None:
    m1, v1, m2, v2 = 0.5, 0.4, -1.0, 2.0
    product = np.exp(log_normal(LINE, m1, v1) + log_normal(LINE, m2, v2))
    product /= integral(product)
    mean = integral(product * LINE)
    variance = 1 / (1 / v1 + 1 / v2)
    assert near(mean, variance * (m1 / v1 + m2 / v2), within=1e-9)
    assert near(integral(product * (LINE - mean) ** 2), variance, within=1e-9)


@covers("nvae-residual")
def test_the_kl_of_a_residual_posterior_depends_on_the_residual_alone() -> None:
    for mean, sd, shift, ratio in [(0.7, 1.3, 0.4, 0.6), (-2.0, 0.5, -0.2, 1.4)]:
        q = log_normal(LINE, mean + shift, (sd * ratio) ** 2)
        closed = 0.5 * (shift**2 / sd**2 + ratio**2 - math.log(ratio**2) - 1)
        assert near(kl(q, log_normal(LINE, mean, sd**2)), closed, within=1e-8)


@covers("ddpm-marginal", "diffusion-as-hvae")
def test_many_small_steps_of_noise_are_one_large_one() -> None:
    rng = np.random.default_rng(0)
    betas, start = np.linspace(0.05, 0.3, 7), 1.3
    x = np.full(500_000, start)
    for beta in betas:
        x = math.sqrt(1 - beta) * x + math.sqrt(beta) * rng.normal(size=len(x))
    kept = float(np.prod(1 - betas))
    assert near(x.mean(), math.sqrt(kept) * start, within=6e-3)
    assert near(x.var(), 1 - kept, within=6e-3)
