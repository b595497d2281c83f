"""From a 0 to a 6 by two roads: through the codes of a VAE with 16 latents, and through pixels.

The upper row decodes points on the straight line between the two codes; the lower one mixes the
two images, and shows both at once half-way.
"""

from __future__ import annotations

from pathlib import Path

import torch
from style import canvas, row_of_digits, save_png
from vae import digits, trained

STEPS = 7


def draw(media: Path) -> dict[str, float]:
    """Two rows of digits."""
    model, test = trained(16), digits()[1]
    start, end = test.example(0, number=2), test.example(6, number=2)
    share = torch.linspace(0, 1, STEPS)[:, None]
    first, last = model.encode(start)[0], model.encode(end)[0]
    figure, axes = canvas(1.12, rows=2, columns=STEPS)
    row_of_digits(axes[:STEPS], model.decode((1 - share) * first + share * last), "codes")
    row_of_digits(axes[STEPS:], (1 - share) * start + share * end, "pixels")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    save_png(figure, media / "interpolation.png", colours=32)
    return {}
