"""Work in processes that can be killed: no item takes the whole run with it.

A parser written in another language that has lost its way cannot be stopped within a process, and
memory that it took stays taken; the system can stop a process. So the items are worked through in
batches, by processes with a budget of time and memory each. A result is handed over as soon as it
is there. So where a batch blows its budget, it is cut at the item where it stood: what was done
before is kept, this one gets a budget of its own, and what comes after goes on. An item that blows
that too is given up. (Cutting a batch into halves would find the same item, for seven budgets
instead of two.)
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Generic, TypeVar

from deckwright.mathjax.prove import cores

Result = TypeVar("Result")

_MOST_WORKERS = 4
_NO_MEMORY = 77
"""The exit code of a worker that has no memory left; not one of Python's own."""
_METHOD = "fork" if sys.platform == "linux" else "spawn"
"""How a worker starts. Forking takes 5 ms, a fresh Python 300. It is safe where the system's
libraries are (on macOS they are not), for what a worker then does: it calls nothing but our own
rendering, which waits for no lock that another thread may have held at that moment."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What work may take."""

    seconds: float = 2.0
    """Of a processor, for a batch: other programs on the machine do not count."""
    memory: int = 128 << 20
    """Bytes that a worker may hold, more than when it started; known on Linux alone."""
    whole: float = 12.0
    """Seconds of all processors together, for all of it."""
    proofs: float = 4.0
    """The same for the formulas, which come after it, besides what each has of its own."""
    formulas: int = 3_000
    """How many formulas are proven that never were before."""
    clock: float = 120.0
    """Seconds by the clock: the last resort, where a worker neither works nor ends."""
    method: str = _METHOD
    """How workers start: ``fork`` or ``spawn``."""

    def times(self, factor: float) -> Budget:
        """The same for each batch, and so many times as long for all of them."""
        formulas = int(self.formulas * factor)
        return replace(
            self, whole=self.whole * factor, proofs=self.proofs * factor, formulas=formulas
        )

    def __str__(self) -> str:
        return f"{self.seconds:g} seconds or {self.memory >> 20} MB"


@dataclass(frozen=True, slots=True)
class Lost:
    """An item without a result."""

    what: str
    """What it did, as in "this card …"; empty where the time was up before its turn."""


