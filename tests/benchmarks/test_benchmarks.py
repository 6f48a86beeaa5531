"""The benchmarks: rivals that really learn, operations that are really counted, a report that says so."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import folders
import keras
import numpy as np
import panels
import pytest
from keras import ops

import facegen
from benchmarks import (
    choices,
    everyday,
    flops,
    inversion,
    optimizers,
    pictures,
    remedies,
    report,
    timing,
    training,
)
from benchmarks.catalogue import BARS, BENCHMARKS, Bar
from benchmarks.ports import keras_io, original_a, original_b, pillow
from benchmarks.tutorial import Tutorial
from facegen.models.deconv import Deconv
from facegen.models.gan import GAN, TTURAdam, logistic

RANDOM = np.random.default_rng(0)
REAL = RANDOM.uniform(-1, 1, (4, 16, 16, 3)).astype("float32")
ASKED = original_a.requests(4, RANDOM)


@pytest.fixture
def ours():
    """A GAN with the networks of original A, and without chance."""
    model = GAN({"attributes": list(map(str, range(40)))}, 16, width=2, discriminator_width=2, dropout=0.0)
    model.compile(TTURAdam())
    return model


@pytest.fixture
def port(celeba, ours):
    """Original A with the same weights; its discriminator says how false a picture is, ours how real."""
    paths = sorted((celeba / pictures.PICTURES).iterdir())
    port = original_a.OriginalA(paths, 16, 2, 4, dropout=0.0)
    port.generator.set_weights(ours.raw_generator.get_weights())
    *weights, kernel, bias = ours.discriminator.get_weights()
    port.discriminator.set_weights([*weights, -kernel, -bias])
    return port


def moved(network, act):
    """Whether an action changes what a network has learnt (not only its running means)."""
    learnt = [v for v in network.weights if "moving" not in v.path]
    before = [np.array(v) for v in learnt]
    act()
    return any((np.array(v) != b).any() for v, b in zip(learnt, before, strict=True))


def drawn(model, training):
    asked = {"attributes": ASKED[:, :40], "noise": ASKED[:, 40:]}
    return model.raw_generator(asked, training=training)


def losses(model, real, fake):
    """Of the discriminator and of the generator, by facegen's formulas."""
    verdicts = [model.discriminator({"image": x})["logit"] for x in (real, fake, fake)]
    of_real, of_fake, wish = logistic(*verdicts)
    return float(of_real + of_fake) / 2, float(wish)


def test_original_a_has_facegens_networks_and_losses(ours, port):
    np.testing.assert_allclose(port.generator.predict(ASKED, verbose=0), drawn(ours, False), atol=1e-5)
    fake = np.array(drawn(ours, True))
    d_loss, g_loss = losses(ours, REAL, fake)
    assert port.learn_to_deceive(ASKED) == pytest.approx(g_loss, rel=1e-4)
    assert port.learn_to_tell(REAL, fake) == pytest.approx(d_loss, rel=1e-4)


def test_both_players_of_original_a_learn_each_in_its_half(port):
    assert np.isfinite(port.step()).all()  # compiled, now
    for _ in range(2):
        tell, deceive = (lambda: port.learn_to_tell(REAL, REAL)), (lambda: port.learn_to_deceive(ASKED))
        assert moved(port.discriminator, tell) and moved(port.generator, deceive)
        assert not moved(port.generator, tell) and not moved(port.discriminator, deceive)


def test_original_a_reads_every_photograph_and_begins_anew(port, celeba):
    first, second = port.photographs.read(6), port.photographs.read(6)
    expected = np.array([folders.colour(i) for i in range(1, 13)]) / 127.5 - 1
    np.testing.assert_allclose(np.concatenate([first, second]).mean((1, 2)), expected, atol=0.03)
    np.testing.assert_array_equal(port.photographs.read(6), first)


