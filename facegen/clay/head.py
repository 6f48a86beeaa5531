"""The bare head as a distance function: skull, jaw, cheeks, nose, ears, and the relief of mouth and folds.

x, y, z is a point in the head's frame, f the record of a Face. Everything is symmetric, so most of it looks
at ax = |x|. The mouth's own frame (`mouth`) is used by the paint as well: that keeps lips, teeth and beard
in place whatever the expression.
"""

from math import sqrt

from facegen.clay.sdf import ball, bump, capsule, clip, compiled, ellipsoid, join, meet, ramp

EYE_X, EYE_Z, EYE_R, MOUTH_Y = 0.30, 0.545, 0.215, -0.545


@compiled
def bend(x, y, f):
    """x of the straight face whose crooked version has its nose, mouth and chin off the middle."""
    return x + 0.075 * f.crook * clip(-y, 0.0, 1.0)


@compiled
def mouth(x, y, f):
    """(u, v, arc, gap): u along the mouth -1..1, v height over its line, arc 1 in the middle and 0 at the
    corners, gap half the opening."""
    smile = max(f.smile, 0.0)
    widen = max(1.0 + 0.30 * smile + 0.25 * f.stretch - 0.32 * f.pucker, 0.35)
    u = x / (0.24 * f.mouth_width * widen)
    u2 = min(u * u, 2.2)
    arc = max(1.0 - u2, 0.0)
    gap = 0.125 * clip(f.open, 0.0, 2.5) * arc
    line = MOUTH_Y - 0.07 * f.open - 0.045 * f.smile + 0.02 * f.upper + 0.105 * f.smile * u2
    line += 0.07 * f.asym * max(u, 0.0) * max(u, 0.0) - 0.02 * f.crook * u
    return u, y - line + 0.30 * min(smile, 1.0) * gap, arc, gap


@compiled
def fold_x(y):
    """Where the fold from nose to mouth runs."""
    return 0.17 + 0.21 * clip((-0.28 - y) / 0.3, 0.0, 1.0) ** 1.2


@compiled
def cranium(ax, y, z, f):
    return ellipsoid(ax, y, z, 0.0, 0.27, -0.10, 0.70 * f.width, 0.76, 0.86)


@compiled
def skull(x, ax, y, z, f):
    """Cranium, jaw, cheeks and fat: all but the features of the face."""
    w, length = f.width, f.length
    drop = -0.07 * f.open
    lift = 0.05 * max(f.smile, 0.0) + 0.06 * f.cheek
    jaw = 0.475 * f.jaw * w + 0.06 * f.chubby
    d = cranium(ax, y, z, f)
    d = join(
        d, ellipsoid(ax, y, z, 0.0, -0.30 * length + 0.5 * drop, 0.17, jaw + 0.05, 0.62 * length, 0.61), 0.25
    )
    bone_x, chin_x = jaw * 0.82 + 0.05 * f.square, 0.04 + 0.10 * f.square
    chin_y = -0.82 * length * f.chin + drop
    rounded = sqrt(x * x + 0.004)  # |x| would leave a crease on the chin
    bone = capsule(
        rounded, y, z, bone_x, -0.46 * length, 0.08, chin_x, chin_y, 0.57, 0.14 + 0.04 * f.square, 0.135
    )
    d = join(d, bone, 0.20)
    cheek = 0.20 + 0.07 * f.cheekbone + 0.3 * lift
    d = join(d, ball(ax, y, z, 0.36 * w, -0.26 * length + lift, 0.42 + 0.5 * lift, cheek), 0.16)
    if f.chubby > 0.0:
        d = join(d, ball(ax, y, z, 0.38 * w, -0.45 * length, 0.30, 0.22 + 0.13 * f.chubby), 0.15)
    if f.double_chin > 0.0:
        chin = 0.10 + 0.07 * f.double_chin
        d = join(d, ellipsoid(ax, y, z, 0.0, -0.95 * length, 0.22, 0.38, chin, 0.30), 0.05)
    return d


