"""Checkpoints: whole or passed over, of this training or refused with the reason."""

import json

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given
from hypothesis import strategies as st
from tiny import deconv, gan, state

from facegen.training import checkpoints
from facegen.training.checkpoints import TrainingPosition
from facegen.utils.errors import FacegenError

SETTING = {"model.dense": 8, "data.seed": 5}


@pytest.fixture(scope="module")
def model():
    return deconv()[0]


def mark(model, number):
    """Fill a model's weights with a number that tells which checkpoint they come from."""
    for variable in model.weights:
        variable.assign(np.full(variable.shape, number))


@pytest.fixture
def two(model, tmp_path):
    """Two checkpoints, of epochs 1 and 2; their weights are all 1, and all 2."""
    paths = []
    for epoch in (1, 2):
        mark(model, epoch)
        paths.append(
            checkpoints.save(model, TrainingPosition(epoch, rows=[{"epoch": epoch}]), tmp_path, SETTING)
        )
    mark(model, 0)
    return paths


def change(path, **changes):
    """Change what a checkpoint tells about itself; None removes it."""
    with np.load(path) as content:
        arrays = dict(content)
    about = {**json.loads(str(arrays["about"])), **changes}
    about = {key: value for key, value in about.items() if value is not None}
    np.savez(path, **{**arrays, "about": np.array(json.dumps(about))})


def test_all_that_is_saved_comes_back(two, model, tmp_path):
    position = checkpoints.restore(model, tmp_path, SETTING)
    assert position == TrainingPosition(2, rows=[{"epoch": 2}])
    assert all((values == 2).all() for values in state(model)[: len(model.weights)])


def test_two_are_kept_and_what_was_damaged_beyond_goes(two, model, tmp_path):
    two[1].write_bytes(b"damaged")
    newer = [checkpoints.save(model, TrainingPosition(1, step), tmp_path, SETTING) for step in (3, 5)]
    assert checkpoints.found(tmp_path) == newer
    assert checkpoints.restore(model, tmp_path, SETTING) == TrainingPosition(1, 5)


def test_killed_before_the_third_was_removed(two, model, tmp_path):
    """Where it was the last of a training, nobody saves another one."""
    older = tmp_path / "000000-00000003.npz"
    older.write_bytes(two[0].read_bytes())
    assert checkpoints.restore(model, tmp_path, SETTING).epoch == 2
    assert checkpoints.found(tmp_path) == two
    older.write_bytes(two[0].read_bytes())
    two[1].write_bytes(b"damaged")
    assert checkpoints.restore(model, tmp_path, SETTING).epoch == 1
    assert checkpoints.found(tmp_path) == [older, *two]


@examples
@given(st.randoms(use_true_random=False))
def test_whatever_a_disk_does_to_the_newest_it_is_whole_or_passed_over(two, model, tmp_path, chance):
    """Bytes that are flipped, overwritten or lost, anywhere."""
    good = two[1].read_bytes()
    spoilt = bytearray(good)
    for _ in range(chance.choice((1, 1, 3))):
        place = chance.randrange(len(spoilt))
        kind = chance.choice(("bit", "bytes", "cut", "zeros"))
        if kind == "bit":
            spoilt[place] ^= 1 << chance.randrange(8)
        elif kind == "bytes":
            spoilt[place : place + 9] = chance.randbytes(chance.randrange(12))
        elif kind == "cut":
            del spoilt[max(1, place) :]
        else:
            spoilt[place : place + 600] = bytes(len(spoilt[place : place + 600]))
    two[1].write_bytes(spoilt)
    mark(model, 0)
    position = checkpoints.restore(model, tmp_path, SETTING)
    two[1].write_bytes(good)
    assert position in (TrainingPosition(1, rows=[{"epoch": 1}]), TrainingPosition(2, rows=[{"epoch": 2}]))
    assert all((values == position.epoch).all() for values in state(model)[: len(model.weights)])


def test_one_whose_list_of_arrays_lost_some_is_damaged_and_no_other_architecture(two, model, tmp_path):
    with np.load(two[1]) as whole:
        some = {name: whole[name] for name in whole.files[:5]}
    np.savez(two[1], **some)
    assert checkpoints.restore(model, tmp_path, SETTING).epoch == 1


def test_when_all_are_damaged_nothing_is_begun_anew_unasked(two, model, tmp_path):
    for path in two:
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FacegenError, match=r"Every checkpoint in .* is damaged"):
        checkpoints.restore(model, tmp_path, SETTING)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"format": 2}, "has format 2, this facegen reads 1: train on with the version that wrote it"),
        ({"setting": {**SETTING, "data.seed": 6}}, "another training: data.seed was 6 and is now 5"),
        ({"setting": {"data.seed": 5}}, "another training: model.dense was null and is now 8"),
        ({"names": ["a"]}, "variables have other names or another order"),
    ],
)
def test_one_of_another_training_or_version_is_refused_with_the_reason(
    two, model, tmp_path, changes, message
):
    change(two[1], **changes)
    with pytest.raises(FacegenError, match=message):
        checkpoints.restore(model, tmp_path, SETTING)
    assert all((values == 0).all() for values in state(model)[: len(model.weights)])


def test_one_of_another_architecture_is_refused(two, tmp_path):
    with pytest.raises(FacegenError, match="written by another architecture"):
        checkpoints.restore(gan()[0], tmp_path, SETTING)


