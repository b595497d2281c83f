"""What Anki's MathJax makes of formulas: from the cache, or proved now."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from queue import Empty, SimpleQueue

from deckwright.mathjax.cache import Cache, default_path
from deckwright.mathjax.engine import THREAD_STACK, Engine, Typeset, Verdict, identity, load
from deckwright.model import Progress, quiet

_MOST_ENGINES = 4
_WORTH_AN_ENGINE = 100
"""How many formulas take longer than the start of an engine."""
_GLANCE = 0.5
"""Seconds between two looks at the time that was taken."""
_BATCH = 16
"""Formulas between two reports of progress."""

_Batches = SimpleQueue[Sequence[Typeset] | None]
_Answers = SimpleQueue[list[tuple[Typeset, Verdict]] | BaseException]

_Work = tuple[_Batches, _Answers, threading.Event]


def cores() -> int:
    """The number of cores that this process may use."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return found or 1


def prove(
    formulas: Iterable[Typeset],
    progress: Progress = quiet,
    seconds: float = math.inf,
) -> dict[Typeset, Verdict]:
    """What MathJax makes of each formula, sorted, as far as some seconds of a processor allow.

    The same whatever the order of the formulas, the number of threads, and the cache. What was
    proven before the time was up is remembered, so the next run comes further.

    Raises:
        EngineMissing: where quickjs is needed and not installed.
    """
    wanted = sorted(set(formulas))
    if not wanted:
        return {}
    cache = Cache(default_path(), identity())
    known = {formula: cache.get(formula) for formula in wanted}
    unknown = [formula for formula in wanted if known[formula] is None]
    for formula, verdict in _proved(unknown, progress, seconds):
        known[formula] = verdict
        if verdict.gave_up != "time":  # that alone depends on the machine and its load
            cache.put(formula, verdict)
    cache.save()
    return {formula: verdict for formula, verdict in known.items() if verdict is not None}


def _proved(
    formulas: Sequence[Typeset], progress: Progress, seconds: float
) -> Iterator[tuple[Typeset, Verdict]]:
    """Prove formulas on threads of their own; progress is reported on this one."""
    batches: _Batches = SimpleQueue()
    answers: _Answers = SimpleQueue()
    stop = threading.Event()
    for start in range(0, len(formulas), _BATCH):
        batches.put(formulas[start : start + _BATCH])
    threads = _start(len(formulas), (batches, answers, stop))
    done, reported = 0, -1
    until = time.process_time() + seconds
    try:
        while done < len(formulas) and time.process_time() < until:
            if done != reported:
                progress("Proving formulas", done, len(formulas))
                reported = done
            try:
                answer = answers.get(timeout=_GLANCE)
            except Empty:
                continue
            if isinstance(answer, BaseException):
                raise answer
            done += len(answer)
            yield from answer
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _start(formulas: int, work: _Work) -> list[threading.Thread]:
    """A thread for each core that is free, as far as engines are worth their start."""
    number = min(cores(), _MOST_ENGINES, -(-formulas // _WORTH_AN_ENGINE))
    threads = [threading.Thread(target=_work, args=work) for _ in range(number)]
    if threads:
        load()
    before = threading.stack_size(THREAD_STACK)
    try:
        for thread in threads:
            work[0].put(None)  # an end for each
            thread.start()
    except RuntimeError as error:  # a thread that the system does not give
        raise MemoryError(str(error)) from None
    finally:
        threading.stack_size(before)
    return threads


def _work(batches: _Batches, answers: _Answers, stop: threading.Event) -> None:
    """Prove batches until none is left, or until the answers are no longer awaited."""
    try:
        engine = Engine()
        for batch in iter(batches.get, None):
            answers.put([(one, engine.prove([one])[0]) for one in batch if not stop.is_set()])
        engine.close()  # here: a context ends in the thread that made it
    except BaseException as error:
        answers.put(error)
