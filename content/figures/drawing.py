"""Diagrams laid out by hand: circles, boxes, arrows and words of a small SVG.

A drawing is 390 units wide, as many as a phone has pixels; no word is smaller than 11. Words use
fonts that every system has. White lies under everything, for cards at night.
"""

from __future__ import annotations

from dataclasses import dataclass

INK, BLUE, VERMILION, GREY, PALE, SHADE, TINT = (
    "#1f2937",
    "#0072B2",
    "#b34e00",
    "#5b6470",
    "#d1d5db",
    "#cbd5e1",
    "#fde8d8",
)
WIDTH = 390
RADIUS = 19
_WORDS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
_SYMBOLS = "'STIX Two Text', 'Cambria', 'Times New Roman', 'DejaVu Serif', serif"


@dataclass(frozen=True)
class Pen:
    """How a line is drawn."""

    colour: str = INK
    dashes: str = ""
    width: float = 1.8

    @property
    def style(self) -> str:
        """The attributes of a path."""
        dashes = f' stroke-dasharray="{self.dashes}"' if self.dashes else ""
        return f'fill="none" stroke="{self.colour}" stroke-width="{self.width}"{dashes}'


def page(height: int, title: str, parts: list[str]) -> str:
    """A whole drawing."""
    heads = "".join(_head(colour) for colour in (INK, BLUE, VERMILION))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' width="{2 * WIDTH}" height="{2 * height}">\n'
        f"<title>{title}</title>\n<defs>{heads}</defs>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _head(colour: str) -> str:
    return (
        f'<marker id="head-{colour[1:]}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
        f' markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
    )


def words(x: float, y: float, text: str, colour: str = INK, size: float = 12.5) -> str:
    """A line of words, centred."""
    return (
        f'<text x="{x}" y="{y}" text-anchor="middle" font-size="{size}"'
        f' font-family="{_WORDS}" fill="{colour}">{text}</text>'
    )


def symbol(x: float, y: float, text: str, colour: str = INK, size: float = 18) -> str:
    """A letter or formula, in the italics of mathematics, centred; a ``?`` stands upright."""
    slant = "normal" if text == "?" else "italic"
    return (
        f'<text x="{x}" y="{y}" text-anchor="middle" font-size="{size}" font-style="{slant}"'
        f' font-family="{_SYMBOLS}" fill="{colour}">{text}</text>'
    )


def conditional(letter: str, index: str, what: str, given: str) -> str:
    """The inside of a symbol such as q with a small φ, of z given x."""
    upright = 'font-style="normal"'
    return (
        f'{letter}<tspan dy="4" font-size="11.5">{index}</tspan>'
        f'<tspan dy="-4" {upright}>(</tspan>{what}<tspan {upright}> | </tspan>{given}'
        f"<tspan {upright}>)</tspan>"
    )


def random_node(x: float, y: float, text: str, fill: str = "#fff") -> str:
    """A circle: a random variable."""
    circle = (
        f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="{fill}" stroke="{INK}" stroke-width="1.8"/>'
    )
    return circle + symbol(x, y + 6, text)


def fixed_node(x: float, y: float, text: str) -> str:
    """A box: what follows from its inputs without chance."""
    box = (
        f'<rect x="{x - RADIUS}" y="{y - 15}" width="{2 * RADIUS}" height="30" fill="#fff"'
        f' stroke="{INK}" stroke-width="1.8"/>'
    )
    return box + symbol(x, y + 6, text)


def plate(x: float, y: float, width: float, height: float, count: str) -> str:
    """A frame around what is there once for each data point."""
    frame = (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="7" fill="none"'
        f' stroke="{GREY}" stroke-width="1.4"/>'
    )
    return frame + symbol(x + width - 12, y + height - 8, count, GREY, 14)


def arrow(path: str, pen: Pen | None = None) -> str:
    """A line along a path, with a head at its end."""
    pen = pen or Pen()
    return f'<path d="{path}" {pen.style} marker-end="url(#head-{pen.colour[1:]})"/>'


def cross(x: float, y: float) -> str:
    """Where something cannot pass."""
    return f'<path d="M{x - 6} {y - 6}l12 12m0 -12l-12 12" {Pen(VERMILION, width=2.6).style}/>'
