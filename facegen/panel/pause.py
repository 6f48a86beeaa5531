"""What waits for a pause: while a slider moves, only its picture is brought up to date."""

import asyncio
from collections.abc import Callable

PAUSE = 0.15  # seconds without another call


class Pause:
    """Calls a function once nothing has asked for it for a moment; at once where no event loop runs.

    In a kernel, where one runs, all is called in its one thread.

    Args:
        act: what to call.
        seconds: of the pause.

    Example:
        >>> calls = []
        >>> async def moves():
        ...     pause = Pause(lambda: calls.append("shown"), seconds=0.01)
        ...     for _ in range(5):
        ...         pause.wait()
        ...     await asyncio.sleep(0.1)
        >>> asyncio.run(moves())
        >>> calls
        ['shown']
    """

    def __init__(self, act: Callable[[], None], seconds: float = PAUSE):
        self.act, self.seconds, self.timer = act, seconds, None

    def wait(self) -> None:
        """Call it when the pause is over, which begins anew."""
        self.drop()
        try:
            self.timer = asyncio.get_running_loop().call_later(self.seconds, self.act)
        except RuntimeError:  # no loop: nobody would come back to it
            self.act()

    def end(self) -> None:
        """Call it now."""
        self.drop()
        self.act()

    def drop(self) -> None:
        """Do not call it any more."""
        if self.timer:
            self.timer.cancel()
