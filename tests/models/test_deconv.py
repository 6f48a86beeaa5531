"""The deconvolution network: built from a table of conditions, of any size."""

import keras
import numpy as np
import pytest

from facegen.conditions.kinds import kinds
from facegen.data.loader import Batches
from facegen.models import saving
from facegen.models.deconv import KERNELS, Deconv
from facegen.panel.fast import FastGenerator
from facegen.utils.errors import FacegenError

NAMES = {"identity": ["01", "02", "03"], "emotion": ["happy", "sad"], "orientation": ["sin", "cos"]}


def small(**settings):
    return Deconv(**{"names": NAMES, "start": (5, 4), "depth": 2, "kernels": [8, 6], "dense": 16, **settings})


OWN = {
    "hair colour": ["a", "b"],
    "Größe:ß": ["1.50", "XL"],
    "identity": ["x", "y"],
    "numbers": ["age", "taken"],
}
SPAN = {"numbers": [[18, 80], [7, 7]]}


def test_conditions_of_any_name_train_and_draw_under_names_of_our_own():
    model = small(names=OWN, ranges=SPAN, linear=["hair colour"])
    random = np.random.default_rng(0)
    rows = {
        name: np.stack([of.row(of.sample(random)) for _ in range(8)]) for name, of in kinds(OWN, SPAN).items()
    }
    model.compile("adam", loss="mean_squared_error", jit_compile=False)
    images = random.integers(0, 256, (8, *model.image_shape), dtype="uint8")
    assert np.isfinite(model.fit(Batches(images, rows, 4).epoch(0), verbose=0).history["loss"]).all()
    read = sorted(w.path for w in model.weights if w.path.startswith("read") and "kernel" in w.path)
    assert read == ["read_0/kernel", "read_1/kernel", "read_identity/kernel", "read_numbers/kernel"]
    quick = FastGenerator(model).draw({name: values[0] for name, values in rows.items()})
    assert np.abs(quick.astype(int) - model.draw(rows)[0]).max() <= 1


def test_a_network_of_numbers_reads_them_in_their_units_and_scales_them_itself():
    model = small(names=OWN, ranges=SPAN)
    scaled = model.generator.get_layer("read_numbers").input
    read = keras.Model(model.generator.input, scaled)
    rows = {name: np.zeros((3, len(columns)), "float32") for name, columns in OWN.items()}
    rows["numbers"] = np.array([[18, 7], [49, 7], [80, 7]], "float32")
    np.testing.assert_allclose(read(rows), [[-1, 0], [0, 0], [1, 0]], atol=1e-6)
    assert Deconv(**model.settings).ranges == model.ranges == {"numbers": [[18.0, 80.0], [7.0, 7.0]]}
    assert "ranges" not in small().settings
    with pytest.raises(FacegenError, match="expected the least and the largest in the training rows"):
        small(names=OWN)


def test_parameter_counts_follow_from_the_originals_description():
    # 57 adults, 8 emotions, sine and cosine; d = 5 gives 320x256
    names = {"identity": range(57), "emotion": range(8), "orientation": range(2)}
    model = Deconv({name: list(map(str, columns)) for name, columns in names.items()}, depth=5)
    dense = (57 + 1) * 512 + (8 + 1) * 512 + (2 + 1) * 512
    dense += (3 * 512 + 1) * 1024 + (1024 + 1) * 5 * 4 * KERNELS[0]
    deconvolutions, channels = 0, KERNELS[0]
    for filters in KERNELS[:5]:
        deconvolutions += (25 * channels + 1) * filters + (9 * filters + 1) * filters + 4 * filters
        channels = filters
    last = (25 * channels + 1) * 8 + (9 * 8 + 1) * 8 + (9 * 8 + 1) * 3
    assert model.count_params() == dense + deconvolutions + last
    assert model.image_shape == (320, 256, 3)


@pytest.mark.parametrize("depth", range(1, 7))
def test_sizes_from_20_x_16_to_640_x_512(depth):
    model = Deconv(NAMES, depth=depth, dense=16)
    assert model.image_shape == (10 * 2**depth, 8 * 2**depth, 3)


@pytest.mark.parametrize(
    "settings, shape",
    [
        ({"depth": 1, "start": (6, 8), "channels": 1}, (24, 32, 1)),
        ({"depth": 3, "kernels": [8]}, (80, 64, 3)),
        ({"names": {"attributes": ["Male", "Young"]}, "start": (4, 4)}, (32, 32, 3)),
    ],
)
def test_any_grid_depth_kernels_table_and_grey(settings, shape):
    model = small(**settings)
    assert model.image_shape == shape
    inputs = {name: np.ones((2, len(columns))) for name, columns in model.names.items()}
    assert model.draw(inputs).shape == (2, *shape)


def test_a_model_without_choices_is_described_as_it_was_before_there_were_any():
    assert small().settings.keys() == {"names", "start", "depth", "kernels", "dense", "channels"}
    chosen = small(normalized=False, canvas=True)
    assert (chosen.settings["normalized"], chosen.settings["canvas"]) == (False, True)
    assert Deconv.from_config(chosen.get_config()).settings == chosen.settings


