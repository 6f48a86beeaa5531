"""What goes wrong in a training is noticed by its numbers, and told once, with the remedies left."""

import keras
import numpy as np
import pytest
from keras.optimizers import schedules
from tiny import COLUMNS, data, deconv, gan

from facegen.models.gan import GAN, TTURAdam
from facegen.training import diagnosis, resources, trainer

STABILIZED = {
    "centred": True,
    "latent_dim": 64,
    "spectral": True,
    "dropout": 0.0,
    "loss": "hinge",
    "label_sampling": "shuffled",
    "ema": 0.99,
}


def faces(rate=0.5, **settings):
    """A compiled GAN, the original but for some settings."""
    model = GAN({"attributes": COLUMNS}, size=16, width=2, discriminator_width=2, **settings)
    model.compile(TTURAdam(2e-4, rate), jit_compile=False)
    return model


def rows(*values, **others):
    """A log in which one number of each epoch is given."""
    return [{"epoch": i, "loss": 1.0, "spread": value, **others} for i, value in enumerate(values, 1)]


def told(log, model, steps=100):
    return diagnosis.findings(log, model, steps)


# The probe


def test_a_generator_that_draws_one_picture_has_no_spread():
    model, batches = gan()
    model.ema_generator.set_weights([np.zeros_like(w) for w in model.ema_generator.get_weights()])
    assert diagnosis.Probe(model, batches)()["spread"] == 0


def test_a_network_that_copies_its_set_has_the_spread_of_the_set(monkeypatch):
    model, batches = deconv()
    probe = diagnosis.Probe(model, batches)
    monkeypatch.setattr(model, "draw", lambda inputs, most: probe.real)
    assert probe() == {"spread": 1.0}


def test_the_share_of_right_verdicts(monkeypatch):
    """Of a discriminator that calls everything real, and of one that knows."""
    model, batches = gan()
    probe = diagnosis.Probe(model, batches)
    monkeypatch.setattr(model, "score", lambda images, conditions: np.ones(len(images)))
    assert probe()["told"] == 0.5
    real = {image.tobytes() for image in probe.real}
    knows = lambda images, conditions: np.array([image.tobytes() in real for image in images])  # noqa: E731
    monkeypatch.setattr(model, "score", knows)
    assert probe()["told"] == 1.0


@pytest.mark.parametrize("make", [gan, deconv])
def test_looking_changes_nothing(make):
    model, batches = make()
    batches.batch_size = 7  # the last bunch is smaller
    before = [np.array(v) for v in model.variables]
    probe = diagnosis.Probe(model, batches)
    assert probe() == probe()
    assert all((np.array(v) == value).all() for v, value in zip(model.variables, before, strict=True))


def test_a_single_face_has_no_spread():
    model, _ = deconv()
    assert diagnosis.Probe(model, data(1, batch_size=1))() == {}


# Findings


@pytest.mark.parametrize(
    "spreads, epoch",
    [
        ((0.1, 0.1, 0.1, 0.1), 3),  # the first is too young to tell
        ((0.1, 0.9, 0.1, 0.9), None),
        ((0.9, 0.9, 0.9, 0.9), None),
        ((0.9, 0.8, 0.2, 0.2), 4),
    ],
)
def test_a_collapse_is_one_that_lasts(spreads, epoch):
    found = told(rows(*spreads), faces())
    assert [*found] == (["collapse"] if epoch else [])
    if epoch:
        assert found["collapse"].startswith(f"Epoch {epoch}: the generator has collapsed")


def test_steps_count_not_epochs():
    assert told(rows(0.1, 0.1), faces(), steps=200) and not told(rows(0.1, 0.1), faces(), steps=50)


def test_a_discriminator_that_has_won():
    won, lucky, far = (
        {"told": 1.0, "d_loss": 0.01},
        {"told": 1.0, "d_loss": 0.4},
        {"told": 0.6, "d_loss": 0.01},
    )
    assert [*told(rows(0.9, 0.9, 0.9, **won), faces())] == ["victory"]
    assert not told(rows(0.9, 0.9, 0.9, **lucky), faces())
    assert not told(rows(0.9, 0.9, 0.9, **far), faces())


def test_a_log_without_these_numbers_warns_of_nothing():
    log = [{"epoch": epoch, "loss": 1.0} for epoch in (1, 2, 3)]
    assert not told(log, faces(), 500) and not told(log, deconv()[0], 500)


@pytest.mark.parametrize("name", ["collapse", "victory"])
def test_remedies_are_arguments_that_are_not_in_use(name):
    log = rows(0.1, 0.1, 0.1, told=1.0, d_loss=0.01)
    both = (told(log, model)[name] for model in (faces(), faces(4.0, **STABILIZED)))
    original, stabilized = (" ".join(text.split()) for text in both)
    assert "`spectral=True`" in original and '`loss="hinge"`' in original
    assert not any(f"`{remedy}=" in stabilized for remedy in STABILIZED)
    if name == "collapse":
        assert all(f"`{remedy}=" in original for remedy in STABILIZED)
        assert "All that `GAN` knows against it is in use" in stabilized
    else:
        assert "`TTURAdam(discriminator_lr_ratio=1)` instead of 4" in stabilized


