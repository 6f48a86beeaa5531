"""The trained models that come with the course."""

import pytest

from facegen import bundle, conditions, course, measure

FOLDERS = sorted(path.parent for path in (course.root() / "models").glob("*/model.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_is_small_and_has_a_card(folder):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 10 << 20
    assert {"data", "made_by"} <= bundle.about(folder)["card"].keys()
    assert (folder / "README.md").is_file()


def test_the_deconvolution_network_draws_people_that_differ():
    model = bundle.load(course.root() / "models" / "clay-deconv")
    people = model.names["identity"]
    rows = conditions.grid(
        model.names, identity=people[:4], emotion=["neutral", "surprised"], orientation=[0]
    )
    images = model.draw(rows)
    by_person = measure.distance(images[0:1], images[2:3])[0]
    by_emotion = measure.distance(images[0:1], images[1:2])[0]
    assert by_person > 5 and by_emotion > 1
