"""Nothing in a deck's folder makes git do anything, or hides anything from a reviewer."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.model import Problem
from deckwright.releases import changelog
from deckwright.releases.git import GitError, read, tags, uncommitted
from deckwright.releases.ledger import FILE
from deckwright.releases.repository import repository_of
from tests.decks import card, make_deck
from tests.program import run
from tests.releases.repositories import Repository, git

FILTERED = "* filter=trap diff=trap merge=trap\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A deck in its repository, released once, with a second branch."""
    one = Repository(tmp_path / "work").begins().writes("on the Seine").publishes("1.0.0")
    one.on("release", "-b").writes("as 1.1.0 says").publishes("1.1.0", 1)
    return one.on("main")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that says that it ran."""
    path = tmp_path / "trap"
    path.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(tmp_path / 'sprung'))}\nexit 1\n")
    path.chmod(0o755)
    return path


def springs(trap: Path) -> bool:
    """Whether the trap was sprung; it is set again."""
    sprung = trap.with_name("sprung")
    was = sprung.exists()
    sprung.unlink(missing_ok=True)
    return was


def settings(trap: Path) -> str:
    """A configuration that names the trap wherever git would run a program."""
    return (
        f'[core]\n\tfsmonitor = "{trap}"\n\tpager = {trap}\n\tsshCommand = {trap}\n'
        f"\thooksPath = {trap.parent}\n\talternateRefsCommand = {trap}\n"
        f"[diff]\n\texternal = {trap}\n[credential]\n\thelper = !{trap}\n"
        f'[filter "trap"]\n\tclean = {trap}\n\tsmudge = {trap}\n\tprocess = {trap}\n\trequired\n'
        f'[diff "trap"]\n\ttextconv = {trap}\n[merge "trap"]\n\tdriver = {trap}\n'
        f"[alias]\n\tstatus = !{trap}\n\tls-files = !{trap}\n\tcat-file = !{trap}\n"
    )


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def bare(folder: Path, trap: Path, tree: str = "") -> None:
    """A repository without a work tree, as files of a pull request can be one."""
    put(folder, {"HEAD": "ref: refs/heads/main\n", "objects/keep": "", "refs/keep": ""})
    put(
        folder,
        {
            "config": f"{settings(trap)}[core]\n\trepositoryformatversion = 0\n"
            f"\tworktree = {tree or f'../{folder.name}'}\n"
        },
    )


def nested(folder: Path, trap: Path) -> None:
    """A whole repository below the deck's own."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    with (folder / ".git" / "config").open("a") as config:
        config.write(settings(trap))


def pointer(folder: Path, trap: Path) -> None:
    """A file .git that leads to another repository."""
    bare(trap.parent / "elsewhere.git", trap)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".git").write_text(f"gitdir: {trap.parent / 'elsewhere.git'}\n")


def begun(folder: Path, trap: Path) -> None:
    """A bare repository whose other half is elsewhere: a file names it."""
    bare(trap.parent / "elsewhere.git", trap, str(folder))
    other = {"HEAD": "ref: refs/heads/main\n", "commondir": f"{trap.parent / 'elsewhere.git'}\n"}
    put(folder, other)


PLANTS: tuple[Callable[[Path, Path], None], ...] = (bare, nested, pointer, begun)
PLACES = ("content", "content/media", "content/note_types/own", "content/.hidden")


def found(deck: Path) -> list[Problem]:
    return [one for one in compile_deck(deck).problems if one.rule == "git-in-deck"]


@pytest.mark.parametrize("plant", [bare, nested, pointer], ids=lambda one: one.__name__)
def test_git_itself_would_obey_what_is_planted(
    plant: Callable[[Path, Path], None], repository: Repository, trap: Path
) -> None:
    """Else the tests below would show nothing."""
    plant(repository.deck, trap)
    subprocess.run(["git", "status"], cwd=repository.deck, capture_output=True)
    assert springs(trap)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("plant", PLANTS, ids=lambda one: one.__name__)
