"""A head unrolled, and what a camera sees of it: against slow and obvious computations."""

import keras
import numpy as np
import pytest
from keras import ops

from facegen.models.surface import REACH, SWIFT, Backdrop, Radius, Shade, Sight, shaped, smoothed

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


def seen(radius, colour, turn, middle=None):
    sight = Sight(WIDTH, off_axis=middle is not None)
    sight.build(radius.shape, colour.shape, turn.shape)
    if middle is not None:
        sight.ahead.assign(middle[:, None] / SWIFT)
    return [np.asarray(x) for x in sight(radius, colour, turn)]


def slowly(radius, colour, theta, middle, spread=0.5, softness=0.05):
    """The same pixel by pixel, looking at each point of the whole contour."""
    picture, cover = np.zeros((ROWS, WIDTH, 3)), np.zeros((ROWS, WIDTH, 1))
    for row in range(ROWS):
        for pixel in range(WIDTH):
            missed, shares = 1.0, []
            for i in range(COLUMNS):
                phi = (i + 0.5) * STEP - np.pi + theta
                x = radius[row, i, 0] * np.sin(phi) + middle[row] * np.sin(theta)
                z = radius[row, i, 0] * np.cos(phi) + middle[row] * np.cos(theta)
                x = (x + 1) * WIDTH / 2
                near = np.exp(-(((pixel + 0.5 - x) / spread) ** 2) / 2)
                there = 1 / (1 + (0.06 / radius[row, i, 0]) ** 4)
                missed *= np.exp(-4 * near * there)
                shares.append(near * np.exp(z / softness))
            cover[row, pixel] = 1 - missed
            picture[row, pixel] = np.array(shares) @ colour[row] / sum(shares)
    return picture, cover


@pytest.mark.parametrize("middle", [None, np.linspace(-0.3, 0.2, ROWS).astype("float32")])
@pytest.mark.parametrize("degrees", [0, 22.5, -90, 137, 180, 331.7])
def test_a_camera_sees_what_a_slow_rendering_shows(degrees, middle):
    radius, colour = heads()
    picture, cover = seen(radius, colour, turns(degrees), middle)
    places = np.zeros(ROWS) if middle is None else middle
    expected, expected_cover = slowly(radius[0], colour[0], np.radians(degrees), places)
    np.testing.assert_allclose(cover[0], expected_cover, atol=1e-4)
    np.testing.assert_allclose(picture[0] * cover[0], expected * expected_cover, atol=2e-3)


def test_a_contour_that_shrinks_to_the_axis_vanishes():
    colour = np.ones((1, 1, COLUMNS, 3), "float32")
    covers = [
        seen(np.full((1, 1, COLUMNS, 1), r, "float32"), colour, turns(0))[1].max() for r in (0.3, 0.003)
    ]
    assert covers[0] > 0.95
    assert covers[1] < 0.01


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


def test_a_mirrored_head_turned_the_other_way_is_the_mirrored_picture():
    radius, _ = heads(1)
    paint = np.random.default_rng(1).normal(0, 1, (1, ROWS, COLUMNS, 9)).astype("float32")
    mirrored = paint[:, :, ::-1] * np.repeat([1, -1, 1], 3).astype("float32")  # sines change their sign
    one = seen(radius, Shade()(paint, turns(33)), turns(33))[0]
    other = seen(radius[:, :, ::-1], Shade()(mirrored, turns(-33)), turns(-33))[0]
    np.testing.assert_allclose(one, other[:, :, ::-1], atol=1e-3)


def test_light_that_stays_with_the_camera_is_a_sine_and_a_cosine_of_the_turn():
    """Of a ball under a lamp from the right: each point, turned, is as bright as the point now there was."""
    phi = (np.arange(COLUMNS) + 0.5) * STEP - np.pi
    paint = np.zeros((1, 1, COLUMNS, 3), "float32")
    paint[0, 0, :, 1], paint[0, 0, :, 2] = np.cos(phi), np.sin(phi)  # sin(phi + theta), the normal's x
    for k in (0, 3, -7):
        lit = np.asarray(Shade()(paint, turns(np.degrees(k * STEP))))[0, 0, :, 0]
        np.testing.assert_allclose(np.roll(lit, k), np.sin(phi), atol=1e-5)


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


