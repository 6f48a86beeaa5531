"""The renderer: faces turn, look and feel continuously, and a picture is a function of its face."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from facegen import clay
from facegen.clay.as_rafd import file_name
from facegen.clay.face import NEUTRAL, face, record
from facegen.clay.rafd_people import ADULTS, CHILDREN, EMOTIONS, GROUP, KINDS, NUMBERS
from facegen.clay.render import rotation
from facegen.utils.errors import FacegenError


def small(number=1, emotion="neutral", angle=90.0, gaze="frontal") -> np.ndarray:
    return clay.draw(clay.model(number, emotion, angle, gaze), 68, 102).astype(float)


def difference(a, b) -> float:
    return float(np.abs(np.asarray(a, float) - b).mean())


def test_the_api_is_lazy():
    """Neither the package nor a person needs numba; only a picture does."""
    code = "import sys, facegen.clay as c; c.person({'Male': 1}, 1); sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_picture_is_a_function_of_its_face():
    assert np.array_equal(small(), small())
    assert difference(small(1), small(2)) > 5
    assert clay.draw(NEUTRAL, 31, 47).shape == (47, 31, 3)


def test_a_face_reaches_compiled_code_unchanged():
    row = record(face(yaw=12, skin=(0.1, 0.2, 0.3), smile=0.5))
    assert (row["yaw"], row["smile"], row["width"]) == (12.0, 0.5, NEUTRAL.width)
    assert tuple(row["skin"]) == (0.1, 0.2, 0.3)


def test_rotations_are_rotations():
    for yaw, pitch in ((0, 0), (30, 10), (-90, 0)):
        m = rotation(yaw, pitch)
        assert np.allclose(m @ m.T, np.eye(3))
        assert np.isclose(np.linalg.det(m), 1)
    assert np.allclose(rotation(90).T @ [0, 0, 1], [1, 0, 0])  # yaw above 0 looks to the picture's right


def test_yaw_has_no_jumps():
    """Neighbouring angles differ by little, and by about as much everywhere."""
    turn = [small(2, angle=a) for a in np.arange(0, 181, 5.0)]
    steps = [difference(a, b) for a, b in itertools.pairwise(turn)]
    assert max(steps) < 2 * np.median(steps)
    assert difference(turn[0], turn[-1]) > 2 * max(steps)


def test_profiles_look_away_from_each_other():
    """A symmetric person's picture at 180 degrees, under frontal light, mirrors that at 0."""
    plain = face(**{**clay.model(2, "neutral")._asdict(), "part": 0, "sweep": 0, "spikes": 0, "wave": 0})
    plain = plain._replace(light=(0.0, 0.4, 0.9), crook=0.0)
    left, right = (clay.draw(plain._replace(yaw=a, body_yaw=a), 68, 102) for a in (-60.0, 60.0))
    assert difference(left, right[:, ::-1]) < 3
    assert difference(left, right) > 10


@pytest.mark.parametrize("emotion", [e for e in EMOTIONS if e != "neutral"])
def test_emotions_show(emotion):
    assert difference(small(1, emotion)[20:60], small(1)[20:60]) > 1


def test_emotions_are_linear():
    """The expression of a mixture is the mixture of the expressions, in every number of the face."""
    rest = clay.model(3, "neutral")
    happy, sad = clay.model(3, "happy"), clay.model(3, "sad")
    mixed = clay.model(3, {"happy": 0.3, "sad": 0.5})
    for field in rest._fields:
        a, b, c, m = (np.array(getattr(f, field)) for f in (rest, happy, sad, mixed))
        assert np.allclose(m, a + 0.3 * (b - a) + 0.5 * (c - a)), field


@pytest.mark.parametrize("weight", [-1.0, 3.0])
def test_impossible_emotions_still_draw(weight):
    picture = small(1, dict.fromkeys(EMOTIONS, weight))
    assert difference(picture, small(1)) > 1


def test_gaze_moves_the_eyes_and_nothing_else():
    left, ahead, right = (
        clay.draw(clay.model(1, "neutral", gaze=g), 227, 341) for g in clay.rafd_people.GAZES
    )
    eyes = np.s_[130:165, 70:160]
    for moved in (left, right):
        change = np.abs(moved.astype(float) - ahead).mean(-1)
        assert change[eyes].mean() > 1
        change[eyes] = 0
        assert change.max() == 0
    # The dark of iris and pupil goes to the picture's left, or right.
    centre = [(255.0 - p[eyes].mean(-1)).mean(0) @ np.arange(90) / (255.0 - p[eyes].mean(-1)).mean(0).sum()
              for p in (left, ahead, right)]  # fmt: skip
    assert centre[0] < centre[1] < centre[2]


def test_a_window_is_a_part_of_the_picture():
    whole = clay.draw(clay.model(1, "happy"), 120, 180)
    part = clay.draw(clay.model(1, "happy"), 60, 60, window=(0.25, 1 / 6, 0.75, 0.5))
    assert difference(part, whole[30:90, 30:90]) < 1.5
    assert difference(part, whole[40:100, 30:90]) > 5


def test_drawing_small_and_enlarging_looks_alike():
    faces = clay.Population(20, 1)
    for i in range(0, 20, 5):
        full, half = (clay.draw(faces.face(i), 178, 218, detail=d) for d in (1.0, 0.5))
        assert full.shape == half.shape == (218, 178, 3)
        assert difference(full, half) < 4


def test_edges_are_smooth():
    """Three rays on edges come nearer to the mean of many rays than one does."""
    one = clay.model(2, "happy")
    many = clay.draw(one, 340, 510, smooth=False).reshape(102, 5, 68, 5, 3).mean((1, 3))
    rough, smooth = (clay.draw(one, 68, 102, smooth=s).astype(float) for s in (False, True))
    edges = np.abs(rough - smooth).mean(-1) > 2
    assert 0.01 < edges.mean() < 0.2
    assert difference(smooth[edges], many[edges]) < 0.7 * difference(rough[edges], many[edges])


def test_rafd_has_its_people():
    assert len(NUMBERS) == 67
    assert (len(ADULTS), len(CHILDREN)) == (57, 10)
    kinds = [KINDS[n] for n in NUMBERS]
    assert {k: kinds.count(k) for k in GROUP} == {"F": 19, "M": 20, "R": 18, "G": 6, "B": 4}
    assert file_name(1, "angry", 90) == "Rafd090_01_Caucasian_female_angry_frontal.jpg"
    assert file_name(1, "sad", 22.5, "left") == "Rafd022.5_01_Caucasian_female_sad_left.jpg"
    assert file_name(3, "sad", 5) == "Rafd005_03_Moroccan_male_sad_frontal.jpg"


def test_people_differ_and_stay_themselves():
    front = {n: small(n) for n in NUMBERS[:12]}
    for n in NUMBERS[1:12]:
        assert difference(front[1], front[n]) > 2
    one, other = clay.model(1, "happy", 10.0), clay.model(1, "sad", 150.0)
    kept = ("skin", "width", "nose_width", "hair_colour", "iris", "thick")
    assert all(getattr(one, field) == getattr(other, field) for field in kept)
    assert clay.model(1, "sad", seed=1).width != other.width


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((6, "happy"), "no person 6"),
        ((1, "glad"), "unknown emotion 'glad'"),
        ((1, "sad", 90, "up"), "gaze 'up'"),
    ],
)
def test_wrong_models_are_refused(arguments, message):
    with pytest.raises(FacegenError, match=message):
        clay.model(*arguments)
