"""Verdicts of earlier runs, in one file of the user's cache folder.

It holds nothing that cannot be had again. So whatever is wrong with it (torn, edited, written for
another engine, not to be read or written at all) costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import platformdirs

from deckwright.apkg.files import alone_in, sweep, write_atomically
from deckwright.mathjax.engine import Typeset, Verdict

_MOST = 50_000
"""How many formulas it remembers: some 5 MB."""
_SOUND = asdict(Verdict())
"""A verdict on a formula without fault; a file holds only what differs from it."""


def default_path() -> Path:
    """The cache of this user; ``$DECKWRIGHT_CACHE`` names another folder for it."""
    folder = os.environ.get("DECKWRIGHT_CACHE")
    if folder:
        return Path(folder).absolute() / "formulas.json"
    return platformdirs.user_cache_path("deckwright", appauthor=False) / "formulas.json"


class CacheInsideError(Exception):
    """The cache is where a deck comes from, so that whoever sends a deck could fill it."""


def keep_outside(deck: Path) -> None:
    """Make sure that no deck brings its own verdicts.

    Raises:
        CacheInsideError: where the cache is in the folder of this deck, in the repository that has
            it, or in that of the current folder; links do not hide it.
    """
    path = default_path()
    real = Path(os.path.realpath(path))
    here = _work_tree(Path())
    for folder in (_work_tree(deck) or Path(os.path.realpath(deck)), here):
        if folder and path.is_absolute() and real.is_relative_to(folder):
            raise CacheInsideError(
                f"the cache of proven formulas, {path}, is inside {folder}, where a pull request"
                " could fill it: set DECKWRIGHT_CACHE to a folder outside, as $RUNNER_TEMP"
            )


def _work_tree(folder: Path) -> Path | None:
    """The git work tree that a folder is in, that around all submodules; None where none is.

    A home that is kept in git is none: a cache is in it, and not all in it is one project.
    """
    real = Path(os.path.realpath(folder))
    home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111  # Path.home() may fail
    found = None
    for one in (real, *real.parents):
        if one != home and (one / ".git").exists():
            found = one
        if (one / ".git").is_dir():
            break
    return found


class Cache:
    """Verdicts of the engine with an identity: see :func:`deckwright.mathjax.engine.identity`.

    Without a path that is absolute, which is so for a user without a home, it is empty.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        self._identity = identity
        self._used: dict[str, dict[str, Any]] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._changed = False
        with contextlib.suppress(OSError):
            head, _, body = path.read_bytes().partition(b"\n") if path.is_absolute() else [b""] * 3
            if head == self._head(body):
                self._rows = json.loads(body)

    def get(self, formula: Typeset) -> Verdict | None:
        """The verdict on a formula, where it is known."""
        row = self._rows.get(_key(formula))
        if row is None:
            return None
        self._used[_key(formula)] = row
        lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
        return Verdict(**{**row, **lists})

    def put(self, formula: Typeset, verdict: Verdict) -> None:
        """Remember a verdict."""
        row = {name: value for name, value in asdict(verdict).items() if value != _SOUND[name]}
        self._rows[_key(formula)] = self._used[_key(formula)] = row
        self._changed = True

    def save(self) -> None:
        """Write the file in one step, if anything is new; where that fails, do without."""
        if not self._changed or not self._path.is_absolute():
            return
        # What this run used comes first, and stays; what it did not ask for drops out at the end.
        kept = dict([*{**self._used, **self._rows}.items()][:_MOST])
        body = json.dumps(kept, separators=(",", ":")).encode()
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with alone_in(self._path.parent):
                sweep(self._path.parent, self._path.name)
                # A file torn by a crash of the machine is recognised by its digest.
                write_atomically(self._path, self._head(body) + b"\n" + body, durable=False)

    def _head(self, body: bytes) -> bytes:
        return f"deckwright formulas 1 {self._identity} {sha256(body).hexdigest()}".encode()


def _key(formula: Typeset) -> str:
    return f"{'D' if formula.display else 'I'}{formula.tex}"
