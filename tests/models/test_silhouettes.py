"""Outlines that are read off pictures in front of a plain backdrop."""

import numpy as np
import pytest

from facegen import clay
from facegen.data.pixels import load_pixels
from facegen.data.reader import read
from facegen.metrics.ground_truth import true_masks
from facegen.models.silhouettes import plain_backdrop, silhouettes

SIDE = 32


def disc(grey: float, shift: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """A person of one grey before a gradient, and how much of each pixel shows it."""
    fine = (np.arange(SIDE * 8) + 0.5) / 8 - SIDE / 2
    inside = np.hypot(fine[None, :] - shift, fine[:, None] + 2) < 9.4
    share = inside.reshape(SIDE, 8, SIDE, 8).mean(axis=(1, 3))
    backdrop = np.linspace(220, 190, SIDE)[:, None]
    picture = share * grey + (1 - share) * backdrop
    return np.repeat(picture[..., None], 3, axis=2).round().astype("uint8"), share


@pytest.mark.parametrize("grey", [10, 90, 160])
def test_an_outline_is_as_wide_as_the_person_however_dark(grey):
    picture, share = disc(grey)
    backdrop = plain_backdrop(np.stack([picture, disc(20, -3)[0]]))
    found = np.asarray(silhouettes(picture[None], backdrop))[0, ..., 0]
    assert np.abs(found - share).max() < 0.35
    assert abs(found.sum() - share.sum()) < 0.01 * share.sum()


def test_what_looks_like_the_backdrop_within_a_person_is_the_person():
    picture, share = disc(60)
    white = picture.copy()
    white[13:16, 12:18] = white[13:16, :1]
    backdrop = plain_backdrop(picture[None])
    same = silhouettes(np.stack([picture, white]), backdrop)
    np.testing.assert_array_equal(np.asarray(same[0]), np.asarray(same[1]))
    assert share[13:16, 12:18].min() == 1


def test_a_backdrop_is_plain_only_where_all_pictures_share_it():
    random = np.random.default_rng(0)
    pictures = np.stack([disc(grey)[0] for grey in (20, 60, 120)]).astype("float32")
    gradient = np.linspace(220, 190, SIDE)
    noisy = pictures + random.normal(0, 1.5, pictures.shape)
    np.testing.assert_allclose(
        plain_backdrop(noisy.clip(0, 255).astype("uint8"))[:, 0, 0], gradient, atol=1.5
    )
    other = pictures + np.array([-30, 0, 30])[:, None, None, None]
    assert plain_backdrop(other.clip(0, 255).astype("uint8")) is None
    assert plain_backdrop(random.integers(0, 256, (5, SIDE, SIDE, 3), dtype="uint8")) is None


def test_outlines_of_clay_are_those_of_the_renderer(tmp_path):
    folder = clay.rafd(tmp_path / "rafd", people=3, width=96, angles=(0, 45, 90), progress=False)
    faces = read(folder)
    shown, true = load_pixels(faces, (80, 64), progress=False), true_masks(faces, (80, 64), progress=False)
    found = np.asarray(silhouettes(shown, plain_backdrop(shown)))[..., 0] >= 0.5
    iou = (found & true).sum(axis=(1, 2)) / (found | true).sum(axis=(1, 2))
    assert iou.min() > 0.95
    assert iou.mean() > 0.98
