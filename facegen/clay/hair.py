"""Hair as a distance function: the skull's upper part, grown; long hair is a shell behind face and neck."""

from math import atan2, sin

from facegen.clay.head import cranium, hairline
from facegen.clay.sdf import ball, bump, clip, compiled, ellipsoid, join, meet, norm, ramp


@compiled
def thickness(ax, x, y, z, e, f):
    """How far the hair stands off the skull, e inside the hairline."""
    t = f.thick * (f.sides + (1.0 - f.sides) * ramp(y, 0.1, 0.8)) * (1.0 - 0.35 * f.recede) + 0.02 * f.bangs
    t *= 0.35 + 0.65 * ramp(y, -0.45, 0.15)
    front = ramp(z, -0.1, 0.6) * ramp(y, 0.4, 0.9)
    t += front * (0.15 * f.quiff + 0.08 * abs(f.sweep) * ramp(-x * f.sweep, -0.4, 0.4))
    if y > 0.3 and f.part != 0.0:
        t -= 0.06 * abs(f.part) * bump((x - 0.22 * f.part) / 0.05, 0.0)
    if f.spikes > 0.0:
        t += 0.05 * f.spikes * ramp(y, 0.35, 0.7) * sin(16.0 * x + 3.0 * z) * sin(15.0 * z + 2.0 * y)
    g = clip(e / (0.24 + 0.20 * (1.0 - f.bangs) * ramp(z, 0.0, 0.5)), -0.4, 1.0)
    return t * g * (2.0 - abs(g))


@compiled
def locks(ax, y, z, f):
    """Long hair: a shell open towards the face."""
    t = f.thick
    w = f.width
    d = ellipsoid(
        ax, y, z, 0.0, -0.20 - 0.40 * f.long, -0.26, 0.83 * w + 0.6 * t, 1.0 + 0.35 * f.long, 0.57 + t
    )
    d = meet(d, -0.30 - 1.15 * f.long - y, 0.15)
    d = meet(d, -meet(ax - 0.56 * w, 0.10 - 0.45 * clip(-0.25 - y, 0.0, 0.7) - z, 0.1), 0.08)
    d = meet(d, z - 0.30 + 0.48 * f.tuck - 0.2 * clip(-y, 0.0, 1.0), 0.08)  # behind the ear shows earrings
    if f.tuck == 0.0:
        d = join(d, ball(ax, y, z, 0.70 * w, -0.08, -0.08, 0.22), 0.08)
    return d


@compiled
def hair(x, y, z, f):
    ax = abs(x)
    e = hairline(ax, x, y, z, f)
    t = thickness(ax, x, y, z, e, f)
    d = meet(cranium(ax, y, z, f) - t + 0.006, -e - 0.02, 0.03)
    if f.long > 0.0:
        d = join(d, locks(ax, y, z, f), 0.10)
    if f.bun > 0.0:
        d = join(d, ball(x, y, z, 0.0, 1.05, -0.40, 0.27 * f.bun), 0.06)
    if f.hat > 0.0:
        d = meet(d, y - 0.42 - 0.16 * z, 0.02)
    if d > 0.3:
        return d - 0.1  # further from curls and spikes than they reach
    if f.wave > 0.0:
        a = atan2(x, z + 0.15)
        curls = sin(y * 15.0 + 3.0 * sin(a * 3.0)) * sin(a * 8.0 + y * 4.0)
        deep = clip(norm(x, z + 0.15, 0.0) * 3.0 - 0.2, 0.0, 1.0)
        if f.long == 0.0:
            deep *= clip(9.0 * t, 0.0, 1.0)  # where hair is short, deep curls would show the skin
        d = (d - 0.055 * f.wave * deep * curls) * 0.75
    if f.spikes > 0.0:
        d *= 0.85
    return d
