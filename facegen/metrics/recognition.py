"""What a classifier reads in pictures, against what each of them was asked to show."""

from collections.abc import Mapping

import numpy as np

from facegen.data.dataset import FaceSet
from facegen.metrics.classifier import attribute_classifier, is_exclusive

READ = "emotion"  # the condition that is read back
TALLEST = 96  # pixels: higher pictures are halved, as expressions need no more
AGREES = 0.5  # cosine, from which on a change is said to go the right way


def confusion_matrix(asked: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """How often each column was seen where each was asked for, int (columns asked, columns seen).

    Args:
        asked, seen: bool or 0 and 1, (n, columns), one in each row.

    Example:
        >>> confusion_matrix([[1, 0], [1, 0], [0, 1]], [[1, 0], [0, 1], [0, 1]]).tolist()
        [[1, 1], [0, 1]]
    """
    return np.asarray(asked, int).T @ np.asarray(seen, int)


def halved(images: np.ndarray, most: int = TALLEST) -> np.ndarray:
    """Pictures of at most so many lines: means of 2 x 2 pixels, again and again; uint8 (n, h, w, channels).

    Example:
        >>> halved(np.zeros((1, 160, 128, 3), "uint8")).shape
        (1, 80, 64, 3)
    """
    n, height, width, channels = images.shape
    if height <= most or height % 2 or width % 2:
        return images
    blocks = np.asarray(images, "float32").reshape(n, height // 2, 2, width // 2, 2, channels)
    return halved(np.round(blocks.mean(axis=(2, 4))).astype("uint8"), most)


def readable(faces: FaceSet) -> bool:
    """Whether a set has emotions, one a face."""
    return READ in faces.names and is_exclusive(faces, READ)


def recognition_report(
    faces: FaceSet,
    asked: np.ndarray,
    guesses: Mapping[str, np.ndarray],
    cosines: Mapping[str, float],
    progress: bool = True,
) -> dict:
    """Read emotions off pictures with a classifier that learned from the set's training pictures.

    Args:
        faces: with emotions, see `readable`.
        asked: the emotion of each picture, (n, columns).
        guesses: uint8 (n, height, width, channels) each: "drawn"; "ceiling", the true pictures; and "floor".
        cosines: of the drawn and the true change, column -> value, to be compared with.
        progress: show progress bars.

    Returns:
        {"drawn", "ceiling", "floor"}: shares that are read as what was asked; also "of_ceiling", "columns",
        "names", "confusion", "disagrees" and "classifier": docs/measures.md tells of each.

    Example:
        >>> from facegen.data.pixels import load_pixels
        >>> true = load_pixels(heads, (20, 16), progress=False)
        >>> guesses = {"drawn": true, "ceiling": true, "floor": true}
        >>> found = recognition_report(heads, heads.conditions["emotion"], guesses, {}, progress=False)
        >>> found["of_ceiling"], sum(map(sum, found["confusion"])) == len(heads)
        (1.0, True)
    """
    small = {name: halved(images) for name, images in guesses.items()}
    eye = attribute_classifier(faces, small["drawn"].shape[1:3], READ, progress=progress)
    names = faces.names[READ]
    counts = {name: confusion_matrix(asked, eye.read(images)) for name, images in small.items()}
    shares = {name: float(np.trace(count) / count.sum()) for name, count in counts.items()}
    right = {name: np.diag(count) / np.maximum(count.sum(axis=1), 1) for name, count in counts.items()}
    columns = {
        column: {"asked": int(counts["drawn"][i].sum()), **{name: float(x[i]) for name, x in right.items()}}
        for i, column in enumerate(names)
        if counts["drawn"][i].any()
    }
    return {
        **shares,
        "of_ceiling": shares["drawn"] / shares["ceiling"] if shares["ceiling"] else float("nan"),
        "columns": columns,
        "names": list(names),
        "confusion": counts["drawn"].tolist(),
        "disagrees": [
            column
            for column, row in columns.items()
            if row["drawn"] < row["ceiling"] / 2 and cosines.get(column, 0) >= AGREES
        ],
        "classifier": eye.settings,
    }