def test_weights_of_one_shape_do_not_change_places(two, model, tmp_path):
    """As when a newer Keras had its optimizers keep their slots in another order."""
    names = [variable.name for variable in checkpoints.variables(model)]
    change(two[1], names=names[::-1], versions={"facegen": "0.1.0", "keras": "3.99", "backend": "tensorflow"})
    with pytest.raises(FacegenError, match=r"keras 3\.99, backend tensorflow, whose variables"):
        checkpoints.restore(model, tmp_path, SETTING)


def test_another_keras_with_the_same_variables_goes_on_and_says_so(two, model, tmp_path, caplog):
    change(two[1], versions={"facegen": "0.1.0", "keras": "3.13.0", "backend": "tensorflow"})
    assert checkpoints.restore(model, tmp_path, SETTING).epoch == 2
    assert "keras 3.13.0" in caplog.text and "not to the same bits" in caplog.text


def test_checkpoints_from_before_versions_were_kept_are_read(two, model, tmp_path, caplog):
    change(two[1], versions=None, names=None)
    assert checkpoints.restore(model, tmp_path, SETTING).epoch == 2
    assert not caplog.messages


def test_a_failed_write_leaves_the_checkpoints_before(two, model, tmp_path, monkeypatch):
    def full(file, **arrays):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        checkpoints.save(model, TrainingPosition(3), tmp_path, SETTING)
    assert sorted(tmp_path.iterdir()) == two


def test_a_disk_that_gives_back_something_else(two, model, tmp_path, monkeypatch):
    def forgetful(path, fill, write=checkpoints.files.write):
        write(path, fill)
        path.write_bytes(path.read_bytes()[:-200])

    monkeypatch.setattr(checkpoints.files, "write", forgetful)
    with pytest.raises(OSError, match=r"000003-00000000\.npz was written, and reads back damaged"):
        checkpoints.save(model, TrainingPosition(3), tmp_path, SETTING)
    assert sorted(tmp_path.iterdir()) == two


def test_a_network_that_is_no_number_any_more_is_not_saved(two, model, tmp_path):
    model.weights[3].assign(np.full(model.weights[3].shape, np.nan))
    with pytest.raises(checkpoints.Diverged, match=f"{model.weights[3].path} is no longer a number"):
        checkpoints.save(model, TrainingPosition(3), tmp_path, SETTING)
    assert sorted(tmp_path.iterdir()) == two


def test_of_two_long_settings_the_part_is_shown_that_differs(two, model, tmp_path):
    """As when more epochs are wanted of a training whose learning rate is planned for all of them."""
    rate = {"module": "keras.optimizers.schedules", "config": {"alpha": [0.5] * 99, "decay_steps": 1}}
    change(two[1], setting={**SETTING, "optimizer.learning_rate": rate})
    rate = {**rate, "config": {**rate["config"], "decay_steps": 2}}
    with pytest.raises(FacegenError) as caught:
        checkpoints.restore(model, tmp_path, {**SETTING, "optimizer.learning_rate": rate})
    assert "optimizer.learning_rate.config.decay_steps was 1 and is now 2. The learning rate" in str(
        caught.value
    )
    assert f"train -m {tmp_path.parent}" in str(caught.value)
    rate["config"]["alpha"][50] = 0.25
    with pytest.raises(FacegenError, match=r"alpha\.50 was 0.5 and is now 0.25"):
        checkpoints.restore(model, tmp_path, {**SETTING, "optimizer.learning_rate": rate})


def test_everything_that_differs_is_said(two, model, tmp_path):
    other = {"model.dense": 9, "data.seed": 6, "model.names": {"attributes": ["Bald", "Male", "Young"]}}
    change(two[1], setting={**SETTING, "model.names": {"attributes": ["Bald", "Smiling"]}})
    with pytest.raises(FacegenError) as caught:
        checkpoints.restore(model, tmp_path, other)
    assert (
        "data.seed was 5 and is now 6; model.dense was 8 and is now 9; model.names.attributes.1 was"
        in str(caught.value)
    )
    assert "Young" not in str(caught.value)  # of a list, where they part


def loss(module, name="facegen>PSNRLoss", floor=0.5):
    return {
        "module": module,
        "class_name": "PSNRLoss",
        "config": {"floor": floor},
        "registered_name": name,
    }


@pytest.mark.parametrize("rate", [False, True])
def test_a_class_may_move_to_another_module(two, model, tmp_path, rate):
    """Also where it is inside another one, and of a checkpoint that still names the old place."""

    def setting(*place):
        inner = loss(*place)
        return {**SETTING, "training.loss": {"class_name": "Sum", "config": [inner]} if rate else inner}

    change(two[1], setting=setting("facegen.training.recipes", "facegen.training.recipes>PSNRLoss"))
    position = checkpoints.restore(model, tmp_path, setting("facegen.training.trainer.recipes"))
    assert position.epoch == 2
    with pytest.raises(FacegenError, match=r"floor was 0\.5 and is now 2\."):
        checkpoints.restore(model, tmp_path, setting("facegen.training.recipes", "PSNRLoss", 2))


def test_a_condition_of_the_name_module_is_compared(two, model, tmp_path):
    change(two[1], setting={**SETTING, "model.names": {"module": ["a"]}})
    with pytest.raises(FacegenError, match=r"model\.names\.module"):
        checkpoints.restore(model, tmp_path, {**SETTING, "model.names": {}})
