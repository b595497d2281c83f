"""How many things can be done at once."""

from __future__ import annotations

import os


def cores() -> int:
    """How many cores there are for us."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return found or 1
