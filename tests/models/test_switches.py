"""Switched requests: by slow loops, and as the measures switch them."""

import keras
import numpy as np
import pytest

from facegen.conditions.attributes import EXCLUSIVE, NAMES, rivals
from facegen.metrics.controllability import flip
from facegen.models import switches
from facegen.models.gan import GAN

TOGGLES = ["Bald", "Black_Hair", "Blond_Hair", "Bangs", "Smiling"]


def rows(count=12, names=TOGGLES, seed=0):
    return (np.random.default_rng(seed).random((count, len(names))) < 0.4).astype("float32")


def legal(row, names):
    on = {name for name, value in zip(names, row, strict=True) if value}
    return all(len(on & {*group}) <= 1 for group in EXCLUSIVE)


@pytest.mark.parametrize("names", [TOGGLES, list(NAMES), ["bearded", "tall"]], ids=["some", "all", "own"])
def test_training_switches_as_the_measures_do(names):
    asked = rows(names=names)
    for column in range(len(names)):
        made = np.asarray(switches.switch(asked, np.full(len(asked), column), names))
        np.testing.assert_array_equal(made, flip(asked, column, names))


def test_what_may_be_together_stays_so():
    names = list(NAMES)
    asked = np.array([row for row in rows(2000, names) * (rows(2000, names, 1)) if legal(row, names)])
    columns = np.random.default_rng(2).integers(0, len(names), len(asked))
    made = np.asarray(switches.switch(asked, columns, names))
    assert len(asked) > 50 and all(legal(row, names) for row in made)
    assert not rivals(names).diagonal().any() and (rivals(names) == rivals(names).T).all()


@pytest.mark.parametrize("count", [8, 7])
def test_pairs_are_the_same_person_and_noise_with_one_switch(count):
    inputs = {
        "attributes": rows(count),
        "identity": np.eye(count, 3, dtype="float32"),
        "noise": np.random.default_rng(1).normal(size=(count, 5)).astype("float32"),
    }
    made = {
        k: np.asarray(v) for k, v in switches.paired(inputs, TOGGLES, keras.random.SeedGenerator(0)).items()
    }
    half, ways = count // 2, set()
    for i in range(half):
        for name in inputs:
            np.testing.assert_array_equal(made[name][i], inputs[name][i])
        for name in ("identity", "noise"):
            np.testing.assert_array_equal(made[name][half + i], inputs[name][i])
        found = [
            column
            for column in range(len(TOGGLES))
            if (flip(inputs["attributes"][[i]], column, TOGGLES)[0] == made["attributes"][half + i]).all()
        ]
        assert len(found) == 1
        ways |= {*found}
    assert len(ways) > 1
    for name in inputs:
        np.testing.assert_array_equal(made[name][2 * half :], inputs[name][2 * half :])


def test_every_attribute_is_switched_about_as_often():
    inputs = {"attributes": rows(8000)}
    made = np.asarray(switches.paired(inputs, TOGGLES, keras.random.SeedGenerator(0))["attributes"])
    own = [(flip(made[:4000], i, TOGGLES) == made[4000:]).all(axis=1).sum() for i in range(len(TOGGLES))]
    assert sum(own) == 4000 and min(own) > 700


def test_the_loss_of_changes_by_a_slow_loop():
    random = np.random.default_rng(0)
    asked = np.array([[1, -1, -1], [1, 1, -1], [-1, 1, -1], [1, -1, -1]], "float32")
    logits = random.normal(size=(4, 3)).astype("float32")
    expected = []
    for i in range(2):
        come, stay = [], 0.0
        for column in range(3):
            moved = logits[2 + i, column] - logits[i, column]
            wanted = (asked[2 + i, column] - asked[i, column]) / 2
            if wanted:
                come.append(np.log1p(np.exp(-wanted * moved)))
            else:
                stay += abs(moved) / 3
        expected.append(np.mean(come) + stay)
    np.testing.assert_allclose(switches.misread_change(logits, asked), expected, rtol=1e-5)


def model(names=TOGGLES, **settings):
    settings = {"label_sampling": "shuffled", "conditioning": "both", "pairs": 0.5, **settings}
    return GAN({"attributes": names}, 16, width=2, discriminator_width=2, **settings)


def batch(count=6):
    images = np.random.default_rng(0).integers(0, 256, (count, 16, 16, 3), dtype="uint8")
    return {"image": images, "attributes": rows(count)}


def test_the_generators_loss_hears_of_the_pairs():
    gan, data = model(), batch()
    verdicts = {name: np.asarray(value) for name, value in gan(data).items()}
    assert verdicts["read_change"].shape == (3,)
    gan.steps.assign(250.0)  # half-way through the warm-up
    with_it = float(gan.compute_loss(None, None, verdicts))
    without = float(gan.compute_loss(None, None, {**verdicts, "read_change": np.zeros(3, "float32")}))
    assert with_it - without == pytest.approx(0.5 * 0.5 * verdicts["read_change"].mean(), rel=1e-4)


@pytest.mark.parametrize("settings", [{"conditioning": "none"}, {"conditioning": "projection"}, {"pairs": 0}])
def test_where_nobody_reads_there_are_no_pairs(settings):
    gan = model(**settings)
    asked = gan.sample_inputs(batch())
    np.testing.assert_array_equal(asked["attributes"], np.roll(batch()["attributes"], 1, axis=0))
    assert len(np.unique(np.asarray(asked["noise"]))) == 6 and "read_change" not in gan(batch())


def test_conditions_without_toggles_are_asked_for_as_ever():
    settings = {"conditioning": "both", "pairs": 0.5, "width": 2, "discriminator_width": 2}
    gan = GAN({"emotion": ["happy", "sad"]}, 16, **settings)
    table = np.eye(2, dtype="float32")[[0, 1, 0, 0]]
    asked = gan.sample_inputs({"image": np.zeros((4, 16, 16, 3), "uint8"), "emotion": table})
    np.testing.assert_array_equal(asked["emotion"], np.roll(table, 1, axis=0))
    assert len(np.unique(np.asarray(asked["noise"]))) == 4
