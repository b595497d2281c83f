"""What a release showed is found again in git, by what it holds, and never waited for."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from deckwright.releases.earlier_files import earlier_files
from tests.decks import card, make_deck, png
from tests.fuzz.harness import patience
from tests.releases.repositories import Repository, git

NEVER_SEEN = "dot-0123456789abcdef.png"


def shows(*names: str) -> str:
    pictures = " ".join(f"![a picture to look at](media/{name})" for name in names)
    return f"# Examples\n\n{card(pictures)}"


def drawing(more: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{more}</svg>'.encode()


@pytest.fixture
def deck(tmp_path: Path) -> Repository:
    """A deck with a picture and a drawing, released as 1.0.0."""
    files: dict[str, str | bytes] = {
        "01-cards.md": shows("dot.png", "line.svg"),
        "media/dot.png": png(3, 3),
        "media/line.svg": drawing("<!-- an editor's -->"),
    }
    one = Repository(tmp_path).begins()
    make_deck(one.deck, files)
    return one.commits()


def released(one: Repository) -> tuple[str, ...]:
    return tuple(sorted(name for note in one.ledger.notes for name in note.note.media))


def redrawn(one: Repository) -> Repository:
    make_deck(one.deck, {"media/dot.png": png(5, 5), "media/line.svg": drawing("<g/>")})
    return one


def found(one: Repository, *names: str) -> dict[str, bytes]:
    ledger = one.ledger
    return {item.name: item.data for item in earlier_files(one.deck, ledger, names)}


@pytest.mark.parametrize("tag", ["deck-", "v", "", None])
def test_what_was_released_is_at_its_tag_or_at_the_commit_of_its_ledger(
    deck: Repository, tag: str | None
) -> None:
    deck.puts("1.0.0").commits()
    if tag is not None:
        git(deck.root, "tag", f"{tag}1.0.0")
    dot, line = released(redrawn(deck).commits())
    files = found(deck, dot, line)
    assert files[dot] == png(3, 3)
    assert b"editor" not in files[line], "it is what was shipped"
    assert sha256(files[line]).hexdigest()[:16] in line


def test_a_drawing_that_was_shipped_as_it_is_written_is_found(deck: Repository) -> None:
    """As deckwright 0.1.0 shipped those that it found harmless."""
    raw = drawing("<!-- an editor's -->")
    name = f"line-{sha256(raw).hexdigest()[:16]}.svg"
    deck.publishes("1.0.0")
    assert name not in released(deck)
    assert found(deck, name) == {name: raw}


def test_it_is_found_on_another_branch_by_its_tag(deck: Repository) -> None:
    git(deck.root, "branch", "other")
    deck.publishes("1.0.0")
    names = released(deck)
    ledger = deck.ledger
    deck.on("other")
    assert {item.name for item in earlier_files(deck.deck, ledger, names)} == {*names}


def test_what_only_an_earlier_release_had_is_found_too(deck: Repository) -> None:
    deck.publishes("1.0.0")
    old = released(deck)
    redrawn(deck).commits().publishes("1.1.0", day=1)
    assert {*found(deck, *old)} == {*old}
    for name in old:
        assert name not in released(deck)


def test_a_file_that_was_moved_and_removed_since_is_found(deck: Repository) -> None:
    deck.publishes("1.0.0")
    names = released(deck)
    git(deck.root, "rm", "-q", "-r", "content/media", "content/01-cards.md")
    deck.commits()
    assert {*found(deck, *names)} == {*names}


def test_another_file_of_that_name_is_not_taken_for_it(deck: Repository) -> None:
    deck.publishes("1.0.0")
    assert found(deck, NEVER_SEEN, "dot.png", "", "../../etc/passwd") == {}


def test_without_git_or_without_time_there_is_nothing(deck: Repository) -> None:
    deck.publishes("1.0.0")
    names = released(deck)
    assert earlier_files(deck.deck, deck.ledger, names, seconds=0) == ()
    (deck.root / ".git").rename(deck.root / "elsewhere")
    assert found(deck, *names) == {}


@pytest.mark.parametrize("data", [None, b"", b"x" * 100], ids=["missing", "empty", "damaged"])
def test_what_git_has_lost_is_not_found_and_stops_nothing(
    deck: Repository, data: bytes | None
) -> None:
    deck.publishes("1.0.0")
    names = released(deck)
    blob = git(deck.root, "rev-parse", "HEAD:content/media/dot.png").strip()
    path = deck.root / ".git" / "objects" / blob[:2] / blob[2:]
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    assert names[0] not in found(deck, *names)


def test_no_tree_of_endless_folders_is_waited_for(deck: Repository) -> None:
    """Ten folders, each ten times in the next: git would list ten thousand million files."""
    deck.publishes("1.0.0")
    names = released(deck)
    blob = git(deck.root, "hash-object", "-w", "content/media/dot.png").strip()
    rows = [f"100644 blob {blob}\tdot{n}.png" for n in range(10)]
    for _ in range(10):
        tree = made(deck.root, rows)
        rows = [f"040000 tree {tree}\tf{n}" for n in range(10)]
    top = made(deck.root, [f"040000 tree {tree}\tcontent"])
    commit = git(deck.root, "commit-tree", "-m", "x", top).strip()
    git(deck.root, "tag", "deck-1.0.0", commit)
    with patience():
        assert {*found(deck, *names)} == {*names}, "the tag v1.0.0 has them"


def made(root: Path, rows: list[str]) -> str:
    given = "".join(f"{row}\n" for row in rows)
    done = subprocess.run(
        ["git", "mktree"], cwd=root, input=given, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_drawing_that_is_not_fit_any_more_is_left_out(deck: Repository) -> None:
    deck.publishes("1.0.0")
    _, line = released(deck)
    make_deck(deck.deck, {"media/line.svg": drawing("<script>x</script>")})
    deck.commits()
    git(deck.root, "tag", "deck-1.0.0")
    assert {*found(deck, line)} == {line}, "the one of the tag v1.0.0 is"
