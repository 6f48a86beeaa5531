"""Run a notebook in a kernel of its own; any number of them side by side in one event loop."""

import asyncio
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import zmq.asyncio
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal
from tidy import CONTROL, settle, tidy
from times import clock

PAUSE, IDLE = 0.5, 20.0  # seconds: between two looks at a kernel, and after which it is asked for a sign
BUSY = 0.02  # of a core: what a kernel takes at most that does nothing


@dataclass
class Run:
    """What became of one notebook; `error` is None for a good one."""

    path: Path
    notebook: nbformat.NotebookNode
    seconds: float
    error: str | None
    stopped: bool = False
    memory: int = 0  # bytes that its kernel and what it started held at most

    @property
    def name(self) -> str:
        return self.path.stem


def look(*sockets: zmq.asyncio.Socket) -> None:
    """Let sockets hand over what lies in them.

    A socket says only once that something has come. jupyter_client sends past the loop that waits for it (its
    Session takes the socket's shadow), and whoever sends hears it in the loop's place: when a widget of a
    cell answers just as the cell ends, the reply lies there for ever. Asking for EVENTS makes the loop look.
    """
    for socket in sockets:
        socket.get(zmq.EVENTS)


class Client(NotebookClient):
    """A notebook that is run once, in its own folder, and may be stopped.

    Attributes:
        path: of the notebook.
        cell: number of the one that is running, from 1; 0 until the kernel is there.
        stopped: whether `stop` was called.
        memory: bytes that its kernel, and what it has started, held at most so far.
    """

    def __init__(self, path: Path):
        super().__init__(
            nbformat.read(path, 4),
            timeout=None,
            startup_timeout=180,  # seconds: others may be at work on this machine
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            coalesce_streams=True,
            on_cell_start=self.begin,
        )
        self.path, self.cell, self.stopped, self.memory = path, 0, False, 0
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since it was made."""
        return time.monotonic() - self.start

    @asynccontextmanager
    async def async_setup_kernel(self, **settings):
        """Start a kernel, and end it in any case.

        nbclient's own method also takes over SIGINT and SIGTERM, to end this one kernel in mid-write, and
        drops them when this one notebook ends, whatever else is running in the loop.
        """
        self.create_kernel_manager()
        try:
            await self.async_start_new_kernel(**settings)
            await self.async_start_new_kernel_client()
            yield
        finally:
            if self.km:
                await self._async_cleanup_kernel()

    def __str__(self) -> str:
        where = "stopping," if self.stopped else f"cell {self.cell} of {len(self.nb.cells)},"
        return f"{self.path.stem} {where} {clock(self.seconds)}"

    def begin(self, cell, cell_index: int) -> None:
        """Begin no further cell once stopped, even if the interrupted one came to a good end."""
        if self.stopped:
            raise CellControlSignal("stopped")
        self.cell = cell_index + 1

    def stop(self) -> None:
        """Interrupt the running cell, or kill its kernel if that was tried before."""
        if self.km and self.km.has_kernel and (self.cell or self.stopped):
            self.stopping = asyncio.ensure_future(self._signal(self.km, kill=self.stopped))
        self.stopped = True

    async def _signal(self, kernel, kill: bool) -> None:
        with suppress(RuntimeError):  # it has just ended by itself
            await (kernel.shutdown_kernel(now=True) if kill else kernel.interrupt_kernel())

    async def _watch(self) -> None:
        """Note what memory the kernel and its children hold, every half second; look for messages unseen.

        A kernel that does nothing is asked for a sign, too: where it does not look, it then does.
        """
        spent, still = 0.0, 0
        while True:
            await asyncio.sleep(PAUSE)
            if self.kc:
                look(self.kc.shell_channel.socket, self.kc.iopub_channel.socket)
            with suppress(psutil.Error, AttributeError):  # it has not begun, or has just ended
                kernel = psutil.Process(self.km.provisioner.pid)
                family = [kernel, *kernel.children(recursive=True)]
                self.memory = max(self.memory, sum(process.memory_info().rss for process in family))
                before, spent = spent, sum(sum(process.cpu_times()[:2]) for process in family)
                still = still + 1 if spent - before < BUSY * PAUSE else 0
                if still * PAUSE >= IDLE:
                    self.kc.kernel_info()
                    still = 0

    async def run(self) -> Run:
        """Execute all cells and tidy their outputs."""
        error, watch = None, asyncio.create_task(self._watch())
        with tempfile.TemporaryFile("w+") as log:
            try:
                await self.async_execute(stderr=log)
            except CellControlSignal as failure:
                error = CONTROL.sub("", str(failure)).strip()
            except RuntimeError as failure:  # the kernel died, or did not start
                if asyncio.current_task().cancelling():  # for nbclient that is a kernel that died
                    raise asyncio.CancelledError from failure
                log.seek(0)
                error = f"{failure}\n{settle(log.read()[-2000:], quiet=True)}".strip()
            finally:
                watch.cancel()
        error = "stopped" if self.stopped else error
        return Run(self.path, tidy(self.nb), self.seconds, error, self.stopped, self.memory)
