"""A GAN's noise as a kind of condition, whose words are seeds, or the numbers themselves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facegen.conditions.base import Kind
from facegen.conditions.interpolation import lerp, slerp
from facegen.conditions.words import Word, decimal

ABOUT = 2.0  # standard deviations that noise wanders to


@dataclass(frozen=True)
class Latent(Kind):
    """A GAN's noise. Its words are seeds, or lists of all its numbers.

    Attributes:
        draw: (count, seed) -> float32 (count, width), as `GAN.sample_noise`.
        seed: of the noise that is taken where no word is given.
        normal: go from noise to noise by the arc and don't wander far out, as suits normal noise.
    """

    draw: Callable[[int, int], np.ndarray] | None = None
    seed: int = 0
    normal: bool = False
    shares_bounds = False

    @property
    def meaning(self) -> str:
        return "noise, drawn from a seed"

    def read(self, word: Word) -> np.ndarray:
        values = self._numbers(word)
        return self.draw(1, word)[0].astype("float64") if values is None else values

    def decode(self, row: np.ndarray) -> str:
        """The numbers themselves: no seed is known for a row."""
        return " ".join(decimal(value, 2) for value in row)

    def default(self) -> np.ndarray:
        return self.encode(self.seed)

    def sample(self, random: np.random.Generator) -> np.ndarray:
        return self.encode(int(random.integers(2**32)))

    def step(self, state: np.ndarray, free: np.ndarray, random: np.random.Generator) -> np.ndarray:
        far = np.maximum(ABOUT * self.scale, np.abs(state)) if self.normal else np.inf
        return np.clip(super().step(state, free, random), -far, far)

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        return (slerp if self.normal else lerp)(start, end, t)


def latent(draw: Callable[[int, int], np.ndarray], constrained: bool = True, seed: int = 0) -> Latent:
    """The kind of a GAN's noise: normal or, where none of it is below zero, uniform.

    Args:
        draw, seed: see `Latent`.
        constrained: keep uniform noise within 0 and 1; let normal noise go by arcs, and not far out.
    """
    some = draw(64, 0)
    uniform = some.min() >= 0
    edges = (0.0, 1.0) if uniform and constrained else (-np.inf, np.inf)
    columns, normal = tuple(map(str, range(some.shape[1]))), constrained and not uniform
    return Latent("noise", columns, low=edges[0], high=edges[1], draw=draw, seed=seed, normal=normal)
