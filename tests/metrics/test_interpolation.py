"""Half-way between two emotions: the truth, the network's picture, and cross-fades."""

import numpy as np
import pytest
from PIL import Image

import facegen
from facegen import clay, conditions, course, metrics
from facegen.data.pixels import load_pixels
from facegen.metrics import detail
from facegen.metrics.ground_truth import true_views
from facegen.models.deconv import Deconv
from facegen.utils.arrays import evenly
from facegen.utils.errors import FacegenError

SIZE = (40, 32)


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clay") / "set"
    return facegen.read(clay.rafd(folder, people=2, width=48, angles=[90], progress=False))


def network(names):
    return Deconv(names, start=(5, 4), depth=2, kernels=[4], dense=4)


class Painter:
    """Draws what it is told to by a function of requests (who, {emotion: weight}, degrees)."""

    def __init__(self, names, paint):
        self.names, self.paint, self.image_shape = names, paint, (*SIZE, 3)

    def draw(self, rows):
        requests = []
        for who, emotion in zip(rows["identity"], rows["emotion"], strict=True):
            mixture = {n: float(w) for n, w in zip(self.names["emotion"], emotion, strict=True) if w}
            requests.append((self.names["identity"][who.argmax()], mixture, 0.0))
        return self.paint(requests)


def test_true_views_are_the_pictures_of_the_set_and_kept(faces, monkeypatch):
    who, emotions = faces.names["identity"][1], faces.names["emotion"]
    rows = np.flatnonzero(faces.conditions["identity"][:, 1])
    kept = load_pixels(faces, SIZE, progress=False)[rows]
    order = [emotions[i] for i in faces.conditions["emotion"][rows].argmax(1)]
    requests = [(who, emotion, 0.0) for emotion in order]
    true = true_views(faces, requests, SIZE, progress=False)
    assert np.abs(true.astype(int) - kept).mean() < 4  # JPEG
    np.testing.assert_array_equal(course.clay_views(faces, who, order[2], [0], SIZE)[0], true[2])
    whole = true_views(faces, [(who, {emotion: 1.0}, 0.0) for emotion in order], SIZE, progress=False)
    np.testing.assert_array_equal(whole, true)
    monkeypatch.setattr("facegen.metrics.ground_truth._drawn", lambda *_: pytest.fail("it is kept"))
    np.testing.assert_array_equal(true_views(faces, requests, SIZE, progress=False), true)


def test_larger_views_than_the_set_has_are_drawn_not_enlarged(faces):
    request = [(faces.names["identity"][0], "happy", 0.0)]
    small, large = (true_views(faces, request, size, progress=False)[0] for size in (SIZE, (160, 128)))
    enlarged = np.asarray(Image.fromarray(small).resize((128, 160), Image.Resampling.LANCZOS))
    assert detail.sharpness(large[None])[0] > 1.5 * detail.sharpness(enlarged[None])[0]
    again = np.asarray(Image.fromarray(large).resize((32, 40), Image.Resampling.LANCZOS))
    assert metrics.distance(again[None], small[None])[0] < 5  # of the same thing


def test_who_draws_the_truth_is_always_nearer_and_who_fades_never(faces):
    def truth(requests):
        return true_views(faces, requests, SIZE, progress=False)

    def fade(requests):
        pictures = []
        for who, mixture, angle in requests:
            ends = truth([(who, {name: 1.0}, angle) for name in mixture]).astype("float64")
            pictures.append(np.tensordot(list(mixture.values()), ends, 1).clip(0, 255).round())
        return np.stack(pictures).astype("uint8")

    good = metrics.midpoints(Painter(faces.names, truth), faces, progress=False)
    assert good.people == tuple(faces.names["identity"]) and len(good.pairs) == 28
    np.testing.assert_array_equal(good.drawn, good.truth)
    np.testing.assert_array_equal(good.ends, good.true_ends)
    assert (
        (good.error("drawn") == 0).all() and good.nearer().all() and good.nearer("drawn", "true_fade").all()
    )
    np.testing.assert_allclose(good.cosine(), 1)
    assert (good.error("unit") > 0).all()  # 0.71 of each is more than half-way
    bad = metrics.midpoints(Painter(faces.names, fade), faces, progress=False)
    assert bad.error("drawn") == pytest.approx(bad.error("fade"), abs=0.05)
    assert np.abs(bad.cosine()).max() < 0.2  # rounding alone leaves a fade
    assert bad.error("fade").min() > 0.5


def test_halves_are_asked_for_at_the_angle_and_compared_by_hand(faces):
    model, who = network(faces.names), faces.names["identity"][0]
    found = metrics.midpoints(model, faces, people=[who], angle=45, progress=False)
    i = found.pairs.index(("happy", "sad"))

    def drawn(constrained, **words):
        request = {"identity": who, "orientation": 45, **words}
        return model.draw(conditions.encode(model.names, request, constrained))[0].astype("float64")

    half, true = drawn(False, emotion="0.5*happy+0.5*sad"), course.clay_views(
        faces, who, {"happy": 0.5, "sad": 0.5}, [45], SIZE
    )[0].astype("float64")  # fmt: skip
    ends = [drawn(True, emotion=name) for name in ("happy", "sad")]
    np.testing.assert_array_equal(found.unit[0, i], drawn(True, emotion="happy+sad"))
    expected = {"drawn": half, "fade": (ends[0] + ends[1]) / 2}
    for guess, picture in expected.items():
        assert found.error(guess)[0, i] == pytest.approx(np.sqrt(np.mean((picture - true) ** 2)))
    report = metrics.midpoint_report(found)
    assert report["columns"]["happy+sad"] == found.nearer()[0, i]
    assert report["nearer"] == pytest.approx(np.mean([*report["columns"].values()]))


def test_people_are_spread_evenly():
    assert [*evenly(57, 3)] == [0, 28, 56] and [*evenly(57, 99)] == [*range(57)] and [*evenly(57, 1)] == [0]


def test_what_nobody_knows_is_refused(faces, rafd):
    photographs = facegen.read(rafd)
    with pytest.raises(FacegenError, match="expected clay in RaFD's format"):
        metrics.midpoints(network(photographs.names), photographs)
    with pytest.raises(FacegenError, match="of others nobody knows the truth"):
        course.clay_views(photographs, "01", "happy", [0], SIZE)
    with pytest.raises(FacegenError, match="this one reads emotion"):
        metrics.midpoints(network({"emotion": faces.names["emotion"]}), faces)
