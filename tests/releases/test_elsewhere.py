"""What was published counts: a release that the ledger lacks is named, and mended as the cure says.

The cures are run as they are printed, from where the user is.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deckwright.compile import compile_deck
from deckwright.releases import changelog
from deckwright.releases.changelog import to_markdown
from deckwright.releases.elsewhere import elsewhere, tag_names
from deckwright.releases.ledger import FILE
from tests.decks import TOML, card, make_deck
from tests.program import run
from tests.releases.repositories import DAY, T0, Repository, git

pytest.importorskip("anki")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A deck that was published as 1.0.0."""
    return Repository(tmp_path).begins().writes("as 1.0.0 says").publishes("1.0.0")


def test_a_deck_whose_releases_are_all_in_its_ledger_has_no_warning(repository: Repository) -> None:
    assert not repository.warnings()
    repository.writes("as 1.1.0 says").publishes("1.1.0", 1)
    assert not repository.warnings()
    repository.writes("as 1.2.0 says").commits()
    repository.releases("1.2.0")


# -- Where releases are found ----------------------------------------------------------------------


def reverted(one: Repository) -> None:
    """d05: a bad release is taken back, its ledger too."""
    one.writes("as 1.1.0 says").publishes("1.1.0", 1)
    git(one.root, "revert", "--no-edit", "HEAD")


def reverted_without_a_tag(one: Repository) -> None:
    """d05: and nobody had tagged it."""
    reverted(one)
    git(one.root, "tag", "-d", "v1.1.0")


def lost_on_a_branch(one: Repository) -> None:
    """f04: the branch of a release is never merged back."""
    one.on("release", "-b").writes("as 1.1.0 says").publishes("1.1.0", 1, tag="")
    one.on("main").writes("as main says").commits()


def lost_on_a_remote(one: Repository) -> None:
    """f04: and only the remote has it."""
    lost_on_a_branch(one)
    git(one.root, "update-ref", "refs/remotes/origin/release", "release")
    git(one.root, "branch", "-D", "release")


def stashed(one: Repository) -> None:
    """h01: the ledger of a published release was not committed, but stashed."""
    one.writes("as 1.1.0 says").commits().puts("1.1.0", 1)
    git(one.root, "stash")
    one.writes("as 1.2.0 says").commits()


def only_in_the_changelog(one: Repository) -> None:
    """d06: of a published release, the ledger is lost; the changelog was committed."""
    before = (one.deck / FILE).read_bytes()
    one.writes("as 1.1.0 says").puts("1.1.0", 1)
    (one.deck / FILE).write_bytes(before)
    one.commits()


def gone(one: Repository) -> None:
    """d08: the ledger is gone."""
    (one.deck / FILE).unlink()
    one.commits()


def all_gone(one: Repository) -> None:
    """g03: and the changelog, too."""
    gone(one)
    changelog.path_for(one.deck).unlink()
    one.commits()


def gone_without_a_tag(one: Repository) -> None:
    """d08: the changelog and the history have it."""
    gone(one)
    git(one.root, "tag", "-d", "v1.0.0")


ROOT = Path(__file__).parent.parent.parent
CASES: list[tuple[Callable[[Repository], None], list[str], bool]] = [
    (reverted, ["1.0.0", "1.1.0"], True),
    (reverted_without_a_tag, ["1.0.0", "1.1.0"], False),
    (lost_on_a_branch, ["1.0.0", "1.1.0"], True),
    (lost_on_a_remote, ["1.0.0", "1.1.0"], True),
    (stashed, ["1.0.0", "1.1.0"], True),
    (gone, ["1.0.0"], True),
    (all_gone, ["1.0.0"], True),
    (gone_without_a_tag, ["1.0.0"], True),
]


