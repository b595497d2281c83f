"""A deck in a repository of git, and those who release it there and heed what they read."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from deckwright.compile import compile_deck
from deckwright.model import Source
from deckwright.releases import changelog
from deckwright.releases.changelog import to_markdown
from deckwright.releases.elsewhere import tag_names
from deckwright.releases.ledger import FILE, Ledger, from_text
from tests.decks import TOML, card, make_deck
from tests.decks import release as put_into_ledger
from tests.program import run

DAY = 86_400
T0 = 1_600_000_000
WHO = ("-c", "user.name=x", "-c", "user.email=x@example.org")


def git(root: Path, *args: str) -> str:
    command = ["git", *WHO, *args]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


class Repository:
    """A deck in the folder ``content`` of a repository."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.deck = root / "content"

    def begins(self) -> Repository:
        make_deck(self.deck, {"deck.toml": TOML})
        git(self.root, "init", "-q", "-b", "main")
        return self

    def writes(self, answer: str, more: str = "") -> Repository:
        text = card(f"Paris, {answer}.", "Which city is the capital of France?", "paris")
        make_deck(self.deck, {"01-cards.md": f"# Examples\n\n{text}\n{more}"})
        return self

    def vouches(self) -> Repository:
        """Tag what is committed for each release that has no tag."""
        known = set(git(self.root, "tag").split())
        for version in self.versions:
            if known.isdisjoint(tag_names(version)):
                git(self.root, "tag", f"deck-{version}")
        return self

    def commits(self, message: str = "x") -> Repository:
        git(self.root, "add", "--all")
        git(self.root, "commit", "-q", "--allow-empty", "-m", message)
        return self

    def puts(self, version: str, day: int = 0) -> Repository:
        """Release as the command does, without its rehearsal and its package."""
        done = put_into_ledger(self.deck, version, T0 + day * DAY)
        path = changelog.path_for(self.deck)
        path.write_text(to_markdown(done.ledger), encoding="utf-8")
        return self

    def publishes(self, version: str, day: int = 0, tag: str = "v") -> Repository:
        self.puts(version, day).commits(version)
        if tag:
            git(self.root, "tag", tag + version)
        return self

    def on(self, branch: str, *args: str) -> Repository:
        git(self.root, "checkout", "-q", *args, branch)
        return self

    @property
    def ledger(self) -> Ledger:
        text = (self.deck / FILE).read_text(encoding="utf-8")
        read, found = from_text(Source(FILE, text))
        assert read, found
        return read

    @property
    def versions(self) -> list[str]:
        return [one.version for one in self.ledger.releases]

    def warnings(self) -> list[str]:
        """What `check` says of releases elsewhere."""
        found = compile_deck(self.deck).problems
        return [one.message for one in found if one.rule == "release-elsewhere"]

    def checks(self, rule: str) -> str:
        """The one line of `check` about a rule."""
        done = run("check", cwd=self.root)
        [line] = [line for line in done.stdout.splitlines() if f"[{rule}]" in line]
        return line

    def releases(self, version: str, code: int = 0, **env: str) -> str:
        env = {"SOURCE_DATE_EPOCH": str(T0 + 30 * DAY), **env}
        before = git(self.root, "status", "--porcelain")
        done = run("release", version, cwd=self.root, env=env)
        assert done.returncode == code, done.stdout + done.stderr
        assert not code or git(self.root, "status", "--porcelain") == before
        return done.stdout + done.stderr

    def obeys(self, said: str) -> None:
        """Run the command that a message names first in backticks, or else ends with."""
        line = re.sub(r" \[[a-z-]+\]$", "", said.strip().splitlines()[-1])
        quoted = re.search(r"`((?:git|deckwright) [^`]+)`", line)
        command = quoted[1] if quoted else re.split(r": (?=git |deckwright )", line)[-1]
        program, *args = shlex.split(command)
        if program == "git":
            git(self.root, *args)
        else:
            assert run(*args, cwd=self.root).returncode == 0
