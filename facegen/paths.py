"""Ways between vectors: straight, along an arc or round a circle, even or eased, by chance, drunk.

A row is what a model reads of one condition, float32 (columns,). Three kinds go their own ways where
they are constrained: mixtures keep unit length, angles (pairs of sine and cosine) stay on their circles,
and attributes stay between off and on.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from facegen.errors import FacegenError

Names = Mapping[str, Sequence[str]]
Rows = Mapping[str, np.ndarray]
SWITCHES = "attributes"  # the condition whose columns are switched on and off one by one
CIRCLES = ("orientation", "lighting")  # the conditions of the readers that are angles
FRONT = 90.0  # degrees: chance turns a head, or moves a light, from -90 to 90
EASES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda t: t,
    "in": lambda t: t * t,
    "out": lambda t: t * (2 - t),
    "in-out": lambda t: t * t * (3 - 2 * t),  # smoothstep
}


def interpolate(
    start: Rows,
    end: Rows,
    count: int,
    constrained: bool = True,
    ease: str = "linear",
    names: Names | None = None,
) -> dict[str, np.ndarray]:
    """`count` steps from one row of every condition to another, both ends included.

    Constrained steps run along the arc, and angles round their circles, the short way; unconstrained
    ones, and attributes always, along the straight line.

    Args:
        start, end: condition -> (1, columns).
        ease: "linear" for even steps; "in" starts slowly, "out" ends slowly, "in-out" does both.
        names: condition -> its columns, to see which ones are angles; without, those called
            "orientation" and "lighting" are.

    Returns:
        Condition -> float32 (count, columns).
    """
    t = eased(np.linspace(0, 1, count)[:, None], ease)
    ways = {name: _way(name, names) if constrained else line for name in start}
    return {name: way(start[name][0], end[name][0], t) for name, way in ways.items()}


def wander(
    start: Rows,
    count: int,
    seed: int,
    step: float | Mapping[str, float] = 0.1,
    bounds: tuple[float, float] | None = (0.0, 1.0),
    constrained: bool = False,
    names: Names | None = None,
) -> dict[str, np.ndarray]:
    """A drunk walk: each frame moves every number by a uniform step in [-step, step].

    Args:
        start: condition -> (1, columns).
        count: frames, the start included.
        seed: two walks with one seed are the same.
        step: of all conditions, or of each; 0 stands still.
        bounds: every moving number stays within; None for no bounds.
        constrained: scale each frame to unit length, but for attributes; angles then walk round their
            circles, of radius 1, and know no bounds.
        names: see `interpolate`.
    """
    random, walks = np.random.default_rng(seed), {}
    for name in sorted(start):
        size = step.get(name, 0.0) if isinstance(step, Mapping) else step
        moves = random.uniform(-size, size, (count - 1, start[name].shape[1]))
        if constrained and size and is_circle(name, names):
            walks[name] = _round(start[name][0], moves)
            continue
        walk = _staggered(start[name][0], moves, bounds if size else None)
        walks[name] = constrain(walk) if constrained and size and name != SWITCHES else walk
    return walks


def random(
    names: Names, count: int, seed: int, scale: float = 1.0, constrained: bool = True
) -> dict[str, np.ndarray]:
    """Rows drawn by chance: every number uniform in [-scale, scale].

    Args:
        names: condition -> its columns; a model's `names`.
        count: rows.
        seed: two draws with one seed are the same.
        scale: of unconstrained numbers.
        constrained: mixtures of unit length, angles from -90 to 90 degrees, attributes off or on.

    Returns:
        Condition -> float32 (count, columns).
    """
    chance, rows = np.random.default_rng(seed), {}
    for name in sorted(names):
        shape = (count, len(names[name]))
        if not constrained:
            rows[name] = chance.uniform(-scale, scale, shape).astype("float32")
        elif is_circle(name, names):
            turns = chance.uniform(-FRONT, FRONT, (count, shape[1] // 2))
            rows[name] = direction(turns).reshape(shape)
        elif name == SWITCHES:
            rows[name] = chance.integers(0, 2, shape).astype("float32")
        else:
            rows[name] = constrain(chance.uniform(-1, 1, shape))
    return rows


def eased(t: np.ndarray | float, ease: str) -> np.ndarray | float:
    """The way done (0 to 1) at time t (0 to 1); see `EASES`.

    Raises:
        FacegenError: there is no such ease.
    """
    if ease not in EASES:
        raise FacegenError(f"ease={ease!r}: expected one of {', '.join(EASES)}.")
    return EASES[ease](t)


def line(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """From vector a to b where t (n, 1) goes from 0 to 1, straight. Float32 (n, columns)."""
    return ((1 - t) * a + t * b).astype("float32")


def arc(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """From vector a to b where t (n, 1) goes from 0 to 1: spherical interpolation (Shoemake 1985), lengths
    interpolated as well. Float32 (n, columns)."""
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) == 0:
        return line(a, b, t)
    angle = np.arccos(np.clip(a @ b / (lengths[0] * lengths[1]), -1, 1))
    if np.sin(angle) < 1e-4:  # the same direction, or opposite ones: no arc is the short one
        return line(a, b, t)
    unit = np.sin((1 - t) * angle) * a / lengths[0] + np.sin(t * angle) * b / lengths[1]
    return (unit / np.sin(angle) * ((1 - t) * lengths[0] + t * lengths[1])).astype("float32")


def around(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """From angles a to b, pairs of (sin, cos), where t (n, 1) goes from 0 to 1: each pair on its own circle,
    the short way round; between opposite angles by way of 0, the front. Float32 (n, columns)."""
    a, b = np.reshape(a, (-1, 2)).astype("float64"), np.reshape(b, (-1, 2)).astype("float64")
    start, end = (np.degrees(np.arctan2(x[:, 0], x[:, 1])) for x in (a, b))
    turn = (end - start + 180) % 360 - 180
    turn = np.where((np.abs(turn) > 179.99) & (turn * start > 0), -turn, turn)
    radius = (1 - t) * np.linalg.norm(a, axis=1) + t * np.linalg.norm(b, axis=1)  # (n, angles)
    return (radius[..., None] * direction(start + t * turn)).reshape(len(t), -1).astype("float32")


def direction(degrees: float | np.ndarray) -> np.ndarray:
    """(sin, cos) of angles in degrees, float32 (..., 2)."""
    radians = np.radians(degrees)
    return np.stack([np.sin(radians), np.cos(radians)], axis=-1).astype("float32")


def constrain(row: np.ndarray) -> np.ndarray:
    """Vectors (..., columns) scaled to unit length; a zero vector stays zero."""
    length = np.linalg.norm(row, axis=-1, keepdims=True)
    return (row / np.where(length == 0, 1, length)).astype("float32")


def angles(columns: Sequence[str]) -> list[str]:
    """The angles that columns are the sines and cosines of; empty if they aren't.

    ("sin", "cos") is one angle without a name, Yale B's lighting is ["azimuth", "elevation"].
    """
    pairs = list(zip(columns[::2], columns[1::2], strict=False))
    found = [sine[3:].strip() for sine, cosine in pairs if sine[:3] == "sin" and cosine == "cos" + sine[3:]]
    return found if found and 2 * len(found) == len(columns) else []


def is_circle(name: str, names: Names | None) -> bool:
    """Whether a condition is angles: by its columns where they are known, else by its name."""
    return bool(angles(names[name])) if names else name in CIRCLES


def _way(name: str, names: Names | None) -> Callable:
    if name == SWITCHES:
        return line
    return around if is_circle(name, names) else arc


def _staggered(start: np.ndarray, moves: np.ndarray, bounds: tuple[float, float] | None) -> np.ndarray:
    walk = [start]
    for move in moves:
        moved = walk[-1] + move
        walk.append(np.clip(moved, *bounds) if bounds else moved)
    return np.array(walk, "float32")


def _round(start: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """A walk on circles: of each pair of moves the first one turns, in radians."""
    first = np.degrees(np.arctan2(start[::2], start[1::2]))[None]
    turns = np.degrees(np.cumsum(moves[:, ::2], axis=0))
    return direction(np.concatenate([first, first + turns])).reshape(len(moves) + 1, -1)
