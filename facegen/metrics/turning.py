"""Between the angles that a network has seen: does a head turn, or is one view faded into the next?

Of clay the truth is known at every angle. What a network draws there stands beside what costs nothing: the
nearest true view that it has seen, and the cross-fade of the two true views on either side. An angle counts
by its distance from the nearest one seen: at 0 degrees there is nothing to find out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegen import conditions
from facegen.data.dataset import FaceSet
from facegen.metrics.detail import sharpness, ssim
from facegen.metrics.ground_truth import known_views, true_views
from facegen.metrics.image_quality import psnr
from facegen.metrics.interpolation import NEEDED
from facegen.models.deconv import Deconv
from facegen.utils.arrays import evenly

PEOPLE, EMOTIONS = 6, 3  # are asked for: to draw each of them in truth takes some time
STEP = 7.5  # degrees


@dataclass(frozen=True)
class Turn:
    """Heads turned from the first to the last angle that a network has seen.

    Attributes:
        degrees: of the views, float (views,), 0 is frontal; first and last are `seen`.
        seen: those that the network learned from, ascending.
        truth, drawn: uint8 (heads, views, height, width, channels).

    Example:
        >>> views = np.zeros((1, 3, 2, 2, 1), "uint8") + np.uint8([0, 60, 100])[:, None, None, None]
        >>> turn = Turn(np.array([-45.0, 0, 45]), np.array([-45.0, 45]), views, views)
        >>> turn.off().tolist(), turn.fade()[0, :, 0, 0, 0].tolist(), turn.nearest()[0, :, 0, 0, 0].tolist()
        ([0.0, 45.0, 0.0], [0, 50, 100], [0, 0, 100])
    """

    degrees: np.ndarray
    seen: np.ndarray
    truth: np.ndarray
    drawn: np.ndarray

    def off(self) -> np.ndarray:
        """How far each view is from the nearest one seen, in degrees, float (views,)."""
        return np.abs(self.degrees[:, None] - self.seen).min(axis=1)

    def neighbours(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pictures at the angles seen on either side of each view.

        Returns:
            Those before and after, (heads, views, ...), and how far each view is on its way, (views,) 0 to 1.
        """
        known = np.array([np.abs(self.degrees - angle).argmin() for angle in self.seen])
        after = np.searchsorted(self.seen, self.degrees - 1e-6).clip(1, len(self.seen) - 1)
        first, last = self.seen[after - 1], self.seen[after]
        way = (self.degrees - first) / (last - first)
        return pictures[:, known[after - 1]], pictures[:, known[after]], way

    def nearest(self) -> np.ndarray:
        """The nearest true view that was seen, uint8."""
        before, after, way = self.neighbours(self.truth)
        return np.where(way[:, None, None, None] > 0.5, after, before)

    def fade(self) -> np.ndarray:
        """The cross-fade of the true views seen on either side, uint8."""
        before, after, way = self.neighbours(self.truth)
        way = way[:, None, None, None]
        return np.round((1 - way) * before + way * after).astype("uint8")

    def explained(self, pictures: np.ndarray) -> np.ndarray:
        """How much of each view the best mixture of its neighbours at the angles seen has: double contours.

        Args:
            pictures: `truth` or `drawn`; neighbours are taken from the same.

        Returns:
            float64 (heads, views): the share of the picture's variance, 1 where the view itself was seen.
        """
        before, after, _ = self.neighbours(pictures)
        flat = [x.reshape(*x.shape[:2], -1).astype("float64") for x in (pictures, before, after)]
        own, one, way = flat[0], flat[1], flat[2] - flat[1]
        share = ((own - one) * way).sum(-1) / np.maximum((way * way).sum(-1), 1e-9)
        error = np.square(own - one - share.clip(0, 1)[..., None] * way).sum(-1)
        return 1 - error / np.maximum(np.square(own - own.mean(-1, keepdims=True)).sum(-1), 1e-9)


def angles_seen(faces: FaceSet) -> np.ndarray:
    """The angles at which a set's pictures were taken, degrees, ascending; 0 is frontal.

    Example:
        >>> import facegen
        >>> drawn = facegen.clay.rafd("turned", people=1, angles=[45, 90], width=16, progress=False)
        >>> angles_seen(facegen.read(drawn)).tolist()
        [-45.0, 0.0]
    """
    sine, cosine = faces.conditions["orientation"].T
    return np.unique(np.degrees(np.arctan2(sine, cosine)).round(3)) + 0.0