@pytest.mark.parametrize(
    ("lose", "after", "warned"), CASES, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_release_that_the_ledger_lacks_is_named_and_taken_back_as_the_cure_says(
    lose: Callable[[Repository], None], after: list[str], warned: bool, repository: Repository
) -> None:
    lose(repository)
    assert len(repository.warnings()) == warned
    said = repository.releases("1.2.0", code=2)
    assert f"{after[-1]} was released" in said
    repository.obeys(said)
    assert repository.versions == after
    assert not repository.warnings()
    repository.commits().vouches().releases("1.2.0")
    assert [one.version for one in repository.ledger.releases] == [*after, "1.2.0"]


def test_what_another_branch_would_release_is_nothing_to_a_pull_request(
    repository: Repository,
) -> None:
    repository.commits().on("release", "-b").writes("released").puts("1.1.0", 1).commits()
    repository.on("main").on("mine", "-b").writes("mine").commits()
    assert repository.warnings()
    rules = {one.rule for one in compile_deck(repository.deck, base="main").problems}
    assert "release-elsewhere" not in rules
    git(repository.root, "tag", "deck-1.1.0", "release")
    rules = {one.rule for one in compile_deck(repository.deck, base="main").problems}
    assert "release-elsewhere" in rules


@pytest.mark.parametrize("lose", [reverted, lost_on_a_branch, stashed, gone, all_gone])
def test_check_prints_the_same_cure_and_build_warns(
    lose: Callable[[Repository], None], repository: Repository
) -> None:
    lose(repository)
    done = run("check", cwd=repository.root)
    assert done.returncode == 0
    [line] = [line for line in done.stdout.splitlines() if "[release-elsewhere]" in line]
    assert ": warning: " in line
    assert line in run("build", cwd=repository.root).stderr
    repository.obeys(line)
    assert not repository.warnings()


@pytest.mark.parametrize("version", ["1.1.0", "1.2.0"])
def test_d06_d07b_what_only_the_changelog_tells_is_released_by_no_other_version(
    version: str, repository: Repository
) -> None:
    only_in_the_changelog(repository)
    [said] = repository.warnings()
    assert "1.1.0 was released (" in said
    said = repository.releases(version, code=2)
    assert "git -C content log --all" in said


@pytest.mark.parametrize("tag", tag_names("1.1.0"))
def test_d07b_a_tag_of_this_very_version_is_enough(tag: str, repository: Repository) -> None:
    """h01: the ledger of the release was never committed."""
    repository.writes("as 1.1.0 says").commits()
    git(repository.root, "tag", tag)
    said = repository.releases("1.1.0", code=2)
    assert f"the tag {tag} says that 1.1.0 was released" in said
    repository.obeys(said)
    repository.releases("1.1.0")


def test_a_tag_of_the_tool_or_of_another_version_is_none_of_the_deck(
    repository: Repository,
) -> None:
    for tag in ("deckwright-1.1.0", "v1.1", "v1.1.0-rc1", "other-1.1.0"):
        git(repository.root, "tag", tag)
    repository.writes("as 1.1.0 says").commits().releases("1.1.0")


def test_h01_a_ledger_that_is_not_committed_is_never_to_be_stashed(repository: Repository) -> None:
    repository.writes("as 1.1.0 says").commits().puts("1.1.0", 1)
    said = repository.releases("1.2.0", code=2)
    assert "commit them, the ledger too" in said
    assert "stash" not in said


def test_d01_a_hotfix_of_an_older_line_needs_no_ledger_of_the_newer(repository: Repository) -> None:
    repository.writes("as 1.1.0 says").publishes("1.1.0", 1)
    repository.on("v1.0.0", "-b", "hotfix").writes("as 1.0.1 says").commits()
    repository.releases("1.0.1")
    repository.commits().on("main").writes("as 1.2.0 says").commits()
    said = repository.releases("1.2.0", code=2)
    assert "1.0.1 was released (hotfix)" in said
    repository.obeys(said)
    assert "no tag of git vouches for 1.0.1" in repository.commits().releases("1.2.0", code=2)
    repository.vouches().releases("1.2.0")
    assert repository.versions == ["1.0.0", "1.0.1", "1.1.0", "1.2.0"]


def test_d07b_one_version_with_two_contents_is_named(repository: Repository) -> None:
    repository.on("other", "-b").writes("as other says").publishes("1.1.0", 1, tag="")
    repository.on("main").writes("as main says").publishes("1.1.0", 2, tag="")
    [said] = repository.warnings()
    assert "1.1.0 was released with other content, too (other)" in said
    repository.writes("as 1.2.0 says").commits()
    repository.obeys(repository.releases("1.2.0", code=2))
    assert repository.ledger.last.time == T0 + DAY


def test_a_deck_of_another_key_or_in_another_folder_is_another_deck(
    repository: Repository,
) -> None:
    fork = repository.root / "fork"
    toml = 'key = "fork"\nname = "Fork"\n'
    text = (repository.deck / "01-cards.md").read_bytes()
    make_deck(fork, {"deck.toml": toml, "01-cards.md": text})
    assert not compile_deck(fork).problems
    make_deck(repository.deck, {"deck.toml": toml})
    for name in (FILE, changelog.FILE):
        (repository.deck / name).unlink()
    assert not repository.warnings()
    repository.commits().releases("1.0.0")


# -- Advice that leads on --------------------------------------------------------------------------


def test_d08_a_damaged_ledger_is_taken_back_as_the_cure_says(repository: Repository) -> None:
    path = repository.deck / FILE
    before = path.read_bytes()
    path.write_bytes(before.replace(b"1.0.0", b"1.0.1"))
    repository.obeys(repository.checks("bad-ledger"))
    assert path.read_bytes() == before


def test_d01_conflict_markers_in_a_ledger_are_mended_as_the_cure_says(
    repository: Repository,
) -> None:
    lost_on_a_branch(repository)
    repository.publishes("1.0.1", 2)
    with pytest.raises(subprocess.CalledProcessError):
        git(repository.root, "merge", "release")
    (repository.deck / "01-cards.md").write_bytes(b"# T\n\n" + card("x").encode())
    line = repository.checks("bad-ledger")
    assert "git left the ledgers of two branches" in line
    repository.obeys(line)
    assert repository.versions == ["1.0.0", "1.0.1", "1.1.0"]


def test_c08_a_fork_with_a_key_of_its_own_is_released_once_it_heeds_the_cure(
    repository: Repository,
) -> None:
    make_deck(repository.deck, {"deck.toml": 'key = "fork"\nname = "Fork"\n'})
    repository.commits()
    repository.obeys(repository.checks("key-changed"))
    assert not compile_deck(repository.deck).problems
    repository.commits().releases("1.0.0")
    assert repository.versions == ["1.0.0"]
    assert repository.ledger.key == "fork"


def test_d05_a_release_is_taken_back_by_the_next_one_as_the_page_says(
    repository: Repository,
) -> None:
    """The bad text and the bad card of 1.1.0 are corrected at those who have them."""
    more = card("It is not.", "Is this card any good?", "bad")
    git(repository.root, "tag", "deck-1.0.0", "v1.0.0")
    repository.writes("as 1.1.0 says", more).publishes("1.1.0", 1)
    page = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```sh\n(git checkout deck-1\.0\.0.*?)```", page, re.DOTALL)
    steps = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert [step[0].rpartition("/")[2] for step in steps] == [
        "git",
        "git",
        *["deckwright", "git"],
        "deckwright",
    ]
    for program, *args in steps[:2]:
        subprocess.run([program, *args], cwd=repository.root, check=True)
    assert "the released card bad is gone" in repository.checks("id-gone")
    make_deck(repository.deck, {"deck.toml": f'{TOML}[retired]\nbad = "wrong"\n'})
    repository.commits()
    assert "1 retired" in repository.releases("1.1.1")
    assert repository.versions == ["1.0.0", "1.1.0", "1.1.1"]
    assert repository.ledger.last.changed == ("paris",)


# -- Packages --------------------------------------------------------------------------------------


def test_a_version_whose_package_is_there_with_other_content_is_not_released_again(
    repository: Repository,
) -> None:
    repository.writes("as 1.1.0 says").commits()
    repository.releases("1.1.0")
    git(repository.root, "checkout", "-q", ".")
    git(repository.root, "clean", "-fdq", "content")
    repository.releases("1.1.0", SOURCE_DATE_EPOCH=str(T0 + 40 * DAY))
    git(repository.root, "checkout", "-q", ".")
    repository.writes("as the other 1.1.0 says").commits()
    said = repository.releases("1.1.0", code=2)
    assert "dist/examples-1.1.0.apkg is another package of this version" in said
    (repository.root / "dist" / "examples-1.1.0.apkg").write_bytes(b"no package")
    assert "is another package" in repository.releases("1.1.0", code=2)


# -- Git -------------------------------------------------------------------------------------------


def test_git_runs_no_program_of_a_repository_and_writes_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    repository.on("release", "-b").writes("as 1.1.0 says").publishes("1.1.0", 1)
    repository.on("main")
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(sprung))}\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "core.editor", "gpg.program"):
        git(repository.root, "config", name, str(trap))
    for name in ("log.showSignature", "core.alternateRefsCommand"):
        git(repository.root, "config", name, "true")
    index = (repository.root / ".git" / "index").read_bytes()
    assert repository.warnings()
    assert run("release", "1.2.0", cwd=repository.root).returncode == 2
    repository.obeys(f"x: deckwright ledger merge content/{FILE} release")
    assert run("release", "1.2.0", cwd=repository.root).returncode == 2
    assert not sprung.exists()
    assert (repository.root / ".git" / "index").read_bytes() == index


