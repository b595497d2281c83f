"""Problems in words: for a terminal, for programs, for annotations on a pull request."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial

import click

from deckwright.model import Problem, Severity
from deckwright.source.printable import in_json, printable

FORMATS = ("text", "json", "github")
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_WIDEST = 100
"""A longer source line is cut around the caret."""


def as_text(found: Iterable[Problem], *, excerpt: bool = False, colour: bool = False) -> str:
    """One problem a line; with an excerpt (on a terminal) also the source line and a caret."""
    words = "".join(_words(one) + (_excerpt(one) if excerpt else "") for one in found)
    return words if colour else click.unstyle(words)


def as_json(found: Iterable[Problem]) -> str:
    """A list of objects: path, line, column, rule, severity, what, fix, source_line, edits.

    An edit is what ``check --fix`` writes: ``text`` in the place of the characters of the file from
    ``start`` up to ``end``, counted in code points, with line ends as a single newline.
    """
    rows = []
    for one in found:
        row = asdict(one)
        del row["at"]  # its place is known
        rows.append({**row.pop("place"), **row})
    return f"{in_json(rows)}\n"


def as_github(found: Iterable[Problem]) -> str:
    """Workflow commands, which GitHub shows in the diff of a pull request."""
    return "".join(
        f"::{one.severity} file={_property(one.place.path)},line={one.place.line},"
        f"col={one.place.column},title={_property(one.rule)}::{_escape(one.message)}\n"
        for one in found
    )


def formatter(
    name: str, *, excerpt: bool = False, colour: bool = False
) -> Callable[[Iterable[Problem]], str]:
    """The function that puts problems into a format; the two options are for text only."""
    if name == "text":
        return partial(as_text, excerpt=excerpt, colour=colour)
    return {"json": as_json, "github": as_github}[name]


def _words(one: Problem) -> str:
    place = click.style(printable(str(one.place)), bold=True)
    severity = click.style(one.severity.value, fg=_COLOURS[one.severity], bold=True)
    rule = click.style(f"[{one.rule}]", dim=True)
    return f"{place}: {severity}: {printable(one.message)} {rule}\n"


def _excerpt(one: Problem) -> str:
    if not one.source_line:
        return ""
    start = max(0, one.place.column - 1 - _WIDEST // 2)
    line = printable(one.source_line[start : start + _WIDEST])
    before = printable(one.source_line[start : one.place.column - 1])
    caret = click.style("^", fg=_COLOURS[one.severity], bold=True)
    return f"    {line}\n    {' ' * _width(before)}{caret}\n"


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def _escape(text: str) -> str:
    """Text for a workflow command; its line breaks are escaped already, as by `printable`."""
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
