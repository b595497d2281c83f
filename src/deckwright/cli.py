"""The commands: what a person asks for, what is printed, and the exit code.

Exit codes: 0 fine, 1 mistakes in the content, 2 wrong usage or environment, 130 stopped.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deckwright import __version__
from deckwright.console import (
    EnvironmentProblem,
    colours,
    count,
    environment,
    now,
    on_terminal,
    progress,
    size,
    streams,
)
from deckwright.console import row as print_row
from deckwright.load import CONFIG, NoDeckError
from deckwright.plain import printable
from deckwright.report import FORMATS, formatter

if TYPE_CHECKING:  # imported where they are used, so that --help answers at once
    from deckwright.ledger import Ledger
    from deckwright.pipeline import Compiled
    from deckwright.release import Prepared
    from deckwright.verify.versions import Meant

PROBLEMS = 1
"""The exit code for mistakes in the content; click's own, for wrong usage, is 2."""
STOPPED = 130
"""The exit code where somebody stops a command, as of any program."""
SHOWN_FAILURES = 50
"""How many failures of a package are printed; the rest is counted."""


class _Commands(click.Group):
    """The commands, of which none ends with a traceback because of a disk."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read what is asked for; --help prints already here."""
        with streams():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        with streams():
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                click.echo("Aborted!", err=True)
                raise SystemExit(STOPPED) from None


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  deckwright check                 name every mistake in content/
  deckwright build --verify        make dist/NAME.apkg and look at every card in a real Anki
  deckwright release 1.2.0         rehearse the upgrade, then write the ledger
Exit codes: 0 fine, 1 mistakes in the content, 2 wrong usage or environment.""",
)
@click.version_option(__version__, prog_name="deckwright")
def main() -> None:
    """Compile Markdown cards with LaTeX into an Anki package."""


def _default_deck() -> Path:
    """``content``, or else the current folder where that is a deck."""
    content = Path("content")
    return Path() if not (content / CONFIG).is_file() and Path(CONFIG).is_file() else content


_deck = click.argument(
    "deck", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False
)
_format = click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    help="How to word what is found: for people, for programs, or as annotations on GitHub.",
)
_output = click.option(
    "-o",
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dist"),
    show_default=True,
    help="The folder for the package.",
)


@main.command(
    epilog="""\b
Examples:
  deckwright check
  deckwright check content --format json
  deckwright check --rules           every rule, and whether deck.toml may switch it off"""
)
@_deck
@_format
@click.option("--rules", is_flag=True, help="List all rules instead; with --format json as data.")
def check(deck: Path | None, format_: str, rules: bool) -> None:
    """Name every mistake in DECK (default: content) and write nothing."""
    if rules:
        _list_rules(deck, format_)
        return
    with environment():
        compiled = _compile(deck or _default_deck(), format_)
    words = f"{count(compiled.cards, 'card')}, {_findings(compiled)}"
    click.echo(words, err=format_ != "text")


def _list_rules(deck: Path | None, format_: str) -> None:
    """Print all rules, which are the same for every deck."""
    from deckwright import rulebook

    if deck or format_ == "github":
        raise click.UsageError("--rules takes no DECK, and no --format but text or json")
    words = rulebook.as_json() if format_ == "json" else rulebook.as_text()
    click.echo(words, nl=False)


@main.command(
    epilog="""\b
Examples:
  deckwright build
  deckwright build content --output-dir ../decks --verify"""
)
@_deck
@_output
@click.option("--verify", "verified", is_flag=True, help="Then look at it in a real Anki.")
@click.option(
    "--no-math-check",
    "unproven",
    is_flag=True,
    help="Do not prove formulas in MathJax, where its engine cannot be installed.",
)
def build(deck: Path | None, output_dir: Path, verified: bool, unproven: bool) -> None:
    """Check DECK (default: content) and make its Anki package."""
    started = time.monotonic()
    with environment():
        built = now()
        root = deck or _default_deck()
        _sweep(root, output_dir)
        compiled = _compile(root, "text", engine=not unproven)
        from deckwright.package import write
        from deckwright.release import prepare

        prepared = prepare(compiled, built)
        path = write(prepared.package, output_dir)
        _describe(compiled, prepared)
        if verified:
            _verify(path)
            _rehearse(compiled, prepared, path)
    if unproven:
        print_row("formulas", "not proven in MathJax, as --no-math-check asks")
    print_row("time", f"{time.monotonic() - started:.1f} s")
    print_row("package", path)


@main.command(
    epilog="""\b
