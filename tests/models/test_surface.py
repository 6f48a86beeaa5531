"""A head unrolled, and what a camera sees of it: against slow and obvious computations."""

import keras
import numpy as np
import pytest
from keras import ops

from facegen.models.surface import (
    REACH,
    Backdrop,
    Lamp,
    Near,
    Normals,
    Radius,
    Retouch,
    Sight,
    harmonics,
)

ROWS, COLUMNS, WIDTH = 5, 24, 16
STEP = 2 * np.pi / COLUMNS


def turns(*degrees):
    theta = np.radians(degrees)
    return np.stack([np.sin(theta), np.cos(theta)], axis=1).astype("float32")


def heads(seed: int = 0, count: int = 1):
    """Radii and colours of lumpy heads, smooth enough for no fold to hide in another."""
    random = np.random.default_rng(seed)
    phi = (np.arange(COLUMNS) + 0.5) * STEP
    waves = random.normal(0, 0.05, (count, ROWS, 3, 1)) * np.cos(
        np.arange(1, 4)[:, None] * phi + random.uniform(0, 6, (count, ROWS, 3, 1))
    )
    radius = (0.6 + waves.sum(axis=2))[..., None].astype("float32")
    return radius, random.uniform(0, 1, (count, ROWS, COLUMNS, 3)).astype("float32")


def seen(radius, colour, turn, share=1.0):
    near, angle = Near(share)(ops.concatenate([radius, colour], axis=-1), turn)
    return [np.asarray(x) for x in Sight(WIDTH)(near[..., :1], near[..., 1:], angle)]


def slowly(radius, colour, theta, spread=0.5, softness=0.05):
    """The same pixel by pixel, looking at each point of the whole contour."""
    picture, cover = np.zeros((ROWS, WIDTH, 3)), np.zeros((ROWS, WIDTH, 1))
    for row in range(ROWS):
        for pixel in range(WIDTH):
            missed, shares = 1.0, []
            for i in range(COLUMNS):
                phi = (i + 0.5) * STEP - np.pi + theta
                x = (radius[row, i, 0] * np.sin(phi) + 1) * WIDTH / 2
                near = np.exp(-(((pixel + 0.5 - x) / spread) ** 2) / 2)
                missed *= np.exp(-4 * near)
                shares.append(near * np.exp(radius[row, i, 0] * np.cos(phi) / softness))
            cover[row, pixel] = 1 - missed
            picture[row, pixel] = np.array(shares) @ colour[row] / sum(shares)
    return picture, cover


@pytest.mark.parametrize("degrees", [0, 22.5, -90, 137, 180, 331.7])
def test_a_camera_sees_what_a_slow_rendering_shows(degrees):
    radius, colour = heads()
    picture, cover = seen(radius, colour, turns(degrees))
    expected, expected_cover = slowly(radius[0], colour[0], np.radians(degrees))
    np.testing.assert_allclose(cover[0], expected_cover, atol=1e-4)
    np.testing.assert_allclose(picture[0] * cover[0], expected * expected_cover, atol=2e-3)


def test_what_lies_behind_is_not_missed():
    radius, colour = (np.repeat(x, 4, axis=2) for x in heads())  # so dense that nothing shows between points
    all_of_it, cover = seen(radius, colour, turns(50))
    front, front_cover = seen(radius, colour, turns(50), share=0.625)
    np.testing.assert_allclose(front_cover, cover, atol=0.02)
    np.testing.assert_allclose(front * front_cover, all_of_it * cover, atol=0.02)


