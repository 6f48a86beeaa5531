"""What only clay can tell: the same person with one attribute switched, with half an emotion, at any angle.

Each picture is drawn as the data set would show it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from facegen.data.dataset import FaceSet
from facegen.data.parallel import ordered_map
from facegen.data.pixels import cache_folder, crop_box
from facegen.metrics.controllability import flips
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.utils.progress import bar

VERSION = 2  # of the way the truth is drawn
AMPLE = 2.5  # drawn pixels for each one that is asked for, where the set has fewer than one


def known(faces: FaceSet) -> bool:
    """Whether each face can be drawn with an attribute switched: these are clay people in CelebA's format."""
    return _note(faces, "celeba") is not None


def known_views(faces: FaceSet) -> bool:
    """Whether anybody can be drawn with any emotion at any angle: these are clay people in RaFD's format."""
    return _note(faces, "rafd") is not None


def _note(faces: FaceSet, kind: str) -> dict | None:
    from facegen.clay import writer

    note = writer.read_note(faces.root) if faces.root.is_dir() else None
    return note if note and note["fixed"].get("format") == kind else None


def _known_note(faces: FaceSet, kind: str) -> dict:
    note = _note(faces, kind)
    if note is None:
        name = {"celeba": "CelebA", "rafd": "RaFD", "yaleb": "Yale B"}[kind]
        raise FacegenError(
            f"{faces.root}: expected clay in {name}'s format; of others nobody knows the truth."
        )
    return note


def true_flips(faces: FaceSet, size: int, workers: int = 2, progress: bool = True) -> np.ndarray:
    """The pictures that a model would draw for `flips` if it drew as the set was drawn.

    Each takes some hundredths of a second; they are kept in the set's cache folder.

    Args:
        faces: of clay in CelebA's format.
        size: side of the pictures.
        workers: pictures drawn at a time.
        progress: show a progress bar.

    Returns:
        uint8 (1 + columns, n, size, size, 3): the faces, then the faces with each attribute switched.

    Raises:
        FacegenError: the faces aren't such clay.
    """
    note = _known_note(faces, "celeba")
    count = len(faces.names["attributes"])
    made_of = [VERSION, note, size, faces.crop, faces.paths]
    pictures = _kept(faces, made_of, lambda: _flipped(faces, note, size, workers, progress))
    return pictures.reshape(1 + count, len(faces), size, size, 3)


def portraits(
    crowd,
    asked: Sequence[tuple[int, Mapping[str, float] | np.ndarray]],
    size: int,
    crop: tuple,
    workers: int = 2,
) -> np.ndarray:
    """People of a crowd with any attributes, as a set of clay would show them; kept nowhere.

    Args:
        crowd: a `clay.Population`.
        asked: numbers of its pictures, from 0, each with the attributes that are wanted there.
        size: side of the pictures.
        crop: of the set, `faces.crop`.
        workers: pictures drawn at a time.

    Returns:
        uint8 (asked, size, size, 3).

    Example:
        >>> from facegen import clay
        >>> crowd = clay.Population(2, seed=7)
        >>> calm, smiling = ({**crowd.attributes(0), "Smiling": on} for on in (False, True))
        >>> pair = portraits(crowd, [(0, calm), (0, smiling)], size=16, crop=(0, 0, 1, 1))
        >>> pair.shape, bool((pair[0] == pair[1]).all())
        ((2, 16, 16, 3), False)
    """
    return _drawn(partial(_picture, crowd, crop, size), asked, workers, progress=False)


def true_views(
    faces: FaceSet,
    requests: Sequence[tuple[str, str | Mapping[str, float], float]],
    size: tuple[int, int],
    workers: int = 2,
    progress: bool = True,
) -> np.ndarray:
    """People as they look with any emotion, or a mixture of them, at any angle; kept like `true_flips`.

    Args:
        faces: of clay in RaFD's format.
        requests: who, as the set names them; an emotion, or {name: weight}, the sum of what each does to
            the face's muscles; degrees, 0 is frontal.
        size: (height, width) of the pictures; larger ones than the set has are drawn anew, not enlarged.
        workers: pictures drawn at a time.
        progress: show a progress bar.

    Returns:
        uint8 (requests, height, width, 3).

    Raises:
        FacegenError: the faces aren't such clay, or it has no such person or emotion.
    """
    note = _known_note(faces, "rafd")
    about = {"seed": note["fixed"]["seed"], "width": _width(note["fixed"]["width"], faces.crop, size)}
    shown = partial(_view, about, faces.crop, tuple(size))
    made_of = [VERSION, note["fixed"], about, size, faces.crop, list(requests)]
    return _kept(faces, made_of, lambda: _drawn(shown, requests, workers, progress))


