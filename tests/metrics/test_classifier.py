"""The classifier: learns to see what is there, is kept beside the data, and is the same each time."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import facegen
from facegen import metrics
from facegen.data.pixels import load_pixels
from facegen.metrics import controllability
from facegen.metrics.classifier import AttributeClassifier, attribute_classifier, thresholds
from facegen.metrics.recognition import halved
from facegen.models.gan import GAN
from facegen.utils import files


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Two plain attributes, white above and (rarely) a red left side, and one of pure chance."""
    folder, random = tmp_path_factory.mktemp("plain"), np.random.default_rng(0)
    lines = ["file,above,left,chance,partition"]
    for i in range(240):
        part = ("train", "train", "train", "validation", "test")[i % 5]
        above, left, chance = random.random(3) < [0.5, 0.2, 0.5]
        image = random.integers(0, 60, (32, 32, 3), dtype="uint8")
        image[:16] += np.uint8(180 * above)
        image[:, :10, 0] += np.uint8(15 * left)
        Image.fromarray(image).save(folder / f"{i:03d}.png")
        lines.append(f"{i:03d}.png,{above:d},{left:d},{chance:d},{part}")
    (folder / "conditions.csv").write_text("\n".join(lines) + "\n")
    return facegen.read(folder)


def test_sees_what_is_there_and_chance_where_nothing_is(faces):
    made = attribute_classifier(faces, 32, epochs=6, progress=False)
    test = faces.part("test")
    seen = made.read(load_pixels(test, 32, progress=False))
    scores = controllability.balanced_accuracy(seen, test.conditions["attributes"] > 0.5)
    assert scores[0] > 0.95 and scores[2] < 0.75
    assert made.features(load_pixels(test, 32, progress=False)).shape == (len(test), 192)


@pytest.fixture(scope="module")
def moods(tmp_path_factory):
    """A bright line above, in the middle or below; and a person, who is told by brightness."""
    folder, random = tmp_path_factory.mktemp("moods"), np.random.default_rng(0)
    lines = ["file,emotion,person"]
    for i in range(120):
        mood, who = random.integers(3), random.integers(2)
        image = random.integers(0, 40, (40, 32), dtype="uint8") + np.uint8(60 * who)
        image[(8, 20, 32)[mood]] += np.uint8(100)
        Image.fromarray(image).save(folder / f"{i:03d}.png")
        lines.append(f"{i:03d}.png,{('glad', 'calm', 'sad')[mood]},{'ab'[who]}")
    (folder / "conditions.csv").write_text("\n".join(lines) + "\n")
    return facegen.read(folder).hold_out(0.3, seed=0)


def test_reads_one_of_many_and_its_confusion_stands_on_the_diagonal(moods):
    made = attribute_classifier(moods, (40, 32), "emotion", progress=False)
    test = moods.part("test")
    seen, asked = made.read(load_pixels(test, (40, 32), progress=False)), test.conditions["emotion"]
    assert (seen.sum(axis=1) == 1).all()
    counts = metrics.confusion_matrix(asked, seen)
    assert counts.sum() == len(test) and np.trace(counts) > 0.9 * len(test)
    np.testing.assert_array_equal(counts.sum(axis=1), asked.sum(axis=0))


def test_what_other_faces_are_held_out_for_is_another_classifier(moods):
    """One that has seen the faces it is to be measured on would be too good."""
    attribute_classifier(moods, (40, 32), "emotion", epochs=1, progress=False)
    kept = {*(moods.root / ".facegen").glob("classifier-40x32-*.npz")}
    whole = replace(moods, partition=np.zeros_like(moods.partition))
    attribute_classifier(whole.hold_out(0.3, seed=1), (40, 32), "emotion", epochs=1, progress=False)
    assert len({*(moods.root / ".facegen").glob("classifier-40x32-*.npz")}) == len(kept) + 1


def test_a_reading_has_its_ceiling_its_floor_and_where_the_cosine_disagrees(moods):
    test = moods.part("test")
    true, asked = load_pixels(test, (40, 32), progress=False), test.conditions["emotion"]
    grey = np.full_like(true, true.mean())
    report = metrics.recognition_report(
        moods,
        asked,
        {"drawn": grey, "ceiling": true, "floor": grey},
        {"glad": 0.9, "calm": 0.1, "sad": 0.9},
        False,
    )
    assert report["ceiling"] > 0.9 and report["drawn"] == report["floor"]
    (always,) = {name for name, row in report["columns"].items() if row["drawn"]}
    assert sum(row["asked"] for row in report["columns"].values()) == len(test)
    assert report["disagrees"] == [name for name in ("glad", "sad") if name != always]


