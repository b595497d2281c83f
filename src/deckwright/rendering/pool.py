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
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from deckwright.mathjax.prove import cores
from deckwright.model import Place, Problem
from deckwright.source.limits import TOO_SLOW

if sys.platform != "win32":
    import resource

Result = TypeVar("Result")
_MOST_WORKERS = 4
_USUAL = 0.0015
"""Seconds that `_usual_work` takes on a machine of 2024."""
_BATCH = 16
"""How many items a worker gets at once."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What work may take."""

    seconds: float = 2.0
    """Of a processor, for an item: other programs on the machine do not count."""
    memory: int = 128 << 20
    """Bytes that a worker may have, more than when it started."""
    whole: float = 10.0
    """Seconds of all processors together, for all work on the cards of one file."""
    media: float = 10.0
    """The same for its pictures and sounds."""
    method: str = "fork" if sys.platform == "linux" else "spawn"
    """How workers start: forking takes 5 ms, a fresh Python 300. Our rendering takes no lock that
    another thread could hold at that moment, but macOS's own libraries do."""

    def times(self, factor: float) -> Budget:
        """The same for each item, and so many times as much for all of them."""
        return replace(self, whole=self.whole * factor, media=self.media * factor)


class Purse:
    """Seconds of processor time, from which this process and its workers take.

    They are those of a machine of 2024: a slower one, or one that is busy, has more of them.
    """

    def __init__(self, seconds: float, start: float | None = None) -> None:
        """Some seconds, from a processor time of this process on, or from now."""
        self._start = time.process_time() if start is None else start
        self._whole = seconds * slowness()
        self._workers = 0.0

    def take(self, seconds: float) -> None:
        """Count what a worker took."""
        self._workers += seconds

    def left(self, share: float = 1.0) -> float:
        """What is left of a share of it: later steps have the rest."""
        return share * self._whole - self._workers - (time.process_time() - self._start)


class Limit:
    """Ends work of this process that takes too long, and names the card that it is about."""

    def __init__(self, purse: Purse, seconds: float) -> None:
        self._purse, self._seconds = purse, seconds
        self.problems: list[Problem] = []

    def on_file(self, place: Place) -> AbstractContextManager[None]:
        """The reading of a file, as far as the time for all work goes."""
        return self.on(place, "reading this file", math.inf)

    @contextmanager
    def on(self, place: Place, work: str, most: float | None = None) -> Iterator[None]:
        """Some work, as in "comparing this card", as far as the time goes.

        It is ended where the system has a timer, in the thread that may set one.
        """
        most = self._seconds if most is None else most
        seconds = min(most, self._purse.left())
        is_main = threading.current_thread() is threading.main_thread()
        if not hasattr(signal, "setitimer") or not is_main or seconds == math.inf:
            yield
            return
        before = signal.signal(signal.SIGPROF, _over)
        try:
            signal.setitimer(signal.ITIMER_PROF, max(seconds, 0.001))
            yield
        except OverError:
            much = f"takes more than {most:g} seconds"
            what = much if seconds == most else "takes more time than there is"
            self.problems.append(
                TOO_SLOW.at(place, f"{work} {what}", "make it shorter, or split it")
            )
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)


@cache
def slowness() -> float:
    """How many times as long as usual this machine takes for the same work; at least 1."""
    return max(1.0, min(_usual_work() for _ in range(5)) / _USUAL)


def _usual_work() -> float:
    start = time.process_time()
    sum(number * number for number in range(30_000))
    return time.process_time() - start


@dataclass(frozen=True, slots=True)
class Lost:
    """An item without a result."""

    what: str
    """What it did, as in "this card …"; empty where the time was up before its turn."""


def work_through(
    job: Callable[[int], Result],
    items: int,
    budget: Budget,
    purse: Purse,
    report: Callable[[int], None],
    share: float = 1.0,
) -> dict[int, Result | Lost]:
    """The result of a job for each item, a number below ``items``, or why there is none.

    All items together take a share of the purse. ``report`` gets the number of done items from
    time to time. What the job raises is raised here.
    """
    results: dict[int, Result | Lost] = {}
    waiting = deque(range(at, min(at + _BATCH, items)) for at in range(0, items, _BATCH))
    suspects: list[int] = []
    while waiting and purse.left(share) > 0:
        for batch, answers, seconds in _answers(job, waiting, budget):
            purse.take(seconds)
            if answers is None:  # one of the batches at work ended its process
                suspects += batch
                continue
            results |= zip(batch, answers, strict=False)
            if rest := batch[len(answers) :]:
                waiting.append(rest)
            report(len(results))
            if purse.left(share) <= 0:
                break
    for number in suspects:
        if purse.left(share) <= 0:
            break
        [(_, answers, seconds)] = _answers(job, deque([range(number, number + 1)]), budget)
        purse.take(seconds)
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


class OverError(BaseException):
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
    raise OverError


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
    except (OverError, MemoryError):
        return Lost(f"takes more than {_budget.seconds:g} seconds or {_budget.memory >> 20} MB")