def turnable(model: Deconv, faces: FaceSet) -> bool:
    """Whether the truth between two angles is known, and the model can be asked for it."""
    return known_views(faces) and set(model.names) == set(NEEDED) and len(angles_seen(faces)) > 1


def turned(
    model: Deconv,
    faces: FaceSet,
    people: int | Sequence[str] = PEOPLE,
    emotions: int | Sequence[str] = EMOTIONS,
    step: float = STEP,
    seen: np.ndarray | None = None,
    progress: bool = True,
) -> Turn:
    """Turn some heads through all angles between those seen, in truth and by the network.

    Args:
        model: of identity, emotion and orientation.
        faces: the clay in RaFD's format that it learned from.
        people, emotions: which, or how many, evenly spread over the model's.
        step: degrees from view to view.
        seen: the angles that it learned from, ascending, where those are not the set's.
        progress: show a progress bar while the truth is drawn; it is kept.

    Example:
        >>> import facegen
        >>> drawn = facegen.clay.rafd("turned", people=1, angles=[45, 90], width=16, progress=False)
        >>> model = Deconv(facegen.read(drawn).names, start=(6, 4), depth=1, kernels=[4], dense=8)
        >>> turned(model, facegen.read(drawn), emotions=["happy"], progress=False).truth.shape
        (1, 7, 24, 16, 3)
    """
    who, moods = (
        [model.names[name][i] for i in evenly(len(model.names[name]), some)]
        if isinstance(some, int)
        else some
        for name, some in (("identity", people), ("emotion", emotions))
    )
    seen = angles_seen(faces) if seen is None else seen
    degrees = np.unique(np.concatenate([seen, np.arange(seen[0], seen[-1], step)]).round(3))
    asked = [(one, mood, float(angle)) for one in who for mood in moods for angle in degrees]
    truth = true_views(faces, asked, model.image_shape[:2], progress=progress)
    rows = [
        conditions.encode(model.names, {"identity": one, "emotion": mood, "orientation": angle})
        for one, mood, angle in asked
    ]
    shape = (len(who) * len(moods), len(degrees), *model.image_shape)
    return Turn(degrees, seen, truth.reshape(shape), model.draw(conditions.stack(rows)).reshape(shape))


def _some(names: Sequence[str], wanted: int | Sequence[str]) -> Sequence[str]:
    return [names[i] for i in evenly(len(names), wanted)] if isinstance(wanted, int) else wanted


def turn_report(turn: Turn) -> dict:
    """How near to the truth heads are, by how far their angle is from the nearest one seen.

    Returns:
        {"heads", "off": [degrees], guess: {"psnr", "ssim": [one for each of "off"]}} of drawn, nearest and
        fade; "sharpness": of drawn, as a share of the truth's, for each of "off"; "doubled": the mean of
        `Turn.explained` of what is drawn and of the truth, between the angles seen.

    Example:
        >>> views = np.random.default_rng(0).integers(0, 256, (1, 3, 16, 16, 3), "uint8")
        >>> report = turn_report(Turn(np.array([-45.0, 0, 45]), np.array([-45.0, 45]), views, views))
        >>> report["off"], np.round(report["drawn"]["ssim"], 2).tolist()
        ([0.0, 45.0], [1.0, 1.0])
    """
    off, heads = turn.off().round(3), len(turn.truth)
    steps = np.unique(off)
    groups = [np.flatnonzero(np.tile(off == one, heads)) for one in steps]
    flat = {
        name: _flat(x)
        for name, x in (("drawn", turn.drawn), ("nearest", turn.nearest()), ("fade", turn.fade()))
    }
    truth, between = _flat(turn.truth), off > 0

    def by_angle(measure, pictures):
        return [float(measure(pictures[rows], truth[rows]).mean()) for rows in groups]

    return {
        "heads": heads,
        "off": steps.tolist(),
        **{name: {"psnr": by_angle(_finite_psnr, x), "ssim": by_angle(ssim, x)} for name, x in flat.items()},
        "sharpness": by_angle(lambda a, b: sharpness(a) / sharpness(b).mean(), flat["drawn"]),
        "doubled": {
            name: float(turn.explained(x)[:, between].mean())
            for name, x in (("drawn", turn.drawn), ("truth", turn.truth))
        },
    }


def _flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(-1, *pictures.shape[2:])


def _finite_psnr(images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.minimum(psnr(images, truth), 99.0)  # the true view itself, where it was seen
