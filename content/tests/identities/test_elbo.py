"""03 Variational inference: the ELBO, its gap, and tighter bounds."""

from __future__ import annotations

import math

import numpy as np

from identities.arithmetic import (
    LINE,
    Array,
    covers,
    descend,
    expectation,
    integral,
    kl,
    least,
    log_mean_exp,
    log_normal,
    near,
)

# One latent, one pixel: p(z) = N(0, 1), p(x|z) = N(wz + b, v), at one x.
W, B, V, X = 1.3, 0.2, 0.5, 1.1
PRIOR = log_normal(LINE, 0, 1)
LIKELIHOOD = log_normal(X, W * LINE + B, V)
EVIDENCE = float(log_normal(X, B, W * W + V))
POSTERIOR = log_normal(LINE, W * (X - B) / (W * W + V), V / (W * W + V))
QS = [log_normal(LINE, mean, sd**2) for mean, sd in [(0.1, 0.9), (-1.0, 0.4), (0.6, 0.5)]]


def elbo(q: Array) -> float:
    """E_q[log p(x, z) - log q(z)]."""
    return expectation(q, LIKELIHOOD + PRIOR - q)


@covers("elbo-definition", "elbo-gap", "elbo-two-kls", "elbo-derive-exact")
def test_the_elbo_falls_short_of_the_evidence_by_the_kl_to_the_true_posterior() -> None:
    for q in QS:
        assert near(elbo(q), EVIDENCE - kl(q, POSTERIOR), within=1e-8)
        assert abs(kl(q, POSTERIOR) - kl(q, PRIOR)) > 0.01
    assert near(elbo(POSTERIOR), EVIDENCE, within=1e-8)


@covers("elbo-two-terms", "elbo-two-kls")
def test_the_elbo_is_expected_log_likelihood_minus_the_kl_to_the_prior() -> None:
    rng = np.random.default_rng(0)
    for mean, sd in [(0.1, 0.9), (-1.0, 0.4)]:
        z = mean + sd * rng.normal(size=1_000_000)
        reconstruction = log_normal(X, W * z + B, V).mean()
        closed_kl = 0.5 * (mean**2 + sd**2 - 1 - math.log(sd**2))
        q = log_normal(LINE, mean, sd**2)
        assert near(elbo(q), reconstruction - closed_kl, within=0.02)


@covers("elbo-entropy-form")
def test_the_elbo_is_the_expected_log_joint_plus_the_entropy_of_q() -> None:
    for mean, sd in [(0.1, 0.9), (-1.0, 0.4)]:
        q = log_normal(LINE, mean, sd**2)
        entropy = 0.5 * math.log(2 * math.pi * math.e * sd**2)
        assert near(elbo(q), expectation(q, LIKELIHOOD + PRIOR) + entropy, within=1e-8)


@covers("elbo-derive-jensen")
def test_jensens_inequality_puts_every_q_under_the_evidence_that_its_ratio_averages_to() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        q = log_normal(LINE, rng.normal(), rng.uniform(0.2, 4.0))
        ratio = LIKELIHOOD + PRIOR - q
        assert near(math.log(integral(np.exp(q + ratio))), EVIDENCE, within=1e-8)
        assert expectation(q, ratio) < EVIDENCE


@covers("vi-idea")
def test_the_q_with_the_highest_elbo_is_the_one_nearest_to_the_posterior() -> None:
    def gaussian(at: Array) -> Array:
        return log_normal(LINE, float(at[0]), math.exp(2 * float(at[1])))

    highest = descend(lambda at: -elbo(gaussian(at)), [0.0, 0.0], rounds=6)
    mean = expectation(POSTERIOR, LINE)
    spread = math.sqrt(expectation(POSTERIOR, (LINE - mean) ** 2))
    assert near([highest[0], math.exp(highest[1])], [mean, spread], within=1e-4)


CORRELATED = np.array([[1.0, 0.9], [0.9, 1.0]])


