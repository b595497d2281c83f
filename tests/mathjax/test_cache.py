"""The cache of verdicts: whatever happens to its file, a build goes on, with the right verdicts."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from deckwright.compile import compile_deck
from deckwright.mathjax import cache as cache_module
from deckwright.mathjax.cache import Cache, CacheInsideError, default_path
from deckwright.mathjax.engine import Typeset, Verdict
from tests.decks import card, make_deck
from tests.program import run

A, B = Typeset("a", display=False), Typeset("a", display=True)
FULL = Verdict(
    "Misplaced &", "Misplaced", 3, False, ("bm",), ("\\a",), ('id="x"',), True, True, 0.1, ("I",)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "formulas.json"


def fill(path: Path) -> None:
    cache = Cache(path, "engine")
    cache.put(A, FULL)
    cache.put(B, Verdict())
    cache.save()


def test_a_verdict_on_any_formula_comes_back_as_it_was_and_for_its_engine_alone(path: Path) -> None:
    fill(path)
    odd = [Typeset(tex, display=False) for tex in ("\ud800", "\0", "\u2028", "😀", '"\n\\')]
    cache = Cache(path, "engine")
    for one in odd:
        cache.put(one, Verdict(error=one.tex))
    cache.save()
    again = Cache(path, "engine")
    assert (again.get(A), again.get(B)) == (FULL, Verdict())
    assert [again.get(one) for one in odd] == [Verdict(error=one.tex) for one in odd]
    assert again.get(Typeset("b", display=False)) is None
    assert Cache(path, "another").get(A) is None
    before = path.stat()
    again.save()
    assert path.stat() == before, "nothing was new"


def test_a_file_with_any_byte_changed_or_missing_is_ignored_and_written_anew(path: Path) -> None:
    fill(path)
    whole = path.read_bytes()
    changed = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for data in (*changed, b"", whole[:40], whole[:-1], b"\xff\xfe\n{}", b"{}", b"\n\n"):
        path.write_bytes(data)
        assert Cache(path, "engine").get(A) is None
    fill(path)
    assert path.read_bytes() == whole


def test_what_cannot_be_written_is_done_without(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.mkdir(parents=True)
    fill(path)
    fill(path.parent / "formulas.json" / "below" / "formulas.json")
    (path.parent / "file").write_text("")
    fill(path.parent / "file" / "formulas.json")
    good = path.parent / "good.json"
    fill(good)

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache = Cache(good, "engine")
    cache.put(Typeset("b", display=False), Verdict())
    cache.save()
    assert Cache(good, "engine").get(A) == FULL
    assert {one.name for one in path.parent.iterdir()} == {"formulas.json", "file", "good.json"}


def test_what_a_run_did_not_use_drops_out_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [Typeset(f"old{n}", display=False) for n in range(4)]
    cache = Cache(path, "engine")
    for one in old:
        cache.put(one, Verdict())
    cache.save()
    monkeypatch.setattr(cache_module, "_MOST", 3)
    cache = Cache(path, "engine")
    cache.get(old[3])
    cache.put(A, FULL)
    cache.save()
    again = Cache(path, "engine")
    kept = [again.get(one) is not None for one in (A, old[3], old[0], old[1], old[2])]
    assert kept == [True, True, True, False, False]


def test_it_is_in_the_users_cache_folder_and_nowhere_for_a_user_without_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DECKWRIGHT_CACHE", raising=False)
    assert "deckwright" in default_path().parts
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: Path("~/x"))
    fill(default_path())
    assert Cache(default_path(), "engine").get(A) is None
    assert [*tmp_path.iterdir()] == []
    monkeypatch.setenv("DECKWRIGHT_CACHE", "here")
    assert default_path() == tmp_path / "here" / "formulas.json"


@pytest.mark.parametrize("variable", ["DECKWRIGHT_CACHE", "XDG_CACHE_HOME"])
@pytest.mark.parametrize("cache", ["repo/sub/content/x", "repo/cache", "link/cache", "here/.cache"])
def test_a_cache_that_a_pull_request_can_fill_is_neither_read_nor_written(
    variable: str, cache: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "repo" / "sub"
    deck = make_deck(below / "content", {"a.md": "# A\n\n" + card("$x$")})
    here = tmp_path / "here" / "below"
    here.mkdir(parents=True)
    for tree in ("repo", "here"):
        (tmp_path / tree / ".git").mkdir()
    (below / ".git").write_text("gitdir: elsewhere")  # a submodule
    (tmp_path / "link").symlink_to(tmp_path / "repo")
    monkeypatch.delenv("DECKWRIGHT_CACHE")
    ran = run("check", str(deck), cwd=here, env={variable: str(tmp_path / cache)})
    assert ran.returncode == 2
    assert "set DECKWRIGHT_CACHE to a folder outside" in ran.stderr
    assert not (tmp_path / cache).exists()
    runner = tmp_path / "runner" / "temp"
    ran = run("check", str(deck), cwd=here, env={"DECKWRIGHT_CACHE": str(runner)})
    assert ran.returncode == 0
    assert (runner / "formulas.json").is_file()


def test_a_home_that_is_kept_in_git_holds_the_cache(tmp_path: Path) -> None:
    deck = make_deck(tmp_path / "decks" / "content", {"a.md": "# A\n\n" + card("$x$")})
    (tmp_path / ".git").mkdir()
    env = {"HOME": str(tmp_path), "DECKWRIGHT_CACHE": "", "XDG_CACHE_HOME": ""}
    assert run("check", str(deck), cwd=tmp_path, env=env).returncode == 0
    assert (tmp_path / ".cache" / "deckwright" / "formulas.json").is_file()


def test_a_deck_outside_of_a_repository_holds_no_cache_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck = make_deck(tmp_path / "content", {"a.md": "# A\n\n" + card("$x$")})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DECKWRIGHT_CACHE", str(deck / "cache"))
    with pytest.raises(CacheInsideError):
        compile_deck(deck)
    monkeypatch.setenv("DECKWRIGHT_CACHE", str(tmp_path / "cache"))
    assert not compile_deck(deck).problems
