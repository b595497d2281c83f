"""The command line: a module for each verb, which is imported when it is asked for.

Data goes to stdout, everything else to stderr. Exit codes: 0 fine, 1 problems in the content,
2 wrong usage or environment, 130 stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from deckwright import __version__

VERBS = {
    "build": "Check DECK (default: content) and make its Anki package.",
    "check": "Name every mistake in DECK (default: content); --fix mends what it can.",
    "diff": "Show what a release of DECK (default: content) would change for learners.",
    "ledger": "Join the histories of two branches.",
    "preview": "Write DECK (default: content) as a page to look at its cards and to study them.",
    "release": "Release DECK (default: content) as VERSION.",
    "verify": "Import the package NEW into a scratch real Anki and look at every card.",
}
"""What each verb does, as the first line of its own help says, too."""
STOPPED = 130
"""The exit code of a command that was interrupted, as usual."""


@contextmanager
def _escaped() -> Iterator[None]:
    """Escapes what is wrong with a call: an argument may be the name of any file or branch."""
    try:
        yield
    except click.ClickException as error:
        from deckwright.source.printable import printable

        error.message = "\n".join(  # type: ignore[misc]  # click shows it as it is
            map(printable, error.message.split("\n"))
        )
        raise


class _Verbs(click.Group):
    """The verbs; a failure of the disk in any of them is one line, without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        """All verbs."""
        return [*VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """A verb, from its module."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"deckwright.commands.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """What each verb does, without its module."""
        with formatter.section("Commands"):
            formatter.write_dl([*VERBS.items()])

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments; --help prints already here."""
        from deckwright.commands.terminal import environment

        with environment(), _escaped():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb."""
        from deckwright.commands.terminal import environment

        with environment(), _escaped():
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                click.echo("Aborted!", err=True)
                raise SystemExit(STOPPED) from None


@click.group(
    cls=_Verbs,
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
