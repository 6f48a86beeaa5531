"""What other papers do to a GAN: networks that fit the game, layers as defined, losses that are known."""

import folders
import numpy as np
import pytest
from keras import ops

from benchmarks import switches
from benchmarks.candidates import Attention, Augment, Relativistic, relativistic
from facegen.data.loader import Batches

NAMES = {"attributes": ["Male", "Smiling", "Young"]}
RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.uniform(-1, 1, (16, 16, 16, 3)).astype("float32")


def test_pictures_are_shifted_and_mirrored_while_training_and_nothing_else():
    layer = Augment(seed=0)
    assert (np.asarray(layer(PICTURES)) == PICTURES).all()
    moved = set()
    for before, after in zip(PICTURES, np.asarray(layer(PICTURES, training=True)), strict=True):
        found = [
            (down, right, mirrored)
            for down in range(-2, 3)
            for right in range(-2, 3)
            for mirrored in (False, True)
            if np.allclose(after, slid(before, down, right)[:, :: -1 if mirrored else 1])
        ]
        assert len(found) == 1
        moved |= {*found}
    assert len(moved) > 8


def slid(picture, down, right):
    """A picture moved by some pixels, grey where there was nothing."""
    wide = np.pad(picture, ((2, 2), (2, 2), (0, 0)))
    return wide[2 - down : 18 - down, 2 - right : 18 - right]


def test_attention_is_heeded_by_degrees():
    layer, x = Attention(), RANDOM.normal(size=(2, 3, 4, 8)).astype("float32")
    assert np.allclose(layer(x), x)
    layer.heeded.assign(0.5)
    query, key, value = (
        x.reshape(2, 12, 8) @ np.asarray(layer.maps[name]) for name in ("query", "key", "value")
    )
    weights = np.exp(query @ key.transpose(0, 2, 1))
    weights /= weights.sum(axis=2, keepdims=True)
    assert np.allclose(layer(x), x + 0.5 * (weights @ value).reshape(x.shape), atol=1e-5)


@pytest.mark.parametrize("name", switches.VARIANTS)
def test_each_variant_learns_with_both_players(name):
    model = switches.VARIANTS[name].build(NAMES, 0, size=16, width=4, discriminator_width=4)
    mine = [v for v in model.trainable_variables if v.path.startswith("discriminator")]
    assert {id(v) for v in mine} == {id(v) for v in model.discriminator.trainable_variables}
    players = [model.raw_generator, model.discriminator]
    before = [[w.copy() for w in player.get_weights()] for player in players]
    rows = RANDOM.integers(0, 2, (8, 3)).astype("float32")
    images = RANDOM.integers(0, 256, (8, 16, 16, 3)).astype("uint8")
    log = model.fit(Batches(images, {"attributes": rows}, 4).epoch(0), verbose=0).history
    assert np.isfinite(log["d_loss"]).all()
    for player, then in zip(players, before, strict=True):
        moved = [(now != old).any() for now, old in zip(player.get_weights(), then, strict=True)]
        assert np.mean(moved) > 0.5  # not, say, attention's maps, which are not heeded at first
    assert model.draw({"attributes": rows, "noise": model.sample_noise(8, 0)}).shape == images.shape


def test_relativistic_losses_compare_pairs():
    real, fake = np.array([[2.0], [0.0]], "float32"), np.array([[1.0], [1.0]], "float32")
    told, again, hoped = map(float, relativistic(real, fake, fake))
    assert told == again == pytest.approx(np.log1p(np.exp([-1.0, 1.0])).mean())
    assert hoped == pytest.approx(np.log1p(np.exp([1.0, -1.0])).mean())


def test_the_slope_of_a_discriminator_is_felt(monkeypatch):
    model = Relativistic(NAMES, 16, width=2, discriminator_width=2, dropout=0.0, conditioning="both")
    weights = RANDOM.normal(size=(16 * 16 * 3,)).astype("float32")
    linear = lambda seen, rows: ops.sum(ops.reshape(seen, (-1, weights.size)) * weights, axis=1)  # noqa: E731
    monkeypatch.setattr(model, "discriminator", lambda inputs: inputs["image"])
    monkeypatch.setattr(model, "_verdict", linear)
    monkeypatch.setattr(Relativistic.__mro__[1], "call", lambda self, batch, training=None: {})
    batch = {"image": np.zeros((200, 16, 16, 3), "uint8"), "attributes": np.zeros((200, 3), "float32")}
    slope = np.asarray(model.call(batch)["slope"])
    assert np.square(slope).mean() == pytest.approx(np.square(weights).sum(), rel=0.2)


def test_the_comparison_from_data_to_table_and_not_twice(tmp_path, monkeypatch, capsys):
    data = folders.celeba(tmp_path / "data", 120)
    arguments = [str(data), "-o", str(tmp_path), "--seconds", "0.1", "--size", "16", "--width", "2"]
    monkeypatch.setattr(
        "sys.argv", ["switches.py", *arguments, "--people", "2", "--variants", "today", "pairs"]
    )
    switches.main()
    first = capsys.readouterr().out
    assert (tmp_path / data.name / "pairs-0" / "sheet.png").is_file()
    monkeypatch.setattr(switches, "trained", None)  # whoever trains again fails
    switches.main()
    assert capsys.readouterr().out == first
    assert first.count("| today |") == first.count("| pairs |") == 1
