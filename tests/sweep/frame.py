"""What a sweep is: cases by number, tried in batches; what it found, and how to try that again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Finding:
    """Something that no learner should get."""

    case: int
    what: str
    text: str
    """The smallest input that was found to do it."""


@dataclass
class Outcome:
    """What some cases came to."""

    counts: Counter[str] = field(default_factory=Counter)
    """How many cases, and how many of them came how far."""
    findings: list[Finding] = field(default_factory=list)


class Sweep(Protocol):
    """Cases by number; the same seed and number are the same case everywhere."""

    name: str
    total: int
    """How many cases it has."""
    batch: int
    """How many are tried together."""

    def control(self) -> Iterator[str]:
        """The known-bad cases that it does not see."""

    def attempt(self, cases: Sequence[int], seed: int) -> Outcome:
        """Try some cases."""


@dataclass(frozen=True)
class Part:
    """Which batches of a sweep are tried: every n-th, so that each part is like the whole."""

    number: int = 1
    of: int = 1

    @classmethod
    def read(cls, text: str) -> Part:
        """The part that is called ``3/10``."""
        number, _, of = text.partition("/")
        part = cls(int(number), int(of or 1))
        if not 1 <= part.number <= part.of:
            raise ValueError(text)
        return part

    def batches(self, sweep: Sweep) -> Iterator[range]:
        """Its batches of cases."""
        for index, start in enumerate(range(0, sweep.total, sweep.batch)):
            if index % self.of == self.number - 1:
                yield range(start, min(start + sweep.batch, sweep.total))


class BlindError(AssertionError):
    """A sweep does not see what is known to be bad."""


def swept(
    sweep: Sweep,
    part: Part,
    seed: int,
    minutes: float = float("inf"),
    report: Callable[[Outcome, float], None] = lambda *_: None,
) -> Outcome:
    """Try a part of a sweep, for so many minutes at most, the control first.

    Raises:
        BlindError: where the control is not seen as bad.
    """
    if unseen := [*sweep.control()]:
        raise BlindError(f"{sweep.name} does not see: {', '.join(unseen)}")
    all_, started = Outcome(), time.monotonic()
    for cases in part.batches(sweep):
        one = sweep.attempt(cases, seed)
        all_.counts += one.counts
        all_.findings += one.findings
        spent = time.monotonic() - started
        report(all_, spent)
        if spent > minutes * 60:
            break
    return all_