Examples:
  deckwright diff                                  against the last release
  deckwright diff --against old.apkg               against any package, of any publisher
  deckwright diff --format html >changes.html      with the cards side by side"""
)
@_deck
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="An older package, instead of the last release.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "markdown", "html", "json")),
    default="text",
    help="For a terminal, for a pull request, as a page with rendered cards, or for programs.",
)
def diff(deck: Path | None, against: Path | None, format_: str) -> None:
    """Show what a release of DECK (default: content) would change for learners."""
    with environment():
        compiled = _compile(deck or _default_deck(), "text")
        from deckwright.release import prepare

        prepared = prepare(compiled, now())
        words = _difference(compiled, prepared, against, format_)
    click.echo(words, nl=False, color=colours())


def _difference(compiled: Compiled, prepared: Prepared, against: Path | None, format_: str) -> str:
    from deckwright import diff
    from deckwright.verify import AnkiMissing, Refused

    try:
        if against:
            difference = diff.since_package(prepared.deck, against)
        else:
            difference = diff.since_release(prepared.deck, prepared.changes, compiled.ledger)
        if format_ == "html":
            cards = diff.render_both(difference, diff.story(difference), against)
            return diff.as_html(difference, *cards)
    except (AnkiMissing, Refused) as error:
        raise EnvironmentProblem(str(error)) from None
    if format_ == "markdown":
        return diff.as_markdown(difference)
    if format_ == "json":
        return diff.as_json(difference)
    return diff.as_text(difference, colour=colours())


@main.command(
    epilog="""\b
Examples:
  deckwright verify dist/latent-variable-models-dev.apkg
  deckwright verify old.apkg older.apkg new.apkg
  deckwright verify old.apkg new.apkg --deck content     knows what was retired on purpose"""
)
@click.argument(
    "packages",
    nargs=-1,
    required=True,
    metavar="[OLD]... NEW",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
)
@click.option(
    "--deck",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The deck that NEW was built from, whose ledger says what was retired or held back.",
)
def verify(packages: tuple[Path, ...], deck: Path | None) -> None:
    """Import the package NEW into a scratch real Anki and look at every card.

    With OLD packages, rehearse the upgrade from each: a learner who has studied all of it and
    edited some imports NEW, and must not lose a review.
    """
    *olds, new = packages
    with environment():
        _verify(new)
        if olds:
            from deckwright.release import meant_so_far

            _rehearse_upgrade(olds, new, meant_so_far(_compile(deck, "text")) if deck else None)


@main.command(
    epilog="""\b
Examples:
  deckwright release 1.2.0 --dry-run
  deckwright release 1.2.0 --resend elbo-gap --resend elbo-two-terms
