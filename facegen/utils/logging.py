"""What is said to a person: one logger, `facegen`, which is heard without anybody setting it up.

Every module says what it has to say (a set has pictures without a row, another process is waited for, a
training goes wrong) with `logger.info` or `logger.warning`, and never prints; only commands print, and
only results. By default each line is written at once, beside progress bars and not into them. A program
that has logging of its own takes over as with any library:

    logger = logging.getLogger("facegen")
    logger.handlers.clear()
    logger.propagate = True
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

logger = logging.getLogger("facegen")


def in_kernel() -> bool:
    """Whether this process runs the cells of a notebook; a server that only shows notebooks does not.

    Example:
        >>> in_kernel()  # in a notebook: True
        False
    """
    ipython = sys.modules.get("IPython")
    return bool(ipython) and hasattr(ipython.get_ipython(), "kernel")


@contextmanager
def at_least(level: int) -> Iterator[None]:
    """Within, say only what is at least so important; without info lines there are no bars, either.

    Example:
        >>> with at_least(logging.WARNING):
        ...     logger.isEnabledFor(logging.INFO)
        False
    """
    before = logger.level
    logger.setLevel(max(level, before))
    try:
        yield
    finally:
        logger.setLevel(before)


class Voice(logging.Handler):
    """Writes each message at once: to stderr, or in a notebook below its cell.

    Example:
        >>> import contextlib, io
        >>> with contextlib.redirect_stderr(io.StringIO()) as heard:
        ...     Voice().emit(logging.makeLogRecord({"msg": "12 faces"}))
        >>> heard.getvalue().strip()
        '12 faces'
    """

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm  # here, because `import facegen` comes by

        stream = _stream()
        try:
            with tqdm.external_write_mode(stream):
                stream.write(_showable(self.format(record), stream) + "\n")
                stream.flush()
        except BrokenPipeError:  # nobody listens any more: the work itself goes on
            pass
        except Exception:
            self.handleError(record)


def _stream() -> TextIO:
    """Where to write now; a test or a program may have put another stream there since the last message."""
    return sys.stdout if in_kernel() else sys.stderr  # Jupyter paints stderr red, as if all were errors


def _showable(text: str, stream: TextIO) -> str:
    """A text with all that the stream cannot show escaped: \\u0141 for an L with a stroke in ASCII."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _install() -> None:
    """Give the logger a voice, unless somebody has given it another before the first import."""
    if logger.handlers:
        return
    voice = Voice()
    voice.setFormatter(logging.Formatter("facegen: %(message)s"))
    logger.addHandler(voice)
    logger.propagate = False  # or a program's own handler would say everything a second time
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)


_install()
