"""Parameter files: a few lines of YAML that say which faces to draw, a single one or a film.

    mode: interpolate                        # or single, random, drunk
    keyframes:
      - {id: 1, em: happy}
      - {em: sad, length: 1s}                # what a keyframe leaves out stays as it was
      - {id: 1+3+5, or: 45, length: 60}      # a length in frames, at `fps: 30` by default

The conditions of a model go by their names or, where they have one, by a short one: id, em, or
(orientation), ps (pose), lt (lighting: "azimuth elevation"). Single attributes go by theirs
(`Smiling: on`), a GAN's noise by a seed (`noise: 7`). For each condition there are also `_scale`,
`_min`, `_max` and, in drunk files, `_step`; `min` and `max` bound the numbers of all of them. `ease`
(linear, in, out, in-out) of the file or of a keyframe says how evenly the way to a keyframe is gone.
A file is checked against the model before its first row is made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facegen import document
from facegen.conditions import LARGEST, SWITCHES, Names, shown
from facegen.fields import MOST, Fields, spellings
from facegen.interpolation import EASINGS, eased
from facegen.kinds import Angle, Condition, Latent, kind

if TYPE_CHECKING:
    from facegen.model import FaceModel

MODES = ("single", "random", "drunk", "interpolate")
RESERVED = {
    "mode",
    "constrained",
    "fps",
    "seed",
    "min",
    "max",
    "num_images",
    "keyframes",
    "noise",
    "length",
    "ease",
}
Pose = dict[str, np.ndarray]  # name of a track -> its state


@dataclass(frozen=True)
class Script:
    """A checked parameter file.

    Attributes:
        mode: one of `MODES`.
        tracks: how each input of the model moves.
        poses: the keyframes; a single one in the other modes, with NaN for what is left to chance.
        lengths: frames from the pose before to each pose.
        eases: how evenly the way to each pose is gone, one of `interpolation.EASINGS`.
        count: frames in all.
        fps: frames a second.
        seed: of all that is left to chance; drawn where the file names none.
    """

    mode: str
    tracks: tuple[Condition, ...]
    poses: tuple[Pose, ...]
    lengths: tuple[int, ...]
    eases: tuple[str, ...]
    count: int
    fps: float
    seed: int

    def frames(self, batch: int = 64) -> Iterator[dict[str, np.ndarray]]:
        """The rows that a model draws, made as they are asked for: the same ones each time.

        Yields:
            Input -> float32 (batch or, at the end, fewer, columns).
        """
        rows = zip(*(self._rows(track) for track in self.tracks), strict=True)
        while chunk := list(islice(rows, batch)):
            yield {
                track.name: np.stack(column)
                for track, column in zip(self.tracks, zip(*chunk, strict=True), strict=True)
            }

    def pictures(self, model: "FaceModel", batch: int = 64) -> Iterator[np.ndarray]:
        """Draw it, one picture after the other: uint8 (height, width, channels).

        Args:
            model: the one that the file was checked against.
            batch: how many are drawn at a time.
        """
        for rows in self.frames(batch):
            yield from model.draw(rows, batch)

    def _rows(self, track: Condition) -> Iterator[np.ndarray]:
        states = {"random": self._random, "drunk": self._drunk}.get(self.mode, self._between)
        return map(track.row, states(track))

    def _random(self, track: Condition) -> Iterator[np.ndarray]:
        random, given = self._chance(track), self.poses[0][track.name]
        for _ in range(self.count):
            yield np.where(np.isnan(given), track.sample(random), given)

    def _drunk(self, track: Condition) -> Iterator[np.ndarray]:
        random, given = self._chance(track), self.poses[0][track.name]
        free = np.isnan(given)
        state = np.where(free, track.sample(random), given)
        yield state
        for _ in range(self.count - 1):
            state = track.step_from(state, free, random) if free.any() else state
            yield state

    def _between(self, track: Condition) -> Iterator[np.ndarray]:
        state = self.poses[0][track.name]
        yield state
        for pose, length, ease in list(zip(self.poses, self.lengths, self.eases, strict=True))[1:]:
            start, state = state, pose[track.name]
            for i in range(1, length):
                yield track.interpolate(start, state, eased(i / length, ease))
            yield state

    def _chance(self, track: Condition) -> np.random.Generator:
        """Of each track its own: to set one condition changes nothing about the others."""
        return np.random.default_rng([self.seed, *track.name.encode()])


def read(path: str | Path, names: Names, noise: Callable[[int, int], np.ndarray] | None = None) -> Script:
    """Read a parameter file for a model; see `parse` for the arguments."""
    return parse(document.read(path), names, noise, str(path))


def of(text: str, model: "FaceModel") -> Script:
    """Read the text of a parameter file, such as one that stands in a notebook's cell, for a model.

    Raises:
        FacegenError: see `parse`.
    """
    content = document.parse(text, "parameters")
    return parse(content, model.names, getattr(model, "sample_noise", None))


def parse(
    content: Mapping,
    names: Names,
    noise: Callable[[int, int], np.ndarray] | None = None,
    source: str = "parameters",
) -> Script:
    """Check parameters against a model.

    Args:
        content: what a parameter file says, e.g. `{"mode": "single", "id": 3}`.
        names: condition -> its columns; a model's `names`.
        noise: a GAN's `sample_noise`; None for models without noise.
        source: what messages call the content.

    Raises:
        FacegenError: naming the source, line and key that is not as expected, and the nearest right one.
    """
    fields = Fields(content, source)
    mode = fields.choice("mode", MODES)
    fields.check(_keys(names, noise), mode)
    constrained = fields.flag("constrained", True)
    fps = fields.number("fps", 30.0, 0.1, 1000)
    seed = fields.whole("seed", None)
    seed = int(np.random.default_rng().integers(2**32)) if seed is None else seed
    tracks = tuple(_track(fields, name, columns, constrained) for name, columns in names.items())
    if noise:
        tracks += (_noise(fields, noise, constrained, seed),)
    given = _given(fields, tracks)
    if mode in ("random", "drunk"):
        count = fields.frames("num_images", fps)
        return Script(mode, tracks, (given,), (count,), ("linear",), count, fps, seed)
    pose = _filled(given, {track.name: track.default() for track in tracks})
    poses, lengths, eases = (pose,), (1,), ("linear",)
    if mode == "interpolate":
        poses, lengths, eases = _keyframes(fields, tracks, pose, fps, _keyframe_keys(names, noise))
    return Script(mode, tracks, poses, lengths, eases, sum(lengths), fps, seed)


def _keyframe_keys(names: Names, noise: object) -> list[str]:
    known = [spelling for name in [*names, *(["noise"] if noise else [])] for spelling in spellings(name)]
    return [*known, *(name for name in names.get(SWITCHES, ()) if name not in RESERVED), "ease", "length"]


def _keys(names: Names, noise: object) -> dict[str, tuple[str, ...]]:
    """Every key of a file for this model, and the modes that it belongs to."""
    keys = dict.fromkeys(_keyframe_keys(names, noise)[:-2], MODES)
    for name in [*names, *(["noise"] if noise else [])]:
        for spelling in spellings(name):
            keys |= dict.fromkeys([f"{spelling}_{end}" for end in ("scale", "min", "max")], MODES)
            keys[f"{spelling}_step"] = ("drunk",)
    keys |= dict.fromkeys(["mode", "constrained", "fps", "seed", "min", "max"], MODES)
    keys |= dict.fromkeys(["keyframes", "ease"], ("interpolate",))
    return {**keys, "num_images": ("random", "drunk")}


def _track(fields: Fields, name: str, columns: tuple[str, ...], constrained: bool) -> Condition:
    usual = kind(name, columns, constrained)
    prefix, edges = fields.spelling(name, "_scale", "_step", "_min", "_max"), (usual.low, usual.high)
    if not isinstance(usual, Angle):  # whose bounds are degrees
        edges = fields.bounds("", edges)
    low, high = fields.bounds(f"{prefix}_", edges)
    scale, step = _scale_and_step(fields, prefix)
    return replace(usual, scale=scale, step=step, low=low, high=high)


def _noise(fields: Fields, sample: Callable, constrained: bool, seed: int) -> Latent:
    some = sample(64, 0)
    uniform = some.min() >= 0  # and not normal
    edges = (0.0, 1.0) if uniform and constrained else (-np.inf, np.inf)
    columns = tuple(map(str, range(some.shape[1])))
    scaling, edges = _scale_and_step(fields, "noise"), fields.bounds("noise_", edges)
    return Latent("noise", columns, *scaling, *edges, sample, seed, constrained and not uniform)


def _scale_and_step(fields: Fields, prefix: str) -> tuple[float, float]:
    scale = fields.number(f"{prefix}_scale", 1.0, 0, LARGEST)
    return scale, fields.number(f"{prefix}_step", 0.1, 0, LARGEST)


def _given(fields: Fields, tracks: tuple[Condition, ...]) -> Pose:
    """The states that a file or a keyframe sets; NaN for what it leaves out."""
    pose = {}
    for track in tracks:
        key = fields.spelling(track.name, "")
        state = np.full(track.width, np.nan)
        if key in fields.content:
            word = fields.whole(key, None) if isinstance(track, Latent) else fields.content[key]
            state = fields.state(key, track, word)
        if track.name == SWITCHES:
            for i, name in enumerate(track.columns):
                if name in fields.content and name not in RESERVED:
                    state[i] = fields.state(name, track, {name: fields.content[name]})[i]
        pose[track.name] = state
    return pose


def _filled(pose: Pose, before: Pose) -> Pose:
    return {name: np.where(np.isnan(state), before[name], state) for name, state in pose.items()}


def _keyframes(
    fields: Fields, tracks: tuple[Condition, ...], pose: Pose, fps: float, known: list[str]
) -> tuple[tuple[Pose, ...], tuple[int, ...], tuple[str, ...]]:
    listed = fields.content.get("keyframes")
    if not isinstance(listed, list | tuple) or not listed:
        raise fields.wrong("keyframes", "expected a list of keyframes, such as `- {em: sad, length: 1s}`")
    poses, lengths, eases, usual = [], [], [], fields.choice("ease", tuple(EASINGS), "linear")
    for number, content in enumerate(listed, 1):
        if not isinstance(content, Mapping):
            raise fields.wrong("keyframes", f"number {number} is {shown(content)}, expected `key: value`")
        frame = Fields(content, fields.source, f"keyframe {number}", fields.line("keyframes"))
        frame.check(dict.fromkeys(known, ("interpolate",)), "interpolate")
        for key in ("length", "ease"):
            if number == 1 and key in content:
                raise frame.wrong(key, "the first keyframe has none: it is where the film begins")
        lengths.append(1 if number == 1 else frame.frames("length", fps))
        eases.append(frame.choice("ease", tuple(EASINGS), usual))
        pose = _filled(_given(frame, tracks), pose)
        poses.append(pose)
    if sum(lengths) > MOST:
        raise fields.wrong("keyframes", f"{sum(lengths):,} frames in all, expected at most {MOST:,}")
    return tuple(poses), tuple(lengths), tuple(eases)
