"""What is installed, and whose it is: the locks, the wheel and the notices."""

from __future__ import annotations

import importlib.util
import re
import struct
import subprocess
import sys
import tomllib
import zipfile
import zlib
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("locks/*.txt"))}
LICENCES = ("LICENSE", "OFL.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_PIN = re.compile(r"([a-z0-9-]+)==(\S+)(?: ; [^\\]+?)? ((?:\\\n +--hash=sha256:[0-9a-f]{64} ?)+)\n")


def pins(lock: str) -> dict[str, str]:
    """The versions of a lock, by name; every line of it belongs to one that has hashes."""
    text = re.sub(r"^ *#.*\n", "", LOCKS[lock], flags=re.MULTILINE)
    found = {name: version for name, version, _ in _PIN.findall(text)}
    assert _PIN.sub("", text) == "", "a line without hashes"
    return found


def needed(*extras: str) -> list[Requirement]:
    project = PROJECT["project"]
    texts = list(project["dependencies"])
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def test_there_is_a_lock_for_each_thing_that_make_installs() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {*re.findall(r"locks/([\w.-]+)\.txt", text)} == {*LOCKS}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_has_hashes_and_none_an_address(lock: str) -> None:
    assert pins(lock)
    assert "://" not in LOCKS[lock]
    assert not re.search(r"^-|--index|--find|--trusted", LOCKS[lock], re.MULTILINE)


@pytest.mark.parametrize(("lock", "extras"), [("deck", ["anki"]), ("test", ["anki", "test"])])
def test_a_lock_has_what_the_project_asks_for(lock: str, extras: list[str]) -> None:
    found = pins(lock)
    for one in needed(*extras):
        assert one.specifier.contains(found[canonicalize_name(one.name)]), one


def test_a_build_installs_what_the_tests_ran_with() -> None:
    tested = pins("test")
    assert pins("deck").items() <= tested.items()
    assert pins("release")["setuptools"] == tested["setuptools"]


def test_the_least_versions_are_those_that_the_project_asks_for() -> None:
    found = pins("least")
    least = {canonicalize_name(one.name): one.specifier for one in needed("anki")}
    assert found.keys() == least.keys()
    for name, specifier in least.items():
        [bound] = specifier
        assert (bound.operator, Version(bound.version)) == (">=", Version(found[name])), name
    assert pins("anki-24.11") == {"anki": "24.11"}


def wheel_of(folder: Path, word: str) -> Path:
    """A small wheel."""
    folder.mkdir()
    path = folder / "lure-1.0-py3-none-any.whl"
    files = {
        "lure.py": f"word = {word!r}\n",
        "lure-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: lure\nVersion: 1.0\n",
        "lure-1.0.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    rows = [
        f"{name},sha256={urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip('=')},"
        f"{len(text)}"
        for name, text in files.items()
    ]
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(
            "lure-1.0.dist-info/RECORD", "\n".join([*rows, "lure-1.0.dist-info/RECORD,,"])
        )
    return path


def test_a_file_that_is_not_the_reviewed_one_is_not_installed(tmp_path: Path) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    [options] = re.findall(r"^LOCKED := \$\(INSTALL\) (.*)$", text, re.MULTILINE)
    good, bad = wheel_of(tmp_path / "good", "good"), wheel_of(tmp_path / "bad", "bad")
    lock = tmp_path / "lock.txt"
    lock.write_text(f"lure==1.0 --hash=sha256:{sha256(good.read_bytes()).hexdigest()}\n")
    for wheel, code in ((good, 0), (bad, 1)):
        target = ("--target", str(tmp_path / f"to-{wheel.parent.name}"), "--requirement", str(lock))
        source = ("--isolated", "--no-index", "--find-links", str(wheel.parent))
        command = [sys.executable, "-m", "pip", "install", *options.split(), *source, *target]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
    assert (tmp_path / "to-good" / "lure.py").exists()
    assert "DO NOT MATCH THE HASHES" in done.stderr


# -- The wheel -------------------------------------------------------------------------------------


def wheel_check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("wheel_check", ROOT / ".ci" / "wheel_check.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_wheel_that_lacks_a_file_or_a_licence_is_named(tmp_path: Path) -> None:
    files = ["src/thing/__init__.py", "src/thing/py.typed", "src/thing/OFL.txt"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@b.invalid")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    path, info = tmp_path / "thing.whl", "thing-1.dist-info"
    wanted = {name.removeprefix("src/"): "" for name in files}
    wanted[f"{info}/METADATA"] = "License-File: LICENSE\nLicense-File: src/thing/OFL.txt\n"
    for name in ("LICENSE", "NOTICE", "src/thing/OFL.txt"):
        wanted[f"{info}/licenses/{name}"] = ""
    for left_out in ((), ("thing/py.typed", f"{info}/licenses/NOTICE")):
        with zipfile.ZipFile(path, "w") as archive:
            for name in wanted.keys() - {*left_out}:
                archive.writestr(name, wanted[name])
        assert wheel_check().missing(path, tmp_path) == sorted(left_out)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in wanted.items():
            archive.writestr(name, "other" if name == "thing/__init__.py" else text)
    assert wheel_check().missing(path, tmp_path) == ["thing/__init__.py"]


def test_a_tag_without_its_entry_in_the_changelog_publishes_nothing() -> None:
    module = wheel_check()
    assert module.wrong_with("deckwright-0.1.0", "0.1.0") == ""
    assert "tag deckwright-0.1.0" in module.wrong_with("deckwright-0.2.0", "0.1.0")
    assert "no entry ## 9.9.9" in module.wrong_with("deckwright-9.9.9", "9.9.9")


# -- Whose it is -----------------------------------------------------------------------------------


def test_the_notice_names_each_folder_of_other_peoples_work() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    source = ROOT / "src"
    theirs = {path.parent for path in source.rglob("*") if path.suffix in (".woff", ".woff2")}
    theirs |= {path.parent for path in source.rglob("LICENSE")}
    assert len(theirs) == 3
    for folder in theirs:
        assert any((folder / name).exists() for name in LICENCES), folder
        assert f"    {folder.relative_to(ROOT).as_posix()}/ " in notice
        assert (folder / "README.md").exists()
    for path in re.findall(r"^ +(src/\S+)", notice, re.MULTILINE):
        assert (ROOT / path).exists(), path


def test_the_notice_says_of_anki_what_is_true() -> None:
    notice = " ".join((ROOT / "NOTICE").read_text(encoding="utf-8").split())
    assert "GNU Affero General Public License, version 3 or later" in notice
    assert "anki" in PROJECT["project"]["optional-dependencies"]
    assert not any(one.name == "anki" for one in needed())
    importing = {
        path.parent.name
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"^\s*(?:from|import) anki\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importing == {"real_anki"}


def test_the_wheel_says_under_which_licences_it_is() -> None:
    project = PROJECT["project"]
    assert project["license"] == "MIT AND Apache-2.0 AND OFL-1.1"
    named = {path for one in project["license-files"] for path in ROOT.glob(one)}
    theirs = {path for one in LICENCES for path in (ROOT / "src").rglob(one)}
    assert len(theirs) == 3
    assert named == {ROOT / "LICENSE", ROOT / "NOTICE", *theirs}


def test_each_font_is_under_the_licence_that_it_names_itself() -> None:
    fonts = [*(ROOT / "src").rglob("*.woff")]
    assert len(fonts) == 23
    for path in fonts:
        said = names_of(path)
        licence = (path.parent / "OFL.txt").read_text(encoding="utf-8")
        if not path.name.startswith("MathJax_Vector"):
            assert "SIL Open Font License, Version 1.1" in said[13]
            [reserved] = re.findall(r"Reserved Font Name (\w+)", said[13])
            assert reserved in licence
        assert re.findall(r"\d{4}", said[0])[0] in licence


def names_of(font: Path) -> dict[int, str]:
    """What a WOFF file says of itself: its table of names, in which 0 is whose it is, 13 its terms.

    It begins with a header of 44 bytes and a row of 20 for each table.
    """
    data = font.read_bytes()
    rows = (struct.unpack_from(">4s4I", data, 44 + 20 * row) for row in range(data[13]))
    [(start, packed, size)] = [row[1:4] for row in rows if row[0] == b"name"]
    table = data[start : start + packed]
    table = zlib.decompress(table) if packed < size else table
    _, count, texts = struct.unpack_from(">3H", table)
    found = {}
    for row in range(count):
        platform, _, _, number, length, offset = struct.unpack_from(">6H", table, 6 + 12 * row)
        text = table[texts + offset : texts + offset + length]
        found[number] = text.decode("latin-1" if platform == 1 else "utf-16-be")
    return found


def test_the_deck_says_under_which_licence_it_is() -> None:
    assert "CC-BY-SA-4.0" in (ROOT / "content" / "LICENSE").read_text(encoding="utf-8")