def test_original_a_is_counted_as_by_hand(port):
    half, batch = 2, 4
    dense, up, last = 41 * 8 * 8 * 4, 25 * 4 * 4 * 16 * 16, 25 * 4 * 3 * 16 * 16  # one picture, forwards
    convolutions = [
        16 * 3 * 2 * 8 * 8,
        16 * 2 * 4 * 4 * 4,
        16 * 4 * 8 * 2 * 2,
        16 * 8 * 16 * 2 * 2,
        2 * 2 * 16,
    ]
    draw, judge = dense + up + last, sum(convolutions)
    predict = half * draw
    tell = batch * (3 * judge - convolutions[0])  # forwards, for kernels, for inputs but the first
    deceive = batch * (3 * draw - dense + 2 * judge)
    variant = training.gan_original_a_of(port)
    port.step()
    assert variant.flops() == 2 * (predict + tell + deceive)


def test_keras_io_has_the_same_losses(ours, port, monkeypatch):
    rival = keras_io.KerasIO(port.generator, port.discriminator, 40, doubt=0.0)
    rival.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0))
    monkeypatch.setattr(rival, "requests", lambda count: ASKED)
    logs = rival.train_step(ops.convert_to_tensor(REAL))
    expected = losses(ours, REAL, drawn(ours, True))
    np.testing.assert_allclose([logs["d_loss"], logs["g_loss"]], expected, rtol=1e-4)


def test_both_players_of_keras_io_learn(celeba):
    networks = original_a.generator(16, 2), original_a.discriminator(16, 2)
    rival = keras_io.KerasIO(*networks, 40)
    rival.compile(*(keras.optimizers.Adam(1e-3) for _ in range(2)))
    data = keras_io.photographs(celeba / pictures.PICTURES, 16, 4)
    assert moved(networks[0], lambda: rival.fit(data.take(1), verbose=0))
    assert moved(networks[1], lambda: rival.fit(data.take(1), verbose=0))
    asked = np.array(rival.requests(500))
    assert set(np.unique(asked[:, :40])) == {0, 1} and 0.4 < asked.mean() < 0.6
    assert data.element_spec.shape[1:] == (16, 16, 3)


def test_original_b_has_facegens_network_and_loss():
    widths = {"identity": 3, "emotion": 2, "orientation": 2}
    ours = Deconv(training.names(widths), (2, 3), depth=2, kernels=[4, 3], dense=8)
    ours.compile(loss="mean_squared_logarithmic_error")
    rival = original_b.network(widths, (2, 3), 2, [4, 3], dense=8)
    for layer in rival.layers:
        if layer.weights:
            layer.set_weights(ours.generator.get_layer(layer.name).get_weights())
    batch = {name: RANDOM.random((4, width), "float32") for name, width in widths.items()}
    images = RANDOM.integers(0, 256, (4, *ours.image_shape), "uint8")
    expected = ours.compute_loss({**batch, "image": images}, y_pred=ours(batch, training=True))
    assert moved(rival, lambda: np.testing.assert_allclose(
        rival.train_on_batch(batch, images / 255.0), expected, rtol=1e-4
    ))  # fmt: skip


@pytest.mark.parametrize("shape", [(4, 6, 3), (2, 2, 1)])
def test_every_form_of_the_growing_layer_computes_the_same(shape):
    x = RANDOM.standard_normal((2, *shape)).astype("float32")
    layers = choices.every(5, 4)
    weights = RANDOM.standard_normal((5, 5, shape[-1], 4)), RANDOM.standard_normal(4)
    for layer in layers.values():
        layer.build(x.shape)
        layer.set_weights(weights)
    drawn = {name: np.asarray(layer(x)) for name, layer in layers.items()}
    assert len(drawn) == 4
    for picture in drawn.values():
        np.testing.assert_allclose(picture, drawn[choices.WRITTEN], atol=1e-5, rtol=1e-5)


def test_original_b_holds_its_pictures_as_float64(rafd):
    paths = sorted(rafd.iterdir())[:3]
    images = original_b.load(paths, (10, 8))
    assert images.dtype == np.float64 and images.shape == (3, 10, 8, 3)
    assert images.min() > 0 and images.max() < 1


