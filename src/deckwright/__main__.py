"""``python -m deckwright`` is the command ``deckwright``."""

import sys


def main() -> None:
    """Run the command; stopped while it is still loading, it ends without a word."""
    try:
        from deckwright.commands import main as command

        command(prog_name="deckwright")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
