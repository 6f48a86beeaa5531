"""Decoding a folder with Pillow in one process per core: the plain way to make an array of pictures."""

import multiprocessing
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

Box = tuple[float, float, float, float]


def decoded(path: Path, box: Box, size: tuple[int, int]) -> np.ndarray:
    """One picture, the part in `box`, by Pillow's default filter (bicubic, antialiased): uint8 (h, w, 3)."""
    return np.asarray(Image.open(path).convert("RGB").resize(size[::-1], box=box))


def _some(task: tuple[Sequence[Path], Box, tuple[int, int]]) -> np.ndarray:
    paths, box, size = task
    return np.stack([decoded(path, box, size) for path in paths])


class Processes:
    """A pool that is there already when time is taken.

    Args:
        cores: how many processes.
    """

    def __init__(self, cores: int):
        self.pool = multiprocessing.get_context("spawn").Pool(cores)

    def read(self, paths: Sequence[Path], box: Box, size: tuple[int, int], at_once: int = 64) -> np.ndarray:
        """All pictures as one array in memory, uint8 (n, height, width, 3)."""
        tasks = [(paths[i : i + at_once], box, size) for i in range(0, len(paths), at_once)]
        return np.concatenate(list(self.pool.imap(_some, tasks)))

    def close(self) -> None:
        """End the processes."""
        self.pool.close()
        self.pool.join()