def true_masks(faces: FaceSet, size: tuple[int, int], workers: int = 2, progress: bool = True) -> np.ndarray:
    """Which pixels of each picture show the person, not the backdrop; kept like `true_flips`.

    Measures may use it; no network of the course is told.

    Args:
        faces: of clay, in any of its formats.
        size: (height, width) that the pictures are cropped and resized to.
        workers: pictures drawn at a time.
        progress: show a progress bar.

    Returns:
        bool (n, height, width).

    Raises:
        FacegenError: the faces aren't clay.
    """
    from facegen.clay import writer

    note = writer.read_note(faces.root) if faces.root.is_dir() else None
    if note is None:
        raise FacegenError(f"{faces.root}: expected clay; of others nobody knows the truth.")
    made_of = [VERSION, "masks", note, size, faces.crop, faces.paths]
    one = partial(_mask, faces.root, faces.crop, tuple(size))
    return _kept(faces, made_of, lambda: _drawn(one, faces.paths, workers, progress))


def _width(width: int, crop: tuple, size: tuple[int, int]) -> int:
    """That of the set's pictures; where these would have to be enlarged, one that need not be."""
    from facegen.clay.as_rafd import HEIGHT, WIDTH

    left, _, right, _ = crop_box(width, round(width * HEIGHT / WIDTH), crop, size)
    return width if right - left >= size[1] else round(AMPLE * width * size[1] / (right - left))


def _kept(faces: FaceSet, made_of: list, draw: Callable[[], np.ndarray]) -> np.ndarray:
    """Pictures from the set's cache folder, drawn where they aren't there."""
    key = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]
    path = cache_folder(faces) / f"truth-{key}.npy"
    if not path.is_file():
        pictures = draw()
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, lambda file: np.save(file, pictures))
    return np.load(path)


def _drawn(shown: Callable, tasks: Sequence, workers: int, progress: bool) -> np.ndarray:
    pictures = [shown(tasks[0])]  # compiles the renderer before there are threads
    with bar(len(tasks), "drawing the truth", "img", 1, progress) as done:
        for picture in ordered_map(shown, tasks[1:], workers):
            pictures.append(picture)
            done.update()
    return np.stack(pictures)


def _flipped(faces: FaceSet, note: dict, size: int, workers: int, progress: bool) -> np.ndarray:
    from facegen.clay.as_celeba import crowd_of

    crowd = crowd_of(note)
    requests = flips(faces.conditions["attributes"], faces.names["attributes"])
    numbers = [int(Path(path).stem) - 1 for path in faces.paths]
    tasks = [(number, row) for rows in requests for number, row in zip(numbers, rows, strict=True)]
    return _drawn(partial(_picture, crowd, faces.crop, size), tasks, workers, progress)


def _view(about: dict, crop: tuple, size: tuple[int, int], task: tuple) -> np.ndarray:
    from facegen.clay.as_rafd import picture

    who, emotion, degrees = task
    return _resized(picture(int(who), emotion, degrees + 90, **about), crop, size)


def _mask(root: Path, crop: tuple, size: tuple[int, int], path: str) -> np.ndarray:
    from facegen.clay import mask_of

    return _resized(np.uint8(255) * mask_of(root / path), crop, size) > 127


def _picture(crowd, crop: tuple, size: int, task: tuple[int, np.ndarray]) -> np.ndarray:
    from facegen.clay import draw
    from facegen.clay.as_celeba import DETAIL, HEIGHT, WIDTH

    number, row = task
    return _resized(draw(crowd.face(number, row), WIDTH, HEIGHT, detail=DETAIL), crop, (size, size))


def _resized(picture: np.ndarray, crop: tuple, size: tuple[int, int]) -> np.ndarray:
    """As the set's pictures are, but without the traces of JPEG."""
    box = crop_box(picture.shape[1], picture.shape[0], crop, size)
    return np.asarray(Image.fromarray(picture).resize(size[::-1], Image.Resampling.LANCZOS, box))


def regions(model_maps: np.ndarray, true_maps: np.ndarray) -> np.ndarray:
    """Cosine between each map of change and each true one, float64 (columns, columns).

    Row i, column j: where toggle i changes pictures, against where attribute j truly does. 1 is the
    same place; maps that do not overlap have 0.

    Args:
        model_maps, true_maps: see `change_maps`.
    """
    a, b = (x.reshape(len(x), -1) for x in (model_maps, true_maps))
    lengths = np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    return a @ b.T / np.maximum(lengths, 1e-12)


def area(change: np.ndarray) -> np.ndarray:
    """Share of the picture that a map of change covers, (columns,): 1 if all of it changes alike.

    The squared sum over the sum of squares, over the number of pixels.
    """
    flat = change.reshape(len(change), -1)
    return np.square(flat.sum(axis=1)) / np.maximum(np.square(flat).sum(axis=1) * flat.shape[1], 1e-12)
