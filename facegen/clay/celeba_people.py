"""Who to draw: CelebA's 40 attributes, and all that they leave open, as a Face.

A person is made in a fixed order: first bones, tastes, scene and mood are drawn from the seed, always the
same ones, whatever the attributes say; then the attributes are applied without any chance. So with the same
seed two vectors of attributes give the same person, and differ only in what the attributes name.

Some attributes need a convention. `Attractive` is a judgement in CelebA; here it means a symmetric face,
and without it nose, mouth, chin and brows sit a little askew. That is arbitrary on purpose. Without
`No_Beard`, and without stubble, goatee or mustache, there is a full beard; without a hair colour, hair is
auburn. Attributes that can't go together are drawn all the same (of several hair colours the first holds;
the bald show no hair).
"""

from collections.abc import Mapping, Sequence
from colorsys import hsv_to_rgb

import numpy as np

from facegen.clay.face import Face, face
from facegen.clay.odds import default
from facegen.conditions.attributes import NAMES, index
from facegen.utils.errors import FacegenError

SKINS = np.array(
    [
        (0.93, 0.74, 0.63),
        (0.90, 0.68, 0.55),
        (0.82, 0.60, 0.45),
        (0.68, 0.47, 0.33),
        (0.52, 0.35, 0.25),
        (0.40, 0.27, 0.20),
    ]
)
IRISES = np.array(
    [(0.30, 0.19, 0.10), (0.22, 0.13, 0.08), (0.25, 0.42, 0.58), (0.30, 0.42, 0.26), (0.38, 0.40, 0.42)]
)
HAIR_COLOURS = {
    "Black_Hair": (0.055, 0.05, 0.055),
    "Blond_Hair": (0.86, 0.66, 0.32),
    "Brown_Hair": (0.27, 0.15, 0.08),
    "Gray_Hair": (0.62, 0.62, 0.64),
}
AUBURN = (0.50, 0.20, 0.08)
PALE = (0.97, 0.86, 0.79)
# What make-up makes of the skin under it: factors of its colour.
SHADOWS = ((0.58, 0.46, 0.64), (0.52, 0.56, 0.66), (0.66, 0.47, 0.38), (0.54, 0.58, 0.52))
LIPSTICKS = ((0.86, 0.32, 0.34), (0.84, 0.36, 0.48), (0.68, 0.30, 0.36), (0.96, 0.44, 0.38))
RIMS = ((0.05, 0.04, 0.04), (0.05, 0.05, 0.06), (0.30, 0.17, 0.10), (0.45, 0.08, 0.10))
METALS = ((0.95, 0.72, 0.25), (0.95, 0.72, 0.25), (0.82, 0.84, 0.88))

# What a sex adds to the bones.
SEX = {
    True: {
        "jaw": 0.06, "square": 0.7, "ridge": 0.6, "neck": 0.08, "shoulders": 0.06, "eye": -0.08,
        "lips": -0.16, "brow_thick": 0.25, "brow_y": -0.02,
    },
    False: {
        "jaw": -0.07, "ridge": -0.3, "neck": -0.14, "shoulders": -0.10, "eye": 0.07, "lips": 0.08,
        "brow_thick": -0.25, "nose_width": -0.10, "nose_length": -0.06, "liner": 0.35,
    },
}  # fmt: skip

