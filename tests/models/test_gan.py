"""The GAN: the original's size, and one backward pass that is the classic two-step update."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from facegen.conditions import attributes
from facegen.data.loader import Batches
from facegen.models.dcgan import discriminator, generator, plus_minus, start_grid
from facegen.models.gan import CONDITIONINGS, GAN, TTURAdam
from facegen.utils.errors import FacegenError

NAMES = {"attributes": ["Bald", "Male", "Smiling"]}
OWN = {"numbers": ["age", "constant"], "hair": ["dark", "fair"]}
SPAN = {"numbers": [[18, 80], [3, 3]]}


def small(**settings):
    settings = {"size": 16, "width": 4, "latent_dim": 5, "discriminator_width": 4, "dropout": 0.0, **settings}
    return GAN(NAMES, **settings)


def batch(count=6, size=16, seed=0):
    random = np.random.default_rng(seed)
    rows = random.integers(0, 2, (count, 3)).astype("float32")
    return {"image": random.integers(0, 256, (count, size, size, 3), dtype="uint8"), "attributes": rows}


@pytest.mark.parametrize(
    "size, grid", [(64, (8, 3)), (32, (8, 2)), (128, (8, 4)), (96, (6, 4)), (20, (10, 1))]
)
def test_start_grid_is_the_originals(size, grid):
    assert start_grid(size) == grid


@pytest.mark.parametrize("size", [8, 10, 50, 65])
def test_sizes_that_doubling_cannot_reach_are_refused(size):
    with pytest.raises(FacegenError, match=f"size={size}"):
        GAN(NAMES, size=size)


def test_parameter_counts_are_the_originals():
    # Generator, 64x64, gf = 64, 40 attributes and one number of noise:
    dense = (41 + 1) * (8 * 8 * 512)
    convolutions = (25 * 512 + 1) * 512 + (25 * 512 + 1) * 256 + (25 * 256 + 1) * 128
    norms = 4 * (512 + 256 + 128)  # scale, shift and the two moving statistics
    pixels = (25 * 128 + 1) * 3
    model = generator({"attributes": attributes.NAMES}, 64, 3, 64, 1)
    assert model.count_params() == dense + convolutions + norms + pixels
    # Discriminator, df = 64: 64x64 => 32 => 16 => 8 => 8
    convolutions = (16 * 3 + 1) * 64 + (16 * 64 + 1) * 128 + (16 * 128 + 1) * 256 + (16 * 256 + 1) * 512
    model = discriminator({"attributes": attributes.NAMES}, 64, 3, 64, 0.25)
    assert model.count_params() == convolutions + 8 * 8 * 512 + 1


class Fixed(GAN):
    """Asks for the same attributes and noise every time, so that two computations can be compared."""

    def sample_inputs(self, batch):
        count = len(batch["image"])
        return {
            "attributes": tf.ones((count, 3)),
            "noise": tf.constant(np.random.default_rng(1).random((count, 5)), tf.float32),
        }


class Leaky(Fixed):
    """The same without the stop-gradients: both players feel both losses."""

    def call(self, batch, training=None):
        fake = self.generator(self.sample_inputs(batch), training=training)
        real = tf.cast(batch["image"], tf.float32) / 127.5 - 1
        d_real, d_fake = (self.discriminator({"image": x}, training=training)["logit"] for x in (real, fake))
        return {"real": d_real, "fake": d_fake, "fake_for_generator": d_fake}


def one_pass(model, data):
    with tf.GradientTape() as tape:
        loss = model.compute_loss(data, None, model(data, training=True))
    players = model.generator.trainable_weights, model.discriminator.trainable_weights
    return tape.gradient(loss, players)


def two_steps(model, data):
    """Goodfellow et al. 2014, algorithm 1: each player's own loss, by its own tape."""
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    real, inputs = tf.cast(data["image"], tf.float32) / 127.5 - 1, model.sample_inputs(data)
    ones, zeros = tf.ones((len(real), 1)), tf.zeros((len(real), 1))

    def judge(images):
        return model.discriminator({"image": images}, training=True)["logit"]

    with tf.GradientTape() as tape:
        fake = model.generator(inputs, training=True)
        d_loss = entropy(tf.concat([ones, zeros], 0), judge(tf.concat([real, fake], 0)))
    d_gradients = tape.gradient(d_loss, model.discriminator.trainable_weights)
    with tf.GradientTape() as tape:
        g_loss = entropy(ones, judge(model.generator(inputs, training=True)))
    return tape.gradient(g_loss, model.generator.trainable_weights), d_gradients


