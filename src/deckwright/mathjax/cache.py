"""Verdicts of earlier runs, in one file of the user's cache folder.

It holds nothing that cannot be had again. So whatever is wrong with it (torn, edited, written for
another engine, not to be read or written at all) costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import platformdirs

from deckwright.apkg.files import replace, sweep
from deckwright.mathjax.engine import Typeset, Verdict

_FORMAT = "deckwright formulas 1"
_MOST = 50_000
"""How many formulas it remembers: some 5 MB."""
_SOUND = asdict(Verdict())
"""A verdict on a formula without fault; a file holds only what differs from it."""
_TYPES: dict[str, Any] = {
    name: (int, float) if name in ("at", "width") else list if sound == () else type(sound)
    for name, sound in _SOUND.items()
}
"""What may stand for each part of a verdict in a file."""


def default_path() -> Path:
    """The cache of this user; ``$DECKWRIGHT_CACHE`` names another folder for it.

    A path that is not absolute where the user has no home; nothing is read or written there.
    """
    folder = os.environ.get("DECKWRIGHT_CACHE")
    if folder:
        return Path(folder).absolute() / "formulas.json"
    return platformdirs.user_cache_path("deckwright", appauthor=False) / "formulas.json"


class Cache:
    """Verdicts of the engine with an identity: see :func:`deckwright.mathjax.engine.identity`."""

    def __init__(self, identity: str) -> None:
        self._head = f"{_FORMAT} {identity}"
        self._path: Path | None = None
        self._rows: dict[str, dict[str, Any]] = {}
        self._used: dict[str, dict[str, Any]] = {}
        self._changed = False

    def load(self, path: Path) -> None:
        """Read what a file holds, if it was written whole and for this engine."""
        self._path = path if path.is_absolute() else None
        with contextlib.suppress(OSError, ValueError):
            if self._path is None or not stat.S_ISREG(path.stat().st_mode):
                return
            head, _, body = path.read_bytes().partition(b"\n")
            if head.decode() == f"{self._head} {sha256(body).hexdigest()}":
                self._rows = _rows_in(body)

    def get(self, formula: Typeset) -> Verdict | None:
        """The verdict on a formula, where it is known."""
        key = _key(formula)
        row = self._rows.get(key)
        if row is None:
            return None
        self._used[key] = row
        lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
        return Verdict(**{**row, **lists})

    def put(self, formula: Typeset, verdict: Verdict) -> None:
        """Remember a verdict."""
        row = {name: value for name, value in asdict(verdict).items() if value != _SOUND[name]}
        key = _key(formula)
        self._rows[key] = self._used[key] = row
        self._changed = True

    def save(self) -> None:
        """Write the file in one step, if anything is new; where that fails, do without."""
        if self._path is None or not self._changed:
            return
        # What this run used comes first, and stays; what nobody asked for drops out at the end.
        rows = {**self._used, **self._rows}
        kept = dict(list(rows.items())[:_MOST])
        body = json.dumps(kept, separators=(",", ":")).encode()
        data = f"{self._head} {sha256(body).hexdigest()}\n".encode() + body
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            sweep(self._path.parent, self._path.name)
            # What the machine's own end tears is recognised by its digest, and loses nothing.
            replace(self._path, data, durable=False)


def _rows_in(body: bytes) -> dict[str, dict[str, Any]]:
    """The verdicts in a file; none where one of them is no verdict."""
    rows = json.loads(body)
    whole = isinstance(rows, dict) and all(
        isinstance(row, dict)
        and all(isinstance(value, _TYPES.get(name, ())) for name, value in row.items())
        for row in rows.values()
    )
    return rows if whole else {}


def _key(formula: Typeset) -> str:
    return f"{'D' if formula.display else 'I'}{formula.tex}"
