"""What a panel asks for: exclusive groups, seeds, morphs, the strip; and pictures drawn one at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import deconv, gan, unrolled

from facegen import conditions
from facegen.conditions.attributes import EXCLUSIVE, NAMES
from facegen.conditions.kinds import kinds
from facegen.conditions.latent import Latent
from facegen.panel import state as looks
from facegen.panel.fast import FastGenerator
from facegen.panel.state import History, PanelState, interpolate, switched
from facegen.utils.errors import FacegenError


def row(*on):
    return np.array([name in on for name in NAMES], "float32")


def names_on(values):
    return {name for name, value in zip(NAMES, values, strict=True) if value > 0.5}


def test_what_comes_drives_out_what_it_excludes():
    before = row("Black_Hair", "Wavy_Hair", "Bangs", "Smiling", "No_Beard")
    after = switched(before, NAMES, "Bald", 1.0)
    assert names_on(after) == {"Bald", "Smiling", "No_Beard"}
    assert names_on(before) == {"Black_Hair", "Wavy_Hair", "Bangs", "Smiling", "No_Beard"}
    assert names_on(switched(after, NAMES, "Goatee", 1.0)) == {"Bald", "Smiling", "Goatee"}
    assert names_on(switched(after, NAMES, "Bald", 0.0)) == {"Smiling", "No_Beard"}


def test_a_strength_makes_as_much_room_as_it_needs():
    after = switched(row("Black_Hair"), NAMES, "Blond_Hair", 0.25)
    assert after[NAMES.index("Blond_Hair")] == 0.25 and after[NAMES.index("Black_Hair")] == 0.75
    beyond = switched(row("Black_Hair"), NAMES, "Blond_Hair", 3.0)
    assert beyond[NAMES.index("Blond_Hair")] == 3.0 and beyond[NAMES.index("Black_Hair")] == 0.0


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0])), max_size=30))
def test_never_are_two_that_exclude_each_other_on(steps):
    values = row()
    for name, value in steps:
        touched = {name}.union(*(group for group in EXCLUSIVE if name in group))
        others = np.array([n not in touched for n in NAMES])
        before, values = values, switched(values, NAMES, name, value)
        assert values[NAMES.index(name)] == np.float32(value)
        assert (values == before)[others].all()
    for group in EXCLUSIVE:
        assert len(names_on(values) & {*group}) <= 1


def test_columns_that_a_model_lacks_are_no_trouble():
    assert switched(np.ones(2, "float32"), ["Bald", "Smiling"], "Bald", 1.0).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("text", "seed"), [("0", 0), (" 7 ", 7), ("4,294,967,295", 2**32 - 1), ("1 000", 1000)]
)
def test_seeds(text, seed):
    assert looks.seed(text) == seed


@pytest.mark.parametrize(
    "text", ["", "-1", "4294967296", "1e3", "nan", "abc", "٣", "9" * 5000, "0x1", "1.0", "²"]
)
def test_what_is_no_seed(text):
    with pytest.raises(FacegenError, match="whole number from 0 to 4,294,967,295"):
        looks.seed(text)


@pytest.mark.parametrize("value", [float("nan"), 3.1, -2.1, float("inf"), None, "x", 10**400, [1]])
def test_what_is_no_number_in_range(value):
    with pytest.raises(FacegenError, match="Strength: expected a number from -2 to 3"):
        looks.number(value, "Strength", -2, 3)


BOTH = kinds({"attributes": NAMES})
NORMAL = Latent("noise", tuple("abcdef"), normal=True)
UNIFORM = Latent("noise", tuple("abcdef"))


def attribute_looks():
    random = np.random.default_rng(1)
    return [PanelState({"attributes": row(*on)}, random.normal(size=6).astype("float32"), seed, t)
            for on, seed, t in ((("Bald", "Male"), 3, 1.0), (("Smiling",), 4, 0.5))]  # fmt: skip


def test_a_morph_goes_from_one_look_to_the_other():
    a, b = attribute_looks()
    assert interpolate(a, b, 0, BOTH, NORMAL) is a and interpolate(a, b, 1, BOTH, NORMAL) is b
    middle = interpolate(a, b, 0.5, BOTH, NORMAL)
    assert np.allclose(middle.rows["attributes"], (a.rows["attributes"] + b.rows["attributes"]) / 2)
    lengths = [np.linalg.norm(look.noise) for look in (a, middle, b)]
    assert lengths[1] == pytest.approx((lengths[0] + lengths[2]) / 2, rel=1e-5)
    assert middle.truncation == 0.75 and middle.seed is None
    assert np.allclose(interpolate(a, b, 0.5, BOTH, UNIFORM).noise, (a.noise + b.noise) / 2, atol=1e-6)


THREE = {"emotion": ["a", "b", "c"]}


def test_mixtures_keep_their_length_in_a_morph_unless_they_are_free():
    a, b = (
        PanelState({"emotion": np.eye(3, dtype="float32")[0]}),
        PanelState({"emotion": np.eye(3, dtype="float32")[1]}),
    )
    assert np.linalg.norm(interpolate(a, b, 0.5, kinds(THREE)).rows["emotion"]) == pytest.approx(1)
    free = interpolate(a.with_free(True, kinds(THREE)), b, 0.5, kinds(THREE, constrained=False))
    assert free.free and np.allclose(free.rows["emotion"], [0.5, 0.5, 0])


def test_what_is_no_longer_free_comes_back():
    names = {"emotion": ["a", "b"], "orientation": ["sin", "cos"]}
    rows = {"emotion": np.array([-2, 3], "float32"), "orientation": np.array([0, -3], "float32")}
    legal = PanelState(rows, free=True).with_free(False, kinds(names))
    assert legal.rows["emotion"].tolist() == pytest.approx([-0.5547, 0.83205])
    np.testing.assert_allclose(legal.rows["orientation"], [0, -1], atol=1e-6)
    assert not legal.free and rows["emotion"][0] == -2


def test_the_strip_keeps_the_last_faces():
    strip, image = History(), np.zeros((2, 2, 3), "uint8")
    for i in range(13):
        assert strip.keep(PanelState({}, seed=i), image).number == i + 1
    assert [face.look.seed for face in strip.faces] == list(range(12, 2, -1))


def test_a_moving_slider_is_one_face_in_the_strip():
    strip, image = History(), np.zeros((2, 2, 3), "uint8")
    for seed, source in enumerate(["", "strength", "strength", "morph", "", "strength"]):
        strip.keep(PanelState({}, seed=seed), image, source)
    assert [(face.number, face.look.seed) for face in strip.faces] == [(5, 5), (4, 4), (3, 3), (2, 2), (1, 0)]


@pytest.mark.parametrize("make", [gan, deconv], ids=["gan", "deconv"])
def test_a_quick_picture_is_the_models_own(make):
    model = make()
    random = np.random.default_rng(0)
    quick = FastGenerator(model)
    for _ in range(3):
        rows = {n: random.normal(size=(1, x.shape[1])) for n, x in model.generator.input.items()}
        asked, drawn = model.draw(rows)[0], quick.draw({n: r[0] for n, r in rows.items()})
        assert drawn.shape == asked.shape and asked.std() > 10
        assert np.abs(drawn.astype(int) - asked).max() <= 1


def test_a_head_that_only_turns_is_made_once():
    model = unrolled()
    quick, made = FastGenerator(model), []
    early = quick.early.predict_on_batch
    quick.early.predict_on_batch = lambda rows: (made.append(rows), early(rows))[1]
    looks = [("happy", 0), ("happy", 30), ("happy", -45), ("sad", -45), ("sad", 0), ("happy", 0)]
    for emotion, degrees in looks:
        who = model.names["identity"][:1]
        rows = conditions.grid(model.names, identity=who, emotion=[emotion], orientation=[degrees])
        drawn = quick.draw({name: values[0] for name, values in rows.items()})
        assert np.abs(drawn.astype(int) - model.draw(rows)[0]).max() <= 1
    assert len(made) == 3
    row = rows["emotion"][0].astype("float32")
    for emotion in (0, 1):  # whoever changes an array in place gets another head, too
        row[:] = np.arange(len(row)) == emotion
        quick.draw({**{name: values[0] for name, values in rows.items()}, "emotion": row})
    assert len(made) == 5
