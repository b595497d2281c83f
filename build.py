"""The door: ``python build.py`` builds content/; with arguments it is ``deckwright``."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "src"))

try:
    from deckwright.commands import main
except ModuleNotFoundError as missing:
    ours = HERE / ".venv" / "bin" / "python"
    if not ours.exists() or Path(sys.prefix) == ours.parent.parent:
        sys.exit(f"{missing.name} is not installed: run `make deck`, which sets up .venv")
    os.execv(ours, [str(ours), *sys.argv])  # noqa: S606 - the same program, in its own .venv

if __name__ == "__main__":  # where workers cannot be forked, each reads this file again
    if len(sys.argv) == 1:
        os.chdir(HERE)
        sys.argv += ["build", "content"]
    main(prog_name="deckwright")
