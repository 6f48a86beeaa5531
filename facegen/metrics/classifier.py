"""The classifier: a small network that reads attributes off pictures, trained on real pictures only.

What a generator was asked for is compared with what the classifier sees in its pictures. A classifier is only
as good as its own scores on real pictures it never saw: they stand beside every measure as the
ceiling. Its features, not those of a network trained on photographs of everything, also measure
how far two sets of pictures lie apart; so a distance in them is not an FID.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np
from keras import layers

from facegen.data.dataset import FaceSet
from facegen.data.loader import Batches
from facegen.data.pixels import HINT, cache_folder, load_pixels
from facegen.models import saving
from facegen.models.layers import symmetric
from facegen.utils import files
from facegen.utils.progress import bar

WIDTHS = (32, 64, 128, 192)


class AttributeClassifier:
    """Reads the attributes of pictures.

    Attributes:
        network: keras.Model from pictures in -1..1 to {"logits": (b, columns), "features": (b, 192)}.
        names: of the columns.
        thresholds: float32 (columns,): the logit from which an attribute counts as there, chosen on
            validation pictures.
        settings: what it was made of.
    """

    def __init__(
        self,
        size: int,
        names: list[str],
        thresholds: np.ndarray | None = None,
        settings: Mapping[str, object] | None = None,
    ):
        self.size, self.names, self.settings = size, list(names), dict(settings or {})
        self.network = network(size, len(names))
        self.thresholds = np.zeros(len(names), "float32") if thresholds is None else thresholds

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Float32 (n, columns) for uint8 (n, size, size, 3): above zero is more likely than not."""
        return self._seen(images)["logits"]

    def features(self, images: np.ndarray) -> np.ndarray:
        """What the classifier has found just before it decides: float32 (n, 192)."""
        return self._seen(images)["features"]

    def read(self, images: np.ndarray) -> np.ndarray:
        """The attributes that the classifier sees: bool (n, columns)."""
        return self.logits(images) > self.thresholds

    def _seen(self, images: np.ndarray, batch_size: int = 256) -> dict[str, np.ndarray]:
        parts = [
            self.network.predict_on_batch(images[i : i + batch_size].astype("float32") / 127.5 - 1)
            for i in range(0, len(images), batch_size)
        ]
        return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in parts[0]}


def network(size: int, columns: int) -> keras.Model:
    """Four convolutions, each followed by halving the picture; a dense layer of features; the logits."""
    x = image = keras.Input((size, size, 3), name="image")
    for i, width in enumerate(WIDTHS):  # 64x64 => 32 => 16 => 8 => 4
        x = layers.Conv2D(width, 3, padding="same", use_bias=False, name=f"classifier_conv_{i}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"classifier_norm_{i}")(x)
        x = layers.ReLU(name=f"classifier_relu_{i}")(x)
        x = layers.MaxPooling2D(name=f"classifier_pool_{i}")(x)
    features = layers.Flatten(name="classifier_flat")(x)
    features = layers.Dense(WIDTHS[-1], activation="relu", name="classifier_features")(features)
    return keras.Model(
        image, {"logits": layers.Dense(columns, name="classifier_logits")(features), "features": features}
    )


class ClassifierTraining(keras.Model):
    """The classifier's network in training: attributes from pictures, some of them mirrored."""

    def __init__(self, inner: keras.Model, seed: int):
        super().__init__()
        self.inner = inner
        self.flip = layers.RandomFlip("horizontal", seed=seed)
        self.built = True

    def call(self, batch, training=None):
        return self.inner(self.flip(symmetric(batch["image"]), training=training), training=training)[
            "logits"
        ]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(keras.losses.binary_crossentropy(x["attributes"], y_pred, from_logits=True))


def attribute_classifier(
    faces: FaceSet, size: int, epochs: int = 12, seed: int = 0, progress: bool = True
) -> AttributeClassifier:
    """The classifier of a face set: trained on its training faces, or taken from beside the data.

    Args:
        faces: with the condition "attributes" and all three partitions.
        size: side of the pictures it reads.
        epochs: of training.
        seed: of weights, order and mirroring.
        progress: show a progress bar.

    Example:
        >>> classifier = attribute_classifier(faces, 16, progress=False)
        >>> seen = classifier.read(load_pixels(faces, 16, progress=False))
        >>> seen.shape == (len(faces), 40), classifier.names == list(faces.names["attributes"])
        (True, True)
    """
    settings = {
        "faces": faces.fingerprint,
        "size": size,
        "epochs": epochs,
        "seed": seed,
        "widths": WIDTHS,
        "version": 1,  # of the way classifiers are made
    }
    key = hashlib.sha256(json.dumps(list(settings.values())).encode()).hexdigest()[:16]
    folder = cache_folder(faces)
    path = folder / f"classifier-{size}-{key}.npz"
    kept = _load(path, settings, faces)
    if kept is not None:
        return kept
    with files.locked(folder / "classifier.lock", "trains a classifier here", HINT):
        kept = _load(path, settings, faces)  # made by another process while this one waited
        return _made(path, settings, faces, progress) if kept is None else kept


def _made(path: Path, settings: dict, faces: FaceSet, progress: bool) -> AttributeClassifier:
    """Train a classifier and keep it."""
    checked = faces.part("validation")
    keras.utils.set_random_seed(settings["seed"])
    made = AttributeClassifier(settings["size"], list(faces.names["attributes"]), settings=settings)
    _train(made, faces, settings["epochs"], settings["seed"], progress)
    made.thresholds = thresholds(
        made.logits(load_pixels(checked, made.size, progress=False)), checked.conditions["attributes"]
    )
    arrays = {v.path: keras.ops.convert_to_numpy(v) for v in made.network.weights}
    arrays |= {"thresholds": made.thresholds, "settings": np.array(json.dumps(settings))}
    files.write(path, lambda file: np.savez(file, **arrays))
    return made


def _train(made: AttributeClassifier, faces: FaceSet, epochs: int, seed: int, progress: bool) -> None:
    learned = faces.part("train")
    pictures = load_pixels(learned, made.size, progress=progress)
    batches = Batches(pictures, learned.conditions, min(64, len(learned)), seed)
    model = ClassifierTraining(made.network, seed)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * batches.steps)
    model.compile(keras.optimizers.Adam(rate))
    with bar(epochs, "training the classifier", "epoch", show=progress) as done:
        for epoch in range(epochs):
            model.fit(batches.epoch(epoch), shuffle=False, verbose=0)
            done.update()


def _load(path: Path, settings: dict, faces: FaceSet) -> AttributeClassifier | None:
    """The classifier in a file; None if there is none, or what is there is damaged, to be made again."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            weights = {name: arrays[name] for name in arrays.files if name not in ("thresholds", "settings")}
            made = AttributeClassifier(
                settings["size"], list(faces.names["attributes"]), arrays["thresholds"], settings
            )
        saving.assign(made.network, weights)
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
