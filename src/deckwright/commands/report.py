"""Problems in words: for a terminal, for programs, for annotations on a pull request."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial

import click

from deckwright.model import Problem, Severity
from deckwright.rules import BY_NAME, page_of
from deckwright.source.printable import count, in_json, printable

FORMATS = ("text", "json", "github")
VIEWS = ("some", "quiet", "full")
"""How much of what was found is shown as text: the first few of each rule, how many, or all."""
FEW = 5
"""How many problems of a rule are shown, before the rest are counted."""
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_WIDEST = 100
"""A longer source line is cut around the caret."""


def as_text(
    found: Iterable[Problem], *, excerpt: bool = False, colour: bool = False, view: str = VIEWS[0]
) -> str:
    """One problem a line; with an excerpt (on a terminal) also the source line and a caret.

    Of a rule that is broken many times, the first few are shown, and the others are counted.
    """
    problems = [*found]
    if view == "quiet":
        lines = _counts(problems)
    elif view == "full":
        lines = _lines(problems, excerpt=excerpt)
    else:
        lines = _some(problems, excerpt=excerpt)
    words = "".join(lines)
    return words if colour else click.unstyle(words)


def as_json(found: Iterable[Problem]) -> str:
    """A list of objects: place, rule and its page, severity, what, fix, source_line, card, edits.

    An edit is what ``check --fix`` writes: ``text`` in the place of the characters of the file from
    ``start`` up to ``end``, counted in code points, with line ends as a single newline.
    """
    rows = []
    for one in found:
        row = asdict(one)
        del row["at"]  # its place is known
        rows.append({**row.pop("place"), **row, "page": page_of(one.rule)})
    return f"{in_json(rows)}\n"


def as_github(found: Iterable[Problem]) -> str:
    """Workflow commands, which GitHub shows in the diff of a pull request.

    It shows ten errors and ten warnings of a step: so what is wrong with one line is one of them,
    and the first of each rule come first.
    """
    lines: dict[tuple[str, int, Severity], list[Problem]] = {}
    for one in found:
        lines.setdefault((one.place.path, one.place.line, one.severity), []).append(one)
    seen: Counter[str] = Counter()
    ranks = {}
    for at, problems in lines.items():
        ranks[at] = min(seen[one.rule] for one in problems)
        seen.update({one.rule for one in problems})
    return "".join(_annotation(lines[at]) for at in sorted(lines, key=ranks.__getitem__))


def _annotation(problems: Sequence[Problem]) -> str:
    """What is wrong with one line, as one command."""
    first = problems[0]
    rules = ", ".join(dict.fromkeys(one.rule for one in problems))
    return (
        f"::{first.severity} file={_property(first.place.path)},line={first.place.line},"
        f"col={first.place.column},title={_property(rules)}::"
        f"{'%0A'.join(_escape(one.message) for one in problems)}\n"
    )


def formatter(
    name: str, *, excerpt: bool = False, colour: bool = False, view: str = VIEWS[0]
) -> Callable[[Iterable[Problem]], str]:
    """The function that puts problems into a format; the options are for text only."""
    if name == "text":
        return partial(as_text, excerpt=excerpt, colour=colour, view=view)
    return {"json": as_json, "github": as_github}[name]


def _lines(problems: Iterable[Problem], *, excerpt: bool) -> Iterator[str]:
    for one in problems:
        yield _words(one) + (_excerpt(one) if excerpt else "")


def _some(problems: Sequence[Problem], *, excerpt: bool) -> Iterator[str]:
    """The first few problems of each rule, and what more there is."""
    number = Counter(one.rule for one in problems)
    most = {rule: FEW if many > FEW + 1 else many for rule, many in number.items()}
    shown: Counter[str] = Counter()
    few = []
    for one in problems:
        shown[one.rule] += 1
        few += [one] if shown[one.rule] <= most[one.rule] else []
    yield from _lines(few, excerpt=excerpt)
    for rule, many in number.most_common():
        if many > most[rule]:
            files = len({one.place.path for one in problems if one.rule == rule})
            where = f", in {files:,} files" if files > 1 else ""
            yield f"… and {many - most[rule]:,} more like it{where} [{rule}]\n"


def about(problems: Iterable[Problem]) -> str:
    """Where to read about the rules of some problems, and which of them a deck can change."""
    rules = [BY_NAME[rule] for rule in sorted({one.rule for one in problems})]
    if not rules:
        return ""
    more = f"More about a rule: deckwright check --rules {rules[0].name}, or {page_of('NAME')}"
    can_change = ", ".join(rule.name for rule in rules if rule.switchable)
    return f"{more}\ndeck.toml can change, under [rules]: {can_change}" if can_change else more


def _counts(problems: Sequence[Problem]) -> Iterator[str]:
    """How many problems there are of each rule, the most of them first."""
    number = Counter((one.severity, one.rule) for one in problems)
    for (severity, rule), many in sorted(number.items(), key=lambda one: (*one[0][:1], -one[1])):
        yield f"{count(many, severity.value)} [{rule}]\n"


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
