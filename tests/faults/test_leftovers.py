"""What killed runs left in a folder is removed by the next; what is not ours is never touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deckwright.apkg.files import scratch_folder, sweep
from deckwright.apkg.package import Package, write

KILLED = """if True:
    import os, signal
    from pathlib import Path
    from deckwright.apkg import files
    files.os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
    files.write_atomically(Path("a.apkg"), b"new")
"""
PACKAGE = Package("a.apkg", b"newer", "content")


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
def test_the_next_write_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, timeout=60)
    assert killed.returncode < 0
    assert len([*tmp_path.glob(".a.apkg.*.tmp")]) == 1
    write(PACKAGE, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.apkg", "a.apkg.sha256"]


def test_what_is_not_ours_is_never_removed(tmp_path: Path) -> None:
    for name in ("a.apkg", ".a.apkg.tmp", ".a.apkg.notes.tmp", ".b.txt.abcdefgh.tmp"):
        (tmp_path / name).write_text("mine")
    (tmp_path / ".a.apkg.abcdefgh.tmp").mkdir()
    before = {*tmp_path.rglob("*")}
    sweep(tmp_path, "*.apkg")
    assert {*tmp_path.rglob("*")} == before


@pytest.mark.skipif(sys.platform == "win32", reason="no links and pipes")
def test_a_link_in_the_place_of_a_temporary_file_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / ".a.apkg.abcdefgh.tmp").symlink_to(tmp_path / "mine")
    os.mkfifo(tmp_path / ".a.apkg.abcdefgi.tmp")
    sweep(tmp_path, "*.apkg")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_scratch_folder_is_removed_with_all_in_it() -> None:
    with scratch_folder() as folder:
        (folder / "x").write_text("x")
    assert not folder.exists()
