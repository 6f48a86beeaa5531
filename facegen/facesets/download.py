"""Download CelebA from Google Drive, or take one's own copies; whatever happens, nothing half looks whole.

A file is made in `.facegen/download/` and gets its name only when its size, its first bytes and its
SHA-256 are those of the published file. What has come when the connection ends, or the process is
killed, is kept there and gone on with.
"""

import html
import inspect
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

from facegen import files
from facegen.errors import FacegenError
from facegen.facesets import sources, store
from facegen.facesets.sources import Source

ATTEMPTS = 5  # one after the other that bring nothing
TIMEOUT = 60.0  # seconds without a byte
PAUSE = 2.0  # seconds before the second attempt; twice as long before each one more
HEAD = 512  # bytes
PAGE = 1 << 16  # bytes
BLOCK = 1 << 20  # bytes


class Refused(Exception):
    """Google Drive does not give the file; to ask again would not help."""


def celeba(folder: str | Path, own: Sequence[str | Path] = (), progress: bool = True) -> None:
    """Bring CelebA into a folder: three tables, and img_align_celeba.zip, which is read as it is.

    Files that are there are checked and kept; of two commands at once the second waits for the first.
    To call this is to accept CelebA's terms (`sources.CELEBA_LICENCE`).

    Args:
        folder: made where it is not there.
        own: copies of CelebA's files, or folders with such, that are taken instead of downloads.
        progress: say what is done.

    Raises:
        FacegenError: too little space, another file under one of the names, a copy that is not the
            published file; or Google Drive refuses: how to get the files by other means is then printed.
    """
    folder, say = Path(folder), partial(print, file=sys.stderr) if progress else _silence
    staging = folder / ".facegen" / "download"
    try:
        with files.locked(
            staging, lambda: say(f"{folder}: waiting for another command that downloads there")
        ):
            failures = _bring(folder, own, staging, say, progress)
    except OSError as error:  # of either disk, or of a drive that is mounted
        raise FacegenError(
            f"{folder}: {error}. Nothing that is not whole has got its name; the same command goes on."
        ) from error
    if failures:
        print(_instructions(folder, failures))
        names = ", ".join(source.name for source in failures)
        raise FacegenError(f"{folder}: not everything could be downloaded ({names} missing); see above.")
    say(f"{folder}: CelebA is complete")


def _bring(
    folder: Path,
    own: Sequence[str | Path],
    staging: Path,
    say: Callable[[str], None],
    progress: bool,
) -> dict[Source, str]:
    """Take or download what is not there yet; returns what could not be had, and why."""
    wanted = [source for source in sources.CELEBA if not _there(folder / source.name, source)]
    _check_space(staging, wanted)
    taken = _take(own, folder, wanted, staging, progress)
    left = [source for source in wanted if source not in taken]
    reasons = {source: _fetch(source, folder, staging, say, progress) for source in left}
    return {source: reason for source, reason in reasons.items() if reason}


def _silence(*words: object) -> None:
    pass


def _there(path: Path, source: Source) -> bool:
    """Whether the file is there; FacegenError where another one has its name."""
    if not path.exists():
        return False
    if fault := _fault(path, source):
        raise FacegenError(
            f"{path}: is not the published file ({fault}). Move it away to have it downloaded; or, if you "
            f"mean to use it, leave it and check the set with: facegen data check {path.parent}"
        )
    return True


def _fault(path: Path, source: Source) -> str:
    """In what a file differs from the published one ("": in nothing)."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if store.is_page(head):
        return store.WEB_PAGE
    if size != source.size:
        return f"{size:,} bytes, expected {source.size:,}"
    if not head.startswith(source.magic):
        return f"begins with {head[:12]!r}, expected {source.magic!r}"
    digest = files.sha256(path)
    return f"SHA-256 {digest}, expected {source.sha256}" if digest != source.sha256 else ""


def _check_space(staging: Path, wanted: Iterable[Source]) -> None:
    there = sum(path.stat().st_size for path in staging.glob("*.part"))
    needed = sum(source.size for source in wanted) - there
    free = shutil.disk_usage(staging).free
    if free < needed:
        raise FacegenError(
            f"{staging.parent.parent}: the download needs {needed / 1e9:.2f} GB more, {free / 1e9:.2f} GB "
            "are free. Make room, or name a folder on another disk."
        )


# One's own copies


def _take(
    own: Sequence[str | Path], folder: Path, wanted: Sequence[Source], staging: Path, progress: bool
) -> set[Source]:
    """Take over the wanted files among one's own copies."""
    taken = set()
    for path in map(Path, own):
        if not path.exists():
            raise FacegenError(f"{path}: there is no such file or folder.")
        for source, copy in _copies(path, wanted).items():
            part = _part(staging, source)
            _copy(copy, part, progress)
            if fault := _fault(part, source):
                part.unlink()
                raise FacegenError(f"{copy}: is not the published {source.name} ({fault}).")
            _publish(part, folder / source.name)
            taken.add(source)
    return taken


def _copies(path: Path, wanted: Sequence[Source]) -> dict[Source, Path]:
    """The copies of wanted files, whatever they are called; else, for a good message, what is called so."""
    there = [path] if path.is_file() else sorted(filter(Path.is_file, path.iterdir()))
    sizes = {source.size for source in sources.CELEBA}
    likely = [file for file in there if file.stat().st_size in sizes]
    copies = {}
    for source in wanted:
        same = [file for file in likely if not _fault(file, source)]
        if copy := next(iter([*same, *(file for file in there if file.name == source.name)]), None):
            copies[source] = copy
    if not likely and not copies:
        names = ", ".join(f"{source.name} ({source.size:,} bytes)" for source in sources.CELEBA)
        raise FacegenError(f"{path}: none of the files of CelebA: {names}.")
    return copies


