"""The classifier: a small network that reads a condition off pictures, trained on real pictures only.

What a generator was asked for is compared with what the classifier sees in its pictures. It reads attributes,
each of which is there or not, and conditions of which one of many is, such as emotions. A classifier is only
as good as its own scores on real pictures it never saw: they stand beside every measure as the
ceiling. Its features, not those of a network trained on photographs of everything, also measure
how far two sets of pictures lie apart; so a distance in them is not an FID.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np
from keras import layers

from facegen.conditions.kinds import Binary, Mixture, kind
from facegen.data.dataset import FaceSet
from facegen.data.loader import Batches
from facegen.data.pixels import HINT, cache_folder, load_pixels
from facegen.models import weights
from facegen.models.layers import symmetric
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.utils.progress import bar

WIDTHS = (32, 64, 128, 192)
EPOCHS = 12
PICTURES = 12_000  # that a classifier of emotions looks at in training, where a set is small ...
LONGEST = 40  # ... in at most so many epochs


class AttributeClassifier:
    """Reads a condition off pictures.

    Attributes:
        network: keras.Model from pictures in -1..1 to {"logits": (b, columns), "features": (b, 192)}.
        names: of the columns.
        exclusive: whether exactly one of the columns is on, as of emotions; else each by itself.
        thresholds: float32 (columns,): the logit from which an attribute counts as there, chosen on
            validation pictures. Of exclusive columns the largest logit counts.
        settings: what it was made of.

    Example:
        >>> eye = AttributeClassifier((40, 32), ["happy", "sad"], exclusive=True)
        >>> eye.read(np.zeros((3, 40, 32, 3), "uint8")).sum(axis=1).tolist()
        [1, 1, 1]
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        names: Sequence[str],
        thresholds: np.ndarray | None = None,
        settings: Mapping[str, object] | None = None,
        exclusive: bool = False,
        channels: int = 3,
    ):
        self.size, self.names, self.settings = size, list(names), dict(settings or {})
        self.exclusive = exclusive
        self.network = network(size, len(names), channels, exclusive)
        self.thresholds = np.zeros(len(names), "float32") if thresholds is None else thresholds

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Float32 (n, columns) for uint8 (n, height, width, channels): above zero is more likely than not."""
        return self._seen(images)["logits"]

    def features(self, images: np.ndarray) -> np.ndarray:
        """What the classifier has found just before it decides: float32 (n, 192)."""
        return self._seen(images)["features"]

    def read(self, images: np.ndarray) -> np.ndarray:
        """What the classifier sees: bool (n, columns); of exclusive columns exactly one."""
        logits = self.logits(images)
        if self.exclusive:
            return logits.argmax(axis=1)[:, None] == np.arange(len(self.names))
        return logits > self.thresholds

    def _seen(self, images: np.ndarray, batch_size: int = 256) -> dict[str, np.ndarray]:
        parts = [
            self.network.predict_on_batch(images[i : i + batch_size].astype("float32") / 127.5 - 1)
            for i in range(0, len(images), batch_size)
        ]
        return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in parts[0]}


def network(
    size: int | tuple[int, int], columns: int, channels: int = 3, exclusive: bool = False
) -> keras.Model:
    """Four convolutions, each of which halves the picture; a dense layer of features; the logits.

    For attributes by pooling. An emotion lies in where exactly a few pixels of mouth and brows are: pooling
    forgets that (a classifier of 576 faces learned little or nothing), so there convolutions stride instead.
    """
    height, width = np.broadcast_to(size, 2).tolist()
    x = image = keras.Input((height, width, channels), name="image")
    strides = 2 if exclusive else 1
    for i, width in enumerate(WIDTHS):  # 64x64 => 32 => 16 => 8 => 4
        x = layers.Conv2D(
            width, 3, strides=strides, padding="same", use_bias=False, name=f"classifier_conv_{i}"
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"classifier_norm_{i}")(x)
        x = layers.ReLU(name=f"classifier_relu_{i}")(x)
        x = x if exclusive else layers.MaxPooling2D(padding="same", name=f"classifier_pool_{i}")(x)
    features = layers.Flatten(name="classifier_flat")(x)
    features = layers.Dense(WIDTHS[-1], activation="relu", name="classifier_features")(features)
    return keras.Model(
        image, {"logits": layers.Dense(columns, name="classifier_logits")(features), "features": features}
    )


class ClassifierTraining(keras.Model):
    """The classifier's network in training: a condition from pictures, some of them mirrored."""

    def __init__(self, reader: AttributeClassifier, condition: str, seed: int):
        super().__init__()
        self.inner, self.condition, self.exclusive = reader.network, condition, reader.exclusive
        self.flip = layers.RandomFlip("horizontal", seed=seed)
        self.built = True

    def call(self, batch, training=None):
        return self.inner(self.flip(symmetric(batch["image"]), training=training), training=training)[
            "logits"
        ]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        losses = keras.losses
        loss = losses.categorical_crossentropy if self.exclusive else losses.binary_crossentropy
        return keras.ops.mean(loss(x[self.condition], y_pred, from_logits=True))


def is_exclusive(faces: FaceSet, condition: str) -> bool:
    """Whether every face has exactly one column of a condition: one emotion, one person."""
    rows = faces.conditions[condition]
    mixed = isinstance(kind(condition, faces.names[condition]), Mixture)
    return bool(mixed and np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all())