def test_a_half_of_each_of_two_emotions_is_read_as_half_way_between_them_where_it_is_read_linearly():
    for linear, exact in ((["emotion"], True), ([], False)):
        model = small(linear=linear)
        inputs = model.generator.inputs
        read = keras.Model(inputs, model.generator.get_layer("joined").input)
        one, two = (
            {name: np.zeros((1, len(columns))) for name, columns in model.names.items()} for _ in "ab"
        )
        one["emotion"][0, 0] = two["emotion"][0, 1] = 1
        half = {name: (one[name] + two[name]) / 2 for name in one}
        ends = [read.predict_on_batch(asked) for asked in (one, two)]
        between, expected = read.predict_on_batch(half), [(a + b) / 2 for a, b in zip(*ends, strict=True)]
        place = list(model.names).index("emotion")
        assert np.allclose(between[place], expected[place], atol=1e-6) == exact


def test_settings_that_build_nothing_are_refused():
    for settings in ({"names": {}}, {"depth": 0}, {"kernels": []}):
        with pytest.raises(FacegenError, match="at least one condition, one layer"):
            small(**settings)


def test_loss_is_the_originals_on_pixels_in_0_to_1():
    model = small()
    model.compile("adam", loss="mean_squared_logarithmic_error", jit_compile=False)
    random = np.random.default_rng(0)
    rows = {"identity": np.eye(3)[[0, 1]], "emotion": np.eye(2)[[0, 1]], "orientation": np.eye(2)[[1, 1]]}
    rows = {name: values.astype("float32") for name, values in rows.items()}
    images = random.integers(0, 256, (2, 40, 32, 3), dtype="uint8")
    drawn = np.asarray(model(rows))
    expected = np.square(np.log1p(images / 255) - np.log1p(drawn)).mean()
    loss = model.compute_loss({**rows, "image": images}, None, drawn)
    assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_learns_who_is_who():
    keras.utils.set_random_seed(0)
    names = {"identity": ["01", "02"]}
    model = Deconv(names, start=(2, 2), depth=1, kernels=[8], dense=16)
    images = np.zeros((8, 8, 8, 3), "uint8")
    images[::2, :, :4] = 255  # person 01 is white on the left, person 02 on the right
    images[1::2, :, 4:] = 255
    rows = {"identity": np.eye(2, dtype="float32")[np.arange(8) % 2]}
    model.compile(keras.optimizers.Adam(0.01), loss="mean_squared_logarithmic_error", jit_compile=False)
    batches = Batches(images, rows, 8)
    for epoch in range(60):
        model.fit(batches.epoch(epoch), verbose=0)
    drawn = model.draw({"identity": np.eye(2)}).astype(int)
    error = np.abs(drawn - images[:2]).mean()
    assert error < 25 < np.abs(drawn[::-1] - images[:2]).mean()


def test_rebuilt_from_its_config():
    model = small()
    twin = Deconv.from_config(model.get_config())
    assert twin.settings == model.settings
    assert twin.count_params() == model.count_params()


@pytest.mark.parametrize("name", ["hair colour", "Größe", "a(b)", "a.b", "emotion"])
def test_a_condition_may_be_called_anything(name, tmp_path):
    """Layers have names of their own, so that what somebody calls a column never ends a training."""
    model = Deconv({name: ["no", "yes"]}, start=(2, 2), depth=1, kernels=[4], dense=8)
    model.compile("adam", loss="mse")
    batch = {"image": np.zeros((2, 8, 8, 3), "uint8"), name: np.eye(2, dtype="float32")}
    model.fit(batch, verbose=0)
    again = saving.load(saving.save(model, tmp_path / "m"))
    np.testing.assert_array_equal(again.draw({name: np.eye(2)}), model.draw({name: np.eye(2)}))


def test_a_focus_weighs_pixels_by_what_one_condition_changes(tmp_path):
    """Half of the loss is the compiled one; half is that of the pixels weighed."""
    random = np.random.default_rng(0)
    rows = {
        "identity": np.eye(3, dtype="float32")[np.arange(12) % 3],
        "emotion": np.eye(2, dtype="float32")[np.arange(12) // 6],
    }
    model = Deconv({name: NAMES[name] for name in rows}, (5, 4), 1, [4], 8, focus="emotion")
    images = np.zeros((12, *model.image_shape), "uint8") + 100
    images[:, :10] += (40 * rows["identity"].argmax(axis=1)).astype("uint8")[:, None, None, None]
    images[:, 12:14] += (60 * rows["emotion"][:, 1]).astype("uint8")[:, None, None, None]
    with pytest.raises(FacegenError, match="expected conditions, too; this network focuses on emotion"):
        model.adapt(images)
    model.adapt(images, rows)
    weights = np.square(model.weighing)
    np.testing.assert_allclose(weights.mean(), 1, rtol=1e-5)
    assert weights[12:14].min() > 8 * weights[:10].max()  # where the emotion is, and where the person is
    assert weights[12:14].min() > 8 * weights[16:].max()  # where nothing is to be seen
    model.compile("sgd", loss="mean_squared_error", jit_compile=False)
    drawn = random.random(images.shape, "float32")
    error = np.square(images / 255 - drawn)
    loss = model.compute_loss({"image": images, **rows}, y_pred=drawn)
    np.testing.assert_allclose(float(loss), (error.mean() + (weights * error).mean()) / 2, rtol=1e-4)
    again = saving.load(saving.save(model, tmp_path / "model"))
    assert again.focus == "emotion" and (again.draw(rows) == model.draw(rows)).all()


def test_a_focus_that_the_table_has_not_is_none():
    assert not small(names={"identity": ["a", "b"]}, focus="emotion").focus
    assert not small(names={"emotion": ["a", "b"]}, focus="emotion").focus  # with nothing to stand out from
