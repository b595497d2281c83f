"""What makes a test a target of the fuzzer: it is counted, timed, and can be run for a night."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

SHARE = float(os.environ.get("DECKWRIGHT_FUZZ", "0.25"))
"""How many times the usual number of cases ``make test`` and ``make test-all`` try."""
PATIENCE = 10.0
"""A case that takes more seconds of a processor than this hangs."""
IMPATIENCE = 1.0
"""The same once something hung, while it is made small."""

CASES: Counter[str] = Counter()
"""How many cases each target has tried in this process: those that ran to their end."""
_HUNG: list[bool] = []


class HangError(AssertionError):
    """A case took too long."""


@dataclass(frozen=True)
class Target:
    """Something to be fuzzed."""

    name: str
    check: Callable[..., None]
    strategies: tuple[SearchStrategy[Any], ...]

    def run(self, number: int, chance: int) -> None:
        """Try a number of cases by chance; what failed in an earlier run comes first.

        Failures are made small, kept in ``.hypothesis`` for the next run, and raised.
        """
        tried = settings(
            max_examples=number,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.reuse, Phase.generate, Phase.shrink),
            print_blob=True,
        )(given(*self.strategies)(self.check))
        seed(chance)(tried)()


TARGETS: dict[str, Target] = {}
"""All targets whose modules are imported, by their names."""


def fuzz(
    *strategies: SearchStrategy[Any], cases: int
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a test a target, with so many cases in CI, always the same."""

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        name = check.__name__.removeprefix("test_").replace("_", " ")

        @wraps(check)
        def counted(*values: Any, **named: Any) -> None:
            try:
                with patience():
                    check(*values, **named)
            except Exception as error:
                error.add_note("\n".join(map(repr, (*values, *named.values()))))
                raise
            CASES[name] += 1

        TARGETS[name] = Target(name, counted, strategies)
        few = settings(
            max_examples=max(1, int(cases * SHARE)),
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            print_blob=True,
        )
        return few(given(*strategies)(counted))

    return decorate


@contextmanager
def patience() -> Iterator[None]:
    """Ends what hangs, by the processor's time: other programs on the machine do not count."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    seconds = IMPATIENCE if _HUNG else PATIENCE

    def stop(*_: object) -> None:
        _HUNG.append(True)
        raise HangError("this case takes too long")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
