"""Fewer latents, softer reconstructions: test digits, and the same through 16 and 2 latents.

"Detail" is the mean square of the discrete Laplacian, as a share of the originals', over all 297
test digits. Reconstructions decode the mean of q(z|x).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from style import canvas, row_of_digits, save_png
from torch import Tensor
from vae import digits, trained


def detail(images: Tensor) -> float:
    """The mean square of the discrete Laplacian: the energy in the finest structure."""
    a = images.reshape(-1, 8, 8).numpy()
    across = a[:, 1:-1, :-2] + a[:, 1:-1, 2:]
    down = a[:, :-2, 1:-1] + a[:, 2:, 1:-1]
    return float(((4 * a[:, 1:-1, 1:-1] - across - down) ** 2).mean())


def draw(media: Path) -> dict[str, float]:
    """Three rows of ten digits."""
    test = digits()[1]
    shown = [int(np.flatnonzero(test.labels == digit)[0]) for digit in range(10)]
    figure, axes = canvas(1.42, rows=3, columns=10)
    row_of_digits(axes[:10], test.images[shown], "original")
    numbers: dict[str, float] = {}
    for row, latents in ((1, 16), (2, 2)):
        model = trained(latents)
        decoded = model.decode(model.encode(test.images)[0])
        kept = detail(decoded) / detail(test.images)
        label = f"{latents} latents\n{kept:.0%} detail"
        row_of_digits(axes[10 * row : 10 * row + 10], decoded[shown], label)
        numbers[f"detail kept by {latents} latents"] = kept
        numbers[f"MSE of {latents} latents"] = ((decoded - test.images) ** 2).mean().item()
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    save_png(figure, media / "recon-blur.png", colours=32)
    return numbers