def test_no_verb_obeys_a_repository_below_the_deck(
    plant: Callable[[Path, Path], None], place: str, repository: Repository, trap: Path
) -> None:
    folder = repository.root / place
    (folder / "deeper").mkdir(parents=True)
    plant(folder, trap)
    (repository.deck / ".gitattributes").write_text(FILTERED)
    os.utime(repository.deck / "01-cards.md", (1, 1))  # git would look at it again
    assert found(repository.deck)
    assert tags(repository.deck) == ("v1.0.0", "v1.1.0")
    assert uncommitted(repository.deck)
    for verb in (["check"], ["build"], ["diff"], ["release", "1.2.0"]):
        done = run(*verb, cwd=repository.root)
        assert done.returncode == 1, done.stderr
        assert "git-in-deck" in done.stdout + done.stderr
    for cwd in (repository.root, folder / "deeper"):
        name = os.path.relpath(repository.deck, cwd)
        assert run("release", "1.2.0", name, "--dry-run", cwd=cwd).returncode == 1
        given = (f"{name}/{FILE}", "HEAD:content/ledger.jsonl")
        for ours in given:
            theirs = "release:content/ledger.jsonl"
            done = run("ledger", "merge", ours, theirs, "-o", str(trap.parent / "both"), cwd=cwd)
            assert done.returncode == 0, done.stderr
    assert not springs(trap)


def test_the_settings_of_the_repository_itself_run_nothing_either(
    repository: Repository, trap: Path
) -> None:
    """They may include a file of the work tree, which a pull request changes."""
    git(repository.root, "config", "include.path", "../.gitconfig")
    (repository.root / ".gitconfig").write_text(settings(trap))
    (repository.root / ".gitattributes").write_text(FILTERED)
    os.utime(repository.deck / "01-cards.md", (1, 1))
    repository.deck.joinpath("01-cards.md").write_text("# T\n")
    subprocess.run(["git", "diff"], cwd=repository.deck, capture_output=True)
    assert springs(trap)
    assert uncommitted(repository.deck) == ("content/01-cards.md",)
    assert repository.warnings()
    assert run("ledger", "merge", f"content/{FILE}", "release", cwd=repository.root).returncode == 0
    assert not springs(trap)


@pytest.mark.parametrize(
    "address", ["ext::{trap} %S", "ssh://x/{trap}", "trap::x", "file://{trap}"]
)
def test_what_a_repository_lacks_is_fetched_from_nowhere(
    address: str, repository: Repository, trap: Path
) -> None:
    with (repository.root / ".git" / "config").open("a") as config:
        config.write(
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = x\n"
            f'[remote "x"]\n\tpromisor = true\n\turl = {address.format(trap=trap)}\n'
            f"\tuploadpack = {trap}\n{settings(trap)}"
        )
    with pytest.raises(GitError):
        read(repository.deck, "0123456789" * 4)
    assert not springs(trap)


def test_a_git_in_the_current_folder_is_not_the_one_that_is_called(
    repository: Repository, trap: Path
) -> None:
    shutil.copy(trap, repository.root / "git")
    env = {"PATH": f":.:{os.environ['PATH']}"}
    assert run("check", cwd=repository.root, env=env).returncode == 0
    assert not springs(trap)


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_TRACE"])
def test_what_git_tells_its_hooks_of_another_repository_counts_for_nothing(
    name: str, repository: Repository, tmp_path: Path
) -> None:
    env = {name: str(tmp_path / "other")}
    done = run("check", cwd=repository.root, env=env)
    assert "release-elsewhere" in done.stdout
    assert not (tmp_path / "other").exists()


def test_a_submodule_is_refused_where_it_is_not_on_the_disk_too(repository: Repository) -> None:
    commit = git(repository.root, "rev-parse", "HEAD").strip()
    for name in ("content/sub", "beside"):
        git(repository.root, "update-index", "--add", "--cacheinfo", f"160000,{commit},{name}")
    [one] = found(repository.deck)
    assert one.place.path == (repository.deck / "sub" / ".git").as_posix()


