"""Work on many pictures with a few threads: Pillow decodes and resizes outside Python's global lock.

Of small pictures it decodes so many a second that the lock counts again; then processes are faster.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import TypeVar

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
Task, Result = TypeVar("Task"), TypeVar("Result")


def ordered_map(
    function: Callable[[Task], Result], tasks: Iterable[Task], workers: int = 2, processes: bool = False
) -> Iterator[Result]:
    """The results of function(task), in the order of the tasks.

    Only a few tasks run ahead of the consumer, so that memory stays constant however many there are.
    An error, or the consumer's end, cancels what has not begun. Processes need a function of a module,
    and a main program that may be imported.
    """
    pending = deque()
    with _processes(workers) if processes else ThreadPoolExecutor(max(1, workers)) as pool:
        try:
            for task in tasks:
                pending.append(pool.submit(function, task))
                if len(pending) > 4 * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _processes(workers: int) -> Executor:
    """Fresh processes, not copies of this one: its threads would not be copied, but the locks they hold.

    Ctrl-C is for this process alone; the others end when it does.
    """
    ignore = (signal.SIGINT, signal.SIG_IGN)
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), signal.signal, ignore)
