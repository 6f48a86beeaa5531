"""The record that says all there is to say about one picture of a person: about a hundred numbers.

Lengths are in units of about half a face: in the head's frame x points right in the picture, y up and z to
the camera; the eyes are at y = 0, the chin near -1, the crown near +1. Most fields are 1 for "ordinary" or
0 for "none"; colours are linear-ish RGB in 0..1. It knows nothing about attributes or data sets (see
`people`).
"""

from typing import NamedTuple

import numpy as np

Colour = tuple[float, float, float]


class Face(NamedTuple):
    """One person in one pose under one light. `face._replace(yaw=20.0)` makes a variant; `clay.draw` a
    picture.

    Example:
        >>> from facegen import clay
        >>> smiling = clay.Face(smile=1.0)
        >>> smiling.smile, smiling.yaw, smiling._replace(yaw=30.0).yaw
        (1.0, 0.0, 30.0)
    """

    # Bones and flesh: factors around 1, offsets around 0.
    width: float = 1.0
    length: float = 1.0
    jaw: float = 1.0
    square: float = 0.0
    chin: float = 1.0
    cheekbone: float = 0.3
    chubby: float = 0.0
    double_chin: float = 0.0
    ridge: float = 0.3
    crook: float = 0.0
    nose_width: float = 1.0
    nose_length: float = 1.0
    nose_tip: float = 1.0
    nose_out: float = 0.0
    nose_up: float = 0.0
    nose_point: float = 0.0
    eye: float = 1.0
    eye_height: float = 1.0
    eye_gap: float = 0.0
    eye_tilt: float = 0.1
    lips: float = 1.0
    mouth_width: float = 1.0
    ears: float = 1.0
    neck: float = 1.0
    shoulders: float = 1.0
    brow_y: float = 0.0
    brow_thick: float = 1.0
    brow_arch: float = 0.3
    brow_dark: float = 0.85
    # Expression: all 0 at rest, so that expressions add up. Action units of Ekman's coding in brackets.
    brow_in: float = 0.0  # inner brow raised (1)
    brow_out: float = 0.0  # outer brow raised (2)
    knit: float = 0.0  # brows together and down (4)
    lid_up: float = 0.0  # upper lid raised (5)
    cheek: float = 0.0  # cheeks raised (6)
    lid_low: float = 0.0  # lower lid tightened (7)
    wrinkle: float = 0.0  # nose wrinkled (9)
    upper: float = 0.0  # upper lip raised (10)
    smile: float = 0.0  # corners of the mouth up (12) or, below 0, down (15)
    asym: float = 0.0  # one corner up (14)
    stretch: float = 0.0  # mouth stretched (20)
    pucker: float = 0.0  # mouth rounded (18, 23)
    open: float = 0.0  # jaw dropped (25 to 27)
    teeth: float = 0.0  # how much of the opening the teeth fill
    gaze: float = 0.0  # eyes to the picture's left (-1) or right (1)
    # Skin
    skin: Colour = (0.86, 0.64, 0.52)
    rosy: float = 0.15
    stubble: float = 0.0
    age: float = 0.0
    bags: float = 0.0
    gloss: float = 0.3
    iris: Colour = (0.32, 0.22, 0.13)
    # Hair
    hair: float = 1.0
    hair_colour: Colour = (0.20, 0.12, 0.07)
    thick: float = 0.14  # how far it stands off the skull on top
    sides: float = 0.5  # the same at the sides, as a fraction
    long: float = 0.0  # 0 ends at the nape, 1 on the chest
    tuck: float = 0.0  # long hair goes behind the ears
    wave: float = 0.0
    sleek: float = 0.0
    bangs: float = 0.0
    recede: float = 0.0
    part: float = 0.0  # where it is parted: -1 left in the picture, 0 nowhere, 1 right
    curtain: float = 0.0  # hair falls to both sides of the parting
    sweep: float = 0.0  # fringe swept to the left (-1) or right (1)
    quiff: float = 0.0  # lifted above the forehead
    spikes: float = 0.0
    bun: float = 0.0
    beard_colour: Colour = (0.17, 0.10, 0.06)
    mustache: float = 0.0
    goatee: float = 0.0
    beard: float = 0.0
    sideburns: float = 0.0
    # Make-up and things worn
    lipstick: float = 0.0
    lip_tint: Colour = (0.88, 0.32, 0.34)  # make-up is like a glaze: it multiplies the skin's own colour
    shadow: float = 0.0
    shadow_tint: Colour = (0.55, 0.44, 0.62)
    liner: float = 0.3
    blush: float = 0.0
    glasses: float = 0.0
    glasses_colour: Colour = (0.06, 0.06, 0.07)
    glasses_size: float = 1.0
    glasses_square: float = 0.0
    earrings: float = 0.0
    hoops: float = 0.0  # earrings are hoops (1) or drops (0)
    hat: float = 0.0
    hat_kind: float = 0.0  # 0 cap, 1 brimmed, 2 beanie
    hat_colour: Colour = (0.2, 0.3, 0.55)
    necklace: float = 0.0
    metal: Colour = (0.95, 0.72, 0.25)
    tie: float = 0.0
    tie_colour: Colour = (0.6, 0.1, 0.12)
    collar: float = 0.0
    neckline: float = 0.0
    shirt_colour: Colour = (0.3, 0.4, 0.55)
    # Pose (degrees; yaw above 0 looks to the picture's right), light and backdrop
    yaw: float = 0.0
    pitch: float = 0.0
    body_yaw: float = 0.0
    light: Colour = (-0.45, 0.55, 0.75)  # the direction it comes from
    ambient: float = 0.45
    key: float = 0.70
    warm: float = 0.0
    flash: float = 0.0  # 0: soft light; 1: a lamp, whose light ends where it cannot reach
    backdrop_top: Colour = (0.60, 0.65, 0.70)
    backdrop_bottom: Colour = (0.40, 0.45, 0.50)
    backdrop_kind: float = 0.0  # one of `backdrop.KINDS`
    backdrop_seed: float = 0.0  # of kind 0, 0 is a plain gradient
    blur: float = 0.0
    # Frame: pixels per unit as a fraction of the picture's width, the eyes' row as a fraction of its height,
    # and how far the camera follows the eyes sideways (1: they stay in the middle; 0: the neck does).
    zoom: float = 68 / 178
    eye_row: float = 111 / 218
    track: float = 0.8


NEUTRAL = Face()
DTYPE = np.dtype(
    [
        (name, "f8", (3,)) if isinstance(value, tuple) else (name, "f8")
        for name, value in NEUTRAL._asdict().items()
    ]
)


def face(**fields) -> Face:
    """Return the neutral Face with some fields set, every number a plain float."""
    plain = {k: tuple(float(c) for c in v) if np.ndim(v) else float(v) for k, v in fields.items()}
    return Face(**plain)


def record(face: Face) -> np.void:
    """Return the face as a numpy record, which compiled code reads without copying a hundred numbers a
    call."""
    row = np.zeros(1, DTYPE)
    for name, value in zip(face._fields, face, strict=True):
        row[name] = value
    return row[0]
