"""From a Face to a picture: sphere tracing with an orthographic camera, shading, backdrop.

One thick ray per cell of 4x4 pixels finds how far all of the cell's rays may start, or that they all miss.
Then each pixel's ray is traced from there. Pixels on an edge (the neighbour shows another part, or lies
much deeper) are drawn again with two more rays.
"""

import hashlib
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from threading import Timer

import numpy as np
from numba import njit
from PIL import Image, ImageFilter

from facegen.clay.backdrop import backdrop
from facegen.clay.face import Face, record
from facegen.clay.scene import SKIN, colour, nearest, part
from facegen.clay.sdf import OPTIONS, clip, compiled, norm
from facegen.utils.logging import logger

PIVOT = (0.0, -0.45, -0.10)  # the head turns about the top of the neck
FRONT, FAR = 2.0, 3.6  # rays start at z = FRONT and end FAR behind it
CELL = 4
Window = tuple[float, float, float, float]
WHOLE: Window = (0.0, 0.0, 1.0, 1.0)
CLOSE = 0.12  # pixels: nearer than this is a hit; more would make everything that much fatter


@compiled
def turn(m, x, y, z):
    """A point of the camera's frame in the frame that m turns into."""
    x, y, z = x - PIVOT[0], y - PIVOT[1], z - PIVOT[2]
    return (
        m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + PIVOT[0],
        m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + PIVOT[1],
        m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + PIVOT[2],
    )


@compiled
def clear(x, y, radius, view, f):
    """How deep a ray of this radius at (x, y) gets before it touches anything; FAR or more if nothing."""
    t = 0.0
    for _ in range(40):
        z = FRONT - t
        d, _ = nearest(turn(view[0], x, y, z), turn(view[1], x, y, z), f)
        t += d - radius
        if d - radius < 0.3 * radius or t >= FAR:
            break
    return t


@compiled
def trace(x, y, t, close, view, f):
    """(depth, part) where the ray at (x, y) ends, started at depth t; part -1 for a miss.

    Steps are over-relaxed, and taken back where the balls of two steps don't overlap (Keinert et al.,
    "Enhanced sphere tracing", 2014).
    """
    relax, step, before = 1.15, 0.0, 0.0
    k = -1
    for _ in range(56):
        z = FRONT - t
        d, k = nearest(turn(view[0], x, y, z), turn(view[1], x, y, z), f)
        if relax > 1.0 and abs(d) + before < step:
            step -= relax * step
            relax = 1.0
        else:
            if abs(d) < close:
                break
            step = relax * d
        before = abs(d)
        t += step
        if t >= FAR:
            return t, -1
    return t, k


@compiled
def slope(x, y, z, k, eps, view, f):
    """Unit normal of part k."""
    d = part(k, turn(view[0], x, y, z), turn(view[1], x, y, z), f)
    nx = part(k, turn(view[0], x + eps, y, z), turn(view[1], x + eps, y, z), f) - d
    ny = part(k, turn(view[0], x, y + eps, z), turn(view[1], x, y + eps, z), f) - d
    nz = part(k, turn(view[0], x, y, z + eps), turn(view[1], x, y, z + eps), f) - d
    n = norm(nx, ny, nz) + 1e-12
    return nx / n, ny / n, nz / n


@compiled
def openness(x, y, z, reach, view, f):
    """0..1: how free of other things the point is that lies `reach` away from a surface."""
    d, _ = nearest(turn(view[0], x, y, z), turn(view[1], x, y, z), f)
    return clip(d / reach, 0.0, 1.0)


@compiled
def reached(x, y, z, light, view, f):
    """0..1: how much of a lamp in that direction a point on a surface sees past everything else."""
    free, t = 1.0, 0.06
    for _ in range(28):
        a, b, c = x + light[0] * t, y + light[1] * t, z + light[2] * t
        d, _ = nearest(turn(view[0], a, b, c), turn(view[1], a, b, c), f)
        free = min(free, 0.5 + 10.0 * d / t)
        t += clip(d, 0.02, 0.3)
        if free <= 0.0 or t > 2.5:
            break
    return clip(free, 0.0, 1.0)


