"""From files to batches: the pixel cache made and read, up to 202,599 pictures."""

import logging
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import pictures
from benchmarks.timing import CORES, Variant, alone, compare, spread, times_as_fast

OURS, PILLOW, NUMPY = "facegen", "Pillow, one process per core", "NumPy fancy indexing"
PANDAS = "pandas, as whole numbers"
CELEBA = 202_599  # pictures


def _made(folder: Path, size: tuple[int, int]) -> None:
    """Make the pixel cache of a folder anew."""
    import facegen
    from facegen.data.pixels import load_pixels

    with tempfile.TemporaryDirectory(dir=pictures.folder()) as cache:
        load_pixels(facegen.read(folder), size, cache, workers=CORES, progress=False)


def _read_by_pillow(pool, folder: Path, size: tuple[int, int]) -> None:
    import facegen
    from facegen.data.pixels import crop_box

    faces = facegen.read(folder)
    box = crop_box(*faces.image(0).size, faces.crop, size)
    pool.read([faces.root / name for name in faces.paths], box, size)


def tables(small: bool = False) -> dict:
    """CelebA's tables: of attributes, partitions and identities; and the first by pandas alone, unchecked."""
    import pandas

    import facegen
    from facegen.utils.logging import at_least

    count = 200 if small else CELEBA
    folder = pictures.rows(count)
    labels = folder / "list_attr_celeba.txt"
    variants = {
        PANDAS: Variant(lambda: pandas.read_csv(labels, sep=r"\s+", skiprows=1), count),
        OURS: Variant(lambda: facegen.read(folder), count),
    }
    with at_least(logging.WARNING):  # that most rows have no picture
        found = compare(variants, 1 if small else 5)
    return {"rows": found["rows"], "ratios": {"rows/s": times_as_fast(found["seconds"], *variants)}}


def cache(small: bool = False) -> dict:
    """The first pass: JPEGs to uint8 pixels; ours goes to the disk, Pillow's stays in memory."""
    from benchmarks.ports.pillow import Processes

    crowd = pictures.crowd(16, 16) if small else pictures.crowd(2000)
    people = pictures.people(1, 68) if small else pictures.people(5)
    pool, result = Processes(CORES), {"rows": [], "ratios": {}, "notes": []}
    sets = {"178x218 to 64x64": (crowd, (64, 64)), "681x1024 to 160x128": (people, (160, 128))}
    for what, (folder, size) in sets.items():
        count = sum(1 for _ in folder.rglob("*.jpg"))
        variants = {
            f"{PILLOW}, {what}": Variant(lambda f=folder, s=size: _read_by_pillow(pool, f, s), count),
            f"{OURS}, {what}": Variant(lambda f=folder, s=size: _made(f, s), count),
        }
        found = compare(variants, 1 if small else 5)
        for row, off in zip(found["rows"], _off(folder, size), strict=True):  # theirs, ours
            result["rows"].append({**row, "grey levels off": off})
        result["ratios"][f"images/s, {what}"] = times_as_fast(found["seconds"], *reversed(variants))
    pool.close()
    return result


def _off(folder: Path, size: tuple[int, int], count: int = 16) -> tuple[float, float]:
    """How far Pillow's pixels and ours are, on average, from the whole picture resized by Lanczos."""
    import facegen
    from benchmarks.ports.pillow import decoded
    from facegen.data.pixels import crop_box, resized

    faces = facegen.read(folder)
    rows = range(0, len(faces), max(1, len(faces) // count))
    box = crop_box(*faces.image(0).size, faces.crop, size)
    whole = [faces.image(row).resize(size[::-1], Image.Resampling.LANCZOS, box) for row in rows]
    best = np.stack([np.asarray(picture) for picture in whole])
    theirs = np.stack([decoded(faces.root / faces.paths[row], box, size) for row in rows])
    ours = np.stack([resized(faces, row, size) for row in rows])
    return tuple(float(np.abs(x.astype("float32") - best).mean()) for x in (theirs, ours))


def batches(small: bool = False) -> dict:
    """Later passes: batches out of a memory-mapped array that the system has in memory."""
    result = {"rows": [], "ratios": {}}
    shapes = {64: (200, 16, 16, 3)} if small else {64: (20_000, 64, 64, 3), 16: (1000, 320, 256, 3)}
    for batch_size, shape in shapes.items():
        path = pictures.folder() / "noise.npy"
        found = _batches(pictures.noise(shape, path), batch_size, 2 if small else 200)
        path.unlink()
        result["rows"] += found["rows"]
        what = f"batches/s, {batch_size} of {shape[1]}x{shape[2]}"
        result["ratios"][what] = times_as_fast(found["seconds"], *reversed(found["seconds"]))
    return result


def _batches(pixels: np.ndarray, batch_size: int, steps: int) -> dict:
    from facegen.data.loader import Batches

    conditions = {"attributes": np.zeros((len(pixels), 40), "float32")}
    data = Batches(pixels, conditions, batch_size)
    steps = min(steps, data.steps)
    order = data.order(0)[:steps]
    epoch = data.epoch(0)
    side = "x".join(map(str, pixels.shape[1:3]))
    variants = {
        f"{NUMPY}, {batch_size} of {side}": Variant(
            lambda: [pixels[rows] for rows in order], steps * batch_size, steps
        ),
        f"{OURS}, {batch_size} of {side}": Variant(
            lambda: [epoch[i] for i in range(steps)], steps * batch_size, steps
        ),
    }
    return compare(variants, 7)


def crowd(small: bool = False) -> dict:
    """Up to as many pictures as CelebA has: time for each, memory, first batch; a process for each."""
    rows = []
    for count in (20, 60) if small else (2000, 20_000, CELEBA):
        folder = pictures.crowd(count, 16 if small else pictures.DRAWN)
        cached = pictures.folder() / "crowd-cache"
        made = alone(make, folder=str(folder), cache=str(cached))
        opened = alone(first_batch, folder=str(folder), cache=str(cached))
        rows.append(
            {
                "variant": f"{count:,} pictures",
                "cache, µs an image": 1e6 * made["seconds"] / count,
                "cache, peak GB": made["peak"] / 1e9,
                "later: read, µs an image": 1e6 * opened["read"] / count,
                "first batch, ms": 1000 * opened["batch"],
                "peak GB": opened["peak"] / 1e9,
            }
        )
        shutil.rmtree(cached)
        if folder.name.startswith("linked"):
            shutil.rmtree(folder)
    first, last = rows[0], rows[-1]
    keys = ("cache, µs an image", "cache, peak GB", "first batch, ms", "peak GB")
    return {
        "rows": rows,
        "ratios": {f"{key}: most / fewest": spread([last[key] / first[key]]) for key in keys},
    }


def make(folder: str, cache: str) -> dict:
    """Make the cache of a folder."""
    import facegen
    from facegen.data.pixels import load_pixels

    start = time.perf_counter()
    load_pixels(facegen.read(folder), 64, cache, workers=CORES, progress=False)
    return {"seconds": time.perf_counter() - start}


def first_batch(folder: str, cache: str) -> dict:
    """Open a set whose pixels are cached, and take the first batch of an epoch."""
    import facegen
    from facegen.data.loader import Batches
    from facegen.data.pixels import load_pixels

    start = time.perf_counter()
    faces = facegen.read(folder)
    array = load_pixels(faces, 64, cache, progress=False)
    read = time.perf_counter() - start
    data = Batches(array, faces.conditions, min(64, len(faces)))
    start = time.perf_counter()
    data.epoch(0)[0]
    return {"read": read, "batch": time.perf_counter() - start}
