"""A deck in a folder where things go wrong, and what must be so there afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from deckwright.releases.changelog import FILE as CHANGELOG
from deckwright.releases.changelog import to_markdown
from tests.decks import card, make_deck
from tests.decks import release as put_into_ledger
from tests.program import Before, run

FIRST, LATER = 1_600_000_000, "1700000000"
TEXT = "# Examples\n\n" + card("Answer one is here, $x$.", "Question one?", "one")
EDITED = TEXT.replace("here, $x$", "there, $y$")
PACKAGE = "examples-dev.apkg"
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Scene:
    """A folder with a deck in ``work``, and a place for whatever else a run needs."""

    root: Path

    @property
    def work(self) -> Path:
        """Where the deck and what is made of it are."""
        return self.root / "work"

    @property
    def env(self) -> dict[str, str]:
        """The environment of a run: nothing outside the folder is written."""
        folders = {"DECKWRIGHT_CACHE": "cache", "TMPDIR": "tmp", "HOME": "home"}
        own = {name: str(self.root / folder) for name, folder in folders.items()}
        return {**os.environ, **own, "SOURCE_DATE_EPOCH": LATER}

    def copy(self, name: str) -> Scene:
        """The same again, in the place of what was there under this name."""
        there = self.root.with_name(name)
        shutil.rmtree(there, ignore_errors=True)
        return Scene(shutil.copytree(self.root, there))

    def run(
        self, *args: str, env: Mapping[str, str] = NOTHING, before: Before = bool
    ) -> subprocess.CompletedProcess[str]:
        """Run deckwright in it."""
        return run(*args, cwd=self.work, env={**self.env, **env}, before=before)

    def run_anew(
        self, *args: str, env: Mapping[str, str], cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it in a Python that starts with this environment."""
        return subprocess.run(
            [sys.executable, "-m", "deckwright", *args],
            cwd=cwd or self.work,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=300,
        )

    def tree(self) -> dict[str, bytes]:
        """Every file in ``work``, with its bytes."""
        return {
            path.relative_to(self.work).as_posix(): path.read_bytes()
            for path in sorted(self.work.rglob("*"))
            if path.is_file()
        }

    def nothing_is_left(self) -> None:
        """No temporary file is beside what is written; the system removes scratch folders."""
        assert not [*self.work.rglob("*.tmp")]


def scene(root: Path, text: str) -> Scene:
    """A new scene."""
    for name in ("tmp", "home", "cache"):
        (root / name).mkdir(parents=True)
    make_deck(root / "work" / "content", {"01-cards.md": text})
    return Scene(root)


def built(root: Path) -> Scene:
    """A deck that was built, and then edited."""
    new = scene(root, TEXT)
    done = new.run("build")
    assert done.returncode == 0, done.stderr
    make_deck(new.work / "content", {"01-cards.md": EDITED})
    return new


def released(root: Path) -> Scene:
    """A deck that was released, and then edited."""
    new = scene(root, TEXT)
    prepared = put_into_ledger(new.work / "content", "1.0.0", FIRST)
    (new.work / "content" / CHANGELOG).write_text(to_markdown(prepared.ledger), encoding="utf-8")
    (new.work / "dist").mkdir()
    (new.work / "dist" / prepared.package.name).write_bytes(prepared.package.data)
    make_deck(new.work / "content", {"01-cards.md": EDITED})
    return new


def whole(before: dict[str, bytes], new: dict[str, bytes], now: dict[str, bytes]) -> str:
    """Whether the old or the new is on the disk: ``old``, ``new``, or ``between`` two files.

    Every file is the old one or the new one, and no other is there but temporaries.
    """
    for name, data in now.items():
        temporary = name.rpartition("/")[2].startswith(".") and name.endswith(".tmp")
        assert temporary or data in (before.get(name), new.get(name)), name
    assert before.keys() <= now.keys()
    now = {name: data for name, data in now.items() if not name.endswith(".tmp")}
    return "old" if now == before else "new" if now == new else "between"
