"""Progress bars: live where somebody watches, seldom a line where the output goes to a file."""

import logging
import sys

from tqdm import tqdm

from facegen.utils.logging import in_kernel, logger


def bar(total: int, what: str, unit: str, done: int = 0, show: bool = True) -> tqdm:
    """A progress bar with the time left.

    Args:
        total: how many there are.
        what: is being done.
        unit: of what is counted.
        done: how many were done before.
        show: False for no bar at all, as where the logger tells no info.

    Example:
        >>> with bar(10, "drawing", "img", done=4, show=False) as drawn:
        ...     drawn.n, drawn.total
        (4, 10)
    """
    watched = sys.stderr.isatty() or in_kernel()
    return tqdm(
        total=total,
        desc=what,
        unit=unit,
        initial=done,
        disable=not (show and logger.isEnabledFor(logging.INFO)),
        mininterval=0.2 if watched else 20,
        dynamic_ncols=True,
    )
