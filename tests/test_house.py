"""The house keeps its shape: each outside world has one door, and each room can be taken alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import click
import pytest

from deckwright.commands import VERBS, main

SOURCE = Path(__file__).parent.parent / "src" / "deckwright"
MODULES = sorted(SOURCE.rglob("*.py"))
DOORS = {
    "anki": {"real_anki/scratch.py"},
    "click": {
        "commands/__init__.py",
        "commands/build.py",
        "commands/check.py",
        "commands/diff.py",
        "commands/in_anki.py",
        "commands/ledger.py",
        "commands/of_a_deck.py",
        "commands/preview.py",
        "commands/release.py",
        "commands/report.py",
        "commands/terminal.py",
        "commands/verify.py",
        "diff/text.py",
    },
    "genanki": {"apkg/package.py"},
    "http": {"preview/server.py"},
    "markdown": {"rendering/inlines.py", "rendering/markdown.py"},
    "nh3": {"rendering/html.py"},
    "PIL": {"media/formats.py"},
    "platformdirs": {"mathjax/cache.py"},
    "pygments": {"rendering/code.py"},
    "quickjs": {"mathjax/engine.py"},
    "subprocess": {"releases/git.py"},
    "socketserver": {"preview/server.py"},
    "tinycss2": {"source/contrast.py", "source/style.py"},
    "yaml": {"source/strict_yaml.py"},
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


LAYERS = (
    {"model"},
    {"apkg.guids", "apkg.files", "source.printable"},
    {"mathjax.*"},
    {"note_types.*"},
    {
        "source.*",
        "formulas.*",
        "real_anki.*",
        "releases.ledger",
        "releases.changes",
        "releases.trust",
    },
    {"releases.moves"},
    {"media.*", "rehearsal.*"},
    {"rendering.*"},
    {"releases.changelog", "releases.git", "releases.repository"},
    {
        "releases.words",
        "releases.blanks",
        "releases.facts",
        "releases.same_question",
        "releases.rehearsed",
    },
    {"releases.shapes", "apkg.package"},
    {"releases.identity", "releases.continuity", "releases.elsewhere", "releases.vouched"},
    {"rules.*"},
    {"compile"},
    {"releases.*"},
    {"preview.*"},
    {"diff.*"},
    {"commands.*"},
    {"__main__"},
)
"""From what nothing depends on, up. A module imports from its own layer and those below it;
a name with a star is the rest of a folder."""
BENDS = {
    ("source.lines", "rendering.blocks"): "a heading in code is not a heading, as on GitHub",
    ("source.lines", "rendering.structure"): "the same",
    (
        "source.cards",
        "rendering.markdown",
    ): "markup in a title is reported where the title is read",
    ("source.folder", "rendering.tags"): "templates hold the tags that cards may hold",
}
"""The imports that go up, each with its reason: to be straightened, and never more."""


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def layer_of(name: str) -> int:
    folder = name.partition(".")[0]
    exact = [level for level, names in enumerate(LAYERS) if name in names]
    found = exact or [level for level, names in enumerate(LAYERS) if f"{folder}.*" in names]
    assert found, f"{name} is in no layer: add it to LAYERS"
    return found[0]


def imported(path: Path, *, wherever: bool = True) -> set[str]:
    """Our own modules that a module imports: wherever in it, or when it is imported itself."""
    names = {name_of(one) for one in MODULES}
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if wherever else tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deckwright"):
            module = str(node.module).removeprefix("deckwright").removeprefix(".")
            for alias in node.names:
                inner = f"{module}.{alias.name}".strip(".")
                found.add(inner if inner in names else module)
    return found - {""}


def test_only_four_modules_are_at_the_top() -> None:
    top = {path.stem for path in SOURCE.glob("*.py")}
    assert top == {"__init__", "__main__", "model", "compile"}


def test_imports_run_one_way() -> None:
    up = {
        (name, other)
        for path in MODULES
        for name in [name_of(path)]
        for other in imported(path)
        if name != "__init__" and layer_of(other) > layer_of(name)
    }
    assert up == set(BENDS)


def test_every_module_can_be_imported_first() -> None:
    """None needs a name of a module that needs it in turn."""
    graph = {name_of(path): imported(path, wherever=False) for path in MODULES}
    assert len(graph) > 30
    assert len([*TopologicalSorter(graph).static_order()]) == len(graph)


@pytest.mark.parametrize("folder", ["mathjax", "real_anki", "rehearsal"])
def test_what_knows_nothing_of_cards_imports_nothing_that_does(folder: str) -> None:
    mine = [path for path in MODULES if path.relative_to(SOURCE).parts[0] == folder]
    others = {one for path in mine for one in imported(path) if one.partition(".")[0] != folder}
    below = {"rehearsal": "real_anki"}.get(folder, "apkg.files")
    assert {one for one in others if not one.startswith(below)} <= {"model", "apkg.files"}


def test_the_help_loads_no_verb() -> None:
    code = (
        "import sys; from deckwright.commands import main; "
        "main(['--help'], standalone_mode=False); "
        "print(sorted(one for one in sys.modules if one.startswith('deckwright')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stderr) == [
        "deckwright",
        "deckwright.commands",
        "deckwright.commands.terminal",
        "deckwright.model",
        "deckwright.source",
        "deckwright.source.printable",
    ]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_summed_up_as_its_own_help_says(verb: str) -> None:
    command = main.get_command(click.Context(main), verb)
    assert command and command.help
    assert command.help.split("\n")[0] == VERBS[verb]


def test_a_test_that_needs_neither_anki_nor_a_browser_runs_without_them() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('anki', 'playwright')))\n"
        "import conftest, tests.decks, tests.browser, tests.program"
    )
    subprocess.run([sys.executable, "-c", code], cwd=SOURCE.parent.parent, check=True)