# Hair by sex; one is chosen by taste. Fields left out are the neutral face's.
STYLES = {
    True: (
        {"thick": 0.08, "sides": 0.5, "quiff": 0.25},  # cropped
        {"thick": 0.12, "sides": 0.25, "quiff": 0.9},  # swept up
        {"thick": 0.12, "sides": 0.3, "part": 0.8, "sweep": 0.8, "quiff": 0.4},  # parted
        {"thick": 0.12, "sides": 0.3, "part": -0.8, "sweep": -0.8, "quiff": 0.4},
        {"thick": 0.12, "sides": 0.25, "quiff": 0.5, "spikes": 1.0},
        {"thick": 0.15, "sides": 0.7, "sweep": 0.9, "quiff": 0.2},  # tousled
        {
            "thick": 0.14,
            "sides": 0.7,
            "long": 0.5,
            "part": 0.2,
            "curtain": 0.6,
            "tuck": 1.0,
        },  # to the shoulders
        {"thick": 0.10, "sides": 0.6, "quiff": 0.2, "bun": 0.8},
        {"thick": 0.26, "sides": 0.85, "quiff": 0.1},  # full all round
    ),
    False: (
        {"thick": 0.15, "sides": 0.7, "long": 0.35, "part": 0.9, "curtain": 0.7},  # bob
        {"thick": 0.15, "sides": 0.7, "long": 0.9, "part": -0.3, "curtain": 1.0},  # long
        {"thick": 0.13, "sides": 0.7, "long": 0.7, "part": 0.2, "curtain": 0.5},
        {"thick": 0.17, "sides": 0.7, "long": 0.55, "sweep": 1.0, "quiff": 0.3},
        {"thick": 0.12, "sides": 0.6, "sweep": -0.8, "quiff": 0.3},  # pixie
        {"thick": 0.09, "sides": 0.7, "quiff": 0.2, "bun": 1.0},
        {"thick": 0.08, "sides": 0.5, "quiff": 0.25},  # cropped
        {"thick": 0.28, "sides": 0.9, "quiff": 0.1},  # full all round
    ),
}

# What an attribute adds to the face.
ADDED = {
    "5_o_Clock_Shadow": {"stubble": 1.0},
    "Arched_Eyebrows": {"brow_arch": 0.85, "brow_y": 0.02},
    "Bags_Under_Eyes": {"bags": 1.0},
    "Bangs": {"bangs": 1.0},
    "Big_Lips": {"lips": 0.85},
    "Big_Nose": {"nose_width": 0.65, "nose_tip": 0.55, "nose_length": 0.12},
    "Blurry": {"blur": 1.0},
    "Bushy_Eyebrows": {"brow_thick": 0.95, "brow_dark": 0.15},
    "Chubby": {"chubby": 0.85, "jaw": 0.08, "width": 0.03, "neck": 0.09},
    "Double_Chin": {"double_chin": 1.0},
    "Eyeglasses": {"glasses": 1.0},
    "Goatee": {"goatee": 1.0},
    "Heavy_Makeup": {"shadow": 1.0, "liner": 0.7, "blush": 1.0},
    "High_Cheekbones": {"cheekbone": 1.0, "cheek": 0.4},
    "Mustache": {"mustache": 1.0},
    "Narrow_Eyes": {"eye_height": -0.5},
    "Oval_Face": {"length": 0.11, "width": -0.06, "jaw": -0.08, "square": -0.4},
    "Pointy_Nose": {
        "nose_tip": -0.40, "nose_width": -0.30, "nose_out": 0.12, "nose_length": 0.20, "nose_point": 1.0,
    },
    "Receding_Hairline": {"recede": 1.0},
    "Rosy_Cheeks": {"rosy": 0.95},
    "Sideburns": {"sideburns": 1.0},
    "Wearing_Earrings": {"earrings": 1.0},
    "Wearing_Hat": {"hat": 1.0},
    "Wearing_Lipstick": {"lipstick": 1.0},
    "Wearing_Necklace": {"necklace": 1.0},
    "Wearing_Necktie": {"tie": 1.0, "collar": 1.0},
}  # fmt: skip


def near(rng: np.random.Generator, spread: float) -> float:
    """A normal number, at most two standard deviations from 0."""
    return float(np.clip(rng.normal(0, spread), -2 * spread, 2 * spread))


def choose(options, chance: float):
    return options[min(int(chance * len(options)), len(options) - 1)]


def skin(tone: float) -> np.ndarray:
    """The colour of a skin between 0, light, and 5, dark."""
    return np.array([np.interp(tone, range(len(SKINS)), SKINS[:, c]) for c in range(3)])


