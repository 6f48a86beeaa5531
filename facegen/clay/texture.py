"""The colour of the skin: all that is flat on a face is painted on it, seen from the front, as functions of
(x, y).

Eyes above all: painted lids open, narrow and wink without ever breaking. Edges are blurred over `aa`, about
0.7 pixels, so painted things need no supersampling. A colour is a tuple (red, green, blue).
"""

from math import cos, sin, sqrt

from facegen.clay.head import EYE_X, bend, fold_x, hairline, mouth
from facegen.clay.sdf import bump, clip, compiled, inside, over, ramp, rgb, times, tint


@compiled
def noise(x, y, z):
    """Smooth speckle in -1..1."""
    a = sin(52.0 * x + 3.0 * sin(28.0 * z + 20.0 * y)) * sin(56.0 * y + 2.3 * sin(36.0 * x))
    return a * sin(44.0 * z + 1.3 + 2.0 * sin(24.0 * x + 32.0 * y))


@compiled
def flush(c, ax, x, y, front, f):
    """Blood under the skin, cheekbones, rouge."""
    skin = rgb(f.skin)
    red = tint(skin, 1.03, 0.70, 0.66)
    c = over(c, red, front * 0.5 * f.rosy * bump((ax - 0.36) / 0.2, (y + 0.27) / 0.15))
    c = over(c, red, front * 0.3 * bump(x / 0.13, (y + 0.29) / 0.1))
    rouge = max(f.rosy - 0.3, 0.0) * bump((ax - 0.38) / 0.20, (y + 0.27) / 0.15)
    c = over(c, tint(skin, 1.05, 0.62, 0.62), min(front * 1.1 * rouge, 0.85))
    if f.blush > 0.0:
        slant = (ax - 0.44 - 0.5 * (y + 0.28)) / 0.09
        c = over(c, tint(skin, 1.0, 0.58, 0.58), front * 0.45 * f.blush * bump(slant, (y + 0.28) / 0.14))
    if f.cheekbone > 0.8:
        c = over(
            c, times(skin, 1.25), 0.5 * front * bump((ax - 0.42 + 0.3 * (y + 0.2)) / 0.12, (y + 0.19) / 0.05)
        )
        hollow = bump((ax - 0.40 - 0.4 * (y + 0.45)) / 0.10, (y + 0.43) / 0.10)
        c = over(c, tint(skin, 0.58, 0.48, 0.46), 0.45 * front * hollow)
    return c


@compiled
def wrinkles(c, ax, x, y, front, f):
    if f.age > 0.0:
        wave = 0.02 * cos(x * 6.0)
        lines = bump((y - 0.33 - wave) / 0.013, 0.0) + bump((y - 0.42 - wave) / 0.013, 0.0)
        lines = (lines + bump((y - 0.51 - wave) / 0.013, 0.0)) * bump(x / 0.34, 0.0)
        lines += bump((ax - fold_x(y)) / 0.022, (y + 0.45) / 0.15) + bump(
            (ax - 0.24) / 0.02, (y + 0.68) / 0.07
        )
        crow = ramp(ax, 0.46, 0.50) * ramp(ax, 0.62, 0.56)
        for i in range(-1, 2):
            lines += bump((y - 0.35 * i * (ax - 0.42)) / 0.012, 0.0) * crow
        c = times(c, 1.0 - 0.4 * f.age * min(lines, 1.0) * front)
    frown = clip(f.knit, 0.0, 1.0) + 0.6 * clip(f.wrinkle, 0.0, 1.0)
    c = times(c, 1.0 - 0.45 * min(frown, 1.0) * front * bump((ax - 0.05) / 0.016, (y - 0.20) / 0.07))
    if f.wrinkle > 0.0:
        w = bump((y - 0.02 - 0.4 * ax) / 0.014, x / 0.09) + bump((y - 0.08 - 0.4 * ax) / 0.014, x / 0.09)
        c = times(c, 1.0 - 0.35 * min(f.wrinkle, 1.0) * front * min(w, 1.0))
    if f.bags > 0.0:
        dx = ax - EYE_X - f.eye_gap
        sack = bump((y + 0.165 - 1.3 * dx * dx) / 0.052, dx / 0.15)
        c = over(c, tint(rgb(f.skin), 0.66, 0.52, 0.58), 0.8 * f.bags * front * sack)
        crease = bump((y + 0.215 - 1.6 * dx * dx) / 0.014, dx / 0.15)
        c = times(c, 1.0 - 0.3 * f.bags * front * crease)
    return c


