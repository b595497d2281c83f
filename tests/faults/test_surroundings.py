"""The same package wherever, whenever and under whatever settings it is built; or clear words."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from deckwright.releases.ledger import FILE as LEDGER
from tests.decks import card, make_deck
from tests.faults.scene import EDITED, FIRST, LATER, PACKAGE, TEXT, Scene, built, released, scene

WORDS = "# Überblick\n\n" + card("Grüße, 日本語: $ß$ → {{c1::é}}.", "Frage?", "frage")
NAMES = {"ünï/日本 é.md": WORDS}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are settings of Unix")


def package_of(place: Scene, done: subprocess.CompletedProcess[str]) -> bytes:
    """What a build has made of a scene."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return (place.work / "dist" / PACKAGE).read_bytes()


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A deck with names and words in many scripts, and what a usual build makes of it."""
    place = scene(tmp_path_factory.mktemp("usual") / "x", WORDS)
    make_deck(place.work / "content", {**NAMES})
    (place.work / "content" / "01-cards.md").unlink()
    place.root.joinpath("usual").write_bytes(package_of(place, place.run("build")))
    shutil.rmtree(place.work / "dist")
    return place


@pytest.fixture
def words(usual: Scene, tmp_path: Path) -> Scene:
    """A copy of that deck, in a folder with such a name."""
    return Scene(shutil.copytree(usual.root, tmp_path / "wörter 日本"))


SETTINGS: dict[str, dict[str, str]] = {
    "LANG=C": {"LANG": "C"},
    "LC_ALL=C": {"LC_ALL": "C"},
    "POSIX without Python's help": {
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    },
    "an output of ASCII": {"PYTHONIOENCODING": "ascii"},
    "Tokyo": {"TZ": "Asia/Tokyo"},
    "no time zone": {"TZ": "Nowhere/At_all"},
    "a hash seed": {"PYTHONHASHSEED": "1"},
    "another hash seed": {"PYTHONHASHSEED": "2"},
    "a home that is not there": {"HOME": "/nowhere/at/all"},
    "a cache that cannot be": {"DECKWRIGHT_CACHE": "/dev/null/x"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_change_no_byte(name: str, words: Scene) -> None:
    done = words.run_anew("build", env=words.env | SETTINGS[name])
    assert package_of(words, done) == (words.root / "usual").read_bytes()


@pytest.mark.parametrize("name", ["LC_ALL=C", "POSIX without Python's help", "an output of ASCII"])
def test_findings_in_any_script_are_reported_in_any_locale(name: str, words: Scene) -> None:
    make_deck(words.work / "content", {"é.md": "# É\n\n## 日本\n\nno id, ü\n"})
    done = words.run_anew("check", env=words.env | SETTINGS[name])
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "[missing-id]" in done.stdout


def test_without_a_home_or_any_setting_the_bytes_are_the_same(words: Scene) -> None:
    drop = {"HOME", "LANG", "LC_ALL", "USER", "LOGNAME", "DECKWRIGHT_CACHE"}
    env = {name: value for name, value in words.env.items() if name not in drop}
    done = words.run_anew("build", env=env | {"XDG_CACHE_HOME": str(words.root / "cache")})
    assert package_of(words, done) == (words.root / "usual").read_bytes()


def test_another_working_directory_changes_no_byte(words: Scene) -> None:
    folders = (str(words.work / "content"), "-o", str(words.work / "dist"))
    done = words.run_anew("build", *folders, env=words.env, cwd=Path("/"))
    assert package_of(words, done) == (words.root / "usual").read_bytes()


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o000, 0o666), (0o022, 0o644)])
def test_the_umask_sets_who_may_read_the_package_and_changes_no_byte(
    mask: int, mode: int, words: Scene
) -> None:
    done = words.run("build", before=partial(os.umask, mask))
    assert package_of(words, done) == (words.root / "usual").read_bytes()
    assert {path.stat().st_mode & 0o777 for path in (words.work / "dist").iterdir()} == {mode}


# -- The disk --------------------------------------------------------------------------------------


def _bound_by_permissions() -> None:
    """Let even root be refused what the bits of a file refuse: drop CAP_DAC_OVERRIDE."""
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


def run_bound(
    place: Scene, *args: str, before: Callable[[], None] = _bound_by_permissions
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deckwright", *args],
        cwd=place.work,
        env=place.env,
        capture_output=True,
        text=True,
        preexec_fn=before,
    )


def reported(done: subprocess.CompletedProcess[str], words: str) -> None:
    """The run ended with one line that says what is wrong with its surroundings."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert re.search(words, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


@pytest.fixture
def locked() -> Callable[[Path], None]:
    """Takes the right to write into a folder away."""
    if not sys.platform.startswith("linux"):
        pytest.skip("capabilities are Linux's")
    return lambda folder: folder.chmod(0o555)


def test_a_folder_that_cannot_be_written_is_reported(
    tmp_path: Path, locked: Callable[[Path], None]
) -> None:
    place = built(tmp_path / "x")
    before = place.tree()
    locked(place.work / "dist")
    reported(run_bound(place, "build"), "dist.*: Permission denied")
    assert place.tree() == before


def test_a_deck_that_can_only_be_read_is_built_and_not_released(
    tmp_path: Path, locked: Callable[[Path], None]
) -> None:
    pytest.importorskip("anki")
    place = released(tmp_path / "x")
    before = place.tree()
    locked(place.work / "content")
    assert run_bound(place, "build").returncode == 0
    reported(run_bound(place, "release", "1.1.0"), f"{LEDGER}.*: Permission denied")
    after = place.tree()
    assert {name: after[name] for name in before} == before


