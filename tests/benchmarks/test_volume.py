"""The rival of an unrolled head: a volume that really turns, and is really looked through."""

import keras
import numpy as np
import pytest

from benchmarks import turning
from benchmarks.volume import Composite, Turned

NAMES = {"identity": ["1", "2"], "orientation": ["sin", "cos"]}
SMALL = {"start": (5, 4), "depth": 1, "kernels": [4], "dense": 8, "focus": None}


def turn(degrees, count=1):
    angle = np.radians(degrees)
    return np.tile(np.float32([[np.sin(angle), np.cos(angle)]]), (count, 1))


def some(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def moved(volume, degrees):
    """Each point of (rows, columns, depth, features), one by one, where it comes from."""
    _, columns, depth, _ = volume.shape
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    out = np.zeros_like(volume)
    for i in range(columns):
        for j in range(depth):
            x, z = (i + 0.5) * 2 / columns - 1, (j + 0.5) * 2 / depth - 1
            column, layer = (x * cosine - z * sine + 1) * columns / 2, (x * sine + z * cosine + 1) * depth / 2
            for p in range(columns):
                for q in range(depth):
                    share = max(0, 1 - abs(column - p - 0.5)) * max(0, 1 - abs(layer - q - 0.5))
                    out[:, i, j] += share * volume[:, p, q]
    return out


@pytest.mark.parametrize("degrees", [-67.5, 20, 90, 180])
def test_a_volume_turns_as_its_points_one_by_one(degrees):
    volume = some(2, 3, 6, 4, 2)
    found = np.asarray(Turned()(volume, turn(degrees, 2)))
    np.testing.assert_allclose(found, [moved(one, degrees) for one in volume], atol=1e-5)


def test_a_volume_that_is_not_turned_is_itself():
    volume = some(1, 2, 4, 4, 3)
    np.testing.assert_allclose(Turned()(volume, turn(0)), volume, atol=1e-6)


def test_the_front_hides_what_is_behind_it_as_far_as_it_is_dense():
    volume = some(2, 3, 4, 5, 3)
    left, seen = np.ones((2, 3, 4, 1)), np.zeros((2, 3, 4, 2))
    for layer in reversed(range(5)):  # the last one is in front
        opaque = 1 - np.exp(-np.log1p(np.exp(volume[..., layer, :1])))
        seen, left = seen + left * opaque * volume[..., layer, 1:], left * (1 - opaque)
    picture, cover = map(np.asarray, Composite()(volume))
    np.testing.assert_allclose(cover, 1 - left, atol=1e-6)
    np.testing.assert_allclose(picture * cover, seen, atol=1e-5)


def test_a_volume_learns_pictures_and_outlines_and_turns():
    model = turning.RECIPES["volume"].build(NAMES, **SMALL)
    pictures = np.full((8, *model.image_shape), 200, "uint8")
    pictures[:, 6:, 4:12] = np.random.default_rng(0).integers(0, 100, (8, 14, 8, 3))
    asked = {"identity": np.eye(2, dtype="float32")[[0, 1] * 4], "orientation": np.repeat(turn(0), 8, 0)}
    model.adapt(pictures, asked)
    assert float(model.studio.plain) == 1
    model.compile(keras.optimizers.Adam(0.01), "mean_squared_error")
    batch = {**asked, "image": pictures}
    losses = [model.train_on_batch(batch, return_dict=True)["loss"] for _ in range(30)]
    assert losses[-1] < 0.7 * losses[0]
    who = np.eye(2, dtype="float32")[:1]
    front, side = (model.draw({"identity": who, "orientation": turn(angle)}) for angle in (0, 40))
    assert np.abs(front.astype(int) - side).max() > 20


def test_a_chart_has_a_panel_for_each_distance_and_a_line_for_each_guess():
    def row(recipe, apart):
        score = {"psnr": [30, 20], "ssim": [0.9, 0.7]}
        return {"recipe": recipe, "apart": apart, "off": [0, apart / 2]} | dict.fromkeys(
            ("nearest", "fade", "drawn"), score
        )

    found = [row(recipe, apart) for apart in (45.0, 30.0) for recipe in ("today", "turning")]
    figure = turning.chart(found)
    assert [axis.get_title() for axis in figure.axes] == ["views every 45 degrees", "views every 30 degrees"]
    names = ["nearest true view", "cross-fade", "today", "turning"]
    assert [[line.get_label() for line in axis.lines] for axis in figure.axes] == [names, names]
    assert [float(y) for y in figure.axes[1].lines[3].get_ydata()] == [30, 20]
