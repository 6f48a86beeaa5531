"""Everything that is measured of a model, as one dict that JSON can hold."""

import os
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path

import keras
import numpy as np

from facegen import __version__
from facegen.clay import writer
from facegen.data.dataset import FaceSet
from facegen.data.pixels import load_pixels
from facegen.metrics.deconv_report import deconv_report
from facegen.metrics.formatting import plain
from facegen.metrics.gan_report import gan_report, rows_of
from facegen.models.base import FaceModel
from facegen.models.deconv import Deconv
from facegen.models.gan import GAN
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger
from facegen.utils.progress import bar
from facegen.viz import video


def report(
    model: FaceModel, faces: FaceSet, floor: GAN | None = None, progress: bool = True, **effort
) -> dict:
    """Measure a model on the held-out faces of the set that it learned from.

    Args:
        model: a GAN, a flow or a deconvolution network.
        faces: the whole set, with train and test (without a deconvolution network, also validation) faces.
        floor: a GAN that does not heed requests, to compare a GAN or a flow with.
        progress: show progress bars.
        **effort: how much is drawn for a GAN or a flow, see `gan_report`.

    Returns:
        Nested dicts of numbers, None where nothing could be measured; docs/measures.md tells of each key.

    Raises:
        FacegenError: the set, or the floor, does not fit the model.

    Example:
        >>> held = heads.hold_out(0.25, seed=0)
        >>> model = Deconv(held.names, start=(5, 4), depth=1, kernels=[4], dense=8)
        >>> found = report(model, held, progress=False)
        >>> found["model"], found["counts"]["held_out"] == len(held.part("test"))
        ({'kind': 'Deconv', 'image': [20, 16, 3]}, True)
    """
    if model.reads_noise:
        found = gan_report(model, faces, floor, progress=progress, **effort)
    elif isinstance(model, Deconv) and floor is None and not effort:
        found = deconv_report(model, faces, progress)
    else:
        raise FacegenError(
            f"{type(model).__name__}: a floor and an effort are for measures of a GAN or a flow."
        )
    about = {
        "model": {"kind": type(model).__name__, "image": list(model.image_shape)},
        "data": {"name": faces.root.name, "kind": faces.kind, "faces": len(faces)},
        "clay": _looks(model, faces),
        "machine": machine(),
        "versions": {"facegen": __version__, "keras": keras.__version__, "backend": keras.backend.backend()},
    }
    return plain({**about, **found})


def _looks(model: FaceModel, faces: FaceSet) -> dict[str, int | None]:
    """Which look clay had when a model learned from it, and which one a set has; they should be the same."""
    note = writer.read_note(faces.root) if faces.root.is_dir() else None
    learned, measured = model.card.get("clay"), note and note["fixed"]["look"]
    if learned and measured and learned != measured:
        logger.warning(
            f"{model.title} learned from clay of look {learned}, {faces.root} has look {measured}: what the "
            "renderer draws differently now counts against the model."
        )
    return {"learned": learned, "measured": measured}


def machine() -> str:
    """What measured, in words.

    Example:
        >>> machine().split(", ")[0] == f"{os.cpu_count()} CPU cores"
        True
    """
    gpus = sum("gpu" in name.lower() for name in keras.distribution.list_devices())
    return f"{os.cpu_count()} CPU cores, {platform.machine()}, {f'{gpus} GPU' if gpus else 'no GPU'}"


def write_pictures(
    model: FaceModel, faces: FaceSet, folder: str | Path, count: int = 2000, progress: bool = True
) -> None:
    """Write held-out pictures, and what a model draws for their conditions, as two folders of PNG files.

    For measures of other libraries, such as FID and KID: see docs/measures.md.

    Args:
        model: draws with the noise of seed 0.
        faces: of which the validation and test faces are taken.
        folder: "drawn" and "real" are made in it.
        count: of each partition, at most.
        progress: show progress bars.

    Example:
        >>> held = heads.hold_out(0.25, seed=0)
        >>> model = Deconv(held.names, start=(5, 4), depth=1, kernels=[4], dense=8)
        >>> write_pictures(model, held, "pictures", progress=False)
        >>> drawn, real = (sorted(Path("pictures", name).iterdir()) for name in ("drawn", "real"))
        >>> drawn[0].name, len(drawn) == len(real) == len(held.part("test"))
        ('00000.png', True)
    """
    rows = np.sort(np.concatenate([rows_of(faces, part, count) for part in (1, 2)]))
    real = load_pixels(faces, model.image_shape[:2], progress=progress)
    inputs = {name: values[rows] for name, values in faces.conditions.items()}
    if model.reads_noise:
        inputs["noise"] = model.sample_noise(len(rows), seed=0)
    chunks = [slice(i, i + 64) for i in range(0, len(rows), 64)]
    drawn = (image for chunk in chunks for image in model.draw({k: v[chunk] for k, v in inputs.items()}))
    for name, frames in (("drawn", drawn), ("real", (real[row] for row in rows))):
        with bar(len(rows), f"writing {name}", "img", show=progress) as done:
            video.write_frames(_counted(frames, done), Path(folder) / name, "png")


def _counted(frames: Iterable, done) -> Iterator:
    for frame in frames:
        yield frame
        done.update()