def identity(rng: np.random.Generator, spread: float = 1.0, skins: Sequence[float] | None = None) -> dict:
    """What a person is born with, as fields of a Face; `skins`: see `odds.yaml`."""
    edges = np.cumsum(default()["skins"] if skins is None else skins)
    tone = np.searchsorted(edges, rng.random() * edges[-1], side="right") + rng.uniform(-0.5, 0.5)
    brown = tone > 2.5
    widths = {
        "width": 0.03, "jaw": 0.04, "length": 0.03, "chin": 0.015, "nose_width": 0.12, "nose_length": 0.08,
        "nose_tip": 0.08, "eye": 0.06, "lips": 0.10, "mouth_width": 0.07, "ears": 0.10, "brow_thick": 0.12,
        "shoulders": 0.05,
    }  # fmt: skip
    offsets = {
        "nose_out": 0.02, "nose_up": 0.012, "eye_gap": 0.012, "eye_tilt": 0.06, "brow_y": 0.015,
        "brow_arch": 0.12, "cheekbone": 0.1, "rosy": 0.04, "ridge": 0.1,
    }  # fmt: skip
    start = Face()
    fields = {k: getattr(start, k) + spread * near(rng, s) for k, s in (widths | offsets).items()}
    return fields | {"skin": skin(tone), "iris": IRISES[rng.integers(2 if brown else len(IRISES))]}


def style(rng: np.random.Generator) -> dict[str, float]:
    """How a person likes to look: a chance between 0 and 1 for each choice."""
    choices = (
        "style",
        "shade",
        "volume",
        "wave",
        "shadow",
        "lipstick",
        "rims",
        "lenses",
        "metal",
        "hoops",
        "askew",
    )
    return dict(zip(choices, rng.random(len(choices)), strict=True))


def scene(rng: np.random.Generator) -> dict:
    """Pose, light, backdrop and clothes, as fields of a Face."""
    hue, grey, value = rng.random(), rng.random() ** 2 * 0.6, rng.uniform(0.15, 0.95)
    yaw = near(rng, 17)
    return {
        "yaw": yaw,
        "pitch": near(rng, 5),
        "body_yaw": yaw * 0.4 + near(rng, 8),
        "gaze": -yaw / 40,
        "light": (near(rng, 0.55), 0.5 + near(rng, 0.2), 0.8),
        "key": 0.70 + near(rng, 0.07),
        "ambient": 0.50 + near(rng, 0.05),
        "warm": near(rng, 0.7),
        "backdrop_top": hsv_to_rgb(hue, grey, value),
        "backdrop_bottom": hsv_to_rgb(
            (hue + near(rng, 0.06)) % 1, grey, np.clip(value + near(rng, 0.2), 0.05, 1)
        ),
        "backdrop_seed": rng.integers(1, 1 << 30) * (rng.random() < 0.6),
        "shirt_colour": hsv_to_rgb(rng.random(), rng.random() * 0.7, rng.uniform(0.15, 0.9)),
        "neckline": rng.random() * (rng.random() < 0.5),
        "hat_kind": rng.integers(3),
        "hat_colour": hsv_to_rgb(rng.random(), rng.uniform(0.2, 0.75), rng.uniform(0.25, 0.8)),
        "tie_colour": hsv_to_rgb(rng.choice([0.0, 0.6, 0.33, 0.1]), 0.75, rng.uniform(0.3, 0.7)),
    }


def expression(rng: np.random.Generator) -> dict[str, float]:
    """How strong an expression is, if there is one."""
    return dict(zip(("smile", "open", "rest"), rng.random(3), strict=True))


def wanted(attributes: Mapping[str, float] | np.ndarray) -> dict[str, bool]:
    """Return all 40 attributes as name -> bool, from a mapping (the missing are off) or 40 numbers.

    Raises FacegenError for a name that isn't one of the 40, or a wrong number of numbers.
    """
    if isinstance(attributes, Mapping):
        for name in attributes:
            index(name)
        return {name: bool(attributes.get(name, 0) > 0.5) for name in NAMES}
    numbers = np.asarray(attributes, float).ravel()
    if numbers.size != len(NAMES):
        raise FacegenError(
            f"attributes: expected {len(NAMES)} numbers or a dict of names, got {numbers.size} numbers"
        )
    return {name: bool(number > 0.5) for name, number in zip(NAMES, numbers, strict=True)}


def add(fields: dict, more: Mapping[str, float]) -> None:
    start = Face()
    for name, value in more.items():
        fields[name] = fields.get(name, getattr(start, name)) + value