def test_a_deck_that_may_not_be_read_is_reported(
    tmp_path: Path, locked: Callable[[Path], None]
) -> None:
    del locked
    place = built(tmp_path / "x")
    (place.work / "content" / "01-cards.md").chmod(0)
    done = run_bound(place, "build")
    assert done.returncode == 1, done.stderr
    assert "01-cards.md cannot be read (Permission denied)" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["check --rules", "build", "diff"])
def test_a_full_disk_behind_the_output_is_reported_once(command: str, tmp_path: Path) -> None:
    place = built(tmp_path / "x")
    before = place.tree()
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "deckwright", *command.split()],
            cwd=place.work,
            env=place.env,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "Error: No space left on device\n"
    after = place.tree()
    assert after.keys() == before.keys()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {name for name in before if name.startswith("dist/")}
    for name in changed:  # written before the output could not be: another package, whole
        if name.endswith(".apkg"):
            assert zipfile.ZipFile(BytesIO(after[name])).testzip() is None


def test_who_stops_reading_gets_no_traceback(tmp_path: Path) -> None:
    place = scene(tmp_path / "x", "# T\n\n" + "## No id\n\nx\n\n" * 3000)
    process = subprocess.Popen(
        [sys.executable, "-m", "deckwright", "check"],
        cwd=place.work,
        env=place.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stderr
    assert process.stdout.readline()
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait()


def test_a_limit_on_the_size_of_files_is_reported_and_costs_nothing(tmp_path: Path) -> None:
    import resource

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

    place = built(tmp_path / "x")
    before = place.tree()
    reported(run_bound(place, "build", before=small), "File too large")
    assert place.tree() == before


def test_a_disk_that_is_really_full_costs_nothing(tmp_path: Path) -> None:
    """On a small file system of its own, where the kernel lets us mount one."""
    place = built(tmp_path / "x")
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=64k tmpfs "$1" || exit 77; cp dist/* "$1"; '
        'head -c 100000 /dev/zero >"$1/fill" 2>/dev/null; '
        '"$2" -m deckwright build -o "$1"; echo "code $?"; rm "$1/fill"; '
        'cmp dist/examples-dev.apkg "$1/examples-dev.apkg" && echo same; ls -A "$1" | wc -l'
    )
    enter = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare")
    done = subprocess.run(
        [*enter, "sh", "-c", script, "sh", str(disk), sys.executable],
        cwd=place.work,
        env=place.env,
        capture_output=True,
        text=True,
    )
    if done.returncode == 77 or done.returncode == 1:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    assert done.stderr.endswith("No space left on device\n"), done.stderr
    assert done.stdout.splitlines()[-3:] == ["code 2", "same", "2"]


# -- Two at once -----------------------------------------------------------------------------------


def at_once(places: list[Scene], *args: str) -> list[subprocess.CompletedProcess[str]]:
    """Run the same command in each scene at the same time."""
    with ThreadPoolExecutor(len(places)) as pool:
        return [*pool.map(lambda place: place.run(*args), places)]


def test_builds_at_once_into_one_folder_leave_the_package_and_the_hashes_of_one(
    tmp_path: Path,
) -> None:
    one, other = scene(tmp_path / "one", TEXT), scene(tmp_path / "other", EDITED)
    out = tmp_path / "out"
    for _ in range(3):
        for done in at_once([one, other, one, other], "build", "-o", str(out)):
            assert done.returncode == 0, done.stderr
        assert len([*out.iterdir()]) == 2
        checked = subprocess.run(["sha256sum", "--check", f"{PACKAGE}.sha256"], cwd=out)
        assert checked.returncode == 0


def test_releases_at_once_make_one_release(tmp_path: Path) -> None:
    pytest.importorskip("anki")
    place = released(tmp_path / "x")
    undisturbed = place.copy("undisturbed")
    assert undisturbed.run("release", "1.1.0").returncode == 0
    for done in at_once([place, place], "release", "1.1.0"):
        assert done.returncode == 0 or "written meanwhile: release again" in done.stderr
        assert "Traceback" not in done.stderr
    assert place.tree() == undisturbed.tree()
    place.nothing_is_left()


# -- The clock, and the cache ----------------------------------------------------------------------


def test_a_clock_that_goes_backwards_takes_nothing_from_learners(tmp_path: Path) -> None:
    pytest.importorskip("anki")
    place = released(tmp_path / "x")
    earlier = {"SOURCE_DATE_EPOCH": str(FIRST - 3_600)}
    assert place.run("build", env=earlier).returncode == 0
    done = place.run("release", "1.1.0", env=earlier)
    assert done.returncode == 0, done.stderr
    again = place.run("build", env={"SOURCE_DATE_EPOCH": LATER})
    assert again.returncode == 0
    assert "none since 1.1.0" in again.stdout


@pytest.mark.parametrize("what", ["torn", "foreign", "edited", "binary", "empty", "folder"])
def test_a_cache_that_is_no_cache_changes_no_byte(what: str, words: Scene) -> None:
    path = words.root / "cache" / "formulas.json"
    good = path.read_bytes()
    path.unlink()
    if what == "folder":
        path.mkdir()
    else:
        path.write_bytes(
            {
                "torn": good[: len(good) // 2],
                "foreign": good.replace(b"formulas 1", b"formulas 2"),
                "edited": good.replace(b'{"', b'{"x', 1),
                "binary": bytes(range(256)),
                "empty": b"",
            }[what]
        )
    assert package_of(words, words.run("build")) == (words.root / "usual").read_bytes()
    assert what == "folder" or path.read_bytes() == good