def largest_difference(ours, theirs):
    """Over both players: the largest difference of a gradient, as a share of the largest gradient."""
    shares = []
    for mine, expected in zip(ours, theirs, strict=True):
        difference = max(float(tf.reduce_max(tf.abs(a - b))) for a, b in zip(mine, expected, strict=True))
        shares.append(difference / max(float(tf.reduce_max(tf.abs(b))) for b in expected))
    return max(shares)


def test_one_backward_pass_equals_the_two_step_update():
    model = small()
    model = Fixed(**model.settings)
    assert largest_difference(one_pass(model, batch()), two_steps(model, batch())) < 1e-5


def test_without_stop_gradients_it_does_not():
    model = Leaky(**small().settings)
    assert largest_difference(one_pass(model, batch()), two_steps(model, batch())) > 0.1


def test_each_player_moves_at_its_own_rate():
    model = small()
    model.compile(TTURAdam(learning_rate=1e-3, discriminator_lr_ratio=0.1), jit_compile=False)
    before = [v.numpy() for v in model.trainable_variables]
    data = batch()
    model.fit(Batches(data["image"], {"attributes": data["attributes"]}, 6).epoch(0), verbose=0)
    moved = {
        v.path: np.abs(v.numpy() - b).max() for v, b in zip(model.trainable_variables, before, strict=True)
    }
    rates = {
        player: max(m for path, m in moved.items() if path.startswith(player)) for player in ("gen", "disc")
    }
    assert rates["gen"] == pytest.approx(1e-3, rel=0.1)  # Adam's first step is as long as its rate
    assert rates["disc"] == pytest.approx(1e-4, rel=0.1)


def test_training_moves_both_players_and_reports_both_losses():
    model, data = small(dropout=0.25), batch(24)
    model.compile(TTURAdam(), jit_compile=False)
    before = [v.numpy() for v in model.trainable_variables]
    epoch = Batches(data["image"], {"attributes": data["attributes"]}, 8).epoch(0)
    history = model.fit(epoch, verbose=0, shuffle=False).history
    assert {"d_loss", "g_loss", "d_real", "d_fake"} <= history.keys()
    assert history["loss"][0] == pytest.approx(history["d_loss"][0] + history["g_loss"][0], rel=1e-4)
    assert all((v.numpy() != b).any() for v, b in zip(model.trainable_variables, before, strict=True))


def test_requests_are_coins_or_the_rows_of_the_table():
    data = batch(60)
    original = {"names": {"attributes": list(attributes.NAMES)}, "size": 16, "width": 2, "latent_dim": 5}
    model = GAN(**original, discriminator_width=2)
    assert model.settings["label_sampling"] == "bernoulli"
    coins = model.sample_inputs({**data, "attributes": np.zeros((60, 40), "float32")})
    assert set(np.unique(coins["attributes"])) == {0, 1}
    assert 0.4 < np.mean(coins["attributes"]) < 0.6
    assert coins["noise"].shape == (60, 5) and 0 <= np.min(coins["noise"]) < np.max(coins["noise"]) < 1
    rows = np.asarray(small(label_sampling="shuffled").sample_inputs(data)["attributes"])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, data["attributes"]))
    assert (rows != data["attributes"]).any()
    with pytest.raises(FacegenError, match="label_sampling='dice'"):
        small(label_sampling="dice")
    assert small().label_sampling == "bernoulli"  # CelebA's attributes: the original's recipe


OTHER = {
    "RaFD": {"identity": ["01", "02"], "emotion": ["happy", "sad", "angry"], "orientation": ["sin", "cos"]},
    "own words": {"hair colour": ["salt+pepper", "fair"], "Größe/x": ["no", "yes"]},
    "own attributes": {"attributes": ["bearded", "tall"]},
    "own numbers": {"numbers": ["age", "weight"]},
}


