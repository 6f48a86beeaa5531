"""Glasses, earrings, hats (in the head's frame), clothes and chains (in the body's) as distance functions."""

from facegen.clay.head import EYE_X
from facegen.clay.sdf import ball, capsule, clip, compiled, ellipsoid, join, meet, norm


@compiled
def glasses(x, y, z, f):
    ax = abs(x)
    cx = ax - EYE_X - f.eye_gap
    cy = y + 0.02
    r = 0.205 * f.glasses_size
    rim = norm(cx, 1.1 * cy, 0.0) - r
    if f.glasses_square > 0.0:
        rim = meet(abs(cx) - r, abs(cy) - 0.78 * r, 0.12)
    d = norm(rim, z - 0.86 + 0.30 * cx, 0.0) - 0.024
    d = min(d, capsule(ax, y, z, 0.0, 0.03, 0.90, 0.10, 0.03, 0.90, 0.026, 0.026))
    return min(d, capsule(ax, y, z, 0.49, 0.03, 0.80, 0.74 * f.width, 0.02, -0.02, 0.024, 0.024))


@compiled
def earring(x, y, z, f):
    ax = abs(x)
    side = 0.74 * f.width + 0.05
    if f.hoops > 0.5:
        return norm(norm(ax - side - 0.02, y + 0.40, 0.0) - 0.115, z, 0.0) - 0.036
    d = ball(ax, y, z, side, -0.27, 0.0, 0.045)
    return join(d, capsule(ax, y, z, side, -0.36, 0.0, side + 0.01, -0.47, 0.02, 0.04, 0.095), 0.03)


@compiled
def hat(x, y, z, f):
    ax, t = abs(x), f.thick * (1.0 - 0.5 * clip(f.thick * 4.0, 0.0, 1.0)) + 0.05 + 0.03 * f.wave
    crown = ellipsoid(ax, y, z, 0.0, 0.34, -0.12, 0.72 * f.width + t, 0.78 + t, 0.88 + t)
    base = 0.37 - y + 0.16 * z
    if f.hat_kind < 0.5:
        brim = ellipsoid(ax, y + 0.25 * z, z, 0.0, 0.60, 0.66, 0.60, 0.05, 0.74)
    elif f.hat_kind < 1.5:
        brim = ellipsoid(ax, y, z, 0.0, 0.42, -0.1, 1.18, 0.075, 1.28)
    else:
        brim = meet(meet(abs(base - 0.02) - 0.10, crown - 0.06, 0.05), -crown - 0.1, 0.02)
    return join(meet(crown, base, 0.05), brim, 0.05)


@compiled
def shirt(x, y, z, f):
    ax = abs(x)
    wide = f.shoulders
    d = capsule(ax, y, z, 0.0, -1.33, -0.22, 0.86 * wide, -1.62, -0.24, 0.35, 0.35)
    d = join(d, ellipsoid(ax, y, z, 0.0, -2.45, -0.12, 1.0 * wide, 1.35, 0.56), 0.3)
    return join(d, capsule(ax, y, z, 0.94 * wide, -1.70, -0.25, 1.08 * wide, -3.0, -0.15, 0.31, 0.28), 0.12)


@compiled
def necklace(x, y, z, f):
    ring = norm(x, z + 0.20, 0.0) - 0.39 * f.neck - 0.03
    d = norm(ring, 0.9 * (y + 1.00 + 0.30 * (z + 0.2)), 0.0) - 0.045
    return join(d, ball(x, y, z, 0.0, -1.20, 0.24, 0.10), 0.03)


@compiled
def tie(x, y, z, f):
    knot = ellipsoid(x, y, z, 0.0, -1.08, 0.24, 0.15, 0.12, 0.10)
    tail = capsule(x, y, z, 0.0, -1.18, 0.22, 0.0, -2.2, 0.52, 0.10, 0.18)
    return join(knot, meet(tail, z - 0.34 + 0.3 * (y + 1.3), 0.05), 0.02)