def attribute_classifier(
    faces: FaceSet,
    size: int | tuple[int, int],
    condition: str = "attributes",
    epochs: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> AttributeClassifier:
    """The classifier of a face set: trained on its training faces, or taken from beside the data.

    Args:
        faces: with the condition, and training faces; attributes take validation faces, too.
        size: height and width of the pictures it reads, or one number for squares.
        condition: that it reads, "attributes" or one such as "emotion", of which each face has one.
        epochs: of training; without, 12, or more for few emotions: see `PICTURES`.
        seed: of weights, order and mirroring.
        progress: show a progress bar.

    Raises:
        FacegenError: faces that are several things at once, or none.

    Example:
        >>> classifier = attribute_classifier(faces, 16, progress=False)
        >>> seen = classifier.read(load_pixels(faces, 16, progress=False))
        >>> seen.shape == (len(faces), 40), classifier.names == list(faces.names["attributes"])
        (True, True)
    """
    exclusive = is_exclusive(faces, condition)
    if not exclusive and not isinstance(kind(condition, faces.names[condition]), Binary):
        raise FacegenError(
            f"{faces!r}: a classifier reads attributes, or what each face has one of, not {condition}."
        )
    learned = faces.part("train")
    settings = {
        "faces": faces.fingerprint,
        "size": size,
        "epochs": epochs or _epochs(len(learned), exclusive),
        "seed": seed,
        "widths": WIDTHS,
        "version": 2,  # of the way classifiers are made
        "condition": condition,
        "learned": learned.fingerprint,
    }
    key = hashlib.sha256(json.dumps(list(settings.values())).encode()).hexdigest()[:16]
    folder = cache_folder(faces)
    path = folder / "classifier-{}x{}-{}.npz".format(*np.broadcast_to(size, 2), key)
    kept = _load(path, settings, faces)
    if kept is not None:
        return kept
    with files.locked(folder / "classifier.lock", "trains a classifier here", HINT):
        kept = _load(path, settings, faces)  # made by another process while this one waited
        return _made(path, settings, faces, progress) if kept is None else kept


def _new(settings: dict, faces: FaceSet, limits: np.ndarray | None = None) -> AttributeClassifier:
    condition = settings["condition"]
    exclusive = is_exclusive(faces, condition)
    names = faces.names[condition]
    return AttributeClassifier(settings["size"], names, limits, settings, exclusive, faces.channels)


def _made(path: Path, settings: dict, faces: FaceSet, progress: bool) -> AttributeClassifier:
    """Train a classifier and keep it."""
    keras.utils.set_random_seed(settings["seed"])
    made = _new(settings, faces)
    _train(made, faces, progress)
    if not made.exclusive:
        checked = faces.part("validation")
        seen = made.logits(load_pixels(checked, made.size, progress=False))
        made.thresholds = thresholds(seen, checked.conditions[settings["condition"]])
    arrays = {v.path: keras.ops.convert_to_numpy(v) for v in made.network.weights}
    arrays |= {"thresholds": made.thresholds, "settings": np.array(json.dumps(settings))}
    files.write(path, lambda file: np.savez(file, **arrays))
    return made


def _train(made: AttributeClassifier, faces: FaceSet, progress: bool) -> None:
    learned, epochs, seed = faces.part("train"), made.settings["epochs"], made.settings["seed"]
    pictures = load_pixels(learned, made.size, progress=progress)
    batches = Batches(pictures, learned.conditions, min(16 if made.exclusive else 64, len(learned)), seed)
    rate = _rate(made.exclusive, epochs * batches.steps)
    model = ClassifierTraining(made, made.settings["condition"], seed)
    model.compile(keras.optimizers.Adam(rate))
    with bar(epochs, "training the classifier", "epoch", show=progress) as done:
        for epoch in range(epochs):
            model.fit(batches.epoch(epoch), shuffle=False, verbose=0)
            done.update()


def _epochs(pictures: int, exclusive: bool) -> int:
    few = PICTURES // max(1, pictures) if exclusive else 0
    return min(LONGEST, max(EPOCHS, few))


def _rate(exclusive: bool, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Falls along a cosine; for emotions, hard to find beside people, it is lower and rises first."""
    if not exclusive:
        return keras.optimizers.schedules.CosineDecay(2e-3, steps)
    warm = max(1, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), warmup_target=1e-3, warmup_steps=warm
    )


def _load(path: Path, settings: dict, faces: FaceSet) -> AttributeClassifier | None:
    """The classifier in a file; None if there is none, or what is there is damaged, to be made again."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            saved = {name: arrays[name] for name in arrays.files if name not in ("thresholds", "settings")}
            made = _new(settings, faces, arrays["thresholds"])
        weights.assign(made.network, saved)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None
    return made


def thresholds(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """For each column the logit that parts yes from no with the best F1, float32 (columns,).

    Args:
        logits: float (n, columns).
        truth: 0 or 1, (n, columns).

    Example:
        >>> thresholds(np.array([[-1.0], [0.0], [2.0]]), np.array([[0], [1], [1]])).tolist()
        [-0.5]
    """
    best = np.zeros(logits.shape[1], "float32")
    for column, (values, yes) in enumerate(zip(logits.T, truth.T, strict=True)):
        if not yes.any():
            continue  # nothing to learn a threshold from: even odds
        order = np.argsort(-values)
        found = np.cumsum(yes[order])
        scores = 2 * found / (np.arange(1, len(values) + 1) + yes.sum())
        last = int(scores.argmax())
        following = values[order[last + 1]] if last + 1 < len(values) else values[order[last]] - 1
        best[column] = (values[order[last]] + following) / 2
    return best