def test_pytorchs_tutorial_has_the_losses_of_our_version_of_it():
    pytest.importorskip("torch")
    from benchmarks.ports.torch_tutorial import TorchTutorial

    ours, rival = Tutorial(2), TorchTutorial(2)
    for mine, theirs in ((ours.generator, rival.generator), (ours.discriminator, rival.discriminator)):
        carry(mine, theirs)
    rival.d_optimizer.param_groups[0]["lr"] = 0.0
    images, noise = RANDOM.integers(0, 256, (4, 64, 64, 3), "uint8"), RANDOM.normal(size=(4, 100))
    noise = noise.astype("float32")
    of_real, of_fake, wish = logistic(*ours({"image": images, "noise": noise}, training=True))
    expected = float(of_real + of_fake), float(wish)
    np.testing.assert_allclose(rival.step(images, noise), expected, rtol=1e-3)


def carry(network, theirs):
    """Give a Keras network the weights of its PyTorch counterpart."""
    import torch

    parts = [part for part in theirs if list(part.parameters())]
    layers = [layer for layer in network.layers if layer.trainable_variables]
    for part, layer in zip(parts, layers, strict=True):
        values = [p.detach().numpy() for p in part.parameters()]
        if isinstance(part, torch.nn.BatchNorm2d):
            values += layer.get_weights()[2:]
        elif isinstance(layer, keras.layers.Dense):  # a convolution that sees or makes one pixel
            forwards = isinstance(part, torch.nn.Conv2d)
            kernel = values[0].transpose(2, 3, 1, 0) if forwards else values[0].transpose(0, 2, 3, 1)
            values = [kernel.reshape(layer.kernel.shape)]
        else:  # (out, in, h, w), or (in, out, h, w) of a transposed one
            values = [values[0].transpose(2, 3, 1, 0)]
        layer.set_weights(values)


def test_both_players_of_the_tutorial_learn_in_either_way():
    torch = pytest.importorskip("torch")
    from benchmarks.ports.torch_tutorial import TorchTutorial

    images = RANDOM.integers(0, 256, (4, 64, 64, 3), "uint8")
    for channels_last in (False, True):
        rival = TorchTutorial(2, channels_last)
        before = [
            p.detach().clone() for p in (*rival.generator.parameters(), *rival.discriminator.parameters())
        ]
        rival.step(images)
        after = [*rival.generator.parameters(), *rival.discriminator.parameters()]
        assert not any(torch.equal(a, b) for a, b in zip(after, before, strict=True))
    ours = Tutorial(2)
    ours.compile(keras.optimizers.Adam(1e-3))
    assert moved(ours.generator, lambda: ours.fit({"image": images}, verbose=0))
    assert moved(ours.discriminator, lambda: ours.fit({"image": images}, verbose=0))


def test_operations_are_counted_as_by_hand():
    x = np.zeros((2, 8, 6, 3), "float32")
    kernel = np.zeros((5, 5, 3, 7), "float32")
    assert (
        flops.count(lambda x, k: ops.conv(x, k, strides=2, padding="same"), x, kernel)
        == 2 * 2 * 4 * 3 * 7 * 75
    )
    turned = kernel.transpose(0, 1, 3, 2)
    grown = flops.count(lambda x, k: ops.conv_transpose(x, k, strides=2, padding="same"), x, turned)
    assert grown == 2 * 2 * 8 * 6 * 3 * 7 * 25
    a, b = np.zeros((4, 5), "float32"), np.zeros((5, 6), "float32")
    assert flops.count(ops.matmul, a, b) == 2 * 4 * 5 * 6
    assert flops.count(lambda a, b: ops.matmul(a, b)[:0] * 0, a, b) == 2 * 4 * 5 * 6
    assert flops.count(lambda a, b: (ops.matmul(a, b), a)[1], a, b) == 0  # nothing depends on it


def test_a_folded_layer_is_counted_as_what_it_computes(ours):
    asked = {"attributes": ASKED[:, :40], "noise": ASKED[:, 40:]}
    written = 41 * 256 + 25 * 4 * 4 * 256 + 25 * 4 * 3 * 256
    folded = flops.count(lambda x: ours.raw_generator(x, training=False), asked)
    assert folded < 2 * 4 * written
    assert folded > 2 * 4 * (41 * 256 + 9 * 4 * 4 * 256 + 25 * 4 * 3 * 256)  # and the folding itself


