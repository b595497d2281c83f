"""07 Blurriness and decoders: what a likelihood of pixels asks for."""

from __future__ import annotations

import math

import numpy as np

from identities.arithmetic import LINE, Array, covers, integral, least, log_normal, near


@covers("blur-averaging", "blur-optimal-mean")
def test_the_answer_with_the_least_squared_error_for_a_code_is_the_mean_of_what_may_have_caused_it() -> (  # noqa: E501 (a sentence)
    None
):
    rng = np.random.default_rng(0)
    images = rng.random(6)
    data, encoder = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(3), size=6)
    causes = data[:, None] * encoder / (data @ encoder)
    drawn = rng.choice(6, size=300_000, p=data)
    codes = (rng.random(len(drawn))[:, None] > encoder.cumsum(1)[drawn]).sum(1)
    for z in range(3):
        seen = images[drawn[codes == z]]

        def cost(answer: float, seen: Array = seen) -> float:
            return float(((seen - answer) ** 2).mean())

        best = least(cost, 0, 1)
        assert near(best, causes[:, z] @ images, within=5e-3)


@covers("blur-averaging")
def test_the_mean_of_many_sharp_edges_beats_each_of_them_by_squared_error() -> None:
    places = np.random.default_rng(0).normal(0.5, 0.12, 200)
    edges = (np.linspace(0, 1, 101) > places[:, None]).astype(float)
    of_mean = ((edges - edges.mean(0)) ** 2).mean()
    of_best_edge = min(((edges - one) ** 2).mean() for one in edges)
    assert 0 < of_mean / of_best_edge < 0.8


@covers("mse-is-gaussian", "sse-implies-half")
def test_squared_error_is_minus_a_gaussian_log_density_whose_norm_is_found_by_integration() -> None:
    rng = np.random.default_rng(0)
    error = rng.normal(size=4)
    for variance in (0.3, 0.5, 2.0):
        norm = integral(np.exp(-(LINE**2) / (2 * variance)))
        from_integral = (error**2).sum() / (2 * variance) + 4 * math.log(norm)
        card = (error**2).sum() / (2 * variance) + 4 / 2 * math.log(2 * math.pi * variance)
        assert near(from_integral, card, within=1e-9)
        assert near(-log_normal(error, 0, variance).sum(), from_integral, within=1e-9)
    found = least(lambda v: abs(float(log_normal(0, 0, v) - log_normal(1, 0, v)) - 1), 0.1, 3)
    assert near(found, 0.5, within=1e-6)


@covers("sigma-vae")
def test_the_likeliest_decoder_variance_is_the_mean_squared_error_of_a_pixel() -> None:
    error = 0.37 * np.random.default_rng(0).normal(size=(50, 64))
    best = least(lambda at: -float(log_normal(error, 0, math.exp(at)).mean()), -6, 2)
    assert near(math.exp(best), (error**2).mean(), within=1e-6)


@covers("bce-not-density")
def test_bernoulli_on_grey_values_lacks_the_constant_of_the_continuous_bernoulli() -> None:
    grey = np.linspace(0, 1, 100_001)
    for rate in (0.1, 0.3, 0.49, 0.8):
        mass = float(np.trapezoid(rate**grey * (1 - rate) ** (1 - grey), grey))
        constant = 2 * math.atanh(1 - 2 * rate) / (1 - 2 * rate)
        assert near(constant * mass, 1, within=1e-8)
        assert abs(mass - 1) > 0.1
    assert near(1 / float(np.trapezoid(0.5**grey * 0.5 ** (1 - grey), grey)), 2, within=1e-8)


@covers("bce-not-density")
def test_cross_entropy_too_is_least_at_the_mean_of_the_grey_values() -> None:
    grey = np.random.default_rng(0).random(4000) ** 2
    best = least(
        lambda c: -float((grey * math.log(c) + (1 - grey) * math.log(1 - c)).mean()), 0.01, 0.99
    )
    assert near(best, grey.mean(), within=1e-6)


@covers("decoder-unbounded")
def test_a_gaussian_that_shrinks_onto_a_data_point_gains_without_end() -> None:
    data = np.array([0.0, 1.0, 2.0])
    likelihoods = []
    for sd in (1e-2, 1e-4, 1e-8, 1e-16):
        spike = np.log(0.5) + log_normal(data, 0.0, sd**2)
        broad = np.log(0.5) + log_normal(data, 1.0, 1.0)
        likelihoods.append(float(np.logaddexp(spike, broad).sum()))
    assert near(np.diff(likelihoods), np.log([1e2, 1e4, 1e8]), within=0.02)
