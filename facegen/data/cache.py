"""What is kept beside a set because it takes long to make: pixels, classifiers, true pictures.

All of it can be made again. A set that has changed leads to other files, and those of before stay: nobody
can tell whether another program still needs them. So they go when somebody says so, and all at once.
"""

from pathlib import Path

from facegen.data.pixels import cache_dir
from facegen.utils import files
from facegen.utils.errors import FacegenError

MADE = ("pixels-*", "classifier-*.npz", "truth-*.npy")


def clean(folder: str | Path) -> dict[Path, int]:
    """Remove all that was made from a set; its pictures, its tables and downloads that have begun stay.

    Args:
        folder: of the set, or its .zip. Where FACEGEN_CACHE names one folder for all sets, that is cleaned.

    Returns:
        What was removed: path -> bytes.

    Raises:
        FacegenError: there is no such folder; a program makes pixels there just now; a file cannot be
            removed.
    """
    root = Path(folder)
    if not root.exists():
        raise FacegenError(f"{root}: there is no such folder or .zip archive.")
    cache, removed = cache_dir(root), {}
    if not cache.is_dir():
        return removed
    with files.locked(cache, "makes pixels", wait=False):
        for path in sorted(path for pattern in MADE for path in cache.glob(pattern)):
            size = path.stat().st_size
            try:
                path.unlink()
            except OSError as error:
                raise FacegenError(f"{path}: cannot be removed ({error.strerror}).") from error
            removed[path] = size
    return removed
