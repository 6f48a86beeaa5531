"""Filling a folder with pictures: several at a time, whole or not at all, and going on where it stopped.

Threads, not processes: compiled code lets go of Python's lock, two threads drew 1.9 times as fast as one,
and the renderer is compiled once.
"""

import io
import json
import os
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from PIL import Image

from facegen.utils import files, mark
from facegen.utils.errors import FacegenError
from facegen.utils.progress import bar

NOTE = "clay.json"
RENDERER_VERSION = 2  # raised whenever the same settings give other pictures than before
QUALITY = 92  # of JPEG


def read_note(folder: Path) -> dict | None:
    """Return what clay noted about a folder, None if it noted nothing."""
    path = folder / NOTE
    if not path.is_file():
        return None
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return {
            "fixed": dict(note["fixed"]),
            "extent": dict(note["extent"]),
            "complete": bool(note["complete"]),
        }
    except (ValueError, KeyError, TypeError) as error:
        raise FacegenError(
            f"{path}: not a note that clay wrote ({error}); delete the folder to start over"
        ) from None


def write_note(folder: Path, fixed: Mapping, extent: Mapping, complete: bool) -> None:
    note = {"fixed": dict(fixed), "extent": dict(extent), "complete": complete}
    files.write_text(folder / NOTE, json.dumps(note, indent=1) + "\n")


def complete(folder: str | os.PathLike) -> bool:
    """Return whether a folder holds a whole set of clay, with nothing left to draw.

    Example:
        >>> from facegen import clay
        >>> folder = clay.rafd("heads", people=1, angles=[90], width=16, progress=False)
        >>> clay.complete(folder), clay.complete("nowhere")
        (True, False)
    """
    note = read_note(Path(folder))
    return note is not None and note["complete"]


def grown(old, new) -> bool:
    """Is `new` at least as much as `old`? Lists are sets here."""
    return set(old) <= set(new) if isinstance(old, list) else new >= old


def brief(value: object) -> object:
    """A setting as a message shows it."""
    return f"a table ({zlib.crc32(repr(value).encode()):08x})" if isinstance(value, dict) else value


def open_folder(folder: Path, fixed: Mapping, extent: Mapping) -> bool:
    """Begin a folder or go on with one; return whether nothing is left to do.

    fixed: the settings that a picture depends on: they must be those the folder was begun with. extent: how
    many pictures there are: it may grow. Raises FacegenError where they don't fit.
    """
    fixed = {"look": RENDERER_VERSION, **fixed}
    note = read_note(folder) if folder.is_dir() else None
    if note is None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FacegenError(f"{folder}: not empty, and not begun by clay; choose a new folder")
        folder.mkdir(parents=True, exist_ok=True)
    else:
        for name in fixed | note["fixed"]:
            then, now = note["fixed"].get(name), fixed.get(name)
            if then != now:
                was = f"was begun with {name} = {brief(then)}, not {brief(now)}"
                raise FacegenError(f"{folder} {was}; use the same settings, or another folder")
        for name, value in extent.items():
            if not grown(note["extent"].get(name, value), value):
                was = f"was begun with {name} = {note['extent'][name]}, and can only grow, not become {value}"
                raise FacegenError(f"{folder} {was}; use another folder")
        if note["complete"] and note["extent"] == dict(extent):
            return True
    write_note(folder, fixed, extent, complete=False)
    return False


def close_folder(folder: Path, fixed: Mapping, extent: Mapping) -> None:
    """Sweep out what killed runs left, and note that the folder is whole."""
    for part in folder.rglob(".*.part"):
        if time.time() - part.stat().st_mtime > 600:
            part.unlink(missing_ok=True)
    write_note(folder, {"look": RENDERER_VERSION, **fixed}, extent, complete=True)


def encoded(picture: np.ndarray, extension: str) -> bytes:
    """A picture as the bytes of a .jpg or a .pgm file, with the mark that nobody real is shown."""
    # no version of facegen in it: the same seed gives the same bytes
    says = f"{mark.SYNTHETIC} clay, look {RENDERER_VERSION}."
    if extension == ".pgm":
        height, width = picture.shape
        return f"P5\n# {says}\n{width} {height}\n255\n".encode() + picture.tobytes()
    buffer = io.BytesIO()
    mark.save(Image.fromarray(picture), buffer, "JPEG", says, quality=QUALITY)
    return buffer.getvalue()


def save(path: Path, picture: np.ndarray) -> None:
    """Write a picture aside, then give it its name: it is there whole or not at all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        aside.write_bytes(encoded(picture, path.suffix))
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def whole(path: Path) -> bool:
    """Does the file end where a picture does? After a power cut it may not."""
    try:
        with open(path, "rb") as file:
            if path.suffix == ".pgm":
                head, _, rest = file.read().partition(b"\n255\n")
                return bool(rest) and len(rest) == np.prod([*map(int, head.split(b"\n")[-1].split())])
            file.seek(-2, os.SEEK_END)
            return file.read() == b"\xff\xd9"
    except (OSError, ValueError):
        return False


def fill(
    folder: Path,
    names: Sequence[str],
    picture: Callable[[int], np.ndarray],
    workers: int,
    progress: bool,
) -> None:
    """Draw the pictures that `folder` lacks: names[i] is the file of picture(i).

    When interrupted, pictures begun are finished, and the rest is left for the next time.
    """
    if workers < 1:
        raise FacegenError(f"workers: expected 1 or more, got {workers}")
    missing = [i for i, name in enumerate(names) if not whole(folder / name)]
    if not missing:
        return
    picture(missing[0])  # compiles the renderer, once, before there are threads
    pool = ThreadPoolExecutor(workers)
    drawn = bar(len(names), "drawing", "img", len(names) - len(missing), progress)
    try:
        jobs = [pool.submit(lambda i=i: save(folder / names[i], picture(i))) for i in missing]
        for job in as_completed(jobs):
            job.result()
            drawn.update()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        drawn.close()
