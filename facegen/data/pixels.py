"""The pixel cache: every picture of a face set, cropped and resized once, as one uint8 array on disk.

The array is an ordinary .npy file that is memory-mapped: 202,599 pictures take no more memory than
2,000. It lies in `.facegen/` in the set's folder (beside a .zip), or where `cache=` or the
environment variable FACEGEN_CACHE says; it may be deleted at any time (`facegen data clean`). Its
name ends in a hash of all that it was made from, so that a changed picture, crop or size leads to
another file.
"""

import hashlib
import io
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from facegen.data import storage
from facegen.data.dataset import FaceSet
from facegen.data.parallel import CORES, ordered_map
from facegen.data.validation import validate
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger
from facegen.utils.progress import bar

VERSION = 4  # of the way pixels are made: to be raised whenever the same picture gives other pixels
BLOCK = 4 << 20  # bytes written at once
SPARE = 2.0  # pixels that are decoded for each that is wanted, at least, before Lanczos takes over
SPARE_HALVED = 1.3  # the same, of a JPEG decoded at half its size, which is sharper than at 1/4 or 1/8
HINT = "Name another folder with cache=... or the environment variable FACEGEN_CACHE."
Shape = tuple[int, int, int, int]
Box = tuple[float, float, float, float]


def load_pixels(
    faces: FaceSet,
    size: int | tuple[int, int],
    cache: str | Path | None = None,
    workers: int = CORES,
    progress: bool = True,
) -> np.memmap:
    """The pictures of a face set as an array, from the cache or, the first time, from the files.

    Of the set's `crop` the largest centred part with the aspect ratio of `size` is taken, so that no
    face is distorted. An interrupted build goes on where it was, the next time; of two builders the
    second waits for the first. A selection of a set that is cached whole is cut or copied out of
    that file, and no picture is decoded again.

    Args:
        faces: the set.
        size: height and width in pixels, or one number for a square.
        cache: folder to keep the file in; default: FACEGEN_CACHE, or `.facegen` in the set's folder.
        workers: threads that decode; default: one per core.
        progress: show a progress bar while building.

    Returns:
        Read-only uint8 (n, height, width, channels), row i showing `faces.paths[i]`.

    Raises:
        FacegenError: a picture is broken (naming it), the folder cannot be written, the disk is full.

    Example:
        >>> pixels = load_pixels(faces, size=(32, 24), progress=False)
        >>> pixels.shape, pixels.dtype.name
        ((8, 32, 24, 3), 'uint8')
    """
    height, width = map(int, np.broadcast_to(size, 2))
    if min(height, width) < 1:
        raise FacegenError(f"size={size}: expected a height and a width of at least one pixel.")
    shape = (len(faces), height, width, faces.channels)
    folder = cache_folder(faces, cache)
    path = _path(folder, faces, shape)
    if path.exists():
        return _open(path, shape)
    whole = _whole(folder, faces, shape)
    if whole is None:
        block = partial(_decoded, faces, shape)
    elif np.array_equal(faces.rows, np.arange(len(faces)) + faces.rows[0]):
        return whole[faces.rows[0] :][: len(faces)]
    else:
        block = partial(_copied, whole, faces.rows)
    try:
        _build(path, shape, block, workers, progress)
    except storage.CorruptImage as error:
        raise storage.CorruptImage(
            f"{error} `facegen data check {faces.root}` names all that are not whole; with --quarantine it "
            "moves them aside, and the set can be read without them."
        ) from error
    return _open(path, shape)


