"""The house keeps its shape: each outside world has one door, and every room stands by itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "deckwright"
MODULES = sorted(SOURCE.rglob("*.py"))
DOORS = {
    "anki": {"verify/scratch.py"},
    "click": {"cli.py", "console.py", "diff/text.py", "report.py"},
    "genanki": {"package.py"},
    "markdown": {"rendering/inlines.py", "rendering/markdown.py"},
    "nh3": {"markup.py"},
    "platformdirs": {"tex/cache.py"},
    "pygments": {"rendering/code.py"},
    "quickjs": {"tex/engine.py"},
    "subprocess": {"git.py"},
    "yaml": {"strict_yaml.py"},
}


def imports(path: Path) -> set[str]:
    """The top packages that a module imports when it runs, wherever in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("world", DOORS)
def test_each_outside_world_has_its_door(world: str) -> None:
    users = {path.relative_to(SOURCE).as_posix() for path in MODULES if world in imports(path)}
    assert users == DOORS[world]


def test_every_module_can_be_imported_first() -> None:
    names = [
        ".".join(("deckwright", *path.relative_to(SOURCE).with_suffix("").parts))
        for path in MODULES
        if path.name != "__main__.py"
    ]
    assert len(names) > 30
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for old in [one for one in sys.modules if one.startswith('deckwright')]:\n"
        "        del sys.modules[old]\n"
        "    importlib.import_module(name.removesuffix('.__init__'))\n"
    )
    subprocess.run([sys.executable, "-c", code, *names], check=True, timeout=120)