def test_a_folder_without_a_repository_is_never_a_question_for_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_deck(tmp_path, {"01-cards.md": f"# T\n\n{card('x')}"})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not elsewhere(tmp_path, "examples", None)
    (tmp_path / ".git").mkdir()
    assert not elsewhere(tmp_path, "examples", None)


def test_what_other_branches_hold_cannot_break_a_check(repository: Repository) -> None:
    """Neither a damaged ledger nor a name like an option or a command of a shell."""
    for number, text in enumerate(
        (
            b"",
            b'{"row": "deck"}\n{"row": "release"}\n',
            b'{"row": "deck", "key": "examples"}\n{"row": "release", "version": 1}\n',
            b'{"row": "deck", "key": "examples"}\n["row": "release"]\n',
            b'["\\"row\\": \\"deck\\"", "row", {"row": "deck"}]\n',
            b'{"row": "deck", "key": "examples"}\n{"row": "release", "version": "%s"}'
            % (b"9" * 9_999),
            b'{"row": "deck", "key": "examples"}\n' + b"[" * 99_999 + b'"row": "release"',
        )
    ):
        repository.on(f"b{number}", "-b")
        (repository.deck / FILE).write_bytes(text)
        repository.commits().on("main")
    changes = changelog.path_for(repository.deck)
    changes.write_text(changes.read_text() + f"\n## 1.{'9' * 9_999}.0 (2020-01-01)\n")
    assert not repository.warnings()
    changes.write_text(to_markdown(repository.ledger))
    repository.on("$(touch${IFS}x);y", "-b").writes("z").publishes("1.1.0", 1, "")
    repository.on("main")
    [said] = repository.warnings()
    repository.obeys(said)
    assert repository.versions == ["1.0.0", "1.1.0"]