A version is MAJOR.MINOR.PATCH; MAJOR rises where learners must do something themselves."""
)
@click.argument("version")
@_deck
@click.option(
    "--resend",
    multiple=True,
    metavar="ID",
    help="Deliver this note though its source did not change; `all` for every one held back.",
)
@click.option("--dry-run", is_flag=True, help="Do all, but write nothing.")
@_output
def release(
    version: str, deck: Path | None, resend: tuple[str, ...], dry_run: bool, output_dir: Path
) -> None:
    """Release DECK (default: content) as VERSION.

    Rehearses the upgrade in a real Anki, then writes the package, the ledger and the changelog.
    """
    root = deck or _default_deck()
    with environment():
        released = now()
        _sweep(root, output_dir)
        compiled = _compile(root, "text")
        from deckwright.release import ReleaseError, check_release, is_released, prepare

        if not resend and is_released(compiled, version, _changelog(root)):
            if not dry_run:
                _write_changelog(root, compiled.ledger)
            words = "would be" if dry_run else "is"
            click.echo(f"{version} is released already; its changelog {words} written anew")
            return
        try:
            check_release(compiled, version, released, resend)
        except ReleaseError as error:
            raise EnvironmentProblem(str(error)) from None
        _refuse_lost_ledger(root, compiled)
        _refuse_uncommitted(root)
        prepared = prepare(compiled, released, version, resend)
        _describe(compiled, prepared)
        _rehearse_in_scratch(compiled, prepared)
        if dry_run:
            _show_changelog(prepared)
        else:
            _commit(root, compiled, prepared, output_dir)


def _sweep(root: Path, output_dir: Path) -> None:
    """Take away what killed runs left beside the files that this one may write."""
    from deckwright import changelog, ledger
    from deckwright.disk import sweep

    sweep(output_dir, "*.apkg", "*.apkg.sha256")
    sweep(root, ledger.FILE)
    sweep(changelog.path_for(root).parent, changelog.FILE)


# Compiling


def _compile(root: Path, format_: str, *, engine: bool = True) -> Compiled:
    """Compile a deck and print what was found; ends the program where there are errors."""
    from deckwright.pipeline import compile_deck
    from deckwright.tex.engine import EngineMissing

    try:
        with progress() as show:
            compiled = compile_deck(root, show, engine=engine)
    except EngineMissing as error:
        raise EnvironmentProblem(
            f"{error}; where that cannot be installed, `deckwright build --no-math-check` at least"
            " builds the deck"
        ) from None
    except NoDeckError as error:
        raise EnvironmentProblem(str(error)) from None
    word = formatter(format_, excerpt=on_terminal(), colour=colours())
    words = word(compiled.diagnostics)
    click.echo(words, nl=False, color=colours())
    if compiled.errors:
        click.echo(f"{count(compiled.cards, 'card')}, {_findings(compiled)}", err=True)
        sys.exit(PROBLEMS)
    return compiled


def _findings(compiled: Compiled) -> str:
    warnings = len(compiled.diagnostics) - compiled.errors
    counts = [count(compiled.errors, "error")] if compiled.errors else []
    counts += [count(warnings, "warning")] if warnings else []
    words = " and ".join(counts) or "no mistake"
    off = compiled.switched_off
    return f"{words} ({count(off, 'finding')} switched off in {CONFIG})" if off else words


def _describe(compiled: Compiled, prepared: Prepared) -> None:
    """What a person wants to know of a package."""
    deck, changes = prepared.deck, prepared.changes
    print_row("notes", len(deck.notes))
    print_row("cards", sum(len(note.ordinals) for note in deck.notes))
    print_row("decks", len({note.deck for note in deck.notes} | {deck.info.name}))
    print_row("media", len(deck.media))
    print_row("size", size(len(prepared.package.data)))
    if compiled.ledger:
        numbers = (
            (len(changes.added), "new"),
            (len(changes.changed), "corrected"),
            (len(changes.held), "held back"),
            (len(changes.retired), "retired"),
            (len(changes.returned), "back again"),
            (len(changes.renamed), "renamed"),
            (len(changes.moved), "moved"),
            (len(changes.types), "note types"),
        )
        words = ", ".join(f"{number:,} {kind}" for number, kind in numbers if number)
        print_row("changes", f"{words or 'none'} since {compiled.ledger.last.version}")
    print_row("content", f"sha256 {prepared.package.content_hash}")


# Anki


def _verify(path: Path) -> None:
    """Print what a real Anki says of a package; ends the program where that is bad."""
    from deckwright.verify import AnkiMissing
    from deckwright.verify import verify as look

    try:
        with progress() as show:
            report = look(path, show)
    except AnkiMissing as error:
        raise EnvironmentProblem(str(error)) from None
    _fail(path, report.anki_version, [f"{one.what}: {one.cure}" for one in report.failures])
    counts = report.counts
    print_row(
        "verified",
        f"Anki {report.anki_version} imports {count(counts.notes, 'note')} and renders "
        f"{count(counts.cards, 'card')} in {count(counts.decks, 'deck')}, without a problem",
    )


def _fail(path: Path, anki: str, failures: list[str]) -> None:
    for words in failures[:SHOWN_FAILURES]:
        click.echo(printable(f"{path}: {words}"), err=True)
    if failures:
        click.echo(f"Anki {anki}: {count(len(failures), 'problem')}", err=True)
        sys.exit(PROBLEMS)


def _rehearse_upgrade(olds: list[Path], new: Path, meant: Meant | None) -> None:
    """Print how upgrades went in a real Anki; ends the program where a learner lost something."""
    from deckwright.verify import Meant, rehearse

    with progress() as show:
        rehearsals = rehearse(olds, new, meant or Meant(), show)
    for one in rehearsals:
        _fail(one.old, one.anki_version, [f"{bad.what}: {bad.cure}" for bad in one.failures])
        print_row(
            "rehearsed",
            f"{one.old.name} → {new.name}: {count(one.cards, 'studied card')} kept,"
            f" {count(one.updated_notes, 'note')} updated, {one.new_notes:,} new",
        )
        for (kind, changed), (left, made) in sorted(one.survival.items()):
            on = "something we changed" if changed else "something we did not change"
            print_row("", f"{left} of {made} edits survive: {kind} on {on}")
        for remark in one.remarks:
            print_row("", remark)


def _rehearse(compiled: Compiled, prepared: Prepared, new: Path) -> None:
    """Rehearse the upgrade from the last release, rebuilt from the ledger, without a download."""
    if compiled.ledger is None:
        return
    from deckwright.disk import scratch_folder
    from deckwright.package import package, write
    from deckwright.release import meant

    last = compiled.ledger.last
    old = compiled.ledger.deck(prepared.deck.info, prepared.deck.media)
    with scratch_folder() as folder:
        path = write(package(old, last.version, last.time), folder)
        _rehearse_upgrade([path], new, meant(prepared))


def _rehearse_in_scratch(compiled: Compiled, prepared: Prepared) -> None:
    """Verify a package that is not written yet, and rehearse the upgrade to it."""
    from deckwright.disk import scratch_folder
    from deckwright.package import write

    with scratch_folder() as folder:
        path = write(prepared.package, folder)
        _verify(path)
        _rehearse(compiled, prepared, path)


# Releasing


def _refuse_lost_ledger(root: Path, compiled: Compiled) -> None:
    """Without its ledger, a deck that was released would come to learners as a new one."""
    from deckwright import changelog, ledger

    if compiled.ledger is None and changelog.HEAD in _changelog(root):
        raise EnvironmentProblem(
            f"{changelog.path_for(root)} tells of a release, but {root / ledger.FILE} is gone:"
            " take it back from the last release"
        )


def _refuse_uncommitted(root: Path) -> None:
    """Only what every clone has is released, and nothing of anybody else's is replaced."""
    from deckwright.changelog import is_ours, path_for
    from deckwright.git import GitError, uncommitted

    if not is_ours(path_for(root)):
        raise EnvironmentProblem(
            f"{path_for(root)} is not a changelog of ours: move it away, as a release replaces it"
        )
    try:
        changed = uncommitted(root)
    except GitError as error:
        raise EnvironmentProblem(f"git: {error}") from None
    if changed:
        more = " …" if len(changed) > 3 else ""
        raise EnvironmentProblem(
            f"there are changes in {root} that are not committed ({', '.join(changed[:3])}{more}):"
            " commit or stash them first"
        )


