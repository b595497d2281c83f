"""The door: ``python build.py`` builds content/; with arguments it is ``deckwright``."""

import os  # as sys, a part of Python's own program: it is looked for in no folder
import sys

HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120  # pathlib would be looked for
if __name__ == "__main__":  # where workers cannot be forked, each reads this file again
    here = (HERE, os.path.realpath(os.curdir))
    sys.path[:] = [one for one in sys.path if one and os.path.realpath(one) not in here]
    os.environ["PYTHONSAFEPATH"] = "1"

from importlib.util import module_from_spec, spec_from_file_location  # noqa: E402
from pathlib import Path  # noqa: E402

if "deckwright" not in sys.modules:  # this one, and nothing else that lies beside it
    init = Path(HERE, "src", "deckwright", "__init__.py")
    spec = spec_from_file_location("deckwright", init)
    assert spec and spec.loader
    sys.modules["deckwright"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["deckwright"])

try:
    from deckwright.commands import main
except ModuleNotFoundError as missing:
    ours = Path(HERE, ".venv", "bin", "python")
    if not ours.exists() or Path(sys.prefix) == ours.parent.parent:
        sys.exit(f"{missing.name} is not installed: run `make deck`, which sets up .venv")
    os.execv(ours, [str(ours), *sys.argv])  # noqa: S606 - the same program, in its own .venv

if __name__ == "__main__":
    if len(sys.argv) == 1:
        os.chdir(HERE)
        sys.argv += ["build", "content"]
    main(prog_name="deckwright")
