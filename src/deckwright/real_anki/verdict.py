"""What ``verify`` says of a package: how much arrived in Anki, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """How much arrived in Anki; decks include parents, not the empty "Default"."""

    notes: int = 0
    cards: int = 0
    decks: int = 0
    media: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing a learner should not get: what it is, in plain words, and what to do about it."""

    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a real Anki made of a package."""

    anki_version: str
    counts: Counts
    failures: tuple[Failure, ...]