class WorkerError(Exception):
    """A mistake of ours in a worker; the text is the traceback there."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """What is to be raised here: an exception itself may not survive the way."""

    traceback: str


def work_through(
    job: Callable[[int], Result],
    batches: Iterable[range],
    budget: Budget,
    report: Callable[[int], None],
) -> dict[int, Result | Lost]:
    """The result of a job for each item of each batch, or why there is none.

    ``report`` is told how many are done, from time to time. Whatever happens, no worker is left.

    Raises:
        WorkerError: where the job raises anything.
    """
    return _Run(job, batches, budget).run(report)


class _Run(Generic[Result]):
    def __init__(
        self, job: Callable[[int], Result], batches: Iterable[range], budget: Budget
    ) -> None:
        self._job = job
        self._waiting = deque(batch for batch in batches if batch)
        self._budget = budget
        self._workers: list[_Worker] = []
        self._suspects: set[int] = set()
        """Items that stood where a batch ended, and get a budget of their own."""
        self._results: dict[int, Result | Lost] = {}
        self._spent = 0.0
        """Seconds of a processor that the workers told of so far."""

    def run(self, report: Callable[[int], None]) -> dict[int, Result | Lost]:
        until = time.monotonic() + self._budget.clock
        try:
            while self._assign():
                left = until - time.monotonic()
                ready = wait([worker.pipe for worker in self._workers], max(left, 0))
                if left <= 0 or not ready or self._spent > self._budget.whole:
                    self._give_up()
                for worker in [one for one in self._workers if one.pipe in ready]:
                    self._hear(worker)
                report(len(self._results))
        finally:
            for worker in self._workers:
                worker.end()
        return self._results

    def _assign(self) -> bool:
        """Give each worker that is free a batch; whether any has one."""
        most = min(cores(), _MOST_WORKERS)
        while self._waiting:
            free = next((worker for worker in self._workers if not worker.batch), None)
            if free is None:
                if len(self._workers) >= most:
                    break
                free = _Worker(self._job, self._budget, [one.pipe for one in self._workers])
                self._workers.append(free)
            free.give(self._waiting.popleft())
        return any(worker.batch for worker in self._workers)

    def _hear(self, worker: _Worker) -> None:
        """Take what a worker has to say; where it says nothing more, see to its batch."""
        try:
            answer, seconds = worker.pipe.recv()
        except (EOFError, OSError):
            self._workers.remove(worker)
            why = worker.end(patience=1)
            if worker.missing:
                raise OSError("a program that renders cards ended before its time") from None
            self._spent += self._budget.seconds if worker.spent else 0
            if worker.alone and worker.spent:
                self._suspects.add(worker.batch[0])  # it had a budget of its own
            self._cut(worker.batch, why)
            return
        self._spent += seconds
        if isinstance(answer, _Raised):
            raise WorkerError(answer.traceback)
        self._results[worker.batch[0]] = answer
        worker.batch = worker.batch[1:]

    def _cut(self, batch: range, why: str) -> None:
        """Go on after a batch ended before its time; the item where it stood goes alone."""
        if not batch:
            return
        at, rest = batch[:1], batch[1:]
        if at[0] in self._suspects:
            self._results[at[0]] = Lost(why)
        else:
            self._suspects.add(at[0])
            self._waiting.appendleft(at)
        if rest:
            self._waiting.append(rest)

    def _give_up(self) -> None:
        """The time is up: name what is being worked on, and leave the rest."""
        why = f"is not done after {self._budget.whole:g} seconds of work, with all before it"
        for worker in self._workers:
            for number in worker.batch:
                self._results[number] = Lost(why if number == worker.batch[0] else "")
            worker.end()
        for batch in self._waiting:
            self._results |= {number: Lost("") for number in batch}
        self._workers.clear()
        self._waiting.clear()


class _Worker:
    """A process, the batch that it works through, and how it is talked to."""

    def __init__(
        self, job: Callable[[int], object], budget: Budget, others: Sequence[Connection]
    ) -> None:
        context = multiprocessing.get_context(budget.method)
        self.pipe, theirs = Pipe()
        self.batch = range(0)
        """What is left of its batch."""
        self.alone = False
        """Whether its batch was a single item."""
        self.spent = False
        """Whether it ended because its budget did."""
        self.missing = False
        """Whether it ended for want of something that the system did not give, as a file."""
        self._budget = budget
        ours = [self.pipe, *others] if budget.method == "fork" else []
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, ours, job, budget), daemon=True
        )
        with warnings.catch_warnings():  # of other threads, see _METHOD
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()

    def give(self, batch: range) -> None:
        """Let it work through a batch; where it is no longer there, its pipe will say so."""
        self.batch, self.alone = batch, len(batch) == 1
        with suppress(OSError):
            self.pipe.send(batch)

    def end(self, patience: float = 0) -> str:
        """Kill it, where it does not end by itself; what its last item did to it."""
        self.pipe.close()
        self._process.join(patience)
        self._process.kill()
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        self.spent = code in (_NO_MEMORY, -_signal("SIGPROF"))
        self.missing = code in (0, 1)
        if self.spent:
            return f"takes more than {self._budget}"
        how = f"signal {-code}" if code < 0 else f"code {code}"
        return f"ends the program that renders it ({how})"


def _signal(name: str) -> int:
    return int(getattr(signal, name, 0))


# In the worker


def _serve(
    pipe: Connection, ours: Sequence[Connection], job: Callable[[int], object], budget: Budget
) -> None:
    """Work through batches until nobody asks any more.

    ``ours`` are the ends of whoever asks, which a fork copies: while one is open here, the end of
    that process would go unnoticed.
    """
    for one in ours:
        one.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    if hasattr(signal, "SIGPROF"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # A library without memory complains there; what matters is the code that we end with.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    gc.freeze()  # so that what we share with the one who started us stays shared
    _limit_memory(budget.memory)
    try:
        while True:
            batch = pipe.recv()
            _set_timer(budget.seconds)
            for number in batch:
                before = time.process_time()
                answer = _answer(job, number)
                pipe.send((answer, time.process_time() - before))
            _set_timer(0)
    except MemoryError:
        os._exit(_NO_MEMORY)
    except (EOFError, OSError):
        return  # whoever asked is gone


def _answer(job: Callable[[int], object], number: int) -> object:
    try:
        return job(number)
    except MemoryError:
        raise
    except Exception:
        return _Raised(traceback.format_exc())


def _set_timer(seconds: float) -> None:
    """Let the system kill this process after so many seconds of a processor; 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory(more: int) -> None:
    """Let this process have so many bytes more, and not one beyond."""
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + more
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        for limit in (soft, hard):
            most = most if limit == resource.RLIM_INFINITY else min(most, limit)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