@compiled
def features(d, x, ax, y, z, f):
    """The front of the face added to a skull at distance d: eye sockets, brow ridge, eyeballs and nose."""
    d = meet(d, -ball(ax, y, z, 0.27, 0.04, 1.06, 0.32), 0.16)
    d = join(d, capsule(ax, y, z, 0.05, 0.18, 0.66, 0.42, 0.20, 0.52, 0.06 + 0.04 * f.ridge, 0.05), 0.14)
    d = join(d, ball(ax, y, z, EYE_X + f.eye_gap, 0.0, EYE_Z, EYE_R), 0.09)
    tip_y, tip_z = -0.29 * f.nose_length + f.nose_up, 0.90 + f.nose_out
    d = join(d, capsule(ax, y, z, 0.0, 0.10, 0.70, 0.0, tip_y, tip_z, 0.055, 0.095 * f.nose_tip), 0.12)
    wing_r = 0.045 + 0.03 * f.nose_width
    wing_y = -0.32 * f.nose_length + f.nose_up + 0.03 * f.wrinkle
    d = join(d, ball(ax, y, z, 0.10 * f.nose_width, wing_y, 0.78 + 0.5 * f.nose_out, wing_r), 0.07)
    if f.nose_point > 0.0:
        point = capsule(
            ax, y, z, 0.0, tip_y, tip_z, 0.0, tip_y - 0.02, tip_z + 0.16 * f.nose_point, 0.06, 0.02
        )
        d = join(d, point, 0.08)
    return d


@compiled
def relief(ax, x, y, z, f):
    """How far lips, folds and bags stand out from the face, seen from the front (negative: carved in)."""
    u, v, _, gap = mouth(x, y, f)
    s = 1.0 / (0.045 + 0.012 * f.lips)
    rims = bump((v - gap - 0.035) * s, 0.0) + 1.2 * bump((v + gap + 0.05) * s, 0.0)
    h = rims * (0.034 * f.lips + 0.05 * max(f.pucker, 0.0)) * bump(1.05 * u, 0.0)
    h += 0.02 * bump(x / 0.3, (y - MOUTH_Y) / 0.2)
    if f.open > 0.0:
        h -= 0.02 * clip((gap - abs(v)) / 0.07, 0.0, 1.0)
    fold = 0.25 * max(f.smile, 0.0) + 0.4 * f.age + 0.5 * max(f.wrinkle, 0.0)
    h -= 0.03 * fold * bump((ax - fold_x(y)) / 0.03, (y + 0.43) / 0.13)
    return h + 0.03 * f.bags * bump((ax - EYE_X) / 0.12, (y + 0.165) / 0.035)


@compiled
def ear(ax, y, z, f):
    d = ellipsoid(ax, y, z, 0.69 * f.width + 0.03, -0.06, -0.07, 0.075, 0.19 * f.ears, 0.13)
    return meet(d, -ball(ax, y, z, 0.79 * f.width + 0.04, -0.04, 0.02, 0.09), 0.05)


@compiled
def head(x, y, z, f):
    x = bend(x, y, f)
    ax = abs(x)
    d = skull(x, ax, y, z, f)
    if d > 0.8:
        return d - 0.42  # neither nose nor ears reach further out than that
    if z > 0.1:
        d = features(d, x, ax, y, z, f)
        if z > 0.3 and d < 0.2 and -1.1 < y < -0.05:
            front = clip(z * 4.0 - 1.2, 0.0, 1.0) * clip((-0.05 - y) * 12.0, 0.0, 1.0)
            # The steeper the relief, the shorter the step that is safe; both are faded in, or a seam shows.
            d = (d - front * relief(ax, x, y, z, f)) * (1.0 - 0.15 * front)
    return join(d, ear(ax, y, z, f), 0.06)


@compiled
def neck(x, y, z, f):
    """In the body's frame."""
    return capsule(x, y, z, 0.0, -0.55, -0.12, 0.0, -1.42, -0.20, 0.35 * f.neck, 0.36 * f.neck)


@compiled
def hairline(ax, x, y, z, f):
    """Roughly the distance inside the line where hair begins; negative on the bare face and nape."""
    line = 0.63 + 0.14 * f.recede + 0.22 * f.recede * ramp(ax, 0.08, 0.40) - 0.39 * f.bangs
    line -= 0.25 * (1.0 - f.recede) * (1.0 - f.bangs) * ax * ax + 0.14 * f.sweep * x
    if f.curtain > 0.0:
        line += f.curtain * (0.20 - 0.62 * sqrt((x - 0.2 * f.part) ** 2 + 0.003))
    temple = 0.17 + 0.40 * clip(y + 0.05, 0.0, 0.7) - 0.25 * f.recede * clip(y, 0.0, 0.5)
    e = meet(y - line, temple - z, 0.08)
    return join(e, y + 0.25 - 0.40 * clip(z, -0.5, 0.2), 0.08)