def _commit(root: Path, compiled: Compiled, prepared: Prepared, output_dir: Path) -> None:
    """Write the package, then the ledger, which is the release, then what is made from it."""
    from deckwright import ledger, load
    from deckwright.disk import alone_in, replace
    from deckwright.package import write

    with alone_in(root):
        if load.ledger_in(root) != compiled.ledger:
            raise EnvironmentProblem(f"{root / ledger.FILE} was written meanwhile: release again")
        path = write(prepared.package, output_dir)
        replace(root / ledger.FILE, ledger.to_text(prepared.ledger).encode())
        changelog = _write_changelog(root, prepared.ledger)
    print_row("package", path)
    print_row("released", f"commit {root / ledger.FILE} and {changelog}, publish the package")


def _changelog(root: Path) -> str:
    from deckwright.changelog import path_for

    path = path_for(root)
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _write_changelog(root: Path, ledger: Ledger | None) -> Path:
    from deckwright import changelog
    from deckwright.disk import replace

    assert ledger is not None
    path = changelog.path_for(root)
    replace(path, changelog.to_markdown(ledger).encode())
    return path


def _show_changelog(prepared: Prepared) -> None:
    from deckwright import changelog

    lines = changelog.to_markdown(prepared.ledger).splitlines()
    click.echo("\n" + "\n".join(map(printable, lines)) + "\n")
    click.echo("Nothing was written: this was a dry run.")
