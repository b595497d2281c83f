"""Why squared error blurs: the best answer to many sharp edges is their mean, a soft ramp.

400 steps from 0 to 1 at generated positions. Judged by mean squared error over all of them, the
ramp beats every one of the sharp edges.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from style import GREY, VERMILION, canvas, save_png


def draw(media: Path) -> dict[str, float]:
    """Some of the edges, thin and grey, and their mean."""
    position = np.linspace(0, 1, 201)
    places = np.clip(np.random.default_rng(0).normal(0.5, 0.12, 400), 0.05, 0.95)
    edges = (position[None] > places[:, None]).astype(float)
    mean = edges.mean(0)
    figure, [axes] = canvas(2.0)
    for edge in edges[:14]:
        axes.step(position, edge, color="#9ca3af", lw=0.7, where="post")
    axes.plot(position, mean, color=VERMILION, lw=2.2)
    axes.text(0.0, 0.5, "400 sharp\nedges, of which\n14 are drawn", color=GREY)
    axes.text(0.71, 0.42, "the mean of all:\nleast squared\nerror, and soft", color="#b34e00")
    axes.set(xticks=[], yticks=[0, 1], xlabel="position in the image", ylabel="grey value")
    save_png(figure, media / "blur-mean.png", colours=32)
    return {
        "MSE of the mean": float(((edges - mean) ** 2).mean()),
        "MSE of the best sharp edge": min(float(((edges - one) ** 2).mean()) for one in edges),
    }
