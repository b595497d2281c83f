"""The data and the tiny variational autoencoder that the figures share.

The data are scikit-learn's 1,797 digits of 8×8 pixels, grey values from 0 to 1: 1,500 to train,
297 to test. Encoder and decoder have two hidden layers of 128 units. A model is trained once in a
run of ``make figures``, from a fixed seed, in four to sixteen seconds of one thread.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

torch.set_num_threads(1)

PIXELS = 64
FIXED_SIGMA = 0.15  # of the decoders whose noise is not learned


@dataclass(frozen=True)
class Digits:
    """Images, one a row, and which digit each shows."""

    images: Tensor
    labels: np.ndarray

    def example(self, digit: int, number: int = 0) -> Tensor:
        """The image of one digit, by its place among those of that digit."""
        return self.images[int(np.flatnonzero(self.labels == digit)[number])]


@functools.cache
def digits() -> tuple[Digits, Digits]:
    """The training set and the test set."""
    data = load_digits()
    images = torch.tensor(data.data / 16.0, dtype=torch.float32)
    order = np.random.default_rng(0).permutation(len(images))
    train, test = order[:1500], order[1500:]
    return Digits(images[train], data.target[train]), Digits(images[test], data.target[test])


class VAE(nn.Module):
    """A diagonal Gaussian encoder, and a Gaussian decoder with one variance for all pixels."""

    def __init__(self, latents: int, sigma: float | None, hidden: int = 128) -> None:
        super().__init__()
        self.encoder = _layers(PIXELS, hidden, 2 * latents)
        self.decoder = _layers(latents, hidden, PIXELS)
        start = -3.0 if sigma is None else 2 * math.log(sigma)
        self.log_variance = nn.Parameter(torch.tensor(start), requires_grad=sigma is None)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z|x)."""
        mean, log_variance = self.encoder(x).chunk(2, -1)
        return mean, log_variance.clamp(-12, 6)

    def decode(self, z: Tensor) -> Tensor:
        """The mean image for a code."""
        return torch.sigmoid(self.decoder(z))

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x|z)."""
        return self.log_noise(((x - self.decode(z)) ** 2).sum(-1))

    def log_noise(self, squared_error: Tensor) -> Tensor:
        """log p(x|z), from the squared error of the whole image."""
        constant = -0.5 * PIXELS * (math.log(2 * math.pi) + self.log_variance)
        return constant - 0.5 * squared_error / self.log_variance.exp()

    def terms(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Distortion of each image, from one draw of z, and its KL for each latent unit."""
        mean, log_variance = self.encode(x)
        return -self.log_likelihood(x, draw(mean, log_variance)), kl_to_prior(mean, log_variance)


def _layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.Tanh(),
        nn.Linear(hidden, hidden),
        nn.Tanh(),
        nn.Linear(hidden, outputs),
    )


def draw(mean: Tensor, log_variance: Tensor) -> Tensor:
    """A reparameterised draw of z."""
    return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)


def kl_to_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(q(z_j|x) ‖ N(0, 1)) for each unit, in nats."""
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)


@functools.cache
def trained(
    latents: int = 2, beta: float = 1.0, sigma: float | None = None, epochs: int = 150
) -> VAE:
    """A model of the digits, with KL weight ``beta`` and a learned σ where none is given."""
    torch.manual_seed(0)
    shuffle = torch.Generator().manual_seed(0)
    images = digits()[0].images
    model = VAE(latents, sigma)
    optimiser = torch.optim.Adam([one for one in model.parameters() if one.requires_grad], lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(images), generator=shuffle).split(100):
            distortion, kl = model.terms(images[batch])
            optimiser.zero_grad()
            (distortion.mean() + beta * kl.mean(0).sum()).backward()
            optimiser.step()
        schedule.step()
    return model.eval().requires_grad_(False)