def test_hundreds_of_refs_are_looked_at_at_once(repository: Repository) -> None:
    repository.on("release", "-b").writes("as 1.1.0 says").publishes("1.1.0", 1)
    repository.on("main")
    commit = git(repository.root, "rev-parse", "main").strip()
    lines = "".join(f"create refs/heads/b{number} {commit}\n" for number in range(500))
    command = ["git", "update-ref", "--stdin"]
    subprocess.run(command, cwd=repository.root, input=lines, text=True, check=True)
    started = time.monotonic()
    assert len(elsewhere(repository.deck, "examples", repository.ledger)) == 1
    assert time.monotonic() - started < 2


def test_a_partial_clone_is_told_how_to_get_the_ledgers_that_it_lacks(
    repository: Repository, tmp_path: Path
) -> None:
    repository.writes("as 1.1.0 says").publishes("1.1.0", 1)
    git(repository.root, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    filtered = ("clone", "-q", "--filter=blob:none", "--branch", "v1.0.0")
    git(tmp_path, *filtered, f"file://{repository.root}", str(clone))
    other = Repository(clone)
    assert not other.warnings()
    other.obeys(other.releases("1.2.0", code=2))
    assert "1.1.0 was released (origin/main)" in other.releases("1.2.0", code=2)


def test_a_git_that_fails_stops_a_release_in_its_own_words_and_no_check(
    repository: Repository,
) -> None:
    (repository.root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (repository.root / ".git" / "config").write_text("[core\n")
    assert not repository.warnings()
    done = run("release", "1.1.0", cwd=repository.root, env={**os.environ})
    assert done.returncode == 2
    assert "Error: git: " in done.stderr
