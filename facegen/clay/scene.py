"""The whole scene: which parts a picture has, how far they are, what colour each has.

A point is given twice: as p in the head's frame and as b in the body's.
"""

from math import atan2, sin

from facegen.clay.accessories import earring, glasses, hat, necklace, shirt, tie
from facegen.clay.hair import hair
from facegen.clay.head import head, neck
from facegen.clay.sdf import ball, bump, clip, compiled, inside, join, over, rgb, times
from facegen.clay.texture import skin_paint

SKIN, HAIR, SHIRT, GLASSES, EARRING, HAT, NECKLACE, TIE = range(8)


@compiled
def part(k, p, b, f):
    """Distance to part k."""
    if k == SKIN:
        d = head(p[0], p[1], p[2], f)
        return d if b[1] > -0.3 else join(d, neck(b[0], b[1], b[2], f), 0.10)
    if k == HAIR:
        return hair(p[0], p[1], p[2], f)
    if k == SHIRT:
        return shirt(b[0], b[1], b[2], f)
    if k == GLASSES:
        return glasses(p[0], p[1], p[2], f)
    if k == EARRING:
        return earring(p[0], p[1], p[2], f)
    if k == HAT:
        return hat(p[0], p[1], p[2], f)
    if k == NECKLACE:
        return necklace(b[0], b[1], b[2], f)
    return tie(b[0], b[1], b[2], f)


@compiled
def near(k, p, b, d, f):
    """Can part k be nearer than d? False if it isn't there, or behind a ball around it that is further."""
    if k == SHIRT:
        return b[1] < -0.85 + d
    if k == HAIR:
        return (
            f.hair > 0.0 and ball(p[0], p[1], p[2], 0.0, 0.20 - 0.5 * f.long, -0.15, 1.20 + 0.5 * f.long) < d
        )
    if k == GLASSES:
        return f.glasses > 0.0 and ball(p[0], p[1], p[2], 0.0, 0.0, 0.45, 0.95) < d
    if k == EARRING:
        return f.earrings > 0.0 and p[1] < d and p[1] > -0.65 - d
    if k == HAT:
        return f.hat > 0.0
    if k == NECKLACE:
        return f.necklace > 0.0 and ball(b[0], b[1], b[2], 0.0, -1.05, -0.1, 0.7) < d
    return f.tie > 0.0 and ball(b[0], b[1], b[2], 0.0, -1.7, 0.3, 0.8) < d


@compiled
def nearest(p, b, f):
    """(distance to the scene, the part that is nearest)."""
    d, which = part(SKIN, p, b, f), SKIN
    for k in range(1, 8):
        if near(k, p, b, d, f):
            e = part(k, p, b, f)
            if e < d:
                d, which = e, k
    return d, which


@compiled
def strands(x, y, z, f):
    """(colour, gloss) of hair."""
    a = atan2(x, z + 0.15)
    s = 0.12 * sin(a * 34.0 + y * 3.0 + f.wave * 1.5 * sin(y * 14.0) + 1.5 * sin(a * 7.0))
    s += 0.08 * sin(a * 83.0 + y * 5.0 + 2.0 * sin(a * 5.0) + f.wave * 2.0 * sin(y * 17.0))
    ring = (
        f.sleek
        * clip(10.0 * f.thick - 0.5, 0.0, 1.0)
        * bump((y - 0.66 + 0.03 * sin(a * 23.0) + 0.05 * sin(a * 3.0 + 1.0)) / 0.13, 0.0)
    )
    c = times(rgb(f.hair_colour), 1.0 + s)
    return over(c, (1.0, 0.98, 0.95), (0.06 + 0.16 * f.hair_colour[0]) * ring), 0.30 + 0.15 * f.sleek


@compiled
def cloth(x, y, z, f, aa):
    c = rgb(f.shirt_colour)
    if z > 0.0:
        c = over(c, (0.94, 0.94, 0.96), inside(abs(x) - 0.22 - 0.55 * (y + 1.30), aa) * f.collar)
        if f.neckline > 0.0:
            vee = abs(x) - min(0.9 * (y + 1.45 + 0.2 * f.neckline), 0.28)
            c = over(c, times(rgb(f.skin), 0.94), inside(vee, aa) * (1.0 - f.collar))
    return c, 0.03


@compiled
def colour(k, p, b, f, aa):
    """(colour, gloss) of part k at a point on it; aa: how wide edges are blurred."""
    if k == SKIN:
        return skin_paint(p[0], p[1], p[2], f, aa)
    if k == HAIR:
        return strands(p[0], p[1], p[2], f)
    if k == SHIRT:
        return cloth(b[0], b[1], b[2], f, aa)
    if k == GLASSES:
        return rgb(f.glasses_colour), 0.5
    if k == HAT:
        s = 0.0
        if f.hat_kind < 0.5:
            s = inside(max(0.7 - p[2], p[1] + 0.25 * p[2] - 0.64), 0.01)
        elif f.hat_kind > 1.5:
            s = inside(abs(sin(p[1] * 18.0)) - 0.2, 0.2)
        else:
            s = inside(abs(p[1] - 0.55 - 0.16 * p[2]) - 0.05, aa)
        return times(rgb(f.hat_colour), 1.0 - 0.45 * s), 0.05
    if k == TIE:
        return times(rgb(f.tie_colour), 1.3 if sin((b[0] + b[1]) * 45.0) > 0.0 else 0.7), 0.1
    return rgb(f.metal), 0.9
