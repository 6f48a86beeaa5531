"""What is behind a person: a plain gradient, or something to tell the face from.

A backdrop is a function of the place in the picture alone, so that a part of a picture shows the same as the
whole, at any size. x (width) and y (height) are in widths of the whole picture, `px` is a pixel's. A kind
takes them with the two colours of the scene and its own chance, and returns linear-ish RGB
(height, width, 3).
"""

from collections.abc import Callable

import numpy as np

from facegen.clay.face import Face

Kind = Callable[[np.ndarray, np.ndarray, float, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def backdrop(face: Face, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The backdrop of a face, (height, width, 3)."""
    top, bottom = np.array(face.backdrop_top), np.array(face.backdrop_bottom)
    kind, rng = KINDS[int(face.backdrop_kind)], np.random.default_rng(int(face.backdrop_seed))
    px = float(x[1] - x[0]) if len(x) > 1 else 0.01
    if not face.backdrop_kind and not face.backdrop_seed:
        kind = gradient
    return np.clip(kind(x[None, :], y[:, None], px, top, bottom, rng), 0.0, 1.0)


def mix(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Colour a, or picture a, with so much (height, width) of b over it."""
    return a + (b - a) * share[..., None]


def below(e: np.ndarray, px: float, blur: float = 0.7) -> np.ndarray:
    """1 where e < 0, 0 where e > 0, blurred over some pixels to either side."""
    return np.clip(0.5 - 0.5 * e / (blur * px), 0.0, 1.0)


def waves(x: np.ndarray, y: np.ndarray, scale: float, rng: np.random.Generator, count: int = 7) -> np.ndarray:
    """Smooth noise, about -1 to 1, whose bumps are about `scale` widths of the picture apart."""
    angle, phase = rng.uniform(0, 2 * np.pi, (2, count))
    k = 2 * np.pi / scale * rng.uniform(0.5, 1.5, count)
    inner = [np.sin(f * (np.cos(a) * x + np.sin(a) * y) + p) for f, a, p in zip(k, angle, phase, strict=True)]
    return np.sum(inner, axis=0) * np.sqrt(2 / count) * 0.7


def shades(colour: np.ndarray, rng: np.random.Generator, spread: float = 0.15) -> np.ndarray:
    """A colour like this one."""
    return np.clip(colour * rng.uniform(1 - 2 * spread, 1 + spread) + rng.normal(0, spread / 3, 3), 0, 1)


def gradient(x, y, px, top, bottom, rng) -> np.ndarray:
    return top + (bottom - top) * np.clip(y / 1.3, 0, 1)[..., None] + np.zeros((1, x.shape[1], 1))


def blobs(x, y, px, top, bottom, rng) -> np.ndarray:
    """A gradient with a few soft blobs."""
    picture = gradient(x, y, px, top, bottom, rng)
    for _ in range(4):
        cx, cy, r, second = rng.uniform(0, 1), rng.uniform(0, 1.2), rng.uniform(0.15, 0.45), rng.integers(2)
        blob = np.clip((bottom if second else top) + rng.normal(0, 0.12, 3), 0, 1)
        distance = ((x - cx) ** 2 + (y - cy) ** 2) / r**2
        picture += (blob - picture) * (0.8 * np.exp(-(distance**2)))[..., None]
    return picture


def room(x, y, px, top, bottom, rng) -> np.ndarray:
    """Two walls that meet, a window or a picture on one of them, perhaps a piece of furniture."""
    corner, lean = rng.uniform(0.1, 0.9), rng.uniform(-0.04, 0.04)
    left = below(x - corner - lean * y, px, 1.5)
    picture = mix(gradient(x, y, px, top, bottom, rng), top * rng.uniform(0.6, 0.85), left)
    for _ in range(rng.integers(1, 3)):
        cx, cy, w, h = rng.uniform(0, 1), rng.uniform(0.05, 0.5), *rng.uniform(0.08, 0.2, 2)
        away = np.maximum(np.abs(x - cx) - w, np.abs(y - cy) - h)
        picture = mix(picture, bottom * rng.uniform(0.3, 0.7), below(away - 0.02, px))
        inner = rng.uniform(0.7, 1.0, 3) if rng.random() < 0.5 else rng.uniform(0.1, 0.8, 3)
        cross = below(np.minimum(np.abs(x - cx), np.abs(y - cy)) - 0.008, px) * (rng.random() < 0.5)
        picture = mix(picture, inner, below(away, px) * (1 - cross))
    board = below(rng.uniform(0.75, 1.1) - y - 0.1 * np.abs(x - corner), px)
    return mix(picture, shades(np.array([0.42, 0.28, 0.18]), rng), board * (rng.random() < 0.6))


def stripes(x, y, px, top, bottom, rng) -> np.ndarray:
    """Wallpaper, blinds, a curtain: stripes of any width and slant, sharp or soft."""
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    across = np.cos(angle) * x + np.sin(angle) * y + rng.uniform(0, 0.03) * waves(x, y, 0.6, rng)
    wave = np.sin(2 * np.pi * across / rng.uniform(0.06, 0.3) + rng.uniform(0, 6))
    share = np.clip(0.5 + wave * rng.choice([0.5, 2.0]), 0, 1)
    return mix(gradient(x, y, px, top, top, rng), shades(bottom, rng, 0.3), share)


def leaves(x, y, px, top, bottom, rng) -> np.ndarray:
    """Leaves and light between them, out of focus: noise of several sizes, green, or brown as in autumn."""
    green = np.array([0.20, 0.30, 0.12]) if rng.random() < 0.7 else np.array([0.42, 0.27, 0.12])
    scale = rng.uniform(0.2, 0.5)
    picture = gradient(x, y, px, green * 0.6, green * 0.4, rng)
    for share, light in ((1.0, 0.9), (0.5, 1.2), (0.28, 1.5)):
        clump = np.clip(0.5 + 1.2 * waves(x, y, scale * share, rng, 12) - rng.uniform(0, 0.3), 0, 1)
        picture = mix(picture, shades(green * light, rng), 0.7 * clump)
    gaps = np.clip(1.5 * waves(x, y, scale, rng, 12) - 0.8, 0, 1)
    return mix(picture, np.array([0.78, 0.86, 0.88]), 0.8 * gaps)


def sky(x, y, px, top, bottom, rng) -> np.ndarray:
    """Clouds over hills, or over the sea."""
    blue = np.array([0.35, 0.55, 0.85]) * rng.uniform(0.7, 1.1)
    horizon = rng.uniform(0.5, 1.0)
    cloud = waves(x, 2 * y, 0.5, rng) + 0.5 * waves(x, 2 * y, 0.2, rng)
    picture = mix(gradient(x, y, px, blue, blue * 1.4, rng), np.full(3, 0.95), np.clip(cloud, 0, 0.9))
    land = shades(rng.choice([(0.25, 0.38, 0.16), (0.15, 0.30, 0.42), (0.60, 0.52, 0.36)]), rng)
    hills = below(horizon + rng.uniform(0, 0.06) * waves(x, 0 * y, 0.5, rng) - y, px, 2.0)
    return mix(picture, land, hills)


def lights(x, y, px, top, bottom, rng) -> np.ndarray:
    """A street at night, out of focus: round spots of light on something dark."""
    picture = gradient(x, y, px, top * 0.25, bottom * 0.15, rng)
    for _ in range(rng.integers(6, 14)):
        cx, cy, r = rng.uniform(0, 1), rng.uniform(0, 1.2), rng.uniform(0.03, 0.11)
        spot = below(np.hypot(x - cx, y - cy) - r, px, 1.5 + 0.01 / px)
        picture = mix(picture, rng.uniform((0.7, 0.4, 0.2), (1.0, 0.95, 0.9)), spot * rng.uniform(0.3, 0.8))
    return picture


def shelf(x, y, px, top, bottom, rng) -> np.ndarray:
    """Books: spines of all colours and widths, on boards."""
    wood, height = shades(np.array([0.35, 0.22, 0.13]), rng), rng.uniform(0.25, 0.45)
    starts = np.cumsum(rng.uniform(0.03, 0.09, 40))
    book = np.searchsorted(starts, x[0] + 0.1)
    row = np.floor((y[:, 0] + rng.uniform(0, 0.3)) / height).astype(int)
    colours = np.clip(rng.uniform(0.08, 0.6, (8, 41, 1)) + rng.normal(0, 0.1, (8, 41, 3)), 0.03, 1)
    inside = (y + rng.uniform(0, 0.3)) % height / height  # 0 at a board's lower edge
    free = inside - 0.12 - 0.1 * np.modf(np.abs(np.sin(91.7 * (book + 7 * row[:, None]))) * 9.0)[0]
    spines = colours[row[:, None] % 8, book[None, :]]
    gap = np.abs(x[0] + 0.1 - starts[np.minimum(book, 39)])
    spines = spines * np.clip(0.45 + gap / 0.02, 0, 1)[None, :, None]
    return mix(spines, wood * 0.6, below(free, px))


def tiles(x, y, px, top, bottom, rng) -> np.ndarray:
    """Bricks or tiles, each a little different."""
    h = rng.uniform(0.05, 0.12)
    w, shift = h * rng.choice([1.0, 2.2]), rng.choice([0.0, 0.5])
    row = np.floor(y / h)
    column = np.floor(x / w + shift * (row % 2))
    shade = 0.82 + 0.3 * np.modf(np.abs(np.sin(12.9898 * row + 78.233 * column)) * 437.5)[0]
    u, v = (x / w + shift * (row % 2)) % 1 * w, y / h % 1 * h
    joint = below(np.minimum(np.minimum(u, w - u), np.minimum(v, h - v)) - 0.006, px)
    base = rng.choice([0, 1])
    brick = shades(np.array([0.58, 0.27, 0.19]), rng) if base else top
    return mix(brick * shade[..., None], np.clip(bottom * 0.6 + 0.3, 0, 1), joint)


KINDS: tuple[Kind, ...] = (blobs, gradient, room, stripes, leaves, sky, lights, shelf, tiles)
