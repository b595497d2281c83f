"""Work in processes, each item within a limit of processor time and memory.

An item over its limit is named, and costs no other item its result. What the platform can bound:
on Linux and macOS the processor time of an item, by a timer that interrupts Python and, where code
in another language does not come back to Python, by the system, which ends the process a little
later; on Linux its memory, too. Windows bounds neither.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from deckwright.mathjax.prove import cores

if sys.platform != "win32":
    import resource

Result = TypeVar("Result")
_MOST_WORKERS = 4
_BATCH = 16
"""How many items a worker gets at once."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What work may take."""

    seconds: float = 2.0
    """Of a processor, for an item: other programs on the machine do not count."""
    memory: int = 128 << 20
    """Bytes that a worker may have, more than when it started."""
    whole: float = 12.0
    """Seconds of all processors together, for all of it."""
    proofs: float = 4.0
    """The same for the formulas, which come after it, besides what each has of its own."""
    formulas: int = 3_000
    """How many new formulas are proven."""
    method: str = "fork" if sys.platform == "linux" else "spawn"
    """How workers start: forking takes 5 ms, a fresh Python 300. Our rendering takes no lock that
    another thread could hold at that moment, but macOS's own libraries do."""

    def times(self, factor: float) -> Budget:
        """The same for each item, and so many times as much for all of them."""
        proofs, formulas = self.proofs * factor, int(self.formulas * factor)
        return replace(self, whole=self.whole * factor, proofs=proofs, formulas=formulas)


@dataclass(frozen=True, slots=True)
class Lost:
    """An item without a result."""

    what: str
    """What it did, as in "this card …"; empty where the time was up before its turn."""


def work_through(
    job: Callable[[int], Result], items: int, budget: Budget, report: Callable[[int], None]
) -> dict[int, Result | Lost]:
    """The result of a job for each item, a number below ``items``, or why there is none.

    ``report`` gets the number of done items from time to time. What the job raises is raised here.
    """
    results: dict[int, Result | Lost] = {}
    waiting = deque(range(at, min(at + _BATCH, items)) for at in range(0, items, _BATCH))
    suspects: list[int] = []
    spent = 0.0
    while waiting and spent <= budget.whole:
        for batch, answers, seconds in _answers(job, waiting, budget):
            spent += seconds
            if answers is None:  # one of the batches at work ended its process
                suspects += batch
                continue
            results |= zip(batch, answers, strict=False)
            if rest := batch[len(answers) :]:
                waiting.append(rest)
            report(len(results))
            if spent > budget.whole:
                break
    for number in suspects:
        if spent > budget.whole:
            break
        [(_, answers, seconds)] = _answers(job, deque([range(number, number + 1)]), budget)
        spent += seconds
        results[number] = answers[0] if answers else Lost("ends the program that renders it")
    return {number: results.get(number, Lost("")) for number in range(items)}


def _answers(
    job: Callable[[int], Result], waiting: deque[range], budget: Budget
) -> Iterator[tuple[range, list[Result | Lost] | None, float]]:
    """The results of each batch, and the seconds that it took; None where a process ended."""
    workers = min(cores(), _MOST_WORKERS, len(waiting))
    working: dict[Future[tuple[list[Any], float]], tuple[range, float]] = {}
    context = multiprocessing.get_context(budget.method)
    with (
        warnings.catch_warnings(action="ignore", category=DeprecationWarning),  # see Budget.method
        ProcessPoolExecutor(workers, context, _start, (job, budget)) as pool,
        suppress(BrokenProcessPool),
    ):
        while waiting or working:
            while waiting and len(working) < workers:
                working[pool.submit(_work, waiting[0])] = waiting[0], time.monotonic()
                waiting.popleft()
            for done in wait(working, return_when=FIRST_COMPLETED).done:
                answers, seconds = done.result()
                yield working.pop(done)[0], answers, seconds
    for batch, started in working.values():  # how long they worked is known by the clock alone
        yield batch, None, time.monotonic() - started


# In the worker


class _OverError(BaseException):
    """The time of an item is up; not an Exception, so that no library takes it for its own."""


_job: Callable[[int], object]
_budget: Budget


def _start(job: Callable[[int], object], budget: Budget) -> None:
    """Prepare this process, which ends with the one that started it."""
    global _job, _budget
    _job, _budget = job, budget
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, too
    if sys.stderr:  # else another file may have its number
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a library without memory complains there
    gc.freeze()  # so that the memory shared with the parent stays shared
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, _over)
        signal.signal(signal.SIGALRM, _end_with_parent)
        signal.setitimer(signal.ITIMER_REAL, 1, 1)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + budget.memory)


def _end_with_parent(_signal: int, _frame: object) -> None:
    parent = multiprocessing.parent_process()
    if parent and parent.pid != os.getppid():
        os._exit(1)


def _over(_signal: int, _frame: object) -> NoReturn:
    raise _OverError


def _limit(what: int, most: int) -> None:
    """Lower a limit of this process, as far as the system's own allow."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _work(batch: range) -> tuple[list[Any], float]:
    """The results of the first items of a batch, as far as the time of one item goes."""
    start = time.process_time()
    answers: list[object] = []
    while len(answers) < len(batch) and time.process_time() < start + _budget.seconds:
        answers.append(_answer(batch[len(answers)]))
    return answers, time.process_time() - start


def _answer(number: int) -> object:
    """The result of an item, or that it took too much."""
    if not hasattr(signal, "setitimer"):
        return _job(number)
    try:
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + _budget.seconds) + 1)
        signal.setitimer(signal.ITIMER_PROF, _budget.seconds)
        try:
            return _job(number)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except (_OverError, MemoryError):
        return Lost(f"takes more than {_budget.seconds:g} seconds or {_budget.memory >> 20} MB")