def test_a_deck_that_is_a_submodule_is_refused(repository: Repository, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    add = ("-c", "protocol.file.allow=always", "submodule", "add", "-q")
    shutil.move(repository.deck, tmp_path / "deck")
    git(tmp_path / "deck", "init", "-q")
    git(tmp_path / "deck", "add", "--all")
    git(tmp_path / "deck", "commit", "-q", "-m", "x")
    git(outer, *add, str(tmp_path / "deck"), "content")
    assert found(outer / "content")
    assert not found(tmp_path / "deck")


def test_a_deck_may_be_a_repository_or_a_work_tree_of_its_own_in_a_home_that_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q")
    deck = make_deck(tmp_path / "deck", {"01-cards.md": f"# T\n\n{card('x')}"})
    assert repository_of(deck) == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    git(deck, "init", "-q")
    git(deck, "add", "--all")
    git(deck, "commit", "-q", "-m", "x")
    assert repository_of(deck) == repository_of(deck / "media") == deck
    assert not uncommitted(deck) and not found(deck)
    git(deck, "worktree", "add", "-q", str(tmp_path / "other"))
    assert not uncommitted(tmp_path / "other") and not found(tmp_path / "other")


HARMFUL = (
    *("*.md linguist-generated", "*.md linguist-generated=true", "* linguist-vendored"),
    *("*.md -diff", "*.md diff=none", "content/*.md binary", "ledger.jsonl -diff", "*.svg binary"),
    *("* filter=lfs", "*.md ident", "*.md working-tree-encoding=UTF-16", "*.md export-subst"),
    *("*.md eol=crlf", "*.md text eol=crlf", "*.png text", "* crlf", "* encoding=utf-16"),
    *(
        "*.md gitlab-generated",
        "/content/** -diff",
        "con*/0* -diff",
        '"*.md" -diff',
        "* merge=ours",
    ),
    *("[attr]binary linguist-generated", "[attr]quiet -diff", "*.md quiet", "**/*.md -diff"),
    *("*.[m]d -diff", "0?-cards.md -diff", "\\*.md ident", "  *.md   -diff", "CONTENT/*.MD -diff"),
    *("*.py linguist-generated", "*.md conflict-marker-size=3", "# x\n*.md text -diff"),
    *(
        '"*.md -diff',
        "*.md\r-diff",
        "*.md text\t-diff",
        "\t*.md -diff",
        "* -diff\x0b",
        "*.md\x0b -diff",
    ),
)
HARMLESS = (
    *("* text=auto", "* text=auto eol=lf", "*.md text", "*.png binary", "*.jpg -diff"),
    *("content/ledger.jsonl merge=deckwright-ledger", "content/CHANGELOG.md merge=union"),
    *("*.md linguist-documentation", "*.md linguist-detectable", "*.md linguist-language=Markdown"),
    *(
        "docs/** linguist-generated",
        "/src/*.md -diff",
        "*.ipynb linguist-generated",
        "*.psd filter=x",
    ),
    *(
        "*.md whitespace=trailing-space",
        "*.md -text",
        "*.md !diff",
        "*.md linguist-generated=false",
    ),
    *(
        "# *.md -diff",
        "",
        "content/figures/** export-ignore",
        "package-lock.json -diff",
        "/a.md -diff",
    ),
)


@pytest.mark.parametrize("line", HARMFUL)
def test_attributes_at_the_root_may_not_hide_or_change_a_file_of_the_deck(
    line: str, repository: Repository
) -> None:
    put(repository.deck, {"figures/draw.py": ""})
    (repository.root / ".gitattributes").write_text(f"* text=auto\n{line}\n")
    [one] = found(repository.deck)
    assert one.place.line == 2 + line.count("\n")


@pytest.mark.parametrize("line", ["a/** -diff", "a/b/** ident", "a/**/c/** -diff", "**/c/* -diff"])
def test_attributes_of_a_folder_above_the_deck_are_those_of_the_deck(
    line: str, tmp_path: Path
) -> None:
    deck = make_deck(tmp_path / "a" / "b" / "c", {"01.md": f"# T\n\n{card('x')}"})
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitattributes").write_text(f"{line}\n")
    assert [one.place.line for one in found(deck)] == [1]


@pytest.mark.parametrize("line", HARMLESS)
def test_attributes_that_hide_and_change_nothing_are_fine(
    line: str, repository: Repository
) -> None:
    (repository.root / ".gitattributes").write_text(f"{line}\n")
    assert not found(repository.deck)


@pytest.mark.parametrize(
    "path",
    [
        "content/.gitattributes",
        "content/media/.gitattributes",
        "content/.x/.gitattributes",
        "content/figures/.GitAttributes",
        "content/.gitmodules",
        "content/.lfsconfig",
    ],
)
def test_files_of_git_in_a_deck_are_refused(path: str, repository: Repository) -> None:
    put(repository.root, {path: ""})
    assert [one.place.path for one in found(repository.deck)] == [
        (repository.root / path).as_posix()
    ]


def test_attributes_between_the_root_and_the_deck_are_refused(repository: Repository) -> None:
    (repository.root / "decks").mkdir()
    deck = repository.root / "decks" / "content"
    shutil.move(repository.deck, deck)
    assert not found(deck)
    (repository.root / "decks" / ".gitattributes").write_text("*.md -diff\n")
    assert found(deck)


def test_the_files_that_editors_and_people_hide_in_a_deck_are_fine(repository: Repository) -> None:
    put(repository.deck, dict.fromkeys((".gitignore", ".editorconfig", ".obsidian/x.json"), ""))
    (repository.deck / ".#01-cards.md").symlink_to("me@here.123")  # Emacs, while it is written
    assert {one.rule for one in compile_deck(repository.deck).problems} == {"release-elsewhere"}
    (repository.deck / ".cards").symlink_to("/etc")
    assert "bad-file" in {one.rule for one in compile_deck(repository.deck).problems}


# -- Where is written ------------------------------------------------------------------------------


def outside(tmp_path: Path) -> Path:
    """A folder with what a build sweeps away in its own."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / ".examples-1.0.0.apkg.abcdefgh.tmp").write_text("theirs")
    return place


@pytest.mark.parametrize("out", ["dist", "out/dist", "dist/deeper", "{root}/dist"])
@pytest.mark.parametrize("verb", [["build"], ["release", "1.2.0"]], ids=" ".join)
def test_an_output_folder_that_is_a_link_is_refused_before_anything_is_written(
    verb: list[str], out: str, repository: Repository, tmp_path: Path
) -> None:
    place = outside(tmp_path)
    git(repository.root, "branch", "-D", "release")
    git(repository.root, "tag", "-d", "v1.1.0")
    link = repository.root / out.format(root=repository.root).partition("/deeper")[0]
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(place)
    git(repository.root, "config", "core.excludesFile", os.devnull)
    done = run(*verb, "-o", out.format(root=repository.root), cwd=repository.root)
    assert done.returncode == 2, done.stdout
    assert "is a symbolic link" in done.stderr and "Traceback" not in done.stderr
    assert [one.name for one in place.iterdir()] == [".examples-1.0.0.apkg.abcdefgh.tmp"]
    assert repository.versions == ["1.0.0"]


def test_a_link_outside_every_repository_may_lead_to_the_output_folder(tmp_path: Path) -> None:
    make_deck(tmp_path / "work" / "content", {"01-cards.md": f"# T\n\n{card('x')}"})
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    out = tmp_path / "link" / "out"
    assert run("build", "-o", str(out), cwd=tmp_path / "work").returncode == 0
    assert list((tmp_path / "real" / "out").glob("*.apkg"))


def strange(path: Path, kind: str) -> None:
    """Put something else than a regular file of usual size where a file should be."""
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(5 << 30)
    else:
        path.symlink_to(kind)


@pytest.mark.parametrize("name", [FILE, changelog.FILE])
@pytest.mark.parametrize("kind", ["/dev/zero", "pipe", "large", "../outside"])
def test_a_ledger_or_changelog_that_is_no_file_of_the_deck_stops_everything_at_once(
    name: str, kind: str, repository: Repository
) -> None:
    git(repository.root, "branch", "-D", "release")
    git(repository.root, "tag", "-d", "v1.1.0")
    put(repository.root, {"outside": (repository.deck / name).read_text()})
    strange(repository.deck / name, kind)
    assert run("check", cwd=repository.root, patience=20).returncode in (0, 1)
    done = run("release", "1.2.0", cwd=repository.root, patience=20)
    assert done.returncode in (1, 2)
    assert name in done.stderr and "Traceback" not in done.stderr
    assert not (repository.root / "dist").exists()


@pytest.mark.parametrize("kind", ["/dev/zero", "pipe", "content/ledger.jsonl", "large"])
def test_what_is_merged_is_a_regular_file(kind: str, repository: Repository) -> None:
    path = repository.root / "theirs.jsonl"
    strange(path, kind)
    ledger = f"content/{FILE}"
    for args in ((ledger, path.name), (path.name, ledger)):
        done = run("ledger", "merge", *args, cwd=repository.root, patience=20)
        assert done.returncode == 2, args
        assert path.name in done.stderr and "Traceback" not in done.stderr
    if path.is_symlink():
        done = run("ledger", "merge", ledger, ledger, "-o", path.name, cwd=repository.root)
        assert "is a symbolic link" in done.stderr
        assert path.is_symlink()
