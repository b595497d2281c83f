"""However the program is started, it imports nothing from the folder that it is started in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.decks import card, make_deck

ROOT = Path(__file__).parent.parent.parent
DEPENDENCIES = (
    "anki click genanki google markdown nh3 PIL platformdirs pygments quickjs yaml tinycss2 "
    "webencodings cached_property chevron frozendict sitecustomize usercustomize"
).split()
BEFORE_US = {
    *("importlib", "warnings", "contextlib", "collections", "keyword", "operator", "reprlib"),
    *("functools", "types", "typing", "abc", "enum", "re", "copyreg", "_collections_abc"),
}
"""What ``python -m`` itself imports from the current folder before any line of ours is read."""


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A checkout with a deck, where each module that Python could ask for is a trap."""
    files: dict[str, str | bytes] = {
        "01-cards.md": f"# T\n\n{card('An answer, $x$.')}",
        "style.css": ".card { color: #222; background: #fff } .nightMode.card { color: #eee }",
    }
    make_deck(tmp_path / "content", files)
    for name in {*sys.stdlib_module_names, *DEPENDENCIES} - {"__main__"}:
        spring = (
            f"open({str(tmp_path / 'sprung')!r}, 'a').write({name!r} + ' ')\nraise SystemExit(9)\n"
        )
        (tmp_path / f"{name}.py").write_text(spring)
    return tmp_path


def unharmed(planted: Path, *command: str | Path, **env: str) -> None:
    done = subprocess.run(
        [*map(str, command)],
        cwd=planted,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    sprung = planted / "sprung"
    assert not sprung.exists(), sprung.read_text()
    assert done.returncode == 0, done.stdout + done.stderr


VERBS = (["check"], ["build", "--verify"], ["diff"])


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_the_command_imports_nothing_from_the_current_folder(
    verb: list[str], planted: Path
) -> None:
    unharmed(planted, Path(sys.executable).with_name("deckwright"), *verb)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_python_m_imports_from_the_current_folder_what_python_itself_needs_at_most(
    verb: list[str], planted: Path
) -> None:
    for name in BEFORE_US:
        (planted / f"{name}.py").unlink(missing_ok=True)
    unharmed(planted, sys.executable, "-m", "deckwright", *verb)


def test_python_m_that_is_told_so_imports_nothing_from_it(planted: Path) -> None:
    unharmed(planted, sys.executable, "-P", "-m", "deckwright", "check")


@pytest.mark.parametrize("elsewhere", [True, False])
def test_build_py_imports_nothing_that_lies_beside_it_or_where_it_is_started(
    elsewhere: bool, planted: Path, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    shutil.copytree(ROOT / "src", checkout / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for trap in planted.glob("*.py"):
        shutil.copy(trap, checkout)
        shutil.copy(trap, checkout / "src")
    shutil.copytree(planted / "content", checkout / "content")
    shutil.copy(ROOT / "build.py", checkout)
    if elsewhere:
        unharmed(planted, sys.executable, checkout / "build.py", "check")
    else:
        (planted / "content").rename(planted / "moved")
        unharmed(planted, sys.executable, checkout / "build.py")
        assert (checkout / "dist").is_dir()


def test_a_worker_that_starts_anew_imports_nothing_from_the_current_folder(planted: Path) -> None:
    """As on macOS and Windows, where workers are not forked."""
    code = (
        "import sys; sys.path[:] = [one for one in sys.path if one]\n"
        "from deckwright.__main__ import _leave_the_current_folder\n"
        "_leave_the_current_folder()\n"
        "from multiprocessing import get_context\n"
        "process = get_context('spawn').Process(target=print)\n"
        "process.start(); process.join(); sys.exit(process.exitcode)\n"
    )
    unharmed(planted, sys.executable, "-P", "-c", code)
