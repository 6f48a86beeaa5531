"""RaFD's people: who each number is, eight emotions, and any camera angle.

RaFD numbers its 67 people from 1 to 73 and leaves out six numbers. Which number is a man, a woman, a boy or
a girl is not public, so clay decides: `KINDS` gives it in the order of the numbers, mixed so that the first
few are mixed too.
"""

from collections.abc import Mapping

import numpy as np

from facegen.clay.celeba_people import AUBURN, HAIR_COLOURS, SEX, STYLES, add, choose, identity, skin
from facegen.clay.face import Face, face
from facegen.utils.errors import FacegenError

NUMBERS = tuple(n for n in range(1, 74) if n not in (6, 13, 17, 34, 62, 66))
# F woman and M man, Caucasian; R Moroccan man; G girl, B boy.
_ORDER = "FMRFMRGFMRBFMRFMRGFMRFMRFMBRFMGRFMMFRGMFRMFRBMFRMFRGMFRMFRMBFRMGFRM"
KINDS = dict(zip(NUMBERS, _ORDER, strict=True))
ADULTS = tuple(n for n in NUMBERS if KINDS[n] in "FMR")
CHILDREN = tuple(n for n in NUMBERS if KINDS[n] in "GB")
GROUP = {
    "F": ("Caucasian", "female"),
    "M": ("Caucasian", "male"),
    "R": ("Moroccan", "male"),
    "G": ("Kid", "female"),
    "B": ("Kid", "male"),
}

# What an emotion adds to a face at rest. They add up, so mixtures and strengths are sums.
EMOTIONS: dict[str, dict[str, float]] = {
    "angry": {
        "knit": 1.0, "lid_up": -0.12, "lid_low": 0.45, "wrinkle": 0.3, "smile": -0.35, "stretch": -0.15,
        "pucker": 0.15,
    },
    "contemptuous": {"asym": 1.7, "smile": -0.1, "lid_up": -0.25, "cheek": 0.1, "brow_out": 0.2},
    "disgusted": {
        "wrinkle": 1.0, "knit": 0.55, "lid_up": -0.35, "lid_low": 0.5, "cheek": 0.6, "upper": 1.2,
        "smile": -0.7, "open": 0.3, "teeth": 0.9,
    },
    "fearful": {
        "brow_in": 1.0, "brow_out": 0.45, "knit": 0.25, "lid_up": 0.35, "stretch": 0.9, "smile": -0.35,
        "open": 0.5, "teeth": 0.3,
    },
    "happy": {"smile": 1.05, "cheek": 0.8, "open": 0.6, "lid_low": 0.45, "lid_up": -0.1, "teeth": 0.75},
    "neutral": {},
    "sad": {"brow_in": 1.0, "knit": 0.3, "smile": -1.0, "lid_up": -0.35, "pucker": 0.1},
    "surprised": {
        "brow_in": 0.9, "brow_out": 1.0, "lid_up": 0.42, "lid_low": -0.2, "open": 1.5, "stretch": -0.1,
        "pucker": 0.35, "teeth": 0.15,
    },
}  # fmt: skip
GAZES = {"left": -1.0, "frontal": 0.0, "right": 1.0}

STUDIO = {
    "shirt_colour": (0.10, 0.10, 0.11), "neckline": 0.2,
    "light": (-0.15, 0.45, 0.9), "key": 0.62, "ambient": 0.52,
    "backdrop_top": (0.86, 0.86, 0.87), "backdrop_bottom": (0.76, 0.76, 0.78),
    "zoom": 250 / 681, "eye_row": 440 / 1024, "track": 0.35,
}  # fmt: skip
CHILD = {
    "length": -0.09, "jaw": -0.08, "eye": 0.14, "nose_width": -0.18, "nose_length": -0.22, "nose_tip": -0.15,
    "chubby": 0.1, "neck": -0.22, "shoulders": -0.22, "brow_thick": -0.2, "mouth_width": -0.1, "ridge": -0.3,
    "cheekbone": -0.1, "lips": 0.05,
}  # fmt: skip


