"""Where q fits and where it cannot: the true posterior of three test digits, and the encoder's q.

The gap under each panel is KL(q‖p(z|x)) = log p(x) - ELBO: a good fit, a Gaussian on a posterior
that is not one, and an encoder that looks in the wrong place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from exact import IMAGES, bounds, log_joint
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse
from style import PALE, VERMILION, bare, canvas, save_png, show_digit
from vae import digits, trained

WORDS = ("good fit", "wrong shape", "wrong place")


def draw_posterior(axes: Axes, image: int) -> None:
    """Shade p(z|x), and draw q as ellipses of one and two sd."""
    known = bounds()
    centre = known.mean[image].numpy()
    sd = torch.exp(0.5 * known.log_variance[image]).numpy()
    reach = max(7.5 * sd.max(), 0.35)
    line = np.linspace(-reach, reach, 161)
    across, down = np.meshgrid(line + centre[0], line + centre[1])
    grid = torch.tensor(np.stack([across.ravel(), down.ravel()], 1), dtype=torch.float32)
    x = digits()[1].images[image]
    log_density = log_joint(trained(2), x[None], grid)[0].double().numpy()
    density = np.exp(log_density - log_density.max()).reshape(across.shape)
    axes.contourf(across, down, density, levels=np.linspace(0.04, 1, 13), cmap="Blues")
    for many in (1, 2):
        size = 2 * many * sd
        axes.add_patch(Ellipse(centre, *size, fill=False, ec=VERMILION, lw=1.5))
    axes.set_aspect("equal")
    bare(axes, PALE)
    show_digit(axes.inset_axes([0.0, 0.74, 0.26, 0.26]), x)


def draw(media: Path) -> dict[str, float]:
    """Three panels, from the best fit to nearly the worst."""
    known = bounds()
    gaps = known.log_evidence - known.elbo
    order = torch.argsort(gaps)
    chosen = [int(order[10]), int(order[IMAGES // 2]), int(order[-3])]
    figure, panels = canvas(1.72, columns=3)
    numbers: dict[str, float] = {}
    for axes, image, words in zip(panels, chosen, WORDS, strict=True):
        draw_posterior(axes, image)
        gap = gaps[image].item()
        axes.set_title(words)
        axes.set_xlabel(f"gap {gap:.1f} nats")
        numbers[f"gap, {words}"] = gap
    panels[0].text(0.03, 0.03, "blue: posterior", transform=panels[0].transAxes)
    panels[1].text(0.03, 0.03, "ellipses: $q$", transform=panels[1].transAxes)
    save_png(figure, media / "posterior-vs-q.png")
    return numbers
