"""Distance functions of simple solids, ways to join them, and the arithmetic of colours, as compiled scalar
code.

A solid is a function of a point: its distance to the surface, negative inside. Where a formula isn't exact
it is a lower bound, so a ray may always walk that far without passing through the surface (Hart, "Sphere
tracing", The Visual Computer 12, 1996; the formulas of most solids are Inigo Quilez's,
https://iquilezles.org/articles/distfunctions).
"""

from math import exp, sqrt

from numba import njit

OPTIONS = {"nogil": True, "fastmath": True, "error_model": "numpy"}
compiled = njit(**OPTIONS)  # only `camera.expose` goes into numba's cache, with all it calls


@compiled
def clip(x, low, high):
    return min(max(x, low), high)


@compiled
def ramp(x, a, b):
    """0 at a, 1 at b, smooth in between."""
    t = clip((x - a) / (b - a), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@compiled
def bump(u, v):
    """A round hill of height 1 at (0, 0)."""
    s = u * u + v * v
    return exp(-s) if s < 12.0 else 0.0


@compiled
def inside(e, w):
    """How much of a pixel lies where e < 0, if the edge is blurred over w to either side."""
    return clip(0.5 - e * 0.5 / w, 0.0, 1.0)


@compiled
def norm(x, y, z):
    return sqrt(x * x + y * y + z * z)


@compiled
def join(a, b, k):
    """Union of two solids with a fillet of size k."""
    h = max(k - abs(a - b), 0.0)
    return min(a, b) - h * h * 0.25 / k


@compiled
def meet(a, b, k):
    """Intersection of two solids, the edge rounded over k."""
    return -join(-a, -b, k)


@compiled
def ball(x, y, z, cx, cy, cz, r):
    return norm(x - cx, y - cy, z - cz) - r


@compiled
def ellipsoid(x, y, z, cx, cy, cz, rx, ry, rz):
    ax, ay, az = 1.0 / rx, 1.0 / ry, 1.0 / rz
    x, y, z = (x - cx) * ax, (y - cy) * ay, (z - cz) * az
    k = norm(x, y, z)
    return k * (k - 1.0) / (norm(x * ax, y * ay, z * az) + 1e-9)


@compiled
def capsule(x, y, z, ax, ay, az, bx, by, bz, ra, rb):
    """A rod from a to b with round ends, its radius going from ra to rb."""
    ux, uy, uz = bx - ax, by - ay, bz - az
    x, y, z = x - ax, y - ay, z - az
    h = clip((x * ux + y * uy + z * uz) / (ux * ux + uy * uy + uz * uz), 0.0, 1.0)
    return norm(x - h * ux, y - h * uy, z - h * uz) - (ra + (rb - ra) * h)


@compiled
def rgb(a):
    return (a[0], a[1], a[2])


@compiled
def over(c, d, a):
    """Colour d painted over c with opacity a."""
    return (c[0] + (d[0] - c[0]) * a, c[1] + (d[1] - c[1]) * a, c[2] + (d[2] - c[2]) * a)


@compiled
def times(c, s):
    return (c[0] * s, c[1] * s, c[2] * s)


@compiled
def tint(c, r, g, b):
    return (c[0] * r, c[1] * g, c[2] * b)
