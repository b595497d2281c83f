"""``python -m deckwright`` is the command ``deckwright``."""

import os
import sys


def main() -> None:
    """Run the command; stopped while it is still loading, it ends without a word."""
    _leave_the_current_folder()
    try:
        from deckwright.commands import main as command

        command(prog_name="deckwright")
    except KeyboardInterrupt:
        sys.exit(130)


def _leave_the_current_folder() -> None:
    """Import nothing from the current folder, where a pull request may lie, in workers neither."""
    here = os.path.realpath(os.curdir)
    sys.path[:] = [one for one in sys.path if one and os.path.realpath(one) != here]
    os.environ["PYTHONSAFEPATH"] = "1"  # Python reads it where a worker starts anew


if __name__ == "__main__":
    main()
