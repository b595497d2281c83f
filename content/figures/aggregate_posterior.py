"""All codes at three weights of the KL: islands with holes, a fair fit to the prior, one cloud.

A draw from q(z|x) for each of the 1,797 digits, in 2-D VAEs with decoder noise σ = 0.15, and
circles of one and two sd of the prior N(0, I). Numbers are means over all digits.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from style import INK, PALE, bare, canvas, save_png
from vae import FIXED_SIGMA, digits, kl_to_prior, trained
from vae import draw as draw_codes

BETAS = (0.02, 1.0, 20.0)


def draw_panel(axes: Axes, codes: np.ndarray, labels: np.ndarray) -> None:
    """Codes coloured by digit, and the prior's circles."""
    axes.scatter(*codes.T, c=labels, cmap="tab10", s=1.6, lw=0, alpha=0.8)
    turn = np.linspace(0, 2 * np.pi, 100)
    for radius in (1, 2):
        axes.plot(radius * np.cos(turn), radius * np.sin(turn), color=INK, lw=1, ls="--")
    reach = max(3.4, 1.05 * np.quantile(np.abs(codes), 0.998))
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    bare(axes, PALE)


def draw(media: Path) -> dict[str, float]:
    """A panel for each weight."""
    train, test = digits()
    images = torch.cat([train.images, test.images])
    labels = np.concatenate([train.labels, test.labels])
    figure, panels = canvas(1.75, columns=len(BETAS))
    numbers: dict[str, float] = {}
    for axes, beta in zip(panels, BETAS, strict=True):
        mean, log_variance = trained(2, beta, FIXED_SIGMA).encode(images)
        torch.manual_seed(0)
        draw_panel(axes, draw_codes(mean, log_variance).numpy(), labels)
        kl = kl_to_prior(mean, log_variance).sum(1).mean().item()
        axes.set_title(f"β = {beta:g}")
        axes.set_xlabel(f"KL {kl:.1f} nats")
        moment = (log_variance.exp().mean(0) + mean.var(0)).mean().item()
        numbers[f"mean KL at β = {beta:g}"] = kl
        numbers[f"E[σ²] + Var[μ] at β = {beta:g}"] = moment
    save_png(figure, media / "aggregate-posterior.png", colours=96)
    return numbers