@pytest.mark.parametrize("names", OTHER.values(), ids=OTHER)
@pytest.mark.filterwarnings("ignore:When providing `inputs` as a dict")
def test_only_of_celebas_attributes_coins_are_asked(names):
    """Of anything else a coin for each column makes people that cannot be: two identities, no emotion."""
    random = np.random.default_rng(0)
    table = {n: np.eye(len(c), dtype="float32")[random.integers(0, len(c), 12)] for n, c in names.items()}
    ranges = {"numbers": [[18, 80], [50, 90]]} if "numbers" in names else None
    model = GAN(names, size=16, width=2, discriminator_width=2, ranges=ranges)
    asked = model.sample_inputs({"image": np.zeros((12, 16, 16, 3), "uint8"), **table})
    assert model.label_sampling == "shuffled"
    one, other = (np.concatenate([np.asarray(some[n]) for n in names], 1) for some in (asked, table))
    assert sorted(map(tuple, one)) == sorted(map(tuple, other)) and (one != other).any()  # whole rows
    with pytest.raises(
        FacegenError, match=r"label_sampling='bernoulli': a coin for each column of .* cannot be"
    ):
        GAN(names, size=16, width=2, label_sampling="bernoulli", ranges=ranges)


@pytest.mark.parametrize("centred", [True, False])
def test_numbers_are_scaled_inside_by_the_range_that_is_stored(centred):
    model = GAN(OWN, 16, width=2, discriminator_width=2, centred=centred, ranges=SPAN, conditioning="both")
    read = keras.Model(model.raw_generator.input, model.raw_generator.get_layer("generator_input").output)
    rows = {"numbers": [[18, 3], [49, 3], [80, 3]], "hair": np.eye(2)[[0, 1, 0]], "noise": np.zeros((3, 1))}
    found = read({name: np.array(values, "float32") for name, values in rows.items()})
    low = -1 if centred else 0
    middle = (low + 1) / 2
    np.testing.assert_allclose(found[:, :2], [[low, middle], [middle, middle], [1, middle]], atol=1e-6)
    np.testing.assert_allclose(plus_minus(rows, OWN, SPAN)[:, 0], [-1, 0, 1], atol=1e-6)
    assert GAN(**model.settings).ranges == {"numbers": [[18.0, 80.0], [3.0, 3.0]]}
    with pytest.raises(FacegenError, match="ranges=None: expected the least and the largest"):
        GAN(OWN, 16, width=2, discriminator_width=2)


@pytest.mark.parametrize("name", ["image", "noise"])
def test_names_that_networks_have_for_something_else_are_refused(name):
    with pytest.raises(FacegenError, match="A condition cannot be called"):
        GAN({name: ["a", "b"]}, 16, width=2, discriminator_width=2)


def test_draws_pictures_that_depend_on_both_inputs():
    model = small()
    inputs = {"attributes": np.eye(3, dtype="float32")[[0, 1, 0]], "noise": model.sample_noise(3, seed=0)}
    images = model.draw(inputs, batch_size=2)
    assert images.shape == (3, 16, 16, 3) and images.dtype == np.uint8
    same_noise = model.draw({**inputs, "noise": inputs["noise"][[0, 0, 0]]})
    assert (same_noise[0] == same_noise[2]).all() and (same_noise[0] != same_noise[1]).any()
    assert (images[0] != images[2]).any()
    assert ((scores := model.score(images)) > 0).all() and (scores < 1).all()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"noise": np.zeros((2, 4))}, r"'noise'.*\(2, 5\).*\(2, 4\)"),
        ({"attributes": np.zeros((3, 3))}, "'noise'"),
    ],
)
def test_wrong_inputs_are_named(change, message):
    model = small()
    inputs = {"attributes": np.zeros((2, 3)), "noise": np.zeros((2, 5))}
    with pytest.raises(FacegenError, match=message):
        model.draw({**inputs, **change})
    with pytest.raises(FacegenError, match="'attributes' is missing"):
        model.draw({"noise": np.zeros((2, 5))})


def test_same_seed_same_start():
    keras.utils.set_random_seed(3)
    one = small().get_weights()
    keras.utils.set_random_seed(3)
    two = small().get_weights()
    assert all((a == b).all() for a, b in zip(one, two, strict=True))


