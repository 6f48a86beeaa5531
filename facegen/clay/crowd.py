"""A crowd like CelebA's: which attributes people have, and which of them change from picture to picture."""

from collections.abc import Mapping

import numpy as np

from facegen.attributes import NAMES
from facegen.clay.face import Face
from facegen.clay.people import bones, mood, portrait, scene, tastes, wanted

# Per cent of men and of women, roughly CelebA's; the rare made commoner, so that a small set can teach them.
LASTING = {
    "Arched_Eyebrows": (8, 45), "Attractive": (34, 66), "Bags_Under_Eyes": (32, 14), "Big_Lips": (18, 32),
    "Big_Nose": (38, 14), "Bushy_Eyebrows": (30, 8), "Chubby": (14, 8), "Double_Chin": (12, 6),
    "High_Cheekbones": (30, 52), "Narrow_Eyes": (14, 12), "Oval_Face": (22, 35), "Pale_Skin": (6, 10),
    "Pointy_Nose": (20, 36), "Receding_Hairline": (18, 6), "Sideburns": (16, 0),
}  # fmt: skip
PASSING = {
    "Bangs": (10, 24), "Blurry": (6, 6), "Eyeglasses": (18, 10), "Heavy_Makeup": (0, 55),
    "Mouth_Slightly_Open": (42, 52), "Rosy_Cheeks": (3, 18), "Smiling": (44, 54),
    "Wearing_Earrings": (3, 34), "Wearing_Hat": (11, 7), "Wearing_Lipstick": (0, 55),
    "Wearing_Necklace": (3, 26), "Wearing_Necktie": (22, 0),
}  # fmt: skip
COLOURS = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair", None)
COLOUR_ODDS = {
    "man": (0.30, 0.08, 0.34, 0.04, 0.24),
    "woman": (0.22, 0.30, 0.30, 0.04, 0.14),
    "dark": (0.70, 0.02, 0.20, 0.03, 0.05),
}
DARK = 0.48  # mean of a skin's colour under which hair is mostly dark too
FEWEST, MOST = 2, 6  # pictures of one person


def flip(on: dict, odds: dict, rng: np.random.Generator) -> None:
    for name, (men, women) in odds.items():
        on[name] = bool(rng.random() * 100 < (men if on["Male"] else women))


def hair_of(on: dict, dark: bool, rng: np.random.Generator) -> None:
    """Baldness, colour and style, as they go with sex, age and skin."""
    male, old, u = on["Male"], not on["Young"], rng.random(4)
    on["Bald"] = bool(male and u[0] < (0.22 if old else 0.08))
    if on["Bald"]:
        on["Receding_Hairline"] = False
        return
    odds = COLOUR_ODDS["dark" if dark else "man" if male else "woman"]
    colour = "Gray_Hair" if old and u[1] < 0.5 else COLOURS[np.searchsorted(np.cumsum(odds)[:-1], u[2])]
    if colour:
        on[colour] = True
    on["Straight_Hair"] = bool(u[3] < 0.28)
    on["Wavy_Hair"] = bool(u[3] > (0.8 if male else 0.58))


def born_with(rng: np.random.Generator, dark: bool = False) -> dict[str, bool]:
    """Return the attributes that a person keeps from picture to picture."""
    on = dict.fromkeys(NAMES, False)
    on["Male"] = bool(rng.random() < 0.45)
    on["Young"] = bool(rng.random() < (0.68 if on["Male"] else 0.84))
    flip(on, LASTING, rng)
    old, u = not on["Young"], rng.random(4)
    on["Bags_Under_Eyes"] |= bool(old and u[0] < 0.3)
    on["Receding_Hairline"] |= bool(old and u[1] < 0.2)
    on["Attractive"] &= bool(not old or u[2] < 0.4)
    on["Double_Chin"] |= bool(on["Chubby"] and u[3] < 0.4)
    hair_of(on, dark, rng)
    return on


def picture_of(person: dict[str, bool], rng: np.random.Generator) -> dict[str, bool]:
    """Return a person's attributes in one picture: expression, make-up, beard, things worn may change."""
    on = dict(person)
    flip(on, PASSING, rng)
    u = rng.random(3)
    on["Bangs"] &= not on["Bald"] and not on["Receding_Hairline"]
    on["Wearing_Lipstick"] |= bool(on["Heavy_Makeup"] and u[0] < 0.8)
    on["High_Cheekbones"] |= bool(on["Smiling"] and u[1] < 0.4)
    on["No_Beard"] = bool(not on["Male"] or u[2] > 0.52)
    if not on["No_Beard"]:
        on["5_o_Clock_Shadow"] = bool(u[2] < 0.2)
        on["Goatee"], on["Mustache"] = bool(0.2 <= u[2] < 0.32), bool(0.26 <= u[2] < 0.40)
    return on


class Crowd:
    """The people of a seed. Picture i is a function of (seed, i) alone, however many pictures there are.

    A person has 2 to 6 pictures in a row; people are numbered from 1, as in CelebA.
    """

    def __init__(self, count: int, seed: int = 0):
        self.seed = seed
        sizes = np.random.default_rng([seed, 0]).integers(FEWEST, MOST + 1, size=count // FEWEST + 1)
        self.identity = 1 + np.repeat(np.arange(len(sizes)), sizes)[:count]

    def _chance(self, kind: int, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, kind, int(number)])

    def bones(self, i: int) -> dict:
        return bones(self._chance(1, self.identity[i]))

    def attributes(self, i: int) -> dict[str, bool]:
        """Return the attributes of picture i (from 0)."""
        dark = self.bones(i)["skin"].mean() < DARK
        return picture_of(born_with(self._chance(2, self.identity[i]), dark), self._chance(3, i))

    def face(self, i: int, attributes: Mapping[str, float] | np.ndarray | None = None) -> Face:
        """Return the Face of picture i, or what it were with other attributes (see `person`)."""
        here, taste = self._chance(4, i), tastes(self._chance(5, self.identity[i]))
        on = wanted(self.attributes(i) if attributes is None else attributes)
        return portrait(on, self.bones(i), taste, scene(here), mood(here))
