"""The program as a person runs it, in a process of its own that has loaded everything already.

A fresh Python takes most of a second to load deckwright. So one does, once for all tests, and each
run is a fork of it, with the folder, environment and streams of a process that was just started.
What hangs on how Python itself starts is tried with ``python -m deckwright``.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import MappingProxyType

from deckwright.__main__ import main
from deckwright.commands import VERBS

Before = Callable[[], object]
"""What a run does first: a function of a module, as another process has to find it."""

_CONTEXT = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
_CONTEXT.set_forkserver_preload(
    [f"deckwright.commands.{verb}" for verb in VERBS] + ["anki.collection", __name__]
)


@contextmanager
def started(
    *args: str, cwd: Path, output: Path, env: Mapping[str, str], before: Before = bool
) -> Iterator[BaseProcess]:
    """A run that goes on; its output is in the files ``out`` and ``err`` of a folder."""
    given = (args, cwd, {**os.environ, **env}, output, before)
    process = _CONTEXT.Process(target=_be_the_program, args=given)  # type: ignore[attr-defined]
    process.start()
    try:
        yield process
        process.join()
    finally:
        process.kill()
        process.join()
        process.close()


def run(
    *args: str,
    cwd: Path,
    env: Mapping[str, str] = MappingProxyType({}),
    before: Before = bool,
    patience: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run deckwright to its end, within so many seconds, and with more in its environment."""
    with tempfile.TemporaryDirectory() as name:
        output = Path(name)
        with started(*args, cwd=cwd, output=output, env=env, before=before) as process:
            process.join(patience)
            code = process.exitcode
            assert code is not None, f"{args} takes more than {patience} seconds"
        out, err = (
            (output / stream).read_text(encoding="utf-8", errors="surrogateescape")
            for stream in ("out", "err")
        )
    return subprocess.CompletedProcess(args, code, out, err)


def _be_the_program(
    args: tuple[str, ...], cwd: Path, env: dict[str, str], output: Path, before: Before
) -> None:
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # until somebody asks for it
    for number, path in enumerate((Path(os.devnull), output / "out", output / "err")):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    os.chdir(cwd)
    for name in ("SIGHUP", "SIGTERM"):  # which a shell may ignore for all that it starts
        if number := getattr(signal, name, 0):
            signal.signal(number, signal.SIG_DFL)
    sys.argv = ["deckwright", *args]
    before()
    main()