@compiled
def beard(c, ax, x, y, z, v, gap, free, front, f):
    """Stubble, beard, goatee, mustache; v, gap as in `mouth`, free is 0 on the lips."""
    hairy = times(rgb(f.beard_colour), 1.0 + 0.2 * noise(x, y, z))
    jaw = ramp(-y + 0.75 * max(ax - 0.26, 0.0) - 0.50, 0.0, 0.12)
    jaw *= ramp(z, -0.04, 0.08) * ramp(y + 0.46 + 0.95 * z, -0.06, 0.06)
    jaw = max(jaw, bump(x / 0.26, (v - 0.14 - gap) / 0.07) * front)
    blue = over((0.08, 0.10, 0.12), rgb(f.skin), 0.30)
    c = over(c, blue, clip(0.66 * f.stubble * jaw * (0.3 + 0.7 * free), 0.0, 1.0))
    c = over(c, hairy, clip(1.3 * f.beard * jaw * free, 0.0, 0.96))
    if f.goatee > 0.0:
        tuft = inside(sqrt((x / 0.21) ** 2 + ((y + 0.82 + 0.05 * f.open) / 0.20) ** 2) - 1.0, 0.12)
        c = over(c, hairy, tuft * free * front * f.goatee * 0.95)
    if f.mustache > 0.0:
        m = abs(v - 0.135 - gap + 0.6 * x * x) - 0.062 * clip(1.2 - (x / 0.27) ** 2, 0.0, 1.0)
        c = over(c, hairy, inside(max(m, ax - 0.28), 0.02) * f.mustache * front * 0.96)
    return c


@compiled
def inner_mouth(u, v, gap, f, aa):
    """What an open mouth shows: dark, a tongue, and teeth that fill the same part of the opening
    everywhere, so that they taper towards the corners as the opening does."""
    c = over((0.20, 0.04, 0.05), (0.62, 0.24, 0.26), inside(v + gap * 0.35, 0.03) * 0.8)
    q = v / max(gap, 1e-3)
    e = 1.0 - 2.0 * clip(f.teeth, 0.0, 1.0) - q
    c = over(c, (1.32, 1.29, 1.22), inside(e * max(gap, 0.02), aa) * clip(f.teeth * 8.0, 0.0, 1.0))
    return times(c, 1.0 - 0.75 * ramp(abs(u), 0.55, 0.95))


@compiled
def lips(c, u, v, arc, gap, front, f, aa):
    """(colour, gloss) with the mouth painted over c."""
    au = abs(u)
    full = f.lips * (1.0 - 0.22 * clip(f.smile, 0.0, 1.0))
    bow = 1.0 - 0.25 * bump(u / 0.15, 0.0)
    e = max(v - gap - 0.070 * full * bow * arc**0.6, -v - gap - 0.088 * full * arc**0.7)
    e = inside(max(e, (au - 1.0) * 0.25), aa) * front
    skin, made_up = rgb(f.skin), rgb(f.lip_tint)
    made_up = tint(skin, made_up[0], made_up[1], made_up[2])
    c = over(c, over(tint(skin, 0.93, 0.67, 0.64), made_up, f.lipstick), e)
    if f.open > 0.0:
        seen = inside(max(abs(v) - gap, (au - 0.96) * 0.25), aa) * front * clip(f.open * 30.0, 0.0, 1.0)
        c = over(c, inner_mouth(u, v, gap, f, aa), seen)
    closed = 1.0 - clip(f.open * 8.0, 0.0, 1.0)
    c = times(c, 1.0 - 0.6 * closed * bump(v / 0.014, 0.0) * inside((au - 1.02) * 0.25, 0.02) * front)
    return times(c, 1.0 - 0.30 * front * bump((au - 1.04) / 0.08, v / 0.035)), 0.3 * e * f.lipstick


@compiled
def nose(c, ax, y, front, f):
    """Nostrils, and the shading that makes a pointed nose."""
    low = -0.29 * f.nose_length + f.nose_up
    w = f.nose_width
    hole = bump((ax - 0.030 - 0.027 * w) / (0.012 + 0.016 * w), (y - low + 0.050 + 0.035 * f.nose_tip) / 0.02)
    c = times(c, 1.0 - 0.60 * front * hole)
    if f.nose_point > 0.0:
        side = bump((ax - 0.085 - 0.03 * (y - low)) / 0.03, (y - 0.4 * low) / (0.16 - 0.3 * low))
        c = times(c, 1.0 - 0.38 * f.nose_point * front * side)
        c = over(c, (1.0, 0.96, 0.92), 0.45 * f.nose_point * front * bump(ax / 0.022, (y - 0.5 * low) / 0.14))
    return c


@compiled
def brow(c, dx, side, y, front, f, aa):
    x = dx - 0.005
    inner = clip((0.15 - x) / 0.30, 0.0, 1.0)
    line = 0.245 + f.brow_y + 0.085 * f.brow_arch * (1.0 - ((x - 0.04) / 0.17) ** 2) + 0.035 * f.crook * side
    line += 0.11 * f.brow_in * inner**1.3 + 0.10 * f.brow_out * (1.0 - inner * 0.7)
    line -= 0.10 * f.knit * inner + 0.02 * f.wrinkle
    half = 0.030 * f.brow_thick * clip(1.0 - 2.2 * max(x, -0.05), 0.3, 1.1)
    e = max(abs(y - line) - half, abs(x + 0.03 * max(f.knit, 0.0)) - 0.185)
    return over(c, times(rgb(f.beard_colour), 0.9), inside(e, aa + 0.008) * f.brow_dark * front)


