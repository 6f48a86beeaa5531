"""Checks of the exercises of notebook 8."""

from functools import cache

import numpy as np

import facegen
from facegen import conditions, metrics
from facegen.conditions.attributes import EXCLUSIVE, NAMES
from facegen.course.exercises import Check, NotYet, near, need
from facegen.panel.state import switched
from facegen.utils.errors import FacegenError
from facegen.viz import plots

SIX = ("Smiling", "Eyeglasses", "Wearing_Hat", "Pale_Skin", "Bangs", "Blond_Hair")
COSINE = "the cosine of w is one . other / (length x length)"
FEWEST = 6  # attributes of a person whom one knows


@Check
def excluded(on, random):
    """What is on after Bald, Mustache and Gray_Hair, pressed one after the other."""
    pressed = {name.replace(" ", "_") for name in ([on] if isinstance(on, str) else on)}
    unknown = pressed - {*NAMES}
    need(
        not unknown,
        f"{sorted(unknown)[:1]} is no attribute: write the names as in `NAMES`, such as Gray_Hair",
    )
    need(
        "Bald" not in pressed,
        "who has grey hair is not bald any more: the last wish drives out what contradicts it",
    )
    need("No_Beard" not in pressed, "a mustache drives out No_Beard")
    need(
        "Straight_Hair" not in pressed,
        "Bald has driven out Straight_Hair; what was driven out does not come back by itself",
    )
    lost = {"Mustache", "Gray_Hair", "Young"} - pressed
    need(not lost, f"{sorted(lost)[:1]} is on as well: nothing has driven it out")
    need(
        len(pressed) == 3,
        "too many: begin with No_Beard, Straight_Hair and Young, and press the three one by one",
    )
    return "each wish makes room for itself, and nothing comes back by itself"


@Check
def turn(way, random):
    """Noise on the great circle between two."""
    for _ in range(3):
        one, other = random.normal(size=(2, 64))
        other *= np.linalg.norm(one) / np.linalg.norm(other)
        with np.errstate(invalid="ignore"):
            found = [np.asarray(way(one, other, t), "float64") for t in (0, 0.25, 0.5, 1)]
        need(
            all(x.shape == (64,) for x in found), f"expected noise as it came, (64,); found {found[0].shape}"
        )
        need(np.isfinite(found).all(), f"no number comes out, for no angle has that cosine: {COSINE}")
        need(not near(found[0], other), "it runs backwards: t = 0 is the first one")
        for t, x in zip((0, 0.25, 0.5, 1), found, strict=True):
            _on_the_way(x, one, other, t)
    return "half-way noise is as long as any other, so the network knows what to do with it"


def _on_the_way(found: np.ndarray, one: np.ndarray, other: np.ndarray, t: float) -> None:
    straight = (1 - t) * one + t * other
    length = np.linalg.norm(found)
    short = f"its length is {length:.1f}, that of the two {np.linalg.norm(one):.1f}"
    need(t in (0, 1) or not near(found, straight), f"a straight line: at {t:g} of the way {short}")
    expected = great_circle(one, other, t)
    along = float(found @ expected / max(length * np.linalg.norm(expected), 1e-9))
    need(
        along > 0.99999,
        f"at {t:g} of the way the direction is not right: the *angle* shall grow evenly, by t x w; {COSINE}",
    )
    need(
        near(found, expected),
        f"at {t:g} of the way the direction is right, the length is not: divide by sin(w)",
    )


def great_circle(one: np.ndarray, other: np.ndarray, t: float) -> np.ndarray:
    """Shoemake's slerp (SIGGRAPH 1985) of two of equal length, weighed by sines of the angle between them."""
    angle = np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    return (np.sin((1 - t) * angle) * one + np.sin(t * angle) * other) / np.sin(angle)


@cache
def shifts() -> dict[str, float]:
    """How far each of six toggles moves eight faces of clay-gan, in grey levels."""
    gan = facegen.load("clay-gan")
    noise, moved = gan.sample_noise(8, seed=8), {}
    for name in SIX:
        off, on = (np.repeat([switched(somebody(), NAMES, name, value)], 8, axis=0) for value in (0, 1))
        faces = [gan.draw({"attributes": rows, "noise": noise}) for rows in (off, on)]
        moved[name] = float(metrics.distance(*faces).mean())
    return moved


def somebody() -> np.ndarray:
    """The person whose toggles are pressed, float32 (40,)."""
    return conditions.vector("attributes", NAMES, "Young+No_Beard+Brown_Hair+Wavy_Hair")


@Check
def strongest(most, least, random):
    """Which of six toggles moves a face most, and which least?"""
    for name in (most, least):
        need(name in SIX, f"{name!r} is none of the six: {', '.join(SIX)}")
    moved = shifts()
    need(
        not (most == min(moved, key=moved.get) and least == max(moved, key=moved.get)),
        "the other way round: first the one that moves most",
    )
    need(
        moved[most] == max(moved.values()),
        f"{most} moves a face by {moved[most]:.1f} grey levels; another moves it more",
    )
    need(
        moved[least] == min(moved.values()),
        f"{least} moves a face by {moved[least]:.1f} grey levels; another moves it less",
    )
    return (
        f"{most}: {moved[most]:.0f} grey levels, {least}: {moved[least]:.0f}. What we look at first is small"
    )


@Check
def me(words, random):
    """A person whom the learner knows, as attributes."""
    try:
        row = conditions.vector("attributes", NAMES, words)
    except FacegenError as error:
        raise NotYet(str(error)) from error
    on = {name for name, value in zip(NAMES, row, strict=True) if value > 0.5}
    for group in EXCLUSIVE:
        both = sorted(on & {*group})
        need(len(both) < 2, f"{' and '.join(both)} exclude each other: a person has one of them at most")
    need(len(on) >= FEWEST, f"{len(on)} attributes describe many people: at least {FEWEST}")
    return f"{len(on)} attributes are on; all else about this person the noise will have to make up"


def portraits(words: str | None):
    """Eight faces of clay-gan that fit a description; nothing as long as that is not right."""
    if not me.verdict(words).right:
        return None
    gan = facegen.load("clay-gan")
    rows = np.repeat([conditions.vector("attributes", NAMES, words)], 8, axis=0)
    faces = gan.draw({"attributes": rows, "noise": gan.sample_noise(8, seed=1)})
    return plots.contact_sheet(faces, columns=8, side=96, alt="Eight faces that fit the description.")