def readable(
    faces: FaceSet,
    size: int | tuple[int, int],
    cache: str | Path | None = None,
    workers: int = CORES,
    progress: bool = True,
) -> tuple[FaceSet, np.memmap]:
    """What a training can use: the faces whose pictures are whole, and their pixels.

    If any are broken, all pictures are looked at once, and a warning tells which are left out and why.

    Args:
        faces, size, cache, workers, progress: see `pixels`.

    Raises:
        FacegenError: no picture is whole; or see `pixels`.
    """
    shape = (len(faces), *map(int, np.broadcast_to(size, 2)), faces.channels)
    note = _path(cache_folder(faces, cache), faces, shape).with_suffix(".broken.json")
    if not note.exists():
        try:
            return faces, load_pixels(faces, size, cache, workers, progress)
        except storage.CorruptImage:
            broken = validate(faces, workers, progress).broken
            if not broken:  # at full size it is whole, and yet it cannot be cut to this one
                raise
            files.write_text(note, json.dumps(broken))
    broken = json.loads(note.read_text(encoding="utf-8"))
    logger.warning(_left_out(faces, broken))
    kept = faces.select([row for row, path in enumerate(faces.paths) if path not in broken])
    return kept, load_pixels(kept, size, cache, workers, progress)


def _left_out(faces: FaceSet, broken: dict[str, str], most: int = 5) -> str:
    """Which pictures a training has to do without, and why."""
    lines = [f"  {path} {reason}" for path, reason in broken.items()]
    return "\n".join(
        [
            f"{faces.root}: {len(broken):,} of {len(faces):,} pictures are left out:",
            *lines[:most],
            *(["  ..."] if len(lines) > most else []),
            f"facegen data check {faces.root} looks at the whole set; with --quarantine it moves them aside.",
        ]
    )


def crop_box(width: int, height: int, crop: Box, shape: tuple[int, int]) -> Box:
    """The part of a picture that is looked at: left, top, right, bottom in pixels, not rounded.

    Args:
        width, height: of the picture.
        crop: fractions of the picture, see `FaceSet`.
        shape: (height, width) of what is to be made of it.
    """
    left, top, right, bottom = (edge * side for edge, side in zip(crop, (width, height) * 2, strict=True))
    scale = min((right - left) / shape[1], (bottom - top) / shape[0])
    half_width, half_height = shape[1] * scale / 2, shape[0] * scale / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    box = x - half_width, y - half_height, x + half_width, y + half_height
    return max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height)  # rounding errors


def resized(faces: FaceSet, row: int, shape: tuple[int, int]) -> np.ndarray:
    """One picture cropped and resized, uint8 (height, width, channels), without the cache.

    Antialiased by Lanczos, the sharpest of Pillow's filters. A JPEG is decoded at 1/2, 1/4 or 1/8 of
    its size, which saves most of the work, where that leaves enough pixels for each pixel wanted.
    `benchmarks/run.py cache` tells how much faster that is, and how many grey levels it changes.
    """
    name = faces.paths[row]

    content = storage.data(faces.root, name)
    return cut(content, str(faces.root / name), faces.mode, faces.crop, shape)


def cut(content: bytes, name: str, mode: str, crop: Box, shape: tuple[int, int]) -> np.ndarray:
    """A picture's file cropped and resized, uint8 (height, width, channels).

    Args:
        content: of the file.
        name: of the file, for messages.
        mode: "RGB" or "L".
        crop, shape: see `crop_box`.
    """

    def shrink(width: int, height: int) -> float:
        left, _, right, _ = crop_box(width, height, crop, shape)
        wider = (right - left) / shape[1]
        return max(1.0, min(2.0, wider / SPARE_HALVED), wider / SPARE)

    picture = storage.decode(content, name, mode, shrink)
    # The window is a fraction of the picture: it does not matter at what size that was decoded.
    box = crop_box(*picture.size, crop, shape)
    small = picture.resize(shape[::-1], Image.Resampling.LANCZOS, box)
    return np.asarray(small).reshape(*shape, -1)


def _decoded(faces: FaceSet, shape: Shape, rows: range) -> np.ndarray:
    return np.stack([resized(faces, row, shape[1:3]) for row in rows])


def _copied(whole: np.ndarray, taken: np.ndarray, rows: range) -> np.ndarray:
    return whole[taken[rows.start : rows.stop]]