def test_what_is_compared_runs_in_turn():
    order = []
    times = timing.in_turn({name: lambda name=name: order.append(name) for name in "AB"}, rounds=2)
    assert order == ["A", "B"] * 3
    assert all(len(seconds) == 2 for seconds in times.values())


def test_ratios_are_taken_within_rounds():
    seconds = {"ours": [1.0, 10.0, 2.0], "theirs": [3.0, 20.0, 10.0]}
    assert timing.times_as_fast(seconds, "ours", "theirs") == {"median": 3, "least": 2, "most": 5}


def test_rows_have_rates_and_shares(monkeypatch):
    monkeypatch.setattr(
        timing, "in_turn", lambda calls, rounds: {"a": [2.0, 4.0, 3.0], timing.SGEMM: [1.0] * 3}
    )
    monkeypatch.setattr(timing, "matrix_product", lambda: timing.Variant(print, flops=lambda: int(4e9)))
    variant = timing.Variant(print, images=12, steps=2, flops=lambda: int(6e9))
    result = timing.compare({"a": variant}, 3, sgemm=True)
    row = result["rows"][0]
    assert (row["ms"], row["from"], row["to"], row["images/s"]) == (1500, 1000, 2000, 4)
    assert (row["TFLOP"], row["GFLOP/s"], row["of SGEMM"]) == (0.003, 2, 0.5)
    assert result["seconds"] == {"a": [2 / 12, 4 / 12, 3 / 12]}


def test_memory_is_that_of_a_process_of_its_own():
    weight = np.ones(60 << 17)  # what this process holds must not count
    small, large = (timing.alone(timing.hold, megabytes=count) for count in (1, 101))
    assert 90e6 < large["peak"] - small["peak"] < 130e6
    assert large["bytes"] == 101 << 20 and weight.sum() == 60 << 17


def test_what_fails_in_its_process_is_heard_of():
    with pytest.raises(RuntimeError, match=r"hold.*failed"):
        timing.alone(timing.hold, megabytes="many")


def test_links_make_a_crowd_that_facegen_reads(celeba, tmp_path):
    folder = pictures.linked_crowd(celeba, tmp_path / "crowd", 30)
    faces, source = facegen.read(folder), facegen.read(celeba)
    assert len(faces) == 30
    rows = np.arange(30) % 12
    np.testing.assert_array_equal(faces.conditions["attributes"], source.conditions["attributes"][rows])
    assert all(
        os.path.samefile(faces.root / faces.paths[i], source.root / source.paths[i % 12]) for i in (0, 29)
    )


def test_pillow_decodes_the_same_window(celeba):
    path = celeba / pictures.PICTURES / "000003.jpg"
    array = pillow.decoded(path, (0, 20, 178, 198), (8, 8))
    np.testing.assert_allclose(array, np.broadcast_to(folders.colour(3), (8, 8, 3)), atol=3)


def test_the_catalogue_holds_together():
    for entry in BENCHMARKS.values():
        module, function = entry.where.split(":")
        assert callable(getattr(importlib.import_module(f"benchmarks.{module}"), function))
    for bar in BARS:
        assert bar.benchmark in BENCHMARKS
        assert bar.reached(bar.least) == 1 < bar.reached(bar.aim)


def result(name, ratios, rows=()):
    machine = {"processor": "P", "cores": 2, "memory GB": 8.0, "system": "Linux", "load": 0.5, "versions": {}}
    about = {"name": name, "at": "2026-01-02 03:04", "took": 61.0, "machine": machine}
    return {**about, "rows": list(rows), "ratios": ratios}


def even(value):
    return {"median": value, "least": value, "most": value}