def grooming(kind: str, u: np.ndarray) -> dict:
    """Hair, beard and colours of a kind of person, from chances u (12)."""
    male, child = kind in "MRB", kind in "GB"
    black = kind == "R"
    colours = (AUBURN, *(HAIR_COLOURS[k] for k in ("Black_Hair", "Blond_Hair", "Brown_Hair", "Brown_Hair")))
    hair = np.array(HAIR_COLOURS["Black_Hair"] if black else choose(colours, u[1])) * (0.7 + 0.6 * u[5])
    fields = dict(choose(STYLES[male], u[2]))
    fields["thick"] += 0.06 * (u[7] - 0.4)
    fields |= {"hair_colour": hair, "beard_colour": hair * 0.7, "wave": choose((0.0, 0.15, 0.4, 1.0), u[4])}
    fields["sleek"] = float(fields["wave"] == 0.0)
    if male and not child:
        fields["hair"] = float(u[10] > 0.12)
        fields["recede"] = 0.7 * (u[3] < 0.2)
        fields["stubble"] = 0.8 * (u[11] < 0.25)
    else:
        fields["bangs"] = 0.45 * (u[3] < 0.25)  # brows must stay in sight
    return fields


def base(number: int, seed: int = 0) -> dict:
    """Return the fields of one of RaFD's people at rest, the same in every picture."""
    kind = KINDS[number]
    rng = np.random.default_rng([seed, 5, number])
    fields, u = identity(rng, spread=1.7), rng.random(12)
    fields |= grooming(kind, u)
    fields["skin"] = skin(2 + u[0]) if kind == "R" else skin(0.4 + 1.4 * u[0])
    add(fields, SEX[kind in "MRB"] if kind in "MRF" else {})
    add(fields, CHILD if kind in "GB" else {"chubby": max(0.0, 1.6 * u[6] - 1.1)})
    add(fields, {"age": max(0.0, 1.4 * u[8] - 1.0) if kind in "MRF" else 0.0})
    fields["brow_thick"] *= 0.75 + 0.6 * u[9]
    return fields | STUDIO


def weights(emotion: str | Mapping[str, float]) -> Mapping[str, float]:
    mixture = {emotion: 1.0} if isinstance(emotion, str) else emotion
    for name in mixture:
        if name not in EMOTIONS:
            raise FacegenError(f"unknown emotion {name!r}: expected one of {', '.join(EMOTIONS)}")
    return mixture


def model(
    identity: int,
    emotion: str | Mapping[str, float],
    angle: float = 90.0,
    gaze: str | float = "frontal",
    seed: int = 0,
) -> Face:
    """Return the Face of one of RaFD's people.

    identity: RaFD's number, 1 to 73 (six are left out). emotion: one of the eight, or a mixture {name:
    weight}. angle: of the camera in degrees, 90 from the front, 0 a profile that looks to the picture's
    left, 180 to its right. gaze: "left", "frontal", "right" (of the picture), or a number from -1 to 1.
    seed: other people.

    Example:
        >>> from facegen import clay
        >>> clay.model(1, "happy", angle=112.5).yaw  # degrees from the front
        22.5
        >>> [clay.model(1, emotion).smile for emotion in ("neutral", "happy", {"neutral": 0.5, "happy": 0.5})]
        [0.0, 1.05, 0.525]
    """
    number = int(identity)
    if number not in KINDS:
        raise FacegenError(f"no person {identity} in RaFD: expected 1 to 73 without 6, 13, 17, 34, 62, 66")
    if isinstance(gaze, str) and gaze not in GAZES:
        raise FacegenError(f"unknown gaze {gaze!r}: expected left, frontal or right")
    fields = base(number, seed)
    for name, weight in weights(emotion).items():
        add(fields, {field: weight * value for field, value in EMOTIONS[name].items()})
    fields["yaw"] = fields["body_yaw"] = angle - 90.0
    fields["gaze"] = GAZES[gaze] if isinstance(gaze, str) else gaze
    return face(**fields)