def _copy(source: Path, target: Path, progress: bool) -> None:
    size = source.stat().st_size
    bar = tqdm(desc=source.name, total=size, unit="B", unit_scale=True, disable=not progress)
    with bar, open(source, "rb") as old, open(target, "wb") as new:
        while block := old.read(BLOCK):
            bar.update(new.write(block))


# Google Drive


def _fetch(source: Source, folder: Path, staging: Path, say: Callable[[str], None], progress: bool) -> str:
    """Download one file; returns why it could not be had ("": it is there)."""
    part, tries, reason = _part(staging, source), 0, ""
    most = part.stat().st_size if part.exists() else 0
    while tries < ATTEMPTS:
        if tries:
            pause = PAUSE * 2 ** (tries - 1)
            say(f"{source.name}: {reason}; trying again in {pause:.0f} s")
            time.sleep(pause)
        try:
            reason = _attempt(source, part, progress)
        except Refused as refusal:
            return str(refusal)
        if not reason:
            _publish(part, folder / source.name)
            return ""
        size = part.stat().st_size
        tries, most = (1 if size > most else tries + 1), max(size, most)
        if tries > 2 and "byte range" in reason:  # gdown 6 refuses to go on, and once may be chance
            _truncate(part, 0)
    return reason


def _part(staging: Path, source: Source) -> Path:
    """The file that a download is made in, called so that gdown goes on with it: name, 8 letters, .part."""
    return staging / f"{source.name}-resumed.part"


def _attempt(source: Source, part: Path, progress: bool) -> str:
    """Go on with a download; returns what is wrong with what has come, "" for a whole file.

    What could not become the file any more is thrown away, so that the next attempt starts clean.
    """
    whole = part.with_name(source.name)  # gdown renames a file that it takes for complete
    if whole.exists():  # the last process ended just then
        os.replace(whole, part)
    part.touch()
    before, error = part.stat().st_size, None
    if before < source.size:
        error = _gdown(source, whole, progress)
        if whole.exists():
            os.replace(whole, part)
    if page := _page(part, before) or _no_link(error):
        _truncate(part, before)
        raise Refused(_refusal(page))
    return _judge(source, part, before, error)


def _gdown(source: Source, output: Path, progress: bool) -> Exception | None:
    """Let gdown download; returns the error if it met one.

    gdown 5 returns None in some failures, gdown 6 raises; neither says for sure that a file is whole.
    Only gdown 6 can be told to give up when nothing comes any more.
    """
    import gdown

    options = {"output": str(output), "quiet": not progress, "use_cookies": False, "resume": True}
    if "timeout" in inspect.signature(gdown.download).parameters:
        options["timeout"] = TIMEOUT
    try:
        gdown.download(source.address, **options)
    except Exception as error:  # of requests, of gdown, of the parser of pages: all mean the same
        return error
    return None


def _judge(source: Source, part: Path, before: int, error: Exception | None) -> str:
    """What is wrong with a part that had `before` bytes, after an attempt that ended with `error`."""
    size = part.stat().st_size
    head, added = _read(part, 0), _read(part, before)
    if size and not head.startswith(source.magic[:size]):
        _truncate(part, 0)
        return f"something else comes ({head[:12]!r})"
    if size > source.size or (before and added == head):
        _truncate(part, 0)
        return "the server cannot go on with a file half sent"
    if size < source.size:
        reason = " ".join(str(error or "the connection ended").split())[:200]
        return f"{size:,} of {source.size:,} bytes came ({reason})"
    if fault := _fault(part, source):
        _truncate(part, 0)
        return fault
    return ""


def _read(part: Path, start: int, count: int = HEAD) -> bytes:
    with open(part, "rb") as file:
        file.seek(start)
        return file.read(count)


def _truncate(part: Path, size: int) -> None:
    with open(part, "r+b") as file:
        file.truncate(size)


def _page(part: Path, start: int) -> str:
    """The web page that has come instead of a file, or "". A "<" alone may be in the middle of any file."""
    content = _read(part, start, PAGE)
    is_page = re.match(rb"\s*<(!doctype html|html|head|\?xml)", content, re.IGNORECASE)
    return content.decode(errors="replace") if is_page else ""


def _no_link(error: Exception | None) -> str:
    """What gdown says when it finds no link to the file on Google Drive's page, or ""."""
    return str(error) if type(error).__name__ == "FileURLRetrievalError" else ""


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


def _publish(part: Path, path: Path) -> None:
    """Force a complete file to the disk, and give it its name."""
    with open(part, "r+b") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    files.sync_folder(path.parent)


def _instructions(folder: Path, failures: dict[Source, str]) -> str:
    """How to get by other means what Google Drive did not give."""
    lines = [
        "Some files could not be downloaded. What has come is kept; the same command goes on with it.",
        "",
    ]
    for source, reason in failures.items():
        lines += [
            f"{source.name}: {reason}",
            f"    from     {source.address}",
            f"             (in a browser, signed in; or by way of {sources.CELEBA_PAGE})",
            f"    to       {folder / source.name}",
            f"    bytes    {source.size}",
            f"    SHA-256  {source.sha256}",
            "",
        ]
    return "\n".join(
        [
            *lines,
            "Or have a copy that you have anywhere, under any name, checked and put there:",
            f"    facegen data celeba {folder} --accept-licence --from FILE",
        ]
    )