@compiled
def eyeball(gx, side, y, r, u2, lid, f, aa):
    """White, iris, pupil, the lid's shade (lid is the distance under it) and a highlight."""
    c = over((0.90, 0.89, 0.87), (0.75, 0.60, 0.58), clip(u2 - 0.5, 0.0, 0.5))
    iris = rgb(f.iris)
    c = over(c, times(iris, 0.45), inside(r - 0.098 * f.eye, aa))
    c = over(c, times(iris, 1.0 + 0.5 * ramp(y, 0.05, -0.08)), inside(r - 0.084 * f.eye, aa))
    c = over(c, (0.02, 0.02, 0.02), inside(r - 0.044 * f.eye, aa))
    c = times(c, 1.0 - 0.40 * inside(lid - 0.03, 0.03))
    shine = sqrt((gx * side + 0.03) ** 2 + (y - 0.045) ** 2) - 0.022
    return over(c, (1.0, 1.0, 1.0), inside(shine, aa) * 0.95)


@compiled
def eye(c, dx, side, y, front, f, aa):
    """(colour, gloss): an almond opening between two parabolas, with lids, lashes, liner and shadow."""
    w = 0.170 * (0.6 + 0.4 * f.eye)
    yy = y - f.eye_tilt * dx
    u2 = min((dx / (w * (1.1 if dx > 0.0 else 0.95))) ** 2, 4.0)
    h = f.eye * f.eye_height * (1.0 - u2)
    up = 0.115 * h * max(1.0 + f.lid_up, 0.0)
    low = -0.082 * h * max(1.0 - f.lid_low, 0.0)
    gx = dx - 0.055 * f.gaze * side
    white = eyeball(gx, side, y, sqrt(gx * gx + (y - 0.012) ** 2), u2, up - yy, f, aa)
    fade = clip(1.6 - u2 * 0.7, 0.0, 1.0)
    glaze = f.shadow_tint
    lid = 0.85 * f.shadow * front * fade * bump((yy - up * 0.8 - 0.05) / 0.055, 0.0)
    c = over(c, tint(rgb(f.skin), glaze[0], glaze[1], glaze[2]), lid)
    crease = bump((yy - up * 0.9 - 0.06) / 0.014, 0.0) * clip(1.2 - u2, 0.0, 1.0)
    c = times(c, 1.0 - (0.30 + 0.15 * f.age) * front * crease)
    seen = inside(max(yy - up, low - yy), aa) * front
    c = over(c, white, seen)
    lash = max(abs(yy - max(up, low)) - 0.010 - 0.012 * f.liner, abs(dx) - w * 1.05)
    c = over(c, (0.07, 0.05, 0.045), inside(lash, aa) * front * min(0.65 + 0.4 * f.liner, 1.0))
    thick = max(f.liner - 0.5, 0.0)
    under = max(abs(yy - low) - 0.006 - 0.006 * f.liner, abs(dx) - w)
    c = over(
        c, times(rgb(f.skin), 0.5 * max(1.0 - thick, 0.0)), inside(under, aa) * front * (0.35 + 0.6 * thick)
    )
    return c, 0.4 * seen


@compiled
def skin_paint(x, y, z, f, aa):
    """(colour, gloss) of the skin at a point of the head's frame."""
    c = rgb(f.skin)
    gloss = 0.10 + 0.25 * f.gloss
    if f.hair > 0.0 and y > 0.05:  # roots, so that hair doesn't end in an edge
        e = hairline(abs(x), x, y, z, f)
        c = over(c, rgb(f.hair_colour), 0.5 * ramp(e, -0.05, 0.02) * ramp(y, 0.08, 0.3))
    x = bend(x, y, f)
    ax = abs(x)
    front = clip(z * 5.0 - 0.8, 0.0, 1.0)
    if front > 0.0:
        c = flush(c, ax, x, y, front, f)
        c = wrinkles(c, ax, x, y, front, f)
    if y < -0.1:
        u, v, arc, gap = mouth(x, y, f)
        free = ramp(sqrt((u / 1.15) ** 2 + (v / (0.115 + gap)) ** 2), 0.95, 1.2)
        c = beard(c, ax, x, y, z, v, gap, free, front, f)
        if y > -1.0:
            c, wet = lips(c, u, v, arc, gap, front, f, aa)
            gloss += wet
            c = nose(c, ax, y, front, f)
    if f.sideburns > 0.0:
        strip = max(abs(z - 0.20 + 0.1 * y) - 0.15, abs(y + 0.20) - 0.42)
        c = over(
            c,
            times(rgb(f.beard_colour), 1.0 + 0.2 * noise(x, y, z)),
            inside(strip, 0.03) * f.sideburns * 0.95,
        )
    if -0.3 < y < 0.6 and front > 0.0:
        dx, side = ax - EYE_X - f.eye_gap, 1.0 if x > 0.0 else -1.0
        c = brow(c, dx, side, y, front, f, aa)
        c, wet = eye(c, dx, side, y, front, f, aa)
        gloss += wet
    return c, gloss
