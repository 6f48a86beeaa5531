"""One picture of anybody's, cut to what a network draws: from a file, from Pillow, or an array."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from facegen.data import storage
from facegen.data.dataset import WHOLE, check_crop
from facegen.data.pixels import Box, cut
from facegen.utils.errors import FacegenError

Picture = str | Path | bytes | Image.Image | np.ndarray


def load_picture(picture: Picture, shape: tuple[int, int, int], crop: Box = WHOLE) -> np.ndarray:
    """A picture as a face set's pictures are read: the largest centred part that fits, resized.

    Args:
        picture: a file's path or its bytes, a Pillow image, or uint8 (h, w), (h, w, 1), (h, w, 3) or, with
            transparency, (h, w, 4).
        shape: (height, width, channels) of what is wanted, such as a model's `image_shape`.
        crop: the part that shows the face: left, top, right, bottom as fractions; the `crop` of the set for
            one of its own files.

    Returns:
        uint8 of that shape.

    Raises:
        FacegenError: there is no such file, it is no whole picture, or the array is none.

    Example:
        >>> load_picture(Image.new("L", (60, 40), 90), shape=(8, 8, 3)).shape
        (8, 8, 3)
    """
    check_crop(crop)
    content, name = _content(picture)
    return cut(content, name, "L" if shape[2] == 1 else "RGB", crop, shape[:2])


def _content(picture: Picture) -> tuple[bytes, str]:
    """The bytes of a picture's file, and what messages call it."""
    if isinstance(picture, bytes):
        return picture, "the picture"
    if isinstance(picture, str | Path):
        path = Path(picture)
        if not path.is_file():
            raise FacegenError(f"{path}: expected the file of a picture, found {_found(path)}.")
        return storage.data(path.parent, path.name), str(path)
    if not isinstance(picture, Image.Image):
        picture = _image(picture)
    buffer = io.BytesIO()
    upright = ImageOps.exif_transpose(picture)
    (upright if upright.mode in ("L", "RGB", "RGBA") else upright.convert("RGBA")).save(buffer, "PNG")
    return buffer.getvalue(), "the picture"


def _found(path: Path) -> str:
    return "a folder: name one picture in it" if path.is_dir() else "nothing there"


def _image(array: object) -> Image.Image:
    array = np.asarray(array)
    layers = array.shape[2] if array.ndim == 3 else 1
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or layers not in (1, 3, 4) or not array.size:
        raise FacegenError(
            "The picture: expected a path, a Pillow image, or an array uint8 (height, width, 1, 3 or 4), "
            f"found {array.dtype}{array.shape}; of numbers from 0 to 1: (255 * array).astype('uint8')."
        )
    return Image.fromarray(array[..., 0] if array.ndim == 3 and layers == 1 else array)
