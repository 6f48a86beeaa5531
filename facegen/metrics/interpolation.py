"""Half-way between two emotions: is it the face between them, or the two faces faded into each other?

An emotion of clay is a sum of facial muscles, so the true face between two emotions exists: the one whose
every muscle stands half-way. A network that is asked for half of either emotion has never seen it. Its
picture stands beside two cross-fades, which show two mouths at half strength: of its own pictures of the two
emotions, and, more severe, of the two true ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from facegen import conditions
from facegen.data.dataset import FaceSet
from facegen.metrics.ground_truth import known_views, true_views
from facegen.models.deconv import Deconv
from facegen.utils.arrays import evenly
from facegen.utils.errors import FacegenError

PEOPLE = 16  # are asked for; each takes some seconds to draw in truth
NEEDED = ("identity", "emotion", "orientation")


@dataclass(frozen=True)
class Midpoints:
    """Pictures half-way between emotions, (people, pairs, height, width, channels), in grey levels.

    Attributes:
        people: who.
        pairs: of emotions, two names each.
        truth: the face whose muscles stand half-way, uint8.
        drawn: the network's, asked for a half of each, uint8.
        unit: the network's, asked for the mixture of unit length (0.71 of each), uint8.
        ends, true_ends: the network's and the true pictures of both emotions, each (people, pairs, 2, ...).

    Example:
        >>> ends = np.stack([np.zeros((1, 1, 2, 2, 3)), np.full((1, 1, 2, 2, 3), 100.0)], axis=2)
        >>> truth = np.full((1, 1, 2, 2, 3), 60.0)
        >>> found = Midpoints(("1",), (("happy", "sad"),), truth, truth + 4, truth, ends, ends)
        >>> found.error("drawn").tolist(), found.error("fade").tolist(), found.nearer().tolist()
        ([[4.0]], [[10.0]], [[True]])
    """

    people: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    truth: np.ndarray
    drawn: np.ndarray
    unit: np.ndarray
    ends: np.ndarray
    true_ends: np.ndarray

    @property
    def fade(self) -> np.ndarray:
        """The cross-fade of the network's own ends, float64."""
        return self.ends.mean(axis=2)

    @property
    def true_fade(self) -> np.ndarray:
        """The cross-fade of the true ends, float64."""
        return self.true_ends.mean(axis=2)

    def error(self, guess: str) -> np.ndarray:
        """How far drawn, unit, fade or true_fade is from the truth: root mean square, (people, pairs)."""
        return rms(getattr(self, guess) - self.truth.astype("float64"))

    def nearer(self, guess: str = "drawn", than: str = "fade") -> np.ndarray:
        """Where one guess is nearer to the truth than another, bool (people, pairs)."""
        return self.error(guess) < self.error(than)

    def cosine(self) -> np.ndarray:
        """Is what no fade has drawn right? Float64 (people, pairs).

        The cosine of how the network's picture leaves the fade of its ends, and how the truth leaves the
        fade of the true ends: 1 is the same way, 0 is what any fade has, however sharp.
        """
        left, true = self.drawn - self.fade, self.truth - self.true_fade
        return (left * true).mean(axis=(2, 3, 4)) / np.maximum(rms(left) * rms(true), 1e-12)


def rms(errors: np.ndarray) -> np.ndarray:
    """Root mean square of the last three axes.

    Example:
        >>> rms(np.array([3.0, -3.0, 3.0, -3.0]).reshape(1, 2, 2, 1)).tolist()
        [3.0]
    """
    return np.sqrt(np.square(errors).mean(axis=(-3, -2, -1)))


def measurable(model: Deconv, faces: FaceSet) -> bool:
    """Whether the truth between two emotions is known, and the model can be asked for it."""
    return known_views(faces) and set(model.names) == set(NEEDED) and len(model.names["emotion"]) > 1