def apply_hair(fields: dict, on: Mapping[str, bool], taste: Mapping[str, float]) -> None:
    """Hair and beard."""
    fields |= choose(STYLES[on["Male"]], taste["style"])
    other = HAIR_COLOURS["Brown_Hair"] if on["Bald"] else AUBURN  # a bald person's brows and beard
    shade = next((colour for name, colour in HAIR_COLOURS.items() if on[name]), other)
    fields["hair_colour"] = np.array(shade) * (0.88 + 0.24 * taste["shade"])
    fields["beard_colour"] = fields["hair_colour"] * 0.75
    fields["hair"] = float(not on["Bald"])
    fields["thick"] += 0.04 * (taste["volume"] - 0.5)
    fields["wave"] = 0.1 + 0.35 * taste["wave"]
    if on["Wavy_Hair"]:
        fields["wave"] = 1.0
        fields["thick"] += 0.04
        fields["sides"] += 0.15
    if on["Straight_Hair"]:
        fields |= {"wave": 0.5 * fields["wave"] * on["Wavy_Hair"], "sleek": 1.0, "spikes": 0.0}
    if on["Bangs"]:
        fields |= {"part": 0.0, "sweep": 0.0, "curtain": 0.0, "quiff": 0.3 * fields.get("quiff", 0.0)}
    shaved = not (on["No_Beard"] or on["5_o_Clock_Shadow"] or on["Goatee"] or on["Mustache"])
    fields["beard"] = float(shaved)


def apply_accessories(fields: dict, on: Mapping[str, bool], taste: Mapping[str, float]) -> None:
    """Make-up and things worn: their colours and kinds."""
    fields["shadow_tint"] = choose(SHADOWS, taste["shadow"])
    fields["lip_tint"] = choose(LIPSTICKS, taste["lipstick"])
    fields["glasses_colour"] = choose(RIMS, taste["rims"])
    fields["glasses_size"] = 0.92 + 0.2 * taste["lenses"]
    fields["glasses_square"] = float(taste["lenses"] * 10 % 1 < 0.5)
    fields["metal"] = choose(METALS, taste["metal"])
    fields["hoops"] = float(taste["hoops"] < 0.4)
    if on["Wearing_Earrings"]:
        fields["tuck"] = 1.0
    if on["Wearing_Necktie"]:
        fields["shirt_colour"] = np.array([0.12, 0.13, 0.17]) + 0.15 * taste["shade"]


def pose(fields: dict, on: Mapping[str, bool], mood: Mapping[str, float]) -> None:
    """Expression."""
    if on["Smiling"]:
        add(fields, {"smile": 0.9 + 0.25 * mood["smile"], "lid_low": 0.3, "cheek": 0.3})
    else:
        add(fields, {"smile": 0.15 * mood["rest"] - 0.1})
    if on["Mouth_Slightly_Open"]:
        add(fields, {"open": 0.5 + 0.3 * mood["open"], "teeth": 0.5 if on["Smiling"] else 0.3})


def portrait(on: Mapping[str, bool], born: dict, taste: dict, around: dict, feeling: dict) -> Face:
    """Return the Face of a person (bones, tastes) in a picture (scene, mood) with these attributes."""
    fields = born | around
    add(fields, SEX[on["Male"]])
    apply_hair(fields, on, taste)
    apply_accessories(fields, on, taste)
    for name, more in ADDED.items():
        if on[name]:
            add(fields, more)
    if on["Pale_Skin"]:
        fields["skin"] = 0.3 * np.array(fields["skin"]) + 0.7 * np.array(PALE)
    fields["age"] = 0.0 if on["Young"] else 0.9
    fields["crook"] = 0.0 if on["Attractive"] else (1.0 if taste["askew"] < 0.5 else -1.0)
    pose(fields, on, feeling)
    return face(**fields)


def person(attributes: Mapping[str, float] | np.ndarray, seed: int) -> Face:
    """Return the person that this seed and these attributes give.

    attributes: a dict of CelebA's names (those missing are off), or 40 numbers in CelebA's order; more than
    0.5 is on. seed: everything else about person and picture. The same seed with other attributes is the
    same person.

    Example:
        >>> from facegen import clay
        >>> before, after = clay.person({"Male": 1}, seed=7), clay.person({"Male": 1, "Smiling": 1}, seed=7)
        >>> [field for field in before._fields if getattr(before, field) != getattr(after, field)]
        ['cheek', 'lid_low', 'smile']
    """
    kinds = (identity, style, scene, expression)
    drawn = [kind(np.random.default_rng([seed, i])) for i, kind in enumerate(kinds)]
    return portrait(wanted(attributes), *drawn)