def test_rebuilt_from_its_config():
    model = small(label_sampling="shuffled")
    twin = GAN.from_config(model.get_config())
    assert twin.settings == model.settings
    assert twin.count_params() == model.count_params()


def stabilized(**settings):
    return small(centred=True, spectral=True, loss="hinge", ema=0.9, label_sampling="shuffled", **settings)


def test_centred_inputs_are_plus_and_minus_one_and_normal_noise():
    model = stabilized()
    noise = np.asarray(model.sample_inputs(batch(500))["noise"])
    assert abs(noise.mean()) < 0.1 and abs(noise.std() - 1) < 0.1
    assert abs(model.sample_noise(500, 0).mean()) < 0.1
    dense = model.raw_generator.get_layer("generator_dense")
    dense.bias.assign(np.zeros(dense.bias.shape))
    read = keras.Model(model.raw_generator.input, model.raw_generator.get_layer("generator_input").output)
    rows = read({"attributes": np.array([[0, 1, 0]], "float32"), "noise": np.zeros((1, 5), "float32")})
    np.testing.assert_array_equal(rows[0], [-1, 1, -1, 0, 0, 0, 0, 0])


def test_the_hinge_loss_by_hand():
    logits = {"real": [[2.0], [-0.5]], "fake": [[-3.0], [0.5]], "fake_for_generator": [[-1.0], [3.0]]}
    logits = {name: np.array(values, "float32") for name, values in logits.items()}
    model = stabilized()
    loss = model.compute_loss(None, None, logits)
    d_loss = ((0 + 1.5) / 2 + (0 + 1.5) / 2) / 2
    assert float(loss) == pytest.approx(d_loss - 1.0)
    with pytest.raises(FacegenError, match="loss='mse': expected one of logistic, hinge"):
        small(loss="mse")


@pytest.mark.parametrize("done", [0, 1000])
def test_the_average_follows_the_learner_and_is_what_draws(done):
    model, data = stabilized(), batch(24)
    model.steps.assign(done)
    model.compile(TTURAdam(learning_rate=1e-2), jit_compile=False)
    before, after = [model.raw_generator.get_weights()], []
    batches = Batches(data["image"], {"attributes": data["attributes"]}, 8)
    for step in range(3):  # the average moves as a step begins: towards what the step before has left
        model.fit(batches.epoch(0, start=2), verbose=0)
        (after if step == 2 else before).append(model.raw_generator.get_weights())
    expected = before[0]
    for step, weights in enumerate(before, done + 1):
        kept = min(0.9, step / (step + 9))  # 0.1, 0.18, 0.25 at the beginning, 0.9 in the end
        expected = [kept * e + (1 - kept) * w for e, w in zip(expected, weights, strict=True)]
    for mean, value in zip(model.ema_generator.get_weights(), expected, strict=True):
        np.testing.assert_allclose(mean, value, atol=1e-5)
    assert model.generator is model.ema_generator
    moved = max(np.abs(a - b).max() for a, b in zip(after[0], model.ema_generator.get_weights(), strict=True))
    assert moved > 1e-3


def test_a_finished_gan_draws_and_judges_as_before_with_fewer_weights():
    model, data = stabilized(conditioning="both"), batch(8)
    model.compile(TTURAdam(learning_rate=1e-2), jit_compile=False)
    model.fit(Batches(data["image"], {"attributes": data["attributes"]}, 8).epoch(0), verbose=0)
    small_one = model.exported()
    inputs = {"attributes": data["attributes"], "noise": model.sample_noise(len(data["attributes"]), 0)}
    np.testing.assert_array_equal(small_one.draw(inputs), model.draw(inputs))
    scores = [x.score(data["image"], {"attributes": data["attributes"]}) for x in (model, small_one)]
    np.testing.assert_array_equal(*scores)
    assert len(small_one.weights) == len(model.weights) - len(model.ema_generator.weights)
    assert float(small_one.steps) == float(model.steps) > 0


