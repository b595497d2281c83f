"""Posterior collapse that theory foretells: a linear VAE on digits, with fixed decoder noise σ.

Unit j stays active where the data's eigenvalue λ_j exceeds σ², and its mean KL is then
½ log(λ_j/σ²). Trained by gradient descent on the exact expected ELBO, without sampling.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from style import BLUE, INK, canvas, save_png
from torch import Tensor

UNITS = 16
SIGMAS = (0.15, 0.3, 0.5)


def covariance() -> Tensor:
    """The covariance of all digits' pixels."""
    x = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
    x = x - x.mean(0)
    return x.T @ x / len(x)


def train(data: Tensor, variance: float, steps: int = 4000) -> np.ndarray:
    """The mean KL of each unit after training, largest first."""
    torch.manual_seed(0)
    decoder = (torch.randn(64, UNITS) * 0.1).requires_grad_()
    encoder = (torch.randn(UNITS, 64) * 0.1).requires_grad_()
    log_variance = torch.zeros(UNITS, requires_grad=True)
    optimiser = torch.optim.Adam([decoder, encoder, log_variance], lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        missed = torch.eye(64) - decoder @ encoder
        error = ((missed @ data) * missed).sum()
        error = error + ((decoder**2).sum(0) * log_variance.exp()).sum()
        spread = ((encoder @ data) * encoder).sum(1)
        kl = 0.5 * (spread + log_variance.exp() - 1 - log_variance)
        optimiser.zero_grad()
        (error / (2 * variance) + kl.sum()).backward()
        optimiser.step()
        schedule.step()
    return np.sort(kl.detach().numpy())[::-1]


def draw(media: Path) -> dict[str, float]:
    """A panel for each σ: bars as trained, dots as foretold."""
    data = covariance()
    eigenvalues = torch.linalg.eigvalsh(data.double()).flip(0).numpy()[:UNITS]
    figure, panels = canvas(1.9, columns=len(SIGMAS), sharey=True)
    numbers: dict[str, float] = {}
    units = np.arange(1, UNITS + 1)
    for axes, sigma in zip(panels, SIGMAS, strict=True):
        kl = train(data, sigma**2)
        theory = np.maximum(0.5 * np.log(eigenvalues / sigma**2), 0)
        active = int((kl > 0.01).sum())
        axes.bar(units, kl, color=BLUE)
        axes.plot(units, theory, "o", color=INK, ms=2.4)
        axes.set_title(f"σ = {sigma}\n{active} of {UNITS} active")
        axes.set(xticks=[1, 8, 16])
        numbers[f"active units at σ = {sigma}"] = active
        numbers[f"active units foretold at σ = {sigma}"] = int((eigenvalues > sigma**2).sum())
        numbers[f"largest error of the KL at σ = {sigma}"] = float(np.abs(kl - theory).max())
    panels[0].set_ylabel("mean KL, nats")
    panels[1].set_xlabel("latent unit, sorted by KL")
    panels[1].text(3.2, 1.3, "bars: trained\ndots: theory")
    save_png(figure, media / "collapse-noise.png", colours=48)
    return numbers
