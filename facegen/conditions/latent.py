"""The noise of a GAN or a flow as a kind of condition, whose words are seeds, or the numbers themselves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facegen.conditions.base import Kind
from facegen.conditions.interpolation import lerp, slerp
from facegen.conditions.words import Word, decimal


@dataclass(frozen=True)
class Latent(Kind):
    """The noise of a GAN or a flow. Its words are seeds, or lists of all its numbers.

    Attributes:
        draw: (count, seed) -> float32 (count, width), as `sample_noise` of a model.
        seed: of the noise that is taken where no word is given.
        normal: go from noise to noise by the arc, and wander no farther out, as suits normal noise.
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
        """Normal noise stays as wide as it was: it is drawn back to 0 by as much as a step widens it."""
        after = super().step(state, free, random)
        if not self.normal:
            return after
        kept = np.sqrt(max(0.0, 1 - self.stride**2 / (3 * self.scale**2))) if self.scale else 1.0
        return after - np.where(free, (1 - kept) * state, 0)

    def between(self, start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
        return (slerp if self.normal else lerp)(start, end, t)


def latent(draw: Callable[[int, int], np.ndarray], constrained: bool = True, seed: int = 0) -> Latent:
    """The kind of a model's noise: normal or, where none of it is below zero, uniform.

    Args:
        draw, seed: see `Latent`.
        constrained: keep uniform noise within 0 and 1; let normal noise go by arcs, and not far out.
    """
    some = draw(64, 0)
    uniform = some.min() >= 0
    edges = (0.0, 1.0) if uniform and constrained else (-np.inf, np.inf)
    columns, normal = tuple(map(str, range(some.shape[1]))), constrained and not uniform
    return Latent("noise", columns, low=edges[0], high=edges[1], draw=draw, seed=seed, normal=normal)