def test_to_turn_by_one_column_is_to_roll_the_map():
    radius, colour = heads()
    for k in (1, -5, COLUMNS // 2):
        turned = seen(radius, colour, turns(np.degrees(k * STEP)))
        rolled = seen(np.roll(radius, k, axis=2), np.roll(colour, k, axis=2), turns(0))
        for a, b in zip(turned, rolled, strict=True):
            np.testing.assert_allclose(a, b, atol=2e-4)


def test_each_head_of_a_batch_turns_by_its_own_angle_however_long_its_sine_and_cosine_are():
    radius, colour = heads(count=3)
    together = seen(radius, colour, turns(-30, 10, 100) * np.array([[0.5], [1], [2]], "float32"))
    alone = [seen(radius[i : i + 1], colour[i : i + 1], turns(t)) for i, t in enumerate((-30, 10, 100))]
    for one, parts in zip(together, zip(*alone, strict=True), strict=True):
        np.testing.assert_allclose(one, np.concatenate(parts), atol=1e-4)


def lit(radius, paint, light, turn):
    surface = np.concatenate([radius, np.asarray(Normals(WIDTH)(radius)), paint], axis=-1)
    near, angle = Near()(surface, turn)
    lamp = Lamp()
    lamp.build(near[..., 4:].shape, near[..., 1:4].shape, angle.shape)
    lamp.light.assign(light)
    colour = lamp(near[..., 4:], near[..., 1:4], angle)
    return np.asarray(Sight(WIDTH)(near[..., :1], colour, angle)[0])


def test_a_mirrored_head_turned_the_other_way_is_the_mirrored_picture():
    random = np.random.default_rng(1)
    radius, _ = heads(1)
    paint = random.normal(0, 1, (1, ROWS, COLUMNS, 9)).astype("float32")
    light = random.normal(0, 1, (9, 3)).astype("float32")
    odd = np.array([0, 1, 0, 0, 1, 1, 0, 0, 0], bool)[:, None]  # harmonics that change sign with x
    sines = np.repeat([1, -1, 1], 3).astype("float32")
    one = lit(radius, paint, light, turns(33))
    other = lit(radius[:, :, ::-1], paint[:, :, ::-1] * sines, np.where(odd, -light, light), turns(-33))
    np.testing.assert_allclose(one, other[:, :, ::-1], atol=1e-3)


def test_light_stays_with_the_camera():
    radius = np.full((1, ROWS, COLUMNS, 1), 0.7, "float32")
    light = np.zeros((9, 3), "float32")
    light[1] = 2  # from the right
    front, turned = (
        lit(radius, np.zeros((1, ROWS, COLUMNS, 9), "float32"), light, turns(t)) for t in (0, 75)
    )
    np.testing.assert_allclose(front, turned, atol=1e-3)
    assert front[0, 2, -4, 0] > 0.7 > 0.3 > front[0, 2, 3, 0]


def test_normals_of_a_cone_and_of_an_ellipse():
    rise = 0.25  # the radius grows by so much for each half-width down
    y = np.arange(40) * 2 / WIDTH
    cone = np.broadcast_to((0.3 + rise * y * 0.1)[None, :, None, None], (1, 40, COLUMNS, 1))
    found = np.asarray(Normals(WIDTH)(cone.astype("float32")))[0, 1:-1]
    slope = 0.1 * rise
    expected = np.array([1, 0, slope]) / np.hypot(1, slope)
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), atol=1e-5)

    a, b, n = 0.8, 0.5, 4096
    phi = (np.arange(n) + 0.5) * 2 * np.pi / n
    radius = a * b / np.hypot(b * np.sin(phi), a * np.cos(phi))  # x / a, z / b on the unit circle
    found = np.asarray(Normals(WIDTH)(np.broadcast_to(radius[None, None, :, None], (1, 3, n, 1))))[0, 1]
    away, round_ = np.stack([np.sin(phi), np.cos(phi)], 1), np.stack([np.cos(phi), -np.sin(phi)], 1)
    normal = found[:, :1] * away + found[:, 1:2] * round_
    expected = radius[:, None] * away / np.array([a, b]) ** 2
    np.testing.assert_allclose(normal, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-3)


