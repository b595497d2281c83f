"""What killed runs left is swept by the next; what others use, or made, is never touched."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deckwright.apkg import files as disk
from deckwright.apkg.files import replace, scratch_folder, sweep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no file locks of this kind")

HOLD = {
    "file": """if True:
        import os, sys
        from pathlib import Path
        from deckwright.apkg import files as disk
        disk.os.fsync = lambda handle: (print("ready", flush=True), sys.stdin.read())
        disk.replace(Path("a.apkg"), b"new")
    """,
    "folder": """if True:
        import sys
        from deckwright.apkg.files import scratch_folder
        with scratch_folder() as folder:
            (folder / "x").write_text("x")
            print("ready", flush=True)
            sys.stdin.read()
    """,
}


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary things, of this process and of its children."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def other(what: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds a temporary file or a scratch folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD[what]],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_file_that_another_run_writes_is_not_swept_until_it_is_killed(tmp_path: Path) -> None:
    with other("file", tmp_path) as process:
        [temporary] = tmp_path.glob(".a.apkg.*.tmp")
        os.utime(temporary, (0, 0))  # however old it looks
        sweep(tmp_path, "*.apkg")
        assert temporary.exists()
        process.communicate("go on")
        assert (tmp_path / "a.apkg").read_bytes() == b"new"
    with other("file", tmp_path) as process:
        process.kill()
        process.wait()
        assert [*tmp_path.glob(".a.apkg.*.tmp")]
        sweep(tmp_path, "*.apkg")
        assert [path.name for path in tmp_path.iterdir()] == ["a.apkg"]


def test_a_scratch_folder_that_another_run_uses_is_not_swept_until_it_is_killed(
    scratch: Path,
) -> None:
    with other("folder", scratch) as process:
        [theirs] = scratch.iterdir()
        with scratch_folder() as ours:
            assert {*scratch.iterdir()} == {theirs, ours}
        assert [*scratch.iterdir()] == [theirs]
        process.kill()
        process.wait()
        with scratch_folder() as ours:
            assert [*scratch.iterdir()] == [ours]
    assert not [*scratch.iterdir()]


def test_what_is_not_ours_is_never_swept(scratch: Path) -> None:
    names = (
        "deckwright-notes",
        "deckwright-scratch-of-mine",
        "deckwright-scratch-abcdefgh",  # named as ours, but without our mark
    )
    for name in names:
        (scratch / name).mkdir()
        (scratch / name / "mine.txt").write_text("mine")
    (scratch / "deckwright-scratch-linklink").symlink_to(scratch / names[0])
    for name in ("a.apkg", ".a.apkg.tmp", ".a.apkg.notes.tmp", ".b.txt.abcdefgh.tmp"):
        (scratch / name).write_text("mine")
    before = {*scratch.rglob("*")}
    sweep(scratch, "*.apkg")
    with scratch_folder():
        pass
    assert {*scratch.rglob("*")} == before


def test_a_link_or_a_pipe_in_the_place_of_a_temporary_file_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / ".a.apkg.abcdefgh.tmp").symlink_to(tmp_path / "mine")
    os.mkfifo(tmp_path / ".a.apkg.abcdefgi.tmp")
    sweep(tmp_path, "*.apkg")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_folder_that_was_left_before_it_was_marked_is_swept(scratch: Path) -> None:
    (scratch / "deckwright-scratch-abcdefgh").mkdir()
    with scratch_folder():
        assert len([*scratch.iterdir()]) == 1


def test_what_is_swept_before_it_is_locked_is_made_again(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one moment in which a sweeper of another process can come between."""
    lock = disk._lock
    swept: list[bool] = []

    def late(handle: int) -> None:
        if not swept:
            swept.append(True)
            disk._sweep_scratch()
            sweep(scratch, "a.apkg")
        lock(handle)

    monkeypatch.setattr(disk, "_lock", late)
    replace(scratch / "a.apkg", b"new")
    assert (scratch / "a.apkg").read_bytes() == b"new"
    swept.clear()
    with scratch_folder() as folder:
        (folder / "x").write_text("x")
    assert [path.name for path in scratch.iterdir()] == ["a.apkg"]
