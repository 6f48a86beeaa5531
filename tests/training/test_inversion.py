"""Inversion: the conditions of a picture, found by gradient descent through a frozen network."""

import numpy as np
import pytest
from keras import ops
from panels import RAFD, deconv, flow, gan
from PIL import Image

import facegen
from facegen.conditions import direction, script
from facegen.conditions.kinds import kind, kinds
from facegen.training import inversion
from facegen.training.inversion import invert
from facegen.training.relaxation import relaxation
from facegen.utils.errors import FacegenError

AGED = {"numbers": ["age", "constant"], "emotion": ["happy", "sad"], "attributes": ["beard", "hat"]}
RANGES = {"numbers": [[18, 80], [7, 7]]}
LIT = {"lighting": ["sin azimuth", "cos azimuth", "sin elevation", "cos elevation"]}


@pytest.fixture(scope="module")
def heads():
    return deconv()


def degrees(row):
    return float(np.degrees(np.arctan2(*row)))


def state(model):
    return [np.array(ops.convert_to_numpy(v)) for v in model.weights]


def test_a_shipped_model_finds_what_it_was_asked_for():
    heads = facegen.load("clay-deconv")
    picture = heads.generate(identity="07", emotion="sad", orientation=-37)[0]
    found = invert(heads, picture, progress=False)
    first = [heads.names[name][found.inputs[name][0].argmax()] for name in ("identity", "emotion")]
    assert first == ["07", "sad"]
    assert abs(degrees(found.inputs["orientation"][0]) + 37) < 1
    assert found.psnr > 45 and (found.target == picture).all()
    again = heads.generate(**found.words)[0]
    np.testing.assert_array_equal(heads.draw(found.inputs)[0], found.image)
    assert np.abs(again.astype(int) - found.image).max() <= 3  # the words are rounded


def test_descent_betters_what_trying_has_found(heads):
    picture = heads.generate(identity="0.8*02+0.6*09", emotion="happy+sad", orientation=22)[0]
    tried = invert(heads, picture, steps=0, progress=False)
    found = invert(heads, picture, progress=False)
    assert found.psnr > tried.psnr + 3


@pytest.mark.parametrize("model",
                         [deconv(AGED, ranges=RANGES), deconv(LIT), gan(), flow(AGED, ranges=RANGES)],
                         ids=["numbers", "light", "gan", "flow"])  # fmt: skip
def test_whatever_the_picture_what_is_found_is_legal_and_can_be_asked_for(model):
    noise = np.random.default_rng(3).integers(0, 256, model.image_shape, "uint8")
    before, trainable = state(model), [layer.trainable for layer in model.generator.layers]
    found = invert(model, noise, steps=12, progress=False)
    for name, of in inversion.input_kinds(model).items():
        row = found.inputs[name][0]
        assert row.dtype == np.float32 and np.isfinite(row).all()
        np.testing.assert_allclose(of.legal(row), row, atol=1e-6, err_msg=name)
    assert (model.draw(found.inputs)[0] == found.image).all()
    assert [*found.words] == [*model.names] and model.generate(**found.words).shape[0] == 1
    asked = next(script.parse(found.parameters, model.names, getattr(model, "sample_noise", None),
                              ranges=model.ranges).frames())  # fmt: skip
    for name, row in found.inputs.items():
        np.testing.assert_allclose(asked[name], row, atol=0.02, rtol=1e-4, err_msg=name)
    for old, new in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(old, new)
    assert [layer.trainable for layer in model.generator.layers] == trainable


def test_a_gan_comes_near_to_its_own_picture():
    model = gan()
    picture = model.generate("Smiling+Male", seed=5)[0]
    some = [invert(model, picture, steps=steps, progress=False).psnr for steps in (0, 60)]
    assert some[1] > some[0] + 1


def test_a_flow_goes_back_to_its_noise_and_descent_makes_up_for_its_few_steps():
    model = flow({"attributes": ["Smiling", "Male"]}, steps=2, method="euler", guidance=1.5)
    picture = np.random.default_rng(2).integers(60, 200, model.image_shape, "uint8")
    known = {"attributes": "Smiling"}
    back, found = (invert(model, picture, known=known, steps=steps, progress=False) for steps in (0, 60))
    np.testing.assert_array_equal(back.inputs["noise"], model.encode(picture[None], back.inputs))
    assert found.psnr > back.psnr + 1
    assert (model.draw(found.inputs)[0] == found.image).all()
    for one in (back, found):
        assert one.inputs["attributes"].tolist() == [[1, 0]]
    again = model.decode(back.inputs["noise"], back.inputs)[0]
    assert np.abs(again.astype(int) - picture).max() <= 2


