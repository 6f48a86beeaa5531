"""Work on many pictures with a few threads: Pillow decodes and resizes outside Python's global lock."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Task, Result = TypeVar("Task"), TypeVar("Result")


def ordered(function: Callable[[Task], Result], tasks: Iterable[Task], workers: int = 2) -> Iterator[Result]:
    """The results of function(task), in the order of the tasks.

    Only a few tasks run ahead of the consumer, so that memory stays constant however many there are.
    An error, or the consumer's end, cancels what has not begun.
    """
    pending = deque()
    with ThreadPoolExecutor(max(1, workers)) as pool:
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