def midpoints(
    model: Deconv,
    faces: FaceSet,
    people: int | Sequence[str] = PEOPLE,
    angle: float = 0.0,
    progress: bool = True,
) -> Midpoints:
    """Draw some people half-way between every two emotions, in truth and by the network.

    Args:
        model: of identity, emotion and orientation.
        faces: the clay in RaFD's format that it learned from.
        people: who, or how many, evenly spread over the model's.
        angle: in degrees, 0 is frontal.
        progress: show a progress bar while the truth is drawn; it is kept.

    Raises:
        FacegenError: another model, or faces whose truth nobody knows.

    Example:
        >>> import facegen
        >>> drawn = facegen.clay.rafd("heads", people=1, angles=[90], width=16, progress=False)
        >>> model = Deconv({"identity": ["1"], "emotion": ["happy", "sad"], "orientation": ["sin", "cos"]},
        ...                start=(6, 4), depth=1, kernels=[4], dense=8)
        >>> midpoints(model, facegen.read(drawn), people=1, progress=False).pairs
        (('happy', 'sad'),)
    """
    if not measurable(model, faces):
        raise FacegenError(
            f"{faces.root}: expected clay in RaFD's format, and a model that reads {', '.join(NEEDED)}; "
            f"this one reads {', '.join(model.names)}."
        )
    if isinstance(people, int):
        everybody = model.names["identity"]
        people = [everybody[i] for i in evenly(len(everybody), people)]
    emotions = model.names["emotion"]
    pairs = list(combinations(emotions, 2))
    halves = [{a: 0.5, b: 0.5} for a, b in pairs]
    size, asked = model.image_shape[:2], [*emotions, *halves]
    requests = [(who, emotion, float(angle)) for who in people for emotion in asked]
    truth = _by_person(true_views(faces, requests, size, progress=progress), people)
    drawn = _by_person(_drawn(model, requests, constrained=False), people)
    lengthened = [(who, half, angle) for who in people for half in halves]
    unit = _by_person(_drawn(model, lengthened, constrained=True), people)
    ends = [[emotions.index(name) for name in pair] for pair in pairs]
    count = len(emotions)
    return Midpoints(
        tuple(people),
        tuple(pairs),
        truth=truth[:, count:],
        drawn=drawn[:, count:],
        unit=unit,
        ends=drawn[:, ends],
        true_ends=truth[:, ends],
    )


def _drawn(model: Deconv, requests: Sequence[tuple], constrained: bool) -> np.ndarray:
    rows = [
        conditions.encode(model.names, dict(zip(NEEDED, request, strict=True)), constrained)
        for request in requests
    ]
    return model.draw(conditions.stack(rows))


def _by_person(pictures: np.ndarray, people: Sequence[str]) -> np.ndarray:
    return pictures.reshape(len(people), -1, *pictures.shape[1:])


def midpoint_report(found: Midpoints) -> dict:
    """The numbers of `Midpoints`; docs/measures.md tells what each means.

    Example:
        >>> ends = np.stack([np.zeros((1, 1, 2, 2, 3)), np.full((1, 1, 2, 2, 3), 100.0)], axis=2)
        >>> truth = np.full((1, 1, 2, 2, 3), 60.0)
        >>> found = Midpoints(("1",), (("happy", "sad"),), truth, truth + 4, truth, ends, ends)
        >>> midpoint_report(found)["error"]
        {'drawn': 4.0, 'unit': 0.0, 'fade': 10.0, 'true_fade': 10.0}
    """
    nearer = found.nearer()
    return {
        "people": len(found.people),
        "pictures": nearer.size,
        "nearer": float(nearer.mean()),
        "nearer_unit": float(found.nearer("unit").mean()),
        "nearer_true": float(found.nearer("drawn", "true_fade").mean()),
        "cosine": float(found.cosine().mean()),
        "error": {name: float(found.error(name).mean()) for name in ("drawn", "unit", "fade", "true_fade")},
        "columns": {"+".join(pair): float(nearer[:, i].mean()) for i, pair in enumerate(found.pairs)},
    }
