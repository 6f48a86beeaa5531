"""A file from Google Drive, by gdown. What has come is looked at after each attempt, whatever gdown says.

A quota or a login page, bytes of something else and a server that cannot go on with half a file are told
apart; what could not become the file any more is thrown away, what could is gone on with.
"""

import html
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from facegen.data.sources import HEAD, Source
from facegen.utils.logging import logger

ATTEMPTS = 5  # one after the other that bring nothing
TIMEOUT = 60.0  # seconds without a byte
PAUSE = 2.0  # seconds before the second attempt; twice as long before each one more
LOOK = 0.1  # seconds between two looks at what has come
PAGE = 1 << 16  # bytes


class Refused(Exception):
    """Google Drive does not give the file; to ask again would not help, unless why is only `guessed`."""

    def __init__(self, reason: str, guessed: bool):
        super().__init__(reason)
        self.guessed = guessed


def fetch(source: Source, part: Path, progress: bool) -> str:
    """Download one file, or go on with it; returns why it could not be had ("": it is whole).

    Args:
        source: the file.
        part: where it is made; called so that gdown goes on with it: name, 8 letters or signs, ".part".
        progress: show a progress bar.
    """
    tries, guesses, reason = 0, 0, ""
    most = part.stat().st_size if part.exists() else 0
    while tries < ATTEMPTS:
        if tries:
            pause = PAUSE * 2 ** (tries - 1)
            logger.info(f"{source.name}: {reason}; trying again in {pause:.0f} s")
            time.sleep(pause)
        try:
            reason = _attempt(source, part, progress)
        except Refused as refusal:
            if guesses or not refusal.guessed:
                return str(refusal)
            tries, guesses, reason = max(tries, 1), 1, str(refusal)  # maybe a server's passing trouble
            continue
        if not reason:
            return ""
        size, guesses = part.stat().st_size, 0
        tries, most = (1 if size > most else tries + 1), max(size, most)
        if tries > 2 and "byte range" in reason:  # gdown 6 refuses to go on, and once may be chance
            _truncate(part, 0)
    return reason


def _attempt(source: Source, part: Path, progress: bool) -> str:
    """Go on with a download; returns what is wrong with what has come, "" for a whole file.

    What could not become the file any more is thrown away, so that the next attempt starts clean.
    """
    whole = part.with_name(source.name)  # gdown renames a file that it takes for complete
    if whole.exists():  # the last process ended just then
        os.replace(whole, part)
    part.touch()
    before, error = part.stat().st_size, ""
    if before < source.size:
        error = _gdown(source, part, whole, progress)
        if whole.exists():
            os.replace(whole, part)
    if page := _page(part, before) or _no_link(error):
        _truncate(part, before)
        raise Refused(_refusal(page), "many accesses" in page)
    return _judge(source, part, before, error)


def _gdown(source: Source, part: Path, output: Path, progress: bool) -> str:
    """Let gdown download, in a process of its own; returns what it met ("": nothing).

    gdown 5 returns None in some failures, gdown 6 raises; neither says for sure that a file is whole, and
    gdown 5 never gives up a connection that is silent or has no end. So its process is ended where nothing
    has come for TIMEOUT seconds, or more than the file has.
    """
    child = start(source.address, str(output), "" if progress else "quiet")
    try:
        size, since = -1, time.monotonic()
        while child.poll() is None:
            time.sleep(LOOK)
            now = _size(part) + _size(output)
            if now > source.size:
                return f"more than {source.size:,} bytes come"
            if now != size:
                size, since = now, time.monotonic()
            elif time.monotonic() > since + TIMEOUT:
                return f"nothing has come for {TIMEOUT:.0f} s"
        return child.stdout.read().strip() or ("gdown's process ended" if child.poll() else "")
    finally:
        child.kill()
        child.wait()
        child.stdin.close(), child.stdout.close()


def start(*words: str) -> subprocess.Popen:
    """Begin `run_gdown` in a process of its own, which finds modules where this one does."""
    code = f"import sys; sys.path[:] = {sys.path}; from {__name__} import run_gdown; run_gdown(*sys.argv[1:])"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, *words], **pipes)


def run_gdown(address: str, output: str, quiet: str) -> None:
    """What that process does: prints the name and the words of the error, where gdown meets one."""
    import gdown

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        gdown.download(address, output=output, quiet=bool(quiet), use_cookies=False, resume=True)
    except Exception as error:  # of requests, of gdown, of the parser of pages: all mean the same
        print(f"{type(error).__name__}: {error}")


def _end_with_parent() -> None:
    sys.stdin.read()  # ends when the process at the other end of the pipe does, however that was
    os._exit(1)


def _judge(source: Source, part: Path, before: int, error: str) -> str:
    """What is wrong with a part that had `before` bytes, after an attempt that ended with `error`."""
    size = part.stat().st_size
    head, added = _read(part, 0), _read(part, before)
    if size and not head.startswith(source.magic[:size]):
        _truncate(part, 0)
        return f"something else comes ({head[:12]!r})"
    if size > source.size and not before:
        _truncate(part, 0)
        return f"more than {source.size:,} bytes come"
    if size > source.size or (before and added == head):
        _truncate(part, 0)
        return "the server cannot go on with a file half sent"
    if size < source.size:
        reason = " ".join((error or "the connection ended").split())[:200]
        return f"{size:,} of {source.size:,} bytes came ({reason})"
    if fault := source.fault(part):
        _truncate(part, 0)
        return fault
    return ""


def _read(part: Path, start: int, count: int = HEAD) -> bytes:
    with open(part, "rb") as file:
        file.seek(start)
        return file.read(count)


def _size(path: Path) -> int:
    try:  # gdown may rename it at any moment
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _truncate(part: Path, size: int) -> None:
    with open(part, "r+b") as file:
        file.truncate(size)


def _page(part: Path, start: int) -> str:
    """The web page that has come instead of a file, or "". A "<" alone may be in the middle of any file."""
    content = _read(part, start, PAGE)
    is_page = re.match(rb"\s*<(!doctype html|html|head|\?xml)", content, re.IGNORECASE)
    return content.decode(errors="replace") if is_page else ""


def _no_link(error: str) -> str:
    """What gdown says when it finds no link to the file on Google Drive's page, or ""."""
    name, _, words = error.partition(": ")
    return words if name == "FileURLRetrievalError" else ""


def _refusal(page: str) -> str:
    """What Google Drive says, in words."""
    text = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", " ", page)
    words = " ".join(html.unescape(text).split())[:200]
    if re.search(r"quota|too many", page, re.IGNORECASE):
        meaning = "Google Drive's quota for this file is used up; it is renewed within a day"
    elif re.search(r"sign in|log in|login|accounts\.google", page, re.IGNORECASE):
        meaning = "Google Drive wants you to sign in"
    elif "many accesses" in page:  # gdown guesses
        meaning = "Google Drive gives no link to the file: its quota is used up, or you have to sign in"
    else:
        meaning = "Google Drive sends a web page instead of the file"
    return f"{meaning} ({words})" if words else meaning