def _kl_of_factorised(log_variances: Array) -> float:
    """KL(q‖p) of a centred factorised Gaussian to the correlated one, by a sum over the plane."""
    line = np.linspace(-7, 7, 281)
    first, second = np.meshgrid(line, line, indexing="ij")
    one, other = np.exp(np.clip(log_variances, -4, 2))
    log_q = log_normal(first, 0, one) + log_normal(second, 0, other)
    determinant = 1 - 0.9**2
    square = (first**2 - 1.8 * first * second + second**2) / determinant
    log_p = -0.5 * square - math.log(2 * math.pi) - 0.5 * math.log(determinant)
    return float(np.sum(np.exp(log_q) * (log_q - log_p)) * (line[1] - line[0]) ** 2)


@covers("vi-meanfield-variance")
def test_the_best_factorised_gaussian_has_the_conditional_variance() -> None:
    found = least(lambda at: _kl_of_factorised(np.array([at, at])), -3.5, 1)
    assert near(math.exp(found), 1 - 0.9**2, within=1e-4)
    assert near(1 / np.diag(np.linalg.inv(CORRELATED)), 0.19, within=1e-12)


@covers("gap-decomposition", "gap-bars")
def test_the_gap_of_any_q_is_that_of_the_best_of_its_family_plus_what_it_misses_of_that() -> None:
    precision = np.linalg.inv(CORRELATED)
    log_determinant = float(np.linalg.slogdet(precision)[1])
    approximation = 0.5 * (float(np.log(np.diag(precision)).sum()) - log_determinant)
    for variance in (0.1, 0.5):
        gap = _kl_of_factorised(np.log([variance, variance]))
        ratio = variance * float(precision[0, 0])
        amortisation = 2 * 0.5 * (ratio - 1 - math.log(ratio))
        assert near(gap, approximation + amortisation, within=1e-6)


def _log_weights(samples: int, repeats: int, rng: np.random.Generator) -> Array:
    mean, sd = 0.1, 0.9
    z = mean + sd * rng.normal(size=(repeats, samples))
    joint = log_normal(X, W * z + B, V) + log_normal(z, 0, 1)
    return np.asarray(joint - log_normal(z, mean, sd**2))


@covers("iwae-bound", "iwae-monotone")
def test_the_iwae_bound_starts_at_the_elbo_and_climbs_to_the_evidence() -> None:
    rng = np.random.default_rng(0)
    bounds = [
        float(log_mean_exp(_log_weights(samples, 400_000 // samples, rng), axis=1).mean())
        for samples in (1, 2, 5, 20, 400)
    ]
    assert near(bounds[0], elbo(QS[0]), within=0.01)
    assert bounds == sorted(bounds)
    assert near(bounds[-1], EVIDENCE, within=0.01)


@covers("eval-importance-sampling", "eval-is-bias")
def test_importance_weights_average_to_the_likelihood_and_their_log_to_less() -> None:
    weights = _log_weights(10, 100_000, np.random.default_rng(0))
    assert near(np.exp(weights).mean(), math.exp(EVIDENCE), within=1e-3)
    assert log_mean_exp(weights, axis=1).mean() < EVIDENCE - 0.002


def _signal_to_noise(samples: int) -> tuple[float, float]:
    """Of the gradients of L_K in the model's μ and in the encoder's mean (Rainforth's toy)."""
    x, model, encoder, variance = 2.3, 0.4, 0.5 * 2.3 + 0.7, 2 / 3
    noise = np.random.default_rng(1).normal(size=(20_000, samples))
    z = encoder + math.sqrt(variance) * noise
    log_weights = log_normal(z, model, 1) + log_normal(x, z, 1) - log_normal(z, encoder, variance)
    weights = np.exp(log_weights - log_weights.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    of_model = (weights * (z - model)).sum(1)
    of_encoder = (weights * (x - z - (z - model))).sum(1)
    of_both = [float(abs(one.mean()) / one.std()) for one in (of_model, of_encoder)]
    return of_both[0], of_both[1]


@covers("iwae-snr")
def test_more_samples_help_the_models_gradient_and_drown_that_of_the_encoder() -> None:
    few, many = _signal_to_noise(8), _signal_to_noise(128)
    powers = [math.log(two / one) / math.log(16) for one, two in zip(few, many, strict=True)]
    assert near(powers, [0.5, -0.5], within=0.15)