def test_the_report_says_what_is_reached_and_what_is_not(tmp_path):
    rows = [{"variant": "facegen", "ms": 1234.5, "from": 1200.0, "to": 1300.0, "of SGEMM": 0.876}]
    reached = {"images/s, facegen / original A": {"median": 2.6, "least": 2.51, "most": 2.7}}
    reached |= {"images/s, facegen / keras.io": even(2.4)}
    memory = {"peak memory, facegen / original B": even(0.125)}
    for found in (result("gan", reached, rows), result("memory", memory)):
        (tmp_path / f"{found['name']}.json").write_text(json.dumps(found))
    report.write(tmp_path, tmp_path)
    lines = (tmp_path / "benchmarks.md").read_text().splitlines()
    table = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    assert table[BARS[0].what].endswith("| 2.60 (2.51 to 2.70) | at least 2.50 | 4.00 | reached |")
    assert table[BARS[1].what].endswith("| 2.40 | at least 2.50 | 4.00 | **not reached** |")
    assert table[BARS[3].what].endswith("| not measured |")
    assert table["Peak memory, RaFD: facegen / original B"].endswith("at most 0.25 | 0.17 | aim reached |")
    assert table["facegen"] == "| facegen | 1,234 (1,200 to 1,300) | 88% |"
    assert any(line.startswith("This page is written by") and "P, 2 cores" in line for line in lines)
    assert (tmp_path / "benchmarks.png").read_bytes().startswith(b"\x89PNG")


def test_bars_count_from_what_is_asked_for():
    assert Bar("", "", "", 20, 10, lower=True).reached(5) == 4
    assert report.verdict(Bar("", "", "", 20, 10, lower=True), 25) == "**not reached**"
    assert report.verdict(Bar("", "", "", 2, 4), 4) == "aim reached"


def test_a_report_of_nothing_says_so(tmp_path):
    report.write(tmp_path, tmp_path)
    text = (tmp_path / "benchmarks.md").read_text()
    assert "nothing has been measured yet" in text and text.count("not measured") == len(BARS)


def test_notebook_times_are_read_from_what_the_course_has_noted(tmp_path):
    import times

    good = {"error": None, "stopped": False, "memory": 0}
    runs = [SimpleNamespace(name="02_dcgan", seconds=367.2, **good)]
    runs += [SimpleNamespace(name="01_datasets", seconds=34, **good)]
    runs += [SimpleNamespace(name="03_broken", seconds=5, error="no", stopped=False, memory=0)]
    path = tmp_path / "times.json"
    path.write_text(json.dumps(times.times(runs, 400, "smoke", 2)))
    rows = everyday.notebook_times(path)
    assert rows == [{"variant": "01_datasets", "s": 34}, {"variant": "02_dcgan", "s": 367}]


@pytest.mark.timeout(900)
def test_the_gpu_run_in_small_without_tensorflow_and_numba(tmp_path):
    """On JAX, as on a machine that has little more; a second run does nothing again."""
    root = Path(__file__).resolve().parents[2]
    work = tmp_path / "work"
    work.mkdir()
    for name in ("facegen", "benchmarks"):
        (work / name).symlink_to(root / name)
    (tmp_path / "hidden").mkdir()
    for name in ("tensorflow", "numba"):
        (tmp_path / "hidden" / f"{name}.py").write_text(f"raise ImportError('{name} is hidden')")
    script = (
        (root / "benchmarks" / "gpu.sh").read_text().replace('cd "$(dirname "${BASH_SOURCE[0]}")/.."', "")
    )
    kept = {
        name: value for name, value in os.environ.items() if name not in ("KERAS_BACKEND", "FACEGEN_CACHE")
    }
    environment = {**kept, "SMALL": "1", "PYTHON": sys.executable, "MINUTES": "10", "PYTHONPATH": str(root)}

    def gpu(*words, **more):
        command = ["bash", "-c", script, "gpu.sh", *words]
        return subprocess.run(
            command, cwd=work, env={**environment, **more}, capture_output=True, text=True, check=False
        )

    assert gpu("prepare").returncode == 0
    hidden = os.pathsep.join([str(tmp_path / "hidden"), str(root)])
    done = gpu("run", str(tmp_path / "out"), "speed", "gan64", "deconv5", PYTHONPATH=hidden)
    made = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "out").glob("*.json")}
    assert set(made) == {"speed", "gan64", "deconv5"}, done.stdout + done.stderr[-3000:]
    assert len(made["speed"]["rows"]) == 8 and all(row["images/s"] > 0 for row in made["speed"]["rows"])
    assert (tmp_path / "out" / "gan64" / "model" / "weights.npz").is_file()
    again = gpu("run", str(tmp_path / "out"), "speed", "gan64", "deconv5", PYTHONPATH=hidden)
    assert again.stdout.count("done before") == 3


