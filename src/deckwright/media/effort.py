"""How much there is to draw in a drawing: parts that use parts grow without end.

Ten elements that each use the one before ten times are a line each in the file, and 10¹⁰ shapes
for the program that shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_SHAPES = 100_000
DEEPEST = 200
"""How many elements may stand or use each other in a row."""


@dataclass(slots=True)
class Shape:
    """An element: what stands in it, and the ids of what it uses."""

    inner: list[Shape] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    effort: int = 0
    """How many shapes it comes to; 0 while that is not known."""
    asked: bool = False


class EndlessError(Exception):
    """A drawing that is too much to draw."""


def effort(shape: Shape, named: dict[str, Shape], depth: int = 0) -> int:
    """How many shapes an element comes to, with all that it uses.

    Raises:
        EndlessError: where they are too many, too deep, or use themselves.
    """
    if shape.effort:
        return shape.effort
    if shape.asked or depth > DEEPEST:
        raise EndlessError
    shape.asked = True
    used = [named[name] for name in shape.uses if name in named]
    total = 1 + sum(effort(one, named, depth + 1) for one in (*shape.inner, *used))
    if total > MOST_SHAPES:
        raise EndlessError
    shape.effort = total
    return total
