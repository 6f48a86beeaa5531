"""What waits for a pause: while a slider moves, only its picture is brought up to date."""

import asyncio
from collections.abc import Callable

PAUSE = 0.15  # seconds without another call


class Pause:
    """Calls a function once nothing has asked for it for a moment; at once where no event loop runs.

    A kernel may handle a page's messages in one thread and cells in another, each with a loop of its own: the
    call comes in that of the last one who waited.

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
        self.act, self.seconds, self.waiting = act, seconds, None

    def wait(self) -> None:
        """Call it when the pause is over, which begins anew."""
        self.drop()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nobody would come back to it
            self.act()
        else:
            self.waiting = loop, loop.call_later(self.seconds, self.act)

    def end(self) -> None:
        """Call it now."""
        self.drop()
        self.act()

    def drop(self) -> None:
        """Do not call it any more."""
        if self.waiting and not self.waiting[0].is_closed():
            loop, timer = self.waiting
            loop.call_soon_threadsafe(timer.cancel)
        self.waiting = None
