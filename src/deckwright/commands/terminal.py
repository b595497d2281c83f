"""What people see: rows, counts, progress, and failures of the environment in one line."""

from __future__ import annotations

import errno
import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from deckwright.model import Progress, quiet
from deckwright.source.printable import printable


class EnvironmentProblem(click.ClickException):
    """Something outside the content is wrong: the call, the disk, an installation."""

    exit_code = 2

    def format_message(self) -> str:
        """The message in one line, even where a file name put several into it."""
        return printable(" ".join(self.message.splitlines()))


def on_terminal(*, to_stderr: bool = False) -> bool:
    """Whether stdout, or stderr, is a terminal."""
    stream = sys.stderr if to_stderr else sys.stdout
    return stream is not None and stream.isatty()


def colours(*, to_stderr: bool = False) -> bool:
    """Whether the output may be coloured: only on a terminal, and see no-color.org."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return on_terminal(to_stderr=to_stderr) and not plain


def row(name: str, value: object) -> None:
    """Print a name and a value in one line."""
    words = f"{value:,}" if isinstance(value, int) else printable(str(value))
    click.echo(f"{name:>9}  {words}")


def now() -> int:
    """The time of this build in seconds since 1970: ``SOURCE_DATE_EPOCH`` where that is set.

    Raises:
        EnvironmentProblem: where it is set to anything else than a time
            (see reproducible-builds.org/specs/source-date-epoch).
    """
    value = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not value:
        return int(time.time())
    if not value.isdecimal() or len(value) > 10 or int(value) >= 1 << 32:
        raise EnvironmentProblem(f"SOURCE_DATE_EPOCH is {value!r}: set it to seconds since 1970")
    return int(value)


@contextmanager
def environment() -> Iterator[None]:
    """Turns a failure of the disk into one line, and escapes what the terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    except EnvironmentProblem:
        _forget_unwritten()
        raise
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader at the other end is gone
            raise
        _forget_unwritten()
        where = f"{error.filename}: " if error.filename else ""
        raise EnvironmentProblem(f"{where}{error.strerror or error}") from None
    except MemoryError:
        raise EnvironmentProblem("there is not enough memory") from None


def _forget_unwritten() -> None:
    """Drop what could not be printed: Python would try again when it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress() -> Iterator[Progress]:
    """A line on the terminal that shows how far a long step is; nothing elsewhere."""
    if not on_terminal(to_stderr=True):
        yield quiet
        return
    started = time.monotonic()
    shown = False

    def show(words: str, done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - started > 0.5:
            shown = True
            click.echo(f"\r\033[K{words} {done:,} of {total:,}", nl=False, err=True)

    try:
        yield show
    finally:
        if shown:
            click.echo("\r\033[K", nl=False, err=True)