def _whole(folder: Path, faces: FaceSet, shape: Shape) -> np.ndarray | None:
    """The cached pixels of the set that these faces were selected from, if there are any."""
    if faces.whole is None:
        return None
    shape = (len(faces.whole), *shape[1:])
    path = _path(folder, faces.whole, shape)
    return _open(path, shape) if path.exists() else None


def cache_folder(faces: FaceSet, cache: str | Path | None = None) -> Path:
    """Where things made from a set are kept: `cache`, FACEGEN_CACHE, or `.facegen` beside the pictures."""
    return cache_dir(faces.root, cache)


def cache_dir(root: Path, cache: str | Path | None = None) -> Path:
    """The same, of a set in the folder or .zip `root`, which need not be read for that."""
    own = root if root.is_dir() else root.parent
    return Path(cache or os.environ.get("FACEGEN_CACHE") or own / ".facegen")


def _path(folder: Path, faces: FaceSet, shape: Shape) -> Path:
    digest = hashlib.sha256(repr((VERSION, faces.crop, shape, faces.paths)).encode())
    digest.update(storage.stamps(faces.root, faces.paths).astype("<i8").tobytes())
    return folder / f"pixels-{_size(shape)}-{digest.hexdigest()[:16]}.npy"


def _size(shape: Shape) -> str:
    return "x".join(map(str, shape[1:]))


def _open(path: Path, shape: Shape) -> np.memmap:
    try:
        array = np.load(path, mmap_mode="r")
        if array.shape == shape and array.dtype == np.uint8:
            return array
        reason = f"holds {array.dtype}{array.shape}"
    except (ValueError, EOFError, OSError) as error:
        reason = str(error)
    raise FacegenError(f"{path}: expected uint8{shape}, but the file {reason}; delete it.")


def _build(
    path: Path, shape: Shape, block: Callable[[range], np.ndarray], workers: int, progress: bool
) -> None:
    """Write the array aside, block after block, and give it its name when it is complete.

    Args:
        path: of the .npy file.
        shape: of the array.
        block: row numbers -> their pixels.
    """
    part = path.with_suffix(".part")
    with files.locked(path.parent, "makes pixels here", HINT):
        if path.exists():  # made by another builder while this one waited
            return
        for other in path.parent.glob("pixels-*.part"):
            if other != part:  # only one process builds: this is what a killed one has left
                other.unlink()
        try:
            with open(part, "a+b") as file:
                _fill(file, shape, block, workers, progress)
            os.replace(part, path)
        except FacegenError:
            part.unlink()
            raise
        except OSError as error:
            raise FacegenError(f"{part}: cannot be written ({error}). {HINT}") from error


def _fill(
    file: BinaryIO, shape: Shape, block: Callable[[range], np.ndarray], workers: int, progress: bool
) -> None:
    """Write the header of the .npy file and the rows, going on behind those that are there already.

    Plain writing, no memory map: a full disk is then an error and not the end of the process, and the
    pages do not count as its memory. Each block is forced to the disk, so that after a crash only the
    last one is in doubt, and is made again.
    """
    count, row = shape[0], int(np.prod(shape[1:]))
    step = max(1, BLOCK // row)
    head = _header(shape)
    file.seek(0)
    there = file.seek(0, os.SEEK_END) - len(head) if file.read(len(head)) == head else -1
    done = max(0, there // row - step) if there >= 0 else 0
    file.truncate(len(head) + done * row if there >= 0 else 0)
    files.check_space(Path(file.name).parent, (count - done) * row, "the pixels", f"or n{HINT[1:-1]}")
    if there < 0:
        file.write(head)
    blocks = [range(first, min(first + step, count)) for first in range(done, count, step)]
    with bar(count, _size(shape), "", done, progress) as made:
        for array in ordered_map(block, blocks, workers):
            file.write(array)
            file.flush()
            os.fsync(file.fileno())
            made.update(len(array))


def _header(shape: Shape) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return buffer.getvalue()