def test_pictures_are_halved_until_they_are_low_enough():
    random = np.random.default_rng(0)
    large = random.integers(0, 256, (2, 8, 12, 3), dtype="uint8")
    means = [
        [large[:, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2].mean((1, 2)) for x in range(6)] for y in range(4)
    ]
    np.testing.assert_allclose(halved(large, 7), np.transpose(means, (2, 0, 1, 3)), atol=0.5)
    assert halved(large, 2).shape == (2, 2, 3, 3)  # three columns have no half
    assert halved(large, 8) is large


def test_is_taken_from_beside_the_data_the_second_time(faces):
    images = load_pixels(faces.part("test"), 32, progress=False)
    first = attribute_classifier(faces, 32, epochs=1, progress=False)
    kept = list((faces.root / ".facegen").glob("classifier-32x32-*.npz"))
    stamps = {path: path.stat().st_mtime_ns for path in kept}
    second = attribute_classifier(faces, 32, epochs=1, progress=False)
    assert {
        path: path.stat().st_mtime_ns for path in (faces.root / ".facegen").glob("classifier-32x32-*.npz")
    } == stamps
    np.testing.assert_allclose(first.logits(images), second.logits(images), atol=1e-5)
    np.testing.assert_array_equal(first.thresholds, second.thresholds)
    for path in kept:
        path.unlink()
    again = attribute_classifier(faces, 32, epochs=1, progress=False)
    np.testing.assert_allclose(first.logits(images), again.logits(images), atol=1e-4)


def test_says_what_it_was_made_of(faces):
    made = attribute_classifier(faces, 32, epochs=1, progress=False)
    assert made.settings["faces"] == faces.fingerprint and made.settings["epochs"] == 1
    (path,) = (
        path
        for path in (faces.root / ".facegen").glob("classifier-32x32-*.npz")
        if about(path)["epochs"] == 1
    )
    assert about(path) == json.loads(json.dumps(made.settings))


def about(path):
    with np.load(path) as arrays:
        return json.loads(str(arrays["settings"]))


def test_a_damaged_one_is_made_again_and_another_process_is_waited_for(faces, monkeypatch):
    made = attribute_classifier(faces, 32, epochs=1, progress=False)
    folder, images = faces.root / ".facegen", load_pixels(faces.part("test"), 32, progress=False)
    (path,) = (path for path in folder.glob("classifier-32x32-*.npz") if about(path)["epochs"] == 1)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    again = attribute_classifier(faces, 32, epochs=1, progress=False)
    np.testing.assert_allclose(made.logits(images), again.logits(images), atol=1e-4)

    path.unlink()
    monkeypatch.setattr("facegen.metrics.classifier._train", lambda *_: pytest.fail("the other one makes it"))
    with ThreadPoolExecutor(1) as pool:
        with files.locked(folder / "classifier.lock", "trains", wait=False):
            waiting = pool.submit(attribute_classifier, faces, 32, epochs=1, progress=False)
            time.sleep(0.3)
            assert not waiting.done()
            path.write_bytes(whole)  # what the other process has been working on
        np.testing.assert_array_equal(waiting.result(timeout=60).thresholds, made.thresholds)


def test_thresholds_are_those_of_the_best_f1():
    random = np.random.default_rng(0)
    truth = (random.random((300, 3)) < [0.5, 0.1, 0.0]).astype("float32")
    logits = truth * 2 + random.normal(size=truth.shape) + [0, -5, 0]
    chosen = thresholds(logits, truth)
    best = controllability.f1(logits > chosen, truth > 0)
    for candidate in np.linspace(-9, 5, 300):
        assert (
            np.nan_to_num(controllability.f1(logits > candidate, truth > 0)) <= np.nan_to_num(best) + 1e-9
        ).all()
    assert chosen[2] == 0


def test_measures_of_a_model_by_a_classifier():
    """A generator that ignores its attributes flips nothing, and a real set is near itself."""
    names = ["a", "b"]
    model = GAN({"attributes": names}, size=16, width=2, discriminator_width=2, latent_dim=3)
    dense = model.generator.get_layer("generator_dense")
    kernel = dense.kernel.numpy()
    kernel[:2] = 0
    dense.kernel.assign(kernel)
    inputs = {"attributes": np.zeros((4, 2), "float32"), "noise": model.sample_noise(4, 0)}
    effects = controllability.toggle(model, AttributeClassifier(16, names), inputs)
    nothing = {"pairs": 4, "flipped": 0.0, "flipped_anyone": 0.0, "flipped_by_others": 0.0, "others": 0.0}
    assert effects == dict.fromkeys(names, nothing)
    random = np.random.default_rng(0)
    real = random.integers(0, 256, (400, 16, 16, 3), dtype="uint8")
    scores = metrics.fidelity_report(AttributeClassifier(16, names), real // 4, real)
    assert scores["real"]["frechet"] < 0.5 * scores["drawn"]["frechet"]
    assert scores["real"]["coverage"] > scores["drawn"]["coverage"]
    assert set(scores) == {"drawn", "real", "blurred", "shuffled"}