def test_the_other_network_is_told_in_its_own_words():
    found = told(rows(0.1, 0.1, 0.1), deconv()[0])
    assert [*found] == ["flat"] and "one picture for everybody" in found["flat"]
    assert "learning rate than 0.001: 0.003 if" in " ".join(found["flat"].split())


@pytest.mark.parametrize(
    "logs, fault",
    [
        ({"d_loss": 0.5, "g_loss": float("nan")}, "g_loss is no longer a number"),
        ({"d_loss": float("inf"), "g_loss": 1.0}, "d_loss is no longer a number"),
        ({"read_fake": -2e6}, r"read_fake has grown to -2.0e+06"),
        ({"loss": 999_999.0}, ""),
    ],
)
def test_any_loss_may_diverge(logs, fault):
    assert diagnosis.non_finite(logs) == fault


def test_what_says_that_memory_ran_out():
    class ResourceExhaustedError(Exception):
        pass

    told = (
        "RESOURCE_EXHAUSTED: Out of memory",
        "CUDA out of memory. Tried 2 GiB",
        "OOM when allocating tensor",
        "Operation received an exception:Status: 1, message: could not create a primitive, in file x.cc",
    )
    errors = (ResourceExhaustedError("{{node gan/up}}"), MemoryError(), *map(RuntimeError, told))
    assert all(map(diagnosis.is_out_of_memory, errors))
    assert not diagnosis.is_out_of_memory(ValueError("the ROOM is too small"))


def test_memory_that_may_not_suffice_is_told_before(tmp_path, caplog, monkeypatch):
    model, batches = deconv()
    assert diagnosis.memory_warning(model, batches.batch_size) == ""
    room = resources.estimate(model, 3)
    monkeypatch.setattr(resources, "available", lambda: room)
    trainer.train(model, batches, 1, tmp_path, progress=False)  # it may suffice, after all
    told = caplog.text
    assert "a batch of 8 needs about" in told and "a batch of 3 would do with that" in told
    monkeypatch.setattr(resources, "available", lambda: 1000)
    assert "smaller network" in diagnosis.memory_warning(model, 8)


def test_advice_against_divergence_fits_the_model():
    advice = diagnosis.against_divergence(faces())
    assert "`TTURAdam(5e-05)` instead of 0.0002" in advice and "`GAN(spectral=True)`" in advice
    model, _ = deconv()
    model.compile(keras.optimizers.SGD(0.1, clipnorm=1.0), loss="mse")
    assert diagnosis.against_divergence(model).endswith(
        "(`SGD(0.025)` instead of 0.1)."
    )  # nothing else is left


@pytest.mark.parametrize(
    "rate",
    [
        schedules.CosineDecay(0.0, 90, warmup_target=0.4, warmup_steps=10),
        schedules.CosineDecay(0.4, 100),
        schedules.CosineDecayRestarts(0.4, 10),
        schedules.ExponentialDecay(0.4, 10, 0.1),
        schedules.PolynomialDecay(0.4, 100, 0.0),
        schedules.PiecewiseConstantDecay([10, 50], [0.1, 0.4, 0.0]),
    ],
)
@pytest.mark.parametrize("step", [0, 5, 100])
def test_advice_is_of_the_highest_rate_wherever_a_schedule_is(rate, step):
    model, _ = deconv()
    model.compile(keras.optimizers.SGD(rate), loss="mse")
    model.optimizer.iterations.assign(step)
    assert "(`SGD(0.1)` instead of 0.4)" in diagnosis.against_divergence(model)
    assert "than 0.4: 1.2 if `loss` hardly" in " ".join(told(rows(0.1, 0.1, 0.1), model)["flat"].split())


# In a training


class Collapsing(GAN):
    """Draws one grey for everybody."""

    def draw(self, inputs, batch_size=64):
        return np.full((len(inputs["noise"]), 16, 16, 3), 128, "uint8")


def test_a_training_tells_once_and_writes_it_down(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(diagnosis, "YOUNG", 0)

    def run(epochs):
        caplog.clear()
        keras.utils.set_random_seed(0)
        model = Collapsing({"attributes": COLUMNS}, size=16, width=2, discriminator_width=2)
        model.compile(TTURAdam(), jit_compile=False)
        trainer.train(model, data(side=16), epochs, tmp_path, progress=False)
        return "".join(f"{message}\n" for message in caplog.messages)

    said = run(3)
    assert said.count("the generator has collapsed") == 1 and said.startswith("Epoch 2:")
    assert (tmp_path / "warnings.txt").read_text() == said
    assert run(4) == ""  # resumed: known already
    assert (tmp_path / "warnings.txt").read_text() == said
    assert (tmp_path / "log.csv").read_text().splitlines()[-1].startswith("4,")


def test_a_discriminator_that_really_wins_is_noticed(tmp_path, monkeypatch):
    """It learns a hundred times as fast, and its real pictures are all black."""
    monkeypatch.setattr(diagnosis, "YOUNG", 0)
    keras.utils.set_random_seed(0)
    model = faces(100.0, dropout=0.0)
    batches = data(side=16)
    batches.pixels[:] = 0
    batches.pixels[::2, 0] = 1  # two pictures, for a spread
    log = trainer.train(model, batches, 6, tmp_path, progress=False)
    assert log[-1]["told"] == 1 and log[-1]["d_loss"] < diagnosis.WON
    assert "the discriminator has won" in (tmp_path / "warnings.txt").read_text()