@compiled
def shade(x, y, t, k, px, light, view, f):
    """(red, green, blue) of part k where the ray at (x, y) meets it at depth t."""
    z = FRONT - t
    lx, ly, lz = light
    nx, ny, nz = slope(x, y, z, k, max(0.6 * px, 0.004), view, f)
    free = openness(x + 0.15 * nx, y + 0.15 * ny, z + 0.15 * nz, 0.15, view, f)
    c, gloss = colour(k, turn(view[0], x, y, z), turn(view[1], x, y, z), f, 0.7 * px)
    facing = lx * nx + ly * ny + lz * nz
    wrap = 0.35 * (1.0 - f.flash)  # soft light comes round edges
    soft = 0.12 * (1.0 - f.flash) if k == SKIN else 0.0  # it gets further into skin the redder it is
    lit = f.key * (0.5 + 0.5 * free)
    if f.flash > 0.0 and facing > 0.0:
        beyond = reached(x + 0.02 * nx, y + 0.02 * ny, z + 0.02 * nz, light, view, f)
        lit *= 1.0 - f.flash * (1.0 - beyond)
    r = lit * clip((facing + wrap + soft) / (1.0 + wrap + soft), 0.0, 1.0) * (1.0 + 0.10 * f.warm)
    g = lit * clip((facing + wrap) / (1.0 + wrap), 0.0, 1.0)
    b = lit * clip((facing + wrap - 0.5 * soft) / (1.0 + wrap - 0.5 * soft), 0.0, 1.0) * (1.0 - 0.12 * f.warm)
    sky = f.ambient * (0.82 + 0.18 * ny) * (0.4 + 0.6 * free)
    n = sqrt(max(2.0 + 2.0 * lz, 1e-6))
    shine = gloss * f.key * max((facing + nz) / n, 0.0) ** 28
    rim = 0.12 * (1.0 - clip(nz, 0.0, 1.0)) ** 3 * free
    back = f.backdrop_top
    return (
        c[0] * (sky * 0.97 + r) + shine + rim * back[0],
        c[1] * (sky * 0.98 + g) + shine + rim * back[1],
        c[2] * (sky * 1.03 + b) + shine + rim * back[2],
    )