def test_smoothing_is_a_mean_under_a_gaussian_down_to_the_ends_and_around_without_one():
    x = np.random.default_rng(0).normal(0, 1, (2, ROWS, COLUMNS)).astype("float32")
    expected = np.zeros_like(x)
    for row in range(ROWS):
        for column in range(COLUMNS):
            down = np.exp(-(((np.arange(ROWS) - row) / (0.2 * ROWS)) ** 2) / 2)
            away = np.abs(np.arange(COLUMNS) - column)
            around = np.exp(-((np.minimum(away, COLUMNS - away) / (0.1 * COLUMNS)) ** 2) / 2)
            weight = down[:, None] * around
            expected[:, row, column] = (x * weight).sum(axis=(1, 2)) / weight.sum()
    np.testing.assert_allclose(smoothed(x, 0.2, 0.1), expected, atol=1e-5)


def test_a_shape_keeps_a_fifth_of_its_detail_in_front_and_none_from_the_ears_to_the_back():
    x = np.random.default_rng(0).normal(0, 1, (1, 40, 80)).astype("float32")
    coarse = np.asarray(smoothed(x, 1 / 40, 1 / 21))
    phi = np.radians((np.arange(80) + 0.5) * 4.5 - 180)
    share = np.where(np.abs(phi) < np.pi / 2, 0.2 * np.cos(phi), 0)
    np.testing.assert_allclose(shaped(x), coarse + share * (x - coarse), atol=1e-5)


def test_a_smooth_radius_has_no_ragged_rows_and_keeps_its_mean():
    rows = np.tile(np.where(np.arange(40) % 2, 1.0, -1.0)[None, :, None, None], (1, 1, 80, 1))
    ragged, even = (np.asarray(Radius(smooth=smooth)(rows)) for smooth in (False, True))
    behind = np.r_[:20, 60:80]
    assert np.ptp(ragged) > 0.4
    assert np.ptp(even[:, 2:-2, behind]) < 0.1 and np.ptp(even[:, 2:-2]) < 0.15
    assert even.mean() == pytest.approx(ragged.mean(), abs=0.02)


def test_a_slope_is_no_bend_and_an_edge_is():
    down = np.arange(ROWS) / ROWS
    slope, edge = (np.tile(x[None, :, None, None], (1, 1, COLUMNS, 1)) for x in (down, down > 0.5))
    layer = Radius()
    bends = []
    for radius in (0.3 + 0.4 * slope, 0.3 + 0.4 * edge):
        layer(np.log(radius / REACH / (1 - radius / REACH)))  # what a sigmoid makes these radii of
        bends.append(float(layer.losses[0]))
    assert bends[0] == pytest.approx(0, abs=1e-6)
    assert bends[1] == pytest.approx(0.5 * 2 * 0.4 / (ROWS - 2))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="asks TensorFlow for gradients")
def test_gradients_are_those_of_finite_differences():
    import tensorflow as tf

    radius, colour = heads(3)
    random = np.random.default_rng(0)
    weights = random.normal(0, 1, (1, ROWS, WIDTH, 4)).astype("float32")
    paint, sight, shade = np.tile(colour, 3), Sight(WIDTH), Shade()

    def asked(radius, paint, turn):
        count = max(len(x) for x in (radius, paint, turn))
        radius, paint, turn = (ops.repeat(x, count // len(x), axis=0) for x in (radius, paint, turn))
        picture, cover = sight(radius, shade(paint, turn), turn)
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
        np.testing.assert_allclose(slopes, gradient[numbers], atol=0.02 * np.abs(gradient).max())


def test_each_row_learns_where_its_middle_is():
    radius, colour = (np.repeat(x, 8, axis=0) for x in heads(4))
    turn, places = turns(*range(-90, 90, 23)), np.linspace(-0.2, 0.25, ROWS).astype("float32")
    truth = seen(radius, colour, turn, places)
    sight = Sight(WIDTH, off_axis=True)
    inputs = [keras.Input(x.shape[1:]) for x in (radius, colour, turn)]
    model = keras.Model(inputs, list(sight(*inputs)))
    model.compile(keras.optimizers.Adam(0.002), ["mse", "mse"], jit_compile=False)
    model.fit([radius, colour, turn], truth, batch_size=8, epochs=150, verbose=0)
    np.testing.assert_allclose(np.ravel(sight.middle), places, atol=0.01)
    assert float(sight.axis) == pytest.approx(0, abs=0.01)


def test_what_no_surface_covers_is_backdrop():
    random = np.random.default_rng(0)
    picture = random.normal(0, 1, (2, 3, 4, 3)).astype("float32")
    cover = np.array([0, 0.25, 1, 1], "float32")[None, None, :, None] * np.ones((2, 3, 1, 1), "float32")
    layer = Backdrop()
    layer.build(picture.shape, cover.shape)
    layer.picture.assign(np.full((3, 4, 3), 0.5))
    np.testing.assert_allclose(layer(picture, cover), picture * cover + 0.5 * (1 - cover), atol=1e-6)
