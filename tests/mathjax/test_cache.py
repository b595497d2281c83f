"""The cache of verdicts: whatever happens to its file, a build goes on, with the right verdicts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import platformdirs
import pytest

from deckwright.mathjax import cache as cache_module
from deckwright.mathjax.cache import Cache, default_path
from deckwright.mathjax.engine import Typeset, Verdict

A, B = Typeset("a", display=False), Typeset("a", display=True)
FULL = Verdict(
    "Misplaced &", "Misplaced", 3, False, ("bm",), ("\\a",), ('id="x"',), True, True, 0.1
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "formulas.json"


def opened(path: Path, identity: str = "engine") -> Cache:
    cache = Cache(identity)
    cache.load(path)
    return cache


def fill(path: Path) -> None:
    cache = opened(path)
    cache.put(A, FULL)
    cache.put(B, Verdict())
    cache.save()


def test_a_verdict_comes_back_as_it_was(path: Path) -> None:
    fill(path)
    cache = opened(path)
    assert (cache.get(A), cache.get(B)) == (FULL, Verdict())
    assert cache.get(Typeset("b", display=False)) is None


def test_any_string_can_be_remembered(path: Path) -> None:
    odd = [Typeset(tex, display=False) for tex in ("\ud800", "\0", "\u2028", "😀", '"\n\\')]
    cache = opened(path)
    for one in odd:
        cache.put(one, Verdict(error=one.tex))
    cache.save()
    again = opened(path)
    assert [again.get(one) for one in odd] == [Verdict(error=one.tex) for one in odd]


def test_another_engines_verdicts_are_never_read(path: Path) -> None:
    fill(path)
    assert opened(path, "another").get(A) is None


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_torn_file_is_ignored_and_written_anew(path: Path, kept: int) -> None:
    fill(path)
    path.write_bytes(path.read_bytes()[:kept])
    assert opened(path).get(A) is None
    fill(path)
    assert opened(path).get(A) == FULL


@pytest.mark.parametrize(
    "body",
    ["[]", "null", "3", '{"Iy": 5}', '{"Iy": {"foo": 1}}', '{"Iy": {"error": 3}}', '{"Iy": []}'],
)
def test_a_file_of_another_shape_is_ignored(path: Path, body: str) -> None:
    fill(path)
    head = path.read_bytes().partition(b"\n")[0].decode().rpartition(" ")[0]
    digest = sha256(body.encode()).hexdigest()
    path.write_text(f"{head} {digest}\n{body}", encoding="utf-8")
    assert opened(path).get(Typeset("y", display=False)) is None
    assert opened(path).get(A) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are those of Unix")
def test_a_pipe_in_its_place_is_not_waited_for(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    assert opened(path).get(A) is None


def test_a_file_with_any_byte_changed_is_ignored(path: Path) -> None:
    fill(path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert opened(path).get(A) is None


def test_a_foreign_file_is_ignored(path: Path) -> None:
    path.parent.mkdir(parents=True)
    for data in (b"\xff\xfe\n{}", b"{}", b"\n\n\n", b"[1]\n[1]"):
        path.write_bytes(data)
        assert opened(path).get(A) is None


def test_a_folder_in_its_place_is_left_alone(path: Path) -> None:
    path.mkdir(parents=True)
    fill(path)
    assert opened(path).get(A) is None
    assert [*path.parent.iterdir()] == [path]


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fill(tmp_path / "file" / "formulas.json")
    fill(Path("/proc/1/nowhere/formulas.json"))
    assert (tmp_path / "file").read_text() == ""


def test_a_folder_that_cannot_be_written_to_is_done_without(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o500)
    try:
        fill(path)  # where the user is root it is written all the same
        assert opened(path).get(A) in (None, FULL)
    finally:
        path.parent.chmod(0o700)


def test_a_full_disk_is_done_without(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(path)
    before = path.read_bytes()

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache = opened(path)
    cache.put(Typeset("b", display=False), Verdict())
    cache.save()
    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]


def test_nothing_new_writes_nothing(path: Path) -> None:
    fill(path)
    before = path.stat()
    cache = opened(path)
    cache.get(A)
    cache.save()
    assert path.stat() == before


def test_what_a_run_did_not_use_drops_out_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [Typeset(f"old{n}", display=False) for n in range(4)]
    cache = opened(path)
    for one in old:
        cache.put(one, Verdict())
    cache.save()
    monkeypatch.setattr(cache_module, "_MOST", 3)
    cache = opened(path)
    cache.get(old[3])
    cache.put(A, FULL)
    cache.save()
    again = opened(path)
    assert [again.get(one) is not None for one in (A, old[3], old[0], old[1], old[2])] == [
        *(True, True, True, False, False)
    ]


def test_two_processes_that_save_at_once_leave_a_whole_file(path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from deckwright.mathjax.cache import Cache\n"
        "from deckwright.mathjax.engine import Typeset, Verdict\n"
        "for n in range(100):\n"
        "    cache = Cache('engine')\n"
        "    cache.load(Path(sys.argv[1]))\n"
        "    cache.put(Typeset('a', False), Verdict(width=1.0))\n"
        "    cache.put(Typeset(f'{sys.argv[2]}{n}' * 500, False), Verdict(width=float(n)))\n"
        "    cache.save()\n"
    )
    arguments = [sys.executable, "-c", code, str(path)]
    running = [subprocess.Popen([*arguments, name]) for name in ("x", "y")]
    read = 0
    while any(process.poll() is None for process in running):
        if path.exists():
            assert opened(path).get(A) == Verdict(width=1.0)
            read += 1
    assert [process.returncode for process in running] == [0, 0]
    assert read > 3
    assert [*path.parent.iterdir()] == [path]


def test_ten_thousand_verdicts_are_read_in_milliseconds(path: Path) -> None:
    cache = opened(path)
    formulas = [Typeset(rf"\frac{{a_{{{n}}}}}{{b}} + c", display=False) for n in range(10_000)]
    for n, one in enumerate(formulas):
        cache.put(one, Verdict(width=n / 7))
    cache.save()
    started = time.process_time()
    again = opened(path)
    assert time.process_time() - started < 0.2  # measured: 0.01
    assert again.get(formulas[-1]) == Verdict(width=9_999 / 7)


def test_it_stands_in_the_users_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DECKWRIGHT_CACHE", raising=False)
    assert "deckwright" in default_path().parts
    monkeypatch.setenv("DECKWRIGHT_CACHE", str(tmp_path))
    assert default_path() == tmp_path / "formulas.json"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DECKWRIGHT_CACHE", "here")
    assert default_path() == tmp_path / "here" / "formulas.json"


def test_who_has_no_home_has_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: Path("~/x"))
    monkeypatch.delenv("DECKWRIGHT_CACHE", raising=False)
    fill(default_path())
    assert opened(default_path()).get(A) is None
    assert [*tmp_path.iterdir()] == []