def test_a_flow_reads_conditions_off_a_picture_in_as_many_passes_as_it_takes(monkeypatch):
    model = flow(
        {"attributes": ["Bald", "Eyeglasses", "Male", "Smiling", "Young"], "emotion": ["happy", "sad"]}
    )
    truth = {"attributes": np.array([1, 0, 1, 1, 0]), "emotion": np.array([0, 1])}
    passes = []

    def wrong(picture, rows):
        passes.append(len(rows["attributes"]))
        return 0.1 + sum(np.square(rows[name] - truth[name]).sum(axis=1) for name in truth)

    monkeypatch.setattr(model, "misfit", wrong)
    picture = np.zeros(model.image_shape, "uint8")
    found = invert(model, picture, steps=0, progress=False).inputs
    for name, row in truth.items():
        np.testing.assert_array_equal(found[name], [row], err_msg=name)
    assert len(passes) == 2 * 4  # three changes of attributes, and a pass that finds no more
    invert(model, picture, known={"attributes": "Bald", "emotion": "sad"}, steps=0, progress=False)
    assert len(passes) == 2 * 4


def test_the_misfit_of_a_flow_is_the_loss_of_its_training():
    model = flow({"attributes": ["Smiling", "Male"]}, steps=1)
    picture = np.random.default_rng(2).integers(60, 200, model.image_shape, "uint8")
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    errors = model.misfit(picture, {"attributes": rows})
    assert np.ptp(errors) > 1e-5
    face, noise = picture / 127.5 - 1, np.random.default_rng(0).standard_normal(model.image_shape)
    asked = {"picture": (face + noise)[None] / 2, "time": np.array([[0.5]]), "known": np.array([[1, -1, 0]])}
    velocity = np.asarray(model.network({k: v.astype("float32") for k, v in asked.items()}))[0]
    one = model.misfit(picture, {"attributes": rows[2:3]}, draws=1)
    np.testing.assert_allclose(one, [np.square(velocity - (face - noise)).mean()], rtol=1e-4)


def test_what_is_known_stays_and_what_is_no_condition_is_refused(heads):
    picture = heads.generate(identity="03", emotion="sad", orientation=41)[0]
    found = invert(heads, picture, known={"emotion": "happy"}, steps=12, progress=False)
    assert found.words["emotion"] == "happy"
    with pytest.raises(FacegenError, match="there is no condition 'mood'; this model reads identity"):
        invert(heads, picture, known={"mood": "happy"})
    with pytest.raises(FacegenError, match="hapy"):
        invert(heads, picture, known={"emotion": "hapy"})


def test_the_same_seed_finds_the_same_and_another_one_tries_something_else():
    model, random = gan(), np.random.default_rng(0)
    picture = random.integers(0, 256, model.image_shape, "uint8")
    one, same, other = (invert(model, picture, seed, steps=3, progress=False) for seed in (1, 1, 2))
    for name in one.inputs:
        np.testing.assert_array_equal(one.inputs[name], same.inputs[name])
    assert (one.inputs["noise"] != other.inputs["noise"]).any()


def test_it_ends_by_itself_where_nothing_is_left_to_gain(heads):
    told = []
    noise = np.random.default_rng(0).integers(0, 256, heads.image_shape, "uint8")
    invert(heads, noise, steps=5000, progress=False, tell=lambda *now: told.append(now))
    shares, decibels = np.transpose(told)
    assert 40 < len(told) < 1000 and (np.diff(shares) > 0).all() and (np.diff(decibels) >= 0).all()


def test_what_is_found_by_trying_is_left_as_it_is(heads):
    told = []
    picture = heads.generate(identity="03", orientation=45)[0]
    found = invert(heads, picture, progress=False, tell=lambda *now: told.append(now))
    assert len(told) < 5 and found.words == {"identity": "03", "emotion": "neutral", "orientation": "45"}
    assert found.psnr > 60


def test_an_interrupt_ends_it_with_the_best_so_far(heads, caplog):
    picture = heads.generate(identity="03", emotion="sad", orientation=41)[0]

    def tell(share, decibels):
        if share > 0.05:
            raise KeyboardInterrupt

    found = invert(heads, picture, progress=False, tell=tell)
    assert "Interrupted: this is the best" in caplog.text and found.image.shape == picture.shape


