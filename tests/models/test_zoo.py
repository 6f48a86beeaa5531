"""The trained models that come with the course."""

import numpy as np
import pytest

import facegen
from facegen import conditions, course, metrics
from facegen.conditions.kinds import kind
from facegen.models import saving, zoo
from facegen.utils.errors import FacegenError

FOLDERS = sorted(path.parent for path in (course.root() / "models").glob("*/model.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_is_small_and_has_a_card(folder):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 10 << 20
    assert {"data", "made_by"} <= saving.about(folder)["card"].keys()
    assert (folder / "README.md").is_file()


def test_the_deconvolution_network_draws_people_that_differ():
    model = saving.load(course.root() / "models" / "clay-deconv")
    people = model.names["identity"]
    rows = conditions.grid(
        model.names, identity=people[:4], emotion=["neutral", "surprised"], orientation=[0]
    )
    images = model.draw(rows)
    by_person = metrics.distance(images[0:1], images[2:3])[0]
    by_emotion = metrics.distance(images[0:1], images[1:2])[0]
    assert by_person > 5 and by_emotion > 1


def test_words_are_enough_for_a_picture():
    model = facegen.load("clay-gan")
    faces = model.generate("Smiling+Male", count=3, seed=7)
    assert faces.shape == (3, 64, 64, 3) and faces.std() > 30
    np.testing.assert_array_equal(faces, model.generate("Smiling+Male", count=3, seed=7))
    assert (faces != model.generate("Smiling+Male", count=3, seed=8)).any()
    np.testing.assert_array_equal(
        model.generate({"Male": 1}, seed=3), model.generate(attributes="Male", seed=3)
    )
    heads = facegen.load("clay-deconv")
    happy, sad = (heads.generate(identity="1+3", emotion=word, orientation=45) for word in ("happy", "sad"))
    assert happy.shape == (1, 160, 128, 3) and np.abs(happy.astype(int) - sad).max() > 60
    with pytest.raises(
        FacegenError, match="no condition 'emotoin': this model reads identity, emotion, orient"
    ):
        heads.generate(emotoin="happy")
    with pytest.raises(FacegenError, match="Did you mean 'Smiling'"):
        model.generate("Smilling")


def test_what_is_not_named_is_as_in_a_face_of_the_training_set(tmp_path):
    model = saving.load(zoo.find("clay-gan"))
    examples, names = model.examples["attributes"], model.names["attributes"]
    assert examples.shape == (512, 40) and 0.1 < examples.mean() < 0.4
    one, random = kind("attributes", names), np.random.default_rng(0)
    for word, on in (
        ("Bald+Male", ("Bald", "Male")),
        ({"Smiling": "off"}, ()),
        ({}, ()),
        (["Young"], ("Young",)),
    ):
        state = one.completed(word, examples, random)
        assert all(state[names.index(name)] == 1 for name in on)
        assert (examples == state).all(axis=1).any()  # somebody looks just so
    unheard = one.completed(
        "Bald+Bangs+Goatee", examples, random
    )  # nobody does: the nearest, and as was said
    assert all(unheard[names.index(name)] == 1 for name in ("Bald", "Bangs", "Goatee"))
    assert not one.completed("none", examples, random).any()
    again = saving.load(saving.save(model, tmp_path / "again"))
    np.testing.assert_array_equal(again.examples["attributes"], examples)
    text = (tmp_path / "again" / "model.json").read_text()
    (tmp_path / "again" / "model.json").write_text(
        text.replace('"attributes": [\n   "', '"attributes": [\n   "xy')
    )
    with pytest.raises(FacegenError, match="is damaged: examples"):
        saving.load(tmp_path / "again")