def test_a_rate_that_ends_one_training_is_no_best_rate_and_what_ten_times_less_costs():
    found = {
        "Adam": {
            "0.001": {"0": 20.0, "1": 21.0},
            "0.01": {"0": 24.0, "1": 25.0},
            "0.1": {"0": 60.0, "1": None},
        },
        "SGD": {"1": {"0": 15.0, "1": 15.5}},
    }
    about = optimizers.spreads(found)
    assert about["Adam"] == {"rate": 0.1, "best": 30.0, "seeds": 0.0, "tenth": 5.5, "tenfold": None}
    found["Adam"]["0.1"]["0"] = 40.0
    assert optimizers.spreads(found)["Adam"] == {
        "rate": 0.01, "best": 24.5, "seeds": 1.0, "tenth": 4.0, "tenfold": 4.5,
    }  # fmt: skip
    assert about["SGD"] == {"rate": 1.0, "best": 15.25, "seeds": 0.5, "tenth": None, "tenfold": None}


def test_pictures_that_are_inverted_are_counted_by_what_was_found():
    """A small network's own pictures, one of which is then said to have shown something else."""
    model, random = panels.deconv(), np.random.default_rng(0)
    (picture, truth), other = inversion.own(model, 2, random)
    assert picture.shape == model.image_shape and (picture != other[0]).any()
    right = inversion.read(model, (picture, truth), seed=0)
    assert right["identity"] and right["emotion"] and right["degrees away"] < 5 and right["psnr"] > 30
    turned = {name: np.roll(row, 1) if name != "orientation" else -row for name, row in truth.items()}
    wrong = inversion.read(model, (picture, turned), seed=0)
    assert not wrong["identity"] and not wrong["emotion"] and wrong["degrees away"] > 175
    found = inversion.summary([right, wrong])
    assert [found[f"{what}, %"] for what in ("identity top-1", "emotion top-1")] == [50, 50]
    assert found["angle within 5 degrees, %"] == 50 and found["seconds"] == wrong["seconds"]


def test_pictures_of_a_face_set_are_those_of_people_that_the_model_knows(rafd):
    faces = facegen.read(rafd)
    known = faces.names["identity"][1:]
    model = panels.deconv({**panels.RAFD, "identity": ["99", *known], "emotion": faces.names["emotion"]})
    cases = [*inversion.of_set(model, str(rafd), 1000, np.random.default_rng(0))]
    rows = faces.conditions["identity"][:, 1:].any(axis=1)
    assert len(cases) == rows.sum()
    assert {int(truth["identity"].argmax()) for _, truth in cases} == {*range(1, 1 + len(known))}
    assert all(truth["identity"].sum() == 1 and not truth["identity"][0] for _, truth in cases)


def test_each_variant_lacks_its_own_remedy_and_no_other():
    def made(variant):
        model = remedies.build(variant, {"attributes": ["Bald", "Smiling"]}, seed=0)
        return {**model.settings, "ratio": model.optimizer.discriminator_lr_ratio}

    best, original = made(remedies.ALL), made(remedies.NONE)
    lacking = set()
    for variant in remedies.VARIANTS.keys() - {remedies.ALL, remedies.NONE}:
        without = made(variant)
        changed = {key for key in best if without[key] != best[key]}
        assert changed and all(without[key] == original[key] for key in changed), variant
        assert not changed & lacking, variant
        lacking |= changed
    assert lacking == {key for key in best if best[key] != original[key]} - {"classifier_weight"}
