"""The classifier: learns to see what is there, is kept beside the data, and is the same each time."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

import facegen
from facegen import metrics
from facegen.data.pixels import load_pixels
from facegen.metrics import controllability
from facegen.metrics.classifier import AttributeClassifier, attribute_classifier, thresholds
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


def test_is_taken_from_beside_the_data_the_second_time(faces):
    images = load_pixels(faces.part("test"), 32, progress=False)
    first = attribute_classifier(faces, 32, epochs=1, progress=False)
    kept = list((faces.root / ".facegen").glob("classifier-32-*.npz"))
    stamps = {path: path.stat().st_mtime_ns for path in kept}
    second = attribute_classifier(faces, 32, epochs=1, progress=False)
    assert {
        path: path.stat().st_mtime_ns for path in (faces.root / ".facegen").glob("classifier-32-*.npz")
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
        path for path in (faces.root / ".facegen").glob("classifier-32-*.npz") if about(path)["epochs"] == 1
    )
    assert about(path) == json.loads(json.dumps(made.settings))


def about(path):
    with np.load(path) as arrays:
        return json.loads(str(arrays["settings"]))


def test_a_damaged_one_is_made_again_and_another_process_is_waited_for(faces, monkeypatch):
    made = attribute_classifier(faces, 32, epochs=1, progress=False)
    folder, images = faces.root / ".facegen", load_pixels(faces.part("test"), 32, progress=False)
    (path,) = (path for path in folder.glob("classifier-32-*.npz") if about(path)["epochs"] == 1)
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


def test_measures_of_a_model_by_a_ruler():
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