def test_harmonics_are_orthogonal_on_the_sphere():
    random = np.random.default_rng(0).normal(size=(200_000, 3))
    normals = random / np.linalg.norm(random, axis=1, keepdims=True)
    values = np.asarray(harmonics(*(normals[:, i : i + 1].astype("float32") for i in range(3))))
    products = values.T @ values / len(values)
    np.testing.assert_allclose(products - np.diag(np.diag(products)), 0, atol=0.01)


def test_radii_stay_within_reach_and_only_uneven_and_crooked_ones_are_penalised():
    random = np.random.default_rng(0)
    layer = Radius()
    radius = np.asarray(layer(random.normal(0, 9, (2, ROWS, COLUMNS, 1))))
    assert radius.min() >= 0
    assert radius.max() <= REACH
    assert all(float(loss) > 0 for loss in layer.losses)
    layer(np.zeros((2, ROWS, COLUMNS, 1)))
    assert [float(loss) for loss in layer.losses] == [0, 0]
    half = random.normal(0, 1, (1, ROWS, COLUMNS // 2, 1))
    layer(np.concatenate([half, half[:, :, ::-1]], axis=2))
    assert [float(loss) > 0 for loss in layer.losses] == [True, False]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="asks TensorFlow for gradients")
def test_gradients_are_those_of_finite_differences():
    import tensorflow as tf

    radius, colour = heads(3)
    random = np.random.default_rng(0)
    weights = random.normal(0, 1, (1, ROWS, WIDTH, 4)).astype("float32")
    paint = np.tile(colour, 3)
    lamp, sight, normals, near = Lamp(), Sight(WIDTH), Normals(WIDTH), Near()
    lamp.build((1, ROWS, 14, 9), (1, ROWS, 14, 3), (1, 14))
    lamp.light.assign(random.normal(0, 1, (9, 3)))

    def asked(radius, paint, turn):
        count = max(len(x) for x in (radius, paint, turn))
        radius, paint, turn = (ops.repeat(x, count // len(x), axis=0) for x in (radius, paint, turn))
        surface = ops.concatenate([radius, normals(radius), paint], axis=-1)
        part, angle = near(surface, turn)
        picture, cover = sight(part[..., :1], lamp(part[..., 4:], part[..., 1:4], angle), angle)
        return ops.sum(weights * ops.concatenate([picture * cover, cover], axis=-1), axis=(1, 2, 3))

    at, small = [tf.constant(x) for x in (radius, paint, turns(20))], 3e-4
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = asked(*at)
    for i, gradient in enumerate(tape.gradient(value, at)):
        gradient, numbers = np.asarray(gradient).ravel(), random.permutation(np.size(gradient))[:120]
        ways = small * np.eye(gradient.size, dtype="float32")[numbers].reshape(-1, *at[i].shape[1:])
        ends = [asked(*[x + way if j == i else x for j, x in enumerate(at)]) for way in (ways, -ways)]
        slopes = np.asarray(ends[0] - ends[1]) / (2 * small)
        wrong = np.abs(slopes - gradient[numbers]) > 0.02 * np.abs(gradient).max()
        assert wrong.mean() < 0.03, i  # where two points change places at the contour's end, there is a kink


def test_what_no_surface_covers_is_backdrop_and_retouching_with_nothing_changes_nothing():
    random = np.random.default_rng(0)
    picture = random.uniform(0.05, 0.95, (2, 3, 4, 3)).astype("float32")
    cover = np.array([0, 0.25, 1, 1], "float32")[None, None, :, None] * np.ones((2, 3, 1, 1), "float32")
    layer = Backdrop()
    drawn = np.asarray(layer(picture, cover))  # its picture before the sigmoid is 0: grey
    np.testing.assert_allclose(drawn, picture * cover + 0.5 * (1 - cover), atol=1e-6)
    np.testing.assert_allclose(Retouch()(picture, np.zeros_like(picture)), picture, atol=1e-6)
