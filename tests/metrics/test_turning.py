"""Heads between the angles seen: what is drawn, what standing still and fading score, and double contours."""

import numpy as np
import pytest

import facegen
from facegen import clay
from facegen.data.pixels import load_pixels
from facegen.metrics.turning import Turn, angles_seen, turn_report, turnable, turned
from facegen.models.deconv import Deconv

SEEN = np.array([-90.0, -45, 0, 45, 90])
DEGREES = np.arange(-90, 91, 15.0)


def views(seed: int = 0, heads: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (heads, len(DEGREES), 12, 12, 3), "uint8")


def turn(drawn=None) -> Turn:
    truth = views()
    return Turn(DEGREES, SEEN, truth, truth if drawn is None else drawn)


def test_a_view_counts_by_the_nearest_angle_seen():
    assert turn().off().tolist() == [0, 15, 15] * 4 + [0]


def test_what_standing_still_and_fading_show():
    made = turn()
    for i, angle in enumerate(DEGREES):
        k = int(np.abs(DEGREES - SEEN[np.abs(SEEN - angle).argmin()]).argmin())
        np.testing.assert_array_equal(made.nearest()[:, i], made.truth[:, k])
        low, high = (i // 3) * 3, min(-(-i // 3) * 3, 12)
        way = (i - low) / 3
        expected = (1 - way) * made.truth[:, low] + way * made.truth[:, high].astype(float)
        assert np.abs(made.fade()[:, i] - expected).max() <= 0.5


def test_a_fade_is_explained_by_its_neighbours_and_a_turn_is_not():
    between = turn().off() > 0
    faded = turn(drawn=turn().fade())
    assert faded.explained(faded.drawn)[:, between].min() > 0.99
    assert turn().explained(turn().truth)[:, between].max() < 0.8  # noise has nothing in common
    np.testing.assert_allclose(turn().explained(turn().truth)[:, ~between], 1)
    report = turn_report(faded)["doubled"]
    assert report["drawn"] > 0.99 > report["truth"]


def test_a_report_of_the_truth_and_of_a_fade():
    true = turn_report(turn())
    assert true["off"] == [0, 15]
    assert true["drawn"]["psnr"] == [99, 99]
    np.testing.assert_allclose([*true["drawn"]["ssim"], *true["sharpness"]], 1)
    faded = turn_report(turn(drawn=turn().fade()))
    assert faded["drawn"] == faded["fade"]
    assert faded["sharpness"][1] < 0.9 < faded["sharpness"][0]


def test_of_clay_the_truth_is_drawn_at_every_angle(tmp_path, rafd):
    folder = clay.rafd(tmp_path / "clay", people=1, width=40, angles=(45, 90), progress=False)
    faces = facegen.read(folder)
    assert angles_seen(faces).tolist() == [-45, 0]
    model = Deconv(faces.names, (6, 4), 1, [4], 8)
    assert turnable(model, faces) and not turnable(model, facegen.read(rafd))
    made = turned(model, faces, emotions=["happy", "sad"], step=15, progress=False)
    assert made.degrees.tolist() == [-45, -30, -15, 0]
    frontal = faces.select((faces.conditions["orientation"] == [0, 1]).all(axis=1))
    shown = load_pixels(frontal, (24, 16), progress=False).astype(int)
    nearest = np.abs(made.truth[0, -1] - shown).mean(axis=(1, 2, 3)).argmin()
    assert faces.names["emotion"][frontal.conditions["emotion"][nearest].argmax()] == "happy"


def test_who_and_which_emotions_are_chosen_by_name_or_evenly(tmp_path):
    faces = facegen.read(clay.rafd(tmp_path / "clay", people=2, width=16, angles=(45, 90), progress=False))
    model = Deconv(faces.names, (6, 4), 1, [4], 8)
    assert len(turned(model, faces, people=["02"], emotions=2, step=45, progress=False).truth) == 2
    with pytest.raises(facegen.FacegenError):
        turned(model, faces, people=["17"], step=45, progress=False)
