"""A decoder that can do without the code leaves it unused; free bits keep the code in use.

Generated binary sequences of 48 symbols. The hidden cause of a sequence is its probability to
repeat the last symbol. An autoregressive decoder reads that off the symbols before; a factorised
one needs the code. Numbers are of 2,000 sequences that were not trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from style import BLUE, VERMILION, canvas, save_png
from torch import Tensor, nn
from vae import draw as draw_code
from vae import kl_to_prior

LENGTH, LATENTS, HIDDEN = 48, 4, 64


@dataclass(frozen=True)
class Run:
    """One way to train."""

    title: str
    autoregressive: bool
    epochs: int
    free_bits: float = 0.0


RUNS = (
    Run("factorised\ndecoder", autoregressive=False, epochs=40),
    Run("autoregressive\ndecoder", autoregressive=True, epochs=12),
    Run("autoregressive\n+ free bits", autoregressive=True, epochs=12, free_bits=0.5),
)


def sequences(count: int, seed: int) -> Tensor:
    """Binary sequences, each with a probability of its own to repeat the last symbol."""
    rng = np.random.default_rng(seed)
    repeats = rng.beta(0.6, 0.6, size=count)
    x = np.zeros((count, LENGTH), np.float32)
    x[:, 0] = rng.integers(0, 2, size=count)
    for at in range(1, LENGTH):
        same = rng.random(count) < repeats
        x[:, at] = np.where(same, x[:, at - 1], 1 - x[:, at - 1])
    return torch.tensor(x)


class SequenceVAE(nn.Module):
    """A VAE of binary sequences, with or without sight of the symbols before."""

    def __init__(self, autoregressive: bool) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            *(nn.Linear(LENGTH, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU()),
            nn.Linear(HIDDEN, 2 * LATENTS),
        )
        self.code = nn.Sequential(
            *(nn.Linear(LATENTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN))
        )
        self.memory = nn.GRU(1, HIDDEN, batch_first=True) if autoregressive else None
        self.output = (
            nn.Linear(HIDDEN, 1)
            if autoregressive
            else nn.Sequential(
                *(nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, LENGTH))
            )
        )

    def logits(self, x: Tensor, z: Tensor) -> Tensor:
        """The decoder's logit for each symbol."""
        code = self.code(z)
        if self.memory is None:
            return self.output(code)
        before = torch.cat([torch.zeros(len(x), 1), 2 * x[:, :-1] - 1], 1)
        states, _ = self.memory(before[..., None], torch.tanh(code)[None])
        return self.output(states)[..., 0]

    def terms(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Distortion of each sequence, and its KL for each latent unit."""
        mean, log_variance = self.encoder(2 * x - 1).chunk(2, -1)
        log_variance = log_variance.clamp(-10, 5)
        logits = self.logits(x, draw_code(mean, log_variance))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
        return loss.sum(1), kl_to_prior(mean, log_variance)


def train(run: Run, x: Tensor, unseen: Tensor) -> tuple[float, np.ndarray]:
    """Distortion and the KL of each unit, largest first, on unseen sequences."""
    torch.manual_seed(0)
    model = SequenceVAE(run.autoregressive)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, run.epochs)
    for _ in range(run.epochs):
        for batch in torch.randperm(len(x)).split(100):
            distortion, kl = model.terms(x[batch])
            charged = kl.mean(0).clamp(min=run.free_bits) if run.free_bits else kl.mean(0)
            optimiser.zero_grad()
            (distortion.mean() + charged.sum()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
        schedule.step()
    with torch.no_grad():
        distortion, kl = model.terms(unseen)
    return distortion.mean().item(), np.sort(kl.mean(0).numpy())[::-1]


def draw(media: Path) -> dict[str, float]:
    """A panel for each way to train: the KL of the four units."""
    x, unseen = sequences(6000, 0), sequences(2000, 1)
    figure, panels = canvas(2.0, columns=len(RUNS), sharey=True)
    numbers: dict[str, float] = {}
    for axes, run in zip(panels, RUNS, strict=True):
        distortion, kl = train(run, x, unseen)
        total = float(kl.sum())
        colours = [BLUE if one > 0.05 else VERMILION for one in kl]
        axes.bar(range(1, LATENTS + 1), np.maximum(kl, 0.012), color=colours)
        axes.set_title(run.title)
        axes.set(xticks=range(1, LATENTS + 1), ylim=(0, 2.2), yticks=[0, 0.5, 1, 1.5])
        words = f"KL {total:.2f}\n−ELBO {distortion + total:.1f}"
        axes.text(0.98, 1.0, words, ha="right", va="top", transform=axes.transAxes)
        name = run.title.replace("\n", " ")
        numbers[f"KL, {name}"] = total
        numbers[f"−ELBO, {name}"] = distortion + total
    panels[0].set_ylabel("mean KL, nats")
    panels[1].set_xlabel("latent unit, sorted by KL")
    save_png(figure, media / "collapse-decoder.png", colours=48)
    return numbers
