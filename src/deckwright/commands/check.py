"""``deckwright check``: name every mistake; with ``--fix``, mend what is mechanical."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from deckwright.commands.fixing import Files, Mended, mend
from deckwright.commands.of_a_deck import (
    PROBLEMS,
    compiled_with_progress,
    default_deck,
    say,
    summary,
)
from deckwright.commands.report import FORMATS, VIEWS, about
from deckwright.commands.terminal import colours
from deckwright.compile import Compiled
from deckwright.media.doctype import mended_drawings
from deckwright.media.svg import UNSAFE_SVG
from deckwright.model import Rule, Severity
from deckwright.rules import BY_NAME, FAMILIES, FAMILY_OF, RULES, page_of
from deckwright.source.card_keys import did_you_mean
from deckwright.source.deck_toml import CONFIG
from deckwright.source.printable import in_json, printable


@click.command(
    epilog="""\b
Examples:
  deckwright check
  deckwright check content/01-first.md        what is wrong in one file
  deckwright check --fix --diff               what --fix would write, without writing it
  deckwright check --base origin/main         is the ledger still that of the branch?
  deckwright check content --format json
  deckwright check --rules                    every rule, and whether deck.toml may switch it off
  deckwright check --rules long-answer        one rule, in full"""
)
@click.argument("deck", type=click.Path(path_type=Path), nargs=-1, metavar="[DECK | FILE...]")
@click.option("--fix", is_flag=True, help="Write what is mechanical and makes no card worse.")
@click.option("--diff", is_flag=True, help="Show what --fix would write, and write nothing.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    help="How to word what is found: for people, for programs, or as annotations on GitHub.",
)
@click.option("--quiet", is_flag=True, help="Show how much is wrong, and not what.")
@click.option("--full", is_flag=True, help="Show every problem, and count none.")
@click.option(
    "--base",
    metavar="REVISION",
    default="",
    help="The branch that a pull request goes to: from its ledger, releases alone go on.",
)
@click.option("--rules", is_flag=True, help="List all rules instead, or show those that are named.")
def check(
    deck: tuple[Path, ...],
    fix: bool,
    diff: bool,
    format_: str,
    quiet: bool,
    full: bool,
    base: str,
    rules: bool,
) -> None:
    """Name every mistake in DECK (default: content); --fix mends what it can."""
    if quiet and full:
        raise click.UsageError("--quiet and --full exclude each other: give one of them")
    view = "quiet" if quiet else "full" if full else VIEWS[0]
    if rules:
        _show_rules([str(one) for one in deck], format_)
        return
    root, files = _asked(deck)
    if not (fix or diff):
        compiled = _within(compiled_with_progress(root, base=base), files)
    else:
        compiled = _within(_mended(root, files, base, write=fix and not diff), files)
    if not diff:
        say(compiled, format_, to_stderr=False, view=view)
        if format_ == "text" and view != "quiet" and (words := about(compiled.problems)):
            click.echo(words, err=True)
    click.echo(summary(compiled), err=True)
    if compiled.errors:
        sys.exit(PROBLEMS)


def _asked(paths: tuple[Path, ...]) -> tuple[Path, Collection[Path] | None]:
    """The folder of the deck, and the files in it that are asked for; None for all of it."""
    if not paths:
        return default_deck(), None
    for path in paths:
        if not os.path.lexists(path):
            raise click.UsageError(f"there is no {path}")
    folders = [path for path in paths if path.is_dir()]
    if folders and len(paths) > 1:
        raise click.UsageError("name one DECK, or some files of one deck")
    if folders:
        return folders[0], None
    roots = {_deck_of(path) for path in paths}
    if len({root.resolve() for root in roots}) > 1:
        raise click.UsageError("these files are of several decks: check one deck at a time")
    return roots.pop(), {path.resolve() for path in paths}


def _deck_of(path: Path) -> Path:
    """The folder of the deck that a file is in."""
    for parent in path.parents:
        if (parent / CONFIG).is_file():
            return parent
    for parent in path.resolve().parents:
        if (parent / CONFIG).is_file():
            return Path(os.path.relpath(parent))
    raise click.UsageError(f"{path} is in no deck: there is no {CONFIG} in a folder above it")


def _mended(root: Path, files: Collection[Path] | None, base: str, *, write: bool) -> Compiled:
    """The deck with what can be mended, which is written, or else shown as a diff on stdout."""

    def compile_(instead: Mapping[str, str]) -> Compiled:
        return compiled_with_progress(root, instead=instead, base=base)

    drawings = Files()
    if files is None and (root / CONFIG).is_file():
        for path, before, after in mended_drawings(root):
            drawings.add(path, before, after, Counter({UNSAFE_SVG.name: 1}))
    if write:  # first, so that the cards that show them are judged with them
        _write(drawings, root)
    mended = mend(compile_, lambda path: files is None or Path(path).resolve() in files)
    if write:
        _write(mended.files, root)
    mended.files.join(drawings)
    _say_mended(mended, written=write)
    if not write:
        click.echo("".join(_coloured(mended)), nl=False)
    return mended.compiled


def _within(compiled: Compiled, files: Collection[Path] | None) -> Compiled:
    """What was found in some files alone."""
    if files is None:
        return compiled
    paths = {path for path in compiled.sources if Path(path).resolve() in files}
    known = {Path(path).resolve() for path in paths}
    for path in sorted(files):
        if path not in known:
            where = os.path.relpath(path)
            raise click.UsageError(f"{where} holds no cards: check the deck that it is in")
    return replace(
        compiled,
        problems=tuple(one for one in compiled.problems if one.place.path in paths),
        cards=sum(place.path in paths for place in compiled.places.values()),
        switched_off=0,
    )


def _coloured(mended: Mended) -> Iterator[str]:
    """The lines of a diff, coloured on a terminal."""
    for line in mended.files.diff():
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[0])
        words = printable(line.rstrip("\n")) + "\n"
        yield click.style(words, fg=colour) if colours() and colour else words


def _write(files: Files, root: Path) -> None:
    """Write mended files."""
    for path in files.write(root):
        click.echo(f"{printable(path)}: not mended, because it changed meanwhile", err=True)


def _say_mended(mended: Mended, *, written: bool) -> None:
    """Say on stderr what was or would be written, and what was left out."""
    verb = "mended" if written else "would be mended"
    for path in mended.files.changed:
        done = mended.files.done[path]
        rules = ", ".join(f"{number:,} {rule}" for rule, number in sorted(done.items()))
        click.echo(f"{printable(path)}: {done.total():,} {verb}: {rules}", err=True)
    for one, why in mended.left_out.items():
        click.echo(f"{printable(str(one.place))}: left as it is: {why} [{one.rule}]", err=True)
    if not mended.files.changed:
        click.echo("nothing that --fix can mend", err=True)


# Rules


def _show_rules(names: list[str], format_: str) -> None:
    """Print some rules in full, or all in short; they are the same for every deck."""
    if format_ == "github":
        raise click.UsageError("--rules takes no --format but text or json")
    for name in names:
        if name not in BY_NAME:
            fix = did_you_mean(name, [*BY_NAME], "--rules without a name lists them")
            raise click.UsageError(f"there is no rule {name}: {fix}")
    if format_ == "json":
        click.echo(in_json([_as_data(BY_NAME[name]) for name in names or BY_NAME]))
    elif names:
        click.echo("\n\n".join(_entry(BY_NAME[name]) for name in names))
    else:
        _list_rules()


def _as_data(rule: Rule) -> dict[str, object]:
    keys = ("name", "severity", "switchable", "can_be_off", "doc")
    row = {key: getattr(rule, key) for key in keys}
    return {"family": FAMILY_OF[rule.name].capitalize(), **row, "page": page_of(rule.name)}


def _entry(rule: Rule) -> str:
    """A rule in full."""
    head = f"{rule.name} ({FAMILY_OF[rule.name].capitalize()})"
    return f"{head}\n\n{rule.doc}\n\n{_how_severe(rule)}\n\nExamples: {page_of(rule.name)}"


def _how_severe(rule: Rule) -> str:
    """How severe a rule is, and who can change that."""
    kind = "An error" if rule.severity is Severity.ERROR else "A warning"
    if not rule.switchable:
        return f"{kind} in every deck: otherwise {rule.stake.value}."
    if not rule.can_be_off:
        return f'{kind}. In deck.toml, under [rules]: {rule.name} = "error"; it is never off.'
    return (
        f'{kind}. In deck.toml, under [rules]: {rule.name} = "off", "warning" or "error".'
        f" In the comment of one card: off: [{rule.name}]."
    )


def _list_rules() -> None:
    """Print all rules in short."""
    width = max(len(rule.name) for rule in RULES)
    for family, rules in FAMILIES.items():
        click.echo(family)
        for rule in rules:
            switch = "switchable" if rule.switchable else ""
            sentence = re.split(r"(?<=\.)\s", rule.doc, maxsplit=1)[0]
            click.echo(f"  {rule.name:<{width}}  {rule.severity:<7}  {switch:<10}  {sentence}")
        click.echo()
