"""What can be known of outlines between the views? As much as a network draws, measured on clay.

    python benchmarks/turning.py data/clay-rafd --recipes turning --epochs 150
    python benchmarks/outlines.py data/clay-rafd build/turning/turning-45-150-1

A head's outline is, in each row, how far it reaches to the left and to the right: seen from behind, left is
right, so five views half around a head are eight samples of one closed curve. Between them stands the smooth
curve that passes through all of them (a periodic cubic spline), read off *true* outlines, which is what one
would guess who has these five views and no picture of another head. Beside it stands the network. Then:
how much of the network's error lies near the outline, within two pixels, and what its measures would be were
these pixels true.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as facegen has it, which Keras comes before
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout

import numpy as np
from keras import ops

import facegen
from facegen.metrics.turning import Turn, turn_report, turned
from facegen.models.silhouettes import plain_backdrop, silhouettes

BAND = 2  # pixels on either side of an outline


def reach(outlines: np.ndarray) -> np.ndarray:
    """How far each row of outlines reaches, from the middle to the left and to the right, in pixels.

    Args:
        outlines: float (..., width), how much of each pixel is the person.

    Returns:
        float (..., 2); where a row is empty, NaN.

    Example:
        >>> reach(np.array([[0, 0.5, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0]])).tolist()
        [[1.5, 2.0], [nan, nan]]
    """
    sides = []
    for row in (outlines, outlines[..., ::-1]):
        first = np.argmax(row > 0, axis=-1)
        part = np.take_along_axis(row, first[..., None], axis=-1)[..., 0]
        sides.append(np.where(part > 0, row.shape[-1] / 2 - (first + 1 - part), np.nan))
    return np.stack(sides, axis=-1)


def around(reached: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reaches of views from profile to profile as one closed curve.

    Args:
        reached: (heads, views, rows, 2), see `reach`.
        degrees: of the views, from -90 to 90.

    Returns:
        (heads, 2 * views - 2, rows), and the degrees of each, from -90 up.
    """
    if not np.allclose(degrees[[0, -1]], [-90, 90]):
        raise ValueError(f"Expected views from -90 to 90 degrees, found {degrees[0]:g} to {degrees[-1]:g}.")
    right, left = reached[..., 1], reached[..., 0]
    return np.concatenate([right, left[:, 1:-1]], axis=1), np.concatenate([degrees, degrees[1:-1] + 180])


def closed_curve(count: int, places: np.ndarray) -> np.ndarray:
    """The periodic cubic spline through `count` values at equal distances, at places from 0 to `count`.

    Returns:
        (places, count): by how much each value counts at each place.

    Example:
        >>> bool(np.allclose(closed_curve(8, np.arange(8.0)), np.eye(8)))  # it passes through the values
        True
    """
    ring = np.eye(count)
    beside = np.roll(ring, 1, axis=0) + np.roll(ring, -1, axis=0)
    bends = np.linalg.solve((4 * ring + beside) / 6, beside - 2 * ring)  # second derivatives at the values
    before = np.floor(places).astype(int) % count
    after, b = (before + 1) % count, (places % 1)[:, None]
    a = 1 - b
    return a * ring[before] + b * ring[after] + ((a**3 - a) * bends[before] + (b**3 - b) * bends[after]) / 6


def outlines_of(pictures: np.ndarray, backdrop: np.ndarray) -> np.ndarray:
    """Outlines (heads, views, height, width) of pictures (heads, views, height, width, channels)."""
    flat = pictures.reshape(-1, *pictures.shape[2:])
    return np.asarray(silhouettes(flat, backdrop))[..., 0].reshape(pictures.shape[:-1])


def errors(turn: Turn) -> dict[str, np.ndarray]:
    """How far off reaches are, pixels (heads, places, rows): "spline" through true views, and "network"."""
    backdrop = plain_backdrop(turn.truth.reshape(-1, *turn.truth.shape[2:]))
    curves = {}
    for name, pictures in (("truth", turn.truth), ("network", turn.drawn)):
        curves[name], at = around(reach(outlines_of(pictures, backdrop)), turn.degrees)
    there = ~np.isnan(curves["truth"]).any(axis=1, keepdims=True)  # rows that reach somewhere in all views
    known = np.isclose((at[:, None] - turn.seen) % 180, 0).any(axis=1)
    curve = np.where(there, curves["truth"], 0.0)
    weights = closed_curve(known.sum(), (at - at[0]) / 360 * known.sum())
    curves["spline"] = np.einsum("pk,hkr->hpr", weights, curve[:, known])
    return {name: np.where(there, curves[name] - curve, np.nan)[:, ~known] for name in ("spline", "network")}


def near_outline(turn: Turn) -> np.ndarray:
    """Which pixels lie within `BAND` of a true outline: bool (heads, views, height, width)."""
    backdrop = plain_backdrop(turn.truth.reshape(-1, *turn.truth.shape[2:]))
    inside = outlines_of(turn.truth, backdrop) >= 0.5
    flat = inside.reshape(-1, *inside.shape[2:], 1).astype("float32")
    near_inside, near_outside = (
        np.asarray(ops.max_pool(x, 2 * BAND + 1, strides=1, padding="same")) for x in (flat, 1 - flat)
    )
    return ((near_inside > 0.5) & (near_outside > 0.5)).reshape(inside.shape)


def share_of_error(turn: Turn, band: np.ndarray) -> float:
    """Which share of the squared error between the views lies in a band."""
    error = np.square(turn.truth.astype("float64") - turn.drawn).mean(axis=-1)
    views = turn.off() > 0
    return float(error[:, views][band[:, views]].sum() / error[:, views].sum())


def mended(turn: Turn, band: np.ndarray) -> Turn:
    """The same heads, were they drawn without fault in a band."""
    return replace(turn, drawn=np.where(band[..., None], turn.truth, turn.drawn))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="clay in RaFD's format, from profile to profile")
    parser.add_argument(
        "model", help="a network of the package that has learned from it, such as of the recipe turning"
    )
    parser.add_argument("--step", type=float, default=2.5, help="degrees between views (default: 2.5)")
    chosen = parser.parse_args()
    turn = turned(facegen.load(chosen.model), facegen.read(chosen.data), step=chosen.step)
    print("| outlines between the views, pixels | median | RMS | bias |", "|---|---|---|---|", sep="\n")
    for name, error in errors(turn).items():
        rms, bias = np.sqrt(np.nanmean(np.square(error))), np.nanmean(error)
        print(f"| {name} | {np.nanmedian(np.abs(error)):.2f} | {rms:.2f} | {bias:+.2f} |")
    band = near_outline(turn)
    print(
        f"\n{share_of_error(turn, band):.0%} of the squared error lies within {BAND} pixels of an outline\n"
    )
    print("| SSIM | seen | hardest | sharpness there | doubled (truth) |", "|---|---|---|---|---|", sep="\n")
    for name, heads in (("as drawn", turn), ("were these pixels true", mended(turn, band))):
        report = turn_report(heads)
        seen, hardest = (report["drawn"]["ssim"][i] for i in (0, -1))
        doubled = f"{report['doubled']['drawn']:.3f} ({report['doubled']['truth']:.3f})"
        print(f"| {name} | {seen:.3f} | {hardest:.3f} | {report['sharpness'][-1]:.2f} | {doubled} |")


if __name__ == "__main__":
    sys.exit(main())
