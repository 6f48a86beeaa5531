"""A crowd like CelebA's: which attributes people have, and which of them change from picture to picture.

How often they have them, and which go together, stands in `odds.yaml`; here is only how chance is asked. An
attribute's chance is drawn in its own place, so that other odds for one leave all others as they were.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from facegen.clay import odds as tables
from facegen.clay.backdrop import KINDS
from facegen.clay.celeba_people import expression, identity, portrait, scene, style, wanted
from facegen.clay.face import Face
from facegen.conditions.attributes import NAMES, index
from facegen.utils.errors import FacegenError

BACKDROPS = ("varied", "plain")
DARK = 0.48  # mean of a skin's colour under which it is "dark skin" in the odds
FEWEST, MOST = 2, 6  # pictures of one person

# What the options of `choices` in the odds are, as attributes; all other options are attributes themselves.
NONE_OF_THEM = ("auburn", "neither", "full", "as the young")
COMPOUND = {
    "none": ("No_Beard",),
    "shadow": ("5_o_Clock_Shadow",),
    "goatee": ("Goatee",),
    "mustache": ("Mustache",),
    "goatee and mustache": ("Goatee", "Mustache"),
}


def flip(on: dict, chances: Mapping, u: np.ndarray) -> None:
    """Set each attribute by its chance; u (40) holds a random number for each attribute."""
    for name, per_cent in chances.items():
        on[name] = bool(u[index(name)] < tables.chance(per_cent, on["Male"]))


def go_together(on: dict, rules: Mapping, names: Iterable[str], dark: bool, u: np.ndarray) -> None:
    """What `also` and `keep` of the rules say about the attributes `names`; u is (2, 40)."""
    for rule, row in zip(("also", "keep"), u, strict=True):
        for condition, targets in rules[rule].items():
            asked, wanted = tables.attribute_of(condition)
            if (dark if asked == tables.DARK_SKIN else on[asked]) != wanted:
                continue
            for name in names & targets.keys():
                hit = bool(row[index(name)] < tables.chance(targets[name], on["Male"]))
                on[name] = on[name] or hit if rule == "also" else on[name] and hit


def rules_of(odds: Mapping, passing: bool) -> dict[str, dict]:
    """The rules whose condition is something that passes, or something that lasts."""
    return {
        rule: {c: odds[rule][c] for c in odds[rule] if (c.removeprefix("no ") in odds["passing"]) == passing}
        for rule in ("also", "keep")
    }


def pick(weights: Mapping[str, float], u: float) -> str:
    """The option that a random number u falls on."""
    edges = np.cumsum([*weights.values()])
    return [*weights][int(np.searchsorted(edges, u * edges[-1], side="right"))]


def put_on(on: dict, option: str) -> None:
    """Set what an option of `choices` stands for."""
    if option not in NONE_OF_THEM:
        on.update(dict.fromkeys(COMPOUND.get(option, (option,)), True))


def hair_of(on: dict, choices: Mapping, dark: bool, u: np.ndarray) -> None:
    """Colour and texture, as they go with sex, age and skin; u is (3)."""
    if on["Bald"]:
        on["Receding_Hairline"] = False
        return
    sex, colours = tables.SEXES[not on["Male"]], choices["hair colour"]
    group = tables.DARK_SKIN if dark else sex
    old = "as the young" if on["Young"] else pick(colours["no Young"], u[0])
    put_on(on, pick(colours[group], u[1]) if old == "as the young" else old)
    put_on(on, pick(choices["hair texture"][sex], u[2]))


def born_with(rng: np.random.Generator, odds: Mapping, dark: bool = False) -> dict[str, bool]:
    """Return the attributes that a person keeps from picture to picture."""
    on = dict.fromkeys(NAMES, False)
    on["Male"] = bool(rng.random() < tables.chance(odds["Male"], True))
    u = rng.random((3, len(NAMES)))
    flip(on, odds["lasting"], u[0])
    go_together(on, rules_of(odds, passing=False), odds["lasting"].keys(), dark, u[1:])
    hair_of(on, odds["choices"], dark, rng.random(3))
    return on


def picture_of(
    person: dict[str, bool], rng: np.random.Generator, odds: Mapping, dark: bool = False
) -> dict[str, bool]:
    """Return a person's attributes in one picture: expression, make-up, beard, things worn may change;
    of what lasts, only what goes with these."""
    on, u = dict(person), rng.random((3, len(NAMES)))
    flip(on, odds["passing"], u[0])
    go_together(on, odds, odds["passing"].keys(), dark, u[1:])
    go_together(on, rules_of(odds, passing=True), odds["lasting"].keys(), dark, u[1:])
    on["Bangs"] &= not on["Bald"] and not on["Receding_Hairline"]
    put_on(on, pick(odds["choices"]["beard"][tables.SEXES[not on["Male"]]], rng.random()))
    return on


def anybody(rng: np.random.Generator) -> dict[str, bool]:
    """Return the attributes of somebody in a picture, by clay's own odds."""
    odds = tables.default()
    return picture_of(born_with(rng, odds), rng, odds)


class Population:
    """The people of a seed. Picture i is a function of (seed, i) alone, however many pictures there are.

    A person has 2 to 6 pictures in a row; people are numbered from 1, as in CelebA.

    Args:
        count: of pictures.
        seed: other people for another number.
        odds: which attributes they have (see `odds.read`); default: those of `odds.yaml`.
        backdrops: "varied" (rooms, stripes, leaves, ...), or "plain": soft gradients.

    Example:
        >>> from facegen import clay
        >>> crowd = clay.Population(8, seed=0)
        >>> crowd.identity.tolist(), crowd.attributes(2)["Smiling"], crowd.attributes(2)["Male"]
        ([1, 1, 1, 1, 1, 1, 2, 2], True, False)
    """

    def __init__(self, count: int, seed: int = 0, odds: Mapping | None = None, backdrops: str = "varied"):
        if backdrops not in BACKDROPS:
            raise FacegenError(f"backdrops: expected one of {', '.join(BACKDROPS)}, got {backdrops!r}")
        self.seed, self.odds, self.backdrops = seed, odds or tables.default(), backdrops
        sizes = np.random.default_rng([seed, 0]).integers(FEWEST, MOST + 1, size=count // FEWEST + 1)
        self.identity = 1 + np.repeat(np.arange(len(sizes)), sizes)[:count]

    def _chance(self, kind: int, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, kind, int(number)])

    def bones(self, i: int) -> dict:
        return identity(self._chance(1, self.identity[i]), skins=self.odds["skins"])

    def attributes(self, i: int) -> dict[str, bool]:
        """Return the attributes of picture i (from 0)."""
        dark = self.bones(i)["skin"].mean() < DARK
        person = born_with(self._chance(2, self.identity[i]), self.odds, dark)
        return picture_of(person, self._chance(3, i), self.odds, dark)

    def face(self, i: int, attributes: Mapping[str, float] | np.ndarray | None = None) -> Face:
        """Return the Face of picture i, or what it were with other attributes (see `person`)."""
        taste = style(self._chance(5, self.identity[i]))
        on = wanted(self.attributes(i) if attributes is None else attributes)
        return portrait(on, self.bones(i), taste, self.scene(i), expression(self._chance(7, i)))

    def scene(self, i: int) -> dict:
        """Pose, light, clothes and backdrop of picture i."""
        fields = scene(self._chance(4, i))
        if self.backdrops == "varied":
            rng = self._chance(6, i)
            fields |= {"backdrop_kind": rng.integers(len(KINDS)), "backdrop_seed": rng.integers(1, 1 << 30)}
        return fields
