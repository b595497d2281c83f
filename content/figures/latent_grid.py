"""The plane of a 2-D VAE, decoded: a 12×12 grid of codes, each drawn as the digit it decodes to.

The codes stand at equal steps of the prior's probability (2% to 98%), so that the grid shows what
draws from the prior give.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from scipy.stats import norm
from style import bare, canvas, save_png
from vae import trained

SIDE = 12


def draw(media: Path) -> dict[str, float]:
    """One image of all digits, with a little white between them."""
    steps = norm.ppf(np.linspace(0.02, 0.98, SIDE))
    codes = torch.tensor([[x, -y] for y in steps for x in steps], dtype=torch.float32)
    decoded = trained(2).decode(codes).reshape(SIDE, SIDE, 8, 8)
    tiles = torch.nn.functional.pad(decoded, (1, 1, 1, 1)).permute(0, 2, 1, 3)
    figure, [axes] = canvas(3.9)
    axes.imshow(
        tiles.reshape(SIDE * 10, SIDE * 10), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest"
    )
    bare(axes)
    save_png(figure, media / "latent-grid.png", colours=24)
    return {}
