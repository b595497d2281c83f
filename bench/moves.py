"""How far a card travels: the modules that it enters on its way, and the moves between them.

One card with a picture and a cloze is compiled, without MathJax, workers and a ledger. A move is a
call from a function of one of our modules into one of another. What is called while modules are
loaded does not count.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType

from deckwright.compile import compile_deck

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "deckwright"
sys.path.append(str(ROOT))
from tests.decks import card, make_deck  # noqa: E402  # found from here on

TEXT = "# Examples\n\n" + card(
    "The {{c1::area}} of a circle is $\\pi r^2$.\n\n![A grey dot on white](media/dot.png)"
)


def module(frame: FrameType | None) -> str:
    """Our module that a frame belongs to; empty for others."""
    name = frame.f_code.co_filename if frame else ""
    if not name.startswith(str(SOURCE)) or (frame and frame.f_code.co_name == "<module>"):
        return ""
    return Path(name).relative_to(SOURCE).as_posix().removesuffix(".py")


def main() -> None:
    entered: Counter[str] = Counter()
    moves = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal moves
        here = module(frame) if event == "call" else ""
        if here:
            before = module(frame.f_back)
            entered[here] += 1
            moves += bool(before) and before != here

    with tempfile.TemporaryDirectory() as folder:
        root = make_deck(Path(folder), {"01-cards.md": TEXT})
        compile_deck(root, engine=False, budget=None)  # loads what is loaded late
        sys.setprofile(note)
        compiled = compile_deck(root, engine=False, budget=None)
        sys.setprofile(None)
    assert compiled.deck, compiled.problems
    for name, calls in entered.most_common():
        print(f"{calls:6,}  {name}")
    print(f"{len(entered)} modules, {moves:,} moves between them")


if __name__ == "__main__":
    main()