def test_a_gan_goes_on_from_a_finished_one_with_other_remedies():
    finished, data = small(conditioning="both", centred=True, spectral=True, loss="hinge"), batch(8)
    finished.steps.assign(7)
    model = stabilized(conditioning="both", pairs=0.25)
    model.begin_with(finished)
    for network in (model.raw_generator, model.ema_generator):
        for ours, theirs in zip(network.get_weights(), finished.generator.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(model.score(data["image"]), finished.score(data["image"]))
    assert float(model.steps) == 7


def test_no_two_weights_share_a_name():
    paths = [v.path for v in stabilized().weights]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_every_conditioning_trains_and_each_player_hears_its_own_loss_only(conditioning):
    model = small(conditioning=conditioning, label_sampling="shuffled")
    data = batch()
    with tf.GradientTape(persistent=True) as tape:
        verdicts = model(data, training=True)
        own = {
            model.raw_generator: tf.reduce_mean(verdicts["fake_for_generator"])
            + tf.reduce_mean(verdicts.get("read_fake", 0.0)),
            model.discriminator: tf.reduce_mean(
                verdicts["real"] + verdicts["fake"] + verdicts.get("mismatched", 0.0)
            )
            + tf.reduce_mean(verdicts.get("read_real", 0.0)),
        }
    for player, loss in own.items():
        for network in own:
            gradients = tape.gradient(loss, network.trainable_weights)
            if network is not player:
                assert all(g is None for g in gradients)
            else:
                assert all(
                    g is not None and np.abs(g).max() > 0 for g in gradients if g is None or g.shape.rank > 1
                )
    model.compile(TTURAdam(), jit_compile=False)
    history = model.fit(
        Batches(data["image"], {"attributes": data["attributes"]}, 3).epoch(0), verbose=0
    ).history
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize("conditioning", ["projection", "both"])
def test_a_discriminator_that_reads_conditions_depends_on_them(conditioning):
    model, data = small(conditioning=conditioning), batch()
    other = {"attributes": 1 - data["attributes"]}
    assert np.abs(model.score(data["image"], data) - model.score(data["image"], other)).min() > 1e-6


def test_projection_adds_the_answers_to_what_was_asked_for():
    model, data = small(conditioning="projection"), batch()
    seen = model.discriminator({"image": np.asarray(data["image"] / 127.5 - 1, "float32")})
    asked = data["attributes"] * 2 - 1
    expected = np.asarray(seen["logit"])[:, 0] + (np.asarray(seen["projection"]) * asked).sum(1) / 3**0.5
    np.testing.assert_allclose(model.score(data["image"], data), 1 / (1 + np.exp(-expected)), rtol=1e-5)
    np.testing.assert_array_equal(plus_minus(data, NAMES), asked)


def test_mismatched_rows_count_as_fake_and_reading_is_binary_cross_entropy():
    model, data = small(conditioning="both", label_sampling="shuffled"), batch()
    verdicts = model(data)
    image = np.asarray(data["image"] / 127.5 - 1, "float32")
    seen = model.discriminator({"image": image})
    entropy = keras.losses.binary_crossentropy(data["attributes"], seen["class_logits"], from_logits=True)
    np.testing.assert_allclose(np.mean(verdicts["read_real"], axis=1), entropy, rtol=1e-4)
    odd = model._verdict(seen, {"attributes": np.roll(data["attributes"], 2, axis=0)})
    np.testing.assert_allclose(verdicts["mismatched"], odd, rtol=1e-4)
    logits = {
        "real": [[2.0]],
        "fake": [[-3.0]],
        "mismatched": [[1.0]],
        "fake_for_generator": [[0.0]],
        "read_real": [[0.5]],
        "read_fake": [[7.0]],
    }
    logits = {name: np.array(values, "float32") for name, values in logits.items()}
    model = stabilized(conditioning="both", classifier_weight=2.0)
    assert float(model.compute_loss(None, None, logits)) == pytest.approx((0 + (0 + 2) / 2) / 2 + 2.0 * 0.5)
    model.steps.assign(250.0)  # half-way through the warm-up
    assert float(model.compute_loss(None, None, logits)) == pytest.approx(0.5 + 2.0 * (0.5 + 0.5 * 7.0))


def test_unknown_conditionings_are_refused():
    with pytest.raises(FacegenError, match="conditioning='hope': expected one of none, projection"):
        small(conditioning="hope")
