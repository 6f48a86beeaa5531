"""Checks of the exercises of notebook 5."""

import numpy as np

from facegen import metrics
from facegen.conditions import script, yaml
from facegen.course.exercises import Check, NotYet, near, need
from facegen.utils.errors import FacegenError

NAMES = {
    "identity": [f"{i:02d}" for i in range(1, 17)],
    "emotion": ["angry", "contemptuous", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"],
    "orientation": ["sin", "cos"],
}
LONGEST = 30  # seconds of a film


@Check
def weights(three, random):
    """What `happy+sad+angry` writes into each of the three columns."""
    need(
        not near(three, 1),
        "1 of each would be a vector of length 1.73; the network has learned from length 1",
    )
    need(not near(three, 1 / 3, 0.01), "thirds add up to 1, but it is the *length* that is kept at 1")
    need(not near(three, 0.7071, 0.01), "0.71 is right for two; with three of them the length would be 1.22")
    need(near(three, 1 / np.sqrt(3), 0.01), "the squares of the three numbers, all equal, shall add up to 1")
    return "0.58: three times its square is 1"


@Check
def fade(mix, random):
    """A cross-fade of two pictures in n steps."""
    one, other = random.integers(0, 256, (2, 3, 3, 3), dtype="uint8")
    expected = metrics.cross_fade(np.stack([one] * 4 + [other]))
    found = np.asarray(mix(one, other, 5))
    need(found.shape == (5, 3, 3, 3), f"expected 5 pictures, an array (5, 3, 3, 3); found {found.shape}")
    found = found.astype("float64")
    need(
        not near(found[0], other, 2) or near(one, other),
        "it runs backwards: the first picture shall be the first one",
    )
    need(near(found[0], one), "the first picture shall be the first one as it is")
    need(
        near(found[-1], other) or not near(found[-1] % 256, other),
        "the last picture is right but for some 256 too many: bytes wrap round, floats do not",
    )
    need(
        near(found[-1], other),
        "the last picture shall be the other one: do your shares go from 0 to 1, both included?",
    )
    apart = np.abs(found - expected).max()
    need(
        apart < 100,
        "colours leap on the way: bytes wrap round in sums and differences. Make them floats first",
    )
    need(
        apart <= 1, "even steps are wanted: (1 - t) of the one and t of the other, t going evenly from 0 to 1"
    )
    return "as `metrics.cross_fade`: the opponent of every blend"


@Check
def between(way, random):
    """The angle at a share of the shorter way from one to another."""
    for start, end in [(0, 90), (170, -170), (-100, 120), *random.uniform(-180, 180, (5, 2)).round(1)]:
        gap = (end - start + 180) % 360 - 180  # the shorter way, from -180 to 180
        for share in (0, 0.25, 0.5, 1):
            _angle(float(way(start, end, share)), start, end, gap, share)
    return "the head turns the short way, and evenly"


def _angle(found: float, start: float, end: float, gap: float, share: float) -> None:
    """Whether one angle is right."""
    where = f"from {start:g} to {end:g} degrees, at {share:g} of the way:"

    def same(angle: float) -> bool:
        return abs((found - angle + 180) % 360 - 180) < 0.1

    if same(start + share * gap):
        return
    long = start + share * (gap - np.sign(gap) * 360)
    need(not same(long), f"{where} {found:.1f} is on the long way round")
    rows = [
        (1 - share) * np.array(f(np.radians([start, end]))[0]) + share * f(np.radians(end))
        for f in (np.sin, np.cos)
    ]
    need(
        not same(np.degrees(np.arctan2(*rows))),
        f"{where} {found:.1f} is on the chord: not evenly along the circle",
    )
    need(not same(np.degrees(start + share * gap)), f"{where} {found:.1f}: radians and degrees are mixed")
    need(not same(start - share * gap), f"{where} {found:.1f} goes the other way")
    raise NotYet(f"{where} expected {(start + share * gap + 180) % 360 - 180:.1f}, found {found:.1f}")


@Check
def film(text, random):
    """One person through all eight emotions, and back."""
    try:
        made = script.parse(yaml.parse(text, "your text"), NAMES, source="your text")
    except FacegenError as error:
        raise NotYet(str(error)) from error
    need(made.mode == "interpolate", f"mode {made.mode} has no keyframes; a film is `mode: interpolate`")
    states = [state["emotion"] for state in made.keyframes]
    shown = {
        name for i, name in enumerate(NAMES["emotion"]) if any(near(state, np.eye(8)[i]) for state in states)
    }
    lost = [name for name in NAMES["emotion"] if name not in shown]
    need(not lost, f"no keyframe is all {' or '.join(lost[:3])}")
    people = [state["identity"] for state in made.keyframes]
    need(all(near(person, people[0]) for person in people), "the person changes: only emotions shall move")
    need(
        near(states[-1], states[0]),
        "it does not come back: the last keyframe's emotion shall be the first one's",
    )
    seconds = made.count / made.fps
    need(seconds <= LONGEST, f"{seconds:.0f} seconds: who will watch that? {LONGEST} at most")
    return f"{len(states)} keyframes in {seconds:.1f} seconds"


@Check
def frames(path, random):
    """Frames of something of one's own that moves, and what no cross-fade explains of them."""
    found = np.asarray(path)
    need(
        found.ndim == 4 and len(found) >= 5,
        f"expected at least 5 frames, (n, height, width, 3); found {found.shape}",
    )
    need(found.dtype == np.uint8, f"frames are {found.dtype}; expected bytes, 0 to 255")
    need(len(found) % 2 == 1, f"{len(found)} frames have no middle one: an odd number is needed")
    need(
        metrics.distance(found[:1], found[-1:])[0] > 1,
        "the first frame and the last one are the same: nothing has moved",
    )
    left = metrics.difference_from_crossfade(found)
    need(left > 0.5, f"{left:.2f} grey levels of the middle frame remain: this *is* a cross-fade of its ends")
    return f"{left:.1f} grey levels of the middle frame are explained by no cross-fade: things have moved"