@compiled
def first_pass(picture, parts, depth, start, left, top, px, light, view, f):
    """Draw one ray a pixel; fill in which part each pixel shows, its depth, and where its cell's rays
    start."""
    height, width = parts.shape
    for i0 in range(0, height, CELL):
        for j0 in range(0, width, CELL):
            x, y = left + (j0 + CELL / 2) * px, top - (i0 + CELL / 2) * px
            t0 = clear(x, y, 0.72 * CELL * px, view, f)
            start[i0 // CELL, j0 // CELL] = t0
            if t0 >= FAR:
                continue
            for i in range(i0, min(i0 + CELL, height)):
                for j in range(j0, min(j0 + CELL, width)):
                    x, y = left + (j + 0.5) * px, top - (i + 0.5) * px
                    t, k = trace(x, y, t0, CLOSE * px, view, f)
                    parts[i, j], depth[i, j] = k, t
                    if k >= 0:
                        c = shade(x, y, t, k, px, light, view, f)
                        for channel in range(3):
                            picture[i, j, channel] = c[channel]


@compiled
def on_edge(parts, depth, i, j, px):
    height, width = parts.shape
    for di, dj in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        m, n = i + di, j + dj
        if 0 <= m < height and 0 <= n < width:
            if parts[m, n] != parts[i, j]:
                return True
            if parts[i, j] >= 0 and abs(depth[m, n] - depth[i, j]) > 5.0 * px + 0.05:
                return True
    return False


@compiled
def second_pass(picture, behind, parts, depth, start, left, top, px, light, view, f):
    """Draw the pixels on edges again: the mean of what they show and of two more rays."""
    height, width = parts.shape
    for i in range(height):
        for j in range(width):
            if not on_edge(parts, depth, i, j, px):
                continue
            t0 = start[i // CELL, j // CELL]
            r, g, b = picture[i, j, 0], picture[i, j, 1], picture[i, j, 2]
            r, g, b = min(r, 1.0), min(g, 1.0), min(b, 1.0)
            for s in (0.2, 0.8):
                x, y = left + (j + s) * px, top - (i + s) * px
                t, k = t0, -1
                if t0 < FAR:
                    t, k = trace(x, y, t0, CLOSE * px, view, f)
                c = (behind[i, j, 0], behind[i, j, 1], behind[i, j, 2])
                if k >= 0:
                    c = shade(x, y, t, k, px, light, view, f)
                r, g, b = r + min(c[0], 1.0), g + min(c[1], 1.0), b + min(c[2], 1.0)
            picture[i, j, 0], picture[i, j, 1], picture[i, j, 2] = r / 3.0, g / 3.0, b / 3.0


def source_stamp() -> int:
    """Return a number that changes with any source that is compiled."""
    here = Path(__file__).parent
    names = ("sdf", "head", "hair", "accessories", "texture", "scene", "render")
    digest = hashlib.sha256(b"".join((here / f"{name}.py").read_bytes() for name in names))
    return int.from_bytes(digest.digest()[:7], "big")


def cached(stamp: int):
    """Return `expose`, kept in numba's cache as long as the stamp is the same.

    numba asks whether a function's own file has changed, not whether those have whose functions it calls.
    But a variable of the enclosing scope is part of what it goes by.
    """

    def expose(behind, left, top, px, view, f, smooth):
        """Return the picture (height, width, 3), linear, of a face in front of a backdrop of that shape,
        and which part of the scene each pixel shows, -1 for the backdrop."""
        _ = stamp
        height, width = behind.shape[:2]
        picture = behind.copy()
        parts = np.full((height, width), -1, np.int64)
        depth = np.full((height, width), FAR)
        start = np.full((height // CELL + 1, width // CELL + 1), FAR)
        n = norm(f.light[0], f.light[1], f.light[2])
        light = (f.light[0] / n, f.light[1] / n, f.light[2] / n)
        first_pass(picture, parts, depth, start, left, top, px, light, view, f)
        if smooth:
            second_pass(picture, behind, parts, depth, start, left, top, px, light, view, f)
        return picture, parts

    try:
        return njit(cache=True, **OPTIONS)(expose)
    except RuntimeError:  # no folder that can be written: compile it every time
        return njit(**OPTIONS)(expose)


expose = cached(source_stamp())


def rotation(yaw: float, pitch: float = 0.0) -> np.ndarray:
    """Return the matrix (3, 3) that takes a point of the camera's frame into a frame turned by degrees."""
    y, p = np.radians(yaw), np.radians(pitch)
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    return np.ascontiguousarray((about_y @ about_x).T)


def say_compiling() -> Timer:
    """Start a timer that says why nothing is seen, if the renderer isn't in numba's cache yet."""
    timer = Timer(2.0, logger.info, ["clay: compiling the renderer, about 20 s, once"])
    timer.start()
    return timer


def render_window(
    face: Face, width: int, height: int, window: Window, smooth: bool
) -> tuple[np.ndarray, np.ndarray]:
    left, top, right, bottom = window
    whole = width / (right - left), height / (bottom - top)  # the size of the whole picture, in pixels
    px = 1.0 / (face.zoom * whole[0])
    view = rotation(face.yaw, face.pitch), rotation(face.body_yaw)
    eyes = view[0].T @ (np.array([0.0, 0.0, 0.6]) - PIVOT) + PIVOT
    x0 = eyes[0] * face.track + (left - 0.5) * whole[0] * px
    y0 = eyes[1] + (face.eye_row - top) * whole[1] * px
    x = left + (np.arange(width) + 0.5) / whole[0]
    y = (top * whole[1] + np.arange(height) + 0.5) / whole[0]
    timer = None if expose.signatures else say_compiling()
    try:
        return expose(backdrop(face, x, y), x0, y0, px, view, record(face), smooth)
    finally:
        if timer:
            timer.cancel()


def mask(
    face: Face, width: int, height: int, window: Window = WHOLE, parts: Sequence[int] | None = None
) -> np.ndarray:
    """Which pixels of a picture show the person and not the backdrop: bool (height, width).

    It is for measures: no network of the course is told.

    Args:
        face: see `shown` for that of a picture on disk.
        width, height, window: see `draw`.
        parts: only these parts of the person, such as `scene.SHIRT`; default: all of them.

    Example:
        >>> from facegen import clay
        >>> person = clay.mask(clay.person({"Male": 1}, 3), 32, 32)
        >>> bool(person[16, 16]), bool(person[0, 0])
        (True, False)
    """
    _, which = render_window(face, width, height, window, smooth=False)
    return which >= 0 if parts is None else np.isin(which, parts)


def draw(
    face: Face,
    width: int,
    height: int,
    window: Window = WHOLE,
    detail: float = 1.0,
    smooth: bool = True,
) -> np.ndarray:
    """Draw a face: uint8 (height, width, 3).

    Args:
        window: (left, top, right, bottom), the part of the whole picture to draw, in fractions of it. The
            face's size follows the width, so a square picture shows what the middle of a taller one does.
        detail: draw at that fraction of the size and enlarge.
        smooth: three rays a pixel where edges are.

    Example:
        >>> from facegen import clay
        >>> picture = clay.draw(clay.person({"Pale_Skin": 1}, seed=3), 16, 16)
        >>> picture.shape, bool(picture[8, 8].mean() > 100)  # a cheek
        ((16, 16, 3), True)
    """
    w, h = max(round(width * detail), 1), max(round(height * detail), 1)
    light, _ = render_window(face, w, h, window, smooth)
    picture = (np.clip(light, 0.0, 1.0) ** (1 / 1.15) * 255.0 + 0.5).astype(np.uint8)
    if not face.blur and (w, h) == (width, height):
        return picture
    image = Image.fromarray(picture)
    if face.blur:
        radius = face.blur * 0.018 * w / (window[2] - window[0])
        image = image.filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
