"""Parameter files: a few lines of YAML that say which faces to draw, a single one or a film.

    mode: interpolate                        # or single, random, drunk
    keyframes:
      - {id: 1, em: happy}
      - {em: sad, length: 1s}                # what a keyframe leaves out stays as it was
      - {id: 1+3+5, or: 45, length: 60}      # a length in frames, at `fps: 30` by default

The conditions of a model go by their names or, where they have one, by a short one: id, em, or
(orientation), ps (pose), lt (lighting: "azimuth elevation"). Single attributes and numbers go by theirs
(`Smiling: on`, `age: 45`), a GAN's noise by a seed (`noise: 7`) or the list of its numbers. For each
condition there are also `_scale`, `_min`, `_max` and, in drunk files, `_step` (of numbers a share of their
range); `min` and `max` bound the weights of all of them. `ease` (linear, in, out, in-out) of the file or of a
keyframe says how evenly the way to a keyframe is gone. What a key of the file is called as well stands under
its condition (`numbers: {length: 30}`), and such a condition under `conditions`
(`conditions: {mode: night}`).
A file is checked against the model before its first row is made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np

from facegen.conditions import yaml
from facegen.conditions.base import Kind, Names, Ranges
from facegen.conditions.interpolation import EASINGS, eased
from facegen.conditions.keys import MODES, SETTINGS, Keys, Meaning, settings_of
from facegen.conditions.kinds import kinds
from facegen.conditions.latent import latent
from facegen.conditions.schema import MOST, Schema
from facegen.conditions.words import LARGEST, shown

Keyframe = dict[str, np.ndarray]  # name of a condition -> its state


class Model(Protocol):
    """What a script asks of the model that draws it; a GAN has `sample_noise`, too."""

    names: Names
    ranges: Ranges

    def draw(self, inputs: Mapping[str, np.ndarray], batch_size: int) -> np.ndarray: ...


@dataclass(frozen=True)
class Script:
    """A checked parameter file.

    Attributes:
        mode: one of `MODES`.
        kinds: what each input of the model means, and how it moves.
        keyframes: a single one in the other modes, with NaN for what is left to chance.
        lengths: frames from the keyframe before to each.
        easings: how evenly the way to each keyframe is gone, one of `EASINGS`.
        count: frames in all.
        fps: frames a second.
        seed: of all that is left to chance; drawn where the file names none.
    """

    mode: str
    kinds: tuple[Kind, ...]
    keyframes: tuple[Keyframe, ...]
    lengths: tuple[int, ...]
    easings: tuple[str, ...]
    count: int
    fps: float
    seed: int

    def frames(self, batch: int = 64) -> Iterator[dict[str, np.ndarray]]:
        """The rows that a model draws, made as they are asked for: the same ones each time.

        Yields:
            Input -> float32 (batch or, at the end, fewer, columns).
        """
        rows = zip(*(self._rows(kind) for kind in self.kinds), strict=True)
        while chunk := list(islice(rows, batch)):
            yield {
                kind.name: np.stack(column)
                for kind, column in zip(self.kinds, zip(*chunk, strict=True), strict=True)
            }

    def pictures(self, model: Model, batch: int = 64) -> Iterator[np.ndarray]:
        """Draw it, one picture after the other: uint8 (height, width, channels).

        Args:
            model: the one that the file was checked against.
            batch: how many are drawn at a time.
        """
        for rows in self.frames(batch):
            yield from model.draw(rows, batch)

    def _rows(self, kind: Kind) -> Iterator[np.ndarray]:
        states = {"random": self._random, "drunk": self._drunk}.get(self.mode, self._interpolated)
        return map(kind.row, states(kind))

    def _random(self, kind: Kind) -> Iterator[np.ndarray]:
        random, given = self._chance(kind), self.keyframes[0][kind.name]
        for _ in range(self.count):
            yield np.where(np.isnan(given), kind.sample(random), given)

    def _drunk(self, kind: Kind) -> Iterator[np.ndarray]:
        random, given = self._chance(kind), self.keyframes[0][kind.name]
        free = np.isnan(given)
        state = np.where(free, kind.sample(random), given)
        yield state
        for _ in range(self.count - 1):
            state = kind.step(state, free, random) if free.any() else state
            yield state

    def _interpolated(self, kind: Kind) -> Iterator[np.ndarray]:
        state = self.keyframes[0][kind.name]
        yield state
        ways = zip(self.keyframes[1:], self.lengths[1:], self.easings[1:], strict=True)
        for keyframe, length, easing in ways:
            start, state = state, keyframe[kind.name]
            for i in range(1, length + 1):
                yield kind.interpolate(start, state, eased(i / length, easing))

    def _chance(self, kind: Kind) -> np.random.Generator:
        """Of each condition its own: to set one changes nothing about the others."""
        return np.random.default_rng([self.seed, *kind.name.encode()])


def read(path: str | Path, model: Model) -> Script:
    """Read a parameter file for a model.

    Raises:
        FacegenError: see `parse`.
    """
    return _for_model(yaml.read(path), model, str(path))


def of(text: str, model: Model) -> Script:
    """Read the text of a parameter file, such as one that stands in a notebook's cell, for a model.

    Raises:
        FacegenError: see `parse`.
    """
    return _for_model(yaml.parse(text, "parameters"), model, "parameters")


def _for_model(content: Mapping, model: Model, source: str) -> Script:
    return parse(content, model.names, getattr(model, "sample_noise", None), source, model.ranges)


def parse(
    content: Mapping,
    names: Names,
    noise: Callable[[int, int], np.ndarray] | None = None,
    source: str = "parameters",
    ranges: Ranges | None = None,
) -> Script:
    """Check parameters against a model.

    Args:
        content: what a parameter file says, e.g. `{"mode": "single", "id": 3}`.
        names: condition -> its columns; a model's `names`.
        noise: a GAN's `sample_noise`; None for models without noise.
        source: what messages call the content.
        ranges: of the numbers of a model, its `ranges`.

    Raises:
        FacegenError: naming the source, line and key that is not as expected, and the nearest right one.

    Example:
        >>> script = parse({"mode": "single", "em": "sad"}, {"emotion": ("happy", "sad")})
        >>> next(script.frames())["emotion"].tolist()
        [[0.0, 1.0]]
    """
    keys = Keys(names, noise is not None)
    schema = Schema(content, source, keys=keys)
    mode = schema.choice("mode", MODES)
    schema.check(keys.of_file, mode)
    constrained = schema.flag("constrained", True)
    fps = schema.number("fps", 30.0, 0.1, 1000)
    seed = schema.whole("seed", None)
    seed = int(np.random.default_rng().integers(2**32)) if seed is None else seed
    plain = [*kinds(names, ranges, constrained).values()]
    if noise:
        plain.append(latent(noise, constrained, seed))
    made = tuple(_configured(schema, kind) for kind in plain)
    given = _given(schema, made)
    if mode in ("random", "drunk"):
        count = schema.frames("num_images", fps)
        return Script(mode, made, (given,), (count,), ("linear",), count, fps, seed)
    first = _filled(given, {kind.name: kind.default() for kind in made})
    keyframes, lengths, easings = (first,), (1,), ("linear",)
    if mode == "interpolate":
        keyframes, lengths, easings = _keyframes(schema, made, first, fps)
    return Script(mode, made, keyframes, lengths, easings, sum(lengths), fps, seed)


def _configured(schema: Schema, kind: Kind) -> Kind:
    """A kind with the scale, step and bounds that a file sets."""
    own = settings_of(schema.content, schema.keys, kind.name)
    of = {setting: own.get(setting, f"{setting} of {kind.name}") for setting in SETTINGS}
    edges = (kind.low, kind.high)
    edges = schema.bounds(("min", "max"), edges) if kind.shares_bounds else edges
    low, high = schema.bounds((of["min"], of["max"]), edges)
    scale = schema.number(of["scale"], kind.scale, 0, LARGEST)
    return replace(
        kind, scale=scale, stride=schema.number(of["step"], kind.stride, 0, LARGEST), low=low, high=high
    )


def _given(schema: Schema, made: tuple[Kind, ...]) -> Keyframe:
    """The states that a file or a keyframe sets; NaN for what it leaves out."""
    kind_of, first = {kind.name: kind for kind in made}, {}
    keyframe = {kind.name: np.full(kind.width, np.nan) for kind in made}
    for place, key, meaning in _entries(schema, made):
        name, column = meaning.condition, meaning.column
        state = place.state(key, kind_of[name], column)
        if column:
            i = kind_of[name].columns.index(column)
            keyframe[name][i] = state[i]
        elif name in first:
            raise place.wrong(key, f"{first[name]} and {key} are the same: keep one")
        else:
            keyframe[name], first[name] = state, key
    return keyframe


def _entries(schema: Schema, made: tuple[Kind, ...]) -> list[tuple[Schema, str, Meaning]]:
    """Where conditions are asked for, and then, where single columns are."""
    found = [(schema, key, schema.keys.meanings.get(key)) for key in schema.content]
    if "conditions" in schema.content:
        block = schema.part_at("conditions")
        block.check(dict.fromkeys([kind.name for kind in made], MODES), MODES[0])
        found += [(block, key, Meaning(key)) for key in block.content]
    found = [entry for entry in found if entry[2] and not entry[2].setting]
    return sorted(found, key=lambda entry: entry[2].column != "")


def _filled(keyframe: Keyframe, before: Keyframe) -> Keyframe:
    return {name: np.where(np.isnan(state), before[name], state) for name, state in keyframe.items()}


def _keyframes(
    schema: Schema, made: tuple[Kind, ...], state: Keyframe, fps: float
) -> tuple[tuple[Keyframe, ...], tuple[int, ...], tuple[str, ...]]:
    listed = schema.content.get("keyframes")
    if not isinstance(listed, list | tuple) or not listed:
        raise schema.wrong("keyframes", "expected a list of keyframes, such as `- {em: sad, length: 1s}`")
    keyframes, lengths, easings, usual = [], [], [], schema.choice("ease", tuple(EASINGS), "linear")
    for number, content in enumerate(listed, 1):
        if not isinstance(content, Mapping):
            raise schema.wrong("keyframes", f"number {number} is {shown(content)}, expected `key: value`")
        frame = Schema(content, schema.source, f"keyframe {number}", schema.line("keyframes"), schema.keys)
        frame.check(schema.keys.of_keyframe, "interpolate")
        for key in ("length", "ease"):
            if number == 1 and key in content:
                raise frame.wrong(key, "the first keyframe has none: it is where the film begins")
        lengths.append(1 if number == 1 else frame.frames("length", fps))
        easings.append(frame.choice("ease", tuple(EASINGS), usual))
        state = _filled(_given(frame, made), state)
        keyframes.append(state)
    if sum(lengths) > MOST:
        raise schema.wrong("keyframes", f"{sum(lengths):,} frames in all, expected at most {MOST:,}")
    return tuple(keyframes), tuple(lengths), tuple(easings)