@pytest.mark.parametrize("of", [
    kind("emotion", ["happy", "neutral", "sad"]), kind("lighting", LIT["lighting"]),
    kind("attributes", ["beard", "hat"]), kind("numbers", ["age", "one"], ranges=[(18, 80), (7, 7)]),
], ids=lambda of: of.name)  # fmt: skip
def test_numbers_stand_for_rows_and_whatever_they_are_the_rows_are_legal(of):
    relaxed, random = relaxation(of), np.random.default_rng(0)
    for far in (0.1, 1.0, 30.0):
        rows = ops.convert_to_numpy(
            relaxed.rows(random.normal(0, far, (50, relaxed.width)).astype("float32"))
        )
        for row in rows:
            np.testing.assert_allclose(of.legal(row), row, atol=1e-5, rtol=1e-5)
    rows = np.stack([of.row(of.sample(random)) for _ in range(20)])
    rows = np.abs(rows) if of.name == "emotion" else rows
    back = ops.convert_to_numpy(relaxed.rows(relaxed.numbers(rows).astype("float32")))
    span = np.ptp(of.extent, axis=0)
    assert (np.abs(back - rows) <= 0.11 * span + 1e-5).all()  # LEAST, or the rounding of angles
    assert all(len(relaxed.trials(row, random)) > 1 for row in rows)


def test_gradients_move_nothing_but_the_inputs(heads):
    relaxed = {name: relaxation(of) for name, of in heads.kinds().items()}
    rows = {name: of.row(of.default())[None] for name, of in heads.kinds().items()}
    descent = inversion.Descent(heads, 1, tuple(heads.names))
    descent.restart(heads, {name: relaxed[name].numbers(row) for name, row in rows.items()})
    assert len(descent.trainable_variables) == len(heads.names)
    before = state(descent.generator)
    image = np.full((1, *heads.image_shape), 0.5, "float32")
    errors = []
    for _ in range(3):
        errors.append(float(descent.train_on_batch(image)))
        mean = np.square(np.asarray(descent(image)) - image).mean()
    assert mean < errors[0]
    for old, new in zip(before, state(descent.generator), strict=True):
        np.testing.assert_array_equal(old, new)


def test_angles_are_tried_before_and_after_who_it_is():
    assert inversion.trial_order(kinds(RAFD)) == ["orientation", "identity", "emotion", "orientation"]


FORMS = {
    "path": lambda path: path,
    "text": str,
    "pillow": Image.open,
    "array": lambda path: np.asarray(Image.open(path)),
    "bytes": lambda path: path.read_bytes(),
}


@pytest.mark.parametrize("of", FORMS.values(), ids=FORMS)
def test_a_picture_may_be_a_file_an_image_or_an_array_of_any_size(heads, tmp_path, of):
    picture = heads.generate(identity="02", orientation=direction(20).tolist())[0]
    path = tmp_path / "large.png"
    large = Image.fromarray(picture.repeat(8, axis=0).repeat(8, axis=1))
    large.save(path)
    found = invert(heads, of(path), steps=0, progress=False)
    np.testing.assert_array_equal(found.target, large.resize((16, 20), Image.Resampling.LANCZOS))


def test_a_part_of_a_picture_may_be_looked_at(heads, tmp_path):
    wide = np.zeros((40, 64, 3), "uint8")
    wide[:, 32:] = 200
    target = invert(heads, wide, crop=(0.5, 0, 1, 1), steps=0, progress=False).target
    assert target.min() > 150  # the black half is out of sight
    with pytest.raises(FacegenError, match="crop="):
        invert(heads, wide, crop=(0.5, 0, 0.5, 1))


def test_what_is_no_picture_is_refused_by_its_name(heads, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    for picture, said in (
        (tmp_path / "none.png", "none.png: expected the file of a picture, found nothing there"),
        (tmp_path, "found a folder: name one picture in it"),
        (tmp_path / "text.png", "text.png: is no picture of a known format"),
        (np.zeros((8, 8)), "found float64"),
        (np.zeros((8, 8, 2), "uint8"), r"uint8\(8, 8, 2\)"),
    ):
        with pytest.raises(FacegenError, match=said):
            invert(heads, picture)


def test_grey_pictures():
    model = deconv({"emotion": ["happy", "sad"]}, channels=1)
    found = invert(model, model.generate(emotion="sad")[0], progress=False)
    assert found.words["emotion"] == "sad" and found.image.shape == (20, 16, 1)
