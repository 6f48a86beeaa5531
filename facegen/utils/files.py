"""Writing files so that a reader, or a crash, never meets half of one."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger


def write(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    """Write a file aside, force it to the disk, then give it its name.

    Whatever happens on the way, `path` is afterwards either what it was before or complete.

    Args:
        path: the file to be written or replaced.
        fill: writes the content into an open binary file.

    Example:
        >>> write(Path("ten.bin"), lambda file: file.write(bytes(10)))
        >>> Path("ten.bin").stat().st_size, [*Path().glob(".ten.bin.*")]
        (10, [])
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(aside, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8; see `write`.

    Example:
        >>> write_text(Path("name.txt"), "née")
        >>> Path("name.txt").read_text(encoding="utf-8"), Path("name.txt").stat().st_size
        ('née', 4)
    """
    write(path, lambda file: file.write(text.encode()))


def sweep(folder: Path) -> None:
    """Remove what killed processes have left of their writing; only for whoever alone works in the folder.

    Example:
        >>> left = Path(".weights.npz.4711.part")
        >>> left.touch()
        >>> sweep(Path("."))
        >>> left.exists()
        False
    """
    for left in folder.glob(".*.part"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can do that.

    Example:
        >>> Path("kept.txt").touch()
        >>> sync_folder(Path("."))  # from now on its name survives a power cut
        >>> Path("kept.txt").exists()
        True
    """
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # a mounted drive may not know how to
                os.fsync(handle)
        finally:
            os.close(handle)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content, as hex digits.

    Example:
        >>> write_text(Path("abc.txt"), "abc")
        >>> sha256(Path("abc.txt"))[:16]
        'ba7816bf8f01cfea'
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def locked(
    folder: Path, doing: str, hint: str = "", needed: bool = True, wait: bool = True
) -> Iterator[None]:
    """Be the only process that works in a folder; the lock ends with its process, killed or not.

    Args:
        folder: made where it is not there; the lock is a file in it.
        doing: what is done under this lock, for what is said of another process: "draws clay".
        hint: what to do where the folder cannot be written or locked, for the message.
        needed: False to go on without a lock on a disk that has none, such as some mounted drives.
        wait: for another process; False to be refused.

    Raises:
        FacegenError: the folder cannot be written or locked; another process is there, and is not waited for.

    Example:
        >>> with locked(Path("drawn"), "draws clay"), locked(Path("drawn"), "draws clay", wait=False):
        ...     pass
        Traceback (most recent call last):
        ...
        facegen.utils.errors.FacegenError: drawn: another process draws clay there. Wait for its end.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / "lock", "ab")  # noqa: SIM115
    except OSError as error:
        raise FacegenError(f"{folder}: cannot be written ({error}). {hint}") from error
    with file:
        waits = 0
        while not _lock(file, hint, needed):
            if not wait:
                raise FacegenError(
                    f"{folder}: another process {doing} there. Wait for its end. {hint}".strip()
                )
            if waits == 0:
                logger.info(f"{folder}: waiting for another process that {doing}")
            waits += 1
            time.sleep(0.1)
        yield


def _lock(file: BinaryIO, hint: str, needed: bool) -> bool:
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if not needed:
            return True
        raise FacegenError(f"{file.name}: no files can be locked here ({error}). {hint}") from error
    return True


def check_space(folder: Path, needed: int, what: str, hint: str = "or name a folder on another disk") -> None:
    """Refuse to begin what would not fit on the disk of a folder, which need not exist yet.

    Args:
        folder: where to write.
        needed: bytes.
        what: needs them, for the message.
        hint: what else than more room would help.

    Raises:
        FacegenError: there is less room than that.

    Example:
        >>> check_space(Path("drawn"), 10**15, "pictures")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        facegen.utils.errors.FacegenError: drawn: pictures need about 1000000.0 GB, ... are free. ...
    """
    there = next(path for path in [folder.absolute(), *folder.absolute().parents] if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise FacegenError(
            f"{folder}: {what} need about {size(needed)}, {size(free)} are free. Make room, {hint}."
        )


def size(count: float) -> str:
    """Bytes as people read them.

    Example:
        >>> size(3.4e9), size(120_000_000)
        ('3.4 GB', '120.0 MB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
