"""How every figure looks, and how it is written: the same size, colours and bytes each time.

A figure is as wide as a phone's screen: 3.9 inches at 100 pixels an inch are 390 pixels, so that
text of 8 points is 11 pixels high there. The files hold twice as many pixels, for sharp screens.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

WIDTH = 3.9  # inches
PIXELS = 200  # an inch

# Okabe and Ito's colours, which the common kinds of colour blindness can tell apart.
BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
ORANGE = "#E69F00"
INK, GREY, PALE = "#1f2937", "#5b6470", "#d1d5db"

plt.rcParams.update(
    {
        "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters everywhere
        "font.size": 8.5,
        "axes.titlesize": 8.5,
        "axes.labelsize": 8.5,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "mathtext.fontset": "dejavusans",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",  # a card of its own, by day and by night
        "svg.hashsalt": "latent-variable-models",
    }
)


def canvas(
    height: float, rows: int = 1, columns: int = 1, **options: object
) -> tuple[Figure, list[Axes]]:
    """An empty figure of that height in inches, and its axes in reading order."""
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False, **options)
    return figure, list(axes.flat)


def bare(axes: Axes, frame: str | None = None) -> None:
    """Take away ticks and spines; with a colour, put a thin frame around instead."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(frame is not None)
        spine.set_color(frame)


def show_digit(axes: Axes, pixels: np.ndarray) -> None:
    """Draw one 8×8 digit, dark on white."""
    image = np.asarray(pixels).reshape(8, 8)
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    bare(axes, PALE)


def row_of_digits(axes: Sequence[Axes], digits: np.ndarray, label: str) -> None:
    """Draw digits side by side, with a label on their left."""
    for one, pixels in zip(axes, digits, strict=True):
        show_digit(one, pixels)
    axes[0].set_ylabel(label, rotation=0, ha="right", va="center")


def save_png(figure: Figure, path: Path, colours: int = 64) -> None:
    """Write a PNG of few colours: small, and without a word on when or by what it was made."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=PIXELS, metadata={"Software": None})
    plt.close(figure)
    image = Image.open(drawn).convert("RGB")
    image = image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    image.save(path, optimize=True)


def save_svg(figure: Figure, path: Path) -> None:
    """Write an SVG with text as outlines, and without the DOCTYPE that the deck refuses."""
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    plt.close(figure)
    text = re.sub(r"<!DOCTYPE[^>]*>\n", "", drawn.getvalue())
    text = re.sub(r" <metadata>.*?</metadata>\n", "", text, flags=re.DOTALL)
    height = round(200 * figure.get_figheight())
    text = re.sub(
        r'width="[\d.]+pt" height="[\d.]+pt"', f'width="780" height="{height}"', text, count=1
    )
    text = re.sub(r' d="[^"]*"', _to_hundredths, text)
    path.write_text(text, encoding="utf-8")


def _to_hundredths(outline: re.Match[str]) -> str:
    return re.sub(r"-?\d+\.\d+", lambda one: f"{float(one[0]):.2f}", outline[0])
